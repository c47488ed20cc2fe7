/* Tests of OCSP responses, with libcrypto's OCSP as the judge on the other side.
 *
 * What is minted here is verified by OCSP_basic_verify and says there what it says here; what
 * libcrypto makes, with a delegate's signature and without, is read here.
 */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "core/crypto/ocsp.h"
#include "tests/crypto/crypto-tests.h"

static const char *const issuer_keys[] = {
    "rsa-2048-1", "rsa-pss-2048-1", "dsa-2048-1", "ec-p256-1", "ec-p384-1", "ed25519-1", "ed448-1",
};

static const char root_name[] = "CN=root, O=Lab";

typedef struct {
    Certificate *root, *own, *other;
} Chain;

static Chain chain_of(const char *issuer_key)
{
    CertificateSpec *root = spec_of("root", "root", issuer_key, KEY_USAGE_CA);
    CertificateSpec *own = spec_of("own", "root", "ec-p256-2", KEY_USAGE_SERVER);
    CertificateSpec *other = spec_of("other", "root", "ec-p256-3", KEY_USAGE_SERVER);
    Chain chain = {mint(root, root_name, issuer_key), mint(own, root_name, issuer_key),
                   mint(other, root_name, issuer_key)};
    certificate_spec_free(root);
    certificate_spec_free(own);
    certificate_spec_free(other);
    return chain;
}

static void chain_clear(Chain *chain)
{
    certificate_unref(chain->root);
    certificate_unref(chain->own);
    certificate_unref(chain->other);
}

static OcspSpec spec_with(OcspStatus status)
{
    return (OcspSpec){.status = status,
                      .produced = day("2026-02-28"),
                      .this_update = day("2026-02-28"),
                      .next_update = day("2026-03-07"),
                      .revoked = day("2026-02-14")};
}

static GBytes *minted(const OcspSpec *spec, const Chain *chain, const char *key)
{
    Fault fault = FAULT_INIT;
    GBytes *response = ocsp_mint(spec, chain->own, chain->root, pki_key(key), &fault);
    ck_assert_msg(response != NULL, "%s: %s", key, fault.sentence);
    return response;
}

static X509 *theirs(const Certificate *certificate)
{
    Bytes der = certificate_der(certificate);
    const unsigned char *at = der.data;
    X509 *parsed = d2i_X509(NULL, &at, (long)der.size);
    ck_assert_ptr_nonnull(parsed);
    return parsed;
}

static EVP_PKEY *their_key(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/scenarios/pki/%s.pem", SOURCE_ROOT, name);
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
    BIO_free(file);
    ck_assert_ptr_nonnull(key);
    return key;
}

/* libcrypto's verdict on the whole response, and its status of our certificate. */
static void assert_libcrypto_agrees(Bytes der, const Chain *chain, const OcspSpec *spec)
{
    const unsigned char *at = der.data;
    int status = -1, reason = -1;
    ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
    X509 *root = theirs(chain->root), *own = theirs(chain->own);
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *signers = sk_X509_new_null();
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.size);
    ck_assert(response != NULL && at == der.data + der.size);
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), own, root);
    X509_STORE_add_cert(store, root);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)day("2026-03-01"));
    sk_X509_push(signers, root);
    ck_assert_int_eq(OCSP_response_status(response), OCSP_RESPONSE_STATUS_SUCCESSFUL);
    ck_assert_int_eq(OCSP_basic_verify(basic, signers, store, 0), 1);
    ck_assert_int_eq(
        OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &this_update, &next_update),
        1);
    ck_assert_int_eq(status, (int)spec->status);
    ck_assert((revoked != NULL) == (spec->status == OCSP_REVOKED));
    ck_assert((next_update != NULL) == (spec->next_update != 0));
    ck_assert_int_eq(ASN1_TIME_cmp_time_t(this_update, (time_t)spec->this_update), 0);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    sk_X509_free(signers);
    X509_STORE_free(store);
    X509_free(root);
    X509_free(own);
}

