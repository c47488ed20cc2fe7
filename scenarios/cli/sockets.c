/* What the verbs with sockets share.
 *
 * A scenario becomes one world whose parties every connection goes on with. A line a message tells
 * the story while it happens; what a connection came to is told, and written, when it ends. An
 * interrupt, a count or a time ends it all: nobody is let in any more, what is open is cut, and all
 * of it is written.
 */
#include "scenarios/cli/sockets.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/cli/output.h"
#include "sim/net/far.h"
#include "sim/net/limits.h"
#include "viz/describe.h"
#include "viz/details.h"

/* One connection. */
typedef struct {
    Sockets *sockets;
    Live *live;
    unsigned number;
    size_t told; /* events of its trace */
    bool over;
} Visit;

static void visit_free(gpointer data)
{
    Visit *visit = data;
    live_free(visit->live);
    g_free(visit);
}

/* --- the command line --- */

static Status check_numbers(const SocketOptions *options, const char *verb)
{
    if (options->count < 0 || options->timeout < 0 || options->patience < 0)
        return complain_usage(verb, "--count, --timeout and --patience are no negative numbers");
    if (options->port != PORT_UNSAID && (options->port < 0 || options->port > G_MAXUINT16))
        return complain_usage(verb, "a port is a number from 0 to %d, not %d", G_MAXUINT16,
                              options->port);
    return STATUS_HELD;
}

static Status use_seed(Sockets *sockets)
{
    guint64 seed = 0;
    g_autoptr(GError) error = NULL;
    if (sockets->options->seed == NULL)
        return STATUS_HELD;
    if (!g_ascii_string_to_unsigned(sockets->options->seed, 10, 0, G_MAXUINT64, &seed, &error))
        return complain_usage(sockets->verb, "a seed is a number, not \"%s\"",
                              sockets->options->seed);
    sockets->plan->seed = seed;
    return STATUS_HELD;
}

static Status make_folder(const Sockets *sockets)
{
    if (sockets->options->folder == NULL ||
        g_mkdir_with_parents(sockets->options->folder, 0777) == 0)
        return STATUS_HELD;
    g_autofree char *shown = g_filename_display_name(sockets->options->folder);
    complain("%s: %s", shown, g_strerror(errno));
    return STATUS_ENVIRONMENT;
}

/* Real stacks keep one connection at a time; here there are many. */
static Status refuse_stacks(const Sockets *sockets)
{
    const Plan *plan = sockets->plan;
    for (guint i = 0; i < plan->parties->len; i++) {
        const PlanParty *party = g_ptr_array_index(plan->parties, i);
        if (party->source == NULL || party->source == &far_source)
            continue;
        return complain_usage(sockets->verb,
                              "the %s is %s, which speaks in `run` alone: here our own engine does",
                              party->name, party->source->name);
    }
    return STATUS_HELD;
}

static Status make_world(Sockets *sockets, bool client_is_far, bool server_is_far)
{
    Fault fault = FAULT_INIT;
    unsigned unknown = 0;
    sockets->plan =
        live_plan(input_plan(sockets->input, 0), client_is_far, server_is_far, &unknown);
    Status status = use_seed(sockets);
    if (status == STATUS_HELD)
        status = refuse_stacks(sockets);
    if (status != STATUS_HELD)
        return status;
    if (unknown > 0)
        complain("%u of the scenario's expectations %s of what happens inside a side that is not "
                 "ours: not judged",
                 unknown, unknown == 1 ? "is" : "are");
    sockets->origin = g_get_monotonic_time();
    sockets->house = world_new(sockets->plan, &fault);
    if (sockets->house != NULL)
        return STATUS_HELD;
    complain("%s: %s", sockets->plan->name, fault.sentence);
    return fault.blame == FAULT_OF_US ? STATUS_ENVIRONMENT : STATUS_USAGE;
}

/* --- interrupts --- */

