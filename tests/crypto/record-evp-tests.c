/* Records of every suite in every version, made a second time.
 *
 * A straightforward sealer over EVP and HMAC stands here, written from the RFCs and sharing nothing
 * with core/crypto but the rows: for each pair of version and suite, and for CBC with and without
 * encrypt-then-MAC, three records of ours must be its bytes, and its records must open. TLS 1.3 is
 * also set against the records of RFC 8448.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <string.h>

#include "core/crypto/protection.h"
#include "tests/crypto/crypto-tests.h"

static const uint8_t mac_secret[64] =
    "a secret for macs, long enough for SHA-384 and some more of it";
static const uint8_t key[32] = "thirty-two bytes are a long key.";
static const uint8_t iv[16] = "sixteen bytes iv";

static OSSL_LIB_CTX *theirs(void)
{
    static OSSL_LIB_CTX *context;
    if (context == NULL) {
        context = OSSL_LIB_CTX_new();
        OSSL_PROVIDER_load(context, "legacy");
        OSSL_PROVIDER_load(context, "default");
    }
    return context;
}

static const char *const names[CIPHER_KINDS] = {
    [CIPHER_RC4] = "RC4",
    [CIPHER_RC2_CBC] = "RC2-CBC",
    [CIPHER_DES_CBC] = "DES-CBC",
    [CIPHER_3DES_EDE_CBC] = "DES-EDE3-CBC",
    [CIPHER_AES_128_CBC] = "AES-128-CBC",
    [CIPHER_AES_256_CBC] = "AES-256-CBC",
    [CIPHER_CAMELLIA_128_CBC] = "CAMELLIA-128-CBC",
    [CIPHER_CAMELLIA_256_CBC] = "CAMELLIA-256-CBC",
    [CIPHER_SEED_CBC] = "SEED-CBC",
    [CIPHER_AES_128_GCM] = "AES-128-GCM",
    [CIPHER_AES_256_GCM] = "AES-256-GCM",
    [CIPHER_AES_128_CCM] = "AES-128-CCM",
    [CIPHER_AES_256_CCM] = "AES-256-CCM",
    [CIPHER_AES_128_CCM_8] = "AES-128-CCM",
    [CIPHER_AES_256_CCM_8] = "AES-256-CCM",
    [CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
    [CIPHER_ARIA_128_GCM] = "ARIA-128-GCM",
    [CIPHER_ARIA_256_GCM] = "ARIA-256-GCM",
};

/* The second maker's state. */
typedef struct {
    ProtocolVersion version;
    const Suite *suite;
    bool etm;
    uint8_t sequence;
    EVP_CIPHER_CTX *context; /* CBC and stream: goes on from record to record */
} Maker;

static size_t tag_bytes(const Maker *maker)
{
    return strstr(maker->suite->name, "CCM_8") != NULL ? 8 : 16;
}

static bool is_aead(const Maker *maker)
{
    return strstr(names[maker->suite->cipher] ? names[maker->suite->cipher] : "", "GCM") != NULL ||
           strstr(maker->suite->name, "CCM") != NULL ||
           strstr(maker->suite->name, "CHACHA") != NULL;
}

static const EVP_MD *md_of(HashKind hash)
{
    switch (hash_size(hash)) {
    case 16:
        return EVP_md5();
    case 20:
        return EVP_sha1();
    case 32:
        return EVP_sha256();
    }
    return EVP_sha384();
}

/* RFC 6101 5.2.3.1, or HMAC (RFC 5246 6.2.3.1); returns its size. */
static size_t mac_by_hand(const Maker *maker, const uint8_t *data, size_t size, uint8_t *output)
{
    size_t mac_size = hash_size(maker->suite->mac), at = 0;
    uint8_t input[600], outer[200], header[13] = {0};
    header[7] = maker->sequence;
    header[8] = 23;
    if (maker->version != VERSION_SSL_3_0) {
        header[9] = (uint8_t)(maker->version >> 8);
        header[10] = (uint8_t)maker->version;
        at = 2;
    }
    header[9 + at] = (uint8_t)(size >> 8);
    header[10 + at] = (uint8_t)size;
    if (maker->version != VERSION_SSL_3_0) {
        memcpy(input, header, 13);
        memcpy(input + 13, data, size);
        HMAC(md_of(maker->suite->mac), mac_secret, (int)mac_size, input, 13 + size, output, NULL);
        return mac_size;
    }
    size_t pad = mac_size == 16 ? 48 : 40;
    memcpy(input, mac_secret, mac_size);
    memset(input + mac_size, 0x36, pad);
    memcpy(input + mac_size + pad, header, 11);
    memcpy(input + mac_size + pad + 11, data, size);
    memcpy(outer, mac_secret, mac_size);
    memset(outer + mac_size, 0x5c, pad);
    EVP_Digest(input, mac_size + pad + 11 + size, outer + mac_size + pad, NULL,
               md_of(maker->suite->mac), NULL);
    EVP_Digest(outer, mac_size + pad + mac_size, output, NULL, md_of(maker->suite->mac), NULL);
    return mac_size;
}

