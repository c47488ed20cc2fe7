/* The lexer: a scenario's text as sections and statements of tokens, each with its place. Sections
 * begin at column 1, statements are indented, a deeper-indented line or a trailing comma continues
 * a statement, `#` begins a comment. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "scenarios/language/diagnostics.h"

typedef enum {
    TOKEN_WORD, /* anything without blanks, quotes, commas */
    TOKEN_TEXT, /* "quoted"; \" and \\ and \n inside */
    TOKEN_COMMA,
    TOKEN_COLON, /* before a blank or the end of the line */
} TokenKind;

typedef struct {
    TokenKind kind;
    char *text;              /* words and texts: without quotes and escapes */
    int line, column, width; /* from 1, in characters */
} Token;

/* One logical line. */
typedef struct {
    GArray *tokens; /* of Token */
    int indent;     /* columns of blanks before its first token */
} Statement;

/* A GPtrArray of Statement *, comments and blank lines left out; free with g_ptr_array_unref.
 * Errors go to `diagnostics`; the result holds what could be read. */
GPtrArray *lex(const char *text, gsize size, Diagnostics *diagnostics);
