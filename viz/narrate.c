/* A run told in prose.
 *
 * The flow gives the order of the wire; each message gets a paragraph headed by its number, its
 * name and the step of the eleven to which it belongs, with what it is for (texts.c) and what it
 * says in this run. Steps that have no message of their own (the checks, the derivation of secrets
 * and keys) are told where they happen, between the messages. What went wrong is told as it is
 * noticed and never explained away.
 *
 * It judges nothing and formats no bytes beyond the head of a value.
 */
#include "viz/narrate.h"

#include <string.h>

#include "viz/describe.h"
#include "viz/flow.h"
#include "viz/text.h"
#include "viz/texts.h"

enum { WIDTH = 72, HEAD_BYTES = 8 /* of a secret: to tell it from another */ };

typedef struct {
    const Trace *trace;
    bool utf8;
    GString *output;
    int told_keys; /* the last epoch whose keys were explained */
    int told_step; /* of the message before */
} Story;

static void tell_beginning(Story *story);
static void tell_row(Story *story, const FlowRow *row);
static void tell_end(Story *story);

void narrate_write(const Trace *trace, bool utf8, GString *output)
{
    Story story = {.trace = trace, .utf8 = utf8, .output = output};
    g_autoptr(Flow) flow = flow_new(trace);
    tell_beginning(&story);
    for (guint i = 0; i < flow->rows->len; i++)
        tell_row(&story, flow_row(flow, i));
    tell_end(&story);
}

static void tell(Story *story, const char *first, const char *rest, const char *text)
{
    g_autofree char *plain = text_plain(text, story->utf8);
    text_wrap(story->output, first, rest, plain, WIDTH);
}

static void tell_paragraph(Story *story, const char *text)
{
    tell(story, "   ", "   ", text);
}

static void tell_item(Story *story, const char *text)
{
    tell(story, "   - ", "     ", text);
}

/* "Step 3: the client authenticates the server." */
static void tell_step(Story *story, int step)
{
    g_autofree char *text = g_strdup_printf("Step %d: %s.", step, texts_step(step));
    g_string_append_c(story->output, '\n');
    tell_paragraph(story, text);
}

static void tell_beginning(Story *story)
{
    const TraceHeader *header = &story->trace->header;
    g_autofree char *subtitle = describe_subtitle(story->trace);
    g_autofree char *date = text_date(header->clock);
    if (header->title != NULL)
        tell(story, "", "", header->title);
    tell(story, "", "", subtitle);
    if (header->about != NULL) {
        g_string_append_c(story->output, '\n');
        tell(story, "", "", header->about);
    }
    g_autoptr(GString) cast = g_string_new("Those who take part, from left to right:");
    for (guint i = 0; i < header->parties->len; i++)
        g_string_append_printf(cast, "%s %s", i == 0 ? "" : ",",
                               trace_party(story->trace, (int)i)->name);
    g_string_append_printf(cast, ". Their clocks say %s UTC.", date);
    g_string_append_c(story->output, '\n');
    tell(story, "", "", cast->str);
}

static Role row_role(const FlowRow *row)
{
    return row->direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
}

/* The step of the eleven; 0: none. */
static int row_step(const FlowRow *row)
{
    const Conversation *conversation = conversation_of(row->event->family);
    int at = row->event->row;
    if (row->event->handshake > 0 && row->message == MESSAGE_CLIENT_HELLO)
        return 11; /* where normal operation ends and the process repeats */
    if (row->kind == FLOW_MESSAGE && at >= 0 && (size_t)at < conversation->count)
        return conversation->steps[at].teaching;
    size_t count = 0;
    const Step *steps = conversation_established(row->event->family, &count);
    for (size_t i = 0; i < count; i++)
        if (steps[i].message == row->message && row->message != MESSAGE_ALERT)
            return steps[i].teaching;
    return 0;
}

static void tell_heading(Story *story, const FlowRow *row)
{
    g_autofree char *name = describe_name(row);
    g_autofree char *way = describe_way(story->trace, row);
    g_autofree char *number =
        row->kind == FLOW_MESSAGE ? g_strdup_printf("%d. ", row->number) : g_strdup("");
    int step = row_step(row);
    bool known = step == story->told_step; /* its title was read just above */
    story->told_step = step;
    g_autofree char *label = step == 0 ? g_strdup("")
                             : known   ? g_strdup_printf(" [step %d]", step)
                                       : g_strdup_printf(" [step %d: %s]", step, texts_step(step));
    g_autofree char *text = g_strdup_printf("%s%s, %s%s", number, name, way, label);
    g_string_append_c(story->output, '\n');
    tell(story, "", "   ", text);
}

