/* The conversation: one list per version family is the state machine. Pure data and four questions;
 * includes nothing of crypto or of the rest of the engine. Rows stand in the order of the wire, so
 * the tables read like the RFCs' message-flow figures (RFC 8446 2, RFC 5246 7.3, RFC 6101 5.5).
 * Both roles read the same list. */
#pragma once

#include <glib.h>

#include "core/base/numbers.h"

/* Facts of one handshake; a mask. */
typedef uint32_t Facts;
enum {
    FACT_SSL3 = 1u << 0,       /* the version is SSL 3.0 */
    FACT_EPHEMERAL = 1u << 1,  /* the server sends key exchange parameters of this handshake */
    FACT_CERT_ASKED = 1u << 2, /* the server asked for the client's certificate */
    FACT_NO_CERT_ALERT =
        1u << 3, /* SSL 3.0: the client warned no_certificate instead; SSL 2.0: ERROR */
    FACT_CERT_SENT = 1u << 4,   /* the client showed a certificate */
    FACT_RESUMED = 1u << 5,     /* the secrets of an earlier session are used again */
    FACT_TICKET = 1u << 6,      /* the server announced a NewSessionTicket (TLS 1.2 and below) */
    FACT_STATUS = 1u << 7,      /* the server announced that it may send CertificateStatus */
    FACT_STATUS_SENT = 1u << 8, /* … and sent it */
    FACT_ANON = 1u << 9,        /* nobody shows a certificate: anonymous key exchange */
    FACT_PSK = 1u << 10,        /* a pre-shared key authenticates */
    FACT_HINT = 1u << 11,       /* PSK of TLS 1.2 and below: the server gives an identity hint */
    FACT_RETRY = 1u << 12,      /* the server asks for another hello */
    FACT_EARLY = 1u << 13,      /* the server takes early data */
    FACT_COMPRESSED = 1u << 14, /* the server's certificate comes compressed */
};
enum { FACT_COUNT = 15 };

/* Under which keys a message travels. */
typedef enum {
    UNDER_CURRENT,   /* the keys that were in force when this handshake began: none at first */
    UNDER_NEW,       /* the keys that this handshake makes; in TLS 1.3 those of application data */
    UNDER_HANDSHAKE, /* TLS 1.3: handshake traffic keys */
    UNDER_EARLY,     /* TLS 1.3: early traffic keys */
} Under;

/* One row: who says what, when, under which keys. */
typedef struct {
    MessageKind message;
    Role from;
    Under under;
    Facts when;        /* all of these must be true */
    Facts unless;      /* none of these may be true */
    Facts tells;       /* facts that its arrival makes true (its absence: false) */
    const char *state; /* the state of whoever waits for it; names ours up to TLS 1.2 */
    uint8_t teaching;  /* which of the eleven steps it belongs to */
} Step;

typedef enum {
    FAMILY_SSL2,
    FAMILY_SSL3, /* SSL 3.0 to TLS 1.2 */
    FAMILY_TLS13,
    FAMILY_TLS13_POST, /* post-handshake authentication: RFC 8446 4.6.2 */
    FAMILIES,
} Family;

/* What rules a combination of facts out: where all of `given` are true, none of `never` are and all
 * of `always` are. */
typedef struct {
    Facts given, never, always;
} FactRule;

typedef struct {
    Family family;
    const char *name; /* "SSL 3.0 to TLS 1.2" */
    const Step *steps;
    size_t count;
    Facts given; /* settled by what a message says, never by which one comes: the version */
    const FactRule *rules;
    size_t rule_count;
    const char *opening; /* the first row's state seen from its own speaker */
    const char *done;    /* state after the last row: "CONNECTED" */
    bool names_first; /* the state is named by the first row that may come, as RFC 8446 A.1 does */
} Conversation;

const Conversation *conversation_of(Family family);
const char *family_name(Family family); /* "SSL 3.0 to TLS 1.2" */

/* The list of a version. */
Family family_of(ProtocolVersion version);

/* What one side knows: `facts` are the true ones among `known`. `row` is the next row to look at.
 */
typedef struct {
    size_t row;
    Facts facts;
    Facts known;
} Progress;

enum { NEXT_MOST = 8 }; /* no position of any list offers more */

/* Question 1: which rows may come next? Fills `rows`, returns how many; 0 at the end. The last one
 * is the row that must come when none of the others does. */
size_t conversation_next(const Conversation *conversation, const Progress *progress,
                         size_t rows[NEXT_MOST]);

/* Question 2: accept this message from that side. Returns its row and moves `progress` beyond it
 * (with what it tells); -1 when it is not expected here. */
int conversation_accept(const Conversation *conversation, Progress *progress, MessageKind message,
                        Role from);

/* Question 3: what do I say next? The row, or -1 when it is the other side's turn or the end. All
 * facts on which a side's own rows depend must be known to it. Does not move. */
int conversation_say(const Conversation *conversation, const Progress *progress, Role self);

/* Whether no row is left. */
bool conversation_over(const Conversation *conversation, const Progress *progress);

/* Question 4: enumerate all conversations: a GPtrArray of GArray of int (rows), each legal sequence
 * once, given what is known at the start; of the conversation's `given` facts that are not known,
 * every combination that its rules allow. Free with g_ptr_array_unref. */
GPtrArray *conversation_enumerate(const Conversation *conversation, const Progress *start);

/* The state in which `self` waits. */
const char *conversation_state(const Conversation *conversation, const Progress *progress,
                               Role self);

/* "Certificate, CertificateRequest or ServerHelloDone": for unexpected_message. g_free. */
char *conversation_expected(const Conversation *conversation, const Progress *progress);

/* "CERT_ASKED"; NULL for no single fact. */
const char *fact_name(Facts fact);

/* The short list of what may be said at any time once established (RFC 5246 7.4.1.1, 7.2; RFC 8446
 * 4.6; RFC 6520). */
const Step *conversation_established(Family family, size_t *count);
