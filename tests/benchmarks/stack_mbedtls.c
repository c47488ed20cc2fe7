/* mbed TLS in the benchmark: its send and receive callbacks over two pipes.
 *
 * Debian's 2.28 has neither TLS 1.3 nor SSL 3.0. Its list of curves also bounds the keys of
 * certificates, so the one that the point uses stands there alone.
 *
 * This file measures nothing. mbedtls/ssl.h.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <string.h>

#include "tests/benchmarks/bench.h"

typedef struct {
    const BenchPoint *point;
    mbedtls_ssl_config configs[2];
    mbedtls_x509_crt root, certificates[2];
    mbedtls_pk_context keys[2];
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_cache_context cache;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_session session;
    int suites[2];
    mbedtls_ecp_group_id curves[2];
    bool kept;
} Stack;

typedef struct {
    BenchPipe *in, *out;
} Line;

typedef struct {
    mbedtls_ssl_context ends[2];
} Pair;

/* One pair shakes hands at a time. */
static BenchPipe up, down;
static Line lines[2] = {{&down, &up}, {&up, &down}};

static const char *version(void)
{
    return MBEDTLS_VERSION_STRING_FULL;
}

static int send_bytes(void *data, const unsigned char *bytes, size_t size)
{
    const Line *line = data;
    bench_pipe_put(line->out, bytes, size);
    return (int)size;
}

static int receive_bytes(void *data, unsigned char *bytes, size_t size)
{
    const Line *line = data;
    size_t got = bench_pipe_get(line->in, bytes, size);
    return got == 0 ? MBEDTLS_ERR_SSL_WANT_READ : (int)got;
}

static bool configure(Stack *stack, int side)
{
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};
    mbedtls_ssl_config *config = &stack->configs[side];
    int minor = stack->point->version & 0xff;
    if (mbedtls_ssl_config_defaults(config,
                                    side == 0 ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return false;
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_ciphersuites(config, stack->suites);
    if (stack->point->group != GROUP_NONE)
        mbedtls_ssl_conf_curves(config, stack->curves);
    if (stack->point->version == VERSION_TLS_1_2)
        mbedtls_ssl_conf_sig_hashes(config, hashes);
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &stack->random);
    mbedtls_ssl_conf_session_tickets(config, stack->point->resume == RESUME_TICKET);
    return true;
}

static bool show(Stack *stack, int side, const GByteArray *certificate, const GByteArray *key)
{
    return mbedtls_x509_crt_parse(&stack->certificates[side], certificate->data,
                                  certificate->len) == 0 &&
           mbedtls_pk_parse_key(&stack->keys[side], key->data, key->len, NULL, 0) == 0 &&
           mbedtls_ssl_conf_own_cert(&stack->configs[side], &stack->certificates[side],
                                     &stack->keys[side]) == 0;
}

static void trust(Stack *stack, int side)
{
    mbedtls_ssl_conf_ca_chain(&stack->configs[side], &stack->root, NULL);
    mbedtls_ssl_conf_authmode(&stack->configs[side], MBEDTLS_SSL_VERIFY_REQUIRED);
}

