/* Laying out rows: where every arrow, its label, its detail and its marks stand.
 *
 * One cursor goes down the page. A row is as high as its arrow, the text over and under it and what
 * its remarks need. Set tightly, the detail stands beside the name over the arrow; set airily,
 * under it. On a link where the network does something a lifeline stands in the middle: the name is
 * on the side of whoever speaks, what was done to it on the side of whoever hears.
 *
 * Text is measured (text_width.h) and cut or wrapped to its room; it never shrinks. This file
 * knows nothing of Graphviz.
 */
#include "viz/sequence_layout.h"

#include "viz/describe.h"
#include "viz/text.h"
#include "viz/text_width.h"

enum {
    LABEL_UP = 8,   /* from an arrow up to the middle of its label */
    ROW_TOP = 15,   /* from a row's top to its arrow */
    ROW_BOTTOM = 4, /* from the arrow to the row's bottom, without detail */
    ROW_GAP = 2,
    AIRY_GAP = 6,
    PAD = 8,       /* between a label and a lifeline */
    PAD_MARK = 10, /* and the network's, where the widest sign takes 8.25 to either side */
    SIDE_SLIDE_LEFT = 206,
    SIDE_SLIDE_RIGHT = 184,
    SIDE_TALL_LEFT = 140,
    SIDE_TALL_RIGHT = 116,
    LINK_LEAST = 176, /* between lifelines of a tall picture */
};

static void layout_columns(Layout *layout);
static void layout_row(Layout *layout, const FlowRow *row);

Scene *sequence_layout(const Flow *flow, const LayoutOptions *options, double *needed)
{
    const TraceHeader *header = &flow->trace->header;
    Layout layout = {.flow = flow,
                     .options = options,
                     .slide = options->format == SEQUENCE_SLIDE,
                     .airy = options->density == LAYOUT_AIRY,
                     .name_size = 11,
                     .detail_size = options->format == SEQUENCE_SLIDE ? 9 : 8.5,
                     .pill_size = 7.5,
                     .note_size = 8.5,
                     .number_size = 9};
    layout.x = g_new0(double, header->parties->len + 1);
    layout.network = g_new0(double, header->links->len + 1);
    layout.keys = g_new0(Keys, 2 * header->links->len + 2);
    layout.bands = g_array_new(FALSE, TRUE, sizeof(Band));
    layout_columns(&layout);
    frame_begin(&layout);
    for (guint i = 0; i < flow->rows->len; i++)
        layout_row(&layout, flow_row(flow, i));
    frame_end(&layout, needed);
    g_free(layout.x);
    g_free(layout.network);
    g_free(layout.keys);
    g_array_unref(layout.bands);
    return layout.scene;
}

static void layout_columns(Layout *layout)
{
    const TraceHeader *header = &layout->flow->trace->header;
    const char *title = header->title != NULL ? header->title : header->scenario;
    size_t parties = MAX(header->parties->len, 1);
    double width = layout->slide ? SLIDE_WIDTH : TALL_WIDTH;
    layout->side[0] = layout->slide ? SIDE_SLIDE_LEFT : SIDE_TALL_LEFT;
    layout->side[1] = layout->slide ? SIDE_SLIDE_RIGHT : SIDE_TALL_RIGHT;
    double inner = width - layout->side[0] - layout->side[1];
    inner = MAX(inner, (double)(parties - 1) * LINK_LEAST);
    width = inner + layout->side[0] + layout->side[1];
    layout->scene = scene_new(width, title);
    double gap = parties > 1 ? inner / (double)(parties - 1) : 0;
    for (size_t i = 0; i < parties; i++)
        layout->x[i] = layout->side[0] + gap * (double)i;
    for (guint i = 0; i < header->links->len; i++) {
        const TraceLink *link = trace_link(layout->flow->trace, (int)i);
        if (layout->flow->tampered[i])
            layout->network[i] = (layout->x[link->left] + layout->x[link->right]) / 2;
    }
}

