/* One side of a connection: its life from the first hello to close_notify.
 *
 * The public story of an endpoint, and the small functions that the rest of this room shares: to
 * begin, end and abandon a handshake, to fail, to queue an event. It does no I/O and knows no
 * clock. What is said when stands in the conversation list, what it means in the handlers.
 *
 * Obeys RFC 5246 7.2.1 (closure), 7.2.2 (fatal alerts), 7.4.1.1 and RFC 5746 (renegotiation), E.1
 * (the record version of a first hello).
 */
#include "core/engine/state.h"

#include <string.h>

#include "core/base/pool.h"
#include "core/engine/alerts.h"

Endpoint *endpoint_new(const EndpointConfig *config, Random *random, const TraceSink *sink)
{
    Endpoint *endpoint = pool_take(POOL_ENDPOINTS);
    if (endpoint == NULL)
        endpoint = g_new0(Endpoint, 1);
    endpoint->config = config;
    endpoint->random = random;
    if (sink != NULL)
        endpoint->sink = *sink;
    endpoint->framing = config->role == ROLE_SERVER ? FRAMING_FIRST : FRAMING_TLS;
    endpoint->next_client_auth = config->client_auth;
    return endpoint;
}

void endpoint_free(Endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    handshake_free(endpoint->handshake);
    resume_disown(endpoint);
    g_clear_pointer(&endpoint->established.peer_certificate, certificate_unref);
    buffer_give(&endpoint->established.transcript);
    g_free(endpoint->established.server_name);
    g_free(endpoint->established.protocol);
    g_clear_pointer(&endpoint->heartbeat_payload, g_bytes_unref);
    Way *ways[] = {&endpoint->read, &endpoint->write};
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_clear_pointer(&ways[i]->protection, protection_free);
        g_clear_pointer(&ways[i]->ssl2, ssl2_protection_free);
        g_clear_pointer(&ways[i]->compression, compression_free);
    }
    buffer_give(&endpoint->input);
    buffer_give(&endpoint->partial);
    buffer_give(&endpoint->flight);
    buffer_give(&endpoint->output);
    g_free(endpoint->said);
    EndpointEvent event;
    while (endpoint_next_event(endpoint, &event))
        endpoint_event_clear(&event);
    g_free(endpoint->state_shown);
    memset(endpoint, 0, sizeof *endpoint); /* no secret outlives it */
    pool_give(POOL_ENDPOINTS, endpoint, g_free);
}

void endpoint_start(Endpoint *endpoint, uint64_t now)
{
    g_assert(endpoint->state == ENDPOINT_IDLE);
    endpoint->now = now;
    report_state(endpoint);
    if (endpoint->config->plain_text) {
        plain_start(endpoint);
        return;
    }
    endpoint->state = ENDPOINT_HANDSHAKING;
    handshake_begin(endpoint, family_of(endpoint->config->last));
    speak(endpoint);
}

void endpoint_receive(Endpoint *endpoint, Bytes bytes, uint64_t now)
{
    endpoint->now = now;
    if (endpoint->config->plain_text)
        plain_receive(endpoint, bytes);
    else
        receive(endpoint, bytes);
}

Bytes endpoint_output(const Endpoint *endpoint)
{
    return bytes_from_array(endpoint->output);
}

void endpoint_output_sent(Endpoint *endpoint)
{
    buffer_give(&endpoint->output);
}

bool endpoint_next_event(Endpoint *endpoint, EndpointEvent *event)
{
    if (endpoint->events == NULL)
        return false;
    memcpy(event, endpoint->events->data + endpoint->events_taken, sizeof *event);
    endpoint->events_taken += sizeof *event;
    if (endpoint->events_taken == endpoint->events->len) {
        buffer_give(&endpoint->events);
        endpoint->events_taken = 0;
    }
    return true;
}

void endpoint_event_clear(EndpointEvent *event)
{
    g_clear_pointer(&event->data, g_bytes_unref);
}

/* Whether a record's IV is the end of the record before: what BEAST needs, and 1/n-1 takes away. */
static bool chains_iv(const Endpoint *endpoint)
{
    const Suite *suite = endpoint_suite(endpoint);
    return endpoint_version(endpoint)->iv == IV_CHAINED &&
           cipher_row(suite->cipher)->mode == CIPHER_MODE_CBC;
}

