/* What a scenario expects: read into PlanExpect, and printed in the same words.
 *
 * The words are the expectation's own in verdicts as well, so what fails is said as the scenario
 * says it. How an expectation is judged is sim's.
 */
#include <string.h>

#include "scenarios/language/statements.h"

static PlanExpect *add_expect(Cursor *cursor, ExpectKind kind, ExpectOf who)
{
    PlanExpect *expect = plan_expect_new(kind);
    expect->who = who;
    expect->line = cursor->line;
    g_ptr_array_add(cursor->plan->expects, expect);
    return expect;
}

static bool parse_name(Cursor *cursor, const char *what, NumberKind kind, uint32_t *number)
{
    size_t count = 0;
    const NumberName *table = number_table(kind, &count);
    g_autofree const char **words = g_new0(const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        words[i] = table[i].name;
    int chosen = cursor_choice(cursor, what, words);
    if (chosen >= 0)
        *number = table[chosen].value;
    return chosen >= 0;
}

/* LEVEL ALERT, or SSL 2.0's error NAME; after "sends" */
static void parse_sends_alert(Cursor *cursor, ExpectOf who)
{
    static const char *const levels[] = {"warning", "fatal", "error", NULL};
    uint32_t number = 0;
    int level = cursor_choice(cursor, "a level", levels);
    bool error = level == 2;
    if (level < 0 || !parse_name(cursor, error ? "an error" : "an alert",
                                 error ? NUMBER_SSL2_ERROR : NUMBER_ALERT, &number))
        return;
    PlanExpect *expect = add_expect(cursor, error ? EXPECT_ERROR : EXPECT_ALERT, who);
    if (!error)
        expect->level = level == 0 ? ALERT_LEVEL_WARNING : ALERT_LEVEL_FATAL;
    expect->number = number;
}

/* The longest name of a check that the next words make. */
static bool parse_check_name(Cursor *cursor, CheckKind *check)
{
    for (int words = 2; words >= 1; words--) {
        Cursor look = *cursor;
        GString *name = g_string_new(NULL);
        for (int i = 0; i < words; i++) {
            const Token *token = cursor_peek(&look);
            if (token == NULL || token->kind != TOKEN_WORD)
                break;
            g_string_append_printf(name, "%s%s", i > 0 ? " " : "", token->text);
            look.at++;
        }
        bool found = check_from_name(name->str, check);
        g_string_free(name, TRUE);
        if (!found)
            continue;
        *cursor = look;
        return true;
    }
    GString *all = g_string_new(NULL);
    for (int i = 0; i < CHECK_KINDS; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? ", " : "", check_name((CheckKind)i));
    cursor_error_next(cursor, "a check is expected here: %s", all->str);
    g_string_free(all, TRUE);
    return false;
}

/* checks server: CHECK [failed], … */
static void parse_checks(Cursor *cursor, ExpectOf who)
{
    const char *other = who == EXPECT_OF_CLIENT ? "server" : "client";
    if (!cursor_word(cursor, other) || !cursor_mark(cursor, TOKEN_COLON)) {
        cursor_error_next(cursor, "\"%s:\" and the names of checks are expected here", other);
        return;
    }
    PlanExpect *expect = add_expect(cursor, EXPECT_CHECKS, who);
    expect->checks = g_array_new(FALSE, TRUE, sizeof(ExpectedCheck));
    do {
        ExpectedCheck check = {.result = TRACE_PASSED};
        if (!parse_check_name(cursor, &check.check))
            return;
        if (cursor_word(cursor, "failed"))
            check.result = TRACE_FAILED;
        else if (cursor_word(cursor, "skipped"))
            check.result = TRACE_SKIPPED;
        else if (cursor_word(cursor, "overridden"))
            check.result = TRACE_OVERRIDDEN;
        g_array_append_val(expect->checks, check);
    } while (cursor_mark(cursor, TOKEN_COMMA));
}

/* receives N bytes | receives "TEXT" */
static void parse_receives(Cursor *cursor, ExpectOf who)
{
    uint64_t size = 0;
    const Token *token = cursor_peek(cursor);
    if (token != NULL && token->kind == TOKEN_TEXT) {
        const char *text = cursor_take_text(cursor, "a text");
        add_expect(cursor, EXPECT_RECEIVES_TEXT, who)->text = g_strdup(text);
        return;
    }
    if (!cursor_number(cursor, "a text in quotes, or a number of bytes", G_MAXUINT32, &size))
        return;
    if (!cursor_word(cursor, "bytes"))
        cursor_error_next(cursor, "\"bytes\" is expected here");
    else
        add_expect(cursor, EXPECT_DATA, who)->number = (uint32_t)size;
}

static void parse_side(Cursor *cursor, ExpectOf who)
{
    static const char *const words[] = {"connected", "closed",   "failed", "timed", "sends",
                                        "checks",    "receives", "may",    NULL};
    int word = cursor_choice(cursor, "how it ends, or what it does", words);
    if (word == 3 && !cursor_word(cursor, "out")) {
        cursor_error_next(cursor, "\"timed out\" is meant");
        return;
    }
    switch (word) {
    case 0:
    case 1:
    case 2:
    case 3:
        add_expect(cursor, EXPECT_STATE, who)->end = (EndState)word;
        return;
    case 4:
        parse_sends_alert(cursor, who);
        return;
    case 5:
        parse_checks(cursor, who);
        return;
    case 6:
        parse_receives(cursor, who);
        return;
    case 7:
        if (cursor_word(cursor, "not") && cursor_word(cursor, "renegotiate"))
            add_expect(cursor, EXPECT_REFUSED, who);
        else
            cursor_error_next(cursor, "\"may not renegotiate\" is meant");
        return;
    }
}

G_STATIC_ASSERT(END_CONNECTED == 0 && END_CLOSED == 1 && END_FAILED == 2 && END_TIMED_OUT == 3);

void parse_expect_both(Cursor *cursor)
{
    static const char *const words[] = {"connected", "closed", "failed", "timed", NULL};
    int word = cursor_choice(cursor, "how both end", words);
    if (word == 3 && !cursor_word(cursor, "out"))
        cursor_error_next(cursor, "\"timed out\" is meant");
    else if (word >= 0)
        add_expect(cursor, EXPECT_STATE, EXPECT_OF_BOTH)->end = (EndState)word;
}

void parse_expect_client(Cursor *cursor)
{
    parse_side(cursor, EXPECT_OF_CLIENT);
}

void parse_expect_server(Cursor *cursor)
{
    parse_side(cursor, EXPECT_OF_SERVER);
}

static void parse_reads(Cursor *cursor, ExpectOf who)
{
    static const char *const reads[] = {"nothing", "everything", NULL};
    int everything = cursor_choice(cursor, "how much", reads);
    if (everything >= 0)
        add_expect(cursor, EXPECT_READS, who)->number = (uint32_t)everything;
}

void parse_expect_attacker(Cursor *cursor)
{
    static const char *const words[] = {"reads", "sends", NULL};
    int word = cursor_choice(cursor, "what the attacker does", words);
    if (word == 1)
        parse_sends_alert(cursor, EXPECT_OF_ATTACKER);
    else if (word == 0)
        parse_reads(cursor, EXPECT_OF_ATTACKER);
}

void parse_expect_listener(Cursor *cursor)
{
    if (cursor_word(cursor, "reads"))
        parse_reads(cursor, EXPECT_OF_LISTENER);
    else
        cursor_error_next(cursor, "\"reads\" is expected here");
}

void parse_expect_version(Cursor *cursor)
{
    ProtocolVersion version;
    if (cursor_version(cursor, &version))
        add_expect(cursor, EXPECT_VERSION, EXPECT_OF_BOTH)->number = version;
}

void parse_expect_suite(Cursor *cursor)
{
    SuiteNumber number = 0;
    if (cursor_suite(cursor, &number))
        add_expect(cursor, EXPECT_SUITE, EXPECT_OF_BOTH)->number = number;
}

/* The words that must follow, and then the expectation with its 1 or 0. */
static void parse_feature(Cursor *cursor, const char *words, ExpectKind kind, bool yes)
{
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);
    for (char **part = parts; *part != NULL; part++) {
        if (cursor_word(cursor, *part))
            continue;
        cursor_error_next(cursor, "\"%s\" is expected here", *part);
        return;
    }
    add_expect(cursor, kind, EXPECT_OF_BOTH)->number = yes;
}

