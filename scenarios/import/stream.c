/* Putting TCP's segments together.
 *
 * The whole capture is there before anything is read from it, so nothing has to be guessed while it
 * is still coming: the segments of each direction are kept with their place in the sequence space,
 * sorted by it at the end, and laid one behind the other. What came twice is dropped (the first to
 * come stands, as with most receivers), what differs is counted, where bytes are missing is marked.
 * What has not begun TLS after a while never will: nothing more of it is kept, so that gigabytes of
 * other things take no memory. With each segment goes what its sender had heard of the other side
 * by then (acknowledgement), so that the two directions can be told in the order in which they were
 * said.
 *
 * Obeys RFC 9293 3.4 (sequence numbers modulo 2^32), 3.5 (SYN and FIN take a number).
 */
#include "scenarios/import/stream.h"

#include <string.h>

/* One segment's payload. Places are counted from the first sequence number that was seen. */
typedef struct {
    int64_t at, heard;
    unsigned packet;
    uint64_t time;
    GBytes *bytes;
} Piece;

/* One direction while it is collected. */
typedef struct {
    bool based, syn, fin, reset, cut;
    uint32_t base;  /* the sequence number of place 0 */
    int64_t high;   /* the highest place yet */
    int64_t first;  /* the place of the first byte, where the SYN was seen */
    int64_t acked;  /* the place up to which the other side has it */
    size_t size;    /* bytes kept */
    GArray *pieces; /* of Piece */
} Way;

typedef struct {
    Connection *connection; /* ends[0] is whoever began */
    Way ways[2];            /* by index of the sending end in `ends` */
    bool opened;            /* its SYN was seen: ends[0] is the client */
    bool judged, dull;      /* it is known whether it has begun TLS; it has not: nothing is kept */
} Talk;

typedef struct {
    bool ipv6;
    SegmentEnd ends[2];
} TalkKey;

struct Streams {
    GHashTable *talks; /* TalkKey → Talk, the latest between these two */
    GPtrArray *all;    /* of Talk *, owned */
    size_t size;
    unsigned refused;
};

static void piece_clear(gpointer data)
{
    g_bytes_unref(((Piece *)data)->bytes);
}

static void side_clear(StreamSide *side)
{
    g_clear_pointer(&side->bytes, g_byte_array_unref);
    g_clear_pointer(&side->marks, g_array_unref);
    g_clear_pointer(&side->gaps, g_array_unref);
}

static void connection_free(gpointer data)
{
    Connection *connection = data;
    for (int i = 0; i < 2; i++)
        side_clear(&connection->sides[i]);
    g_free(connection);
}

static void talk_free(gpointer data)
{
    Talk *talk = data;
    for (int i = 0; i < 2; i++)
        g_array_unref(talk->ways[i].pieces);
    if (talk->connection != NULL)
        connection_free(talk->connection);
    g_free(talk);
}

static guint key_hash(gconstpointer data)
{
    const uint8_t *bytes = data;
    guint hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < sizeof(TalkKey); i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(TalkKey)) == 0;
}

Streams *streams_new(void)
{
    Streams *streams = g_new0(Streams, 1);
    streams->talks = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    streams->all = g_ptr_array_new_with_free_func(talk_free);
    return streams;
}

void streams_free(Streams *streams)
{
    if (streams == NULL)
        return;
    g_hash_table_unref(streams->talks);
    g_ptr_array_unref(streams->all);
    g_free(streams);
}

unsigned streams_refused(const Streams *streams)
{
    return streams->refused;
}

static bool same_end(const SegmentEnd *a, const SegmentEnd *b)
{
    return a->port == b->port && memcmp(a->address, b->address, ADDRESS_MOST) == 0;
}

/* The same key for both directions; every byte of it is set, since all of them are hashed. */
static TalkKey *key_new(const Segment *segment)
{
    TalkKey *key = g_new0(TalkKey, 1);
    int order = memcmp(segment->from.address, segment->to.address, ADDRESS_MOST);
    bool swap = order > 0 || (order == 0 && segment->from.port > segment->to.port);
    const SegmentEnd *ends[2] = {swap ? &segment->to : &segment->from,
                                 swap ? &segment->from : &segment->to};
    key->ipv6 = segment->ipv6;
    for (int i = 0; i < 2; i++) {
        memcpy(key->ends[i].address, ends[i]->address, ADDRESS_MOST);
        key->ends[i].port = ends[i]->port;
    }
    return key;
}

