/* Product: a run as what is printed or written: text, JSON lines, a picture, a capture, keys. */
#pragma once

#include "core/engine/trace.h"
#include "viz/details.h"
#include "viz/sequence.h"

typedef enum {
    PRODUCT_TEXT,
    PRODUCT_JSON,
    PRODUCT_DOT,
    PRODUCT_SVG,
    PRODUCT_PNG,
    PRODUCT_PDF,
    PRODUCT_PCAPNG,
    PRODUCT_KEYLOG,
} ProductFormat;

typedef struct {
    bool utf8;
    bool narrate;           /* text: the story in place of the ladder */
    bool details;           /* text: the listing of events, */
    DetailsLevel level;     /* to this depth */
    const char *target;     /* text: how the command line names this run */
    SequenceOptions layout; /* pictures */
} ProductOptions;

/* "txt", "json", "dot", "svg", "png", "pdf", "pcapng", "keylog"; false for anything else. */
bool product_from_name(const char *name, ProductFormat *format);
/* By the suffix of a path; false when it has none that says so. */
bool product_from_path(const char *path, ProductFormat *format);
/* The names of all formats with ", " between. */
const char *product_names(void);

const char *product_name(ProductFormat format);
bool product_is_binary(ProductFormat format);
bool product_is_picture(ProductFormat format);

/* Appends the product to `output`. False with an error when Graphviz fails. */
bool product_make(ProductFormat format, const Trace *trace, const ProductOptions *options,
                  GByteArray *output, GError **error);
