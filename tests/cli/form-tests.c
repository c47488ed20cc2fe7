/* The verbs besides run: help, lists, tables, canonical texts, the first scenario of one's own.
 *
 * What a list says is compared with the catalogue itself; what `show` prints is read back, and must
 * give the same plans.
 */
#include <string.h>

#include "scenarios/catalogue.h"
#include "tests/cli/cli-tests.h"

static const char *const verbs[] = {"run", "draw", "check", "show", "list", "new", "read"};

START_TEST(a_bare_command_says_what_to_try)
{
    g_auto(Outcome) outcome = shakedown(NULL, NULL, NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "shakedown run normal");
    g_auto(Outcome) version = shakedown(NULL, "--version", NULL);
    assert_status(&version, 0);
    assert_prints(&version, "shakedown ");
    assert_prints(&version, "OpenSSL 3.");
    g_auto(Outcome) help = shakedown(NULL, "--help", NULL);
    assert_status(&help, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        assert_prints(&help, verbs[i]);
}
END_TEST

START_TEST(every_verb_has_help_with_examples)
{
    g_autofree char *usage = g_strdup_printf("shakedown %s [OPTION...]", verbs[_i]);
    g_auto(Outcome) outcome = shakedown(NULL, verbs[_i], "--help", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, usage);
    assert_prints(&outcome, "Examples:\n  shakedown ");
    ck_assert(g_str_is_ascii(outcome.out->str));
    g_auto(Outcome) wrong = shakedown(NULL, verbs[_i], "--no-such-option", NULL);
    assert_status(&wrong, 2);
    assert_says(&wrong, "--no-such-option");
    assert_says(&wrong, "--help` tells more");
}
END_TEST

START_TEST(words_that_are_no_verbs)
{
    static const struct {
        const char *word, *told;
    } words[] = {
        {"dray", "did you mean \"draw\"?"},
        {"normal", "\"normal\" is a scenario: `shakedown run normal` runs it"},
        {"mine.scn", "`shakedown run mine.scn` runs it"},
        {"zzzzzzzz", "no verb is called \"zzzzzzzz\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_auto(Outcome) outcome = shakedown(NULL, words[i].word, NULL);
        assert_status(&outcome, 2);
        assert_says(&outcome, words[i].told);
        ck_assert_uint_eq(outcome.out->len, 0);
    }
}
END_TEST

START_TEST(verbs_without_their_names)
{
    static const char *const needy[] = {"run", "draw", "check", "show"};
    for (size_t i = 0; i < G_N_ELEMENTS(needy); i++) {
        bool draws = i == 1;
        g_auto(Outcome) outcome = shakedown(NULL, needy[i], draws ? "-o" : NULL, "x.svg", NULL);
        assert_status(&outcome, 2);
        assert_says(&outcome, "`shakedown ");
    }
}
END_TEST

START_TEST(lists_name_the_catalogue)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < catalogue_count(); i++)
        g_string_append_printf(names, "%s\n", catalogue_name(i));
    g_auto(Outcome) bare = shakedown(NULL, "list", "--names", NULL);
    assert_status(&bare, 0);
    ck_assert_str_eq(bare.out->str, names->str);
    g_auto(Outcome) people = shakedown(NULL, "list", NULL);
    assert_status(&people, 0);
    g_auto(Outcome) machines = shakedown(NULL, "list", "--json", NULL);
    assert_status(&machines, 0);
    g_auto(GStrv) lines = g_strsplit(machines.out->str, "\n", -1);
    ck_assert_uint_eq(g_strv_length(lines), catalogue_count() + 1);
    for (guint i = 0; i < catalogue_count(); i++) {
        static const char *const members[] = {"\"title\":\"", "\"subject\":\"", "\"rfc\":\"RFC ",
                                              "\"versions\":[", "\"cases\":["};
        g_autofree char *name = g_strdup_printf("{\"name\":\"%s\",", catalogue_name(i));
        ck_assert_msg(g_str_has_prefix(lines[i], name), "%s", lines[i]);
        ck_assert(g_str_has_suffix(lines[i], "]}"));
        for (size_t j = 0; j < G_N_ELEMENTS(members); j++)
            ck_assert_msg(strstr(lines[i], members[j]) != NULL, "%s", lines[i]);
        assert_prints(&people, catalogue_name(i));
        assert_prints(&people, catalogue_subject(i));
    }
    g_auto(Outcome) cases = shakedown(NULL, "list", "--cases", NULL);
    assert_prints(&cases, "    bad-certificate/not-yet-valid\n");
    assert_prints(&cases, "    one-bit-flipped/in-the-clients-random\n");
}
END_TEST

