/* Tests of labelled randomness.
 *
 * The same seed gives the same bytes; a draw of one label changes nothing of another; parties and
 * seeds are apart; pins hold; threads that run together get what they get alone.
 */
#include "core/crypto/key.h"
#include "core/crypto/library.h"
#include "core/crypto/random.h"
#include "tests/crypto/crypto-tests.h"

typedef struct {
    uint8_t bytes[32];
} Draw;

static Draw draw(Random *random, const char *label)
{
    Draw result;
    random_fill(random, label, result.bytes, sizeof result.bytes);
    return result;
}

static bool draws_equal(Draw a, Draw b)
{
    return bytes_equal(BYTES_ARRAY(a.bytes), BYTES_ARRAY(b.bytes));
}

START_TEST(the_same_seed_gives_the_same_bytes)
{
    g_autoptr(Random) a = random_new(7, "client");
    g_autoptr(Random) b = random_new(7, "client");
    for (int i = 0; i < 10; i++)
        ck_assert(draws_equal(draw(a, "client_random"), draw(b, "client_random")));
}
END_TEST

START_TEST(another_label_changes_nothing_else)
{
    g_autoptr(Random) a = random_new(7, "client");
    g_autoptr(Random) b = random_new(7, "client");
    draw(b, "record_iv");
    ck_assert(draws_equal(draw(a, "client_random"), draw(b, "client_random")));
    draw(b, "record_iv");
    ck_assert(draws_equal(draw(a, "client_random"), draw(b, "client_random")));
}
END_TEST

START_TEST(seed_party_label_and_ordinal_all_count)
{
    g_autoptr(Random) a = random_new(7, "client");
    g_autoptr(Random) b = random_new(8, "client");
    g_autoptr(Random) c = random_new(7, "server");
    Draw first = draw(a, "x");
    ck_assert(!draws_equal(first, draw(b, "x")));
    ck_assert(!draws_equal(first, draw(c, "x")));
    ck_assert(!draws_equal(first, draw(a, "y")));
    ck_assert(!draws_equal(first, draw(a, "x")));
}
END_TEST

/* The derivation is part of what a seed means: it may not change from version to version. */
START_TEST(a_known_draw)
{
    g_autoptr(Random) random = random_new(1, "client");
    Draw first = draw(random, "client_random");
    assert_bytes(BYTES_ARRAY(first.bytes),
                 hex("35ab723b2e710d8d8610dfd9f76e909c3ff858d6171ffaa3b8b44a7e90a01c84"),
                 "client_random of seed 1");
}
END_TEST

START_TEST(pins_hold)
{
    g_autoptr(Random) random = random_new(1, "client");
    uint8_t output[5];
    random_pin(random, "session_id", hex("0102"));
    random_fill(random, "session_id", output, sizeof output);
    assert_bytes(BYTES_ARRAY(output), hex("0102010201"), "pinned");
    random_fill(random, "session_id", output, 1);
    assert_bytes(bytes_make(output, 1), hex("01"), "pinned, cut");
    random_pin(random, "nothing", BYTES_NONE);
    random_fill(random, "nothing", output, 2);
    assert_bytes(bytes_make(output, 2), hex("0000"), "pinned to nothing");
    ck_assert(random_is_pinned(random, "nothing"));
    ck_assert(!random_is_pinned(random, "client_random"));
}
END_TEST

/* One value a draw, and the last for all that follow; other labels are not touched. */
START_TEST(pins_are_drawn_in_their_order)
{
    static const char *const expected[] = {"0a0a", "0b0c", "0d0d", "0d0d"};
    g_autoptr(Random) random = random_new(1, "client");
    g_autoptr(Random) free = random_new(1, "client");
    random_pin(random, "record_iv", hex("0a"));
    random_pin(random, "record_iv", hex("0b0c0e"));
    random_pin(random, "record_iv", hex("0d"));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        uint8_t output[2];
        random_fill(random, "record_iv", output, sizeof output);
        assert_bytes(BYTES_ARRAY(output), hex(expected[i]), "draw");
    }
    Draw a = draw(random, "client_random"), b = draw(free, "client_random");
    assert_bytes(BYTES_ARRAY(a.bytes), BYTES_ARRAY(b.bytes), "another label");
}
END_TEST

