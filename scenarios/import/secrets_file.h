/* Key logs in files (RFC 9850). */
#pragma once

#include "sim/secrets.h"

/* A key log of 64 MiB has 350,000 lines: a day of a busy server. */
enum { SECRETS_FILE_MOST = 64 << 20 };

/* Reads a key log. False with an error (G_FILE_ERROR, or one of the import's own) when it cannot be
 * read or no line of it is one. */
bool secrets_load(Secrets *secrets, const char *path, SecretsReport *report, GError **error);
