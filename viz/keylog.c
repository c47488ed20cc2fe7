/* The key log of a run.
 *
 * A handshake is named by its client random, so the two secrets are taken from the same party,
 * link, connection and epoch; the client's side of each link speaks, or the server's where no
 * client of ours is there. Lines come in the order of the trace and none comes twice.
 */
#include "viz/keylog.h"

/* Whether `event` is a secret of that name of the same handshake as `other`. */
static bool is_twin(const TraceEvent *event, const TraceEvent *other, const char *name)
{
    return event->kind == TRACE_KEYS && event->party == other->party &&
           event->link == other->link && event->connection == other->connection &&
           event->epoch == other->epoch && g_strcmp0(event->name, name) == 0;
}

/* The last one before `before`. */
static const TraceEvent *twin_before(const Trace *trace, size_t before, const char *name)
{
    for (size_t i = before; i-- > 0;)
        if (is_twin(trace_at(trace, i), trace_at(trace, before), name))
            return trace_at(trace, i);
    for (size_t i = before + 1; i < trace_count(trace); i++)
        if (is_twin(trace_at(trace, i), trace_at(trace, before), name))
            return trace_at(trace, i);
    return NULL;
}

void keylog_write(const Trace *trace, GString *output)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *master = trace_at(trace, i);
        if (master->kind != TRACE_KEYS || g_strcmp0(master->name, "master_secret") != 0)
            continue;
        const TraceEvent *random = twin_before(trace, i, "client_random");
        if (random == NULL || random->bytes == NULL || master->bytes == NULL)
            continue;
        g_autofree char *name = bytes_to_hex(bytes_from_gbytes(random->bytes), NULL);
        g_autofree char *secret = bytes_to_hex(bytes_from_gbytes(master->bytes), NULL);
        char *line = g_strdup_printf("CLIENT_RANDOM %s %s", name, secret);
        if (g_hash_table_add(seen, line))
            g_string_append_printf(output, "%s\n", line);
    }
}
