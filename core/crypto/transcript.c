/* The running hash of a handshake's messages.
 *
 * Several rules need the hash of all messages up to some point: the extended master secret, both
 * Finished, CertificateVerify, each traffic secret. Hashing them anew each time costs more than all
 * else that a handshake hashes; a hash that runs along takes each byte once, and a copy of its
 * state is ended for a value.
 *
 * This file knows no message and no order. Obeys RFC 6101 5.6.9, RFC 2246 7.4.9, RFC 5246 7.4.9,
 * RFC 8446 4.4.1.
 */
#include "core/crypto/transcript.h"

static const HashKind old_hashes[] = {HASH_MD5, HASH_SHA1};

static void start(TranscriptHash *hash, const HashKind *kinds, size_t count)
{
    hash->count = count;
    hash->taken = 0;
    for (size_t i = 0; i < count; i++)
        hash_start(&hash->hashes[i], kinds[i]);
}

void transcript_hash_update(TranscriptHash *hash, const Version *version, const Suite *suite,
                            Bytes messages)
{
    bool old = version->prf == PRF_SSL3 || version->prf == PRF_MD5_SHA1;
    const HashKind *kinds = old ? old_hashes : &suite->prf;
    size_t count = old ? G_N_ELEMENTS(old_hashes) : 1;
    if (hash->count != count || hash->hashes[0].kind != kinds[0])
        start(hash, kinds, count);
    g_assert(hash->taken <= messages.size);
    for (size_t i = 0; i < count; i++)
        hash_add(&hash->hashes[i], bytes_slice(messages, hash->taken, messages.size));
    hash->taken = messages.size;
}

void transcript_hash_forget(TranscriptHash *hash)
{
    hash->count = 0;
}

size_t transcript_hash_value(const TranscriptHash *hash, uint8_t output[HASH_SIZE_MOST])
{
    size_t size = 0;
    for (size_t i = 0; i < hash->count; i++) {
        Hash ended = hash->hashes[i];
        hash_end(&ended, output + size);
        size += hash_size(ended.kind);
    }
    return size;
}
