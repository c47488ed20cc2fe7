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
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_SERVER_KEY_EXCHANGE = 12,
    MESSAGE_CERTIFICATE_REQUEST = 13,
    MESSAGE_SERVER_HELLO_DONE = 14,
    MESSAGE_CERTIFICATE_VERIFY = 15,
    MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    MESSAGE_FINISHED = 20,
    MESSAGE_CHANGE_CIPHER_SPEC = 256,
    MESSAGE_ALERT = 257,
    MESSAGE_APPLICATION_DATA = 258,
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
    ALERT_USER_CANCELED = 90,
    ALERT_NO_RENEGOTIATION = 100,
    ALERT_UNSUPPORTED_EXTENSION = 110,
    ALERT_UNRECOGNIZED_NAME = 112,
} AlertDescription;

typedef enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_RENEGOTIATION_INFO = 65281,
} ExtensionType;

/* CipherSuite values that are no suites (RFC 5746 3.3). */
enum {
    SCSV_EMPTY_RENEGOTIATION_INFO = 0x00ff,
};

enum {
    COMPRESSION_NULL = 0,
};

/* ClientCertificateType (RFC 5246 7.4.4). */
enum {
    CERT_TYPE_RSA_SIGN = 1,
};

/* HashAlgorithm and SignatureAlgorithm (RFC 5246 7.4.1.4.1). */
enum {
    HASH_ALGORITHM_MD5 = 1,
    HASH_ALGORITHM_SHA1 = 2,
    HASH_ALGORITHM_SHA256 = 4,
    HASH_ALGORITHM_SHA384 = 5,
    HASH_ALGORITHM_SHA512 = 6,
    SIGNATURE_ALGORITHM_RSA = 1,
};

typedef enum {
    KEY_EXCHANGE_RSA,
    KEY_EXCHANGE_RSA_EXPORT, /* temporary RSA key of 512 bits (RFC 2246 D.1) */
} KeyExchangeKind;

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

/* "RSA", "RSA_EXPORT". */
const char *key_exchange_name(KeyExchangeKind kind);

/* "client" and "server"; "client → server" is for pictures to say. */
const char *role_name(Role role);
Role role_peer(Role role);
Direction role_direction(Role role);
