/* Bytes that the capture does not have, in the middle of a stream.
 *
 * A record's header says where the next record begins, even when the rest of the record is missing;
 * so if the header was captured and all that is missing belongs to its record, reading goes on
 * exactly there. Else what looks like one header behind another is looked for. What was missing is
 * told with its place; what follows in that direction stays closed, since nobody knows how many
 * records have passed, while the other direction goes on.
 *
 * Sources: RFC 5246 6.2.1 (header), 6.1 (sequence numbers count records).
 */
#include "core/wire/record.h"
#include "scenarios/import/listen_parts.h"

static const StreamGap *gap_at(const StreamSide *side, guint index)
{
    return index < side->gaps->len ? &g_array_index(side->gaps, StreamGap, index) : NULL;
}

/* Where the bytes behind a gap end: at the next one, or with the stream. */
static size_t stretch_end(const StreamSide *side, guint gap)
{
    const StreamGap *next = gap_at(side, gap + 1);
    return next == NULL ? side->bytes->len : next->at;
}

static bool is_header(Bytes bytes)
{
    return bytes.size >= RECORD_HEADER_SIZE && bytes.data[0] >= CONTENT_CHANGE_CIPHER_SPEC &&
           bytes.data[0] <= CONTENT_HEARTBEAT && bytes.data[1] == VERSION_SSL_3_0 >> 8 &&
           bytes.data[2] <= (VERSION_TLS_1_3 & 0xff) &&
           bytes_number(bytes_slice(bytes, 3, 2)) <= RECORD_CIPHERTEXT_MOST;
}

static size_t record_size(Bytes header)
{
    return RECORD_HEADER_SIZE + bytes_number(bytes_slice(header, 3, 2));
}

/* Two headers in a row, or a record that ends where the bytes do: no chance hit. */
static bool is_chain(Bytes bytes)
{
    if (!is_header(bytes))
        return false;
    size_t size = record_size(bytes);
    return size == bytes.size ||
           (size < bytes.size && is_header(bytes_slice(bytes, size, bytes.size)));
}

/* The first record behind the gap: its place in what was captured, or the end of the stretch. */
static size_t search(Bytes all, size_t from, size_t end)
{
    size_t most = MIN(end, from + RECORD_HEADER_SIZE + RECORD_CIPHERTEXT_MOST);
    for (size_t at = from; at < most; at++)
        if (is_chain(bytes_slice(all, at, end - at)))
            return at;
    return end;
}

/* Whether the record that the gap tears says where the next one begins. */
static bool follow_header(Bytes torn, const StreamGap *gap, size_t end, size_t *resume)
{
    if (!is_header(torn) || record_size(torn) < torn.size)
        return false;
    uint64_t wanted = record_size(torn) - torn.size;
    if (wanted < gap->missing || gap->at + (wanted - gap->missing) > end)
        return false;
    *resume = gap->at + (size_t)(wanted - gap->missing);
    return true;
}

static void tell_gap(Listener *listener, const StreamGap *gap, uint64_t place, size_t torn)
{
    const char *who = role_name((Role)listener->direction);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text,
                           "%" G_GUINT64_FORMAT " bytes of the %s are missing from the capture "
                           "behind its byte %" G_GUINT64_FORMAT,
                           gap->missing, who, place);
    if (torn > 0)
        g_string_append_printf(text, "; with them %zu cannot be read", torn);
    g_string_append_c(text, '.');
    listen_note(listener, (int)listener->direction, "capture", g_strdup(text->str));
}

void listen_cross_gap(Listener *listener, Direction direction)
{
    ListenWay *way = &listener->ways[direction];
    const StreamSide *side = &listener->connection->sides[direction];
    const StreamGap *gap = gap_at(side, way->gap);
    Bytes all = bytes_from_array(side->bytes);
    size_t end = stretch_end(side, way->gap), resume = end;
    Bytes torn = bytes_slice(all, way->at, gap->at - way->at);
    bool ssl2 = listener->ssl2;
    bool found = !ssl2 && follow_header(torn, gap, end, &resume);
    if (!found && !ssl2)
        resume = search(all, gap->at, end);
    listener->direction = direction;
    tell_gap(listener, gap, gap->at + way->missing, torn.size + (resume - gap->at));
    way->missing += gap->missing;
    way->gap++;
    way->at = resume;
    way->over = ssl2 || (resume == side->bytes->len && way->gap == side->gaps->len);
    listener->findings.partial = true;
    watch_lost(listener->watch, direction);
}
