/* A run told in prose.
 *
 * The flow gives the order of the wire; each message gets a paragraph headed by its number, its
 * name and the step of the eleven to which it belongs, with what it is for (texts.c) and what it
 * says in this run. Steps that have no message of their own (the checks, the derivation of secrets
 * and keys) are told where they happen, between the messages. An idea is told once in a story. What
 * went wrong is told as it is noticed and never explained away.
 *
 * It judges nothing and formats no bytes beyond the head of a value. narrate_message.c knows the
 * messages, narrate_secrets.c the keys, narrate_steps.c the eleven steps.
 */
#include "viz/narrate.h"

#include <stdarg.h>
#include <string.h>

#include "viz/describe.h"
#include "viz/narrate_story.h"
#include "viz/text.h"

enum { WIDTH = 72, IDENTIFIER = 8 /* digits of a session ID */ };

static void tell_beginning(Story *story);
static void tell_row(Story *story, const FlowRow *row);
static void tell_end(Story *story);

void narrate_write(const Trace *trace, bool utf8, GString *output)
{
    Story story = {.trace = trace, .utf8 = utf8, .output = output};
    story.told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(Flow) flow = flow_new(trace);
    tell_beginning(&story);
    for (guint i = 0; i < flow->rows->len; i++)
        tell_row(&story, flow_row(flow, i));
    tell_comparisons(&story);
    tell_end(&story);
    g_hash_table_unref(story.told);
}

void tell(Story *story, const char *first, const char *rest, const char *text)
{
    g_autofree char *plain = text_plain(text, story->utf8);
    text_wrap(story->output, first, rest, plain, WIDTH);
}

void tell_paragraph(Story *story, const char *text)
{
    tell(story, "   ", "   ", text);
}

void tell_item(Story *story, const char *text)
{
    tell(story, "   - ", "     ", text);
}

void tell_text(Story *story, const char *text)
{
    if (text != NULL && story_once(story, "%s", text))
        tell_paragraph(story, text);
}

void tell_idea(Story *story, const char *name)
{
    tell_text(story, texts_idea(name));
}

bool story_once(Story *story, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return g_hash_table_add(story->told, name);
}

static void tell_beginning(Story *story)
{
    const TraceHeader *header = &story->trace->header;
    g_autofree char *subtitle = describe_subtitle(story->trace);
    g_autofree char *date = text_date(header->clock);
    if (header->title != NULL)
        tell(story, "", "", header->title);
    tell(story, "", "", subtitle);
    if (header->about != NULL) {
        g_string_append_c(story->output, '\n');
        tell(story, "", "", header->about);
    }
    g_autoptr(GString) cast = g_string_new("Those who take part, from left to right:");
    for (guint i = 0; i < header->parties->len; i++)
        g_string_append_printf(cast, "%s %s", i == 0 ? "" : ",",
                               trace_party(story->trace, (int)i)->name);
    g_string_append_printf(cast,
                           ". Their clocks say %s UTC. The steps in brackets are the eleven in "
                           "which the handshake with RSA key exchange is taught.",
                           date);
    g_string_append_c(story->output, '\n');
    tell(story, "", "", cast->str);
}

static void tell_heading(Story *story, const FlowRow *row)
{
    g_autofree char *name = describe_name(row);
    g_autofree char *way = describe_way(story->trace, row);
    g_autofree char *number =
        row->kind == FLOW_MESSAGE ? g_strdup_printf("%d. ", row->number) : g_strdup("");
    g_autofree char *label = step_label(story, row);
    g_autofree char *text = g_strdup_printf("%s%s, %s%s", number, name, way, label);
    g_string_append_c(story->output, '\n');
    tell(story, "", "   ", text);
    tell_changes(story, row, row_step(row));
}

static void tell_mischief(Story *story, const FlowRow *row)
{
    g_autofree char *mischief = describe_mischief(row);
    if (mischief == NULL)
        return;
    const char *meaning =
        row->fate == FATE_DROPPED ? " TLS has no way of its own to ask for it again."
        : row->fate == FATE_CHANGED
            ? " What arrives is not what was said; who notices it, and when, is seen below."
            : "";
    bool first = story_once(story, "%s", meaning);
    g_autofree char *text = g_strdup_printf("On the way: %s.%s", mischief, first ? meaning : "");
    tell_paragraph(story, text);
}

