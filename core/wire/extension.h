/* The extensions block of a message (RFC 5246 7.4.1.4, RFC 8446 4.2) and the walk of each extension
 * known. */
#pragma once

#include "core/wire/message.h"

/* The block of a hello: absent when nothing is left of it (RFC 5246 7.4.1.2). */
void extensions_walk(Wire *wire, const WalkContext *context, Extensions *extensions);

/* The block of the other messages of TLS 1.3: always there, be it empty. */
void extensions_block_walk(Wire *wire, const WalkContext *context, Extensions *extensions);
