/* Hash: one running hash, held by value, so that a copy of it is a copy of its state and no record
 * or PRF output allocates. RFC 1321, FIPS 180-4. */
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/suite.h"

enum { HASH_STATE_SIZE = 216 }; /* the largest state of libcrypto: that of SHA-512 */

typedef struct {
    HashKind kind;
    _Alignas(16) uint8_t state[HASH_STATE_SIZE];
} Hash;

void hash_start(Hash *hash, HashKind kind);
void hash_add(Hash *hash, Bytes bytes);
/* Writes hash_size() bytes; the hash must be started again afterwards. */
void hash_end(Hash *hash, uint8_t *output);

/* Bytes of one compression function call, and of the length that ends the padding. */
size_t hash_block_size(HashKind kind);
size_t hash_length_size(HashKind kind);
