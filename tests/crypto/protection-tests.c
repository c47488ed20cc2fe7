/* Tests of record protection.
 *
 * For every suite in every version that carries it: what is sealed opens again, over many records
 * and sizes; every flipped byte, every truncation, another type, version or order is
 * bad_record_mac, with the same words; CBC also with encrypt-then-MAC. Then what is special:
 * explicit IVs differ, chained ones go on, nonces count, a record over 2^14 overflows, the meter
 * counts, and what TLS 1.3 says of the plaintext inside.
 */
#include <string.h>

#include "core/crypto/digest.h"
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

/* Which of the two orders the pairs of CBC suites use: for_all() goes through both. */
static bool encrypt_then_mac;

static size_t iv_size(const Version *version, const Suite *suite)
{
    const CipherRow *cipher = cipher_row(suite->cipher);
    if (cipher->mode == CIPHER_MODE_AEAD)
        return cipher->nonce == NONCE_EXPLICIT && version->mac != MAC_AEAD ? 4 : 12;
    return version->iv == IV_CHAINED ? suite->block_size : 0;
}

static Pair *pair_new(const Version *version, const Suite *suite)
{
    static const uint8_t secrets[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    Pair *pair = g_new0(Pair, 1);
    const ProtectionKeys keys = {
        .version = version,
        .suite = suite,
        .mac_secret = bytes_make(secrets, hash_size(suite->mac)),
        .key = bytes_make(secrets + 1, suite->key_size),
        .iv = bytes_make(secrets + 2, iv_size(version, suite)),
        .encrypt_then_mac = encrypt_then_mac && suite->block_size > 0,
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
    RecordParts parts = protection_parts(pair->sealer);
    ck_assert(bytes_equal(parts.iv, bytes_make(output->data, parts.iv.size)));
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
            if (version_at(j)->mac == MAC_SSL2 || !suite_fits(suite_at(i), version_at(j)->number))
                continue;
            for (int etm = 0; etm < (suite_at(i)->block_size > 0 ? 2 : 1); etm++) {
                encrypt_then_mac = etm == 1;
                visit(version_at(j), suite_at(i));
                visited++;
            }
        }
    encrypt_then_mac = false;
    ck_assert_uint_eq(visited, 440);
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
    ContentType type = CONTENT_HANDSHAKE; /* of the header: in TLS 1.3 it is covered as well */
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

/* RFC 7366 3: content and padding are encrypted, the MAC stands behind, in clear. */
START_TEST(encrypt_then_mac_has_its_layout)
{
    const Version *version = version_find(VERSION_TLS_1_2);
    uint8_t covered[13 + 16 + 16] = {0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3, 0, 32}, mac[20];
    encrypt_then_mac = true;
    g_autoptr(Pair) pair = pair_new(version, suite_by_name("AES128-SHA"));
    g_autoptr(GByteArray) fragment = seal(pair, bytes_from_text("fifteen bytes.."));
    ck_assert_uint_eq(fragment->len, 16 + 16 + 20);
    memcpy(covered + 13, fragment->data, 32);
    hmac(HASH_SHA1, hex("0102030405060708090a0b0c0d0e0f1000000000"),
         (Bytes[]){BYTES_ARRAY(covered)}, 1, mac);
    assert_bytes(bytes_make(fragment->data + 32, 20), BYTES_ARRAY(mac), "MAC");
    RecordParts parts = protection_parts(pair->sealer);
    assert_bytes(parts.mac, BYTES_ARRAY(mac), "record_MAC");
    assert_bytes(parts.padding, hex("00"), "padding");
    uint64_t before = pair->meter.cipher_bytes;
    g_autoptr(GByteArray) output = g_byte_array_new();
    fragment->data[20] ^= 1;
    ck_assert(!opens(pair, bytes_from_array(fragment), output, NULL));
    ck_assert_uint_eq(pair->meter.cipher_bytes, before); /* nothing was decrypted */
}
END_TEST

/* RFC 5288 3: salt and the sequence number, which travels; it may be pinned to what it must not be.
 */
START_TEST(nonces_count_and_may_be_pinned)
{
    const Version *version = version_find(VERSION_TLS_1_2);
    const Suite *suite = suite_by_name("AES128-GCM-SHA256");
    g_autoptr(Pair) pair = pair_new(version, suite);
    for (uint8_t i = 0; i < 3; i++) {
        g_autoptr(GByteArray) fragment = seal(pair, bytes_from_text("same"));
        const uint8_t sequence[8] = {0, 0, 0, 0, 0, 0, 0, i};
        ck_assert_uint_eq(fragment->len, 8 + 4 + 16);
        assert_bytes(bytes_make(fragment->data, 8), BYTES_ARRAY(sequence), "nonce_explicit");
    }
    g_autoptr(Pair) twice = pair_new(version, suite);
    random_pin(twice->random, "record_nonce", hex("aabbccddeeff0011"));
    g_autoptr(GByteArray) a = seal(twice, bytes_from_text("same"));
    g_autoptr(GByteArray) b = seal(twice, bytes_from_text("same"));
    assert_bytes(bytes_make(a->data, 12), bytes_make(b->data, 12), "nonce and key stream");
    g_autoptr(GByteArray) output = g_byte_array_new();
    ck_assert(opens(twice, bytes_from_array(a), output, NULL));
}
END_TEST

/* A sealed record whose insides are what they should not be: TLS 1.3 sealed by hand of ours. */
static Fault inside(Bytes content, ContentType type, size_t zeros)
{
    g_autoptr(Pair) pair = pair_new(version_find(VERSION_TLS_1_3), suite_find(0x1301));
    g_autoptr(GByteArray) fragment = g_byte_array_new();
    g_autoptr(GByteArray) output = g_byte_array_new();
    Fault fault = FAULT_INIT;
    ck_assert(protection_seal(pair->sealer, type, VERSION_TLS_1_3, content, zeros, fragment, NULL));
    ck_assert_uint_eq(protection_parts(pair->sealer).padding.size, zeros);
    ContentType found = protection_outer_type(pair->opener, type);
    ck_assert_int_eq(found, CONTENT_APPLICATION_DATA);
    bool opened = protection_open(pair->opener, &found, VERSION_TLS_1_3, bytes_from_array(fragment),
                                  output, &fault);
    ck_assert(opened == (fault.blame == FAULT_NONE));
    ck_assert_int_eq(found, opened ? type : CONTENT_APPLICATION_DATA);
    ck_assert_uint_eq(output->len, opened ? content.size : 0);
    ck_assert_uint_eq(protection_sequence(pair->opener), opened ? 1 : 0);
    return fault;
}

/* RFC 8446 5.2 and 5.4 */
START_TEST(the_plaintext_inside)
{
    static const uint8_t most[RECORD_PLAINTEXT_MOST + 300];
    Bytes full = bytes_make(most, RECORD_PLAINTEXT_MOST), hello = bytes_from_text("hello");
    ck_assert_int_eq(inside(hello, CONTENT_HANDSHAKE, 0).blame, FAULT_NONE);
    ck_assert_int_eq(inside(hello, CONTENT_ALERT, 16379).blame, FAULT_NONE);
    ck_assert_int_eq(inside(full, CONTENT_APPLICATION_DATA, 0).blame, FAULT_NONE);
    ck_assert_int_eq(inside(BYTES_NONE, CONTENT_APPLICATION_DATA, 9).blame, FAULT_NONE);
    ck_assert_int_eq(inside(hello, CONTENT_ALERT, 16380).alert, ALERT_RECORD_OVERFLOW);
    ck_assert_int_eq(inside(full, CONTENT_APPLICATION_DATA, 1).alert, ALERT_RECORD_OVERFLOW);
    Bytes over = BYTES_ARRAY(most); /* over 2^14 + 256 with its tag */
    ck_assert_int_eq(inside(over, CONTENT_APPLICATION_DATA, 0).alert, ALERT_RECORD_OVERFLOW);
    ck_assert_int_eq(inside(BYTES_NONE, CONTENT_HANDSHAKE, 0).alert, ALERT_UNEXPECTED_MESSAGE);
    ck_assert_int_eq(inside(BYTES_NONE, CONTENT_ALERT, 4).alert, ALERT_UNEXPECTED_MESSAGE);
    ck_assert_int_eq(inside(BYTES_NONE, (ContentType)0, 4).alert, ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

/* RFC 8446 4.2.10: records of rejected early data fail, and the next good one still opens. */
START_TEST(a_failure_moves_no_sequence)
{
    const Version *version = version_find(VERSION_TLS_1_3);
    g_autoptr(Pair) pair = pair_new(version, suite_find(0x1301));
    g_autoptr(GByteArray) good = seal(pair, bytes_from_text("good"));
    g_autoptr(GByteArray) output = g_byte_array_new();
    static const uint8_t other[40];
    for (int i = 0; i < 3; i++)
        ck_assert(!opens(pair, BYTES_ARRAY(other), output, NULL));
    ck_assert(opens(pair, bytes_from_array(good), output, NULL));
    ck_assert_uint_eq(pair->meter.cipher_bytes, 5 + 3 * 24 + 5);
}
END_TEST

START_TEST(what_does_not_go_together)
{
    static const uint8_t zeros[32];
    static const struct {
        ProtocolVersion version;
        SuiteNumber suite;
        size_t iv;
        bool etm;
    } cases[] = {
        {VERSION_TLS_1_3, 0x002f, 12, false},  /* CBC in TLS 1.3 */
        {VERSION_SSL_2_0, 0x010080, 0, false}, /* ssl2.h's */
        {VERSION_TLS_1_2, 0x009c, 4, true},    /* RFC 7366 3: CBC alone */
        {VERSION_TLS_1_2, 0x0005, 0, true},
        {VERSION_TLS_1_2, 0x009c, 12, false}, /* a salt has 4 bytes */
        {VERSION_TLS_1_3, 0x1301, 4, false},
    };
    g_autoptr(Random) random = random_new(1, "client");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fault fault = FAULT_INIT;
        const Suite *suite = suite_find(cases[i].suite);
        const ProtectionKeys keys = {
            .version = version_find(cases[i].version),
            .suite = suite,
            .mac_secret = bytes_make(zeros, hash_size(suite->mac)),
            .key = bytes_make(zeros, suite->key_size),
            .iv = bytes_make(zeros, cases[i].iv),
            .encrypt_then_mac = cases[i].etm,
        };
        ck_assert_ptr_null(protection_new(&keys, random, NULL, &fault));
        ck_assert_int_eq(fault.blame, FAULT_OF_US);
    }
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
    tcase_add_test(tests, encrypt_then_mac_has_its_layout);
    tcase_add_test(tests, nonces_count_and_may_be_pinned);
    tcase_add_test(tests, the_plaintext_inside);
    tcase_add_test(tests, a_failure_moves_no_sequence);
    tcase_add_test(tests, what_does_not_go_together);
    tcase_add_test(tests, a_wrong_key_size_is_our_fault);
    return tests;
}
