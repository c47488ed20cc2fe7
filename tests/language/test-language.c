/* The language: what is printed reads back, and its table is whole.
 *
 * The catalogue and 1,000 generated plans are printed and read again to the same plan. What is
 * wrong stands in mistakes.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/suite.h"
#include "scenarios/attacks/attacks.h"
#include "scenarios/catalogue.h"
#include "scenarios/language/defaults.h"
#include "scenarios/language/statements.h"
#include "tests/language/language-tests.h"
#include "tests/support/support.h"

static Scenario *read_back(const char *name, const char *text)
{
    g_autofree char *report = NULL;
    Scenario *scenario = scenario_parse(name, "printed", text, strlen(text), &report);
    if (scenario == NULL)
        ck_abort_msg("%s\n%s", report, text);
    return scenario;
}

static void check_same(const Plan *got, const Plan *expected, const char *text)
{
    g_autofree char *where = NULL;
    bool same = plan_equal(got, expected, &where);
    ck_assert_msg(same, "%s: another %s after reading back:\n%s", expected->name, where, text);
}

START_TEST(catalogue_reads_back)
{
    for (guint i = 0; i < catalogue_count(); i++) {
        g_autoptr(Scenario) scenario = support_catalogue(catalogue_name(i));
        g_autofree char *text = scenario_print(scenario);
        g_autoptr(Scenario) again = read_back(catalogue_name(i), text);
        g_autofree char *twice = scenario_print(again);
        ck_assert_str_eq(text, twice);
        ck_assert_uint_eq(scenario_count(again), scenario_count(scenario));
        for (guint j = 0; j < scenario_count(scenario); j++) {
            Plan *plan = scenario_plan(scenario, j);
            check_same(scenario_plan(again, j), plan, text);
            g_autofree char *flat = plan_print(plan);
            g_autoptr(Scenario) alone = read_back(plan->name, flat);
            check_same(scenario_plan(alone, 0), plan, flat);
        }
    }
}
END_TEST

/* Random plans. */
static size_t below(GRand *rand, size_t bound)
{
    return (size_t)g_rand_int_range(rand, 0, (gint32)bound);
}

static const Suite *some_suite(GRand *rand)
{
    return suite_at(below(rand, suite_count()));
}

static char *some_text(GRand *rand)
{
    static const char *const parts[] = {"www", "\"", "\\", "ä", "#", " ", "→", ",", ":", "x\ny"};
    GString *text = g_string_new("t");
    for (size_t i = below(rand, 6); i > 0; i--)
        g_string_append(text, parts[below(rand, G_N_ELEMENTS(parts))]);
    return g_string_free(text, FALSE);
}

static char *some_host(GRand *rand)
{
    return g_strdup_printf("h%zu.lab.example", below(rand, 50));
}

static void vary_certificate(GRand *rand, Plan *plan, unsigned index)
{
    g_autofree char *name = g_strdup_printf("cert%u", index);
    CertificateSpec *spec = defaults_add_certificate(plan, name);
    spec->serial = below(rand, 2) ? below(rand, 10000) + 1 : 0;
    spec->not_before += (gint64)below(rand, 1000) * 60;
    spec->not_after -= (gint64)below(rand, 1000);
    spec->usage = (KeyUsage)below(rand, KEY_USAGES);
    spec->authority = below(rand, 2);
    spec->hash = (HashKind)below(rand, HASH_KINDS);
    spec->altered = below(rand, 2);
    spec->pss = below(rand, 2);
    spec->must_staple = below(rand, 2);
    spec->signed_by = below(rand, 2) ? g_strdup("rsa-2048-7") : NULL;
    if (below(rand, 3) == 0) {
        g_free(spec->issuer);
        spec->issuer = g_strdup(name);
    }
    if (below(rand, 2)) {
        g_autofree char *host = some_host(rand);
        g_free(spec->names);
        spec->names = g_strdup_printf("*.%s, %s", host, host);
    }
}

static Edit some_edit(GRand *rand, bool fields)
{
    Edit edit = {.kind = (EditKind)below(rand, 3), .number = (uint32_t)below(rand, 500)};
    const guint8 bytes[] = {(guint8)below(rand, 256), 0x0a, (guint8)below(rand, 256)};
    if (edit.kind == EDIT_REPLACE && !fields)
        edit.kind = EDIT_FLIP_BIT;
    if (fields && edit.kind != EDIT_TRUNCATE && (edit.kind == EDIT_REPLACE || below(rand, 2)))
        edit.path = g_strdup("extensions/server_name/server_name_list[0]/host_name");
    if (edit.kind == EDIT_REPLACE) {
        edit.number = 0;
        edit.bytes = g_bytes_new(bytes, below(rand, 4));
        edit.lengths_lie = below(rand, 2);
    }
    return edit;
}

