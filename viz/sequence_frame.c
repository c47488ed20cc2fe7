/* Laying out what stands around the rows: title, heads, lifelines, key bands, verdict, legend.
 *
 * A key band begins above the first message that travels under a new epoch in its direction, and
 * lasts to the end; with one link it fills the page, with several the space of its link. The legend
 * explains what occurs in this picture and nothing else, so it is put together from the flow.
 */
#include "viz/describe.h"
#include "viz/sequence_layout.h"
#include "viz/text.h"
#include "viz/text_width.h"

enum {
    EDGE = 28, /* from the page's edge to what stands at it */
    HEAD_HEIGHT = 26,
    BAND_LINE = 14,
    FOOT = 14, /* under the last lifeline's end */
};

PartyColours party_colours(PartyKind kind)
{
    static const PartyColours colours[] = {
        [PARTY_CLIENT] = {"#dbeafe", "#1e40af"},
        [PARTY_SERVER] = {"#ccfbf1", "#115e59"},
        [PARTY_PROXY] = {"#ecfccb", "#3f6212"},
        [PARTY_ATTACKER] = {"#ffe4e6", "#9f1239"},
    };
    return colours[kind];
}

/* Wrapped lines at the left edge, one under the other. */
static void frame_lines(Layout *layout, const char *classes, const char *text, double size,
                        bool bold, const char *colour)
{
    g_autoptr(GPtrArray) lines =
        text_width_lines(text, size, bold, layout->scene->width - 2 * EDGE);
    for (guint i = 0; i < lines->len; i++) {
        double leading = scene_leading(size);
        scene_text(layout->scene, classes, EDGE, layout->y + leading / 2, false,
                   g_ptr_array_index(lines, i), size, bold, colour);
        layout->y += leading;
    }
}

static void frame_title(Layout *layout)
{
    g_autofree char *subtitle = describe_subtitle(layout->flow->trace);
    g_autofree char *whole =
        layout->options->folded
            ? g_strdup_printf("%s · %d messages, folded", subtitle, layout->flow->messages)
            : g_strdup(subtitle);
    layout->y = 12;
    if (layout->scene->title != NULL)
        frame_lines(layout, "title", layout->scene->title, layout->slide ? 19 : 17, true,
                    COLOUR_TITLE);
    layout->y += 3;
    frame_lines(layout, "subtitle", whole, 10.5, false, COLOUR_DETAIL);
    layout->y += layout->slide ? 8 : 14;
}

static void head_add(Layout *layout, double x, const char *name, PartyColours colours, bool dashed,
                     int lifeline)
{
    enum { HEAD_LEAST = 78, HEAD_PAD = 16 };
    double width = MAX(text_width(name, 12.5, true) + 2 * HEAD_PAD, HEAD_LEAST);
    SceneItem *head =
        scene_box(layout->scene, "head", x - width / 2, layout->y, x + width / 2,
                  layout->y + HEAD_HEIGHT, name, 12.5, true, colours.colour, colours.fill);
    head->pen = 1.4;
    head->rounded = !dashed;
    head->stroke = dashed ? STROKE_DASHED : STROKE_SOLID;
    head->lifeline = lifeline;
    head->id = g_strdup_printf("head-%s", name);
    for (char *p = head->id; *p != '\0'; p++)
        *p = g_ascii_isalnum(*p) ? g_ascii_tolower(*p) : '-';
}

static void frame_heads(Layout *layout)
{
    const TraceHeader *header = &layout->flow->trace->header;
    for (guint i = 0; i < header->parties->len; i++) {
        g_autofree char *name = describe_party(layout->flow->trace, (int)i);
        g_autofree char *cut = text_width_cut(name, 12.5, true, 150);
        head_add(layout, layout->x[i], cut,
                 party_colours(trace_party(layout->flow->trace, (int)i)->kind), false, (int)i);
    }
    for (guint i = 0; i < header->links->len; i++)
        if (layout->network[i] > 0)
            head_add(layout, layout->network[i], "Network", (PartyColours){"#f1f5f9", "#475569"},
                     true, (int)(header->parties->len + i));
    layout->y += HEAD_HEIGHT;
    layout->life_top = layout->y;
    layout->y += 2;
    layout->column[0] = layout->column[1] = layout->y;
}

void frame_begin(Layout *layout)
{
    frame_title(layout);
    frame_heads(layout);
}

/* ---- key bands ---- */