static gboolean interrupted(gpointer data)
{
    Sockets *sockets = data;
    if (!sockets->told_to_end)
        complain("interrupted: what is open is cut");
    sockets->told_to_end = true;
    sockets_stop(sockets, "The connection is cut: the program was told to end.");
    return G_SOURCE_CONTINUE;
}

/* From now on an interrupt is an orderly end, once the loop runs. Whoever listens heeds them before
 * anybody is told so; whoever dials does not before somebody has answered. */
static void heed_interrupts(Sockets *sockets)
{
    if (sockets->interrupts[0] != 0)
        return;
    sockets->interrupts[0] = g_unix_signal_add(SIGINT, interrupted, sockets);
    sockets->interrupts[1] = g_unix_signal_add(SIGTERM, interrupted, sockets);
}

/* Nothing is left but to tidy up, and an interrupt often comes twice: a terminal or timeout(1)
 * tells the program and its whole group. The second must not turn a clean end into a killed one. */
static void ignore_interrupts(Sockets *sockets)
{
    sigset_t ending, before;
    if (sockets->interrupts[0] == 0)
        return;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, &before); /* GLib gives them their default back */
    for (size_t i = 0; i < G_N_ELEMENTS(sockets->interrupts); i++)
        g_source_remove(sockets->interrupts[i]);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- begin and end of it all --- */

Status sockets_open(Sockets *sockets, const char *verb, const SocketOptions *options,
                    char **targets, bool client_is_far, bool server_is_far)
{
    Status status = STATUS_HELD;
    *sockets = (Sockets){.verb = verb, .options = options, .format = PRODUCT_SVG};
    sockets->open = g_hash_table_new_full(NULL, NULL, visit_free, NULL);
    sockets->loop = g_main_loop_new(NULL, FALSE);
    if ((status = check_numbers(options, verb)) != STATUS_HELD)
        return status;
    if (targets == NULL || targets[0] == NULL || targets[1] != NULL)
        return complain_usage(verb, "one scenario: try `normal`");
    if (options->format != NULL && !product_from_name(options->format, &sockets->format))
        return complain_usage(verb, "no format is called \"%s\": there are %s", options->format,
                              product_names());
    sockets->input = input_open(targets[0], &status);
    if (sockets->input == NULL)
        return status;
    if (input_count(sockets->input) != 1)
        return complain_usage(verb, "%s has %u cases: name one (`shakedown list --cases`)",
                              targets[0], input_count(sockets->input));
    status = make_folder(sockets);
    if (status == STATUS_HELD)
        status = make_world(sockets, client_is_far, server_is_far);
    if (status == STATUS_HELD && client_is_far)
        heed_interrupts(sockets);
    return status;
}

void sockets_close(Sockets *sockets)
{
    ignore_interrupts(sockets);
    g_hash_table_unref(sockets->open);
    world_free(sockets->house);
    g_clear_pointer(&sockets->plan, plan_free);
    input_free(sockets->input);
    g_main_loop_unref(sockets->loop);
}

/* --- the story --- */

static bool is_told(const TraceEvent *event)
{
    switch (event->kind) {
    case TRACE_MESSAGE:
        return !event->incoming;
    case TRACE_MISCHIEF:
    case TRACE_NOTE:
        return true;
    case TRACE_CHECK:
        return event->result == TRACE_FAILED;
    case TRACE_RECORD:
    case TRACE_KEYS:
    case TRACE_FACT:
    case TRACE_CERTIFICATE:
    case TRACE_ALERT:
    case TRACE_STATE:
    case TRACE_DATA:
    case TRACE_VERDICT:
    case TRACE_KINDS:
        return false;
    }
    return false;
}

static void tell(const Sockets *sockets, const char *text)
{
    g_autoptr(GError) error = NULL;
    if (!output_stdout(text, strlen(text), &error)) {
        complain("%s", error->message);
        ((Sockets *)(uintptr_t)sockets)->status = STATUS_ENVIRONMENT;
    }
}

