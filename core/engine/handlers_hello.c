/* The hellos: what is offered, what is chosen, and why.
 *
 * Versions, suites, compression and extensions are settled here. Every choice goes to the trace
 * with its reason, because that is what a lesson asks. What the chosen suite does is data of its
 * row.
 *
 * Obeys RFC 5246 7.4.1.2 to 7.4.1.4, E.1; RFC 6101 5.6.1; RFC 5746 3.4 to 3.7; RFC 6066 3.
 */
#include "core/engine/state.h"

#include <string.h>

/* Whether this side binds renegotiations to their connection (RFC 5746). */
static bool binds(const Endpoint *endpoint)
{
    return !(endpoint->config->weaknesses & WEAKNESS_RENEGOTIATES_WITHOUT_BINDING);
}

static bool renegotiates(const Endpoint *endpoint)
{
    return endpoint->established.any;
}

/* A place in `store` for bytes that a message's views point into. The store must not grow beyond
 * what was reserved, or the views would dangle: so everything is appended first, then viewed. */
static void store_u16(GByteArray *store, uint16_t number)
{
    const uint8_t bytes[] = {(uint8_t)(number >> 8), (uint8_t)number};
    g_byte_array_append(store, bytes, sizeof bytes);
}

static Extension *extensions_add(Extensions *extensions, uint16_t type)
{
    extensions->present = true;
    Extension *extension = &extensions->list[extensions->count++];
    extension->type = type;
    extension->known = true;
    return extension;
}

/* RFC 5246 7.4.1.4.1: what this side verifies, the strongest first */
static const uint8_t signature_algorithms[] = {6, 1, 5, 1, 4, 1, 2, 1};

static void client_extensions(const Endpoint *endpoint, ClientHello *hello, bool empty_info)
{
    const EndpointConfig *config = endpoint->config;
    Extensions *extensions = &hello->extensions;
    /* SSL 3.0 has no extensions; only a renegotiation must carry its binding (RFC 5746 4.5) */
    bool extended = config->last >= VERSION_TLS_1_0;
    if (extended && config->server_name != NULL) {
        Extension *names = extensions_add(extensions, EXTENSION_SERVER_NAME);
        names->server_name.count = 1;
        names->server_name.list[0].host_name = bytes_from_text(config->server_name);
    }
    if (config->last >= VERSION_TLS_1_2)
        extensions_add(extensions, EXTENSION_SIGNATURE_ALGORITHMS)->signature_algorithms =
            BYTES_ARRAY(signature_algorithms);
    if (!binds(endpoint) || (renegotiates(endpoint) && !endpoint->established.secure_renegotiation))
        return;
    if (renegotiates(endpoint)) /* RFC 5746 3.5 */
        extensions_add(extensions, EXTENSION_RENEGOTIATION_INFO)->renegotiated_connection =
            bytes_make(endpoint->established.client_verify,
                       endpoint->established.version->finished_size);
    else if (empty_info) /* RFC 5746 3.4 */
        extensions_add(extensions, EXTENSION_RENEGOTIATION_INFO);
}

bool client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    static const uint8_t null_compression[] = {COMPRESSION_NULL};
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    ClientHello *hello = &message->client_hello;
    handshake->offered_version = config->last;
    random_fill(endpoint->random, "client_random", handshake->client_random, RANDOM_SIZE);
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite != NULL && suite->first <= config->last && suite->last >= config->first)
            store_u16(store, config->suites[i]);
    }
    if (store->len == 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "none of the client's suites exists in its versions");
    /* RFC 5746 3.4: one of the two. A client that may meet an SSL 3.0 server sends the suite value,
     * which no server stumbles over; the others the extension. */
    bool scsv = binds(endpoint) && !renegotiates(endpoint) && config->first == VERSION_SSL_3_0;
    if (scsv)
        store_u16(store, SCSV_EMPTY_RENEGOTIATION_INFO);
    handshake->offered_scsv = scsv;
    handshake->offered_names = config->server_name != NULL && config->last >= VERSION_TLS_1_0;
    hello->client_version = config->last;
    hello->random = BYTES_ARRAY(handshake->client_random);
    hello->cipher_suites = bytes_from_array(store);
    hello->compression_methods = BYTES_ARRAY(null_compression);
    client_extensions(endpoint, hello, !scsv);
    report_key(endpoint, "client_random", hello->random);
    return true;
}

