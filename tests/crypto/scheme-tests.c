/* Tests of signature schemes and of the signatures that they name.
 *
 * Every scheme signs with ours and verifies with libcrypto's EVP, and the other way round, with
 * every key that it fits; the same seed gives the same signature; encodings that are not the one
 * that the standard gives are refused.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/scheme.h"
#include "tests/crypto/crypto-tests.h"

static const char *const keys[] = {
    "rsa-2048-1", "rsa-1024-1", "rsa-pss-2048-1", "dsa-1024-1", "dsa-2048-1",
    "ec-p256-1",  "ec-p384-1",  "ec-p521-1",      "ed25519-1",  "ed448-1",
};

static const char message[] = "what was said so far, in two parts";

static EVP_PKEY *libcryptos(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/scenarios/pki/%s.pem", SOURCE_ROOT, name);
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
    BIO_free(file);
    ck_assert_ptr_nonnull(key);
    return key;
}

static const EVP_MD *their_hash(const Scheme *scheme)
{
    static const EVP_MD *(*const hashes[HASH_KINDS])(void) = {EVP_md5,    EVP_sha1,   EVP_sha224,
                                                              EVP_sha256, EVP_sha384, EVP_sha512};
    if (scheme->kind == SIGNATURE_EDDSA)
        return NULL;
    return scheme->kind == SIGNATURE_RSA_MD5_SHA1 ? EVP_md5_sha1() : hashes[scheme->hash]();
}

static EVP_MD_CTX *operation_of(const Scheme *scheme, EVP_PKEY *key, bool sign)
{
    EVP_MD_CTX *operation = EVP_MD_CTX_new();
    EVP_PKEY_CTX *settings = NULL;
    const EVP_MD *hash = their_hash(scheme);
    ck_assert_int_eq(sign ? EVP_DigestSignInit(operation, &settings, hash, NULL, key)
                          : EVP_DigestVerifyInit(operation, &settings, hash, NULL, key),
                     1);
    if (scheme->kind == SIGNATURE_RSA_PSS)
        ck_assert(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1);
    return operation;
}

static bool libcrypto_verifies(const Scheme *scheme, EVP_PKEY *key, const GByteArray *signature)
{
    EVP_MD_CTX *operation = operation_of(scheme, key, false);
    int good = EVP_DigestVerify(operation, signature->data, signature->len,
                                (const unsigned char *)message, strlen(message));
    EVP_MD_CTX_free(operation);
    return good == 1;
}

static GByteArray *libcrypto_signs(const Scheme *scheme, EVP_PKEY *key)
{
    EVP_MD_CTX *operation = operation_of(scheme, key, true);
    GByteArray *signature = g_byte_array_new();
    size_t size = 600;
    g_byte_array_set_size(signature, (guint)size);
    ck_assert_int_eq(EVP_DigestSign(operation, signature->data, &size,
                                    (const unsigned char *)message, strlen(message)),
                     1);
    g_byte_array_set_size(signature, (guint)size);
    EVP_MD_CTX_free(operation);
    return signature;
}

/* What the scheme signs of the message, which comes in two parts. */
static GByteArray *to_sign(const Scheme *scheme)
{
    const Bytes parts[] = {bytes_make(message, 10), bytes_make(message + 10, sizeof message - 11)};
    GByteArray *output = g_byte_array_new();
    scheme_digest(scheme, parts, G_N_ELEMENTS(parts), output);
    return output;
}

static GByteArray *signed_by(const Scheme *scheme, const char *name, uint64_t seed)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Random) random = random_new(seed, "server");
    g_autoptr(GByteArray) hashed = to_sign(scheme);
    GByteArray *signature = g_byte_array_new();
    ck_assert_msg(private_key_sign(pki_key(name), scheme->kind, scheme->hash,
                                   bytes_from_array(hashed), random, signature, &fault),
                  "%s with %s: %s", scheme->name, name, fault.sentence);
    return signature;
}

static bool verifies(const Scheme *scheme, const PublicKey *key, Bytes signature)
{
    g_autoptr(GByteArray) hashed = to_sign(scheme);
    return public_key_verify(key, scheme->kind, scheme->hash, bytes_from_array(hashed), signature);
}

