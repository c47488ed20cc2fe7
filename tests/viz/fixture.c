/* Runs made by hand.
 *
 * A small cast plays them: `say` lets one side of a link say a message, which becomes the events
 * that an endpoint and a link would have written: MESSAGE as said, RECORD with its fate, MESSAGE as
 * taken in. Messages are written by the walks of core/wire, so their spans are real. What would
 * need keys (records under keys, Finished, signatures) is filled with recognisable bytes.
 */
#include "tests/viz/fixture.h"

#include <string.h>

#include "core/wire/message.h"
#include "core/wire/record.h"

enum { LATENCY = 10000, LINKS = 2, CLIENT = 0 };

typedef struct {
    int records, arrivals, messages, epoch;
} Side;

typedef struct {
    Trace *trace;
    int link; /* on which the next thing is said */
    Side ways[LINKS][2];
    int handshake;
    RecordFate fate;    /* of the next record */
    const char *effect; /* mischief on it, or NULL */
    uint64_t delay;
    const char *subject; /* of the next Certificate */
} Cast;

static const uint8_t random_bytes[32] = {
    0x5e, 0x2b, 0x10, 0x9a, 0x44, 0x71, 0x0c, 0xd3, 0x8f, 0x6a, 0x19, 0xe7, 0x05, 0xbb, 0x3c, 0x92,
    0x60, 0xf4, 0x2d, 0x7e, 0xa8, 0x13, 0xc9, 0x57, 0x84, 0x3f, 0xd0, 0x26, 0x9b, 0x48, 0xee, 0x01};

static const TraceLink *cast_link(const Cast *cast)
{
    return trace_link(cast->trace, cast->link);
}

static int cast_party(const Cast *cast, Role role)
{
    return role == ROLE_CLIENT ? cast_link(cast)->left : cast_link(cast)->right;
}

static TraceEvent *cast_event(const Cast *cast, TraceKind kind, Role role)
{
    TraceEvent *event = trace_add(cast->trace, kind);
    event->party = cast_party(cast, role);
    event->link = cast->link;
    event->direction = role_direction(role);
    event->handshake = cast->handshake;
    return event;
}

static void cast_message(const Cast *cast, Role from, MessageKind kind, GBytes *bytes,
                         GArray *spans, bool incoming)
{
    const Side *way = &cast->ways[cast->link][role_direction(from)];
    TraceEvent *event = cast_event(cast, TRACE_MESSAGE, incoming ? role_peer(from) : from);
    event->direction = role_direction(from);
    event->incoming = incoming;
    event->epoch = way->epoch;
    event->record = incoming ? way->arrivals : way->records;
    event->record_count = 1;
    event->message = way->messages;
    event->message_kind = kind;
    event->bytes = g_bytes_ref(bytes);
    event->spans = g_array_ref(spans);
}

/* The record that carries it, under keys as so many bytes more. */
static void cast_record(Cast *cast, Role from, MessageKind kind, Bytes plain)
{
    Side *way = &cast->ways[cast->link][role_direction(from)];
    g_autoptr(GByteArray) fragment = g_byte_array_new();
    g_autoptr(GByteArray) record = g_byte_array_new();
    bytes_append(fragment, plain);
    if (way->epoch > 0)
        bytes_append(fragment, BYTES_ARRAY(random_bytes));
    record_write(record, (uint8_t)message_content_type(kind), VERSION_TLS_1_2,
                 bytes_from_array(fragment));
    TraceEvent *event = trace_add(cast->trace, TRACE_RECORD);
    event->link = cast->link;
    event->direction = role_direction(from);
    event->record = way->records;
    event->epoch = way->epoch;
    event->fate = cast->fate;
    event->bytes = bytes_copy(bytes_from_array(record));
    if (cast->fate == FATE_CHANGED) {
        record->data[record->len - 1] ^= 1;
        event->received = bytes_copy(bytes_from_array(record));
    }
    if (cast->fate == FATE_DROPPED)
        return;
    event->arrival = ++way->arrivals;
    event->arrival_time = cast->trace->now + LATENCY + cast->delay;
}

