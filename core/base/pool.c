/* The shelves of a thread on which objects wait to be used again.
 *
 * A handshake needs some structs, a dozen byte arrays and four cipher contexts, and is done with
 * them in less time than it takes to make and free them. So they are kept, each kind on a shelf of
 * its own. A thread finds its shelves through a variable of its own, and a key of GLib's frees them
 * when the thread ends.
 *
 * This file knows none of the kinds.
 */
#include "core/base/pool.h"

static void shelves_free(gpointer data)
{
    PoolShelf *shelves = data;
    for (size_t i = 0; i < POOL_KINDS; i++)
        for (unsigned j = 0; j < shelves[i].count; j++)
            shelves[i].free(shelves[i].kept[j]);
    g_free(shelves);
}

PoolShelf *pool_shelf(PoolKind kind)
{
    static GPrivate owner = G_PRIVATE_INIT(shelves_free);
    static _Thread_local PoolShelf *shelves;
    if (shelves == NULL) {
        shelves = g_new0(PoolShelf, POOL_KINDS);
        g_private_set(&owner, shelves);
    }
    return &shelves[kind];
}