void parse_expect_no(Cursor *cursor)
{
    static const char *const words[] = {"alert", "data", "hello", "extended", NULL};
    switch (cursor_choice(cursor, "what does not happen", words)) {
    case 0:
        add_expect(cursor, EXPECT_NO_ALERT, EXPECT_OF_BOTH);
        return;
    case 1:
        add_expect(cursor, EXPECT_NO_DATA, EXPECT_OF_BOTH);
        return;
    case 2:
        parse_feature(cursor, "retry", EXPECT_RETRY, false);
        return;
    case 3:
        parse_feature(cursor, "master secret", EXPECT_EXTENDED, false);
        return;
    }
}

void parse_expect_hello(Cursor *cursor)
{
    parse_feature(cursor, "retry", EXPECT_RETRY, true);
}

void parse_expect_extended(Cursor *cursor)
{
    parse_feature(cursor, "master secret", EXPECT_EXTENDED, true);
}

void parse_expect_resumed(Cursor *cursor)
{
    add_expect(cursor, EXPECT_RESUMED, EXPECT_OF_BOTH)->number = 1;
}

void parse_expect_not(Cursor *cursor)
{
    parse_feature(cursor, "resumed", EXPECT_RESUMED, false);
}

void parse_expect_group(Cursor *cursor)
{
    GroupNumber number = 0;
    if (cursor_group(cursor, &number))
        add_expect(cursor, EXPECT_GROUP, EXPECT_OF_BOTH)->number = number;
}

