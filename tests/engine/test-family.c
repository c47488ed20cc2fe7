/* Our client with our server: every suite in every version that has it, every group and scheme,
 * resumption, retries, early data, later messages. Whether the bytes are right, others say
 * (tests/peers, RFC 8448); here both sides must come to the same, and to what was configured.
 *
 * The cells come from the tables of suites, groups and schemes, so a new row is a new cell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto/scheme.h"
#include "core/engine/state.h"
#include "tests/engine/pair.h"
#include "tests/support/support.h"

START_TEST(every_suite_in_every_version)
{
    unsigned cells = 0;
    for (size_t i = 0; i < suite_count(); i++) {
        const Suite *suite = suite_at(i);
        for (size_t j = 0; j < version_count(); j++) {
            ProtocolVersion v = version_at(j)->number;
            if (!suite_fits(suite, v))
                continue;
            g_autofree char *what =
                g_strdup_printf("%s in %s", suite->name, number_text(NUMBER_VERSION, v));
            g_autoptr(Pair) pair = pair_new(v, suite->number);
            pair_connect(pair);
            pair_check(pair, what);
            ck_assert_ptr_eq(endpoint_suite(pair->ends[0]), suite);
            cells++;
        }
    }
    printf("# %u pairs of suite and version\n", cells);
}
END_TEST

START_TEST(every_group)
{
    static const SuiteNumber suites[] = {0x1301, 0xc02f, 0x009e};
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        for (size_t j = 0; j < G_N_ELEMENTS(suites); j++) {
            bool finite = group->kind == GROUP_FINITE_FIELD;
            if (j > 0 && finite != (j == 2))
                continue;
            ProtocolVersion version = j == 0 ? VERSION_TLS_1_3 : VERSION_TLS_1_2;
            g_autoptr(Pair) pair = pair_new(version, suites[j]);
            pair->configs[0].groups = pair->configs[1].groups = &group->number;
            pair->configs[0].group_count = pair->configs[1].group_count = 1;
            pair_connect(pair);
            pair_check(pair, group->name);
            ck_assert_str_eq(endpoint_group(pair->ends[0])->name, group->name);
            ck_assert_ptr_eq(endpoint_group(pair->ends[1]), group);
        }
    }
}
END_TEST

static const char *www_of(const Scheme *scheme, char name[32], const char *who)
{
    static const char *const keys[KEY_KINDS] = {
        [KEY_RSA] = "rsa",  [KEY_RSA_PSS] = "pss",     [KEY_DSA] = "dss",
        [KEY_EC] = "ecdsa", [KEY_ED25519] = "ed25519", [KEY_ED448] = "ed448",
    };
    const char *key = scheme->number == SCHEME_ECDSA_SECP384R1_SHA384   ? "ecdsa384"
                      : scheme->number == SCHEME_ECDSA_SECP521R1_SHA512 ? "ecdsa521"
                                                                        : keys[scheme->key];
    g_snprintf(name, 32, "%s-%s", who, key);
    return name;
}

START_TEST(every_scheme)
{
    unsigned cells = 0;
    for (size_t i = 0; i < scheme_count(); i++) {
        const Scheme *scheme = scheme_at(i);
        SuiteNumber old = scheme->key == KEY_DSA                                 ? 0x00a2
                          : scheme->key == KEY_RSA || scheme->key == KEY_RSA_PSS ? 0xc02f
                                                                                 : 0xc02b;
        for (int j = 0; j < 2; j++) {
            char www[32], alice[32];
            if (j == 1 && !scheme->in_tls13)
                continue;
            g_autoptr(Pair) pair =
                pair_new(j == 0 ? VERSION_TLS_1_2 : VERSION_TLS_1_3, j == 0 ? old : 0x1301);
            pair->configs[0].schemes = pair->configs[1].schemes = &scheme->number;
            pair->configs[0].scheme_count = pair->configs[1].scheme_count = 1;
            pair->configs[1].client_auth = CLIENT_AUTH_REQUIRED;
            pair_shows(pair, ROLE_SERVER, www_of(scheme, www, "www"));
            pair_shows(pair, ROLE_CLIENT, www_of(scheme, alice, "alice"));
            pair_connect(pair);
            pair_check(pair, scheme->name);
            ck_assert_ptr_nonnull(endpoint_peer_certificate(pair->ends[1]));
            cells++;
        }
    }
    printf("# %u pairs of scheme and version\n", cells);
}
END_TEST

static void give_stores(Pair *pair, bool tickets)
{
    for (int i = 0; i < 2; i++) {
        pair->configs[i].cache = session_cache_new(10, 3600);
        pair->configs[i].options.no_tickets = !tickets;
    }
    if (tickets)
        pair->configs[1].ticket_keys = ticket_keys_new(pair->randoms[1]);
}

static void take_stores(Pair *pair)
{
    for (int i = 0; i < 2; i++)
        session_cache_free(pair->configs[i].cache);
    ticket_keys_free(pair->configs[1].ticket_keys);
}

START_TEST(resumption)
{
    static const struct {
        ProtocolVersion version;
        SuiteNumber suite;
        bool tickets;
    } cells[] = {
        {VERSION_SSL_3_0, 0x002f, false}, {VERSION_TLS_1_0, 0x002f, false},
        {VERSION_TLS_1_1, 0xc013, false}, {VERSION_TLS_1_2, 0xc02f, false},
        {VERSION_TLS_1_0, 0x002f, true},  {VERSION_TLS_1_2, 0xc02f, true},
        {VERSION_TLS_1_3, 0x1301, true},  {VERSION_TLS_1_3, 0x1302, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
        g_autofree char *what = g_strdup_printf("cell %zu", i);
        g_autoptr(Pair) pair = pair_new(cells[i].version, cells[i].suite);
        give_stores(pair, cells[i].tickets);
        pair_connect(pair);
        pair_check(pair, what);
        ck_assert(!endpoint_resumed(pair->ends[0]));
        for (int again = 0; again < 3; again++) {
            pair->now += 1000000;
            pair_connect(pair);
            pair_check(pair, what);
            ck_assert_msg(endpoint_resumed(pair->ends[0]), "%s, %d", what, again);
            ck_assert(endpoint_resumed(pair->ends[1]));
        }
        pair->now += 2 * 3600 * (uint64_t)1000000; /* stale */
        pair_connect(pair);
        pair_check(pair, what);
        ck_assert(!endpoint_resumed(pair->ends[1]));
        take_stores(pair);
    }
}
END_TEST

