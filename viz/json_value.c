/* JSON text as a tree.
 *
 * Strict, since it reads what people may have edited: no trailing commas, no comments, no numbers
 * with a fraction, no escape for a zero byte, no key twice, no nesting deeper than a trace has. It
 * knows RFC 8259 and nothing of traces.
 */
#include "viz/json_value.h"

#include <string.h>

typedef struct {
    const char *at, *end;
    int depth;
    char *why; /* the first thing that is wrong */
} Reader;

static JsonValue *read_value(Reader *reader);

void json_value_free(JsonValue *value)
{
    if (value == NULL)
        return;
    g_free(value->text);
    g_clear_pointer(&value->items, g_ptr_array_unref);
    g_clear_pointer(&value->keys, g_ptr_array_unref);
    g_free(value);
}

static JsonValue *value_new(JsonKind kind)
{
    JsonValue *value = g_new0(JsonValue, 1);
    value->kind = kind;
    if (kind == JSON_OBJECT || kind == JSON_ARRAY)
        value->items = g_ptr_array_new_with_free_func((GDestroyNotify)json_value_free);
    if (kind == JSON_OBJECT)
        value->keys = g_ptr_array_new_with_free_func(g_free);
    return value;
}

static void *complain(Reader *reader, const char *why)
{
    if (reader->why == NULL)
        reader->why = g_strdup(why);
    return NULL;
}

static void skip_space(Reader *reader)
{
    while (reader->at < reader->end && *reader->at != '\0' && strchr(" \t\r", *reader->at) != NULL)
        reader->at++;
}

static bool take(Reader *reader, char character)
{
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != character)
        return false;
    reader->at++;
    return true;
}

static bool take_word(Reader *reader, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

/* The four hexadecimal digits of \u; -1 when they are not. */
static int read_unit(Reader *reader)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = reader->at < reader->end ? g_ascii_xdigit_value(*reader->at) : -1;
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
        reader->at++;
    }
    return unit;
}

static bool read_unicode(Reader *reader, GString *text)
{
    int unit = read_unit(reader);
    gunichar character = (gunichar)unit;
    if (unit >= 0xd800 && unit < 0xdc00) { /* RFC 8259 7: a pair for what lies beyond 16 bits */
        int low = take_word(reader, "\\u") ? read_unit(reader) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return complain(reader, "half of a \\u pair") != NULL;
        character = 0x10000 + (((gunichar)unit - 0xd800) << 10) + ((gunichar)low - 0xdc00);
    }
    if (unit <= 0 || !g_unichar_validate(character))
        return complain(reader, "a \\u escape that is no character") != NULL;
    g_string_append_unichar(text, character);
    return true;
}

static bool read_escape(Reader *reader, GString *text)
{
    static const char signs[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (reader->at >= reader->end)
        return false;
    char sign = *reader->at++;
    if (sign == 'u')
        return read_unicode(reader, text);
    const char *found = sign == '\0' ? NULL : strchr(signs, sign);
    if (found == NULL)
        return complain(reader, "an unknown escape in a text") != NULL;
    g_string_append_c(text, meant[found - signs]);
    return true;
}

/* After the opening quote. g_free. */
static char *read_text(Reader *reader)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (reader->at < reader->end && *reader->at != '"') {
        char character = *reader->at++;
        if ((unsigned char)character < ' ')
            return complain(reader, "a control character in a text");
        if (character != '\\')
            g_string_append_c(text, character);
        else if (!read_escape(reader, text))
            return complain(reader, "a broken escape in a text");
    }
    if (!take(reader, '"'))
        return complain(reader, "a text without its closing quote");
    if (!g_utf8_validate(text->str, (gssize)text->len, NULL))
        return complain(reader, "a text that is no UTF-8");
    return g_strdup(text->str);
}

static JsonValue *read_number(Reader *reader)
{
    g_autoptr(JsonValue) value = value_new(JSON_NUMBER);
    value->negative = take(reader, '-');
    const char *start = reader->at;
    while (reader->at < reader->end && g_ascii_isdigit(*reader->at)) {
        unsigned digit = (unsigned)(*reader->at++ - '0');
        if (value->number > (G_MAXUINT64 - digit) / 10)
            return complain(reader, "a number beyond 64 bits");
        value->number = value->number * 10 + digit;
    }
    if (reader->at == start || (reader->at - start > 1 && *start == '0'))
        return complain(reader, "no value, or a number that is none");
    if (reader->at < reader->end && *reader->at != '\0' && strchr(".eE", *reader->at) != NULL)
        return complain(reader, "a number that is no integer");
    return g_steal_pointer(&value);
}

static bool has_key(const JsonValue *object, const char *key)
{
    return g_ptr_array_find_with_equal_func(object->keys, key, g_str_equal, NULL);
}

static JsonValue *read_object(Reader *reader)
{
    g_autoptr(JsonValue) object = value_new(JSON_OBJECT);
    if (take(reader, '}'))
        return g_steal_pointer(&object);
    do {
        if (!take(reader, '"'))
            return complain(reader, "a key was expected");
        g_autofree char *key = read_text(reader);
        if (key == NULL)
            return NULL;
        if (has_key(object, key))
            return complain(reader, "the same key stands there twice");
        if (!take(reader, ':'))
            return complain(reader, "a colon was expected after a key");
        JsonValue *item = read_value(reader);
        if (item == NULL)
            return NULL;
        g_ptr_array_add(object->keys, g_steal_pointer(&key));
        g_ptr_array_add(object->items, item);
    } while (take(reader, ','));
    if (!take(reader, '}'))
        return complain(reader, "an object without its closing brace");
    return g_steal_pointer(&object);
}

static JsonValue *read_array(Reader *reader)
{
    g_autoptr(JsonValue) array = value_new(JSON_ARRAY);
    if (take(reader, ']'))
        return g_steal_pointer(&array);
    do {
        JsonValue *item = read_value(reader);
        if (item == NULL)
            return NULL;
        g_ptr_array_add(array->items, item);
    } while (take(reader, ','));
    if (!take(reader, ']'))
        return complain(reader, "a list without its closing bracket");
    return g_steal_pointer(&array);
}

static JsonValue *read_scalar(Reader *reader)
{
    if (take(reader, '"')) {
        char *text = read_text(reader);
        if (text == NULL)
            return NULL;
        JsonValue *value = value_new(JSON_TEXT);
        value->text = text;
        return value;
    }
    bool truth = take_word(reader, "true");
    if (truth || take_word(reader, "false")) {
        JsonValue *value = value_new(JSON_TRUTH);
        value->number = truth;
        return value;
    }
    return read_number(reader);
}

static JsonValue *read_value(Reader *reader)
{
    if (++reader->depth > JSON_DEPTH_MOST)
        return complain(reader, "nested deeper than a trace is");
    bool object = take(reader, '{');
    JsonValue *value = object              ? read_object(reader)
                       : take(reader, '[') ? read_array(reader)
                                           : read_scalar(reader);
    reader->depth--;
    return value;
}

JsonValue *json_value_read(const char *text, size_t size, char **why)
{
    Reader reader = {.at = text, .end = text + size};
    g_autoptr(JsonValue) value = read_value(&reader);
    skip_space(&reader);
    if (value != NULL && reader.at < reader.end) {
        complain(&reader, "something stands behind the object");
        g_clear_pointer(&value, json_value_free);
    }
    *why = reader.why;
    return g_steal_pointer(&value);
}
