/* OCSP responses: minted in the laboratory and read. RFC 6960 4.2; stapled by RFC 6066 8 and RFC
 * 8446 4.4.2.1. */
#pragma once

#include "core/crypto/certificate.h"

typedef enum {
    OCSP_GOOD,
    OCSP_REVOKED,
    OCSP_UNKNOWN,
} OcspStatus;

typedef struct {
    OcspStatus status;
    int64_t produced, this_update, next_update; /* seconds since 1970 UTC; next_update 0: none */
    int64_t revoked;                            /* OCSP_REVOKED: when */
} OcspSpec;

/* DER of an OCSPResponse (successful, BasicOCSPResponse) for `certificate`, signed by its issuer's
 * key, responder by name. CertID by SHA-1 (RFC 6960 4.1.1). */
GBytes *ocsp_mint(const OcspSpec *spec, const Certificate *certificate, const Certificate *issuer,
                  const PrivateKey *issuer_key, Fault *fault);

/* What a stapled response says of a certificate. */
typedef struct {
    OcspStatus status;
    int64_t this_update, next_update, revoked;
    bool covers;   /* its CertID names this certificate and issuer */
    bool verified; /* the issuer's key (or a delegate's that it certified) verifies it */
    bool current;  /* now lies between thisUpdate and nextUpdate */
} OcspReading;

/* bad_certificate_status_response when it cannot be read at all. */
bool ocsp_read(Bytes der, const Certificate *certificate, const Certificate *issuer, int64_t now,
               OcspReading *reading, Fault *fault);

const char *ocsp_status_name(OcspStatus status); /* "good", "revoked", "unknown" */
