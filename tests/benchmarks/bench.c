/* Handshakes per second of CPU time, of Shakedown, of today's stacks and of the floor, in one run.
 *
 * One thread, both sides, in memory, certificates verified, the trace off. All take turns in slices
 * of some milliseconds, so that a machine whose speed swings disturbs all alike; the figure of each
 * is the 90th percentile of its slices: what it does when nobody disturbs it. Compare within one
 * run only. Nothing here passes or fails by speed; a stack that does not do what the point says is
 * an error.
 *
 * Beside that: instructions of a handshake by callgrind, bytes of a connected pair, records,
 * growth.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/benchmarks/bench.h"

static const BenchStack *const stacks[] = {
    &stack_floor,   &stack_shakedown,
#ifdef HAVE_LIBSSL
    &stack_openssl,
#endif
#ifdef HAVE_GNUTLS
    &stack_gnutls,
#endif
#ifdef HAVE_MBEDTLS
    &stack_mbedtls,
#endif
#ifdef HAVE_WOLFSSL
    &stack_wolfssl,
#endif
};

enum { STACKS = G_N_ELEMENTS(stacks), SLICES_MOST = 20000, SLICE_PAIRS = 4 };

/* One stack at one point. */
typedef struct {
    const BenchStack *stack;
    void *state; /* NULL: it cannot do this point */
    double *slices;
    size_t count;
} Entrant;

typedef struct {
    double seconds; /* of CPU time for each entrant */
    int number;     /* handshakes to do without a clock; 0: measure */
    char **points, **names;
    gboolean instructions, memory, records, growth, list;
} Options;

static void one(const Entrant *entrant)
{
    void *pair = entrant->stack->pair(entrant->state);
    if (pair == NULL)
        bench_fail(entrant->stack->name, "a handshake failed");
    entrant->stack->free(entrant->state, pair);
}

/* The first handshake, whose session is kept, and one that is looked at. */
static Entrant enter(const BenchStack *stack, const BenchPoint *point)
{
    Entrant entrant = {.stack = stack, .state = stack->open(point, bench_material())};
    if (entrant.state == NULL)
        return entrant;
    for (int i = point->resume == RESUME_NONE ? 1 : 0; i < 2; i++) {
        void *pair = stack->pair(entrant.state);
        if (pair == NULL)
            bench_fail(point->name, stack->name);
        bool fine = i == 0 ? stack->keep(entrant.state, pair) : stack->check(entrant.state, pair);
        stack->free(entrant.state, pair);
        if (!fine) {
            g_autofree char *what = g_strdup_printf("%s at %s", stack->name, point->name);
            bench_fail(what, "the handshake is not what the point says");
        }
    }
    return entrant;
}

static void leave(Entrant *entrant)
{
    if (entrant->state != NULL)
        entrant->stack->close(entrant->state);
    g_free(entrant->slices);
}

/* At least five milliseconds and some handshakes. */
static double slice(Entrant *entrant)
{
    const double least = 0.005;
    double start = bench_cpu(), now = start;
    unsigned count = 0;
    for (; count < SLICE_PAIRS || now - start < least; now = bench_cpu())
        for (unsigned i = 0; i < SLICE_PAIRS; i++, count++)
            one(entrant);
    if (entrant->count < SLICES_MOST)
        entrant->slices[entrant->count++] = count / (now - start);
    return now - start;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double quiet(Entrant *entrant)
{
    if (entrant->count == 0)
        return 0;
    qsort(entrant->slices, entrant->count, sizeof(double), by_value);
    return entrant->slices[entrant->count * 9 / 10];
}

/* Turns until each has had its seconds. */
static void race(Entrant *entrants, double seconds)
{
    double used[STACKS] = {0};
    for (size_t i = 0; i < STACKS; i++)
        entrants[i].slices = g_new(double, SLICES_MOST);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < STACKS; i++) {
            if (entrants[i].state == NULL || used[i] >= seconds)
                continue;
            used[i] += slice(&entrants[i]);
            again = true;
        }
    }
}

static bool wanted(char **names, const char *name)
{
    return names == NULL || g_strv_contains((const char *const *)names, name);
}

static void enter_all(Entrant *entrants, const BenchPoint *point, const Options *options)
{
    for (size_t i = 0; i < STACKS; i++)
        entrants[i] = wanted(options->names, stacks[i]->name) ? enter(stacks[i], point)
                                                              : (Entrant){.stack = stacks[i]};
}

