/* What RFC 8446 asks of a side beside the messages: records that are dropped or passed over, what
 * is refused before an answer, what is offered by default, and a hash that nothing is built on.
 *
 * Violations that are one edit of one message stand in musts.txt; here the test hands the bytes
 * over itself, and puts its own between them.
 *
 * Obeys RFC 8446 4.1.2, 4.2.1, 4.2.3, 4.2.8, 4.2.10, 4.4.2.4, 5, 5.2, D.5.
 */
#include <string.h>

#include "core/engine/state.h"
#include "tests/engine/pair.h"
#include "tests/support/support.h"

/* Both sides anew; nothing is handed over yet. */
static void start(Pair *pair)
{
    for (int i = 1; i >= 0; i--) {
        endpoint_free(pair->ends[i]);
        pair->ends[i] = endpoint_new(&pair->configs[i], pair->randoms[i], NULL);
        endpoint_start(pair->ends[i], pair->now);
    }
}

/* Hands over what one side has to say. */
static void pass(Pair *pair, Role from)
{
    g_autoptr(GBytes) bytes = bytes_copy(endpoint_output(pair->ends[from]));
    endpoint_output_sent(pair->ends[from]);
    endpoint_receive(pair->ends[role_peer(from)], bytes_from_gbytes(bytes), pair->now);
}

/* A record in the clear with so many bytes of the same value. */
static void put_record(Pair *pair, Role to, ContentType type, size_t size, int value)
{
    g_autoptr(GByteArray) record = g_byte_array_new();
    g_autofree uint8_t *fragment = g_malloc(size);
    memset(fragment, value, size);
    record_write(record, (uint8_t)type, VERSION_TLS_1_2, bytes_make(fragment, size));
    endpoint_receive(pair->ends[to], bytes_from_array(record), pair->now);
}

static void check_refused(const Pair *pair, Role by, AlertDescription alert)
{
    const Fault *fault = endpoint_fault(pair->ends[by]);
    ck_assert_msg(fault != NULL, "accepted");
    ck_assert_msg(fault->alert == alert, "%s: %s", number_text(NUMBER_ALERT, fault->alert),
                  fault->sentence);
}

/* --- ChangeCipherSpec ahead of ServerHello: RFC 8446 5 --- */

