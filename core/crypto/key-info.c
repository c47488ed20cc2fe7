/* Public keys in DER: SubjectPublicKeyInfo, both ways.
 *
 * What a peer sends as a key is judged here number by number, before libcrypto sees it. A key of a
 * kind, curve or form of point that this laboratory has none of is no error: a certificate that
 * nobody needs may hold it. What breaks the rules of its own kind is malformed.
 *
 * This file knows no operation of a key. Obeys RFC 3279 2.3, RFC 4055 1.2 and 3.1, RFC 5480 2, RFC
 * 8410 3 and 4, RFC 8017 3.1, FIPS 186-4 4.2.
 */
#include "core/crypto/key-info.h"

#include <string.h>

#include "core/crypto/algorithm.h"
#include "core/crypto/der.h"
#include "core/crypto/libcrypto/arithmetic.h"

enum {
    MODULUS_LEAST = 46,  /* bytes: the least that can sign with SHA-1 (RFC 8017 9.2) */
    MODULUS_MOST = 2048, /* bytes: OPENSSL_RSA_MAX_MODULUS_BITS */
    EXPONENT_MOST = 8,   /* bytes: beyond it a public operation is a way to burn our time */
    DSA_PRIME_LEAST = 64,
    DSA_PRIME_MOST = 512, /* bytes: FIPS 186-4 ends at 384 */
    ED25519_SIZE = 32,    /* RFC 8032 5.1.5 */
    ED448_SIZE = 57,      /* RFC 8032 5.2.5 */
};

/* clang-format off */
static const struct {
    KeyKind kind;
    uint8_t size, oid[9];
} kinds[] = {
    {KEY_RSA,     9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1}},
    {KEY_RSA_PSS, 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10}},
    {KEY_DSA,     7, {0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1}},
    {KEY_EC,      7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}},
    {KEY_ED25519, 3, {0x2b, 0x65, 112}},
    {KEY_ED448,   3, {0x2b, 0x65, 113}},
};

static const struct {
    GroupNumber curve;
    uint8_t field, size, oid[8];
} curves[] = {
    {GROUP_SECP256R1, 32, 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}},
    {GROUP_SECP384R1, 48, 5, {0x2b, 0x81, 4, 0, 34}},
    {GROUP_SECP521R1, 66, 5, {0x2b, 0x81, 4, 0, 35}},
};
/* clang-format on */

static bool read_bits(Bytes bits, KeyParts *parts);
static bool read_parameters(Bytes at, KeyParts *parts);

bool key_info_read(Bytes info, KeyParts *parts)
{
    Bytes fields, algorithm, bits;
    return der_take(&info, DER_SEQUENCE, &fields) && info.size == 0 &&
           der_take(&fields, DER_SEQUENCE, &algorithm) && der_take_bits(&fields, &bits) &&
           fields.size == 0 && key_algorithm_read(algorithm, parts) && read_bits(bits, parts);
}

bool key_algorithm_read(Bytes algorithm, KeyParts *parts)
{
    Bytes oid;
    *parts = (KeyParts){.kind = KEY_UNKNOWN};
    if (!der_take(&algorithm, DER_OID, &oid))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (bytes_equal(oid, bytes_make(kinds[i].oid, kinds[i].size)))
            parts->kind = kinds[i].kind;
    return read_parameters(algorithm, parts);
}

char *key_info_algorithm(Bytes info)
{
    Bytes fields, algorithm, oid;
    if (!der_take(&info, DER_SEQUENCE, &fields) || !der_take(&fields, DER_SEQUENCE, &algorithm) ||
        !der_take(&algorithm, DER_OID, &oid))
        return NULL;
    return der_oid_text(oid);
}

size_t curve_field_size(GroupNumber curve)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++)
        if (curves[i].curve == curve)
            return curves[i].field;
    return 0;
}

/* --- parameters --- */

/* RFC 3279 2.3.2 lets them be the issuer's: such a key is of a kind that is not known here. */
static bool read_dsa_parameters(Bytes at, KeyParts *parts)
{
    Bytes fields;
    if (at.size == 0) {
        parts->kind = KEY_UNKNOWN;
        return true;
    }
    if (!der_take(&at, DER_SEQUENCE, &fields) || at.size > 0)
        return false;
    for (size_t i = DSA_PRIME; i <= DSA_GENERATOR; i++)
        if (!der_take_number(&fields, &parts->numbers[i]))
            return false;
    return fields.size == 0;
}

/* RFC 5480 2.1.1: namedCurve alone; curves in full and other curves are not known here. */
static bool read_curve(Bytes at, KeyParts *parts)
{
    Der element;
    if (!der_next(&at, &element) || at.size > 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++)
        if (element.tag == DER_OID &&
            bytes_equal(element.content, bytes_make(curves[i].oid, curves[i].size)))
            parts->curve = curves[i].curve;
    if (parts->curve == GROUP_NONE)
        parts->kind = KEY_UNKNOWN;
    return true;
}

/* RFC 4055 3.1: parameters bind the key to their hash, and to a salt no shorter than theirs. */
static bool read_pss(Bytes at, KeyParts *parts)
{
    unsigned salt = 0;
    if (at.size == 0)
        return true;
    parts->bound = true;
    return algorithm_take_pss(&at, &parts->bound_hash, &salt) && at.size == 0 &&
           salt <= hash_size(parts->bound_hash);
}

