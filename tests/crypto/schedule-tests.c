/* Tests of the key schedules.
 *
 * Against published answers: the PRFs, an SSL 3.0 master secret, NIST's cases of the extended
 * master secret. Where nobody has published any (the key block's order, SSL 3.0's Finished, export
 * keys) the formula of the RFC is written down a second time here, over one-shot hashes.
 */
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/schedule.h"
#include "tests/crypto/crypto-tests.h"

static const Vector *vector_find(const GPtrArray *vectors, const char *part)
{
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        if (strstr(vector->title, part) != NULL)
            return vector;
    }
    ck_abort_msg("no vector %s", part);
}

START_TEST(prfs_give_the_published_answers)
{
    static const struct {
        const char *title;
        PrfKind prf;
        HashKind hash;
    } cases[] = {
        {"TLS 1.0/1.1 PRF", PRF_MD5_SHA1, HASH_MD5},
        {"P_SHA256", PRF_SUITE, HASH_SHA256},
        {"P_SHA384", PRF_SUITE, HASH_SHA384},
    };
    g_autoptr(GPtrArray) vectors = vectors_read("tls-prf.txt");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Vector *vector = vector_find(vectors, cases[i].title);
        g_autofree char *label = g_strdup(vector_text(vector, "label") + 1);
        label[strlen(label) - 1] = '\0';
        Bytes out = vector_bytes(vector, "out");
        uint8_t output[KEY_BLOCK_MOST];
        prf(cases[i].prf, cases[i].hash, vector_bytes(vector, "secret"), label,
            vector_bytes(vector, "seed"), output, out.size);
        assert_bytes(bytes_make(output, out.size), out, vector->title);
    }
}
END_TEST

START_TEST(ssl3_master_secret_is_the_published_one)
{
    g_autoptr(GPtrArray) vectors = vectors_read("tls-prf.txt");
    const Vector *vector = vector_find(vectors, "SSL 3.0 master secret");
    uint8_t master[MASTER_SECRET_SIZE];
    schedule_master_secret(version_find(VERSION_SSL_3_0), suite_find(0x0004),
                           vector_bytes(vector, "premaster"), vector_bytes(vector, "client_random"),
                           vector_bytes(vector, "server_random"), master);
    assert_bytes(BYTES_ARRAY(master), vector_bytes(vector, "master"), vector->title);
}
END_TEST

START_TEST(extended_master_secrets_are_nists)
{
    static const char *const hashes[HASH_KINDS] = {
        [HASH_SHA256] = "SHA2-256", [HASH_SHA384] = "SHA2-384", [HASH_SHA512] = "SHA2-512"};
    g_autoptr(GPtrArray) vectors = vectors_read("acvp-tls12-rfc7627.txt");
    ck_assert_uint_eq(vectors->len, 14);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        Suite suite = *suite_find(0x003c);
        for (HashKind hash = HASH_SHA256; hash < HASH_KINDS; hash++)
            if (strcmp(hashes[hash], vector_text(vector, "hash")) == 0)
                suite.prf = hash;
        uint8_t master[MASTER_SECRET_SIZE], block[KEY_BLOCK_MOST];
        schedule_extended_master_secret(version_find(VERSION_TLS_1_2), &suite,
                                        vector_bytes(vector, "premaster"),
                                        vector_bytes(vector, "session_hash"), master);
        assert_bytes(BYTES_ARRAY(master), vector_bytes(vector, "master"), vector->title);
        g_autofree char *randoms = g_strconcat(vector_text(vector, "server_random"),
                                               vector_text(vector, "client_random"), NULL);
        Bytes expected = vector_bytes(vector, "key_block");
        prf(PRF_SUITE, suite.prf, BYTES_ARRAY(master), "key expansion", hex(randoms), block,
            expected.size);
        assert_bytes(bytes_make(block, expected.size), expected, vector->title);
    }
}
END_TEST

static uint8_t client_random[RANDOM_SIZE], server_random[RANDOM_SIZE], master[MASTER_SECRET_SIZE];

static void fill_inputs(void)
{
    memset(client_random, 0xc1, sizeof client_random);
    memset(server_random, 0x5e, sizeof server_random);
    memset(master, 0x3a, sizeof master);
}

static void derive(ProtocolVersion version, const char *suite, KeyBlock *keys)
{
    Prf keyed;
    schedule_start(version_find(version), suite_by_name(suite), BYTES_ARRAY(master), &keyed);
    schedule_keys(version_find(version), suite_by_name(suite), &keyed, BYTES_ARRAY(client_random),
                  BYTES_ARRAY(server_random), keys);
}

