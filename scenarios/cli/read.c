/* shakedown read: captures of real connections, drawn and judged as if they had been run here.
 *
 * The file becomes connections, each that speaks SSL or TLS a trace, and each trace whatever was
 * asked for. Standard output gets one thing, files are made besides; with more than one connection
 * a file's name gets the connection's number. What of the capture could not be read is told on
 * standard error.
 */
#include <string.h>

#include "core/crypto/library.h"
#include "scenarios/cli/command.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/product.h"
#include "scenarios/cli/terminal.h"
#include "scenarios/import/capture.h"
#include "scenarios/import/listen.h"
#include "scenarios/import/reenact.h"

static struct {
    char *keylog, *key, *trace, *output, *format, *layout;
    int port, connection;
    gboolean narrate, json, list, as_scenario;
    Look look;
} options;

static const GOptionEntry entries[] = {
    {"keylog", 'k', 0, G_OPTION_ARG_FILENAME, &options.keylog,
     "Open what these secrets open (SSLKEYLOGFILE, RFC 9850); those in the capture are used anyway",
     "FILE"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME, &options.key,
     "Open what the server's RSA key opens: key exchanges that encrypt to it", "FILE"},
    {"port", 0, 0, G_OPTION_ARG_INT, &options.port, "Only connections to this port of a server",
     "NUMBER"},
    {"connection", 'c', 0, G_OPTION_ARG_INT, &options.connection, "Only this connection", "NUMBER"},
    {"list", 'l', 0, G_OPTION_ARG_NONE, &options.list, "Print a line a connection, and no more",
     NULL},
    {"narrate", 'n', 0, G_OPTION_ARG_NONE, &options.narrate,
     "Tell each connection as a story, in place of the ladder", NULL},
    {"trace", 't', 0, G_OPTION_ARG_STRING, &options.trace,
     "Add the events: msg, a line a message; fields, their fields; bytes, their bytes; keys, the "
     "secrets",
     "LEVEL"},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "Print the traces as JSON lines", NULL},
    {"as-scenario", 's', 0, G_OPTION_ARG_NONE, &options.as_scenario,
     "Write a scenario in which the same is said again, as nearly as can be", NULL},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
     "Write this, as its suffix says; - is standard output", "FILE"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
     "What to make, whatever the suffix: txt, json, dot, svg, png, pdf, pcapng, keylog", "FORMAT"},
    LOOK_OPTIONS(options.look),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "FILE | -", "Reads a capture (pcap, pcapng): every SSL and TLS connection in it.", entries,
        "Connections are numbered in the order in which they begin. With more than one, each file\n"
        "that is written has the number before its suffix: x.svg becomes x-2.svg. What is\n"
        "protected is opened by secrets that the capture holds itself (pcapng), by a key log, or\n"
        "by the server's RSA key; what stays closed says why. Each message is judged against the\n"
        "conversation that its version allows.\n"
        "\n"
        "Examples:\n"
        "  shakedown read capture.pcapng\n"
        "  shakedown read capture.pcap --keylog keys.log --connection 2 -o second.svg\n"
        "  shakedown read old.pcap --key server.pem --trace=fields\n"
        "  shakedown read capture.pcapng --list\n"
        "  shakedown read capture.pcapng --as-scenario -o again.scn && shakedown run again.scn\n"
        "  shakedown run normal --pcap normal.pcapng && shakedown read normal.pcapng\n"
        "\n"
        "  tcpdump -w - port 443 | shakedown read -\n"
        "\n"
        "Exit status: 0 every message stood where it may, 1 one did not, 2 the command line is\n"
        "wrong, or the file is no capture, breaks off, or holds no such connection, 3 something\n"
        "around the program is.");
}

/* One command. */
typedef struct {
    Capture *capture;
    Listener *listener;
    GArray *chosen;    /* of guint: indices of the connections that speak TLS */
    GPtrArray *traces; /* of Trace *, for a scenario */
    ProductFormat format;
    ProductOptions product;
    const char *path; /* NULL: standard output */
    Status status;
    unsigned done;
} Job;

