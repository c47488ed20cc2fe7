/* RFC 8448, byte for byte: our client and our server make each of its handshakes.
 *
 * What the RFC draws at random is pinned, and nothing else: each record of each side is compared
 * with the RFC's, and every secret of the schedule with what the trace says. The keys of the
 * certificates of section 6 are not published: there, and only there, the two signatures are given,
 * and verified by the other side like any others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/endpoint.h"
#include "core/wire/record.h"
#include "tests/crypto/crypto-tests.h"
#include "tests/support/support.h"

enum {
    TICKET_AGE = 6000 /* microseconds: 4, obfuscated_ticket_age */,
    TRACES = 5,
    RESUMED = 2,
    RETRIED = 3,
    MUTUAL = 4,
    COMPATIBLE = 5
};

static const SuiteNumber suites[] = {0x1301, 0x1303, 0x1302};
static const GroupNumber groups[] = {0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104};
static const GroupNumber retry_groups[] = {0x17, 0x18, 0x1d};
static const GroupNumber retry_offer[] = {0x1d, 0x17, 0x18};
static const SchemeNumber schemes[] = {0x0403, 0x0503, 0x0603, 0x0203, 0x0804,
                                       0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
                                       0x0201, 0x0402, 0x0502, 0x0602, 0x0202};
static const uint16_t client_order[] = {0x00, 0xff01, 0x0a, 0x23, 0x33, 0x2a,
                                        0x2b, 0x0d,   0x2c, 0x2d, 0x1c};
static const uint16_t server_order[] = {0x29, 0x33, 0x2c, 0x2b, 0x0a, 0x1c, 0x00, 0x2a};
static const uint8_t no_binding[] = {0};
static const RawExtension raw[] = {{0xff01, {no_binding, 1}}, {0x23, {NULL, 0}}};

/* One trace: two endpoints, what they wrote, what the trace of the run says. */
typedef struct {
    const Vector *vector;
    int number;
    EndpointConfig configs[2];
    Random *randoms[2];
    Endpoint *ends[2];
    GByteArray *written[2];
    Trace *trace;
    uint64_t now;
} Run;

static const char *const sides[] = {"client", "server"};

static Bytes value_of(const Run *run, const char *format, const char *side, int number)
{
    g_autofree char *name = g_strdup_printf(format, side, number);
    return vector_has(run->vector, name) ? hex(vector_text(run->vector, name)) : BYTES_NONE;
}

static void pin(Run *run, int side, const char *label)
{
    g_autofree char *name = g_strdup_printf("%s.%s", sides[side], label);
    if (vector_has(run->vector, name))
        random_pin(run->randoms[side], label, hex(vector_text(run->vector, name)));
}

static PrivateKey *key_file(const char *path)
{
    g_autofree char *full = g_build_filename(SOURCE_ROOT, path, NULL);
    g_autofree char *pem = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(full, &pem, &size, NULL), "%s", full);
    PrivateKey *key = private_key_from_pem(bytes_make(pem, size), NULL);
    ck_assert_ptr_nonnull(key);
    return key;
}

/* The certificate of the trace; its key, or one of the same kind where the signature is given. */
static void give_credential(Run *run, int side)
{
    Credential *credential = &run->configs[side].credential;
    Bytes der = value_of(run, "%s.certificate", sides[side], 0);
    bool given = run->number == MUTUAL;
    if (der.size == 0)
        return;
    credential->chain = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(credential->chain, bytes_copy(der));
    credential->key = key_file(given && side == ROLE_SERVER ? "scenarios/pki/ec-p256-1.pem"
                                                            : "tests/vectors/rfc8448-rsa.pem");
}

