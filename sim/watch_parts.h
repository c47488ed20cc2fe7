/* What the files of the watch share; no other file includes it. */
#pragma once

#include "sim/order.h"
#include "sim/watch.h"

/* A message that has passed and is not taken in yet. */
typedef struct {
    MessageKind kind;
    WalkContext context;
    Place place; /* owns `expected` */
    bool secret;
    char *why; /* it stays closed */
    int message, record, record_count, epoch;
    Under under;
    GBytes *bytes;
    GArray *spans;
    const char *states[2]; /* by Role; NULL: no news */
} HeardMessage;

/* One direction. */
typedef struct {
    int records;  /* passed */
    int messages; /* said */
    int begun;    /* the record in which a message began that is not whole; 0: none */
    size_t left;  /* its bytes, as far as they are in the clear */
    int epoch;
    Under under;
    GByteArray *partial; /* watch_bytes(): no whole record yet */
    bool over;           /* nothing more can be read */
} WatchWay;

struct Watch {
    ObserverKeys keys;
    Observer *observer;
    WatchPlace place;
    Order order;
    WatchWay ways[2];
    GArray *heard;        /* of HeardMessage */
    Direction direction;  /* of the record at hand */
    Bytes record;         /* that record */
    bool ssl2;            /* the server answers in SSL 2.0's framing */
    bool still;           /* no states of waiting are told */
    char *states[2];      /* as last told, by Role */
    char *why;            /* as last told */
    char *reason;         /* of the next alert */
    GBytes *hello_random; /* of the last ClientHello */
    GBytes *random;       /* the client random that was told last */
    WatchFindings findings;
};

/* The party that says what goes that way, and the one that takes it in; WATCH_NOBODY: not ours. */
int watch_speaker(const Watch *watch, Direction direction);
int watch_hearer(const Watch *watch, Direction direction);

/* watch_tell.c: what a message taken in settles: alerts, data, certificates, facts, keys, states.
 */
void watch_tell(Watch *watch, const HeardMessage *heard);
