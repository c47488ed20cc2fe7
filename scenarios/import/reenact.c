/* From captured connections to a scenario.
 *
 * The messages of each connection are read once more, in order, and every one settles something of
 * a plan: what the client offers, what the server chooses, which certificates are shown, what is
 * done when. The plan is printed, read back and run; where the run says something else than the
 * capture did, or an expectation does not hold, the difference is written at the scenario's head.
 * So its comments are no guesses. A client that went on though a check failed is found the same
 * way: if ours stops where the captured one did not, its user is told to go on.
 *
 * Sources: see the files of the parts.
 */
#include "scenarios/import/reenact.h"

#include <string.h>

#include "scenarios/import/reenact_parts.h"
#include "scenarios/language/defaults.h"
#include "scenarios/language/scenario.h"
#include "sim/world.h"

void retell_left_out(Retelling *retelling, char *clause)
{
    if (g_ptr_array_find_with_equal_func(retelling->left_out, clause, g_str_equal, NULL))
        g_free(clause);
    else
        g_ptr_array_add(retelling->left_out, clause);
}

static void scene_clear(Scene *scene)
{
    g_free(scene->path);
    g_clear_pointer(&scene->id, g_bytes_unref);
    *scene = (Scene){0};
}

static void party_begin(PlanParty *party)
{
    party->options = options_default();
    g_array_set_size(party->suites, 0);
    g_clear_pointer(&party->shows, g_free);
}

/* The day on which the run begins: that of the capture, unless certificates around it would leave
 * the calendar (RFC 5280 4.1.2.5 ends with the year 9999), as with a clock that was broken. */
static void begin_clock(Retelling *retelling)
{
    const int64_t century = 36525 * INT64_C(86400);
    g_autoptr(GDateTime) later = g_date_time_new_from_unix_utc(retelling->origin + century);
    if (later != NULL)
        retelling->plan->clock = retelling->origin;
    else
        retell_left_out(retelling, g_strdup("its date, which is beyond the calendar"));
}

static void retelling_begin(Retelling *retelling, const Trace *first)
{
    Plan *plan = defaults_plan(NULL);
    retelling->plan = plan;
    retelling->client = plan_party(plan, PARTY_CLIENT);
    retelling->server = plan_party(plan, PARTY_SERVER);
    retelling->left_out = g_ptr_array_new_with_free_func(g_free);
    retelling->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    retelling->offered = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    retelling->shares = g_array_new(FALSE, FALSE, sizeof(GroupNumber));
    retelling->speech.bytes = g_byte_array_new();
    retelling->origin = first->header.clock;
    begin_clock(retelling);
    party_begin(retelling->client);
    party_begin(retelling->server);
    retelling->server->first = retelling->server->last = VERSION_NONE;
}

static void retelling_end(Retelling *retelling)
{
    scene_clear(&retelling->scene);
    retell_keys_free(retelling->keys);
    plan_free(retelling->plan);
    g_ptr_array_unref(retelling->left_out);
    g_ptr_array_unref(retelling->sessions);
    g_array_unref(retelling->offered);
    g_array_unref(retelling->shares);
    g_byte_array_unref(retelling->speech.bytes);
    g_free(retelling->chosen);
}

/* --- messages --- */

static bool is_said(const TraceEvent *event)
{
    return event->kind == TRACE_MESSAGE && !event->incoming;
}

static bool stays_closed(const TraceEvent *event)
{
    return event->message_kind == MESSAGE_NONE || event->bytes == NULL;
}

static void tell_message(Retelling *retelling, const TraceEvent *event)
{
    const Scene *scene = &retelling->scene;
    MessageKind kind = event->message_kind;
    MessageKind as = message_is_ssl2(kind)                             ? MESSAGE_SSL2
                     : message_content_type(kind) == CONTENT_HANDSHAKE ? MESSAGE_NONE
                                                                       : kind;
    const WalkContext context = {
        .version = scene->version == VERSION_NONE ? VERSION_TLS_1_3 : scene->version,
        .key_exchange = scene->suite == NULL ? KEY_EXCHANGE_RSA : scene->suite->key_exchange,
        .sender = event->direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER,
    };
    Message message = {.kind = kind};
    uint64_t time = retell_time(retelling, event);
    bool read = !stays_closed(event) &&
                message_read(bytes_from_gbytes(event->bytes), as, &context, &message, NULL, NULL);
    if (kind != MESSAGE_APPLICATION_DATA && !stays_closed(event))
        retell_speech_end(retelling);
    if (read) {
        retell_hello(retelling, &message, time);
        retell_settings(retelling, &message, event->direction);
    }
    retell_play(retelling, event, read ? &message : NULL);
    retelling->time = MAX(retelling->time, time);
}