/* Data becomes records as it is: a message of it is made only for those who look at it. */
static bool say_data(Endpoint *endpoint, Bytes data, Fault *fault)
{
    bool looked_at = reports(endpoint) || endpoint->config->edit_count > 0;
    const Message message = {.kind = MESSAGE_APPLICATION_DATA, .application_data = data};
    if (looked_at || endpoint->framing == FRAMING_SSL2)
        return speak_message(endpoint, &message, -1, fault);
    speak_flush(endpoint);
    endpoint->write.messages++;
    return speak_fragments(endpoint, CONTENT_APPLICATION_DATA, data, fault);
}

bool endpoint_send(Endpoint *endpoint, Bytes data, uint64_t now)
{
    endpoint->now = now;
    if (endpoint->config->plain_text)
        return plain_send(endpoint, data);
    /* RFC 5246 7.4.1.1: data may wait for a renegotiation; here it does */
    bool post = endpoint->handshake != NULL &&
                endpoint->handshake->conversation->family == FAMILY_TLS13_POST;
    bool early = endpoint->false_started && endpoint->state == ENDPOINT_HANDSHAKING;
    if (!early && (endpoint->state != ENDPOINT_CONNECTED || (endpoint->handshake != NULL && !post)))
        return false;
    Fault fault = FAULT_INIT;
    bool sent = true;
    if (endpoint->config->empty_fragments)
        sent = speak_fragments(endpoint, CONTENT_APPLICATION_DATA, BYTES_NONE, &fault);
    if (endpoint->config->options.splits_records && data.size > 1 && chains_iv(endpoint)) {
        sent = sent && say_data(endpoint, bytes_slice(data, 0, 1), &fault);
        data = bytes_slice(data, 1, data.size);
    }
    sent = sent && say_data(endpoint, data, &fault);
    if (!sent)
        endpoint_fail(endpoint, &fault);
    return sent;
}

bool endpoint_renegotiate(Endpoint *endpoint, ClientAuth client_auth, uint64_t now)
{
    endpoint->now = now;
    bool unbound = !endpoint->established.secure_renegotiation &&
                   !(endpoint->config->weaknesses & WEAKNESS_RENEGOTIATES_WITHOUT_BINDING);
    if (endpoint->state != ENDPOINT_CONNECTED || endpoint->handshake != NULL ||
        endpoint->hello_requested || endpoint->config->plain_text)
        return false;
    if (endpoint_family(endpoint) != FAMILY_SSL3) {
        report_note(endpoint, "renegotiation", "no new handshake: %s has no renegotiation",
                    endpoint->established.version->name);
        return false;
    }
    if (unbound) { /* RFC 5746 4.1, 4.3: not without the binding */
        report_note(endpoint, "renegotiation",
                    "no new handshake: the other side cannot bind it to this connection");
        return false;
    }
    if (endpoint->config->role == ROLE_CLIENT) {
        handshake_begin(endpoint, FAMILY_SSL3);
        speak(endpoint);
        return endpoint->state == ENDPOINT_CONNECTED;
    }
    Fault fault = FAULT_INIT;
    Message message = {.kind = MESSAGE_HELLO_REQUEST};
    endpoint->next_client_auth = client_auth;
    endpoint->hello_requested = true;
    if (!speak_message(endpoint, &message, -1, &fault)) {
        endpoint_fail(endpoint, &fault);
        return false;
    }
    speak_flush(endpoint);
    return true;
}

bool endpoint_update_keys(Endpoint *endpoint, bool request, uint64_t now)
{
    Fault fault = FAULT_INIT;
    endpoint->now = now;
    if (endpoint->state != ENDPOINT_CONNECTED || endpoint_family(endpoint) < FAMILY_TLS13 ||
        endpoint->config->plain_text)
        return false;
    if (tls13_update_keys(endpoint, request, &fault))
        return true;
    endpoint_fail(endpoint, &fault);
    return false;
}

