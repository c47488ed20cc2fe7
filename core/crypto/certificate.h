/* Certificates: minted from what a scenario declares, and read. X.509 v3, RFC 5280. The same spec,
 * keys and seed give the same bytes. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/key.h"

typedef enum {
    KEY_USAGE_SERVER,    /* digitalSignature, keyEncipherment; serverAuth */
    KEY_USAGE_CLIENT,    /* digitalSignature; clientAuth */
    KEY_USAGE_CA,        /* keyCertSign, cRLSign */
    KEY_USAGE_SIGN_ONLY, /* digitalSignature; serverAuth: may not encipher a premaster */
    KEY_USAGE_CODE,      /* digitalSignature; codeSigning: wrong for both */
} KeyUsage;
enum { KEY_USAGES = 5 };

/* What a scenario declares. Everything is owned by it. */
typedef struct {
    char *name;                    /* its name in the scenario: "www" */
    char *subject;                 /* RFC 4514: "CN=www.lab.example,O=Lab" */
    char *issuer;                  /* name of another certificate; its own name: self-signed */
    uint64_t serial;               /* 0: from the hash of the name */
    int64_t not_before, not_after; /* seconds since 1970 UTC */
    char *names;                   /* DNS names of subjectAltName, ", " between; "" for none */
    char *key;                     /* name of a private key */
    KeyUsage usage;
    bool authority;   /* basicConstraints cA TRUE */
    HashKind hash;    /* of the signature; SHA-256 by default (EdDSA asks for none) */
    bool pss;         /* an RSA key signs by RSASSA-PSS; an RSA-PSS key does anyway */
    bool must_staple; /* TLS feature status_request (RFC 7633) */
    char *signed_by;  /* NULL, or name of a key that signs in place of the issuer's */
    bool altered;     /* one bit of the subject changed after signing */
    int line;         /* of the scenario, 0 when built in */
} CertificateSpec;

CertificateSpec *certificate_spec_new(void);
CertificateSpec *certificate_spec_copy(const CertificateSpec *spec);
void certificate_spec_free(CertificateSpec *spec);
bool certificate_spec_equal(const CertificateSpec *a, const CertificateSpec *b);
const char *key_usage_name(KeyUsage usage); /* "server", "client", "authority", "signing", "code" */

/* A certificate as read. */
typedef struct Certificate Certificate;

/* bad_certificate when it cannot be read. A key of an unknown kind is none of its faults: the key
 * is KEY_UNKNOWN then, which nobody verifies with and certificate_usable() refuses. */
Certificate *certificate_read(Bytes der, Fault *fault);
Certificate *certificate_ref(Certificate *certificate);
void certificate_unref(Certificate *certificate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Certificate, certificate_unref)

/* DER. `issuer` is the issuer's subject in RFC 4514 form; `signing` the key that signs. */
GBytes *certificate_mint(const CertificateSpec *spec, const PrivateKey *subject_key,
                         const char *issuer, const PrivateKey *signing, Fault *fault);

Bytes certificate_der(const Certificate *certificate);
PublicKey *certificate_key(const Certificate *certificate);      /* borrowed */
const char *certificate_subject(const Certificate *certificate); /* RFC 4514, UTF-8 */
const char *certificate_issuer(const Certificate *certificate);
Bytes certificate_subject_der(const Certificate *certificate); /* for CertificateRequest */
Bytes certificate_issuer_der(const Certificate *certificate);
const char *certificate_serial(const Certificate *certificate); /* hex */
const char *certificate_names(const Certificate *certificate);  /* SAN DNS names, ", " between */
const char *certificate_fingerprint(const Certificate *certificate); /* SHA-256, hex with colons */
const char *certificate_signature_name(const Certificate *certificate);
void certificate_validity(const Certificate *certificate, int64_t *not_before, int64_t *not_after);
bool certificate_is_authority(const Certificate *certificate); /* basicConstraints cA TRUE */
unsigned certificate_version(const Certificate *certificate);  /* 1 to 3 */
int certificate_path_length(const Certificate *certificate);   /* -1: no bound (RFC 5280 4.2.1.9) */
/* The first critical extension that is not understood, as dotted numbers; NULL when there is none.
 */
const char *certificate_unknown_critical(const Certificate *certificate);
/* "digitalSignature, keyEncipherment, serverAuth"; empty when nothing is said. Free with g_free. */
char *certificate_usage_text(const Certificate *certificate);
/* Whether its key is of the right kind, and keyUsage and extendedKeyUsage (where present) allow it,
 * to be shown by `role` in a handshake of that key exchange: a server's is enciphered to or signs,
 * a client's signs. */
bool certificate_usable(const Certificate *certificate, Role role, KeyExchangeKind kind);
/* Whether it demands a stapled OCSP response (RFC 7633 4). */
bool certificate_must_staple(const Certificate *certificate);
bool certificate_may_sign(const Certificate *certificate); /* keyCertSign or no keyUsage */
bool certificate_signed_with(const Certificate *certificate, HashKind hash);
bool certificate_signed_by(const Certificate *certificate, const PublicKey *issuer);

/* Whether a name matches: subjectAltName first, a wildcard in the leftmost label, CN only for
 * certificates without DNS names (RFC 6125 6.4). */
bool certificate_matches(const Certificate *certificate, const char *host);
