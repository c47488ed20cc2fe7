/* Every message, both ways: random value, bytes, value again.
 *
 * The same bytes and the same spans come out of writing and reading; the leaves tile the message
 * without hole or overlap; a body cut anywhere is refused, but for a list of legal cuts with their
 * RFC sections; a field that is replaced by its path changes that field and the lengths around it,
 * and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/wire/edit.h"
#include "core/wire/message.h"
#include "core/wire/record.h"
#include "tests/support/support.h"

enum { ROUNDS = 300 };

/* Random values, and the memory that their views point into. */
typedef struct {
    GRand *rand;
    GPtrArray *store;
} Maker;

static size_t below(Maker *maker, size_t bound)
{
    return (size_t)g_rand_int_range(maker->rand, 0, (gint32)bound);
}

static Bytes some(Maker *maker, size_t size)
{
    guint8 *data = g_malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        data[i] = (guint8)g_rand_int(maker->rand);
    g_ptr_array_add(maker->store, data);
    return bytes_make(data, size);
}

static void make_extensions(Maker *maker, const WalkContext *context, Extensions *extensions)
{
    static const uint16_t types[] = {EXTENSION_SERVER_NAME, EXTENSION_SIGNATURE_ALGORITHMS,
                                     EXTENSION_RENEGOTIATION_INFO, 34, 0x9999};
    extensions->present = below(maker, 4) > 0;
    for (size_t i = 0; extensions->present && i < G_N_ELEMENTS(types); i++) {
        if (below(maker, 2) == 0)
            continue;
        Extension *extension = &extensions->list[extensions->count++];
        extension->type = types[i];
        extension->known = i < 3;
        if (i == 0 && context->sender == ROLE_CLIENT) {
            extension->server_name.count = 1 + below(maker, 2);
            for (size_t j = 0; j < extension->server_name.count; j++) {
                extension->server_name.list[j].name_type = (uint8_t)(j * 7);
                extension->server_name.list[j].host_name = some(maker, 1 + below(maker, 30));
            }
        } else if (i == 1) {
            extension->signature_algorithms = some(maker, 2 + 2 * below(maker, 10));
        } else if (i == 2) {
            extension->renegotiated_connection = some(maker, below(maker, 73));
        } else if (i > 2) {
            extension->data = some(maker, below(maker, 40));
        }
    }
}

static void make_hello(Maker *maker, const WalkContext *context, Message *message)
{
    if (message->kind == MESSAGE_CLIENT_HELLO) {
        ClientHello *hello = &message->client_hello;
        hello->client_version = (uint16_t)below(maker, 65536);
        hello->random = some(maker, 32);
        hello->session_id = some(maker, below(maker, 33));
        hello->cipher_suites = some(maker, 2 + 2 * below(maker, 60));
        hello->compression_methods = some(maker, 1 + below(maker, 5));
        make_extensions(maker, context, &hello->extensions);
        return;
    }
    ServerHello *hello = &message->server_hello;
    hello->server_version = (uint16_t)below(maker, 65536);
    hello->random = some(maker, 32);
    hello->session_id = some(maker, below(maker, 33));
    hello->cipher_suite = (uint16_t)below(maker, 65536);
    hello->compression_method = (uint8_t)below(maker, 256);
    make_extensions(maker, context, &hello->extensions);
}

static void make_lists(Maker *maker, const WalkContext *context, Message *message)
{
    if (message->kind == MESSAGE_CERTIFICATE) {
        message->certificate.count = below(maker, 4);
        for (size_t i = 0; i < message->certificate.count; i++)
            message->certificate.list[i] = some(maker, 1 + below(maker, 900));
        return;
    }
    CertificateRequest *request = &message->certificate_request;
    request->certificate_types = some(maker, 1 + below(maker, 5));
    if (context->version >= VERSION_TLS_1_2)
        request->supported_signature_algorithms = some(maker, 2 + 2 * below(maker, 10));
    request->count = below(maker, 4);
    for (size_t i = 0; i < request->count; i++)
        request->certificate_authorities[i] = some(maker, 1 + below(maker, 100));
}

