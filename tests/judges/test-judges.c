/* Programs of others against the laboratory, over real sockets.
 *
 * `shakedown serve` is visited by every client and `shakedown connect` visits every server, at
 * every version that the other speaks, and with each feature that it has. Both must be content: the
 * laboratory with every expectation of its scenario, the judge by its own word. What each
 * connection was is read back from the laboratory's JSON, goes into one capture under addresses of
 * its own, and tshark must see in it the same records, messages, alerts and plaintext.
 *
 * A program that is missing is a skip that is counted. RFC 8446 and its elders by way of their
 * implementations.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/crypto/version.h"
#include "tests/judges/judges.h"
#include "tests/peers/story.h"
#include "tests/support/support.h"
#include "viz/json.h"
#include "viz/pcapng.h"

static const char *program; /* the laboratory */

/* What tshark is asked about, over all judges. */
static struct {
    GByteArray *capture;
    GHashTable *told;
    unsigned links, connections, cells;
} heard;

static void set_up(void)
{
    program = g_getenv("SHAKEDOWN");
    ck_assert_msg(program != NULL, "SHAKEDOWN does not say where the program is");
    lab_set_up();
    judges_set_up();
    heard.capture = g_byte_array_new();
    heard.told = stories_new();
    heard.links = heard.connections = heard.cells = 0;
}

static void tear_down(void)
{
    g_byte_array_unref(heard.capture);
    g_hash_table_unref(heard.told);
    lab_tear_down();
}

/* --- scenarios --- */

static const char *suites_of(ProtocolVersion version)
{
    if (version == VERSION_TLS_1_3)
        return "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256";
    if (version == VERSION_TLS_1_2)
        return "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA, "
               "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
    return version == VERSION_SSL_3_0
               ? "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA"
               : "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA, "
                 "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
}

/* One side's lines; the other side is the judge, of whom only the laboratory's words are known. */
static void add_side(GString *text, const char *side, ProtocolVersion version, unsigned feature)
{
    bool server = strcmp(side, "server") == 0;
    g_string_append_printf(text, "%s\n  versions %s\n  suites %s\n  trusts judge-root\n", side,
                           version_find(version)->name, suites_of(version));
    if (server)
        g_string_append(text, "  shows judge-www\n");
    else
        g_string_append(text, "  expects \"" JUDGE_HOST "\"\n  server_name \"" JUDGE_HOST "\"\n");
    if (version >= VERSION_TLS_1_0)
        g_string_append(text, "  extended_master_secret on\n");
    if (feature & FEATURE_PROTOCOL)
        g_string_append(text, "  protocols \"http/1.1\"\n");
    if (feature & FEATURE_CLIENT_CERTIFICATE)
        g_string_append(text,
                        server ? "  asks client certificate, required\n" : "  shows judge-alice\n");
    if ((feature & FEATURE_RESUMES) && version == VERSION_TLS_1_3)
        g_string_append(text, "  session_tickets yes\n");
}

static char *scenario_for(Role ours, ProtocolVersion version, unsigned feature)
{
    const char *side = ours == ROLE_CLIENT ? "client" : "server";
    g_autoptr(GString) text = g_string_new(NULL);
    add_side(text, "client", version, feature);
    add_side(text, "server", version, feature);
    if (ours == ROLE_CLIENT) {
        g_string_append(text, "play\n");
        if (feature & FEATURE_RENEGOTIATES) /* ahead of the request: servers close behind it */
            g_string_append(text, "  client renegotiates\n");
        g_string_append(text, "  client requests \"/\"\n  client closes\n");
        if (feature & FEATURE_RESUMES)
            g_string_append(text, "  client connects again\n  client requests \"/\"\n"
                                  "  client closes\n");
    }
    g_string_append_printf(text, "expect\n  %s connected\n  version %s\n", side,
                           version_find(version)->name);
    return lab_scenario("judged", text->str);
}

/* --- what the laboratory heard --- */

static bool has_fact(const Trace *trace, const char *name, const char *value)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && strcmp(event->name, name) == 0 &&
            g_str_has_prefix(event->value, value))
            return true;
    }
    return false;
}

static unsigned handshakes(const Trace *trace)
{
    unsigned count = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        count += event->kind == TRACE_FACT && strcmp(event->name, "handshake") == 0;
    }
    return count;
}

