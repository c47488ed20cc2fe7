/* Whole runs: the honest matrix, determinism, invariants, the catalogue and its coverage.
 *
 * Every legal cell of versions, suites, client authentication and renegotiation connects, every
 * other is refused with the right alert; each is run twice to the same trace, byte for byte. The
 * catalogue covers the conversation list, and each of its expectations fails when it is turned into
 * a wrong one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "scenarios/catalogue.h"
#include "sim/coverage.h"
#include "sim/invariants.h"
#include "sim/world.h"
#include "tests/support/support.h"

typedef enum {
    AUTH_NO,
    AUTH_REQUESTED,
    AUTH_REQUESTED_NONE, /* and the client has none */
    AUTH_REQUIRED,
    AUTH_KINDS,
} Auth;

static const char *const agains[] = {"", "client renegotiates", "server renegotiates"};

static Trace *play(const Plan *plan)
{
    Fault fault = FAULT_INIT;
    g_autoptr(World) world = world_new(plan, &fault);
    ck_assert_msg(world != NULL, "%s", fault.sentence);
    world_run(world);
    g_autoptr(GPtrArray) broken = invariants_broken(world);
    if (broken->len > 0)
        ck_abort_msg("%s: %s", plan->name, (char *)g_ptr_array_index(broken, 0));
    return world_take_trace(world);
}

/* A digest over everything that an event says. */
static char *trace_digest(const Trace *trace)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        g_autofree char *line = g_strdup_printf(
            "%d %lu %d %d %d %d %d %d %d %d %d %d %s %s %s %s %s\n", event->number,
            (unsigned long)event->time, event->kind, event->party, event->link, event->epoch,
            event->record, event->arrival, event->message, event->row, event->result, event->fate,
            event->name, event->value, event->reason, event->before, event->after);
        Bytes bytes = bytes_from_gbytes(event->bytes), arrived = bytes_from_gbytes(event->received);
        g_checksum_update(sum, (const guchar *)line, -1);
        if (bytes.size > 0)
            g_checksum_update(sum, bytes.data, (gssize)bytes.size);
        if (arrived.size > 0)
            g_checksum_update(sum, arrived.data, (gssize)arrived.size);
    }
    return g_strdup(g_checksum_get_string(sum));
}

static void check_held(const Trace *trace, const char *name)
{
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    for (guint i = 0; i < last->expectations->len; i++) {
        const TraceExpectation *at = g_ptr_array_index(last->expectations, i);
        ck_assert_msg(at->held, "%s: %s: expected %s, got %s", name, at->text, at->expected,
                      at->got);
    }
}

/* What each server of a key exchange shows. */
static const char *shown_with(const Suite *suite)
{
    switch (key_exchange(suite->key_exchange)->authentication) {
    case AUTHENTICATION_DSS:
        return "www-dss";
    case AUTHENTICATION_ECDSA:
        return "www-ecdsa";
    case AUTHENTICATION_NONE:
    case AUTHENTICATION_PSK:
        return "nothing";
    case AUTHENTICATION_RSA:
    case AUTHENTICATION_FREE:
        break;
    }
    return "www";
}

/* One cell as a scenario: every legal one connects. */
static Plan *cell_plan(const Version *version, const Suite *suite, Auth auth, size_t again)
{
    static const char *const asks[] = {"nothing", "client certificate, requested",
                                       "client certificate, requested",
                                       "client certificate, required"};
    bool psk = key_exchange(suite->key_exchange)->authentication == AUTHENTICATION_PSK;
    const char *key = psk ? "  psk \"lab\" 00 11 22 33\n" : "";
    g_autofree char *text = g_strdup_printf(
        "client\n  versions %s\n  suites %s\n  shows %s\n%s"
        "server\n  versions %s\n  suites %s\n  asks %s\n  shows %s\n%s"
        "play\n  client requests \"/\"\n%s%s%s  client requests \"/again\"\n"
        "expect\n  both connected\n  version %s\n  suite %s\n  answer \"/again\" 200\n",
        version->name, suite->name,
        auth == AUTH_REQUESTED || auth == AUTH_REQUIRED ? "alice" : "nothing", key, version->name,
        suite->name, asks[auth], shown_with(suite), key, again > 0 ? "  " : "", agains[again],
        again > 0 ? "\n" : "", version->name, suite->name);
    return support_plan(text);
}

