/* Reading the tokens of one statement: words, texts, lists, values, and their errors.
 *
 * Every error says what was expected at that place and underlines what stands there. Nothing here
 * knows a statement; the statements are built of these.
 */
#include <string.h>

#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "scenarios/language/parser.h"

const Token *cursor_peek(const Cursor *cursor)
{
    const GArray *tokens = cursor->statement->tokens;
    return cursor->at < tokens->len ? &g_array_index(tokens, Token, cursor->at) : NULL;
}

bool cursor_over(const Cursor *cursor)
{
    return cursor_peek(cursor) == NULL;
}

static void error_at(Cursor *cursor, const Token *token, const char *message)
{
    if (token != NULL) {
        diagnostics_error(cursor->diagnostics, token->line, token->column, token->width, "%s",
                          message);
        return;
    }
    const GArray *tokens = cursor->statement->tokens;
    const Token *last = &g_array_index(tokens, Token, tokens->len - 1);
    diagnostics_error(cursor->diagnostics, last->line, last->column + last->width, 1, "%s",
                      message);
}

void cursor_error(Cursor *cursor, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    guint at = cursor->at == 0 ? 0 : cursor->at - 1;
    error_at(cursor, &g_array_index(cursor->statement->tokens, Token, at), message);
    cursor->at = cursor->statement->tokens->len; /* one error a statement */
}

void cursor_error_next(Cursor *cursor, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    error_at(cursor, cursor_peek(cursor), message);
    cursor->at = cursor->statement->tokens->len;
}

bool cursor_word(Cursor *cursor, const char *word)
{
    const Token *token = cursor_peek(cursor);
    if (token == NULL || token->kind != TOKEN_WORD || strcmp(token->text, word) != 0)
        return false;
    cursor->at++;
    return true;
}

bool cursor_mark(Cursor *cursor, TokenKind kind)
{
    const Token *token = cursor_peek(cursor);
    if (token == NULL || token->kind != kind)
        return false;
    cursor->at++;
    return true;
}

static const char *take(Cursor *cursor, TokenKind kind, const char *what)
{
    const Token *token = cursor_peek(cursor);
    if (token != NULL && token->kind == kind) {
        cursor->at++;
        return token->text;
    }
    if (token == NULL)
        cursor_error_next(cursor, "%s is missing here", what);
    else if (kind == TOKEN_TEXT)
        cursor_error_next(cursor, "%s is expected here, in quotes", what);
    else
        cursor_error_next(cursor, "%s is expected here", what);
    return NULL;
}

const char *cursor_take_word(Cursor *cursor, const char *what)
{
    return take(cursor, TOKEN_WORD, what);
}

const char *cursor_take_text(Cursor *cursor, const char *what)
{
    return take(cursor, TOKEN_TEXT, what);
}

int cursor_choice(Cursor *cursor, const char *what, const char *const *words)
{
    const char *word = cursor_take_word(cursor, what);
    if (word == NULL)
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    enum { WORDS_MOST = 20 }; /* a longer list is not read */
    const char *near = nearest_word(word, words);
    g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)words);
    if (near != NULL)
        cursor_error(cursor, "unknown word \"%s\"; did you mean \"%s\"?", word, near);
    else if (g_strv_length((char **)(uintptr_t)words) > WORDS_MOST)
        cursor_error(cursor, "%s is expected here, not \"%s\"", what, word);
    else
        cursor_error(cursor, "unknown word \"%s\"; %s is one of: %s", word, what, all);
    return -1;
}

GPtrArray *cursor_list(Cursor *cursor, const char *what, const char *none)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    if (none != NULL && cursor_word(cursor, none))
        return list;
    do {
        const Token *token = cursor_peek(cursor);
        if (token == NULL || (token->kind != TOKEN_WORD && token->kind != TOKEN_TEXT)) {
            cursor_error_next(cursor, "%s is %s here", what,
                              token == NULL ? "missing" : "expected");
            return list;
        }
        g_ptr_array_add(list, g_strdup(token->text));
        cursor->at++;
    } while (cursor_mark(cursor, TOKEN_COMMA));
    return list;
}

