/* The statements of the client's and the server's sections.
 *
 * They fill a PlanParty. Both roles share most of them; the table says which may stand where. Names
 * of certificates and keys are checked with the plan, so that they may be declared in any order.
 */
#include <string.h>

#include "core/crypto/name.h"
#include "scenarios/language/statements.h"
#include "sim/peers/peers.h"

static void set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

void parse_is(Cursor *cursor)
{
    const char *words[STACK_COUNT + 2] = {own_source.name};
    size_t count = 0;
    const PeerStack *stacks = peers_table(&count);
    for (size_t i = 0; i < count; i++)
        words[i + 1] = stacks[i].name;
    int choice = cursor_choice(cursor, "who speaks for it", words);
    if (choice < 0)
        return;
    const PeerStack *stack = choice == 0 ? NULL : &stacks[choice - 1];
    if (stack != NULL && stack->source == NULL)
        cursor_error(cursor, "this program was built without %s; build it with -D%s=enabled",
                     stack->title, stack->option);
    else
        cursor->party->source = stack == NULL ? NULL : stack->source;
}

void print_is(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "is         %s",
               party->source == NULL ? own_source.name : party->source->name);
}

void parse_versions(Cursor *cursor)
{
    ProtocolVersion first, last;
    if (!cursor_version(cursor, &first))
        return;
    last = first;
    if (cursor_word(cursor, "to") && !cursor_version(cursor, &last))
        return;
    if (last < first) {
        cursor_error(cursor, "versions go from the oldest to the newest");
        return;
    }
    cursor->party->first = first;
    cursor->party->last = last;
}

void print_versions(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    const char *first = number_text(NUMBER_VERSION, party->first);
    if (party->first == party->last)
        print_line(lines, "versions   %s", first);
    else
        print_line(lines, "versions   %s to %s", first, number_text(NUMBER_VERSION, party->last));
}

void parse_suites(Cursor *cursor)
{
    GArray *suites = g_array_new(FALSE, FALSE, sizeof(SuiteNumber));
    do {
        SuiteNumber number = 0;
        if (!cursor_suite(cursor, &number))
            break;
        g_array_append_val(suites, number);
    } while (cursor_mark(cursor, TOKEN_COMMA));
    if (suites->len > 0) {
        g_array_unref(cursor->party->suites);
        cursor->party->suites = g_array_ref(suites);
    }
    g_array_unref(suites);
}

void print_suites(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < party->suites->len; i++)
        g_string_append_printf(
            text, "%s%s", i > 0 ? ",\n" : "",
            number_text(NUMBER_SUITE, g_array_index(party->suites, SuiteNumber, i)));
    print_line(lines, "suites     %s", text->str);
    g_string_free(text, TRUE);
}

/* A name in quotes, or a word that says that there is none. */
static void parse_name_or(Cursor *cursor, char **place, const char *none)
{
    if (cursor_word(cursor, none)) {
        set_text(place, NULL);
        return;
    }
    enum { HOST_MOST = 255 }; /* RFC 1035 2.3.4 */
    g_autofree char *what = g_strdup_printf("a host name (or the word %s)", none);
    const char *text = cursor_take_text(cursor, what);
    if (text != NULL && (*text == '\0' || strlen(text) > HOST_MOST))
        cursor_error(cursor, "a host name has 1 to 255 bytes; without one say %s", none);
    else if (text != NULL)
        set_text(place, text);
}

static void print_name_or(GPtrArray *lines, const char *word, const char *name, const char *none)
{
    g_autofree char *text = name == NULL ? g_strdup(none) : print_text(name);
    print_line(lines, "%-10s %s", word, text);
}

void parse_expects(Cursor *cursor)
{
    parse_name_or(cursor, &cursor->party->expects, "nobody");
}

void print_expects_name(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    print_name_or(lines, "expects", ((const PlanParty *)subject)->expects, "nobody");
}

void parse_server_name(Cursor *cursor)
{
    parse_name_or(cursor, &cursor->party->server_name, "none");
}

void print_server_name(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    print_name_or(lines, "server_name", ((const PlanParty *)subject)->server_name, "none");
}