/* No suite of that key exchange stands before it in the table. */
static bool is_first_of_exchange(const Suite *suite, const Version *version)
{
    for (size_t i = 0; suite_at(i) != suite; i++)
        if (suite_at(i)->key_exchange == suite->key_exchange &&
            suite_fits(suite_at(i), version->number))
            return false;
    return true;
}

/* Only a server that has shown who it is may ask (RFC 5246 7.4.4), and only SSL 3.0 to TLS 1.2 know
 * a new handshake. Each suite meets a new handshake; one of each key exchange meets every way of
 * client authentication. */
static bool cell_exists(const Version *version, const Suite *suite, Auth auth, size_t again)
{
    bool renegotiates = version->number >= VERSION_SSL_3_0 && version->number < VERSION_TLS_1_3;
    bool whole = is_first_of_exchange(suite, version) || (auth == AUTH_NO && again <= 1);
    return whole && suite_fits(suite, version->number) && (again == 0 || renegotiates) &&
           (auth == AUTH_NO || strcmp(shown_with(suite), "nothing") != 0);
}

static void check_cell(const Plan *plan, size_t again)
{
    g_autoptr(Trace) trace = play(plan);
    g_autoptr(Trace) twin = play(plan);
    g_autofree char *a = trace_digest(trace);
    g_autofree char *b = trace_digest(twin);
    check_held(trace, plan->name);
    ck_assert_str_eq(a, b);
    unsigned connected = 0;
    for (size_t i = 0; i < trace_count(trace); i++)
        connected += trace_at(trace, i)->kind == TRACE_STATE &&
                     trace_party(trace, trace_at(trace, i)->party)->kind == PARTY_CLIENT &&
                     strcmp(trace_at(trace, i)->after, "CONNECTED") == 0 &&
                     g_str_has_suffix(trace_at(trace, i)->before, "FINISHED");
    ck_assert_msg(connected == (again > 0 ? 2 : 1), "%s: %u handshakes", plan->text, connected);
}

START_TEST(honest_matrix)
{
    unsigned legal = 0;
    for (size_t v = 0; v < version_count(); v++)
        for (size_t s = 0; s < suite_count(); s++)
            for (int auth = 0; auth < AUTH_KINDS; auth++)
                for (size_t again = 0; again < G_N_ELEMENTS(agains); again++) {
                    if (!cell_exists(version_at(v), suite_at(s), (Auth)auth, again))
                        continue;
                    g_autoptr(Plan) plan = cell_plan(version_at(v), suite_at(s), (Auth)auth, again);
                    check_cell(plan, again);
                    legal++;
                }
    printf("# %u legal cells connect\n", legal);
    ck_assert_uint_eq(legal, 799);
}
END_TEST

/* A client that offers a suite for another of its versions meets a server that cannot use it in the
 * version that both have: handshake_failure (RFC 5246 7.4.1.3). To a server of SSL 2.0 alone such a
 * client cannot speak at all: its first record is another format. */
START_TEST(refused_cells)
{
    unsigned refused = 0;
    for (size_t v = 0; v < version_count(); v++)
        for (size_t s = 0; s < suite_count(); s++) {
            const Version *version = version_at(v);
            const Suite *suite = suite_at(s);
            if (suite_fits(suite, version->number) || version->number == VERSION_SSL_2_0 ||
                suite->first == VERSION_SSL_2_0)
                continue;
            bool newer = suite->first > version->number;
            g_autofree char *text = g_strdup_printf(
                "client\n  versions %s to %s\n  suites %s\n"
                "server\n  versions %s\n  suites %s\n"
                "expect\n  both failed\n  server sends fatal handshake_failure\n  no data\n",
                newer ? version->name : number_text(NUMBER_VERSION, suite->last),
                newer ? number_text(NUMBER_VERSION, suite->first) : version->name, suite->name,
                version->name, suite->name);
            g_autoptr(Plan) plan = support_plan(text);
            g_autoptr(Trace) trace = play(plan);
            check_held(trace, suite->name);
            refused++;
        }
    printf("# %u pairs of version and suite are refused\n", refused);
    ck_assert_uint_eq(refused, 430);
}
END_TEST

