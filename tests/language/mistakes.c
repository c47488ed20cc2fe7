/* Wrong scenarios: each kind of mistake gives its error at its line and column, with what would be
 * right.
 *
 * The table is the test: a text, the place that the caret points at, and words that the message
 * must hold. What the plan's check refuses stands beside what the parser does, because who writes a
 * scenario cannot tell them apart.
 */
#include <string.h>

#include "scenarios/language/scenario.h"
#include "tests/language/language-tests.h"
#include "tests/support/support.h"

/* clang-format off */
static const struct {
    const char *text;
    int line, column;
    const char *says;
} mistakes[] = {
    {"scenario \"x\"\n  abuot \"y\"\n", 2, 3, "did you mean \"about\"?"},
    {"scenaro \"x\"\n", 1, 1, "did you mean \"scenario\"?"},
    {"scenario x\n", 1, 10, "in quotes"},
    {"scenario \"x\n", 1, 10, "no closing quote"},
    {"scenario \"x\"\nclient\n  suites TLS_RSA_WITH_AES_128_CBC_SHB\n", 3, 10, "did you mean \"TLS_RSA_WITH_AES_128_CBC_SHA\"?"},
    {"scenario \"x\"\nclient\n  suites TLS_RSA_WITH_IDEA_CBC_SHA\n", 3, 10, "is known but does not run here"},
    {"scenario \"x\"\nclient\n  versions TLS 1.4\n", 3, 16, "is no version"},
    {"scenario \"x\"\nclient\n  versions SSL 2.1\n", 3, 16, "is no version"},
    {"scenario \"x\"\nclient\n  suites TLS_ECDH_RSA_WITH_AES_128_CBC_SHA\n", 3, 10, "is known but does not run here: "},
    {"scenario \"x\"\nclient\n  groups x25518\n", 3, 10, "did you mean \"x25519\"?"},
    {"scenario \"x\"\nclient\n  groups x25519, sect163k1\n", 3, 18, "sect163k1 is known but does not run here; there are secp256r1"},
    {"scenario \"x\"\nclient\n  key share x25519\n", 3, 7, "\"shares\" and groups"},
    {"scenario \"x\"\nclient\n  groups x25519\n  key shares x448\n", 2, 1, "a group that is offered, and x448 is not"},
    {"scenario \"x\"\nserver\n  key shares x25519\n", 3, 3, "not belong under server, but under client"},
    {"scenario \"x\"\nclient\n  signatures ed25518\n", 3, 14, "did you mean \"ed25519\"?"},
    {"scenario \"x\"\nclient\n  extended_master_secret onn\n", 3, 26, "did you mean \"on\"?"},
    {"scenario \"x\"\nclient\n  extended_master_secre on\n", 3, 3, "did you mean \"extended_master_secret\"?"},
    {"scenario \"x\"\nclient\n  heartbeat not\n", 3, 16, "\"not allowed\" is meant"},
    {"scenario \"x\"\nclient\n  record_size_limit 12\n", 3, 21, "a number from 64 to 16385 (RFC 8449)"},
    {"scenario \"x\"\nclient\n  max_fragment_length 500 bytes\n", 3, 23, "500"},
    {"scenario \"x\"\nclient\n  psk_key_exchange_modes psk_dh_ke\n", 3, 26, "did you mean \"psk_dhe_ke\"?"},
    {"scenario \"x\"\nclient\n  early_data accepted\n", 3, 3, "\"early_data\" does not belong under client, but under server"},
    {"scenario \"x\"\nserver\n  early data \"x\"\n", 3, 3, "\"early\" does not belong under server, but under client"},
    {"scenario \"x\"\nserver\n  max_fragment_length 512 bytes\n", 3, 3, "not belong under server, but under client"},
    {"scenario \"x\"\nclient\n  psk hint \"x\"\n", 3, 7, "the server's to give"},
    {"scenario \"x\"\nclient\n  psk \"x\" nonsense\n", 3, 11, "bytes in hex"},
    {"scenario \"x\"\nclient\n  psk \"x\" 0102 for SHA-385\n", 3, 20, "did you mean \"SHA-384\"?"},
    {"scenario \"x\"\nclient\n  protocols h2\n", 3, 13, "in quotes"},
    {"scenario \"x\"\nserver\n  extension server_name 00\n", 3, 13, "only a client sends"},
    {"scenario \"x\"\nclient\n  extension server_nam 00\n", 3, 13, "did you mean \"server_name\"?"},
    {"scenario \"x\"\nclient\n  also shows bob\n", 2, 1, "but shows none first"},
    {"scenario \"x\"\nserver\n  also shows bob\n", 2, 1, "also shows \"bob\", which is no certificate"},
    {"scenario \"x\"\nserver\n  dh prime 0b generatr 02\n", 3, 15, "\"generator\" and its bytes"},
    {"scenario \"x\"\nserver\n  sessions 0 for 1 h\n", 3, 12, "sessions forgotten"},
    {"scenario \"x\"\nserver\n  sessions 5 for 200 h\n", 3, 22, "a week at most"},
    {"scenario \"x\"\nserver\n  staples rewoked\n", 3, 11, "did you mean \"revoked\"?"},
    {"scenario \"x\"\nclient\n  retries with lowr versions\n", 3, 16, "\"with lower versions\" is meant"},
    {"scenario \"x\"\nplay\n  server connects again\n", 3, 10, "a server waits for connections"},
    {"scenario \"x\"\nplay\n  client asks for a certificate\n", 3, 10, "a client asks for no certificate"},
    {"scenario \"x\"\nplay\n  client rotates its ticket keys\n", 3, 10, "a client has no ticket keys"},
    {"scenario \"x\"\nplay\n  client updates key\n", 3, 18, "\"keys\" is expected here"},
    {"scenario \"x\"\nplay\n  client updates keys and asks\n", 3, 31, "\"for\" is expected here"},
    {"scenario \"x\"\nexpect\n  no data at all\n", 3, 11, "this is too much"},
    {"scenario \"x\"\nexpect\n  early data accept\n", 3, 14, "did you mean \"accepted\"?"},
    {"scenario \"x\"\nexpect\n  not resumd\n", 3, 7, "\"resumed\" is expected here"},
    {"scenario \"x\"\nclient\n  versions TLS 1.3\nserver\n  versions TLS 1.3\nnetwork\n  on Certificate from server: drop\n", 7, 3, "Certificate travels under keys"},
    {"scenario \"x\"\nclient\n  versions TLS 1.3\nserver\n  versions TLS 1.3\nnetwork\n  on ServerHelloDone from server: drop\n", 7, 3, "the server never says ServerHelloDone"},
    {"scenario \"x\"\nclient\n  versions TLS 1.2 to TLS 1.0\n", 3, 27, "from the oldest to the newest"},
    {"scenario \"x\"\nclient\n  versions TLS 1.2 TLS 1.0\n", 3, 20, "this is too much"},
    {"scenario \"x\"\nclient\n  asks client certificate, required\n", 3, 3, "not belong under client, but under server"},
    {"scenario \"x\"\n  clock yesterday\n", 2, 9, "is no date"},
    {"scenario \"x\"\n  clock 2026-02-30\n", 2, 9, "is no date"},
    {"scenario \"x\"\n  seed many\n", 2, 8, "a seed is expected here"},
    {"scenario \"x\"\ncertificate a\n  issuer nobody\n", 2, 1, "its issuer \"nobody\" is not declared"},
    {"scenario \"x\"\ncertificate a\n  issuer b\ncertificate b\n  issuer a\n", 2, 1, "in a loop"},
    {"scenario \"x\"\ncertificate a\n  key nokey\n", 2, 1, "no key is called \"nokey\""},
    {"scenario \"x\"\ncertificate a\n  valid 2026-02-01 to 2026-01-01\n", 3, 23, "ends before it begins"},
    {"scenario \"x\"\ncertificate a\n  subject \"Alice\"\n", 3, 11, "is no distinguished name"},
    {"scenario \"x\"\nserver\n  shows nobody\n", 2, 1, "which is no certificate here"},
    {"scenario \"x\"\nserver\n  shows nothing\n", 2, 1, "the server shows no certificate, and its suites need one"},
    {"scenario \"x\"\nclient\n  weakness \"checks no isuer\"\n", 3, 12, "did you mean \"checks no issuer\"?"},
    {"scenario \"x\"\nnetwork\n  on Finished from client: drop\n", 3, 3, "travels under keys"},
    {"scenario \"x\"\nnetwork\n  on ServerHello from client: drop\n", 3, 3, "the client never says ServerHello"},
    {"scenario \"x\"\nnetwork\n  on 2nd protected record from client: replace random with 00\n", 3, 3, "no fields for the network to see"},
    {"scenario \"x\"\nnetwork\n  on ClientHelo from client: drop\n", 3, 6, "did you mean \"ClientHello\"?"},
    {"scenario \"x\"\nnetwork\n  on ClientHello from client: dropp\n", 3, 31, "did you mean \"drop\"?"},
    {"scenario \"x\"\nnetwork\n  on ClientHello from client: delay 5 weeks\n", 3, 39, "a unit is one of"},
    {"scenario \"x\"\nnetwork\n  on ClientHello from client: replace random with 0\n", 3, 51, "odd number of hex digits"},
    {"scenario \"x\"\nattacker man-in-the-midle\n", 2, 10, "did you mean \"man-in-the-middle\"?"},
    {"scenario \"x\"\nattacker man-in-the-middle\n", 2, 1, "the attacker shows no certificate"},
    {"scenario \"x\"\nplay\n  server requests \"/\"\n", 3, 10, "a server requests nothing"},
    {"scenario \"x\"\nplay\n  client requests \"a b\"\n", 3, 19, "no blanks"},
    {"scenario \"x\"\nexpect\n  both conected\n", 3, 8, "did you mean \"connected\"?"},
    {"scenario \"x\"\nexpect\n  client sends fatal unknown_caa\n", 3, 22, "did you mean \"unknown_ca\"?"},
    {"scenario \"x\"\nexpect\n  client checks server: nonsense\n", 3, 25, "a check is expected here"},
    {"scenario \"x\"\ncase \"a\"\ncase \"a\"\n", 3, 6, "there is a case \"a\" already"},
    {"  about \"y\"\n", 1, 3, "a scenario begins with"},
    {"client\n", 1, 1, "a scenario begins with"},
    {"scenario \"x\"\r\n", 1, 13, "CR LF"},
    {"scenario \"\xff\"\n", 1, 11, "is no UTF-8"},
    {"scenario \"x\"\nscenario \"y\"\n", 2, 10, "one scenario"},
    {"scenario \"x\"\nserver\n  machines 0, sharing nothing\n", 3, 12, "1 to 8 machines"},
    {"scenario \"x\"\nserver\n  machines 1, sharing nothing\n", 3, 12, "one machine shares with nobody"},
    {"scenario \"x\"\nserver\n  machines 99, sharing nothing\n", 3, 12, "a number up to 8, not 99"},
    {"scenario \"x\"\nserver\n  machines 2\n", 3, 13, "nothing, sessions, ticket keys or everything"},
    {"scenario \"x\"\nserver\n  machines 2, sharing everythng\n", 3, 23, "did you mean \"everything\"?"},
    {"scenario \"x\"\nclient like nobody\n", 2, 13, "there are IE 6, "},
    {"scenario \"x\"\nclient like\n", 2, 12, "a name is missing here"},
    {"scenario \"x\"\nclient like IIS 5.0\n", 2, 13, "IIS 5.0 is a server"},
    {"scenario \"x\"\ncase \"a\"\n  server like IE 6\n", 3, 15, "IE 6 is a client"},
    {"scenario \"x\"\nbalancer one\n", 2, 10, "\"balancer\" ends before it"},
    {"scenario \"x\"\nbalancer\n  psk \"x\" 00\n", 3, 3, "does not belong under balancer"},
    {"scenario \"x\"\nbalancer\n  behind nothing\n", 3, 10, "one of: TLS, plain"},
    {"scenario \"x\"\nserver\n  behind plain text\n", 3, 3, "but under balancer"},
    {"scenario \"x\"\nbalancer\nplay\n  balancer closes\n", 4, 3, "there are client, server, wait"},
    {"scenario \"x\"\nnetwork\n  tap holds\n", 3, 12, "\"the server's key\" or \"the key log\""},
    {"scenario \"x\"\nexpect\n  listener reads nothing\n", 3, 3, "nobody listens here"},
    {"scenario \"x\"\nexpect\n  attacker reads nothing\n", 3, 3, "no attacker here"},
    {"scenario \"x\"\nexpect\n  client sends error NO-CIPHER-ERROR\n", 3, 3, "errors are SSL 2.0's"},
    {"scenario \"x\"\nexpect\n  client sends error NO-CIPHER\n", 3, 22, "one of: NO-CIPHER-ERROR, "},
    {"scenario \"x\"\nclient\n  early data \"x\"\n", 2, 1, "speaks no more than TLS 1.2"},
    {"scenario \"x\"\nclient\n  psk \"x\"\n", 3, 10, "bytes in hex"},
    {"scenario \"x\"\nclient\n  psk \"\" 00\n", 3, 3, "an identity and bytes"},
    {"scenario \"x\"\nclient\n  versions TLSv1.2\n", 3, 12, "two words, such as TLS 1.2"},
    {"scenario \"x\"\nclient\n  client\n", 3, 3, "opens a section"},
    {"scenario \"x\"\nclient\n  on ServerHello: truncate to 4\n", 3, 3, "the client never says ServerHello"},
    {"scenario \"x\"\nclient\n  versions SSL 2.0\nserver\n  versions SSL 2.0\nnetwork\n  on ClientHello from client: drop\n", 7, 3, "such as CLIENT-HELLO"},
    {"scenario \"x\"\nnetwork\n  on 0th ClientHello from client: drop\n", 3, 6, "1st, 2nd, 3rd"},
    {"scenario \"x\"\nnetwork\n  latency -1 ms\n", 3, 11, "a time such as 250 ms is expected here"},
    {"scenario \"x\"\nnetwork\n  latency 9999999999999999 h\n", 3, 11, "a week at most"},
    {"scenario \"x\"\nplay\n  client sends 99999999999 bytes\n", 3, 16, "the number of bytes is a number up to"},
    {"scenario \"x\"\nattacker man-in-the-middle as client\n", 2, 31, "there is a client already"},
    {"scenario \"x\"\ncase \"a\"\n  case \"b\"\n", 3, 3, "cases do not nest"},
    {"scenario \"x\"\ncase \"a\"\nclient\n  versions TLS 1.3\n", 3, 1, "indent it, or move it above the first"},
    {"scenario \"x\"\ncase \"a/b\"\n", 2, 6, "no slash in it"},
    {"scenario \"x\"\ncertificate www\n  signature MD5 pss\n", 2, 1, "no certificate is signed by RSA-PSS with MD5"},
    {"scenario \"x\"\ncertificate www\n  signed by ec-p256-1\n  signature MD5\n", 2, 1, "no certificate is signed by EC with MD5"},
    {"scenario \"x\"\nclient\n  server_name \"\"\n", 3, 15, "without one say none"},
    {"scenario \"x\"\nbalancer\n  asks client certificate, required for \"/x\"\n", 3, 37, "a balancer asks in its handshake"},
    {"scenario \"x\"\nexpect\n  answer \"/\" 404\n", 3, 14, "200 or 403"},
};
/* clang-format on */

