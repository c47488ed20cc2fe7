/* Algorithm identifiers: of hashes, and of signatures over certificates and OCSP responses.
 *
 * One table serves those who read and those who sign. A signature whose parameters are not those
 * that the standard gives is by no algorithm that is known here, so nobody verifies it: parameters
 * that nobody checks are room for a forger (RFC 8017 9.2, note 2).
 *
 * This file knows no certificate. Sources: RFC 3279 2.2; RFC 4055 2.1, 3, 5; RFC 5758; RFC 8410 3;
 * RFC 8017 A.2.3.
 */
#include "core/crypto/algorithm.h"

#include <string.h>

#include "core/crypto/der.h"
#include "core/crypto/digest.h"

#define PKCS1(arc)                                                                                 \
    9,                                                                                             \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, (arc)                                            \
    }
#define ANSI_DSA                                                                                   \
    7,                                                                                             \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3                                                         \
    }
#define NIST_DSA(arc)                                                                              \
    9,                                                                                             \
    {                                                                                              \
        0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, (arc)                                                  \
    }
#define ANSI_ECDSA                                                                                 \
    7,                                                                                             \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1                                                         \
    }
#define SHA2_ECDSA(arc)                                                                            \
    8,                                                                                             \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, (arc)                                                  \
    }
#define EDWARDS(arc)                                                                               \
    3,                                                                                             \
    {                                                                                              \
        0x2b, 0x65, (arc)                                                                          \
    }

/* clang-format off */
static const SignatureAlgorithm algorithms[] = {
    {"md5WithRSAEncryption",    SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_MD5,    PKCS1(4)},
    {"sha1WithRSAEncryption",   SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_SHA1,   PKCS1(5)},
    {"sha224WithRSAEncryption", SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_SHA224, PKCS1(14)},
    {"sha256WithRSAEncryption", SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_SHA256, PKCS1(11)},
    {"sha384WithRSAEncryption", SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_SHA384, PKCS1(12)},
    {"sha512WithRSAEncryption", SIGNATURE_RSA_PKCS1, KEY_RSA, HASH_SHA512, PKCS1(13)},
    /* the hash of PSS stands in its parameters */
    {"rsassaPss with SHA-1",   SIGNATURE_RSA_PSS, KEY_RSA_PSS, HASH_SHA1,   PKCS1(10)},
    {"rsassaPss with SHA-224", SIGNATURE_RSA_PSS, KEY_RSA_PSS, HASH_SHA224, PKCS1(10)},
    {"rsassaPss with SHA-256", SIGNATURE_RSA_PSS, KEY_RSA_PSS, HASH_SHA256, PKCS1(10)},
    {"rsassaPss with SHA-384", SIGNATURE_RSA_PSS, KEY_RSA_PSS, HASH_SHA384, PKCS1(10)},
    {"rsassaPss with SHA-512", SIGNATURE_RSA_PSS, KEY_RSA_PSS, HASH_SHA512, PKCS1(10)},
    {"dsa-with-sha1",   SIGNATURE_DSA, KEY_DSA, HASH_SHA1,   ANSI_DSA},
    {"dsa-with-sha224", SIGNATURE_DSA, KEY_DSA, HASH_SHA224, NIST_DSA(1)},
    {"dsa-with-sha256", SIGNATURE_DSA, KEY_DSA, HASH_SHA256, NIST_DSA(2)},
    {"ecdsa-with-SHA1",   SIGNATURE_ECDSA, KEY_EC, HASH_SHA1,   ANSI_ECDSA},
    {"ecdsa-with-SHA224", SIGNATURE_ECDSA, KEY_EC, HASH_SHA224, SHA2_ECDSA(1)},
    {"ecdsa-with-SHA256", SIGNATURE_ECDSA, KEY_EC, HASH_SHA256, SHA2_ECDSA(2)},
    {"ecdsa-with-SHA384", SIGNATURE_ECDSA, KEY_EC, HASH_SHA384, SHA2_ECDSA(3)},
    {"ecdsa-with-SHA512", SIGNATURE_ECDSA, KEY_EC, HASH_SHA512, SHA2_ECDSA(4)},
    {"Ed25519", SIGNATURE_EDDSA, KEY_ED25519, HASH_SHA512, EDWARDS(112)},
    {"Ed448",   SIGNATURE_EDDSA, KEY_ED448,   HASH_SHA512, EDWARDS(113)},
};

