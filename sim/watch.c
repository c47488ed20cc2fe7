/* From records to the events of those who are not ours.
 *
 * The observer opens what its keys open; each message that it shows is judged against the
 * conversation list and becomes the events that a party would have told itself: said, taken in, and
 * what it settled. Whoever tells his own events is left alone. Nothing is added: what cannot be
 * read stands as a record that stays closed, with the reason.
 *
 * Obeys RFC 5246 6.2.1 (records), E.2 (a first record of SSL 2.0), 7.1 (ChangeCipherSpec changes
 * the keys of one direction); RFC 8446 4.2.10 (early keys are dropped).
 */
#include "sim/watch.h"

#include "core/wire/record.h"
#include "sim/watch_parts.h"

static void visit(void *data, const Observed *observed);

static void heard_clear(gpointer data)
{
    HeardMessage *heard = data;
    g_free(heard->place.expected);
    g_free(heard->why);
    g_clear_pointer(&heard->bytes, g_bytes_unref);
    g_clear_pointer(&heard->spans, g_array_unref);
}

Watch *watch_new(const ObserverKeys *keys)
{
    Watch *watch = g_new0(Watch, 1);
    watch->keys = *keys;
    watch->observer = observer_new(&watch->keys, visit, watch);
    watch->heard = g_array_new(FALSE, FALSE, sizeof(HeardMessage));
    g_array_set_clear_func(watch->heard, heard_clear);
    for (int i = 0; i < 2; i++)
        watch->ways[i].partial = g_byte_array_new();
    return watch;
}

static void watch_clear(Watch *watch)
{
    order_clear(&watch->order);
    watch->order = (Order){0};
    g_array_set_size(watch->heard, 0);
    for (int i = 0; i < 2; i++) {
        GByteArray *partial = watch->ways[i].partial;
        g_byte_array_set_size(partial, 0);
        watch->ways[i] = (WatchWay){.partial = partial};
        g_clear_pointer(&watch->states[i], g_free);
    }
    g_clear_pointer(&watch->why, g_free);
    g_clear_pointer(&watch->reason, g_free);
    g_clear_pointer(&watch->hello_random, g_bytes_unref);
    g_clear_pointer(&watch->random, g_bytes_unref);
    watch->ssl2 = watch->still = false;
    watch->findings = (WatchFindings){0};
}

void watch_free(Watch *watch)
{
    if (watch == NULL)
        return;
    watch_clear(watch);
    observer_free(watch->observer);
    g_array_unref(watch->heard);
    for (int i = 0; i < 2; i++)
        g_byte_array_unref(watch->ways[i].partial);
    g_free(watch);
}

void watch_connect(Watch *watch, const WatchPlace *place)
{
    watch_clear(watch);
    watch->place = *place;
    observer_connect(watch->observer);
}

WatchFindings watch_findings(const Watch *watch)
{
    return watch->findings;
}

/* --- events --- */

int watch_speaker(const Watch *watch, Direction direction)
{
    return watch->place.parties[direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER];
}

int watch_hearer(const Watch *watch, Direction direction)
{
    return watch->place.parties[direction == DIRECTION_TO_SERVER ? ROLE_SERVER : ROLE_CLIENT];
}

TraceEvent *watch_event(const Watch *watch, TraceKind kind, int party)
{
    TraceEvent *event = trace_add(watch->place.trace, kind);
    event->party = party;
    event->link = watch->place.link;
    event->connection = watch->place.connection;
    event->direction = watch->direction;
    event->handshake = watch->order.handshakes;
    event->family = watch->order.list == NULL ? FAMILY_SSL3 : watch->order.list->family;
    return event;
}

void watch_note(const Watch *watch, int party, const char *name, char *sentence)
{
    TraceEvent *event = watch_event(watch, TRACE_NOTE, party);
    event->name = g_strdup(name);
    event->value = sentence;
}

void watch_fact(const Watch *watch, int party, const char *name, const char *value,
                const char *reason)
{
    TraceEvent *event = watch_event(watch, TRACE_FACT, party);
    event->name = g_strdup(name);
    event->value = g_strdup(value);
    event->reason = g_strdup(reason);
}

/* The epoch of a message's keys. In TLS 1.3 one begins with each kind of keys and each KeyUpdate,
 * before it with each ChangeCipherSpec, in SSL 2.0 there is one. */
static int epoch_of(WatchWay *way, const Place *place, bool secret)
{
    bool tls13 = place->family == FAMILY_TLS13 || place->family == FAMILY_TLS13_POST;
    if (!secret)
        return 0;
    if (place->family == FAMILY_SSL2)
        way->epoch = 1;
    if (tls13 && (way->epoch == 0 || way->under != place->under)) {
        way->epoch++;
        way->under = place->under;
    }
    return way->epoch;
}

