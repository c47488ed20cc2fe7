/* Reading and writing DER.
 *
 * A certificate of a peer is read by this file before anybody trusts it, so it judges every length
 * against what holds it and refuses what DER does not allow. Reading takes elements off a view;
 * nothing is copied and nothing recurses. Writing puts the length in when an element is closed.
 *
 * This file knows no object of X.509. Source: ITU-T X.690 8 and 10.
 */
#include "core/crypto/der.h"

#include <string.h>

enum {
    LENGTH_BYTES_MOST = 3, /* 16 MB: a handshake message cannot be longer (RFC 5246 7.4) */
    OID_ARC_BITS_MOST = 56,
};

/* The length field at the head of `at`: X.690 8.1.3, in its shortest form (10.1). */
static bool take_length(Bytes *at, size_t *length)
{
    if (at->size == 0)
        return false;
    size_t count = at->data[0] & 0x7f;
    bool is_long = at->data[0] >= 0x80;
    *length = at->data[0];
    *at = bytes_slice(*at, 1, at->size);
    if (!is_long)
        return true;
    if (count == 0 || count > LENGTH_BYTES_MOST || count > at->size)
        return false;
    *length = (size_t)bytes_number(bytes_slice(*at, 0, count));
    bool shortest = *length >= 0x80 && at->data[0] != 0;
    *at = bytes_slice(*at, count, at->size);
    return shortest;
}

bool der_next(Bytes *rest, Der *element)
{
    size_t length = 0;
    Bytes at = bytes_slice(*rest, 1, rest->size);
    if (rest->size < 2 || (rest->data[0] & 0x1f) == 0x1f) /* tags of many bytes: X.690 8.1.2.4 */
        return false;
    if (!take_length(&at, &length) || length > at.size)
        return false;
    size_t header = rest->size - at.size;
    at = bytes_make(rest->data + header, length); /* a view of its place, even when empty */
    element->tag = rest->data[0];
    element->content = at;
    element->whole = bytes_make(rest->data, header + length);
    *rest = bytes_slice(*rest, header + length, rest->size);
    return true;
}

bool der_take(Bytes *rest, uint8_t tag, Bytes *content)
{
    Der element;
    if (rest->size == 0 || rest->data[0] != tag || !der_next(rest, &element))
        return false;
    *content = element.content;
    return true;
}

bool der_take_number(Bytes *rest, Bytes *number)
{
    Bytes content;
    if (!der_take(rest, DER_INTEGER, &content) || content.size == 0 || content.data[0] >= 0x80)
        return false;
    if (content.size > 1 && content.data[0] == 0) {
        if (content.data[1] < 0x80) /* not in its shortest form: X.690 8.3.2 */
            return false;
        content = bytes_slice(content, 1, content.size);
    }
    *number = content;
    return true;
}

bool der_take_bits(Bytes *rest, Bytes *bits)
{
    Bytes content;
    if (!der_take(rest, DER_BIT_STRING, &content) || content.size == 0 || content.data[0] != 0)
        return false;
    *bits = bytes_slice(content, 1, content.size);
    return true;
}

size_t der_open(GByteArray *output, uint8_t tag)
{
    g_byte_array_append(output, &tag, 1);
    return output->len;
}

void der_close(GByteArray *output, size_t opened)
{
    uint8_t length[1 + LENGTH_BYTES_MOST];
    size_t size = output->len - opened, count = 0;
    g_assert(size >> (8 * LENGTH_BYTES_MOST) == 0);
    while (size >> (8 * count) != 0)
        count++;
    length[0] = (uint8_t)(size < 0x80 ? size : 0x80 | count);
    count = size < 0x80 ? 0 : count;
    for (size_t i = 0; i < count; i++)
        length[1 + i] = (uint8_t)(size >> (8 * (count - 1 - i)));
    g_byte_array_set_size(output, (guint)(output->len + 1 + count));
    memmove(output->data + opened + 1 + count, output->data + opened, size);
    memcpy(output->data + opened, length, 1 + count);
}

void der_put(GByteArray *output, uint8_t tag, Bytes content)
{
    size_t opened = der_open(output, tag);
    bytes_append(output, content);
    der_close(output, opened);
}

void der_put_number(GByteArray *output, Bytes number)
{
    static const uint8_t zero = 0;
    size_t opened = der_open(output, DER_INTEGER);
    while (number.size > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.size);
    if (number.size == 0 || number.data[0] >= 0x80) /* the sign bit: X.690 8.3.3 */
        g_byte_array_append(output, &zero, 1);
    bytes_append(output, number);
    der_close(output, opened);
}

void der_put_bits(GByteArray *output, Bytes bits)
{
    static const uint8_t unused = 0;
    size_t opened = der_open(output, DER_BIT_STRING);
    g_byte_array_append(output, &unused, 1);
    bytes_append(output, bits);
    der_close(output, opened);
}

char *der_oid_text(Bytes oid)
{
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t arc = 0;
    if (oid.size == 0 || oid.data[oid.size - 1] >= 0x80)
        return NULL;
    for (size_t i = 0; i < oid.size; i++) {
        if (arc >> OID_ARC_BITS_MOST != 0)
            return NULL;
        arc = arc << 7 | (oid.data[i] & 0x7f);
        if (oid.data[i] >= 0x80)
            continue;
        if (text->len == 0) { /* X.690 8.19.4: the first two arcs share a number */
            uint64_t top = MIN(arc / 40, 2);
            g_string_printf(text, "%" G_GUINT64_FORMAT, (guint64)top);
            arc -= top * 40;
        }
        g_string_append_printf(text, ".%" G_GUINT64_FORMAT, (guint64)arc);
        arc = 0;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
