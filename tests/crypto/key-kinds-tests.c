/* Tests of keys of every kind: what they say of themselves, and the files that they come in.
 *
 * SubjectPublicKeyInfo is libcrypto's byte for byte; every key of scenarios/pki reads from every
 * shape of file that libcrypto writes it in; keys whose parts are wrong are refused, and kinds that
 * are not known are carried.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "core/crypto/key.h"
#include "tests/crypto/crypto-tests.h"

/* clang-format off */
static const struct {
    const char *name;
    KeyKind kind;
    GroupNumber curve;
    unsigned bits;
    const char *text;
} keys[] = {
    {"rsa-2048-1",     KEY_RSA,     GROUP_NONE,      2048, "RSA 2048"},
    {"rsa-512-1",      KEY_RSA,     GROUP_NONE,      512,  "RSA 512"},
    {"rsa-pss-2048-1", KEY_RSA_PSS, GROUP_NONE,      2048, "RSA-PSS 2048"},
    {"dsa-1024-1",     KEY_DSA,     GROUP_NONE,      1024, "DSA 1024"},
    {"dsa-2048-1",     KEY_DSA,     GROUP_NONE,      2048, "DSA 2048"},
    {"ec-p256-1",      KEY_EC,      GROUP_SECP256R1, 256,  "EC secp256r1"},
    {"ec-p384-2",      KEY_EC,      GROUP_SECP384R1, 384,  "EC secp384r1"},
    {"ec-p521-1",      KEY_EC,      GROUP_SECP521R1, 521,  "EC secp521r1"},
    {"ed25519-2",      KEY_ED25519, GROUP_NONE,      255,  "Ed25519"},
    {"ed448-1",        KEY_ED448,   GROUP_NONE,      448,  "Ed448"},
};
/* clang-format on */

static EVP_PKEY *libcryptos(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/scenarios/pki/%s.pem", SOURCE_ROOT, name);
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
    BIO_free(file);
    ck_assert_ptr_nonnull(key);
    return key;
}

START_TEST(keys_tell_what_they_are)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        EVP_PKEY *theirs = libcryptos(keys[i].name);
        g_autoptr(PublicKey) key = private_key_public(pki_key(keys[i].name));
        g_autofree char *text = public_key_text(key);
        g_autoptr(GByteArray) info = g_byte_array_new();
        unsigned char *expected = NULL;
        int size = i2d_PUBKEY(theirs, &expected);
        public_key_put_info(key, info);
        assert_bytes(bytes_from_array(info), bytes_make(expected, (size_t)size), keys[i].name);
        g_autoptr(PublicKey) again = public_key_from_info(bytes_from_array(info), NULL);
        ck_assert(again != NULL && public_key_equal(key, again));
        ck_assert_int_eq(public_key_kind(key), keys[i].kind);
        ck_assert_uint_eq(public_key_curve(key), keys[i].curve);
        ck_assert_uint_eq(public_key_bits(key), keys[i].bits);
        ck_assert_str_eq(text, keys[i].text);
        ck_assert(g_str_has_prefix(text, key_kind_name(keys[i].kind)));
        OPENSSL_free(expected);
        EVP_PKEY_free(theirs);
    }
}
END_TEST

/* PKCS#8 and, where there is one, the form of its own. */
START_TEST(files_of_either_form_give_the_same_key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        for (int traditional = 0; traditional < 2; traditional++) {
            EVP_PKEY *theirs = libcryptos(keys[i].name);
            BIO *file = BIO_new(BIO_s_mem());
            char *pem = NULL;
            bool own_form = keys[i].kind == KEY_RSA || keys[i].kind == KEY_EC;
            if (traditional && own_form)
                PEM_write_bio_PrivateKey_traditional(file, theirs, NULL, NULL, 0, NULL, NULL);
            else
                PEM_write_bio_PKCS8PrivateKey(file, theirs, NULL, NULL, 0, NULL, NULL);
            long size = BIO_get_mem_data(file, &pem);
            g_autoptr(PrivateKey) key = private_key_from_pem(bytes_make(pem, (size_t)size), NULL);
            ck_assert_msg(key != NULL, "%s, %d", keys[i].name, traditional);
            g_autoptr(PublicKey) half = private_key_public(key);
            g_autoptr(PublicKey) expected = private_key_public(pki_key(keys[i].name));
            ck_assert(public_key_equal(half, expected));
            BIO_free(file);
            EVP_PKEY_free(theirs);
        }
}
END_TEST

/* Whatever is cut or flipped, the reader answers; and what it takes can be used or refused. */
START_TEST(broken_public_keys_bring_nothing_down)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(PublicKey) key = private_key_public(pki_key(keys[i].name));
        g_autoptr(GByteArray) info = g_byte_array_new();
        uint8_t hashed[32] = {0};
        public_key_put_info(key, info);
        for (guint size = 0; size < info->len; size++) {
            Fault fault = FAULT_INIT;
            ck_assert_ptr_null(public_key_from_info(bytes_make(info->data, size), &fault));
            ck_assert_int_eq(fault.alert, ALERT_BAD_CERTIFICATE);
        }
        for (guint bit = 0; bit < MIN(info->len, 60) * 8; bit++) {
            info->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            g_autoptr(PublicKey) read = public_key_from_info(bytes_from_array(info), NULL);
            for (SignatureKind kind = 0; read != NULL && kind <= SIGNATURE_EDDSA; kind++)
                ck_assert(!public_key_verify(read, kind, HASH_SHA256, BYTES_ARRAY(hashed),
                                             BYTES_ARRAY(hashed)));
            g_autofree char *text = read == NULL ? NULL : public_key_text(read);
            ck_assert(read == NULL || *text != '\0');
            info->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}
