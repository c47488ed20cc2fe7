/* The registries: every number that has a name.
 *
 * Names are printed as the RFCs and IANA write them, so that what a run shows can be looked up.
 * This file only names: which suites run, which alerts a version has, is data of higher rooms.
 * Sources: IANA TLS parameters; RFC 5246 A; RFC 6101 A; RFC 6066; RFC 5746.
 */
#include "core/base/numbers.h"

#include <glib.h>

/* clang-format off */
static const NumberName versions[] = {
    {VERSION_SSL_2_0, "SSL 2.0"}, {VERSION_SSL_3_0, "SSL 3.0"}, {VERSION_TLS_1_0, "TLS 1.0"},
    {VERSION_TLS_1_1, "TLS 1.1"}, {VERSION_TLS_1_2, "TLS 1.2"}, {VERSION_TLS_1_3, "TLS 1.3"},
};

static const NumberName content_types[] = {
    {CONTENT_CHANGE_CIPHER_SPEC, "change_cipher_spec"}, {CONTENT_ALERT, "alert"},
    {CONTENT_HANDSHAKE, "handshake"}, {CONTENT_APPLICATION_DATA, "application_data"},
    {CONTENT_HEARTBEAT, "heartbeat"},
};

static const NumberName messages[] = {
    {MESSAGE_HELLO_REQUEST, "HelloRequest"}, {MESSAGE_CLIENT_HELLO, "ClientHello"},
    {MESSAGE_SERVER_HELLO, "ServerHello"}, {4, "NewSessionTicket"}, {8, "EncryptedExtensions"},
    {MESSAGE_CERTIFICATE, "Certificate"}, {MESSAGE_SERVER_KEY_EXCHANGE, "ServerKeyExchange"},
    {MESSAGE_CERTIFICATE_REQUEST, "CertificateRequest"},
    {MESSAGE_SERVER_HELLO_DONE, "ServerHelloDone"},
    {MESSAGE_CERTIFICATE_VERIFY, "CertificateVerify"},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "ClientKeyExchange"}, {MESSAGE_FINISHED, "Finished"},
    {21, "CertificateURL"}, {22, "CertificateStatus"}, {24, "KeyUpdate"},
    {MESSAGE_CHANGE_CIPHER_SPEC, "ChangeCipherSpec"}, {MESSAGE_ALERT, "Alert"},
    {MESSAGE_APPLICATION_DATA, "Application Data"},
};

static const NumberName alert_levels[] = {
    {ALERT_LEVEL_WARNING, "warning"}, {ALERT_LEVEL_FATAL, "fatal"},
};

static const NumberName alerts[] = {
    {ALERT_CLOSE_NOTIFY, "close_notify"}, {ALERT_UNEXPECTED_MESSAGE, "unexpected_message"},
    {ALERT_BAD_RECORD_MAC, "bad_record_mac"}, {ALERT_DECRYPTION_FAILED, "decryption_failed"},
    {ALERT_RECORD_OVERFLOW, "record_overflow"},
    {ALERT_DECOMPRESSION_FAILURE, "decompression_failure"},
    {ALERT_HANDSHAKE_FAILURE, "handshake_failure"}, {ALERT_NO_CERTIFICATE, "no_certificate"},
    {ALERT_BAD_CERTIFICATE, "bad_certificate"},
    {ALERT_UNSUPPORTED_CERTIFICATE, "unsupported_certificate"},
    {ALERT_CERTIFICATE_REVOKED, "certificate_revoked"},
    {ALERT_CERTIFICATE_EXPIRED, "certificate_expired"},
    {ALERT_CERTIFICATE_UNKNOWN, "certificate_unknown"},
    {ALERT_ILLEGAL_PARAMETER, "illegal_parameter"}, {ALERT_UNKNOWN_CA, "unknown_ca"},
    {ALERT_ACCESS_DENIED, "access_denied"}, {ALERT_DECODE_ERROR, "decode_error"},
    {ALERT_DECRYPT_ERROR, "decrypt_error"}, {ALERT_EXPORT_RESTRICTION, "export_restriction"},
    {ALERT_PROTOCOL_VERSION, "protocol_version"},
    {ALERT_INSUFFICIENT_SECURITY, "insufficient_security"},
    {ALERT_INTERNAL_ERROR, "internal_error"}, {ALERT_USER_CANCELED, "user_canceled"},
    {ALERT_NO_RENEGOTIATION, "no_renegotiation"},
    {ALERT_UNSUPPORTED_EXTENSION, "unsupported_extension"},
    {ALERT_UNRECOGNIZED_NAME, "unrecognized_name"},
};

static const NumberName extensions[] = {
    {EXTENSION_SERVER_NAME, "server_name"}, {1, "max_fragment_length"}, {5, "status_request"},
    {10, "supported_groups"}, {11, "ec_point_formats"},
    {EXTENSION_SIGNATURE_ALGORITHMS, "signature_algorithms"}, {15, "heartbeat"},
    {16, "application_layer_protocol_negotiation"}, {21, "padding"}, {22, "encrypt_then_mac"},
    {23, "extended_master_secret"}, {28, "record_size_limit"}, {35, "session_ticket"},
    {41, "pre_shared_key"}, {42, "early_data"}, {43, "supported_versions"}, {44, "cookie"},
    {45, "psk_key_exchange_modes"}, {49, "post_handshake_auth"},
    {50, "signature_algorithms_cert"}, {51, "key_share"},
    {EXTENSION_RENEGOTIATION_INFO, "renegotiation_info"},
};

