/* Every number that has a name: versions, message and alert types, extensions, suites, kinds of key
 * exchange. The enums hold what the code speaks of; the tables behind number_name() also know the
 * names of numbers that are only carried or printed. Source of names and values: the IANA TLS
 * parameters registry, RFC 5246 A, RFC 6101 A. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ProtocolVersion as on the wire: major << 8 | minor. */
typedef uint16_t ProtocolVersion;
enum {
    VERSION_NONE = 0,
    VERSION_SSL_2_0 = 0x0002,
    VERSION_SSL_3_0 = 0x0300,
    VERSION_TLS_1_0 = 0x0301,
    VERSION_TLS_1_1 = 0x0302,
    VERSION_TLS_1_2 = 0x0303,
    VERSION_TLS_1_3 = 0x0304,
};

typedef enum {
    ROLE_CLIENT,
    ROLE_SERVER,
} Role;

typedef enum {
    DIRECTION_TO_SERVER, /* what the client says */
    DIRECTION_TO_CLIENT, /* what the server says */
} Direction;

/* RFC 5246 6.2.1 */
typedef enum {
    CONTENT_CHANGE_CIPHER_SPEC = 20,
    CONTENT_ALERT = 21,
    CONTENT_HANDSHAKE = 22,
    CONTENT_APPLICATION_DATA = 23,
    CONTENT_HEARTBEAT = 24,
} ContentType;

/* HandshakeType (RFC 5246 7.4) below 256; above it the messages that are no handshake messages but
 * stand in a conversation as well. */
typedef enum {
    MESSAGE_HELLO_REQUEST = 0,
    MESSAGE_CLIENT_HELLO = 1,
    MESSAGE_SERVER_HELLO = 2,
    MESSAGE_NEW_SESSION_TICKET = 4,
    MESSAGE_END_OF_EARLY_DATA = 5,
    MESSAGE_ENCRYPTED_EXTENSIONS = 8,
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_SERVER_KEY_EXCHANGE = 12,
    MESSAGE_CERTIFICATE_REQUEST = 13,
    MESSAGE_SERVER_HELLO_DONE = 14,
    MESSAGE_CERTIFICATE_VERIFY = 15,
    MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    MESSAGE_FINISHED = 20,
    MESSAGE_CERTIFICATE_STATUS = 22,
    MESSAGE_KEY_UPDATE = 24,
    MESSAGE_COMPRESSED_CERTIFICATE = 25, /* RFC 8879 4 */
    MESSAGE_MESSAGE_HASH = 254,          /* never on the wire: RFC 8446 4.4.1 */
    MESSAGE_CHANGE_CIPHER_SPEC = 256,
    MESSAGE_ALERT = 257,
    MESSAGE_APPLICATION_DATA = 258,
    MESSAGE_HEARTBEAT = 259,           /* RFC 6520 4 */
    MESSAGE_HELLO_RETRY_REQUEST = 260, /* on the wire a ServerHello: RFC 8446 4.1.4 */
    /* SSL 2.0: 272 and the type (draft-hickman-netscape-ssl 2.5) */
    MESSAGE_SSL2 = 272,
    MESSAGE_SSL2_ERROR = MESSAGE_SSL2 + 0,
    MESSAGE_SSL2_CLIENT_HELLO = MESSAGE_SSL2 + 1,
    MESSAGE_SSL2_CLIENT_MASTER_KEY = MESSAGE_SSL2 + 2,
    MESSAGE_SSL2_CLIENT_FINISHED = MESSAGE_SSL2 + 3,
    MESSAGE_SSL2_SERVER_HELLO = MESSAGE_SSL2 + 4,
    MESSAGE_SSL2_SERVER_VERIFY = MESSAGE_SSL2 + 5,
    MESSAGE_SSL2_SERVER_FINISHED = MESSAGE_SSL2 + 6,
    MESSAGE_SSL2_REQUEST_CERTIFICATE = MESSAGE_SSL2 + 7,
    MESSAGE_SSL2_CLIENT_CERTIFICATE = MESSAGE_SSL2 + 8,
    MESSAGE_NONE = 511,
} MessageKind;

typedef enum {
    ALERT_LEVEL_WARNING = 1,
    ALERT_LEVEL_FATAL = 2,
} AlertLevel;