END_TEST

START_TEST(parts_that_make_no_key)
{
    static const char *const infos[] = {
        /* RSA without NULL parameters; with something behind the exponent */
        "301a300b06092a864886f70d010101030b003008020100020300ffff",
        /* Ed25519 with NULL parameters, and too short */
        "302c300706032b65700500032100"
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3029300506032b6570032000"
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751",
        /* P-256: a point beside the curve, and the point at infinity */
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
        "04aaec73635726f213fb8a9e64da3b8632e41495a944d0045b522eba7240fad5"
        "87d9315798aaa3a5ba01775787ced05eaaf7b4e09fc81d6d1aa546e8365d525e",
        "3019301306072a8648ce3d020106082a8648ce3d030107030200"
        "00",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(infos); i++) {
        Fault fault = FAULT_INIT;
        ck_assert_msg(public_key_from_info(hex(infos[i]), &fault) == NULL, "%s", infos[i]);
        ck_assert_int_eq(fault.alert, ALERT_BAD_CERTIFICATE);
    }
}
END_TEST

START_TEST(kinds_that_are_not_known_are_carried)
{
    static const char *const types[][2] = {{"EC", "secp256k1"}, {"X25519", NULL}, {"X448", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        EVP_PKEY *theirs = types[i][1] != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", types[i][1])
                                               : EVP_PKEY_Q_keygen(NULL, NULL, types[i][0]);
        unsigned char *info = NULL;
        int size = i2d_PUBKEY(theirs, &info);
        uint8_t hashed[32] = {0};
        g_autoptr(PublicKey) key = public_key_from_info(bytes_make(info, (size_t)size), NULL);
        ck_assert_ptr_nonnull(key);
        g_autofree char *text = public_key_text(key);
        g_autofree char *fingerprint = public_key_fingerprint(key);
        ck_assert_int_eq(public_key_kind(key), KEY_UNKNOWN);
        ck_assert_uint_eq(public_key_bits(key), 0);
        ck_assert(g_str_has_prefix(text, "unknown 1."));
        ck_assert_uint_eq(strlen(fingerprint), 32 * 3 - 1);
        for (SignatureKind kind = 0; kind <= SIGNATURE_EDDSA; kind++) {
            ck_assert(!public_key_can_sign(key, kind, HASH_SHA256));
            ck_assert(!public_key_verify(key, kind, HASH_SHA256, BYTES_ARRAY(hashed),
                                         BYTES_ARRAY(hashed)));
        }
        OPENSSL_free(info);
        EVP_PKEY_free(theirs);
    }
}
END_TEST

START_TEST(nothing_is_encrypted_to_keys_that_sign)
{
    g_autoptr(Random) random = random_new(1, "client");
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        Fault fault = FAULT_INIT;
        g_autoptr(PublicKey) key = private_key_public(pki_key(keys[i].name));
        g_autoptr(GByteArray) output = g_byte_array_new();
        g_autoptr(GByteArray) block = g_byte_array_new();
        Bytes message;
        bool done = public_key_encrypt(key, random, bytes_from_text("hello"), output, &fault);
        ck_assert(done == (keys[i].kind == KEY_RSA));
        ck_assert(private_key_decrypt(pki_key(keys[i].name), bytes_from_array(output), block,
                                      &message) == done);
    }
}
END_TEST

START_TEST(private_keys_out_of_range_are_refused)
{
    static const char *const files[] = {
        /* SEC 1, P-256: 0, and the order */
        "MDECAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAoAoGCCqGSM49AwEH",
        "MDECAQEEIP////8AAAAA//////////+85vqtpxeehPO5ysL8YyVRoAoGCCqGSM49AwEH",
        /* without a curve */
        "MCUCAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        Fault fault = FAULT_INIT;
        g_autofree char *pem = g_strdup_printf(
            "-----BEGIN EC PRIVATE KEY-----\n%s\n-----END EC PRIVATE KEY-----\n", files[i]);
        ck_assert_ptr_null(private_key_from_pem(bytes_from_text(pem), &fault));
        ck_assert_int_eq(fault.blame, FAULT_OF_USER);
    }
}
END_TEST

TCase *key_kinds_tests(void)
{
    TCase *tests = tcase_create("key kinds");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, keys_tell_what_they_are);
    tcase_add_test(tests, files_of_either_form_give_the_same_key);
    tcase_add_test(tests, broken_public_keys_bring_nothing_down);
    tcase_add_test(tests, parts_that_make_no_key);
    tcase_add_test(tests, kinds_that_are_not_known_are_carried);
    tcase_add_test(tests, nothing_is_encrypted_to_keys_that_sign);
    tcase_add_test(tests, private_keys_out_of_range_are_refused);
    return tests;
}
