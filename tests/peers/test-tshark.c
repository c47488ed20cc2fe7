/* tshark as judge, from captures alone.
 *
 * First every version and suite of ours with RSA, with client authentication and a renegotiation;
 * then every honest run of the catalogue: those that end connected, without an attacker, a network
 * that changes bytes, or a peer that misbehaves. All of a test's runs go into one pcapng file, each
 * under addresses of its own. tshark must find nothing malformed in it and no expert error, and the
 * same records, messages, fields and plaintext as the traces hold (tests/peers/story.c). Without
 * the secrets it must decrypt nothing. What it cannot decrypt with them is a list with reasons, and
 * must in fact not be decrypted.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "scenarios/catalogue.h"
#include "sim/world.h"
#include "tests/peers/story.h"
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

/* Many runs in one capture. */
typedef struct {
    GByteArray *file;
    GHashTable *told;
    unsigned links, runs, messages;
    unsigned absent; /* runs that tshark does not decrypt */
} Capture;

static Capture capture_new(void)
{
    return (Capture){.file = g_byte_array_new(), .told = stories_new()};
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

/* What tshark does not decrypt, and why. That it does not is checked, too. */
static const struct {
    CipherKind cipher;       /* CIPHER_NULL: any */
    ProtocolVersion version; /* 0: any */
    const char *why;
} undecrypted[] = {
    {CIPHER_ARIA_128_GCM, 0,
     "Wireshark has no row for the suites of ARIA, nor libgcrypt the cipher"},
    {CIPHER_ARIA_256_GCM, 0, "the same"},
    {CIPHER_NULL, VERSION_SSL_2_0,
     "Wireshark shows the messages of SSL 2.0, and has no keys for it"},
};

static StoryKind kind_of(const Suite *suite, ProtocolVersion version)
{
    for (size_t i = 0; i < G_N_ELEMENTS(undecrypted); i++)
        if ((undecrypted[i].cipher == CIPHER_NULL || undecrypted[i].cipher == suite->cipher) &&
            (undecrypted[i].version == 0 || undecrypted[i].version == version))
            return STORY_UNDECRYPTED;
    return suite->cipher == CIPHER_NULL ? STORY_CLEAR : STORY_SEALED;
}

/* Secrets are found by the client's random, so each run has a seed of its own. Takes the run when
 * both sides were connected. */
static bool capture_add(Capture *capture, Plan *plan)
{
    Fault fault = FAULT_INIT;
    plan->seed = capture->links + 1;
    g_autoptr(World) world = world_new(plan, &fault);
    ck_assert_msg(world != NULL, "%s: %s", plan->name, fault.sentence);
    world_run(world);
    const Endpoint *client = world_endpoint(world, ROLE_CLIENT);
    const Endpoint *server = world_endpoint(world, ROLE_SERVER);
    if (client == NULL || server == NULL || !endpoint_was_connected(client) ||
        !endpoint_was_connected(server))
        return false;
    StoryKind kind = kind_of(endpoint_suite(client), endpoint_version(client)->number);
    Trace *trace = world_trace(world);
    trace_move(trace, &capture->links);
    stories_tell(capture->told, trace, kind);
    pcapng_write(trace, capture->file);
    capture->runs++;
    capture->absent += kind == STORY_UNDECRYPTED;
    return true;
}

static void nothing_wrong(const char *file)
{
    static const char *const arguments[] = {
        "-Y", "_ws.malformed || _ws.expert.severity >= 0x00600000",
        "-T", "fields",
        "-e", "ip.src",
        "-e", "frame.number",
        "-e", "_ws.expert.message"};
    g_autofree char *out = tshark(file, arguments, G_N_ELEMENTS(arguments));
    ck_assert_msg(*out == '\0', "tshark complains: %s", out);
}

static GHashTable *seen_in(const GByteArray *file, bool and_complains)
{
    g_autofree char *path = g_build_filename(directory, "runs.pcapng", NULL);
    GHashTable *seen = stories_new();
    ck_assert(g_file_set_contents(path, (const char *)file->data, (gssize)file->len, NULL));
    if (and_complains)
        nothing_wrong(path);
    stories_read(seen, path);
    g_unlink(path);
    return seen;
}

static bool differs(GHashTable *seen, GHashTable *told)
{
    GHashTableIter iterator;
    gpointer key, story;
    g_hash_table_iter_init(&iterator, told);
    while (g_hash_table_iter_next(&iterator, &key, &story)) {
        const Story *other = g_hash_table_lookup(seen, key);
        g_autofree char *found =
            other == NULL ? g_strdup("unseen") : story_difference(other, story);
        if (found != NULL)
            return true;
    }
    return false;
}

/* Judges all runs, and prints how much that was. */
static void capture_judge(Capture *capture, const char *what)
{
    g_autoptr(GByteArray) bare = without_secrets(capture->file);
    g_autoptr(GHashTable) seen = seen_in(capture->file, true);
    g_autoptr(GHashTable) closed = seen_in(bare, false);
    GHashTableIter iterator;
    gpointer key, story;
    guint sent = 0;
    g_hash_table_iter_init(&iterator, seen);
    while (g_hash_table_iter_next(&iterator, &key, &story)) {
        g_autofree char *as_sent = story_key_as_sent(key);
        const Story *told = g_hash_table_lookup(capture->told, as_sent);
        ck_assert_msg(told != NULL, "only tshark sees %s", (const char *)key);
        g_autofree char *found = story_difference(story, told);
        ck_assert_msg(found == NULL, "%s", found);
        capture->messages += told->messages;
        story_check_closed(g_hash_table_lookup(closed, key), told);
        sent += strcmp(as_sent, key) == 0;
    }
    ck_assert_uint_eq(sent, g_hash_table_size(capture->told));
    printf("# tshark agrees on %u %s, %u messages; it does not decrypt %u of them\n", capture->runs,
           what, capture->messages, capture->absent);
    fflush(stdout);
    g_byte_array_unref(capture->file);
    g_hash_table_unref(capture->told);
}

/* TLS 1.3 has no renegotiation, SSL 2.0 neither that nor a way to close. */
static Plan *matrix_plan(const Version *version, const Suite *suite)
{
    static const char again[] = " client renegotiates\n client requests \"/again\"\n",
                      newer[] = " client updates keys\n client requests \"/again\"\n";
    bool ssl2 = version->number == VERSION_SSL_2_0;
    const char *name = ssl2 ? "SSL 3.0" : version->name;
    g_autofree char *text =
        g_strdup_printf("client\n versions %s\n shows alice\n"
                        "server\n versions %s\n asks client certificate, required\n"
                        "play\n client requests \"/\"\n server sends 20000 bytes\n%s%s",
                        name, name,
                        ssl2                                 ? ""
                        : version->number >= VERSION_TLS_1_3 ? newer
                                                             : again,
                        " client closes\n");
    Plan *plan = support_plan(text);
    for (guint i = 0; i < plan->parties->len; i++) {
        PlanParty *party = g_ptr_array_index(plan->parties, i);
        party->first = party->last = version->number;
        g_array_set_size(party->suites, 0);
        g_array_append_val(party->suites, suite->number);
    }
    g_free(plan->name);
    plan->name = g_strdup_printf("%s %s", version->name, suite->name);
    return plan;
}

/* The lab's own certificates have RSA keys. */
static bool in_matrix(const Version *version, const Suite *suite)
{
    Authentication by = key_exchange(suite->key_exchange)->authentication;
    return suite_fits(suite, version->number) &&
           (by == AUTHENTICATION_RSA || by == AUTHENTICATION_FREE ||
            suite->key_exchange == KEY_EXCHANGE_SSL2);
}

START_TEST(every_version_and_suite)
{
    Capture capture = capture_new();
    for (size_t i = 0; i < version_count(); i++)
        for (size_t j = 0; j < suite_count(); j++) {
            if (!in_matrix(version_at(i), suite_at(j)))
                continue;
            g_autoptr(Plan) plan = matrix_plan(version_at(i), suite_at(j));
            ck_assert_msg(capture_add(&capture, plan), "%s: not connected", plan->name);
        }
    capture_judge(&capture, "pairs of version and suite");
    ck_assert_uint_eq(capture.runs, 133);
    ck_assert_uint_eq(capture.absent, 12);
    ck_assert_uint_eq(capture.messages, 3147);
}
END_TEST

/* RFC 5246 E.2. */
START_TEST(hellos_in_the_format_of_ssl2)
{
    Capture capture = capture_new();
    for (size_t i = 0; i < version_count(); i++) {
        const Version *version = version_at(i);
        if (version->number < VERSION_SSL_3_0 || version->number > VERSION_TLS_1_2)
            continue;
        g_autofree char *text = g_strdup_printf(
            "client\n versions SSL 3.0 to TLS 1.2\n ssl2_hello yes\nserver\n versions %s\n"
            "play\n client requests \"/\"\n",
            version->name);
        g_autoptr(Plan) plan = support_plan(text);
        ck_assert_msg(capture_add(&capture, plan), "%s", version->name);
    }
    capture_judge(&capture, "hellos in the format of SSL 2.0");
    ck_assert_uint_eq(capture.runs, 4);
    ck_assert_uint_eq(capture.absent, 0);
}
END_TEST

/* Nobody attacks, nothing is changed on the way, and no peer says what it should not. */
static bool is_honest(const Plan *plan)
{
    bool honest = plan->attacks->len == 0;
    for (guint i = 0; honest && i < plan->rules->len; i++)
        honest = ((const PlanRule *)g_ptr_array_index(plan->rules, i))->action == ACTION_DELAY;
    for (guint i = 0; honest && i < plan->parties->len; i++)
        honest = ((const PlanParty *)g_ptr_array_index(plan->parties, i))->edits->len == 0;
    return honest;
}

/* The numbers are floors: the catalogue grows. */
START_TEST(every_honest_run)
{
    Capture capture = capture_new();
    unsigned dishonest = 0, unconnected = 0;
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++) {
            Plan *plan = scenario_plan(scenario, j);
            if (!is_honest(plan))
                dishonest++;
            else
                unconnected += !capture_add(&capture, plan);
        }
    }
    capture_judge(&capture, "honest runs of the catalogue");
    printf("# beside them: %u with mischief, %u that do not connect\n", dishonest, unconnected);
    ck_assert_uint_ge(capture.runs, 249);
    ck_assert_uint_ge(capture.messages, 3607);
}
END_TEST

