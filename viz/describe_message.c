/* One line for each message that is no hello: what it holds in this run.
 *
 * Values come out of the message by the paths of its spans; what its receiver found in it (the name
 * of a group, the subject of a certificate) out of the remarks that came with it. A message whose
 * fields cannot be read any more says less, and nothing wrong.
 *
 * Distinguished names of authorities stand as DER (RFC 5246 7.4.4, RFC 8446 4.2.4); this room knows
 * no ASN.1 reader, so only their common name is picked out, by its object identifier.
 */
#include <string.h>

#include "viz/describe.h"
#include "viz/describe_parts.h"
#include "viz/text.h"

/* The value of the last FACT of that name among the remarks; NULL. */
static const char *remark_fact(const FlowRow *row, const char *name)
{
    const char *value = NULL;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind == TRACE_FACT && g_strcmp0(event->name, name) == 0)
            value = event->value;
    }
    return value;
}

static void detail_certificate(const FlowRow *row, GString *text)
{
    parts_of_certificate(row, field_items(row->event, "certificate_list"), text);
    if (field_has(row->event, "certificate_list[0]/extensions/status_request"))
        part_add(text, "OCSP response stapled");
}

static void detail_compressed_certificate(const FlowRow *row, GString *text)
{
    g_autofree char *algorithm = describe_field(row->event, "algorithm");
    parts_of_certificate(row, 1, text);
    part_format(text, "%s: %zu bytes for %u", algorithm == NULL ? "?" : algorithm,
                field_size(row->event, "compressed_certificate_message"),
                field_number(row->event, "uncompressed_length"));
}

static void detail_certificate_status(const FlowRow *row, GString *text)
{
    part_format(text, "OCSP response of %zu bytes", field_size(row->event, "OCSPResponse"));
}

static void authority_add(GString *names, Bytes der)
{
    g_autofree char *name = common_name(der);
    g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "CAs: ", name);
}

static void detail_certificate_request(const FlowRow *row, GString *text)
{
    g_autoptr(GString) names = g_string_new(NULL);
    Bytes list;
    const Span *span = NULL;
    int count = field_items(row->event, "certificate_authorities");
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("certificate_authorities[%d]/DistinguishedName", i);
        if (field_bytes(row->event, path, &list, &span))
            authority_add(names, list);
    }
    /* of TLS 1.3: names with lengths of two bytes */
    if (field_bytes(row->event, "extensions/certificate_authorities/authorities", &list, &span))
        for (size_t at = 0; at + 2 <= list.size;) {
            size_t size = (size_t)bytes_number(bytes_slice(list, at, 2));
            authority_add(names, bytes_slice(list, at + 2, size));
            at += 2 + size;
        }
    part_add(text, names->len == 0 ? "any CA" : names->str);
    if (field_size(row->event, "certificate_request_context") > 0)
        part_format(text, "context of %zu bytes",
                    field_size(row->event, "certificate_request_context"));
}

/* How the parameters are signed. */
static void signature_add(const FlowRow *row, GString *text)
{
    g_autofree char *algorithm = describe_field(row->event, "algorithm");
    if (algorithm != NULL)
        part_format(text, "signed with %s", algorithm);
    else
        part_add(text, field_size(row->event, "signature") > 0 ? "signed" : "not signed");
}

static void detail_server_key_exchange(const FlowRow *row, GString *text)
{
    g_autofree char *curve = describe_field(row->event, "named_curve");
    g_autofree char *hint = describe_field(row->event, "psk_identity_hint");
    size_t modulus = field_size(row->event, "rsa_modulus");
    size_t prime = field_size(row->event, "dh_p");
    const char *group = remark_fact(row, "group");
    if (hint != NULL) {
        Bytes raw;
        const Span *span = NULL;
        field_bytes(row->event, "psk_identity_hint", &raw, &span);
        g_autofree char *line = text_first_line(raw);
        part_format(text, "identity hint \"%s\"", line == NULL ? hint : line);
        return;
    }
    if (modulus > 0)
        part_format(text, "temporary RSA key of %zu bits", modulus * 8);
    if (prime > 0) {
        bool named = group != NULL && g_str_has_prefix(group, "ffdhe");
        part_format(text, "Diffie-Hellman, prime of %zu bits%s%s%s", prime * 8, named ? " (" : "",
                    named ? group : "", named ? ")" : "");
    }
    if (curve != NULL)
        part_format(text, "Diffie-Hellman on %s", curve);
    signature_add(row, text);
}

static void detail_client_key_exchange(const FlowRow *row, GString *text)
{
    Bytes identity;
    const Span *span = NULL;
    size_t finite = field_size(row->event, "dh_Yc"), point = field_size(row->event, "ecdh_Yc");
    size_t encrypted = field_size(row->event, "encrypted_premaster_secret");
    if (encrypted > 0)
        part_format(text, "premaster secret, encrypted · %zu bytes", encrypted);
    if (finite > 0)
        part_format(text, "the client's public value · %zu bytes", finite);
    if (point > 0)
        part_format(text, "the client's public point · %zu bytes", point);
    if (field_bytes(row->event, "psk_identity", &identity, &span)) {
        g_autofree char *line = text_first_line(identity);
        part_format(text, "identity %s%s%s", line == NULL ? "of " : "\"",
                    line == NULL ? "no text" : line, line == NULL ? "" : "\"");
    }
}

static void detail_certificate_verify(const FlowRow *row, GString *text)
{
    g_autofree char *algorithm = describe_field(row->event, "algorithm");
    part_add(text, algorithm);
    part_format(text, "signature of %zu bytes", field_size(row->event, "signature"));
}

