/* What RSA signs: the block around a hash value.
 *
 * There is one right block for a hash value (PKCS#1 v1.5), or one for a hash value and a salt
 * (PSS). So verifying is building that block and comparing all of it: no parser, and no laxness of
 * one (RFC 8017 8.2.2 allows both ways; Bleichenbacher's forgeries of 2006 lived on the other). For
 * PSS the salt is taken out of what was found, and the block is built again with it.
 *
 * This file knows no key and no big number. Obeys RFC 8017 9.1, 9.2, B.2.1; RFC 2246 4.7.
 */
#include "core/crypto/rsa-encoding.h"

#include <string.h>

#include "core/crypto/algorithm.h"
#include "core/crypto/der.h"
#include "core/crypto/digest.h"

enum {
    PKCS1_OVERHEAD = 11, /* 00 01, 8 bytes of FF, 00: RFC 8017 9.2 */
    PSS_TRAILER = 0xbc,
};

static size_t bytes_of(unsigned bits)
{
    return (bits + 7) / 8;
}

/* DigestInfo: RFC 8017 9.2, note 1. */
static GByteArray *digest_info(HashKind hash, Bytes hashed)
{
    GByteArray *info = g_byte_array_new();
    size_t opened = der_open(info, DER_SEQUENCE);
    algorithm_put_hash(info, hash);
    der_put(info, DER_OCTET_STRING, hashed);
    der_close(info, opened);
    return info;
}

bool rsa_can_encode(SignatureKind kind, HashKind hash, unsigned bits)
{
    static const uint8_t zeros[HASH_SIZE_MOST];
    Bytes hashed = bytes_make(zeros, hash_size(hash));
    if (kind == SIGNATURE_RSA_PSS) /* RFC 8017 9.1.1 step 3 */
        return bytes_of(bits - 1) >= 2 * hashed.size + 2;
    if (kind == SIGNATURE_RSA_MD5_SHA1)
        return bytes_of(bits) >= hash_size(HASH_MD5) + hash_size(HASH_SHA1) + PKCS1_OVERHEAD;
    g_autoptr(GByteArray) info = digest_info(hash, hashed);
    return bytes_of(bits) >= info->len + PKCS1_OVERHEAD;
}

bool rsa_encode_pkcs1(SignatureKind kind, HashKind hash, Bytes hashed, unsigned bits,
                      GByteArray *block)
{
    g_autoptr(GByteArray) info = digest_info(hash, hashed);
    Bytes tail = kind == SIGNATURE_RSA_PKCS1 ? bytes_from_array(info) : hashed;
    size_t size = bytes_of(bits);
    if (tail.size + PKCS1_OVERHEAD > size)
        return false;
    g_byte_array_set_size(block, (guint)size);
    memset(block->data, 0xff, size);
    block->data[0] = 0;
    block->data[1] = 1;
    block->data[size - tail.size - 1] = 0;
    memcpy(block->data + size - tail.size, tail.data, tail.size);
    return true;
}

/* XORs MGF1 of `seed` into `output`: RFC 8017 B.2.1. */
static void add_mask(HashKind hash, Bytes seed, uint8_t *output, size_t size)
{
    uint8_t value[HASH_SIZE_MOST];
    size_t step = hash_size(hash);
    for (size_t at = 0; at < size; at++) {
        size_t counter = at / step;
        const uint8_t counter_bytes[] = {0, 0, (uint8_t)(counter >> 8), (uint8_t)counter};
        const Bytes parts[] = {seed, BYTES_ARRAY(counter_bytes)};
        if (at % step == 0)
            digest(hash, parts, G_N_ELEMENTS(parts), value);
        output[at] ^= value[at % step];
    }
}

/* The bits of the leftmost byte that stay zero, so that the block is below the modulus. */
static uint8_t top_mask(unsigned bits)
{
    return (uint8_t)(0xff >> (8 * bytes_of(bits - 1) - (bits - 1)));
}

bool rsa_encode_pss(HashKind hash, Bytes hashed, Bytes salt, unsigned bits, GByteArray *block)
{
    static const uint8_t zeros[8];
    size_t size = bytes_of(bits - 1), step = hash_size(hash);
    if (hashed.size != step || size < step + salt.size + 2)
        return false;
    g_byte_array_set_size(block, (guint)bytes_of(bits));
    memset(block->data, 0, block->len); /* where 8 divides bits - 1, a zero byte comes first */
    uint8_t *encoded = block->data + block->len - size;
    size_t masked = size - step - 1;
    const Bytes parts[] = {BYTES_ARRAY(zeros), hashed, salt}; /* M': step 5 */
    digest(hash, parts, G_N_ELEMENTS(parts), encoded + masked);
    encoded[masked - salt.size - 1] = 1;
    if (salt.size > 0)
        memcpy(encoded + masked - salt.size, salt.data, salt.size);
    add_mask(hash, bytes_make(encoded + masked, step), encoded, masked);
    encoded[0] &= top_mask(bits);
    encoded[size - 1] = PSS_TRAILER;
    return true;
}

bool rsa_is_pss(HashKind hash, Bytes hashed, unsigned bits, Bytes block)
{
    size_t size = bytes_of(bits - 1), step = hash_size(hash);
    if (block.size != bytes_of(bits) || size < 2 * step + 2)
        return false;
    g_autoptr(GByteArray) right = g_byte_array_new();
    size_t masked = size - step - 1;
    g_autofree uint8_t *found = g_memdup2(block.data + block.size - size, size);
    add_mask(hash, bytes_make(found + masked, step), found, masked);
    /* RFC 8017 9.1.2, all of its steps at once */
    return rsa_encode_pss(hash, hashed, bytes_make(found + masked - step, step), bits, right) &&
           bytes_equal(bytes_from_array(right), block);
}
