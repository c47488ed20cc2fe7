/* Tests of RSA keys.
 *
 * What is encrypted decrypts (Wycheproof's cases of decryption: wycheproof-tests.c); signatures
 * against libcrypto's own; broken key files; public keys that are none.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "tests/crypto/crypto-tests.h"

START_TEST(what_is_encrypted_decrypts)
{
    static const char *const names[] = {"rsa-512-1", "rsa-1024-1", "rsa-2048-1"};
    g_autoptr(Random) random = random_new(1, "client");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        uint8_t premaster[48];
        g_autoptr(PublicKey) key = private_key_public(pki_key(names[i]));
        g_autoptr(GByteArray) cipher = g_byte_array_new();
        g_autoptr(GByteArray) block = g_byte_array_new();
        Bytes message;
        random_fill(random, "premaster_secret", premaster, sizeof premaster);
        ck_assert(public_key_encrypt(key, random, BYTES_ARRAY(premaster), cipher, NULL));
        ck_assert_uint_eq(cipher->len * 8, public_key_bits(key));
        ck_assert(
            private_key_decrypt(pki_key(names[i]), bytes_from_array(cipher), block, &message));
        assert_bytes(message, BYTES_ARRAY(premaster), names[i]);
        ck_assert_uint_eq(block->len, cipher->len);
        g_byte_array_set_size(cipher, cipher->len - 1);
        ck_assert(
            !private_key_decrypt(pki_key(names[i]), bytes_from_array(cipher), block, &message));
    }
}
END_TEST

START_TEST(too_long_a_message_is_refused)
{
    uint8_t message[64 - 10] = {1};
    Fault fault = FAULT_INIT;
    g_autoptr(Random) random = random_new(1, "client");
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-512-1"));
    g_autoptr(GByteArray) cipher = g_byte_array_new();
    ck_assert(!public_key_encrypt(key, random, BYTES_ARRAY(message), cipher, &fault));
    ck_assert_uint_eq(cipher->len, 0);
    ck_assert_int_ne(fault.blame, FAULT_NONE);
}
END_TEST

static EVP_PKEY *libcrypto_key(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/scenarios/pki/%s.pem", SOURCE_ROOT, name);
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
    BIO_free(file);
    ck_assert_ptr_nonnull(key);
    return key;
}

/* What libcrypto signs with that hash, or with MD5 and SHA-1 side by side. */
static Bytes libcrypto_signs(EVP_PKEY *key, const EVP_MD *hash, Bytes hashed, uint8_t *output)
{
    size_t size = 256;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    ck_assert(EVP_PKEY_sign_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
              EVP_PKEY_sign(context, output, &size, hashed.data, hashed.size) == 1);
    EVP_PKEY_CTX_free(context);
    return bytes_make(output, size);
}

START_TEST(signatures_are_libcryptos)
{
    const EVP_MD *const hashes[] = {EVP_md5(),    EVP_sha1(),   EVP_sha224(),  EVP_sha256(),
                                    EVP_sha384(), EVP_sha512(), EVP_md5_sha1()};
    EVP_PKEY *theirs = libcrypto_key("rsa-2048-1");
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-2048-1"));
    uint8_t hashed[64], output[256];
    memset(hashed, 0x77, sizeof hashed);
    for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++) {
        SignatureKind kind = i == HASH_KINDS ? SIGNATURE_RSA_MD5_SHA1 : SIGNATURE_RSA_PKCS1;
        HashKind hash = i == HASH_KINDS ? HASH_MD5 : (HashKind)i;
        Bytes value = bytes_make(hashed, (size_t)EVP_MD_get_size(hashes[i]));
        g_autoptr(GByteArray) signature = g_byte_array_new();
        ck_assert(
            private_key_sign(pki_key("rsa-2048-1"), kind, hash, value, NULL, signature, NULL));
        assert_bytes(bytes_from_array(signature), libcrypto_signs(theirs, hashes[i], value, output),
                     "signature");
        ck_assert(public_key_verify(key, kind, hash, value, bytes_from_array(signature)));
        signature->data[100] ^= 1;
        ck_assert(!public_key_verify(key, kind, hash, value, bytes_from_array(signature)));
        signature->data[100] ^= 1;
        ck_assert(!public_key_verify(key, kind, hash, BYTES_ARRAY(hashed),
                                     bytes_make(signature->data, 255)));
        hashed[0] ^= 1;
        ck_assert(!public_key_verify(key, kind, hash, value, bytes_from_array(signature)));
    }
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(a_short_key_cannot_sign_long_hashes)
{
    uint8_t hashed[64] = {0};
    Fault fault = FAULT_INIT;
    g_autoptr(GByteArray) signature = g_byte_array_new();
    ck_assert(private_key_sign(pki_key("rsa-512-1"), SIGNATURE_RSA_PKCS1, HASH_SHA256,
                               bytes_make(hashed, 32), NULL, signature, NULL));
    ck_assert(!private_key_sign(pki_key("rsa-512-1"), SIGNATURE_RSA_PKCS1, HASH_SHA384,
                                bytes_make(hashed, 48), NULL, signature, &fault));
    ck_assert_int_eq(fault.blame, FAULT_OF_USER);
}
END_TEST

