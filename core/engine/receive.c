/* Taking in: records → open → whole messages → expected? → walk → transcript → read handler → facts
 * → speak.
 *
 * One loop for every message of every version. It finds out whether a message may come now by
 * asking the conversation list, hands the decoded struct to its handler, and lets this side speak.
 * Floods are bounded here, by the limits' names.
 *
 * Obeys RFC 5246 6.2 (records, fragments, empty fragments), 7.1 (ChangeCipherSpec between whole
 * messages), 7.2 (alerts), 7.4 (order), 7.4.1.1 (HelloRequest).
 */
#include "core/engine/state.h"

static bool receive_record(Endpoint *endpoint, const Record *record, Fault *fault);
static bool receive_plaintext(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault);
static bool receive_handshake(Endpoint *endpoint, Bytes plaintext, Fault *fault);
static bool receive_alerts(Endpoint *endpoint, Bytes plaintext, Fault *fault);
static bool receive_data(Endpoint *endpoint, Bytes plaintext, Fault *fault);
static bool receive_message(Endpoint *endpoint, Bytes bytes, MessageKind kind, Fault *fault);
static int receive_row(Endpoint *endpoint, MessageKind kind, Fault *fault);

static bool is_open(const Endpoint *endpoint)
{
    return endpoint->state == ENDPOINT_HANDSHAKING || endpoint->state == ENDPOINT_CONNECTED;
}

void receive(Endpoint *endpoint, Bytes bytes)
{
    if (!is_open(endpoint)) /* RFC 5246 7.2.1: what comes after the end is not looked at */
        return;
    bytes_append(endpoint->input, bytes);
    Fault fault = FAULT_INIT;
    size_t at = 0;
    bool fine = true;
    while (fine && is_open(endpoint)) {
        Bytes rest = bytes_slice(bytes_from_array(endpoint->input), at, endpoint->input->len);
        Record record;
        size_t used = 0;
        RecordResult result = record_read(rest, FRAMING_TLS, &record, &used, &fault);
        if (result == RECORD_MORE)
            break;
        fine = result == RECORD_WHOLE && receive_record(endpoint, &record, &fault);
        at += used;
    }
    g_byte_array_remove_range(endpoint->input, 0, (guint)MIN(at, endpoint->input->len));
    if (!fine)
        endpoint_fail(endpoint, &fault);
}

/* Before ServerHello any version of the family may stand there (RFC 5246 E.1); then it is fixed. */
static bool receive_version(const Endpoint *endpoint, const Record *record, Fault *fault)
{
    const Version *version = endpoint_version(endpoint);
    bool settled = version != NULL && (endpoint->read.records > 1 || endpoint->established.any);
    if (!settled || record->version == version->number)
        return true;
    /* a client that gives up before ServerHello reaches it says so in its first hello's version */
    if (record->type == CONTENT_ALERT && endpoint->read.protection == NULL)
        return true;
    return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 6.2.1",
                      "a record of version %s came in a connection of %s",
                      number_text(NUMBER_VERSION, record->version), version->name);
}

static bool receive_record(Endpoint *endpoint, const Record *record, Fault *fault)
{
    endpoint->read.records++;
    if (!receive_version(endpoint, record, fault))
        return false;
    ContentType type = (ContentType)record->type;
    if (endpoint->read.protection == NULL) {
        if (record->fragment.size > RECORD_PLAINTEXT_MOST) /* RFC 5246 6.2.1 */
            return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 5246 6.2.1",
                              "a record holds %zu bytes; 2^14 is the most", record->fragment.size);
        return receive_plaintext(endpoint, type, record->fragment, fault);
    }
    g_byte_array_set_size(endpoint->opened, 0);
    if (!protection_open(endpoint->read.protection, &type, record->version, record->fragment,
                         endpoint->opened, fault))
        return false;
    return receive_plaintext(endpoint, type, bytes_from_array(endpoint->opened), fault);
}

/* Empty fragments: legal for application data alone (RFC 5246 6.2.1), and not without end. */
static bool receive_empty(Endpoint *endpoint, ContentType type, Fault *fault)
{
    if (type != CONTENT_APPLICATION_DATA)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 6.2.1",
                          "an empty record of type %s came",
                          number_text(NUMBER_CONTENT_TYPE, type));
    if (++endpoint->empties > LIMIT_EMPTY_RECORDS)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL,
                          "more than %d empty records came in a row", LIMIT_EMPTY_RECORDS);
    return true;
}

