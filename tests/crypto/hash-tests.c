/* Tests of hashes, HMAC and the block count of MACs.
 *
 * Known answers: RFC 1321 A.5, RFC 2202, RFC 4231, FIPS 180-4's "abc". The block count is checked
 * against counting by hand.
 */
#include <string.h>

#include "core/crypto/digest.h"
#include "core/crypto/mac.h"
#include "tests/crypto/crypto-tests.h"

START_TEST(hashes_of_abc)
{
    static const char *const answers[HASH_KINDS] = {
        [HASH_MD5] = "900150983cd24fb0d6963f7d28e17f72",
        [HASH_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [HASH_SHA224] = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        [HASH_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [HASH_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                        "8086072ba1e7cc2358baeca134c825a7",
        [HASH_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    };
    for (HashKind hash = HASH_MD5; hash < HASH_KINDS; hash++) {
        uint8_t output[HASH_SIZE_MOST];
        const Bytes parts[] = {bytes_from_text("a"), BYTES_NONE, bytes_from_text("bc")};
        digest(hash, parts, G_N_ELEMENTS(parts), output);
        assert_bytes(bytes_make(output, hash_size(hash)), hex(answers[hash]), hash_name(hash));
    }
}
END_TEST

START_TEST(hmac_of_the_rfcs)
{
    static const struct {
        HashKind hash;
        const char *key, *data, *answer;
    } cases[] = {
        {HASH_MD5, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "750c783e6ab0b503eaa86e310a5db738"},
        {HASH_SHA1, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {HASH_SHA256, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t output[HASH_SIZE_MOST];
        Bytes data = hex(cases[i].data);
        hmac(cases[i].hash, hex(cases[i].key), &data, 1, output);
        assert_bytes(bytes_make(output, hash_size(cases[i].hash)), hex(cases[i].answer),
                     hash_name(cases[i].hash));
    }
}
END_TEST

/* RFC 4231 4.7: a key longer than a block. */
START_TEST(hmac_with_a_long_key)
{
    uint8_t key[131], output[HASH_SIZE_MOST];
    memset(key, 0xaa, sizeof key);
    Bytes data = bytes_from_text("Test Using Larger Than Block-Size Key - Hash Key First");
    hmac(HASH_SHA256, BYTES_ARRAY(key), &data, 1, output);
    assert_bytes(bytes_make(output, 32),
                 hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"), "HMAC");
}
END_TEST

/* HMAC-SHA-1 takes 55 bytes of data in one inner block more than its key's, and two outer ones
 * less the key's; SSL 3.0's MAC has 60 bytes of secret and pad in an unfinished block. */
START_TEST(blocks_are_counted)
{
    Mac mac;
    uint8_t secret[20] = {0};
    mac_start_hmac(&mac, HASH_SHA1, BYTES_ARRAY(secret));
    ck_assert_uint_eq(mac_blocks(&mac, 0), 2);
    ck_assert_uint_eq(mac_blocks(&mac, 55), 2);
    ck_assert_uint_eq(mac_blocks(&mac, 56), 3);
    ck_assert_uint_eq(mac_blocks(&mac, 55 + 64), 3);
    mac_start_ssl3(&mac, HASH_SHA1, BYTES_ARRAY(secret));
    ck_assert_uint_eq(mac_blocks(&mac, 11), 4);
}
END_TEST

TCase *hash_tests(void)
{
    TCase *tests = tcase_create("hash");
    tcase_add_test(tests, hashes_of_abc);
    tcase_add_test(tests, hmac_of_the_rfcs);
    tcase_add_test(tests, hmac_with_a_long_key);
    tcase_add_test(tests, blocks_are_counted);
    return tests;
}
