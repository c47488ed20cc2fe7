/* Mac: a keyed hash of two passes, its secret already taken in: HMAC (RFC 2104) and the MAC of SSL
 * 3.0 (RFC 6101 5.2.3.1). Held by value. */
#pragma once

#include "core/crypto/hash.h"

typedef struct {
    Hash inner, outer;                 /* after the secret and its pad */
    size_t inner_prefix, outer_prefix; /* bytes of secret and pad that each has taken in */
} Mac;

void mac_start_hmac(Mac *mac, HashKind hash, Bytes secret);
void mac_start_ssl3(Mac *mac, HashKind hash, Bytes secret);

/* MAC of the concatenation of `count` parts; `output` takes hash_size() bytes. */
void mac_compute(const Mac *mac, const Bytes *parts, size_t count, uint8_t *output);

/* Compression function calls that mac_compute() makes for `size` bytes. */
uint64_t mac_blocks(const Mac *mac, size_t size);

/* The pads of SSL 3.0: 48 bytes for MD5, 40 for SHA-1 (RFC 6101 5.2.3.1). */
Bytes ssl3_pad1(HashKind hash);
Bytes ssl3_pad2(HashKind hash);
