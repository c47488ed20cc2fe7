/* Texts: the sentences that explain a handshake to people: the eleven steps by their titles, what
 * each message is for, what the secrets and the checks are. Constant UTF-8; nothing of a run. */
#pragma once

#include "core/base/numbers.h"

enum { TEACHING_STEPS = 11 };

/* "The client offers" for step 1 of the eleven; NULL for any other number. */
const char *texts_step(int step);

/* What a message is for, when that side says it: one to three sentences; NULL when there is nothing
 * to say. `again` is true in a renegotiation. */
const char *texts_message(MessageKind kind, Role from, bool again);

/* What a check of that name asks: "Is today within its validity?"; NULL for an unknown name. */
const char *texts_check(const char *name);

/* What a secret or key is, by the name that the trace gives it; NULL for an unknown name. */
const char *texts_key(const char *name);
