/* Every rule that a peer can break by what it sends, as data (musts.txt): the violation is refused
 * with the alert that the RFC names, its honest neighbour connects.
 *
 * The peer that breaks the rule is our own engine, which edits its message before it is hashed and
 * sealed, so that only the rule is broken and nothing around it. A line counts once for every
 * version of its range.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto/ocsp.h"
#include "core/engine/alerts.h"
#include "tests/engine/pair.h"
#include "tests/support/support.h"

enum { COLUMNS = 8 };

/* One line. */
typedef struct {
    char **fields; /* rule, versions, setup, who, message, way, alert, words */
    int line;
} Must;

static const char *field(const Must *must, int column)
{
    return g_strstrip(must->fields[column]);
}

static void must_free(gpointer data)
{
    Must *must = data;
    g_strfreev(must->fields);
    g_free(must);
}

static GPtrArray *musts_read(void)
{
    g_autofree char *path = g_build_filename(SOURCE_ROOT, "tests/engine/musts.txt", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) /* read outside a test, too */
        g_error("%s cannot be read", path);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    GPtrArray *musts = g_ptr_array_new_with_free_func(must_free);
    for (int i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == '#' || lines[i][0] == '\0')
            continue;
        Must *must = g_new0(Must, 1);
        must->fields = g_strsplit(lines[i], "|", 0);
        must->line = i + 1;
        if (g_strv_length(must->fields) != COLUMNS)
            g_error("musts.txt:%d: %d columns are asked for", must->line, COLUMNS);
        g_ptr_array_add(musts, must);
    }
    return musts;
}

/* --- the two sides --- */

static const uint8_t psk_bytes[] = "0123456789abcdef";
static const ExternalPsk psk = {"lab", {psk_bytes, 16}, HASH_SHA256};
static const char *const protocols[] = {"h2"};
static const GroupNumber both_groups[] = {GROUP_X25519, GROUP_SECP256R1};
static const GroupNumber second_group[] = {GROUP_SECP256R1};

static SuiteNumber suite_for(const char *setup, ProtocolVersion version)
{
    static const struct {
        const char *setup;
        SuiteNumber suite;
    } old[] = {
        {"ecdhe", 0xc013}, {"dhe", 0x0033}, {"dhanon", 0x0034}, {"ecanon", 0xc018}, {"psk", 0x008c},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(old) && version < VERSION_TLS_1_3; i++)
        if (strcmp(old[i].setup, setup) == 0)
            return old[i].suite;
    return version >= VERSION_TLS_1_3 ? 0x1301 : 0x002f;
}

/* The client could do TLS 1.2, too: what it refuses then is not that. */
static void set_up_early(EndpointConfig *config)
{
    bool server = config->role == ROLE_SERVER;
    config->first = server ? config->first : VERSION_TLS_1_2;
    config->cache = session_cache_new(10, 0);
    config->options.max_early_data = 1000;
    config->options.early_data_answer = EARLY_DATA_ACCEPTED;
    config->early_data = server ? BYTES_NONE : bytes_from_text("early");
}

static void set_up_side(Pair *pair, int i, const char *setup)
{
    EndpointConfig *config = &pair->configs[i];
    bool server = i == ROLE_SERVER;
    if (strcmp(setup, "alpn") == 0) {
        config->protocols = protocols;
        config->protocol_count = 1;
    } else if (strcmp(setup, "fragments") == 0) {
        config->options.max_fragment_length = server ? 0 : 1;
    } else if (strcmp(setup, "sizes") == 0) {
        config->options.record_size_limit = 1000;
    } else if (strcmp(setup, "heartbeat") == 0) {
        config->options.heartbeat = HEARTBEAT_ALLOWED;
    } else if (strcmp(setup, "extended") == 0) {
        config->options.extended_master_secret = server ? FEATURE_REQUIRED : FEATURE_ON;
    } else if (strcmp(setup, "psk") == 0) {
        config->psks = &psk;
        config->psk_count = 1;
    } else if (strcmp(setup, "tickets") == 0) {
        config->cache = session_cache_new(10, 0);
    } else if (strcmp(setup, "retry") == 0) {
        config->groups = server ? second_group : both_groups;
        config->group_count = server ? 1 : 2;
        config->options.sends_cookie = true;
    } else if (strcmp(setup, "auth") == 0) {
        config->client_auth = CLIENT_AUTH_REQUIRED;
    } else if (strcmp(setup, "status") == 0) {
        config->options.asks_status = !server;
    } else if (strcmp(setup, "newer") == 0) {
        config->last = server ? VERSION_TLS_1_2 : config->last;
    } else if (strcmp(setup, "middle") == 0) {
        config->last = server ? config->last : VERSION_TLS_1_2;
    } else if (strcmp(setup, "modern") == 0) {
        config->last = server ? config->last : VERSION_TLS_1_3;
    } else if (strcmp(setup, "early") == 0) {
        set_up_early(config);
    } else if (strcmp(setup, "older") == 0 && !server) { /* it offers what TLS 1.2 has */
        config->last = VERSION_TLS_1_2;
        config->server_name = config->expected_name;
        config->protocols = protocols;
        config->protocol_count = 1;
        config->options.heartbeat = HEARTBEAT_ALLOWED;
        config->options.max_fragment_length = 1;
        config->options.asks_status = true;
        config->cache = session_cache_new(10, 0);
    }
}