/* Another seed changes randoms, keys and every Finished; the run's shape stays. */
START_TEST(another_seed)
{
    g_autoptr(Plan) plan = support_plan("client\n  versions TLS 1.2\n");
    g_autoptr(Trace) one = play(plan);
    plan->seed = 2;
    g_autoptr(Trace) two = play(plan);
    ck_assert_uint_eq(trace_count(one), trace_count(two));
    unsigned changed = 0;
    for (size_t i = 0; i < trace_count(one); i++) {
        const TraceEvent *a = trace_at(one, i), *b = trace_at(two, i);
        ck_assert_int_eq(a->kind, b->kind);
        if (a->kind == TRACE_KEYS && strcmp(a->name, "record_padding") == 0)
            continue; /* RFC 5246 6.2.3.2: its bytes are its length */
        bool secret = a->kind == TRACE_KEYS ||
                      (a->kind == TRACE_MESSAGE && a->message_kind == MESSAGE_FINISHED);
        if (!secret)
            continue;
        ck_assert_msg(!g_bytes_equal(a->bytes, b->bytes), "%s does not depend on the seed",
                      a->name == NULL ? "Finished" : a->name);
        changed++;
    }
    ck_assert_uint_ge(changed, 16);
}
END_TEST

/* A pinned label is one draw that changes nothing else. */
START_TEST(a_pin_shifts_nothing)
{
    g_autoptr(Plan) plan = support_plan("");
    g_autoptr(Plan) pinned = support_plan("server\n  pin session_id 00\n");
    g_autoptr(Trace) a = play(plan);
    g_autoptr(Trace) b = play(pinned);
    for (size_t i = 0; i < trace_count(a); i++) {
        const TraceEvent *x = trace_at(a, i), *y = trace_at(b, i);
        if (x->kind == TRACE_KEYS && g_str_has_suffix(x->name, "_random"))
            ck_assert_msg(g_bytes_equal(x->bytes, y->bytes), "%s has shifted", x->name);
        if (x->kind == TRACE_KEYS && strcmp(x->name, "premaster_secret") == 0)
            ck_assert(g_bytes_equal(x->bytes, y->bytes));
    }
}
END_TEST

/* Calls `visit` for every plan of the catalogue, but for the scenario `without`. */
static void each_plan(void (*visit)(Plan *plan, void *data), void *data, const char *without)
{
    for (guint i = 0; i < catalogue_count(); i++) {
        if (g_strcmp0(catalogue_name(i), without) == 0)
            continue;
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++)
            visit(scenario_plan(scenario, j), data);
    }
}

static void visit_twice(Plan *plan, void *data)
{
    unsigned *count = data;
    g_autoptr(Trace) trace = play(plan);
    g_autoptr(Trace) twin = play(plan);
    g_autofree char *a = trace_digest(trace);
    g_autofree char *b = trace_digest(twin);
    check_held(trace, plan->name);
    if (speakers_repeat(plan))
        ck_assert_str_eq(a, b);
    ck_assert_msg(plan->spec != NULL, "%s names no RFC section", plan->name);
    ck_assert_msg(plan->expects->len >= 2, "%s expects too little", plan->name);
    (*count)++;
}

START_TEST(catalogue_holds_twice)
{
    unsigned count = 0;
    each_plan(visit_twice, &count, NULL);
    printf("# %u runs of the catalogue, each twice to the same trace\n", count);
    ck_assert_uint_ge(count, 80);
}
END_TEST

static void visit_coverage(Plan *plan, void *data)
{
    g_autoptr(Trace) trace = play(plan);
    coverage_add(data, trace);
}

START_TEST(catalogue_covers_the_conversation)
{
    g_autoptr(Coverage) coverage = coverage_new();
    unsigned taken, all;
    each_plan(visit_coverage, coverage, NULL);
    coverage_count(coverage, &taken, &all);
    g_autoptr(GPtrArray) missing = coverage_missing(coverage);
    printf("# %u of %u rows and edges\n", taken, all);
    ck_assert_msg(missing->len == 0, "%u of %u: %s", taken, all,
                  missing->len == 0 ? "" : (char *)g_ptr_array_index(missing, 0));
}
END_TEST

/* The test of the test: without one scenario the coverage is not whole. */
START_TEST(coverage_can_fail)
{
    g_autoptr(Coverage) coverage = coverage_new();
    each_plan(visit_coverage, coverage, "client-auth-failed");
    g_autoptr(GPtrArray) missing = coverage_missing(coverage);
    ck_assert_uint_gt(missing->len, 0);
}
END_TEST