/* A scenario is text of its own kind. */
static Status choose_scenario(void)
{
    const char *other = options.json             ? "--json"
                        : options.format != NULL ? "--format"
                        : options.list           ? "--list"
                        : options.narrate        ? "--narrate"
                        : options.trace != NULL  ? "--trace"
                                                 : NULL;
    if (other != NULL)
        return complain_usage("read", "--as-scenario and %s are two things: leave out one", other);
    return STATUS_HELD;
}

static Status choose_format(Job *job)
{
    bool file = options.output != NULL && strcmp(options.output, "-") != 0;
    job->path = file ? options.output : NULL;
    if (options.as_scenario)
        return choose_scenario();
    job->format = options.json ? PRODUCT_JSON : PRODUCT_TEXT;
    if (options.format != NULL && !product_from_name(options.format, &job->format))
        return complain_usage("read", "no format is called \"%s\": there are %s", options.format,
                              product_names());
    bool found = options.format != NULL || options.json || !file ||
                 product_from_path(options.output, &job->format);
    if (!found) {
        g_autofree char *shown = g_filename_display_name(options.output);
        return complain_usage("read",
                              "the suffix of %s names no format: there are %s; or say --format",
                              shown, product_names());
    }
    if (options.json && job->format != PRODUCT_JSON)
        return complain_usage("read", "--json and --format %s are two things: leave out one",
                              product_name(job->format));
    if (!file && product_is_binary(job->format) && terminal_is())
        return complain_usage("read",
                              "%s is binary and not for a terminal; write it to a file: -o FILE.%s",
                              product_name(job->format), product_name(job->format));
    if (job->format != PRODUCT_TEXT && (options.narrate || options.trace != NULL))
        return complain_usage("read", "%s is of the text alone: leave out the other format",
                              options.narrate ? "--narrate" : "--trace");
    return STATUS_HELD;
}

static Status choose(Job *job)
{
    if (options.port < 0 || options.port > G_MAXUINT16)
        return complain_usage("read", "a port is a number from 1 to %d, not %d", G_MAXUINT16,
                              options.port);
    if (options.connection < 0)
        return complain_usage("read", "connections are counted from 1, not from %d",
                              options.connection);
    job->product.narrate = options.narrate;
    job->product.details = options.trace != NULL;
    if (options.trace != NULL && !details_level_from_name(options.trace, &job->product.level))
        return complain_usage("read", "--trace is msg, fields, bytes or keys, not \"%s\"",
                              options.trace);
    return choose_format(job);
}

/* --- keys --- */

/* A wrong name or a wrong file is the command line's fault, an unreadable one is not. */
static Status complain_file(GError *error)
{
    bool ours = error->domain == CAPTURE_ERROR ||
                g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
                g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR) ||
                g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
    Status status = complain_error(error);
    return ours ? STATUS_USAGE : status;
}

static Status load_key(PrivateKey **key)
{
    enum { KEY_FILE_MOST = 1 << 20 };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *shown = g_filename_display_name(options.key);
    gsize size = 0;
    Fault fault = FAULT_INIT;
    if (!g_file_get_contents(options.key, &text, &size, &error))
        return complain_file(g_steal_pointer(&error));
    if (size <= KEY_FILE_MOST)
        *key = private_key_from_pem(bytes_make(text, size), &fault);
    if (*key != NULL)
        return STATUS_HELD;
    complain("%s: %s", shown, size > KEY_FILE_MOST ? "too long for a key" : fault.sentence);
    return STATUS_USAGE;
}

/* What of the key log is no use is named; the rest is used. */
static Status load_keylog(Secrets *secrets)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SecretsReport) report = secrets_report_new();
    g_autofree char *shown = g_filename_display_name(options.keylog);
    if (!secrets_load(secrets, options.keylog, report, &error))
        return complain_file(g_steal_pointer(&error));
    for (guint i = 0; i < report->told->len; i++)
        complain("%s:%s", shown, (const char *)g_ptr_array_index(report->told, i));
    if (report->passed_over > report->told->len)
        complain("%s: and %u lines more are passed over", shown,
                 report->passed_over - report->told->len);
    return STATUS_HELD;
}

/* --- output --- */

