/* Taking in: records → open → whole messages.
 *
 * What a record is under the keys in force, and what it holds: handshake messages cut out of it,
 * alerts, data. What is done with a message is in receive_message.c. Floods are bounded here, by
 * the limits' names.
 *
 * Obeys RFC 5246 6.2 (records, fragments, empty fragments), 7.1 (ChangeCipherSpec between whole
 * messages); RFC 8446 5 (ChangeCipherSpec that is dropped, protected types), 5.1, 5.2, 4.2.10
 * (early data that is skipped); RFC 3749 2; RFC 6066 4; RFC 8449 4.
 */
#include "core/engine/state.h"

static bool receive_record(Endpoint *endpoint, const Record *record, Fault *fault);
static bool receive_plaintext(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault);
static bool receive_handshake(Endpoint *endpoint, Bytes plaintext, Fault *fault);
static bool receive_alerts(Endpoint *endpoint, Bytes plaintext, Fault *fault);

void receive(Endpoint *endpoint, Bytes bytes)
{
    if (!endpoint_is_open(endpoint)) /* RFC 5246 7.2.1: what comes after the end is not looked at */
        return;
    Fault fault = FAULT_INIT;
    size_t at = 0;
    bool fine = true, waited = endpoint->input != NULL;
    if (waited) { /* behind the beginning of a record that came before */
        bytes_append(endpoint->input, bytes);
        bytes = bytes_from_array(endpoint->input);
    }
    while (fine && endpoint_is_open(endpoint)) {
        Bytes rest = bytes_slice(bytes, at, bytes.size);
        Record record;
        size_t used = 0;
        RecordResult result = record_read(rest, endpoint->framing, &record, &used, &fault);
        if (result == RECORD_MORE)
            break;
        fine = result == RECORD_WHOLE && receive_record(endpoint, &record, &fault);
        at += used;
    }
    if (waited)
        buffer_drop(&endpoint->input, at);
    else
        buffer_append(&endpoint->input, bytes_slice(bytes, at, bytes.size));
    if (!fine)
        endpoint_fail(endpoint, &fault);
}

/* Before ServerHello any version of the family may stand there (RFC 5246 E.1); then it is fixed. In
 * TLS 1.3 it says nothing (RFC 8446 5.1). */
static bool receive_version(const Endpoint *endpoint, const Record *record, Fault *fault)
{
    const Version *version = endpoint_version(endpoint);
    bool settled = version != NULL && (endpoint->read.records > 1 || endpoint->established.any);
    if (!settled || record->version == version->number || version->number >= VERSION_TLS_1_3)
        return true;
    /* a client that gives up before ServerHello reaches it says so in its first hello's version */
    if (record->type == CONTENT_ALERT && endpoint->read.protection == NULL)
        return true;
    return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 6.2.1",
                      "a record of version %s came in a connection of %s",
                      number_text(NUMBER_VERSION, record->version), version->name);
}

/* Whether this side has offered TLS 1.3, and has no answer. A ChangeCipherSpec is dropped then,
 * too: nothing else can be meant by it (RFC 8446 5). If the answer is an older version, it was one
 * that came too early (handlers_hello.c). */
static bool awaits_choice(const Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    return endpoint->config->role == ROLE_CLIENT && endpoint_version(endpoint) == NULL &&
           handshake != NULL && handshake->offered_version >= VERSION_TLS_1_3;
}

/* RFC 8446 5: a ChangeCipherSpec of one byte 1 between the hellos and the other side's Finished is
 * dropped; a middlebox wants to see it. */
