/* Sequence: a trace as a sequence diagram, in three moves: fold the events into a flow (flow.h),
 * lay it out as a scene in which every coordinate is known (scene.h), paint the scene as Graphviz
 * text that says `layout=nop2`. The text is the same from run to run. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    SEQUENCE_SLIDE, /* 960 × 540 pt, 16:9; folds when it does not fit, then grows downwards */
    SEQUENCE_TALL,  /* 595 pt wide as A4, as high as needed */
} SequenceFormat;

typedef enum {
    SEQUENCE_FOLD_AUTO, /* a slide folds where it must, a tall picture never */
    SEQUENCE_FOLD_NEVER,
    SEQUENCE_FOLD_ALWAYS,
} SequenceFold;

typedef struct {
    SequenceFormat format;
    SequenceFold fold;
} SequenceOptions;

/* "slide", "tall"; false for anything else. */
bool sequence_format_from_name(const char *name, SequenceFormat *format);

/* The picture as Graphviz text; g_free. `options` may be NULL (a slide, folded where it must). */
char *sequence_dot(const Trace *trace, const SequenceOptions *options);

/* What is wrong with the layout, measured with real font widths: a GPtrArray of sentences (char *),
 * empty when nothing is; g_ptr_array_unref. See sequence_check.h. */
GPtrArray *sequence_faults(const Trace *trace, const SequenceOptions *options);
