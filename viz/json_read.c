/* JSON lines as a trace: the reader.
 *
 * The tables of json_fields.c say which keys there are; each line becomes a struct by them. It is
 * strict: an unknown key, a value of the wrong kind, a number that does not fit, a party or a link
 * that the header does not have, an event out of order: each is an error with its line, since a
 * trace that is read half is worse than none.
 */
#include "viz/json.h"

#include <string.h>

#include "viz/json_fields.h"
#include "viz/json_value.h"

enum { LINES_MOST = 10000000 /* events: far beyond any run, and it fits an int */ };

/* What is being read, for its errors. */
typedef struct {
    int line;
    GError *error;
} Place;

static bool fill_object(Place *place, const Fields *table, const JsonValue *value, void *object);

static bool refuse(Place *place, JsonError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool refuse(Place *place, JsonError code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (place->error == NULL)
        place->error = g_error_new(JSON_ERROR, code, "line %d: %s", place->line, why);
    return false;
}

static bool fill_number(Place *place, const Field *field, const JsonValue *value, int64_t least,
                        int64_t most, int64_t *number)
{
    if (value->kind != JSON_NUMBER)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no number", field->key);
    if (value->number > (uint64_t)G_MAXINT64)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is out of range", field->key);
    *number = value->negative ? -(int64_t)value->number : (int64_t)value->number;
    if (*number < least || *number > most)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is out of range", field->key);
    return true;
}

static bool fill_name(Place *place, const Field *field, const JsonValue *value, int *number)
{
    if (value->kind != JSON_TEXT)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no text", field->key);
    for (int i = 0; field->name(i) != NULL; i++) {
        if (strcmp(field->name(i), value->text) != 0)
            continue;
        *number = i;
        return true;
    }
    return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is not known for \"%s\"", value->text,
                  field->key);
}

static bool fill_seed(Place *place, const Field *field, const JsonValue *value, uint64_t *number)
{
    char *end = NULL;
    if (value->kind != JSON_TEXT || !g_ascii_isdigit(value->text[0]))
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no decimal number in a text",
                      field->key);
    errno = 0;
    *number = g_ascii_strtoull(value->text, &end, 10);
    if (*end != '\0' || errno != 0)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no decimal number of 64 bits",
                      field->key);
    return true;
}

static bool fill_bytes(Place *place, const Field *field, const JsonValue *value, GBytes **bytes)
{
    g_autoptr(GByteArray) array = value->kind == JSON_TEXT ? bytes_from_hex(value->text) : NULL;
    if (array == NULL)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no hexadecimal text", field->key);
    *bytes = bytes_copy(bytes_from_array(array));
    return true;
}

/* ["name", kind, number, item, depth, index, first, size] */
static bool fill_span(Place *place, const Field *field, const JsonValue *value, Span *span)
{
    static const int64_t least[] = {0, 0, 0, 0, -1, 0, 0};
    static const int64_t most[] = {SPAN_TEXT, NUMBER_KINDS - 1, 255,       255,
                                   INT16_MAX, UINT32_MAX,       UINT32_MAX};
    int64_t numbers[G_N_ELEMENTS(most)];
    if (value->kind != JSON_ARRAY || value->items->len != G_N_ELEMENTS(most) + 1 ||
        json_item(value, 0)->kind != JSON_TEXT)
        return refuse(place, JSON_ERROR_CONTENT, "a span is a list of a name and seven numbers");
    for (guint i = 0; i < G_N_ELEMENTS(most); i++)
        if (!fill_number(place, field, json_item(value, i + 1), least[i], most[i], &numbers[i]))
            return false;
    *span = (Span){.name = g_intern_string(json_item(value, 0)->text),
                   .kind = (SpanKind)numbers[0],
                   .number = (NumberKind)numbers[1],
                   .item = (uint8_t)numbers[2],
                   .depth = (uint8_t)numbers[3],
                   .index = (int16_t)numbers[4],
                   .first = (uint32_t)numbers[5],
                   .size = (uint32_t)numbers[6]};
    if (span->kind == SPAN_NUMBERS && span->item == 0)
        return refuse(place, JSON_ERROR_CONTENT, "a list of numbers of no bytes");
    return true;
}

