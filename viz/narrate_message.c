/* What a message says in this run, and the ideas of which it is the occasion.
 *
 * Values come by the paths of their spans. An idea is told at the first message where it matters;
 * most are an extension's or a kind of message's, the others follow from what the message holds.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/describe_parts.h"
#include "viz/narrate_story.h"
#include "viz/text.h"

/* clang-format off */
static const struct {
    MessageKind kind;
    const char *path, *words;
    const char *unless; /* a field in whose presence it means nothing; or NULL */
} values[] = {
    {MESSAGE_CLIENT_HELLO, "client_version", "the highest version", "extensions/supported_versions"},
    {MESSAGE_CLIENT_HELLO, "extensions/supported_versions/versions", "the versions (supported_versions)", NULL},
    {MESSAGE_CLIENT_HELLO, "random", "the random bytes", NULL},
    {MESSAGE_CLIENT_HELLO, "session_id", "the session to resume", "extensions/supported_versions"},
    {MESSAGE_CLIENT_HELLO, "cipher_suites", "the suites, the preferred one first", NULL},
    {MESSAGE_CLIENT_HELLO, "compression_methods", "the compression methods", "extensions/supported_versions"},
    {MESSAGE_CLIENT_HELLO, "extra_data", "data that SSL 3.0 hashes and ignores", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/server_name/server_name_list[0]/host_name", "the host that is wanted (server_name)", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/key_share/client_shares[0]/group", "the group of its share (key_share)", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/key_share/client_shares[0]/key_exchange", "the share", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/psk_key_exchange_modes/ke_modes", "how it would use a pre-shared key", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/pre_shared_key/identities[0]/identity", "the pre-shared key's name (identity)", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/pre_shared_key/binders[0]/PskBinderEntry", "the binder", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/session_ticket/ticket", "the ticket", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/cookie/cookie", "the cookie, sent back", NULL},
    {MESSAGE_CLIENT_HELLO, "extensions/renegotiation_info/renegotiated_connection", "the binding to the handshake before (renegotiation_info)", NULL},
    {MESSAGE_SERVER_HELLO, "server_version", "the version", "extensions/supported_versions"},
    {MESSAGE_SERVER_HELLO, "extensions/supported_versions/selected_version", "the version (supported_versions)", NULL},
    {MESSAGE_SERVER_HELLO, "random", "the random bytes", NULL},
    {MESSAGE_SERVER_HELLO, "session_id", "the name of the session", "extensions/supported_versions"},
    {MESSAGE_SERVER_HELLO, "cipher_suite", "the suite", NULL},
    {MESSAGE_SERVER_HELLO, "compression_method", "the compression method", "extensions/supported_versions"},
    {MESSAGE_SERVER_HELLO, "extensions/key_share/group", "the group of its share", NULL},
    {MESSAGE_SERVER_HELLO, "extensions/key_share/key_exchange", "the share", NULL},
    {MESSAGE_SERVER_HELLO, "extensions/pre_shared_key/selected_identity", "which of the client's keys (from 0)", NULL},
    {MESSAGE_HELLO_RETRY_REQUEST, "extensions/key_share/selected_group", "the group of which it wants a share", NULL},
    {MESSAGE_HELLO_RETRY_REQUEST, "extensions/cookie/cookie", "a cookie, to be sent back", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "rsa_modulus", "the temporary key's modulus", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "dh_p", "the prime (dh_p)", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "dh_g", "the generator (dh_g)", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "dh_Ys", "the server's public value (dh_Ys)", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "named_curve", "the curve", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "point", "the server's public point", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "algorithm", "what signs it", NULL},
    {MESSAGE_SERVER_KEY_EXCHANGE, "signature", "the signature", NULL},
    {MESSAGE_CERTIFICATE_REQUEST, "certificate_types", "the kinds of certificate", NULL},
    {MESSAGE_CERTIFICATE_REQUEST, "supported_signature_algorithms", "the signature algorithms", NULL},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "encrypted_premaster_secret", "the premaster secret, encrypted", NULL},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "dh_Yc", "the client's public value (dh_Yc)", NULL},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "ecdh_Yc", "the client's public point", NULL},
    {MESSAGE_CERTIFICATE_VERIFY, "algorithm", "the algorithm", NULL},
    {MESSAGE_CERTIFICATE_VERIFY, "signature", "the signature", NULL},
    {MESSAGE_FINISHED, "verify_data", "the digest (verify_data)", NULL},
    {MESSAGE_FINISHED, "md5_hash", "the digest by MD5", NULL},
    {MESSAGE_FINISHED, "sha_hash", "the digest by SHA-1", NULL},
    {MESSAGE_SSL2_CLIENT_HELLO, "cipher_specs", "the kinds of cipher", NULL},
    {MESSAGE_SSL2_CLIENT_HELLO, "challenge", "the challenge", NULL},
    {MESSAGE_SSL2_SERVER_HELLO, "cipher_specs", "the kinds of cipher that it has too", NULL},
    {MESSAGE_SSL2_SERVER_HELLO, "connection_id", "the connection ID", NULL},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, "cipher_kind", "the cipher", NULL},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, "clear_key", "the part of the key in the clear", NULL},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, "encrypted_key", "the rest, encrypted", NULL},
    {MESSAGE_SSL2_CLIENT_CERTIFICATE, "response", "the signature", NULL},
    {MESSAGE_SSL2_CLIENT_FINISHED, "connection_id", "the connection ID", NULL},
    {MESSAGE_SSL2_SERVER_VERIFY, "challenge", "the challenge", NULL},
    {MESSAGE_SSL2_REQUEST_CERTIFICATE, "challenge", "the challenge to sign", NULL},
};

