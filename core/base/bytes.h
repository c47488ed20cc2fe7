/* Bytes: a view (pointer, length) that owns nothing. A view dies with what it looks at; whoever
 * keeps it copies it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data; /* may be NULL when size is 0 */
    size_t size;         /* in bytes */
} Bytes;

/* The view of no bytes. */
#define BYTES_NONE ((Bytes){NULL, 0})
/* The view of a whole array (not of a pointer). */
#define BYTES_ARRAY(array) ((Bytes){(array), sizeof(array)})

static inline Bytes bytes_make(const void *data, size_t size)
{
    return (Bytes){data, size};
}

/* The bytes of a C string, without its terminating zero. */
Bytes bytes_from_text(const char *text);

/* The whole of a GByteArray or of a GBytes (NULL gives no bytes). */
static inline Bytes bytes_from_array(const GByteArray *array)
{
    return array == NULL ? BYTES_NONE : bytes_make(array->data, array->len);
}

Bytes bytes_from_gbytes(GBytes *bytes);

/* `size` bytes from `first` on, cut to what there is. */
static inline Bytes bytes_slice(Bytes bytes, size_t first, size_t size)
{
    if (first >= bytes.size)
        return BYTES_NONE;
    return bytes_make(bytes.data + first, MIN(size, bytes.size - first));
}

bool bytes_equal(Bytes a, Bytes b);

/* A copy: as GBytes (free with g_bytes_unref). */
GBytes *bytes_copy(Bytes bytes);

/* Appends the view to an array. */
void bytes_append(GByteArray *array, Bytes bytes);

/* Lower-case hexadecimal digits, two a byte, `separator` (NULL for none) between bytes.
 * Free with g_free. */
char *bytes_to_hex(Bytes bytes, const char *separator);

/* The bytes that hexadecimal digits name; white space and colons between bytes are passed over.
 * NULL when the text is anything else. Free with g_byte_array_unref. */
GByteArray *bytes_from_hex(const char *text);

/* Big-endian number of 1 to 8 bytes. */
static inline uint64_t bytes_number(Bytes bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.size && i < 8; i++)
        number = number << 8 | bytes.data[i];
    return number;
}
