/* Limits of the real network: anybody may be at the other end, as slow and as long as he likes. */
#pragma once

#include <glib.h>

enum {
    NET_CONNECTIONS_MOST = 512, /* at once: the usual 1,024 descriptors, two for each of a relay */
    NET_BACKLOG = 128,          /* who waits to be let in: what the kernel allows by default */
    NET_BYTES_MOST = 1 << 20,   /* that one end sends: a lesson has kilobytes */
    NET_ALL_MOST = 64 << 20, /* that all open ends have sent: a trace keeps them, several times */
    NET_WAITING_MOST = 1 << 18, /* bytes kept for an end that does not take them, or not yet said */
    NET_READ_SIZE = 16384,      /* bytes read at once: a record */
    NET_EVENTS_MOST = 5000,     /* of a connection's trace: a handshake has a hundred */
    NET_PATIENCE = 10,          /* seconds: for a handshake, and for anything at all after it */
    NET_LIFETIME = 600,         /* seconds of a connection, however busy it is */
    NET_SETTLE = 300000,        /* microseconds without a byte: the line is quiet */
};