static void make_feature_wrong(PlanExpect *expect)
{
    switch ((int)expect->kind) {
    case EXPECT_GROUP:
        expect->number = expect->number == GROUP_X25519 ? GROUP_SECP256R1 : GROUP_X25519;
        return;
    case EXPECT_PROTOCOL:
        g_free(expect->text);
        expect->text = g_strdup("nobody chose this");
        return;
    default: /* yes or no */
        expect->number ^= 1;
        return;
    }
}

/* Makes an expectation wrong; false when it has been made so already. */
static bool make_wrong(PlanExpect *expect)
{
    switch (expect->kind) {
    case EXPECT_STATE:
        expect->end = expect->end == END_FAILED ? END_CONNECTED : END_FAILED;
        return true;
    case EXPECT_VERSION:
        expect->number = expect->number == VERSION_TLS_1_0 ? VERSION_TLS_1_1 : VERSION_TLS_1_0;
        return true;
    case EXPECT_ALERT:
    case EXPECT_ERROR:
        expect->number = expect->kind == EXPECT_ALERT ? (uint32_t)ALERT_USER_CANCELED
                                                      : SSL2_ERROR_UNSUPPORTED_CERTIFICATE_TYPE;
        return true;
    case EXPECT_CHECKS: {
        ExpectedCheck *first = &g_array_index(expect->checks, ExpectedCheck, 0);
        first->result = first->result == TRACE_PASSED ? TRACE_FAILED : TRACE_PASSED;
        return true;
    }
    case EXPECT_ANSWER:
        expect->number = 404;
        return true;
    case EXPECT_NO_DATA:
        expect->kind = EXPECT_DATA;
        expect->who = EXPECT_OF_CLIENT;
        expect->number = 7;
        return true;
    case EXPECT_RECEIVES_TEXT:
        g_free(expect->text);
        expect->text = g_strdup("nobody says this");
        return true;
    case EXPECT_DATA:
    case EXPECT_HANDSHAKES:
    case EXPECT_CONNECTIONS:
        expect->number++;
        return true;
    case EXPECT_NO_ALERT:
        expect->kind = EXPECT_ALERT;
        expect->who = EXPECT_OF_BOTH;
        expect->level = ALERT_LEVEL_FATAL;
        expect->number = ALERT_INTERNAL_ERROR;
        return true;
    case EXPECT_WARNED:
    case EXPECT_REFUSED:
        expect->kind = EXPECT_HANDSHAKES, expect->number = 99;
        return true;
    case EXPECT_SUITE:
    case EXPECT_READS:
    case EXPECT_RESUMED:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
    case EXPECT_EXPORTS:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
        make_feature_wrong(expect);
        return true;
    }
    return false;
}

static void visit_wrong(Plan *plan, void *data)
{
    unsigned *count = data;
    g_autoptr(Plan) wrong = plan_copy(plan);
    for (guint i = 0; i < wrong->expects->len; i++)
        ck_assert(make_wrong(g_ptr_array_index(wrong->expects, i)));
    g_autoptr(Trace) trace = play(wrong);
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    for (guint i = 0; i < last->expectations->len; i++) {
        const TraceExpectation *at = g_ptr_array_index(last->expectations, i);
        ck_assert_msg(!at->held, "%s: a wrong \"%s\" holds", plan->name, at->text);
        ck_assert(at->expected != NULL && at->got != NULL);
        ck_assert_str_ne(at->expected, at->got);
        (*count)++;
    }
}

START_TEST(wrong_expectations_fail)
{
    unsigned count = 0;
    each_plan(visit_wrong, &count, NULL);
    printf("# %u expectations turned into wrong ones, and all fail\n", count);
}
END_TEST

/* A rule that never fires fails the run, unless it says maybe. */
START_TEST(rule_that_never_fires)
{
    g_autoptr(Plan) plan = support_plan("network\n  on 2nd ClientHello from client: drop\n");
    g_autoptr(Trace) trace = play(plan);
    ck_assert(!trace_held(trace));
    g_autoptr(Plan) maybe = support_plan("network\n  on 2nd ClientHello from client: drop maybe\n");
    g_autoptr(Trace) other = play(maybe);
    ck_assert(trace_held(other));
}
END_TEST

/* A label that nobody draws is told, once; one that is drawn is not. */
START_TEST(pin_that_is_never_drawn)
{
    g_autoptr(Plan) plan = support_plan("client\n  pin nonsense 01, 02\n  pin client_random 00\n");
    g_autoptr(Trace) trace = play(plan);
    unsigned told = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        told += at->kind == TRACE_NOTE && strcmp(at->name, "pin") == 0;
    }
    ck_assert_uint_eq(told, 1);
}
END_TEST

