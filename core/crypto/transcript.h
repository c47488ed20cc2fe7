/* The running hash of a handshake's messages: each is taken in once, and a value can be had at any
 * point on the way. MD5 and SHA-1 side by side before TLS 1.2 (RFC 2246 7.4.9, RFC 6101 5.6.9),
 * then the hash of the suite's PRF (RFC 5246 7.4.9, RFC 8446 4.4.1). Held by value. */
#pragma once

#include "core/crypto/hash.h"
#include "core/crypto/version.h"

typedef struct {
    size_t count; /* 0: nothing is taken in yet */
    size_t taken; /* bytes so far */
    Hash hashes[2];
} TranscriptHash;

/* `messages` are all so far: what is new is taken in. When version or suite want other hashes than
 * before, all is taken in anew; so it is after transcript_hash_forget(). */
void transcript_hash_update(TranscriptHash *hash, const Version *version, const Suite *suite,
                            Bytes messages);

/* The messages before are not what is hashed any more (RFC 8446 4.4.1). */
void transcript_hash_forget(TranscriptHash *hash);

/* The value so far; of two hashes side by side. Returns its size. */
size_t transcript_hash_value(const TranscriptHash *hash, uint8_t output[HASH_SIZE_MOST]);
