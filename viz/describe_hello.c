/* One line for each hello: what is offered, what is taken.
 *
 * The version is the one that is really offered or chosen: from TLS 1.3 on it stands in
 * supported_versions, and the field that had it is frozen (RFC 8446 4.1.2, 4.2.1). Of the
 * extensions those are named that make a difference between runs; what every hello of today
 * carries (groups, schemes, point formats) is left to the listing of fields. Values that nobody
 * knows on purpose (RFC 8701) are counted as such and never as suites or versions.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/describe_parts.h"
#include "viz/text.h"

enum { IDENTIFIER_BYTES = 4 /* of a session ID: to tell it from another */ };

/* RFC 8701 2: 0x0a0a, 0x1a1a … 0xfafa. */
static bool is_grease(uint32_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* The names of a list of numbers of two bytes; what they all begin with is said once. */
static char *names_of(const TraceEvent *event, const char *path, NumberKind kind, const char *once)
{
    Bytes bytes;
    const Span *span = NULL;
    GString *names = g_string_new(NULL);
    if (!field_bytes(event, path, &bytes, &span))
        return g_string_free(names, FALSE);
    for (size_t at = 0; at + 2 <= bytes.size; at += 2) {
        uint32_t value = (uint32_t)bytes_number(bytes_slice(bytes, at, 2));
        const char *name = is_grease(value) ? "GREASE" : number_text(kind, value);
        bool said = once != NULL && strstr(names->str, once) != NULL;
        if (said && g_str_has_prefix(name, once))
            name += strlen(once);
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
    }
    return g_string_free(names, FALSE);
}

/* Suites that are suites, then the values among them that say something else. */
static void add_suites(const TraceEvent *event, GString *text)
{
    Bytes bytes;
    const Span *span = NULL;
    size_t suites = 0;
    bool fallback = false, grease = false;
    if (!field_bytes(event, "cipher_suites", &bytes, &span))
        return;
    for (size_t at = 0; at + 2 <= bytes.size; at += 2) {
        uint32_t value = (uint32_t)bytes_number(bytes_slice(bytes, at, 2));
        fallback = fallback || value == SCSV_FALLBACK;
        grease = grease || is_grease(value);
        suites +=
            value != SCSV_FALLBACK && value != SCSV_EMPTY_RENEGOTIATION_INFO && !is_grease(value);
    }
    g_autofree char *count = text_count(suites, "suite", "suites");
    part_add(text, count);
    part_add(text, fallback ? "TLS_FALLBACK_SCSV" : NULL);
    part_add(text, grease ? "GREASE" : NULL);
}

static void add_shares(const TraceEvent *event, GString *text)
{
    if (!field_has(event, "extensions/key_share/client_shares"))
        return;
    int count = field_items(event, "extensions/key_share/client_shares");
    g_autoptr(GString) names = g_string_new("key_share ");
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("extensions/key_share/client_shares[%d]/group", i);
        uint32_t group = field_number(event, path);
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
                               is_grease(group) ? "GREASE" : number_text(NUMBER_GROUP, group));
    }
    part_add(text, count == 0 ? "key_share empty" : names->str);
}

static void add_session(const TraceEvent *event, GString *text)
{
    Bytes id;
    const Span *span = NULL;
    size_t ticket = field_size(event, "extensions/session_ticket/ticket");
    bool versions = field_has(event, "extensions/supported_versions");
    if (ticket > 0)
        part_format(text, "ticket of %zu bytes", ticket);
    if (ticket > 0 || versions || !field_bytes(event, "session_id", &id, &span) || id.size == 0)
        return;
    g_autofree char *head = bytes_to_hex(bytes_slice(id, 0, IDENTIFIER_BYTES), NULL);
    part_format(text, "session %s…", head);
}

/* "ALPN h2, http/1.1". */
static void add_protocols(const TraceEvent *event, GString *text)
{
    const char *list = "extensions/application_layer_protocol_negotiation/protocol_name_list";
    int count = field_items(event, list);
    g_autoptr(GString) names = g_string_new("ALPN ");
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("%s[%d]/protocol_name", list, i);
        g_autofree char *name = describe_field(event, path);
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", name == NULL ? "?" : name);
    }
    part_add(text, count > 0 ? names->str : NULL);
}

