/* What the files of the listener share; no other file includes it. */
#pragma once

#include "scenarios/import/listen.h"
#include "sim/watch.h"

/* A record that has passed and is not in the trace yet: the message that it belongs to comes first.
 */
typedef struct {
    Bytes bytes; /* a view into the stream */
    int ordinal, epoch;
    uint64_t time;
} HeldRecord;

/* One direction. */
typedef struct {
    size_t at;        /* bytes of the stream that are read */
    guint gap;        /* the next of its gaps */
    uint64_t missing; /* bytes that were missing in those before */
    int records;      /* passed */
    bool over;        /* nothing more can be read */
    GArray *held;     /* of HeldRecord */
} ListenWay;

struct Listener {
    Watch *watch;
    const Connection *connection;
    Trace *trace;
    ListenWay ways[2];
    Direction direction; /* of what is told */
    bool midway;         /* no hello was captured */
    bool ssl2;           /* the server answers in SSL 2.0's framing */
    ListenerFindings findings;
};

/* listen_gap.c: reading comes upon a gap. Passes over it, to where records begin again behind it;
 * the way is over where none do. */
void listen_cross_gap(Listener *listener, Direction direction);

/* A sentence about the direction at hand; takes it. */
void listen_note(const Listener *listener, int party, const char *name, char *sentence);
