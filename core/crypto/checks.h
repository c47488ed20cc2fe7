/* The checks of server and client authentication, run one by one in the order of the lesson: all of
 * them run, each has its result and its reason; the alert is the first failure's. Sources: RFC 5280
 * 6.1, RFC 6125 6.4, RFC 5246 7.4.8 and 7.2.2. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/meter.h"

typedef enum {
    CHECK_SIGNATURE,      /* client only: CertificateVerify verifies under the certificate's key */
    CHECK_VALIDITY,       /* today lies between notBefore and notAfter, of every certificate */
    CHECK_ISSUER_TRUSTED, /* the chain ends in a CA of the checker's own list */
    CHECK_ISSUER_SIGNATURE, /* the issuers' keys verify every signature of the chain */
    CHECK_AUTHORITY,        /* every issuer is a CA that may sign certificates */
    CHECK_USAGE,            /* the certificate may be used for this */
    CHECK_NAME,             /* server only: the name that the client asked for */
    CHECK_REVOCATION,       /* server only: what a stapled response says (RFC 6066 8) */
    CHECK_AUTHORISED,       /* client only, by the application: the access list */
    CHECK_KINDS,
} CheckKind;

enum { CHECK_REASON_SIZE = 200 };

typedef enum {
    CHECK_PASSED,
    CHECK_FAILED,
    CHECK_NOT_MADE, /* nothing to make it on, or not asked for; `reason` says so */
} CheckOutcome;

typedef struct {
    CheckKind kind;
    CheckOutcome outcome;
    AlertDescription alert;         /* when failed; TLS's: SSL 3.0 maps it */
    char reason[CHECK_REASON_SIZE]; /* one sentence with the values */
} Check;

typedef struct {
    Role subject;              /* whose certificate is checked */
    Certificate *const *chain; /* the subject's own first */
    size_t chain_count;
    Certificate *const *trusted; /* the checker's list of CA certificates */
    size_t trusted_count;
    int64_t now;      /* seconds since 1970 UTC */
    const char *name; /* the name asked for; NULL: not checked */
    KeyExchangeKind key_exchange;
    ProtocolVersion version; /* of the connection: TLS 1.3 takes no MD5 (RFC 8446 4.4.2.4) */
    bool signature_good;     /* clients: CertificateVerify's result */
    Meter *meter;            /* counts the public operations; may be NULL */
} CheckInput;

/* Fills `checks` in the order of the lesson and returns how many (none without a certificate): for
 * a server issuer trusted, validity, name, issuer signature; for a client signature, validity,
 * issuer trusted, issuer signature; then authority and usage for both. CHECK_AUTHORISED is the
 * application's. A certificate that is itself on the trusted list is trusted. An issuer is looked
 * for by name, on the list of the trusted first, then in the chain; where several have the name,
 * one whose key verifies is taken. */
size_t checks_run(const CheckInput *input, Check checks[CHECK_KINDS]);

/* The first that failed, or NULL. */
const Check *checks_failure(const Check *checks, size_t count);

const char *check_name(CheckKind kind); /* "signature", "validity", "issuer trusted" … */
bool check_from_name(const char *name, CheckKind *kind);

/* libcrypto's own answer by X509_verify_cert, as a second opinion: true when it accepts. `why` gets
 * its words. */
bool checks_second_opinion(const CheckInput *input, char why[CHECK_REASON_SIZE]);
