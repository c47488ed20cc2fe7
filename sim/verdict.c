/* What came of a run, held against what the scenario expects.
 *
 * Each kind of expectation is one fold over the events: it sees what a reader of the trace sees,
 * and so cannot be wrong in a way that the trace does not show. Expected and got are written in the
 * same words, so that a difference reads itself.
 */
#include "sim/judge.h"

#include <string.h>

static int party_of(const Trace *trace, PartyKind kind)
{
    for (guint i = 0; i < trace->header.parties->len; i++)
        if (trace_party(trace, (int)i)->kind == kind)
            return (int)i;
    return -1;
}

int party_of_role(const Trace *trace, Role role)
{
    return party_of(trace, role == ROLE_CLIENT ? PARTY_CLIENT : PARTY_SERVER);
}

void judge(Judgement *judgement, bool held, const char *expected, const char *got, int event)
{
    g_free(judgement->result->expected);
    g_free(judgement->result->got);
    judgement->result->expected = g_strdup(expected);
    judgement->result->got = g_strdup(got);
    judgement->result->held = held;
    judgement->result->event = event;
}

/* How a party ended. */
static EndState end_of(const Trace *trace, int party, int *event)
{
    bool connected = false;
    const char *last = "START";
    *event = -1;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind != TRACE_STATE || at->party != party)
            continue;
        last = at->after;
        *event = at->number;
        connected = strcmp(last, "START") != 0 && (connected || strcmp(last, "CONNECTED") == 0);
    }
    if (strcmp(last, "FAILED") == 0)
        return END_FAILED;
    if (strcmp(last, "TIMED_OUT") == 0 || !connected)
        return END_TIMED_OUT;
    return strcmp(last, "CLOSED") == 0 ? END_CLOSED : END_CONNECTED;
}

static void judge_state(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    GString *got = g_string_new(NULL);
    bool held = true;
    int event = -1;
    for (int i = 0; i < 2; i++) {
        Role role = i == 0 ? ROLE_CLIENT : ROLE_SERVER;
        if (!(expect->who & (i == 0 ? EXPECT_OF_CLIENT : EXPECT_OF_SERVER)))
            continue;
        int at = -1;
        EndState end = end_of(judgement->trace, party_of_role(judgement->trace, role), &at);
        /* who has closed in order was connected all the while */
        bool fits = end == expect->end || (expect->end == END_CONNECTED && end == END_CLOSED);
        if (held || event < 0)
            event = at;
        held = held && fits;
        g_string_append_printf(got, "%s%s %s", got->len > 0 ? ", " : "", role_name(role),
                               end_state_name(end));
    }
    judge(judgement, held, end_state_name(expect->end), got->str, event);
    g_string_free(got, TRUE);
}

static bool was_connected(const Trace *trace, int party)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_STATE && at->party == party && strcmp(at->after, "CONNECTED") == 0)
            return true;
    }
    return false;
}

/* The value of a field that an event's message has; false when it has none. */
static bool field_of(const TraceEvent *at, const char *path, uint32_t *number)
{
    int span = at->spans == NULL ? -1 : span_find(at->spans, path);
    if (span < 0)
        return false;
    const Span *where = &g_array_index(at->spans, Span, span);
    *number = (uint32_t)bytes_number(
        bytes_slice(bytes_from_gbytes(at->bytes), where->first, where->size));
    return true;
}

/* What the hellos of a connection said, as the party said them or took them in: the version of TLS
 * 1.3 stands in an extension (RFC 8446 4.2.1), the cipher of SSL 2.0 in the client's message. */
static bool negotiated_by(const TraceEvent *at, NumberKind kind, uint32_t *number)
{
    static const char selected[] = "extensions/supported_versions/extension_data/selected_version";
    bool version = kind == NUMBER_VERSION;
    if (at->message_kind == MESSAGE_SERVER_HELLO)
        return (version && field_of(at, selected, number)) ||
               field_of(at, version ? "server_version" : "cipher_suite", number);
    if (at->message_kind == MESSAGE_SSL2_SERVER_HELLO)
        return version && field_of(at, "version", number);
    return at->message_kind == MESSAGE_SSL2_CLIENT_MASTER_KEY && !version &&
           field_of(at, "cipher_kind", number);
}

/* The last that a party negotiated. */
static uint32_t negotiated(const Trace *trace, int party, NumberKind kind, int *event)
{
    uint32_t number = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_MESSAGE && at->party == party && negotiated_by(at, kind, &number))
            *event = at->number;
    }
    return number;
}