static void encrypt(Maker *maker, const uint8_t *start, uint8_t *body, size_t size)
{
    int written = 0;
    if (maker->suite->cipher == CIPHER_NULL)
        return;
    if (maker->context == NULL) {
        EVP_CIPHER *cipher = EVP_CIPHER_fetch(theirs(), names[maker->suite->cipher], NULL);
        ck_assert_ptr_nonnull(cipher);
        maker->context = EVP_CIPHER_CTX_new();
        ck_assert_int_eq(EVP_EncryptInit_ex2(maker->context, cipher, key, iv, NULL), 1);
        EVP_CIPHER_CTX_set_padding(maker->context, 0);
        EVP_CIPHER_free(cipher);
    }
    if (start != NULL)
        EVP_EncryptInit_ex2(maker->context, NULL, NULL, start, NULL);
    ck_assert_int_eq(EVP_EncryptUpdate(maker->context, body, &written, body, (int)size), 1);
    ck_assert_int_eq(written, (int)size);
}

/* Explicit IVs and SSL 3.0's padding are pinned to 0x77. */
static size_t cbc_or_stream(Maker *maker, const uint8_t *data, size_t size, uint8_t *output)
{
    size_t block = maker->suite->block_size;
    size_t start = maker->version >= VERSION_TLS_1_1 ? block : 0;
    uint8_t *body = output + start;
    memset(output, 0x77, start);
    memcpy(body, data, size);
    if (!maker->etm)
        size += mac_by_hand(maker, data, size, body + size);
    if (block > 0) {
        size_t padding = block - size % block;
        memset(body + size, maker->version == VERSION_SSL_3_0 ? 0x77 : (int)padding - 1, padding);
        size += padding;
        body[size - 1] = (uint8_t)(padding - 1);
    }
    encrypt(maker, start > 0 ? output : NULL, body, size);
    size += start;
    return maker->etm ? size + mac_by_hand(maker, output, size, output + size) : size;
}

static void aead_by_evp(const Maker *maker, const uint8_t *nonce, Bytes additional, uint8_t *body,
                        size_t size)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(theirs(), names[maker->suite->cipher], NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ccm = EVP_CIPHER_get_mode(cipher) == EVP_CIPH_CCM_MODE;
    int written = 0, tag = (int)tag_bytes(maker);
    EVP_EncryptInit_ex2(context, cipher, NULL, NULL, NULL);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
    if (ccm)
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, NULL);
    ck_assert_int_eq(EVP_EncryptInit_ex2(context, NULL, key, nonce, NULL), 1);
    if (ccm)
        EVP_EncryptUpdate(context, NULL, &written, NULL, (int)size);
    EVP_EncryptUpdate(context, NULL, &written, additional.data, (int)additional.size);
    ck_assert_int_eq(EVP_EncryptUpdate(context, body, &written, body, (int)size), 1);
    ck_assert_int_eq(EVP_EncryptFinal_ex(context, body + size, &written), 1);
    ck_assert_int_eq(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag, body + size), 1);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
}

/* RFC 5246 6.2.3.3 with RFC 5288 3 or RFC 7905 2; RFC 8446 5.2 with three zeros of padding. */
static size_t aead_by_hand(Maker *maker, const uint8_t *data, size_t size, uint8_t *output)
{
    uint8_t nonce[12], seq = maker->sequence;
    bool new = maker->version == VERSION_TLS_1_3;
    bool sent = !new && maker->suite->cipher != CIPHER_CHACHA20_POLY1305;
    uint8_t additional[13] = {
        0, 0, 0, 0, 0, 0, 0, seq, 23, 3, 3, (uint8_t)(size >> 8), (uint8_t)size};
    size_t head = sent ? 8 : 0;
    memcpy(nonce, iv, 12);
    if (sent) {
        memset(nonce + 4, 0, 8);
        nonce[11] = seq;
        memcpy(output, nonce + 4, 8);
    } else {
        nonce[11] ^= seq;
    }
    memcpy(output + head, data, size);
    if (!new) {
        aead_by_evp(maker, nonce, BYTES_ARRAY(additional), output + head, size);
        return head + size + tag_bytes(maker);
    }
    memcpy(output + size, "\x17\0\0\0", 4);
    size += 4;
    const uint8_t header[5] = {23, 3, 3, (uint8_t)((size + tag_bytes(maker)) >> 8),
                               (uint8_t)(size + tag_bytes(maker))};
    aead_by_evp(maker, nonce, BYTES_ARRAY(header), output, size);
    return size + tag_bytes(maker);
}

