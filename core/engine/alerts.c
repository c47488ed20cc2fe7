/* The alert table: which alert exists in which version, who raises it here, and where.
 *
 * A fault anywhere below names a TLS alert; this table turns it into what the version in force can
 * say. It knows no connection. Sources: RFC 8446 6 and B.2, RFC 5246 7.2, RFC 4346 7.2, RFC 2246
 * 7.2, RFC 6101 5.4; for what each version has: the enumerations of AlertDescription of those RFCs,
 * and RFC 6066, RFC 4279, RFC 7301 and RFC 7507 for what they added to TLS 1.0 to 1.2.
 */
#include "core/engine/alerts.h"

#include <glib.h>

/* clang-format off */
#define W ALERT_LEVEL_WARNING
#define F ALERT_LEVEL_FATAL
#define SSL3 VERSION_SSL_3_0
#define T10 VERSION_TLS_1_0
#define T12 VERSION_TLS_1_2
#define T13 VERSION_TLS_1_3
static const AlertRow rows[] = {
    {ALERT_CLOSE_NOTIFY, W, SSL3, T13, ALERT_CLOSE_NOTIFY, RAISED_BY_BOTH, "RFC 5246 7.2.1", "either side closes"},
    {ALERT_UNEXPECTED_MESSAGE, F, SSL3, T13, ALERT_UNEXPECTED_MESSAGE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a message that no row of the conversation allows here; a flood"},
    {ALERT_BAD_RECORD_MAC, F, SSL3, T13, ALERT_BAD_RECORD_MAC, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a record whose MAC or padding is wrong"},
    {ALERT_DECRYPTION_FAILED, F, T10, VERSION_TLS_1_0, ALERT_BAD_RECORD_MAC, RAISED_BY_NOBODY, "RFC 5246 7.2.2", "told padding from MAC apart, and so opened the padding oracle; must not be sent"},
    {ALERT_RECORD_OVERFLOW, F, T10, T13, ALERT_ILLEGAL_PARAMETER, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a record longer than 2^14 + 2048, or that opens to more than 2^14"},
    {ALERT_DECOMPRESSION_FAILURE, F, SSL3, T12, ALERT_DECOMPRESSION_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a record that does not expand, or expands to more than 2^14"},
    {ALERT_HANDSHAKE_FAILURE, F, SSL3, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "no common suite; a required client certificate is missing; a broken binding of a renegotiation"},
    {ALERT_NO_CERTIFICATE, W, SSL3, SSL3, ALERT_NO_CERTIFICATE, RAISED_BY_CLIENT, "RFC 6101 5.6.6", "SSL 3.0: a client that is asked and has no certificate"},
    {ALERT_BAD_CERTIFICATE, F, SSL3, T13, ALERT_BAD_CERTIFICATE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a certificate that cannot be read, or whose issuer's signature does not verify"},
    {ALERT_UNSUPPORTED_CERTIFICATE, F, SSL3, T13, ALERT_UNSUPPORTED_CERTIFICATE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a certificate that may not be used for this"},
    {ALERT_CERTIFICATE_REVOKED, F, SSL3, T13, ALERT_CERTIFICATE_REVOKED, RAISED_BY_CLIENT, "RFC 5246 7.2.2", "a stapled response says that the certificate is revoked"},
    {ALERT_CERTIFICATE_EXPIRED, F, SSL3, T13, ALERT_CERTIFICATE_EXPIRED, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a certificate outside its validity"},
    {ALERT_CERTIFICATE_UNKNOWN, F, SSL3, T13, ALERT_CERTIFICATE_UNKNOWN, RAISED_BY_BOTH, "RFC 5246 7.2.2", "another reason not to accept a certificate: the name does not match"},
    {ALERT_ILLEGAL_PARAMETER, F, SSL3, T13, ALERT_ILLEGAL_PARAMETER, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a value that was not offered, or that contradicts another"},
    {ALERT_UNKNOWN_CA, F, T10, T13, ALERT_CERTIFICATE_UNKNOWN, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a chain that ends in no CA of the list"},
    {ALERT_ACCESS_DENIED, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_SERVER, "RFC 5246 7.2.2", "check 5 refuses, and the server refuses by alert"},
    {ALERT_DECODE_ERROR, F, T10, T13, ALERT_ILLEGAL_PARAMETER, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a message whose lengths do not add up"},
    {ALERT_DECRYPT_ERROR, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "Finished or a signature of the handshake does not verify"},
    {ALERT_EXPORT_RESTRICTION, F, T10, VERSION_TLS_1_0, ALERT_HANDSHAKE_FAILURE, RAISED_BY_CLIENT, "RFC 2246 7.2.2", "a temporary RSA key of more than 512 bits for an export suite"},
    {ALERT_PROTOCOL_VERSION, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "no common version; a record of another version"},
    {ALERT_INSUFFICIENT_SECURITY, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 7919 3, 4", "a finite field of less than 768 bits; none that the client names, and no other suite"},
    {ALERT_INTERNAL_ERROR, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a failure of our own: a key that does not fit what it shall do"},
    {ALERT_USER_CANCELED, W, T10, T13, ALERT_CLOSE_NOTIFY, RAISED_BY_NOBODY, "RFC 5246 7.2.2", "a user who stops at the warning is told by the certificate's own alert"},
    {ALERT_NO_RENEGOTIATION, W, T10, T12, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 5246 7.2.2", "a new handshake is asked for and not wanted"},
    {ALERT_UNSUPPORTED_EXTENSION, F, T10, T13, ALERT_ILLEGAL_PARAMETER, RAISED_BY_BOTH, "RFC 5246 7.4.1.4, RFC 8446 4.2", "an extension in an answer that was not offered"},
    {ALERT_UNRECOGNIZED_NAME, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_SERVER, "RFC 6066 3", "a name that no certificate is for, where the server refuses unknown names"},
    {ALERT_INAPPROPRIATE_FALLBACK, F, SSL3, T13, ALERT_INAPPROPRIATE_FALLBACK, RAISED_BY_SERVER, "RFC 7507 3", "TLS_FALLBACK_SCSV in a hello for a version below the server's highest, be it SSL 3.0"},
    {ALERT_MISSING_EXTENSION, F, T13, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_BOTH, "RFC 8446 9.2", "a message of TLS 1.3 without an extension that it needs"},
    {ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, F, T10, T13, ALERT_BAD_CERTIFICATE, RAISED_BY_CLIENT, "RFC 6066 8", "a stapled response that is none, or does not say good"},
    {ALERT_UNKNOWN_PSK_IDENTITY, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_SERVER, "RFC 4279 2, RFC 8446 6.2", "a pre-shared key that the server does not have; in TLS 1.3 it goes on without"},
    {ALERT_CERTIFICATE_REQUIRED, F, T13, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_SERVER, "RFC 8446 4.4.2.4", "a required client certificate is missing"},
    {ALERT_NO_APPLICATION_PROTOCOL, F, T10, T13, ALERT_HANDSHAKE_FAILURE, RAISED_BY_SERVER, "RFC 7301 3.2", "no protocol in common with the client's ALPN"},
};
#undef W
#undef F
#undef SSL3
#undef T10
#undef T12
#undef T13
/* clang-format on */

const AlertRow *alerts_table(size_t *count)
{
    *count = G_N_ELEMENTS(rows);
    return rows;
}

const AlertRow *alert_find(AlertDescription alert)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].alert == alert)
            return &rows[i];
    return NULL;
}

AlertDescription alert_for_version(AlertDescription alert, ProtocolVersion version)
{
    const AlertRow *row = alert_find(alert);
    return row == NULL || version != VERSION_SSL_3_0 ? alert : row->in_ssl3;
}
