/* Thin help for the tests.
 *
 * What every runner needs and Check does not have: TAP on standard output, scenarios from text, and
 * comparisons that show both sides. It asserts nothing of its own about the program.
 */
#include "tests/support/support.h"

#include <string.h>

#include "scenarios/catalogue.h"
#include "sim/world.h"

int support_run(CheckSuite *suite)
{
    /* what GLib complains of is a mistake of ours, here and in the programs that a test starts */
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
    g_setenv("G_DEBUG", "fatal-warnings", TRUE);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    srunner_free(runner);
    return 0; /* a failing exit beside TAP would be counted twice */
}

static Scenario *parse(const char *name, const char *text, gsize size)
{
    g_autofree char *report = NULL;
    Scenario *scenario = scenario_parse(name, name, text, size, &report);
    if (scenario == NULL)
        ck_abort_msg("%s", report);
    return scenario;
}

Plan *support_plan(const char *sections)
{
    g_autofree char *text = g_strdup_printf("scenario \"test\"\n%s", sections);
    g_autoptr(Scenario) scenario = parse("test", text, strlen(text));
    Plan *plan = plan_copy(scenario_plan(scenario, 0));
    return plan;
}

Scenario *support_catalogue(const char *name)
{
    g_autoptr(GBytes) text = catalogue_text(name);
    ck_assert_msg(text != NULL, "no scenario is called %s", name);
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    return parse(name, data, size);
}

static guint64 run_step(void)
{
    const char *word = g_getenv("SHAKEDOWN_RUN_STEP");
    guint64 step = word == NULL ? 1 : g_ascii_strtoull(word, NULL, 10);
    ck_assert_uint_ge(step, 1);
    return step;
}

bool support_runs_all(void)
{
    return run_step() == 1;
}

unsigned support_every_run(void (*each)(const Trace *trace))
{
    guint64 step = run_step();
    unsigned count = 0, played = 0;
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++) {
            Fault fault = FAULT_INIT;
            if (count++ % step != 0)
                continue;
            g_autoptr(Trace) trace = world_play(scenario_plan(scenario, j), &fault);
            ck_assert_msg(trace != NULL, "%s: %s", catalogue_name(i), fault.sentence);
            each(trace);
            played++;
        }
    }
    return played;
}

void support_bytes(Bytes got, Bytes expected, const char *what)
{
    g_autofree char *a = bytes_to_hex(got, NULL);
    g_autofree char *b = bytes_to_hex(expected, NULL);
    ck_assert_msg(bytes_equal(got, expected), "%s: got %s, expected %s", what, a, b);
}
