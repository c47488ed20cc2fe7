/* RSA keys by EVP.
 *
 * libcrypto does the arithmetic and the padding of encryption (whose randomness is drawn by label);
 * what is a matter of judgement is done here, in the open: a decrypted block is handed back whole
 * and judged byte by byte, a signature is verified by building the one block that is right and
 * comparing all of it, so that no laxness of a parser can creep in (RFC 8017 8.2.2 allows both
 * ways). libcrypto's own form of a key is made on its first use: most keys of a scenario's lists
 * are never used.
 *
 * This file knows no message. Obeys RFC 8017 7.2, 8.2, 9.2; RFC 5246 4.7 and 7.4.7.1.
 */
#include "core/crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "core/crypto/der.h"
#include "core/crypto/digest.h"
#include "core/crypto/key-file.h"
#include "core/crypto/libcrypto/context.h"

enum {
    MODULUS_LEAST = 46,  /* bytes: the least that can sign with SHA-1 (RFC 8017 9.2) */
    MODULUS_MOST = 2048, /* bytes: OPENSSL_RSA_MAX_MODULUS_BITS */
    EXPONENT_MOST = 8,   /* bytes: beyond it a public operation is a way to burn our time */
    BLOCK_OVERHEAD = 11, /* 00 type, 8 bytes of padding, 00: RFC 8017 7.2.1 */
};

struct PublicKey {
    gint references;
    GBytes *modulus, *exponent;
    EVP_PKEY *handle; /* made on first use, atomically */
};

struct PrivateKey {
    gint references;
    RsaNumbers numbers;
    EVP_PKEY *handle;
};

/* Names of libcrypto's parameters, in the order of RsaNumber. */
static const char *const parameter_names[RSA_NUMBERS] = {
    [RSA_MODULUS] = OSSL_PKEY_PARAM_RSA_N,
    [RSA_PUBLIC_EXPONENT] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_PRIVATE_EXPONENT] = OSSL_PKEY_PARAM_RSA_D,
    [RSA_PRIME_1] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_PRIME_2] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [RSA_EXPONENT_1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_EXPONENT_2] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
    [RSA_COEFFICIENT] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static EVP_PKEY *private_key_handle(const PrivateKey *key);

/* --- keys --- */

PrivateKey *private_key_from_pem(Bytes pem, Fault *fault)
{
    g_autoptr(PrivateKey) key = g_new0(PrivateKey, 1);
    key->references = 1;
    if (!rsa_numbers_read(pem, &key->numbers, fault))
        return NULL;
    g_autoptr(PublicKey) judged = public_key_from_rsa(
        key->numbers.numbers[RSA_MODULUS], key->numbers.numbers[RSA_PUBLIC_EXPONENT], fault);
    return judged == NULL ? NULL : g_steal_pointer(&key);
}

PrivateKey *private_key_ref(PrivateKey *key)
{
    g_atomic_int_inc(&key->references);
    return key;
}

void private_key_unref(PrivateKey *key)
{
    if (key == NULL || !g_atomic_int_dec_and_test(&key->references))
        return;
    EVP_PKEY_free(key->handle);
    rsa_numbers_clear(&key->numbers);
    g_free(key);
}

PublicKey *private_key_public(const PrivateKey *key)
{
    return public_key_from_rsa(key->numbers.numbers[RSA_MODULUS],
                               key->numbers.numbers[RSA_PUBLIC_EXPONENT], NULL);
}

static Bytes without_zeros(Bytes number)
{
    while (number.size > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.size);
    return number;
}

PublicKey *public_key_from_rsa(Bytes modulus, Bytes exponent, Fault *fault)
{
    modulus = without_zeros(modulus);
    exponent = without_zeros(exponent);
    bool fits = modulus.size >= MODULUS_LEAST && modulus.size <= MODULUS_MOST &&
                exponent.size >= 1 && exponent.size <= EXPONENT_MOST;
    /* RFC 8017 3.1: a product of odd primes is odd, and so is an exponent that has an inverse */
    if (!fits || modulus.data[modulus.size - 1] % 2 == 0 ||
        exponent.data[exponent.size - 1] % 2 == 0) {
        fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8017 3.1",
                   "a modulus of %zu bytes and an exponent of %zu bytes make no RSA key",
                   modulus.size, exponent.size);
        return NULL;
    }
    PublicKey *key = g_new0(PublicKey, 1);
    key->references = 1;
    key->modulus = bytes_copy(modulus);
    key->exponent = bytes_copy(exponent);
    return key;
}

