/* Path: from a certificate upwards to one that is trusted. */
#pragma once

#include "core/crypto/checks.h"

enum { PATH_MOST = 20 }; /* certificates: a chain of CERTIFICATES_MOST and an anchor fit */

typedef struct {
    const Certificate *certificates[PATH_MOST]; /* the subject's own first */
    bool verified[PATH_MOST]; /* [i]: certificates[i + 1]'s key verifies [i]'s signature */
    size_t count;
    bool anchored;    /* the last one is on the list of the trusted */
    bool self_signed; /* the last one is not, and names itself as its issuer */
} Path;

/* Goes up from input->chain[0]. An issuer is looked for by name, on the list of the trusted first,
 * then in the chain; where several have the name, the first whose key verifies is taken, or else
 * the first. */
void path_build(const CheckInput *input, Path *path);
