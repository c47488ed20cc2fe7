/* Real stacks as parties of scenarios.
 *
 * The watch first, held against our own engine: over the whole catalogue it must tell of a party
 * what the party tells itself. Then the stacks: cells of versions, suites and roles; the alerts
 * that they send; what repeats; and every run of the catalogue with each stack on each side, which
 * is refused with a reason, or ends with the same messages on both ends of the link. How many of
 * these there are is pinned, so that none goes missing quietly.
 */
#include <stdio.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "scenarios/catalogue.h"
#include "sim/peers/peers.h"
#include "sim/world.h"
#include "tests/peers/mirror.h"
#include "tests/support/support.h"
#include "viz/json.h"

static const SpeakerSource *source_of(const char *name)
{
    const PeerStack *stack = peers_find(name);
    return stack == NULL ? NULL : stack->source;
}

static Trace *play(const Plan *plan)
{
    Fault fault = FAULT_INIT;
    Trace *trace = world_play(plan, &fault);
    ck_assert_msg(trace != NULL, "%s: %s", plan->name, fault.sentence);
    return trace;
}

/* --- both ends of a link --- */

/* Whether anything on the way changes what is said. */
static bool is_touched(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_RECORD && event->fate != FATE_DELIVERED)
            return true;
    }
    return trace->header.parties->len > 2;
}

/* The messages of a connection's direction as one end has them. */
static GPtrArray *messages(const Trace *trace, int party, int connection, Direction direction)
{
    GPtrArray *list = g_ptr_array_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && event->party == party &&
            event->connection == connection && event->direction == direction)
            g_ptr_array_add(list, (gpointer)(uintptr_t)event);
    }
    return list;
}

static char *line_of(const TraceEvent *event)
{
    g_autofree char *hex = bytes_to_hex(bytes_from_gbytes(event->bytes), NULL);
    return g_strdup_printf("%d %s row %d epoch %d under %d record %d+%d %.64s", event->message,
                           message_name(event->message_kind), event->row, event->epoch,
                           (int)event->under, event->record, event->record_count, hex);
}

/* A message that is refused stands at no row for him who refuses it; an alert in the clear may come
 * where keys are awaited (RFC 8446 6: before they are settled). */
static bool same_message(const TraceEvent *said, const TraceEvent *taken)
{
    bool clear = said->message_kind == MESSAGE_ALERT && said->epoch == 0;
    return said->message == taken->message && said->message_kind == taken->message_kind &&
           (said->row == taken->row || said->row < 0 || taken->row < 0) &&
           (clear || (said->epoch == taken->epoch && said->under == taken->under)) &&
           said->record == taken->record && said->record_count == taken->record_count &&
           bytes_equal(bytes_from_gbytes(said->bytes), bytes_from_gbytes(taken->bytes));
}

/* Early data that the server does not take (RFC 8446 4.2.10). */
static bool is_refused_ahead(const TraceEvent *said, const TraceEvent *taken)
{
    return said->under == UNDER_EARLY && taken->under != UNDER_EARLY;
}

/* What one end took in is what the other has said, as far as it took it in. */
static unsigned compare_ends(const Trace *trace, int speaker, int connection)
{
    Direction direction = speaker == 0 ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
    g_autoptr(GPtrArray) said = messages(trace, speaker, connection, direction);
    g_autoptr(GPtrArray) taken = messages(trace, 1 - speaker, connection, direction);
    for (guint i = 0; i < taken->len; i++) {
        const TraceEvent *is = g_ptr_array_index(taken, i);
        ck_assert_msg(i < said->len, "%s", trace->header.scenario);
        const TraceEvent *was = g_ptr_array_index(said, i);
        bool cut = was->record_count > 1 && was->message_kind == MESSAGE_APPLICATION_DATA;
        if (cut || is_refused_ahead(was, is)) /* taken in record by record, or not at all */
            return i;
        g_autofree char *before = line_of(was);
        g_autofree char *after = line_of(is);
        if (!same_message(was, is))
            ck_abort_msg("%s, connection %d: said\n  %s\ntaken in\n  %s", trace->header.scenario,
                         connection, before, after);
    }
    return taken->len;
}

static unsigned compare_trace(const Trace *trace)
{
    unsigned count = 0;
    int last = 0;
    if (is_touched(trace))
        return 0;
    for (size_t i = 0; i < trace_count(trace); i++)
        last = MAX(last, trace_at(trace, i)->connection);
    for (int connection = 0; connection <= last; connection++)
        for (int speaker = 0; speaker < 2; speaker++)
            count += compare_ends(trace, speaker, connection);
    return count;
}

