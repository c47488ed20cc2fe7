/* The hellos of TLS 1.3 beyond what all versions share: pre-shared keys offered and bound,
 * HelloRetryRequest, ServerHello, early data, EncryptedExtensions.
 *
 * A ServerHello repeats what a middlebox expects of an older one, and every one of these fields is
 * checked, because a client must not be led to another handshake than the one it offered.
 *
 * Obeys RFC 8446 2.2, 2.3, 4.1.3, 4.1.4, 4.2.10, 4.2.11, 4.3.1, 4.5, D.4, D.5.
 */
#include <string.h>

#include "core/engine/extensions.h"

/* --- the client's pre-shared keys --- */

static bool hash_offered(const EndpointConfig *config, HashKind hash)
{
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite != NULL && suite->key_exchange == KEY_EXCHANGE_TLS13 && suite->prf == hash)
            return true;
    }
    return false;
}

static void offer(Handshake *handshake, Session *session, const ExternalPsk *external, Bytes key,
                  HashKind hash)
{
    OfferedPsk one = {.external = external, .key = key, .hash = hash};
    one.session = session == NULL ? NULL : session_ref(session);
    g_array_append_val(handshake->lists.offered, one);
}

/* The newest ticket, then the external keys. A ticket is used once (RFC 8446 C.4), unless the
 * configuration says that it is kept: whoever replays keeps it. */
void tls13_collect_psks(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    if (!offers_tls13(endpoint))
        return;
    Bytes key = bytes_from_text(config->server_name == NULL ? "" : config->server_name);
    Session *session = config->cache == NULL
                           ? NULL
                           : session_cache_find(config->cache, key, endpoint_wall_clock(endpoint));
    const Suite *suite = session == NULL ? NULL : suite_find(session->suite);
    if (suite != NULL && session->version >= VERSION_TLS_1_3 && session->ticket != NULL &&
        !config->options.no_tickets && hash_offered(config, suite->prf)) {
        offer(handshake, session, NULL, bytes_make(session->secret, session->secret_size),
              suite->prf);
        if (!config->options.reuses_tickets)
            session_cache_remove(config->cache, key, session);
    }
    for (size_t i = 0; i < config->psk_count && handshake->lists.offered->len < PSKS_MOST; i++)
        if (hash_offered(config, config->psks[i].hash))
            offer(handshake, NULL, &config->psks[i], config->psks[i].key, config->psks[i].hash);
}

bool tls13_fill_binders(Endpoint *endpoint, GByteArray *hello, Fault *fault)
{
    (void)fault;
    const GArray *offered = endpoint->handshake->lists.offered;
    if (!extension_sent(endpoint->handshake, EXTENSION_PRE_SHARED_KEY))
        return true;
    size_t size = 0;
    for (guint i = 0; i < offered->len && i < PSKS_MOST; i++)
        size += 1 + hash_size(g_array_index(offered, OfferedPsk, i).hash);
    size_t at = hello->len - size;
    Bytes truncated = bytes_make(hello->data, at - 2); /* without the length of the list */
    for (guint i = 0; i < offered->len && i < PSKS_MOST; i++) {
        const OfferedPsk *psk = &g_array_index(offered, OfferedPsk, i);
        uint8_t binder[HASH_SIZE_MOST];
        tls13_binder(endpoint, psk->hash, psk->key, psk->session == NULL, truncated, binder);
        memcpy(hello->data + at + 1, binder, hash_size(psk->hash));
        at += 1 + hash_size(psk->hash);
    }
    return true;
}

/* --- early data --- */

static const Suite *suite_of_psk(const OfferedPsk *psk)
{
    return psk->session != NULL ? suite_find(psk->session->suite) : NULL;
}

/* Behind the client's hello: its early keys, and the data under them; or the server's, to read it.
 */
bool tls13_client_hello_after(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    bool client = endpoint->config->role == ROLE_CLIENT;
    if (client && handshake->early_offered && !handshake_is(handshake, FACT_RETRY))
        return tls13_send_early(endpoint, fault);
    if (client || !handshake_is(handshake, FACT_EARLY))
        return true;
    return tls13_early_secrets(endpoint, handshake->suite, fault) &&
           tls13_install(
               endpoint, &endpoint->read, UNDER_EARLY,
               bytes_make(handshake->secrets.client_early, hash_size(handshake->suite->prf)),
               fault);
}