/* Takes every connection that was written, and the facts that a feature must have left. */
static void take_connections(const char *what, unsigned feature)
{
    unsigned count = 0, resumed = 0, again = 0, spoken = 0;
    for (;; count++) {
        g_autofree char *name = g_strdup_printf("out/connection-%u.json", count + 1);
        g_autofree char *path = lab_file(name);
        g_autofree char *text = NULL;
        g_autoptr(GError) error = NULL;
        gsize size = 0;
        if (!g_file_get_contents(path, &text, &size, NULL))
            break;
        g_autoptr(Trace) trace = json_read(text, size, &error);
        ck_assert_msg(trace != NULL, "%s: %s", what, error == NULL ? "" : error->message);
        resumed += has_fact(trace, "handshake", "resumed");
        again += handshakes(trace) > 1;
        spoken += has_fact(trace, "protocol", "http/1.1");
        trace_move(trace, &heard.links);
        stories_tell(heard.told, trace, STORY_SEALED);
        pcapng_write(trace, heard.capture);
        g_unlink(path);
    }
    heard.connections += count;
    ck_assert_msg(count > 0, "%s: the laboratory wrote no connection", what);
    ck_assert_msg(!(feature & FEATURE_RESUMES) || resumed > 0, "%s: nothing was resumed", what);
    ck_assert_msg(!(feature & FEATURE_RENEGOTIATES) || again > 0, "%s: one handshake", what);
    ck_assert_msg(!(feature & FEATURE_PROTOCOL) || spoken > 0, "%s: no protocol", what);
}

/* --- one cell --- */

/* What both said is shown ahead of a failure: Check's messages are short. */
static void must(bool fine, const char *what, const char *who, const LabRun *theirs,
                 const LabRun *ours)
{
    if (fine)
        return;
    printf("# %s: the judge ended with %d:\n%s\n# the laboratory ended with %d:\n%s\n", what,
           theirs->status, theirs->said->str, ours->status, ours->said->str);
    fflush(stdout);
    ck_abort_msg("%s: %s is not content", what, who);
}

static LabRun call(const Judge *judge, ProtocolVersion version, unsigned feature, unsigned port)
{
    const char *input = NULL;
    g_autoptr(GPtrArray) words = judge->client(version, feature, port, &input);
    return lab_run_list(words, input, 20);
}

static void visit_us(const Judge *judge, ProtocolVersion version, unsigned feature)
{
    g_autofree char *file = scenario_for(ROLE_SERVER, version, feature);
    g_autofree char *what = g_strdup_printf("%s, client, %s, feature %u", judge->name,
                                            version_find(version)->name, feature);
    /* a seed of its own: tshark finds secrets by randoms and session IDs, over all connections */
    g_autofree char *seed = g_strdup_printf("%u", heard.cells + 1);
    const char *serve[] = {program, "serve", file,  "--port", "0",    "--seed",
                           seed,    "-o",    "out", "-f",     "json", NULL};
    LabServer *server = lab_start(serve, "listening on 127.0.0.1:", 0);
    LabRun theirs = call(judge, version, feature, lab_port(server));
    if ((feature & FEATURE_RESUMES) && theirs.status == 0) { /* some resume from call to call */
        lab_run_clear(&theirs);
        theirs = call(judge, version, feature, lab_port(server));
    }
    g_auto(LabRun) ours = lab_end(server, true);
    bool content = theirs.status == 0 &&
                   (judge->proof == NULL || strstr(theirs.said->str, judge->proof) != NULL);
    must(content, what, "the judge", &theirs, &ours);
    must(ours.status == 0, what, "the laboratory", &theirs, &ours);
    lab_run_clear(&theirs);
    take_connections(what, feature);
    heard.cells++;
}

static void visit_them(const Judge *judge, ProtocolVersion version, unsigned feature)
{
    g_autofree char *file = scenario_for(ROLE_CLIENT, version, feature);
    g_autofree char *what = g_strdup_printf("%s, server, %s, feature %u", judge->name,
                                            version_find(version)->name, feature);
    const char *ready = NULL;
    unsigned port = lab_free_port();
    g_autoptr(GPtrArray) words = judge->server(version, feature, port, &ready);
    g_ptr_array_add(words, NULL);
    LabServer *server = lab_start((const char *const *)(void *)words->pdata, ready,
                                  ready != NULL && g_str_has_suffix(ready, "on ") ? 0 : port);
    g_autofree char *place = g_strdup_printf("127.0.0.1:%u", lab_port(server));
    g_autofree char *seed = g_strdup_printf("%u", heard.cells + 1);
    const char *connect[] = {program, "connect", place, file,   "--seed", seed,
                             "-o",    "out",     "-f",  "json", NULL};
    g_auto(LabRun) ours = lab_run(connect, NULL, 20);
    g_auto(LabRun) theirs = lab_end(server, true);
    must(ours.status == 0, what, "the laboratory", &theirs, &ours);
    take_connections(what, feature);
    heard.cells++;
}

static bool possible(ProtocolVersion version, unsigned feature)
{
    if ((feature & FEATURE_RENEGOTIATES) && version == VERSION_TLS_1_3)
        return false; /* it has none: RFC 8446 1.2 */
    return !(feature & FEATURE_PROTOCOL) || version > VERSION_SSL_3_0;
}

