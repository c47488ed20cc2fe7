/* The judges: programs of others, each a client, a server or both, and how each is asked for a
 * version and a feature. */
#pragma once

#include "core/base/numbers.h"
#include "tests/judges/lab.h"

typedef enum {
    FEATURE_NONE = 0,
    FEATURE_CLIENT_CERTIFICATE = 1 << 0,
    FEATURE_RESUMES = 1 << 1,      /* a second connection, by whatever the version has */
    FEATURE_RENEGOTIATES = 1 << 2, /* up to TLS 1.2; the client begins it */
    FEATURE_PROTOCOL = 1 << 3,     /* ALPN: http/1.1 */
} JudgeFeature;

typedef struct {
    const char *name;
    const char *program;     /* looked for in PATH */
    ProtocolVersion first;   /* what it speaks, */
    ProtocolVersion last;    /* to */
    unsigned features;       /* that it can do */
    ProtocolVersion resumes; /* the first in which it resumes as a server */
    /* The words that make it a client of that port, and what it is told on its input ("\n" and the
     * like as printf(1) reads them; NULL: nothing). */
    GPtrArray *(*client)(ProtocolVersion version, unsigned feature, unsigned port,
                         const char **input);
    /* The words that make it a server there, for so many connections; NULL: it is none. `*ready`:
     * see lab_start(). */
    GPtrArray *(*server)(ProtocolVersion version, unsigned feature, unsigned port,
                         const char **ready);
    const char *proof; /* what a client says when it got an answer; NULL: its status is enough */
} Judge;

extern const Judge judges[];
extern const size_t judge_count;

/* Makes what a judge needs beside the files of the folder: NSS's database. */
void judges_set_up(void);