START_TEST(hello_retry)
{
    static const GroupNumber client[] = {GROUP_X25519, GROUP_SECP384R1};
    static const GroupNumber server[] = {GROUP_SECP384R1};
    for (int cookie = 0; cookie < 2; cookie++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0);
        pair->configs[0].groups = client;
        pair->configs[0].group_count = 2;
        pair->configs[1].groups = server;
        pair->configs[1].group_count = 1;
        pair->configs[1].options.sends_cookie = cookie == 1;
        pair_connect(pair);
        pair_check(pair, "retry");
        ck_assert_int_eq(endpoint_group(pair->ends[0])->number, GROUP_SECP384R1);
    }
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0);
    pair->configs[1].options.always_retries = true;
    pair_connect(pair);
    pair_check(pair, "retry by cookie alone");
}
END_TEST

START_TEST(early_data)
{
    for (int answer = EARLY_DATA_REJECTED; answer <= EARLY_DATA_RETRIED; answer++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0);
        give_stores(pair, true);
        pair->configs[1].options.max_early_data = 1000;
        pair->configs[1].options.early_data_answer = (EarlyDataAnswer)answer;
        pair_connect(pair);
        pair_check(pair, "before");
        pair->configs[0].early_data = bytes_from_text("ahead");
        pair_connect(pair);
        bool took = pair->data[1]->len == 5;
        ck_assert_msg(pair_connected(pair), "%s", pair_trouble(pair));
        ck_assert_int_eq(took, answer == EARLY_DATA_ACCEPTED);
        pair_check(pair, "early data");
        ck_assert(endpoint_resumed(pair->ends[0]));
        take_stores(pair);
    }
}
END_TEST

