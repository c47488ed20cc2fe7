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
        pair_give_stores(pair, cells[i].tickets);
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
        pair_take_stores(pair);
    }
}
END_TEST

/* RFC 5246 7.2.2: a connection that ended with a fatal alert takes its session along, on the side
 * that says it and on the side that hears it; RFC 8446 6.2 for tickets. Sides: whom garbage
 * reaches, on the connection that made the session or on one that resumed it. */
static void check_forgotten(ProtocolVersion version, int side, bool resumed, bool insists)
{
    static const uint8_t garbage[] = {23, 3, 3, 0, 4, 1, 2, 3, 4};
    g_autofree char *what = g_strdup_printf("%s, to the %s, %s", version_find(version)->name,
                                            role_name((Role)side), resumed ? "resumed" : "full");
    g_autoptr(Pair) pair = pair_new(version, version == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
    pair_give_stores(pair, false);
    pair->configs[0].options.no_tickets = pair->configs[1].options.no_tickets =
        version != VERSION_TLS_1_3;
    for (int i = 0; i <= resumed; i++) {
        pair_connect(pair);
        pair_check(pair, what);
        ck_assert_msg(endpoint_resumed(pair->ends[0]) == (i > 0), "%s", what);
    }
    const char *name = pair->configs[0].server_name;
    Bytes key = bytes_from_text(name == NULL ? "" : name);
    SessionCache *cache = pair->configs[0].cache;
    g_autoptr(Session) held = session_ref(session_cache_find(cache, key, pair->now));
    endpoint_receive(pair->ends[side], BYTES_ARRAY(garbage), pair->now);
    pair_carry(pair);
    ck_assert_int_eq(endpoint_state(pair->ends[0]), ENDPOINT_FAILED);
    ck_assert_int_eq(endpoint_state(pair->ends[1]), ENDPOINT_FAILED);
    ck_assert_msg(held->forgotten, "%s: the client remembers", what);
    ck_assert_ptr_null(session_cache_find(cache, key, pair->now));
    if (insists) { /* a client that offers it all the same */
        held->forgotten = false;
        session_cache_add(cache, key, held);
    }
    pair_connect(pair);
    pair_check(pair, what);
    ck_assert_msg(!endpoint_resumed(pair->ends[0]), "%s: the server remembers", what);
    pair_take_stores(pair);
}

START_TEST(a_fatal_alert_ends_the_session)
{
    for (ProtocolVersion version = VERSION_SSL_3_0; version <= VERSION_TLS_1_3; version++)
        for (int cell = 0; cell < 8; cell++)
            check_forgotten(version, cell % 2, (cell & 2) != 0, (cell & 4) != 0);
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
        pair_give_stores(pair, true);
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
        pair_take_stores(pair);
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

/* SSL 2.0: a session used again; a client that shows a certificate, shows none, must show one. */
START_TEST(ssl2_sessions_and_clients)
{
    for (int auth = CLIENT_AUTH_NONE; auth <= CLIENT_AUTH_REQUIRED; auth++)
        for (int shows = 0; shows < 2; shows++) {
            g_autoptr(Pair) pair = pair_new(VERSION_SSL_2_0, 0x010080);
            bool fails = auth == CLIENT_AUTH_REQUIRED && shows == 0;
            pair_give_stores(pair, false);
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
            pair_take_stores(pair);
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
    tcase_add_test(all, a_fatal_alert_ends_the_session);
    tcase_add_test(all, hello_retry);
    tcase_add_test(all, early_data);
    tcase_add_test(all, later_messages);
    tcase_add_test(all, psk_modes);
    tcase_add_test(all, version_ranges);
    tcase_add_test(all, features);
    tcase_add_test(all, ssl2_sessions_and_clients);
    tcase_add_test(all, ssl2_hellos);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