/* ---- one row ---- */

/* Where an arrow runs: from, over the network's lifeline (0: none), to. */
typedef struct {
    const FlowRow *row;
    double from, over, to;
    double y;
    char *classes; /* "s12" */
} Arrow;

static void arrow_strokes(Layout *layout, const Arrow *arrow);
static void arrow_texts(Layout *layout, const Arrow *arrow);
static void arrow_mark(Layout *layout, const Arrow *arrow);

static void row_number(Layout *layout, const FlowRow *row, double y)
{
    enum { NUMBER_X = 28 };
    if (row->number == 0 || row->kind == FLOW_COPY)
        return;
    g_autofree char *text = row->last_number > row->number
                                ? g_strdup_printf("%d–%d", row->number, row->last_number)
                                : g_strdup_printf("%d", row->number);
    g_autofree char *classes = g_strdup_printf("num s%d", row->number);
    scene_text(layout->scene, classes, NUMBER_X, y, false, text, layout->number_size, false,
               COLOUR_DETAIL);
}

/* Nothing was said, but time went by. */
static void layout_moment(Layout *layout, const FlowRow *row)
{
    g_autofree char *time = text_duration(row->event->time);
    g_autofree char *text = g_strdup_printf("… nothing more comes, until %s …", time);
    size_t last = layout->flow->trace->header.parties->len - 1;
    double right = layout->network[0] > 0 ? layout->network[0] : layout->x[MIN(last, 1)];
    double y = MAX(layout->y + ROW_TOP, notes_floor(layout, row));
    g_autofree char *cut =
        text_width_cut(text, layout->detail_size, false, right - layout->x[0] - 2 * PAD);
    scene_text(layout->scene, "label moment", (layout->x[0] + right) / 2, y, true, cut,
               layout->detail_size, false, COLOUR_DETAIL);
    notes_beside(layout, row, y);
    layout->y = y + ROW_TOP / 2.0;
    notes_under(layout, row);
    layout->y += (layout->airy ? AIRY_GAP : ROW_GAP) + layout->options->spread;
}

static void layout_row(Layout *layout, const FlowRow *row)
{
    if (row->kind == FLOW_CONNECTION) {
        frame_connection(layout, row);
        return;
    }
    if (row->kind == FLOW_MOMENT || row->link < 0) {
        layout_moment(layout, row);
        return;
    }
    frame_keys(layout, row);
    Arrow arrow = {.row = row,
                   .from = layout->x[row->from],
                   .to = layout->x[row->to],
                   .over = layout->network[row->link]};
    arrow.y = MAX(layout->y + ROW_TOP, notes_floor(layout, row));
    arrow.classes = row->kind == FLOW_COPY ? g_strdup_printf("s%d copy", row->number)
                                           : g_strdup_printf("s%d", row->number);
    layout->y = arrow.y + ROW_BOTTOM;
    row_number(layout, row, arrow.y);
    arrow_texts(layout, &arrow);
    arrow_strokes(layout, &arrow);
    arrow_mark(layout, &arrow);
    notes_beside(layout, row, arrow.y);
    notes_under(layout, row);
    layout->y += (layout->airy ? AIRY_GAP : ROW_GAP) + layout->options->spread;
    g_free(arrow.classes);
}

static const char *arrow_colour(const FlowRow *row)
{
    if (row->message == MESSAGE_ALERT)
        return COLOUR_ALERT;
    if (row->tampering->len > 0)
        return COLOUR_CHANGED;
    return row->epoch > 0 ? COLOUR_SECRET : COLOUR_PLAIN;
}

static bool arrow_is_changed(const FlowRow *row)
{
    return row->fate == FATE_CHANGED || row->kind == FLOW_COPY ||
           (row->mischief->len > 0 && row->fate == FATE_DELIVERED && row->delay == 0);
}

