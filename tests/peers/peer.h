/* Another stack as the other side, in memory: bytes in, bytes out. */
#pragma once

#include <stdbool.h>

#include "core/base/bytes.h"
#include "core/base/numbers.h"

typedef struct Peer Peer;

typedef enum {
    PEER_HANDSHAKING,
    PEER_CONNECTED,
    PEER_FAILED,
} PeerState;

typedef enum {
    PEER_ASKS_NOBODY,
    PEER_REQUESTS, /* takes a client without certificate */
    PEER_REQUIRES,
} PeerAsks;

/* What one is told. PEM is as the stack's own functions take it; all zero is the stack's default.
 */
typedef struct {
    Role role;
    ProtocolVersion version; /* this one alone, unless … */
    ProtocolVersion up_to;   /* … is not 0 */
    uint16_t suite;          /* likewise */
    const GroupNumber *groups;
    size_t group_count;
    SchemeNumber scheme;      /* this one alone */
    Bytes chain_pem, key_pem; /* its own certificate; empty: none */
    Bytes trusted_pem;
    const char *name; /* client: asked for and checked */
    PeerAsks asks;
    int64_t clock;
    bool insecure; /* renegotiates without RFC 5746 */
    bool fallback; /* client: TLS_FALLBACK_SCSV */

    const char *psk_identity, *psk_hint; /* RFC 4279, RFC 8446 2.2 */
    Bytes psk;
    bool psk_ke; /* without a key agreement */

    bool no_extended_master_secret, no_encrypt_then_mac, no_tickets;
    const char *const *protocols; /* ALPN */
    size_t protocol_count;
    bool asks_status; /* client: status_request, and the response must be good */
    Bytes status;     /* server: OCSPResponse to staple */
    uint32_t fragment_length, record_size_limit; /* bytes */
    bool compresses_certificates;
    bool stateless; /* server: a HelloRetryRequest with a cookie first */
    bool post_handshake_auth;
    uint32_t max_early_data; /* server: takes it; client: may send it */
    bool rejects_early_data; /* server: none the less */
    Bytes early_data;        /* client */
    GString *keylog;         /* the lines of its own key log (RFC 9850); NULL: none is asked for */
} PeerConfig;

/* What one side keeps from connection to connection; all zero at first. */
typedef struct {
    void *context; /* the stack's own */
    void (*free_context)(void *context);
    GBytes *session;      /* client */
    GHashTable *sessions; /* server: of GBytes by GBytes */
    GBytes *ticket_key;   /* server */
} PeerMemory;

/* What a connection has come to, by the stack's own word. */
typedef struct {
    ProtocolVersion version;
    uint32_t suite;
    GroupNumber group; /* GROUP_NONE: none, or one that is sent in full */
    unsigned handshakes;
    bool resumed, extended_master_secret, encrypt_then_mac, early_data_taken, status_good;
    char protocol[32];
    char name[64];     /* server: server_name */
    char subject[128]; /* of the other side's certificate */
} PeerView;

typedef enum {
    PEER_RENEGOTIATE,
    PEER_UPDATE_KEYS,
    PEER_UPDATE_ALL_KEYS, /* asks for the other side's, too */
    PEER_ASK_CERTIFICATE, /* RFC 8446 4.6.2 */
    PEER_REMEMBER,        /* client: puts its session into the memory */
} PeerAct;

typedef struct {
    const char *name;
    /* NULL when the stack itself says that it does not have what is asked for. */
    Peer *(*start)(const PeerConfig *config, PeerMemory *memory);
    void (*receive)(Peer *peer, Bytes bytes);
    Bytes (*output)(Peer *peer); /* empties what it gave before */
    PeerState (*state)(Peer *peer);
    void (*send)(Peer *peer, Bytes data);
    bool (*act)(Peer *peer, PeerAct act); /* false: it refuses */
    void (*view)(Peer *peer, PeerView *view);
    bool (*exporter)(Peer *peer, const char *label, Bytes context, uint8_t *output, size_t size);
    Bytes (*received)(Peer *peer); /* all application data so far */
    const char *(*error)(Peer *peer);
    void (*free)(Peer *peer);
} PeerKind;

extern const PeerKind peer_openssl, peer_gnutls;
