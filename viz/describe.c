/* The words for an arrow, from the values of the run.
 *
 * Names and brackets are those of RFC 5246 figure 1: [ChangeCipherSpec] stands in brackets because
 * it is no handshake message; braces say that it travels encrypted. Details come out of the message
 * by the paths of its spans, so that a changed message shows what it holds and not what it should.
 *
 * Distinguished names of CAs stand in a CertificateRequest as DER (RFC 5246 7.4.4); this room knows
 * no ASN.1 reader, so only their common name is picked out, by its object identifier.
 */
#include "viz/describe.h"

#include <string.h>

#include "viz/text.h"

enum { VALUE_MOST = 12 /* bytes or numbers of a value in a tooltip */ };

static char *name_of(MessageKind kind, int epoch)
{
    const char *name = kind == MESSAGE_NONE ? "record" : number_text(NUMBER_MESSAGE, kind);
    bool outside = kind == MESSAGE_CHANGE_CIPHER_SPEC;
    return g_strdup_printf("%s%s%s%s%s", epoch > 0 ? "{" : "", outside ? "[" : "", name,
                           outside ? "]" : "", epoch > 0 ? "}" : "");
}

static char *name_of_folded(const FlowRow *row)
{
    const FlowRow *first = g_ptr_array_index(row->folded, 0);
    const FlowRow *last = g_ptr_array_index(row->folded, row->folded->len - 1);
    g_autofree char *head = name_of(first->message, first->epoch);
    g_autofree char *tail = name_of(last->message, last->epoch);
    if (first->message == MESSAGE_APPLICATION_DATA)
        return g_strdup_printf("%s × %u", head, row->folded->len);
    return g_strdup_printf("%s%s%s", head, row->folded->len == 2 ? ", " : " … ", tail);
}

char *describe_name(const FlowRow *row)
{
    if (row->folded != NULL)
        return name_of_folded(row);
    g_autofree char *name = name_of(row->message, row->epoch);
    if (row->kind == FLOW_COPY)
        return g_strdup_printf("copy of %s", name);
    return g_steal_pointer(&name);
}

/* The bytes of a field; false when the message has no such field. */
static bool field_bytes(const TraceEvent *event, const char *path, Bytes *bytes, const Span **span)
{
    int at = event->spans == NULL ? -1 : span_find(event->spans, path);
    if (at < 0 || event->bytes == NULL)
        return false;
    *span = &g_array_index(event->spans, Span, at);
    *bytes = bytes_slice(bytes_from_gbytes(event->bytes), (*span)->first, (*span)->size);
    return true;
}

char *describe_field(const TraceEvent *event, const char *path)
{
    Bytes bytes;
    const Span *span = NULL;
    if (!field_bytes(event, path, &bytes, &span))
        return NULL;
    if (span->kind == SPAN_NUMBER && bytes.size <= 4) {
        const char *name = number_name(span->number, (uint32_t)bytes_number(bytes));
        if (name != NULL)
            return g_strdup(name);
    }
    if (span->kind == SPAN_TEXT) {
        g_autofree char *copy = g_strndup((const char *)bytes.data, bytes.size);
        return g_utf8_make_valid(copy, -1);
    }
    return span_value(span, bytes_from_gbytes(event->bytes), VALUE_MOST);
}

static size_t field_size(const TraceEvent *event, const char *path)
{
    Bytes bytes;
    const Span *span = NULL;
    return field_bytes(event, path, &bytes, &span) ? bytes.size : 0;
}

/* Items of the list at a path: spans whose own place in a list is known. */
static int field_items(const TraceEvent *event, const char *path)
{
    int at = event->spans == NULL ? -1 : span_find(event->spans, path);
    if (at < 0)
        return 0;
    int count = 0;
    size_t end = (size_t)at + spans_extent(event->spans, (size_t)at);
    int depth = g_array_index(event->spans, Span, at).depth;
    for (size_t i = (size_t)at + 1; i < end; i++) {
        const Span *span = &g_array_index(event->spans, Span, i);
        count += span->index >= 0 && span->depth == depth + 1 ? 1 : 0;
    }
    return count;
}