static const NumberName suites[] = {
    {0x0000, "TLS_NULL_WITH_NULL_NULL"}, {0x0001, "TLS_RSA_WITH_NULL_MD5"},
    {0x0002, "TLS_RSA_WITH_NULL_SHA"}, {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
    {0x0004, "TLS_RSA_WITH_RC4_128_MD5"}, {0x0005, "TLS_RSA_WITH_RC4_128_SHA"},
    {0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"}, {0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA"},
    {0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"}, {0x0009, "TLS_RSA_WITH_DES_CBC_SHA"},
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}, {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"}, {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"}, {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"}, {0x003b, "TLS_RSA_WITH_NULL_SHA256"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"}, {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"}, {0x0096, "TLS_RSA_WITH_SEED_CBC_SHA"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"}, {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"}, {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"}, {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0x5600, "TLS_FALLBACK_SCSV"}, {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

static const NumberName compressions[] = {{COMPRESSION_NULL, "null"}, {1, "DEFLATE"}};

static const NumberName cert_types[] = {
    {CERT_TYPE_RSA_SIGN, "rsa_sign"}, {2, "dss_sign"}, {3, "rsa_fixed_dh"}, {4, "dss_fixed_dh"},
    {64, "ecdsa_sign"},
};

static const NumberName hash_algorithms[] = {
    {0, "none"}, {HASH_ALGORITHM_MD5, "md5"}, {HASH_ALGORITHM_SHA1, "sha1"}, {3, "sha224"},
    {HASH_ALGORITHM_SHA256, "sha256"}, {HASH_ALGORITHM_SHA384, "sha384"},
    {HASH_ALGORITHM_SHA512, "sha512"},
};

static const NumberName signature_algorithms[] = {
    {0, "anonymous"}, {SIGNATURE_ALGORITHM_RSA, "rsa"}, {2, "dsa"}, {3, "ecdsa"},
};

/* RFC 8446 4.2.3 names the pairs that live on. */
static const NumberName signature_schemes[] = {
    {0x0101, "rsa_pkcs1_md5"}, {0x0201, "rsa_pkcs1_sha1"}, {0x0203, "ecdsa_sha1"},
    {0x0301, "rsa_pkcs1_sha224"}, {0x0401, "rsa_pkcs1_sha256"},
    {0x0403, "ecdsa_secp256r1_sha256"}, {0x0501, "rsa_pkcs1_sha384"},
    {0x0503, "ecdsa_secp384r1_sha384"}, {0x0601, "rsa_pkcs1_sha512"},
    {0x0603, "ecdsa_secp521r1_sha512"}, {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"}, {0x0806, "rsa_pss_rsae_sha512"}, {0x0807, "ed25519"},
};

static const NumberName name_types[] = {{0, "host_name"}};

static const struct {
    const NumberName *names;
    size_t count;
} registries[NUMBER_KINDS] = {
    [NUMBER_VERSION] = {versions, G_N_ELEMENTS(versions)},
    [NUMBER_CONTENT_TYPE] = {content_types, G_N_ELEMENTS(content_types)},
    [NUMBER_MESSAGE] = {messages, G_N_ELEMENTS(messages)},
    [NUMBER_ALERT_LEVEL] = {alert_levels, G_N_ELEMENTS(alert_levels)},
    [NUMBER_ALERT] = {alerts, G_N_ELEMENTS(alerts)},
    [NUMBER_EXTENSION] = {extensions, G_N_ELEMENTS(extensions)},
    [NUMBER_SUITE] = {suites, G_N_ELEMENTS(suites)},
    [NUMBER_COMPRESSION] = {compressions, G_N_ELEMENTS(compressions)},
    [NUMBER_CERT_TYPE] = {cert_types, G_N_ELEMENTS(cert_types)},
    [NUMBER_HASH_ALGORITHM] = {hash_algorithms, G_N_ELEMENTS(hash_algorithms)},
    [NUMBER_SIGNATURE_ALGORITHM] = {signature_algorithms, G_N_ELEMENTS(signature_algorithms)},
    [NUMBER_SIGNATURE_SCHEME] = {signature_schemes, G_N_ELEMENTS(signature_schemes)},
    [NUMBER_NAME_TYPE] = {name_types, G_N_ELEMENTS(name_types)},
};
/* clang-format on */

const char *number_name(NumberKind kind, uint32_t value)
{
    for (size_t i = 0; i < registries[kind].count; i++)
        if (registries[kind].names[i].value == value)
            return registries[kind].names[i].name;
    return NULL;
}

const char *number_text(NumberKind kind, uint32_t value)
{
    const char *name = number_name(kind, value);
    return name == NULL ? "unknown" : name;
}

bool number_from_name(NumberKind kind, const char *name, uint32_t *value)
{
    for (size_t i = 0; i < registries[kind].count; i++) {
        if (g_ascii_strcasecmp(registries[kind].names[i].name, name) != 0)
            continue;
        *value = registries[kind].names[i].value;
        return true;
    }
    return false;
}

const NumberName *number_table(NumberKind kind, size_t *count)
{
    *count = registries[kind].count;
    return registries[kind].names;
}

const char *key_exchange_name(KeyExchangeKind kind)
{
    static const char *const names[] = {
        [KEY_EXCHANGE_RSA] = "RSA",
        [KEY_EXCHANGE_RSA_EXPORT] = "RSA_EXPORT",
    };
    return names[kind];
}

const char *role_name(Role role)
{
    return role == ROLE_CLIENT ? "client" : "server";
}

Role role_peer(Role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

Direction role_direction(Role role)
{
    return role == ROLE_CLIENT ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
}
