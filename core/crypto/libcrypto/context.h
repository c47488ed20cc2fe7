/* What the files of this folder share: the library context and the objects fetched from it. No file
 * outside this folder includes it. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

#include "core/crypto/random.h"
#include "core/crypto/suite.h"

/* The private library context, opened on the first call; NULL when that failed. */
OSSL_LIB_CTX *library_context(void);

/* Fetched on first use and kept; NULL when libcrypto has none. */
EVP_CIPHER *library_cipher(CipherKind kind);
EVP_CIPHER *library_key_stream(void);

/* Registers the source of randomness of entropy.c with a context. */
bool entropy_install(OSSL_LIB_CTX *context);

/* What libcrypto draws on this thread from here on comes from `random` by `label`; with NULL it
 * comes from a stream that touches nobody's draws. */
void entropy_use(Random *random, const char *label);
