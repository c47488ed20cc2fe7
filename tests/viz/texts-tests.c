/* The words: what each message shows in one line, and that nothing in any run is without a text.
 *
 * Details are asked of runs of the catalogue, by what the RFC says the message holds. Brackets and
 * keys are compared with RFC 8446 figure 1, which the conversation list is. Every kind of message,
 * every settled fact, every secret and every check of any run has its text; no story says the same
 * twice, and each idea names the section that specifies it.
 */
#include <string.h>

#include "tests/viz/viz-tests.h"
#include "viz/describe.h"
#include "viz/narrate.h"
#include "viz/text.h"
#include "viz/texts.h"

/* clang-format off */
static const struct {
    const char *run;
    MessageKind kind;
    int nth; /* of this kind, from 1 */
    const char *name, *detail;
} shown[] = {
    {"tls-1.3", MESSAGE_CLIENT_HELLO, 1, "ClientHello", "TLS 1.3 · 3 suites · www.lab.example · key_share x25519"},
    {"tls-1.3", MESSAGE_SERVER_HELLO, 1, "ServerHello", "TLS 1.3 · TLS_AES_128_GCM_SHA256 · key_share x25519"},
    {"tls-1.3", MESSAGE_CHANGE_CIPHER_SPEC, 1, "ChangeCipherSpec", "for middleboxes; says nothing"},
    {"tls-1.3", MESSAGE_ENCRYPTED_EXTENSIONS, 1, "{EncryptedExtensions}", "server_name taken"},
    {"tls-1.3", MESSAGE_CERTIFICATE, 1, "{Certificate}", "CN=www.lab.example,O=Lab · RSA 2048"},
    {"tls-1.3", MESSAGE_CERTIFICATE_VERIFY, 1, "{CertificateVerify}", "rsa_pss_rsae_sha256 · signature of 256 bytes"},
    {"tls-1.3", MESSAGE_APPLICATION_DATA, 1, "[Application Data]", "GET / HTTP/1.0 · 18 bytes"},
    {"tls-1.3", MESSAGE_ALERT, 1, "[Alert]", "warning, close_notify"},
    {"hello-retry/another group", MESSAGE_HELLO_RETRY_REQUEST, 1, "HelloRetryRequest", "TLS 1.3 · TLS_AES_128_GCM_SHA256 · wants a key_share of secp256r1"},
    {"hello-retry/another group", MESSAGE_CLIENT_HELLO, 2, "ClientHello", "TLS 1.3 · 3 suites · www.lab.example · key_share secp256r1"},
    {"early-data/accepted", MESSAGE_CLIENT_HELLO, 2, "ClientHello", "TLS 1.3 · 3 suites · www.lab.example · key_share x25519 · pre_shared_key · early_data"},
    {"early-data/accepted", MESSAGE_APPLICATION_DATA, 3, "(Application Data)", "GET /early HTTP/1.0 · 20 bytes · early data"},
    {"early-data/accepted", MESSAGE_END_OF_EARLY_DATA, 1, "(EndOfEarlyData)", "(empty)"},
    {"early-data/accepted", MESSAGE_ENCRYPTED_EXTENSIONS, 2, "{EncryptedExtensions}", "server_name taken · early_data"},
    {"early-data/accepted", MESSAGE_NEW_SESSION_TICKET, 1, "[NewSessionTicket]", "ticket of 160 bytes · good for 24 h · early data up to 1024 bytes"},
    {"key-update/both", MESSAGE_KEY_UPDATE, 1, "[KeyUpdate]", "update_requested"},
    {"key-update/both", MESSAGE_KEY_UPDATE, 2, "[KeyUpdate]", "update_not_requested"},
    {"client-auth-1.3/required", MESSAGE_CERTIFICATE_REQUEST, 1, "{CertificateRequest}", "CAs: CN=Lab Root CA"},
    {"post-handshake-auth/for a resource", MESSAGE_CERTIFICATE_REQUEST, 1, "[CertificateRequest]", "CAs: CN=Lab Root CA · context of 8 bytes"},
    {"certificate-compression/both", MESSAGE_COMPRESSED_CERTIFICATE, 1, "{CompressedCertificate}", "CN=www.lab.example,O=Lab · RSA 2048 · zlib: 829 bytes for 875"},
    {"tls-1.2-beside-1.3/tls 1.2", MESSAGE_CLIENT_HELLO, 1, "ClientHello", "TLS 1.3, 1.2 · 2 suites · www.lab.example · key_share x25519"},
    {"tls-1.2-beside-1.3/tls 1.2", MESSAGE_SERVER_HELLO, 1, "ServerHello", "TLS 1.2 · TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {"tls-1.2-beside-1.3/tls 1.2", MESSAGE_SERVER_KEY_EXCHANGE, 1, "ServerKeyExchange", "Diffie-Hellman on x25519 · signed with rsa_pss_rsae_sha256"},
    {"tls-1.2-beside-1.3/tls 1.2", MESSAGE_CLIENT_KEY_EXCHANGE, 1, "ClientKeyExchange", "the client's public point · 32 bytes"},
    {"tls-1.2-beside-1.3/tls 1.2", MESSAGE_CHANGE_CIPHER_SPEC, 1, "[ChangeCipherSpec]", "what follows is under new keys"},
    {"dhe-rsa/tls 1.2, a group of RFC 7919", MESSAGE_SERVER_KEY_EXCHANGE, 1, "ServerKeyExchange", "Diffie-Hellman, prime of 3072 bits (ffdhe3072) · signed with rsa_pss_rsae_sha256"},
    {"dhe-rsa/tls 1.2, a group of RFC 7919", MESSAGE_CLIENT_KEY_EXCHANGE, 1, "ClientKeyExchange", "the client's public value · 384 bytes"},
    {"psk/with a hint", MESSAGE_SERVER_KEY_EXCHANGE, 1, "ServerKeyExchange", "identity hint \"the sensors of hall 3\""},
    {"psk/with a hint", MESSAGE_CLIENT_KEY_EXCHANGE, 1, "ClientKeyExchange", "identity \"sensor-17\""},
    {"tickets/resumed", MESSAGE_NEW_SESSION_TICKET, 1, "NewSessionTicket", "ticket of 176 bytes · good for 24 h"},
    {"tickets/resumed", MESSAGE_CLIENT_HELLO, 2, "ClientHello", "TLS 1.2 · 5 suites · www.lab.example · ticket of 176 bytes"},
    {"tickets/resumed", MESSAGE_SERVER_HELLO, 2, "ServerHello", "TLS 1.2 · TLS_RSA_WITH_AES_256_CBC_SHA · resumed"},
    {"session-id/resumed", MESSAGE_CLIENT_HELLO, 2, "ClientHello", "TLS 1.2 · 5 suites · www.lab.example · session 2efaca80…"},
    {"ocsp-stapling/good", MESSAGE_CERTIFICATE_STATUS, 1, "CertificateStatus", "OCSP response of 479 bytes"},
    {"heartbeat/both may", MESSAGE_HEARTBEAT, 1, "{HeartbeatRequest}", "payload of 12 bytes"},
    {"heartbeat/both may", MESSAGE_HEARTBEAT, 2, "{HeartbeatResponse}", "payload of 12 bytes"},
    {"ssl-2.0/an export cipher", MESSAGE_SSL2_CLIENT_HELLO, 1, "CLIENT-HELLO", "SSL 2.0 · 1 cipher kind · challenge of 16 bytes"},
    {"ssl-2.0/an export cipher", MESSAGE_SSL2_CLIENT_MASTER_KEY, 1, "CLIENT-MASTER-KEY", "SSL_CK_RC4_128_EXPORT40_WITH_MD5 · key encrypted in 256 bytes · 11 bytes of it in the clear"},
    {"ssl-2.0/a session again", MESSAGE_SSL2_SERVER_HELLO, 2, "SERVER-HELLO", "SSL 2.0 · the session is known: resumed"},
    {"ssl-2.0/a client certificate", MESSAGE_SSL2_REQUEST_CERTIFICATE, 1, "{REQUEST-CERTIFICATE}", "MD5 with RSA · challenge of 16 bytes"},
    {"ssl-2.0/a client certificate", MESSAGE_SSL2_CLIENT_CERTIFICATE, 1, "{CLIENT-CERTIFICATE}", "CN=Alice,O=Lab · RSA 2048 · signature of 256 bytes"},
};

static const struct {
    const char *run;
    int connection;
    const char *text;
    int link;
} dividers[] = {
    {"session-id/resumed", 0, "Connection 1: a full handshake"},
    {"session-id/resumed", 1, "Connection 2: resumed by session ID"},
    {"tickets/resumed", 1, "Connection 2: resumed by ticket"},
    {"early-data/accepted", 1, "Connection 2: resumed by PSK, early data accepted"},
    {"early-data/rejected", 1, "Connection 2: resumed by PSK, early data rejected"},
    {"early-data/a replay goes through", 1, "Connection 2: unfinished, early data accepted"},
    {"two-balancers/two balancers, shared ticket keys", 1, "Connection 2, client → balancer, machine 2 of 2: resumed by ticket"},
    {"two-balancers/two balancers, shared ticket keys", 1, "Connection 2, balancer → server: without TLS", 1},
};
/* clang-format on */

static unsigned hits;

static void check_row(const Trace *trace, const FlowRow *row, int nth)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
        if (shown[i].kind != row->message || shown[i].nth != nth || row->kind != FLOW_MESSAGE ||
            g_strcmp0(shown[i].run, trace->header.scenario) != 0)
            continue;
        g_autofree char *name = describe_name(row);
        g_autofree char *detail = describe_detail(row);
        ck_assert_str_eq(name, shown[i].name);
        ck_assert_str_eq(detail, shown[i].detail);
        hits++;
    }
    for (size_t i = 0; row->kind == FLOW_CONNECTION && i < G_N_ELEMENTS(dividers); i++) {
        if (dividers[i].connection != row->connection || dividers[i].link != row->link ||
            g_strcmp0(dividers[i].run, trace->header.scenario) != 0)
            continue;
        g_autofree char *text = describe_connection(trace, row);
        ck_assert_str_eq(text, dividers[i].text);
        hits++;
    }
}

