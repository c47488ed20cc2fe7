/* Statements into plans: sections, cases, and the table in between.
 *
 * The parser finds the section that a line opens and looks every statement's first word up in the
 * table; the row does the rest. A case is a copy of the scenario with the statements under it. What
 * it makes is checked as a plan before it is handed out. It knows no statement by name.
 */
#include "scenarios/language/parser.h"

#include <string.h>

#include "core/crypto/library.h"
#include "scenarios/attacks/attacks.h"
#include "scenarios/catalogue.h"
#include "scenarios/language/defaults.h"
#include "scenarios/language/scenario.h"
#include "scenarios/language/statements.h"

typedef struct {
    Scenario *scenario;
    Diagnostics diagnostics;
    GPtrArray *statements;
    guint at;
    Cursor cursor;
    SectionKind section;
    bool in_case;
    int case_indent;             /* of the section lines in the case at hand; -1: not seen */
    bool seen_play, seen_expect; /* in the base, or in the case at hand */
} Parser;

static const Token *first_token(const Statement *statement)
{
    return &g_array_index(statement->tokens, Token, 0);
}

/* The words that may open a line here, for the nearest one. */
static const char **section_words(bool in_case)
{
    const char **words = g_new0(const char *, SECTION_COUNT + 1);
    size_t count = 0;
    for (int i = 0; i < SECTION_COUNT; i++)
        if (!in_case || (i != SECTION_CASE && i != SECTION_SCENARIO))
            words[count++] = section_name((SectionKind)i);
    return words;
}

static int section_of(const Statement *statement)
{
    const Token *token = first_token(statement);
    for (int i = 0; token->kind == TOKEN_WORD && i < SECTION_COUNT; i++)
        if (strcmp(token->text, section_name((SectionKind)i)) == 0)
            return i;
    return -1;
}

static void open_scenario(Parser *parser)
{
    Cursor *cursor = &parser->cursor;
    const char *title = cursor_take_text(cursor, "the scenario's title");
    if (title == NULL)
        return;
    if (cursor->plan->title != NULL) {
        cursor_error(cursor, "a file holds one scenario; others go into cases or files");
        return;
    }
    cursor->plan->title = g_strdup(title);
}

static void open_certificate(Parser *parser)
{
    Cursor *cursor = &parser->cursor;
    const char *name = cursor_take_word(cursor, "the certificate's name");
    cursor->certificate = NULL;
    if (name == NULL)
        return;
    for (guint i = 0; i < cursor->plan->certificates->len; i++) {
        CertificateSpec *spec = g_ptr_array_index(cursor->plan->certificates, i);
        if (strcmp(spec->name, name) == 0)
            cursor->certificate = spec; /* said again: its statements replace */
    }
    if (cursor->certificate == NULL)
        cursor->certificate = defaults_add_certificate(cursor->plan, name);
    cursor->certificate->line = cursor->line;
}

/* The attacker of that name: said again, its statements replace. */
static PlanAttack *find_attack(Plan *plan, const char *name)
{
    for (guint i = 0; i < plan->attacks->len; i++) {
        PlanAttack *attack = g_ptr_array_index(plan->attacks, i);
        if (strcmp(attack->name, name) == 0)
            return attack;
    }
    PlanAttack *attack = plan_attack_new(name);
    g_ptr_array_add(plan->attacks, attack);
    return attack;
}

