/* What the files of record protection share: the struct, the table of ways to protect, and what two
 * of them need. No other file includes it. */
#pragma once

#include "core/crypto/aead.h"
#include "core/crypto/cipher.h"
#include "core/crypto/mac.h"
#include "core/crypto/protection.h"

enum {
    SEQUENCE_SIZE = 8,
    PSEUDO_HEADER_MOST = 13, /* sequence number, type, version, length */
    CIPHER_BLOCK_MOST = 16,
    PADDING_MOST = 16,       /* this laboratory pads to the next block, no further */
    EXPLICIT_NONCE_SIZE = 8, /* RFC 5288 3 */
    /* RFC 5246 6.2.2 lets compression add 1024 bytes: more than that no fragment's length field
     * could carry once MAC and padding are there. */
    SEALED_MOST = 16384 + 1024,
};

/* One way to protect. `seal` appends a fragment, `open` its plaintext; whoever calls them minds the
 * sequence number, and takes back what was appended when they fail. */
typedef struct {
    bool (*seal)(Protection *protection, ContentType type, ProtocolVersion wire_version,
                 Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault);
    bool (*open)(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                 Bytes fragment, GByteArray *output, Fault *fault);
} Sealing;

extern const Sealing sealing_mac;   /* MAC, then encrypt: RFC 5246 6.2.3.1, 6.2.3.2 */
extern const Sealing sealing_etm;   /* encrypt, then MAC: RFC 7366 */
extern const Sealing sealing_aead;  /* RFC 5246 6.2.3.3 */
extern const Sealing sealing_tls13; /* RFC 8446 5.2 */

struct Protection {
    const Version *version;
    const Suite *suite;
    const Sealing *sealing;
    Random *random;
    Meter *meter;
    Cipher *cipher; /* NULL for CIPHER_NULL and AEAD */
    Mac *mac;       /* NULL for AEAD */
    Aead *aead;     /* NULL but for AEAD */
    uint8_t fixed_iv[AEAD_NONCE_SIZE];
    uint64_t sequence;
    uint8_t last[CIPHER_BLOCK_MOST + HASH_SIZE_MOST + PADDING_MOST]; /* of the record sealed last */
    size_t last_iv, last_mac, last_padding;                          /* sizes of its parts */
    size_t last_zeros;                                               /* TLS 1.3's padding */
};

/* One sentence for all that can be wrong with a record (RFC 5246 7.2.2). */
bool bad_record(Fault *fault);

/* The sequence number, big-endian. */
void sequence_bytes(const Protection *protection, uint8_t output[SEQUENCE_SIZE]);

/* What is authenticated ahead of the data: sequence number, type, version (not in SSL 3.0), length:
 * RFC 6101 5.2.3.1, RFC 5246 6.2.3.1. Returns its size. */
size_t pseudo_header(const Protection *protection, ContentType type, ProtocolVersion wire_version,
                     size_t length, uint8_t output[PSEUDO_HEADER_MOST]);

/* MAC over the pseudo header and `data`. */
void record_mac(Protection *protection, ContentType type, ProtocolVersion wire_version, Bytes data,
                uint8_t *output);
bool macs_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* Through the cipher, or unchanged when there is none; input and output may be the same. */
bool run_cipher(Protection *protection, CipherDirection direction, const uint8_t *input,
                uint8_t *output, size_t size);

/* Bytes of explicit IV; it is drawn into `iv` and starts the chain. */
size_t explicit_iv_size(const Protection *protection);
void draw_iv(Protection *protection, uint8_t *iv);

/* Bytes of padding and padding_length that make `size` whole blocks. */
size_t padding_for(const Suite *suite, size_t size);
void fill_padding(Protection *protection, uint8_t *padding, size_t size);

/* Bytes of padding with its length byte at the end of `body`, which has `reserved` bytes of
 * something else at least; 0 when they are not as they must be. */
size_t padding_of(const Protection *protection, Bytes body, size_t reserved);

void keep_parts(Protection *protection, Bytes iv, Bytes mac, Bytes padding);