typedef enum {
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_UNEXPECTED_MESSAGE = 10,
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_DECRYPTION_FAILED = 21,
    ALERT_RECORD_OVERFLOW = 22,
    ALERT_DECOMPRESSION_FAILURE = 30,
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_NO_CERTIFICATE = 41,
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43,
    ALERT_CERTIFICATE_REVOKED = 44,
    ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_CERTIFICATE_UNKNOWN = 46,
    ALERT_ILLEGAL_PARAMETER = 47,
    ALERT_UNKNOWN_CA = 48,
    ALERT_ACCESS_DENIED = 49,
    ALERT_DECODE_ERROR = 50,
    ALERT_DECRYPT_ERROR = 51,
    ALERT_EXPORT_RESTRICTION = 60,
    ALERT_PROTOCOL_VERSION = 70,
    ALERT_INSUFFICIENT_SECURITY = 71,
    ALERT_INTERNAL_ERROR = 80,
    ALERT_INAPPROPRIATE_FALLBACK = 86,
    ALERT_USER_CANCELED = 90,
    ALERT_NO_RENEGOTIATION = 100,
    ALERT_MISSING_EXTENSION = 109,
    ALERT_UNSUPPORTED_EXTENSION = 110,
    ALERT_UNRECOGNIZED_NAME = 112,
    ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
    ALERT_UNKNOWN_PSK_IDENTITY = 115,
    ALERT_CERTIFICATE_REQUIRED = 116,
    ALERT_NO_APPLICATION_PROTOCOL = 120,
} AlertDescription;

typedef enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_MAX_FRAGMENT_LENGTH = 1,
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_SUPPORTED_GROUPS = 10,
    EXTENSION_EC_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_HEARTBEAT = 15,
    EXTENSION_ALPN = 16,
    EXTENSION_SIGNED_CERTIFICATE_TIMESTAMP = 18,
    EXTENSION_PADDING = 21,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    EXTENSION_COMPRESS_CERTIFICATE = 27,
    EXTENSION_RECORD_SIZE_LIMIT = 28,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_PRE_SHARED_KEY = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_COOKIE = 44,
    EXTENSION_PSK_KEY_EXCHANGE_MODES = 45,
    EXTENSION_CERTIFICATE_AUTHORITIES = 47,
    EXTENSION_OID_FILTERS = 48,
    EXTENSION_POST_HANDSHAKE_AUTH = 49,
    EXTENSION_DELEGATED_CREDENTIAL = 34, /* RFC 9345 4: of a ClientHello alone */
    EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
    EXTENSION_KEY_SHARE = 51,
    EXTENSION_RENEGOTIATION_INFO = 65281,
} ExtensionType;

/* CipherSuite values that are no suites (RFC 5746 3.3, RFC 7507 2). */
enum {
    SCSV_EMPTY_RENEGOTIATION_INFO = 0x00ff,
    SCSV_FALLBACK = 0x5600,
};

/* A suite's number: two bytes; the cipher kinds of SSL 2.0 have three, and are never below 2^16. */
typedef uint32_t SuiteNumber;

enum {
    COMPRESSION_NULL = 0,
    COMPRESSION_DEFLATE = 1, /* RFC 3749 2 */
};

/* ClientCertificateType (RFC 5246 7.4.4, RFC 8422 5.5). */
enum {
    CERT_TYPE_RSA_SIGN = 1,
    CERT_TYPE_DSS_SIGN = 2,
    CERT_TYPE_ECDSA_SIGN = 64,
};

/* HashAlgorithm and SignatureAlgorithm (RFC 5246 7.4.1.4.1). */
enum {
    HASH_ALGORITHM_MD5 = 1,
    HASH_ALGORITHM_SHA1 = 2,
    HASH_ALGORITHM_SHA224 = 3,
    HASH_ALGORITHM_SHA256 = 4,
    HASH_ALGORITHM_SHA384 = 5,
    HASH_ALGORITHM_SHA512 = 6,
    SIGNATURE_ALGORITHM_RSA = 1,
    SIGNATURE_ALGORITHM_DSA = 2,
    SIGNATURE_ALGORITHM_ECDSA = 3,
};

