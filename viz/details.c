/* The listing of --trace: the events in their order, each level with more of them.
 *
 * Fields come from the spans that the walks left, indented by their depth; the bytes stand under
 * them with offsets, sixteen a line. Lines carry the number of the event, so that a verdict's
 * "see event 17" is found here. It knows no message by name.
 */
#include "viz/details.h"

#include <string.h>

#include "viz/describe.h"
#include "viz/text.h"

enum { BYTES_A_LINE = 16, NUMBERS_MOST = 0, VALUE_BYTES = 24 };

typedef struct {
    const Trace *trace;
    DetailsLevel level;
    bool utf8;
    GString *output;
} Details;

static void details_event(const Details *details, const TraceEvent *event);

bool details_level_from_name(const char *name, DetailsLevel *level)
{
    static const char *const names[] = {"msg", "fields", "bytes", "keys"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_strcmp0(name, names[i]) != 0)
            continue;
        *level = (DetailsLevel)i;
        return true;
    }
    return false;
}

void details_write(const Trace *trace, DetailsLevel level, bool utf8, GString *output)
{
    Details details = {.trace = trace, .level = level, .utf8 = utf8, .output = output};
    int connection = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->connection > connection) {
            connection = event->connection;
            g_string_append_printf(output, "\n      connection %d\n", connection + 1);
        }
        details_event(&details, event);
    }
}

void details_write_event(const Trace *trace, const TraceEvent *event, bool utf8, GString *output)
{
    const Details details = {
        .trace = trace,
        .level = DETAILS_MESSAGES,
        .utf8 = utf8,
        .output = output,
    };
    details_event(&details, event);
}

