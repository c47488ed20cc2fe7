/* What the hellos settle, and how long it holds: limits of records, encrypt-then-MAC, what SSL 3.0
 * does not have, sizes of groups, heartbeats, protocols.
 *
 * Our client with our server; where one of them has to break a rule, the bytes between them are
 * changed, or what the other has settled.
 */
#include <string.h>

#include "core/engine/state.h"
#include "tests/engine/pair.h"
#include "tests/support/support.h"

/* RFC 7366 3.1, table 1: from encrypt-then-MAC there is no way back, neither at once nor by way of
 * a cipher that has no MAC. Either side refuses when the other one has left it out. */
START_TEST(no_way_back_from_encrypt_then_mac)
{
    static const SuiteNumber cbc = 0x002f, gcm = 0x009c;
    for (int cell = 0; cell < 4; cell++) {
        int forgets = cell % 2, by_way = cell / 2;
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, cbc);
        pair_connect(pair);
        pair_check(pair, "encrypt-then-MAC");
        for (int i = 0; by_way && i < 2; i++)
            pair->configs[i].suites = &gcm;
        if (by_way) {
            ck_assert(endpoint_renegotiate(pair->ends[0], CLIENT_AUTH_NONE, 0));
            pair_carry(pair);
            pair_check(pair, "neither");
        }
        for (int i = 0; i < 2; i++)
            pair->configs[i].suites = &cbc;
        pair->configs[forgets].options.encrypt_then_mac = FEATURE_OFF;
        ck_assert(endpoint_renegotiate(pair->ends[0], CLIENT_AUTH_NONE, 0));
        pair_carry(pair);
        const Fault *fault = endpoint_fault(pair->ends[0]);
        if (fault == NULL || fault->blame != FAULT_OF_PEER || strstr(fault->sentence, "sent the"))
            fault = endpoint_fault(pair->ends[1]);
        ck_assert_ptr_nonnull(fault);
        ck_assert_str_eq(fault->rule, "RFC 7366 3.1");
        ck_assert_int_eq(fault->alert, ALERT_HANDSHAKE_FAILURE);
    }
}
END_TEST

/* The largest fragment of the records in a side's output, and how many there are. */
static size_t largest(const Pair *pair, Role role, unsigned *count)
{
    size_t most = 0;
    Bytes output = endpoint_output(pair->ends[role]);
    *count = 0;
    for (size_t at = 0; at < output.size; (*count)++) {
        size_t size = bytes_number(bytes_slice(output, at + 3, 2));
        most = MAX(most, size);
        at += 5 + size;
    }
    return most;
}

/* RFC 8449 4: a limit is on the records under the keys of the handshake that set it: a longer one
 * does not come early, and what is not negotiated again is gone. */
START_TEST(a_record_size_limit_comes_and_goes_with_its_keys)
{
    enum { SMALL = 64, SEAL = 8 + 16 };
    static const uint8_t data[2000];
    unsigned count;
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, 0x009c);
    pair->configs[0].options.record_size_limit = SMALL;
    pair->configs[1].options.record_size_limit = 16384;
    pair_connect(pair);
    pair_check(pair, "a limit");
    pair->configs[0].options.record_size_limit = 16384;
    ck_assert(endpoint_renegotiate(pair->ends[0], CLIENT_AUTH_NONE, 0));
    g_autoptr(GBytes) hello = bytes_copy(endpoint_output(pair->ends[0]));
    endpoint_output_sent(pair->ends[0]);
    endpoint_receive(pair->ends[1], bytes_from_gbytes(hello), 0);
    ck_assert_uint_eq(largest(pair, ROLE_SERVER, &count), SMALL + SEAL); /* under the old keys */
    pair_carry(pair);
    pair_check(pair, "a longer limit");
    ck_assert(endpoint_send(pair->ends[1], BYTES_ARRAY(data), 0));
    ck_assert_uint_eq(largest(pair, ROLE_SERVER, &count), sizeof data + SEAL);
    ck_assert_uint_eq(count, 1);
    pair_carry(pair);
    pair->configs[0].options.record_size_limit = SMALL; /* to whom nobody answers */
    pair->configs[1].options.record_size_limit = 0;
    ck_assert(endpoint_renegotiate(pair->ends[0], CLIENT_AUTH_NONE, 0));
    pair_carry(pair);
    pair_check(pair, "no limit");
    ck_assert(endpoint_send(pair->ends[1], BYTES_ARRAY(data), 0));
    ck_assert_uint_eq(largest(pair, ROLE_SERVER, &count), sizeof data + SEAL);
    pair_carry(pair);
    ck_assert(pair_connected(pair));
}
END_TEST

