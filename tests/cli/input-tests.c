/* Bad input: each kind once, with the one clear error that it must give.
 *
 * Where there is a line, the error begins with file, line and column, and a caret stands under the
 * place; nothing is printed on standard output, and nothing is written. The exit status is 2 for
 * what the user can mend in the scenario or on the command line, 3 for what stands around it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/cli/cli-tests.h"

/* The same for every verb that reads scenarios. */
static void assert_refused(const char *name, int status, const char *part)
{
    static const char *const verbs[] = {"run", "draw", "check", "show"};
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        bool draws = i == 1;
        unsigned before = file_count();
        g_auto(Outcome) outcome =
            shakedown(NULL, verbs[i], name, draws ? "-o" : NULL, "x.svg", NULL);
        assert_status(&outcome, status);
        assert_says(&outcome, part);
        ck_assert_uint_eq(outcome.out->len, 0);
        ck_assert_uint_eq(file_count(), before);
    }
}

START_TEST(a_missing_file)
{
    assert_refused("gone.scn", 2, "gone.scn: error: No such file or directory\n");
    assert_refused("no/where/at.scn", 2, "no/where/at.scn: error: No such file or directory\n");
}
END_TEST

START_TEST(a_directory)
{
    assert_refused(folder(), 2, "this is a directory");
    assert_refused(".", 2, ".: error: this is a directory");
}
END_TEST

START_TEST(an_unreadable_file)
{
    /* whoever may read everything still cannot read this one */
    assert_refused("/proc/self/mem", 3, "/proc/self/mem: error: ");
}
END_TEST

START_TEST(an_empty_file)
{
    write_text("empty.scn", "");
    assert_refused("empty.scn", 2, "empty.scn: error: the file holds no scenario");
}
END_TEST

START_TEST(a_huge_file)
{
    g_autofree char *path = g_build_filename(folder(), "huge.scn", NULL);
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL && fseek(file, 100 * 1024 * 1024 - 1, SEEK_SET) == 0);
    ck_assert(fputc('\n', file) == '\n' && fclose(file) == 0);
    assert_refused("huge.scn", 2, "huge.scn: error: this is longer than the 1 MiB");
    assert_refused("/dev/zero", 2, "/dev/zero: error: this is longer than the 1 MiB");
}
END_TEST

START_TEST(standard_input)
{
    const Around good = {.input = SHORTEST};
    g_auto(Outcome) outcome = shakedown(&good, "run", "-", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "scenario stdin");
    const Around bad = {.input = SHORTEST "clinet\n"};
    g_auto(Outcome) refused = shakedown(&bad, "run", "-", NULL);
    assert_status(&refused, 2);
    assert_says(&refused, "standard input:2:1: error: unknown section \"clinet\"");
    const Around huge = {.input_path = "/dev/zero"};
    g_auto(Outcome) stopped = shakedown(&huge, "check", "-", NULL);
    assert_status(&stopped, 2);
    assert_says(&stopped, "standard input: error: this is longer than the 1 MiB");
}
END_TEST

/* What is wrong in a text, and how it is told: the place, the words, the caret's line. */
static const struct {
    const char *text;
    const char *place; /* "2:3: error: " */
    const char *words;
    const char *caret;
} mistakes[] = {
    {SHORTEST "client\r\n", "2:7: error: ", "this line ends in CR LF", "          ^"},
    {SHORTEST "client\n  verions TLS 1.2\n", "3:3: error: ",
     "unknown word \"verions\" under client; did you mean \"versions\"?", "      ^~~~~~~"},
    {SHORTEST "srever\n", "2:1: error: ", "unknown section \"srever\"", "    ^~~~~~"},
    {SHORTEST "client\n  suites TLS_RSA_WITH_AES_127_CBC_SHA\n",
     "3:10: error: ", "TLS_RSA_WITH_AES_127_CBC_SHA", "             ^~~"},
    {SHORTEST "  seed many\n", "2:8: error: ", "many", "           ^~~~"},
    {SHORTEST "client\n  expects 7\n", "3:11: error: ", "", "              ^"},
    {SHORTEST "certificate www\n  issuer nobody-knows\n",
     "2:1: error: ", "its issuer \"nobody-knows\" is not declared", "    ^"},
    {SHORTEST "certificate a\n  issuer b\ncertificate b\n  issuer a\n", "2:1: error: ", "loop",
     "    ^"},
    {SHORTEST "network\n  on Finished from client: drop\n",
     "3:3: error: ", "Finished travels under keys", "      ^~~"},
    {"client\n", "1:1: error: ", "a scenario begins with", "    ^"},
};

