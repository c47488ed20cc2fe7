/* Listener: a captured connection as a trace, as if the parties had told it themselves. */
#pragma once

#include "core/engine/observer.h"
#include "core/engine/trace.h"
#include "scenarios/import/stream.h"

enum { LISTEN_RECORDS_MOST = 20000 }; /* of one connection: pictures and ladders end long before */

typedef struct Listener Listener;

/* `keys` and what they point to outlive it. */
Listener *listener_new(const ObserverKeys *keys);
void listener_free(Listener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listener, listener_free)

/* Reads a connection. Sessions of the connections before it are remembered: it may resume one.
 * `name` becomes the trace's scenario, `title` its title. */
Trace *listener_read(Listener *listener, const Connection *connection, const char *name,
                     const char *title);

/* What was found in it. */
typedef struct {
    unsigned records, messages;
    unsigned closed;  /* records that stay closed */
    unsigned illegal; /* messages that may not stand where they came: the first of a connection */
    bool partial;     /* bytes are missing, or something else than records came */
} ListenerFindings;

ListenerFindings listener_findings(const Listener *listener);