START_TEST(what_is_minted_libcrypto_verifies)
{
    const char *key = issuer_keys[_i];
    Chain chain = chain_of(key);
    for (OcspStatus status = OCSP_GOOD; status <= OCSP_UNKNOWN; status++) {
        OcspSpec spec = spec_with(status);
        OcspReading reading;
        if (status == OCSP_UNKNOWN)
            spec.next_update = 0;
        g_autoptr(GBytes) response = minted(&spec, &chain, key);
        g_autoptr(GBytes) again = minted(&spec, &chain, key);
        assert_bytes(bytes_from_gbytes(again), bytes_from_gbytes(response), key);
        assert_libcrypto_agrees(bytes_from_gbytes(response), &chain, &spec);
        ck_assert(ocsp_read(bytes_from_gbytes(response), chain.own, chain.root, day("2026-03-01"),
                            &reading, NULL));
        ck_assert_str_eq(ocsp_status_name(reading.status), ocsp_status_name(status));
        ck_assert(reading.covers && reading.verified && reading.current);
        ck_assert_int_eq(reading.this_update, spec.this_update);
        ck_assert_int_eq(reading.next_update, spec.next_update);
        ck_assert_int_eq(reading.revoked, status == OCSP_REVOKED ? spec.revoked : 0);
    }
    chain_clear(&chain);
}
END_TEST

START_TEST(each_answer_can_fail_by_itself)
{
    Chain chain = chain_of("ec-p256-1"), stranger = chain_of("ec-p256-5");
    OcspSpec spec = spec_with(OCSP_GOOD);
    OcspReading reading;
    g_autoptr(GBytes) response = minted(&spec, &chain, "ec-p256-1");
    g_autoptr(GBytes) forged = minted(&spec, &chain, "ec-p256-6");
    Bytes der = bytes_from_gbytes(response);
    int64_t now = day("2026-03-01");
    ck_assert(ocsp_read(der, chain.other, chain.root, now, &reading, NULL));
    ck_assert(!reading.covers && reading.verified && reading.current);
    ck_assert(ocsp_read(der, chain.own, stranger.root, now, &reading, NULL));
    ck_assert(!reading.covers && !reading.verified && reading.current);
    ck_assert(ocsp_read(bytes_from_gbytes(forged), chain.own, chain.root, now, &reading, NULL));
    ck_assert(reading.covers && !reading.verified && reading.current);
    ck_assert(ocsp_read(der, chain.own, chain.root, day("2026-03-08"), &reading, NULL));
    ck_assert(reading.covers && reading.verified && !reading.current);
    ck_assert(ocsp_read(der, chain.own, chain.root, day("2026-02-27"), &reading, NULL));
    ck_assert(!reading.current);
    chain_clear(&chain);
    chain_clear(&stranger);
}
END_TEST

/* A certificate for OCSP signing of libcrypto's making; `purpose` NULL leaves extKeyUsage out. */
static X509 *delegate_of(X509 *issuer, EVP_PKEY *issuer_key, EVP_PKEY *key, const char *purpose)
{
    X509 *delegate = X509_new();
    X509_NAME *name = X509_NAME_new();
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"responder", -1, -1,
                               0);
    X509_set_version(delegate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(delegate), 77);
    X509_set_subject_name(delegate, name);
    X509_set_issuer_name(delegate, X509_get_subject_name(issuer));
    ASN1_TIME_set(X509_getm_notBefore(delegate), (time_t)day("2026-01-01"));
    ASN1_TIME_set(X509_getm_notAfter(delegate), (time_t)day("2026-12-31"));
    X509_set_pubkey(delegate, key);
    if (purpose != NULL) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, purpose);
        X509_add_ext(delegate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    ck_assert_int_gt(X509_sign(delegate, issuer_key, EVP_sha256()), 0);
    X509_NAME_free(name);
    return delegate;
}

/* A response of libcrypto's making, signed by `signer`. */
static GBytes *made_by_libcrypto(const Chain *chain, X509 *signer, EVP_PKEY *key, bool by_key)
{
    X509 *root = theirs(chain->root), *own = theirs(chain->own);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha256(), own, root);
    ASN1_TIME *first = ASN1_TIME_set(NULL, (time_t)day("2026-02-28"));
    ASN1_TIME *last = ASN1_TIME_set(NULL, (time_t)day("2026-03-07"));
    ASN1_TIME *revoked = ASN1_TIME_set(NULL, (time_t)day("2026-02-14"));
    unsigned char *der = NULL;
    ck_assert_ptr_nonnull(OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_REVOKED,
                                                 OCSP_REVOKED_STATUS_KEYCOMPROMISE, revoked, first,
                                                 last));
    ck_assert_int_eq(OCSP_basic_add1_nonce(basic, NULL, 16), 1);
    ck_assert_int_eq(
        OCSP_basic_sign(basic, signer, key, EVP_sha256(), NULL, by_key ? OCSP_RESPID_KEY : 0), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int size = i2d_OCSP_RESPONSE(response, &der);
    ck_assert_int_gt(size, 0);
    GBytes *bytes = g_bytes_new(der, (gsize)size);
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    ASN1_TIME_free(first);
    ASN1_TIME_free(last);
    ASN1_TIME_free(revoked);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    X509_free(root);
    X509_free(own);
    return bytes;
}