static size_t iv_bytes(const Maker *maker)
{
    if (!is_aead(maker))
        return maker->version <= VERSION_TLS_1_0 ? maker->suite->block_size : 0;
    bool whole =
        maker->version == VERSION_TLS_1_3 || maker->suite->cipher == CIPHER_CHACHA20_POLY1305;
    return whole ? 12 : 4;
}

static void compare(const Version *version, const Suite *suite, bool etm)
{
    static const char *const texts[] = {"the first record", "",
                                        "and a third one of another length"};
    Maker maker = {.version = version->number, .suite = suite, .etm = etm};
    const ProtectionKeys keys = {
        .version = version,
        .suite = suite,
        .mac_secret = bytes_make(mac_secret, hash_size(suite->mac)),
        .key = bytes_make(key, suite->key_size),
        .iv = bytes_make(iv, iv_bytes(&maker)),
        .encrypt_then_mac = etm,
    };
    g_autoptr(Random) random = random_new(1, "client");
    random_pin(random, "record_iv", hex("77"));
    random_pin(random, "record_padding", hex("77"));
    g_autoptr(Protection) sealer = protection_new(&keys, random, NULL, NULL);
    g_autoptr(Protection) opener = protection_new(&keys, random, NULL, NULL);
    ck_assert_msg(sealer != NULL && opener != NULL, "%s %s", version->name, suite->name);
    ProtocolVersion wire = MIN(version->number, VERSION_TLS_1_2); /* RFC 8446 5.1 */
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++, maker.sequence++) {
        uint8_t expected[600];
        g_autoptr(GByteArray) got = g_byte_array_new();
        g_autoptr(GByteArray) opened = g_byte_array_new();
        const uint8_t *text = (const uint8_t *)texts[i];
        size_t size = is_aead(&maker) ? aead_by_hand(&maker, text, strlen(texts[i]), expected)
                                      : cbc_or_stream(&maker, text, strlen(texts[i]), expected);
        ck_assert(protection_seal(sealer, CONTENT_APPLICATION_DATA, wire, bytes_from_text(texts[i]),
                                  version->number == VERSION_TLS_1_3 ? 3 : 0, got, NULL));
        assert_bytes(bytes_from_array(got), bytes_make(expected, size), suite->name);
        ContentType type = protection_outer_type(opener, CONTENT_APPLICATION_DATA);
        ck_assert(protection_open(opener, &type, wire, bytes_make(expected, size), opened, NULL));
        ck_assert_int_eq(type, CONTENT_APPLICATION_DATA);
        assert_bytes(bytes_from_array(opened), bytes_from_text(texts[i]), suite->name);
    }
    EVP_CIPHER_CTX_free(maker.context);
}

START_TEST(every_suite_makes_the_same_records)
{
    size_t compared = 0;
    for (size_t i = 0; i < suite_count(); i++)
        for (size_t j = 0; j < version_count(); j++) {
            const Suite *suite = suite_at(i);
            const Version *version = version_at(j);
            if (version->number == VERSION_SSL_2_0 || !suite_fits(suite, version->number))
                continue;
            compare(version, suite, false);
            compared++;
            if (suite->block_size == 0)
                continue;
            compare(version, suite, true);
            compared++;
        }
    ck_assert_uint_eq(compared, 440);
}
END_TEST

START_TEST(rfc8448_records)
{
    g_autoptr(GPtrArray) vectors = vectors_read("rfc8448.txt");
    size_t count = 0;
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        if (!g_str_has_prefix(vector->title, "record"))
            continue;
        const ProtectionKeys keys = {
            .version = version_find(VERSION_TLS_1_3),
            .suite = suite_find(0x1301),
            .key = vector_bytes(vector, "key"),
            .iv = vector_bytes(vector, "iv"),
        };
        Bytes record = vector_bytes(vector, "record"), payload = vector_bytes(vector, "payload");
        ContentType type = (ContentType)g_ascii_strtoull(vector_text(vector, "type"), NULL, 10);
        guint64 before = g_ascii_strtoull(vector_text(vector, "sequence"), NULL, 10);
        g_autoptr(Random) random = random_new(1, "client");
        g_autoptr(Protection) sealer = protection_new(&keys, random, NULL, NULL);
        g_autoptr(GByteArray) sealed = g_byte_array_new();
        for (guint64 n = 0; n <= before; n++) {
            g_byte_array_set_size(sealed, 0);
            ck_assert(protection_seal(sealer, type, VERSION_TLS_1_2, payload, 0, sealed, NULL));
        }
        assert_bytes(bytes_from_array(sealed), bytes_slice(record, 5, record.size), vector->title);
        count++;
    }
    ck_assert_uint_eq(count, 27);
}
END_TEST

TCase *record_evp_tests(void)
{
    TCase *tests = tcase_create("record-evp");
    tcase_add_test(tests, every_suite_makes_the_same_records);
    tcase_add_test(tests, rfc8448_records);
    return tests;
}
