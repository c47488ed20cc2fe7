/* Key log: the lines of an SSLKEYLOGFILE (RFC 9850), `CLIENT_RANDOM <client_random>
 * <master_secret>` in hex, one a handshake of each connection, renegotiations included. Wireshark
 * reads the same line for SSL 3.0. */
#pragma once

#include "core/engine/trace.h"

/* Appends the lines to `output`: nothing when no handshake came as far as a master secret. */
void keylog_write(const Trace *trace, GString *output);
