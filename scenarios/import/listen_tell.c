/* What a message settles, told as the parties themselves would tell it.
 *
 * Alerts, data and certificates as they were taken in; version, suite and resumption as ServerHello
 * says them; the secrets that the key log has for this handshake, so that a capture made of the
 * trace opens again; where both sides stand; and above all what may not stand where it came.
 *
 * Sources: RFC 5246 7.2 (alerts), 7.4.1.3; RFC 8446 4.1.3, 4.4.2; RFC 9850 3 (labels).
 */
#include "core/crypto/certificate.h"
#include "core/crypto/hash.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "scenarios/import/listen_parts.h"

static void tell_fact(Listener *listener, const char *name, const char *value, const char *reason)
{
    TraceEvent *event = listen_event(listener, TRACE_FACT, PARTY_CLIENT);
    event->name = g_strdup(name);
    event->value = g_strdup(value);
    event->reason = g_strdup(reason);
}

static void tell_key(Listener *listener, const char *name, Bytes value)
{
    TraceEvent *event = listen_event(listener, TRACE_KEYS, PARTY_CLIENT);
    event->epoch = listener->order.handshakes;
    event->name = g_strdup(name);
    event->bytes = bytes_copy(value);
}

/* --- secrets --- */

static const struct {
    const char *label, *name;
    bool tls13;
} secret_rows[] = {
    {"CLIENT_RANDOM", "master_secret", false},
    {"CLIENT_EARLY_TRAFFIC_SECRET", "client_early_traffic_secret", true},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "client_handshake_traffic_secret", true},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "server_handshake_traffic_secret", true},
    {"CLIENT_TRAFFIC_SECRET_0", "client_application_traffic_secret_0", true},
    {"SERVER_TRAFFIC_SECRET_0", "server_application_traffic_secret_0", true},
    {"EXPORTER_SECRET", "exporter_master_secret", true},
};

/* The client random of the last ClientHello in the trace. */
static Bytes last_client_random(const Listener *listener)
{
    for (size_t i = trace_count(listener->trace); i-- > 0;) {
        const TraceEvent *event = trace_at(listener->trace, i);
        if (event->kind == TRACE_MESSAGE && event->message_kind == MESSAGE_CLIENT_HELLO)
            return bytes_slice(bytes_from_gbytes(event->bytes), HANDSHAKE_HEADER_SIZE + 2,
                               RANDOM_SIZE);
    }
    return BYTES_NONE;
}

static void tell_secrets(Listener *listener)
{
    bool tls13 = listener->order.list != NULL && listener->order.list->family == FAMILY_TLS13;
    Bytes random = last_client_random(listener);
    uint8_t secret[HASH_SIZE_MOST];
    if (random.size != RANDOM_SIZE || listener->keys.secret == NULL)
        return;
    g_autoptr(GBytes) kept = bytes_copy(random);
    bool told = false;
    for (size_t i = 0; i < G_N_ELEMENTS(secret_rows); i++) {
        if (secret_rows[i].tls13 != tls13)
            continue;
        size_t size = listener->keys.secret(listener->keys.data, secret_rows[i].label,
                                            bytes_from_gbytes(kept), secret);
        if (size == 0)
            continue;
        if (!told)
            tell_key(listener, "client_random", bytes_from_gbytes(kept));
        told = true;
        tell_key(listener, secret_rows[i].name, bytes_make(secret, size));
    }
}

/* --- messages --- */

static void tell_server_hello(Listener *listener, const ServerHello *hello)
{
    const Extension *choice = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    ProtocolVersion number = choice == NULL
                                 ? hello->server_version
                                 : (ProtocolVersion)choice->supported_versions.selected_version;
    const Version *version = version_find(number);
    const Suite *suite = suite_find(hello->cipher_suite);
    g_autofree char *unknown = g_strdup_printf("0x%04x", hello->cipher_suite);
    g_autofree char *other = g_strdup_printf("0x%04x", (unsigned)number);
    const Order *order = &listener->order;
    Facts resumed = number >= VERSION_TLS_1_3 ? FACT_PSK : FACT_RESUMED;
    tell_fact(listener, "version", version == NULL ? other : version->name, "ServerHello says so");
    tell_fact(listener, "cipher_suite", suite == NULL ? unknown : suite->name,
              "ServerHello says so");
    if (!order->lost && (order->progress.facts & resumed) != 0)
        tell_fact(listener, "handshake", "resumed",
                  number >= VERSION_TLS_1_3 ? "the server takes a pre-shared key"
                                            : "ServerHello repeats the client's session ID");
    tell_secrets(listener);
}

