/* What the files that read, judge and mint certificates and OCSP responses share: the parts of a
 * Certificate and the object identifiers. No other file includes it. */
#pragma once

#include "core/crypto/algorithm.h"
#include "core/crypto/certificate.h"

/* The bits of keyUsage (RFC 5280 4.2.1.3), the first bit highest. */
enum {
    USAGE_DIGITAL_SIGNATURE = 0x80,
    USAGE_NON_REPUDIATION = 0x40,
    USAGE_KEY_ENCIPHERMENT = 0x20,
    USAGE_DATA_ENCIPHERMENT = 0x10,
    USAGE_KEY_AGREEMENT = 0x08,
    USAGE_KEY_CERT_SIGN = 0x04,
    USAGE_CRL_SIGN = 0x02,
};

/* Purposes of extKeyUsage (RFC 5280 4.2.1.12), as bits. */
enum {
    PURPOSE_SERVER = 1 << 0,
    PURPOSE_CLIENT = 1 << 1,
    PURPOSE_CODE = 1 << 2,
    PURPOSE_OCSP = 1 << 3,
    PURPOSE_OTHER = 1 << 4,
};

struct Certificate {
    gint references;
    GBytes *der; /* all views point into it */
    Bytes tbs, serial, issuer, subject;
    Bytes inner_algorithm, outer_algorithm; /* AlgorithmIdentifier, whole */
    Bytes signature;
    const SignatureAlgorithm *algorithm; /* NULL: not known */
    int64_t not_before, not_after;
    unsigned version; /* 1 to 3 */
    PublicKey *key;
    bool has_usage, has_purposes, authority, must_staple;
    uint8_t usage;
    unsigned purposes;
    int path_length;   /* -1: no bound */
    GArray *dns_names; /* of Bytes */
    char *unknown_critical;
    char *subject_text, *issuer_text, *serial_text, *names_text, *fingerprint_text;
    char *signature_text;
};

/* Extensions (RFC 5280 4.2.1), the last arc of 2.5.29. */
enum {
    EXTENSION_ID_CE_SKI = 14,
    EXTENSION_ID_CE_KEY_USAGE = 15,
    EXTENSION_ID_CE_SAN = 17,
    EXTENSION_ID_CE_BASIC_CONSTRAINTS = 19,
    EXTENSION_ID_CE_AKI = 35,
    EXTENSION_ID_CE_EXT_KEY_USAGE = 37,
};

/* A purpose's object identifier. */
typedef struct {
    const char *name;
    unsigned purpose;
    uint8_t size, oid[10];
} Purpose;

extern const Purpose purposes[];
extern const size_t purpose_count;

/* TLS feature (RFC 7633 6): 1.3.6.1.5.5.7.1.24. */
extern const uint8_t oid_tls_feature[8];

/* SHA-1 of the key's bits without tag, length and unused bits: RFC 5280 4.2.1.2, method 1; RFC 6960
 * 4.1.1. */
void key_identifier(const PublicKey *key, HashKind hash, uint8_t *output);
