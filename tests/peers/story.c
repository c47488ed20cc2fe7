/* Stories: a trace and tshark's reading of its capture, brought to one form.
 *
 * The table pairs the fields of our messages with fields of tshark's. A field that no row names
 * must be named among those that tshark does not show by themselves, so that a new field of ours
 * without a row fails the test. Nothing here knows what an honest message is.
 */
#include "tests/peers/story.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/support.h"

enum { PLAIN_PORT = 80 };  /* behind a balancer that terminates TLS: nothing for tshark's TLS */
enum { SECOND_NET = 100 }; /* of a link's half "as arrived" (viz/packets.c) */

typedef enum {
    AS_DECIMAL,
    AS_HEX_8,  /* 0x03 */
    AS_HEX_16, /* 0x0303 */
    AS_HEX_24,
    AS_BYTES, /* hex; no bytes: nothing */
    AS_TEXT,
    AS_LENGTH,  /* of the bytes, in decimal */
    AS_LENGTHS, /* of the vectors in it, which have lengths of 2 bytes */
} Form;

typedef struct {
    MessageKind in;   /* the message that it stands in; 0: any */
    const char *name; /* ours; NULL: not a field of a message */
    const char *field;
    Form form;
} FieldRow;

enum { ROW_RECORD_TYPE, ROW_RECORD_VERSION, ROW_RECORD_LENGTH, ROW_LENGTH, ROW_TYPE };

