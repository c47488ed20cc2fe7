/* The story that narrate.c tells, as its parts share it. Inside the room only. */
#pragma once

#include "viz/flow.h"
#include "viz/texts.h"

typedef struct {
    const Trace *trace;
    bool utf8;
    GString *output;
    GHashTable *told; /* of char *: whatever must not be told twice, by a name of its own */
    int told_step;    /* of the heading before */
    bool kinds[CONVERSATION_KINDS];
} Story;

/* True the first time that it is asked about this name, which it makes up like printf. */
bool story_once(Story *story, const char *format, ...) G_GNUC_PRINTF(2, 3);

void tell(Story *story, const char *first, const char *rest, const char *text);
void tell_paragraph(Story *story, const char *text);
void tell_item(Story *story, const char *text);
/* A text that is told once in a story, under its own words. */
void tell_text(Story *story, const char *text);
void tell_idea(Story *story, const char *name);

/* narrate_steps.c: the eleven steps, and what this conversation makes of them. */

/* False while nothing has settled what kind it is. */
bool row_conversation(const Story *story, const FlowRow *row, ConversationKind *kind);
StoryKind row_story(const Story *story, const FlowRow *row);
/* The step of the eleven; 0: none. */
int row_step(const FlowRow *row);
/* " [step 4: title]", or without what was said just above. g_free. */
char *step_label(Story *story, const FlowRow *row);
/* "Step 3: the client authenticates the server.", as a paragraph of its own; "Step 4, at the
 * client:" where `who` is not NULL. */
void tell_step(Story *story, const FlowRow *row, int step, const char *who);
/* What becomes of this step, and of those ahead of it that have no message any more. */
void tell_changes(Story *story, const FlowRow *row, int step);
/* The tables at the end. */
void tell_comparisons(Story *story);

/* narrate_message.c: what a message says in this run, and the ideas that it is the occasion of. */
void tell_message(Story *story, const FlowRow *row);

/* narrate_secrets.c: secrets, keys and parts of records. */
void tell_keys(Story *story, const FlowRow *row);
void tell_record(Story *story, const FlowRow *row);
