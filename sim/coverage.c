/* What of the conversation list has been walked.
 *
 * The list is enumerated; its rows and the steps between neighbouring rows are what there is to
 * cover. A run covers what its parties said, in the order in which they said it, handshake by
 * handshake. It sees traces only.
 */
#include "sim/coverage.h"

enum { ROWS_MOST = 64 };

/* What there is to cover of one list, and what was. */
typedef struct {
    bool rows[ROWS_MOST];
    bool edges[ROWS_MOST][ROWS_MOST];
    bool known_rows[ROWS_MOST]; /* by enumeration */
    bool known_edges[ROWS_MOST][ROWS_MOST];
} ListCoverage;

struct Coverage {
    ListCoverage lists[FAMILIES];
};

static void coverage_enumerate(ListCoverage *coverage, const Conversation *conversation)
{
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
}

Coverage *coverage_new(void)
{
    Coverage *coverage = g_new0(Coverage, 1);
    for (Family family = 0; family < FAMILIES; family++)
        coverage_enumerate(&coverage->lists[family], conversation_of(family));
    return coverage;
}

void coverage_free(Coverage *coverage)
{
    g_free(coverage);
}

/* The family with which a handshake goes on after its hello. */
static Family family_answered(const Trace *trace, const TraceEvent *hello)
{
    for (size_t i = (size_t)hello->number; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && !event->incoming && event->row > 0 &&
            event->link == hello->link && event->connection == hello->connection &&
            event->handshake == hello->handshake)
            return event->family;
    }
    return hello->family;
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
        /* the hello of a client that can more stands at the head of every list */
        Family family = event->row == 0 ? family_answered(trace, event) : event->family;
        ListCoverage *list = &coverage->lists[family];
        int before = GPOINTER_TO_INT(g_hash_table_lookup(last, handshake)) - 1;
        list->rows[event->row] = true;
        if (before >= 0)
            list->edges[before][event->row] = true;
        g_hash_table_insert(last, handshake, GINT_TO_POINTER(event->row + 1));
    }
}

static char *row_name(Family family, int row)
{
    const Step *step = &conversation_of(family)->steps[row];
    return g_strdup_printf("%s: %s of the %s (row %d)", family_name(family),
                           message_name(step->message), role_name(step->from), row);
}

static void list_missing(const Coverage *coverage, Family family, GPtrArray *missing)
{
    const ListCoverage *list = &coverage->lists[family];
    for (int i = 0; i < ROWS_MOST; i++) {
        if (list->known_rows[i] && !list->rows[i])
            g_ptr_array_add(missing, row_name(family, i));
        for (int j = 0; j < ROWS_MOST; j++) {
            if (!list->known_edges[i][j] || list->edges[i][j])
                continue;
            g_autofree char *from = row_name(family, i);
            g_autofree char *to = row_name(family, j);
            g_ptr_array_add(missing, g_strdup_printf("%s → %s", from, to));
        }
    }
}

GPtrArray *coverage_missing(const Coverage *coverage)
{
    GPtrArray *missing = g_ptr_array_new_with_free_func(g_free);
    for (Family family = 0; family < FAMILIES; family++)
        list_missing(coverage, family, missing);
    return missing;
}

void coverage_count(const Coverage *coverage, unsigned *taken, unsigned *all)
{
    *taken = *all = 0;
    for (Family family = 0; family < FAMILIES; family++) {
        const ListCoverage *list = &coverage->lists[family];
        for (int i = 0; i < ROWS_MOST; i++) {
            *all += list->known_rows[i];
            *taken += list->known_rows[i] && list->rows[i];
            for (int j = 0; j < ROWS_MOST; j++) {
                *all += list->known_edges[i][j];
                *taken += list->known_edges[i][j] && list->edges[i][j];
            }
        }
    }
}
