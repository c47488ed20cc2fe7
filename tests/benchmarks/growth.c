/* What many cost: connections in a process, sessions in a cache, messages in a flight.
 *
 * Each line is ten or a hundred times the one above it; the cost of one should stay what it was.
 * CPU time and bytes of the heap; nothing passes or fails.
 */
#include <malloc.h>
#include <stdio.h>

#include "core/engine/session.h"
#include "scenarios/language/scenario.h"
#include "sim/world.h"
#include "tests/benchmarks/bench.h"

static const unsigned sizes[] = {10, 1000, 100000};

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Pairs that are connected at the same time, by resumption, which hides nothing behind RSA. */
static void connections(unsigned count)
{
    void *stack = stack_shakedown.open(bench_point("tls12-resume-id"), bench_material());
    void **pairs = g_new(void *, count);
    void *first = stack_shakedown.pair(stack);
    stack_shakedown.keep(stack, first);
    stack_shakedown.free(stack, first);
    size_t before = heap();
    double start = bench_cpu();
    for (unsigned i = 0; i < count; i++)
        pairs[i] = stack_shakedown.pair(stack);
    double used = bench_cpu() - start;
    size_t bytes = heap() - before;
    for (unsigned i = 0; i < count; i++)
        stack_shakedown.free(stack, pairs[i]);
    printf("%7u connections open at once    %8.2f µs each  %8.1f kB each\n", count,
           used * 1e6 / count, (double)bytes / 1000 / count);
    g_free(pairs);
    stack_shakedown.close(stack);
}

static void session_key(unsigned number, uint8_t key[SESSION_ID_MOST])
{
    for (size_t i = 0; i < SESSION_ID_MOST; i++)
        key[i] = (uint8_t)(number * 2654435761u >> (i % 4 * 8)) ^ (uint8_t)i;
}

/* Put in, and found again. */
static void sessions(unsigned count)
{
    enum { DAY = 86400 };
    SessionCache *cache = session_cache_new(count, DAY);
    uint8_t key[SESSION_ID_MOST];
    unsigned found = 0;
    double start = bench_cpu();
    for (unsigned i = 0; i < count; i++) {
        g_autoptr(Session) session = session_new();
        session_key(i, key);
        session_cache_add(cache, BYTES_ARRAY(key), session);
    }
    double put = bench_cpu() - start;
    start = bench_cpu();
    for (unsigned i = 0; i < count; i++) {
        session_key(i, key);
        found += session_cache_find(cache, BYTES_ARRAY(key), 0) != NULL;
    }
    double asked = bench_cpu() - start;
    if (found != count)
        bench_fail("sessions", "one was lost");
    printf("%7u sessions in a cache         %8.2f µs to add, %.2f µs to find\n", count,
           put * 1e6 / count, asked * 1e6 / count);
    session_cache_free(cache);
}

/* CPU time of a run whose server says so many messages in a row, with its trace. */
static double flight(unsigned count, size_t *events)
{
    g_autoptr(GString) text = g_string_new("scenario \"flight\"\n");
    g_autofree char *report = NULL;
    Fault fault = FAULT_INIT;
    if (count > 0)
        g_string_append(text, "play\n");
    for (unsigned i = 0; i < count; i++)
        g_string_append(text, "  server sends \"word\"\n");
    g_autoptr(Scenario) scenario =
        scenario_parse("flight", "flight", text->str, text->len, &report);
    if (scenario == NULL)
        bench_fail("flight", report);
    double start = bench_cpu();
    Trace *trace = world_play(scenario_plan(scenario, 0), &fault);
    double used = bench_cpu() - start;
    if (trace == NULL)
        bench_fail("flight", fault.sentence);
    *events = trace_count(trace);
    trace_free(trace);
    return used;
}

/* The handshake before them costs more than a few messages: the least of some runs. */
static double least_of_flights(unsigned count, size_t *events)
{
    enum { RUNS = 5 };
    double least = flight(count, events);
    for (int i = 1; i < RUNS; i++)
        least = MIN(least, flight(count, events));
    return least;
}

static void flights(void)
{
    size_t events = 0;
    double alone = least_of_flights(0, &events);
    for (unsigned count = 100; count <= 10000; count *= 10) {
        double used = least_of_flights(count, &events);
        printf("%7u messages after a handshake  %8.2f µs each  %8zu events\n", count,
               (used - alone) * 1e6 / count, events);
    }
}

int bench_growth(void)
{
    flights(); /* first: a heap that has held 100,000 connections is slow to give back */
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        connections(sizes[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        sessions(sizes[i]);
    return 0;
}
