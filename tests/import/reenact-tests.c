/* Captures re-enacted: our own runs, written as pcapng, read, and made into scenarios again.
 *
 * Every honest run of the catalogue goes that way. What comes out must be a scenario that is read
 * and run, and whose expectations hold; how many of them say the same again, message by message on
 * every connection, with the same version, suite and group, is counted and may not fall. Where one
 * does not, its text must say so.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/catalogue.h"
#include "scenarios/import/reenact.h"
#include "sim/pki.h"
#include "sim/world.h"
#include "tests/import/import-tests.h"
#include "viz/pcapng.h"

typedef struct {
    unsigned runs, same, told;
} Count;

static char *all_lines(const Trace *trace, int connections)
{
    GString *lines = g_string_new(NULL);
    for (int i = 0; i < connections; i++)
        for (int direction = 0; direction < 2; direction++) {
            g_autofree char *some = reenact_lines(trace, i, (Direction)direction);
            g_string_append_printf(lines, "connection %d, %d\n%s", i, direction, some);
        }
    return g_string_free(lines, FALSE);
}

/* What was settled, in order: versions, suites, and whether a session was resumed. */
static char *facts(const Trace *trace)
{
    static const char *const names[] = {"version", "cipher_suite", "group", NULL};
    GString *lines = g_string_new(NULL);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && event->party == 0 && g_strv_contains(names, event->name))
            g_string_append_printf(lines, "%s %s\n", event->name, event->value);
    }
    return g_string_free(lines, FALSE);
}

static int connections_of(const Trace *trace)
{
    int count = 0;
    for (size_t i = 0; i < trace_count(trace); i++)
        if (trace_at(trace, i)->kind == TRACE_RECORD && trace_at(trace, i)->link == 0)
            count = MAX(count, trace_at(trace, i)->connection + 1);
    return count;
}

static char *again(const Plan *plan, const Trace *run)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Pki) pki = pki_new(plan, &fault); /* SSL 2.0 opens with the server's key alone */
    const PlanParty *server = plan_party(plan, PARTY_SERVER);
    const CertificateSpec *spec =
        server->shows == NULL ? NULL : plan_certificate(plan, server->shows);
    const PrivateKey *key = spec == NULL ? NULL : pki_key(pki, spec->key, &fault);
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(run, file);
    g_autoptr(ReadCapture) read = read_capture(bytes_from_array(file), BYTES_NONE, key, &error);
    ck_assert_msg(read != NULL && read->traces->len > 0, "%s", plan->name);
    char *text = reenact(read->traces, "again", &fault);
    ck_assert_msg(text != NULL, "%s: %s", plan->name, fault.sentence);
    return text;
}

static void visit_plan(const Plan *plan, Count *count)
{
    Fault fault = FAULT_INIT;
    g_autofree char *report = NULL;
    g_autoptr(Trace) run = world_play(plan, &fault);
    int connections = connections_of(run);
    if (connections == 0)
        return;
    g_autofree char *text = again(plan, run);
    g_autoptr(Scenario) scenario =
        scenario_parse("again", "again.scn", text, strlen(text), &report);
    ck_assert_msg(scenario != NULL, "%s: %s\n%s", plan->name, report, text);
    g_autoptr(Trace) second = world_play(scenario_plan(scenario, 0), &fault);
    ck_assert_msg(second != NULL, "%s: %s", plan->name, fault.sentence);
    ck_assert_msg(trace_held(second), "%s:\n%s", plan->name, text);
    g_autofree char *before = all_lines(run, connections);
    g_autofree char *after = all_lines(second, connections);
    g_autofree char *settled = facts(run);
    g_autofree char *settled_again = facts(second);
    bool same = strcmp(before, after) == 0 && strcmp(settled, settled_again) == 0;
    bool told = strstr(text, "# not re-enacted: ") != NULL;
    ck_assert_msg(same || told, "%s says something else again, and does not say so:\n%s",
                  plan->name, text);
    count->runs++;
    count->same += same;
    count->told += told;
}

START_TEST(every_honest_run_again)
{
    Count count = {0};
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++)
            if (is_honest(scenario_plan(scenario, j)))
                visit_plan(scenario_plan(scenario, j), &count);
    }
    printf("# %u runs, %u said again message by message, %u with something left out\n", count.runs,
           count.same, count.told);
    ck_assert_uint_ge(count.runs, 250);
    ck_assert_uint_ge(count.same, 332);
}
END_TEST

/* A capturing clock that was broken: the run has a date that certificates can have. */
START_TEST(beyond_the_calendar)
{
    Fault fault = FAULT_INIT;
    g_autofree char *report = NULL;
    g_autoptr(Scenario) scenario = support_catalogue("tls-1.3");
    g_autoptr(Trace) run = world_play(scenario_plan(scenario, 0), &fault);
    run->header.clock = INT64_C(300000000000); /* the year 11476 */
    g_autofree char *text = again(scenario_plan(scenario, 0), run);
    ck_assert_msg(strstr(text, "# not re-enacted: its date, which is beyond the calendar") != NULL,
                  "%s", text);
    g_autoptr(Scenario) second = scenario_parse("again", "again.scn", text, strlen(text), &report);
    ck_assert_msg(second != NULL, "%s\n%s", report, text);
    g_autoptr(Trace) trace = world_play(scenario_plan(second, 0), &fault);
    ck_assert_msg(trace != NULL && trace_held(trace), "%s", text);
}
END_TEST

void add_reenact_tests(TCase *tests)
{
    tcase_add_test(tests, every_honest_run_again);
    tcase_add_test(tests, beyond_the_calendar);
}
