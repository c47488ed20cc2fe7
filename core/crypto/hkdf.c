/* HKDF, and what TLS 1.3 makes of it.
 *
 * Functions of values alone: which secret comes after which, and which transcript goes into it, is
 * the engine's to say. Every output that TLS 1.3 derives goes through HKDF-Expand-Label, whose
 * label binds it to its purpose; a transcript hash as context binds it to one handshake.
 *
 * Obeys RFC 5869 2.2 and 2.3; RFC 8446 4.4.4, 7.1, 7.3, 7.5.
 */
#include "core/crypto/hkdf.h"

#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/mac.h"

enum {
    ROUNDS_MOST = 255,    /* RFC 5869 2.3: the counter is one byte */
    PART_MOST = 255,      /* RFC 8446 7.1: opaque<7..255>, opaque<0..255> */
    TRAFFIC_IV_SIZE = 12, /* RFC 8446 5.3 */
};

void hkdf_extract(HashKind hash, Bytes salt, Bytes input, uint8_t *output)
{
    hmac(hash, salt, &input, 1, output); /* HMAC fills no salt up with zeros: RFC 5869 2.2 */
}

void hkdf_secret_start(HkdfSecret *secret, HashKind hash, Bytes value)
{
    mac_start_hmac(secret, hash, value);
}

static void expand(const HkdfSecret *secret, Bytes info, uint8_t *output, size_t size)
{
    uint8_t block[HASH_SIZE_MOST];
    Bytes before = BYTES_NONE; /* T(0): RFC 5869 2.3 */
    size_t whole = hash_size(secret->inner.kind);
    g_assert(size <= ROUNDS_MOST * whole);
    for (uint8_t counter = 1; size > 0; counter++) {
        mac_compute(secret, (Bytes[]){before, info, bytes_make(&counter, 1)}, 3, block);
        before = bytes_make(block, whole);
        size_t part = MIN(size, before.size);
        memcpy(output, block, part);
        output += part;
        size -= part;
    }
}

void hkdf_expand(HashKind hash, Bytes secret, Bytes info, uint8_t *output, size_t size)
{
    HkdfSecret keyed;
    hkdf_secret_start(&keyed, hash, secret);
    expand(&keyed, info, output, size);
}

void hkdf_secret_label(const HkdfSecret *secret, const char *label, Bytes context, uint8_t *output,
                       size_t size)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[2 + 1 + PART_MOST + 1 + PART_MOST]; /* HkdfLabel: RFC 8446 7.1 */
    size_t at = 0, label_size = strlen(label), prefix_size = strlen(prefix);
    g_assert(prefix_size + label_size <= PART_MOST && context.size <= PART_MOST);
    info[at++] = (uint8_t)(size >> 8);
    info[at++] = (uint8_t)size;
    info[at++] = (uint8_t)(prefix_size + label_size);
    memcpy(info + at, prefix, prefix_size);
    at += prefix_size;
    memcpy(info + at, label, label_size);
    at += label_size;
    info[at++] = (uint8_t)context.size;
    if (context.size > 0)
        memcpy(info + at, context.data, context.size);
    expand(secret, bytes_make(info, at + context.size), output, size);
}

void hkdf_expand_label(HashKind hash, Bytes secret, const char *label, Bytes context,
                       uint8_t *output, size_t size)
{
    HkdfSecret keyed;
    hkdf_secret_start(&keyed, hash, secret);
    hkdf_secret_label(&keyed, label, context, output, size);
}

void hkdf_secret_derived(const HkdfSecret *secret, uint8_t *output)
{
    uint8_t none[HASH_SIZE_MOST];
    size_t size = hash_size(secret->inner.kind);
    digest(secret->inner.kind, NULL, 0, none); /* Derive-Secret (…, "") is of no messages */
    hkdf_secret_label(secret, "derived", bytes_make(none, size), output, size);
}

void hkdf_derive_secret(HashKind hash, Bytes secret, const char *label, Bytes transcript_hash,
                        uint8_t *output)
{
    hkdf_expand_label(hash, secret, label, transcript_hash, output, hash_size(hash));
}

void hkdf_traffic_keys(const Suite *suite, Bytes traffic_secret, uint8_t *key, uint8_t *iv)
{
    HkdfSecret secret;
    hkdf_secret_start(&secret, suite->prf, traffic_secret);
    hkdf_secret_label(&secret, "key", BYTES_NONE, key, suite->key_size);
    hkdf_secret_label(&secret, "iv", BYTES_NONE, iv, TRAFFIC_IV_SIZE);
}

void hkdf_finished(HashKind hash, Bytes base_key, Bytes transcript_hash, uint8_t *output)
{
    uint8_t key[HASH_SIZE_MOST]; /* finished_key: RFC 8446 4.4.4 */
    hkdf_expand_label(hash, base_key, "finished", BYTES_NONE, key, hash_size(hash));
    hmac(hash, bytes_make(key, hash_size(hash)), &transcript_hash, 1, output);
}

void hkdf_exporter(HashKind hash, Bytes exporter_master_secret, const char *label, Bytes context,
                   uint8_t *output, size_t size)
{
    uint8_t secret[HASH_SIZE_MOST], none[HASH_SIZE_MOST], hashed[HASH_SIZE_MOST];
    Bytes secret_view = bytes_make(secret, hash_size(hash));
    digest(hash, NULL, 0, none); /* Derive-Secret (…, "") is of no messages: RFC 8446 7.5 */
    digest(hash, &context, 1, hashed);
    hkdf_derive_secret(hash, exporter_master_secret, label, bytes_make(none, hash_size(hash)),
                       secret);
    hkdf_expand_label(hash, secret_view, "exporter", bytes_make(hashed, hash_size(hash)), output,
                      size);
}
