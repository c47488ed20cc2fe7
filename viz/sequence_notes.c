/* Laying out what a row's arrow brought with it: states and notes.
 *
 * A state is a pill in the row in which it is entered: of the outer parties beside their lifelines
 * in the margin, of a party in the middle on its own lifeline under the arrow, on the side of the
 * link whose state it is. Notes say what a check found, what the user is warned of, why an alert is
 * sent, what an attacker reads. Short ones stand in a slide's margin; others stand inside, under
 * the arrow, beside the lifeline of whoever is spoken of, and the row grows.
 */
#include "viz/describe.h"
#include "viz/sequence_layout.h"
#include "viz/text.h"
#include "viz/text_width.h"

enum {
    BESIDE = 6,            /* from a lifeline to its pill */
    PILL_PAD = 5,          /* inside a pill, left and right */
    NOTE_PAD = 7,          /* inside a note, left and right */
    NOTE_GAP = 3,          /* between boxes */
    MARGIN_LEFT = 58,      /* right of the numbers, which may be "12–57" */
    MARGIN_LEFT_TALL = 44, /* "12" */
    MARGIN_EDGE = 30,      /* from the page's right edge */
    MARGIN_EDGE_TALL = 16,
    NOTE_LINES_BESIDE = 4, /* a higher note does not stand in a margin */
    NOTE_WIDTH_MOST = 330,
    NOTE_WIDTH_LEAST = 60,
    PILL_HALF = 7, /* of a pill of one line */
};

/* 0: the left margin, 1: the right one, -1: a party in the middle. */
static int margin_of(const Layout *layout, int party)
{
    if (party == 0)
        return 0;
    return party == (int)layout->flow->trace->header.parties->len - 1 ? 1 : -1;
}

static double margin_room(const Layout *layout, int side)
{
    double left = layout->options->folded || layout->slide ? MARGIN_LEFT : MARGIN_LEFT_TALL;
    double right = layout->slide ? MARGIN_EDGE : MARGIN_EDGE_TALL;
    return layout->side[side] - BESIDE - (side == 0 ? left : right);
}

/* A state's name in one line or, where the room is small, in two. */
static char *pill_text(const Layout *layout, const char *state, double room)
{
    g_autoptr(GPtrArray) lines =
        text_width_lines(state, layout->pill_size, true, room - 2 * PILL_PAD);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

static double pill_height(const Layout *layout, const char *text)
{
    return scene_leading(layout->pill_size) * scene_text_lines(text) + 3.4;
}

static SceneItem *pill_add(Layout *layout, const TraceEvent *event, const FlowRow *row, double left,
                           double top, const char *text)
{
    PartyColours colours = party_colours(trace_party(layout->flow->trace, event->party)->kind);
    bool bad = g_strcmp0(event->after, "FAILED") == 0 || g_strcmp0(event->after, "TIMED_OUT") == 0;
    g_autofree char *classes = g_strdup_printf("state s%d", row->number);
    double width = scene_text_width(text, layout->pill_size, true) + 2 * PILL_PAD;
    SceneItem *pill =
        scene_box(layout->scene, classes, left, top, left + width, top + pill_height(layout, text),
                  text, layout->pill_size, true, bad ? COLOUR_ALERT : colours.colour,
                  bad ? FILL_ALERT : colours.fill);
    pill->rounded = true;
    pill->colour = pill->fill;
    pill->tooltip =
        g_strdup_printf("%s: %s → %s", trace_party(layout->flow->trace, event->party)->name,
                        event->before == NULL ? "(none)" : event->before, event->after);
    return pill;
}

double notes_floor(const Layout *layout, const FlowRow *row)
{
    double floor = 0;
    for (guint i = 0; i < row->states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->states, i);
        int side = margin_of(layout, event->party);
        if (side < 0)
            continue;
        g_autofree char *text = pill_text(layout, event->after, margin_room(layout, side));
        floor = MAX(floor, layout->column[side] + pill_height(layout, text) / 2);
    }
    return floor;
}

/* ---- what a note says ---- */

typedef struct {
    int party, link;
    bool bad;
    bool early; /* a reason: may stand above the state that came of it */
    char *text;
} Note;

static void note_clear(gpointer data)
{
    g_free(((Note *)data)->text);
}

static void note_add(GArray *notes, const TraceEvent *event, bool bad, char *text)
{
    Note note = {.party = event->party,
                 .link = event->link,
                 .bad = bad,
                 .early = event->kind == TRACE_ALERT,
                 .text = text};
    g_array_append_val(notes, note);
}

