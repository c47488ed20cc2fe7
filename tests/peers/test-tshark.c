/* tshark as judge, from the capture alone.
 *
 * Every version and suite of ours runs once, with client authentication and a renegotiation, and is
 * written as pcapng. tshark reads it and must find the same records, messages, versions, suites,
 * randoms, alerts and plaintext as the trace holds, nothing malformed, every MAC good (it shows no
 * plaintext otherwise). The same capture without its secrets must not decrypt. So SSL 3.0, single
 * DES and the export suites, which no stack at hand speaks, are judged as well.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "sim/world.h"
#include "tests/support/support.h"
#include "viz/pcapng.h"

static char *directory;

static void make_directory(void)
{
    directory = g_dir_make_tmp("shakedown-tshark-XXXXXX", NULL);
}

static void remove_directory(void)
{
    g_rmdir(directory);
}

/* Runs tshark on a capture; its standard output. */
static char *tshark(const char *file, const char *const *arguments)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    const char *const first[] = {"tshark", "-n",
                                 "-r",     file,
                                 "-o",     "tcp.check_checksum:TRUE",
                                 "-o",     "ip.check_checksum:TRUE"};
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        g_ptr_array_add(argv, (gpointer)(uintptr_t)first[i]);
    for (size_t i = 0; arguments[i] != NULL; i++)
        g_ptr_array_add(argv, (gpointer)(uintptr_t)arguments[i]);
    g_ptr_array_add(argv, NULL);
    bool ran = g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                            &err, &status, &error);
    ck_assert_msg(ran && status == 0, "tshark: %s", ran ? err : error->message);
    return g_steal_pointer(&out);
}

/* Takes the Decryption Secrets Blocks (type 10) out of a pcapng file. */
static GByteArray *without_secrets(const GByteArray *file)
{
    GByteArray *left = g_byte_array_new();
    for (guint at = 0; at + 8 <= file->len;) {
        guint32 type, size;
        memcpy(&type, file->data + at, 4);
        memcpy(&size, file->data + at + 4, 4);
        ck_assert(size >= 12 && at + size <= file->len);
        if (GUINT32_FROM_LE(type) != 10)
            g_byte_array_append(left, file->data + at, size);
        at += GUINT32_FROM_LE(size);
    }
    return left;
}

static void append_hex(GString *text, Bytes bytes, const char *after)
{
    g_autofree char *hex = bytes_to_hex(bytes, NULL);
    g_string_append_printf(text, "%s%s", hex, after);
}

/* What one direction of a trace says, as one line a kind of field. */
typedef struct {
    GString *records, *messages, *hellos, *alerts, *data;
} Story;

static Story story_new(void)
{
    return (Story){g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), g_string_new(NULL),
                   g_string_new(NULL)};
}

static void story_clear(Story *story)
{
    g_string_free(story->records, TRUE);
    g_string_free(story->messages, TRUE);
    g_string_free(story->hellos, TRUE);
    g_string_free(story->alerts, TRUE);
    g_string_free(story->data, TRUE);
}

static void tell_message(Story *story, const TraceEvent *event)
{
    Bytes bytes = bytes_from_gbytes(event->bytes);
    if (event->message_kind == MESSAGE_ALERT)
        g_string_append_printf(story->alerts, "%u ", bytes.data[1]);
    else if (event->message_kind == MESSAGE_APPLICATION_DATA)
        append_hex(story->data, bytes, "");
    else if (message_content_type(event->message_kind) == CONTENT_HANDSHAKE)
        g_string_append_printf(story->messages, "%d ", event->message_kind);
    if (event->message_kind != MESSAGE_CLIENT_HELLO && event->message_kind != MESSAGE_SERVER_HELLO)
        return;
    g_string_append_printf(story->hellos, "0x%04x ",
                           (unsigned)bytes_number(bytes_slice(bytes, 4, 2)));
    append_hex(story->hellos, bytes_slice(bytes, 6, 32), " ");
    const char *field =
        event->message_kind == MESSAGE_CLIENT_HELLO ? "cipher_suites" : "cipher_suite";
    const Span *span = &g_array_index(event->spans, Span, (guint)span_find(event->spans, field));
    for (guint i = 0; i < span->size; i += 2)
        g_string_append_printf(story->hellos, "0x%04x ",
                               (unsigned)bytes_number(bytes_slice(bytes, span->first + i, 2)));
}

