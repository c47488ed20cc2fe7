/* Details: the listing of `--trace=LEVEL`, in the order of the events. Each level adds to the one
 * before. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    DETAILS_MESSAGES, /* "msg": a line a message, record fate, state, check */
    DETAILS_FIELDS,   /* "fields": and the fields of each message with their values */
    DETAILS_BYTES,    /* "bytes": and its bytes, with offsets */
    DETAILS_KEYS,     /* "keys": and every secret and key where it is made */
} DetailsLevel;

/* "msg", "fields", "bytes", "keys"; false for anything else. */
bool details_level_from_name(const char *name, DetailsLevel *level);

/* Appends one event's line, if it has one at the first level. */
void details_write_event(const Trace *trace, const TraceEvent *event, bool utf8, GString *output);

/* Appends the listing to `output`. `utf8` false: 7-bit. */
void details_write(const Trace *trace, DetailsLevel level, bool utf8, GString *output);