static bool fill_spans(Place *place, const Field *field, const JsonValue *value, GArray **spans)
{
    if (value->kind != JSON_ARRAY)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no list", field->key);
    *spans = spans_new();
    for (guint i = 0; i < value->items->len; i++) {
        Span span;
        if (!fill_span(place, field, json_item(value, i), &span))
            return false;
        g_array_append_val(*spans, span);
    }
    return true;
}

static void *party_new(void)
{
    return g_new0(TraceParty, 1);
}

static void *link_new(void)
{
    return g_new0(TraceLink, 1);
}

static void *expectation_new(void)
{
    return trace_expectation_new();
}

static bool fill_list(Place *place, const Field *field, const JsonValue *value, const Fields *table,
                      void *(*create)(void), GPtrArray *list)
{
    if (value->kind != JSON_ARRAY)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no list", field->key);
    for (guint i = 0; i < value->items->len; i++) {
        void *item = create();
        g_ptr_array_add(list, item);
        if (!fill_object(place, table, json_item(value, i), item))
            return false;
    }
    return true;
}

/* What is one number; `at` is where it goes. */
static bool fill_scalar(Place *place, const Field *field, const JsonValue *value, void *at)
{
    int64_t number = 0;
    bool large = field->kind == FIELD_INT64 || field->kind == FIELD_UINT64;
    bool positive = field->kind == FIELD_UINT64 || field->kind == FIELD_UINT16;
    int64_t most = large ? G_MAXINT64 : field->kind == FIELD_UINT16 ? UINT16_MAX : INT32_MAX;
    int64_t least = positive ? 0 : large ? G_MININT64 : -1;
    if (!fill_number(place, field, value, least, most, &number))
        return false;
    if (large)
        memcpy(at, &number, sizeof number);
    else if (field->kind == FIELD_UINT16)
        *(uint16_t *)at = (uint16_t)number;
    else
        *(int *)at = (int)number;
    return true;
}

static bool fill_text(Place *place, const Field *field, const JsonValue *value, char **text)
{
    if (value->kind != JSON_TEXT)
        return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is no text", field->key);
    *text = g_strdup(value->text);
    return true;
}

static bool fill_field(Place *place, const Field *field, const JsonValue *value, void *object)
{
    void *at = (char *)object + field->offset;
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_INT64:
    case FIELD_UINT64:
    case FIELD_UINT16:
        return fill_scalar(place, field, value, at);
    case FIELD_UINT64_TEXT:
        return fill_seed(place, field, value, at);
    case FIELD_BOOL:
        if (value->kind != JSON_TRUTH)
            return refuse(place, JSON_ERROR_CONTENT, "\"%s\" is neither true nor false",
                          field->key);
        *(bool *)at = value->number != 0;
        return true;
    case FIELD_TEXT:
        return fill_text(place, field, value, at);
    case FIELD_BYTES:
        return fill_bytes(place, field, value, at);
    case FIELD_NAME:
        return fill_name(place, field, value, at);
    case FIELD_SPANS:
        return fill_spans(place, field, value, at);
    case FIELD_CERTIFICATE:
        *(TraceCertificate **)at = trace_certificate_new();
        return fill_object(place, certificate_fields(), value, *(TraceCertificate **)at);
    case FIELD_PARTIES:
        return fill_list(place, field, value, party_fields(), party_new, *(GPtrArray **)at);
    case FIELD_LINKS:
        return fill_list(place, field, value, link_fields(), link_new, *(GPtrArray **)at);
    case FIELD_EXPECTATIONS:
        *(GPtrArray **)at = trace_expectations_new();
        return fill_list(place, field, value, expectation_fields(), expectation_new,
                         *(GPtrArray **)at);
    }
    g_assert_not_reached();
}

static const Field *field_find(const Fields *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].key, key) == 0)
            return &table->fields[i];
    return NULL;
}

static bool fill_object(Place *place, const Fields *table, const JsonValue *value, void *object)
{
    if (value->kind != JSON_OBJECT)
        return refuse(place, JSON_ERROR_CONTENT, "the %s is no object", table->what);
    for (guint i = 0; i < value->items->len; i++) {
        const char *key = g_ptr_array_index(value->keys, i);
        const Field *field = field_find(table, key);
        if (field == NULL)
            return refuse(place, JSON_ERROR_CONTENT, "the %s has no \"%s\"", table->what, key);
        if (!fill_field(place, field, json_item(value, i), object))
            return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        const char *key = table->fields[i].key;
        if (table->fields[i].always &&
            !g_ptr_array_find_with_equal_func(value->keys, key, g_str_equal, NULL))
            return refuse(place, JSON_ERROR_CONTENT, "the %s lacks its \"%s\"", table->what, key);
    }
    return true;
}