static bool receive_compatibility(Endpoint *endpoint, Bytes fragment, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    bool fine = fragment.size == 1 && fragment.data[0] == 1 && handshake != NULL &&
                handshake->conversation->family == FAMILY_TLS13 && endpoint->partial == NULL;
    if (!fine || ++endpoint->ccs_came > LIMIT_CHANGE_CIPHER_SPECS)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5",
                          "a ChangeCipherSpec came that TLS 1.3 does not allow here");
    endpoint->read.messages++;
    endpoint->partial_record = 0;
    g_autoptr(GArray) spans = endpoint->sink.trace == NULL ? NULL : spans_new();
    WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
    Message message;
    if (spans != NULL)
        message_read(fragment, MESSAGE_CHANGE_CIPHER_SPEC, &context, &message, spans, NULL);
    int epoch = endpoint->read.epoch;
    endpoint->read.epoch = 0; /* it is always in the clear */
    report_message(endpoint, MESSAGE_CHANGE_CIPHER_SPEC, fragment, spans, -1, true);
    endpoint->read.epoch = epoch;
    return true;
}

/* Rejected early data is passed over until a record opens, or behind a HelloRetryRequest until the
 * next hello: RFC 8446 4.2.10. */
static bool receive_skip(Endpoint *endpoint, const Record *record, Fault *fault)
{
    if (record->fragment.size > RECORD_TLS13_MOST) /* RFC 8446 5.2: sealed or not, none is longer */
        return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 8446 5.2",
                          "a record of early data holds %zu bytes; 2^14 + 256 is the most",
                          record->fragment.size);
    endpoint->skipped += record->fragment.size;
    if (endpoint->skipped <= LIMIT_EARLY_DATA_SKIPPED)
        return true;
    return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 4.2.10",
                      "more than %d bytes of early data came that was not taken",
                      LIMIT_EARLY_DATA_SKIPPED);
}

/* A record without keys on it. */
static bool receive_clear(Endpoint *endpoint, const Record *record, Fault *fault)
{
    size_t most = endpoint->read.limit;
    bool early = record->type == CONTENT_APPLICATION_DATA && endpoint->skips;
    if (early && endpoint->partial == NULL) /* RFC 8446 5.1: not in the middle of a message */
        return receive_skip(endpoint, record, fault);
    if (most > 0 && record->fragment.size > most) /* RFC 6066 4: handshake messages as well */
        return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 6066 4",
                          "a record holds %zu bytes; %zu was negotiated", record->fragment.size,
                          most);
    if (record->fragment.size > RECORD_PLAINTEXT_MOST) /* RFC 5246 6.2.1 */
        return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 5246 6.2.1",
                          "a record holds %zu bytes; 2^14 is the most", record->fragment.size);
    return receive_plaintext(endpoint, (ContentType)record->type, record->fragment, fault);
}

/* A client that could not read ServerHello has no keys for its alert; the server, which has them
 * already, reads it all the same (RFC 8446 6). */
static bool receive_clear_alert(Endpoint *endpoint, const Record *record, Fault *fault)
{
    int epoch = endpoint->read.epoch;
    endpoint->read.epoch = 0;
    bool fine = receive_clear(endpoint, record, fault);
    endpoint->read.epoch = epoch;
    return fine;
}

/* RFC 6066 4 counts what is carried, RFC 8449 4 the padding as well. */
static bool receive_limits(const Endpoint *endpoint, size_t fragment, size_t size, Fault *fault)
{
    const Way *way = &endpoint->read;
    if (way->sealed_limit > 0)
        size = protection_counted(way->protection, fragment, size);
    size_t most = way->sealed_limit > 0 ? way->sealed_limit : way->limit;
    if (most == 0 || size <= most)
        return true;
    return fault_peer(fault, ALERT_RECORD_OVERFLOW, way->limit > 0 ? "RFC 6066 4" : "RFC 8449 4",
                      "a record holds %zu bytes; %zu was negotiated", size, most);
}

static bool receive_compressed(Endpoint *endpoint, ContentType type, Bytes compressed, Fault *fault)
{
    BUFFER_SCOPED expanded = buffer_take();
    return compression_expand(endpoint->read.compression, compressed, RECORD_PLAINTEXT_MOST,
                              expanded, fault) &&
           receive_plaintext(endpoint, type, bytes_from_array(expanded), fault);
}

