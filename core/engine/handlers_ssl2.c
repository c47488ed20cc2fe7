/* The nine messages of SSL 2.0.
 *
 * The server says which ciphers both have and the client takes one; the client makes the master key
 * itself and encrypts it (for export ciphers a part of it) to the server's key. Nothing that either
 * side says at the end covers what was said before: a list of ciphers that was changed on its way
 * is noticed by nobody. A certificate stands alone, without a chain.
 *
 * Obeys draft-hickman-netscape-ssl 2.1, 2.5, 2.6; RFC 5246 E.2 (the mark against rollback).
 */
#include <string.h>

#include "core/engine/ssl2.h"

static bool is_ssl2(const Suite *suite)
{
    return suite != NULL && suite->key_exchange == KEY_EXCHANGE_SSL2;
}

/* The cipher kinds of a configuration, in its order. */
static Bytes own_specs(const Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    BUFFER_SCOPED specs = buffer_take();
    for (size_t i = 0; i < config->suite_count; i++) {
        SuiteNumber n = config->suites[i];
        const uint8_t three[] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        if (is_ssl2(suite_find(n)))
            g_byte_array_append(specs, three, sizeof three);
    }
    return handshake_keep(endpoint->handshake, bytes_from_array(specs));
}

/* --- CLIENT-HELLO: 2.5.1 --- */

static Bytes client_key(const Endpoint *endpoint)
{
    const char *name = endpoint->config->expected_name;
    return bytes_from_text(name == NULL ? "ssl2" : name);
}

/* CLIENT-MASTER-KEY is left out, so the IV that came with it is the session's, too. */
static void take_secrets(Handshake *handshake, const Session *session)
{
    Ssl2State *state = ssl2_state(handshake);
    memcpy(state->master, session->secret, session->secret_size);
    memcpy(state->key_arg, session->key_arg, sizeof state->key_arg);
}

static void offer_session(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    SessionCache *cache = endpoint->config->cache;
    Session *session = cache == NULL ? NULL
                                     : session_cache_find(cache, client_key(endpoint),
                                                          endpoint_wall_clock(endpoint));
    if (session == NULL || session->version != VERSION_SSL_2_0)
        return;
    handshake->session = session_ref(session);
    memcpy(handshake->session_id, session->id, session->id_size);
    handshake->session_id_size = session->id_size;
}

bool ssl2_client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    Ssl2Message *hello = &message->ssl2;
    endpoint->framing = FRAMING_SSL2;
    handshake->offered_version = handshake->hello_version = VERSION_SSL_2_0;
    random_fill(endpoint->random, "challenge", state->challenge, SSL2_CHALLENGE_SIZE);
    state->challenge_size = SSL2_CHALLENGE_SIZE;
    offer_session(endpoint);
    hello->version = VERSION_SSL_2_0;
    hello->cipher_specs = own_specs(endpoint);
    hello->session_id = bytes_make(handshake->session_id, handshake->session_id_size);
    hello->challenge = bytes_make(state->challenge, state->challenge_size);
    if (hello->cipher_specs.size > 0)
        return true;
    return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                     "the client has no cipher of SSL 2.0");
}

static void take_session(Endpoint *endpoint, Bytes id)
{
    Handshake *handshake = endpoint->handshake;
    SessionCache *cache = endpoint->config->cache;
    Session *session = cache == NULL || id.size == 0
                           ? NULL
                           : session_cache_find(cache, id, endpoint_wall_clock(endpoint));
    bool hit = session != NULL && session->version == VERSION_SSL_2_0;
    handshake_know(handshake, FACT_RESUMED, hit);
    if (!hit)
        return;
    handshake->session = session_ref(session);
    handshake->suite = suite_find(session->suite);
    take_secrets(handshake, session);
}

/* The ciphers that both have, in the server's order. */
static void common_specs(Endpoint *endpoint, Bytes offered)
{
    Ssl2State *state = ssl2_state(endpoint->handshake);
    Bytes own = own_specs(endpoint);
    for (size_t i = 0; i < numbers_count(own, 3); i++)
        if (numbers_contain(offered, 3, numbers_at(own, 3, i)))
            bytes_append(state->specs, bytes_slice(own, 3 * i, 3));
}