/* clang-format off */
static const FieldRow rows[] = {

    [ROW_RECORD_TYPE] = {0, NULL, "tls.record.content_type", AS_DECIMAL},
    [ROW_RECORD_VERSION] = {0, NULL, "tls.record.version", AS_HEX_16},
    [ROW_RECORD_LENGTH] = {0, NULL, "tls.record.length", AS_DECIMAL},
    [ROW_LENGTH] = {0, NULL, "tls.handshake.length", AS_DECIMAL},
    [ROW_TYPE] = {0, "msg_type", "tls.handshake.type", AS_DECIMAL},
    {0, "client_version", "tls.handshake.version", AS_HEX_16},
    {0, "server_version", "tls.handshake.version", AS_HEX_16},
    {0, "random", "tls.handshake.random", AS_BYTES},
    {0, "session_id", "tls.handshake.session_id", AS_BYTES},
    {0, "cipher_suites", "tls.handshake.ciphersuite", AS_HEX_16},
    {0, "cipher_suite", "tls.handshake.ciphersuite", AS_HEX_16},
    {0, "compression_methods", "tls.handshake.comp_method", AS_DECIMAL},
    {0, "compression_method", "tls.handshake.comp_method", AS_DECIMAL},
    {0, "extension_type", "tls.handshake.extension.type", AS_DECIMAL},
    {0, "name_type", "tls.handshake.extensions_server_name_type", AS_DECIMAL},
    {0, "host_name", "tls.handshake.extensions_server_name", AS_TEXT},
    {0, "max_fragment_length", "tls.handshake.max_fragment_length", AS_DECIMAL},
    {0, "status_type", "tls.handshake.extensions_status_request_type", AS_DECIMAL},
    {0, "OCSPResponse", "tls.handshake.ocsp_response_len", AS_LENGTH},
    {0, "named_group_list", "tls.handshake.extensions_supported_group", AS_HEX_16},
    {0, "ec_point_format_list", "tls.handshake.extensions_ec_point_format", AS_DECIMAL},
    {0, "supported_signature_algorithms", "tls.handshake.sig_hash_alg", AS_HEX_16},
    {0, "algorithms", "tls.compress_certificate.algorithm", AS_DECIMAL},
    {MESSAGE_COMPRESSED_CERTIFICATE, "algorithm", "tls.compress_certificate.algorithm", AS_DECIMAL},
    {0, "algorithm", "tls.handshake.sig_hash_alg", AS_HEX_16},
    {0, "mode", "tls.handshake.extension.heartbeat.mode", AS_DECIMAL},
    {0, "protocol_name", "tls.handshake.extensions_alpn_str", AS_TEXT},
    {0, "record_size_limit", "tls.record_size_limit", AS_DECIMAL},
    {0, "uncompressed_length", "tls.compress_certificate.uncompressed_length", AS_DECIMAL},
    {0, "compressed_certificate_message", "tls.compress_certificate.compressed_certificate_message", AS_BYTES},
    {0, "identity", "tls.handshake.extensions.psk.identity.identity", AS_BYTES},
    {0, "obfuscated_ticket_age", "tls.handshake.extensions.psk.identity.obfuscated_ticket_age", AS_DECIMAL},
    {0, "selected_identity", "tls.handshake.extensions.psk.identity.selected", AS_DECIMAL},
    {0, "max_early_data_size", "tls.early_data.max_early_data_size", AS_DECIMAL},
    {0, "versions", "tls.handshake.extensions.supported_version", AS_HEX_16},
    {0, "selected_version", "tls.handshake.extensions.supported_version", AS_HEX_16},
    {0, "cookie", "tls.handshake.extensions.cookie", AS_BYTES},
    {0, "ke_modes", "tls.extension.psk_ke_mode", AS_DECIMAL},
    {0, "group", "tls.handshake.extensions_key_share_group", AS_DECIMAL},
    {0, "key_exchange", "tls.handshake.extensions_key_share_key_exchange", AS_BYTES},
    {0, "selected_group", "tls.handshake.extensions_key_share_selected_group", AS_DECIMAL},
    {0, "renegotiated_connection", "tls.handshake.extensions_reneg_info", AS_BYTES},
    {0, "cert_data", "tls.handshake.certificate", AS_BYTES},
    {0, "ASN.1Cert", "tls.handshake.certificate", AS_BYTES},
    {0, "certificate_request_context", "tls.handshake.certificate_request_context", AS_BYTES},
    {0, "DistinguishedName", "tls.handshake.dname_len", AS_LENGTH},
    {0, "authorities", "tls.handshake.dname_len", AS_LENGTHS},
    {0, "dh_p", "tls.handshake.p", AS_BYTES},
    {0, "dh_g", "tls.handshake.g", AS_BYTES},
    {0, "dh_Ys", "tls.handshake.ys", AS_BYTES},
    {0, "dh_Yc", "tls.handshake.yc", AS_BYTES},
    {0, "rsa_modulus", "tls.handshake.modulus", AS_BYTES},
    {0, "rsa_exponent", "tls.handshake.exponent", AS_BYTES},
    {0, "curve_type", "tls.handshake.server_curve_type", AS_HEX_8},
    {0, "named_curve", "tls.handshake.server_named_curve", AS_HEX_16},
    {0, "point", "tls.handshake.server_point", AS_BYTES},
    {0, "ecdh_Yc", "tls.handshake.client_point", AS_BYTES},
    {0, "psk_identity_hint", "tls.handshake.hint", AS_BYTES},
    {0, "psk_identity", "tls.handshake.identity", AS_BYTES},
    {0, "encrypted_premaster_secret", "tls.handshake.epms", AS_BYTES},
    {MESSAGE_CERTIFICATE_VERIFY, "signature", "tls.handshake.client_cert_vrfy.sig", AS_BYTES},
    {0, "signature", "tls.handshake.sig", AS_BYTES},
    {0, "ticket_lifetime_hint", "tls.handshake.session_ticket_lifetime_hint", AS_DECIMAL},
    {0, "ticket_lifetime", "tls.handshake.session_ticket_lifetime_hint", AS_DECIMAL},
    {0, "ticket_age_add", "tls.handshake.session_ticket_age_add", AS_DECIMAL},
    {0, "ticket_nonce", "tls.handshake.session_ticket_nonce", AS_BYTES},
    {MESSAGE_NEW_SESSION_TICKET, "ticket", "tls.handshake.session_ticket", AS_BYTES},
    {0, "request_update", "tls.handshake.key_update.request_update", AS_DECIMAL},
    {MESSAGE_HEARTBEAT, "type", "tls.heartbeat_message.type", AS_DECIMAL},
    {0, "payload_length", "tls.heartbeat_message.payload_length", AS_DECIMAL},
    {0, "version", "tls.handshake.version", AS_HEX_16}, /* from here on SSL 2.0 */
    {0, "cipher_specs", "tls.handshake.cipherspec", AS_HEX_24},
    {0, "cipher_kind", "tls.handshake.cipherspec", AS_HEX_24},
    {0, "cipher_specs_length", "tls.handshake.cipher_spec_len", AS_DECIMAL},
    {0, "challenge_length", "tls.handshake.challenge_length", AS_DECIMAL},
    {0, "connection_id_length", "tls.handshake.connection_id_length", AS_DECIMAL},
    {0, "session_id_hit", "tls.handshake.session_id_hit", AS_DECIMAL},
    {0, "certificate_type", "tls.handshake.cert_type", AS_DECIMAL},
    {0, "certificate_types", "tls.handshake.cert_type", AS_DECIMAL},
    {0, "certificate", "tls.handshake.certificate", AS_BYTES},
    {0, "clear_key_length", "tls.handshake.clear_key_length", AS_DECIMAL},
    {0, "encrypted_key_length", "tls.handshake.encrypted_key_length", AS_DECIMAL},
    {0, "key_arg_length", "tls.handshake.key_arg_length", AS_DECIMAL},
    {0, "level", "tls.alert_message.level", AS_DECIMAL},
    {0, "description", "tls.alert_message.desc", AS_DECIMAL},
};