/* Any value of any option that this side may say. */
static void vary_options(GRand *rand, PlanParty *party)
{
    static const uint32_t most[] = {
        [OPTION_YES] = 1,   [OPTION_NO] = 1,    [OPTION_NUMBER] = 0,   [OPTION_FEATURE] = 2,
        [OPTION_EARLY] = 2, [OPTION_MODES] = 3, [OPTION_FRAGMENT] = 4, [OPTION_HEARTBEAT] = 2,
    };
    unsigned side = party->kind == PARTY_CLIENT ? OPTION_OF_CLIENT : OPTION_OF_SERVER;
    size_t count = 0;
    const OptionRow *rows = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!(rows[i].of & side) || below(rand, 2))
            continue;
        uint32_t value = (uint32_t)below(rand, most[rows[i].kind] + 1);
        if (rows[i].kind == OPTION_NUMBER && below(rand, 4) > 0)
            value = rows[i].least + (uint32_t)below(rand, rows[i].most - rows[i].least + 1);
        option_set(&party->options, &rows[i], value);
    }
}

static GBytes *some_bytes(GRand *rand, size_t least)
{
    guint8 bytes[40];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)below(rand, 256);
    return g_bytes_new(bytes, least + below(rand, sizeof bytes - least));
}

static void vary_numbers(GRand *rand, PlanParty *party)
{
    for (size_t i = below(rand, 4); i > 0; i--) {
        g_array_append_val(party->groups, group_at(below(rand, group_count()))->number);
        g_array_append_val(party->schemes, scheme_at(below(rand, scheme_count()))->number);
        uint16_t type = (uint16_t)below(rand, below(rand, 2) ? 60 : 65536);
        g_array_append_val(party->extension_order, type);
    }
    bool shares = party->kind == PARTY_CLIENT && party->groups->len > 0 && below(rand, 2);
    if (shares)
        g_array_append_val(party->shares, g_array_index(party->groups, GroupNumber, 0));
    for (size_t i = below(rand, 3); i > 0; i--) {
        g_autoptr(GBytes) key = some_bytes(rand, 1);
        g_autofree char *identity = some_text(rand);
        g_ptr_array_add(party->psks, plan_psk_new(identity, bytes_from_gbytes(key),
                                                  below(rand, 2) ? HASH_SHA256 : HASH_SHA384));
        g_ptr_array_add(party->protocols, some_text(rand));
    }
}

static void vary_client_features(GRand *rand, PlanParty *client)
{
    g_autoptr(GBytes) data = some_bytes(rand, 0);
    if (below(rand, 2))
        g_ptr_array_add(client->raw_extensions, plan_raw_extension_new((uint16_t)below(rand, 65536),
                                                                       bytes_from_gbytes(data)));
    client->early_data = below(rand, 2) ? some_text(rand) : NULL;
    client->retries_lower = below(rand, 2);
    if (client->shows != NULL && below(rand, 2))
        g_ptr_array_add(client->also_shows, g_strdup("alice-ecdsa"));
}

static void vary_server_features(GRand *rand, PlanParty *server)
{
    server->psk_hint = below(rand, 2) ? some_text(rand) : NULL;
    server->notices_replays = below(rand, 2);
    server->staples = (Staple)below(rand, STAPLE_EXPIRED + 1);
    if (below(rand, 2))
        g_ptr_array_add(server->also_shows, g_strdup("www-ecdsa"));
    if (below(rand, 2)) {
        server->dh_prime = some_bytes(rand, 1);
        server->dh_generator = some_bytes(rand, 1);
    }
    if (below(rand, 2)) {
        server->export_prime = some_bytes(rand, 1);
        server->export_generator = some_bytes(rand, 1);
    }
}

/* What came with extensions, resumption and TLS 1.3. */
static void vary_features(GRand *rand, PlanParty *party)
{
    vary_options(rand, party);
    vary_numbers(rand, party);
    party->forgets_sessions = below(rand, 3) == 0;
    if (!party->forgets_sessions && below(rand, 2)) {
        party->cache_size = 1 + (uint32_t)below(rand, 999);
        party->cache_lifetime = 1 + (uint32_t)below(rand, 86399);
    }
    if (party->kind == PARTY_CLIENT)
        vary_client_features(rand, party);
    else
        vary_server_features(rand, party);
}