/* "  17    10.1 ms  client  " and the text. */
static void details_line(const Details *details, const TraceEvent *event, const char *text)
{
    char milliseconds[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(milliseconds, sizeof milliseconds, "%.3f", (double)event->time / 1000);
    const char *who =
        event->party < 0 ? "network" : trace_party(details->trace, event->party)->name;
    g_autofree char *plain = text_plain(text, details->utf8);
    g_autofree char *name = text_plain(who, details->utf8);
    g_string_append_printf(details->output, "%4d %10s ms  %-8s  %s\n", event->number, milliseconds,
                           name, plain);
}

static void details_fields(const Details *details, const TraceEvent *event)
{
    Bytes bytes = bytes_from_gbytes(event->bytes);
    for (guint i = 0; event->spans != NULL && i < event->spans->len; i++) {
        const Span *span = &g_array_index(event->spans, Span, i);
        if (span->depth == 0)
            continue;
        bool numbers = span->kind == SPAN_NUMBERS;
        g_autofree char *value =
            span->kind == SPAN_GROUP
                ? NULL
                : span_value(span, bytes, numbers ? NUMBERS_MOST : VALUE_BYTES);
        g_autofree char *place =
            span->index >= 0 ? g_strdup_printf("[%d]", span->index) : g_strdup("");
        g_autofree char *line = g_strdup_printf(
            "%s%s%s%s%s", span->name, place,
            span->kind == SPAN_LENGTH && strcmp(span->name, "length") != 0 ? " (length)" : "",
            value == NULL ? "" : ": ", value == NULL ? "" : value);
        g_autofree char *plain = text_plain(line, details->utf8);
        g_autoptr(GString) first = g_string_new(NULL), rest = g_string_new(NULL);
        text_repeat(first, " ", 8 + 2u * span->depth);
        g_string_append(rest, first->str);
        g_string_append(rest, "    ");
        text_wrap(details->output, first->str, rest->str, plain, 100);
    }
}

/* "        0010  16 03 03 …  ..text.." */
static void details_bytes(const Details *details, Bytes bytes)
{
    for (size_t at = 0; at < bytes.size; at += BYTES_A_LINE) {
        Bytes line = bytes_slice(bytes, at, BYTES_A_LINE);
        g_autofree char *hex = bytes_to_hex(line, " ");
        g_string_append_printf(details->output, "          %04zx  %-*s  ", at, BYTES_A_LINE * 3 - 1,
                               hex);
        for (size_t i = 0; i < line.size; i++)
            g_string_append_c(details->output, line.data[i] >= ' ' && line.data[i] < 0x7f
                                                   ? (char)line.data[i]
                                                   : '.');
        g_string_append_c(details->output, '\n');
    }
}

static void details_message(const Details *details, const TraceEvent *event)
{
    bool old_secret = event->epoch > 0;
    Bytes bytes = bytes_from_gbytes(event->bytes);
    g_autofree char *keys =
        !old_secret ? g_strdup("in the clear")
                    : g_strdup_printf("%s, epoch %d", describe_keys(event->direction, event->under),
                                      event->epoch);
    g_autofree char *size = text_count(bytes.size, "byte", "bytes");
    g_autofree char *records = event->record_count > 1
                                   ? g_strdup_printf("records %d to %d", event->record,
                                                     event->record + event->record_count - 1)
                                   : g_strdup_printf("record %d", event->record);
    g_autofree char *text = g_strdup_printf(
        "%s %s  (%s, %s, %s)", event->incoming ? "takes in" : "says",
        number_text(NUMBER_MESSAGE, (uint32_t)event->message_kind), size, records, keys);
    details_line(details, event, text);
    if (event->incoming) /* its bytes stand where it was said, unless they were changed */
        return;
    if (details->level >= DETAILS_FIELDS)
        details_fields(details, event);
    if (details->level >= DETAILS_BYTES)
        details_bytes(details, bytes);
}

static void details_record(const Details *details, const TraceEvent *event)
{
    bool plain = event->fate == FATE_DELIVERED;
    if (plain && details->level < DETAILS_BYTES)
        return;
    Bytes sent = bytes_from_gbytes(event->bytes), received = bytes_from_gbytes(event->received);
    g_autofree char *size = text_count(sent.size > 0 ? sent.size : received.size, "byte", "bytes");
    g_autofree char *text =
        g_strdup_printf("carries record %d %s, %s: %s", event->record,
                        event->direction == DIRECTION_TO_SERVER ? "to the server" : "to the client",
                        size, record_fate_name(event->fate));
    details_line(details, event, text);
    if (details->level < DETAILS_BYTES)
        return;
    details_bytes(details, sent);
    if (received.size == 0)
        return;
    g_string_append(details->output, "          arrived as\n");
    details_bytes(details, received);
}

static void details_check(const Details *details, const TraceEvent *event)
{
    g_autofree char *text = g_strdup_printf(
        "checks the %s, %s: %s%s%s", event->value, event->name, trace_result_name(event->result),
        event->reason == NULL ? "" : ": ", event->reason == NULL ? "" : event->reason);
    details_line(details, event, text);
}

static void details_named(const Details *details, const TraceEvent *event, const char *verb)
{
    g_autofree char *text = g_strdup_printf(
        "%s %s%s%s%s%s%s", verb, event->name == NULL ? "" : event->name,
        event->value == NULL ? "" : ": ", event->value == NULL ? "" : event->value,
        event->reason == NULL ? "" : " (", event->reason == NULL ? "" : event->reason,
        event->reason == NULL ? "" : ")");
    details_line(details, event, text);
}

static void details_key(const Details *details, const TraceEvent *event)
{
    if (details->level < DETAILS_KEYS)
        return;
    Bytes bytes = bytes_from_gbytes(event->bytes);
    bool part = g_str_has_prefix(event->name, "record_");
    /* the secrets of TLS 1.3 are made ahead of the epochs in which they are used */
    bool counted = part || event->family == FAMILY_SSL3 || event->family == FAMILY_SSL2;
    g_autofree char *epoch = counted ? g_strdup_printf(", epoch %d", event->epoch) : g_strdup("");
    g_autofree char *text = g_strdup_printf("%s %s (%zu bytes%s)", part ? "adds" : "derives",
                                            event->name, bytes.size, epoch);
    details_line(details, event, text);
    details_bytes(details, bytes);
}

static void details_alert(const Details *details, const TraceEvent *event)
{
    g_autofree char *text = g_strdup_printf(
        "%s alert %s %s%s%s", event->incoming ? "gets" : "raises",
        number_text(NUMBER_ALERT_LEVEL, (uint32_t)event->level),
        number_text(NUMBER_ALERT, (uint32_t)event->description), event->reason == NULL ? "" : ": ",
        event->reason == NULL ? "" : event->reason);
    details_line(details, event, text);
}

static void details_event(const Details *details, const TraceEvent *event)
{
    g_autofree char *text = NULL;
    switch (event->kind) {
    case TRACE_MESSAGE:
        details_message(details, event);
        return;
    case TRACE_RECORD:
        details_record(details, event);
        return;
    case TRACE_KEYS:
        details_key(details, event);
        return;
    case TRACE_FACT:
        details_named(details, event, "settles");
        return;
    case TRACE_CHECK:
        details_check(details, event);
        return;
    case TRACE_CERTIFICATE:
        text = g_strdup_printf("is shown %s · %s", event->certificate->subject,
                               event->certificate->key);
        details_line(details, event, text);
        return;
    case TRACE_ALERT:
        details_alert(details, event);
        return;
    case TRACE_MISCHIEF:
        details_named(details, event, "mischief:");
        return;
    case TRACE_NOTE:
        details_named(details, event, "notes");
        return;
    case TRACE_STATE:
        text = g_strdup_printf("state %s → %s", event->before == NULL ? "(none)" : event->before,
                               event->after);
        details_line(details, event, text);
        return;
    case TRACE_DATA:
        text = g_strdup_printf("delivers %zu bytes of data", bytes_from_gbytes(event->bytes).size);
        details_line(details, event, text);
        return;
    case TRACE_VERDICT:
        text = describe_verdict(details->trace);
        details_line(details, event, text == NULL ? "verdict" : text);
        return;
    case TRACE_KINDS:
        return;
    }
}
