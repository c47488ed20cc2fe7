/* From two byte streams to a trace.
 *
 * Both streams are cut into records and put into the order in which they were said: a record waits
 * for those that its sender had heard, else the earlier packet comes first. The watch tells what
 * the two parties would have told themselves; here the records are put between what was said and
 * what was taken in, and what the capture does not hold is told.
 *
 * Obeys RFC 5246 6.2.1 (records), E.2 (a first record of SSL 2.0).
 */
#include "scenarios/import/listen.h"

#include "core/wire/record.h"
#include "scenarios/import/listen_parts.h"

Listener *listener_new(const ObserverKeys *keys)
{
    Listener *listener = g_new0(Listener, 1);
    listener->watch = watch_new(keys);
    for (int i = 0; i < 2; i++)
        listener->ways[i].held = g_array_new(FALSE, FALSE, sizeof(HeldRecord));
    return listener;
}

static void listener_clear(Listener *listener)
{
    for (int i = 0; i < 2; i++) {
        GArray *held = listener->ways[i].held;
        g_array_set_size(held, 0);
        listener->ways[i] = (ListenWay){.held = held};
    }
    listener->findings = (ListenerFindings){0};
}

void listener_free(Listener *listener)
{
    if (listener == NULL)
        return;
    listener_clear(listener);
    watch_free(listener->watch);
    for (int i = 0; i < 2; i++)
        g_array_unref(listener->ways[i].held);
    g_free(listener);
}

ListenerFindings listener_findings(const Listener *listener)
{
    WatchFindings seen = watch_findings(listener->watch);
    ListenerFindings findings = listener->findings;
    findings.messages = seen.messages;
    findings.closed = seen.closed;
    findings.illegal = seen.illegal;
    return findings;
}

/* --- events --- */

static TraceEvent *listen_event(const Listener *listener, TraceKind kind, int party)
{
    TraceEvent *event = watch_event(listener->watch, kind, party);
    event->direction = listener->direction;
    return event;
}

void listen_note(const Listener *listener, int party, const char *name, char *sentence)
{
    TraceEvent *event = listen_event(listener, TRACE_NOTE, party);
    event->name = g_strdup(name);
    event->value = sentence;
}

/* --- records --- */

static void put_records(Listener *listener, ListenWay *way)
{
    for (guint i = 0; i < way->held->len; i++) {
        const HeldRecord *held = &g_array_index(way->held, HeldRecord, i);
        TraceEvent *event = listen_event(listener, TRACE_RECORD, -1);
        event->record = event->arrival = held->ordinal;
        event->time = event->arrival_time = held->time;
        event->epoch = held->epoch;
        event->fate = FATE_DELIVERED;
        event->bytes = bytes_copy(held->bytes);
    }
    g_array_set_size(way->held, 0);
}

static void pass(Listener *listener, Direction direction, Bytes record, uint64_t time)
{
    ListenWay *way = &listener->ways[direction];
    HeldRecord held = {.bytes = record, .ordinal = ++way->records, .time = time};
    listener->direction = direction;
    listener->trace->now = time;
    listener->findings.records++;
    unsigned count = listener->midway
                         ? watch_closed(listener->watch, direction, record,
                                        "its hello was not captured", &held.epoch)
                         : watch_record(listener->watch, direction, record, &held.epoch);
    g_array_append_val(way->held, held);
    if (count > 0)
        put_records(listener, way);
    watch_take_in(listener->watch);
}

/* --- streams --- */

typedef struct {
    bool there;
    Bytes bytes;
    size_t end;     /* in what was captured */
    uint64_t place; /* the same in what was sent */
    const StreamMark *mark;
} NextRecord;

/* Where what can be read without a gap ends. */
static size_t way_end(const ListenWay *way, const StreamSide *side)
{
    bool gap = way->gap < side->gaps->len;
    return gap ? g_array_index(side->gaps, StreamGap, way->gap).at : side->bytes->len;
}