static void news(void *data, Live *live)
{
    Visit *visit = data;
    const Trace *trace = live_trace(live);
    g_autoptr(GString) text = g_string_new(NULL);
    for (; visit->told < trace_count(trace); visit->told++) {
        const TraceEvent *event = trace_at(trace, visit->told);
        if (!is_told(event) || visit->sockets->options->quiet)
            continue;
        g_string_append_printf(text, "#%-3u ", visit->number);
        details_write_event(trace, event, terminal_utf8(&visit->sockets->options->look), text);
    }
    if (text->len > 0)
        tell(visit->sockets, text->str);
}

/* --- what is written --- */

static void write_visit(const Visit *visit)
{
    Sockets *sockets = visit->sockets;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    ProductOptions options = {.utf8 = sockets->options->look.utf8};
    g_autofree char *name =
        g_strdup_printf("connection-%u.%s", visit->number, product_name(sockets->format));
    g_autofree char *path = g_build_filename(sockets->options->folder, name, NULL);
    bool written =
        product_make(sockets->format, live_trace(visit->live), &options, bytes, &error) &&
        output_file(path, bytes->data, bytes->len, OUTPUT_REPLACE, &error);
    if (!written)
        sockets->status = status_worse(sockets->status, complain_error(g_steal_pointer(&error)));
}

static void tell_end(const Visit *visit)
{
    const Trace *trace = live_trace(visit->live);
    const TraceEvent *verdict = trace_at(trace, trace_count(trace) - 1);
    const TraceLink *link = trace_link(trace, 0);
    g_autofree char *words = describe_verdict(trace);
    const char *language = live_language(visit->live);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "#%-3u %s port %u: %s%s%s%s\n", visit->number, link->left_address,
                           link->left_port, words,
                           language == NULL ? "" : "; the other end speaks ",
                           language == NULL ? "" : language, language == NULL ? "" : ", no TLS");
    for (guint i = 0; i < verdict->expectations->len; i++) {
        const TraceExpectation *one = g_ptr_array_index(verdict->expectations, i);
        if (!one->held)
            g_string_append_printf(text, "#%-3u FAILED: %s: expected %s, got %s\n", visit->number,
                                   one->text, one->expected, one->got);
    }
    tell(visit->sockets, text->str);
}

/* --- connections --- */

void sockets_look(Sockets *sockets)
{
    unsigned open = g_hash_table_size(sockets->open);
    bool counted =
        sockets->options->count > 0 && sockets->ended >= (unsigned)sockets->options->count;
    if ((counted || sockets->stopping) && open == 0)
        g_main_loop_quit(sockets->loop);
}

static gboolean forget_visit(gpointer data)
{
    Visit *visit = data;
    Sockets *sockets = visit->sockets;
    g_hash_table_remove(sockets->open, visit);
    if (sockets->closed != NULL)
        sockets->closed(sockets->data);
    sockets_look(sockets);
    return G_SOURCE_REMOVE;
}

static void over(void *data, Live *live)
{
    Visit *visit = data;
    Sockets *sockets = visit->sockets;
    news(visit, live);
    tell_end(visit);
    if (sockets->options->folder != NULL)
        write_visit(visit);
    if (!trace_held(live_trace(live)))
        sockets->status = status_worse(sockets->status, STATUS_FAILED);
    sockets->ended++;
    visit->over = true;
    g_idle_add_full(G_PRIORITY_DEFAULT, forget_visit, visit, NULL);
}

static void take_place(char **address, uint16_t *port, GSocketAddress *from)
{
    if (from == NULL || !G_IS_INET_SOCKET_ADDRESS(from))
        return;
    g_free(*address);
    *address =
        g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(from)));
    *port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(from));
}