/* RFC 2246 6.3: client and server MAC secret, keys, IVs, in that order, and nothing left. */
START_TEST(the_key_block_is_cut_in_order)
{
    static const struct {
        ProtocolVersion version;
        const char *suite;
        size_t mac, key, iv;
    } cases[] = {
        {VERSION_SSL_3_0, "DES-CBC3-SHA", 20, 24, 8},
        {VERSION_TLS_1_0, "AES256-SHA", 20, 32, 16},
        {VERSION_TLS_1_1, "AES256-SHA", 20, 32, 0},
        {VERSION_TLS_1_2, "AES128-SHA256", 32, 16, 0},
        {VERSION_TLS_1_2, "RC4-MD5", 16, 16, 0},
        {VERSION_TLS_1_2, "NULL-SHA", 20, 0, 0},
        {VERSION_TLS_1_2, "AES256-GCM-SHA384", 0, 32, 4},
        {VERSION_TLS_1_2, "AES128-CCM8", 0, 16, 4},
        {VERSION_TLS_1_2, "PSK-ARIA128-GCM-SHA256", 0, 16, 4},
        {VERSION_TLS_1_2, "ECDHE-RSA-CHACHA20-POLY1305", 0, 32, 12},
        {VERSION_TLS_1_2, "ECDHE-RSA-AES256-SHA384", 48, 32, 0},
        {VERSION_TLS_1_0, "SEED-SHA", 20, 16, 16},
    };
    fill_inputs();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        KeyBlock keys;
        derive(cases[i].version, cases[i].suite, &keys);
        const Bytes parts[] = {keys.client_mac_secret, keys.server_mac_secret, keys.client_key,
                               keys.server_key,        keys.client_iv,         keys.server_iv};
        const size_t sizes[] = {cases[i].mac, cases[i].mac, cases[i].key,
                                cases[i].key, cases[i].iv,  cases[i].iv};
        const uint8_t *at = keys.block;
        for (size_t j = 0; j < G_N_ELEMENTS(parts); j++) {
            ck_assert_uint_eq(parts[j].size, sizes[j]);
            ck_assert(parts[j].data == at);
            at += sizes[j];
        }
        ck_assert_uint_eq(keys.block_size, (size_t)(at - keys.block));
        ck_assert(bytes_equal(keys.client_key, keys.client_final_key));
    }
}
END_TEST

/* RFC 6101 6.2.2.1 */
START_TEST(export_keys_of_ssl3)
{
    KeyBlock keys;
    uint8_t hash[16];
    fill_inputs();
    derive(VERSION_SSL_3_0, "EXP-RC2-CBC-MD5", &keys);
    Bytes client = BYTES_ARRAY(client_random), server = BYTES_ARRAY(server_random);
    ck_assert_uint_eq(keys.block_size, 2 * (16 + 5));
    digest(HASH_MD5, (Bytes[]){keys.client_key, client, server}, 3, hash);
    assert_bytes(keys.client_final_key, BYTES_ARRAY(hash), "final_client_write_key");
    digest(HASH_MD5, (Bytes[]){keys.server_key, server, client}, 3, hash);
    assert_bytes(keys.server_final_key, BYTES_ARRAY(hash), "final_server_write_key");
    digest(HASH_MD5, (Bytes[]){client, server}, 2, hash);
    assert_bytes(keys.client_iv, bytes_make(hash, 8), "client_write_IV");
    digest(HASH_MD5, (Bytes[]){server, client}, 2, hash);
    assert_bytes(keys.server_iv, bytes_make(hash, 8), "server_write_IV");
}
END_TEST

/* RFC 2246 6.3.1 */
START_TEST(export_keys_of_tls)
{
    KeyBlock keys;
    uint8_t expected[16], randoms[2 * RANDOM_SIZE];
    fill_inputs();
    memcpy(randoms, client_random, RANDOM_SIZE);
    memcpy(randoms + RANDOM_SIZE, server_random, RANDOM_SIZE);
    derive(VERSION_TLS_1_0, "EXP-DES-CBC-SHA", &keys);
    ck_assert_uint_eq(keys.client_key.size, 5);
    prf(PRF_MD5_SHA1, HASH_MD5, keys.client_key, "client write key", BYTES_ARRAY(randoms), expected,
        8);
    assert_bytes(keys.client_final_key, bytes_make(expected, 8), "final_client_write_key");
    prf(PRF_MD5_SHA1, HASH_MD5, keys.server_key, "server write key", BYTES_ARRAY(randoms), expected,
        8);
    assert_bytes(keys.server_final_key, bytes_make(expected, 8), "final_server_write_key");
    prf(PRF_MD5_SHA1, HASH_MD5, BYTES_NONE, "IV block", BYTES_ARRAY(randoms), expected, 16);
    assert_bytes(keys.client_iv, bytes_make(expected, 8), "client_write_IV");
    assert_bytes(keys.server_iv, bytes_make(expected + 8, 8), "server_write_IV");
}
END_TEST

