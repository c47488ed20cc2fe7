/* Tests of certificates with keys of every kind.
 *
 * Each kind of key signs a certificate for each other, and libcrypto reads and verifies it; usage
 * is what the key exchange needs; a key that is not known is carried; what libcrypto refuses in DER
 * is refused here.
 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "core/crypto/certificate.h"
#include "core/crypto/checks.h"
#include "core/crypto/der.h"
#include "tests/crypto/crypto-tests.h"

static const char root_name[] = "CN=Root, O=Lab";

static const char *const keys[] = {
    "rsa-2048-1", "rsa-pss-2048-1", "dsa-1024-1", "dsa-2048-1", "ec-p256-1",
    "ec-p384-1",  "ec-p521-1",      "ed25519-1",  "ed448-1",
};

static X509 *by_libcrypto(const Certificate *certificate)
{
    Bytes der = certificate_der(certificate);
    const unsigned char *at = der.data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
    ck_assert(x509 != NULL && at == der.data + der.size);
    return x509;
}

static EVP_PKEY *their_public(const PublicKey *key)
{
    g_autoptr(GByteArray) info = g_byte_array_new();
    public_key_put_info(key, info);
    const unsigned char *at = info->data;
    EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)info->len);
    ck_assert_ptr_nonnull(theirs);
    return theirs;
}

START_TEST(every_kind_signs_every_kind)
{
    g_autoptr(PublicKey) issuer = private_key_public(pki_key(keys[_i]));
    EVP_PKEY *theirs = their_public(issuer);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        CertificateSpec *spec = spec_of("own", "root", keys[i], KEY_USAGE_SIGN_ONLY);
        g_autoptr(PublicKey) own = private_key_public(pki_key(keys[i]));
        g_autoptr(Certificate) certificate = mint(spec, root_name, keys[_i]);
        g_autoptr(Certificate) again = mint(spec, root_name, keys[_i]);
        X509 *x509 = by_libcrypto(certificate);
        assert_bytes(certificate_der(again), certificate_der(certificate), keys[_i]);
        ck_assert(public_key_equal(certificate_key(certificate), own));
        ck_assert(certificate_signed_by(certificate, issuer));
        ck_assert(certificate_signed_by(certificate, own) == (i == (size_t)_i));
        ck_assert_msg(X509_verify(x509, theirs) == 1, "%s by %s", keys[i], keys[_i]);
        X509_free(x509);
        certificate_spec_free(spec);
    }
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(every_hash_that_a_kind_signs_with)
{
    static const struct {
        const char *key;
        bool pss;
        unsigned hashes; /* bits */
        const char *name;
    } cases[] = {
        {"rsa-2048-1", false, 0x3f, "WithRSAEncryption"},
        {"rsa-2048-1", true, 0x3e, "rsassaPss with"},
        {"rsa-pss-2048-1", false, 0x3e, "rsassaPss with"},
        {"dsa-2048-1", false, 0x0e, "dsa-with-"},
        {"ec-p256-1", false, 0x3e, "ecdsa-with-"},
        {"ed25519-1", false, 0x3f, "Ed25519"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (HashKind hash = HASH_MD5; hash < HASH_KINDS; hash++) {
            CertificateSpec *spec = spec_of("own", "root", "ec-p256-2", KEY_USAGE_SERVER);
            Fault fault = FAULT_INIT;
            spec->hash = hash;
            spec->pss = cases[i].pss;
            g_autoptr(GBytes) der = certificate_mint(spec, pki_key("ec-p256-2"), root_name,
                                                     pki_key(cases[i].key), &fault);
            ck_assert_msg((der != NULL) == ((cases[i].hashes >> hash & 1) != 0), "%s with %s: %s",
                          cases[i].key, hash_name(hash), fault.sentence);
            certificate_spec_free(spec);
            if (der == NULL) {
                ck_assert_int_eq(fault.blame, FAULT_OF_USER);
                continue;
            }
            g_autoptr(PublicKey) issuer = private_key_public(pki_key(cases[i].key));
            g_autoptr(Certificate) read = certificate_read(bytes_from_gbytes(der), NULL);
            X509 *x509 = by_libcrypto(read);
            EVP_PKEY *theirs = their_public(issuer);
            ck_assert(certificate_signed_by(read, issuer));
            ck_assert_int_eq(X509_verify(x509, theirs), 1);
            ck_assert_ptr_nonnull(strstr(certificate_signature_name(read), cases[i].name));
            EVP_PKEY_free(theirs);
            X509_free(x509);
        }
}
END_TEST

/* clang-format off */
static const struct {
    const char *key;
    KeyUsage usage;
    const char *servers, *clients; /* of which key exchanges it may serve */
} uses[] = {
    {"rsa-2048-1", KEY_USAGE_SERVER,
     "RSA RSA_EXPORT DHE_RSA DHE_RSA_EXPORT ECDHE_RSA TLS_1.3 SSL_2.0", ""},
    {"rsa-2048-1", KEY_USAGE_SIGN_ONLY, "RSA_EXPORT DHE_RSA DHE_RSA_EXPORT ECDHE_RSA TLS_1.3", ""},
    {"rsa-pss-2048-1", KEY_USAGE_SERVER, "DHE_RSA DHE_RSA_EXPORT ECDHE_RSA TLS_1.3", ""},
    {"dsa-1024-1", KEY_USAGE_SERVER, "DHE_DSS DHE_DSS_EXPORT", ""},
    {"ec-p256-1", KEY_USAGE_SIGN_ONLY, "ECDHE_ECDSA TLS_1.3", ""},
    {"ed25519-1", KEY_USAGE_SERVER, "ECDHE_ECDSA TLS_1.3", ""},
    {"ed448-1", KEY_USAGE_SERVER, "ECDHE_ECDSA TLS_1.3", ""},
    {"ec-p256-1", KEY_USAGE_CODE, "", ""},
    {"ec-p256-1", KEY_USAGE_CLIENT, "", "all"},
    {"rsa-pss-2048-1", KEY_USAGE_CLIENT, "", "all"},
    {"dsa-1024-1", KEY_USAGE_CLIENT, "", "all but TLS_1.3"},
};
/* clang-format on */

static bool lists(const char *words, KeyExchangeKind kind)
{
    g_autofree char *name = g_strdelimit(g_strdup(key_exchange_name(kind)), " ", '_');
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    return g_strv_contains((const char *const *)list, name);
}

START_TEST(usage_is_by_key_and_key_exchange)
{
    CertificateSpec *spec = spec_of("own", "root", uses[_i].key, uses[_i].usage);
    g_autoptr(Certificate) own = mint(spec, root_name, "rsa-2048-1");
    Certificate *list[] = {own};
    for (KeyExchangeKind kind = 0; kind < KEY_EXCHANGE_KINDS; kind++)
        for (Role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
            const char *all = uses[_i].clients;
            bool expected = role == ROLE_SERVER ? lists(uses[_i].servers, kind)
                                                : *all != '\0' && !lists(all, kind);
            char why[CHECK_REASON_SIZE];
            CheckInput input = {.subject = role,
                                .chain = list,
                                .chain_count = 1,
                                .trusted = list,
                                .trusted_count = 1,
                                .now = day("2026-03-01"),
                                .key_exchange = kind,
                                .signature_good = true};
            ck_assert_msg(certificate_usable(own, role, kind) == expected, "%s, %s, %s",
                          uses[_i].key, role_name(role), key_exchange_name(kind));
            ck_assert_msg(checks_second_opinion(&input, why) == expected, "%s, %s, %s: %s",
                          uses[_i].key, role_name(role), key_exchange_name(kind), why);
        }
    certificate_spec_free(spec);
}
END_TEST

START_TEST(staples_may_be_demanded)
{
    CertificateSpec *spec = spec_of("own", "root", "ec-p256-1", KEY_USAGE_SERVER);
    CertificateSpec *plain = certificate_spec_copy(spec);
    spec->must_staple = true;
    CertificateSpec *copy = certificate_spec_copy(spec);
    g_autoptr(Certificate) demands = mint(copy, root_name, "rsa-2048-1");
    g_autoptr(Certificate) does_not = mint(plain, root_name, "rsa-2048-1");
    X509 *x509 = by_libcrypto(demands);
    TLS_FEATURE *features = X509_get_ext_d2i(x509, NID_tlsfeature, NULL, NULL);
    ck_assert(certificate_must_staple(demands) && !certificate_must_staple(does_not));
    ck_assert_int_eq(sk_ASN1_INTEGER_num(features), 1);
    ck_assert_int_eq(ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, 0)), 5);
    ck_assert(certificate_spec_equal(spec, copy) && !certificate_spec_equal(spec, plain));
    plain->must_staple = plain->pss = true;
    ck_assert(!certificate_spec_equal(spec, plain));
    TLS_FEATURE_free(features);
    X509_free(x509);
    certificate_spec_free(spec);
    certificate_spec_free(copy);
    certificate_spec_free(plain);
}
END_TEST

