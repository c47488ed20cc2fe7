/* Tests of the checks: the order of the lesson, the alert and the words of each failure.
 *
 * One certificate authority, one thing wrong at a time; every row of the table says which check
 * fails first, by which alert it is told and what the reason must contain.
 */
#include <string.h>

#include "core/crypto/checks.h"
#include "tests/crypto/crypto-tests.h"

static const char root_name[] = "CN=root, O=Lab";

static void set(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static Certificate *authority(const char *name, const char *key)
{
    CertificateSpec *spec = spec_of(name, name, key, KEY_USAGE_CA);
    g_autofree char *subject = g_strdup(spec->subject);
    Certificate *certificate = mint(spec, subject, key);
    certificate_spec_free(spec);
    return certificate;
}

typedef struct {
    const char *what;
    void (*spoil)(CertificateSpec *spec, CheckInput *input);
    Role subject;
    CheckKind kind;
    AlertDescription alert;
    const char *words;
} Case;

static void expired(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    spec->not_after = day("2026-02-01");
}

static void early(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    spec->not_before = day("2026-04-01");
}

static void bad_signature(CertificateSpec *spec, CheckInput *input)
{
    (void)spec;
    input->signature_good = false;
}

static void nobody_trusted(CertificateSpec *spec, CheckInput *input)
{
    (void)spec;
    input->trusted_count = 0;
}

static void altered(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    spec->altered = true;
}

static void signed_by_another(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    set(&spec->signed_by, "rsa-2048-8");
}

static void wrong_usage(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    spec->usage = KEY_USAGE_CODE;
}

static void wrong_name(CertificateSpec *spec, CheckInput *input)
{
    (void)input;
    set(&spec->names, "other.lab.example");
}

static void all_wrong(CertificateSpec *spec, CheckInput *input)
{
    expired(spec, input);
    wrong_usage(spec, input);
    wrong_name(spec, input);
    altered(spec, input);
}

/* clang-format off */
static const Case cases[] = {
    {"expired", expired, ROLE_SERVER, CHECK_VALIDITY, ALERT_CERTIFICATE_EXPIRED,
     "valid until 2026-02-01, today is 2026-03-01"},
    {"not yet valid", early, ROLE_SERVER, CHECK_VALIDITY, ALERT_CERTIFICATE_EXPIRED,
     "valid from 2026-04-01, today is 2026-03-01"},
    {"unknown issuer", nobody_trusted, ROLE_SERVER, CHECK_ISSUER_TRUSTED, ALERT_UNKNOWN_CA,
     "the issuer CN=root,O=Lab is not among the 0 trusted names"},
    {"altered", altered, ROLE_SERVER, CHECK_ISSUER_SIGNATURE, ALERT_BAD_CERTIFICATE,
     "the key of CN=root,O=Lab does not verify the signature on CN=own.lac,O=Lab"},
    {"signed by another key", signed_by_another, ROLE_CLIENT, CHECK_ISSUER_SIGNATURE,
     ALERT_BAD_CERTIFICATE, "does not verify the signature on"},
    {"wrong usage", wrong_usage, ROLE_CLIENT, CHECK_USAGE, ALERT_UNSUPPORTED_CERTIFICATE,
     "digitalSignature, codeSigning: it may not serve a client"},
    {"wrong name", wrong_name, ROLE_SERVER, CHECK_NAME, ALERT_CERTIFICATE_UNKNOWN,
     "asked for www.lab.example, the certificate is not: it is for other.lab.example"},
    {"bad signature", bad_signature, ROLE_CLIENT, CHECK_SIGNATURE, ALERT_DECRYPT_ERROR,
     "the RSA 2048 key of the certificate does not verify"},
    {"all at once, server", all_wrong, ROLE_SERVER, CHECK_VALIDITY, ALERT_CERTIFICATE_EXPIRED,
     "valid until"},
};
/* clang-format on */

START_TEST(each_failure_has_its_alert_and_reason)
{
    const Case *row = &cases[_i];
    g_autoptr(Certificate) root = authority("root", "rsa-2048-1");
    CertificateSpec *spec =
        spec_of("own.lab", "root", "rsa-2048-2",
                row->subject == ROLE_SERVER ? KEY_USAGE_SERVER : KEY_USAGE_CLIENT);
    Certificate *trusted[] = {root}, *chain[1];
    CheckInput input = {.subject = row->subject,
                        .chain = chain,
                        .chain_count = 1,
                        .trusted = trusted,
                        .trusted_count = 1,
                        .now = day("2026-03-01"),
                        .name = row->subject == ROLE_SERVER ? "www.lab.example" : NULL,
                        .key_exchange = KEY_EXCHANGE_RSA,
                        .signature_good = true};
    Check checks[CHECK_KINDS];
    set(&spec->names, "www.lab.example");
    g_autoptr(Certificate) sound = mint(spec, root_name, "rsa-2048-1");
    chain[0] = sound;
    size_t count = checks_run(&input, checks);
    ck_assert_ptr_null(checks_failure(checks, count));
    row->spoil(spec, &input);
    g_autoptr(Certificate) spoilt = mint(spec, root_name, "rsa-2048-1");
    chain[0] = spoilt;
    const Check *failure = checks_failure(checks, checks_run(&input, checks));
    ck_assert_msg(failure != NULL, "%s is not noticed", row->what);
    ck_assert_str_eq(check_name(failure->kind), check_name(row->kind));
    ck_assert_int_eq(failure->alert, row->alert);
    ck_assert_msg(strstr(failure->reason, row->words) != NULL, "%s: %s", row->what,
                  failure->reason);
    certificate_spec_free(spec);
}
END_TEST

START_TEST(the_order_is_the_lessons)
{
    static const CheckKind orders[2][6] = {
        [ROLE_CLIENT] = {CHECK_SIGNATURE, CHECK_VALIDITY, CHECK_ISSUER_TRUSTED,
                         CHECK_ISSUER_SIGNATURE, CHECK_AUTHORITY, CHECK_USAGE},
        [ROLE_SERVER] = {CHECK_ISSUER_TRUSTED, CHECK_VALIDITY, CHECK_NAME, CHECK_ISSUER_SIGNATURE,
                         CHECK_AUTHORITY, CHECK_USAGE},
    };
    g_autoptr(Certificate) root = authority("root", "rsa-2048-1");
    Certificate *chain[] = {root};
    for (Role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        Check checks[CHECK_KINDS];
        CheckInput input = {.subject = role, .chain = chain, .chain_count = 1};
        ck_assert_uint_eq(checks_run(&input, checks), 6);
        for (size_t i = 0; i < 6; i++)
            ck_assert_int_eq(checks[i].kind, orders[role][i]);
        ck_assert_uint_eq((input.chain_count = 0, checks_run(&input, checks)), 0);
    }
}
END_TEST

START_TEST(checks_have_names)
{
    for (CheckKind kind = 0; kind < CHECK_KINDS; kind++) {
        CheckKind found = CHECK_KINDS;
        ck_assert(check_from_name(check_name(kind), &found));
        ck_assert_int_eq(found, kind);
    }
    CheckKind none;
    ck_assert(!check_from_name("handwriting", &none));
}
END_TEST

/* Two authorities have one name; the one whose key verifies is taken. */
START_TEST(of_two_issuers_the_right_one_is_taken)
{
    g_autoptr(Certificate) wrong = authority("root", "rsa-2048-3");
    g_autoptr(Certificate) right = authority("root", "rsa-2048-1");
    CertificateSpec *spec = spec_of("own", "root", "rsa-2048-2", KEY_USAGE_CLIENT);
    g_autoptr(Certificate) own = mint(spec, root_name, "rsa-2048-1");
    Certificate *chain[] = {own}, *trusted[] = {wrong, right};
    CheckInput input = {.subject = ROLE_CLIENT,
                        .chain = chain,
                        .chain_count = 1,
                        .trusted = trusted,
                        .trusted_count = 2,
                        .now = day("2026-03-01"),
                        .signature_good = true};
    Check checks[CHECK_KINDS];
    ck_assert_ptr_null(checks_failure(checks, checks_run(&input, checks)));
    char why[CHECK_REASON_SIZE];
    ck_assert(checks_second_opinion(&input, why));
    certificate_spec_free(spec);
}
END_TEST

/* A certificate on the list is trusted for itself; two that issue each other lead nowhere. */
START_TEST(paths_end)
{
    CertificateSpec *a_spec = spec_of("a", "b", "rsa-2048-3", KEY_USAGE_CA);
    CertificateSpec *b_spec = spec_of("b", "a", "rsa-2048-4", KEY_USAGE_CA);
    g_autoptr(Certificate) a = mint(a_spec, "CN=b, O=Lab", "rsa-2048-4");
    g_autoptr(Certificate) b = mint(b_spec, "CN=a, O=Lab", "rsa-2048-3");
    Certificate *chain[] = {a, b};
    CheckInput input = {.subject = ROLE_CLIENT,
                        .chain = chain,
                        .chain_count = 2,
                        .now = day("2026-03-01"),
                        .signature_good = true};
    Check checks[CHECK_KINDS];
    size_t count = checks_run(&input, checks);
    ck_assert_int_eq(checks_failure(checks, count)->kind, CHECK_ISSUER_TRUSTED);
    input.trusted = chain;
    input.trusted_count = 1;
    count = checks_run(&input, checks);
    ck_assert_int_eq(checks[2].outcome, CHECK_PASSED);
    certificate_spec_free(a_spec);
    certificate_spec_free(b_spec);
}
END_TEST

START_TEST(long_names_are_cut_whole)
{
    g_autoptr(GString) subject = g_string_new("CN=");
    for (int i = 0; i < 300; i++)
        g_string_append(subject, "ü");
    CertificateSpec *spec = spec_of("own", "own", "rsa-2048-2", KEY_USAGE_SERVER);
    set(&spec->subject, subject->str);
    g_autoptr(Certificate) own = mint(spec, subject->str, "rsa-2048-2");
    Certificate *chain[] = {own};
    CheckInput input = {
        .subject = ROLE_SERVER, .chain = chain, .chain_count = 1, .name = "www.lab.example"};
    Check checks[CHECK_KINDS];
    size_t count = checks_run(&input, checks);
    for (size_t i = 0; i < count; i++)
        ck_assert(g_utf8_validate(checks[i].reason, -1, NULL));
    certificate_spec_free(spec);
}
END_TEST

TCase *checks_tests(void)
{
    TCase *tests = tcase_create("checks");
    tcase_add_loop_test(tests, each_failure_has_its_alert_and_reason, 0, (int)G_N_ELEMENTS(cases));
    tcase_add_test(tests, the_order_is_the_lessons);
    tcase_add_test(tests, checks_have_names);
    tcase_add_test(tests, of_two_issuers_the_right_one_is_taken);
    tcase_add_test(tests, paths_end);
    tcase_add_test(tests, long_names_are_cut_whole);
    return tests;
}