static void check_shown(const Trace *trace)
{
    g_autoptr(Flow) flow = flow_new(trace);
    int said[MESSAGE_NONE + 1] = {0};
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        said[row->message] += row->kind == FLOW_MESSAGE ? 1 : 0;
        check_row(trace, row, said[row->message]);
    }
}

START_TEST(a_line_says_what_the_message_holds)
{
    hits = 0;
    support_every_run(check_shown);
    ck_assert(!support_runs_all() || hits == G_N_ELEMENTS(shown) + G_N_ELEMENTS(dividers));
}
END_TEST

/* Behind a balancer the data may travel on without TLS. */
static bool link_is_plain(const Trace *trace, int link)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && event->link == link &&
            event->message_kind == MESSAGE_CLIENT_HELLO)
            return false;
    }
    return true;
}

/* RFC 8446 figure 1 and 4: what is in braces, in brackets, in parentheses. */
static void check_keys(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_MESSAGE || event->family != FAMILY_TLS13 ||
            link_is_plain(trace, event->link))
            continue;
        bool row = event->row >= 0;
        Under under = row ? conversation_of(FAMILY_TLS13)->steps[event->row].under : event->under;
        ck_assert_msg(event->under == under && (event->epoch > 0) == (under != UNDER_CURRENT),
                      "%s: event %d travels under other keys than its row says",
                      trace->header.scenario, event->number);
        if (event->message_kind == MESSAGE_APPLICATION_DATA)
            ck_assert_msg(under == UNDER_NEW ||
                              (under == UNDER_EARLY && event->direction == DIRECTION_TO_SERVER),
                          "%s: data under the wrong keys", trace->header.scenario);
        if (event->message_kind == MESSAGE_CHANGE_CIPHER_SPEC)
            ck_assert_int_eq(event->epoch, 0);
    }
}

