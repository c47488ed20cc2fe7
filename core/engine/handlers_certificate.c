/* Certificates: who shows what, and whether it is believed.
 *
 * The checks themselves are core/crypto/checks; here they are asked at the right moment (a server's
 * when its Certificate comes, a client's when its CertificateVerify has come), their results go to
 * the trace, and the first failure becomes the alert.
 *
 * Obeys RFC 5246 7.4.2, 7.4.4, 7.4.6, 7.4.8; RFC 6101 5.6.6 (no_certificate), 5.6.8; the order of
 * the five checks as they are taught.
 */
#include "core/engine/state.h"

#include <string.h>

static bool chain_read(Endpoint *endpoint, const CertificateMessage *shown, Fault *fault)
{
    GPtrArray *chain = endpoint->handshake->peer_chain;
    g_ptr_array_set_size(chain, 0);
    for (size_t i = 0; i < shown->count; i++) {
        Certificate *certificate = certificate_read(shown->list[i], fault);
        if (certificate == NULL)
            return false;
        g_ptr_array_add(chain, certificate);
        if (i > 0 || public_key_kind(certificate_key(certificate)) != KEY_UNKNOWN)
            continue; /* an unknown key further up verifies nothing, and may not be needed */
        g_autofree char *key = public_key_text(certificate_key(certificate));
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "RFC 5246 7.2.2",
                          "the certificate holds a key of a kind that is not known: %s", key);
    }
    report_certificates(endpoint);
    return true;
}

static CheckInput check_input(const Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    return (CheckInput){
        .subject = role_peer(config->role),
        .chain = (Certificate *const *)handshake->peer_chain->pdata,
        .chain_count = handshake->peer_chain->len,
        .trusted = config->trusted == NULL ? NULL : (Certificate *const *)config->trusted->pdata,
        .trusted_count = config->trusted == NULL ? 0 : config->trusted->len,
        .now = config->clock + (int64_t)(endpoint->now / G_USEC_PER_SEC),
        .name = config->expected_name,
        .key_exchange = handshake->suite->key_exchange,
    };
}

/* Checks about the issuer, which a peer with the weakness leaves out. */
static bool is_about_issuer(CheckKind kind)
{
    return kind == CHECK_ISSUER_TRUSTED || kind == CHECK_ISSUER_SIGNATURE ||
           kind == CHECK_AUTHORITY;
}

/* Takes the failures that a weakness passes over out of the results. */
static void checks_pass_over(Endpoint *endpoint, Check *checks, size_t count, bool overridden[])
{
    for (size_t i = 0; i < count; i++)
        overridden[i] = checks[i].outcome == CHECK_FAILED && is_about_issuer(checks[i].kind) &&
                        (endpoint->config->weaknesses & WEAKNESS_CHECKS_NO_ISSUER) != 0;
}

/* What the user reads when the server cannot be authenticated, and what he does. */
static void warn_user(Endpoint *endpoint, const Check *failure)
{
    const char *name = endpoint->config->expected_name;
    report_note(endpoint, "warning",
                "The identity of %s cannot be verified: %s. No encrypted and authenticated "
                "connection can be established. The user %s.",
                name == NULL ? "the server" : name, failure->reason,
                endpoint->config->user_goes_on ? "goes on all the same" : "stops");
}

