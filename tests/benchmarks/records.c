/* Records of 16 kB: MB/s that are sealed by one side and opened by the other.
 *
 * Both sides of a connection in one thread, as a scenario has them, beside libssl and beside the
 * bare cipher and MAC. In turns, and the 90th percentile of the slices, as for handshakes. Suites
 * that libssl does not have any more are compared with the bare primitives alone.
 *
 * RFC 5246 6.2.3.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/benchmarks/bench.h"

enum { SIZE = 1 << 14, SLICES_MOST = 4000 };

typedef struct {
    const char *name;
    SuiteNumber suite;
    GroupNumber group;
    const char *cipher, *hash; /* libcrypto's names; no hash: an AEAD */
} RecordSuite;

static const RecordSuite suites[] = {
    {"AES-128-GCM", 0xc02f, GROUP_X25519, "AES-128-GCM", NULL},
    {"ChaCha20-Poly1305", 0xcca8, GROUP_X25519, "ChaCha20-Poly1305", NULL},
    {"AES-128-CBC-SHA", 0x002f, GROUP_NONE, "AES-128-CBC", "SHA1"},
    {"RC4-SHA", 0x0005, GROUP_NONE, "RC4", "SHA1"},
    {"3DES-EDE-CBC-SHA", 0x000a, GROUP_NONE, "DES-EDE3-CBC", "SHA1"},
};

typedef struct {
    EVP_CIPHER_CTX *seal, *open;
    EVP_MAC_CTX *mac;
    bool aead;
} Bare;

static uint8_t plain[SIZE + 64], sealed[SIZE + 64], key[64];

static void bare_start(Bare *bare, const RecordSuite *suite)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, suite->cipher, NULL);
    bare->seal = EVP_CIPHER_CTX_new();
    bare->open = EVP_CIPHER_CTX_new();
    bare->aead = suite->hash == NULL;
    if (EVP_EncryptInit_ex2(bare->seal, cipher, key, key, NULL) != 1 ||
        EVP_DecryptInit_ex2(bare->open, cipher, key, key, NULL) != 1)
        bench_fail(suite->name, "the cipher");
    EVP_CIPHER_CTX_set_padding(bare->seal, 0);
    EVP_CIPHER_CTX_set_padding(bare->open, 0);
    EVP_CIPHER_free(cipher);
    if (bare->aead)
        return;
    char hash[16];
    g_strlcpy(hash, suite->hash, sizeof hash);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_end(),
    };
    bare->mac = EVP_MAC_CTX_new(hmac);
    if (EVP_MAC_init(bare->mac, key, 20, parameters) != 1)
        bench_fail(suite->name, "the MAC");
    EVP_MAC_free(hmac);
}

static void bare_free(Bare *bare)
{
    EVP_CIPHER_CTX_free(bare->seal);
    EVP_CIPHER_CTX_free(bare->open);
    EVP_MAC_CTX_free(bare->mac);
}