bool tls13_send_early(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const OfferedPsk *psk = &g_array_index(handshake->lists.offered, OfferedPsk, 0);
    const Suite *suite = suite_of_psk(psk);
    if (suite == NULL)
        return true;
    speak_flush(endpoint);
    handshake->early_write = true;
    tls13_compatibility(endpoint); /* RFC 8446 D.4: behind the first hello */
    handshake->psk_key = psk->key;
    if (!tls13_early_secrets(endpoint, suite, fault) ||
        !tls13_install(endpoint, &endpoint->write, UNDER_EARLY,
                       bytes_make(handshake->secrets.client_early, hash_size(suite->prf)), fault))
        return false;
    handshake->psk_key = BYTES_NONE;
    handshake->suite = NULL; /* the server's choice is to come */
    Bytes data = bytes_slice(endpoint->config->early_data, 0, psk->session->max_early_data);
    report_fact(endpoint, "early_data", "sent",
                "%zu bytes under the keys of the ticket, before the server has said anything",
                data.size);
    Message message = {.kind = MESSAGE_APPLICATION_DATA, .application_data = data};
    return speak_message(endpoint, &message, -1, fault);
}

/* --- HelloRetryRequest --- */

static void fill_hello(Endpoint *endpoint, ServerHello *hello, Bytes random)
{
    Handshake *handshake = endpoint->handshake;
    hello->server_version = VERSION_TLS_1_2; /* RFC 8446 4.1.3: legacy_version */
    hello->random = random;
    hello->session_id = bytes_make(handshake->session_id, handshake->session_id_size);
    hello->cipher_suite = (uint16_t)handshake->suite->number;
}

bool hello_retry_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    fill_hello(endpoint, &message->server_hello, BYTES_ARRAY(hello_retry_random));
    tls13_replace_transcript(endpoint->handshake);
    return extensions_answer(endpoint, MESSAGE_HELLO_RETRY_REQUEST,
                             &message->server_hello.extensions, fault);
}

bool tls13_retry_after(Endpoint *endpoint, Fault *fault)
{
    (void)fault;
    speak_flush(endpoint);
    tls13_compatibility(endpoint); /* RFC 8446 D.4: behind the server's first message */
    return true;
}

/* RFC 8446 4.1.3: legacy_version is that of TLS 1.2; D.5: nothing speaks SSL 3.0 any more. */
static bool legacy_check(const ServerHello *hello, Fault *fault)
{
    bool ssl3 = hello->server_version <= VERSION_SSL_3_0;
    if (hello->server_version == VERSION_TLS_1_2)
        return true;
    return fault_peer(fault, ssl3 ? ALERT_PROTOCOL_VERSION : ALERT_ILLEGAL_PARAMETER,
                      ssl3 ? "RFC 8446 D.5" : "RFC 8446 4.1.3",
                      "ServerHello.legacy_version is %s, not TLS 1.2",
                      number_text(NUMBER_VERSION, hello->server_version));
}

/* What both kinds of ServerHello of TLS 1.3 must hold: RFC 8446 4.1.3. */
static bool common_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    const Extension *versions = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    ProtocolVersion version =
        versions == NULL ? VERSION_NONE : versions->supported_versions.selected_version;
    if (version < VERSION_TLS_1_3 || version < config->first || version > config->last ||
        version_find(version) == NULL) /* RFC 8446 4.2.1 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.1",
                          "the server selects %s, which the client did not offer so",
                          number_text(NUMBER_VERSION, version));
    handshake->version = version_find(version);
    if (!legacy_check(hello, fault))
        return false;
    if (!bytes_equal(hello->session_id,
                     bytes_make(handshake->session_id, handshake->session_id_size)))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.3",
                          "the server does not echo the client's legacy_session_id");
    if (hello->compression_method != COMPRESSION_NULL) /* RFC 8446 4.1.3 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.3",
                          "the server chose compression %u; TLS 1.3 has none",
                          hello->compression_method);
    const Suite *suite = suite_find(hello->cipher_suite);
    bool offered = false;
    for (size_t i = 0; i < config->suite_count; i++)
        offered |= config->suites[i] == hello->cipher_suite;
    if (suite == NULL || !offered || !suite_fits(suite, version) ||
        (handshake->suite != NULL && handshake->suite != suite))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.3",
                          "the server chose %s (0x%04x), which was not offered for this, or is not "
                          "that of its HelloRetryRequest",
                          number_text(NUMBER_SUITE, hello->cipher_suite), hello->cipher_suite);
    handshake->suite = suite;
    return true;
}

bool hello_retry_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ServerHello *hello = &message->server_hello;
    if (!common_check(endpoint, hello, fault) ||
        !extensions_accept(endpoint, MESSAGE_HELLO_RETRY_REQUEST, &hello->extensions, fault))
        return false;
    if (handshake->retry_group == NULL && handshake->cookie == NULL) /* RFC 8446 4.1.4 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.4",
                          "HelloRetryRequest asks for no change");
    tls13_replace_transcript(handshake);
    for (guint i = handshake->lists.offered->len; i > 0; i--) /* RFC 8446 4.1.4: hashes that fit */
        if (g_array_index(handshake->lists.offered, OfferedPsk, i - 1).hash !=
            handshake->suite->prf)
            g_array_remove_index(handshake->lists.offered, i - 1);
    report_fact(endpoint, "hello_retry",
                handshake->retry_group == NULL ? "cookie" : handshake->retry_group->name,
                "the server asks for another hello (RFC 8446 4.1.4)");
    if (handshake->early_write) { /* RFC 8446 4.2.10: the data is lost */
        g_clear_pointer(&endpoint->write.protection, protection_free);
        endpoint->write.under = UNDER_CURRENT;
        endpoint->write.epoch = 0;
        handshake->early_write = false;
        report_fact(endpoint, "early_data", "rejected", "the server asks for another hello");
        endpoint_event(endpoint, EVENT_EARLY_DATA_REJECTED, BYTES_NONE);
    }
    handshake->early_offered = false;
    handshake->sent &= ~extension_bit(EXTENSION_EARLY_DATA);
    return true;
}

