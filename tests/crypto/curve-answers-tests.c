/* The RFCs' own answers for key agreement and EdDSA.
 *
 * Wycheproof's files at hand are of secp256r1 and x25519; these few answers are of the other curves
 * as well. A private key that is pinned must give the RFC's public value and, with the other
 * side's, its secret; EdDSA has no chance in it (RFC 8032 5.1.6), so a signature must be the RFC's.
 */
#include <string.h>

#include "core/crypto/group.h"
#include "tests/crypto/crypto-tests.h"

static KeyAgreement *pinned(const Group *group, Bytes private_key)
{
    g_autoptr(Random) random = random_new(1, "client");
    random_pin(random, group->label, private_key);
    return key_agreement_new(group, random, NULL);
}

static void check_agreement(const Vector *vector)
{
    const Group *group = group_by_name(vector_text(vector, "group"));
    g_autoptr(KeyAgreement) own = pinned(group, vector_bytes(vector, "private"));
    g_autoptr(KeyAgreement) other = pinned(group, vector_bytes(vector, "other_private"));
    g_autoptr(GByteArray) one = g_byte_array_new();
    g_autoptr(GByteArray) two = g_byte_array_new();
    assert_bytes(key_agreement_public(own), vector_bytes(vector, "public"), vector->title);
    assert_bytes(key_agreement_public(other), vector_bytes(vector, "other_public"), vector->title);
    ck_assert(key_agreement_derive(own, key_agreement_public(other), one, NULL));
    ck_assert(key_agreement_derive(other, key_agreement_public(own), two, NULL));
    assert_bytes(bytes_from_array(one), vector_bytes(vector, "shared"), vector->title);
    assert_bytes(bytes_from_array(two), vector_bytes(vector, "shared"), vector->title);
}

/* PKCS #8 around a seed: RFC 8410 7. */
static PrivateKey *private_key_of_seed(const char *curve, const char *seed)
{
    const char *head = strcmp(curve, "ed25519") == 0 ? "302e020100300506032b657004220420"
                                                     : "3047020100300506032b6571043b0439";
    g_autofree char *digits = g_strconcat(head, seed, NULL);
    Bytes der = hex(digits);
    g_autofree char *base64 = g_base64_encode(der.data, der.size);
    g_autofree char *pem =
        g_strdup_printf("-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
    return private_key_from_pem(bytes_from_text(pem), NULL);
}

static void check_signature(const Vector *vector)
{
    g_autoptr(Random) random = random_new(1, "client");
    g_autoptr(PrivateKey) key =
        private_key_of_seed(vector_text(vector, "curve"), vector_text(vector, "seed"));
    ck_assert_msg(key != NULL, "%s", vector->title);
    g_autoptr(PublicKey) public = private_key_public(key);
    g_autoptr(GByteArray) signature = g_byte_array_new();
    Bytes message = vector_bytes(vector, "message"), expected = vector_bytes(vector, "signature");
    ck_assert(
        private_key_sign(key, SIGNATURE_EDDSA, HASH_SHA512, message, random, signature, NULL));
    assert_bytes(bytes_from_array(signature), expected, vector->title);
    ck_assert(public_key_verify(public, SIGNATURE_EDDSA, HASH_SHA512, message, expected));
    for (guint bit = 0; bit < 8 * signature->len; bit++) {
        signature->data[bit / 8] ^= (guint8)(1 << bit % 8);
        ck_assert_msg(!public_key_verify(public, SIGNATURE_EDDSA, HASH_SHA512, message,
                                         bytes_from_array(signature)),
                      "%s: bit %u", vector->title, bit);
        signature->data[bit / 8] ^= (guint8)(1 << bit % 8);
    }
}

START_TEST(rfc_answers)
{
    g_autoptr(GPtrArray) vectors = vectors_read("rfc-curves.txt");
    unsigned agreements = 0, signatures = 0;
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        bool agreement = vector_has(vector, "group");
        if (agreement)
            check_agreement(vector);
        else
            check_signature(vector);
        agreements += agreement;
        signatures += !agreement;
    }
    ck_assert_uint_eq(agreements, 4);
    ck_assert_uint_eq(signatures, 3);
}
END_TEST

TCase *curve_answers_tests(void)
{
    TCase *tests = tcase_create("curve answers");
    tcase_add_test(tests, rfc_answers);
    return tests;
}
