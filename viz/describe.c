/* The words for an arrow, from the values of the run.
 *
 * Names and brackets are those of each version's own RFC. Up to TLS 1.2 (RFC 5246 figure 1)
 * [ChangeCipherSpec] stands in brackets because it is no handshake message, and braces say that it
 * travels encrypted. In TLS 1.3 (RFC 8446 2) the sign says under which keys: () early, {}
 * handshake,
 * [] application traffic keys. Details come out of the message by the paths of its spans, so that a
 * changed message shows what it holds and not what it should; describe_hello.c,
 * describe_message.c and describe_ssl2.c know the messages.
 */
#include "viz/describe.h"

#include <stdarg.h>
#include <string.h>

#include "viz/describe_parts.h"
#include "viz/text.h"

enum { VALUE_MOST = 12 /* bytes or numbers of a value in a tooltip */ };

typedef struct {
    const char *open, *close;
} Brackets;

static Brackets brackets_of(const FlowRow *row)
{
    static const Brackets signs[] = {
        [UNDER_CURRENT] = {"{", "}"},
        [UNDER_NEW] = {"[", "]"},
        [UNDER_HANDSHAKE] = {"{", "}"},
        [UNDER_EARLY] = {"(", ")"},
    };
    return row->epoch > 0 ? signs[row->under] : (Brackets){"", ""};
}

/* What may be said of a record that stays closed: its content type, which stands in the clear up to
 * TLS 1.2 (RFC 5246 6.2.1); in TLS 1.3 it is hidden (RFC 8446 5.2), and SSL 2.0 has none. */
static const char *closed_name(const FlowRow *row)
{
    static const struct {
        ContentType type;
        const char *name;
    } names[] = {
        {CONTENT_CHANGE_CIPHER_SPEC, "change_cipher_spec record"},
        {CONTENT_ALERT, "alert record"},
        {CONTENT_HANDSHAKE, "handshake record"},
        {CONTENT_APPLICATION_DATA, "application data record"},
        {CONTENT_HEARTBEAT, "heartbeat record"},
    };
    const TraceEvent *record = row->records->len == 0 ? NULL : g_ptr_array_index(row->records, 0);
    Bytes bytes = record == NULL ? BYTES_NONE : bytes_from_gbytes(record->bytes);
    for (size_t i = 0; i < G_N_ELEMENTS(names) && row->family == FAMILY_SSL3; i++)
        if (bytes.size > 0 && bytes.data[0] == names[i].type)
            return names[i].name;
    return "record";
}

static const char *spoken_name(const FlowRow *row)
{
    if (row->message == MESSAGE_NONE)
        return closed_name(row);
    if (row->message == MESSAGE_HEARTBEAT && row->event->kind == TRACE_MESSAGE) /* RFC 6520 4 */
        return field_number(row->event, "type") == HEARTBEAT_RESPONSE ? "HeartbeatResponse"
                                                                      : "HeartbeatRequest";
    return number_text(NUMBER_MESSAGE, row->message);
}

static char *name_of(const FlowRow *row)
{
    Brackets keys = brackets_of(row);
    bool outside = describe_stands_outside(row);
    return g_strdup_printf("%s%s%s%s%s", keys.open, outside ? "[" : "", spoken_name(row),
                           outside ? "]" : "", keys.close);
}

bool describe_stands_outside(const FlowRow *row)
{
    return row->message == MESSAGE_CHANGE_CIPHER_SPEC && row->family == FAMILY_SSL3;
}

static char *name_of_folded(const FlowRow *row)
{
    const FlowRow *first = g_ptr_array_index(row->folded, 0);
    const FlowRow *last = g_ptr_array_index(row->folded, row->folded->len - 1);
    g_autofree char *head = name_of(first);
    g_autofree char *tail = name_of(last);
    if (first->message == MESSAGE_APPLICATION_DATA)
        return g_strdup_printf("%s × %u", head, row->folded->len);
    return g_strdup_printf("%s%s%s", head, row->folded->len == 2 ? ", " : " … ", tail);
}