/* "Client write keys in use", "New server application traffic keys in use". */
static char *band_name(const FlowRow *row, bool again)
{
    const char *keys = describe_keys(row->direction, row->under);
    g_autofree char *first = g_strndup(keys, 1);
    g_autofree char *capital = again ? g_strdup(first) : g_ascii_strup(first, -1);
    g_autofree char *epoch = again && row->under == UNDER_CURRENT
                                 ? g_strdup_printf(" (epoch %d)", row->epoch)
                                 : g_strdup("");
    return g_strdup_printf("%s%s%s in use%s", again ? "New " : "", capital, keys + 1, epoch);
}

static char *band_meaning(const Layout *layout, const FlowRow *row, bool again)
{
    const Keys *ways = &layout->keys[2 * row->link];
    bool both = ways[0].epoch > 0 && ways[1].epoch > 0 && ways[0].under == ways[1].under &&
                (row->under != UNDER_CURRENT || ways[0].epoch == ways[1].epoch);
    if (row->under == UNDER_EARLY)
        return g_strdup("out of the PSK alone");
    g_autofree char *way = describe_way(layout->flow->trace, row);
    if (row->under == UNDER_NEW && !again)
        return both ? g_strdup("both directions are under them") : g_strdup(way);
    if (both && !(row->under == UNDER_NEW))
        return g_strdup(again ? "both directions are under the new keys"
                              : "both directions are now protected");
    return g_strdup_printf("%s is now %s", way, again ? "under the new keys" : "protected");
}

/* The keys of one direction, or of both (-1), are no longer in use. */
static void bands_close(Layout *layout, int link, int direction)
{
    for (guint i = 0; i < layout->bands->len; i++) {
        Band *band = &g_array_index(layout->bands, Band, i);
        if (band->link == link && band->bottom == 0 &&
            (direction < 0 || band->direction == direction))
            band->bottom = layout->y;
    }
    for (int i = 0; i < 2; i++)
        if (direction < 0 || direction == i)
            layout->keys[2 * link + i] = (Keys){0, UNDER_CURRENT};
}

static void keys_of_row(Layout *layout, const FlowRow *row);

void frame_keys(Layout *layout, const FlowRow *row)
{
    if (row->kind != FLOW_COPY)
        keys_of_row(layout, row);
    for (guint i = 0; row->folded != NULL && i < row->folded->len; i++) /* both ways, perhaps */
        keys_of_row(layout, g_ptr_array_index(row->folded, i));
}

static void keys_of_row(Layout *layout, const FlowRow *row)
{
    enum { INDENT = 9, BETWEEN = 14 };
    Keys *keys = &layout->keys[2 * row->link + (int)row->direction];
    bool dropped = row->epoch == 0 && row->message != MESSAGE_CHANGE_CIPHER_SPEC;
    if (dropped && keys->epoch > 0) { /* early keys, behind a retry: RFC 8446 4.2.10 */
        bands_close(layout, row->link, (int)row->direction);
        return;
    }
    if (row->epoch == 0 || (row->epoch <= keys->epoch && row->under == keys->under))
        return;
    bool again = keys->epoch > 0 && keys->under == row->under;
    *keys = (Keys){row->epoch, row->under};
    int level = 0;
    for (guint i = 0; i < layout->bands->len; i++) {
        const Band *before = &g_array_index(layout->bands, Band, i);
        level += before->link == row->link && before->bottom == 0 ? 1 : 0;
    }
    Band band = {
        .link = row->link, .direction = (int)row->direction, .top = layout->y + 1, .level = level};
    g_array_append_val(layout->bands, band);
    g_autofree char *name = band_name(row, again);
    g_autofree char *meaning = band_meaning(layout, row, again);
    const TraceLink *link = trace_link(layout->flow->trace, row->link);
    double left = layout->x[link->left] + INDENT, right = layout->x[link->right] - INDENT;
    double middle = layout->network[row->link], size = layout->slide ? 9.5 : 9;
    double name_width = text_width(name, size, true);
    double y = band.top + BAND_LINE / 2.0 + 1;
    scene_text(layout->scene, "keys", left, y, false, name, size, true, COLOUR_KEYS);
    double second = middle > 0 ? middle + INDENT : left + name_width + BETWEEN;
    if (second + text_width(meaning, size, false) > right) {
        second = left;
        y += BAND_LINE - 2;
        layout->y += BAND_LINE - 2;
    }
    scene_text(layout->scene, "keys", second, y, false, meaning, size, false, COLOUR_KEYS);
    layout->y += BAND_LINE + 2;
}