static void vary_party(GRand *rand, PlanParty *party)
{
    party->last = (ProtocolVersion)(VERSION_SSL_3_0 + below(rand, 5));
    party->first = (ProtocolVersion)(VERSION_SSL_3_0 + below(rand, party->last - 0x2ff));
    g_array_set_size(party->suites, 0);
    for (size_t i = 1 + below(rand, 5); i > 0; i--)
        g_array_append_val(party->suites, some_suite(rand)->number);
    party->refuses_renegotiation = below(rand, 2);
    party->weaknesses = (Weaknesses)below(rand, 4);
    party->fragment_size = below(rand, 3) ? 0 : 1 + below(rand, 16000);
    party->coalesces = below(rand, 2);
    party->empty_fragments = below(rand, 2);
    if (below(rand, 2))
        party->uses_key = g_strdup("rsa-1024-1");
    if (below(rand, 2))
        g_ptr_array_set_size(party->trusts, 0);
    if (below(rand, 2))
        g_ptr_array_add(party->trusts, g_strdup("alice"));
    PlanOwnEdit own = {.message = MESSAGE_FINISHED, .ordinal = (int)below(rand, 4)};
    own.edit = some_edit(rand, true);
    own.text = g_strdup("Finished");
    g_array_append_val(party->edits, own);
    const guint8 value[] = {1, 2, (guint8)below(rand, 256)};
    g_ptr_array_add(party->pins, plan_pin_new("client_random", BYTES_ARRAY(value)));
}

static void vary_balancer(GRand *rand, PlanParty *balancer)
{
    balancer->behind_plain_text = below(rand, 2);
    balancer->machines = 2;
    balancer->shares_ticket_keys = below(rand, 2);
    balancer->client_auth = (ClientAuth)below(rand, 3);
    balancer->last = VERSION_TLS_1_3;
    vary_options(rand, balancer);
}

static void vary_sides(GRand *rand, Plan *plan)
{
    PlanParty *client = plan_party(plan, PARTY_CLIENT);
    PlanParty *server = plan_party(plan, PARTY_SERVER);
    vary_party(rand, client);
    vary_party(rand, server);
    g_free(client->expects);
    client->expects = below(rand, 2) ? some_host(rand) : NULL;
    g_free(client->server_name);
    client->server_name = below(rand, 2) ? some_host(rand) : NULL;
    client->shows = below(rand, 2) ? g_strdup("alice") : NULL;
    client->user_goes_on = below(rand, 2);
    vary_features(rand, client);
    vary_features(rand, server);
    if (below(rand, 3) == 0)
        vary_balancer(rand, defaults_balancer(plan));
    server->machines = below(rand, 2) ? 2 + (unsigned)below(rand, 6) : 0;
    server->shares_sessions = server->machines > 0 && below(rand, 2);
    server->client_auth = (ClientAuth)below(rand, 3);
    server->refuses_by_alert = below(rand, 2);
    server->prefers_client_order = below(rand, 2);
    if (below(rand, 2))
        g_clear_pointer(&server->temporary_key, g_free);
    for (size_t i = below(rand, 3); i > 0; i--) {
        g_ptr_array_add(server->doors, plan_door_new("/door", below(rand, 2)));
        g_ptr_array_add(server->access, plan_access_new("CN=Alice\\, the first,O=Lab", "/door"));
    }
}

static void vary_network(GRand *rand, Plan *plan)
{
    static const MessageKind from_server[] = {MESSAGE_SERVER_HELLO, MESSAGE_CHANGE_CIPHER_SPEC,
                                              MESSAGE_NONE};
    plan->network.tap = (TapKind)below(rand, TAP_KEYLOG + 1);
    plan->network.latency = below(rand, 3) == 0 ? 0 : below(rand, 3000000);
    for (size_t i = below(rand, 4); i > 0; i--) {
        PlanRule *rule = plan_rule_new();
        rule->from = ROLE_SERVER;
        rule->message = from_server[below(rand, G_N_ELEMENTS(from_server))];
        rule->ordinal = (int)below(rand, 25);
        rule->action = (ActionKind)below(rand, 4);
        rule->delay = rule->action == ACTION_DELAY ? below(rand, 2000000) : 0;
        if (rule->action == ACTION_EDIT)
            rule->edit = some_edit(rand, rule->message != MESSAGE_NONE);
        rule->maybe = below(rand, 2);
        rule->text = g_strdup("");
        g_ptr_array_add(plan->rules, rule);
    }
    if (below(rand, 3) != 0)
        return;
    for (size_t i = 0; i < 1 + below(rand, 2); i++) {
        PlanAttack *attack = plan_attack_new(i == 0 ? "attacker" : "mallory");
        g_ptr_array_add(plan->attacks, attack);
        attack->program = g_strdup("man-in-the-middle");
        attack->code = attack_find("man-in-the-middle");
        attack->shows = g_strdup("alice");
        if (below(rand, 2))
            g_ptr_array_add(attack->trusts, g_strdup("lab-root"));
        if (below(rand, 2)) {
            attack->replaces = some_text(rand);
            attack->with = some_text(rand);
        }
    }
}

