/* A link: records in, records out later, with what was done to them in the trace.
 *
 * The link cuts what an endpoint says into records, sends each through the stack of middleboxes and
 * keeps what comes out until its time. It keeps the order of each direction, and it knows that a
 * side's records are protected once its ChangeCipherSpec has passed; that is all it knows of TLS.
 */
#include "sim/link.h"

#include "core/wire/message.h"
#include "core/wire/record.h"

typedef struct {
    int sent;              /* records so far */
    int arrived;           /* scheduled so far */
    uint64_t last_arrival; /* none arrives before it */
    int epoch;             /* ChangeCipherSpecs sent */
    bool ended;
} LinkWay;

struct Link {
    Trace *trace;
    int index;
    uint64_t latency;
    uint64_t now;
    LinkWay ways[2];
    int connection;
    bool tls13; /* its ServerHello has said so: then the content type tells what is protected */
    bool ssl2;  /* the server answered in SSL 2.0's framing */
    bool hit;   /* and knew the session */
    bool plain; /* no records at all */
    Middlebox *first, *last;
    GQueue arrivals[2]; /* of Arrival *, by time */
};

static void arrival_free(gpointer data)
{
    Arrival *arrival = data;
    g_clear_pointer(&arrival->bytes, g_bytes_unref);
    g_free(arrival);
}

/* One event a record: what was sent, what will arrive, and when. */
static void link_report(Link *link, const Parcel *parcel, int arrival, uint64_t arrival_time)
{
    TraceEvent *event = trace_add(link->trace, TRACE_RECORD);
    bool changed = parcel->sent == NULL ||
                   !bytes_equal(bytes_from_gbytes(parcel->sent), bytes_from_array(parcel->bytes));
    event->link = link->index;
    event->connection = link->connection;
    event->direction = parcel->direction;
    event->record = parcel->ordinal;
    event->epoch = parcel->epoch;
    event->fate = parcel->fate;
    event->arrival = arrival;
    event->arrival_time = arrival_time;
    event->bytes = parcel->sent == NULL ? NULL : g_bytes_ref(parcel->sent);
    if (changed && parcel->fate != FATE_DROPPED)
        event->received = bytes_copy(bytes_from_array(parcel->bytes));
}

static void link_deliver(void *data, Parcel *parcel)
{
    Link *link = data;
    LinkWay *way = &link->ways[parcel->direction];
    uint64_t time = link->now + link->latency + parcel->delay;
    time = MAX(time, way->last_arrival);
    way->last_arrival = time;
    way->arrived++;
    link_report(link, parcel, way->arrived, time);
    Arrival *arrival = g_new0(Arrival, 1);
    arrival->direction = parcel->direction;
    arrival->time = time;
    arrival->bytes = bytes_copy(bytes_from_array(parcel->bytes));
    g_queue_push_tail(&link->arrivals[parcel->direction], arrival);
    parcel_free(parcel);
}

static void link_drop(void *data, Parcel *parcel)
{
    link_report(data, parcel, 0, 0);
    parcel_free(parcel);
}

Link *link_new(Trace *trace, int index, uint64_t latency)
{
    Link *link = g_new0(Link, 1);
    link->trace = trace;
    link->index = index;
    link->latency = latency;
    g_queue_init(&link->arrivals[0]);
    g_queue_init(&link->arrivals[1]);
    return link;
}

void link_free(Link *link)
{
    if (link == NULL)
        return;
    middlebox_free(link->first);
    g_queue_clear_full(&link->arrivals[0], arrival_free);
    g_queue_clear_full(&link->arrivals[1], arrival_free);
    g_free(link);
}

void link_set_plain(Link *link)
{
    link->plain = true;
}

void link_connect(Link *link, int connection)
{
    link->connection = connection;
    for (Middlebox *box = link->first; box != NULL; box = box->next)
        box->sink.connection = connection;
    link->ssl2 = link->hit = link->tls13 = false;
    for (int i = 0; i < 2; i++)
        link->ways[i] = (LinkWay){.last_arrival = link->ways[i].last_arrival};
}

/* Whether a record in the clear holds a ServerHello of TLS 1.3 (RFC 8446 4.2.1). */
static bool selects_tls13(const Record *record)
{
    Message message = {.kind = MESSAGE_NONE};
    WalkContext context = {.version = VERSION_TLS_1_3, .sender = ROLE_SERVER};
    if (record->type != CONTENT_HANDSHAKE || record->fragment.size < HANDSHAKE_HEADER_SIZE)
        return false;
    size_t size = HANDSHAKE_HEADER_SIZE + bytes_number(bytes_slice(record->fragment, 1, 3));
    if (record->fragment.data[0] != MESSAGE_SERVER_HELLO ||
        !message_read(bytes_slice(record->fragment, 0, size), MESSAGE_NONE, &context, &message,
                      NULL, NULL))
        return false;
    return extensions_find(&message.server_hello.extensions, EXTENSION_SUPPORTED_VERSIONS) != NULL;
}

