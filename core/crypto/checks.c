/* The checks of server and client authentication, one by one.
 *
 * Each check is a question that a teacher can ask and an answer with the values in it. They are all
 * asked, in the order of the lesson: for a server trust, validity, name, signature of the issuer;
 * for a client its own signature, validity, trust, signature of the issuer; then what RFC 5280 asks
 * besides. A check that has nothing to be made on says so. What a weak peer leaves out is not known
 * here: it is the caller who does not listen.
 *
 * Obeys RFC 5280 6.1, RFC 6125 6.4, RFC 5246 7.2.2 and 7.4.8, RFC 8446 4.4.2.4 (MD5).
 */
#include "core/crypto/checks.h"

#include "core/crypto/libcrypto/opinion.h"
#include "core/crypto/path.h"

/* Which alert tells that a check failed, by the words of RFC 5246 7.2.2. */
/* clang-format off */
static const struct {
    const char *name;
    AlertDescription alert;
} kinds[CHECK_KINDS] = {
    /* "unable to correctly verify a signature" */
    [CHECK_SIGNATURE] = {"signature", ALERT_DECRYPT_ERROR},
    /* "expired or is not currently valid" */
    [CHECK_VALIDITY] = {"validity", ALERT_CERTIFICATE_EXPIRED},
    /* "the CA certificate could not be located or couldn't be matched with a known, trusted CA" */
    [CHECK_ISSUER_TRUSTED] = {"issuer trusted", ALERT_UNKNOWN_CA},
    /* "contained signatures that did not verify correctly" */
    [CHECK_ISSUER_SIGNATURE] = {"issuer signature", ALERT_BAD_CERTIFICATE},
    /* who issued it is no CA, so again the CA's certificate "could not be located" */
    [CHECK_AUTHORITY] = {"authority", ALERT_UNKNOWN_CA},
    /* "of an unsupported type": there is no alert for usage, and this is what stacks send */
    [CHECK_USAGE] = {"usage", ALERT_UNSUPPORTED_CERTIFICATE},
    /* "some other (unspecified) issue": there is no alert for names. Stacks differ; OpenSSL sends
     * bad_certificate, but nothing is corrupt about a certificate of somebody else. */
    [CHECK_NAME] = {"name", ALERT_CERTIFICATE_UNKNOWN},
    /* "access control, sender decided not to proceed" */
    /* the engine names the alert: RFC 6066 8 has one of its own */
    [CHECK_REVOCATION] = {"revocation", ALERT_CERTIFICATE_REVOKED},
    [CHECK_AUTHORISED] = {"authorised", ALERT_ACCESS_DENIED},
};
/* clang-format on */

typedef void CheckMaker(const CheckInput *input, const Path *path, Check *check);

static CheckMaker check_signature, check_validity, check_trust, check_issuer_signature,
    check_authority, check_usage, check_host;

/* CHECK_AUTHORISED is the application's to make. */
static CheckMaker *const makers[CHECK_KINDS] = {
    [CHECK_SIGNATURE] = check_signature,
    [CHECK_VALIDITY] = check_validity,
    [CHECK_ISSUER_TRUSTED] = check_trust,
    [CHECK_ISSUER_SIGNATURE] = check_issuer_signature,
    [CHECK_AUTHORITY] = check_authority,
    [CHECK_USAGE] = check_usage,
    [CHECK_NAME] = check_host,
};

enum { CHECKS_IN_ORDER = 6 };

static const CheckKind orders[][CHECKS_IN_ORDER] = {
    [ROLE_CLIENT] = {CHECK_SIGNATURE, CHECK_VALIDITY, CHECK_ISSUER_TRUSTED, CHECK_ISSUER_SIGNATURE,
                     CHECK_AUTHORITY, CHECK_USAGE},
    [ROLE_SERVER] = {CHECK_ISSUER_TRUSTED, CHECK_VALIDITY, CHECK_NAME, CHECK_ISSUER_SIGNATURE,
                     CHECK_AUTHORITY, CHECK_USAGE},
};

size_t checks_run(const CheckInput *input, Check checks[CHECK_KINDS])
{
    Path path;
    if (input->chain_count == 0)
        return 0;
    path_build(input, &path);
    for (size_t i = 0; i < CHECKS_IN_ORDER; i++) {
        CheckKind kind = orders[input->subject][i];
        checks[i] = (Check){.kind = kind, .alert = kinds[kind].alert};
        makers[kind](input, &path, &checks[i]);
    }
    return CHECKS_IN_ORDER;
}

const Check *checks_failure(const Check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (checks[i].outcome == CHECK_FAILED)
            return &checks[i];
    return NULL;
}

const char *check_name(CheckKind kind)
{
    return kinds[kind].name;
}

bool check_from_name(const char *name, CheckKind *kind)
{
    for (size_t i = 0; i < CHECK_KINDS; i++) {
        if (g_ascii_strcasecmp(kinds[i].name, name) != 0)
            continue;
        *kind = (CheckKind)i;
        return true;
    }
    return false;
}