static bool set_resumption(Stack *stack)
{
    if (stack->point->resume == RESUME_ID)
        mbedtls_ssl_conf_session_cache(&stack->configs[1], &stack->cache, mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
    if (stack->point->resume != RESUME_TICKET)
        return true;
    enum { DAY = 86400 };
    mbedtls_ssl_conf_session_tickets_cb(&stack->configs[1], mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse, &stack->tickets);
    return mbedtls_ssl_ticket_setup(&stack->tickets, mbedtls_ctr_drbg_random, &stack->random,
                                    MBEDTLS_CIPHER_AES_128_GCM, DAY) == 0;
}

static Stack *stack_new(const BenchPoint *point)
{
    Stack *stack = g_new0(Stack, 1);
    stack->point = point;
    stack->suites[0] = (int)point->suite;
    stack->curves[0] =
        point->group == GROUP_X25519 ? MBEDTLS_ECP_DP_CURVE25519 : MBEDTLS_ECP_DP_SECP256R1;
    stack->curves[1] = MBEDTLS_ECP_DP_NONE;
    mbedtls_x509_crt_init(&stack->root);
    mbedtls_entropy_init(&stack->entropy);
    mbedtls_ctr_drbg_init(&stack->random);
    mbedtls_ssl_cache_init(&stack->cache);
    mbedtls_ssl_ticket_init(&stack->tickets);
    mbedtls_ssl_session_init(&stack->session);
    for (int i = 0; i < 2; i++) {
        mbedtls_ssl_config_init(&stack->configs[i]);
        mbedtls_x509_crt_init(&stack->certificates[i]);
        mbedtls_pk_init(&stack->keys[i]);
    }
    return stack;
}

static void close_point(void *made)
{
    Stack *stack = made;
    for (int i = 0; i < 2; i++) {
        mbedtls_ssl_config_free(&stack->configs[i]);
        mbedtls_x509_crt_free(&stack->certificates[i]);
        mbedtls_pk_free(&stack->keys[i]);
    }
    mbedtls_ssl_session_free(&stack->session);
    mbedtls_ssl_ticket_free(&stack->tickets);
    mbedtls_ssl_cache_free(&stack->cache);
    mbedtls_ctr_drbg_free(&stack->random);
    mbedtls_entropy_free(&stack->entropy);
    mbedtls_x509_crt_free(&stack->root);
    g_free(stack);
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    const BenchChain *chain = bench_chain(point, material);
    if (point->version > VERSION_TLS_1_2)
        return NULL;
    Stack *stack = stack_new(point);
    bool fine = mbedtls_ctr_drbg_seed(&stack->random, mbedtls_entropy_func, &stack->entropy, NULL,
                                      0) == 0 &&
                mbedtls_x509_crt_parse(&stack->root, chain->root->data, chain->root->len) == 0 &&
                configure(stack, 0) && configure(stack, 1) && set_resumption(stack) &&
                show(stack, 1, chain->server, chain->server_key) &&
                (!point->mutual || show(stack, 0, chain->client, chain->client_key));
    trust(stack, 0);
    if (point->mutual)
        trust(stack, 1);
    if (fine)
        return stack;
    close_point(stack);
    return NULL;
}

static void pair_free(void *stack, void *made)
{
    (void)stack;
    Pair *pair = made;
    mbedtls_ssl_free(&pair->ends[0]);
    mbedtls_ssl_free(&pair->ends[1]);
    g_free(pair);
}

static bool shake(Pair *pair)
{
    enum { TURNS = 12 };
    bool done[2] = {false, false};
    for (int turn = 0; turn < TURNS && !(done[0] && done[1]); turn++)
        for (int i = 0; i < 2; i++) {
            int result = done[i] ? 0 : mbedtls_ssl_handshake(&pair->ends[i]);
            done[i] = result == 0;
            if (!done[i] && result != MBEDTLS_ERR_SSL_WANT_READ)
                return false;
        }
    return done[0] && done[1];
}

static void *pair_new(void *made)
{
    Stack *stack = made;
    Pair *pair = g_malloc(sizeof *pair);
    up.first = up.end = down.first = down.end = 0;
    bool fine = true;
    for (int i = 0; i < 2; i++) {
        mbedtls_ssl_init(&pair->ends[i]);
        fine = fine && mbedtls_ssl_setup(&pair->ends[i], &stack->configs[i]) == 0;
        mbedtls_ssl_set_bio(&pair->ends[i], &lines[i], send_bytes, receive_bytes, NULL);
    }
    fine = fine && mbedtls_ssl_set_hostname(&pair->ends[0], BENCH_HOST) == 0 &&
           (!stack->kept || mbedtls_ssl_set_session(&pair->ends[0], &stack->session) == 0) &&
           shake(pair);
    if (fine)
        return pair;
    pair_free(stack, pair);
    return NULL;
}

static bool keep(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    stack->kept = true;
    return mbedtls_ssl_get_session(&pair->ends[0], &stack->session) == 0;
}

/* What a resumed session shares with the first is its master secret. */
static bool resumed(const Stack *stack, Pair *pair)
{
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    bool same = stack->kept && mbedtls_ssl_get_session(&pair->ends[0], &session) == 0 &&
                memcmp(session.master, stack->session.master, sizeof session.master) == 0;
    mbedtls_ssl_session_free(&session);
    return same;
}

/* TLS 1.0 sends one byte ahead, so a word may come in two pieces. */
static bool say(mbedtls_ssl_context *from, mbedtls_ssl_context *to)
{
    unsigned char word[8] = "";
    size_t said = 0, heard = 0;
    for (int turn = 0; turn < 4 && heard < 4; turn++) {
        int sent =
            said == 4 ? 0 : mbedtls_ssl_write(from, (const unsigned char *)"word" + said, 4 - said);
        said += sent > 0 ? (size_t)sent : 0;
        int got = mbedtls_ssl_read(to, word + heard, sizeof word - 1 - heard);
        heard += got > 0 ? (size_t)got : 0;
    }
    return strcmp((const char *)word, "word") == 0;
}

static bool check(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    const char *spoken = stack->point->version == VERSION_TLS_1_2 ? "TLSv1.2" : "TLSv1.0";
    return strcmp(mbedtls_ssl_get_version(&pair->ends[0]), spoken) == 0 &&
           mbedtls_ssl_get_verify_result(&pair->ends[0]) == 0 &&
           resumed(stack, pair) == (stack->point->resume != RESUME_NONE) &&
           (!stack->point->mutual || mbedtls_ssl_get_peer_cert(&pair->ends[1]) != NULL) &&
           say(&pair->ends[0], &pair->ends[1]) && say(&pair->ends[1], &pair->ends[0]);
}

const BenchStack stack_mbedtls = {"mbed TLS", version, open_point, pair_new,   pair_free,
                                  keep,       check,   NULL,       close_point};