START_TEST(mistakes_are_told)
{
    g_autofree char *report = NULL;
    const char *text = mistakes[_i].text;
    g_autoptr(Scenario) scenario = scenario_parse("m", "m.scn", text, strlen(text), &report);
    ck_assert_msg(scenario == NULL, "accepted: %s", text);
    g_autofree char *place =
        g_strdup_printf("m.scn:%d:%d: error: ", mistakes[_i].line, mistakes[_i].column);
    ck_assert_msg(g_str_has_prefix(report, place), "expected %s, got %s", place, report);
    ck_assert_msg(strstr(report, mistakes[_i].says) != NULL, "expected %s, got %s",
                  mistakes[_i].says, report);
    ck_assert_msg(strchr(report, '^') != NULL, "no caret: %s", report);
}
END_TEST

START_TEST(a_nul_byte_and_nothing)
{
    g_autofree char *report = NULL;
    g_autofree char *other = NULL;
    const char text[] = "scenario \"x\"\n\0client\n";
    ck_assert_ptr_null(scenario_parse("m", "m.scn", text, sizeof text - 1, &report));
    ck_assert_msg(g_str_has_prefix(report, "m.scn:2:1: error: a NUL byte"), "%s", report);
    ck_assert_ptr_null(scenario_parse("m", "m.scn", "", 0, &other));
    ck_assert_msg(strstr(other, "holds no scenario") != NULL, "%s", other);
}
END_TEST

/* No more than twenty errors, and then a word that there are more. */
START_TEST(twenty_errors_are_enough)
{
    g_autofree char *report = NULL;
    GString *text = g_string_new("scenario \"x\"\n");
    for (int i = 0; i < 50; i++)
        g_string_append(text, "  nonsense\n");
    ck_assert_ptr_null(scenario_parse("m", "m.scn", text->str, text->len, &report));
    g_auto(GStrv) parts = g_strsplit(report, ": error: ", -1);
    ck_assert_uint_eq(g_strv_length(parts), 21);
    ck_assert(strstr(report, "more than 20 errors") != NULL);
    g_string_free(text, TRUE);
}
END_TEST

void add_mistake_tests(TCase *tests)
{
    tcase_add_loop_test(tests, mistakes_are_told, 0, (int)G_N_ELEMENTS(mistakes));
    tcase_add_test(tests, a_nul_byte_and_nothing);
    tcase_add_test(tests, twenty_errors_are_enough);
}
