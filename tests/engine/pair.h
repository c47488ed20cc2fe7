/* Pair: a client and a server of ours that talk to each other in memory, for the tests of the
 * engine.
 */
#pragma once

#include "core/engine/endpoint.h"
#include "sim/pki.h"

typedef struct {
    EndpointConfig configs[2]; /* by role */
    Random *randoms[2];
    Endpoint *ends[2];
    GByteArray *data[2]; /* what each was delivered */
    uint64_t now;
} Pair;

/* The plan and PKI of the tests' certificates: www-rsa, www-ecdsa, www-ecdsa384, www-ecdsa521,
 * www-ed25519, www-ed448, www-dss, www-pss, www-md5 (signed over MD5) and the same as alice-…, all
 * under lab-root. */
void pair_set_up(void);
Plan *pair_plan(void);
Pki *pair_pki(void);
/* The name of the server's certificate that fits the suite. */
const char *pair_certificate(const Suite *suite);

/* Both configurations for one version and one suite (0: the version's own of TLS 1.3), the server
 * with the certificate that the suite needs; not started. */
Pair *pair_new(ProtocolVersion version, SuiteNumber suite);
void pair_free(Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pair, pair_free)

/* Has a side show the certificate of that name. */
void pair_shows(Pair *pair, Role role, const char *name);

/* Stores of sessions for both sides, and keys of tickets for the server, or none; and their end. */
void pair_give_stores(Pair *pair, bool tickets);
void pair_take_stores(Pair *pair);

/* A stapled response for a certificate of that name: good. */
GBytes *pair_staple(const char *name);

/* (Re)starts both: the client's hello is in its output. */
void pair_start(Pair *pair);
/* The same, and carries until nothing moves. */
void pair_connect(Pair *pair);
void pair_carry(Pair *pair);

/* Both connected, the same secrets and transcript; data flows both ways. Fails the test with what
 * went wrong. */
/* Whether both sides saw the same handshake. */
bool pair_same_transcript(const Pair *pair);

void pair_check(Pair *pair, const char *what);
bool pair_connected(const Pair *pair);
const char *pair_trouble(const Pair *pair); /* a fault's sentence */