bool server_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    enum { EXPORT_BITS = 512 };
    Handshake *handshake = endpoint->handshake;
    if (message->certificate.count == 0) /* said outright in RFC 8446 4.4.2.4 alone */
        return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 5246 7.4.2",
                          "the server shows no certificate");
    if (!chain_read(endpoint, &message->certificate, fault))
        return false;
    CheckInput input = check_input(endpoint);
    Check checks[CHECK_KINDS];
    bool overridden[CHECK_KINDS] = {false};
    size_t count = checks_run(&input, checks);
    checks_pass_over(endpoint, checks, count, overridden);
    const Check *failure = NULL;
    for (size_t i = 0; i < count && failure == NULL; i++)
        if (checks[i].outcome == CHECK_FAILED && !overridden[i])
            failure = &checks[i];
    bool goes_on = failure != NULL && endpoint->config->user_goes_on;
    for (size_t i = 0; i < count; i++)
        report_check(endpoint, &checks[i], ROLE_SERVER,
                     overridden[i] || (goes_on && checks[i].outcome == CHECK_FAILED));
    if (failure != NULL)
        warn_user(endpoint, failure);
    if (failure != NULL && !goes_on)
        return fault_peer(fault, failure->alert, "RFC 5246 7.4.2", "%s", failure->reason);
    handshake->peer_authenticated = failure == NULL;
    PublicKey *key = certificate_key(g_ptr_array_index(handshake->peer_chain, 0));
    handshake->exchange_key = public_key_ref(key);
    handshake->progress.known |= FACT_EPHEMERAL_RSA;
    if (handshake->suite->key_exchange == KEY_EXCHANGE_RSA_EXPORT &&
        public_key_bits(key) > EXPORT_BITS) /* RFC 2246 7.4.3 */
        handshake->progress.facts |= FACT_EPHEMERAL_RSA;
    return true;
}

/* RFC 5246 7.4.4: what this side verifies in a CertificateVerify, the preferred one first. */
static const uint8_t algorithms[] = {
    HASH_ALGORITHM_SHA256, SIGNATURE_ALGORITHM_RSA, HASH_ALGORITHM_SHA512, SIGNATURE_ALGORITHM_RSA,
    HASH_ALGORITHM_SHA384, SIGNATURE_ALGORITHM_RSA, HASH_ALGORITHM_SHA1,   SIGNATURE_ALGORITHM_RSA};

bool certificate_request_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    static const uint8_t types[] = {CERT_TYPE_RSA_SIGN};
    (void)store;
    (void)fault;
    CertificateRequest *request = &message->certificate_request;
    request->certificate_types = BYTES_ARRAY(types);
    request->supported_signature_algorithms = BYTES_ARRAY(algorithms);
    GPtrArray *trusted = endpoint->config->trusted;
    for (guint i = 0; trusted != NULL && i < trusted->len && i < AUTHORITIES_MOST; i++)
        request->certificate_authorities[request->count++] =
            certificate_subject_der(g_ptr_array_index(trusted, i));
    return true;
}

/* Whether the client's certificate was issued by a CA that the server names. */
static bool issuer_named(const Certificate *certificate, const CertificateRequest *request)
{
    Bytes issuer = certificate_issuer_der(certificate);
    for (size_t i = 0; i < request->count; i++)
        if (bytes_equal(request->certificate_authorities[i], issuer))
            return true;
    return request->count == 0;
}

static HashKind hash_of_algorithm(uint16_t algorithm)
{
    switch (algorithm >> 8) {
    case HASH_ALGORITHM_MD5:
        return HASH_MD5;
    case HASH_ALGORITHM_SHA1:
        return HASH_SHA1;
    case HASH_ALGORITHM_SHA256:
        return HASH_SHA256;
    case HASH_ALGORITHM_SHA384:
        return HASH_SHA384;
    case HASH_ALGORITHM_SHA512:
        return HASH_SHA512;
    }
    return HASH_KINDS;
}

/* Whether a key is long enough to sign a hash with its DigestInfo (RFC 8017 9.2). */
static bool fits_key(HashKind hash, const PrivateKey *key)
{
    enum { DIGEST_INFO = 19, PADDING_LEAST = 11 };
    g_autoptr(PublicKey) public = private_key_public(key);
    return hash_size(hash) + DIGEST_INFO + PADDING_LEAST <= public_key_bits(public) / 8;
}

/* TLS 1.2: the first algorithm of the server's list that this side's key can sign with; 0 for none.
 */
