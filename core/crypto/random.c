/* Labelled randomness.
 *
 * A draw depends on the seed, the party, the label and how often that label was drawn before, and
 * on nothing else: a run in which one side draws once more for one purpose differs from the other
 * run in that purpose alone. Each draw has a key of its own, so no stream is ever continued.
 *
 * This file refuses to know what the values are for. ChaCha20: RFC 8439 2.4; SHA-256: FIPS 180-4.
 */
#include "core/crypto/random.h"

#include <string.h>

#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"

struct Random {
    uint64_t seed;
    char *party;
    KeyStream *stream;
    GHashTable *draws; /* label (a constant) to the number of draws so far */
    GHashTable *pins;  /* label to a GPtrArray of GBytes; NULL while there are none */
};

Random *random_new(uint64_t seed, const char *party)
{
    Random *random = g_new0(Random, 1);
    random->seed = seed;
    random->party = g_strdup(party);
    random->stream = key_stream_new();
    random->draws = g_hash_table_new(g_str_hash, g_str_equal);
    return random;
}

void random_free(Random *random)
{
    if (random == NULL)
        return;
    g_hash_table_unref(random->draws);
    g_clear_pointer(&random->pins, g_hash_table_unref);
    key_stream_free(random->stream);
    g_free(random->party);
    g_free(random);
}

static void free_values(gpointer values)
{
    g_ptr_array_unref(values);
}

static void free_value(gpointer value)
{
    g_bytes_unref(value);
}

void random_pin(Random *random, const char *label, Bytes value)
{
    if (random->pins == NULL)
        random->pins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_values);
    GPtrArray *values = g_hash_table_lookup(random->pins, label);
    if (values == NULL) {
        values = g_ptr_array_new_with_free_func(free_value);
        g_hash_table_insert(random->pins, g_strdup(label), values);
    }
    g_ptr_array_add(values, bytes_copy(value));
}

bool random_is_pinned(const Random *random, const char *label)
{
    return random->pins != NULL && g_hash_table_contains(random->pins, label);
}

size_t random_draws(const Random *random, const char *label)
{
    return GPOINTER_TO_SIZE(g_hash_table_lookup(random->draws, label));
}

/* How often a label was drawn before; counts this draw. */
static size_t next_ordinal(Random *random, const char *label)
{
    size_t ordinal = random_draws(random, label);
    g_hash_table_insert(random->draws, (gpointer)(uintptr_t)label, GSIZE_TO_POINTER(ordinal + 1));
    return ordinal;
}

bool random_take_pin(Random *random, const char *label, GByteArray *output)
{
    GPtrArray *pins = random->pins == NULL ? NULL : g_hash_table_lookup(random->pins, label);
    if (pins == NULL)
        return false;
    size_t ordinal = next_ordinal(random, label);
    bytes_append(output, bytes_from_gbytes(g_ptr_array_index(pins, MIN(ordinal, pins->len - 1))));
    return true;
}

static void fill_pinned(Bytes value, uint8_t *output, size_t size)
{
    for (size_t i = 0; i < size; i++)
        output[i] = value.size == 0 ? 0 : value.data[i % value.size];
}

static void big_endian(uint64_t number, uint8_t output[8])
{
    for (size_t i = 0; i < 8; i++)
        output[i] = (uint8_t)(number >> (56 - 8 * i));
}

void random_fill(Random *random, const char *label, uint8_t *output, size_t size)
{
    size_t ordinal = next_ordinal(random, label);
    GPtrArray *pins = random->pins == NULL ? NULL : g_hash_table_lookup(random->pins, label);
    if (pins != NULL) {
        GBytes *value = g_ptr_array_index(pins, MIN(ordinal, pins->len - 1));
        fill_pinned(bytes_from_gbytes(value), output, size);
        return;
    }
    uint8_t seed_bytes[8], ordinal_bytes[8], key[KEY_STREAM_KEY_SIZE];
    big_endian(random->seed, seed_bytes);
    big_endian(ordinal, ordinal_bytes);
    const Bytes parts[] = {
        BYTES_ARRAY(seed_bytes),
        bytes_make(random->party, strlen(random->party) + 1), /* the zero keeps parts apart */
        bytes_make(label, strlen(label) + 1),
        BYTES_ARRAY(ordinal_bytes),
    };
    digest(HASH_SHA256, parts, G_N_ELEMENTS(parts), key);
    key_stream_fill(random->stream, key, output, size);
}
