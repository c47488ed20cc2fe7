/* The acts of a play: what the two sides do, one after the other.
 *
 * Acts are data for the world; nothing here knows what they cause. An act begins when nothing is on
 * its way any more, so a play reads like a list of stage directions. A request is the small
 * exchange of sim/application.h; what a side sends is a text, or so many bytes of a pattern.
 */
#include "scenarios/language/statements.h"

static PlanAct *add_act(Cursor *cursor, ActKind kind, Role who)
{
    PlanAct *act = plan_act_new(kind);
    act->who = who;
    act->line = cursor->line;
    g_ptr_array_add(cursor->plan->acts, act);
    return act;
}

/* "TEXT" or N bytes */
static void parse_sends(Cursor *cursor, Role who)
{
    enum { SEND_MOST = 16 * 1024 * 1024 }; /* a run holds all of it in its trace */
    uint64_t size = 0;
    const Token *token = cursor_peek(cursor);
    if (token != NULL && token->kind == TOKEN_TEXT) {
        add_act(cursor, ACT_SEND, who)->text = g_strdup(cursor_take_text(cursor, "a text"));
        return;
    }
    bool number = token != NULL && g_ascii_isdigit(token->text[0]);
    if (!cursor_number(cursor,
                       number ? "the number of bytes" : "a text in quotes, or a number of bytes",
                       SEND_MOST, &size))
        return;
    if (!cursor_word(cursor, "bytes"))
        cursor_error_next(cursor, "\"bytes\" is expected here");
    else
        add_act(cursor, ACT_SEND, who)->size = (size_t)size;
}

static void parse_requests(Cursor *cursor)
{
    const char *path = cursor_take_text(cursor, "a resource such as \"/payroll\"");
    if (path == NULL)
        return;
    for (const char *at = path; *at != '\0'; at++) {
        if (!g_ascii_isgraph(*at)) {
            cursor_error(cursor, "a resource has no blanks and no control characters");
            return;
        }
    }
    if (*path != '/')
        cursor_error(cursor, "a resource begins with a slash: \"/%s\"", path);
    else
        add_act(cursor, ACT_REQUEST, ROLE_CLIENT)->text = g_strdup(path);
}

/* The rest of an act, word by word; an error that says it whole when one is missing. */
static bool parse_words(Cursor *cursor, const char *words)
{
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);
    for (char **part = parts; *part != NULL; part++) {
        if (cursor_word(cursor, *part))
            continue;
        cursor_error_next(cursor, "\"%s\" is expected here", *part);
        return false;
    }
    return true;
}

static void parse_heartbeat(Cursor *cursor, Role who)
{
    const char *text = cursor_take_text(cursor, "a payload");
    if (text != NULL)
        add_act(cursor, ACT_HEARTBEAT, who)->text = g_strdup(text);
}

static void parse_exports(Cursor *cursor, Role who)
{
    const char *label = cursor_take_text(cursor, "a label such as \"EXPORTER-Channel-Binding\"");
    if (label == NULL)
        return;
    if (*label == '\0')
        cursor_error(cursor, "a label is not empty (RFC 5705 4)");
    else
        add_act(cursor, ACT_EXPORT, who)->text = g_strdup(label);
}

/* An act that is nothing but its words, and what may follow them. */
typedef struct {
    const char *word, *rest; /* "updates", "keys" */
    const char *more;        /* "and asks for the same"; NULL */
    ActKind kind;
    unsigned by;    /* 1 << Role */
    const char *no; /* why the other side does not */
} ActRow;

/* clang-format off */
#define CLIENT (1u << ROLE_CLIENT)
#define SERVER (1u << ROLE_SERVER)
static const ActRow acts[] = {
    {"renegotiates", NULL, NULL, ACT_RENEGOTIATE, CLIENT | SERVER, NULL},
    {"closes", NULL, NULL, ACT_CLOSE, CLIENT | SERVER, NULL},
    {"connects", "again", NULL, ACT_RECONNECT, CLIENT, "a server waits for connections; the client connects again"},
    {"updates", "keys", "and asks for the same", ACT_UPDATE_KEYS, CLIENT | SERVER, NULL},
    {"asks", "for a certificate", NULL, ACT_ASK_CERTIFICATE, SERVER, "a client asks for no certificate: the server shows its own in every handshake"},
    {"rotates", "its ticket keys", "and forgets the old", ACT_ROTATE_TICKETS, SERVER, "a client has no ticket keys: it keeps tickets that it cannot read"},
    {"forgets", "its sessions", NULL, ACT_FORGET, CLIENT | SERVER, NULL},
};
/* clang-format on */

