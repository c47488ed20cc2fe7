/* What an endpoint tells the trace.
 *
 * One function a kind of event, each of which fills the places of the connection (party, link,
 * direction, epoch, ordinals) and does nothing at all when no trace is attached. No handler builds
 * an event by itself, and nothing here decides anything.
 */
#include "core/engine/state.h"

#include <stdarg.h>

#include "core/engine/shown.h"

TraceEvent *report(Endpoint *endpoint, TraceKind kind)
{
    if (endpoint->sink.trace == NULL)
        return NULL;
    TraceEvent *event = trace_add(endpoint->sink.trace, kind);
    event->party = endpoint->sink.party;
    event->link = endpoint->sink.link;
    event->connection = endpoint->sink.connection;
    event->direction = role_direction(endpoint->config->role);
    event->handshake = endpoint->handshakes > 0 ? (int)endpoint->handshakes - 1 : 0;
    event->epoch = endpoint->write.epoch;
    event->family = endpoint_family(endpoint);
    return event;
}

/* How many records a stretch of plaintext fills that begins `before` bytes into a flight. */
static int records_of(const Endpoint *endpoint, size_t before, size_t size)
{
    size_t most = speak_limit(endpoint);
    if (size == 0)
        return 1;
    return (int)((before + size - 1) / most - before / most) + 1;
}

void report_message(Endpoint *endpoint, MessageKind kind, Bytes bytes, const GArray *spans, int row,
                    bool incoming)
{
    TraceEvent *event = report(endpoint, TRACE_MESSAGE);
    if (event == NULL)
        return;
    const Way *way = incoming ? &endpoint->read : &endpoint->write;
    Role speaker = incoming ? role_peer(endpoint->config->role) : endpoint->config->role;
    event->incoming = incoming;
    event->direction = role_direction(speaker);
    event->epoch = way->epoch;
    event->under = way->epoch > 0 ? way->under : UNDER_CURRENT;
    event->message = way->messages;
    event->message_kind = kind;
    event->row = row;
    if (row >= 0 && endpoint->handshake == NULL) { /* it begins one: RFC 8446 4.6.2 */
        event->family = FAMILY_TLS13_POST;
        event->handshake = (int)endpoint->handshakes;
    }
    event->bytes = bytes_copy(bytes);
    bool mapped = spans != NULL && spans->len > 0;
    event->spans = mapped ? g_array_copy((GArray *)(uintptr_t)spans) : NULL;
    if (incoming) {
        event->record = endpoint->partial_record > 0 ? endpoint->partial_record : way->records;
        event->record_count = way->records - event->record + 1;
        return;
    }
    size_t before = buffer_size(endpoint->flight);
    event->record = way->records + 1 + (int)(before / speak_limit(endpoint));
    event->record_count = records_of(endpoint, before, bytes.size);
}

void report_key(Endpoint *endpoint, const char *name, Bytes value)
{
    TraceEvent *event = report(endpoint, TRACE_KEYS);
    if (event == NULL)
        return;
    event->epoch = (int)endpoint->handshakes; /* the epoch that these keys make */
    event->name = g_strdup(name);
    event->bytes = bytes_copy(value);
}

