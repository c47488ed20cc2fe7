/* Keys as objects: made, shared, asked what they are.
 *
 * A public key is its SubjectPublicKeyInfo and views of the numbers in it; a private key is the
 * parts of its file and the public half, which is computed and not read. libcrypto's own form of a
 * key is made on its first use (key-handle.c): most keys of a scenario's lists are never used.
 *
 * This file knows no operation of a key. Obeys RFC 5280 4.1.2.7.
 */
#include "core/crypto/key.h"

#include <openssl/err.h>

#include "core/crypto/digest.h"
#include "core/crypto/libcrypto/arithmetic.h"
#include "core/crypto/libcrypto/key-object.h"

/* --- private keys --- */

/* The seed's public half: RFC 8032 5.1.5, 5.2.5. */
static bool edwards_public(const KeyParts *parts, GByteArray *output)
{
    Bytes seed = parts->numbers[CURVE_VALUE];
    size_t size = seed.size;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(library_context(), key_kind_name(parts->kind),
                                                    NULL, seed.data, seed.size);
    g_byte_array_set_size(output, (guint)size);
    bool done = key != NULL && EVP_PKEY_get_raw_public_key(key, output->data, &size) == 1;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return done;
}

/* y = g^x mod p; false for x that is not in 1 … q - 1 (FIPS 186-4 4.2). */
static bool dsa_public(const KeyParts *parts, GByteArray *output)
{
    const Bytes *numbers = parts->numbers;
    Bytes prime = numbers[DSA_PRIME];
    if (prime.size == 0 || prime.data[prime.size - 1] % 2 == 0 ||
        number_compare(numbers[DSA_VALUE], BYTES_NONE) == 0 ||
        number_compare(numbers[DSA_VALUE], numbers[DSA_ORDER]) >= 0)
        return false;
    number_power(numbers[DSA_GENERATOR], numbers[DSA_VALUE], prime, prime.size, output);
    return true;
}

/* NULL when the private parts have no public half. */
static PublicKey *public_half(const KeyParts *parts)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    g_autoptr(GByteArray) info = g_byte_array_new();
    KeyParts half = *parts;
    bool computed = true;
    if (parts->kind == KEY_DSA)
        computed = dsa_public(parts, value);
    if (parts->kind == KEY_EC)
        computed = curve_public(parts->curve, parts->numbers[CURVE_VALUE], value);
    if (parts->kind == KEY_ED25519 || parts->kind == KEY_ED448)
        computed = edwards_public(parts, value);
    if (!computed)
        return NULL;
    if (value->len > 0)
        half.numbers[parts->kind == KEY_DSA ? (int)DSA_VALUE : (int)CURVE_VALUE] =
            bytes_from_array(value);
    key_info_put(&half, info);
    return public_key_from_info(bytes_from_array(info), NULL);
}

PrivateKey *private_key_from_pem(Bytes pem, Fault *fault)
{
    g_autoptr(PrivateKey) key = g_new0(PrivateKey, 1);
    key->references = 1;
    if (!key_file_read(pem, &key->file, fault))
        return NULL;
    key->public_half = public_half(&key->file.parts);
    if (key->public_half != NULL)
        return g_steal_pointer(&key);
    fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
              "the private key cannot be used: its numbers make no %s key",
              key_kind_name(key->file.parts.kind));
    return NULL;
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
    public_key_unref(key->public_half);
    key_file_clear(&key->file);
    g_free(key);
}

PublicKey *private_key_public(const PrivateKey *key)
{
    return public_key_ref(key->public_half);
}

/* --- public keys --- */

PublicKey *public_key_from_info(Bytes info, Fault *fault)
{
    g_autoptr(PublicKey) key = g_new0(PublicKey, 1);
    key->references = 1;
    key->info = bytes_copy(info);
    if (key_info_read(bytes_from_gbytes(key->info), &key->parts))
        return g_steal_pointer(&key);
    fault_peer(fault, ALERT_BAD_CERTIFICATE, "RFC 5280 4.1.2.7",
               "the public key cannot be read: it is malformed, or its numbers make no key");
    return NULL;
}

