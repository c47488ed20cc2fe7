/* Secrets: the lines of key logs (RFC 9850), by label and client random. */
#pragma once

#include "core/base/bytes.h"

/* A key log of 64 MiB has 350,000 lines: a day of a busy server. */
enum { SECRETS_FILE_MOST = 64 << 20 };

typedef struct Secrets Secrets;

Secrets *secrets_new(void);
void secrets_free(Secrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secrets, secrets_free)

/* What was passed over. */
typedef struct {
    unsigned passed_over; /* lines */
    unsigned bad;         /* of them: no lines of a key log; the others have a label of their own */
    unsigned first;       /* number of the first, from 1; 0: there is none */
    GPtrArray *told;      /* of char *: "3: …", of the first few */
} SecretsReport;

SecretsReport *secrets_report_new(void);
void secrets_report_free(SecretsReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretsReport, secrets_report_free)

/* Takes in what a key log says: of two secrets of one label and client random the first stands.
 * Comments and empty lines are stepped over. Returns how many secrets it holds; `report` may be
 * NULL. */
unsigned secrets_parse(Secrets *secrets, Bytes text, SecretsReport *report);

/* Reads a key log. False with an error (G_FILE_ERROR, or one of the import's own) when it cannot be
 * read or no line of it is one. */
bool secrets_load(Secrets *secrets, const char *path, SecretsReport *report, GError **error);

unsigned secrets_count(const Secrets *secrets);

/* As ObserverKeys asks for it; `data` is the Secrets. */
size_t secrets_find(void *data, const char *label, Bytes client_random, uint8_t *output);
