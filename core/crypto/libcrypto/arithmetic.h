/* Arithmetic, as views of bytes: big numbers, the NIST curves, the curves of RFC 7748. Numbers are
 * big-endian. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/numbers.h"

/* The number without its leading zeros. */
Bytes number_trim(Bytes number);

/* Below, equal or above: negative, 0, positive. */
int number_compare(Bytes a, Bytes b);

/* Brings a number into 1 … bound - 1: one that lies there stays what it is, another becomes its
 * remainder by bound - 1, plus 1. `output` takes `size` bytes. */
void number_into_range(Bytes number, Bytes bound, uint8_t *output, size_t size);

/* Appends base^exponent mod modulus in `size` bytes. The modulus is odd and above 1. */
void number_power(Bytes base, Bytes exponent, Bytes modulus, size_t size, GByteArray *output);

/* Whether an uncompressed point (RFC 8422 5.4.1) lies on the curve. */
bool curve_has_point(GroupNumber curve, Bytes point);

/* The order of the curve's generator, as long as its field. */
void curve_order(GroupNumber curve, uint8_t *output, size_t size);

/* Appends the public point of a private key; false when that is 0 or not below the order. */
bool curve_public(GroupNumber curve, Bytes private_key, GByteArray *point);

/* Appends the x-coordinate of private_key * point; false when the point is not on the curve. */
bool curve_agree(GroupNumber curve, Bytes private_key, Bytes point, GByteArray *secret);

/* The same for X25519 and X448, whose key pair is made once: libcrypto computes the public value
 * whenever it is given a private one. NULL when the size is wrong. */
typedef struct XcurveKey XcurveKey;
XcurveKey *xcurve_key_new(GroupNumber curve, Bytes private_key);
void xcurve_key_free(XcurveKey *key);
bool xcurve_public(const XcurveKey *key, GByteArray *value);
/* False when a size is wrong or all of the secret is zero (RFC 7748 6). */
bool xcurve_agree(const XcurveKey *key, Bytes value, GByteArray *secret);