bool ssl2_client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    const Ssl2Message *hello = &message->ssl2;
    if (hello->challenge.size < SSL2_CHALLENGE_SIZE || hello->challenge.size > SSL2_CHALLENGE_MOST)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.5.1",
                          "the challenge has %zu bytes, not 16 to 32", hello->challenge.size);
    handshake->offered_version = handshake->hello_version = hello->version;
    handshake->version = version_find(VERSION_SSL_2_0);
    memcpy(state->challenge, hello->challenge.data, hello->challenge.size);
    state->challenge_size = hello->challenge.size;
    report_fact(endpoint, "version", "SSL 2.0",
                "the client opens with it, and the server takes it");
    take_session(endpoint, hello->session_id);
    handshake->credential = &endpoint->config->credential;
    bool asks = handshake->client_auth != CLIENT_AUTH_NONE;
    handshake_know(handshake, FACT_CERT_ASKED, asks && !handshake_is(handshake, FACT_RESUMED));
    if (handshake_is(handshake, FACT_RESUMED))
        return true;
    common_specs(endpoint, hello->cipher_specs); /* if there is none, the client says so: 2.7 */
    return true;
}

/* --- SERVER-HELLO: 2.6.1 --- */

bool ssl2_server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    Ssl2Message *hello = &message->ssl2;
    const Credential *credential = handshake->credential;
    random_fill(endpoint->random, "connection_id", state->connection_id, SSL2_CONNECTION_ID_SIZE);
    state->connection_id_size = SSL2_CONNECTION_ID_SIZE;
    hello->version = VERSION_SSL_2_0;
    hello->connection_id = bytes_make(state->connection_id, state->connection_id_size);
    hello->session_id_hit = handshake_is(handshake, FACT_RESUMED);
    if (hello->session_id_hit)
        return true;
    if (credential->key == NULL || credential->chain == NULL || credential->chain->len == 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "the server has no certificate to show");
    hello->certificate_type = SSL2_CERTIFICATE_X509;
    hello->certificate = bytes_from_gbytes(g_ptr_array_index(credential->chain, 0));
    hello->cipher_specs = bytes_from_array(state->specs);
    state->server_certificate = bytes_copy(hello->certificate);
    return true;
}

/* The first of the client's own that the server has, too: the client chooses. */
static bool choose_cipher(Endpoint *endpoint, Bytes specs, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (!is_ssl2(suite) || !numbers_contain(specs, 3, suite->number))
            continue;
        endpoint->handshake->suite = suite;
        report_fact(endpoint, "cipher_suite", suite->name,
                    "the first in the client's order that the server has: in SSL 2.0 the client "
                    "chooses");
        return true;
    }
    return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "draft-hickman-netscape-ssl 2.7",
                      "no common cipher among the %zu that the server has",
                      numbers_count(specs, 3));
}

static bool take_certificate(Endpoint *endpoint, Bytes der, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Certificate *certificate = certificate_read(der, fault);
    if (certificate == NULL)
        return false;
    g_ptr_array_set_size(handshake->lists.peer_chain, 0);
    g_ptr_array_add(handshake->lists.peer_chain, certificate);
    report_certificates(endpoint);
    return true;
}

static bool take_hit(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Session *session = handshake->session;
    if (session == NULL)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.6.1",
                          "the server claims to know a session that was not offered");
    handshake->suite = suite_find(session->suite);
    take_secrets(handshake, session);
    if (session->peer != NULL)
        g_ptr_array_add(handshake->lists.peer_chain, certificate_ref(session->peer));
    handshake->peer_authenticated = session->peer != NULL;
    return true;
}

