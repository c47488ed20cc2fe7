/* Clients and servers by name.
 *
 * The hello of a preset is held against the real one, where one is known byte by byte: suites in
 * their order, extensions in their order, and what they hold. And each client meets each server:
 * what comes of it follows from the published versions and suites of both.
 */
#include <stdio.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "core/wire/message.h"
#include "core/wire/record.h"
#include "scenarios/catalogue.h"
#include "sim/world.h"
#include "tests/support/support.h"

#define VECTORS SOURCE_ROOT "/tests/vectors/hellos/"

static Trace *play_like(const char *client, const char *server)
{
    Fault fault = FAULT_INIT;
    g_autofree char *text = g_strdup_printf(
        "client%s%s\nserver%s%s\nplay\n  client requests \"/\"\n", client == NULL ? "" : " like ",
        client == NULL ? "" : client, server == NULL ? "" : " like ", server == NULL ? "" : server);
    g_autoptr(Plan) plan = support_plan(text);
    Trace *trace = world_play(plan, &fault);
    ck_assert_msg(trace != NULL, "%s", fault.sentence);
    return trace;
}

static GByteArray *hello_of(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_MESSAGE || event->message_kind != MESSAGE_CLIENT_HELLO)
            continue;
        GByteArray *hello = g_byte_array_new();
        bytes_append(hello, bytes_from_gbytes(event->bytes));
        return hello;
    }
    ck_abort_msg("no hello");
}

/* The hello of a record that was captured. */
static GByteArray *captured(const char *file)
{
    g_autofree char *path = g_strconcat(VECTORS, file, NULL);
    g_autofree char *text = NULL;
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) parts = g_strsplit_set(text, " \n", -1);
    g_autofree char *hex = g_strjoinv("", parts);
    GByteArray *bytes = bytes_from_hex(hex);
    ck_assert(bytes != NULL && bytes->len > RECORD_HEADER_SIZE);
    return g_byte_array_remove_range(bytes, 0, RECORD_HEADER_SIZE);
}

static void read_hello(const GByteArray *bytes, Message *message)
{
    const WalkContext context = {.version = VERSION_TLS_1_3, .sender = ROLE_CLIENT};
    Fault fault = FAULT_INIT;
    ck_assert_msg(
        message_read(bytes_from_array(bytes), MESSAGE_NONE, &context, message, NULL, &fault), "%s",
        fault.sentence);
}

/* Whether a suite of theirs is one that both could have: it runs here, and before TLS 1.2 where
 * their hello is older. */
static bool shared(uint16_t suite, bool old)
{
    const Suite *row = suite_find(suite);
    return suite == SCSV_EMPTY_RENEGOTIATION_INFO ||
           (row != NULL && (!old || row->first < VERSION_TLS_1_2));
}

static char *suites_of(const ClientHello *hello, bool old)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < hello->cipher_suites.size; i += 2) {
        uint16_t suite = (uint16_t)bytes_number(bytes_slice(hello->cipher_suites, i, 2));
        if (shared(suite, old))
            g_string_append_printf(text, "%04x ", suite);
    }
    return g_string_free(text, FALSE);
}

/* Type and content; of those that differ from hello to hello the type alone. */
static char *extensions_of(const ClientHello *hello, const uint16_t *without, size_t count)
{
    static const uint16_t drawn[] = {EXTENSION_SERVER_NAME, EXTENSION_KEY_SHARE, EXTENSION_PADDING};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < hello->extensions.count; i++) {
        const Extension *extension = &hello->extensions.list[i];
        bool left = false, fixed = true;
        for (size_t j = 0; j < count; j++)
            left = left || without[j] == extension->type;
        for (size_t j = 0; j < G_N_ELEMENTS(drawn); j++)
            fixed = fixed && drawn[j] != extension->type;
        g_autofree char *hex = bytes_to_hex(extension->data, NULL);
        if (!left)
            g_string_append_printf(text, "%u%s%s\n", extension->type, fixed ? " " : "",
                                   fixed ? hex : "");
    }
    return g_string_free(text, FALSE);
}

/* Suites beyond TLS 1.1 and the extensions `more` are ours alone where their hello is older. */
static void compare(const char *name, const char *file, bool old, const uint16_t *more,
                    size_t count)
{
    Message ours, theirs;
    g_autoptr(Trace) trace = play_like(name, NULL);
    g_autoptr(GByteArray) own = hello_of(trace);
    g_autoptr(GByteArray) real = captured(file);
    read_hello(own, &ours);
    read_hello(real, &theirs);
    g_autofree char *our_suites = suites_of(&ours.client_hello, old);
    g_autofree char *their_suites = suites_of(&theirs.client_hello, old);
    ck_assert_str_eq(our_suites, their_suites);
    g_autofree char *our_extensions = extensions_of(&ours.client_hello, more, count);
    g_autofree char *their_extensions = extensions_of(&theirs.client_hello, more, count);
    ck_assert_str_eq(our_extensions, their_extensions);
}