/* The test of the test: a run of which one packet has one bit the other way, in the clear or
 * sealed. None goes unseen.
 */
START_TEST(a_wrong_bit_is_seen)
{
    enum { TRIES = 6, HEADERS = 28 + 14 + 20 + 20 }; /* of the block, Ethernet, IP, TCP */
    unsigned seen_wrong = 0, tried = 0;
    Capture capture = capture_new();
    g_autoptr(Plan) plan = support_plan("play\n client requests \"/\"\n");
    ck_assert(capture_add(&capture, plan));
    for (guint at = 0; at + 8 <= capture.file->len && tried < TRIES;) {
        guint32 type, size;
        memcpy(&type, capture.file->data + at, 4);
        memcpy(&size, capture.file->data + at + 4, 4);
        if (GUINT32_FROM_LE(type) == 6 && size > HEADERS + 64) {
            capture.file->data[at + HEADERS + 9] ^= 1;
            g_autoptr(GHashTable) seen = seen_in(capture.file, false);
            seen_wrong += differs(seen, capture.told);
            capture.file->data[at + HEADERS + 9] ^= 1;
            tried++;
        }
        at += GUINT32_FROM_LE(size);
    }
    g_autoptr(GHashTable) seen = seen_in(capture.file, true);
    ck_assert(!differs(seen, capture.told));
    ck_assert_uint_ge(tried, 6);
    ck_assert_uint_eq(seen_wrong, tried);
    g_byte_array_unref(capture.file);
    g_hash_table_unref(capture.told);
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
    tcase_add_test(judged, every_version_and_suite);
    tcase_add_test(judged, hellos_in_the_format_of_ssl2);
    tcase_add_test(judged, every_honest_run);
    tcase_add_test(judged, a_wrong_bit_is_seen);
    suite_add_tcase(suite, judged);
    return support_run(suite);
}
