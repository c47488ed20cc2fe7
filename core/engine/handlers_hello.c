/* The hellos of SSL 3.0 to TLS 1.2, and the ClientHello of TLS 1.3: what is offered, what is
 * chosen.
 *
 * The client's hello is one for all versions: what it offers by extensions is in their table. The
 * server settles the version first, because that decides which list of messages the handshake goes
 * on with; what it chooses and why is in choice.c and tls13_choice.c.
 *
 * Obeys RFC 5246 7.4.1.2, 7.4.1.3, F.1.4 (resumption); RFC 6101 5.6.1; RFC 8446 4.1.2, 4.1.3
 * (downgrade sentinels), D.3 (early data), D.4 (legacy session ID); RFC 7507 4; RFC 3749 2; RFC
 * 8701 3.1.
 */
#include <string.h>

#include "core/engine/extensions.h"

/* --- the client's --- */

static void append_u16(GByteArray *bytes, uint16_t number)
{
    const uint8_t two[] = {(uint8_t)(number >> 8), (uint8_t)number};
    g_byte_array_append(bytes, two, sizeof two);
}

/* The suites that one of the client's versions has, and the values that are no suites. */
static bool offer_suites(Endpoint *endpoint, ClientHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    BUFFER_SCOPED list = buffer_take();
    size_t suites = 0;
    if (config->options.greases)
        append_u16(list, grease_number(endpoint, GREASE_SUITE));
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite == NULL || suite->number > UINT16_MAX || suite->first > config->last ||
            suite->last < config->first)
            continue;
        append_u16(list, (uint16_t)suite->number);
        suites++;
    }
    if (suites == 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "none of the client's suites exists in its versions");
    /* RFC 5746 3.4: one of the two. A client that may meet an SSL 3.0 server sends the suite value,
     * which no server stumbles over; the others the extension. */
    bool old = config->first <= VERSION_SSL_3_0 && config->last <= VERSION_TLS_1_2;
    handshake->offered_scsv =
        binding_wanted(endpoint) && !endpoint->established.any &&
        (old || (config->options.binds_by_scsv && config->first <= VERSION_TLS_1_2));
    if (handshake->offered_scsv)
        append_u16(list, SCSV_EMPTY_RENEGOTIATION_INFO);
    if (config->options.signals_fallback) /* RFC 7507 4: the last */
        append_u16(list, SCSV_FALLBACK);
    hello->cipher_suites = handshake_keep(handshake, bytes_from_array(list));
    return true;
}

/* The ID of the session to resume; with a ticket one of the client's own, by whose echo it sees
 * that the ticket was taken (RFC 5077 3.4); for TLS 1.3 one that says nothing (RFC 8446 D.4). */
static void offer_session(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    Session *session = resume_offered(endpoint);
    handshake->session = session == NULL ? NULL : session_ref(session);
    handshake->session_id_size = 0;
    if (session != NULL && session->ticket == NULL) {
        memcpy(handshake->session_id, session->id, session->id_size);
        handshake->session_id_size = session->id_size;
    } else if (session != NULL ||
               (offers_tls13(endpoint) && !config->options.no_middlebox_compatibility)) {
        random_fill(endpoint->random, "legacy_session_id", handshake->session_id, SESSION_ID_MOST);
        handshake->session_id_size = SESSION_ID_MOST;
    }
}

static void offer_grease(Extensions *extensions, const Endpoint *endpoint)
{
    static const uint8_t one[] = {0};
    if (!endpoint->config->options.greases || extensions->count + 2 > EXTENSIONS_MOST)
        return;
    bool psk = extensions->count > 0 &&
               extensions->list[extensions->count - 1].type == EXTENSION_PRE_SHARED_KEY;
    size_t last = extensions->count + (psk ? 0 : 1); /* RFC 8446 4.2.11: nothing behind it */
    memmove(extensions->list + 1, extensions->list, extensions->count * sizeof(Extension));
    extensions->list[0] = (Extension){.type = grease_number(endpoint, GREASE_EXTENSION)};
    extensions->count += 2;
    if (psk)
        extensions->list[extensions->count - 1] = extensions->list[last];
    extensions->list[last] = (Extension){
        .type = grease_number(endpoint, GREASE_LAST_EXTENSION),
        .data = BYTES_ARRAY(one),
    };
}