static void keys_change(Watch *watch, const Place *place, MessageKind kind)
{
    WatchWay *way = &watch->ways[watch->direction];
    bool tls13 = place->family == FAMILY_TLS13 || place->family == FAMILY_TLS13_POST;
    if (kind == MESSAGE_CHANGE_CIPHER_SPEC && !tls13)
        way->epoch++;
    if (kind == MESSAGE_KEY_UPDATE)
        way->epoch++;
    if (kind == MESSAGE_HELLO_RETRY_REQUEST) /* RFC 8446 4.2.10: early keys are dropped */
        watch->ways[DIRECTION_TO_SERVER].epoch = 0;
}

static void say_alert(Watch *watch, const Alert *alert, int epoch)
{
    TraceEvent *event = watch_event(watch, TRACE_ALERT, watch_speaker(watch, watch->direction));
    event->epoch = epoch;
    event->level = (AlertLevel)alert->level;
    event->description = (AlertDescription)alert->description;
    if (alert->level == ALERT_LEVEL_FATAL)
        event->reason = g_steal_pointer(&watch->reason);
}

/* The message as somebody said it, or took it in. */
static void put_message(const Watch *watch, const HeardMessage *heard, int party, bool incoming)
{
    TraceEvent *event = watch_event(watch, TRACE_MESSAGE, party);
    event->incoming = incoming;
    event->message_kind = heard->kind;
    event->message = heard->message;
    event->record = heard->record;
    event->record_count = heard->record_count;
    event->family = heard->place.family;
    event->handshake = heard->place.handshake;
    event->row = heard->place.row;
    event->epoch = heard->epoch;
    event->under = heard->under;
    event->bytes = heard->bytes == NULL ? NULL : g_bytes_ref(heard->bytes);
    event->spans = heard->spans == NULL ? NULL : g_array_ref(heard->spans);
}

static void hear(Watch *watch, HeardMessage *heard, Bytes bytes, GArray *spans)
{
    WatchWay *way = &watch->ways[watch->direction];
    bool first = watch->heard->len == 0;
    bool carried = way->begun > 0 && message_content_type(heard->kind) == CONTENT_HANDSHAKE;
    heard->record = first && carried ? way->begun : way->records;
    heard->record_count = way->records - heard->record + 1;
    heard->message = ++way->messages;
    heard->epoch = epoch_of(way, &heard->place, heard->secret);
    heard->under = heard->epoch > 0 ? heard->place.under : UNDER_CURRENT;
    heard->bytes = heard->why == NULL ? bytes_copy(bytes) : NULL;
    heard->spans = spans != NULL && spans->len > 0 ? g_array_ref(spans) : NULL;
    keys_change(watch, &heard->place, heard->kind);
    if (watch_speaker(watch, watch->direction) != WATCH_NOBODY)
        put_message(watch, heard, watch_speaker(watch, watch->direction), false);
    g_array_append_val(watch->heard, *heard);
}

/* What the reader is told to read: handshake messages say themselves what they are. */
static MessageKind reading_kind(MessageKind kind)
{
    if (message_is_ssl2(kind))
        return MESSAGE_SSL2;
    return message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE : kind;
}

static void states_look(const Watch *watch, HeardMessage *heard)
{
    for (int role = 0; role < 2; role++)
        heard->states[role] = order_state(&watch->order, (Role)role);
}

static void hear_open(Watch *watch, const Observed *observed)
{
    g_autoptr(GArray) spans = spans_new();
    HeardMessage heard = {
        .kind = observed->kind,
        .secret = observed->secret,
        .context = observer_context(watch->observer, observed->direction),
    };
    Message message = {.kind = observed->kind};
    Fault fault = FAULT_INIT;
    int speaker = watch_speaker(watch, observed->direction);
    bool read = message_read(observed->bytes, reading_kind(observed->kind), &heard.context,
                             &message, spans, &fault);
    if (read)
        heard.kind = message.kind;
    heard.place =
        order_take(&watch->order, observed->direction, heard.kind, read ? &message : NULL);
    watch->findings.messages++;
    if (read && heard.kind == MESSAGE_CLIENT_HELLO) {
        g_clear_pointer(&watch->hello_random, g_bytes_unref);
        watch->hello_random = bytes_copy(message.client_hello.random);
    }
    states_look(watch, &heard);
    if (read && heard.kind == MESSAGE_ALERT && speaker != WATCH_NOBODY)
        say_alert(watch, &message.alert, watch->ways[observed->direction].epoch);
    hear(watch, &heard, observed->bytes, read ? spans : NULL);
    if (!read && speaker != WATCH_NOBODY)
        watch_note(watch, speaker, "unreadable",
                   g_strdup_printf("%s cannot be read: %s.", message_name(observed->kind),
                                   fault.sentence));
}

/* A record that stays closed: it has no name, since nothing of what it says is known. */
static void hear_closed(Watch *watch, bool secret, const char *why)
{
    bool ssl2 = watch->ssl2 || (watch->record.data[0] & 0x80) != 0;
    ContentType type = ssl2 ? CONTENT_HANDSHAKE : (ContentType)watch->record.data[0];
    HeardMessage heard = {.kind = MESSAGE_NONE, .secret = secret, .why = g_strdup(why)};
    heard.place = order_take_closed(&watch->order, watch->direction, type);
    watch->findings.closed++;
    states_look(watch, &heard);
    hear(watch, &heard, BYTES_NONE, NULL);
}