static Pair *set_up(const char *setup, ProtocolVersion version)
{
    Pair *pair = pair_new(version, suite_for(setup, version));
    for (int i = 0; i < 2; i++)
        set_up_side(pair, i, setup);
    if (strcmp(setup, "auth") == 0)
        pair_shows(pair, ROLE_CLIENT, "alice-rsa");
    if (strcmp(setup, "tickets") == 0)
        pair->configs[1].ticket_keys = ticket_keys_new(pair->randoms[1]);
    if (strcmp(setup, "status") == 0)
        pair->configs[1].credential.status = pair_staple("www-rsa");
    if (strcmp(setup, "early") == 0)
        pair_connect(pair); /* for its ticket */
    return pair;
}

static void take_down(Pair *pair)
{
    for (int i = 0; i < 2; i++)
        session_cache_free(pair->configs[i].cache);
    ticket_keys_free(pair->configs[1].ticket_keys);
    g_clear_pointer(&pair->configs[1].credential.status, g_bytes_unref);
    pair_free(pair);
}

/* --- the violation --- */

static MessageKind message_of(const char *name, int *ordinal)
{
    uint32_t kind = 0;
    *ordinal = g_str_has_prefix(name, "2nd ") ? 2 : 1;
    bool known = number_from_name(NUMBER_MESSAGE, *ordinal == 2 ? name + 4 : name, &kind);
    ck_assert_msg(known, "no message %s", name);
    return (MessageKind)kind;
}

static GBytes *bytes_of(const char *digits)
{
    GByteArray *bytes = bytes_from_hex(digits);
    ck_assert_msg(bytes != NULL, "not hexadecimal: %s", digits);
    return g_byte_array_free_to_bytes(bytes);
}

/* "replace PATH with HEX", "flip N of PATH", "type HEX", "omit". */
static Edit edit_of(const char *way)
{
    g_auto(GStrv) words = g_strsplit(way, " ", 0);
    if (strcmp(words[0], "omit") == 0) /* of no bytes: neither hashed nor sent */
        return (Edit){.kind = EDIT_TRUNCATE, .number = 0};
    if (strcmp(words[0], "type") == 0)
        return (Edit){
            .kind = EDIT_REPLACE, .path = g_strdup("msg_type"), .bytes = bytes_of(words[1])};
    if (strcmp(words[0], "flip") == 0)
        return (Edit){.kind = EDIT_FLIP_BIT,
                      .path = g_strdup(words[3]),
                      .number = (uint32_t)strtoul(words[1], NULL, 10)};
    return (Edit){.kind = EDIT_REPLACE,
                  .path = g_strdup(words[1]),
                  .bytes = bytes_of(g_strv_length(words) > 3 ? words[3] : "")};
}

/* What has to happen after the handshake for the message to be sent. */
static void go_on(Pair *pair, const char *setup, Role who)
{
    if (strcmp(setup, "updates") != 0 || !pair_connected(pair))
        return;
    endpoint_update_keys(pair->ends[who], false, pair->now);
    pair_carry(pair);
}

