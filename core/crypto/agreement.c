/* Agreeing on a secret: finite fields, NIST's curves, X25519 and X448.
 *
 * A key pair is a private number that was drawn by label and the public value that follows from it.
 * The private number is used as it was drawn wherever it can be, so that a label pinned to a
 * published key gives that key. What a peer sends is judged before it is used: a value that leaves
 * the group, or that puts the secret into a small part of it, is refused.
 *
 * This file knows no message, and no arithmetic (libcrypto/arithmetic.h). Obeys RFC 8446 4.2.8.1,
 * 4.2.8.2, 7.4; RFC 7919 3, 4, 5.1; RFC 7748 5 and 6; RFC 8422 5.11; RFC 5246 7.4.3.
 */
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/libcrypto/arithmetic.h"

enum {
    PRIME_MOST = 1024, /* bytes: beyond it one handshake costs seconds */
};

struct KeyAgreement {
    const Group *group; /* NULL: sent in full */
    GroupKind kind;
    GBytes *prime, *generator; /* finite fields */
    GByteArray *private_key, *public_value;
    XcurveKey *handle; /* X25519, X448 */
};

static const uint8_t one = 1;

static KeyAgreement *new_of(const Group *group, GroupKind kind)
{
    KeyAgreement *agreement = g_new0(KeyAgreement, 1);
    agreement->group = group;
    agreement->kind = kind;
    agreement->private_key = g_byte_array_new();
    agreement->public_value = g_byte_array_new();
    return agreement;
}

void key_agreement_free(KeyAgreement *agreement)
{
    if (agreement == NULL)
        return;
    if (agreement->private_key->len > 0)
        memset(agreement->private_key->data, 0, agreement->private_key->len);
    g_byte_array_unref(agreement->private_key);
    g_byte_array_unref(agreement->public_value);
    xcurve_key_free(agreement->handle);
    g_clear_pointer(&agreement->prime, g_bytes_unref);
    g_clear_pointer(&agreement->generator, g_bytes_unref);
    g_free(agreement);
}

/* `size` bytes by label, as they are drawn. */
static uint8_t *draw(KeyAgreement *agreement, Random *random, const char *label, size_t size)
{
    g_byte_array_set_size(agreement->private_key, (guint)size);
    random_fill(random, label, agreement->private_key->data, size);
    return agreement->private_key->data;
}

/* --- finite fields --- */

/* Of an odd p. */
static GByteArray *prime_minus_one(Bytes prime)
{
    GByteArray *number = g_byte_array_new();
    bytes_append(number, prime);
    number->data[number->len - 1] &= 0xfe;
    return number;
}

/* Whether 1 < number < p - 1: RFC 7919 5.1, RFC 8446 4.2.8.1. */
static bool is_inside(Bytes number, Bytes prime)
{
    g_autoptr(GByteArray) last = prime_minus_one(prime);
    return number_compare(number, bytes_make(&one, 1)) > 0 &&
           number_compare(number, bytes_from_array(last)) < 0;
}

/* The public value of the private key as it stands. */
static bool raise_generator(KeyAgreement *agreement)
{
    Bytes prime = bytes_from_gbytes(agreement->prime);
    g_byte_array_set_size(agreement->public_value, 0);
    number_power(bytes_from_gbytes(agreement->generator), bytes_from_array(agreement->private_key),
                 prime, prime.size, agreement->public_value);
    return is_inside(bytes_from_array(agreement->public_value), prime);
}

static KeyAgreement *new_field(const Group *group, Bytes prime, Bytes generator, Random *random,
                               const char *label)
{
    KeyAgreement *agreement = new_of(group, GROUP_FINITE_FIELD);
    g_autoptr(GByteArray) bound = prime_minus_one(prime);
    agreement->prime = bytes_copy(prime);
    agreement->generator = bytes_copy(generator);
    uint8_t *private_key = draw(agreement, random, label, prime.size);
    number_into_range(bytes_make(private_key, prime.size), bytes_from_array(bound), private_key,
                      prime.size);
    if (raise_generator(agreement))
        return agreement;
    /* In a tiny field a drawn power may be 1 or p - 1, which the peer must refuse; 1 as a private
     * key gives g itself, which is neither. */
    memset(private_key, 0, prime.size);
    private_key[prime.size - 1] = 1;
    raise_generator(agreement);
    return agreement;
}