/* "x.svg", or "x-2.svg" where there are several connections; g_free. */
static char *path_of(const Job *job, guint number)
{
    if (job->chosen->len == 1)
        return g_strdup(job->path);
    g_autofree char *base = g_path_get_basename(job->path);
    g_autofree char *folder = g_path_get_dirname(job->path);
    const char *dot = strrchr(base, '.');
    int stem = dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base);
    g_autofree char *name = g_strdup_printf("%.*s-%u%s", stem, base, number, base + stem);
    return strchr(job->path, '/') == NULL ? g_steal_pointer(&name)
                                          : g_build_filename(folder, name, NULL);
}

static bool put_stdout(const Job *job, const GByteArray *bytes, GError **error)
{
    if (job->format != PRODUCT_TEXT)
        return output_stdout(bytes->data, bytes->len, error);
    g_autoptr(GString) text = g_string_new(job->done > 0 ? "\n\n" : NULL);
    g_string_append_len(text, (const char *)bytes->data, bytes->len);
    terminal_colour(text);
    return output_stdout(text->str, text->len, error);
}

static bool put(const Job *job, const Trace *trace, guint number, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    ProductOptions own = job->product;
    own.utf8 = job->path == NULL ? terminal_utf8(&options.look) : options.look.utf8;
    if (!product_make(job->format, trace, &own, bytes, error))
        return false;
    if (job->path == NULL)
        return put_stdout(job, bytes, error);
    g_autofree char *path = path_of(job, number);
    if (!output_file(path, bytes->data, bytes->len, OUTPUT_REPLACE, error))
        return false;
    g_autofree char *shown = g_filename_display_name(path);
    complain("wrote %s: %s", shown, trace->header.title);
    return true;
}

/* "2  10.0.1.1:50000 > 10.0.1.2:443  packets 4 to 19, 12 messages, 3 records closed" */
static Status put_line(const Trace *trace, guint number, ListenerFindings found)
{
    const TraceLink *link = trace_link(trace, 0);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%u  %s port %u to %s port %u  %u records, %u messages", number,
                           link->left_address, link->left_port, link->right_address,
                           link->right_port, found.records, found.messages);
    if (found.closed > 0)
        g_string_append_printf(line, ", %u records stay closed", found.closed);
    if (found.illegal > 0)
        g_string_append(line, ", one message may not stand where it came");
    if (found.partial)
        g_string_append(line, ", not all of it was captured");
    g_string_append_c(line, '\n');
    return print_out(line->str);
}

static Status read_one(Job *job, guint index)
{
    g_autoptr(GError) error = NULL;
    guint number = index + 1;
    const Connection *connection =
        g_ptr_array_index(job->capture->connections, g_array_index(job->chosen, guint, index));
    g_autofree char *name = g_strdup_printf("%s/%u", job->capture->name, number);
    g_autofree char *title = g_strdup_printf("Connection %u of %s", number, job->capture->name);
    g_autoptr(Trace) trace = listener_read(job->listener, connection, name, title);
    ListenerFindings found = listener_findings(job->listener);
    Status status = found.illegal > 0 ? STATUS_FAILED : STATUS_HELD;
    if (options.connection != 0 && (guint)options.connection != number)
        return STATUS_HELD; /* read none the less: a later one may resume its session */
    if (options.as_scenario) {
        g_ptr_array_add(job->traces, g_steal_pointer(&trace));
        return status;
    }
    if (options.list)
        return status_worse(status, put_line(trace, number, found));
    if (!put(job, trace, number, &error))
        return complain_error(g_steal_pointer(&error));
    job->done++;
    return status;
}

/* --- the capture --- */

static char *shown_path(const char *path)
{
    return strcmp(path, "-") == 0 ? g_strdup("standard input") : g_filename_display_name(path);
}

