/* Sockets: what serve, connect and relay share: the scenario with its far sides, the connections
 * that are open, their story as it happens, what is written of each when it ends, and the end. */
#pragma once

#include <gio/gio.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/input.h"
#include "scenarios/cli/product.h"
#include "scenarios/cli/terminal.h"
#include "sim/net/door.h"
#include "sim/net/live.h"

/* What the command line says; the rows of an option table for it. */
typedef struct {
    char *folder, *format, *seed;
    int count, timeout, patience;
    gboolean quiet;
    Look look;
    char *bind; /* serve and relay: the address to listen at; NULL: this machine's own */
    int port;   /* … and its port; PORT_UNSAID: the verb's usual one */
} SocketOptions;

enum { PORT_UNSAID = G_MININT };

#define SOCKET_OPTIONS(options)                                                                    \
    {"output",                                                                                     \
     'o',                                                                                          \
     0,                                                                                            \
     G_OPTION_ARG_FILENAME,                                                                        \
     &(options).folder,                                                                            \
     "Write each connection there as it ends: connection-1.svg …",                                 \
     "FOLDER"},                                                                                    \
        {"format",                                                                                 \
         'f',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_STRING,                                                                      \
         &(options).format,                                                                        \
         "What to write: svg (if not said), txt, json, dot, png, pdf, pcapng, keylog",             \
         "FORMAT"},                                                                                \
        {"seed",  's', 0, G_OPTION_ARG_STRING, &(options).seed, "Draw random values from another", \
         "NUMBER"},                                                                                \
        {"timeout",                                                                                \
         't',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &(options).timeout,                                                                       \
         "End after so long; what is open then is cut",                                            \
         "SECONDS"},                                                                               \
        {"patience",                                                                               \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &(options).patience,                                                                      \
         "How long a handshake may take, and silence last (10)",                                   \
         "SECONDS"},                                                                               \
        {"quiet",                                                                                  \
         'q',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).quiet,                                                                         \
         "Tell only how each connection ended",                                                    \
         NULL},                                                                                    \
        LOOK_OPTIONS((options).look)

typedef struct Sockets {
    const char *verb;
    const SocketOptions *options;
    ProductFormat format;
    Input *input;
    Plan *plan;
    World *house; /* of which every connection is another run; NULL: it was taken */
    gint64 origin;
    uint64_t kept; /* bytes that what is open has been sent */
    GMainLoop *loop;
    GHashTable *open; /* of Visit *, as a set */
    unsigned begun, ended;
    bool stopping;
    bool told_to_end; /* by an interrupt */
    unsigned interrupts[2];
    Status status;
    void (*closed)(void *data); /* a connection has ended; may be NULL */
    void *data;
} Sockets;

/* Reads the scenario and makes its world. STATUS_HELD, or what was told. */
Status sockets_open(Sockets *sockets, const char *verb, const SocketOptions *options,
                    char **targets, bool client_is_far, bool server_is_far);
void sockets_close(Sockets *sockets);

/* Another connection begins between these two addresses (either may be NULL). It belongs to
 * `sockets`, and is not started: attach its sockets first. `again` as in LiveSettings; may be NULL.
 */
Live *sockets_begin(Sockets *sockets, GSocketAddress *left, GSocketAddress *right,
                    void (*again)(void *data, Live *live));

/* Until it is stopped: by --count, --timeout, an interrupt, or sockets_stop(). */
Status sockets_run(Sockets *sockets);
/* Lets nobody begin any more; with a sentence what is open is cut, else it may end. */
void sockets_stop(Sockets *sockets, const char *why);

/* Ends it when enough connections have ended. */
void sockets_look(Sockets *sockets);

/* Listens where the command line says, else at the port `usual`, and says where; and who else can
 * reach that now, when others can. NULL when it was told why not, in `*status`. */
Door *sockets_listen(const Sockets *sockets, uint16_t usual,
                     void (*visitor)(void *data, GSocket *socket), void *data, Status *status);

/* "127.0.0.1:443", "[::1]:443"; g_free. */
char *sockets_place(const char *address, uint16_t port);
/* "host:443", "[::1]:443": false when it is none. */
bool sockets_parse_place(const char *text, char **host, uint16_t *port);
