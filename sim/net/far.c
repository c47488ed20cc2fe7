/* The far end of a socket.
 *
 * Bytes come in any portions; they are cut into records, and each is told to the trace as he said
 * it, opened with the secrets that the parties of this laboratory have written there. What is no
 * record goes on as it is: the side that is asked decides what to make of it, and what language it
 * was is remembered for people. What this file does not do is read a socket: bytes are given to it.
 *
 * Obeys RFC 5246 6.2.1 (records), E.2 (a first record of SSL 2.0).
 */
#include "sim/net/far.h"

#include <string.h>

#include "core/wire/record.h"
#include "sim/secrets.h"
#include "sim/watch.h"

typedef struct {
    Speaker speaker;
    Role role;
    TraceSink sink;
    ObserverKeys keys;
    Watch *watch;
    GByteArray *unsaid, *output, *outgoing;
    int records;
    unsigned data;
    const char *language;
    bool ssl2, strange;  /* SSL 2.0's framing; something else than records has come */
    bool brought, ended; /* nothing more will come; and that has been said */
    bool told_all;
    EndpointState state;
} Far;

static const SpeakerKind far_kind;

bool speaker_is_far(const Speaker *speaker)
{
    return speaker->kind == &far_kind;
}

static Far *far_of(const Speaker *speaker)
{
    g_assert(speaker_is_far(speaker));
    return (Far *)(uintptr_t)speaker;
}

/* --- the socket's side --- */

void far_bring(Speaker *speaker, Bytes bytes)
{
    bytes_append(far_of(speaker)->unsaid, bytes);
}

void far_bring_end(Speaker *speaker)
{
    far_of(speaker)->brought = true;
}

size_t far_unsaid(const Speaker *speaker)
{
    return far_of(speaker)->unsaid->len;
}

Bytes far_outgoing(const Speaker *speaker)
{
    return bytes_from_array(far_of(speaker)->outgoing);
}

void far_taken(Speaker *speaker, size_t size)
{
    if (size > 0)
        g_byte_array_remove_range(far_of(speaker)->outgoing, 0, (guint)size);
}

bool far_is_told_all(const Speaker *speaker)
{
    return far_of(speaker)->told_all;
}

unsigned far_data(const Speaker *speaker)
{
    return far_of(speaker)->data;
}

const char *far_language(const Speaker *speaker)
{
    return far_of(speaker)->language;
}

/* --- what he says --- */

