/* What the files of the re-enactment share; no other file includes it. */
#pragma once

#include "core/crypto/suite.h"
#include "core/wire/message.h"
#include "scenarios/import/reenact.h"
#include "sim/plan.h"

/* What is known of the connection that is being retold. */
typedef struct {
    ProtocolVersion version; /* VERSION_NONE until ServerHello */
    const Suite *suite;
    bool hello;       /* a ClientHello has passed */
    bool finished[2]; /* by Direction, of the handshake under way */
    bool established; /* a handshake has been completed */
    bool resumed, retried, failed;
    bool full;        /* ServerHelloDone has passed, or TLS 1.3's ServerHello without a PSK */
    bool ticket;      /* what the hello offers is a ticket, or a PSK */
    GBytes *id;       /* the hello's session ID */
    bool early;       /* the client offers early data */
    bool asked;       /* the client's request waits for its answer */
    bool wished;      /* HelloRequest: the next hello is its answer */
    bool owed[2];     /* by Direction: KeyUpdate, asked for */
    bool closed;      /* a close_notify has passed */
    bool offers;      /* the hello offers a session of an earlier connection */
    char *path;       /* of the last request */
    PlanAct *request; /* that request */
    guint begins;     /* the first of this connection's acts */
    unsigned certificates, tickets;
} Scene;

/* A run of application data in one direction. */
typedef struct {
    GByteArray *bytes;
    size_t size; /* with what stays closed */
    bool open, early;
    Direction direction;
    unsigned records;
    size_t first;          /* bytes of the first record */
    uint64_t time, before; /* when it began, and when what came ahead of it was said */
} Speech;

typedef struct {
    Plan *plan;
    PlanParty *client, *server;
    GPtrArray *left_out; /* of char *: clauses */
    GPtrArray *keys;     /* of KeyPlace *: which of ours stands for which */
    GPtrArray *sessions; /* of GBytes *: IDs that were given */
    unsigned tickets;    /* given in all */
    GArray *offered;     /* of uint32_t: the suites of the last hello */
    GArray *shares;      /* of GroupNumber: likewise */
    char *chosen;        /* ALPN's choice */
    GroupNumber group;   /* of the last agreement */
    unsigned connection;
    int64_t origin;  /* the clock of the first connection, in seconds of 1970 */
    uint64_t offset; /* of the connection's clock from that */
    uint64_t time;   /* of the last message, by the plan's clock */
    const Trace *trace;
    Scene scene;
    Speech speech;
} Retelling;

/* Says once that something is not done again: a clause without a stop. */
void retell_left_out(Retelling *retelling, char *clause);
/* When an event was, by the plan's clock. */
uint64_t retell_time(const Retelling *retelling, const TraceEvent *event);
/* Adds an act of that time, behind the pause that went before it. */
PlanAct *retell_act(Retelling *retelling, ActKind kind, Role who, uint64_t time);

/* reenact_hello.c: what hellos settle. */
void retell_hello(Retelling *retelling, const Message *message, uint64_t time);
bool retell_was_given(const Retelling *retelling, Bytes id);
void retell_psk(Retelling *retelling, const char *identity, HashKind hash);
void retell_protocols(PlanParty *party, const Extension *extension);
/* Sets of numbers of two bytes, in the order in which they came. */
bool retell_holds(const GArray *numbers, uint16_t number);
void retell_add_number(GArray *numbers, uint16_t number);

/* reenact_answer.c: what a server's answers settle. */
void retell_server_hello(Retelling *retelling, const ServerHello *hello);
void retell_retry(Retelling *retelling, const ServerHello *hello);
void retell_old_server_hello(Retelling *retelling, const Ssl2Message *hello);
/* Leaves the server with a suite that the client did not offer. */
void retell_apart(Retelling *retelling, ProtocolVersion version);
void retell_settings(Retelling *retelling, const Message *message, Direction direction);
/* Throws away what the side has to resume by, ahead of this connection. */
void retell_forget(Retelling *retelling, ActKind kind, Role who);
/* reenact_refusal.c: an alert as what made it: no common suite, a version that is not spoken, a key
 * that does not fit. */
void retell_refusal(Retelling *retelling, Direction direction, AlertDescription description);

/* reenact_certificate.c: the chain of a side, minted again. The name of its own certificate is
 * borrowed from the plan, `*root` (borrowed) gets that of whom it leads to; NULL when it cannot be
 * read. */
const char *retell_chain(Retelling *retelling, const Bytes *list, size_t count, const char *base,
                         const char **root);
void retell_keys_free(GPtrArray *keys);

/* reenact_play.c: what the two did, and what is expected of it. */
void retell_play(Retelling *retelling, const TraceEvent *event, const Message *message);
void retell_speech_end(Retelling *retelling);
/* A request that nobody answered is so many bytes: the server of a scenario would answer. */
void retell_unanswered(Retelling *retelling);
void retell_expects(Retelling *retelling);
/* A scenario that expects nothing expects that both connect: say something that is true. */
void retell_expects_something(Retelling *retelling);