static void part_add(GString *text, const char *part)
{
    if (part != NULL && *part != '\0')
        g_string_append_printf(text, "%s%s", text->len > 0 ? " · " : "", part);
}

static void detail_client_hello(const FlowRow *row, GString *text)
{
    g_autofree char *version = describe_field(row->event, "client_version");
    size_t suites = field_size(row->event, "cipher_suites") / 2;
    g_autofree char *count = text_count(suites, "suite", "suites");
    g_autofree char *host =
        describe_field(row->event, "extensions/server_name/server_name_list[0]/host_name");
    part_add(text, version);
    part_add(text, count);
    part_add(text, host);
}

static void detail_server_hello(const FlowRow *row, GString *text)
{
    g_autofree char *version = describe_field(row->event, "server_version");
    g_autofree char *suite = describe_field(row->event, "cipher_suite");
    part_add(text, version);
    part_add(text, suite);
}

static void detail_certificate(const FlowRow *row, GString *text)
{
    int count = field_items(row->event, "certificate_list");
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CERTIFICATE || event->certificate->position != 0)
            continue;
        part_add(text, event->certificate->subject);
        part_add(text, event->certificate->key);
    }
    g_autofree char *all = count == 0   ? g_strdup("no certificate")
                           : count == 1 ? NULL
                                        : g_strdup_printf("%d certificates", count);
    if (text->len == 0 && count == 1)
        part_add(text, "1 certificate");
    part_add(text, all);
}

/* The common name in a DER name: attribute 2.5.4.3, then a string. */
static char *common_name(Bytes der)
{
    static const uint8_t oid[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    for (size_t i = 0; i + sizeof oid + 2 <= der.size; i++) {
        if (memcmp(der.data + i, oid, sizeof oid) != 0)
            continue;
        Bytes value = bytes_slice(der, i + sizeof oid + 2, der.data[i + sizeof oid + 1]);
        g_autofree char *raw = g_strndup((const char *)value.data, value.size);
        g_autofree char *valid = g_utf8_make_valid(raw, -1);
        return g_strdup_printf("CN=%s", valid);
    }
    return g_strdup_printf("a name of %zu bytes", der.size);
}

static void detail_certificate_request(const FlowRow *row, GString *text)
{
    int count = field_items(row->event, "certificate_authorities");
    g_autoptr(GString) names = g_string_new(count == 0 ? "any CA" : "CAs: ");
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("certificate_authorities[%d]/DistinguishedName", i);
        Bytes der;
        const Span *span = NULL;
        if (!field_bytes(row->event, path, &der, &span))
            continue;
        g_autofree char *name = common_name(der);
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", name);
    }
    part_add(text, names->str);
}

static void detail_client_key_exchange(const FlowRow *row, GString *text)
{
    size_t size = field_size(row->event, "encrypted_premaster_secret");
    g_string_append_printf(text, "premaster secret, encrypted · %zu bytes", size);
}

static void detail_certificate_verify(const FlowRow *row, GString *text)
{
    g_autofree char *algorithm = describe_field(row->event, "algorithm");
    part_add(text, algorithm);
    g_autofree char *size =
        g_strdup_printf("signature of %zu bytes", field_size(row->event, "signature"));
    part_add(text, size);
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
}

/* A key of 512 bits and its signature: export suites. */
static void detail_server_key_exchange(const FlowRow *row, GString *text)
{
    size_t bits = field_size(row->event, "rsa_modulus") * 8;
    g_string_append_printf(text, "temporary RSA key of %zu bits, signed", bits);
}

static void detail_folded(const FlowRow *row, GString *text)
{
    size_t bytes = 0;
    for (guint i = 0; i < row->folded->len; i++) {
        const FlowRow *part = g_ptr_array_index(row->folded, i);
        bytes += bytes_from_gbytes(part->event->bytes).size;
    }
    if (row->message == MESSAGE_APPLICATION_DATA)
        g_string_append_printf(text, "both ways, %zu bytes in all", bytes);
    else
        g_string_append_printf(text, "%u messages, %zu bytes", row->folded->len, bytes);
}