/* Several messages of a flight in one record. */
static void look_at_records(Retelling *retelling, const TraceEvent *before, const TraceEvent *event)
{
    bool client = event->direction == DIRECTION_TO_SERVER;
    bool handshake = message_content_type(event->message_kind) == CONTENT_HANDSHAKE &&
                     event->message_kind != MESSAGE_NONE && !message_is_ssl2(event->message_kind);
    if (handshake && before != NULL && before->direction == event->direction &&
        before->record == event->record)
        (client ? retelling->client : retelling->server)->coalesces = true;
}

/* The version that a connection's first hello offers at most, in the field that all have. */
static ProtocolVersion offered_version(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        Bytes bytes = bytes_from_gbytes(event->bytes);
        if (is_said(event) && event->message_kind == MESSAGE_CLIENT_HELLO)
            return (ProtocolVersion)bytes_number(bytes_slice(bytes, HANDSHAKE_HEADER_SIZE, 2));
    }
    return VERSION_NONE;
}

/* Another connection: the client's wish, or what it does after a failure (RFC 7507 1). */
static void tell_again(Retelling *retelling, const Trace *trace)
{
    bool lower = retelling->scene.failed && !retelling->scene.established &&
                 offered_version(trace) < offered_version(retelling->trace);
    retelling->client->retries_lower = retelling->client->retries_lower || lower;
    scene_clear(&retelling->scene);
    retelling->connection++;
    if (!lower)
        retell_act(retelling, ACT_RECONNECT, ROLE_CLIENT, retelling->offset);
    /* what is thrown away is thrown away ahead of that */
    retelling->scene.begins = retelling->plan->acts->len - (lower ? 0 : 1);
}

static void tell_connection(Retelling *retelling, const Trace *trace)
{
    int64_t since = (trace->header.clock - retelling->origin) * G_USEC_PER_SEC;
    const TraceEvent *before = NULL;
    retelling->offset = since > 0 ? (uint64_t)since : 0;
    g_ptr_array_set_size(retelling->plan->expects, 0); /* those of the last one count */
    if (retelling->trace != NULL)
        tell_again(retelling, trace);
    retelling->trace = trace;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (!is_said(event))
            continue;
        look_at_records(retelling, before, event);
        tell_message(retelling, event);
        before = event;
    }
    retell_speech_end(retelling);
    retell_unanswered(retelling);
}

/* --- what is needed besides --- */