void frame_connection(Layout *layout, const FlowRow *row)
{
    enum { HEIGHT = 17, ABOVE = 5, PAD = 8 };
    const TraceLink *link = trace_link(layout->flow->trace, row->link);
    bool alone = layout->flow->trace->header.links->len == 1;
    layout->y = MAX(layout->y, MAX(layout->column[0], layout->column[1]));
    bands_close(layout, row->link, -1); /* those of a connection end where the next one begins */
    layout->y += layout->flow->opened[row->link] > 0 && row->connection > 0 ? ABOVE : 2;
    SceneItem *strip = scene_add(layout->scene, SCENE_BAND, "connection");
    strip->left = alone ? EDGE - 5 : layout->x[link->left];
    strip->right =
        alone ? layout->scene->width - (layout->slide ? EDGE - 5 : 10) : layout->x[link->right];
    strip->top = layout->y;
    strip->bottom = layout->y + HEIGHT;
    strip->colour = "#94a3b8";
    strip->fill = "#e2e8f0";
    g_autofree char *text = describe_connection(layout->flow->trace, row);
    double left = layout->x[link->left] + PAD, size = layout->slide ? 10 : 9.5;
    double right =
        (layout->network[row->link] > 0 ? layout->network[row->link] : layout->x[link->right]) -
        PAD;
    g_autofree char *cut = text_width_cut(text, size, true, right - left);
    g_autofree char *classes = g_strdup_printf("connection c%d", row->connection + 1);
    scene_text(layout->scene, classes, (left + right) / 2, layout->y + HEIGHT / 2.0, true, cut,
               size, true, COLOUR_TITLE);
    layout->y += HEIGHT + 2;
    layout->column[0] = layout->column[1] = layout->y;
}

static void frame_bands(Layout *layout, double bottom)
{
    static const char *const fills[] = {"#f3fcf7", "#e6f9ef", "#d9f5e6", "#ccf1dd"};
    for (guint i = 0; i < layout->bands->len; i++) {
        const Band *band = &g_array_index(layout->bands, Band, i);
        const TraceLink *link = trace_link(layout->flow->trace, band->link);
        bool alone = layout->flow->trace->header.links->len == 1;
        SceneItem *item = scene_add(layout->scene, SCENE_BAND, "keys");
        item->left = alone ? EDGE - 5 : layout->x[link->left];
        item->right =
            alone ? layout->scene->width - (layout->slide ? EDGE - 5 : 10) : layout->x[link->right];
        item->top = band->top;
        item->bottom = band->bottom > 0 ? band->bottom : bottom;
        item->colour = "#a7e3c4";
        item->fill = fills[MIN((size_t)band->level, G_N_ELEMENTS(fills) - 1)];
    }
}

/* ---- lifelines ---- */

static void lifeline_add(Layout *layout, double x, double bottom, const char *id, bool dashed,
                         int number)
{
    SceneItem *item = scene_add(layout->scene, SCENE_LIFELINE, "lifeline");
    item->id = g_strdup(id);
    item->left = item->right = x;
    item->top = layout->life_top;
    item->bottom = bottom;
    item->colour = COLOUR_LIFELINE;
    item->pen = dashed ? 1.2 : 1.4;
    item->stroke = dashed ? STROKE_DASHED : STROKE_SOLID;
    item->lifeline = number;
}

static void frame_lifelines(Layout *layout, double bottom)
{
    enum { AXIS = 17 };
    const TraceHeader *header = &layout->flow->trace->header;
    for (guint i = 0; i < header->parties->len; i++) {
        g_autofree char *id =
            g_strdup_printf("life_%s", trace_party(layout->flow->trace, (int)i)->name);
        lifeline_add(layout, layout->x[i], bottom, id, false, (int)i);
    }
    for (guint i = 0; i < header->links->len; i++) {
        g_autofree char *id = g_strdup_printf("life_network_%u", i + 1);
        if (layout->network[i] > 0)
            lifeline_add(layout, layout->network[i], bottom, id, true,
                         (int)(header->parties->len + i));
    }
    SceneItem *axis = scene_line(layout->scene, "time", AXIS, layout->life_top + 6, AXIS, bottom,
                                 COLOUR_LIFELINE, 1);
    axis->arrowhead = true;
    axis->legend = true;
    axis->id = g_strdup("timeaxis");
    scene_text(layout->scene, "time", AXIS - 3, layout->life_top, false, "time", 8, false,
               COLOUR_DETAIL);
}

/* ---- the foot: verdict and legend ---- */

