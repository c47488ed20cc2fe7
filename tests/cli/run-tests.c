/* run and draw: what they print, what they write, and with which exit status.
 *
 * Formats are recognised by their first bytes and read back where there is a reader; that their
 * content is right is tested where they are made.
 */
#include <string.h>

#include "tests/cli/cli-tests.h"
#include "viz/json.h"

#define WRONG SHORTEST "expect\n  both connected\n  version TLS 1.0  # it is not\n"

START_TEST(a_lecture)
{
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", NULL);
    assert_status(&outcome, 0);
    static const char *const parts[] = {"seed 1",
                                        "ClientHello",
                                        "{Finished}",
                                        "TLS_RSA_WITH_AES_128_CBC_SHA",
                                        "issuer trusted",
                                        "issuer signature",
                                        "Verdict: 6 of 6 expectations held"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        assert_prints(&outcome, parts[i]);
    ck_assert_str_eq(outcome.err, "");
    ck_assert(g_str_is_ascii(outcome.out->str));
    ck_assert(strchr(outcome.out->str, '\033') == NULL);
}
END_TEST

START_TEST(a_terminal_gets_lines_and_colours)
{
    const Around terminal = {.terminal = true};
    g_auto(Outcome) outcome = shakedown(&terminal, "run", "normal", NULL);
    assert_status(&outcome, 0);
    ck_assert(!g_str_is_ascii(outcome.out->str));
    assert_prints(&outcome, "\033[32m  held");
    const Around plain = {.terminal = true, .plain = true};
    g_auto(Outcome) colourless = shakedown(&plain, "run", "normal", NULL);
    ck_assert(!g_str_is_ascii(colourless.out->str));
    ck_assert(strchr(colourless.out->str, '\033') == NULL);
    g_auto(Outcome) ascii = shakedown(&plain, "run", "normal", "--ascii", NULL);
    ck_assert(g_str_is_ascii(ascii.out->str));
    g_auto(Outcome) utf8 = shakedown(NULL, "run", "normal", "--utf8", NULL);
    ck_assert(!g_str_is_ascii(utf8.out->str));
}
END_TEST

START_TEST(nothing_binary_to_a_terminal)
{
    const Around terminal = {.terminal = true};
    static const char *const formats[] = {"png", "pdf", "pcapng"};
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_auto(Outcome) outcome = shakedown(&terminal, "run", "normal", "-f", formats[i], NULL);
        assert_status(&outcome, 2);
        assert_says(&outcome, "binary and not for a terminal");
        ck_assert_uint_eq(outcome.out->len, 0);
    }
    g_auto(Outcome) where = shakedown(&terminal, "draw", "normal", NULL);
    assert_status(&where, 2);
    assert_says(&where, "where to? Say -o FILE.svg");
}
END_TEST

START_TEST(traces_grow_by_level)
{
    static const char *const levels[] = {"msg", "fields", "bytes", "keys"};
    static const char *const parts[] = {"ClientHello", "cipher_suites", "0000", "master_secret"};
    g_auto(Outcome) none = shakedown(NULL, "run", "normal", NULL);
    gsize size = none.out->len;
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "--trace", levels[i], NULL);
        assert_status(&outcome, 0);
        assert_prints(&outcome, parts[i]);
        ck_assert_uint_gt(outcome.out->len, size);
        size = outcome.out->len;
    }
    g_auto(Outcome) wrong = shakedown(NULL, "run", "normal", "--trace=all", NULL);
    assert_status(&wrong, 2);
    assert_says(&wrong, "--trace is msg, fields, bytes or keys, not \"all\"");
}
END_TEST

START_TEST(a_story)
{
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "--narrate", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "Verdict: 6 of 6 expectations held");
    g_auto(Outcome) ladder = shakedown(NULL, "run", "normal", NULL);
    ck_assert_str_ne(outcome.out->str, ladder.out->str);
}
END_TEST

