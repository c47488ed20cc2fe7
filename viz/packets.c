/* The records of a run as TCP segments.
 *
 * Each connection of each segment becomes a TCP stream of its own: a three-way handshake just
 * before its first record, sequence and acknowledgement numbers that fit, no more than a full
 * Ethernet frame of payload a packet, both ends closing after the last record. What the network
 * drops, changes or copies is TLS's affair and not TCP's, so the stream of the arriving side is
 * whole as well: it carries what arrived.
 *
 * Obeys RFC 791 3.1 (header and checksum), RFC 9293 3.1 (header, checksum with pseudo header), RFC
 * 7323 2 (window scale, so that no window is ever full). It knows nothing of TLS.
 */
#include "viz/packets.h"

#include <string.h>

#include "viz/describe.h"
#include "viz/flow.h"

enum {
    SEGMENT_MOST = 1460, /* payload of an Ethernet frame: 1500 - 20 - 20 */
    TICK = 10,           /* microseconds between packets that the run does not time */
    SECOND_NET = 100,    /* added to an address's second number for the arriving half */
};

enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_PUSH = 8, FLAG_ACK = 16 };

/* One end of a stream. */
typedef struct {
    uint8_t address[4];
    uint16_t port;
    uint32_t next; /* sequence number of the next byte that it sends */
} End;

typedef struct {
    GPtrArray *packets;
    guint segment;
    End ends[2]; /* by the direction in which they send */
    uint64_t last;
    uint16_t datagrams;
} Stream;

static void segment_free(gpointer data)
{
    g_free(((Segment *)data)->name);
    g_free(data);
}

static void packet_free(gpointer data)
{
    Packet *packet = data;
    g_byte_array_unref(packet->frame);
    g_free(packet->comment);
    g_free(packet);
}

static void segment_add(GPtrArray *segments, const Trace *trace, int link, bool arrived,
                        bool halved)
{
    const TraceLink *ends = trace_link(trace, link);
    Segment *segment = g_new0(Segment, 1);
    segment->link = link;
    segment->arrived = arrived;
    segment->halved = halved;
    segment->name = g_strdup_printf("%s-%s%s", trace_party(trace, ends->left)->name,
                                    trace_party(trace, ends->right)->name,
                                    !halved   ? ""
                                    : arrived ? ", as it arrived"
                                              : ", as it was sent");
    g_ptr_array_add(segments, segment);
}

GPtrArray *packets_segments(const Trace *trace)
{
    GPtrArray *segments = g_ptr_array_new_with_free_func(segment_free);
    g_autoptr(Flow) flow = flow_new(trace);
    for (guint i = 0; i < trace->header.links->len; i++) {
        segment_add(segments, trace, (int)i, false, flow->tampered[i]);
        if (flow->tampered[i])
            segment_add(segments, trace, (int)i, true, true);
    }
    return segments;
}

/* ---- frames ---- */

static void put_16(GByteArray *frame, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    g_byte_array_append(frame, bytes, sizeof bytes);
}

static void put_32(GByteArray *frame, uint32_t value)
{
    put_16(frame, value >> 16);
    put_16(frame, value & 0xffff);
}

/* The Internet checksum's sum (RFC 1071), not yet folded. */
static uint64_t sum_16(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (uint64_t)data[i] << (i % 2 == 0 ? 8 : 0);
    return sum;
}

static void set_checksum(GByteArray *frame, size_t at, uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    frame->data[at] = (uint8_t)(~sum >> 8);
    frame->data[at + 1] = (uint8_t)~sum;
}

/* A locally administered address made of the IP address. */
static void put_mac(GByteArray *frame, const End *end)
{
    const uint8_t prefix[] = {0x02, 0x00};
    g_byte_array_append(frame, prefix, sizeof prefix);
    g_byte_array_append(frame, end->address, sizeof end->address);
}

enum { ETHERNET_SIZE = 14, IP_SIZE = 20, TCP_SIZE = 20 };

static void put_ip(GByteArray *frame, const End *from, const End *to, uint16_t number, size_t size)
{
    enum { VERSION_AND_LENGTH = 0x4500, DO_NOT_FRAGMENT = 0x4000, TTL_AND_TCP = 0x4006 };
    put_16(frame, VERSION_AND_LENGTH);
    put_16(frame, (unsigned)(IP_SIZE + size));
    put_16(frame, number);
    put_16(frame, DO_NOT_FRAGMENT);
    put_16(frame, TTL_AND_TCP);
    put_16(frame, 0);
    g_byte_array_append(frame, from->address, sizeof from->address);
    g_byte_array_append(frame, to->address, sizeof to->address);
    set_checksum(frame, ETHERNET_SIZE + 10, sum_16(frame->data + ETHERNET_SIZE, IP_SIZE));
}

