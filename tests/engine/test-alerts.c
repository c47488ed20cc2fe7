/* The alert table: each row raised by a test, by each side that raises it.
 *
 * A row here is a scenario that provokes one alert from one side, in one version. Every row of
 * core/engine/alerts.c must be met, by every side that it names; for SSL 3.0, which has twelve
 * alerts (RFC 6101 5.4), what is said must be one of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/engine/alerts.h"
#include "core/engine/limits.h"
#include "core/engine/state.h"
#include "sim/invariants.h"
#include "sim/world.h"
#include "tests/engine/pair.h"
#include "tests/support/support.h"

#define C RAISED_BY_CLIENT
#define S RAISED_BY_SERVER
#define ASKS "client\n shows alice\nserver\n asks client certificate, required\n"
#define OTHER                                                                                      \
    "certificate other\n subject \"CN=Other\"\n issuer itself\n usage authority\n authority yes\n"
#define TLS13 "client\n versions TLS 1.3\nserver\n versions TLS 1.3\n"
#define STAPLES "client\n status_request yes\nserver\n staples "
#define PSK                                                                                        \
    "client\n suites TLS_PSK_WITH_AES_128_CBC_SHA\n psk \"one\" 00 11 22 33 44 55 66 77\n"         \
    "server\n shows nothing\n suites TLS_PSK_WITH_AES_128_CBC_SHA\n"                               \
    " psk \"other\" 00 11 22 33 44 55 66 77\n"
#define FIELDS                                                                                     \
    "client\n suites TLS_DHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\n"       \
    "server\n suites TLS_DHE_RSA_WITH_AES_128_CBC_SHA\n"
#define SSL3 "client\n versions SSL 3.0\nserver\n versions SSL 3.0\n"

/* clang-format off */
static const struct {
    AlertDescription alert; /* the row of the table */
    RaisedBy by;
    AlertDescription said;  /* what is said: another one in SSL 3.0 */
    const char *sections;
} rows[] = {
    {ALERT_CLOSE_NOTIFY, C, ALERT_CLOSE_NOTIFY, "play\n client closes\n"},
    {ALERT_CLOSE_NOTIFY, S, ALERT_CLOSE_NOTIFY, "play\n server closes\n"},
    {ALERT_UNEXPECTED_MESSAGE, C, ALERT_UNEXPECTED_MESSAGE, "network\n on Certificate from server: duplicate\n"},
    {ALERT_UNEXPECTED_MESSAGE, S, ALERT_UNEXPECTED_MESSAGE, "network\n on ClientKeyExchange from client: duplicate\n"},
    {ALERT_BAD_RECORD_MAC, C, ALERT_BAD_RECORD_MAC, "network\n on 1st protected record from server: flip bit 3\n"},
    {ALERT_BAD_RECORD_MAC, S, ALERT_BAD_RECORD_MAC, "network\n on 1st protected record from client: flip bit 3\n"},
    {ALERT_HANDSHAKE_FAILURE, C, ALERT_HANDSHAKE_FAILURE, "network\n on ServerHello from server: replace extensions/renegotiation_info/renegotiated_connection with 00\n"},
    {ALERT_HANDSHAKE_FAILURE, S, ALERT_HANDSHAKE_FAILURE, "client\n suites TLS_RSA_WITH_RC4_128_MD5\nserver\n suites TLS_RSA_WITH_AES_128_CBC_SHA\n"},
    {ALERT_NO_CERTIFICATE, C, ALERT_NO_CERTIFICATE, SSL3 "server\n asks client certificate, requested\n"},
    {ALERT_BAD_CERTIFICATE, C, ALERT_BAD_CERTIFICATE, "certificate www\n changed after signing\n"},
    {ALERT_BAD_CERTIFICATE, S, ALERT_BAD_CERTIFICATE, ASKS "certificate alice\n signed by rsa-2048-8\n"},
    {ALERT_UNSUPPORTED_CERTIFICATE, C, ALERT_UNSUPPORTED_CERTIFICATE, "certificate www\n usage code\n"},
    {ALERT_UNSUPPORTED_CERTIFICATE, S, ALERT_UNSUPPORTED_CERTIFICATE, ASKS "certificate alice\n usage code\n"},
    {ALERT_CERTIFICATE_EXPIRED, C, ALERT_CERTIFICATE_EXPIRED, "certificate www\n valid 2020-01-01 to 2021-01-01\n"},
    {ALERT_CERTIFICATE_EXPIRED, S, ALERT_CERTIFICATE_EXPIRED, ASKS "certificate alice\n valid 2020-01-01 to 2021-01-01\n"},
    {ALERT_CERTIFICATE_UNKNOWN, C, ALERT_CERTIFICATE_UNKNOWN, "client\n expects \"mail.lab.example\"\n"},
    {ALERT_CERTIFICATE_UNKNOWN, S, ALERT_CERTIFICATE_UNKNOWN, SSL3 ASKS OTHER "certificate alice\n issuer other\n"},
    {ALERT_ILLEGAL_PARAMETER, C, ALERT_ILLEGAL_PARAMETER, "network\n on ServerHello from server: replace cipher_suite with TLS_RSA_WITH_NULL_SHA\n"},
    {ALERT_ILLEGAL_PARAMETER, S, ALERT_ILLEGAL_PARAMETER, "network\n on ClientHello from client: replace compression_methods with 01\n"},
    {ALERT_UNKNOWN_CA, C, ALERT_UNKNOWN_CA, "certificate www\n issuer itself\n"},
    {ALERT_UNKNOWN_CA, S, ALERT_UNKNOWN_CA, ASKS OTHER "certificate alice\n issuer other\n"},
    {ALERT_UNKNOWN_CA, C, ALERT_CERTIFICATE_UNKNOWN, SSL3 "certificate www\n issuer itself\n"},
    {ALERT_ACCESS_DENIED, S, ALERT_ACCESS_DENIED, ASKS "server\n allows \"CN=Bob\" to \"/\"\n refuses by alert\n"},
    {ALERT_ACCESS_DENIED, S, ALERT_HANDSHAKE_FAILURE, SSL3 ASKS "server\n allows \"CN=Bob\" to \"/\"\n refuses by alert\n"},
    {ALERT_DECODE_ERROR, C, ALERT_DECODE_ERROR, "network\n on ServerHello from server: replace session_id with 00 01, lengths lying\n"},
    {ALERT_DECODE_ERROR, S, ALERT_DECODE_ERROR, "network\n on ClientHello from client: replace cipher_suites with 00\n"},
    {ALERT_DECODE_ERROR, S, ALERT_ILLEGAL_PARAMETER, SSL3 "network\n on Certificate from client: replace certificate_list with 00 00 09 00\nclient\n shows alice\nserver\n asks client certificate, required\n"},
    {ALERT_DECRYPT_ERROR, C, ALERT_DECRYPT_ERROR, "server\n on Finished: flip bit 0 of verify_data\n"},
    {ALERT_DECRYPT_ERROR, S, ALERT_DECRYPT_ERROR, "client\n on Finished: flip bit 0 of verify_data\n"},
    {ALERT_DECRYPT_ERROR, S, ALERT_HANDSHAKE_FAILURE, SSL3 "client\n on Finished: flip bit 0 of md5_hash\n"},
    {ALERT_DECRYPT_ERROR, C, ALERT_HANDSHAKE_FAILURE, SSL3 "server\n on Finished: flip bit 0 of sha_hash\n"},
    {ALERT_EXPORT_RESTRICTION, C, ALERT_EXPORT_RESTRICTION, "client\n versions TLS 1.0\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\nserver\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\n temporary key rsa-1024-1\n"},
    {ALERT_EXPORT_RESTRICTION, C, ALERT_HANDSHAKE_FAILURE, SSL3 "client\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\nserver\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\n temporary key rsa-1024-1\n"},
    {ALERT_PROTOCOL_VERSION, C, ALERT_PROTOCOL_VERSION, "client\n versions TLS 1.2\nserver\n versions TLS 1.0\n"},
    {ALERT_PROTOCOL_VERSION, S, ALERT_PROTOCOL_VERSION, "client\n versions TLS 1.0\nserver\n versions TLS 1.2\n"},
    {ALERT_PROTOCOL_VERSION, S, ALERT_PROTOCOL_VERSION, "client\n versions SSL 3.0\nserver\n versions TLS 1.2\n"},
    {ALERT_PROTOCOL_VERSION, S, ALERT_HANDSHAKE_FAILURE, SSL3 "client\n on ClientHello: replace client_version with 02 00\n"},
    {ALERT_PROTOCOL_VERSION, C, ALERT_HANDSHAKE_FAILURE, SSL3 "server\n on ServerHello: replace server_version with 03 01\n"},
    {ALERT_INTERNAL_ERROR, C, ALERT_INTERNAL_ERROR, "client\n versions TLS 1.2\n suites TLS_RSA_WITH_DES_CBC_SHA\n"},
    {ALERT_INTERNAL_ERROR, S, ALERT_INTERNAL_ERROR, "server\n on ServerHello: replace no_such_field with 00\n"},
    {ALERT_INSUFFICIENT_SECURITY, S, ALERT_INSUFFICIENT_SECURITY, FIELDS "client\n groups ffdhe2048\nserver\n groups ffdhe3072\n"},
    {ALERT_INSUFFICIENT_SECURITY, S, ALERT_INSUFFICIENT_SECURITY, FIELDS "client\n groups ffdhe2048, secp256r1\nserver\n groups ffdhe3072, secp256r1\n"},
    {ALERT_INSUFFICIENT_SECURITY, C, ALERT_INSUFFICIENT_SECURITY, FIELDS "server\n dh prime ff ff ff ff ff ff ff c5 generator 02\n"},
    {ALERT_INSUFFICIENT_SECURITY, C, ALERT_HANDSHAKE_FAILURE, SSL3 FIELDS "server\n dh prime ff ff ff ff ff ff ff c5 generator 02\n"},
    {ALERT_NO_RENEGOTIATION, C, ALERT_NO_RENEGOTIATION, "client\n renegotiation refused\nplay\n server renegotiates\n"},
    {ALERT_NO_RENEGOTIATION, S, ALERT_NO_RENEGOTIATION, "server\n renegotiation refused\nplay\n client renegotiates\n"},
    {ALERT_NO_RENEGOTIATION, S, ALERT_HANDSHAKE_FAILURE, SSL3 "server\n renegotiation refused\nplay\n client renegotiates\n"},
    {ALERT_UNSUPPORTED_EXTENSION, C, ALERT_UNSUPPORTED_EXTENSION, TLS13 "server\n on EncryptedExtensions: replace extensions with 00 04 fa fa 00 00\n"},
    {ALERT_UNSUPPORTED_EXTENSION, S, ALERT_UNSUPPORTED_EXTENSION, TLS13 ASKS "client\n on Certificate: replace certificate_list[0]/extensions with 00 04 00 12 00 00\n"},
    {ALERT_CERTIFICATE_REVOKED, C, ALERT_CERTIFICATE_REVOKED, STAPLES "revoked\n"},
    {ALERT_CERTIFICATE_REVOKED, C, ALERT_CERTIFICATE_REVOKED, TLS13 STAPLES "revoked\n"},
    {ALERT_UNRECOGNIZED_NAME, S, ALERT_UNRECOGNIZED_NAME, "client\n server_name \"nobody.example\"\nserver\n unknown_names no\n"},
    {ALERT_UNRECOGNIZED_NAME, S, ALERT_UNRECOGNIZED_NAME, TLS13 "client\n server_name \"nobody.example\"\nserver\n unknown_names no\n"},
    {ALERT_INAPPROPRIATE_FALLBACK, S, ALERT_INAPPROPRIATE_FALLBACK, "client\n versions TLS 1.0\n fallback_scsv yes\nserver\n versions TLS 1.0 to TLS 1.2\n"},
    {ALERT_INAPPROPRIATE_FALLBACK, S, ALERT_INAPPROPRIATE_FALLBACK, "client\n versions SSL 3.0\n fallback_scsv yes\nserver\n versions SSL 3.0 to TLS 1.2\n"},
    {ALERT_INAPPROPRIATE_FALLBACK, S, ALERT_INAPPROPRIATE_FALLBACK, "client\n versions TLS 1.2\n fallback_scsv yes\nserver\n versions TLS 1.2 to TLS 1.3\n"},
    {ALERT_MISSING_EXTENSION, C, ALERT_MISSING_EXTENSION, TLS13 "server\n on ServerHello: replace extensions with 00 06 00 2b 00 02 03 04\n"},
    {ALERT_MISSING_EXTENSION, S, ALERT_MISSING_EXTENSION, TLS13 "client\n on ClientHello: replace extensions with 00 07 00 2b 00 03 02 03 04\n"},
    {ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, C, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, STAPLES "good\n on CertificateStatus: replace OCSPResponse with 30 00\n"},
    {ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, C, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, TLS13 STAPLES "expired\n"},
    {ALERT_UNKNOWN_PSK_IDENTITY, S, ALERT_UNKNOWN_PSK_IDENTITY, PSK},
    {ALERT_CERTIFICATE_REQUIRED, S, ALERT_CERTIFICATE_REQUIRED, TLS13 "client\n shows nothing\nserver\n asks client certificate, required\n"},
    {ALERT_NO_APPLICATION_PROTOCOL, S, ALERT_NO_APPLICATION_PROTOCOL, "client\n protocols \"h2\"\nserver\n protocols \"lab\"\n"},
    {ALERT_NO_APPLICATION_PROTOCOL, S, ALERT_NO_APPLICATION_PROTOCOL, TLS13 "client\n protocols \"h2\"\nserver\n protocols \"lab\"\n"},
    {ALERT_UNSUPPORTED_EXTENSION, C, ALERT_UNSUPPORTED_EXTENSION, "client\n server_name none\nserver\n on ServerHello: replace extensions with 00 04 00 00 00 00\n"},
};
/* clang-format on */

