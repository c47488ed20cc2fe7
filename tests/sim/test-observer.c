/* The observer reads what the endpoints said.
 *
 * Every honest run of the catalogue, from outside: with the key log (and in SSL 2.0, which has
 * none, with the server's key) it must read every message, in its order, byte for byte as the
 * endpoint says that it said it. With the server's key alone it reads exactly the runs whose key
 * exchange encrypts to that key: RFC 5246 F.1.1.2 and F.1.1.3, RFC 8446 E.1. And it survives
 * anything: records that were flipped, cut and mixed.
 */
#include <stdio.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "core/engine/observer.h"
#include "scenarios/catalogue.h"
#include "sim/pki.h"
#include "sim/world.h"
#include "tests/support/support.h"

/* What passed, one line a message and direction. */
typedef struct {
    GString *lines[2];
    GByteArray *data[2]; /* application data since the last line */
    unsigned closed;
    const Trace *trace;
} Reading;

static Reading *reading_new(const Trace *trace)
{
    Reading *reading = g_new0(Reading, 1);
    reading->trace = trace;
    for (int i = 0; i < 2; i++) {
        reading->lines[i] = g_string_new(NULL);
        reading->data[i] = g_byte_array_new();
    }
    return reading;
}

static void reading_free(Reading *reading)
{
    for (int i = 0; i < 2; i++) {
        g_string_free(reading->lines[i], TRUE);
        g_byte_array_unref(reading->data[i]);
    }
    g_free(reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

static void end_data(Reading *reading, Direction direction)
{
    GByteArray *data = reading->data[direction];
    g_autofree char *hex = bytes_to_hex(bytes_from_array(data), NULL);
    if (data->len > 0)
        g_string_append_printf(reading->lines[direction], "data %s\n", hex);
    g_byte_array_set_size(data, 0);
}

static void add(Reading *reading, Direction direction, MessageKind kind, Bytes bytes)
{
    if (kind == MESSAGE_APPLICATION_DATA) { /* however it is cut into records */
        bytes_append(reading->data[direction], bytes);
        return;
    }
    end_data(reading, direction);
    g_autofree char *hex = bytes_to_hex(bytes, NULL);
    g_string_append_printf(reading->lines[direction], "%s %s\n", message_name(kind), hex);
}

static void visit(void *data, const Observed *observed)
{
    Reading *reading = data;
    if (observed->kind == MESSAGE_NONE) {
        ck_assert_ptr_nonnull(observed->why);
        reading->closed++;
        return;
    }
    add(reading, observed->direction, observed->kind, observed->bytes);
}

static size_t logged(void *data, const char *label, Bytes client_random, uint8_t *output)
{
    const Reading *reading = data;
    for (size_t i = 0; i < trace_count(reading->trace); i++) {
        const TraceEvent *event = trace_at(reading->trace, i);
        if (g_strcmp0(trace_secret_label(event), label) != 0)
            continue;
        const TraceEvent *random = trace_secret_random(reading->trace, i);
        if (random == NULL || !bytes_equal(bytes_from_gbytes(random->bytes), client_random))
            continue;
        Bytes secret = bytes_from_gbytes(event->bytes);
        memcpy(output, secret.data, secret.size);
        return secret.size;
    }
    return 0;
}

/* Feeds the records of a run, as they were sent. */
static void read_run(Reading *reading, bool keylog, const PrivateKey *rsa)
{
    const ObserverKeys keys = {.rsa = rsa, .secret = keylog ? logged : NULL, .data = reading};
    g_autoptr(Observer) observer = observer_new(&keys, visit, reading);
    int connection = 0;
    for (size_t i = 0; i < trace_count(reading->trace); i++) {
        const TraceEvent *event = trace_at(reading->trace, i);
        if (event->kind != TRACE_RECORD)
            continue;
        if (event->connection != connection)
            observer_connect(observer);
        connection = event->connection;
        observer_record(observer, event->direction, bytes_from_gbytes(event->bytes));
    }
    end_data(reading, DIRECTION_TO_SERVER);
    end_data(reading, DIRECTION_TO_CLIENT);
}

static void said_in_run(Reading *reading)
{
    for (size_t i = 0; i < trace_count(reading->trace); i++) {
        const TraceEvent *event = trace_at(reading->trace, i);
        if (event->kind == TRACE_MESSAGE && !event->incoming)
            add(reading, event->direction, event->message_kind, bytes_from_gbytes(event->bytes));
    }
    end_data(reading, DIRECTION_TO_SERVER);
    end_data(reading, DIRECTION_TO_CLIENT);
}

static bool is_honest(const Plan *plan)
{
    return plan->attacks->len == 0 && plan->rules->len == 0 && plan->parties->len == 2;
}

/* The suite of the last handshake; NULL when none was chosen. */
static const Suite *suite_of(const Trace *trace)
{
    const Suite *suite = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && strcmp(event->name, "cipher_suite") == 0)
            suite = suite_by_name(event->value);
    }
    return suite;
}

