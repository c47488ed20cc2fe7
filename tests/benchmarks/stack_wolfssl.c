/* wolfSSL in the benchmark: its I/O callbacks over two pipes.
 *
 * Debian's 5.5 has neither TLS 1.0 and 1.1 nor RSA key exchange.
 *
 * This file measures nothing. wolfSSL manual, chapters 4 (I/O callbacks) and 13 (API).
 */
/* the options must come first: they say what the headers declare */
#include <wolfssl/options.h>

#include <string.h>
#include <wolfssl/ssl.h>

#include "tests/benchmarks/bench.h"

typedef struct {
    const BenchPoint *point;
    WOLFSSL_CTX *sides[2];
    WOLFSSL_SESSION *session;
} Stack;

typedef struct {
    BenchPipe *in, *out;
} Line;

typedef struct {
    WOLFSSL *ends[2];
} Pair;

/* One pair shakes hands at a time. */
static BenchPipe up, down;
static Line lines[2] = {{&down, &up}, {&up, &down}};

static const char *version(void)
{
    return "wolfSSL " LIBWOLFSSL_VERSION_STRING;
}

static int receive_bytes(WOLFSSL *session, char *bytes, int size, void *data)
{
    const Line *line = data;
    (void)session;
    size_t got = bench_pipe_get(line->in, bytes, (size_t)size);
    return got == 0 ? WOLFSSL_CBIO_ERR_WANT_READ : (int)got;
}

static int send_bytes(WOLFSSL *session, char *bytes, int size, void *data)
{
    const Line *line = data;
    (void)session;
    bench_pipe_put(line->out, bytes, (size_t)size);
    return size;
}

