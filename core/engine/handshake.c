/* One handshake: what is held while it goes on, and thrown away with it.
 *
 * Memory and small questions only; what a field means is said in state.h, who fills it in the
 * handlers. The transcript is kept whole, because several rules need its prefixes.
 *
 * Obeys RFC 8446 4.4.1 (transcript hash), 2 and RFC 5246 7.3 (one list a family).
 */
#include "core/engine/state.h"

static void free_bytes(gpointer bytes)
{
    g_bytes_unref(bytes);
}

static void free_agreement(gpointer agreement)
{
    key_agreement_free(agreement);
}

static void clear_offered(gpointer data)
{
    OfferedPsk *offered = data;
    session_unref(offered->session);
}

Handshake *handshake_new(Family family)
{
    Handshake *handshake = g_new0(Handshake, 1);
    handshake->conversation = conversation_of(family);
    handshake->transcript = g_byte_array_new();
    handshake->kept = g_ptr_array_new_with_free_func(free_bytes);
    handshake->peer_chain = g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref);
    handshake->agreements = g_ptr_array_new_with_free_func(free_agreement);
    handshake->premaster = g_byte_array_new();
    handshake->peer_share = g_byte_array_new();
    handshake->offered = g_array_new(FALSE, TRUE, sizeof(OfferedPsk));
    g_array_set_clear_func(handshake->offered, clear_offered);
    handshake->peer_groups = g_array_new(FALSE, FALSE, sizeof(GroupNumber));
    handshake->peer_schemes = g_array_new(FALSE, FALSE, sizeof(SchemeNumber));
    return handshake;
}

void handshake_free(Handshake *handshake)
{
    if (handshake == NULL)
        return;
    g_byte_array_unref(handshake->transcript);
    g_ptr_array_unref(handshake->kept);
    g_clear_pointer(&handshake->next_read, protection_free);
    g_clear_pointer(&handshake->next_write, protection_free);
    g_clear_pointer(&handshake->exchange_key, public_key_unref);
    g_ptr_array_unref(handshake->peer_chain);
    g_ptr_array_unref(handshake->agreements);
    g_byte_array_unref(handshake->premaster);
    g_byte_array_unref(handshake->peer_share);
    g_clear_pointer(&handshake->cookie, g_bytes_unref);
    g_clear_pointer(&handshake->session, session_unref);
    g_array_unref(handshake->offered);
    g_clear_pointer(&handshake->ticket, g_bytes_unref);
    g_array_unref(handshake->peer_groups);
    g_array_unref(handshake->peer_schemes);
    g_clear_pointer(&handshake->first_hello, g_bytes_unref);
    g_clear_pointer(&handshake->binder, g_bytes_unref);
    g_free(handshake->peer_name);
    g_free(handshake->protocol);
    g_clear_pointer(&handshake->peer_status, g_bytes_unref);
    g_clear_pointer(&handshake->request_context, g_bytes_unref);
    ssl2_state_free(handshake->ssl2);
    g_free(handshake);
}

Bytes handshake_keep(Handshake *handshake, Bytes bytes)
{
    GBytes *copy = bytes_copy(bytes);
    g_ptr_array_add(handshake->kept, copy);
    return bytes_from_gbytes(copy);
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

Bytes handshake_transcript_hash(const Handshake *handshake, uint8_t output[HASH_SIZE_MOST])
{
    Bytes messages = handshake_transcript(handshake);
    digest(handshake->suite->prf, &messages, 1, output);
    return bytes_make(output, hash_size(handshake->suite->prf));
}