START_TEST(public_keys_tell_what_they_are)
{
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-2048-1"));
    g_autoptr(PublicKey) other = private_key_public(pki_key("rsa-2048-2"));
    g_autoptr(GBytes) modulus = public_key_modulus(key);
    g_autoptr(GBytes) exponent = public_key_exponent(key);
    g_autoptr(PublicKey) again =
        public_key_from_rsa(bytes_from_gbytes(modulus), bytes_from_gbytes(exponent), NULL);
    g_autofree char *text = public_key_text(key);
    g_autofree char *got = public_key_fingerprint(key);
    uint8_t hash[32], *info = NULL;
    EVP_PKEY *theirs = libcrypto_key("rsa-2048-1");
    int size = i2d_PUBKEY(theirs, &info);
    Bytes part = bytes_make(info, (size_t)size);
    digest(HASH_SHA256, &part, 1, hash);
    g_autofree char *expected = bytes_to_hex(BYTES_ARRAY(hash), ":");
    ck_assert_str_eq(text, "RSA 2048");
    ck_assert_str_eq(got, expected);
    ck_assert(public_key_equal(key, again));
    ck_assert(!public_key_equal(key, other));
    OPENSSL_free(info);
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(numbers_that_make_no_key)
{
    uint8_t even[64] = {0xff}, odd[64] = {0xff}, huge[3000] = {0xff};
    odd[63] = 1;
    huge[2999] = 1;
    Fault fault = FAULT_INIT;
    Bytes three = hex("03");
    ck_assert_ptr_null(public_key_from_rsa(BYTES_NONE, three, &fault));
    ck_assert_int_eq(fault.alert, ALERT_ILLEGAL_PARAMETER);
    ck_assert_ptr_null(public_key_from_rsa(BYTES_ARRAY(even), three, NULL));
    ck_assert_ptr_null(public_key_from_rsa(BYTES_ARRAY(odd), BYTES_NONE, NULL));
    ck_assert_ptr_null(public_key_from_rsa(BYTES_ARRAY(odd), hex("02"), NULL));
    ck_assert_ptr_null(public_key_from_rsa(BYTES_ARRAY(odd), hex("010000000000000001"), NULL));
    ck_assert_ptr_null(public_key_from_rsa(BYTES_ARRAY(huge), three, NULL));
    g_autoptr(PublicKey) key = public_key_from_rsa(BYTES_ARRAY(odd), three, NULL);
    ck_assert_ptr_nonnull(key);
}
END_TEST

START_TEST(key_files_that_are_none)
{
    static const char *const files[] = {
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n",
        "-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\n\n-----END RSA PRIVATE KEY-----\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        Fault fault = FAULT_INIT;
        ck_assert_ptr_null(private_key_from_pem(bytes_from_text(files[i]), &fault));
        ck_assert_int_eq(fault.blame, FAULT_OF_USER);
    }
}
END_TEST

TCase *key_tests(void)
{
    TCase *tests = tcase_create("key");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_encrypted_decrypts);
    tcase_add_test(tests, too_long_a_message_is_refused);
    tcase_add_test(tests, signatures_are_libcryptos);
    tcase_add_test(tests, a_short_key_cannot_sign_long_hashes);
    tcase_add_test(tests, public_keys_tell_what_they_are);
    tcase_add_test(tests, numbers_that_make_no_key);
    tcase_add_test(tests, key_files_that_are_none);
    return tests;
}