/* clang-format off */
static const struct {
    MessageKind kind;
    void (*add)(const FlowRow *row, GString *text);
} details[] = {
    {MESSAGE_CLIENT_HELLO, detail_client_hello},
    {MESSAGE_SERVER_HELLO, detail_server_hello},
    {MESSAGE_CERTIFICATE, detail_certificate},
    {MESSAGE_SERVER_KEY_EXCHANGE, detail_server_key_exchange},
    {MESSAGE_CERTIFICATE_REQUEST, detail_certificate_request},
    {MESSAGE_CERTIFICATE_VERIFY, detail_certificate_verify},
    {MESSAGE_CLIENT_KEY_EXCHANGE, detail_client_key_exchange},
    {MESSAGE_FINISHED, detail_finished},
    {MESSAGE_ALERT, detail_alert},
    {MESSAGE_APPLICATION_DATA, detail_data},
};
/* clang-format on */

char *describe_detail(const FlowRow *row)
{
    GString *text = g_string_new(NULL);
    if (row->folded != NULL)
        detail_folded(row, text);
    else if (row->kind == FLOW_COPY)
        g_string_append(text, "nobody sent it again");
    else if (row->message == MESSAGE_CHANGE_CIPHER_SPEC)
        g_string_append(text, "what follows is under new keys");
    else if (row->message == MESSAGE_HELLO_REQUEST || row->message == MESSAGE_SERVER_HELLO_DONE)
        g_string_append(text, "(empty)");
    for (size_t i = 0;
         row->kind == FLOW_MESSAGE && row->folded == NULL && i < G_N_ELEMENTS(details); i++)
        if (details[i].kind == row->message)
            details[i].add(row, text);
    return g_string_free(text, FALSE);
}

static void effects_add(GString *text, const GPtrArray *events, const char *prefix)
{
    for (guint i = 0; i < events->len; i++) {
        const TraceEvent *event = g_ptr_array_index(events, i);
        const char *effect = event->value != NULL ? event->value : event->name;
        g_string_append_printf(text, "%s%s%s", text->len > 0 ? "; " : "", prefix, effect);
    }
}

/* What an attacker did to what it passes on. */
static void acts_add(GString *text, const GPtrArray *events)
{
    for (guint i = 0; i < events->len; i++) {
        const TraceEvent *event = g_ptr_array_index(events, i);
        g_string_append_printf(text, "%sthe attacker %s%s%s", text->len > 0 ? "; " : "",
                               event->name == NULL ? "acts" : event->name,
                               event->value == NULL ? "" : ": ",
                               event->value == NULL ? "" : event->value);
    }
}

char *describe_mischief(const FlowRow *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (row->speaker == PARTY_ATTACKER)
        acts_add(text, row->tampering);
    else
        effects_add(text, row->tampering, "its sender misbehaves: ");
    if (row->fate == FATE_DROPPED)
        g_string_append(text, "dropped by the network");
    else if (row->fate == FATE_LOST)
        g_string_append(text, "nobody is there to read it");
    else if (row->kind == FLOW_COPY)
        g_string_append(text, "a copy made by the network");
    else if (row->mischief->len > 0)
        effects_add(text, row->mischief, "");
    else if (row->fate == FATE_CHANGED)
        g_string_append(text, "changed on the way");
    if (row->delay > 0) {
        g_autofree char *delay = text_duration(row->delay);
        g_string_printf(text, "+%s on the way", delay);
    }
    return text->len == 0 ? NULL : g_strdup(text->str);
}

char *describe_way(const Trace *trace, const FlowRow *row)
{
    return g_strdup_printf("%s → %s", trace_party(trace, row->from)->name,
                           trace_party(trace, row->to)->name);
}

const char *describe_keys(Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? "client write keys" : "server write keys";
}

