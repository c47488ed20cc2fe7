/* Tests of the rows of suites and versions.
 *
 * Names agree with the registry of core/base, every way of naming a suite finds it, and the
 * versions that carry it are those of the RFCs.
 */
#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "tests/crypto/crypto-tests.h"

START_TEST(rows_agree_with_the_registry)
{
    for (size_t i = 0; i < suite_count(); i++) {
        const Suite *suite = suite_at(i);
        ck_assert_str_eq(suite->name, number_text(NUMBER_SUITE, suite->number));
        ck_assert(i == 0 || suite_at(i - 1)->number < suite->number);
        if (suite->key_exchange == KEY_EXCHANGE_SSL2) {
            ck_assert(suite->exportable == (suite->clear_size > 0));
            continue;
        }
        const CipherRow *cipher = cipher_row(suite->cipher);
        ck_assert(suite->exportable == key_exchange(suite->key_exchange)->exportable);
        ck_assert(suite->exportable == (suite->key_material < suite->key_size));
        ck_assert_uint_eq(suite->key_size, cipher->key_size);
        ck_assert_uint_eq(suite->block_size, cipher->block_size);
        ck_assert_ptr_null(cipher->missing);
        ck_assert((suite->mac == HASH_NONE) == (cipher->mode == CIPHER_MODE_AEAD));
    }
    ck_assert_uint_eq(suite_count(), 146);
}
END_TEST

START_TEST(suites_are_found_by_any_name)
{
    const Suite *suite = suite_find(0x002f);
    ck_assert_ptr_nonnull(suite);
    ck_assert_ptr_eq(suite_by_name("TLS_RSA_WITH_AES_128_CBC_SHA"), suite);
    ck_assert_ptr_eq(suite_by_name("tls_rsa_with_aes_128_cbc_sha"), suite);
    ck_assert_ptr_eq(suite_by_name("AES128-SHA"), suite);
    ck_assert_ptr_eq(suite_by_name("0x002f"), suite);
    ck_assert_ptr_eq(suite_by_name("0X2F"), suite);
    ck_assert_ptr_null(suite_by_name("0x"));
    ck_assert_ptr_null(suite_by_name("0x1002f"));
    ck_assert_ptr_null(suite_by_name("AES"));
    ck_assert_ptr_null(suite_find(0x0007));
    for (size_t i = 0; i < suite_count(); i++) /* they are looked up by halves */
        ck_assert_ptr_eq(suite_find(suite_at(i)->number), suite_at(i));
}
END_TEST

START_TEST(versions_carry_what_the_rfcs_say)
{
    static const struct {
        const char *name;
        bool fits[6]; /* SSL 2.0, SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3 */
    } cases[] = {
        {"RC4-MD5", {false, true, true, true, true, false}},
        {"DES-CBC3-SHA", {false, true, true, true, true, false}},
        {"AES128-SHA", {false, true, true, true, true, false}},
        {"DES-CBC-SHA", {false, true, true, true, false, false}},
        {"EXP-RC4-MD5", {false, true, true, false, false, false}},
        {"EXP-RC2-CBC-MD5", {false, true, true, false, false, false}},
        {"EXP-DES-CBC-SHA", {false, true, true, false, false, false}},
        {"AES256-SHA256", {false, false, false, false, true, false}},
        {"ECDHE-RSA-AES128-SHA", {false, false, true, true, true, false}},
        {"CAMELLIA128-SHA", {false, false, true, true, true, false}},
        {"SEED-SHA", {false, false, true, true, true, false}},
        {"PSK-AES128-CBC-SHA", {false, false, true, true, true, false}},
        {"EXP-ADH-RC4-MD5", {false, true, true, false, false, false}},
        {"DHE-RSA-CHACHA20-POLY1305", {false, false, false, false, true, false}},
        {"TLS_AES_128_GCM_SHA256", {false, false, false, false, false, true}},
        {"DES-CBC3-MD5", {true, false, false, false, false, false}},
        {"AES128-CCM8", {false, false, false, false, true, false}},
    };
    ck_assert_uint_eq(version_count(), 6);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t j = 0; j < 6; j++)
            ck_assert_msg(suite_fits(suite_by_name(cases[i].name), version_at(j)->number) ==
                              cases[i].fits[j],
                          "%s in %s", cases[i].name, version_at(j)->name);
}
END_TEST

START_TEST(versions_are_found)
{
    ck_assert_str_eq(version_find(VERSION_TLS_1_2)->name, "TLS 1.2");
    ck_assert_str_eq(version_find(VERSION_SSL_3_0)->name, "SSL 3.0");
    ck_assert_ptr_null(version_find(VERSION_NONE));
    for (size_t i = 0; i < version_count(); i++)
        ck_assert_str_eq(version_at(i)->name, number_text(NUMBER_VERSION, version_at(i)->number));
}
END_TEST

TCase *suite_tests(void)
{
    TCase *tests = tcase_create("suite");
    tcase_add_test(tests, rows_agree_with_the_registry);
    tcase_add_test(tests, suites_are_found_by_any_name);
    tcase_add_test(tests, versions_carry_what_the_rfcs_say);
    tcase_add_test(tests, versions_are_found);
    return tests;
}
