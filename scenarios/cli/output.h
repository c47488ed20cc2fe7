/* Output: standard output without silent loss, files whole or not at all. Errors are of
 * G_FILE_ERROR and name the place. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    OUTPUT_REPLACE, /* an older file of that name is replaced */
    OUTPUT_CREATE,  /* an older file of that name is an error (G_FILE_ERROR_EXIST) */
} OutputMode;

/* A full pipe or a file-size limit shall be an error, not the end: call it once, first. */
void output_init(void);

/* All of it to standard output. */
bool output_stdout(const void *data, gsize size, GError **error);

/* All of it to a file: written beside it, synced, then renamed onto it. When anything fails the old
 * content is still there and nothing else is left. A link is followed; a device or a pipe is
 * written to directly. */
bool output_file(const char *path, const void *data, gsize size, OutputMode mode, GError **error);