/* --- the catalogue --- */

typedef struct {
    unsigned run, held, refused, messages;
} Count;

static void sweep_plan(Plan *plan, const SpeakerSource *client, const SpeakerSource *server,
                       Count *count)
{
    g_autofree char *why = NULL;
    int line = 0;
    Fault fault = FAULT_INIT;
    plan_party(plan, PARTY_CLIENT)->source = client;
    plan_party(plan, PARTY_SERVER)->source = server;
    bool taken = plan_check(plan, &why, &line);
    g_autoptr(Trace) trace = taken ? world_play(plan, &fault) : NULL;
    if (trace == NULL) {
        ck_assert_msg(why != NULL || fault.blame == FAULT_OF_USER, "%s: %s", plan->name,
                      fault.sentence);
        count->refused++;
        return;
    }
    count->run++;
    count->held += trace_held(trace);
    count->messages += compare_trace(trace);
}

static Count sweep(const SpeakerSource *client, const SpeakerSource *server)
{
    Count count = {0};
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++)
            sweep_plan(scenario_plan(scenario, j), client, server, &count);
    }
    return count;
}

static const struct {
    const char *client, *server;
    unsigned run, held, refused;
} sweeps[] = {
    {NULL, "openssl", 278, 262, 109},      {"openssl", NULL, 272, 249, 115},
    {NULL, "gnutls", 284, 262, 103},       {"gnutls", NULL, 279, 254, 108},
    {"openssl", "gnutls", 242, 209, 145},  {"gnutls", "openssl", 243, 216, 144},
    {"openssl", "openssl", 248, 221, 139},
};

START_TEST(every_run_of_the_catalogue_with_a_stack)
{
    const SpeakerSource *client = source_of(sweeps[_i].client == NULL ? "" : sweeps[_i].client);
    const SpeakerSource *server = source_of(sweeps[_i].server == NULL ? "" : sweeps[_i].server);
    Count count = sweep(client, server);
    printf("# client %s, server %s: %u run, %u of them as expected, %u refused; %u messages the "
           "same on both ends\n",
           sweeps[_i].client == NULL ? "ours" : sweeps[_i].client,
           sweeps[_i].server == NULL ? "ours" : sweeps[_i].server, count.run, count.held,
           count.refused, count.messages);
    fflush(stdout);
    ck_assert_uint_eq(count.run, sweeps[_i].run);
    /* where a bit is flipped in what is random, the alert may be another */
    bool repeats = (client == NULL || client->repeats) && (server == NULL || server->repeats);
    unsigned slack = repeats ? 0 : 3;
    ck_assert_uint_ge(count.held + slack, sweeps[_i].held);
    ck_assert_uint_le(count.held, sweeps[_i].held + slack);
    ck_assert_uint_eq(count.refused, sweeps[_i].refused);
}
END_TEST

/* --- the watch --- */

/* What can be seen from outside in no other way than it is. */
static const struct {
    const char *run, *why;
} differences[] = {
    {"max-fragment-length", "data is told record by record"},
    {"record-size-limit/tls 1.2", "data is told record by record"},
    {"record-size-limit/tls 1.3", "data is told record by record"},
    {"finished-proves-all/how it is cut into records", "data is told record by record"},
    {"renegotiation/insecure, refused", "that it refuses is told ahead of what it refuses"},
    {"renegotiation/refused by the client", "that it refuses is told ahead of what it refuses"},
    {"renegotiation/refused by the server", "that it refuses is told ahead of what it refuses"},
    {"early-data/rejected", "early data that is not taken is under keys all the same"},
    {"early-data/retried", "early data that is not taken is under keys all the same"},
    {"early-data/a replay is noticed", "early data that is not taken is under keys all the same"},
    {"tickets/the old keys are forgotten", "that a ticket is refused is seen one message later"},
};

static bool is_known(const char *run)
{
    for (size_t i = 0; i < G_N_ELEMENTS(differences); i++)
        if (strcmp(differences[i].run, run) == 0)
            return true;
    return false;
}

/* SSL 2.0 has no key log; whether an export suite makes a temporary key, only its server knows. */
static bool is_seen(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && message_is_ssl2(event->message_kind))
            return false;
        if (event->kind == TRACE_FACT && g_strcmp0(event->name, "cipher_suite") == 0 &&
            strstr(event->value, "EXPORT") != NULL)
            return false;
    }
    return true;
}

/* Messages and states of one party in their order, a line each. What a hello will be a part of is
 * not known before it is answered: of what is in the clear the family is left out. */