START_TEST(later_messages)
{
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0);
    pair->configs[0].options.post_handshake_auth = true;
    pair_shows(pair, ROLE_CLIENT, "alice-ecdsa");
    pair_connect(pair);
    pair_check(pair, "at first");
    for (int i = 0; i < 2; i++) {
        ck_assert(endpoint_update_keys(pair->ends[i], false, 0));
        pair_carry(pair);
        pair_check(pair, "new keys one way");
        ck_assert(endpoint_update_keys(pair->ends[i], true, 0));
        pair_carry(pair);
        pair_check(pair, "new keys both ways");
    }
    ck_assert_ptr_null(endpoint_peer_certificate(pair->ends[1]));
    ck_assert(endpoint_ask_certificate(pair->ends[1], CLIENT_AUTH_REQUIRED, 0));
    pair_carry(pair);
    pair_check(pair, "after authentication");
    ck_assert_ptr_nonnull(endpoint_peer_certificate(pair->ends[1]));
}
END_TEST

START_TEST(psk_modes)
{
    static const ExternalPsk psk = {"lab", {(const uint8_t *)"0123456789abcdef", 16}, HASH_SHA256};
    static const unsigned modes[] = {PSK_MODE_KE, PSK_MODE_DHE_KE, PSK_MODE_KE | PSK_MODE_DHE_KE};
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0);
        for (int j = 0; j < 2; j++) {
            pair->configs[j].psks = &psk;
            pair->configs[j].psk_count = 1;
            pair->configs[j].options.psk_modes = modes[i];
        }
        pair_connect(pair);
        pair_check(pair, "psk");
        ck_assert_int_eq(endpoint_group(pair->ends[1]) == NULL, modes[i] == PSK_MODE_KE);
        ck_assert_ptr_null(endpoint_peer_certificate(pair->ends[0]));
    }
}
END_TEST

/* A client and a server of a range of versions come to the highest. */
START_TEST(version_ranges)
{
    static const SuiteNumber suites[] = {0x1301, 0xc02f, 0x002f};
    for (ProtocolVersion client = VERSION_SSL_3_0; client <= VERSION_TLS_1_3; client++)
        for (ProtocolVersion server = VERSION_SSL_3_0; server <= VERSION_TLS_1_3; server++) {
            g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, 0x002f);
            pair->configs[0].first = pair->configs[1].first = VERSION_SSL_3_0;
            pair->configs[0].last = client;
            pair->configs[1].last = server;
            for (int i = 0; i < 2; i++) {
                pair->configs[i].suites = suites;
                pair->configs[i].suite_count = 3;
            }
            pair_connect(pair);
            g_autofree char *what =
                g_strdup_printf("%s with %s", number_text(NUMBER_VERSION, client),
                                number_text(NUMBER_VERSION, server));
            pair_check(pair, what);
            ck_assert_int_eq(endpoint_version(pair->ends[0])->number, MIN(client, server));
        }
}
END_TEST

