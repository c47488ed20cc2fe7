/* The trace: a header and an append-only list of events.
 *
 * It stores and names; it judges nothing and formats nothing. Everything that a person or a test
 * may know of a run is a fold over these events, so an event holds its bytes, its place and its
 * reason, and never a pointer into an engine.
 */
#include "core/engine/trace.h"

static void party_free(gpointer data)
{
    TraceParty *party = data;
    g_free(party->name);
    g_free(party);
}

static void link_free(gpointer data)
{
    TraceLink *link = data;
    g_free(link->left_address);
    g_free(link->right_address);
    g_free(link);
}

static void certificate_free(TraceCertificate *certificate)
{
    g_free(certificate->subject);
    g_free(certificate->issuer);
    g_free(certificate->serial);
    g_free(certificate->names);
    g_free(certificate->key);
    g_free(certificate->key_fingerprint);
    g_free(certificate->fingerprint);
    g_free(certificate->signature);
    g_free(certificate);
}

static void expectation_free(gpointer data)
{
    TraceExpectation *expectation = data;
    g_free(expectation->text);
    g_free(expectation->expected);
    g_free(expectation->got);
    g_free(expectation);
}

static void event_free(gpointer data)
{
    TraceEvent *event = data;
    g_clear_pointer(&event->bytes, g_bytes_unref);
    g_clear_pointer(&event->received, g_bytes_unref);
    g_clear_pointer(&event->spans, g_array_unref);
    g_free(event->name);
    g_free(event->value);
    g_free(event->reason);
    g_free(event->before);
    g_free(event->after);
    g_clear_pointer(&event->certificate, certificate_free);
    g_clear_pointer(&event->expectations, g_ptr_array_unref);
    g_free(event);
}

Trace *trace_new(void)
{
    Trace *trace = g_new0(Trace, 1);
    trace->header.format = TRACE_FORMAT_VERSION;
    trace->header.parties = g_ptr_array_new_with_free_func(party_free);
    trace->header.links = g_ptr_array_new_with_free_func(link_free);
    trace->events = g_ptr_array_new_with_free_func(event_free);
    return trace;
}

void trace_free(Trace *trace)
{
    if (trace == NULL)
        return;
    g_free(trace->header.scenario);
    g_free(trace->header.title);
    g_free(trace->header.about);
    g_free(trace->header.spec);
    g_free(trace->header.text);
    g_ptr_array_unref(trace->header.parties);
    g_ptr_array_unref(trace->header.links);
    g_ptr_array_unref(trace->events);
    g_free(trace);
}

void trace_add_party(Trace *trace, const char *name, PartyKind kind)
{
    TraceParty *party = g_new0(TraceParty, 1);
    party->name = g_strdup(name);
    party->kind = kind;
    g_ptr_array_add(trace->header.parties, party);
}

void trace_add_link(Trace *trace, int left, int right, uint16_t port)
{
    enum { FIRST_EPHEMERAL_PORT = 49152 }; /* RFC 6335 6 */
    TraceLink *link = g_new0(TraceLink, 1);
    unsigned net = trace->header.links->len + 1;
    link->left = left;
    link->right = right;
    link->left_address = g_strdup_printf("10.0.%u.1", net);
    link->right_address = g_strdup_printf("10.0.%u.2", net);
    link->left_port = FIRST_EPHEMERAL_PORT;
    link->right_port = port;
    g_ptr_array_add(trace->header.links, link);
}

TraceEvent *trace_add(Trace *trace, TraceKind kind)
{
    TraceEvent *event = g_new0(TraceEvent, 1);
    event->number = (int)trace->events->len + 1;
    event->time = trace->now;
    event->kind = kind;
    event->party = event->link = event->row = -1;
    event->family = FAMILY_SSL3;
    event->message_kind = MESSAGE_NONE;
    g_ptr_array_add(trace->events, event);
    return event;
}

const TraceEvent *trace_at(const Trace *trace, size_t index)
{
    return g_ptr_array_index(trace->events, index);
}

size_t trace_count(const Trace *trace)
{
    return trace->events->len;
}

const TraceParty *trace_party(const Trace *trace, int party)
{
    return g_ptr_array_index(trace->header.parties, party);
}

const TraceLink *trace_link(const Trace *trace, int link)
{
    return g_ptr_array_index(trace->header.links, link);
}

