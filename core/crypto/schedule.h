/* Key schedules of SSL 3.0 to TLS 1.2: from the premaster secret to the keys of both directions,
 * and what Finished and CertificateVerify cover. Sources: RFC 6101 6.1, 6.2.2, 5.6.8, 5.6.9; RFC
 * 2246 5, 6.3, 7.4.8, 7.4.9, 8.1; RFC 5246 5, 6.3, 7.4.9, 8.1; RFC 7627 4; RFC 4279 2; RFC 5705 4.
 */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/mac.h"
#include "core/crypto/suite.h"
#include "core/crypto/transcript.h"
#include "core/crypto/version.h"
#include "core/wire/message.h"

enum { PREMASTER_SIZE = 48, KEY_BLOCK_MOST = 256, FINISHED_MOST = 36 };

/* A secret that stands ready for PRF outputs: its HMACs are keyed once, however many are asked for.
 * `secret` stays a view. */
typedef struct {
    PrfKind kind;
    Bytes secret;
    Mac macs[2]; /* PRF_MD5_SHA1: of the two halves; PRF_SUITE: the first alone */
} Prf;

/* `hash` is used by PRF_SUITE alone. */
void prf_start(Prf *prf, PrfKind kind, HashKind hash, Bytes secret);

/* PRF (secret, label, seed). PRF_SSL3 takes no label: its seed is the two randoms (RFC 6101 6.1).
 */
void prf_output(const Prf *prf, const char *label, Bytes seed, uint8_t *output, size_t size);

/* Both at once. */
void prf(PrfKind kind, HashKind hash, Bytes secret, const char *label, Bytes seed, uint8_t *output,
         size_t size);

/* "master secret" over client_random + server_random; 48 bytes. */
void schedule_master_secret(const Version *version, const Suite *suite, Bytes premaster,
                            Bytes client_random, Bytes server_random,
                            uint8_t master[MASTER_SECRET_SIZE]);

/* "extended master secret" over the session hash: the value of the transcript up to
 * ClientKeyExchange (RFC 7627 3 and 4). */
void schedule_extended_master_secret(const Version *version, const Suite *suite, Bytes premaster,
                                     Bytes session_hash, uint8_t master[MASTER_SECRET_SIZE]);

/* Appends the premaster secret of plain PSK: zeros as long as the key, and the key, each with its
 * length (RFC 4279 2). */
enum { PSK_MOST = 65535 }; /* bytes: its length has two */
void schedule_psk_premaster(Bytes psk, GByteArray *output);

/* Keying material for others, TLS 1.0 to 1.2 (RFC 5705 4). `context` NULL is no context, which is
 * not the same as one of no bytes. `size` is KEY_BLOCK_MOST at most. */
void schedule_exporter(const Version *version, const Suite *suite, Bytes master, const char *label,
                       Bytes client_random, Bytes server_random, const Bytes *context,
                       uint8_t *output, size_t size);

/* The key block and its named parts, views into `block` (and for export suites into `final`). */
typedef struct {
    uint8_t block[KEY_BLOCK_MOST];
    size_t block_size;
    Bytes client_mac_secret, server_mac_secret; /* no bytes for AEAD */
    Bytes client_key, server_key; /* as cut from the block: 5 bytes for export suites */
    Bytes client_iv, server_iv;   /* CBC: none from TLS 1.1 on; AEAD: 4 or 12 bytes */
    uint8_t final[96]; /* export: final keys and IVs (RFC 2246 6.3.1, RFC 6101 6.2.2.1) */
    Bytes client_final_key, server_final_key; /* what the cipher takes */
} KeyBlock;

/* The master secret, ready for what is made of it. `master` stays a view. */
void schedule_start(const Version *version, const Suite *suite, Bytes master, Prf *prf);

/* Cuts "key expansion" over server_random + client_random. `keys` must not move afterwards. */
void schedule_keys(const Version *version, const Suite *suite, const Prf *master,
                   Bytes client_random, Bytes server_random, KeyBlock *keys);

/* Finished.verify_data of `role` over all handshake messages so far; `output` takes
 * version->finished_size bytes. */
void schedule_finished(const Version *version, const Prf *master, Role role,
                       const TranscriptHash *handshake_messages, uint8_t output[FINISHED_MOST]);

/* What a client signs in CertificateVerify, hashed: SSL 3.0 to TLS 1.1 gives MD5 and SHA-1 side by
 * side (36 bytes), TLS 1.2 the hash that the algorithm names. Returns its size. */
size_t schedule_certificate_verify(const Version *version, HashKind hash, Bytes master,
                                   Bytes handshake_messages, uint8_t output[HASH_SIZE_MOST]);