Live *sockets_begin(Sockets *sockets, GSocketAddress *left, GSocketAddress *right,
                    void (*again)(void *data, Live *live))
{
    Visit *visit = g_new0(Visit, 1);
    World *world = world_again(sockets->house);
    Trace *trace = world_trace(world);
    const LiveSettings settings = {
        .patience = (unsigned)sockets->options->patience,
        .origin = sockets->origin,
        .kept = &sockets->kept,
        .news = news,
        .over = over,
        .again = again,
        .data = visit,
    };
    visit->sockets = sockets;
    visit->number = ++sockets->begun;
    TraceLink *first = g_ptr_array_index(trace->header.links, 0);
    TraceLink *last = g_ptr_array_index(trace->header.links, trace->header.links->len - 1);
    take_place(&first->left_address, &first->left_port, left);
    take_place(&last->right_address, &last->right_port, right);
    visit->live = live_new(world, &settings);
    g_hash_table_add(sockets->open, visit);
    return visit->live;
}

/* --- the end --- */

void sockets_stop(Sockets *sockets, const char *why)
{
    g_autoptr(GList) open = g_hash_table_get_keys(sockets->open);
    sockets->stopping = true;
    for (GList *at = open; at != NULL && why != NULL; at = at->next)
        if (!((Visit *)at->data)->over)
            live_cut(((Visit *)at->data)->live, why);
    sockets_look(sockets);
}

static gboolean time_over(gpointer data)
{
    sockets_stop(data, "The connection is cut: the program's time is over.");
    return G_SOURCE_CONTINUE;
}

Status sockets_run(Sockets *sockets)
{
    guint timer = sockets->options->timeout > 0
                      ? g_timeout_add_seconds((guint)sockets->options->timeout, time_over, sockets)
                      : 0;
    heed_interrupts(sockets);
    if (!sockets->stopping || g_hash_table_size(sockets->open) > 0)
        g_main_loop_run(sockets->loop);
    if (timer != 0)
        g_source_remove(timer);
    return sockets->status;
}

/* --- places --- */

char *sockets_place(const char *address, uint16_t port)
{
    bool brackets = strchr(address, ':') != NULL; /* RFC 3986 3.2.2 */
    return g_strdup_printf("%s%s%s:%u", brackets ? "[" : "", address, brackets ? "]" : "", port);
}

static Status tell_place(const char *address, uint16_t port)
{
    g_autoptr(GInetAddress) place = g_inet_address_new_from_string(address);
    g_autofree char *name = sockets_place(address, port);
    g_autofree char *line = g_strdup_printf("listening on %s\n", name);
    if (!g_inet_address_get_is_loopback(place))
        complain("others can reach this now: what it speaks is for the laboratory");
    return print_out(line);
}

Door *sockets_listen(const Sockets *sockets, uint16_t usual,
                     void (*visitor)(void *data, GSocket *socket), void *data, Status *status)
{
    g_autoptr(GError) error = NULL;
    const char *address = sockets->options->bind == NULL ? "127.0.0.1" : sockets->options->bind;
    int port = sockets->options->port;
    g_autoptr(Door) door =
        door_open(address, port == PORT_UNSAID ? usual : (uint16_t)port, visitor, data, &error);
    if (door == NULL) {
        bool usage = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
        *status = complain_error(g_steal_pointer(&error));
        *status = usage ? STATUS_USAGE : *status;
        return NULL;
    }
    *status = tell_place(address, door_port(door));
    return *status == STATUS_HELD ? g_steal_pointer(&door) : NULL;
}

bool sockets_parse_place(const char *text, char **host, uint16_t *port)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnectable) place = g_network_address_parse(text, 0, &error);
    if (place == NULL || g_network_address_get_port(G_NETWORK_ADDRESS(place)) == 0)
        return false;
    *host = g_strdup(g_network_address_get_hostname(G_NETWORK_ADDRESS(place)));
    *port = g_network_address_get_port(G_NETWORK_ADDRESS(place));
    return true;
}