static void check_pair(const Scheme *scheme, const char *name)
{
    EVP_PKEY *theirs = libcryptos(name);
    g_autoptr(PublicKey) key = private_key_public(pki_key(name));
    g_autoptr(GByteArray) ours = signed_by(scheme, name, 1);
    g_autoptr(GByteArray) again = signed_by(scheme, name, 1);
    g_autoptr(GByteArray) other = signed_by(scheme, name, 2);
    g_autoptr(GByteArray) foreign = libcrypto_signs(scheme, theirs);
    bool drawn = scheme->kind == SIGNATURE_RSA_PSS || scheme->kind == SIGNATURE_DSA ||
                 scheme->kind == SIGNATURE_ECDSA;
    ck_assert_msg(libcrypto_verifies(scheme, theirs, ours), "%s with %s", scheme->name, name);
    ck_assert_msg(verifies(scheme, key, bytes_from_array(foreign)), "%s with %s", scheme->name,
                  name);
    ck_assert(verifies(scheme, key, bytes_from_array(ours)));
    assert_bytes(bytes_from_array(again), bytes_from_array(ours), scheme->name);
    ck_assert(bytes_equal(bytes_from_array(other), bytes_from_array(ours)) == !drawn);
    ours->data[ours->len - 1] ^= 1;
    ck_assert(!verifies(scheme, key, bytes_from_array(ours)));
    ours->data[ours->len - 1] ^= 1;
    ck_assert(!verifies(scheme, key, bytes_make(ours->data, ours->len - 1)));
    ck_assert(!verifies(scheme, key, BYTES_NONE));
    g_byte_array_append(ours, (const guint8 *)"", 1);
    ck_assert(!verifies(scheme, key, bytes_from_array(ours)));
    EVP_PKEY_free(theirs);
}

START_TEST(every_scheme_is_libcryptos)
{
    size_t pairs = 0;
    for (size_t i = 0; i < scheme_count(); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(keys); j++) {
            g_autoptr(PublicKey) key = private_key_public(pki_key(keys[j]));
            if (!scheme_fits_key(scheme_at(i), key, VERSION_TLS_1_2))
                continue;
            check_pair(scheme_at(i), keys[j]);
            pairs++;
        }
    /* RSA 9 schemes with two keys, PSS 3, DSA 5 with two, ECDSA 5 with three, EdDSA 2; RSA-1024 is
     * long enough for all but PSS with SHA-512 */
    ck_assert_uint_eq(pairs, 9 * 2 - 1 + 3 + 5 * 2 + 5 * 3 + 2);
}
END_TEST

START_TEST(before_tls12_the_key_decides)
{
    static const char *const old[] = {"rsa-2048-1", "rsa-512-1", "dsa-1024-1", "ec-p256-1"};
    for (size_t i = 0; i < G_N_ELEMENTS(old); i++) {
        g_autoptr(PublicKey) key = private_key_public(pki_key(old[i]));
        const Scheme *scheme = scheme_before_tls12(public_key_kind(key));
        ck_assert_ptr_nonnull(scheme);
        ck_assert_uint_eq(scheme->number, SCHEME_NONE);
        ck_assert(scheme_fits_key(scheme, key, VERSION_TLS_1_0));
        ck_assert(!scheme_fits_key(scheme, key, VERSION_TLS_1_2));
        check_pair(scheme, old[i]);
        ck_assert_int_eq(scheme_default(public_key_kind(key))->hash, HASH_SHA1);
    }
    ck_assert_uint_eq(scheme_default(KEY_RSA)->number, SCHEME_RSA_PKCS1_SHA1);
    ck_assert_uint_eq(scheme_default(KEY_DSA)->number, SCHEME_DSA_SHA1);
    ck_assert_uint_eq(scheme_default(KEY_EC)->number, SCHEME_ECDSA_SHA1);
    ck_assert_ptr_null(scheme_default(KEY_RSA_PSS));
    for (KeyKind kind = KEY_ED25519; kind <= KEY_ED448; kind++) {
        ck_assert_ptr_null(scheme_before_tls12(kind));
        ck_assert_ptr_null(scheme_default(kind));
    }
}
END_TEST

