/* Record protection: one direction under one set of keys.
 *
 * Four ways to protect stand behind one table: MAC then encrypt, encrypt then MAC, authenticated
 * encryption as TLS 1.2 has it, and as TLS 1.3 has it. Which one it is follows from version, suite
 * and what was agreed; each has a file of its own. Here stands what all have in common: the
 * sequence number, which moves only when a record was sealed or opened; the limit of 2^14; the
 * meter; and the one answer for everything that is wrong with a record, so that an answer is no
 * oracle.
 *
 * This file knows no header on the wire, no order and no handshake. Obeys RFC 5246 6.1, 6.2.1 and
 * 7.2.2; RFC 8446 5.2 and 5.3.
 */
#include "core/crypto/protection.h"

#include <string.h>

#include "core/crypto/protection-parts.h"
#include "core/wire/record.h"

G_STATIC_ASSERT(SEALED_MOST == RECORD_PLAINTEXT_MOST + 1024);

/* NULL, and `fault` filled, when these do not go together. */
static const Sealing *choose_sealing(const ProtectionKeys *keys, Fault *fault)
{
    CipherMode mode = cipher_row(keys->suite->cipher)->mode;
    bool new = keys->version->mac == MAC_AEAD;
    if (keys->version->mac == MAC_SSL2 || (new &&mode != CIPHER_MODE_AEAD) ||
        (keys->encrypt_then_mac && mode != CIPHER_MODE_CBC)) {
        fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                  "%s does not protect records by %s%s", keys->version->name, keys->suite->name,
                  keys->encrypt_then_mac ? " and encrypt-then-MAC" : "");
        return NULL;
    }
    if (mode == CIPHER_MODE_AEAD)
        return new ? &sealing_tls13 : &sealing_aead;
    return keys->encrypt_then_mac ? &sealing_etm : &sealing_mac;
}

static bool start_aead(Protection *protection, const ProtectionKeys *keys, Fault *fault)
{
    bool partly =
        keys->version->mac != MAC_AEAD && cipher_row(keys->suite->cipher)->nonce == NONCE_EXPLICIT;
    size_t expected = partly ? AEAD_NONCE_SIZE - EXPLICIT_NONCE_SIZE : AEAD_NONCE_SIZE;
    if (keys->iv.size != expected)
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "an IV of %zu bytes is not %s's", keys->iv.size, keys->suite->name);
    memcpy(protection->fixed_iv, keys->iv.data, expected);
    protection->aead = aead_new(keys->suite->cipher, keys->key, fault);
    return protection->aead != NULL;
}

static bool start_mac_and_cipher(Protection *protection, const ProtectionKeys *keys, Fault *fault)
{
    static const uint8_t blank[CIPHER_BLOCK_MOST];
    const Suite *suite = keys->suite;
    Bytes iv = keys->iv;
    protection->mac = g_new(Mac, 1);
    if (keys->version->mac == MAC_SSL3)
        mac_start_ssl3(protection->mac, suite->mac, keys->mac_secret);
    else
        mac_start_hmac(protection->mac, suite->mac, keys->mac_secret);
    if (suite->cipher == CIPHER_NULL)
        return true;
    if (keys->version->iv == IV_EXPLICIT || suite->block_size == 0)
        iv = bytes_make(blank, suite->block_size);
    protection->cipher = cipher_new(suite->cipher, keys->key, iv, fault);
    return protection->cipher != NULL;
}

Protection *protection_new(const ProtectionKeys *keys, Random *random, Meter *meter, Fault *fault)
{
    g_autoptr(Protection) protection = g_new0(Protection, 1);
    protection->version = keys->version;
    protection->suite = keys->suite;
    protection->random = random;
    protection->meter = meter;
    protection->sealing = choose_sealing(keys, fault);
    if (protection->sealing == NULL)
        return NULL;
    bool aead = cipher_row(keys->suite->cipher)->mode == CIPHER_MODE_AEAD;
    bool started =
        aead ? start_aead(protection, keys, fault) : start_mac_and_cipher(protection, keys, fault);
    return started ? g_steal_pointer(&protection) : NULL;
}

void protection_free(Protection *protection)
{
    if (protection == NULL)
        return;
    cipher_free(protection->cipher);
    aead_free(protection->aead);
    g_free(protection->mac);
    g_free(protection);
}

ContentType protection_outer_type(const Protection *protection, ContentType type)
{
    /* RFC 8446 5.2: opaque_type */
    return protection->sealing == &sealing_tls13 ? CONTENT_APPLICATION_DATA : type;
}

uint64_t protection_sequence(const Protection *protection)
{
    return protection->sequence;
}

bool protection_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    guint first = output->len;
    if (plaintext.size > SEALED_MOST || zeros > SEALED_MOST - plaintext.size)
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, "RFC 5246 6.2.1",
                         "a record cannot carry %zu bytes", plaintext.size + zeros);
    protection->last_zeros = 0;
    if (!protection->sealing->seal(protection, type, wire_version, plaintext, zeros, output,
                                   fault)) {
        g_byte_array_set_size(output, first);
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL,
                         "libcrypto failed to encrypt a record");
    }
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_sealed += plaintext.size;
    return true;
}

bool protection_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault)
{
    guint first = output->len;
    bool opened =
        protection->sealing->open(protection, type, wire_version, fragment, output, fault);
    size_t size = output->len - first;
    if (opened && size > RECORD_PLAINTEXT_MOST)
        opened = fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 5246 6.2.1",
                            "a record carries %zu bytes of plaintext, more than 2^14", size);
    if (!opened) {
        g_byte_array_set_size(output, first);
        return false;
    }
    protection->sequence++;
    if (protection->meter != NULL)
        protection->meter->bytes_opened += size;
    return true;
}

bool bad_record(Fault *fault)
{
    return fault_peer(fault, ALERT_BAD_RECORD_MAC, "RFC 5246 7.2.2",
                      "the record does not authenticate");
}

void sequence_bytes(const Protection *protection, uint8_t output[SEQUENCE_SIZE])
{
    for (size_t i = 0; i < SEQUENCE_SIZE; i++)
        output[i] = (uint8_t)(protection->sequence >> (56 - 8 * i));
}

void keep_parts(Protection *protection, Bytes iv, Bytes mac, Bytes padding)
{
    const Bytes parts[] = {iv, mac, padding};
    size_t at = 0;
    g_assert(iv.size + mac.size + padding.size <= sizeof protection->last);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i].size > 0)
            memcpy(protection->last + at, parts[i].data, parts[i].size);
        at += parts[i].size;
    }
    protection->last_iv = iv.size;
    protection->last_mac = mac.size;
    protection->last_padding = padding.size;
}

RecordParts protection_parts(const Protection *protection)
{
    static const uint8_t zeros[SEALED_MOST];
    Bytes all = bytes_make(protection->last, sizeof protection->last);
    size_t mac = protection->last_iv, padding = mac + protection->last_mac;
    return (RecordParts){
        .iv = bytes_slice(all, 0, mac),
        .mac = bytes_slice(all, mac, protection->last_mac),
        .padding = protection->last_zeros > 0 ? bytes_make(zeros, protection->last_zeros)
                                              : bytes_slice(all, padding, protection->last_padding),
    };
}
