/* The statements of the scenario's head, of the network and of the attacker; and actions, which the
 * network and a misbehaving peer share.
 *
 * They fill the plan's own members, its rules and its attackers. What a rule may touch is decided
 * by the plan's check, which knows the conversation list.
 */
#include <string.h>

#include "scenarios/attacks/attacks.h"
#include "scenarios/language/statements.h"

static void set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

void parse_about(Cursor *cursor)
{
    const char *text = cursor_take_text(cursor, "a sentence");
    if (text != NULL)
        set_text(&cursor->plan->about, text);
}

void print_about(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    if (plan->about == NULL)
        return;
    g_autofree char *text = print_text(plan->about);
    print_line(lines, "about      %s", text);
}

/* The rest of the line as it stands, with single blanks. */
void parse_spec(Cursor *cursor)
{
    GString *text = g_string_new(NULL);
    for (const Token *token = cursor_peek(cursor); token != NULL; token = cursor_peek(cursor)) {
        g_string_append_printf(text, "%s%s", text->len > 0 && token->kind == TOKEN_WORD ? " " : "",
                               token->text);
        cursor->at++;
    }
    if (text->len == 0)
        cursor_error_next(cursor, "an RFC and its section are expected here");
    else
        set_text(&cursor->plan->spec, text->str);
    g_string_free(text, TRUE);
}

void print_spec(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    if (plan->spec != NULL)
        print_line(lines, "spec       %s", plan->spec);
}

void parse_clock(Cursor *cursor)
{
    cursor_time(cursor, false, &cursor->plan->clock);
}

void print_clock(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    g_autofree char *time = print_time(plan->clock);
    print_line(lines, "clock      %s", time);
}

void parse_seed(Cursor *cursor)
{
    cursor_number(cursor, "a seed", G_MAXUINT64, &cursor->plan->seed);
}

void print_seed(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    print_line(lines, "seed       %" G_GUINT64_FORMAT, plan->seed);
}

void parse_latency(Cursor *cursor)
{
    cursor_duration(cursor, &cursor->plan->network.latency);
}

void print_latency(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    g_autofree char *time = print_duration(plan->network.latency);
    print_line(lines, "latency    %s", time);
}

void parse_tap(Cursor *cursor)
{
    static const char *const words[] = {"none", "listens", "holds", NULL};
    static const char *const holds[] = {"the server's key", "the key log"};
    int word = cursor_choice(cursor, "what the listener does", words);
    if (word < 0)
        return;
    cursor->plan->network.tap = word == 0 ? TAP_NONE : TAP_LISTENS;
    if (word < 2)
        return;
    if (!cursor_word(cursor, "the")) {
        cursor_error_next(cursor, "\"%s\" or \"%s\" is expected here", holds[0], holds[1]);
    } else if (cursor_word(cursor, "server's") && cursor_word(cursor, "key")) {
        cursor->plan->network.tap = TAP_KEY;
    } else if (cursor_word(cursor, "key") && cursor_word(cursor, "log")) {
        cursor->plan->network.tap = TAP_KEYLOG;
    } else {
        cursor_error_next(cursor, "\"%s\" or \"%s\" is expected here", holds[0], holds[1]);
    }
}

void print_tap(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    static const char *const words[] = {[TAP_NONE] = "none",
                                        [TAP_LISTENS] = "listens",
                                        [TAP_KEY] = "holds the server's key",
                                        [TAP_KEYLOG] = "holds the key log"};
    print_line(lines, "tap        %s", words[plan->network.tap]);
}

/* flip bit N [of FIELD] */
static bool parse_flip(Cursor *cursor, Edit *edit)
{
    uint64_t bit = 0;
    if (!cursor_word(cursor, "bit")) {
        cursor_error_next(cursor, "\"bit\" and its number are expected here");
        return false;
    }
    if (!cursor_number(cursor, "a bit", G_MAXINT32, &bit))
        return false;
    edit->kind = EDIT_FLIP_BIT;
    edit->number = (uint32_t)bit;
    if (!cursor_word(cursor, "of"))
        return true;
    const char *path = cursor_take_word(cursor, "a field's path");
    edit->path = g_strdup(path);
    return path != NULL;
}

