/* Certificates: who shows what, and whether it is believed.
 *
 * The checks themselves are core/crypto/checks; here they are asked at the right moment (a server's
 * when its Certificate comes, a client's when its CertificateVerify has come), their results go to
 * the trace, and the first failure becomes the alert. What a stapled response says is a check more.
 *
 * Obeys RFC 5246 7.4.2, 7.4.6; RFC 8446 4.4.2; RFC 6101 5.6.6 (no_certificate), 5.6.8; RFC 6066 8
 * and RFC 7633 4 (stapling); RFC 8879 4; the order of the five checks as they are taught.
 */
#include <string.h>

#include "core/crypto/ocsp.h"
#include "core/engine/state.h"

/* --- the chain that came --- */

static bool chain_read(Endpoint *endpoint, const CertificateMessage *shown, Fault *fault)
{
    GPtrArray *chain = endpoint->handshake->lists.peer_chain;
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

static CheckInput check_input(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    return (CheckInput){
        .subject = role_peer(config->role),
        .chain = (Certificate *const *)handshake->lists.peer_chain->pdata,
        .chain_count = handshake->lists.peer_chain->len,
        .trusted = config->trusted == NULL ? NULL : (Certificate *const *)config->trusted->pdata,
        .trusted_count = config->trusted == NULL ? 0 : config->trusted->len,
        .now = config->clock + (int64_t)(endpoint->now / G_USEC_PER_SEC),
        .name = config->expected_name,
        .key_exchange = handshake->suite->key_exchange,
        .version = handshake->version->number,
        .meter = &endpoint->meter,
    };
}

/* --- stapled status --- */

/* The issuer's certificate: in the chain, or on the own list. */
static const Certificate *issuer_of(const CheckInput *input)
{
    const Certificate *own = input->chain[0];
    for (size_t i = 1; i < input->chain_count; i++)
        if (bytes_equal(certificate_subject_der(input->chain[i]), certificate_issuer_der(own)))
            return input->chain[i];
    for (size_t i = 0; i < input->trusted_count; i++)
        if (bytes_equal(certificate_subject_der(input->trusted[i]), certificate_issuer_der(own)))
            return input->trusted[i];
    return NULL;
}

static void fail(Check *check, AlertDescription alert, const char *reason)
{
    check->outcome = CHECK_FAILED;
    check->alert = alert;
    g_strlcpy(check->reason, reason, sizeof check->reason);
}

/* What the response says, as a check: RFC 6066 8, RFC 6960 3.2. */
static void judge_status(const Endpoint *endpoint, const CheckInput *input, Check *check)
{
    const GBytes *response = endpoint->handshake->peer_status;
    const Certificate *issuer = issuer_of(input);
    OcspReading reading;
    Fault fault = FAULT_INIT;
    if (issuer == NULL) {
        g_strlcpy(check->reason, "the issuer of the certificate is not known",
                  sizeof check->reason);
        return;
    }
    input->meter->public_operations++;
    if (!ocsp_read(bytes_from_gbytes((GBytes *)(uintptr_t)response), input->chain[0], issuer,
                   input->now, &reading, &fault))
        fail(check, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, fault.sentence);
    else if (!reading.covers)
        fail(check, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE,
             "the stapled response is about another certificate");
    else if (!reading.verified)
        fail(check, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE,
             "the issuer's key does not verify the stapled response");
    else if (!reading.current)
        fail(check, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE,
             "the stapled response is out of its time");
    else if (reading.status == OCSP_REVOKED)
        fail(check, ALERT_CERTIFICATE_REVOKED, "the stapled response says that it is revoked");
    else if (reading.status == OCSP_UNKNOWN)
        fail(check, ALERT_CERTIFICATE_UNKNOWN, "the responder does not know the certificate");
    else {
        check->outcome = CHECK_PASSED;
        g_strlcpy(check->reason, "the stapled response says good", sizeof check->reason);
    }
}

/* The check of revocation; false when there is nothing to make it on, and nothing was asked. */
static bool check_status(const Endpoint *endpoint, const CheckInput *input, Check *check)
{
    *check = (Check){.kind = CHECK_REVOCATION, .outcome = CHECK_NOT_MADE};
    bool asked = endpoint->config->options.asks_status;
    if (endpoint->handshake->peer_status != NULL) {
        judge_status(endpoint, input, check);
        return true;
    }
    if (!asked)
        return false;
    if (certificate_must_staple(input->chain[0])) /* RFC 7633 4.2.3.1 */
        fail(check, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE,
             "the certificate must be stapled (RFC 7633), and no response came");
    else
        g_strlcpy(check->reason, "the server staples no response", sizeof check->reason);
    return true;
}

/* --- the checks --- */

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

static bool report_checks(Endpoint *endpoint, const Check *checks, size_t count,
                          const bool overridden[], Fault *fault)
{
    Role subject = role_peer(endpoint->config->role);
    const Check *failure = NULL;
    for (size_t i = 0; i < count && failure == NULL; i++)
        if (checks[i].outcome == CHECK_FAILED && !overridden[i])
            failure = &checks[i];
    bool goes_on = failure != NULL && subject == ROLE_SERVER && endpoint->config->user_goes_on;
    for (size_t i = 0; i < count; i++)
        report_check(endpoint, &checks[i], subject,
                     overridden[i] || (goes_on && checks[i].outcome == CHECK_FAILED));
    if (failure != NULL && subject == ROLE_SERVER)
        warn_user(endpoint, failure);
    if (failure != NULL && !goes_on)
        return fault_peer(fault, failure->alert,
                          subject == ROLE_SERVER ? "RFC 5246 7.4.2" : "RFC 5246 7.4.8", "%s",
                          failure->reason);
    endpoint->handshake->peer_authenticated = failure == NULL;
    return true;
}

bool peer_check(Endpoint *endpoint, bool signature_good, Fault *fault)
{
    CheckInput input = check_input(endpoint);
    Check checks[CHECK_KINDS];
    bool overridden[CHECK_KINDS] = {false};
    input.signature_good = signature_good;
    size_t count = checks_run(&input, checks);
    if (input.subject == ROLE_SERVER && endpoint_is_tls13(endpoint))
        count += check_status(endpoint, &input, &checks[count]) ? 1 : 0;
    checks_pass_over(endpoint, checks, count, overridden);
    return report_checks(endpoint, checks, count, overridden, fault);
}

/* --- the server's Certificate, heard --- */

/* RFC 8446 4.4.2: the extensions of a certificate are among those that were asked for: by a client
 * in its hello. This laboratory's servers ask for none. */
static bool extra_check(const Endpoint *endpoint, uint16_t type, Fault *fault)
{
    bool asked = endpoint->config->role == ROLE_CLIENT && extension_sent(endpoint->handshake, type);
    if (!extension_place_check(MESSAGE_CERTIFICATE, type, fault))
        return false;
    return asked || fault_peer(fault, ALERT_UNSUPPORTED_EXTENSION, "RFC 8446 4.4.2",
                               "a certificate comes with the extension %s, which was not asked for",
                               number_text(NUMBER_EXTENSION, type));
}

static bool extras_check(Endpoint *endpoint, const CertificateMessage *shown, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    for (size_t i = 0; i < shown->count; i++)
        for (size_t j = 0; j < shown->extras[i].type_count; j++)
            if (!extra_check(endpoint, shown->extras[i].types[j], fault))
                return false;
    if (shown->count > 0 && shown->extras[0].status)
        handshake->peer_status = bytes_copy(shown->extras[0].response);
    return true;
}

bool server_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    enum { EXPORT_BITS = 512 };
    Handshake *handshake = endpoint->handshake;
    bool tls13 = endpoint_is_tls13(endpoint);
    if (message->certificate.count == 0) /* said outright in RFC 8446 4.4.2.4 alone */
        return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 8446 4.4.2.4",
                          "the server shows no certificate");
    if (tls13 && message->certificate.request_context.size != 0) /* RFC 8446 4.4.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.4.2",
                          "the server's Certificate has a request context");
    if ((tls13 && !extras_check(endpoint, &message->certificate, fault)) ||
        !chain_read(endpoint, &message->certificate, fault) || !peer_check(endpoint, false, fault))
        return false;
    PublicKey *key = certificate_key(g_ptr_array_index(handshake->lists.peer_chain, 0));
    handshake->exchange_key = public_key_ref(key);
    if (handshake->suite->key_exchange == KEY_EXCHANGE_RSA_EXPORT) /* RFC 2246 7.4.3 */
        handshake_know(handshake, FACT_EPHEMERAL, public_key_bits(key) > EXPORT_BITS);
    return true;
}

