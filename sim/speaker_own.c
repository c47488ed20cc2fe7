/* Our own engine as a speaker.
 *
 * An endpoint is a speaker as it is; each line here hands over to it. What outlives a connection is
 * the party's own: session caches and ticket keys.
 */
#include "core/engine/session.h"
#include "sim/speaker.h"

typedef struct {
    Speaker speaker;
    Endpoint *endpoint;
} OwnSpeaker;

static const SpeakerKind own_kind;

static Endpoint *own(const Speaker *speaker)
{
    g_assert(speaker->kind == &own_kind);
    return ((const OwnSpeaker *)(const void *)speaker)->endpoint;
}

const Endpoint *speaker_endpoint(const Speaker *speaker)
{
    return speaker->kind == &own_kind ? own(speaker) : NULL;
}

static void own_start(Speaker *speaker, uint64_t now)
{
    endpoint_start(own(speaker), now);
}

static void own_receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    endpoint_receive(own(speaker), bytes, now);
}

static Bytes own_output(const Speaker *speaker)
{
    return endpoint_output(own(speaker));
}

static void own_output_sent(Speaker *speaker)
{
    endpoint_output_sent(own(speaker));
}

static bool own_ends_transport(const Speaker *speaker)
{
    return endpoint_ends_transport(own(speaker));
}

static void own_transport_ended(Speaker *speaker, uint64_t now)
{
    endpoint_transport_ended(own(speaker), now);
}

static void own_time_out(Speaker *speaker, uint64_t now)
{
    endpoint_time_out(own(speaker), now);
}

static bool own_next_event(Speaker *speaker, EndpointEvent *event)
{
    return endpoint_next_event(own(speaker), event);
}

static void own_free(Speaker *speaker)
{
    endpoint_free(own(speaker));
    g_free(speaker);
}

static EndpointState own_state(const Speaker *speaker)
{
    return endpoint_state(own(speaker));
}

static bool own_waits(const Speaker *speaker)
{
    return endpoint_waits(own(speaker));
}

static bool own_in_handshake(const Speaker *speaker)
{
    return endpoint_in_handshake(own(speaker));
}

static bool own_was_connected(const Speaker *speaker)
{
    return endpoint_was_connected(own(speaker));
}

static const Version *own_version(const Speaker *speaker)
{
    return endpoint_version(own(speaker));
}

static const Certificate *own_peer_certificate(const Speaker *speaker)
{
    return endpoint_peer_certificate(own(speaker));
}

static bool own_send(Speaker *speaker, Bytes data, uint64_t now)
{
    return endpoint_send(own(speaker), data, now);
}

static bool own_renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    return endpoint_renegotiate(own(speaker), client_auth, now);
}

static bool own_close(Speaker *speaker, uint64_t now)
{
    bool open = endpoint_state(own(speaker)) == ENDPOINT_CONNECTED;
    endpoint_close(own(speaker), now);
    return open;
}

static bool own_abort(Speaker *speaker, AlertDescription alert, const char *sentence, uint64_t now)
{
    endpoint_abort(own(speaker), alert, sentence, now);
    return true;
}

static bool own_update_keys(Speaker *speaker, bool request, uint64_t now)
{
    return endpoint_update_keys(own(speaker), request, now);
}

static bool own_ask_certificate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    return endpoint_ask_certificate(own(speaker), client_auth, now);
}

static bool own_heartbeat(Speaker *speaker, Bytes payload, uint64_t now)
{
    return endpoint_heartbeat(own(speaker), payload, now);
}

static bool own_export(Speaker *speaker, const char *label, uint64_t now)
{
    return endpoint_export(own(speaker), label, now);
}

static void own_tell_cost(Speaker *speaker)
{
    endpoint_tell_cost(own(speaker));
}

static const SpeakerKind own_kind = {
    .name = "the laboratory's engine",
    .start = own_start,
    .receive = own_receive,
    .output = own_output,
    .output_sent = own_output_sent,
    .ends_transport = own_ends_transport,
    .transport_ended = own_transport_ended,
    .time_out = own_time_out,
    .next_event = own_next_event,
    .free = own_free,
    .state = own_state,
    .waits = own_waits,
    .in_handshake = own_in_handshake,
    .was_connected = own_was_connected,
    .version = own_version,
    .peer_certificate = own_peer_certificate,
    .send = own_send,
    .renegotiate = own_renegotiate,
    .close = own_close,
    .abort = own_abort,
    .update_keys = own_update_keys,
    .ask_certificate = own_ask_certificate,
    .heartbeat = own_heartbeat,
    .export = own_export,
    .tell_cost = own_tell_cost,
};

/* --- the source --- */

static void *own_open(const SpeakerSetup *setup, Fault *fault)
{
    (void)fault;
    return g_memdup2(setup, sizeof *setup);
}

static Speaker *own_connect(void *source, const TraceSink *sink)
{
    const SpeakerSetup *setup = source;
    OwnSpeaker *made = g_new0(OwnSpeaker, 1);
    made->speaker.kind = &own_kind;
    made->endpoint = endpoint_new(setup->config, setup->random, sink);
    return &made->speaker;
}

static SpeakerAnswer own_rotate_tickets(void *source, bool forget)
{
    const SpeakerSetup *setup = source;
    for (guint i = 0; i < setup->ticket_keys->len; i++)
        ticket_keys_rotate(g_ptr_array_index(setup->ticket_keys, i), setup->random, forget);
    return setup->ticket_keys->len > 0 ? SPEAKER_DONE : SPEAKER_NOT_NOW;
}

static SpeakerAnswer own_forget_sessions(void *source)
{
    const SpeakerSetup *setup = source;
    for (guint i = 0; i < setup->caches->len; i++)
        session_cache_clear(g_ptr_array_index(setup->caches, i));
    return setup->caches->len > 0 ? SPEAKER_DONE : SPEAKER_NOT_NOW;
}

const SpeakerSource own_source = {
    .name = "shakedown",
    .repeats = true,
    .open = own_open,
    .connect = own_connect,
    .rotate_tickets = own_rotate_tickets,
    .forget_sessions = own_forget_sessions,
    .close = g_free,
};
