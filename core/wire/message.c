/* Every message of SSL 2.0 to TLS 1.3, described once.
 *
 * One walk a message serves encoding and decoding. The walks stand in the order of the wire and
 * give the fields the RFC's names; the longer ones have files of their own (hello.c,
 * certificates.c, exchange.c, ssl2.c). They know neither keys nor order nor what a value means: a
 * rule stands here only where the RFC makes it part of the format.
 *
 * Obeys RFC 5246 7.4 and 7.2 (TLS 1.2), RFC 4346 and RFC 2246 7.4 (1.1, 1.0), RFC 6101 5.6 (SSL
 * 3.0: Finished of 36 bytes), RFC 8446 4 (TLS 1.3), RFC 5077 3.3 (tickets), RFC 6520 4 (heartbeat).
 */
#include "core/wire/message.h"

#include <string.h>

#include <stddef.h>

#include "core/wire/extension.h"
#include "core/wire/walks.h"

/* Messages that hold nothing: HelloRequest, ServerHelloDone (RFC 5246 7.4.1.1, 7.4.5),
 * EndOfEarlyData (RFC 8446 4.5). */
static void empty_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)wire;
    (void)context;
    (void)message;
}

static void encrypted_extensions_walk(Wire *wire, const WalkContext *context, Message *message)
{
    extensions_block_walk(wire, context, &message->encrypted_extensions); /* RFC 8446 4.3.1 */
}

static void new_session_ticket_walk(Wire *wire, const WalkContext *context, Message *message)
{
    NewSessionTicket *ticket = &message->new_session_ticket;
    bool tls13 = context->version >= VERSION_TLS_1_3;
    wire_u32(wire, tls13 ? "ticket_lifetime" : "ticket_lifetime_hint", NUMBER_PLAIN,
             &ticket->ticket_lifetime);
    if (tls13) { /* RFC 8446 4.6.1 */
        wire_u32(wire, "ticket_age_add", NUMBER_PLAIN, &ticket->ticket_age_add);
        wire_vector(wire, "ticket_nonce", 1, 0, LENGTH_8, &ticket->ticket_nonce);
    }
    wire_vector(wire, "ticket", 2, tls13 ? 1 : 0, LENGTH_16, &ticket->ticket);
    if (tls13)
        extensions_block_walk(wire, context, &ticket->extensions);
}

static void key_update_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)context;
    wire_u8(wire, "request_update", NUMBER_KEY_UPDATE, &message->key_update);
    wire_check(wire, message->key_update <= KEY_UPDATE_REQUESTED, /* RFC 8446 4.6.3 */
               "its request_update is neither 0 nor 1");
}

static void finished_walk(Wire *wire, const WalkContext *context, Message *message)
{
    Bytes *data = &message->finished.verify_data;
    if (context->version >= VERSION_TLS_1_3) { /* as long as the hash: the engine's to judge */
        wire_rest(wire, "verify_data", data);
        return;
    }
    if (context->version != VERSION_SSL_3_0) {
        wire_fixed(wire, "verify_data", 12, data); /* RFC 5246 7.4.9 */
        return;
    }
    Bytes md5 = BYTES_NONE, sha = BYTES_NONE;
    if (!wire->reading) {
        md5 = bytes_slice(*data, 0, 16);
        sha = bytes_slice(*data, 16, 20);
    }
    wire_fixed(wire, "md5_hash", 16, &md5); /* RFC 6101 5.6.9 */
    wire_fixed(wire, "sha_hash", 20, &sha);
    if (wire->error == WIRE_FINE && wire->reading)
        *data = bytes_make(md5.data, md5.size + sha.size);
}

