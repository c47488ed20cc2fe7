/* A man in the middle with endpoints of his own.
 *
 * Toward the client he is a server with a certificate of his own making, toward the server a client
 * like any other. He breaks no cipher: he simply is the other end of both connections. If the
 * client takes his certificate, all data passes through his hands in the clear; he reads it, and
 * changes what the scenario tells him to. If it does not, he has seen a hello and an alert.
 *
 * RFC 5246 F.1.1: with server authentication the channel is secure against this; the client's
 * checks are the whole defence.
 */
#include <string.h>

#include "scenarios/attacks/attacks.h"

typedef struct {
    const AttackSetup *setup;
    Endpoint *front, *back; /* toward the client; toward the server */
    GQueue waiting;         /* of GBytes *: from the client, before the server is connected */
} Middle;

static void *middle_start(const AttackSetup *setup, uint64_t now)
{
    Middle *middle = g_new0(Middle, 1);
    middle->setup = setup;
    middle->front = endpoint_new(&setup->toward_client, setup->random, &setup->left);
    middle->back = endpoint_new(&setup->toward_server, setup->random, &setup->right);
    g_queue_init(&middle->waiting);
    endpoint_start(middle->front, now);
    return middle;
}

static void middle_free(void *state)
{
    Middle *middle = state;
    endpoint_free(middle->front);
    endpoint_free(middle->back);
    g_queue_clear_full(&middle->waiting, (GDestroyNotify)g_bytes_unref);
    g_free(middle);
}

/* The data as he passes it on. */
static GBytes *changed(const Middle *middle, GBytes *data, Direction direction)
{
    const AttackSetup *setup = middle->setup;
    Bytes bytes = bytes_from_gbytes(data);
    if (setup->replaces == NULL)
        return g_bytes_ref(data);
    GByteArray *result = g_byte_array_new();
    size_t size = strlen(setup->replaces);
    unsigned times = 0;
    while (bytes.size > 0) {
        const uint8_t *found = memmem(bytes.data, bytes.size, setup->replaces, size);
        size_t before = found == NULL ? bytes.size : (size_t)(found - bytes.data);
        bytes_append(result, bytes_slice(bytes, 0, before));
        bytes = bytes_slice(bytes, before, bytes.size);
        if (found == NULL)
            break;
        bytes_append(result, bytes_from_text(setup->with));
        bytes = bytes_slice(bytes, size, bytes.size);
        times++;
    }
    if (times > 0) {
        g_autofree char *effect =
            g_strdup_printf("\"%s\" becomes \"%s\"", setup->replaces, setup->with);
        attacker_report(&setup->left, direction, "changes the data", effect);
    }
    return g_byte_array_free_to_bytes(result);
}

static void pass_on(Middle *middle, GBytes *data, Direction direction, uint64_t now)
{
    Endpoint *to = direction == DIRECTION_TO_SERVER ? middle->back : middle->front;
    if (endpoint_state(to) == ENDPOINT_HANDSHAKING) {
        g_queue_push_tail(&middle->waiting, g_bytes_ref(data));
        return;
    }
    g_autofree char *effect = g_strdup_printf("%zu bytes in the clear", g_bytes_get_size(data));
    attacker_report(direction == DIRECTION_TO_SERVER ? &middle->setup->left : &middle->setup->right,
                    direction, "reads the data", effect);
    GBytes *other = changed(middle, data, direction);
    endpoint_send(to, bytes_from_gbytes(other), now);
    g_bytes_unref(other);
}

/* What one of his endpoints has to tell, done on the other side. */
static void attend(Middle *middle, Endpoint *from, Direction direction, uint64_t now)
{
    Endpoint *to = from == middle->front ? middle->back : middle->front;
    EndpointEvent event;
    while (endpoint_next_event(from, &event)) {
        switch (event.kind) {
        case EVENT_DATA:
            pass_on(middle, event.data, direction, now);
            break;
        case EVENT_CONNECTED:
            while (from == middle->back && !g_queue_is_empty(&middle->waiting)) {
                GBytes *data = g_queue_pop_head(&middle->waiting);
                pass_on(middle, data, DIRECTION_TO_SERVER, now);
                g_bytes_unref(data);
            }
            break;
        case EVENT_CLOSED:
        case EVENT_FAILED:
            endpoint_close(to, now); /* whoever leaves, the other is shown a polite end */
            break;
        case EVENT_RENEGOTIATION_REFUSED:
        case EVENT_FALSE_START: /* he hurries nobody, and answers heartbeats himself */
        case EVENT_HEARTBEAT:
        case EVENT_EARLY_DATA_REJECTED:
            break;
        }
        endpoint_event_clear(&event);
    }
}

static void middle_receive(void *state, Direction direction, Bytes bytes, uint64_t now)
{
    Middle *middle = state;
    if (endpoint_state(middle->back) == ENDPOINT_IDLE)
        endpoint_start(middle->back, now); /* the client is there: call the server */
    endpoint_receive(direction == DIRECTION_TO_SERVER ? middle->front : middle->back, bytes, now);
    attend(middle, middle->front, DIRECTION_TO_SERVER, now);
    attend(middle, middle->back, DIRECTION_TO_CLIENT, now);
}

static Endpoint *side(const Middle *middle, Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? middle->back : middle->front;
}

static Bytes middle_output(const void *state, Direction direction)
{
    return endpoint_output(side(state, direction));
}

static void middle_output_sent(void *state, Direction direction)
{
    endpoint_output_sent(side(state, direction));
}

static void middle_time_out(void *state, uint64_t now)
{
    Middle *middle = state;
    endpoint_time_out(middle->front, now);
    endpoint_time_out(middle->back, now);
}

const AttackProgram attack_man_in_the_middle = {
    .name = "man-in-the-middle",
    .about = "Is the other end of both connections, with a certificate of his own making.",
    .start = middle_start,
    .receive = middle_receive,
    .output = middle_output,
    .output_sent = middle_output_sent,
    .time_out = middle_time_out,
    .free = middle_free,
};
