/* HKDF (RFC 5869) and the key schedule of TLS 1.3 as functions of values (RFC 8446 7.1). */
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/mac.h"
#include "core/crypto/suite.h"

/* HKDF-Extract: `output` takes hash_size() bytes. No salt: hash_size() zeros (RFC 5869 2.2). */
void hkdf_extract(HashKind hash, Bytes salt, Bytes input, uint8_t *output);

/* HKDF-Expand: `size` bytes, at most 255 hash sizes. */
void hkdf_expand(HashKind hash, Bytes secret, Bytes info, uint8_t *output, size_t size);

/* A secret out of which several labels are expanded: its HMAC is keyed once. */
typedef Mac HkdfSecret;

void hkdf_secret_start(HkdfSecret *secret, HashKind hash, Bytes value);

/* HKDF-Expand-Label: HkdfLabel of "tls13 " + label and context (RFC 8446 7.1). */
void hkdf_secret_label(const HkdfSecret *secret, const char *label, Bytes context, uint8_t *output,
                       size_t size);
void hkdf_expand_label(HashKind hash, Bytes secret, const char *label, Bytes context,
                       uint8_t *output, size_t size);

/* Derive-Secret (secret, "derived", ""): the salt of the next secret. */
void hkdf_secret_derived(const HkdfSecret *secret, uint8_t *output);

/* Derive-Secret, of a transcript hash that is already computed; hash_size() bytes. */
void hkdf_derive_secret(HashKind hash, Bytes secret, const char *label, Bytes transcript_hash,
                        uint8_t *output);

/* The traffic keys of a suite from a traffic secret: "key" and "iv" (RFC 8446 7.3). `key` takes
 * suite->key_size bytes, `iv` 12. */
void hkdf_traffic_keys(const Suite *suite, Bytes traffic_secret, uint8_t *key, uint8_t *iv);

/* Finished.verify_data and binders: HMAC with "finished" of `base_key` over a transcript hash (RFC
 * 8446 4.4.4); hash_size() bytes. */
void hkdf_finished(HashKind hash, Bytes base_key, Bytes transcript_hash, uint8_t *output);

/* TLS-Exporter (RFC 8446 7.5). */
void hkdf_exporter(HashKind hash, Bytes exporter_master_secret, const char *label, Bytes context,
                   uint8_t *output, size_t size);
