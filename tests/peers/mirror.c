/* Our own engine behind a watch.
 *
 * What a watch tells of a party can be held against what the party tells itself only if both are
 * there. So here an endpoint writes into a trace of its own, which serves as its key log, and the
 * run's trace has what the watch makes of its records. No stack takes part: what differs is the
 * watch's fault. States that the inside knows come from the endpoint, as they do from a stack.
 */
#include "tests/peers/mirror.h"

#include "sim/peers/peer.h"

typedef struct {
    Speaker speaker;
    Speaker *own;
    Trace *hidden; /* what the endpoint tells */
    Watch *watch;
    ObserverKeys keys;
    TraceSink sink;
    Role role;
    ProtocolVersion last;
    int shown; /* of the endpoint's state */
} Mirror;

typedef struct {
    SpeakerSetup setup;
    void *own;
} MirrorSource;

static const SpeakerKind mirror_kind;

static Mirror *mirror_of(const Speaker *speaker)
{
    g_assert(speaker->kind == &mirror_kind);
    return (Mirror *)(uintptr_t)speaker;
}

static Direction said_in(const Mirror *mirror)
{
    return role_direction(mirror->role);
}

/* What came and what it caused, in this order; then where it ended. */
static void tell(Mirror *mirror, Bytes came)
{
    static const char *const names[] = {
        [ENDPOINT_IDLE] = NULL,
        [ENDPOINT_HANDSHAKING] = NULL,
        [ENDPOINT_CONNECTED] = "CONNECTED",
        [ENDPOINT_CLOSED] = "CLOSED",
        [ENDPOINT_FAILED] = "FAILED",
        [ENDPOINT_TIMED_OUT] = "TIMED_OUT",
    };
    EndpointState state = speaker_state(mirror->own);
    watch_tell_states(mirror->watch, state == ENDPOINT_HANDSHAKING || state == ENDPOINT_CONNECTED);
    watch_bytes(mirror->watch,
                said_in(mirror) == DIRECTION_TO_SERVER ? DIRECTION_TO_CLIENT : DIRECTION_TO_SERVER,
                came);
    bool shakes = state == ENDPOINT_CONNECTED && speaker_in_handshake(mirror->own);
    if (state == ENDPOINT_CONNECTED && !shakes &&
        watch_is_done(mirror->watch, mirror->role)) /* what it says now comes after */
        watch_state(mirror->watch, mirror->role, names[state]);
    watch_bytes(mirror->watch, said_in(mirror),
                bytes_slice(speaker_output(mirror->own), (size_t)mirror->shown,
                            speaker_output(mirror->own).size));
    mirror->shown = (int)speaker_output(mirror->own).size;
    if (!shakes)
        watch_state(mirror->watch, mirror->role, names[state]);
}

static void mirror_start(Speaker *speaker, uint64_t now)
{
    Mirror *mirror = mirror_of(speaker);
    watch_start(mirror->watch, mirror->role, mirror->last);
    speaker_start(mirror->own, now);
    tell(mirror, BYTES_NONE);
}

static void mirror_receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    Mirror *mirror = mirror_of(speaker);
    bool open = speaker_state(mirror->own) == ENDPOINT_HANDSHAKING ||
                speaker_state(mirror->own) == ENDPOINT_CONNECTED;
    speaker_receive(mirror->own, bytes, now);
    tell(mirror, open ? bytes : BYTES_NONE);
}

static Bytes mirror_output(const Speaker *speaker)
{
    return speaker_output(mirror_of(speaker)->own);
}

static void mirror_output_sent(Speaker *speaker)
{
    mirror_of(speaker)->shown = 0;
    speaker_output_sent(mirror_of(speaker)->own);
}

static bool mirror_ends_transport(const Speaker *speaker)
{
    return speaker_ends_transport(mirror_of(speaker)->own);
}

static void mirror_transport_ended(Speaker *speaker, uint64_t now)
{
    speaker_transport_ended(mirror_of(speaker)->own, now);
    tell(mirror_of(speaker), BYTES_NONE);
}

static void mirror_time_out(Speaker *speaker, uint64_t now)
{
    speaker_time_out(mirror_of(speaker)->own, now);
    tell(mirror_of(speaker), BYTES_NONE);
}

static bool mirror_next_event(Speaker *speaker, EndpointEvent *event)
{
    return speaker_next_event(mirror_of(speaker)->own, event);
}

static void mirror_free(Speaker *speaker)
{
    Mirror *mirror = mirror_of(speaker);
    speaker_free(mirror->own);
    watch_free(mirror->watch);
    trace_free(mirror->hidden);
    g_free(mirror);
}

static EndpointState mirror_state(const Speaker *speaker)
{
    return speaker_state(mirror_of(speaker)->own);
}

static bool mirror_waits(const Speaker *speaker)
{
    return speaker_waits(mirror_of(speaker)->own);
}

