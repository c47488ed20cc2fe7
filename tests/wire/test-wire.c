/* Every message, both ways: random value, bytes, value again.
 *
 * The same bytes and the same spans come out of writing and reading; the leaves tile the message
 * without hole or overlap; a body that is cut anywhere, or goes on behind its end, is refused, but
 * for a list of legal ends with their RFC sections; so is a length that is one off; a field that is
 * replaced by its path changes that field and the lengths around it, and nothing else. The cells
 * are all messages that the wire knows, in every version, direction and key exchange that has them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/wire/edit.h"
#include "core/wire/message.h"
#include "core/wire/record.h"
#include "tests/support/support.h"
#include "tests/wire/samples.h"

enum { ROUNDS = 40 }; /* of each message, version, sender and key exchange */

static MessageKind read_as(MessageKind kind)
{
    if (message_is_ssl2(kind))
        return MESSAGE_SSL2;
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

typedef void (*Visit)(const Message *message, const WalkContext *context, Bytes bytes);

static unsigned each_round(MessageKind kind, const WalkContext *context, Maker *maker, Visit visit)
{
    if (!sample_fits(kind, context))
        return 0;
    for (int round = 0; round < ROUNDS; round++) {
        Message message = sample_make(maker, kind, context);
        g_autoptr(GByteArray) bytes = there_and_back(&message, context);
        if (visit != NULL)
            visit(&message, context, bytes_from_array(bytes));
        maker_forget(maker);
    }
    return 1;
}

/* Calls `visit` for random messages of every cell; returns the number of cells. */
static unsigned each_message(Visit visit)
{
    static const ProtocolVersion versions[] = {VERSION_SSL_2_0, VERSION_SSL_3_0, VERSION_TLS_1_0,
                                               VERSION_TLS_1_1, VERSION_TLS_1_2, VERSION_TLS_1_3};
    Maker maker = maker_new(1);
    unsigned cells = 0;
    for (size_t k = 0; k < sample_count(); k++)
        for (size_t v = 0; v < G_N_ELEMENTS(versions); v++)
            for (int exchange = 0; exchange < KEY_EXCHANGE_KINDS; exchange++)
                for (int sender = 0; sender < 2; sender++) {
                    WalkContext context = {.version = versions[v],
                                           .key_exchange = (KeyExchangeKind)exchange,
                                           .sender = (Role)sender};
                    cells += each_round(sample_kind(k), &context, &maker, visit);
                }
    maker_free(&maker);
    return cells;
}

/* The wire is asked what it knows: what it does not is an unexpected message, whatever its body. */
static bool wire_knows(uint8_t type)
{
    const uint8_t bytes[] = {type, 0, 0, 0};
    WalkContext context = {.version = VERSION_TLS_1_2};
    Fault fault = FAULT_INIT;
    Message message;
    return message_read(BYTES_ARRAY(bytes), MESSAGE_NONE, &context, &message, NULL, &fault) ||
           fault.alert != ALERT_UNEXPECTED_MESSAGE;
}

static bool wire_knows_extension(uint16_t type)
{
    const uint8_t bytes[] = {
        MESSAGE_ENCRYPTED_EXTENSIONS, 0, 0, 6, 0, 4, (uint8_t)(type >> 8), (uint8_t)type, 0, 0};
    WalkContext context = {.version = VERSION_TLS_1_3, .sender = ROLE_SERVER};
    Message message;
    message_read(BYTES_ARRAY(bytes), MESSAGE_NONE, &context, &message, NULL, NULL);
    return message.encrypted_extensions.list[0].known;
}

START_TEST(all_that_is_known_has_a_sample)
{
    unsigned messages = 0, extensions = 0;
    for (unsigned type = 0; type < 256; type++) {
        ck_assert_msg(wire_knows((uint8_t)type) == sample_exists((MessageKind)type),
                      "message type %u", type);
        messages += wire_knows((uint8_t)type);
        ck_assert_int_eq(message_is_ssl2(MESSAGE_SSL2 + (MessageKind)type),
                         sample_exists(MESSAGE_SSL2 + (MessageKind)type) && type < 16);
    }
    for (unsigned type = 0; type < 65536; type++) {
        ck_assert_msg(wire_knows_extension((uint16_t)type) ==
                          sample_extension_exists((uint16_t)type),
                      "extension type %u", type);
        extensions += wire_knows_extension((uint16_t)type);
    }
    printf("# %u handshake messages and %u extensions have samples\n", messages, extensions);
    ck_assert_uint_eq(messages, 16);
    ck_assert_uint_eq(extensions, 24);
}
END_TEST

START_TEST(round_trips)
{
    unsigned cells = each_message(NULL);
    printf("# %u cells of message, version, sender and key exchange, %d values of each\n", cells,
           ROUNDS);
    ck_assert_uint_eq(cells, 231);
}
END_TEST

/* Whether the last field is whatever is left: any end will do. */
static bool is_open(const Message *message, const WalkContext *context)
{
    switch ((int)message->kind) {
    case MESSAGE_APPLICATION_DATA: /* RFC 5246 10 */
    case MESSAGE_HEARTBEAT:        /* RFC 6520 4: padding */
    case MESSAGE_SSL2_CLIENT_FINISHED:
    case MESSAGE_SSL2_SERVER_VERIFY:
    case MESSAGE_SSL2_SERVER_FINISHED:
    case MESSAGE_SSL2_REQUEST_CERTIFICATE: /* draft-hickman-netscape-ssl 2.5, 2.6: to the end */
        return true;
    case MESSAGE_FINISHED: /* RFC 8446 4.4.4: as long as the hash */
        return context->version >= VERSION_TLS_1_3;
    case MESSAGE_CLIENT_KEY_EXCHANGE: /* RFC 6101 5.6.7.1: without a length of its own */
        return context->version == VERSION_SSL_3_0 &&
               key_exchange(context->key_exchange)->agreement == AGREEMENT_RSA;
    default:
        return false;
    }
}

/* Where the RFCs let a body end early; `body` counts behind the header. */
static bool cut_is_legal(const Message *message, const WalkContext *context, size_t body)
{
    size_t hello = message->kind == MESSAGE_CLIENT_HELLO
                       ? 2 + 32 + 1 + message->client_hello.session_id.size + 2 +
                             message->client_hello.cipher_suites.size + 1 +
                             message->client_hello.compression_methods.size
                       : 2 + 32 + 1 + message->server_hello.session_id.size + 2 + 1;
    switch ((int)message->kind) {
    case MESSAGE_CLIENT_HELLO:
    case MESSAGE_SERVER_HELLO:
    case MESSAGE_HELLO_RETRY_REQUEST:
        return body == hello; /* RFC 5246 7.4.1.2, 7.4.1.3: extensions may be absent */
    case MESSAGE_HEARTBEAT:
        return body >= 3 + (size_t)message->heartbeat.payload_length;
    case MESSAGE_SSL2_REQUEST_CERTIFICATE:
        return body >= 2;
    case MESSAGE_SSL2_CLIENT_FINISHED:
    case MESSAGE_SSL2_SERVER_VERIFY:
    case MESSAGE_SSL2_SERVER_FINISHED:
        return body >= 1;
    default:
        return is_open(message, context);
    }
}

/* A copy of `bytes`, of which a handshake message's header says that it has that size. */
static GByteArray *resized(const Message *message, Bytes bytes, size_t size)
{
    GByteArray *copy = g_byte_array_new();
    bytes_append(copy, bytes_slice(bytes, 0, size));
    if (size > bytes.size)
        g_byte_array_append(copy, (const guint8 *)"", 1);
    size_t body = size - HANDSHAKE_HEADER_SIZE;
    if (read_as(message->kind) != MESSAGE_NONE)
        return copy;
    copy->data[1] = 0;
    copy->data[2] = (guint8)(body >> 8);
    copy->data[3] = (guint8)body;
    return copy;
}

/* Cut as it is, and cut with a header that says so. */
static void visit_prefixes(const Message *message, const WalkContext *context, Bytes bytes)
{
    bool handshake = read_as(message->kind) == MESSAGE_NONE;
    size_t header = handshake ? HANDSHAKE_HEADER_SIZE : 0;
    for (size_t size = 0; size < bytes.size; size++) {
        Message back;
        Bytes prefix = bytes_slice(bytes, 0, size);
        bool read = message_read(prefix, read_as(message->kind), context, &back, NULL, NULL);
        bool legal = !handshake && cut_is_legal(message, context, size);
        ck_assert_msg(read == legal, "%s cut at %zu of %zu: %d", message_name(message->kind), size,
                      bytes.size, read);
        if (!handshake || size < HANDSHAKE_HEADER_SIZE)
            continue;
        g_autoptr(GByteArray) cut = resized(message, bytes, size);
        read = message_read(bytes_from_array(cut), MESSAGE_NONE, context, &back, NULL, NULL);
        legal = cut_is_legal(message, context, size - header);
        ck_assert_msg(read == legal, "%s cut at %zu of %zu, its header too: %d",
                      message_name(message->kind), size, bytes.size, read);
    }
}

/* One byte behind the end, and the same with a header that counts it. */
static void visit_tails(const Message *message, const WalkContext *context, Bytes bytes)
{
    Message back;
    g_autoptr(GByteArray) longer = resized(message, bytes, bytes.size + 1);
    ck_assert_msg(message_read(bytes_from_array(longer), read_as(message->kind), context, &back,
                               NULL, NULL) == is_open(message, context),
                  "%s with a byte behind it", message_name(message->kind));
    if (read_as(message->kind) != MESSAGE_NONE)
        return;
    g_autoptr(GByteArray) behind = g_byte_array_new();
    bytes_append(behind, bytes);
    g_byte_array_append(behind, (const guint8 *)"", 1);
    ck_assert(!message_read(bytes_from_array(behind), MESSAGE_NONE, context, &back, NULL, NULL));
}

START_TEST(what_follows_is_refused)
{
    each_message(visit_tails);
}
END_TEST

static unsigned lengths_tried, lengths_readable;

/* A length that is one off moves bytes to or from what follows. Where that can be read, it is
 * another message, which is written as it was read. */
static void try_length(const Message *message, const WalkContext *context, Bytes bytes,
                       const Span *span, int by)
{
    g_autoptr(GByteArray) wrong = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    size_t value = bytes_number(bytes_slice(bytes, span->first, span->size)) + (size_t)by;
    Message back;
    bytes_append(wrong, bytes);
    for (size_t i = 0; i < span->size; i++)
        wrong->data[span->first + i] = (guint8)(value >> 8 * (span->size - 1 - i));
    lengths_tried++;
    if (!message_read(bytes_from_array(wrong), read_as(message->kind), context, &back, NULL, NULL))
        return;
    lengths_readable++;
    ck_assert(message_write(&back, context, again, NULL, NULL));
    support_bytes(bytes_from_array(again), bytes_from_array(wrong), message_name(message->kind));
}

static void visit_lengths(const Message *message, const WalkContext *context, Bytes bytes)
{
    Message back;
    g_autoptr(GArray) spans = spans_new();
    message_read(bytes, read_as(message->kind), context, &back, spans, NULL);
    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        bool ssl2 = message_is_ssl2(message->kind) && g_str_has_suffix(span->name, "_length");
        if (span->kind != SPAN_LENGTH && !ssl2)
            continue;
        try_length(message, context, bytes, span, 1);
        try_length(message, context, bytes, span, -1);
    }
}

