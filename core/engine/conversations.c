/* The conversation lists: the state machines of SSL 2.0, of SSL 3.0 to TLS 1.2, of TLS 1.3 and of
 * its post-handshake authentication, as rows.
 *
 * Rows stand in the order of the wire. The rows of the abbreviated handshake come before those of
 * the full one, because there the server is the first to finish. Whether a session is resumed is
 * told by ServerHello: a client that offers a ticket sends a session ID of its own with it, which
 * the server that takes the ticket must echo (RFC 5077 3.4). In TLS 1.3 ChangeCipherSpec is no row:
 * it says nothing and may stand anywhere (RFC 8446 5).
 *
 * Obeys RFC 5246 7.3 (figures 1 and 2), 7.4; RFC 6101 5.5; RFC 2246 7.4.3 (temporary RSA keys); RFC
 * 4279 2; RFC 5077 3.1; RFC 6066 8; RFC 8446 2, 4.4, 4.6 and A; draft-hickman-netscape-ssl 2.1.
 * State names are ours where the version's RFC gives none: only RFC 8446 does.
 */
#include "core/engine/conversation.h"

/* clang-format off */
#define C ROLE_CLIENT
#define S ROLE_SERVER
#define NO_CERT (FACT_ANON | FACT_PSK | FACT_RESUMED)

static const Step ssl3_to_tls12[] = {
    /* message                     from under          when              unless              tells               state                         step */
    {MESSAGE_CLIENT_HELLO,         C, UNDER_CURRENT, 0,                  0,                  0,                  "WAIT_CLIENT_HELLO",          1},
    {MESSAGE_SERVER_HELLO,         S, UNDER_CURRENT, 0,                  0,                  0,                  "WAIT_SERVER_HELLO",          2},
    /* the abbreviated handshake (RFC 5246 7.3, figure 2) */
    {MESSAGE_NEW_SESSION_TICKET,   S, UNDER_CURRENT, FACT_RESUMED | FACT_TICKET, 0,          0,                  "WAIT_NEW_SESSION_TICKET",    9},
    {MESSAGE_CHANGE_CIPHER_SPEC,   S, UNDER_CURRENT, FACT_RESUMED,       0,                  0,                  "WAIT_SERVER_CHANGE_CIPHER",  9},
    {MESSAGE_FINISHED,             S, UNDER_NEW,     FACT_RESUMED,       0,                  0,                  "WAIT_SERVER_FINISHED",       9},
    /* the full handshake (figure 1) */
    {MESSAGE_CERTIFICATE,          S, UNDER_CURRENT, 0,                  NO_CERT,            0,                  "WAIT_CERTIFICATE",           2},
    {MESSAGE_CERTIFICATE_STATUS,   S, UNDER_CURRENT, FACT_STATUS | FACT_STATUS_SENT, NO_CERT, FACT_STATUS_SENT,  "WAIT_CERTIFICATE_STATUS",    2},
    {MESSAGE_SERVER_KEY_EXCHANGE,  S, UNDER_CURRENT, FACT_EPHEMERAL,     FACT_PSK | FACT_RESUMED, 0,             "WAIT_SERVER_KEY_EXCHANGE",   2},
    {MESSAGE_SERVER_KEY_EXCHANGE,  S, UNDER_CURRENT, FACT_PSK | FACT_HINT, FACT_RESUMED,     FACT_HINT,          "WAIT_SERVER_KEY_EXCHANGE",   2},
    {MESSAGE_CERTIFICATE_REQUEST,  S, UNDER_CURRENT, FACT_CERT_ASKED,    NO_CERT,            FACT_CERT_ASKED,    "WAIT_CERTIFICATE_REQUEST",   2},
    {MESSAGE_SERVER_HELLO_DONE,    S, UNDER_CURRENT, 0,                  FACT_RESUMED,       0,                  "WAIT_SERVER_HELLO_DONE",     2},
    /* SSL 3.0: the alert in place of the message (RFC 6101 5.6.6) */
    {MESSAGE_ALERT,                C, UNDER_CURRENT, FACT_CERT_ASKED | FACT_SSL3 | FACT_NO_CERT_ALERT, NO_CERT, FACT_NO_CERT_ALERT, "WAIT_CLIENT_CERTIFICATE", 5},
    {MESSAGE_CERTIFICATE,          C, UNDER_CURRENT, FACT_CERT_ASKED | FACT_SSL3, FACT_NO_CERT_ALERT | NO_CERT, FACT_CERT_SENT, "WAIT_CLIENT_CERTIFICATE", 5},
    {MESSAGE_CERTIFICATE,          C, UNDER_CURRENT, FACT_CERT_ASKED,    FACT_SSL3 | NO_CERT, 0,                 "WAIT_CLIENT_CERTIFICATE",    5},
    {MESSAGE_CLIENT_KEY_EXCHANGE,  C, UNDER_CURRENT, 0,                  FACT_RESUMED,       0,                  "WAIT_CLIENT_KEY_EXCHANGE",   4},
    {MESSAGE_CERTIFICATE_VERIFY,   C, UNDER_CURRENT, FACT_CERT_ASKED | FACT_CERT_SENT, FACT_NO_CERT_ALERT | NO_CERT, 0, "WAIT_CERTIFICATE_VERIFY", 5},
    {MESSAGE_CHANGE_CIPHER_SPEC,   C, UNDER_CURRENT, 0,                  0,                  0,                  "WAIT_CLIENT_CHANGE_CIPHER",  8},
    {MESSAGE_FINISHED,             C, UNDER_NEW,     0,                  0,                  0,                  "WAIT_CLIENT_FINISHED",       8},
    {MESSAGE_NEW_SESSION_TICKET,   S, UNDER_CURRENT, FACT_TICKET,        FACT_RESUMED,       0,                  "WAIT_NEW_SESSION_TICKET",    9},
    {MESSAGE_CHANGE_CIPHER_SPEC,   S, UNDER_CURRENT, 0,                  FACT_RESUMED,       0,                  "WAIT_SERVER_CHANGE_CIPHER",  9},
    {MESSAGE_FINISHED,             S, UNDER_NEW,     0,                  FACT_RESUMED,       0,                  "WAIT_SERVER_FINISHED",       9},
};

