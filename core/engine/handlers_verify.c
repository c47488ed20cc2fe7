/* CertificateRequest and CertificateVerify: a certificate is asked for, and its key is proved.
 *
 * In SSL 3.0 and TLS 1.0 the signature's hashes are fixed by the key; from TLS 1.2 on the message
 * names its scheme, which must be one that was asked for. TLS 1.3 signs a transcript hash behind a
 * fixed prefix, and both sides do.
 *
 * Obeys RFC 5246 7.4.4, 7.4.8; RFC 8446 4.3.2, 4.4.3; RFC 6101 5.6.8; RFC 8422 5.5, 5.8.
 */
#include <string.h>

#include "core/engine/state.h"

/* --- CertificateRequest, said --- */

/* ClientCertificateType of a kind of key: RFC 5246 7.4.4, RFC 8422 5.5. */
static uint8_t type_of_key(KeyKind kind)
{
    switch (kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return CERT_TYPE_RSA_SIGN;
    case KEY_DSA:
        return CERT_TYPE_DSS_SIGN;
    case KEY_EC:
    case KEY_ED25519:
    case KEY_ED448:
        return CERT_TYPE_ECDSA_SIGN;
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    g_assert_not_reached();
}

/* The types of key whose signatures this server verifies, each once. */
static Bytes request_types(const Endpoint *endpoint)
{
    const SchemeNumber *list;
    size_t count = scheme_list(endpoint->config, endpoint->handshake->version->number, &list);
    bool ssl3 = endpoint->handshake->version->number == VERSION_SSL_3_0;
    uint8_t types[3];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const Scheme *scheme = scheme_find(list[i]);
        uint8_t type = scheme == NULL ? 0 : type_of_key(scheme->key);
        if (type == 0 || memchr(types, type, size) != NULL ||
            (ssl3 && type == CERT_TYPE_ECDSA_SIGN))
            continue;
        types[size++] = type;
    }
    return handshake_keep(endpoint->handshake, bytes_make(types, size));
}

static Bytes keep_schemes(const Endpoint *endpoint)
{
    const SchemeNumber *list;
    size_t count = scheme_list(endpoint->config, endpoint->handshake->version->number, &list);
    return keep_numbers(endpoint->handshake, list, count);
}

bool certificate_request_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    (void)store;
    (void)fault;
    CertificateRequest *request = &message->certificate_request;
    request->certificate_types = request_types(endpoint);
    request->supported_signature_algorithms = keep_schemes(endpoint);
    GPtrArray *trusted = endpoint->config->trusted;
    if (endpoint->config->options.names_no_authorities)
        return true;
    for (guint i = 0; trusted != NULL && i < trusted->len && i < AUTHORITIES_MOST; i++)
        request->certificate_authorities[request->count++] =
            certificate_subject_der(g_ptr_array_index(trusted, i));
    return true;
}

/* In TLS 1.3 all of it is extensions: RFC 8446 4.3.2. */
bool tls13_request_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    CertificateRequest *request = &message->certificate_request;
    GPtrArray *trusted = endpoint->config->trusted;
    BUFFER_SCOPED list = buffer_take();
    request->request_context = bytes_from_gbytes(endpoint->handshake->request_context);
    extensions_add(&request->extensions, EXTENSION_SIGNATURE_ALGORITHMS)->signature_algorithms =
        keep_schemes(endpoint);
    bool names = !endpoint->config->options.names_no_authorities;
    for (guint i = 0; names && trusted != NULL && i < trusted->len && i < AUTHORITIES_MOST; i++) {
        Bytes name = certificate_subject_der(g_ptr_array_index(trusted, i));
        const uint8_t size[] = {(uint8_t)(name.size >> 8), (uint8_t)name.size};
        g_byte_array_append(list, size, sizeof size);
        bytes_append(list, name);
    }
    if (list->len > 0) /* RFC 8446 4.2.4: at least one name */
        extensions_add(&request->extensions, EXTENSION_CERTIFICATE_AUTHORITIES)->authorities =
            handshake_keep(endpoint->handshake, bytes_from_array(list));
    return true;
}

/* --- CertificateRequest, heard --- */

/* The first credential whose kind of key and signature the server takes. */
static const Credential *own_credential(Endpoint *endpoint, Bytes types)
{
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i <= config->other_count; i++) {
        const Credential *credential = i == 0 ? &config->credential : &config->others[i - 1];
        if (credential->key == NULL || credential->chain == NULL || credential->chain->len == 0)
            continue;
        g_autoptr(PublicKey) public = private_key_public(credential->key);
        bool named =
            types.size == 0 || numbers_contain(types, 1, type_of_key(public_key_kind(public)));
        const Scheme *scheme = named ? choose_scheme(endpoint, credential->key) : NULL;
        if (scheme == NULL)
            continue;
        endpoint->handshake->scheme = scheme;
        return credential;
    }
    return NULL;
}

