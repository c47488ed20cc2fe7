/* What the files of the world share; no other file includes it. */
#pragma once

#include "sim/link.h"
#include "sim/party.h"
#include "sim/world.h"

struct World {
    const Plan *plan;
    Trace *trace;
    Pki *pki;
    GPtrArray *parties; /* of Party * */
    GPtrArray *links;   /* of Link *: between parties i and i + 1 */
    Middlebox *rules;   /* of the first link; NULL without rules */
    Middlebox *tap;     /* of the first link, ahead of the rules; NULL without one */
    uint64_t now;
    int connection; /* the ordinal of the one that is open, from 0 */
    guint acts;     /* done so far */
    const Pages *pages;
    unsigned arrivals;
};

Party *world_party(const World *world, guint index);
Link *world_link(const World *world, guint index);
guint world_index(const World *world, Role role);
void world_set_now(World *world, uint64_t now);

/* world_make.c: the parties with the links between them, and a party's next connection. */
bool world_add_parties(World *world, Fault *fault);
void world_take_parties(World *world, const World *first);
void world_connect(World *world, guint index);

/* Puts on the links what a party has to send. */
void world_drain(World *world, guint index);

/* What each side's work came to, at the end of a connection. */
void world_tell_costs(World *world);