static const struct {
    uint8_t size, oid[9];
} hashes[HASH_KINDS] = {
    [HASH_MD5]    = {8, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5}},
    [HASH_SHA1]   = {5, {0x2b, 0x0e, 3, 2, 0x1a}},
    [HASH_SHA224] = {9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4}},
    [HASH_SHA256] = {9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}},
    [HASH_SHA384] = {9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2}},
    [HASH_SHA512] = {9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3}},
};
/* clang-format on */

static const uint8_t mgf1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8};

/* --- signatures --- */

/* What follows the OID: no more than an empty NULL where one may stand. */
static bool no_parameters(Bytes at, bool may_be_null)
{
    Bytes null;
    if (may_be_null && der_take(&at, DER_NULL, &null) && null.size > 0)
        return false;
    return at.size == 0;
}

const SignatureAlgorithm *signature_algorithm_read(Bytes identifier)
{
    Bytes at, oid;
    if (!der_take(&identifier, DER_SEQUENCE, &at) || !der_take(&at, DER_OID, &oid))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++) {
        const SignatureAlgorithm *row = &algorithms[i];
        HashKind hash = row->hash;
        unsigned salt = 0;
        Bytes rest = at;
        if (!bytes_equal(oid, bytes_make(row->oid, row->size)))
            continue;
        if (row->kind != SIGNATURE_RSA_PSS)
            return no_parameters(rest, row->kind == SIGNATURE_RSA_PKCS1) ? row : NULL;
        if (!algorithm_take_pss(&rest, &hash, &salt) || rest.size > 0 || salt != hash_size(hash))
            return NULL;
        if (hash == row->hash)
            return row;
    }
    return NULL;
}

const SignatureAlgorithm *signature_algorithm_of_key(const PublicKey *key, bool pss, HashKind hash,
                                                     Fault *fault)
{
    KeyKind kind = public_key_kind(key);
    if (kind == KEY_RSA && pss)
        kind = KEY_RSA_PSS;
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (algorithms[i].key == kind &&
            (algorithms[i].hash == hash || algorithms[i].kind == SIGNATURE_EDDSA))
            return &algorithms[i];
    fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 5280 4.1.1.2",
              "no certificate is signed by %s with %s", key_kind_name(kind), hash_name(hash));
    return NULL;
}

void signature_algorithm_put(const SignatureAlgorithm *algorithm, GByteArray *output)
{
    size_t opened = der_open(output, DER_SEQUENCE);
    der_put(output, DER_OID, bytes_make(algorithm->oid, algorithm->size));
    if (algorithm->kind == SIGNATURE_RSA_PKCS1)
        der_put(output, DER_NULL, BYTES_NONE); /* RFC 3279 2.2.1 */
    if (algorithm->kind == SIGNATURE_RSA_PSS)
        algorithm_put_pss(output, algorithm->hash);
    der_close(output, opened);
}

/* What the key operation takes: a hash value in `hashed`, or for EdDSA the data themselves. */
static Bytes to_sign(const SignatureAlgorithm *algorithm, Bytes data, uint8_t *hashed)
{
    if (algorithm->kind == SIGNATURE_EDDSA)
        return data;
    digest(algorithm->hash, &data, 1, hashed);
    return bytes_make(hashed, hash_size(algorithm->hash));
}

bool signature_algorithm_sign(const SignatureAlgorithm *algorithm, const PrivateKey *key,
                              Bytes data, Random *random, GByteArray *signature, Fault *fault)
{
    uint8_t hashed[HASH_SIZE_MOST];
    return private_key_sign(key, algorithm->kind, algorithm->hash, to_sign(algorithm, data, hashed),
                            random, signature, fault);
}