/* What cannot be true together: an anonymous exchange is ephemeral, a pre-shared key alone is not; a
 * status is of a certificate; SSL 3.0 has neither extensions nor pre-shared keys. */
static const FactRule ssl3_to_tls12_rules[] = {
    {FACT_ANON, FACT_PSK | FACT_STATUS, FACT_EPHEMERAL},
    {FACT_PSK, FACT_EPHEMERAL | FACT_STATUS, 0},
    {FACT_SSL3, FACT_TICKET | FACT_STATUS | FACT_PSK, 0},
};

static const Step tls13[] = {
    {MESSAGE_CLIENT_HELLO,           C, UNDER_CURRENT,   0,               0,               0,               "START",         1},
    {MESSAGE_HELLO_RETRY_REQUEST,    S, UNDER_CURRENT,   FACT_RETRY,      0,               FACT_RETRY,      "WAIT_SH",       2},
    {MESSAGE_CLIENT_HELLO,           C, UNDER_CURRENT,   FACT_RETRY,      0,               0,               "START",         1},
    {MESSAGE_SERVER_HELLO,           S, UNDER_CURRENT,   0,               0,               0,               "WAIT_SH",       2},
    {MESSAGE_ENCRYPTED_EXTENSIONS,   S, UNDER_HANDSHAKE, 0,               0,               0,               "WAIT_EE",       2},
    {MESSAGE_CERTIFICATE_REQUEST,    S, UNDER_HANDSHAKE, FACT_CERT_ASKED, FACT_PSK,        FACT_CERT_ASKED, "WAIT_CERT_CR",  2},
    {MESSAGE_COMPRESSED_CERTIFICATE, S, UNDER_HANDSHAKE, FACT_COMPRESSED, FACT_PSK,        FACT_COMPRESSED, "WAIT_CERT",     2},
    {MESSAGE_CERTIFICATE,            S, UNDER_HANDSHAKE, 0,               FACT_PSK | FACT_COMPRESSED, 0,    "WAIT_CERT",     2},
    {MESSAGE_CERTIFICATE_VERIFY,     S, UNDER_HANDSHAKE, 0,               FACT_PSK,        0,               "WAIT_CV",       3},
    {MESSAGE_FINISHED,               S, UNDER_HANDSHAKE, 0,               0,               0,               "WAIT_FINISHED", 9},
    {MESSAGE_END_OF_EARLY_DATA,      C, UNDER_EARLY,     FACT_EARLY,      FACT_RETRY,      0,               "WAIT_EOED",     8},
    {MESSAGE_CERTIFICATE,            C, UNDER_HANDSHAKE, FACT_CERT_ASKED, FACT_PSK,        0,               "WAIT_CERT",     5},
    {MESSAGE_CERTIFICATE_VERIFY,     C, UNDER_HANDSHAKE, FACT_CERT_ASKED | FACT_CERT_SENT, FACT_PSK, 0,      "WAIT_CV",       5},
    {MESSAGE_FINISHED,               C, UNDER_HANDSHAKE, 0,               0,               0,               "WAIT_FINISHED", 8},
};