bool endpoint_ask_certificate(Endpoint *endpoint, ClientAuth client_auth, uint64_t now)
{
    Fault fault = FAULT_INIT;
    endpoint->now = now;
    if (endpoint->state != ENDPOINT_CONNECTED || endpoint->handshake != NULL ||
        endpoint->config->role != ROLE_SERVER || endpoint_family(endpoint) < FAMILY_TLS13 ||
        !endpoint->established.peer_post_auth)
        return false;
    return tls13_ask_certificate(endpoint, client_auth, &fault);
}

bool endpoint_exporter(const Endpoint *endpoint, const char *label, Bytes context, uint8_t *output,
                       size_t size)
{
    const Established *kept = &endpoint->established;
    if (!kept->any)
        return false;
    if (kept->version->number >= VERSION_TLS_1_3)
        hkdf_exporter(kept->suite->prf, bytes_make(kept->exporter, hash_size(kept->suite->prf)),
                      label, context, output, size);
    else
        schedule_exporter(kept->version, kept->suite, bytes_make(kept->master, kept->master_size),
                          label, BYTES_ARRAY(kept->client_random), BYTES_ARRAY(kept->server_random),
                          context.data == NULL ? NULL : &context, output, size);
    return true;
}

bool endpoint_is_open(const Endpoint *endpoint)
{
    return endpoint->state == ENDPOINT_HANDSHAKING || endpoint->state == ENDPOINT_CONNECTED;
}

void endpoint_close(Endpoint *endpoint, uint64_t now)
{
    endpoint->now = now;
    if (!endpoint_is_open(endpoint))
        return;
    if (!endpoint->config->plain_text)
        speak_alert(endpoint, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY, NULL);
    endpoint_set_state(endpoint, ENDPOINT_CLOSED);
}

void endpoint_abort(Endpoint *endpoint, AlertDescription alert, const char *sentence, uint64_t now)
{
    Fault fault = FAULT_INIT;
    endpoint->now = now;
    if (!endpoint_is_open(endpoint))
        return;
    fault_set(&fault, FAULT_OF_PEER, alert, NULL, "%s", sentence);
    endpoint_fail(endpoint, &fault);
}

void endpoint_time_out(Endpoint *endpoint, uint64_t now)
{
    endpoint->now = now;
    if (!endpoint_waits(endpoint))
        return;
    report_note(endpoint, "timeout",
                "The %s waits no longer: nothing more comes, and nobody says why.",
                role_name(endpoint->config->role));
    endpoint_set_state(endpoint, ENDPOINT_TIMED_OUT);
}

/* Whether its protocol has no word for the end. */
static bool ends_by_transport(const Endpoint *endpoint)
{
    return endpoint->framing == FRAMING_SSL2 || endpoint->config->plain_text;
}

bool endpoint_ends_transport(const Endpoint *endpoint)
{
    return (ends_by_transport(endpoint) && endpoint->state != ENDPOINT_IDLE &&
            !endpoint_is_open(endpoint)) ||
           endpoint->state == ENDPOINT_FAILED; /* RFC 5246 7.2.2 */
}

void endpoint_transport_ended(Endpoint *endpoint, uint64_t now)
{
    const char *peer = endpoint->config->role == ROLE_CLIENT ? "server" : "client";
    endpoint->now = now;
    if (!endpoint_is_open(endpoint))
        return;
    bool over = endpoint->handshake == NULL && ends_by_transport(endpoint);
    report_note(endpoint, "transport",
                over ? "The %s has ended the connection. There is no word for that here: an "
                       "attacker who cuts it looks the same."
                     : "The %s has ended the connection, and does not say why.",
                peer);
    if (!over)
        fault_set(&endpoint->fault, FAULT_OF_PEER, ALERT_CLOSE_NOTIFY, "RFC 5246 7.2.1",
                  "the %s has ended the connection without a word", peer);
    endpoint_set_state(endpoint, over ? ENDPOINT_CLOSED : ENDPOINT_FAILED);
}

Handshake *handshake_begin(Endpoint *endpoint, Family family)
{
    Handshake *handshake = handshake_new(family);
    handshake->client_auth = endpoint->next_client_auth;
    endpoint->next_client_auth = endpoint->config->client_auth;
    endpoint->hello_requested = false;
    endpoint->handshake = handshake;
    endpoint->handshakes++;
    endpoint->meter_before = endpoint->meter;
    return handshake;
}

