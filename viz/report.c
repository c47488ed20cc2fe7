/* What stands under the ladder: the run's results in words.
 *
 * Everything is a fold over the trace: facts with the reason why, certificates as they were shown,
 * every check with its result and reason in the order in which it was made, the data that reached
 * an application, and the verdict. A section that has nothing to say is left out. It judges
 * nothing: what held and what did not is in the trace's last event.
 */
#include "viz/report.h"

#include "viz/describe.h"
#include "viz/text.h"

enum { WIDTH = 72, NAME = 22 /* columns of a name before its value */ };

typedef struct {
    const Trace *trace;
    bool utf8;
    const char *target;
    GString *output;
} Report;

static void report_facts(const Report *report);
static void report_shown(const Report *report);
static void report_checks(const Report *report);
static void report_notes(const Report *report);
static void report_data(const Report *report);

static Report report_begin(const Trace *trace, const ReportOptions *options, GString *output)
{
    const char *target = options == NULL ? NULL : options->target;
    return (Report){.trace = trace,
                    .utf8 = options != NULL && options->utf8,
                    .target = target != NULL ? target : trace->header.scenario,
                    .output = output};
}

void report_write(const Trace *trace, const ReportOptions *options, GString *output)
{
    Report report = report_begin(trace, options, output);
    report_facts(&report);
    report_shown(&report);
    report_checks(&report);
    report_notes(&report);
    report_data(&report);
    report_verdict(trace, options, output);
}

/* "  name                value", wrapped under the value. */
static void report_line(const Report *report, const char *name, const char *value)
{
    g_autofree char *plain_name = text_plain(name, report->utf8);
    g_autofree char *plain = text_plain(value == NULL ? "" : value, report->utf8);
    g_autoptr(GString) first = g_string_new("  ");
    g_autoptr(GString) rest = g_string_new(NULL);
    g_string_append(first, plain_name);
    size_t columns = text_columns(first->str);
    text_repeat(first, " ", columns < NAME ? NAME - columns : 1);
    text_repeat(rest, " ", NAME);
    text_wrap(report->output, first->str, rest->str, plain, WIDTH);
}

static void report_heading(const Report *report, const char *heading, bool *said)
{
    if (!*said)
        g_string_append_printf(report->output, "\n%s\n", heading);
    *said = true;
}

/* "server" or, where there are several links, "server (attacker - server)". */
static char *whose_link(const Report *report, const TraceEvent *event)
{
    if (report->trace->header.links->len < 2 || event->link < 0)
        return g_strdup("");
    const TraceLink *link = trace_link(report->trace, event->link);
    return g_strdup_printf(" (%s–%s)", trace_party(report->trace, link->left)->name,
                           trace_party(report->trace, link->right)->name);
}

/* Where facts are of: said when it changes, and only where there is more than one. */
static void report_place(const Report *report, const TraceEvent *event, int *connection,
                         int *handshake)
{
    if (event->connection > *connection) {
        *connection = event->connection;
        *handshake = 0;
        g_string_append_printf(report->output, "  on connection %d:\n", *connection + 1);
    }
    if (event->handshake > *handshake) {
        *handshake = event->handshake;
        g_string_append_printf(report->output, "  in handshake %d:\n", *handshake + 1);
    }
}

static void report_facts(const Report *report)
{
    bool said = false;
    int handshake = 0, connection = 0;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < trace_count(report->trace); i++) {
        const TraceEvent *event = trace_at(report->trace, i);
        if (event->kind != TRACE_FACT || event->value == NULL)
            continue;
        bool own = g_str_has_suffix(event->name, "_cost"); /* what a side has for itself */
        char *key = g_strdup_printf("%d %d %d %d %s %s", own ? event->party : -1, event->link,
                                    event->connection, event->handshake, event->name, event->value);
        if (!g_hash_table_add(seen, key)) /* the other side settles it too */
            continue;
        report_heading(report, "Settled", &said);
        report_place(report, event, &connection, &handshake);
        g_autofree char *link = whose_link(report, event);
        g_autofree char *name = g_strdelimit(g_strdup(event->name), "_", ' ');
        bool reason = event->reason != NULL && *event->reason != '\0';
        const char *value = *event->value == '\0' ? "(none)" : event->value;
        g_autofree char *whose =
            own ? g_strdup_printf("%s: ", trace_party(report->trace, event->party)->name)
                : g_strdup("");
        g_autofree char *text = g_strdup_printf("%s%s%s%s%s", whose, value, link,
                                                !reason ? ""
                                                : own   ? "; "
                                                        : ": ",
                                                reason ? event->reason : "");
        report_line(report, name, text);
    }
}