static void configure(Run *run, int side, SessionCache *cache)
{
    EndpointConfig *config = &run->configs[side];
    bool client = side == ROLE_CLIENT, retry = run->number == RETRIED;
    *config = (EndpointConfig){
        .role = (Role)side,
        .first = VERSION_TLS_1_3,
        .last = VERSION_TLS_1_3,
        .suites = suites,
        .suite_count = G_N_ELEMENTS(suites),
        .groups = !retry   ? groups
                  : client ? retry_offer
                           : retry_groups,
        .group_count = retry ? 3 : G_N_ELEMENTS(groups),
        .schemes = schemes,
        .scheme_count = G_N_ELEMENTS(schemes),
        .server_name = "server",
        .user_goes_on = true,
        .coalesces = true,
        .extension_order = client ? client_order : server_order,
        .extension_count = client ? G_N_ELEMENTS(client_order) : G_N_ELEMENTS(server_order),
        .raw_extensions = raw,
        .raw_count = !client            ? 0
                     : run->number == 1 ? 2
                                        : 1,
        .cache = cache,
        .clock = 1500000000,
    };
    config->options.no_middlebox_compatibility = run->number != COMPATIBLE;
    config->options.record_size_limit = 0x4001;
    config->options.tells_groups = true;
    config->options.strict_groups = retry;
    config->options.sends_cookie = retry;
    config->options.pads_hello = true;
    config->options.names_no_authorities = true;
    config->options.ticket_lifetime = 30;
    config->options.max_early_data = 1024;
    config->options.early_data_answer = EARLY_DATA_ACCEPTED;
    config->options.no_tickets = !client && run->number != 1;
    config->cookie = client ? BYTES_NONE : value_of(run, "%s.cookie", "server", 0);
    if (run->number == RESUMED && client)
        config->early_data = value_of(run, "%s.data.%d", "client", 2);
    if (run->number != MUTUAL || client)
        return;
    config->client_auth = CLIENT_AUTH_REQUIRED;
    config->trusted = g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref);
    g_ptr_array_add(config->trusted,
                    certificate_read(value_of(run, "%s.certificate", "client", 0), NULL));
}

static void run_start(Run *run, int number, const Vector *vector, SessionCache *const caches[2],
                      uint64_t now)
{
    static const char *const labels[] = {
        "client_random",     "server_random", "x25519_private_key", "secp256r1_private_key",
        "pss_salt",          "ticket",        "ticket_nonce",       "ticket_age_add",
        "legacy_session_id", "signature"};
    *run = (Run){.vector = vector, .number = number, .now = now, .trace = trace_new()};
    trace_add_party(run->trace, "client", PARTY_CLIENT);
    trace_add_party(run->trace, "server", PARTY_SERVER);
    trace_add_link(run->trace, 0, 1, 443);
    for (int i = 1; i >= 0; i--) {
        run->randoms[i] = random_new(1, sides[i]);
        for (size_t j = 0; j < G_N_ELEMENTS(labels); j++)
            pin(run, i, labels[j]);
        configure(run, i, caches[i]);
        give_credential(run, i);
        run->written[i] = g_byte_array_new();
        TraceSink sink = {.trace = run->trace, .party = i};
        run->ends[i] = endpoint_new(&run->configs[i], run->randoms[i], &sink);
        endpoint_start(run->ends[i], now);
    }
}

static void run_carry(Run *run)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < 2; i++) {
            Bytes output = endpoint_output(run->ends[i]);
            if (output.size == 0)
                continue;
            g_autoptr(GBytes) bytes = bytes_copy(output);
            bytes_append(run->written[i], output);
            endpoint_output_sent(run->ends[i]);
            endpoint_receive(run->ends[!i], bytes_from_gbytes(bytes), run->now);
            moved = true;
        }
    }
}

/* Data and closure as the trace has them; section 5 to 7 only close. */
static void run_talk(Run *run)
{
    for (int i = 0; i < 2; i++)
        for (int n = 3; n <= 6; n++) {
            Bytes data = value_of(run, "%s.data.%d", sides[i], n);
            if (data.size == 0)
                continue;
            ck_assert(endpoint_send(run->ends[i], data, run->now));
            run_carry(run);
        }
    endpoint_close(run->ends[0], run->now);
    run_carry(run);
}

