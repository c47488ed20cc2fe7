/* Version: a row; all that differs between SSL 3.0, TLS 1.0, 1.1 and 1.2 besides order, as data. */
#pragma once

#include "core/base/numbers.h"

typedef enum {
    PRF_SSL3,     /* RFC 6101 6.1, 6.2: MD5 of SHA-1, "A", "BB" … */
    PRF_MD5_SHA1, /* RFC 2246 5, RFC 4346 5 */
    PRF_SUITE,    /* RFC 5246 5: P_hash with the suite's hash, SHA-256 here */
} PrfKind;

typedef enum {
    MAC_SSL3, /* RFC 6101 5.2.3.1: pads, no version */
    MAC_HMAC, /* RFC 2246 6.2.3.1 */
} MacConstruction;

typedef enum {
    IV_CHAINED,  /* the last block of the record before: RFC 2246 6.2.3.2 */
    IV_EXPLICIT, /* ahead of each record: RFC 4346 6.2.3.2 */
} IvKind;

typedef enum {
    PADDING_SSL3, /* any content, less than one block (RFC 6101 5.2.3.2) */
    PADDING_TLS,  /* every byte is the length, up to 255 (RFC 2246 6.2.3.2) */
} PaddingKind;

typedef enum {
    VERIFY_SSL3,     /* MD5 and SHA-1 over pads and the master secret (RFC 6101 5.6.8) */
    VERIFY_MD5_SHA1, /* RFC 2246 7.4.8 */
    VERIFY_SCHEME,   /* the algorithm stands in the message (RFC 5246 7.4.8) */
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
    size_t finished_size; /* 36 or 12 bytes */
} Version;

/* The row of a number; NULL when the laboratory does not speak it. */
const Version *version_find(ProtocolVersion number);
size_t version_count(void);
const Version *version_at(size_t index); /* oldest first */