/* RFC 6066 4: from ServerHello on no record may hold more, not even in the clear; one that cannot
 * hold so little is not decrypted. */
START_TEST(a_fragment_limit_is_kept)
{
    enum { HEADER = 5, LIMIT = 512 };
    static const uint8_t big[HEADER + 1000] = {23, 3, 3, 1000 >> 8, 1000 & 0xff};
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, 0x002f);
    pair->configs[0].options.max_fragment_length = 1;
    pair_connect(pair);
    pair_check(pair, "a limit");
    endpoint_receive(pair->ends[1], BYTES_ARRAY(big), 0);
    ck_assert_int_eq(endpoint_fault(pair->ends[1])->alert, ALERT_RECORD_OVERFLOW);

    pair_start(pair);
    g_autoptr(GBytes) hello = bytes_copy(endpoint_output(pair->ends[0]));
    endpoint_output_sent(pair->ends[0]);
    endpoint_receive(pair->ends[1], bytes_from_gbytes(hello), 0);
    Bytes output = endpoint_output(pair->ends[1]);
    g_autoptr(GByteArray) joined = g_byte_array_new(); /* ServerHello, and the rest in one */
    size_t first = HEADER + bytes_number(bytes_slice(output, 3, 2));
    bytes_append(joined, bytes_slice(output, 0, first + 3));
    size_t length = joined->len;
    g_byte_array_set_size(joined, (guint)length + 2);
    for (size_t at = first; at < output.size;) {
        size_t size = bytes_number(bytes_slice(output, at + 3, 2));
        ck_assert_uint_le(size, LIMIT);
        bytes_append(joined, bytes_slice(output, at + HEADER, size));
        at += HEADER + size;
    }
    size_t size = joined->len - length - 2;
    joined->data[length] = (uint8_t)(size >> 8);
    joined->data[length + 1] = (uint8_t)size;
    endpoint_receive(pair->ends[0], bytes_from_array(joined), 0);
    ck_assert_int_eq(endpoint_fault(pair->ends[0])->alert, ALERT_RECORD_OVERFLOW);
}
END_TEST

/* RFC 7627 5.3: a client that can do better does not offer it. */
START_TEST(a_session_without_extended_master_secret_is_not_offered)
{
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, 0x002f);
    pair_give_stores(pair, false);
    pair->configs[1].options.extended_master_secret = FEATURE_OFF;
    for (int i = 0; i < 2; i++) {
        pair_connect(pair);
        pair_check(pair, "without");
        ck_assert(!endpoint_resumed(pair->ends[0]));
    }
    pair->configs[0].options.extended_master_secret = FEATURE_OFF;
    pair_connect(pair);
    pair_check(pair, "neither has it");
    ck_assert(endpoint_resumed(pair->ends[0]));
    pair_take_stores(pair);
}
END_TEST

/* RFC 6101 5.6.1: a hello of TLS that ends in SSL 3.0 has had its extensions in vain, but for the
 * binding (RFC 5746 4.5). */