static bool read_parameters(Bytes at, KeyParts *parts)
{
    Bytes null;
    switch (parts->kind) {
    case KEY_RSA: /* RFC 3279 2.3.1 */
        return der_take(&at, DER_NULL, &null) && null.size == 0 && at.size == 0;
    case KEY_RSA_PSS:
        return read_pss(at, parts);
    case KEY_DSA:
        return read_dsa_parameters(at, parts);
    case KEY_EC:
        return read_curve(at, parts);
    case KEY_ED25519:
    case KEY_ED448:
        return at.size == 0; /* RFC 8410 3 */
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    return true;
}

/* --- the key itself --- */

/* RFC 8017 3.1: a product of odd primes is odd, and so is an exponent that has an inverse. */
bool rsa_numbers_fit(Bytes modulus, Bytes exponent)
{
    return modulus.size >= MODULUS_LEAST && modulus.size <= MODULUS_MOST && exponent.size >= 1 &&
           exponent.size <= EXPONENT_MOST && modulus.data[modulus.size - 1] % 2 == 1 &&
           exponent.data[exponent.size - 1] % 2 == 1;
}

static bool read_rsa(Bytes bits, KeyParts *parts)
{
    Bytes fields, *numbers = parts->numbers;
    return der_take(&bits, DER_SEQUENCE, &fields) && bits.size == 0 &&
           der_take_number(&fields, &numbers[RSA_MODULUS]) &&
           der_take_number(&fields, &numbers[RSA_PUBLIC_EXPONENT]) && fields.size == 0 &&
           rsa_numbers_fit(numbers[RSA_MODULUS], numbers[RSA_PUBLIC_EXPONENT]);
}

/* FIPS 186-4 4.1 and 4.2: orders of 160, 224 or 256 bits; g and y in 2 … p - 1. */
static bool read_dsa(Bytes bits, KeyParts *parts)
{
    static const uint8_t one = 1;
    Bytes *numbers = parts->numbers, prime = numbers[DSA_PRIME];
    size_t order = numbers[DSA_ORDER].size;
    if (!der_take_number(&bits, &numbers[DSA_VALUE]) || bits.size > 0)
        return false;
    if (prime.size < DSA_PRIME_LEAST || prime.size > DSA_PRIME_MOST ||
        prime.data[prime.size - 1] % 2 == 0 || (order != 20 && order != 28 && order != 32))
        return false;
    for (size_t i = DSA_GENERATOR; i <= DSA_VALUE; i++)
        if (number_compare(numbers[i], bytes_make(&one, 1)) <= 0 ||
            number_compare(numbers[i], prime) >= 0)
            return false;
    return true;
}

/* RFC 5480 2.2; compressed points are not known here (RFC 8422 5.1.2 drops them). */
static bool read_point(Bytes bits, KeyParts *parts)
{
    size_t field = curve_field_size(parts->curve);
    parts->numbers[CURVE_VALUE] = bits;
    if (bits.size == 1 + field && (bits.data[0] == 2 || bits.data[0] == 3)) {
        parts->kind = KEY_UNKNOWN;
        return true;
    }
    return bits.size == 1 + 2 * field && curve_has_point(parts->curve, bits);
}

static bool read_bits(Bytes bits, KeyParts *parts)
{
    switch (parts->kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return read_rsa(bits, parts);
    case KEY_DSA:
        return read_dsa(bits, parts);
    case KEY_EC:
        return read_point(bits, parts);
    case KEY_ED25519:
    case KEY_ED448:
        parts->numbers[CURVE_VALUE] = bits;
        return bits.size == (parts->kind == KEY_ED25519 ? ED25519_SIZE : ED448_SIZE);
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    return true;
}

/* --- writing --- */

static void put_algorithm(const KeyParts *parts, GByteArray *output)
{
    size_t opened = der_open(output, DER_SEQUENCE);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == parts->kind)
            der_put(output, DER_OID, bytes_make(kinds[i].oid, kinds[i].size));
    if (parts->kind == KEY_RSA)
        der_put(output, DER_NULL, BYTES_NONE);
    if (parts->kind == KEY_RSA_PSS && parts->bound)
        algorithm_put_pss(output, parts->bound_hash);
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++)
        if (parts->kind == KEY_EC && curves[i].curve == parts->curve)
            der_put(output, DER_OID, bytes_make(curves[i].oid, curves[i].size));
    if (parts->kind == KEY_DSA) {
        size_t numbers = der_open(output, DER_SEQUENCE);
        for (size_t i = DSA_PRIME; i <= DSA_GENERATOR; i++)
            der_put_number(output, parts->numbers[i]);
        der_close(output, numbers);
    }
    der_close(output, opened);
}

void key_info_put(const KeyParts *parts, GByteArray *output)
{
    g_autoptr(GByteArray) bits = g_byte_array_new();
    if (parts->kind == KEY_RSA || parts->kind == KEY_RSA_PSS) {
        size_t numbers = der_open(bits, DER_SEQUENCE);
        der_put_number(bits, parts->numbers[RSA_MODULUS]);
        der_put_number(bits, parts->numbers[RSA_PUBLIC_EXPONENT]);
        der_close(bits, numbers);
    } else if (parts->kind == KEY_DSA) {
        der_put_number(bits, parts->numbers[DSA_VALUE]);
    } else {
        bytes_append(bits, parts->numbers[CURVE_VALUE]);
    }
    size_t info = der_open(output, DER_SEQUENCE);
    put_algorithm(parts, output);
    der_put_bits(output, bytes_from_array(bits));
    der_close(output, info);
}
