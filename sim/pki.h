/* The certificates and keys of one world, made from a plan's declarations. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/engine/config.h"
#include "sim/plan.h"

typedef struct Pki Pki;

/* Reads the keys that are used, mints the certificates that are used. */
Pki *pki_new(const Plan *plan, Fault *fault);
void pki_free(Pki *pki);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pki, pki_free)

/* A private key by its name, made when first asked for; NULL with a fault. Borrowed. */
PrivateKey *pki_key(Pki *pki, const char *name, Fault *fault);

/* A certificate by its name, likewise. Borrowed. */
Certificate *pki_certificate(Pki *pki, const char *name, Fault *fault);

/* The chain to show: the certificate and its issuers up to, not including, the self-signed one
 * (RFC 5246 7.4.2: it may be left out), unless that is the certificate itself. `key` overrides the
 * private key (NULL: its own). Fills `credential`; free its chain with g_ptr_array_unref. */
bool pki_credential(Pki *pki, const char *name, const char *key, Credential *credential,
                    Fault *fault);

/* A stapled response for a certificate of the plan, signed by its issuer's key. NULL with a fault.
 */
GBytes *pki_staple(Pki *pki, const char *name, Staple staple, int64_t clock, Fault *fault);

/* CA certificates by their names; free with g_ptr_array_unref. NULL with a fault. */
GPtrArray *pki_trusted(Pki *pki, const GPtrArray *names, Fault *fault);