START_TEST(features)
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++) {
        g_autoptr(Pair) pair = pair_new(v, v == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
        for (int i = 0; i < 2; i++) {
            EndpointOptions *options = &pair->configs[i].options;
            pair->configs[i].protocols = &protocols[i];
            pair->configs[i].protocol_count = 2 - (size_t)i;
            options->compresses = v <= VERSION_TLS_1_2;
            options->certificate_compression = true;
            options->heartbeat = HEARTBEAT_ALLOWED;
            options->record_size_limit = 600;
            options->splits_records = true;
            options->record_padding = 64;
            options->greases = true;
        }
        pair_connect(pair);
        pair_check(pair, "features");
        ck_assert_str_eq(endpoint_protocol(pair->ends[0]), "http/1.1");
        if (v < VERSION_TLS_1_3)
            ck_assert(endpoint_extended_master_secret(pair->ends[1]));
        ck_assert(endpoint_heartbeat(pair->ends[0], bytes_from_text("alive"), 0));
        pair_carry(pair);
        pair_check(pair, "after a heartbeat");
    }
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
    give_stores(pair, true);
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
    take_stores(pair);
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

/* SSL 2.0: a session used again; a client that shows a certificate, shows none, must show one. */
START_TEST(ssl2_sessions_and_clients)
{
    for (int auth = CLIENT_AUTH_NONE; auth <= CLIENT_AUTH_REQUIRED; auth++)
        for (int shows = 0; shows < 2; shows++) {
            g_autoptr(Pair) pair = pair_new(VERSION_SSL_2_0, 0x010080);
            bool fails = auth == CLIENT_AUTH_REQUIRED && shows == 0;
            give_stores(pair, false);
            pair->configs[1].client_auth = (ClientAuth)auth;
            if (shows == 1)
                pair_shows(pair, ROLE_CLIENT, "alice-rsa");
            pair_connect(pair);
            ck_assert_int_eq(pair_connected(pair), !fails);
            if (!fails) {
                pair_check(pair, "SSL 2.0");
                ck_assert_int_eq(endpoint_peer_certificate(pair->ends[1]) != NULL,
                                 auth != CLIENT_AUTH_NONE && shows == 1);
                pair_connect(pair);
                pair_check(pair, "SSL 2.0 again");
                ck_assert(endpoint_resumed(pair->ends[0]) && endpoint_resumed(pair->ends[1]));
            }
            take_stores(pair);
        }
}
END_TEST

/* RFC 5246 E.2: one hello for all; the mark against rollback. */
START_TEST(ssl2_hellos)
{
    static const SuiteNumber suites[] = {0xc02f, 0x002f, 0x010080};
    for (ProtocolVersion server = VERSION_SSL_3_0; server <= VERSION_TLS_1_3; server++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_2, 0x002f);
        for (int i = 0; i < 2; i++) {
            pair->configs[i].first = VERSION_SSL_2_0;
            pair->configs[i].suites = suites;
            pair->configs[i].suite_count = 3;
        }
        pair->configs[0].last = VERSION_TLS_1_2;
        pair->configs[1].last = server;
        pair_connect(pair);
        pair_check(pair, number_text(NUMBER_VERSION, server));
        ck_assert_int_eq(endpoint_version(pair->ends[0])->number, MIN(server, VERSION_TLS_1_2));
    }
    g_autoptr(Pair) old = pair_new(VERSION_TLS_1_2, 0x002f); /* a server of 1995 */
    for (int i = 0; i < 2; i++) {
        old->configs[i].first = VERSION_SSL_2_0;
        old->configs[i].suites = suites;
        old->configs[i].suite_count = 3;
    }
    old->configs[1].last = VERSION_SSL_2_0;
    pair_connect(old);
    pair_check(old, "down to SSL 2.0");
    ck_assert_int_eq(endpoint_version(old->ends[0])->number, VERSION_SSL_2_0);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("family");
    TCase *all = tcase_create("family");
    tcase_add_unchecked_fixture(all, pair_set_up, NULL);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, every_suite_in_every_version);
    tcase_add_test(all, every_group);
    tcase_add_test(all, every_scheme);
    tcase_add_test(all, resumption);
    tcase_add_test(all, hello_retry);
    tcase_add_test(all, early_data);
    tcase_add_test(all, later_messages);
    tcase_add_test(all, psk_modes);
    tcase_add_test(all, version_ranges);
    tcase_add_test(all, features);
    tcase_add_test(all, ssl3_has_no_extensions);
    tcase_add_test(all, ssl3_offers_no_extensions);
    tcase_add_test(all, ssl3_takes_extra_data);
    tcase_add_test(all, small_groups);
    tcase_add_test(all, heartbeat_in_the_handshake);
    tcase_add_test(all, limits_of_both_kinds);
    tcase_add_test(all, many_protocols);
    tcase_add_test(all, padding_counts);
    tcase_add_test(all, ssl2_sessions_and_clients);
    tcase_add_test(all, ssl2_hellos);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