static void open_attacker(Parser *parser)
{
    Cursor *cursor = &parser->cursor;
    cursor->attack = NULL;
    const char *name = cursor_take_word(cursor, "an attack program");
    if (name == NULL)
        return;
    const AttackProgram *program = attack_find(name);
    if (program == NULL) {
        g_autofree const char **words = attack_names();
        const char *near = nearest_word(name, words);
        cursor_error(cursor, "no attack program is called \"%s\"; %s%s%s", name,
                     near == NULL ? "see `shakedown show attacks`" : "did you mean \"",
                     near == NULL ? "" : near, near == NULL ? "" : "\"?");
        return;
    }
    g_autofree char *lifeline = NULL;
    if (cursor_word(cursor, "as"))
        lifeline = g_strdup(cursor_take_word(cursor, "a name for it"));
    if (lifeline != NULL && (strcmp(lifeline, "client") == 0 || strcmp(lifeline, "server") == 0 ||
                             strcmp(lifeline, "balancer") == 0)) {
        cursor_error(cursor, "there is a %s already; an attacker has a name of his own", lifeline);
        return;
    }
    cursor->attack = find_attack(cursor->plan, lifeline == NULL ? "attacker" : lifeline);
    g_free(cursor->attack->program);
    cursor->attack->program = g_strdup(program->name);
    cursor->attack->code = program;
    cursor->attack->line = cursor->line;
}

static void open_case(Parser *parser)
{
    Cursor *cursor = &parser->cursor;
    Scenario *scenario = parser->scenario;
    cursor->plan = scenario->base;
    const char *name = cursor_take_text(cursor, "the case's name");
    if (name == NULL)
        return;
    g_autofree char *full = g_strdup_printf("%s/%s", scenario->name, name);
    for (guint i = 0; i < scenario->cases->len; i++) {
        const Plan *other = g_ptr_array_index(scenario->cases, i);
        if (strcmp(other->name, full) != 0)
            continue;
        cursor_error(cursor, "there is a case \"%s\" already", name);
        return;
    }
    if (*name == '\0' || strchr(name, '/') != NULL) {
        cursor_error(cursor, "a case has a name, and no slash in it: it is run as %s/NAME",
                     scenario->name);
        return;
    }
    defaults_fill(scenario->base, parser->seen_play || parser->in_case,
                  parser->seen_expect || parser->in_case);
    Plan *plan = plan_copy(scenario->base);
    g_free(plan->name);
    plan->name = g_steal_pointer(&full);
    g_ptr_array_add(scenario->cases, plan);
    cursor->plan = plan;
    parser->in_case = true;
    parser->case_indent = -1;
    parser->seen_play = parser->seen_expect = false;
}

/* `expect` replaces the whole, once a base or a case. */
static void open_expect(Parser *parser)
{
    if (!parser->seen_expect)
        g_ptr_array_set_size(parser->cursor.plan->expects, 0);
    parser->seen_expect = true;
}

static void unknown_preset(Cursor *cursor, const char *side, const char *name)
{
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < preset_count(); i++)
        if (strcmp(preset_side(i), side) == 0)
            g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "", preset_name(i));
    const char *other = strcmp(side, "client") == 0 ? "server" : "client";
    if (*name == '\0')
        cursor_error_next(cursor, "a name is missing here: %s", all->str);
    else if (preset_find(name, other) >= 0)
        cursor_error_next(cursor, "%s is a %s; as a %s there are %s", name, other, side, all->str);
    else
        cursor_error_next(cursor,
                          "no %s is known as \"%s\"; there are %s: see `shakedown show presets`",
                          side, name, all->str);
}

/* client like IE 6: what a preset says of that side, ahead of the section's own statements. */
static void take_preset(Cursor *cursor, const char *side)
{
    if (!cursor_word(cursor, "like"))
        return;
    guint start = cursor->at;
    g_autoptr(GString) name = g_string_new(NULL);
    for (const Token *token = cursor_peek(cursor); token != NULL; token = cursor_peek(cursor)) {
        g_string_append_printf(name, "%s%s", name->len > 0 ? " " : "", token->text);
        cursor->at++;
    }
    int index = preset_find(name->str, side);
    if (index < 0) {
        cursor->at = start;
        unknown_preset(cursor, side, name->str);
        return;
    }
    g_autoptr(GBytes) text = preset_text((guint)index);
    g_autofree char *report = NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    g_autoptr(Scenario) preset = scenario_parse(name->str, name->str, data, size, &report);
    if (preset == NULL) /* the build put it there: its fault is our own mistake */
        g_error("%s", report);
    plan_party_take(cursor->party,
                    plan_party(preset->base,
                               cursor->party->kind == PARTY_CLIENT ? PARTY_CLIENT : PARTY_SERVER));
}

