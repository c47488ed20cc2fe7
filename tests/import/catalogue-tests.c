/* Our own captures, read back.
 *
 * Every honest run of the catalogue is written as pcapng and read again: the same messages must
 * stand there, in the same records, under the same keys, at the same rows of the conversation and
 * byte for byte, opened by the secrets that the file holds (in SSL 2.0, which has none, by the
 * server's key). None of them may be called illegal, but where the run itself ended in a message
 * that was refused. Without secrets nothing of what was protected may be shown.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/catalogue.h"
#include "sim/pki.h"
#include "sim/world.h"
#include "tests/import/import-tests.h"
#include "viz/pcapng.h"

typedef struct {
    unsigned runs, connections, messages, accused;
} Count;

static void compare(const char *name, const Trace *said, int connection, const Trace *read,
                    Count *count)
{
    for (int direction = 0; direction < 2; direction++) {
        g_autofree char *before = said_lines(said, connection, (Direction)direction);
        g_autofree char *after = said_lines(read, 0, (Direction)direction);
        if (strcmp(before, after) != 0)
            ck_abort_msg("%s: said\n%.4000s\nread\n%.4000s", name, before, after);
        for (const char *at = before; (at = strchr(at, '\n')) != NULL; at++)
            count->messages++;
    }
}

static const Trace *trace_of_port(const ReadCapture *read, unsigned port)
{
    for (guint i = 0; i < read->traces->len; i++) {
        const Trace *trace = g_ptr_array_index(read->traces, i);
        if (trace_link(trace, 0)->left_port == port)
            return trace;
    }
    return NULL;
}

/* Whether a side called a message of the run unexpected. */
static bool was_refused(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_ALERT && event->description == ALERT_UNEXPECTED_MESSAGE)
            return true;
    }
    return false;
}

/* What the listener had to say. */
static const char *notes(const Trace *trace)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < trace_count(trace); i++)
        if (trace_at(trace, i)->kind == TRACE_NOTE)
            g_string_append_printf(text, "%s\n", trace_at(trace, i)->value);
    return g_string_free(text, FALSE);
}

static int connections_of(const Trace *trace)
{
    int count = 0;
    for (size_t i = 0; i < trace_count(trace); i++)
        if (trace_at(trace, i)->kind == TRACE_RECORD)
            count = MAX(count, trace_at(trace, i)->connection + 1);
    return count;
}

static void visit_plan(Plan *plan, Count *count)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_autoptr(Trace) trace = world_play(plan, &fault);
    g_autoptr(Pki) pki = pki_new(plan, &fault);
    Credential credential = {0};
    const PlanParty *server = plan_party(plan, PARTY_SERVER);
    ck_assert_msg(trace != NULL, "%s", fault.sentence);
    ck_assert(pki_credential(pki, server->shows, server->uses_key, &credential, &fault));
    int connections = connections_of(trace);
    if (connections > 0) {
        pcapng_write(trace, file);
        g_autoptr(ReadCapture) read =
            read_capture(bytes_from_array(file), BYTES_NONE, credential.key, &error);
        ck_assert_msg(read != NULL, "%s: %s", plan->name, error == NULL ? "" : error->message);
        ck_assert_msg((int)read->traces->len == connections, "%s: %u connections, not %d",
                      plan->name, read->traces->len, connections);
        for (int i = 0; i < connections; i++) {
            const Trace *one = trace_of_port(read, trace_link(trace, 0)->left_port + (unsigned)i);
            ck_assert_msg(one != NULL, "%s", plan->name);
            compare(plan->name, trace, i, one, count);
        }
        if (read->illegal > 0 && !was_refused(trace))
            ck_abort_msg("%s: called illegal: %s", plan->name,
                         notes(g_ptr_array_index(read->traces, 0)));
        if (read->partial != 0)
            ck_abort_msg("%s: %s", plan->name, notes(g_ptr_array_index(read->traces, 0)));
        count->accused += read->illegal;
        count->runs++;
        count->connections += (unsigned)connections;
    }
    g_clear_pointer(&credential.chain, g_ptr_array_unref);
}

