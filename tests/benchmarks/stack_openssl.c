/* OpenSSL in the benchmark: libssl through memory BIOs, in the library's own default context.
 *
 * Set up as a careful user would: one SSL_CTX a side for all connections, the certificate and the
 * name verified, exactly the suite, the group and the signature scheme of the point.
 *
 * This file measures nothing. SSL_CTX_new(3) and its neighbours.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#include "tests/benchmarks/bench.h"

typedef struct {
    const BenchPoint *point;
    SSL_CTX *sides[2]; /* client, server */
    SSL_SESSION *session;
} Stack;

typedef struct {
    SSL *ends[2];
} Pair;

static const char *version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

static X509 *read_certificate(const GByteArray *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->data, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return certificate;
}

static bool show(SSL_CTX *side, const GByteArray *certificate, const GByteArray *key)
{
    BIO *bio = BIO_new_mem_buf(key->data, -1);
    EVP_PKEY *private_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    X509 *shown = read_certificate(certificate);
    bool fine =
        SSL_CTX_use_certificate(side, shown) == 1 && SSL_CTX_use_PrivateKey(side, private_key) == 1;
    BIO_free(bio);
    X509_free(shown);
    EVP_PKEY_free(private_key);
    SSL_CTX_set_mode(side, SSL_MODE_NO_AUTO_CHAIN);
    return fine;
}

static void trust(SSL_CTX *side, const GByteArray *root, int mode)
{
    X509 *trusted = read_certificate(root);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(side), trusted);
    X509_free(trusted);
    SSL_CTX_set_verify(side, mode, NULL);
}

static const char *suite_text(SuiteNumber suite)
{
    switch (suite) {
    case 0xc02f:
        return "ECDHE-RSA-AES128-GCM-SHA256";
    case 0xc02b:
        return "ECDHE-ECDSA-AES128-GCM-SHA256";
    case 0xcca8:
        return "ECDHE-RSA-CHACHA20-POLY1305";
    case 0x0005:
        return "RC4-SHA:@SECLEVEL=0";
    case 0x000a:
        return "DES-CBC3-SHA:@SECLEVEL=0";
    default:
        return "AES128-SHA:@SECLEVEL=0";
    }
}

/* Version, suite, group, scheme: one of each. */
static bool speak(SSL_CTX *side, const BenchPoint *point)
{
    bool tls13 = point->version == VERSION_TLS_1_3;
    /* no constants: the library's macros cast away what they would be */
    g_autofree char *schemes = g_strdup(point->ecdsa ? "ECDSA+SHA256"
                                        : tls13      ? "rsa_pss_rsae_sha256:RSA+SHA256"
                                                     : "RSA+SHA256");
    g_autofree char *group = g_strdup(point->group == GROUP_X25519 ? "X25519" : "P-256");
    if (point->version < VERSION_TLS_1_2)
        SSL_CTX_set_security_level(side, 0);
    return SSL_CTX_set_min_proto_version(side, point->version) == 1 &&
           SSL_CTX_set_max_proto_version(side, point->version) == 1 &&
           (tls13 ? SSL_CTX_set_ciphersuites(side, "TLS_AES_128_GCM_SHA256")
                  : SSL_CTX_set_cipher_list(side, suite_text(point->suite))) == 1 &&
           (point->group == GROUP_NONE || SSL_CTX_set1_groups_list(side, group) == 1) &&
           (point->version < VERSION_TLS_1_2 || SSL_CTX_set1_sigalgs_list(side, schemes) == 1);
}

static void set_resumption(Stack *stack)
{
    const BenchPoint *point = stack->point;
    SSL_CTX *server = stack->sides[1];
    bool tickets = point->resume == RESUME_TICKET || point->version == VERSION_TLS_1_3;
    for (int i = 0; i < 2; i++) {
        bool cache = i == 1 && point->resume == RESUME_ID;
        SSL_CTX_set_session_cache_mode(stack->sides[i],
                                       cache ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF);
        if (!tickets)
            SSL_CTX_set_options(stack->sides[i], SSL_OP_NO_TICKET);
        if (point->resume == RESUME_PSK)
            SSL_CTX_set_options(stack->sides[i], SSL_OP_ALLOW_NO_DHE_KEX);
    }
    SSL_CTX_set_session_id_context(server, (const unsigned char *)"bench", 5);
    SSL_CTX_set_num_tickets(server, point->resume == RESUME_NONE ? 0 : 1);
}