static GPtrArray *story(const Trace *trace, int party)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->party != party)
            continue;
        g_autofree char *hex = bytes_to_hex(bytes_from_gbytes(event->bytes), NULL);
        if (event->kind == TRACE_MESSAGE)
            g_ptr_array_add(
                lines, g_strdup_printf("%d %s %s family %d row %d handshake %d epoch %d under %d "
                                       "record %d+%d %.64s",
                                       event->connection, event->incoming ? "takes in" : "says",
                                       message_name(event->message_kind),
                                       event->epoch == 0 ? -1 : (int)event->family, event->row,
                                       event->row < 0 ? -1 : event->handshake, event->epoch,
                                       (int)event->under, event->record, event->record_count, hex));
        if (event->kind == TRACE_STATE)
            g_ptr_array_add(lines,
                            g_strdup_printf("%d enters %s", event->connection, event->after));
        if (event->kind == TRACE_ALERT)
            g_ptr_array_add(lines, g_strdup_printf("%d alert %s %d %d", event->connection,
                                                   event->incoming ? "in" : "out", event->level,
                                                   (int)event->description));
        if (event->kind == TRACE_DATA)
            g_ptr_array_add(lines, g_strdup_printf("%d data %.64s", event->connection, hex));
    }
    return lines;
}

static guint compare_stories(const Trace *own, const Trace *seen, int party)
{
    g_autoptr(GPtrArray) before = story(own, party);
    g_autoptr(GPtrArray) after = story(seen, party);
    for (guint i = 0; i < MAX(before->len, after->len); i++) {
        const char *is = i < before->len ? g_ptr_array_index(before, i) : "nothing";
        const char *was = i < after->len ? g_ptr_array_index(after, i) : "nothing";
        if (strcmp(is, was) != 0)
            ck_abort_msg("%s: told\n  %s\nseen\n  %s", own->header.scenario, is, was);
    }
    return before->len;
}

START_TEST(the_watch_tells_what_a_party_tells)
{
    unsigned runs = 0, told = 0;
    PartyKind kind = _i == 0 ? PARTY_CLIENT : PARTY_SERVER;
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++) {
            Plan *plan = scenario_plan(scenario, j);
            bool ours = plan_party(plan, PARTY_CLIENT)->source == NULL &&
                        plan_party(plan, PARTY_SERVER)->source == NULL;
            if (plan->parties->len + plan->attacks->len > 2 || !ours || is_known(plan->name))
                continue;
            g_autoptr(Trace) own = play(plan);
            if (!is_seen(own))
                continue;
            plan_party(plan, kind)->source = &mirror_source;
            g_autoptr(Trace) seen = play(plan);
            told += compare_stories(own, seen, _i);
            runs++;
        }
    }
    printf("# %s: %u runs, %u messages, states, alerts and data\n", role_name((Role)_i), runs,
           told);
    ck_assert_uint_gt(runs, 300);
}
END_TEST

/* --- cells --- */

static const char *const cell_suites[] = {
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
};

static const char *const cell_auths[] = {"", "requested", "required"};

typedef struct {
    const char *client, *server;
    const Suite *suite;
    const Version *version;
    const char *auth;
    bool again; /* a second connection, which resumes */
} Cell;

static Plan *cell_plan(const Cell *cell)
{
    bool ecdsa = strstr(cell->suite->name, "ECDSA") != NULL;
    g_autofree char *asks = *cell->auth == '\0'
                                ? g_strdup("")
                                : g_strdup_printf("  asks client certificate, %s\n", cell->auth);
    g_autofree char *text = g_strdup_printf(
        "client\n  is %s\n  versions %s\n  suites %s\n  session_tickets yes\n%s"
        "server\n  is %s\n  versions %s\n  suites %s\n  session_tickets yes\n%s%s"
        "play\n  client requests \"/\"\n%s"
        "expect\n  both connected\n  version %s\n  suite %s\n  answer \"/\" 200\n  %s\n",
        cell->client, cell->version->name, cell->suite->name,
        *cell->auth == '\0' ? "" : "  shows alice\n", cell->server, cell->version->name,
        cell->suite->name, ecdsa ? "  shows www-ecdsa\n" : "", asks,
        cell->again ? "  client connects again\n  client requests \"/\"\n" : "",
        cell->version->name, cell->suite->name, cell->again ? "resumed" : "not resumed");
    return support_plan(text);
}