/* Raised by tests of their own instead: see below. */
static bool by_other_tests(AlertDescription alert)
{
    return alert == ALERT_RECORD_OVERFLOW || alert == ALERT_DECOMPRESSION_FAILURE;
}

static Trace *play(const char *sections)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Plan) plan = support_plan(sections);
    g_autoptr(World) world = world_new(plan, &fault);
    ck_assert_msg(world != NULL, "%s: %s", sections, fault.sentence);
    world_run(world);
    g_autoptr(GPtrArray) broken = invariants_broken(world);
    if (broken->len > 0)
        ck_abort_msg("%s: %s", sections, (char *)g_ptr_array_index(broken, 0));
    return world_take_trace(world);
}

START_TEST(every_alert_is_raised)
{
    const AlertRow *row = alert_find(rows[_i].alert);
    int party = rows[_i].by == C ? 0 : 1;
    bool found = false;
    g_autoptr(Trace) trace = play(rows[_i].sections);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_ALERT || event->incoming || event->party != party)
            continue;
        bool mapped = rows[_i].said != rows[_i].alert;
        if (event->description != rows[_i].said)
            continue;
        found = true;
        ck_assert_int_eq(event->level, mapped ? ALERT_LEVEL_FATAL : row->level);
        if (mapped)
            ck_assert_int_eq(row->in_ssl3, rows[_i].said);
    }
    ck_assert_msg(found, "row %d: %s is not said", _i, number_text(NUMBER_ALERT, rows[_i].said));
}
END_TEST

