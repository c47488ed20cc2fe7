/* GnuTLS in the benchmark: push and pull functions over two pipes.
 *
 * Credentials and priorities are made once for all connections, the certificate and the name are
 * verified by the session itself. What a server keeps by session ID is kept in a table of its own,
 * as GnuTLS leaves that to its user.
 *
 * This file measures nothing. GnuTLS manual, "Using GnuTLS as a cryptographic library".
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "tests/benchmarks/bench.h"

typedef struct {
    const BenchPoint *point;
    gnutls_certificate_credentials_t credentials[2];
    gnutls_priority_t priority;
    gnutls_datum_t ticket_key, session;
    GHashTable *table; /* GBytes to GBytes */
    bool kept;
} Stack;

typedef struct {
    BenchPipe *in, *out;
} Line;

typedef struct {
    gnutls_session_t ends[2];
} Pair;

/* One pair shakes hands at a time. */
static BenchPipe up, down;
static Line lines[2] = {{&down, &up}, {&up, &down}};

static const char *version(void)
{
    static char text[32];
    g_snprintf(text, sizeof text, "GnuTLS %s", gnutls_check_version(NULL));
    return text;
}

static ssize_t push(gnutls_transport_ptr_t data, const void *bytes, size_t size)
{
    const Line *line = data;
    bench_pipe_put(line->out, bytes, size);
    return (ssize_t)size;
}

static ssize_t pull(gnutls_transport_ptr_t data, void *bytes, size_t size)
{
    const Line *line = data;
    size_t got = bench_pipe_get(line->in, bytes, size);
    if (got > 0)
        return (ssize_t)got;
    errno = EAGAIN;
    return -1;
}

static int pull_timeout(gnutls_transport_ptr_t data, unsigned milliseconds)
{
    const Line *line = data;
    (void)milliseconds;
    return line->in->end > line->in->first;
}

static int store(void *data, gnutls_datum_t key, gnutls_datum_t value)
{
    g_hash_table_insert(data, g_bytes_new(key.data, key.size), g_bytes_new(value.data, value.size));
    return 0;
}

static gnutls_datum_t retrieve(void *data, gnutls_datum_t key)
{
    g_autoptr(GBytes) name = g_bytes_new(key.data, key.size);
    Bytes value = bytes_from_gbytes(g_hash_table_lookup(data, name));
    gnutls_datum_t copy = {NULL, 0};
    if (value.size > 0) {
        copy.data = gnutls_malloc(value.size);
        copy.size = (unsigned)value.size;
        memcpy(copy.data, value.data, value.size);
    }
    return copy;
}

static int forget(void *data, gnutls_datum_t key)
{
    g_autoptr(GBytes) name = g_bytes_new(key.data, key.size);
    return g_hash_table_remove(data, name) ? 0 : -1;
}

static char *priorities(const BenchPoint *point)
{
    bool rsa_exchange = point->group == GROUP_NONE, tls13 = point->version == VERSION_TLS_1_3;
    const char *schemes = point->ecdsa ? ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256"
                          : tls13      ? ":+SIGN-RSA-SHA256:+SIGN-RSA-PSS-RSAE-SHA256"
                                       : ":+SIGN-RSA-SHA256";
    return g_strconcat("NONE:+COMP-NULL:+CTYPE-X509:+",
                       tls13                               ? "VERS-TLS1.3"
                       : point->version == VERSION_TLS_1_2 ? "VERS-TLS1.2"
                                                           : "VERS-TLS1.0",
                       rsa_exchange ? ":+AES-128-CBC:+SHA1" : ":+AES-128-GCM:+AEAD:+SHA256",
                       rsa_exchange                   ? ""
                       : point->group == GROUP_X25519 ? ":+GROUP-X25519"
                                                      : ":+GROUP-SECP256R1",
                       schemes,
                       rsa_exchange   ? ":+RSA"
                       : point->ecdsa ? ":+ECDHE-ECDSA"
                                      : ":+ECDHE-RSA",
                       point->resume == RESUME_PSK ? ":+PSK" : "", NULL);
}

static gnutls_datum_t datum(const GByteArray *pem)
{
    return (gnutls_datum_t){pem->data, pem->len - 1}; /* without the zero */
}

static bool show(gnutls_certificate_credentials_t side, const GByteArray *certificate,
                 const GByteArray *key)
{
    gnutls_datum_t shown = datum(certificate), private_key = datum(key);
    return gnutls_certificate_set_x509_key_mem(side, &shown, &private_key, GNUTLS_X509_FMT_PEM) ==
           0;
}

static bool trust(gnutls_certificate_credentials_t side, const GByteArray *root)
{
    gnutls_datum_t trusted = datum(root);
    return gnutls_certificate_set_x509_trust_mem(side, &trusted, GNUTLS_X509_FMT_PEM) == 1;
}

