/* The eleven steps in the narration.
 *
 * The steps are those of the handshake with RSA key exchange. What kind of conversation a handshake
 * is follows from what was settled in it; where that makes something else of a step, it is said at
 * the first message of that step (or, where a step has no message any more, at the next one), and
 * once more for all steps in a table at the end.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/describe_parts.h"
#include "viz/narrate_story.h"
#include "viz/text.h"

/* The value of the last FACT of that name of the row's handshake; NULL. */
static const char *handshake_fact(const Trace *trace, const FlowRow *row, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && event->link == row->link &&
            event->connection == row->connection && event->handshake == row->event->handshake &&
            g_strcmp0(event->name, name) == 0)
            value = event->value;
    }
    return value;
}

static ConversationKind conversation_of_suite(const char *suite)
{
    if (strstr(suite, "_anon_") != NULL)
        return CONVERSATION_ANON;
    if (strstr(suite, "_PSK_") != NULL)
        return CONVERSATION_PSK;
    bool ephemeral = strstr(suite, "_DHE_") != NULL || strstr(suite, "_ECDHE_") != NULL;
    return ephemeral ? CONVERSATION_DHE : CONVERSATION_RSA;
}

bool row_conversation(const Story *story, const FlowRow *row, ConversationKind *kind)
{
    const char *version = handshake_fact(story->trace, row, "version");
    const char *suite = handshake_fact(story->trace, row, "cipher_suite");
    const char *resumption = handshake_fact(story->trace, row, "resumption");
    bool resumed = row->resumed || (resumption != NULL && strcmp(resumption, "refused") != 0);
    if (version == NULL || row->family == FAMILY_TLS13_POST)
        return false;
    if (strcmp(version, "TLS 1.3") == 0) {
        bool key = handshake_fact(story->trace, row, "pre_shared_key") != NULL;
        *kind = key ? CONVERSATION_TLS13_PSK : CONVERSATION_TLS13;
        return true;
    }
    if (strcmp(version, "SSL 2.0") == 0) {
        *kind = resumed ? CONVERSATION_SSL2_RESUMED : CONVERSATION_SSL2;
        return true;
    }
    if (!resumed && suite == NULL)
        return false;
    *kind = resumed ? CONVERSATION_RESUMED : conversation_of_suite(suite);
    return true;
}

/* A hello tells the story that its sender means; how it goes on is not yet known. */
static StoryKind hello_story(const FlowRow *row)
{
    bool retried = row->family == FAMILY_TLS13 && row->event->row == 2;
    if (retried)
        return STORY_RETRIED;
    if (row->event->handshake > 0)
        return STORY_AGAIN;
    if (field_has(row->event, "extensions/pre_shared_key"))
        return STORY_TLS13_PSK;
    if (field_has(row->event, "extensions/supported_versions"))
        return STORY_TLS13;
    bool session = field_size(row->event, "session_id") > 0 ||
                   field_size(row->event, "extensions/session_ticket/ticket") > 0;
    return session ? STORY_RESUMED : STORY_FULL;
}

StoryKind row_story(const Story *story, const FlowRow *row)
{
    ConversationKind kind = CONVERSATION_RSA;
    if (row->family == FAMILY_TLS13_POST)
        return STORY_LATER;
    if (row->under == UNDER_EARLY && row->message == MESSAGE_APPLICATION_DATA)
        return STORY_EARLY;
    if (row->message == MESSAGE_CLIENT_HELLO)
        return hello_story(row);
    if (row->event->handshake > 0 && row->family == FAMILY_SSL3)
        return STORY_AGAIN;
    if (!row_conversation(story, row, &kind))
        return row->family == FAMILY_TLS13 ? STORY_TLS13 : STORY_FULL;
    if (kind == CONVERSATION_TLS13_PSK)
        return STORY_TLS13_PSK;
    if (kind == CONVERSATION_TLS13)
        return STORY_TLS13;
    bool resumed = kind == CONVERSATION_RESUMED || kind == CONVERSATION_SSL2_RESUMED;
    return resumed ? STORY_RESUMED : STORY_FULL;
}

int row_step(const FlowRow *row)
{
    const Conversation *conversation = conversation_of(row->event->family);
    int at = row->event->row;
    if (row->event->handshake > 0 && row->message == MESSAGE_CLIENT_HELLO)
        return 11; /* where normal operation ends and the process repeats */
    if (row->family == FAMILY_TLS13_POST && row->message == MESSAGE_FINISHED)
        return 11; /* no keys change: RFC 8446 4.6.2 */
    if (row->kind == FLOW_MESSAGE && at >= 0 && (size_t)at < conversation->count)
        return conversation->steps[at].teaching;
    size_t count = 0;
    const Step *steps = conversation_established(row->event->family, &count);
    for (size_t i = 0; i < count; i++)
        if (steps[i].message == row->message && row->message != MESSAGE_ALERT)
            return steps[i].teaching;
    return 0;
}

