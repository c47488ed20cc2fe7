/* shakedown check: reads scenarios and plans their runs, and runs nothing.
 *
 * For whoever writes one: all that can be decided beforehand is decided, and told as a compiler
 * would. A line on standard output says what a good one holds.
 */
#include "scenarios/cli/command.h"
#include "scenarios/cli/input.h"
#include "scenarios/cli/stacks.h"

static gboolean quiet;
static StackChoice stacks;

static const GOptionEntry entries[] = {
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "Say nothing of scenarios that are good", NULL},
    STACK_OPTIONS(stacks),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context("NAME|FILE|-…", "Reads scenarios and plans their runs; runs nothing.",
                           entries,
                           "Examples:\n"
                           "  shakedown check lesson.scn\n"
                           "  shakedown check lesson.scn --server openssl\n"
                           "  shakedown check -q lessons/*.scn && echo all fine\n"
                           "\n"
                           "Exit status: 0 all are good, 2 one is not, 3 one cannot be read.");
}

static Status describe(const Input *input)
{
    guint expectations = 0, runs = input_count(input);
    for (guint i = 0; i < runs; i++)
        expectations += input_plan(input, i)->expects->len;
    g_autofree char *line =
        g_strdup_printf("%s: good: %u %s, %u %s\n", input->file, runs, runs == 1 ? "run" : "runs",
                        expectations, expectations == 1 ? "expectation" : "expectations");
    return print_out(line);
}

static Status play(char **names)
{
    Status status = STATUS_HELD;
    if (*names == NULL)
        return complain_usage("check", "which scenario? Try `shakedown check FILE.scn`");
    status = stacks_check("check", &stacks);
    if (status != STATUS_HELD)
        return status;
    for (char **name = names; *name != NULL; name++) {
        Status one = STATUS_HELD;
        g_autoptr(Input) input = input_open(*name, &one);
        if (input != NULL)
            one = stacks_use(&stacks, input);
        if (input != NULL && one == STATUS_HELD && !quiet)
            one = describe(input);
        status = status_worse(status, one);
    }
    return status;
}

const Verb verb_check = {"check", "reads scenarios and plans them, runs nothing", context, play};
