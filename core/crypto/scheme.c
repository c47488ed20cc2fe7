/* The signature schemes, as rows.
 *
 * TLS 1.2 writes a hash and a signature algorithm, TLS 1.3 one number for both: the values are the
 * same, only that 1.3 binds an ECDSA scheme to its curve and has done with PKCS#1 and SHA-1 in the
 * handshake. The versions before write nothing; what they sign with follows from the key. The order
 * is that of preference: what a careful stack of today would take first, SHA-1 and MD5 last.
 *
 * This file signs nothing. Obeys RFC 8446 4.2.3; RFC 5246 7.4.1.4.1; RFC 4492 5.4; RFC 2246 4.7.
 */
#include "core/crypto/scheme.h"

#include "core/crypto/digest.h"

/* clang-format off */
static const Scheme schemes[] = {
    {SCHEME_ECDSA_SECP256R1_SHA256, "ecdsa_secp256r1_sha256", KEY_EC, SIGNATURE_ECDSA, HASH_SHA256, GROUP_SECP256R1, true},
    {SCHEME_RSA_PSS_RSAE_SHA256, "rsa_pss_rsae_sha256", KEY_RSA, SIGNATURE_RSA_PSS, HASH_SHA256, GROUP_NONE, true},
    {SCHEME_RSA_PKCS1_SHA256, "rsa_pkcs1_sha256", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_SHA256, GROUP_NONE, false},
    {SCHEME_ED25519, "ed25519", KEY_ED25519, SIGNATURE_EDDSA, HASH_SHA512, GROUP_NONE, true},
    {SCHEME_ECDSA_SECP384R1_SHA384, "ecdsa_secp384r1_sha384", KEY_EC, SIGNATURE_ECDSA, HASH_SHA384, GROUP_SECP384R1, true},
    {SCHEME_RSA_PSS_RSAE_SHA384, "rsa_pss_rsae_sha384", KEY_RSA, SIGNATURE_RSA_PSS, HASH_SHA384, GROUP_NONE, true},
    {SCHEME_RSA_PKCS1_SHA384, "rsa_pkcs1_sha384", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_SHA384, GROUP_NONE, false},
    {SCHEME_ECDSA_SECP521R1_SHA512, "ecdsa_secp521r1_sha512", KEY_EC, SIGNATURE_ECDSA, HASH_SHA512, GROUP_SECP521R1, true},
    {SCHEME_RSA_PSS_RSAE_SHA512, "rsa_pss_rsae_sha512", KEY_RSA, SIGNATURE_RSA_PSS, HASH_SHA512, GROUP_NONE, true},
    {SCHEME_RSA_PKCS1_SHA512, "rsa_pkcs1_sha512", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_SHA512, GROUP_NONE, false},
    {SCHEME_ED448, "ed448", KEY_ED448, SIGNATURE_EDDSA, HASH_SHA512, GROUP_NONE, true},
    {SCHEME_RSA_PSS_PSS_SHA256, "rsa_pss_pss_sha256", KEY_RSA_PSS, SIGNATURE_RSA_PSS, HASH_SHA256, GROUP_NONE, true},
    {SCHEME_RSA_PSS_PSS_SHA384, "rsa_pss_pss_sha384", KEY_RSA_PSS, SIGNATURE_RSA_PSS, HASH_SHA384, GROUP_NONE, true},
    {SCHEME_RSA_PSS_PSS_SHA512, "rsa_pss_pss_sha512", KEY_RSA_PSS, SIGNATURE_RSA_PSS, HASH_SHA512, GROUP_NONE, true},
    {SCHEME_DSA_SHA256, "dsa_sha256", KEY_DSA, SIGNATURE_DSA, HASH_SHA256, GROUP_NONE, false},
    {SCHEME_DSA_SHA384, "dsa_sha384", KEY_DSA, SIGNATURE_DSA, HASH_SHA384, GROUP_NONE, false},
    {SCHEME_DSA_SHA512, "dsa_sha512", KEY_DSA, SIGNATURE_DSA, HASH_SHA512, GROUP_NONE, false},
    {SCHEME_ECDSA_SHA224, "ecdsa_sha224", KEY_EC, SIGNATURE_ECDSA, HASH_SHA224, GROUP_NONE, false},
    {SCHEME_RSA_PKCS1_SHA224, "rsa_pkcs1_sha224", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_SHA224, GROUP_NONE, false},
    {SCHEME_DSA_SHA224, "dsa_sha224", KEY_DSA, SIGNATURE_DSA, HASH_SHA224, GROUP_NONE, false},
    {SCHEME_ECDSA_SHA1, "ecdsa_sha1", KEY_EC, SIGNATURE_ECDSA, HASH_SHA1, GROUP_NONE, false},
    {SCHEME_RSA_PKCS1_SHA1, "rsa_pkcs1_sha1", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_SHA1, GROUP_NONE, false},
    {SCHEME_DSA_SHA1, "dsa_sha1", KEY_DSA, SIGNATURE_DSA, HASH_SHA1, GROUP_NONE, false},
    {SCHEME_RSA_PKCS1_MD5, "rsa_pkcs1_md5", KEY_RSA, SIGNATURE_RSA_PKCS1, HASH_MD5, GROUP_NONE, false},
};

