/* Files that nobody should have to read.
 *
 * Captures cut at every place, with bytes changed, with random bytes in place of packets, of blocks
 * and of key logs: each is read as far as it goes or refused with one sentence, and nothing else
 * happens. Under a sanitizer this is where lengths that lie would show.
 */
#include <string.h>

#include "sim/world.h"
#include "tests/import/import-tests.h"
#include "viz/pcapng.h"

static GByteArray *sample_file(const char *name)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Scenario) scenario = support_catalogue(name);
    g_autoptr(Trace) trace = world_play(scenario_plan(scenario, 0), &fault);
    GByteArray *file = g_byte_array_new();
    pcapng_write(trace, file);
    return file;
}

/* It is read, or refused with words. */
static void survive(Bytes file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ReadCapture) read = read_capture(file, BYTES_NONE, NULL, &error);
    ck_assert((read == NULL) == (error != NULL));
    if (read == NULL)
        ck_assert(error->domain == CAPTURE_ERROR && *error->message != '\0');
    else
        ck_assert(read->capture->broken == NULL || *read->capture->broken != '\0');
}

START_TEST(cut_at_any_place)
{
    g_autoptr(GByteArray) file = sample_file("normal");
    for (guint size = 0; size < file->len; size += size < 600 ? 1 : 7)
        survive(bytes_make(file->data, size));
    g_autoptr(GError) error = NULL;
    g_autoptr(ReadCapture) read =
        read_capture(bytes_make(file->data, file->len - 10), BYTES_NONE, NULL, &error);
    ck_assert_ptr_nonnull(read);
    ck_assert_ptr_nonnull(read->capture->broken); /* and the rest is there */
    ck_assert_uint_eq(read->traces->len, 1);
}
END_TEST

START_TEST(changed_bytes)
{
    static const char *const names[] = {"normal", "tls-1.3", "ssl-2.0", "session-id", "early-data"};
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)_i + 1);
    g_autoptr(GByteArray) file = sample_file(names[_i % (int)G_N_ELEMENTS(names)]);
    for (int round = 0; round < 60; round++) {
        g_autoptr(GByteArray) copy = g_byte_array_new();
        bytes_append(copy, bytes_from_array(file));
        int changes = g_rand_int_range(rand, 1, 8);
        for (int i = 0; i < changes; i++) {
            gint32 at = g_rand_int_range(rand, 0, (gint32)copy->len);
            copy->data[at] = (uint8_t)g_rand_int_range(rand, 0, 256);
        }
        survive(bytes_from_array(copy));
    }
}
END_TEST

/* Random bytes behind a head that promises packets. */
START_TEST(random_bytes)
{
    static const uint8_t head[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 0xff, [17] = 0xff};
    static const uint8_t links[] = {1, 0, 101, 113, 228, 229, 108};
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    for (int round = 0; round < 400; round++) {
        g_autoptr(GByteArray) file = g_byte_array_new();
        g_byte_array_append(file, head, sizeof head);
        file->data[20] = links[round % (int)G_N_ELEMENTS(links)];
        for (int packet = 0; packet < 20; packet++) {
            uint8_t frame[120];
            const uint32_t about[] = {1, 2, sizeof frame, sizeof frame};
            for (size_t i = 0; i < sizeof frame; i++)
                frame[i] = (uint8_t)g_rand_int_range(rand, 0, round % 2 == 0 ? 256 : 70);
            g_byte_array_append(file, (const guint8 *)about, sizeof about);
            g_byte_array_append(file, frame, sizeof frame);
        }
        survive(bytes_from_array(file));
    }
}
END_TEST

