/* Tests of HKDF and of TLS 1.3's key schedule.
 *
 * All against published answers: Wycheproof's HKDF, NIST's sessions of the whole schedule in its
 * three modes, and every extraction, derivation and traffic key of RFC 8448.
 */
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/hkdf.h"
#include "tests/crypto/crypto-tests.h"

START_TEST(wycheproof_agrees)
{
    g_autoptr(GPtrArray) vectors = wycheproof_read("hkdf_sha256_test.json");
    size_t valid = 0, invalid = 0;
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        size_t size = (size_t)g_ascii_strtoull(vector_text(vector, "size"), NULL, 10);
        if (strcmp(vector_text(vector, "result"), "valid") != 0) {
            ck_assert_uint_gt(size, 255 * hash_size(HASH_SHA256)); /* the caller's to avoid */
            invalid++;
            continue;
        }
        uint8_t prk[HASH_SIZE_MOST];
        g_autofree uint8_t *output = g_malloc(size);
        hkdf_extract(HASH_SHA256, vector_bytes(vector, "salt"), vector_bytes(vector, "ikm"), prk);
        hkdf_expand(HASH_SHA256, bytes_make(prk, hash_size(HASH_SHA256)),
                    vector_bytes(vector, "info"), output, size);
        assert_bytes(bytes_make(output, size), vector_bytes(vector, "okm"), vector->title);
        valid++;
    }
    ck_assert_uint_eq(valid, 83);
    ck_assert_uint_eq(invalid, 3);
}
END_TEST

/* The secrets of one session so far. */
typedef struct {
    HashKind hash;
    const Vector *vector;
    uint8_t secret[HASH_SIZE_MOST], transcript[HASH_SIZE_MOST];
} Session;

/* Hash of the first `count` values of the transcript. */
static void hash_transcript(Session *session, size_t count)
{
    static const char *const names[] = {"hello_client_random", "hello_server_random",
                                        "finished_server_random", "finished_client_random"};
    Bytes parts[G_N_ELEMENTS(names)];
    for (size_t i = 0; i < count; i++)
        parts[i] = vector_bytes(session->vector, names[i]);
    digest(session->hash, parts, count, session->transcript);
}

static void derives(Session *session, const char *label, const char *name)
{
    size_t size = hash_size(session->hash);
    uint8_t output[HASH_SIZE_MOST];
    hkdf_derive_secret(session->hash, bytes_make(session->secret, size), label,
                       bytes_make(session->transcript, size), output);
    assert_bytes(bytes_make(output, size), vector_bytes(session->vector, name), name);
}

/* RFC 8446 7.1: the figure's step down. */
static void goes_down(Session *session, const char *input)
{
    size_t size = hash_size(session->hash);
    static const uint8_t zeros[HASH_SIZE_MOST];
    uint8_t derived[HASH_SIZE_MOST];
    Bytes key = bytes_make(zeros, size);
    if (vector_has(session->vector, input))
        key = vector_bytes(session->vector, input);
    digest(session->hash, NULL, 0, session->transcript);
    hkdf_derive_secret(session->hash, bytes_make(session->secret, size), "derived",
                       bytes_make(session->transcript, size), derived);
    hkdf_extract(session->hash, bytes_make(derived, size), key, session->secret);
}

static void plays(Session *session)
{
    static const uint8_t zeros[HASH_SIZE_MOST];
    bool psk = vector_has(session->vector, "psk");
    hkdf_extract(session->hash, BYTES_NONE,
                 psk ? vector_bytes(session->vector, "psk")
                     : bytes_make(zeros, hash_size(session->hash)),
                 session->secret);
    hash_transcript(session, 1);
    derives(session, "c e traffic", "client_early_traffic_secret");
    derives(session, "e exp master", "early_exporter_master_secret");
    goes_down(session, "dhe");
    hash_transcript(session, 2);
    derives(session, "c hs traffic", "client_handshake_traffic_secret");
    derives(session, "s hs traffic", "server_handshake_traffic_secret");
    goes_down(session, "no value");
    hash_transcript(session, 3);
    derives(session, "c ap traffic", "client_application_traffic_secret");
    derives(session, "s ap traffic", "server_application_traffic_secret");
    derives(session, "exp master", "exporter_master_secret");
    hash_transcript(session, 4);
    derives(session, "res master", "resumption_master_secret");
}

