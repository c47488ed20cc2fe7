/* Our endpoints against OpenSSL and GnuTLS, in memory: the honest matrix.
 *
 * Every version, suite, role, with and without client authentication, renegotiation by either side,
 * secure and insecure, 20,000 bytes of data each way. The number of cells is pinned: a cell that
 * does not run is a failure unless the stack itself lists the suite as absent.
 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/engine/endpoint.h"
#include "sim/pki.h"
#include "tests/peers/peer.h"
#include "tests/support/support.h"

enum { DATA_SIZE = 20000, TURNS_MOST = 200 };

typedef enum {
    AGAIN_NEVER,
    AGAIN_OURS,
    AGAIN_THEIRS,
    AGAIN_OURS_INSECURE,
    AGAIN_THEIRS_INSECURE,
    AGAIN_KINDS,
} Again;

typedef struct {
    const PeerKind *kind;
    Role role; /* theirs */
    ProtocolVersion version;
    const Suite *suite;
    bool client_auth;
    Again again;
} Cell;

static Plan *plan;
static Pki *pki;
static GByteArray *pem_of[3]; /* lab-root, www, alice */

static GByteArray *to_pem(const char *name)
{
    Fault fault = FAULT_INIT;
    Certificate *certificate = pki_certificate(pki, name, &fault);
    ck_assert_msg(certificate != NULL, "%s", fault.sentence);
    Bytes der = certificate_der(certificate);
    const unsigned char *at = der.data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509);
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    GByteArray *pem = g_byte_array_new();
    g_byte_array_append(pem, (const guint8 *)data, (guint)size);
    BIO_free(bio);
    X509_free(x509);
    return pem;
}

static void set_up(void)
{
    Fault fault = FAULT_INIT;
    plan = support_plan("");
    pki = pki_new(plan, &fault);
    ck_assert_msg(pki != NULL, "%s", fault.sentence);
    pem_of[0] = to_pem("lab-root");
    pem_of[1] = to_pem("www");
    pem_of[2] = to_pem("alice");
}

static bool is_insecure(Again again)
{
    return again == AGAIN_OURS_INSECURE || again == AGAIN_THEIRS_INSECURE;
}

static Peer *start_peer(const Cell *cell)
{
    bool shows = cell->role == ROLE_SERVER || cell->client_auth;
    const char *name = cell->role == ROLE_SERVER ? "www" : "alice";
    const PlanKey *key = plan_key(plan, plan_certificate(plan, name)->key);
    PeerConfig config = {
        .role = cell->role,
        .version = cell->version,
        .suite = cell->suite->number,
        .trusted_pem = bytes_from_array(pem_of[0]),
        .asks_client = cell->client_auth,
        .insecure = is_insecure(cell->again),
        .clock = plan->clock,
    };
    if (shows) {
        config.chain_pem = bytes_from_array(pem_of[cell->role == ROLE_SERVER ? 1 : 2]);
        config.key_pem = bytes_from_gbytes(key->pem);
    }
    return cell->kind->start(&config);
}

static EndpointConfig our_config(const Cell *cell, const SuiteNumber *suite)
{
    Fault fault = FAULT_INIT;
    EndpointConfig config = {
        .role = role_peer(cell->role),
        .first = cell->version,
        .last = cell->version,
        .suites = suite,
        .suite_count = 1,
        .expected_name = "www.lab.example",
        .server_name = "www.lab.example",
        .client_auth = cell->client_auth ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE,
        .weaknesses = is_insecure(cell->again) ? WEAKNESS_RENEGOTIATES_WITHOUT_BINDING : 0,
        .clock = plan->clock,
    };
    const char *name = config.role == ROLE_SERVER ? "www" : cell->client_auth ? "alice" : NULL;
    g_autoptr(GPtrArray) roots = g_ptr_array_new();
    g_ptr_array_add(roots, (gpointer)(uintptr_t) "lab-root");
    ck_assert(pki_credential(pki, name, NULL, &config.credential, &fault));
    config.trusted = pki_trusted(pki, roots, &fault);
    return config;
}

/* What our application receives, and how many handshakes it was told of. */
typedef struct {
    GByteArray *data;
    bool failed;
} Ours;

static void attend(Endpoint *endpoint, Ours *ours)
{
    EndpointEvent event;
    while (endpoint_next_event(endpoint, &event)) {
        if (event.kind == EVENT_DATA)
            bytes_append(ours->data, bytes_from_gbytes(event.data));
        ours->failed = ours->failed || event.kind == EVENT_FAILED;
        endpoint_event_clear(&event);
    }
}

/* Carries bytes both ways until nobody says anything more. */
static void pump(const Cell *cell, Endpoint *endpoint, Peer *peer, Ours *ours)
{
    for (int turn = 0; turn < TURNS_MOST; turn++) {
        Bytes theirs = cell->kind->output(peer);
        bool quiet = theirs.size == 0;
        endpoint_receive(endpoint, theirs, 0);
        attend(endpoint, ours);
        Bytes mine = endpoint_output(endpoint);
        quiet = quiet && mine.size == 0;
        if (quiet)
            return;
        if (mine.size > 0)
            cell->kind->receive(peer, mine);
        endpoint_output_sent(endpoint);
    }
    ck_abort_msg("they talk without end");
}