static bool bare_mac(Bare *bare)
{
    uint8_t value[EVP_MAX_MD_SIZE];
    size_t size = 0;
    return EVP_MAC_init(bare->mac, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(bare->mac, plain, SIZE) == 1 &&
           EVP_MAC_final(bare->mac, value, &size, sizeof value) == 1;
}

static bool bare_record(Bare *bare)
{
    uint8_t tag[16];
    int got = 0;
    if (!bare->aead)
        return bare_mac(bare) &&
               EVP_EncryptUpdate(bare->seal, sealed, &got, plain, SIZE + 24) == 1 &&
               EVP_DecryptUpdate(bare->open, sealed, &got, sealed, SIZE + 24) == 1 &&
               bare_mac(bare);
    return EVP_EncryptInit_ex2(bare->seal, NULL, NULL, key, NULL) == 1 &&
           EVP_EncryptUpdate(bare->seal, sealed, &got, plain, SIZE) == 1 &&
           EVP_EncryptFinal_ex(bare->seal, sealed + SIZE, &got) == 1 &&
           EVP_CIPHER_CTX_ctrl(bare->seal, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1 &&
           EVP_DecryptInit_ex2(bare->open, NULL, NULL, key, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(bare->open, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
           EVP_DecryptUpdate(bare->open, sealed, &got, sealed, SIZE) == 1 &&
           EVP_DecryptFinal_ex(bare->open, sealed + SIZE, &got) == 1;
}

/* One who takes part. */
typedef struct {
    const BenchStack *stack; /* NULL: the bare primitives */
    void *state, *pair;
    Bare *bare;
    double slices[SLICES_MOST];
    size_t count;
} Lane;

static double lane_slice(Lane *lane)
{
    enum { RECORDS = 16 };
    double start = bench_cpu();
    for (int i = 0; i < RECORDS; i++)
        if (lane->bare != NULL ? !bare_record(lane->bare)
                               : !lane->stack->say(lane->pair, 0, bytes_make(plain, SIZE)))
            bench_fail("records", "a record was not opened");
    double used = bench_cpu() - start;
    if (lane->count < SLICES_MOST)
        lane->slices[lane->count++] = RECORDS * (double)SIZE / 1e6 / used;
    return used;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double lane_figure(Lane *lane)
{
    if (lane->count == 0)
        return 0;
    qsort(lane->slices, lane->count, sizeof(double), by_value);
    return lane->slices[lane->count * 9 / 10];
}

/* A connection for it; none where the stack lacks the suite. */
static void lane_connect(Lane *lane, const BenchStack *stack, const BenchPoint *point)
{
    lane->stack = stack;
    lane->state = stack->open(point, bench_material());
    lane->pair = lane->state == NULL ? NULL : stack->pair(lane->state);
}

static void measure(const RecordSuite *suite, double seconds)
{
    enum { SHAKEDOWN, LIBSSL, BARE, LANES };
    const BenchPoint point = {suite->name, VERSION_TLS_1_2, suite->suite, suite->group,
                              false,       false,           RESUME_NONE,  0,
                              suite->name};
    Lane *lanes = g_new0(Lane, LANES);
    Bare bare = {0};
    double used = 0;
    lane_connect(&lanes[SHAKEDOWN], &stack_shakedown, &point);
#ifdef HAVE_LIBSSL
    lane_connect(&lanes[LIBSSL], &stack_openssl, &point);
#endif
    bare_start(&bare, suite);
    lanes[BARE].bare = &bare;
    while (used < seconds * LANES)
        for (int i = 0; i < LANES; i++)
            if (lanes[i].bare != NULL || lanes[i].pair != NULL)
                used += lane_slice(&lanes[i]);
    double figures[LANES];
    for (int i = 0; i < LANES; i++)
        figures[i] = lane_figure(&lanes[i]);
    printf("%-20s %8.0f MB/s", suite->name, figures[SHAKEDOWN]);
    if (figures[LIBSSL] > 0)
        printf("   libssl %8.0f MB/s, %.2f of it", figures[LIBSSL],
               figures[SHAKEDOWN] / figures[LIBSSL]);
    else
        printf("   libssl does not have it any more   ");
    printf("   bare %8.0f MB/s, %.2f of it\n", figures[BARE], figures[SHAKEDOWN] / figures[BARE]);
    for (int i = 0; i < LANES; i++) {
        if (lanes[i].pair != NULL)
            lanes[i].stack->free(lanes[i].state, lanes[i].pair);
        if (lanes[i].state != NULL)
            lanes[i].stack->close(lanes[i].state);
    }
    bare_free(&bare);
    g_free(lanes);
}

int bench_records(double seconds)
{
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy"); /* RC4 */
    OSSL_PROVIDER *usual = OSSL_PROVIDER_load(NULL, "default");
    printf("records of 16 kB, sealed and opened\n");
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++)
        measure(&suites[i], seconds);
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(usual);
    return 0;
}
