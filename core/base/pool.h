/* What a thread has done with and will soon want again: objects given back wait for the next that
 * asks. No lock, as what a thread gives back it alone takes; a bound on each kind, so that a flood
 * leaves no hoard; and none at all under the address sanitizer, which shall see every use of what
 * is over. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    POOL_BUFFERS,         /* GByteArray, empty: base/buffer.c */
    POOL_CIPHER_CONTEXTS, /* EVP_CIPHER_CTX, keyed: crypto/libcrypto/cipher-context.c */
    POOL_HANDSHAKES,      /* Handshake, blank: engine/handshake.c */
    POOL_ENDPOINTS,       /* Endpoint, blank: engine/endpoint.c */
    POOL_KINDS,
} PoolKind;

#ifdef __SANITIZE_ADDRESS__
enum { POOL_MOST = 0 };
#else
enum { POOL_MOST = 24 }; /* of a kind: more than two sides of one connection hold at once */
#endif

typedef struct {
    unsigned count;
    GDestroyNotify free;
    gpointer kept[POOL_MOST + 1];
} PoolShelf;

/* This thread's shelf of a kind. */
PoolShelf *pool_shelf(PoolKind kind);

/* The one given back last; NULL when there is none. */
static inline gpointer pool_take(PoolKind kind)
{
    PoolShelf *shelf = pool_shelf(kind);
    return shelf->count == 0 ? NULL : shelf->kept[--shelf->count];
}

/* Keeps it, or frees it when there are enough. Every call for a kind has the same `free`. */
static inline void pool_give(PoolKind kind, gpointer object, GDestroyNotify free)
{
    PoolShelf *shelf = pool_shelf(kind);
    shelf->free = free;
    if (shelf->count == POOL_MOST)
        free(object);
    else
        shelf->kept[shelf->count++] = object;
}