/* Whether a segment opens another connection between two ends that have had one: a SYN of another
 * number where one was seen, or behind the end. */
static bool begins_anew(const Talk *talk, const Segment *segment)
{
    if ((segment->flags & SEGMENT_SYN) == 0 || (segment->flags & SEGMENT_ACK) != 0)
        return false;
    const Way *way = &talk->ways[same_end(&segment->from, &talk->connection->ends[0]) ? 0 : 1];
    if (way->syn)
        return way->base + (uint32_t)way->first != segment->sequence + 1;
    return way->fin || way->reset || talk->ways[0].reset || talk->ways[1].reset;
}

static Talk *talk_new(const Segment *segment, unsigned packet, uint64_t time)
{
    Talk *talk = g_new0(Talk, 1);
    talk->connection = g_new0(Connection, 1);
    talk->connection->ipv6 = segment->ipv6;
    talk->connection->ends[0] = segment->from;
    talk->connection->ends[1] = segment->to;
    talk->connection->first = packet;
    talk->connection->time = time;
    for (int i = 0; i < 2; i++) {
        talk->ways[i].pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
        g_array_set_clear_func(talk->ways[i].pieces, piece_clear);
    }
    return talk;
}

static Talk *talk_of(Streams *streams, const Segment *segment, unsigned packet, uint64_t time)
{
    g_autofree TalkKey *key = key_new(segment);
    Talk *talk = g_hash_table_lookup(streams->talks, key);
    if (talk != NULL && !begins_anew(talk, segment))
        return talk;
    if (streams->all->len >= CONNECTIONS_MOST) {
        streams->refused += talk == NULL ? (segment->flags & SEGMENT_SYN) != 0 : 1;
        return NULL;
    }
    talk = talk_new(segment, packet, time);
    g_ptr_array_add(streams->all, talk);
    g_hash_table_replace(streams->talks, g_steal_pointer(&key), talk);
    return talk;
}

/* The place of a sequence number: the one within 2^31 of the highest yet (RFC 9293 3.4). */
static int64_t place_of(const Way *way, uint32_t sequence)
{
    return way->high + (int32_t)(sequence - (way->base + (uint32_t)way->high));
}

static void way_open(Way *way, const Segment *segment)
{
    if (way->based)
        return;
    way->based = true;
    way->base = segment->sequence;
}

static void way_keep(Streams *streams, Way *way, const Way *other, const Segment *segment,
                     unsigned packet, uint64_t time)
{
    size_t size = segment->payload.size, cost = size + sizeof(Piece);
    if (way->cut || way->size + size > STREAM_MOST || streams->size + cost > STREAMS_MOST) {
        way->cut = true;
        return;
    }
    int64_t at = place_of(way, segment->sequence + ((segment->flags & SEGMENT_SYN) != 0));
    bool hears = (segment->flags & SEGMENT_ACK) != 0 && other->based;
    Piece piece = {
        .at = at,
        .heard = hears ? place_of(other, segment->acknowledgement) : G_MININT64,
        .packet = packet,
        .time = time,
        .bytes = bytes_copy(segment->payload),
    };
    g_array_append_val(way->pieces, piece);
    way->high = MAX(way->high, at + (int64_t)size);
    way->size += size;
    streams->size += cost;
}

static void talk_judge(Streams *streams, Talk *talk);

