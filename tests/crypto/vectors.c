/* Reading the files of vectors, and bytes for tests.
 *
 * What is handed out stays until the process ends, which for a test is soon: so tests need no lines
 * that free. Everything is reachable from one list, so that a leak checker sees no leak of ours.
 *
 * The form of the files is told in tests/vectors/README.md.
 */
#include <string.h>

#include "tests/crypto/crypto-tests.h"

static void keep(GByteArray *array)
{
    static GPtrArray *kept;
    if (kept == NULL)
        kept = g_ptr_array_new();
    g_ptr_array_add(kept, array);
}

Bytes hex(const char *digits)
{
    GByteArray *bytes = bytes_from_hex(digits);
    ck_assert_msg(bytes != NULL, "not hexadecimal: %s", digits);
    keep(bytes);
    return bytes_from_array(bytes);
}

void assert_bytes(Bytes got, Bytes expected, const char *what)
{
    g_autofree char *got_hex = bytes_to_hex(got, NULL);
    g_autofree char *expected_hex = bytes_to_hex(expected, NULL);
    ck_assert_msg(bytes_equal(got, expected), "%s: got %s, expected %s", what, got_hex,
                  expected_hex);
}

void vector_free(gpointer data)
{
    Vector *vector = data;
    g_free(vector->title);
    g_hash_table_unref(vector->values);
    g_free(vector);
}

static Vector *vector_new(const char *line)
{
    Vector *vector = g_new0(Vector, 1);
    vector->title = g_strndup(line + 1, strcspn(line + 1, "]"));
    vector->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return vector;
}

GPtrArray *vectors_read(const char *file)
{
    g_autofree char *path = g_build_filename(SOURCE_ROOT, "tests", "vectors", file, NULL);
    g_autofree char *text = NULL;
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s cannot be read", path);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *vectors = g_ptr_array_new_with_free_func(vector_free);
    for (size_t i = 0; lines[i] != NULL; i++) {
        char *equals = strstr(lines[i], " =");
        if (lines[i][0] == '[')
            g_ptr_array_add(vectors, vector_new(lines[i]));
        if (lines[i][0] == '[' || lines[i][0] == '#' || equals == NULL || vectors->len == 0)
            continue;
        Vector *vector = g_ptr_array_index(vectors, vectors->len - 1);
        g_hash_table_insert(vector->values, g_strndup(lines[i], (gsize)(equals - lines[i])),
                            g_strdup(g_strstrip(equals + 2)));
    }
    return vectors;
}

const char *vector_text(const Vector *vector, const char *name)
{
    const char *value = g_hash_table_lookup(vector->values, name);
    ck_assert_msg(value != NULL, "%s has no %s", vector->title, name);
    return value;
}

bool vector_has(const Vector *vector, const char *name)
{
    return g_hash_table_contains(vector->values, name);
}

Bytes vector_bytes(const Vector *vector, const char *name)
{
    return hex(vector_text(vector, name));
}