START_TEST(seeds)
{
    g_auto(Outcome) one = shakedown(NULL, "run", "normal", "--json", NULL);
    g_auto(Outcome) again = shakedown(NULL, "run", "normal", "--json", "--seed=1", NULL);
    g_auto(Outcome) other =
        shakedown(NULL, "run", "normal", "--json", "--seed=18446744073709551615", NULL);
    assert_status(&other, 0);
    ck_assert_str_eq(one.out->str, again.out->str);
    ck_assert_str_ne(one.out->str, other.out->str);
    assert_prints(&one, "\"seed\":\"1\"");
    assert_prints(&other, "\"seed\":\"18446744073709551615\"");
    assert_prints(&other, "seed       18446744073709551615"); /* in the scenario's text as well */
    static const char *const wrong[] = {"--seed=-1", "--seed=x", "--seed=18446744073709551616",
                                        "--seed="};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", wrong[i], NULL);
        assert_status(&outcome, 2);
        assert_says(&outcome, "a seed is a whole number from 0 to 2^64 - 1");
    }
}
END_TEST

/* Each line an object, and the whole a trace again. */
START_TEST(json_lines)
{
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "--json", NULL);
    assert_status(&outcome, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(Trace) trace = json_read(outcome.out->str, (gssize)outcome.out->len, &error);
    ck_assert_msg(trace != NULL, "%s", error == NULL ? "" : error->message);
    ck_assert(trace_held(trace));
    g_auto(GStrv) lines = g_strsplit(outcome.out->str, "\n", -1);
    ck_assert_uint_eq(g_strv_length(lines), trace_count(trace) + 2);
    g_autoptr(GString) written = g_string_new(NULL);
    json_write(trace, written);
    ck_assert_str_eq(written->str, outcome.out->str);
}
END_TEST

START_TEST(tap_lines)
{
    write_text("wrong.scn", WRONG);
    g_auto(Outcome) outcome =
        shakedown(NULL, "run", "--tap", "normal", "bad-certificate", "wrong.scn", NULL);
    assert_status(&outcome, 1);
    ck_assert_str_eq(outcome.err, "");
    g_auto(GStrv) lines = g_strsplit(outcome.out->str, "\n", -1);
    ck_assert_str_eq(lines[0], "1..12");
    for (unsigned i = 1; i <= 11; i++) {
        g_autofree char *ok = g_strdup_printf("ok %u - ", i);
        ck_assert_msg(g_str_has_prefix(lines[i], ok), "%s", lines[i]);
    }
    ck_assert_str_eq(lines[2], "ok 2 - bad-certificate/expired, seed 1");
    ck_assert_str_eq(lines[12], "not ok 12 - wrong, seed 1");
    assert_prints(&outcome, "#   failed: version TLS 1.0\n#     expected: TLS 1.0\n"
                            "#     got: TLS 1.2\n");
    assert_prints(&outcome, "#   to see it: shakedown run wrong.scn --seed=1 --trace=fields\n");
}
END_TEST

