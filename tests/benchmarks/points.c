/* The points that are measured, by the names that ../shared/peers gives them, and the certificates
 * that every stack is given.
 *
 * The goals are parts of the floor: what the primitives alone would reach. Certificates are minted
 * as a scenario's are, valid for the real clock too, since not every stack takes another.
 *
 * This file measures nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenarios/language/scenario.h"
#include "sim/pki.h"
#include "tests/benchmarks/bench.h"

/* clang-format off */
#define V10 VERSION_TLS_1_0
#define V12 VERSION_TLS_1_2
#define V13 VERSION_TLS_1_3
static const BenchPoint points[] = {
    {"tls12-ecdhe-rsa",     V12, 0xc02f, GROUP_X25519,    false, false, RESUME_NONE,    0.92, "TLS 1.2 ECDHE-RSA X25519 GCM"},
    {"tls12-rsa-cbc",       V12, 0x002f, GROUP_NONE,      false, false, RESUME_NONE,    0.92, "TLS 1.2 RSA AES128-SHA"},
    {"tls12-mutual-rsa",    V12, 0xc02f, GROUP_X25519,    false, true,  RESUME_NONE,    0.92, "TLS 1.2 mutual RSA"},
    {"tls12-ecdhe-ecdsa",   V12, 0xc02b, GROUP_SECP256R1, true,  false, RESUME_NONE,    0.88, "TLS 1.2 ECDHE-ECDSA P-256"},
    {"tls13-rsa",           V13, 0x1301, GROUP_X25519,    false, false, RESUME_NONE,    0.92, "TLS 1.3 RSA X25519"},
    {"tls13-ecdsa-x25519",  V13, 0x1301, GROUP_X25519,    true,  false, RESUME_NONE,    0.88, "TLS 1.3 ECDSA P-256 X25519"},
    {"tls12-resume-id",     V12, 0xc02f, GROUP_X25519,    false, false, RESUME_ID,      0.85, "TLS 1.2 resumption by ID"},
    {"tls12-resume-ticket", V12, 0xc02f, GROUP_X25519,    false, false, RESUME_TICKET,  0.80, "TLS 1.2 resumption by ticket"},
    {"tls13-psk-dhe",       V13, 0x1301, GROUP_X25519,    false, false, RESUME_PSK_DHE, 0.93, "TLS 1.3 psk_dhe_ke, no new ticket"},
    {"tls13-psk-ke",        V13, 0x1301, GROUP_X25519,    false, false, RESUME_PSK,     0.75, "TLS 1.3 psk_ke"},
    {"tls10-rsa-cbc",       V10, 0x002f, GROUP_NONE,      false, false, RESUME_NONE,    0.92, "TLS 1.0 RSA AES128-SHA"},
    {"tls10-resume-id",     V10, 0x002f, GROUP_NONE,      false, false, RESUME_ID,      0.90, "TLS 1.0 resumption by ID"},
};
#undef V10
#undef V12
#undef V13
/* clang-format on */

static const char scenario[] =
    "scenario \"benchmark\"\n"
    "certificate rsa-root\n  subject \"CN=RSA root, O=Bench\"\n  issuer itself\n"
    "  usage authority\n  authority yes\n  key rsa-2048-1\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate rsa-server\n  subject \"CN=RSA server, O=Bench\"\n  issuer rsa-root\n"
    "  names \"" BENCH_HOST "\"\n  key rsa-2048-2\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate rsa-client\n  subject \"CN=RSA client, O=Bench\"\n  issuer rsa-root\n"
    "  usage client\n  key rsa-2048-3\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate ec-root\n  subject \"CN=EC root, O=Bench\"\n  issuer itself\n"
    "  usage authority\n  authority yes\n  key ec-p256-1\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate ec-server\n  subject \"CN=EC server, O=Bench\"\n  issuer ec-root\n"
    "  names \"" BENCH_HOST "\"\n  key ec-p256-2\n  valid 2000-01-01 to 2049-12-31\n";

const BenchPoint *bench_points(size_t *count)
{
    *count = G_N_ELEMENTS(points);
    return points;
}