static void open_section(Parser *parser, SectionKind section)
{
    Cursor *cursor = &parser->cursor;
    parser->section = section;
    switch (section) {
    case SECTION_SCENARIO:
        open_scenario(parser);
        break;
    case SECTION_CERTIFICATE:
        open_certificate(parser);
        break;
    case SECTION_CLIENT:
        cursor->party = plan_party(cursor->plan, PARTY_CLIENT);
        cursor->party->line = cursor->line;
        take_preset(cursor, "client");
        break;
    case SECTION_BALANCER:
        cursor->party = defaults_balancer(cursor->plan);
        cursor->party->line = cursor->line;
        take_preset(cursor, "server");
        break;
    case SECTION_SERVER:
        cursor->party = plan_party(cursor->plan, PARTY_SERVER);
        cursor->party->line = cursor->line;
        take_preset(cursor, "server");
        break;
    case SECTION_ATTACKER:
        open_attacker(parser);
        break;
    case SECTION_PLAY:
        parser->seen_play = true;
        break;
    case SECTION_EXPECT:
        open_expect(parser);
        break;
    case SECTION_CASE:
        open_case(parser);
        break;
    case SECTION_NETWORK:
    case SECTION_COUNT:
        break;
    }
}

/* The section that such a statement belongs to: the other party's, if it is one of that; NULL. */
static const char *owner_of(const char *word, SectionKind section)
{
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    SectionKind other = section == SECTION_CLIENT ? SECTION_SERVER : SECTION_CLIENT;
    bool party = section == SECTION_CLIENT || section == SECTION_SERVER;
    unsigned sections = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].word, word) == 0)
            sections |= rows[i].sections;
    if (party && (sections & 1u << other))
        return section_name(other);
    for (int i = 0; i < SECTION_COUNT; i++)
        if (sections & 1u << i)
            return section_name((SectionKind)i);
    return NULL;
}

/* An unknown first word, with the nearest of those that may stand here. */
static void unknown_statement(Parser *parser)
{
    enum { WORDS_MOST = 20 }; /* a longer list is not read */
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    g_autofree const char **words = g_new0(const char *, count + 1);
    const char *typed = first_token(parser->cursor.statement)->text;
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].sections & 1u << parser->section)
            words[known++] = rows[i].word;
    const char *elsewhere = owner_of(typed, parser->section);
    const char *near = nearest_word(typed, words);
    const char *section = section_name(parser->section);
    g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)words);
    bool short_list = parser->section == SECTION_PLAY || parser->section == SECTION_EXPECT;
    if (section_of(parser->cursor.statement) >= 0 && !short_list)
        cursor_error(&parser->cursor,
                     "\"%s\" opens a section and is no statement of %s: sections begin at the "
                     "margin, those of a case all at one depth",
                     typed, section);
    else if (elsewhere != NULL)
        cursor_error(&parser->cursor, "\"%s\" does not belong under %s, but under %s", typed,
                     section, elsewhere);
    else if (near != NULL)
        cursor_error(&parser->cursor, "unknown word \"%s\" under %s; did you mean \"%s\"?", typed,
                     section, near);
    else if (known <= WORDS_MOST)
        cursor_error(&parser->cursor, "unknown word \"%s\" under %s; there are %s", typed, section,
                     all);
    else
        cursor_error(&parser->cursor,
                     "unknown word \"%s\" under %s; see `shakedown show statements`", typed,
                     section);
}

static const StatementRow *find_row(const Parser *parser, const char *word)
{
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].sections & 1u << parser->section) && strcmp(rows[i].word, word) == 0)
            return &rows[i];
    return NULL;
}

