/* Handshakes per second of CPU time: both sides, one thread, in memory, the trace off.
 *
 * Each point is one kind of handshake, certificates verified. Points take turns in short slices, so
 * that a machine whose speed swings disturbs all of them alike, and the best slice of each is its
 * figure: what the code does when nobody disturbs it. With -n a point is run so many times without
 * a clock, for tools that count instructions. What it costs without any engine is another program's
 * to say; this one measures, and judges nothing.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/engine/endpoint.h"
#include "scenarios/language/scenario.h"
#include "sim/pki.h"

typedef enum { FULL, BY_ID, BY_TICKET, BY_PSK } Resumption;

typedef struct {
    const char *name;
    ProtocolVersion version;
    SuiteNumber suite;
    GroupNumber group;
    bool ecdsa, mutual;
    Resumption resumption;
    uint32_t psk_modes; /* bits of the option; 0: default */
} Point;

static const Point points[] = {
    {"tls12-ecdhe-rsa", VERSION_TLS_1_2, 0xc02f, GROUP_X25519, false, false, FULL, 0},
    {"tls12-rsa-cbc", VERSION_TLS_1_2, 0x002f, GROUP_X25519, false, false, FULL, 0},
    {"tls12-mutual-rsa", VERSION_TLS_1_2, 0xc02f, GROUP_X25519, false, true, FULL, 0},
    {"tls12-ecdhe-ecdsa", VERSION_TLS_1_2, 0xc02b, GROUP_SECP256R1, true, false, FULL, 0},
    {"tls13-rsa", VERSION_TLS_1_3, 0x1301, GROUP_X25519, false, false, FULL, 0},
    {"tls13-ecdsa-x25519", VERSION_TLS_1_3, 0x1301, GROUP_X25519, true, false, FULL, 0},
    {"tls12-resume-id", VERSION_TLS_1_2, 0xc02f, GROUP_X25519, false, false, BY_ID, 0},
    {"tls12-resume-ticket", VERSION_TLS_1_2, 0xc02f, GROUP_X25519, false, false, BY_TICKET, 0},
    {"tls13-psk-dhe", VERSION_TLS_1_3, 0x1301, GROUP_X25519, false, false, BY_PSK, 2},
    {"tls13-psk-ke", VERSION_TLS_1_3, 0x1301, GROUP_X25519, false, false, BY_PSK, 1},
    {"tls10-rsa-cbc", VERSION_TLS_1_0, 0x002f, GROUP_X25519, false, false, FULL, 0},
    {"tls10-resume-id", VERSION_TLS_1_0, 0x002f, GROUP_X25519, false, false, BY_ID, 0},
};

/* The lab's certificates, and a root and a server with keys of P-256. */
static const char scenario[] = "scenario \"benchmark\"\n"
                               "certificate ec-root\n"
                               "  issuer itself\n"
                               "  usage authority\n"
                               "  authority yes\n"
                               "  key ec-p256-1\n"
                               "certificate ec-www\n"
                               "  issuer ec-root\n"
                               "  names \"www.lab.example\"\n"
                               "  key ec-p256-2\n";

typedef struct {
    const Point *point;
    EndpointConfig configs[2];
    Random *randoms[2];
    SessionCache *caches[2];
    TicketKeys *keys;
    double best; /* handshakes a second */
} Bench;

