/* The key log of a run.
 *
 * A handshake is named by its client random, so the two secrets are taken from the same party,
 * link, connection and epoch; the client's side of each link speaks, or the server's where no
 * client of ours is there. Lines come in the order of the trace and none comes twice. SSL 2.0 has
 * no form in this file: nobody reads one.
 */
#include "viz/keylog.h"

#include <string.h>

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

/* The labels of secrets by their names in a trace: RFC 9850 3; before TLS 1.3 the master secret
 * under CLIENT_RANDOM. */
static const char *label_of(const TraceEvent *event)
{
    static const struct {
        const char *name, *label;
    } labels[] = {
        {"client_early_traffic_secret", "CLIENT_EARLY_TRAFFIC_SECRET"},
        {"client_handshake_traffic_secret", "CLIENT_HANDSHAKE_TRAFFIC_SECRET"},
        {"server_handshake_traffic_secret", "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
        {"client_application_traffic_secret_0", "CLIENT_TRAFFIC_SECRET_0"},
        {"server_application_traffic_secret_0", "SERVER_TRAFFIC_SECRET_0"},
        {"exporter_master_secret", "EXPORTER_SECRET"},
    };
    if (event->kind != TRACE_KEYS || event->name == NULL)
        return NULL;
    if (event->family == FAMILY_SSL3 && strcmp(event->name, "master_secret") == 0)
        return "CLIENT_RANDOM";
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        if (strcmp(labels[i].name, event->name) == 0)
            return labels[i].label;
    return NULL;
}

void keylog_write(const Trace *trace, GString *output)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *secret = trace_at(trace, i);
        const char *label = label_of(secret);
        const TraceEvent *random = label == NULL ? NULL : twin_before(trace, i, "client_random");
        if (random == NULL || random->bytes == NULL || secret->bytes == NULL)
            continue;
        g_autofree char *name = bytes_to_hex(bytes_from_gbytes(random->bytes), NULL);
        g_autofree char *value = bytes_to_hex(bytes_from_gbytes(secret->bytes), NULL);
        char *line = g_strdup_printf("%s %s %s", label, name, value);
        if (g_hash_table_add(seen, line))
            g_string_append_printf(output, "%s\n", line);
    }
}