static void run_cell(const Cell *cell, unsigned *count)
{
    g_autoptr(Plan) plan = cell_plan(cell);
    g_autoptr(Trace) trace = play(plan);
    g_autofree char *text = plan_print(plan);
    if (!trace_held(trace))
        ck_abort_msg("%s", text);
    ck_assert_uint_gt(compare_trace(trace), 8);
    (*count)++;
}

static const char *const pairs[][2] = {
    {"openssl", "shakedown"}, {"shakedown", "openssl"}, {"gnutls", "shakedown"},
    {"shakedown", "gnutls"},  {"openssl", "gnutls"},    {"gnutls", "openssl"},
    {"openssl", "openssl"},   {"gnutls", "gnutls"},
};

START_TEST(cells_of_versions_and_suites)
{
    unsigned count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(cell_suites); i++) {
        const Suite *suite = suite_by_name(cell_suites[i]);
        ck_assert_ptr_nonnull(suite);
        for (size_t j = 0; j < version_count(); j++) {
            const Version *version = version_at(j);
            bool spoken = version->number >= MAX(suite->first, VERSION_TLS_1_0) &&
                          version->number <= suite->last;
            for (size_t k = 0; spoken && k < G_N_ELEMENTS(cell_auths) * 2; k++) {
                const Cell cell = {pairs[_i][0], pairs[_i][1],      suite,
                                   version,      cell_auths[k / 2], k % 2 == 1};
                run_cell(&cell, &count);
            }
        }
    }
    printf("# client %s, server %s: %u cells\n", pairs[_i][0], pairs[_i][1], count);
    ck_assert_uint_eq(count, 6 * 16);
}
END_TEST

/* --- alerts --- */

/* What the stacks themselves say of certificates that are not as they should be. */
static const struct {
    const char *run;
    PartyKind kind;
    AlertDescription openssl, gnutls;
} alerts[] = {
    {"bad-certificate/expired", PARTY_CLIENT, ALERT_CERTIFICATE_EXPIRED, ALERT_BAD_CERTIFICATE},
    {"bad-certificate/not yet valid", PARTY_CLIENT, ALERT_BAD_CERTIFICATE, ALERT_BAD_CERTIFICATE},
    {"bad-certificate/wrong name", PARTY_CLIENT, ALERT_BAD_CERTIFICATE, ALERT_BAD_CERTIFICATE},
    {"bad-certificate/unknown issuer", PARTY_CLIENT, ALERT_UNKNOWN_CA, ALERT_BAD_CERTIFICATE},
    {"bad-certificate/changed after signing", PARTY_CLIENT, ALERT_DECRYPT_ERROR,
     ALERT_BAD_CERTIFICATE},
    {"one-bit-flipped/in Finished", PARTY_SERVER, ALERT_BAD_RECORD_MAC, ALERT_BAD_RECORD_MAC},
    {"man-in-the-middle/refused for the unknown issuer", PARTY_CLIENT, ALERT_UNKNOWN_CA,
     ALERT_BAD_CERTIFICATE},
    {"client-auth-failed/none shown", PARTY_SERVER, ALERT_HANDSHAKE_FAILURE, ALERT_DECODE_ERROR},
    {"client-auth-failed/check 2, validity", PARTY_SERVER, ALERT_CERTIFICATE_EXPIRED,
     ALERT_BAD_CERTIFICATE},
};

static Plan *catalogue_plan(const char *run)
{
    g_auto(GStrv) parts = g_strsplit(run, "/", 2);
    g_autoptr(Scenario) scenario = support_catalogue(parts[0]);
    for (guint i = 0; i < scenario_count(scenario); i++)
        if (strcmp(scenario_plan(scenario, i)->name, run) == 0)
            return plan_copy(scenario_plan(scenario, i));
    ck_abort_msg("no run is called %s", run);
}

static void check_alert(const char *run, PartyKind kind, StackKind stack, AlertDescription wanted)
{
    g_autoptr(Plan) plan = catalogue_plan(run);
    plan_party(plan, kind)->source = peer_stack(stack)->source;
    g_autoptr(Trace) trace = play(plan);
    int got = -1;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_ALERT && !event->incoming && event->level == ALERT_LEVEL_FATAL &&
            trace_party(trace, event->party)->kind == kind && got < 0)
            got = (int)event->description;
    }
    ck_assert_msg(got == (int)wanted, "%s with %s: alert %s", run, peer_stack(stack)->title,
                  got < 0 ? "none" : number_text(NUMBER_ALERT, (uint32_t)got));
}

START_TEST(alerts_of_the_stacks)
{
    check_alert(alerts[_i].run, alerts[_i].kind, STACK_OPENSSL, alerts[_i].openssl);
    check_alert(alerts[_i].run, alerts[_i].kind, STACK_GNUTLS, alerts[_i].gnutls);
}
END_TEST