START_TEST(curl_says_what_curl_says)
{
    Message ours, theirs;
    compare("curl", "curl-7.88.1-openssl-3.0.hex", false, NULL, 0);
    g_autoptr(Trace) trace = play_like("curl", NULL);
    g_autoptr(GByteArray) own = hello_of(trace);
    g_autoptr(GByteArray) real = captured("curl-7.88.1-openssl-3.0.hex");
    read_hello(own, &ours);
    read_hello(real, &theirs);
    ck_assert_uint_eq(own->len, real->len); /* padded to the same size: RFC 7685 */
    ck_assert_int_eq(ours.client_hello.client_version, theirs.client_hello.client_version);
    ck_assert_uint_eq(ours.client_hello.session_id.size, theirs.client_hello.session_id.size);
    ck_assert(bytes_equal(ours.client_hello.compression_methods,
                          theirs.client_hello.compression_methods));
}
END_TEST

START_TEST(openssl_101_says_what_it_said)
{
    static const uint16_t more[] = {EXTENSION_SERVER_NAME, EXTENSION_SIGNATURE_ALGORITHMS};
    compare("OpenSSL 1.0.1", "openssl-1.0.1.hex", true, more, G_N_ELEMENTS(more));
}
END_TEST

static const char *fact(const Trace *trace, const char *name)
{
    const char *value = "none";
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && strcmp(event->name, name) == 0)
            value = event->value;
    }
    return value;
}

START_TEST(each_meets_each)
{
    static const struct {
        const char *client, *server, *version, *suite; /* NULL: they have none in common */
    } rows[] = {
        {"IE 6", "IIS 4.0", "SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"IE 6", "IIS 5.0", "SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"IE 6", "IIS 6.0", "SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"IE 6", "OpenSSL 1.0.1", "SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"OpenSSL 1.0.1", "IIS 4.0", "SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"OpenSSL 1.0.1", "IIS 5.0", "TLS 1.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"OpenSSL 1.0.1", "IIS 6.0", "TLS 1.0", "TLS_RSA_WITH_RC4_128_MD5"},
        {"OpenSSL 1.0.1", "OpenSSL 1.0.1", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
        {"Firefox", "IIS 4.0", NULL, NULL},
        {"Firefox", "IIS 5.0", NULL, NULL},
        {"Firefox", "IIS 6.0", NULL, NULL},
        {"Firefox", "OpenSSL 1.0.1", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {"Chrome", "IIS 5.0", NULL, NULL},
        {"Chrome", "OpenSSL 1.0.1", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {"curl", "IIS 6.0", NULL, NULL},
        {"curl", "OpenSSL 1.0.1", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Trace) trace = play_like(rows[i].client, rows[i].server);
        bool meet = rows[i].version != NULL;
        ck_assert_msg(strcmp(fact(trace, "handshake"), meet ? "full" : "none") == 0, "%s, %s",
                      rows[i].client, rows[i].server);
        if (!meet)
            continue;
        ck_assert_msg(strcmp(fact(trace, "version"), rows[i].version) == 0, "%s, %s: %s",
                      rows[i].client, rows[i].server, fact(trace, "version"));
        ck_assert_msg(strcmp(fact(trace, "cipher_suite"), rows[i].suite) == 0, "%s, %s: %s",
                      rows[i].client, rows[i].server, fact(trace, "cipher_suite"));
    }
}
END_TEST

/* Where its facts come from, and what is not known. */
START_TEST(each_names_its_source)
{
    for (guint i = 0; i < preset_count(); i++) {
        g_autoptr(GBytes) text = preset_text(i);
        gsize size = 0;
        const char *data = g_bytes_get_data(text, &size);
        g_autofree char *copy = g_strndup(data, size);
        ck_assert_msg(strstr(copy, "Source: ") != NULL, "%s", preset_name(i));
        ck_assert_msg(strstr(copy, "Not known: ") != NULL || strstr(copy, "Left out: ") != NULL ||
                          strstr(copy, "Known to the last byte") != NULL,
                      "%s", preset_name(i));
        ck_assert_int_eq(preset_find(preset_name(i), preset_side(i)), (int)i);
    }
    ck_assert_int_eq(preset_find("IE 6", "server"), -1);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("presets");
    TCase *all = tcase_create("presets");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, curl_says_what_curl_says);
    tcase_add_test(all, openssl_101_says_what_it_said);
    tcase_add_test(all, each_meets_each);
    tcase_add_test(all, each_names_its_source);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
