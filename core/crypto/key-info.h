/* KeyParts: what a key consists of, as SubjectPublicKeyInfo and key files carry it. */
#pragma once

#include "core/crypto/key.h"

/* RSAPrivateKey (RFC 8017 A.1.2), in its order; a public key has the first two. */
typedef enum {
    RSA_MODULUS,
    RSA_PUBLIC_EXPONENT,
    RSA_PRIVATE_EXPONENT,
    RSA_PRIME_1,
    RSA_PRIME_2,
    RSA_EXPONENT_1,
    RSA_EXPONENT_2,
    RSA_COEFFICIENT,
    RSA_NUMBERS,
} RsaNumber;

/* RFC 3279 2.3.2; the value is y of a public key, x of a private one. */
typedef enum {
    DSA_PRIME,
    DSA_ORDER,
    DSA_GENERATOR,
    DSA_VALUE,
    DSA_NUMBERS,
} DsaNumber;

/* Curves have one number: a point, or a private key. */
enum { CURVE_VALUE = 0, KEY_NUMBERS = RSA_NUMBERS };

typedef struct {
    KeyKind kind;
    GroupNumber curve;          /* KEY_EC */
    bool bound;                 /* KEY_RSA_PSS: to one hash, by its parameters (RFC 4055 3.1) */
    HashKind bound_hash;        /* with `bound` */
    Bytes numbers[KEY_NUMBERS]; /* big-endian without leading zeros; points as they are */
} KeyParts;

/* The AlgorithmIdentifier's content: kind, curve, hash, p, q and g. False when it is malformed;
 * KEY_UNKNOWN when it is of no kind that is known. */
bool key_algorithm_read(Bytes algorithm, KeyParts *parts);

/* A whole SubjectPublicKeyInfo; views into it. False when it is malformed or its numbers make no
 * key. */
bool key_info_read(Bytes info, KeyParts *parts);

/* Appends the SubjectPublicKeyInfo. */
void key_info_put(const KeyParts *parts, GByteArray *output);

/* The dotted OID of the algorithm, for kinds that are not known. Free with g_free. */
char *key_info_algorithm(Bytes info);

/* Whether the numbers can be those of an RSA key (RFC 8017 3.1). */
bool rsa_numbers_fit(Bytes modulus, Bytes exponent);

/* Bytes of a coordinate or private key of a curve; 0 when the curve is not known. */
size_t curve_field_size(GroupNumber curve);