/* ---- what came with it ---- */

static const TraceEvent *first_check(const FlowRow *row, bool *passed)
{
    const TraceEvent *first = NULL;
    *passed = true;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK)
            continue;
        first = first == NULL ? event : first;
        *passed = *passed && event->result == TRACE_PASSED;
    }
    return first;
}

static void tell_checks(Story *story, const FlowRow *row)
{
    static const char *const results[] = {"yes", "NO", "not asked", "NO, and passed over"};
    bool passed = false;
    const TraceEvent *first = first_check(row, &passed);
    if (first == NULL)
        return;
    tell_step(story, row, g_strcmp0(first->value, "server") == 0 ? 3 : 6, NULL);
    if (!story_once(story, "checks %s of the %s", first->name, first->value) && passed) {
        tell_paragraph(story, "The same checks as before, and all are passed.");
        return;
    }
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK)
            continue;
        const char *question = texts_check(event->name);
        g_autofree char *text = g_strdup_printf(
            "%s %s%s%s", question == NULL ? event->name : question, results[event->result],
            event->reason == NULL ? "" : ": ", event->reason == NULL ? "" : event->reason);
        tell_item(story, text);
    }
}

static void tell_certificates(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CERTIFICATE)
            continue;
        const TraceCertificate *shown = event->certificate;
        if (!story_once(story, "certificate %s", shown->fingerprint)) {
            g_autofree char *again = g_strdup_printf("%s, as before", shown->subject);
            tell_item(story, again);
            continue;
        }
        g_autofree char *from = text_date(shown->not_before);
        g_autofree char *to = text_date(shown->not_after);
        g_autofree char *text = g_strdup_printf(
            "%s, issued by %s, valid from %s to %s, with a key of %s (SHA-256 %.23s…), signed with "
            "%s",
            shown->subject, shown->issuer, from, to, shown->key, shown->key_fingerprint,
            shown->signature);
        tell_item(story, text);
    }
}

/* What is said elsewhere in the same breath, or says nothing. */
static bool fact_is_silent(const Story *story, const TraceEvent *fact)
{
    bool master = g_strcmp0(fact->name, "extended_master_secret") == 0;
    return g_strcmp0(fact->name, "server_name") == 0 ||
           (master && g_strcmp0(fact->value, "no") == 0 &&
            !g_hash_table_contains(story->told, texts_idea("extended_master_secret")));
}

static bool fact_is_cost(const TraceEvent *fact)
{
    return g_str_has_suffix(fact->name, "_cost");
}

/* "The group: x25519; the group of the server's share." */
static void tell_fact(Story *story, const TraceEvent *fact)
{
    const char *label = texts_fact(fact->name);
    bool id = g_strcmp0(fact->name, "session_id") == 0;
    g_autofree char *cut = id && strlen(fact->value) > IDENTIFIER
                               ? g_strdup_printf("%.*s…", IDENTIFIER, fact->value)
                               : g_strdup(fact->value);
    bool cover = g_strcmp0(fact->name, "finished") == 0;
    bool reason = fact->reason != NULL && *fact->reason != '\0' &&
                  story_once(story, "reason %s", fact->reason);
    g_autofree char *text = g_strdup_printf("%s%s %s%s%s.", label == NULL ? fact->name : label,
                                            cover ? "" : ":", *cut == '\0' ? "none" : cut,
                                            !reason ? ""
                                            : cover ? ": "
                                                    : "; ",
                                            reason ? fact->reason : "");
    tell_paragraph(story, text);
}

/* What the server finds when it decrypts is told behind the secrets. */
static bool fact_is_late(const TraceEvent *fact)
{
    return g_strcmp0(fact->name, "premaster_secret") == 0 ||
           g_strcmp0(fact->name, "master_key") == 0;
}

/* Each handshake says how it was, and what it cost each side; what is settled in the same way again
 * is not told again. */
