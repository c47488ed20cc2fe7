/* The versions of SSL and TLS that the laboratory speaks, as rows.
 *
 * What differs between them besides the order of messages stands in a table, so that no other file
 * compares version numbers to find out how something is computed.
 *
 * Sources: draft-hickman-netscape-ssl (SSL 2.0), RFC 6101 (SSL 3.0), RFC 2246 (TLS 1.0), RFC 4346
 * (TLS 1.1), RFC 5246 (TLS 1.2), RFC 8446 (TLS 1.3).
 */
#include "core/crypto/version.h"

#include <glib.h>

enum { FINISHED_SSL3 = 36, FINISHED_TLS = 12 }; /* RFC 6101 5.6.9; RFC 5246 7.4.9 */

/* clang-format off */
static const Version versions[] = {
    {VERSION_SSL_2_0, "SSL 2.0", "draft-hickman-netscape-ssl", PRF_SSL2, MAC_SSL2,
     IV_CHAINED, PADDING_SSL2, VERIFY_SSL2, 0},
    {VERSION_SSL_3_0, "SSL 3.0", "RFC 6101", PRF_SSL3, MAC_SSL3,
     IV_CHAINED, PADDING_SSL3, VERIFY_SSL3, FINISHED_SSL3},
    {VERSION_TLS_1_0, "TLS 1.0", "RFC 2246", PRF_MD5_SHA1, MAC_HMAC,
     IV_CHAINED, PADDING_TLS, VERIFY_MD5_SHA1, FINISHED_TLS},
    {VERSION_TLS_1_1, "TLS 1.1", "RFC 4346", PRF_MD5_SHA1, MAC_HMAC,
     IV_EXPLICIT, PADDING_TLS, VERIFY_MD5_SHA1, FINISHED_TLS},
    {VERSION_TLS_1_2, "TLS 1.2", "RFC 5246", PRF_SUITE, MAC_HMAC,
     IV_EXPLICIT, PADDING_TLS, VERIFY_SCHEME, FINISHED_TLS},
    {VERSION_TLS_1_3, "TLS 1.3", "RFC 8446", PRF_HKDF, MAC_AEAD,
     IV_COUNTED, PADDING_ZERO, VERIFY_SCHEME, 0},
};
/* clang-format on */

const Version *version_find(ProtocolVersion number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (versions[i].number == number)
            return &versions[i];
    return NULL;
}

size_t version_count(void)
{
    return G_N_ELEMENTS(versions);
}

const Version *version_at(size_t index)
{
    return &versions[index];
}
