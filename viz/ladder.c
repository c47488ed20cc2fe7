/* The text ladder: a run as one would put it into a lecture.
 *
 * Every party has a lifeline; a message is an arrow between two of them with its name on it, as in
 * the figures of RFC 5246 7.3: [ChangeCipherSpec] in brackets, {Finished} in braces once encrypted.
 * Under the arrow stands one line of the run's own values, beside the lifelines what a party became
 * by it, between the arrows what was found and what was done to them. A record that is dropped ends
 * in X on the way, a changed one passes a *, a delayed one says by how much.
 *
 * Nothing is ever wider than the page: names and details are cut with three dots, notes are
 * wrapped.
 */
#include "viz/ladder.h"

#include <string.h>

#include "viz/describe.h"
#include "viz/flow.h"
#include "viz/text.h"

enum {
    MARGIN = 6,        /* columns left of the first lifeline: the number of the message */
    SPAN_COLUMNS = 60, /* between two lifelines of two parties */
    SPAN_NARROW = 34,  /* and of more */
    TAIL = 5,          /* right of the last lifeline */
};

typedef struct {
    const Trace *trace;
    bool utf8;
    size_t parties;
    size_t span;
    size_t width;
    GString *output;
    gunichar *line; /* one row of the page, `width` characters */
} Ladder;

static void ladder_heading(Ladder *ladder);
static void ladder_row(Ladder *ladder, const FlowRow *row);
static void ladder_legend(Ladder *ladder, const Flow *flow);

void ladder_write(const Trace *trace, const LadderOptions *options, GString *output)
{
    size_t parties = trace->header.parties->len;
    if (parties == 0)
        return;
    Ladder ladder = {.trace = trace,
                     .utf8 = options != NULL && options->utf8,
                     .parties = parties,
                     .span = parties <= 2 ? SPAN_COLUMNS : SPAN_NARROW,
                     .output = output};
    ladder.width = MARGIN + (parties - 1) * ladder.span + 1 + TAIL;
    ladder.line = g_new0(gunichar, ladder.width);
    g_autoptr(Flow) flow = flow_new(trace);
    ladder_heading(&ladder);
    for (guint i = 0; i < flow->rows->len; i++)
        ladder_row(&ladder, flow_row(flow, i));
    ladder_legend(&ladder, flow);
    g_free(ladder.line);
}

static size_t lifeline(const Ladder *ladder, int party)
{
    return MARGIN + (size_t)party * ladder->span;
}

static gunichar glyph(const Ladder *ladder, const char *unicode, char ascii)
{
    return ladder->utf8 ? g_utf8_get_char(unicode) : (gunichar)ascii;
}

/* An empty row of the page with its lifelines. */
static void line_begin(Ladder *ladder)
{
    for (size_t i = 0; i < ladder->width; i++)
        ladder->line[i] = ' ';
    for (size_t i = 0; i < ladder->parties; i++)
        ladder->line[lifeline(ladder, (int)i)] = glyph(ladder, "│", '|');
}

/* Writes text into the row from a column on, as far as the page goes. */
static void line_put(Ladder *ladder, size_t column, const char *text)
{
    for (const char *p = text; *p != '\0' && column < ladder->width; p = text_next(p))
        ladder->line[column++] = g_utf8_get_char(p);
}

static void line_end(Ladder *ladder)
{
    size_t size = ladder->width;
    while (size > 0 && ladder->line[size - 1] == ' ')
        size--;
    for (size_t i = 0; i < size; i++)
        g_string_append_unichar(ladder->output, ladder->line[i]);
    g_string_append_c(ladder->output, '\n');
}

static void ladder_rule(Ladder *ladder)
{
    line_begin(ladder);
    line_end(ladder);
}

