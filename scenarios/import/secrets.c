/* Key logs, alone and embedded in pcapng files.
 *
 * A line is a label, a client random and a secret, in hex. All go into one table; who needs one
 * asks by label and client random. Embedded ones stand in Decryption Secrets Blocks, which are
 * found by walking the file's blocks from length to length; every length is checked against what
 * the file has.
 *
 * Obeys RFC 9850 2 and 3 (lines and labels), draft-ietf-opsawg-pcapng 3.1 (blocks), 4.1 (byte order
 * by section), 4.7 (Decryption Secrets Block).
 */
#include "scenarios/import/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/crypto/hash.h"
#include "core/wire/message.h"
#include "scenarios/import/capture.h"

struct Secrets {
    GHashTable *table; /* "LABEL hex" → GBytes */
};

Secrets *secrets_new(void)
{
    Secrets *secrets = g_new0(Secrets, 1);
    secrets->table =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    return secrets;
}

void secrets_free(Secrets *secrets)
{
    if (secrets == NULL)
        return;
    g_hash_table_unref(secrets->table);
    g_free(secrets);
}

unsigned secrets_count(const Secrets *secrets)
{
    return g_hash_table_size(secrets->table);
}

static char *name_of(const char *label, Bytes client_random)
{
    g_autofree char *hex = bytes_to_hex(client_random, NULL);
    return g_strdup_printf("%s %s", label, hex);
}

size_t secrets_find(void *data, const char *label, Bytes client_random, uint8_t *output)
{
    const Secrets *secrets = data;
    g_autofree char *name = name_of(label, client_random);
    Bytes secret = bytes_from_gbytes(g_hash_table_lookup(secrets->table, name));
    if (secret.size > 0)
        memcpy(output, secret.data, secret.size);
    return secret.size;
}

static bool take_line(Secrets *secrets, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    if (g_strv_length(words) != 3)
        return false;
    g_autoptr(GByteArray) random = bytes_from_hex(words[1]);
    g_autoptr(GByteArray) secret = bytes_from_hex(words[2]);
    if (random == NULL || secret == NULL || secret->len == 0)
        return false;
    if (random->len != RANDOM_SIZE || secret->len > HASH_SIZE_MOST)
        return strcmp(words[0], "RSA") == 0; /* NSS's oldest form: by premaster, used by nobody */
    g_autofree char *name = name_of(words[0], bytes_from_array(random));
    if (!g_hash_table_contains(secrets->table, name)) /* the first stands */
        g_hash_table_insert(secrets->table, g_steal_pointer(&name),
                            bytes_copy(bytes_from_array(secret)));
    return true;
}

unsigned secrets_parse(Secrets *secrets, Bytes text, unsigned *bad)
{
    enum { LINE_MOST = 512 }; /* label, 64 digits, 128 digits */
    unsigned taken = 0, first = 0, number = 1;
    for (size_t at = 0; at < text.size; number++) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end == NULL ? text.size - at : (size_t)(end - text.data) - at;
        g_autofree char *line = g_strndup((const char *)text.data + at, MIN(size, LINE_MOST));
        at += size + 1;
        g_strstrip(line);
        if (*line == '\0' || *line == '#')
            continue;
        bool good = size <= LINE_MOST && take_line(secrets, line);
        taken += good;
        if (!good && first == 0)
            first = number;
    }
    if (bad != NULL)
        *bad = first;
    return taken;
}

static bool refuse_file(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    int number = errno;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number), "%s: %s", shown,
                g_strerror(number));
    return false;
}

bool secrets_load(Secrets *secrets, const char *path, GError **error)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autofree char *shown = g_filename_display_name(path);
    uint8_t block[4096];
    unsigned bad = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return refuse_file(path, error);
    for (size_t size; (size = fread(block, 1, sizeof block, file)) > 0;) {
        g_byte_array_append(text, block, (guint)size);
        if (text->len > SECRETS_FILE_MOST)
            break;
    }
    bool whole = ferror(file) == 0;
    bool told = whole || refuse_file(path, error);
    fclose(file);
    if (!told)
        return false;
    if (text->len > SECRETS_FILE_MOST) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
                    "%s: a key log of more than %d bytes", shown, SECRETS_FILE_MOST);
        return false;
    }
    if (secrets_parse(secrets, bytes_from_array(text), &bad) > 0 || bad == 0)
        return true;
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
                "%s:%u: this is no line of a key log (LABEL, client random, secret: RFC 9850)",
                shown, bad);
    return false;
}