static void report_certificate(const Report *report, const TraceEvent *event)
{
    const TraceCertificate *shown = event->certificate;
    g_autofree char *from = text_date(shown->not_before);
    g_autofree char *to = text_date(shown->not_after);
    g_autofree char *validity = g_strdup_printf("%s to %s UTC", from, to);
    g_autofree char *link = whose_link(report, event);
    g_autofree char *to_whom =
        g_strdup_printf("%s%s%s", trace_party(report->trace, event->party)->name, link,
                        shown->position == 0 ? "" : ", as an issuer");
    report_line(report, "subject", shown->subject);
    report_line(report, "  shown to", to_whom);
    report_line(report, "  issuer", shown->issuer);
    report_line(report, "  serial", shown->serial);
    if (shown->names != NULL && *shown->names != '\0')
        report_line(report, "  names", shown->names);
    report_line(report, "  valid", validity);
    report_line(report, "  public key", shown->key);
    report_line(report, "  key fingerprint", shown->key_fingerprint);
    report_line(report, "  fingerprint", shown->fingerprint);
    report_line(report, "  signed with", shown->signature);
}

static void report_shown(const Report *report)
{
    bool said = false;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < trace_count(report->trace); i++) {
        const TraceEvent *event = trace_at(report->trace, i);
        if (event->kind != TRACE_CERTIFICATE || event->certificate == NULL)
            continue;
        char *key =
            g_strdup_printf("%d %d %s", event->party, event->link, event->certificate->fingerprint);
        if (!g_hash_table_add(seen, key)) /* shown again in a renegotiation */
            continue;
        report_heading(report, "Certificates shown", &said);
        report_certificate(report, event);
    }
}

static void report_checks(const Report *report)
{
    static const char *const results[] = {
        [TRACE_PASSED] = "passed",
        [TRACE_FAILED] = "FAILED",
        [TRACE_SKIPPED] = "not made",
        [TRACE_OVERRIDDEN] = "FAILED, passed over",
    };
    bool said = false;
    int party = -1, link = -1, handshake = -1;
    const char *subject = NULL;
    for (size_t i = 0; i < trace_count(report->trace); i++) {
        const TraceEvent *event = trace_at(report->trace, i);
        if (event->kind != TRACE_CHECK)
            continue;
        report_heading(report, "Checks", &said);
        if (event->party != party || event->link != link || event->handshake != handshake ||
            g_strcmp0(subject, event->value) != 0) {
            g_autofree char *whose = whose_link(report, event);
            g_autofree char *line = g_strdup_printf(
                "the %s checks the %s%s:", trace_party(report->trace, event->party)->name,
                event->value, whose);
            g_autofree char *plain = text_plain(line, report->utf8);
            text_wrap(report->output, "  ", "  ", plain, WIDTH);
            party = event->party;
            link = event->link;
            handshake = event->handshake;
            subject = event->value;
        }
        bool reason = event->reason != NULL && *event->reason != '\0';
        g_autofree char *text = g_strdup_printf("%s%s%s", results[event->result],
                                                reason ? ": " : "", reason ? event->reason : "");
        g_autofree char *name = g_strdup_printf("  %s", event->name);
        report_line(report, name, text);
    }
}