/* clang-format off */
static const struct {
    MessageKind kind;
    BodyWalk walk;
} bodies[] = {
    {MESSAGE_HELLO_REQUEST, empty_walk},
    {MESSAGE_CLIENT_HELLO, client_hello_walk},
    {MESSAGE_SERVER_HELLO, server_hello_walk},
    {MESSAGE_NEW_SESSION_TICKET, new_session_ticket_walk},
    {MESSAGE_END_OF_EARLY_DATA, empty_walk},
    {MESSAGE_ENCRYPTED_EXTENSIONS, encrypted_extensions_walk},
    {MESSAGE_CERTIFICATE, certificate_walk},
    {MESSAGE_SERVER_KEY_EXCHANGE, server_key_exchange_walk},
    {MESSAGE_CERTIFICATE_REQUEST, certificate_request_walk},
    {MESSAGE_SERVER_HELLO_DONE, empty_walk},
    {MESSAGE_CERTIFICATE_VERIFY, certificate_verify_walk},
    {MESSAGE_CLIENT_KEY_EXCHANGE, client_key_exchange_walk},
    {MESSAGE_FINISHED, finished_walk},
    {MESSAGE_CERTIFICATE_STATUS, certificate_status_walk},
    {MESSAGE_KEY_UPDATE, key_update_walk},
    {MESSAGE_COMPRESSED_CERTIFICATE, compressed_certificate_walk},
};
/* clang-format on */

/* The type on the wire: a HelloRetryRequest is a ServerHello there (RFC 8446 4.1.4). */
static uint8_t type_of(MessageKind kind)
{
    return (uint8_t)(kind == MESSAGE_HELLO_RETRY_REQUEST ? MESSAGE_SERVER_HELLO : kind);
}

static void handshake_walk(Wire *wire, const WalkContext *context, Message *message)
{
    WalkContext inside = *context;
    uint8_t type = type_of(message->kind);
    wire_u8(wire, "msg_type", NUMBER_MESSAGE, &type);
    inside.message = message->kind;
    wire_open(wire, "body", -1, 3, 0, LENGTH_24);
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        if (bodies[i].kind != (MessageKind)type)
            continue;
        bodies[i].walk(wire, &inside, message);
        break;
    }
    wire_close(wire);
}

/* struct { HeartbeatMessageType type; uint16 payload_length; opaque payload[…]; opaque padding[…];
 * }: RFC 6520 4 */
static void heartbeat_walk(Wire *wire, Heartbeat *heartbeat)
{
    wire_u8(wire, "type", NUMBER_HEARTBEAT_TYPE, &heartbeat->type);
    wire_u16(wire, "payload_length", NUMBER_PLAIN, &heartbeat->payload_length);
    wire_fixed(wire, "payload", heartbeat->payload_length, &heartbeat->payload);
    wire_rest(wire, "padding", &heartbeat->padding);
}

void message_walk(Wire *wire, const WalkContext *context, Message *message)
{
    /* a name is for the map: looking it up costs more than a short message */
    wire_open(wire, wire->spans == NULL ? "message" : message_name(message->kind), -1, 0, 0, 0);
    if (message_is_ssl2(message->kind)) {
        ssl2_walk(wire, message);
    } else if (message->kind == MESSAGE_CHANGE_CIPHER_SPEC) {
        wire_u8(wire, "type", NUMBER_PLAIN, &message->change_cipher_spec);
        wire_check(wire, message->change_cipher_spec == 1, "its one byte is not 1");
    } else if (message->kind == MESSAGE_ALERT) {
        wire_u8(wire, "level", NUMBER_ALERT_LEVEL, &message->alert.level);
        wire_u8(wire, "description", NUMBER_ALERT, &message->alert.description);
    } else if (message->kind == MESSAGE_APPLICATION_DATA) {
        wire_rest(wire, "data", &message->application_data);
    } else if (message->kind == MESSAGE_HEARTBEAT) {
        heartbeat_walk(wire, &message->heartbeat);
    } else {
        handshake_walk(wire, context, message);
    }
    wire_close(wire);
}

static bool message_is_known(MessageKind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
        if (bodies[i].kind == kind)
            return true;
    return kind == MESSAGE_CHANGE_CIPHER_SPEC || kind == MESSAGE_ALERT ||
           kind == MESSAGE_APPLICATION_DATA || kind == MESSAGE_HEARTBEAT || message_is_ssl2(kind);
}

bool message_is_ssl2(MessageKind kind)
{
    return kind >= MESSAGE_SSL2 && kind <= MESSAGE_SSL2_CLIENT_CERTIFICATE;
}