static void exchange(const Cell *cell, Endpoint *endpoint, Peer *peer, Ours *ours)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    for (guint i = 0; i < DATA_SIZE; i++) {
        guint8 byte = (guint8)(i * 7);
        g_byte_array_append(data, &byte, 1);
    }
    guint before = ours->data->len;
    size_t theirs = cell->kind->received(peer).size;
    endpoint_send(endpoint, bytes_from_array(data), 0);
    cell->kind->send(peer, bytes_from_array(data));
    pump(cell, endpoint, peer, ours);
    support_bytes(bytes_slice(bytes_from_array(ours->data), before, SIZE_MAX),
                  bytes_from_array(data), "data that came to us");
    support_bytes(bytes_slice(cell->kind->received(peer), theirs, SIZE_MAX), bytes_from_array(data),
                  "data that came to them");
}

static char *cell_name(const Cell *cell)
{
    static const char *const again[] = {"", ", ours again", ", theirs again",
                                        ", ours again insecurely", ", theirs again insecurely"};
    return g_strdup_printf("%s as %s, %s, %s%s%s", cell->kind->name, role_name(cell->role),
                           number_text(NUMBER_VERSION, cell->version), cell->suite->name,
                           cell->client_auth ? ", client authentication" : "", again[cell->again]);
}

static void renegotiate(const Cell *cell, Endpoint *endpoint, Peer *peer, Ours *ours)
{
    bool mine = cell->again == AGAIN_OURS || cell->again == AGAIN_OURS_INSECURE;
    g_autofree char *name = cell_name(cell);
    ck_assert_msg(endpoint_secure_renegotiation(endpoint) == !is_insecure(cell->again),
                  "%s: secure %d", name, endpoint_secure_renegotiation(endpoint));
    if (mine)
        ck_assert_msg(endpoint_renegotiate(
                          endpoint, cell->client_auth ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE, 0),
                      "%s: could not renegotiate", name);
    else
        cell->kind->renegotiate(peer);
    pump(cell, endpoint, peer, ours);
    const Fault *fault = endpoint_fault(endpoint);
    ck_assert_msg(endpoint_handshakes(endpoint) == 2 && cell->kind->handshakes(peer) == 2,
                  "%s: %u and %u handshakes; ours %s; theirs %s", name,
                  endpoint_handshakes(endpoint), cell->kind->handshakes(peer),
                  fault == NULL ? "fine" : fault->sentence, cell->kind->error(peer));
}

/* One cell; false when the stack lists the suite as absent. */
static bool run_cell(const Cell *cell)
{
    Peer *peer = start_peer(cell);
    if (peer == NULL)
        return false;
    g_autofree char *name = cell_name(cell);
    g_autoptr(Random) random = random_new(1, "us");
    EndpointConfig config = our_config(cell, &cell->suite->number);
    Endpoint *endpoint = endpoint_new(&config, random, NULL);
    Ours ours = {.data = g_byte_array_new()};
    endpoint_start(endpoint, 0);
    pump(cell, endpoint, peer, &ours);
    const Fault *fault = endpoint_fault(endpoint);
    ck_assert_msg(endpoint_state(endpoint) == ENDPOINT_CONNECTED &&
                      cell->kind->state(peer) == PEER_CONNECTED,
                  "%s: ours: %s; theirs: %s", name, fault == NULL ? "fine" : fault->sentence,
                  cell->kind->error(peer));
    if (cell->client_auth && config.role == ROLE_SERVER)
        ck_assert_str_eq(certificate_subject(endpoint_peer_certificate(endpoint)),
                         "CN=Alice,O=Lab");
    exchange(cell, endpoint, peer, &ours);
    if (cell->again != AGAIN_NEVER) {
        renegotiate(cell, endpoint, peer, &ours);
        exchange(cell, endpoint, peer, &ours);
    }
    endpoint_free(endpoint);
    cell->kind->free(peer);
    g_ptr_array_unref(config.credential.chain);
    g_ptr_array_unref(config.trusted);
    g_byte_array_unref(ours.data);
    return true;
}

/* All cells of one stack; prints and returns how many ran. */
static unsigned run_stack(const PeerKind *kind, unsigned *absent)
{
    unsigned ran = 0;
    for (ProtocolVersion version = VERSION_TLS_1_0; version <= VERSION_TLS_1_2; version++)
        for (size_t i = 0; i < suite_count(); i++)
            for (int options = 0; options < 4 * AGAIN_KINDS; options++) {
                const Suite *suite = suite_at(i);
                Cell cell = {.kind = kind,
                             .role = options & 1 ? ROLE_CLIENT : ROLE_SERVER,
                             .version = version,
                             .suite = suite,
                             .client_auth = (options & 2) != 0,
                             .again = (Again)(options / 4)};
                if (!suite_runs(suite) || !suite_fits(suite, version) ||
                    key_exchange(suite->key_exchange)->agreement != AGREEMENT_RSA)
                    continue;
                if (run_cell(&cell))
                    ran++;
                else
                    (*absent)++;
            }
    printf("# %s: %u cells ran, %u are absent from the stack\n", kind->name, ran, *absent);
    return ran;
}

START_TEST(openssl_matrix)
{
    unsigned absent = 0;
    unsigned ran = run_stack(&peer_openssl, &absent);
    ck_assert_uint_eq(ran, 620);
    ck_assert_uint_eq(ran + absent, 960);
}
END_TEST

START_TEST(gnutls_matrix)
{
    unsigned absent = 0;
    unsigned ran = run_stack(&peer_gnutls, &absent);
    ck_assert_uint_eq(ran, 760);
    ck_assert_uint_eq(ran + absent, 960);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("peers");
    TCase *matrix = tcase_create("matrix");
    tcase_set_timeout(matrix, 300);
    tcase_add_unchecked_fixture(matrix, set_up, NULL);
    tcase_add_test(matrix, openssl_matrix);
    tcase_add_test(matrix, gnutls_matrix);
    suite_add_tcase(suite, matrix);
    return support_run(suite);
}
