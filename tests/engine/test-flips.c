/* Every bit of every plain message of a run is flipped once: who notices, where, with which alert.
 *
 * A run with client authentication in each version family; each bit of each message that travels in
 * the clear is one run. A flipped bit must never end in two connected sides: handshake messages are
 * under Finished (RFC 5246 7.4.9); ChangeCipherSpec and SSL 3.0's no_certificate alert are not, but
 * each of their bits makes something else of them. So the list of what the RFC does not protect is
 * empty here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/invariants.h"
#include "sim/world.h"
#include "tests/support/support.h"

typedef struct {
    const char *versions;
    const char *sections;
} Run;

static const Run runs[] = {
    {"TLS 1.2", "client\n shows alice\nserver\n asks client certificate, required\n"},
    {"TLS 1.0", "client\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\n shows nothing\n"
                "server\n suites TLS_RSA_EXPORT_WITH_RC4_40_MD5\n"
                " asks client certificate, requested\n"},
    {"SSL 3.0", "client\n shows nothing\nserver\n asks client certificate, requested\n"},
};

/* A plain message of the honest run. */
typedef struct {
    MessageKind kind;
    Role from;
    size_t bits;
} Plain;

static GArray *plain_messages(const Trace *trace)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(Plain));
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_MESSAGE || event->incoming || event->epoch > 0)
            continue;
        Plain plain = {event->message_kind,
                       event->direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER,
                       8 * g_bytes_get_size(event->bytes)};
        g_array_append_val(list, plain);
    }
    return list;
}

static Plan *flipped(const Run *run, const Plain *plain, size_t bit)
{
    g_autofree char *text =
        plain == NULL ? g_strdup_printf("%sclient\n versions %s\nserver\n versions %s\n",
                                        run->sections, run->versions, run->versions)
                      : g_strdup_printf("%sclient\n versions %s\nserver\n versions %s\n"
                                        "network\n on %s from %s: flip bit %zu\n",
                                        run->sections, run->versions, run->versions,
                                        message_name(plain->kind), role_name(plain->from), bit);
    return support_plan(text);
}

/* How one run ended: the first fatal alert and its sender, or silence. */
static char *outcome(const World *world, const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_ALERT && event->level == ALERT_LEVEL_FATAL && !event->incoming)
            return g_strdup_printf("%s %s", trace_party(trace, event->party)->name,
                                   number_text(NUMBER_ALERT, event->description));
    }
    if (endpoint_was_connected(world_endpoint(world, ROLE_CLIENT)) &&
        endpoint_was_connected(world_endpoint(world, ROLE_SERVER)))
        return g_strdup("nobody");
    return g_strdup("both wait until they time out");
}

static void count_outcome(GHashTable *table, const char *what)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(table, what));
    g_hash_table_insert(table, g_strdup(what), GUINT_TO_POINTER(count + 1));
}

static void print_outcomes(const Run *run, const Plain *plain, GHashTable *table)
{
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp);
    printf("# %s, %s of the %s, %zu bits:", run->versions, message_name(plain->kind),
           role_name(plain->from), plain->bits);
    for (GList *key = keys; key != NULL; key = key->next)
        printf(" %s %u%s", (const char *)key->data,
               GPOINTER_TO_UINT(g_hash_table_lookup(table, key->data)),
               key->next == NULL ? "" : ",");
    printf("\n");
}

static void flip_message(const Run *run, const Plain *plain, size_t step)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t bit = 0; bit < plain->bits; bit += step) {
        Fault fault = FAULT_INIT;
        g_autoptr(Plan) plan = flipped(run, plain, bit);
        g_autoptr(World) world = world_new(plan, &fault);
        ck_assert_msg(world != NULL, "%s", fault.sentence);
        world_run(world);
        g_autoptr(GPtrArray) broken = invariants_broken(world);
        g_autofree char *what = outcome(world, world_trace(world));
        ck_assert_msg(strcmp(what, "nobody") != 0, "bit %zu of %s: nobody notices", bit,
                      message_name(plain->kind));
        ck_assert_msg(broken->len == 0, "bit %zu of %s: %s", bit, message_name(plain->kind),
                      broken->len == 0 ? "" : (char *)g_ptr_array_index(broken, 0));
        count_outcome(table, what);
    }
    print_outcomes(run, plain, table);
}

/* SHAKEDOWN_FLIP_STEP is not read by the program: it lets this test take every n-th bit. */
static size_t flip_step(void)
{
    const char *text = g_getenv("SHAKEDOWN_FLIP_STEP");
    guint64 step = text == NULL ? 1 : g_ascii_strtoull(text, NULL, 10);
    return step == 0 ? 1 : (size_t)step;
}

START_TEST(every_bit_of_a_run)
{
    const Run *run = &runs[_i];
    Fault fault = FAULT_INIT;
    g_autoptr(Plan) honest = flipped(run, NULL, 0);
    g_autoptr(Trace) trace = world_play(honest, &fault);
    ck_assert_msg(trace != NULL && trace_held(trace), "the honest run of %s", run->versions);
    g_autoptr(GArray) messages = plain_messages(trace);
    ck_assert_uint_ge(messages->len, 7);
    for (guint i = 0; i < messages->len; i++)
        flip_message(run, &g_array_index(messages, Plain, i), flip_step());
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("flips");
    TCase *flips = tcase_create("flips");
    tcase_set_timeout(flips, 600);
    tcase_add_loop_test(flips, every_bit_of_a_run, 0, (int)G_N_ELEMENTS(runs));
    suite_add_tcase(suite, flips);
    return support_run(suite);
}