/* What has no row, and why. */
static const char *const untold[][2] = {
    {"length", "the lengths of messages are compared; the others follow from their contents"},
    {"data", "of an extension that neither knows, or application data, which is compared apart"},
    {"verify_data", "tshark shows that it is there, without a value"},
    {"md5_hash", "the same, in SSL 3.0"},
    {"sha_hash", "the same, in SSL 3.0"},
    {"PskBinderEntry", "the binders are shown as one, without a value"},
    {"ticket", "of the extension: shown without a value"},
    {"responder_id_list", "empty: the laboratory asks no responder by name"},
    {"request_extensions", "empty, too"},
    {"payload", "shown without a value"},
    {"padding", "chance, and shown without a value"},
    {"session_id_length", "of SSL 2.0, where the field serves TLS as well"},
    {"certificate_length", "of SSL 2.0, where the field serves TLS as well"},
    {"challenge", "of SSL 2.0: shown without a value, as are the next four"},
    {"connection_id", "of SSL 2.0"},
    {"clear_key", "of SSL 2.0"},
    {"encrypted_key", "of SSL 2.0"},
    {"key_arg", "of SSL 2.0"},
};
/* clang-format on */

static void story_free(gpointer data)
{
    Story *story = data;
    g_ptr_array_unref(story->fields);
    g_string_free(story->data, TRUE);
    g_byte_array_unref(story->types);
    g_free(story->name);
    g_free(story);
}

static void string_free(gpointer string)
{
    g_string_free(string, TRUE);
}

GHashTable *stories_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, story_free);
}

static Story *stories_get(GHashTable *stories, const char *key)
{
    Story *story = g_hash_table_lookup(stories, key);
    if (story != NULL)
        return story;
    story = g_new0(Story, 1);
    story->fields = g_ptr_array_new_with_free_func(string_free);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_ptr_array_add(story->fields, g_string_new(NULL));
    story->data = g_string_new(NULL);
    story->types = g_byte_array_new();
    g_hash_table_insert(stories, g_strdup(key), story);
    return story;
}

