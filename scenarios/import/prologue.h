/* Prologue: what two programs say in plain text before they begin TLS on the same connection. */
#pragma once

#include "core/base/bytes.h"

enum { PROLOGUE_MOST = 65536 }; /* bytes of it: a mail server's greeting has a few hundred */

typedef struct {
    const char *protocol; /* "SMTP"; NULL: TLS begins at once */
    const char *words;    /* that begin it: "STARTTLS" */
    size_t begins[2];     /* by Direction: the first byte of TLS in each stream */
} Prologue;

/* Finds where SSL or TLS begins in the streams of a client and a server. False when nowhere: the
 * connection is about something else. Either may be cut short; without a byte of the client's the
 * server's alone are looked at. */
bool prologue_find(Bytes client, Bytes server, Prologue *prologue);
