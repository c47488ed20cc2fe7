/* The command from outside: runs the built program as a user would, in a folder of its own. */
#pragma once

#include <sys/resource.h>

#include "tests/support/support.h"

/* What is around a run of the program; all zero: nothing special. */
typedef struct {
    const char *input;       /* standard input; NULL: none */
    gssize input_size;       /* 0: to its zero byte */
    const char *input_path;  /* standard input comes from there; NULL: from `input` */
    const char *output_path; /* standard output goes there: a device; NULL: it is caught */
    rlim_t file_size;        /* RLIMIT_FSIZE in bytes; 0: none */
    bool terminal;           /* standard output is a terminal of UTF-8 characters */
    bool plain;              /* and NO_COLOR is set */
    bool closed;             /* nobody reads standard output */
} Around;

typedef struct {
    int status;   /* as it exited; -1: a signal */
    GString *out; /* standard output */
    char *err;    /* standard error */
} Outcome;

void outcome_clear(Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

/* Runs `shakedown` with these words, in the test's folder. `around` may be NULL. */
Outcome shakedown(const Around *around, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* The same with words in an array, NULL-terminated. */
Outcome shakedown_words(char **words);

/* The test's own folder, where the program runs: made for each test, gone after it. */
const char *folder(void);
void folder_make(void);
void folder_remove(void);

/* Files there. */
void write_text(const char *name, const char *text);
void write_bytes(const char *name, const void *data, gsize size);
GString *read_file(const char *name); /* aborts when there is none; g_string_free */
bool file_exists(const char *name);
/* The number of files there: what the program left behind is counted. */
unsigned file_count(void);

/* Assertions that show what the program said. */
void assert_status(const Outcome *outcome, int status);
void assert_says(const Outcome *outcome, const char *part);   /* on standard error */
void assert_prints(const Outcome *outcome, const char *part); /* on standard output */

/* The shortest scenario that is one. */
#define SHORTEST "scenario \"short\"\n"

void add_run_tests(TCase *tests);
void add_form_tests(TCase *tests);
void add_input_tests(TCase *tests);
void add_output_tests(TCase *tests);
void add_read_tests(TCase *tests);
void add_readme_tests(TCase *tests);