static void tooltip_fields(const TraceEvent *event, GString *text)
{
    if (event->kind != TRACE_MESSAGE || event->spans == NULL)
        return;
    Bytes bytes = bytes_from_gbytes(event->bytes);
    for (guint i = 0; i < event->spans->len; i++) {
        const Span *span = &g_array_index(event->spans, Span, i);
        if (span->kind == SPAN_GROUP || span->kind == SPAN_LENGTH)
            continue;
        g_autofree char *value = span_value(span, bytes, VALUE_MOST);
        g_string_append_printf(text, "\n%s: %s", span->name, value);
    }
}

char *describe_tooltip(const Trace *trace, const FlowRow *row)
{
    GString *text = g_string_new(NULL);
    g_autofree char *name = describe_name(row);
    g_autofree char *mischief = describe_mischief(row);
    if (row->number > 0)
        g_string_append_printf(text, "%d. ", row->number);
    g_string_append(text, name);
    if (row->link >= 0) {
        g_autofree char *way = describe_way(trace, row);
        g_string_append_printf(text, "\n%s", way);
    }
    g_autofree char *time = text_duration(row->event->time);
    g_string_append_printf(text, ", at %s", time);
    if (row->epoch > 0)
        g_string_append_printf(text, "\nunder the %s, epoch %d", describe_keys(row->direction),
                               row->epoch);
    if (row->event->kind == TRACE_MESSAGE && row->event->bytes != NULL)
        g_string_append_printf(text, "\n%zu bytes, record %d", g_bytes_get_size(row->event->bytes),
                               row->event->record);
    if (mischief != NULL)
        g_string_append_printf(text, "\n%s", mischief);
    if (row->folded == NULL)
        tooltip_fields(row->event, text);
    return g_string_free(text, FALSE);
}

const TraceEvent *describe_fact(const Trace *trace, const char *name, int link)
{
    const TraceEvent *found = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && g_strcmp0(event->name, name) == 0 &&
            (link < 0 || event->link == link))
            found = event;
    }
    return found;
}

char *describe_subtitle(const Trace *trace)
{
    GString *text = g_string_new(NULL);
    const TraceEvent *version = describe_fact(trace, "version", -1);
    const TraceEvent *suite = describe_fact(trace, "cipher_suite", -1);
    if (trace->header.scenario != NULL)
        g_string_append_printf(text, "scenario %s", trace->header.scenario);
    g_autofree char *seed = g_strdup_printf("seed %" G_GUINT64_FORMAT, trace->header.seed);
    part_add(text, seed);
    part_add(text, version == NULL ? NULL : version->value);
    part_add(text, suite == NULL ? NULL : suite->value);
    return g_string_free(text, FALSE);
}

const char *describe_braces(const Trace *trace)
{
    const TraceEvent *suite = describe_fact(trace, "cipher_suite", -1);
    bool null =
        suite != NULL && suite->value != NULL && strstr(suite->value, "_WITH_NULL_") != NULL;
    return null ? "authenticated, not encrypted" : "encrypted";
}

char *describe_verdict(const Trace *trace)
{
    if (trace_count(trace) == 0)
        return NULL;
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    if (last->kind != TRACE_VERDICT || last->expectations == NULL)
        return NULL;
    guint held = 0;
    for (guint i = 0; i < last->expectations->len; i++)
        held += ((TraceExpectation *)g_ptr_array_index(last->expectations, i))->held ? 1 : 0;
    if (last->expectations->len == 0)
        return g_strdup("nothing was expected of this run");
    return g_strdup_printf("%u of %u expectation%s held", held, last->expectations->len,
                           last->expectations->len == 1 ? "" : "s");
}

char *describe_party(const Trace *trace, int party)
{
    const char *name = trace_party(trace, party)->name;
    g_autofree char *first = g_utf8_substring(name, 0, MIN(1, g_utf8_strlen(name, -1)));
    g_autofree char *capital = g_utf8_strup(first, -1);
    return g_strconcat(capital, name + strlen(first), NULL);
}
