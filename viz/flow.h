/* Flow: a trace folded into what a reader sees: arrows in the order in which they were said, each
 * joined with the records that carried it, with what was done to them, and with what the parties
 * settled when it had gone or come. Every picture and listing in rows begins here. Rows and their
 * lists point into the trace and die before it. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    FLOW_MESSAGE,    /* somebody said a message */
    FLOW_COPY,       /* a record arrived that nobody sent */
    FLOW_MOMENT,     /* nothing was said, but a party changed: a time-out */
    FLOW_CONNECTION, /* a connection begins, where a link has more than one */
} FlowKind;

/* A listener who holds a key, and a protected message. */
typedef enum {
    TAP_VIEW_NONE,
    TAP_VIEW_READ,
    TAP_VIEW_CLOSED,
} TapView;

typedef struct {
    FlowKind kind;
    int number;      /* of its (first) message, from 1; of a copy the message it copies; else 0 */
    int last_number; /* the same, or of the last message that is folded into it */
    int link;        /* -1: a moment */
    int connection;
    Direction direction;
    PartyKind speaker;       /* what `from` is */
    int from, to;            /* parties */
    const TraceEvent *event; /* MESSAGE as said; copy: RECORD; moment: STATE; connection: its
                                first event */
    const TraceEvent *taken; /* MESSAGE as it was taken in, or NULL */
    MessageKind message;     /* MESSAGE_NONE: not known */
    int epoch;               /* 0: in the clear */
    Under under;             /* which keys of TLS 1.3; UNDER_CURRENT: none, or older ones */
    Family family;           /* of the conversation */
    bool resumed;            /* MESSAGE: of a handshake that used an earlier session's secrets */
    TapView tap;             /* what a listener on the link made of it */
    RecordFate fate;         /* the worst of its records */
    uint64_t delay;          /* microseconds beyond what the link takes; 0: not held up */
    GPtrArray *records;      /* of const TraceEvent *: RECORD */
    GPtrArray *mischief;     /* of const TraceEvent *: MISCHIEF of the network on its records */
    GPtrArray *tampering;    /* of const TraceEvent *: MISCHIEF of its own sender */
    GPtrArray *states;       /* of const TraceEvent *: the last STATE of each side that changed */
    GPtrArray *remarks;      /* of const TraceEvent *: CHECK, NOTE, ALERT, FACT, DATA, …, that
                                came with it, in the order of the trace */
    GPtrArray *folded;       /* of FlowRow *, all rows folded into this one; NULL: none */
} FlowRow;

typedef struct {
    const Trace *trace;
    GPtrArray *rows;    /* of FlowRow *, owned */
    GPtrArray *opening; /* of const TraceEvent *: STATE, FACT, NOTE from before the first message */
    int messages;
    bool *tampered; /* a link: whether the network does something on it */
    int *opened;    /* a link: the last connection whose row is there; -1: none */
} Flow;

Flow *flow_new(const Trace *trace);
void flow_free(Flow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Flow, flow_free)

const FlowRow *flow_row(const Flow *flow, size_t index);

typedef enum {
    FLOW_FOLD_DATA,    /* runs of application data become one row */
    FLOW_FOLD_FLIGHTS, /* and flights of one side in the clear or under one set of keys */
} FlowFold;

/* Folds rows. Nothing attacked, delayed, alerting or that brings a party to the end of a handshake
 * or of a connection is folded away, nor anything with a failed check or a warning. */
void flow_fold(Flow *flow, FlowFold fold);

/* Whether a remark says what no arrow says already: a failed check, a warning, the reason of an
 * alert, what an attacker reads. Requests and answers (of heartbeats too) are seen on their arrows;
 * an attacker's own warnings, which nobody reads, and acts left out are not for a picture. */
bool flow_remark_speaks(const Trace *trace, const TraceEvent *event);

/* Whether a state is the end of something: CONNECTED, CLOSED, FAILED, TIMED_OUT. */
bool flow_state_settles(const char *state);
