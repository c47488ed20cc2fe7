/* Outputs that cannot be written: what was there survives, nothing half stays behind, and the
 * program says so and exits with 3.
 *
 * Devices that are always full, folders that are not there, limits on the size of a file, and
 * standard outputs that nobody reads.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/cli-tests.h"

static void assert_file(const char *name, const char *text)
{
    GString *content = read_file(name);
    ck_assert_str_eq(content->str, text);
    g_string_free(content, TRUE);
}

START_TEST(a_limit_on_the_size_of_files)
{
    static const char *const options[] = {"-o", "-o", "-o", "--pcap", "--keylog"};
    static const char *const names[] = {"x.svg", "x.json", "x.txt", "x.pcapng", "x.keylog"};
    const Around around = {.file_size = 64};
    write_text(names[_i], "old");
    g_auto(Outcome) outcome = shakedown(&around, "run", "normal", options[_i], names[_i], NULL);
    assert_status(&outcome, 3);
    g_autofree char *told = g_strdup_printf("%s cannot be written: File too large", names[_i]);
    assert_says(&outcome, told);
    assert_file(names[_i], "old");
    ck_assert_uint_eq(file_count(), 1);
}
END_TEST

START_TEST(a_limit_and_no_file_before)
{
    const Around around = {.file_size = 64};
    g_auto(Outcome) outcome = shakedown(&around, "draw", "normal", "-o", "x.png", NULL);
    assert_status(&outcome, 3);
    ck_assert_uint_eq(file_count(), 0);
}
END_TEST

START_TEST(full_devices)
{
    g_auto(Outcome) file =
        shakedown(NULL, "run", "normal", "-o", "/dev/full", "--format=svg", NULL);
    assert_status(&file, 3);
    assert_says(&file, "/dev/full cannot be written: No space left on device");
    const Around around = {.output_path = "/dev/full"};
    static const char *const verbs[] = {"run", "show", "check", "draw"};
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_auto(Outcome) outcome = shakedown(&around, verbs[i], "normal", NULL);
        assert_status(&outcome, 3);
        assert_says(&outcome, "standard output cannot be written: No space left on device");
    }
    static const char *const others[] = {"list", "new", "--help", "--version", "--manual"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_auto(Outcome) outcome = shakedown(&around, others[i], NULL);
        assert_status(&outcome, 3);
        assert_says(&outcome, "standard output cannot be written");
    }
    g_auto(Outcome) tap = shakedown(&around, "run", "--tap", "normal", NULL);
    assert_status(&tap, 3);
}
END_TEST

START_TEST(nobody_reads)
{
    const Around around = {.closed = true};
    g_auto(Outcome) outcome = shakedown(&around, "run", "normal", NULL);
    assert_status(&outcome, 3);
    assert_says(&outcome, "standard output cannot be written: Broken pipe");
}
END_TEST

START_TEST(a_null_device_takes_all)
{
    g_auto(Outcome) outcome =
        shakedown(NULL, "run", "bad-certificate", "-o", "/dev/null", "--format=json", NULL);
    assert_status(&outcome, 0);
    struct stat about;
    ck_assert(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode)); /* still the device */
}
END_TEST

START_TEST(places_that_are_not_there)
{
    g_auto(Outcome) outcome = shakedown(NULL, "draw", "normal", "-o", "no/folder/x.svg", NULL);
    assert_status(&outcome, 3);
    assert_says(&outcome, "no/folder/x.svg cannot be written: No such file or directory");
    ck_assert_uint_eq(file_count(), 0);
    /* nobody makes files there, not even root */
    g_auto(Outcome) proc = shakedown(NULL, "draw", "normal", "-o", "/proc/x.svg", NULL);
    assert_status(&proc, 3);
    assert_says(&proc, "/proc/x.svg cannot be written: ");
}
END_TEST

START_TEST(a_directory_as_output)
{
    g_autofree char *path = g_build_filename(folder(), "dir.svg", NULL);
    ck_assert(g_mkdir(path, 0755) == 0);
    g_auto(Outcome) outcome = shakedown(NULL, "draw", "normal", "-o", "dir.svg", NULL);
    assert_status(&outcome, 3);
    assert_says(&outcome, "dir.svg cannot be written: Is a directory");
    ck_assert_uint_eq(file_count(), 1);
}
END_TEST

START_TEST(a_file_is_replaced_with_its_permissions)
{
    write_text("x.svg", "old");
    g_autofree char *path = g_build_filename(folder(), "x.svg", NULL);
    ck_assert(chmod(path, 0640) == 0);
    g_auto(Outcome) outcome = shakedown(NULL, "draw", "normal", "-o", "x.svg", NULL);
    assert_status(&outcome, 0);
    assert_says(&outcome, "wrote x.svg: normal, seed 1");
    struct stat about;
    ck_assert(stat(path, &about) == 0);
    ck_assert_uint_eq(about.st_mode & 07777, 0640);
    ck_assert_int_gt(about.st_size, 1000);
    ck_assert_uint_eq(file_count(), 1);
}
END_TEST

START_TEST(a_link_is_followed)
{
    write_text("target.json", "old");
    g_autofree char *path = g_build_filename(folder(), "link.json", NULL);
    ck_assert(symlink("target.json", path) == 0);
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", "-o", "link.json", NULL);
    assert_status(&outcome, 0);
    ck_assert(g_file_test(path, G_FILE_TEST_IS_SYMLINK));
    GString *content = read_file("target.json");
    ck_assert_msg(g_str_has_prefix(content->str, "{\"shakedown\":1,"), "%s", content->str);
    g_string_free(content, TRUE);
}
END_TEST

START_TEST(new_never_replaces)
{
    write_text("mine.scn", "precious");
    g_auto(Outcome) outcome = shakedown(NULL, "new", "mine.scn", NULL);
    assert_status(&outcome, 2);
    assert_says(&outcome, "mine.scn is there already; --force replaces it");
    assert_file("mine.scn", "precious");
    g_auto(Outcome) forced = shakedown(NULL, "new", "--force", "mine.scn", NULL);
    assert_status(&forced, 0);
    g_auto(Outcome) run = shakedown(NULL, "run", "mine.scn", NULL);
    assert_status(&run, 0);
    ck_assert_uint_eq(file_count(), 1);
}
END_TEST

void add_output_tests(TCase *tests)
{
    tcase_add_loop_test(tests, a_limit_on_the_size_of_files, 0, 5);
    tcase_add_test(tests, a_limit_and_no_file_before);
    tcase_add_test(tests, full_devices);
    tcase_add_test(tests, nobody_reads);
    tcase_add_test(tests, a_null_device_takes_all);
    tcase_add_test(tests, places_that_are_not_there);
    tcase_add_test(tests, a_directory_as_output);
    tcase_add_test(tests, a_file_is_replaced_with_its_permissions);
    tcase_add_test(tests, a_link_is_followed);
    tcase_add_test(tests, new_never_replaces);
}
