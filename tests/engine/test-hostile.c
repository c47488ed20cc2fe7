/* Hostile peers: what they can try with keys in hand, and what the RFCs say to it.
 *
 * The peer is one of our own endpoints up to the moment at which the test speaks in its place, with
 * its keys. Each test names the rule; each has its honest neighbour in the other tests. These are
 * the tries that no scenario can make, since a scenario changes messages and not their order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/engine/state.h"
#include "sim/pki.h"
#include "tests/engine/hostile-flights.h"
#include "tests/support/support.h"

static Plan *plan;
static Pki *pki;

static void set_up(void)
{
    Fault fault = FAULT_INIT;
    plan = support_plan("");
    pki = pki_new(plan, &fault);
    ck_assert_msg(pki != NULL, "%s", fault.sentence);
}

/* Two endpoints that talk to each other. */
typedef struct {
    EndpointConfig configs[2]; /* by role */
    Random *randoms[2];
    Endpoint *ends[2];
} Pair;

static const SuiteNumber suites[] = {0x002f};

static Pair *pair_new(ProtocolVersion version, ClientAuth client_auth, bool shows)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GPtrArray) roots = g_ptr_array_new();
    g_ptr_array_add(roots, (gpointer)(uintptr_t) "lab-root");
    Pair *pair = g_new0(Pair, 1);
    for (int i = 0; i < 2; i++) {
        EndpointConfig *config = &pair->configs[i];
        *config = (EndpointConfig){.role = (Role)i,
                                   .first = version,
                                   .last = version,
                                   .suites = suites,
                                   .suite_count = 1,
                                   .expected_name = "www.lab.example",
                                   .client_auth = client_auth,
                                   .clock = plan->clock};
        const char *name = i == ROLE_SERVER ? "www" : shows ? "alice" : NULL;
        ck_assert(pki_credential(pki, name, NULL, &config->credential, &fault));
        config->trusted = pki_trusted(pki, roots, &fault);
        pair->randoms[i] = random_new(1, i == 0 ? "client" : "server");
        pair->ends[i] = endpoint_new(config, pair->randoms[i], NULL);
    }
    endpoint_start(pair->ends[ROLE_SERVER], 0);
    endpoint_start(pair->ends[ROLE_CLIENT], 0);
    return pair;
}

static void pair_free(Pair *pair)
{
    for (int i = 0; i < 2; i++) {
        endpoint_free(pair->ends[i]);
        random_free(pair->randoms[i]);
        g_ptr_array_unref(pair->configs[i].credential.chain);
        g_ptr_array_unref(pair->configs[i].trusted);
    }
    g_free(pair);
}

/* Hands what one side has to say to the other. */
static void deliver(Pair *pair, Role from)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    bytes_append(bytes, endpoint_output(pair->ends[from]));
    endpoint_output_sent(pair->ends[from]);
    endpoint_receive(pair->ends[role_peer(from)], bytes_from_array(bytes), 0);
}

static void connect_pair(Pair *pair)
{
    for (int i = 0; i < 6; i++)
        deliver(pair, (Role)(i % 2));
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(endpoint_state(pair->ends[i]), ENDPOINT_CONNECTED);
}

/* Bytes of data that an endpoint has for its application. */
static size_t data_of(Endpoint *endpoint)
{
    size_t size = 0;
    EndpointEvent event;
    while (endpoint_next_event(endpoint, &event)) {
        size += event.kind == EVENT_DATA ? g_bytes_get_size(event.data) : 0;
        endpoint_event_clear(&event);
    }
    return size;
}

static void check_failed(const Endpoint *endpoint, AlertDescription alert)
{
    const Fault *fault = endpoint_fault(endpoint);
    ck_assert_int_eq(endpoint_state(endpoint), ENDPOINT_FAILED);
    ck_assert_msg(fault->alert == alert, "%s: %s", number_text(NUMBER_ALERT, fault->alert),
                  fault->sentence);
}

/* The client's flight of a renegotiation without its last record, which is Finished; and the keys
 * under which that one would have been sent. */
