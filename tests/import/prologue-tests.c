/* Plain text ahead of TLS: each protocol's own, as its RFC shows it.
 *
 * The records of a run are put behind what a client and a server of that protocol say before; what
 * is read must be the run, and the text be noted. Where the words come and TLS does not, or where
 * nobody answers them, there is no TLS.
 *
 * Sources: the examples of RFC 3207 6, RFC 9051 6.2.1, RFC 2595 4, RFC 4217 12.4, RFC 6120 9.1,
 * RFC 4511 4.14, RFC 9110 9.3.6; PostgreSQL's documentation of its protocol, SSL Session
 * Encryption.
 */
#include <string.h>

#include "sim/world.h"
#include "tests/import/import-tests.h"
#include "viz/pcapng.h"

#define TEXT(words)                                                                                \
    {                                                                                              \
        words, sizeof words - 1                                                                    \
    }

typedef struct {
    const char *text;
    size_t size;
} Line;

enum { LINES_MOST = 6 };

/* By turns, the server first: a client that begins is behind an empty line. */
static const struct {
    const char *protocol;
    Line lines[LINES_MOST];
} rows[] = {
    {"SMTP",
     {TEXT("220 mail.imc.org SMTP service ready\r\n"), TEXT("EHLO mail.example.com\r\n"),
      TEXT("250-mail.imc.org offers a warm hug of welcome\r\n250 STARTTLS\r\n"),
      TEXT("STARTTLS\r\n"), TEXT("220 Go ahead\r\n")}},
    {"SMTP", {TEXT("220 mail\r\n"), TEXT("starttls\r\n"), TEXT("220 2.0.0 Ready\r\n")}},
    {"IMAP",
     {TEXT("* OK [CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED] ready\r\n"),
      TEXT("a002 STARTTLS\r\n"), TEXT("a002 OK Begin TLS negotiation now\r\n")}},
    {"POP3", {TEXT("+OK ready\r\n"), TEXT("STLS\r\n"), TEXT("+OK Begin TLS negotiation\r\n")}},
    {"FTP",
     {TEXT("220 Service ready\r\n"), TEXT("AUTH TLS\r\n"),
      TEXT("234 AUTH command OK. Expecting TLS negotiation.\r\n")}},
    {"XMPP",
     {TEXT(""),
      TEXT("<stream:stream to='im.example.com' version='1.0'>"
           "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
      TEXT("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}},
    {"LDAP",
     {TEXT(""),
      TEXT("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
           "1.3.6.1.4.1.1466.20037"),
      TEXT("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")}},
    {"PostgreSQL", {TEXT(""), TEXT("\x00\x00\x00\x08\x04\xd2\x16\x2f"), TEXT("S")}},
    {"HTTP",
     {TEXT(""), TEXT("CONNECT server.example.com:443 HTTP/1.1\r\nHost: server.example.com\r\n\r\n"),
      TEXT("HTTP/1.1 200 Connection established\r\n\r\n")}},
};

static void add_bytes(Trace *trace, Direction direction, Bytes bytes)
{
    TraceEvent *event = trace_add(trace, TRACE_RECORD);
    event->link = 0;
    event->direction = direction;
    event->bytes = bytes_copy(bytes);
    event->record = event->arrival = (int)trace_count(trace);
    event->time = event->arrival_time = trace->now += 1000;
}

/* A trace of records: the lines, and behind them those of a run. */
static Trace *behind(const Line *lines, const Trace *run)
{
    Trace *trace = trace_new();
    trace_add_party(trace, "client", PARTY_CLIENT);
    trace_add_party(trace, "server", PARTY_SERVER);
    trace_add_link(trace, 0, 1, 443);
    trace->header.clock = run->header.clock;
    for (int i = 0; i < LINES_MOST && lines[i].text != NULL; i++)
        if (lines[i].size > 0)
            add_bytes(trace, i % 2 == 0 ? DIRECTION_TO_CLIENT : DIRECTION_TO_SERVER,
                      bytes_make(lines[i].text, lines[i].size));
    for (size_t i = 0; i < trace_count(run); i++) {
        const TraceEvent *event = trace_at(run, i);
        if (event->kind == TRACE_RECORD)
            add_bytes(trace, event->direction, bytes_from_gbytes(event->bytes));
    }
    return trace;
}

static ReadCapture *read_behind(const Line *lines, const Trace *run)
{
    g_autoptr(Trace) trace = behind(lines, run);
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(trace, file);
    return read_capture(bytes_from_array(file), BYTES_NONE, NULL, NULL);
}

static Trace *run_of(const char *name)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Scenario) scenario = support_catalogue(name);
    return world_play(scenario_plan(scenario, 0), &fault);
}

START_TEST(plain_text_is_passed_over)
{
    static const char *const names[] = {"normal", "tls-1.3", "ssl-2.0"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Trace) run = run_of(names[i]);
        g_autoptr(ReadCapture) read = read_behind(rows[_i].lines, run);
        ck_assert_uint_eq(read->traces->len, 1);
        const Trace *trace = g_ptr_array_index(read->traces, 0);
        const TraceEvent *first = trace_at(trace, 0);
        g_autofree char *begin =
            g_strdup_printf("They begin in plain text: %s, ", rows[_i].protocol);
        ck_assert_int_eq(first->kind, TRACE_NOTE);
        ck_assert_msg(g_str_has_prefix(first->value, begin), "%s", first->value);
        ck_assert_uint_eq(read->illegal + read->partial, 0);
        g_autofree char *client = said_lines(trace, 0, DIRECTION_TO_SERVER);
        ck_assert(g_ascii_strncasecmp(client, "Client", 6) == 0);
    }
}
END_TEST

START_TEST(words_alone_are_no_tls)
{
    g_autoptr(Trace) nothing = trace_new();
    g_autoptr(ReadCapture) silent = read_behind(rows[_i].lines, nothing);
    ck_assert_uint_eq(silent->traces->len, 0);
    Line refused[LINES_MOST] = {rows[_i].lines[0], rows[_i].lines[1], TEXT("5xx no\r\n")};
    g_autoptr(ReadCapture) read = read_behind(refused, nothing);
    ck_assert_uint_eq(read->traces->len, 0);
}
END_TEST

void add_prologue_tests(TCase *tests)
{
    tcase_add_loop_test(tests, plain_text_is_passed_over, 0, (int)G_N_ELEMENTS(rows));
    tcase_add_loop_test(tests, words_alone_are_no_tls, 0, (int)G_N_ELEMENTS(rows));
}