/* ---- what a message says in this run ---- */

/* "Its cipher suites: …" */
static void tell_field(Story *story, const FlowRow *row, const char *path, const char *words)
{
    g_autofree char *value = describe_field(row->event, path);
    if (value == NULL)
        return;
    const char *shown = strcmp(value, "(empty)") == 0 ? "none" : value;
    g_autofree char *text = g_strdup_printf("%s: %s", words, shown);
    tell_item(story, text);
}

/* clang-format off */
static const struct {
    MessageKind kind;
    const char *path, *words;
} told[] = {
    {MESSAGE_CLIENT_HELLO, "client_version", "the highest version"},
    {MESSAGE_CLIENT_HELLO, "random", "the random bytes"},
    {MESSAGE_CLIENT_HELLO, "session_id", "the session to resume"},
    {MESSAGE_CLIENT_HELLO, "cipher_suites", "the suites, the preferred one first"},
    {MESSAGE_CLIENT_HELLO, "compression_methods", "the compression methods"},
    {MESSAGE_CLIENT_HELLO, "extensions/server_name/server_name_list[0]/host_name", "the host that is wanted (server_name)"},
    {MESSAGE_CLIENT_HELLO, "extensions/renegotiation_info/renegotiated_connection", "the binding to the handshake before (renegotiation_info)"},
    {MESSAGE_SERVER_HELLO, "server_version", "the version"},
    {MESSAGE_SERVER_HELLO, "random", "the random bytes"},
    {MESSAGE_SERVER_HELLO, "session_id", "the name of the session"},
    {MESSAGE_SERVER_HELLO, "cipher_suite", "the suite"},
    {MESSAGE_SERVER_HELLO, "compression_method", "the compression method"},
    {MESSAGE_SERVER_KEY_EXCHANGE, "rsa_modulus", "the temporary key's modulus"},
    {MESSAGE_CERTIFICATE_REQUEST, "certificate_types", "the kinds of certificate"},
    {MESSAGE_CERTIFICATE_REQUEST, "supported_signature_algorithms", "the signature algorithms"},
    {MESSAGE_CLIENT_KEY_EXCHANGE, "encrypted_premaster_secret", "the premaster secret, encrypted"},
    {MESSAGE_CERTIFICATE_VERIFY, "algorithm", "the algorithm"},
    {MESSAGE_CERTIFICATE_VERIFY, "signature", "the signature"},
    {MESSAGE_FINISHED, "verify_data", "the digest (verify_data)"},
    {MESSAGE_FINISHED, "md5_hash", "the digest by MD5"},
    {MESSAGE_FINISHED, "sha_hash", "the digest by SHA-1"},
};
/* clang-format on */

static bool has_certificate(const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++)
        if (((const TraceEvent *)g_ptr_array_index(row->remarks, i))->kind == TRACE_CERTIFICATE)
            return true;
    return false;
}

static void tell_values(Story *story, const FlowRow *row)
{
    bool any = false;
    for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
        if (told[i].kind != row->message)
            continue;
        tell_field(story, row, told[i].path, told[i].words);
        any = true;
    }
    bool listed = row->message == MESSAGE_CERTIFICATE && has_certificate(row);
    bool empty = row->message == MESSAGE_CHANGE_CIPHER_SPEC ||
                 row->message == MESSAGE_SERVER_HELLO_DONE || row->message == MESSAGE_HELLO_REQUEST;
    g_autofree char *detail = describe_detail(row);
    if (row->message == MESSAGE_CERTIFICATE_REQUEST ||
        (!any && !listed && !empty && *detail != '\0'))
        tell_item(story, detail);
}