/* What a post-handshake authentication adds: the client's certificate. */
static void keep_peer(Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    Established *kept = &endpoint->established;
    g_clear_pointer(&kept->peer_certificate, certificate_unref);
    if (handshake->peer_authenticated && handshake->lists.peer_chain->len > 0)
        kept->peer_certificate = certificate_ref(g_ptr_array_index(handshake->lists.peer_chain, 0));
}

static void keep_secrets(Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    Established *kept = &endpoint->established;
    memcpy(kept->client_random, handshake->client_random, RANDOM_SIZE);
    memcpy(kept->server_random, handshake->server_random, RANDOM_SIZE);
    memcpy(kept->client_verify, handshake->client_verify, sizeof kept->client_verify);
    memcpy(kept->server_verify, handshake->server_verify, sizeof kept->server_verify);
    if (handshake->conversation->family == FAMILY_SSL2) {
        kept->master_size = handshake->suite->key_size;
        memcpy(kept->master, ssl2_master(handshake).data, kept->master_size);
        return;
    }
    if (handshake->conversation->family != FAMILY_TLS13) {
        kept->master_size = MASTER_SECRET_SIZE;
        memcpy(kept->master, handshake->master, MASTER_SECRET_SIZE);
        return;
    }
    const Secrets *secrets = &handshake->secrets;
    kept->master_size = hash_size(handshake->suite->prf);
    memcpy(kept->master, secrets->resumption, kept->master_size);
    memcpy(kept->exporter, secrets->exporter, sizeof kept->exporter);
    memcpy(kept->client_application, secrets->client_application, HASH_SIZE_MOST);
    memcpy(kept->server_application, secrets->server_application, HASH_SIZE_MOST);
    buffer_give(&kept->transcript);
    if (extension_sent(handshake, EXTENSION_POST_HANDSHAKE_AUTH) || handshake->peer_post_auth)
        buffer_append(&kept->transcript, handshake_transcript(handshake));
}

/* What outlives the handshake. */
static void keep(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    Established *kept = &endpoint->established;
    bool client = endpoint->config->role == ROLE_CLIENT;
    kept->version = handshake->version;
    kept->suite = handshake->suite;
    kept->group = handshake->group;
    kept->secure_renegotiation = handshake->peer_binds;
    kept->resumed = handshake_is(handshake, FACT_RESUMED) ||
                    (handshake->session != NULL && handshake_is(handshake, FACT_PSK));
    kept->extended = handshake->extended;
    kept->encrypt_then_mac = kept->encrypt_then_mac || handshake->encrypt_then_mac;
    kept->peer_post_auth = handshake->peer_post_auth;
    kept->peer_heartbeat = handshake->peer_heartbeat;
    kept->modes = handshake->psk_modes;
    kept->any = true;
    if (handshake->conversation->family != FAMILY_SSL2)
        kept->hashed = *handshake_hashed(handshake);
    g_free(kept->server_name);
    kept->server_name = g_strdup(client ? endpoint->config->server_name : handshake->peer_name);
    g_free(kept->protocol);
    kept->protocol = g_strdup(handshake->protocol);
    keep_secrets(endpoint);
    keep_peer(endpoint);
    report_fact(endpoint, "handshake", kept->resumed ? "resumed" : "full",
                kept->resumed ? "secrets of an earlier session, new keys" : "new secrets");
    report_cost(endpoint, "handshake_cost", &endpoint->meter_before);
    if (handshake->conversation->family == FAMILY_SSL3)
        report_fact(endpoint, "extended_master_secret", kept->extended ? "yes" : "no",
                    kept->extended
                        ? "the master secret covers the handshake (RFC 7627)"
                        : "the master secret covers the premaster and the randoms alone");
}

void handshake_end(Endpoint *endpoint)
{
    Family family = endpoint->handshake->conversation->family;
    Fault fault = FAULT_INIT;
    if (family == FAMILY_TLS13_POST)
        keep_peer(endpoint);
    else
        keep(endpoint);
    resume_adopt(endpoint);
    if (family == FAMILY_SSL3)
        resume_keep(endpoint);
    if (family == FAMILY_SSL2)
        ssl2_keep(endpoint);
    handshake_free(g_steal_pointer(&endpoint->handshake));
    endpoint->completed++;
    endpoint->requests = 0;
    endpoint->warnings = 0;
    endpoint_set_state(endpoint, ENDPOINT_CONNECTED);
    endpoint_event(endpoint, EVENT_CONNECTED, BYTES_NONE);
    if (family == FAMILY_TLS13 && !tls13_send_tickets(endpoint, &fault))
        endpoint_fail(endpoint, &fault);
}