static const FactRule tls13_rules[] = {
    {FACT_EARLY, 0, FACT_PSK},    /* RFC 8446 4.2.10 */
};

static const Step tls13_post[] = {
    {MESSAGE_CERTIFICATE_REQUEST, S, UNDER_CURRENT, 0,              0, 0, "CONNECTED",     11},
    {MESSAGE_CERTIFICATE,         C, UNDER_CURRENT, 0,              0, 0, "WAIT_CERT",     5},
    {MESSAGE_CERTIFICATE_VERIFY,  C, UNDER_CURRENT, FACT_CERT_SENT, 0, 0, "WAIT_CV",       5},
    {MESSAGE_FINISHED,            C, UNDER_CURRENT, 0,              0, 0, "WAIT_FINISHED", 8},
};

static const Step ssl2[] = {
    {MESSAGE_SSL2_CLIENT_HELLO,        C, UNDER_CURRENT, 0,                0,            0,                  "WAIT_CLIENT_HELLO",       1},
    {MESSAGE_SSL2_SERVER_HELLO,        S, UNDER_CURRENT, 0,                0,            0,                  "WAIT_SERVER_HELLO",       2},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY,   C, UNDER_CURRENT, 0,                FACT_RESUMED, 0,                  "WAIT_CLIENT_MASTER_KEY",  4},
    {MESSAGE_SSL2_CLIENT_FINISHED,     C, UNDER_NEW,     0,                0,            0,                  "WAIT_CLIENT_FINISHED",    8},
    {MESSAGE_SSL2_SERVER_VERIFY,       S, UNDER_NEW,     0,                0,            0,                  "WAIT_SERVER_VERIFY",      6},
    {MESSAGE_SSL2_REQUEST_CERTIFICATE, S, UNDER_NEW,     FACT_CERT_ASKED,  FACT_RESUMED, FACT_CERT_ASKED,    "WAIT_SERVER_FINISHED",    2},
    {MESSAGE_SSL2_ERROR,               C, UNDER_NEW,     FACT_CERT_ASKED | FACT_NO_CERT_ALERT, FACT_RESUMED, FACT_NO_CERT_ALERT, "WAIT_CLIENT_CERTIFICATE", 5},
    {MESSAGE_SSL2_CLIENT_CERTIFICATE,  C, UNDER_NEW,     FACT_CERT_ASKED,  FACT_NO_CERT_ALERT | FACT_RESUMED, 0, "WAIT_CLIENT_CERTIFICATE", 5},
    {MESSAGE_SSL2_SERVER_FINISHED,     S, UNDER_NEW,     0,                0,            0,                  "WAIT_SERVER_FINISHED",    9},
};