START_TEST(tls13_binds_curves_and_drops_the_old)
{
    g_autoptr(PublicKey) p256 = private_key_public(pki_key("ec-p256-1"));
    g_autoptr(PublicKey) p384 = private_key_public(pki_key("ec-p384-1"));
    g_autoptr(PublicKey) rsa = private_key_public(pki_key("rsa-2048-1"));
    g_autoptr(PublicKey) dsa = private_key_public(pki_key("dsa-2048-1"));
    const Scheme *sha256 = scheme_find(SCHEME_ECDSA_SECP256R1_SHA256);
    ck_assert(scheme_fits_key(sha256, p256, VERSION_TLS_1_3));
    ck_assert(!scheme_fits_key(sha256, p384, VERSION_TLS_1_3));
    ck_assert(scheme_fits_key(sha256, p384, VERSION_TLS_1_2));
    ck_assert(scheme_fits_key(scheme_find(SCHEME_RSA_PKCS1_SHA256), rsa, VERSION_TLS_1_2));
    ck_assert(!scheme_fits_key(scheme_find(SCHEME_RSA_PKCS1_SHA256), rsa, VERSION_TLS_1_3));
    ck_assert(!scheme_fits_key(scheme_find(SCHEME_RSA_PKCS1_SHA256), rsa, VERSION_TLS_1_1));
    ck_assert(!scheme_fits_key(scheme_find(SCHEME_DSA_SHA256), dsa, VERSION_TLS_1_3));
    ck_assert(!scheme_fits_key(scheme_find(SCHEME_RSA_PSS_PSS_SHA256), rsa, VERSION_TLS_1_3));
}
END_TEST

START_TEST(short_keys_do_not_sign_what_is_too_long)
{
    static const SchemeNumber too_long[] = {SCHEME_RSA_PSS_RSAE_SHA256, SCHEME_RSA_PKCS1_SHA384,
                                            SCHEME_RSA_PKCS1_SHA512};
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-512-1"));
    g_autoptr(Random) random = random_new(1, "server");
    ck_assert(scheme_fits_key(scheme_find(SCHEME_RSA_PKCS1_SHA256), key, VERSION_TLS_1_2));
    for (size_t i = 0; i < G_N_ELEMENTS(too_long); i++) {
        const Scheme *scheme = scheme_find(too_long[i]);
        Fault fault = FAULT_INIT;
        g_autoptr(GByteArray) hashed = to_sign(scheme);
        g_autoptr(GByteArray) signature = g_byte_array_new();
        ck_assert(!scheme_fits_key(scheme, key, VERSION_TLS_1_2));
        ck_assert(!private_key_sign(pki_key("rsa-512-1"), scheme->kind, scheme->hash,
                                    bytes_from_array(hashed), random, signature, &fault));
        ck_assert_int_eq(fault.blame, FAULT_OF_USER);
        ck_assert_uint_eq(signature->len, 0);
    }
}
END_TEST

START_TEST(kinds_that_do_not_fit_are_refused)
{
    uint8_t hashed[64] = {1};
    g_autoptr(Random) random = random_new(1, "server");
    size_t fitting = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        for (SignatureKind kind = SIGNATURE_RSA_MD5_SHA1; kind <= SIGNATURE_EDDSA; kind++) {
            Fault fault = FAULT_INIT;
            g_autoptr(PublicKey) key = private_key_public(pki_key(keys[i]));
            g_autoptr(GByteArray) signature = g_byte_array_new();
            Bytes value = bytes_make(hashed, kind == SIGNATURE_RSA_MD5_SHA1 ? 36 : 32);
            bool fits = public_key_can_sign(key, kind, HASH_SHA256);
            ck_assert(private_key_sign(pki_key(keys[i]), kind, HASH_SHA256, value, random,
                                       signature, &fault) == fits);
            ck_assert_int_eq(fault.blame, fits ? FAULT_NONE : FAULT_OF_USER);
            ck_assert(public_key_verify(key, kind, HASH_SHA256, value,
                                        bytes_from_array(signature)) == fits);
            fitting += fits;
        }
    ck_assert_uint_eq(fitting, 3 * 2 + 1 + 2 + 3 + 2);
}
END_TEST

