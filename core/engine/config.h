/* What an endpoint is told before it starts. Plain data, owned by whoever made it; it must outlive
 * the endpoint and is not changed by it (but for the stores that it points to). All zero is a sound
 * default: every list that is empty stands for the laboratory's own. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/key.h"
#include "core/engine/session.h"
#include "core/engine/weakness.h"
#include "core/wire/edit.h"
#include "core/wire/message.h"

typedef enum {
    CLIENT_AUTH_NONE,
    CLIENT_AUTH_REQUESTED, /* a client without certificate is served as anonymous */
    CLIENT_AUTH_REQUIRED,  /* such a client gets handshake_failure (RFC 5246 7.4.6) */
} ClientAuth;

/* A certificate chain and the private key that should belong to it. */
typedef struct {
    GPtrArray *chain; /* of GBytes: DER, the own certificate first; empty: none to show */
    PrivateKey *key;
    GBytes *status; /* OCSPResponse to staple (RFC 6066 8); NULL: none */
} Credential;

/* One of a misbehaving peer's edits of its own messages, before they are protected. */
typedef struct {
    MessageKind message;
    int ordinal; /* the how-many-eth of that kind; 0: every one */
    Edit edit;
    const char *rule; /* its text, for the trace */
    int line;         /* of the scenario */
} OwnEdit;

/* A pre-shared key that both sides were given beforehand (RFC 4279, RFC 8446 2.2). */
typedef struct {
    const char *identity;
    Bytes key;
    HashKind hash; /* TLS 1.3: the hash that it is for (RFC 8446 4.2.11) */
} ExternalPsk;

/* An extension of a ClientHello with its data as it is sent. */
typedef struct {
    uint16_t type;
    Bytes data;
} RawExtension;

typedef enum {
    FEATURE_ON, /* offered and taken */
    FEATURE_OFF,
    FEATURE_REQUIRED, /* the handshake fails without it */
} Feature;

/* HeartbeatMode: what this side says of itself (RFC 6520 2). */
typedef enum {
    HEARTBEAT_OFF, /* the extension is not spoken */
    HEARTBEAT_ALLOWED = HEARTBEAT_PEER_ALLOWED,
    HEARTBEAT_NOT_ALLOWED = HEARTBEAT_PEER_NOT_ALLOWED,
} HeartbeatOption;

/* What a server does with early data (RFC 8446 4.2.10). */
typedef enum {
    EARLY_DATA_REJECTED, /* the PSK is taken, the data is not */
    EARLY_DATA_ACCEPTED,
    EARLY_DATA_RETRIED, /* rejected by a HelloRetryRequest */
} EarlyDataAnswer;

/* RFC 8446 4.2.9, as bits. */
typedef enum {
    PSK_MODE_KE = 1,
    PSK_MODE_DHE_KE = 2,
} PskModes;

/* Numbers and yes or no. */
typedef struct {
    /* resumption */
    uint32_t ticket_lifetime; /* seconds that a session may be resumed; 0: a day */
    uint32_t tickets;         /* server, TLS 1.3: how many after a handshake; 0: one */
    uint32_t psk_modes;       /* of PskModes; 0: psk_dhe_ke */
    bool no_tickets;          /* offers, takes and gives none */
    bool no_new_tickets;      /* server, TLS 1.3: takes tickets, and gives none */
    bool reuses_tickets;      /* client: a ticket more than once (RFC 8446 C.4: it should not) */

    /* extensions */
    Feature extended_master_secret; /* RFC 7627 */
    Feature encrypt_then_mac;       /* RFC 7366; required is as on */
    uint32_t max_fragment_length;   /* client: 1 to 4 (RFC 6066 4); 0: not asked for */
    uint32_t record_size_limit;     /* RFC 8449: 64 to 2^14 + 1; 0: not said */
    HeartbeatOption heartbeat;      /* RFC 6520 */
    bool asks_status;               /* client: status_request (RFC 6066 8) */
    bool compresses;                /* DEFLATE (RFC 3749) offered, or chosen where offered */
    bool certificate_compression;   /* zlib (RFC 8879) offered, or used where offered */
    bool signals_fallback;          /* client: TLS_FALLBACK_SCSV (RFC 7507) */
    bool greases;                   /* client: GREASE (RFC 8701) */
    bool refuses_unknown_names;     /* server: unrecognized_name for a name of no certificate */
    bool pads_hello;                /* client: 256 to 511 bytes are padded to 512 (RFC 7685 4) */
    bool names_no_authorities;      /* server: a CertificateRequest without its list of CAs */
    bool
        binds_by_scsv; /* client: TLS_EMPTY_RENEGOTIATION_INFO_SCSV, not the extension (RFC 5746) */
    bool ssl2_hello;   /* client: the first hello in the format of SSL 2.0 (RFC 5246 E.2) */

    /* TLS 1.3 */
    bool no_middlebox_compatibility;   /* RFC 8446 D.4: no legacy session ID, no ChangeCipherSpec */
    bool no_shares;                    /* client: an empty key_share, to be asked for one */
    bool tells_groups;                 /* server: supported_groups in EncryptedExtensions */
    bool sends_cookie;                 /* server: a cookie in every HelloRetryRequest */
    bool strict_groups;                /* server: its first common group, be there a share or not */
    bool always_retries;               /* server: a HelloRetryRequest for every first hello */
    bool post_handshake_auth;          /* client: offers it (RFC 8446 4.2.6) */
    EarlyDataAnswer early_data_answer; /* server */
    uint32_t max_early_data;           /* server: said in its tickets; 0: none */
    uint32_t record_padding;           /* pads inner plaintexts to multiples of this; 0: none */

    /* records */
    bool splits_records; /* 1/n-1: the first byte of data in a record of its own (TLS 1.0) */
    bool false_start;    /* client: sends data before the server's Finished (RFC 7918) */
} EndpointOptions;