/* RFC 6066 4: what cannot hold so little is not even decrypted. */
static bool receive_expansion(const Endpoint *endpoint, size_t size, Fault *fault)
{
    enum { EXPANSION_MOST = 16 + 256 + 48 }; /* IV, padding, HMAC-SHA-384 */
    size_t most = endpoint->read.limit;
    if (most == 0 || size <= most + EXPANSION_MOST)
        return true;
    return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 6066 4",
                      "a protected record of %zu bytes came; %zu of plaintext were negotiated",
                      size, most);
}

static bool receive_sealed(Endpoint *endpoint, const Record *record, Fault *fault)
{
    if (!receive_expansion(endpoint, record->fragment.size, fault))
        return false;
    ContentType type = (ContentType)record->type;
    Fault failure = FAULT_INIT;
    BUFFER_SCOPED plain = buffer_take();
    bool opened = protection_open(endpoint->read.protection, &type, record->version,
                                  record->fragment, plain, &failure);
    bool early = endpoint->skips && endpoint->read.under == UNDER_HANDSHAKE;
    if (!opened && early && failure.alert == ALERT_BAD_RECORD_MAC) /* it is under other keys */
        return receive_skip(endpoint, record, fault);
    if (!opened) {
        *fault = failure;
        return false;
    }
    endpoint->skips = endpoint->skips && endpoint->read.under != UNDER_HANDSHAKE;
    endpoint->read.opened = true;
    if (!receive_limits(endpoint, record->fragment.size, plain->len, fault))
        return false;
    if (endpoint->read.compression != NULL)
        return receive_compressed(endpoint, type, bytes_from_array(plain), fault);
    endpoint->opened = &plain;
    bool fine = receive_plaintext(endpoint, type, bytes_from_array(plain), fault);
    endpoint->opened = NULL;
    return fine;
}

static bool receive_record(Endpoint *endpoint, const Record *record, Fault *fault)
{
    endpoint->read.records++;
    if (record->ssl2 || endpoint->framing == FRAMING_SSL2)
        return ssl2_receive(endpoint, record, fault);
    endpoint->framing = FRAMING_TLS; /* settled by the first record */
    if (!receive_version(endpoint, record, fault))
        return false;
    bool tls13 = endpoint_is_tls13(endpoint);
    if (record->type == CONTENT_CHANGE_CIPHER_SPEC && (tls13 || awaits_choice(endpoint)))
        return receive_compatibility(endpoint, record->fragment, fault);
    if (endpoint->read.protection == NULL)
        return receive_clear(endpoint, record, fault);
    if (tls13 && record->type == CONTENT_ALERT && !endpoint->read.opened &&
        endpoint->config->role == ROLE_SERVER)
        return receive_clear_alert(endpoint, record, fault);
    if (tls13 && record->type != CONTENT_APPLICATION_DATA) /* RFC 8446 5.2 */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.2",
                          "a record of type %s came in the clear; from here on all are protected",
                          number_text(NUMBER_CONTENT_TYPE, record->type));
    return receive_sealed(endpoint, record, fault);
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

/* What was begun under the old keys must not be ended under the new ones; in TLS 1.3 nothing at all
 * may stand in the middle of a handshake message (RFC 8446 5.1). */
static bool receive_whole(const Endpoint *endpoint, ContentType type, Fault *fault)
{
    bool cut = endpoint->partial != NULL || endpoint->alert_cut;
    if (type == CONTENT_CHANGE_CIPHER_SPEC && cut)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.1",
                          "the keys change in the middle of %s",
                          endpoint->partial != NULL ? "a handshake message" : "an alert");
    if (type != CONTENT_HANDSHAKE && endpoint->partial != NULL && endpoint_is_tls13(endpoint))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.1",
                          "a record of type %s stands in the middle of a handshake message",
                          number_text(NUMBER_CONTENT_TYPE, type));
    return true;
}

static bool receive_plaintext(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault)
{
    if (plaintext.size == 0 && !receive_empty(endpoint, type, fault))
        return false;
    if (plaintext.size > 0)
        endpoint->empties = 0;
    if (!receive_whole(endpoint, type, fault))
        return false;
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
        return heartbeat_take(endpoint, plaintext, fault);
    }
    return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.4",
                      "a record opens to content type %u, which TLS does not have", type);
}