START_TEST(libcrypto_repeats)
{
    Fault fault = FAULT_INIT;
    ck_assert_msg(library_open(&fault), "%s", fault.sentence);
    ck_assert(library_open(&fault));
    ck_assert(g_str_has_prefix(library_version(), "OpenSSL "));
}
END_TEST

/* A pin of zeros must not make libcrypto look for a byte other than zero for ever. */
START_TEST(padding_pinned_to_zero_ends)
{
    g_autoptr(Random) random = random_new(1, "client");
    g_autoptr(PublicKey) key = private_key_public(pki_key("rsa-512-1"));
    g_autoptr(GByteArray) cipher = g_byte_array_new();
    g_autoptr(GByteArray) block = g_byte_array_new();
    Bytes message;
    random_pin(random, "rsa_padding", hex("00"));
    ck_assert(public_key_encrypt(key, random, bytes_from_text("hello"), cipher, NULL));
    ck_assert(private_key_decrypt(pki_key("rsa-512-1"), bytes_from_array(cipher), block, &message));
    assert_bytes(message, bytes_from_text("hello"), "message");
}
END_TEST

enum { THREADS = 8, ROUNDS = 40 };

/* Encrypts, decrypts and signs with keys that all threads share; returns all bytes made. */
static gpointer work(gpointer seed)
{
    PrivateKey *private_key = pki_key("rsa-1024-1");
    g_autoptr(Random) random = random_new(GPOINTER_TO_UINT(seed), "thread");
    g_autoptr(PublicKey) key = private_key_public(private_key);
    g_autoptr(GByteArray) block = g_byte_array_new();
    GByteArray *made = g_byte_array_new();
    Bytes message;
    for (int i = 0; i < ROUNDS; i++) {
        guint first = made->len;
        Draw secret = draw(random, "secret");
        g_assert(public_key_encrypt(key, random, BYTES_ARRAY(secret.bytes), made, NULL));
        Bytes cipher = bytes_make(made->data + first, made->len - first);
        g_assert(private_key_decrypt(private_key, cipher, block, &message));
        g_assert(bytes_equal(message, BYTES_ARRAY(secret.bytes)));
        g_assert(private_key_sign(private_key, SIGNATURE_RSA_PKCS1, HASH_SHA256,
                                  BYTES_ARRAY(secret.bytes), random, made, NULL));
    }
    return made;
}

START_TEST(threads_get_what_they_get_alone)
{
    GThread *threads[THREADS];
    pki_key("rsa-1024-1");
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("worker", work, GUINT_TO_POINTER(i % 2 + 1));
    for (guint i = 0; i < THREADS; i++) {
        g_autoptr(GByteArray) together = g_thread_join(threads[i]);
        g_autoptr(GByteArray) alone = work(GUINT_TO_POINTER(i % 2 + 1));
        ck_assert(bytes_equal(bytes_from_array(together), bytes_from_array(alone)));
    }
}
END_TEST

TCase *random_tests(void)
{
    TCase *tests = tcase_create("random");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_same_seed_gives_the_same_bytes);
    tcase_add_test(tests, another_label_changes_nothing_else);
    tcase_add_test(tests, seed_party_label_and_ordinal_all_count);
    tcase_add_test(tests, a_known_draw);
    tcase_add_test(tests, pins_hold);
    tcase_add_test(tests, pins_are_drawn_in_their_order);
    tcase_add_test(tests, libcrypto_repeats);
    tcase_add_test(tests, padding_pinned_to_zero_ends);
    tcase_add_test(tests, threads_get_what_they_get_alone);
    return tests;
}
