/* A tap: sees all that a link carries, and never touches it. */
#pragma once

#include "sim/middlebox.h"

Middlebox *tap_new(void);

/* What it has learnt, as one sentence for people: what could be read, and what could not. g_free.
 */
char *tap_sentence(const Middlebox *box);
