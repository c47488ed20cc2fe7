/* One handshake: what is held while it goes on, and thrown away with it.
 *
 * Memory and small questions only; what a field means is said in state.h, who fills it in the
 * handlers. The transcript is kept whole, because several rules need its prefixes.
 *
 * Obeys RFC 8446 4.4.1 (transcript hash), 2 and RFC 5246 7.3 (one list a family).
 */
#include <string.h>

#include "core/base/pool.h"
#include "core/engine/state.h"

static void free_agreement(gpointer agreement)
{
    key_agreement_free(agreement);
}

static void clear_offered(gpointer data)
{
    OfferedPsk *offered = data;
    session_unref(offered->session);
}

static HandshakeLists lists_new(void)
{
    HandshakeLists lists = {
        .kept = g_ptr_array_new_with_free_func(g_free),
        .peer_chain = g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref),
        .agreements = g_ptr_array_new_with_free_func(free_agreement),
        .offered = g_array_new(FALSE, TRUE, sizeof(OfferedPsk)),
    };
    g_array_set_clear_func(lists.offered, clear_offered);
    return lists;
}

static void lists_clear(const HandshakeLists *lists)
{
    GPtrArray *arrays[] = {lists->kept, lists->peer_chain, lists->agreements};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        if (arrays[i]->len > 0)
            g_ptr_array_set_size(arrays[i], 0);
    if (lists->offered->len > 0)
        g_array_set_size(lists->offered, 0);
}

static void blank_free(gpointer data)
{
    Handshake *handshake = data;
    const HandshakeLists *lists = &handshake->lists;
    g_ptr_array_unref(lists->kept);
    g_ptr_array_unref(lists->peer_chain);
    g_ptr_array_unref(lists->agreements);
    g_array_unref(lists->offered);
    g_free(handshake);
}

Handshake *handshake_new(Family family)
{
    Handshake *handshake = pool_take(POOL_HANDSHAKES); /* blank but for its empty lists */
    if (handshake == NULL) {
        handshake = g_new0(Handshake, 1);
        handshake->lists = lists_new();
    }
    handshake->conversation = conversation_of(family);
    handshake->transcript = buffer_take();
    handshake->premaster = buffer_take();
    handshake->peer_share = buffer_take();
    return handshake;
}

void handshake_free(Handshake *handshake)
{
    if (handshake == NULL)
        return;
    buffer_give(&handshake->transcript);
    buffer_give(&handshake->premaster);
    buffer_give(&handshake->peer_share);
    g_clear_pointer(&handshake->next_read, protection_free);
    g_clear_pointer(&handshake->next_write, protection_free);
    g_clear_pointer(&handshake->exchange_key, public_key_unref);
    g_clear_pointer(&handshake->cookie, g_bytes_unref);
    g_clear_pointer(&handshake->session, session_unref);
    g_clear_pointer(&handshake->ticket, g_bytes_unref);
    g_clear_pointer(&handshake->first_hello, g_bytes_unref);
    g_clear_pointer(&handshake->binder, g_bytes_unref);
    g_free(handshake->peer_name);
    g_free(handshake->protocol);
    g_clear_pointer(&handshake->peer_status, g_bytes_unref);
    g_clear_pointer(&handshake->request_context, g_bytes_unref);
    ssl2_state_free(handshake->ssl2);
    HandshakeLists lists = handshake->lists;
    lists_clear(&lists);
    memset(handshake, 0, sizeof *handshake); /* no secret outlives it, and no fact */
    handshake->lists = lists;
    pool_give(POOL_HANDSHAKES, handshake, blank_free);
}

uint8_t *handshake_room(Handshake *handshake, size_t size)
{
    if (size <= sizeof handshake->room - handshake->room_used) {
        handshake->room_used += size;
        return handshake->room + handshake->room_used - size;
    }
    uint8_t *more = g_malloc(size);
    g_ptr_array_add(handshake->lists.kept, more);
    return more;
}

Bytes handshake_keep(Handshake *handshake, Bytes bytes)
{
    if (bytes.size == 0)
        return BYTES_NONE;
    uint8_t *copy = handshake_room(handshake, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    return bytes_make(copy, bytes.size);
}

void handshake_know(Handshake *handshake, Facts fact, bool value)
{
    handshake->progress.known |= fact;
    if (value)
        handshake->progress.facts |= fact;
    else
        handshake->progress.facts &= ~fact;
}

bool handshake_is(const Handshake *handshake, Facts fact)
{
    return (handshake->progress.facts & fact) != 0;
}

/* Every list begins with the client's hello, so that the place in the list stays true. */
void handshake_adopt(Handshake *handshake, Family family)
{
    g_assert(handshake->progress.row <= 1 || handshake->conversation->family == family);
    handshake->conversation = conversation_of(family);
}

Bytes handshake_transcript(const Handshake *handshake)
{
    return bytes_from_array(handshake->transcript);
}

const TranscriptHash *handshake_hashed(Handshake *handshake)
{
    transcript_hash_update(&handshake->hashed, handshake->version, handshake->suite,
                           handshake_transcript(handshake));
    return &handshake->hashed;
}

Bytes handshake_transcript_hash(Handshake *handshake, uint8_t output[HASH_SIZE_MOST])
{
    /* a client that sends early data needs it before the version is settled */
    transcript_hash_update(&handshake->hashed, version_find(VERSION_TLS_1_3), handshake->suite,
                           handshake_transcript(handshake));
    return bytes_make(output, transcript_hash_value(&handshake->hashed, output));
}
