/* A load balancer that terminates TLS.
 *
 * Toward the client it is the server: it shows the certificate and holds its key. What it opens it
 * passes on, over a connection of its own, in TLS or in plain text. It is a man in the middle whom
 * the server's owner has hired: for whoever stands between it and the server in plain text, TLS
 * has ended. RFC 9110 3.7 calls it a gateway.
 */
#include "sim/balancer.h"

typedef struct {
    const AttackSetup *setup;
    Endpoint *front, *back;
    GQueue waiting; /* of GBytes *: from the client, before the server is connected */
} Balancer;

static void *balancer_start(const AttackSetup *setup, uint64_t now)
{
    Balancer *balancer = g_new0(Balancer, 1);
    balancer->setup = setup;
    balancer->front = endpoint_new(&setup->toward_client, setup->random, &setup->left);
    balancer->back = endpoint_new(&setup->toward_server, setup->random, &setup->right);
    g_queue_init(&balancer->waiting);
    endpoint_start(balancer->front, now);
    return balancer;
}

static void balancer_free(void *state)
{
    Balancer *balancer = state;
    endpoint_free(balancer->front);
    endpoint_free(balancer->back);
    g_queue_clear_full(&balancer->waiting, (GDestroyNotify)g_bytes_unref);
    g_free(balancer);
}

/* Who is connected calls the server; what came before it answered waits. */
static void pass_on(Balancer *balancer, uint64_t now)
{
    if (endpoint_state(balancer->back) == ENDPOINT_IDLE)
        endpoint_start(balancer->back, now);
    while (endpoint_state(balancer->back) == ENDPOINT_CONNECTED &&
           !g_queue_is_empty(&balancer->waiting)) {
        g_autoptr(GBytes) data = g_queue_pop_head(&balancer->waiting);
        endpoint_send(balancer->back, bytes_from_gbytes(data), now);
    }
}

static void attend(Balancer *balancer, Endpoint *from, uint64_t now)
{
    Endpoint *to = from == balancer->front ? balancer->back : balancer->front;
    EndpointEvent event;
    while (endpoint_next_event(from, &event)) {
        switch (event.kind) {
        case EVENT_DATA:
            if (from == balancer->back)
                endpoint_send(balancer->front, bytes_from_gbytes(event.data), now);
            else
                g_queue_push_tail(&balancer->waiting, g_bytes_ref(event.data));
            break;
        case EVENT_CLOSED:
        case EVENT_FAILED:
            endpoint_close(to, now);
            break;
        case EVENT_CONNECTED:
        case EVENT_RENEGOTIATION_REFUSED:
        case EVENT_FALSE_START:
        case EVENT_HEARTBEAT:
        case EVENT_EARLY_DATA_REJECTED:
            break;
        }
        endpoint_event_clear(&event);
    }
    if (!g_queue_is_empty(&balancer->waiting) || endpoint_state(from) == ENDPOINT_CONNECTED)
        pass_on(balancer, now);
}

static Endpoint *side_of(const Balancer *balancer, Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? balancer->back : balancer->front;
}

static void balancer_receive(void *state, Direction direction, Bytes bytes, uint64_t now)
{
    Balancer *balancer = state;
    Endpoint *from = direction == DIRECTION_TO_SERVER ? balancer->front : balancer->back;
    endpoint_receive(from, bytes, now);
    attend(balancer, from, now);
}

static Bytes balancer_output(const void *state, Direction direction)
{
    return endpoint_output(side_of(state, direction));
}

static void balancer_output_sent(void *state, Direction direction)
{
    endpoint_output_sent(side_of(state, direction));
}

static bool balancer_ends(const void *state, Direction direction)
{
    return endpoint_ends_transport(side_of(state, direction));
}

static void balancer_ended(void *state, Direction direction, uint64_t now)
{
    Balancer *balancer = state;
    Endpoint *from = direction == DIRECTION_TO_SERVER ? balancer->front : balancer->back;
    endpoint_transport_ended(from, now);
    endpoint_close(from == balancer->front ? balancer->back : balancer->front, now);
}

static void balancer_time_out(void *state, uint64_t now)
{
    Balancer *balancer = state;
    endpoint_time_out(balancer->front, now);
    endpoint_time_out(balancer->back, now);
}

const AttackProgram balancer_program = {
    .name = "balancer",
    .about = "terminates TLS for the server behind it",
    .start = balancer_start,
    .receive = balancer_receive,
    .output = balancer_output,
    .output_sent = balancer_output_sent,
    .ends = balancer_ends,
    .ended = balancer_ended,
    .time_out = balancer_time_out,
    .free = balancer_free,
};