/* truncate to N bytes */
static bool parse_truncate(Cursor *cursor, Edit *edit)
{
    uint64_t size = 0;
    if (!cursor_word(cursor, "to")) {
        cursor_error_next(cursor, "\"to\" and a number of bytes are expected here");
        return false;
    }
    if (!cursor_number(cursor, "a size", G_MAXUINT16, &size))
        return false;
    cursor_word(cursor, "bytes");
    edit->kind = EDIT_TRUNCATE;
    edit->number = (uint32_t)size;
    return true;
}

/* A number's own name in place of its bytes: "TLS 1.0" would be two words, so a name of one word.
 */
static GBytes *bytes_of_name(const char *name)
{
    static const struct {
        NumberKind kind;
        uint8_t size;
    } kinds[] = {{NUMBER_SUITE, 2}, {NUMBER_MESSAGE, 1}, {NUMBER_ALERT, 1}, {NUMBER_EXTENSION, 2}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        uint32_t value = 0;
        if (!number_from_name(kinds[i].kind, name, &value))
            continue;
        const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
        return g_bytes_new(bytes + 2 - kinds[i].size, kinds[i].size);
    }
    return NULL;
}

/* replace FIELD with HEX | NAME [, lengths lying] */
static bool parse_replace(Cursor *cursor, Edit *edit)
{
    const char *path = cursor_take_word(cursor, "a field's path, such as cipher_suites,");
    if (path == NULL)
        return false;
    edit->kind = EDIT_REPLACE;
    edit->path = g_strdup(path);
    if (!cursor_word(cursor, "with")) {
        cursor_error_next(cursor, "\"with\" and the new bytes are expected here");
        return false;
    }
    const Token *token = cursor_peek(cursor);
    if (token != NULL && token->kind == TOKEN_WORD)
        edit->bytes = bytes_of_name(token->text);
    if (edit->bytes != NULL)
        cursor->at++;
    else if (cursor_word(cursor, "nothing"))
        edit->bytes = g_bytes_new(NULL, 0);
    else
        edit->bytes = cursor_hex(cursor);
    if (edit->bytes == NULL)
        return false;
    if (!cursor_mark(cursor, TOKEN_COMMA))
        return true;
    edit->lengths_lie = cursor_word(cursor, "lengths") && cursor_word(cursor, "lying");
    if (!edit->lengths_lie)
        cursor_error_next(cursor, "\"lengths lying\" is expected here");
    return edit->lengths_lie;
}

static bool parse_edit(Cursor *cursor, int word, Edit *edit)
{
    bool (*const readers[])(Cursor *, Edit *) = {parse_flip, parse_truncate, parse_replace};
    if (readers[word](cursor, edit))
        return true;
    edit_clear(edit);
    return false;
}

bool parse_action(Cursor *cursor, ActionKind *action, uint64_t *delay, Edit *edit)
{
    static const char *const words[] = {"flip",  "truncate",  "replace", "drop",
                                        "delay", "duplicate", NULL};
    int word = cursor_choice(cursor, "an action", words);
    switch (word) {
    case 0:
    case 1:
    case 2:
        *action = ACTION_EDIT;
        return parse_edit(cursor, word, edit);
    case 3:
        *action = ACTION_DROP;
        return true;
    case 4:
        *action = ACTION_DELAY;
        return cursor_duration(cursor, delay);
    case 5:
        *action = ACTION_DUPLICATE;
        return true;
    }
    return false;
}

static char *print_edit(const Edit *edit)
{
    switch (edit->kind) {
    case EDIT_FLIP_BIT:
        return g_strdup_printf("flip bit %u%s%s", edit->number, edit->path == NULL ? "" : " of ",
                               edit->path == NULL ? "" : edit->path);
    case EDIT_TRUNCATE:
        return g_strdup_printf("truncate to %u bytes", edit->number);
    case EDIT_REPLACE:
        break;
    }
    Bytes bytes = bytes_from_gbytes(edit->bytes);
    g_autofree char *hex = bytes.size == 0 ? g_strdup("nothing") : print_hex(bytes);
    return g_strdup_printf("replace %s with %s%s", edit->path, hex,
                           edit->lengths_lie ? ", lengths lying" : "");
}

char *print_action(ActionKind action, uint64_t delay, const Edit *edit)
{
    switch (action) {
    case ACTION_DROP:
        return g_strdup("drop");
    case ACTION_DUPLICATE:
        return g_strdup("duplicate");
    case ACTION_EDIT:
        return print_edit(edit);
    case ACTION_DELAY:
        break;
    }
    g_autofree char *time = print_duration(delay);
    return g_strdup_printf("delay %s", time);
}