static void cast_mischief(const Cast *cast, Role from)
{
    if (cast->effect == NULL)
        return;
    TraceEvent *event = trace_add(cast->trace, TRACE_MISCHIEF);
    event->link = cast->link;
    event->direction = role_direction(from);
    event->record = cast->ways[cast->link][role_direction(from)].records;
    event->name = g_strdup("a rule of the scenario");
    event->value = g_strdup(cast->effect);
}

static void cast_say(Cast *cast, Role from, const Message *message)
{
    Side *way = &cast->ways[cast->link][role_direction(from)];
    WalkContext context = {.version = VERSION_TLS_1_2, .sender = from};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GArray) spans = spans_new();
    g_assert(message_write(message, &context, bytes, spans, NULL));
    g_autoptr(GBytes) whole = bytes_copy(bytes_from_array(bytes));
    way->records++;
    way->messages++;
    cast_message(cast, from, message->kind, whole, spans, false);
    cast_mischief(cast, from);
    cast_record(cast, from, message->kind, bytes_from_array(bytes));
    uint64_t start = cast->trace->now;
    cast->trace->now += LATENCY + cast->delay;
    if (cast->fate != FATE_DROPPED && (cast->fate != FATE_CHANGED || way->epoch == 0))
        cast_message(cast, from, message->kind, whole, spans, true);
    cast->trace->now = start + 100;
    if (message->kind == MESSAGE_CHANGE_CIPHER_SPEC)
        way->epoch++;
    cast->fate = FATE_DELIVERED;
    cast->effect = NULL;
    cast->delay = 0;
}

static void cast_state(const Cast *cast, Role role, const char *before, const char *after)
{
    TraceEvent *event = cast_event(cast, TRACE_STATE, role);
    event->before = g_strdup(before);
    event->after = g_strdup(after);
}

static void cast_fact(const Cast *cast, Role role, const char *name, const char *value,
                      const char *reason)
{
    TraceEvent *event = cast_event(cast, TRACE_FACT, role);
    event->name = g_strdup(name);
    event->value = g_strdup(value);
    event->reason = g_strdup(reason);
}

static void cast_check(const Cast *cast, Role by, const char *name, TraceResult result,
                       const char *reason)
{
    TraceEvent *event = cast_event(cast, TRACE_CHECK, by);
    event->name = g_strdup(name);
    event->value = g_strdup(role_name(role_peer(by)));
    event->result = result;
    event->reason = g_strdup(reason);
}

static void cast_note(const Cast *cast, Role role, const char *kind, const char *sentence)
{
    TraceEvent *event = cast_event(cast, TRACE_NOTE, role);
    event->name = g_strdup(kind);
    event->value = g_strdup(sentence);
}

static void cast_key(const Cast *cast, Role role, const char *name, size_t size)
{
    TraceEvent *event = cast_event(cast, TRACE_KEYS, role);
    g_autoptr(GByteArray) value = g_byte_array_new();
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(random_bytes[i % 32] + strlen(name) + (size_t)cast->handshake);
        g_byte_array_append(value, &byte, 1);
    }
    event->epoch = cast->handshake + 1;
    event->name = g_strdup(name);
    event->bytes = bytes_copy(bytes_from_array(value));
}

static void cast_certificate(const Cast *cast, Role shown_to, const char *subject)
{
    TraceCertificate *certificate = trace_certificate_new();
    certificate->subject = g_strdup(subject);
    certificate->issuer = g_strdup("CN=Lab Root, O=Lab");
    certificate->serial = g_strdup("2a");
    certificate->names = g_strdup("www.lab.example, lab.example");
    certificate->not_before = 1767225600;
    certificate->not_after = 1798761599;
    certificate->key = g_strdup("RSA 2048");
    certificate->key_fingerprint = g_strdup("5e:2b:10:9a:44:71:0c:d3:8f:6a:19:e7:05:bb:3c:92:60:f4:"
                                            "2d:7e:a8:13:c9:57:84:3f:d0:26:9b:48:ee:01");
    certificate->fingerprint = g_strdup("a1:2b:10:9a:44:71:0c:d3:8f:6a:19:e7:05:bb:3c:92:60:f4:2d:"
                                        "7e:a8:13:c9:57:84:3f:d0:26:9b:48:ee:02");
    certificate->signature = g_strdup("sha256WithRSAEncryption");
    cast_event(cast, TRACE_CERTIFICATE, shown_to)->certificate = certificate;
}