/* Finished of that version over what was said, taken in by halves. */
static void finished(ProtocolVersion version, Role role, Bytes said, uint8_t *output)
{
    Prf keyed;
    TranscriptHash hashed = {0};
    const Suite *suite = suite_find(0x002f);
    schedule_start(version_find(version), suite, BYTES_ARRAY(master), &keyed);
    transcript_hash_update(&hashed, version_find(version), suite, bytes_slice(said, 0, 7));
    transcript_hash_update(&hashed, version_find(version), suite, said);
    schedule_finished(version_find(version), &keyed, role, &hashed, output);
}

/* RFC 6101 5.6.9 and 5.6.8, once more and differently: the pads are spelled out. */
START_TEST(finished_and_certificate_verify_of_ssl3)
{
    const Version *version = version_find(VERSION_SSL_3_0);
    Bytes said = bytes_from_text("all that was said");
    uint8_t got[HASH_SIZE_MOST], inner[20], expected[36], pad1[48], pad2[48];
    fill_inputs();
    memset(pad1, 0x36, sizeof pad1);
    memset(pad2, 0x5c, sizeof pad2);
    Bytes secret = BYTES_ARRAY(master), sender = bytes_from_text("SRVR");
    digest(HASH_MD5, (Bytes[]){said, sender, secret, BYTES_ARRAY(pad1)}, 4, inner);
    digest(HASH_MD5, (Bytes[]){secret, BYTES_ARRAY(pad2), bytes_make(inner, 16)}, 3, expected);
    digest(HASH_SHA1, (Bytes[]){said, sender, secret, bytes_make(pad1, 40)}, 4, inner);
    digest(HASH_SHA1, (Bytes[]){secret, bytes_make(pad2, 40), BYTES_ARRAY(inner)}, 3,
           expected + 16);
    finished(VERSION_SSL_3_0, ROLE_SERVER, said, got);
    assert_bytes(bytes_make(got, version->finished_size), BYTES_ARRAY(expected), "Finished");
    digest(HASH_MD5, (Bytes[]){said, secret, BYTES_ARRAY(pad1)}, 3, inner);
    digest(HASH_MD5, (Bytes[]){secret, BYTES_ARRAY(pad2), bytes_make(inner, 16)}, 3, expected);
    digest(HASH_SHA1, (Bytes[]){said, secret, bytes_make(pad1, 40)}, 3, inner);
    digest(HASH_SHA1, (Bytes[]){secret, bytes_make(pad2, 40), BYTES_ARRAY(inner)}, 3,
           expected + 16);
    ck_assert_uint_eq(schedule_certificate_verify(version, HASH_SHA256, secret, said, got), 36);
    assert_bytes(bytes_make(got, 36), BYTES_ARRAY(expected), "CertificateVerify");
}
END_TEST

START_TEST(finished_of_tls)
{
    Bytes said = bytes_from_text("all that was said");
    uint8_t got[FINISHED_MOST], hash[36], expected[12];
    fill_inputs();
    digest(HASH_MD5, &said, 1, hash);
    digest(HASH_SHA1, &said, 1, hash + 16);
    prf(PRF_MD5_SHA1, HASH_MD5, BYTES_ARRAY(master), "client finished", BYTES_ARRAY(hash), expected,
        12);
    finished(VERSION_TLS_1_1, ROLE_CLIENT, said, got);
    assert_bytes(bytes_make(got, 12), BYTES_ARRAY(expected), "TLS 1.1");
    digest(HASH_SHA256, &said, 1, hash);
    prf(PRF_SUITE, HASH_SHA256, BYTES_ARRAY(master), "server finished", bytes_make(hash, 32),
        expected, 12);
    finished(VERSION_TLS_1_2, ROLE_SERVER, said, got);
    assert_bytes(bytes_make(got, 12), BYTES_ARRAY(expected), "TLS 1.2");
}
END_TEST