KeyAgreement *key_agreement_new_dh(Bytes prime, Bytes generator, Random *random, Fault *fault)
{
    prime = number_trim(prime);
    generator = number_trim(generator);
    bool odd = prime.size > 0 && prime.data[prime.size - 1] % 2 == 1;
    if (prime.size <= PRIME_MOST && odd && number_compare(prime, bytes_make(&one, 1)) > 0 &&
        is_inside(generator, prime))
        return new_field(NULL, prime, generator, random, "dh_private_key");
    fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.3",
               "a modulus of %zu bytes and a generator of %zu bytes make no Diffie-Hellman group",
               prime.size, generator.size);
    return NULL;
}

/* --- all kinds --- */

static bool make_curve(KeyAgreement *agreement, Random *random)
{
    const Group *group = agreement->group;
    size_t size = group->secret_size;
    g_autofree uint8_t *order = g_malloc(size);
    uint8_t *private_key = draw(agreement, random, group->label, size);
    curve_order(group->number, order, size);
    number_into_range(bytes_make(private_key, size), bytes_make(order, size), private_key, size);
    return curve_public(group->number, bytes_make(private_key, size), agreement->public_value);
}

KeyAgreement *key_agreement_new(const Group *group, Random *random, Fault *fault)
{
    if (group->kind == GROUP_FINITE_FIELD)
        return new_field(group, group_prime(group), group_generator(group), random, group->label);
    g_autoptr(KeyAgreement) agreement = new_of(group, group->kind);
    bool made = false;
    if (group->kind == GROUP_CURVE) {
        made = make_curve(agreement, random);
    } else {
        draw(agreement, random, group->label, group->share_size);
        agreement->handle = xcurve_key_new(group->number, bytes_from_array(agreement->private_key));
        made =
            agreement->handle != NULL && xcurve_public(agreement->handle, agreement->public_value);
    }
    if (made)
        return g_steal_pointer(&agreement);
    fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "no key pair can be made in %s",
              group->name);
    return NULL;
}

const Group *key_agreement_group(const KeyAgreement *agreement)
{
    return agreement->group;
}

Bytes key_agreement_prime(const KeyAgreement *agreement)
{
    return bytes_from_gbytes(agreement->prime);
}

Bytes key_agreement_generator(const KeyAgreement *agreement)
{
    return bytes_from_gbytes(agreement->generator);
}

Bytes key_agreement_public(const KeyAgreement *agreement)
{
    return bytes_from_array(agreement->public_value);
}

Bytes key_agreement_private(const KeyAgreement *agreement)
{
    return bytes_from_array(agreement->private_key);
}

/* --- the secret --- */

bool key_agreement_holds(const KeyAgreement *agreement, Bytes peer)
{
    return is_inside(number_trim(peer), bytes_from_gbytes(agreement->prime));
}

static bool derive_field(const KeyAgreement *agreement, Bytes peer, GByteArray *secret,
                         Fault *fault)
{
    Bytes prime = bytes_from_gbytes(agreement->prime);
    size_t first = secret->len;
    if (!key_agreement_holds(agreement, peer))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.1",
                          "the peer's Diffie-Hellman value does not lie between 1 and p - 1");
    number_power(number_trim(peer), bytes_from_array(agreement->private_key), prime, prime.size,
                 secret);
    if (number_trim(bytes_slice(bytes_from_array(secret), first, prime.size)).size > 0)
        return true;
    g_byte_array_set_size(secret, (guint)first); /* the modulus is no prime */
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.1",
                      "the peer's Diffie-Hellman value makes the secret zero");
}

static bool derive_curve(const KeyAgreement *agreement, Bytes peer, GByteArray *secret,
                         Fault *fault)
{
    const Group *group = agreement->group;
    if (peer.size != group->share_size || peer.data[0] != 4)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.2",
                          "%zu bytes are no uncompressed point of %s", peer.size, group->name);
    return curve_agree(group->number, bytes_from_array(agreement->private_key), peer, secret) ||
           fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.2",
                      "the peer's point does not lie on %s", group->name);
}

static bool derive_xcurve(const KeyAgreement *agreement, Bytes peer, GByteArray *secret,
                          Fault *fault)
{
    const Group *group = agreement->group;
    if (peer.size != group->share_size)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.2",
                          "%zu bytes are no public value of %s", peer.size, group->name);
    return xcurve_agree(agreement->handle, peer, secret) ||
           fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 7748 6",
                      "the peer's value makes the secret of %s all zeros", group->name);
}

bool key_agreement_derive(const KeyAgreement *agreement, Bytes peer, GByteArray *secret,
                          Fault *fault)
{
    switch (agreement->kind) {
    case GROUP_FINITE_FIELD:
        return derive_field(agreement, peer, secret, fault);
    case GROUP_CURVE:
        return derive_curve(agreement, peer, secret, fault);
    case GROUP_XCURVE:
        return derive_xcurve(agreement, peer, secret, fault);
    }
    return false;
}
