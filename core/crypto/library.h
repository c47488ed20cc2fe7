/* libcrypto, opened once: a private library context with the default and legacy providers and a
 * source of randomness of our own. */
#pragma once

#include "core/base/fault.h"

/* Opens it (the first call does, the later ones are free) and checks that it is deterministic: the
 * same label twice gives the same padding. Thread-safe. Every other function of core/crypto calls
 * it. False (FAULT_OF_US) when libcrypto lacks something: the program ends with status 3. */
bool library_open(Fault *fault);

/* "OpenSSL 3.0.22 …" */
const char *library_version(void);
