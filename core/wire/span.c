/* The map of a message: finding, printing and comparing its fields.
 *
 * Everything here is a function of (bytes, spans) and knows no message: a field is found by its
 * path, its value printed by its kind, two messages compared leaf by leaf. So a message that is
 * added to the walks is at once printable, editable and comparable.
 *
 * A path names the groups on the way down. What only wraps (a body, the data of an extension) may
 * be left out, an item of a list is `list[2]`, and the name of a vector means its content.
 */
#include "core/wire/span.h"

#include <string.h>

static const Span *span_at(const GArray *spans, size_t at)
{
    return &g_array_index(spans, Span, at);
}

GArray *spans_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(Span));
}

size_t spans_extent(const GArray *spans, size_t at)
{
    size_t end = at + 1;
    while (end < spans->len && span_at(spans, end)->depth > span_at(spans, at)->depth)
        end++;
    return end - at;
}

/* Groups that a path may leave out. */
static bool span_is_wrapper(const Span *span)
{
    return strcmp(span->name, "body") == 0 || strcmp(span->name, "extension_data") == 0;
}

/* The leaf of a vector's content, when `at` is a vector; otherwise `at`. */
static size_t span_content(const GArray *spans, size_t at)
{
    if (spans_extent(spans, at) != 3 || span_at(spans, at + 1)->kind != SPAN_LENGTH)
        return at;
    return strcmp(span_at(spans, at + 2)->name, span_at(spans, at)->name) == 0 ? at + 2 : at;
}

/* The child of `parent` with that name (index -1), or in that place of its list; wrappers are
 * looked through. -1 when there is none. */
static int span_child(const GArray *spans, size_t parent, const char *name, size_t length,
                      int index)
{
    size_t end = parent + spans_extent(spans, parent);
    for (size_t i = parent + 1; i < end; i += spans_extent(spans, i)) {
        const Span *span = span_at(spans, i);
        if (index >= 0 ? span->index == index
                       : strlen(span->name) == length && memcmp(span->name, name, length) == 0)
            return (int)i;
        if (!span_is_wrapper(span))
            continue;
        int inner = span_child(spans, i, name, length, index);
        if (inner >= 0)
            return inner;
    }
    return -1;
}

int span_find(const GArray *spans, const char *path)
{
    if (spans == NULL || spans->len == 0)
        return -1;
    int at = 0;
    for (const char *from = path; at >= 0 && *from != '\0';) {
        size_t size = strcspn(from, "/[");
        if (size > 0)
            at = span_child(spans, (size_t)at, from, size, -1);
        from += size;
        if (*from == '[') {
            char *end = NULL;
            guint64 index = g_ascii_strtoull(from + 1, &end, 10);
            if (end == from + 1 || *end != ']' || index > INT16_MAX)
                return -1;
            if (at >= 0)
                at = span_child(spans, (size_t)at, NULL, 0, (int)index);
            from = end + 1;
        }
        if (*from == '/')
            from++;
    }
    return at <= 0 ? -1 : (int)span_content(spans, (size_t)at);
}

char *span_path(const GArray *spans, size_t at)
{
    GString *path = g_string_new(NULL);
    int depth = -1;
    for (size_t i = at + 1; i-- > 0;) {
        const Span *span = span_at(spans, i);
        if (depth >= 0 && span->depth >= depth)
            continue;
        bool content = i == at && span_content(spans, i - (i > 1 ? 2 : 0)) == i && i > 1;
        depth = span->depth;
        if (depth == 0)
            break;
        if (span_is_wrapper(span))
            continue;
        if (content && i > 1) { /* the vector's own group gives the name */
            i -= 2;
            depth = span_at(spans, i)->depth;
            span = span_at(spans, i);
        }
        if (path->len > 0 && path->str[0] != '[')
            g_string_prepend_c(path, '/');
        if (span->index >= 0) {
            g_autofree char *index = g_strdup_printf("[%d]", span->index);
            g_string_prepend(path, index);
        } else {
            g_string_prepend(path, span->name);
        }
    }
    return g_string_free(path, FALSE);
}

