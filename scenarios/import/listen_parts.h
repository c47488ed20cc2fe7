/* What the files of the listener share; no other file includes it. */
#pragma once

#include "scenarios/import/listen.h"
#include "scenarios/import/order.h"

/* A record that has passed and is not in the trace yet: the message that it belongs to comes first.
 */
typedef struct {
    Bytes bytes; /* a view into the stream */
    int ordinal, epoch;
    uint64_t time;
} HeldRecord;

/* A message that is in the trace as said, and not yet as taken in. */
typedef struct {
    size_t said; /* index of the event */
    MessageKind kind;
    WalkContext context;
    Place place; /* owns `expected` */
    bool secret;
    char *why;             /* it stays closed */
    const char *states[2]; /* by Role; NULL: no news */
} HeardMessage;

/* One direction. */
typedef struct {
    size_t at;        /* bytes of the stream that are read */
    guint gap;        /* the next of its gaps */
    uint64_t missing; /* bytes that were missing in those before */
    int records;      /* passed */
    int messages;     /* said */
    int begun;        /* the record in which a message began that is not whole; 0: none */
    size_t left;      /* its bytes, as far as they are in the clear */
    int epoch;
    Under under;
    bool over;    /* nothing more can be read */
    GArray *held; /* of HeldRecord */
} ListenWay;

struct Listener {
    ObserverKeys keys;
    Observer *observer;
    const Connection *connection;
    Trace *trace;
    Order order;
    ListenWay ways[2];
    GArray *heard;       /* of HeardMessage */
    Direction direction; /* of the record at hand */
    Bytes record;        /* that record */
    bool midway;         /* no hello was captured */
    bool ssl2;           /* the server answers in SSL 2.0's framing */
    char *states[2];     /* as last told, by Role */
    char *why;           /* as last told */
    ListenerFindings findings;
};

/* listen_gap.c: reading comes upon a gap. Passes over it, to where records begin again behind it;
 * the way is over where none do. */
void listen_cross_gap(Listener *listener, Direction direction);

/* listen_tell.c: what a message taken in settles: alerts, data, certificates, facts, keys, states.
 */
void listen_tell(Listener *listener, const HeardMessage *heard);

/* An event of the connection; `party` is the role's, -1 the network. */
TraceEvent *listen_event(Listener *listener, TraceKind kind, int party);
void listen_note(Listener *listener, int party, const char *name, char *sentence);
