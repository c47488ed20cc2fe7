/* Secrets that open a connection: key logs of RFC 9850, what other stacks wrote before it, and what
 * the parties of a trace have told of themselves.
 *
 * A line is a label, a client random and a secret, in hex. All go into one table; who needs one
 * asks by label and client random. NSS's oldest lines name a handshake by the first bytes of its
 * encrypted premaster secret. What cannot be used is passed over and told, by line.
 *
 * Obeys RFC 9850 2 (lines), 3 and 4 (labels); NSS Key Log Format (RSA).
 */
#include "sim/secrets.h"

#include <string.h>

#include "core/crypto/hash.h"
#include "core/wire/message.h"

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

/* --- lines --- */

/* The labels of RFC 9850 3 and 4, and NSS's oldest: the beginning of the encrypted premaster secret
 * in place of a client random. What follows a label that ends in "_" is a number. */
static const char *const labels[] = {
    "CLIENT_RANDOM",
    "CLIENT_EARLY_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_",
    "SERVER_TRAFFIC_SECRET_",
    "EXPORTER_SECRET",
    "EARLY_EXPORTER_SECRET",
    "EARLY_EXPORTER_MASTER_SECRET",
    "ECH_SECRET",
    "ECH_CONFIG",
    "RSA",
};

static bool label_known(const char *label)
{
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        size_t size = strlen(labels[i]);
        bool numbered = labels[i][size - 1] == '_';
        if (numbered ? strncmp(label, labels[i], size) == 0 : strcmp(label, labels[i]) == 0)
            return true;
    }
    return false;
}

typedef enum {
    LINE_TAKEN,
    LINE_UNKNOWN, /* a line of a key log, whose label nobody here asks for */
    LINE_BAD,
} LineKind;

/* The words between blanks, however many. */
static GPtrArray *words_of(char *line)
{
    GPtrArray *words = g_ptr_array_new();
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest))
        g_ptr_array_add(words, word);
    return words;
}

bool secret_line(const char *line, char **label, GByteArray **client_random, GByteArray **secret)
{
    enum { WORDS = 3 };
    g_autofree char *copy = g_strdup(line);
    g_autoptr(GPtrArray) words = words_of(copy);
    if (words->len != WORDS)
        return false;
    g_autoptr(GByteArray) random = bytes_from_hex(g_ptr_array_index(words, 1));
    g_autoptr(GByteArray) value = bytes_from_hex(g_ptr_array_index(words, 2));
    if (random == NULL || value == NULL || value->len == 0)
        return false;
    *label = g_strdup(g_ptr_array_index(words, 0));
    *client_random = g_steal_pointer(&random);
    *secret = g_steal_pointer(&value);
    return true;
}

static LineKind take_line(Secrets *secrets, const char *line)
{
    enum { RSA_NAME_SIZE = 8 };
    g_autofree char *label = NULL;
    g_autoptr(GByteArray) random = NULL;
    g_autoptr(GByteArray) secret = NULL;
    if (!secret_line(line, &label, &random, &secret))
        return LINE_BAD;
    size_t size = strcmp(label, "RSA") == 0 ? RSA_NAME_SIZE : RANDOM_SIZE;
    if (random->len != size)
        return LINE_BAD;
    if (!label_known(label) || g_str_has_prefix(label, "ECH_"))
        return LINE_UNKNOWN; /* an encrypted hello's are of any length, and open nothing here */
    if (secret->len > HASH_SIZE_MOST)
        return LINE_BAD;
    g_autofree char *name = name_of(label, bytes_from_array(random));
    if (!g_hash_table_contains(secrets->table, name)) /* the first stands */
        g_hash_table_insert(secrets->table, g_steal_pointer(&name),
                            bytes_copy(bytes_from_array(secret)));
    return LINE_TAKEN;
}

static void tell_line(SecretsReport *report, LineKind kind, unsigned number, const char *line)
{
    enum { TOLD_MOST = 5, LABEL_MOST = 40 };
    if (report == NULL || kind == LINE_TAKEN)
        return;
    report->passed_over++;
    report->bad += kind == LINE_BAD;
    if (report->first == 0)
        report->first = number;
    if (report->told->len == TOLD_MOST)
        return;
    g_autofree char *word = g_strndup(line, MIN(strcspn(line, " \t"), (size_t)LABEL_MOST));
    g_autofree char *label = g_utf8_make_valid(word, -1);
    g_ptr_array_add(
        report->told,
        kind == LINE_BAD
            ? g_strdup_printf("%u: no line of a key log (LABEL, client random, secret: "
                              "RFC 9850), passed over",
                              number)
            : g_strdup_printf("%u: nobody here knows the label %s, passed over", number, label));
}

unsigned secrets_parse(Secrets *secrets, Bytes text, SecretsReport *report)
{
    enum { LINE_MOST = 4096 }; /* the longest are configurations for encrypted hellos */
    unsigned taken = 0, number = 1;
    for (size_t at = 0; at < text.size; number++) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end == NULL ? text.size - at : (size_t)(end - text.data) - at;
        g_autofree char *line = g_strndup((const char *)text.data + at, MIN(size, LINE_MOST));
        at += size + 1;
        g_strstrip(line);
        if (*line == '\0' || *line == '#')
            continue;
        LineKind kind = size > LINE_MOST ? LINE_BAD : take_line(secrets, line);
        taken += kind == LINE_TAKEN;
        tell_line(report, kind, number, line);
    }
    return taken;
}

SecretsReport *secrets_report_new(void)
{
    SecretsReport *report = g_new0(SecretsReport, 1);
    report->told = g_ptr_array_new_with_free_func(g_free);
    return report;
}

void secrets_report_free(SecretsReport *report)
{
    g_ptr_array_unref(report->told);
    g_free(report);
}

/* --- out of a trace --- */

size_t secrets_find_in_trace(void *data, const char *label, Bytes client_random, uint8_t *output)
{
    const Trace *trace = data;
    for (size_t i = trace_count(trace); i-- > 0;) {
        const TraceEvent *event = trace_at(trace, i);
        if (g_strcmp0(trace_secret_label(event), label) != 0)
            continue;
        const TraceEvent *random = trace_secret_random(trace, i);
        Bytes secret = bytes_from_gbytes(event->bytes);
        if (random == NULL || !bytes_equal(bytes_from_gbytes(random->bytes), client_random) ||
            secret.size > HASH_SIZE_MOST)
            continue;
        memcpy(output, secret.data, secret.size);
        return secret.size;
    }
    return 0;
}
