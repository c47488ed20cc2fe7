/* Signatures of every kind.
 *
 * RSA signs blocks that are built in the open (rsa-encoding.c), and verifies by building the one
 * that is right. DSA, ECDSA and EdDSA are libcrypto's; that r and s come in DER and in no other
 * form is checked before it is asked. What libcrypto draws for a nonce is drawn by label: it hashes
 * the private key and the message into it, so the same seed gives the same signature and a pinned
 * label gives nobody the key.
 *
 * This file knows no message. Obeys RFC 8017 8.1 and 8.2; RFC 3279 2.2.2 and 2.2.3; RFC 8032; FIPS
 * 186-4 4.6.
 */
#include <openssl/err.h>

#include "core/crypto/der.h"
#include "core/crypto/libcrypto/key-object.h"
#include "core/crypto/rsa-encoding.h"

static bool kind_fits(KeyKind key, SignatureKind kind)
{
    switch (kind) {
    case SIGNATURE_RSA_MD5_SHA1:
    case SIGNATURE_RSA_PKCS1:
        return key == KEY_RSA;
    case SIGNATURE_RSA_PSS:
        return key == KEY_RSA || key == KEY_RSA_PSS;
    case SIGNATURE_DSA:
        return key == KEY_DSA;
    case SIGNATURE_ECDSA:
        return key == KEY_EC;
    case SIGNATURE_EDDSA:
        return key == KEY_ED25519 || key == KEY_ED448;
    }
    return false;
}

static bool is_rsa(SignatureKind kind)
{
    return kind == SIGNATURE_RSA_MD5_SHA1 || kind == SIGNATURE_RSA_PKCS1 ||
           kind == SIGNATURE_RSA_PSS;
}

bool public_key_can_sign(const PublicKey *key, SignatureKind kind, HashKind hash)
{
    if (!kind_fits(key->parts.kind, kind) || (key->parts.bound && key->parts.bound_hash != hash))
        return false;
    return !is_rsa(kind) || rsa_can_encode(kind, hash, public_key_bits(key));
}

/* --- signing --- */

static const char *kind_text(SignatureKind kind, HashKind hash)
{
    switch (kind) {
    case SIGNATURE_RSA_MD5_SHA1:
        return "MD5 and SHA-1";
    case SIGNATURE_RSA_PKCS1:
    case SIGNATURE_RSA_PSS:
    case SIGNATURE_DSA:
    case SIGNATURE_ECDSA:
        return hash_name(hash);
    case SIGNATURE_EDDSA:
        break;
    }
    return "whole messages";
}

static bool sign_rsa(const PrivateKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                     Random *random, GByteArray *signature, Fault *fault)
{
    uint8_t salt[HASH_SIZE_MOST];
    unsigned bits = public_key_bits(key->public_half);
    size_t first = signature->len;
    g_autoptr(GByteArray) block = g_byte_array_new();
    bool encoded = false;
    if (kind == SIGNATURE_RSA_PSS) {
        random_fill(random, "pss_salt", salt, hash_size(hash)); /* RFC 8446 4.2.3 */
        encoded = rsa_encode_pss(hash, hashed, bytes_make(salt, hash_size(hash)), bits, block);
    } else {
        encoded = rsa_encode_pkcs1(kind, hash, hashed, bits, block);
    }
    if (!encoded)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 8017 9",
                         "%zu bytes are no value of %s to sign", hashed.size,
                         kind_text(kind, hash));
    g_byte_array_set_size(signature, (guint)(first + block->len));
    if (rsa_private(key, bytes_from_array(block), signature->data + first))
        return true;
    g_byte_array_set_size(signature, (guint)first);
    return libcrypto_fault(fault, "an RSA signature");
}

/* DSA and ECDSA: libcrypto cuts the hash value to the order's length (FIPS 186-4 4.6). */
static bool sign_nonce(const PrivateKey *key, const char *label, Bytes hashed, Random *random,
                       GByteArray *signature, Fault *fault)
{
    EVP_PKEY *handle = private_key_handle(key);
    EVP_PKEY_CTX *operation = key_operation_new(handle);
    size_t first = signature->len;
    size_t size = handle == NULL ? 0 : (size_t)EVP_PKEY_get_size(handle);
    g_byte_array_set_size(signature, (guint)(first + size));
    entropy_use(random, label);
    bool done =
        operation != NULL && EVP_PKEY_sign_init(operation) == 1 &&
        EVP_PKEY_sign(operation, signature->data + first, &size, hashed.data, hashed.size) == 1;
    entropy_use(NULL, NULL);
    EVP_PKEY_CTX_free(operation);
    g_byte_array_set_size(signature, (guint)(first + (done ? size : 0)));
    return done || libcrypto_fault(fault, "a signature");
}