/* --- pcapng --- */

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_SECRETS = 10,
    BLOCK_HEAD = 8,           /* type, total length */
    BLOCK_LEAST = 12,         /* and the length again at the end */
    SECRETS_TLS = 0x544c534b, /* "TLSK" */
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

typedef struct {
    FILE *file;
    bool big; /* this section's byte order */
} Blocks;

static uint32_t number_32(const Blocks *blocks, const uint8_t *bytes)
{
    uint32_t number;
    memcpy(&number, bytes, sizeof number);
    return blocks->big ? GUINT32_FROM_BE(number) : GUINT32_FROM_LE(number);
}

static bool read_whole(FILE *file, void *data, size_t size)
{
    return fread(data, 1, size, file) == size;
}

/* The first words of a section say its byte order. */
static bool section_begins(Blocks *blocks, const uint8_t *head, uint32_t *size)
{
    uint8_t magic[4];
    if (!read_whole(blocks->file, magic, sizeof magic))
        return false;
    blocks->big = false;
    if (number_32(blocks, magic) != BYTE_ORDER_MAGIC)
        blocks->big = true;
    *size = number_32(blocks, head + 4);
    return number_32(blocks, magic) == BYTE_ORDER_MAGIC &&
           fseek(blocks->file, -(long)sizeof magic, SEEK_CUR) == 0;
}

/* The body of a secrets block: type, length, a key log. */
static bool take_secrets(Secrets *secrets, const Blocks *blocks, uint32_t body, unsigned *count)
{
    enum { FIXED = 8 };
    if (body < FIXED || body > SECRETS_FILE_MOST)
        return false;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (uint32_t left = body; left > 0;) { /* no more memory than the file has bytes */
        uint8_t part[4096];
        size_t want = MIN(left, sizeof part);
        if (!read_whole(blocks->file, part, want))
            return false;
        g_byte_array_append(bytes, part, (guint)want);
        left -= (uint32_t)want;
    }
    uint32_t size = number_32(blocks, bytes->data + 4);
    if (number_32(blocks, bytes->data) == SECRETS_TLS && size <= body - FIXED)
        *count += secrets_parse(secrets, bytes_make(bytes->data + FIXED, size), NULL);
    return true;
}

static void walk_blocks(Secrets *secrets, Blocks *blocks, unsigned *count)
{
    uint8_t head[BLOCK_HEAD];
    for (bool first = true; read_whole(blocks->file, head, sizeof head); first = false) {
        uint32_t type = number_32(blocks, head), size = number_32(blocks, head + 4);
        if (type == BLOCK_SECTION && !section_begins(blocks, head, &size))
            return;
        if ((first && type != BLOCK_SECTION) || size < BLOCK_LEAST || size % 4 != 0)
            return;
        uint32_t body = size - BLOCK_LEAST;
        bool fine = type == BLOCK_SECRETS ? take_secrets(secrets, blocks, body, count)
                                          : fseek(blocks->file, (long)body, SEEK_CUR) == 0;
        if (!fine || fseek(blocks->file, BLOCK_LEAST - BLOCK_HEAD, SEEK_CUR) != 0)
            return;
    }
}

bool secrets_embedded(Secrets *secrets, const char *path, unsigned *count, GError **error)
{
    Blocks blocks = {.file = fopen(path, "rb")};
    *count = 0;
    if (blocks.file == NULL)
        return refuse_file(path, error);
    walk_blocks(secrets, &blocks, count);
    bool fine = ferror(blocks.file) == 0 || refuse_file(path, error);
    fclose(blocks.file);
    return fine;
}
