/* Compression of records (DEFLATE: RFC 3749, RFC 1951 in RFC 1950's wrapping) and of certificates
 * (zlib: RFC 8879), by zlib. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"

/* One stateful stream a direction (RFC 3749 2). */
typedef struct Compression Compression;

Compression *compression_new_deflate(void);
Compression *compression_new_inflate(void);
void compression_free(Compression *compression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Compression, compression_free)

/* Appends the compressed form of one record's plaintext to `output`: flushed, so that its receiver
 * can open it by itself (RFC 3749 2). */
bool compression_compress(Compression *compression, Bytes plain, GByteArray *output, Fault *fault);

/* Appends what it opens to. decompression_failure when it is no DEFLATE or more than `most` bytes
 * (RFC 5246 6.2.2: 2^14). */
bool compression_expand(Compression *compression, Bytes compressed, size_t most, GByteArray *output,
                        Fault *fault);

/* A whole block by itself, zlib format: RFC 8879 3. `size` is what it must open to. bad_certificate
 * when it does not. */
void compress_block(Bytes plain, GByteArray *output);
bool expand_block(Bytes compressed, size_t size, GByteArray *output, Fault *fault);
