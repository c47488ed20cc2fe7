/* The cipher suites, as rows.
 *
 * Which versions carry a suite follows the RFCs, with one exception: AES belongs to TLS 1.0 and
 * later (RFC 3268), but every stack of the time offered it in SSL 3.0 as well, so it may be had
 * there. Export suites end with TLS 1.0 (RFC 4346 A.5: must not be negotiated), single DES with TLS
 * 1.1 (RFC 5246 A.5 drops it, RFC 5469), the suites of SHA-256 need TLS 1.2 (RFC 5246 A.5).
 *
 * RC2 with 40 bits: RFC 2246 C gives 5 bytes of material, 16 of expanded key, 40 "effective key
 * bits". The last number says how much entropy the key has; it is not RC2's own parameter of that
 * name (RFC 2268 2), which deployed stacks leave at the 128 bits of the final key.
 *
 * This file computes nothing.
 */
#include "core/crypto/suite.h"

#include <glib.h>

#define SSL_3_0_ON VERSION_SSL_3_0, VERSION_TLS_1_2
#define TO_TLS_1_1 VERSION_SSL_3_0, VERSION_TLS_1_1
#define TO_TLS_1_0 VERSION_SSL_3_0, VERSION_TLS_1_0
#define TLS_1_2 VERSION_TLS_1_2, VERSION_TLS_1_2

/* number, IANA's name, OpenSSL's name, key exchange, cipher, MAC, PRF hash of TLS 1.2, bytes of key
 * material, of key, of block, export, first and last version */
/* clang-format off */
static const Suite suites[] = {
    {0x0001, "TLS_RSA_WITH_NULL_MD5", "NULL-MD5",
     KEY_EXCHANGE_RSA, CIPHER_NULL, HASH_MD5, HASH_SHA256, 0, 0, 0, false, SSL_3_0_ON},
    {0x0002, "TLS_RSA_WITH_NULL_SHA", "NULL-SHA",
     KEY_EXCHANGE_RSA, CIPHER_NULL, HASH_SHA1, HASH_SHA256, 0, 0, 0, false, SSL_3_0_ON},
    {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "EXP-RC4-MD5",
     KEY_EXCHANGE_RSA_EXPORT, CIPHER_RC4, HASH_MD5, HASH_SHA256, 5, 16, 0, true, TO_TLS_1_0},
    {0x0004, "TLS_RSA_WITH_RC4_128_MD5", "RC4-MD5",
     KEY_EXCHANGE_RSA, CIPHER_RC4, HASH_MD5, HASH_SHA256, 16, 16, 0, false, SSL_3_0_ON},
    {0x0005, "TLS_RSA_WITH_RC4_128_SHA", "RC4-SHA",
     KEY_EXCHANGE_RSA, CIPHER_RC4, HASH_SHA1, HASH_SHA256, 16, 16, 0, false, SSL_3_0_ON},
    {0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", "EXP-RC2-CBC-MD5",
     KEY_EXCHANGE_RSA_EXPORT, CIPHER_RC2_CBC, HASH_MD5, HASH_SHA256, 5, 16, 8, true, TO_TLS_1_0},
    {0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", "EXP-DES-CBC-SHA",
     KEY_EXCHANGE_RSA_EXPORT, CIPHER_DES_CBC, HASH_SHA1, HASH_SHA256, 5, 8, 8, true, TO_TLS_1_0},
    {0x0009, "TLS_RSA_WITH_DES_CBC_SHA", "DES-CBC-SHA",
     KEY_EXCHANGE_RSA, CIPHER_DES_CBC, HASH_SHA1, HASH_SHA256, 8, 8, 8, false, TO_TLS_1_1},
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA",
     KEY_EXCHANGE_RSA, CIPHER_3DES_EDE_CBC, HASH_SHA1, HASH_SHA256, 24, 24, 8, false, SSL_3_0_ON},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA",
     KEY_EXCHANGE_RSA, CIPHER_AES_128_CBC, HASH_SHA1, HASH_SHA256, 16, 16, 16, false, SSL_3_0_ON},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA",
     KEY_EXCHANGE_RSA, CIPHER_AES_256_CBC, HASH_SHA1, HASH_SHA256, 32, 32, 16, false, SSL_3_0_ON},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256",
     KEY_EXCHANGE_RSA, CIPHER_AES_128_CBC, HASH_SHA256, HASH_SHA256, 16, 16, 16, false, TLS_1_2},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256",
     KEY_EXCHANGE_RSA, CIPHER_AES_256_CBC, HASH_SHA256, HASH_SHA256, 32, 32, 16, false, TLS_1_2},
};
/* clang-format on */

