/* Scheme: a row; all that differs between the signatures of a handshake, as data. Sources: RFC 8446
 * 4.2.3; RFC 5246 7.4.1.4.1; RFC 8422 5.10; for the versions before TLS 1.2, RFC 2246 4.7
 * and 7.4.3, RFC 6101 5.6.8. */
#pragma once

#include "core/crypto/key.h"

typedef struct {
    SchemeNumber number; /* SCHEME_NONE: no number on the wire (before TLS 1.2) */
    const char *name;    /* "rsa_pss_rsae_sha256" */
    KeyKind key;         /* the kind of key that makes it */
    SignatureKind kind;
    HashKind hash;     /* not used by SIGNATURE_EDDSA and SIGNATURE_RSA_MD5_SHA1 */
    GroupNumber curve; /* TLS 1.3: the curve that it is bound to; GROUP_NONE: any */
    bool in_tls13; /* RFC 8446 4.2.3: may sign a handshake of TLS 1.3 (not PKCS#1, SHA-1, DSA) */
} Scheme;

/* Whether TLS 1.3 has reserved it: MD5, SHA-224 and DSA MUST NOT be offered (RFC 8446 4.2.3). */
bool scheme_is_reserved(const Scheme *scheme);

const Scheme *scheme_find(SchemeNumber number); /* NULL: not known */
const Scheme *scheme_by_name(const char *name); /* case-insensitive; NULL */
size_t scheme_count(void);
const Scheme *scheme_at(size_t index); /* in the order of preference of this laboratory */

/* The scheme of the versions before TLS 1.2 for a kind of key: MD5 and SHA-1 side by side for RSA,
 * SHA-1 for DSA and ECDSA (RFC 2246 7.4.3, RFC 4492 5.4). NULL for Ed25519 and Ed448. */
const Scheme *scheme_before_tls12(KeyKind key);

/* The default of TLS 1.2 for a client that sends no signature_algorithms: SHA-1 with that key (RFC
 * 5246 7.4.1.4.1). */
const Scheme *scheme_default(KeyKind key);

/* Whether this key can sign by it in this version: kind, curve (TLS 1.3), length (RFC 8017 9.1.1
 * and 9.2: RSA-512 is too short for SHA-384 or PSS). */
bool scheme_fits_key(const Scheme *scheme, const PublicKey *key, ProtocolVersion version);

/* What the key operation takes: the hash value of the parts, or for EdDSA the parts themselves;
 * for RSA before TLS 1.2 MD5 and SHA-1 side by side. Appends to `output`. */
void scheme_digest(const Scheme *scheme, const Bytes *parts, size_t count, GByteArray *output);