/* An idea by the field that is there, or by the message alone. */
static const struct {
    MessageKind kind;
    const char *path; /* NULL: whenever this message is said */
    const char *idea;
} occasions[] = {
    {MESSAGE_CLIENT_HELLO, "extensions/server_name", "server_name"},
    {MESSAGE_CLIENT_HELLO, "extensions/supported_versions", "supported_versions"},
    {MESSAGE_CLIENT_HELLO, "extensions/key_share", "key_share"},
    {MESSAGE_CLIENT_HELLO, "extensions/pre_shared_key", "pre_shared_key"},
    {MESSAGE_CLIENT_HELLO, "extensions/early_data", "early_data"},
    {MESSAGE_CLIENT_HELLO, "extensions/post_handshake_auth", "post_handshake_auth"},
    {MESSAGE_CLIENT_HELLO, "extensions/session_ticket", "session_ticket"},
    {MESSAGE_CLIENT_HELLO, "extensions/extended_master_secret", "extended_master_secret"},
    {MESSAGE_CLIENT_HELLO, "extensions/encrypt_then_mac", "encrypt_then_mac"},
    {MESSAGE_CLIENT_HELLO, "extensions/max_fragment_length", "max_fragment_length"},
    {MESSAGE_CLIENT_HELLO, "extensions/record_size_limit", "record_size_limit"},
    {MESSAGE_CLIENT_HELLO, "extensions/application_layer_protocol_negotiation", "application_layer_protocol_negotiation"},
    {MESSAGE_CLIENT_HELLO, "extensions/status_request", "status_request"},
    {MESSAGE_CLIENT_HELLO, "extensions/compress_certificate", "compress_certificate"},
    {MESSAGE_CLIENT_HELLO, "extensions/heartbeat", "heartbeat"},
    {MESSAGE_HELLO_RETRY_REQUEST, NULL, "hello_retry"},
    {MESSAGE_HELLO_RETRY_REQUEST, "extensions/cookie", "cookie"},
    {MESSAGE_NEW_SESSION_TICKET, "ticket_nonce", "ticket"},
    {MESSAGE_NEW_SESSION_TICKET, "ticket_lifetime_hint", "session_ticket"},
    {MESSAGE_KEY_UPDATE, NULL, "key_update"},
    {MESSAGE_SSL2_CLIENT_FINISHED, NULL, "SSL2"},
};
/* clang-format on */