static bool mirror_in_handshake(const Speaker *speaker)
{
    return speaker_in_handshake(mirror_of(speaker)->own);
}

static bool mirror_was_connected(const Speaker *speaker)
{
    return speaker_was_connected(mirror_of(speaker)->own);
}

static const Version *mirror_version(const Speaker *speaker)
{
    return speaker_version(mirror_of(speaker)->own);
}

static const Certificate *mirror_certificate(const Speaker *speaker)
{
    return speaker_peer_certificate(mirror_of(speaker)->own);
}

/* An act of the endpoint, and what it says with it. */
static bool told(Speaker *speaker, SpeakerAnswer answer)
{
    tell(mirror_of(speaker), BYTES_NONE);
    return answer == SPEAKER_DONE;
}

static bool mirror_send(Speaker *speaker, Bytes data, uint64_t now)
{
    return told(speaker, speaker_send(mirror_of(speaker)->own, data, now));
}

static bool mirror_renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    return told(speaker, speaker_renegotiate(mirror_of(speaker)->own, client_auth, now));
}

static bool mirror_close(Speaker *speaker, uint64_t now)
{
    return told(speaker, speaker_close(mirror_of(speaker)->own, now));
}

static bool mirror_abort(Speaker *speaker, AlertDescription alert, const char *sentence,
                         uint64_t now)
{
    return told(speaker, speaker_abort(mirror_of(speaker)->own, alert, sentence, now));
}

static bool mirror_update_keys(Speaker *speaker, bool request, uint64_t now)
{
    return told(speaker, speaker_update_keys(mirror_of(speaker)->own, request, now));
}

static bool mirror_ask(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    return told(speaker, speaker_ask_certificate(mirror_of(speaker)->own, client_auth, now));
}

static bool mirror_heartbeat(Speaker *speaker, Bytes payload, uint64_t now)
{
    return told(speaker, speaker_heartbeat(mirror_of(speaker)->own, payload, now));
}

static const SpeakerKind mirror_kind = {
    .name = "the mirror",
    .start = mirror_start,
    .receive = mirror_receive,
    .output = mirror_output,
    .output_sent = mirror_output_sent,
    .ends_transport = mirror_ends_transport,
    .transport_ended = mirror_transport_ended,
    .time_out = mirror_time_out,
    .next_event = mirror_next_event,
    .free = mirror_free,
    .state = mirror_state,
    .waits = mirror_waits,
    .in_handshake = mirror_in_handshake,
    .was_connected = mirror_was_connected,
    .version = mirror_version,
    .peer_certificate = mirror_certificate,
    .send = mirror_send,
    .renegotiate = mirror_renegotiate,
    .close = mirror_close,
    .abort = mirror_abort,
    .update_keys = mirror_update_keys,
    .ask_certificate = mirror_ask,
    .heartbeat = mirror_heartbeat,
};

static void *mirror_open(const SpeakerSetup *setup, Fault *fault)
{
    MirrorSource *source = g_new0(MirrorSource, 1);
    source->setup = *setup;
    source->own = own_source.open(setup, fault);
    return source;
}

static Speaker *mirror_connect(void *data, const TraceSink *sink)
{
    MirrorSource *source = data;
    Mirror *mirror = g_new0(Mirror, 1);
    mirror->speaker.kind = &mirror_kind;
    mirror->hidden = trace_new();
    mirror->sink = *sink;
    mirror->role = source->setup.config->role;
    mirror->last = source->setup.config->last;
    mirror->keys = (ObserverKeys){.secret = secrets_find_in_trace, .data = mirror->hidden};
    mirror->watch = watch_new(&mirror->keys);
    WatchPlace place = {
        .trace = sink->trace,
        .link = sink->link,
        .connection = sink->connection,
        .parties = {WATCH_NOBODY, WATCH_NOBODY},
        .inside = true,
    };
    place.parties[mirror->role] = sink->party;
    watch_connect(mirror->watch, &place);
    TraceSink hidden = *sink;
    hidden.trace = mirror->hidden;
    mirror->own = own_source.connect(source->own, &hidden);
    return &mirror->speaker;
}

static void mirror_close_source(void *data)
{
    MirrorSource *source = data;
    own_source.close(source->own);
    g_free(source);
}

static SpeakerAnswer mirror_rotate(void *data, bool forget)
{
    return own_source.rotate_tickets(((MirrorSource *)data)->own, forget);
}

static SpeakerAnswer mirror_forget(void *data)
{
    return own_source.forget_sessions(((MirrorSource *)data)->own);
}

const SpeakerSource mirror_source = {
    .name = "mirror",
    .open = mirror_open,
    .connect = mirror_connect,
    .rotate_tickets = mirror_rotate,
    .forget_sessions = mirror_forget,
    .close = mirror_close_source,
};
