/* Invariants: what must hold of every run, whatever its scenario does. A fold over the trace, with
 * the two endpoints beside it where they share one connection. */
#pragma once

#include "sim/world.h"

/* Every invariant that is broken, as a sentence; free with g_ptr_array_unref. */
GPtrArray *invariants_broken(const World *world);
GPtrArray *invariants_broken_in(const Trace *trace);
