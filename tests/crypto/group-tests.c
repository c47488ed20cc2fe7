/* Tests of groups and key agreement.
 *
 * Every group agrees with libcrypto's EVP both ways; the primes of RFC 7919 are libcrypto's; what
 * is no value of a group is refused with illegal_parameter; the same seed gives the same keys, and
 * a pinned label that very key.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/crypto/group.h"
#include "tests/crypto/crypto-tests.h"

static KeyAgreement *drawn(const Group *group, uint64_t seed)
{
    g_autoptr(Random) random = random_new(seed, "client");
    KeyAgreement *agreement = key_agreement_new(group, random, NULL);
    ck_assert_ptr_nonnull(agreement);
    return agreement;
}

static EVP_PKEY *libcryptos(const Group *group)
{
    bool field = group->kind == GROUP_FINITE_FIELD, curve = group->kind == GROUP_CURVE;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *maker =
        EVP_PKEY_CTX_new_from_name(NULL,
                                   field                                               ? "DH"
                                   : curve                                             ? "EC"
                                   : group->kind == GROUP_XCURVE && group->bits == 255 ? "X25519"
                                                                                       : "X448",
                                   NULL);
    ck_assert_int_eq(EVP_PKEY_keygen_init(maker), 1);
    const char *name = group->number == GROUP_SECP256R1 ? "prime256v1" : group->name;
    if (field || curve)
        ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(maker, name), 1);
    ck_assert_int_eq(EVP_PKEY_generate(maker, &key), 1);
    EVP_PKEY_CTX_free(maker);
    return key;
}

/* What libcrypto's key and our public value come to. */
static GByteArray *their_secret(EVP_PKEY *key, const Group *group, Bytes ours)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    GByteArray *secret = g_byte_array_new();
    size_t size = group->secret_size;
    EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new(key, NULL);
    ck_assert_int_eq(EVP_PKEY_copy_parameters(peer, key), 1);
    ck_assert_int_eq(EVP_PKEY_set1_encoded_public_key(peer, ours.data, ours.size), 1);
    ck_assert_int_eq(EVP_PKEY_derive_init(operation), 1);
    if (group->kind == GROUP_FINITE_FIELD)
        EVP_PKEY_CTX_set_dh_pad(operation, 1);
    ck_assert_int_eq(EVP_PKEY_derive_set_peer(operation, peer), 1);
    g_byte_array_set_size(secret, (guint)size);
    ck_assert_int_eq(EVP_PKEY_derive(operation, secret->data, &size), 1);
    ck_assert_uint_eq(size, group->secret_size);
    EVP_PKEY_CTX_free(operation);
    EVP_PKEY_free(peer);
    return secret;
}

START_TEST(every_group_agrees_with_libcrypto)
{
    const Group *group = group_at((size_t)_i);
    g_autoptr(KeyAgreement) own = drawn(group, 1);
    g_autoptr(KeyAgreement) other = drawn(group, 2);
    g_autoptr(GByteArray) secret = g_byte_array_new();
    g_autoptr(GByteArray) between_us = g_byte_array_new();
    g_autoptr(GByteArray) back = g_byte_array_new();
    EVP_PKEY *theirs = libcryptos(group);
    unsigned char *encoded = NULL;
    size_t size = EVP_PKEY_get1_encoded_public_key(theirs, &encoded);
    ck_assert_uint_eq(size, group->share_size);
    ck_assert_uint_eq(key_agreement_public(own).size, group->share_size);
    ck_assert(key_agreement_derive(own, bytes_make(encoded, size), secret, NULL));
    g_autoptr(GByteArray) expected = their_secret(theirs, group, key_agreement_public(own));
    assert_bytes(bytes_from_array(secret), bytes_from_array(expected), group->name);
    ck_assert(key_agreement_derive(own, key_agreement_public(other), between_us, NULL));
    ck_assert(key_agreement_derive(other, key_agreement_public(own), back, NULL));
    assert_bytes(bytes_from_array(between_us), bytes_from_array(back), group->name);
    ck_assert_uint_eq(back->len, group->secret_size);
    ck_assert_ptr_eq(key_agreement_group(own), group);
    OPENSSL_free(encoded);
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_key)
{
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        g_autoptr(KeyAgreement) one = drawn(group, 7);
        g_autoptr(KeyAgreement) again = drawn(group, 7);
        g_autoptr(KeyAgreement) other = drawn(group, 8);
        assert_bytes(key_agreement_public(again), key_agreement_public(one), group->name);
        ck_assert(!bytes_equal(key_agreement_public(other), key_agreement_public(one)));
    }
}
END_TEST

