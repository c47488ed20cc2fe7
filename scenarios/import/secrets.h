/* Secrets: the lines of key logs (RFC 9850), by label and client random. */
#pragma once

#include "core/base/bytes.h"

/* A key log of 64 MiB has 350,000 lines: a day of a busy server. */
enum { SECRETS_FILE_MOST = 64 << 20 };

typedef struct Secrets Secrets;

Secrets *secrets_new(void);
void secrets_free(Secrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secrets, secrets_free)

/* Takes in what a key log says: of two secrets of one label and client random the first stands.
 * Comments and labels that nobody knows are stepped over; lines that are none are counted. Returns
 * how many secrets it holds; `bad` (may be NULL) is the number of the first line that is none, 0:
 * there is no such line. */
unsigned secrets_parse(Secrets *secrets, Bytes text, unsigned *bad);

/* Reads a key log. False with an error (G_FILE_ERROR, or one of the import's own) when it cannot be
 * read or is no key log. */
bool secrets_load(Secrets *secrets, const char *path, GError **error);

/* Takes in the TLS key logs of a pcapng file's Decryption Secrets Blocks, which libpcap steps over.
 * A file of another format has none. Stops where the file does not hold together: what stands there
 * is libpcap's to say. Returns how many secrets there were. False when the file cannot be read. */
bool secrets_embedded(Secrets *secrets, const char *path, unsigned *count, GError **error);

unsigned secrets_count(const Secrets *secrets);

/* As ObserverKeys asks for it; `data` is the Secrets. */
size_t secrets_find(void *data, const char *label, Bytes client_random, uint8_t *output);