static bool show(WOLFSSL_CTX *side, const GByteArray *certificate, const GByteArray *key)
{
    return wolfSSL_CTX_use_certificate_buffer(side, certificate->data, certificate->len - 1,
                                              WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_buffer(side, key->data, key->len - 1, WOLFSSL_FILETYPE_PEM) ==
               WOLFSSL_SUCCESS;
}

static bool trust(WOLFSSL_CTX *side, const GByteArray *root, int mode)
{
    wolfSSL_CTX_set_verify(side, mode, NULL);
    return wolfSSL_CTX_load_verify_buffer(side, root->data, root->len - 1, WOLFSSL_FILETYPE_PEM) ==
           WOLFSSL_SUCCESS;
}

static bool speak(WOLFSSL_CTX *side, const BenchPoint *point)
{
    bool tls13 = point->version == VERSION_TLS_1_3;
    int group = point->group == GROUP_X25519 ? WOLFSSL_ECC_X25519 : WOLFSSL_ECC_SECP256R1;
    const char *suite = tls13          ? "TLS13-AES128-GCM-SHA256"
                        : point->ecdsa ? "ECDHE-ECDSA-AES128-GCM-SHA256"
                                       : "ECDHE-RSA-AES128-GCM-SHA256";
    const char *schemes = point->ecdsa ? "ECDSA+SHA256"
                          : tls13      ? "RSA-PSS+SHA256:RSA+SHA256"
                                       : "RSA+SHA256";
    wolfSSL_CTX_SetIORecv(side, receive_bytes);
    wolfSSL_CTX_SetIOSend(side, send_bytes);
    return wolfSSL_CTX_set_cipher_list(side, suite) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set1_sigalgs_list(side, schemes) == WOLFSSL_SUCCESS &&
           (tls13 ? wolfSSL_CTX_set_groups(side, &group, 1)
                  : wolfSSL_CTX_UseSupportedCurve(side, (word16)group)) == WOLFSSL_SUCCESS;
}

static void set_resumption(Stack *stack)
{
    const BenchPoint *point = stack->point;
    bool tls13 = point->version == VERSION_TLS_1_3;
    wolfSSL_CTX_set_session_cache_mode(stack->sides[0], WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_set_session_cache_mode(stack->sides[1], point->resume == RESUME_ID
                                                            ? WOLFSSL_SESS_CACHE_SERVER
                                                            : WOLFSSL_SESS_CACHE_OFF);
    if (point->resume == RESUME_TICKET)
        wolfSSL_CTX_UseSessionTicket(stack->sides[0]);
    for (int i = 0; i < 2; i++) {
        if (!tls13 && point->resume != RESUME_TICKET)
            wolfSSL_CTX_NoTicketTLSv12(stack->sides[i]);
        if (point->resume == RESUME_PSK)
            wolfSSL_CTX_no_dhe_psk(stack->sides[i]);
    }
    if (tls13 && point->resume == RESUME_NONE)
        wolfSSL_CTX_no_ticket_TLSv13(stack->sides[1]);
}

static void close_point(void *made)
{
    Stack *stack = made;
    wolfSSL_SESSION_free(stack->session);
    wolfSSL_CTX_free(stack->sides[0]);
    wolfSSL_CTX_free(stack->sides[1]);
    g_free(stack);
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    const BenchChain *chain = bench_chain(point, material);
    bool tls13 = point->version == VERSION_TLS_1_3;
    if (point->version < VERSION_TLS_1_2 || point->group == GROUP_NONE)
        return NULL;
    wolfSSL_Init();
    Stack *stack = g_new0(Stack, 1);
    stack->point = point;
    stack->sides[0] =
        wolfSSL_CTX_new(tls13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
    stack->sides[1] =
        wolfSSL_CTX_new(tls13 ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method());
    bool fine = speak(stack->sides[0], point) && speak(stack->sides[1], point) &&
                show(stack->sides[1], chain->server, chain->server_key) &&
                trust(stack->sides[0], chain->root, WOLFSSL_VERIFY_PEER);
    if (fine && point->mutual)
        fine = show(stack->sides[0], chain->client, chain->client_key) &&
               trust(stack->sides[1], chain->root,
                     WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT);
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
    wolfSSL_free(pair->ends[0]);
    wolfSSL_free(pair->ends[1]);
    g_free(pair);
}

static bool shake(Pair *pair)
{
    enum { TURNS = 12 };
    bool done[2] = {false, false};
    for (int turn = 0; turn < TURNS && !(done[0] && done[1]); turn++)
        for (int i = 0; i < 2; i++) {
            if (done[i])
                continue;
            int result = i == 0 ? wolfSSL_connect(pair->ends[0]) : wolfSSL_accept(pair->ends[1]);
            done[i] = result == WOLFSSL_SUCCESS;
            if (!done[i] && wolfSSL_get_error(pair->ends[i], result) != WOLFSSL_ERROR_WANT_READ)
                return false;
        }
    return done[0] && done[1];
}

static void *pair_new(void *made)
{
    Stack *stack = made;
    Pair *pair = g_malloc(sizeof *pair);
    char nothing[1];
    up.first = up.end = down.first = down.end = 0;
    for (int i = 0; i < 2; i++) {
        pair->ends[i] = wolfSSL_new(stack->sides[i]);
        wolfSSL_SetIOReadCtx(pair->ends[i], &lines[i]);
        wolfSSL_SetIOWriteCtx(pair->ends[i], &lines[i]);
    }
    wolfSSL_UseSNI(pair->ends[0], WOLFSSL_SNI_HOST_NAME, BENCH_HOST, strlen(BENCH_HOST));
    wolfSSL_check_domain_name(pair->ends[0], BENCH_HOST);
    if (stack->session != NULL) {
        wolfSSL_set_session(pair->ends[0], stack->session);
        if (stack->point->version == VERSION_TLS_1_3)
            wolfSSL_no_ticket_TLSv13(pair->ends[1]);
    }
    if (!shake(pair)) {
        pair_free(stack, pair);
        return NULL;
    }
    if (stack->session == NULL && stack->point->resume != RESUME_NONE)
        wolfSSL_read(pair->ends[0], nothing, sizeof nothing); /* the ticket of TLS 1.3 */
    return pair;
}

static bool keep(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    stack->session = wolfSSL_get1_session(pair->ends[0]);
    return stack->session != NULL;
}

static bool check(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    const char *spoken = stack->point->version == VERSION_TLS_1_3 ? "TLSv1.3" : "TLSv1.2";
    bool fine =
        strcmp(wolfSSL_get_version(pair->ends[0]), spoken) == 0 &&
        (wolfSSL_session_reused(pair->ends[1]) != 0) == (stack->point->resume != RESUME_NONE);
    for (int i = 0; i < 2; i++) {
        char word[8] = "";
        fine = fine && wolfSSL_write(pair->ends[i], "word", 4) == 4 &&
               wolfSSL_read(pair->ends[1 - i], word, sizeof word) == 4 && strcmp(word, "word") == 0;
    }
    return fine;
}

const BenchStack stack_wolfssl = {"wolfSSL", version, open_point, pair_new,   pair_free,
                                  keep,      check,   NULL,       close_point};