/* Whether the section's subject is there: its own opening may have failed. */
static bool has_subject(const Parser *parser)
{
    if (parser->section == SECTION_ATTACKER)
        return parser->cursor.attack != NULL;
    return parser->section != SECTION_CERTIFICATE || parser->cursor.certificate != NULL;
}

static void parse_statement(Parser *parser)
{
    Cursor *cursor = &parser->cursor;
    const Token *first = first_token(cursor->statement);
    cursor->at = 1;
    if (first->kind != TOKEN_WORD) {
        cursor_error(cursor, "a statement begins with a word");
        return;
    }
    const StatementRow *row = find_row(parser, first->text);
    if (row == NULL) {
        unknown_statement(parser);
        return;
    }
    if (!has_subject(parser))
        return;
    row->parse(cursor);
    if (!cursor_over(cursor))
        cursor_error_next(cursor, "this is too much; the statement is: %s", row->syntax);
}

static void parse_section_line(Parser *parser, const Statement *statement)
{
    Cursor *cursor = &parser->cursor;
    cursor->at = 1;
    int section = section_of(statement);
    bool head = section == SECTION_CASE || section == SECTION_SCENARIO;
    if (parser->in_case && head && statement->indent > 0) {
        cursor_error(cursor, "\"%s\" begins at the margin: cases do not nest",
                     section_name((SectionKind)section));
        return;
    }
    if (parser->in_case && !head && section >= 0 && statement->indent == 0) {
        cursor_error(cursor,
                     "behind a case \"%s\" belongs to one: indent it, or move it above the first",
                     section_name((SectionKind)section));
        parser->in_case = false; /* no second error for each line of it */
        cursor->at = 1;
        open_section(parser, (SectionKind)section);
        return;
    }
    if (section >= 0) {
        open_section(parser, (SectionKind)section);
        if (!cursor_over(cursor))
            cursor_error_next(cursor, "this is too much: \"%s\" ends before it",
                              section_name((SectionKind)section));
        return;
    }
    const char *typed = first_token(statement)->text;
    g_autofree const char **words = section_words(parser->in_case);
    const char *near = nearest_word(typed, words);
    if (near != NULL)
        cursor_error(cursor, "unknown section \"%s\"; did you mean \"%s\"?", typed, near);
    else
        cursor_error(cursor,
                     "unknown section \"%s\"; sections begin at the margin, statements "
                     "are indented",
                     typed);
}

/* A line deeper than the statement before it continues it. Sections of a case stand at the case's
 * own indent, their statements deeper. */
static void join_continuations(GPtrArray *statements)
{
    bool in_case = false;
    int opened = -1; /* indent of the section at hand */
    int body = -1;   /* indent of its statements */
    for (guint i = 0; i < statements->len;) {
        Statement *statement = g_ptr_array_index(statements, i);
        int section = section_of(statement);
        bool nested = in_case && section >= 0 && (opened <= 0 || statement->indent <= opened);
        if (statement->indent == 0 || nested) {
            in_case = statement->indent == 0 ? section == SECTION_CASE : in_case;
            opened = statement->indent;
            body = -1;
            i++;
            continue;
        }
        if (body >= 0 && statement->indent > body) {
            Statement *before = g_ptr_array_index(statements, i - 1);
            for (guint j = 0; j < statement->tokens->len; j++) {
                Token token = g_array_index(statement->tokens, Token, j);
                token.text = g_strdup(token.text);
                g_array_append_val(before->tokens, token);
            }
            g_ptr_array_remove_index(statements, i);
            continue;
        }
        body = statement->indent;
        i++;
    }
}

