/* The two-way walk: one primitive a kind of field, each both reading and writing.
 *
 * A walk is written once and called with a reading or a writing wire. The primitives know bytes,
 * bounds and spans; no message, no role, no key. The first error stops everything after it, and
 * stays with its place and its name.
 *
 * Sources: the presentation language of RFC 5246 4 (numbers big-endian, vectors with a length of as
 * many bytes as their bound needs).
 */
#include "core/wire/wire.h"

#include <stddef.h>
#include <string.h>

static void wire_fail(Wire *wire, WireError error, size_t at, const char *name)
{
    if (wire->error != WIRE_FINE)
        return;
    wire->error = error;
    wire->error_at = at;
    wire->error_name = name;
}

static Span *wire_map(const Wire *wire, const char *name, SpanKind kind, size_t first, size_t size)
{
    Span span = {.name = name,
                 .kind = kind,
                 .depth = wire->depth,
                 .index = -1,
                 .first = (uint32_t)first,
                 .size = (uint32_t)size};
    g_array_append_val(wire->spans, span);
    return &g_array_index(wire->spans, Span, wire->spans->len - 1);
}

static inline Span *wire_span(Wire *wire, const char *name, SpanKind kind, size_t first,
                              size_t size)
{
    return wire->spans == NULL ? NULL : wire_map(wire, name, kind, first, size);
}

Wire wire_reader(Bytes input, GArray *spans)
{
    Wire wire; /* what `open` holds beyond its depth is never looked at */
    memset(&wire, 0, offsetof(Wire, open));
    wire.reading = true;
    wire.input = input;
    wire.end = input.size;
    wire.spans = spans;
    return wire;
}

Wire wire_writer(GByteArray *output, GArray *spans)
{
    Wire wire;
    memset(&wire, 0, offsetof(Wire, open));
    wire.output = output;
    wire.base = output->len;
    wire.spans = spans;
    return wire;
}

/* Whether `size` more bytes can be had in the group that is open. */
static inline bool wire_has(Wire *wire, size_t size, const char *name)
{
    if (wire->error != WIRE_FINE)
        return false;
    if (!wire->reading || size <= wire->end - wire->at)
        return true;
    wire_fail(wire, WIRE_TRUNCATED, wire->at, name);
    return false;
}

/* Where the next `size` bytes are written. The array is made longer than that, so that a walk of
 * many small fields does not grow it for each; wire_finish() cuts it to what was written. */
static uint8_t *wire_room(Wire *wire, size_t size)
{
    enum { AHEAD = 256 };
    size_t first = wire->base + wire->at;
    if (first + size > wire->output->len)
        g_byte_array_set_size(wire->output, (guint)(first + size + AHEAD));
    return wire->output->data + first;
}