static char *print_rule(const PlanRule *rule)
{
    g_autofree char *ordinal = rule->ordinal == 0 ? NULL : print_ordinal(rule->ordinal);
    g_autofree char *action = print_action(rule->action, rule->delay, &rule->edit);
    return g_strdup_printf(
        "%s%s%s from %s: %s%s", ordinal == NULL ? "" : ordinal, ordinal == NULL ? "" : " ",
        rule->message == MESSAGE_NONE ? "protected record" : message_name(rule->message),
        role_name(rule->from), action, rule->maybe ? " maybe" : "");
}

/* "MESSAGE" or "protected record", then "from client". */
static bool parse_target(Cursor *cursor, PlanRule *rule)
{
    static const char *const roles[] = {"client", "server", NULL};
    cursor_ordinal(cursor, &rule->ordinal);
    if (cursor_word(cursor, "protected")) {
        if (!cursor_word(cursor, "record")) {
            cursor_error_next(cursor, "\"record\" is expected here");
            return false;
        }
    } else if (!cursor_message(cursor, &rule->message)) {
        return false;
    }
    if (!cursor_word(cursor, "from")) {
        cursor_error_next(cursor, "\"from client\" or \"from server\" is expected here");
        return false;
    }
    int role = cursor_choice(cursor, "a side", roles);
    rule->from = role == 1 ? ROLE_SERVER : ROLE_CLIENT;
    return role >= 0;
}

void parse_network_rule(Cursor *cursor)
{
    PlanRule *rule = plan_rule_new();
    g_ptr_array_add(cursor->plan->rules, rule);
    rule->line = cursor->line;
    if (!parse_target(cursor, rule))
        return;
    if (!cursor_mark(cursor, TOKEN_COLON)) {
        cursor_error_next(cursor, "a colon and an action are expected here");
        return;
    }
    if (!parse_action(cursor, &rule->action, &rule->delay, &rule->edit))
        return;
    rule->maybe = cursor_word(cursor, "maybe");
    rule->text = print_rule(rule);
}

void print_network_rule(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    for (guint i = 0; i < plan->rules->len; i++) {
        g_autofree char *rule = print_rule(g_ptr_array_index(plan->rules, i));
        print_line(lines, "on %s", rule);
    }
}

void parse_attacker_shows(Cursor *cursor)
{
    const char *name = cursor_take_word(cursor, "the name of a certificate");
    if (name != NULL)
        set_text(&cursor->attack->shows, name);
}

void print_attacker_shows(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanAttack *attack = subject;
    if (attack->shows != NULL)
        print_line(lines, "shows      %s", attack->shows);
}

void parse_attacker_trusts(Cursor *cursor)
{
    GPtrArray *names = cursor_list(cursor, "the name of a CA's certificate", "everybody");
    g_ptr_array_unref(cursor->attack->trusts);
    cursor->attack->trusts = names;
}

void print_attacker_trusts(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanAttack *attack = subject;
    GString *text = g_string_new(attack->trusts->len == 0 ? "everybody" : NULL);
    for (guint i = 0; i < attack->trusts->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)g_ptr_array_index(attack->trusts, i));
    print_line(lines, "trusts     %s", text->str);
    g_string_free(text, TRUE);
}

void parse_attacker_replaces(Cursor *cursor)
{
    const char *text = cursor_take_text(cursor, "the text to change");
    if (text == NULL)
        return;
    if (*text == '\0') {
        cursor_error(cursor, "an empty text stands everywhere; say which text is changed");
        return;
    }
    if (!cursor_word(cursor, "with")) {
        cursor_error_next(cursor, "\"with\" and the new text are expected here");
        return;
    }
    const char *with = cursor_take_text(cursor, "the new text");
    if (with == NULL)
        return;
    set_text(&cursor->attack->replaces, text);
    set_text(&cursor->attack->with, with);
}

void print_attacker_replaces(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanAttack *attack = subject;
    if (attack->replaces == NULL)
        return;
    g_autofree char *text = print_text(attack->replaces);
    g_autofree char *with = print_text(attack->with);
    print_line(lines, "replaces   %s with %s", text, with);
}
