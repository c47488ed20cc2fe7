/* Message: a tagged union of plain structs with the RFC's names. All `Bytes` are views: into the
 * input after reading, into the caller's memory for writing. */
#pragma once

#include "core/wire/wire.h"

/* What a body's shape depends on besides its own bytes. */
typedef struct {
    ProtocolVersion version; /* the negotiated version; of a first hello: what the speaker offers */
    KeyExchangeKind key_exchange;
    Role sender;
} WalkContext;

enum {
    EXTENSIONS_MOST = 64,   /* extensions in a hello: GREASE and all, today's clients send 20 */
    CERTIFICATES_MOST = 16, /* certificates in a chain: public chains have 2 to 5 */
    AUTHORITIES_MOST = 256, /* names in a CertificateRequest */
    SERVER_NAMES_MOST = 8,  /* names in server_name (one a name_type is legal: RFC 6066 3) */
    RANDOM_SIZE = 32,
    SESSION_ID_MOST = 32,
    MASTER_SECRET_SIZE = 48,
};

typedef struct {
    uint8_t name_type;
    Bytes host_name;
} ServerName;

/* One extension. `data` is the whole extension_data; the struct of its type is filled as well when
 * the type is known (`known`). */
typedef struct {
    uint16_t type;
    bool known;
    Bytes data;
    union {
        struct {
            size_t count;
            ServerName list[SERVER_NAMES_MOST];
        } server_name;                 /* RFC 6066 3; count 0 in a ServerHello */
        Bytes signature_algorithms;    /* RFC 5246 7.4.1.4.1: numbers of 2 bytes */
        Bytes renegotiated_connection; /* RFC 5746 3.2 */
    };
} Extension;

typedef struct {
    bool present; /* an extensions block stands there, be it empty */
    size_t count;
    Extension list[EXTENSIONS_MOST];
} Extensions;

typedef struct {
    ProtocolVersion client_version;
    Bytes random;              /* 32 bytes: gmt_unix_time (4) and random_bytes (28) */
    Bytes session_id;          /* 0 to 32 */
    Bytes cipher_suites;       /* numbers of 2 bytes */
    Bytes compression_methods; /* numbers of 1 byte */
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

typedef struct {
    size_t count;
    Bytes list[CERTIFICATES_MOST]; /* ASN.1Cert, the sender's own first */
} CertificateMessage;              /* RFC 5246 7.4.2 */

typedef struct {
    Bytes rsa_modulus;
    Bytes rsa_exponent;
    Bytes signature; /* 36 bytes signed by RSA (RFC 2246 7.4.3) */
} ServerKeyExchange; /* of RSA_EXPORT */

typedef struct {
    Bytes certificate_types;              /* numbers of 1 byte */
    Bytes supported_signature_algorithms; /* TLS 1.2: numbers of 2 bytes */
    size_t count;
    Bytes certificate_authorities[AUTHORITIES_MOST]; /* DER DistinguishedName each */
} CertificateRequest;                                /* RFC 5246 7.4.4 */

typedef struct {
    Bytes encrypted_premaster_secret; /* SSL 3.0 writes no length (RFC 6101 5.6.7.1) */
} ClientKeyExchange;                  /* RFC 5246 7.4.7.1 */

typedef struct {
    uint16_t algorithm; /* TLS 1.2: SignatureAndHashAlgorithm as one number */
    Bytes signature;
} CertificateVerify; /* RFC 5246 7.4.8 */

typedef struct {
    Bytes verify_data; /* 12 bytes; SSL 3.0: md5_hash (16) and sha_hash (20), 36 in all */
} Finished;            /* RFC 5246 7.4.9 */

typedef struct {
    uint8_t level;
    uint8_t description;
} Alert; /* RFC 5246 7.2 */

typedef struct {
    MessageKind kind;
    union {
        ClientHello client_hello;
        ServerHello server_hello;
        CertificateMessage certificate;
        ServerKeyExchange server_key_exchange;
        CertificateRequest certificate_request;
        ClientKeyExchange client_key_exchange;
        CertificateVerify certificate_verify;
        Finished finished;
        Alert alert;
        uint8_t change_cipher_spec; /* 1 */
        Bytes application_data;
    };
} Message;

enum { HANDSHAKE_HEADER_SIZE = 4 }; /* msg_type (1), length (3): RFC 5246 7.4 */

/* The one description of every message: handshake messages with their four-byte header. Reading
 * sets `message->kind` first; writing follows it. */
void message_walk(Wire *wire, const WalkContext *context, Message *message);

/* Reads one whole message. For a handshake message `kind` is MESSAGE_NONE (the header says it); for
 * the others it says what the record's content type said. The views point into `bytes`. Unknown
 * handshake types are unexpected_message. `spans` may be NULL. */
bool message_read(Bytes bytes, MessageKind kind, const WalkContext *context, Message *message,
                  GArray *spans, Fault *fault);

/* Appends the message's bytes to `output`. */
bool message_write(const Message *message, const WalkContext *context, GByteArray *output,
                   GArray *spans, Fault *fault);

/* The RFC's name: "ClientHello", "ChangeCipherSpec", "Application Data". */
const char *message_name(MessageKind kind);

/* The content type of the records that carry it. */
ContentType message_content_type(MessageKind kind);

/* The extension of a type, or NULL. */
const Extension *extensions_find(const Extensions *extensions, uint16_t type);
