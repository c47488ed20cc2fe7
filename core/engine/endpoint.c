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

#include "core/crypto/digest.h"
#include "core/engine/alerts.h"

Endpoint *endpoint_new(const EndpointConfig *config, Random *random, const TraceSink *sink)
{
    Endpoint *endpoint = g_new0(Endpoint, 1);
    endpoint->config = config;
    endpoint->random = random;
    if (sink != NULL)
        endpoint->sink = *sink;
    endpoint->input = g_byte_array_new();
    endpoint->opened = g_byte_array_new();
    endpoint->partial = g_byte_array_new();
    endpoint->half_alert = g_byte_array_new();
    endpoint->flight = g_byte_array_new();
    endpoint->output = g_byte_array_new();
    g_queue_init(&endpoint->events);
    endpoint->next_client_auth = config->client_auth;
    return endpoint;
}

static void handshake_free(Handshake *handshake)
{
    if (handshake == NULL)
        return;
    g_byte_array_unref(handshake->transcript);
    g_clear_pointer(&handshake->next_read, protection_free);
    g_clear_pointer(&handshake->next_write, protection_free);
    g_clear_pointer(&handshake->exchange_key, public_key_unref);
    g_ptr_array_unref(handshake->peer_chain);
    g_free(handshake);
}

static void event_free(gpointer data)
{
    endpoint_event_clear(data);
    g_free(data);
}

void endpoint_free(Endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    handshake_free(endpoint->handshake);
    g_clear_pointer(&endpoint->established.peer_certificate, certificate_unref);
    g_clear_pointer(&endpoint->read.protection, protection_free);
    g_clear_pointer(&endpoint->write.protection, protection_free);
    g_byte_array_unref(endpoint->input);
    g_byte_array_unref(endpoint->opened);
    g_byte_array_unref(endpoint->partial);
    g_byte_array_unref(endpoint->half_alert);
    g_byte_array_unref(endpoint->flight);
    g_byte_array_unref(endpoint->output);
    g_queue_clear_full(&endpoint->events, event_free);
    g_free(endpoint->state_shown);
    g_free(endpoint);
}

void endpoint_start(Endpoint *endpoint, uint64_t now)
{
    g_assert(endpoint->state == ENDPOINT_IDLE);
    endpoint->now = now;
    report_state(endpoint);
    endpoint->state = ENDPOINT_HANDSHAKING;
    handshake_begin(endpoint);
    speak(endpoint);
}

void endpoint_receive(Endpoint *endpoint, Bytes bytes, uint64_t now)
{
    endpoint->now = now;
    receive(endpoint, bytes);
}

Bytes endpoint_output(const Endpoint *endpoint)
{
    return bytes_from_array(endpoint->output);
}

void endpoint_output_sent(Endpoint *endpoint)
{
    g_byte_array_set_size(endpoint->output, 0);
}

bool endpoint_next_event(Endpoint *endpoint, EndpointEvent *event)
{
    EndpointEvent *first = g_queue_pop_head(&endpoint->events);
    if (first == NULL)
        return false;
    *event = *first;
    g_free(first);
    return true;
}

void endpoint_event_clear(EndpointEvent *event)
{
    g_clear_pointer(&event->data, g_bytes_unref);
}

