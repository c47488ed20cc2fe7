/* Message: a tagged union of plain structs with the RFC's names. All `Bytes` are views: into the
 * input after reading, into the caller's memory for writing. */
#pragma once

#include "core/wire/wire.h"

/* What a body's shape depends on besides its own bytes. */
typedef struct {
    ProtocolVersion version; /* the negotiated version; of a first hello: what the speaker offers */
    KeyExchangeKind key_exchange;
    Role sender;
    MessageKind message; /* set by the walk: an extension's shape depends on where it stands */
} WalkContext;

enum {
    EXTENSIONS_MOST = 64, /* extensions in a hello: GREASE and all, today's clients send 20 */
    UNKNOWN_EXTENSIONS_MOST = 32, /* of them kept; all that have a name fit beside them */
    CERTIFICATES_MOST = 16,       /* certificates in a chain: public chains have 2 to 5 */
    AUTHORITIES_MOST = 256,       /* names in a CertificateRequest */
    SERVER_NAMES_MOST = 8,        /* names in server_name (one a name_type is legal: RFC 6066 3) */
    KEY_SHARES_MOST = 16,         /* shares in a hello: one a group, browsers send 1 to 3 */
    PSKS_MOST = 8,                /* identities in a hello: stacks send 1 or 2 */
    RANDOM_SIZE = 32,
    SESSION_ID_MOST = 32,
    MASTER_SECRET_SIZE = 48,
};

typedef struct {
    uint8_t name_type;
    Bytes host_name;
} ServerName;

typedef struct {
    uint16_t group;
    Bytes key_exchange;
} KeyShareEntry; /* RFC 8446 4.2.8 */

typedef struct {
    Bytes identity;
    uint32_t obfuscated_ticket_age;
} PskIdentity; /* RFC 8446 4.2.11 */

/* pre_shared_key: the offer of a ClientHello, or the choice of a ServerHello. */
typedef struct {
    size_t count, binder_count;
    uint16_t selected_identity;
    PskIdentity identities[PSKS_MOST];
    Bytes binders[PSKS_MOST];
} PreSharedKey;

/* One extension. `data` is the whole extension_data; the struct of its type is filled as well when
 * the type is known (`known`). Writing, `raw` has `data` written as it is. */
typedef struct {
    uint16_t type;
    bool known, raw;
    Bytes data;
    union {
        struct {
            size_t count;
            ServerName list[SERVER_NAMES_MOST];
        } server_name;               /* RFC 6066 3; count 0 in a server's answer */
        uint8_t max_fragment_length; /* RFC 6066 4: 1 to 4 */
        struct {
            uint8_t status_type;
            Bytes responder_id_list, request_extensions; /* of a ClientHello */
            Bytes response;                              /* of a Certificate (RFC 8446 4.4.2.1) */
        } status_request;                                /* RFC 6066 8; empty in a ServerHello */
        Bytes groups;                                    /* RFC 8446 4.2.7: numbers of 2 bytes */
        Bytes point_formats;                             /* RFC 8422 5.1.2: numbers of 1 byte */
        Bytes signature_algorithms;   /* RFC 5246 7.4.1.4.1: numbers of 2 bytes; also …_cert */
        uint8_t heartbeat_mode;       /* RFC 6520 2 */
        Bytes protocols;              /* ALPN: RFC 7301 3.1: names, each behind its length */
        uint16_t record_size_limit;   /* RFC 8449 4 */
        Bytes compression_algorithms; /* RFC 8879 3: numbers of 2 bytes */
        Bytes ticket;                 /* RFC 5077 3.2 */
        PreSharedKey pre_shared_key;
        uint32_t max_early_data_size; /* RFC 8446 4.2.10: of a NewSessionTicket */
        struct {
            Bytes versions; /* of a ClientHello: numbers of 2 bytes */
            uint16_t selected_version;
        } supported_versions; /* RFC 8446 4.2.1 */
        Bytes cookie;         /* RFC 8446 4.2.2 */
        Bytes ke_modes;       /* RFC 8446 4.2.9: numbers of 1 byte */
        Bytes authorities;    /* RFC 8446 4.2.4: DistinguishedNames with their lengths */
        struct {
            size_t count;
            uint16_t selected_group;             /* of a HelloRetryRequest */
            KeyShareEntry list[KEY_SHARES_MOST]; /* of a server: one */
        } key_share;
        Bytes renegotiated_connection; /* RFC 5746 3.2 */
    };
} Extension;