/* Each side that was connected must have negotiated it: with an attacker between them, the two are
 * two connections. */
static void judge_negotiated(Judgement *judgement, NumberKind kind)
{
    GString *got = g_string_new(NULL);
    bool held = true;
    int event = -1;
    unsigned sides = 0;
    for (int i = 0; i < 2; i++) {
        int party = party_of_role(judgement->trace, i == 0 ? ROLE_CLIENT : ROLE_SERVER);
        if (!was_connected(judgement->trace, party))
            continue;
        uint32_t number = negotiated(judgement->trace, party, kind, &event);
        if (number == 0) /* behind a balancer in plain text */
            continue;
        const char *name = number_text(kind, number);
        sides++;
        held = held && number == judgement->expect->number;
        if (strcmp(got->str, name) != 0)
            g_string_append_printf(got, "%s%s",
                                   got->len > 0 ? " by the client, by the server " : "", name);
    }
    judge(judgement, held && sides > 0, number_text(kind, judgement->expect->number),
          sides == 0 ? "none: nobody was connected" : got->str, event);
    g_string_free(got, TRUE);
}

static char *alert_text(AlertLevel level, uint32_t description)
{
    return g_strdup_printf("%s %s", number_text(NUMBER_ALERT_LEVEL, level),
                           number_text(NUMBER_ALERT, description));
}

static bool is_of(const PlanExpect *expect, const Trace *trace, int party)
{
    if (party < 0)
        return false;
    switch (trace_party(trace, party)->kind) {
    case PARTY_CLIENT:
        return (expect->who & EXPECT_OF_CLIENT) != 0;
    case PARTY_SERVER:
        return (expect->who & EXPECT_OF_SERVER) != 0;
    case PARTY_ATTACKER:
        return (expect->who & EXPECT_OF_ATTACKER) != 0;
    case PARTY_PROXY:
        return false;
    }
    g_assert_not_reached();
}

static void judge_alert(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    g_autofree char *expected = alert_text(expect->level, expect->number);
    GString *got = g_string_new(NULL);
    bool held = false;
    int event = -1;
    for (size_t i = 0; i < trace_count(judgement->trace) && !held; i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind != TRACE_ALERT || at->incoming || !is_of(expect, judgement->trace, at->party))
            continue;
        g_autofree char *said = alert_text(at->level, at->description);
        held = at->level == expect->level && at->description == (AlertDescription)expect->number;
        if (held)
            g_string_assign(got, said);
        else
            g_string_append_printf(got, "%s%s", got->len > 0 ? ", " : "", said);
        event = at->number;
    }
    judge(judgement, held, expected, got->len == 0 ? "no alert" : got->str, event);
    g_string_free(got, TRUE);
}

/* The errors of SSL 2.0 are messages: draft-hickman-netscape-ssl 2.7. */
static bool is_error(const TraceEvent *at, uint32_t *code)
{
    return at->kind == TRACE_MESSAGE && !at->incoming && at->message_kind == MESSAGE_SSL2_ERROR &&
           field_of(at, "error_code", code);
}

static void judge_error(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    GString *got = g_string_new(NULL);
    bool held = false;
    int event = -1;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        uint32_t code = 0;
        if (!is_error(at, &code) || !is_of(expect, judgement->trace, at->party))
            continue;
        g_string_append_printf(got, "%s%s", got->len > 0 ? ", " : "",
                               number_text(NUMBER_SSL2_ERROR, code));
        held = held || code == expect->number;
        event = at->number;
    }
    judge(judgement, held, number_text(NUMBER_SSL2_ERROR, expect->number),
          got->len == 0 ? "no error" : got->str, event);
    g_string_free(got, TRUE);
}

static void judge_no_alert(Judgement *judgement)
{
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        uint32_t code = 0;
        if (is_error(at, &code)) {
            judge(judgement, false, "no fatal alert", number_text(NUMBER_SSL2_ERROR, code),
                  at->number);
            return;
        }
        if (at->kind != TRACE_ALERT || at->incoming || at->level != ALERT_LEVEL_FATAL)
            continue;
        g_autofree char *said = alert_text(at->level, at->description);
        judge(judgement, false, "no fatal alert", said, at->number);
        return;
    }
    judge(judgement, true, "no fatal alert", "no fatal alert", -1);
}