PublicKey *public_key_from_rsa(Bytes modulus, Bytes exponent, Fault *fault)
{
    g_autoptr(GByteArray) info = g_byte_array_new();
    KeyParts parts = {.kind = KEY_RSA};
    parts.numbers[RSA_MODULUS] = number_trim(modulus);
    parts.numbers[RSA_PUBLIC_EXPONENT] = number_trim(exponent);
    if (rsa_numbers_fit(parts.numbers[RSA_MODULUS], parts.numbers[RSA_PUBLIC_EXPONENT])) {
        key_info_put(&parts, info);
        return public_key_from_info(bytes_from_array(info), fault);
    }
    fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8017 3.1",
               "a modulus of %zu bytes and an exponent of %zu bytes make no RSA key",
               parts.numbers[RSA_MODULUS].size, parts.numbers[RSA_PUBLIC_EXPONENT].size);
    return NULL;
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
    g_bytes_unref(key->info);
    g_free(key);
}

KeyKind public_key_kind(const PublicKey *key)
{
    return key->parts.kind;
}

const char *key_kind_name(KeyKind kind)
{
    static const char *const names[KEY_KINDS] = {
        [KEY_RSA] = "RSA",         [KEY_RSA_PSS] = "RSA-PSS", [KEY_DSA] = "DSA",
        [KEY_EC] = "EC",           [KEY_ED25519] = "Ed25519", [KEY_ED448] = "Ed448",
        [KEY_UNKNOWN] = "unknown",
    };
    return names[kind];
}

GroupNumber public_key_curve(const PublicKey *key)
{
    return key->parts.kind == KEY_EC ? key->parts.curve : GROUP_NONE;
}

static unsigned bits_of(Bytes number)
{
    unsigned bits = (unsigned)number.size * 8;
    for (uint8_t top = number.data[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

unsigned public_key_bits(const PublicKey *key)
{
    switch (key->parts.kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return bits_of(key->parts.numbers[RSA_MODULUS]);
    case KEY_DSA:
        return bits_of(key->parts.numbers[DSA_PRIME]);
    case KEY_EC:
        return key->parts.curve == GROUP_SECP256R1   ? 256
               : key->parts.curve == GROUP_SECP384R1 ? 384
                                                     : 521;
    case KEY_ED25519:
        return 255; /* RFC 8032 5.1 */
    case KEY_ED448:
        return 448; /* RFC 8032 5.2 */
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    return 0;
}

char *public_key_text(const PublicKey *key)
{
    const char *kind = key_kind_name(key->parts.kind);
    switch (key->parts.kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
    case KEY_DSA:
        return g_strdup_printf("%s %u", kind, public_key_bits(key));
    case KEY_EC:
        return g_strdup_printf("%s %s", kind, number_text(NUMBER_GROUP, key->parts.curve));
    case KEY_ED25519:
    case KEY_ED448:
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    g_autofree char *algorithm = key_info_algorithm(bytes_from_gbytes(key->info));
    if (key->parts.kind == KEY_UNKNOWN && algorithm != NULL)
        return g_strdup_printf("unknown %s", algorithm);
    return g_strdup(kind);
}

char *public_key_fingerprint(const PublicKey *key)
{
    uint8_t hash[32];
    Bytes part = bytes_from_gbytes(key->info);
    digest(HASH_SHA256, &part, 1, hash);
    return bytes_to_hex(BYTES_ARRAY(hash), ":");
}

void public_key_put_info(const PublicKey *key, GByteArray *output)
{
    bytes_append(output, bytes_from_gbytes(key->info));
}

bool public_key_equal(const PublicKey *a, const PublicKey *b)
{
    return g_bytes_equal(a->info, b->info);
}

GBytes *public_key_modulus(const PublicKey *key)
{
    return bytes_copy(key->parts.numbers[RSA_MODULUS]);
}

GBytes *public_key_exponent(const PublicKey *key)
{
    return bytes_copy(key->parts.numbers[RSA_PUBLIC_EXPONENT]);
}
