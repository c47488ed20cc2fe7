/* The program's own tables as text: what `show suites` and its sisters print.
 *
 * Each topic reads a table where it lies (the suites' rows, the alerts', the language's) and knows
 * nothing that is not in it, so that what is printed is what the program does. One thing alone is
 * written here: the spelling of actions, which the language reads by hand.
 */
#include "scenarios/cli/topics.h"

#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/key.h"
#include "core/crypto/scheme.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "core/engine/alerts.h"
#include "core/engine/conversation.h"
#include "core/engine/limits.h"
#include "core/engine/weakness.h"
#include "scenarios/attacks/attacks.h"
#include "scenarios/catalogue.h"
#include "scenarios/cli/table.h"
#include "scenarios/import/listen.h"
#include "scenarios/import/secrets_file.h"
#include "scenarios/language/parser.h"
#include "scenarios/language/scenario.h"
#include "sim/net/limits.h"
#include "sim/peers/peers.h"

static void print_suites(GString *text);
static void print_messages(GString *text);
static void print_numbers(GString *text);
static void print_alerts(GString *text);
static void print_actions(GString *text);
static void print_limits(GString *text);
static void print_weaknesses(GString *text);
static void print_statements(GString *text);
static void print_versions(GString *text);
static void print_keys(GString *text);
static void print_attacks(GString *text);
static void print_presets(GString *text);
static void print_conversation(GString *text);
static void print_peers(GString *text);

static const Topic topics[] = {
    {"statements", "the language of scenarios, statement by statement", print_statements},
    {"actions", "what a rule can do to a message or record", print_actions},
    {"suites", "the cipher suites, with their versions", print_suites},
    {"versions", "the versions, and what differs between them", print_versions},
    {"numbers", "groups and signature schemes, by name and number", print_numbers},
    {"messages", "the messages: who says them, and when", print_messages},
    {"conversation", "the order of messages as one list: the state machine", print_conversation},
    {"alerts", "the alerts, and SSL 2.0's errors: who raises them, and where", print_alerts},
    {"limits", "how long anything may be, and why", print_limits},
    {"weaknesses", "the checks that a party can be told to leave out", print_weaknesses},
    {"attacks", "the attack programs", print_attacks},
    {"presets", "clients and servers by name, with their sources", print_presets},
    {"peers", "the real stacks that can be a party, and what each can be told", print_peers},
    {"keys", "the fixed key pairs for certificates", print_keys},
};

const Topic *topics_table(size_t *count)
{
    *count = G_N_ELEMENTS(topics);
    return topics;
}

const Topic *topic_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(topics); i++)
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
    return NULL;
}

/* "TLS 1.0 to TLS 1.2". g_free. */
static char *version_range(ProtocolVersion first, ProtocolVersion last)
{
    const char *from = number_text(NUMBER_VERSION, first);
    if (first == last)
        return g_strdup(from);
    return g_strdup_printf("%s to %s", from, number_text(NUMBER_VERSION, last));
}

static void print_suites(GString *text)
{
    g_autoptr(Table) table = table_new("NUMBER", "NAME", "OPENSSL", "KEY", "VERSIONS", NULL);
    for (size_t i = 0; i < suite_count(); i++) {
        const Suite *suite = suite_at(i);
        g_autofree char *number = g_strdup_printf("0x%04x", suite->number);
        g_autofree char *versions = version_range(suite->first, suite->last);
        g_autofree char *key = g_strdup_printf("%u bytes", suite->key_material);
        table_add(table, number, suite->name, suite->openssl,
                  suite->key_material == 0 ? "none" : key, versions, NULL);
    }
    table_print(table, text);
    size_t count = 0;
    const NumberName *names = number_table(NUMBER_SUITE, &count);
    g_autoptr(Table) missing = table_new("NUMBER", "KNOWN, AND DOES NOT RUN HERE", "WHY", NULL);
    for (size_t i = 0; i < count; i++) {
        const char *why = suite_missing(names[i].value);
        g_autofree char *number = g_strdup_printf("0x%04x", names[i].value);
        if (why != NULL)
            table_add(missing, number, names[i].name, why, NULL);
    }
    g_string_append_c(text, '\n');
    table_print(missing, text);
}

