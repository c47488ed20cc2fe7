/* Key schedules: from the premaster secret to the keys of both directions, and what Finished and
 * CertificateVerify cover.
 *
 * Three families stand side by side, chosen by the version's row: SSL 3.0's MD5 of SHA-1, the PRF
 * of TLS 1.0 and 1.1 that XORs two hashes over two halves of the secret, and TLS 1.2's with one
 * hash of the suite's. Export suites make their keys final by a second derivation from public
 * values.
 *
 * This file knows neither messages nor order: what was said so far is bytes to it. Obeys RFC 6101
 * 6.1, 6.2.2, 5.6.8, 5.6.9; RFC 2246 5, 6.3, 7.4.8, 7.4.9, 8.1; RFC 5246 5, 6.3, 7.4.9, 8.1; RFC
 * 7627 3 and 4; RFC 4279 2; RFC 5705 4. SSL 2.0 (ssl2.c) and TLS 1.3 (hkdf.c) have their own.
 */
#include "core/crypto/schedule.h"

#include <string.h>

#include "core/base/buffer.h"
#include "core/crypto/digest.h"
#include "core/crypto/mac.h"

enum { MD5_SIZE = 16, SHA1_SIZE = 20, MD5_SHA1_SIZE = MD5_SIZE + SHA1_SIZE };

/* Two randoms one after the other. */
typedef struct {
    uint8_t bytes[2 * RANDOM_SIZE];
} Randoms;

static Bytes randoms_join(Randoms *randoms, Bytes first, Bytes second)
{
    g_assert(first.size == RANDOM_SIZE && second.size == RANDOM_SIZE);
    memcpy(randoms->bytes, first.data, RANDOM_SIZE);
    memcpy(randoms->bytes + RANDOM_SIZE, second.data, RANDOM_SIZE);
    return BYTES_ARRAY(randoms->bytes);
}

static void ssl3_prf(Bytes secret, Bytes seed, uint8_t *output, size_t size);
static void md5_sha1_prf(const Prf *prf, Bytes label, Bytes seed, uint8_t *output, size_t size);
static void p_hash(const Mac *secret, Bytes label, Bytes seed, uint8_t *output, size_t size);

/* RFC 2246 5: the two halves of the secret share the middle byte when its size is odd. */
void prf_start(Prf *prf, PrfKind kind, HashKind hash, Bytes secret)
{
    size_t half = (secret.size + 1) / 2;
    prf->kind = kind;
    prf->secret = secret;
    switch (kind) {
    case PRF_SSL3: /* its hashes begin with letters, not with the secret */
        return;
    case PRF_MD5_SHA1:
        mac_start_hmac(&prf->macs[0], HASH_MD5, bytes_slice(secret, 0, half));
        mac_start_hmac(&prf->macs[1], HASH_SHA1, bytes_slice(secret, secret.size - half, half));
        return;
    case PRF_SUITE:
        mac_start_hmac(&prf->macs[0], hash, secret);
        return;
    case PRF_SSL2:
    case PRF_HKDF:
        break;
    }
    g_assert_not_reached(); /* ssl2.h and hkdf.h are theirs */
}

void prf_output(const Prf *prf, const char *label, Bytes seed, uint8_t *output, size_t size)
{
    if (prf->kind == PRF_SSL3)
        ssl3_prf(prf->secret, seed, output, size);
    else if (prf->kind == PRF_MD5_SHA1)
        md5_sha1_prf(prf, bytes_from_text(label), seed, output, size);
    else
        p_hash(&prf->macs[0], bytes_from_text(label), seed, output, size); /* RFC 5246 5 */
}

void prf(PrfKind kind, HashKind hash, Bytes secret, const char *label, Bytes seed, uint8_t *output,
         size_t size)
{
    Prf keyed;
    prf_start(&keyed, kind, hash, secret);
    prf_output(&keyed, label, seed, output, size);
}

void schedule_start(const Version *version, const Suite *suite, Bytes master, Prf *prf)
{
    prf_start(prf, version->prf, suite->prf, master);
}