/* A certificate of libcrypto's making, signed by rsa-2048-1, for a key of that type. */
static Certificate *foreign(const char *type, const char *curve)
{
    EVP_PKEY *key = curve != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, type, curve)
                                  : EVP_PKEY_Q_keygen(NULL, NULL, type);
    CertificateSpec *spec = spec_of("own", "root", "ec-p256-1", KEY_USAGE_SERVER);
    g_autoptr(Certificate) model = mint(spec, root_name, "rsa-2048-1");
    X509 *x509 = by_libcrypto(model);
    unsigned char *der = NULL;
    ck_assert_int_eq(X509_set_pubkey(x509, key), 1);
    int size = i2d_re_X509_tbs(x509, NULL) > 0 ? i2d_X509(x509, &der) : 0;
    Certificate *certificate = certificate_read(bytes_make(der, (size_t)size), NULL);
    ck_assert_ptr_nonnull(certificate);
    OPENSSL_free(der);
    X509_free(x509);
    EVP_PKEY_free(key);
    certificate_spec_free(spec);
    return certificate;
}

START_TEST(unknown_keys_serve_nobody)
{
    static const char *const types[][2] = {{"EC", "secp256k1"}, {"X25519", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autoptr(Certificate) certificate = foreign(types[i][0], types[i][1]);
        ck_assert_int_eq(public_key_kind(certificate_key(certificate)), KEY_UNKNOWN);
        ck_assert(!certificate_signed_by(certificate, certificate_key(certificate)));
        for (KeyExchangeKind kind = 0; kind < KEY_EXCHANGE_KINDS; kind++)
            ck_assert(!certificate_usable(certificate, ROLE_SERVER, kind) &&
                      !certificate_usable(certificate, ROLE_CLIENT, kind));
    }
}
END_TEST

/* An extra certificate of a kind that is not known, of the very name of the issuer, changes nothing
 * about a chain that is good without it. */
START_TEST(unknown_keys_beside_the_path_do_not_matter)
{
    CertificateSpec *root_spec = spec_of("own", "own", "ec-p256-1", KEY_USAGE_CA);
    CertificateSpec *own_spec = spec_of("leaf", "own", "ed25519-1", KEY_USAGE_SERVER);
    g_autoptr(Certificate) root = mint(root_spec, "CN=own, O=Lab", "ec-p256-1");
    g_autoptr(Certificate) own = mint(own_spec, "CN=own, O=Lab", "ec-p256-1");
    g_autoptr(Certificate) extra = foreign("EC", "secp256k1"); /* CN=own as well */
    Certificate *chain[] = {own, extra}, *trusted[] = {root};
    CheckInput input = {.subject = ROLE_SERVER,
                        .chain = chain,
                        .chain_count = 2,
                        .trusted = trusted,
                        .trusted_count = 1,
                        .now = day("2026-03-01"),
                        .key_exchange = KEY_EXCHANGE_TLS13};
    Check checks[CHECK_KINDS];
    char why[CHECK_REASON_SIZE];
    ck_assert_ptr_null(checks_failure(checks, checks_run(&input, checks)));
    ck_assert_msg(checks_second_opinion(&input, why), "%s", why);
    input.trusted_count = 0;
    ck_assert_ptr_nonnull(checks_failure(checks, checks_run(&input, checks)));
    certificate_spec_free(root_spec);
    certificate_spec_free(own_spec);
}
END_TEST

/* Replaces the only occurrence of `from` in a minted certificate, of the same length. */
static Certificate *patched(const char *from, const char *to)
{
    CertificateSpec *spec = spec_of("own", "root", "ec-p256-1", KEY_USAGE_SERVER);
    g_autoptr(Certificate) model = mint(spec, root_name, "ec-p256-2");
    Bytes der = certificate_der(model), pattern = hex(from), other = hex(to);
    g_autofree uint8_t *copy = g_memdup2(der.data, der.size);
    uint8_t *at = memmem(copy, der.size, pattern.data, pattern.size);
    ck_assert(at != NULL && pattern.size == other.size);
    memcpy(at, other.data, other.size);
    certificate_spec_free(spec);
    Fault fault = FAULT_INIT;
    Certificate *read = certificate_read(bytes_make(copy, der.size), &fault);
    ck_assert(read != NULL || fault.alert == ALERT_BAD_CERTIFICATE);
    return read;
}

START_TEST(what_der_does_not_allow)
{
    static const char *const changes[][2] = {
        /* extKeyUsage becomes a second subjectKeyIdentifier, and so does the issuer's */
        {"0603551d25", "0603551d0e"},
        {"0603551d23", "0603551d0e"},
        /* a UTF8String that is none */
        {"0c036f776e", "0c036fff6e"},
        /* the curve's parameters become NULL and something */
        {"06082a8648ce3d030107", "05002a8648ce3d030107"},
    };
    g_autoptr(Certificate) sound = patched("0c036f776e", "0c036f776e");
    ck_assert_ptr_nonnull(sound);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autoptr(Certificate) read = patched(changes[i][0], changes[i][1]);
        ck_assert_msg(read == NULL, "%s is taken", changes[i][1]);
    }
}
END_TEST

TCase *certificate_kinds_tests(void)
{
    TCase *tests = tcase_create("certificate kinds");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_kind_signs_every_kind, 0, (int)G_N_ELEMENTS(keys));
    tcase_add_test(tests, every_hash_that_a_kind_signs_with);
    tcase_add_loop_test(tests, usage_is_by_key_and_key_exchange, 0, (int)G_N_ELEMENTS(uses));
    tcase_add_test(tests, staples_may_be_demanded);
    tcase_add_test(tests, unknown_keys_serve_nobody);
    tcase_add_test(tests, unknown_keys_beside_the_path_do_not_matter);
    tcase_add_test(tests, what_der_does_not_allow);
    return tests;
}
