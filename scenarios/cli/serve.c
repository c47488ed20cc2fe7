/* shakedown serve: the scenario's server, for any client.
 *
 * Every connection is a run of its own in which the server goes on with its sessions, ticket keys
 * and random values. Who asks by HTTP is answered with a page that shows his own handshake: the
 * picture for browsers, the ladder for all others.
 *
 * Sources: RFC 9110 12.5.1 (Accept), RFC 9112 6.3 (Content-Length).
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/sockets.h"
#include "sim/net/limits.h"

static struct {
    SocketOptions all;
} options = {.all.port = PORT_UNSAID};

static const GOptionEntry entries[] = {
    {"port", 'p', 0, G_OPTION_ARG_INT, &options.all.port,
     "Listen on this port; 0: one that is free (4433 if not said)", "NUMBER"},
    {"bind", 'b', 0, G_OPTION_ARG_STRING, &options.all.bind,
     "Listen on this address (127.0.0.1 if not said)", "ADDRESS"},
    {"count", 'n', 0, G_OPTION_ARG_INT, &options.all.count, "End after so many connections",
     "NUMBER"},
    SOCKET_OPTIONS(options.all),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "SCENARIO", "Serves real clients with the scenario's server.", entries,
        "Each connection is told while it happens, and judged when it ends. What the client of "
        "the\n"
        "scenario does is waited for; what the server does is done when the line is quiet. A\n"
        "request by HTTP is answered with a page that shows the handshake it came through. The\n"
        "scenario's clock is moved to now, its certificates with it.\n"
        "\n"
        "It listens on this machine alone unless --bind says otherwise. What it speaks is for the\n"
        "laboratory: old versions, fixed keys that everybody has, random values from a seed.\n"
        "\n"
        "Examples:\n"
        "  shakedown serve tls-1.3 --port 4433 -o pictures\n"
        "  openssl s_client -connect localhost:4433 -servername www.lab.example\n"
        "  curl -k https://localhost:4433/\n"
        "  shakedown serve session-id/resumed --port 0 --count 2\n"
        "\n"
        "Exit status: 0 every expectation held, 1 one failed, 2 the command line or the scenario\n"
        "is wrong, 3 something around the program is: a port in use, a full disk.");
}

/* --- the page --- */

static bool wants_html(const char *request)
{
    g_auto(GStrv) lines = g_strsplit(request, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (g_ascii_strncasecmp(*line, "Accept:", 7) == 0 && strstr(*line, "text/html") != NULL)
            return true;
    return false;
}

static char *ladder_of(const Trace *trace)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    const ProductOptions plain = {0};
    product_make(PRODUCT_TEXT, trace, &plain, text, NULL);
    return g_strndup((const char *)text->data, text->len);
}

/* The picture alone, without what stands ahead of its first tag; NULL: it cannot be drawn. */
static char *picture_of(const Trace *trace)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const ProductOptions tall = {0};
    if (!product_make(PRODUCT_SVG, trace, &tall, bytes, NULL))
        return NULL;
    g_autofree char *text = g_strndup((const char *)bytes->data, bytes->len);
    const char *svg = strstr(text, "<svg");
    return g_strdup(svg);
}

static const char page_style[] =
    "body{margin:2em auto;max-width:1300px;padding:0 1em;color:#1e293b;background:#fff;"
    "font-family:Helvetica,Arial,sans-serif}svg{max-width:100%;height:auto}pre{overflow:auto}";

static char *html_of(const Trace *trace)
{
    g_autofree char *ladder = ladder_of(trace);
    g_autofree char *text = g_markup_escape_text(ladder, -1);
    g_autofree char *title = g_markup_escape_text(trace->header.title, -1);
    g_autofree char *picture = picture_of(trace);
    return g_strdup_printf("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                           "<title>%s</title><style>%s</style></head><body>\n"
                           "<p>This page came to you through this handshake.</p>\n"
                           "%s\n<details%s><summary>%s as text</summary><pre>%s</pre></details>\n"
                           "</body></html>\n",
                           title, page_style, picture == NULL ? "" : picture,
                           picture == NULL ? " open" : "", title, text);
}

static char *page(void *data, const char *path, const char *request, const Trace *trace)
{
    bool html = wants_html(request);
    g_autofree char *body = html ? html_of(trace) : ladder_of(trace);
    (void)data;
    (void)path; /* every path is the same page: what is asked for is the handshake */
    return g_strdup_printf("HTTP/1.0 200 OK\r\nContent-Type: %s; charset=utf-8\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                           html ? "text/html" : "text/plain", strlen(body), body);
}

static const Pages pages = {.page = page};

/* --- clients --- */

typedef struct {
    Sockets sockets;
    Door *door;
} Serving;

static bool full(const Sockets *sockets)
{
    bool counted =
        sockets->options->count > 0 && sockets->begun >= (unsigned)sockets->options->count;
    return counted || sockets->stopping || g_hash_table_size(sockets->open) >= NET_CONNECTIONS_MOST;
}

static void closed(void *data)
{
    Serving *serving = data;
    door_hold(serving->door, full(&serving->sockets));
}

static void visitor(void *data, GSocket *socket)
{
    Serving *serving = data;
    g_autoptr(GSocketAddress) from = g_socket_get_remote_address(socket, NULL);
    g_autoptr(GSocketAddress) to = g_socket_get_local_address(socket, NULL);
    Live *live = sockets_begin(&serving->sockets, from, to, NULL);
    live_set_pages(live, &pages);
    live_attach(live, ROLE_CLIENT, socket);
    live_start(live);
    closed(serving);
}

static Status play(char **names)
{
    enum { USUAL_PORT = 4433 };
    Serving serving = {0};
    Status status = sockets_open(&serving.sockets, "serve", &options.all, names, true, false);
    serving.sockets.closed = closed;
    serving.sockets.data = &serving;
    if (status == STATUS_HELD)
        serving.door = sockets_listen(&serving.sockets, USUAL_PORT, visitor, &serving, &status);
    if (status == STATUS_HELD)
        status = sockets_run(&serving.sockets);
    if (serving.door != NULL)
        door_close(serving.door);
    sockets_close(&serving.sockets);
    return status;
}

const Verb verb_serve = {"serve", "serves real clients with a scenario's server", context, play};
