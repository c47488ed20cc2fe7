/* The terminal: which characters and colours standard output gets. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What the command line says of it. */
typedef struct {
    gboolean ascii, utf8;
} Look;

/* The rows of an option table for a Look. */
#define LOOK_OPTIONS(look)                                                                         \
    {"ascii", 0, 0, G_OPTION_ARG_NONE, &(look).ascii, "Draw with 7-bit characters", NULL},         \
    {                                                                                              \
        "utf8", 0, 0, G_OPTION_ARG_NONE, &(look).utf8, "Draw with lines and arrows of UTF-8", NULL \
    }

/* Whether standard output is a terminal. */
bool terminal_is(void);

/* Whether text may be more than 7-bit: as the command line says, else where standard output is a
 * terminal of a UTF-8 locale. `look` may be NULL. */
bool terminal_utf8(const Look *look);

/* Colours the report's verdict and checks, in place, where standard output is a terminal that wants
 * colours (NO_COLOR unset, TERM not "dumb"). */
void terminal_colour(GString *text);