/* What the network can do to a record, and what comes of it. */
START_TEST(network_rules)
{
    static const struct {
        const char *rule, *expect;
    } rows[] = {
        {"ServerHelloDone from server: delay 250 ms", "both connected"},
        {"ClientHello from client: drop", "both timed out"},
        {"ServerHelloDone from server: drop", "both timed out"},
        {"Certificate from server: duplicate", "client sends fatal unexpected_message"},
        {"ServerHello from server: truncate to 20 bytes", "both failed"},
        {"ClientHello from client: replace cipher_suites with 00 05",
         "server sends fatal handshake_failure"},
        {"ClientHello from client: replace cipher_suites with 00 05 00, lengths lying",
         "server sends fatal decode_error"},
        {"ServerHello from server: replace cipher_suite with 00 05",
         "client sends fatal illegal_parameter"},
        {"1st protected record from server: drop", "client timed out"},
        {"2nd protected record from client: duplicate", "server sends fatal bad_record_mac"},
        {"2nd protected record from client: truncate to 20 bytes",
         "server sends fatal bad_record_mac"},
        {"ChangeCipherSpec from client: drop", "server sends fatal unexpected_message"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf("client\n  suites TLS_RSA_WITH_AES_128_CBC_SHA\n"
                                                "server\n  suites TLS_RSA_WITH_AES_128_CBC_SHA\n"
                                                "network\n  on %s\nexpect\n  %s\n",
                                                rows[i].rule, rows[i].expect);
        g_autoptr(Plan) plan = support_plan(text);
        g_autoptr(Trace) trace = play(plan);
        check_held(trace, rows[i].rule);
    }
}
END_TEST

/* RFC 5246 7.4.1.4: an extension that a server does not know is ignored, and hashed all the same.
 */
START_TEST(unknown_extensions_are_ignored)
{
    g_autoptr(Plan) plan = support_plan(
        "client\n  on ClientHello: replace extensions with 00 0b 99 99 00 02 ab cd ff 01 00 01 00\n"
        "expect\n  both connected\n  no alert\n");
    g_autoptr(Trace) trace = play(plan);
    check_held(trace, "an unknown extension");
    bool carried = false;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && event->incoming &&
            event->message_kind == MESSAGE_CLIENT_HELLO)
            carried = span_find(event->spans, "extensions/extension/data") >= 0;
    }
    ck_assert(carried);
}
END_TEST

/* A handshake that can no longer advance ends by virtual time, in no real time. */
START_TEST(a_lost_flight_times_out)
{
    g_autoptr(Plan) plan = support_plan("network\n  on ClientKeyExchange from client: drop\n"
                                        "expect\n  no data\n");
    g_autoptr(Trace) trace = play(plan);
    check_held(trace, "a lost ClientKeyExchange");
    /* ChangeCipherSpec without keys is out of order: RFC 5246 7.1 */
    g_autoptr(Plan) silent = support_plan("network\n  on ClientHello from client: drop\n"
                                          "expect\n  both timed out\n  no alert\n  no data\n");
    g_autoptr(Trace) end = play(silent);
    check_held(end, "a lost ClientHello");
    const TraceEvent *last = trace_at(end, trace_count(end) - 1);
    ck_assert_uint_ge(last->time, 30 * G_USEC_PER_SEC);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("sim");
    TCase *runs = tcase_create("runs");
    tcase_set_timeout(runs, 300);
    tcase_add_test(runs, honest_matrix);
    tcase_add_test(runs, refused_cells);
    tcase_add_test(runs, another_seed);
    tcase_add_test(runs, a_pin_shifts_nothing);
    tcase_add_test(runs, catalogue_holds_twice);
    tcase_add_test(runs, catalogue_covers_the_conversation);
    tcase_add_test(runs, coverage_can_fail);
    tcase_add_test(runs, wrong_expectations_fail);
    tcase_add_test(runs, rule_that_never_fires);
    tcase_add_test(runs, pin_that_is_never_drawn);
    tcase_add_test(runs, network_rules);
    tcase_add_test(runs, unknown_extensions_are_ignored);
    tcase_add_test(runs, a_lost_flight_times_out);
    suite_add_tcase(suite, runs);
    return support_run(suite);
}