/* The next record up to the next gap. What is none ends the reading, with a note. */
static NextRecord record_before_gap(Listener *listener, Direction direction)
{
    ListenWay *way = &listener->ways[direction];
    const StreamSide *side = &listener->connection->sides[direction];
    Bytes rest = bytes_slice(bytes_from_array(side->bytes), way->at, way_end(way, side) - way->at);
    NextRecord next = {0};
    Record record = {0};
    size_t used = 0;
    Fault fault = FAULT_INIT;
    Framing framing = way->records == 0 ? FRAMING_FIRST
                      : listener->ssl2  ? FRAMING_SSL2
                                        : FRAMING_TLS;
    RecordResult result =
        way->over ? RECORD_MORE : record_read(rest, framing, &record, &used, &fault);
    if (result == RECORD_REFUSED) {
        listener->direction = direction;
        listen_note(listener, (int)direction, "capture",
                    g_strdup_printf("The %s's bytes are no records from byte %zu on: %s.",
                                    role_name((Role)direction), way->at, fault.sentence));
        way->over = listener->findings.partial = true;
    }
    if (result != RECORD_WHOLE)
        return next;
    next.there = true;
    next.bytes = bytes_slice(rest, 0, used);
    next.end = way->at + used;
    next.place = next.end + way->missing;
    guint low = 0, high = side->marks->len - 1; /* the first mark that covers it */
    while (low < high) {
        guint middle = (low + high) / 2;
        if (g_array_index(side->marks, StreamMark, middle).end < next.end)
            low = middle + 1;
        else
            high = middle;
    }
    next.mark = &g_array_index(side->marks, StreamMark, low);
    return next;
}

/* The next record of a direction, gaps passed over. */
static NextRecord next_record(Listener *listener, Direction direction)
{
    ListenWay *way = &listener->ways[direction];
    const StreamSide *side = &listener->connection->sides[direction];
    for (;;) {
        NextRecord next = record_before_gap(listener, direction);
        if (next.there || way->over || way->gap == side->gaps->len)
            return next;
        listen_cross_gap(listener, direction);
    }
}

/* Which of two comes first: what the other's sender had heard, then the earlier packet. */
static Direction earlier(const NextRecord next[2])
{
    bool waits[2];
    for (int i = 0; i < 2; i++)
        waits[i] = next[1 - i].there && next[1 - i].place <= next[i].mark->heard;
    if (waits[0] != waits[1])
        return waits[0] ? DIRECTION_TO_CLIENT : DIRECTION_TO_SERVER;
    return next[1].mark->packet < next[0].mark->packet ? DIRECTION_TO_CLIENT : DIRECTION_TO_SERVER;
}

static void read_records(Listener *listener)
{
    const uint64_t clock = (uint64_t)listener->trace->header.clock * G_USEC_PER_SEC;
    NextRecord next[2];
    for (int i = 0; i < 2; i++)
        next[i] = next_record(listener, (Direction)i);
    while (next[0].there || next[1].there) {
        Direction direction = !next[0].there   ? DIRECTION_TO_CLIENT
                              : !next[1].there ? DIRECTION_TO_SERVER
                                               : earlier(next);
        if (listener->findings.records == LISTEN_RECORDS_MOST) {
            listen_note(listener, -1, "capture",
                        g_strdup_printf("More than %d records: the rest is left out.",
                                        LISTEN_RECORDS_MOST));
            listener->findings.partial = true;
            return;
        }
        uint64_t time = next[direction].mark->time;
        time = time > clock ? time - clock : 0;
        listener->ways[direction].at = next[direction].end;
        pass(listener, direction, next[direction].bytes, MAX(time, listener->trace->now));
        next[direction] = next_record(listener, direction);
    }
}

/* --- what the capture does not hold --- */

static void tell_side(Listener *listener, Direction direction)
{
    const StreamSide *side = &listener->connection->sides[direction];
    const ListenWay *way = &listener->ways[direction];
    const char *who = role_name((Role)direction);
    size_t rest = side->bytes->len - way->at;
    int party = (int)direction;
    listener->direction = direction;
    listener->findings.partial =
        listener->findings.partial || side->gaps->len > 0 || side->cut || rest > 0;
    if (side->conflicting > 0)
        listen_note(listener, party, "capture",
                    g_strdup_printf("%u segments of the %s repeat bytes and differ in them; the "
                                    "first to come are shown.",
                                    side->conflicting, who));
    if (side->cut)
        listen_note(listener, party, "capture",
                    g_strdup_printf("More came from the %s than the %d bytes that are kept.", who,
                                    STREAM_MOST));
    if (rest > 0 && !way->over)
        listen_note(
            listener, party, "capture",
            g_strdup_printf("The last %zu bytes of the %s are no whole record.", rest, who));
    if (side->reordered + side->repeated > 0)
        listen_note(listener, party, "segments",
                    g_strdup_printf("Of the %s's segments %u came out of order and %u repeated "
                                    "what had come.",
                                    who, side->reordered, side->repeated));
    if (side->reset)
        listen_note(listener, party, "reset",
                    g_strdup_printf("The %s reset the connection (TCP RST).", who));
}