void parse_trusts(Cursor *cursor)
{
    GPtrArray *names = cursor_list(cursor, "the name of a CA's certificate", "nobody");
    g_ptr_array_unref(cursor->party->trusts);
    cursor->party->trusts = names;
}

void print_trusts(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    GString *text = g_string_new(party->trusts->len == 0 ? "nobody" : NULL);
    for (guint i = 0; i < party->trusts->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)g_ptr_array_index(party->trusts, i));
    print_line(lines, "trusts     %s", text->str);
    g_string_free(text, TRUE);
}

void parse_shows(Cursor *cursor)
{
    const char *name = cursor_take_word(cursor, "the name of a certificate, or \"nothing\",");
    if (name != NULL)
        set_text(&cursor->party->shows, strcmp(name, "nothing") == 0 ? NULL : name);
}

void print_shows(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "shows      %s", party->shows == NULL ? "nothing" : party->shows);
}

/* "key NAME" after "uses" or "temporary". */
static const char *parse_key_name(Cursor *cursor)
{
    if (!cursor_word(cursor, "key")) {
        cursor_error_next(cursor, "\"key\" and the name of a key are expected here");
        return NULL;
    }
    return cursor_take_word(cursor, "the name of a key, such as rsa-2048-1,");
}

void parse_uses_key(Cursor *cursor)
{
    const char *name = parse_key_name(cursor);
    if (name != NULL)
        set_text(&cursor->party->uses_key, name);
}

void print_uses_key(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    if (party->uses_key != NULL)
        print_line(lines, "uses key   %s", party->uses_key);
}

void parse_temporary_key(Cursor *cursor)
{
    const char *name = parse_key_name(cursor);
    if (name != NULL)
        set_text(&cursor->party->temporary_key, strcmp(name, "none") == 0 ? NULL : name);
}

void print_temporary_key(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "temporary key %s",
               party->temporary_key == NULL ? "none" : party->temporary_key);
}

void parse_warns(Cursor *cursor)
{
    static const char *const words[] = {"stops", "goes", NULL};
    if (!cursor_word(cursor, "and")) {
        cursor_error_next(cursor, "\"and stops\" or \"and goes on\" is expected here");
        return;
    }
    int goes = cursor_choice(cursor, "what the user does", words);
    if (goes == 1 && !cursor_word(cursor, "on"))
        cursor_error_next(cursor, "\"goes on\" is meant");
    else if (goes >= 0)
        cursor->party->user_goes_on = goes == 1;
}

void print_warns(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "warns      and %s", party->user_goes_on ? "goes on" : "stops");
}

/* asks client certificate, required [for "/path"] */
void parse_asks(Cursor *cursor)
{
    static const char *const words[] = {"requested", "required", NULL};
    if (cursor_word(cursor, "nothing")) {
        cursor->party->client_auth = CLIENT_AUTH_NONE;
        return;
    }
    if (!cursor_word(cursor, "client") || !cursor_word(cursor, "certificate")) {
        cursor_error_next(cursor, "\"client certificate\" or \"nothing\" is expected here");
        return;
    }
    if (!cursor_mark(cursor, TOKEN_COMMA)) {
        cursor_error_next(cursor, "\", requested\" or \", required\" is expected here");
        return;
    }
    int required = cursor_choice(cursor, "how it is asked for", words);
    if (required < 0)
        return;
    if (!cursor_word(cursor, "for")) {
        cursor->party->client_auth = required == 1 ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_REQUESTED;
        return;
    }
    if (cursor->party->kind == PARTY_PROXY) {
        cursor_error(cursor, "a balancer asks in its handshake, and looks at no resource");
        return;
    }
    const char *path = cursor_take_text(cursor, "a resource such as \"/payroll\"");
    if (path == NULL)
        return;
    PlanDoor *door = plan_door_new(path, required == 1);
    door->line = cursor->line;
    g_ptr_array_add(cursor->party->doors, door);
}

void print_asks(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    static const char *const words[] = {
        [CLIENT_AUTH_NONE] = "nothing",
        [CLIENT_AUTH_REQUESTED] = "client certificate, requested",
        [CLIENT_AUTH_REQUIRED] = "client certificate, required",
    };
    print_line(lines, "asks       %s", words[party->client_auth]);
    for (guint i = 0; i < party->doors->len; i++) {
        const PlanDoor *door = g_ptr_array_index(party->doors, i);
        g_autofree char *path = print_text(door->path);
        print_line(lines, "asks       client certificate, %s for %s",
                   door->required ? "required" : "requested", path);
    }
}

