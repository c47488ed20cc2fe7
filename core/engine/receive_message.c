/* A whole message: expected? → walk → transcript → read handler → facts → speak.
 *
 * One loop for every message of every version. It finds out whether a message may come now by
 * asking the conversation list, hands the decoded struct to its handler, and lets this side speak.
 * Alerts, requests for another handshake and what TLS 1.3 says once established stand outside the
 * lists.
 *
 * Obeys RFC 5246 7.2 (alerts), 7.4 (order), 7.4.1.1 (HelloRequest); RFC 8446 6 (alerts), 4.6.
 */
#include "core/engine/state.h"

static int receive_row(Endpoint *endpoint, MessageKind kind, Fault *fault);

/* A message that is announced and not yet there: whether it may come at all, and is not too long to
 * be held. */
bool receive_announced(Endpoint *endpoint, MessageKind kind, size_t body, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    Role self = endpoint->config->role;
    bool anew = !endpoint_is_tls13(endpoint) &&
                ((self == ROLE_CLIENT && kind == MESSAGE_HELLO_REQUEST) ||
                 (self == ROLE_SERVER && kind == MESSAGE_CLIENT_HELLO && handshake == NULL));
    Progress look;
    if (handshake != NULL)
        look = handshake->progress;
    bool row = handshake != NULL &&
               conversation_accept(handshake->conversation, &look, kind, role_peer(self)) >= 0;
    if (!row && kind == MESSAGE_SERVER_HELLO && handshake != NULL) { /* it may be either */
        look = handshake->progress;
        row = conversation_accept(handshake->conversation, &look, MESSAGE_HELLO_RETRY_REQUEST,
                                  ROLE_SERVER) >= 0;
    }
    bool later = endpoint->established.any && endpoint_is_tls13(endpoint) &&
                 (kind == MESSAGE_KEY_UPDATE ||
                  (self == ROLE_CLIENT &&
                   (kind == MESSAGE_NEW_SESSION_TICKET || kind == MESSAGE_CERTIFICATE_REQUEST)));
    if (!row && !anew && !later) {
        receive_row(endpoint, kind, fault);
        return false;
    }
    if (body <= LIMIT_HANDSHAKE_MESSAGE)
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, NULL,
                      "a handshake message of %zu bytes is announced; %d is the most", body,
                      LIMIT_HANDSHAKE_MESSAGE);
}

/* Whether no_renegotiation can be an answer: to a HelloRequest that is out, or to a ClientHello
 * that has none yet (RFC 5246 7.2.2). Anywhere else it is a warning like any other. */
static bool renegotiation_open(const Endpoint *endpoint)
{
    if (!endpoint->established.any)
        return false;
    if (endpoint->config->role == ROLE_SERVER)
        return endpoint->hello_requested && endpoint->handshake == NULL;
    return endpoint->handshake != NULL && endpoint->handshake->version == NULL;
}

/* An alert outside the conversation: closing, warnings, the end. */
static bool receive_alert(Endpoint *endpoint, const Alert *alert, Fault *fault)
{
    AlertDescription description = (AlertDescription)alert->description;
    report_alert(endpoint, (AlertLevel)alert->level, description, NULL, true);
    if (alert->level != ALERT_LEVEL_WARNING && alert->level != ALERT_LEVEL_FATAL)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.2",
                          "an alert of level %u came", alert->level);
    if (description == ALERT_CLOSE_NOTIFY) { /* RFC 5246 7.2.1: answer, and close */
        speak_alert(endpoint, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY, NULL);
        endpoint_set_state(endpoint, ENDPOINT_CLOSED);
        endpoint_event(endpoint, EVENT_CLOSED, BYTES_NONE);
        return true;
    }
    /* RFC 8446 6: but for two, all alerts are errors, whatever their level says */
    bool error = endpoint_is_tls13(endpoint) && description != ALERT_USER_CANCELED;
    if (alert->level == ALERT_LEVEL_FATAL || error) { /* RFC 5246 7.2.2: end, say nothing */
        fault_set(&endpoint->fault, FAULT_OF_PEER, description, "RFC 5246 7.2.2",
                  "the %s sent the fatal alert %s", role_name(role_peer(endpoint->config->role)),
                  number_text(NUMBER_ALERT, description));
        resume_forget(endpoint);
        endpoint_set_state(endpoint, ENDPOINT_FAILED);
        endpoint_event(endpoint, EVENT_FAILED, BYTES_NONE);
        return true;
    }
    if (++endpoint->warnings > LIMIT_WARNINGS)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL,
                          "more than %d warnings came in a row", LIMIT_WARNINGS);
    if (description == ALERT_NO_RENEGOTIATION && renegotiation_open(endpoint)) {
        handshake_abandon(endpoint); /* RFC 5246 7.2.2: the old connection goes on */
        endpoint->hello_requested = false;
        endpoint->next_client_auth = endpoint->config->client_auth;
        endpoint_event(endpoint, EVENT_RENEGOTIATION_REFUSED, BYTES_NONE);
    }
    return true;
}

