/* Edit: one change to the bytes of a message or record, as plain data. The one primitive of field
 * mutation is: replace a span by these bytes and let the lengths around it follow, or lie. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/wire/span.h"

typedef enum {
    EDIT_REPLACE,  /* the span at `path` becomes `bytes` */
    EDIT_FLIP_BIT, /* bit `number` (0 is the first byte's most significant) of the field, or of all
                    */
    EDIT_TRUNCATE, /* to `number` bytes */
} EditKind;

typedef struct {
    EditKind kind;
    char *path;       /* a field's path; NULL: the whole message or fragment */
    GBytes *bytes;    /* EDIT_REPLACE */
    uint32_t number;  /* EDIT_FLIP_BIT, EDIT_TRUNCATE */
    bool lengths_lie; /* EDIT_REPLACE: the lengths around it stay as they were */
} Edit;

void edit_clear(Edit *edit); /* frees what it points at */
void edit_copy(Edit *to, const Edit *from);
bool edit_equal(const Edit *a, const Edit *b);

/* Applies the edit to `bytes` (with its `spans`; NULL for an opaque fragment). Returns the new
 * bytes, or NULL with a fault when no field has that path, the field has not that many bits, or the
 * lengths around it cannot hold the new size. */
GByteArray *edit_apply(const Edit *edit, Bytes bytes, const GArray *spans, Fault *fault);

/* What it did, in words: "server_version 03 03 → 03 00", "bit 12 of random flipped". g_free. */
char *edit_effect(const Edit *edit, Bytes before, const GArray *spans);
