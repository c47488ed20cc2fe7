/* What is saved: JSON lines, the key log, the capture.
 *
 * A trace that was written and read again must be written to the same bytes and drawn to the same
 * picture. What is no trace is refused with its line. The capture's blocks are walked here; that
 * tshark agrees with every version and suite is the peers' tests' affair, but runs with several
 * segments are asked of it here.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/viz/viz-tests.h"
#include "viz/json.h"
#include "viz/keylog.h"
#include "viz/pcapng.h"
#include "viz/sequence.h"

static void check_round_trip(const Trace *trace)
{
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) second = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    json_write(trace, first);
    g_autoptr(Trace) read = json_read(first->str, (gssize)first->len, &error);
    ck_assert_msg(read != NULL, "%s: %s", trace->header.scenario,
                  error == NULL ? "" : error->message);
    json_write(read, second);
    ck_assert_msg(g_string_equal(first, second), "%s: not the same when written again",
                  trace->header.scenario);
    g_autofree char *before = sequence_dot(trace, NULL);
    g_autofree char *after = sequence_dot(read, NULL);
    ck_assert_str_eq(before, after);
}

START_TEST(a_run_made_by_hand_survives_json)
{
    g_autoptr(Trace) trace = fixture_trace((FixtureKind)_i);
    check_round_trip(trace);
}
END_TEST

START_TEST(every_run_survives_json)
{
    support_every_run(check_round_trip);
}
END_TEST

START_TEST(odd_texts_survive_json)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_NORMAL);
    TraceEvent *event = trace_add(trace, TRACE_NOTE);
    event->name = g_strdup("");
    event->value = g_strdup("\" \\ \n \t \x01 \x7f ü € 😀 </script>");
    event->bytes = g_bytes_new(NULL, 0);
    trace->header.seed = G_MAXUINT64;
    check_round_trip(trace);
}
END_TEST

/* clang-format off */
#define HEADER "{\"shakedown\":1,\"seed\":\"1\",\"clock\":0,\"parties\":[],\"links\":[]}\n"
static const struct {
    const char *text, *why;
} broken[] = {
    {"", "no header"},
    {"{", "line 1: no JSON"},
    {"[1]", "line 1: the header is no object"},
    {"{\"shakedown\":2,\"seed\":\"1\",\"clock\":0,\"parties\":[],\"links\":[]}", "format 2"},
    {"{\"shakedown\":1,\"seed\":\"1\",\"clock\":0,\"parties\":[]}", "lacks its \"links\""},
    {"{\"shakedown\":1,\"seed\":1,\"clock\":0,\"parties\":[],\"links\":[]}", "\"seed\""},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"dream\"}", "line 2: \"dream\" is not known"},
    {HEADER "{\"event\":2,\"time\":0,\"kind\":\"note\"}", "event 1 was expected"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"note\",\"hue\":1}", "has no \"hue\""},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"note\",\"party\":0}", "party 0 is not there"},
    {HEADER "{\"event\":1,\"time\":-1,\"kind\":\"note\"}", "out of range"},
    {HEADER "{\"event\":1,\"time\":1.5,\"kind\":\"note\"}", "no integer"},
    {HEADER "{\"event\":1,\"event\":1,\"kind\":\"note\"}", "twice"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"keys\",\"bytes\":\"abc\"}", "hexadecimal"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"keys\",\"spans\":[[\"a\",4,0,0,0,0,0,9]]}", "beyond the bytes"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"note\"} x", "behind the object"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"note\",\"name\":\"\\u0000\"}", "no character"},
    {HEADER "[[[[[[[[[[1]]]]]]]]]]", "deeper"},
    {HEADER "{\"event\":1,\"time\":0,\"kind\":\"message\"}", "no link"},
};
/* clang-format on */

START_TEST(what_is_no_trace_is_refused_with_its_line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Trace) trace = json_read(broken[_i].text, -1, &error);
    ck_assert_msg(trace == NULL, "it was read: %s", broken[_i].text);
    ck_assert_msg(strstr(error->message, broken[_i].why) != NULL, "got: %s; expected: %s",
                  error->message, broken[_i].why);
}
END_TEST