static void ladder_heading(Ladder *ladder)
{
    const TraceHeader *header = &ladder->trace->header;
    g_autofree char *subtitle = describe_subtitle(ladder->trace);
    g_autofree char *under = text_plain(subtitle, ladder->utf8);
    if (header->title != NULL) {
        g_autofree char *title = text_plain(header->title, ladder->utf8);
        text_wrap(ladder->output, "", "", title, ladder->width);
    }
    text_wrap(ladder->output, "", "", under, ladder->width);
    g_string_append_c(ladder->output, '\n');
    for (size_t i = 0; i < ladder->width; i++)
        ladder->line[i] = ' ';
    for (size_t i = 0; i < ladder->parties; i++) {
        g_autofree char *name = describe_party(ladder->trace, (int)i);
        g_autofree char *plain = text_plain(name, ladder->utf8);
        g_autofree char *cut = text_cut(plain, ladder->span - 2, ladder->utf8);
        size_t half = text_columns(cut) / 2, column = lifeline(ladder, (int)i);
        size_t start = MIN(column > half ? column - half : 0, ladder->width - text_columns(cut));
        line_put(ladder, start, cut);
    }
    line_end(ladder);
    ladder_rule(ladder);
}

/* A text over the middle of the gap between two lifelines. */
static void line_put_between(Ladder *ladder, size_t left, size_t room, const char *text)
{
    g_autofree char *plain = text_plain(text, ladder->utf8);
    g_autofree char *cut = text_cut(plain, room, ladder->utf8);
    line_put(ladder, left + (room - text_columns(cut)) / 2, cut);
}

/* The shaft: ------>, or ---X where the network dropped it, --*--> where it was changed. */
static void arrow_shaft(Ladder *ladder, const FlowRow *row, size_t left, size_t right)
{
    bool to_right = row->direction == DIRECTION_TO_SERVER;
    bool thick = row->message == MESSAGE_ALERT;
    gunichar dash = thick ? glyph(ladder, "━", '=') : glyph(ladder, "─", '-');
    gunichar gap = row->fate == FATE_DROPPED ? (gunichar)' ' : dash;
    size_t middle = (left + right) / 2;
    for (size_t i = left; i <= right; i++) {
        bool behind = to_right ? i > middle : i < middle;
        ladder->line[i] = behind ? gap : dash;
    }
    if (row->fate == FATE_DROPPED)
        ladder->line[middle] = 'X';
    else if (row->fate == FATE_CHANGED || row->kind == FLOW_COPY)
        ladder->line[middle] = '*';
    if (row->kind == FLOW_COPY)
        for (size_t i = to_right ? left : middle + 1; i < (to_right ? middle : right + 1); i++)
            ladder->line[i] = ' ';
    if (row->fate == FATE_DROPPED)
        return;
    if (to_right)
        ladder->line[right] = glyph(ladder, "▶", '>');
    else
        ladder->line[left] = glyph(ladder, "◀", '<');
}

/* The name on the arrow; an alert says at once what it is. */
static char *arrow_name(const Ladder *ladder, const FlowRow *row)
{
    g_autofree char *name = row->kind == FLOW_COPY ? g_strdup("a copy") : describe_name(row);
    g_autofree char *detail =
        row->message == MESSAGE_ALERT && row->kind == FLOW_MESSAGE ? describe_detail(row) : NULL;
    g_autofree char *whole =
        g_strdup_printf("%s%s%s", name, detail == NULL ? "" : " ", detail == NULL ? "" : detail);
    return text_plain(whole, ladder->utf8);
}

static void arrow_label(Ladder *ladder, const FlowRow *row, size_t left, size_t right)
{
    g_autofree char *name = arrow_name(ladder, row);
    size_t room = right - left - 3;
    bool broken = row->fate == FATE_DROPPED || row->fate == FATE_CHANGED || row->kind == FLOW_COPY;
    if (!broken) {
        g_autofree char *padded = g_strdup_printf(" %s ", name);
        line_put_between(ladder, left + 2, room, padded);
        return;
    }
    /* on the half of whoever said it; a copy's half is that of whoever gets it */
    bool left_half = (row->direction == DIRECTION_TO_SERVER) != (row->kind == FLOW_COPY);
    size_t half = room / 2 - 4;
    g_autofree char *cut = text_cut(name, half, ladder->utf8);
    g_autofree char *padded = g_strdup_printf(" %s ", cut);
    size_t start = left_half ? left + 2 : (left + right) / 2 + 3;
    line_put(ladder, start + (half + 2 - text_columns(padded)) / 2, padded);
}

