/* shakedown connect: the scenario's client, against any server.
 *
 * The name is resolved and the server called before anything of the scenario happens; where the
 * client of the scenario connects again, another socket is opened to the same place. The server's
 * name in the scenario stays what it is: whom a client believes to talk to is not where it dials.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/sockets.h"
#include "sim/net/limits.h"

static SocketOptions options;

static const GOptionEntry entries[] = {
    SOCKET_OPTIONS(options),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "HOST:PORT SCENARIO", "Connects the scenario's client to a real server.", entries,
        "What the client of the scenario does is done when the line is quiet; what its server\n"
        "does is waited for. Whom the client expects and trusts is the scenario's to say\n"
        "(`expects`, `server_name`, `trusts`); its clock is moved to now.\n"
        "\n"
        "Examples:\n"
        "  openssl s_server -accept 4433 -cert cert.pem -key key.pem -www\n"
        "  shakedown connect localhost:4433 tls-1.3 -o pictures\n"
        "  shakedown connect localhost:4433 lesson.scn --patience 3\n"
        "\n"
        "Exit status: 0 every expectation held, 1 one failed, 2 the command line or the scenario\n"
        "is wrong, 3 something around the program is: no such host, nobody listens, a full disk.");
}

typedef struct {
    Sockets sockets;
    char *host;
    uint16_t port;
} Calling;

static Calling calling;

/* NULL: the reason was told. */
static GSocketConnection *dial(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketClient) client = g_socket_client_new();
    unsigned patience = options.patience > 0 ? (unsigned)options.patience : NET_PATIENCE;
    g_socket_client_set_timeout(client, patience);
    g_socket_client_set_enable_proxy(client, FALSE);
    GSocketConnection *connection =
        g_socket_client_connect_to_host(client, calling.host, calling.port, NULL, &error);
    if (connection == NULL)
        complain("%s port %u: %s", calling.host, calling.port, error->message);
    else
        g_socket_set_timeout(g_socket_connection_get_socket(connection), 0);
    return connection;
}

static void again(void *data, Live *live)
{
    (void)data;
    g_autoptr(GSocketConnection) connection = dial();
    if (connection != NULL)
        live_attach(live, ROLE_SERVER, g_socket_connection_get_socket(connection));
    else
        calling.sockets.status = status_worse(calling.sockets.status, STATUS_ENVIRONMENT);
}

static Status call(void)
{
    g_autoptr(GSocketConnection) connection = dial();
    if (connection == NULL)
        return STATUS_ENVIRONMENT;
    GSocket *socket = g_socket_connection_get_socket(connection);
    g_autoptr(GSocketAddress) from = g_socket_get_local_address(socket, NULL);
    g_autoptr(GSocketAddress) to = g_socket_get_remote_address(socket, NULL);
    Live *live = sockets_begin(&calling.sockets, from, to, again);
    live_attach(live, ROLE_SERVER, socket);
    sockets_stop(&calling.sockets, NULL); /* this one, and then the end */
    live_start(live);
    return sockets_run(&calling.sockets);
}

static Status play(char **names)
{
    if (names == NULL || names[0] == NULL || names[1] == NULL)
        return complain_usage("connect", "where to, and which scenario? Try `shakedown connect "
                                         "localhost:4433 normal`");
    if (!sockets_parse_place(names[0], &calling.host, &calling.port))
        return complain_usage("connect", "\"%s\" is no place such as localhost:4433 or [::1]:4433",
                              names[0]);
    Status status = sockets_open(&calling.sockets, "connect", &options, names + 1, false, true);
    if (status == STATUS_HELD)
        status = call();
    sockets_close(&calling.sockets);
    g_free(calling.host);
    return status;
}

const Verb verb_connect = {"connect", "connects a scenario's client to a real server", context,
                           play};