/* What the client will show, with the reason. */
static void report_choice(Endpoint *endpoint, bool named)
{
    const Handshake *handshake = endpoint->handshake;
    const Credential *own = &endpoint->config->credential;
    if (handshake->credential == NULL && own->key != NULL) /* RFC 5246 7.4.6: none is shown */
        report_fact(endpoint, "client_certificate", "none",
                    "the server asks for another type or another signature than its key makes");
    if (handshake->credential == NULL)
        return;
    g_autoptr(Certificate) certificate = certificate_read(
        bytes_from_gbytes(g_ptr_array_index(handshake->credential->chain, 0)), NULL);
    if (certificate == NULL)
        return;
    report_fact(endpoint, "client_certificate", certificate_subject(certificate),
                named ? "its issuer is among the authorities that the server names"
                      : "shown though its issuer is not among the authorities that the server "
                        "names (RFC 5246 7.4.6: it SHOULD be)");
}

static Bytes own_issuer(const Handshake *handshake, Certificate **certificate)
{
    *certificate =
        handshake->credential == NULL
            ? NULL
            : certificate_read(
                  bytes_from_gbytes(g_ptr_array_index(handshake->credential->chain, 0)), NULL);
    return *certificate == NULL ? BYTES_NONE : certificate_issuer_der(*certificate);
}

bool certificate_request_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    const CertificateRequest *request = &message->certificate_request;
    handshake->peer_schemes_came = false;
    if (handshake->version->verify == VERIFY_SCHEME)
        note_schemes(handshake, request->supported_signature_algorithms);
    handshake->credential = own_credential(endpoint, request->certificate_types);
    handshake->no_suitable = handshake->credential == NULL;
    g_autoptr(Certificate) certificate = NULL;
    Bytes issuer = own_issuer(handshake, &certificate);
    bool named = request->count == 0;
    for (size_t i = 0; i < request->count; i++)
        named |= bytes_equal(request->certificate_authorities[i], issuer);
    report_choice(endpoint, named);
    return true;
}

/* Whether the list of authorities holds a name; an absent list holds all. */
static bool authority_named(const Extensions *extensions, Bytes name)
{
    const Extension *list = extensions_find(extensions, EXTENSION_CERTIFICATE_AUTHORITIES);
    Bytes rest = list == NULL ? BYTES_NONE : list->authorities;
    while (rest.size >= 2) {
        size_t size = bytes_number(bytes_slice(rest, 0, 2));
        if (bytes_equal(bytes_slice(rest, 2, size), name))
            return true;
        rest = bytes_slice(rest, 2 + size, rest.size);
    }
    return list == NULL;
}

bool tls13_request_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const CertificateRequest *request = &message->certificate_request;
    bool post = handshake->conversation->family == FAMILY_TLS13_POST;
    if (!post && request->request_context.size != 0) /* RFC 8446 4.3.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.3.2",
                          "CertificateRequest has a context in the handshake itself");
    if (!extension_places_check(MESSAGE_CERTIFICATE_REQUEST, &request->extensions, fault))
        return false;
    const Extension *schemes =
        extensions_find(&request->extensions, EXTENSION_SIGNATURE_ALGORITHMS);
    if (schemes == NULL) /* RFC 8446 4.3.2: MUST be specified */
        return fault_peer(fault, ALERT_MISSING_EXTENSION, "RFC 8446 4.3.2",
                          "CertificateRequest has no signature_algorithms");
    note_schemes(handshake, schemes->signature_algorithms);
    g_clear_pointer(&handshake->request_context, g_bytes_unref);
    handshake->request_context = bytes_copy(request->request_context);
    handshake->credential = own_credential(endpoint, BYTES_NONE);
    handshake->no_suitable = handshake->credential == NULL;
    handshake_know(handshake, FACT_CERT_SENT, handshake->credential != NULL);
    g_autoptr(Certificate) certificate = NULL;
    Bytes issuer = own_issuer(handshake, &certificate);
    report_choice(endpoint, authority_named(&request->extensions, issuer));
    return true;
}

/* --- CertificateVerify before TLS 1.3: the client's --- */

/* What is signed: RFC 5246 7.4.8; of SSL 3.0's two hashes DSA takes the second (RFC 6101 5.6.8). */
static void signed_messages(const Endpoint *endpoint, const Scheme *scheme, GByteArray *output)
{
    const Handshake *handshake = endpoint->handshake;
    Bytes messages = handshake_transcript(handshake);
    if (handshake->version->verify != VERIFY_SSL3) {
        scheme_digest(scheme, &messages, 1, output);
        return;
    }
    uint8_t value[HASH_SIZE_MOST];
    size_t size = schedule_certificate_verify(handshake->version, HASH_SHA1,
                                              BYTES_ARRAY(handshake->master), messages, value);
    size_t first = scheme->kind == SIGNATURE_RSA_MD5_SHA1 ? 0 : hash_size(HASH_MD5);
    bytes_append(output, bytes_make(value + first, size - first));
}

