/* Labelled randomness: every random value of a run is drawn by label from a ChaCha20 stream keyed
 * by SHA-256 (seed, party, label, ordinal), so that one more draw shifts nothing else. The ordinal
 * counts the draws of that label by that party. A label may be pinned to a value. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"

typedef struct Random Random;

/* `party` tells one party's stream from another's. */
Random *random_new(uint64_t seed, const char *party);
void random_free(Random *random);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Random, random_free)

/* The draws of `label` give the values that it was pinned to, one after the other in the order of
 * the calls (each repeated or cut to the size drawn); the last serves all further draws. */
void random_pin(Random *random, const char *label, Bytes value);

/* Whether draws of the label are pinned. */
bool random_is_pinned(const Random *random, const char *label);

/* How often the label was drawn. */
size_t random_draws(const Random *random, const char *label);

/* Draws a pinned value whole, of whatever size: false (and nothing drawn) when the label is not
 * pinned. */
bool random_take_pin(Random *random, const char *label, GByteArray *output);

/* Fills `output` with `size` bytes. Labels are constants: "client_random", "premaster_secret",
 * "record_iv" … */
void random_fill(Random *random, const char *label, uint8_t *output, size_t size);
