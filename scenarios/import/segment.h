/* Segment: one captured frame as what TCP sees of it. */
#pragma once

#include "core/base/bytes.h"

enum { ADDRESS_MOST = 16 }; /* IPv6 */

typedef struct {
    uint8_t address[ADDRESS_MOST]; /* IPv4: the first four, the rest is 0 */
    uint16_t port;
} SegmentEnd;

enum {
    SEGMENT_FIN = 1,
    SEGMENT_SYN = 2,
    SEGMENT_RST = 4,
    SEGMENT_ACK = 16,
};

typedef struct {
    bool ipv6;
    SegmentEnd from, to;
    uint32_t sequence, acknowledgement;
    unsigned flags;
    Bytes payload;  /* a view into the frame */
    size_t missing; /* bytes of the payload that the capture left out (its snapshot length) */
} Segment;

typedef enum {
    SEGMENT_IS_TCP,
    SEGMENT_OTHER,    /* no IP, or no TCP in it */
    SEGMENT_FRAGMENT, /* a fragment of an IP packet: not put together */
    SEGMENT_BROKEN,   /* its headers are cut, or their lengths lie */
} SegmentKind;

/* Whether frames of that link type (DLT_…) can be read. */
bool segment_link_known(int link);

/* Takes a frame apart; fills `segment` when it is TCP. */
SegmentKind segment_read(Bytes frame, int link, Segment *segment);

/* "192.0.2.1" or "2001:db8::1"; g_free. */
char *segment_address(const SegmentEnd *end, bool ipv6);
