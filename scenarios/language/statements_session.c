/* The statements of a party about its sessions and what outlives a handshake: the store of
 * sessions, early data, replays, stapled responses, retries; and further certificates.
 *
 * They fill a PlanParty. A value that is the laboratory's own is kept as "not said", so that what
 * `show` prints reads back to the same plan.
 *
 * Sources: RFC 5246 F.1.4 (sessions), RFC 8446 2.3 and 8 (early data, replays), RFC 6066 8
 * (stapling), RFC 7507 1 (retries with lower versions).
 */
#include <string.h>

#include "scenarios/language/statements.h"

enum { SESSIONS = 1000, SESSIONS_LIFETIME = 86400 /* seconds */, SESSIONS_MOST = 1000000 };

/* sessions forgotten | sessions 100 for 2 h */
void parse_sessions(Cursor *cursor)
{
    PlanParty *party = cursor->party;
    uint64_t count = 0, lifetime = 0;
    if (cursor_word(cursor, "forgotten")) {
        party->forgets_sessions = true;
        party->cache_size = party->cache_lifetime = 0;
        return;
    }
    if (!cursor_number(cursor, "a number of sessions (or the word forgotten)", SESSIONS_MOST,
                       &count))
        return;
    if (count == 0) {
        cursor_error(cursor, "who keeps no session says: sessions forgotten");
        return;
    }
    if (!cursor_word(cursor, "for")) {
        cursor_error_next(cursor, "\"for\" and a time such as 2 h are expected here");
        return;
    }
    if (!cursor_duration(cursor, &lifetime))
        return;
    lifetime /= G_USEC_PER_SEC;
    if (lifetime == 0) {
        cursor_error(cursor, "sessions are kept for a second at least");
        return;
    }
    party->forgets_sessions = false;
    party->cache_size = count == SESSIONS ? 0 : (uint32_t)count;
    party->cache_lifetime = lifetime == SESSIONS_LIFETIME ? 0 : (uint32_t)lifetime;
}

void print_sessions(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    uint32_t lifetime = party->cache_lifetime == 0 ? SESSIONS_LIFETIME : party->cache_lifetime;
    g_autofree char *time = print_duration((uint64_t)lifetime * G_USEC_PER_SEC);
    if (party->forgets_sessions)
        print_line(lines, "sessions   forgotten");
    else
        print_line(lines, "sessions   %u for %s",
                   party->cache_size == 0 ? (uint32_t)SESSIONS : party->cache_size, time);
}

/* early data "TEXT" | early data none */
void parse_early_data(Cursor *cursor)
{
    if (!cursor_word(cursor, "data")) {
        cursor_error_next(cursor, "\"data\" is expected here");
        return;
    }
    bool none = cursor_word(cursor, "none");
    const char *text = none ? NULL : cursor_take_text(cursor, "a text (or the word none)");
    if (!none && text == NULL)
        return;
    if (text != NULL && *text == '\0') {
        cursor_error(cursor, "early data of no bytes is none; say: early data none");
        return;
    }
    g_free(cursor->party->early_data);
    cursor->party->early_data = g_strdup(text);
}

void print_early_data(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    g_autofree char *text =
        party->early_data == NULL ? g_strdup("none") : print_text(party->early_data);
    print_line(lines, "early data %s", text);
}

void parse_notices(Cursor *cursor)
{
    static const char *const words[] = {"nothing", "replays", NULL};
    int replays = cursor_choice(cursor, "what it notices", words);
    if (replays >= 0)
        cursor->party->notices_replays = replays == 1;
}

void print_notices(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "notices    %s", party->notices_replays ? "replays" : "nothing");
}

/* In the order of Staple. */
static const char *const staples[] = {"nothing", "good", "revoked", "unknown", "expired", NULL};
G_STATIC_ASSERT(STAPLE_NONE == 0 && STAPLE_GOOD == 1 && STAPLE_REVOKED == 2 &&
                STAPLE_UNKNOWN == 3 && STAPLE_EXPIRED == 4);