static Message make(Maker *maker, MessageKind kind, const WalkContext *context)
{
    Message message = {.kind = kind};
    bool ssl3 = context->version == VERSION_SSL_3_0;
    if (kind == MESSAGE_CLIENT_HELLO || kind == MESSAGE_SERVER_HELLO)
        make_hello(maker, context, &message);
    else if (kind == MESSAGE_CERTIFICATE || kind == MESSAGE_CERTIFICATE_REQUEST)
        make_lists(maker, context, &message);
    else if (kind == MESSAGE_SERVER_KEY_EXCHANGE)
        message.server_key_exchange = (ServerKeyExchange){
            .rsa_modulus = some(maker, 1 + below(maker, 100)),
            .rsa_exponent = some(maker, 1 + below(maker, 5)),
            .algorithm = context->version >= VERSION_TLS_1_2 ? (uint16_t)below(maker, 65536) : 0,
            .signature = some(maker, 64),
        };
    else if (kind == MESSAGE_CLIENT_KEY_EXCHANGE)
        message.client_key_exchange.encrypted_premaster_secret = some(maker, below(maker, 300));
    else if (kind == MESSAGE_CERTIFICATE_VERIFY)
        message.certificate_verify = (CertificateVerify){
            context->version >= VERSION_TLS_1_2 ? (uint16_t)below(maker, 65536) : 0,
            some(maker, below(maker, 300))};
    else if (kind == MESSAGE_FINISHED)
        message.finished.verify_data = some(maker, ssl3 ? 36 : 12);
    else if (kind == MESSAGE_CHANGE_CIPHER_SPEC)
        message.change_cipher_spec = 1;
    else if (kind == MESSAGE_ALERT)
        message.alert = (Alert){(uint8_t)below(maker, 256), (uint8_t)below(maker, 256)};
    else if (kind == MESSAGE_APPLICATION_DATA)
        message.application_data = some(maker, below(maker, 100));
    return message;
}

static const MessageKind kinds[] = {
    MESSAGE_HELLO_REQUEST,     MESSAGE_CLIENT_HELLO,        MESSAGE_SERVER_HELLO,
    MESSAGE_CERTIFICATE,       MESSAGE_SERVER_KEY_EXCHANGE, MESSAGE_CERTIFICATE_REQUEST,
    MESSAGE_SERVER_HELLO_DONE, MESSAGE_CERTIFICATE_VERIFY,  MESSAGE_CLIENT_KEY_EXCHANGE,
    MESSAGE_FINISHED,          MESSAGE_CHANGE_CIPHER_SPEC,  MESSAGE_ALERT,
    MESSAGE_APPLICATION_DATA,
};

static MessageKind read_as(MessageKind kind)
{
    return message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE : kind;
}

static Bytes spans_bytes(const GArray *spans)
{
    return bytes_make(spans->data, spans->len * sizeof(Span));
}

/* One message there and back. Returns its bytes. */
static GByteArray *there_and_back(const Message *message, const WalkContext *context)
{
    Fault fault = FAULT_INIT;
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    g_autoptr(GArray) written = spans_new();
    g_autoptr(GArray) read = spans_new();
    g_autoptr(GArray) rewritten = spans_new();
    Message back;
    size_t at = 0;
    ck_assert_msg(message_write(message, context, bytes, written, &fault), "%s", fault.sentence);
    bool fine =
        message_read(bytes_from_array(bytes), read_as(message->kind), context, &back, read, &fault);
    ck_assert_msg(fine, "%s", fault.sentence);
    ck_assert_msg(message_write(&back, context, again, rewritten, &fault), "%s", fault.sentence);
    support_bytes(bytes_from_array(again), bytes_from_array(bytes), message_name(message->kind));
    ck_assert(bytes_equal(spans_bytes(written), spans_bytes(read)));
    ck_assert(bytes_equal(spans_bytes(written), spans_bytes(rewritten)));
    ck_assert_msg(spans_tile(read, bytes->len, &at), "%s: a hole or overlap at byte %zu",
                  message_name(message->kind), at);
    return bytes;
}

/* Calls `visit` for many random messages of every kind, version and sender. */
static void each_message(void (*visit)(Maker *maker, const Message *message,
                                       const WalkContext *context, Bytes bytes))
{
    Maker maker = {.rand = g_rand_new_with_seed(1)};
    for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (int round = 0; round < ROUNDS; round++) {
            WalkContext context = {
                .version = (ProtocolVersion)(VERSION_SSL_3_0 + round % 4),
                .sender = round / 4 % 2 == 0 ? ROLE_CLIENT : ROLE_SERVER,
            };
            maker.store = g_ptr_array_new_with_free_func(g_free);
            Message message = make(&maker, kinds[k], &context);
            g_autoptr(GByteArray) bytes = there_and_back(&message, &context);
            if (visit != NULL)
                visit(&maker, &message, &context, bytes_from_array(bytes));
            g_ptr_array_unref(maker.store);
        }
    g_rand_free(maker.rand);
}

START_TEST(round_trips)
{
    each_message(NULL);
}
END_TEST

