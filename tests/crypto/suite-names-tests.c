/* The table of suites against libssl's.
 *
 * What both know must have the same two names, the same hash of the PRF, the same strength, AEAD or
 * not, and must not be offered before TLS 1.2 where libssl would not. And every suite whose number
 * has a name either runs or says why not.
 */
#include <openssl/ssl.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "tests/crypto/crypto-tests.h"

static void compare(const Suite *suite, const SSL_CIPHER *theirs)
{
    const char *name = suite->name;
    const EVP_MD *prf = SSL_CIPHER_get_handshake_digest(theirs);
    int bits = 0;
    SSL_CIPHER_get_bits(theirs, &bits);
    bool aead = SSL_CIPHER_is_aead(theirs) == 1;
    ck_assert_str_eq(SSL_CIPHER_standard_name(theirs), name);
    ck_assert_str_eq(SSL_CIPHER_get_name(theirs), suite->openssl);
    ck_assert_msg(aead == (cipher_row(suite->cipher)->mode == CIPHER_MODE_AEAD), "%s", name);
    ck_assert_msg(aead == (suite->mac == HASH_NONE), "%s", name);
    ck_assert_msg(bits == suite->key_size * 8, "%s: %d bits", name, bits);
    if (suite->first == VERSION_TLS_1_2)
        ck_assert_msg(prf == NULL || EVP_MD_get_type(prf) == NID_md5_sha1 ||
                          (size_t)EVP_MD_get_size(prf) == hash_size(suite->prf),
                      "%s", name);
    if (strcmp(SSL_CIPHER_get_version(theirs), "TLSv1.2") == 0)
        ck_assert_msg(suite->first == VERSION_TLS_1_2, "%s", name);
    if (strcmp(SSL_CIPHER_get_version(theirs), "TLSv1.3") == 0)
        ck_assert_msg(suite->first == VERSION_TLS_1_3, "%s", name);
}

START_TEST(libssl_agrees)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    size_t agreed = 0;
    ck_assert_int_eq(SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL:@SECLEVEL=0"), 1);
    ck_assert_int_eq(SSL_CTX_set_ciphersuites(context,
                                              "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                              "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:"
                                              "TLS_AES_128_CCM_8_SHA256"),
                     1);
    STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
        const SSL_CIPHER *theirs = sk_SSL_CIPHER_value(ciphers, i);
        const Suite *suite = suite_find(SSL_CIPHER_get_protocol_id(theirs));
        if (suite == NULL)
            continue;
        compare(suite, theirs);
        agreed++;
    }
    SSL_CTX_free(context);
    ck_assert_uint_eq(agreed, 110);
}
END_TEST

START_TEST(every_named_suite_runs_or_says_why_not)
{
    size_t count = 0, runnable = 0, missing = 0;
    const NumberName *names = number_table(NUMBER_SUITE, &count);
    for (size_t i = 0; i < count; i++) {
        const char *why = suite_missing(names[i].value);
        bool runs = suite_find(names[i].value) != NULL;
        ck_assert_msg(runs == (why == NULL), "%s", names[i].name);
        runnable += runs;
        missing += !runs;
    }
    ck_assert_uint_eq(runnable, 146);
    ck_assert_uint_eq(missing, 18);
    ck_assert_uint_eq(suite_count(), runnable);
    ck_assert_str_eq(suite_missing(0x0007), "libcrypto of Debian is built without IDEA");
    ck_assert_ptr_null(suite_missing(0xfafa)); /* nobody has named it */
}
END_TEST

TCase *suite_names_tests(void)
{
    TCase *tests = tcase_create("suite-names");
    tcase_add_test(tests, libssl_agrees);
    tcase_add_test(tests, every_named_suite_runs_or_says_why_not);
    return tests;
}