/* The checks that one party made with this row: what passed in one line, what failed in its own. */
static void note_checks(const Layout *layout, GArray *notes, const FlowRow *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const TraceEvent *first = NULL;
    bool bad = false;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK || event->result != TRACE_PASSED ||
            trace_party(layout->flow->trace, event->party)->kind == PARTY_ATTACKER)
            continue;
        g_string_append_printf(text, "%s%s", first == NULL ? "passed: " : ", ", event->name);
        first = first == NULL ? event : first;
    }
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK || !flow_remark_speaks(layout->flow->trace, event))
            continue;
        g_string_append_printf(text, "%s%s × %s%s", text->len > 0 ? "\n" : "", event->name,
                               event->reason == NULL ? "failed" : event->reason,
                               event->result == TRACE_OVERRIDDEN ? " (passed over)" : "");
        first = first == NULL ? event : first;
        bad = true;
    }
    if (first != NULL)
        note_add(notes, first, bad, g_strdup_printf("checks the %s\n%s", first->value, text->str));
}

static void note_event(const Layout *layout, GArray *notes, const TraceEvent *event)
{
    bool speaks = flow_remark_speaks(layout->flow->trace, event);
    if (event->kind == TRACE_ALERT && speaks)
        note_add(notes, event, event->level == ALERT_LEVEL_FATAL, g_strdup(event->reason));
    if (event->kind == TRACE_NOTE && speaks) {
        bool warning = g_strcmp0(event->name, "warning") == 0;
        note_add(notes, event, warning,
                 g_strdup_printf("%s%s", warning ? "The user reads: " : "", event->value));
    }
    if (event->kind == TRACE_DATA && speaks) {
        Bytes data = bytes_from_gbytes(event->bytes);
        g_autofree char *line = text_first_line(data);
        note_add(notes, event, true,
                 g_strdup_printf("reads %zu bytes%s%s", data.size, line == NULL ? "" : ": ",
                                 line == NULL ? "" : line));
    }
    if (event->kind == TRACE_FACT && g_strcmp0(event->name, "premaster_secret") == 0 &&
        g_strcmp0(event->value, "decrypted") != 0)
        note_add(notes, event, true, g_strdup_printf("premaster secret %s", event->value));
}

static GArray *row_notes(const Layout *layout, const FlowRow *row)
{
    GArray *notes = g_array_new(FALSE, TRUE, sizeof(Note));
    g_array_set_clear_func(notes, note_clear);
    note_checks(layout, notes, row);
    for (guint i = 0; i < row->remarks->len; i++)
        note_event(layout, notes, g_ptr_array_index(row->remarks, i));
    return notes;
}

/* ---- where it stands ---- */

/* The text in lines of at most `room`, its own line ends kept. */
static char *note_lines(const Layout *layout, const char *text, double room)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n", -1);
    for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++) {
        g_autoptr(GPtrArray) lines = text_width_lines(*paragraph, layout->note_size, false, room);
        for (guint i = 0; i < lines->len; i++)
            g_string_append_printf(all, "%s%s", all->len > 0 ? "\n" : "",
                                   (char *)g_ptr_array_index(lines, i));
    }
    return g_strdup(all->str);
}

static double note_height(const Layout *layout, const char *lines)
{
    return scene_leading(layout->note_size) * scene_text_lines(lines) + 5;
}

static SceneItem *note_box(Layout *layout, const FlowRow *row, const Note *note, double left,
                           double top, const char *lines)
{
    g_autofree char *classes = g_strdup_printf("note s%d", row->number);
    double width = scene_text_width(lines, layout->note_size, false) + 2 * NOTE_PAD;
    SceneItem *box =
        scene_box(layout->scene, classes, left, top, left + width, top + note_height(layout, lines),
                  lines, layout->note_size, false, note->bad ? COLOUR_ALERT : "#a16207",
                  note->bad ? "#fff5f5" : "#fefce8");
    box->text_colour = note->bad ? "#7f1d1d" : "#713f12";
    box->centred = false;
    box->pen = 0.9;
    return box;
}

/* Into the margin, when it is short enough; false when it is not. */
static bool note_beside(Layout *layout, const FlowRow *row, const Note *note, double y)
{
    int side = margin_of(layout, note->party);
    if (!layout->slide || side < 0)
        return false;
    double room = margin_room(layout, side) - 2 * NOTE_PAD;
    g_autofree char *lines = note_lines(layout, note->text, room);
    if (scene_text_lines(lines) > NOTE_LINES_BESIDE)
        return false;
    double top = MAX(layout->column[side], y - scene_leading(layout->note_size));
    double height = note_height(layout, lines);
    if (note->early && layout->free_above[side] <= y - PILL_HALF - NOTE_GAP - height)
        top = y - PILL_HALF - NOTE_GAP - height;
    double width = scene_text_width(lines, layout->note_size, false) + 2 * NOTE_PAD;
    double x = layout->x[note->party];
    note_box(layout, row, note, side == 0 ? x - BESIDE - width : x + BESIDE, top, lines);
    layout->column[side] = MAX(layout->column[side], top + height + NOTE_GAP);
    return true;
}