/* Whether a message stands outside the list of the handshake that is under way. Alerts do, but for
 * SSL 3.0's no_certificate, which is a row (RFC 6101 5.6.6). */
static bool is_row(const Endpoint *endpoint, const Message *message)
{
    if (message->kind != MESSAGE_ALERT)
        return true;
    Progress look;
    const Handshake *handshake = endpoint->handshake;
    if (handshake == NULL || message->alert.description != ALERT_NO_CERTIFICATE ||
        message->alert.level != ALERT_LEVEL_WARNING) /* RFC 6101 5.6.6: a warning */
        return false;
    look = handshake->progress;
    return conversation_accept(handshake->conversation, &look, MESSAGE_ALERT,
                               role_peer(endpoint->config->role)) >= 0;
}

/* Whether a server that shows no certificate of its own asks for the client's, where an honest one
 * ends its flight: not a matter of order, RFC 5246 7.4.4 and RFC 6101 5.6.4 say. */
static bool is_anonymous_request(const Endpoint *endpoint, MessageKind kind)
{
    const Handshake *handshake = endpoint->handshake;
    if (kind != MESSAGE_CERTIFICATE_REQUEST || endpoint->config->role != ROLE_CLIENT ||
        !handshake_is(handshake, FACT_ANON))
        return false;
    Progress look = handshake->progress;
    return conversation_accept(handshake->conversation, &look, MESSAGE_SERVER_HELLO_DONE,
                               ROLE_SERVER) >= 0;
}

/* Takes the message's row, or says what was expected instead. */
static int receive_row(Endpoint *endpoint, MessageKind kind, Fault *fault)
{
    Role from = role_peer(endpoint->config->role);
    if (endpoint->handshake == NULL) {
        fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4",
                   "%s came; the handshake is complete, so application data, an alert or a new "
                   "hello was expected",
                   message_name(kind));
        return -1;
    }
    Handshake *handshake = endpoint->handshake;
    int row = conversation_accept(handshake->conversation, &handshake->progress, kind, from);
    if (row >= 0)
        return row;
    if (is_anonymous_request(endpoint, kind)) {
        fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5246 7.4.4",
                   "an anonymous server asks for a certificate of the client");
        return -1;
    }
    g_autofree char *expected = /* what is not accepted leaves the progress as it was */
        conversation_expected(handshake->conversation, &handshake->progress);
    fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4", "%s came; %s was expected",
               message_name(kind), expected);
    return -1;
}

/* Requests to renegotiate that lead to none are bounded. */
static bool receive_request(Endpoint *endpoint, const char *what, Fault *fault)
{
    if (++endpoint->requests <= LIMIT_HELLO_REQUESTS)
        return true;
    return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL, "more than %d %s came in a row",
                      LIMIT_HELLO_REQUESTS, what);
}

/* HelloRequest and the ClientHello of a renegotiation: not rows of the handshake under way. Says in
 * `*taken` whether the message is dealt with. */
static bool receive_established(Endpoint *endpoint, const Message *message, bool *taken,
                                Fault *fault)
{
    bool client = endpoint->config->role == ROLE_CLIENT;
    *taken = false;
    if (endpoint_is_tls13(endpoint))
        return tls13_established(endpoint, message, taken, fault);
    if (client && message->kind == MESSAGE_HELLO_REQUEST) {
        *taken = true;
        if (!receive_request(endpoint, "HelloRequests", fault))
            return false;
        if (endpoint->handshake != NULL) /* RFC 5246 7.4.1.1: ignored in a handshake */
            return true;
        bool begun = false;
        return renegotiation_asked(endpoint, &begun, fault);
    }
    if (client || message->kind != MESSAGE_CLIENT_HELLO || endpoint->handshake != NULL)
        return true;
    bool begun = false;
    if (!renegotiation_asked(endpoint, &begun, fault))
        return false;
    *taken = !begun;
    return begun || receive_request(endpoint, "refused ClientHellos", fault);
}

/* A message of an established connection that cannot be read: it might come, so its content is what
 * is wrong. */
static bool may_begin_anew(const Endpoint *endpoint, MessageKind kind)
{
    bool client = endpoint->config->role == ROLE_CLIENT;
    if (!endpoint->established.any)
        return false;
    if (endpoint_is_tls13(endpoint)) /* RFC 8446 4.6 */
        return kind == MESSAGE_KEY_UPDATE || (client && kind == MESSAGE_NEW_SESSION_TICKET);
    return endpoint->handshake == NULL &&
           kind == (client ? MESSAGE_HELLO_REQUEST : MESSAGE_CLIENT_HELLO);
}

static void receive_hashed(Endpoint *endpoint, MessageKind kind, Bytes bytes)
{
    if (endpoint->handshake != NULL && message_content_type(kind) == CONTENT_HANDSHAKE &&
        kind != MESSAGE_HELLO_REQUEST) /* RFC 5246 7.4.1.1 */
        bytes_append(endpoint->handshake->transcript, bytes);
}

/* The client learns from ServerHello which list the handshake goes on with: RFC 8446 4.1.3, 4.2.1.
 * A server that has asked for another hello has settled it. */