void streams_add(Streams *streams, const Segment *segment, unsigned packet, uint64_t time)
{
    Talk *talk = talk_of(streams, segment, packet, time);
    if (talk == NULL)
        return;
    int from = same_end(&segment->from, &talk->connection->ends[0]) ? 0 : 1;
    Way *way = &talk->ways[from], *other = &talk->ways[1 - from];
    bool syn = (segment->flags & SEGMENT_SYN) != 0, ack = (segment->flags & SEGMENT_ACK) != 0;
    talk->connection->last = packet;
    way->reset = way->reset || (segment->flags & SEGMENT_RST) != 0;
    if ((segment->flags & SEGMENT_RST) != 0 && segment->payload.size == 0)
        return; /* its sequence number may be anything */
    way_open(way, segment);
    if (syn && !way->syn) {
        way->syn = true;
        way->first = place_of(way, segment->sequence + 1);
        if (!talk->opened && from != (ack ? 1 : 0)) { /* whoever was caught first is the server */
            SegmentEnd end = talk->connection->ends[0];
            Way swap = talk->ways[0];
            talk->connection->ends[0] = talk->connection->ends[1];
            talk->connection->ends[1] = end;
            talk->ways[0] = talk->ways[1];
            talk->ways[1] = swap;
            from = 1 - from;
            way = &talk->ways[from];
            other = &talk->ways[1 - from];
        }
        talk->opened = true;
    }
    if (ack && other->based) {
        int64_t heard = place_of(other, segment->acknowledgement);
        other->acked = MAX(other->acked, heard);
    }
    way->fin = way->fin || (segment->flags & SEGMENT_FIN) != 0;
    if (segment->payload.size > 0 && !talk->dull)
        way_keep(streams, way, other, segment, packet, time);
    talk_judge(streams, talk);
}

/* --- putting together --- */

uint64_t stream_missing(const StreamSide *side)
{
    return stream_place(side, side->bytes->len) - side->bytes->len;
}

uint64_t stream_place(const StreamSide *side, size_t at)
{
    uint64_t place = at;
    for (guint i = 0; i < side->gaps->len; i++) {
        const StreamGap *gap = &g_array_index(side->gaps, StreamGap, i);
        if (gap->at <= at)
            place += gap->missing;
    }
    return place;
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const Piece *first = a, *second = b;
    if (first->at != second->at)
        return first->at < second->at ? -1 : 1;
    return first->packet < second->packet ? -1 : 1;
}

/* Where the stream begins: behind the SYN, or with the first byte that was captured. */
static int64_t way_start(const Way *way)
{
    if (way->syn || way->pieces->len == 0)
        return way->first;
    return g_array_index(way->pieces, Piece, 0).at;
}

/* Whether the first `known` bytes of a piece differ from what stands there; only what was sent
 * behind the last gap is compared. `end` is the place where the stream ends. */
static bool differs(const StreamSide *side, const Piece *piece, size_t known, int64_t end)
{
    guint gaps = side->gaps->len;
    size_t from = gaps == 0 ? 0 : g_array_index(side->gaps, StreamGap, gaps - 1).at;
    int64_t first = MAX(piece->at, end - (int64_t)(side->bytes->len - from));
    int64_t last = piece->at + (int64_t)known;
    const uint8_t *bytes = bytes_from_gbytes(piece->bytes).data;
    return first < last && memcmp(side->bytes->data + side->bytes->len - (size_t)(end - first),
                                  bytes + (first - piece->at), (size_t)(last - first)) != 0;
}

/* Lays a piece behind what is there, which ends at place `end` of a stream that begins at place
 * `start`; `heard` is where the other stream begins. */
static void side_lay(StreamSide *side, const Piece *piece, int64_t start, int64_t end,
                     int64_t heard)
{
    Bytes bytes = bytes_from_gbytes(piece->bytes);
    size_t known = piece->at < end ? (size_t)MIN(end - piece->at, (int64_t)bytes.size) : 0;
    size_t before = piece->at < start ? MIN((size_t)(start - piece->at), known) : 0;
    if (known > before) {
        side->repeated++;
        side->conflicting += differs(side, piece, known, end);
    }
    if (known == bytes.size)
        return;
    StreamMark mark = {
        .heard = piece->heard > heard ? (size_t)(piece->heard - heard) : 0,
        .packet = piece->packet,
        .time = piece->time,
    };
    if (side->marks->len > 0) {
        const StreamMark *last = &g_array_index(side->marks, StreamMark, side->marks->len - 1);
        side->reordered += last->packet > mark.packet;
        mark.packet = MAX(mark.packet, last->packet);
        mark.time = MAX(mark.time, last->time);
    }
    bytes_append(side->bytes, bytes_slice(bytes, known, bytes.size));
    mark.end = side->bytes->len;
    g_array_append_val(side->marks, mark);
}