/* What show prints is a scenario: the same plans, and the same text again. */
START_TEST(show_reads_back)
{
    const char *name = catalogue_name((guint)_i);
    g_autofree char *report = NULL, *where = NULL;
    g_autoptr(Scenario) scenario = support_catalogue(name);
    g_auto(Outcome) outcome = shakedown(NULL, "show", name, NULL);
    assert_status(&outcome, 0);
    g_autoptr(Scenario) again =
        scenario_parse(name, name, outcome.out->str, outcome.out->len, &report);
    ck_assert_msg(again != NULL, "%s", report);
    ck_assert_uint_eq(scenario_count(again), scenario_count(scenario));
    for (guint i = 0; i < scenario_count(scenario); i++)
        ck_assert_msg(plan_equal(scenario_plan(scenario, i), scenario_plan(again, i), &where),
                      "%s: %s", name, where);
    write_text("again.scn", outcome.out->str);
    g_auto(Outcome) text = shakedown(NULL, "show", "again.scn", NULL);
    assert_status(&text, 0);
    ck_assert_str_eq(text.out->str, outcome.out->str);
    g_auto(Outcome) check = shakedown(NULL, "check", "again.scn", NULL);
    assert_status(&check, 0);
}
END_TEST

START_TEST(show_prints_one_case)
{
    g_auto(Outcome) outcome = shakedown(NULL, "show", "bad-certificate/not-yet-valid", NULL);
    assert_status(&outcome, 0);
    ck_assert(strstr(outcome.out->str, "\ncase ") == NULL);
    assert_prints(&outcome, "valid      2026-03-02 ");
    write_text("one.scn", outcome.out->str);
    g_auto(Outcome) run = shakedown(NULL, "run", "one.scn", NULL);
    assert_status(&run, 0);
}
END_TEST

START_TEST(show_prints_tables)
{
    static const struct {
        const char *name, *part;
    } tables[] = {
        {"suites", "TLS_RSA_WITH_AES_128_CBC_SHA"},
        {"messages", "ClientKeyExchange"},
        {"alerts", "bad_record_mac"},
        {"actions", "flip bit N"},
        {"limits", "handshake message"},
        {"weaknesses", "CVE-2009-3555"},
        {"statements", "certificate NAME"},
        {"versions", "0x0303  TLS 1.2"},
        {"keys", "rsa-2048-1"},
        {"attacks", "man-in-the-middle"},
        {"conversation", "WAIT_SERVER_HELLO"},
        {"numbers", "x25519"},
        {"presets", "IE 6"},
        {"alerts", "NO-CIPHER-ERROR"},
        {"statements", "balancer [like NAME]"},
    };
    g_auto(Outcome) names = shakedown(NULL, "show", "--names", NULL);
    g_auto(Outcome) help = shakedown(NULL, "show", "--help", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_auto(Outcome) outcome = shakedown(NULL, "show", tables[i].name, NULL);
        assert_status(&outcome, 0);
        assert_prints(&outcome, tables[i].part);
        assert_prints(&names, tables[i].name);
        assert_prints(&help, tables[i].name);
        ck_assert(g_str_is_ascii(outcome.out->str));
        ck_assert_ptr_null(strstr(outcome.out->str, "(null)"));
        ck_assert_ptr_null(catalogue_text(tables[i].name)); /* or it would hide a scenario */
    }
}
END_TEST

/* Each row of `show actions` as a rule that the language takes. */
START_TEST(the_actions_are_the_language_s)
{
    static const char *const actions[] = {"drop",
                                          "delay 250 ms",
                                          "duplicate",
                                          "flip bit 3 of random",
                                          "flip bit 3",
                                          "truncate to 5 bytes",
                                          "replace cipher_suite with TLS_RSA_WITH_NULL_MD5",
                                          "replace session_id with nothing, lengths lying"};
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_autofree char *text =
            g_strdup_printf(SHORTEST "network\n  on ServerHello from server: %s\n", actions[i]);
        const Around around = {.input = text};
        g_auto(Outcome) outcome = shakedown(&around, "check", "-", NULL);
        assert_status(&outcome, 0);
    }
}
END_TEST

