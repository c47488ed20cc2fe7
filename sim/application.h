/* The applications at the two ends: a small HTTP-like exchange, and plain data. The server's makes
 * the fifth check: the access list. */
#pragma once

#include "sim/speaker.h"

typedef struct Application Application;

/* What a server answers with in place of a line: pages of somebody else's making. */
typedef struct {
    /* The whole answer to a request for `path`, whose head is `request`; g_free. */
    char *(*page)(void *data, const char *path, const char *request, const Trace *trace);
    void *data;
} Pages;

/* `party` and `speaker` must outlive it. `eager` is a request that a client makes as soon as it
 * may send anything (RFC 7918); NULL for none. */
Application *application_new(const PlanParty *party, Speaker *speaker, const TraceSink *sink,
                             const PlanAct *eager);
void application_free(Application *application);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Application, application_free)

/* From now on it answers with these (NULL: lines of its own), and closes behind each. */
void application_set_pages(Application *application, const Pages *pages);

/* Looks at what the speaker has to tell, and acts on it. */
void application_run(Application *application, uint64_t now);

/* The client asks for a resource; either side sends data. What cannot be sent now (a renegotiation
 * is under way) waits; false when the connection is not there. */
bool application_request(Application *application, const char *path, uint64_t now);
/* Whether the eager request was this act, and has been made. */
bool application_took(Application *application, const PlanAct *act);
bool application_send(Application *application, Bytes data, uint64_t now);