/* RFC 7685 4: some old servers hang on a hello of 256 to 511 bytes. Nothing stands behind
 * pre_shared_key. */
static bool pad_hello(Endpoint *endpoint, Message *message, Fault *fault)
{
    enum { LEAST = 256, PADDED = 512, HEADER = 4 };
    static const uint8_t zeros[PADDED];
    Extensions *extensions = &message->client_hello.extensions;
    WalkContext context = endpoint_context(endpoint, ROLE_CLIENT);
    BUFFER_SCOPED whole = buffer_take();
    if (!message_write(message, &context, whole, NULL, fault))
        return false;
    if (whole->len < LEAST || whole->len >= PADDED || extensions->count == EXTENSIONS_MOST)
        return true;
    size_t left = PADDED - whole->len, last = extensions->count++;
    Extension padding = {.type = EXTENSION_PADDING, .raw = true};
    padding.data = bytes_make(zeros, left > HEADER ? left - HEADER : 1);
    bool psk = last > 0 && extensions->list[last - 1].type == EXTENSION_PRE_SHARED_KEY;
    if (psk)
        extensions->list[last] = extensions->list[last - 1];
    extensions->list[psk ? last - 1 : last] = padding;
    return true;
}

static void first_hello(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    handshake->offered_version = endpoint->config->last;
    handshake->hello_version = MIN(endpoint->config->last, VERSION_TLS_1_2);
    random_fill(endpoint->random, "client_random", handshake->client_random, RANDOM_SIZE);
    if (endpoint->config->options.greases)
        random_fill(endpoint->random, "grease", handshake->grease, sizeof handshake->grease);
    offer_session(endpoint);
    tls13_collect_psks(endpoint);
    report_key(endpoint, "client_random", BYTES_ARRAY(handshake->client_random));
}

bool client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    static const uint8_t null_alone[] = {COMPRESSION_NULL};
    static const uint8_t deflate_first[] = {COMPRESSION_DEFLATE, COMPRESSION_NULL};
    (void)store;
    Handshake *handshake = endpoint->handshake;
    ClientHello *hello = &message->client_hello;
    if (!handshake_is(handshake, FACT_RETRY))
        first_hello(endpoint);
    hello->client_version = handshake->hello_version;
    hello->random = BYTES_ARRAY(handshake->client_random);
    hello->session_id = bytes_make(handshake->session_id, handshake->session_id_size);
    bool deflates =
        endpoint->config->options.compresses && endpoint->config->first <= VERSION_TLS_1_2;
    hello->compression_methods = deflates ? BYTES_ARRAY(deflate_first) : BYTES_ARRAY(null_alone);
    if (!offer_suites(endpoint, hello, fault) ||
        !extensions_offer(endpoint, &hello->extensions, fault))
        return false;
    offer_grease(&hello->extensions, endpoint);
    return !endpoint->config->options.pads_hello || pad_hello(endpoint, message, fault);
}

/* --- the server reads it --- */

/* RFC 8446 4.1.2: what a second hello may not change. */
static bool second_hello_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    if (!endpoint_is_tls13(endpoint)) /* there is no second one */
        return true;
    BUFFER_SCOPED fixed = buffer_take();
    bytes_append(fixed, hello->random);
    bytes_append(fixed, hello->session_id);
    bytes_append(fixed, hello->cipher_suites);
    bytes_append(fixed, hello->compression_methods);
    if (handshake->first_hello == NULL) {
        handshake->first_hello = bytes_copy(bytes_from_array(fixed));
        return true;
    }
    if (bytes_equal(bytes_from_gbytes(handshake->first_hello), bytes_from_array(fixed)))
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.2",
                      "the second ClientHello differs from the first where it must not");
}

