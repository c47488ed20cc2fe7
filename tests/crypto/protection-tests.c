/* Tests of record protection.
 *
 * For every suite in every version that carries it: what is sealed opens again, over many records
 * and sizes; every flipped byte, every truncation, another type, version or order is
 * bad_record_mac, with the same words. Then what is special: explicit IVs differ, chained ones go
 * on, a record over 2^14 overflows, the meter counts.
 */
#include <string.h>

#include "core/crypto/protection.h"
#include "core/wire/record.h"
#include "tests/crypto/crypto-tests.h"

/* Two ends of one direction. */
typedef struct {
    const Version *version;
    const Suite *suite;
    Random *random;
    Meter meter;
    Protection *sealer, *opener;
} Pair;

static Pair *pair_new(const Version *version, const Suite *suite)
{
    static const uint8_t secrets[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    Pair *pair = g_new0(Pair, 1);
    const ProtectionKeys keys = {
        .version = version,
        .suite = suite,
        .mac_secret = bytes_make(secrets, hash_size(suite->mac)),
        .key = bytes_make(secrets + 1, suite->key_size),
        .iv = bytes_make(secrets + 2, version->iv == IV_CHAINED ? suite->block_size : 0),
    };
    pair->version = version;
    pair->suite = suite;
    pair->random = random_new(1, "client");
    pair->sealer = protection_new(&keys, pair->random, &pair->meter, NULL);
    pair->opener = protection_new(&keys, pair->random, &pair->meter, NULL);
    ck_assert_ptr_nonnull(pair->sealer);
    ck_assert_ptr_nonnull(pair->opener);
    return pair;
}

static void pair_free(Pair *pair)
{
    protection_free(pair->sealer);
    protection_free(pair->opener);
    random_free(pair->random);
    g_free(pair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pair, pair_free)

static GByteArray *seal(Pair *pair, Bytes plaintext)
{
    GByteArray *output = g_byte_array_new();
    ck_assert(protection_seal(pair->sealer, CONTENT_APPLICATION_DATA, pair->version->number,
                              plaintext, 0, output, NULL));
    return output;
}

static bool opens(Pair *pair, Bytes fragment, GByteArray *output, Fault *fault)
{
    ContentType type = CONTENT_APPLICATION_DATA;
    return protection_open(pair->opener, &type, pair->version->number, fragment, output, fault);
}

static void assert_bad_record(bool opened, const Fault *fault, const GByteArray *output)
{
    ck_assert(!opened);
    ck_assert_int_eq(fault->alert, ALERT_BAD_RECORD_MAC);
    ck_assert_str_eq(fault->sentence, "the record does not authenticate");
    ck_assert_uint_eq(output->len, 0);
}

typedef void Visit(const Version *version, const Suite *suite);

static void for_all(Visit *visit)
{
    size_t visited = 0;
    for (size_t i = 0; i < suite_count(); i++)
        for (size_t j = 0; j < version_count(); j++) {
            if (!suite_fits(suite_at(i), version_at(j)->number))
                continue;
            visit(version_at(j), suite_at(i));
            visited++;
        }
    ck_assert_uint_eq(visited, 39);
}

static void round_trips(const Version *version, const Suite *suite)
{
    static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 100, 255, 256, 1000, 16384};
    static uint8_t plain[16384];
    g_autoptr(Pair) pair = pair_new(version, suite);
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) fragment = seal(pair, bytes_make(plain, sizes[i]));
        g_autoptr(GByteArray) output = g_byte_array_new();
        g_byte_array_append(output, (const guint8 *)"x", 1);
        ck_assert_uint_eq(protection_sequence(pair->opener), i);
        ck_assert_msg(opens(pair, bytes_from_array(fragment), output, NULL), "%s %s %zu",
                      version->name, suite->name, sizes[i]);
        ck_assert_uint_eq(output->data[0], 'x');
        ck_assert(bytes_equal(bytes_make(output->data + 1, output->len - 1),
                              bytes_make(plain, sizes[i])));
    }
    ck_assert_uint_eq(pair->meter.bytes_sealed, pair->meter.bytes_opened);
}

START_TEST(what_is_sealed_opens)
{
    for_all(round_trips);
}
END_TEST

static void flips(const Version *version, const Suite *suite)
{
    g_autoptr(Pair) made = pair_new(version, suite);
    g_autoptr(GByteArray) fragment = seal(made, bytes_from_text("GET /payroll HTTP/1.0"));
    for (guint i = 0; i < fragment->len; i++) {
        g_autoptr(Pair) pair = pair_new(version, suite);
        g_autoptr(GByteArray) output = g_byte_array_new();
        Fault fault = FAULT_INIT;
        fragment->data[i] ^= 0x41;
        bool opened = opens(pair, bytes_from_array(fragment), output, &fault);
        fragment->data[i] ^= 0x41;
        assert_bad_record(opened, &fault, output);
    }
}

START_TEST(every_flipped_byte_is_bad_record_mac)
{
    for_all(flips);
}
END_TEST

static void truncations(const Version *version, const Suite *suite)
{
    g_autoptr(Pair) made = pair_new(version, suite);
    g_autoptr(GByteArray) fragment = seal(made, bytes_from_text("GET /payroll HTTP/1.0"));
    for (guint size = 0; size < fragment->len; size++) {
        g_autoptr(Pair) pair = pair_new(version, suite);
        g_autoptr(GByteArray) output = g_byte_array_new();
        Fault fault = FAULT_INIT;
        assert_bad_record(opens(pair, bytes_make(fragment->data, size), output, &fault), &fault,
                          output);
    }
}