void parse_allows(Cursor *cursor)
{
    const char *subject = cursor_take_text(cursor, "a subject such as \"CN=Alice,O=Lab\"");
    g_autofree char *canonical = subject == NULL ? NULL : name_canonical(subject);
    if (subject == NULL)
        return;
    if (canonical == NULL) {
        cursor_error(cursor,
                     "\"%s\" is no distinguished name; one is \"CN=Alice,O=Lab\" (RFC 4514)",
                     subject);
        return;
    }
    if (!cursor_word(cursor, "to")) {
        cursor_error_next(cursor, "\"to\" and a resource are expected here");
        return;
    }
    const char *path = cursor_take_text(cursor, "a resource such as \"/payroll\"");
    if (path == NULL)
        return;
    PlanAccess *access = plan_access_new(subject, path);
    access->line = cursor->line;
    g_ptr_array_add(cursor->party->access, access);
}

void print_allows(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    for (guint i = 0; i < party->access->len; i++) {
        const PlanAccess *access = g_ptr_array_index(party->access, i);
        g_autofree char *who = print_text(access->subject);
        g_autofree char *path = print_text(access->path);
        print_line(lines, "allows     %s to %s", who, path);
    }
}

void parse_refuses_by(Cursor *cursor)
{
    static const char *const words[] = {"answer", "alert", NULL};
    if (!cursor_word(cursor, "by")) {
        cursor_error_next(cursor, "\"by answer\" or \"by alert\" is expected here");
        return;
    }
    int alert = cursor_choice(cursor, "answer or alert", words);
    if (alert >= 0)
        cursor->party->refuses_by_alert = alert == 1;
}

void print_refuses_by(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "refuses    by %s", party->refuses_by_alert ? "alert" : "answer");
}

void parse_prefers(Cursor *cursor)
{
    static const char *const words[] = {"server", "client", NULL};
    int client = cursor_choice(cursor, "whose order", words);
    if (client < 0)
        return;
    if (!cursor_word(cursor, "order"))
        cursor_error_next(cursor, "\"order\" is expected here");
    else
        cursor->party->prefers_client_order = client == 1;
}

void print_prefers(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "prefers    %s order", party->prefers_client_order ? "client" : "server");
}

void parse_renegotiation(Cursor *cursor)
{
    static const char *const words[] = {"allowed", "refused", NULL};
    int refused = cursor_choice(cursor, "allowed or refused", words);
    if (refused >= 0)
        cursor->party->refuses_renegotiation = refused == 1;
}

void print_renegotiation(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "renegotiation %s", party->refuses_renegotiation ? "refused" : "allowed");
}