/* Signed by the issuer, and by delegates that may or may not. */
START_TEST(what_libcrypto_makes_is_read)
{
    static const struct {
        const char *purpose;
        bool delegated, by_key, right_issuer, verified;
    } cases[] = {
        {NULL, false, false, true, true},           {NULL, false, true, true, true},
        {"OCSPSigning", true, false, true, true},   {"OCSPSigning", true, true, true, true},
        {"serverAuth", true, false, true, false},   {NULL, true, false, true, false},
        {"OCSPSigning", true, false, false, false},
    };
    Chain chain = chain_of("ec-p256-1");
    X509 *root = theirs(chain.root);
    EVP_PKEY *root_key = their_key("ec-p256-1"), *key = their_key("rsa-2048-2");
    EVP_PKEY *wrong_key = their_key("ec-p256-4");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OcspReading reading;
        Fault fault = FAULT_INIT;
        X509 *delegate =
            delegate_of(root, cases[i].right_issuer ? root_key : wrong_key, key, cases[i].purpose);
        bool delegated = cases[i].delegated;
        g_autoptr(GBytes) response = made_by_libcrypto(&chain, delegated ? delegate : root,
                                                       delegated ? key : root_key, cases[i].by_key);
        ck_assert_msg(ocsp_read(bytes_from_gbytes(response), chain.own, chain.root,
                                day("2026-03-01"), &reading, &fault),
                      "case %zu: %s", i, fault.sentence);
        ck_assert_int_eq(reading.status, OCSP_REVOKED);
        ck_assert_int_eq(reading.revoked, day("2026-02-14"));
        ck_assert(reading.covers && reading.current);
        ck_assert_msg(reading.verified == cases[i].verified, "case %zu", i);
        X509_free(delegate);
    }
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(wrong_key);
    EVP_PKEY_free(key);
    X509_free(root);
    chain_clear(&chain);
}
END_TEST

/* Whatever is cut or flipped, it is read as what it is or refused, and never verifies. */
START_TEST(broken_responses_are_refused)
{
    Chain chain = chain_of("ed25519-1");
    OcspSpec spec = spec_with(OCSP_GOOD);
    g_autoptr(GBytes) response = minted(&spec, &chain, "ed25519-1");
    Bytes der = bytes_from_gbytes(response);
    g_autofree uint8_t *copy = g_memdup2(der.data, der.size);
    OcspReading reading;
    size_t read = 0;
    for (size_t size = 0; size < der.size; size++) {
        Fault fault = FAULT_INIT;
        ck_assert(!ocsp_read(bytes_make(copy, size), chain.own, chain.root, 0, &reading, &fault));
        ck_assert_int_eq(fault.alert, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE);
    }
    for (size_t bit = 0; bit < der.size * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (ocsp_read(bytes_make(copy, der.size), chain.own, chain.root, 0, &reading, NULL)) {
            ck_assert_msg(!reading.verified, "bit %zu", bit);
            read++;
        }
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_uint_gt(read, 100);
    ck_assert_uint_lt(read, der.size * 8);
    /* tryLater (3): no response bytes */
    ck_assert(!ocsp_read(hex("30030a0103"), chain.own, chain.root, 0, &reading, NULL));
    chain_clear(&chain);
}
END_TEST

START_TEST(times_beyond_the_calendar_cannot_be_minted)
{
    Chain chain = chain_of("ec-p256-1");
    OcspSpec spec = spec_with(OCSP_GOOD);
    Fault fault = FAULT_INIT;
    spec.next_update = INT64_MAX;
    ck_assert_ptr_null(ocsp_mint(&spec, chain.own, chain.root, pki_key("ec-p256-1"), &fault));
    ck_assert_int_eq(fault.blame, FAULT_OF_USER);
    chain_clear(&chain);
}
END_TEST

TCase *ocsp_tests(void)
{
    TCase *tests = tcase_create("ocsp");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, what_is_minted_libcrypto_verifies, 0,
                        (int)G_N_ELEMENTS(issuer_keys));
    tcase_add_test(tests, each_answer_can_fail_by_itself);
    tcase_add_test(tests, what_libcrypto_makes_is_read);
    tcase_add_test(tests, broken_responses_are_refused);
    tcase_add_test(tests, times_beyond_the_calendar_cannot_be_minted);
    return tests;
}
