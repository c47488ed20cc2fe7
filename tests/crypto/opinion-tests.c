/* Our checks against libcrypto's, over hundreds of certificates with 0 to 3 faults.
 *
 * Each case draws a chain (a root, perhaps an authority between, a server or a client, each with a
 * key of some kind) and what is wrong with it, and asks both: they must both accept or both refuse,
 * and for the same set of reasons. Two sets are compared as sets of checks that failed. The counts
 * go to stderr, and each answer and each reason must have come up, so that the agreement means
 * something.
 */
#include <stdio.h>
#include <string.h>

#include "core/crypto/checks.h"
#include "core/crypto/libcrypto/opinion.h"
#include "core/crypto/random.h"
#include "tests/crypto/crypto-tests.h"

enum { CASES = 500, FAULTS_MOST = 3 };

typedef enum {
    FAULT_EXPIRED,
    FAULT_EARLY,
    FAULT_ALTERED,
    FAULT_OTHER_KEY,
    FAULT_WRONG_USAGE,
    FAULT_SIGN_ONLY,
    FAULT_WRONG_NAME,
    FAULT_SELF_SIGNED,
    FAULT_UNKNOWN_ISSUER,
    FAULT_ISSUER_NO_CA,
    FAULT_ISSUER_MAY_NOT_SIGN,
    FAULT_ISSUER_EXPIRED,
    FAULT_MIDDLE_MISSING,
    FAULT_MIDDLE_ALTERED,
    FAULT_ROOT_EXPIRED,
    FAULT_FALSE_ROOT,
    FAULT_BAD_SIGNATURE,
    FAULTS,
} DrawnFault;

static const char *const fault_names[FAULTS] = {
    [FAULT_EXPIRED] = "expired",
    [FAULT_EARLY] = "not yet valid",
    [FAULT_ALTERED] = "altered",
    [FAULT_OTHER_KEY] = "signed by another key",
    [FAULT_WRONG_USAGE] = "wrong usage",
    [FAULT_SIGN_ONLY] = "may only sign",
    [FAULT_WRONG_NAME] = "wrong name",
    [FAULT_SELF_SIGNED] = "self-signed",
    [FAULT_UNKNOWN_ISSUER] = "unknown issuer",
    [FAULT_ISSUER_NO_CA] = "issuer is no CA",
    [FAULT_ISSUER_MAY_NOT_SIGN] = "issuer may not sign",
    [FAULT_ISSUER_EXPIRED] = "issuer expired",
    [FAULT_MIDDLE_MISSING] = "intermediate missing",
    [FAULT_MIDDLE_ALTERED] = "intermediate altered",
    [FAULT_ROOT_EXPIRED] = "root expired",
    [FAULT_FALSE_ROOT] = "false root of the same name",
    [FAULT_BAD_SIGNATURE] = "handshake signature wrong",
};

/* Keys of several kinds, so that every kind issues for every other. `other` is of the same kind,
 * and signs in place of the first: of another kind it would not be taken for the issuer's at all.
 */
typedef struct {
    const char *key, *other;
} Keys;

static const Keys root_keys[] = {{"rsa-2048-1", "rsa-1024-1"},
                                 {"ec-p256-1", "ec-p256-6"},
                                 {"ed25519-1", "ed25519-2"},
                                 {"dsa-2048-1", "dsa-1024-1"}};
static const Keys middle_keys[] = {{"rsa-2048-3", "rsa-1024-1"},
                                   {"rsa-pss-2048-1", "rsa-1024-1"},
                                   {"ec-p384-1", "ec-p384-2"},
                                   {"ed25519-2", "ed25519-1"}};

/* The subject's key, and a key exchange that it serves. */
static const struct {
    Keys keys;
    KeyExchangeKind key_exchange;
} own_keys[] = {
    {{"rsa-2048-2", "rsa-1024-1"}, KEY_EXCHANGE_RSA},
    {{"rsa-2048-2", "rsa-1024-1"}, KEY_EXCHANGE_ECDHE_RSA},
    {{"ec-p256-2", "ec-p256-6"}, KEY_EXCHANGE_ECDHE_ECDSA},
    {{"ec-p521-1", "ec-p256-6"}, KEY_EXCHANGE_TLS13},
    {{"ed448-1", "ed448-1"}, KEY_EXCHANGE_TLS13},
    {{"dsa-1024-1", "dsa-2048-1"}, KEY_EXCHANGE_DHE_DSS},
};

/* What a case is made of. */
typedef struct {
    Role subject;
    const Keys *root_key, *middle_key, *own_key;
    KeyExchangeKind key_exchange;
    bool middle, root_sent, pss;
    unsigned faults; /* bits */
    CertificateSpec *root, *between, *own;
    Certificate *certificates[4]; /* own, between, root, another root */
} Drawn;

static bool has(const Drawn *drawn, DrawnFault fault)
{
    return (drawn->faults & 1u << fault) != 0;
}