static void close_point(void *made)
{
    Stack *stack = made;
    gnutls_certificate_free_credentials(stack->credentials[0]);
    gnutls_certificate_free_credentials(stack->credentials[1]);
    gnutls_priority_deinit(stack->priority);
    gnutls_free(stack->ticket_key.data);
    gnutls_free(stack->session.data);
    g_hash_table_unref(stack->table);
    g_free(stack);
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    const BenchChain *chain = bench_chain(point, material);
    g_autofree char *text = priorities(point);
    Stack *stack = g_new0(Stack, 1);
    stack->point = point;
    stack->table = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                         (GDestroyNotify)(void (*)(void))g_bytes_unref,
                                         (GDestroyNotify)(void (*)(void))g_bytes_unref);
    gnutls_certificate_allocate_credentials(&stack->credentials[0]);
    gnutls_certificate_allocate_credentials(&stack->credentials[1]);
    bool fine = gnutls_priority_init(&stack->priority, text, NULL) == 0 &&
                trust(stack->credentials[0], chain->root) &&
                show(stack->credentials[1], chain->server, chain->server_key) &&
                (!point->mutual || (show(stack->credentials[0], chain->client, chain->client_key) &&
                                    trust(stack->credentials[1], chain->root)));
    if (point->resume == RESUME_TICKET || point->version == VERSION_TLS_1_3)
        gnutls_session_ticket_key_generate(&stack->ticket_key);
    if (fine)
        return stack;
    close_point(stack);
    return NULL;
}

static void start(Stack *stack, Pair *pair, int side)
{
    const BenchPoint *point = stack->point;
    bool tickets = point->resume != RESUME_NONE && point->resume != RESUME_ID;
    unsigned flags = GNUTLS_NONBLOCK | (side == 0 ? GNUTLS_CLIENT : GNUTLS_SERVER) |
                     (tickets ? 0 : GNUTLS_NO_TICKETS);
    if (side == 1 && point->version == VERSION_TLS_1_3 && (stack->kept || !tickets))
        flags |= GNUTLS_NO_AUTO_SEND_TICKET;
    gnutls_session_t *session = &pair->ends[side];
    gnutls_init(session, flags);
    gnutls_priority_set(*session, stack->priority);
    gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE, stack->credentials[side]);
    gnutls_transport_set_ptr(*session, &lines[side]);
    gnutls_transport_set_push_function(*session, push);
    gnutls_transport_set_pull_function(*session, pull);
    gnutls_transport_set_pull_timeout_function(*session, pull_timeout);
}

static void start_server(const Stack *stack, gnutls_session_t server)
{
    if (stack->point->mutual) {
        gnutls_certificate_server_set_request(server, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(server, NULL, 0);
    }
    if (stack->ticket_key.size > 0)
        gnutls_session_ticket_enable_server(server, &stack->ticket_key);
    if (stack->point->resume != RESUME_ID)
        return;
    gnutls_db_set_ptr(server, stack->table);
    gnutls_db_set_store_function(server, store);
    gnutls_db_set_retrieve_function(server, retrieve);
    gnutls_db_set_remove_function(server, forget);
}

static bool shake(Pair *pair)
{
    enum { TURNS = 12 };
    bool done[2] = {false, false};
    for (int turn = 0; turn < TURNS && !(done[0] && done[1]); turn++)
        for (int i = 0; i < 2; i++) {
            int result = done[i] ? 0 : gnutls_handshake(pair->ends[i]);
            done[i] = result == 0;
            if (!done[i] && gnutls_error_is_fatal(result))
                return false;
        }
    return done[0] && done[1];
}

static void pair_free(void *stack, void *made)
{
    (void)stack;
    Pair *pair = made;
    gnutls_deinit(pair->ends[0]);
    gnutls_deinit(pair->ends[1]);
    g_free(pair);
}

static void *pair_new(void *made)
{
    Stack *stack = made;
    Pair *pair = g_malloc(sizeof *pair);
    char nothing[1];
    up.first = up.end = down.first = down.end = 0;
    start(stack, pair, 0);
    start(stack, pair, 1);
    gnutls_server_name_set(pair->ends[0], GNUTLS_NAME_DNS, BENCH_HOST, strlen(BENCH_HOST));
    gnutls_session_set_verify_cert(pair->ends[0], BENCH_HOST, 0);
    if (stack->kept)
        gnutls_session_set_data(pair->ends[0], stack->session.data, stack->session.size);
    start_server(stack, pair->ends[1]);
    if (!shake(pair)) {
        pair_free(stack, pair);
        return NULL;
    }
    if (!stack->kept && stack->point->resume != RESUME_NONE)
        gnutls_record_recv(pair->ends[0], nothing, sizeof nothing); /* the ticket of TLS 1.3 */
    return pair;
}

static bool keep(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    stack->kept = true;
    return gnutls_session_get_data2(pair->ends[0], &stack->session) == 0;
}

static bool check(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    static const struct {
        ProtocolVersion ours;
        gnutls_protocol_t theirs;
    } versions[] = {{VERSION_TLS_1_0, GNUTLS_TLS1_0},
                    {VERSION_TLS_1_2, GNUTLS_TLS1_2},
                    {VERSION_TLS_1_3, GNUTLS_TLS1_3}};
    bool resumed = gnutls_session_is_resumed(pair->ends[1]) != 0;
    bool fine = resumed == (stack->point->resume != RESUME_NONE) &&
                (resumed || gnutls_session_get_verify_cert_status(pair->ends[0]) == 0);
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (versions[i].ours == stack->point->version)
            fine = fine && gnutls_protocol_get_version(pair->ends[0]) == versions[i].theirs;
    for (int i = 0; i < 2; i++) {
        char word[8] = "";
        fine = fine && gnutls_record_send(pair->ends[i], "word", 4) == 4 &&
               gnutls_record_recv(pair->ends[1 - i], word, sizeof word) == 4 &&
               strcmp(word, "word") == 0;
    }
    return fine;
}

const BenchStack stack_gnutls = {"GnuTLS", version, open_point, pair_new,   pair_free,
                                 keep,     check,   NULL,       close_point};