bool cursor_number(Cursor *cursor, const char *what, uint64_t most, uint64_t *value)
{
    const char *word = cursor_take_word(cursor, what);
    if (word == NULL)
        return false;
    if (g_ascii_string_to_unsigned(word, 10, 0, most, value, NULL))
        return true;
    if (*word == '\0' || strspn(word, "0123456789") < strlen(word))
        cursor_error(cursor, "%s is expected here, not \"%s\"", what, word);
    else
        cursor_error(cursor, "%s is a number up to %" G_GUINT64_FORMAT ", not %s", what, most,
                     word);
    return false;
}

/* "TLS 1.2": two words; people also write TLS1.2 and TLSv1.2. */
bool cursor_version(Cursor *cursor, ProtocolVersion *version)
{
    const char *family = cursor_take_word(cursor, "a version such as TLS 1.2");
    if (family != NULL && strlen(family) > 3) {
        cursor_error(cursor, "a version is two words, such as TLS 1.2, not \"%s\"", family);
        return false;
    }
    const char *number =
        family == NULL ? NULL : cursor_take_word(cursor, "the version's number, such as 1.2,");
    if (number == NULL)
        return false;
    g_autofree char *name = g_strdup_printf("%s %s", family, number);
    uint32_t value = 0;
    if (!number_from_name(NUMBER_VERSION, name, &value)) {
        cursor_error(cursor, "\"%s\" is no version; there are SSL 2.0 and 3.0, and TLS 1.0 to 1.3",
                     name);
        return false;
    }
    *version = (ProtocolVersion)value;
    return true;
}

/* An error that names the nearest suite, or says why one that is known cannot run. */
static void unknown_suite(Cursor *cursor, const char *name)
{
    g_autofree const char **words = g_new0(const char *, suite_count() + 1);
    for (size_t i = 0; i < suite_count(); i++)
        words[i] = suite_at(i)->name;
    uint32_t number = 0;
    if (number_from_name(NUMBER_SUITE, name, &number)) {
        const char *why = suite_missing(number);
        cursor_error(cursor, "%s is known but does not run here%s%s; see `shakedown show suites`",
                     name, why == NULL ? "" : ": ", why == NULL ? "" : why);
        return;
    }
    const char *near = nearest_word(name, words);
    if (near != NULL)
        cursor_error(cursor, "unknown suite \"%s\"; did you mean \"%s\"?", name, near);
    else
        cursor_error(cursor, "unknown suite \"%s\"; see `shakedown show suites`", name);
}

bool cursor_suite(Cursor *cursor, SuiteNumber *number)
{
    const char *name = cursor_take_word(cursor, "a cipher suite");
    const Suite *suite = name == NULL ? NULL : suite_by_name(name);
    if (suite != NULL)
        *number = suite->number;
    else if (name != NULL)
        unknown_suite(cursor, name);
    return suite != NULL;
}

/* "2026-03-01", or "2026-03-01 09:00 UTC". A day alone is its first second, or its last. */
bool cursor_time(Cursor *cursor, bool end_of_day, int64_t *seconds)
{
    const char *day = cursor_take_word(cursor, "a day such as 2026-03-01");
    if (day == NULL)
        return false;
    const Token *next = cursor_peek(cursor);
    bool clock = next != NULL && next->kind == TOKEN_WORD && strchr(next->text, ':') != NULL;
    const char *time = clock ? next->text : end_of_day ? "23:59:59" : "00:00";
    g_autofree char *iso = g_strdup_printf("%sT%s%sZ", day, time, strlen(time) == 5 ? ":00" : "");
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(iso, NULL);
    if (date == NULL || strlen(day) != 10) {
        cursor_error(cursor,
                     "\"%s%s%s\" is no date; write it as 2026-03-01, or as 2026-03-01 "
                     "09:00 UTC",
                     day, clock ? " " : "", clock ? time : "");
        return false;
    }
    if (clock) {
        cursor->at++;
        cursor_word(cursor, "UTC");
    }
    *seconds = g_date_time_to_unix(date);
    return true;
}

#define MINUTE (UINT64_C(60) * G_USEC_PER_SEC)
#define HOUR (60 * MINUTE)