static void set(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static unsigned pick(Random *random, unsigned below)
{
    uint8_t bytes[2];
    random_fill(random, "case", bytes, sizeof bytes);
    return (bytes[0] << 8 | bytes[1]) % below;
}

static void draw(Random *random, Drawn *drawn)
{
    unsigned count = pick(random, FAULTS_MOST + 1);
    *drawn = (Drawn){.subject = pick(random, 2) == 0 ? ROLE_CLIENT : ROLE_SERVER,
                     .middle = pick(random, 2) == 0,
                     .root_sent = pick(random, 3) == 0};
    for (unsigned i = 0; i < count; i++)
        drawn->faults |= 1u << pick(random, FAULTS);
    unsigned own = pick(random, G_N_ELEMENTS(own_keys));
    bool fits = pick(random, 8) > 0;
    drawn->root_key = &root_keys[pick(random, G_N_ELEMENTS(root_keys))];
    drawn->middle_key = &middle_keys[pick(random, G_N_ELEMENTS(middle_keys))];
    drawn->own_key = &own_keys[own].keys;
    drawn->key_exchange =
        fits ? own_keys[own].key_exchange : (KeyExchangeKind)pick(random, KEY_EXCHANGE_KINDS);
    drawn->pss = pick(random, 4) == 0;
}

static void spoil_own(const Drawn *drawn, CertificateSpec *own)
{
    if (has(drawn, FAULT_EXPIRED))
        own->not_after = day("2026-02-01");
    if (has(drawn, FAULT_EARLY) && !has(drawn, FAULT_EXPIRED))
        own->not_before = day("2026-04-01");
    if (has(drawn, FAULT_WRONG_USAGE))
        own->usage = KEY_USAGE_CODE;
    else if (has(drawn, FAULT_SIGN_ONLY))
        own->usage = KEY_USAGE_SIGN_ONLY;
    if (has(drawn, FAULT_WRONG_NAME))
        set(&own->names, "other.lab.example");
    if (has(drawn, FAULT_OTHER_KEY))
        set(&own->signed_by, has(drawn, FAULT_SELF_SIGNED) ? drawn->own_key->other
                             : drawn->middle               ? drawn->middle_key->other
                                                           : drawn->root_key->other);
    /* in place of an RSA-PSS key an RSA key must sign by PSS, to be taken for it */
    if (has(drawn, FAULT_OTHER_KEY) && g_str_has_prefix(drawn->middle_key->key, "rsa-pss"))
        own->pss = true;
    own->altered = has(drawn, FAULT_ALTERED);
}

static void spoil_issuers(const Drawn *drawn, CertificateSpec *issuer)
{
    if (has(drawn, FAULT_ISSUER_NO_CA))
        issuer->authority = false;
    if (has(drawn, FAULT_ISSUER_MAY_NOT_SIGN))
        issuer->usage = drawn->subject == ROLE_SERVER ? KEY_USAGE_SERVER : KEY_USAGE_CLIENT;
    if (has(drawn, FAULT_ISSUER_EXPIRED))
        issuer->not_after = day("2026-01-15");
    if (has(drawn, FAULT_ROOT_EXPIRED))
        drawn->root->not_after = day("2026-01-20");
    drawn->between->altered = has(drawn, FAULT_MIDDLE_ALTERED);
}

static void make(Drawn *drawn)
{
    bool server = drawn->subject == ROLE_SERVER;
    drawn->root = spec_of("root", "root", drawn->root_key->key, KEY_USAGE_CA);
    drawn->between = spec_of("between", "root", drawn->middle_key->key, KEY_USAGE_CA);
    drawn->own =
        spec_of("own", "issuer", drawn->own_key->key, server ? KEY_USAGE_SERVER : KEY_USAGE_CLIENT);
    drawn->own->pss = drawn->between->pss = drawn->root->pss = drawn->pss;
    set(&drawn->own->names, "www.lab.example");
    CertificateSpec *issuer = drawn->middle ? drawn->between : drawn->root;
    g_autofree char *issuer_name = g_strdup(issuer->subject);
    spoil_own(drawn, drawn->own);
    spoil_issuers(drawn, issuer);
    bool self = has(drawn, FAULT_SELF_SIGNED);
    const char *root_key = has(drawn, FAULT_FALSE_ROOT) ? "rsa-2048-5" : drawn->root_key->key;
    drawn->certificates[0] = mint(drawn->own, self ? drawn->own->subject : issuer_name,
                                  self ? drawn->own->key : issuer->key);
    drawn->certificates[1] = mint(drawn->between, drawn->root->subject, drawn->root->key);
    drawn->certificates[2] = mint(drawn->root, drawn->root->subject, drawn->root->key);
    set(&drawn->root->key, root_key); /* the one on the list */
    if (has(drawn, FAULT_UNKNOWN_ISSUER))
        set(&drawn->root->subject, "CN=another root, O=Lab");
    drawn->certificates[3] = mint(drawn->root, drawn->root->subject, root_key);
}

static void clear(Drawn *drawn)
{
    for (size_t i = 0; i < G_N_ELEMENTS(drawn->certificates); i++)
        certificate_unref(drawn->certificates[i]);
    certificate_spec_free(drawn->root);
    certificate_spec_free(drawn->between);
    certificate_spec_free(drawn->own);
}

/* Both answers, as sets of failed checks. */
typedef struct {
    unsigned ours, theirs;
    char reasons[1024], why[CHECK_REASON_SIZE];
} Answers;

static void ask(const Drawn *drawn, Answers *answers)
{
    Certificate *chain[3] = {drawn->certificates[0]}, *trusted[] = {drawn->certificates[3]};
    Check checks[CHECK_KINDS];
    CheckInput input = {.subject = drawn->subject,
                        .chain = chain,
                        .chain_count = 1,
                        .trusted = trusted,
                        .trusted_count = 1,
                        .now = day("2026-03-01"),
                        .name = drawn->subject == ROLE_SERVER ? "www.lab.example" : NULL,
                        .key_exchange = drawn->key_exchange,
                        .signature_good = !has(drawn, FAULT_BAD_SIGNATURE)};
    if (drawn->middle && !has(drawn, FAULT_MIDDLE_MISSING))
        chain[input.chain_count++] = drawn->certificates[1];
    if (drawn->root_sent)
        chain[input.chain_count++] = drawn->certificates[2];
    *answers = (Answers){0};
    size_t count = checks_run(&input, checks);
    for (size_t i = 0; i < count; i++) {
        if (checks[i].outcome != CHECK_FAILED)
            continue;
        answers->ours |= 1u << checks[i].kind;
        g_strlcat(answers->reasons, checks[i].reason, sizeof answers->reasons);
        g_strlcat(answers->reasons, "; ", sizeof answers->reasons);
    }
    answers->theirs = opinion_ask(&input, answers->why);
    ck_assert(checks_second_opinion(&input, answers->why) == (answers->theirs == 0));
}

static char *faults_text(const Drawn *drawn)
{
    GString *text = g_string_new(role_name(drawn->subject));
    g_string_append_printf(text, ", %s under %s and %s, %s", drawn->own_key->key,
                           drawn->middle_key->key, drawn->root_key->key,
                           key_exchange_name(drawn->key_exchange));
    if (drawn->middle)
        g_string_append(text, ", intermediate");
    if (drawn->root_sent)
        g_string_append(text, ", root sent");
    for (DrawnFault fault = 0; fault < FAULTS; fault++)
        if (has(drawn, fault))
            g_string_append_printf(text, ", %s", fault_names[fault]);
    return g_string_free(text, FALSE);
}

/* libcrypto takes the key identifiers for a part of who an issuer is, and does not find a root of
 * the right name and another key; we find it by its name, as the lesson has it, and its key fails.
 * So there both must refuse the issuer, each in its way. */
static bool agree(const Drawn *drawn, const Answers *answers)
{
    const unsigned issuer = 1u << CHECK_ISSUER_TRUSTED | 1u << CHECK_ISSUER_SIGNATURE;
    if (has(drawn, FAULT_FALSE_ROOT))
        return (answers->ours & issuer) != 0 && (answers->theirs & issuer) != 0;
    return answers->ours == answers->theirs;
}

START_TEST(both_accept_or_both_refuse_for_the_same_reasons)
{
    g_autoptr(Random) random = random_new(1, "opinion");
    size_t accepted = 0, counts[CHECK_KINDS] = {0};
    for (size_t i = 0; i < CASES; i++) {
        Drawn drawn;
        Answers answers;
        draw(random, &drawn);
        make(&drawn);
        ask(&drawn, &answers);
        g_autofree char *faults = faults_text(&drawn);
        ck_assert_msg(agree(&drawn, &answers), "case %zu (%s): ours %x (%s), theirs %x (%s)", i,
                      faults, answers.ours, answers.reasons, answers.theirs, answers.why);
        accepted += answers.ours == 0;
        for (CheckKind kind = 0; kind < CHECK_KINDS; kind++)
            counts[kind] += answers.ours >> kind & 1;
        clear(&drawn);
    }
    fprintf(stderr, "# %d chains: %zu accepted, %zu refused", CASES, accepted, CASES - accepted);
    for (CheckKind kind = 0; kind < CHECK_REVOCATION; kind++) {
        fprintf(stderr, ", %s %zu", check_name(kind), counts[kind]);
        ck_assert_uint_gt(counts[kind], 5);
    }
    fprintf(stderr, "\n");
    ck_assert_uint_gt(accepted, 50);
    ck_assert_uint_gt(CASES - accepted, 50);
}
END_TEST

TCase *opinion_tests(void)
{
    TCase *tests = tcase_create("opinion");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, both_accept_or_both_refuse_for_the_same_reasons);
    return tests;
}
