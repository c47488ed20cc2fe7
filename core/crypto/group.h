/* Group: a row, and the agreement of a key in it. Sources: RFC 8422 5.1.1 (curves), RFC 7748
 * (X25519, X448), RFC 7919 A (ffdhe2048 …), RFC 8446 4.2.7 and 7.4; for groups sent in full RFC
 * 5246 7.4.3. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/random.h"

typedef enum {
    GROUP_FINITE_FIELD,
    GROUP_CURVE,  /* NIST: uncompressed points */
    GROUP_XCURVE, /* RFC 7748 */
} GroupKind;

typedef struct {
    GroupNumber number;
    const char *name; /* "x25519" */
    GroupKind kind;
    unsigned bits;      /* of the field */
    size_t share_size;  /* bytes of a public value on the wire */
    size_t secret_size; /* bytes of the shared secret in TLS 1.3 */
    const char *label;  /* of the private key's draw: "x25519_private_key" */
} Group;

/* The least prime, in bits, that a client may take from a server: RFC 7919 3.1. */
enum { DH_PRIME_BITS_LEAST = 768 };

const Group *group_find(GroupNumber number);
const Group *group_by_name(const char *name); /* case-insensitive */
size_t group_count(void);
const Group *group_at(size_t index); /* in the order of preference of this laboratory */

/* Prime and generator of a finite field group, big-endian (RFC 7919 A). */
Bytes group_prime(const Group *group);
Bytes group_generator(const Group *group);
/* The row whose prime and generator these are, or NULL. */
const Group *group_of_prime(Bytes prime, Bytes generator);

/* One side's key pair. */
typedef struct KeyAgreement KeyAgreement;

/* The private key is drawn from `random` by the group's label (a scalar big-endian for NIST curves
 * and finite fields, brought into range; 32 or 56 bytes as they are for X25519 and X448), so that a
 * pinned label gives exactly that key. */
KeyAgreement *key_agreement_new(const Group *group, Random *random, Fault *fault);
/* A finite field group of any size, sent in full; label "dh_private_key". illegal_parameter when
 * p or g cannot be one (p even, g not in 2 … p-2, p over 8192 bits). */
KeyAgreement *key_agreement_new_dh(Bytes prime, Bytes generator, Random *random, Fault *fault);
void key_agreement_free(KeyAgreement *agreement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyAgreement, key_agreement_free)

const Group *key_agreement_group(const KeyAgreement *agreement); /* NULL: sent in full */
Bytes key_agreement_prime(const KeyAgreement *agreement);        /* finite fields */
Bytes key_agreement_generator(const KeyAgreement *agreement);
/* The public value: finite field big-endian, padded to the prime's size; a curve's uncompressed
 * point; RFC 7748's u-coordinate. */
Bytes key_agreement_public(const KeyAgreement *agreement);
Bytes key_agreement_private(const KeyAgreement *agreement); /* for the lesson */

/* Of a finite field: whether a peer's value lies in it, 1 < Y < p - 1 (RFC 7919 3 and 4). */
bool key_agreement_holds(const KeyAgreement *agreement, Bytes peer);

/* The shared secret Z, in full length (RFC 8446 7.4.1; before TLS 1.3 the caller strips the leading
 * zeros of a finite field's, RFC 5246 8.1.2). Appends to `secret`. illegal_parameter for a peer's
 * value that is none: not 1 < Y < p-1, wrong size, not an uncompressed point, not on the curve, at
 * infinity, or that gives an all-zero secret (RFC 8446 4.2.8.1, 4.2.8.2; RFC 7748 6). A finite
 * field's value may come with fewer leading zeros, as before TLS 1.3 (RFC 5246 7.4.3): that a key
 * share is padded (RFC 8446 4.2.8.1) is the caller's to check by share_size. On NIST's curves a
 * secret of zeros is a point's coordinate like others. */
bool key_agreement_derive(const KeyAgreement *agreement, Bytes peer, GByteArray *secret,
                          Fault *fault);
