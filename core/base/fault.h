/* Fault: why something failed, inside the program. A function that can fail takes a `Fault *` last
 * and returns false; the first fault wins. */
#pragma once

#include <stdbool.h>

#include "core/base/numbers.h"

typedef enum {
    FAULT_NONE,
    FAULT_OF_PEER, /* the other side broke a rule: it is told by `alert` */
    FAULT_OF_USER, /* the configuration cannot work */
    FAULT_OF_US,   /* an internal failure: internal_error */
} FaultBlame;

enum { FAULT_SENTENCE_SIZE = 256 };

typedef struct {
    FaultBlame blame;
    AlertDescription alert; /* the alert that tells the peer */
    const char *rule;       /* the RFC and section, e.g. "RFC 5246 7.4.9"; NULL when none */
    char sentence[FAULT_SENTENCE_SIZE]; /* one sentence, UTF-8, without a final stop */
} Fault;

#define FAULT_INIT ((Fault){.blame = FAULT_NONE})

/* Fills `fault` (which may be NULL, and is left alone when it holds one already). Returns false, so
 * that a function can end with it. `rule` must be a string constant. */
bool fault_set(Fault *fault, FaultBlame blame, AlertDescription alert, const char *rule,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for the commonest case: the peer's fault. */
#define fault_peer(fault, alert, rule, ...)                                                        \
    fault_set((fault), FAULT_OF_PEER, (alert), (rule), __VA_ARGS__)