static void print_versions(GString *text)
{
    static const char *const prfs[] = {[PRF_SSL3] = "MD5 of SHA-1, with letters",
                                       [PRF_MD5_SHA1] = "PRF of MD5 and SHA-1",
                                       [PRF_SUITE] = "PRF of the suite's hash",
                                       [PRF_SSL2] = "MD5, with digits",
                                       [PRF_HKDF] = "HKDF"};
    static const char *const macs[] = {[MAC_SSL3] = "its own, with pads",
                                       [MAC_HMAC] = "HMAC",
                                       [MAC_SSL2] = "MD5",
                                       [MAC_AEAD] = "none: AEAD"};
    static const char *const ivs[] = {[IV_CHAINED] = "the last block before",
                                      [IV_EXPLICIT] = "in each record",
                                      [IV_COUNTED] = "none: AEAD"};
    g_autoptr(Table) table =
        table_new("NUMBER", "NAME", "SOURCE", "KEYS BY", "MAC", "CBC'S IV", "FINISHED", NULL);
    for (size_t i = 0; i < version_count(); i++) {
        const Version *version = version_at(i);
        g_autofree char *number = g_strdup_printf("0x%04x", version->number);
        g_autofree char *size = g_strdup_printf("%zu bytes", version->finished_size);
        const char *finished = version->prf == PRF_SSL2 ? "an ID, sent back"
                               : version->prf == PRF_HKDF
                                   ? "as the suite's hash" /* RFC 8446 4.4.4 */
                                   : size;
        table_add(table, number, version->name, version->rfc, prfs[version->prf],
                  macs[version->mac], ivs[version->iv], finished, NULL);
    }
    table_print(table, text);
}

static void print_numbers(GString *text)
{
    g_autoptr(Table) groups = table_new("NUMBER", "GROUP", "FIELD", "KEY SHARE", NULL);
    g_autoptr(Table) schemes = table_new("NUMBER", "SIGNATURE SCHEME", "KEY", "VERSIONS", NULL);
    for (size_t i = 0; i < group_count(); i++) {
        const Group *group = group_at(i);
        g_autofree char *number = g_strdup_printf("0x%04x", group->number);
        g_autofree char *field = g_strdup_printf("%u bits", group->bits);
        g_autofree char *share = g_strdup_printf("%zu bytes", group->share_size);
        table_add(groups, number, group->name, field, share, NULL);
    }
    for (size_t i = 0; i < scheme_count(); i++) {
        const Scheme *scheme = scheme_at(i);
        g_autofree char *number = g_strdup_printf("0x%04x", scheme->number);
        if (scheme->number != SCHEME_NONE) /* those before TLS 1.2 are not chosen */
            table_add(schemes, number, scheme->name, key_kind_name(scheme->key),
                      scheme->in_tls13 ? "TLS 1.2 to TLS 1.3" : "TLS 1.2", NULL);
    }
    g_string_append(text, "Groups, in this laboratory's order of preference\n\n");
    table_print(groups, text);
    g_string_append(text, "\nSignature schemes, in this laboratory's order of preference\n\n");
    table_print(schemes, text);
}

/* Appends "client, server" as far as they say it in the list. Alerts and errors stand there only
 * where they are an answer; as a failure both may say them at any time (RFC 5246 7.2.2). */
static void append_speakers(GString *speakers, MessageKind message, const Step *steps, size_t count)
{
    if (message == MESSAGE_ALERT || message == MESSAGE_SSL2_ERROR) {
        g_string_assign(speakers, "client, server");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = role_name(steps[i].from);
        if (steps[i].message == message && strstr(speakers->str, name) == NULL)
            g_string_append_printf(speakers, "%s%s", speakers->len > 0 ? ", " : "", name);
    }
}

