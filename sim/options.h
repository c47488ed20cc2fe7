/* Options: a party's numbers and yeses as rows, so that reading, showing, comparing and listing
 * them is one loop each. */
#pragma once

#include "core/engine/config.h"

typedef enum {
    OPTION_YES,       /* a bool: yes is true */
    OPTION_NO,        /* a bool: yes is false */
    OPTION_NUMBER,    /* from `least` to `most`; 0: none */
    OPTION_FEATURE,   /* Feature: on, off, required */
    OPTION_HEARTBEAT, /* HeartbeatOption: off, allowed, not allowed */
    OPTION_EARLY,     /* EarlyDataAnswer: rejected, accepted, retried */
    OPTION_MODES,     /* PskModes: psk_ke, psk_dhe_ke */
    OPTION_FRAGMENT,  /* MaxFragmentLength: 512, 1024, 2048, 4096 bytes; 0: none */
} OptionKind;

enum { OPTION_OF_CLIENT = 1, OPTION_OF_SERVER = 2, OPTION_OF_BOTH = 3 };

typedef struct {
    const char *word; /* as a scenario writes it: "extended_master_secret" */
    OptionKind kind;
    size_t offset; /* in EndpointOptions */
    unsigned of;
    uint32_t least, most;
    const char *rfc;
    const char *about;
} OptionRow;

const OptionRow *options_table(size_t *count);
const OptionRow *option_find(const char *word); /* NULL */

/* The value as a number: of a bool 1 for yes; of the others what the kind says. */
uint32_t option_get(const EndpointOptions *options, const OptionRow *row);
void option_set(EndpointOptions *options, const OptionRow *row, uint32_t value);

/* The words of a kind with names, by value; NULL beyond the last. */
const char *option_word(OptionKind kind, uint32_t value);

bool options_equal(const EndpointOptions *a, const EndpointOptions *b);

/* A party's options where a scenario says nothing: those of the handshake as it was first taught,
 * without extensions of the master secret, of the MAC, and without tickets. */
EndpointOptions options_default(void);