static Pair *ahead(ProtocolVersion first, ProtocolVersion last, ProtocolVersion server, int count,
                   int value)
{
    Pair *pair = pair_new(server, server == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
    pair->configs[ROLE_CLIENT].first = first;
    pair->configs[ROLE_CLIENT].last = last;
    start(pair);
    pass(pair, ROLE_CLIENT);
    for (int i = 0; i < count; i++)
        put_record(pair, ROLE_CLIENT, CONTENT_CHANGE_CIPHER_SPEC, 1, value);
    pair_carry(pair);
    return pair;
}

START_TEST(change_cipher_spec_ahead_is_dropped)
{
    g_autoptr(Pair) alone = ahead(VERSION_TLS_1_3, VERSION_TLS_1_3, VERSION_TLS_1_3, 1, 1);
    pair_check(alone, "a client of TLS 1.3");
    g_autoptr(Pair) both = ahead(VERSION_TLS_1_0, VERSION_TLS_1_3, VERSION_TLS_1_3, 2, 1);
    pair_check(both, "a client of TLS 1.0 to 1.3");
}
END_TEST

START_TEST(change_cipher_spec_ahead_is_refused)
{
    g_autoptr(Pair) other = ahead(VERSION_TLS_1_3, VERSION_TLS_1_3, VERSION_TLS_1_3, 1, 2);
    check_refused(other, ROLE_CLIENT, ALERT_UNEXPECTED_MESSAGE);
    g_autoptr(Pair) early = ahead(VERSION_TLS_1_0, VERSION_TLS_1_3, VERSION_TLS_1_2, 1, 1);
    check_refused(early, ROLE_CLIENT, ALERT_UNEXPECTED_MESSAGE);
    g_autoptr(Pair) old = ahead(VERSION_TLS_1_2, VERSION_TLS_1_2, VERSION_TLS_1_2, 1, 1);
    check_refused(old, ROLE_CLIENT, ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

START_TEST(change_cipher_specs_are_counted)
{
    enum { OWN = 1 }; /* the server's own: RFC 8446 D.4 */
    int most = LIMIT_CHANGE_CIPHER_SPECS - OWN;
    g_autoptr(Pair) fine = ahead(VERSION_TLS_1_3, VERSION_TLS_1_3, VERSION_TLS_1_3, most, 1);
    pair_check(fine, "as many as the limit");
    g_autoptr(Pair) over = ahead(VERSION_TLS_1_3, VERSION_TLS_1_3, VERSION_TLS_1_3, most + 1, 1);
    check_refused(over, ROLE_CLIENT, ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

/* --- early data that is passed over: RFC 8446 4.2.10, 5.2 --- */

/* A client that has sent early data, and a server that does not take it and has heard nothing more.
 */
static Pair *refused_early(EarlyDataAnswer answer)
{
    Pair *pair = pair_new(VERSION_TLS_1_3, 0x1301);
    for (int i = 0; i < 2; i++) {
        pair->configs[i].cache = session_cache_new(10, 0);
        pair->configs[i].options.max_early_data = 1000;
        pair->configs[i].options.early_data_answer = answer;
    }
    pair_connect(pair); /* for its ticket */
    pair->configs[ROLE_CLIENT].early_data = bytes_from_text("early");
    start(pair);
    pass(pair, ROLE_CLIENT);
    return pair;
}

static void end_early(Pair *pair)
{
    for (int i = 0; i < 2; i++)
        session_cache_free(pair->configs[i].cache);
    pair_free(pair);
}

START_TEST(early_data_of_any_length_is_passed_over)
{
    static const EarlyDataAnswer answers[] = {EARLY_DATA_REJECTED, EARLY_DATA_RETRIED};
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        Pair *pair = refused_early(answers[i]);
        put_record(pair, ROLE_SERVER, CONTENT_APPLICATION_DATA, RECORD_TLS13_MOST, 0x5a);
        pair_carry(pair);
        pair_check(pair, "the longest record");
        end_early(pair);
        pair = refused_early(answers[i]);
        put_record(pair, ROLE_SERVER, CONTENT_APPLICATION_DATA, RECORD_TLS13_MOST + 1, 0x5a);
        check_refused(pair, ROLE_SERVER, ALERT_RECORD_OVERFLOW);
        end_early(pair);
    }
}
END_TEST

START_TEST(nothing_is_passed_over_behind_a_second_hello)
{
    Pair *pair = refused_early(EARLY_DATA_RETRIED);
    pass(pair, ROLE_SERVER);
    pass(pair, ROLE_CLIENT);
    put_record(pair, ROLE_SERVER, CONTENT_APPLICATION_DATA, 100, 0x5a);
    check_refused(pair, ROLE_SERVER, ALERT_BAD_RECORD_MAC);
    end_early(pair);
}
END_TEST

/* --- hellos --- */

static void edit_hello(Pair *pair, OwnEdit *edit, const char *path, const char *hex)
{
    g_autoptr(GByteArray) bytes = bytes_from_hex(hex);
    *edit = (OwnEdit){
        .message = MESSAGE_CLIENT_HELLO,
        .ordinal = 1,
        .rule = path,
        .edit = {.kind = EDIT_REPLACE,
                 .path = g_strdup(path),
                 .bytes = bytes_copy(bytes_from_array(bytes))},
    };
    pair->configs[ROLE_CLIENT].edits = edit;
    pair->configs[ROLE_CLIENT].edit_count = 1;
}

/* RFC 8446 4.2.1: with supported_versions legacy_version is not looked at. */
START_TEST(legacy_version_says_nothing)
{
    static const char *const versions[] = {"0301", "0302", "0303", "0304"};
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0x1301);
        OwnEdit edit;
        edit_hello(pair, &edit, "client_version", versions[i]);
        pair_connect(pair);
        pair_check(pair, versions[i]);
        edit_clear(&edit.edit);
    }
}
END_TEST

static bool is_reserved(uint16_t number)
{
    const Scheme *scheme = scheme_find(number);
    return scheme == NULL || scheme_is_reserved(scheme);
}

/* How many reserved ones the server hears of from a client of those versions. */
static unsigned reserved_offered(ProtocolVersion first, const SchemeNumber *named, size_t count)
{
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0x1301);
    pair->configs[ROLE_CLIENT].first = first;
    pair->configs[ROLE_CLIENT].schemes = named;
    pair->configs[ROLE_CLIENT].scheme_count = count;
    start(pair);
    pass(pair, ROLE_CLIENT);
    Bytes offered = pair->ends[ROLE_SERVER]->handshake->peer_schemes;
    unsigned reserved = 0;
    for (size_t i = 0; i < numbers_count(offered, 2); i++)
        reserved += is_reserved((uint16_t)numbers_at(offered, 2, i));
    ck_assert(numbers_count(offered, 2) > reserved);
    return reserved;
}

/* RFC 8446 4.2.3: by a client of TLS 1.3 alone, and in a request of TLS 1.3. */
START_TEST(reserved_signatures_are_not_offered)
{
    static const SchemeNumber named[] = {SCHEME_RSA_PSS_RSAE_SHA256, SCHEME_DSA_SHA256};
    ck_assert_uint_eq(reserved_offered(VERSION_TLS_1_3, NULL, 0), 0);
    ck_assert_uint_gt(reserved_offered(VERSION_TLS_1_2, NULL, 0), 0);
    ck_assert_uint_eq(reserved_offered(VERSION_TLS_1_3, named, G_N_ELEMENTS(named)), 1);
    const EndpointConfig server = {.first = VERSION_TLS_1_0, .last = VERSION_TLS_1_3};
    const SchemeNumber *list;
    size_t count = scheme_list(&server, VERSION_TLS_1_3, &list);
    for (size_t i = 0; i < count; i++)
        ck_assert(!is_reserved(list[i]));
    ck_assert_uint_gt(scheme_list(&server, VERSION_TLS_1_2, &list), count);
}
END_TEST

/* The extensions of a client of `version`, with so many unknown ones ahead of them, of which the
 * last has the type of one before it where `twice` says so. */
static char *many_extensions(ProtocolVersion version, unsigned count, unsigned twice)
{
    g_autoptr(Pair) pair = pair_new(version, version == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
    enum { FIRST = 0x1000 };
    Message message;
    WalkContext context = {.version = version, .sender = ROLE_CLIENT};
    g_autoptr(GArray) spans = spans_new();
    start(pair);
    Bytes hello = endpoint_output(pair->ends[ROLE_CLIENT]);
    hello = bytes_slice(hello, RECORD_HEADER_SIZE,
                        RECORD_HEADER_SIZE + 4 + (size_t)bytes_number(bytes_slice(hello, 6, 3)));
    ck_assert(message_read(hello, MESSAGE_NONE, &context, &message, spans, NULL));
    size_t own = 0;
    for (size_t i = 0; i < message.client_hello.extensions.count; i++)
        own += 4 + message.client_hello.extensions.list[i].data.size;
    GString *hex = g_string_new(NULL);
    g_string_append_printf(hex, "%04x", (unsigned)(own + 4 * count));
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(hex, "%04x0000", FIRST + (i + 1 == count && twice > 0 ? twice : i));
    g_autofree char *rest = bytes_to_hex(bytes_slice(hello, hello.size - own, hello.size), NULL);
    g_string_append(hex, rest);
    return g_string_free(hex, FALSE);
}

/* RFC 8446 4.1.2: unrecognized extensions are ignored; 4.2: of none there are two. */
START_TEST(unknown_extensions_are_ignored_without_end)
{
    static const struct {
        unsigned count, twice;
    } rows[] = {{31, 0}, {32, 0}, {33, 0}, {40, 35}, {40, 3}, {16000, 0}, {4000, 3998}, {4000, 7}};
    for (ProtocolVersion version = VERSION_TLS_1_2; version <= VERSION_TLS_1_3; version++)
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_autoptr(Pair) pair = pair_new(version, version == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
            g_autofree char *hex = many_extensions(version, rows[i].count, rows[i].twice);
            OwnEdit edit;
            edit_hello(pair, &edit, "extensions", hex);
            pair_connect(pair);
            if (rows[i].twice > 0)
                check_refused(pair, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER);
            else
                pair_check(pair, "unknown extensions");
            edit_clear(&edit.edit);
        }
}
END_TEST

/* RFC 8446 4.2.11: one that nobody knows is one behind pre_shared_key, all the same. */
START_TEST(nothing_stands_behind_pre_shared_key)
{
    GString *hex =
        g_string_new("00d7002b0003020304000d000400020804000a00040002001d003300020000002d00020101");
    for (unsigned i = 0; i < 32; i++)
        g_string_append_printf(hex, "%04x0000", 0x1000 + i);
    g_string_append(hex, "0029002c000700017800000000002120");
    for (unsigned i = 0; i < 32; i++)
        g_string_append(hex, "00");
    g_string_append(hex, "20000000");
    g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0x1301);
    OwnEdit edit;
    edit_hello(pair, &edit, "extensions", hex->str);
    pair_connect(pair);
    check_refused(pair, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER);
    ck_assert(strstr(endpoint_fault(pair->ends[ROLE_SERVER])->sentence, "pre_shared_key") != NULL);
    edit_clear(&edit.edit);
    g_string_free(hex, TRUE);
}
END_TEST

/* RFC 8446 4.2.8.1, 4.2.8.2, 7.4.2: before anything is said, so that the alert is in the clear. */
START_TEST(a_share_that_is_none_gets_no_answer)
{
    static const struct {
        GroupNumber group;
        size_t size;
        uint8_t first, last;
    } shares[] = {
        {GROUP_X25519, 32, 0, 0},     {GROUP_X25519, 31, 9, 0},     {GROUP_SECP256R1, 65, 4, 1},
        {GROUP_SECP256R1, 65, 2, 1},  {GROUP_FFDHE2048, 256, 0, 1}, {GROUP_FFDHE2048, 256, 0, 0},
        {GROUP_FFDHE2048, 255, 1, 1}, {GROUP_X448, 56, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        g_autoptr(Pair) pair = pair_new(VERSION_TLS_1_3, 0x1301);
        g_autofree uint8_t *share = g_malloc0(shares[i].size);
        OwnEdit edit;
        share[0] = shares[i].first;
        share[shares[i].size - 1] = shares[i].last;
        g_autofree char *hex = bytes_to_hex(bytes_make(share, shares[i].size), NULL);
        edit_hello(pair, &edit, "extensions/key_share/client_shares[0]/key_exchange", hex);
        for (int side = 0; side < 2; side++) {
            pair->configs[side].groups = &shares[i].group;
            pair->configs[side].group_count = 1;
        }
        start(pair);
        pass(pair, ROLE_CLIENT);
        check_refused(pair, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER);
        Bytes said = endpoint_output(pair->ends[ROLE_SERVER]);
        ck_assert_msg(said.size > 0 && said.data[0] == CONTENT_ALERT, "share %zu: answered", i);
        edit_clear(&edit.edit);
    }
}
END_TEST

/* --- certificates over MD5: RFC 8446 4.4.2.4 --- */

static Pair *shows(ProtocolVersion version, const char *server, const char *client)
{
    Pair *pair = pair_new(version, version == VERSION_TLS_1_3 ? 0x1301 : 0x002f);
    pair->configs[ROLE_SERVER].client_auth = CLIENT_AUTH_REQUIRED;
    pair_shows(pair, ROLE_SERVER, server);
    pair_shows(pair, ROLE_CLIENT, client);
    return pair;
}

START_TEST(md5_is_refused_in_tls13_alone)
{
    g_autoptr(Pair) server = shows(VERSION_TLS_1_3, "www-md5", "alice-rsa");
    pair_connect(server);
    check_refused(server, ROLE_CLIENT, ALERT_BAD_CERTIFICATE);
    g_autoptr(Pair) client = shows(VERSION_TLS_1_3, "www-rsa", "alice-md5");
    pair_connect(client);
    check_refused(client, ROLE_SERVER, ALERT_BAD_CERTIFICATE);
    g_autoptr(Pair) old = shows(VERSION_TLS_1_2, "www-md5", "alice-md5");
    pair_connect(old);
    pair_check(old, "MD5 in TLS 1.2");
}
END_TEST

/* What is itself on the list of the trusted needs no signature: it is not looked at. */
START_TEST(md5_of_an_anchor_is_not_looked_at)
{
    g_autoptr(Pair) pair = shows(VERSION_TLS_1_3, "www-md5", "alice-rsa");
    GPtrArray *chain = pair->configs[ROLE_SERVER].credential.chain;
    GPtrArray *trusted = pair->configs[ROLE_CLIENT].trusted;
    g_ptr_array_add(trusted,
                    certificate_read(bytes_from_gbytes(g_ptr_array_index(chain, 0)), NULL));
    pair_connect(pair);
    pair_check(pair, "MD5 under an anchor");
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("tls13");
    TCase *rules = tcase_create("rules");
    tcase_add_unchecked_fixture(rules, pair_set_up, NULL);
    tcase_set_timeout(rules, 60);
    tcase_add_test(rules, change_cipher_spec_ahead_is_dropped);
    tcase_add_test(rules, change_cipher_spec_ahead_is_refused);
    tcase_add_test(rules, change_cipher_specs_are_counted);
    tcase_add_test(rules, early_data_of_any_length_is_passed_over);
    tcase_add_test(rules, nothing_is_passed_over_behind_a_second_hello);
    tcase_add_test(rules, legacy_version_says_nothing);
    tcase_add_test(rules, reserved_signatures_are_not_offered);
    tcase_add_test(rules, unknown_extensions_are_ignored_without_end);
    tcase_add_test(rules, nothing_stands_behind_pre_shared_key);
    tcase_add_test(rules, a_share_that_is_none_gets_no_answer);
    tcase_add_test(rules, md5_is_refused_in_tls13_alone);
    tcase_add_test(rules, md5_of_an_anchor_is_not_looked_at);
    suite_add_tcase(suite, rules);
    return support_run(suite);
}