void notes_beside(Layout *layout, const FlowRow *row, double y)
{
    layout->free_above[0] = layout->column[0];
    layout->free_above[1] = layout->column[1];
    for (guint i = 0; i < row->states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->states, i);
        int side = margin_of(layout, event->party);
        if (side < 0)
            continue;
        g_autofree char *text = pill_text(layout, event->after, margin_room(layout, side));
        double width = scene_text_width(text, layout->pill_size, true) + 2 * PILL_PAD;
        double height = pill_height(layout, text), x = layout->x[event->party];
        pill_add(layout, event, row, side == 0 ? x - BESIDE - width : x + BESIDE, y - height / 2,
                 text);
        layout->column[side] = MAX(layout->column[side], y + height / 2 + NOTE_GAP);
    }
    g_autoptr(GArray) notes = row_notes(layout, row);
    for (guint i = 0; i < notes->len; i++)
        note_beside(layout, row, &g_array_index(notes, Note, i), y);
}

/* The free stretch beside a lifeline: to the right of it (`way` 1) or to its left (-1), up to the
 * next lifeline. */
static double stretch(const Layout *layout, int party, int way)
{
    double x = layout->x[party];
    double next = layout->x[party + way];
    const GPtrArray *links = layout->flow->trace->header.links;
    for (guint i = 0; i < links->len; i++) {
        double middle = layout->network[i];
        if (middle > 0 && (middle - x) * way > 0 && (middle - next) * way < 0)
            next = middle;
    }
    return (next - x) * way;
}

/* Under the arrow, beside the lifeline of whom it is about. */
static void note_inside(Layout *layout, const FlowRow *row, const Note *note)
{
    const TraceHeader *header = &layout->flow->trace->header;
    int party = MAX(note->party, 0);
    if (header->parties->len < 2)
        return;
    const TraceLink *link = note->link < 0 ? NULL : trace_link(layout->flow->trace, note->link);
    bool right = party == 0 ||
                 (party < (int)header->parties->len - 1 && link != NULL && link->left == party);
    double room = MIN(stretch(layout, party, right ? 1 : -1) - 2 * BESIDE, NOTE_WIDTH_MOST);
    g_autofree char *lines =
        note_lines(layout, note->text, MAX(room, NOTE_WIDTH_LEAST) - 2 * NOTE_PAD);
    double width = scene_text_width(lines, layout->note_size, false) + 2 * NOTE_PAD;
    double x = layout->x[party], top = layout->y + NOTE_GAP;
    note_box(layout, row, note, right ? x + BESIDE : x - BESIDE - width, top, lines);
    layout->y = top + note_height(layout, lines) + NOTE_GAP;
}

/* Down, until it meets none of those that stand there: two parties in the middle may have changed
 * on the link between them. */
static void pill_move_below(SceneItem *pill, const GPtrArray *placed)
{
    for (guint i = 0; i < placed->len; i++) {
        const SceneItem *other = g_ptr_array_index(placed, i);
        if (pill->left >= other->right || other->left >= pill->right ||
            pill->top >= other->bottom || other->top >= pill->bottom)
            continue;
        double down = other->bottom + NOTE_GAP - pill->top;
        pill->top += down;
        pill->bottom += down;
    }
}

/* Pills of parties in the middle, side by side where both links changed. */
static void pills_inside(Layout *layout, const FlowRow *row)
{
    double bottom = layout->y;
    g_autoptr(GPtrArray) placed = g_ptr_array_new();
    for (guint i = 0; i < row->states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->states, i);
        if (margin_of(layout, event->party) >= 0)
            continue;
        if (layout->slide && !layout->airy && !flow_state_settles(event->after))
            continue; /* a slide that is set tightly has no row to spare for them */
        bool right =
            event->link >= 0 && trace_link(layout->flow->trace, event->link)->left == event->party;
        double room = stretch(layout, event->party, right ? 1 : -1) - 2 * BESIDE;
        g_autofree char *text = pill_text(layout, event->after, room);
        double width = scene_text_width(text, layout->pill_size, true) + 2 * PILL_PAD;
        double x = layout->x[event->party];
        SceneItem *pill = pill_add(layout, event, row, right ? x + BESIDE : x - BESIDE - width,
                                   layout->y + NOTE_GAP, text);
        pill_move_below(pill, placed);
        g_ptr_array_add(placed, pill);
        bottom = MAX(bottom, pill->bottom + 1);
    }
    layout->y = bottom;
}

void notes_under(Layout *layout, const FlowRow *row)
{
    pills_inside(layout, row);
    g_autoptr(GArray) notes = row_notes(layout, row);
    for (guint i = 0; i < notes->len; i++) {
        const Note *note = &g_array_index(notes, Note, i);
        int side = margin_of(layout, note->party);
        bool beside = layout->slide && side >= 0;
        if (beside) {
            double room = margin_room(layout, side) - 2 * NOTE_PAD;
            g_autofree char *lines = note_lines(layout, note->text, room);
            beside = scene_text_lines(lines) <= NOTE_LINES_BESIDE;
        }
        if (!beside)
            note_inside(layout, row, note);
    }
}
