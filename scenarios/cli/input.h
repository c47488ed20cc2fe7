/* Input: what the command line names, read as scenarios. */
#pragma once

#include "scenarios/cli/command.h"
#include "scenarios/language/scenario.h"

typedef struct {
    char *file;   /* what errors call it: a path, "normal", "standard input" */
    char *target; /* what the command line calls it, without a case */
    char *text;
    gsize size;
    Scenario *scenario;
    Plan *only; /* the case that was named, or NULL: all of them. Borrowed */
} Input;

/* Reads what is named: a scenario of the catalogue, a file, `-` for standard input; each may be
 * followed by a slash and a case. NULL when it cannot be: then the reason was told on standard
 * error, and `*status` says which kind it was. */
Input *input_open(const char *target, Status *status);
void input_free(Input *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Input, input_free)

/* The plans to run. */
guint input_count(const Input *input);
Plan *input_plan(const Input *input, guint index); /* borrowed */

/* A plan as the command line would name it, quoted for a shell: "bad-certificate/not-yet-valid".
 * g_free. */
char *input_target(const Input *input, const Plan *plan);

/* The last part of a plan's name: "not yet valid" of "bad-certificate/not yet valid"; the whole
 * name where there are no cases. */
const char *input_case(const Plan *plan);

/* A name as one word: blanks and all that a shell or a file system could mind become dashes.
 * g_free. */
char *input_word(const char *name);