/* In SSL 2.0 the hellos are in the clear, and CLIENT-MASTER-KEY, which a session that the server
 * knows leaves out; or the client's error that stands in its place
 * (draft-hickman-netscape-ssl 2.2).
 */
static int ssl2_epoch_of(const Link *link, const LinkWay *way, Direction direction)
{
    bool key = direction == DIRECTION_TO_SERVER && link->ssl2 && !link->hit;
    return way->sent > (key ? 1 : 0);
}

/* The epoch of a record as whoever carries it can know it: in TLS 1.3 by its content type, before
 * by the ChangeCipherSpec that has passed. Early data is protected ahead of any ServerHello. */
static int epoch_of(Link *link, LinkWay *way, Direction direction, const Record *record)
{
    if (record->ssl2 || link->ssl2)
        return ssl2_epoch_of(link, way, direction);
    if (direction == DIRECTION_TO_CLIENT && way->epoch == 0 && !link->tls13)
        link->tls13 = selects_tls13(record);
    if (link->tls13 || (record->type == CONTENT_APPLICATION_DATA && way->epoch == 0))
        return record->type == CONTENT_APPLICATION_DATA;
    return way->epoch;
}

void link_add(Link *link, Middlebox *box)
{
    box->link = link;
    box->deliver = link_deliver;
    box->drop = link_drop;
    box->sink = (TraceSink){.trace = link->trace, .party = -1, .link = link->index};
    if (link->last == NULL)
        link->first = box;
    else
        link->last->next = box;
    link->last = box;
}

void link_send(Link *link, Direction direction, Bytes records, uint64_t now)
{
    LinkWay *way = &link->ways[direction];
    link->now = now;
    while (records.size > 0) {
        Record record = {0};
        size_t used = records.size;
        bool first = way->sent == 0; /* a hello or its answer may be of either family */
        Framing framing = first ? FRAMING_FIRST : link->ssl2 ? FRAMING_SSL2 : FRAMING_TLS;
        /* what is no record is carried as it is */
        if (!link->plain && record_split(records, framing, &record, &used) == RECORD_WHOLE &&
            first && direction == DIRECTION_TO_CLIENT) {
            link->ssl2 = record.ssl2;
            link->hit = record.ssl2 && record.fragment.size > 1 && record.fragment.data[1] != 0;
        }
        Bytes one = bytes_slice(records, 0, used);
        int epoch = link->plain ? 0 : epoch_of(link, way, direction, &record);
        Parcel *parcel = parcel_new(direction, ++way->sent, one, epoch);
        way->epoch += record.type == CONTENT_CHANGE_CIPHER_SPEC && !record.ssl2;
        if (link->first != NULL)
            link->first->kind->carry(link->first, parcel);
        else
            link_deliver(link, parcel);
        records = bytes_slice(records, used, records.size);
    }
}

void link_end(Link *link, Direction direction, uint64_t now)
{
    LinkWay *way = &link->ways[direction];
    if (way->ended)
        return;
    way->ended = true;
    way->last_arrival = MAX(now + link->latency, way->last_arrival);
    Arrival *arrival = g_new0(Arrival, 1);
    arrival->direction = direction;
    arrival->time = way->last_arrival;
    g_queue_push_tail(&link->arrivals[direction], arrival);
}

static GQueue *link_earliest(const Link *link)
{
    const Arrival *left = g_queue_peek_head((GQueue *)(uintptr_t)&link->arrivals[0]);
    const Arrival *right = g_queue_peek_head((GQueue *)(uintptr_t)&link->arrivals[1]);
    if (left == NULL && right == NULL)
        return NULL;
    bool second = left == NULL || (right != NULL && right->time < left->time);
    return (GQueue *)(uintptr_t)&link->arrivals[second ? 1 : 0];
}

bool link_next(const Link *link, uint64_t *time)
{
    GQueue *queue = link_earliest(link);
    if (queue == NULL)
        return false;
    *time = ((const Arrival *)g_queue_peek_head(queue))->time;
    return true;
}

bool link_take(Link *link, Arrival *arrival)
{
    GQueue *queue = link_earliest(link);
    if (queue == NULL)
        return false;
    Arrival *first = g_queue_pop_head(queue);
    *arrival = *first;
    g_free(first);
    return true;
}

void link_flush(Link *link, uint64_t now)
{
    link->now = now;
    for (Middlebox *box = link->first; box != NULL; box = box->next)
        if (box->kind->flush != NULL)
            box->kind->flush(box);
}
