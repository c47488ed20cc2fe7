/* Packets: the records of a run as TCP segments of fake connections. Inside the room only: pcapng.h
 * is what others see. */
#pragma once

#include "core/engine/trace.h"

/* Where packets are seen: a link, or one of the two halves of a link on which the network does
 * something. */
typedef struct {
    int link;
    bool arrived; /* as records arrived; else as they were sent */
    bool halved;  /* the link has two segments */
    char *name;   /* "client-server, as sent" */
} Segment;

/* One Ethernet frame. */
typedef struct {
    uint64_t time; /* microseconds since 1970 UTC */
    guint order;   /* among those of the same time */
    guint segment; /* index into the segments */
    GByteArray *frame;
    char *comment; /* NULL: none */
} Packet;

/* All segments of a trace: a GPtrArray of Segment *; g_ptr_array_unref. */
GPtrArray *packets_segments(const Trace *trace);

/* All packets in the order of time: a GPtrArray of Packet *; g_ptr_array_unref. */
GPtrArray *packets_make(const Trace *trace, const GPtrArray *segments);
