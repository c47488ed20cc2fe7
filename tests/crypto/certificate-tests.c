/* Tests of minting and reading certificates.
 *
 * What is minted says what the spec says, to us and to libcrypto, and is the same each time; what
 * is altered can still be read; nothing that is cut or flipped brings the reader down; names match
 * as RFC 6125 says, as libcrypto's own matching does.
 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "core/crypto/certificate.h"
#include "tests/crypto/crypto-tests.h"

static void set(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static CertificateSpec *www(void)
{
    CertificateSpec *spec = spec_of("www", "root", "rsa-2048-2", KEY_USAGE_SERVER);
    set(&spec->names, "www.lab.example, *.cdn.lab.example");
    return spec;
}

static const char root_name[] = "CN=Root, O=Lab";

static X509 *by_libcrypto(const Certificate *certificate)
{
    Bytes der = certificate_der(certificate);
    const unsigned char *at = der.data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
    ck_assert_ptr_nonnull(x509);
    ck_assert(at == der.data + der.size);
    return x509;
}

START_TEST(what_is_minted_is_read)
{
    CertificateSpec *spec = www();
    g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
    g_autoptr(PublicKey) root = private_key_public(pki_key("rsa-2048-1"));
    g_autoptr(PublicKey) own = private_key_public(pki_key("rsa-2048-2"));
    g_autofree char *usage = certificate_usage_text(certificate);
    int64_t first = 0, last = 0;
    certificate_validity(certificate, &first, &last);
    ck_assert_str_eq(certificate_subject(certificate), "CN=www,O=Lab");
    ck_assert_str_eq(certificate_issuer(certificate), "CN=Root,O=Lab");
    ck_assert_str_eq(certificate_names(certificate), "www.lab.example, *.cdn.lab.example");
    ck_assert_str_eq(certificate_signature_name(certificate), "sha256WithRSAEncryption");
    ck_assert_str_eq(usage, "digitalSignature, keyEncipherment, serverAuth");
    ck_assert_uint_eq(strlen(certificate_fingerprint(certificate)), 32 * 3 - 1);
    ck_assert_uint_eq(strlen(certificate_serial(certificate)), 16);
    ck_assert_int_eq(first, day("2026-01-01"));
    ck_assert_int_eq(last, day("2026-12-31"));
    ck_assert_uint_eq(certificate_version(certificate), 3);
    ck_assert_int_eq(certificate_path_length(certificate), -1);
    ck_assert(!certificate_is_authority(certificate));
    ck_assert(!certificate_may_sign(certificate));
    ck_assert(public_key_equal(certificate_key(certificate), own));
    ck_assert(certificate_signed_by(certificate, root));
    ck_assert(!certificate_signed_by(certificate, own));
    certificate_spec_free(spec);
}
END_TEST

START_TEST(libcrypto_reads_the_same)
{
    CertificateSpec *spec = www();
    spec->serial = 0x8001;
    set(&spec->subject, "CN=J\\C3\\BCrgen, emailAddress=j@lab.example, C=DE");
    g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
    X509 *x509 = by_libcrypto(certificate);
    X509_NAME *subject = X509_get_subject_name(x509);
    char text[100];
    ck_assert_int_eq(X509_get_version(x509), X509_VERSION_3);
    ck_assert_int_eq(ASN1_INTEGER_get(X509_get_serialNumber(x509)), 0x8001);
    ck_assert_int_eq(X509_NAME_entry_count(subject), 3);
    X509_NAME_get_text_by_NID(subject, NID_commonName, text, sizeof text);
    ck_assert_str_eq(text, "Jürgen");
    ck_assert_uint_eq(X509_get_key_usage(x509), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
    ck_assert_uint_eq(X509_get_extended_key_usage(x509), XKU_SSL_SERVER);
    ck_assert_ptr_nonnull(X509_get0_subject_key_id(x509));
    ck_assert_ptr_nonnull(X509_get0_authority_key_id(x509));
    ck_assert_int_eq(X509_check_host(x509, "www.lab.example", 0, 0, NULL), 1);
    X509_free(x509);
    certificate_spec_free(spec);
}
END_TEST

START_TEST(the_same_spec_gives_the_same_bytes)
{
    CertificateSpec *spec = www();
    CertificateSpec *copy = certificate_spec_copy(spec);
    ck_assert(certificate_spec_equal(spec, copy));
    g_autoptr(Certificate) a = mint(spec, root_name, "rsa-2048-1");
    g_autoptr(Certificate) b = mint(copy, root_name, "rsa-2048-1");
    assert_bytes(certificate_der(a), certificate_der(b), "certificate");
    set(&copy->name, "other");
    ck_assert(!certificate_spec_equal(spec, copy));
    g_autoptr(Certificate) c = mint(copy, root_name, "rsa-2048-1");
    ck_assert_str_ne(certificate_serial(a), certificate_serial(c));
    certificate_spec_free(spec);
    certificate_spec_free(copy);
}
END_TEST

START_TEST(altered_certificates_can_be_read)
{
    CertificateSpec *spec = www();
    g_autoptr(PublicKey) root = private_key_public(pki_key("rsa-2048-1"));
    g_autoptr(Certificate) plain = mint(spec, root_name, "rsa-2048-1");
    spec->altered = true;
    g_autoptr(Certificate) altered = mint(spec, root_name, "rsa-2048-1");
    Bytes a = certificate_der(plain), b = certificate_der(altered);
    size_t bits = 0;
    ck_assert_uint_eq(a.size, b.size);
    for (size_t i = 0; i < a.size; i++)
        bits += (size_t)__builtin_popcount(a.data[i] ^ b.data[i]);
    ck_assert_uint_eq(bits, 1);
    ck_assert_str_eq(certificate_subject(altered), "CN=wwv,O=Lab");
    ck_assert(!certificate_signed_by(altered, root));
    certificate_spec_free(spec);
}
END_TEST

START_TEST(dates_before_and_after_2050)
{
    static const char *const dates[] = {"1950-01-01", "1969-12-31", "1999-12-31",
                                        "2049-12-31", "2050-01-01", "9999-12-31"};
    CertificateSpec *spec = www();
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        int64_t first = 0, last = 0;
        spec->not_before = spec->not_after = day(dates[i]);
        g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
        certificate_validity(certificate, &first, &last);
        ck_assert_int_eq(first, day(dates[i]));
        ck_assert_int_eq(last, day(dates[i]));
        X509 *x509 = by_libcrypto(certificate);
        time_t at = (time_t)day(dates[i]) + 1;
        ck_assert_int_lt(X509_cmp_time(X509_get0_notAfter(x509), &at), 0);
        X509_free(x509);
    }
    certificate_spec_free(spec);
}
END_TEST

/* Whatever is cut off or flipped, the reader answers: it reads, or says why not. */
START_TEST(broken_certificates_are_refused)
{
    CertificateSpec *spec = www();
    g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
    Bytes der = certificate_der(certificate);
    g_autofree uint8_t *copy = g_memdup2(der.data, der.size);
    size_t refused = 0;
    for (size_t size = 0; size < der.size; size++) {
        Fault fault = FAULT_INIT;
        ck_assert_ptr_null(certificate_read(bytes_make(copy, size), &fault));
        ck_assert_int_eq(fault.alert, ALERT_BAD_CERTIFICATE);
    }
    for (size_t bit = 0; bit < der.size * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_autoptr(Certificate) read = certificate_read(bytes_make(copy, der.size), NULL);
        refused += read == NULL;
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_uint_gt(refused, 100);
    certificate_spec_free(spec);
}
END_TEST

START_TEST(names_match_as_libcrypto_matches_them)
{
    static const char *const patterns[] = {
        "www.lab.example",
        "WWW.lab.example",
        "*.lab.example",
        "*.example",
        "*",
        "w*.lab.example",
        "*w.lab.example",
        "www.*.example",
        "*.cdn.lab.example",
        "*.lab..example",
        "*.*.example",
        "lab.example",
    };
    static const char *const hosts[] = {
        "www.lab.example", "lab.example", "a.b.lab.example", "www.cdn.lab.example",
        "example",         "www.other",   ".lab.example",    "WWW.LAB.EXAMPLE",
    };
    CertificateSpec *spec = www();
    size_t matched = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        set(&spec->names, patterns[i]);
        g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
        X509 *x509 = by_libcrypto(certificate);
        for (size_t j = 0; j < G_N_ELEMENTS(hosts); j++) {
            bool theirs =
                X509_check_host(x509, hosts[j], 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
            /* A leading dot asks libcrypto for any subdomain; to us it is no host name. */
            if (hosts[j][0] == '.')
                theirs = false;
            ck_assert_msg(certificate_matches(certificate, hosts[j]) == theirs, "%s and %s: %d",
                          patterns[i], hosts[j], theirs);
            matched += theirs;
        }
        X509_free(x509);
    }
    ck_assert_uint_gt(matched, 5);
    certificate_spec_free(spec);
}
END_TEST

START_TEST(common_names_count_without_san_only)
{
    CertificateSpec *spec = www();
    set(&spec->subject, "CN=cn.lab.example, O=Lab");
    g_autoptr(Certificate) with_san = mint(spec, root_name, "rsa-2048-1");
    set(&spec->names, "");
    g_autoptr(Certificate) without = mint(spec, root_name, "rsa-2048-1");
    ck_assert(!certificate_matches(with_san, "cn.lab.example"));
    ck_assert(certificate_matches(with_san, "www.lab.example."));
    ck_assert(certificate_matches(without, "cn.lab.example"));
    ck_assert(!certificate_matches(without, ""));
    certificate_spec_free(spec);
}
END_TEST

/* A zero byte in a common name once ended it for those who compared C strings. */
START_TEST(zero_bytes_end_no_name)
{
    CertificateSpec *spec = www();
    set(&spec->names, "");
    set(&spec->subject, "CN=www.bank.example\\00.evil.example, O=Lab");
    g_autoptr(Certificate) certificate = mint(spec, root_name, "rsa-2048-1");
    ck_assert(!certificate_matches(certificate, "www.bank.example"));
    ck_assert_str_eq(certificate_subject(certificate),
                     "CN=www.bank.example\\00.evil.example,O=Lab");
    certificate_spec_free(spec);
}
END_TEST

START_TEST(usage_is_what_the_key_exchange_needs)
{
    static const struct {
        KeyUsage usage;
        const char *key;
        bool server_rsa, server_export, client;
    } cases[] = {
        {KEY_USAGE_SERVER, "rsa-2048-2", true, true, false},
        {KEY_USAGE_SIGN_ONLY, "rsa-2048-2", false, true, false},
        {KEY_USAGE_SIGN_ONLY, "rsa-512-1", false, false, false},
        {KEY_USAGE_CLIENT, "rsa-2048-2", false, false, true},
        {KEY_USAGE_CODE, "rsa-2048-2", false, false, false},
        {KEY_USAGE_CA, "rsa-2048-2", false, false, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CertificateSpec *spec = spec_of("www", "root", cases[i].key, cases[i].usage);
        g_autoptr(Certificate) own = mint(spec, root_name, "rsa-2048-1");
        ck_assert(certificate_usable(own, ROLE_SERVER, KEY_EXCHANGE_RSA) == cases[i].server_rsa);
        ck_assert(certificate_usable(own, ROLE_SERVER, KEY_EXCHANGE_RSA_EXPORT) ==
                  cases[i].server_export);
        ck_assert(certificate_usable(own, ROLE_CLIENT, KEY_EXCHANGE_RSA) == cases[i].client);
        ck_assert(certificate_may_sign(own) == (cases[i].usage == KEY_USAGE_CA));
        certificate_spec_free(spec);
    }
}
END_TEST

START_TEST(specs_that_cannot_be_minted)
{
    CertificateSpec *spec = www();
    Fault fault = FAULT_INIT;
    set(&spec->subject, "nobody");
    ck_assert_ptr_null(
        certificate_mint(spec, pki_key("rsa-2048-2"), root_name, pki_key("rsa-2048-1"), &fault));
    ck_assert_int_eq(fault.blame, FAULT_OF_USER);
    set(&spec->subject, "CN=www");
    set(&spec->names, "a,,b");
    ck_assert_ptr_null(
        certificate_mint(spec, pki_key("rsa-2048-2"), root_name, pki_key("rsa-2048-1"), NULL));
    set(&spec->names, "");
    spec->hash = HASH_SHA512;
    ck_assert_ptr_null(
        certificate_mint(spec, pki_key("rsa-2048-2"), root_name, pki_key("rsa-512-1"), NULL));
    certificate_spec_free(spec);
}
END_TEST

TCase *certificate_tests(void)
{
    TCase *tests = tcase_create("certificate");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_minted_is_read);
    tcase_add_test(tests, libcrypto_reads_the_same);
    tcase_add_test(tests, the_same_spec_gives_the_same_bytes);
    tcase_add_test(tests, altered_certificates_can_be_read);
    tcase_add_test(tests, dates_before_and_after_2050);
    tcase_add_test(tests, broken_certificates_are_refused);
    tcase_add_test(tests, names_match_as_libcrypto_matches_them);
    tcase_add_test(tests, common_names_count_without_san_only);
    tcase_add_test(tests, zero_bytes_end_no_name);
    tcase_add_test(tests, usage_is_what_the_key_exchange_needs);
    tcase_add_test(tests, specs_that_cannot_be_minted);
    return tests;
}