typedef struct {
    Role role;
    EndpointOptions options;
    ProtocolVersion first, last; /* versions that it speaks */
    bool plain_text; /* no TLS at all: data is what the transport carries; the rest is unused */
    const SuiteNumber *suites; /* in its order of preference */
    size_t suite_count;
    const GroupNumber *groups; /* none: all of the laboratory's, in its order */
    size_t group_count;
    const GroupNumber *shares; /* client: it sends shares of these at once; none: the first */
    size_t share_count;
    const SchemeNumber *schemes; /* signatures that it makes and takes; none: all of the lab's */
    size_t scheme_count;
    Credential credential;    /* the first that fits is shown: this one, then the others */
    const Credential *others; /* by key exchange, by signature_algorithms, by server_name */
    size_t other_count;
    PrivateKey *temporary_rsa;    /* server: for export suites (RFC 2246 7.4.3); may be NULL */
    Bytes dh_prime, dh_generator; /* server: a group sent in full; none: one of RFC 7919 */
    Bytes export_prime, export_generator; /* the same for export suites: 512 bits at most */
    GPtrArray *trusted;                   /* of Certificate: the CAs on its own list */
    const char *expected_name; /* client: the name that it asks for; NULL: none checked */
    const char *server_name;   /* client: sent in server_name (RFC 6066 3); NULL: not sent */
    ClientAuth client_auth;    /* server: in every handshake */
    bool prefers_client_order; /* server: the first of the client's suites that fits */
    bool user_goes_on;         /* client: what the user does at the warning */
    bool refuses_renegotiation;
    Weaknesses weaknesses;
    const OwnEdit *edits;
    size_t edit_count;
    int64_t clock; /* seconds since 1970 UTC at virtual time 0 */

    SessionCache *cache;     /* server: sessions by ID; client: by server name; NULL: none */
    TicketKeys *ticket_keys; /* server; NULL: no tickets */
    const ExternalPsk *psks;
    size_t psk_count;
    const char *psk_hint; /* server, TLS 1.2 and below; NULL: no ServerKeyExchange */

    const char *const *protocols; /* ALPN (RFC 7301), in order of preference */
    size_t protocol_count;
    const uint16_t *extension_order; /* these first, in this order; then the others */
    size_t extension_count;
    const RawExtension *raw_extensions; /* client: sent as they are, in place of the lab's own */
    size_t raw_count;

    Bytes cookie;          /* server: of its HelloRetryRequests; none: drawn by "cookie" */
    Bytes early_data;      /* client: sent with a session that allows it */
    SessionCache *replays; /* server: what was seen (RFC 8446 8.2); NULL: replays are not noticed */

    size_t fragment_size; /* most bytes of plaintext in a record it sends; 0: 2^14 */
    bool coalesces;       /* the handshake messages of a flight share records */
    bool empty_fragments; /* an empty record ahead of application data (TLS 1.0's counter to BEAST)
                           */
} EndpointConfig;
