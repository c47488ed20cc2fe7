/* The floor: which primitives a handshake of each point cannot do without, on both sides together.
 *
 * Two randoms; for a full handshake the root's signature on the certificate, the key exchange, and
 * what proves the server's key; the transcript hash at each point where its value is needed; the
 * PRF's outputs or TLS 1.3's secrets; the keys of both directions and the records that travel under
 * them in the handshake. Sizes are those of this laboratory's messages.
 *
 * This file calls nothing but floor.c. RFC 5246 5, 6.3, 7.4.9; RFC 7627 4; RFC 8446 7.1, 4.4.
 */
#include "tests/benchmarks/floor.h"

enum {
    HELLOS_12 = 180, /* ClientHello and ServerHello of TLS 1.2 */
    HELLOS_13 = 313,
    HELLOS_RESUMED = 219,
    TICKET = 160,
    FINISHED_12 = 16, /* with its header, as the others */
    FINISHED_13 = 36,
    RSA_SIGNATURE = 264,
    EC_SIGNATURE = 80,
};

static size_t signature_of(const Floor *floor)
{
    return floor->point->ecdsa ? EC_SIGNATURE : RSA_SIGNATURE;
}

/* The root's signature on a leaf: the bytes that it covers are hashed, and it is verified. */
static void verify_chain(Floor *floor)
{
    enum { AROUND = 270 }; /* the signature and what stands around it */
    floor_hash(floor, floor->leaf - MIN(floor->leaf, AROUND));
    floor_verify(floor, false);
}

static void agree(Floor *floor)
{
    for (int side = 0; side < 2; side++)
        floor_share(floor, side);
    for (int side = 0; side < 2; side++)
        floor_agree(floor, side);
}

static void authenticate(Floor *floor)
{
    enum { SIGNED_12 = 101, SIGNED_13 = 130 }; /* randoms and parameters; RFC 8446 4.4.3 */
    const BenchPoint *point = floor->point;
    bool tls13 = point->version == VERSION_TLS_1_3;
    bool pss = tls13 && !point->ecdsa; /* RFC 8446 4.2.3 */
    size_t covered = tls13 ? SIGNED_13 : SIGNED_12;
    verify_chain(floor);
    if (point->mutual)
        verify_chain(floor);
    if (point->group == GROUP_NONE) {
        floor_draw(46);
        floor_encrypt(floor);
        floor_decrypt(floor);
    } else {
        agree(floor);
        floor_hash(floor, covered);
        floor_sign(floor, pss);
        floor_hash(floor, covered);
        floor_verify(floor, pss);
    }
    if (point->mutual) { /* CertificateVerify over the transcript's hash */
        floor_sign(floor, pss);
        floor_verify(floor, pss);
    }
}

/* One side's hash of the messages, with a value wherever one is needed. */
static void transcript_12(Floor *floor)
{
    const BenchPoint *point = floor->point;
    size_t ticket = point->resume == RESUME_TICKET ? TICKET : 0;
    size_t certificate = floor->leaf + 14, exchange = 4 + 36;
    if (point->group == GROUP_NONE)
        exchange = 4 + 262;
    else
        exchange += signature_of(floor) + 40;
    size_t messages = HELLOS_12 + certificate + exchange;
    if (point->resume != RESUME_NONE)
        floor_transcript(floor, (const size_t[]){HELLOS_RESUMED + ticket, FINISHED_12}, 2);
    else if (point->mutual)
        floor_transcript(
            floor, (const size_t[]){messages + 60 + certificate, RSA_SIGNATURE, FINISHED_12}, 3);
    else
        floor_transcript(floor, (const size_t[]){messages, FINISHED_12}, 2);
}

/* RFC 5246 8.1, 6.3, 7.4.9, RFC 7627 4: label and seed as one. */
static void schedule_12(Floor *floor)
{
    bool old = floor->point->version < VERSION_TLS_1_2;
    size_t hash = old ? 36 : 32;
    if (floor->point->resume == RESUME_NONE)
        floor_prf(floor, 22 + hash, 48, true);
    floor_prf(floor, 13 + 64, floor->point->group == GROUP_NONE ? 72 : 40, true);
    for (int finished = 0; finished < 2; finished++)
        floor_prf(floor, 15 + hash, 12, false);
}