START_TEST(the_starter_runs)
{
    g_auto(Outcome) printed = shakedown(NULL, "new", NULL);
    assert_status(&printed, 0);
    const Around around = {.input = printed.out->str};
    g_auto(Outcome) run = shakedown(&around, "run", "-", NULL);
    assert_status(&run, 0);
    g_auto(Outcome) written = shakedown(NULL, "new", "mine.scn", NULL);
    assert_status(&written, 0);
    GString *text = read_file("mine.scn");
    ck_assert_str_eq(text->str, printed.out->str);
    g_string_free(text, TRUE);
}
END_TEST

/* Its commented lines are no less true: each is tried in its place. */
START_TEST(the_starter_s_hints_run)
{
    static const struct {
        const char *before, *after;
        int status;
    } hints[] = {
        {"  # seed   7  ", "  seed   7  ", 0},
        {"  # shows  alice  ", "  shows  alice  ", 0},
        {"  # asks   client certificate, required", "  asks   client certificate, required", 1},
        {"# certificate www\n#   valid ", "certificate www\n  valid ", 1},
        {"# client like IE 6  ", "client like IE 6  ", 0},
        {"#   behind plain text", "balancer\n  behind plain text", 0},
        {"# network\n#   tap", "network\n  tap", 0},
        {"#   on ", "network\n  on ", 1},
    };
    g_auto(Outcome) starter = shakedown(NULL, "new", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++) {
        g_auto(GStrv) parts = g_strsplit(starter.out->str, hints[i].before, 2);
        ck_assert_msg(parts[1] != NULL, "the starter has no \"%s\"", hints[i].before);
        g_autofree char *text = g_strconcat(parts[0], hints[i].after, parts[1], NULL);
        const Around around = {.input = text};
        g_auto(Outcome) outcome = shakedown(&around, "run", "-", NULL);
        assert_status(&outcome, hints[i].status);
    }
}
END_TEST

START_TEST(check_runs_nothing)
{
    g_auto(Outcome) outcome = shakedown(NULL, "check", "normal", "bad-certificate", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "normal: good: 1 run, 6 expectations\n");
    assert_prints(&outcome, "bad-certificate: good: ");
    write_text("false.scn", SHORTEST "expect\n  both failed\n"); /* good, and will not hold */
    g_auto(Outcome) quiet = shakedown(NULL, "check", "-q", "false.scn", NULL);
    assert_status(&quiet, 0);
    ck_assert_uint_eq(quiet.out->len, 0);
}
END_TEST

START_TEST(the_manual_has_it_all)
{
    g_auto(Outcome) outcome = shakedown(NULL, "--manual", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, ".TH SHAKEDOWN 1\n");
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_autofree char *section = g_strdup_printf(".SS %s\n", verbs[i]);
        assert_prints(&outcome, section);
    }
    assert_prints(&outcome, "certificate NAME\n");
    assert_prints(&outcome, ".SH EXIT STATUS\n");
}
END_TEST

void add_form_tests(TCase *tests)
{
    tcase_add_test(tests, a_bare_command_says_what_to_try);
    tcase_add_loop_test(tests, every_verb_has_help_with_examples, 0, (int)G_N_ELEMENTS(verbs));
    tcase_add_test(tests, words_that_are_no_verbs);
    tcase_add_test(tests, verbs_without_their_names);
    tcase_add_test(tests, lists_name_the_catalogue);
    tcase_add_loop_test(tests, show_reads_back, 0, (int)catalogue_count());
    tcase_add_test(tests, show_prints_one_case);
    tcase_add_test(tests, show_prints_tables);
    tcase_add_test(tests, the_actions_are_the_language_s);
    tcase_add_test(tests, the_starter_runs);
    tcase_add_test(tests, the_starter_s_hints_run);
    tcase_add_test(tests, check_runs_nothing);
    tcase_add_test(tests, the_manual_has_it_all);
}
