/* Suite: a row; all that differs between cipher suites, as data. Source: IANA TLS Cipher Suites;
 * RFC 2246 A.5, C; RFC 5246 A.5; RFC 6101 A.6. */
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
    CIPHER_KINDS,
} CipherKind;

typedef enum {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA256,
    HASH_SHA384,
    HASH_SHA512,
    HASH_KINDS,
} HashKind;

enum { HASH_SIZE_MOST = 64, HASH_BLOCK_MOST = 128 };

typedef struct {
    uint16_t number;
    const char *name;    /* IANA's */
    const char *openssl; /* OpenSSL's: "AES128-SHA" */
    KeyExchangeKind key_exchange;
    CipherKind cipher;
    HashKind mac;
    HashKind prf;         /* TLS 1.2's PRF hash */
    uint8_t key_material; /* bytes taken from the key block: 5 for export */
    uint8_t key_size;     /* bytes of the cipher's key: final_client_write_key for export */
    uint8_t block_size;   /* 0 for null and stream */
    bool exportable;      /* RFC 2246 6.3.1: keys of 40 bits, made final by a second derivation */
    ProtocolVersion first, last;
} Suite;

const Suite *suite_find(uint16_t number);
/* By IANA name, OpenSSL name or number ("0x002f"), case-insensitive. */
const Suite *suite_by_name(const char *name);
size_t suite_count(void);
const Suite *suite_at(size_t index); /* in the order of their numbers */
/* Whether the version can carry it. */
bool suite_fits(const Suite *suite, ProtocolVersion version);

/* Bytes of a MAC of that hash. */
size_t hash_size(HashKind hash);
const char *hash_name(HashKind hash); /* "SHA-256" */
