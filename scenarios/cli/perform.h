/* Perform: runs what was named, and puts what comes of it where it was asked for. What `run` and
 * `draw` have in common. */
#pragma once

#include "scenarios/cli/command.h"
#include "scenarios/cli/product.h"
#include "scenarios/cli/stacks.h"
#include "scenarios/cli/terminal.h"

/* One thing to make of every run. */
typedef struct {
    const char *path; /* NULL: standard output */
    ProductFormat format;
} Destination;

enum { DESTINATIONS_MOST = 4 };

typedef struct {
    const char *verb;       /* "run": for what is said of a wrong command line */
    ProductOptions product; /* `utf8` and `target` are filled for each run */
    Look look;
    Destination destinations[DESTINATIONS_MOST];
    size_t destination_count;
    bool tap; /* standard output gets a TAP line a run */
    StackChoice stacks;
    const guint64 *seed; /* in place of each scenario's own; NULL: its own */
} Performance;

/* Runs everything that `targets` (NULL-terminated) name. Nothing is run when one of them cannot be
 * read. With more than one run, a file is written for each, its name with the case's name (the
 * scenario's, where several scenarios are run) before the suffix. */
Status perform(char **targets, const Performance *performance);