/* Where the RFCs let a body end early. */
static bool cut_is_legal(const Message *message, const WalkContext *context, size_t body)
{
    size_t fixed = message->kind == MESSAGE_CLIENT_HELLO
                       ? 2 + 32 + 1 + message->client_hello.session_id.size + 2 +
                             message->client_hello.cipher_suites.size + 1 +
                             message->client_hello.compression_methods.size
                       : 2 + 32 + 1 + message->server_hello.session_id.size + 2 + 1;
    if (message->kind == MESSAGE_CLIENT_HELLO || message->kind == MESSAGE_SERVER_HELLO)
        return body == fixed; /* RFC 5246 7.4.1.2, 7.4.1.3: extensions may be absent */
    /* RFC 6101 5.6.7.1: without a length of its own, any length is one */
    return message->kind == MESSAGE_CLIENT_KEY_EXCHANGE && context->version == VERSION_SSL_3_0;
}

/* Cut as it is, and cut with a header that says so. */
static void visit_prefixes(Maker *maker, const Message *message, const WalkContext *context,
                           Bytes bytes)
{
    (void)maker;
    if (message->kind == MESSAGE_APPLICATION_DATA) /* RFC 5246 10: opaque, of any length */
        return;
    bool handshake = read_as(message->kind) == MESSAGE_NONE;
    for (size_t size = 0; size < bytes.size; size++) {
        Message back;
        Bytes prefix = bytes_slice(bytes, 0, size);
        ck_assert(!message_read(prefix, read_as(message->kind), context, &back, NULL, NULL));
        if (!handshake || size < HANDSHAKE_HEADER_SIZE)
            continue;
        g_autoptr(GByteArray) cut = g_byte_array_new();
        bytes_append(cut, prefix);
        size_t body = size - HANDSHAKE_HEADER_SIZE;
        cut->data[1] = 0;
        cut->data[2] = (guint8)(body >> 8);
        cut->data[3] = (guint8)body;
        bool read = message_read(bytes_from_array(cut), MESSAGE_NONE, context, &back, NULL, NULL);
        ck_assert_msg(read == cut_is_legal(message, context, body), "%s cut at %zu of %zu: %d",
                      message_name(message->kind), size, bytes.size, read);
    }
}

START_TEST(prefixes_are_refused)
{
    each_message(visit_prefixes);
}
END_TEST

/* Every leaf is found by its path, and replacing it by itself changes nothing. */
static void visit_paths(Maker *maker, const Message *message, const WalkContext *context,
                        Bytes bytes)
{
    (void)maker;
    Message back;
    g_autoptr(GArray) spans = spans_new();
    message_read(bytes, read_as(message->kind), context, &back, spans, NULL);
    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        if (span->kind == SPAN_GROUP || span->depth == 0)
            continue;
        g_autofree char *path = span_path(spans, i);
        int found = span_find(spans, path);
        ck_assert_msg(found == (int)i, "%s: %s finds %d, not %u", message_name(message->kind), path,
                      found, i);
        g_autoptr(GBytes) value = bytes_copy(bytes_slice(bytes, span->first, span->size));
        Edit edit = {.kind = EDIT_REPLACE, .path = path, .bytes = value};
        Fault fault = FAULT_INIT;
        g_autoptr(GByteArray) same = edit_apply(&edit, bytes, spans, &fault);
        ck_assert_msg(same != NULL, "%s", fault.sentence);
        support_bytes(bytes_from_array(same), bytes, path);
    }
}

START_TEST(paths_find_their_fields)
{
    each_message(visit_paths);
}
END_TEST