PublicKey *public_key_ref(PublicKey *key)
{
    g_atomic_int_inc(&key->references);
    return key;
}

void public_key_unref(PublicKey *key)
{
    if (key == NULL || !g_atomic_int_dec_and_test(&key->references))
        return;
    EVP_PKEY_free(key->handle);
    g_bytes_unref(key->modulus);
    g_bytes_unref(key->exponent);
    g_free(key);
}

KeyKind public_key_kind(const PublicKey *key)
{
    (void)key;
    return KEY_RSA;
}

const char *key_kind_name(KeyKind kind)
{
    static const char *const names[KEY_KINDS] = {
        [KEY_RSA] = "RSA", [KEY_RSA_PSS] = "RSA-PSS", [KEY_DSA] = "DSA",
        [KEY_EC] = "EC",   [KEY_ED25519] = "Ed25519", [KEY_ED448] = "Ed448",
    };
    return names[kind];
}

GroupNumber public_key_curve(const PublicKey *key)
{
    (void)key;
    return GROUP_NONE;
}

unsigned public_key_bits(const PublicKey *key)
{
    Bytes modulus = bytes_from_gbytes(key->modulus);
    unsigned bits = (unsigned)modulus.size * 8;
    for (uint8_t top = modulus.data[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

char *public_key_text(const PublicKey *key)
{
    return g_strdup_printf("RSA %u", public_key_bits(key));
}

bool public_key_equal(const PublicKey *a, const PublicKey *b)
{
    return g_bytes_equal(a->modulus, b->modulus) && g_bytes_equal(a->exponent, b->exponent);
}

GBytes *public_key_modulus(const PublicKey *key)
{
    return g_bytes_ref(key->modulus);
}

GBytes *public_key_exponent(const PublicKey *key)
{
    return g_bytes_ref(key->exponent);
}

/* --- operations --- */

static size_t modulus_size(const PublicKey *key)
{
    return g_bytes_get_size(key->modulus);
}

/* What libcrypto says of its last failure. */
static bool libcrypto_fault(Fault *fault, const char *what)
{
    char reason[120];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "%s failed: %s", what, reason);
}

static EVP_PKEY_CTX *operation_new(EVP_PKEY *handle)
{
    return handle == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(library_context(), handle, NULL);
}

bool public_key_encrypt(const PublicKey *key, Random *random, Bytes plain, GByteArray *output,
                        Fault *fault)
{
    size_t first = output->len, size = modulus_size(key);
    if (plain.size + BLOCK_OVERHEAD > size) /* RFC 8017 7.2.1 step 1 */
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "RFC 8017 7.2.1",
                          "an RSA key of %u bits cannot encrypt %zu bytes", public_key_bits(key),
                          plain.size);
    EVP_PKEY_CTX *operation = operation_new(public_key_handle(key));
    g_byte_array_set_size(output, (guint)(first + size));
    entropy_use(random, "rsa_padding");
    bool done =
        operation != NULL && EVP_PKEY_encrypt_init(operation) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_encrypt(operation, output->data + first, &size, plain.data, plain.size) == 1;
    entropy_use(NULL, NULL);
    EVP_PKEY_CTX_free(operation);
    if (done)
        return true;
    g_byte_array_set_size(output, (guint)first);
    return libcrypto_fault(fault, "RSA encryption");
}

/* 00 02, at least 8 bytes other than zero, 00, message: RFC 8017 7.2.2 step 3. */
static bool split_block(Bytes block, Bytes *message)
{
    size_t at = 2;
    while (at < block.size && block.data[at] != 0)
        at++;
    if (at == block.size || at + 1 < BLOCK_OVERHEAD || block.data[0] != 0 || block.data[1] != 2)
        return false;
    *message = bytes_slice(block, at + 1, block.size);
    return true;
}

bool private_key_decrypt(const PrivateKey *key, Bytes cipher, GByteArray *block, Bytes *message)
{
    size_t size = key->numbers.numbers[RSA_MODULUS].size;
    *message = BYTES_NONE;
    g_byte_array_set_size(block, 0);
    if (cipher.size != size)
        return false;
    EVP_PKEY_CTX *operation = operation_new(private_key_handle(key));
    g_byte_array_set_size(block, (guint)size);
    bool done = operation != NULL && EVP_PKEY_decrypt_init(operation) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(operation, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_decrypt(operation, block->data, &size, cipher.data, cipher.size) == 1;
    EVP_PKEY_CTX_free(operation);
    if (done)
        return split_block(bytes_from_array(block), message);
    ERR_clear_error(); /* not below the modulus: bad padding like any other */
    g_byte_array_set_size(block, 0);
    return false;
}

/* DigestInfo up to the hash value: RFC 8017 9.2, note 1. */
static Bytes digest_info(HashKind hash)
{
    /* clang-format off */
    static const struct {
        uint8_t size, bytes[19];
    } infos[HASH_KINDS] = {
        [HASH_MD5] = {18, {0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                           0x02, 0x05, 0x05, 0x00, 0x04, 0x10}},
        [HASH_SHA1] = {15, {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05,
                            0x00, 0x04, 0x14}},
        [HASH_SHA224] = {19, {0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                              0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c}},
        [HASH_SHA256] = {19, {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                              0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
        [HASH_SHA384] = {19, {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                              0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
        [HASH_SHA512] = {19, {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                              0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
    };
    /* clang-format on */
    return bytes_make(infos[hash].bytes, infos[hash].size);
}

/* 00 01 FF … FF 00, then DigestInfo and hash value, or the two hash values of TLS 1.0 alone (RFC
 * 2246 4.7): RFC 8017 9.2. False when the key is too short. */
static bool signature_block(SignatureKind kind, HashKind hash, Bytes hashed, size_t size,
                            GByteArray *block)
{
    Bytes info = kind == SIGNATURE_RSA_PKCS1 ? digest_info(hash) : BYTES_NONE;
    if (info.size + hashed.size + BLOCK_OVERHEAD > size)
        return false;
    g_byte_array_set_size(block, (guint)size);
    memset(block->data, 0xff, size);
    uint8_t *tail = block->data + size - info.size - hashed.size;
    block->data[0] = 0;
    block->data[1] = 1;
    tail[-1] = 0;
    if (info.size > 0)
        memcpy(tail, info.data, info.size);
    memcpy(tail + info.size, hashed.data, hashed.size);
    return true;
}

bool private_key_sign(const PrivateKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                      Random *random, GByteArray *signature, Fault *fault)
{
    (void)random;
    g_autoptr(GByteArray) block = g_byte_array_new();
    size_t size = key->numbers.numbers[RSA_MODULUS].size;
    if (!signature_block(kind, hash, hashed, size, block))
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 8017 9.2",
                         "an RSA key of %zu bytes is too short to sign %s", size,
                         kind == SIGNATURE_RSA_PKCS1 ? hash_name(hash) : "MD5 and SHA-1");
    EVP_PKEY_CTX *operation = operation_new(private_key_handle(key));
    size_t first = signature->len;
    g_byte_array_set_size(signature, (guint)(first + size));
    bool done = operation != NULL && EVP_PKEY_decrypt_init(operation) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(operation, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_decrypt(operation, signature->data + first, &size, block->data,
                                 block->len) == 1; /* RFC 8017 5.2.1: RSASP1 is RSADP */
    EVP_PKEY_CTX_free(operation);
    if (done)
        return true;
    g_byte_array_set_size(signature, (guint)first);
    return libcrypto_fault(fault, "an RSA signature");
}

bool public_key_verify(const PublicKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                       Bytes signature)
{
    g_autoptr(GByteArray) right = g_byte_array_new();
    size_t size = modulus_size(key);
    if (signature.size != size || !signature_block(kind, hash, hashed, size, right))
        return false;
    g_autofree uint8_t *found = g_malloc(size);
    EVP_PKEY_CTX *operation = operation_new(public_key_handle(key));
    bool done = operation != NULL && EVP_PKEY_encrypt_init(operation) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(operation, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_encrypt(operation, found, &size, signature.data, signature.size) ==
                    1; /* RFC 8017 5.2.2: RSAVP1 is RSAEP */
    EVP_PKEY_CTX_free(operation);
    ERR_clear_error();
    return done && bytes_equal(bytes_make(found, size), bytes_from_array(right));
}

char *public_key_fingerprint(const PublicKey *key)
{
    g_autoptr(GByteArray) info = g_byte_array_new();
    uint8_t hash[32];
    public_key_put_info(key, info);
    Bytes part = bytes_from_array(info);
    digest(HASH_SHA256, &part, 1, hash);
    return bytes_to_hex(BYTES_ARRAY(hash), ":");
}

void public_key_put_info(const PublicKey *key, GByteArray *output)
{
    static const uint8_t rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    g_autoptr(GByteArray) numbers = g_byte_array_new();
    size_t opened = der_open(numbers, DER_SEQUENCE);
    der_put_number(numbers, bytes_from_gbytes(key->modulus));
    der_put_number(numbers, bytes_from_gbytes(key->exponent));
    der_close(numbers, opened);
    size_t info = der_open(output, DER_SEQUENCE);
    size_t algorithm = der_open(output, DER_SEQUENCE); /* RFC 3279 2.3.1 */
    der_put(output, DER_OID, BYTES_ARRAY(rsa_encryption));
    der_put(output, DER_NULL, BYTES_NONE);
    der_close(output, algorithm);
    der_put_bits(output, bytes_from_array(numbers));
    der_close(output, info);
}

/* --- libcrypto's form --- */

/* A key of the first `count` numbers of RsaNumber; NULL when libcrypto refuses them. */
static EVP_PKEY *make_handle(const Bytes *numbers, size_t count, int selection)
{
    EVP_PKEY *handle = NULL;
    BIGNUM *values[RSA_NUMBERS] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool pushed = builder != NULL;
    for (size_t i = 0; i < count && pushed; i++) {
        values[i] = BN_bin2bn(numbers[i].data, (int)numbers[i].size, NULL);
        pushed = OSSL_PARAM_BLD_push_BN(builder, parameter_names[i], values[i]) == 1;
    }
    OSSL_PARAM *parameters = pushed ? OSSL_PARAM_BLD_to_param(builder) : NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library_context(), "RSA", NULL);
    if (parameters == NULL || maker == NULL || EVP_PKEY_fromdata_init(maker) != 1 ||
        EVP_PKEY_fromdata(maker, &handle, selection, parameters) != 1)
        handle = NULL;
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_clear_free(values[i]);
    return handle;
}

/* Keeps the first of the handles that several threads may have made. */
static EVP_PKEY *keep_handle(EVP_PKEY **place, EVP_PKEY *handle)
{
    if (g_atomic_pointer_compare_and_exchange(place, NULL, handle))
        return handle;
    EVP_PKEY_free(handle);
    return g_atomic_pointer_get(place);
}

EVP_PKEY *public_key_handle(const PublicKey *key)
{
    EVP_PKEY **place = (EVP_PKEY **)(uintptr_t)&key->handle; /* a cache: the key stays the same */
    EVP_PKEY *handle = g_atomic_pointer_get(place);
    if (handle != NULL)
        return handle;
    const Bytes numbers[] = {bytes_from_gbytes(key->modulus), bytes_from_gbytes(key->exponent)};
    return keep_handle(place, make_handle(numbers, G_N_ELEMENTS(numbers), EVP_PKEY_PUBLIC_KEY));
}

static EVP_PKEY *private_key_handle(const PrivateKey *key)
{
    EVP_PKEY **place = (EVP_PKEY **)(uintptr_t)&key->handle;
    EVP_PKEY *handle = g_atomic_pointer_get(place);
    if (handle != NULL)
        return handle;
    return keep_handle(place, make_handle(key->numbers.numbers, RSA_NUMBERS, EVP_PKEY_KEYPAIR));
}