static const TraceExpectation *first_failure(const Trace *trace)
{
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    for (guint i = 0; i < last->expectations->len; i++) {
        const TraceExpectation *expectation = g_ptr_array_index(last->expectations, i);
        if (!expectation->held)
            return expectation;
    }
    return NULL;
}

/* What a listener has learnt, as he sums it up. */
static void frame_tap(Layout *layout)
{
    const Trace *trace = layout->flow->trace;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_NOTE || event->record != 0 || g_strcmp0(event->name, "tap") != 0)
            continue;
        frame_lines(layout, "tap", event->value, 9.5, false, COLOUR_CHANGED_TEXT);
        layout->y += 5;
    }
}

static void frame_verdict(Layout *layout)
{
    const Trace *trace = layout->flow->trace;
    g_autofree char *verdict = describe_verdict(trace);
    if (verdict == NULL)
        return;
    bool held = trace_held(trace);
    g_autofree char *text = NULL;
    const TraceExpectation *failure = first_failure(trace);
    if (failure == NULL)
        text = g_strdup_printf("Verdict: %s", verdict);
    else
        text = g_strdup_printf("Verdict: FAILED, %s. %s: expected %s, got %s", verdict,
                               failure->text, failure->expected, failure->got);
    frame_lines(layout, "verdict", text, 9.5, true, held ? COLOUR_KEYS : COLOUR_ALERT);
    layout->y += 5;
}

typedef enum {
    LEGEND_PLAIN,
    LEGEND_SECRET,
    LEGEND_ALERT,
    LEGEND_CHANGED_ARROW,
    LEGEND_DROPPED,
    LEGEND_CHANGED,
    LEGEND_DELAYED,
    LEGEND_COPIED,
    LEGEND_RELAYED,
    LEGEND_STATE,
    LEGEND_ITEMS,
} LegendItem;

static void legend_find(const Flow *flow, bool occurs[LEGEND_ITEMS])
{
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        bool arrow = row->kind == FLOW_MESSAGE;
        bool relayed = row->fate == FATE_DELIVERED && row->mischief->len == 0;
        bool alert = row->message == MESSAGE_ALERT;
        occurs[LEGEND_STATE] = occurs[LEGEND_STATE] || row->states->len > 0;
        if (row->kind == FLOW_MOMENT || row->kind == FLOW_CONNECTION)
            continue;
        occurs[LEGEND_PLAIN] = occurs[LEGEND_PLAIN] || (arrow && row->epoch == 0 && !alert);
        occurs[LEGEND_SECRET] = occurs[LEGEND_SECRET] || row->epoch > 0;
        occurs[LEGEND_ALERT] = occurs[LEGEND_ALERT] || alert;
        occurs[LEGEND_CHANGED_ARROW] =
            occurs[LEGEND_CHANGED_ARROW] || (arrow && row->tampering->len > 0);
        occurs[LEGEND_DROPPED] = occurs[LEGEND_DROPPED] || row->fate == FATE_DROPPED;
        occurs[LEGEND_COPIED] = occurs[LEGEND_COPIED] || row->kind == FLOW_COPY;
        occurs[LEGEND_DELAYED] =
            occurs[LEGEND_DELAYED] || (row->delay > 0 && row->fate != FATE_DROPPED);
        occurs[LEGEND_CHANGED] =
            occurs[LEGEND_CHANGED] ||
            (row->delay == 0 && (row->fate == FATE_CHANGED ||
                                 (row->fate == FATE_DELIVERED && row->mischief->len > 0)));
        occurs[LEGEND_RELAYED] =
            occurs[LEGEND_RELAYED] || (arrow && relayed && flow->tampered[row->link]);
    }
}