const BenchPoint *bench_point(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(points); i++)
        if (strcmp(points[i].name, name) == 0)
            return &points[i];
    return NULL;
}

void bench_fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

double bench_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void bench_pipe_put(BenchPipe *pipe, const void *data, size_t size)
{
    if (size > sizeof pipe->bytes - pipe->end)
        bench_fail("pipe", "more is on its way than a handshake has");
    memcpy(pipe->bytes + pipe->end, data, size);
    pipe->end += size;
}

size_t bench_pipe_get(BenchPipe *pipe, void *data, size_t size)
{
    size = MIN(size, pipe->end - pipe->first);
    memcpy(data, pipe->bytes + pipe->first, size);
    pipe->first += size;
    if (pipe->first == pipe->end)
        pipe->first = pipe->end = 0;
    return size;
}

static void add_text(GByteArray *array, const char *text)
{
    g_byte_array_append(array, (const guint8 *)text, (guint)strlen(text));
}

/* RFC 7468: base64 in lines of 64, between two markers. */
static GByteArray *certificate_pem(Pki *pki, const char *name)
{
    enum { LINE = 64 };
    Fault fault = FAULT_INIT;
    const Certificate *certificate = pki_certificate(pki, name, &fault);
    if (certificate == NULL)
        bench_fail(name, fault.sentence);
    Bytes der = certificate_der(certificate);
    g_autofree char *text = g_base64_encode(der.data, der.size);
    GByteArray *pem = g_byte_array_new();
    add_text(pem, "-----BEGIN CERTIFICATE-----\n");
    for (const char *at = text; *at != '\0'; at += strnlen(at, LINE)) {
        g_byte_array_append(pem, (const guint8 *)at, (guint)strnlen(at, LINE));
        add_text(pem, "\n");
    }
    add_text(pem, "-----END CERTIFICATE-----\n");
    g_byte_array_append(pem, (const guint8 *)"", 1);
    return pem;
}

static GByteArray *key_pem(const Plan *plan, const char *name)
{
    const PlanKey *key = plan_key(plan, plan_certificate(plan, name)->key);
    GByteArray *pem = g_byte_array_new();
    bytes_append(pem, bytes_from_gbytes(key->pem));
    g_byte_array_append(pem, (const guint8 *)"", 1);
    return pem;
}

static BenchMaterial material;
static Scenario *declared;
static Pki *minted;

void bench_material_clear(void)
{
    BenchChain *chains[] = {&material.rsa, &material.ecdsa};
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        GByteArray *all[] = {chains[i]->root, chains[i]->server, chains[i]->server_key,
                             chains[i]->client, chains[i]->client_key};
        for (size_t j = 0; j < G_N_ELEMENTS(all); j++)
            g_clear_pointer(&all[j], g_byte_array_unref);
    }
    memset(&material, 0, sizeof material);
    g_clear_pointer(&minted, pki_free);
    g_clear_pointer(&declared, scenario_free);
}

const BenchMaterial *bench_material(void)
{
    g_autofree char *report = NULL;
    Fault fault = FAULT_INIT;
    if (material.pki != NULL)
        return &material;
    declared = scenario_parse("benchmark", "benchmark", scenario, sizeof scenario - 1, &report);
    if (declared == NULL)
        bench_fail("scenario", report);
    const Plan *plan = scenario_plan(declared, 0);
    minted = pki_new(plan, &fault);
    if (minted == NULL)
        bench_fail("certificates", fault.sentence);
    material = (BenchMaterial){
        .rsa = {certificate_pem(minted, "rsa-root"), certificate_pem(minted, "rsa-server"),
                key_pem(plan, "rsa-server"), certificate_pem(minted, "rsa-client"),
                key_pem(plan, "rsa-client")},
        .ecdsa = {certificate_pem(minted, "ec-root"), certificate_pem(minted, "ec-server"),
                  key_pem(plan, "ec-server"), NULL, NULL},
        .pki = minted,
        .clock = plan->clock,
    };
    return &material;
}
