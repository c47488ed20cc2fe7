/* Folding a trace into arrows.
 *
 * An arrow is one message as its speaker said it, joined with the records that carried it: same
 * link, connection and direction, and ordinals from its first record on. Its fate is the worst of
 * theirs. What a party settles (a state, a check, a note) belongs to the last arrow that this party
 * said or took in; an alert's reason and a change that a party made to a message of its own stand
 * in the trace before that message and belong to it.
 *
 * This file knows the order of events and nothing of what they look like.
 */
#include "viz/flow.h"

#include <string.h>

typedef struct {
    Flow *flow;
    FlowRow **touched;  /* by party and link + 1: the row that it said or took in last */
    GPtrArray *waiting; /* ALERT and MISCHIEF of a party whose message has not come yet */
    uint64_t *latency;  /* a link: the shortest way that a record took */
    size_t links;
} Folding;

static void fold_event(Folding *folding, const TraceEvent *event);

static void row_free(gpointer data)
{
    FlowRow *row = data;
    g_ptr_array_unref(row->records);
    g_ptr_array_unref(row->mischief);
    g_ptr_array_unref(row->tampering);
    g_ptr_array_unref(row->states);
    g_ptr_array_unref(row->remarks);
    g_clear_pointer(&row->folded, g_ptr_array_unref);
    g_free(row);
}

static FlowRow *row_new(FlowKind kind, const TraceEvent *event)
{
    FlowRow *row = g_new0(FlowRow, 1);
    row->kind = kind;
    row->event = event;
    row->link = event->link;
    row->connection = event->connection;
    row->direction = event->direction;
    row->epoch = event->epoch;
    row->under = event->under;
    row->family = event->family;
    row->message = event->message_kind;
    row->records = g_ptr_array_new();
    row->mischief = g_ptr_array_new();
    row->tampering = g_ptr_array_new();
    row->states = g_ptr_array_new();
    row->remarks = g_ptr_array_new();
    return row;
}

static void latencies_find(Folding *folding, const Trace *trace)
{
    for (size_t i = 0; i < folding->links; i++)
        folding->latency[i] = G_MAXUINT64;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_RECORD || event->arrival == 0 || event->link < 0)
            continue;
        uint64_t took = event->arrival_time - event->time;
        folding->latency[event->link] = MIN(folding->latency[event->link], took);
    }
}

/* Links with one connection have no row for it. */
static void connections_find(Flow *flow)
{
    const Trace *trace = flow->trace;
    flow->opened = g_new(int, trace->header.links->len + 1);
    for (guint i = 0; i <= trace->header.links->len; i++)
        flow->opened[i] = G_MAXINT;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->link >= 0 && event->connection > 0)
            flow->opened[event->link] = -1;
    }
}

/* Marks the rows of handshakes that settled to be resumed. */
static void resumed_find(Flow *flow)
{
    for (size_t i = 0; i < trace_count(flow->trace); i++) {
        const TraceEvent *fact = trace_at(flow->trace, i);
        if (fact->kind != TRACE_FACT || g_strcmp0(fact->name, "handshake") != 0 ||
            g_strcmp0(fact->value, "resumed") != 0)
            continue;
        for (guint j = 0; j < flow->rows->len; j++) {
            FlowRow *row = g_ptr_array_index(flow->rows, j);
            if (row->link == fact->link && row->connection == fact->connection &&
                row->event->handshake == fact->handshake)
                row->resumed = true;
        }
    }
}

Flow *flow_new(const Trace *trace)
{
    Flow *flow = g_new0(Flow, 1);
    size_t links = trace->header.links->len;
    Folding folding = {.flow = flow, .links = links, .waiting = g_ptr_array_new()};
    folding.touched = g_new0(FlowRow *, (trace->header.parties->len + 1) * (links + 1));
    folding.latency = g_new0(uint64_t, links + 1);
    flow->trace = trace;
    flow->rows = g_ptr_array_new_with_free_func(row_free);
    flow->opening = g_ptr_array_new();
    flow->tampered = g_new0(bool, links + 1);
    latencies_find(&folding, trace);
    connections_find(flow);
    for (size_t i = 0; i < trace_count(trace); i++)
        fold_event(&folding, trace_at(trace, i));
    for (guint i = 0; i < folding.waiting->len; i++)
        g_ptr_array_add(flow->opening, g_ptr_array_index(folding.waiting, i));
    resumed_find(flow);
    g_ptr_array_unref(folding.waiting);
    g_free(folding.touched);
    g_free(folding.latency);
    return flow;
}

