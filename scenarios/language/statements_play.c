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
    if (!cursor_number(cursor, "a text in quotes, or a number of bytes", SEND_MOST, &size))
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

static void parse_act(Cursor *cursor, Role who)
{
    static const char *const words[] = {"sends", "renegotiates", "closes", "requests", NULL};
    switch (cursor_choice(cursor, "an act", words)) {
    case 0:
        parse_sends(cursor, who);
        return;
    case 1:
        add_act(cursor, ACT_RENEGOTIATE, who);
        return;
    case 2:
        add_act(cursor, ACT_CLOSE, who);
        return;
    case 3:
        if (who == ROLE_SERVER)
            cursor_error(cursor, "a server requests nothing; it sends, renegotiates or closes");
        else
            parse_requests(cursor);
        return;
    }
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
    case ACT_RENEGOTIATE:
        print_line(lines, "%s renegotiates", who);
        return;
    case ACT_CLOSE:
        print_line(lines, "%s closes", who);
        return;
    case ACT_WAIT:
        print_line(lines, "wait %s", time);
        return;
    }
}

void print_acts(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)subject;
    for (guint i = 0; i < plan->acts->len; i++)
        print_act(g_ptr_array_index(plan->acts, i), lines);
}
