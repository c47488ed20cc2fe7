/* A scene as Graphviz text.
 *
 * The layout engine is named in the graph (`layout=nop2`), so that `dot -Tpng` by hand gives the
 * same picture; every edge has its own `pos`, so that nothing is routed. Edges all run between the
 * two invisible points that fix the page. Areas behind everything are `_background` in xdot's
 * words. Painting order is: areas, edges in the order written, nodes in the order written; no
 * clusters, whose order depends on addresses.
 *
 * Numbers are written without the locale. What a run brings in (names, data) is escaped for the
 * two kinds of label. This file knows no handshake.
 */
#include "viz/sequence_paint.h"

#include <string.h>

enum { DPI = 144 /* a slide of 960 x 540 pt becomes 1920 x 1080 */ };

#define FONT "Helvetica,Arial,sans-serif"

typedef struct {
    const Scene *scene;
    GString *dot;
    int nodes; /* labels so far, for their names */
} Painter;

static void paint_graph(Painter *painter);
static void paint_edges(Painter *painter, SceneKind kind);
static void paint_nodes(Painter *painter);

char *sequence_paint(const Scene *scene)
{
    Painter painter = {.scene = scene, .dot = g_string_new(NULL)};
    paint_graph(&painter);
    paint_edges(&painter, SCENE_HIGHLIGHT);
    paint_edges(&painter, SCENE_LIFELINE);
    paint_edges(&painter, SCENE_LINE);
    paint_nodes(&painter);
    g_string_append(painter.dot, "}\n");
    return g_string_free(painter.dot, FALSE);
}

static void put_number(GString *dot, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(digits, sizeof digits, "%.2f", value + 0.0);
    g_string_append(dot, strcmp(digits, "-0.00") == 0 ? "0.00" : digits);
}

/* "x,y" with the origin at the bottom left, as Graphviz has it. */
static void put_point(Painter *painter, double x, double y)
{
    put_number(painter->dot, x);
    g_string_append_c(painter->dot, ',');
    put_number(painter->dot, painter->scene->height - y);
}

/* A quoted string: entities and escapes are Graphviz's own, so what could be one is escaped. */
static void put_quoted(GString *dot, const char *text, const char *line_end)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n')
            g_string_append(dot, line_end);
        else if (*p == '"' || *p == '\\')
            g_string_append_printf(dot, "\\%c", *p);
        else if (*p == '&')
            g_string_append(dot, "&amp;");
        else
            g_string_append_c(dot, *p);
    }
}

static void put_attribute(GString *dot, const char *name, const char *value)
{
    g_string_append_printf(dot, ", %s=\"", name);
    put_quoted(dot, value, "\\n");
    g_string_append_c(dot, '"');
}

static void put_decimal(GString *dot, const char *name, double value)
{
    g_string_append_printf(dot, ", %s=", name);
    put_number(dot, value);
}

static void put_names(GString *dot, const SceneItem *item)
{
    if (item->id != NULL)
        put_attribute(dot, "id", item->id);
    if (item->classes != NULL)
        put_attribute(dot, "class", item->classes);
    if (item->tooltip != NULL)
        put_attribute(dot, "tooltip", item->tooltip);
}

/* xdot: border colour, fill colour, filled polygon of four corners. */
static void put_band(Painter *painter, const SceneItem *item)
{
    GString *dot = painter->dot;
    const double corners[4][2] = {{item->left, item->bottom},
                                  {item->right, item->bottom},
                                  {item->right, item->top},
                                  {item->left, item->top}};
    g_string_append_printf(dot, "c 7 -%s C 7 -%s P 4 ", item->colour, item->fill);
    for (size_t i = 0; i < G_N_ELEMENTS(corners); i++) {
        put_number(dot, corners[i][0]);
        g_string_append_c(dot, ' ');
        put_number(dot, painter->scene->height - corners[i][1]);
        g_string_append_c(dot, ' ');
    }
}

static void paint_graph(Painter *painter)
{
    GString *dot = painter->dot;
    const Scene *scene = painter->scene;
    g_string_append(dot, "digraph handshake {\n  graph [layout=nop2, outputorder=edgesfirst, "
                         "splines=line, pad=0, margin=0, bgcolor=\"#ffffff\", ");
    g_string_append_printf(dot, "dpi=%d, fontname=\"" FONT "\", id=\"handshake\"", DPI);
    put_attribute(dot, "tooltip", scene->title == NULL ? " " : scene->title);
    g_string_append(dot, ",\n    _background=\"");
    for (guint i = 0; i < scene->items->len; i++) {
        const SceneItem *item = g_ptr_array_index(scene->items, i);
        if (item->kind == SCENE_BAND)
            put_band(painter, item);
    }
    g_string_append(dot, "\"];\n  node [fontname=\"" FONT "\", shape=plain, width=0, height=0, "
                         "margin=0, tooltip=\" \"];\n  edge [fontname=\"" FONT
                         "\", arrowhead=none, tooltip=\" \"];\n  \"_bl\" [pos=\"");
    put_point(painter, 0, scene->height);
    g_string_append(dot, "\", shape=point, style=invis];\n  \"_tr\" [pos=\"");
    put_point(painter, scene->width, 0);
    g_string_append(dot, "\", shape=point, style=invis];\n");
}

