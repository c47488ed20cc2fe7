/* The cost meter: what the work of a side amounts to, counted, not timed. */
#pragma once

#include <stdint.h>

typedef struct {
    uint64_t private_operations; /* RSA decryptions and signatures */
    uint64_t public_operations;  /* RSA encryptions and verifications */
    uint64_t key_pairs;          /* ephemeral keys made */
    uint64_t agreements;         /* Diffie-Hellman secrets computed */
    uint64_t hash_blocks;        /* compression function calls of record MACs */
    uint64_t cipher_bytes;       /* that record ciphers took in, both ways; none for NULL */
    uint64_t bytes_sealed, bytes_opened;
} Meter;
