/* The fields of a trace's structs by their JSON keys, in the order of the file: one description
 * that the writer and the reader share. Inside the room only. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    FIELD_INT, /* int or an enum */
    FIELD_INT64,
    FIELD_UINT64,
    FIELD_UINT64_TEXT, /* as a decimal string */
    FIELD_UINT16,
    FIELD_BOOL,
    FIELD_TEXT,         /* char * */
    FIELD_BYTES,        /* GBytes *, in hex */
    FIELD_NAME,         /* an enum by `name` */
    FIELD_SPANS,        /* GArray of Span */
    FIELD_CERTIFICATE,  /* TraceCertificate * */
    FIELD_PARTIES,      /* GPtrArray of TraceParty * */
    FIELD_LINKS,        /* of TraceLink * */
    FIELD_EXPECTATIONS, /* of TraceExpectation * */
} FieldKind;

typedef struct {
    const char *key;
    FieldKind kind;
    size_t offset;
    bool always;                    /* written even when it has its absent value */
    int64_t absent;                 /* the value of a number that is left out */
    const char *(*name)(int value); /* FIELD_NAME; NULL beyond the last */
} Field;

typedef struct {
    const char *what; /* for errors: "event" */
    const Field *fields;
    size_t count;
} Fields;

const Fields *header_fields(void);
const Fields *party_fields(void);
const Fields *link_fields(void);
const Fields *event_fields(void);
const Fields *certificate_fields(void);
const Fields *expectation_fields(void);
