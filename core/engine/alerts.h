/* Alerts as a table: alert × versions × who raises it × where. SSL 3.0 has twelve (RFC 6101 5.4);
 * what TLS added maps onto them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/numbers.h"

typedef enum {
    RAISED_BY_CLIENT = 1,
    RAISED_BY_SERVER = 2,
    RAISED_BY_BOTH = 3,
    RAISED_BY_NOBODY = 0, /* known, never sent by this engine; `where` says why */
} RaisedBy;

typedef struct {
    AlertDescription alert;
    AlertLevel level;            /* the level with which this engine sends it */
    ProtocolVersion first, last; /* versions that have it */
    AlertDescription in_ssl3;    /* what SSL 3.0 says instead (itself when it has it) */
    RaisedBy by;
    const char *rfc;
    const char *where; /* what raises it here */
} AlertRow;

const AlertRow *alerts_table(size_t *count);
const AlertRow *alert_find(AlertDescription alert); /* NULL when unknown */

/* The alert that a version can say in place of `alert`. */
AlertDescription alert_for_version(AlertDescription alert, ProtocolVersion version);
