/* Record protection: MAC, padding, encryption, one direction under one set of keys.
 *
 * The rows of version and suite say which of two MACs, two paddings and two kinds of IV apply; this
 * file is what they have in common. Opening computes the MAC whatever the padding says and gives
 * one answer for everything that is wrong, so that an answer is no oracle; how many hash blocks it
 * took goes to the meter, where the difference that is left can be seen (it is what Lucky Thirteen
 * measures).
 *
 * This file knows no header on the wire, no order and no handshake. Obeys RFC 6101 5.2.3, RFC 2246
 * 6.2.3, RFC 4346 6.2.3, RFC 5246 6.2.3 and 7.2.2.
 */
#include "core/crypto/protection.h"

#include <string.h>

#include "core/crypto/cipher.h"
#include "core/crypto/mac.h"
#include "core/wire/record.h"

enum {
    /* RFC 5246 6.2.2 lets compression add 1024 bytes: more than that no fragment's length field
     * could carry once MAC and padding are there. */
    SEALED_MOST = RECORD_PLAINTEXT_MOST + 1024,
    CIPHER_BLOCK_MOST = 16,
    PADDING_MOST = 16, /* this engine pads to the next block, no further */
};

struct Protection {
    const Version *version;
    const Suite *suite;
    Random *random;
    Meter *meter;
    Cipher *cipher; /* NULL for CIPHER_NULL */
    Mac mac;
    uint64_t sequence;
    uint8_t last[CIPHER_BLOCK_MOST + HASH_SIZE_MOST + PADDING_MOST]; /* of the record sealed last */
    size_t last_iv, last_mac, last_padding;                          /* sizes of its parts */
};

Protection *protection_new(const ProtectionKeys *keys, Random *random, Meter *meter, Fault *fault)
{
    static const uint8_t blank[HASH_SIZE_MOST];
    const Version *version = keys->version;
    const Suite *suite = keys->suite;
    Bytes iv = keys->iv;
    g_autoptr(Protection) protection = g_new0(Protection, 1);
    protection->version = version;
    protection->suite = suite;
    protection->random = random;
    protection->meter = meter;
    if (version->mac == MAC_SSL3)
        mac_start_ssl3(&protection->mac, suite->mac, keys->mac_secret);
    else
        mac_start_hmac(&protection->mac, suite->mac, keys->mac_secret);
    if (suite->cipher == CIPHER_NULL)
        return g_steal_pointer(&protection);
    if (version->iv == IV_EXPLICIT || suite->block_size == 0)
        iv = bytes_make(blank, suite->block_size);
    protection->cipher = cipher_new(suite->cipher, keys->key, iv, fault);
    return protection->cipher == NULL ? NULL : g_steal_pointer(&protection);
}

void protection_free(Protection *protection)
{
    if (protection == NULL)
        return;
    cipher_free(protection->cipher);
    g_free(protection);
}

ContentType protection_outer_type(const Protection *protection, ContentType type)
{
    (void)protection;
    return type;
}

uint64_t protection_sequence(const Protection *protection)
{
    return protection->sequence;
}

static size_t explicit_iv_size(const Protection *protection)
{
    return protection->version->iv == IV_EXPLICIT ? protection->suite->block_size : 0;
}

/* MAC of sequence number, type, version (not in SSL 3.0), length and data: RFC 6101 5.2.3.1, RFC
 * 5246 6.2.3.1. */
static void compute_mac(Protection *protection, ContentType type, ProtocolVersion wire_version,
                        Bytes data, uint8_t *output)
{
    uint8_t header[13];
    size_t at = 0;
    for (; at < 8; at++)
        header[at] = (uint8_t)(protection->sequence >> (56 - 8 * at));
    header[at++] = (uint8_t)type;
    if (protection->version->mac == MAC_HMAC) {
        header[at++] = (uint8_t)(wire_version >> 8);
        header[at++] = (uint8_t)wire_version;
    }
    header[at++] = (uint8_t)(data.size >> 8);
    header[at++] = (uint8_t)data.size;
    mac_compute(&protection->mac, (Bytes[]){bytes_make(header, at), data}, 2, output);
    if (protection->meter != NULL)
        protection->meter->hash_blocks += mac_blocks(&protection->mac, at + data.size);
}

/* Bytes of padding and padding_length that make `size` whole blocks. */
static size_t padding_for(const Suite *suite, size_t size)
{
    return suite->block_size == 0 ? 0 : suite->block_size - size % suite->block_size;
}

static void fill_padding(Protection *protection, uint8_t *padding, size_t size)
{
    if (size == 0)
        return;
    switch (protection->version->padding) {
    case PADDING_SSL3: /* RFC 6101 5.2.3.2: contents are free */
        random_fill(protection->random, "record_padding", padding, size - 1);
        padding[size - 1] = (uint8_t)(size - 1);
        return;
    case PADDING_TLS: /* RFC 5246 6.2.3.2: each byte is the padding length */
        memset(padding, (int)(size - 1), size);
        return;
    }
}

/* MAC and padding stand side by side in the body. */
static void keep_parts(Protection *protection, Bytes iv, Bytes mac, size_t padding)
{
    protection->last_iv = iv.size;
    protection->last_mac = mac.size;
    protection->last_padding = padding;
    g_assert(iv.size + mac.size + padding <= sizeof protection->last);
    memcpy(protection->last, iv.data, iv.size);
    memcpy(protection->last + iv.size, mac.data, mac.size + padding);
}