/* RFC 5746 3.6 (first handshake) and 3.7 (renegotiation): the server's side of the binding. */
static bool client_binding_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Established *before = &endpoint->established;
    bool scsv = numbers_contain(hello->cipher_suites, 2, SCSV_EMPTY_RENEGOTIATION_INFO);
    const Extension *info = extensions_find(&hello->extensions, EXTENSION_RENEGOTIATION_INFO);
    if (!binds(endpoint))
        return true;
    handshake->peer_binds = scsv || info != NULL;
    if (!renegotiates(endpoint)) {
        if (info != NULL && info->renegotiated_connection.size != 0) /* RFC 5746 3.6 */
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.6",
                              "a first hello carries the binding of another handshake");
        return true;
    }
    if (scsv && before->secure_renegotiation) /* RFC 5746 3.7 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.7",
                          "the hello of a renegotiation carries the SCSV of a first one");
    if (!before->secure_renegotiation && (scsv || info != NULL)) /* RFC 5746 4.4 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 4.4",
                          "a client that could not bind its first handshake binds its second");
    if (!before->secure_renegotiation)
        return true;
    Bytes expected = bytes_make(before->client_verify, before->version->finished_size);
    if (info == NULL || !bytes_equal(info->renegotiated_connection, expected))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.7",
                          "the hello is not bound to the handshake before it: %s",
                          info == NULL ? "renegotiation_info is missing"
                                       : "renegotiated_connection is not its client verify_data");
    return true;
}

/* RFC 5246 E.1: the highest that both speak, which the client's number bounds. */
static bool choose_version(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    ProtocolVersion chosen = MIN(hello->client_version, config->last);
    if (renegotiates(endpoint)) /* a connection keeps its version */
        chosen = MIN(chosen, endpoint->established.version->number);
    const Version *version = version_find(chosen);
    if (version == NULL || chosen < config->first ||
        (renegotiates(endpoint) && version != endpoint->established.version))
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.1",
                          "no common version: the client offers up to %s, the server speaks %s "
                          "to %s",
                          number_text(NUMBER_VERSION, hello->client_version),
                          number_text(NUMBER_VERSION, config->first),
                          number_text(NUMBER_VERSION, config->last));
    endpoint->handshake->version = version;
    report_fact(
        endpoint, "version", version->name, "the client offers up to %s, the server %s to %s",
        number_text(NUMBER_VERSION, hello->client_version),
        number_text(NUMBER_VERSION, config->first), number_text(NUMBER_VERSION, config->last));
    return true;
}

/* Whether the server can use a suite: its version, and a key that does what it asks. */
static bool suite_usable(const Endpoint *endpoint, const Suite *suite)
{
    enum { EXPORT_BITS = 512 }; /* RFC 2246 7.4.3 */
    if (suite == NULL || !suite_fits(suite, endpoint->handshake->version->number) ||
        endpoint->config->credential.key == NULL)
        return false;
    if (suite->key_exchange != KEY_EXCHANGE_RSA_EXPORT)
        return true;
    g_autoptr(PublicKey) key = private_key_public(endpoint->config->credential.key);
    return public_key_bits(key) <= EXPORT_BITS || endpoint->config->temporary_rsa != NULL;
}

static const Suite *choose_from(const Endpoint *endpoint, Bytes first, Bytes second)
{
    for (size_t i = 0; i < numbers_count(first, 2); i++) {
        uint16_t number = (uint16_t)numbers_at(first, 2, i);
        const Suite *suite = suite_find(number);
        if (numbers_contain(second, 2, number) && suite_usable(endpoint, suite))
            return suite;
    }
    return NULL;
}

