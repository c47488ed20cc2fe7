/* Narrate: a run told in prose, in the order of the wire, each message with its step of the eleven
 * as they are taught and with the values of this run. 72 columns. The sentences are in texts.h. */
#pragma once

#include "core/engine/trace.h"

/* Appends the story to `output`. `utf8` false: 7-bit. */
void narrate_write(const Trace *trace, bool utf8, GString *output);
