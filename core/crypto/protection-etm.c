/* Record protection, encrypt then MAC: CBC ciphers where both sides agreed on RFC 7366.
 *
 * The MAC stands behind the ciphertext, outside the encryption, and covers what travels: the
 * explicit IV (where the version has one) and the ciphertext. So a record that was touched is
 * refused before anything is decrypted, and its padding tells nobody anything: there is no oracle
 * to ask.
 *
 * This file does not know how it was agreed upon. Obeys RFC 7366 3; IV and padding are those of RFC
 * 5246 6.2.3.2, see protection-mac.c.
 */
#include <string.h>

#include "core/crypto/protection-parts.h"
#include "core/wire/record.h"

static bool etm_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    (void)zeros;
    (void)fault;
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t padding_size = padding_for(suite, plaintext.size), first = output->len;
    size_t body_size = plaintext.size + padding_size;
    uint8_t kept[PADDING_MOST];
    g_byte_array_set_size(output, (guint)(first + iv_size + body_size + mac_size));
    uint8_t *iv = output->data + first, *body = iv + iv_size, *mac = body + body_size;
    draw_iv(protection, iv);
    if (plaintext.size > 0)
        memcpy(body, plaintext.data, plaintext.size);
    fill_padding(protection, body + plaintext.size, padding_size);
    memcpy(kept, body + plaintext.size, padding_size);
    if (!run_cipher(protection, CIPHER_ENCRYPT, body, body, body_size))
        return false;
    /* RFC 7366 3: over the IV, where it is sent, and the ciphertext */
    record_mac(protection, type, wire_version, bytes_make(iv, iv_size + body_size), mac);
    keep_parts(protection, bytes_make(iv, iv_size), bytes_make(mac, mac_size),
               bytes_make(kept, padding_size));
    return true;
}

static bool etm_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault)
{
    const Suite *suite = protection->suite;
    size_t iv_size = explicit_iv_size(protection), mac_size = hash_size(suite->mac);
    size_t first = output->len;
    uint8_t mac[HASH_SIZE_MOST];
    if (fragment.size > RECORD_CIPHERTEXT_MOST ||
        fragment.size < iv_size + suite->block_size + mac_size ||
        (fragment.size - iv_size - mac_size) % suite->block_size != 0)
        return bad_record(fault);
    Bytes covered = bytes_slice(fragment, 0, fragment.size - mac_size);
    record_mac(protection, *type, wire_version, covered, mac);
    /* RFC 7366 3: the MAC is verified before decryption */
    if (!macs_equal(mac, fragment.data + covered.size, mac_size))
        return bad_record(fault);
    size_t size = covered.size - iv_size;
    g_byte_array_set_size(output, (guint)(first + size));
    uint8_t *body = output->data + first;
    if (iv_size > 0)
        cipher_set_iv(protection->cipher, fragment.data);
    if (!run_cipher(protection, CIPHER_DECRYPT, fragment.data + iv_size, body, size))
        return bad_record(fault);
    size_t padding = padding_of(protection, bytes_make(body, size), 0);
    if (padding == 0)
        return bad_record(fault);
    g_byte_array_set_size(output, (guint)(first + size - padding));
    return true;
}

const Sealing sealing_etm = {etm_seal, etm_open};
