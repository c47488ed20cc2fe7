/* The parser: statements into a plan, by one table. Each row of the table is one statement of the
 * language: where it may stand, how it is read, how it is printed, how it is explained; the parser,
 * `show`, the manual and completion read the same rows. */
#pragma once

#include "scenarios/language/lexer.h"
#include "sim/plan.h"

typedef enum {
    SECTION_SCENARIO,
    SECTION_CERTIFICATE,
    SECTION_CLIENT,
    SECTION_BALANCER,
    SECTION_SERVER,
    SECTION_NETWORK,
    SECTION_ATTACKER,
    SECTION_PLAY,
    SECTION_EXPECT,
    SECTION_CASE,
    SECTION_COUNT,
} SectionKind;

/* Where the parser is. */
typedef struct {
    Diagnostics *diagnostics;
    const Statement *statement;
    guint at; /* next token */
    Plan *plan;
    CertificateSpec *certificate; /* in a certificate section */
    PlanParty *party;             /* in a client or server section */
    PlanAttack *attack;           /* in an attacker section */
    int line;                     /* of the statement */
} Cursor;

typedef struct {
    unsigned sections; /* 1 << SectionKind, where it may stand */
    const char *word;  /* its first word */
    /* Reads what follows the first word (which is taken); reports its own errors. */
    void (*parse)(Cursor *cursor);
    /* Appends its lines for this plan (certificate, party: the section's), each without indent;
     * nothing when it has nothing to say. NULL: another row prints for it. */
    void (*print)(const Plan *plan, const void *subject, GPtrArray *lines);
    const char *syntax;   /* "versions VERSION to VERSION" */
    const char *standard; /* its default, in words */
    const char *about;
} StatementRow;

/* All rows, section by section in canonical order. */
const StatementRow *statements_table(size_t *count);

const char *section_name(SectionKind section); /* "certificate" */

/* The tokens of the statement at hand. */
const Token *cursor_peek(const Cursor *cursor); /* NULL at the end */
bool cursor_over(const Cursor *cursor);
bool cursor_word(Cursor *cursor, const char *word); /* takes it if it is next */
bool cursor_mark(Cursor *cursor, TokenKind kind);
/* Take a word or a text; on anything else an error that says that `what` was expected; NULL. */
const char *cursor_take_word(Cursor *cursor, const char *what);
const char *cursor_take_text(Cursor *cursor, const char *what);
/* An error at the token that was taken last, at the next one, or behind the last. */
void cursor_error(Cursor *cursor, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cursor_error_next(Cursor *cursor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The next word must be one of these (NULL-terminated); its index, or -1 with an error that names
 * the nearest. */
int cursor_choice(Cursor *cursor, const char *what, const char *const *words);
/* A list of words or texts between commas; free with g_ptr_array_unref. `none` (may be NULL) is the
 * word for the empty list. */
GPtrArray *cursor_list(Cursor *cursor, const char *what, const char *none);

/* Values: false (and an error) when they are something else. */
bool cursor_number(Cursor *cursor, const char *what, uint64_t most, uint64_t *value);
bool cursor_version(Cursor *cursor, ProtocolVersion *version);
bool cursor_suite(Cursor *cursor, SuiteNumber *number); /* IANA's name, OpenSSL's, or 0x… */
bool cursor_group(Cursor *cursor, GroupNumber *number);
bool cursor_time(Cursor *cursor, bool end_of_day, int64_t *seconds);
bool cursor_duration(Cursor *cursor, uint64_t *microseconds);
bool cursor_message(Cursor *cursor, MessageKind *message);
GBytes *cursor_hex(Cursor *cursor);
bool cursor_ordinal(Cursor *cursor, int *ordinal); /* takes "2nd" if it is next */

/* Printing of values; g_free. */
char *print_text(const char *text);          /* in quotes, escaped */
char *print_time(int64_t seconds);           /* "2026-03-01 09:00 UTC" or, at midnight, the day */
char *print_duration(uint64_t microseconds); /* "250 ms", "2 h" */
char *print_hex(Bytes bytes);
char *print_ordinal(int ordinal); /* "3rd" */
void print_line(GPtrArray *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One action on a message or record (rules of the network and of a misbehaving peer). */
bool parse_action(Cursor *cursor, ActionKind *action, uint64_t *delay, Edit *edit);
char *print_action(ActionKind action, uint64_t delay, const Edit *edit);
