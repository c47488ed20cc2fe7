/* A tap: sees all that a link carries, and never touches it; what its keys open, it reads. */
#pragma once

#include "core/crypto/key.h"
#include "sim/middlebox.h"
#include "sim/plan.h"

/* `key` is the server's, for TAP_KEY (may be NULL: it has none), and outlives the tap. A key log is
 * taken from the trace. */
Middlebox *tap_new(TapKind kind, const PrivateKey *key);

/* Another connection begins. */
void tap_connect(Middlebox *box, int connection);

/* What it has learnt, as one sentence for people: what could be read, and what could not. g_free.
 */
char *tap_sentence(const Middlebox *box);