/* Reads or writes `size` bytes of a number, without a span. */
static uint32_t wire_raw(Wire *wire, size_t size, uint32_t value)
{
    if (wire->reading) {
        value = (uint32_t)bytes_number(bytes_slice(wire->input, wire->at, size));
    } else {
        uint8_t *bytes = wire_room(wire, size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    }
    wire->at += size;
    return value;
}

static uint32_t wire_number(Wire *wire, const char *name, NumberKind number, size_t size,
                            uint32_t value)
{
    if (!wire_has(wire, size, name))
        return value;
    Span *span = wire_span(wire, name, SPAN_NUMBER, wire->at, size);
    if (span != NULL)
        span->number = number;
    return wire_raw(wire, size, value);
}

void wire_u8(Wire *wire, const char *name, NumberKind number, uint8_t *value)
{
    *value = (uint8_t)wire_number(wire, name, number, 1, *value);
}

void wire_u16(Wire *wire, const char *name, NumberKind number, uint16_t *value)
{
    *value = (uint16_t)wire_number(wire, name, number, 2, *value);
}

void wire_u24(Wire *wire, const char *name, NumberKind number, uint32_t *value)
{
    *value = wire_number(wire, name, number, 3, *value);
}

void wire_u32(Wire *wire, const char *name, NumberKind number, uint32_t *value)
{
    *value = wire_number(wire, name, number, 4, *value);
}

/* The bytes themselves, without a span. */
static void wire_bytes(Wire *wire, size_t size, Bytes *view)
{
    if (wire->reading)
        *view = bytes_slice(wire->input, wire->at, size);
    else if (size > 0)
        memcpy(wire_room(wire, size), view->data, size);
    wire->at += size;
}

void wire_fixed(Wire *wire, const char *name, size_t size, Bytes *view)
{
    if (!wire_has(wire, size, name))
        return;
    if (!wire->reading && view->size != size) {
        wire_fail(wire, WIRE_LENGTH, wire->at, name);
        return;
    }
    wire_span(wire, name, SPAN_BYTES, wire->at, size);
    wire_bytes(wire, size, view);
}

void wire_rest(Wire *wire, const char *name, Bytes *view)
{
    if (wire->error != WIRE_FINE)
        return;
    size_t size = wire->reading ? wire->end - wire->at : view->size;
    wire_span(wire, name, SPAN_BYTES, wire->at, size);
    wire_bytes(wire, size, view);
}

/* A vector is a group of its length and its bytes; the bytes carry the name as well, so that a path
 * to the vector replaces all of it and the printer shows its value once. */
static Span *wire_vector_of(Wire *wire, const char *name, SpanKind kind, uint8_t length_size,
                            const size_t bounds[2], Bytes *view)
{
    wire_open(wire, name, -1, length_size, bounds[0], bounds[1]);
    if (wire->error != WIRE_FINE)
        return NULL;
    size_t size = wire->reading ? wire->end - wire->at : view->size;
    Span *span = wire_span(wire, name, kind, wire->at, size);
    wire_bytes(wire, size, view);
    wire_close(wire);
    return span;
}

void wire_vector(Wire *wire, const char *name, uint8_t length_size, size_t min, size_t max,
                 Bytes *view)
{
    wire_vector_of(wire, name, SPAN_BYTES, length_size, (size_t[]){min, max}, view);
}

void wire_text(Wire *wire, const char *name, uint8_t length_size, size_t min, size_t max,
               Bytes *view)
{
    wire_vector_of(wire, name, SPAN_TEXT, length_size, (size_t[]){min, max}, view);
}

void wire_numbers(Wire *wire, const char *name, uint8_t length_size, uint8_t item,
                  NumberKind number, size_t min, size_t max, Bytes *view)
{
    size_t first = wire->at;
    Span *span = wire_vector_of(wire, name, SPAN_NUMBERS, length_size, (size_t[]){min, max}, view);
    if (span != NULL) {
        span->item = item;
        span->number = number;
    }
    if (view->size % item != 0) /* a vector of numbers holds whole numbers: RFC 5246 4.3 */
        wire_fail(wire, WIRE_LENGTH, first, name);
}

void wire_number_list(Wire *wire, const char *name, uint8_t item, NumberKind number, size_t size,
                      Bytes *view)
{
    wire_fixed(wire, name, size, view);
    if (wire->error != WIRE_FINE || wire->spans == NULL)
        return;
    Span *span = &g_array_index(wire->spans, Span, wire->spans->len - 1);
    span->kind = SPAN_NUMBERS;
    span->item = item;
    span->number = number;
}

/* The length that stands at the head of a group: read it and narrow the end to it. */
static void wire_open_reading(Wire *wire, const char *name, uint8_t length_size, size_t min,
                              size_t max)
{
    if (length_size == 0 || !wire_has(wire, length_size, name))
        return;
    size_t first = wire->at;
    wire_span(wire, "length", SPAN_LENGTH, first, length_size);
    size_t size = wire_raw(wire, length_size, 0);
    if (size > wire->end - wire->at)
        wire_fail(wire, WIRE_TRUNCATED, first, name);
    else if (size < min || size > max)
        wire_fail(wire, WIRE_LENGTH, first, name);
    else
        wire->end = wire->at + size;
}

void wire_open(Wire *wire, const char *name, int index, uint8_t length_size, size_t min, size_t max)
{
    if (wire->error != WIRE_FINE)
        return;
    g_assert(wire->depth < WIRE_DEPTH);
    if (length_size == 0 && wire->spans == NULL) { /* it bounds nothing, and nobody maps it */
        wire->open[wire->depth++].length_size = 0;
        return;
    }
    Span *span = wire_span(wire, name, SPAN_GROUP, wire->at, 0);
    if (span != NULL)
        span->index = (int16_t)index;
    wire->open[wire->depth].span = wire->spans == NULL ? 0 : wire->spans->len - 1;
    wire->open[wire->depth].end = wire->end;
    wire->open[wire->depth].first = wire->at;
    wire->open[wire->depth].length_size = length_size;
    wire->open[wire->depth].min = min;
    wire->open[wire->depth].max = max;
    wire->depth++;
    if (wire->reading) {
        wire_open_reading(wire, name, length_size, min, max);
    } else if (length_size > 0) {
        wire_span(wire, "length", SPAN_LENGTH, wire->at, length_size);
        wire_raw(wire, length_size, 0);
    }
}

/* Writes the length of a finished group into the place that was kept for it. */
static void wire_patch(Wire *wire, size_t first, uint8_t length_size, size_t min, size_t max)
{
    if (length_size == 0)
        return;
    size_t size = wire->at - first - length_size;
    if (size < min || size > max) {
        wire_fail(wire, WIRE_LENGTH, first, "length");
        return;
    }
    if (size >> 8 * length_size != 0) {
        wire_fail(wire, WIRE_TOO_LONG, first, "length");
        return;
    }
    for (size_t i = 0; i < length_size; i++)
        wire->output->data[wire->base + first + i] = (uint8_t)(size >> 8 * (length_size - 1 - i));
}

void wire_close(Wire *wire)
{
    if (wire->error != WIRE_FINE)
        return;
    wire->depth--;
    uint8_t length_size = wire->open[wire->depth].length_size;
    if (length_size == 0 && wire->spans == NULL)
        return;
    uint32_t span = wire->open[wire->depth].span;
    size_t first = wire->open[wire->depth].first;
    if (!wire->reading) {
        wire_patch(wire, first, length_size, wire->open[wire->depth].min,
                   wire->open[wire->depth].max);
    } else if (length_size > 0) {
        if (wire->at != wire->end)
            wire_fail(wire, WIRE_TRAILING, wire->at, "length");
        wire->end = wire->open[wire->depth].end;
    }
    if (wire->spans != NULL && wire->error == WIRE_FINE)
        g_array_index(wire->spans, Span, span).size = (uint32_t)(wire->at - first);
}

bool wire_more(const Wire *wire, size_t index, size_t count)
{
    if (wire->error != WIRE_FINE)
        return false;
    return wire->reading ? wire->at < wire->end : index < count;
}

void wire_check(Wire *wire, bool rule, const char *why)
{
    if (wire->error != WIRE_FINE || rule) /* what was not read follows no rule */
        return;
    wire_fail(wire, WIRE_VALUE, wire->at, NULL);
    wire->error_why = why;
}

void wire_finish(Wire *wire)
{
    if (!wire->reading)
        g_byte_array_set_size(wire->output, (guint)(wire->base + wire->at));
    else if (wire->error == WIRE_FINE && wire->at != wire->input.size)
        wire_fail(wire, WIRE_TRAILING, wire->at, NULL);
}

bool wire_ok(const Wire *wire, const char *message, Fault *fault)
{
    static const char *const sentences[] = {
        [WIRE_TRUNCATED] = "goes beyond the end of what holds it",
        [WIRE_TRAILING] = "has bytes left over behind it",
        [WIRE_LENGTH] = "has a length outside its bounds",
        [WIRE_TOO_LONG] = "is too long for its length field",
    };
    if (wire->error == WIRE_FINE)
        return true;
    FaultBlame blame = wire->reading ? FAULT_OF_PEER : FAULT_OF_US;
    if (wire->error == WIRE_VALUE) /* RFC 5246 7.2.2: out of range or inconsistent */
        return fault_set(fault, blame, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.2.2", "%s: %s", message,
                         wire->error_why);
    return fault_set(fault, blame, ALERT_DECODE_ERROR, "RFC 5246 7.2.2", "%s: %s, byte %zu: %s",
                     message, wire->error_name == NULL ? "the message" : wire->error_name,
                     wire->error_at, sentences[wire->error]);
}

uint32_t numbers_at(Bytes list, uint8_t item, size_t at)
{
    return (uint32_t)bytes_number(bytes_slice(list, at * item, item));
}

size_t numbers_count(Bytes list, uint8_t item)
{
    return list.size / item;
}

bool numbers_contain(Bytes list, uint8_t item, uint32_t number)
{
    for (size_t i = 0; i < numbers_count(list, item); i++)
        if (numbers_at(list, item, i) == number)
            return true;
    return false;
}
