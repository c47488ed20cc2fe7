/* The primitives of a handshake, each by libcrypto objects that are prepared beforehand: what no
 * stack on this library can do without. */
#pragma once

#include <openssl/evp.h>

#include "tests/benchmarks/bench.h"

typedef struct {
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign[2], *verify[2]; /* by the point's scheme; RSA also by PSS */
    EVP_PKEY_CTX *encrypt, *decrypt;   /* RSA */
    uint8_t signatures[2][512], cipher[512];
    size_t signature_sizes[2], cipher_size;
} FloorKey;

/* A keyed hash that is keyed anew, and one cipher context a direction and side. */
typedef struct {
    const BenchPoint *point;
    size_t leaf; /* bytes of the certificate that is verified */
    FloorKey own;
    EVP_PKEY_CTX *maker; /* of key shares */
    EVP_PKEY *shares[2]; /* the last ones made */
    EVP_MD *sha256, *sha1, *md5;
    EVP_MD_CTX *running[2], *ended;
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac_sha256, *mac_sha1, *mac_md5;
    EVP_CIPHER *gcm, *cbc;
    EVP_CIPHER_CTX *ciphers[4]; /* client's seal and open, server's seal and open */
    EVP_CIPHER_CTX *ticket;
    uint8_t ticket_sealed[256], ticket_tag[16];
} Floor;

Floor *floor_new(const BenchPoint *point, const BenchMaterial *material);
void floor_free(Floor *floor);

enum { FLOOR_CLIENT, FLOOR_SERVER };

void floor_draw(size_t size); /* random bytes */
void floor_hash(Floor *floor, size_t size);
/* Hashes parts one behind the other; a value is taken after each. */
void floor_transcript(Floor *floor, const size_t *parts, size_t count);
void floor_sign(Floor *floor, bool pss);
void floor_verify(Floor *floor, bool pss);
void floor_encrypt(Floor *floor);
void floor_decrypt(Floor *floor);
void floor_share(Floor *floor, int side);
void floor_agree(Floor *floor, int side);
/* PRF of TLS 1.0 to 1.2; `rekeys` when its secret is another than in the call before. */
void floor_prf(Floor *floor, size_t seed, size_t size, bool rekeys);
/* HMACs under one key over inputs of those sizes. */
void floor_hmacs(Floor *floor, const size_t *sizes, size_t count);
/* Keys of one direction, for the one who seals and the one who opens; and one record. */
void floor_keys(Floor *floor, int side);
void floor_record(Floor *floor, int side, size_t size);
void floor_open_ticket(Floor *floor);