static void put_tcp(GByteArray *frame, const End *from, const End *to, unsigned flags,
                    Bytes payload)
{
    /* maximum segment size 1460, no operation, window scale 7 */
    static const uint8_t options[] = {2, 4, 0x05, 0xb4, 1, 3, 3, 7};
    enum { WINDOW = 0xffff, PROTOCOL = 6 };
    size_t options_size = (flags & FLAG_SYN) != 0 ? sizeof options : 0;
    size_t header = TCP_SIZE + options_size, start = frame->len;
    put_16(frame, from->port);
    put_16(frame, to->port);
    put_32(frame, from->next);
    put_32(frame, (flags & FLAG_ACK) != 0 ? to->next : 0);
    put_16(frame, (unsigned)(header / 4) << 12 | flags);
    put_16(frame, WINDOW);
    put_32(frame, 0); /* checksum, urgent pointer */
    g_byte_array_append(frame, options, (guint)options_size);
    bytes_append(frame, payload);
    uint64_t sum = sum_16(from->address, 4) + sum_16(to->address, 4) + PROTOCOL +
                   (frame->len - start) + sum_16(frame->data + start, frame->len - start);
    set_checksum(frame, start + 16, sum);
}

static void stream_say(Stream *stream, Direction direction, uint64_t time, unsigned flags,
                       Bytes payload, char *comment)
{
    enum { ETHERTYPE_IP = 0x0800 };
    End *from = &stream->ends[direction], *to = &stream->ends[1 - direction];
    size_t options = (flags & FLAG_SYN) != 0 ? 8 : 0;
    Packet *packet = g_new0(Packet, 1);
    packet->time = time;
    packet->order = stream->packets->len;
    packet->segment = stream->segment;
    packet->comment = comment;
    packet->frame = g_byte_array_new();
    put_mac(packet->frame, to);
    put_mac(packet->frame, from);
    put_16(packet->frame, ETHERTYPE_IP);
    put_ip(packet->frame, from, to, ++stream->datagrams, TCP_SIZE + options + payload.size);
    put_tcp(packet->frame, from, to, flags, payload);
    from->next += (uint32_t)payload.size + ((flags & (FLAG_SYN | FLAG_FIN)) != 0 ? 1 : 0);
    stream->last = MAX(stream->last, time);
    g_ptr_array_add(stream->packets, packet);
}

/* ---- streams ---- */

static void stream_open(Stream *stream, uint64_t first)
{
    uint64_t time = first - 3 * TICK;
    stream_say(stream, DIRECTION_TO_SERVER, time, FLAG_SYN, BYTES_NONE, NULL);
    stream_say(stream, DIRECTION_TO_CLIENT, time + TICK, FLAG_SYN | FLAG_ACK, BYTES_NONE, NULL);
    stream_say(stream, DIRECTION_TO_SERVER, time + 2 * TICK, FLAG_ACK, BYTES_NONE, NULL);
}

static void stream_close(Stream *stream)
{
    uint64_t time = stream->last + TICK;
    stream_say(stream, DIRECTION_TO_SERVER, time, FLAG_FIN | FLAG_ACK, BYTES_NONE, NULL);
    stream_say(stream, DIRECTION_TO_CLIENT, time + TICK, FLAG_FIN | FLAG_ACK, BYTES_NONE, NULL);
    stream_say(stream, DIRECTION_TO_SERVER, time + 2 * TICK, FLAG_ACK, BYTES_NONE, NULL);
}

/* What a record was on that segment: nothing when it was never there. */
static Bytes record_bytes(const TraceEvent *event, bool arrived)
{
    if (!arrived)
        return event->fate == FATE_DUPLICATED ? BYTES_NONE : bytes_from_gbytes(event->bytes);
    if (event->arrival == 0)
        return BYTES_NONE;
    return bytes_from_gbytes(event->received != NULL ? event->received : event->bytes);
}

static uint64_t record_time(const TraceEvent *event, bool arrived)
{
    return arrived ? event->arrival_time : event->time;
}

static int by_sending(gconstpointer a, gconstpointer b)
{
    const TraceEvent *first = *(const TraceEvent *const *)a,
                     *second = *(const TraceEvent *const *)b;
    if (first->time != second->time)
        return first->time < second->time ? -1 : 1;
    return first->number - second->number;
}