typedef struct {
    bool present;     /* an extensions block stands there, be it empty */
    bool ends_beyond; /* the last one is unknown, and beyond those that are kept */
    size_t count;
    Extension list[EXTENSIONS_MOST];
} Extensions;

typedef struct {
    ProtocolVersion client_version;
    Bytes random;              /* 32 bytes: gmt_unix_time (4) and random_bytes (28) */
    Bytes session_id;          /* 0 to 32 */
    Bytes cipher_suites;       /* numbers of 2 bytes */
    Bytes compression_methods; /* numbers of 1 byte */
    Bytes extra_data;          /* SSL 3.0, in place of extensions: RFC 6101 5.6.1.2 */
    Extensions extensions;
} ClientHello; /* RFC 5246 7.4.1.2 */

typedef struct {
    ProtocolVersion server_version;
    Bytes random;
    Bytes session_id;
    uint16_t cipher_suite;
    uint8_t compression_method;
    Extensions extensions;
} ServerHello; /* RFC 5246 7.4.1.3 */

/* In TLS 1.3 each certificate has extensions of its own. */
typedef struct {
    bool status;       /* status_request stands there */
    Bytes response;    /* its OCSPResponse */
    size_t type_count; /* reading: all that stand there */
    uint16_t types[EXTENSIONS_MOST];
} CertificateExtras;

typedef struct {
    Bytes request_context; /* TLS 1.3 */
    size_t count;
    Bytes list[CERTIFICATES_MOST];               /* ASN.1Cert, the sender's own first */
    CertificateExtras extras[CERTIFICATES_MOST]; /* TLS 1.3 */
} CertificateMessage;                            /* RFC 5246 7.4.2, RFC 8446 4.4.2 */

typedef struct {
    uint16_t algorithm;
    uint32_t uncompressed_length;
    Bytes compressed;
} CompressedCertificate; /* RFC 8879 4 */

typedef struct {
    Bytes rsa_modulus, rsa_exponent; /* RSA_EXPORT: RFC 2246 7.4.3 */
    Bytes dh_p, dh_g, dh_ys;         /* RFC 5246 7.4.3 */
    uint8_t curve_type;              /* RFC 8422 5.4 */
    uint16_t named_curve;
    Bytes point;
    Bytes psk_identity_hint; /* RFC 4279 2 */
    uint16_t algorithm;      /* TLS 1.2 */
    Bytes signature;         /* none when anonymous or PSK */
} ServerKeyExchange;

typedef struct {
    Bytes request_context;                /* TLS 1.3, which has extensions in place of the rest */
    Bytes certificate_types;              /* numbers of 1 byte */
    Bytes supported_signature_algorithms; /* TLS 1.2: numbers of 2 bytes */
    size_t count;
    Bytes certificate_authorities[AUTHORITIES_MOST]; /* DER DistinguishedName each */
    Extensions extensions;                           /* TLS 1.3 */
} CertificateRequest;                                /* RFC 5246 7.4.4, RFC 8446 4.3.2 */

typedef struct {
    Bytes encrypted_premaster_secret; /* SSL 3.0 writes no length (RFC 6101 5.6.7.1) */
    Bytes dh_yc;                      /* RFC 5246 7.4.7.2 */
    Bytes point;                      /* RFC 8422 5.7 */
    Bytes psk_identity;               /* RFC 4279 2 */
} ClientKeyExchange;

typedef struct {
    uint16_t algorithm; /* TLS 1.2 on: SignatureScheme */
    Bytes signature;
} CertificateVerify; /* RFC 5246 7.4.8, RFC 8446 4.4.3 */

typedef struct {
    Bytes verify_data; /* 12 bytes; SSL 3.0: md5_hash (16) and sha_hash (20); TLS 1.3: the hash's */
} Finished;            /* RFC 5246 7.4.9, RFC 8446 4.4.4 */

typedef struct {
    uint8_t status_type;
    Bytes response;
} CertificateStatus; /* RFC 6066 8 */

typedef struct {
    uint32_t ticket_lifetime; /* seconds; TLS 1.2: a hint */
    uint32_t ticket_age_add;  /* TLS 1.3 */
    Bytes ticket_nonce;       /* TLS 1.3 */
    Bytes ticket;
    Extensions extensions; /* TLS 1.3 */
} NewSessionTicket;        /* RFC 5077 3.3, RFC 8446 4.6.1 */

typedef struct {
    uint8_t type;
    uint16_t payload_length;
    Bytes payload;
    Bytes padding;
} Heartbeat; /* RFC 6520 4 */

