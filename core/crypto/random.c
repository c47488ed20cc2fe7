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
#include "core/crypto/hash.h"

typedef struct {
    const char *label; /* a constant */
    size_t count;
} Draws;

struct Random {
    Hash begun; /* of seed and party */
    KeyStream *stream;
    GArray *draws;    /* of Draws: a few dozen labels at most */
    GHashTable *pins; /* label to a GPtrArray of GBytes; NULL while there are none */
};

static void big_endian(uint64_t number, uint8_t output[8])
{
    for (size_t i = 0; i < 8; i++)
        output[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* The zero keeps parts apart. */
static Bytes text_with_zero(const char *text)
{
    return bytes_make(text, strlen(text) + 1);
}

Random *random_new(uint64_t seed, const char *party)
{
    Random *random = g_new0(Random, 1);
    uint8_t bytes[8];
    big_endian(seed, bytes);
    hash_start(&random->begun, HASH_SHA256);
    hash_add(&random->begun, BYTES_ARRAY(bytes));
    hash_add(&random->begun, text_with_zero(party));
    random->stream = key_stream_new();
    random->draws = g_array_new(FALSE, FALSE, sizeof(Draws));
    return random;
}

void random_free(Random *random)
{
    if (random == NULL)
        return;
    g_array_unref(random->draws);
    g_clear_pointer(&random->pins, g_hash_table_unref);
    key_stream_free(random->stream);
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

/* Where the draws of a label are counted; NULL before the first. Most callers of one label have the
 * same constant for it. */
static Draws *draws_of(const Random *random, const char *label)
{
    Draws *draws = (Draws *)(void *)random->draws->data;
    for (guint i = 0; i < random->draws->len; i++)
        if (draws[i].label == label || strcmp(draws[i].label, label) == 0)
            return &draws[i];
    return NULL;
}

size_t random_draws(const Random *random, const char *label)
{
    const Draws *draws = draws_of(random, label);
    return draws == NULL ? 0 : draws->count;
}

/* How often a label was drawn before; counts this draw. */
static size_t next_ordinal(Random *random, const char *label)
{
    Draws *draws = draws_of(random, label);
    if (draws != NULL)
        return draws->count++;
    const Draws first = {label, 1};
    g_array_append_val(random->draws, first);
    return 0;
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

void random_fill(Random *random, const char *label, uint8_t *output, size_t size)
{
    size_t ordinal = next_ordinal(random, label);
    GPtrArray *pins = random->pins == NULL ? NULL : g_hash_table_lookup(random->pins, label);
    if (pins != NULL) {
        GBytes *value = g_ptr_array_index(pins, MIN(ordinal, pins->len - 1));
        fill_pinned(bytes_from_gbytes(value), output, size);
        return;
    }
    uint8_t ordinal_bytes[8], key[KEY_STREAM_KEY_SIZE];
    Hash hash = random->begun;
    big_endian(ordinal, ordinal_bytes);
    hash_add(&hash, text_with_zero(label));
    hash_add(&hash, BYTES_ARRAY(ordinal_bytes));
    hash_end(&hash, key);
    key_stream_fill(random->stream, key, output, size);
}