/* A straight line as a Bezier curve, its arrowhead beyond the curve's end. */
static void put_curve(Painter *painter, const SceneItem *item)
{
    enum { HEAD = 10 /* points of an arrowhead of size 1 */ };
    double length = ABS(item->right - item->left) + ABS(item->bottom - item->top);
    double head = item->arrowhead ? HEAD * (item->legend ? 0.55 : 0.75) : 0;
    double part = length > 0 ? (length - head) / length : 0;
    double x = item->left + (item->right - item->left) * part;
    double y = item->top + (item->bottom - item->top) * part;
    if (item->arrowhead) {
        g_string_append(painter->dot, "e,");
        put_point(painter, item->right, item->bottom);
        g_string_append_c(painter->dot, ' ');
    }
    for (int i = 0; i <= 3; i++) {
        put_point(painter, item->left + (x - item->left) * i / 3,
                  item->top + (y - item->top) * i / 3);
        if (i < 3)
            g_string_append_c(painter->dot, ' ');
    }
}

static void paint_edge(Painter *painter, const SceneItem *item)
{
    static const char *const strokes[] = {"solid", "dashed", "dotted"};
    GString *dot = painter->dot;
    g_string_append(dot, "  \"_bl\" -> \"_tr\" [pos=\"");
    put_curve(painter, item);
    g_string_append_printf(dot, "\", color=\"%s\"", item->colour);
    put_decimal(dot, "penwidth", item->pen);
    if (item->stroke != STROKE_SOLID)
        g_string_append_printf(dot, ", style=%s", strokes[item->stroke]);
    if (item->arrowhead) {
        g_string_append(dot, ", arrowhead=normal");
        put_decimal(dot, "arrowsize", item->legend ? 0.55 : 0.75);
    }
    put_names(dot, item);
    g_string_append(dot, "];\n");
}

static void paint_edges(Painter *painter, SceneKind kind)
{
    for (guint i = 0; i < painter->scene->items->len; i++) {
        const SceneItem *item = g_ptr_array_index(painter->scene->items, i);
        if (item->kind == kind)
            paint_edge(painter, item);
    }
}

/* Opens a node in the middle of a rectangle. */
static void node_begin(Painter *painter, double x, double y)
{
    g_string_append_printf(painter->dot, "  \"n%d\" [pos=\"", ++painter->nodes);
    put_point(painter, x, y);
    g_string_append_c(painter->dot, '"');
}

static void paint_shape(Painter *painter, const SceneItem *item, const char *shape, double left,
                        double top, double right, double bottom)
{
    GString *dot = painter->dot;
    node_begin(painter, (left + right) / 2, (top + bottom) / 2);
    g_string_append_printf(dot, ", shape=%s, style=\"%sfilled\", fillcolor=\"%s\", color=\"%s\"",
                           shape,
                           item->rounded                   ? "rounded,"
                           : item->stroke == STROKE_DASHED ? "dashed,"
                                                           : "",
                           item->fill == NULL ? "#ffffff" : item->fill, item->colour);
    put_decimal(dot, "penwidth", item->pen > 0 ? item->pen : 1.1);
    g_string_append(dot, ", width=");
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(dot, g_ascii_formatd(digits, sizeof digits, "%.4f", (right - left) / 72));
    g_string_append(dot, ", height=");
    g_string_append(dot, g_ascii_formatd(digits, sizeof digits, "%.4f", (bottom - top) / 72));
    g_string_append(dot, ", fixedsize=true, label=\"\"");
    put_names(dot, item);
    g_string_append(dot, "];\n");
}

/* The width of the node of a text that begins at its left edge: more than it can take, since
 * Graphviz measures with rounded widths and would centre what it finds too wide. */
static double left_width(const SceneItem *item)
{
    return scene_text_width(item->text, item->size, item->bold) * 1.08 + 4;
}