static void transcript_13(Floor *floor)
{
    enum { PSK_HELLO = 400, PSK_SERVER_HELLO = 163, EXTENSIONS = 10 };
    if (floor->point->resume == RESUME_NONE)
        floor_transcript(
            floor, (const size_t[]){HELLOS_13, floor->leaf + 25, signature_of(floor), FINISHED_13},
            4);
    else
        floor_transcript(floor,
                         (const size_t[]){PSK_HELLO, PSK_SERVER_HELLO, EXTENSIONS, FINISHED_13}, 4);
}

/* RFC 8446 7.1. Each line is one key, and what is computed under it: inputs are HkdfLabels with a
 * hash as context ("c hs traffic": 54 bytes) or without ("key": 14). */
static void schedule_13(Floor *floor)
{
#define UNDER_ONE_KEY(...)                                                                         \
    floor_hmacs(floor, (const size_t[]){__VA_ARGS__},                                              \
                sizeof(size_t[]){__VA_ARGS__} / sizeof(size_t))
    if (floor->point->resume != RESUME_NONE) {
        UNDER_ONE_KEY(32);     /* Extract: early secret */
        UNDER_ONE_KEY(54, 49); /* res binder, derived */
        UNDER_ONE_KEY(19);     /* finished */
        UNDER_ONE_KEY(32);     /* the binder */
    }
    UNDER_ONE_KEY(32);         /* Extract: handshake secret */
    UNDER_ONE_KEY(54, 54, 49); /* c hs traffic, s hs traffic, derived */
    UNDER_ONE_KEY(32);         /* Extract: master secret */
    UNDER_ONE_KEY(54, 54);     /* c ap traffic, s ap traffic */
    for (int direction = 0; direction < 2; direction++) {
        UNDER_ONE_KEY(14, 13, 19); /* handshake key, iv, finished */
        UNDER_ONE_KEY(14, 13);     /* application key, iv */
        UNDER_ONE_KEY(32);         /* Finished */
    }
#undef UNDER_ONE_KEY
}

static void records(Floor *floor)
{
    bool tls13 = floor->point->version == VERSION_TLS_1_3;
    size_t flight = FINISHED_13 + 10;
    if (floor->point->resume == RESUME_NONE)
        flight += floor->leaf + 25 + signature_of(floor);
    for (int side = 0; side < 2; side++) {
        floor_keys(floor, side);
        floor_record(floor, side,
                     !tls13                 ? FINISHED_12
                     : side == FLOOR_SERVER ? flight
                                            : FINISHED_13 + 1);
    }
    for (int side = 0; tls13 && side < 2; side++)
        floor_keys(floor, side); /* of application data */
}

static void *pair_new(void *made)
{
    Floor *floor = made;
    const BenchPoint *point = floor->point;
    bool tls13 = point->version == VERSION_TLS_1_3;
    floor_draw(32);
    floor_draw(32);
    if (point->resume == RESUME_NONE)
        authenticate(floor);
    else if (point->resume == RESUME_PSK_DHE)
        agree(floor);
    if (point->resume >= RESUME_TICKET)
        floor_open_ticket(floor);
    for (int side = 0; side < 2; side++) {
        if (tls13) {
            transcript_13(floor);
            schedule_13(floor);
        } else {
            transcript_12(floor);
            schedule_12(floor);
        }
    }
    records(floor);
    return floor;
}

static const char *version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    return floor_new(point, material);
}

static void pair_free(void *stack, void *pair)
{
    (void)stack;
    (void)pair; /* there is none */
}

static bool fine(void *stack, void *pair)
{
    return stack == pair;
}

static void close_point(void *floor)
{
    floor_free(floor);
}

const BenchStack stack_floor = {"floor", version, open_point, pair_new,   pair_free,
                                fine,    fine,    NULL,       close_point};
