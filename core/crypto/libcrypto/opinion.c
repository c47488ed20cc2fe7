/* A second opinion on certificates: libcrypto's X509_verify_cert.
 *
 * It is asked with the same trusted list, time, name and purpose, and made to go on after each
 * error, so that its whole set of reasons can be set against that of checks.c. It parses the DER
 * itself: not one line is shared with our own reader. A certificate on the list is trusted whether
 * it signed itself or not (partial chain), keys and hashes of any strength are taken (level 0: the
 * laboratory speaks of old ones), wildcards stand for a whole label. A purpose knows no key
 * exchange, so what keyUsage must allow for it is asked of libcrypto besides.
 *
 * This file never decides anything in a handshake. Source: X509_verify_cert(3).
 */
#include "core/crypto/libcrypto/opinion.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "core/crypto/libcrypto/context.h"

/* What the callback has heard so far. */
typedef struct {
    unsigned failed;
    char *why; /* of the first error */
} Heard;

static X509 *parse(const Certificate *certificate)
{
    Bytes der = certificate_der(certificate);
    X509 *parsed = X509_new_ex(library_context(), NULL);
    const unsigned char *at = der.data;
    if (parsed != NULL && d2i_X509(&parsed, &at, (long)der.size) == NULL)
        return NULL; /* d2i_X509 has freed it */
    return parsed;
}

/* The check that an error is about. `depth` 0 is the subject's own certificate. */
static unsigned check_of_error(int error, int depth)
{
    static const struct {
        int error;
        CheckKind kind;
    } errors[] = {
        {X509_V_ERR_CERT_NOT_YET_VALID, CHECK_VALIDITY},
        {X509_V_ERR_CERT_HAS_EXPIRED, CHECK_VALIDITY},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_CERT_CHAIN_TOO_LONG, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_CERT_UNTRUSTED, CHECK_ISSUER_TRUSTED},
        {X509_V_ERR_CERT_SIGNATURE_FAILURE, CHECK_ISSUER_SIGNATURE},
        {X509_V_ERR_INVALID_CA, CHECK_AUTHORITY},
        {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, CHECK_AUTHORITY},
        {X509_V_ERR_PATH_LENGTH_EXCEEDED, CHECK_AUTHORITY},
        {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, CHECK_USAGE},
        {X509_V_ERR_HOSTNAME_MISMATCH, CHECK_NAME},
    };
    if (error == X509_V_ERR_INVALID_PURPOSE)
        return 1u << (depth == 0 ? CHECK_USAGE : CHECK_AUTHORITY);
    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
        if (errors[i].error == error)
            return 1u << errors[i].kind;
    return 1u << CHECK_KINDS;
}

static void hear(Heard *heard, unsigned failed, const char *words)
{
    if (heard->failed == 0)
        g_strlcpy(heard->why, words, CHECK_REASON_SIZE);
    heard->failed |= failed;
}

/* Called for each certificate: notes an error and lets it go on. */
static int listen(int good, X509_STORE_CTX *store_context)
{
    Heard *heard = X509_STORE_CTX_get_app_data(store_context);
    int error = X509_STORE_CTX_get_error(store_context);
    if (!good)
        hear(heard, check_of_error(error, X509_STORE_CTX_get_error_depth(store_context)),
             X509_verify_cert_error_string(error));
    return 1;
}

/* Whether libcrypto takes the key for one of these kinds, by its own names. */
static bool key_is(X509 *own, const char *const *kinds)
{
    for (; *kinds != NULL; kinds++)
        if (EVP_PKEY_is_a(X509_get0_pubkey(own), *kinds))
            return true;
    return false;
}

/* The kinds of key that may sign for a client, or for a server in that key exchange. */
static const char *const *signing_kinds(const CheckInput *input)
{
    static const char *const any[] = {"RSA", "RSA-PSS", "DSA", "EC", "ED25519", "ED448", NULL};
    static const char *const tls13[] = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448", NULL};
    static const char *const rsa[] = {"RSA", "RSA-PSS", NULL};
    static const char *const dsa[] = {"DSA", NULL};
    static const char *const curves[] = {"EC", "ED25519", "ED448", NULL};
    static const char *const none[] = {NULL};
    static const char *const *const kinds[] = {
        [AUTHENTICATION_RSA] = rsa,   [AUTHENTICATION_DSS] = dsa,  [AUTHENTICATION_ECDSA] = curves,
        [AUTHENTICATION_NONE] = none, [AUTHENTICATION_PSK] = none, [AUTHENTICATION_FREE] = tls13,
    };
    Authentication authentication = key_exchange(input->key_exchange)->authentication;
    if (input->subject == ROLE_CLIENT && authentication != AUTHENTICATION_FREE)
        return any;
    return kinds[authentication];
}

