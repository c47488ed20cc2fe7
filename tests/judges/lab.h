/* The laboratory and other programs on loopback: what is common to all judges. Everything that is
 * started is bounded in time, and ended by whoever started it. */
#pragma once

#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>

#include "core/base/bytes.h"

#define JUDGE_HOST "www.judge.example"

/* A folder of its own, with the certificates and keys of judge_scenario() as PEM files: root.pem,
 * server.pem, server.key, client.pem, client.key (PKCS#8), and an HTTP request; gone
 * when the tests are. */
void lab_set_up(void);
void lab_tear_down(void);
const char *lab_folder(void);
char *lab_file(const char *name); /* its path; g_free */

/* Whether a program is there. */
bool lab_has(const char *program);

/* A scenario with the judges' certificates and these lines after them, as a file; its path. */
char *lab_scenario(const char *name, const char *lines);

/* What a program said, both streams together. */
typedef struct {
    int status; /* 124: it was cut after `seconds` */
    GString *said;
} LabRun;

void lab_run_clear(LabRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LabRun, lab_run_clear)

/* Runs a program in the folder to its end. `input` may be NULL. Its parts, between bars and as
 * printf(1) reads them, come with a moment after each, since many clients end with their input. */
LabRun lab_run(const char *const *words, const char *input, unsigned seconds);
LabRun lab_run_list(GPtrArray *words, const char *input, unsigned seconds);

/* A program that waits for others. */
typedef struct LabServer LabServer;

/* Starts it and waits until it says the line that begins with `ready`; what stands behind `ready`
 * is its port, unless `port` says which (then `ready` may be NULL: until the port answers). */
LabServer *lab_start(const char *const *words, const char *ready, unsigned port);
unsigned lab_port(const LabServer *server);
/* Lets it end by itself, or by SIGINT when `now`; what it said, and how it ended. */
LabRun lab_end(LabServer *server, bool now);

/* A port that nobody has at this moment. */
unsigned lab_free_port(void);

/* Words for a command: "%s" style pieces, NULL at the end; g_ptr_array_unref. */
GPtrArray *lab_words(const char *first, ...) G_GNUC_NULL_TERMINATED;
void lab_add(GPtrArray *words, const char *format, ...) G_GNUC_PRINTF(2, 3);