static void print_messages(GString *text)
{
    size_t count = 0, later_count = 0;
    const NumberName *names = number_table(NUMBER_MESSAGE, &count);
    g_autoptr(Table) table = table_new("TYPE", "NAME", "SAID BY", "ONCE CONNECTED BY", NULL);
    for (size_t i = 0; i < count; i++) {
        MessageKind message = (MessageKind)names[i].value;
        g_autoptr(GString) first = g_string_new(NULL);
        g_autoptr(GString) then = g_string_new(NULL);
        for (Family family = 0; family < FAMILIES; family++) {
            const Conversation *conversation = conversation_of(family);
            bool post = family == FAMILY_TLS13_POST;
            const Step *later = conversation_established(family, &later_count);
            append_speakers(post ? then : first, message, conversation->steps, conversation->count);
            append_speakers(then, message, later, later_count);
        }
        if (first->len == 0 && then->len == 0)
            continue;
        g_autofree char *number =
            names[i].value < 256 ? g_strdup_printf("%u", names[i].value) : g_strdup("-");
        table_add(table, number, names[i].name, first->len > 0 ? first->str : "-",
                  then->len > 0 ? then->str : "-", NULL);
    }
    table_print(table, text);
    g_string_append(text, "\nTheir fields, and the paths to them: shakedown run client-auth "
                          "--trace=fields\n");
}

static const char *raised_by(RaisedBy by)
{
    switch (by) {
    case RAISED_BY_CLIENT:
        return "client";
    case RAISED_BY_SERVER:
        return "server";
    case RAISED_BY_BOTH:
        return "both";
    case RAISED_BY_NOBODY:
        break;
    }
    return "nobody";
}

/* draft-hickman-netscape-ssl 2.7: four of them, and any other failure just ends the connection. */
static void print_errors(GString *text)
{
    size_t count = 0;
    const NumberName *names = number_table(NUMBER_SSL2_ERROR, &count);
    g_string_append(text, "\nSSL 2.0 has no alerts, but errors (`client sends error NAME`):\n\n");
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "0x%04x  %s\n", names[i].value, names[i].name);
}

static void print_alerts(GString *text)
{
    size_t count = 0;
    const AlertRow *rows = alerts_table(&count);
    g_autoptr(Table) table = table_new("NUMBER", "NAME", "LEVEL", "VERSIONS", "BY", "WHERE", NULL);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *number = g_strdup_printf("%u", rows[i].alert);
        g_autofree char *versions = version_range(rows[i].first, rows[i].last);
        g_autofree char *where = g_strdup_printf("%s (%s)", rows[i].where, rows[i].rfc);
        table_add(table, number, number_text(NUMBER_ALERT, rows[i].alert),
                  number_text(NUMBER_ALERT_LEVEL, rows[i].level), versions, raised_by(rows[i].by),
                  where, NULL);
    }
    table_print(table, text);
    print_errors(text);
}