/* clang-format off */
static const CipherRow ciphers[CIPHER_KINDS] = {
    /* name, mode, bytes of key, of block, of tag, nonce in TLS 1.2 */
    [CIPHER_NULL]              = {"NULL", CIPHER_MODE_STREAM, 0, 0, 0, NONCE_NONE, NULL},
    [CIPHER_RC4]               = {"RC4", CIPHER_MODE_STREAM, 16, 0, 0, NONCE_NONE, NULL},
    [CIPHER_RC2_CBC]           = {"RC2-CBC", CIPHER_MODE_CBC, 16, 8, 0, NONCE_NONE, NULL},
    [CIPHER_DES_CBC]           = {"DES-CBC", CIPHER_MODE_CBC, 8, 8, 0, NONCE_NONE, NULL},
    [CIPHER_3DES_EDE_CBC]      = {"3DES-EDE-CBC", CIPHER_MODE_CBC, 24, 8, 0, NONCE_NONE, NULL},
    [CIPHER_AES_128_CBC]       = {"AES-128-CBC", CIPHER_MODE_CBC, 16, 16, 0, NONCE_NONE, NULL},
    [CIPHER_AES_256_CBC]       = {"AES-256-CBC", CIPHER_MODE_CBC, 32, 16, 0, NONCE_NONE, NULL},
    [CIPHER_CAMELLIA_128_CBC]  = {"CAMELLIA-128-CBC", CIPHER_MODE_CBC, 16, 16, 0, NONCE_NONE, NULL},
    [CIPHER_CAMELLIA_256_CBC]  = {"CAMELLIA-256-CBC", CIPHER_MODE_CBC, 32, 16, 0, NONCE_NONE, NULL},
    [CIPHER_SEED_CBC]          = {"SEED-CBC", CIPHER_MODE_CBC, 16, 16, 0, NONCE_NONE, NULL},
    [CIPHER_IDEA_CBC]          = {"IDEA-CBC", CIPHER_MODE_CBC, 16, 8, 0, NONCE_NONE, "libcrypto of Debian is built without IDEA"},
    [CIPHER_AES_128_GCM]       = {"AES-128-GCM", CIPHER_MODE_AEAD, 16, 0, 16, NONCE_EXPLICIT, NULL},
    [CIPHER_AES_256_GCM]       = {"AES-256-GCM", CIPHER_MODE_AEAD, 32, 0, 16, NONCE_EXPLICIT, NULL},
    [CIPHER_AES_128_CCM]       = {"AES-128-CCM", CIPHER_MODE_AEAD, 16, 0, 16, NONCE_EXPLICIT, NULL},
    [CIPHER_AES_256_CCM]       = {"AES-256-CCM", CIPHER_MODE_AEAD, 32, 0, 16, NONCE_EXPLICIT, NULL},
    [CIPHER_AES_128_CCM_8]     = {"AES-128-CCM-8", CIPHER_MODE_AEAD, 16, 0, 8, NONCE_EXPLICIT, NULL},
    [CIPHER_AES_256_CCM_8]     = {"AES-256-CCM-8", CIPHER_MODE_AEAD, 32, 0, 8, NONCE_EXPLICIT, NULL},
    [CIPHER_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", CIPHER_MODE_AEAD, 32, 0, 16, NONCE_XOR, NULL},
    [CIPHER_ARIA_128_GCM]      = {"ARIA-128-GCM", CIPHER_MODE_AEAD, 16, 0, 16, NONCE_EXPLICIT, NULL},
    [CIPHER_ARIA_256_GCM]      = {"ARIA-256-GCM", CIPHER_MODE_AEAD, 32, 0, 16, NONCE_EXPLICIT, NULL},
};
/* clang-format on */

const CipherRow *cipher_row(CipherKind kind)
{
    return &ciphers[kind];
}

const Suite *suite_find(SuiteNumber number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++)
        if (suites[i].number == number)
            return &suites[i];
    return NULL;
}

static const Suite *suite_by_digits(const char *digits)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(digits, 16, 0, 0xffffff, &number, NULL))
        return NULL;
    return suite_find((SuiteNumber)number);
}

const Suite *suite_by_name(const char *name)
{
    if (g_ascii_strncasecmp(name, "0x", 2) == 0)
        return suite_by_digits(name + 2);
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++)
        if (g_ascii_strcasecmp(suites[i].name, name) == 0 ||
            g_ascii_strcasecmp(suites[i].openssl, name) == 0)
            return &suites[i];
    return NULL;
}

size_t suite_count(void)
{
    return G_N_ELEMENTS(suites);
}

const Suite *suite_at(size_t index)
{
    return &suites[index];
}

bool suite_fits(const Suite *suite, ProtocolVersion version)
{
    return version >= suite->first && version <= suite->last;
}
