/* The registries: every number that has a name.
 *
 * Names are printed as the RFCs and IANA write them, so that what a run shows can be looked up.
 * This file only names: which suites run, which alerts a version has, is data of higher rooms.
 * Sources: IANA TLS parameters; RFC 8446 B; RFC 5246 A; RFC 6101 A; RFC 6066; RFC 5746; SSL 2.0:
 * draft-hickman-netscape-ssl-00 (1995), chapter 2.
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
    {MESSAGE_SERVER_HELLO, "ServerHello"}, {MESSAGE_NEW_SESSION_TICKET, "NewSessionTicket"},
    {MESSAGE_END_OF_EARLY_DATA, "EndOfEarlyData"},
    {MESSAGE_ENCRYPTED_EXTENSIONS, "EncryptedExtensions"},
    {MESSAGE_CERTIFICATE, "Certificate"}, {MESSAGE_SERVER_KEY_EXCHANGE, "ServerKeyExchange"},
    {MESSAGE_CERTIFICATE_REQUEST, "CertificateRequest"},
    {MESSAGE_SERVER_HELLO_DONE, "ServerHelloDone"},
    {MESSAGE_CERTIFICATE_VERIFY, "CertificateVerify"},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "ClientKeyExchange"}, {MESSAGE_FINISHED, "Finished"},
    {21, "CertificateURL"}, {MESSAGE_CERTIFICATE_STATUS, "CertificateStatus"},
    {MESSAGE_KEY_UPDATE, "KeyUpdate"}, {MESSAGE_COMPRESSED_CERTIFICATE, "CompressedCertificate"},
    {MESSAGE_MESSAGE_HASH, "message_hash"},
    {MESSAGE_CHANGE_CIPHER_SPEC, "ChangeCipherSpec"}, {MESSAGE_ALERT, "Alert"},
    {MESSAGE_APPLICATION_DATA, "Application Data"}, {MESSAGE_HEARTBEAT, "Heartbeat"},
    {MESSAGE_HELLO_RETRY_REQUEST, "HelloRetryRequest"},
    {MESSAGE_SSL2_ERROR, "ERROR"}, {MESSAGE_SSL2_CLIENT_HELLO, "CLIENT-HELLO"},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, "CLIENT-MASTER-KEY"},
    {MESSAGE_SSL2_CLIENT_FINISHED, "CLIENT-FINISHED"},
    {MESSAGE_SSL2_SERVER_HELLO, "SERVER-HELLO"}, {MESSAGE_SSL2_SERVER_VERIFY, "SERVER-VERIFY"},
    {MESSAGE_SSL2_SERVER_FINISHED, "SERVER-FINISHED"},
    {MESSAGE_SSL2_REQUEST_CERTIFICATE, "REQUEST-CERTIFICATE"},
    {MESSAGE_SSL2_CLIENT_CERTIFICATE, "CLIENT-CERTIFICATE"},
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
    {ALERT_INTERNAL_ERROR, "internal_error"},
    {ALERT_INAPPROPRIATE_FALLBACK, "inappropriate_fallback"},
    {ALERT_USER_CANCELED, "user_canceled"}, {ALERT_NO_RENEGOTIATION, "no_renegotiation"},
    {ALERT_MISSING_EXTENSION, "missing_extension"},
    {ALERT_UNSUPPORTED_EXTENSION, "unsupported_extension"},
    {ALERT_UNRECOGNIZED_NAME, "unrecognized_name"},
    {ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response"},
    {ALERT_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity"},
    {ALERT_CERTIFICATE_REQUIRED, "certificate_required"},
    {ALERT_NO_APPLICATION_PROTOCOL, "no_application_protocol"},
};

static const NumberName extensions[] = {
    {EXTENSION_SERVER_NAME, "server_name"},
    {EXTENSION_MAX_FRAGMENT_LENGTH, "max_fragment_length"},
    {EXTENSION_STATUS_REQUEST, "status_request"},
    {EXTENSION_SUPPORTED_GROUPS, "supported_groups"},
    {EXTENSION_EC_POINT_FORMATS, "ec_point_formats"},
    {EXTENSION_SIGNATURE_ALGORITHMS, "signature_algorithms"},
    {EXTENSION_HEARTBEAT, "heartbeat"},
    {EXTENSION_ALPN, "application_layer_protocol_negotiation"},
    {17, "status_request_v2"},
    {EXTENSION_SIGNED_CERTIFICATE_TIMESTAMP, "signed_certificate_timestamp"},
    {EXTENSION_PADDING, "padding"}, {EXTENSION_ENCRYPT_THEN_MAC, "encrypt_then_mac"},
    {EXTENSION_EXTENDED_MASTER_SECRET, "extended_master_secret"},
    {EXTENSION_COMPRESS_CERTIFICATE, "compress_certificate"},
    {EXTENSION_RECORD_SIZE_LIMIT, "record_size_limit"}, {EXTENSION_DELEGATED_CREDENTIAL, "delegated_credential"},
    {EXTENSION_SESSION_TICKET, "session_ticket"}, {EXTENSION_PRE_SHARED_KEY, "pre_shared_key"},
    {EXTENSION_EARLY_DATA, "early_data"}, {EXTENSION_SUPPORTED_VERSIONS, "supported_versions"},
    {EXTENSION_COOKIE, "cookie"}, {EXTENSION_PSK_KEY_EXCHANGE_MODES, "psk_key_exchange_modes"},
    {EXTENSION_CERTIFICATE_AUTHORITIES, "certificate_authorities"},
    {EXTENSION_OID_FILTERS, "oid_filters"},
    {EXTENSION_POST_HANDSHAKE_AUTH, "post_handshake_auth"},
    {EXTENSION_SIGNATURE_ALGORITHMS_CERT, "signature_algorithms_cert"},
    {EXTENSION_KEY_SHARE, "key_share"}, {13172, "next_protocol_negotiation"},
    {17513, "application_settings"}, {65037, "encrypted_client_hello"},
    {EXTENSION_RENEGOTIATION_INFO, "renegotiation_info"},
};

static const NumberName suites[] = {
    {0x0000, "TLS_NULL_WITH_NULL_NULL"},
    {0x0001, "TLS_RSA_WITH_NULL_MD5"},
    {0x0002, "TLS_RSA_WITH_NULL_SHA"},
    {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
    {0x0004, "TLS_RSA_WITH_RC4_128_MD5"},
    {0x0005, "TLS_RSA_WITH_RC4_128_SHA"},
    {0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"},
    {0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA"},
    {0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0009, "TLS_RSA_WITH_DES_CBC_SHA"},
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x000b, "TLS_DH_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x000c, "TLS_DH_DSS_WITH_DES_CBC_SHA"},
    {0x000d, "TLS_DH_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x000e, "TLS_DH_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x000f, "TLS_DH_RSA_WITH_DES_CBC_SHA"},
    {0x0010, "TLS_DH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA"},
    {0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA"},
    {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5"},
    {0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"},
    {0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA"},
    {0x001a, "TLS_DH_anon_WITH_DES_CBC_SHA"},
    {0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"},
    {0x002c, "TLS_PSK_WITH_NULL_SHA"},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA"},
    {0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA"},
    {0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA"},
    {0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA"},
    {0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"},
    {0x003b, "TLS_RSA_WITH_NULL_SHA256"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256"},
    {0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0044, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0046, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006a, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256"},
    {0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256"},
    {0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"},
    {0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0087, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0089, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA"},
    {0x008a, "TLS_PSK_WITH_RC4_128_SHA"},
    {0x008b, "TLS_PSK_WITH_3DES_EDE_CBC_SHA"},
    {0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA"},
    {0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"},
    {0x0096, "TLS_RSA_WITH_SEED_CBC_SHA"},
    {0x0099, "TLS_DHE_DSS_WITH_SEED_CBC_SHA"},
    {0x009a, "TLS_DHE_RSA_WITH_SEED_CBC_SHA"},
    {0x009b, "TLS_DH_anon_WITH_SEED_CBC_SHA"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"},
    {0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"},
    {0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"},
    {0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"},
    {0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256"},
    {0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384"},
    {0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256"},
    {0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384"},
    {0x00b0, "TLS_PSK_WITH_NULL_SHA256"},
    {0x00b1, "TLS_PSK_WITH_NULL_SHA384"},
    {0x00ba, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x00bd, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x00be, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x00bf, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x00c0, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00c3, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00c4, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00c5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0x1304, "TLS_AES_128_CCM_SHA256"},
    {0x1305, "TLS_AES_128_CCM_8_SHA256"},
    {0x5600, "TLS_FALLBACK_SCSV"},
    {0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"},
    {0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"},
    {0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"},
    {0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA"},
    {0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"},
    {0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc015, "TLS_ECDH_anon_WITH_NULL_SHA"},
    {0xc016, "TLS_ECDH_anon_WITH_RC4_128_SHA"},
    {0xc017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA"},
    {0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"},
    {0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xc051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xc052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xc053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xc05c, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256"},
    {0xc05d, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384"},
    {0xc060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xc061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xc06a, "TLS_PSK_WITH_ARIA_128_GCM_SHA256"},
    {0xc06b, "TLS_PSK_WITH_ARIA_256_GCM_SHA384"},
    {0xc072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0xc073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384"},
    {0xc076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0xc077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"},
    {0xc094, "TLS_PSK_WITH_CAMELLIA_128_CBC_SHA256"},
    {0xc095, "TLS_PSK_WITH_CAMELLIA_256_CBC_SHA384"},
    {0xc09c, "TLS_RSA_WITH_AES_128_CCM"},
    {0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
    {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"},
    {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
    {0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"},
    {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"},
    {0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"},
    {0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"},
    {0xc0a4, "TLS_PSK_WITH_AES_128_CCM"},
    {0xc0a5, "TLS_PSK_WITH_AES_256_CCM"},
    {0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8"},
    {0xc0a9, "TLS_PSK_WITH_AES_256_CCM_8"},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256"},
    {0x010080, "SSL_CK_RC4_128_WITH_MD5"},
    {0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"},
    {0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"},
    {0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"},
    {0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"},
    {0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"},
    {0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"},
};

static const NumberName compressions[] = {
    {COMPRESSION_NULL, "null"}, {COMPRESSION_DEFLATE, "DEFLATE"},
};

static const NumberName cert_types[] = {
    {CERT_TYPE_RSA_SIGN, "rsa_sign"}, {CERT_TYPE_DSS_SIGN, "dss_sign"}, {3, "rsa_fixed_dh"},
    {4, "dss_fixed_dh"}, {CERT_TYPE_ECDSA_SIGN, "ecdsa_sign"}, {65, "rsa_fixed_ecdh"},
    {66, "ecdsa_fixed_ecdh"},
};

static const NumberName hash_algorithms[] = {
    {0, "none"}, {HASH_ALGORITHM_MD5, "md5"}, {HASH_ALGORITHM_SHA1, "sha1"}, {HASH_ALGORITHM_SHA224, "sha224"},
    {HASH_ALGORITHM_SHA256, "sha256"}, {HASH_ALGORITHM_SHA384, "sha384"},
    {HASH_ALGORITHM_SHA512, "sha512"},
};

static const NumberName signature_algorithms[] = {
    {0, "anonymous"}, {SIGNATURE_ALGORITHM_RSA, "rsa"}, {SIGNATURE_ALGORITHM_DSA, "dsa"}, {SIGNATURE_ALGORITHM_ECDSA, "ecdsa"},
};

/* RFC 8446 4.2.3 names the pairs that live on; those of DSA and SHA-224 are named in its way. */
static const NumberName signature_schemes[] = {
    {SCHEME_RSA_PKCS1_MD5, "rsa_pkcs1_md5"}, {SCHEME_RSA_PKCS1_SHA1, "rsa_pkcs1_sha1"},
    {SCHEME_DSA_SHA1, "dsa_sha1"}, {SCHEME_ECDSA_SHA1, "ecdsa_sha1"},
    {SCHEME_RSA_PKCS1_SHA224, "rsa_pkcs1_sha224"}, {SCHEME_DSA_SHA224, "dsa_sha224"},
    {SCHEME_ECDSA_SHA224, "ecdsa_sha224"}, {SCHEME_RSA_PKCS1_SHA256, "rsa_pkcs1_sha256"},
    {SCHEME_DSA_SHA256, "dsa_sha256"}, {SCHEME_ECDSA_SECP256R1_SHA256, "ecdsa_secp256r1_sha256"},
    {SCHEME_RSA_PKCS1_SHA384, "rsa_pkcs1_sha384"}, {SCHEME_DSA_SHA384, "dsa_sha384"},
    {SCHEME_ECDSA_SECP384R1_SHA384, "ecdsa_secp384r1_sha384"},
    {SCHEME_RSA_PKCS1_SHA512, "rsa_pkcs1_sha512"}, {SCHEME_DSA_SHA512, "dsa_sha512"},
    {SCHEME_ECDSA_SECP521R1_SHA512, "ecdsa_secp521r1_sha512"},
    {SCHEME_RSA_PSS_RSAE_SHA256, "rsa_pss_rsae_sha256"},
    {SCHEME_RSA_PSS_RSAE_SHA384, "rsa_pss_rsae_sha384"},
    {SCHEME_RSA_PSS_RSAE_SHA512, "rsa_pss_rsae_sha512"}, {SCHEME_ED25519, "ed25519"},
    {SCHEME_ED448, "ed448"}, {SCHEME_RSA_PSS_PSS_SHA256, "rsa_pss_pss_sha256"},
    {SCHEME_RSA_PSS_PSS_SHA384, "rsa_pss_pss_sha384"},
    {SCHEME_RSA_PSS_PSS_SHA512, "rsa_pss_pss_sha512"},
};