static void visit(void *data, const Observed *observed)
{
    Watch *watch = data;
    if (observed->kind == MESSAGE_NONE)
        hear_closed(watch, observed->secret, observed->why);
    else
        hear_open(watch, observed);
}

/* --- records --- */

/* Whether the handshake message that a record begins is whole; known only in the clear. */
static void remember_rest(Watch *watch, WatchWay *way, guint before)
{
    size_t said = 0;
    bool clear = true;
    for (guint i = before; i < watch->heard->len; i++) {
        const HeardMessage *heard = &g_array_index(watch->heard, HeardMessage, i);
        clear = clear && !heard->secret;
        said += bytes_from_gbytes(heard->bytes).size;
    }
    if (watch->record.data[0] != CONTENT_HANDSHAKE || !clear || watch->ssl2) {
        way->left = 0;
    } else {
        size_t there = way->left + watch->record.size - RECORD_HEADER_SIZE;
        way->left = there > said ? there - said : 0;
    }
    if (watch->heard->len > before)
        way->begun = way->left > 0 ? way->records : 0;
    else if (way->begun == 0)
        way->begun = way->records;
}

static void pass(Watch *watch, Direction direction, Bytes record)
{
    WatchWay *way = &watch->ways[direction];
    watch->direction = direction;
    watch->record = record;
    if (way->records++ == 0 && direction == DIRECTION_TO_CLIENT)
        watch->ssl2 = record.size > 0 && (record.data[0] & 0x80) != 0;
}

static unsigned passed(Watch *watch, Direction direction, guint before, int *epoch)
{
    unsigned count = watch->heard->len - before;
    remember_rest(watch, &watch->ways[direction], before);
    if (count > 0)
        *epoch = g_array_index(watch->heard, HeardMessage, before).epoch;
    return count;
}

unsigned watch_record(Watch *watch, Direction direction, Bytes record, int *epoch)
{
    guint before = watch->heard->len;
    *epoch = watch->ways[direction].epoch;
    pass(watch, direction, record);
    observer_record(watch->observer, direction, record);
    return passed(watch, direction, before, epoch);
}

unsigned watch_closed(Watch *watch, Direction direction, Bytes record, const char *why, int *epoch)
{
    guint before = watch->heard->len;
    *epoch = watch->ways[direction].epoch;
    pass(watch, direction, record);
    hear_closed(watch, true, why);
    return passed(watch, direction, before, epoch);
}

void watch_lost(Watch *watch, Direction direction)
{
    WatchWay *way = &watch->ways[direction];
    way->begun = 0;
    way->left = 0;
    watch->order.lost = true;
    observer_lost(watch->observer, direction);
}

void watch_take_in(Watch *watch)
{
    for (guint i = 0; i < watch->heard->len; i++) {
        const HeardMessage *heard = &g_array_index(watch->heard, HeardMessage, i);
        int hearer = watch_hearer(watch, watch->direction);
        /* what he cannot read who is alone with it, nobody has taken in */
        bool taken = heard->why == NULL || watch_speaker(watch, watch->direction) != WATCH_NOBODY;
        if (hearer != WATCH_NOBODY && taken)
            put_message(watch, heard, hearer, true);
        watch_tell(watch, heard);
    }
    g_array_set_size(watch->heard, 0);
}

/* Who speaks waits when he has said all, not after each message. */
static void tell_waiting(Watch *watch, Direction direction)
{
    Role role = direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
    if (!watch->still && !watch_is_done(watch, role))
        watch_state(watch, role, order_state(&watch->order, role));
}

void watch_bytes(Watch *watch, Direction direction, Bytes bytes)
{
    WatchWay *way = &watch->ways[direction];
    bool speaks = watch->place.inside && watch_speaker(watch, direction) != WATCH_NOBODY;
    bool still = watch->still;
    watch->still = still || speaks;
    bytes_append(way->partial, bytes);
    while (!way->over && way->partial->len > 0) {
        Record record = {0};
        size_t used = 0;
        Fault fault = FAULT_INIT;
        int epoch = 0;
        Framing framing = way->records == 0 ? FRAMING_FIRST
                          : watch->ssl2     ? FRAMING_SSL2
                                            : FRAMING_TLS;
        RecordResult result =
            record_read(bytes_from_array(way->partial), framing, &record, &used, &fault);
        way->over = result == RECORD_REFUSED;
        if (result != RECORD_WHOLE)
            break;
        g_autoptr(GBytes) whole = g_bytes_new(way->partial->data, used);
        g_byte_array_remove_range(way->partial, 0, (guint)used);
        watch_record(watch, direction, bytes_from_gbytes(whole), &epoch);
        watch_take_in(watch);
    }
    watch->still = still;
    if (speaks && bytes.size > 0)
        tell_waiting(watch, direction);
    if (way->over) /* a peer may send more of it, and for long */
        g_byte_array_set_size(way->partial, 0);
}