/* ---- what must hold between the fields ---- */

static bool check_header(Place *place, const TraceHeader *header)
{
    for (guint i = 0; i < header->links->len; i++) {
        const TraceLink *link = g_ptr_array_index(header->links, i);
        int parties = (int)header->parties->len;
        if (link->left < 0 || link->right < 0 || link->left >= parties || link->right >= parties)
            return refuse(place, JSON_ERROR_CONTENT, "link %u joins a party that is not there", i);
    }
    return true;
}

static bool check_spans(Place *place, const TraceEvent *event)
{
    size_t size = bytes_from_gbytes(event->bytes).size;
    for (guint i = 0; event->spans != NULL && i < event->spans->len; i++) {
        const Span *span = &g_array_index(event->spans, Span, i);
        if ((uint64_t)span->first + span->size > size)
            return refuse(place, JSON_ERROR_CONTENT, "span %u reaches beyond the bytes", i);
    }
    return true;
}

static bool check_event(Place *place, const TraceHeader *header, const TraceEvent *event,
                        int number)
{
    if (event->number != number)
        return refuse(place, JSON_ERROR_CONTENT, "event %d was expected", number);
    if (event->party >= (int)header->parties->len)
        return refuse(place, JSON_ERROR_CONTENT, "party %d is not there", event->party);
    if (event->link >= (int)header->links->len)
        return refuse(place, JSON_ERROR_CONTENT, "link %d is not there", event->link);
    bool carried = event->kind == TRACE_MESSAGE || event->kind == TRACE_RECORD;
    if (carried && event->link < 0)
        return refuse(place, JSON_ERROR_CONTENT, "it travels on no link");
    bool own = event->kind == TRACE_MESSAGE || event->kind == TRACE_STATE ||
               event->kind == TRACE_CHECK || event->kind == TRACE_CERTIFICATE ||
               event->kind == TRACE_ALERT;
    if (own && event->party < 0)
        return refuse(place, JSON_ERROR_CONTENT, "it is nobody's");
    if (event->kind == TRACE_CERTIFICATE && event->certificate == NULL)
        return refuse(place, JSON_ERROR_CONTENT, "it shows no certificate");
    if (event->kind == TRACE_STATE && event->after == NULL)
        return refuse(place, JSON_ERROR_CONTENT, "it enters no state");
    return check_spans(place, event);
}

static bool read_line(Place *place, Trace *trace, const char *line, size_t size)
{
    g_autofree char *why = NULL;
    g_autoptr(JsonValue) value = json_value_read(line, size, &why);
    if (value == NULL)
        return refuse(place, JSON_ERROR_SYNTAX, "no JSON: %s", why);
    if (place->line > 1) {
        TraceEvent *event = trace_add(trace, TRACE_MESSAGE);
        int number = event->number;
        return fill_object(place, event_fields(), value, event) &&
               check_event(place, &trace->header, event, number);
    }
    trace->header.format = 0;
    if (!fill_object(place, header_fields(), value, &trace->header))
        return false;
    if (trace->header.format != JSON_LINES_VERSION)
        return refuse(place, JSON_ERROR_VERSION, "a trace of format %d; this reads format %d",
                      trace->header.format, JSON_LINES_VERSION);
    return check_header(place, &trace->header);
}

Trace *json_read(const char *text, gssize size, GError **error)
{
    g_autoptr(Trace) trace = trace_new();
    Place place = {0, NULL};
    const char *end = text + (size < 0 ? strlen(text) : (size_t)size);
    while (text < end && place.line < LINES_MOST) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop == NULL ? end : stop;
        place.line++;
        if (!read_line(&place, trace, text, (size_t)(stop - text)))
            break;
        text = stop < end ? stop + 1 : end;
    }
    if (place.line == 0)
        refuse(&place, JSON_ERROR_CONTENT, "there is no header");
    if (place.error != NULL) {
        g_propagate_error(error, place.error);
        return NULL;
    }
    if (trace->events->len > 0)
        trace->now = trace_at(trace, trace->events->len - 1)->time;
    return g_steal_pointer(&trace);
}