static const NumberName name_types[] = {{0, "host_name"}};

/* Those that are only named: the curves that Windows and OpenSSL 1.0 offered. */
static const NumberName groups[] = {
    {1, "sect163k1"}, {2, "sect163r1"}, {3, "sect163r2"}, {6, "sect233k1"}, {7, "sect233r1"},
    {9, "sect283k1"}, {10, "sect283r1"}, {11, "sect409k1"}, {12, "sect409r1"}, {13, "sect571k1"},
    {14, "sect571r1"}, {16, "secp160r1"}, {18, "secp192k1"}, {19, "secp192r1"}, {21, "secp224r1"},
    {22, "secp256k1"}, {GROUP_SECP256R1, "secp256r1"}, {GROUP_SECP384R1, "secp384r1"},
    {GROUP_SECP521R1, "secp521r1"}, {GROUP_X25519, "x25519"}, {GROUP_X448, "x448"},
    {GROUP_FFDHE2048, "ffdhe2048"}, {GROUP_FFDHE3072, "ffdhe3072"},
    {GROUP_FFDHE4096, "ffdhe4096"}, {259, "ffdhe6144"}, {260, "ffdhe8192"},
    {4588, "X25519MLKEM768"},
};

static const NumberName point_formats[] = {
    {POINT_FORMAT_UNCOMPRESSED, "uncompressed"}, {1, "ansiX962_compressed_prime"},
    {2, "ansiX962_compressed_char2"},
};

