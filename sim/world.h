/* World: the clock, the parties and the links between them, as a plan asks. A run is a pure
 * function of the plan (which holds the seed). */
#pragma once

#include "core/base/fault.h"
#include "core/engine/endpoint.h"
#include "core/engine/trace.h"
#include "sim/middlebox.h"
#include "sim/plan.h"

typedef struct World World;

/* Mints the certificates and makes the parties. NULL with a fault when the plan cannot run. */
World *world_new(const Plan *plan, Fault *fault);
void world_free(World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* Puts a middlebox of the caller's own at the end of a link's stack, before the run. The world owns
 * it from then on. Links count from the left, from 0. */
void world_add_middlebox(World *world, unsigned link, Middlebox *box);

/* Runs it to its end, and adds the verdict. Always ends: a handshake that can no longer advance
 * times out in virtual time. */
void world_run(World *world);

/* The trace, owned by the world until taken. */
Trace *world_trace(World *world);
Trace *world_take_trace(World *world);

/* For tests and invariants: the endpoint of a party (an attacker's two: toward the left, toward the
 * right). */
const Endpoint *world_endpoint(const World *world, Role role);

/* All in one: plan → trace. NULL with a fault. */
Trace *world_play(const Plan *plan, Fault *fault);
