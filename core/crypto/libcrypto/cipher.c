/* Ciphers by EVP.
 *
 * One context a cipher, kept from record to record: a chained IV (RFC 2246 6.2.3.2) and a stream's
 * state (RFC 2246 6.2.3.1) are then what libcrypto keeps by itself. Padding is off: what padding a
 * record has is the record layer's to say. Which way a cipher runs is fixed by its first use, as
 * the keys of one direction serve either the one who seals or the one who opens.
 *
 * This file knows no record. ChaCha20: RFC 8439 2.4.
 */
#include "core/crypto/cipher.h"

#include <limits.h>
#include <string.h>

#include "core/crypto/libcrypto/cipher-context.h"

enum { KEY_MOST = 32, BLOCK_MOST = 16 };

struct Cipher {
    EVP_CIPHER *algorithm;
    EVP_CIPHER_CTX *context; /* NULL before the first use, which says its direction */
    uint8_t key[KEY_MOST], iv[BLOCK_MOST];
};

struct KeyStream {
    EVP_CIPHER_CTX *context;
};

Cipher *cipher_new(CipherKind kind, Bytes key, Bytes iv, Fault *fault)
{
    EVP_CIPHER *algorithm = library_cipher(kind);
    if (algorithm == NULL) {
        fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "libcrypto lacks cipher kind %d",
                  (int)kind);
        return NULL;
    }
    if (key.size != (size_t)EVP_CIPHER_get_key_length(algorithm) ||
        iv.size != (size_t)EVP_CIPHER_get_iv_length(algorithm)) {
        fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                  "a key of %zu and an IV of %zu bytes do not fit %s", key.size, iv.size,
                  EVP_CIPHER_get0_name(algorithm));
        return NULL;
    }
    Cipher *cipher = g_new0(Cipher, 1);
    cipher->algorithm = algorithm;
    memcpy(cipher->key, key.data, key.size);
    if (iv.size > 0)
        memcpy(cipher->iv, iv.data, iv.size);
    return cipher;
}

void cipher_free(Cipher *cipher)
{
    if (cipher == NULL)
        return;
    cipher_context_give(cipher->context);
    g_free(cipher);
}

static bool cipher_start(Cipher *cipher, CipherDirection direction)
{
    bool blank = false;
    EVP_CIPHER_CTX *context =
        cipher_context_take(cipher->algorithm, direction == CIPHER_ENCRYPT, &blank);
    cipher->context = context;
    return context != NULL && (!blank || EVP_CIPHER_CTX_set_padding(context, 0) == 1) &&
           EVP_CipherInit_ex2(context, NULL, cipher->key, cipher->iv, -1, NULL) == 1;
}

bool cipher_run(Cipher *cipher, CipherDirection direction, const uint8_t *input, uint8_t *output,
                size_t size)
{
    int written = 0;
    g_assert(size <= INT_MAX);
    if (cipher->context == NULL && !cipher_start(cipher, direction))
        return false;
    g_assert(EVP_CIPHER_CTX_is_encrypting(cipher->context) == (direction == CIPHER_ENCRYPT));
    if (size == 0)
        return true;
    return EVP_CipherUpdate(cipher->context, output, &written, input, (int)size) == 1 &&
           (size_t)written == size;
}

void cipher_set_iv(Cipher *cipher, const uint8_t *iv)
{
    memcpy(cipher->iv, iv, (size_t)EVP_CIPHER_get_iv_length(cipher->algorithm));
    if (cipher->context != NULL)
        g_assert(EVP_CipherInit_ex2(cipher->context, NULL, NULL, iv, -1, NULL) == 1);
}

KeyStream *key_stream_new(void)
{
    KeyStream *stream = g_new0(KeyStream, 1);
    stream->context = EVP_CIPHER_CTX_new();
    g_assert(EVP_EncryptInit_ex2(stream->context, library_key_stream(), NULL, NULL, NULL) == 1);
    return stream;
}

void key_stream_free(KeyStream *stream)
{
    if (stream == NULL)
        return;
    EVP_CIPHER_CTX_free(stream->context);
    g_free(stream);
}

void key_stream_fill(KeyStream *stream, const uint8_t key[KEY_STREAM_KEY_SIZE], uint8_t *output,
                     size_t size)
{
    static const uint8_t zero[16]; /* counter and nonce */
    int written = 0;
    g_assert(size <= INT_MAX);
    if (size == 0)
        return;
    memset(output, 0, size);
    g_assert(EVP_EncryptInit_ex2(stream->context, NULL, key, zero, NULL) == 1);
    g_assert(EVP_EncryptUpdate(stream->context, output, &written, output, (int)size) == 1);
}