static const NumberName curve_types[] = {
    {1, "explicit_prime"}, {2, "explicit_char2"}, {CURVE_TYPE_NAMED, "named_curve"},
};

static const NumberName psk_modes[] = {{PSK_KE, "psk_ke"}, {PSK_DHE_KE, "psk_dhe_ke"}};

static const NumberName key_updates[] = {
    {KEY_UPDATE_NOT_REQUESTED, "update_not_requested"}, {KEY_UPDATE_REQUESTED, "update_requested"},
};

static const NumberName status_types[] = {{STATUS_TYPE_OCSP, "ocsp"}};

static const NumberName heartbeat_modes[] = {
    {HEARTBEAT_PEER_ALLOWED, "peer_allowed_to_send"},
    {HEARTBEAT_PEER_NOT_ALLOWED, "peer_not_allowed_to_send"},
};

static const NumberName heartbeat_types[] = {
    {HEARTBEAT_REQUEST, "heartbeat_request"}, {HEARTBEAT_RESPONSE, "heartbeat_response"},
};

static const NumberName certificate_compressions[] = {
    {CERTIFICATE_COMPRESSION_ZLIB, "zlib"}, {2, "brotli"}, {3, "zstd"},
};

static const NumberName fragment_lengths[] = {{1, "2^9"}, {2, "2^10"}, {3, "2^11"}, {4, "2^12"}};