RecordParts protection_parts(const Protection *protection)
{
    Bytes all = bytes_make(protection->last, sizeof protection->last);
    size_t mac = protection->last_iv, padding = mac + protection->last_mac;
    return (RecordParts){
        .iv = bytes_slice(all, 0, mac),
        .mac = bytes_slice(all, mac, protection->last_mac),
        .padding = bytes_slice(all, padding, protection->last_padding),
    };
}

bool protection_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    (void)zeros;
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t padding = padding_for(suite, plaintext.size + mac_size);
    size_t body_size = plaintext.size + mac_size + padding, first = output->len;
    if (plaintext.size > SEALED_MOST)
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, "RFC 5246 6.2.1",
                         "a record cannot carry %zu bytes", plaintext.size);
    g_byte_array_set_size(output, (guint)(first + iv_size + body_size));
    uint8_t *iv = output->data + first, *body = iv + iv_size;
    if (iv_size > 0) { /* RFC 4346 6.2.3.2 */
        random_fill(protection->random, "record_iv", iv, iv_size);
        cipher_set_iv(protection->cipher, iv);
    }
    if (plaintext.size > 0)
        memcpy(body, plaintext.data, plaintext.size);
    compute_mac(protection, type, wire_version, plaintext, body + plaintext.size);
    fill_padding(protection, body + plaintext.size + mac_size, padding);
    keep_parts(protection, bytes_make(iv, iv_size), bytes_make(body + plaintext.size, mac_size),
               padding);
    if (protection->cipher != NULL &&
        !cipher_run(protection->cipher, CIPHER_ENCRYPT, body, body, body_size))
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "libcrypto failed to encrypt a record");
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_sealed += plaintext.size;
    return true;
}

/* One sentence for all that can be wrong with a record (RFC 5246 7.2.2). */
static bool bad_record(GByteArray *output, size_t first, Fault *fault)
{
    g_byte_array_set_size(output, (guint)first);
    return fault_peer(fault, ALERT_BAD_RECORD_MAC, "RFC 5246 7.2.2",
                      "the record does not authenticate");
}

/* Whether a fragment can be what this protection seals at all: IV, then whole blocks, enough for a
 * MAC and a padding_length. */
static bool fragment_fits(const Protection *protection, size_t size)
{
    size_t iv_size = explicit_iv_size(protection), block = protection->suite->block_size;
    size_t mac_size = hash_size(protection->suite->mac);
    if (size > RECORD_CIPHERTEXT_MOST)
        return false;
    if (block == 0)
        return size >= mac_size;
    return size >= iv_size + mac_size + 1 && (size - iv_size) % block == 0;
}

/* Bytes of padding with its length byte at the end of `body`, or 0 when they are not as they must
 * be. */
static size_t padding_of(const Protection *protection, Bytes body)
{
    size_t size = (size_t)body.data[body.size - 1] + 1;
    if (size + hash_size(protection->suite->mac) > body.size)
        return 0;
    switch (protection->version->padding) {
    case PADDING_SSL3: /* RFC 6101 5.2.3.2: less than a block, any contents */
        return size > protection->suite->block_size ? 0 : size;
    case PADDING_TLS:
        break;
    }
    uint8_t wrong = 0;
    for (size_t i = body.size - size; i < body.size; i++)
        wrong |= body.data[i] ^ (uint8_t)(size - 1);
    return wrong != 0 ? 0 : size; /* RFC 5246 6.2.3.2: must be checked */
}

static bool macs_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

bool protection_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault)
{
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t first = output->len, padding = 0;
    uint8_t mac[HASH_SIZE_MOST];
    if (!fragment_fits(protection, fragment.size))
        return bad_record(output, first, fault);
    size_t size = fragment.size - iv_size;
    const uint8_t *sealed = fragment.data + iv_size;
    g_byte_array_set_size(output, (guint)(first + size));
    uint8_t *body = output->data + first;
    if (iv_size > 0)
        cipher_set_iv(protection->cipher, fragment.data);
    if (protection->cipher == NULL)
        memcpy(body, sealed, size);
    else if (!cipher_run(protection->cipher, CIPHER_DECRYPT, sealed, body, size))
        return bad_record(output, first, fault);
    bool good = true;
    if (suite->block_size > 0) {
        padding = padding_of(protection, bytes_make(body, size));
        good = padding > 0;
        padding = MAX(padding, 1); /* RFC 5246 6.2.3.2: as if it were of length zero */
    }
    size_t data_size = size - padding - mac_size;
    compute_mac(protection, *type, wire_version, bytes_make(body, data_size), mac);
    if (!macs_equal(mac, body + data_size, mac_size) || !good)
        return bad_record(output, first, fault);
    g_byte_array_set_size(output, (guint)(first + data_size));
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_opened += data_size;
    if (data_size <= RECORD_PLAINTEXT_MOST)
        return true;
    g_byte_array_set_size(output, (guint)first);
    return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 5246 6.2.1",
                      "a record carries %zu bytes of plaintext, more than 2^14", data_size);
}
