/* Balancer: a server for its clients and a client for the server behind it. */
#pragma once

#include "sim/attacker.h"

/* A proxy has the same shape as whoever stands between two links with endpoints of his own:
 * `toward_client` is the side that terminates TLS, `toward_server` speaks TLS or plain text. */
extern const AttackProgram balancer_program;
