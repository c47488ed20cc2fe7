/* A listening socket.
 *
 * Whoever comes is let in and handed over; while the door is held he waits in the kernel's queue,
 * which is bounded. Who he is and what he wants is not known here.
 *
 * Source: the manual pages listen(2), accept(2).
 */
#include "sim/net/door.h"

#include "sim/net/limits.h"

enum { BREATH = 100 }; /* milliseconds until it is tried again, when no descriptor is left */

struct Door {
    GSocket *socket;
    GSource *source;
    guint breath; /* 0: none is being taken */
    void (*visitor)(void *data, GSocket *socket);
    void *data;
};

static gboolean breathed(gpointer data)
{
    Door *door = data;
    door->breath = 0;
    door_hold(door, false);
    return G_SOURCE_REMOVE;
}

static gboolean knock(GSocket *socket, GIOCondition condition, gpointer data)
{
    Door *door = data;
    (void)condition;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) visitor = g_socket_accept(socket, NULL, &error);
    if (visitor != NULL) {
        door->visitor(door->data, visitor);
    } else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
        door_hold(door, true); /* he would knock, and knock */
        door->breath = g_timeout_add(BREATH, breathed, door);
    }
    return G_SOURCE_CONTINUE;
}

void door_hold(Door *door, bool hold)
{
    if (door->breath != 0)
        g_source_remove(door->breath);
    door->breath = 0;
    if (hold == (door->source == NULL))
        return;
    if (hold) {
        g_source_destroy(door->source);
        g_clear_pointer(&door->source, g_source_unref);
        return;
    }
    door->source = g_socket_create_source(door->socket, G_IO_IN, NULL);
    g_source_set_callback(door->source, G_SOURCE_FUNC(knock), door, NULL);
    g_source_attach(door->source, g_main_context_get_thread_default());
}

static Door *refuse(const char *address, uint16_t port, GError **error)
{
    g_prefix_error(error, "%s port %u: ", address, port);
    return NULL;
}

Door *door_open(const char *address, uint16_t port, void (*visitor)(void *data, GSocket *socket),
                void *data, GError **error)
{
    g_autoptr(GSocketAddress) place = g_inet_socket_address_new_from_string(address, port);
    if (place == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "%s is no address in numbers, such as 127.0.0.1 or ::1", address);
        return NULL;
    }
    g_autoptr(GSocket) socket = g_socket_new(g_socket_address_get_family(place),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
    if (socket == NULL)
        return refuse(address, port, error);
    g_socket_set_blocking(socket, FALSE);
    g_socket_set_listen_backlog(socket, NET_BACKLOG);
    if (!g_socket_bind(socket, place, TRUE, error) || !g_socket_listen(socket, error))
        return refuse(address, port, error);
    Door *door = g_new0(Door, 1);
    door->socket = g_steal_pointer(&socket);
    door->visitor = visitor;
    door->data = data;
    door_hold(door, false);
    return door;
}

uint16_t door_port(const Door *door)
{
    g_autoptr(GSocketAddress) place = g_socket_get_local_address(door->socket, NULL);
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(place));
}

void door_close(Door *door)
{
    if (door == NULL)
        return;
    door_hold(door, true);
    g_socket_close(door->socket, NULL);
    g_object_unref(door->socket);
    g_free(door);
}