/* ---- messages ---- */

static void say_client_hello(Cast *cast)
{
    static const uint8_t suites[] = {0x00, 0x35, 0x00, 0x2f, 0x00, 0x0a, 0x00,
                                     0x05, 0x00, 0x04, 0x00, 0x09, 0x00, 0xff};
    static const uint8_t null_compression[] = {0};
    Message message = {.kind = MESSAGE_CLIENT_HELLO,
                       .client_hello = {.client_version = VERSION_TLS_1_2,
                                        .random = BYTES_ARRAY(random_bytes),
                                        .cipher_suites = BYTES_ARRAY(suites),
                                        .compression_methods = BYTES_ARRAY(null_compression)}};
    Extensions *extensions = &message.client_hello.extensions;
    extensions->present = true;
    extensions->count = 1;
    extensions->list[0].type = EXTENSION_SERVER_NAME;
    extensions->list[0].server_name.count = 1;
    extensions->list[0].server_name.list[0].host_name = bytes_from_text("www.lab.example");
    cast_say(cast, ROLE_CLIENT, &message);
}

static void say_server_hello(Cast *cast)
{
    Message message = {.kind = MESSAGE_SERVER_HELLO,
                       .server_hello = {.server_version = VERSION_TLS_1_2,
                                        .random = BYTES_ARRAY(random_bytes),
                                        .session_id = BYTES_ARRAY(random_bytes),
                                        .cipher_suite = 0x002f}};
    cast_fact(cast, ROLE_SERVER, "version", "TLS 1.2",
              "the client offers up to TLS 1.2, the server SSL 3.0 to TLS 1.2");
    cast_fact(cast, ROLE_SERVER, "cipher_suite", "TLS_RSA_WITH_AES_128_CBC_SHA",
              "the first in the server's order that both have and TLS 1.2 can carry");
    cast_say(cast, ROLE_SERVER, &message);
}

static void say_certificate(Cast *cast, Role from)
{
    static const uint8_t der[700] = {0x30, 0x82, 0x02, 0xb8};
    Message message = {.kind = MESSAGE_CERTIFICATE,
                       .certificate = {.count = 1, .list = {BYTES_ARRAY(der)}}};
    cast_say(cast, from, &message);
    cast_certificate(cast, role_peer(from),
                     cast->subject != NULL ? cast->subject
                     : from == ROLE_SERVER ? "CN=www.lab.example, O=Lab"
                                           : "CN=Alice, O=Lab");
    cast->subject = NULL;
}

static void say_plain(Cast *cast, Role from, MessageKind kind)
{
    Message message = {.kind = kind};
    if (kind == MESSAGE_CHANGE_CIPHER_SPEC)
        message.change_cipher_spec = 1;
    if (kind == MESSAGE_FINISHED)
        message.finished.verify_data = bytes_make(random_bytes + 3, 12);
    cast_say(cast, from, &message);
}

static void say_key_exchange(Cast *cast)
{
    static const uint8_t cipher[256] = {0x5a};
    Message message = {.kind = MESSAGE_CLIENT_KEY_EXCHANGE,
                       .client_key_exchange = {BYTES_ARRAY(cipher)}};
    cast_say(cast, ROLE_CLIENT, &message);
}

static void say_data(Cast *cast, Role from, const char *text)
{
    Message message = {.kind = MESSAGE_APPLICATION_DATA, .application_data = bytes_from_text(text)};
    cast_say(cast, from, &message);
    TraceEvent *event = cast_event(cast, TRACE_DATA, role_peer(from));
    event->direction = role_direction(from);
    event->bytes = bytes_copy(bytes_from_text(text));
}

