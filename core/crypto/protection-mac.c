/* Record protection, MAC then encrypt: null, stream and CBC ciphers of SSL 3.0 to TLS 1.2.
 *
 * The rows of version and suite say which of two MACs, two paddings and two kinds of IV apply; this
 * file is what they have in common. Opening computes the MAC whatever the padding says; how many
 * hash blocks it took goes to the meter, where the difference that is left can be seen (it is what
 * Lucky Thirteen measures).
 *
 * What encrypt-then-MAC needs as well (MAC, IV, padding) stands here too. Obeys RFC 6101 5.2.3, RFC
 * 2246 6.2.3, RFC 4346 6.2.3, RFC 5246 6.2.3 and 7.2.2.
 */
#include <string.h>

#include "core/crypto/protection-parts.h"
#include "core/wire/record.h"

static bool mac_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    (void)zeros;
    (void)fault;
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t padding_size = padding_for(suite, plaintext.size + mac_size);
    size_t body_size = plaintext.size + mac_size + padding_size, first = output->len;
    g_byte_array_set_size(output, (guint)(first + iv_size + body_size));
    uint8_t *iv = output->data + first, *body = iv + iv_size;
    uint8_t *mac = body + plaintext.size, *padding = mac + mac_size;
    draw_iv(protection, iv);
    if (plaintext.size > 0)
        memcpy(body, plaintext.data, plaintext.size);
    record_mac(protection, type, wire_version, plaintext, mac);
    fill_padding(protection, padding, padding_size);
    keep_parts(protection, bytes_make(iv, iv_size), bytes_make(mac, mac_size),
               bytes_make(padding, padding_size));
    return run_cipher(protection, CIPHER_ENCRYPT, body, body, body_size);
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

static bool mac_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault)
{
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t first = output->len, padding = 0;
    uint8_t mac[HASH_SIZE_MOST];
    if (!fragment_fits(protection, fragment.size))
        return bad_record(fault);
    size_t size = fragment.size - iv_size;
    g_byte_array_set_size(output, (guint)(first + size));
    uint8_t *body = output->data + first;
    if (iv_size > 0)
        cipher_set_iv(protection->cipher, fragment.data);
    if (!run_cipher(protection, CIPHER_DECRYPT, fragment.data + iv_size, body, size))
        return bad_record(fault);
    bool good = true;
    if (suite->block_size > 0) {
        padding = padding_of(protection, bytes_make(body, size), mac_size);
        good = padding > 0;
        padding = MAX(padding, 1); /* RFC 5246 6.2.3.2: as if it were of length zero */
    }
    size_t data_size = size - padding - mac_size;
    record_mac(protection, *type, wire_version, bytes_make(body, data_size), mac);
    if (!macs_equal(mac, body + data_size, mac_size) || !good)
        return bad_record(fault);
    g_byte_array_set_size(output, (guint)(first + data_size));
    return true;
}

const Sealing sealing_mac = {mac_seal, mac_open};

size_t pseudo_header(const Protection *protection, ContentType type, ProtocolVersion wire_version,
                     size_t length, uint8_t output[PSEUDO_HEADER_MOST])
{
    size_t at = SEQUENCE_SIZE;
    sequence_bytes(protection, output);
    output[at++] = (uint8_t)type;
    if (protection->version->mac != MAC_SSL3) {
        output[at++] = (uint8_t)(wire_version >> 8);
        output[at++] = (uint8_t)wire_version;
    }
    output[at++] = (uint8_t)(length >> 8);
    output[at++] = (uint8_t)length;
    return at;
}

void record_mac(Protection *protection, ContentType type, ProtocolVersion wire_version, Bytes data,
                uint8_t *output)
{
    uint8_t header[PSEUDO_HEADER_MOST];
    size_t size = pseudo_header(protection, type, wire_version, data.size, header);
    mac_compute(protection->mac, (Bytes[]){bytes_make(header, size), data}, 2, output);
    if (protection->meter != NULL)
        protection->meter->hash_blocks += mac_blocks(protection->mac, size + data.size);
}

bool macs_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

bool run_cipher(Protection *protection, CipherDirection direction, const uint8_t *input,
                uint8_t *output, size_t size)
{
    if (protection->cipher == NULL) {
        if (size > 0)
            memmove(output, input, size);
        return true;
    }
    if (protection->meter != NULL)
        protection->meter->cipher_bytes += size;
    return cipher_run(protection->cipher, direction, input, output, size);
}

size_t explicit_iv_size(const Protection *protection)
{
    return protection->version->iv == IV_EXPLICIT ? protection->suite->block_size : 0;
}

void draw_iv(Protection *protection, uint8_t *iv)
{
    size_t size = explicit_iv_size(protection);
    if (size == 0)
        return;
    random_fill(protection->random, "record_iv", iv, size); /* RFC 4346 6.2.3.2 */
    cipher_set_iv(protection->cipher, iv);
}

size_t padding_for(const Suite *suite, size_t size)
{
    return suite->block_size == 0 ? 0 : suite->block_size - size % suite->block_size;
}

void fill_padding(Protection *protection, uint8_t *padding, size_t size)
{
    if (size == 0)
        return;
    /* RFC 5246 6.2.3.2: each byte is the padding length */
    memset(padding, (int)(size - 1), size);
    if (protection->version->padding == PADDING_SSL3) /* RFC 6101 5.2.3.2: contents are free */
        random_fill(protection->random, "record_padding", padding, size - 1);
}

size_t padding_of(const Protection *protection, Bytes body, size_t reserved)
{
    size_t size = (size_t)body.data[body.size - 1] + 1;
    if (size + reserved > body.size)
        return 0;
    if (protection->version->padding == PADDING_SSL3) /* RFC 6101 5.2.3.2: less than a block */
        return size > protection->suite->block_size ? 0 : size;
    uint8_t wrong = 0;
    for (size_t i = body.size - size; i < body.size; i++)
        wrong |= body.data[i] ^ (uint8_t)(size - 1);
    return wrong != 0 ? 0 : size; /* RFC 5246 6.2.3.2: must be checked */
}