/* A broad stroke behind part of the row. */
static void arrow_highlight(Layout *layout, const Arrow *arrow, double from, double to,
                            const char *fill)
{
    double top = arrow->y - ROW_TOP + 1, bottom = layout->y;
    SceneItem *item = scene_add(layout->scene, SCENE_HIGHLIGHT, NULL);
    item->classes = g_strdup_printf("hl %s", arrow->classes);
    item->left = MIN(from, to);
    item->right = MAX(from, to);
    item->top = item->bottom = (top + bottom) / 2;
    item->pen = bottom - top;
    item->colour = fill;
}

static SceneItem *arrow_part(Layout *layout, const Arrow *arrow, double from, double to,
                             const char *what, const char *colour, double pen)
{
    SceneItem *item = scene_line(layout->scene, NULL, from, arrow->y, to, arrow->y, colour, pen);
    item->classes =
        g_strdup_printf("msg %s%s%s", arrow->classes, arrow->row->epoch > 0 ? " enc" : "", what);
    item->tooltip = describe_tooltip(layout->flow->trace, arrow->row);
    return item;
}

/* The half on which it is dropped, changed or copied. */
static void arrow_second_half(Layout *layout, const Arrow *arrow, double start)
{
    const FlowRow *row = arrow->row;
    SceneItem *item = NULL;
    if (row->fate == FATE_DROPPED) {
        item = arrow_part(layout, arrow, start, arrow->to, " ghost", COLOUR_ALERT, 1);
        item->stroke = STROKE_DOTTED;
        item->id = g_strdup_printf("m%dg", row->number);
        return;
    }
    item = arrow_part(layout, arrow, start, arrow->to,
                      row->kind == FLOW_COPY ? " copied" : " modified", COLOUR_CHANGED, 1.9);
    item->arrowhead = true;
    item->id = g_strdup_printf("m%d%s", row->number, row->kind == FLOW_COPY ? "c" : "m");
}

static bool alert_is_fatal(const FlowRow *row)
{
    g_autofree char *level = describe_field(row->event, "level");
    return g_strcmp0(level, "fatal") == 0;
}

/* A row into which both directions are folded has a head at either end. */
static bool arrow_goes_both_ways(const FlowRow *row)
{
    for (guint i = 0; row->folded != NULL && i < row->folded->len; i++)
        if (((const FlowRow *)g_ptr_array_index(row->folded, i))->direction != row->direction)
            return true;
    return false;
}

static void arrow_strokes(Layout *layout, const Arrow *arrow)
{
    const FlowRow *row = arrow->row;
    bool alert = row->message == MESSAGE_ALERT, dropped = row->fate == FATE_DROPPED;
    bool changed = arrow_is_changed(row);
    double way = arrow->to > arrow->from ? 1 : -1;
    double pen = alert ? 2.2 : 1.5;
    if (alert && alert_is_fatal(row))
        arrow_highlight(layout, arrow, arrow->from, arrow->to, FILL_ALERT);
    else if (dropped)
        arrow_highlight(layout, arrow, arrow->from, arrow->to, FILL_DROPPED);
    else if (changed && arrow->over > 0)
        arrow_highlight(layout, arrow, arrow->over, arrow->to, FILL_CHANGED);
    else if (row->tampering->len > 0)
        arrow_highlight(layout, arrow, arrow->from, arrow->to, FILL_CHANGED);
    if (arrow->over == 0 || (!dropped && !changed)) {
        SceneItem *whole = arrow_part(layout, arrow, arrow->from, arrow->to, alert ? " alert" : "",
                                      arrow_colour(row), pen);
        whole->id = g_strdup_printf("m%d", row->number);
        whole->arrowhead = true;
        if (!arrow_goes_both_ways(row))
            return;
        whole->left = (arrow->from + arrow->to) / 2;
        SceneItem *back =
            arrow_part(layout, arrow, whole->left, arrow->from, "", arrow_colour(row), pen);
        back->id = g_strdup_printf("m%dr", row->number);
        back->arrowhead = true;
        return;
    }
    double gap = dropped ? 6.9 : row->kind == FLOW_COPY ? 5 : 8.25;
    if (row->kind != FLOW_COPY) {
        SceneItem *first = arrow_part(layout, arrow, arrow->from, arrow->over - way * gap,
                                      dropped ? " dropped" : "", arrow_colour(row), pen);
        first->id = g_strdup_printf("m%d", row->number);
        first->arrowhead = !dropped;
    }
    arrow_second_half(layout, arrow, arrow->over + way * gap);
}