void flow_free(Flow *flow)
{
    if (flow == NULL)
        return;
    g_ptr_array_unref(flow->rows);
    g_ptr_array_unref(flow->opening);
    g_free(flow->tampered);
    g_free(flow->opened);
    g_free(flow);
}

const FlowRow *flow_row(const Flow *flow, size_t index)
{
    return g_ptr_array_index(flow->rows, index);
}

static FlowRow *flow_row_at(const Flow *flow, size_t index)
{
    return g_ptr_array_index(flow->rows, index);
}

static FlowRow **touched_by(const Folding *folding, int party, int link)
{
    return &folding->touched[(size_t)party * (folding->links + 1) + (size_t)(link + 1)];
}

static void touch(const Folding *folding, int party, FlowRow *row)
{
    if (party < 0)
        return;
    *touched_by(folding, party, row->link) = row;
    *touched_by(folding, party, -1) = row;
}

/* Whether the row's message travelled in that record of its sender. */
static bool row_has_record(const FlowRow *row, const TraceEvent *event, int record)
{
    const TraceEvent *said = row->event;
    return row->kind == FLOW_MESSAGE && row->link == event->link &&
           row->connection == event->connection && row->direction == event->direction &&
           record >= said->record && record < said->record + MAX(said->record_count, 1);
}

static void row_ends(const Trace *trace, FlowRow *row)
{
    if (row->link < 0) {
        row->from = row->to = row->event->party;
        row->speaker = trace_party(trace, row->from)->kind;
        return;
    }
    const TraceLink *link = trace_link(trace, row->link);
    bool right = row->direction == DIRECTION_TO_SERVER;
    row->from = right ? link->left : link->right;
    row->to = right ? link->right : link->left;
    row->speaker = trace_party(trace, row->from)->kind;
}

static FlowRow *row_add(Folding *folding, FlowKind kind, const TraceEvent *event)
{
    FlowRow *row = row_new(kind, event);
    row_ends(folding->flow->trace, row);
    g_ptr_array_add(folding->flow->rows, row);
    return row;
}

static void fold_said(Folding *folding, const TraceEvent *event)
{
    FlowRow *row = row_add(folding, FLOW_MESSAGE, event);
    row->number = row->last_number = ++folding->flow->messages;
    touch(folding, event->party, row);
    for (guint i = 0; i < folding->waiting->len;) {
        const TraceEvent *early = g_ptr_array_index(folding->waiting, i);
        bool fits = early->party == event->party &&
                    (early->link == event->link || early->link < 0) &&
                    (early->kind != TRACE_ALERT || event->message_kind == MESSAGE_ALERT);
        if (!fits) {
            i++;
            continue;
        }
        g_ptr_array_add(early->kind == TRACE_ALERT ? row->remarks : row->tampering,
                        g_ptr_array_remove_index(folding->waiting, i));
    }
}

/* The ordinal with which its sender counts the record that arrived as the `arrival`-th; of a copy,
 * minus its event's number; 0: none. */
static int record_of_arrival(const Trace *trace, const TraceEvent *taken, int arrival)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_RECORD && event->link == taken->link &&
            event->connection == taken->connection && event->direction == taken->direction &&
            event->arrival == arrival)
            return event->fate == FATE_DUPLICATED ? -event->number : event->record;
    }
    return 0;
}