/* A longer value: the lengths around it follow, and it reads again. */
START_TEST(lengths_follow)
{
    Maker maker = {.rand = g_rand_new_with_seed(2),
                   .store = g_ptr_array_new_with_free_func(g_free)};
    WalkContext context = {.version = VERSION_TLS_1_2, .sender = ROLE_CLIENT};
    Message message = {.kind = MESSAGE_CLIENT_HELLO};
    ClientHello *hello = &message.client_hello;
    hello->random = some(&maker, 32);
    hello->cipher_suites = some(&maker, 4);
    hello->compression_methods = some(&maker, 1);
    hello->extensions.present = true;
    hello->extensions.count = 1;
    hello->extensions.list[0].type = EXTENSION_SERVER_NAME;
    hello->extensions.list[0].server_name.count = 1;
    hello->extensions.list[0].server_name.list[0].host_name = bytes_from_text("a.example");
    g_autoptr(GByteArray) bytes = there_and_back(&message, &context);
    g_autoptr(GArray) spans = spans_new();
    Message back;
    Fault fault = FAULT_INIT;
    message_read(bytes_from_array(bytes), MESSAGE_NONE, &context, &back, spans, &fault);
    g_autoptr(GBytes) name = g_bytes_new_static("www.another.example", 19);
    Edit edit = {.kind = EDIT_REPLACE,
                 .path = g_strdup("extensions/server_name/server_name_list[0]/host_name"),
                 .bytes = name};
    g_autoptr(GByteArray) longer = edit_apply(&edit, bytes_from_array(bytes), spans, &fault);
    ck_assert_msg(longer != NULL, "%s", fault.sentence);
    ck_assert_uint_eq(longer->len, bytes->len + 10);
    ck_assert(message_read(bytes_from_array(longer), MESSAGE_NONE, &context, &back, NULL, &fault));
    support_bytes(back.client_hello.extensions.list[0].server_name.list[0].host_name,
                  bytes_from_gbytes(name), "host_name");
    edit.lengths_lie = true;
    g_autoptr(GByteArray) lying = edit_apply(&edit, bytes_from_array(bytes), spans, &fault);
    ck_assert(!message_read(bytes_from_array(lying), MESSAGE_NONE, &context, &back, NULL, NULL));
    g_free(edit.path);
    g_rand_free(maker.rand);
    g_ptr_array_unref(maker.store);
}
END_TEST

/* Bytes of chance are refused or read, and what is read writes the same bytes. */
START_TEST(any_bytes)
{
    Maker maker = {.rand = g_rand_new_with_seed(3)};
    unsigned readable = 0;
    for (int i = 0; i < 20000; i++) {
        maker.store = g_ptr_array_new_with_free_func(g_free);
        WalkContext context = {.version = (ProtocolVersion)(VERSION_SSL_3_0 + i % 4),
                               .sender = i % 2 == 0 ? ROLE_CLIENT : ROLE_SERVER};
        Message message = make(&maker, kinds[(size_t)i % 10], &context), back;
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_autoptr(GByteArray) again = g_byte_array_new();
        ck_assert(message_write(&message, &context, bytes, NULL, NULL));
        for (size_t flips = 1 + below(&maker, 4); flips > 0 && bytes->len > 4; flips--)
            bytes->data[4 + below(&maker, bytes->len - 4)] = (guint8)below(&maker, 256);
        if (message_read(bytes_from_array(bytes), MESSAGE_NONE, &context, &back, NULL, NULL)) {
            readable++;
            ck_assert(message_write(&back, &context, again, NULL, NULL));
            support_bytes(bytes_from_array(again), bytes_from_array(bytes), "any bytes");
        }
        g_ptr_array_unref(maker.store);
    }
    printf("# %u of 20000 changed messages are readable\n", readable);
    ck_assert_uint_gt(readable, 1000);
    g_rand_free(maker.rand);
}
END_TEST

START_TEST(records)
{
    const uint8_t bytes[] = {0x16, 3, 1, 0, 3, 1, 2, 3, 0x15};
    Record record;
    size_t used = 0;
    Fault fault = FAULT_INIT;
    for (size_t size = 0; size < 8; size++)
        ck_assert_int_eq(record_read(bytes_make(bytes, size), FRAMING_TLS, &record, &used, &fault),
                         RECORD_MORE);
    ck_assert_int_eq(record_read(BYTES_ARRAY(bytes), FRAMING_TLS, &record, &used, &fault),
                     RECORD_WHOLE);
    ck_assert_uint_eq(used, 8);
    support_bytes(record.fragment, bytes_make(bytes + 5, 3), "fragment");
    const uint8_t http[] = "GET / HTTP/1.0";
    ck_assert_int_eq(record_read(BYTES_ARRAY(http), FRAMING_TLS, &record, &used, &fault),
                     RECORD_REFUSED);
    ck_assert_int_eq(fault.alert, ALERT_UNEXPECTED_MESSAGE);
    const uint8_t major[] = {0x16, 4, 0};
    fault = FAULT_INIT;
    ck_assert_int_eq(record_read(BYTES_ARRAY(major), FRAMING_TLS, &record, &used, &fault),
                     RECORD_REFUSED);
    ck_assert_int_eq(fault.alert, ALERT_PROTOCOL_VERSION);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("wire");
    TCase *messages = tcase_create("messages");
    tcase_set_timeout(messages, 60);
    tcase_add_test(messages, round_trips);
    tcase_add_test(messages, prefixes_are_refused);
    tcase_add_test(messages, paths_find_their_fields);
    tcase_add_test(messages, lengths_follow);
    tcase_add_test(messages, any_bytes);
    tcase_add_test(messages, records);
    suite_add_tcase(suite, messages);
    return support_run(suite);
}