void parse_weakness(Cursor *cursor)
{
    size_t count = 0;
    const WeaknessRow *table = weakness_table(&count);
    g_autofree const char **words = g_new0(const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        words[i] = table[i].name;
    cursor->party->weaknesses = 0;
    if (cursor_word(cursor, "none"))
        return;
    do {
        const char *name = cursor_take_text(cursor, "a weakness");
        if (name == NULL)
            return;
        const WeaknessRow *row = weakness_from_name(name);
        if (row == NULL) {
            const char *near = nearest_word(name, words);
            cursor_error(cursor, "unknown weakness \"%s\"; %s%s%s", name,
                         near == NULL ? "see `shakedown show weaknesses`" : "did you mean \"",
                         near == NULL ? "" : near, near == NULL ? "" : "\"?");
            return;
        }
        cursor->party->weaknesses |= row->weakness;
    } while (cursor_mark(cursor, TOKEN_COMMA));
}

void print_weakness(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    size_t count = 0;
    const WeaknessRow *table = weakness_table(&count);
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        if (party->weaknesses & table[i].weakness)
            g_string_append_printf(text, "%s\"%s\"", text->len > 0 ? ", " : "", table[i].name);
    print_line(lines, "weakness   %s", text->len == 0 ? "none" : text->str);
    g_string_free(text, TRUE);
}

/* records of 64 bytes, coalesced, with empty fragments */
void parse_records(Cursor *cursor)
{
    enum { FRAGMENT_MOST = 16384 };
    PlanParty *party = cursor->party;
    party->fragment_size = 0;
    party->coalesces = party->empty_fragments = false;
    do {
        uint64_t size = 0;
        if (cursor_word(cursor, "coalesced")) {
            party->coalesces = true;
        } else if (cursor_word(cursor, "with")) {
            if (!cursor_word(cursor, "empty") || !cursor_word(cursor, "fragments")) {
                cursor_error_next(cursor, "\"empty fragments\" is expected here");
                return;
            }
            party->empty_fragments = true;
        } else if (cursor_word(cursor, "of")) {
            if (!cursor_number(cursor, "a size", FRAGMENT_MOST, &size))
                return;
            if (size == 0 || !cursor_word(cursor, "bytes")) {
                cursor_error_next(cursor, "records hold 1 to %d bytes: \"of 64 bytes\"",
                                  FRAGMENT_MOST);
                return;
            }
            party->fragment_size = size == FRAGMENT_MOST ? 0 : (size_t)size;
        } else {
            cursor_error_next(cursor,
                              "\"of N bytes\", \"coalesced\" or \"with empty fragments\" is "
                              "expected here");
            return;
        }
    } while (cursor_mark(cursor, TOKEN_COMMA));
}

void print_records(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "records    of %zu bytes%s%s",
               party->fragment_size == 0 ? (size_t)16384 : party->fragment_size,
               party->coalesces ? ", coalesced" : "",
               party->empty_fragments ? ", with empty fragments" : "");
}

static char *print_own(const PlanOwnEdit *own)
{
    g_autofree char *action = print_action(ACTION_EDIT, 0, &own->edit);
    g_autofree char *ordinal = own->ordinal == 0 ? NULL : print_ordinal(own->ordinal);
    return g_strdup_printf("%s%s%s: %s", ordinal == NULL ? "" : ordinal, ordinal == NULL ? "" : " ",
                           message_name(own->message), action);
}

/* on [2nd] MESSAGE: ACTION */
void parse_own_rule(Cursor *cursor)
{
    PlanOwnEdit own = {0};
    ActionKind action;
    uint64_t delay = 0;
    cursor_ordinal(cursor, &own.ordinal);
    if (!cursor_message(cursor, &own.message))
        return;
    if (!cursor_mark(cursor, TOKEN_COLON)) {
        cursor_error_next(cursor, "a colon and an action are expected here");
        return;
    }
    if (!parse_action(cursor, &action, &delay, &own.edit))
        return;
    if (action != ACTION_EDIT) {
        cursor_error(cursor, "a party changes its own messages: flip, truncate or replace; drop, "
                             "delay and duplicate are the network's");
        edit_clear(&own.edit);
        return;
    }
    own.line = cursor->line;
    own.text = print_own(&own);
    g_array_append_val(cursor->party->edits, own);
}

void print_own_rule(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    for (guint i = 0; i < party->edits->len; i++) {
        g_autofree char *own = print_own(&g_array_index(party->edits, PlanOwnEdit, i));
        print_line(lines, "on %s", own);
    }
}

/* pin LABEL HEX, HEX: one value a draw */
void parse_pin(Cursor *cursor)
{
    g_autofree char *label = g_strdup(cursor_take_word(cursor, "a label such as client_random"));
    if (label == NULL)
        return;
    do {
        g_autoptr(GBytes) value = cursor_hex(cursor);
        if (value == NULL)
            return;
        PlanPin *pin = plan_pin_new(label, bytes_from_gbytes(value));
        pin->line = cursor->line;
        g_ptr_array_add(cursor->party->pins, pin);
    } while (cursor_mark(cursor, TOKEN_COMMA));
}

void print_pin(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    for (guint i = 0; i < party->pins->len; i++) {
        const PlanPin *pin = g_ptr_array_index(party->pins, i);
        g_autofree char *hex = print_hex(bytes_from_gbytes(pin->value));
        print_line(lines, "pin        %s %s", pin->label, hex);
    }
}