START_TEST(no_row_is_left_out)
{
    size_t count = 0;
    const AlertRow *table = alerts_table(&count);
    for (size_t i = 0; i < count; i++) {
        unsigned by = 0;
        for (size_t j = 0; j < G_N_ELEMENTS(rows); j++)
            by |= rows[j].alert == table[i].alert ? rows[j].by : 0;
        if (by_other_tests(table[i].alert))
            by = table[i].by;
        ck_assert_msg((by & table[i].by) == (unsigned)table[i].by, "%s is not raised by all",
                      number_text(NUMBER_ALERT, table[i].alert));
    }
}
END_TEST

/* RFC 5246 6.2.2: a side that seals what it has not compressed, after it was agreed on. */
START_TEST(decompression_failure)
{
    static const uint8_t data[] = {0xff, 0xff, 0xff, 0xff};
    for (int i = 0; i < 2; i++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_0, 0x002f);
        pair->configs[0].options.compresses = pair->configs[1].options.compresses = true;
        pair_connect(pair);
        pair_check(pair, "compressed");
        Endpoint *from = pair->ends[i], *to = pair->ends[!i];
        compression_free(from->write.compression);
        from->write.compression = NULL;
        ck_assert(endpoint_send(from, BYTES_ARRAY(data), 0));
        g_byte_array_set_size(pair->data[!i], 0);
        pair_carry(pair);
        ck_assert_int_eq(endpoint_state(to), ENDPOINT_FAILED);
        ck_assert_int_eq(endpoint_fault(to)->alert, ALERT_DECOMPRESSION_FAILURE);
        ck_assert_uint_eq(pair->data[!i]->len, 0);
    }
}
END_TEST

