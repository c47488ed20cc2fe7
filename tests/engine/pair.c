/* Two endpoints back to back, without a world: no virtual network, no trace, no rules.
 *
 * What one has to say is handed to the other until nothing moves. Certificates of every kind of key
 * come from one plan, minted once. Nothing here knows what a test wants of a connection beyond that
 * it is one: the same secrets on both sides, the same transcript, data both ways.
 */
#include "tests/engine/pair.h"

#include <string.h>

#include "core/crypto/scheme.h"
#include "tests/support/support.h"

static Plan *plan;
static Pki *pki;

void pair_set_up(void)
{
    static const struct {
        const char *name, *key, *more;
    } kinds[] = {
        {"rsa", "rsa-2048-2", ""},
        {"ecdsa", "ec-p256-1", ""},
        {"ecdsa384", "ec-p384-1", ""},
        {"ecdsa521", "ec-p521-1", ""},
        {"ed25519", "ed25519-1", ""},
        {"ed448", "ed448-1", ""},
        {"dss", "dsa-2048-1", ""},
        {"pss", "rsa-pss-2048-1", ""},
        {"md5", "rsa-2048-2", "  signature MD5\n"},
    };
    Fault fault = FAULT_INIT;
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_string_append_printf(
            text,
            "certificate www-%s\n  subject \"CN=www.lab.example, O=Lab\"\n"
            "  names www.lab.example\n  issuer lab-root\n  key %s\n  usage server\n%s\n",
            kinds[i].name, kinds[i].key, kinds[i].more);
        g_string_append_printf(text,
                               "certificate alice-%s\n  subject \"CN=Alice, O=Lab\"\n"
                               "  issuer lab-root\n  key %s\n  usage client\n%s\n",
                               kinds[i].name, kinds[i].key, kinds[i].more);
    }
    plan = support_plan(text->str);
    pki = pki_new(plan, &fault);
    ck_assert_msg(pki != NULL, "%s", fault.sentence);
}

Plan *pair_plan(void)
{
    return plan;
}

Pki *pair_pki(void)
{
    return pki;
}

void pair_shows(Pair *pair, Role role, const char *name)
{
    Fault fault = FAULT_INIT;
    Credential *credential = &pair->configs[role].credential;
    g_clear_pointer(&credential->chain, g_ptr_array_unref);
    ck_assert_msg(pki_credential(pki, name, NULL, credential, &fault), "%s", fault.sentence);
}

GBytes *pair_staple(const char *name)
{
    Fault fault = FAULT_INIT;
    GBytes *staple = pki_staple(pki, name, STAPLE_GOOD, plan->clock, &fault);
    ck_assert_msg(staple != NULL, "%s", fault.sentence);
    return staple;
}

const char *pair_certificate(const Suite *suite)
{
    switch (key_exchange(suite->key_exchange)->authentication) {
    case AUTHENTICATION_DSS:
        return "www-dss";
    case AUTHENTICATION_ECDSA:
        return "www-ecdsa";
    case AUTHENTICATION_RSA:
    case AUTHENTICATION_NONE:
    case AUTHENTICATION_PSK:
    case AUTHENTICATION_FREE:
        break;
    }
    return "www-rsa";
}

Pair *pair_new(ProtocolVersion version, SuiteNumber number)
{
    static const ExternalPsk psk = {"lab", {(const uint8_t *)"0123456789abcdef", 16}, HASH_SHA256};
    Fault fault = FAULT_INIT;
    g_autoptr(GPtrArray) roots = g_ptr_array_new();
    g_ptr_array_add(roots, (gpointer)(uintptr_t) "lab-root");
    Pair *pair = g_new0(Pair, 1);
    const Suite *suite = suite_find(number == 0 ? 0x1301 : number);
    for (int i = 0; i < 2; i++) {
        EndpointConfig *config = &pair->configs[i];
        *config = (EndpointConfig){
            .role = (Role)i,
            .first = version,
            .last = version,
            .suites = &suite->number,
            .suite_count = 1,
            .expected_name = "www.lab.example",
            .server_name = version >= VERSION_TLS_1_0 ? "www.lab.example" : NULL,
            .clock = plan->clock,
        };
        if (suite->key_exchange == KEY_EXCHANGE_PSK) {
            config->psks = &psk;
            config->psk_count = 1;
        }
        plan_export_group(&config->export_prime, &config->export_generator);
        config->temporary_rsa = pki_key(pki, "rsa-512-1", &fault);
        config->trusted = pki_trusted(pki, roots, &fault);
        pair->randoms[i] = random_new(1, i == 0 ? "client" : "server");
        pair->data[i] = g_byte_array_new();
    }
    pair_shows(pair, ROLE_SERVER, pair_certificate(suite));
    return pair;
}