static void tell_values(Story *story, const FlowRow *row);
static void tell_ideas(Story *story, const FlowRow *row);

/* An alert explains itself by its reason, which is a remark; here, what it means. */
static void tell_alert(Story *story, const FlowRow *row)
{
    g_autofree char *level = describe_field(row->event, "level");
    g_autofree char *description = describe_field(row->event, "description");
    const char *who = trace_party(story->trace, row->from)->name;
    g_autofree char *text = NULL;
    bool close = g_strcmp0(description, "close_notify") == 0;
    if (close && story_once(story, "what close_notify is for"))
        text = g_strdup_printf("The %s has nothing more to say and closes. Without this alert, a "
                               "connection that was cut would look like one that was finished.",
                               who);
    else if (close)
        text = g_strdup_printf("The %s closes.", who);
    else
        text = g_strdup_printf("The %s sends the %s alert %s%s", who, level, description,
                               g_strcmp0(level, "fatal") == 0
                                   ? ": the connection ends, and its session may not be resumed."
                                   : ": a warning, after which both go on.");
    tell_paragraph(story, text);
}

void tell_message(Story *story, const FlowRow *row)
{
    Role from = row->direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
    if (row->message == MESSAGE_ALERT) {
        tell_alert(story, row);
        return;
    }
    tell_text(story, texts_message(row->message, from, row_story(story, row)));
    tell_values(story, row);
    tell_ideas(story, row);
}

static bool is_silent(const FlowRow *row)
{
    static const MessageKind silent[] = {MESSAGE_CHANGE_CIPHER_SPEC, MESSAGE_SERVER_HELLO_DONE,
                                         MESSAGE_HELLO_REQUEST, MESSAGE_END_OF_EARLY_DATA};
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        if (silent[i] == row->message)
            return true;
    return false;
}

static bool has_certificate(const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++)
        if (((const TraceEvent *)g_ptr_array_index(row->remarks, i))->kind == TRACE_CERTIFICATE)
            return true;
    return false;
}

/* The name of a key is a text where somebody chose it, and bytes where it is a ticket. */
static char *identity_text(const FlowRow *row, const char *path)
{
    Bytes bytes;
    const Span *span = NULL;
    if (!g_str_has_suffix(path, "/identity") || !field_bytes(row->event, path, &bytes, &span))
        return NULL;
    g_autofree char *line = text_first_line(bytes);
    return line != NULL && strlen(line) == bytes.size ? g_strdup_printf("\"%s\"", line) : NULL;
}

/* "the suites: …"; a list of suites that was read before is not read again. */
static bool tell_value(Story *story, const FlowRow *row, size_t i)
{
    g_autofree char *value = describe_field(row->event, values[i].path);
    if (value == NULL || (values[i].unless != NULL && field_has(row->event, values[i].unless)))
        return false;
    g_autofree char *identity = identity_text(row, values[i].path);
    const char *shown = identity != NULL                ? identity
                        : strcmp(value, "(empty)") == 0 ? "none"
                                                        : value;
    g_autofree char *text = g_strdup_printf("%s: %s", values[i].words, shown);
    bool list = strstr(values[i].path, "cipher_suites") != NULL;
    if (list && !story_once(story, "%s", text)) {
        g_autofree char *same = g_strdup_printf("%s: as before", values[i].words);
        tell_item(story, same);
        return true;
    }
    tell_item(story, text);
    return true;
}

static void tell_values(Story *story, const FlowRow *row)
{
    bool any = false;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i].kind == row->message)
            any = tell_value(story, row, i) || any;
    bool listed = row->message == MESSAGE_CERTIFICATE && has_certificate(row);
    g_autofree char *detail = describe_detail(row);
    if (row->message == MESSAGE_CERTIFICATE_REQUEST ||
        (!any && !listed && !is_silent(row) && *detail != '\0'))
        tell_item(story, detail);
}