static void print_point(const BenchPoint *point, Entrant *entrants)
{
    double figures[STACKS], floor = 0;
    for (size_t i = 0; i < STACKS; i++) {
        figures[i] = quiet(&entrants[i]);
        if (stacks[i] == &stack_floor)
            floor = figures[i];
    }
    printf("%-36s", point->about);
    for (size_t i = 0; i < STACKS; i++) {
        if (figures[i] == 0)
            printf(" %9s %5s", "-", "");
        else if (stacks[i] == &stack_floor || floor == 0)
            printf(" %9.0f %5s", figures[i], "");
        else
            printf(" %9.0f %5.2f", figures[i], figures[i] / floor);
    }
    printf("   %.2f\n", point->goal);
    fflush(stdout);
}

static void print_heads(const char *what)
{
    printf("%-36s", what);
    for (size_t i = 0; i < STACKS; i++)
        printf(" %15s", stacks[i]->name);
    printf("   goal\n");
}

static void measure(const BenchPoint *point, const Options *options)
{
    Entrant entrants[STACKS];
    enter_all(entrants, point, options);
    race(entrants, options->seconds);
    print_point(point, entrants);
    for (size_t i = 0; i < STACKS; i++)
        leave(&entrants[i]);
}

/* So many handshakes and no clock: for tools that count. */
static void count_out(const BenchPoint *point, const Options *options)
{
    for (size_t i = 0; i < STACKS; i++) {
        if (!wanted(options->names, stacks[i]->name))
            continue;
        Entrant entrant = enter(stacks[i], point);
        for (int n = 0; entrant.state != NULL && n < options->number; n++)
            one(&entrant);
        leave(&entrant);
    }
}

/* --- instructions --- */

/* Instructions of a process that does so many handshakes; 0 when callgrind is not there. */
static double instructions_of(const char *program, const BenchPoint *point, const char *stack,
                              int number)
{
    g_autofree char *many = g_strdup_printf("%d", number);
    const char *arguments[] = {"valgrind",
                               "--tool=callgrind",
                               "--callgrind-out-file=/dev/null",
                               program,
                               "--point",
                               point->name,
                               "--stack",
                               stack,
                               "--number",
                               many,
                               NULL};
    g_autofree char *talk = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **)(uintptr_t)arguments, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &talk,
                      &status, NULL))
        return 0;
    const char *collected = strstr(talk, "Collected :");
    return collected == NULL ? 0 : strtod(collected + strlen("Collected :"), NULL);
}

static void print_instructions(const BenchPoint *point, const Options *options)
{
    enum { FEW = 4, MORE = 20 };
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    printf("%-36s", point->about);
    for (size_t i = 0; i < STACKS; i++) {
        double few = 0, more = 0;
        if (wanted(options->names, stacks[i]->name)) {
            few = instructions_of(program, point, stacks[i]->name, FEW);
            more = instructions_of(program, point, stacks[i]->name, FEW + MORE);
        }
        if (more > few * 1.0001)
            printf(" %15.0f", (more - few) / MORE);
        else
            printf(" %15s", "-");
    }
    printf("\n");
    fflush(stdout);
}

/* --- memory --- */

/* Bytes that a connected pair holds, when it has said a word each way. */
static void print_memory(const BenchPoint *point, const Options *options)
{
    enum { PAIRS = 100 };
    printf("%-36s", point->about);
    for (size_t i = 0; i < STACKS; i++) {
        Entrant entrant = {.stack = stacks[i]};
        void *pairs[PAIRS];
        if (stacks[i] != &stack_floor && wanted(options->names, stacks[i]->name))
            entrant = enter(stacks[i], point);
        if (entrant.state == NULL) {
            printf(" %15s", "-");
            continue;
        }
        for (int n = 0; n < 2 * SLICE_PAIRS; n++)
            one(&entrant);
        struct mallinfo2 before = mallinfo2();
        for (int n = 0; n < PAIRS; n++) {
            pairs[n] = stacks[i]->pair(entrant.state);
            if (pairs[n] == NULL || !stacks[i]->check(entrant.state, pairs[n]))
                bench_fail(stacks[i]->name, point->name);
        }
        struct mallinfo2 after = mallinfo2();
        size_t bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        printf(" %15zu", bytes / PAIRS);
        for (int n = 0; n < PAIRS; n++)
            stacks[i]->free(entrant.state, pairs[n]);
        leave(&entrant);
    }
    printf("\n");
    fflush(stdout);
}