static void parse_row(Cursor *cursor, const ActRow *row, Role who)
{
    if (!(row->by & 1u << who)) {
        cursor_error(cursor, "%s", row->no);
        return;
    }
    if (row->rest != NULL && !parse_words(cursor, row->rest))
        return;
    bool more = row->more != NULL && !cursor_over(cursor);
    if (more && !parse_words(cursor, row->more))
        return;
    add_act(cursor, row->kind, who)->number = more;
}

static void parse_act(Cursor *cursor, Role who)
{
    enum { SPELT = 3 }; /* those that are not rows */
    const char *words[G_N_ELEMENTS(acts) + SPELT + 1] = {"requests", "sends", "exports"};
    for (size_t i = 0; i < G_N_ELEMENTS(acts); i++)
        words[i + SPELT] = acts[i].word;
    int word = cursor_choice(cursor, "an act", words);
    if (word >= SPELT)
        parse_row(cursor, &acts[word - SPELT], who);
    else if (word == 2)
        parse_exports(cursor, who);
    else if (word == 1 && cursor_word(cursor, "heartbeat"))
        parse_heartbeat(cursor, who);
    else if (word == 1)
        parse_sends(cursor, who);
    else if (word == 0 && who == ROLE_SERVER)
        cursor_error(cursor, "a server requests nothing; it sends, renegotiates or closes");
    else if (word == 0)
        parse_requests(cursor);
}

void parse_act_of_client(Cursor *cursor)
{
    parse_act(cursor, ROLE_CLIENT);
}

void parse_act_of_server(Cursor *cursor)
{
    parse_act(cursor, ROLE_SERVER);
}

void parse_act_wait(Cursor *cursor)
{
    uint64_t duration = 0;
    if (cursor_duration(cursor, &duration))
        add_act(cursor, ACT_WAIT, ROLE_CLIENT)->duration = duration;
}

static void print_row(const PlanAct *act, GPtrArray *lines)
{
    for (size_t i = 0; i < G_N_ELEMENTS(acts); i++) {
        const ActRow *row = &acts[i];
        if (row->kind != act->kind)
            continue;
        bool more = row->more != NULL && act->number != 0;
        print_line(lines, "%s %s%s%s%s%s", role_name(act->who), row->word,
                   row->rest == NULL ? "" : " ", row->rest == NULL ? "" : row->rest,
                   more ? " " : "", more ? row->more : "");
    }
}

static void print_act(const PlanAct *act, GPtrArray *lines)
{
    const char *who = role_name(act->who);
    g_autofree char *text = act->text == NULL ? NULL : print_text(act->text);
    g_autofree char *time = print_duration(act->duration);
    switch (act->kind) {
    case ACT_REQUEST:
        print_line(lines, "%s requests %s", who, text);
        return;
    case ACT_SEND:
        if (text != NULL)
            print_line(lines, "%s sends %s", who, text);
        else
            print_line(lines, "%s sends %zu bytes", who, act->size);
        return;
    case ACT_HEARTBEAT:
        print_line(lines, "%s sends heartbeat %s", who, text);
        return;
    case ACT_EXPORT:
        print_line(lines, "%s exports %s", who, text);
        return;
    case ACT_WAIT:
        print_line(lines, "wait %s", time);
        return;
    case ACT_RENEGOTIATE:
    case ACT_CLOSE:
    case ACT_RECONNECT:
    case ACT_UPDATE_KEYS:
    case ACT_ASK_CERTIFICATE:
    case ACT_ROTATE_TICKETS:
    case ACT_FORGET:
        print_row(act, lines);
        return;
    }
}

void print_acts(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    for (guint i = 0; i < plan->acts->len; i++)
        print_act(g_ptr_array_index(plan->acts, i), lines);
}