static uint16_t choose_algorithm(const CertificateRequest *request, const PrivateKey *key)
{
    Bytes list = request->supported_signature_algorithms;
    for (size_t i = 0; i < numbers_count(list, 2); i++) {
        uint16_t algorithm = (uint16_t)numbers_at(list, 2, i);
        if (numbers_contain(BYTES_ARRAY(algorithms), 2, algorithm) &&
            fits_key(hash_of_algorithm(algorithm), key))
            return algorithm;
    }
    return 0;
}

/* Whether this side has a certificate that it can show here. */
static bool has_certificate(const Endpoint *endpoint)
{
    const Credential *credential = &endpoint->config->credential;
    if (endpoint->handshake != NULL && endpoint->handshake->no_suitable)
        return false;
    return credential->chain != NULL && credential->chain->len > 0 && credential->key != NULL;
}

bool certificate_request_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    const CertificateRequest *request = &message->certificate_request;
    const GPtrArray *own = endpoint->config->credential.chain;
    if (!has_certificate(endpoint))
        return true;
    handshake->verify_algorithm = choose_algorithm(request, endpoint->config->credential.key);
    handshake->no_suitable =
        !numbers_contain(request->certificate_types, 1, CERT_TYPE_RSA_SIGN) ||
        (handshake->version->verify == VERIFY_SCHEME && handshake->verify_algorithm == 0);
    if (handshake->no_suitable) { /* RFC 5246 7.4.6: none is shown, and the server decides */
        report_fact(endpoint, "client_certificate", "none",
                    "the server asks for another type or another signature than its key makes");
        return true;
    }
    g_autoptr(Certificate) certificate =
        certificate_read(bytes_from_gbytes(g_ptr_array_index(own, 0)), NULL);
    if (certificate == NULL)
        return true;
    bool named = issuer_named(certificate, request);
    report_fact(endpoint, "client_certificate", certificate_subject(certificate),
                named ? "its issuer is among the authorities that the server names"
                      : "shown though its issuer is not among the authorities that the server "
                        "names (RFC 5246 7.4.6: it SHOULD be)");
    return true;
}

bool server_hello_done_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)message;
    (void)fault;
    Progress *progress = &endpoint->handshake->progress;
    progress->known |= FACT_NO_CERT_ALERT | FACT_CERT_SENT;
    if (!(progress->facts & FACT_CERT_ASKED))
        return true;
    if (has_certificate(endpoint))
        progress->facts |= FACT_CERT_SENT;
    else if (progress->facts & FACT_SSL3) /* RFC 6101 5.6.6 */
        progress->facts |= FACT_NO_CERT_ALERT;
    return true;
}

bool certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    CertificateMessage *shown = &message->certificate;
    const GPtrArray *chain = endpoint->config->credential.chain;
    if (!has_certificate(endpoint) && endpoint->config->role == ROLE_SERVER)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "the server has no certificate to show");
    if (!has_certificate(endpoint))
        return true; /* RFC 5246 7.4.6: an empty message */
    for (guint i = 0; i < chain->len && i < CERTIFICATES_MOST; i++)
        shown->list[shown->count++] = bytes_from_gbytes(g_ptr_array_index(chain, i));
    return true;
}