bool checks_second_opinion(const CheckInput *input, char why[CHECK_REASON_SIZE])
{
    return opinion_ask(input, why) == 0;
}

/* --- the checks --- */

static void conclude(Check *check, CheckOutcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The reason is cut at a whole character where names are long. */
static void conclude(Check *check, CheckOutcome outcome, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    check->outcome = outcome;
    g_strlcpy(check->reason, sentence, sizeof check->reason);
    const char *end = NULL;
    if (!g_utf8_validate(check->reason, -1, &end))
        check->reason[end - check->reason] = '\0';
}

enum { NAME_SHOWN = 60 }; /* characters of a name: two of them fit into a reason */

/* A name that is too long is cut, with an ellipsis. */
static char *shown(const char *name)
{
    if (*name == '\0')
        return g_strdup("(no name)");
    if (g_utf8_strlen(name, -1) <= NAME_SHOWN)
        return g_strdup(name);
    g_autofree char *head = g_utf8_substring(name, 0, NAME_SHOWN - 1);
    return g_strconcat(head, "…", NULL);
}

static void check_signature(const CheckInput *input, const Path *path, Check *check)
{
    g_autofree char *key = public_key_text(certificate_key(path->certificates[0]));
    if (input->signature_good) /* RFC 5246 7.4.8 */
        conclude(check, CHECK_PASSED,
                 "the %s key of the certificate verifies the signature over the handshake", key);
    else
        conclude(check, CHECK_FAILED,
                 "the %s key of the certificate does not verify the signature over the handshake",
                 key);
}

/* With the time of day where the date alone would not tell them apart. */
static char *date_text(int64_t seconds, int64_t other)
{
    enum { DAY = 86400 };
    bool near = (seconds > other ? seconds - other : other - seconds) < DAY;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    if (time == NULL)
        return g_strdup("a day beyond the calendar");
    return g_date_time_format(time, near ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d");
}

/* RFC 5280 4.1.2.5: both ends belong to it. */
static void check_validity(const CheckInput *input, const Path *path, Check *check)
{
    int64_t first = 0, last = 0;
    for (size_t i = 0; i < path->count; i++) {
        const Certificate *certificate = path->certificates[i];
        certificate_validity(certificate, &first, &last);
        if (input->now >= first && input->now <= last)
            continue;
        bool early = input->now < first;
        g_autofree char *name = shown(certificate_subject(certificate));
        g_autofree char *bound = date_text(early ? first : last, input->now);
        g_autofree char *today = date_text(input->now, early ? first : last);
        conclude(check, CHECK_FAILED, "%s is valid %s %s, today is %s", name,
                 early ? "from" : "until", bound, today);
        return;
    }
    certificate_validity(path->certificates[0], &first, &last);
    g_autofree char *from = date_text(first, last);
    g_autofree char *until = date_text(last, first);
    g_autofree char *today = date_text(input->now, first);
    conclude(check, CHECK_PASSED, "valid from %s until %s, today is %s", from, until, today);
}

static void check_trust(const CheckInput *input, const Path *path, Check *check)
{
    const Certificate *top = path->certificates[path->count - 1];
    g_autofree char *subject = shown(certificate_subject(top));
    g_autofree char *issuer = shown(certificate_issuer(top));
    const char *plural = input->trusted_count == 1 ? "" : "s";
    if (path->anchored && path->count == 1)
        conclude(check, CHECK_PASSED, "%s is itself on the list of the trusted", subject);
    else if (path->anchored)
        conclude(check, CHECK_PASSED, "the chain of %zu certificates ends in %s, which is trusted",
                 path->count, subject);
    else if (path->self_signed)
        conclude(check, CHECK_FAILED, "%s is its own issuer and not among the %zu trusted name%s",
                 subject, input->trusted_count, plural);
    else if (path->count == PATH_MOST)
        conclude(check, CHECK_FAILED, "after %d certificates there is still none that is trusted",
                 PATH_MOST);
    else
        conclude(check, CHECK_FAILED, "the issuer %s is not among the %zu trusted name%s", issuer,
                 input->trusted_count, plural);
}

/* Whether a signature of the path, which an anchor's own is not, fails: by its key, or by its hash.
 */
static bool issuer_signature_fails(const CheckInput *input, const Path *path, Check *check)
{
    for (size_t i = 0; i + 1 < path->count; i++) {
        bool md5 = input->version >= VERSION_TLS_1_3 && /* RFC 8446 4.4.2.4 */
                   certificate_signed_with(path->certificates[i], HASH_MD5);
        if (path->verified[i] && !md5)
            continue;
        g_autofree char *issuer = shown(certificate_subject(path->certificates[i + 1]));
        g_autofree char *subject = shown(certificate_subject(path->certificates[i]));
        if (path->verified[i])
            conclude(check, CHECK_FAILED, "the signature on %s is over MD5, which TLS 1.3 refuses",
                     subject);
        else
            conclude(check, CHECK_FAILED, "the key of %s does not verify the signature on %s",
                     issuer, subject);
        return true;
    }
    return false;
}

static void check_issuer_signature(const CheckInput *input, const Path *path, Check *check)
{
    if (issuer_signature_fails(input, path, check))
        return;
    g_autofree char *top = shown(certificate_issuer(path->certificates[path->count - 1]));
    g_autofree char *issuer = NULL;
    if (path->count > 1)
        issuer = shown(certificate_subject(path->certificates[1]));
    if (path->anchored && path->count == 1)
        conclude(check, CHECK_NOT_MADE, "the certificate is itself trusted: no issuer is asked");
    else if (path->self_signed && path->count == 1)
        conclude(check, CHECK_NOT_MADE,
                 "it signed itself: there is no issuer's key to verify with");
    else if (!path->anchored && !path->self_signed)
        conclude(check, CHECK_NOT_MADE, "there is no key of %s to verify with", top);
    else
        conclude(check, CHECK_PASSED, "the key of %s verifies the signature on the certificate%s",
                 issuer, path->count > 2 ? ", and so on to the top" : "");
}

/* Intermediate certificates ahead of `at` that are not self-issued: RFC 5280 6.1.4 (l). */
static int intermediates_below(const Path *path, size_t at)
{
    int count = 0;
    for (size_t i = 1; i < at; i++)
        count += !bytes_equal(certificate_subject_der(path->certificates[i]),
                              certificate_issuer_der(path->certificates[i]));
    return count;
}

/* What keeps `issuer` from issuing, or NULL. */
static const char *no_authority(const Path *path, size_t at)
{
    const Certificate *issuer = path->certificates[at];
    bool anchor = path->anchored && at + 1 == path->count;
    int bound = certificate_path_length(issuer);
    /* RFC 5280 6.1.4 (k): version 1 has no extensions; an anchor of it is trusted for what it is */
    if (!certificate_is_authority(issuer) && !(anchor && certificate_version(issuer) < 3))
        return "is no certificate authority (basicConstraints)";
    if (!certificate_may_sign(issuer)) /* RFC 5280 6.1.4 (n) */
        return "may not sign certificates (keyUsage)";
    if (bound >= 0 && intermediates_below(path, at) > bound) /* RFC 5280 6.1.4 (m) */
        return "does not allow that many authorities below it (pathLenConstraint)";
    return NULL;
}

static void check_authority(const CheckInput *input, const Path *path, Check *check)
{
    (void)input;
    for (size_t i = 1; i < path->count; i++) {
        const char *why = no_authority(path, i);
        if (why == NULL)
            continue;
        g_autofree char *name = shown(certificate_subject(path->certificates[i]));
        conclude(check, CHECK_FAILED, "the issuer %s %s", name, why);
        return;
    }
    if (path->count == 1)
        conclude(check, CHECK_NOT_MADE, "no issuer of the certificate is at hand");
    else if (path->count == 2)
        conclude(check, CHECK_PASSED, "the issuer is an authority that may sign certificates");
    else
        conclude(check, CHECK_PASSED, "all %zu issuers are authorities that may sign certificates",
                 path->count - 1);
}

static void check_usage(const CheckInput *input, const Path *path, Check *check)
{
    const Certificate *own = path->certificates[0];
    g_autofree char *usage = certificate_usage_text(own);
    for (size_t i = 0; i < path->count; i++) {
        const char *unknown = certificate_unknown_critical(path->certificates[i]);
        if (unknown == NULL)
            continue;
        g_autofree char *name = shown(certificate_subject(path->certificates[i]));
        conclude(check, CHECK_FAILED, "%s has a critical extension %.40s that is not understood",
                 name, unknown); /* RFC 5280 4.2 */
        return;
    }
    bool usable = certificate_usable(own, input->subject, input->key_exchange);
    const char *role = role_name(input->subject);
    const char *kind = key_exchange_name(input->key_exchange);
    if (*usage == '\0')
        conclude(check, usable ? CHECK_PASSED : CHECK_FAILED,
                 "the certificate names no usage: it %s serve a %s", usable ? "may" : "may not",
                 role);
    else
        conclude(check, usable ? CHECK_PASSED : CHECK_FAILED,
                 "the certificate is for %s: it %s serve a %s with key exchange %s", usage,
                 usable ? "may" : "may not", role, kind);
}

static void check_host(const CheckInput *input, const Path *path, Check *check)
{
    const Certificate *own = path->certificates[0];
    if (input->name == NULL) {
        conclude(check, CHECK_NOT_MADE, "no name was asked for");
        return;
    }
    bool matches = certificate_matches(own, input->name);
    bool by_san = *certificate_names(own) != '\0';
    g_autofree char *asked = shown(input->name);
    g_autofree char *has = shown(by_san ? certificate_names(own) : certificate_subject(own));
    conclude(check, matches ? CHECK_PASSED : CHECK_FAILED, "asked for %s, the certificate %s %s",
             asked, matches ? "is for" : "is not: it is for", has);
}