START_TEST(lengths_one_off)
{
    each_message(visit_lengths);
    printf("# %u of %u lengths that are one off give another message\n", lengths_readable,
           lengths_tried);
    ck_assert_uint_eq(lengths_readable, 150);
}
END_TEST

START_TEST(prefixes_are_refused)
{
    each_message(visit_prefixes);
}
END_TEST

/* Every leaf is found by its path, and replacing it by itself changes nothing. */
static void visit_paths(const Message *message, const WalkContext *context, Bytes bytes)
{
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
    Maker maker = maker_new(2);
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
    maker_free(&maker);
}
END_TEST

/* RFC 6101 5.6.1.2: what stands behind the compression methods of SSL 3.0 is extensions where it
 * reads as such, and data like any other where it does not; in TLS it must read (RFC 5246 7.4.1.2).
 */
START_TEST(extra_data)
{
    static const struct {
        const char *behind;
        bool extra;
    } rows[] = {
        {"", false},
        {"0000", false},                    /* an empty block */
        {"0005ff01000100", false},          /* renegotiation_info */
        {"61", true},                       /* less than a length */
        {"616263", true},                   /* a length that is too long */
        {"0005ff0100010061", true},         /* a byte behind the block */
        {"0006000d00020000", true},         /* an extension that does not read */
        {"000aff01000100ff01000100", true}, /* the same one twice */
    };
    for (uint16_t version = VERSION_SSL_3_0; version <= VERSION_TLS_1_2; version++)
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_autoptr(GByteArray) behind = bytes_from_hex(rows[i].behind);
            g_autoptr(GByteArray) hello = bytes_from_hex("010000000000");
            g_autoptr(GByteArray) again = g_byte_array_new();
            g_byte_array_set_size(hello, 4 + 2 + RANDOM_SIZE + 1);
            memset(hello->data + 4, 0, hello->len - 4);
            g_byte_array_append(hello, (const guint8[]){0, 2, 0, 0x2f, 1, 0}, 6);
            bytes_append(hello, bytes_from_array(behind));
            hello->data[3] = (guint8)(hello->len - 4);
            hello->data[4] = (guint8)(version >> 8);
            hello->data[5] = (guint8)version;
            WalkContext context = {.version = version, .sender = ROLE_CLIENT};
            Message back;
            g_autoptr(GArray) spans = spans_new();
            bool read =
                message_read(bytes_from_array(hello), MESSAGE_NONE, &context, &back, spans, NULL);
            ck_assert_msg(read == (!rows[i].extra || version == VERSION_SSL_3_0), "%04x: %s",
                          version, rows[i].behind);
            if (!read)
                continue;
            support_bytes(back.client_hello.extra_data,
                          rows[i].extra ? bytes_from_array(behind) : BYTES_NONE, rows[i].behind);
            ck_assert_int_eq(back.client_hello.extensions.present,
                             !rows[i].extra && behind->len > 0);
            ck_assert_int_eq(span_find(spans, "extra_data") >= 0, rows[i].extra);
            ck_assert(message_write(&back, &context, again, NULL, NULL));
            support_bytes(bytes_from_array(again), bytes_from_array(hello), rows[i].behind);
        }
}
END_TEST