static const NumberName ssl2_messages[] = {
    {0, "ERROR"}, {1, "CLIENT-HELLO"}, {2, "CLIENT-MASTER-KEY"}, {3, "CLIENT-FINISHED"},
    {4, "SERVER-HELLO"}, {5, "SERVER-VERIFY"}, {6, "SERVER-FINISHED"}, {7, "REQUEST-CERTIFICATE"},
    {8, "CLIENT-CERTIFICATE"},
};

static const NumberName ssl2_errors[] = {
    {SSL2_ERROR_NO_CIPHER, "NO-CIPHER-ERROR"}, {SSL2_ERROR_NO_CERTIFICATE, "NO-CERTIFICATE-ERROR"},
    {SSL2_ERROR_BAD_CERTIFICATE, "BAD-CERTIFICATE-ERROR"},
    {SSL2_ERROR_UNSUPPORTED_CERTIFICATE_TYPE, "UNSUPPORTED-CERTIFICATE-TYPE-ERROR"},
};

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
    [NUMBER_GROUP] = {groups, G_N_ELEMENTS(groups)},
    [NUMBER_POINT_FORMAT] = {point_formats, G_N_ELEMENTS(point_formats)},
    [NUMBER_CURVE_TYPE] = {curve_types, G_N_ELEMENTS(curve_types)},
    [NUMBER_PSK_MODE] = {psk_modes, G_N_ELEMENTS(psk_modes)},
    [NUMBER_KEY_UPDATE] = {key_updates, G_N_ELEMENTS(key_updates)},
    [NUMBER_STATUS_TYPE] = {status_types, G_N_ELEMENTS(status_types)},
    [NUMBER_HEARTBEAT_MODE] = {heartbeat_modes, G_N_ELEMENTS(heartbeat_modes)},
    [NUMBER_HEARTBEAT_TYPE] = {heartbeat_types, G_N_ELEMENTS(heartbeat_types)},
    [NUMBER_CERTIFICATE_COMPRESSION] = {certificate_compressions,
                                        G_N_ELEMENTS(certificate_compressions)},
    [NUMBER_FRAGMENT_LENGTH] = {fragment_lengths, G_N_ELEMENTS(fragment_lengths)},
    [NUMBER_SSL2_MESSAGE] = {ssl2_messages, G_N_ELEMENTS(ssl2_messages)},
    [NUMBER_SSL2_ERROR] = {ssl2_errors, G_N_ELEMENTS(ssl2_errors)},
};
/* clang-format on */

