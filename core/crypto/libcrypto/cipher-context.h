/* Cipher contexts, used again: making one, and setting up its cipher, costs more than keying it. */
#pragma once

#include "core/crypto/libcrypto/context.h"

/* A context of that cipher and direction, without a key; NULL when libcrypto fails. `*blank` says
 * that it is new: what stays with a context from key to key (lengths, padding) must be set. */
EVP_CIPHER_CTX *cipher_context_take(EVP_CIPHER *algorithm, bool encrypting, bool *blank);

/* Its key stays in it until the next one is set, or the thread ends. NULL is fine. */
void cipher_context_give(EVP_CIPHER_CTX *context);