bool ssl2_server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    const Ssl2Message *hello = &message->ssl2;
    bool hit = hello->session_id_hit != 0;
    handshake->version = version_find(VERSION_SSL_2_0);
    handshake_know(handshake, FACT_RESUMED, hit);
    if (hello->connection_id.size < SSL2_CONNECTION_ID_SIZE ||
        hello->connection_id.size > SSL2_CONNECTION_ID_MOST)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.6.1",
                          "the connection id has %zu bytes, not 16 to 32",
                          hello->connection_id.size);
    memcpy(state->connection_id, hello->connection_id.data, hello->connection_id.size);
    state->connection_id_size = hello->connection_id.size;
    if (hit)
        return take_hit(endpoint, fault);
    if (hello->certificate_type != SSL2_CERTIFICATE_X509)
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "draft-hickman-netscape-ssl 2.7",
                          "the server's certificate is of type %u", hello->certificate_type);
    state->server_certificate = bytes_copy(hello->certificate);
    return choose_cipher(endpoint, hello->cipher_specs, fault) &&
           take_certificate(endpoint, hello->certificate, fault) &&
           peer_check(endpoint, false, fault);
}

bool ssl2_server_hello_after(Endpoint *endpoint, Fault *fault)
{
    return !handshake_is(endpoint->handshake, FACT_RESUMED) || ssl2_derive(endpoint, fault);
}

/* --- CLIENT-MASTER-KEY: 2.5.2 --- */

bool ssl2_master_key_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    const Suite *suite = handshake->suite;
    Ssl2Message *key = &message->ssl2;
    BUFFER_SCOPED cipher = buffer_take();
    PublicKey *server = certificate_key(g_ptr_array_index(handshake->lists.peer_chain, 0));
    size_t clear = suite->clear_size, block = cipher_row(suite->cipher)->block_size;
    random_fill(endpoint->random, "master_key", state->master, suite->key_size);
    random_fill(endpoint->random, "key_arg", state->key_arg, sizeof state->key_arg);
    Bytes secret = bytes_make(state->master + clear, suite->key_size - clear);
    bool marks = endpoint->config->last >= VERSION_SSL_3_0; /* RFC 5246 E.2 */
    endpoint->meter.public_operations++;
    if (marks ? !public_key_encrypt_marked(server, endpoint->random, secret, cipher, fault)
              : !public_key_encrypt(server, endpoint->random, secret, cipher, fault))
        return false;
    key->cipher_kind = suite->number;
    key->clear_key = bytes_make(state->master, clear);
    key->encrypted_key = handshake_keep(handshake, bytes_from_array(cipher));
    key->key_arg = bytes_make(state->key_arg, block);
    return true;
}

/* A secret part that does not decrypt is replaced by a random one, as RFC 5246 7.4.7.1 teaches. */
static bool decrypt_secret(Endpoint *endpoint, const Ssl2Message *key, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Suite *suite = handshake->suite;
    uint8_t *secret = ssl2_state(handshake)->master + suite->clear_size;
    size_t size = suite->key_size - suite->clear_size;
    BUFFER_SCOPED block = buffer_take();
    Bytes plain = BYTES_NONE;
    endpoint->meter.private_operations++;
    random_fill(endpoint->random, "master_key_substitute", secret, size);
    bool decrypted =
        private_key_decrypt(handshake->credential->key, key->encrypted_key, block, &plain);
    if (!decrypted || plain.size != size) {
        report_fact(endpoint, "master_key", "replaced by a random one",
                    "the ciphertext does not decrypt to %zu bytes", size);
        return true;
    }
    memcpy(secret, plain.data, size);
    if (!block_is_marked(bytes_from_array(block), plain) ||
        endpoint->config->last < VERSION_SSL_3_0) /* RFC 5246 E.2 */
        return true;
    return fault_peer(
        fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.2",
        "the client marks in the padding that it can do more than SSL 2.0, and so can "
        "this server: somebody has lowered the offer");
}

