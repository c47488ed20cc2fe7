/* One line for each message of SSL 2.0 (draft-hickman-netscape-ssl 2.5 to 2.7).
 *
 * Its names are written in capitals with hyphens, as its specification has them. What proves
 * something there is not a digest but an answer: the client sends the connection ID back encrypted,
 * the server the client's challenge.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/describe_parts.h"
#include "viz/text.h"

enum { IDENTIFIER_BYTES = 4 };

static void detail_client_hello_2(const FlowRow *row, GString *text)
{
    g_autofree char *version = describe_field(row->event, "version");
    bool newer = field_number(row->event, "version") >= VERSION_SSL_3_0; /* RFC 5246 E.2 */
    size_t specs = field_size(row->event, "cipher_specs") / 3;
    g_autofree char *count = newer ? text_count(specs, "suite", "suites")
                                   : text_count(specs, "cipher kind", "cipher kinds");
    part_add(text, version);
    part_add(text, count);
    if (field_size(row->event, "session_id") > 0)
        part_add(text, "a session to resume");
    if (newer)
        part_add(text, "in the format of SSL 2.0");
    else
        part_format(text, "challenge of %zu bytes", field_size(row->event, "challenge"));
}

static void detail_server_hello_2(const FlowRow *row, GString *text)
{
    g_autofree char *version = describe_field(row->event, "version");
    size_t specs = field_size(row->event, "cipher_specs") / 3;
    part_add(text, version);
    if (field_number(row->event, "session_id_hit") != 0) {
        part_add(text, "the session is known: resumed");
        return;
    }
    g_autofree char *count = text_count(specs, "cipher kind", "cipher kinds");
    part_format(text, "%s in common", count);
    parts_of_certificate(row, 1, text);
}

static void detail_client_master_key(const FlowRow *row, GString *text)
{
    g_autofree char *kind = describe_field(row->event, "cipher_kind");
    size_t clear = field_size(row->event, "clear_key");
    part_add(text, kind);
    part_format(text, "key encrypted in %zu bytes", field_size(row->event, "encrypted_key"));
    if (clear > 0) /* export: all but 40 bits */
        part_format(text, "%zu bytes of it in the clear", clear);
}

static void detail_server_finished(const FlowRow *row, GString *text)
{
    Bytes id;
    const Span *span = NULL;
    if (!field_bytes(row->event, "session_id", &id, &span) || id.size == 0) {
        part_add(text, "the session keeps its name");
        return;
    }
    g_autofree char *head = bytes_to_hex(bytes_slice(id, 0, IDENTIFIER_BYTES), NULL);
    part_format(text, "the name of the session: %s…", head);
}

static void detail_client_certificate(const FlowRow *row, GString *text)
{
    parts_of_certificate(row, 1, text);
    part_format(text, "signature of %zu bytes", field_size(row->event, "response"));
}

static void detail_error(const FlowRow *row, GString *text)
{
    g_autofree char *code = describe_field(row->event, "error_code");
    part_add(text, code);
}

bool detail_ssl2(const FlowRow *row, GString *text)
{
    switch ((int)row->message) {
    case MESSAGE_SSL2_ERROR:
        detail_error(row, text);
        return true;
    case MESSAGE_SSL2_CLIENT_HELLO:
        detail_client_hello_2(row, text);
        return true;
    case MESSAGE_SSL2_CLIENT_MASTER_KEY:
        detail_client_master_key(row, text);
        return true;
    case MESSAGE_SSL2_CLIENT_FINISHED:
        part_add(text, "the server's connection ID, sent back");
        return true;
    case MESSAGE_SSL2_SERVER_HELLO:
        detail_server_hello_2(row, text);
        return true;
    case MESSAGE_SSL2_SERVER_VERIFY:
        part_add(text, "the client's challenge, sent back");
        return true;
    case MESSAGE_SSL2_SERVER_FINISHED:
        detail_server_finished(row, text);
        return true;
    case MESSAGE_SSL2_REQUEST_CERTIFICATE:
        part_format(text, "MD5 with RSA · challenge of %zu bytes",
                    field_size(row->event, "challenge"));
        return true;
    case MESSAGE_SSL2_CLIENT_CERTIFICATE:
        detail_client_certificate(row, text);
        return true;
    }
    return false;
}
