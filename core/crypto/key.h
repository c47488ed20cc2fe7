/* Private and public keys: the operations of the handshake, and nothing else of them. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"

typedef struct PrivateKey PrivateKey;
typedef struct PublicKey PublicKey;

typedef enum {
    KEY_RSA,
    KEY_RSA_PSS, /* id-RSASSA-PSS: signs by PSS alone (RFC 8446 4.2.3) */
    KEY_DSA,
    KEY_EC, /* secp256r1, secp384r1, secp521r1 */
    KEY_ED25519,
    KEY_ED448,
    KEY_UNKNOWN, /* some other kind, out of a certificate: carried and shown, verifies nothing */
    KEY_KINDS,
} KeyKind;

typedef enum {
    SIGNATURE_RSA_MD5_SHA1, /* the two hashes of TLS 1.0 without DigestInfo (RFC 2246 4.7) */
    SIGNATURE_RSA_PKCS1,    /* one hash with its DigestInfo (RFC 8017 8.2) */
    SIGNATURE_RSA_PSS,      /* salt as long as the hash (RFC 8446 4.2.3) */
    SIGNATURE_DSA,          /* DER of r and s (RFC 3279 2.2.2) */
    SIGNATURE_ECDSA,        /* the same (RFC 8422 5.4) */
    SIGNATURE_EDDSA,        /* takes the whole message (RFC 8032) */
} SignatureKind;

/* From PEM: PKCS#8 of any kind, PKCS#1 (RSA), SEC 1 (EC). */
PrivateKey *private_key_from_pem(Bytes pem, Fault *fault);
PrivateKey *private_key_ref(PrivateKey *key);
void private_key_unref(PrivateKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateKey, private_key_unref)

/* Its public half; free with public_key_unref. */
PublicKey *private_key_public(const PrivateKey *key);
/* From the numbers of a ServerKeyExchange. */
PublicKey *public_key_from_rsa(Bytes modulus, Bytes exponent, Fault *fault);
/* From a SubjectPublicKeyInfo in DER (RFC 5280 4.1.2.7); one of another kind, curve or form of
 * point than these gives KEY_UNKNOWN. bad_certificate when it is malformed, or a point is not on
 * its curve. */
PublicKey *public_key_from_info(Bytes info, Fault *fault);
PublicKey *public_key_ref(PublicKey *key);
void public_key_unref(PublicKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublicKey, public_key_unref)

KeyKind public_key_kind(const PublicKey *key);
const char *key_kind_name(KeyKind kind);            /* "RSA", "RSA-PSS", "DSA", "EC", "Ed25519" */
GroupNumber public_key_curve(const PublicKey *key); /* KEY_EC; GROUP_NONE otherwise */
unsigned public_key_bits(const PublicKey *key);     /* of modulus, prime p or curve; or 0 */
char *public_key_text(const PublicKey *key);        /* "RSA 2048", "EC secp256r1"; g_free */
char *public_key_fingerprint(const PublicKey *key); /* SHA-256 of SubjectPublicKeyInfo; g_free */
/* Appends its SubjectPublicKeyInfo in DER (RFC 5280 4.1.2.7). */
void public_key_put_info(const PublicKey *key, GByteArray *output);
bool public_key_equal(const PublicKey *a, const PublicKey *b);
/* KEY_RSA: big-endian, without leading zeros; free with g_bytes_unref. */
GBytes *public_key_modulus(const PublicKey *key);
GBytes *public_key_exponent(const PublicKey *key);

/* RSAES-PKCS1-v1_5 (RFC 8017 7.2). Draws its padding from `random` by "rsa_padding". */
bool public_key_encrypt(const PublicKey *key, Random *random, Bytes plain, GByteArray *output,
                        Fault *fault);

/* The same with the mark of a client that speaks SSL 2.0 and can do more: eight bytes 03 at the end
 * of the padding (RFC 5246 E.2). */
bool public_key_encrypt_marked(const PublicKey *key, Random *random, Bytes plain,
                               GByteArray *output, Fault *fault);

/* Whether a block that was decrypted carries the mark, in front of the message that it holds. */
bool block_is_marked(Bytes block, Bytes message);

/* Undoes it: the whole padded block of the modulus' size goes to `block` (so that a lesson can show
 * it), and the return value says whether it is a well-formed 00 02 … 00 block; then `*message` is
 * the view of what it holds. No fault for bad padding: the caller answers it with a random
 * premaster (RFC 5246 7.4.7.1). A ciphertext that is not as long as the modulus or not below it is
 * bad padding too. */
bool private_key_decrypt(const PrivateKey *key, Bytes cipher, GByteArray *block, Bytes *message);

/* Whether it signs this way: the kinds fit, a modulus is long enough (RFC 8017 9), and an RSA-PSS
 * key is not bound to another hash (RFC 4055 3.1). */
bool public_key_can_sign(const PublicKey *key, SignatureKind kind, HashKind hash);

/* Signs a hash value (36 bytes for MD5_SHA1; for EdDSA the whole message: see scheme_digest()).
 * `hash` is used by PKCS1 and PSS. Draws what it needs from `random`: "pss_salt", "dsa_nonce",
 * "ecdsa_nonce". Appends to `signature`. A kind that does not fit the key is FAULT_OF_USER. */
bool private_key_sign(const PrivateKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                      Random *random, GByteArray *signature, Fault *fault);
/* Every encoding that is not the one that the standard gives is refused: PKCS#1 blocks, PSS
 * encodings, DER of r and s (also too long, negative, zero, with trailing bytes). A kind that does
 * not fit the key is false. */
bool public_key_verify(const PublicKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                       Bytes signature);