/* The last result of one check that `who` made; NULL when it was not made. */
static const TraceEvent *last_check(const Judgement *judgement, CheckKind check)
{
    const TraceEvent *last = NULL;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind == TRACE_CHECK && is_of(judgement->expect, judgement->trace, at->party) &&
            strcmp(at->name, check_name(check)) == 0)
            last = at;
    }
    return last;
}

/* What a real stack that shows no checks said of the other side's certificate; NULL. */
static const TraceEvent *last_word(const Judgement *judgement)
{
    const TraceEvent *last = NULL;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind == TRACE_FACT && is_of(judgement->expect, judgement->trace, at->party) &&
            strcmp(at->name, "verification") == 0)
            last = at;
    }
    return last;
}

/* Of checks that cannot be seen it can only be told whether one of them has failed. */
static bool fits_word(const Judgement *judgement, const TraceEvent *word)
{
    bool fails = false;
    for (guint i = 0; i < judgement->expect->checks->len; i++) {
        const ExpectedCheck *check = &g_array_index(judgement->expect->checks, ExpectedCheck, i);
        bool bad = check->result == TRACE_FAILED || check->result == TRACE_OVERRIDDEN;
        fails = fails || (bad && check->check != CHECK_AUTHORISED);
    }
    return fails == (strcmp(word->value, "ok") != 0);
}

static void judge_checks(Judgement *judgement)
{
    GString *expected = g_string_new(NULL), *got = g_string_new(NULL);
    const TraceEvent *word = last_word(judgement);
    bool held = true, unseen = false;
    int event = -1;
    for (guint i = 0; i < judgement->expect->checks->len; i++) {
        const ExpectedCheck *check = &g_array_index(judgement->expect->checks, ExpectedCheck, i);
        const TraceEvent *at = last_check(judgement, check->check);
        bool by_word = at == NULL && word != NULL && check->check != CHECK_AUTHORISED;
        const char *result = by_word      ? "not shown"
                             : at == NULL ? "not made"
                                          : trace_result_name(at->result);
        g_string_append_printf(expected, "%s%s %s", i > 0 ? ", " : "", check_name(check->check),
                               trace_result_name(check->result));
        g_string_append_printf(got, "%s%s %s", i > 0 ? ", " : "", check_name(check->check), result);
        bool fits =
            by_word ? fits_word(judgement, word) : at != NULL && at->result == check->result;
        if (at != NULL && (held || !fits))
            event = at->number;
        held = held && fits;
        unseen = unseen || by_word;
    }
    if (unseen) {
        g_string_append_printf(got, "; it says of them all: %s", word->value);
        event = event < 0 ? word->number : event;
    }
    judge(judgement, held, expected->str, got->str, event);
    g_string_free(expected, TRUE);
    g_string_free(got, TRUE);
}

/* The last answer to that path: a note of the client, "/path: 200 OK". */
static void judge_answer(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    g_autofree char *prefix = g_strdup_printf("%s: ", expect->text);
    g_autofree char *expected = g_strdup_printf("%u", expect->number);
    g_autofree char *got = g_strdup("no answer");
    int event = -1;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind != TRACE_NOTE || strcmp(at->name, "answer") != 0 ||
            !g_str_has_prefix(at->value, prefix))
            continue;
        g_free(got);
        got = g_strdup(at->value + strlen(prefix));
        got[strcspn(got, " ")] = '\0';
        event = at->number;
    }
    judge(judgement, strcmp(got, expected) == 0, expected, got, event);
}

/* Complete handshakes: how often the client entered CONNECTED. */
static void judge_handshakes(Judgement *judgement)
{
    unsigned count = 0;
    int event = -1;
    int client = party_of_role(judgement->trace, ROLE_CLIENT);
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        bool finished = at->kind == TRACE_STATE && at->party == client &&
                        strcmp(at->after, "CONNECTED") == 0 && at->before != NULL &&
                        g_str_has_suffix(at->before, "FINISHED");
        count += finished;
        event = finished ? at->number : event;
    }
    g_autofree char *expected = g_strdup_printf("%u", judgement->expect->number);
    g_autofree char *got = g_strdup_printf("%u", count);
    judge(judgement, count == judgement->expect->number, expected, got, event);
}

static size_t data_of(const Judgement *judgement, int party, bool any_end, int *event)
{
    size_t size = 0;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind != TRACE_DATA || (!any_end && at->party != party))
            continue;
        size += g_bytes_get_size(at->bytes);
        *event = at->number;
    }
    return size;
}