/* RFC 8448 3: the client's x25519 key; RFC 8448 5: its P-256 key after the HelloRetryRequest. */
START_TEST(pinned_labels_give_that_key)
{
    static const struct {
        GroupNumber group;
        const char *private_key, *public_value;
    } cases[] = {
        {GROUP_X25519, "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005",
         "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c"},
        {GROUP_SECP256R1, "ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39",
         "04a6da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151812677c4d6d2237e85cf01d"
         "69"
         "10cfb83954e76ba7352830534159897e8065780"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Group *group = group_find(cases[i].group);
        g_autoptr(Random) random = random_new(1, "client");
        random_pin(random, group->label, hex(cases[i].private_key));
        g_autoptr(KeyAgreement) agreement = key_agreement_new(group, random, NULL);
        assert_bytes(key_agreement_private(agreement), hex(cases[i].private_key), group->name);
        assert_bytes(key_agreement_public(agreement), hex(cases[i].public_value), group->name);
    }
}
END_TEST

/* Zero and the order are brought into range: the key is 1 or so, and the point one of the curve. */
START_TEST(pinned_labels_out_of_range_are_brought_into_it)
{
    static const char *const pins[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    const Group *group = group_find(GROUP_SECP256R1);
    for (size_t i = 0; i < G_N_ELEMENTS(pins); i++) {
        g_autoptr(Random) random = random_new(1, "client");
        random_pin(random, group->label, hex(pins[i]));
        g_autoptr(KeyAgreement) agreement = key_agreement_new(group, random, NULL);
        ck_assert_ptr_nonnull(agreement);
        ck_assert(!bytes_equal(key_agreement_private(agreement), hex(pins[i])));
    }
}
END_TEST

START_TEST(primes_are_libcryptos)
{
    size_t found = 0;
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        Bytes prime = group_prime(group);
        BIGNUM *theirs = NULL;
        uint8_t bytes[512];
        if (group->kind != GROUP_FINITE_FIELD)
            continue;
        EVP_PKEY *key = libcryptos(group);
        ck_assert_int_eq(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_P, &theirs), 1);
        ck_assert_int_eq(BN_bn2binpad(theirs, bytes, (int)group->share_size),
                         (int)group->share_size);
        assert_bytes(prime, bytes_make(bytes, group->share_size), group->name);
        ck_assert_ptr_eq(group_of_prime(prime, group_generator(group)), group);
        ck_assert_ptr_null(group_of_prime(prime, hex("03")));
        BN_free(theirs);
        EVP_PKEY_free(key);
        found++;
    }
    ck_assert_uint_eq(found, 3);
}
END_TEST

static void assert_refused(const KeyAgreement *own, Bytes value, const char *what)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GByteArray) secret = g_byte_array_new();
    ck_assert_msg(!key_agreement_derive(own, value, secret, &fault), "%s is taken", what);
    ck_assert_int_eq(fault.blame, FAULT_OF_PEER);
    ck_assert_int_eq(fault.alert, ALERT_ILLEGAL_PARAMETER);
    ck_assert_uint_eq(secret->len, 0);
}

START_TEST(points_that_are_none_are_refused)
{
    static const GroupNumber curves[] = {GROUP_SECP256R1, GROUP_SECP384R1, GROUP_SECP521R1};
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        const Group *group = group_find(curves[i]);
        g_autoptr(KeyAgreement) own = drawn(group, 1);
        g_autoptr(KeyAgreement) other = drawn(group, 2);
        Bytes good = key_agreement_public(other);
        g_autofree uint8_t *point = g_memdup2(good.data, good.size);
        assert_refused(own, hex("00"), "infinity");
        assert_refused(own, BYTES_NONE, "nothing");
        assert_refused(own, bytes_make(point, good.size - 1), "a short point");
        point[good.size - 1] ^= 1;
        assert_refused(own, bytes_make(point, good.size), "a point beside the curve");
        point[good.size - 1] ^= 1;
        point[0] = 2;
        assert_refused(own, bytes_make(point, (good.size + 1) / 2), "a compressed point");
        assert_refused(own, bytes_make(point, good.size), "a point of another form");
        point[0] = 6 + (point[good.size - 1] & 1);
        assert_refused(own, bytes_make(point, good.size), "a hybrid point");
        memset(point + 1, 0xff, good.size - 1);
        point[0] = 4;
        assert_refused(own, bytes_make(point, good.size), "coordinates above the prime");
    }
}
END_TEST

START_TEST(values_of_low_order_are_refused)
{
    static const GroupNumber curves[] = {GROUP_X25519, GROUP_X448};
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        const Group *group = group_find(curves[i]);
        g_autoptr(KeyAgreement) own = drawn(group, 1);
        uint8_t value[57] = {0};
        assert_refused(own, bytes_make(value, group->share_size), "zero");
        value[0] = 1;
        assert_refused(own, bytes_make(value, group->share_size), "one");
        assert_refused(own, bytes_make(value, group->share_size - 1), "a short value");
        assert_refused(own, bytes_make(value, group->share_size + 1), "a long value");
    }
}
END_TEST