static bool row_take(Folding *folding, const TraceEvent *event, int arrival)
{
    Flow *flow = folding->flow;
    int record = record_of_arrival(flow->trace, event, arrival);
    for (guint i = 0; i < flow->rows->len; i++) {
        FlowRow *row = flow_row_at(flow, i);
        bool copied = row->kind == FLOW_COPY && row->event->number == -record;
        bool same = copied || (record > 0 && row_has_record(row, event, record) &&
                               (row->message == event->message_kind || row->event->bytes == NULL));
        if (!same || row->taken != NULL)
            continue;
        row->taken = event;
        touch(folding, event->party, row);
        return true;
    }
    /* changed beyond recognition: it belongs to whatever that record carried */
    for (guint i = 0; i < flow->rows->len; i++) {
        FlowRow *row = flow_row_at(flow, i);
        if (record > 0 && row->taken == NULL && row_has_record(row, event, record)) {
            row->taken = event;
            touch(folding, event->party, row);
            return true;
        }
    }
    return false;
}

/* A message belongs to the record that made it whole: the last of those that it came in. */
static void fold_taken(Folding *folding, const TraceEvent *event)
{
    for (int i = MAX(event->record_count, 1); i-- > 0;)
        if (row_take(folding, event, event->record + i))
            return;
}

/* Fates from harmless to worst. */
static int fate_weight(RecordFate fate)
{
    static const int weights[] = {
        [FATE_DELIVERED] = 0, [FATE_DUPLICATED] = 1, [FATE_LOST] = 2,
        [FATE_CHANGED] = 3,   [FATE_DROPPED] = 4,
    };
    return weights[fate];
}

static void fold_record(Folding *folding, const TraceEvent *event)
{
    Flow *flow = folding->flow;
    uint64_t took = event->arrival == 0 ? 0 : event->arrival_time - event->time;
    uint64_t beyond =
        took > folding->latency[event->link] ? took - folding->latency[event->link] : 0;
    if (event->fate != FATE_DELIVERED && event->fate != FATE_LOST)
        flow->tampered[event->link] = true;
    if (event->fate == FATE_DUPLICATED) {
        FlowRow *copy = row_add(folding, FLOW_COPY, event);
        copy->fate = event->fate;
        copy->message = MESSAGE_NONE;
        g_ptr_array_add(copy->records, (gpointer)(uintptr_t)event);
    }
    for (guint i = 0; i < flow->rows->len; i++) {
        FlowRow *row = flow_row_at(flow, i);
        if (!row_has_record(row, event, event->record))
            continue;
        if (event->fate == FATE_DUPLICATED) {
            FlowRow *copy = flow_row_at(flow, flow->rows->len - 1);
            copy->number = copy->last_number = row->number;
            copy->message = row->message;
            copy->epoch = row->epoch;
            copy->under = row->under;
            copy->family = row->family;
            continue;
        }
        g_ptr_array_add(row->records, (gpointer)(uintptr_t)event);
        if (fate_weight(event->fate) > fate_weight(row->fate))
            row->fate = event->fate;
        if (row->mischief->len > 0)
            row->delay = MAX(row->delay, beyond);
    }
}

static void fold_network_mischief(Folding *folding, const TraceEvent *event)
{
    Flow *flow = folding->flow;
    bool found = false;
    flow->tampered[event->link] = true;
    for (guint i = 0; i < flow->rows->len; i++) {
        FlowRow *row = flow_row_at(flow, i);
        if (!row_has_record(row, event, event->record))
            continue;
        g_ptr_array_add(row->mischief, (gpointer)(uintptr_t)event);
        found = true;
    }
    if (!found)
        g_ptr_array_add(flow->opening, (gpointer)(uintptr_t)event);
}

/* A later state of the same side takes the place of an earlier one in the same row. */
static void states_put(GPtrArray *states, const TraceEvent *event)
{
    for (guint i = 0; i < states->len; i++) {
        const TraceEvent *before = g_ptr_array_index(states, i);
        if (before->party != event->party || before->link != event->link)
            continue;
        states->pdata[i] = (gpointer)(uintptr_t)event;
        return;
    }
    g_ptr_array_add(states, (gpointer)(uintptr_t)event);
}