static void parse_line(Parser *parser, const Statement *statement)
{
    Cursor *cursor = &parser->cursor;
    cursor->statement = statement;
    cursor->line = first_token(statement)->line;
    if (statement->indent == 0) {
        parse_section_line(parser, statement);
        return;
    }
    if (parser->section == SECTION_COUNT) {
        cursor->at = 1;
        cursor_error(cursor, "a scenario begins with: scenario \"its title\"");
        return;
    }
    if (parser->in_case && parser->case_indent < 0)
        parser->case_indent = statement->indent;
    if (!parser->in_case || statement->indent > parser->case_indent) {
        parse_statement(parser);
        return;
    }
    /* at a case's own indent: a section, or a statement of the scenario's head */
    parser->section = SECTION_SCENARIO;
    const char *word = first_token(statement)->text;
    if (find_row(parser, word) != NULL)
        parse_statement(parser);
    else
        parse_section_line(parser, statement);
}

/* The last steps for one plan: defaults, canonical words, the check. */
static void finish_plan(Parser *parser, Plan *plan)
{
    g_autofree char *why = NULL;
    int line = 0;
    for (guint i = 0; i < plan->expects->len; i++) {
        PlanExpect *expect = g_ptr_array_index(plan->expects, i);
        g_free(expect->words);
        expect->words = expect_words(expect);
    }
    if (parser->diagnostics.errors > 0)
        return;
    if (!plan_check(plan, &why, &line))
        diagnostics_error_in(&parser->diagnostics, line, why);
    g_free(plan->text);
    plan->text = plan_print(plan);
}

static void parse_all(Parser *parser)
{
    Scenario *scenario = parser->scenario;
    for (guint i = 0; i < parser->statements->len; i++)
        parse_line(parser, g_ptr_array_index(parser->statements, i));
    if (!parser->in_case)
        defaults_fill(scenario->base, parser->seen_play, parser->seen_expect);
    if (scenario->base->title == NULL && parser->diagnostics.errors == 0)
        diagnostics_error(&parser->diagnostics, parser->statements->len == 0 ? 0 : 1, 1, 1,
                          parser->statements->len == 0
                              ? "the file holds no scenario; `shakedown new` writes one to start "
                                "from"
                              : "a scenario begins with: scenario \"its title\"");
    scenario->title = g_strdup(scenario->base->title);
    if (scenario->cases->len == 0)
        finish_plan(parser, scenario->base);
    for (guint i = 0; i < scenario->cases->len; i++)
        finish_plan(parser, g_ptr_array_index(scenario->cases, i));
}

static void free_plan(gpointer plan)
{
    plan_free(plan);
}

Scenario *scenario_parse(const char *name, const char *file, const char *text, gsize size,
                         char **report)
{
    g_autoptr(Scenario) scenario = g_new0(Scenario, 1);
    Parser parser = {.scenario = scenario, .section = SECTION_COUNT, .case_indent = -1};
    scenario->name = g_strdup(name);
    scenario->base = defaults_plan(name);
    scenario->cases = g_ptr_array_new_with_free_func(free_plan);
    diagnostics_init(&parser.diagnostics, file, text, size);
    parser.cursor = (Cursor){.diagnostics = &parser.diagnostics, .plan = scenario->base};
    parser.statements = lex(text, size, &parser.diagnostics);
    join_continuations(parser.statements);
    if (parser.diagnostics.errors == 0)
        parse_all(&parser);
    bool fine = parser.diagnostics.errors == 0;
    if (!fine)
        *report = g_strdup(parser.diagnostics.report->str);
    diagnostics_clear(&parser.diagnostics);
    g_ptr_array_unref(parser.statements);
    return fine ? g_steal_pointer(&scenario) : NULL;
}

void scenario_free(Scenario *scenario)
{
    if (scenario == NULL)
        return;
    g_free(scenario->name);
    g_free(scenario->title);
    plan_free(scenario->base);
    g_ptr_array_unref(scenario->cases);
    g_free(scenario);
}

guint scenario_count(const Scenario *scenario)
{
    return scenario->cases->len == 0 ? 1 : scenario->cases->len;
}

Plan *scenario_plan(const Scenario *scenario, guint index)
{
    return scenario->cases->len == 0 ? scenario->base : g_ptr_array_index(scenario->cases, index);
}
