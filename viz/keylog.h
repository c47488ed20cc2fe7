/* Key log: the lines of an SSLKEYLOGFILE (RFC 9850), `LABEL <client_random> <secret>` in hex.
 *
 * Before TLS 1.3 CLIENT_RANDOM with the master secret, one a handshake of each connection,
 * renegotiations included (Wireshark reads the same line for SSL 3.0); in TLS 1.3 a line a traffic
 * secret.
 */
#pragma once

#include "core/engine/trace.h"

/* Appends the lines to `output`: nothing when no handshake came as far as a master secret. */
void keylog_write(const Trace *trace, GString *output);