static bool fact_is_new(Story *story, const TraceEvent *fact)
{
    bool cost = fact_is_cost(fact);
    bool always = cost || g_strcmp0(fact->name, "handshake") == 0;
    return story_once(story, "fact %d %d %s %s", always ? fact->connection : 0,
                      cost ? fact->party + 1 : 0, fact->name, fact->value);
}

/* "What the handshake cost the server: 1 private-key operation; symmetric: 96 bytes …". */
static void tell_cost(Story *story, const TraceEvent *fact)
{
    const char *who = trace_party(story->trace, fact->party)->name;
    bool first = story_once(story, "cost %d %s %s", fact->party, fact->value, fact->reason);
    g_autofree char *cost =
        first ? g_strdup_printf("%s; %s", fact->value, fact->reason) : g_strdup("as before");
    g_autofree char *text = g_strdup_printf("%s the %s: %s.", texts_fact(fact->name), who, cost);
    tell_paragraph(story, text);
    tell_idea(story, fact->name);
}

/* What was settled; what both sides settle alike is told once. */
static void tell_facts(Story *story, const FlowRow *row, bool late)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_FACT || event->name == NULL || event->value == NULL ||
            fact_is_silent(story, event) || fact_is_late(event) != late ||
            !fact_is_new(story, event))
            continue;
        if (fact_is_cost(event))
            tell_cost(story, event);
        else
            tell_fact(story, event);
    }
}

static void tell_notes(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind == TRACE_CHECK || !flow_remark_speaks(story->trace, event))
            continue;
        g_autofree char *text = NULL;
        const char *who = trace_party(story->trace, event->party)->name;
        if (event->kind == TRACE_ALERT)
            text = story_once(story, "why %s", event->reason)
                       ? g_strdup_printf("The reason: %s.", event->reason)
                       : g_strdup("The reason is the same.");
        else if (event->kind == TRACE_DATA)
            text = g_strdup_printf("The %s reads all of it: %zu bytes in the clear.", who,
                                   bytes_from_gbytes(event->bytes).size);
        else if (g_strcmp0(event->name, "warning") == 0)
            text = g_strdup_printf("The %s's user reads: \"%s\"", who, event->value);
        else
            text = g_strdup(event->value);
        tell_paragraph(story, text);
        if (event->kind == TRACE_NOTE && event->name != NULL)
            tell_idea(story, event->name);
    }
}

static void tell_states(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->states, i);
        if (!flow_state_settles(event->after))
            continue;
        g_autofree char *state = g_ascii_strdown(event->after, -1);
        g_autofree char *text = g_strdup_printf("For the %s, the connection is now: %s.",
                                                trace_party(story->trace, event->party)->name,
                                                g_strdelimit(state, "_", ' '));
        tell_paragraph(story, text);
    }
}

static void tell_connection(Story *story, const FlowRow *row)
{
    g_autofree char *what = describe_connection(story->trace, row);
    g_autofree char *text = g_strdup_printf("==== %s ====", what);
    g_string_append_c(story->output, '\n');
    tell(story, "", "     ", text);
    story->told_step = 0;
}

static void tell_row(Story *story, const FlowRow *row)
{
    if (row->kind == FLOW_CONNECTION) {
        tell_connection(story, row);
        return;
    }
    if (row->kind == FLOW_MOMENT) {
        g_autofree char *time = text_duration(row->event->time);
        g_autofree char *text =
            g_strdup_printf("Nothing more comes. Time goes by, until %s.", time);
        g_string_append_c(story->output, '\n');
        tell(story, "", "", text);
    } else {
        tell_heading(story, row);
        if (row->kind == FLOW_MESSAGE)
            tell_message(story, row);
        tell_mischief(story, row);
    }
    tell_record(story, row);
    tell_certificates(story, row);
    tell_facts(story, row, false);
    tell_checks(story, row);
    tell_keys(story, row);
    tell_facts(story, row, true);
    tell_notes(story, row);
    tell_states(story, row);
}

static void tell_end(Story *story)
{
    g_autofree char *verdict = describe_verdict(story->trace);
    if (verdict == NULL)
        return;
    g_autofree char *text = g_strdup_printf("So it ends: %s.", verdict);
    g_string_append_c(story->output, '\n');
    tell(story, "", "", text);
}
