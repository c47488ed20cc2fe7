/* The handlers by the message and who says it: a second table, keyed like the conversation's rows.
 * And the door to another handshake on a connection that is established.
 *
 * A read handler judges a decoded struct, a write handler fills one; neither touches records, order
 * or the trace's places. A message without a handler needs none.
 *
 * Obeys RFC 5246 7.4.1.1 (HelloRequest), 7.2.2 (no_renegotiation), RFC 5746 4 (unbound peers).
 */
#include "core/engine/state.h"

static const struct {
    MessageKind message;
    Role from;
    ReadHandler read;
    WriteHandler write;
} handlers[] = {
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, client_hello_read, client_hello_write},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, server_hello_read, server_hello_write},
    {MESSAGE_CERTIFICATE, ROLE_SERVER, server_certificate_read, certificate_write},
    {MESSAGE_SERVER_KEY_EXCHANGE, ROLE_SERVER, server_key_exchange_read, server_key_exchange_write},
    {MESSAGE_CERTIFICATE_REQUEST, ROLE_SERVER, certificate_request_read, certificate_request_write},
    {MESSAGE_SERVER_HELLO_DONE, ROLE_SERVER, server_hello_done_read, NULL},
    {MESSAGE_ALERT, ROLE_CLIENT, no_certificate_read, no_certificate_write},
    {MESSAGE_CERTIFICATE, ROLE_CLIENT, client_certificate_read, certificate_write},
    {MESSAGE_CLIENT_KEY_EXCHANGE, ROLE_CLIENT, client_key_exchange_read, client_key_exchange_write},
    {MESSAGE_CERTIFICATE_VERIFY, ROLE_CLIENT, certificate_verify_read, certificate_verify_write},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_CLIENT, change_cipher_spec_read, change_cipher_spec_write},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER, change_cipher_spec_read, change_cipher_spec_write},
    {MESSAGE_FINISHED, ROLE_CLIENT, finished_read, finished_write},
    {MESSAGE_FINISHED, ROLE_SERVER, finished_read, finished_write},
};

ReadHandler handler_for_reading(MessageKind message, Role from)
{
    for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++)
        if (handlers[i].message == message && handlers[i].from == from)
            return handlers[i].read;
    return NULL;
}

WriteHandler handler_for_writing(MessageKind message, Role from)
{
    for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++)
        if (handlers[i].message == message && handlers[i].from == from)
            return handlers[i].write;
    return NULL;
}

/* Why a new handshake is not wanted; NULL when it is. */
static const char *renegotiation_refusal(const Endpoint *endpoint)
{
    if (endpoint->config->refuses_renegotiation && !endpoint->hello_requested)
        return "this side does not renegotiate";
    if (endpoint->handshakes >= LIMIT_HANDSHAKES) /* begun, complete or not */
        return "this connection has had as many handshakes as the limit allows";
    if (!endpoint->established.secure_renegotiation &&
        !(endpoint->config->weaknesses & WEAKNESS_RENEGOTIATES_WITHOUT_BINDING))
        return "the other side cannot bind it to this connection (RFC 5746 4.4)";
    return NULL;
}

bool renegotiation_asked(Endpoint *endpoint, bool *begun, Fault *fault)
{
    *begun = false;
    if (!endpoint->established.any || endpoint->state != ENDPOINT_CONNECTED) {
        *begun = endpoint->handshake != NULL;
        return true;
    }
    const char *refusal = renegotiation_refusal(endpoint);
    if (refusal == NULL) {
        handshake_begin(endpoint);
        *begun = true;
        return true;
    }
    if (endpoint->established.version->number == VERSION_SSL_3_0) {
        /* RFC 6101 has no no_renegotiation: a client lets the request pass, a server ends it */
        if (endpoint->config->role == ROLE_CLIENT)
            return true;
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 6101 5.6.1.2", "%s", refusal);
    }
    speak_alert(endpoint, ALERT_LEVEL_WARNING, ALERT_NO_RENEGOTIATION, refusal);
    return true;
}
