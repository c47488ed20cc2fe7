/* Limits: a name, a number and a reason for everything that a peer can make long. */
#pragma once

#include <stddef.h>

enum {
    LIMIT_RECORD_CIPHERTEXT = 16384 + 2048,
    LIMIT_RECORD_PLAINTEXT = 16384,
    LIMIT_HANDSHAKE_MESSAGE = 65536,
    LIMIT_CERTIFICATES = 16,
    LIMIT_UNKNOWN_EXTENSIONS = 32,
    LIMIT_AUTHORITIES = 256,
    LIMIT_WARNINGS = 4,
    LIMIT_EMPTY_RECORDS = 32,
    LIMIT_HELLO_REQUESTS = 4,
    LIMIT_HANDSHAKES = 32,
    LIMIT_KEY_UPDATES = 32,
    LIMIT_CHANGE_CIPHER_SPECS = 32,
    LIMIT_EARLY_DATA_SKIPPED = 65536,
};

typedef struct {
    const char *name;
    size_t most;
    const char *unit;
    const char *alert;  /* how one more is answered */
    const char *reason; /* why this many */
} Limit;

const Limit *limits_table(size_t *count);
