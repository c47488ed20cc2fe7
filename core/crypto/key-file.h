/* Key files: the numbers of an RSA private key out of PEM. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"

/* RSAPrivateKey (RFC 8017 A.1.2), in its order. */
typedef enum {
    RSA_MODULUS,
    RSA_PUBLIC_EXPONENT,
    RSA_PRIVATE_EXPONENT,
    RSA_PRIME_1,
    RSA_PRIME_2,
    RSA_EXPONENT_1,
    RSA_EXPONENT_2,
    RSA_COEFFICIENT,
    RSA_NUMBERS,
} RsaNumber;

typedef struct {
    uint8_t *der; /* owned: g_free; the numbers are views into it */
    size_t der_size;
    Bytes numbers[RSA_NUMBERS]; /* big-endian, without leading zeros */
} RsaNumbers;

/* PKCS#1 ("RSA PRIVATE KEY") or PKCS#8 ("PRIVATE KEY"), not encrypted. */
bool rsa_numbers_read(Bytes pem, RsaNumbers *numbers, Fault *fault);
void rsa_numbers_clear(RsaNumbers *numbers);