/* Several of ours may be one of tshark's: the first row of a field stands for all. */
static size_t first_row(size_t row)
{
    size_t first = 0;
    while (strcmp(rows[first].field, rows[row].field) != 0)
        first++;
    return first;
}

static GString *story_field(const Story *story, size_t row)
{
    return g_ptr_array_index(story->fields, (guint)first_row(row));
}

static void append_number(GString *text, Form form, uint32_t number)
{
    static const int digits[] = {[AS_HEX_8] = 2, [AS_HEX_16] = 4, [AS_HEX_24] = 6};
    if (form == AS_HEX_8 || form == AS_HEX_16 || form == AS_HEX_24)
        g_string_append_printf(text, "0x%0*x ", digits[form], number);
    else
        g_string_append_printf(text, "%u ", number);
}

static void append_hex(GString *text, Bytes bytes)
{
    g_autofree char *digits = bytes_to_hex(bytes, NULL);
    g_string_append(text, digits);
}

static void append_leaf(GString *text, Form form, const Span *span, Bytes bytes)
{
    Bytes value = bytes_slice(bytes, span->first, span->size);
    switch (form) {
    case AS_DECIMAL:
    case AS_HEX_8:
    case AS_HEX_16:
    case AS_HEX_24:
        if (span->kind == SPAN_NUMBER)
            append_number(text, form, (uint32_t)bytes_number(value));
        for (size_t i = 0; span->kind == SPAN_NUMBERS && i < numbers_count(value, span->item); i++)
            append_number(text, form, numbers_at(value, span->item, i));
        return;
    case AS_BYTES:
        append_hex(text, value);
        g_string_append(text, value.size > 0 ? " " : "");
        return;
    case AS_TEXT:
        g_string_append_printf(text, "%.*s ", (int)value.size, (const char *)value.data);
        return;
    case AS_LENGTH:
        append_number(text, form, (uint32_t)value.size);
        return;
    case AS_LENGTHS:
        for (size_t at = 0, size = 0; at + 2 <= value.size; at += 2 + size) {
            size = bytes_number(bytes_slice(value, at, 2));
            append_number(text, form, (uint32_t)size);
        }
        return;
    }
}

static bool is_untold(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(untold); i++)
        if (strcmp(untold[i][0], name) == 0)
            return true;
    return false;
}

static void tell_leaf(const Story *story, MessageKind kind, const Span *span, Bytes bytes)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_strcmp0(rows[i].name, span->name) != 0 || (rows[i].in != 0 && rows[i].in != kind))
            continue;
        append_leaf(story_field(story, i), rows[i].form, span, bytes);
        return;
    }
    ck_assert_msg(is_untold(span->name), "%s of a %s has no row", span->name, message_name(kind));
}

/* The header of a handshake message alone. */
static void tell_header(const Story *story, const TraceEvent *event)
{
    Bytes bytes = bytes_from_gbytes(event->bytes);
    append_number(story_field(story, ROW_TYPE), AS_DECIMAL, bytes.data[0]);
    append_number(story_field(story, ROW_LENGTH), AS_DECIMAL,
                  (uint32_t)bytes.size - HANDSHAKE_HEADER_SIZE);
}

static void tell_message(Story *story, const TraceEvent *event)
{
    Bytes bytes = bytes_from_gbytes(event->bytes);
    story->messages++;
    if (event->message_kind == MESSAGE_APPLICATION_DATA) {
        append_hex(story->data, bytes);
        return;
    }
    if (event->message_kind == MESSAGE_CHANGE_CIPHER_SPEC)
        return;
    /* of a suite that it does not know, tshark cannot tell the key exchange */
    if (story->kind == STORY_UNDECRYPTED && (event->message_kind == MESSAGE_CLIENT_KEY_EXCHANGE ||
                                             event->message_kind == MESSAGE_SERVER_KEY_EXCHANGE)) {
        tell_header(story, event);
        return;
    }
    if (message_content_type(event->message_kind) == CONTENT_HANDSHAKE &&
        !message_is_ssl2(event->message_kind))
        append_number(story_field(story, ROW_LENGTH), AS_DECIMAL,
                      (uint32_t)bytes.size - HANDSHAKE_HEADER_SIZE);
    for (guint i = 0; i < event->spans->len; i++) {
        const Span *span = &g_array_index(event->spans, Span, i);
        if (span->kind != SPAN_GROUP && span->kind != SPAN_LENGTH)
            tell_leaf(story, event->message_kind, span, bytes);
    }
}