static bool sign(Endpoint *endpoint, Bytes hashed, Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Scheme *scheme = handshake->scheme;
    BUFFER_SCOPED signature = buffer_take();
    endpoint->meter.private_operations++;
    if (!random_take_pin(endpoint->random, "signature", signature) && /* whose key is not known */
        !private_key_sign(handshake->credential->key, scheme->kind, scheme->hash, hashed,
                          endpoint->random, signature, fault))
        return false;
    report_key(endpoint, "certificate_verify_hash", hashed);
    message->certificate_verify.algorithm = scheme->number;
    message->certificate_verify.signature = handshake_keep(handshake, bytes_from_array(signature));
    return true;
}

bool certificate_verify_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    BUFFER_SCOPED hashed = buffer_take();
    signed_messages(endpoint, endpoint->handshake->scheme, hashed);
    return sign(endpoint, bytes_from_array(hashed), message, fault);
}

static const PublicKey *peer_key(const Endpoint *endpoint)
{
    return certificate_key(g_ptr_array_index(endpoint->handshake->lists.peer_chain, 0));
}

/* The scheme named must be one that was asked for (RFC 5246 7.4.8, RFC 8446 4.4.3). */
static bool asked_for(const Endpoint *endpoint, uint16_t number, Fault *fault)
{
    const Scheme *scheme = scheme_find(number);
    bool tls13 = endpoint_is_tls13(endpoint);
    if (scheme != NULL && config_has_scheme(endpoint->config, number) &&
        (!tls13 || scheme->in_tls13))
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, tls13 ? "RFC 8446 4.4.3" : "RFC 5246 7.4.8",
                      "the %s signs with %s (0x%04x), which was not offered",
                      role_name(role_peer(endpoint->config->role)),
                      number_text(NUMBER_SIGNATURE_SCHEME, number), number);
}

/* Check 1 of five. */
static bool signature_verifies(Endpoint *endpoint, const CertificateVerify *verify)
{
    ProtocolVersion version = endpoint->handshake->version->number;
    const PublicKey *key = peer_key(endpoint);
    const Scheme *scheme = version >= VERSION_TLS_1_2 ? scheme_find(verify->algorithm)
                                                      : scheme_before_tls12(public_key_kind(key));
    if (scheme == NULL || !scheme_fits_key(scheme, key, version))
        return false;
    BUFFER_SCOPED hashed = buffer_take();
    signed_messages(endpoint, scheme, hashed);
    endpoint->meter.public_operations++;
    return public_key_verify(key, scheme->kind, scheme->hash, bytes_from_array(hashed),
                             verify->signature);
}

/* The server checks its client here: checks 1 to 4, once CertificateVerify has come. */
bool certificate_verify_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const CertificateVerify *verify = &message->certificate_verify;
    if (endpoint->handshake->version->verify == VERIFY_SCHEME &&
        !asked_for(endpoint, verify->algorithm, fault))
        return false;
    return peer_check(endpoint, signature_verifies(endpoint, verify), fault);
}

/* --- CertificateVerify of TLS 1.3: either side's --- */

/* 64 spaces, a context string, a zero, the transcript hash: RFC 8446 4.4.3. */
static void signed_content(const Endpoint *endpoint, Role signer, const Scheme *scheme,
                           GByteArray *output)
{
    static const char *const contexts[] = {
        [ROLE_CLIENT] = "TLS 1.3, client CertificateVerify",
        [ROLE_SERVER] = "TLS 1.3, server CertificateVerify",
    };
    uint8_t spaces[64], hash[HASH_SIZE_MOST];
    memset(spaces, 0x20, sizeof spaces);
    const Bytes parts[] = {
        BYTES_ARRAY(spaces),
        bytes_make(contexts[signer], strlen(contexts[signer]) + 1),
        handshake_transcript_hash(endpoint->handshake, hash),
    };
    scheme_digest(scheme, parts, G_N_ELEMENTS(parts), output);
}

bool tls13_verify_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    BUFFER_SCOPED hashed = buffer_take();
    signed_content(endpoint, endpoint->config->role, endpoint->handshake->scheme, hashed);
    return sign(endpoint, bytes_from_array(hashed), message, fault);
}

bool tls13_verify_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const CertificateVerify *verify = &message->certificate_verify;
    const PublicKey *key = peer_key(endpoint);
    Role peer = role_peer(endpoint->config->role);
    if (!asked_for(endpoint, verify->algorithm, fault))
        return false;
    const Scheme *scheme = scheme_find(verify->algorithm);
    bool fits = scheme_fits_key(scheme, key, VERSION_TLS_1_3);
    if (!fits && peer == ROLE_SERVER) /* RFC 8446 4.4.3 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.4.3",
                          "%s does not fit the key of the server's certificate", scheme->name);
    BUFFER_SCOPED hashed = buffer_take();
    signed_content(endpoint, peer, scheme, hashed);
    endpoint->meter.public_operations++;
    bool good = fits && public_key_verify(key, scheme->kind, scheme->hash, bytes_from_array(hashed),
                                          verify->signature);
    if (peer == ROLE_CLIENT)
        return peer_check(endpoint, good, fault);
    if (good)
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 8446 4.4.3",
                      "the server's signature over the handshake does not verify");
}