static bool receive_plaintext(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault)
{
    if (plaintext.size == 0 && !receive_empty(endpoint, type, fault))
        return false;
    if (plaintext.size > 0)
        endpoint->empties = 0;
    /* what was begun under the old keys must not be ended under the new ones */
    if (type == CONTENT_CHANGE_CIPHER_SPEC &&
        (endpoint->partial->len > 0 || endpoint->half_alert->len > 0))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.1",
                          "the keys change in the middle of %s",
                          endpoint->partial->len > 0 ? "a handshake message" : "an alert");
    switch (type) {
    case CONTENT_HANDSHAKE:
        return receive_handshake(endpoint, plaintext, fault);
    case CONTENT_ALERT:
        return receive_alerts(endpoint, plaintext, fault);
    case CONTENT_CHANGE_CIPHER_SPEC:
        return receive_message(endpoint, plaintext, MESSAGE_CHANGE_CIPHER_SPEC, fault);
    case CONTENT_APPLICATION_DATA:
        return receive_data(endpoint, plaintext, fault);
    case CONTENT_HEARTBEAT:
        break;
    }
    return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 6520 2",
                      "a heartbeat came, which was not negotiated");
}

/* A message that is announced and not yet there: whether it may come at all, and is not too long to
 * be held. */
static bool receive_announced(Endpoint *endpoint, MessageKind kind, size_t body, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    Role self = endpoint->config->role;
    bool anew = (self == ROLE_CLIENT && kind == MESSAGE_HELLO_REQUEST) ||
                (self == ROLE_SERVER && kind == MESSAGE_CLIENT_HELLO && handshake == NULL);
    Progress look;
    if (handshake != NULL)
        look = handshake->progress;
    bool row = handshake != NULL &&
               conversation_accept(handshake->conversation, &look, kind, role_peer(self)) >= 0;
    if (!row && !anew) {
        receive_row(endpoint, kind, fault);
        return false;
    }
    if (body <= LIMIT_HANDSHAKE_MESSAGE)
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, NULL,
                      "a handshake message of %zu bytes is announced; %d is the most", body,
                      LIMIT_HANDSHAKE_MESSAGE);
}

/* Cuts whole messages out of the records: they may be fragmented and coalesced. */
static bool receive_handshake(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    GByteArray *partial = endpoint->partial;
    if (partial->len == 0)
        endpoint->partial_record = endpoint->read.records;
    bytes_append(partial, plaintext);
    while (partial->len >= HANDSHAKE_HEADER_SIZE && is_open(endpoint)) {
        size_t body = bytes_number(bytes_make(partial->data + 1, 3));
        size_t size = HANDSHAKE_HEADER_SIZE + body;
        if (partial->len < size)
            return receive_announced(endpoint, (MessageKind)partial->data[0], body, fault);
        /* taken out first: what it causes may look at what is left */
        g_autoptr(GByteArray) message = g_byte_array_sized_new((guint)size);
        g_byte_array_append(message, partial->data, (guint)size);
        g_byte_array_remove_range(partial, 0, (guint)size);
        if (!receive_message(endpoint, bytes_from_array(message), MESSAGE_NONE, fault))
            return false;
        endpoint->partial_record = endpoint->read.records;
    }
    return true;
}

/* An alert of two bytes may be cut and may have neighbours (RFC 5246 6.2.1). */
static bool receive_alerts(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    for (size_t i = 0; i < plaintext.size && is_open(endpoint); i++) {
        g_byte_array_append(endpoint->half_alert, plaintext.data + i, 1);
        if (endpoint->half_alert->len < 2)
            continue;
        uint8_t alert[2] = {endpoint->half_alert->data[0], endpoint->half_alert->data[1]};
        g_byte_array_set_size(endpoint->half_alert, 0);
        if (!receive_message(endpoint, BYTES_ARRAY(alert), MESSAGE_ALERT, fault))
            return false;
    }
    return true;
}

/* Whether the other side's keys have changed and its Finished has not come. */
static bool awaits_finished(const Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    size_t rows[NEXT_MOST];
    if (handshake == NULL ||
        conversation_next(handshake->conversation, &handshake->progress, rows) == 0)
        return false;
    const Step *step = &handshake->conversation->steps[rows[0]];
    return step->under == UNDER_NEW && step->from == role_peer(endpoint->config->role);
}

/* Data is legal once a first handshake is complete, also while another one is under way: until the
 * keys change it travels under the old ones (RFC 5246 6.2.1, interleaving). */