static void close_point(void *made)
{
    Stack *stack = made;
    SSL_SESSION_free(stack->session);
    SSL_CTX_free(stack->sides[0]);
    SSL_CTX_free(stack->sides[1]);
    g_free(stack);
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    const BenchChain *chain = bench_chain(point, material);
    Stack *stack = g_new0(Stack, 1);
    stack->point = point;
    stack->sides[0] = SSL_CTX_new(TLS_client_method());
    stack->sides[1] = SSL_CTX_new(TLS_server_method());
    bool fine = speak(stack->sides[0], point) && speak(stack->sides[1], point) &&
                show(stack->sides[1], chain->server, chain->server_key);
    trust(stack->sides[0], chain->root, SSL_VERIFY_PEER);
    if (fine && point->mutual) {
        fine = show(stack->sides[0], chain->client, chain->client_key);
        trust(stack->sides[1], chain->root, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
    }
    set_resumption(stack);
    if (fine)
        return stack;
    close_point(stack);
    return NULL;
}

static void pair_free(void *stack, void *made)
{
    (void)stack;
    Pair *pair = made;
    for (int i = 0; i < 2; i++) { /* closed in order, or the session leaves the cache */
        SSL_set_shutdown(pair->ends[i], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(pair->ends[i]);
    }
    g_free(pair);
}

static void connect_bios(Pair *pair)
{
    BIO *up = BIO_new(BIO_s_mem()), *down = BIO_new(BIO_s_mem());
    BIO_up_ref(up);
    BIO_up_ref(down);
    SSL_set_bio(pair->ends[0], down, up);
    SSL_set_bio(pair->ends[1], up, down);
}

static bool shake(Pair *pair)
{
    enum { TURNS = 8 };
    bool done[2] = {false, false};
    for (int turn = 0; turn < TURNS && !(done[0] && done[1]); turn++)
        for (int i = 0; i < 2; i++) {
            int result = done[i] ? 1 : SSL_do_handshake(pair->ends[i]);
            done[i] = result == 1;
            if (!done[i] && SSL_get_error(pair->ends[i], result) != SSL_ERROR_WANT_READ)
                return false;
        }
    return done[0] && done[1];
}

static void *pair_new(void *made)
{
    Stack *stack = made;
    Pair *pair = g_new(Pair, 1);
    char nothing[1];
    for (int i = 0; i < 2; i++)
        pair->ends[i] = SSL_new(stack->sides[i]);
    connect_bios(pair);
    SSL_set_tlsext_host_name(pair->ends[0], BENCH_HOST);
    SSL_set1_host(pair->ends[0], BENCH_HOST);
    SSL_set_connect_state(pair->ends[0]);
    SSL_set_accept_state(pair->ends[1]);
    if (stack->session != NULL)
        SSL_set_session(pair->ends[0], stack->session);
    if (!shake(pair)) {
        pair_free(stack, pair);
        return NULL;
    }
    if (stack->session == NULL && stack->point->resume != RESUME_NONE)
        SSL_read(pair->ends[0], nothing, sizeof nothing); /* the ticket of TLS 1.3 */
    return pair;
}

static bool keep(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    stack->session = SSL_get1_session(pair->ends[0]);
    SSL_CTX_set_num_tickets(stack->sides[1], 0);
    /* 3.0 cannot prefer psk_ke: it takes it where the share that came is of no group it has */
    if (stack->point->resume == RESUME_PSK)
        SSL_CTX_set1_groups_list(stack->sides[1], "P-256");
    return stack->session != NULL && SSL_SESSION_is_resumable(stack->session);
}

static bool say(void *made, int from, Bytes data)
{
    static uint8_t heard[1 << 14];
    Pair *pair = made;
    int size = (int)data.size, got = 0;
    bool said = SSL_write(pair->ends[from], data.data, size) == size;
    for (int part = 1; said && part > 0 && got<size; got += part> 0 ? part : 0)
        part = SSL_read(pair->ends[1 - from], heard + got, (int)sizeof heard - got);
    return said && bytes_equal(bytes_make(heard, (size_t)got), data);
}

static bool check(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    bool fine = SSL_version(pair->ends[0]) == stack->point->version &&
                SSL_get_verify_result(pair->ends[0]) == X509_V_OK &&
                SSL_session_reused(pair->ends[1]) == (stack->point->resume != RESUME_NONE) &&
                (!stack->point->mutual || SSL_get0_peer_certificate(pair->ends[1]) != NULL);
    for (int i = 0; i < 2; i++)
        fine = fine && say(pair, i, bytes_from_text("word"));
    return fine;
}

const BenchStack stack_openssl = {"OpenSSL", version, open_point, pair_new,   pair_free,
                                  keep,      check,   say,        close_point};