static bool missing_certificate(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    handshake->progress.known |= FACT_CERT_SENT;
    handshake->progress.facts &= ~(Facts)FACT_CERT_SENT;
    if (handshake->client_auth == CLIENT_AUTH_REQUIRED) /* RFC 5246 7.4.6 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5246 7.4.6",
                          "a client certificate is required, and none was shown");
    report_note(endpoint, "anonymous",
                "The client shows no certificate; it is served as anonymous.");
    return true;
}

bool client_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    if (message->certificate.count == 0)
        return missing_certificate(endpoint, fault);
    handshake->progress.known |= FACT_CERT_SENT;
    handshake->progress.facts |= FACT_CERT_SENT;
    return chain_read(endpoint, &message->certificate, fault);
}

bool no_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    report_alert(endpoint, (AlertLevel)message->alert.level, ALERT_NO_CERTIFICATE, NULL, true);
    return missing_certificate(endpoint, fault);
}

bool no_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    message->alert.level = ALERT_LEVEL_WARNING;
    message->alert.description = ALERT_NO_CERTIFICATE;
    report_alert(endpoint, ALERT_LEVEL_WARNING, ALERT_NO_CERTIFICATE,
                 "the client has no certificate to show (RFC 6101 5.6.6)", false);
    return true;
}

/* What is signed, and how, in this version. */
static SignatureKind signed_value(const Endpoint *endpoint, HashKind hash,
                                  uint8_t value[HASH_SIZE_MOST], Bytes *hashed)
{
    const Handshake *handshake = endpoint->handshake;
    size_t size =
        schedule_certificate_verify(handshake->version, hash, BYTES_ARRAY(handshake->master),
                                    bytes_from_array(handshake->transcript), value);
    *hashed = bytes_make(value, size);
    return handshake->version->verify == VERIFY_SCHEME ? SIGNATURE_RSA_PKCS1
                                                       : SIGNATURE_RSA_MD5_SHA1;
}

bool certificate_verify_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    uint8_t value[HASH_SIZE_MOST];
    Bytes hashed;
    uint16_t algorithm = endpoint->handshake->verify_algorithm;
    HashKind hash = hash_of_algorithm(algorithm);
    SignatureKind kind = signed_value(endpoint, hash, value, &hashed);
    endpoint->meter.private_operations++;
    if (!private_key_sign(endpoint->config->credential.key, kind, hash, hashed, endpoint->random,
                          store, fault))
        return false;
    report_key(endpoint, "certificate_verify_hash", hashed);
    message->certificate_verify.algorithm = algorithm;
    message->certificate_verify.signature = bytes_from_array(store);
    return true;
}

/* Whether the signature verifies: check 1 of five. */
static bool signature_verifies(Endpoint *endpoint, const CertificateVerify *verify)
{
    uint8_t value[HASH_SIZE_MOST];
    Bytes hashed;
    bool scheme = endpoint->handshake->version->verify == VERIFY_SCHEME;
    HashKind hash = scheme ? hash_of_algorithm(verify->algorithm) : HASH_SHA1;
    if (scheme && (hash == HASH_KINDS || (verify->algorithm & 0xff) != SIGNATURE_ALGORITHM_RSA))
        return false;
    SignatureKind kind = signed_value(endpoint, hash, value, &hashed);
    const Certificate *certificate = g_ptr_array_index(endpoint->handshake->peer_chain, 0);
    endpoint->meter.public_operations++;
    return public_key_verify(certificate_key(certificate), kind, hash, hashed, verify->signature);
}

/* The server checks its client here: checks 1 to 4, once CertificateVerify has come. */
bool certificate_verify_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    CheckInput input = check_input(endpoint);
    Check checks[CHECK_KINDS];
    bool overridden[CHECK_KINDS] = {false};
    uint16_t algorithm = message->certificate_verify.algorithm;
    if (endpoint->handshake->version->verify == VERIFY_SCHEME &&
        !numbers_contain(BYTES_ARRAY(algorithms), 2, algorithm)) /* RFC 5246 7.4.8 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.8",
                          "the client signs with %s (0x%04x), which was not offered",
                          number_text(NUMBER_SIGNATURE_SCHEME, algorithm), algorithm);
    input.signature_good = signature_verifies(endpoint, &message->certificate_verify);
    size_t count = checks_run(&input, checks);
    checks_pass_over(endpoint, checks, count, overridden);
    const Check *failure = NULL;
    for (size_t i = 0; i < count; i++) {
        report_check(endpoint, &checks[i], ROLE_CLIENT, overridden[i]);
        if (failure == NULL && checks[i].outcome == CHECK_FAILED && !overridden[i])
            failure = &checks[i];
    }
    if (failure != NULL)
        return fault_peer(fault, failure->alert, "RFC 5246 7.4.8", "%s", failure->reason);
    endpoint->handshake->peer_authenticated = true;
    return true;
}