static unsigned compare_records(const Run *run)
{
    unsigned compared = 0;
    for (int i = 0; i < 2; i++) {
        Bytes rest = bytes_from_array(run->written[i]);
        for (int n = 1; rest.size > 0; n++) {
            Record record;
            size_t used = 0;
            ck_assert_int_eq(record_split(rest, FRAMING_TLS, &record, &used), RECORD_WHOLE);
            Bytes expected = value_of(run, "%s.record.%d", sides[i], n);
            g_autofree char *what =
                g_strdup_printf("%s: record %d of the %s", run->vector->title, n, sides[i]);
            assert_bytes(bytes_slice(rest, 0, used), expected, what);
            rest = bytes_slice(rest, used, rest.size);
            compared++;
        }
        g_autofree char *beyond = g_strdup_printf("%s.record.%u", sides[i], 20u);
        ck_assert(!vector_has(run->vector, beyond));
    }
    return compared;
}

/* Every secret that the RFC shows, as both sides have it. */
static unsigned compare_secrets(const Run *run)
{
    unsigned compared = 0;
    for (size_t i = 0; i < trace_count(run->trace); i++) {
        const TraceEvent *event = trace_at(run->trace, i);
        g_autofree char *name =
            event->kind == TRACE_KEYS ? g_strdup_printf("secret.%s", event->name) : NULL;
        if (name == NULL || !vector_has(run->vector, name))
            continue;
        assert_bytes(bytes_from_gbytes(event->bytes), hex(vector_text(run->vector, name)), name);
        compared++;
    }
    return compared;
}

static void run_end(Run *run)
{
    for (int i = 0; i < 2; i++) {
        Credential *credential = &run->configs[i].credential;
        endpoint_free(run->ends[i]);
        random_free(run->randoms[i]);
        g_byte_array_unref(run->written[i]);
        g_clear_pointer(&credential->chain, g_ptr_array_unref);
        g_clear_pointer(&credential->key, private_key_unref);
        g_clear_pointer(&run->configs[i].trusted, g_ptr_array_unref);
    }
    trace_free(run->trace);
}

static void play(int number, const GPtrArray *vectors, SessionCache *const caches[2], uint64_t now)
{
    Run run;
    run_start(&run, number, g_ptr_array_index(vectors, number - 1), caches, now);
    run_carry(&run);
    for (int i = 0; i < 2; i++) {
        const Fault *fault = endpoint_fault(run.ends[i]);
        ck_assert_msg(endpoint_state(run.ends[i]) == ENDPOINT_CONNECTED, "trace %d: the %s: %s",
                      number, sides[i], fault == NULL ? "waits" : fault->sentence);
    }
    run_talk(&run);
    unsigned records = compare_records(&run), secrets = compare_secrets(&run);
    printf("# %s: %u records, %u secrets\n", run.vector->title, records, secrets);
    ck_assert_uint_gt(secrets, 15);
    run_end(&run);
}

START_TEST(handshakes_byte_for_byte)
{
    g_autoptr(GPtrArray) vectors = vectors_read("rfc8448-traces.txt");
    ck_assert_uint_eq(vectors->len, TRACES);
    for (int number = 1; number <= TRACES; number++) {
        SessionCache *caches[] = {session_cache_new(10, 0), session_cache_new(10, 0)};
        if (number == RESUMED) /* it resumes from the first; six milliseconds later */
            play(1, vectors, caches, 0);
        play(number, vectors, caches, number == RESUMED ? TICKET_AGE : 0);
        session_cache_free(caches[0]);
        session_cache_free(caches[1]);
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("rfc8448");
    TCase *traces = tcase_create("traces");
    tcase_add_test(traces, handshakes_byte_for_byte);
    suite_add_tcase(suite, traces);
    return support_run(suite);
}