void parse_staples(Cursor *cursor)
{
    int staple = cursor_choice(cursor, "what the response says", staples);
    if (staple >= 0)
        cursor->party->staples = (Staple)staple;
}

void print_staples(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "staples    %s", staples[party->staples]);
}

/* machines NUMBER, sharing nothing | sessions | ticket keys | everything */
void parse_machines(Cursor *cursor)
{
    enum { MACHINES_MOST = 8 };
    static const char *const words[] = {"nothing", "sessions", "ticket", "everything", NULL};
    uint64_t count = 0;
    if (!cursor_number(cursor, "how many machines there are", MACHINES_MOST, &count))
        return;
    if (count == 0 || (count == 1 && !cursor_over(cursor))) {
        cursor_error(cursor, count == 0 ? "there are 1 to 8 machines"
                                        : "one machine shares with nobody: \"machines 1\" is all, "
                                          "or there are 2 to 8");
        return;
    }
    cursor->party->machines = count < 2 ? 0 : (unsigned)count;
    cursor->party->shares_sessions = cursor->party->shares_ticket_keys = false;
    if (count < 2)
        return;
    if (!cursor_mark(cursor, TOKEN_COMMA) || !cursor_word(cursor, "sharing")) {
        cursor_error_next(cursor, "\", sharing\" and what they share is expected here: nothing, "
                                  "sessions, ticket keys or everything");
        return;
    }
    int word = cursor_choice(cursor, "what they share", words);
    if (word == 2 && !cursor_word(cursor, "keys")) {
        cursor_error_next(cursor, "\"ticket keys\" is meant");
        return;
    }
    cursor->party->shares_sessions = word == 1 || word == 3;
    cursor->party->shares_ticket_keys = word == 2 || word == 3;
}

void print_machines(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    static const char *const words[] = {"nothing", "sessions", "ticket keys", "everything"};
    if (party->machines >= 2)
        print_line(lines, "machines   %u, sharing %s", party->machines,
                   words[(party->shares_sessions ? 1 : 0) + (party->shares_ticket_keys ? 2 : 0)]);
}

void parse_behind(Cursor *cursor)
{
    static const char *const words[] = {"TLS", "plain", NULL};
    int word = cursor_choice(cursor, "what is spoken behind it", words);
    if (word == 1 && !cursor_word(cursor, "text"))
        cursor_error_next(cursor, "\"plain text\" is meant");
    else if (word >= 0)
        cursor->party->behind_plain_text = word == 1;
}

void print_behind(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "behind     %s", party->behind_plain_text ? "plain text" : "TLS");
}

/* retries with lower versions | retries never */
void parse_retries(Cursor *cursor)
{
    static const char *const words[] = {"never", "with", NULL};
    int lower = cursor_choice(cursor, "how it retries", words);
    if (lower == 1 && (!cursor_word(cursor, "lower") || !cursor_word(cursor, "versions")))
        cursor_error_next(cursor, "\"with lower versions\" is meant");
    else if (lower >= 0)
        cursor->party->retries_lower = lower == 1;
}

void print_retries(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_line(lines, "retries    %s", party->retries_lower ? "with lower versions" : "never");
}

/* also shows CERTIFICATE, … | also shows nothing */
void parse_also_shows(Cursor *cursor)
{
    if (!cursor_word(cursor, "shows")) {
        cursor_error_next(cursor, "\"shows\" is expected here");
        return;
    }
    GPtrArray *names = cursor_list(cursor, "the name of a certificate", "nothing");
    g_ptr_array_unref(cursor->party->also_shows);
    cursor->party->also_shows = names;
}

void print_also_shows(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    GString *text = g_string_new(party->also_shows->len == 0 ? "nothing" : NULL);
    for (guint i = 0; i < party->also_shows->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)g_ptr_array_index(party->also_shows, i));
    print_line(lines, "also shows %s", text->str);
    g_string_free(text, TRUE);
}