/* --- what repeats --- */

static const char *const repeated[] = {"normal",      "tls-1.0",      "tls-1.1",    "tls-1.3",
                                       "session-id",  "tickets",      "early-data", "tls-1.3-psk",
                                       "client-auth", "renegotiation"};

START_TEST(openssl_repeats_byte_for_byte)
{
    unsigned runs = 0;
    g_autoptr(Scenario) scenario = support_catalogue(repeated[_i]);
    for (guint i = 0; i < scenario_count(scenario); i++) {
        Plan *plan = scenario_plan(scenario, i);
        g_autofree char *why = NULL;
        int line = 0;
        Fault fault = FAULT_INIT;
        plan_party(plan, PARTY_CLIENT)->source = peer_stack(STACK_OPENSSL)->source;
        plan_party(plan, PARTY_SERVER)->source = peer_stack(STACK_OPENSSL)->source;
        g_autoptr(Trace) first = plan_check(plan, &why, &line) ? world_play(plan, &fault) : NULL;
        if (first == NULL)
            continue;
        g_usleep(1100000 / MAX(scenario_count(scenario), 1)); /* another second of the machine's */
        g_autoptr(Trace) second = play(plan);
        GString *a = g_string_new(NULL), *b = g_string_new(NULL);
        json_write(first, a);
        json_write(second, b);
        ck_assert_msg(strcmp(a->str, b->str) == 0, "%s does not repeat", plan->name);
        g_string_free(a, TRUE);
        g_string_free(b, TRUE);
        runs++;
    }
    ck_assert_uint_gt(runs, 0);
}
END_TEST

/* --- the table --- */

START_TEST(every_option_is_mapped_or_refused)
{
    size_t options = 0, count = 0;
    const OptionRow *rows = options_table(&options);
    const PeerMapping *mappings = peer_mappings(&count);
    for (size_t i = 0; i < options; i++) {
        bool found = false;
        for (size_t j = 0; j < count; j++)
            found = found || strcmp(mappings[j].word, rows[i].word) == 0;
        ck_assert_msg(found, "no stack says what it makes of %s", rows[i].word);
    }
    for (size_t j = 0; j < count; j++)
        for (int stack = 0; stack < STACK_COUNT; stack++)
            ck_assert_msg(mappings[j].told[stack] != NULL || mappings[j].why[stack] != NULL,
                          "%s is refused without a reason", mappings[j].word);
}
END_TEST

START_TEST(what_cannot_be_told_is_refused)
{
    static const char *const refused[][2] = {
        {"  weakness \"checks no issuer\"\n", "its version says which"},
        {"  versions SSL 2.0 to TLS 1.2\n", "no stack speaks SSL 2.0"},
        {"  pin client_random 00\n", "only its authors know"},
        {"  on ClientHello: flip bit 100\n", "let the network change"},
        {"  grease yes\n", "nobody knows"},
        {"  heartbeat allowed\n", "heartbeats"},
        {"  extension 4660 00\n", "as it likes"},
        {"  extended_master_secret required\n", "never insists"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *text = g_strdup_printf("scenario \"x\"\n\nclient\n  is %s\n%s",
                                                peer_stack((StackKind)_i)->name, refused[i][0]);
        g_autofree char *report = NULL;
        Scenario *scenario = scenario_parse("x", "x", text, strlen(text), &report);
        ck_assert_msg(scenario == NULL, "%s is taken", refused[i][0]);
        ck_assert_msg(strstr(report, refused[i][1]) != NULL, "%s: %s", refused[i][0], report);
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("stacks");
    TCase *tests = tcase_create("stacks");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, the_watch_tells_what_a_party_tells, 0, 2);
    tcase_add_loop_test(tests, every_run_of_the_catalogue_with_a_stack, 0, G_N_ELEMENTS(sweeps));
    tcase_add_loop_test(tests, cells_of_versions_and_suites, 0, G_N_ELEMENTS(pairs));
    tcase_add_loop_test(tests, alerts_of_the_stacks, 0, G_N_ELEMENTS(alerts));
    tcase_add_loop_test(tests, openssl_repeats_byte_for_byte, 0, G_N_ELEMENTS(repeated));
    tcase_add_test(tests, every_option_is_mapped_or_refused);
    tcase_add_loop_test(tests, what_cannot_be_told_is_refused, 0, STACK_COUNT);
    suite_add_tcase(suite, tests);
    return support_run(suite);
}