bool endpoint_send(Endpoint *endpoint, Bytes data, uint64_t now)
{
    endpoint->now = now;
    /* RFC 5246 7.4.1.1: data may wait for a renegotiation; here it does */
    if (endpoint->state != ENDPOINT_CONNECTED || endpoint->handshake != NULL)
        return false;
    Fault fault = FAULT_INIT;
    bool sent = true;
    if (endpoint->config->empty_fragments)
        sent = speak_fragments(endpoint, CONTENT_APPLICATION_DATA, BYTES_NONE, &fault);
    Message message = {.kind = MESSAGE_APPLICATION_DATA, .application_data = data};
    sent = sent && speak_message(endpoint, &message, -1, &fault);
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
        endpoint->hello_requested)
        return false;
    if (unbound) { /* RFC 5746 4.1, 4.3: not without the binding */
        report_note(endpoint, "renegotiation",
                    "no new handshake: the other side cannot bind it to this connection");
        return false;
    }
    if (endpoint->config->role == ROLE_CLIENT) {
        handshake_begin(endpoint);
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

static bool is_open(const Endpoint *endpoint)
{
    return endpoint->state == ENDPOINT_HANDSHAKING || endpoint->state == ENDPOINT_CONNECTED;
}

void endpoint_close(Endpoint *endpoint, uint64_t now)
{
    endpoint->now = now;
    if (!is_open(endpoint))
        return;
    speak_alert(endpoint, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY, NULL);
    endpoint_set_state(endpoint, ENDPOINT_CLOSED);
}

void endpoint_abort(Endpoint *endpoint, AlertDescription alert, const char *sentence, uint64_t now)
{
    Fault fault = FAULT_INIT;
    endpoint->now = now;
    if (!is_open(endpoint))
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

Handshake *handshake_begin(Endpoint *endpoint)
{
    Handshake *handshake = g_new0(Handshake, 1);
    handshake->conversation = conversation_ssl3_to_tls12();
    handshake->transcript = g_byte_array_new();
    handshake->peer_chain = g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref);
    handshake->client_auth = endpoint->next_client_auth;
    endpoint->next_client_auth = endpoint->config->client_auth;
    endpoint->hello_requested = false;
    endpoint->handshake = handshake;
    endpoint->handshakes++;
    return handshake;
}

void handshake_end(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    Established *kept = &endpoint->established;
    Bytes transcript = bytes_from_array(handshake->transcript);
    kept->version = handshake->version;
    kept->suite = handshake->suite;
    kept->secure_renegotiation = handshake->peer_binds;
    kept->any = true;
    memcpy(kept->master, handshake->master, sizeof kept->master);
    digest(HASH_SHA256, &transcript, 1, kept->transcript_hash);
    memcpy(kept->client_verify, handshake->client_verify, sizeof kept->client_verify);
    memcpy(kept->server_verify, handshake->server_verify, sizeof kept->server_verify);
    g_clear_pointer(&kept->peer_certificate, certificate_unref);
    if (handshake->peer_authenticated)
        kept->peer_certificate = certificate_ref(g_ptr_array_index(handshake->peer_chain, 0));
    handshake_free(g_steal_pointer(&endpoint->handshake));
    endpoint->completed++;
    endpoint->requests = 0;
    endpoint->warnings = 0;
    endpoint_set_state(endpoint, ENDPOINT_CONNECTED);
    endpoint_event(endpoint, EVENT_CONNECTED, BYTES_NONE);
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
    if (version != NULL)
        return version->number;
    /* RFC 5246 E.1: a server that finds no common version says so in the client's */
    ProtocolVersion offered =
        endpoint->handshake == NULL ? 0 : endpoint->handshake->offered_version;
    if (config->role == ROLE_SERVER && offered >= VERSION_SSL_3_0)
        return MIN(offered, config->last);
    /* RFC 5246 E.1: before the version is settled, one that old servers do not stumble over */
    return MIN(config->last, VERSION_TLS_1_0);
}

void endpoint_event(Endpoint *endpoint, EndpointEventKind kind, Bytes data)
{
    EndpointEvent *event = g_new0(EndpointEvent, 1);
    event->kind = kind;
    event->data = kind == EVENT_DATA ? bytes_copy(data) : NULL;
    g_queue_push_tail(&endpoint->events, event);
}

void endpoint_fail(Endpoint *endpoint, const Fault *fault)
{
    if (endpoint->state == ENDPOINT_FAILED)
        return;
    g_assert(fault->blame != FAULT_NONE);
    endpoint->fault = *fault;
    g_byte_array_set_size(endpoint->flight, 0);
    AlertDescription alert = alert_for_version(fault->alert, endpoint_wire_version(endpoint));
    g_autofree char *sentence = fault->rule == NULL
                                    ? g_strdup(fault->sentence)
                                    : g_strdup_printf("%s (%s)", fault->sentence, fault->rule);
    speak_alert(endpoint, ALERT_LEVEL_FATAL, alert, sentence);
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
    return is_open(endpoint) && (endpoint->handshake != NULL || endpoint->hello_requested);
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
    return endpoint->established.any;
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
    return endpoint->established.any ? BYTES_ARRAY(endpoint->established.master) : BYTES_NONE;
}

Bytes endpoint_transcript_hash(const Endpoint *endpoint)
{
    if (!endpoint->established.any)
        return BYTES_NONE;
    return bytes_make(endpoint->established.transcript_hash, hash_size(HASH_SHA256));
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