void handshake_abandon(Endpoint *endpoint)
{
    handshake_free(g_steal_pointer(&endpoint->handshake));
    report_state(endpoint);
}

ProtocolVersion endpoint_wire_version(const Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    const Version *version = endpoint_version(endpoint);
    if (version != NULL) /* RFC 8446 5.1: TLS 1.3 looks like TLS 1.2 */
        return MIN(version->number, VERSION_TLS_1_2);
    if (endpoint->write.under == UNDER_EARLY)
        return VERSION_TLS_1_2;
    /* RFC 5246 E.1: a server that finds no common version says so in the client's */
    ProtocolVersion offered =
        endpoint->handshake == NULL ? 0 : endpoint->handshake->offered_version;
    if (config->role == ROLE_SERVER && offered >= VERSION_SSL_3_0)
        return MIN(MIN(offered, config->last), VERSION_TLS_1_2);
    /* RFC 8446 5.1: early data follows the initial ClientHello, which alone may say otherwise */
    if (endpoint->handshake != NULL && endpoint->handshake->early_write)
        return VERSION_TLS_1_2;
    /* RFC 5246 E.1: before the version is settled, one that old servers do not stumble over */
    return MIN(config->last, VERSION_TLS_1_0);
}

/* A copy, or the very array when the data is all that a record was opened to. */
static GBytes *bytes_kept(Endpoint *endpoint, Bytes data)
{
    GByteArray **opened = endpoint->opened;
    if (opened == NULL || *opened == NULL || (*opened)->data != data.data ||
        (*opened)->len != data.size)
        return bytes_copy(data);
    return g_byte_array_free_to_bytes(g_steal_pointer(opened));
}

void endpoint_event(Endpoint *endpoint, EndpointEventKind kind, Bytes data)
{
    const EndpointEvent event = {
        .kind = kind,
        .data = kind == EVENT_DATA ? bytes_kept(endpoint, data) : NULL,
    };
    buffer_append(&endpoint->events, bytes_make(&event, sizeof event));
}

/* Whose alerts this side says: those of the version that is settled, before that of the highest
 * that it speaks itself. A server without SSL 3.0 refuses a hello of SSL 3.0 with protocol_version,
 * which SSL 3.0 does not have (RFC 5246 E.1). */
static ProtocolVersion alert_version(const Endpoint *endpoint)
{
    const Version *version = endpoint_version(endpoint);
    return version != NULL ? version->number : endpoint->config->last;
}

void endpoint_fail(Endpoint *endpoint, const Fault *fault)
{
    if (endpoint->state == ENDPOINT_FAILED)
        return;
    g_assert(fault->blame != FAULT_NONE);
    endpoint->fault = *fault;
    buffer_give(&endpoint->flight);
    AlertDescription alert = alert_for_version(fault->alert, alert_version(endpoint));
    g_autofree char *sentence = fault->rule == NULL
                                    ? g_strdup(fault->sentence)
                                    : g_strdup_printf("%s (%s)", fault->sentence, fault->rule);
    speak_alert(endpoint, ALERT_LEVEL_FATAL, alert, sentence);
    resume_forget(endpoint);
    endpoint_set_state(endpoint, ENDPOINT_FAILED);
    endpoint_event(endpoint, EVENT_FAILED, BYTES_NONE);
}

void endpoint_set_state(Endpoint *endpoint, EndpointState state)
{
    endpoint->state = state;
    report_state(endpoint);
}

WalkContext endpoint_context(const Endpoint *endpoint, Role sender)
{
    const Version *version = endpoint_version(endpoint);
    const Suite *suite = endpoint_suite(endpoint);
    return (WalkContext){
        .version = version == NULL ? endpoint->config->last : version->number,
        .key_exchange = suite == NULL ? KEY_EXCHANGE_RSA : suite->key_exchange,
        .sender = sender,
    };
}

EndpointState endpoint_state(const Endpoint *endpoint)
{
    return endpoint->state;
}

