/* Runs made by hand, so that what shows a trace can be judged without an engine: the messages are
 * real bytes with their spans, the records have real headers, the secrets are made up. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    FIXTURE_NORMAL,        /* TLS 1.2, RSA, a request and its answer, closed */
    FIXTURE_DROP,          /* the network drops a record of data: bad_record_mac */
    FIXTURE_CHANGED,       /* ServerHello is changed, ServerHelloDone delayed, data doubled */
    FIXTURE_MITM,          /* an attacker between two links; the user is warned and goes on */
    FIXTURE_CLIENT_AUTH,   /* the client is asked who it is; a check of it fails */
    FIXTURE_RENEGOTIATION, /* a second handshake inside the first one's keys */
    FIXTURE_LONG,          /* sixty messages and more */
    FIXTURE_TIMEOUT,       /* ServerHello is lost, both time out */
    FIXTURE_KINDS,
} FixtureKind;

const char *fixture_name(FixtureKind kind);
Trace *fixture_trace(FixtureKind kind);
