/* The four questions asked of a conversation list.
 *
 * The tables (conversations.c) are the state machines: rows in the order of the wire, read by both
 * roles. The questions know masks and rows; they know no message's content and no key. What is
 * validated, drawn, counted as coverage and deviated from are all answers of the same four
 * functions.
 *
 * Obeys RFC 5246 7.4 (order of messages) and RFC 8446 4 (the same, and A: states).
 */
#include "core/engine/conversation.h"

#include <string.h>

typedef enum {
    ROW_PASSED_OVER, /* a fact rules it out */
    ROW_POSSIBLE,    /* a fact on which it depends is not known */
    ROW_REQUIRED,
} RowStanding;

static RowStanding row_standing(const Step *step, const Progress *progress)
{
    if ((step->unless & progress->facts) != 0)
        return ROW_PASSED_OVER;
    if ((step->when & progress->known & ~progress->facts) != 0)
        return ROW_PASSED_OVER;
    return ((step->when | step->unless) & ~progress->known) != 0 ? ROW_POSSIBLE : ROW_REQUIRED;
}

/* Passing over a row. That its message was sent is false now, whatever kept it away: a row that
 * depends on what it tells is about nothing else. And if nothing but its own absence kept it away,
 * all that its arrival would have told is known to be false. */
static void progress_pass(Progress *progress, const Step *step)
{
    Facts others = step->when & ~step->tells;
    progress->known |= step->when & step->tells;
    if ((others & ~progress->facts) == 0 && (step->unless & ~progress->known) == 0 &&
        (step->unless & progress->facts) == 0)
        progress->known |= step->tells;
    progress->row++;
}

/* Arriving at a row: what it tells is true, and so is what it depends on. */
static void progress_take(Progress *progress, const Step *step)
{
    progress->known |= step->tells | step->when | step->unless;
    progress->facts |= step->tells | step->when;
    progress->row++;
}

size_t conversation_next(const Conversation *conversation, const Progress *progress,
                         size_t rows[NEXT_MOST])
{
    Progress look = *progress;
    size_t count = 0;
    while (look.row < conversation->count) {
        const Step *step = &conversation->steps[look.row];
        RowStanding standing = row_standing(step, &look);
        if (standing != ROW_PASSED_OVER) {
            g_assert(count < NEXT_MOST);
            rows[count++] = look.row;
        }
        if (standing == ROW_REQUIRED)
            break;
        progress_pass(&look, step);
    }
    return count;
}

int conversation_accept(const Conversation *conversation, Progress *progress, MessageKind message,
                        Role from)
{
    size_t rows[NEXT_MOST];
    size_t count = conversation_next(conversation, progress, rows);
    for (size_t i = 0; i < count; i++) {
        const Step *step = &conversation->steps[rows[i]];
        if (step->message != message || step->from != from)
            continue;
        while (progress->row < rows[i])
            progress_pass(progress, &conversation->steps[progress->row]);
        progress_take(progress, step);
        return (int)rows[i];
    }
    return -1;
}

/* The first of the rows that may come next; the list's count when there is none. */
static size_t first_next(const Conversation *conversation, const Progress *progress)
{
    Progress look = *progress;
    while (look.row < conversation->count) {
        const Step *step = &conversation->steps[look.row];
        if (row_standing(step, &look) != ROW_PASSED_OVER)
            break;
        progress_pass(&look, step);
    }
    return look.row;
}

int conversation_say(const Conversation *conversation, const Progress *progress, Role self)
{
    size_t row = first_next(conversation, progress);
    return row == conversation->count || conversation->steps[row].from != self ? -1 : (int)row;
}

bool conversation_over(const Conversation *conversation, const Progress *progress)
{
    return first_next(conversation, progress) == conversation->count;
}

static bool same_rows(const GArray *a, const GArray *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof(int)) == 0;
}

/* Adds a conversation, unless another combination of facts has led to it already. */
static void add_once(GPtrArray *all, const GArray *said)
{
    for (guint i = 0; i < all->len; i++)
        if (same_rows(g_ptr_array_index(all, i), said))
            return;
    g_ptr_array_add(all, g_array_copy((GArray *)(uintptr_t)said));
}