/* What stands under the arrow: its detail, unless the arrow says it already. */
static char *arrow_detail(const FlowRow *row)
{
    if (row->kind == FLOW_COPY)
        return describe_name(row);
    return row->message == MESSAGE_ALERT ? g_strdup("") : describe_detail(row);
}

/* Lines of text between two lifelines; the lifelines stay. */
static void ladder_between(Ladder *ladder, size_t left, size_t right, const char *text)
{
    g_autofree char *plain = text_plain(text, ladder->utf8);
    size_t room = right - left - 3;
    g_autoptr(GPtrArray) lines = text_part_lines(plain, room);
    for (guint i = 0; i < lines->len; i++) {
        line_begin(ladder);
        line_put_between(ladder, left + 2, room, g_ptr_array_index(lines, i));
        line_end(ladder);
    }
}

/* A remark across the page, beginning beside the lifeline of whom it is about. */
static void ladder_remark(Ladder *ladder, int party, const char *mark, const char *text)
{
    g_autofree char *plain = text_plain(text, ladder->utf8);
    g_autofree char *whose = describe_party(ladder->trace, party);
    g_autofree char *whole = g_strdup_printf("%s %s: %s", mark, whose, plain);
    size_t room = ladder->width - TAIL - MARGIN - 5;
    g_autoptr(GPtrArray) lines = text_lines(whole, room - 4);
    for (guint i = 0; i < lines->len; i++) {
        line_begin(ladder);
        for (size_t at = MARGIN + 1; at + TAIL + 1 < ladder->width; at++)
            ladder->line[at] = ' ';
        line_put(ladder, MARGIN + 3 + (i == 0 ? 0 : 4), g_ptr_array_index(lines, i));
        line_end(ladder);
    }
}

static void remark_check(Ladder *ladder, const TraceEvent *event)
{
    static const char *const results[] = {
        [TRACE_PASSED] = "passed",
        [TRACE_FAILED] = "FAILED",
        [TRACE_SKIPPED] = "not made",
        [TRACE_OVERRIDDEN] = "FAILED, passed over",
    };
    g_autofree char *text =
        g_strdup_printf("check of the %s, %s: %s: %s", event->value, event->name,
                        results[event->result], event->reason == NULL ? "" : event->reason);
    ladder_remark(ladder, event->party, "!", text);
}

/* The checks that passed, in one line; the others speak for themselves. */
static void remarks_passed(Ladder *ladder, const FlowRow *row)
{
    g_autoptr(GString) names = g_string_new(NULL);
    const TraceEvent *first = NULL;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK || event->result != TRACE_PASSED ||
            trace_party(ladder->trace, event->party)->kind == PARTY_ATTACKER)
            continue;
        first = first == NULL ? event : first;
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", event->name);
    }
    if (first == NULL)
        return;
    g_autofree char *text = g_strdup_printf("checks the %s: %s", first->value, names->str);
    ladder_remark(ladder, first->party, "+", text);
}

static void ladder_remarks(Ladder *ladder, const FlowRow *row)
{
    remarks_passed(ladder, row);
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (!flow_remark_speaks(ladder->trace, event))
            continue;
        if (event->kind == TRACE_CHECK)
            remark_check(ladder, event);
        else if (event->kind == TRACE_ALERT)
            ladder_remark(ladder, event->party, "!", event->reason);
        else if (event->kind == TRACE_NOTE)
            ladder_remark(ladder, event->party, g_strcmp0(event->name, "warning") == 0 ? "!" : "-",
                          event->value);
        else if (event->kind == TRACE_DATA) {
            Bytes data = bytes_from_gbytes(event->bytes);
            g_autofree char *line = text_first_line(data);
            g_autofree char *text =
                g_strdup_printf("reads %zu bytes%s%s", data.size, line == NULL ? "" : ": ",
                                line == NULL ? "" : line);
            ladder_remark(ladder, event->party, "!", text);
        }
    }
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const TraceEvent *first = *(const TraceEvent *const *)a,
                     *second = *(const TraceEvent *const *)b;
    return first->party != second->party ? first->party - second->party
                                         : first->link - second->link;
}