bool compressed_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const CompressedCertificate *compressed = &message->compressed_certificate;
    BUFFER_SCOPED whole = buffer_take();
    uint32_t size = compressed->uncompressed_length;
    const uint8_t header[] = {MESSAGE_CERTIFICATE, (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                              (uint8_t)size};
    if (!endpoint->config->options.certificate_compression ||
        compressed->algorithm != CERTIFICATE_COMPRESSION_ZLIB) /* RFC 8879 4 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8879 4",
                          "the certificate is compressed by %s, which was not offered",
                          number_text(NUMBER_CERTIFICATE_COMPRESSION, compressed->algorithm));
    if (size > LIMIT_HANDSHAKE_MESSAGE)
        return fault_peer(fault, ALERT_BAD_CERTIFICATE, "RFC 8879 5",
                          "a Certificate of %u bytes is announced; %d is the most", size,
                          LIMIT_HANDSHAKE_MESSAGE);
    g_byte_array_append(whole, header, sizeof header);
    if (!expand_block(compressed->compressed, size, whole, fault))
        return false;
    Message inner = {.kind = MESSAGE_NONE};
    WalkContext context = endpoint_context(endpoint, ROLE_SERVER);
    if (!message_read(bytes_from_array(whole), MESSAGE_NONE, &context, &inner, NULL, NULL))
        return fault_peer(fault, ALERT_BAD_CERTIFICATE, "RFC 8879 4",
                          "what the compressed certificate opens to is no Certificate");
    return server_certificate_read(endpoint, &inner, fault);
}

/* --- CertificateStatus: RFC 6066 8 --- */

bool certificate_status_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    message->certificate_status.status_type = STATUS_TYPE_OCSP;
    message->certificate_status.response =
        bytes_from_gbytes(endpoint->handshake->credential->status);
    return true;
}