START_TEST(every_honest_run_is_read_back)
{
    Count count = {0};
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++)
            if (is_honest(scenario_plan(scenario, j)))
                visit_plan(scenario_plan(scenario, j), &count);
    }
    printf("# %u runs, %u connections, %u messages read back; %u called illegal\n", count.runs,
           count.connections, count.messages, count.accused);
    ck_assert_uint_ge(count.runs, 250);
    ck_assert_uint_ge(count.messages, 2500);
}
END_TEST

START_TEST(without_secrets_nothing_protected_is_shown)
{
    static const char *const names[] = {"normal", "tls-1.3", "ssl-3.0", "renegotiation"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        Fault fault = FAULT_INIT;
        g_autoptr(Scenario) scenario = support_catalogue(names[i]);
        g_autoptr(Trace) trace = world_play(scenario_plan(scenario, 0), &fault);
        g_autoptr(GByteArray) file = g_byte_array_new();
        pcapng_write(trace, file);
        g_autoptr(GByteArray) bare = without_secrets(bytes_from_array(file));
        g_autoptr(ReadCapture) read = read_capture(bytes_from_array(bare), BYTES_NONE, NULL, NULL);
        ck_assert_uint_eq(read->traces->len, 1);
        ck_assert_uint_gt(read->closed, 0);
        ck_assert_uint_eq(read->illegal, 0);
        const Trace *seen = g_ptr_array_index(read->traces, 0);
        bool told = false;
        for (size_t j = 0; j < trace_count(seen); j++) {
            const TraceEvent *event = trace_at(seen, j);
            ck_assert(event->kind != TRACE_KEYS && event->kind != TRACE_DATA);
            ck_assert(event->kind != TRACE_MESSAGE || event->epoch == 0 || event->bytes == NULL);
            told = told || (event->kind == TRACE_NOTE && strcmp(event->name, "closed") == 0);
        }
        ck_assert(told);
    }
}
END_TEST

/* The first event of that kind and name, or of that message. */
static Bytes find_bytes(const Trace *trace, TraceKind kind, const char *name, MessageKind message)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        bool named = name == NULL || g_strcmp0(event->name, name) == 0;
        if (event->kind == kind && named && (name != NULL || event->message_kind == message))
            return bytes_from_gbytes(event->bytes);
    }
    ck_abort_msg("nothing of that name");
}

/* NSS's oldest lines: the premaster secret, named by the first bytes of what encrypts it. */
START_TEST(by_the_premaster_secret)
{
    enum { HEAD = HANDSHAKE_HEADER_SIZE + 2 /* its length */, NAME_SIZE = 8 };
    Fault fault = FAULT_INIT;
    g_autoptr(Scenario) scenario = support_catalogue("normal");
    g_autoptr(Trace) trace = world_play(scenario_plan(scenario, 0), &fault);
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(trace, file);
    g_autoptr(GByteArray) bare = without_secrets(bytes_from_array(file));
    Bytes sent = find_bytes(trace, TRACE_MESSAGE, NULL, MESSAGE_CLIENT_KEY_EXCHANGE);
    Bytes secret = find_bytes(trace, TRACE_KEYS, "premaster_secret", MESSAGE_NONE);
    g_autofree char *name = bytes_to_hex(bytes_slice(sent, HEAD, NAME_SIZE), NULL);
    g_autofree char *value = bytes_to_hex(secret, NULL);
    g_autofree char *line = g_strdup_printf("RSA %s %s\n", name, value);
    g_autoptr(ReadCapture) read =
        read_capture(bytes_from_array(bare), bytes_from_text(line), NULL, NULL);
    ck_assert_uint_eq(read->closed, 0);
    ck_assert_uint_eq(read->illegal, 0);
}
END_TEST

void add_catalogue_tests(TCase *tests)
{
    tcase_add_test(tests, every_honest_run_is_read_back);
    tcase_add_test(tests, without_secrets_nothing_protected_is_shown);
    tcase_add_test(tests, by_the_premaster_secret);
}