START_TEST(schedules_are_nists)
{
    g_autoptr(GPtrArray) vectors = vectors_read("acvp-tls13-rfc8446.txt");
    ck_assert_uint_eq(vectors->len, 10);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        bool sha256 = strcmp(vector_text(vector, "hash"), "SHA2-256") == 0;
        Session session = {.hash = sha256 ? HASH_SHA256 : HASH_SHA384, .vector = vector};
        plays(&session);
    }
}
END_TEST

/* Name, and which case it is; the counts are those of the RFC's text. */
START_TEST(rfc8448_agrees)
{
    g_autoptr(GPtrArray) vectors = vectors_read("rfc8448.txt");
    const Suite *suite = suite_find(0x1301);
    size_t extracted = 0, derived = 0, keys = 0;
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        uint8_t output[32], iv[12];
        if (g_str_has_prefix(vector->title, "extract")) {
            hkdf_extract(HASH_SHA256, vector_bytes(vector, "salt"), vector_bytes(vector, "ikm"),
                         output);
            assert_bytes(BYTES_ARRAY(output), vector_bytes(vector, "secret"), vector->title);
            extracted++;
        } else if (g_str_has_prefix(vector->title, "derive")) {
            hkdf_derive_secret(HASH_SHA256, vector_bytes(vector, "prk"),
                               vector_text(vector, "label"), vector_bytes(vector, "hash"), output);
            assert_bytes(BYTES_ARRAY(output), vector_bytes(vector, "expanded"), vector->title);
            derived++;
        } else if (g_str_has_prefix(vector->title, "keys")) {
            hkdf_traffic_keys(suite, vector_bytes(vector, "prk"), output, iv);
            assert_bytes(bytes_make(output, 16), vector_bytes(vector, "key"), vector->title);
            assert_bytes(BYTES_ARRAY(iv), vector_bytes(vector, "iv"), vector->title);
            keys++;
        }
    }
    ck_assert_uint_eq(extracted, 15);
    ck_assert_uint_eq(derived, 47);
    ck_assert_uint_eq(keys, 21);
}
END_TEST

/* RFC 8448 3: the server's Finished, of the transcript up to CertificateVerify; RFC 8446 7.5 has no
 * published answer, so its formula stands here once more. */
START_TEST(finished_and_exporter)
{
    uint8_t output[HASH_SIZE_MOST], expected[HASH_SIZE_MOST], inner[32], hashed[32];
    Bytes base = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    Bytes key = hex("008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
    Bytes said = bytes_from_text("a transcript hash of thirty-two.");
    hkdf_finished(HASH_SHA256, base, said, output);
    hmac(HASH_SHA256, key, &said, 1, expected);
    assert_bytes(bytes_make(output, 32), bytes_make(expected, 32), "Finished");
    digest(HASH_SHA256, NULL, 0, hashed);
    hkdf_expand_label(HASH_SHA256, base, "a label", BYTES_ARRAY(hashed), inner, 32);
    digest(HASH_SHA256, &said, 1, hashed);
    hkdf_expand_label(HASH_SHA256, BYTES_ARRAY(inner), "exporter", BYTES_ARRAY(hashed), expected,
                      20);
    hkdf_exporter(HASH_SHA256, base, "a label", said, output, 20);
    assert_bytes(bytes_make(output, 20), bytes_make(expected, 20), "exporter");
}
END_TEST

TCase *hkdf_tests(void)
{
    TCase *tests = tcase_create("hkdf");
    tcase_add_test(tests, wycheproof_agrees);
    tcase_add_test(tests, schedules_are_nists);
    tcase_add_test(tests, rfc8448_agrees);
    tcase_add_test(tests, finished_and_exporter);
    return tests;
}