/* An order of preference decides, not strength. */
static bool choose_suite(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    g_autoptr(GByteArray) own = g_byte_array_new();
    for (size_t i = 0; i < config->suite_count; i++)
        store_u16(own, config->suites[i]);
    Bytes mine = bytes_from_array(own);
    Bytes theirs = hello->cipher_suites;
    const Suite *suite = config->prefers_client_order ? choose_from(endpoint, theirs, mine)
                                                      : choose_from(endpoint, mine, theirs);
    if (suite == NULL) /* RFC 5246 7.4.1.3 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5246 7.4.1.3",
                          "no common cipher suite: none of the client's %zu is one of the "
                          "server's %zu in %s",
                          numbers_count(theirs, 2), config->suite_count,
                          endpoint->handshake->version->name);
    endpoint->handshake->suite = suite;
    report_fact(endpoint, "cipher_suite", suite->name,
                "the first in the %s's order that both have and %s can carry",
                config->prefers_client_order ? "client" : "server",
                endpoint->handshake->version->name);
    return true;
}

static void note_names(Endpoint *endpoint, const ClientHello *hello)
{
    const Extension *names = extensions_find(&hello->extensions, EXTENSION_SERVER_NAME);
    endpoint->handshake->offered_names = names != NULL;
    if (names == NULL || names->server_name.count == 0 ||
        names->server_name.list[0].name_type != 0) /* RFC 6066 3: host_name */
        return;
    Bytes host = names->server_name.list[0].host_name;
    g_autofree char *text = g_strndup((const char *)host.data, host.size);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    report_fact(endpoint, "server_name", valid, "the client names the host that it wants");
}

bool client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    enum { EXPORT_BITS = 512 };
    Handshake *handshake = endpoint->handshake;
    const ClientHello *hello = &message->client_hello;
    handshake->offered_version = hello->client_version;
    memcpy(handshake->client_random, hello->random.data, RANDOM_SIZE);
    if (!choose_version(endpoint, hello, fault))
        return false;
    if (!numbers_contain(hello->compression_methods, 1, COMPRESSION_NULL))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.2",
                          "the client does not offer the null compression, which it must");
    if (!client_binding_check(endpoint, hello, fault))
        return false;
    note_names(endpoint, hello);
    if (!choose_suite(endpoint, hello, fault))
        return false;
    report_fact(endpoint, "compression_method", "null", "the only one that both have");
    Progress *progress = &handshake->progress;
    progress->known |= FACT_SSL3 | FACT_EPHEMERAL_RSA | FACT_CERT_ASKED;
    if (handshake->version->number == VERSION_SSL_3_0)
        progress->facts |= FACT_SSL3;
    if (handshake->client_auth != CLIENT_AUTH_NONE)
        progress->facts |= FACT_CERT_ASKED;
    if (handshake->suite->key_exchange == KEY_EXCHANGE_RSA_EXPORT) {
        g_autoptr(PublicKey) key = private_key_public(endpoint->config->credential.key);
        if (public_key_bits(key) > EXPORT_BITS) /* RFC 2246 7.4.3 */
            progress->facts |= FACT_EPHEMERAL_RSA;
    }
    return true;
}

bool server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    const Established *before = &endpoint->established;
    ServerHello *hello = &message->server_hello;
    random_fill(endpoint->random, "server_random", handshake->server_random, RANDOM_SIZE);
    g_byte_array_set_size(store, SESSION_ID_MOST);
    random_fill(endpoint->random, "session_id", store->data, SESSION_ID_MOST);
    hello->server_version = handshake->version->number;
    hello->random = BYTES_ARRAY(handshake->server_random);
    hello->session_id = bytes_from_array(store);
    hello->cipher_suite = handshake->suite->number;
    hello->compression_method = COMPRESSION_NULL;
    report_key(endpoint, "server_random", hello->random);
    if (handshake->offered_names && handshake->version->number >= VERSION_TLS_1_0)
        extensions_add(&hello->extensions, EXTENSION_SERVER_NAME); /* RFC 6066 3: empty */
    if (!handshake->peer_binds)
        return true;
    Extension *info = extensions_add(&hello->extensions, EXTENSION_RENEGOTIATION_INFO);
    if (!renegotiates(endpoint))
        return true; /* RFC 5746 3.6: empty */
    size_t size = before->version->finished_size;
    g_byte_array_append(store, before->client_verify, (guint)size);
    g_byte_array_append(store, before->server_verify, (guint)size);
    hello->session_id = bytes_make(store->data, SESSION_ID_MOST); /* the store may have moved */
    info->renegotiated_connection = bytes_make(store->data + SESSION_ID_MOST, 2 * size);
    return true;
}

