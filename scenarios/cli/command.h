/* The command: what its verbs share. Data goes to standard output, talk to standard error. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The exit status; the worse one wins. */
typedef enum {
    STATUS_HELD,        /* every expectation held: a handshake that should fail and did is one */
    STATUS_FAILED,      /* an expectation failed */
    STATUS_USAGE,       /* the command line or a scenario is wrong */
    STATUS_ENVIRONMENT, /* the machine is: a disk is full, a library is not there */
} Status;

typedef struct {
    const char *name;                 /* "run" */
    const char *about;                /* what it does, in a few words */
    GOptionContext *(*context)(void); /* its options and its help; free it */
    Status (*play)(char **arguments); /* with what the options left over, NULL-terminated */
} Verb;

/* One file each. */
extern const Verb verb_run, verb_draw, verb_check, verb_show, verb_list, verb_new, verb_read,
    verb_serve, verb_connect, verb_relay;

const Verb *const *verbs_table(size_t *count);

/* The names of all verbs, NULL-terminated; free the array with g_free. */
const char **verb_names(void);

/* The verb's help in full; g_free. */
char *verb_help(const Verb *verb);

/* A context for a verb: `takes` stands behind the options in its usage line; `entries` end in a
 * row of zeroes; `examples` stand below. */
GOptionContext *command_context(const char *takes, const char *about, const GOptionEntry *entries,
                                const char *examples);

/* The manual page, as troff. g_free. */
char *manual_page(void);

/* "shakedown: …" on standard error, with a line end. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says it on standard error, and that `--help` tells more. Returns STATUS_USAGE. */
Status complain_usage(const char *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Tells the error of a file or stream, and frees it. Returns STATUS_ENVIRONMENT. */
Status complain_error(GError *error);

/* Prints to standard output; when that fails, says so and returns STATUS_ENVIRONMENT. */
Status print_out(const char *text);

static inline Status status_worse(Status a, Status b)
{
    return a > b ? a : b;
}