/* What the ends became: beside the lifeline of each, on one line where they have the room. */
static void ladder_states(Ladder *ladder, const FlowRow *row)
{
    bool begun = false;
    size_t taken = 0; /* how far the line is written */
    g_autoptr(GPtrArray) states = g_ptr_array_copy(row->states, NULL, NULL);
    g_ptr_array_sort(states, by_place);
    for (guint i = 0; i < states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(states, i);
        bool left = event->link < 0 || trace_link(ladder->trace, event->link)->left == event->party;
        size_t column = lifeline(ladder, event->party);
        g_autofree char *state = text_cut(event->after, ladder->span - 6, ladder->utf8);
        g_autofree char *text = g_strdup_printf("(%s)", state);
        size_t start = left ? column + 2 : column - 1 - text_columns(text);
        bool beside = begun && states->len == 2 && start > taken + 1;
        if (begun && !beside)
            line_end(ladder);
        if (!beside)
            line_begin(ladder);
        line_put(ladder, start, text);
        taken = start + text_columns(text);
        begun = true;
    }
    if (begun)
        line_end(ladder);
}

static void ladder_moment(Ladder *ladder, const FlowRow *row)
{
    g_autofree char *time = text_duration(row->event->time);
    g_autofree char *text = g_strdup_printf("... nothing more comes (%s) ...", time);
    ladder_between(ladder, lifeline(ladder, 0), lifeline(ladder, (int)ladder->parties - 1), text);
    ladder_states(ladder, row);
    ladder_remarks(ladder, row);
    ladder_rule(ladder);
}

/* "======== Connection 2: resumed by ticket ========" from the first lifeline to the last. */
static void ladder_connection(Ladder *ladder, const FlowRow *row)
{
    size_t left = lifeline(ladder, row->from) + 1, right = lifeline(ladder, row->to);
    g_autofree char *text = describe_connection(ladder->trace, row);
    g_autofree char *padded = g_strdup_printf(" %s ", text);
    line_begin(ladder);
    for (size_t at = left; at < right; at++)
        ladder->line[at] = glyph(ladder, "═", '=');
    line_put_between(ladder, left + 2, right - left - 4, padded);
    line_end(ladder);
    ladder_rule(ladder);
}

static void ladder_row(Ladder *ladder, const FlowRow *row)
{
    if (row->kind == FLOW_CONNECTION) {
        ladder_connection(ladder, row);
        return;
    }
    if (row->kind == FLOW_MOMENT) {
        ladder_moment(ladder, row);
        return;
    }
    const TraceLink *link = trace_link(ladder->trace, row->link);
    size_t left = lifeline(ladder, link->left), right = lifeline(ladder, link->right);
    g_autofree char *detail = arrow_detail(row);
    g_autofree char *mischief = describe_mischief(row);
    line_begin(ladder);
    if (row->kind == FLOW_MESSAGE) {
        g_autofree char *number = g_strdup_printf("%*d", MARGIN - 2, row->number);
        line_put(ladder, 0, number);
    }
    arrow_shaft(ladder, row, left + 1, right - 1);
    arrow_label(ladder, row, left, right);
    line_end(ladder);
    if (*detail != '\0')
        ladder_between(ladder, left, right, detail);
    if (mischief != NULL) {
        g_autofree char *marked = g_strdup_printf("*** %s ***", mischief);
        ladder_between(ladder, left, right, marked);
    }
    ladder_states(ladder, row);
    ladder_remarks(ladder, row);
    ladder_rule(ladder);
}

/* Only what occurs. */
static void ladder_legend(Ladder *ladder, const Flow *flow)
{
    bool dropped = false, changed = false;
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        dropped = dropped || row->fate == FATE_DROPPED;
        changed = changed || row->fate == FATE_CHANGED || row->kind == FLOW_COPY;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GPtrArray) signs = describe_signs(flow);
    for (guint i = 0; i < signs->len; i++)
        g_string_append_printf(text, "%s  ", (char *)g_ptr_array_index(signs, i));
    if (dropped)
        g_string_append(text, "X dropped  ");
    if (changed)
        g_string_append(text, "* changed or copied  ");
    if (text->len > 0)
        text_wrap(ladder->output, "", "", text->str, ladder->width);
}