static GByteArray *flight_without_finished(Pair *pair, Protection **keys)
{
    Fault fault = FAULT_INIT;
    Endpoint *client = pair->ends[ROLE_CLIENT];
    ck_assert(endpoint_renegotiate(client, CLIENT_AUTH_NONE, 0));
    deliver(pair, ROLE_CLIENT);
    deliver(pair, ROLE_SERVER);
    const Handshake *handshake = client->handshake;
    const ProtectionKeys made = {
        .version = handshake->version,
        .suite = handshake->suite,
        .mac_secret = handshake->keys.client_mac_secret,
        .key = handshake->keys.client_final_key,
        .iv = handshake->keys.client_iv,
        .encrypt_then_mac = handshake->encrypt_then_mac,
    };
    *keys = protection_new(&made, pair->randoms[ROLE_CLIENT], NULL, &fault);
    Bytes output = endpoint_output(client);
    size_t last = 0;
    for (size_t at = 0; at < output.size;) {
        Record record;
        size_t used = 0;
        last = at;
        record_split(bytes_slice(output, at, SIZE_MAX), FRAMING_TLS, &record, &used);
        at += used;
    }
    GByteArray *bytes = g_byte_array_new();
    bytes_append(bytes, bytes_slice(output, 0, last));
    endpoint_output_sent(client);
    return bytes;
}

static void append_record(GByteArray *bytes, Protection *keys, ContentType type,
                          ProtocolVersion version, Bytes plain)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GByteArray) fragment = g_byte_array_new();
    ck_assert(protection_seal(keys, type, version, plain, 0, fragment, &fault));
    record_write(bytes, (uint8_t)type, version, bytes_from_array(fragment));
}

/* RFC 5246 7.4.9: data only after a Finished that verifies; the keys alone prove nothing. */
START_TEST(data_before_finished)
{
    ProtocolVersion version = (ProtocolVersion)_i;
    Pair *pair = pair_new(version, CLIENT_AUTH_NONE, false);
    connect_pair(pair);
    data_of(pair->ends[ROLE_SERVER]);
    g_autoptr(Protection) keys = NULL;
    g_autoptr(GByteArray) bytes = flight_without_finished(pair, &keys);
    append_record(bytes, keys, CONTENT_APPLICATION_DATA, version, bytes_from_text("unverified"));
    endpoint_receive(pair->ends[ROLE_SERVER], bytes_from_array(bytes), 0);
    ck_assert_uint_eq(data_of(pair->ends[ROLE_SERVER]), 0);
    check_failed(pair->ends[ROLE_SERVER], ALERT_UNEXPECTED_MESSAGE);
    pair_free(pair);
}
END_TEST

/* RFC 5246 7.2.2: no_renegotiation answers a HelloRequest or a ClientHello; it does not take the
 * place of Finished. */
START_TEST(no_renegotiation_instead_of_finished)
{
    static const uint8_t alert[] = {ALERT_LEVEL_WARNING, ALERT_NO_RENEGOTIATION};
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
    connect_pair(pair);
    data_of(pair->ends[ROLE_SERVER]);
    g_autoptr(Protection) keys = NULL;
    g_autoptr(GByteArray) bytes = flight_without_finished(pair, &keys);
    append_record(bytes, keys, CONTENT_ALERT, VERSION_TLS_1_2, BYTES_ARRAY(alert));
    append_record(bytes, keys, CONTENT_APPLICATION_DATA, VERSION_TLS_1_2,
                  bytes_from_text("never finished"));
    endpoint_receive(pair->ends[ROLE_SERVER], bytes_from_array(bytes), 0);
    ck_assert_uint_eq(data_of(pair->ends[ROLE_SERVER]), 0);
    check_failed(pair->ends[ROLE_SERVER], ALERT_UNEXPECTED_MESSAGE);
    pair_free(pair);
}
END_TEST

/* Unasked for, it is a warning like any other. */
START_TEST(no_renegotiation_unasked)
{
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
    connect_pair(pair);
    Endpoint *client = pair->ends[ROLE_CLIENT];
    EndpointEvent event;
    data_of(client);
    speak_alert(pair->ends[ROLE_SERVER], ALERT_LEVEL_WARNING, ALERT_NO_RENEGOTIATION, NULL);
    deliver(pair, ROLE_SERVER);
    ck_assert(!endpoint_next_event(client, &event));
    ck_assert_int_eq(endpoint_state(client), ENDPOINT_CONNECTED);
    pair_free(pair);
}
END_TEST

