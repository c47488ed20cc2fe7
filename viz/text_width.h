/* Text width: what a label takes in Helvetica, for a layout that Graphviz only paints. All lengths
 * are points. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The width of a line of UTF-8 text. */
double text_width(const char *text, double size, bool bold);

/* The text cut to `room`, with "…" at its end when it is longer. g_free. */
char *text_width_cut(const char *text, double size, bool bold, double room);

/* Its lines when wrapped to `room`: a GPtrArray of char *; g_ptr_array_unref. */
GPtrArray *text_width_lines(const char *text, double size, bool bold, double room);