char *describe_name(const FlowRow *row)
{
    if (row->folded != NULL)
        return name_of_folded(row);
    g_autofree char *name = name_of(row);
    if (row->kind == FLOW_COPY)
        return g_strdup_printf("copy of %s", name);
    return g_steal_pointer(&name);
}

bool field_bytes(const TraceEvent *event, const char *path, Bytes *bytes, const Span **span)
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

size_t field_size(const TraceEvent *event, const char *path)
{
    Bytes bytes;
    const Span *span = NULL;
    return field_bytes(event, path, &bytes, &span) ? bytes.size : 0;
}

/* Spans whose own place in a list is known. */
int field_items(const TraceEvent *event, const char *path)
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

void part_add(GString *text, const char *part)
{
    if (part != NULL && *part != '\0')
        g_string_append_printf(text, "%s%s", text->len > 0 ? " · " : "", part);
}

void part_format(GString *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *part = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    part_add(text, part);
}

bool field_has(const TraceEvent *event, const char *path)
{
    return event->spans != NULL && span_find(event->spans, path) >= 0;
}

uint32_t field_number(const TraceEvent *event, const char *path)
{
    Bytes bytes;
    const Span *span = NULL;
    return field_bytes(event, path, &bytes, &span) && bytes.size <= 4
               ? (uint32_t)bytes_number(bytes)
               : 0;
}

void parts_of_certificate(const FlowRow *row, int count, GString *text)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CERTIFICATE || event->certificate->position != 0)
            continue;
        part_add(text, event->certificate->subject);
        part_add(text, event->certificate->key);
    }
    if (count == 0)
        part_add(text, "no certificate");
    else if (count > 1 || text->len == 0)
        part_format(text, "%d certificate%s", count, count == 1 ? "" : "s");
}

/* The common name in a DER name: attribute 2.5.4.3, then a string. */
char *common_name(Bytes der)
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

/* The one message among those folded together that ChangeCipherSpec only goes along with; NULL. */
static const FlowRow *folded_alone(const FlowRow *row)
{
    const FlowRow *alone = NULL;
    for (guint i = 0; i < row->folded->len; i++) {
        const FlowRow *part = g_ptr_array_index(row->folded, i);
        if (part->message == MESSAGE_CHANGE_CIPHER_SPEC)
            continue;
        if (alone != NULL)
            return NULL;
        alone = part;
    }
    return alone;
}

/* "with Certificate, CertificateRequest": what stands between the two that the name tells; nothing
 * where all are of one kind. */
static void folded_between(const FlowRow *row, GString *text)
{
    const FlowRow *first = g_ptr_array_index(row->folded, 0);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 1; i + 1 < row->folded->len; i++) {
        const FlowRow *part = g_ptr_array_index(row->folded, i);
        if (part->message != first->message)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "with ",
                                   spoken_name(part));
    }
    part_add(text, names->len > 0 ? names->str : NULL);
}

static void detail_folded(const FlowRow *row, GString *text)
{
    size_t bytes = 0;
    const FlowRow *alone = folded_alone(row);
    bool data = row->message == MESSAGE_APPLICATION_DATA, both = false;
    if (alone != NULL) {
        detail_message(alone, text);
        return;
    }
    for (guint i = 0; i < row->folded->len; i++) {
        const FlowRow *part = g_ptr_array_index(row->folded, i);
        bytes += bytes_from_gbytes(part->event->bytes).size;
        both = both || part->direction != row->direction;
    }
    if (data)
        part_format(text, "%s%zu bytes in all", both ? "both ways, " : "", bytes);
    else
        folded_between(row, text);
    if (text->len == 0)
        part_format(text, "%u messages", row->folded->len);
    if (!data)
        part_format(text, "%zu bytes", bytes);
}

