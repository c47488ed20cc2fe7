/* Saying: write handler → walk → edits of a misbehaving peer → transcript → seal → output, trace.
 *
 * One loop asks the conversation list whose turn it is and says every row that is this side's. What
 * a message holds is its handler's; what it looks like is its walk's; here it becomes records. A
 * misbehaving peer hashes what it sent, so edits come before the transcript.
 *
 * Obeys RFC 5246 6.2.1 (fragmentation; a message may share a record with its neighbours of the same
 * type under the same keys), 7.1 and 7.2.
 */
#include "core/engine/state.h"

static bool speak_row(Endpoint *endpoint, int row, Fault *fault);
static void speak_new_keys(Endpoint *endpoint);
static bool may_start_early(const Endpoint *endpoint);

void speak(Endpoint *endpoint)
{
    Fault fault = FAULT_INIT;
    while (endpoint->handshake != NULL) {
        Handshake *handshake = endpoint->handshake;
        int row =
            conversation_say(handshake->conversation, &handshake->progress, endpoint->config->role);
        if (row < 0)
            break;
        if (!speak_row(endpoint, row, &fault)) {
            endpoint_fail(endpoint, &fault);
            return;
        }
        if (conversation_over(handshake->conversation, &handshake->progress)) {
            speak_flush(endpoint);
            handshake_end(endpoint);
        } else if (may_start_early(endpoint)) {
            speak_flush(endpoint);
            endpoint->false_started = true;
            report_note(endpoint, "false_start",
                        "The client sends data before the server's Finished has come (RFC 7918).");
            endpoint_event(endpoint, EVENT_FALSE_START, BYTES_NONE);
        }
    }
    speak_flush(endpoint);
    report_state(endpoint);
}

/* RFC 7918 3: the client's Finished is out, and the keys are those of an ephemeral exchange under
 * an AEAD cipher. */
static bool may_start_early(const Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    size_t rows[NEXT_MOST];
    if (!endpoint->config->options.false_start || endpoint->false_started ||
        endpoint->established.any || handshake->conversation->family != FAMILY_SSL3 ||
        endpoint->write.epoch == 0 || handshake_is(handshake, FACT_RESUMED))
        return false;
    conversation_next(handshake->conversation, &handshake->progress, rows);
    return handshake->conversation->steps[rows[0]].from != endpoint->config->role &&
           key_exchange(handshake->suite->key_exchange)->ephemeral &&
           cipher_row(handshake->suite->cipher)->mode == CIPHER_MODE_AEAD;
}

/* Says one row: the message is made by its handler, and what it makes true is settled. */
static bool speak_row(Endpoint *endpoint, int row, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Step *step = &handshake->conversation->steps[row];
    BUFFER_SCOPED store = buffer_take();
    Message message;
    message_clear(&message, step->message);
    const HandlerRow *handler =
        handler_find(handshake->conversation->family, step->message, step->from);
    bool opens = ssl2_opens(endpoint);
    if (opens && !ssl2_opening_write(endpoint, &message, fault))
        return false;
    if (!opens && handler != NULL && handler->write != NULL &&
        !handler->write(endpoint, &message, store, fault))
        return false;
    if (!speak_message(endpoint, &message, row, fault))
        return false;
    conversation_accept(handshake->conversation, &handshake->progress, step->message, step->from);
    if (handler != NULL && handler->after != NULL && !handler->after(endpoint, fault))
        return false;
    if (step->message == MESSAGE_CHANGE_CIPHER_SPEC)
        speak_new_keys(endpoint);
    return true;
}

/* RFC 5246 7.1: what follows is under the keys just agreed. */
static void speak_new_keys(Endpoint *endpoint)
{
    Way *way = &endpoint->write;
    g_clear_pointer(&way->protection, protection_free);
    g_clear_pointer(&way->compression, compression_free);
    way->protection = g_steal_pointer(&endpoint->handshake->next_write);
    way->sealed_limit = endpoint->handshake->sealed_write;
    if (endpoint->handshake->deflate)
        way->compression = compression_new_deflate();
    way->epoch++;
}

