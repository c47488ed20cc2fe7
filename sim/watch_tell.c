/* What a message settles, told as the parties themselves would tell it.
 *
 * Alerts, data and certificates as they were taken in; version, suite and resumption as ServerHello
 * says them; the secrets that a key log has for this handshake, so that a capture made of the trace
 * opens again; where both sides stand; and above all what may not stand where it came.
 *
 * Sources: RFC 5246 7.2 (alerts), 7.4.1.3; RFC 8446 4.1.3, 4.4.2; RFC 9850 3 (labels).
 */
#include <string.h>

#include "core/crypto/certificate.h"
#include "core/crypto/hash.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "core/engine/shown.h"
#include "sim/watch_parts.h"

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

/* Who tells of what both sides share: the client, or whoever is left of the two. */
static int sharer(const Watch *watch)
{
    const int *parties = watch->place.parties;
    return parties[ROLE_CLIENT] != WATCH_NOBODY ? parties[ROLE_CLIENT] : parties[ROLE_SERVER];
}

static void tell_key(const Watch *watch, const char *name, Bytes value)
{
    TraceEvent *event = watch_event(watch, TRACE_KEYS, sharer(watch));
    event->epoch = watch->order.handshakes;
    event->name = g_strdup(name);
    event->bytes = bytes_copy(value);
}

/* The client random names a handshake in key logs: it goes ahead of the first secret of it. */
static void tell_secret(Watch *watch, const char *name, Bytes client_random, Bytes secret)
{
    if (watch->random == NULL || !bytes_equal(bytes_from_gbytes(watch->random), client_random)) {
        tell_key(watch, "client_random", client_random);
        g_clear_pointer(&watch->random, g_bytes_unref);
        watch->random = bytes_copy(client_random);
    }
    tell_key(watch, name, secret);
}

void watch_secret(Watch *watch, const char *label, Bytes client_random, Bytes secret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(secret_rows); i++)
        if (strcmp(secret_rows[i].label, label) == 0)
            tell_secret(watch, secret_rows[i].name, client_random, secret);
}

/* All that a key log has which was there beforehand. */
static void tell_secrets(Watch *watch)
{
    bool tls13 = watch->order.list != NULL && watch->order.list->family == FAMILY_TLS13;
    uint8_t secret[HASH_SIZE_MOST];
    if (watch->place.inside || watch->hello_random == NULL || watch->keys.secret == NULL)
        return;
    Bytes random = bytes_from_gbytes(watch->hello_random);
    for (size_t i = 0; i < G_N_ELEMENTS(secret_rows); i++) {
        if (secret_rows[i].tls13 != tls13)
            continue;
        size_t size = watch->keys.secret(watch->keys.data, secret_rows[i].label, random, secret);
        if (size > 0)
            tell_secret(watch, secret_rows[i].name, random, bytes_make(secret, size));
    }
}

/* --- messages --- */

/* What the server settles is told by both when both are seen from outside; an end of ours has told
 * it by itself. */
static void tell_choice(const Watch *watch, const char *name, const char *value, const char *reason)
{
    if (watch->place.parties[ROLE_SERVER] != WATCH_NOBODY)
        watch_fact(watch, sharer(watch), name, value, reason);
}

static void tell_server_hello(Watch *watch, const ServerHello *hello)
{
    const Extension *choice = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    ProtocolVersion number = choice == NULL
                                 ? hello->server_version
                                 : (ProtocolVersion)choice->supported_versions.selected_version;
    const Version *version = version_find(number);
    const Suite *suite = suite_find(hello->cipher_suite);
    g_autofree char *unknown = g_strdup_printf("0x%04x", hello->cipher_suite);
    g_autofree char *other = g_strdup_printf("0x%04x", (unsigned)number);
    const Order *order = &watch->order;
    Facts resumed = number >= VERSION_TLS_1_3 ? FACT_PSK : FACT_RESUMED;
    tell_choice(watch, "version", version == NULL ? other : version->name, "ServerHello says so");
    tell_choice(watch, "cipher_suite", suite == NULL ? unknown : suite->name,
                "ServerHello says so");
    if (!watch->place.inside && !order->lost && (order->progress.facts & resumed) != 0)
        tell_choice(watch, "handshake", "resumed",
                    number >= VERSION_TLS_1_3 ? "the server takes a pre-shared key"
                                              : "ServerHello repeats the client's session ID");
    tell_secrets(watch);
}

static void tell_certificate(Watch *watch, Bytes der, int position)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Certificate) certificate = certificate_read(der, &fault);
    int party = watch_hearer(watch, watch->direction);
    if (party == WATCH_NOBODY)
        return;
    if (certificate == NULL) {
        watch_note(watch, party, "certificate",
                   g_strdup_printf("A certificate cannot be read: %s.", fault.sentence));
        return;
    }
    watch_event(watch, TRACE_CERTIFICATE, party)->certificate =
        shown_certificate(certificate, position);
}

static void tell_alert(Watch *watch, const Alert *alert)
{
    int hearer = watch_hearer(watch, watch->direction);
    if (hearer == WATCH_NOBODY)
        return;
    TraceEvent *event = watch_event(watch, TRACE_ALERT, hearer);
    event->incoming = true;
    event->level = (AlertLevel)alert->level;
    event->description = (AlertDescription)alert->description;
}