static bool receive_data(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    if (!endpoint->established.any || endpoint->state != ENDPOINT_CONNECTED)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4",
                          "application data came before the handshake was complete");
    if (awaits_finished(endpoint)) /* RFC 5246 7.4.9: only after a Finished that verifies */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4.9",
                          "application data came under keys that no Finished has confirmed");
    if (plaintext.size == 0)
        return true;
    endpoint->warnings = 0;
    endpoint->requests = 0;
    endpoint->read.messages++;
    g_autoptr(GArray) spans = NULL;
    if (endpoint->sink.trace != NULL) {
        spans = spans_new();
        Message message;
        WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
        message_read(plaintext, MESSAGE_APPLICATION_DATA, &context, &message, spans, NULL);
    }
    endpoint->partial_record = 0;
    report_message(endpoint, MESSAGE_APPLICATION_DATA, plaintext, spans, -1, true);
    TraceEvent *event = report(endpoint, TRACE_DATA);
    if (event != NULL) {
        event->direction = role_direction(role_peer(endpoint->config->role));
        event->bytes = bytes_copy(plaintext);
    }
    endpoint_event(endpoint, EVENT_DATA, plaintext);
    return true;
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
    if (alert->level == ALERT_LEVEL_FATAL) { /* RFC 5246 7.2.2: end at once, say nothing */
        fault_set(&endpoint->fault, FAULT_OF_PEER, description, "RFC 5246 7.2.2",
                  "the %s sent the fatal alert %s", role_name(role_peer(endpoint->config->role)),
                  number_text(NUMBER_ALERT, description));
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
    g_autofree char *expected =
        conversation_expected(handshake->conversation, &handshake->progress);
    int row = conversation_accept(handshake->conversation, &handshake->progress, kind, from);
    if (row < 0)
        fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4", "%s came; %s was expected",
                   message_name(kind), expected);
    return row;
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

/* A hello of a renegotiation that cannot be read: it might come, so its content is what is wrong.
 */
static bool may_begin_anew(const Endpoint *endpoint, MessageKind kind)
{
    bool client = endpoint->config->role == ROLE_CLIENT;
    return endpoint->handshake == NULL && endpoint->established.any &&
           kind == (client ? MESSAGE_HELLO_REQUEST : MESSAGE_CLIENT_HELLO);
}

static void receive_hashed(Endpoint *endpoint, MessageKind kind, Bytes bytes)
{
    if (endpoint->handshake != NULL && message_content_type(kind) == CONTENT_HANDSHAKE &&
        kind != MESSAGE_HELLO_REQUEST) /* RFC 5246 7.4.1.1 */
        bytes_append(endpoint->handshake->transcript, bytes);
}

/* The row of a message that is one, its handler, and the step to new keys. */
static bool receive_step(Endpoint *endpoint, const Message *message, Bytes bytes, int row,
                         Fault *fault)
{
    Role from = role_peer(endpoint->config->role);
    ReadHandler read = handler_for_reading(message->kind, from);
    /* Finished and CertificateVerify cover what came before them: hashed after they are judged */
    if (read != NULL && !read(endpoint, message, fault))
        return false;
    receive_hashed(endpoint, message->kind, bytes);
    (void)row;
    if (message->kind != MESSAGE_CHANGE_CIPHER_SPEC)
        return true;
    g_clear_pointer(&endpoint->read.protection, protection_free);
    endpoint->read.protection = g_steal_pointer(&endpoint->handshake->next_read);
    endpoint->read.epoch++;
    return true;
}

static bool receive_message(Endpoint *endpoint, Bytes bytes, MessageKind kind, Fault *fault)
{
    g_autoptr(GArray) spans = endpoint->sink.trace == NULL ? NULL : spans_new();
    WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
    Message message = {.kind = kind};
    bool readable = message_read(bytes, kind, &context, &message, spans, fault);
    bool taken = false;
    if (readable && !receive_established(endpoint, &message, &taken, fault))
        return false;
    int row = -1;
    bool outside = taken || (readable && !is_row(endpoint, &message));
    /* order is judged before content: a message that may not come is unexpected_message even when
     * it cannot be read */
    Fault order = FAULT_INIT;
    outside = outside || (!readable && may_begin_anew(endpoint, message.kind));
    if (!outside)
        row = receive_row(endpoint, message.kind, &order);
    endpoint->read.messages++;
    if (kind != MESSAGE_NONE) /* no handshake message: it stands in the record at hand */
        endpoint->partial_record = 0;
    report_message(endpoint, message.kind, bytes, readable ? spans : NULL, row, true);
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
    if (!receive_step(endpoint, &message, bytes, row, fault))
        return false;
    Handshake *handshake = endpoint->handshake;
    if (conversation_over(handshake->conversation, &handshake->progress))
        handshake_end(endpoint);
    speak(endpoint);
    return true;
}