/* The sign where the arrow meets the network. */
static void arrow_mark(Layout *layout, const Arrow *arrow)
{
    const FlowRow *row = arrow->row;
    if (arrow->over == 0)
        return;
    SceneMark mark = row->kind == FLOW_COPY      ? MARK_COPIED
                     : row->fate == FATE_DROPPED ? MARK_DROPPED
                     : row->delay > 0            ? MARK_DELAYED
                     : arrow_is_changed(row)     ? MARK_CHANGED
                                                 : MARK_RELAYED;
    const char *colour = mark == MARK_RELAYED   ? arrow_colour(row)
                         : mark == MARK_DROPPED ? COLOUR_ALERT
                                                : COLOUR_CHANGED;
    SceneItem *item = scene_mark(layout->scene, NULL, arrow->over, arrow->y, mark, colour);
    item->classes = g_strdup_printf("mark %s", arrow->classes);
    item->fill = mark == MARK_RELAYED   ? FILL_WHITE
                 : mark == MARK_DROPPED ? FILL_ALERT
                                        : FILL_CHANGED;
    item->pen = mark == MARK_RELAYED ? 1.1 : 1.3;
    item->tooltip = describe_mischief(row);
}

/* ---- its words ---- */

typedef struct {
    double left, right;
} Room;

/* Between a party's lifeline and another or the network's, without touching them, nor the sign that
 * may stand where the arrow meets the network. */
static Room room_between(const Arrow *arrow, double a, double b)
{
    double left = MIN(a, b), right = MAX(a, b);
    return (Room){left + (left == arrow->over ? PAD_MARK : PAD),
                  right - (right == arrow->over ? PAD_MARK : PAD)};
}

static void text_over(Layout *layout, const Arrow *arrow, Room room, const char *text, double size,
                      bool bold, const char *colour)
{
    g_autofree char *classes = g_strdup_printf("label %s", arrow->classes);
    g_autofree char *cut = text_width_cut(text, size, bold, room.right - room.left);
    if (*cut != '\0')
        scene_text(layout->scene, classes, (room.left + room.right) / 2, arrow->y - LABEL_UP, true,
                   cut, size, bold, colour);
}

/* Wrapped between its parts, if it can be, rather than within one. */
static GPtrArray *detail_lines(const char *text, double size, bool bold, double width)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(text, " · ", -1);
    g_autoptr(GString) line = g_string_new(NULL);
    for (char **part = parts; *part != NULL; part++) {
        g_autofree char *longer =
            line->len == 0 ? g_strdup(*part) : g_strconcat(line->str, " · ", *part, NULL);
        if (line->len > 0 && text_width(longer, size, bold) > width) {
            g_autoptr(GPtrArray) wrapped = text_width_lines(line->str, size, bold, width);
            g_ptr_array_extend(lines, wrapped, (GCopyFunc)(void (*)(void))g_strdup, NULL);
            g_string_assign(line, *part);
            continue;
        }
        g_string_assign(line, longer);
    }
    g_autoptr(GPtrArray) last = text_width_lines(line->str, size, bold, width);
    g_ptr_array_extend(lines, last, (GCopyFunc)(void (*)(void))g_strdup, NULL);
    return lines;
}

