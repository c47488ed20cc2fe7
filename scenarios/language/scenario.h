/* Scenarios: text to plans and back. The public door of the language. */
#pragma once

#include "sim/plan.h"

/* A file's plans: one, or one for each of its cases. */
typedef struct {
    char *name; /* "bad-certificate" */
    char *title;
    Plan *base;       /* the scenario without its cases */
    GPtrArray *cases; /* of Plan *: named "bad-certificate/expired"; empty when there are none */
} Scenario;

/* Reads a scenario. `name` is what it is called, `file` what errors call it. NULL with all errors
 * in
 * `*report` (g_free), each `file:line:col: error: …` with its line and a caret. */
Scenario *scenario_parse(const char *name, const char *file, const char *text, gsize size,
                         char **report);
void scenario_free(Scenario *scenario);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scenario, scenario_free)

/* How many plans there are to run (cases, or the base), and each. */
guint scenario_count(const Scenario *scenario);
Plan *scenario_plan(const Scenario *scenario, guint index); /* borrowed */

/* The canonical text of a plan, with its defaults filled in; g_free. */
char *plan_print(const Plan *plan);
/* Only what is not said by saying nothing; reads back to the same plan. g_free. */
char *plan_print_changes(const Plan *plan);
/* The same of a whole scenario with its cases; g_free. */
char *scenario_print(const Scenario *scenario);

enum { SCENARIO_FILE_MOST = 1024 * 1024 }; /* bytes of a file: the longest of ours has 10 kB */
