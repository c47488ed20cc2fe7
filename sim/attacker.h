/* The seam of attack programs: a middlebox that stands between two links with a lifeline of its own
 * and may own endpoints. It is made of public facts and of keys of its own: it sees bytes, never
 * the inside of a victim. Programs live in scenarios/attacks and include nothing of sim but this.
 */
#pragma once

#include "core/engine/endpoint.h"

/* What a program is given. All of it outlives the program. */
typedef struct {
    Random *random;               /* its own randomness */
    EndpointConfig toward_client; /* as a server, with the certificate that the scenario gives it */
    EndpointConfig toward_server; /* as a client */
    TraceSink left, right;        /* of its two sides, for its endpoints */
    const char *replaces, *with;  /* text to change in what it passes on; NULL: none */
} AttackSetup;

typedef struct AttackProgram {
    const char *name;  /* as a scenario writes it: "man-in-the-middle" */
    const char *about; /* one sentence */
    /* Makes its state. */
    void *(*start)(const AttackSetup *setup, uint64_t now);
    /* Bytes arrived: DIRECTION_TO_SERVER from the left, DIRECTION_TO_CLIENT from the right. */
    void (*receive)(void *state, Direction direction, Bytes bytes, uint64_t now);
    /* The bytes that it has for that direction; emptied by the second call. */
    Bytes (*output)(const void *state, Direction direction);
    void (*output_sent)(void *state, Direction direction);
    /* Whether the connection on that side is to be ended, and that the other side has ended it;
     * NULL for a program that leaves that to alerts. */
    bool (*ends)(const void *state, Direction direction);
    void (*ended)(void *state, Direction direction, uint64_t now);
    /* Nothing more will come. */
    void (*time_out)(void *state, uint64_t now);
    void (*free)(void *state);
} AttackProgram;

/* Adds to the trace what the attacker did: `rule` names the act, `effect` says what came of it. */
void attacker_report(const TraceSink *sink, Direction direction, const char *rule,
                     const char *effect);
