/* Story: what one direction of one connection says, as tshark tells it and as the trace tells it:
 * for each row of a table of fields the values in the order of the wire. */
#pragma once

#include "core/engine/trace.h"

typedef enum {
    STORY_SEALED,
    STORY_CLEAR,       /* nothing is encrypted: tshark reads it without secrets */
    STORY_UNDECRYPTED, /* tshark does not decrypt it: what is in the clear is compared */
} StoryKind;

typedef struct {
    StoryKind kind;
    GPtrArray *fields; /* of GString *, by row of the table */
    GByteArray *types; /* content types by the number of the record */
    GString *data;     /* application data, in hex */
    char *name;        /* of the run and direction; NULL in tshark's */
    unsigned messages, records, finished;
    bool ssl2;
} Story;

/* Stories by "address source-port destination-port"; g_hash_table_unref. */
GHashTable *stories_new(void);

/* Adds what a trace holds. */
void stories_tell(GHashTable *stories, const Trace *trace, StoryKind kind);

/* Adds what tshark says of a capture. */
void stories_read(GHashTable *stories, const char *file);

/* NULL when tshark's story is the trace's; else where they part. g_free. */
char *story_difference(const Story *seen, const Story *told);

/* Fails the test when tshark's story, read without secrets, holds what was encrypted. */
void story_check_closed(const Story *seen, const Story *told);

/* The key of the half "as sent" of a link of which the capture shows both; g_free. */
char *story_key_as_sent(const char *key);

/* The same run between other addresses, so that many fit into one capture. `next` counts links. */
void trace_move(Trace *trace, unsigned *next);

/* Runs tshark on a capture; its standard output. g_free. */
char *tshark(const char *file, const char *const *arguments, size_t count);