START_TEST(every_truncation_is_bad_record_mac)
{
    for_all(truncations);
}
END_TEST

static void wrong_context(const Version *version, const Suite *suite)
{
    g_autoptr(Pair) pair = pair_new(version, suite);
    g_autoptr(GByteArray) first = seal(pair, bytes_from_text("first"));
    g_autoptr(GByteArray) output = g_byte_array_new();
    Fault fault = FAULT_INIT;
    ContentType type = CONTENT_HANDSHAKE;
    bool opened = protection_open(pair->opener, &type, version->number, bytes_from_array(first),
                                  output, &fault);
    assert_bad_record(opened, &fault, output);
    g_autoptr(Pair) other = pair_new(version, suite);
    g_autoptr(GByteArray) one = seal(other, bytes_from_text("one"));
    g_autoptr(GByteArray) two = seal(other, bytes_from_text("two"));
    fault = FAULT_INIT; /* the second record in the place of the first */
    assert_bad_record(opens(other, bytes_from_array(two), output, &fault), &fault, output);
    if (version->mac == MAC_SSL3) /* RFC 6101 5.2.3.1: its MAC does not cover the version */
        return;
    g_autoptr(Pair) third = pair_new(version, suite);
    fault = FAULT_INIT;
    type = CONTENT_APPLICATION_DATA;
    opened = protection_open(third->opener, &type, version->number ^ 1, bytes_from_array(one),
                             output, &fault);
    assert_bad_record(opened, &fault, output);
}

START_TEST(type_version_and_order_are_covered)
{
    for_all(wrong_context);
}
END_TEST

START_TEST(explicit_ivs_differ_and_chained_ones_go_on)
{
    const Suite *suite = suite_by_name("AES128-SHA");
    g_autoptr(Pair) explicit_pair = pair_new(version_find(VERSION_TLS_1_1), suite);
    g_autoptr(GByteArray) a = seal(explicit_pair, bytes_from_text("same"));
    g_autoptr(GByteArray) b = seal(explicit_pair, bytes_from_text("same"));
    ck_assert_uint_eq(a->len, 16 + 32);
    ck_assert(memcmp(a->data, b->data, 16) != 0);
    g_autoptr(Pair) chained = pair_new(version_find(VERSION_TLS_1_0), suite);
    g_autoptr(GByteArray) c = seal(chained, bytes_from_text("same"));
    ck_assert_uint_eq(c->len, 32);
}
END_TEST

START_TEST(too_much_plaintext_overflows)
{
    static uint8_t plain[RECORD_PLAINTEXT_MOST + 1];
    g_autoptr(Pair) pair = pair_new(version_find(VERSION_TLS_1_2), suite_by_name("AES128-SHA"));
    g_autoptr(GByteArray) fragment = seal(pair, BYTES_ARRAY(plain));
    g_autoptr(GByteArray) output = g_byte_array_new();
    Fault fault = FAULT_INIT;
    ck_assert(!opens(pair, bytes_from_array(fragment), output, &fault));
    ck_assert_int_eq(fault.alert, ALERT_RECORD_OVERFLOW);
    ck_assert_uint_eq(output->len, 0);
}
END_TEST

/* A padding that lies changes how much is hashed: the difference that Lucky Thirteen measures is
 * there to be seen, and the answer is the same. */
START_TEST(the_meter_sees_what_the_answer_hides)
{
    uint8_t fragment[16 + 320] = {0};
    g_autoptr(Pair) pair = pair_new(version_find(VERSION_TLS_1_2), suite_by_name("AES128-SHA"));
    g_autoptr(GByteArray) output = g_byte_array_new();
    Fault fault = FAULT_INIT;
    assert_bad_record(opens(pair, BYTES_ARRAY(fragment), output, &fault), &fault, output);
    /* no valid padding: 320 - 20 - 1 bytes and a header of 13 are hashed, then the outer blocks */
    ck_assert_uint_eq(pair->meter.hash_blocks, (13 + 299 + 9 + 63) / 64 + 1);
}
END_TEST

START_TEST(a_wrong_key_size_is_our_fault)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Random) random = random_new(1, "client");
    const ProtectionKeys keys = {
        .version = version_find(VERSION_TLS_1_2),
        .suite = suite_by_name("AES128-SHA"),
        .mac_secret = hex("00"),
        .key = hex("00"),
    };
    ck_assert_ptr_null(protection_new(&keys, random, NULL, &fault));
    ck_assert_int_eq(fault.blame, FAULT_OF_US);
}
END_TEST

TCase *protection_tests(void)
{
    TCase *tests = tcase_create("protection");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_sealed_opens);
    tcase_add_test(tests, every_flipped_byte_is_bad_record_mac);
    tcase_add_test(tests, every_truncation_is_bad_record_mac);
    tcase_add_test(tests, type_version_and_order_are_covered);
    tcase_add_test(tests, explicit_ivs_differ_and_chained_ones_go_on);
    tcase_add_test(tests, too_much_plaintext_overflows);
    tcase_add_test(tests, the_meter_sees_what_the_answer_hides);
    tcase_add_test(tests, a_wrong_key_size_is_our_fault);
    return tests;
}
