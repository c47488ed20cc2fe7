/* Render: Graphviz text to a picture, by libgvc in this process. Thread-safe by one mutex. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    RENDER_SVG,
    RENDER_PNG,
    RENDER_PDF,
} RenderFormat;

#define RENDER_ERROR (render_error_quark())
typedef enum {
    RENDER_ERROR_SYNTAX,  /* the text is no graph */
    RENDER_ERROR_LIBRARY, /* Graphviz is not there, or could not paint */
} RenderError;
GQuark render_error_quark(void);

/* Appends the picture to `output`. The graph itself says its layout and its dpi. */
bool render(const char *dot, RenderFormat format, GByteArray *output, GError **error);

/* "svg", "png", "pdf"; false for anything else. */
bool render_format_from_name(const char *name, RenderFormat *format);
