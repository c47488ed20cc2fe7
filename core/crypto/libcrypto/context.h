/* What the files of this folder share: the library context (lend.h) and what is fetched from it. No
 * file outside this folder includes it. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

#include "core/crypto/libcrypto/lend.h"
#include "core/crypto/suite.h"

/* Fetched on first use and kept; NULL when libcrypto has none. */
EVP_CIPHER *library_cipher(CipherKind kind);
EVP_CIPHER *library_key_stream(void);

/* Registers the source of randomness of entropy.c with a context. */
bool entropy_install(OSSL_LIB_CTX *context);