/* By its first bytes: what people connect by mistake. */
static const char *language_of(Bytes bytes)
{
    static const struct {
        const char *begins, *name;
    } rows[] = {
        {"GET ", "HTTP"},       {"POST ", "HTTP"}, {"HEAD ", "HTTP"},          {"OPTIONS ", "HTTP"},
        {"PUT ", "HTTP"},       {"HTTP/", "HTTP"}, {"PRI * HTTP/2", "HTTP/2"}, {"SSH-", "SSH"},
        {"220", "SMTP or FTP"}, {"+OK", "POP3"},   {"* OK", "IMAP"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (bytes.size >= strlen(rows[i].begins) &&
            memcmp(bytes.data, rows[i].begins, strlen(rows[i].begins)) == 0)
            return rows[i].name;
    return "something that is no TLS";
}

/* How many bytes the next record has; 0: it is not whole. What is none is all of it. */
static size_t next_size(Far *far)
{
    Record record = {0};
    size_t used = 0;
    Framing framing = far->records == 0 ? FRAMING_FIRST : far->ssl2 ? FRAMING_SSL2 : FRAMING_TLS;
    Bytes bytes = bytes_from_array(far->unsaid);
    if (far->strange)
        return bytes.size;
    switch (record_read(bytes, framing, &record, &used, NULL)) {
    case RECORD_WHOLE:
        far->ssl2 = far->ssl2 || (far->role == ROLE_SERVER && far->records == 0 && record.ssl2);
        far->data += record.type == CONTENT_APPLICATION_DATA && !record.ssl2;
        return used;
    case RECORD_REFUSED:
        far->strange = true;
        far->language = far->records == 0 ? language_of(bytes) : NULL;
        return bytes.size;
    case RECORD_MORE:
        break;
    }
    return far->brought ? bytes.size : 0; /* cut off in the middle: it goes on as it is */
}

bool far_step(Speaker *speaker)
{
    Far *far = far_of(speaker);
    Direction direction = role_direction(far->role);
    size_t size = far->unsaid->len == 0 ? 0 : next_size(far);
    if (size > 0) {
        g_autoptr(GBytes) said = g_bytes_new(far->unsaid->data, size);
        g_byte_array_remove_range(far->unsaid, 0, (guint)size);
        far->records++;
        if (far->state == ENDPOINT_IDLE)
            far->state = ENDPOINT_HANDSHAKING;
        watch_bytes(far->watch, direction, bytes_from_gbytes(said));
        bytes_append(far->output, bytes_from_gbytes(said));
        return true;
    }
    bool end = far->brought && !far->ended;
    far->ended = far->ended || end;
    if (end)
        far->state = ENDPOINT_CLOSED;
    return end;
}

/* --- the speaker's table --- */

static void far_start(Speaker *speaker, uint64_t now)
{
    (void)now;
    watch_state(far_of(speaker)->watch, far_of(speaker)->role, "START");
}

static void far_receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    Far *far = far_of(speaker);
    (void)now;
    watch_bytes(far->watch, role_direction(role_peer(far->role)), bytes);
    bytes_append(far->outgoing, bytes);
}

static Bytes far_output(const Speaker *speaker)
{
    return bytes_from_array(far_of(speaker)->output);
}

static void far_output_sent(Speaker *speaker)
{
    g_byte_array_set_size(far_of(speaker)->output, 0);
}

static bool far_ends_transport(const Speaker *speaker)
{
    return far_of(speaker)->ended;
}

static void far_transport_ended(Speaker *speaker, uint64_t now)
{
    (void)now;
    far_of(speaker)->told_all = true;
}

/* He is not hurried: how long anybody waits for him is decided where the socket is. */
static void far_time_out(Speaker *speaker, uint64_t now)
{
    (void)speaker;
    (void)now;
}

static bool far_next_event(Speaker *speaker, EndpointEvent *event)
{
    (void)speaker;
    (void)event;
    return false;
}

static EndpointState far_state(const Speaker *speaker)
{
    return far_of(speaker)->state;
}

static bool far_no(const Speaker *speaker)
{
    (void)speaker;
    return false;
}

static const Version *far_version(const Speaker *speaker)
{
    (void)speaker;
    return NULL;
}

static const Certificate *far_certificate(const Speaker *speaker)
{
    (void)speaker;
    return NULL;
}

static void far_free(Speaker *speaker)
{
    Far *far = far_of(speaker);
    watch_free(far->watch);
    g_byte_array_unref(far->unsaid);
    g_byte_array_unref(far->output);
    g_byte_array_unref(far->outgoing);
    g_free(far);
}

static const SpeakerKind far_kind = {
    .name = "whoever is at the other end",
    .start = far_start,
    .receive = far_receive,
    .output = far_output,
    .output_sent = far_output_sent,
    .ends_transport = far_ends_transport,
    .transport_ended = far_transport_ended,
    .time_out = far_time_out,
    .next_event = far_next_event,
    .free = far_free,
    .state = far_state,
    .waits = far_no,
    .in_handshake = far_no,
    .was_connected = far_no,
    .version = far_version,
    .peer_certificate = far_certificate,
};

/* --- the source --- */

typedef struct {
    Role role;
} FarSource;

static void *far_open(const SpeakerSetup *setup, Fault *fault)
{
    FarSource *source = g_new0(FarSource, 1);
    (void)fault;
    source->role = setup->config->role;
    return source;
}

static Speaker *far_connect(void *data, const TraceSink *sink)
{
    const FarSource *source = data;
    Far *far = g_new0(Far, 1);
    far->speaker.kind = &far_kind;
    far->role = source->role;
    far->sink = *sink;
    far->unsaid = g_byte_array_new();
    far->output = g_byte_array_new();
    far->outgoing = g_byte_array_new();
    far->keys = (ObserverKeys){.secret = secrets_find_in_trace, .data = sink->trace};
    far->watch = watch_new(&far->keys);
    WatchPlace place = {
        .trace = sink->trace,
        .link = sink->link,
        .connection = sink->connection,
        .parties = {WATCH_NOBODY, WATCH_NOBODY},
    };
    place.parties[far->role] = sink->party;
    watch_connect(far->watch, &place);
    return &far->speaker;
}

const SpeakerSource far_source = {
    .name = "far",
    .open = far_open,
    .connect = far_connect,
    .close = g_free,
};
