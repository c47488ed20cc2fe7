/* Middlebox: whatever stands on a link and touches what it carries. A small vtable; a stack of them
 * stands on each link, and each hands what it lets through to the next. What they carry are units:
 * a record, or the records of one handshake message where it is cut into several. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/numbers.h"
#include "core/engine/trace.h"

/* One record on its way. */
typedef struct {
    Direction direction;
    int ordinal;       /* as its sender counts, from 1 */
    GBytes *sent;      /* with its header; NULL for one that nobody sent */
    GByteArray *bytes; /* as it is now */
    int epoch;         /* key changes of its side before it; 0: in the clear */
    RecordFate fate;   /* delivered, changed or duplicated so far */
    uint64_t delay;    /* microseconds on top of the link's own */
} Parcel;

Parcel *parcel_new(Direction direction, int ordinal, Bytes record, int epoch);
Parcel *parcel_copy(const Parcel *parcel); /* a duplicate that nobody sent */
void parcel_free(Parcel *parcel);

typedef struct Middlebox Middlebox;

typedef struct {
    const char *name;
    /* Takes a parcel (and owns it from then on); passes on what it will by middlebox_pass(). */
    void (*carry)(Middlebox *self, Parcel *parcel);
    /* Nothing more will be sent: lets go of what it held. May be NULL. */
    void (*flush)(Middlebox *self);
    void (*free)(Middlebox *self); /* of what the kind keeps in `state`; may be NULL */
} MiddleboxKind;

struct Middlebox {
    const MiddleboxKind *kind;
    void *state;     /* the kind's own */
    TraceSink sink;  /* party -1: the network */
    Middlebox *next; /* NULL: the end of the stack, which delivers */
    void (*deliver)(void *link, Parcel *parcel);
    void (*drop)(void *link, Parcel *parcel);
    void *link;
};

Middlebox *middlebox_new(const MiddleboxKind *kind, void *state);
void middlebox_free(Middlebox *box); /* it and those behind it */

/* For the kinds: hands a parcel on, or makes away with it (which the trace will say). */
void middlebox_pass(Middlebox *self, Parcel *parcel);
void middlebox_drop(Middlebox *self, Parcel *parcel);
/* Says in the trace what it did to a parcel. */
void middlebox_report(Middlebox *self, const Parcel *parcel, const char *rule, const char *effect,
                      int line);