static Maker chance;
static unsigned chances, readable;

/* Bytes of chance are refused or read, and what is read writes the same bytes. */
static void visit_chance(const Message *message, const WalkContext *context, Bytes bytes)
{
    Message back;
    g_autoptr(GByteArray) changed = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    size_t header = read_as(message->kind) == MESSAGE_NONE ? HANDSHAKE_HEADER_SIZE : 0;
    bytes_append(changed, bytes);
    for (size_t flips = 1 + below(&chance, 4); flips > 0 && changed->len > header; flips--)
        changed->data[header + below(&chance, changed->len - header)] = (guint8)below(&chance, 256);
    chances++;
    if (!message_read(bytes_from_array(changed), read_as(message->kind), context, &back, NULL,
                      NULL))
        return;
    if (back.kind == MESSAGE_CERTIFICATE && context->version >= VERSION_TLS_1_3)
        return; /* extensions of a certificate that nobody knows are read over */
    readable++;
    ck_assert(message_write(&back, context, again, NULL, NULL));
    support_bytes(bytes_from_array(again), bytes_from_array(changed), "any bytes");
}

START_TEST(any_bytes)
{
    chance = maker_new(3);
    for (int i = 0; i < 5; i++)
        each_message(visit_chance);
    printf("# %u of %u changed messages are readable\n", readable, chances);
    ck_assert_uint_gt(readable, chances / 10);
    maker_free(&chance);
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

/* Numbers are looked up by halves. */
START_TEST(numbers_stand_in_order)
{
    for (NumberKind kind = 0; kind < NUMBER_KINDS; kind++) {
        size_t count = 0;
        const NumberName *names = number_table(kind, &count);
        for (size_t i = 0; i < count; i++) {
            ck_assert_str_eq(number_name(kind, names[i].value), names[i].name);
            if (i > 0)
                ck_assert_uint_lt(names[i - 1].value, names[i].value);
        }
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("wire");
    TCase *messages = tcase_create("messages");
    tcase_set_timeout(messages, 60);
    tcase_add_test(messages, all_that_is_known_has_a_sample);
    tcase_add_test(messages, round_trips);
    tcase_add_test(messages, prefixes_are_refused);
    tcase_add_test(messages, what_follows_is_refused);
    tcase_add_test(messages, lengths_one_off);
    tcase_add_test(messages, paths_find_their_fields);
    tcase_add_test(messages, lengths_follow);
    tcase_add_test(messages, extra_data);
    tcase_add_test(messages, any_bytes);
    tcase_add_test(messages, records);
    tcase_add_test(messages, numbers_stand_in_order);
    suite_add_tcase(suite, messages);
    return support_run(suite);
}
