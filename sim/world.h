/* World: the clock, the parties and the links between them, as a plan asks. A run is a pure
 * function of the plan (which holds the seed). */
#pragma once

#include "core/base/fault.h"
#include "core/engine/endpoint.h"
#include "core/engine/trace.h"
#include "sim/application.h"
#include "sim/middlebox.h"
#include "sim/plan.h"
#include "sim/speaker.h"

typedef struct World World;

/* Mints the certificates and makes the parties. NULL with a fault when the plan cannot run. */
World *world_new(const Plan *plan, Fault *fault);
/* Another run of the same plan, with the same parties: who they are, their keys, their sessions and
 * their randomness go on in it. Begins with a trace of its own. The first one outlives it. */
World *world_again(const World *first);
void world_free(World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* Puts a middlebox of the caller's own at the end of a link's stack, before the run. The world owns
 * it from then on. Links count from the left, from 0. */
void world_add_middlebox(World *world, unsigned link, Middlebox *box);

/* Runs it to its end, and adds the verdict. Always ends: a handshake that can no longer advance
 * times out in virtual time. */
void world_run(World *world);

/* The pieces that world_run() is made of, for whoever has a clock of his own. Virtual time never
 * goes back: a `now` that has passed is the present. */
void world_start(World *world); /* everybody starts, servers first */
/* When the next arrival is due; false: the line is quiet. */
bool world_due(const World *world, uint64_t *time);
/* Delivers what is due until `now`, with all that it causes until then; then it is `now`. */
void world_advance(World *world, uint64_t now);
/* The line is quiet: the middleboxes let go of what they hold. */
void world_flush(World *world);
/* Both, until nothing is on its way: the clock jumps from arrival to arrival. */
void world_settle(World *world);
/* Whether somebody waits for a handshake to go on; and that at `now` nobody does any longer. */
bool world_waits(const World *world);
void world_expire(World *world, uint64_t now);
/* A client that does so tries again with the next lower version; false: no need, or nothing lower.
 */
bool world_retry_lower(World *world);
/* The next act of the play, NULL: it is over; and to pass over it, since somebody else does it. */
const PlanAct *world_next_act(const World *world);
void world_pass_act(World *world);
/* Does the next act of the play, or a part of it, on a quiet line; false: the play is over. */
bool world_act(World *world);
/* A speaker has something to say, or to tell, that no arrival has caused. */
void world_wake(World *world, Role role);
Speaker *world_speaker(const World *world, Role role);
/* What the servers answer with; it outlives the world. */
void world_set_pages(World *world, const Pages *pages);
/* Tells what it all came to, and adds the verdict. */
void world_finish(World *world);

/* The trace, owned by the world until taken. */
Trace *world_trace(World *world);
Trace *world_take_trace(World *world);

/* For tests and invariants: the endpoint of a side; NULL where our engine does not speak. */
const Endpoint *world_endpoint(const World *world, Role role);

/* All in one: plan → trace. NULL with a fault. */
Trace *world_play(const Plan *plan, Fault *fault);
