/* libcrypto's own answer on a certificate chain, by X509_verify_cert. */
#pragma once

#include "core/crypto/checks.h"

/* The checks that libcrypto finds failed, each as bit 1 << CheckKind; 0: it accepts. An error that
 * none of our checks stands for is bit 1 << CHECK_KINDS. `why` gets its words, or "ok". */
unsigned opinion_ask(const CheckInput *input, char why[CHECK_REASON_SIZE]);
