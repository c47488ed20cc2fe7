/* Samples: random values of every message and every extension that core/wire knows. */
#pragma once

#include "core/wire/message.h"

/* Random values, and the memory that their views point into. */
typedef struct {
    GRand *rand;
    GPtrArray *store;
} Maker;

Maker maker_new(guint32 seed);
void maker_forget(Maker *maker); /* all values made so far */
void maker_free(Maker *maker);

size_t below(Maker *maker, size_t bound);
Bytes some(Maker *maker, size_t size);

size_t sample_count(void);
MessageKind sample_kind(size_t index);
bool sample_exists(MessageKind kind);
bool sample_extension_exists(uint16_t type);

/* Whether there is such a message in that version, key exchange and direction: the same value for
 * another context is no new cell. */
bool sample_fits(MessageKind kind, const WalkContext *context);

/* A message of a kind that fits. */
Message sample_make(Maker *maker, MessageKind kind, const WalkContext *context);
