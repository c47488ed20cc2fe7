/* Ciphers: raw CBC without padding, stream, and a key stream for randomness. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/suite.h"

typedef enum {
    CIPHER_ENCRYPT,
    CIPHER_DECRYPT,
} CipherDirection;

typedef struct Cipher Cipher;

/* `key` is the whole key of the cipher, `iv` one block (none for streams). CIPHER_NULL has no
 * cipher. False blame: FAULT_OF_US when libcrypto has no such cipher. */
Cipher *cipher_new(CipherKind kind, Bytes key, Bytes iv, Fault *fault);
void cipher_free(Cipher *cipher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cipher, cipher_free)

/* `size` bytes, whole blocks for CBC; `input` and `output` may be the same. The chain goes on from
 * call to call. The first call fixes the direction. */
bool cipher_run(Cipher *cipher, CipherDirection direction, const uint8_t *input, uint8_t *output,
                size_t size);

/* Starts a new chain with this block. */
void cipher_set_iv(Cipher *cipher, const uint8_t *iv);

/* ChaCha20 (RFC 8439 2.4) with counter and nonce zero: a key is used for one stream only. */
typedef struct KeyStream KeyStream;

enum { KEY_STREAM_KEY_SIZE = 32 };

KeyStream *key_stream_new(void);
void key_stream_free(KeyStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyStream, key_stream_free)
void key_stream_fill(KeyStream *stream, const uint8_t key[KEY_STREAM_KEY_SIZE], uint8_t *output,
                     size_t size);