static bool sign_message(const PrivateKey *key, Bytes message, GByteArray *signature, Fault *fault)
{
    EVP_PKEY *handle = private_key_handle(key);
    EVP_MD_CTX *operation = EVP_MD_CTX_new();
    size_t first = signature->len;
    size_t size = handle == NULL ? 0 : (size_t)EVP_PKEY_get_size(handle);
    g_byte_array_set_size(signature, (guint)(first + size));
    bool done =
        handle != NULL && operation != NULL &&
        EVP_DigestSignInit_ex(operation, NULL, NULL, library_context(), NULL, handle, NULL) == 1 &&
        EVP_DigestSign(operation, signature->data + first, &size, message.data, message.size) == 1;
    EVP_MD_CTX_free(operation);
    g_byte_array_set_size(signature, (guint)(first + (done ? size : 0)));
    return done || libcrypto_fault(fault, "a signature");
}

bool private_key_sign(const PrivateKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                      Random *random, GByteArray *signature, Fault *fault)
{
    if (!public_key_can_sign(key->public_half, kind, hash)) {
        g_autofree char *text = public_key_text(key->public_half);
        bool fits = kind_fits(key->file.parts.kind, kind) && !key->file.parts.bound;
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR,
                         is_rsa(kind) ? "RFC 8017 9" : NULL, "a key %s %s to sign %s in this way",
                         text, fits ? "is too short" : "is not made", kind_text(kind, hash));
    }
    if (is_rsa(kind))
        return sign_rsa(key, kind, hash, hashed, random, signature, fault);
    if (kind == SIGNATURE_EDDSA)
        return sign_message(key, hashed, signature, fault);
    return sign_nonce(key, kind == SIGNATURE_DSA ? "dsa_nonce" : "ecdsa_nonce", hashed, random,
                      signature, fault);
}

/* --- verifying --- */

static bool verify_rsa(const PublicKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                       Bytes signature)
{
    g_autoptr(GByteArray) right = g_byte_array_new();
    size_t size = key->parts.numbers[RSA_MODULUS].size;
    unsigned bits = public_key_bits(key);
    if (signature.size != size) /* RFC 8017 8.1.2 and 8.2.2, step 1 */
        return false;
    g_autofree uint8_t *found = g_malloc(size);
    if (!rsa_public(key, signature, found))
        return false;
    if (kind == SIGNATURE_RSA_PSS)
        return rsa_is_pss(hash, hashed, bits, bytes_make(found, size));
    return rsa_encode_pkcs1(kind, hash, hashed, bits, right) &&
           bytes_equal(bytes_make(found, size), bytes_from_array(right));
}

/* SEQUENCE of two positive INTEGERs in their shortest form, and nothing else: RFC 3279 2.2.2. That
 * they are below the order is libcrypto's to check. */
static bool is_pair(Bytes signature)
{
    Bytes pair, number;
    if (!der_take(&signature, DER_SEQUENCE, &pair) || signature.size > 0)
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!der_take_number(&pair, &number) || (number.size == 1 && number.data[0] == 0))
            return false;
    return pair.size == 0;
}

static bool verify_pair(const PublicKey *key, Bytes hashed, Bytes signature)
{
    if (!is_pair(signature))
        return false;
    EVP_PKEY_CTX *operation = key_operation_new(public_key_handle(key));
    bool good =
        operation != NULL && EVP_PKEY_verify_init(operation) == 1 &&
        EVP_PKEY_verify(operation, signature.data, signature.size, hashed.data, hashed.size) == 1;
    EVP_PKEY_CTX_free(operation);
    ERR_clear_error();
    return good;
}

static bool verify_message(const PublicKey *key, Bytes message, Bytes signature)
{
    EVP_PKEY *handle = public_key_handle(key);
    EVP_MD_CTX *operation = EVP_MD_CTX_new();
    bool good = handle != NULL && operation != NULL &&
                EVP_DigestVerifyInit_ex(operation, NULL, NULL, library_context(), NULL, handle,
                                        NULL) == 1 &&
                EVP_DigestVerify(operation, signature.data, signature.size, message.data,
                                 message.size) == 1;
    EVP_MD_CTX_free(operation);
    ERR_clear_error();
    return good;
}

bool public_key_verify(const PublicKey *key, SignatureKind kind, HashKind hash, Bytes hashed,
                       Bytes signature)
{
    if (!public_key_can_sign(key, kind, hash))
        return false;
    if (is_rsa(kind))
        return verify_rsa(key, kind, hash, hashed, signature);
    return kind == SIGNATURE_EDDSA ? verify_message(key, hashed, signature)
                                   : verify_pair(key, hashed, signature);
}
