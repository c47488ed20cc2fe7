/* What real stacks have in common as speakers.
 *
 * A stack is worked a turn at a time: what came is given to it, and what it makes of it is kept
 * until the turn is over. Only then is the trace told, in the order of cause and effect: the
 * messages that came, the secrets that it has logged, what it says of itself, the messages that it
 * sends, the state that it is in. So the records that came can be opened with secrets that it knew
 * only after it had read them.
 *
 * What the stack checks it checks inside; what it said of that is told, and nothing is added.
 *
 * Obeys RFC 5246 7.2.1 (an end without close_notify), 7.2.2 (fatal alerts end the connection).
 */
#include "sim/peers/peer.h"

#include <stdarg.h>

typedef struct {
    char *name, *value, *reason;
} PeerFact;

static void fact_free(gpointer data)
{
    PeerFact *fact = data;
    g_free(fact->name);
    g_free(fact->value);
    g_free(fact->reason);
    g_free(fact);
}

void peer_source_init(PeerSource *source, const SpeakerSetup *setup, const char *title)
{
    source->setup = *setup;
    source->role = setup->config->role;
    source->title = title;
    source->secrets = secrets_new();
    source->keys = (ObserverKeys){.secret = secrets_find, .data = source->secrets};
    source->watch = watch_new(&source->keys);
}

void peer_source_clear(PeerSource *source)
{
    watch_free(source->watch);
    secrets_free(source->secrets);
}

void peer_init(Peer *peer, const SpeakerKind *kind, PeerSource *source, const TraceSink *sink)
{
    peer->speaker.kind = kind;
    peer->source = source;
    peer->sink = *sink;
    peer->input = g_byte_array_new();
    peer->outgoing = g_byte_array_new();
    peer->output = g_byte_array_new();
    peer->logged = g_ptr_array_new_with_free_func(g_free);
    peer->facts = g_ptr_array_new_with_free_func(fact_free);
    g_queue_init(&peer->events);
    WatchPlace place = {
        .trace = sink->trace,
        .link = sink->link,
        .connection = sink->connection,
        .parties = {WATCH_NOBODY, WATCH_NOBODY},
        .inside = true,
    };
    place.parties[source->role] = sink->party;
    watch_connect(source->watch, &place);
}

static void event_free(gpointer data)
{
    endpoint_event_clear(data);
    g_free(data);
}

void peer_clear(Peer *peer)
{
    g_byte_array_unref(peer->input);
    g_byte_array_unref(peer->outgoing);
    g_byte_array_unref(peer->output);
    g_ptr_array_unref(peer->logged);
    g_ptr_array_unref(peer->facts);
    g_queue_clear_full(&peer->events, event_free);
    g_clear_pointer(&peer->other, certificate_unref);
}

/* --- what the stack says --- */

void peer_log(Peer *peer, const char *line)
{
    secrets_parse(peer->source->secrets, bytes_from_text(line), NULL);
    g_ptr_array_add(peer->logged, g_strdup(line));
}

void peer_event(Peer *peer, EndpointEventKind kind)
{
    EndpointEvent *event = g_new0(EndpointEvent, 1);
    event->kind = kind;
    g_queue_push_tail(&peer->events, event);
}

void peer_data(Peer *peer, Bytes data)
{
    EndpointEvent *event = g_new0(EndpointEvent, 1);
    event->kind = EVENT_DATA;
    event->data = bytes_copy(data);
    g_queue_push_tail(&peer->events, event);
}

void peer_connected(Peer *peer)
{
    peer->handshakes++;
    peer->asked = false;
    peer->state = ENDPOINT_CONNECTED;
    peer_event(peer, EVENT_CONNECTED);
}

void peer_failed(Peer *peer, const char *why)
{
    if (!peer_is_open(peer))
        return;
    peer->state = ENDPOINT_FAILED;
    g_autofree char *sentence = g_strdup_printf("%s says: %s", peer->source->title, why);
    watch_reason(peer->source->watch, sentence);
    peer_event(peer, EVENT_FAILED);
}

void peer_closed(Peer *peer)
{
    if (!peer_is_open(peer))
        return;
    peer->state = ENDPOINT_CLOSED;
    peer_event(peer, EVENT_CLOSED);
}

void peer_fact(Peer *peer, const char *name, const char *value, const char *format, ...)
{
    PeerFact *fact = g_new0(PeerFact, 1);
    va_list arguments;
    va_start(arguments, format);
    fact->name = g_strdup(name);
    fact->value = g_strdup(value);
    fact->reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(peer->facts, fact);
}

void peer_note(Peer *peer, const char *name, char *sentence)
{
    TraceEvent *event = watch_event(peer->source->watch, TRACE_NOTE, peer->sink.party);
    event->direction = peer_direction(peer);
    event->name = g_strdup(name);
    event->value = sentence;
}

void peer_believe(Peer *peer, Bytes der)
{
    g_clear_pointer(&peer->other, certificate_unref);
    if (der.size > 0)
        peer->other = certificate_read(der, NULL);
}

void peer_tell_export(const Peer *peer, Bytes material)
{
    TraceEvent *event = watch_event(peer->source->watch, TRACE_KEYS, peer->sink.party);
    event->direction = peer_direction(peer);
    event->name = g_strdup("exported_keying_material");
    event->bytes = bytes_copy(material);
}

/* --- what the trace is told --- */

