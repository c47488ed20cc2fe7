/* Tests of the authenticating ciphers against Project Wycheproof.
 *
 * Every vector whose nonce has the 12 bytes that TLS uses and whose tag the 16: valid ones seal to
 * the same bytes and open; invalid ones do not open. CCM is judged in record-evp-tests.c.
 */
#include <string.h>

#include "core/crypto/aead.h"
#include "tests/crypto/crypto-tests.h"

typedef struct {
    size_t valid, invalid, passed_over;
} Tally;

static void judge(CipherKind kind, const Vector *vector, Tally *tally)
{
    Bytes message = vector_bytes(vector, "msg"), sealed = vector_bytes(vector, "ct");
    Bytes nonce = vector_bytes(vector, "iv"), tag = vector_bytes(vector, "tag");
    Bytes additional = vector_bytes(vector, "aad");
    g_autofree uint8_t *output = g_malloc(message.size + sealed.size + 1);
    uint8_t made[AEAD_TAG_MOST];
    g_autoptr(Aead) sealer = aead_new(kind, vector_bytes(vector, "key"), NULL);
    g_autoptr(Aead) opener = aead_new(kind, vector_bytes(vector, "key"), NULL);
    bool valid = strcmp(vector_text(vector, "result"), "valid") == 0;
    bool opened = aead_open(opener, nonce.data, additional, sealed, tag.data, output);
    ck_assert_msg(opened == valid, "%s", vector->title);
    if (!valid) {
        tally->invalid++;
        return;
    }
    tally->valid++;
    assert_bytes(bytes_make(output, sealed.size), message, vector->title);
    ck_assert(aead_seal(sealer, nonce.data, additional, message, output, made));
    assert_bytes(bytes_make(output, message.size), sealed, vector->title);
    assert_bytes(BYTES_ARRAY(made), tag, vector->title);
    /* the same context again, as a protection does record by record */
    ck_assert(aead_open(opener, nonce.data, additional, sealed, tag.data, output));
    assert_bytes(bytes_make(output, sealed.size), message, vector->title);
}

static Tally judge_file(const char *file, CipherKind of_16, CipherKind of_32)
{
    Tally tally = {0};
    g_autoptr(GPtrArray) vectors = wycheproof_read(file);
    for (guint i = 0; i < vectors->len; i++) {
        const Vector *vector = g_ptr_array_index(vectors, i);
        size_t key_size = vector_bytes(vector, "key").size;
        CipherKind kind = key_size == 16 ? of_16 : key_size == 32 ? of_32 : CIPHER_NULL;
        if (kind == CIPHER_NULL || vector_bytes(vector, "iv").size != AEAD_NONCE_SIZE ||
            vector_bytes(vector, "tag").size != AEAD_TAG_MOST)
            tally.passed_over++;
        else
            judge(kind, vector, &tally);
    }
    return tally;
}

START_TEST(wycheproof_aes_gcm)
{
    Tally tally = judge_file("aes_gcm_test.json", CIPHER_AES_128_GCM, CIPHER_AES_256_GCM);
    ck_assert_uint_eq(tally.valid, 79);
    ck_assert_uint_eq(tally.invalid, 54);
    ck_assert_uint_eq(tally.passed_over, 183);
}
END_TEST

START_TEST(wycheproof_chacha20_poly1305)
{
    Tally tally = judge_file("chacha20_poly1305_test.json", CIPHER_NULL, CIPHER_CHACHA20_POLY1305);
    ck_assert_uint_eq(tally.valid, 256);
    ck_assert_uint_eq(tally.invalid, 60);
    ck_assert_uint_eq(tally.passed_over, 9);
}
END_TEST

START_TEST(wrong_keys_are_our_fault)
{
    Fault fault = FAULT_INIT;
    ck_assert_ptr_null(aead_new(CIPHER_AES_128_GCM, hex("00"), &fault));
    ck_assert_int_eq(fault.blame, FAULT_OF_US);
    ck_assert_ptr_null(aead_new(CIPHER_IDEA_CBC, hex("00"), NULL));
}
END_TEST

TCase *aead_tests(void)
{
    TCase *tests = tcase_create("aead");
    tcase_add_test(tests, wycheproof_aes_gcm);
    tcase_add_test(tests, wycheproof_chacha20_poly1305);
    tcase_add_test(tests, wrong_keys_are_our_fault);
    return tests;
}