void schedule_master_secret(const Version *version, const Suite *suite, Bytes premaster,
                            Bytes client_random, Bytes server_random,
                            uint8_t master[MASTER_SECRET_SIZE])
{
    Randoms randoms;
    Bytes seed = randoms_join(&randoms, client_random, server_random); /* RFC 5246 8.1 */
    prf(version->prf, suite->prf, premaster, "master secret", seed, master, MASTER_SECRET_SIZE);
}

void schedule_extended_master_secret(const Version *version, const Suite *suite, Bytes premaster,
                                     Bytes session_hash, uint8_t master[MASTER_SECRET_SIZE])
{
    prf(version->prf, suite->prf, premaster, "extended master secret", session_hash, master,
        MASTER_SECRET_SIZE); /* RFC 7627 4 */
}

void schedule_psk_premaster(Bytes psk, GByteArray *output)
{
    g_assert(psk.size <= PSK_MOST);
    const uint8_t length[] = {(uint8_t)(psk.size >> 8), (uint8_t)psk.size};
    bytes_append(output, BYTES_ARRAY(length)); /* RFC 4279 2 */
    guint zeros = output->len;
    g_byte_array_set_size(output, zeros + (guint)psk.size);
    memset(output->data + zeros, 0, psk.size);
    bytes_append(output, BYTES_ARRAY(length));
    bytes_append(output, psk);
}

void schedule_exporter(const Version *version, const Suite *suite, Bytes master, const char *label,
                       Bytes client_random, Bytes server_random, const Bytes *context,
                       uint8_t *output, size_t size)
{
    g_autoptr(GByteArray) seed = g_byte_array_new();
    bytes_append(seed, client_random);
    bytes_append(seed, server_random);
    if (context != NULL) { /* RFC 5705 4 */
        const uint8_t length[] = {(uint8_t)(context->size >> 8), (uint8_t)context->size};
        bytes_append(seed, BYTES_ARRAY(length));
        bytes_append(seed, *context);
    }
    prf(version->prf, suite->prf, master, label, bytes_from_array(seed), output, size);
}

static size_t iv_size_of(const Version *version, const Suite *suite)
{
    const CipherRow *cipher = cipher_row(suite->cipher);
    switch (cipher->mode) {
    case CIPHER_MODE_STREAM:
        return 0;
    case CIPHER_MODE_AEAD: /* RFC 5246 6.3: fixed_iv_length; RFC 5288 3, RFC 6655 3, RFC 7905 2 */
        return cipher->nonce == NONCE_EXPLICIT ? 4 : 12;
    case CIPHER_MODE_CBC:
        break;
    }
    /* RFC 2246 6.3: IVs are cut for block ciphers that are not for export; RFC 4346 6.3: no more.
     */
    return version->iv == IV_CHAINED && !suite->exportable ? suite->block_size : 0;
}

static Bytes cut(const KeyBlock *keys, size_t *at, size_t size)
{
    Bytes part = bytes_make(keys->block + *at, size);
    *at += size;
    return part;
}

static void final_keys(const Version *version, const Suite *suite, Bytes client_random,
                       Bytes server_random, KeyBlock *keys);

void schedule_keys(const Version *version, const Suite *suite, const Prf *master,
                   Bytes client_random, Bytes server_random, KeyBlock *keys)
{
    size_t iv_size = iv_size_of(version, suite);
    size_t mac_size = hash_size(suite->mac);
    size_t at = 0;
    Randoms randoms;
    Bytes seed = randoms_join(&randoms, server_random, client_random); /* RFC 5246 6.3 */
    memset(keys, 0, sizeof *keys);
    keys->block_size = 2 * (mac_size + suite->key_material + iv_size);
    g_assert(keys->block_size <= KEY_BLOCK_MOST);
    prf_output(master, "key expansion", seed, keys->block, keys->block_size);
    keys->client_mac_secret = cut(keys, &at, mac_size);
    keys->server_mac_secret = cut(keys, &at, mac_size);
    keys->client_key = cut(keys, &at, suite->key_material);
    keys->server_key = cut(keys, &at, suite->key_material);
    keys->client_iv = cut(keys, &at, iv_size);
    keys->server_iv = cut(keys, &at, iv_size);
    keys->client_final_key = keys->client_key;
    keys->server_final_key = keys->server_key;
    if (suite->exportable)
        final_keys(version, suite, client_random, server_random, keys);
}