static void fail(const char *what, const Fault *fault)
{
    fprintf(stderr, "handshakes: %s: %s\n", what, fault == NULL ? "failed" : fault->sentence);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void drain(Endpoint *endpoint)
{
    EndpointEvent event;
    while (endpoint_next_event(endpoint, &event))
        endpoint_event_clear(&event);
}

/* Bytes to and fro until nobody has any. */
static void carry(Endpoint *client, Endpoint *server)
{
    Endpoint *from = client, *to = server;
    for (unsigned quiet = 0; quiet < 2;) {
        Bytes output = endpoint_output(from);
        quiet = output.size == 0 ? quiet + 1 : 0;
        if (output.size > 0) {
            endpoint_receive(to, output, 0);
            endpoint_output_sent(from);
        }
        Endpoint *other = from;
        from = to;
        to = other;
    }
    drain(client);
    drain(server);
}

static void handshake(Bench *bench, bool expect_resumed)
{
    Endpoint *client = endpoint_new(&bench->configs[0], bench->randoms[0], NULL);
    Endpoint *server = endpoint_new(&bench->configs[1], bench->randoms[1], NULL);
    endpoint_start(server, 0);
    endpoint_start(client, 0);
    carry(client, server);
    if (endpoint_state(client) != ENDPOINT_CONNECTED ||
        endpoint_state(server) != ENDPOINT_CONNECTED)
        fail(bench->point->name,
             endpoint_fault(client) != NULL ? endpoint_fault(client) : endpoint_fault(server));
    if (endpoint_resumed(client) != expect_resumed)
        fail(bench->point->name, NULL);
    endpoint_free(client);
    endpoint_free(server);
}

static void bench_init(Bench *bench, const Point *point, Pki *pki, const Plan *plan)
{
    Fault fault = FAULT_INIT;
    bench->point = point;
    for (int i = 0; i < 2; i++) {
        EndpointConfig *config = &bench->configs[i];
        const char *root = point->ecdsa ? "ec-root" : "lab-root";
        const char *shown = i == 1          ? (point->ecdsa ? "ec-www" : "www")
                            : point->mutual ? "alice"
                                            : NULL;
        g_autoptr(GPtrArray) roots = g_ptr_array_new();
        g_ptr_array_add(roots, (gpointer)(uintptr_t)root);
        *config = (EndpointConfig){
            .role = (Role)i,
            .first = point->version,
            .last = point->version,
            .suites = &point->suite,
            .suite_count = 1,
            .groups = &point->group,
            .group_count = 1,
            .expected_name = "www.lab.example",
            .server_name = "www.lab.example",
            .clock = plan->clock,
        };
        config->client_auth = point->mutual && i == 1 ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE;
        config->trusted = pki_trusted(pki, roots, &fault);
        if (config->trusted == NULL ||
            !pki_credential(pki, shown, NULL, &config->credential, &fault))
            fail(point->name, &fault);
        bench->randoms[i] = random_new(1, i == 0 ? "client" : "server");
        bool keeps = point->resumption == BY_ID || (point->resumption != FULL && i == 0);
        bench->caches[i] = keeps ? session_cache_new(16, 86400) : NULL;
        config->cache = bench->caches[i];
        config->options.no_tickets = point->resumption == FULL || point->resumption == BY_ID;
        config->options.psk_modes = point->psk_modes;
        config->options.reuses_tickets = true;
        config->options.no_middlebox_compatibility = true;
    }
    if (!bench->configs[1].options.no_tickets)
        bench->keys = bench->configs[1].ticket_keys = ticket_keys_new(bench->randoms[1]);
    if (point->resumption != FULL)
        handshake(bench, false);
    bench->configs[1].options.no_new_tickets = true;
}

static void bench_clear(Bench *bench)
{
    for (int i = 0; i < 2; i++) {
        g_clear_pointer(&bench->configs[i].credential.chain, g_ptr_array_unref);
        g_clear_pointer(&bench->configs[i].trusted, g_ptr_array_unref);
        session_cache_free(bench->caches[i]);
    }
    ticket_keys_free(bench->keys);
    random_free(bench->randoms[0]);
    random_free(bench->randoms[1]);
}

/* One short slice; the best counts. */
static void slice(Bench *bench)
{
    enum { SLICE = 10 /* ms */ };
    unsigned count = 0;
    double start = cpu_seconds(), now = start;
    while (now - start < SLICE / 1000.0) {
        handshake(bench, bench->point->resumption != FULL);
        count++;
        now = cpu_seconds();
    }
    bench->best = MAX(bench->best, count / (now - start));
}

/* Bytes that a connected pair holds. */
static size_t pair_bytes(Bench *bench)
{
    enum { PAIRS = 100 };
    Endpoint *ends[PAIRS][2];
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < PAIRS; i++) {
        for (int j = 1; j >= 0; j--) {
            ends[i][j] = endpoint_new(&bench->configs[j], bench->randoms[j], NULL);
            endpoint_start(ends[i][j], 0);
        }
        carry(ends[i][0], ends[i][1]);
    }
    size_t after = mallinfo2().uordblks;
    for (int i = 0; i < PAIRS; i++)
        for (int j = 0; j < 2; j++)
            endpoint_free(ends[i][j]);
    return (after - before) / PAIRS;
}

static int usage(void)
{
    fprintf(stderr, "usage: handshakes [-n COUNT] [-r ROUNDS] [POINT...]\n");
    return 2;
}

static bool wanted(const Point *point, char **names, int count)
{
    bool found = count == 0;
    for (int i = 0; i < count; i++)
        found = found || strcmp(names[i], point->name) == 0;
    return found;
}

int main(int argc, char **argv)
{
    Fault fault = FAULT_INIT;
    g_autofree char *report = NULL;
    unsigned long rounds = 40, number = 0;
    int at = 1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        unsigned long *value = strcmp(argv[at], "-n") == 0   ? &number
                               : strcmp(argv[at], "-r") == 0 ? &rounds
                                                             : NULL;
        if (value == NULL)
            return usage();
        *value = strtoul(argv[at + 1], NULL, 10);
    }
    g_autoptr(Scenario) text =
        scenario_parse("benchmark", "benchmark", scenario, sizeof scenario - 1, &report);
    if (text == NULL) {
        fputs(report, stderr);
        return 1;
    }
    const Plan *plan = scenario_plan(text, 0);
    g_autoptr(Pki) pki = pki_new(plan, &fault);
    if (pki == NULL)
        fail("certificates", &fault);
    Bench benches[G_N_ELEMENTS(points)] = {0};
    size_t count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(points); i++)
        if (wanted(&points[i], argv + at, argc - at))
            bench_init(&benches[count++], &points[i], pki, plan);
    for (unsigned long n = 0; number > 0 && n < number; n++)
        for (size_t i = 0; i < count; i++)
            handshake(&benches[i], benches[i].point->resumption != FULL);
    for (unsigned long n = 0; number == 0 && n < rounds; n++)
        for (size_t i = 0; i < count; i++)
            slice(&benches[i]);
    for (size_t i = 0; i < count; i++) {
        if (number == 0)
            printf("%-22s %10.0f handshakes/s %10zu bytes a pair\n", benches[i].point->name,
                   benches[i].best, pair_bytes(&benches[i]));
        bench_clear(&benches[i]);
    }
    return 0;
}