char *describe_detail(const FlowRow *row)
{
    GString *text = g_string_new(NULL);
    if (row->folded != NULL)
        detail_folded(row, text);
    else if (row->kind == FLOW_COPY)
        g_string_append(text, "nobody sent it again");
    else if (row->kind == FLOW_MESSAGE)
        detail_message(row, text);
    if (row->tap == TAP_VIEW_READ)
        part_format(text, "read by the listener");
    else if (row->tap == TAP_VIEW_CLOSED)
        part_format(text, "closed to the listener");
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

const char *describe_keys(Direction direction, Under under)
{
    static const char *const names[][2] = {
        [UNDER_CURRENT] = {"client write keys", "server write keys"},
        [UNDER_NEW] = {"client application traffic keys", "server application traffic keys"},
        [UNDER_HANDSHAKE] = {"client handshake traffic keys", "server handshake traffic keys"},
        [UNDER_EARLY] = {"client early traffic keys", "server early traffic keys"},
    };
    return names[under][direction == DIRECTION_TO_SERVER ? 0 : 1];
}

/* The last FACT of that name of the first handshake of a connection; NULL. */
static const TraceEvent *connection_fact(const Trace *trace, const FlowRow *row, const char *name)
{
    const TraceEvent *found = NULL;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_FACT && event->link == row->link &&
            event->connection == row->connection && event->handshake == 0 &&
            g_strcmp0(event->name, name) == 0)
            found = event;
    }
    return found;
}

/* Behind a balancer the data may travel on as it is. */
static bool connection_says_hello(const Trace *trace, const FlowRow *row)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        bool hello = event->message_kind == MESSAGE_CLIENT_HELLO ||
                     event->message_kind == MESSAGE_SSL2_CLIENT_HELLO;
        if (event->kind == TRACE_MESSAGE && event->link == row->link &&
            event->connection == row->connection && hello)
            return true;
    }
    return false;
}

/* "resumed by session ID"; g_free. */
static char *connection_kind(const Trace *trace, const FlowRow *row)
{
    const TraceEvent *handshake = connection_fact(trace, row, "handshake");
    const TraceEvent *key = connection_fact(trace, row, "pre_shared_key");
    const TraceEvent *by = connection_fact(trace, row, "resumption");
    if (handshake == NULL)
        return g_strdup(connection_says_hello(trace, row) ? "unfinished" : "without TLS");
    bool earlier = key != NULL && g_strcmp0(key->value, "of an earlier connection") == 0;
    if (key != NULL && !earlier)
        return g_strdup_printf("by the pre-shared key %s", key->value);
    if (g_strcmp0(handshake->value, "resumed") != 0)
        return g_strdup("a full handshake");
    if (earlier)
        return g_strdup("resumed by PSK");
    return by == NULL ? g_strdup("resumed") : g_strdup_printf("resumed by %s", by->value);
}

/* "machine 2 of 2", where there are several; NULL. */
static char *connection_machine(const Trace *trace, const FlowRow *row)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_NOTE || event->link != row->link ||
            event->connection != row->connection || g_strcmp0(event->name, "machine") != 0)
            continue;
        const char *machine = strstr(event->value, "machine ");
        return machine == NULL ? NULL : g_strndup(machine, strcspn(machine, ":"));
    }
    return NULL;
}