/* A record of SSL 2.0 has no version, and holds one message; tshark calls it 2.0, and shows the
 * length of those that are not encrypted. */
static void tell_ssl2_record(Story *story, Bytes bytes)
{
    size_t length = bytes_number(bytes_slice(bytes, 0, 2));
    story->ssl2 = story->kind == STORY_UNDECRYPTED; /* else one hello in its format */
    append_number(story_field(story, ROW_RECORD_VERSION), AS_HEX_16, VERSION_SSL_2_0);
    if (++story->records <= story->messages) /* the first bit says how long the header is: 1.1 */
        append_number(story_field(story, ROW_RECORD_LENGTH), AS_DECIMAL,
                      length & (length & 0x8000 ? 0x7fff : 0x3fff));
}

static void tell_record(Story *story, const TraceEvent *event)
{
    Bytes bytes = bytes_from_gbytes(event->bytes);
    if (story->ssl2 || (bytes.data[0] & 0x80) != 0) {
        tell_ssl2_record(story, bytes);
        return;
    }
    uint8_t type = bytes.data[0];
    if (type == CONTENT_APPLICATION_DATA && (guint)event->record < story->types->len)
        type = story->types->data[event->record];
    if (type != 0)
        append_number(story_field(story, ROW_RECORD_TYPE), AS_DECIMAL, type);
    append_number(story_field(story, ROW_RECORD_VERSION), AS_HEX_16,
                  (uint32_t)bytes_number(bytes_slice(bytes, 1, 2)));
    append_number(story_field(story, ROW_RECORD_LENGTH), AS_DECIMAL,
                  (uint32_t)bytes_number(bytes_slice(bytes, 3, 2)));
}

/* What the records of a message hold, which in TLS 1.3 their headers do not tell; 0 for those that
 * tshark does not decrypt. */
static void note_types(const Story *story, const TraceEvent *event, bool told)
{
    guint end = (guint)(event->record + event->record_count), at = story->types->len;
    if (end > at)
        g_byte_array_set_size(story->types, end);
    for (; at < end; at++)
        story->types->data[at] = CONTENT_APPLICATION_DATA;
    for (guint i = (guint)event->record; i < end; i++)
        story->types->data[i] = told ? (uint8_t)message_content_type(event->message_kind) : 0;
}

/* tshark goes back to the first application traffic key after each Finished of a TLS 1.3 client, so
 * it loses the client after post-handshake authentication (packet-tls.c, tls13_change_key). */
static bool is_lost(Story *story, const TraceEvent *event)
{
    bool lost = story->finished > 1;
    if (event->family >= FAMILY_TLS13 && event->message_kind == MESSAGE_FINISHED)
        story->finished++;
    return lost;
}

static char *key_of(const Trace *trace, const TraceEvent *event)
{
    const TraceLink *link = trace_link(trace, event->link);
    unsigned port = link->left_port + (unsigned)event->connection;
    bool up = event->direction == DIRECTION_TO_SERVER;
    return g_strdup_printf("%s %u %u", up ? link->left_address : link->right_address,
                           up ? port : link->right_port, up ? link->right_port : port);
}

