/* SSL 2.0: its records, its errors, and the hello in its format that opens a newer handshake.
 *
 * A record holds one message, or data once the handshake is over: nothing in it says which, so the
 * state does. There are no alerts: four errors have a message, everything else just ends. A server
 * that takes the old format reads a newer client's hello out of it (RFC 5246 E.2) and goes on as if
 * it had come in the new one; the transcript then begins with the old form.
 *
 * Obeys draft-hickman-netscape-ssl 1.1, 1.2, 2.7; RFC 5246 E.2; RFC 6176 3.
 */
#include "core/engine/ssl2.h"

#include <string.h>

#include "core/engine/extensions.h"

Ssl2State *ssl2_state(Handshake *handshake)
{
    if (handshake->ssl2 == NULL) {
        handshake->ssl2 = g_new0(Ssl2State, 1);
        handshake->ssl2->specs = g_byte_array_new();
    }
    return handshake->ssl2;
}

void ssl2_state_free(Ssl2State *state)
{
    if (state == NULL)
        return;
    g_clear_pointer(&state->server_certificate, g_bytes_unref);
    g_byte_array_unref(state->specs);
    g_free(state);
}

Bytes ssl2_master(const Handshake *handshake)
{
    return BYTES_ARRAY(handshake->ssl2->master);
}

bool ssl2_derive(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    const Suite *suite = handshake->suite;
    bool client = endpoint->config->role == ROLE_CLIENT;
    ssl2_keys(suite, bytes_make(state->master, suite->key_size),
              bytes_make(state->challenge, state->challenge_size),
              bytes_make(state->connection_id, state->connection_id_size), &state->keys);
    report_key(endpoint, "master_key", bytes_make(state->master, suite->key_size));
    report_key(endpoint, "client_read_key", state->keys.client_read_key);
    report_key(endpoint, "client_write_key", state->keys.client_write_key);
    Bytes iv = bytes_make(state->key_arg, cipher_row(suite->cipher)->block_size);
    Way *ways[] = {&endpoint->read, &endpoint->write};
    for (int i = 0; i < 2; i++) {
        bool by_client = client == (i == 1);
        Bytes key = by_client ? state->keys.client_write_key : state->keys.client_read_key;
        ssl2_protection_free(ways[i]->ssl2);
        ways[i]->ssl2 = ssl2_protection_new(suite, key, iv, (uint32_t)ways[i]->records,
                                            endpoint->random, &endpoint->meter, fault);
        if (ways[i]->ssl2 == NULL)
            return false;
        ways[i]->epoch++;
    }
    return true;
}

/* --- saying --- */

bool ssl2_say(Endpoint *endpoint, Bytes bytes, Fault *fault)
{
    Way *way = &endpoint->write;
    size_t most = way->ssl2 == NULL ? SSL2_RECORD_MOST : SSL2_BODY_MOST_WITH_PADDING / 2;
    do {
        Bytes part = bytes_slice(bytes, 0, most);
        BUFFER_SCOPED body = buffer_take();
        size_t padding = 0;
        if (way->ssl2 == NULL)
            bytes_append(body, part);
        else if (!ssl2_seal(way->ssl2, part, body, &padding, fault))
            return false;
        way->records++;
        if (endpoint->output == NULL)
            endpoint->output = buffer_take();
        ssl2_record_write(endpoint->output, bytes_from_array(body), (uint8_t)padding);
        bytes = bytes_slice(bytes, part.size, bytes.size);
    } while (bytes.size > 0);
    return true;
}

/* The error that a fault is, where SSL 2.0 has one: draft 2.7. */
static uint16_t error_of(AlertDescription alert)
{
    switch ((int)alert) {
    case ALERT_HANDSHAKE_FAILURE:
        return SSL2_ERROR_NO_CIPHER;
    case ALERT_NO_CERTIFICATE:
        return SSL2_ERROR_NO_CERTIFICATE;
    case ALERT_UNSUPPORTED_CERTIFICATE:
        return SSL2_ERROR_UNSUPPORTED_CERTIFICATE_TYPE;
    case ALERT_BAD_CERTIFICATE:
    case ALERT_CERTIFICATE_EXPIRED:
    case ALERT_CERTIFICATE_REVOKED:
    case ALERT_CERTIFICATE_UNKNOWN:
    case ALERT_UNKNOWN_CA:
        return SSL2_ERROR_BAD_CERTIFICATE;
    }
    return 0;
}

