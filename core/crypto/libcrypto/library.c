/* libcrypto, opened once.
 *
 * One private library context serves the whole program: no configuration file of the machine can
 * change what a run does, and its randomness is ours (entropy.c). What is fetched is fetched on
 * first use and kept: a fetch costs more than most operations, and fetching everything at the start
 * would cost a short run more than its handshake. Opening also checks that libcrypto repeats
 * itself, so that an upgrade of it cannot end determinism in silence.
 *
 * This file knows no handshake; it obeys OSSL_LIB_CTX(3) and EVP_CIPHER_fetch(3).
 */
#include "core/crypto/library.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include "core/crypto/key.h"
#include "core/crypto/libcrypto/context.h"

enum { KEY_STREAM = CIPHER_KINDS, FETCHED = CIPHER_KINDS + 1 };

static const char *const cipher_names[FETCHED] = {
    [CIPHER_RC4] = "RC4",
    [CIPHER_RC2_CBC] = "RC2-CBC", /* 16 bytes of key, all 128 bits effective: see suite.c */
    [CIPHER_DES_CBC] = "DES-CBC",
    [CIPHER_3DES_EDE_CBC] = "DES-EDE3-CBC",
    [CIPHER_AES_128_CBC] = "AES-128-CBC",
    [CIPHER_AES_256_CBC] = "AES-256-CBC",
    [CIPHER_CAMELLIA_128_CBC] = "CAMELLIA-128-CBC",
    [CIPHER_CAMELLIA_256_CBC] = "CAMELLIA-256-CBC",
    [CIPHER_SEED_CBC] = "SEED-CBC",
    [CIPHER_AES_128_GCM] = "AES-128-GCM",
    [CIPHER_AES_256_GCM] = "AES-256-GCM",
    [CIPHER_AES_128_CCM] = "AES-128-CCM",
    [CIPHER_AES_256_CCM] = "AES-256-CCM",
    [CIPHER_AES_128_CCM_8] = "AES-128-CCM",
    [CIPHER_AES_256_CCM_8] = "AES-256-CCM",
    [CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
    [CIPHER_ARIA_128_GCM] = "ARIA-128-GCM",
    [CIPHER_ARIA_256_GCM] = "ARIA-256-GCM",
    [KEY_STREAM] = "ChaCha20",
};

static bool repeats(void);

bool library_open(Fault *fault)
{
    static gsize checked; /* 0: not yet; 1: repeats; 2: does not */
    if (library_context() == NULL)
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "%s cannot be opened with its default and legacy providers",
                         library_version());
    if (g_once_init_enter(&checked))
        g_once_init_leave(&checked, repeats() ? 1 : 2);
    if (checked != 1)
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "%s does not draw its padding from this program's labelled randomness",
                         library_version());
    return true;
}

const char *library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

/* NULL when something is missing; the providers live as long as the context. */
static OSSL_LIB_CTX *open_context(void)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    if (context != NULL && OSSL_PROVIDER_load(context, "default") != NULL &&
        OSSL_PROVIDER_load(context, "legacy") != NULL && entropy_install(context))
        return context;
    OSSL_LIB_CTX_free(context);
    return NULL;
}

OSSL_LIB_CTX *library_context(void)
{
    static OSSL_LIB_CTX *context;
    static gsize opened;
    if (g_once_init_enter(&opened)) {
        context = open_context();
        g_once_init_leave(&opened, 1);
    }
    return context;
}

static EVP_CIPHER *fetched_cipher(size_t index)
{
    static EVP_CIPHER *fetched[FETCHED];
    static GMutex mutex;
    EVP_CIPHER *cipher = g_atomic_pointer_get(&fetched[index]);
    if (cipher != NULL || cipher_names[index] == NULL)
        return cipher;
    g_mutex_lock(&mutex);
    cipher = g_atomic_pointer_get(&fetched[index]);
    if (cipher == NULL) {
        cipher = EVP_CIPHER_fetch(library_context(), cipher_names[index], NULL);
        g_atomic_pointer_set(&fetched[index], cipher);
    }
    g_mutex_unlock(&mutex);
    return cipher;
}

EVP_CIPHER *library_cipher(CipherKind kind)
{
    return fetched_cipher(kind);
}

EVP_CIPHER *library_key_stream(void)
{
    return fetched_cipher(KEY_STREAM);
}

/* What is encrypted to `key` with the randomness of `seed`. */
static GByteArray *sample(const PublicKey *key, uint64_t seed)
{
    g_autoptr(Random) random = random_new(seed, "library");
    g_autoptr(GByteArray) output = g_byte_array_new();
    if (!public_key_encrypt(key, random, bytes_from_text("once more"), output, NULL))
        return NULL;
    return g_steal_pointer(&output);
}

/* The same label twice gives the same padding, another seed another. */
static bool repeats(void)
{
    /* Any odd number of 512 bits does: nothing is ever decrypted. */
    uint8_t modulus[64];
    for (size_t i = 0; i < sizeof modulus; i++)
        modulus[i] = (uint8_t)(0xc3 + 26 * i);
    static const uint8_t exponent[] = {1, 0, 1};
    g_autoptr(PublicKey) key =
        public_key_from_rsa(BYTES_ARRAY(modulus), BYTES_ARRAY(exponent), NULL);
    if (key == NULL)
        return false;
    g_autoptr(GByteArray) first = sample(key, 1);
    g_autoptr(GByteArray) second = sample(key, 1);
    g_autoptr(GByteArray) other = sample(key, 2);
    return first != NULL && second != NULL && other != NULL &&
           bytes_equal(bytes_from_array(first), bytes_from_array(second)) &&
           !bytes_equal(bytes_from_array(first), bytes_from_array(other));
}
