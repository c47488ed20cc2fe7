/* Byte arrays that are needed for a moment, kept for the next one.
 *
 * An array that starts empty grows by copying, and making and freeing it costs more than what is
 * done with most. Those given back keep the memory that they have grown to, unless a flood has made
 * them large.
 *
 * This file knows no protocol and nothing of what the bytes mean.
 */
#include "core/base/buffer.h"

#include "core/base/pool.h"

/* A sealed record of 2^14 + 2048 bytes fits, a flood does not. */
enum { KEPT_SIZE_MOST = 1 << 15 };

GByteArray *buffer_take(void)
{
    GByteArray *kept = pool_take(POOL_BUFFERS);
    return kept == NULL ? g_byte_array_new() : kept;
}

static void buffer_free(gpointer buffer)
{
    g_byte_array_unref(buffer);
}

void buffer_give(GByteArray **buffer)
{
    GByteArray *given = g_steal_pointer(buffer);
    if (given == NULL)
        return;
    if (given->len > KEPT_SIZE_MOST) {
        g_byte_array_unref(given);
        return;
    }
    given->len = 0;
    pool_give(POOL_BUFFERS, given, buffer_free);
}

void buffer_append(GByteArray **buffer, Bytes bytes)
{
    if (bytes.size == 0)
        return;
    if (*buffer == NULL)
        *buffer = buffer_take();
    bytes_append(*buffer, bytes);
}

void buffer_drop(GByteArray **buffer, size_t size)
{
    if (size >= buffer_size(*buffer))
        buffer_give(buffer);
    else if (size > 0)
        g_byte_array_remove_range(*buffer, 0, (guint)size);
}
