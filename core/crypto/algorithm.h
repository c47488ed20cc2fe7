/* AlgorithmIdentifier (RFC 5280 4.1.1.2): hashes, and the algorithms that sign certificates and
 * OCSP responses. */
#pragma once

#include "core/crypto/key.h"

/* A row. */
typedef struct {
    const char *name; /* "sha256WithRSAEncryption" */
    SignatureKind kind;
    KeyKind key; /* that it belongs to; RSASSA-PSS is made by KEY_RSA as well */
    HashKind hash;
    uint8_t size, oid[9];
} SignatureAlgorithm;

/* The row of a whole AlgorithmIdentifier; NULL when it is not known or its parameters are not those
 * that the standard gives: NULL or none for PKCS#1 (RFC 4055 5), none for DSA, ECDSA and EdDSA (RFC
 * 3279 2.2, RFC 5758 3, RFC 8410 3), and for PSS one hash throughout and a salt as long as it (RFC
 * 8446 4.2.3). */
const SignatureAlgorithm *signature_algorithm_read(Bytes identifier);

/* The row by which a key signs with that hash (EdDSA asks for none), by PSS where `pss` says so or
 * the key is RSA-PSS. NULL and FAULT_OF_USER when there is none. */
const SignatureAlgorithm *signature_algorithm_of_key(const PublicKey *key, bool pss, HashKind hash,
                                                     Fault *fault);

/* Appends the whole AlgorithmIdentifier. */
void signature_algorithm_put(const SignatureAlgorithm *algorithm, GByteArray *output);

/* Signs `data`, or verifies, hashing it first where the algorithm does. */
bool signature_algorithm_sign(const SignatureAlgorithm *algorithm, const PrivateKey *key,
                              Bytes data, Random *random, GByteArray *signature, Fault *fault);
bool signature_algorithm_verify(const SignatureAlgorithm *algorithm, const PublicKey *key,
                                Bytes data, Bytes signature);

/* A hash's AlgorithmIdentifier, read with NULL parameters or none, written with NULL (RFC 4055 2.1,
 * RFC 8017 A.2.4). */
bool algorithm_take_hash(Bytes *at, HashKind *hash);
void algorithm_put_hash(GByteArray *output, HashKind hash);

/* RSASSA-PSS-params (RFC 4055 3.1) with the same hash in MGF1; `salt` in bytes. */
bool algorithm_take_pss(Bytes *at, HashKind *hash, unsigned *salt);
/* The same, with a salt as long as the hash. */
void algorithm_put_pss(GByteArray *output, HashKind hash);