typedef struct {
    unsigned runs, opened, closed;
} Count;

static void compare(const char *name, const Reading *read, const Reading *said)
{
    for (int i = 0; i < 2; i++)
        if (strcmp(read->lines[i]->str, said->lines[i]->str) != 0)
            ck_abort_msg("%s: read\n%.3000s\nsaid\n%.3000s", name, read->lines[i]->str,
                         said->lines[i]->str);
    ck_assert_msg(read->closed == 0, "%s: %u records stay closed", name, read->closed);
}

static void visit_plan(Plan *plan, Count *count)
{
    Fault fault = FAULT_INIT;
    if (!is_honest(plan))
        return;
    g_autoptr(Trace) trace = world_play(plan, &fault);
    ck_assert_msg(trace != NULL, "%s", fault.sentence);
    g_autoptr(Pki) pki = pki_new(plan, &fault);
    Credential credential = {0};
    const PlanParty *server = plan_party(plan, PARTY_SERVER);
    ck_assert(pki_credential(pki, server->shows, server->uses_key, &credential, &fault));
    g_autoptr(Reading) said = reading_new(trace);
    said_in_run(said);
    const Suite *suite = suite_of(trace);
    bool ssl2 = suite != NULL && suite->key_exchange == KEY_EXCHANGE_SSL2;
    g_autoptr(Reading) read = reading_new(trace);
    read_run(read, true, ssl2 ? credential.key : NULL);
    compare(plan->name, read, said);
    count->runs++;
    bool fits = server->uses_key == NULL && server->also_shows->len == 0;
    if (suite != NULL && credential.key != NULL && fits) {
        Agreement agreement = key_exchange(suite->key_exchange)->agreement;
        bool opens = (agreement == AGREEMENT_RSA && suite->key_exchange == KEY_EXCHANGE_RSA) ||
                     agreement == AGREEMENT_SSL2;
        g_autoptr(Reading) keyed = reading_new(trace);
        read_run(keyed, false, credential.key);
        bool secret = !g_str_equal(said->lines[0]->str, keyed->lines[0]->str) ||
                      !g_str_equal(said->lines[1]->str, keyed->lines[1]->str);
        ck_assert_msg(secret == (keyed->closed > 0), "%s", plan->name);
        ck_assert_msg(!opens || !secret, "%s: the key does not open it", plan->name);
        count->opened += !secret;
        count->closed += secret;
    }
    g_clear_pointer(&credential.chain, g_ptr_array_unref);
}

START_TEST(reads_every_honest_run)
{
    Count count = {0};
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        for (guint j = 0; j < scenario_count(scenario); j++)
            visit_plan(scenario_plan(scenario, j), &count);
    }
    printf("# %u runs read with the key log; the server's key alone opens %u of them, %u stay "
           "closed\n",
           count.runs, count.opened, count.closed);
    ck_assert_uint_ge(count.runs, 250);
    ck_assert_uint_ge(count.closed, 50);
}
END_TEST

/* Whatever passes, it ends, and says why. */
START_TEST(survives_anything)
{
    static const char *const names[] = {"normal", "tls-1.3", "ssl-2.0", "session-id"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (int round = 0; round < 400; round++) {
        Fault fault = FAULT_INIT;
        g_autoptr(Scenario) scenario = support_catalogue(names[round % 4]);
        g_autoptr(Trace) trace = world_play(scenario_plan(scenario, 0), &fault);
        g_autoptr(Reading) reading = reading_new(trace);
        const ObserverKeys keys = {.secret = logged, .data = reading};
        g_autoptr(Observer) observer = observer_new(&keys, visit, reading);
        for (size_t i = 0; i < trace_count(trace); i++) {
            const TraceEvent *event = trace_at(trace, i);
            if (event->kind != TRACE_RECORD)
                continue;
            g_autoptr(GByteArray) bytes = g_byte_array_new();
            bytes_append(bytes, bytes_from_gbytes(event->bytes));
            if (g_rand_int_range(rand, 0, 4) == 0)
                bytes->data[g_rand_int_range(rand, 0, (gint32)bytes->len)] ^=
                    (uint8_t)(1u << g_rand_int_range(rand, 0, 8));
            if (g_rand_int_range(rand, 0, 16) == 0)
                g_byte_array_set_size(bytes, (guint)g_rand_int_range(rand, 0, (gint32)bytes->len));
            unsigned other = g_rand_int_range(rand, 0, 16) == 0;
            observer_record(observer, (Direction)(event->direction ^ other),
                            bytes_from_array(bytes));
        }
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("observer");
    TCase *all = tcase_create("observer");
    tcase_set_timeout(all, 300);
    tcase_add_test(all, reads_every_honest_run);
    tcase_add_test(all, survives_anything);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