static void tell_certificate(Listener *listener, Bytes der, int position)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Certificate) certificate = certificate_read(der, &fault);
    int party = 1 - (int)listener->direction;
    if (certificate == NULL) {
        listen_note(listener, party, "certificate",
                    g_strdup_printf("A certificate cannot be read: %s.", fault.sentence));
        return;
    }
    TraceCertificate *shown = trace_certificate_new();
    const PublicKey *key = certificate_key(certificate);
    listen_event(listener, TRACE_CERTIFICATE, party)->certificate = shown;
    shown->subject = g_strdup(certificate_subject(certificate));
    shown->issuer = g_strdup(certificate_issuer(certificate));
    shown->serial = g_strdup(certificate_serial(certificate));
    shown->names = g_strdup(certificate_names(certificate));
    certificate_validity(certificate, &shown->not_before, &shown->not_after);
    shown->key = public_key_text(key);
    shown->key_fingerprint = public_key_fingerprint(key);
    shown->fingerprint = g_strdup(certificate_fingerprint(certificate));
    shown->signature = g_strdup(certificate_signature_name(certificate));
    shown->position = position;
}

static void tell_alert(Listener *listener, const Alert *alert)
{
    TraceEvent *event = listen_event(listener, TRACE_ALERT, 1 - (int)listener->direction);
    event->incoming = true;
    event->level = (AlertLevel)alert->level;
    event->description = (AlertDescription)alert->description;
}

static void tell_data(Listener *listener, Bytes data)
{
    if (data.size > 0)
        listen_event(listener, TRACE_DATA, 1 - (int)listener->direction)->bytes = bytes_copy(data);
}

static void tell_message(Listener *listener, const Message *message, Bytes bytes)
{
    switch ((int)message->kind) {
    case MESSAGE_SERVER_HELLO:
        tell_server_hello(listener, &message->server_hello);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        tell_fact(listener, "version", "SSL 2.0", "SERVER-HELLO is in its format");
        if (message->ssl2.certificate.size > 0)
            tell_certificate(listener, message->ssl2.certificate, 0);
        return;
    case MESSAGE_CERTIFICATE:
        for (size_t i = 0; i < message->certificate.count; i++)
            tell_certificate(listener, message->certificate.list[i], (int)i);
        return;
    case MESSAGE_ALERT:
        tell_alert(listener, &message->alert);
        return;
    case MESSAGE_APPLICATION_DATA:
        tell_data(listener, bytes);
        return;
    }
}

/* --- where both stand --- */

static void tell_state(Listener *listener, Role role, const char *state)
{
    char **last = &listener->states[role];
    if (state == NULL || g_strcmp0(*last, state) == 0)
        return;
    TraceEvent *event = listen_event(listener, TRACE_STATE, (int)role);
    event->before = *last == NULL ? g_strdup("START") : g_steal_pointer(last);
    event->after = g_strdup(state);
    *last = g_strdup(state);
}

/* Alerts end a connection for both: RFC 5246 7.2.1, 7.2.2. */
static const char *state_of_alert(const Listener *listener, const Alert *alert)
{
    if (alert->description == ALERT_CLOSE_NOTIFY)
        return "CLOSED";
    return listener->order.closed[listener->direction] ? "FAILED" : NULL;
}

static void tell_illegal(Listener *listener, const HeardMessage *heard)
{
    if (heard->place.legal || !heard->place.judged)
        return;
    listener->findings.illegal++;
    listen_note(listener, 1 - (int)listener->direction, "illegal",
                g_strdup_printf("%s from the %s may not stand here; expected was %s (%s). What "
                                "follows is not judged.",
                                message_name(heard->kind), role_name((Role)listener->direction),
                                heard->place.expected, heard->place.rule));
}

static void tell_closed(Listener *listener, const HeardMessage *heard)
{
    if (heard->why == NULL || g_strcmp0(listener->why, heard->why) == 0)
        return;
    g_free(listener->why);
    listener->why = g_strdup(heard->why);
    listen_note(listener, 1 - (int)listener->direction, "closed",
                g_strdup_printf("From here on records stay closed: %s.", heard->why));
}

void listen_tell(Listener *listener, const HeardMessage *heard)
{
    const TraceEvent *said = trace_at(listener->trace, heard->said);
    MessageKind kind = heard->kind;
    Message message = {.kind = kind};
    MessageKind as = message_is_ssl2(kind)                             ? MESSAGE_SSL2
                     : message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE
                                                                       : kind;
    g_autoptr(GBytes) bytes = said->bytes == NULL ? NULL : g_bytes_ref(said->bytes);
    bool read = heard->why == NULL &&
                message_read(bytes_from_gbytes(bytes), as, &heard->context, &message, NULL, NULL);
    const char *end = NULL;
    if (read) {
        tell_message(listener, &message, bytes_from_gbytes(bytes));
        if (kind == MESSAGE_ALERT)
            end = state_of_alert(listener, &message.alert);
    }
    tell_illegal(listener, heard);
    tell_closed(listener, heard);
    for (int role = 0; role < 2; role++)
        tell_state(listener, (Role)role, end != NULL ? end : heard->states[role]);
}
