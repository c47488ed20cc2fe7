/* The curves, by libcrypto's points and keys.
 *
 * NIST's curves go by EC_POINT and not by EVP: a private key that a scenario pins must be used as
 * it stands, and a point of the peer must be judged here, whether it is a handshake's or a
 * certificate's. Decoding a point in libcrypto is what checks that it lies on the curve, and its
 * coordinates below the prime. X25519 and X448 go by EVP, which refuses a secret of zeros.
 *
 * This file knows no message. Obeys RFC 8422 5.4.1 and 5.11; RFC 7748 5 and 6; SEC 1 2.3.
 */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "core/crypto/libcrypto/arithmetic.h"
#include "core/crypto/libcrypto/context.h"

static EC_GROUP *curve_new(GroupNumber curve)
{
    int name = curve == GROUP_SECP256R1   ? NID_X9_62_prime256v1
               : curve == GROUP_SECP384R1 ? NID_secp384r1
                                          : NID_secp521r1;
    EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(library_context(), NULL, name);
    g_assert(group != NULL);
    return group;
}

static size_t field_size(const EC_GROUP *group)
{
    return ((size_t)EC_GROUP_get_degree(group) + 7) / 8;
}

/* NULL when it is no uncompressed point of the curve. */
static EC_POINT *point_new(const EC_GROUP *group, Bytes bytes)
{
    if (bytes.size != 1 + 2 * field_size(group) || bytes.data[0] != POINT_CONVERSION_UNCOMPRESSED)
        return NULL;
    EC_POINT *point = EC_POINT_new(group);
    if (EC_POINT_oct2point(group, point, bytes.data, bytes.size, NULL) == 1)
        return point;
    ERR_clear_error();
    EC_POINT_free(point);
    return NULL;
}

bool curve_has_point(GroupNumber curve, Bytes point)
{
    EC_GROUP *group = curve_new(curve);
    EC_POINT *decoded = point_new(group, point);
    bool has = decoded != NULL;
    EC_POINT_free(decoded);
    EC_GROUP_free(group);
    return has;
}

void curve_order(GroupNumber curve, uint8_t *output, size_t size)
{
    EC_GROUP *group = curve_new(curve);
    int written = BN_bn2binpad(EC_GROUP_get0_order(group), output, (int)size);
    g_assert(written == (int)size);
    EC_GROUP_free(group);
}

bool curve_public(GroupNumber curve, Bytes private_key, GByteArray *point)
{
    EC_GROUP *group = curve_new(curve);
    EC_POINT *result = EC_POINT_new(group);
    BIGNUM *scalar = BN_bin2bn(private_key.data, (int)private_key.size, NULL);
    size_t first = point->len, size = 1 + 2 * field_size(group);
    bool fits = !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0;
    if (fits) {
        g_byte_array_set_size(point, (guint)(first + size));
        bool done = EC_POINT_mul(group, result, scalar, NULL, NULL, NULL) == 1 &&
                    EC_POINT_point2oct(group, result, POINT_CONVERSION_UNCOMPRESSED,
                                       point->data + first, size, NULL) == size;
        g_assert(done);
    }
    BN_clear_free(scalar);
    EC_POINT_free(result);
    EC_GROUP_free(group);
    return fits;
}

bool curve_agree(GroupNumber curve, Bytes private_key, Bytes point, GByteArray *secret)
{
    EC_GROUP *group = curve_new(curve);
    EC_POINT *peer = point_new(group, point), *result = EC_POINT_new(group);
    BIGNUM *scalar = BN_bin2bn(private_key.data, (int)private_key.size, NULL), *x = BN_new();
    size_t first = secret->len, size = field_size(group);
    bool agreed = peer != NULL && EC_POINT_mul(group, result, NULL, peer, scalar, NULL) == 1 &&
                  EC_POINT_get_affine_coordinates(group, result, x, NULL, NULL) == 1;
    if (agreed) {
        g_byte_array_set_size(secret, (guint)(first + size));
        BN_bn2binpad(x, secret->data + first, (int)size);
    }
    ERR_clear_error();
    BN_clear_free(scalar);
    BN_clear_free(x);
    EC_POINT_free(peer);
    EC_POINT_free(result);
    EC_GROUP_free(group);
    return agreed;
}

/* --- RFC 7748 --- */

static const char *xcurve_name(GroupNumber curve)
{
    return curve == GROUP_X25519 ? "X25519" : "X448";
}

bool xcurve_public(GroupNumber curve, Bytes private_key, GByteArray *value)
{
    size_t first = value->len, size = private_key.size;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(library_context(), xcurve_name(curve), NULL,
                                                    private_key.data, private_key.size);
    g_byte_array_set_size(value, (guint)(first + size));
    bool done = key != NULL && EVP_PKEY_get_raw_public_key(key, value->data + first, &size) == 1;
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!done)
        g_byte_array_set_size(value, (guint)first);
    return done;
}

bool xcurve_agree(GroupNumber curve, Bytes private_key, Bytes value, GByteArray *secret)
{
    size_t first = secret->len, size = private_key.size;
    const char *name = xcurve_name(curve);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(library_context(), name, NULL, private_key.data,
                                                    private_key.size);
    EVP_PKEY *peer =
        EVP_PKEY_new_raw_public_key_ex(library_context(), name, NULL, value.data, value.size);
    EVP_PKEY_CTX *operation =
        key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(library_context(), key, NULL);
    g_byte_array_set_size(secret, (guint)(first + size));
    bool done = operation != NULL && peer != NULL && EVP_PKEY_derive_init(operation) == 1 &&
                EVP_PKEY_derive_set_peer(operation, peer) == 1 &&
                EVP_PKEY_derive(operation, secret->data + first, &size) == 1;
    EVP_PKEY_CTX_free(operation);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!done)
        g_byte_array_set_size(secret, (guint)first);
    return done;
}
