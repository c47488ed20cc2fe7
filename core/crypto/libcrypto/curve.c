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

/* A curve is made once, for ever: its tables take longer than what they are used for. */
static const EC_GROUP *curve_of(GroupNumber curve)
{
    static const int names[] = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};
    static EC_GROUP *curves[G_N_ELEMENTS(names)];
    size_t index = curve == GROUP_SECP256R1 ? 0 : curve == GROUP_SECP384R1 ? 1 : 2;
    if (g_once_init_enter(&curves[index])) {
        EC_GROUP *made = EC_GROUP_new_by_curve_name_ex(library_context(), NULL, names[index]);
        g_assert(made != NULL);
        g_once_init_leave(&curves[index], made);
    }
    return curves[index];
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
    const EC_GROUP *group = curve_of(curve);
    EC_POINT *decoded = point_new(group, point);
    bool has = decoded != NULL;
    EC_POINT_free(decoded);
    return has;
}

void curve_order(GroupNumber curve, uint8_t *output, size_t size)
{
    const EC_GROUP *group = curve_of(curve);
    int written = BN_bn2binpad(EC_GROUP_get0_order(group), output, (int)size);
    g_assert(written == (int)size);
}

bool curve_public(GroupNumber curve, Bytes private_key, GByteArray *point)
{
    const EC_GROUP *group = curve_of(curve);
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
    return fits;
}

bool curve_agree(GroupNumber curve, Bytes private_key, Bytes point, GByteArray *secret)
{
    const EC_GROUP *group = curve_of(curve);
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
    return agreed;
}

/* --- RFC 7748 --- */

static const char *xcurve_name(GroupNumber curve)
{
    return curve == GROUP_X25519 ? "X25519" : "X448";
}

struct XcurveKey {
    GroupNumber curve;
    size_t size;
    EVP_PKEY *key;
};

XcurveKey *xcurve_key_new(GroupNumber curve, Bytes private_key)
{
    EVP_PKEY *made = EVP_PKEY_new_raw_private_key_ex(library_context(), xcurve_name(curve), NULL,
                                                     private_key.data, private_key.size);
    ERR_clear_error();
    if (made == NULL)
        return NULL;
    XcurveKey *key = g_new(XcurveKey, 1);
    *key = (XcurveKey){.curve = curve, .size = private_key.size, .key = made};
    return key;
}

void xcurve_key_free(XcurveKey *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->key);
    g_free(key);
}

bool xcurve_public(const XcurveKey *key, GByteArray *value)
{
    size_t first = value->len, size = key->size;
    g_byte_array_set_size(value, (guint)(first + size));
    bool done = EVP_PKEY_get_raw_public_key(key->key, value->data + first, &size) == 1;
    ERR_clear_error();
    if (!done)
        g_byte_array_set_size(value, (guint)first);
    return done;
}

bool xcurve_agree(const XcurveKey *key, Bytes value, GByteArray *secret)
{
    size_t first = secret->len, size = key->size;
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key_ex(library_context(), xcurve_name(key->curve),
                                                    NULL, value.data, value.size);
    EVP_PKEY_CTX *operation =
        peer == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(library_context(), key->key, NULL);
    g_byte_array_set_size(secret, (guint)(first + size));
    /* any value is one of the curve; that the secret is not zero is checked by the derivation */
    bool done = operation != NULL && EVP_PKEY_derive_init(operation) == 1 &&
                EVP_PKEY_derive_set_peer_ex(operation, peer, 0) == 1 &&
                EVP_PKEY_derive(operation, secret->data + first, &size) == 1;
    EVP_PKEY_CTX_free(operation);
    EVP_PKEY_free(peer);
    ERR_clear_error();
    if (!done)
        g_byte_array_set_size(secret, (guint)first);
    return done;
}