void ssl2_say_error(Endpoint *endpoint, AlertDescription alert, const char *sentence)
{
    uint16_t code = error_of(alert);
    Fault fault = FAULT_INIT;
    report_note(endpoint, "error", "%s%s", sentence,
                code == 0 ? "; SSL 2.0 has no message for it, and the connection just ends" : "");
    Message message = {.kind = MESSAGE_SSL2_ERROR, .ssl2 = {.error_code = code}};
    if (code != 0 && !speak_message(endpoint, &message, -1, &fault))
        endpoint->fault = fault;
}

/* --- hearing --- */

/* A newer client's hello in the old format, as the one it stands for: RFC 5246 E.2. */
static void convert_hello(Handshake *handshake, const Ssl2Message *old, ClientHello *hello)
{
    static const uint8_t null_compression[] = {COMPRESSION_NULL};
    uint8_t random[RANDOM_SIZE] = {0};
    BUFFER_SCOPED suites = buffer_take();
    Bytes challenge = bytes_slice(old->challenge, 0, RANDOM_SIZE);
    memcpy(random + RANDOM_SIZE - challenge.size, challenge.data, challenge.size);
    for (size_t i = 0; i < numbers_count(old->cipher_specs, 3); i++) {
        uint32_t spec = numbers_at(old->cipher_specs, 3, i);
        const uint8_t two[] = {(uint8_t)(spec >> 8), (uint8_t)spec};
        if (spec <= UINT16_MAX)
            g_byte_array_append(suites, two, sizeof two);
    }
    *hello = (ClientHello){
        .client_version = old->version,
        .random = handshake_keep(handshake, BYTES_ARRAY(random)),
        .cipher_suites = handshake_keep(handshake, bytes_from_array(suites)),
        .compression_methods = BYTES_ARRAY(null_compression),
    };
}

static bool receive_old_hello(Endpoint *endpoint, Bytes bytes, const Message *old,
                              const GArray *spans, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Message message = {.kind = MESSAGE_CLIENT_HELLO};
    endpoint->framing = FRAMING_TLS;
    if (handshake->conversation->family == FAMILY_TLS13) /* the old format has no extensions */
        handshake_adopt(handshake, FAMILY_SSL3);
    int row = conversation_accept(handshake->conversation, &handshake->progress,
                                  MESSAGE_CLIENT_HELLO, ROLE_CLIENT);
    endpoint->read.messages++;
    report_message(endpoint, MESSAGE_SSL2_CLIENT_HELLO, bytes, spans, row, true);
    if (old->ssl2.challenge.size < SSL2_CHALLENGE_SIZE) /* RFC 5246 E.2 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 E.2",
                          "the challenge has %zu bytes; 16 are the least",
                          old->ssl2.challenge.size);
    convert_hello(handshake, &old->ssl2, &message.client_hello);
    if (!client_hello_read(endpoint, &message, fault))
        return false;
    bytes_append(handshake->transcript, bytes); /* RFC 5246 E.2: from msg_type on */
    speak(endpoint);
    return true;
}