static void receive_family(Endpoint *endpoint, const Message *message)
{
    Handshake *handshake = endpoint->handshake;
    bool hello =
        message->kind == MESSAGE_SERVER_HELLO || message->kind == MESSAGE_HELLO_RETRY_REQUEST;
    if (!hello || handshake == NULL || endpoint->config->role != ROLE_CLIENT ||
        handshake->progress.row != 1 || handshake->conversation->family == FAMILY_SSL2)
        return;
    bool tls13 =
        endpoint->config->last >= VERSION_TLS_1_3 && !endpoint->established.any &&
        (message->kind == MESSAGE_HELLO_RETRY_REQUEST ||
         extensions_find(&message->server_hello.extensions, EXTENSION_SUPPORTED_VERSIONS) != NULL);
    handshake_adopt(handshake, tls13 ? FAMILY_TLS13 : FAMILY_SSL3);
}

/* What follows ChangeCipherSpec is under the keys just agreed (RFC 5246 7.1). */
static void receive_new_keys(Endpoint *endpoint)
{
    Way *way = &endpoint->read;
    g_clear_pointer(&way->protection, protection_free);
    g_clear_pointer(&way->compression, compression_free);
    way->protection = g_steal_pointer(&endpoint->handshake->next_read);
    way->sealed_limit = endpoint->handshake->sealed_read;
    if (endpoint->handshake->deflate)
        way->compression = compression_new_inflate();
    way->epoch++;
}

/* The row of a message that is one, its handler, and the step to new keys. */
static bool receive_step(Endpoint *endpoint, const Message *message, Bytes bytes, Fault *fault)
{
    Role from = role_peer(endpoint->config->role);
    Handshake *handshake = endpoint->handshake;
    const HandlerRow *row = handler_find(handshake->conversation->family, message->kind, from);
    endpoint->message = bytes;
    bool fine = row == NULL || row->read == NULL || row->read(endpoint, message, fault);
    endpoint->message = BYTES_NONE;
    if (!fine)
        return false;
    /* Finished and CertificateVerify cover what came before them: hashed after they are judged */
    receive_hashed(endpoint, message->kind, bytes);
    row = handler_find(handshake->conversation->family, message->kind, from); /* it may change */
    if (row != NULL && row->after != NULL && !row->after(endpoint, fault))
        return false;
    if (message->kind == MESSAGE_CHANGE_CIPHER_SPEC)
        receive_new_keys(endpoint);
    return true;
}

/* The row of a message of post-handshake authentication, before it is taken; -1. */
static int later_row(const Endpoint *endpoint, MessageKind kind)
{
    Role from = role_peer(endpoint->config->role);
    const Handshake *handshake = endpoint->handshake;
    Progress look = {0};
    if (handshake != NULL)
        look = handshake->progress;
    const Conversation *list =
        handshake == NULL ? conversation_of(FAMILY_TLS13_POST) : handshake->conversation;
    return message_content_type(kind) == CONTENT_HANDSHAKE
               ? conversation_accept(list, &look, kind, from)
               : -1;
}

bool receive_message(Endpoint *endpoint, Bytes bytes, MessageKind kind, Fault *fault)
{
    g_autoptr(GArray) spans = endpoint->sink.trace == NULL ? NULL : spans_new();
    WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
    Message message;
    message_clear(&message, kind == MESSAGE_NONE && bytes.size > 0 ? bytes.data[0] : kind);
    bool readable = message_read(bytes, kind, &context, &message, spans, fault);
    bool taken = false;
    int row = -1;
    if (readable)
        receive_family(endpoint, &message);
    if (kind != MESSAGE_NONE) /* no handshake message: it stands in the record at hand */
        endpoint->partial_record = 0;
    bool report_first = readable && endpoint->established.any && endpoint_is_tls13(endpoint);
    if (report_first) { /* what it causes is told behind it */
        endpoint->read.messages++;
        report_message(endpoint, message.kind, bytes, spans, later_row(endpoint, message.kind),
                       true);
    }
    if (readable && !receive_established(endpoint, &message, &taken, fault))
        return false;
    bool outside = taken || (readable && !is_row(endpoint, &message));
    /* order is judged before content: a message that may not come is unexpected_message even when
     * it cannot be read */
    Fault order = FAULT_INIT;
    outside = outside || (!readable && may_begin_anew(endpoint, message.kind));
    if (!outside)
        row = receive_row(endpoint, message.kind, &order);
    if (!report_first) {
        endpoint->read.messages++;
        report_message(endpoint, message.kind, bytes, readable ? spans : NULL, row, true);
    }
    if (!outside && row < 0) {
        *fault = order;
        return false;
    }
    if (!readable)
        return false;
    if (outside && message.kind == MESSAGE_ALERT)
        return receive_alert(endpoint, &message.alert, fault);
    if (outside) {
        speak(endpoint);
        return true;
    }
    endpoint->warnings = 0;
    if (!receive_step(endpoint, &message, bytes, fault))
        return false;
    Handshake *handshake = endpoint->handshake;
    if (conversation_over(handshake->conversation, &handshake->progress))
        handshake_end(endpoint);
    speak(endpoint);
    return true;
}