START_TEST(a_failed_expectation)
{
    write_text("wrong.scn", WRONG);
    g_auto(Outcome) outcome = shakedown(NULL, "run", "wrong.scn", NULL);
    assert_status(&outcome, 1);
    static const char *const parts[] = {"FAILED  version TLS 1.0", "expected", "TLS 1.2",
                                        "see event",
                                        "shakedown run wrong.scn --seed=1 --trace=fields"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        assert_prints(&outcome, parts[i]);
    assert_says(&outcome, "wrong.scn:4:3: error: ");
    assert_says(&outcome, "expected TLS 1.0, got TLS 1.2");
    assert_says(&outcome, "      version TLS 1.0");
    assert_says(&outcome, "      ^~~~~~~~~");
    g_auto(Outcome) drawn = shakedown(NULL, "draw", "wrong.scn", "-o", "x.svg", NULL);
    assert_status(&drawn, 1); /* drawn all the same: one wants to see it */
    assert_says(&drawn, "wrote x.svg: wrong, seed 1, an expectation FAILED");
}
END_TEST

/* Formats by their suffix, by --format, and to standard output. */
static const struct {
    const char *name, *suffix;
    const char *begins;
    gsize begins_size;
} formats[] = {
    {"txt", "txt", "A normal handshake\n", 19},
    {"json", "json", "{\"shakedown\":1,", 15},
    {"json", "jsonl", "{\"shakedown\":1,", 15},
    {"dot", "dot", "digraph", 7},
    {"dot", "gv", "digraph", 7},
    {"svg", "svg", "<?xml", 5},
    {"png", "png", "\x89PNG\r\n", 6},
    {"pdf", "pdf", "%PDF-", 5},
    {"pcapng", "pcapng", "\n\r\r\n", 4},
    {"keylog", "keylog", "CLIENT_RANDOM ", 14},
};

static void assert_begins(const GString *text, const char *begins, gsize size)
{
    ck_assert_uint_gt(text->len, size);
    ck_assert_mem_eq(text->str, begins, size);
}

START_TEST(formats_and_suffixes)
{
    g_autofree char *name = g_strdup_printf("x.%s", formats[_i].suffix);
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "-o", name, NULL);
    assert_status(&outcome, 0);
    ck_assert_uint_eq(outcome.out->len, 0);
    assert_says(&outcome, "seed 1, every expectation held");
    GString *file = read_file(name);
    assert_begins(file, formats[_i].begins, formats[_i].begins_size);
    ck_assert_uint_eq(file_count(), 1);
    g_auto(Outcome) overridden =
        shakedown(NULL, "run", "normal", "-o", "x.x", "--format", formats[_i].name, NULL);
    assert_status(&overridden, 0);
    GString *other = read_file("x.x");
    assert_begins(other, formats[_i].begins, formats[_i].begins_size);
    g_auto(Outcome) stream =
        shakedown(NULL, "run", "normal", "-o", "-", "--format", formats[_i].name, NULL);
    assert_status(&stream, 0);
    assert_begins(stream.out, formats[_i].begins, formats[_i].begins_size);
    ck_assert_str_eq(stream.err, "");
    g_string_free(file, TRUE);
    g_string_free(other, TRUE);
}
END_TEST

START_TEST(files_beside_the_text)
{
    g_auto(Outcome) outcome =
        shakedown(NULL, "run", "normal", "--keylog", "k.log", "--pcap", "c.pcapng", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "Verdict: ");
    assert_says(&outcome, "wrote k.log");
    assert_says(&outcome, "wrote c.pcapng");
    ck_assert_uint_eq(file_count(), 2);
    g_auto(Outcome) both = shakedown(NULL, "run", "normal", "--json", "-o", "x.svg", NULL);
    assert_status(&both, 0);
    assert_begins(both.out, "{\"shakedown\":1,", 15);
    ck_assert(file_exists("x.svg"));
}
END_TEST

START_TEST(many_runs_many_files)
{
    g_auto(Outcome) outcome = shakedown(NULL, "draw", "bad-certificate", "-o", "bad.dot", NULL);
    assert_status(&outcome, 0);
    ck_assert_uint_eq(file_count(), 10);
    ck_assert(file_exists("bad-expired.dot"));
    ck_assert(file_exists("bad-not-yet-valid.dot"));
    g_auto(Outcome) one = shakedown(NULL, "draw", "bad-certificate/expired", "-o", "one.dot", NULL);
    assert_status(&one, 0);
    ck_assert(file_exists("one.dot"));
    g_auto(Outcome) two =
        shakedown(NULL, "draw", "normal", "bad-certificate/expired", "-o", "two.dot", NULL);
    assert_status(&two, 0);
    ck_assert(file_exists("two-normal.dot"));
    ck_assert(file_exists("two-bad-certificate-expired.dot"));
    g_auto(Outcome) twice = shakedown(NULL, "draw", "normal", "normal", "-o", "x.dot", NULL);
    assert_status(&twice, 2);
    assert_says(&twice, "x-normal.dot would be written twice");
    g_auto(Outcome) stream = shakedown(NULL, "draw", "bad-certificate", "-o", "-", NULL);
    assert_status(&stream, 2);
    assert_says(&stream, "standard output takes one svg, and 10 are to be made");
}
END_TEST

