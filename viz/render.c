/* Graphviz text to a picture.
 *
 * The only file of the program that knows libgvc, which is not thread-safe even with separate
 * contexts and leaks some nine kilobytes a picture (fonts, HTML labels): so there is one mutex, and
 * the sanitizers' suppressions name this file alone. The context is made when the first picture is
 * asked for, since it reads the list of plugins from disk, and is kept.
 *
 * Graphviz complains on stderr by itself; its complaints are caught and become the error.
 */
#include "viz/render.h"

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>
#include <string.h>

G_DEFINE_QUARK(shakedown - render - error, render_error)

static GMutex mutex;
static GVC_t *context;      /* under the mutex */
static GString *complaints; /* under the mutex; NULL: nobody listens */

static int complain(char *message)
{
    if (complaints != NULL)
        g_string_append(complaints, message);
    return 0;
}

bool render_format_from_name(const char *name, RenderFormat *format)
{
    static const char *const names[] = {"svg", "png", "pdf"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_strcmp0(name, names[i]) != 0)
            continue;
        *format = (RenderFormat)i;
        return true;
    }
    return false;
}

static bool render_graph(Agraph_t *graph, const char *format, GByteArray *output, GError **error)
{
    char *data = NULL;
    unsigned size = 0;
    char dpi[] = "dpi", points[] = "72", none[] = "";
    if (strcmp(format, "png") != 0) /* a vector's page is in points: dpi would blow it up */
        agsafeset(graph, dpi, points, none);
    if (gvLayout(context, graph, "nop2") != 0) {
        g_set_error(error, RENDER_ERROR, RENDER_ERROR_LIBRARY, "Graphviz cannot lay it out: %s",
                    complaints->str);
        return false;
    }
    bool painted = gvRenderData(context, graph, format, &data, &size) == 0 && data != NULL;
    if (painted)
        g_byte_array_append(output, (const guint8 *)data, size);
    else
        g_set_error(error, RENDER_ERROR, RENDER_ERROR_LIBRARY, "Graphviz cannot paint %s: %s",
                    format, complaints->str);
    if (data != NULL)
        gvFreeRenderData(data);
    gvFreeLayout(context, graph);
    return painted;
}

bool render(const char *dot, RenderFormat format, GByteArray *output, GError **error)
{
    static const char *const names[] = {
        [RENDER_SVG] = "svg", [RENDER_PNG] = "png", [RENDER_PDF] = "pdf"};
    g_mutex_lock(&mutex);
    if (context == NULL) {
        context = gvContext();
        agseterrf(complain);
    }
    complaints = g_string_new(NULL);
    Agraph_t *graph = context == NULL ? NULL : agmemread(dot);
    bool done = false;
    if (graph == NULL)
        g_set_error(error, RENDER_ERROR,
                    context == NULL ? RENDER_ERROR_LIBRARY : RENDER_ERROR_SYNTAX,
                    "Graphviz cannot read the graph: %s", complaints->str);
    else
        done = render_graph(graph, names[format], output, error);
    if (graph != NULL)
        agclose(graph);
    g_string_free(g_steal_pointer(&complaints), TRUE);
    g_mutex_unlock(&mutex);
    return done;
}
