/* What libssl needs of us to repeat itself: our library context and our randomness. For sim/peers
 * alone; all others go through core/crypto's own functions. */
#pragma once

#include <openssl/types.h>

#include "core/crypto/random.h"

/* The private library context, opened on the first call; NULL when that failed. */
OSSL_LIB_CTX *library_context(void);

/* What libcrypto draws on this thread from here on comes from `random` by `label`; with NULL it
 * comes from a stream that touches nobody's draws. */
void entropy_use(Random *random, const char *label);
