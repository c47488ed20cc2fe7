/* shakedown read, as a user has it: captures of our own runs.
 *
 * What is printed, which files are made, how several connections are numbered, what is said of
 * files that are none, and the exit status of each.
 */
#include <string.h>

#include "tests/cli/cli-tests.h"

static void capture_make(const char *name)
{
    g_autofree char *file = g_strdup_printf("%s.pcapng", name);
    g_auto(Outcome) outcome = shakedown(NULL, "run", name, "-o", file, NULL);
    assert_status(&outcome, 0);
}

START_TEST(a_capture_is_drawn)
{
    capture_make("tls-1.3");
    g_auto(Outcome) outcome = shakedown(NULL, "read", "tls-1.3.pcapng", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "Connection 1 of tls-1.3.pcapng");
    assert_prints(&outcome, "{EncryptedExtensions}");
    assert_prints(&outcome, "CN=www.lab.example,O=Lab");
    g_auto(Outcome) json = shakedown(NULL, "read", "tls-1.3.pcapng", "--json", NULL);
    assert_status(&json, 0);
    assert_prints(&json, "\"kind\":\"verdict\"");
    g_auto(Outcome) list = shakedown(NULL, "read", "tls-1.3.pcapng", "--list", NULL);
    assert_status(&list, 0);
    ck_assert_str_eq(list.out->str,
                     "1  10.0.1.1 port 49152 to 10.0.1.2 port 443  13 records, 13 messages\n");
}
END_TEST

START_TEST(several_connections_are_numbered)
{
    g_auto(Outcome) made =
        shakedown(NULL, "run", "session-id/resumed", "-o", "session-id.pcapng", NULL);
    assert_status(&made, 0);
    g_auto(Outcome) list = shakedown(NULL, "read", "session-id.pcapng", "--list", NULL);
    assert_status(&list, 0);
    assert_prints(&list, "\n2  10.0.1.1 port 49153");
    unsigned before = file_count();
    g_auto(Outcome) outcome = shakedown(NULL, "read", "session-id.pcapng", "-o", "x.dot", NULL);
    assert_status(&outcome, 0);
    ck_assert(file_exists("x-1.dot") && file_exists("x-2.dot") && !file_exists("x.dot"));
    ck_assert_uint_gt(file_count(), before + 1);
    g_auto(Outcome) picture = shakedown(NULL, "read", "session-id.pcapng", "-f", "dot", NULL);
    assert_status(&picture, 2);
    assert_says(&picture, "standard output takes one dot");
    g_auto(Outcome) one =
        shakedown(NULL, "read", "session-id.pcapng", "-f", "dot", "-c", "2", NULL);
    assert_status(&one, 0);
    g_auto(Outcome) none = shakedown(NULL, "read", "session-id.pcapng", "-c", "99", NULL);
    assert_status(&none, 2);
    assert_says(&none, "no such connection");
    g_auto(Outcome) port = shakedown(NULL, "read", "session-id.pcapng", "--port", "25", NULL);
    assert_status(&port, 2);
    assert_says(&port, "no SSL or TLS connection");
}
END_TEST

/* A key log beside a capture: of the same run, and of another. */
START_TEST(key_logs_open)
{
    g_auto(Outcome) made =
        shakedown(NULL, "run", "normal", "-o", "normal.pcapng", "-k", "keys.log", NULL);
    assert_status(&made, 0);
    g_auto(Outcome) outcome =
        shakedown(NULL, "read", "normal.pcapng", "--keylog", "keys.log", NULL);
    assert_status(&outcome, 0);
    write_text("wrong.log", "this is no key log\n");
    g_auto(Outcome) wrong = shakedown(NULL, "read", "normal.pcapng", "-k", "wrong.log", NULL);
    assert_status(&wrong, 2);
    assert_says(&wrong, "wrong.log:1: this is no line of a key log");
    g_auto(Outcome) key = shakedown(NULL, "read", "normal.pcapng", "--key", "wrong.log", NULL);
    assert_status(&key, 2);
}
END_TEST