static void tell_secrets(Peer *peer)
{
    for (guint i = 0; i < peer->logged->len; i++) {
        g_autofree char *label = NULL;
        g_autoptr(GByteArray) random = NULL;
        g_autoptr(GByteArray) secret = NULL;
        if (secret_line(g_ptr_array_index(peer->logged, i), &label, &random, &secret))
            watch_secret(peer->source->watch, label, bytes_from_array(random),
                         bytes_from_array(secret));
    }
    g_ptr_array_set_size(peer->logged, 0);
}

static void tell_facts(Peer *peer)
{
    for (guint i = 0; i < peer->facts->len; i++) {
        const PeerFact *fact = g_ptr_array_index(peer->facts, i);
        watch_fact(peer->source->watch, peer->sink.party, fact->name, fact->value, fact->reason);
    }
    g_ptr_array_set_size(peer->facts, 0);
}

/* The states that the stack says itself; those that it waits in, the watch has seen. */
static void tell_state(const Peer *peer)
{
    static const char *const names[] = {
        [ENDPOINT_IDLE] = "START",          [ENDPOINT_HANDSHAKING] = NULL,
        [ENDPOINT_CONNECTED] = "CONNECTED", [ENDPOINT_CLOSED] = "CLOSED",
        [ENDPOINT_FAILED] = "FAILED",       [ENDPOINT_TIMED_OUT] = "TIMED_OUT",
    };
    const Speaker *speaker = &peer->speaker;
    bool shakes = peer->state == ENDPOINT_CONNECTED && speaker->kind->in_handshake(speaker);
    if (!shakes)
        watch_state(peer->source->watch, peer->source->role, names[peer->state]);
}

void peer_begin(Peer *peer, uint64_t now)
{
    peer->now = now;
    if (peer->state != ENDPOINT_IDLE)
        return;
    watch_start(peer->source->watch, peer->source->role, peer->source->setup.config->last);
    peer->state = ENDPOINT_HANDSHAKING;
}

void peer_told(Peer *peer, Bytes came)
{
    Watch *watch = peer->source->watch;
    Direction from = peer_direction(peer);
    Direction to = from == DIRECTION_TO_SERVER ? DIRECTION_TO_CLIENT : DIRECTION_TO_SERVER;
    watch_tell_states(watch, peer_is_open(peer));
    watch_bytes(watch, to, came);
    tell_secrets(peer);
    /* what it says now comes after */
    if (peer->state == ENDPOINT_CONNECTED && watch_is_done(watch, peer->source->role)) {
        tell_facts(peer);
        tell_state(peer);
    }
    watch_bytes(watch, from, bytes_from_array(peer->outgoing));
    bytes_append(peer->output, bytes_from_array(peer->outgoing));
    g_byte_array_set_size(peer->outgoing, 0);
    tell_facts(peer);
    tell_state(peer);
}

/* --- the rows that all stacks share --- */

bool peer_is_open(const Peer *peer)
{
    return peer->state == ENDPOINT_HANDSHAKING || peer->state == ENDPOINT_CONNECTED;
}

Direction peer_direction(const Peer *peer)
{
    return role_direction(peer->source->role);
}

static Peer *peer_of(const Speaker *speaker)
{
    return (Peer *)(uintptr_t)speaker;
}

Bytes peer_output(const Speaker *speaker)
{
    return bytes_from_array(peer_of(speaker)->output);
}

void peer_output_sent(Speaker *speaker)
{
    g_byte_array_set_size(peer_of(speaker)->output, 0);
}

bool peer_ends_transport(const Speaker *speaker)
{
    return peer_of(speaker)->state == ENDPOINT_FAILED; /* RFC 5246 7.2.2 */
}

/* Nothing more comes, and nothing more can be sent. */
static void give_up(Peer *peer, EndpointState state, const char *name, char *sentence)
{
    peer_note(peer, name, sentence);
    peer->state = state;
    tell_state(peer);
}

void peer_transport_ended(Speaker *speaker, uint64_t now)
{
    Peer *peer = peer_of(speaker);
    peer->now = now;
    if (peer_is_open(peer))
        give_up(peer, ENDPOINT_FAILED, "transport",
                g_strdup_printf("The %s has ended the connection, and does not say why.",
                                role_name(role_peer(peer->source->role))));
}

void peer_time_out(Speaker *speaker, uint64_t now)
{
    Peer *peer = peer_of(speaker);
    peer->now = now;
    if (speaker->kind->waits(speaker))
        give_up(peer, ENDPOINT_TIMED_OUT, "timeout",
                g_strdup_printf("The %s waits no longer: nothing more comes, and nobody says why.",
                                role_name(peer->source->role)));
}

bool peer_next_event(Speaker *speaker, EndpointEvent *event)
{
    EndpointEvent *first = g_queue_pop_head(&peer_of(speaker)->events);
    if (first == NULL)
        return false;
    *event = *first;
    g_free(first);
    return true;
}

EndpointState peer_state(const Speaker *speaker)
{
    return peer_of(speaker)->state;
}

bool peer_was_connected(const Speaker *speaker)
{
    return peer_of(speaker)->handshakes > 0;
}

const Certificate *peer_certificate(const Speaker *speaker)
{
    return peer_of(speaker)->other;
}

Bytes peer_key_pem(const SpeakerSetup *setup, const char *certificate)
{
    const CertificateSpec *spec = plan_certificate(setup->plan, certificate);
    const PlanKey *key = plan_key(setup->plan, spec->key);
    return bytes_from_gbytes(key->pem);
}