/* RFC 8446 6 and B.2: what TLS 1.3 has, what it reserves, and that nothing else is known. */
START_TEST(tls13_has_its_own)
{
    static const AlertDescription in[] = {0,  10, 20,  22,  40,  42,  43,  44,  45,
                                          46, 47, 48,  49,  50,  51,  70,  71,  80,
                                          86, 90, 109, 110, 112, 113, 115, 116, 120};
    static const AlertDescription reserved[] = {21, 30, 41, 60, 100};
    size_t count = 0;
    const AlertRow *table = alerts_table(&count);
    ck_assert_uint_eq(count, G_N_ELEMENTS(in) + G_N_ELEMENTS(reserved));
    for (size_t i = 0; i < G_N_ELEMENTS(in); i++) {
        const AlertRow *row = alert_find(in[i]);
        ck_assert_msg(row != NULL && row->last == VERSION_TLS_1_3, "alert %d", (int)in[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(reserved); i++)
        ck_assert_int_lt(alert_find(reserved[i])->last, VERSION_TLS_1_3);
    for (size_t i = 0; i < count; i++) /* RFC 8446 6: all but two are errors */
        if (table[i].last == VERSION_TLS_1_3 && table[i].level == ALERT_LEVEL_WARNING)
            ck_assert(table[i].alert == ALERT_CLOSE_NOTIFY ||
                      table[i].alert == ALERT_USER_CANCELED);
}
END_TEST

/* RFC 6101 5.4: the twelve of SSL 3.0. */
START_TEST(ssl3_has_twelve)
{
    static const AlertDescription twelve[] = {0, 10, 20, 30, 40, 41, 42, 43, 44, 45, 46, 47};
    size_t count = 0, known = 0;
    const AlertRow *table = alerts_table(&count);
    for (size_t i = 0; i < count; i++) {
        bool in = false, mapped = false;
        if (table[i].alert == ALERT_INAPPROPRIATE_FALLBACK) /* RFC 7507 3: whatever the version */
            continue;
        for (size_t j = 0; j < G_N_ELEMENTS(twelve); j++) {
            in = in || table[i].alert == twelve[j];
            mapped = mapped || table[i].in_ssl3 == twelve[j];
        }
        ck_assert(mapped);
        ck_assert_int_eq(in, table[i].first == VERSION_SSL_3_0);
        known += in;
    }
    ck_assert_uint_eq(known, 12);
}
END_TEST

/* What one side says when it is fed bytes at its start, and nothing else. */
static AlertDescription fed(Role role, Bytes bytes, unsigned times)
{
    static const SuiteNumber suites[] = {0x002f};
    EndpointConfig config = {.role = role,
                             .first = VERSION_TLS_1_0,
                             .last = VERSION_TLS_1_2,
                             .suites = suites,
                             .suite_count = 1};
    g_autoptr(Random) random = random_new(1, "fed");
    g_autoptr(Endpoint) endpoint = endpoint_new(&config, random, NULL);
    endpoint_start(endpoint, 0);
    for (unsigned i = 0; i < times; i++)
        endpoint_receive(endpoint, bytes, 0);
    const Fault *fault = endpoint_fault(endpoint);
    return fault == NULL ? (AlertDescription)-1 : fault->alert;
}

START_TEST(limits_of_records)
{
    const uint8_t cipher_over[] = {0x17, 3, 1, 0x48, 0x01};
    const uint8_t cipher_most[] = {0x17, 3, 1, 0x48, 0x00};
    uint8_t long_message[] = {0x16, 3, 1, 0, 4, 1, 1, 0, 1};
    uint8_t most_message[] = {0x16, 3, 1, 0, 4, 1, 1, 0, 0};
    const uint8_t warning[] = {0x15, 3, 1, 0, 2, 1, 90};
    const uint8_t request[] = {0x16, 3, 1, 0, 4, 0, 0, 0, 0};
    g_autoptr(GByteArray) plain = g_byte_array_new();
    g_byte_array_append(plain, (const guint8[]){0x16, 3, 1, 0x40, 0x01, 1, 0, 0x80, 0}, 9);
    g_byte_array_set_size(plain, 5 + LIMIT_RECORD_PLAINTEXT + 1);
    for (int i = 0; i < 2; i++) {
        Role role = (Role)i;
        long_message[5] = most_message[5] =
            role == ROLE_CLIENT ? MESSAGE_SERVER_HELLO : MESSAGE_CLIENT_HELLO;
        ck_assert_int_eq(fed(role, BYTES_ARRAY(cipher_over), 1), ALERT_RECORD_OVERFLOW);
        ck_assert_int_eq(fed(role, BYTES_ARRAY(cipher_most), 1), (AlertDescription)-1);
        ck_assert_int_eq(fed(role, bytes_from_array(plain), 1), ALERT_RECORD_OVERFLOW);
        ck_assert_int_eq(fed(role, BYTES_ARRAY(long_message), 1), ALERT_ILLEGAL_PARAMETER);
        ck_assert_int_eq(fed(role, BYTES_ARRAY(most_message), 1), (AlertDescription)-1);
        ck_assert_int_eq(fed(role, BYTES_ARRAY(warning), LIMIT_WARNINGS), (AlertDescription)-1);
        ck_assert_int_eq(fed(role, BYTES_ARRAY(warning), LIMIT_WARNINGS + 1),
                         ALERT_UNEXPECTED_MESSAGE);
    }
    ck_assert_int_eq(fed(ROLE_CLIENT, BYTES_ARRAY(request), LIMIT_HELLO_REQUESTS),
                     (AlertDescription)-1);
    ck_assert_int_eq(fed(ROLE_CLIENT, BYTES_ARRAY(request), LIMIT_HELLO_REQUESTS + 1),
                     ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

/* `count` copies of an item behind a length field, as hex for a rule. */
static char *hex_list(size_t count, const char *item, int length_size)
{
    GString *text = g_string_new(NULL);
    size_t size = count * ((strlen(item) + 1) / 3);
    for (int i = length_size - 1; i >= 0; i--)
        g_string_append_printf(text, " %02x", (unsigned)(size >> 8 * i & 255));
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, " %s", item);
    return g_string_free(text, FALSE);
}

/* The first fatal alert of a run; -1 for none. */
static int first_fatal(const char *sections)
{
    g_autoptr(Trace) trace = play(sections);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_ALERT && event->level == ALERT_LEVEL_FATAL)
            return (int)event->description;
    }
    return -1;
}

/* One beyond a list's limit is illegal_parameter; at the limit the list is read, and then something
 * else is wrong with it. */
START_TEST(limits_of_lists)
{
    static const struct {
        size_t most;
        const char *before, *path, *item;
        int length_size;
    } lists[] = {
        {LIMIT_CERTIFICATES, "server\n on Certificate", "certificate_list", "00 00 01 00", 3},
        {LIMIT_AUTHORITIES, ASKS " on CertificateRequest", "certificate_authorities", "00 01 00",
         2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *over = hex_list(lists[i].most + 1, lists[i].item, lists[i].length_size);
        g_autofree char *text =
            g_strdup_printf("%s: replace %s with%s\n", lists[i].before, lists[i].path, over);
        ck_assert_msg(first_fatal(text) == ALERT_ILLEGAL_PARAMETER, "%s", lists[i].path);
    }
    g_autofree char *most = hex_list(LIMIT_AUTHORITIES, "00 01 00", 2);
    g_autofree char *text = g_strdup_printf(
        ASKS " on CertificateRequest: replace certificate_authorities with%s\n", most);
    ck_assert_int_eq(first_fatal(text), -1);
}
END_TEST

START_TEST(limit_of_handshakes)
{
    GString *text = g_string_new("play\n");
    for (int i = 1; i < LIMIT_HANDSHAKES; i++)
        g_string_append(text, " client renegotiates\n");
    g_autoptr(Trace) most = play(text->str);
    g_string_append(text, " client renegotiates\n");
    g_autoptr(Trace) over = play(text->str);
    for (size_t i = 0; i < trace_count(most); i++)
        ck_assert_int_ne(trace_at(most, i)->kind, TRACE_ALERT);
    bool refused = false;
    for (size_t i = 0; i < trace_count(over); i++)
        refused = refused || (trace_at(over, i)->kind == TRACE_ALERT &&
                              trace_at(over, i)->description == ALERT_NO_RENEGOTIATION);
    ck_assert(refused);
    g_string_free(text, TRUE);
}
END_TEST

/* Empty records of application data are legal (RFC 5246 6.2.1), but not without end. */
START_TEST(limit_of_empty_records)
{
    GString *text = g_string_new("play\n");
    for (int i = 0; i < LIMIT_EMPTY_RECORDS; i++)
        g_string_append(text, " client sends \"\"\n");
    ck_assert_int_eq(first_fatal(text->str), -1);
    g_string_append(text, " client sends \"\"\n");
    ck_assert_int_eq(first_fatal(text->str), ALERT_UNEXPECTED_MESSAGE);
    g_string_free(text, TRUE);
}
END_TEST

/* A message in records of one byte, and a flight in one record, are the same messages. */
START_TEST(fragments_and_coalescing)
{
    static const char *const records[] = {"of 1 bytes", "of 7 bytes", "coalesced",
                                          "of 100 bytes, coalesced",
                                          "of 16384 bytes, with empty fragments"};
    for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
        g_autofree char *text = g_strdup_printf(
            ASKS " records %s\nclient\n records %s\nplay\n client requests \"/\"\n client "
                 "renegotiates\n client sends 40000 bytes\n server sends 40000 bytes\n",
            records[i], records[i]);
        g_autoptr(Trace) trace = play(text);
        size_t received = 0;
        for (size_t j = 0; j < trace_count(trace); j++) {
            const TraceEvent *event = trace_at(trace, j);
            ck_assert_int_ne(event->kind, TRACE_ALERT);
            received += event->kind == TRACE_DATA ? g_bytes_get_size(event->bytes) : 0;
        }
        ck_assert_uint_gt(received, 80000);
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("alerts");
    TCase *alerts = tcase_create("alerts");
    tcase_set_timeout(alerts, 60);
    tcase_add_loop_test(alerts, every_alert_is_raised, 0, (int)G_N_ELEMENTS(rows));
    tcase_add_test(alerts, no_row_is_left_out);
    tcase_add_test(alerts, ssl3_has_twelve);
    tcase_add_test(alerts, tls13_has_its_own);
    tcase_add_unchecked_fixture(alerts, pair_set_up, NULL);
    tcase_add_test(alerts, decompression_failure);
    suite_add_tcase(suite, alerts);
    TCase *limits = tcase_create("limits");
    tcase_set_timeout(limits, 60);
    tcase_add_test(limits, limits_of_records);
    tcase_add_test(limits, limits_of_lists);
    tcase_add_test(limits, limit_of_handshakes);
    tcase_add_test(limits, limit_of_empty_records);
    tcase_add_test(limits, fragments_and_coalescing);
    suite_add_tcase(suite, limits);
    return support_run(suite);
}