/* The moment at which time has run out: one row, however many parties notice. */
static void fold_moment(Folding *folding, const TraceEvent *event)
{
    Flow *flow = folding->flow;
    FlowRow *row = flow->rows->len > 0 ? flow_row_at(flow, flow->rows->len - 1) : NULL;
    if (row == NULL || row->kind != FLOW_MOMENT) {
        row = row_add(folding, FLOW_MOMENT, event);
        row->from = row->to = event->party;
        row->link = -1;
        row->message = MESSAGE_NONE;
    }
    *touched_by(folding, event->party, event->link) = row;
    *touched_by(folding, event->party, -1) = row;
}

/* Where a link has several connections, each begins with a row of its own: what its parties settle
 * before they speak belongs to it, and no longer to what they said last. */
static void fold_connection(Folding *folding, const TraceEvent *event)
{
    Flow *flow = folding->flow;
    if (event->link < 0 || event->party < 0 || event->connection <= flow->opened[event->link])
        return;
    flow->opened[event->link] = event->connection;
    const TraceLink *link = trace_link(flow->trace, event->link);
    FlowRow *row = row_add(folding, FLOW_CONNECTION, event);
    row->message = MESSAGE_NONE;
    row->epoch = 0;
    row->from = link->left;
    row->to = link->right;
    touch(folding, link->left, row);
    touch(folding, link->right, row);
}

static void fold_state(Folding *folding, const TraceEvent *event)
{
    if (event->before == NULL) /* where every connection begins: not entered by any message */
        return;
    Flow *flow = folding->flow;
    if (g_strcmp0(event->after, "TIMED_OUT") == 0)
        fold_moment(folding, event);
    FlowRow *row = *touched_by(folding, event->party, event->link);
    if (row == NULL)
        g_ptr_array_add(flow->opening, (gpointer)(uintptr_t)event);
    else
        states_put(row->states, event);
}

/* What a listener makes of a record marks the message in it; his summary stands by itself. */
static bool fold_tap(Folding *folding, const TraceEvent *event)
{
    if (event->kind != TRACE_NOTE || event->record == 0 || g_strcmp0(event->name, "tap") != 0)
        return false;
    for (guint i = 0; i < folding->flow->rows->len; i++) {
        FlowRow *row = flow_row_at(folding->flow, i);
        if (row_has_record(row, event, event->record))
            row->tap = event->result == TRACE_PASSED ? TAP_VIEW_READ : TAP_VIEW_CLOSED;
    }
    return true;
}

static void fold_remark(Folding *folding, const TraceEvent *event)
{
    if (fold_tap(folding, event))
        return;
    if (event->kind == TRACE_NOTE && event->party >= 0 && g_strcmp0(event->name, "timeout") == 0)
        fold_moment(folding, event);
    FlowRow *row = event->party < 0 ? NULL : *touched_by(folding, event->party, event->link);
    if (row == NULL && event->party >= 0)
        row = *touched_by(folding, event->party, -1);
    g_ptr_array_add(row == NULL ? folding->flow->opening : row->remarks,
                    (gpointer)(uintptr_t)event);
}

/* An attacker's "reads the data": it changes no message. */
static bool mischief_only_looks(const TraceEvent *event)
{
    return event->name != NULL && g_str_has_prefix(event->name, "reads");
}

static void fold_event(Folding *folding, const TraceEvent *event)
{
    bool own = event->party >= 0;
    fold_connection(folding, event);
    switch (event->kind) {
    case TRACE_MESSAGE:
        if (event->incoming)
            fold_taken(folding, event);
        else
            fold_said(folding, event);
        return;
    case TRACE_RECORD:
        fold_record(folding, event);
        return;
    case TRACE_STATE:
        fold_state(folding, event);
        return;
    case TRACE_MISCHIEF:
        if (own && mischief_only_looks(event))
            fold_remark(folding, event);
        else if (own)
            g_ptr_array_add(folding->waiting, (gpointer)(uintptr_t)event);
        else
            fold_network_mischief(folding, event);
        return;
    case TRACE_ALERT:
        if (!event->incoming)
            g_ptr_array_add(folding->waiting, (gpointer)(uintptr_t)event);
        return;
    case TRACE_KEYS:
    case TRACE_FACT:
    case TRACE_CHECK:
    case TRACE_CERTIFICATE:
    case TRACE_NOTE:
    case TRACE_DATA:
        fold_remark(folding, event);
        return;
    case TRACE_VERDICT:
    case TRACE_KINDS:
        return;
    }
}