/* An alert explains itself by its reason, which is a remark; here, what it means. */
static void tell_alert(Story *story, const FlowRow *row)
{
    g_autofree char *level = describe_field(row->event, "level");
    g_autofree char *description = describe_field(row->event, "description");
    const char *who = trace_party(story->trace, row->from)->name;
    g_autofree char *text = NULL;
    if (g_strcmp0(description, "close_notify") == 0)
        text = g_strdup_printf("The %s has nothing more to say and closes. Without this alert, a "
                               "connection that was cut would look like one that was finished.",
                               who);
    else
        text = g_strdup_printf("The %s sends the %s alert %s%s", who, level, description,
                               g_strcmp0(level, "fatal") == 0
                                   ? ": the connection ends, and its session may not be resumed."
                                   : ": a warning, after which both go on.");
    tell_paragraph(story, text);
}

static void tell_message(Story *story, const FlowRow *row)
{
    const char *text = texts_message(row->message, row_role(row), row->event->handshake > 0);
    if (row->message == MESSAGE_ALERT) {
        tell_alert(story, row);
        return;
    }
    if (text != NULL)
        tell_paragraph(story, text);
    tell_values(story, row);
}

static void tell_mischief(Story *story, const FlowRow *row)
{
    g_autofree char *mischief = describe_mischief(row);
    if (mischief == NULL)
        return;
    const char *meaning =
        row->fate == FATE_DROPPED ? " TLS has no way of its own to ask for it again."
        : row->fate == FATE_CHANGED
            ? " What arrives is not what was said; who notices it, and when, is seen below."
            : "";
    g_autofree char *text = g_strdup_printf("On the way: %s.%s", mischief, meaning);
    tell_paragraph(story, text);
}

/* ---- what came with it ---- */

static void tell_checks(Story *story, const FlowRow *row)
{
    static const char *const results[] = {"yes", "NO", "not asked", "NO, and passed over"};
    bool begun = false;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CHECK)
            continue;
        const char *question = texts_check(event->name);
        if (!begun)
            tell_step(story, g_strcmp0(event->value, "server") == 0 ? 3 : 6);
        begun = true;
        g_autofree char *text = g_strdup_printf(
            "%s %s%s%s", question == NULL ? event->name : question, results[event->result],
            event->reason == NULL ? "" : ": ", event->reason == NULL ? "" : event->reason);
        tell_item(story, text);
    }
}

static void tell_certificates(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_CERTIFICATE)
            continue;
        const TraceCertificate *shown = event->certificate;
        g_autofree char *from = text_date(shown->not_before);
        g_autofree char *to = text_date(shown->not_after);
        g_autofree char *text = g_strdup_printf(
            "%s, issued by %s, valid from %s to %s, with a key of %s (SHA-256 %.23s…), signed with "
            "%s",
            shown->subject, shown->issuer, from, to, shown->key, shown->key_fingerprint,
            shown->signature);
        tell_item(story, text);
    }
}

static void tell_facts(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_FACT || event->value == NULL || *event->value == '\0' ||
            event->reason == NULL)
            continue;
        if (g_strcmp0(event->name, "finished") == 0) {
            g_autofree char *cover =
                g_strdup_printf("The Finished that follows %s: %s.", event->value, event->reason);
            tell_paragraph(story, cover);
            continue;
        }
        bool premaster = g_strcmp0(event->name, "premaster_secret") == 0;
        bool chosen =
            g_strcmp0(event->name, "version") == 0 || g_strcmp0(event->name, "cipher_suite") == 0;
        if (!premaster && !chosen)
            continue;
        g_autofree char *text =
            premaster
                ? g_strdup_printf("The premaster secret is %s: %s.", event->value, event->reason)
                : g_strdup_printf("The %s will choose %s: %s.",
                                  trace_party(story->trace, event->party)->name, event->value,
                                  event->reason);
        if (premaster)
            tell_step(story, 6);
        tell_paragraph(story, text);
    }
}

static void tell_key(Story *story, const TraceEvent *event)
{
    const char *meaning = texts_key(event->name);
    Bytes bytes = bytes_from_gbytes(event->bytes);
    g_autofree char *head = bytes_to_hex(bytes_slice(bytes, 0, HEAD_BYTES), NULL);
    g_autofree char *text =
        g_strdup_printf("%s, %zu bytes (%s%s)%s%s", event->name, bytes.size,
                        head == NULL ? "" : head, bytes.size > HEAD_BYTES ? "…" : "",
                        meaning == NULL ? "" : ": ", meaning == NULL ? "" : meaning);
    tell_item(story, text);
}