const char *endpoint_state_name(EndpointState state)
{
    static const char *const names[] = {
        [ENDPOINT_IDLE] = "not started",    [ENDPOINT_HANDSHAKING] = "in its handshake",
        [ENDPOINT_CONNECTED] = "connected", [ENDPOINT_CLOSED] = "closed",
        [ENDPOINT_FAILED] = "failed",       [ENDPOINT_TIMED_OUT] = "timed out",
    };
    return names[state];
}

bool endpoint_waits(const Endpoint *endpoint)
{
    return endpoint_is_open(endpoint) && (endpoint->handshake != NULL || endpoint->hello_requested);
}

bool endpoint_in_handshake(const Endpoint *endpoint)
{
    return endpoint->handshake != NULL;
}

unsigned endpoint_handshakes(const Endpoint *endpoint)
{
    return endpoint->completed;
}

bool endpoint_was_connected(const Endpoint *endpoint)
{
    return endpoint->established.any ||
           (endpoint->config->plain_text && endpoint->state != ENDPOINT_IDLE);
}

bool endpoint_secure_renegotiation(const Endpoint *endpoint)
{
    return endpoint->established.secure_renegotiation;
}

const Version *endpoint_version(const Endpoint *endpoint)
{
    if (endpoint->handshake != NULL && endpoint->handshake->version != NULL)
        return endpoint->handshake->version;
    return endpoint->established.version;
}

const Suite *endpoint_suite(const Endpoint *endpoint)
{
    if (endpoint->handshake != NULL && endpoint->handshake->suite != NULL)
        return endpoint->handshake->suite;
    return endpoint->established.suite;
}

Bytes endpoint_master_secret(const Endpoint *endpoint)
{
    const Established *kept = &endpoint->established;
    return kept->any ? bytes_make(kept->master, kept->master_size) : BYTES_NONE;
}

bool endpoint_is_tls13(const Endpoint *endpoint)
{
    const Version *version = endpoint_version(endpoint);
    return version != NULL && version->number >= VERSION_TLS_1_3;
}

Family endpoint_family(const Endpoint *endpoint)
{
    if (endpoint->handshake != NULL)
        return endpoint->handshake->conversation->family;
    return endpoint->established.any ? family_of(endpoint->established.version->number)
                                     : family_of(endpoint->config->last);
}

uint64_t endpoint_wall_clock(const Endpoint *endpoint)
{
    return (uint64_t)endpoint->config->clock * G_USEC_PER_SEC + endpoint->now;
}

bool endpoint_resumed(const Endpoint *endpoint)
{
    return endpoint->established.resumed;
}

bool endpoint_extended_master_secret(const Endpoint *endpoint)
{
    return endpoint->established.extended;
}

const char *endpoint_protocol(const Endpoint *endpoint)
{
    return endpoint->established.protocol;
}

const Group *endpoint_group(const Endpoint *endpoint)
{
    return endpoint->established.group;
}

size_t endpoint_transcript_hash(const Endpoint *endpoint, uint8_t output[HASH_SIZE_MOST])
{
    return transcript_hash_value(&endpoint->established.hashed, output);
}

const Fault *endpoint_fault(const Endpoint *endpoint)
{
    return endpoint->fault.blame == FAULT_NONE ? NULL : &endpoint->fault;
}

const Meter *endpoint_meter(const Endpoint *endpoint)
{
    return &endpoint->meter;
}

const Certificate *endpoint_peer_certificate(const Endpoint *endpoint)
{
    return endpoint->established.peer_certificate;
}

void endpoint_tell_cost(Endpoint *endpoint)
{
    static const Meter nothing = {0};
    if (endpoint->meter.bytes_sealed + endpoint->meter.bytes_opened > 0)
        report_cost(endpoint, "connection_cost", &nothing);
}

bool endpoint_export(Endpoint *endpoint, const char *label, uint64_t now)
{
    uint8_t material[32];
    endpoint->now = now;
    if (!endpoint->established.any || endpoint->established.version->number < VERSION_TLS_1_0 ||
        !endpoint_exporter(endpoint, label, BYTES_NONE, material, sizeof material))
        return false;
    report_key(endpoint, "exported_keying_material", BYTES_ARRAY(material));
    return true;
}