static void vary_acts(GRand *rand, Plan *plan)
{
    for (size_t i = 1 + below(rand, 5); i > 0; i--) {
        PlanAct *act = plan_act_new((ActKind)below(rand, ACT_WAIT + 1));
        act->who = (Role)below(rand, 2);
        if (act->kind == ACT_REQUEST || act->kind == ACT_WAIT || act->kind == ACT_RECONNECT)
            act->who = ROLE_CLIENT;
        else if (act->kind == ACT_ASK_CERTIFICATE || act->kind == ACT_ROTATE_TICKETS)
            act->who = ROLE_SERVER;
        if (act->kind == ACT_REQUEST)
            act->text = g_strdup_printf("/r%zu", below(rand, 9));
        else if (act->kind == ACT_SEND && below(rand, 2))
            act->text = some_text(rand);
        else if (act->kind == ACT_SEND)
            act->size = below(rand, 100000);
        else if (act->kind == ACT_HEARTBEAT || act->kind == ACT_EXPORT)
            act->text = some_text(rand);
        else if (act->kind == ACT_UPDATE_KEYS || act->kind == ACT_ROTATE_TICKETS)
            act->number = (uint32_t)below(rand, 2);
        else if (act->kind == ACT_WAIT)
            act->duration = below(rand, 3) ? below(rand, 5000000) : below(rand, 90) * 60000000;
        g_ptr_array_add(plan->acts, act);
    }
}

/* The checks that one side makes of the other's certificate. */
static GArray *some_checks(GRand *rand)
{
    GArray *checks = g_array_new(FALSE, TRUE, sizeof(ExpectedCheck));
    for (size_t i = 1 + below(rand, 5); i > 0; i--) {
        ExpectedCheck check = {(CheckKind)below(rand, CHECK_KINDS), (TraceResult)below(rand, 4)};
        g_array_append_val(checks, check);
    }
    return checks;
}

static void vary_feature(GRand *rand, PlanExpect *expect)
{
    if (expect->kind == EXPECT_PROTOCOL)
        expect->text = some_text(rand);
    else if (expect->kind == EXPECT_GROUP)
        expect->number = group_at(below(rand, group_count()))->number;
    else
        expect->number = (uint32_t)below(rand, 2);
}

static void some_answer(GRand *rand, PlanExpect *expect)
{
    expect->who = EXPECT_OF_CLIENT;
    expect->text = g_strdup("/r1");
    expect->number = below(rand, 2) ? 200 : 403;
}

static PlanExpect *some_expect(GRand *rand)
{
    PlanExpect *expect = plan_expect_new((ExpectKind)below(rand, EXPECT_CONNECTIONS + 1));
    expect->who = below(rand, 2) ? EXPECT_OF_CLIENT : EXPECT_OF_SERVER;
    switch (expect->kind) {
    case EXPECT_STATE:
        expect->who = (ExpectOf)(1 + below(rand, 3));
        expect->end = (EndState)below(rand, 4);
        return expect;
    case EXPECT_VERSION:
        expect->number = VERSION_TLS_1_1;
        break;
    case EXPECT_SUITE:
        expect->number = some_suite(rand)->number;
        break;
    case EXPECT_ALERT:
        expect->level = (AlertLevel)(1 + below(rand, 2));
        expect->number = ALERT_NO_RENEGOTIATION;
        return expect;
    case EXPECT_ERROR:
        expect->number = SSL2_ERROR_NO_CIPHER; /* fall through */
    case EXPECT_REFUSED:
        return expect;
    case EXPECT_CHECKS:
        expect->checks = some_checks(rand);
        return expect;
    case EXPECT_ANSWER:
        some_answer(rand, expect);
        return expect;
    case EXPECT_DATA:
        expect->number = (uint32_t)below(rand, 599);
        return expect;
    case EXPECT_RECEIVES_TEXT:
        expect->text = some_text(rand);
        return expect;
    case EXPECT_READS:
        expect->number = (uint32_t)below(rand, 2); /* fall through */
    case EXPECT_WARNED:
        expect->who = expect->kind != EXPECT_READS ? EXPECT_OF_CLIENT
                      : expect->number             ? EXPECT_OF_ATTACKER
                                                   : EXPECT_OF_LISTENER;
        return expect;
    case EXPECT_HANDSHAKES:
    case EXPECT_RESUMED:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
    case EXPECT_EXPORTS:
    case EXPECT_CONNECTIONS:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
        vary_feature(rand, expect);
        break;
    case EXPECT_NO_ALERT:
    case EXPECT_NO_DATA:
        break;
    }
    expect->who = EXPECT_OF_BOTH;
    return expect;
}

