/* What the files of this folder share about keys. No file outside this folder includes it. */
#pragma once

#include "core/crypto/key-file.h"
#include "core/crypto/libcrypto/context.h"

struct PublicKey {
    gint references;
    GBytes *info;     /* SubjectPublicKeyInfo */
    KeyParts parts;   /* views into it */
    EVP_PKEY *handle; /* made on first use, atomically */
};

struct PrivateKey {
    gint references;
    KeyFile file;
    PublicKey *public_half;
    EVP_PKEY *handle;
};

/* libcrypto's form of a key (borrowed); NULL when it takes no such numbers. */
EVP_PKEY *public_key_handle(const PublicKey *key);
EVP_PKEY *private_key_handle(const PrivateKey *key);

/* The operation on it; NULL for NULL. */
EVP_PKEY_CTX *key_operation_new(EVP_PKEY *handle);

/* RSADP and RSASP1, RSAEP and RSAVP1 (RFC 8017 5.1, 5.2): `input` and `output` are as long as the
 * modulus. False when the input is not below the modulus. */
bool rsa_private(const PrivateKey *key, Bytes input, uint8_t *output);
bool rsa_public(const PublicKey *key, Bytes input, uint8_t *output);

/* False with what libcrypto says of its last failure. */
bool libcrypto_fault(Fault *fault, const char *what);
