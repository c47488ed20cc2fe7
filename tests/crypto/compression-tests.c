/* Tests of compression.
 *
 * Records open one by one, the window goes on from one to the next, what opens to too much is
 * refused before it is kept, and what is no DEFLATE is refused whatever it is.
 */
#include <string.h>
#include <zlib.h>

#include "core/crypto/compression.h"
#include "tests/crypto/crypto-tests.h"

enum { RECORD_MOST = 16384 };

static GByteArray *compressed(Compression *compression, Bytes plain)
{
    GByteArray *output = g_byte_array_new();
    ck_assert(compression_compress(compression, plain, output, NULL));
    return output;
}

START_TEST(records_open_one_by_one)
{
    static uint8_t plain[RECORD_MOST];
    static const size_t sizes[] = {5, 0, 1, 300, 16384, 5, 4096, 4095, 16384};
    g_autoptr(Compression) out = compression_new_deflate();
    g_autoptr(Compression) in = compression_new_inflate();
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * i >> 7);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) record = compressed(out, bytes_make(plain, sizes[i]));
        g_autoptr(GByteArray) opened = g_byte_array_new();
        g_byte_array_append(opened, (const guint8 *)"x", 1);
        ck_assert(compression_expand(in, bytes_from_array(record), RECORD_MOST, opened, NULL));
        ck_assert_uint_eq(opened->len, sizes[i] + 1);
        ck_assert(memcmp(opened->data + 1, plain, sizes[i]) == 0);
    }
}
END_TEST

/* RFC 3749 2: the second record refers to the first; that is what CRIME measures. */
START_TEST(the_window_goes_on)
{
    Bytes secret = bytes_from_text("Cookie: session=7a3f9c21d04be8; path=/payroll");
    g_autoptr(Compression) out = compression_new_deflate();
    g_autoptr(GByteArray) first = compressed(out, secret);
    g_autoptr(GByteArray) second = compressed(out, secret);
    ck_assert_uint_lt(second->len * 3, first->len);
    g_autoptr(Compression) in = compression_new_inflate();
    g_autoptr(GByteArray) opened = g_byte_array_new();
    ck_assert(!compression_expand(in, bytes_from_array(second), RECORD_MOST, opened, NULL));
}
END_TEST

START_TEST(bombs_are_refused)
{
    static uint8_t zeros[RECORD_MOST * 64];
    Fault fault = FAULT_INIT;
    g_autoptr(Compression) out = compression_new_deflate();
    g_autoptr(Compression) in = compression_new_inflate();
    g_autoptr(GByteArray) bomb = compressed(out, BYTES_ARRAY(zeros));
    g_autoptr(GByteArray) opened = g_byte_array_new();
    ck_assert_uint_lt(bomb->len, 2048);
    ck_assert(!compression_expand(in, bytes_from_array(bomb), RECORD_MOST, opened, &fault));
    ck_assert_int_eq(fault.alert, ALERT_DECOMPRESSION_FAILURE);
    ck_assert_uint_eq(opened->len, 0);
    g_autoptr(Compression) exact_out = compression_new_deflate();
    g_autoptr(Compression) exact_in = compression_new_inflate();
    g_autoptr(GByteArray) exact = compressed(exact_out, bytes_make(zeros, RECORD_MOST));
    ck_assert(compression_expand(exact_in, bytes_from_array(exact), RECORD_MOST, opened, NULL));
    ck_assert_uint_eq(opened->len, RECORD_MOST);
}
END_TEST

/* What any zlib opens is what we made. */
START_TEST(no_deflate_is_refused)
{
    static const char *const wrong[] = {"00", "789d", "78bb00000000", "ffffffffffff", "789c07"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Fault fault = FAULT_INIT;
        g_autoptr(Compression) in = compression_new_inflate();
        g_autoptr(GByteArray) opened = g_byte_array_new();
        bool good = compression_expand(in, hex(wrong[i]), RECORD_MOST, opened, &fault);
        if (i == 0) { /* half a header may still become one */
            ck_assert(good);
            continue;
        }
        ck_assert_msg(!good, "%s", wrong[i]);
        ck_assert_int_eq(fault.alert, ALERT_DECOMPRESSION_FAILURE);
    }
}
END_TEST

START_TEST(blocks_open_to_what_they_announce)
{
    Bytes plain = bytes_from_text("a certificate, a certificate, a certificate and so on");
    g_autoptr(GByteArray) block = g_byte_array_new();
    compress_block(plain, block);
    uint8_t theirs[200];
    uLongf size = sizeof theirs;
    ck_assert_int_eq(uncompress(theirs, &size, block->data, block->len), Z_OK);
    assert_bytes(bytes_make(theirs, size), plain, "by zlib's own call");
    for (size_t announced = 0; announced < plain.size + 2; announced++) {
        Fault fault = FAULT_INIT;
        g_autoptr(GByteArray) opened = g_byte_array_new();
        bool good = expand_block(bytes_from_array(block), announced, opened, &fault);
        ck_assert(good == (announced == plain.size));
        ck_assert(good || fault.alert == ALERT_BAD_CERTIFICATE);
        ck_assert_uint_eq(opened->len, good ? plain.size : 0);
    }
    for (guint cut = 0; cut < block->len; cut++) {
        g_autoptr(GByteArray) opened = g_byte_array_new();
        ck_assert(!expand_block(bytes_make(block->data, cut), plain.size, opened, NULL));
    }
    g_byte_array_append(block, (const guint8 *)"x", 1); /* nothing may stand behind it */
    g_autoptr(GByteArray) opened = g_byte_array_new();
    ck_assert(!expand_block(bytes_from_array(block), plain.size, opened, NULL));
}
END_TEST

TCase *compression_tests(void)
{
    TCase *tests = tcase_create("compression");
    tcase_add_test(tests, records_open_one_by_one);
    tcase_add_test(tests, the_window_goes_on);
    tcase_add_test(tests, bombs_are_refused);
    tcase_add_test(tests, no_deflate_is_refused);
    tcase_add_test(tests, blocks_open_to_what_they_announce);
    return tests;
}
