/* Suite: a row; all that differs between cipher suites, as data. Source: IANA TLS Cipher Suites;
 * RFC 2246 A.5, C; RFC 5246 A.5; RFC 6101 A.6; RFC 8446 B.4; draft-hickman-netscape-ssl. */
#pragma once

#include "core/base/numbers.h"

typedef enum {
    CIPHER_NULL,
    CIPHER_RC4,
    CIPHER_RC2_CBC,
    CIPHER_DES_CBC,
    CIPHER_3DES_EDE_CBC,
    CIPHER_AES_128_CBC,
    CIPHER_AES_256_CBC,
    CIPHER_CAMELLIA_128_CBC,
    CIPHER_CAMELLIA_256_CBC,
    CIPHER_SEED_CBC,
    CIPHER_IDEA_CBC, /* known; libcrypto has none */
    CIPHER_AES_128_GCM,
    CIPHER_AES_256_GCM,
    CIPHER_AES_128_CCM,
    CIPHER_AES_256_CCM,
    CIPHER_AES_128_CCM_8,
    CIPHER_AES_256_CCM_8,
    CIPHER_CHACHA20_POLY1305,
    CIPHER_ARIA_128_GCM,
    CIPHER_ARIA_256_GCM,
    CIPHER_KINDS,
} CipherKind;

typedef enum {
    CIPHER_MODE_STREAM, /* and null */
    CIPHER_MODE_CBC,
    CIPHER_MODE_AEAD,
} CipherMode;

typedef enum {
    NONCE_NONE,
    NONCE_EXPLICIT, /* 4 bytes of the key block, 8 in the record (RFC 5288 3, RFC 6655 3) */
    NONCE_XOR,      /* 12 bytes, XORed with the sequence number (RFC 7905 2; all of TLS 1.3) */
} NonceKind;

/* A cipher, as a row. */
typedef struct {
    const char *name; /* "AES-128-GCM" */
    CipherMode mode;
    uint8_t key_size, block_size; /* bytes; block 0 unless CBC */
    uint8_t tag_size;             /* AEAD: 16, or 8 for CCM_8 */
    NonceKind nonce;              /* AEAD: in TLS 1.2 */
    const char *missing;          /* why it cannot run here; NULL: it can */
} CipherRow;

const CipherRow *cipher_row(CipherKind kind);

typedef enum {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA224,
    HASH_SHA256,
    HASH_SHA384,
    HASH_SHA512,
    HASH_KINDS,
    HASH_NONE = HASH_KINDS, /* the MAC of AEAD suites: hash_size() is 0 */
} HashKind;

enum { HASH_SIZE_MOST = 64, HASH_BLOCK_MOST = 128 };

typedef struct {
    SuiteNumber number;
    const char *name;    /* IANA's */
    const char *openssl; /* OpenSSL's: "AES128-SHA" */
    KeyExchangeKind key_exchange;
    CipherKind cipher;
    uint8_t key_material; /* bytes taken from the key block: 5 for export */
    uint8_t key_size;     /* bytes of the cipher's key: final_client_write_key for export */
    uint8_t block_size;   /* 0 for null, stream and AEAD */
    bool exportable; /* 40 secret bits: made final by a second derivation (RFC 2246 6.3.1); in SSL
                        2.0 the rest of the master key goes in clear */
    HashKind mac;    /* HASH_NONE for AEAD */
    HashKind prf;    /* TLS 1.2's PRF hash; all of TLS 1.3's schedule and transcript */
    ProtocolVersion first, last;
    uint8_t clear_size; /* SSL 2.0: bytes of the master key sent as CLEAR-KEY-DATA; 11 for export */
} Suite;

/* NULL when it is not known, or cannot run. */
const Suite *suite_find(SuiteNumber number);
/* Why a suite whose number has a name cannot run here: a phrase. NULL when it runs, and for numbers
 * without a name. */
const char *suite_missing(SuiteNumber number);
/* By IANA name, OpenSSL name or number ("0x002f"), case-insensitive. */
const Suite *suite_by_name(const char *name);
size_t suite_count(void);
const Suite *suite_at(size_t index); /* in the order of their numbers */
/* Whether the version can carry it. */
bool suite_fits(const Suite *suite, ProtocolVersion version);

/* Bytes of a MAC of that hash. */
size_t hash_size(HashKind hash);
const char *hash_name(HashKind hash); /* "SHA-256" */