/* No cut of a trace may crash the reader. */
START_TEST(any_cut_of_a_trace_is_read_or_refused)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_CLIENT_AUTH);
    g_autoptr(GString) text = g_string_new(NULL);
    json_write(trace, text);
    for (gsize i = 0; i < text->len; i += 37) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Trace) read = json_read(text->str, (gssize)i, &error);
        ck_assert((read == NULL) == (error != NULL));
    }
}
END_TEST

START_TEST(each_handshake_has_its_line_in_the_key_log)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_RENEGOTIATION);
    g_autoptr(GString) text = g_string_new(NULL);
    keylog_write(trace, text);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    ck_assert_uint_eq(g_strv_length(lines), 3); /* two, and what stands behind the last \n */
    for (int i = 0; i < 2; i++) {
        ck_assert(g_str_has_prefix(lines[i], "CLIENT_RANDOM "));
        ck_assert_uint_eq(strlen(lines[i]), strlen("CLIENT_RANDOM ") + 64 + 1 + 96);
    }
    ck_assert_str_ne(lines[0], lines[1]);
}
END_TEST

static guint32 word(const GByteArray *file, guint at)
{
    ck_assert_uint_le(at + 4, file->len);
    return file->data[at] | (guint32)file->data[at + 1] << 8 | (guint32)file->data[at + 2] << 16 |
           (guint32)file->data[at + 3] << 24;
}

START_TEST(blocks_are_whole_and_in_order)
{
    static const guint32 order[] = {0x0a0d0d0a, 10, 1, 1, 6};
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_DROP);
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(trace, file);
    guint blocks = 0;
    for (guint at = 0; at < file->len;) {
        guint32 type = word(file, at), size = word(file, at + 4);
        ck_assert_uint_eq(type, order[MIN(blocks, G_N_ELEMENTS(order) - 1)]);
        ck_assert(size >= 12 && size % 4 == 0);
        ck_assert_uint_eq(word(file, at + size - 4), size);
        at += size;
        blocks++;
    }
    ck_assert_uint_gt(blocks, 20);
}
END_TEST

/* What tshark's experts warn of; NULL when there is no tshark. g_free. */
static char *tshark(const char *path, const char *filter)
{
    const char *argv[] = {"tshark", "-n",
                          "-r",     path,
                          "-o",     "tcp.check_checksum:TRUE",
                          "-o",     "ip.check_checksum:TRUE",
                          "-Y",     filter,
                          NULL};
    char *out = NULL;
    g_autofree char *err = NULL;
    if (!g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                      &err, NULL, NULL))
        return NULL;
    return out;
}

START_TEST(tshark_finds_nothing_wrong_with_tcp)
{
    static const FixtureKind kinds[] = {FIXTURE_DROP, FIXTURE_CHANGED, FIXTURE_MITM, FIXTURE_LONG};
    g_autoptr(Trace) trace = fixture_trace(kinds[_i]);
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_autofree char *directory = g_dir_make_tmp("shakedown-viz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "run.pcapng", NULL);
    pcapng_write(trace, file);
    ck_assert(g_file_set_contents(path, (const char *)file->data, (gssize)file->len, NULL));
    g_autofree char *wrong = tshark(path, "tcp.analysis.flags || tcp.checksum.status == 0 || "
                                          "ip.checksum.status == 0 || (_ws.malformed && !tls)");
    g_autofree char *hellos = tshark(path, "tls.handshake.type == 1");
    g_unlink(path);
    g_rmdir(directory);
    if (wrong == NULL) {
        g_printerr("# skipped: no tshark\n");
        return;
    }
    ck_assert_str_eq(wrong, "");
    ck_assert_str_ne(hellos, "");
}
END_TEST

TCase *saved_case(void)
{
    TCase *cases = tcase_create("saved");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_run_made_by_hand_survives_json, 0, FIXTURE_KINDS);
    tcase_add_test(cases, every_run_survives_json);
    tcase_add_test(cases, odd_texts_survive_json);
    tcase_add_loop_test(cases, what_is_no_trace_is_refused_with_its_line, 0,
                        (int)G_N_ELEMENTS(broken));
    tcase_add_test(cases, any_cut_of_a_trace_is_read_or_refused);
    tcase_add_test(cases, each_handshake_has_its_line_in_the_key_log);
    tcase_add_test(cases, blocks_are_whole_and_in_order);
    tcase_add_loop_test(cases, tshark_finds_nothing_wrong_with_tcp, 0, 4);
    return cases;
}