/* A capture as a scenario: it is read, run, and the same is settled again. */
START_TEST(a_capture_is_run_again)
{
    g_auto(Outcome) made = shakedown(NULL, "run", "session-id/resumed", "-o", "twice.pcapng", NULL);
    assert_status(&made, 0);
    g_auto(Outcome) outcome =
        shakedown(NULL, "read", "twice.pcapng", "--as-scenario", "-o", "again.scn", NULL);
    assert_status(&outcome, 0);
    assert_says(&outcome, "wrote again.scn: 2 connections again");
    g_auto(Outcome) check = shakedown(NULL, "check", "again.scn", NULL);
    assert_status(&check, 0);
    g_auto(Outcome) run = shakedown(NULL, "run", "again.scn", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "held    resumed");
    g_auto(Outcome) printed = shakedown(NULL, "read", "twice.pcapng", "-s", "-c", "1", NULL);
    assert_status(&printed, 0);
    assert_prints(&printed, "# 1 connection, captured on 2026-03-01");
    g_auto(Outcome) both = shakedown(NULL, "read", "twice.pcapng", "-s", "--json", NULL);
    assert_status(&both, 2);
    assert_says(&both, "--as-scenario and --json are two things");
}
END_TEST

/* A key log with lines that are none, or of labels that nobody knows: named, and passed over. */
START_TEST(odd_lines_of_key_logs_are_named)
{
    g_auto(Outcome) made =
        shakedown(NULL, "run", "normal", "-o", "odd.pcapng", "-k", "odd.log", NULL);
    assert_status(&made, 0);
    g_autoptr(GString) log = read_file("odd.log");
    g_string_prepend(log, "# a comment\r\nNEW_LABEL "
                          "00000000000000000000000000000000000000000000000000000000000000ff 00\r\n"
                          "nonsense\n");
    write_text("odd.log", log->str);
    g_auto(Outcome) outcome = shakedown(NULL, "read", "odd.pcapng", "-k", "odd.log", NULL);
    assert_status(&outcome, 0);
    assert_says(&outcome, "odd.log:2: nobody here knows the label NEW_LABEL, passed over");
    assert_says(&outcome, "odd.log:3: no line of a key log");
}
END_TEST

START_TEST(from_standard_input)
{
    capture_make("tls-1.3");
    g_autoptr(GString) file = read_file("tls-1.3.pcapng");
    Around around = {.input = file->str, .input_size = (gssize)file->len};
    g_auto(Outcome) outcome = shakedown(&around, "read", "-", NULL);
    assert_status(&outcome, 0);
    assert_prints(&outcome, "Connection 1 of standard input");
    assert_prints(&outcome, "{EncryptedExtensions}"); /* by the secrets that it holds */
    around.input_size /= 2;
    g_auto(Outcome) half = shakedown(&around, "read", "-", NULL);
    assert_status(&half, 2);
    assert_says(&half, "standard input: the file breaks off behind packet");
}
END_TEST

START_TEST(what_is_no_capture)
{
    write_text("text.pcap", "hello\n");
    capture_make("normal");
    g_autoptr(GString) file = read_file("normal.pcapng");
    write_bytes("short.pcapng", file->str, file->len - 40);
    g_auto(Outcome) text = shakedown(NULL, "read", "text.pcap", NULL);
    assert_status(&text, 2);
    assert_says(&text, "text.pcap: no capture can be read");
    g_auto(Outcome) missing = shakedown(NULL, "read", "missing.pcap", NULL);
    assert_status(&missing, 2);
    assert_says(&missing, "missing.pcap: No such file");
    g_auto(Outcome) cut = shakedown(NULL, "read", "short.pcapng", NULL);
    assert_status(&cut, 2);
    assert_says(&cut, "the file breaks off behind packet");
    assert_prints(&cut, "ClientHello");
    g_auto(Outcome) two = shakedown(NULL, "read", "text.pcap", "text.pcap", NULL);
    assert_status(&two, 2);
    g_auto(Outcome) nothing = shakedown(NULL, "read", NULL);
    assert_status(&nothing, 2);
}
END_TEST

void add_read_tests(TCase *tests)
{
    tcase_add_test(tests, a_capture_is_drawn);
    tcase_add_test(tests, several_connections_are_numbered);
    tcase_add_test(tests, key_logs_open);
    tcase_add_test(tests, a_capture_is_run_again);
    tcase_add_test(tests, odd_lines_of_key_logs_are_named);
    tcase_add_test(tests, from_standard_input);
    tcase_add_test(tests, what_is_no_capture);
}
