/* Party: one participant at work, made from what a plan says of it. */
#pragma once

#include "sim/application.h"
#include "sim/attacker.h"
#include "sim/pki.h"
#include "sim/plan.h"
#include "sim/speaker.h"

/* A speaker with its application, or an attack program with two sides. */
typedef struct {
    const PlanParty *plan; /* NULL for an attacker */
    EndpointConfig config;
    GArray *edits;  /* of OwnEdit */
    GArray *others; /* of Credential: what it shows besides the first */
    GArray *psks;   /* of ExternalPsk */
    GArray *raw;    /* of RawExtension */
    SessionCache *replays;
    GPtrArray *caches;      /* of SessionCache *: of each machine, or one; empty: none */
    GPtrArray *ticket_keys; /* of TicketKeys *: likewise */
    Random *random;
    const SpeakerSource *source; /* NULL for an attacker and a balancer */
    void *inside;                /* what the source keeps */
    Speaker *speaker;            /* of the connection that is open */
    Application *application;
    AttackSetup setup;
    const AttackProgram *program;
    void *attack;
    bool heir; /* all but its connection is somebody else's */
} Party;

/* The engine's configuration and stores from the plan's words. False with a fault. */
bool party_configure(Party *party, const Plan *plan, const PlanParty *words, Pki *pki,
                     Fault *fault);

/* The same party in another run: its keys, stores and randomness are those of the first, which
 * outlives it. */
Party *party_heir(const Party *first);

/* A balancer's side toward the client, for the connection of that ordinal: which of its machines it
 * reaches says which stores it has. */
void party_take_side(Party *party, int connection);

/* The session cache and the ticket keys that a connection has; NULL when there are none. */
SessionCache *party_cache(const Party *party, int connection);
TicketKeys *party_ticket_keys(const Party *party, int connection);

/* Who shall speak for it. False with a fault. */
bool party_take_speaker(Party *party, const Plan *plan, Fault *fault);

/* A new speaker with its application, for another connection. */
void party_connect(Party *party, const TraceSink *sink, const PlanAct *eager);

/* Notes the pinned values that were never drawn. */
void party_tell_pins(const Party *party, Trace *trace, int index);

void party_free(gpointer party); /* a Party * */
