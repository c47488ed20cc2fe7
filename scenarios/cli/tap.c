/* A run as a line of TAP, the Test Anything Protocol.
 *
 * `ok` or `not ok`, a number, the scenario's name; under a failed one, as comments, each
 * expectation that did not hold with what was expected, what was got, the event that decided it and
 * the command that shows it. It judges nothing: the trace's verdict does.
 */
#include "scenarios/cli/tap.h"

#include "scenarios/cli/command.h"

Status tap_begin(guint count)
{
    g_autofree char *line = g_strdup_printf("1..%u\n", count);
    return print_out(line);
}

/* Comments take one line each. */
static void comment(GString *text, const char *name, const char *value)
{
    g_autofree char *line = g_strdelimit(g_strdup(value == NULL ? "" : value), "\r\n", ' ');
    g_string_append_printf(text, "#   %s%s\n", name, line);
}

static void describe_failure(GString *text, const TraceExpectation *expectation)
{
    comment(text, "failed: ", expectation->text);
    comment(text, "  expected: ", expectation->expected);
    comment(text, "  got: ", expectation->got);
    if (expectation->line > 0)
        g_string_append_printf(text, "#     line %d of the scenario\n", expectation->line);
    if (expectation->event > 0)
        g_string_append_printf(text, "#     event %d\n", expectation->event);
}

Status tap_result(guint number, const Trace *trace, const char *target)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *name = g_strdelimit(g_strdup(trace->header.scenario), "#\\\r\n", '_');
    bool held = trace_held(trace);
    g_string_append_printf(text, "%s %u - %s, seed %" G_GUINT64_FORMAT "\n", held ? "ok" : "not ok",
                           number, name, trace->header.seed);
    if (held)
        return print_out(text->str);
    const TraceEvent *verdict = trace_at(trace, trace_count(trace) - 1);
    for (guint i = 0; verdict->expectations != NULL && i < verdict->expectations->len; i++) {
        const TraceExpectation *expectation = g_ptr_array_index(verdict->expectations, i);
        if (!expectation->held)
            describe_failure(text, expectation);
    }
    g_string_append_printf(
        text, "#   to see it: shakedown run %s --seed=%" G_GUINT64_FORMAT " --trace=fields\n",
        target, trace->header.seed);
    return print_out(text->str);
}
