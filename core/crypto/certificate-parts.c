/* Object identifiers of certificates: signature algorithms and purposes.
 *
 * One table serves those who read and those who mint. The two old purposes by which browsers of the
 * export years were allowed strong suites with certain servers (Server Gated Cryptography) count as
 * server authentication, as every stack of the time took them.
 *
 * This file judges nothing. Sources: RFC 3279 2.2.1, RFC 4055 5, RFC 5280 4.2.1.12.
 */
#include "core/crypto/certificate-parts.h"

/* clang-format off */
static const SignatureAlgorithm algorithms[] = {
    {"md5WithRSAEncryption", HASH_MD5, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4}},
    {"sha1WithRSAEncryption", HASH_SHA1, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5}},
    {"sha224WithRSAEncryption", HASH_SHA224, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14}},
    {"sha256WithRSAEncryption", HASH_SHA256, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}},
    {"sha384WithRSAEncryption", HASH_SHA384, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12}},
    {"sha512WithRSAEncryption", HASH_SHA512, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13}},
};

const Purpose purposes[] = {
    {"serverAuth", PURPOSE_SERVER, 8, {0x2b, 6, 1, 5, 5, 7, 3, 1}},
    {"clientAuth", PURPOSE_CLIENT, 8, {0x2b, 6, 1, 5, 5, 7, 3, 2}},
    {"codeSigning", PURPOSE_CODE, 8, {0x2b, 6, 1, 5, 5, 7, 3, 3}},
    {"nsSGC", PURPOSE_SERVER, 9, {0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1}},
    {"msSGC", PURPOSE_SERVER, 10, {0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3}},
};
/* clang-format on */
const size_t purpose_count = G_N_ELEMENTS(purposes);

const SignatureAlgorithm *signature_algorithm_of_hash(HashKind hash)
{
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (algorithms[i].hash == hash)
            return &algorithms[i];
    return NULL;
}

const SignatureAlgorithm *signature_algorithm_of_oid(Bytes oid)
{
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (bytes_equal(oid, BYTES_ARRAY(algorithms[i].oid)))
            return &algorithms[i];
    return NULL;
}