/* SignatureScheme (RFC 8446 4.2.3); of TLS 1.2 the pairs of the two above, as one number. */
typedef uint16_t SchemeNumber;
enum {
    SCHEME_NONE = 0,
    SCHEME_RSA_PKCS1_MD5 = 0x0101,
    SCHEME_RSA_PKCS1_SHA1 = 0x0201,
    SCHEME_DSA_SHA1 = 0x0202,
    SCHEME_ECDSA_SHA1 = 0x0203,
    SCHEME_RSA_PKCS1_SHA224 = 0x0301,
    SCHEME_DSA_SHA224 = 0x0302,
    SCHEME_ECDSA_SHA224 = 0x0303,
    SCHEME_RSA_PKCS1_SHA256 = 0x0401,
    SCHEME_DSA_SHA256 = 0x0402,
    SCHEME_ECDSA_SECP256R1_SHA256 = 0x0403,
    SCHEME_RSA_PKCS1_SHA384 = 0x0501,
    SCHEME_DSA_SHA384 = 0x0502,
    SCHEME_ECDSA_SECP384R1_SHA384 = 0x0503,
    SCHEME_RSA_PKCS1_SHA512 = 0x0601,
    SCHEME_DSA_SHA512 = 0x0602,
    SCHEME_ECDSA_SECP521R1_SHA512 = 0x0603,
    SCHEME_RSA_PSS_RSAE_SHA256 = 0x0804,
    SCHEME_RSA_PSS_RSAE_SHA384 = 0x0805,
    SCHEME_RSA_PSS_RSAE_SHA512 = 0x0806,
    SCHEME_ED25519 = 0x0807,
    SCHEME_ED448 = 0x0808,
    SCHEME_RSA_PSS_PSS_SHA256 = 0x0809,
    SCHEME_RSA_PSS_PSS_SHA384 = 0x080a,
    SCHEME_RSA_PSS_PSS_SHA512 = 0x080b,
};

/* NamedGroup (RFC 8446 4.2.7, RFC 7919 2, RFC 8422 5.1.1). */
typedef uint16_t GroupNumber;
enum {
    GROUP_NONE = 0,
    GROUP_SECP256R1 = 23,
    GROUP_SECP384R1 = 24,
    GROUP_SECP521R1 = 25,
    GROUP_X25519 = 29,
    GROUP_X448 = 30,
    GROUP_FFDHE2048 = 256,
    GROUP_FFDHE3072 = 257,
    GROUP_FFDHE4096 = 258,
};

/* ECCurveType (RFC 8422 5.4) and ECPointFormat (5.1.2). */
enum {
    CURVE_TYPE_NAMED = 3,
    POINT_FORMAT_UNCOMPRESSED = 0,
};

/* PskKeyExchangeMode (RFC 8446 4.2.9), KeyUpdateRequest (4.6.3), CertificateStatusType (RFC 6066
 * 8), HeartbeatMode (RFC 6520 2) and HeartbeatMessageType (3), certificate compression (RFC 8879
 * 3). */
enum {
    PSK_KE = 0,
    PSK_DHE_KE = 1,
    KEY_UPDATE_NOT_REQUESTED = 0,
    KEY_UPDATE_REQUESTED = 1,
    STATUS_TYPE_OCSP = 1,
    HEARTBEAT_PEER_ALLOWED = 1,
    HEARTBEAT_PEER_NOT_ALLOWED = 2,
    HEARTBEAT_REQUEST = 1,
    HEARTBEAT_RESPONSE = 2,
    CERTIFICATE_COMPRESSION_ZLIB = 1,
};

/* SSL 2.0 (draft-hickman-netscape-ssl): certificate, authentication and error codes. */
enum {
    SSL2_CERTIFICATE_X509 = 1,
    SSL2_AUTH_MD5_RSA = 1,
    SSL2_ERROR_NO_CIPHER = 1,
    SSL2_ERROR_NO_CERTIFICATE = 2,
    SSL2_ERROR_BAD_CERTIFICATE = 4,
    SSL2_ERROR_UNSUPPORTED_CERTIFICATE_TYPE = 6,
};

/* How both sides come to a secret, and what the server proves itself with. */
typedef enum {
    AGREEMENT_RSA,  /* the premaster secret is encrypted to the server's key: RFC 5246 7.4.7.1 */
    AGREEMENT_DH,   /* RFC 5246 7.4.3 */
    AGREEMENT_ECDH, /* RFC 8422 2 */
    AGREEMENT_PSK,  /* RFC 4279 2 */
    AGREEMENT_FREE, /* TLS 1.3: by extensions, not by suite */
    AGREEMENT_SSL2, /* the master key itself is encrypted to the server's key */
} Agreement;

