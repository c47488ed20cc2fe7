/* Capture: a file of packets as the TCP connections in it. */
#pragma once

#include "scenarios/import/secrets_file.h"
#include "scenarios/import/stream.h"

/* Errors: G_FILE_ERROR for a file that cannot be read, this for one that is no capture. */
#define CAPTURE_ERROR (capture_error_quark())
GQuark capture_error_quark(void);

typedef enum {
    CAPTURE_ERROR_FORMAT,
} CaptureError;

typedef struct {
    char *name; /* of the file, without its folder; UTF-8 */
    GPtrArray
        *connections; /* of Connection *, owned: all of TCP, in the order of their beginning */
    unsigned packets, segments;
    unsigned embedded; /* secrets that the file holds itself */
    GPtrArray *told;   /* of char *, owned: what was stepped over, each with its first packet */
    char *broken;      /* where and why the file ends too early; NULL: it does not */
} Capture;

/* Reads a file, or standard input ("-"): pcap or pcapng. Embedded secrets are added to `secrets`.
 * NULL with an error when it cannot be opened or is no capture. One that ends too early is read up
 * to there. */
Capture *capture_read(const char *path, Secrets *secrets, GError **error);
void capture_free(Capture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)

/* Whether both streams look like SSL or TLS; `port`: whether it is the server's (0: any). */
bool capture_speaks_tls(const Connection *connection, unsigned port);
