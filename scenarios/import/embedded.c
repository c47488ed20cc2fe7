/* Decryption Secrets Blocks, which libpcap steps over.
 *
 * A pcapng file is a row of blocks, each with its length in front and behind. Their bytes are
 * watched while libpcap reads them, so that a file is read once and may come from a pipe: of a
 * block its head is kept, of a block of secrets its body, of all others nothing. Where a length
 * cannot be one, the watching ends.
 *
 * Obeys draft-ietf-opsawg-pcapng 3.1 (blocks), 4.1 (byte order by section), 4.7 (Decryption Secrets
 * Block).
 */
#include "scenarios/import/embedded.h"

#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_SECRETS = 10,
    BLOCK_HEAD = 8,           /* type, total length */
    BLOCK_LEAST = 12,         /* and the length again at the end */
    SECTION_HEAD = 12,        /* with the magic that tells the byte order */
    SECRETS_FIXED = 8,        /* secrets type, length */
    SECRETS_TLS = 0x544c534b, /* "TLSK" */
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

struct Embedded {
    Secrets *secrets;
    bool begun, over;
    bool big;         /* this section's byte order */
    GByteArray *kept; /* head and, of a block of secrets, body */
    size_t wanted;    /* bytes of `kept` */
    uint64_t skip;    /* bytes that are nobody's */
    unsigned count;
};

Embedded *embedded_new(Secrets *secrets)
{
    Embedded *embedded = g_new0(Embedded, 1);
    embedded->secrets = secrets;
    embedded->kept = g_byte_array_new();
    embedded->wanted = BLOCK_HEAD;
    return embedded;
}

void embedded_free(Embedded *embedded)
{
    if (embedded == NULL)
        return;
    g_byte_array_unref(embedded->kept);
    g_free(embedded);
}

unsigned embedded_count(const Embedded *embedded)
{
    return embedded->count;
}

static uint32_t number_at(const Embedded *embedded, size_t at)
{
    uint32_t number;
    memcpy(&number, embedded->kept->data + at, sizeof number);
    return embedded->big ? GUINT32_FROM_BE(number) : GUINT32_FROM_LE(number);
}

/* The first words of a section say its byte order. False when they are none. */
static bool take_order(Embedded *embedded)
{
    embedded->big = false;
    if (number_at(embedded, BLOCK_HEAD) != BYTE_ORDER_MAGIC)
        embedded->big = true;
    return number_at(embedded, BLOCK_HEAD) == BYTE_ORDER_MAGIC;
}

static void next_block(Embedded *embedded, uint64_t skip)
{
    g_byte_array_set_size(embedded->kept, 0);
    embedded->wanted = BLOCK_HEAD;
    embedded->skip = skip;
}

static void take_secrets(Embedded *embedded)
{
    uint32_t size = number_at(embedded, BLOCK_HEAD + 4);
    size_t from = BLOCK_HEAD + SECRETS_FIXED, there = embedded->kept->len - from;
    if (number_at(embedded, BLOCK_HEAD) == SECRETS_TLS && size <= there)
        embedded->count +=
            secrets_parse(embedded->secrets, bytes_make(embedded->kept->data + from, size), NULL);
}

/* What was wanted is there: a head, a section's head, or a whole block of secrets. */
static bool take_kept(Embedded *embedded)
{
    uint32_t type = number_at(embedded, 0);
    bool section = type == BLOCK_SECTION;
    if (section && embedded->wanted == BLOCK_HEAD) {
        embedded->wanted = SECTION_HEAD;
        return true;
    }
    if (section && !take_order(embedded))
        return false;
    uint32_t size = number_at(embedded, 4);
    if ((!embedded->begun && !section) || size < BLOCK_LEAST || size % 4 != 0 ||
        size < embedded->wanted)
        return false;
    embedded->begun = true;
    if (type != BLOCK_SECRETS) {
        next_block(embedded, size - embedded->wanted);
        return true;
    }
    if (embedded->wanted == BLOCK_HEAD) {
        embedded->wanted = size - (BLOCK_LEAST - BLOCK_HEAD);
        return embedded->wanted >= BLOCK_HEAD + SECRETS_FIXED &&
               embedded->wanted <= SECRETS_FILE_MOST;
    }
    take_secrets(embedded);
    next_block(embedded, BLOCK_LEAST - BLOCK_HEAD);
    return true;
}

void embedded_feed(Embedded *embedded, Bytes bytes)
{
    for (size_t at = 0; at < bytes.size && !embedded->over;) {
        size_t left = bytes.size - at;
        size_t skip = (size_t)MIN(embedded->skip, (uint64_t)left);
        embedded->skip -= skip;
        at += skip;
        size_t take = MIN(embedded->wanted - embedded->kept->len, left - skip);
        bytes_append(embedded->kept, bytes_slice(bytes, at, take));
        at += take;
        if (embedded->kept->len == embedded->wanted)
            embedded->over = !take_kept(embedded);
    }
}