/* A ServerHello whose random says that it is something else: RFC 8446 4.1.3. */
static bool is_retry(Bytes bytes, MessageKind kind)
{
    enum { VERSION_SIZE = 2 };
    return kind == MESSAGE_SERVER_HELLO &&
           bytes_equal(bytes_slice(bytes, HANDSHAKE_HEADER_SIZE + VERSION_SIZE, RANDOM_SIZE),
                       BYTES_ARRAY(hello_retry_random));
}

/* How much of a message of that kind must be cleared: up to its list of extensions, or all. */
static size_t size_to_clear(MessageKind kind)
{
#define UP_TO(field) offsetof(Message, field)
#define BEHIND(field) (offsetof(Message, field) + sizeof(((Message *)NULL)->field))
    switch ((int)kind) {
    case MESSAGE_CLIENT_HELLO:
        return UP_TO(client_hello.extensions.list);
    case MESSAGE_SERVER_HELLO:
    case MESSAGE_HELLO_RETRY_REQUEST:
        return UP_TO(server_hello.extensions.list);
    case MESSAGE_ENCRYPTED_EXTENSIONS:
        return UP_TO(encrypted_extensions.list);
    case MESSAGE_NEW_SESSION_TICKET:
        return UP_TO(new_session_ticket.extensions.list);
    case MESSAGE_CERTIFICATE:
        return BEHIND(certificate);
    case MESSAGE_SERVER_KEY_EXCHANGE:
        return BEHIND(server_key_exchange);
    case MESSAGE_CLIENT_KEY_EXCHANGE:
        return BEHIND(client_key_exchange);
    case MESSAGE_CERTIFICATE_VERIFY:
        return BEHIND(certificate_verify);
    case MESSAGE_FINISHED:
        return BEHIND(finished);
    case MESSAGE_CHANGE_CIPHER_SPEC:
        return BEHIND(change_cipher_spec);
    case MESSAGE_ALERT:
        return BEHIND(alert);
    case MESSAGE_APPLICATION_DATA:
        return BEHIND(application_data);
    }
#undef UP_TO
#undef BEHIND
    return sizeof(Message);
}

void message_clear(Message *message, MessageKind kind)
{
    memset(message, 0, size_to_clear(kind));
    message->kind = kind;
}

bool message_read(Bytes bytes, MessageKind kind, const WalkContext *context, Message *message,
                  GArray *spans, Fault *fault)
{
    bool typed = kind == MESSAGE_NONE || message_is_ssl2(kind); /* the first byte says which */
    message->kind = kind;
    if (typed && bytes.size == 0)
        return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 5246 7.4", "an empty message came");
    if (typed)
        message->kind = (kind == MESSAGE_NONE ? 0 : MESSAGE_SSL2) + (MessageKind)bytes.data[0];
    if (!message_is_known(message->kind))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4",
                          "a handshake message of type %u came, which this conversation does not "
                          "have",
                          (unsigned)message->kind);
    if (is_retry(bytes, message->kind))
        message->kind = MESSAGE_HELLO_RETRY_REQUEST;
    Wire wire = wire_reader(bytes, spans);
    message_walk(&wire, context, message);
    wire_finish(&wire);
    return wire_ok(&wire, message_name(message->kind), fault);
}

bool message_write(const Message *message, const WalkContext *context, GByteArray *output,
                   GArray *spans, Fault *fault)
{
    /* A writing walk changes nothing but counts that it repeats; a copy would have 30 kB. */
    Message *writable = (Message *)(uintptr_t)message;
    Wire wire = wire_writer(output, spans);
    message_walk(&wire, context, writable);
    wire_finish(&wire);
    return wire_ok(&wire, message_name(message->kind), fault);
}

const char *message_name(MessageKind kind)
{
    return number_text(NUMBER_MESSAGE, (uint32_t)kind);
}

ContentType message_content_type(MessageKind kind)
{
    if (kind == MESSAGE_CHANGE_CIPHER_SPEC)
        return CONTENT_CHANGE_CIPHER_SPEC;
    if (kind == MESSAGE_ALERT)
        return CONTENT_ALERT;
    if (kind == MESSAGE_APPLICATION_DATA)
        return CONTENT_APPLICATION_DATA;
    return kind == MESSAGE_HEARTBEAT ? CONTENT_HEARTBEAT : CONTENT_HANDSHAKE;
}
