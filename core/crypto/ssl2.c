/* SSL 2.0: session keys and record protection.
 *
 * The MAC is a bare MD5 with the secret in front, over data, padding and a sequence number of 32
 * bits that counts every record of its direction from the first plain hello on. It covers neither
 * the kind of record nor its length, and its secret is the cipher's own key; it stands in front of
 * the data and is encrypted with it. Padding has any content, and its length travels in clear in
 * the header.
 *
 * For DES the draft leaves the digit "0" out of the hash that makes the keys; the stacks that lived
 * (SSLeay, NSS) put it in, and so does this one.
 *
 * This file knows no header and no order. Obeys draft-hickman-netscape-ssl 1.2 and 2.6.1.
 */
#include "core/crypto/ssl2.h"

#include <string.h>

#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/hash.h"

enum { KEY_MOST = 24 };

struct Ssl2Protection {
    const Suite *suite;
    Cipher *cipher;
    Random *random;
    Meter *meter;
    uint32_t sequence;
    uint8_t key[KEY_MOST];
};

void ssl2_keys(const Suite *suite, Bytes master, Bytes challenge, Bytes connection_id,
               Ssl2Keys *keys)
{
    size_t key_size = suite->key_size;
    keys->size = 2 * key_size;
    g_assert(keys->size <= sizeof keys->material && keys->size % SSL2_MAC_SIZE == 0);
    for (size_t at = 0; at < keys->size; at += SSL2_MAC_SIZE) { /* KEY-MATERIAL-0, 1, 2: 2.6.1 */
        const uint8_t digit[] = {(uint8_t)('0' + at / SSL2_MAC_SIZE)};
        digest(HASH_MD5, (Bytes[]){master, BYTES_ARRAY(digit), challenge, connection_id}, 4,
               keys->material + at);
    }
    keys->client_read_key = bytes_make(keys->material, key_size);
    keys->client_write_key = bytes_make(keys->material + key_size, key_size);
}

Ssl2Protection *ssl2_protection_new(const Suite *suite, Bytes key, Bytes iv, uint32_t sequence,
                                    Random *random, Meter *meter, Fault *fault)
{
    g_assert(suite->key_exchange == KEY_EXCHANGE_SSL2);
    g_autoptr(Ssl2Protection) protection = g_new0(Ssl2Protection, 1);
    protection->cipher = cipher_new(suite->cipher, key, iv, fault);
    if (protection->cipher == NULL)
        return NULL;
    protection->suite = suite;
    protection->random = random;
    protection->meter = meter;
    protection->sequence = sequence;
    memcpy(protection->key, key.data, key.size);
    return g_steal_pointer(&protection);
}

void ssl2_protection_free(Ssl2Protection *protection)
{
    if (protection == NULL)
        return;
    cipher_free(protection->cipher);
    g_free(protection);
}

uint32_t ssl2_sequence(const Ssl2Protection *protection)
{
    return protection->sequence;
}

/* MD5 of secret, actual data, padding data and sequence number: 1.2 */
static void compute_mac(Ssl2Protection *protection, Bytes data_and_padding, uint8_t *output)
{
    uint32_t number = protection->sequence;
    const uint8_t sequence[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8), (uint8_t)number};
    Bytes secret = bytes_make(protection->key, protection->suite->key_size);
    digest(HASH_MD5, (Bytes[]){secret, data_and_padding, BYTES_ARRAY(sequence)}, 3, output);
    if (protection->meter == NULL)
        return;
    size_t size = secret.size + data_and_padding.size + sizeof sequence;
    size_t block = hash_block_size(HASH_MD5), tail = 1 + hash_length_size(HASH_MD5);
    protection->meter->hash_blocks += (size + tail + block - 1) / block;
}

static void count_cipher(Ssl2Protection *protection, size_t size)
{
    if (protection->meter != NULL)
        protection->meter->cipher_bytes += size;
}

bool ssl2_seal(Ssl2Protection *protection, Bytes data, GByteArray *output, size_t *padding,
               Fault *fault)
{
    size_t block = MAX(protection->suite->block_size, 1), first = output->len;
    *padding = (block - (SSL2_MAC_SIZE + data.size) % block) % block;
    size_t size = SSL2_MAC_SIZE + data.size + *padding;
    if (size > (*padding > 0 ? SSL2_BODY_MOST_WITH_PADDING : SSL2_BODY_MOST)) /* 1.1 */
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "a record of SSL 2.0 cannot carry %zu bytes", data.size);
    g_byte_array_set_size(output, (guint)(first + size));
    uint8_t *body = output->data + first, *body_data = body + SSL2_MAC_SIZE;
    if (data.size > 0)
        memcpy(body_data, data.data, data.size);
    if (*padding > 0)
        random_fill(protection->random, "record_padding", body_data + data.size, *padding);
    compute_mac(protection, bytes_make(body_data, data.size + *padding), body);
    count_cipher(protection, size);
    if (!cipher_run(protection->cipher, CIPHER_ENCRYPT, body, body, size)) {
        g_byte_array_set_size(output, (guint)first);
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "libcrypto failed to encrypt a record");
    }
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_sealed += data.size;
    return true;
}

static bool bad_body(GByteArray *output, size_t first, Fault *fault)
{
    g_byte_array_set_size(output, (guint)first);
    return fault_peer(fault, ALERT_BAD_RECORD_MAC, NULL, "the record does not authenticate");
}

bool ssl2_open(Ssl2Protection *protection, Bytes body, size_t padding, GByteArray *output,
               Fault *fault)
{
    size_t block = MAX(protection->suite->block_size, 1), first = output->len;
    uint8_t mac[SSL2_MAC_SIZE], wrong = 0;
    if (body.size > SSL2_BODY_MOST || body.size < SSL2_MAC_SIZE || body.size % block != 0 ||
        padding > body.size - SSL2_MAC_SIZE)
        return bad_body(output, first, fault);
    g_byte_array_set_size(output, (guint)(first + body.size));
    uint8_t *opened = output->data + first, *data = opened + SSL2_MAC_SIZE;
    count_cipher(protection, body.size);
    if (!cipher_run(protection->cipher, CIPHER_DECRYPT, body.data, opened, body.size))
        return bad_body(output, first, fault);
    compute_mac(protection, bytes_make(data, body.size - SSL2_MAC_SIZE), mac);
    for (size_t i = 0; i < sizeof mac; i++)
        wrong |= mac[i] ^ opened[i];
    if (wrong != 0)
        return bad_body(output, first, fault);
    size_t size = body.size - SSL2_MAC_SIZE - padding;
    memmove(opened, data, size);
    g_byte_array_set_size(output, (guint)(first + size));
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_opened += size;
    return true;
}
