/* The verdict: every expectation of a plan, with what was expected and what was got. A fold over
 * the trace and nothing else. */
#pragma once

#include "core/engine/trace.h"
#include "sim/plan.h"

/* Appends the verdict, the last event. `fired` says how often each rule fired (NULL when there are
 * no rules); one that never fired fails the run unless it says `maybe`. */
void verdict_add(Trace *trace, const Plan *plan, const unsigned *fired);