START_TEST(keys_are_those_of_the_figure)
{
    support_every_run(check_keys);
}
END_TEST

static void check_text(const Trace *trace, const TraceEvent *event, const char *text)
{
    ck_assert_msg(text != NULL, "%s: event %d (%s %s) has no text", trace->header.scenario,
                  event->number, trace_kind_name(event->kind),
                  event->kind == TRACE_MESSAGE
                      ? number_text(NUMBER_MESSAGE, (uint32_t)event->message_kind)
                      : event->name);
}

static void check_texts(const Trace *trace)
{
    static const StoryKind stories[] = {[FAMILY_SSL2] = STORY_FULL,
                                        [FAMILY_SSL3] = STORY_FULL,
                                        [FAMILY_TLS13] = STORY_TLS13,
                                        [FAMILY_TLS13_POST] = STORY_LATER};
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        Role from = event->direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
        if (event->kind == TRACE_MESSAGE)
            check_text(trace, event,
                       texts_message(event->message_kind, from, stories[event->family]));
        else if (event->kind == TRACE_FACT)
            check_text(trace, event, texts_fact(event->name));
        else if (event->kind == TRACE_KEYS)
            check_text(trace, event, texts_key(event->name));
        else if (event->kind == TRACE_CHECK)
            check_text(trace, event, texts_check(event->name));
    }
}

START_TEST(nothing_in_any_run_is_without_a_text)
{
    support_every_run(check_texts);
}
END_TEST

/* Paragraphs, not headings and not values; short ones tell a state and may come again. */
static void check_once(const Trace *trace)
{
    enum { SHORT = 62 };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    narrate_write(trace, false, text);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        bool paragraph = g_str_has_prefix(*line, "   ") && g_ascii_isupper((*line)[3]);
        if (!paragraph || text_columns(*line) < SHORT || strstr(*line, "alert") != NULL ||
            strstr(*line, " cost the ") != NULL)
            continue;
        ck_assert_msg(g_hash_table_add(seen, *line), "%s says twice: %s", trace->header.scenario,
                      *line);
    }
}