/* RFC 5246 7.4.2 and 7.4.6: what the key must be, and be allowed to do. */
static bool usage_allows(X509 *own, const CheckInput *input)
{
    static const char *const rsa[] = {"RSA", NULL};
    Agreement agreement = key_exchange(input->key_exchange)->agreement;
    bool signs = input->subject == ROLE_CLIENT ||
                 (agreement != AGREEMENT_RSA && agreement != AGREEMENT_SSL2) ||
                 (input->key_exchange == KEY_EXCHANGE_RSA_EXPORT &&
                  EVP_PKEY_get_bits(X509_get0_pubkey(own)) > 512);
    bool enciphers = input->subject == ROLE_SERVER &&
                     (agreement == AGREEMENT_RSA || agreement == AGREEMENT_SSL2);
    uint32_t needed = signs ? KU_DIGITAL_SIGNATURE : KU_KEY_ENCIPHERMENT;
    return key_is(own, enciphers ? rsa : signing_kinds(input)) &&
           (X509_get_key_usage(own) & needed) != 0;
}

static void set_parameters(X509_VERIFY_PARAM *parameters, const CheckInput *input)
{
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)input->now);
    X509_VERIFY_PARAM_set_auth_level(parameters, 0);
    X509_VERIFY_PARAM_set_purpose(parameters, input->subject == ROLE_SERVER
                                                  ? X509_PURPOSE_SSL_SERVER
                                                  : X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (input->subject == ROLE_SERVER && input->name != NULL)
        X509_VERIFY_PARAM_set1_host(parameters, input->name, 0);
}

static void ask(const CheckInput *input, X509 *own, X509_STORE *trusted, STACK_OF(X509) * others,
                Heard *heard)
{
    X509_STORE_CTX *store_context = X509_STORE_CTX_new_ex(library_context(), NULL);
    if (store_context == NULL || X509_STORE_CTX_init(store_context, trusted, own, others) != 1) {
        hear(heard, 1u << CHECK_KINDS, "libcrypto cannot verify certificates");
        X509_STORE_CTX_free(store_context);
        return;
    }
    X509_STORE_CTX_set_app_data(store_context, heard);
    X509_STORE_CTX_set_verify_cb(store_context, listen);
    set_parameters(X509_STORE_CTX_get0_param(store_context), input);
    if (X509_verify_cert(store_context) != 1 && heard->failed == 0)
        hear(heard, 1u << CHECK_KINDS, "libcrypto refuses without a reason");
    X509_STORE_CTX_free(store_context);
    if (!usage_allows(own, input))
        hear(heard, 1u << CHECK_USAGE, "keyUsage does not allow this key exchange");
}

unsigned opinion_ask(const CheckInput *input, char why[CHECK_REASON_SIZE])
{
    Heard heard = {0, why};
    X509 *own = input->chain_count == 0 ? NULL : parse(input->chain[0]);
    X509_STORE *trusted = X509_STORE_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    g_strlcpy(why, "ok", CHECK_REASON_SIZE);
    for (size_t i = 0; i < input->trusted_count; i++) {
        X509 *authority = parse(input->trusted[i]);
        if (authority != NULL)
            X509_STORE_add_cert(trusted, authority);
        X509_free(authority);
    }
    for (size_t i = 1; i < input->chain_count; i++) {
        X509 *other = parse(input->chain[i]);
        if (other != NULL)
            sk_X509_push(others, other);
    }
    if (own == NULL)
        hear(&heard, 1u << CHECK_KINDS, "libcrypto cannot read the certificate");
    else
        ask(input, own, trusted, others, &heard);
    if (input->subject == ROLE_CLIENT && !input->signature_good)
        hear(&heard, 1u << CHECK_SIGNATURE, "the handshake's signature does not verify");
    sk_X509_pop_free(others, X509_free);
    X509_STORE_free(trusted);
    X509_free(own);
    ERR_clear_error();
    return heard.failed;
}
