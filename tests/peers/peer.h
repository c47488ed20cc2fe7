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

/* What one is told. PEM and names are as the stack's own functions take them. */
typedef struct {
    Role role;
    ProtocolVersion version;
    uint16_t suite;
    Bytes chain_pem, key_pem; /* its own certificate; empty: none */
    Bytes trusted_pem;
    bool asks_client; /* as a server: require a client certificate */
    bool insecure;    /* renegotiates without RFC 5746 */
    int64_t clock;
} PeerConfig;

typedef struct {
    const char *name;
    /* NULL when the stack itself lists the suite as absent. */
    Peer *(*start)(const PeerConfig *config);
    void (*receive)(Peer *peer, Bytes bytes);
    Bytes (*output)(Peer *peer); /* empties what it gave before */
    PeerState (*state)(Peer *peer);
    void (*send)(Peer *peer, Bytes data);
    void (*renegotiate)(Peer *peer);
    unsigned (*handshakes)(Peer *peer); /* complete ones */
    Bytes (*received)(Peer *peer);      /* all application data so far */
    const char *(*error)(Peer *peer);
    void (*free)(Peer *peer);
} PeerKind;

extern const PeerKind peer_openssl, peer_gnutls;