/* A stream from where TLS begins in it. */
static Bytes tls_of(const Connection *connection, Direction direction)
{
    Bytes all = bytes_from_array(connection->sides[direction].bytes);
    return bytes_slice(all, connection->prologue.begins[direction], all.size);
}

/* What is said ahead of TLS is passed over. */
static void tell_prologue(Listener *listener)
{
    const Prologue *prologue = &listener->connection->prologue;
    for (int i = 0; i < 2; i++)
        listener->ways[i].at = prologue->begins[i];
    if (prologue->protocol == NULL)
        return;
    listener->direction = DIRECTION_TO_SERVER;
    listen_note(listener, -1, "prologue",
                g_strdup_printf("They begin in plain text: %s, %zu bytes from the client and %zu "
                                "from the server. %s begins TLS.",
                                prologue->protocol, prologue->begins[DIRECTION_TO_SERVER],
                                prologue->begins[DIRECTION_TO_CLIENT], prologue->words));
}

/* Whether the client's first record is a hello: else the keys cannot be known. */
static bool begins_midway(const Connection *connection)
{
    Bytes client = tls_of(connection, DIRECTION_TO_SERVER);
    bool hello = client.size > RECORD_HEADER_SIZE &&
                 ((client.data[0] == CONTENT_HANDSHAKE &&
                   client.data[RECORD_HEADER_SIZE] == MESSAGE_CLIENT_HELLO) ||
                  (client.data[0] & 0x80) != 0);
    return connection->sides[DIRECTION_TO_SERVER].headless && !hello;
}

static Trace *trace_begin(const Connection *connection, const char *name, const char *title)
{
    Trace *trace = trace_new();
    g_autofree char *client =
        segment_address(&connection->ends[DIRECTION_TO_SERVER], connection->ipv6);
    g_autofree char *server =
        segment_address(&connection->ends[DIRECTION_TO_CLIENT], connection->ipv6);
    trace_add_party(trace, "client", PARTY_CLIENT);
    trace_add_party(trace, "server", PARTY_SERVER);
    trace_add_link(trace, 0, 1, connection->ends[DIRECTION_TO_CLIENT].port);
    TraceLink *link = g_ptr_array_index(trace->header.links, 0);
    g_free(link->left_address);
    g_free(link->right_address);
    link->left_address = g_steal_pointer(&client);
    link->right_address = g_steal_pointer(&server);
    link->left_port = connection->ends[DIRECTION_TO_SERVER].port;
    trace->header.scenario = g_strdup(name);
    trace->header.title = g_strdup(title);
    trace->header.about = g_strdup_printf("Packets %u to %u.", connection->first, connection->last);
    trace->header.captured = true;
    trace->header.clock = (int64_t)(connection->time / G_USEC_PER_SEC);
    return trace;
}

Trace *listener_read(Listener *listener, const Connection *connection, const char *name,
                     const char *title)
{
    listener_clear(listener);
    Bytes server = tls_of(connection, DIRECTION_TO_CLIENT);
    listener->connection = connection;
    listener->ssl2 = server.size > 0 && (server.data[0] & 0x80) != 0;
    listener->midway = begins_midway(connection);
    listener->trace = trace_begin(connection, name, title);
    const WatchPlace place = {.trace = listener->trace, .parties = {PARTY_CLIENT, PARTY_SERVER}};
    watch_connect(listener->watch, &place);
    tell_prologue(listener);
    read_records(listener);
    for (int i = 0; i < 2; i++) {
        listener->direction = (Direction)i;
        put_records(listener, &listener->ways[i]); /* of a message that never became whole */
        tell_side(listener, (Direction)i);
    }
    trace_add(listener->trace, TRACE_VERDICT)->expectations = trace_expectations_new();
    return g_steal_pointer(&listener->trace);
}
