/* Views of bytes and their few helpers.
 *
 * Everything above passes bytes as a view, so that a message can be decoded, looked at and compared
 * without a copy. This file knows no protocol: only addresses and lengths.
 */
#include "core/base/bytes.h"

#include <string.h>

Bytes bytes_from_text(const char *text)
{
    return bytes_make(text, text == NULL ? 0 : strlen(text));
}

Bytes bytes_from_gbytes(GBytes *bytes)
{
    gsize size = 0;
    const void *data = bytes == NULL ? NULL : g_bytes_get_data(bytes, &size);
    return bytes_make(data, size);
}

bool bytes_equal(Bytes a, Bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

GBytes *bytes_copy(Bytes bytes)
{
    return g_bytes_new(bytes.data, bytes.size);
}

void bytes_append(GByteArray *array, Bytes bytes)
{
    if (bytes.size > 0)
        g_byte_array_append(array, bytes.data, (guint)bytes.size);
}

char *bytes_to_hex(Bytes bytes, const char *separator)
{
    static const char digits[] = "0123456789abcdef";
    GString *text = g_string_sized_new(bytes.size * 3 + 1);
    for (size_t i = 0; i < bytes.size; i++) {
        if (i > 0 && separator != NULL)
            g_string_append(text, separator);
        g_string_append_c(text, digits[bytes.data[i] >> 4]);
        g_string_append_c(text, digits[bytes.data[i] & 15]);
    }
    return g_string_free(text, FALSE);
}

GByteArray *bytes_from_hex(const char *text)
{
    g_autoptr(GByteArray) array = g_byte_array_new();
    for (const char *at = text; *at != '\0';) {
        if (g_ascii_isspace(*at) || *at == ':') {
            at++;
            continue;
        }
        if (!g_ascii_isxdigit(at[0]) || !g_ascii_isxdigit(at[1]))
            return NULL;
        guint8 byte = (guint8)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
        g_byte_array_append(array, &byte, 1);
        at += 2;
    }
    return g_steal_pointer(&array);
}
