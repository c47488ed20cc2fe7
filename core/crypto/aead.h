/* Aead: an authenticating cipher under one key: GCM, CCM, ChaCha20-Poly1305. The nonce is the
 * caller's; RFC 5116. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/suite.h"

enum { AEAD_NONCE_SIZE = 12, AEAD_TAG_MOST = 16 };

typedef struct Aead Aead;

/* `key` is the whole key of the cipher. False blame: FAULT_OF_US when libcrypto has no such cipher
 * or the key is of another size. */
Aead *aead_new(CipherKind kind, Bytes key, Fault *fault);
void aead_free(Aead *aead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Aead, aead_free)

/* Writes plain.size bytes to `output` (which may be where `plain` is) and the cipher row's tag_size
 * to `tag`. A key either seals or opens: the first call fixes it. */
bool aead_seal(Aead *aead, const uint8_t nonce[AEAD_NONCE_SIZE], Bytes additional, Bytes plain,
               uint8_t *output, uint8_t *tag);

/* False when the tag does not match; what is in `output` then is worth nothing. */
bool aead_open(Aead *aead, const uint8_t nonce[AEAD_NONCE_SIZE], Bytes additional, Bytes sealed,
               const uint8_t *tag, uint8_t *output);