/* Every table stands in the order of its numbers (a test asserts it). */
const char *number_name(NumberKind kind, uint32_t value)
{
    const NumberName *names = registries[kind].names;
    size_t first = 0, end = registries[kind].count;
    while (first < end) {
        size_t middle = (first + end) / 2;
        if (names[middle].value == value)
            return names[middle].name;
        if (names[middle].value < value)
            first = middle + 1;
        else
            end = middle;
    }
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

/* clang-format off */
static const KeyExchange key_exchanges[KEY_EXCHANGE_KINDS] = {
    /* name, agreement, authentication, export, ephemeral */
    [KEY_EXCHANGE_RSA]            = {"RSA",            AGREEMENT_RSA,  AUTHENTICATION_RSA,   false, false},
    [KEY_EXCHANGE_RSA_EXPORT]     = {"RSA_EXPORT",     AGREEMENT_RSA,  AUTHENTICATION_RSA,   true,  false},
    [KEY_EXCHANGE_DHE_RSA]        = {"DHE_RSA",        AGREEMENT_DH,   AUTHENTICATION_RSA,   false, true},
    [KEY_EXCHANGE_DHE_RSA_EXPORT] = {"DHE_RSA_EXPORT", AGREEMENT_DH,   AUTHENTICATION_RSA,   true,  true},
    [KEY_EXCHANGE_DHE_DSS]        = {"DHE_DSS",        AGREEMENT_DH,   AUTHENTICATION_DSS,   false, true},
    [KEY_EXCHANGE_DHE_DSS_EXPORT] = {"DHE_DSS_EXPORT", AGREEMENT_DH,   AUTHENTICATION_DSS,   true,  true},
    [KEY_EXCHANGE_DH_ANON]        = {"DH_anon",        AGREEMENT_DH,   AUTHENTICATION_NONE,  false, true},
    [KEY_EXCHANGE_DH_ANON_EXPORT] = {"DH_anon_EXPORT", AGREEMENT_DH,   AUTHENTICATION_NONE,  true,  true},
    [KEY_EXCHANGE_ECDHE_RSA]      = {"ECDHE_RSA",      AGREEMENT_ECDH, AUTHENTICATION_RSA,   false, true},
    [KEY_EXCHANGE_ECDHE_ECDSA]    = {"ECDHE_ECDSA",    AGREEMENT_ECDH, AUTHENTICATION_ECDSA, false, true},
    [KEY_EXCHANGE_ECDH_ANON]      = {"ECDH_anon",      AGREEMENT_ECDH, AUTHENTICATION_NONE,  false, true},
    [KEY_EXCHANGE_PSK]            = {"PSK",            AGREEMENT_PSK,  AUTHENTICATION_PSK,   false, false},
    [KEY_EXCHANGE_TLS13]          = {"TLS 1.3",        AGREEMENT_FREE, AUTHENTICATION_FREE,  false, true},
    [KEY_EXCHANGE_SSL2]           = {"SSL 2.0",        AGREEMENT_SSL2, AUTHENTICATION_RSA,   false, false},
};
/* clang-format on */

const KeyExchange *key_exchange(KeyExchangeKind kind)
{
    return &key_exchanges[kind];
}

const char *key_exchange_name(KeyExchangeKind kind)
{
    return key_exchanges[kind].name;
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
