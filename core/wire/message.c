/* Every message of SSL 3.0 to TLS 1.2 with RSA key exchange, described once.
 *
 * One walk a message serves encoding and decoding. The walks stand in the order of the wire and
 * give the fields the RFC's names. They know neither keys nor order nor what a value means: a rule
 * stands here only where the RFC makes it part of the format.
 *
 * Obeys RFC 5246 7.4 and 7.2 (TLS 1.2), RFC 4346 and RFC 2246 7.4 (1.1, 1.0), RFC 6101 5.6 (SSL
 * 3.0: ClientKeyExchange without a length, Finished of 36 bytes).
 */
#include "core/wire/message.h"

#include "core/wire/extension.h"

enum { LENGTH_8 = 0xff, LENGTH_16 = 0xffff, LENGTH_24 = 0xffffff };

/* RFC 5246 7.4.1.1 and 7.4.5: HelloRequest and ServerHelloDone are empty. */
static void empty_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)wire;
    (void)context;
    (void)message;
}

/* struct { uint32 gmt_unix_time; opaque random_bytes[28]; } Random: RFC 5246 7.4.1.2 */
static void random_walk(Wire *wire, Bytes *random)
{
    wire_fixed(wire, "random", RANDOM_SIZE, random);
}

static void client_hello_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ClientHello *hello = &message->client_hello;
    wire_u16(wire, "client_version", NUMBER_VERSION, &hello->client_version);
    random_walk(wire, &hello->random);
    wire_vector(wire, "session_id", 1, 0, SESSION_ID_MOST, &hello->session_id);
    wire_numbers(wire, "cipher_suites", 2, 2, NUMBER_SUITE, 2, LENGTH_16 - 1,
                 &hello->cipher_suites);
    wire_numbers(wire, "compression_methods", 1, 1, NUMBER_COMPRESSION, 1, LENGTH_8,
                 &hello->compression_methods);
    extensions_walk(wire, context, &hello->extensions);
}

static void server_hello_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ServerHello *hello = &message->server_hello;
    wire_u16(wire, "server_version", NUMBER_VERSION, &hello->server_version);
    random_walk(wire, &hello->random);
    wire_vector(wire, "session_id", 1, 0, SESSION_ID_MOST, &hello->session_id);
    wire_u16(wire, "cipher_suite", NUMBER_SUITE, &hello->cipher_suite);
    wire_u8(wire, "compression_method", NUMBER_COMPRESSION, &hello->compression_method);
    extensions_walk(wire, context, &hello->extensions);
}

/* ASN.1Cert certificate_list<0..2^24-1>: RFC 5246 7.4.2; empty only from a client. */
static void certificate_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)context;
    CertificateMessage *certificate = &message->certificate;
    size_t i = 0;
    wire_open(wire, "certificate_list", -1, 3, 0, LENGTH_24);
    for (; wire_more(wire, i, certificate->count); i++) {
        wire_check(wire, i < CERTIFICATES_MOST, "more certificates than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "certificate", (int)i, 0, 0, 0);
        wire_vector(wire, "ASN.1Cert", 3, 1, LENGTH_24, &certificate->list[i]);
        wire_close(wire);
    }
    certificate->count = i;
    wire_close(wire);
}

/* ServerRSAParams and the signature over them: RFC 2246 7.4.3. Signed in every version that has
 * export suites by MD5 and SHA-1 side by side. */
static void server_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)context;
    ServerKeyExchange *exchange = &message->server_key_exchange;
    wire_vector(wire, "rsa_modulus", 2, 1, LENGTH_16, &exchange->rsa_modulus);
    wire_vector(wire, "rsa_exponent", 2, 1, LENGTH_16, &exchange->rsa_exponent);
    wire_vector(wire, "signature", 2, 0, LENGTH_16, &exchange->signature);
}

static void certificate_request_walk(Wire *wire, const WalkContext *context, Message *message)
{
    CertificateRequest *request = &message->certificate_request;
    wire_numbers(wire, "certificate_types", 1, 1, NUMBER_CERT_TYPE, 1, LENGTH_8,
                 &request->certificate_types);
    if (context->version >= VERSION_TLS_1_2)
        wire_numbers(wire, "supported_signature_algorithms", 2, 2, NUMBER_SIGNATURE_SCHEME, 2,
                     LENGTH_16 - 1, &request->supported_signature_algorithms);
    size_t i = 0;
    wire_open(wire, "certificate_authorities", -1, 2, 0, LENGTH_16);
    for (; wire_more(wire, i, request->count); i++) {
        wire_check(wire, i < AUTHORITIES_MOST, "more authorities than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "authority", (int)i, 0, 0, 0);
        wire_vector(wire, "DistinguishedName", 2, 1, LENGTH_16,
                    &request->certificate_authorities[i]);
        wire_close(wire);
    }
    request->count = i;
    wire_close(wire);
}

/* SSL 3.0 writes the ciphertext without a length (RFC 6101 5.6.7.1 as all stacks read it; RFC 5246
 * 7.4.7.1 tells the story). */
static void client_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ClientKeyExchange *exchange = &message->client_key_exchange;
    if (context->version == VERSION_SSL_3_0)
        wire_rest(wire, "encrypted_premaster_secret", &exchange->encrypted_premaster_secret);
    else
        wire_vector(wire, "encrypted_premaster_secret", 2, 0, LENGTH_16,
                    &exchange->encrypted_premaster_secret);
}