static void judge_data(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    int event = -1;
    bool none = expect->kind == EXPECT_NO_DATA;
    Role role = expect->who == EXPECT_OF_SERVER ? ROLE_SERVER : ROLE_CLIENT;
    size_t size = data_of(judgement, party_of_role(judgement->trace, role), none, &event);
    uint32_t wanted = none ? 0 : expect->number;
    g_autofree char *expected = none ? g_strdup("no data") : g_strdup_printf("%u bytes", wanted);
    g_autofree char *got = size == 0 ? g_strdup("no data") : g_strdup_printf("%zu bytes", size);
    judge(judgement, size == wanted, expected, got, event);
}

static const TraceEvent *find_note(const Trace *trace, const char *name, int party)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_NOTE && strcmp(at->name, name) == 0 &&
            (party < 0 || at->party == party))
            return at;
    }
    return NULL;
}

static void judge_warned(Judgement *judgement)
{
    const TraceEvent *note = find_note(judgement->trace, "warning", -1);
    judge(judgement, note != NULL, "the user is warned",
          note != NULL ? "the user is warned" : "no warning", note == NULL ? -1 : note->number);
}

static void judge_refused(Judgement *judgement)
{
    int party = judgement->expect->who == EXPECT_OF_CLIENT
                    ? party_of_role(judgement->trace, ROLE_CLIENT)
                    : party_of_role(judgement->trace, ROLE_SERVER);
    const TraceEvent *note = find_note(judgement->trace, "renegotiation", party);
    judge(judgement, note != NULL, "a new handshake is refused",
          note != NULL ? "a new handshake is refused" : "nothing was refused",
          note == NULL ? -1 : note->number);
}

enum { BY_ENDS = -1, BY_TAP = -2 };

/* The data of one direction: as the ends said it (those ahead of a balancer), as the tap read it,
 * or as that party was delivered it. */
static GByteArray *data_bytes(const Trace *trace, int party, Direction direction, int *event)
{
    GByteArray *data = g_byte_array_new();
    PartyKind far = party_of(trace, PARTY_PROXY) < 0 ? PARTY_SERVER : PARTY_PROXY;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        bool heard = party == BY_TAP && at->kind == TRACE_NOTE && at->bytes != NULL &&
                     strcmp(at->name, "tap") == 0;
        bool said = party == BY_ENDS && at->kind == TRACE_MESSAGE && !at->incoming &&
                    at->message_kind == MESSAGE_APPLICATION_DATA &&
                    trace_party(trace, at->party)->kind ==
                        (direction == DIRECTION_TO_SERVER ? PARTY_CLIENT : far);
        bool read = party >= 0 && at->kind == TRACE_DATA && at->party == party;
        if ((!said && !read && !heard) || at->direction != direction)
            continue;
        bytes_append(data, bytes_from_gbytes(at->bytes));
        *event = at->number;
    }
    return data;
}

/* Everything: each byte of data that the two ends said, the tap or the attacker next to the client
 * has read. */
static void judge_reads(Judgement *judgement)
{
    const Trace *trace = judgement->trace;
    bool tap = judgement->expect->who == EXPECT_OF_LISTENER;
    int attacker = tap ? BY_TAP : party_of(trace, PARTY_ATTACKER);
    size_t total = 0, known = 0;
    bool same = tap || attacker >= 0;
    int event = -1, ignored = -1;
    for (int i = 0; i < 2 && (tap || attacker >= 0); i++) {
        Direction direction = i == 0 ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
        g_autoptr(GByteArray) said = data_bytes(trace, BY_ENDS, direction, &ignored);
        g_autoptr(GByteArray) read = data_bytes(trace, attacker, direction, &event);
        same = same && bytes_equal(bytes_from_array(said), bytes_from_array(read));
        total += said->len;
        known += read->len;
    }
    bool everything = judgement->expect->number == 1;
    g_autofree char *got = known == 0 ? g_strdup("nothing")
                           : same     ? g_strdup("everything")
                                      : g_strdup_printf("%zu of %zu bytes", known, total);
    judge(judgement, everything ? same && known > 0 : known == 0,
          everything ? "everything" : "nothing", got, event);
}

static void judge_text(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    g_autoptr(GString) all = g_string_new(NULL);
    int event = -1;
    for (size_t i = 0; i < trace_count(judgement->trace); i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind != TRACE_DATA || !is_of(expect, judgement->trace, at->party))
            continue;
        gsize size = 0;
        const char *data = g_bytes_get_data(at->bytes, &size);
        g_string_append_len(all, data, (gssize)size);
        event = at->number;
    }
    bool held = memmem(all->str, all->len, expect->text, strlen(expect->text)) != NULL;
    g_autofree char *shown = g_utf8_make_valid(all->str, (gssize)MIN(all->len, (gsize)60));
    g_autofree char *got = g_strescape(held ? expect->text : shown, NULL);
    judge(judgement, held, expect->text, all->len == 0 ? "no data" : got, event);
}