bool trace_held(const Trace *trace)
{
    if (trace->events->len == 0)
        return false;
    const TraceEvent *last = trace_at(trace, trace->events->len - 1);
    if (last->kind != TRACE_VERDICT)
        return false;
    for (guint i = 0; i < last->expectations->len; i++) {
        const TraceExpectation *expectation = g_ptr_array_index(last->expectations, i);
        if (!expectation->held)
            return false;
    }
    return true;
}

TraceCertificate *trace_certificate_new(void)
{
    return g_new0(TraceCertificate, 1);
}

TraceExpectation *trace_expectation_new(void)
{
    TraceExpectation *expectation = g_new0(TraceExpectation, 1);
    expectation->event = -1;
    return expectation;
}

GPtrArray *trace_expectations_new(void)
{
    return g_ptr_array_new_with_free_func(expectation_free);
}

const char *trace_kind_name(TraceKind kind)
{
    static const char *const names[TRACE_KINDS] = {
        [TRACE_MESSAGE] = "message", [TRACE_RECORD] = "record",
        [TRACE_KEYS] = "keys",       [TRACE_FACT] = "fact",
        [TRACE_CHECK] = "check",     [TRACE_CERTIFICATE] = "certificate",
        [TRACE_ALERT] = "alert",     [TRACE_MISCHIEF] = "mischief",
        [TRACE_NOTE] = "note",       [TRACE_STATE] = "state",
        [TRACE_DATA] = "data",       [TRACE_VERDICT] = "verdict",
    };
    return names[kind];
}

const char *party_kind_name(PartyKind kind)
{
    static const char *const names[] = {
        [PARTY_CLIENT] = "client",
        [PARTY_SERVER] = "server",
        [PARTY_PROXY] = "proxy",
        [PARTY_ATTACKER] = "attacker",
    };
    return names[kind];
}

const char *trace_result_name(TraceResult result)
{
    static const char *const names[] = {
        [TRACE_PASSED] = "passed",
        [TRACE_FAILED] = "failed",
        [TRACE_SKIPPED] = "skipped",
        [TRACE_OVERRIDDEN] = "overridden",
    };
    return names[result];
}

const char *record_fate_name(RecordFate fate)
{
    static const char *const names[] = {
        [FATE_DELIVERED] = "delivered",   [FATE_CHANGED] = "changed", [FATE_DROPPED] = "dropped",
        [FATE_DUPLICATED] = "duplicated", [FATE_LOST] = "lost",
    };
    return names[fate];
}

/* --- the key log --- */

/* Whether `event` is a secret of that name of the same handshake as `other`. */
static bool is_twin(const TraceEvent *event, const TraceEvent *other, const char *name)
{
    return event->kind == TRACE_KEYS && event->party == other->party &&
           event->link == other->link && event->connection == other->connection &&
           event->epoch == other->epoch && g_strcmp0(event->name, name) == 0;
}

/* The last one before `before`, or the first behind it. */
static const TraceEvent *twin_of(const Trace *trace, size_t before, const char *name)
{
    for (size_t i = before; i-- > 0;)
        if (is_twin(trace_at(trace, i), trace_at(trace, before), name))
            return trace_at(trace, i);
    for (size_t i = before + 1; i < trace_count(trace); i++)
        if (is_twin(trace_at(trace, i), trace_at(trace, before), name))
            return trace_at(trace, i);
    return NULL;
}

const char *trace_secret_label(const TraceEvent *event)
{
    static const struct {
        const char *name, *label;
    } labels[] = {
        {"client_early_traffic_secret", "CLIENT_EARLY_TRAFFIC_SECRET"},
        {"client_handshake_traffic_secret", "CLIENT_HANDSHAKE_TRAFFIC_SECRET"},
        {"server_handshake_traffic_secret", "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
        {"client_application_traffic_secret_0", "CLIENT_TRAFFIC_SECRET_0"},
        {"server_application_traffic_secret_0", "SERVER_TRAFFIC_SECRET_0"},
        {"exporter_master_secret", "EXPORTER_SECRET"},
    };
    if (event->kind != TRACE_KEYS || event->name == NULL)
        return NULL;
    if (event->family == FAMILY_SSL3 && strcmp(event->name, "master_secret") == 0)
        return "CLIENT_RANDOM";
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        if (strcmp(labels[i].name, event->name) == 0)
            return labels[i].label;
    return NULL;
}

const TraceEvent *trace_secret_random(const Trace *trace, size_t index)
{
    const TraceEvent *random = twin_of(trace, index, "client_random");
    return random == NULL || random->bytes == NULL ? NULL : random;
}