static void tell_data(Watch *watch, Bytes data)
{
    int hearer = watch_hearer(watch, watch->direction);
    if (data.size > 0 && hearer != WATCH_NOBODY)
        watch_event(watch, TRACE_DATA, hearer)->bytes = bytes_copy(data);
}

static void tell_message(Watch *watch, const Message *message, Bytes bytes)
{
    switch ((int)message->kind) {
    case MESSAGE_SERVER_HELLO:
        tell_server_hello(watch, &message->server_hello);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        tell_choice(watch, "version", "SSL 2.0", "SERVER-HELLO is in its format");
        if (message->ssl2.certificate.size > 0)
            tell_certificate(watch, message->ssl2.certificate, 0);
        return;
    case MESSAGE_CERTIFICATE:
        for (size_t i = 0; i < message->certificate.count; i++)
            tell_certificate(watch, message->certificate.list[i], (int)i);
        return;
    case MESSAGE_ALERT:
        tell_alert(watch, &message->alert);
        return;
    case MESSAGE_APPLICATION_DATA:
        tell_data(watch, bytes);
        return;
    }
}

/* --- where both stand --- */

void watch_state(Watch *watch, Role role, const char *state)
{
    char **last = &watch->states[role];
    /* what was on its way when it ended does not begin it again */
    bool over = g_strcmp0(*last, "FAILED") == 0 ||
                (g_strcmp0(*last, "CLOSED") == 0 && g_strcmp0(state, "FAILED") != 0);
    if (state == NULL || over || watch->place.parties[role] == WATCH_NOBODY ||
        g_strcmp0(*last, state) == 0)
        return;
    TraceEvent *event = watch_event(watch, TRACE_STATE, watch->place.parties[role]);
    bool start = strcmp(state, "START") == 0;
    event->before = *last == NULL && !start ? g_strdup("START") : g_steal_pointer(last);
    event->after = g_strdup(state);
    *last = g_strdup(state);
}

void watch_start(Watch *watch, Role role, ProtocolVersion last)
{
    const Progress progress = {0};
    watch_state(watch, role, "START");
    if (role == ROLE_SERVER)
        watch_state(watch, role,
                    conversation_state(conversation_of(family_of(last)), &progress, role));
}

bool watch_is_done(const Watch *watch, Role role)
{
    const char *state = order_state(&watch->order, role);
    return state != NULL && strcmp(state, watch->order.list->done) == 0;
}

void watch_tell_states(Watch *watch, bool tell)
{
    watch->still = !tell;
}

void watch_reason(Watch *watch, const char *sentence)
{
    g_free(watch->reason);
    watch->reason = g_strdup(sentence);
}

/* Alerts end a connection for both: RFC 5246 7.2.1, 7.2.2. */
static const char *state_of_alert(const Watch *watch, const Alert *alert)
{
    if (alert->description == ALERT_CLOSE_NOTIFY)
        return "CLOSED";
    return watch->order.closed[watch->direction] ? "FAILED" : NULL;
}

/* Where the sides stand. Of one whose inside is known only the waiting is told: the rest he says
 * himself. */
static void tell_states(Watch *watch, const HeardMessage *heard, const char *end)
{
    const char *done = watch->order.list == NULL ? NULL : watch->order.list->done;
    for (int role = 0; role < 2; role++) {
        const char *state = end != NULL ? end : heard->states[role];
        bool waits = end == NULL && g_strcmp0(state, done) != 0;
        if (!watch->place.inside || (waits && !watch->still))
            watch_state(watch, (Role)role, state);
    }
}

static void tell_illegal(Watch *watch, const HeardMessage *heard)
{
    if (heard->place.legal || !heard->place.judged)
        return;
    watch->findings.illegal++;
    int party = watch_hearer(watch, watch->direction);
    if (watch_speaker(watch, watch->direction) == WATCH_NOBODY)
        return; /* what his answer to it is, will be seen */
    watch_note(watch, party != WATCH_NOBODY ? party : watch_speaker(watch, watch->direction),
               "illegal",
               g_strdup_printf("%s from the %s may not stand here; expected was %s (%s). What "
                               "follows is not judged.",
                               message_name(heard->kind), role_name((Role)watch->direction),
                               heard->place.expected, heard->place.rule));
}

static void tell_closed(Watch *watch, const HeardMessage *heard)
{
    if (heard->why == NULL || g_strcmp0(watch->why, heard->why) == 0)
        return;
    g_free(watch->why);
    watch->why = g_strdup(heard->why);
    int party = watch_hearer(watch, watch->direction);
    if (party != WATCH_NOBODY && watch_speaker(watch, watch->direction) != WATCH_NOBODY)
        watch_note(watch, party, "closed",
                   g_strdup_printf("From here on records stay closed: %s.", heard->why));
}

void watch_tell(Watch *watch, const HeardMessage *heard)
{
    MessageKind kind = heard->kind;
    Message message = {.kind = kind};
    MessageKind as = message_is_ssl2(kind)                             ? MESSAGE_SSL2
                     : message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE
                                                                       : kind;
    Bytes bytes = bytes_from_gbytes(heard->bytes);
    bool read =
        heard->why == NULL && message_read(bytes, as, &heard->context, &message, NULL, NULL);
    const char *end = NULL;
    if (read) {
        tell_message(watch, &message, bytes);
        if (kind == MESSAGE_ALERT)
            end = state_of_alert(watch, &message.alert);
    }
    tell_illegal(watch, heard);
    tell_closed(watch, heard);
    tell_states(watch, heard, end);
}