/* RFC 2246 4.7, 7.4.3; RFC 4492 5.4 */
static const Scheme before_tls12[] = {
    {SCHEME_NONE, "rsa_md5_sha1", KEY_RSA, SIGNATURE_RSA_MD5_SHA1, HASH_SHA1, GROUP_NONE, false},
    {SCHEME_NONE, "dsa_sha1", KEY_DSA, SIGNATURE_DSA, HASH_SHA1, GROUP_NONE, false},
    {SCHEME_NONE, "ecdsa_sha1", KEY_EC, SIGNATURE_ECDSA, HASH_SHA1, GROUP_NONE, false},
};
/* clang-format on */

bool scheme_is_reserved(const Scheme *scheme)
{
    return scheme->key == KEY_DSA || scheme->hash == HASH_SHA224 || scheme->hash == HASH_MD5;
}

const Scheme *scheme_find(SchemeNumber number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (schemes[i].number == number)
            return &schemes[i];
    return NULL;
}

const Scheme *scheme_by_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strcasecmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

size_t scheme_count(void)
{
    return G_N_ELEMENTS(schemes);
}

const Scheme *scheme_at(size_t index)
{
    return &schemes[index];
}

const Scheme *scheme_before_tls12(KeyKind key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(before_tls12); i++)
        if (before_tls12[i].key == key)
            return &before_tls12[i];
    return NULL;
}

const Scheme *scheme_default(KeyKind key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (schemes[i].key == key && schemes[i].hash == HASH_SHA1)
            return &schemes[i];
    return NULL;
}

bool scheme_fits_key(const Scheme *scheme, const PublicKey *key, ProtocolVersion version)
{
    bool named = scheme->number != SCHEME_NONE;
    if (public_key_kind(key) != scheme->key || named != (version >= VERSION_TLS_1_2))
        return false;
    if (version >= VERSION_TLS_1_3 && /* RFC 8446 4.2.3 */
        (!scheme->in_tls13 ||
         (scheme->curve != GROUP_NONE && scheme->curve != public_key_curve(key))))
        return false;
    return public_key_can_sign(key, scheme->kind, scheme->hash);
}

void scheme_digest(const Scheme *scheme, const Bytes *parts, size_t count, GByteArray *output)
{
    uint8_t hashed[HASH_SIZE_MOST];
    if (scheme->kind == SIGNATURE_EDDSA) { /* RFC 8032 4: the message itself */
        for (size_t i = 0; i < count; i++)
            bytes_append(output, parts[i]);
        return;
    }
    if (scheme->kind == SIGNATURE_RSA_MD5_SHA1) { /* RFC 2246 4.7 */
        digest(HASH_MD5, parts, count, hashed);
        bytes_append(output, bytes_make(hashed, hash_size(HASH_MD5)));
    }
    digest(scheme->hash, parts, count, hashed);
    bytes_append(output, bytes_make(hashed, hash_size(scheme->hash)));
}
