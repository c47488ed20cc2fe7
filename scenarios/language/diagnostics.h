/* Errors of a scenario: where, what is wrong, what would be right. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *file; /* as the user named it */
    const char *text; /* the whole source, for the line that is shown */
    gsize size;
    GString *report; /* `file:line:col: error: …`, the source line and a caret, each */
    unsigned errors;
} Diagnostics;

enum { DIAGNOSTICS_MOST = 20 }; /* more than that is no help */

void diagnostics_init(Diagnostics *diagnostics, const char *file, const char *text, gsize size);
void diagnostics_clear(Diagnostics *diagnostics);

/* Adds one error; line and column from 1, `width` characters are underlined. Line 0: about the
 * whole file. */
void diagnostics_error(Diagnostics *diagnostics, int line, int column, int width,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same about a whole line: its statement is underlined. */
void diagnostics_error_in(Diagnostics *diagnostics, int line, const char *message);

/* The nearest of `words` (NULL-terminated) to a mistyped one, or NULL when none is near. */
const char *nearest_word(const char *typed, const char *const *words);