/* A message, or the end of the connection by an error. */
static bool receive_ssl2_message(Endpoint *endpoint, Bytes bytes, Fault *fault)
{
    g_autoptr(GArray) spans = spans_new();
    Message message = {.kind = MESSAGE_SSL2};
    WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
    bool readable = message_read(bytes, MESSAGE_SSL2, &context, &message, spans, NULL);
    bool newer =
        readable && message.kind == MESSAGE_SSL2_CLIENT_HELLO &&
        endpoint->config->role == ROLE_SERVER && endpoint->read.records == 1 &&
        endpoint->config->last >= VERSION_SSL_3_0 &&
        (message.ssl2.version >= VERSION_SSL_3_0 || endpoint->config->first > VERSION_SSL_2_0);
    if (newer)
        return receive_old_hello(endpoint, bytes, &message, spans, fault);
    if (endpoint->config->first > VERSION_SSL_2_0) /* RFC 6176 3 */
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 6176 3",
                          "a record of SSL 2.0 came, which this side does not speak");
    if (endpoint->handshake->progress.row <= 1)
        handshake_adopt(endpoint->handshake, FAMILY_SSL2);
    endpoint->framing = FRAMING_SSL2;
    Progress look = endpoint->handshake->progress;
    bool row = conversation_accept(endpoint->handshake->conversation, &look, message.kind,
                                   role_peer(endpoint->config->role)) >= 0;
    if (!readable || row || message.kind != MESSAGE_SSL2_ERROR)
        return receive_message(endpoint, bytes, MESSAGE_SSL2, fault);
    endpoint->read.messages++;
    report_message(endpoint, MESSAGE_SSL2_ERROR, bytes, spans, -1, true);
    fault_set(&endpoint->fault, FAULT_OF_PEER, ALERT_HANDSHAKE_FAILURE, NULL,
              "the %s ends it with %s", role_name(role_peer(endpoint->config->role)),
              number_text(NUMBER_SSL2_ERROR, message.ssl2.error_code));
    endpoint_set_state(endpoint, ENDPOINT_FAILED);
    endpoint_event(endpoint, EVENT_FAILED, BYTES_NONE);
    return true;
}

bool ssl2_receive(Endpoint *endpoint, const Record *record, Fault *fault)
{
    Way *way = &endpoint->read;
    Bytes body = record->fragment;
    if (!record->ssl2)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL,
                          "a record of TLS came in a connection of SSL 2.0");
    BUFFER_SCOPED opened = buffer_take();
    if (way->ssl2 != NULL) {
        if (!ssl2_open(way->ssl2, body, record->padding, opened, fault))
            return false;
        body = bytes_from_array(opened);
    }
    if (endpoint->handshake == NULL)
        return receive_data(endpoint, body, fault);
    return receive_ssl2_message(endpoint, body, fault);
}

/* --- the client's hello in the old format --- */

bool ssl2_opens(const Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    return config->role == ROLE_CLIENT && !endpoint->established.any &&
           endpoint->handshake->progress.row == 0 && config->last > VERSION_SSL_2_0 &&
           (config->options.ssl2_hello || config->first == VERSION_SSL_2_0);
}

static void append_spec(GByteArray *specs, SuiteNumber number)
{
    const uint8_t three[] = {(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    g_byte_array_append(specs, three, sizeof three);
}

/* Suites of the newer versions stand there with a zero in front: RFC 5246 E.2. */
bool ssl2_opening_write(Endpoint *endpoint, Message *message, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    Ssl2State *state = ssl2_state(handshake);
    BUFFER_SCOPED specs = buffer_take();
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite != NULL && suite->first <= MIN(config->last, VERSION_TLS_1_2) &&
            suite->last >= config->first)
            append_spec(specs, suite->number);
    }
    if (specs->len == 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "none of the client's suites exists in its versions");
    handshake->offered_scsv = binding_wanted(endpoint); /* RFC 5746 3.3 */
    if (handshake->offered_scsv)
        append_spec(specs, SCSV_EMPTY_RENEGOTIATION_INFO);
    handshake->offered_version = handshake->hello_version = MIN(config->last, VERSION_TLS_1_2);
    random_fill(endpoint->random, "challenge", state->challenge, SSL2_CHALLENGE_SIZE);
    state->challenge_size = SSL2_CHALLENGE_SIZE;
    memset(handshake->client_random, 0, RANDOM_SIZE);
    memcpy(handshake->client_random + RANDOM_SIZE - SSL2_CHALLENGE_SIZE, state->challenge,
           SSL2_CHALLENGE_SIZE);
    report_key(endpoint, "client_random", BYTES_ARRAY(handshake->client_random));
    endpoint->framing = FRAMING_FIRST; /* the answer is of either family */
    *message = (Message){
        .kind = MESSAGE_SSL2_CLIENT_HELLO,
        .ssl2 = {.version = handshake->hello_version,
                 .cipher_specs = handshake_keep(handshake, bytes_from_array(specs)),
                 .challenge = bytes_make(state->challenge, state->challenge_size)},
    };
    return true;
}