/* The map of bytes that were not written field by field; none when they cannot be read. */
static void speak_remap(const Endpoint *endpoint, MessageKind kind, Bytes bytes, GArray **spans)
{
    Message message;
    WalkContext context = endpoint_context(endpoint, endpoint->config->role);
    MessageKind as = message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE : kind;
    g_autoptr(GArray) map = spans_new();
    if (message_read(bytes, as, &context, &message, map, NULL)) {
        g_array_unref(*spans);
        *spans = g_steal_pointer(&map);
    } else {
        g_array_set_size(*spans, 0);
    }
}

/* Applies what a misbehaving peer does to this message of its own. `spans` become those of the
 * changed bytes, as far as they can still be read. */
static bool speak_edits(Endpoint *endpoint, MessageKind kind, GByteArray **bytes, GArray **spans,
                        Fault *fault)
{
    if (endpoint->config->edit_count == 0)
        return true;
    if (endpoint->said == NULL)
        endpoint->said = g_new0(uint32_t, MESSAGE_NONE);
    unsigned ordinal = ++endpoint->said[kind];
    for (size_t i = 0; i < endpoint->config->edit_count; i++) {
        const OwnEdit *edit = &endpoint->config->edits[i];
        if (edit->message != kind || (edit->ordinal != 0 && edit->ordinal != (int)ordinal))
            continue;
        Bytes before = bytes_from_array(*bytes);
        GByteArray *after = edit_apply(&edit->edit, before, *spans, fault);
        if (after == NULL)
            return false;
        TraceEvent *event = report(endpoint, TRACE_MISCHIEF);
        if (event != NULL) {
            event->message_kind = kind;
            event->name = g_strdup(edit->rule);
            event->value = edit_effect(&edit->edit, before, *spans);
            event->line = edit->line;
        }
        g_byte_array_unref(*bytes);
        *bytes = after;
        speak_remap(endpoint, kind, bytes_from_array(after), spans);
    }
    return true;
}

bool speak_message(Endpoint *endpoint, const Message *message, int row, Fault *fault)
{
    WalkContext context = endpoint_context(endpoint, endpoint->config->role);
    GByteArray *bytes = buffer_take();
    bool mapped = endpoint->sink.trace != NULL || endpoint->config->edit_count > 0;
    GArray *spans = mapped ? spans_new() : NULL;
    bool said =
        message_write(message, &context, bytes, spans, fault) &&
        (message->kind != MESSAGE_CLIENT_HELLO || tls13_fill_binders(endpoint, bytes, fault)) &&
        speak_edits(endpoint, message->kind, &bytes, &spans, fault);
    bool raw = message->kind == MESSAGE_CLIENT_HELLO && endpoint->config->raw_count > 0;
    if (said && raw && mapped) /* extensions of the scenario's own making */
        speak_remap(endpoint, message->kind, bytes_from_array(bytes), &spans);
    ContentType type = message_content_type(message->kind);
    bool ssl2 = message_is_ssl2(message->kind) || endpoint->framing == FRAMING_SSL2;
    if (said && endpoint->handshake != NULL && type == CONTENT_HANDSHAKE &&
        message->kind != MESSAGE_HELLO_REQUEST) /* RFC 5246 7.4.1.1: not hashed */
        bytes_append(endpoint->handshake->transcript, bytes_from_array(bytes));
    if (said && type != CONTENT_HANDSHAKE)
        speak_flush(endpoint); /* a record holds one content type */
    if (said) {
        endpoint->write.messages++;
        report_message(endpoint, message->kind, bytes_from_array(bytes), spans, row, false);
    }
    if (said && ssl2) {
        said = ssl2_say(endpoint, bytes_from_array(bytes), fault);
    } else if (said && type == CONTENT_HANDSHAKE) {
        buffer_append(&endpoint->flight, bytes_from_array(bytes));
        if (!endpoint->config->coalesces)
            speak_flush(endpoint);
    } else if (said) {
        said = speak_fragments(endpoint, type, bytes_from_array(bytes), fault);
    }
    buffer_give(&bytes);
    g_clear_pointer(&spans, g_array_unref);
    return said;
}

