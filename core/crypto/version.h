/* Version: a row; all that differs between SSL 2.0, SSL 3.0 and TLS 1.0 to 1.3 besides order, as
 * data. */
#pragma once

#include "core/base/numbers.h"

typedef enum {
    PRF_SSL3,     /* RFC 6101 6.1, 6.2: MD5 of SHA-1, "A", "BB" … */
    PRF_MD5_SHA1, /* RFC 2246 5, RFC 4346 5 */
    PRF_SUITE,    /* RFC 5246 5: P_hash with the suite's hash */
    PRF_SSL2,     /* MD5 of the master key and two public values: ssl2.h */
    PRF_HKDF,     /* RFC 8446 7.1: hkdf.h */
} PrfKind;

typedef enum {
    MAC_SSL3, /* RFC 6101 5.2.3.1: pads, no version */
    MAC_HMAC, /* RFC 2246 6.2.3.1 */
    MAC_SSL2, /* MD5 of secret, data, padding, sequence number: ssl2.h */
    MAC_AEAD, /* RFC 8446 5.2: none of its own */
} MacConstruction;

typedef enum {
    IV_CHAINED,  /* the last block of the record before: RFC 2246 6.2.3.2 */
    IV_EXPLICIT, /* ahead of each record: RFC 4346 6.2.3.2 */
    IV_COUNTED,  /* by the sequence number, not sent: RFC 8446 5.3 */
} IvKind;

typedef enum {
    PADDING_SSL3, /* any content, less than one block (RFC 6101 5.2.3.2) */
    PADDING_TLS,  /* every byte is the length, up to 255 (RFC 2246 6.2.3.2) */
    PADDING_SSL2, /* any content; its length stands in the record's header */
    PADDING_ZERO, /* as many zeros as the sender likes, behind the content type (RFC 8446 5.4) */
} PaddingKind;

typedef enum {
    VERIFY_SSL3,     /* MD5 and SHA-1 over pads and the master secret (RFC 6101 5.6.8) */
    VERIFY_MD5_SHA1, /* RFC 2246 7.4.8 */
    VERIFY_SCHEME,   /* the algorithm stands in the message (RFC 5246 7.4.8, RFC 8446 4.4.3) */
    VERIFY_SSL2,     /* MD5 over keys, challenge and the server's certificate */
} VerifyKind;

typedef struct {
    ProtocolVersion number;
    const char *name; /* "TLS 1.2" */
    const char *rfc;  /* "RFC 5246" */
    PrfKind prf;
    MacConstruction mac;
    IvKind iv;
    PaddingKind padding;
    VerifyKind verify;
    size_t finished_size; /* 36 or 12 bytes; 0: of the connection (SSL 2.0), of the suite's hash */
} Version;

/* The row of a number; NULL when the laboratory does not know it. */
const Version *version_find(ProtocolVersion number);
size_t version_count(void);
const Version *version_at(size_t index); /* oldest first */