void parse_expect_protocol(Cursor *cursor)
{
    const char *name = cursor_take_text(cursor, "a protocol such as \"h2\"");
    if (name != NULL)
        add_expect(cursor, EXPECT_PROTOCOL, EXPECT_OF_BOTH)->text = g_strdup(name);
}

void parse_expect_early(Cursor *cursor)
{
    static const char *const words[] = {"rejected", "accepted", NULL};
    if (!cursor_word(cursor, "data")) {
        cursor_error_next(cursor, "\"data\" is expected here");
        return;
    }
    int accepted = cursor_choice(cursor, "what becomes of it", words);
    if (accepted >= 0)
        add_expect(cursor, EXPECT_EARLY_DATA, EXPECT_OF_BOTH)->number = (uint32_t)accepted;
}

void parse_expect_exports(Cursor *cursor)
{
    static const char *const words[] = {"differ", "agree", NULL};
    int agree = cursor_choice(cursor, "whether they agree", words);
    if (agree >= 0)
        add_expect(cursor, EXPECT_EXPORTS, EXPECT_OF_BOTH)->number = (uint32_t)agree;
}

void parse_expect_connections(Cursor *cursor)
{
    uint64_t count = 0;
    if (cursor_number(cursor, "a number of connections", G_MAXUINT16, &count))
        add_expect(cursor, EXPECT_CONNECTIONS, EXPECT_OF_BOTH)->number = (uint32_t)count;
}

void parse_expect_answer(Cursor *cursor)
{
    uint64_t status = 0;
    const char *path = cursor_take_text(cursor, "a resource such as \"/payroll\"");
    g_autofree char *copy = g_strdup(path);
    if (path == NULL || !cursor_number(cursor, "a status such as 200", 599, &status))
        return;
    if (status != 200 && status != 403) {
        cursor_error(cursor, "the server answers 200 or 403, never %u", (unsigned)status);
        return;
    }
    PlanExpect *expect = add_expect(cursor, EXPECT_ANSWER, EXPECT_OF_CLIENT);
    expect->text = g_steal_pointer(&copy);
    expect->number = (uint32_t)status;
}

void parse_expect_handshakes(Cursor *cursor)
{
    uint64_t count = 0;
    if (cursor_number(cursor, "a number of handshakes", G_MAXUINT16, &count))
        add_expect(cursor, EXPECT_HANDSHAKES, EXPECT_OF_BOTH)->number = (uint32_t)count;
}

void parse_expect_user(Cursor *cursor)
{
    if (cursor_word(cursor, "warned"))
        add_expect(cursor, EXPECT_WARNED, EXPECT_OF_CLIENT);
    else
        cursor_error_next(cursor, "\"warned\" is expected here");
}