bool ssl2_master_key_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    const Ssl2Message *key = &message->ssl2;
    const Suite *suite = suite_find(key->cipher_kind);
    if (!is_ssl2(suite) || !numbers_contain(bytes_from_array(state->specs), 3, suite->number))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "draft-hickman-netscape-ssl 2.5.2",
                          "the client takes %s, which is not among those that both have",
                          number_text(NUMBER_SUITE, key->cipher_kind));
    handshake->suite = suite;
    report_fact(endpoint, "cipher_suite", suite->name, "the client's choice");
    if (key->clear_key.size != suite->clear_size || /* CVE-2015-3197, CVE-2016-0800 */
        key->key_arg.size != cipher_row(suite->cipher)->block_size)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.5.2",
                          "CLIENT-MASTER-KEY has %zu bytes of clear key and %zu of argument; this "
                          "cipher has %u and %u",
                          key->clear_key.size, key->key_arg.size, suite->clear_size,
                          cipher_row(suite->cipher)->block_size);
    if (suite->clear_size > 0)
        memcpy(state->master, key->clear_key.data, key->clear_key.size);
    if (key->key_arg.size > 0)
        memcpy(state->key_arg, key->key_arg.data, key->key_arg.size);
    return decrypt_secret(endpoint, key, fault);
}

/* --- CLIENT-FINISHED, SERVER-VERIFY, SERVER-FINISHED: 2.5.3, 2.6.2, 2.6.3 --- */

bool ssl2_client_finished_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault)
{
    (void)store;
    (void)fault;
    const Ssl2State *state = ssl2_state(endpoint->handshake);
    message->ssl2.connection_id = bytes_make(state->connection_id, state->connection_id_size);
    return true;
}

bool ssl2_client_finished_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const Ssl2State *state = ssl2_state(endpoint->handshake);
    if (bytes_equal(message->ssl2.connection_id,
                    bytes_make(state->connection_id, state->connection_id_size)))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "draft-hickman-netscape-ssl 2.5.3",
                      "CLIENT-FINISHED does not return the connection id");
}

bool ssl2_server_verify_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    const Ssl2State *state = ssl2_state(endpoint->handshake);
    message->ssl2.challenge = bytes_make(state->challenge, state->challenge_size);
    return true;
}

bool ssl2_server_verify_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const Ssl2State *state = ssl2_state(endpoint->handshake);
    if (bytes_equal(message->ssl2.challenge, bytes_make(state->challenge, state->challenge_size)))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "draft-hickman-netscape-ssl 2.6.2",
                      "SERVER-VERIFY does not return the challenge: the server does not have the "
                      "key of its certificate");
}

bool ssl2_server_finished_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault)
{
    (void)store;
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    if (!handshake_is(handshake, FACT_RESUMED)) {
        random_fill(endpoint->random, "session_id", handshake->session_id, SSL2_SESSION_ID_SIZE);
        handshake->session_id_size = SSL2_SESSION_ID_SIZE;
    }
    message->ssl2.session_id = bytes_make(handshake->session_id, handshake->session_id_size);
    return true;
}

bool ssl2_server_finished_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Bytes id = message->ssl2.session_id;
    if (id.size > SESSION_ID_MOST)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.6.3",
                          "the session id has %zu bytes", id.size);
    if (id.size > 0) /* a message that ends here has no bytes to point at */
        memcpy(handshake->session_id, id.data, id.size);
    handshake->session_id_size = id.size;
    return true;
}

/* --- REQUEST-CERTIFICATE, CLIENT-CERTIFICATE: 2.6.4, 2.5.4 --- */

bool ssl2_request_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    Ssl2State *state = ssl2_state(endpoint->handshake);
    random_fill(endpoint->random, "certificate_challenge", state->certificate_challenge,
                SSL2_CHALLENGE_SIZE);
    state->certificate_challenge_size = SSL2_CHALLENGE_SIZE;
    message->ssl2.authentication_type = SSL2_AUTH_MD5_RSA;
    message->ssl2.challenge = bytes_make(state->certificate_challenge, SSL2_CHALLENGE_SIZE);
    return true;
}

bool ssl2_request_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    Bytes challenge = message->ssl2.challenge;
    const Credential *own = &endpoint->config->credential;
    if (challenge.size < SSL2_CHALLENGE_SIZE || challenge.size > SSL2_CHALLENGE_MOST)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "draft-hickman-netscape-ssl 2.6.4",
                          "the challenge has %zu bytes, not 16 to 32", challenge.size);
    memcpy(state->certificate_challenge, challenge.data, challenge.size);
    state->certificate_challenge_size = challenge.size;
    bool has = own->key != NULL && own->chain != NULL && own->chain->len > 0 &&
               message->ssl2.authentication_type == SSL2_AUTH_MD5_RSA;
    handshake->credential = has ? own : NULL;
    handshake_know(handshake, FACT_NO_CERT_ALERT, !has);
    return true;
}