static Story tell(const Trace *trace, Direction direction)
{
    Story story = story_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->direction != direction)
            continue;
        if (event->kind == TRACE_RECORD) {
            Bytes bytes = bytes_from_gbytes(event->bytes);
            g_string_append_printf(story.records, "%u 0x%04x %u ", bytes.data[0],
                                   (unsigned)bytes_number(bytes_slice(bytes, 1, 2)),
                                   (unsigned)bytes_number(bytes_slice(bytes, 3, 2)));
        }
        if (event->kind == TRACE_MESSAGE && !event->incoming)
            tell_message(&story, event);
    }
    return story;
}

/* The columns of one packet, as tshark printed them. */
static void read_packet(Story *story, char **columns)
{
    g_auto(GStrv) types = g_strsplit(columns[1], ",", -1);
    g_auto(GStrv) versions = g_strsplit(columns[2], ",", -1);
    g_auto(GStrv) lengths = g_strsplit(columns[3], ",", -1);
    g_auto(GStrv) messages = g_strsplit(columns[4], ",", -1);
    g_auto(GStrv) hello_versions = g_strsplit(columns[5], ",", -1);
    g_auto(GStrv) randoms = g_strsplit(columns[6], ",", -1);
    g_auto(GStrv) suites = g_strsplit(columns[7], ",", -1);
    g_auto(GStrv) alerts = g_strsplit(columns[8], ",", -1);
    for (guint i = 0; i < g_strv_length(types); i++)
        g_string_append_printf(story->records, "%s %s %s ", types[i], versions[i], lengths[i]);
    for (guint i = 0; i < g_strv_length(messages); i++)
        g_string_append_printf(story->messages, "%s ", messages[i]);
    for (guint i = 0; i < g_strv_length(randoms); i++)
        g_string_append_printf(story->hellos, "%s %s ", hello_versions[i], randoms[i]);
    for (guint i = 0; i < g_strv_length(suites); i++)
        g_string_append_printf(story->hellos, "%s ", suites[i]);
    for (guint i = 0; i < g_strv_length(alerts); i++)
        g_string_append_printf(story->alerts, "%s ", alerts[i]);
}

/* What tshark says of one direction. */
static Story read_story(const char *file, const char *source)
{
    g_autofree char *filter = g_strdup_printf("ip.src == %s", source);
    const char *const arguments[] = {"-Y", filter,
                                     "-T", "fields",
                                     "-E", "separator=|",
                                     "-e", "ip.src",
                                     "-e", "tls.record.content_type",
                                     "-e", "tls.record.version",
                                     "-e", "tls.record.length",
                                     "-e", "tls.handshake.type",
                                     "-e", "tls.handshake.version",
                                     "-e", "tls.handshake.random",
                                     "-e", "tls.handshake.ciphersuite",
                                     "-e", "tls.alert_message.desc",
                                     NULL};
    g_autofree char *out = tshark(file, arguments);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    Story story = story_new();
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "|", -1);
        if (g_strv_length(columns) == 9)
            read_packet(&story, columns);
    }
    return story;
}

/* The plaintext that tshark shows: client's lines at the margin, the server's behind a tab. */
static void read_data(const char *file, Story *client, Story *server)
{
    const char *const arguments[] = {"-q", "-z", "follow,tls,raw,0", NULL};
    g_autofree char *out = tshark(file, arguments);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        const char *text = **line == '\t' ? *line + 1 : *line;
        if (*text == '\0' || strspn(text, "0123456789abcdef") != strlen(text))
            continue;
        g_string_append(**line == '\t' ? server->data : client->data, text);
    }
}

/* Shows the surroundings of the first difference only: the rows are long. */
static void same(const char *what, const char *name, const GString *got, const GString *expected)
{
    enum { BEFORE = 40, SHOWN = 160 };
    gsize at = 0;
    while (at < got->len && at < expected->len && got->str[at] == expected->str[at])
        at++;
    gsize from = at > BEFORE ? at - BEFORE : 0;
    ck_assert_msg(g_string_equal(got, expected),
                  "%s: %s, character %zu: tshark says\n%.*s\nthe trace says\n%.*s", name, what, at,
                  SHOWN, got->str + MIN(from, got->len), SHOWN,
                  expected->str + MIN(from, expected->len));
}

static void compare(const char *name, const Story *got, const Story *expected)
{
    same("records", name, got->records, expected->records);
    same("messages", name, got->messages, expected->messages);
    same("hellos", name, got->hellos, expected->hellos);
    same("alerts", name, got->alerts, expected->alerts);
    same("plaintext", name, got->data, expected->data);
}