START_TEST(ssl3_has_no_extensions)
{
    static const char *const protocols[] = {"h2"};
    g_autoptr(Pair) pair = pair_new(VERSION_SSL_3_0, 0x002f);
    pair->configs[0].last = VERSION_TLS_1_2;
    pair->configs[0].server_name = "nobody.example";
    pair->configs[1].options.refuses_unknown_names = true;
    pair_give_stores(pair, true);
    for (int i = 0; i < 2; i++) {
        pair->configs[i].protocols = protocols;
        pair->configs[i].protocol_count = 1;
        pair->configs[i].options.heartbeat = HEARTBEAT_ALLOWED;
        pair->configs[i].options.max_fragment_length = 1;
        pair->configs[i].options.record_size_limit = i == 0 ? 0 : 600;
    }
    pair_connect(pair);
    pair_check(pair, "SSL 3.0");
    for (int i = 0; i < 2; i++) {
        const Endpoint *end = pair->ends[i];
        ck_assert(endpoint_secure_renegotiation(end));
        ck_assert(!endpoint_extended_master_secret(end));
        ck_assert_ptr_null(endpoint_protocol(end));
        ck_assert_uint_eq(end->established.peer_heartbeat, 0);
        ck_assert_uint_eq(end->read.limit + end->write.limit, 0);
        ck_assert_uint_eq(end->read.sealed_limit + end->write.sealed_limit, 0);
    }
    pair_take_stores(pair);
}
END_TEST

/* A client of SSL 3.0 alone offers none (RFC 6101 5.6.1.2). */
START_TEST(ssl3_offers_no_extensions)
{
    g_autoptr(Pair) pair = pair_new(VERSION_SSL_3_0, 0x002f);
    pair->configs[0].server_name = "www.lab.example";
    pair->configs[0].options.max_fragment_length = 1;
    pair->configs[0].options.record_size_limit = 600;
    pair->configs[0].options.asks_status = true;
    pair->ends[0] = endpoint_new(&pair->configs[0], pair->randoms[0], NULL);
    endpoint_start(pair->ends[0], 0);
    Bytes record = endpoint_output(pair->ends[0]);
    const WalkContext context = {.version = VERSION_SSL_3_0, .sender = ROLE_CLIENT};
    Message hello;
    ck_assert(message_read(bytes_slice(record, RECORD_HEADER_SIZE, record.size), MESSAGE_NONE,
                           &context, &hello, NULL, NULL));
    ck_assert(!hello.client_hello.extensions.present);
}
END_TEST

/* RFC 6101 5.6.1.2: extra data behind a hello of SSL 3.0 is hashed and otherwise ignored, by a
 * server that speaks more, too. */
START_TEST(ssl3_takes_extra_data)
{
    g_autoptr(Pair) look = pair_new(VERSION_SSL_3_0, 0x002f);
    look->ends[0] = endpoint_new(&look->configs[0], look->randoms[0], NULL);
    endpoint_start(look->ends[0], 0);
    Bytes record = endpoint_output(look->ends[0]);
    g_autoptr(GByteArray) body = g_byte_array_new();
    bytes_append(body, bytes_slice(record, RECORD_HEADER_SIZE + 1, record.size)); /* its length */
    bytes_append(body, bytes_from_text("abc"));
    body->data[2] += 3;
    g_autoptr(GBytes) longer = g_bytes_new(body->data, body->len);
    char path[] = "body";
    const OwnEdit own = {.message = MESSAGE_CLIENT_HELLO,
                         .edit = {.kind = EDIT_REPLACE, .path = path, .bytes = longer},
                         .rule = "extra data"};
    for (ProtocolVersion last = VERSION_SSL_3_0; last <= VERSION_TLS_1_3; last++) {
        g_autoptr(Pair) pair = pair_new(VERSION_SSL_3_0, 0x002f); /* draws what `look` drew */
        pair->configs[0].edits = &own;
        pair->configs[0].edit_count = 1;
        pair->configs[1].last = last;
        pair_connect(pair);
        pair_check(pair, "extra data");
    }
}
END_TEST

/* RFC 7919 3.1: a prime of less than 768 bits only where the client is told not to count; an export
 * suite has its own (RFC 2246 7.4.3). The two primes are the least of their size. */
