/* Thin help for the tests.
 *
 * What every runner needs and Check does not have: TAP on standard output, scenarios from text, and
 * comparisons that show both sides. It asserts nothing of its own about the program.
 */
#include "tests/support/support.h"

#include <string.h>

#include "scenarios/catalogue.h"

int support_run(CheckSuite *suite)
{
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

void support_bytes(Bytes got, Bytes expected, const char *what)
{
    g_autofree char *a = bytes_to_hex(got, NULL);
    g_autofree char *b = bytes_to_hex(expected, NULL);
    ck_assert_msg(bytes_equal(got, expected), "%s: got %s, expected %s", what, a, b);
}