/* Bold text is a label in Graphviz's HTML, where & < > are escaped. */
static void put_bold(GString *dot, const SceneItem *item)
{
    g_auto(GStrv) lines = g_strsplit(item->text, "\n", -1);
    /* a cell of the width that was measured keeps text at its left edge, whatever Graphviz thinks
     * of the text's width */
    if (!item->centred)
        g_string_append_printf(dot,
                               ", label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
                               "CELLPADDING=\"0\"><TR><TD ALIGN=\"LEFT\" WIDTH=\"%d\"><B>",
                               (int)left_width(item));
    else
        g_string_append(dot, ", label=<<B>");
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *escaped = g_markup_escape_text(*line, -1);
        g_string_append_printf(dot, "%s%s", line == lines ? "" : "<BR/>", escaped);
    }
    g_string_append(dot, item->centred ? "</B>>" : "</B></TD></TR></TABLE>>");
}

/* Where `\\l` shall mean the left edge of the measured text, the node has that width. */
static void put_fixed_width(GString *dot, const SceneItem *item)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(dot, ", shape=none, fixedsize=true, width=");
    g_string_append(dot, g_ascii_formatd(digits, sizeof digits, "%.4f", left_width(item) / 72));
    double height = (scene_text_lines(item->text) + 1) * scene_leading(item->size);
    g_string_append(dot, ", height=");
    g_string_append(dot, g_ascii_formatd(digits, sizeof digits, "%.4f", height / 72));
}

static void paint_text(Painter *painter, const SceneItem *item, double x, double y)
{
    GString *dot = painter->dot;
    if (!item->centred) {
        double width = scene_text_width(item->text, item->size, item->bold);
        x += ((item->bold ? (int)left_width(item) : left_width(item)) - width) / 2;
    }
    node_begin(painter, x, y);
    if (item->bold) {
        put_bold(dot, item);
    } else {
        const char *line_end = item->centred ? "\\n" : "\\l";
        g_string_append(dot, ", label=\"");
        put_quoted(dot, item->text, line_end);
        if (!item->centred)
            g_string_append(dot, line_end);
        g_string_append_c(dot, '"');
        if (!item->centred)
            put_fixed_width(dot, item);
    }
    put_decimal(dot, "fontsize", item->size);
    g_string_append_printf(dot, ", fontcolor=\"%s\"", item->text_colour);
    if (item->classes != NULL)
        put_attribute(dot, "class", item->classes);
    if (item->tooltip != NULL)
        put_attribute(dot, "tooltip", item->tooltip);
    g_string_append(dot, "];\n");
}

static void paint_mark(Painter *painter, const SceneItem *item)
{
    double middle = (item->top + item->bottom) / 2;
    switch (item->mark) {
    case MARK_RELAYED:
        paint_shape(painter, item, "circle", item->left, item->top, item->right, item->bottom);
        return;
    case MARK_CHANGED:
        paint_shape(painter, item, "diamond", item->left, item->top, item->right, item->bottom);
        return;
    case MARK_COPIED:
        paint_shape(painter, item, "doublecircle", item->left, item->top, item->right,
                    item->bottom);
        return;
    case MARK_DELAYED: /* an hourglass of two triangles */
        paint_shape(painter, item, "invtriangle", item->left, item->top, item->right, middle);
        paint_shape(painter, item, "triangle", item->left, middle, item->right, item->bottom);
        return;
    case MARK_DROPPED:
        paint_shape(painter, item, "circle", item->left, item->top, item->right, item->bottom);
        SceneItem cross = {.text = (char[]){"×"},
                           .size = 15,
                           .bold = true,
                           .centred = true,
                           .text_colour = item->colour,
                           .classes = item->classes};
        paint_text(painter, &cross, (item->left + item->right) / 2, middle + 1.6);
        return;
    }
}

static void paint_box(Painter *painter, const SceneItem *item)
{
    enum { PADDING = 7 };
    paint_shape(painter, item, "box", item->left, item->top, item->right, item->bottom);
    if (item->text == NULL)
        return;
    double x = (item->left + item->right) / 2;
    if (!item->centred)
        x = item->left + PADDING + scene_text_width(item->text, item->size, item->bold) / 2;
    paint_text(painter, item, x, (item->top + item->bottom) / 2 + (item->bold ? 0.8 : 0));
}

static void paint_nodes(Painter *painter)
{
    for (guint i = 0; i < painter->scene->items->len; i++) {
        const SceneItem *item = g_ptr_array_index(painter->scene->items, i);
        switch (item->kind) {
        case SCENE_BOX:
            paint_box(painter, item);
            break;
        case SCENE_TEXT:
            paint_text(painter, item, (item->left + item->right) / 2,
                       (item->top + item->bottom) / 2);
            break;
        case SCENE_MARK:
            paint_mark(painter, item);
            break;
        case SCENE_BAND:
        case SCENE_HIGHLIGHT:
        case SCENE_LIFELINE:
        case SCENE_LINE:
            break;
        }
    }
}
