/* Buffers: byte arrays that are needed for a moment. A thread keeps those that were given back for
 * the next that asks, so that a handshake's dozens of short-lived arrays cost no allocation each. A
 * GByteArray like any other in between; a place that holds one for later may be NULL while it is
 * empty. */
#pragma once

#include "core/base/bytes.h"

/* An empty array. Give it back with buffer_give(), or free it as any other. */
GByteArray *buffer_take(void);

/* Gives it back and forgets it; NULL in `*buffer` is fine. What it held is over. */
void buffer_give(GByteArray **buffer);

/* A local that is given back where its scope ends. */
#define BUFFER_SCOPED __attribute__((cleanup(buffer_give))) GByteArray *

/* Appends to a place that is NULL while it is empty. */
void buffer_append(GByteArray **buffer, Bytes bytes);

/* Takes `size` bytes from the front; a place that gets empty becomes NULL. */
void buffer_drop(GByteArray **buffer, size_t size);

static inline size_t buffer_size(const GByteArray *buffer)
{
    return buffer == NULL ? 0 : buffer->len;
}