static Status choose_connections(Job *job, const char *path)
{
    g_autofree char *shown = shown_path(path);
    const GPtrArray *all = job->capture->connections;
    for (guint i = 0; i < all->len; i++)
        if (capture_speaks_tls(g_ptr_array_index(all, i), (unsigned)options.port))
            g_array_append_val(job->chosen, i);
    guint count = job->chosen->len;
    if (count == 0 || (guint)options.connection > count) {
        complain("%s: %s; it holds %u packets, %u TCP connections, %u of SSL or TLS%s", shown,
                 count == 0 ? "no SSL or TLS connection" : "no such connection",
                 job->capture->packets, all->len, count, options.port > 0 ? " to that port" : "");
        return STATUS_USAGE;
    }
    bool one = options.as_scenario || job->format == PRODUCT_TEXT || job->format == PRODUCT_JSON ||
               job->path != NULL;
    if (!one && !options.list && count > 1 && options.connection == 0)
        return complain_usage("read",
                              "standard output takes one %s, and there are %u connections; choose "
                              "one (--connection), or write files: -o FILE.%s",
                              product_name(job->format), count, product_name(job->format));
    return STATUS_HELD;
}

/* What is told of the file as a whole. */
static Status tell_capture(const Job *job, const char *path)
{
    g_autofree char *shown = shown_path(path);
    for (guint i = 0; i < job->capture->told->len; i++)
        complain("%s: %s", shown, (const char *)g_ptr_array_index(job->capture->told, i));
    if (job->capture->broken == NULL)
        return STATUS_HELD;
    complain("%s: the file breaks off %s", shown, job->capture->broken);
    return STATUS_USAGE;
}

/* --- the scenario --- */

/* "capture.pcapng" makes "capture". */
static char *stem_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? g_strdup(name) : g_strndup(name, (gsize)(dot - name));
}

static Status put_scenario(const Job *job)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = stem_of(job->capture->name);
    g_autofree char *text = reenact(job->traces, name, &fault);
    if (text == NULL) {
        complain("%s: %s", job->capture->name, fault.sentence);
        return STATUS_USAGE;
    }
    if (job->path == NULL)
        return print_out(text);
    if (!output_file(job->path, text, strlen(text), OUTPUT_REPLACE, &error))
        return complain_error(g_steal_pointer(&error));
    g_autofree char *shown = g_filename_display_name(job->path);
    complain("wrote %s: %u %s again", shown, job->traces->len,
             job->traces->len == 1 ? "connection" : "connections");
    return STATUS_HELD;
}

static void free_trace(gpointer trace)
{
    trace_free(trace);
}

static Status read_file(Job *job, const char *path, Secrets *secrets, const PrivateKey *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Capture) capture = capture_read(path, secrets, &error);
    if (capture == NULL)
        return complain_file(g_steal_pointer(&error));
    const ObserverKeys keys = {
        .rsa = key,
        .secret = secrets_count(secrets) > 0 ? secrets_find : NULL,
        .data = secrets,
    };
    g_autoptr(Listener) listener = listener_new(&keys);
    g_autoptr(GArray) chosen = g_array_new(FALSE, FALSE, sizeof(guint));
    job->capture = capture;
    job->listener = listener;
    g_autoptr(GPtrArray) traces = g_ptr_array_new_with_free_func(free_trace);
    job->chosen = chosen;
    job->traces = traces;
    Status status = tell_capture(job, path);
    Status found = choose_connections(job, path);
    if (found != STATUS_HELD)
        return found;
    for (guint i = 0; i < chosen->len; i++) {
        Status one = read_one(job, i);
        status = status_worse(status, one);
        if (one == STATUS_ENVIRONMENT)
            return status;
    }
    return options.as_scenario ? status_worse(status, put_scenario(job)) : status;
}

static Status play(char **names)
{
    Job job = {0};
    Fault fault = FAULT_INIT;
    g_autoptr(PrivateKey) key = NULL;
    g_autoptr(Secrets) secrets = secrets_new();
    if (names == NULL || names[0] == NULL)
        return complain_usage("read", "which file? Try `shakedown read capture.pcapng`");
    if (names[1] != NULL)
        return complain_usage("read", "one file at a time");
    Status status = choose(&job);
    if (status != STATUS_HELD)
        return status;
    if (!library_open(&fault)) {
        complain("%s", fault.sentence);
        return STATUS_ENVIRONMENT;
    }
    if (options.keylog != NULL && (status = load_keylog(secrets)) != STATUS_HELD)
        return status;
    if (options.key != NULL && (status = load_key(&key)) != STATUS_HELD)
        return status;
    return read_file(&job, names[0], secrets, key);
}

const Verb verb_read = {"read", "reads captures of real connections", context, play};
