/* Text into statements.
 *
 * The lexer knows lines, blanks, quotes and comments, and where each token stands. It knows no word
 * of the language. What cannot be text at all (a NUL byte, bytes that are no UTF-8, line ends of
 * another system) is refused here, once, with its place.
 */
#include "scenarios/language/lexer.h"

#include <string.h>

typedef struct {
    const char *at, *end; /* of the line being read */
    int line, column;
    Diagnostics *diagnostics;
} Line;

static void token_clear(gpointer data)
{
    Token *token = data;
    g_free(token->text);
}

static void statement_free(gpointer data)
{
    Statement *statement = data;
    g_array_unref(statement->tokens);
    g_free(statement);
}

static Statement *statement_new(int indent)
{
    Statement *statement = g_new0(Statement, 1);
    statement->tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    g_array_set_clear_func(statement->tokens, token_clear);
    statement->indent = indent;
    return statement;
}

/* One character on, counted as one column however many bytes it has. */
static void line_advance(Line *line)
{
    line->at += g_utf8_skip[(guchar)*line->at];
    line->column++;
}

static Token lex_text(Line *line)
{
    Token token = {.kind = TOKEN_TEXT, .line = line->line, .column = line->column};
    GString *text = g_string_new(NULL);
    line_advance(line);
    while (line->at < line->end && *line->at != '"') {
        if (*line->at == '\\' && line->at + 1 < line->end && strchr("\"\\n", line->at[1]) != NULL) {
            g_string_append_c(text, line->at[1] == 'n' ? '\n' : line->at[1]);
            line_advance(line);
            line_advance(line);
            continue;
        }
        const char *from = line->at;
        line_advance(line);
        g_string_append_len(text, from, line->at - from);
    }
    if (line->at < line->end)
        line_advance(line);
    else
        diagnostics_error(line->diagnostics, token.line, token.column, 1,
                          "this text has no closing quote");
    token.text = g_string_free(text, FALSE);
    token.width = line->column - token.column;
    return token;
}

static bool is_colon(const Line *line)
{
    return *line->at == ':' && (line->at + 1 >= line->end || line->at[1] == ' ');
}

static Token lex_word(Line *line)
{
    Token token = {.kind = TOKEN_WORD, .line = line->line, .column = line->column};
    const char *from = line->at;
    while (line->at < line->end && strchr(" \t,\"#", *line->at) == NULL && !is_colon(line))
        line_advance(line);
    token.text = g_strndup(from, (gsize)(line->at - from));
    token.width = line->column - token.column;
    return token;
}

static Token lex_mark(Line *line, TokenKind kind)
{
    Token token = {.kind = kind,
                   .text = g_strndup(line->at, 1),
                   .line = line->line,
                   .column = line->column,
                   .width = 1};
    line_advance(line);
    return token;
}

/* Appends the tokens of a line. */
static void lex_line(Line *line, GArray *tokens)
{
    while (line->at < line->end) {
        if (*line->at == ' ' || *line->at == '\t') {
            line_advance(line);
            continue;
        }
        if (*line->at == '#')
            break;
        Token token = *line->at == '"'   ? lex_text(line)
                      : *line->at == ',' ? lex_mark(line, TOKEN_COMMA)
                      : is_colon(line)   ? lex_mark(line, TOKEN_COLON)
                                         : lex_word(line);
        g_array_append_val(tokens, token);
    }
}

static bool ends_in_comma(const Statement *statement)
{
    const GArray *tokens = statement->tokens;
    return tokens->len > 0 && g_array_index(tokens, Token, tokens->len - 1).kind == TOKEN_COMMA;
}

static int indent_of(const char *from, const char *end)
{
    int indent = 0;
    for (; from < end && (*from == ' ' || *from == '\t'); from++)
        indent += *from == '\t' ? 8 - indent % 8 : 1;
    return indent;
}

/* What no line may hold; false when nothing more can be read. */
static bool check_bytes(const char *text, gsize size, Diagnostics *diagnostics)
{
    int line = 1;
    const char *start = text;
    for (const char *at = text; at < text + size; at++) {
        const char *wrong =
            *at == '\0'   ? "a NUL byte: this is no text"
            : *at == '\r' ? "this line ends in CR LF; lines end in LF alone (dos2unix mends it)"
                          : NULL;
        if (wrong != NULL) {
            diagnostics_error(diagnostics, line, (int)(at - start) + 1, 1, "%s", wrong);
            return false;
        }
        if (*at != '\n')
            continue;
        line++;
        start = at + 1;
    }
    const char *invalid = NULL;
    if (g_utf8_validate(text, (gssize)size, &invalid))
        return true;
    line = 1;
    start = text;
    for (const char *at = text; at < invalid; at++) {
        if (*at != '\n')
            continue;
        line++;
        start = at + 1;
    }
    diagnostics_error(diagnostics, line, (int)g_utf8_strlen(start, invalid - start) + 1, 1,
                      "byte 0x%02x is no UTF-8", (guint)(guchar)*invalid);
    return false;
}

GPtrArray *lex(const char *text, gsize size, Diagnostics *diagnostics)
{
    GPtrArray *statements = g_ptr_array_new_with_free_func(statement_free);
    if (!check_bytes(text, size, diagnostics))
        return statements;
    Statement *last = NULL;
    int number = 0;
    for (const char *at = text; at < text + size;) {
        const char *end = memchr(at, '\n', (size_t)(text + size - at));
        end = end == NULL ? text + size : end;
        int indent = indent_of(at, end);
        g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(Token));
        Line line = {
            .at = at, .end = end, .line = ++number, .column = 1, .diagnostics = diagnostics};
        lex_line(&line, tokens);
        at = end + 1;
        if (tokens->len == 0)
            continue;
        if (last == NULL || !ends_in_comma(last)) {
            last = statement_new(indent);
            g_ptr_array_add(statements, last);
        }
        g_array_append_vals(last->tokens, tokens->data, tokens->len);
    }
    return statements;
}