/* 64 bits: 2^64 - 189 is no safe prime but serves; and 512 bits (RFC 2409's would be longer). */
START_TEST(finite_fields_of_any_size)
{
    static const char *const primes[] = {
        "17",
        "ffffffffffffff43",
        "fdffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ff"
        "ffffffffffffffffffffffffffffffffffff",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(primes); i++) {
        Bytes prime = hex(primes[i]);
        g_autoptr(Random) random = random_new(1, "client");
        g_autoptr(KeyAgreement) own = key_agreement_new_dh(prime, hex("0005"), random, NULL);
        g_autoptr(KeyAgreement) other = key_agreement_new_dh(prime, hex("05"), random, NULL);
        g_autoptr(GByteArray) one = g_byte_array_new();
        g_autoptr(GByteArray) two = g_byte_array_new();
        ck_assert(own != NULL && other != NULL);
        ck_assert_ptr_null(key_agreement_group(own));
        assert_bytes(key_agreement_prime(own), prime, "prime");
        assert_bytes(key_agreement_generator(own), hex("05"), "generator");
        ck_assert_uint_eq(key_agreement_public(own).size, prime.size);
        ck_assert(key_agreement_derive(own, key_agreement_public(other), one, NULL));
        ck_assert(key_agreement_derive(other, key_agreement_public(own), two, NULL));
        assert_bytes(bytes_from_array(one), bytes_from_array(two), primes[i]);
        ck_assert_uint_eq(one->len, prime.size);
    }
}
END_TEST

/* In a field of 23 elements every private key comes up, and no public value is one of the two that
 * a peer must refuse. */
START_TEST(tiny_fields_give_no_refused_value)
{
    for (uint8_t pin = 0; pin < 32; pin++) {
        g_autoptr(Random) random = random_new(1, "client");
        random_pin(random, "dh_private_key", bytes_make(&pin, 1));
        g_autoptr(KeyAgreement) own = key_agreement_new_dh(hex("17"), hex("05"), random, NULL);
        uint8_t value = key_agreement_public(own).data[0];
        ck_assert(value > 1 && value < 22);
    }
}
END_TEST

START_TEST(finite_field_values_that_are_none)
{
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        if (group->kind != GROUP_FINITE_FIELD)
            continue;
        g_autoptr(KeyAgreement) own = drawn(group, 1);
        Bytes prime = group_prime(group);
        g_autofree uint8_t *value = g_memdup2(prime.data, prime.size);
        assert_refused(own, bytes_make(value, prime.size), "p");
        value[prime.size - 1]--;
        assert_refused(own, bytes_make(value, prime.size), "p - 1");
        memset(value, 0, prime.size);
        assert_refused(own, bytes_make(value, prime.size), "0");
        assert_refused(own, BYTES_NONE, "nothing");
        value[prime.size - 1] = 1;
        assert_refused(own, bytes_make(value, prime.size), "1");
        memset(value, 0xff, prime.size);
        assert_refused(own, bytes_make(value, prime.size), "more than p");
    }
}
END_TEST

START_TEST(numbers_that_make_no_group)
{
    static const char *const pairs[][2] = {
        {"", "02"},   {"00", "02"}, {"01", "02"}, {"16", "05"}, {"17", ""},
        {"17", "00"}, {"17", "01"}, {"17", "16"}, {"17", "17"}, {"03", "02"},
    };
    g_autoptr(Random) random = random_new(1, "client");
    uint8_t huge[1025];
    memset(huge, 0xff, sizeof huge);
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        Fault fault = FAULT_INIT;
        ck_assert_msg(key_agreement_new_dh(hex(pairs[i][0]), hex(pairs[i][1]), random, &fault) ==
                          NULL,
                      "p %s, g %s", pairs[i][0], pairs[i][1]);
        ck_assert_int_eq(fault.alert, ALERT_ILLEGAL_PARAMETER);
    }
    ck_assert_ptr_null(key_agreement_new_dh(BYTES_ARRAY(huge), hex("02"), random, NULL));
}
END_TEST

START_TEST(groups_have_the_registrys_names)
{
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        g_autofree char *label = g_strconcat(group->name, "_private_key", NULL);
        ck_assert_str_eq(group->name, number_name(NUMBER_GROUP, group->number));
        ck_assert_str_eq(group->label, label);
        ck_assert_ptr_eq(group_find(group->number), group);
        ck_assert_ptr_eq(group_by_name(group->name), group);
    }
    ck_assert_ptr_eq(group_by_name("X25519"), group_find(GROUP_X25519));
    ck_assert_ptr_null(group_find(GROUP_NONE));
    ck_assert_ptr_null(group_by_name("secp256k1"));
    ck_assert_uint_eq(group_count(), 8);
}
END_TEST

TCase *group_tests(void)
{
    TCase *tests = tcase_create("group");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_group_agrees_with_libcrypto, 0, (int)group_count());
    tcase_add_test(tests, the_same_seed_gives_the_same_key);
    tcase_add_test(tests, pinned_labels_give_that_key);
    tcase_add_test(tests, pinned_labels_out_of_range_are_brought_into_it);
    tcase_add_test(tests, primes_are_libcryptos);
    tcase_add_test(tests, points_that_are_none_are_refused);
    tcase_add_test(tests, values_of_low_order_are_refused);
    tcase_add_test(tests, finite_fields_of_any_size);
    tcase_add_test(tests, tiny_fields_give_no_refused_value);
    tcase_add_test(tests, finite_field_values_that_are_none);
    tcase_add_test(tests, numbers_that_make_no_group);
    tcase_add_test(tests, groups_have_the_registrys_names);
    return tests;
}
