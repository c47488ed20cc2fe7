/* Embedded: the key logs that a pcapng file holds itself, found as its bytes pass by. */
#pragma once

#include "scenarios/import/secrets_file.h"

typedef struct Embedded Embedded;

/* What is found is added to `secrets`, which outlives it. */
Embedded *embedded_new(Secrets *secrets);
void embedded_free(Embedded *embedded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Embedded, embedded_free)

/* The next bytes of the file, in pieces of any size. Of another format than pcapng, or from where
 * the file does not hold together on, nothing is found: what stands there is libpcap's to say. */
void embedded_feed(Embedded *embedded, Bytes bytes);

/* How many secrets there were. */
unsigned embedded_count(const Embedded *embedded);
