/* Watch: somebody who is not ours, seen from outside. What passes by him becomes the events that he
 * would have told the trace himself: said, taken in, and what it settled. One watch serves the
 * connections of one link, one after the other. */
#pragma once

#include "core/engine/observer.h"
#include "core/engine/trace.h"

enum { WATCH_NOBODY = -1 };

/* Where it stands, for one connection. */
typedef struct {
    Trace *trace;
    int link, connection;
    int parties[2]; /* by Role: whose events these are; WATCH_NOBODY: he tells his own */
    /* Somebody knows their inside: he tells their secrets and how they end, by watch_secret() and
     * watch_state(). Else both are told as far as they can be seen. */
    bool inside;
} WatchPlace;

/* What has been found on a connection. */
typedef struct {
    unsigned messages; /* that could be read */
    unsigned closed;   /* records that stay closed */
    unsigned illegal;  /* messages that may not stand where they came: the first of a connection */
} WatchFindings;

typedef struct Watch Watch;

/* `keys` and what they point to outlive it. Sessions that were seen being made are remembered: a
 * later connection may resume one. */
Watch *watch_new(const ObserverKeys *keys);
void watch_free(Watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watch, watch_free)

/* A connection begins. */
void watch_connect(Watch *watch, const WatchPlace *place);

/* A whole record passes: what its sender says with it is told. Returns how many messages it has
 * completed, and the epoch of the keys that it travelled under. */
unsigned watch_record(Watch *watch, Direction direction, Bytes record, int *epoch);

/* The same for a record that cannot be read, for a reason that is known beforehand (a clause). */
unsigned watch_closed(Watch *watch, Direction direction, Bytes record, const char *why, int *epoch);

/* Bytes of a direction are missing: what follows on it stays closed, and nothing is judged. */
void watch_lost(Watch *watch, Direction direction);

/* What has come since the last call is taken in, and settles what it settles. */
void watch_take_in(Watch *watch);

/* Bytes of a direction in any portions, as a party at an end of the link sees them: its records are
 * taken off, and each is said, or taken in, as it becomes whole. What is no record is not read, nor
 * what follows it. */
void watch_bytes(Watch *watch, Direction direction, Bytes bytes);

/* A side begins that speaks the versions up to `last`: a server waits for its hello. */
void watch_start(Watch *watch, Role role, ProtocolVersion last);

/* Of him whose inside is known: a secret that he has written into his key log; the state that he
 * has entered ("FAILED"); and why he sends the alert that comes next. */
void watch_secret(Watch *watch, const char *label, Bytes client_random, Bytes secret);
void watch_state(Watch *watch, Role role, const char *state);
void watch_reason(Watch *watch, const char *sentence);
/* Whether his handshake is complete as far as its messages tell. */
bool watch_is_done(const Watch *watch, Role role);
/* Whether the states that he waits in are told: he who fails on a message does not wait for the
 * next. */
void watch_tell_states(Watch *watch, bool tell);

/* An event of the connection; `party` is an index of the trace's, -1 the network. */
TraceEvent *watch_event(const Watch *watch, TraceKind kind, int party);
void watch_fact(const Watch *watch, int party, const char *name, const char *value,
                const char *reason);
void watch_note(const Watch *watch, int party, const char *name, char *sentence); /* takes it */

WatchFindings watch_findings(const Watch *watch);