/* The parts of KeyBlock.final, in its order. */
typedef struct {
    uint8_t *client_key, *server_key, *ivs;
} FinalParts;

/* RFC 6101 6.2.2.1 */
static void ssl3_final_keys(const Suite *suite, Bytes client_random, Bytes server_random,
                            const KeyBlock *keys, FinalParts parts)
{
    uint8_t hash[MD5_SIZE];
    digest(HASH_MD5, (Bytes[]){keys->client_key, client_random, server_random}, 3, hash);
    memcpy(parts.client_key, hash, suite->key_size);
    digest(HASH_MD5, (Bytes[]){keys->server_key, server_random, client_random}, 3, hash);
    memcpy(parts.server_key, hash, suite->key_size);
    digest(HASH_MD5, (Bytes[]){client_random, server_random}, 2, hash);
    memcpy(parts.ivs, hash, suite->block_size);
    digest(HASH_MD5, (Bytes[]){server_random, client_random}, 2, hash);
    memcpy(parts.ivs + suite->block_size, hash, suite->block_size);
}

/* RFC 2246 6.3.1 */
static void tls_final_keys(const Version *version, const Suite *suite, Bytes client_random,
                           Bytes server_random, const KeyBlock *keys, FinalParts parts)
{
    Randoms randoms;
    Bytes seed = randoms_join(&randoms, client_random, server_random);
    prf(version->prf, suite->prf, keys->client_key, "client write key", seed, parts.client_key,
        suite->key_size);
    prf(version->prf, suite->prf, keys->server_key, "server write key", seed, parts.server_key,
        suite->key_size);
    prf(version->prf, suite->prf, BYTES_NONE, "IV block", seed, parts.ivs, 2 * suite->block_size);
}

static void final_keys(const Version *version, const Suite *suite, Bytes client_random,
                       Bytes server_random, KeyBlock *keys)
{
    size_t key_size = suite->key_size, block_size = suite->block_size;
    FinalParts parts = {keys->final, keys->final + key_size, keys->final + 2 * key_size};
    g_assert(key_size <= MD5_SIZE && block_size <= MD5_SIZE);
    if (version->prf == PRF_SSL3)
        ssl3_final_keys(suite, client_random, server_random, keys, parts);
    else
        tls_final_keys(version, suite, client_random, server_random, keys, parts);
    keys->client_final_key = bytes_make(parts.client_key, key_size);
    keys->server_final_key = bytes_make(parts.server_key, key_size);
    keys->client_iv = bytes_make(parts.ivs, block_size);
    keys->server_iv = bytes_make(parts.ivs + block_size, block_size);
}

/* hash(master + pad_2 + hash(messages + sender + master + pad_1)), both hashes side by side: RFC
 * 6101 5.6.9 with a sender, 5.6.8 without. */
static void ssl3_verify(Bytes master, Bytes sender, const TranscriptHash *messages,
                        uint8_t output[MD5_SHA1_SIZE])
{
    for (size_t i = 0; i < messages->count; i++) {
        Hash said = messages->hashes[i];
        HashKind hash = said.kind;
        uint8_t inner[HASH_SIZE_MOST];
        hash_add(&said, sender);
        hash_add(&said, master);
        hash_add(&said, ssl3_pad1(hash));
        hash_end(&said, inner);
        digest(hash, (Bytes[]){master, ssl3_pad2(hash), bytes_make(inner, hash_size(hash))}, 3,
               output);
        output += hash_size(hash);
    }
}

static void md5_sha1(Bytes messages, uint8_t output[MD5_SHA1_SIZE])
{
    digest(HASH_MD5, &messages, 1, output);
    digest(HASH_SHA1, &messages, 1, output + MD5_SIZE);
}