static void judge_one(Judgement *judgement)
{
    switch (judgement->expect->kind) {
    case EXPECT_STATE:
        judge_state(judgement);
        return;
    case EXPECT_VERSION:
        judge_negotiated(judgement, NUMBER_VERSION);
        return;
    case EXPECT_SUITE:
        judge_negotiated(judgement, NUMBER_SUITE);
        return;
    case EXPECT_ALERT:
        judge_alert(judgement);
        return;
    case EXPECT_ERROR:
        judge_error(judgement);
        return;
    case EXPECT_NO_ALERT:
        judge_no_alert(judgement);
        return;
    case EXPECT_CHECKS:
        judge_checks(judgement);
        return;
    case EXPECT_ANSWER:
        judge_answer(judgement);
        return;
    case EXPECT_HANDSHAKES:
        judge_handshakes(judgement);
        return;
    case EXPECT_NO_DATA:
    case EXPECT_DATA:
        judge_data(judgement);
        return;
    case EXPECT_WARNED:
        judge_warned(judgement);
        return;
    case EXPECT_READS:
        judge_reads(judgement);
        return;
    case EXPECT_RECEIVES_TEXT:
        judge_text(judgement);
        return;
    case EXPECT_REFUSED:
        judge_refused(judgement);
        return;
    case EXPECT_RESUMED:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
    case EXPECT_EXPORTS:
    case EXPECT_CONNECTIONS:
        judge_feature(judgement);
        return;
    }
}

/* Why a rule could not be carried out, as the link has told it; NULL: it never came to that. */
static const char *rule_failure(const Trace *trace, int line)
{
    for (size_t i = 0; line > 0 && i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_MISCHIEF && at->line == line && at->value != NULL &&
            g_str_has_prefix(at->value, "could not: "))
            return at->value;
    }
    return NULL;
}

/* What never happened, though the scenario asks for it. */
static void add_unfired(GPtrArray *results, const Trace *trace, const char *text, int line)
{
    const char *failure = rule_failure(trace, line);
    TraceExpectation *result = trace_expectation_new();
    result->text = g_strdup_printf("on %s", text);
    result->expected = g_strdup("the rule fires");
    result->got = g_strdup(failure == NULL ? "never fired" : failure);
    result->line = line;
    g_ptr_array_add(results, result);
}

/* A party's changes to its own messages, each of which must have been made. */
static void add_own_unfired(GPtrArray *results, const Trace *trace, const PlanParty *party)
{
    for (guint i = 0; i < party->edits->len; i++) {
        const PlanOwnEdit *own = &g_array_index(party->edits, PlanOwnEdit, i);
        bool fired = false;
        for (size_t j = 0; j < trace_count(trace) && !fired; j++) {
            const TraceEvent *at = trace_at(trace, j);
            fired = at->kind == TRACE_MISCHIEF && at->party >= 0 && at->line == own->line &&
                    trace_party(trace, at->party)->kind == party->kind &&
                    g_strcmp0(at->name, own->text) == 0;
        }
        if (!fired)
            add_unfired(results, trace, own->text, own->line);
    }
}

void verdict_add(Trace *trace, const Plan *plan, const unsigned *fired)
{
    GPtrArray *results = trace_expectations_new();
    for (guint i = 0; i < plan->expects->len; i++) {
        const PlanExpect *expect = g_ptr_array_index(plan->expects, i);
        TraceExpectation *result = trace_expectation_new();
        Judgement judgement = {.trace = trace, .expect = expect, .result = result};
        result->text = g_strdup(expect->words);
        result->line = expect->line;
        judge_one(&judgement);
        g_ptr_array_add(results, result);
    }
    for (guint i = 0; fired != NULL && i < plan->rules->len; i++) {
        const PlanRule *rule = g_ptr_array_index(plan->rules, i);
        if (fired[i] == 0 && !rule->maybe)
            add_unfired(results, trace, rule->text, rule->line);
    }
    for (guint i = 0; i < plan->parties->len; i++)
        add_own_unfired(results, trace, g_ptr_array_index(plan->parties, i));
    trace_add(trace, TRACE_VERDICT)->expectations = results;
}
