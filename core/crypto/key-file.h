/* Key files: the parts of a private key out of PEM. */
#pragma once

#include "core/crypto/key-info.h"

typedef struct {
    uint8_t *der; /* owned: g_free; the parts are views into it */
    size_t der_size;
    KeyParts parts;
} KeyFile;

/* PKCS#8 ("PRIVATE KEY") of any kind, PKCS#1 ("RSA PRIVATE KEY"), SEC 1 ("EC PRIVATE KEY"); not
 * encrypted. */
bool key_file_read(Bytes pem, KeyFile *file, Fault *fault);
void key_file_clear(KeyFile *file);