static void print_actions(GString *text)
{
    static const struct {
        const char *syntax, *about;
    } actions[] = {
        {"drop", "it never arrives"},
        {"delay TIME", "it arrives later by that: 250 ms, 1 s"},
        {"duplicate", "it arrives twice"},
        {"flip bit N [of FIELD]", "one bit is the other; bit 0 is the first byte's highest"},
        {"truncate to N [bytes]", "the rest is cut off"},
        {"replace FIELD with HEX | NAME | nothing [, lengths lying]",
         "another value; the lengths around it follow, unless they shall lie"},
    };
    g_autoptr(Table) table = table_new("ACTION", "EFFECT", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        table_add(table, actions[i].syntax, actions[i].about, NULL);
    g_string_append(text,
                    "Under network, on what is carried:\n"
                    "  on [2nd] MESSAGE from client | server: ACTION [maybe]\n"
                    "  on [2nd] protected record from client | server: ACTION [maybe]\n"
                    "Under client or server, on what it says itself, before it is protected:\n"
                    "  on [2nd] MESSAGE: ACTION\n"
                    "A rule that never fires fails the run, unless it says maybe. Under keys\n"
                    "the network sees no fields. Fields are named by their path, as in\n"
                    "`shakedown run NAME --trace=fields`.\n\n");
    table_print(table, text);
}

/* clang-format off */
static const struct {
    const char *name;
    int most;
    const char *unit, *answer, *reason;
} outer_limits[] = {
    {"scenario file", SCENARIO_FILE_MOST, "bytes", "refused", "the longest built-in one has 10 kB"},
    {"key log", SECRETS_FILE_MOST, "bytes", "refused", "350,000 lines: a day of a busy server"},
    {"connections of a capture", CONNECTIONS_MOST, "connections", "left out", "a list longer than that is for another tool"},
    {"stream of a capture", STREAM_MOST, "bytes", "left out", "each way of a connection: 1,000 full records"},
    {"all streams of a capture", STREAMS_MOST, "bytes", "left out", "what is kept of a file of any size"},
    {"records of a capture", LISTEN_RECORDS_MOST, "a connection", "left out", "pictures and ladders end long before"},
    {"open connections", NET_CONNECTIONS_MOST, "at once", "waits outside", "the usual 1,024 descriptors, two for each of a relay"},
    {"bytes from a socket", NET_BYTES_MOST, "bytes", "cut", "a lesson has kilobytes"},
    {"bytes from all sockets", NET_ALL_MOST, "bytes", "cut", "a trace keeps them, several times"},
    {"events of a connection", NET_EVENTS_MOST, "events", "cut", "a handshake has a hundred"},
    {"patience with a socket", NET_PATIENCE, "seconds", "cut", "for a handshake, and for silence; --patience says another"},
    {"life of a connection", NET_LIFETIME, "seconds", "cut", "however busy it is"},
};
/* clang-format on */

static void print_limits(GString *text)
{
    size_t count = 0;
    const Limit *limits = limits_table(&count);
    g_autoptr(Table) table = table_new("LIMIT", "MOST", "ONE MORE IS", "WHY", NULL);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *most = g_strdup_printf("%zu %s", limits[i].most, limits[i].unit);
        table_add(table, limits[i].name, most, limits[i].alert, limits[i].reason, NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(outer_limits); i++) {
        g_autofree char *most =
            g_strdup_printf("%d %s", outer_limits[i].most, outer_limits[i].unit);
        table_add(table, outer_limits[i].name, most, outer_limits[i].answer, outer_limits[i].reason,
                  NULL);
    }
    table_print(table, text);
}

static void print_weaknesses(GString *text)
{
    size_t count = 0;
    const WeaknessRow *rows = weakness_table(&count);
    g_autoptr(Table) table = table_new("WEAKNESS", "SEEN IN", "LEAVES OUT", "WHAT IT MEANS", NULL);
    for (size_t i = 0; i < count; i++)
        table_add(table, rows[i].name, *rows[i].cve == '\0' ? "-" : rows[i].cve, rows[i].rfc,
                  rows[i].sentence, NULL);
    table_print(table, text);
}

static void print_statement(GString *text, const StatementRow *row)
{
    g_string_append_printf(text, "  %s\n", row->syntax);
    bool about = row->about != NULL && *row->about != '\0';
    bool standard = row->standard != NULL && *row->standard != '\0';
    if (about)
        g_string_append_printf(text, "      %s\n", row->about);
    if (standard)
        g_string_append_printf(text, "      when not said: %s\n", row->standard);
}

static void print_statements(GString *text)
{
    static const char *const heads[SECTION_COUNT] = {
        [SECTION_SCENARIO] = "scenario \"TITLE\"",
        [SECTION_CERTIFICATE] = "certificate NAME",
        [SECTION_CLIENT] = "client [like NAME]",
        [SECTION_BALANCER] = "balancer [like NAME]",
        [SECTION_SERVER] = "server [like NAME]",
        [SECTION_NETWORK] = "network",
        [SECTION_ATTACKER] = "attacker PROGRAM [as NAME]",
        [SECTION_PLAY] = "play",
        [SECTION_EXPECT] = "expect",
        [SECTION_CASE] = "case \"NAME\"",
    };
    static const char *const abouts[SECTION_COUNT] = {
        [SECTION_CERTIFICATE] =
            "lab-root, www, alice and their kin are there already: what is said "
            "here of one replaces",
        [SECTION_CLIENT] =
            "like IE 6: what `show presets` knows of that one, ahead of what is said "
            "here",
        [SECTION_BALANCER] = "the client's TLS ends here; without this section there is none",
        [SECTION_SERVER] = "like IIS 5.0: see client",
        [SECTION_ATTACKER] =
            "stands between client and server, with a lifeline: see `show attacks`",
    };
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    for (int section = 0; section < SECTION_COUNT; section++) {
        g_string_append_printf(text, "%s%s\n", section > 0 ? "\n" : "", heads[section]);
        if (abouts[section] != NULL)
            g_string_append_printf(text, "      %s\n", abouts[section]);
        for (size_t i = 0; i < count; i++)
            if (rows[i].sections & 1u << section)
                print_statement(text, &rows[i]);
    }
    g_string_append(text, "  any statement of a scenario's head, and sections one step deeper\n"
                          "      a case is the scenario with these on top: single values replace,\n"
                          "      rules and acts are added, expect replaces the whole\n");
}

static void print_keys(GString *text)
{
    g_autoptr(Table) table = table_new("KEY", "WHAT IT IS", NULL);
    for (guint i = 0; i < pki_count(); i++) {
        g_autoptr(GBytes) pem = pki_pem(i);
        g_autoptr(PrivateKey) key = private_key_from_pem(bytes_from_gbytes(pem), NULL);
        g_assert(key != NULL); /* a test reads them all */
        g_autoptr(PublicKey) half = private_key_public(key);
        g_autofree char *what = public_key_text(half);
        table_add(table, pki_name(i), what, NULL);
    }
    table_print(table, text);
}

static void print_presets(GString *text)
{
    g_autoptr(Table) table =
        table_new("SIDE", "LIKE", "VERSIONS", "WHAT IT IS, AND FROM WHERE THAT IS KNOWN", NULL);
    for (guint i = 0; i < preset_count(); i++) {
        g_autoptr(GBytes) source = preset_text(i);
        g_autofree char *report = NULL;
        gsize size = 0;
        const char *data = g_bytes_get_data(source, &size);
        const char *name = preset_name(i);
        g_autoptr(Scenario) preset = scenario_parse(name, name, data, size, &report);
        if (preset == NULL)
            g_error("%s", report); /* the build put it there */
        bool client = strcmp(preset_side(i), "client") == 0;
        const PlanParty *party = plan_party(preset->base, client ? PARTY_CLIENT : PARTY_SERVER);
        g_autofree char *versions = version_range(party->first, party->last);
        table_add(table, preset_side(i), name, versions, preset->base->about, NULL);
    }
    table_print(table, text);
}

static void print_attacks(GString *text)
{
    size_t count = 0;
    const AttackProgram *const *programs = attacks_table(&count);
    g_autoptr(Table) table = table_new("PROGRAM", "WHAT IT DOES", NULL);
    for (size_t i = 0; i < count; i++)
        table_add(table, programs[i]->name, programs[i]->about, NULL);
    table_print(table, text);
}

/* "CERT_ASKED and SSL3, not NO_CERT_ALERT"; "-" for always. g_free. */
static char *condition(const Step *step)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < FACT_COUNT; i++)
        if (step->when & 1u << i)
            g_string_append_printf(text, "%s%s", text->len > 0 ? " and " : "", fact_name(1u << i));
    for (int i = 0; i < FACT_COUNT; i++)
        if (step->unless & 1u << i)
            g_string_append_printf(text, "%snot %s", text->len > 0 ? ", " : "", fact_name(1u << i));
    if (text->len == 0)
        g_string_append_c(text, '-');
    return g_string_free(text, FALSE);
}