typedef enum {
    AUTHENTICATION_RSA,
    AUTHENTICATION_DSS,
    AUTHENTICATION_ECDSA, /* Ed25519 and Ed448 as well: RFC 8422 2.2 */
    AUTHENTICATION_NONE,  /* anonymous */
    AUTHENTICATION_PSK,
    AUTHENTICATION_FREE, /* TLS 1.3: by signature_algorithms */
} Authentication;

typedef enum {
    KEY_EXCHANGE_RSA,
    KEY_EXCHANGE_RSA_EXPORT, /* temporary RSA key of 512 bits (RFC 2246 D.1) */
    KEY_EXCHANGE_DHE_RSA,
    KEY_EXCHANGE_DHE_RSA_EXPORT, /* a prime of 512 bits at most (RFC 2246 D.1) */
    KEY_EXCHANGE_DHE_DSS,
    KEY_EXCHANGE_DHE_DSS_EXPORT,
    KEY_EXCHANGE_DH_ANON,
    KEY_EXCHANGE_DH_ANON_EXPORT,
    KEY_EXCHANGE_ECDHE_RSA,
    KEY_EXCHANGE_ECDHE_ECDSA,
    KEY_EXCHANGE_ECDH_ANON,
    KEY_EXCHANGE_PSK,
    KEY_EXCHANGE_TLS13,
    KEY_EXCHANGE_SSL2,
    KEY_EXCHANGE_KINDS,
} KeyExchangeKind;

/* A row. */
typedef struct {
    const char *name; /* "DHE_RSA" */
    Agreement agreement;
    Authentication authentication;
    bool exportable;
    bool ephemeral; /* a new key pair a handshake: forward secrecy */
} KeyExchange;

const KeyExchange *key_exchange(KeyExchangeKind kind);

/* The registries whose numbers can be named; NUMBER_PLAIN is a number without names. */
typedef enum {
    NUMBER_PLAIN,
    NUMBER_VERSION,
    NUMBER_CONTENT_TYPE,
    NUMBER_MESSAGE,
    NUMBER_ALERT_LEVEL,
    NUMBER_ALERT,
    NUMBER_EXTENSION,
    NUMBER_SUITE,
    NUMBER_COMPRESSION,
    NUMBER_CERT_TYPE,
    NUMBER_HASH_ALGORITHM,
    NUMBER_SIGNATURE_ALGORITHM,
    NUMBER_SIGNATURE_SCHEME, /* the pair of the two above, as one number */
    NUMBER_NAME_TYPE,
    NUMBER_GROUP,
    NUMBER_POINT_FORMAT,
    NUMBER_CURVE_TYPE,
    NUMBER_PSK_MODE,
    NUMBER_KEY_UPDATE,
    NUMBER_STATUS_TYPE,
    NUMBER_HEARTBEAT_MODE,
    NUMBER_HEARTBEAT_TYPE,
    NUMBER_CERTIFICATE_COMPRESSION,
    NUMBER_FRAGMENT_LENGTH, /* MaxFragmentLength (RFC 6066 4) */
    NUMBER_SSL2_MESSAGE,    /* the type alone, as SSL 2.0 writes it */
    NUMBER_SSL2_ERROR,
    NUMBER_KINDS,
} NumberKind;

typedef struct {
    uint32_t value;
    const char *name;
} NumberName;

/* The name of a number in its registry, e.g. (NUMBER_VERSION, 0x0303) gives "TLS 1.2",
 * (NUMBER_SUITE, 0x002f) "TLS_RSA_WITH_AES_128_CBC_SHA"; NULL when it has none. */
const char *number_name(NumberKind kind, uint32_t value);

/* The same, and "unknown" when it has none: for sentences. */
const char *number_text(NumberKind kind, uint32_t value);

/* The number of a name (case-insensitive); false when there is none. */
bool number_from_name(NumberKind kind, const char *name, uint32_t *value);

/* The whole registry in the order of its values, for tables and for completion. */
const NumberName *number_table(NumberKind kind, size_t *count);

/* "RSA", "ECDHE_RSA". */
const char *key_exchange_name(KeyExchangeKind kind);

/* "client" and "server"; "client → server" is for pictures to say. */
const char *role_name(Role role);
Role role_peer(Role role);
Direction role_direction(Role role);
