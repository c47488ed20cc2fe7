/* No TLS at all: what stands behind a server that terminates it.
 *
 * The endpoint is connected from the start, and its data is what the transport carries: nothing is
 * hidden, nobody is authenticated. It exists so that the stretch behind a load balancer can be
 * seen for what it is. The end of the connection is the transport's, as in SSL 2.0.
 */
#include "core/engine/state.h"

void plain_start(Endpoint *endpoint)
{
    endpoint_set_state(endpoint, ENDPOINT_CONNECTED);
    endpoint_event(endpoint, EVENT_CONNECTED, BYTES_NONE);
}

static GArray *spans_of(const Endpoint *endpoint, Bytes data)
{
    Message message;
    WalkContext context = {.sender = endpoint->config->role};
    if (endpoint->sink.trace == NULL)
        return NULL;
    GArray *spans = spans_new();
    message_read(data, MESSAGE_APPLICATION_DATA, &context, &message, spans, NULL);
    return spans;
}

void plain_receive(Endpoint *endpoint, Bytes data)
{
    if (endpoint->state != ENDPOINT_CONNECTED)
        return;
    g_autoptr(GArray) spans = spans_of(endpoint, data);
    endpoint->read.records++;
    endpoint->read.messages++;
    endpoint->partial_record = 0;
    report_message(endpoint, MESSAGE_APPLICATION_DATA, data, spans, -1, true);
    TraceEvent *event = report(endpoint, TRACE_DATA);
    if (event != NULL) {
        event->direction = role_direction(role_peer(endpoint->config->role));
        event->bytes = bytes_copy(data);
    }
    endpoint_event(endpoint, EVENT_DATA, data);
}

bool plain_send(Endpoint *endpoint, Bytes data)
{
    if (endpoint->state != ENDPOINT_CONNECTED)
        return false;
    g_autoptr(GArray) spans = spans_of(endpoint, data);
    endpoint->write.messages++;
    report_message(endpoint, MESSAGE_APPLICATION_DATA, data, spans, -1, false);
    endpoint->write.records++;
    buffer_append(&endpoint->output, data);
    return true;
}