/* Parts of a record are no keys, but are told as keys are: by name, value and meaning. */
#define RECORD_PART "record_"

/* What a protected record is made of besides its plaintext. */
static void tell_record(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind == TRACE_KEYS && event->name != NULL &&
            g_str_has_prefix(event->name, RECORD_PART))
            tell_key(story, event);
    }
}

/* The step that a secret belongs to; 0: none of them. */
static int key_step(const char *name)
{
    if (g_strcmp0(name, "premaster_secret") == 0)
        return 4;
    if (g_strcmp0(name, "master_secret") == 0)
        return 6;
    if (g_strcmp0(name, "certificate_verify_hash") == 0)
        return 5;
    if (g_str_has_prefix(name, "premaster") || g_str_has_suffix(name, "_random") ||
        g_str_has_prefix(name, RECORD_PART))
        return 0;
    return 7;
}

/* Secrets and keys: told whole for whoever has them first, in a word for the other. */
static void tell_keys(Story *story, const FlowRow *row)
{
    int step = 0, epoch = 0;
    const TraceEvent *first = NULL;
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind != TRACE_KEYS || event->name == NULL || key_step(event->name) == 0)
            continue;
        first = first == NULL ? event : first;
        if (event->epoch <= story->told_keys)
            continue;
        epoch = event->epoch;
        if (key_step(event->name) != step)
            tell_step(story, key_step(event->name));
        step = key_step(event->name);
        tell_key(story, event);
    }
    if (step == 0 && first != NULL) {
        g_autofree char *text =
            g_strdup_printf("The %s derives the same way what it needs: master secret and keys.",
                            trace_party(story->trace, first->party)->name);
        tell_step(story, 7);
        tell_paragraph(story, text);
    }
    if (story->trace->header.links->len == 1)
        story->told_keys = MAX(story->told_keys, epoch);
}

static void tell_notes(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->remarks->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->remarks, i);
        if (event->kind == TRACE_CHECK || !flow_remark_speaks(story->trace, event))
            continue;
        g_autofree char *text = NULL;
        const char *who = trace_party(story->trace, event->party)->name;
        if (event->kind == TRACE_ALERT)
            text = g_strdup_printf("The reason: %s.", event->reason);
        else if (event->kind == TRACE_DATA)
            text = g_strdup_printf("The %s reads all of it: %zu bytes in the clear.", who,
                                   bytes_from_gbytes(event->bytes).size);
        else if (g_strcmp0(event->name, "warning") == 0)
            text = g_strdup_printf("The %s's user reads: \"%s\"", who, event->value);
        else
            text = g_strdup(event->value);
        tell_paragraph(story, text);
    }
}

static void tell_states(Story *story, const FlowRow *row)
{
    for (guint i = 0; i < row->states->len; i++) {
        const TraceEvent *event = g_ptr_array_index(row->states, i);
        if (!flow_state_settles(event->after))
            continue;
        g_autofree char *state = g_ascii_strdown(event->after, -1);
        g_autofree char *text = g_strdup_printf("For the %s, the connection is now: %s.",
                                                trace_party(story->trace, event->party)->name,
                                                g_strdelimit(state, "_", ' '));
        tell_paragraph(story, text);
    }
}

static void tell_row(Story *story, const FlowRow *row)
{
    if (row->kind == FLOW_MOMENT) {
        g_autofree char *time = text_duration(row->event->time);
        g_autofree char *text =
            g_strdup_printf("Nothing more comes. Time goes by, until %s.", time);
        g_string_append_c(story->output, '\n');
        tell(story, "", "", text);
    } else {
        tell_heading(story, row);
        if (row->kind == FLOW_MESSAGE)
            tell_message(story, row);
        tell_mischief(story, row);
    }
    tell_record(story, row);
    tell_certificates(story, row);
    tell_facts(story, row);
    tell_checks(story, row);
    tell_keys(story, row);
    tell_notes(story, row);
    tell_states(story, row);
}

static void tell_end(Story *story)
{
    g_autofree char *verdict = describe_verdict(story->trace);
    if (verdict == NULL)
        return;
    g_autofree char *text = g_strdup_printf("So it ends: %s.", verdict);
    g_string_append_c(story->output, '\n');
    tell(story, "", "", text);
}