void schedule_finished(const Version *version, const Prf *master, Role role,
                       const TranscriptHash *handshake_messages, uint8_t output[FINISHED_MOST])
{
    static const char *const labels[] = {
        [ROLE_CLIENT] = "client finished",
        [ROLE_SERVER] = "server finished",
    };
    static const char *const senders[] = {[ROLE_CLIENT] = "CLNT", [ROLE_SERVER] = "SRVR"};
    uint8_t hashed[HASH_SIZE_MOST];
    if (version->prf == PRF_SSL3) {
        ssl3_verify(master->secret, bytes_from_text(senders[role]), handshake_messages, output);
        return;
    }
    size_t size = transcript_hash_value(handshake_messages, hashed); /* RFC 2246 7.4.9 */
    prf_output(master, labels[role], bytes_make(hashed, size), output, version->finished_size);
}

size_t schedule_certificate_verify(const Version *version, HashKind hash, Bytes master,
                                   Bytes handshake_messages, uint8_t output[HASH_SIZE_MOST])
{
    TranscriptHash said = {0};
    switch (version->verify) {
    case VERIFY_SSL3:
        transcript_hash_update(&said, version, NULL, handshake_messages);
        ssl3_verify(master, BYTES_NONE, &said, output); /* RFC 6101 5.6.8 */
        return MD5_SHA1_SIZE;
    case VERIFY_MD5_SHA1:
        md5_sha1(handshake_messages, output); /* RFC 2246 7.4.8 */
        return MD5_SHA1_SIZE;
    case VERIFY_SCHEME:
        digest(hash, &handshake_messages, 1, output); /* RFC 5246 7.4.8 */
        break;
    case VERIFY_SSL2:
        g_assert_not_reached(); /* it has no CertificateVerify */
    }
    return hash_size(hash);
}

/* RFC 6101 6.1: MD5(secret + SHA('A' + secret + randoms)), then 'BB', 'CCC' … */
static void ssl3_prf(Bytes secret, Bytes seed, uint8_t *output, size_t size)
{
    uint8_t letters[26], inner[SHA1_SIZE], block[MD5_SIZE];
    g_assert(size <= sizeof letters * MD5_SIZE);
    for (size_t round = 0; size > 0; round++) {
        memset(letters, (int)('A' + round), round + 1);
        digest(HASH_SHA1, (Bytes[]){bytes_make(letters, round + 1), secret, seed}, 3, inner);
        digest(HASH_MD5, (Bytes[]){secret, BYTES_ARRAY(inner)}, 2, block);
        size_t part = MIN(size, sizeof block);
        memcpy(output, block, part);
        output += part;
        size -= part;
    }
}

/* RFC 2246 5 */
static void md5_sha1_prf(const Prf *prf, Bytes label, Bytes seed, uint8_t *output, size_t size)
{
    uint8_t other[KEY_BLOCK_MOST];
    g_assert(size <= sizeof other);
    p_hash(&prf->macs[0], label, seed, output, size);
    p_hash(&prf->macs[1], label, seed, other, size);
    for (size_t i = 0; i < size; i++)
        output[i] ^= other[i];
}

/* RFC 5246 5: HMAC(secret, A(i) + seed) for A(0) = seed, A(i) = HMAC(secret, A(i-1)). */
static void p_hash(const Mac *secret, Bytes label, Bytes seed, uint8_t *output, size_t size)
{
    uint8_t block[HASH_SIZE_MOST];
    size_t a_size = hash_size(secret->inner.kind);
    BUFFER_SCOPED said = buffer_take(); /* A(i) + seed, in one piece: fewer calls of the hash */
    g_byte_array_set_size(said, (guint)a_size);
    bytes_append(said, label);
    bytes_append(said, seed);
    Bytes all = bytes_from_array(said), a = bytes_slice(all, 0, a_size);
    mac_compute(secret, (Bytes[]){bytes_slice(all, a_size, all.size)}, 1, said->data);
    while (size > 0) {
        size_t part = MIN(size, a_size);
        mac_compute(secret, &all, 1, block);
        memcpy(output, block, part);
        output += part;
        size -= part;
        if (size > 0)
            mac_compute(secret, &a, 1, said->data);
    }
}
