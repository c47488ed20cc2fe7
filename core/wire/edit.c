/* The one primitive of mutation: replace a span by these bytes, and let the lengths around it
 * follow, or lie.
 *
 * An edit is plain data, made by a scenario and applied where a message is about to be sealed or
 * where a link carries it. It knows spans and no message: so every field of every message can be
 * changed by its path, and none needs code of its own.
 */
#include "core/wire/edit.h"

#include <string.h>

void edit_clear(Edit *edit)
{
    g_clear_pointer(&edit->path, g_free);
    g_clear_pointer(&edit->bytes, g_bytes_unref);
}

void edit_copy(Edit *to, const Edit *from)
{
    *to = *from;
    to->path = g_strdup(from->path);
    to->bytes = from->bytes == NULL ? NULL : g_bytes_ref(from->bytes);
}

bool edit_equal(const Edit *a, const Edit *b)
{
    return a->kind == b->kind && g_strcmp0(a->path, b->path) == 0 && a->number == b->number &&
           a->lengths_lie == b->lengths_lie &&
           bytes_equal(bytes_from_gbytes(a->bytes), bytes_from_gbytes(b->bytes));
}

/* The extent of the field that the edit names; the whole when it names none. */
static bool edit_field(const Edit *edit, Bytes bytes, const GArray *spans, int *at, Span *field,
                       Fault *fault)
{
    *at = -1;
    *field = (Span){.name = "message", .size = (uint32_t)bytes.size};
    if (edit->path == NULL)
        return true;
    *at = span_find(spans, edit->path);
    if (*at < 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "no field \"%s\" in this message", edit->path);
    *field = g_array_index(spans, Span, *at);
    return true;
}

static bool edit_length(GByteArray *bytes, const Span *length, int64_t delta, const char *of,
                        Fault *fault)
{
    uint8_t *field = bytes->data + length->first;
    int64_t value = (int64_t)bytes_number(bytes_make(field, length->size)) + delta;
    if (value < 0 || value >> 8 * length->size != 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "the length of \"%s\" cannot hold the new size", of);
    for (size_t i = 0; i < length->size; i++)
        field[i] = (uint8_t)(value >> 8 * (length->size - 1 - i));
    return true;
}

/* In SSL 2.0 lengths stand together, ahead of what they count: "challenge_length". */
static bool edit_distant_length(GByteArray *bytes, const GArray *spans, const Span *of,
                                int64_t delta, Fault *fault)
{
    g_autofree char *name = g_strdup_printf("%s_length", of->name == NULL ? "" : of->name);
    int at = span_find(spans, name);
    return at < 0 || edit_length(bytes, &g_array_index(spans, Span, at), delta, of->name, fault);
}

/* Adds `delta` to every length that counts the span at `at`. */
static bool edit_lengths(GByteArray *bytes, const GArray *spans, int at, int64_t delta,
                         Fault *fault)
{
    int depth = g_array_index(spans, Span, at).depth;
    for (int i = at - 1; i >= 0 && delta != 0; i--) {
        const Span *group = &g_array_index(spans, Span, i);
        if (group->depth >= depth)
            continue;
        depth = group->depth;
        const Span *length = &g_array_index(spans, Span, i + 1);
        if (length->kind != SPAN_LENGTH || i + 1 == at)
            continue;
        if (!edit_length(bytes, length, delta, group->name, fault))
            return false;
    }
    return edit_distant_length(bytes, spans, &g_array_index(spans, Span, at), delta, fault);
}

static bool edit_replace(const Edit *edit, GByteArray *bytes, const GArray *spans, int at,
                         const Span *field, Fault *fault)
{
    Bytes value = bytes_from_gbytes(edit->bytes);
    g_autoptr(GByteArray) tail = g_byte_array_new();
    size_t end = field->first + field->size;
    bytes_append(tail, bytes_slice(bytes_from_array(bytes), end, bytes->len - end));
    g_byte_array_set_size(bytes, field->first);
    bytes_append(bytes, value);
    bytes_append(bytes, bytes_from_array(tail));
    if (at < 0 || edit->lengths_lie)
        return true;
    return edit_lengths(bytes, spans, at, (int64_t)value.size - field->size, fault);
}

GByteArray *edit_apply(const Edit *edit, Bytes bytes, const GArray *spans, Fault *fault)
{
    int at;
    Span field;
    if (!edit_field(edit, bytes, spans, &at, &field, fault))
        return NULL;
    g_autoptr(GByteArray) result = g_byte_array_new();
    bytes_append(result, bytes);
    switch (edit->kind) {
    case EDIT_REPLACE:
        if (!edit_replace(edit, result, spans, at, &field, fault))
            return NULL;
        break;
    case EDIT_FLIP_BIT:
        if (edit->number / 8 >= field.size) {
            fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                      "bit %u is beyond its %u bytes", edit->number, field.size);
            return NULL;
        }
        result->data[field.first + edit->number / 8] ^= (uint8_t)(0x80 >> edit->number % 8);
        break;
    case EDIT_TRUNCATE:
        if (edit->number >= bytes.size) {
            fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                      "it has no more than %zu bytes", bytes.size);
            return NULL;
        }
        g_byte_array_set_size(result, edit->number);
        break;
    }
    return g_steal_pointer(&result);
}

char *edit_effect(const Edit *edit, Bytes before, const GArray *spans)
{
    enum { SHOWN = 8 };
    int at;
    Span field;
    if (!edit_field(edit, before, spans, &at, &field, NULL))
        return g_strdup("no such field");
    const char *name = edit->path == NULL ? "it" : edit->path;
    if (edit->kind == EDIT_FLIP_BIT)
        return g_strdup_printf("bit %u of %s flipped", edit->number, name);
    if (edit->kind == EDIT_TRUNCATE)
        return g_strdup_printf("cut from %zu to %u bytes", before.size, edit->number);
    Bytes was = bytes_slice(before, field.first, field.size);
    Bytes is = bytes_from_gbytes(edit->bytes);
    g_autofree char *old = bytes_to_hex(bytes_slice(was, 0, SHOWN), " ");
    g_autofree char *new = bytes_to_hex(bytes_slice(is, 0, SHOWN), " ");
    return g_strdup_printf("%s %s%s → %s%s%s", name, was.size == 0 ? "nothing" : old,
                           was.size > SHOWN ? " …" : "", is.size == 0 ? "nothing" : new,
                           is.size > SHOWN ? " …" : "", edit->lengths_lie ? ", lengths lying" : "");
}