/* --- ServerHello --- */

bool tls13_server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    random_fill(endpoint->random, "server_random", handshake->server_random, RANDOM_SIZE);
    fill_hello(endpoint, &message->server_hello, BYTES_ARRAY(handshake->server_random));
    report_key(endpoint, "server_random", message->server_hello.random);
    return extensions_answer(endpoint, MESSAGE_SERVER_HELLO, &message->server_hello.extensions,
                             fault);
}

/* What the server took of the offer: a pre-shared key, a share, both. */
static bool agreement_check(Endpoint *endpoint, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    bool psk = handshake_is(handshake, FACT_PSK);
    unsigned modes = config->options.psk_modes == 0 ? PSK_MODE_DHE_KE : config->options.psk_modes;
    bool share = extension_came(handshake, EXTENSION_KEY_SHARE);
    if (!share && !psk) /* RFC 8446 4.1.1, 9.2 */
        return fault_peer(fault, ALERT_MISSING_EXTENSION, "RFC 8446 9.2",
                          "ServerHello has neither key_share nor pre_shared_key");
    if (psk && (modes & (share ? PSK_MODE_DHE_KE : PSK_MODE_KE)) == 0) /* RFC 8446 4.2.9 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.9",
                          "the server uses the pre-shared key %s key agreement, which was not "
                          "offered",
                          share ? "with" : "without");
    if (!psk)
        return true;
    const OfferedPsk *used =
        &g_array_index(handshake->lists.offered, OfferedPsk, handshake->selected_psk);
    if (used->hash != handshake->suite->prf) /* RFC 8446 4.2.11 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.11",
                          "the server's suite has another hash than the pre-shared key");
    handshake->psk_key = used->key;
    handshake->psk = used->external;
    g_clear_pointer(&handshake->session, session_unref);
    handshake->session = used->session == NULL ? NULL : session_ref(used->session);
    report_fact(endpoint, "pre_shared_key",
                used->session == NULL ? used->external->identity : "of an earlier connection",
                "the server took identity %u, %s key agreement", handshake->selected_psk,
                share ? "with" : "without");
    return true;
}

bool tls13_server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ServerHello *hello = &message->server_hello;
    memcpy(handshake->server_random, hello->random.data, RANDOM_SIZE);
    handshake->came = 0;
    handshake_know(handshake, FACT_PSK, false);
    if (!common_check(endpoint, hello, fault) ||
        !extensions_accept(endpoint, MESSAGE_SERVER_HELLO, &hello->extensions, fault) ||
        !agreement_check(endpoint, fault))
        return false;
    handshake_know(handshake, FACT_COMPRESSED, false);
    if (endpoint->config->options.certificate_compression) /* either form may come */
        handshake->progress.known &= ~(Facts)FACT_COMPRESSED;
    if (handshake->group != NULL)
        report_fact(endpoint, "group", handshake->group->name, "the group of the server's share");
    return true;
}

/* --- EncryptedExtensions --- */

bool encrypted_extensions_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault)
{
    (void)store;
    return extensions_answer(endpoint, MESSAGE_ENCRYPTED_EXTENSIONS, &message->encrypted_extensions,
                             fault);
}

bool encrypted_extensions_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    handshake_know(handshake, FACT_EARLY, false);
    if (!extensions_accept(endpoint, MESSAGE_ENCRYPTED_EXTENSIONS, &message->encrypted_extensions,
                           fault))
        return false;
    bool resumed = handshake_is(handshake, FACT_PSK);
    if (resumed && handshake->session != NULL && handshake->session->peer != NULL) {
        g_ptr_array_add(handshake->lists.peer_chain, certificate_ref(handshake->session->peer));
        handshake->peer_authenticated = true;
    }
    if (!handshake->early_write || handshake_is(handshake, FACT_EARLY))
        return true;
    report_fact(endpoint, "early_data", "rejected", "EncryptedExtensions does not take it");
    endpoint_event(endpoint, EVENT_EARLY_DATA_REJECTED, BYTES_NONE);
    return tls13_end_early(endpoint, fault);
}