static void certificate_verify_walk(Wire *wire, const WalkContext *context, Message *message)
{
    CertificateVerify *verify = &message->certificate_verify;
    if (context->version >= VERSION_TLS_1_2) /* RFC 5246 7.4.8 */
        wire_u16(wire, "algorithm", NUMBER_SIGNATURE_SCHEME, &verify->algorithm);
    wire_vector(wire, "signature", 2, 0, LENGTH_16, &verify->signature);
}

static void finished_walk(Wire *wire, const WalkContext *context, Message *message)
{
    Bytes *data = &message->finished.verify_data;
    if (context->version != VERSION_SSL_3_0) {
        wire_fixed(wire, "verify_data", 12, data); /* RFC 5246 7.4.9 */
        return;
    }
    Bytes md5 = bytes_slice(*data, 0, 16), sha = bytes_slice(*data, 16, 20);
    wire_fixed(wire, "md5_hash", 16, &md5); /* RFC 6101 5.6.9 */
    wire_fixed(wire, "sha_hash", 20, &sha);
    if (wire->error == WIRE_FINE && wire->reading)
        *data = bytes_make(md5.data, md5.size + sha.size);
}

/* clang-format off */
static const struct {
    MessageKind kind;
    void (*walk)(Wire *wire, const WalkContext *context, Message *message);
} bodies[] = {
    {MESSAGE_HELLO_REQUEST, empty_walk},
    {MESSAGE_CLIENT_HELLO, client_hello_walk},
    {MESSAGE_SERVER_HELLO, server_hello_walk},
    {MESSAGE_CERTIFICATE, certificate_walk},
    {MESSAGE_SERVER_KEY_EXCHANGE, server_key_exchange_walk},
    {MESSAGE_CERTIFICATE_REQUEST, certificate_request_walk},
    {MESSAGE_SERVER_HELLO_DONE, empty_walk},
    {MESSAGE_CERTIFICATE_VERIFY, certificate_verify_walk},
    {MESSAGE_CLIENT_KEY_EXCHANGE, client_key_exchange_walk},
    {MESSAGE_FINISHED, finished_walk},
};
/* clang-format on */

static void handshake_walk(Wire *wire, const WalkContext *context, Message *message)
{
    uint8_t type = (uint8_t)message->kind;
    wire_u8(wire, "msg_type", NUMBER_MESSAGE, &type);
    message->kind = (MessageKind)type;
    wire_open(wire, "body", -1, 3, 0, LENGTH_24);
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        if (bodies[i].kind != message->kind)
            continue;
        bodies[i].walk(wire, context, message);
        break;
    }
    wire_close(wire);
}

void message_walk(Wire *wire, const WalkContext *context, Message *message)
{
    wire_open(wire, message_name(message->kind), -1, 0, 0, 0);
    if (message->kind == MESSAGE_CHANGE_CIPHER_SPEC) {
        wire_u8(wire, "type", NUMBER_PLAIN, &message->change_cipher_spec);
        wire_check(wire, message->change_cipher_spec == 1, "its one byte is not 1");
    } else if (message->kind == MESSAGE_ALERT) {
        wire_u8(wire, "level", NUMBER_ALERT_LEVEL, &message->alert.level);
        wire_u8(wire, "description", NUMBER_ALERT, &message->alert.description);
    } else if (message->kind == MESSAGE_APPLICATION_DATA) {
        wire_rest(wire, "data", &message->application_data);
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
           kind == MESSAGE_APPLICATION_DATA;
}

bool message_read(Bytes bytes, MessageKind kind, const WalkContext *context, Message *message,
                  GArray *spans, Fault *fault)
{
    message->kind = kind;
    if (kind == MESSAGE_NONE) {
        if (bytes.size == 0)
            return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 5246 7.4", "an empty message came");
        message->kind = (MessageKind)bytes.data[0];
    }
    if (!message_is_known(message->kind))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4",
                          "a handshake message of type %u came, which this conversation does not "
                          "have",
                          (unsigned)message->kind);
    Wire wire = wire_reader(bytes, spans);
    message_walk(&wire, context, message);
    wire_finish(&wire);
    return wire_ok(&wire, message_name(message->kind), fault);
}

bool message_write(const Message *message, const WalkContext *context, GByteArray *output,
                   GArray *spans, Fault *fault)
{
    Message writable = *message; /* a writing walk changes nothing but counts that it repeats */
    Wire wire = wire_writer(output, spans);
    message_walk(&wire, context, &writable);
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
    return CONTENT_HANDSHAKE;
}