static const Step established_ssl3[] = {
    {MESSAGE_HELLO_REQUEST,    S, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 11},
    {MESSAGE_CLIENT_HELLO,     C, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 11},
    {MESSAGE_APPLICATION_DATA, C, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_APPLICATION_DATA, S, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_HEARTBEAT,        C, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_HEARTBEAT,        S, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_ALERT,            C, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_ALERT,            S, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
};

static const Step established_tls13[] = {
    {MESSAGE_NEW_SESSION_TICKET,  S, UNDER_NEW, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_KEY_UPDATE,          C, UNDER_NEW, 0, 0, 0, "CONNECTED", 11},
    {MESSAGE_KEY_UPDATE,          S, UNDER_NEW, 0, 0, 0, "CONNECTED", 11},
    {MESSAGE_CERTIFICATE_REQUEST, S, UNDER_NEW, 0, 0, 0, "CONNECTED", 11},
    {MESSAGE_APPLICATION_DATA,    C, UNDER_NEW, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_APPLICATION_DATA,    S, UNDER_NEW, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_ALERT,               C, UNDER_NEW, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_ALERT,               S, UNDER_NEW, 0, 0, 0, "CONNECTED", 10},
};

static const Step established_ssl2[] = {
    {MESSAGE_APPLICATION_DATA, C, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
    {MESSAGE_APPLICATION_DATA, S, UNDER_CURRENT, 0, 0, 0, "CONNECTED", 10},
};

static const Conversation conversations[FAMILIES] = {
    [FAMILY_SSL2] = {FAMILY_SSL2, "SSL 2.0", ssl2, G_N_ELEMENTS(ssl2),
        FACT_RESUMED, NULL, 0, "START", "CONNECTED", false},
    [FAMILY_SSL3] = {FAMILY_SSL3, "SSL 3.0 to TLS 1.2", ssl3_to_tls12, G_N_ELEMENTS(ssl3_to_tls12),
        FACT_SSL3 | FACT_EPHEMERAL | FACT_RESUMED | FACT_TICKET | FACT_STATUS | FACT_ANON | FACT_PSK,
        ssl3_to_tls12_rules, G_N_ELEMENTS(ssl3_to_tls12_rules), "START", "CONNECTED", false},
    [FAMILY_TLS13] = {FAMILY_TLS13, "TLS 1.3", tls13, G_N_ELEMENTS(tls13),
        FACT_PSK | FACT_EARLY,
        tls13_rules, G_N_ELEMENTS(tls13_rules), "START", "CONNECTED", true},
    [FAMILY_TLS13_POST] = {FAMILY_TLS13_POST, "TLS 1.3, after the handshake", tls13_post, G_N_ELEMENTS(tls13_post),
        0, NULL, 0, "CONNECTED", "CONNECTED", true},
};

static const struct {
    const Step *steps;
    size_t count;
} established[FAMILIES] = {
    [FAMILY_SSL2] = {established_ssl2, G_N_ELEMENTS(established_ssl2)},
    [FAMILY_SSL3] = {established_ssl3, G_N_ELEMENTS(established_ssl3)},
    [FAMILY_TLS13] = {established_tls13, G_N_ELEMENTS(established_tls13)},
    [FAMILY_TLS13_POST] = {established_tls13, G_N_ELEMENTS(established_tls13)},
};
#undef C
#undef S
#undef NO_CERT
/* clang-format on */

const Conversation *conversation_of(Family family)
{
    return &conversations[family];
}

const char *family_name(Family family)
{
    return conversations[family].name;
}

Family family_of(ProtocolVersion version)
{
    if (version == VERSION_SSL_2_0)
        return FAMILY_SSL2;
    return version >= VERSION_TLS_1_3 ? FAMILY_TLS13 : FAMILY_SSL3;
}

const Step *conversation_established(Family family, size_t *count)
{
    *count = established[family].count;
    return established[family].steps;
}