bool signature_algorithm_verify(const SignatureAlgorithm *algorithm, const PublicKey *key,
                                Bytes data, Bytes signature)
{
    uint8_t hashed[HASH_SIZE_MOST];
    KeyKind kind = public_key_kind(key);
    bool fits = kind == algorithm->key ||
                (kind == KEY_RSA && algorithm->kind == SIGNATURE_RSA_PSS); /* RFC 4055 1.2 */
    return fits && public_key_verify(key, algorithm->kind, algorithm->hash,
                                     to_sign(algorithm, data, hashed), signature);
}

/* --- hashes and PSS --- */

bool algorithm_take_hash(Bytes *at, HashKind *hash)
{
    Bytes identifier, oid;
    if (!der_take(at, DER_SEQUENCE, &identifier) || !der_take(&identifier, DER_OID, &oid) ||
        !no_parameters(identifier, true))
        return false;
    for (HashKind kind = 0; kind < HASH_KINDS; kind++) {
        if (!bytes_equal(oid, bytes_make(hashes[kind].oid, hashes[kind].size)))
            continue;
        *hash = kind;
        return true;
    }
    return false;
}

void algorithm_put_hash(GByteArray *output, HashKind hash)
{
    size_t opened = der_open(output, DER_SEQUENCE);
    der_put(output, DER_OID, bytes_make(hashes[hash].oid, hashes[hash].size));
    der_put(output, DER_NULL, BYTES_NONE);
    der_close(output, opened);
}

static bool take_mgf1(Bytes at, HashKind *hash)
{
    Bytes identifier, oid;
    return der_take(&at, DER_SEQUENCE, &identifier) && at.size == 0 &&
           der_take(&identifier, DER_OID, &oid) && bytes_equal(oid, BYTES_ARRAY(mgf1)) &&
           algorithm_take_hash(&identifier, hash) && identifier.size == 0;
}

static bool take_small(Bytes at, unsigned *number)
{
    Bytes digits;
    if (!der_take_number(&at, &digits) || at.size > 0 || digits.size != 1)
        return false;
    *number = digits.data[0];
    return true;
}

/* RFC 4055 3.1: each field has a default. */
bool algorithm_take_pss(Bytes *at, HashKind *hash, unsigned *salt)
{
    Bytes fields, field;
    HashKind mask = HASH_SHA1;
    unsigned trailer = 1;
    *hash = HASH_SHA1;
    *salt = 20;
    if (!der_take(at, DER_SEQUENCE, &fields))
        return false;
    if (der_take(&fields, DER_CONTEXT_CONSTRUCTED | 0, &field) &&
        (!algorithm_take_hash(&field, hash) || field.size > 0))
        return false;
    if (der_take(&fields, DER_CONTEXT_CONSTRUCTED | 1, &field) && !take_mgf1(field, &mask))
        return false;
    if (der_take(&fields, DER_CONTEXT_CONSTRUCTED | 2, &field) && !take_small(field, salt))
        return false;
    if (der_take(&fields, DER_CONTEXT_CONSTRUCTED | 3, &field) && !take_small(field, &trailer))
        return false;
    return fields.size == 0 && mask == *hash && trailer == 1;
}

void algorithm_put_pss(GByteArray *output, HashKind hash)
{
    const uint8_t salt = (uint8_t)hash_size(hash);
    size_t parameters = der_open(output, DER_SEQUENCE);
    if (hash != HASH_SHA1) { /* a default is not written: X.690 11.5 */
        size_t field = der_open(output, DER_CONTEXT_CONSTRUCTED | 0);
        algorithm_put_hash(output, hash);
        der_close(output, field);
        field = der_open(output, DER_CONTEXT_CONSTRUCTED | 1);
        size_t mask = der_open(output, DER_SEQUENCE);
        der_put(output, DER_OID, BYTES_ARRAY(mgf1));
        algorithm_put_hash(output, hash);
        der_close(output, mask);
        der_close(output, field);
        field = der_open(output, DER_CONTEXT_CONSTRUCTED | 2);
        der_put_number(output, bytes_make(&salt, 1));
        der_close(output, field);
    }
    der_close(output, parameters);
}