bool cursor_duration(Cursor *cursor, uint64_t *microseconds)
{
    static const uint64_t most = 7 * 24 * HOUR; /* RFC 8446 4.6.1: no session lives longer */
    static const char *const units[] = {"us", "ms", "s", "min", "h", NULL};
    static const uint64_t factors[] = {1, 1000, G_USEC_PER_SEC, MINUTE, HOUR};
    uint64_t value = 0;
    const Token *number = cursor_peek(cursor);
    if (number != NULL && number->kind == TOKEN_WORD && strlen(number->text) > 12 &&
        strspn(number->text, "0123456789") == strlen(number->text)) {
        cursor_error_next(cursor, "a time is a week at most");
        return false;
    }
    if (!cursor_number(cursor, "a time such as 250 ms", UINT64_C(999999999999), &value))
        return false;
    int unit = cursor_choice(cursor, "a unit", units);
    if (unit < 0)
        return false;
    if (value > most / factors[unit]) {
        cursor_error(cursor, "a time is a week at most");
        return false;
    }
    *microseconds = value * factors[unit];
    return true;
}

bool cursor_message(Cursor *cursor, MessageKind *message)
{
    size_t count = 0;
    const NumberName *names = number_table(NUMBER_MESSAGE, &count);
    g_autofree const char **words = g_new0(const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        words[i] = names[i].name;
    const Token *token = cursor_peek(cursor);
    if (token != NULL && token->kind == TOKEN_WORD && g_ascii_isdigit(token->text[0])) {
        cursor_error_next(cursor, "which one of them is said as 1st, 2nd, 3rd, 4th, not \"%s\"",
                          token->text);
        return false;
    }
    int index = cursor_choice(cursor, "a message (`shakedown show messages`)", words);
    if (index >= 0)
        *message = (MessageKind)names[index].value;
    return index >= 0;
}

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF:") == strlen(text);
}

GBytes *cursor_hex(Cursor *cursor)
{
    GString *digits = g_string_new(NULL);
    const Token *token = cursor_peek(cursor);
    while (token != NULL && token->kind == TOKEN_WORD && is_hex(token->text)) {
        g_string_append(digits, token->text);
        cursor->at++;
        token = cursor_peek(cursor);
    }
    g_autofree char *text = g_string_free(digits, FALSE);
    GByteArray *array = *text == '\0' ? NULL : bytes_from_hex(text);
    if (array != NULL)
        return g_byte_array_free_to_bytes(array);
    if (*text == '\0')
        cursor_error_next(cursor, "bytes in hex, such as 03 00, are expected here");
    else
        cursor_error(cursor, "\"%s\" is an odd number of hex digits; bytes are written as 03 00",
                     text);
    return NULL;
}

bool cursor_ordinal(Cursor *cursor, int *ordinal)
{
    const Token *token = cursor_peek(cursor);
    if (token == NULL || token->kind != TOKEN_WORD || !g_ascii_isdigit(token->text[0]))
        return false;
    char *rest = NULL;
    guint64 value = g_ascii_strtoull(token->text, &rest, 10);
    if (strlen(rest) != 2 || value == 0 || value > G_MAXINT ||
        (strcmp(rest, "st") != 0 && strcmp(rest, "nd") != 0 && strcmp(rest, "rd") != 0 &&
         strcmp(rest, "th") != 0))
        return false;
    cursor->at++;
    *ordinal = (int)value;
    return true;
}

char *print_text(const char *text)
{
    GString *out = g_string_new("\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            g_string_append(out, "\\n");
            continue;
        }
        if (*at == '"' || *at == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

char *print_time(int64_t seconds)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
    bool whole = g_date_time_get_second(date) == 0;
    return g_date_time_format(date, whole ? "%Y-%m-%d %H:%M UTC" : "%Y-%m-%d %H:%M:%S UTC");
}

char *print_duration(uint64_t microseconds)
{
    if (microseconds % HOUR == 0 && microseconds > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " h", microseconds / HOUR);
    if (microseconds % G_USEC_PER_SEC == 0 && microseconds > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " s", microseconds / G_USEC_PER_SEC);
    if (microseconds % 1000 == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " ms", microseconds / 1000);
    return g_strdup_printf("%" G_GUINT64_FORMAT " us", microseconds);
}

char *print_hex(Bytes bytes)
{
    return bytes_to_hex(bytes, " ");
}

char *print_ordinal(int ordinal)
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    int last = ordinal % 10;
    bool teens = ordinal / 10 % 10 == 1;
    return g_strdup_printf("%d%s", ordinal, last <= 3 && !teens ? ends[last] : "th");
}

void print_line(GPtrArray *lines, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(lines, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}