void stories_tell(GHashTable *stories, const Trace *trace, StoryKind kind)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        bool said = event->kind == TRACE_MESSAGE && !event->incoming;
        if (event->link < 0 || (event->kind != TRACE_RECORD && !said) ||
            trace_link(trace, event->link)->right_port == PLAIN_PORT)
            continue;
        g_autofree char *key = key_of(trace, event);
        Story *story = stories_get(stories, key);
        story->kind = kind;
        if (story->name == NULL)
            story->name = g_strdup_printf("%s, %s", trace->header.scenario, key);
        if (event->kind == TRACE_RECORD) {
            tell_record(story, event);
            continue;
        }
        bool lost = is_lost(story, event);
        note_types(story, event, !lost);
        if (!lost && (event->epoch == 0 || kind != STORY_UNDECRYPTED))
            tell_message(story, event);
    }
}

char *tshark(const char *file, const char *const *arguments, size_t count)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    const char *const first[] = {"tshark", "-n",
                                 "-r",     file,
                                 "-o",     "tcp.check_checksum:TRUE",
                                 "-o",     "ip.check_checksum:TRUE"};
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        g_ptr_array_add(argv, (gpointer)(uintptr_t)first[i]);
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(argv, (gpointer)(uintptr_t)arguments[i]);
    g_ptr_array_add(argv, NULL);
    bool ran = g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                            &err, &status, &error);
    ck_assert_msg(ran && status == 0, "tshark: %s", ran ? err : error->message);
    return g_steal_pointer(&out);
}

/* Columns ahead of the table's. */
enum { COLUMN_SOURCE, COLUMN_SOURCE_PORT, COLUMN_PORT, COLUMN_STREAM, COLUMN_ROWS };

/* The two directions of each of tshark's streams: the client's at 2 n, the server's at 2 n + 1. */
static void note_stream(GPtrArray *streams, Story *story, char **columns)
{
    guint number = (guint)g_ascii_strtoull(columns[COLUMN_STREAM], NULL, 10);
    bool client = g_ascii_strtoull(columns[COLUMN_SOURCE_PORT], NULL, 10) > 1023;
    if (streams->len < 2 * number + 2)
        g_ptr_array_set_size(streams, (gint)(2 * number + 2));
    streams->pdata[2 * number + (client ? 0 : 1)] = story;
}

static void read_packet(GHashTable *stories, GPtrArray *streams, char **columns)
{
    g_autofree char *key = g_strdup_printf("%s %s %s", columns[COLUMN_SOURCE],
                                           columns[COLUMN_SOURCE_PORT], columns[COLUMN_PORT]);
    Story *story = stories_get(stories, key);
    note_stream(streams, story, columns);
    for (size_t i = 0, column = COLUMN_ROWS; i < G_N_ELEMENTS(rows); i++) {
        if (first_row(i) != i)
            continue;
        g_auto(GStrv) values = g_strsplit(columns[column++], ",", -1);
        for (size_t j = 0; values[j] != NULL; j++)
            if (*values[j] != '\0')
                g_string_append_printf(story_field(story, i), "%s ", values[j]);
    }
}

static void read_fields(GHashTable *stories, GPtrArray *streams, const char *file)
{
    static const char *const first[] = {"-Y", "tls",       "-T", "fields",      "-E", "separator=|",
                                        "-e", "ip.src",    "-e", "tcp.srcport", "-e", "tcp.dstport",
                                        "-e", "tcp.stream"};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        g_ptr_array_add(arguments, (gpointer)(uintptr_t)first[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (first_row(i) != i)
            continue;
        g_ptr_array_add(arguments, (gpointer)(uintptr_t) "-e");
        g_ptr_array_add(arguments, (gpointer)(uintptr_t)rows[i].field);
    }
    g_autofree char *out = tshark(file, (const char *const *)arguments->pdata, arguments->len);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "|", -1);
        read_packet(stories, streams, columns);
    }
}