static void side_gap(StreamSide *side, uint64_t missing)
{
    StreamGap gap = {.at = side->bytes->len, .missing = missing};
    g_array_append_val(side->gaps, gap);
}

static void side_finish(StreamSide *side, const Way *way, int64_t start, int64_t heard)
{
    int64_t end = start;
    side->bytes = g_byte_array_new();
    side->marks = g_array_new(FALSE, FALSE, sizeof(StreamMark));
    side->gaps = g_array_new(FALSE, FALSE, sizeof(StreamGap));
    side->cut = way->cut;
    side->reset = way->reset;
    side->ended = way->fin;
    side->headless = !way->syn;
    for (guint i = 0; i < way->pieces->len; i++) {
        const Piece *piece = &g_array_index(way->pieces, Piece, i);
        if (piece->at > end) {
            side_gap(side, (uint64_t)(piece->at - end));
            end = piece->at;
        }
        side_lay(side, piece, start, end, heard);
        end = MAX(end, piece->at + (int64_t)g_bytes_get_size(piece->bytes));
    }
    if (!way->cut && way->acked > end + 1) /* a FIN takes a number, too */
        side_gap(side, (uint64_t)(way->acked - end - way->fin));
}

/* Both sides out of what is kept so far. */
static void talk_lay(const Talk *talk, int client, StreamSide sides[2])
{
    int64_t starts[2];
    for (int i = 0; i < 2; i++) {
        g_array_sort(talk->ways[i].pieces, by_place);
        starts[i] = way_start(&talk->ways[i]);
    }
    side_finish(&sides[DIRECTION_TO_SERVER], &talk->ways[client], starts[client],
                starts[1 - client]);
    side_finish(&sides[DIRECTION_TO_CLIENT], &talk->ways[1 - client], starts[1 - client],
                starts[client]);
}

static int client_of(const Talk *talk)
{
    const SegmentEnd *ends = talk->connection->ends;
    return !talk->opened && ends[0].port < ends[1].port ? 1 : 0;
}

static bool sides_find(const StreamSide sides[2], Prologue *prologue)
{
    return prologue_find(bytes_from_array(sides[DIRECTION_TO_SERVER].bytes),
                         bytes_from_array(sides[DIRECTION_TO_CLIENT].bytes), prologue);
}

/* After so many bytes it has begun TLS, or is about something else. */
static void talk_judge(Streams *streams, Talk *talk)
{
    StreamSide sides[2] = {{0}, {0}};
    Prologue prologue;
    if (talk->judged || talk->ways[0].size + talk->ways[1].size < DULL_MOST)
        return;
    talk->judged = true;
    talk_lay(talk, client_of(talk), sides);
    talk->dull = !sides_find(sides, &prologue);
    for (int i = 0; i < 2; i++) {
        side_clear(&sides[i]);
        if (!talk->dull)
            continue;
        streams->size -= talk->ways[i].size + talk->ways[i].pieces->len * sizeof(Piece);
        g_array_set_size(talk->ways[i].pieces, 0);
    }
}

static void talk_finish(Talk *talk)
{
    Connection *connection = talk->connection;
    int client = client_of(talk);
    SegmentEnd ends[2] = {connection->ends[client], connection->ends[1 - client]};
    talk_lay(talk, client, connection->sides);
    memcpy(connection->ends, ends, sizeof ends);
    connection->speaks_tls = !talk->dull && sides_find(connection->sides, &connection->prologue);
    for (int i = 0; i < 2; i++)
        g_array_set_size(talk->ways[i].pieces, 0); /* one copy is enough */
}

GPtrArray *streams_finish(Streams *streams)
{
    GPtrArray *connections = g_ptr_array_new_with_free_func(connection_free);
    for (guint i = 0; i < streams->all->len; i++) {
        Talk *talk = g_ptr_array_index(streams->all, i);
        talk_finish(talk);
        g_ptr_array_add(connections, g_steal_pointer(&talk->connection));
    }
    g_hash_table_remove_all(streams->talks);
    g_ptr_array_set_size(streams->all, 0);
    return connections;
}