static bool compression_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Bytes methods = hello->compression_methods;
    Handshake *handshake = endpoint->handshake;
    bool tls13 = handshake->version->number >= VERSION_TLS_1_3;
    if (tls13 && (methods.size != 1 || methods.data[0] != COMPRESSION_NULL)) /* RFC 8446 4.1.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.2",
                          "the client offers compression, which TLS 1.3 does not have");
    if (!numbers_contain(methods, 1, COMPRESSION_NULL)) /* RFC 5246 7.4.1.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.2",
                          "the client does not offer the null compression method");
    handshake->deflate = !tls13 && endpoint->config->options.compresses &&
                         numbers_contain(methods, 1, COMPRESSION_DEFLATE);
    return true;
}

/* What the chosen suite and version make of the list of messages. */
static bool settle(Endpoint *endpoint, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    know_suite(endpoint);
    const KeyExchange *exchange = key_exchange(handshake->suite->key_exchange);
    bool certified = !handshake_is(handshake, FACT_ANON | FACT_PSK | FACT_RESUMED);
    handshake_know(handshake, FACT_CERT_ASKED,
                   certified && handshake->client_auth != CLIENT_AUTH_NONE);
    handshake_know(handshake, FACT_HINT,
                   handshake_is(handshake, FACT_PSK) && config->psk_hint != NULL);
    handshake_know(handshake, FACT_TICKET | FACT_STATUS | FACT_STATUS_SENT, false);
    if (exchange->agreement == AGREEMENT_RSA && certified) {
        enum { EXPORT_BITS = 512 }; /* RFC 2246 7.4.3 */
        g_autoptr(PublicKey) key = private_key_public(handshake->credential->key);
        handshake_know(handshake, FACT_EPHEMERAL,
                       exchange->exportable && public_key_bits(key) > EXPORT_BITS);
    }
    if (config->options.extended_master_secret == FEATURE_REQUIRED &&
        !extension_came(handshake, EXTENSION_EXTENDED_MASTER_SECRET)) /* RFC 7627 5.1 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 7627 5.1",
                          "the client does not offer extended_master_secret, which is required");
    return true;
}

/* RFC 7627 5.3: both sides must agree on the kind of the secret that is used again. */
static bool choose_old(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    handshake_know(handshake, FACT_RESUMED, false);
    if (!endpoint->established.any || endpoint->config->cache != NULL)
        resume_take(endpoint, hello);
    if (!handshake_is(handshake, FACT_RESUMED))
        return choose_suite(endpoint, fault) && settle(endpoint, fault);
    if (handshake->session->extended &&
        !extension_came(handshake, EXTENSION_EXTENDED_MASTER_SECRET))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 7627 5.3",
                          "the client resumes a session with an extended master secret, and does "
                          "not offer the extension");
    return settle(endpoint, fault);
}

bool client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ClientHello *hello = &message->client_hello;
    handshake->hello_version = hello->client_version;
    handshake->offered_version = hello->client_version;
    memcpy(handshake->client_random, hello->random.data, RANDOM_SIZE);
    if (!choose_version(endpoint, hello, fault))
        return false;
    if (handshake_is(handshake, FACT_RETRY) && !endpoint_is_tls13(endpoint))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.2",
                          "the second ClientHello does not offer TLS 1.3 any more");
    handshake_adopt(handshake, family_of(handshake->version->number));
    report_key(endpoint, "client_random", hello->random);
    if (!second_hello_check(endpoint, hello, fault) || !compression_check(endpoint, hello, fault))
        return false;
    handshake->peer_suites = hello->cipher_suites;
    handshake->early_offered = false;
    if (!client_binding_check(endpoint, hello, fault) ||
        !extensions_take(endpoint, &hello->extensions, fault))
        return false;
    if (endpoint_is_tls13(endpoint))
        return tls13_choose(endpoint, hello, fault);
    return choose_old(endpoint, hello, fault);
}