/* Under the arrow, in up to `most` lines; the row grows by them. */
static void text_under(Layout *layout, const Arrow *arrow, Room room, const char *text, guint most,
                       bool bold, const char *colour, double *bottom)
{
    if (text == NULL || *text == '\0')
        return;
    g_autofree char *classes = g_strdup_printf("label %s", arrow->classes);
    double width = room.right - room.left, size = layout->detail_size;
    g_autoptr(GPtrArray) lines = detail_lines(text, size, bold, width);
    double y = *bottom - 1;
    for (guint i = 0; i < MIN(lines->len, most); i++) {
        const char *line = g_ptr_array_index(lines, i);
        g_autofree char *more =
            i + 1 == most && lines->len > most ? g_strconcat(line, " …", NULL) : g_strdup(line);
        g_autofree char *cut = text_width_cut(more, size, bold, width);
        scene_text(layout->scene, classes, (room.left + room.right) / 2,
                   y + scene_leading(size) / 2, true, cut, size, bold, colour);
        y += scene_leading(size);
    }
    *bottom = y + 1;
}

static const char *mischief_colour(const FlowRow *row)
{
    return row->fate == FATE_DROPPED || row->fate == FATE_LOST ? COLOUR_ALERT : COLOUR_CHANGED_TEXT;
}

/* The name; an alert says at once what it is, where there is room, and has no detail then. */
static char *arrow_name(const Layout *layout, const Arrow *arrow, char **detail)
{
    char *name = describe_name(arrow->row);
    *detail = describe_detail(arrow->row);
    if (arrow->row->message != MESSAGE_ALERT || arrow->row->kind != FLOW_MESSAGE)
        return name;
    g_autofree char *whole = g_strdup_printf("%s  %s", name, *detail);
    Room room = room_between(arrow, arrow->from, arrow->over > 0 ? arrow->over : arrow->to);
    if (text_width(whole, layout->name_size, true) > room.right - room.left)
        return name;
    g_free(name);
    **detail = '\0';
    return g_steal_pointer(&whole);
}

enum { BETWEEN = 9 /* points between a name and its detail */ };

/* Name and detail side by side over one stretch. */
static void texts_side_by_side(Layout *layout, const Arrow *arrow, Room room, const char *name,
                               const char *detail, const char *detail_colour)
{
    enum { DETAIL_LEAST = 45 };
    g_autofree char *classes = g_strdup_printf("label %s", arrow->classes);
    double width = room.right - room.left;
    g_autofree char *head = text_width_cut(name, layout->name_size, true, width);
    double head_width = text_width(head, layout->name_size, true);
    double rest = width - head_width - BETWEEN;
    g_autofree char *tail = rest < DETAIL_LEAST
                                ? g_strdup("")
                                : text_width_cut(detail, layout->detail_size, false, rest);
    double tail_width = text_width(tail, layout->detail_size, false);
    double total = head_width + (*tail == '\0' ? 0 : BETWEEN + tail_width);
    double left = (room.left + room.right - total) / 2;
    SceneItem *item = scene_text(layout->scene, classes, left + head_width / 2, arrow->y - LABEL_UP,
                                 true, head, layout->name_size, true, arrow_colour(arrow->row));
    item->tooltip = describe_tooltip(layout->flow->trace, arrow->row);
    if (*tail != '\0')
        scene_text(layout->scene, classes, left + head_width + BETWEEN, arrow->y - LABEL_UP + 0.5,
                   false, tail, layout->detail_size, false, detail_colour);
}

/* Whether name and detail stand side by side over one stretch, uncut. */
static bool fits_beside(const Layout *layout, Room room, const char *name, const char *detail)
{
    return text_width(name, layout->name_size, true) + BETWEEN +
               text_width(detail, layout->detail_size, false) <=
           room.right - room.left;
}

/* One stretch: what was done to the message stands beside its name, or else its detail does; what
 * has no room there goes under the arrow and is never cut short. */
