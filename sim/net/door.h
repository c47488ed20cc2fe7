/* Door: a listening socket. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Door Door;

/* Listens on an address in numbers ("127.0.0.1", "::1") and a port; 0: any that is free. `visitor`
 * gets each socket (it keeps a reference, or does not) in the main context of this thread. NULL
 * with an error (G_IO_ERROR) that names the place. */
Door *door_open(const char *address, uint16_t port, void (*visitor)(void *data, GSocket *socket),
                void *data, GError **error);
void door_close(Door *door);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Door, door_close)

uint16_t door_port(const Door *door);
/* Lets nobody in for now; they wait outside. */
void door_hold(Door *door, bool hold);
