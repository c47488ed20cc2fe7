/* Heartbeats (RFC 6520): a request is answered with its own payload.
 *
 * A length that is not true, or too little padding, is answered by silence: that is the rule that
 * Heartbleed was without. Requests go only to a side that allows them, one at a time.
 *
 * Obeys RFC 6520 3 and 4.
 */
#include <string.h>

#include "core/engine/state.h"

enum { PADDING_SIZE = 16 }; /* RFC 6520 4: at least */

static bool say(Endpoint *endpoint, uint8_t type, Bytes payload, Fault *fault)
{
    uint8_t padding[PADDING_SIZE];
    random_fill(endpoint->random, "heartbeat_padding", padding, sizeof padding);
    Message message = {
        .kind = MESSAGE_HEARTBEAT,
        .heartbeat = {.type = type,
                      .payload_length = (uint16_t)payload.size,
                      .payload = payload,
                      .padding = BYTES_ARRAY(padding)},
    };
    return speak_message(endpoint, &message, -1, fault);
}

/* RFC 6520 4: an answer that is not to the request is dropped. */
static void take_answer(Endpoint *endpoint, Bytes payload)
{
    if (!endpoint->heartbeat_out ||
        !bytes_equal(payload, bytes_from_gbytes(endpoint->heartbeat_payload)))
        return;
    endpoint->heartbeat_out = false;
    g_clear_pointer(&endpoint->heartbeat_payload, g_bytes_unref);
    endpoint_event(endpoint, EVENT_HEARTBEAT, payload);
}

/* What the other side said of itself: in this connection, or in the hellos of the handshake that
 * makes it. */
static uint8_t peer_mode(const Endpoint *endpoint)
{
    if (endpoint->established.any)
        return endpoint->established.peer_heartbeat;
    return endpoint->handshake == NULL ? 0 : endpoint->handshake->peer_heartbeat;
}

bool heartbeat_take(Endpoint *endpoint, Bytes bytes, Fault *fault)
{
    uint8_t own = endpoint->config->options.heartbeat;
    if (peer_mode(endpoint) == 0 || own == 0)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 6520 2",
                          "a heartbeat came, which was not negotiated");
    if (endpoint->handshake != NULL) /* RFC 6520 3: not in a handshake, be it the first; dropped */
        return true;
    g_autoptr(GArray) spans = spans_new();
    Message message;
    WalkContext context = endpoint_context(endpoint, role_peer(endpoint->config->role));
    bool true_length = message_read(bytes, MESSAGE_HEARTBEAT, &context, &message, spans, NULL);
    endpoint->read.messages++;
    endpoint->partial_record = 0;
    report_message(endpoint, MESSAGE_HEARTBEAT, bytes, true_length ? spans : NULL, -1, true);
    if (!true_length || message.heartbeat.padding.size < PADDING_SIZE) {
        report_note(endpoint, "heartbeat",
                    "The heartbeat's payload_length goes beyond what it holds, or its padding is "
                    "too short: it is dropped (RFC 6520 4).");
        return true;
    }
    if (message.heartbeat.type == HEARTBEAT_RESPONSE)
        take_answer(endpoint, message.heartbeat.payload);
    if (message.heartbeat.type != HEARTBEAT_REQUEST)
        return true;
    if (own != HEARTBEAT_PEER_ALLOWED) /* RFC 6520 2 */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 6520 2",
                          "a heartbeat request came; this side said that it takes none");
    return say(endpoint, HEARTBEAT_RESPONSE, message.heartbeat.payload, fault);
}

bool endpoint_heartbeat(Endpoint *endpoint, Bytes payload, uint64_t now)
{
    Fault fault = FAULT_INIT;
    endpoint->now = now;
    if (endpoint->state != ENDPOINT_CONNECTED || endpoint->handshake != NULL ||
        endpoint->config->options.heartbeat == HEARTBEAT_OFF || /* RFC 6520 2 */
        endpoint->established.peer_heartbeat != HEARTBEAT_PEER_ALLOWED || endpoint->heartbeat_out)
        return false;
    endpoint->heartbeat_out = true;
    endpoint->heartbeat_payload = bytes_copy(payload);
    if (say(endpoint, HEARTBEAT_REQUEST, payload, &fault))
        return true;
    endpoint_fail(endpoint, &fault);
    return false;
}