/* How the secret is agreed, where the first message speaks of it. */
static void tell_exchange(Story *story, const FlowRow *row)
{
    ConversationKind kind = CONVERSATION_RSA;
    bool known = row_conversation(story, row, &kind);
    bool server = row->message == MESSAGE_SERVER_KEY_EXCHANGE;
    if (!known || (!server && row->message != MESSAGE_CLIENT_KEY_EXCHANGE))
        return;
    if (kind == CONVERSATION_RSA)
        tell_idea(story, server ? "RSA_EXPORT" : "RSA");
    else if (kind == CONVERSATION_DHE)
        tell_idea(story, field_has(row->event, "named_curve") || field_has(row->event, "ecdh_Yc")
                             ? "ECDHE"
                             : "DHE");
    else
        tell_idea(story, kind == CONVERSATION_ANON ? "anon" : "PSK");
}

/* RFC 8446 4.1.3: "DOWNGRD" and one byte. */
static bool has_sentinel(const FlowRow *row)
{
    Bytes random;
    const Span *span = NULL;
    return row->message == MESSAGE_SERVER_HELLO &&
           field_bytes(row->event, "random", &random, &span) && random.size == 32 &&
           memcmp(random.data + 24, "DOWNGRD", 7) == 0;
}

static void tell_ideas_of_hello(Story *story, const FlowRow *row)
{
    g_autofree char *detail = describe_detail(row);
    bool client = row->message == MESSAGE_CLIENT_HELLO;
    StoryKind kind = row_story(story, row);
    if (client && strstr(detail, "GREASE") != NULL)
        tell_idea(story, "grease");
    if (client && strstr(detail, "TLS_FALLBACK_SCSV") != NULL)
        tell_idea(story, "fallback_scsv");
    if (client && field_size(row->event, "compression_methods") > 1)
        tell_idea(story, "compression");
    if (client && kind == STORY_AGAIN && field_has(row->event, "extensions/renegotiation_info"))
        tell_idea(story, "renegotiation_info");
    if (has_sentinel(row))
        tell_idea(story, "downgrade_sentinel");
    bool old = row->family == FAMILY_SSL3;
    if (row->message == MESSAGE_SERVER_HELLO && old && (row->resumed || kind == STORY_RESUMED))
        tell_idea(story, "resumption");
    if (row->message == MESSAGE_SERVER_HELLO && row->family == FAMILY_TLS13) {
        tell_idea(story, "TLS13");
        tell_idea(story, "schedule");
    }
    if (row->message == MESSAGE_SSL2_CLIENT_HELLO &&
        field_number(row->event, "version") >= VERSION_SSL_3_0)
        tell_idea(story, "old_hello");
}

static void tell_ideas(Story *story, const FlowRow *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(occasions); i++)
        if (occasions[i].kind == row->message &&
            (occasions[i].path == NULL || field_has(row->event, occasions[i].path)))
            tell_idea(story, occasions[i].idea);
    tell_ideas_of_hello(story, row);
    tell_exchange(story, row);
    const TraceEvent *version = describe_fact(story->trace, "version", row->link);
    bool chained = version != NULL && (g_strcmp0(version->value, "TLS 1.0") == 0 ||
                                       g_strcmp0(version->value, "SSL 3.0") == 0);
    if (row->message == MESSAGE_APPLICATION_DATA && chained &&
        bytes_from_gbytes(row->event->bytes).size == 1)
        tell_idea(story, "record_splitting");
    if (row->message == MESSAGE_CHANGE_CIPHER_SPEC && row->family == FAMILY_TLS13)
        tell_idea(story, "middlebox");
    if (row->message == MESSAGE_CERTIFICATE_REQUEST && row->family == FAMILY_TLS13_POST)
        tell_idea(story, "post_handshake");
}