START_TEST(wishes_that_contradict)
{
    static const char *const wishes[][4] = {
        {"--tap", "--json"},          {"--tap", "--format=svg"},
        {"--json", "--format=svg"},   {"--tap", "--trace=msg"},
        {"--json", "--narrate"},      {"-o", "x"},
        {"-o", "x.unknown"},          {"--format=gif"},
        {"-o", "x.svg", "--narrate"}, {"-o", "x.txt", "--keylog", "x.txt"},
    };
    const char *const *w = wishes[_i];
    g_auto(Outcome) outcome =
        shakedown(NULL, "run", "normal", w[0], w[1], w[1] ? w[2] : NULL, w[2] ? w[3] : NULL, NULL);
    assert_status(&outcome, 2);
    assert_says(&outcome, "`shakedown run --help` tells more");
    ck_assert_uint_eq(outcome.out->len, 0);
    ck_assert_uint_eq(file_count(), 0);
}
END_TEST

START_TEST(drawings)
{
    g_auto(Outcome) piped = shakedown(NULL, "draw", "normal", NULL);
    assert_status(&piped, 0);
    assert_begins(piped.out, "<?xml", 5);
    g_auto(Outcome) slide = shakedown(NULL, "draw", "normal", "--format=dot", NULL);
    g_auto(Outcome) tall = shakedown(NULL, "draw", "normal", "--format=dot", "--layout=tall", NULL);
    assert_status(&tall, 0);
    ck_assert_str_ne(slide.out->str, tall.out->str);
    static const char *const wrong[] = {"--layout=wide", "--format=json", "--seed=x"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Outcome) outcome = shakedown(NULL, "draw", "normal", wrong[i], NULL);
        assert_status(&outcome, 2);
    }
    g_auto(Outcome) suffix = shakedown(NULL, "draw", "normal", "-o", "x.txt", NULL);
    assert_status(&suffix, 2);
    assert_says(&suffix, "x.txt names no picture");
}
END_TEST

START_TEST(files_and_their_cases)
{
    write_text("lesson.scn", SHORTEST "case \"first one\"\n  seed 3\ncase \"second\"\n  seed 4\n");
    g_auto(Outcome) all = shakedown(NULL, "run", "lesson.scn", "--tap", NULL);
    assert_status(&all, 0);
    assert_prints(&all, "ok 1 - lesson/first one, seed 3\nok 2 - lesson/second, seed 4\n");
    static const char *const spellings[] = {"lesson.scn/first one", "./lesson.scn/first-one",
                                            "lesson.scn/First-One"};
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_auto(Outcome) one = shakedown(NULL, "run", "--tap", spellings[i], NULL);
        assert_status(&one, 0);
        assert_prints(&one, "1..1\nok 1 - lesson/first one, seed 3\n");
    }
}
END_TEST

void add_run_tests(TCase *tests)
{
    tcase_add_test(tests, a_lecture);
    tcase_add_test(tests, a_terminal_gets_lines_and_colours);
    tcase_add_test(tests, nothing_binary_to_a_terminal);
    tcase_add_test(tests, traces_grow_by_level);
    tcase_add_test(tests, a_story);
    tcase_add_test(tests, seeds);
    tcase_add_test(tests, json_lines);
    tcase_add_test(tests, tap_lines);
    tcase_add_test(tests, a_failed_expectation);
    tcase_add_loop_test(tests, formats_and_suffixes, 0, (int)G_N_ELEMENTS(formats));
    tcase_add_test(tests, files_beside_the_text);
    tcase_add_test(tests, many_runs_many_files);
    tcase_add_loop_test(tests, wishes_that_contradict, 0, 10);
    tcase_add_test(tests, drawings);
    tcase_add_test(tests, files_and_their_cases);
}