bool ssl2_no_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    (void)endpoint;
    (void)store;
    (void)fault;
    message->ssl2.error_code = SSL2_ERROR_NO_CERTIFICATE;
    return true;
}

bool ssl2_no_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    if (message->ssl2.error_code != SSL2_ERROR_NO_CERTIFICATE ||
        endpoint->handshake->client_auth == CLIENT_AUTH_REQUIRED)
        return fault_peer(fault, ALERT_NO_CERTIFICATE, "draft-hickman-netscape-ssl 2.7",
                          "a client certificate is required, and none was shown");
    report_note(endpoint, "anonymous",
                "The client shows no certificate; it is served as anonymous.");
    return true;
}

/* MD5 of both session keys, the server's challenge and the server's certificate. */
static void response_hash(const Endpoint *endpoint, uint8_t output[HASH_SIZE_MOST])
{
    const Ssl2State *state = ssl2_state(endpoint->handshake);
    const Bytes parts[] = {
        bytes_make(state->keys.material, state->keys.size),
        bytes_make(state->certificate_challenge, state->certificate_challenge_size),
        bytes_from_gbytes(state->server_certificate),
    };
    digest(HASH_MD5, parts, G_N_ELEMENTS(parts), output);
}

bool ssl2_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    Ssl2Message *shown = &message->ssl2;
    uint8_t hash[HASH_SIZE_MOST];
    BUFFER_SCOPED response = buffer_take();
    response_hash(endpoint, hash);
    endpoint->meter.private_operations++;
    if (!private_key_sign(handshake->credential->key, SIGNATURE_RSA_PKCS1, HASH_MD5,
                          bytes_make(hash, hash_size(HASH_MD5)), endpoint->random, response, fault))
        return false;
    shown->certificate_type = SSL2_CERTIFICATE_X509;
    shown->certificate = bytes_from_gbytes(g_ptr_array_index(handshake->credential->chain, 0));
    shown->response = handshake_keep(handshake, bytes_from_array(response));
    return true;
}

bool ssl2_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const Ssl2Message *shown = &message->ssl2;
    uint8_t hash[HASH_SIZE_MOST];
    if (shown->certificate_type != SSL2_CERTIFICATE_X509)
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "draft-hickman-netscape-ssl 2.7",
                          "the client's certificate is of type %u", shown->certificate_type);
    if (!take_certificate(endpoint, shown->certificate, fault))
        return false;
    response_hash(endpoint, hash);
    endpoint->meter.public_operations++;
    const PublicKey *key =
        certificate_key(g_ptr_array_index(endpoint->handshake->lists.peer_chain, 0));
    bool good = public_key_verify(key, SIGNATURE_RSA_PKCS1, HASH_MD5,
                                  bytes_make(hash, hash_size(HASH_MD5)), shown->response);
    return peer_check(endpoint, good, fault);
}

/* --- what is kept --- */

void ssl2_keep(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    const EndpointConfig *config = endpoint->config;
    bool client = config->role == ROLE_CLIENT;
    if (config->cache == NULL || handshake->session_id_size == 0 ||
        handshake_is(handshake, FACT_RESUMED))
        return;
    g_autoptr(Session) session = session_of(endpoint);
    session->secret_size = handshake->suite->key_size;
    memcpy(session->secret, handshake->ssl2->master, session->secret_size);
    memcpy(session->key_arg, handshake->ssl2->key_arg, sizeof session->key_arg);
    memcpy(session->id, handshake->session_id, handshake->session_id_size);
    session->id_size = handshake->session_id_size;
    session_cache_add(config->cache,
                      client ? client_key(endpoint) : bytes_make(session->id, session->id_size),
                      session);
}
