/* The key log of a run.
 *
 * A handshake is named by its client random, so the two secrets are taken from the same party,
 * link, connection and epoch; the client's side of each link speaks, or the server's where no
 * client of ours is there. Lines come in the order of the trace and none comes twice. SSL 2.0 has
 * no form in this file: nobody reads one.
 */
#include "viz/keylog.h"

#include <string.h>

void keylog_write(const Trace *trace, GString *output)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *secret = trace_at(trace, i);
        const char *label = trace_secret_label(secret);
        const TraceEvent *random = label == NULL ? NULL : trace_secret_random(trace, i);
        if (random == NULL || random->bytes == NULL || secret->bytes == NULL)
            continue;
        g_autofree char *name = bytes_to_hex(bytes_from_gbytes(random->bytes), NULL);
        g_autofree char *value = bytes_to_hex(bytes_from_gbytes(secret->bytes), NULL);
        char *line = g_strdup_printf("%s %s %s", label, name, value);
        if (g_hash_table_add(seen, line))
            g_string_append_printf(output, "%s\n", line);
    }
}
