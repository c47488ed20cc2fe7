/* A trace as JSON lines: the writer.
 *
 * The tables of json_fields.c say what is written and in which order; this file knows how each kind
 * of field looks. What is no UTF-8 (a peer may send anything) is made valid first, so that every
 * line is. Nothing depends on the locale or on the order of a hash table.
 */
#include "viz/json.h"

#include <string.h>

#include "viz/json_fields.h"

G_DEFINE_QUARK(shakedown - json - error, json_error)

static void put_object(GString *output, const Fields *table, const void *object);

void json_write(const Trace *trace, GString *output)
{
    put_object(output, header_fields(), &trace->header);
    g_string_append_c(output, '\n');
    for (size_t i = 0; i < trace_count(trace); i++) {
        json_write_event(trace_at(trace, i), output);
        g_string_append_c(output, '\n');
    }
}

void json_write_event(const TraceEvent *event, GString *output)
{
    put_object(output, event_fields(), event);
}

static void put_text(GString *output, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_string_append_c(output, '"');
    for (const char *p = valid; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_printf(output, "\\%c", *p);
        else if (*p == '\n')
            g_string_append(output, "\\n");
        else if ((unsigned char)*p < ' ' || *p == 0x7f)
            g_string_append_printf(output, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            g_string_append_c(output, *p);
    }
    g_string_append_c(output, '"');
}

static void put_bytes(GString *output, GBytes *bytes)
{
    g_autofree char *hex = bytes_to_hex(bytes_from_gbytes(bytes), NULL);
    g_string_append_printf(output, "\"%s\"", hex == NULL ? "" : hex);
}

static void put_spans(GString *output, const GArray *spans)
{
    g_string_append_c(output, '[');
    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        g_string_append(output, i > 0 ? ",[" : "[");
        put_text(output, span->name);
        g_string_append_printf(output, ",%d,%d,%u,%u,%d,%u,%u]", (int)span->kind, (int)span->number,
                               span->item, span->depth, span->index, span->first, span->size);
    }
    g_string_append_c(output, ']');
}

static void put_list(GString *output, const Fields *table, const GPtrArray *list)
{
    g_string_append_c(output, '[');
    for (guint i = 0; i < list->len; i++) {
        if (i > 0)
            g_string_append_c(output, ',');
        put_object(output, table, g_ptr_array_index(list, i));
    }
    g_string_append_c(output, ']');
}

/* What stands at a field: as a number (of numbers, names and truths), or as a pointer. */
typedef struct {
    int64_t number;
    uint64_t large;
    const void *pointer;
} Value;

static Value value_of(const Field *field, const void *object)
{
    const char *at = (const char *)object + field->offset;
    Value value = {0, 0, NULL};
    int number = 0;
    uint16_t small = 0;
    bool truth = false;
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_NAME:
        memcpy(&number, at, sizeof number);
        value.number = number;
        return value;
    case FIELD_INT64:
        memcpy(&value.number, at, sizeof value.number);
        return value;
    case FIELD_UINT64:
    case FIELD_UINT64_TEXT:
        memcpy(&value.large, at, sizeof value.large);
        value.number = value.large != 0;
        return value;
    case FIELD_UINT16:
        memcpy(&small, at, sizeof small);
        value.number = small;
        return value;
    case FIELD_BOOL:
        memcpy(&truth, at, sizeof truth);
        value.number = truth;
        return value;
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_SPANS:
    case FIELD_CERTIFICATE:
    case FIELD_PARTIES:
    case FIELD_LINKS:
    case FIELD_EXPECTATIONS:
        memcpy(&value.pointer, at, sizeof value.pointer);
        return value;
    }
    g_assert_not_reached();
}

static bool is_pointer(FieldKind kind)
{
    return kind == FIELD_TEXT || kind >= FIELD_SPANS || kind == FIELD_BYTES;
}

static void put_value(GString *output, const Field *field, const Value *value)
{
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_INT64:
    case FIELD_UINT16:
        g_string_append_printf(output, "%" G_GINT64_FORMAT, value->number);
        return;
    case FIELD_UINT64:
        g_string_append_printf(output, "%" G_GUINT64_FORMAT, value->large);
        return;
    case FIELD_UINT64_TEXT:
        g_string_append_printf(output, "\"%" G_GUINT64_FORMAT "\"", value->large);
        return;
    case FIELD_BOOL:
        g_string_append(output, value->number != 0 ? "true" : "false");
        return;
    case FIELD_NAME:
        put_text(output, field->name((int)value->number));
        return;
    case FIELD_TEXT:
        put_text(output, value->pointer);
        return;
    case FIELD_BYTES:
        put_bytes(output, (GBytes *)(uintptr_t)value->pointer);
        return;
    case FIELD_SPANS:
        put_spans(output, value->pointer);
        return;
    case FIELD_CERTIFICATE:
        put_object(output, certificate_fields(), value->pointer);
        return;
    case FIELD_PARTIES:
        put_list(output, party_fields(), value->pointer);
        return;
    case FIELD_LINKS:
        put_list(output, link_fields(), value->pointer);
        return;
    case FIELD_EXPECTATIONS:
        put_list(output, expectation_fields(), value->pointer);
        return;
    }
}

static void put_object(GString *output, const Fields *table, const void *object)
{
    bool first = true;
    g_string_append_c(output, '{');
    for (size_t i = 0; i < table->count; i++) {
        const Field *field = &table->fields[i];
        Value value = value_of(field, object);
        if (is_pointer(field->kind) ? value.pointer == NULL
                                    : !field->always && value.number == field->absent)
            continue;
        g_string_append_printf(output, "%s\"%s\":", first ? "" : ",", field->key);
        put_value(output, field, &value);
        first = false;
    }
    g_string_append_c(output, '}');
}