/* One signature in DER, and what a lax parser would take for it. */
START_TEST(only_one_encoding_of_r_and_s)
{
    static const char *const broken[] = {
        "",
        "3000",
        "3003020101",
        "3006020101020100",       /* s = 0 */
        "3006020100020101",       /* r = 0 */
        "30060201ff020101",       /* negative */
        "300702020001020101",     /* not in its shortest form */
        "30060201010201010000",   /* behind it */
        "3009020101020101020101", /* a third */
        "308106020101020101",     /* a long length */
        "30800201010201010000",   /* BER's indefinite length */
        "3106020101020101",       /* a SET */
    };
    static const char *const names[] = {"ec-p256-1", "dsa-1024-1"};
    uint8_t hashed[32] = {1};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(PublicKey) key = private_key_public(pki_key(names[i]));
        SignatureKind kind = i == 0 ? SIGNATURE_ECDSA : SIGNATURE_DSA;
        for (size_t j = 0; j < G_N_ELEMENTS(broken); j++)
            ck_assert(
                !public_key_verify(key, kind, HASH_SHA256, BYTES_ARRAY(hashed), hex(broken[j])));
    }
}
END_TEST

/* PSS with a salt of another length is a good signature to libcrypto when it is asked to take any;
 * to TLS it is none. */
START_TEST(pss_salts_of_other_lengths_are_refused)
{
    static const int lengths[] = {0, 20, 31, 33, 64};
    EVP_PKEY *theirs = libcryptos("rsa-2048-1");
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-2048-1"));
    uint8_t hashed[32] = {1}, signature[256];
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        size_t size = sizeof signature;
        EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new(theirs, NULL);
        ck_assert(EVP_PKEY_sign_init(operation) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_signature_md(operation, EVP_sha256()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, lengths[i]) == 1 &&
                  EVP_PKEY_sign(operation, signature, &size, hashed, sizeof hashed) == 1);
        EVP_PKEY_CTX_free(operation);
        ck_assert(!public_key_verify(key, SIGNATURE_RSA_PSS, HASH_SHA256, BYTES_ARRAY(hashed),
                                     BYTES_ARRAY(signature)));
    }
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(schemes_have_the_registrys_names)
{
    size_t named = 0, count = 0;
    const NumberName *table = number_table(NUMBER_SIGNATURE_SCHEME, &count);
    for (size_t i = 0; i < scheme_count(); i++) {
        const Scheme *scheme = scheme_at(i);
        ck_assert_str_eq(scheme->name, number_name(NUMBER_SIGNATURE_SCHEME, scheme->number));
        ck_assert_ptr_eq(scheme_find(scheme->number), scheme);
        ck_assert_ptr_eq(scheme_by_name(scheme->name), scheme);
    }
    for (size_t i = 0; i < count; i++)
        named += scheme_find((SchemeNumber)table[i].value) != NULL;
    ck_assert_uint_eq(named, scheme_count());
    ck_assert_uint_eq(named, count);
    ck_assert_uint_eq(scheme_at(0)->number, SCHEME_ECDSA_SECP256R1_SHA256);
    ck_assert_uint_eq(scheme_at(scheme_count() - 1)->number, SCHEME_RSA_PKCS1_MD5);
    ck_assert_ptr_null(scheme_find(SCHEME_NONE));
    ck_assert_ptr_null(scheme_by_name("rsa_md5_sha1"));
}
END_TEST

TCase *scheme_tests(void)
{
    TCase *tests = tcase_create("scheme");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_scheme_is_libcryptos);
    tcase_add_test(tests, before_tls12_the_key_decides);
    tcase_add_test(tests, tls13_binds_curves_and_drops_the_old);
    tcase_add_test(tests, short_keys_do_not_sign_what_is_too_long);
    tcase_add_test(tests, kinds_that_do_not_fit_are_refused);
    tcase_add_test(tests, only_one_encoding_of_r_and_s);
    tcase_add_test(tests, pss_salts_of_other_lengths_are_refused);
    tcase_add_test(tests, schemes_have_the_registrys_names);
    return tests;
}
