/* libcrypto's form of keys, made on first use.
 *
 * It is made of numbers and not of DER: libcrypto's decoders cost more than most operations, and
 * what they would judge is already judged. Several threads may need the same key at once; the first
 * form that is ready is kept. An RSA-PSS key is RSA here: what binds it to PSS is checked by those
 * who sign and verify.
 *
 * This file knows no operation. Source: EVP_PKEY_fromdata(3).
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "core/crypto/libcrypto/key-object.h"

/* A parameter of libcrypto, and the number that it takes. */
typedef struct {
    const char *name;
    Bytes value;
} Parameter;

enum { PARAMETERS_MOST = RSA_NUMBERS };

/* A key of that type with these numbers, and for curves the group's name and a point. */
static EVP_PKEY *make(const char *type, int selection, const Parameter *numbers, size_t count,
                      const char *group, Bytes point)
{
    EVP_PKEY *handle = NULL;
    BIGNUM *values[PARAMETERS_MOST] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool pushed = builder != NULL;
    for (size_t i = 0; i < count && pushed; i++) {
        values[i] = BN_bin2bn(numbers[i].value.data, (int)numbers[i].value.size, NULL);
        pushed = OSSL_PARAM_BLD_push_BN(builder, numbers[i].name, values[i]) == 1;
    }
    if (pushed && group != NULL)
        pushed =
            OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data,
                                             point.size) == 1;
    OSSL_PARAM *parameters = pushed ? OSSL_PARAM_BLD_to_param(builder) : NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library_context(), type, NULL);
    if (parameters == NULL || maker == NULL || EVP_PKEY_fromdata_init(maker) != 1 ||
        EVP_PKEY_fromdata(maker, &handle, selection, parameters) != 1)
        handle = NULL;
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_clear_free(values[i]);
    ERR_clear_error();
    return handle;
}

static EVP_PKEY *make_rsa(const KeyParts *parts, bool is_private)
{
    /* in the order of RsaNumber */
    static const char *const names[RSA_NUMBERS] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    Parameter numbers[RSA_NUMBERS];
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        numbers[i] = (Parameter){names[i], parts->numbers[i]};
    return make("RSA", is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, numbers,
                is_private ? (size_t)RSA_NUMBERS : (size_t)RSA_PRIVATE_EXPONENT, NULL, BYTES_NONE);
}

/* `secret` is NULL for a public key. */
static EVP_PKEY *make_dsa(const KeyParts *parts, const KeyParts *secret)
{
    const Parameter numbers[] = {
        {OSSL_PKEY_PARAM_FFC_P, parts->numbers[DSA_PRIME]},
        {OSSL_PKEY_PARAM_FFC_Q, parts->numbers[DSA_ORDER]},
        {OSSL_PKEY_PARAM_FFC_G, parts->numbers[DSA_GENERATOR]},
        {OSSL_PKEY_PARAM_PUB_KEY, parts->numbers[DSA_VALUE]},
        {OSSL_PKEY_PARAM_PRIV_KEY, secret == NULL ? BYTES_NONE : secret->numbers[DSA_VALUE]},
    };
    size_t count = G_N_ELEMENTS(numbers) - (secret == NULL ? 1 : 0);
    return make("DSA", secret == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, numbers, count,
                NULL, BYTES_NONE);
}

static EVP_PKEY *make_ec(const KeyParts *parts, const KeyParts *secret)
{
    const Parameter number = {OSSL_PKEY_PARAM_PRIV_KEY,
                              secret == NULL ? BYTES_NONE : secret->numbers[CURVE_VALUE]};
    /* libcrypto's names of the curves are the RFC's but for P-256 */
    const char *group =
        parts->curve == GROUP_SECP256R1 ? "prime256v1" : number_text(NUMBER_GROUP, parts->curve);
    return make("EC", secret == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, &number,
                secret == NULL ? 0 : 1, group, parts->numbers[CURVE_VALUE]);
}

static EVP_PKEY *make_edwards(const KeyParts *parts, const KeyParts *secret)
{
    const char *name = key_kind_name(parts->kind);
    const KeyParts *from = secret == NULL ? parts : secret;
    Bytes value = from->numbers[CURVE_VALUE];
    if (secret == NULL)
        return EVP_PKEY_new_raw_public_key_ex(library_context(), name, NULL, value.data,
                                              value.size);
    return EVP_PKEY_new_raw_private_key_ex(library_context(), name, NULL, value.data, value.size);
}

static EVP_PKEY *make_handle(const KeyParts *parts, const KeyParts *secret)
{
    switch (parts->kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return make_rsa(secret == NULL ? parts : secret, secret != NULL);
    case KEY_DSA:
        return make_dsa(parts, secret);
    case KEY_EC:
        return make_ec(parts, secret);
    case KEY_ED25519:
    case KEY_ED448:
        return make_edwards(parts, secret);
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    return NULL;
}

/* Keeps the first of the handles that several threads may have made. */
static EVP_PKEY *keep_handle(EVP_PKEY **place, EVP_PKEY *handle)
{
    if (g_atomic_pointer_compare_and_exchange(place, NULL, handle))
        return handle;
    EVP_PKEY_free(handle);
    return g_atomic_pointer_get(place);
}

EVP_PKEY *public_key_handle(const PublicKey *key)
{
    EVP_PKEY **place = (EVP_PKEY **)(uintptr_t)&key->handle; /* a cache: the key stays the same */
    EVP_PKEY *handle = g_atomic_pointer_get(place);
    return handle != NULL ? handle : keep_handle(place, make_handle(&key->parts, NULL));
}

EVP_PKEY *private_key_handle(const PrivateKey *key)
{
    EVP_PKEY **place = (EVP_PKEY **)(uintptr_t)&key->handle;
    EVP_PKEY *handle = g_atomic_pointer_get(place);
    if (handle != NULL)
        return handle;
    return keep_handle(place, make_handle(&key->public_half->parts, &key->file.parts));
}

EVP_PKEY_CTX *key_operation_new(EVP_PKEY *handle)
{
    return handle == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(library_context(), handle, NULL);
}

bool libcrypto_fault(Fault *fault, const char *what)
{
    char reason[120];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "%s failed: %s", what, reason);
}