bool flow_state_settles(const char *state)
{
    static const char *const ends[] = {"CONNECTED", "CLOSED", "FAILED", "TIMED_OUT"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_strcmp0(state, ends[i]) == 0)
            return true;
    return false;
}

bool flow_remark_speaks(const Trace *trace, const TraceEvent *event)
{
    static const char *const silent[] = {"request", "answer", "skipped", "heartbeat"};
    bool attacker = event->party >= 0 && trace_party(trace, event->party)->kind == PARTY_ATTACKER;
    if (event->kind == TRACE_CHECK)
        return !attacker && (event->result == TRACE_FAILED || event->result == TRACE_OVERRIDDEN);
    if (event->kind == TRACE_ALERT)
        return event->reason != NULL && *event->reason != '\0';
    if (event->kind == TRACE_DATA)
        return attacker;
    if (event->kind != TRACE_NOTE || event->value == NULL)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        if (g_strcmp0(event->name, silent[i]) == 0)
            return false;
    return !attacker || g_strcmp0(event->name, "warning") != 0;
}

static bool row_folds(const Trace *trace, const FlowRow *row)
{
    if (row->kind != FLOW_MESSAGE || row->fate != FATE_DELIVERED || row->delay > 0 ||
        row->mischief->len > 0 || row->tampering->len > 0 || row->message == MESSAGE_ALERT)
        return false;
    for (guint i = 0; i < row->states->len; i++)
        if (flow_state_settles(((const TraceEvent *)g_ptr_array_index(row->states, i))->after))
            return false;
    for (guint i = 0; i < row->remarks->len; i++)
        if (flow_remark_speaks(trace, g_ptr_array_index(row->remarks, i)))
            return false;
    return true;
}

static bool rows_fold_together(const FlowRow *a, const FlowRow *b, FlowFold fold)
{
    if (a->tap != b->tap)
        return false;
    bool data = a->message == MESSAGE_APPLICATION_DATA;
    if (a->link != b->link || a->connection != b->connection || a->epoch != b->epoch ||
        data != (b->message == MESSAGE_APPLICATION_DATA) || a->under != b->under)
        return false;
    if (data)
        return true;
    return fold == FLOW_FOLD_FLIGHTS && a->direction == b->direction;
}

static void row_take_in(FlowRow *head, FlowRow *row)
{
    head->last_number = row->last_number;
    g_ptr_array_extend(head->records, row->records, NULL, NULL);
    g_ptr_array_extend(head->remarks, row->remarks, NULL, NULL);
    for (guint i = 0; i < row->states->len; i++)
        states_put(head->states, g_ptr_array_index(row->states, i));
    g_ptr_array_add(head->folded, row);
}

/* One row for `count` of them. */
static FlowRow *rows_join(FlowRow **rows, size_t count)
{
    if (count == 1)
        return rows[0];
    FlowRow *head = row_new(FLOW_MESSAGE, rows[0]->event);
    head->number = rows[0]->number;
    head->from = rows[0]->from;
    head->speaker = rows[0]->speaker;
    head->to = rows[0]->to;
    head->folded = g_ptr_array_new_with_free_func(row_free);
    for (size_t i = 0; i < count; i++)
        row_take_in(head, rows[i]);
    return head;
}

void flow_fold(Flow *flow, FlowFold fold)
{
    GPtrArray *joined = g_ptr_array_new_with_free_func(row_free);
    FlowRow **rows = (FlowRow **)flow->rows->pdata;
    for (guint i = 0; i < flow->rows->len;) {
        guint end = i + 1;
        while (row_folds(flow->trace, rows[i]) && end < flow->rows->len &&
               row_folds(flow->trace, rows[end]) && rows_fold_together(rows[i], rows[end], fold))
            end++;
        g_ptr_array_add(joined, rows_join(&rows[i], end - i));
        i = end;
    }
    g_ptr_array_set_free_func(flow->rows, NULL);
    g_ptr_array_unref(flow->rows);
    flow->rows = joined;
}
