/* What the files of the benchmark share: the points that are measured, the certificates that all
 * stacks are given, and what a stack must be able to do to take part. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/numbers.h"

typedef enum {
    RESUME_NONE,
    RESUME_ID,      /* TLS 1.2 and below: by session ID */
    RESUME_TICKET,  /* TLS 1.2: by ticket */
    RESUME_PSK_DHE, /* TLS 1.3: psk_dhe_ke */
    RESUME_PSK,     /* TLS 1.3: psk_ke */
} BenchResume;

/* One kind of handshake, certificates verified, no new ticket. */
typedef struct {
    const char *name;
    ProtocolVersion version;
    SuiteNumber suite;
    GroupNumber group; /* GROUP_NONE: RSA key exchange */
    bool ecdsa, mutual;
    BenchResume resume;
    double goal; /* part of the floor that Shakedown is to reach; 0: none is set */
    const char *about;
} BenchPoint;

/* One chain: a root signs a server's certificate, and a client's. PEM, each ended by a zero. */
typedef struct {
    GByteArray *root, *server, *server_key, *client, *client_key;
} BenchChain;

typedef struct {
    BenchChain rsa, ecdsa; /* RSA-2048; P-256, without a client's */
    const void *pki;       /* Pki: where Shakedown has them from */
    int64_t clock;
} BenchMaterial;

#define BENCH_HOST "www.bench.example"

/* A stack. `open` prepares a point, and gives NULL when the stack cannot do it. A pair is two sides
 * whose handshake is complete; NULL when it failed. */
typedef struct {
    const char *name;
    const char *(*version)(void);
    void *(*open)(const BenchPoint *point, const BenchMaterial *material);
    void *(*pair)(void *stack);
    void (*free)(void *stack, void *pair);
    bool (*keep)(void *stack, void *pair);         /* its session, for all pairs after it */
    bool (*check)(void *stack, void *pair);        /* it is what was asked for; one word each way */
    bool (*say)(void *pair, int from, Bytes data); /* data to the other side; NULL: not asked */
    void (*close)(void *stack);
} BenchStack;

extern const BenchStack stack_shakedown, stack_floor;
extern const BenchStack stack_openssl, stack_gnutls, stack_mbedtls, stack_wolfssl;

const BenchPoint *bench_points(size_t *count);
const BenchPoint *bench_point(const char *name);
const BenchStack *const *bench_stacks(size_t *count);

/* Made when first asked for. */
const BenchMaterial *bench_material(void);
void bench_material_clear(void);
static inline const BenchChain *bench_chain(const BenchPoint *point, const BenchMaterial *material)
{
    return point->ecdsa ? &material->ecdsa : &material->rsa;
}

/* Bytes on their way in one direction. */
typedef struct {
    uint8_t bytes[1 << 16];
    size_t first, end;
} BenchPipe;

void bench_pipe_put(BenchPipe *pipe, const void *data, size_t size);
size_t bench_pipe_get(BenchPipe *pipe, void *data, size_t size); /* 0: nothing is there */

/* CPU time of this process, in seconds. */
double bench_cpu(void);

/* The other measurements. */
int bench_records(double seconds);
int bench_growth(void);

_Noreturn void bench_fail(const char *what, const char *why);
