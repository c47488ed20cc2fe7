/* The messages of SSL 2.0: nine of them, a type byte ahead of each, lengths before bodies.
 *
 * They have no length of their own: a record holds one message. Fields carry the names of the
 * specification, in lower case. A CLIENT-HELLO whose version is 3.0 or more is the same message: it
 * opens a newer handshake (RFC 5246 E.2), and its cipher specs hold suites beside cipher kinds.
 *
 * Obeys "The SSL Protocol" (draft-hickman-netscape-ssl-00, 1995) 2.5 to 2.7 and RFC 5246 E.2.
 */
#include "core/wire/walks.h"

/* A length ahead of the bodies; `size` is that of the body when it is written. */
static void length_walk(Wire *wire, const char *name, Bytes body, uint16_t *length)
{
    *length = (uint16_t)body.size;
    wire_u16(wire, name, NUMBER_PLAIN, length);
}

static void numbers3_walk(Wire *wire, const char *name, uint16_t size, Bytes *list)
{
    wire_check(wire, size % 3 == 0, "its cipher specs are not whole"); /* 3 bytes each: 2.5.1 */
    wire_number_list(wire, name, 3, NUMBER_SUITE, size, list);
}

static void ssl2_client_hello_walk(Wire *wire, Ssl2Message *hello)
{
    uint16_t specs = 0, id = 0, challenge = 0;
    wire_u16(wire, "version", NUMBER_VERSION, &hello->version);
    length_walk(wire, "cipher_specs_length", hello->cipher_specs, &specs);
    length_walk(wire, "session_id_length", hello->session_id, &id);
    length_walk(wire, "challenge_length", hello->challenge, &challenge);
    numbers3_walk(wire, "cipher_specs", specs, &hello->cipher_specs);
    wire_fixed(wire, "session_id", id, &hello->session_id);
    wire_fixed(wire, "challenge", challenge, &hello->challenge);
}

static void ssl2_server_hello_walk(Wire *wire, Ssl2Message *hello)
{
    uint16_t certificate = 0, specs = 0, id = 0;
    wire_u8(wire, "session_id_hit", NUMBER_PLAIN, &hello->session_id_hit);
    wire_u8(wire, "certificate_type", NUMBER_PLAIN, &hello->certificate_type);
    wire_u16(wire, "version", NUMBER_VERSION, &hello->version);
    length_walk(wire, "certificate_length", hello->certificate, &certificate);
    length_walk(wire, "cipher_specs_length", hello->cipher_specs, &specs);
    length_walk(wire, "connection_id_length", hello->connection_id, &id);
    wire_fixed(wire, "certificate", certificate, &hello->certificate);
    numbers3_walk(wire, "cipher_specs", specs, &hello->cipher_specs);
    wire_fixed(wire, "connection_id", id, &hello->connection_id);
}

static void ssl2_client_master_key_walk(Wire *wire, Ssl2Message *key)
{
    uint16_t clear = 0, encrypted = 0, argument = 0;
    wire_u24(wire, "cipher_kind", NUMBER_SUITE, &key->cipher_kind);
    length_walk(wire, "clear_key_length", key->clear_key, &clear);
    length_walk(wire, "encrypted_key_length", key->encrypted_key, &encrypted);
    length_walk(wire, "key_arg_length", key->key_arg, &argument);
    wire_fixed(wire, "clear_key", clear, &key->clear_key);
    wire_fixed(wire, "encrypted_key", encrypted, &key->encrypted_key);
    wire_fixed(wire, "key_arg", argument, &key->key_arg);
}

static void ssl2_client_certificate_walk(Wire *wire, Ssl2Message *shown)
{
    uint16_t certificate = 0, response = 0;
    wire_u8(wire, "certificate_type", NUMBER_PLAIN, &shown->certificate_type);
    length_walk(wire, "certificate_length", shown->certificate, &certificate);
    length_walk(wire, "response_length", shown->response, &response);
    wire_fixed(wire, "certificate", certificate, &shown->certificate);
    wire_fixed(wire, "response", response, &shown->response);
}

void ssl2_walk(Wire *wire, Message *message)
{
    Ssl2Message *body = &message->ssl2;
    uint8_t type = (uint8_t)(message->kind - MESSAGE_SSL2);
    wire_u8(wire, "msg_type", NUMBER_SSL2_MESSAGE, &type);
    switch (MESSAGE_SSL2 + type) {
    case MESSAGE_SSL2_ERROR:
        wire_u16(wire, "error_code", NUMBER_SSL2_ERROR, &body->error_code);
        return;
    case MESSAGE_SSL2_CLIENT_HELLO:
        ssl2_client_hello_walk(wire, body);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        ssl2_server_hello_walk(wire, body);
        return;
    case MESSAGE_SSL2_CLIENT_MASTER_KEY:
        ssl2_client_master_key_walk(wire, body);
        return;
    case MESSAGE_SSL2_CLIENT_FINISHED:
        wire_rest(wire, "connection_id", &body->connection_id);
        return;
    case MESSAGE_SSL2_SERVER_VERIFY:
        wire_rest(wire, "challenge", &body->challenge);
        return;
    case MESSAGE_SSL2_SERVER_FINISHED:
        wire_rest(wire, "session_id", &body->session_id);
        return;
    case MESSAGE_SSL2_REQUEST_CERTIFICATE:
        wire_u8(wire, "authentication_type", NUMBER_PLAIN, &body->authentication_type);
        wire_rest(wire, "challenge", &body->challenge);
        return;
    case MESSAGE_SSL2_CLIENT_CERTIFICATE:
        ssl2_client_certificate_walk(wire, body);
        return;
    }
}
