/* Wire: one walk over bytes, reading or writing, with one `wire_…` call a field, in RFC order with
 * RFC names. Errors are sticky: after the first, every primitive does nothing, and the wire
 * remembers why and at which byte; so walks hold no error checks. On the way a walk leaves spans.
 *
 * All numbers are big-endian (RFC 5246 4.4). Vectors carry the bounds of their RFC declaration
 * `opaque name<min..max>`, in bytes. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/numbers.h"
#include "core/wire/span.h"

typedef enum {
    WIRE_FINE,
    WIRE_TRUNCATED, /* a field goes beyond the end of what holds it */
    WIRE_TRAILING,  /* bytes are left after the last field */
    WIRE_LENGTH,    /* a length outside the bounds of its declaration */
    WIRE_VALUE,     /* a value that the RFC rules out */
    WIRE_TOO_LONG,  /* writing: the value does not fit in its length field */
} WireError;

enum { WIRE_DEPTH = 10 }; /* nesting of groups; a stapled response in TLS 1.3 has 8 */

typedef struct {
    bool reading;
    Bytes input;        /* reading: what is walked over */
    size_t at;          /* reading: next byte; writing: bytes written so far */
    size_t end;         /* reading: end of the innermost group */
    GByteArray *output; /* writing: where to; the walk starts at its length on creation */
    size_t base;        /* writing: that length */
    GArray *spans;      /* may be NULL: then no map is made */
    WireError error;
    size_t error_at;        /* offset of the field that failed */
    const char *error_name; /* its name */
    const char *error_why;  /* WIRE_VALUE: the sentence given with it */
    uint8_t depth;
    struct {
        uint32_t span;       /* index of the group's span */
        size_t end;          /* reading: `end` to come back to */
        size_t first;        /* where the length field stands */
        uint8_t length_size; /* bytes of the length field, 0 for none */
        size_t min, max;     /* bounds on the bytes after the length */
    } open[WIRE_DEPTH];      /* the first `depth` of them */
} Wire;

/* `spans` may be NULL. */
Wire wire_reader(Bytes input, GArray *spans);
Wire wire_writer(GByteArray *output, GArray *spans);

/* One number. */
void wire_u8(Wire *wire, const char *name, NumberKind number, uint8_t *value);
void wire_u16(Wire *wire, const char *name, NumberKind number, uint16_t *value);
void wire_u24(Wire *wire, const char *name, NumberKind number, uint32_t *value);
void wire_u32(Wire *wire, const char *name, NumberKind number, uint32_t *value);

/* opaque name[size] */
void wire_fixed(Wire *wire, const char *name, size_t size, Bytes *view);

/* opaque name<min..max>, its length in `length_size` bytes */
void wire_vector(Wire *wire, const char *name, uint8_t length_size, size_t min, size_t max,
                 Bytes *view);

/* The same for text that people read. */
void wire_text(Wire *wire, const char *name, uint8_t length_size, size_t min, size_t max,
               Bytes *view);

/* A vector of numbers of `item` bytes each; stays a view (see numbers_at()). */
void wire_numbers(Wire *wire, const char *name, uint8_t length_size, uint8_t item,
                  NumberKind number, size_t min, size_t max, Bytes *view);

/* The same without a length of its own: `size` bytes (SSL 2.0's lengths stand elsewhere). */
void wire_number_list(Wire *wire, const char *name, uint8_t item, NumberKind number, size_t size,
                      Bytes *view);

/* All that is left of the innermost group. */
void wire_rest(Wire *wire, const char *name, Bytes *view);

/* A group of fields: open … close. With `length_size` 0 it has no length of its own. `index` is its
 * place in a list, or -1. */
void wire_open(Wire *wire, const char *name, int index, uint8_t length_size, size_t min,
               size_t max);
void wire_close(Wire *wire);

/* Whether one more item of a list follows: reading, whether bytes are left in the group; writing,
 * whether `index` is below `count`. */
bool wire_more(const Wire *wire, size_t index, size_t count);

/* A rule on values that are already there: false makes WIRE_VALUE, at the field read last. `why` is
 * a static sentence. */
void wire_check(Wire *wire, bool rule, const char *why);

/* Ends a walk. Reading, every byte must have been used; writing, the output is as long as what was
 * written only from here on. */
void wire_finish(Wire *wire);

/* True when nothing went wrong; otherwise fills `fault`: decode_error for shape, illegal_parameter
 * for WIRE_VALUE (RFC 5246 7.2.2). `message` names what was walked. */
bool wire_ok(const Wire *wire, const char *message, Fault *fault);

/* Number `at` of a list of numbers of `item` bytes. */
uint32_t numbers_at(Bytes list, uint8_t item, size_t at);
size_t numbers_count(Bytes list, uint8_t item);
bool numbers_contain(Bytes list, uint8_t item, uint32_t number);