/* Cuts whole messages out of the records: they may be fragmented and coalesced. */
static bool receive_handshake(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    BUFFER_SCOPED joined = g_steal_pointer(&endpoint->partial);
    bool whole = false;
    if (joined == NULL) {
        endpoint->partial_record = endpoint->read.records;
    } else { /* behind what earlier records brought */
        bytes_append(joined, plaintext);
        plaintext = bytes_from_array(joined);
    }
    while (plaintext.size >= HANDSHAKE_HEADER_SIZE && endpoint_is_open(endpoint)) {
        size_t body = bytes_number(bytes_slice(plaintext, 1, 3));
        size_t size = HANDSHAKE_HEADER_SIZE + body;
        if (plaintext.size < size &&
            !receive_announced(endpoint, (MessageKind)plaintext.data[0], body, fault))
            return false;
        if (plaintext.size < size)
            break;
        whole = true;
        endpoint->behind = plaintext.size - size;
        if (!receive_message(endpoint, bytes_slice(plaintext, 0, size), MESSAGE_NONE, fault))
            return false;
        endpoint->partial_record = endpoint->read.records;
        plaintext = bytes_slice(plaintext, size, plaintext.size);
    }
    endpoint->behind = 0;
    if (joined != NULL && !whole) /* it goes on growing: bytes are moved once */
        endpoint->partial = g_steal_pointer(&joined);
    else
        buffer_append(&endpoint->partial, plaintext);
    return true;
}

/* An alert of two bytes may be cut and may have neighbours (RFC 5246 6.2.1), but not in TLS 1.3
 * (RFC 8446 5.1). */
static bool receive_alerts(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    if (endpoint_is_tls13(endpoint) && plaintext.size != 2)
        return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 8446 5.1",
                          "a record of type alert holds %zu bytes, not one alert of 2",
                          plaintext.size);
    for (size_t i = 0; i < plaintext.size && endpoint_is_open(endpoint); i++) {
        const uint8_t alert[2] = {endpoint->alert_level, plaintext.data[i]};
        endpoint->alert_cut = !endpoint->alert_cut;
        if (endpoint->alert_cut) {
            endpoint->alert_level = plaintext.data[i];
            continue;
        }
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
    if (handshake == NULL || handshake->conversation->family != FAMILY_SSL3 ||
        conversation_next(handshake->conversation, &handshake->progress, rows) == 0)
        return false;
    const Step *step = &handshake->conversation->steps[rows[0]];
    return step->under == UNDER_NEW && step->from == role_peer(endpoint->config->role);
}

/* RFC 8446 4.2.10: as much as the ticket allowed, and no more. */
static bool receive_early(Endpoint *endpoint, size_t size, Fault *fault)
{
    const Session *session = endpoint->handshake->session;
    endpoint->early_taken += size;
    if (session == NULL || endpoint->early_taken <= session->max_early_data)
        return true;
    return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 4.2.10",
                      "more early data came than the %u bytes that the ticket allows",
                      session->max_early_data);
}

/* Data is legal once a first handshake is complete, also while another one is under way: until the
 * keys change it travels under the old ones (RFC 5246 6.2.1, interleaving). */
bool receive_data(Endpoint *endpoint, Bytes plaintext, Fault *fault)
{
    bool early = endpoint->read.under == UNDER_EARLY && endpoint->handshake != NULL;
    if (!early && (!endpoint->established.any || endpoint->state != ENDPOINT_CONNECTED))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4",
                          "application data came before the handshake was complete");
    if (awaits_finished(endpoint)) /* RFC 5246 7.4.9: only after a Finished that verifies */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.4.9",
                          "application data came under keys that no Finished has confirmed");
    if (early && !receive_early(endpoint, plaintext.size, fault))
        return false;
    if (plaintext.size == 0)
        return true;
    endpoint->warnings = 0;
    endpoint->requests = 0;
    endpoint->key_updates = 0;
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
