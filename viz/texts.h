/* Texts: the sentences that explain a handshake to people: the eleven steps by their titles and
 * what other conversations make of them, what each message is for, what the secrets, the checks and
 * the settled things are, and the ideas behind them. Constant UTF-8; nothing of a run. */
#pragma once

#include "core/base/numbers.h"

enum { TEACHING_STEPS = 11 };

/* "the client offers" for step 1 of the eleven; NULL for any other number. */
const char *texts_step(int step);

/* Kinds of conversation, by what they make of the eleven steps. */
typedef enum {
    CONVERSATION_RSA, /* the classic one: the premaster secret is encrypted to the server's key */
    CONVERSATION_DHE, /* up to TLS 1.2, ephemeral Diffie-Hellman, on a curve or not */
    CONVERSATION_ANON,
    CONVERSATION_PSK,
    CONVERSATION_RESUMED, /* up to TLS 1.2, by session ID or by ticket */
    CONVERSATION_TLS13,
    CONVERSATION_TLS13_PSK,
    CONVERSATION_SSL2,
    CONVERSATION_SSL2_RESUMED,
    CONVERSATION_KINDS,
} ConversationKind;

/* "TLS 1.3". */
const char *texts_conversation(ConversationKind kind);

/* What a kind of conversation makes of one step. */
typedef struct {
    const char *how;  /* "kept", "changed", "joined", "moved", "dropped" */
    const char *text; /* in a few words; NULL: there is nothing else to say */
} StepChange;

/* Every kind has one for each step. */
const StepChange *texts_change(ConversationKind kind, int step);

/* In which story a message stands. */
typedef enum {
    STORY_FULL,      /* up to TLS 1.2 */
    STORY_AGAIN,     /* a renegotiation */
    STORY_RESUMED,   /* up to TLS 1.2 */
    STORY_TLS13,     /* with a certificate */
    STORY_TLS13_PSK, /* with a pre-shared key */
    STORY_LATER,     /* authentication after the handshake */
    STORY_EARLY,     /* before the server has answered */
    STORY_RETRIED,   /* a hello that answers HelloRetryRequest */
} StoryKind;

/* What a message is for, when that side says it: one to three sentences; NULL when there is nothing
 * to say. */
const char *texts_message(MessageKind kind, Role from, StoryKind story);

/* What a check of that name asks: "Is today within its validity?"; NULL for an unknown name. */
const char *texts_check(const char *name);

/* What a secret or key is, by the name that the trace gives it; NULL for an unknown name. */
const char *texts_key(const char *name);
/* The step to which it belongs; 0: none of them. */
int texts_key_step(const char *name);

/* What is settled by a FACT of that name: "The group"; NULL for an unknown name. */
const char *texts_fact(const char *name);

/* The idea behind something, by the name of its fact, its extension, its note or its own: what it
 * is for, what goes wrong without it, and where it is specified; NULL for an unknown name. */
const char *texts_idea(const char *name);