static int by_arrival(gconstpointer a, gconstpointer b)
{
    const TraceEvent *first = *(const TraceEvent *const *)a,
                     *second = *(const TraceEvent *const *)b;
    if (first->arrival_time != second->arrival_time)
        return first->arrival_time < second->arrival_time ? -1 : 1;
    if (first->direction == second->direction)
        return first->arrival - second->arrival;
    return first->number - second->number;
}

/* The records of one connection in the order in which the segment saw them. */
static GPtrArray *stream_records(const Trace *trace, const Segment *segment, int connection)
{
    GPtrArray *records = g_ptr_array_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_RECORD && event->link == segment->link &&
            event->connection == connection && record_bytes(event, segment->arrived).size > 0)
            g_ptr_array_add(records, (gpointer)(uintptr_t)event);
    }
    g_ptr_array_sort(records, segment->arrived ? by_arrival : by_sending);
    return records;
}

static char *record_comment(const TraceEvent *event, bool first)
{
    if (!first)
        return NULL;
    return g_strdup_printf("record %d %s, event %d%s%s", event->record,
                           event->direction == DIRECTION_TO_SERVER ? "of the client"
                                                                   : "of the server",
                           event->number, event->fate == FATE_DELIVERED ? "" : ": ",
                           event->fate == FATE_DELIVERED ? "" : record_fate_name(event->fate));
}

static void stream_record(Stream *stream, const TraceEvent *event, const Segment *segment,
                          uint64_t clock)
{
    Bytes bytes = record_bytes(event, segment->arrived);
    uint64_t time = MAX(clock + record_time(event, segment->arrived), stream->last);
    for (size_t at = 0; at < bytes.size; at += SEGMENT_MOST) {
        Bytes part = bytes_slice(bytes, at, SEGMENT_MOST);
        stream_say(stream, event->direction, time, FLAG_PUSH | FLAG_ACK, part,
                   record_comment(event, at == 0));
    }
}

/* "10.0.1.2"; anything else becomes a documentation address (RFC 5737). */
static void end_init(End *end, const char *address, bool second, unsigned port, uint32_t first)
{
    unsigned numbers[4] = {192, 0, 2, port & 1};
    g_auto(GStrv) parts = g_strsplit(address == NULL ? "" : address, ".", 4);
    for (guint i = 0; g_strv_length(parts) == 4 && i < 4; i++)
        numbers[i] = (unsigned)g_ascii_strtoull(parts[i], NULL, 10);
    numbers[1] += second ? SECOND_NET : 0;
    for (int i = 0; i < 4; i++)
        end->address[i] = (uint8_t)numbers[i];
    end->port = (uint16_t)port;
    end->next = first;
}

static void stream_make(const Trace *trace, const Segment *segment, guint index, int connection,
                        GPtrArray *packets)
{
    enum { CLIENT_FIRST = 1000000, SERVER_FIRST = 2000000 }; /* any will do */
    g_autoptr(GPtrArray) records = stream_records(trace, segment, connection);
    if (records->len == 0)
        return;
    const TraceLink *link = trace_link(trace, segment->link);
    uint64_t clock = (uint64_t)trace->header.clock * G_USEC_PER_SEC;
    Stream stream = {.packets = packets, .segment = index};
    end_init(&stream.ends[DIRECTION_TO_SERVER], link->left_address, segment->arrived,
             link->left_port + (unsigned)connection, CLIENT_FIRST);
    end_init(&stream.ends[DIRECTION_TO_CLIENT], link->right_address, segment->arrived,
             link->right_port, SERVER_FIRST);
    stream_open(&stream, clock + record_time(g_ptr_array_index(records, 0), segment->arrived));
    for (guint i = 0; i < records->len; i++)
        stream_record(&stream, g_ptr_array_index(records, i), segment, clock);
    stream_close(&stream);
}

static int by_time(gconstpointer a, gconstpointer b)
{
    const Packet *first = *(const Packet *const *)a, *second = *(const Packet *const *)b;
    if (first->time != second->time)
        return first->time < second->time ? -1 : 1;
    return first->order < second->order ? -1 : 1;
}

GPtrArray *packets_make(const Trace *trace, const GPtrArray *segments)
{
    GPtrArray *packets = g_ptr_array_new_with_free_func(packet_free);
    int connections = 0;
    for (size_t i = 0; i < trace_count(trace); i++)
        connections = MAX(connections, trace_at(trace, i)->connection + 1);
    for (guint i = 0; i < segments->len; i++)
        for (int connection = 0; connection < connections; connection++)
            stream_make(trace, g_ptr_array_index(segments, i), i, connection, packets);
    g_ptr_array_sort(packets, by_time);
    return packets;
}