/* Draws the sign of an item at x; returns how wide it is. */
static double legend_sign(Layout *layout, LegendItem item, double x, double y)
{
    enum { ARROW = 24 };
    static const struct {
        const char *colour;
        double pen;
        SceneMark mark;
        const char *fill;
    } signs[LEGEND_ITEMS] = {
        [LEGEND_PLAIN] = {COLOUR_PLAIN, 1.5, 0, NULL},
        [LEGEND_SECRET] = {COLOUR_SECRET, 1.5, 0, NULL},
        [LEGEND_ALERT] = {COLOUR_ALERT, 2.2, 0, NULL},
        [LEGEND_CHANGED_ARROW] = {COLOUR_CHANGED, 1.5, 0, NULL},
        [LEGEND_DROPPED] = {COLOUR_ALERT, 1.3, MARK_DROPPED, FILL_ALERT},
        [LEGEND_CHANGED] = {COLOUR_CHANGED, 1.3, MARK_CHANGED, FILL_CHANGED},
        [LEGEND_DELAYED] = {COLOUR_CHANGED, 1.3, MARK_DELAYED, FILL_CHANGED},
        [LEGEND_COPIED] = {COLOUR_CHANGED, 1.3, MARK_COPIED, FILL_CHANGED},
        [LEGEND_RELAYED] = {COLOUR_PLAIN, 1.1, MARK_RELAYED, FILL_WHITE},
    };
    if (item == LEGEND_STATE) {
        PartyColours colours = party_colours(PARTY_CLIENT);
        SceneItem *pill = scene_box(layout->scene, "legend", x, y - 6.5, x + 36, y + 6.5, "STATE",
                                    8, true, colours.colour, colours.fill);
        pill->rounded = true;
        pill->colour = pill->fill;
        return 42;
    }
    if (item <= LEGEND_CHANGED_ARROW) {
        SceneItem *line = scene_line(layout->scene, "legend", x, y, x + ARROW, y,
                                     signs[item].colour, signs[item].pen);
        line->arrowhead = true;
        line->legend = true;
        return ARROW + 7;
    }
    SceneItem *mark =
        scene_mark(layout->scene, "legend", x + 7, y, signs[item].mark, signs[item].colour);
    mark->fill = signs[item].fill;
    mark->pen = signs[item].pen;
    return 20;
}

enum { LEGEND_LINE = 18 };

/* A sign with its text, on the next line where this one is full. LEGEND_ITEMS: text alone. */
static void legend_item(Layout *layout, LegendItem item, const char *text, double *x, double *y)
{
    enum { BETWEEN = 16 };
    double width = text_width(text, 9, false) + (item == LEGEND_ITEMS ? 0 : 40);
    if (*x > EDGE && *x + width > layout->scene->width - EDGE) {
        *x = EDGE;
        *y += LEGEND_LINE;
    }
    if (item != LEGEND_ITEMS)
        *x += legend_sign(layout, item, *x, *y);
    scene_text(layout->scene, "legend", *x, *y, false, text, 9, false, COLOUR_DETAIL);
    *x += text_width(text, 9, false) + BETWEEN;
}

static void frame_legend(Layout *layout)
{
    static const char *const texts[LEGEND_ITEMS] = {
        [LEGEND_PLAIN] = "in the clear",
        [LEGEND_SECRET] = "protected",
        [LEGEND_ALERT] = "alert",
        [LEGEND_CHANGED_ARROW] = "changed by its sender",
        [LEGEND_DROPPED] = "dropped",
        [LEGEND_CHANGED] = "changed",
        [LEGEND_DELAYED] = "held up",
        [LEGEND_COPIED] = "copied",
        [LEGEND_RELAYED] = "relayed unchanged",
        [LEGEND_STATE] = "state entered",
    };
    bool occurs[LEGEND_ITEMS] = {false};
    g_autoptr(GPtrArray) signs = describe_signs(layout->flow);
    legend_find(layout->flow, occurs);
    double x = EDGE, y = layout->y + LEGEND_LINE / 2.0;
    for (LegendItem item = 0; item < LEGEND_ITEMS; item++) {
        if (occurs[item])
            legend_item(layout, item, texts[item], &x, &y);
        for (guint i = 0; item == LEGEND_SECRET && i < signs->len; i++)
            legend_item(layout, LEGEND_ITEMS, g_ptr_array_index(signs, i), &x, &y);
    }
    layout->y = y + LEGEND_LINE / 2.0;
}

void frame_end(Layout *layout, double *needed)
{
    enum { BELOW = 6 };
    double bottom = MAX(layout->y, MAX(layout->column[0], layout->column[1])) + 3;
    frame_bands(layout, bottom);
    frame_lifelines(layout, bottom);
    guint foot = layout->scene->items->len;
    layout->y = bottom + FOOT;
    frame_tap(layout);
    frame_verdict(layout);
    frame_legend(layout);
    double height = layout->y + BELOW;
    if (needed != NULL)
        *needed = height;
    layout->scene->height = layout->slide ? MAX(height, SLIDE_HEIGHT) : height;
    double down = layout->scene->height - height; /* a slide's foot stands at its bottom */
    for (guint i = foot; i < layout->scene->items->len; i++) {
        SceneItem *item = g_ptr_array_index(layout->scene->items, i);
        item->top += down;
        item->bottom += down;
    }
}
