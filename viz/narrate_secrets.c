/* Secrets, keys and parts of records in the narration.
 *
 * A secret is told where it is first made, by name, value and meaning, under the step to which it
 * belongs; that the other side comes to the same value is said in a word, and that it comes to
 * another one with all it has. The parts of a record are told for the first Finished and the first
 * data: after that they are the same again.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/narrate_story.h"
#include "viz/text.h"

enum { HEAD_BYTES = 8 /* of a secret: to tell it from another */ };

/* Parts of a record are no keys, but are told as keys are. */
#define RECORD_PART "record_"

static bool is_key(const TraceEvent *event)
{
    return event->kind == TRACE_KEYS && event->name != NULL &&
           !g_str_has_prefix(event->name, RECORD_PART) && !g_str_has_suffix(event->name, "_random");
}

static void tell_key(Story *story, const TraceEvent *event)
{
    const char *meaning = texts_key(event->name);
    bool first = meaning != NULL && story_once(story, "%s", meaning);
    Bytes bytes = bytes_from_gbytes(event->bytes);
    g_autofree char *head = bytes_to_hex(bytes_slice(bytes, 0, HEAD_BYTES), NULL);
    g_autofree char *text = g_strdup_printf(
        "%s, %zu bytes (%s%s)%s%s", event->name, bytes.size, head == NULL ? "" : head,
        bytes.size > HEAD_BYTES ? "…" : "", first ? ": " : "", first ? meaning : "");
    tell_item(story, text);
}

/* A name for a value, so that the other side's copy of it is known. */
static char *value_name(const TraceEvent *event)
{
    g_autofree char *hex = bytes_to_hex(bytes_from_gbytes(event->bytes), NULL);
    return g_strdup_printf("%d %d %d %s %s", event->link, event->connection, event->handshake,
                           event->name, hex == NULL ? "" : hex);
}

static bool is_told(const Story *story, const TraceEvent *event)
{
    g_autofree char *name = value_name(event);
    return g_hash_table_contains(story->told, name);
}

/* What one party makes in this row and nobody made before, step by step. False: nothing. `second`:
 * the other side's were just told. */
static bool tell_new_keys(Story *story, const FlowRow *row, int party, bool second)
{
    bool any = false;
    const char *who = second ? trace_party(story->trace, party)->name : NULL;
    for (int step = 0; step <= TEACHING_STEPS; step++) {
        bool begun = step == 0;
        for (guint i = 0; i < row->remarks->len; i++) {
            const TraceEvent *event = g_ptr_array_index(row->remarks, i);
            if (!is_key(event) || event->party != party || texts_key_step(event->name) != step ||
                is_told(story, event))
                continue;
            if (!begun)
                tell_step(story, row, step, who);
            begun = any = true;
            tell_key(story, event);
        }
    }
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (!is_key(event) || event->party != party)
            continue;
        g_autofree char *name = value_name(event);
        story_once(story, "%s", name);
    }
    return any;
}

/* The party of the first key that is not of `but`; -1: none. */
static int next_party(const FlowRow *row, int but)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (is_key(event) && event->party != but)
            return event->party;
    }
    return -1;
}

static bool has_secrets(const FlowRow *row, int party)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (is_key(event) && event->party == party && texts_key_step(event->name) > 0)
            return true;
    }
    return false;
}

void tell_keys(Story *story, const FlowRow *row)
{
    int first = next_party(row, -1);
    const int parties[] = {first, first < 0 ? -1 : next_party(row, first)};
    bool second = false;
    for (size_t i = 0; i < G_N_ELEMENTS(parties) && parties[i] >= 0; i++) {
        bool fresh = tell_new_keys(story, row, parties[i], second);
        second = second || fresh;
        if (fresh || !has_secrets(row, parties[i]) ||
            !story_once(story, "party %d has the keys of %d %d %d", parties[i], row->link,
                        row->connection, row->event->handshake))
            continue;
        g_autofree char *text = g_strdup_printf("The %s comes to the same secrets on its side.",
                                                trace_party(story->trace, parties[i])->name);
        tell_paragraph(story, text);
    }
}

void tell_record(Story *story, const FlowRow *row)
{
    bool shown = row->message == MESSAGE_FINISHED || row->message == MESSAGE_APPLICATION_DATA;
    bool begun = false;
    for (guint i = 0; shown && i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_KEYS || event->name == NULL ||
            !g_str_has_prefix(event->name, RECORD_PART))
            continue;
        if (!begun && !story_once(story, "record of %d", (int)row->message))
            return;
        begun = true;
        tell_key(story, event);
    }
}
