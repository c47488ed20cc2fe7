/* Stream: TCP connections out of segments: each with both byte streams, put in order. */
#pragma once

#include "core/base/numbers.h"
#include "scenarios/import/prologue.h"
#include "scenarios/import/segment.h"

/* Limits: a capture is anybody's, and any size. */
enum {
    CONNECTIONS_MOST = 4096,       /* a list longer than that is for another tool */
    STREAM_MOST = 16 << 20,        /* bytes of one direction: 1,000 full records */
    STREAMS_MOST = 256 << 20,      /* bytes of all, with what is kept beside them */
    DULL_MOST = 2 * PROLOGUE_MOST, /* bytes of a connection until it must have begun TLS */
};

/* How far a stream had come with a packet. */
typedef struct {
    size_t end;      /* bytes of the stream that were there then */
    size_t heard;    /* place in the other stream up to which its sender had taken it in */
    unsigned packet; /* number in the capture, from 1 */
    uint64_t time;   /* microseconds since 1970 UTC */
} StreamMark;

/* Bytes that the capture does not have. */
typedef struct {
    size_t at;        /* in `bytes`: what stands from there on was sent behind the gap */
    uint64_t missing; /* how many */
} StreamGap;

/* One direction, put together. */
typedef struct {
    GByteArray *bytes;                         /* what was captured, in order */
    GArray *marks;                             /* of StreamMark, by `end` */
    GArray *gaps;                              /* of StreamGap, by `at` */
    unsigned reordered, repeated, conflicting; /* segments */
    bool headless;                             /* the capture begins within it */
    bool cut;                                  /* more came than STREAM_MOST or STREAMS_MOST */
    bool reset, ended;                         /* RST; FIN */
} StreamSide;

typedef struct {
    bool ipv6;
    SegmentEnd ends[2];   /* by the direction in which they send */
    StreamSide sides[2];  /* by Direction: what is on its way to the server, to the client */
    Prologue prologue;    /* plain text ahead of TLS */
    bool speaks_tls;      /* somewhere in it */
    unsigned first, last; /* packets */
    uint64_t time;        /* of the first, as in StreamMark */
} Connection;

typedef struct Streams Streams;

Streams *streams_new(void);
void streams_free(Streams *streams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Streams, streams_free)

/* Takes the next segment in. `packet` is its number. */
void streams_add(Streams *streams, const Segment *segment, unsigned packet, uint64_t time);

/* All connections in the order in which they began, put together: a GPtrArray of Connection *,
 * owned by the array. Which side is the client: whoever sent the first SYN; in a capture without
 * one, whoever has the higher port. The streams are empty afterwards. */
GPtrArray *streams_finish(Streams *streams);

/* The place in the stream as it was sent of what stands in `bytes`, gaps included; and how many
 * bytes are missing in all. */
uint64_t stream_place(const StreamSide *side, size_t at);
uint64_t stream_missing(const StreamSide *side);

/* Connections that were not kept: more than CONNECTIONS_MOST. */
unsigned streams_refused(const Streams *streams);