void(report_fact)(Endpoint *endpoint, const char *name, const char *value, const char *format, ...)
{
    TraceEvent *event = report(endpoint, TRACE_FACT);
    if (event == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    event->name = g_strdup(name);
    event->value = g_strdup(value);
    event->reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static void add_count(GString *text, uint64_t count, const char *one, const char *many)
{
    if (count > 0)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? ", " : "", count,
                               count == 1 ? one : many);
}

void report_cost(Endpoint *endpoint, const char *name, const Meter *before)
{
    if (endpoint->sink.trace == NULL)
        return;
    const Meter *now = &endpoint->meter;
    g_autoptr(GString) keys = g_string_new(NULL);
    g_autoptr(GString) records = g_string_new(NULL);
    add_count(keys, now->private_operations - before->private_operations, "private-key operation",
              "private-key operations");
    add_count(keys, now->public_operations - before->public_operations, "public-key operation",
              "public-key operations");
    add_count(keys, now->key_pairs - before->key_pairs, "key pair made", "key pairs made");
    add_count(keys, now->agreements - before->agreements, "secret agreed", "secrets agreed");
    add_count(records, now->cipher_bytes - before->cipher_bytes, "byte through the cipher",
              "bytes through the cipher");
    add_count(records, now->hash_blocks - before->hash_blocks, "block of the MAC's hash",
              "blocks of the MAC's hash");
    report_fact(endpoint, name, keys->len == 0 ? "no public-key operation" : keys->str,
                "symmetric: %s", records->len == 0 ? "nothing" : records->str);
}

void report_note(Endpoint *endpoint, const char *kind, const char *format, ...)
{
    TraceEvent *event = report(endpoint, TRACE_NOTE);
    if (event == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    event->name = g_strdup(kind);
    event->value = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

void report_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert,
                  const char *sentence, bool incoming)
{
    TraceEvent *event = report(endpoint, TRACE_ALERT);
    if (event == NULL)
        return;
    Role speaker = incoming ? role_peer(endpoint->config->role) : endpoint->config->role;
    event->incoming = incoming;
    event->direction = role_direction(speaker);
    event->epoch = incoming ? endpoint->read.epoch : endpoint->write.epoch;
    event->level = level;
    event->description = alert;
    event->reason = g_strdup(sentence);
}

/* The name of the state in which the endpoint is: in a handshake, the row that it waits for. */
static const char *state_name(const Endpoint *endpoint)
{
    static const char *const names[] = {
        [ENDPOINT_IDLE] = "START",          [ENDPOINT_HANDSHAKING] = "START",
        [ENDPOINT_CONNECTED] = "CONNECTED", [ENDPOINT_CLOSED] = "CLOSED",
        [ENDPOINT_FAILED] = "FAILED",       [ENDPOINT_TIMED_OUT] = "TIMED_OUT",
    };
    const Handshake *handshake = endpoint->handshake;
    bool waits = endpoint->state == ENDPOINT_HANDSHAKING || endpoint->state == ENDPOINT_CONNECTED;
    if (handshake != NULL && waits)
        return conversation_state(handshake->conversation, &handshake->progress,
                                  endpoint->config->role);
    return names[endpoint->state];
}

void report_state(Endpoint *endpoint)
{
    if (endpoint->sink.trace == NULL)
        return;
    const char *name = state_name(endpoint);
    if (g_strcmp0(name, endpoint->state_shown) == 0)
        return;
    TraceEvent *event = report(endpoint, TRACE_STATE);
    event->before = g_steal_pointer(&endpoint->state_shown);
    event->after = g_strdup(name);
    endpoint->state_shown = g_strdup(name);
}

static void report_certificate(Endpoint *endpoint, const Certificate *certificate, int position)
{
    TraceEvent *event = report(endpoint, TRACE_CERTIFICATE);
    event->direction = role_direction(role_peer(endpoint->config->role));
    event->certificate = shown_certificate(certificate, position);
}

void report_certificates(Endpoint *endpoint)
{
    if (endpoint->sink.trace == NULL)
        return;
    const GPtrArray *chain = endpoint->handshake->lists.peer_chain;
    for (guint i = 0; i < chain->len; i++)
        report_certificate(endpoint, g_ptr_array_index(chain, i), (int)i);
}

void report_check(Endpoint *endpoint, const Check *check, Role subject, bool overridden)
{
    static const TraceResult results[] = {
        [CHECK_PASSED] = TRACE_PASSED,
        [CHECK_FAILED] = TRACE_FAILED,
        [CHECK_NOT_MADE] = TRACE_SKIPPED,
    };
    TraceEvent *event = report(endpoint, TRACE_CHECK);
    if (event == NULL)
        return;
    event->name = g_strdup(check_name(check->kind));
    event->value = g_strdup(role_name(subject));
    event->reason = g_strdup(check->reason);
    event->result = overridden ? TRACE_OVERRIDDEN : results[check->outcome];
}

/* What Finished covers, for the lesson: RFC 5246 7.4.9, RFC 8446 4.4.4. */
void report_cover(Endpoint *endpoint)
{
    Bytes transcript = handshake_transcript(endpoint->handshake);
    uint8_t hash[HASH_SIZE_MOST];
    if (endpoint->sink.trace == NULL)
        return;
    unsigned messages = 0;
    size_t at = 0;
    for (; at + HANDSHAKE_HEADER_SIZE <= transcript.size; messages++)
        at += HANDSHAKE_HEADER_SIZE + bytes_number(bytes_slice(transcript, at + 1, 3));
    digest(HASH_SHA256, &transcript, 1, hash);
    g_autofree char *hex = bytes_to_hex(bytes_make(hash, hash_size(HASH_SHA256)), NULL);
    g_autofree char *value = at == transcript.size
                                 ? g_strdup_printf("covers %u handshake messages", messages)
                                 : g_strdup("covers the handshake, its hello in the old format");
    report_fact(endpoint, "finished", value, "%zu bytes from ClientHello on, SHA-256 %s",
                transcript.size, hex);
}

void report_key_block(Endpoint *endpoint)
{
    const KeyBlock *keys = &endpoint->handshake->keys;
    const struct {
        const char *name;
        Bytes value;
    } parts[] = {
        {"key_block", bytes_make(keys->block, keys->block_size)},
        {"client_write_MAC_secret", keys->client_mac_secret},
        {"server_write_MAC_secret", keys->server_mac_secret},
        {"client_write_key", keys->client_key},
        {"server_write_key", keys->server_key},
        {"client_write_IV", keys->client_iv},
        {"server_write_IV", keys->server_iv},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i].value.size > 0)
            report_key(endpoint, parts[i].name, parts[i].value);
    if (!endpoint->handshake->suite->exportable)
        return;
    report_key(endpoint, "final_client_write_key", keys->client_final_key);
    report_key(endpoint, "final_server_write_key", keys->server_final_key);
}

void report_record_parts(Endpoint *endpoint)
{
    if (endpoint->sink.trace == NULL)
        return;
    RecordParts parts = protection_parts(endpoint->write.protection);
    const struct {
        const char *name;
        Bytes value;
    } rows[] = {
        {"record_IV", parts.iv},
        {"record_MAC", parts.mac},
        {"record_padding", parts.padding},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].value.size == 0)
            continue;
        TraceEvent *event = report(endpoint, TRACE_KEYS);
        event->name = g_strdup(rows[i].name);
        event->bytes = bytes_copy(rows[i].value);
        event->record = endpoint->write.records;
    }
}
