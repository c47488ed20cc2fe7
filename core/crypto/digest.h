/* Hashes and HMAC (RFC 2104), one call each. */
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/suite.h"

/* Hash of the concatenation of `count` parts; `output` takes hash_size() bytes. */
void digest(HashKind hash, const Bytes *parts, size_t count, uint8_t *output);

/* HMAC of the concatenation of `count` parts. */
void hmac(HashKind hash, Bytes key, const Bytes *parts, size_t count, uint8_t *output);
