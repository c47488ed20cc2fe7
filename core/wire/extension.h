/* The extensions block of a hello (RFC 5246 7.4.1.4) and the walk of each extension known. */
#pragma once

#include "core/wire/message.h"

/* Walks the block with its length; absent when nothing is left of the hello (RFC 5246 7.4.1.2). */
void extensions_walk(Wire *wire, const WalkContext *context, Extensions *extensions);
