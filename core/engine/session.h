/* Session: what two sides keep of a handshake in order to shorten the next one; where servers and
 * clients keep them; and tickets, by which a server has its clients keep them. Sources: RFC 5246
 * F.1.4 and 7.4.1.2, RFC 5077 4, RFC 7627 5.3, RFC 8446 4.6.1. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/crypto/certificate.h"
#include "core/crypto/random.h"
#include "core/wire/message.h"

enum { SESSION_SECRET_MOST = 64, SESSION_KEY_ARG_SIZE = 8 };

typedef struct {
    gint references;
    ProtocolVersion version;
    SuiteNumber suite;
    uint8_t id[SESSION_ID_MOST]; /* TLS 1.2 and below, SSL 2.0; none with a ticket alone */
    size_t id_size;
    GBytes *ticket;                      /* client: as the server gave it; or NULL */
    uint8_t secret[SESSION_SECRET_MOST]; /* master secret; TLS 1.3: the PSK */
    size_t secret_size;
    uint8_t key_arg[SESSION_KEY_ARG_SIZE]; /* SSL 2.0: the IV of every connection of the session */
    bool extended;                         /* RFC 7627: an extended master secret */
    uint64_t created;                      /* microseconds since 1970 UTC */
    uint32_t lifetime;                     /* seconds */
    uint32_t age_add;                      /* RFC 8446 4.6.1 */
    uint32_t max_early_data;               /* bytes; 0: none */
    char *server_name;                     /* of the handshake; NULL: none */
    char *protocol;                        /* ALPN's; NULL: none */
    Certificate *peer; /* the other side's certificate, if it was authenticated */
    bool kept;         /* a store has it, or had it */
    bool forgotten;    /* RFC 5246 7.2.2: a connection of it ended with a fatal alert */
} Session;

Session *session_new(void);
Session *session_ref(Session *session);
void session_unref(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_unref)

/* Whether it may still be resumed at `now` (microseconds since 1970 UTC): it is neither too old nor
 * forgotten. */
bool session_is_fresh(const Session *session, uint64_t now);

/* A bounded store of sessions by key: a server's cache by session ID, a client's by server name. It
 * may be shared by several endpoints of one thread. The oldest leaves when it is full. */
typedef struct SessionCache SessionCache;

/* `most` sessions; `lifetime` seconds for a session at most (0: what the session says). */
SessionCache *session_cache_new(size_t most, uint32_t lifetime);
void session_cache_free(SessionCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionCache, session_cache_free)

uint32_t session_cache_lifetime(const SessionCache *cache);
size_t session_cache_count(const SessionCache *cache);
/* A key may have several sessions (a client's tickets); the newest is found first. */
void session_cache_add(SessionCache *cache, Bytes key, Session *session);
/* NULL when there is none that is fresh: stale ones are thrown away on the way. Borrowed. */
Session *session_cache_find(SessionCache *cache, Bytes key, uint64_t now);
void session_cache_remove(SessionCache *cache, Bytes key, const Session *session);
void session_cache_clear(SessionCache *cache);

/* Binders and tickets that were seen, against replays of early data (RFC 8446 8.1): true the first
 * time. Kept in the same store and with its bound. */
bool session_cache_once(SessionCache *cache, Bytes value);

/* The keys of tickets: the newest seals, all of them open (RFC 5077 5.5). */
typedef struct TicketKeys TicketKeys;

enum { TICKET_KEYS_MOST = 4 }; /* older ones are forgotten */

TicketKeys *ticket_keys_new(Random *random);
void ticket_keys_free(TicketKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TicketKeys, ticket_keys_free)

/* A new newest key. With `forget` the older ones are gone at once. */
void ticket_keys_rotate(TicketKeys *keys, Random *random, bool forget);

/* key_name (16), IV (16), AES-128-CBC of the state, HMAC-SHA-256 (RFC 5077 4). */
GBytes *ticket_seal(const TicketKeys *keys, const Session *session, Random *random, Fault *fault);
/* NULL for a ticket of unknown keys, or one that was changed: it is then as if none had come (RFC
 * 5077 3.4). `*old` (may be NULL) says that another key than the newest sealed it. */
Session *ticket_open(const TicketKeys *keys, Bytes ticket, bool *old);
