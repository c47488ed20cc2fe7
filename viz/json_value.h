/* JSON text as a tree: the little of RFC 8259 that a trace needs. Inside the room only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_TEXT,
    JSON_NUMBER, /* an integer: a trace has no others */
    JSON_TRUTH,
} JsonKind;

typedef struct {
    JsonKind kind;
    char *text;       /* TEXT: UTF-8, without zero bytes */
    bool negative;    /* NUMBER */
    uint64_t number;  /* NUMBER: its magnitude; TRUTH: 0 or 1 */
    GPtrArray *items; /* OBJECT, ARRAY: of JsonValue * */
    GPtrArray *keys;  /* OBJECT: of char *, one an item */
} JsonValue;

enum { JSON_DEPTH_MOST = 8 /* a trace nests four deep */ };

/* One value and nothing behind it. NULL with a sentence in `*why` (g_free) when it is anything
 * else. */
JsonValue *json_value_read(const char *text, size_t size, char **why);
void json_value_free(JsonValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonValue, json_value_free)

static inline const JsonValue *json_item(const JsonValue *value, guint index)
{
    return (const JsonValue *)g_ptr_array_index(value->items, index);
}