START_TEST(no_story_says_the_same_twice)
{
    support_every_run(check_once);
}
END_TEST

START_TEST(every_kind_of_conversation_has_its_eleven_steps)
{
    for (int kind = 0; kind < CONVERSATION_KINDS; kind++) {
        ck_assert_ptr_nonnull(texts_conversation((ConversationKind)kind));
        for (int step = 1; step <= TEACHING_STEPS; step++) {
            const StepChange *change = texts_change((ConversationKind)kind, step);
            ck_assert_ptr_nonnull(change->how);
            ck_assert(change->text != NULL || strcmp(change->how, "kept") == 0);
        }
        ck_assert_ptr_null(texts_change((ConversationKind)kind, TEACHING_STEPS + 1));
    }
}
END_TEST

START_TEST(ideas_name_their_sections)
{
    static const char *const names[] = {"RSA",
                                        "RSA_EXPORT",
                                        "DHE",
                                        "ECDHE",
                                        "anon",
                                        "PSK",
                                        "TLS13",
                                        "schedule",
                                        "server_name",
                                        "supported_versions",
                                        "key_share",
                                        "renegotiation_info",
                                        "handshake_cost",
                                        "extended_master_secret",
                                        "encrypt_then_mac",
                                        "max_fragment_length",
                                        "record_size_limit",
                                        "application_layer_protocol_negotiation",
                                        "status_request",
                                        "compress_certificate",
                                        "heartbeat",
                                        "session_ticket",
                                        "pre_shared_key",
                                        "early_data",
                                        "cookie",
                                        "post_handshake_auth",
                                        "grease",
                                        "fallback_scsv",
                                        "hello_retry",
                                        "downgrade_sentinel",
                                        "middlebox",
                                        "resumption",
                                        "ticket",
                                        "key_update",
                                        "post_handshake",
                                        "false_start",
                                        "record_splitting",
                                        "compression",
                                        "old_hello",
                                        "SSL2"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = texts_idea(names[i]);
        ck_assert_msg(text != NULL, "no idea of %s", names[i]);
        ck_assert_msg(strstr(text, "RFC ") != NULL, "%s: no section", names[i]);
    }
    ck_assert_ptr_null(texts_idea("nothing of the kind"));
}
END_TEST

/* clang-format off */
static const struct {
    const char *run, *told;
} stories[] = {
    {"tls-1.3", "Here step 4 is joined with steps 1 and 2"},
    {"tls-1.3", "What TLS 1.3 makes of the eleven steps"},
    {"tickets/resumed", "Here step 3 is dropped"},
    {"tickets/resumed", "What a resumption makes of the eleven steps"},
    {"psk/with a hint", "Here step 3 is moved to step 9"},
    {"early-data/accepted", "What TLS 1.3 with a pre-shared key makes"},
    {"early-data/a replay goes through", "whoever records it can send it"},
    {"ssl-2.0/a client certificate", "Here step 5 is moved behind the keys"},
    {"false-start/early", "False start:"},
    {"fallback-scsv/with it", "TLS_FALLBACK_SCSV among the suites says"},
    {"record-splitting", "One byte goes ahead"},
    {"compression/both", "(CRIME)"},
    {"grease/tls 1.3", "GREASE:"},
};
/* clang-format on */

static void check_story(const Trace *trace)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
        if (g_strcmp0(trace->header.scenario, stories[i].run) != 0)
            continue;
        g_autoptr(GString) text = g_string_new(NULL);
        narrate_write(trace, false, text);
        g_string_replace(text, "\n   ", " ", 0); /* where a line is broken */
        ck_assert_msg(strstr(text->str, stories[i].told) != NULL, "%s does not tell: %s",
                      stories[i].run, stories[i].told);
        hits++;
    }
}

START_TEST(a_story_compares_with_the_eleven_steps)
{
    hits = 0;
    support_every_run(check_story);
    ck_assert(!support_runs_all() || hits == G_N_ELEMENTS(stories));
}
END_TEST

TCase *texts_case(void)
{
    TCase *cases = tcase_create("texts");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_line_says_what_the_message_holds);
    tcase_add_test(cases, keys_are_those_of_the_figure);
    tcase_add_test(cases, nothing_in_any_run_is_without_a_text);
    tcase_add_test(cases, no_story_says_the_same_twice);
    tcase_add_test(cases, every_kind_of_conversation_has_its_eleven_steps);
    tcase_add_test(cases, ideas_name_their_sections);
    tcase_add_test(cases, a_story_compares_with_the_eleven_steps);
    return cases;
}
