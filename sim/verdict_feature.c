/* Expectations of what came with resumption, extensions and TLS 1.3.
 *
 * Most of them are facts that a party has settled: the last one counts, by whoever settled it. The
 * others are messages, connections, and what the two sides have exported.
 *
 * Sources: RFC 8446 4.1.4 (HelloRetryRequest), RFC 5705 4 (exporters).
 */
#include <string.h>

#include "sim/judge.h"

/* The last value of a fact, by whoever settled it last. */
static const TraceEvent *last_fact(const Trace *trace, const char *name)
{
    const TraceEvent *last = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_FACT && strcmp(at->name, name) == 0)
            last = at;
    }
    return last;
}

/* `none` is what was got where nobody settled it. */
static void judge_fact(Judgement *judgement, const char *name, const char *expected,
                       const char *none)
{
    const TraceEvent *fact = last_fact(judgement->trace, name);
    const char *got = fact == NULL ? none : fact->value;
    judge(judgement, strcmp(got, expected) == 0, expected, got, fact == NULL ? -1 : fact->number);
}

static void judge_retry(Judgement *judgement)
{
    int event = -1;
    for (size_t i = 0; i < trace_count(judgement->trace) && event < 0; i++) {
        const TraceEvent *at = trace_at(judgement->trace, i);
        if (at->kind == TRACE_MESSAGE && at->message_kind == MESSAGE_HELLO_RETRY_REQUEST)
            event = at->number;
    }
    static const char *const words[] = {"no HelloRetryRequest", "a HelloRetryRequest"};
    uint32_t wanted = judgement->expect->number != 0;
    judge(judgement, wanted == (event >= 0), words[wanted], words[event >= 0], event);
}

static void judge_connections(Judgement *judgement)
{
    int most = 0;
    for (size_t i = 0; i < trace_count(judgement->trace); i++)
        most = MAX(most, trace_at(judgement->trace, i)->connection + 1);
    g_autofree char *expected = g_strdup_printf("%u", judgement->expect->number);
    g_autofree char *got = g_strdup_printf("%d", most);
    judge(judgement, (uint32_t)most == judgement->expect->number, expected, got, -1);
}

/* The last that a side has exported. */
static const TraceEvent *last_export(const Trace *trace, Role role)
{
    const TraceEvent *last = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *at = trace_at(trace, i);
        if (at->kind == TRACE_KEYS && at->party == party_of_role(trace, role) &&
            strcmp(at->name, "exported_keying_material") == 0)
            last = at;
    }
    return last;
}

static void judge_exports(Judgement *judgement)
{
    const TraceEvent *a = last_export(judgement->trace, ROLE_CLIENT);
    const TraceEvent *b = last_export(judgement->trace, ROLE_SERVER);
    static const char *const words[] = {"they differ", "both export the same"};
    bool both = a != NULL && b != NULL, wanted = judgement->expect->number != 0;
    bool same = both && g_bytes_equal(a->bytes, b->bytes);
    judge(judgement, both && same == wanted, words[wanted],
          both ? words[same] : "a side has exported nothing", b == NULL ? -1 : b->number);
}

void judge_feature(Judgement *judgement)
{
    const PlanExpect *expect = judgement->expect;
    bool yes = expect->number != 0;
    switch ((int)expect->kind) {
    case EXPECT_RESUMED:
        judge_fact(judgement, "handshake", yes ? "resumed" : "full", "no handshake");
        return;
    case EXPECT_GROUP:
        judge_fact(judgement, "group", number_text(NUMBER_GROUP, expect->number),
                   "no key agreement in a group");
        return;
    case EXPECT_PROTOCOL:
        judge_fact(judgement, "protocol", expect->text, "no protocol agreed on");
        return;
    case EXPECT_EARLY_DATA:
        judge_fact(judgement, "early_data", yes ? "accepted" : "rejected",
                   "no early data was sent");
        return;
    case EXPECT_EXTENDED:
        judge_fact(judgement, "extended_master_secret", yes ? "yes" : "no", "no master secret");
        return;
    case EXPECT_RETRY:
        judge_retry(judgement);
        return;
    case EXPECT_EXPORTS:
        judge_exports(judgement);
        return;
    case EXPECT_CONNECTIONS:
        judge_connections(judgement);
        return;
    }
}
