/* Real stacks as parties: which there are, which of them this program was built with, and what of a
 * party's words each of them can be told. */
#pragma once

#include "sim/speaker.h"

typedef enum {
    STACK_OPENSSL,
    STACK_GNUTLS,
    STACK_COUNT,
} StackKind;

typedef struct {
    const char *name;            /* as a scenario writes it: "openssl" */
    const char *title;           /* "OpenSSL" */
    const SpeakerSource *source; /* NULL: this program was built without it */
    const char *(*version)(void);
    const char *option; /* Meson's: "openssl_peer" */
} PeerStack;

const PeerStack *peers_table(size_t *count);
const PeerStack *peer_stack(StackKind kind);
const PeerStack *peers_find(const char *name); /* NULL */

/* One statement of a party, and how each stack is told. */
typedef struct {
    const char *word;              /* "extended_master_secret" */
    const char *told[STACK_COUNT]; /* the stack's own word for it; NULL: it cannot be told at all */
    const char *why[STACK_COUNT];  /* why not, or not all of it; a clause */
} PeerMapping;

const PeerMapping *peer_mappings(size_t *count);

/* Whether a party's words can be told to a stack. False with a sentence that says which cannot, and
 * why; g_free it. */
bool peers_check(StackKind kind, const PlanParty *words, char **why);

#ifdef WITH_OPENSSL_PEER
extern const SpeakerSource openssl_source;
const char *openssl_stack_version(void);
#endif
#ifdef WITH_GNUTLS_PEER
extern const SpeakerSource gnutls_source;
const char *gnutls_stack_version(void);
#endif
