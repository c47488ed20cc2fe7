/* Observer: reads a connection from outside. It is given the records of both directions in the
 * order in which they passed, and whatever keys somebody holds: the server's RSA key, or secrets
 * from a key log. It shows every message that it can read, and says why it cannot read the rest. It
 * never changes anything, and judges nothing. */
#pragma once

#include "core/crypto/key.h"
#include "core/wire/message.h"

/* What it holds. All of it outlives the observer. */
typedef struct {
    const PrivateKey *rsa; /* the server's, or NULL */
    /* The secret of that label (RFC 9850: "CLIENT_RANDOM", "CLIENT_TRAFFIC_SECRET_0" …) for the
     * handshake with that client random (of "RSA", NSS's oldest, the premaster secret by the first
     * 8 bytes of what encrypts it): its size, at most HASH_SIZE_MOST bytes; 0 when there is
     * none. NULL: no key log. */
    size_t (*secret)(void *data, const char *label, Bytes client_random, uint8_t *output);
    void *data;
} ObserverKeys;

/* One message, or one record that stays closed. */
typedef struct {
    Direction direction;
    MessageKind kind;   /* MESSAGE_NONE: a record that it cannot open, or that is none */
    Bytes bytes;        /* plain; of a closed record its fragment. Until the call returns */
    bool secret;        /* it travelled protected */
    int record;         /* ordinal in this direction, from 1 */
    const char *why;    /* of a closed record: a clause, without a stop; else NULL */
    const char *opened; /* of a secret one: by what, "the server's RSA key", "the key log" */
} Observed;

typedef void (*ObserverVisit)(void *data, const Observed *observed);

typedef struct Observer Observer;

Observer *observer_new(const ObserverKeys *keys, ObserverVisit visit, void *data);
void observer_free(Observer *observer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Observer, observer_free)

/* Another connection begins. Sessions that were seen being made are kept: it may resume one. */
void observer_connect(Observer *observer);

/* Bytes of a direction are missing: what follows on it stays closed. */
void observer_lost(Observer *observer, Direction direction);

/* The next whole record of a direction, with its header. */
void observer_record(Observer *observer, Direction direction, Bytes record);

/* How the next message of a direction is to be read (message_read). */
WalkContext observer_context(const Observer *observer, Direction direction);