static void check_violation(const Must *must, ProtocolVersion version)
{
    const char *setup = field(must, 2);
    Role who = strcmp(field(must, 3), "client") == 0 ? ROLE_CLIENT : ROLE_SERVER;
    uint32_t alert = 0;
    OwnEdit own = {.rule = field(must, 5)};
    own.message = message_of(field(must, 4), &own.ordinal);
    own.edit = edit_of(field(must, 5));
    ck_assert_msg(number_from_name(NUMBER_ALERT, field(must, 6), &alert), "line %d", must->line);
    Pair *pair = set_up(setup, version);
    pair->configs[who].edits = &own;
    pair->configs[who].edit_count = 1;
    pair_connect(pair);
    go_on(pair, setup, who);
    g_autofree char *what = g_strdup_printf("musts.txt:%d: %s, %s", must->line,
                                            number_text(NUMBER_VERSION, version), field(must, 7));
    const Fault *fault = endpoint_fault(pair->ends[!who]);
    ck_assert_msg(fault != NULL, "%s: accepted (the sender: %s)", what, pair_trouble(pair));
    ck_assert_msg(fault->blame == FAULT_OF_PEER && strstr(fault->sentence, "sent the") == NULL,
                  "%s: %s", what, fault->sentence);
    AlertDescription expected = alert_for_version((AlertDescription)alert, version);
    AlertDescription got = alert_for_version(fault->alert, version);
    ck_assert_msg(got == expected, "%s: %s: %s", what, number_text(NUMBER_ALERT, got),
                  fault->sentence);
    edit_clear(&own.edit);
    take_down(pair);
}

static void check_neighbour(const Must *must, ProtocolVersion version)
{
    const char *setup = field(must, 2);
    Pair *pair = set_up(setup, version);
    g_autofree char *what =
        g_strdup_printf("%s in %s", setup, number_text(NUMBER_VERSION, version));
    if (strcmp(setup, "newer") == 0)
        pair->configs[0].last = VERSION_TLS_1_2;
    pair_connect(pair);
    go_on(pair, setup, ROLE_CLIENT);
    pair_check(pair, what);
    take_down(pair);
}

static void versions_of(const Must *must, ProtocolVersion *first, ProtocolVersion *last)
{
    g_auto(GStrv) ends = g_strsplit(field(must, 1), " to ", 2);
    uint32_t low = 0, high = 0;
    ck_assert_msg(number_from_name(NUMBER_VERSION, ends[0], &low), "line %d", must->line);
    ck_assert(number_from_name(NUMBER_VERSION, ends[1] == NULL ? ends[0] : ends[1], &high));
    *first = (ProtocolVersion)low;
    *last = (ProtocolVersion)high;
}

START_TEST(violation_is_refused)
{
    g_autoptr(GPtrArray) musts = musts_read();
    const Must *must = g_ptr_array_index(musts, _i);
    ProtocolVersion first, last;
    versions_of(must, &first, &last);
    for (ProtocolVersion version = first; version <= last; version++)
        check_violation(must, version);
}
END_TEST

START_TEST(there_are_enough)
{
    g_autoptr(GPtrArray) musts = musts_read();
    unsigned rows = 0;
    for (guint i = 0; i < musts->len; i++) {
        ProtocolVersion first, last;
        versions_of(g_ptr_array_index(musts, i), &first, &last);
        rows += last - first + 1u;
    }
    printf("# %u lines, %u violations\n", musts->len, rows);
    ck_assert_uint_ge(rows, 250);
}
END_TEST

START_TEST(neighbours_connect)
{
    g_autoptr(GPtrArray) musts = musts_read();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < musts->len; i++) {
        const Must *must = g_ptr_array_index(musts, i);
        ProtocolVersion first, last;
        versions_of(must, &first, &last);
        for (ProtocolVersion version = first; version <= last; version++)
            if (g_hash_table_add(seen, g_strdup_printf("%s %u", field(must, 2), version)))
                check_neighbour(must, version);
    }
    printf("# %u honest neighbours\n", g_hash_table_size(seen));
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("musts");
    TCase *musts = tcase_create("musts");
    tcase_add_unchecked_fixture(musts, pair_set_up, NULL);
    tcase_set_timeout(musts, 120);
    g_autoptr(GPtrArray) lines = musts_read();
    tcase_add_loop_test(musts, violation_is_refused, 0, (int)lines->len);
    tcase_add_test(musts, there_are_enough);
    tcase_add_test(musts, neighbours_connect);
    suite_add_tcase(suite, musts);
    return support_run(suite);
}
