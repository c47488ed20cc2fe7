/* The handlers by the family, the message and who says it: a second table, keyed like the rows of
 * the conversation lists. And the door to another handshake on a connection that is established.
 *
 * A read handler judges a decoded struct, a write handler fills one; neither touches records, order
 * or the trace's places. What must wait until the message is part of the transcript is done
 * `after`, on both sides by the same function. A message without a handler needs none.
 *
 * Obeys RFC 5246 7.4.1.1 (HelloRequest), 7.2.2 (no_renegotiation), RFC 5746 4 (unbound peers).
 */
#include "core/engine/state.h"

/* clang-format off */
#define C ROLE_CLIENT
#define S ROLE_SERVER
static const HandlerRow handlers[] = {
    /* family, message, from, read, write, after */
    {FAMILY_SSL3, MESSAGE_CLIENT_HELLO, C, client_hello_read, client_hello_write, NULL},
    {FAMILY_SSL3, MESSAGE_SERVER_HELLO, S, server_hello_read, server_hello_write, server_hello_after},
    {FAMILY_SSL3, MESSAGE_CERTIFICATE, S, server_certificate_read, certificate_write, NULL},
    {FAMILY_SSL3, MESSAGE_CERTIFICATE_STATUS, S, certificate_status_read, certificate_status_write, NULL},
    {FAMILY_SSL3, MESSAGE_SERVER_KEY_EXCHANGE, S, server_key_exchange_read, server_key_exchange_write, NULL},
    {FAMILY_SSL3, MESSAGE_CERTIFICATE_REQUEST, S, certificate_request_read, certificate_request_write, NULL},
    {FAMILY_SSL3, MESSAGE_SERVER_HELLO_DONE, S, server_hello_done_read, NULL, NULL},
    {FAMILY_SSL3, MESSAGE_ALERT, C, no_certificate_read, no_certificate_write, NULL},
    {FAMILY_SSL3, MESSAGE_CERTIFICATE, C, client_certificate_read, certificate_write, NULL},
    {FAMILY_SSL3, MESSAGE_CLIENT_KEY_EXCHANGE, C, client_key_exchange_read, client_key_exchange_write, client_key_exchange_after},
    {FAMILY_SSL3, MESSAGE_CERTIFICATE_VERIFY, C, certificate_verify_read, certificate_verify_write, NULL},
    {FAMILY_SSL3, MESSAGE_CHANGE_CIPHER_SPEC, C, change_cipher_spec_read, change_cipher_spec_write, NULL},
    {FAMILY_SSL3, MESSAGE_CHANGE_CIPHER_SPEC, S, change_cipher_spec_read, change_cipher_spec_write, NULL},
    {FAMILY_SSL3, MESSAGE_FINISHED, C, finished_read, finished_write, NULL},
    {FAMILY_SSL3, MESSAGE_FINISHED, S, finished_read, finished_write, NULL},
    {FAMILY_SSL3, MESSAGE_NEW_SESSION_TICKET, S, new_session_ticket_read, new_session_ticket_write, NULL},

    {FAMILY_TLS13, MESSAGE_CLIENT_HELLO, C, client_hello_read, client_hello_write, tls13_client_hello_after},
    {FAMILY_TLS13, MESSAGE_HELLO_RETRY_REQUEST, S, hello_retry_read, hello_retry_write, tls13_retry_after},
    {FAMILY_TLS13, MESSAGE_SERVER_HELLO, S, tls13_server_hello_read, tls13_server_hello_write, tls13_server_hello_after},
    {FAMILY_TLS13, MESSAGE_ENCRYPTED_EXTENSIONS, S, encrypted_extensions_read, encrypted_extensions_write, NULL},
    {FAMILY_TLS13, MESSAGE_CERTIFICATE_REQUEST, S, tls13_request_read, tls13_request_write, NULL},
    {FAMILY_TLS13, MESSAGE_CERTIFICATE, S, server_certificate_read, certificate_write, NULL},
    {FAMILY_TLS13, MESSAGE_COMPRESSED_CERTIFICATE, S, compressed_certificate_read, compressed_certificate_write, NULL},
    {FAMILY_TLS13, MESSAGE_CERTIFICATE_VERIFY, S, tls13_verify_read, tls13_verify_write, NULL},
    {FAMILY_TLS13, MESSAGE_FINISHED, S, tls13_finished_read, tls13_finished_write, tls13_server_finished_after},
    {FAMILY_TLS13, MESSAGE_END_OF_EARLY_DATA, C, NULL, NULL, tls13_end_early},
    {FAMILY_TLS13, MESSAGE_CERTIFICATE, C, client_certificate_read, certificate_write, NULL},
    {FAMILY_TLS13, MESSAGE_CERTIFICATE_VERIFY, C, tls13_verify_read, tls13_verify_write, NULL},
    {FAMILY_TLS13, MESSAGE_FINISHED, C, tls13_finished_read, tls13_finished_write, tls13_client_finished_after},

    {FAMILY_TLS13_POST, MESSAGE_CERTIFICATE_REQUEST, S, tls13_request_read, tls13_request_write, NULL},
    {FAMILY_TLS13_POST, MESSAGE_CERTIFICATE, C, client_certificate_read, certificate_write, NULL},
    {FAMILY_TLS13_POST, MESSAGE_CERTIFICATE_VERIFY, C, tls13_verify_read, tls13_verify_write, NULL},
    {FAMILY_TLS13_POST, MESSAGE_FINISHED, C, tls13_finished_read, tls13_finished_write, NULL},

    {FAMILY_SSL2, MESSAGE_SSL2_CLIENT_HELLO, C, ssl2_client_hello_read, ssl2_client_hello_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_SERVER_HELLO, S, ssl2_server_hello_read, ssl2_server_hello_write, ssl2_server_hello_after},
    {FAMILY_SSL2, MESSAGE_SSL2_CLIENT_MASTER_KEY, C, ssl2_master_key_read, ssl2_master_key_write, ssl2_derive},
    {FAMILY_SSL2, MESSAGE_SSL2_CLIENT_FINISHED, C, ssl2_client_finished_read, ssl2_client_finished_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_SERVER_VERIFY, S, ssl2_server_verify_read, ssl2_server_verify_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_REQUEST_CERTIFICATE, S, ssl2_request_read, ssl2_request_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_ERROR, C, ssl2_no_certificate_read, ssl2_no_certificate_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_CLIENT_CERTIFICATE, C, ssl2_certificate_read, ssl2_certificate_write, NULL},
    {FAMILY_SSL2, MESSAGE_SSL2_SERVER_FINISHED, S, ssl2_server_finished_read, ssl2_server_finished_write, NULL},
};
/* clang-format on */
#undef C
#undef S

/* Every message asks, so the rows are put where they are found at once. */
const HandlerRow *handler_find(Family family, MessageKind message, Role from)
{
    static const HandlerRow *places[FAMILY_TLS13_POST + 1][2][MESSAGE_NONE];
    static gsize filled;
    if (g_once_init_enter(&filled)) {
        for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++)
            places[handlers[i].family][handlers[i].from][handlers[i].message] = &handlers[i];
        g_once_init_leave(&filled, 1);
    }
    return message < MESSAGE_NONE ? places[family][from][message] : NULL;
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
        handshake_begin(endpoint, FAMILY_SSL3);
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