/* Extensions of which a line speaks, with the value that makes the difference. */
static void add_extensions(const TraceEvent *event, GString *text)
{
    static const struct {
        const char *name, *value;
    } spoken[] = {
        {"cookie", NULL},
        {"pre_shared_key", NULL},
        {"early_data", NULL},
        {"post_handshake_auth", NULL},
        {"extended_master_secret", NULL},
        {"encrypt_then_mac", NULL},
        {"max_fragment_length", "max_fragment_length"},
        {"record_size_limit", "record_size_limit"},
        {"status_request", NULL},
        {"compress_certificate", NULL},
        {"heartbeat", NULL},
        {"session_ticket", NULL},
    };
    add_protocols(event, text);
    for (size_t i = 0; i < G_N_ELEMENTS(spoken); i++) {
        g_autofree char *path = g_strconcat("extensions/", spoken[i].name, NULL);
        bool told = strcmp(spoken[i].name, "session_ticket") == 0 &&
                    field_size(event, "extensions/session_ticket/ticket") > 0;
        if (told || !field_has(event, path))
            continue;
        g_autofree char *inner =
            spoken[i].value == NULL ? NULL : g_strconcat(path, "/", spoken[i].value, NULL);
        g_autofree char *value = inner == NULL ? NULL : describe_field(event, inner);
        part_format(text, "%s%s%s", spoken[i].name, value == NULL ? "" : " ",
                    value == NULL ? "" : value);
    }
}

void detail_client_hello(const FlowRow *row, GString *text)
{
    const TraceEvent *event = row->event;
    g_autofree char *offered =
        names_of(event, "extensions/supported_versions/versions", NUMBER_VERSION, "TLS ");
    g_autofree char *version = describe_field(event, "client_version");
    g_autofree char *host =
        describe_field(event, "extensions/server_name/server_name_list[0]/host_name");
    part_add(text, *offered != '\0' ? offered : version);
    add_suites(event, text);
    part_add(text, host);
    add_shares(event, text);
    add_session(event, text);
    add_extensions(event, text);
    size_t extra = field_size(event, "extra_data"); /* RFC 6101 5.6.1.2 */
    if (extra > 0)
        part_format(text, "extra data of %zu bytes", extra);
}

static void add_chosen(const TraceEvent *event, GString *text)
{
    g_autofree char *selected =
        describe_field(event, "extensions/supported_versions/selected_version");
    g_autofree char *version = describe_field(event, "server_version");
    g_autofree char *suite = describe_field(event, "cipher_suite");
    part_add(text, selected != NULL ? selected : version);
    part_add(text, suite);
}

void detail_server_hello(const FlowRow *row, GString *text)
{
    g_autofree char *group = describe_field(row->event, "extensions/key_share/group");
    add_chosen(row->event, text);
    if (group != NULL)
        part_format(text, "key_share %s", group);
    if (row->resumed && row->family != FAMILY_TLS13) /* there pre_shared_key says it */
        part_add(text, "resumed");
    add_extensions(row->event, text);
}

void detail_hello_retry(const FlowRow *row, GString *text)
{
    g_autofree char *group = describe_field(row->event, "extensions/key_share/selected_group");
    size_t cookie = field_size(row->event, "extensions/cookie/cookie");
    add_chosen(row->event, text);
    if (group != NULL)
        part_format(text, "wants a key_share of %s", group);
    if (cookie > 0)
        part_format(text, "cookie of %zu bytes", cookie);
}

/* All of them: the message has nothing else. */
void detail_encrypted_extensions(const FlowRow *row, GString *text)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    add_extensions(row->event, rest);
    if (field_has(row->event, "extensions/server_name"))
        part_add(text, "server_name taken");
    part_add(text, rest->str);
    if (text->len == 0)
        part_add(text, "no extension to answer");
}