/* A segment with random bytes for TCP's payload, and sequence numbers anywhere. */
static void put_segment(GByteArray *file, GRand *rand, bool hello)
{
    uint8_t frame[20 + 20 + 64] = {0x45, 0, 0, sizeof frame, 0, 0, 0, 0,    64, 6, 0,   0, 10,
                                   0,    0, 1, 10,           0, 0, 2, 0xc0, 0,  1, 0xbb};
    static const uint8_t start[] = {22, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3};
    const uint32_t about[] = {1, 2, sizeof frame, sizeof frame};
    bool back = !hello && g_rand_int_range(rand, 0, 2) == 0;
    for (size_t i = 0; back && i < 4; i++) {
        frame[12 + i] = frame[16 + i];
        frame[16 + i] = (uint8_t)(i == 0 ? 10 : i == 3 ? 1 : 0);
        frame[20 + i] = (uint8_t[]){1, 0xbb, 0xc0, 0}[i];
    }
    for (size_t i = 24; !hello && i < 32; i++)
        frame[i] = (uint8_t)g_rand_int_range(rand, 0, i % 4 < 2 ? 2 : 256);
    frame[32] = 0x50;
    frame[33] = (uint8_t)(g_rand_int_range(rand, 0, 8) == 0 ? g_rand_int_range(rand, 0, 64) : 16);
    for (size_t i = 40; i < sizeof frame; i++)
        frame[i] = (uint8_t)g_rand_int_range(rand, 0, 256);
    if (hello || g_rand_int_range(rand, 0, 3) == 0)
        memcpy(frame + 40, start, sizeof start);
    g_byte_array_append(file, (const guint8 *)about, sizeof about);
    g_byte_array_append(file, frame, sizeof frame);
}

START_TEST(random_segments)
{
    static const uint8_t head[24] = {0xd4, 0xc3, 0xb2,        0xa1,        2,         0,
                                     4,    0,    [16] = 0xff, [17] = 0xff, [20] = 101};
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    for (int round = 0; round < 300; round++) {
        g_autoptr(GByteArray) file = g_byte_array_new();
        g_byte_array_append(file, head, sizeof head);
        for (int packet = 0; packet < 40; packet++)
            put_segment(file, rand, packet == 0);
        survive(bytes_from_array(file));
    }
}
END_TEST

/* Key logs: words of any kind. */
START_TEST(key_logs_of_any_kind)
{
    static const char *const bad[] = {"CLIENT_RANDOM 00 11", "CLIENT_RANDOM", "x y z", "\0\0\0",
                                      "CLIENT_RANDOM  double  blanks"};
    g_autoptr(Secrets) secrets = secrets_new();
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("# comment\n\n%s\n", bad[i]);
        g_autoptr(SecretsReport) report = secrets_report_new();
        ck_assert_uint_eq(secrets_parse(secrets, bytes_make(text, strlen(text)), report), 0);
        ck_assert_uint_eq(report->first, *bad[i] == '\0' ? 0 : 3);
        ck_assert_uint_eq(report->bad, *bad[i] == '\0' ? 0 : 1);
    }
    g_autofree char *random = g_strnfill(64, 'a');
    g_autofree char *secret = g_strnfill(96, 'B');
    g_autofree char *text =
        g_strdup_printf("# made by hand\r\nCLIENT_RANDOM\t%s  %s\r\nOTHER %s cc\nnonsense\n",
                        random, secret, random);
    g_autoptr(SecretsReport) report = secrets_report_new();
    ck_assert_uint_eq(secrets_parse(secrets, bytes_make(text, strlen(text)), report), 1);
    ck_assert_uint_eq(report->passed_over, 2);
    ck_assert_uint_eq(report->bad, 1);
    ck_assert_str_eq(g_ptr_array_index(report->told, 0),
                     "3: nobody here knows the label OTHER, passed over");
    ck_assert(g_str_has_prefix(g_ptr_array_index(report->told, 1), "4: no line of a key log"));
    uint8_t name[32], found[64];
    memset(name, 0xaa, sizeof name);
    ck_assert_uint_eq(secrets_find(secrets, "CLIENT_RANDOM", BYTES_ARRAY(name), found), 48);
    ck_assert_uint_eq(found[47], 0xbb);
    g_autofree char *endless = g_strnfill(100000, '0');
    ck_assert_uint_eq(secrets_parse(secrets, bytes_make(endless, 100000), report), 0);
}
END_TEST

void add_hostile_tests(TCase *tests)
{
    tcase_add_test(tests, cut_at_any_place);
    tcase_add_loop_test(tests, changed_bytes, 0, 10);
    tcase_add_test(tests, random_bytes);
    tcase_add_test(tests, random_segments);
    tcase_add_test(tests, key_logs_of_any_kind);
}
