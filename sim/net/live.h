/* Live: one run of a plan with a real clock and sockets: whoever speaks for a party from outside is
 * at the far end of one. Everything happens in the main context of the thread. */
#pragma once

#include <gio/gio.h>

#include "sim/world.h"

typedef struct Live Live;

typedef struct {
    unsigned patience; /* seconds, for a handshake and for silence; 0: NET_PATIENCE */
    uint64_t *kept;    /* bytes that all open runs together have been sent; it outlives them */
    gint64 origin;     /* when the scenario's clock was the plan's: g_get_monotonic_time() */
    void (*news)(void *data, Live *live); /* something has happened; may be NULL */
    void (*over)(void *data, Live *live); /* it has ended, the trace with its verdict; once */
    /* Our client connects again: another socket is wanted for that far end (live_attach). NULL: it
     * cannot, and the play ends there. */
    void (*again)(void *data, Live *live);
    void *data;
} LiveSettings;

/* The plan as it is run on sockets: that side, or both, is far; the network adds no latency of its
 * own; it is now, and certificates are as old as the scenario would have them; what nobody can know
 * of a far side is not expected of it (how many expectations that are, in `*unknown`). */
Plan *live_plan(const Plan *plan, bool client_is_far, bool server_is_far, unsigned *unknown);

/* Takes the world, which is not started. */
Live *live_new(World *world, const LiveSettings *settings);
void live_free(Live *live); /* not from within `news` */

/* What our server answers requests with. */
void live_set_pages(Live *live, const Pages *pages);

/* The socket of a far end; it is closed with the run. */
void live_attach(Live *live, Role role, GSocket *socket);
void live_start(Live *live);

/* Ends it now, whatever is on its way: a sentence for the trace. */
void live_cut(Live *live, const char *why);

const Trace *live_trace(const Live *live);
/* What the far end speaks that is no TLS; NULL. */
const char *live_language(const Live *live);