typedef struct {
    uint8_t level;
    uint8_t description;
} Alert; /* RFC 5246 7.2 */

/* SSL 2.0 (draft-hickman-netscape-ssl 2.5, 2.6, 2.7). One struct: the fields that a message has. */
typedef struct {
    ProtocolVersion version;  /* CLIENT-HELLO, SERVER-HELLO */
    Bytes cipher_specs;       /* the same: numbers of 3 bytes */
    Bytes session_id;         /* CLIENT-HELLO, SERVER-FINISHED */
    Bytes challenge;          /* CLIENT-HELLO, SERVER-VERIFY, REQUEST-CERTIFICATE */
    uint8_t session_id_hit;   /* SERVER-HELLO */
    uint8_t certificate_type; /* SERVER-HELLO, CLIENT-CERTIFICATE */
    Bytes certificate;        /* the same */
    Bytes connection_id;      /* SERVER-HELLO, CLIENT-FINISHED */
    uint32_t cipher_kind;     /* CLIENT-MASTER-KEY */
    Bytes clear_key, encrypted_key, key_arg;
    uint8_t authentication_type; /* REQUEST-CERTIFICATE */
    Bytes response;              /* CLIENT-CERTIFICATE */
    uint16_t error_code;         /* ERROR */
} Ssl2Message;

typedef struct {
    MessageKind kind;
    union {
        ClientHello client_hello;
        ServerHello server_hello; /* HelloRetryRequest, too */
        CertificateMessage certificate;
        CompressedCertificate compressed_certificate;
        ServerKeyExchange server_key_exchange;
        CertificateRequest certificate_request;
        ClientKeyExchange client_key_exchange;
        CertificateVerify certificate_verify;
        Finished finished;
        CertificateStatus certificate_status;
        NewSessionTicket new_session_ticket;
        Extensions encrypted_extensions;
        uint8_t key_update; /* request_update: RFC 8446 4.6.3 */
        Heartbeat heartbeat;
        Alert alert;
        uint8_t change_cipher_spec; /* 1 */
        Bytes application_data;
        Ssl2Message ssl2;
    };
} Message;

enum { HANDSHAKE_HEADER_SIZE = 4 }; /* msg_type (1), length (3): RFC 5246 7.4 */

/* The one description of every message: handshake messages with their four-byte header. Reading
 * sets `message->kind` first; writing follows it. */
void message_walk(Wire *wire, const WalkContext *context, Message *message);

/* Makes an empty message of that kind. The lists behind a count of 0 are left as they are: clearing
 * all 30 kB of a message takes longer than reading one. */
void message_clear(Message *message, MessageKind kind);

/* Reads one whole message. For a handshake message `kind` is MESSAGE_NONE (the header says it), for
 * a message of SSL 2.0 MESSAGE_SSL2 (its first byte says it); for the others it says what the
 * record's content type said. The views point into `bytes`. Unknown handshake types are
 * unexpected_message. `spans` may be NULL. */
bool message_read(Bytes bytes, MessageKind kind, const WalkContext *context, Message *message,
                  GArray *spans, Fault *fault);

/* Appends the message's bytes to `output`. */
bool message_write(const Message *message, const WalkContext *context, GByteArray *output,
                   GArray *spans, Fault *fault);

/* The RFC's name: "ClientHello", "ChangeCipherSpec", "Application Data". */
const char *message_name(MessageKind kind);

/* The random of a ServerHello that is a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446
 * 4.1.3). */
extern const uint8_t hello_retry_random[RANDOM_SIZE];

/* Appends the parameters of a ServerKeyExchange as they are signed (RFC 5246 7.4.3). */
void server_params_write(const ServerKeyExchange *exchange, const WalkContext *context,
                         GByteArray *output);

/* Whether it is one of SSL 2.0's. */
bool message_is_ssl2(MessageKind kind);

/* The content type of the records that carry it; SSL 2.0 has none: then handshake. */
ContentType message_content_type(MessageKind kind);

/* Makes an empty extension of that type, known. The lists behind a count of 0 are left as they are,
 * as message_clear() leaves them. */
void extension_clear(Extension *extension, uint16_t type);

/* Takes the first name off a list of ALPN's (RFC 7301 3.1); false where there is none. */
bool protocol_next(Bytes *names, Bytes *name);

/* The extension of a type, or NULL. */
const Extension *extensions_find(const Extensions *extensions, uint16_t type);