static void say_alert(Cast *cast, Role from, AlertLevel level, AlertDescription description,
                      const char *reason)
{
    TraceEvent *event = cast_event(cast, TRACE_ALERT, from);
    event->level = level;
    event->description = description;
    event->reason = g_strdup(reason);
    Message message = {.kind = MESSAGE_ALERT, .alert = {(uint8_t)level, (uint8_t)description}};
    cast_say(cast, from, &message);
}

/* ---- scenes ---- */

static void play_keys(const Cast *cast, Role role)
{
    static const struct {
        const char *name;
        size_t size;
    } keys[] = {
        {"client_random", 32},           {"server_random", 32},    {"premaster_secret", 48},
        {"master_secret", 48},           {"key_block", 104},       {"client_write_MAC_secret", 20},
        {"server_write_MAC_secret", 20}, {"client_write_key", 16}, {"server_write_key", 16},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        cast_key(cast, role, keys[i].name, keys[i].size);
}

static void play_good_checks(const Cast *cast, Role by)
{
    cast_check(cast, by, "validity", TRACE_PASSED, "valid from 2026-01-01 to 2026-12-31");
    cast_check(cast, by, "issuer trusted", TRACE_PASSED, "CN=Lab Root, O=Lab is on the list");
    cast_check(cast, by, "issuer signature", TRACE_PASSED, "the key of CN=Lab Root verifies it");
}

static void play_server_flight(Cast *cast)
{
    say_server_hello(cast);
    cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_HELLO", "WAIT_CERTIFICATE");
    say_certificate(cast, ROLE_SERVER);
}

static void play_change(Cast *cast, Role from)
{
    say_plain(cast, from, MESSAGE_CHANGE_CIPHER_SPEC);
    if (from == ROLE_CLIENT)
        cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_CHANGE_CIPHER", "WAIT_CLIENT_FINISHED");
    else
        cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_CHANGE_CIPHER", "WAIT_SERVER_FINISHED");
    say_plain(cast, from, MESSAGE_FINISHED);
    if (from == ROLE_CLIENT) {
        cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_HELLO_DONE", "WAIT_SERVER_CHANGE_CIPHER");
        return;
    }
    cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_FINISHED", "CONNECTED");
    cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_FINISHED", "CONNECTED");
}

static void play_rest(Cast *cast)
{
    say_plain(cast, ROLE_SERVER, MESSAGE_SERVER_HELLO_DONE);
    cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_HELLO", "WAIT_CLIENT_KEY_EXCHANGE");
    play_keys(cast, ROLE_CLIENT);
    say_key_exchange(cast);
    play_keys(cast, ROLE_SERVER);
    cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_KEY_EXCHANGE", "WAIT_CLIENT_CHANGE_CIPHER");
    play_change(cast, ROLE_CLIENT);
    play_change(cast, ROLE_SERVER);
}

static void play_handshake(Cast *cast)
{
    say_client_hello(cast);
    cast_state(cast, ROLE_CLIENT, "START", "WAIT_SERVER_HELLO");
    play_server_flight(cast);
    play_good_checks(cast, ROLE_CLIENT);
    cast_check(cast, ROLE_CLIENT, "name", TRACE_PASSED, "www.lab.example is one of its names");
    play_rest(cast);
}

static void play_close(Cast *cast)
{
    say_alert(cast, ROLE_CLIENT, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY, NULL);
    cast_state(cast, ROLE_CLIENT, "CONNECTED", "CLOSED");
    say_alert(cast, ROLE_SERVER, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY, NULL);
    cast_state(cast, ROLE_SERVER, "CONNECTED", "CLOSED");
}

static void play_normal(Cast *cast)
{
    play_handshake(cast);
    say_data(cast, ROLE_CLIENT, "GET /payroll\r\n");
    say_data(cast, ROLE_SERVER, "200 OK\r\nThe salaries.\r\n");
    play_close(cast);
}

static void play_drop(Cast *cast)
{
    play_handshake(cast);
    say_data(cast, ROLE_CLIENT, "GET /account\r\n");
    cast->fate = FATE_DROPPED;
    cast->effect = "dropped";
    Message lost = {.kind = MESSAGE_APPLICATION_DATA,
                    .application_data = bytes_from_text("GET /transfer\r\n")};
    cast_say(cast, ROLE_CLIENT, &lost);
    Message next = {.kind = MESSAGE_APPLICATION_DATA,
                    .application_data = bytes_from_text("GET /balance\r\n")};
    cast_say(cast, ROLE_CLIENT, &next);
    say_alert(cast, ROLE_SERVER, ALERT_LEVEL_FATAL, ALERT_BAD_RECORD_MAC,
              "the MAC of record 4 does not verify: sequence number 2 was expected");
    cast_state(cast, ROLE_SERVER, "CONNECTED", "FAILED");
    cast_state(cast, ROLE_CLIENT, "CONNECTED", "FAILED");
}

/* A record of data arrives a second time. */
static void play_copy(Cast *cast)
{
    TraceEvent *copy = trace_add(cast->trace, TRACE_RECORD);
    Side *way = &cast->ways[0][DIRECTION_TO_SERVER];
    copy->link = 0;
    copy->record = way->records;
    copy->epoch = 1;
    copy->fate = FATE_DUPLICATED;
    copy->received = bytes_copy(BYTES_ARRAY(random_bytes));
    copy->arrival = ++way->arrivals;
    copy->arrival_time = cast->trace->now + LATENCY;
}

static void play_changed(Cast *cast)
{
    say_client_hello(cast);
    cast_state(cast, ROLE_CLIENT, "START", "WAIT_SERVER_HELLO");
    cast->fate = FATE_CHANGED;
    cast->effect = "cipher_suite: TLS_RSA_WITH_AES_128_CBC_SHA → TLS_RSA_WITH_RC4_128_SHA";
    play_server_flight(cast);
    play_good_checks(cast, ROLE_CLIENT);
    cast->effect = "250 ms later";
    cast->delay = 250000;
    play_rest(cast);
    say_data(cast, ROLE_CLIENT, "GET /payroll\r\n");
    play_copy(cast);
    say_alert(cast, ROLE_SERVER, ALERT_LEVEL_FATAL, ALERT_BAD_RECORD_MAC,
              "the MAC of record 4 does not verify");
    cast_state(cast, ROLE_SERVER, "CONNECTED", "FAILED");
    cast_state(cast, ROLE_CLIENT, "CONNECTED", "FAILED");
}

/* The attacker's two handshakes, the left one with a certificate of its own. */
static void play_mitm(Cast *cast)
{
    say_client_hello(cast);
    cast_state(cast, ROLE_CLIENT, "START", "WAIT_SERVER_HELLO");
    cast->subject = "CN=www.lab.example, O=Nobody";
    play_server_flight(cast);
    cast_check(cast, ROLE_CLIENT, "validity", TRACE_PASSED, "valid from 2026-01-01 to 2026-12-31");
    cast_check(cast, ROLE_CLIENT, "issuer trusted", TRACE_OVERRIDDEN,
               "the chain ends in CN=Forger, which is not on the client's list");
    cast_note(
        cast, ROLE_CLIENT, "warning",
        "The identity of www.lab.example cannot be verified: its issuer CN=Forger is not "
        "trusted. No encrypted and authenticated connection can be established. The user goes "
        "on all the same.");
    play_rest(cast);
    cast->link = 1;
    play_handshake(cast);
    cast->link = 0;
    say_data(cast, ROLE_CLIENT, "GET /payroll\r\n");
    cast->link = 1;
    say_data(cast, ROLE_CLIENT, "GET /payroll\r\n");
    say_data(cast, ROLE_SERVER, "200 OK\r\nThe salaries.\r\n");
    TraceEvent *event = cast_event(cast, TRACE_MISCHIEF, ROLE_CLIENT);
    event->link = 0;
    event->name = g_strdup("replaces salaries with nothing");
    event->value = g_strdup("\"The salaries.\" → \"Nothing.\"");
    cast->link = 0;
    say_data(cast, ROLE_SERVER, "200 OK\r\nNothing.\r\n");
    play_close(cast);
}

static void play_certificate_request(Cast *cast)
{
    static const uint8_t name[] = {0x30, 0x13, 0x31, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x04, 0x03,
                                   0x0c, 0x08, 'L',  'a',  'b',  ' ',  'R',  'o',  'o',  't'};
    static const uint8_t types[] = {1};
    static const uint8_t schemes[] = {4, 1, 2, 1};
    Message message = {
        .kind = MESSAGE_CERTIFICATE_REQUEST,
        .certificate_request = {.certificate_types = BYTES_ARRAY(types),
                                .supported_signature_algorithms = BYTES_ARRAY(schemes),
                                .count = 1,
                                .certificate_authorities = {BYTES_ARRAY(name)}}};
    cast_say(cast, ROLE_SERVER, &message);
}

static void play_client_auth(Cast *cast)
{
    say_client_hello(cast);
    cast_state(cast, ROLE_CLIENT, "START", "WAIT_SERVER_HELLO");
    play_server_flight(cast);
    play_good_checks(cast, ROLE_CLIENT);
    play_certificate_request(cast);
    say_plain(cast, ROLE_SERVER, MESSAGE_SERVER_HELLO_DONE);
    cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_HELLO", "WAIT_CLIENT_CERTIFICATE");
    play_keys(cast, ROLE_CLIENT);
    say_certificate(cast, ROLE_CLIENT);
    say_key_exchange(cast);
    play_keys(cast, ROLE_SERVER);
    static const uint8_t signature[256] = {1};
    Message verify = {.kind = MESSAGE_CERTIFICATE_VERIFY,
                      .certificate_verify = {0x0401, BYTES_ARRAY(signature)}};
    cast_say(cast, ROLE_CLIENT, &verify);
    cast_check(cast, ROLE_SERVER, "signature", TRACE_PASSED, "Alice's key verifies it");
    cast_check(cast, ROLE_SERVER, "validity", TRACE_FAILED,
               "expired on 2026-02-01, today is 2026-03-01");
    cast_check(cast, ROLE_SERVER, "issuer trusted", TRACE_PASSED, "CN=Lab Root is on the list");
    say_alert(cast, ROLE_SERVER, ALERT_LEVEL_FATAL, ALERT_CERTIFICATE_EXPIRED,
              "the certificate of CN=Alice, O=Lab expired on 2026-02-01");
    cast_state(cast, ROLE_SERVER, "WAIT_CERTIFICATE_VERIFY", "FAILED");
    cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_CHANGE_CIPHER", "FAILED");
}

static void play_renegotiation(Cast *cast)
{
    play_handshake(cast);
    say_data(cast, ROLE_CLIENT, "GET /payroll\r\n");
    cast->handshake = 1;
    say_plain(cast, ROLE_SERVER, MESSAGE_HELLO_REQUEST);
    play_handshake(cast);
    say_data(cast, ROLE_SERVER, "403 Forbidden\r\n");
    play_close(cast);
}

static void play_long(Cast *cast)
{
    play_handshake(cast);
    for (int i = 0; i < 24; i++) {
        g_autofree char *request = g_strdup_printf("GET /page/%d\r\n", i + 1);
        say_data(cast, ROLE_CLIENT, request);
        say_data(cast, ROLE_SERVER, "200 OK\r\nA page.\r\n");
    }
    cast->fate = FATE_DROPPED;
    cast->effect = "dropped";
    Message lost = {.kind = MESSAGE_APPLICATION_DATA,
                    .application_data = bytes_from_text("GET /transfer\r\n")};
    cast_say(cast, ROLE_CLIENT, &lost);
    say_data(cast, ROLE_SERVER, "200 OK\r\nA page.\r\n");
    play_close(cast);
}

static void play_timeout(Cast *cast)
{
    say_client_hello(cast);
    cast_state(cast, ROLE_CLIENT, "START", "WAIT_SERVER_HELLO");
    cast->fate = FATE_DROPPED;
    cast->effect = "dropped";
    Message message = {.kind = MESSAGE_SERVER_HELLO_DONE};
    cast_say(cast, ROLE_SERVER, &message);
    cast->trace->now = 60000000;
    cast_note(cast, ROLE_CLIENT, "timeout", "nothing more can come: given up after 60 s");
    cast_state(cast, ROLE_CLIENT, "WAIT_SERVER_HELLO", "TIMED_OUT");
    cast_state(cast, ROLE_SERVER, "WAIT_CLIENT_KEY_EXCHANGE", "TIMED_OUT");
}

static void expect(GPtrArray *list, const char *text, const char *expected, const char *got)
{
    TraceExpectation *expectation = trace_expectation_new();
    expectation->text = g_strdup(text);
    expectation->expected = g_strdup(expected);
    expectation->got = g_strdup(got);
    expectation->held = g_str_equal(expected, got);
    expectation->event = 3;
    expectation->line = 31;
    g_ptr_array_add(list, expectation);
}

/* clang-format off */
static const struct {
    const char *name, *title;
    void (*play)(Cast *cast);
} fixtures[FIXTURE_KINDS] = {
    [FIXTURE_NORMAL] = {"normal", "TLS 1.2 with RSA key exchange", play_normal},
    [FIXTURE_DROP] = {"drop-app-record", "TLS 1.2: the network drops one record", play_drop},
    [FIXTURE_CHANGED] = {"changed", "ServerHello is changed, ServerHelloDone comes late", play_changed},
    [FIXTURE_MITM] = {"man-in-the-middle", "An attacker in the middle, and a user who goes on", play_mitm},
    [FIXTURE_CLIENT_AUTH] = {"client-auth/expired", "Client authentication: the certificate has expired", play_client_auth},
    [FIXTURE_RENEGOTIATION] = {"renegotiation", "Renegotiation: a second handshake inside the first one's keys", play_renegotiation},
    [FIXTURE_LONG] = {"long", "Sixty messages, one of them dropped", play_long},
    [FIXTURE_TIMEOUT] = {"timeout", "A message is lost, and nobody says anything more", play_timeout},
};
/* clang-format on */

const char *fixture_name(FixtureKind kind)
{
    return fixtures[kind].name;
}

Trace *fixture_trace(FixtureKind kind)
{
    Trace *trace = trace_new();
    trace->header.scenario = g_strdup(fixtures[kind].name);
    trace->header.title = g_strdup(fixtures[kind].title);
    trace->header.spec = g_strdup("RFC 5246 7.3");
    trace->header.about = g_strdup("A run made by hand.");
    trace->header.seed = 42;
    trace->header.clock = 1772355600;
    trace->header.text = g_strdup("scenario \"by hand\"\n");
    trace_add_party(trace, "client", PARTY_CLIENT);
    if (kind == FIXTURE_MITM)
        trace_add_party(trace, "attacker", PARTY_ATTACKER);
    trace_add_party(trace, "server", PARTY_SERVER);
    trace_add_link(trace, 0, 1, 443);
    if (kind == FIXTURE_MITM)
        trace_add_link(trace, 1, 2, 443);
    Cast cast = {.trace = trace};
    fixtures[kind].play(&cast);
    TraceEvent *verdict = trace_add(trace, TRACE_VERDICT);
    verdict->expectations = trace_expectations_new();
    expect(verdict->expectations, "version TLS 1.2", "TLS 1.2", "TLS 1.2");
    expect(verdict->expectations, "both connected", "connected",
           kind == FIXTURE_DROP ? "server failed" : "connected");
    return trace;
}