/* RFC 5246 7.4.1.4: nothing that was not offered. */
static bool server_extensions_check(const Endpoint *endpoint, const Extensions *extensions,
                                    Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    for (size_t i = 0; extensions->present && i < extensions->count; i++) {
        uint16_t type = extensions->list[i].type;
        /* RFC 5746 3.4: the SCSV asks for renegotiation_info, too */
        bool asked = (type == EXTENSION_SERVER_NAME && handshake->offered_names) ||
                     (type == EXTENSION_RENEGOTIATION_INFO && binds(endpoint));
        if (!asked)
            return fault_peer(fault, ALERT_UNSUPPORTED_EXTENSION, "RFC 5246 7.4.1.4",
                              "ServerHello has the extension %s (%u), which was not offered",
                              number_text(NUMBER_EXTENSION, type), type);
    }
    return true;
}

/* RFC 5746 3.4 (first handshake) and 3.5 (renegotiation): the client's side of the binding. */
static bool server_binding_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    const Established *before = &endpoint->established;
    const Extension *info = extensions_find(&hello->extensions, EXTENSION_RENEGOTIATION_INFO);
    endpoint->handshake->peer_binds = info != NULL;
    if (!renegotiates(endpoint)) {
        if (info != NULL && info->renegotiated_connection.size != 0)
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.4",
                              "the server's first hello carries the binding of another handshake");
        report_fact(endpoint, "renegotiation", info != NULL ? "secure" : "not bound",
                    info != NULL ? "both sides send renegotiation_info (RFC 5746 3.4)"
                                 : "the server does not know RFC 5746, or this client does not");
        return true;
    }
    if (!before->secure_renegotiation) {
        if (info != NULL) /* RFC 5746 3.5 */
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.5",
                              "renegotiation_info appears only at the second handshake");
        return true;
    }
    uint8_t expected[2 * FINISHED_MOST];
    size_t size = before->version->finished_size;
    memcpy(expected, before->client_verify, size);
    memcpy(expected + size, before->server_verify, size);
    if (info == NULL || !bytes_equal(info->renegotiated_connection, bytes_make(expected, 2 * size)))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.5",
                          "ServerHello is not bound to the handshake before it");
    return true;
}

/* What the server chose must have been offered. */
static bool server_choice_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    const Version *version = version_find(hello->server_version);
    bool other = renegotiates(endpoint) && version != endpoint->established.version;
    if (version == NULL || version->number < config->first || version->number > config->last ||
        other)
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.1",
                          "the server chose %s; the client speaks %s to %s",
                          number_text(NUMBER_VERSION, hello->server_version),
                          number_text(NUMBER_VERSION, config->first),
                          number_text(NUMBER_VERSION, config->last));
    endpoint->handshake->version = version;
    const Suite *suite = suite_find(hello->cipher_suite);
    bool offered = false;
    for (size_t i = 0; i < config->suite_count; i++)
        offered = offered || config->suites[i] == hello->cipher_suite;
    if (suite == NULL || !offered || !suite_fits(suite, version->number))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",
                          "the server chose %s (0x%04x), which %s",
                          number_text(NUMBER_SUITE, hello->cipher_suite), hello->cipher_suite,
                          offered ? "this version does not have" : "was not offered");
    endpoint->handshake->suite = suite;
    if (hello->compression_method != COMPRESSION_NULL)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",
                          "the server chose compression %u, which was not offered",
                          hello->compression_method);
    return true;
}

bool server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ServerHello *hello = &message->server_hello;
    memcpy(handshake->server_random, hello->random.data, RANDOM_SIZE);
    if (!server_choice_check(endpoint, hello, fault) ||
        !server_extensions_check(endpoint, &hello->extensions, fault) ||
        !server_binding_check(endpoint, hello, fault))
        return false;
    g_autofree char *id = bytes_to_hex(hello->session_id, NULL);
    report_fact(endpoint, "session_id", id,
                hello->session_id.size == 0 ? "the server will not resume this session"
                                            : "the server's name for this session");
    handshake->progress.known |= FACT_SSL3;
    if (handshake->version->number == VERSION_SSL_3_0)
        handshake->progress.facts |= FACT_SSL3;
    return true;
}
