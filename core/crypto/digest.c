/* Hash and HMAC of a list of parts, one call each.
 *
 * For whoever needs a value once; whoever needs many under one secret keeps a Mac (mac.h). This
 * file also holds what is known of each hash as data.
 *
 * Obeys RFC 2104. It refuses to know what is hashed.
 */
#include "core/crypto/digest.h"

#include "core/crypto/mac.h"

static const struct {
    const char *name;
    uint8_t size, block, length; /* in bytes: output, compression function's input, length field */
} hashes[HASH_KINDS + 1] = {
    [HASH_MD5] = {"MD5", 16, 64, 8},          [HASH_SHA1] = {"SHA-1", 20, 64, 8},
    [HASH_SHA224] = {"SHA-224", 28, 64, 8},   [HASH_SHA256] = {"SHA-256", 32, 64, 8},
    [HASH_SHA384] = {"SHA-384", 48, 128, 16}, [HASH_SHA512] = {"SHA-512", 64, 128, 16},
    [HASH_NONE] = {"none", 0, 0, 0},
};

void digest(HashKind hash, const Bytes *parts, size_t count, uint8_t *output)
{
    Hash state;
    hash_start(&state, hash);
    for (size_t i = 0; i < count; i++)
        hash_add(&state, parts[i]);
    hash_end(&state, output);
}

void hmac(HashKind hash, Bytes key, const Bytes *parts, size_t count, uint8_t *output)
{
    Mac mac;
    mac_start_hmac(&mac, hash, key);
    mac_compute(&mac, parts, count, output);
}

size_t hash_size(HashKind hash)
{
    return hashes[hash].size;
}

const char *hash_name(HashKind hash)
{
    return hashes[hash].name;
}

size_t hash_block_size(HashKind kind)
{
    return hashes[kind].block;
}

size_t hash_length_size(HashKind kind)
{
    return hashes[kind].length;
}
