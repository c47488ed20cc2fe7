/* Shakedown in the benchmark: two endpoints, bytes carried by hand, the trace off.
 *
 * The engine is used as the laboratory uses it, with certificates verified and stores that the
 * resumption points need, and nothing is prepared that a connection would not have.
 *
 * This file measures nothing, and knows no other stack.
 */
#include <string.h>

#include "core/engine/endpoint.h"
#include "sim/pki.h"
#include "tests/benchmarks/bench.h"

typedef struct {
    const BenchPoint *point;
    EndpointConfig configs[2];
    Random *randoms[2];
    SessionCache *caches[2];
    TicketKeys *keys;
} Stack;

typedef struct {
    Endpoint *ends[2];
} Pair;

static const char *version(void)
{
    return "Shakedown " SHAKEDOWN_VERSION;
}

static void drain(Endpoint *endpoint)
{
    EndpointEvent event;
    while (endpoint_next_event(endpoint, &event))
        endpoint_event_clear(&event);
}

/* To and fro until nobody has anything to say. */
static void carry(Pair *pair)
{
    int from = 0;
    for (unsigned quiet = 0; quiet < 2; from = 1 - from) {
        Bytes output = endpoint_output(pair->ends[from]);
        quiet = output.size == 0 ? quiet + 1 : 0;
        if (output.size == 0)
            continue;
        endpoint_receive(pair->ends[1 - from], output, 0);
        endpoint_output_sent(pair->ends[from]);
    }
}

static void pair_free(void *stack, void *made)
{
    (void)stack;
    Pair *pair = made;
    endpoint_free(pair->ends[0]);
    endpoint_free(pair->ends[1]);
    g_free(pair);
}

static void *pair_new(void *made)
{
    Stack *stack = made;
    Pair *pair = g_new(Pair, 1);
    for (int i = 1; i >= 0; i--) {
        pair->ends[i] = endpoint_new(&stack->configs[i], stack->randoms[i], NULL);
        endpoint_start(pair->ends[i], 0);
    }
    carry(pair);
    for (int i = 0; i < 2; i++) {
        if (endpoint_state(pair->ends[i]) != ENDPOINT_CONNECTED) {
            const Fault *fault = endpoint_fault(pair->ends[i]);
            bench_fail(stack->point->name, fault == NULL ? "no connection" : fault->sentence);
        }
        drain(pair->ends[i]);
    }
    return pair;
}

/* Data from one side, which comes to the other as it was. */
static bool say(void *made, int from, Bytes data)
{
    Pair *pair = made;
    EndpointEvent event;
    bool said = endpoint_send(pair->ends[from], data, 0);
    carry(pair);
    size_t heard = 0;
    while (endpoint_next_event(pair->ends[1 - from], &event)) {
        Bytes part = bytes_from_gbytes(event.data);
        said = said && event.kind == EVENT_DATA &&
               bytes_equal(part, bytes_slice(data, heard, part.size));
        heard += part.size;
        endpoint_event_clear(&event);
    }
    return said && heard == data.size;
}

static bool check(void *made, void *made_pair)
{
    Stack *stack = made;
    Pair *pair = made_pair;
    bool resumes = stack->point->resume != RESUME_NONE;
    bool fine = true;
    for (int i = 0; i < 2; i++) {
        const Endpoint *end = pair->ends[i];
        fine = fine && endpoint_version(end)->number == stack->point->version &&
               endpoint_suite(end)->number == stack->point->suite &&
               endpoint_resumed(end) == resumes;
        fine = fine && say(pair, i, bytes_from_text("word"));
    }
    return fine && (!stack->point->mutual || endpoint_peer_certificate(pair->ends[1]) != NULL);
}

static bool keep(void *made, void *pair)
{
    Stack *stack = made;
    (void)pair; /* the stores have it */
    stack->configs[1].options.no_new_tickets = true;
    return true;
}

static void configure(Stack *stack, int side, const BenchMaterial *material)
{
    const BenchPoint *point = stack->point;
    Fault fault = FAULT_INIT;
    Pki *pki = (Pki *)(uintptr_t)material->pki;
    const char *shown = side == 1       ? (point->ecdsa ? "ec-server" : "rsa-server")
                        : point->mutual ? "rsa-client"
                                        : NULL;
    g_autoptr(GPtrArray) roots = g_ptr_array_new();
    g_ptr_array_add(roots, (gpointer)(uintptr_t)(point->ecdsa ? "ec-root" : "rsa-root"));
    EndpointConfig *config = &stack->configs[side];
    *config = (EndpointConfig){
        .role = (Role)side,
        .first = point->version,
        .last = point->version,
        .suites = &point->suite,
        .suite_count = 1,
        .groups = &point->group,
        .group_count = point->group == GROUP_NONE ? 0 : 1,
        .expected_name = BENCH_HOST,
        .server_name = BENCH_HOST,
        .clock = material->clock,
        .client_auth = point->mutual && side == 1 ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE,
        .trusted = pki_trusted(pki, roots, &fault),
    };
    if (config->trusted == NULL || !pki_credential(pki, shown, NULL, &config->credential, &fault))
        bench_fail(point->name, fault.sentence);
    bool keeps = point->resume == RESUME_ID || (point->resume != RESUME_NONE && side == 0);
    stack->randoms[side] = random_new(1, side == 0 ? "client" : "server");
    stack->caches[side] = keeps ? session_cache_new(16, 86400) : NULL;
    config->cache = stack->caches[side];
    config->options.no_tickets = point->resume == RESUME_NONE || point->resume == RESUME_ID;
    config->options.psk_modes = point->resume == RESUME_PSK ? PSK_MODE_KE : PSK_MODE_DHE_KE;
    config->options.reuses_tickets = true;
    config->options.no_middlebox_compatibility = true;
}

static void *open_point(const BenchPoint *point, const BenchMaterial *material)
{
    Stack *stack = g_new0(Stack, 1);
    stack->point = point;
    for (int i = 0; i < 2; i++)
        configure(stack, i, material);
    if (!stack->configs[1].options.no_tickets)
        stack->keys = stack->configs[1].ticket_keys = ticket_keys_new(stack->randoms[1]);
    return stack;
}

static void close_point(void *made)
{
    Stack *stack = made;
    for (int i = 0; i < 2; i++) {
        g_clear_pointer(&stack->configs[i].credential.chain, g_ptr_array_unref);
        g_clear_pointer(&stack->configs[i].trusted, g_ptr_array_unref);
        session_cache_free(stack->caches[i]);
        random_free(stack->randoms[i]);
    }
    ticket_keys_free(stack->keys);
    g_free(stack);
}

const BenchStack stack_shakedown = {"Shakedown", version, open_point, pair_new,   pair_free,
                                    keep,        check,   say,        close_point};
