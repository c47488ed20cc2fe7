/* Ladder: a run as text, arrow by arrow, as one would put it into a lecture. 72 columns for two
 * parties, 80 for three and 34 more for each further one; never wider. Plain text, lines end in \n.
 */
#pragma once

#include "core/engine/trace.h"

typedef struct {
    bool utf8; /* arrows and lines for terminals; else 7-bit, in the style of RFCs */
} LadderOptions;

/* Appends the ladder to `output`: heading, lifelines, one step a message, notes between. `options`
 * may be NULL (7-bit). */
void ladder_write(const Trace *trace, const LadderOptions *options, GString *output);