/* --- the server's answer, before TLS 1.3 --- */

/* RFC 8446 4.1.3: a server that can more says so in the last bytes of its random. */
static void mark_downgrade(const Endpoint *endpoint, uint8_t random[RANDOM_SIZE])
{
    static const uint8_t mark[] = {'D', 'O', 'W', 'N', 'G', 'R', 'D'};
    ProtocolVersion version = endpoint->handshake->version->number;
    ProtocolVersion last = endpoint->config->last;
    if (last < VERSION_TLS_1_2 || version >= last || version > VERSION_TLS_1_2)
        return;
    memcpy(random + RANDOM_SIZE - sizeof mark - 1, mark, sizeof mark);
    random[RANDOM_SIZE - 1] = version == VERSION_TLS_1_2 ? 1 : 0;
}

/* RFC 7366 3.1: who has encrypted before the MAC once does not renegotiate back to the MAC first,
 * not by way of a cipher that has neither. */
static bool order_of_mac_check(const Endpoint *endpoint, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    if (!endpoint->established.encrypt_then_mac || handshake->encrypt_then_mac ||
        cipher_row(handshake->suite->cipher)->mode != CIPHER_MODE_CBC)
        return true;
    return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 7366 3.1",
                      "the renegotiation would go back from encrypt_then_mac to a MAC ahead of the "
                      "encryption");
}

bool server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    Handshake *handshake = endpoint->handshake;
    ServerHello *hello = &message->server_hello;
    random_fill(endpoint->random, "server_random", handshake->server_random, RANDOM_SIZE);
    mark_downgrade(endpoint, handshake->server_random);
    if (!handshake_is(handshake, FACT_RESUMED) && endpoint->config->cache != NULL) {
        random_fill(endpoint->random, "session_id", handshake->session_id, SESSION_ID_MOST);
        handshake->session_id_size = SESSION_ID_MOST;
    }
    hello->server_version = handshake->version->number;
    hello->random = BYTES_ARRAY(handshake->server_random);
    hello->session_id = bytes_make(handshake->session_id, handshake->session_id_size);
    hello->cipher_suite = (uint16_t)handshake->suite->number;
    hello->compression_method = handshake->deflate ? COMPRESSION_DEFLATE : COMPRESSION_NULL;
    report_key(endpoint, "server_random", hello->random);
    return extensions_answer(endpoint, MESSAGE_SERVER_HELLO, &hello->extensions, fault) &&
           order_of_mac_check(endpoint, fault);
}

/* --- the client reads it --- */

static bool suite_offered(const EndpointConfig *config, SuiteNumber number)
{
    for (size_t i = 0; i < config->suite_count; i++)
        if (config->suites[i] == number)
            return true;
    return false;
}

/* RFC 8446 4.1.3: a client that offered more than it got looks for the mark, of either kind. A
 * client whose best is below TLS 1.2 does not know it. */
static bool downgrade_check(const Endpoint *endpoint, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    const uint8_t *tail = handshake->server_random + RANDOM_SIZE - 8;
    /* a hello in the format of SSL 2.0 cannot offer TLS 1.3: there the mark is no news */
    ProtocolVersion version = handshake->version->number, last = handshake->offered_version;
    bool marked = memcmp(tail, "DOWNGRD", 7) == 0 && tail[7] <= 1;
    if (!marked || version >= last || last < VERSION_TLS_1_2)
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.3",
                      "the server chose %s and marks in its random that it can more: somebody has "
                      "lowered the offer",
                      handshake->version->name);
}

