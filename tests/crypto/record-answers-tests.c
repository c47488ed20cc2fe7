/* Records set against a second way of making them.
 *
 * Each record is made here once more from the RFC's words, by libcrypto's high-level calls
 * (EVP_MAC, EVP_Digest, a new cipher context) that core/crypto does not use for it, and both must
 * be the same bytes: TLS 1.2 with explicit IV, TLS 1.0 with an IV chained over two records,
 * SSL 3.0's MAC with RC4. A published record protected by SSL 3.0 is not to be had; this is the
 * next best judge.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <string.h>

#include "core/crypto/protection.h"
#include "tests/crypto/crypto-tests.h"

static const uint8_t mac_secret[20] = "twenty bytes secret";
static const uint8_t key[24] = "twenty-four bytes of key";
static const uint8_t iv[8] = "eight iv";

static GByteArray *sealed(const char *suite, ProtocolVersion version, size_t records,
                          const char *text)
{
    const Suite *row = suite_by_name(suite);
    GByteArray *output = g_byte_array_new();
    g_autoptr(Random) random = random_new(1, "client");
    const ProtectionKeys keys = {
        .version = version_find(version),
        .suite = row,
        .mac_secret = bytes_make(mac_secret, hash_size(row->mac)),
        .key = bytes_make(key, row->key_size),
        .iv = bytes_make(iv, row->block_size == 8 ? 8 : 0),
    };
    g_autoptr(Protection) protection = protection_new(&keys, random, NULL, NULL);
    ck_assert_ptr_nonnull(protection);
    for (size_t i = 0; i < records; i++) {
        g_byte_array_set_size(output, 0);
        ck_assert(protection_seal(protection, CONTENT_APPLICATION_DATA, version,
                                  bytes_from_text(text), 0, output, NULL));
    }
    return output;
}

/* text + HMAC-SHA1 (seq, type, version, length, text) + padding; returns its size. */
static size_t tls_body(uint8_t sequence, ProtocolVersion version, const char *text, size_t block,
                       uint8_t *body)
{
    uint8_t covered[200] = {0, 0, 0, 0, 0, 0, 0, sequence, 23, version >> 8, (uint8_t)version};
    size_t size = strlen(text);
    covered[12] = (uint8_t)size;
    memcpy(covered + 13, text, size);
    memcpy(body, text, size);
    HMAC(EVP_sha1(), mac_secret, 20, covered, 13 + size, body + size, NULL);
    size += 20;
    for (uint8_t padding = (uint8_t)(block - size % block), i = padding; i > 0; i--)
        body[size++] = padding - 1;
    return size;
}

static size_t encrypt(const EVP_CIPHER *cipher, const uint8_t *start, const uint8_t *body,
                      size_t size, uint8_t *output)
{
    int written = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    ck_assert_int_eq(EVP_EncryptInit_ex(context, cipher, NULL, key, start), 1);
    EVP_CIPHER_CTX_set_padding(context, 0);
    ck_assert_int_eq(EVP_EncryptUpdate(context, output, &written, body, (int)size), 1);
    EVP_CIPHER_CTX_free(context);
    return (size_t)written;
}

START_TEST(tls12_aes128_sha)
{
    uint8_t body[200], expected[200];
    g_autoptr(GByteArray) got = sealed("AES128-SHA", VERSION_TLS_1_2, 2, "GET / HTTP/1.0");
    size_t size = tls_body(1, VERSION_TLS_1_2, "GET / HTTP/1.0", 16, body);
    memcpy(expected, got->data, 16); /* the explicit IV is drawn */
    size = encrypt(EVP_aes_128_cbc(), expected, body, size, expected + 16) + 16;
    assert_bytes(bytes_from_array(got), bytes_make(expected, size), "TLS 1.2 AES128-SHA");
}
END_TEST

START_TEST(tls10_3des_is_chained)
{
    uint8_t bodies[400], expected[400];
    g_autoptr(GByteArray) got = sealed("DES-CBC3-SHA", VERSION_TLS_1_0, 2, "chained");
    size_t one = tls_body(0, VERSION_TLS_1_0, "chained", 8, bodies);
    size_t two = tls_body(1, VERSION_TLS_1_0, "chained", 8, bodies + one);
    encrypt(EVP_des_ede3_cbc(), iv, bodies, one, expected);
    encrypt(EVP_des_ede3_cbc(), expected + one - 8, bodies + one, two, expected + one);
    assert_bytes(bytes_from_array(got), bytes_make(expected + one, two), "TLS 1.0 3DES, record 2");
}
END_TEST

/* RFC 6101 5.2.3.1, spelled out. */
START_TEST(ssl3_rc4_md5)
{
    uint8_t inner[200], outer[16 + 48 + 16], body[200], expected[200];
    const char *text = "export me";
    size_t size = strlen(text);
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    OSSL_PROVIDER *standard = OSSL_PROVIDER_load(NULL, "default");
    memcpy(inner, mac_secret, 16);
    memset(inner + 16, 0x36, 48);
    memset(inner + 64, 0, 8);
    memcpy(inner + 72, (const uint8_t[]){23, 0, (uint8_t)size}, 3);
    memcpy(inner + 75, text, size);
    memcpy(outer, mac_secret, 16);
    memset(outer + 16, 0x5c, 48);
    EVP_Digest(inner, 75 + size, outer + 64, NULL, EVP_md5(), NULL);
    memcpy(body, text, size);
    EVP_Digest(outer, sizeof outer, body + size, NULL, EVP_md5(), NULL);
    size = encrypt(EVP_rc4(), NULL, body, size + 16, expected);
    g_autoptr(GByteArray) got = sealed("RC4-MD5", VERSION_SSL_3_0, 1, text);
    assert_bytes(bytes_from_array(got), bytes_make(expected, size), "SSL 3.0 RC4-MD5");
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(standard);
}
END_TEST

TCase *record_answers_tests(void)
{
    TCase *tests = tcase_create("record-answers");
    tcase_add_test(tests, tls12_aes128_sha);
    tcase_add_test(tests, tls10_3des_is_chained);
    tcase_add_test(tests, ssl3_rc4_md5);
    return tests;
}