/* The plaintext that tshark shows: at the margin the lines of node 0, behind a tab the other's. */
static void read_data(const GPtrArray *streams, const char *file)
{
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup("-q"));
    for (guint i = 0; i < streams->len / 2; i++) {
        g_ptr_array_add(arguments, g_strdup("-z"));
        g_ptr_array_add(arguments, g_strdup_printf("follow,tls,raw,%u", i));
    }
    g_autofree char *out = tshark(file, (const char *const *)arguments->pdata, arguments->len);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    static const char filter[] = "Filter: tcp.stream eq ", node[] = "Node 0: ";
    guint stream = 0, first = 0;
    for (char **line = lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, filter))
            stream = (guint)g_ascii_strtoull(*line + strlen(filter), NULL, 10);
        if (g_str_has_prefix(*line, node)) /* the client's port is no well-known one */
            first = g_ascii_strtoull(strrchr(*line, ':') + 1, NULL, 10) > 1023 ? 0 : 1;
        guint tab = **line == '\t' ? 1 : 0;
        const char *text = *line + tab;
        if (*text == '\0' || strspn(text, "0123456789abcdef") != strlen(text))
            continue;
        Story *story = g_ptr_array_index(streams, 2 * stream + (first ^ tab));
        g_string_append(story->data, text);
    }
}

void stories_read(GHashTable *stories, const char *file)
{
    g_autoptr(GPtrArray) streams = g_ptr_array_new();
    read_fields(stories, streams, file);
    read_data(streams, file);
}

/* NULL, or the surroundings of the first difference: the rows are long. g_free. */
static char *difference(const char *what, const char *name, const GString *got,
                        const GString *expected)
{
    enum { BEFORE = 40, SHOWN = 160 };
    gsize at = 0;
    if (g_string_equal(got, expected))
        return NULL;
    while (at < got->len && at < expected->len && got->str[at] == expected->str[at])
        at++;
    gsize from = at > BEFORE ? at - BEFORE : 0;
    return g_strdup_printf("%s: %s, character %zu: tshark says\n%.*s\nthe trace says\n%.*s", name,
                           what, at, SHOWN, got->str + MIN(from, got->len), SHOWN,
                           expected->str + MIN(from, expected->len));
}

void story_check_closed(const Story *seen, const Story *told)
{
    if (told->kind == STORY_CLEAR)
        return;
    ck_assert_msg(seen->data->len == 0, "%s: plaintext without keys", told->name);
    ck_assert_msg(strstr(story_field(seen, ROW_TYPE)->str, "20 ") == NULL,
                  "%s: Finished without keys", told->name);
}

char *story_difference(const Story *seen, const Story *told)
{
    char *found = difference("data", told->name, seen->data, told->data);
    for (size_t i = 0; found == NULL && i < G_N_ELEMENTS(rows); i++)
        found = difference(rows[i].field, told->name, story_field(seen, i), story_field(told, i));
    return found;
}

char *story_key_as_sent(const char *key)
{
    unsigned net = 0;
    int end = 0;
    if (sscanf(key, "10.%u.%n", &net, &end) < 1 || net < SECOND_NET)
        return g_strdup(key);
    return g_strdup_printf("10.%u.%s", net - SECOND_NET, key + end);
}

void trace_move(Trace *trace, unsigned *next)
{
    enum { NETS = 200, WELL_KNOWN_MOST = 1023 };
    ck_assert_uint_lt(*next / NETS, SECOND_NET);
    for (guint i = 0; i < trace->header.links->len; i++, (*next)++) {
        TraceLink *link = g_ptr_array_index(trace->header.links, i);
        g_free(link->left_address);
        g_free(link->right_address);
        link->left_address = g_strdup_printf("10.%u.%u.1", *next / NETS, *next % NETS + 1);
        link->right_address = g_strdup_printf("10.%u.%u.2", *next / NETS, *next % NETS + 1);
        if (link->right_port > WELL_KNOWN_MOST) /* of a real connection: RFC 6335 6 */
            link->right_port = 443;
        if (link->left_port <= WELL_KNOWN_MOST)
            link->left_port = 49152;
    }
}