START_TEST(mistakes_have_their_place)
{
    const char *text = mistakes[_i].text;
    g_autofree char *place = g_strdup_printf("bad.scn:%s", mistakes[_i].place);
    write_text("bad.scn", text);
    assert_refused("bad.scn", 2, place);
    g_auto(Outcome) outcome = shakedown(NULL, "run", "bad.scn", NULL);
    assert_says(&outcome, mistakes[_i].words);
    assert_says(&outcome, mistakes[_i].caret);
    ck_assert_msg(strstr(strstr(outcome.err, "error: ") + 1, "error: ") == NULL,
                  "one error, not several: %s", outcome.err);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
    static const char nul[] = "scenario \"a\"\nclient\0\n";
    static const char latin[] = "scenario \"a\"\n  about \"caf\xe9\"\n";
    write_bytes("nul.scn", nul, sizeof nul - 1);
    assert_refused("nul.scn", 2, "nul.scn:2:7: error: a NUL byte");
    write_bytes("latin.scn", latin, sizeof latin - 1);
    assert_refused("latin.scn", 2, "latin.scn:2:13: error: byte 0xe9 is no UTF-8");
}
END_TEST

START_TEST(a_rule_that_never_fires)
{
    write_text("rule.scn", SHORTEST "network\n  on CertificateRequest from server: drop\n");
    g_auto(Outcome) outcome = shakedown(NULL, "run", "rule.scn", NULL);
    assert_status(&outcome, 1);
    assert_says(&outcome, "rule.scn:3:3: error: ");
    assert_says(&outcome, "expected the rule fires, got never fired");
    assert_says(&outcome, "      on CertificateRequest from server: drop\n      ^~");
    write_text("maybe.scn", SHORTEST "network\n  on CertificateRequest from server: drop maybe\n");
    g_auto(Outcome) fine = shakedown(NULL, "run", "maybe.scn", NULL);
    assert_status(&fine, 0);
}
END_TEST

START_TEST(nothing_runs_when_one_is_bad)
{
    write_text("bad.scn", "scenario\n");
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "bad.scn", "gone.scn", NULL);
    assert_status(&outcome, 2);
    ck_assert_uint_eq(outcome.out->len, 0);
    assert_says(&outcome, "bad.scn:1:");
    assert_says(&outcome, "gone.scn: error: "); /* all that is wrong is told at once */
}
END_TEST

START_TEST(names_have_neighbours)
{
    g_auto(Outcome) name = shakedown(NULL, "run", "norml", NULL);
    assert_status(&name, 2);
    assert_says(&name, "did you mean \"normal\"?");
    g_auto(Outcome) one = shakedown(NULL, "run", "bad-certificate/expird", NULL);
    assert_status(&one, 2);
    assert_says(&one, "did you mean \"expired\"?");
    g_auto(Outcome) none = shakedown(NULL, "run", "normal/expired", NULL);
    assert_status(&none, 2);
    assert_says(&none, "normal has no cases");
    g_auto(Outcome) both = shakedown(NULL, "run", "bad-certficate/expired", NULL);
    assert_status(&both, 2);
    assert_says(&both, "did you mean \"bad-certificate\"?");
}
END_TEST

void add_input_tests(TCase *tests)
{
    tcase_add_test(tests, a_missing_file);
    tcase_add_test(tests, a_directory);
    tcase_add_test(tests, an_unreadable_file);
    tcase_add_test(tests, an_empty_file);
    tcase_add_test(tests, a_huge_file);
    tcase_add_test(tests, standard_input);
    tcase_add_loop_test(tests, mistakes_have_their_place, 0, (int)G_N_ELEMENTS(mistakes));
    tcase_add_test(tests, bytes_that_are_no_text);
    tcase_add_test(tests, a_rule_that_never_fires);
    tcase_add_test(tests, nothing_runs_when_one_is_bad);
    tcase_add_test(tests, names_have_neighbours);
}
