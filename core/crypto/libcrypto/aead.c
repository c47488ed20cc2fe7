/* Authenticating ciphers by EVP.
 *
 * One context a key, kept from record to record; only the nonce is set anew. CCM differs from the
 * others in three ways, as EVP_EncryptInit(3) tells: lengths of nonce and tag are set ahead of the
 * key, the length of the whole input ahead of the additional data, and the tag to be verified ahead
 * of the input; decryption then says at once whether it matched. For the others the tag is asked
 * for, or compared, at the end.
 *
 * This file knows no record and makes no nonce. GCM: NIST SP 800-38D; CCM: NIST SP 800-38C;
 * ChaCha20-Poly1305: RFC 8439 2.8.
 */
#include "core/crypto/aead.h"

#include <limits.h>
#include <string.h>

#include "core/crypto/libcrypto/cipher-context.h"

enum { KEY_MOST = 32 };

struct Aead {
    EVP_CIPHER *algorithm;
    EVP_CIPHER_CTX *context; /* NULL before the first record, which says its direction */
    bool ccm;
    int tag_size;
    uint8_t key[KEY_MOST];
};

Aead *aead_new(CipherKind kind, Bytes key, Fault *fault)
{
    EVP_CIPHER *algorithm = library_cipher(kind);
    if (algorithm == NULL) {
        fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "libcrypto lacks %s",
                  cipher_row(kind)->name);
        return NULL;
    }
    if (key.size != (size_t)EVP_CIPHER_get_key_length(algorithm)) {
        fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "a key of %zu bytes is not %s's",
                  key.size, cipher_row(kind)->name);
        return NULL;
    }
    Aead *aead = g_new0(Aead, 1);
    aead->algorithm = algorithm;
    aead->ccm = EVP_CIPHER_get_mode(algorithm) == EVP_CIPH_CCM_MODE;
    aead->tag_size = cipher_row(kind)->tag_size;
    memcpy(aead->key, key.data, key.size);
    return aead;
}

void aead_free(Aead *aead)
{
    if (aead == NULL)
        return;
    cipher_context_give(aead->context);
    g_free(aead);
}

/* Direction, lengths and key, once; then the nonce. A call to libcrypto costs more than what it
 * does here, so key and nonce go in together. */
static bool start(Aead *aead, bool sealing, const uint8_t *nonce)
{
    bool blank = false;
    if (aead->context != NULL) {
        g_assert(EVP_CIPHER_CTX_is_encrypting(aead->context) == sealing);
        return EVP_CipherInit_ex2(aead->context, NULL, NULL, nonce, -1, NULL) == 1;
    }
    EVP_CIPHER_CTX *context = cipher_context_take(aead->algorithm, sealing, &blank);
    aead->context = context;
    return context != NULL &&
           (!blank ||
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, AEAD_NONCE_SIZE, NULL) == 1) &&
           (!aead->ccm ||
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, aead->tag_size, NULL) == 1) &&
           EVP_CipherInit_ex2(context, NULL, aead->key, nonce, -1, NULL) == 1;
}

/* Nonce, tag to expect, additional data: all that comes ahead of the input. */
static bool begin(Aead *aead, const uint8_t *nonce, const uint8_t *tag, Bytes additional,
                  size_t size)
{
    int written = 0;
    uint8_t expected[AEAD_TAG_MOST]; /* EVP takes no pointer to const */
    g_assert(size <= INT_MAX && additional.size <= INT_MAX);
    if (tag != NULL)
        memcpy(expected, tag, (size_t)aead->tag_size);
    return start(aead, tag == NULL, nonce) &&
           (tag == NULL || EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_SET_TAG, aead->tag_size,
                                               expected) == 1) &&
           (!aead->ccm || EVP_CipherUpdate(aead->context, NULL, &written, NULL, (int)size) == 1) &&
           (additional.size == 0 || EVP_CipherUpdate(aead->context, NULL, &written, additional.data,
                                                     (int)additional.size) == 1);
}

/* CCM needs its one update even for no bytes; libcrypto takes no NULL for them. */
static bool update(Aead *aead, Bytes input, uint8_t *output)
{
    static const uint8_t none[1];
    uint8_t nowhere[1];
    int written = 0;
    bool empty = input.size == 0;
    return EVP_CipherUpdate(aead->context, empty ? nowhere : output, &written,
                            empty ? none : input.data, (int)input.size) == 1 &&
           (size_t)written == input.size;
}

static bool finish(Aead *aead)
{
    uint8_t nothing[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    return aead->ccm || EVP_CipherFinal_ex(aead->context, nothing, &written) == 1;
}

bool aead_seal(Aead *aead, const uint8_t nonce[AEAD_NONCE_SIZE], Bytes additional, Bytes plain,
               uint8_t *output, uint8_t *tag)
{
    return begin(aead, nonce, NULL, additional, plain.size) && update(aead, plain, output) &&
           finish(aead) &&
           EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_GET_TAG, aead->tag_size, tag) == 1;
}

bool aead_open(Aead *aead, const uint8_t nonce[AEAD_NONCE_SIZE], Bytes additional, Bytes sealed,
               const uint8_t *tag, uint8_t *output)
{
    return begin(aead, nonce, tag, additional, sealed.size) && update(aead, sealed, output) &&
           finish(aead);
}