static const char *under_text(Under under)
{
    switch (under) {
    case UNDER_CURRENT:
        return "keys in force";
    case UNDER_NEW:
        return "new keys";
    case UNDER_HANDSHAKE:
        return "handshake keys";
    case UNDER_EARLY:
        return "early keys";
    }
    return "";
}

static void add_steps(Table *table, const Step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autofree char *when = condition(&steps[i]);
        g_autofree char *lesson = g_strdup_printf("%u", steps[i].teaching);
        table_add(table, lesson, role_name(steps[i].from),
                  number_text(NUMBER_MESSAGE, steps[i].message), under_text(steps[i].under),
                  steps[i].state, when, NULL);
    }
}

static void print_family(GString *text, Family family)
{
    const Conversation *conversation = conversation_of(family);
    size_t count = 0;
    const Step *established = conversation_established(family, &count);
    g_autoptr(Table) table =
        table_new("STEP", "FROM", "MESSAGE", "UNDER", "WHO WAITS FOR IT IS IN", "WHEN", NULL);
    g_autoptr(Table) later =
        table_new("STEP", "FROM", "MESSAGE", "UNDER", "WHO WAITS FOR IT IS IN", "WHEN", NULL);
    g_string_append_printf(text, "%s\n\n", conversation->name);
    add_steps(table, conversation->steps, conversation->count);
    table_print(table, text);
    const Progress start = {0};
    g_autoptr(GPtrArray) all = conversation_enumerate(conversation, &start);
    g_string_append_printf(text, "\nThe list allows %u conversations.\n\n", all->len);
    if (family == FAMILY_TLS13_POST)
        return;
    g_string_append(text, "At any time once connected\n\n");
    add_steps(later, established, count);
    table_print(later, text);
    g_string_append_c(text, '\n');
}