START_TEST(small_groups)
{
    static const uint8_t generator[] = {2};
    uint8_t prime[DH_PRIME_BITS_LEAST / 8] = {0};
    for (ProtocolVersion v = VERSION_SSL_3_0; v <= VERSION_TLS_1_2; v++)
        for (int i = 0; i < 3; i++) {
            bool small = i > 0, refused = i == 1;
            uint16_t tail = small ? 2143 : 699; /* 2^766 + 2143, 2^767 + 699 */
            prime[0] = small ? 0x40 : 0x80;
            prime[sizeof prime - 2] = (uint8_t)(tail >> 8);
            prime[sizeof prime - 1] = (uint8_t)tail;
            g_autoptr(Pair) pair = pair_new(v, 0x0033);
            pair->configs[0].weaknesses = i == 2 ? WEAKNESS_ACCEPTS_SMALL_GROUPS : 0;
            pair->configs[1].dh_prime = BYTES_ARRAY(prime);
            pair->configs[1].dh_generator = BYTES_ARRAY(generator);
            pair_connect(pair);
            if (!refused)
                pair_check(pair, small ? "767 bits" : "768 bits");
            else
                ck_assert_int_eq(endpoint_fault(pair->ends[0])->alert, ALERT_INSUFFICIENT_SECURITY);
        }
}
END_TEST

/* Hands over what one side has to say now. */
static void say(Pair *pair, Role from)
{
    g_autoptr(GBytes) bytes = bytes_copy(endpoint_output(pair->ends[from]));
    endpoint_output_sent(pair->ends[from]);
    endpoint_receive(pair->ends[!from], bytes_from_gbytes(bytes), pair->now);
}

/* RFC 6520 3: a request in the handshake is dropped once the hellos have allowed it; before them it
 * is a message that nobody agreed on. */
START_TEST(heartbeat_in_the_handshake)
{
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_2; v++) {
        const uint8_t request[] = {
            24, 3, (uint8_t)v, 0, 19, HEARTBEAT_REQUEST, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0,  0, 0,          0, 0};
        g_autoptr(Pair) pair = pair_new(v, 0x002f);
        for (int i = 0; i < 2; i++) {
            pair->configs[i].options.heartbeat = HEARTBEAT_ALLOWED;
            pair->ends[i] = endpoint_new(&pair->configs[i], pair->randoms[i], NULL);
            endpoint_start(pair->ends[i], 0);
        }
        say(pair, ROLE_CLIENT);
        endpoint_receive(pair->ends[ROLE_SERVER], BYTES_ARRAY(request), 0);
        say(pair, ROLE_SERVER);
        endpoint_receive(pair->ends[ROLE_CLIENT], BYTES_ARRAY(request), 0);
        pair_carry(pair);
        pair_check(pair, "heartbeats in the handshake");
        for (int i = 0; i < 2; i++) {
            g_autoptr(Random) random = random_new(1, "early");
            g_autoptr(Endpoint) early = endpoint_new(&pair->configs[i], random, NULL);
            endpoint_start(early, 0);
            endpoint_receive(early, BYTES_ARRAY(request), 0);
            ck_assert_int_eq(endpoint_fault(early)->alert, ALERT_UNEXPECTED_MESSAGE);
        }
    }
}
END_TEST

/* RFC 8449 5: next to record_size_limit a max_fragment_length is ignored, be it none (RFC 6066 4).
 */
