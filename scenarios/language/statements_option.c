/* The statements that are options of a party: one handler for all rows of sim/options.c.
 *
 * A row says its word, its kind and the side that may say it; how its value is read, printed and
 * explained follows from the kind. So an option that the engine learns is a statement as soon as it
 * is a row. Nothing here knows what an option does.
 */
#include <string.h>

#include "scenarios/language/statements.h"

enum { OPTION_WORDS = 8 }; /* more than any kind has names */

static const char *const unset = "default"; /* of numbers and of modes */

/* The value whose words come next: "not allowed" is two of them. */
static bool parse_named(Cursor *cursor, const OptionRow *row, uint32_t *value)
{
    const char *firsts[OPTION_WORDS + 1] = {NULL};
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (uint32_t i = 0; i < OPTION_WORDS && option_word(row->kind, i) != NULL; i++) {
        char **words = g_strsplit(option_word(row->kind, i), " ", 2);
        g_ptr_array_add(parts, words);
        firsts[i] = words[0];
    }
    int index = cursor_choice(cursor, "a value", firsts);
    if (index < 0)
        return false;
    char **words = g_ptr_array_index(parts, (guint)index);
    if (words[1] != NULL && !cursor_word(cursor, words[1])) {
        cursor_error_next(cursor, "\"%s %s\" is meant", words[0], words[1]);
        return false;
    }
    if (row->kind == OPTION_FRAGMENT && index > 0)
        cursor_word(cursor, "bytes");
    *value = (uint32_t)index;
    return true;
}

static bool parse_counted(Cursor *cursor, const OptionRow *row, uint32_t *value)
{
    uint64_t number = 0;
    *value = 0;
    if (cursor_word(cursor, unset))
        return true;
    if (!cursor_number(cursor, "its value", G_MAXUINT32, &number))
        return false;
    if (number < row->least || number > row->most) {
        cursor_error(cursor, "%s is a number from %u to %u (%s), or the word %s", row->word,
                     row->least, row->most, row->rfc, unset);
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

/* psk_ke, psk_dhe_ke: one bit each. */
static bool parse_modes(Cursor *cursor, uint32_t *value)
{
    static const char *const words[] = {"psk_ke", "psk_dhe_ke", NULL};
    *value = 0;
    if (cursor_word(cursor, unset))
        return true;
    do {
        int mode = cursor_choice(cursor, "a mode", words);
        if (mode < 0)
            return false;
        *value |= mode == 0 ? PSK_MODE_KE : PSK_MODE_DHE_KE;
    } while (cursor_mark(cursor, TOKEN_COMMA));
    return true;
}

static bool parse_value(Cursor *cursor, const OptionRow *row, uint32_t *value)
{
    if (row->kind == OPTION_NUMBER)
        return parse_counted(cursor, row, value);
    if (row->kind == OPTION_MODES)
        return parse_modes(cursor, value);
    return parse_named(cursor, row, value);
}

void parse_option(Cursor *cursor)
{
    const Token *word = &g_array_index(cursor->statement->tokens, Token, 0);
    const OptionRow *row = option_find(word->text);
    uint32_t value = 0;
    g_assert(row != NULL); /* the table of statements is made of the options' rows */
    if (parse_value(cursor, row, &value))
        option_set(&cursor->party->options, row, value);
}

/* The value in the words of a scenario; g_free. */
static char *value_words(const OptionRow *row, uint32_t value)
{
    if (row->kind == OPTION_NUMBER)
        return value == 0 ? g_strdup(unset) : g_strdup_printf("%u", value);
    if (row->kind == OPTION_MODES && value == (PSK_MODE_KE | PSK_MODE_DHE_KE))
        return g_strdup("psk_ke, psk_dhe_ke");
    const char *word = option_word(row->kind, value);
    return g_strdup_printf("%s%s", word, row->kind == OPTION_FRAGMENT && value > 0 ? " bytes" : "");
}

static bool is_of(const OptionRow *row, const PlanParty *party)
{
    return row->of & (party->kind == PARTY_CLIENT ? OPTION_OF_CLIENT : OPTION_OF_SERVER);
}

void print_options(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    size_t count = 0;
    const OptionRow *rows = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_of(&rows[i], party))
            continue;
        g_autofree char *value = value_words(&rows[i], option_get(&party->options, &rows[i]));
        print_line(lines, "%-10s %s", rows[i].word, value);
    }
}

/* "heartbeat off | allowed | not allowed"; kept for good. */
static char *syntax_of(const OptionRow *row)
{
    GString *text = g_string_new(row->word);
    if (row->kind == OPTION_NUMBER)
        g_string_append_printf(text, " NUMBER | %s", unset);
    else if (row->kind == OPTION_MODES)
        g_string_append_printf(text, " psk_ke, psk_dhe_ke | %s", unset);
    for (uint32_t i = 0; row->kind != OPTION_MODES && option_word(row->kind, i) != NULL; i++) {
        g_autofree char *value = value_words(row, i);
        g_string_append_printf(text, "%s%s", i > 0 ? " | " : " ", value);
    }
    return g_string_free(text, FALSE);
}

StatementRow option_statement(const OptionRow *row, unsigned client, unsigned server)
{
    EndpointOptions standard = options_default();
    return (StatementRow){
        .sections =
            (row->of & OPTION_OF_CLIENT ? client : 0) | (row->of & OPTION_OF_SERVER ? server : 0),
        .word = row->word,
        .parse = parse_option,
        .syntax = syntax_of(row),
        .standard = value_words(row, option_get(&standard, row)),
        .about = g_strdup_printf("%s (%s)", row->about, row->rfc),
    };
}
