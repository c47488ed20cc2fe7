/* The listings: ladder, report, details, narration.
 *
 * Golden ladders of the runs made by hand; and for every run of the catalogue: nothing wider than
 * the page, nothing beyond seven bits where that was asked for, every message there, every check
 * and every expectation in the report.
 */
#include <string.h>

#include "tests/viz/viz-tests.h"
#include "viz/details.h"
#include "viz/flow.h"
#include "viz/ladder.h"
#include "viz/narrate.h"
#include "viz/report.h"
#include "viz/text.h"

enum { WIDTH = 72, WIDTH_OF_THREE = 80, WIDTH_OF_ANOTHER = 34 };

static void check_lines(const char *text, size_t width, bool ascii, const char *what)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        size_t columns = text_columns(*line);
        ck_assert_msg(columns <= width, "%s: %zu columns: %s", what, columns, *line);
        ck_assert_msg(!ascii || g_str_is_ascii(*line), "%s: more than 7 bits: %s", what, *line);
        ck_assert_msg(!g_str_has_suffix(*line, " "), "%s: a space at the end: %s", what, *line);
    }
}

START_TEST(ladders_are_as_they_were)
{
    g_autoptr(Trace) trace = fixture_trace((FixtureKind)_i);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *name = golden_name(fixture_name((FixtureKind)_i), ".txt");
    ladder_write(trace, NULL, text);
    golden(name, text->str);
}
END_TEST

START_TEST(a_ladder_in_utf8_is_as_it_was)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_CHANGED);
    g_autoptr(GString) text = g_string_new(NULL);
    ladder_write(trace, &(LadderOptions){.utf8 = true}, text);
    golden("changed.utf8.txt", text->str);
}
END_TEST

static void check_ladder(const Trace *trace)
{
    size_t parties = trace->header.parties->len;
    size_t width = parties <= 2 ? WIDTH : WIDTH_OF_THREE + (parties - 3) * WIDTH_OF_ANOTHER;
    g_autoptr(GString) ascii = g_string_new(NULL);
    g_autoptr(GString) utf8 = g_string_new(NULL);
    g_autoptr(Flow) flow = flow_new(trace);
    ladder_write(trace, NULL, ascii);
    ladder_write(trace, &(LadderOptions){.utf8 = true}, utf8);
    check_lines(ascii->str, width, true, trace->header.scenario);
    check_lines(utf8->str, width, false, trace->header.scenario);
    g_autofree char *last = g_strdup_printf("\n%4d  ", flow->messages);
    ck_assert_msg(strstr(ascii->str, last) != NULL, "%s: message %d is not in the ladder",
                  trace->header.scenario, flow->messages);
}

static void check_report(const Trace *trace)
{
    g_autoptr(GString) text = g_string_new(NULL);
    report_write(trace, NULL, text);
    check_lines(text->str, WIDTH, true, trace->header.scenario);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_CHECK)
            ck_assert_msg(strstr(text->str, event->name) != NULL, "%s: no check %s",
                          trace->header.scenario, event->name);
    }
    ck_assert(strstr(text->str, "Verdict: ") != NULL);
}

static void check_details(const Trace *trace)
{
    size_t before = 0;
    for (DetailsLevel level = DETAILS_MESSAGES; level <= DETAILS_KEYS; level++) {
        g_autoptr(GString) text = g_string_new(NULL);
        details_write(trace, level, false, text);
        ck_assert_msg(text->len > before, "%s: level %d adds nothing", trace->header.scenario,
                      (int)level);
        before = text->len;
    }
}

static void check_story(const Trace *trace)
{
    g_autoptr(GString) text = g_string_new(NULL);
    narrate_write(trace, false, text);
    check_lines(text->str, WIDTH, true, trace->header.scenario);
    ck_assert(strstr(text->str, "[step 1: the client offers]") != NULL);
}

/* Every end of a connection belongs to the arrow that brought it, not to an earlier one. */
static void check_flow(const Trace *trace)
{
    g_autoptr(Flow) flow = flow_new(trace);
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        if (row->kind != FLOW_MESSAGE || row->fate == FATE_DROPPED || row->fate == FATE_LOST)
            continue;
        ck_assert_msg(row->records->len > 0, "%s: message %d has no record", trace->header.scenario,
                      row->number);
    }
}

START_TEST(every_run_can_be_listed)
{
    support_every_run(check_ladder);
    support_every_run(check_report);
    support_every_run(check_story);
    support_every_run(check_flow);
}
END_TEST

START_TEST(each_level_adds_to_the_one_before)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_NORMAL);
    check_details(trace);
}
END_TEST

START_TEST(a_failed_expectation_says_how_to_see_it)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_DROP);
    g_autoptr(GString) text = g_string_new(NULL);
    report_write(trace, &(ReportOptions){.target = "my file.scn"}, text);
    ck_assert(strstr(text->str, "FAILED  both connected") != NULL);
    ck_assert(strstr(text->str, "expected    connected") != NULL);
    ck_assert(strstr(text->str, "got         server failed") != NULL);
    ck_assert(strstr(text->str, "shakedown run my file.scn --seed=42 --trace=fields") != NULL);
}
END_TEST

START_TEST(seven_bits_spell_what_they_lack)
{
    g_autofree char *text = text_ascii("a → b … é ü · \x1b[31m \xff");
    ck_assert_str_eq(text, "a -> b ... e ue - ?[31m ?");
    g_autofree char *cut = text_cut("a long sentence", 8, false);
    ck_assert_str_eq(cut, "a lon...");
    g_autofree char *half = text_duration(1500);
    ck_assert_str_eq(half, "1.5 ms");
}
END_TEST

START_TEST(words_are_wrapped_and_broken)
{
    g_autoptr(GString) text = g_string_new(NULL);
    text_wrap(text, "- ", "  ", "one two TLS_RSA_WITH_AES_128_CBC_SHA", 16);
    check_lines(text->str, 16, true, "wrapped");
    ck_assert_str_eq(text->str, "- one two\n  TLS_RSA_WITH_\n  AES_128_CBC_\n  SHA\n");
}
END_TEST

TCase *listing_case(void)
{
    TCase *cases = tcase_create("listings");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, ladders_are_as_they_were, 0, FIXTURE_KINDS);
    tcase_add_test(cases, a_ladder_in_utf8_is_as_it_was);
    tcase_add_test(cases, every_run_can_be_listed);
    tcase_add_test(cases, each_level_adds_to_the_one_before);
    tcase_add_test(cases, a_failed_expectation_says_how_to_see_it);
    tcase_add_test(cases, seven_bits_spell_what_they_lack);
    tcase_add_test(cases, words_are_wrapped_and_broken);
    return cases;
}