START_TEST(certificate_verify_of_tls)
{
    Bytes said = bytes_from_text("all that was said");
    uint8_t got[HASH_SIZE_MOST], hash[HASH_SIZE_MOST];
    size_t size = schedule_certificate_verify(version_find(VERSION_TLS_1_0), HASH_SHA256,
                                              BYTES_NONE, said, got);
    digest(HASH_MD5, &said, 1, hash);
    digest(HASH_SHA1, &said, 1, hash + 16);
    assert_bytes(bytes_make(got, size), bytes_make(hash, 36), "TLS 1.0");
    size = schedule_certificate_verify(version_find(VERSION_TLS_1_2), HASH_SHA384, BYTES_NONE, said,
                                       got);
    digest(HASH_SHA384, &said, 1, hash);
    assert_bytes(bytes_make(got, size), bytes_make(hash, 48), "TLS 1.2");
}
END_TEST

/* RFC 4279 2 */
START_TEST(premaster_of_a_psk)
{
    g_autoptr(GByteArray) output = g_byte_array_new();
    schedule_psk_premaster(hex("a1b2c3"), output);
    assert_bytes(bytes_from_array(output), hex("0003 000000 0003 a1b2c3"), "premaster");
    g_byte_array_set_size(output, 0);
    schedule_psk_premaster(BYTES_NONE, output);
    assert_bytes(bytes_from_array(output), hex("0000 0000"), "of no key");
}
END_TEST

/* RFC 7627 3 */
START_TEST(session_hashes)
{
    Bytes said = bytes_from_text("all that was said");
    uint8_t got[HASH_SIZE_MOST], expected[HASH_SIZE_MOST];
    TranscriptHash hashed = {0};
    transcript_hash_update(&hashed, version_find(VERSION_TLS_1_1), suite_find(0x002f), said);
    size_t size = transcript_hash_value(&hashed, got);
    digest(HASH_MD5, &said, 1, expected);
    digest(HASH_SHA1, &said, 1, expected + 16);
    assert_bytes(bytes_make(got, size), bytes_make(expected, 36), "TLS 1.1");
    transcript_hash_update(&hashed, version_find(VERSION_TLS_1_2), suite_find(0x009d), said);
    size = transcript_hash_value(&hashed, got); /* other hashes: taken in anew */
    digest(HASH_SHA384, &said, 1, expected);
    assert_bytes(bytes_make(got, size), bytes_make(expected, 48), "TLS 1.2, SHA-384");
}
END_TEST

/* RFC 5705 4: no context and an empty one differ. */
START_TEST(exporters)
{
    const Version *version = version_find(VERSION_TLS_1_2);
    const Suite *suite = suite_find(0x009d);
    uint8_t got[40], expected[40], seed[2 * RANDOM_SIZE + 2 + 3];
    Bytes context = hex("c0ffee");
    fill_inputs();
    memcpy(seed, client_random, RANDOM_SIZE);
    memcpy(seed + RANDOM_SIZE, server_random, RANDOM_SIZE);
    memcpy(seed + 2 * RANDOM_SIZE, "\0\3\xc0\xff\xee", 5);
    const Bytes *contexts[] = {NULL, &context, &BYTES_NONE};
    const size_t sizes[] = {2 * RANDOM_SIZE, sizeof seed, 2 * RANDOM_SIZE + 2};
    for (size_t i = 0; i < G_N_ELEMENTS(contexts); i++) {
        if (i == 2)
            seed[2 * RANDOM_SIZE + 1] = 0;
        prf(PRF_SUITE, HASH_SHA384, BYTES_ARRAY(master), "EXPORTER: a label",
            bytes_make(seed, sizes[i]), expected, sizeof expected);
        schedule_exporter(version, suite, BYTES_ARRAY(master), "EXPORTER: a label",
                          BYTES_ARRAY(client_random), BYTES_ARRAY(server_random), contexts[i], got,
                          sizeof got);
        assert_bytes(BYTES_ARRAY(got), BYTES_ARRAY(expected), "exported");
    }
}
END_TEST

TCase *schedule_tests(void)
{
    TCase *tests = tcase_create("schedule");
    tcase_add_test(tests, prfs_give_the_published_answers);
    tcase_add_test(tests, ssl3_master_secret_is_the_published_one);
    tcase_add_test(tests, extended_master_secrets_are_nists);
    tcase_add_test(tests, the_key_block_is_cut_in_order);
    tcase_add_test(tests, export_keys_of_ssl3);
    tcase_add_test(tests, export_keys_of_tls);
    tcase_add_test(tests, finished_and_certificate_verify_of_ssl3);
    tcase_add_test(tests, finished_of_tls);
    tcase_add_test(tests, certificate_verify_of_tls);
    tcase_add_test(tests, premaster_of_a_psk);
    tcase_add_test(tests, session_hashes);
    tcase_add_test(tests, exporters);
    return tests;
}