/* What the server chose must have been offered. */
static bool server_choice_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    const Version *version = version_find(hello->server_version);
    bool other = endpoint->established.any && version != endpoint->established.version;
    if (version == NULL || version->number < config->first || version->number > config->last ||
        version->number > VERSION_TLS_1_2 || other)
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.1",
                          "the server chose %s; the client speaks %s to %s",
                          number_text(NUMBER_VERSION, hello->server_version),
                          number_text(NUMBER_VERSION, config->first),
                          number_text(NUMBER_VERSION, config->last));
    if (handshake->early_write) /* RFC 8446 D.3 */
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 8446 D.3",
                          "the server chose %s, and early data was sent, which it cannot read",
                          version->name);
    handshake->version = version;
    const Suite *suite = suite_find(hello->cipher_suite);
    bool offered = suite_offered(config, hello->cipher_suite);
    if (suite == NULL || !offered || !suite_fits(suite, version->number))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",
                          "the server chose %s (0x%04x), which %s",
                          number_text(NUMBER_SUITE, hello->cipher_suite), hello->cipher_suite,
                          offered ? "this version does not have" : "was not offered");
    handshake->suite = suite;
    handshake->deflate =
        hello->compression_method == COMPRESSION_DEFLATE && config->options.compresses;
    if (hello->compression_method != COMPRESSION_NULL && !handshake->deflate)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",
                          "the server chose compression %u, which was not offered",
                          hello->compression_method);
    return downgrade_check(endpoint, fault);
}

/* RFC 5246 7.4.1.3: the ID that the client sent means that its session is resumed. */
static bool resumption_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Session *session = handshake->session;
    Bytes sent = bytes_make(handshake->session_id, handshake->session_id_size);
    bool resumed = session != NULL && sent.size > 0 && bytes_equal(sent, hello->session_id);
    handshake_know(handshake, FACT_RESUMED, resumed);
    if (!resumed)
        return true;
    if (session->suite != handshake->suite->number ||
        session->version != handshake->version->number)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",
                          "the server resumes a session with another version or suite than it had");
    if (session->extended != extension_came(handshake, EXTENSION_EXTENDED_MASTER_SECRET))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 7627 5.3",
                          "the session was made %s an extended master secret, and is resumed %s",
                          session->extended ? "with" : "without",
                          session->extended ? "without one" : "with one");
    return true;
}

static void report_session(Endpoint *endpoint, Bytes session_id)
{
    g_autofree char *id = bytes_to_hex(session_id, NULL);
    report_fact(endpoint, "session_id", id,
                handshake_is(endpoint->handshake, FACT_RESUMED)
                    ? "the client's own back: the session is resumed"
                : session_id.size == 0 ? "the server will not resume this session"
                                       : "the server's name for this session");
}

bool server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ServerHello *hello = &message->server_hello;
    if (endpoint->ccs_came > 0) /* dropped as one of TLS 1.3 (RFC 8446 5), which this is not */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 7.1",
                          "ChangeCipherSpec came ahead of a ServerHello of %s",
                          number_text(NUMBER_VERSION, hello->server_version));
    memcpy(handshake->server_random, hello->random.data, RANDOM_SIZE);
    handshake->came = 0;
    if (!server_choice_check(endpoint, hello, fault) ||
        !extensions_accept(endpoint, MESSAGE_SERVER_HELLO, &hello->extensions, fault) ||
        !order_of_mac_check(endpoint, fault) || !server_binding_check(endpoint, hello, fault) ||
        !resumption_check(endpoint, hello, fault))
        return false;
    if (endpoint->config->options.extended_master_secret == FEATURE_REQUIRED &&
        !handshake->extended && handshake->version->number >= VERSION_TLS_1_0)
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 7627 5.2",
                          "the server does not take extended_master_secret, which is required");
    report_session(endpoint, hello->session_id);
    memcpy(handshake->session_id, hello->session_id.data, hello->session_id.size);
    handshake->session_id_size = hello->session_id.size;
    handshake->progress.known |= FACT_TICKET | FACT_STATUS; /* false unless they came */
    know_suite(endpoint);
    return true;
}

bool server_hello_after(Endpoint *endpoint, Fault *fault)
{
    if (!handshake_is(endpoint->handshake, FACT_RESUMED))
        return true;
    return resume_derive(endpoint, fault);
}
