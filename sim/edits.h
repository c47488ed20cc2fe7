/* The rules of a scenario's network as a middlebox: drop, delay, duplicate, flip a bit, truncate,
 * replace a field by its path. */
#pragma once

#include "sim/middlebox.h"
#include "sim/plan.h"

/* `rules` (of PlanRule *) must outlive it. */
Middlebox *edits_new(const GPtrArray *rules);

/* How often the rule at `index` fired. */
unsigned edits_fired(const Middlebox *box, size_t index);
