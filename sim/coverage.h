/* Coverage of the conversation list: which rows and which steps from row to row some runs have
 * taken, out of all that enumeration finds. A fold over traces. */
#pragma once

#include "core/engine/trace.h"

typedef struct Coverage Coverage;

Coverage *coverage_new(void);
void coverage_free(Coverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Coverage, coverage_free)

/* Adds what one run said. */
void coverage_add(Coverage *coverage, const Trace *trace);

/* What no run has taken yet: "Certificate (client)" for a row, "ClientHello → ServerHello" for an
 * edge; an empty list when all is covered. Free with g_ptr_array_unref. */
GPtrArray *coverage_missing(const Coverage *coverage);

/* How many rows and edges there are, and how many of them were taken. */
void coverage_count(const Coverage *coverage, unsigned *taken, unsigned *all);