static void all_versions(const Judge *judge, bool client)
{
    static const unsigned features[] = {FEATURE_NONE, FEATURE_CLIENT_CERTIFICATE, FEATURE_RESUMES,
                                        FEATURE_RENEGOTIATES, FEATURE_PROTOCOL};
    for (ProtocolVersion version = judge->first; version <= judge->last; version++)
        for (size_t i = 0; i < G_N_ELEMENTS(features); i++) {
            if ((features[i] & ~judge->features) != 0 || !possible(version, features[i]))
                continue;
            if (!client && (features[i] & FEATURE_RESUMES) && version < judge->resumes)
                continue;
            if (client)
                visit_us(judge, version, features[i]);
            else
                visit_them(judge, version, features[i]);
        }
}

/* tshark's reading of all of it is ours. */
static void ask_tshark(void)
{
    g_autofree char *path = lab_file("all.pcapng");
    g_autoptr(GHashTable) seen = stories_new();
    GHashTableIter iterator;
    gpointer key, story;
    ck_assert(g_file_set_contents(path, (const char *)heard.capture->data,
                                  (gssize)heard.capture->len, NULL));
    stories_read(seen, path);
    g_hash_table_iter_init(&iterator, heard.told);
    while (g_hash_table_iter_next(&iterator, &key, &story)) {
        const Story *other = g_hash_table_lookup(seen, key);
        ck_assert_msg(other != NULL, "tshark does not see %s", (const char *)key);
        g_autofree char *found = story_difference(other, story);
        ck_assert_msg(found == NULL, "%s", found);
    }
}

/* A judge that is not there is passed over with a word, unless all are wanted. */
static bool is_missing(const char *name, const char *needed)
{
    if (lab_has(needed))
        return false;
    printf("# SKIP %s: the program %s is missing\n", name, needed);
    ck_assert_msg(g_getenv("SHAKEDOWN_ALL_JUDGES") == NULL, "%s is missing", needed);
    return true;
}

static void judge_role(const Judge *judge, bool client)
{
    if (is_missing(judge->name, judge->program))
        return;
    all_versions(judge, client);
    if (!is_missing("tshark", "tshark"))
        ask_tshark();
    printf("# %s as %s: %u cells, %u connections, all as tshark reads them\n", judge->name,
           client ? "client" : "server", heard.cells, heard.connections);
}

START_TEST(clients)
{
    judge_role(&judges[_i], true);
}
END_TEST

START_TEST(servers)
{
    if (judges[_i].server != NULL)
        judge_role(&judges[_i], false);
}
END_TEST

/* How often a line has both words. */
static unsigned lines_with(const char *text, const char *one, const char *other)
{
    unsigned count = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        count += strstr(*line, one) != NULL && strstr(*line, other) != NULL;
    return count;
}

/* sslscan finds what the scenario says that the server speaks, and nothing else. It asks in some
 * dozens of connections, most of which are meant to fail. */
START_TEST(scanner)
{
    static const char *const versions[] = {"SSLv2",   "SSLv3",   "TLSv1.0",
                                           "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    static const bool spoken[] = {false, false, true, true, true, false};
    if (is_missing("sslscan", "sslscan"))
        return;
    g_autofree char *file = lab_scenario(
        "scanned",
        "server\n  versions TLS 1.0 to TLS 1.2\n  shows judge-www\n"
        "  suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA\n");
    const char *serve[] = {program, "serve", file, "--port", "0", "--quiet", NULL};
    LabServer *server = lab_start(serve, "listening on 127.0.0.1:", 0);
    g_autofree char *place = g_strdup_printf("127.0.0.1:%u", lab_port(server));
    const char *scan[] = {"sslscan", "--no-colour", place, NULL};
    g_auto(LabRun) theirs = lab_run(scan, NULL, 60);
    g_auto(LabRun) ours = lab_end(server, true);
    const char *text = theirs.said->str;
    must(theirs.status == 0, "sslscan", "the judge", &theirs, &ours);
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        must(lines_with(text, versions[i], spoken[i] ? "enabled" : "disabled") == 1, versions[i],
             "the judge", &theirs, &ours);
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        bool gcm = strcmp(versions[i], "TLSv1.2") == 0;
        unsigned aes = lines_with(text, versions[i], " AES128-SHA");
        unsigned all =
            lines_with(text, versions[i], "Accepted") + lines_with(text, versions[i], "Preferred");
        unsigned both = lines_with(text, versions[i], "ECDHE-RSA-AES128-GCM-SHA256");
        must(all == (spoken[i] ? gcm ? 2 : 1 : 0) && aes == spoken[i] && both == (spoken[i] && gcm),
             versions[i], "the judge", &theirs, &ours);
    }
    must(strstr(text, "Secure session renegotiation supported") != NULL, "renegotiation",
         "the judge", &theirs, &ours);
    must(strstr(text, "not vulnerable to heartbleed") != NULL, "heartbeat", "the judge", &theirs,
         &ours);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("judges");
    TCase *tests = tcase_create("judges");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, clients, 0, (int)judge_count);
    tcase_add_loop_test(tests, servers, 0, (int)judge_count);
    tcase_add_test(tests, scanner);
    suite_add_tcase(suite, tests);
    return support_run(suite);
}
