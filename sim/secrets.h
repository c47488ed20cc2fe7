/* Secrets: the lines of key logs (RFC 9850), by label and client random; and the same out of a
 * trace. */
#pragma once

#include "core/base/bytes.h"
#include "core/engine/trace.h"

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

/* Takes one line apart: label, client random, secret. False: it is none. */
bool secret_line(const char *line, char **label, GByteArray **client_random, GByteArray **secret);

unsigned secrets_count(const Secrets *secrets);

/* As ObserverKeys asks for it; `data` is the Secrets. */
size_t secrets_find(void *data, const char *label, Bytes client_random, uint8_t *output);

/* As ObserverKeys asks for it; `data` is a Trace: what its parties have written into it. */
size_t secrets_find_in_trace(void *data, const char *label, Bytes client_random, uint8_t *output);