static void replace(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

/* Nobody saw the server's certificate: the lab's own, for the name that was asked for. */
static void show_something(Retelling *retelling)
{
    enum { DAY = 86400, YEAR = 366 * DAY };
    Plan *plan = retelling->plan;
    CertificateSpec *site = defaults_add_certificate(plan, "site");
    const char *name = retelling->client->expects;
    replace(&site->subject, "CN=site,O=Lab");
    bool another = name == NULL || retelling->server->options.refuses_unknown_names;
    replace(&site->names, another ? "site.example" : name);
    replace(&retelling->server->shows, "site");
    site->not_before = plan->clock - DAY;
    site->not_after = plan->clock + YEAR;
}

/* The laboratory's root was valid, whenever it was. */
static void widen_root(Plan *plan)
{
    for (guint i = 0; i < plan->certificates->len; i++) {
        CertificateSpec *spec = g_ptr_array_index(plan->certificates, i);
        if (strcmp(spec->name, "lab-root") != 0)
            continue;
        spec->not_before = MIN(spec->not_before, plan->clock);
        spec->not_after = MAX(spec->not_after, plan->clock);
    }
}

static void fill_suites(PlanParty *party)
{
    size_t count = 0;
    const SuiteNumber *suites = plan_default_suites(&count);
    if (party->suites->len == 0)
        g_array_append_vals(party->suites, suites, (guint)count);
}

static void complete(Retelling *retelling, const char *name)
{
    PlanParty *server = retelling->server, *client = retelling->client;
    const TraceLink *link = trace_link(retelling->trace, 0);
    Plan *plan = retelling->plan;
    if (server->last == VERSION_NONE) {
        server->last = MAX(client->last, VERSION_TLS_1_2);
        server->first = MIN(client->first, VERSION_TLS_1_0);
    }
    if (server->shows == NULL)
        show_something(retelling);
    fill_suites(client);
    fill_suites(server);
    widen_root(plan);
    retell_expects(retelling);
    plan->name = g_strdup(name);
    plan->title = g_strdup_printf("Again: %s", name);
    plan->about = g_strdup_printf("What %s and %s (port %u) said to each other, as nearly as can "
                                  "be.",
                                  link->left_address, link->right_address, link->right_port);
}

static bool same_ends(const Trace *a, const Trace *b)
{
    const TraceLink *one = trace_link(a, 0), *other = trace_link(b, 0);
    return strcmp(one->left_address, other->left_address) == 0 &&
           strcmp(one->right_address, other->right_address) == 0 &&
           one->right_port == other->right_port;
}

/* The connections of the first one's two ends: GPtrArray of const Trace *. */
static GPtrArray *choose(Retelling *retelling, const GPtrArray *traces)
{
    GPtrArray *chosen = g_ptr_array_new();
    const Trace *first = g_ptr_array_index(traces, 0);
    for (guint i = 0; i < traces->len; i++)
        if (same_ends(first, g_ptr_array_index(traces, i)))
            g_ptr_array_add(chosen, g_ptr_array_index(traces, i));
    if (chosen->len < traces->len)
        retell_left_out(retelling, g_strdup_printf("%u connections between other ends",
                                                   traces->len - chosen->len));
    return chosen;
}

/* --- proof --- */

static void append_data(GString *lines, bool *data)
{
    if (*data)
        g_string_append(lines, "Application Data\n");
    *data = false;
}

/* What a message is called; NULL: it stays closed, and nobody knows. */
static const char *said_name(const TraceEvent *event)
{
    const Conversation *list = conversation_of(event->family);
    bool row = event->row >= 0 && (size_t)event->row < list->count;
    if (event->message_kind != MESSAGE_NONE)
        return message_name(event->message_kind);
    return row ? message_name(list->steps[event->row].message) : NULL;
}

char *reenact_lines(const Trace *trace, int connection, Direction direction)
{
    GString *lines = g_string_new(NULL);
    bool data = false;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (!is_said(event) || event->connection != connection || event->direction != direction ||
            event->link > 0)
            continue;
        const char *name = said_name(event);
        if (name == NULL)
            break;
        if (event->message_kind == MESSAGE_APPLICATION_DATA) {
            data = true;
            continue;
        }
        append_data(lines, &data);
        g_string_append_printf(lines, "%s\n", name);
    }
    append_data(lines, &data);
    return g_string_free(lines, FALSE);
}

/* The first line in which two differ, from 0; -1: they do not. */
static int first_difference(char *const *was, char *const *is)
{
    int at = 0;
    while (was[at] != NULL && is[at] != NULL && strcmp(was[at], is[at]) == 0)
        at++;
    return was[at] == NULL && is[at] == NULL ? -1 : at;
}

static const char *line_or_nothing(const char *line)
{
    return line == NULL || *line == '\0' ? "nothing more" : line;
}

static bool any_closed(const Trace *trace, Direction direction)
{
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (is_said(event) && event->direction == direction && said_name(event) == NULL)
            return true;
    }
    return false;
}