static void texts_compact_whole(Layout *layout, const Arrow *arrow, const char *name,
                                const char *detail, const char *mischief)
{
    Room room = room_between(arrow, arrow->from, arrow->to);
    const char *colour = mischief_colour(arrow->row);
    bool beside = mischief != NULL &&
                  text_width(mischief, layout->detail_size, false) < (room.right - room.left) / 2;
    if (beside) {
        texts_side_by_side(layout, arrow, room, name, mischief, colour);
        return;
    }
    bool fits = fits_beside(layout, room, name, detail);
    texts_side_by_side(layout, arrow, room, name, fits ? detail : "", COLOUR_DETAIL);
    text_under(layout, arrow, room, fits ? "" : detail, 2, false, COLOUR_DETAIL, &layout->y);
    text_under(layout, arrow, room, mischief, 3, true, colour, &layout->y);
}

static void texts_compact(Layout *layout, const Arrow *arrow, const char *name, const char *detail,
                          const char *mischief)
{
    const FlowRow *row = arrow->row;
    if (arrow->over == 0) {
        texts_compact_whole(layout, arrow, name, detail, mischief);
        return;
    }
    Room near = room_between(arrow, arrow->from, arrow->over);
    Room far = room_between(arrow, arrow->over, arrow->to);
    if (row->kind == FLOW_COPY) {
        text_over(layout, arrow, far, name, layout->name_size, true, COLOUR_CHANGED_TEXT);
        return;
    }
    const char *said = mischief != NULL ? mischief : detail;
    const char *colour = mischief != NULL ? mischief_colour(row) : COLOUR_DETAIL;
    text_over(layout, arrow, near, name, layout->name_size, true, arrow_colour(row));
    if (text_width(said, layout->detail_size, mischief != NULL) > far.right - far.left)
        text_under(layout, arrow, far, said, 3, mischief != NULL, colour, &layout->y);
    else
        text_over(layout, arrow, far, said, layout->detail_size, mischief != NULL, colour);
}

static void texts_airy(Layout *layout, const Arrow *arrow, const char *name, const char *detail,
                       const char *mischief)
{
    const FlowRow *row = arrow->row;
    double end = arrow->over > 0 ? arrow->over : arrow->to;
    Room near = room_between(arrow, arrow->from, end);
    double bottom = layout->y, far_bottom = layout->y;
    if (row->kind == FLOW_COPY && arrow->over > 0) {
        Room far = room_between(arrow, arrow->over, arrow->to);
        text_over(layout, arrow, far, name, layout->name_size, true, COLOUR_CHANGED_TEXT);
        text_under(layout, arrow, far, mischief, 2, false, COLOUR_CHANGED_TEXT, &layout->y);
        return;
    }
    text_over(layout, arrow, near, name, layout->name_size, true, arrow_colour(row));
    text_under(layout, arrow, near, detail, 2, false, COLOUR_DETAIL, &bottom);
    if (mischief != NULL && arrow->over > 0) {
        Room far = room_between(arrow, arrow->over, arrow->to);
        if (text_width(mischief, layout->detail_size, true) <= far.right - far.left)
            text_over(layout, arrow, far, mischief, layout->detail_size, true,
                      mischief_colour(row));
        else
            text_under(layout, arrow, far, mischief, 5, true, mischief_colour(row), &far_bottom);
    } else if (mischief != NULL) {
        text_under(layout, arrow, near, mischief, 3, true, mischief_colour(row), &bottom);
    }
    layout->y = MAX(bottom, far_bottom);
}

static void arrow_texts(Layout *layout, const Arrow *arrow)
{
    g_autofree char *detail = NULL;
    g_autofree char *name = arrow_name(layout, arrow, &detail);
    g_autofree char *mischief = describe_mischief(arrow->row);
    if (layout->airy)
        texts_airy(layout, arrow, name, detail, mischief);
    else
        texts_compact(layout, arrow, name, detail, mischief);
}
