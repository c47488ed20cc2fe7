/* Order: judges messages that somebody else said against the conversation lists, from outside. */
#pragma once

#include "core/base/bytes.h"
#include "core/engine/conversation.h"
#include "core/wire/message.h"

/* One connection. Begins all zero; order_clear frees what it keeps. */
typedef struct {
    const Conversation *list; /* NULL: nobody has said hello */
    Progress progress;
    bool under_way;   /* a handshake, or post-handshake authentication */
    bool established; /* a handshake has been completed */
    bool lost;        /* something illegal or unreadable has passed: the rest is not judged */
    bool early;       /* the last ClientHello offers early data */
    bool finished[2]; /* by Direction: Finished of this handshake has passed */
    bool closed[2];   /* close_notify or a fatal alert has */
    int handshakes;   /* begun after the first one */
    GBytes *client_id;
    bool ticket; /* the last ClientHello offers one */
} Order;

/* Where a message stands. */
typedef struct {
    bool judged; /* false: nothing can be said of it */
    bool legal;
    char *expected; /* of an illegal one: what was expected instead; g_free */
    const char *rule;
    int row; /* of the list, or -1 */
    Family family;
    int handshake; /* as TraceEvent has it */
    Under under;   /* TLS 1.3, for what is protected */
} Place;

void order_clear(Order *order);

/* The next message of a direction. `message` is NULL for one that cannot be decoded; `kind` says
 * what it is. */
Place order_take(Order *order, Direction direction, MessageKind kind, const Message *message);

/* A protected record that stays closed. In its place may stand the Finished that has to come there:
 * then it is taken for it. */
Place order_take_closed(Order *order, Direction direction, ContentType type);

/* The state of a side as the list names it; NULL while it is its own turn, or nothing is known. */
const char *order_state(const Order *order, Role role);
