/* Project Wycheproof's cases of keys and groups, all of them; and that no file of it lies unread.
 *
 * How many there are is pinned, so that a reader that skips some is found out. A case that
 * Wycheproof calls "acceptable" may go both ways; which way is ours stands at each test.
 */
#include <stdio.h>
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/group.h"
#include "tests/crypto/crypto-tests.h"

static bool is(const Vector *vector, const char *result)
{
    return strcmp(vector_text(vector, "result"), result) == 0;
}

/* Decrypting: a message that is well-formed but no premaster secret is the handshake's to judge. */
START_TEST(rsa_decrypts)
{
    g_autoptr(GPtrArray) vectors = wycheproof_read("rsa_pkcs1_2048_test.json");
    g_autoptr(GByteArray) block = g_byte_array_new();
    size_t valid = 0;
    ck_assert_uint_eq(vectors->len, 67);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        Bytes der = vector_bytes(vector, "privateKeyPkcs8"), message;
        g_autofree char *base64 = g_base64_encode(der.data, der.size);
        g_autofree char *pem =
            g_strdup_printf("-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
        g_autoptr(PrivateKey) key = private_key_from_pem(bytes_from_text(pem), NULL);
        ck_assert_ptr_nonnull(key);
        bool got = private_key_decrypt(key, vector_bytes(vector, "ct"), block, &message);
        ck_assert_msg(got == is(vector, "valid"), "%s", vector->title);
        if (got)
            assert_bytes(message, vector_bytes(vector, "msg"), vector->title);
        valid += got;
    }
    ck_assert_uint_eq(valid, 42);
}
END_TEST

START_TEST(ecdsa_verifies)
{
    g_autoptr(GPtrArray) vectors = wycheproof_read("ecdsa_secp256r1_sha256_test.json");
    size_t valid = 0;
    ck_assert_uint_eq(vectors->len, 484);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        Bytes message = vector_bytes(vector, "msg");
        uint8_t hashed[32];
        g_autoptr(PublicKey) key = public_key_from_info(vector_bytes(vector, "publicKeyDer"), NULL);
        ck_assert_msg(key != NULL, "%s", vector->title);
        digest(HASH_SHA256, &message, 1, hashed);
        bool good = public_key_verify(key, SIGNATURE_ECDSA, HASH_SHA256, BYTES_ARRAY(hashed),
                                      vector_bytes(vector, "sig"));
        ck_assert_msg(good == is(vector, "valid"), "%s: %s", vector->title,
                      vector_text(vector, "comment"));
        valid += good;
    }
    ck_assert_uint_eq(valid, 174);
}
END_TEST

/* A key pair whose private key is this number. */
static KeyAgreement *pinned(const char *name, Bytes private_key)
{
    const Group *group = group_by_name(name);
    uint8_t whole[32] = {0};
    g_autoptr(Random) random = random_new(1, "client");
    while (private_key.size > sizeof whole)
        private_key = bytes_slice(private_key, 1, private_key.size);
    memcpy(whole + sizeof whole - private_key.size, private_key.data, private_key.size);
    random_pin(random, group->label, BYTES_ARRAY(whole));
    KeyAgreement *agreement = key_agreement_new(group, random, NULL);
    ck_assert_ptr_nonnull(agreement);
    assert_bytes(key_agreement_private(agreement), BYTES_ARRAY(whole), "private key");
    return agreement;
}

/* The one acceptable case is a compressed point, which RFC 8422 5.1.2 drops: refused. */
START_TEST(secp256r1_agrees)
{
    g_autoptr(GPtrArray) vectors = wycheproof_read("ecdh_secp256r1_ecpoint_test.json");
    size_t valid = 0;
    ck_assert_uint_eq(vectors->len, 355);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        Fault fault = FAULT_INIT;
        g_autoptr(GByteArray) secret = g_byte_array_new();
        g_autoptr(KeyAgreement) own = pinned("secp256r1", vector_bytes(vector, "private"));
        bool agreed = key_agreement_derive(own, vector_bytes(vector, "public"), secret, &fault);
        ck_assert_msg(agreed == is(vector, "valid"), "%s", vector->title);
        if (agreed)
            assert_bytes(bytes_from_array(secret), vector_bytes(vector, "shared"), vector->title);
        else
            ck_assert_int_eq(fault.alert, ALERT_ILLEGAL_PARAMETER);
        valid += agreed;
    }
    ck_assert_uint_eq(valid, 330);
}
END_TEST

/* Acceptable are points of the twist and values not below the prime, which RFC 7748 5 computes with
 * as they are: taken; and those of low order, whose secret is zero: refused (RFC 8446 7.4.2). */
START_TEST(x25519_agrees)
{
    g_autoptr(GPtrArray) vectors = wycheproof_read("x25519_test.json");
    size_t refused = 0;
    ck_assert_uint_eq(vectors->len, 518);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        Fault fault = FAULT_INIT;
        g_autoptr(GByteArray) secret = g_byte_array_new();
        g_autoptr(KeyAgreement) own = pinned("x25519", vector_bytes(vector, "private"));
        bool zero = strstr(vector_text(vector, "flags"), "ZeroSharedSecret") != NULL;
        bool agreed = key_agreement_derive(own, vector_bytes(vector, "public"), secret, &fault);
        ck_assert_msg(agreed == !zero, "%s", vector->title);
        if (agreed)
            assert_bytes(bytes_from_array(secret), vector_bytes(vector, "shared"), vector->title);
        else
            ck_assert_int_eq(fault.alert, ALERT_ILLEGAL_PARAMETER);
        refused += !agreed;
    }
    ck_assert_uint_eq(refused, 31);
}
END_TEST

/* The AEADs are judged in aead-tests.c, HKDF in hkdf-tests.c, the others here. */
START_TEST(every_file_is_read)
{
    static const struct {
        const char *file;
        guint cases;
    } files[] = {
        {"aes_gcm_test.json", 316},
        {"chacha20_poly1305_test.json", 325},
        {"ecdh_secp256r1_ecpoint_test.json", 355},
        {"ecdsa_secp256r1_sha256_test.json", 484},
        {"hkdf_sha256_test.json", 86},
        {"rsa_pkcs1_2048_test.json", 67},
        {"x25519_test.json", 518},
    };
    g_autofree char *path = g_build_filename(SOURCE_ROOT, "tests", "vectors", "wycheproof", NULL);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    ck_assert_ptr_nonnull(directory);
    size_t there = 0, cases = 0;
    for (const char *name = g_dir_read_name(directory); name != NULL;
         name = g_dir_read_name(directory))
        there += g_str_has_suffix(name, ".json");
    ck_assert_uint_eq(there, G_N_ELEMENTS(files));
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GPtrArray) vectors = wycheproof_read(files[i].file);
        ck_assert_msg(vectors->len == files[i].cases, "%s: %u", files[i].file, vectors->len);
        cases += vectors->len;
    }
    printf("# %zu cases of Wycheproof in %zu files\n", cases, there);
}
END_TEST

TCase *wycheproof_tests(void)
{
    TCase *tests = tcase_create("wycheproof");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_file_is_read);
    tcase_add_test(tests, rsa_decrypts);
    tcase_add_test(tests, ecdsa_verifies);
    tcase_add_test(tests, secp256r1_agrees);
    tcase_add_test(tests, x25519_agrees);
    return tests;
}
