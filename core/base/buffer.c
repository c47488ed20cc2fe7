/* Byte arrays that are needed for a moment, kept for the next one by each thread.
 *
 * A handshake asks for dozens of arrays that live for one message or one record. Making and freeing
 * each costs more than what is done with most of them, and an array that starts empty grows by
 * copying. So those given back are kept, with the memory that they have grown to, up to a number
 * and a size beyond which keeping would be hoarding. No lock: what a thread gives back, it alone
 * takes again.
 *
 * This file knows no protocol and nothing of what the bytes mean.
 */
#include "core/base/buffer.h"

enum {
    KEPT_MOST = 24,          /* arrays: more than one engine holds at once */
    KEPT_SIZE_MOST = 1 << 15 /* bytes: a sealed record of 2^14 + 2048 fits, a flood does not */
};

typedef struct {
    GByteArray *kept[KEPT_MOST];
    unsigned count;
} Pool;

static void pool_free(gpointer data)
{
    Pool *pool = data;
    for (unsigned i = 0; i < pool->count; i++)
        g_byte_array_unref(pool->kept[i]);
    g_free(pool);
}

/* The key frees it when the thread ends; the thread's own variable finds it without asking. */
static Pool *pool_of_thread(void)
{
    static GPrivate owner = G_PRIVATE_INIT(pool_free);
    static _Thread_local Pool *pool;
    if (pool == NULL) {
        pool = g_new0(Pool, 1);
        g_private_set(&owner, pool);
    }
    return pool;
}

GByteArray *buffer_take(void)
{
    Pool *pool = pool_of_thread();
    return pool->count == 0 ? g_byte_array_new() : pool->kept[--pool->count];
}

void buffer_give(GByteArray **buffer)
{
    Pool *pool = pool_of_thread();
    GByteArray *given = g_steal_pointer(buffer);
    if (given == NULL)
        return;
    if (given->len > KEPT_SIZE_MOST || pool->count == KEPT_MOST) {
        g_byte_array_unref(given);
        return;
    }
    given->len = 0;
    pool->kept[pool->count++] = given;
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