static char *value_of_number(NumberKind kind, uint32_t value, size_t size)
{
    const char *name = number_name(kind, value);
    if (kind == NUMBER_PLAIN)
        return g_strdup_printf("%u", value);
    if (name == NULL)
        return g_strdup_printf("0x%0*x (no name known)", (int)size * 2, value);
    return g_strdup_printf("%s (0x%0*x)", name, (int)size * 2, value);
}

static char *value_of_numbers(const Span *span, Bytes bytes, size_t most)
{
    GString *text = g_string_new(NULL);
    for (size_t at = 0; at < bytes.size; at += span->item) {
        if (most > 0 && at / span->item >= most) {
            g_string_append_printf(text, ", … %zu in all", bytes.size / span->item);
            break;
        }
        uint32_t value = (uint32_t)bytes_number(bytes_slice(bytes, at, span->item));
        const char *name = number_name(span->number, value);
        g_string_append(text, at == 0 ? "" : ", ");
        if (name != NULL)
            g_string_append(text, name);
        else
            g_string_append_printf(text, "0x%0*x", span->item * 2, value);
    }
    return g_string_free(text, FALSE);
}

static char *value_of_text(Bytes bytes)
{
    g_autofree char *copy = g_strndup((const char *)bytes.data, bytes.size);
    g_autofree char *valid = g_utf8_make_valid(copy, -1);
    g_autofree char *escaped = g_strescape(valid, NULL);
    return g_strdup_printf("\"%s\"", escaped);
}

static char *value_of_bytes(Bytes bytes, size_t most)
{
    if (bytes.size == 0)
        return g_strdup("(empty)");
    bool cut = most > 0 && bytes.size > most;
    g_autofree char *hex = bytes_to_hex(cut ? bytes_slice(bytes, 0, most) : bytes, NULL);
    if (!cut)
        return g_steal_pointer(&hex);
    return g_strdup_printf("%s… (%zu bytes)", hex, bytes.size);
}

char *span_value(const Span *span, Bytes message, size_t most)
{
    Bytes bytes = bytes_slice(message, span->first, span->size);
    switch (span->kind) {
    case SPAN_GROUP:
        return g_strdup_printf("%u bytes", span->size);
    case SPAN_LENGTH:
        return g_strdup_printf("%u", (unsigned)bytes_number(bytes));
    case SPAN_NUMBER:
        return value_of_number(span->number, (uint32_t)bytes_number(bytes), span->size);
    case SPAN_NUMBERS:
        return value_of_numbers(span, bytes, most);
    case SPAN_TEXT:
        return value_of_text(bytes);
    case SPAN_BYTES:
        return value_of_bytes(bytes, most);
    }
    g_assert_not_reached();
}

bool spans_tile(const GArray *spans, size_t size, size_t *at)
{
    *at = 0;
    for (size_t i = 0; i < spans->len; i++) {
        const Span *span = span_at(spans, i);
        if (span->kind == SPAN_GROUP)
            continue;
        if (span->first != *at)
            return false;
        *at += span->size;
    }
    return *at == size;
}

static void differences_add(GPtrArray *list, const GArray *spans, size_t at)
{
    g_autofree char *path = span_path(spans, at);
    if (!g_ptr_array_find_with_equal_func(list, path, g_str_equal, NULL))
        g_ptr_array_add(list, g_steal_pointer(&path));
}

/* Leaves of `a` that `b` does not have with the same bytes. */
static void differences_of(GPtrArray *list, Bytes a, const GArray *a_spans, Bytes b,
                           const GArray *b_spans)
{
    for (size_t i = 0; i < a_spans->len; i++) {
        const Span *span = span_at(a_spans, i);
        if (span->kind == SPAN_GROUP)
            continue;
        g_autofree char *path = span_path(a_spans, i);
        int other = span_find(b_spans, path);
        if (other >= 0) {
            const Span *twin = span_at(b_spans, (size_t)other);
            if (bytes_equal(bytes_slice(a, span->first, span->size),
                            bytes_slice(b, twin->first, twin->size)))
                continue;
        }
        differences_add(list, a_spans, i);
    }
}

GPtrArray *spans_differences(Bytes a, const GArray *a_spans, Bytes b, const GArray *b_spans)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    differences_of(list, a, a_spans, b, b_spans);
    differences_of(list, b, b_spans, a, a_spans);
    return list;
}