void speak_flush(Endpoint *endpoint)
{
    if (endpoint->flight == NULL)
        return;
    Fault fault = FAULT_INIT;
    bool sealed =
        speak_fragments(endpoint, CONTENT_HANDSHAKE, bytes_from_array(endpoint->flight), &fault);
    buffer_give(&endpoint->flight);
    if (!sealed)
        endpoint_fail(endpoint, &fault);
}

/* RFC 8446 5.4: zeros up to the next multiple. */
/* The padding counts against what the peer takes (RFC 8446 5.4, RFC 8449 4). */
static size_t padding_of(const Endpoint *endpoint, size_t size)
{
    const Way *way = &endpoint->write;
    size_t most = way->sealed_limit > 0 ? way->sealed_limit : RECORD_PLAINTEXT_MOST;
    size_t to = endpoint->config->options.record_padding;
    if (to == 0 || !endpoint_is_tls13(endpoint))
        return 0;
    return MIN((to - (size + 1) % to) % to, most - MIN(size, most));
}

static bool speak_record(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault)
{
    ProtocolVersion version = endpoint_wire_version(endpoint);
    Way *way = &endpoint->write;
    BUFFER_SCOPED compressed = NULL;
    way->records++;
    if (endpoint->output == NULL)
        endpoint->output = buffer_take();
    if (way->protection == NULL) {
        record_write(endpoint->output, (uint8_t)type, version, plaintext);
        return true;
    }
    if (way->compression != NULL) { /* RFC 5246 6.2.2 */
        compressed = buffer_take();
        if (!compression_compress(way->compression, plaintext, compressed, fault))
            return false;
        plaintext = bytes_from_array(compressed);
    }
    guint header = endpoint->output->len;
    ContentType outer = protection_outer_type(way->protection, type);
    record_write(endpoint->output, (uint8_t)outer, version, BYTES_NONE);
    if (!protection_seal(way->protection, type, version, plaintext,
                         padding_of(endpoint, plaintext.size), endpoint->output, fault))
        return false;
    size_t size = endpoint->output->len - header - RECORD_HEADER_SIZE;
    endpoint->output->data[header + 3] = (uint8_t)(size >> 8);
    endpoint->output->data[header + 4] = (uint8_t)size;
    report_record_parts(endpoint);
    return true;
}

size_t speak_limit(const Endpoint *endpoint)
{
    const Way *way = &endpoint->write;
    size_t most = RECORD_PLAINTEXT_MOST; /* RFC 5246 6.2.1 */
    if (endpoint->config->fragment_size > 0)
        most = MIN(most, endpoint->config->fragment_size);
    if (way->limit > 0) /* RFC 6066 4 */
        most = MIN(most, way->limit);
    if (way->sealed_limit > 0 && way->protection != NULL) /* RFC 8449 4 */
        most = MIN(most, way->sealed_limit);
    return most;
}

bool speak_fragments(Endpoint *endpoint, ContentType type, Bytes bytes, Fault *fault)
{
    size_t most = speak_limit(endpoint);
    size_t at = 0;
    do {
        Bytes part = bytes_slice(bytes, at, most);
        if (!speak_record(endpoint, type, part, fault))
            return false;
        at += part.size;
    } while (at < bytes.size);
    return true;
}

void speak_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert, const char *sentence)
{
    Message message = {.kind = MESSAGE_ALERT,
                       .alert = {.level = (uint8_t)level, .description = (uint8_t)alert}};
    Fault fault = FAULT_INIT;
    if (endpoint->framing == FRAMING_SSL2) {
        if (level == ALERT_LEVEL_FATAL)
            ssl2_say_error(endpoint, alert, sentence == NULL ? "" : sentence);
        return;
    }
    report_alert(endpoint, level, alert, sentence, false);
    if (!speak_message(endpoint, &message, -1, &fault))
        endpoint->fault = fault;
}