char *describe_connection(const Trace *trace, const FlowRow *row)
{
    g_autofree char *machine = connection_machine(trace, row);
    g_autofree char *kind = connection_kind(trace, row);
    g_autofree char *way = trace->header.links->len > 1 ? describe_way(trace, row) : NULL;
    const TraceEvent *early = connection_fact(trace, row, "early_data");
    return g_strdup_printf("Connection %d%s%s%s%s: %s%s%s", row->connection + 1,
                           way == NULL ? "" : ", ", way == NULL ? "" : way,
                           machine == NULL ? "" : ", ", machine == NULL ? "" : machine, kind,
                           early == NULL ? "" : ", early data ", early == NULL ? "" : early->value);
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
        g_string_append_printf(text, "\nunder the %s, epoch %d",
                               describe_keys(row->direction, row->under), row->epoch);
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

/* "TLS 1.3 · TLS_AES_128_GCM_SHA256", of the last handshake on a link (-1: on any); "" when none
 * got that far. g_free. */
static char *chosen_on(const Trace *trace, int link)
{
    GString *text = g_string_new(NULL);
    const TraceEvent *version = describe_fact(trace, "version", link);
    const TraceEvent *suite = describe_fact(trace, "cipher_suite", link);
    part_add(text, version == NULL ? NULL : version->value);
    part_add(text, suite == NULL ? NULL : suite->value);
    return g_string_free(text, FALSE);
}

char *describe_subtitle(const Trace *trace)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GString) links = g_string_new(NULL);
    bool captured = trace->header.captured;
    if (trace->header.scenario != NULL)
        g_string_append_printf(text, "%s%s", captured ? "" : "scenario ", trace->header.scenario);
    if (!captured)
        part_format(text, "seed %" G_GUINT64_FORMAT, trace->header.seed);
    for (guint i = 0; i < trace->header.links->len; i++) { /* what several have alike, once */
        g_autofree char *chosen = chosen_on(trace, (int)i);
        if (*chosen != '\0' && strstr(links->str, chosen) == NULL)
            g_string_append_printf(links, "%s%s", links->len > 0 ? " | " : "", chosen);
    }
    g_autofree char *any = links->len == 0 ? chosen_on(trace, -1) : g_strdup(links->str);
    part_add(text, any);
    return g_string_free(text, FALSE);
}

/* Whether the last suite that was chosen encrypts nothing. */
static bool suite_is_null(const Trace *trace)
{
    const TraceEvent *suite = describe_fact(trace, "cipher_suite", -1);
    return suite != NULL && suite->value != NULL && strstr(suite->value, "_WITH_NULL_") != NULL;
}

GPtrArray *describe_signs(const Flow *flow)
{
    GPtrArray *signs = g_ptr_array_new_with_free_func(g_free);
    bool outside = false, old = false, newer = false, under[UNDER_EARLY + 1] = {false};
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        bool secret = row->epoch > 0;
        outside = outside || describe_stands_outside(row);
        old = old || (secret && row->under == UNDER_CURRENT);
        newer = newer || (secret && row->under != UNDER_CURRENT);
        under[row->under] = under[row->under] || secret;
    }
    bool mixed = newer && (old || outside);
    const char *before = mixed ? "up to TLS 1.2: " : "", *since = mixed ? "TLS 1.3: " : "";
    if (outside)
        g_ptr_array_add(signs, g_strdup_printf("%s[ ] no handshake message", before));
    if (old)
        g_ptr_array_add(signs,
                        g_strdup_printf("%s{ } %s", outside ? "" : before,
                                        suite_is_null(flow->trace) ? "authenticated, not encrypted"
                                                                   : "encrypted"));
    if (under[UNDER_EARLY])
        g_ptr_array_add(signs, g_strdup_printf("%s( ) early keys", since));
    if (under[UNDER_HANDSHAKE])
        g_ptr_array_add(signs,
                        g_strdup_printf("%s{ } handshake keys", under[UNDER_EARLY] ? "" : since));
    if (under[UNDER_NEW])
        g_ptr_array_add(signs, g_strdup("[ ] application keys"));
    return signs;
}

/* Nothing was expected of what was captured; but the conversation allows what it allows. */
static char *verdict_of_capture(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_NOTE && g_strcmp0(event->name, "illegal") == 0)
            return g_strdup("a message came where none like it may stand");
    }
    return g_strdup("every message that could be read stood where it may");
}

char *describe_verdict(const Trace *trace)
{
    if (trace_count(trace) == 0)
        return NULL;
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    if (last->kind != TRACE_VERDICT || last->expectations == NULL)
        return NULL;
    guint held = 0;
    if (trace->header.captured)
        return verdict_of_capture(trace);
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
