/* shakedown relay: the scenario's network between a real client and a real server.
 *
 * Each client that comes is connected with the server, and what the two say passes through the
 * rules, the listener and the attacker of the scenario. What is protected stays closed, but where
 * an attacker of ours stands between.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/sockets.h"
#include "sim/net/limits.h"

static struct {
    SocketOptions all;
    char *to;
} options = {.all.port = PORT_UNSAID};

static const GOptionEntry entries[] = {
    {"listen", 'l', 0, G_OPTION_ARG_INT, &options.all.port,
     "Listen on this port; 0: one that is free (4434 if not said)", "NUMBER"},
    {"bind", 'b', 0, G_OPTION_ARG_STRING, &options.all.bind,
     "Listen on this address (127.0.0.1 if not said)", "ADDRESS"},
    {"to", 0, 0, G_OPTION_ARG_STRING, &options.to, "The server", "HOST:PORT"},
    {"count", 'n', 0, G_OPTION_ARG_INT, &options.all.count, "End after so many connections",
     "NUMBER"},
    SOCKET_OPTIONS(options.all),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "SCENARIO", "Puts the scenario's network between a real client and a real server.", entries,
        "Of the scenario its network, its attacker and what is expected are used; its parties are\n"
        "the real ones. It listens on this machine alone unless --bind says otherwise.\n"
        "\n"
        "Examples:\n"
        "  openssl s_server -accept 4433 -cert cert.pem -key key.pem -www\n"
        "  shakedown relay --listen 4434 --to localhost:4433 man-in-the-middle/the-user-goes-on\n"
        "  openssl s_client -connect localhost:4434\n"
        "\n"
        "Exit status: 0 every expectation held, 1 one failed, 2 the command line or the scenario\n"
        "is wrong, 3 something around the program is: a port in use, no such host, a full disk.");
}

typedef struct {
    Sockets sockets;
    Door *door;
    char *host;
    uint16_t port;
    unsigned dialling; /* clients whose server has not answered yet */
} Relaying;

static bool full(const Relaying *relaying)
{
    const Sockets *sockets = &relaying->sockets;
    unsigned begun = sockets->begun + relaying->dialling;
    bool counted = sockets->options->count > 0 && begun >= (unsigned)sockets->options->count;
    return counted || sockets->stopping ||
           g_hash_table_size(sockets->open) + relaying->dialling >= NET_CONNECTIONS_MOST / 2;
}

static void closed(void *data)
{
    Relaying *relaying = data;
    door_hold(relaying->door, full(relaying));
}

/* A client that waits for its server. */
typedef struct {
    Relaying *relaying;
    GSocket *client;
} Waiting;

static void begin(Relaying *relaying, GSocket *client, GSocket *server)
{
    g_autoptr(GSocketAddress) from = g_socket_get_remote_address(client, NULL);
    g_autoptr(GSocketAddress) to = g_socket_get_remote_address(server, NULL);
    Live *live = sockets_begin(&relaying->sockets, from, to, NULL);
    live_attach(live, ROLE_CLIENT, client);
    live_attach(live, ROLE_SERVER, server);
    live_start(live);
}

static void answered(GObject *source, GAsyncResult *result, gpointer data)
{
    Waiting *waiting = data;
    Relaying *relaying = waiting->relaying;
    g_autoptr(GSocket) client = g_steal_pointer(&waiting->client);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_to_host_finish(G_SOCKET_CLIENT(source), result, &error);
    relaying->dialling--;
    g_free(waiting);
    if (connection == NULL) {
        complain("%s port %u: %s", relaying->host, relaying->port, error->message);
        relaying->sockets.status = status_worse(relaying->sockets.status, STATUS_ENVIRONMENT);
        relaying->sockets.ended += 1;
        relaying->sockets.begun += 1;
        sockets_look(&relaying->sockets);
    } else if (!relaying->sockets.stopping) {
        GSocket *server = g_socket_connection_get_socket(connection);
        g_socket_set_timeout(server, 0);
        begin(relaying, client, server);
    }
    closed(relaying);
}

static void visitor(void *data, GSocket *socket)
{
    Relaying *relaying = data;
    Waiting *waiting = g_new0(Waiting, 1);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    unsigned patience = options.all.patience > 0 ? (unsigned)options.all.patience : NET_PATIENCE;
    waiting->relaying = relaying;
    waiting->client = g_object_ref(socket);
    relaying->dialling++;
    g_socket_client_set_timeout(client, patience);
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_connect_to_host_async(client, relaying->host, relaying->port, NULL, answered,
                                          waiting);
    closed(relaying);
}

static Status play(char **names)
{
    enum { USUAL_PORT = 4434 };
    Relaying relaying = {0};
    if (options.to == NULL || !sockets_parse_place(options.to, &relaying.host, &relaying.port))
        return complain_usage("relay", "--to says where the server is: localhost:4433");
    Status status = sockets_open(&relaying.sockets, "relay", &options.all, names, true, true);
    relaying.sockets.closed = closed;
    relaying.sockets.data = &relaying;
    if (status == STATUS_HELD)
        relaying.door = sockets_listen(&relaying.sockets, USUAL_PORT, visitor, &relaying, &status);
    if (status == STATUS_HELD)
        status = sockets_run(&relaying.sockets);
    if (relaying.door != NULL)
        door_close(relaying.door);
    sockets_close(&relaying.sockets);
    g_free(relaying.host);
    return status;
}

const Verb verb_relay = {"relay", "puts a scenario's network between real client and server",
                         context, play};