static void enumerate(const Conversation *conversation, Progress progress, const GArray *said,
                      GPtrArray *all)
{
    size_t rows[NEXT_MOST];
    size_t count = conversation_next(conversation, &progress, rows);
    if (count == 0)
        add_once(all, said);
    for (size_t i = 0; i < count; i++) {
        Progress branch = progress;
        while (branch.row < rows[i])
            progress_pass(&branch, &conversation->steps[branch.row]);
        progress_take(&branch, &conversation->steps[rows[i]]);
        g_autoptr(GArray) longer = g_array_copy((GArray *)(uintptr_t)said);
        int row = (int)rows[i];
        g_array_append_val(longer, row);
        enumerate(conversation, branch, longer, all);
    }
}

/* Whether the rules of a list allow a combination of facts. */
static bool facts_allowed(const Conversation *conversation, Facts facts)
{
    for (size_t i = 0; i < conversation->rule_count; i++) {
        const FactRule *rule = &conversation->rules[i];
        if ((facts & rule->given) == rule->given &&
            ((facts & rule->never) != 0 || (facts & rule->always) != rule->always))
            return false;
    }
    return true;
}

/* Every combination of the facts that are still open. */
static void enumerate_given(const Conversation *conversation, Progress start, GPtrArray *all)
{
    g_autoptr(GArray) nothing = g_array_new(FALSE, FALSE, sizeof(int));
    Facts open = conversation->given & ~start.known;
    Facts one = open & (~open + 1); /* the lowest bit */
    if (open == 0) {
        if (facts_allowed(conversation, start.facts))
            enumerate(conversation, start, nothing, all);
        return;
    }
    start.known |= one;
    enumerate_given(conversation, start, all);
    start.facts |= one;
    enumerate_given(conversation, start, all);
}

GPtrArray *conversation_enumerate(const Conversation *conversation, const Progress *start)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    enumerate_given(conversation, *start, all);
    return all;
}

const char *conversation_state(const Conversation *conversation, const Progress *progress,
                               Role self)
{
    size_t rows[NEXT_MOST];
    size_t count = conversation_next(conversation, progress, rows);
    if (count == 0)
        return conversation->done;
    if (progress->row == 0 && conversation->steps[0].from == self)
        return conversation->opening;
    size_t named = conversation->names_first ? rows[0] : rows[count - 1];
    return conversation->steps[named].state;
}

char *conversation_expected(const Conversation *conversation, const Progress *progress)
{
    size_t rows[NEXT_MOST];
    size_t count = conversation_next(conversation, progress, rows);
    GString *text = g_string_new(count == 0 ? "nothing more" : NULL);
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const char *name = number_text(NUMBER_MESSAGE, conversation->steps[rows[i]].message);
        if (strcmp(name, last) == 0)
            continue;
        g_string_append(text, text->len == 0 ? "" : i + 1 == count ? " or " : ", ");
        g_string_append(text, name);
        last = name;
    }
    return g_string_free(text, FALSE);
}

const char *fact_name(Facts fact)
{
    static const struct {
        Facts fact;
        const char *name;
    } names[] = {
        {FACT_SSL3, "SSL3"},
        {FACT_EPHEMERAL, "EPHEMERAL"},
        {FACT_CERT_ASKED, "CERT_ASKED"},
        {FACT_NO_CERT_ALERT, "NO_CERT_ALERT"},
        {FACT_CERT_SENT, "CERT_SENT"},
        {FACT_RESUMED, "RESUMED"},
        {FACT_TICKET, "TICKET"},
        {FACT_STATUS, "STATUS"},
        {FACT_STATUS_SENT, "STATUS_SENT"},
        {FACT_ANON, "ANON"},
        {FACT_PSK, "PSK"},
        {FACT_HINT, "HINT"},
        {FACT_RETRY, "RETRY"},
        {FACT_EARLY, "EARLY"},
        {FACT_COMPRESSED, "COMPRESSED"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].fact == fact)
            return names[i].name;
    return NULL;
}
