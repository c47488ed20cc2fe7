/* Object identifiers of certificates, and the identifier of a key.
 *
 * One table serves those who read and those who mint. The two old purposes by which browsers of the
 * export years were allowed strong suites with certain servers (Server Gated Cryptography) count as
 * server authentication, as every stack of the time took them.
 *
 * This file judges nothing. Sources: RFC 5280 4.2.1.2 and 4.2.1.12, RFC 6960 4.2.2.2.
 */
#include "core/crypto/certificate-parts.h"

#include "core/crypto/der.h"
#include "core/crypto/digest.h"

/* clang-format off */
const Purpose purposes[] = {
    {"serverAuth", PURPOSE_SERVER, 8, {0x2b, 6, 1, 5, 5, 7, 3, 1}},
    {"clientAuth", PURPOSE_CLIENT, 8, {0x2b, 6, 1, 5, 5, 7, 3, 2}},
    {"codeSigning", PURPOSE_CODE, 8, {0x2b, 6, 1, 5, 5, 7, 3, 3}},
    {"OCSPSigning", PURPOSE_OCSP, 8, {0x2b, 6, 1, 5, 5, 7, 3, 9}},
    {"nsSGC", PURPOSE_SERVER, 9, {0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1}},
    {"msSGC", PURPOSE_SERVER, 10, {0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3}},
};
/* clang-format on */
const size_t purpose_count = G_N_ELEMENTS(purposes);

const uint8_t oid_tls_feature[8] = {0x2b, 6, 1, 5, 5, 7, 1, 24};

void key_identifier(const PublicKey *key, HashKind hash, uint8_t *output)
{
    g_autoptr(GByteArray) info = g_byte_array_new();
    public_key_put_info(key, info);
    Bytes at = bytes_from_array(info), algorithm, bits = BYTES_NONE;
    bool taken = der_take(&at, DER_SEQUENCE, &at) && der_take(&at, DER_SEQUENCE, &algorithm) &&
                 der_take_bits(&at, &bits);
    g_assert(taken);
    digest(hash, &bits, 1, output);
}