void pair_free(Pair *pair)
{
    for (int i = 0; i < 2; i++) {
        endpoint_free(pair->ends[i]);
        random_free(pair->randoms[i]);
        g_byte_array_unref(pair->data[i]);
        g_clear_pointer(&pair->configs[i].credential.chain, g_ptr_array_unref);
        g_clear_pointer(&pair->configs[i].trusted, g_ptr_array_unref);
    }
    g_free(pair);
}

void pair_give_stores(Pair *pair, bool tickets)
{
    for (int i = 0; i < 2; i++) {
        pair->configs[i].cache = session_cache_new(10, 3600);
        pair->configs[i].options.no_tickets = !tickets;
    }
    if (tickets)
        pair->configs[1].ticket_keys = ticket_keys_new(pair->randoms[1]);
}

void pair_take_stores(Pair *pair)
{
    for (int i = 0; i < 2; i++)
        session_cache_free(pair->configs[i].cache);
    ticket_keys_free(pair->configs[1].ticket_keys);
}

static void attend(Pair *pair, Role role)
{
    EndpointEvent event;
    while (endpoint_next_event(pair->ends[role], &event)) {
        if (event.kind == EVENT_DATA)
            bytes_append(pair->data[role], bytes_from_gbytes(event.data));
        endpoint_event_clear(&event);
    }
}

void pair_carry(Pair *pair)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < 2; i++) {
            Bytes output = endpoint_output(pair->ends[i]);
            if (output.size == 0)
                continue;
            g_autoptr(GBytes) bytes = bytes_copy(output);
            endpoint_output_sent(pair->ends[i]);
            endpoint_receive(pair->ends[!i], bytes_from_gbytes(bytes), pair->now);
            attend(pair, (Role)!i);
            moved = true;
        }
    }
    attend(pair, ROLE_CLIENT);
    attend(pair, ROLE_SERVER);
}

void pair_start(Pair *pair)
{
    for (int i = 1; i >= 0; i--) {
        endpoint_free(pair->ends[i]);
        g_byte_array_set_size(pair->data[i], 0);
        pair->ends[i] = endpoint_new(&pair->configs[i], pair->randoms[i], NULL);
        endpoint_start(pair->ends[i], pair->now);
    }
}

void pair_connect(Pair *pair)
{
    pair_start(pair);
    pair_carry(pair);
}

bool pair_connected(const Pair *pair)
{
    return endpoint_state(pair->ends[0]) == ENDPOINT_CONNECTED &&
           endpoint_state(pair->ends[1]) == ENDPOINT_CONNECTED;
}

const char *pair_trouble(const Pair *pair)
{
    for (int i = 0; i < 2; i++) {
        const Fault *fault = endpoint_fault(pair->ends[i]);
        if (fault != NULL && strstr(fault->sentence, "sent the fatal alert") == NULL)
            return fault->sentence;
    }
    return "no fault";
}

bool pair_same_transcript(const Pair *pair)
{
    uint8_t values[2][HASH_SIZE_MOST];
    size_t sizes[2];
    for (int i = 0; i < 2; i++)
        sizes[i] = endpoint_transcript_hash(pair->ends[i], values[i]);
    return bytes_equal(bytes_make(values[0], sizes[0]), bytes_make(values[1], sizes[1]));
}

void pair_check(Pair *pair, const char *what)
{
    static const char up[] = "from the client", down[] = "from the server";
    ck_assert_msg(pair_connected(pair), "%s: %s", what, pair_trouble(pair));
    ck_assert_msg(
        bytes_equal(endpoint_master_secret(pair->ends[0]), endpoint_master_secret(pair->ends[1])),
        "%s: different secrets", what);
    ck_assert_msg(pair_same_transcript(pair), "%s: different transcripts", what);
    g_byte_array_set_size(pair->data[0], 0);
    g_byte_array_set_size(pair->data[1], 0);
    ck_assert_msg(endpoint_send(pair->ends[0], bytes_from_text(up), pair->now), "%s", what);
    ck_assert_msg(endpoint_send(pair->ends[1], bytes_from_text(down), pair->now), "%s", what);
    pair_carry(pair);
    ck_assert_msg(bytes_equal(bytes_from_array(pair->data[1]), bytes_from_text(up)) &&
                      bytes_equal(bytes_from_array(pair->data[0]), bytes_from_text(down)),
                  "%s: data: %s", what, pair_trouble(pair));
}
