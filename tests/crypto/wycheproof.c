/* Reading Project Wycheproof's files.
 *
 * They are JSON: groups of cases, each group with what its cases share (a key, a curve). A case is
 * handed out with what its group has; objects inside a group count as part of it, and a list of
 * words becomes one text with ", " between. That is all of JSON that is understood: escapes become
 * spaces, as they stand where nobody looks.
 */
#include <string.h>

#include "tests/crypto/crypto-tests.h"

typedef struct {
    const char *at;
    GHashTable *group, *test; /* names to values; test is NULL outside of a case */
    GPtrArray *vectors;
} Reader;

static void read_value(Reader *reader, const char *name);

static void skip_space(Reader *reader)
{
    while (g_ascii_isspace(*reader->at) || *reader->at == ',' || *reader->at == ':')
        reader->at++;
}

/* A string, or a bare word or number. */
static char *read_scalar(Reader *reader)
{
    bool quoted = *reader->at == '"';
    reader->at += quoted;
    size_t size = strcspn(reader->at, quoted ? "\"" : ",]} \n");
    char *text = g_strndup(reader->at, size);
    reader->at += size + quoted;
    return text;
}

static void keep(Reader *reader, const char *name, char *value)
{
    GHashTable *table = reader->test != NULL ? reader->test : reader->group;
    char *before = g_hash_table_lookup(table, name);
    char *text = before == NULL ? g_strdup(value) : g_strconcat(before, ", ", value, NULL);
    g_hash_table_insert(table, g_strdup(name), text);
    g_free(value);
}

static void read_members(Reader *reader)
{
    reader->at++;
    for (skip_space(reader); *reader->at != '}'; skip_space(reader)) {
        g_autofree char *name = read_scalar(reader);
        skip_space(reader);
        read_value(reader, name);
    }
    reader->at++;
}

static void read_test(Reader *reader)
{
    GHashTableIter iterator;
    gpointer name, value;
    reader->test = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    read_members(reader);
    const char *id = g_hash_table_lookup(reader->test, "tcId");
    Vector *vector = g_new0(Vector, 1);
    vector->title = g_strdup_printf("tcId %s", id);
    vector->values = g_steal_pointer(&reader->test);
    g_hash_table_iter_init(&iterator, reader->group);
    while (g_hash_table_iter_next(&iterator, &name, &value))
        if (!g_hash_table_contains(vector->values, name))
            g_hash_table_insert(vector->values, g_strdup(name), g_strdup(value));
    g_ptr_array_add(reader->vectors, vector);
}

static void read_list(Reader *reader, const char *name)
{
    reader->at++;
    for (skip_space(reader); *reader->at != ']'; skip_space(reader)) {
        if (strcmp(name, "testGroups") == 0)
            g_hash_table_remove_all(reader->group);
        if (strcmp(name, "tests") == 0)
            read_test(reader);
        else
            read_value(reader, name);
    }
    reader->at++;
}

static void read_value(Reader *reader, const char *name)
{
    if (*reader->at == '{')
        read_members(reader);
    else if (*reader->at == '[')
        read_list(reader, name);
    else
        keep(reader, name, read_scalar(reader));
}

GPtrArray *wycheproof_read(const char *file)
{
    g_autofree char *path =
        g_build_filename(SOURCE_ROOT, "tests", "vectors", "wycheproof", file, NULL);
    g_autofree char *text = NULL;
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s cannot be read", path);
    Reader reader = {.at = strstr(text, "\"testGroups\"")};
    ck_assert_ptr_nonnull(reader.at);
    reader.group = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    reader.vectors = g_ptr_array_new_with_free_func(vector_free);
    /* escapes stand in PEM and in prose, and nobody asks for those */
    for (char *escape = strchr(text, '\\'); escape != NULL; escape = strchr(escape, '\\'))
        escape[0] = escape[1] = ' ';
    g_autofree char *name = read_scalar(&reader);
    skip_space(&reader);
    read_value(&reader, name);
    g_hash_table_unref(reader.group);
    return reader.vectors;
}