START_TEST(limits_of_both_kinds)
{
    static const uint8_t codes[] = {1, 5};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++)
        for (int i = 0; i < 4; i++) {
            const RawExtension raw = {EXTENSION_MAX_FRAGMENT_LENGTH, {&codes[i % 2], 1}};
            bool refused = i == 3; /* a fifth length, and a server that knows no other limit */
            g_autoptr(Pair) pair = pair_new(v, v == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
            pair->configs[0].raw_extensions = &raw;
            pair->configs[0].raw_count = 1;
            pair->configs[0].options.record_size_limit = 600;
            pair->configs[0].options.max_fragment_length = 1;
            pair->configs[1].options.record_size_limit = i < 2 ? 600 : 0;
            pair_connect(pair);
            if (refused)
                ck_assert_int_eq(endpoint_fault(pair->ends[1])->alert, ALERT_ILLEGAL_PARAMETER);
            else
                pair_check(pair, "two limits");
            ck_assert_uint_eq(pair->ends[1]->read.limit, i == 2 ? 512 : 0);
        }
}
END_TEST

/* RFC 7301 3.1 bounds the names by their bytes alone. */
START_TEST(many_protocols)
{
    enum { NAMES = 3000 };
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < NAMES; i++)
        g_ptr_array_add(names, g_strdup_printf("lab/%d", i));
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++) {
        g_autoptr(Pair) pair = pair_new(v, v == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
        pair->configs[0].protocols = (const char *const *)names->pdata;
        pair->configs[0].protocol_count = NAMES;
        pair->configs[1].protocols = pair->configs[0].protocols + NAMES - 1;
        pair->configs[1].protocol_count = 1;
        pair_connect(pair);
        pair_check(pair, "many protocols");
        ck_assert_str_eq(endpoint_protocol(pair->ends[0]), "lab/2999");
    }
}
END_TEST

/* RFC 8449 4: what pads a record counts against the limit of its receiver. */
START_TEST(padding_counts)
{
    enum { LIMIT = 600, HEADER = 5, TAG = 16 };
    static const uint8_t data[2000];
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0x1301);
    pair->configs[ROLE_CLIENT].options.record_padding = 1000;
    pair->configs[ROLE_CLIENT].options.record_size_limit = 16384;
    pair->configs[ROLE_SERVER].options.record_size_limit = LIMIT;
    pair_connect(pair);
    pair_check(pair, "padded to the limit");
    ck_assert(endpoint_send(pair->ends[ROLE_CLIENT], BYTES_ARRAY(data), 0));
    Bytes output = endpoint_output(pair->ends[ROLE_CLIENT]);
    for (size_t at = 0; at < output.size;) {
        size_t size = bytes_number(bytes_slice(output, at + 3, 2));
        ck_assert_uint_eq(size, LIMIT + TAG);
        at += HEADER + size;
    }
    pair_carry(pair);
    ck_assert_uint_ge(pair->data[ROLE_SERVER]->len, sizeof data);
    pair_connect(pair);
    pair->ends[ROLE_CLIENT]->write.sealed_limit = LIMIT; /* one byte too many, and it is padding */
    ck_assert(endpoint_send(pair->ends[ROLE_CLIENT], bytes_from_text("a"), 0));
    pair_carry(pair);
    ck_assert_int_eq(endpoint_state(pair->ends[ROLE_SERVER]), ENDPOINT_FAILED);
    ck_assert_int_eq(endpoint_fault(pair->ends[ROLE_SERVER])->alert, ALERT_RECORD_OVERFLOW);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("settled");
    TCase *all = tcase_create("settled");
    tcase_add_unchecked_fixture(all, pair_set_up, NULL);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, no_way_back_from_encrypt_then_mac);
    tcase_add_test(all, a_record_size_limit_comes_and_goes_with_its_keys);
    tcase_add_test(all, a_fragment_limit_is_kept);
    tcase_add_test(all, a_session_without_extended_master_secret_is_not_offered);
    tcase_add_test(all, ssl3_has_no_extensions);
    tcase_add_test(all, ssl3_offers_no_extensions);
    tcase_add_test(all, ssl3_takes_extra_data);
    tcase_add_test(all, small_groups);
    tcase_add_test(all, heartbeat_in_the_handshake);
    tcase_add_test(all, limits_of_both_kinds);
    tcase_add_test(all, many_protocols);
    tcase_add_test(all, padding_counts);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