static void print_conversation(GString *text)
{
    g_string_append(text, "State names are those of RFC 8446 for TLS 1.3; the RFCs before it give "
                          "none, and those are ours.\n\n");
    for (Family family = 0; family < FAMILIES; family++)
        print_family(text, family);
}

static const char *told_or_refused(const PeerMapping *row, StackKind stack)
{
    return row->told[stack] != NULL ? row->told[stack] : "refused";
}

static void print_peers(GString *text)
{
    size_t count = 0;
    const PeerStack *stacks = peers_table(&count);
    g_string_append(text, "Real stacks that can be the client or the server: \"is NAME\" in a\n"
                          "scenario, --client NAME and --server NAME on the command line.\n\n");
    g_autoptr(Table) built = table_new("NAME", "STACK", "RUNS REPEAT", NULL);
    for (size_t i = 0; i < count; i++)
        table_add(built, stacks[i].name,
                  stacks[i].source == NULL ? "not built in" : stacks[i].version(),
                  stacks[i].source == NULL    ? "-"
                  : stacks[i].source->repeats ? "byte for byte"
                                              : "no: its randomness is its own",
                  NULL);
    table_print(built, text);
    g_string_append(text, "\nHow they are told what a party says; what is said by default is left\n"
                          "to their own ways:\n\n");
    const PeerMapping *rows = peer_mappings(&count);
    g_autoptr(Table) mapped = table_new("STATEMENT", "OPENSSL", "GNUTLS", NULL);
    for (size_t i = 0; i < count; i++)
        table_add(mapped, rows[i].word, told_or_refused(&rows[i], STACK_OPENSSL),
                  told_or_refused(&rows[i], STACK_GNUTLS), NULL);
    table_print(mapped, text);
    g_string_append(text, "\nWhat cannot be told, or not all of it, and why:\n\n");
    g_autoptr(Table) refused = table_new("STATEMENT", "STACK", "WHY", NULL);
    for (size_t i = 0; i < count; i++)
        for (StackKind stack = 0; stack < STACK_COUNT; stack++)
            if (rows[i].why[stack] != NULL)
                table_add(refused, rows[i].word, peer_stack(stack)->title, rows[i].why[stack],
                          NULL);
    table_print(refused, text);
}