static void nothing_wrong(const char *name, const char *file)
{
    const char *const arguments[] = {"-Y", "_ws.malformed || _ws.expert.severity >= 0x00600000",
                                     "-T", "fields",
                                     "-e", "frame.number",
                                     "-e", "_ws.expert.message",
                                     NULL};
    g_autofree char *out = tshark(file, arguments);
    ck_assert_msg(*out == '\0', "%s: tshark complains: %s", name, out);
}

/* Without the secrets: no Finished is seen, and no plaintext. */
static void does_not_decrypt(const char *name, const char *file, bool encrypted)
{
    Story client = story_new(), server = story_new();
    if (!encrypted)
        return;
    read_data(file, &client, &server);
    Story seen = read_story(file, "10.0.1.1");
    ck_assert_msg(client.data->len == 0 && server.data->len == 0, "%s: plaintext without keys",
                  name);
    ck_assert_msg(strstr(seen.messages->str, " 20 ") == NULL, "%s: Finished without keys", name);
    story_clear(&client);
    story_clear(&server);
    story_clear(&seen);
}

static Trace *run(const Version *version, const Suite *suite)
{
    Fault fault = FAULT_INIT;
    g_autofree char *text = g_strdup_printf(
        "client\n  versions %s\n  suites %s\n  shows alice\n"
        "server\n  versions %s\n  suites %s\n  asks client certificate, required\n"
        "play\n  client requests \"/\"\n  server sends 20000 bytes\n  client renegotiates\n"
        "  client requests \"/again\"\n  client closes\n"
        "expect\n  both connected\n  handshakes 2\n",
        version->name, suite->name, version->name, suite->name);
    g_autoptr(Plan) plan = support_plan(text);
    Trace *trace = world_play(plan, &fault);
    ck_assert_msg(trace != NULL && trace_held(trace), "%s %s", version->name, suite->name);
    return trace;
}

static void judge(const Version *version, const Suite *suite)
{
    g_autofree char *name = g_strdup_printf("%s %s", version->name, suite->name);
    g_autofree char *file = g_build_filename(directory, "run.pcapng", NULL);
    g_autofree char *bare = g_build_filename(directory, "bare.pcapng", NULL);
    g_autoptr(Trace) trace = run(version, suite);
    g_autoptr(GByteArray) capture = g_byte_array_new();
    pcapng_write(trace, capture);
    g_autoptr(GByteArray) without = without_secrets(capture);
    ck_assert(g_file_set_contents(file, (char *)capture->data, (gssize)capture->len, NULL));
    ck_assert(g_file_set_contents(bare, (char *)without->data, (gssize)without->len, NULL));
    Story client = tell(trace, DIRECTION_TO_SERVER), server = tell(trace, DIRECTION_TO_CLIENT);
    Story seen_client = read_story(file, "10.0.1.1"), seen_server = read_story(file, "10.0.1.2");
    read_data(file, &seen_client, &seen_server);
    nothing_wrong(name, file);
    compare(name, &seen_client, &client);
    compare(name, &seen_server, &server);
    does_not_decrypt(name, bare, suite->cipher != CIPHER_NULL);
    g_unlink(file);
    g_unlink(bare);
    story_clear(&client);
    story_clear(&server);
    story_clear(&seen_client);
    story_clear(&seen_server);
}

/* Wireshark's cipher library has no ARIA: it shows such a connection up to ChangeCipherSpec. */
static bool is_absent(const Suite *suite)
{
    return suite->cipher == CIPHER_ARIA_128_GCM || suite->cipher == CIPHER_ARIA_256_GCM;
}

START_TEST(every_version_and_suite)
{
    const Version *version = version_at((size_t)_i);
    unsigned count = 0, absent = 0;
    for (size_t i = 0; i < suite_count(); i++) {
        if (version->number == VERSION_SSL_2_0 ||
            key_exchange(suite_at(i)->key_exchange)->agreement != AGREEMENT_RSA ||
            !suite_fits(suite_at(i), version->number))
            continue;
        if (is_absent(suite_at(i))) {
            absent++;
            continue;
        }
        judge(version, suite_at(i));
        count++;
    }
    printf("# tshark agrees on %u suites of %s; %u are absent from it\n", count, version->name,
           absent);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("tshark");
    g_autofree char *program = g_find_program_in_path("tshark");
    if (program == NULL) {
        printf("1..0 # SKIP tshark is not installed\n");
        return 0;
    }
    TCase *judged = tcase_create("judged");
    tcase_set_timeout(judged, 300);
    tcase_add_unchecked_fixture(judged, make_directory, remove_directory);
    tcase_add_loop_test(judged, every_version_and_suite, 0, (int)version_count());
    suite_add_tcase(suite, judged);
    return support_run(suite);
}
