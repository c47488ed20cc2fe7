/* Span: one entry of the map that a walk leaves behind. Spans stand in the order in which the walk
 * met them (a group before its parts); `depth` makes the tree. The leaves tile the message: no
 * hole, no overlap. Printing, finding, comparing and changing fields are functions of (bytes,
 * spans) and know no message. */
#pragma once

#include <glib.h>

#include "core/base/bytes.h"
#include "core/base/numbers.h"

typedef enum {
    SPAN_GROUP,   /* holds the deeper spans that follow */
    SPAN_NUMBER,  /* a big-endian number; `number` says whose names it has */
    SPAN_LENGTH,  /* a length field: counts the rest of its group */
    SPAN_NUMBERS, /* a list of numbers of `item` bytes each */
    SPAN_BYTES,   /* opaque */
    SPAN_TEXT,    /* opaque that people read: host names */
} SpanKind;

typedef struct {
    const char *name; /* the RFC's name of the field; static */
    SpanKind kind;
    NumberKind number; /* for SPAN_NUMBER and SPAN_NUMBERS */
    uint8_t item;      /* SPAN_NUMBERS: bytes of one number */
    uint8_t depth;     /* 0 for the message itself */
    int16_t index;     /* place in a list, or -1 */
    uint32_t first;    /* offset of the first byte */
    uint32_t size;     /* bytes */
} Span;

/* A GArray of Span. */
GArray *spans_new(void);

/* How many spans belong to the one at `at`, itself included (its subtree). */
size_t spans_extent(const GArray *spans, size_t at);

/* The index of the span at a path such as "extensions/server_name/server_name_list[0]/host_name".
 * The message's own name is left out; a name without an index finds its first. -1 when there is
 * none. Spans without a name of their own are never in a path. */
int span_find(const GArray *spans, const char *path);

/* The path of a span, for messages and errors. Free with g_free. */
char *span_path(const GArray *spans, size_t at);

/* The value as a person reads it: a number with its name ("0x002f TLS_RSA_…"), a list of names,
 * text in quotes, hex cut after `most` bytes (0: never cut). Free with g_free. */
char *span_value(const Span *span, Bytes message, size_t most);

/* Whether the leaves tile `size` bytes without hole or overlap. On failure `*at` is the offset. */
bool spans_tile(const GArray *spans, size_t size, size_t *at);

/* Paths whose bytes differ between two messages, as a list of char * (free with
 * g_ptr_array_unref); fields that only one of them has count. */
GPtrArray *spans_differences(Bytes a, const GArray *a_spans, Bytes b, const GArray *b_spans);