char *step_label(Story *story, const FlowRow *row)
{
    int step = row_step(row);
    bool early = row->under == UNDER_EARLY && row->message == MESSAGE_APPLICATION_DATA;
    bool known = step == story->told_step; /* its title was read just above */
    story->told_step = step;
    if (step == 0)
        return g_strdup("");
    if (early)
        return g_strdup_printf(" [step %d, ahead of its time]", step);
    return known ? g_strdup_printf(" [step %d]", step)
                 : g_strdup_printf(" [step %d: %s]", step, texts_step(step));
}

void tell_step(Story *story, const FlowRow *row, int step, const char *who)
{
    bool first = story_once(story, "title of step %d", step);
    g_autofree char *text = who != NULL ? g_strdup_printf("Step %d, at the %s:", step, who)
                            : first     ? g_strdup_printf("Step %d: %s.", step, texts_step(step))
                                        : g_strdup_printf("Step %d:", step);
    g_string_append_c(story->output, '\n');
    tell_paragraph(story, text);
    tell_changes(story, row, step);
}

static bool change_is(const StepChange *change, const char *how)
{
    return strcmp(change->how, how) == 0;
}

/* "Here step 4 is joined with steps 1 and 2: …". What is changed, its messages tell themselves. */
static void tell_change(Story *story, ConversationKind kind, int step)
{
    const StepChange *change = texts_change(kind, step);
    bool dropped = change_is(change, "dropped");
    bool placed = change_is(change, "moved") || change_is(change, "joined");
    if (!story_once(story, "change of step %d in kind %d", step, (int)kind) ||
        (!dropped && !placed))
        return;
    g_autofree char *text = g_strdup_printf("Here step %d is %s%s %s.", step, change->how,
                                            placed ? "" : ":", change->text);
    tell_text(story, text); /* two kinds may say the same of a step */
}

void tell_changes(Story *story, const FlowRow *row, int step)
{
    ConversationKind kind = CONVERSATION_RSA;
    bool early = row->under == UNDER_EARLY && row->message == MESSAGE_APPLICATION_DATA;
    if (step == 0 || early || row->event->handshake > 0 || !row_conversation(story, row, &kind))
        return;
    story->kinds[kind] = true;
    bool done = step == TEACHING_STEPS || step == TEACHING_STEPS - 1;
    /* what has no message of its own is told before the data flows, or with the server's Finished
     */
    for (int ahead = 1; (done || step == 9) && ahead < step; ahead++)
        tell_change(story, kind, ahead);
    tell_change(story, kind, step);
}

/* What stands in the table: "moved behind step 9: …". */
static char *change_text(const StepChange *change)
{
    bool placed = change_is(change, "moved") || change_is(change, "joined");
    if (change->text == NULL)
        return g_strdup(change->how);
    return g_strdup_printf("%s%s %s", change->how, placed ? "" : ":", change->text);
}

enum { TITLE = 27, HERE = 36 /* columns of the table */ };

static void table_line(Story *story, const char *number, const char *title, const char *here)
{
    g_autofree char *line = g_strdup_printf("  %2s  %-*s  %s", number, TITLE, title, here);
    g_string_append_printf(story->output, "%s\n", g_strchomp(line));
}

static void table_row(Story *story, int step, const char *here)
{
    g_autofree char *number = g_strdup_printf("%d", step);
    g_autoptr(GPtrArray) left = text_lines(texts_step(step), TITLE);
    g_autoptr(GPtrArray) right = text_lines(here, HERE);
    for (guint i = 0; i < MAX(left->len, right->len); i++)
        table_line(story, i == 0 ? number : "", i < left->len ? g_ptr_array_index(left, i) : "",
                   i < right->len ? g_ptr_array_index(right, i) : "");
}

void tell_comparisons(Story *story)
{
    for (int kind = 0; kind < CONVERSATION_KINDS; kind++) {
        if (!story->kinds[kind] || kind == CONVERSATION_RSA)
            continue;
        g_autofree char *title =
            g_strdup_printf("What %s makes of the eleven steps of the RSA key exchange:",
                            texts_conversation((ConversationKind)kind));
        g_string_append_c(story->output, '\n');
        tell(story, "", "", title);
        table_line(story, "", "step", "here");
        for (int step = 1; step <= TEACHING_STEPS; step++) {
            g_autofree char *here = change_text(texts_change((ConversationKind)kind, step));
            table_row(story, step, here);
        }
    }
}
