/* SSL 2.0: session keys and record protection, which have nothing in common with those of its
 * successors. Source: draft-hickman-netscape-ssl (1995), 1.2 and 2.6.1. Headers are the wire's. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/meter.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"

enum {
    SSL2_KEY_MATERIAL_MOST = 48,         /* DES_192_EDE3: twice 24 bytes */
    SSL2_MAC_SIZE = 16,                  /* MD5 */
    SSL2_BODY_MOST = 32767,              /* behind a header of two bytes */
    SSL2_BODY_MOST_WITH_PADDING = 16383, /* of three */
};

/* The two session keys, views into `material`; it must not move afterwards. */
typedef struct {
    uint8_t material[SSL2_KEY_MATERIAL_MOST];
    size_t size;            /* bytes of material used: twice the key size */
    Bytes client_read_key;  /* the server's write key */
    Bytes client_write_key; /* the server's read key */
} Ssl2Keys;

/* MD5 of master key, a digit, challenge and connection id, as often as it takes. `master` has
 * suite->key_size bytes: for export suites CLEAR-KEY-DATA (suite->clear_size bytes), then
 * SECRET-KEY-DATA. */
void ssl2_keys(const Suite *suite, Bytes master, Bytes challenge, Bytes connection_id,
               Ssl2Keys *keys);

typedef struct Ssl2Protection Ssl2Protection;

/* One direction. `key` is the sender's write key; it encrypts and is the secret of the MAC alike.
 * `iv` is KEY-ARG-DATA (8 bytes; none for RC4). `sequence` is how many records went in this
 * direction before, plain ones included. `random` fills padding ("record_padding"); it and `meter`
 * (may be NULL) must outlive the protection. */
Ssl2Protection *ssl2_protection_new(const Suite *suite, Bytes key, Bytes iv, uint32_t sequence,
                                    Random *random, Meter *meter, Fault *fault);
void ssl2_protection_free(Ssl2Protection *protection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ssl2Protection, ssl2_protection_free)

/* Appends the body of a record: MAC-DATA, data and padding, encrypted; `padding` becomes the bytes
 * of padding, which the header announces (none: the header of two bytes will do). */
bool ssl2_seal(Ssl2Protection *protection, Bytes data, GByteArray *output, size_t *padding,
               Fault *fault);

/* Appends the data of a body whose header announces `padding`. bad_record_mac, for whoever reads
 * the trace: SSL 2.0 has no alert for it, the connection just ends. */
bool ssl2_open(Ssl2Protection *protection, Bytes body, size_t padding, GByteArray *output,
               Fault *fault);

/* The number of the next record. */
uint32_t ssl2_sequence(const Ssl2Protection *protection);