/* One byte of an alert in the clear must not become the first byte of a protected one. */
START_TEST(half_an_alert_before_the_keys)
{
    static const uint8_t half[] = {CONTENT_ALERT, 3, 3, 0, 1, ALERT_LEVEL_WARNING};
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
    deliver(pair, ROLE_CLIENT);
    deliver(pair, ROLE_SERVER);
    endpoint_receive(pair->ends[ROLE_SERVER], BYTES_ARRAY(half), 0);
    deliver(pair, ROLE_CLIENT);
    check_failed(pair->ends[ROLE_SERVER], ALERT_UNEXPECTED_MESSAGE);
    pair_free(pair);
}
END_TEST

/* RFC 5246 7.4.8: the algorithm MUST be one that the request offered; MD5 is not. */
START_TEST(certificate_verify_by_md5)
{
    enum { DONE_RECORD = RECORD_HEADER_SIZE + HANDSHAKE_HEADER_SIZE };
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_REQUIRED, true);
    Endpoint *client = pair->ends[ROLE_CLIENT];
    deliver(pair, ROLE_CLIENT);
    g_autoptr(GByteArray) flight = g_byte_array_new();
    bytes_append(flight, endpoint_output(pair->ends[ROLE_SERVER]));
    endpoint_output_sent(pair->ends[ROLE_SERVER]);
    /* the client is made to choose MD5 before it is its turn */
    size_t before = flight->len - DONE_RECORD;
    endpoint_receive(client, bytes_slice(bytes_from_array(flight), 0, before), 0);
    client->handshake->scheme = scheme_find(SCHEME_RSA_PKCS1_MD5);
    endpoint_receive(client, bytes_slice(bytes_from_array(flight), before, SIZE_MAX), 0);
    deliver(pair, ROLE_CLIENT);
    check_failed(pair->ends[ROLE_SERVER], ALERT_ILLEGAL_PARAMETER);
    ck_assert_ptr_null(endpoint_peer_certificate(pair->ends[ROLE_SERVER]));
    pair_free(pair);
}
END_TEST

/* A copy of a certificate whose key is said to be of a kind that nobody knows. */
static GBytes *with_unknown_key(GBytes *certificate)
{
    static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(certificate, &size);
    uint8_t *copy = g_memdup2(data, size);
    uint8_t *oid = memmem(copy, size, rsa, sizeof rsa);
    ck_assert_ptr_nonnull(oid);
    oid[sizeof rsa - 1] = 99;
    return g_bytes_new_take(copy, size);
}

/* RFC 5246 7.2.2: of the subject's own certificate it is unsupported_certificate; further up it
 * matters only to what needs it. */
START_TEST(keys_of_an_unknown_kind)
{
    for (guint at = 0; at < 2; at++) {
        Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
        GPtrArray *chain = pair->configs[ROLE_SERVER].credential.chain;
        GBytes *own = g_ptr_array_index(chain, 0);
        g_ptr_array_insert(chain, (int)at, with_unknown_key(own));
        if (at == 0) {
            deliver(pair, ROLE_CLIENT);
            deliver(pair, ROLE_SERVER);
            check_failed(pair->ends[ROLE_CLIENT], ALERT_UNSUPPORTED_CERTIFICATE);
        } else {
            connect_pair(pair);
        }
        pair_free(pair);
    }
}
END_TEST

/* RFC 6101 5.6.6: no_certificate is a warning; at another level it is no row of the conversation.
 */
START_TEST(no_certificate_at_another_level)
{
    static const uint8_t levels[] = {ALERT_LEVEL_FATAL, 77};
    Pair *pair = pair_new(VERSION_SSL_3_0, CLIENT_AUTH_REQUESTED, false);
    deliver(pair, ROLE_CLIENT);
    deliver(pair, ROLE_SERVER);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    bytes_append(bytes, endpoint_output(pair->ends[ROLE_CLIENT]));
    ck_assert_uint_eq(bytes->data[0], CONTENT_ALERT);
    bytes->data[RECORD_HEADER_SIZE] = levels[_i];
    endpoint_receive(pair->ends[ROLE_SERVER], bytes_from_array(bytes), 0);
    ck_assert_int_eq(endpoint_state(pair->ends[ROLE_SERVER]), ENDPOINT_FAILED);
    pair_free(pair);
}
END_TEST