static const char *side_name(ExpectOf who)
{
    switch (who) {
    case EXPECT_OF_CLIENT:
        return "client";
    case EXPECT_OF_SERVER:
        return "server";
    case EXPECT_OF_BOTH:
        return "both";
    case EXPECT_OF_ATTACKER:
        return "attacker";
    case EXPECT_OF_LISTENER:
        return "listener";
    }
    g_assert_not_reached();
}

static char *checks_words(const PlanExpect *expect)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s checks %s: ", side_name(expect->who),
                           expect->who == EXPECT_OF_CLIENT ? "server" : "client");
    for (guint i = 0; i < expect->checks->len; i++) {
        const ExpectedCheck *check = &g_array_index(expect->checks, ExpectedCheck, i);
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", check_name(check->check));
        if (check->result != TRACE_PASSED)
            g_string_append_printf(text, " %s", trace_result_name(check->result));
    }
    return g_string_free(text, FALSE);
}

/* Of what came with resumption, extensions and TLS 1.3. */
static char *feature_words(const PlanExpect *expect, const char *text)
{
    bool yes = expect->number != 0;
    switch ((int)expect->kind) {
    case EXPECT_RESUMED:
        return g_strdup(yes ? "resumed" : "not resumed");
    case EXPECT_GROUP:
        return g_strdup_printf("group %s", number_text(NUMBER_GROUP, expect->number));
    case EXPECT_PROTOCOL:
        return g_strdup_printf("protocol %s", text);
    case EXPECT_EARLY_DATA:
        return g_strdup_printf("early data %s", yes ? "accepted" : "rejected");
    case EXPECT_RETRY:
        return g_strdup(yes ? "hello retry" : "no hello retry");
    case EXPECT_EXTENDED:
        return g_strdup(yes ? "extended master secret" : "no extended master secret");
    case EXPECT_EXPORTS:
        return g_strdup(expect->number ? "exports agree" : "exports differ");
    case EXPECT_CONNECTIONS:
        return g_strdup_printf("connections %u", expect->number);
    }
    g_assert_not_reached();
}

char *expect_words(const PlanExpect *expect)
{
    const char *who = side_name(expect->who);
    g_autofree char *text = expect->text == NULL ? NULL : print_text(expect->text);
    switch (expect->kind) {
    case EXPECT_STATE:
        return g_strdup_printf("%s %s", who, end_state_name(expect->end));
    case EXPECT_VERSION:
        return g_strdup_printf("version %s", number_text(NUMBER_VERSION, expect->number));
    case EXPECT_SUITE:
        return g_strdup_printf("suite %s", number_text(NUMBER_SUITE, expect->number));
    case EXPECT_ALERT:
        return g_strdup_printf("%s sends %s %s", who,
                               number_text(NUMBER_ALERT_LEVEL, expect->level),
                               number_text(NUMBER_ALERT, expect->number));
    case EXPECT_ERROR:
        return g_strdup_printf("%s sends error %s", who,
                               number_text(NUMBER_SSL2_ERROR, expect->number));
    case EXPECT_NO_ALERT:
        return g_strdup("no alert");
    case EXPECT_CHECKS:
        return checks_words(expect);
    case EXPECT_ANSWER:
        return g_strdup_printf("answer %s %u", text, expect->number);
    case EXPECT_HANDSHAKES:
        return g_strdup_printf("handshakes %u", expect->number);
    case EXPECT_NO_DATA:
        return g_strdup("no data");
    case EXPECT_DATA:
        return g_strdup_printf("%s receives %u bytes", who, expect->number);
    case EXPECT_WARNED:
        return g_strdup("user warned");
    case EXPECT_READS:
        return g_strdup_printf("%s reads %s", who, expect->number == 1 ? "everything" : "nothing");
    case EXPECT_RECEIVES_TEXT:
        return g_strdup_printf("%s receives %s", who, text);
    case EXPECT_REFUSED:
        return g_strdup_printf("%s may not renegotiate", who);
    case EXPECT_RESUMED:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
    case EXPECT_EXPORTS:
    case EXPECT_CONNECTIONS:
        return feature_words(expect, text);
    }
    g_assert_not_reached();
}

void print_expects(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    for (guint i = 0; i < plan->expects->len; i++)
        g_ptr_array_add(lines, expect_words(g_ptr_array_index(plan->expects, i)));
}