static void detail_finished(const FlowRow *row, GString *text)
{
    Bytes data;
    const Span *span = NULL;
    bool old = !field_bytes(row->event, "verify_data", &data, &span);
    if (old && !field_bytes(row->event, "md5_hash", &data, &span))
        return;
    g_autofree char *head = bytes_to_hex(bytes_slice(data, 0, 6), NULL);
    g_string_append_printf(text, "%s %s… · %d bytes", old ? "hashes" : "verify_data", head,
                           old ? 36 : (int)data.size);
}

static void detail_ticket(const FlowRow *row, GString *text)
{
    bool hint = field_has(row->event, "ticket_lifetime_hint"); /* TLS 1.2 and below */
    uint32_t seconds = field_number(row->event, hint ? "ticket_lifetime_hint" : "ticket_lifetime");
    uint32_t early = field_number(row->event, "extensions/early_data/max_early_data_size");
    part_format(text, "ticket of %zu bytes", field_size(row->event, "ticket"));
    if (seconds % 3600 == 0 && seconds > 0)
        part_format(text, "good for %u h", seconds / 3600);
    else
        part_format(text, "good for %u s", seconds);
    if (early > 0)
        part_format(text, "early data up to %u bytes", early);
}

static void detail_key_update(const FlowRow *row, GString *text)
{
    g_autofree char *request = describe_field(row->event, "request_update");
    part_add(text, request);
}

static void detail_heartbeat(const FlowRow *row, GString *text)
{
    uint32_t length = field_number(row->event, "payload_length");
    size_t payload = field_size(row->event, "payload");
    part_format(text, "payload of %u bytes", length);
    if (length != payload) /* CVE-2014-0160 */
        part_format(text, "it has %zu", payload);
}

static void detail_alert(const FlowRow *row, GString *text)
{
    g_autofree char *level = describe_field(row->event, "level");
    g_autofree char *description = describe_field(row->event, "description");
    if (level == NULL || description == NULL)
        return;
    g_string_append_printf(text, "%s, %s", level, description);
}

static void detail_data(const FlowRow *row, GString *text)
{
    Bytes data = bytes_from_gbytes(row->event->bytes);
    g_autofree char *line = text_first_line(data);
    g_autofree char *size = text_count(data.size, "byte", "bytes");
    part_add(text, line);
    part_add(text, size);
    if (row->under == UNDER_EARLY)
        part_add(text, "early data");
}

static void detail_change_cipher_spec(const FlowRow *row, GString *text)
{
    bool nothing = row->family == FAMILY_TLS13 || row->family == FAMILY_TLS13_POST;
    g_string_append(text, nothing ? "for middleboxes; says nothing" /* RFC 8446 D.4 */
                                  : "what follows is under new keys");
}

/* A record that stays closed: how long it is, and what has to stand in its place. */
static void detail_closed(const FlowRow *row, GString *text)
{
    const Conversation *list = conversation_of(row->family);
    int step = row->event->row;
    size_t size = 0;
    for (guint i = 0; i < row->records->len; i++) {
        const TraceEvent *record = g_ptr_array_index(row->records, i);
        size += bytes_from_gbytes(record->bytes).size;
    }
    g_autofree char *bytes = text_count(size, "byte", "bytes");
    if (size > 0)
        part_add(text, bytes);
    if (step >= 0 && (size_t)step < list->count)
        part_format(text, "in the place of %s",
                    number_text(NUMBER_MESSAGE, list->steps[step].message));
}

static void detail_empty(const FlowRow *row, GString *text)
{
    (void)row;
    g_string_append(text, "(empty)");
}

/* clang-format off */
static const struct {
    MessageKind kind;
    void (*add)(const FlowRow *row, GString *text);
} details[] = {
    {MESSAGE_HELLO_REQUEST, detail_empty},
    {MESSAGE_CLIENT_HELLO, detail_client_hello},
    {MESSAGE_SERVER_HELLO, detail_server_hello},
    {MESSAGE_HELLO_RETRY_REQUEST, detail_hello_retry},
    {MESSAGE_ENCRYPTED_EXTENSIONS, detail_encrypted_extensions},
    {MESSAGE_CERTIFICATE, detail_certificate},
    {MESSAGE_COMPRESSED_CERTIFICATE, detail_compressed_certificate},
    {MESSAGE_CERTIFICATE_STATUS, detail_certificate_status},
    {MESSAGE_SERVER_KEY_EXCHANGE, detail_server_key_exchange},
    {MESSAGE_CERTIFICATE_REQUEST, detail_certificate_request},
    {MESSAGE_SERVER_HELLO_DONE, detail_empty},
    {MESSAGE_CERTIFICATE_VERIFY, detail_certificate_verify},
    {MESSAGE_CLIENT_KEY_EXCHANGE, detail_client_key_exchange},
    {MESSAGE_CHANGE_CIPHER_SPEC, detail_change_cipher_spec},
    {MESSAGE_FINISHED, detail_finished},
    {MESSAGE_NEW_SESSION_TICKET, detail_ticket},
    {MESSAGE_END_OF_EARLY_DATA, detail_empty},
    {MESSAGE_KEY_UPDATE, detail_key_update},
    {MESSAGE_HEARTBEAT, detail_heartbeat},
    {MESSAGE_ALERT, detail_alert},
    {MESSAGE_APPLICATION_DATA, detail_data},
    {MESSAGE_NONE, detail_closed},
};
/* clang-format on */

void detail_message(const FlowRow *row, GString *text)
{
    if (detail_ssl2(row, text))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(details); i++)
        if (details[i].kind == row->message)
            details[i].add(row, text);
}
