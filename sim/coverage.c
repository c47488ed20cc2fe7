/* What of the conversation list has been walked.
 *
 * The list is enumerated; its rows and the steps between neighbouring rows are what there is to
 * cover. A run covers what its parties said, in the order in which they said it, handshake by
 * handshake. It sees traces only.
 */
#include "sim/coverage.h"

enum { ROWS_MOST = 64 };

struct Coverage {
    bool rows[ROWS_MOST];
    bool edges[ROWS_MOST][ROWS_MOST];
    bool known_rows[ROWS_MOST]; /* by enumeration */
    bool known_edges[ROWS_MOST][ROWS_MOST];
};

Coverage *coverage_new(void)
{
    Coverage *coverage = g_new0(Coverage, 1);
    const Conversation *conversation = conversation_ssl3_to_tls12();
    Progress start = {0};
    g_autoptr(GPtrArray) all = conversation_enumerate(conversation, &start);
    g_assert(conversation->count <= ROWS_MOST);
    for (guint i = 0; i < all->len; i++) {
        const GArray *rows = g_ptr_array_index(all, i);
        for (guint j = 0; j < rows->len; j++) {
            int row = g_array_index(rows, int, j);
            coverage->known_rows[row] = true;
            if (j > 0)
                coverage->known_edges[g_array_index(rows, int, j - 1)][row] = true;
        }
    }
    return coverage;
}

void coverage_free(Coverage *coverage)
{
    g_free(coverage);
}

void coverage_add(Coverage *coverage, const Trace *trace)
{
    g_autoptr(GHashTable) last = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_MESSAGE || event->incoming || event->row < 0)
            continue;
        gpointer handshake =
            GINT_TO_POINTER((event->link << 16) | (event->connection << 8) | event->handshake);
        int before = GPOINTER_TO_INT(g_hash_table_lookup(last, handshake)) - 1;
        coverage->rows[event->row] = true;
        if (before >= 0)
            coverage->edges[before][event->row] = true;
        g_hash_table_insert(last, handshake, GINT_TO_POINTER(event->row + 1));
    }
}

static char *row_name(int row)
{
    const Step *step = &conversation_ssl3_to_tls12()->steps[row];
    return g_strdup_printf("%s of the %s (row %d)", message_name(step->message),
                           role_name(step->from), row);
}

GPtrArray *coverage_missing(const Coverage *coverage)
{
    GPtrArray *missing = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < ROWS_MOST; i++) {
        if (coverage->known_rows[i] && !coverage->rows[i])
            g_ptr_array_add(missing, row_name(i));
        for (int j = 0; j < ROWS_MOST; j++) {
            if (!coverage->known_edges[i][j] || coverage->edges[i][j])
                continue;
            g_autofree char *from = row_name(i);
            g_autofree char *to = row_name(j);
            g_ptr_array_add(missing, g_strdup_printf("%s → %s", from, to));
        }
    }
    return missing;
}

void coverage_count(const Coverage *coverage, unsigned *taken, unsigned *all)
{
    *taken = *all = 0;
    for (int i = 0; i < ROWS_MOST; i++) {
        *all += coverage->known_rows[i];
        *taken += coverage->known_rows[i] && coverage->rows[i];
        for (int j = 0; j < ROWS_MOST; j++) {
            *all += coverage->known_edges[i][j];
            *taken += coverage->known_edges[i][j] && coverage->edges[i][j];
        }
    }
}