/* --- the program --- */

static void list_all(void)
{
    size_t count = 0;
    const BenchPoint *points = bench_points(&count);
    for (size_t i = 0; i < count; i++)
        printf("%-22s %s\n", points[i].name, points[i].about);
    printf("\n");
    for (size_t i = 0; i < STACKS; i++)
        printf("%-22s %s\n", stacks[i]->name, stacks[i]->version());
}

static void for_points(const Options *options, const char *head,
                       void (*visit)(const BenchPoint *, const Options *))
{
    size_t count = 0;
    const BenchPoint *points = bench_points(&count);
    if (head != NULL)
        print_heads(head);
    for (size_t i = 0; i < count; i++)
        if (wanted(options->points, points[i].name))
            visit(&points[i], options);
}

/* With one point, the last line is Shakedown's figure alone. */
static void single(const BenchPoint *point, const Options *options)
{
    Entrant entrants[STACKS];
    double figure = 0;
    enter_all(entrants, point, options);
    race(entrants, options->seconds);
    print_heads("handshakes a second, part of floor");
    print_point(point, entrants);
    for (size_t i = 0; i < STACKS; i++) {
        if (stacks[i] == &stack_shakedown)
            figure = quiet(&entrants[i]);
        leave(&entrants[i]);
    }
    printf("%.0f\n", figure);
}

static bool known(const Options *options)
{
    for (char **name = options->points; name != NULL && *name != NULL; name++)
        if (bench_point(*name) == NULL) {
            fprintf(stderr, "bench: there is no point \"%s\"; --list shows them\n", *name);
            return false;
        }
    for (char **name = options->names; name != NULL && *name != NULL; name++) {
        bool found = false;
        for (size_t i = 0; i < STACKS; i++)
            found = found || strcmp(stacks[i]->name, *name) == 0;
        if (!found) {
            fprintf(stderr, "bench: there is no stack \"%s\"; --list shows them\n", *name);
            return false;
        }
    }
    return true;
}

static int run(const Options *options)
{
    bool some = options->instructions || options->memory || options->records || options->growth;
    if (options->list) {
        list_all();
        return 0;
    }
    if (options->number > 0) {
        for_points(options, NULL, count_out);
        return 0;
    }
    if (!some && g_strv_length(options->points == NULL ? (char *[]){NULL} : options->points) == 1) {
        single(bench_point(options->points[0]), options);
        return 0;
    }
    if (!some)
        for_points(options, "handshakes a second, part of floor", measure);
    if (options->memory)
        for_points(options, "bytes of a connected pair", print_memory);
    if (options->instructions)
        for_points(options, "instructions of a handshake", print_instructions);
    if (options->records)
        bench_records(options->seconds);
    if (options->growth)
        bench_growth();
    return 0;
}

int main(int argc, char **argv)
{
    Options options = {.seconds = 1};
    const GOptionEntry entries[] = {
        {"point", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options.points, "One point (may be repeated)",
         "NAME"},
        {"stack", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.names, "One stack (may be repeated)",
         "NAME"},
        {"seconds", 't', 0, G_OPTION_ARG_DOUBLE, &options.seconds,
         "CPU time of each stack at each point (1)", "S"},
        {"number", 'n', 0, G_OPTION_ARG_INT, &options.number,
         "Do so many handshakes without a clock, for tools that count", "N"},
        {"instructions", 0, 0, G_OPTION_ARG_NONE, &options.instructions,
         "Instructions of a handshake, by callgrind", NULL},
        {"memory", 0, 0, G_OPTION_ARG_NONE, &options.memory, "Bytes of a connected pair", NULL},
        {"records", 0, 0, G_OPTION_ARG_NONE, &options.records, "MB/s of sealed and opened records",
         NULL},
        {"growth", 0, 0, G_OPTION_ARG_NONE, &options.growth,
         "Cost with many connections, sessions and messages", NULL},
        {"list", 'l', 0, G_OPTION_ARG_NONE, &options.list, "List points and stacks", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Handshakes per second of CPU time, beside other stacks "
                                          "and the floor of their primitives.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1 ||
        options.seconds <= 0 || !known(&options)) {
        if (error != NULL || argc > 1)
            fprintf(stderr, "bench: %s\n",
                    error != NULL ? error->message : "no arguments are wanted");
        return 2;
    }
    int status = run(&options);
    bench_material_clear();
    g_strfreev(options.points);
    g_strfreev(options.names);
    return status;
}
