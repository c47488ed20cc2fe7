/* What the tests of captures share: files, readings, comparisons. */
#pragma once

#include "core/crypto/key.h"
#include "scenarios/import/capture.h"
#include "scenarios/import/listen.h"
#include "sim/plan.h"
#include "tests/support/support.h"

/* One capture, read: its connections that speak TLS, as traces. */
typedef struct {
    Secrets *secrets;
    Capture *capture;
    GPtrArray *traces; /* of Trace * */
    unsigned illegal, closed, partial;
} ReadCapture;

/* Writes the bytes into a file of the test's folder, and reads them. `keylog` (its text) may be
 * BYTES_NONE, `rsa` NULL. NULL with an error when it is no capture. */
ReadCapture *read_capture(Bytes file, Bytes keylog, const PrivateKey *rsa, GError **error);
void read_capture_free(ReadCapture *read);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReadCapture, read_capture_free)

/* The messages of a direction of a connection, a line each: name, records, keys, row and number of
 * the handshake, bytes. Application data in one piece, however it is cut into records. g_free. */
char *said_lines(const Trace *trace, int connection, Direction direction);

/* A pcapng file without its secrets blocks. */
GByteArray *without_secrets(Bytes file);

/* Whether nobody attacks, misbehaves or stands between. */
bool is_honest(const Plan *plan);

void folder_make(void);
void folder_remove(void);

void add_catalogue_tests(TCase *tests);
void add_packet_tests(TCase *tests);
void add_hostile_tests(TCase *tests);
void add_prologue_tests(TCase *tests);
void add_reenact_tests(TCase *tests);
