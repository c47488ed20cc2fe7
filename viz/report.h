/* Report: what stands under the ladder: what was negotiated and why, the certificates shown, every
 * check with its result and reason, the data delivered, and the verdict. 72 columns, wrapped. */
#pragma once

#include "core/engine/trace.h"

typedef struct {
    bool utf8; /* else 7-bit */
    /* What `shakedown run` was given, for the hint under a failed expectation; NULL: the header's
     * scenario. */
    const char *target;
} ReportOptions;

/* Appends the report to `output`. `options` may be NULL. */
void report_write(const Trace *trace, const ReportOptions *options, GString *output);

/* The verdict alone, as it ends the report. */
void report_verdict(const Trace *trace, const ReportOptions *options, GString *output);
