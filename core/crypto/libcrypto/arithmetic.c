/* Big numbers by BIGNUM.
 *
 * libcrypto's own Diffie-Hellman refuses primes below 512 bits, and the primes of lessons and of
 * broken servers are often shorter or not even prime: so its numbers are used, and not its DH.
 *
 * This file knows neither groups nor keys, and judges nothing. Source: BN_mod_exp(3).
 */
#include "core/crypto/libcrypto/arithmetic.h"

#include <openssl/bn.h>
#include <string.h>

#include "core/crypto/libcrypto/context.h"

Bytes number_trim(Bytes number)
{
    while (number.size > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.size);
    return number;
}

int number_compare(Bytes a, Bytes b)
{
    a = number_trim(a);
    b = number_trim(b);
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return a.size == 0 ? 0 : memcmp(a.data, b.data, a.size);
}

static BIGNUM *number_new(Bytes bytes)
{
    BIGNUM *number = BN_bin2bn(bytes.data, (int)bytes.size, NULL);
    g_assert(number != NULL);
    return number;
}

void number_into_range(Bytes number, Bytes bound, uint8_t *output, size_t size)
{
    BN_CTX *context = BN_CTX_new_ex(library_context());
    BIGNUM *value = number_new(number), *limit = number_new(bound);
    bool done = true;
    if (BN_is_zero(value) || BN_cmp(value, limit) >= 0)
        done = BN_sub_word(limit, 1) == 1 && BN_mod(value, value, limit, context) == 1 &&
               BN_add_word(value, 1) == 1;
    done = done && BN_bn2binpad(value, output, (int)size) == (int)size;
    g_assert(done);
    BN_clear_free(value);
    BN_free(limit);
    BN_CTX_free(context);
}

void number_power(Bytes base, Bytes exponent, Bytes modulus, size_t size, GByteArray *output)
{
    BN_CTX *context = BN_CTX_new_ex(library_context());
    BIGNUM *a = number_new(base), *b = number_new(exponent), *m = number_new(modulus);
    BIGNUM *result = BN_new();
    guint first = output->len;
    g_byte_array_set_size(output, (guint)(first + size));
    bool done = BN_mod_exp_mont(result, a, b, m, context, NULL) == 1 &&
                BN_bn2binpad(result, output->data + first, (int)size) == (int)size;
    g_assert(done);
    BN_free(a);
    BN_clear_free(b);
    BN_free(m);
    BN_clear_free(result);
    BN_CTX_free(context);
}