static void compare(Retelling *retelling, const Trace *captured, const Trace *run, int connection)
{
    for (int direction = 0; direction < 2; direction++) {
        g_autofree char *was = reenact_lines(captured, 0, (Direction)direction);
        g_autofree char *is = reenact_lines(run, connection, (Direction)direction);
        g_auto(GStrv) before = g_strsplit(was, "\n", -1);
        g_auto(GStrv) after = g_strsplit(is, "\n", -1);
        int at = first_difference(before, after);
        bool hidden = any_closed(captured, (Direction)direction);
        if (hidden)
            retell_left_out(retelling, g_strdup("what the records say that stay closed"));
        if (at < 0 || (hidden && (before[at] == NULL || *before[at] == '\0')))
            continue;
        retell_left_out(retelling,
                        g_strdup_printf("message %d of the %s in connection %d: it was %s, here it "
                                        "is %s",
                                        at + 1, role_name((Role)direction), connection + 1,
                                        line_or_nothing(before[at]), line_or_nothing(after[at])));
    }
}

static const TraceEvent *verdict_of(const Trace *run)
{
    return trace_at(run, trace_count(run) - 1);
}

/* What does not hold here is not expected of it. */
static void drop_expectations(Retelling *retelling, const Trace *run)
{
    const GPtrArray *judged = verdict_of(run)->expectations;
    GPtrArray *expects = retelling->plan->expects;
    for (guint i = MIN(judged->len, expects->len); i-- > 0;) {
        const TraceExpectation *one = g_ptr_array_index(judged, i);
        if (one->held)
            continue;
        retell_left_out(retelling, g_strdup_printf("the capture's \"%s\": here it is \"%s\"",
                                                   one->text, one->got));
        g_ptr_array_remove_index(expects, i);
    }
}

/* Prints the plan, reads that and runs it. */
static Trace *perform(const Retelling *retelling, const char *name, Fault *fault)
{
    g_autofree char *text = plan_print_changes(retelling->plan);
    g_autofree char *report = NULL;
    g_autoptr(Scenario) scenario = scenario_parse(name, name, text, strlen(text), &report);
    if (scenario != NULL)
        return world_play(scenario_plan(scenario, 0), fault);
    fault_set(fault, FAULT_OF_PEER, ALERT_INTERNAL_ERROR, NULL,
              "what was captured makes no scenario: %s", report);
    return NULL;
}

static bool client_failed(const Trace *run)
{
    for (size_t i = 0; i < trace_count(run); i++) {
        const TraceEvent *event = trace_at(run, i);
        if (event->kind == TRACE_ALERT && !event->incoming && event->party == 0 &&
            event->level == ALERT_LEVEL_FATAL)
            return true;
    }
    return false;
}

static Trace *prove(Retelling *retelling, const GPtrArray *chosen, const char *name, Fault *fault)
{
    Trace *run = perform(retelling, name, fault);
    if (run != NULL && client_failed(run) && !retelling->scene.failed) {
        trace_free(run);
        retelling->client->user_goes_on = true;
        run = perform(retelling, name, fault);
    }
    for (guint i = 0; run != NULL && i < chosen->len; i++)
        compare(retelling, g_ptr_array_index(chosen, i), run, (int)i);
    if (run != NULL)
        drop_expectations(retelling, run);
    retell_expects_something(retelling);
    return run;
}

static char *print(const Retelling *retelling, guint connections)
{
    g_autofree char *text = plan_print_changes(retelling->plan);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(retelling->origin);
    g_autofree char *date = time == NULL ? g_strdup("a day beyond the calendar")
                                         : g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC");
    GString *output = g_string_new(NULL);
    g_string_append_printf(output, "# %u %s, captured on %s.\n", connections,
                           connections == 1 ? "connection" : "connections", date);
    for (guint i = 0; i < retelling->left_out->len; i++)
        g_string_append_printf(output, "# not re-enacted: %s\n",
                               (const char *)g_ptr_array_index(retelling->left_out, i));
    g_string_append(output, text);
    return g_string_free(output, FALSE);
}

char *reenact(const GPtrArray *traces, const char *name, Fault *fault)
{
    Retelling retelling = {0};
    g_assert(traces->len > 0);
    retelling_begin(&retelling, g_ptr_array_index(traces, 0));
    g_autoptr(GPtrArray) chosen = choose(&retelling, traces);
    for (guint i = 0; i < chosen->len; i++)
        tell_connection(&retelling, g_ptr_array_index(chosen, i));
    complete(&retelling, name);
    g_autoptr(Trace) run = prove(&retelling, chosen, name, fault);
    char *text = run == NULL ? NULL : print(&retelling, chosen->len);
    retelling_end(&retelling);
    return text;
}
