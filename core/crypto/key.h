/* Private and public keys: RSA so far. The operations of the handshake, and nothing else of them.
 */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"

typedef struct PrivateKey PrivateKey;
typedef struct PublicKey PublicKey;

/* What is signed: the two hashes of TLS 1.0 side by side without DigestInfo, or PKCS#1 with one
 * hash and its DigestInfo (RFC 5246 4.7). */
typedef enum {
    SIGNATURE_RSA_MD5_SHA1,
    SIGNATURE_RSA_PKCS1,
} SignatureKind;

/* From PEM (PKCS#8 or PKCS#1). */
PrivateKey *private_key_from_pem(Bytes pem, Fault *fault);
PrivateKey *private_key_ref(PrivateKey *key);
void private_key_unref(PrivateKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateKey, private_key_unref)

/* Its public half; free with public_key_unref. */
PublicKey *private_key_public(const PrivateKey *key);
/* From the numbers of a ServerKeyExchange. */
PublicKey *public_key_from_rsa(Bytes modulus, Bytes exponent, Fault *fault);
PublicKey *public_key_ref(PublicKey *key);
void public_key_unref(PublicKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublicKey, public_key_unref)

unsigned public_key_bits(const PublicKey *key);
char *public_key_text(const PublicKey *key);        /* "RSA 2048"; g_free */
char *public_key_fingerprint(const PublicKey *key); /* SHA-256 of SubjectPublicKeyInfo; g_free */
/* Appends its SubjectPublicKeyInfo in DER (RFC 5280 4.1.2.7). */
void public_key_put_info(const PublicKey *key, GByteArray *output);
bool public_key_equal(const PublicKey *a, const PublicKey *b);
/* Big-endian, without leading zeros; free with g_bytes_unref. */
GBytes *public_key_modulus(const PublicKey *key);
GBytes *public_key_exponent(const PublicKey *key);

/* RSAES-PKCS1-v1_5 (RFC 8017 7.2). Draws its padding from `random` by "rsa_padding". */
bool public_key_encrypt(const PublicKey *key, Random *random, Bytes plain, GByteArray *output,
                        Fault *fault);

/* Undoes it: the whole padded block of the modulus' size goes to `block` (so that a lesson can show
 * it), and the return value says whether it is a well-formed 00 02 … 00 block; then `*message` is
 * the view of what it holds. No fault for bad padding: the caller answers it with a random
 * premaster (RFC 5246 7.4.7.1). A ciphertext that is not as long as the modulus or not below it is
 * bad padding too. */
bool private_key_decrypt(const PrivateKey *key, Bytes cipher, GByteArray *block, Bytes *message);

/* Signs a hash value (36 bytes for MD5_SHA1). `hash` is used by SIGNATURE_RSA_PKCS1 alone. */
bool private_key_sign(const PrivateKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                      GByteArray *signature, Fault *fault);
bool public_key_verify(const PublicKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                       Bytes signature);