/* The check of revocation by itself: the others were made when Certificate came. */
static bool status_alone(Endpoint *endpoint, Fault *fault)
{
    CheckInput input = check_input(endpoint);
    Check check;
    const bool overridden[] = {false};
    bool before = endpoint->handshake->peer_authenticated;
    if (endpoint->handshake->lists.peer_chain->len == 0 || !check_status(endpoint, &input, &check))
        return true;
    bool fine = report_checks(endpoint, &check, 1, overridden, fault);
    endpoint->handshake->peer_authenticated &= before;
    return fine;
}

bool certificate_status_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)fault;
    endpoint->handshake->peer_status = bytes_copy(message->certificate_status.response);
    return true;
}

/* --- a certificate, said --- */

/* Whether this side has a certificate that it can show here. */
static const Credential *shown_credential(const Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    return handshake->no_suitable ? NULL : handshake->credential;
}

bool certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    CertificateMessage *shown = &message->certificate;
    const Credential *credential = shown_credential(endpoint);
    shown->request_context = bytes_from_gbytes(handshake->request_context);
    if (credential == NULL && endpoint->config->role == ROLE_SERVER)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "the server has no certificate to show");
    if (credential == NULL)
        return true; /* RFC 5246 7.4.6: an empty message */
    for (guint i = 0; i < credential->chain->len && i < CERTIFICATES_MOST; i++)
        shown->list[shown->count++] = bytes_from_gbytes(g_ptr_array_index(credential->chain, i));
    if (handshake->status_requested && credential->status != NULL) { /* RFC 8446 4.4.2.1 */
        shown->extras[0].status = true;
        shown->extras[0].response = bytes_from_gbytes(credential->status);
    }
    return true;
}

bool compressed_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                  Fault *fault)
{
    Message whole = {.kind = MESSAGE_CERTIFICATE};
    WalkContext context = endpoint_context(endpoint, ROLE_SERVER);
    BUFFER_SCOPED bytes = buffer_take();
    BUFFER_SCOPED compressed = buffer_take();
    if (!certificate_write(endpoint, &whole, store, fault) ||
        !message_write(&whole, &context, bytes, NULL, fault))
        return false;
    Bytes body = bytes_slice(bytes_from_array(bytes), HANDSHAKE_HEADER_SIZE, bytes->len);
    compress_block(body, compressed); /* RFC 8879 4: the message without its header */
    message->compressed_certificate = (CompressedCertificate){
        .algorithm = CERTIFICATE_COMPRESSION_ZLIB,
        .uncompressed_length = (uint32_t)body.size,
        .compressed = handshake_keep(endpoint->handshake, bytes_from_array(compressed)),
    };
    report_fact(endpoint, "certificate_compression", "zlib", "%zu bytes become %u", body.size,
                compressed->len);
    return true;
}

/* --- the client's Certificate, heard; or its warning in SSL 3.0 --- */

static bool missing_certificate(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    handshake_know(handshake, FACT_CERT_SENT, false);
    if (handshake->client_auth == CLIENT_AUTH_REQUIRED) {
        bool tls13 = endpoint_is_tls13(endpoint);
        return fault_peer(fault, tls13 ? ALERT_CERTIFICATE_REQUIRED : ALERT_HANDSHAKE_FAILURE,
                          tls13 ? "RFC 8446 4.4.2.4" : "RFC 5246 7.4.6",
                          "a client certificate is required, and none was shown");
    }
    report_note(endpoint, "anonymous",
                "The client shows no certificate; it is served as anonymous.");
    return true;
}

bool client_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Bytes context = message->certificate.request_context;
    if (endpoint_is_tls13(endpoint) &&
        !bytes_equal(context, bytes_from_gbytes(handshake->request_context))) /* RFC 8446 4.4.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.4.2",
                          "the client's Certificate answers another request");
    if (message->certificate.count == 0)
        return missing_certificate(endpoint, fault);
    handshake_know(handshake, FACT_CERT_SENT, true);
    return (!endpoint_is_tls13(endpoint) || extras_check(endpoint, &message->certificate, fault)) &&
           chain_read(endpoint, &message->certificate, fault);
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

/* The client knows now whether it was asked, and says what it has. */
bool server_hello_done_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)message;
    Handshake *handshake = endpoint->handshake;
    bool asked = handshake_is(handshake, FACT_CERT_ASKED);
    bool has = asked && shown_credential(endpoint) != NULL;
    handshake_know(handshake, FACT_CERT_ASKED, asked);
    handshake_know(handshake, FACT_CERT_SENT, has);
    handshake_know(handshake, FACT_NO_CERT_ALERT,
                   asked && !has && handshake_is(handshake, FACT_SSL3)); /* RFC 6101 5.6.6 */
    return status_alone(endpoint, fault);
}