/* Sentences for people, and why an alert was sent. */
static void report_notes(const Report *report)
{
    bool said = false;
    for (size_t i = 0; i < trace_count(report->trace); i++) {
        const TraceEvent *event = trace_at(report->trace, i);
        bool note = event->kind == TRACE_NOTE && event->value != NULL;
        bool alert = event->kind == TRACE_ALERT && !event->incoming && event->reason != NULL &&
                     *event->reason != '\0';
        bool mischief = event->kind == TRACE_MISCHIEF;
        if (!note && !alert && !mischief)
            continue;
        report_heading(report, "What happened", &said);
        const char *who =
            event->party < 0 ? "network" : trace_party(report->trace, event->party)->name;
        g_autofree char *text =
            note    ? g_strdup(event->value)
            : alert ? g_strdup_printf("%s alert %s: %s",
                                      number_text(NUMBER_ALERT_LEVEL, (uint32_t)event->level),
                                      number_text(NUMBER_ALERT, (uint32_t)event->description),
                                      event->reason)
                    : g_strdup_printf("%s: %s", event->name, event->value);
        report_line(report, who, text);
    }
}

static void report_data(const Report *report)
{
    bool said = false;
    for (size_t party = 0; party < report->trace->header.parties->len; party++) {
        size_t bytes = 0, pieces = 0;
        g_autofree char *first = NULL;
        for (size_t i = 0; i < trace_count(report->trace); i++) {
            const TraceEvent *event = trace_at(report->trace, i);
            if (event->kind != TRACE_DATA || event->party != (int)party)
                continue;
            Bytes data = bytes_from_gbytes(event->bytes);
            if (pieces++ == 0)
                first = text_first_line(data);
            bytes += data.size;
        }
        if (pieces == 0)
            continue;
        report_heading(report, "Data delivered", &said);
        g_autofree char *size = text_count(bytes, "byte", "bytes");
        g_autofree char *text =
            pieces == 1
                ? g_strdup_printf("%s%s%s", size, first == NULL ? "" : ": ",
                                  first == NULL ? "" : first)
                : g_strdup_printf("%s in %zu pieces%s%s", size, pieces,
                                  first == NULL ? "" : ", the first: ", first == NULL ? "" : first);
        report_line(report, trace_party(report->trace, (int)party)->name, text);
    }
    if (!said)
        g_string_append(report->output, "\nNo application data was delivered.\n");
}

static void report_expectation(const Report *report, const TraceExpectation *expectation)
{
    g_autofree char *text = text_plain(expectation->text, report->utf8);
    text_wrap(report->output, expectation->held ? "  held    " : "  FAILED  ", "          ", text,
              WIDTH);
    if (expectation->held)
        return;
    report_line(report, "        expected", expectation->expected);
    report_line(report, "        got", expectation->got);
    if (expectation->line > 0) {
        g_autofree char *line = g_strdup_printf("line %d of the scenario", expectation->line);
        report_line(report, "        stated in", line);
    }
    if (expectation->event > 0) {
        g_autofree char *event = g_strdup_printf("%d", expectation->event);
        report_line(report, "        see event", event);
    }
}

void report_verdict(const Trace *trace, const ReportOptions *options, GString *output)
{
    Report report = report_begin(trace, options, output);
    g_autofree char *verdict = describe_verdict(trace);
    if (verdict == NULL) {
        g_string_append(output, "\nThe run has no verdict.\n");
        return;
    }
    g_string_append_printf(output, "\nVerdict: %s\n", verdict);
    const TraceEvent *last = trace_at(trace, trace_count(trace) - 1);
    for (guint i = 0; i < last->expectations->len; i++)
        report_expectation(&report, g_ptr_array_index(last->expectations, i));
    if (trace_held(trace) || report.target == NULL)
        return;
    g_autofree char *hint =
        g_strdup_printf("shakedown run %s --seed=%" G_GUINT64_FORMAT " --trace=fields",
                        report.target, trace->header.seed);
    g_string_append_printf(output, "\nTo see it: %s\n", hint);
}
