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
        }
    }
    speak_flush(endpoint);
    report_state(endpoint);
}

/* Says one row: the message is made by its handler, and what it makes true is settled. */
static bool speak_row(Endpoint *endpoint, int row, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Step *step = &handshake->conversation->steps[row];
    g_autoptr(GByteArray) store = g_byte_array_new();
    Message message = {.kind = step->message};
    WriteHandler write = handler_for_writing(step->message, step->from);
    if (write != NULL && !write(endpoint, &message, store, fault))
        return false;
    if (!speak_message(endpoint, &message, row, fault))
        return false;
    conversation_accept(handshake->conversation, &handshake->progress, step->message, step->from);
    if (step->message != MESSAGE_CHANGE_CIPHER_SPEC)
        return true;
    /* RFC 5246 7.1: what follows is under the keys just agreed */
    g_clear_pointer(&endpoint->write.protection, protection_free);
    endpoint->write.protection = g_steal_pointer(&handshake->next_write);
    endpoint->write.epoch++;
    return true;
}

/* Applies what a misbehaving peer does to this message of its own. `spans` become those of the
 * changed bytes, as far as they can still be read. */
static bool speak_edits(Endpoint *endpoint, MessageKind kind, GByteArray **bytes, GArray **spans,
                        Fault *fault)
{
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
        Message changed;
        WalkContext context = endpoint_context(endpoint, endpoint->config->role);
        MessageKind as = message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE : kind;
        g_autoptr(GArray) map = spans_new();
        if (message_read(bytes_from_array(after), as, &context, &changed, map, NULL)) {
            g_array_unref(*spans);
            *spans = g_steal_pointer(&map);
        } else {
            g_array_set_size(*spans, 0); /* it has no map any more */
        }
    }
    return true;
}

bool speak_message(Endpoint *endpoint, const Message *message, int row, Fault *fault)
{
    WalkContext context = endpoint_context(endpoint, endpoint->config->role);
    GByteArray *bytes = g_byte_array_new();
    bool mapped = endpoint->sink.trace != NULL || endpoint->config->edit_count > 0;
    GArray *spans = mapped ? spans_new() : NULL;
    bool said = message_write(message, &context, bytes, spans, fault) &&
                speak_edits(endpoint, message->kind, &bytes, &spans, fault);
    ContentType type = message_content_type(message->kind);
    if (said && endpoint->handshake != NULL && type == CONTENT_HANDSHAKE &&
        message->kind != MESSAGE_HELLO_REQUEST) /* RFC 5246 7.4.1.1: not hashed */
        bytes_append(endpoint->handshake->transcript, bytes_from_array(bytes));
    if (said && type != CONTENT_HANDSHAKE)
        speak_flush(endpoint); /* a record holds one content type */
    if (said) {
        endpoint->write.messages++;
        report_message(endpoint, message->kind, bytes_from_array(bytes), spans, row, false);
    }
    if (said && type == CONTENT_HANDSHAKE) {
        bytes_append(endpoint->flight, bytes_from_array(bytes));
        if (!endpoint->config->coalesces)
            speak_flush(endpoint);
    } else if (said) {
        said = speak_fragments(endpoint, type, bytes_from_array(bytes), fault);
    }
    g_byte_array_unref(bytes);
    g_clear_pointer(&spans, g_array_unref);
    return said;
}

void speak_flush(Endpoint *endpoint)
{
    if (endpoint->flight->len == 0)
        return;
    Fault fault = FAULT_INIT;
    bool sealed =
        speak_fragments(endpoint, CONTENT_HANDSHAKE, bytes_from_array(endpoint->flight), &fault);
    g_byte_array_set_size(endpoint->flight, 0);
    if (!sealed)
        endpoint_fail(endpoint, &fault);
}

static bool speak_record(Endpoint *endpoint, ContentType type, Bytes plaintext, Fault *fault)
{
    ProtocolVersion version = endpoint_wire_version(endpoint);
    Way *way = &endpoint->write;
    way->records++;
    if (way->protection == NULL) {
        record_write(endpoint->output, (uint8_t)type, version, plaintext);
        return true;
    }
    guint header = endpoint->output->len;
    record_write(endpoint->output, (uint8_t)type, version, BYTES_NONE);
    if (!protection_seal(way->protection, type, version, plaintext, 0, endpoint->output, fault))
        return false;
    size_t size = endpoint->output->len - header - RECORD_HEADER_SIZE;
    endpoint->output->data[header + 3] = (uint8_t)(size >> 8);
    endpoint->output->data[header + 4] = (uint8_t)size;
    report_record_parts(endpoint);
    return true;
}

bool speak_fragments(Endpoint *endpoint, ContentType type, Bytes bytes, Fault *fault)
{
    size_t most = endpoint->config->fragment_size;
    if (most == 0 || most > RECORD_PLAINTEXT_MOST) /* RFC 5246 6.2.1 */
        most = RECORD_PLAINTEXT_MOST;
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
    report_alert(endpoint, level, alert, sentence, false);
    if (!speak_message(endpoint, &message, -1, &fault))
        endpoint->fault = fault;
}