static Plan *some_plan(GRand *rand)
{
    Plan *plan = defaults_plan("generated");
    plan->title = some_text(rand);
    plan->about = below(rand, 2) ? some_text(rand) : NULL;
    plan->spec = below(rand, 2) ? g_strdup("RFC 5246 7.4.2, RFC 6101 5.5") : NULL;
    plan->clock += (gint64)below(rand, 100000);
    plan->seed = g_rand_int(rand);
    for (unsigned i = 0; i < below(rand, 4); i++)
        vary_certificate(rand, plan, i);
    vary_sides(rand, plan);
    vary_network(rand, plan);
    vary_acts(rand, plan);
    for (size_t i = 1 + below(rand, 6); i > 0; i--)
        g_ptr_array_add(plan->expects, some_expect(rand));
    return plan;
}

START_TEST(generated_plans_read_back)
{
    GRand *rand = g_rand_new_with_seed(7);
    for (int i = 0; i < 1000;) {
        g_autoptr(Plan) plan = some_plan(rand);
        g_autofree char *why = NULL;
        int line = 0;
        if (!plan_check(plan, &why, &line)) /* such as a listener that nobody declared */
            continue;
        i++;
        g_autoptr(Plan) copy = plan_copy(plan);
        g_autofree char *text = plan_print(plan);
        check_same(copy, plan, "a copy");
        g_autoptr(Scenario) scenario = read_back("generated", text);
        check_same(scenario_plan(scenario, 0), plan, text);
    }
    g_rand_free(rand);
}
END_TEST

/* Every statement of the table has its syntax and its words; no two of a section begin alike. */
START_TEST(the_table_is_whole)
{
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert(rows[i].parse != NULL && *rows[i].syntax != '\0');
        ck_assert(g_str_has_prefix(rows[i].syntax, rows[i].word));
        for (size_t j = 0; j < i; j++)
            ck_assert(!(rows[i].sections & rows[j].sections) ||
                      strcmp(rows[i].word, rows[j].word) != 0);
    }
}
END_TEST

/* Every word of every option is read as the value that it stands for, and printed in the same
 * words. */
START_TEST(options_read_and_print)
{
    size_t count = 0;
    const OptionRow *row = &options_table(&count)[_i];
    uint32_t most = row->kind == OPTION_NUMBER ? 0 : 3;
    if (row->kind == OPTION_YES || row->kind == OPTION_NO)
        most = 1;
    else if (row->kind == OPTION_FEATURE || row->kind == OPTION_EARLY ||
             row->kind == OPTION_HEARTBEAT)
        most = 2;
    else if (row->kind == OPTION_FRAGMENT)
        most = 4;
    PartyKind kind = row->of & OPTION_OF_CLIENT ? PARTY_CLIENT : PARTY_SERVER;
    for (uint32_t i = 0; i <= most + (row->kind == OPTION_NUMBER ? 2 : 0); i++) {
        uint32_t value = row->kind != OPTION_NUMBER || i == 0 ? i : i == 1 ? row->least : row->most;
        g_autoptr(Plan) plan = support_plan("");
        option_set(&plan_party(plan, kind)->options, row, value);
        g_autofree char *text = plan_print(plan);
        g_autoptr(Scenario) again = read_back(plan->name, text);
        check_same(scenario_plan(again, 0), plan, text);
        ck_assert_uint_eq(option_get(&plan_party(scenario_plan(again, 0), kind)->options, row),
                          value);
        g_autofree char *start = g_strdup_printf("\n  %s", row->word);
        ck_assert_ptr_nonnull(strstr(text, start));
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("language");
    TCase *language = tcase_create("language");
    tcase_set_timeout(language, 120);
    tcase_add_test(language, catalogue_reads_back);
    tcase_add_test(language, generated_plans_read_back);
    size_t options = 0;
    options_table(&options);
    tcase_add_loop_test(language, options_read_and_print, 0, (int)options);
    add_mistake_tests(language);
    tcase_add_test(language, the_table_is_whole);
    suite_add_tcase(suite, language);
    return support_run(suite);
}