/* What a refused HelloRequest wanted is forgotten with it. */
START_TEST(a_refused_request_is_forgotten)
{
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
    connect_pair(pair);
    pair->configs[ROLE_CLIENT].refuses_renegotiation = true;
    ck_assert(endpoint_renegotiate(pair->ends[ROLE_SERVER], CLIENT_AUTH_REQUIRED, 0));
    deliver(pair, ROLE_SERVER);
    deliver(pair, ROLE_CLIENT);
    pair->configs[ROLE_CLIENT].refuses_renegotiation = false;
    ck_assert(endpoint_renegotiate(pair->ends[ROLE_CLIENT], CLIENT_AUTH_NONE, 0));
    connect_pair(pair);
    ck_assert_uint_eq(endpoint_handshakes(pair->ends[ROLE_SERVER]), 2);
    pair_free(pair);
}
END_TEST

/* RFC 5246 7.4.6: a client whose certificate is not of the types or signatures asked for shows
 * none, and a server that only requested one goes on. */
START_TEST(no_suitable_certificate)
{
    static const char *const asked[] = {"supported_signature_algorithms", "certificate_types"};
    static const uint8_t bytes[2][2] = {{4, 3}, {64, 64}}; /* ECDSA alone */
    g_autoptr(GBytes) value = g_bytes_new_static(bytes[_i], 2);
    OwnEdit edit = {.message = MESSAGE_CERTIFICATE_REQUEST,
                    .edit = {.kind = EDIT_REPLACE, .path = g_strdup(asked[_i]), .bytes = value},
                    .rule = "asks for ECDSA"};
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_REQUESTED, true);
    pair->configs[ROLE_SERVER].edits = &edit;
    pair->configs[ROLE_SERVER].edit_count = 1;
    connect_pair(pair);
    ck_assert_ptr_null(endpoint_peer_certificate(pair->ends[ROLE_SERVER]));
    g_free(edit.edit.path);
    pair_free(pair);
}
END_TEST

/* Hellos that are refused again and again are bounded, and what flows between resets the count. */
START_TEST(refused_hellos_are_bounded)
{
    Pair *pair = pair_new(VERSION_TLS_1_2, CLIENT_AUTH_NONE, false);
    connect_pair(pair);
    pair->configs[ROLE_SERVER].refuses_renegotiation = true;
    Endpoint *client = pair->ends[ROLE_CLIENT], *server = pair->ends[ROLE_SERVER];
    for (int i = 0; i < 3 * LIMIT_HELLO_REQUESTS; i++) {
        ck_assert(endpoint_renegotiate(client, CLIENT_AUTH_NONE, 0));
        deliver(pair, ROLE_CLIENT);
        deliver(pair, ROLE_SERVER);
        ck_assert(endpoint_send(client, bytes_from_text("data"), 0));
        ck_assert(endpoint_send(server, bytes_from_text("data"), 0));
        deliver(pair, ROLE_CLIENT);
        deliver(pair, ROLE_SERVER);
    }
    for (int i = 0; i <= LIMIT_HELLO_REQUESTS; i++) {
        ck_assert_int_eq(endpoint_state(server), ENDPOINT_CONNECTED);
        endpoint_renegotiate(client, CLIENT_AUTH_NONE, 0);
        deliver(pair, ROLE_CLIENT);
        deliver(pair, ROLE_SERVER);
    }
    check_failed(server, ALERT_UNEXPECTED_MESSAGE);
    pair_free(pair);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("hostile");
    TCase *hostile = tcase_create("hostile");
    tcase_add_unchecked_fixture(hostile, set_up, NULL);
    tcase_add_loop_test(hostile, data_before_finished, VERSION_SSL_3_0, VERSION_TLS_1_2 + 1);
    tcase_add_test(hostile, no_renegotiation_instead_of_finished);
    tcase_add_test(hostile, no_renegotiation_unasked);
    tcase_add_test(hostile, half_an_alert_before_the_keys);
    tcase_add_test(hostile, certificate_verify_by_md5);
    tcase_add_test(hostile, keys_of_an_unknown_kind);
    tcase_add_loop_test(hostile, no_certificate_at_another_level, 0, 2);
    tcase_add_test(hostile, a_refused_request_is_forgotten);
    tcase_add_loop_test(hostile, no_suitable_certificate, 0, 2);
    tcase_add_test(hostile, refused_hellos_are_bounded);
    suite_add_tcase(suite, hostile);
    suite_add_tcase(suite, flight_tests());
    return support_run(suite);
}
