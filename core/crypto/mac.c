/* Keyed hashes of two passes: HMAC, and the MAC of SSL 3.0 that it grew from.
 *
 * Both hash (secret, first pad, data) and then (secret, second pad, that hash). They differ in how
 * the pad meets the secret: HMAC XORs it in, over a whole block; SSL 3.0 appends it, and with SHA-1
 * its 20 and 40 bytes do not fill a block. So one struct with two states holds either, and what
 * comes after the secret is the same code.
 *
 * This file knows no record. Obeys RFC 2104 2 and RFC 6101 5.2.3.1.
 */
#include "core/crypto/mac.h"

#include <string.h>

static void xor_secret(Hash *state, const uint8_t *secret, size_t block, uint8_t with)
{
    uint8_t pad[HASH_BLOCK_MOST];
    for (size_t i = 0; i < block; i++)
        pad[i] = secret[i] ^ with;
    hash_add(state, bytes_make(pad, block));
}

void mac_start_hmac(Mac *mac, HashKind hash, Bytes secret)
{
    uint8_t padded[HASH_BLOCK_MOST] = {0};
    size_t block = hash_block_size(hash);
    if (secret.size > block) { /* RFC 2104 2: a long key is hashed first */
        Hash shorter;
        hash_start(&shorter, hash);
        hash_add(&shorter, secret);
        hash_end(&shorter, padded);
    } else if (secret.size > 0) {
        memcpy(padded, secret.data, secret.size);
    }
    hash_start(&mac->inner, hash);
    hash_start(&mac->outer, hash);
    xor_secret(&mac->inner, padded, block, 0x36);
    xor_secret(&mac->outer, padded, block, 0x5c);
    mac->inner_prefix = mac->outer_prefix = block;
}

void mac_start_ssl3(Mac *mac, HashKind hash, Bytes secret)
{
    hash_start(&mac->inner, hash);
    hash_start(&mac->outer, hash);
    hash_add(&mac->inner, secret);
    hash_add(&mac->inner, ssl3_pad1(hash));
    hash_add(&mac->outer, secret);
    hash_add(&mac->outer, ssl3_pad2(hash));
    mac->inner_prefix = mac->outer_prefix = secret.size + ssl3_pad1(hash).size;
}

void mac_compute(const Mac *mac, const Bytes *parts, size_t count, uint8_t *output)
{
    uint8_t inner[HASH_SIZE_MOST];
    Hash state = mac->inner;
    for (size_t i = 0; i < count; i++)
        hash_add(&state, parts[i]);
    hash_end(&state, inner);
    state = mac->outer;
    hash_add(&state, bytes_make(inner, hash_size(state.kind)));
    hash_end(&state, output);
}

/* Blocks from the end of the prefix to the end of the padding: one byte 0x80 and the length. */
static uint64_t blocks_after(HashKind hash, size_t prefix, size_t size)
{
    size_t block = hash_block_size(hash);
    size_t padded = prefix + size + 1 + hash_length_size(hash);
    return (padded + block - 1) / block - prefix / block;
}

uint64_t mac_blocks(const Mac *mac, size_t size)
{
    HashKind hash = mac->inner.kind;
    return blocks_after(hash, mac->inner_prefix, size) +
           blocks_after(hash, mac->outer_prefix, hash_size(hash));
}

enum { PAD_MD5 = 48, PAD_SHA1 = 40 };

/* RFC 6101 5.2.3.1: 48 times for MD5, 40 times for SHA */
static size_t pad_size(HashKind hash)
{
    g_assert(hash == HASH_MD5 || hash == HASH_SHA1); /* SSL 3.0 has no other */
    return hash == HASH_MD5 ? PAD_MD5 : PAD_SHA1;
}

#define TIMES_8(x) x, x, x, x, x, x, x, x
#define TIMES_48(x) TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x)

Bytes ssl3_pad1(HashKind hash)
{
    static const uint8_t pad[PAD_MD5] = {TIMES_48(0x36)};
    return bytes_make(pad, pad_size(hash));
}

Bytes ssl3_pad2(HashKind hash)
{
    static const uint8_t pad[PAD_MD5] = {TIMES_48(0x5c)};
    return bytes_make(pad, pad_size(hash));
}
