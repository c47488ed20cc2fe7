/* What the files of the observer share; no other file includes it. */
#pragma once

#include "core/base/buffer.h"
#include "core/crypto/compression.h"
#include "core/crypto/protection.h"
#include "core/crypto/schedule.h"
#include "core/crypto/ssl2.h"
#include "core/engine/observer.h"
#include "core/wire/record.h"

/* TLS 1.3: which traffic secret protects a direction (RFC 8446 7.1). */
typedef enum {
    STAGE_NONE,
    STAGE_EARLY, /* the client's alone */
    STAGE_HANDSHAKE,
    STAGE_APPLICATION,
} Stage;

/* One direction. */
typedef struct {
    int records;
    bool secret;            /* what follows is protected (before TLS 1.3) */
    bool open;              /* by a cipher of nothing: behind the data stands a MAC, unproved */
    Protection *protection; /* NULL while it cannot be opened */
    Ssl2Protection *ssl2;
    Compression *inflate;
    GByteArray *partial; /* handshake bytes that are no whole message yet */
    bool partial_secret; /* they came protected */
    bool lost;           /* bytes of it are missing: nobody knows under which keys it stands */
    bool over;           /* SSL 2.0: its last handshake message has passed */
    Stage stage;
    uint8_t traffic[HASH_SIZE_MOST]; /* TLS 1.3: the secret in force */
} ObservedSide;

struct Observer {
    ObserverKeys keys;
    ObserverVisit visit;
    void *data;
    GHashTable *sessions; /* GBytes: session ID or ticket → GBytes: master secret, or SSL 2.0's */
    Random *random;       /* asked for by protections; nothing is sealed */
    ObservedSide sides[2];
    bool ssl2;              /* the server answers in SSL 2.0's framing */
    const Version *version; /* NULL until ServerHello */
    const Suite *suite;     /* likewise */
    uint8_t client_random[RANDOM_SIZE], server_random[RANDOM_SIZE];
    GBytes *offered_suites; /* of the last ClientHello */
    GBytes *client_id, *ticket, *session_id;
    bool extended, encrypt_then_mac, deflate, early;
    bool exchanged;         /* a ClientKeyExchange has passed: a full handshake */
    GByteArray *transcript; /* handshake messages, as RFC 7627 hashes them */
    bool known;             /* the master secret of this handshake is */
    uint8_t master[MASTER_SECRET_SIZE];
    const char *opened;                                                     /* by what */
    uint8_t challenge[RANDOM_SIZE], connection_id[RANDOM_SIZE], key_arg[8]; /* SSL 2.0 */
    size_t challenge_size, connection_id_size;
    char *why; /* what stays closed, and why: a clause */
};

/* The direction as the sender that it has. */
Role observed_sender(Direction direction);

/* Shows a message or a closed record. */
void observe_show(Observer *observer, Direction direction, MessageKind kind, Bytes bytes,
                  bool secret);

/* The secret of a label from the key log; its size, or 0. */
size_t observe_secret(const Observer *observer, const char *label, uint8_t *output);

/* Why what is protected stays closed; the first reason of a connection stands. */
void observe_closed(Observer *observer, const char *why);

/* What a record holds once it is open. */
void observe_plain(Observer *observer, Direction direction, ContentType type, Bytes plain,
                   bool secret);

/* observer13.c: a protected record of TLS 1.3, and a KeyUpdate that has passed. */
void observe_tls13(Observer *observer, Direction direction, const Record *record);
void observe_key_update(Observer *observer, Direction direction);

/* observer_ssl2.c: a record of SSL 2.0. */
void observe_ssl2(Observer *observer, Direction direction, const Record *record);

/* Decrypts to the server's RSA key; false when there is none, or it does not fit. The view lives in
 * `block`. */
bool observe_decrypt(const Observer *observer, Bytes cipher, GByteArray *block, Bytes *message);
