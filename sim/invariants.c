/* What must hold of every run.
 *
 * One connection, both sides connected: then the same version, suite, master secret and, but for
 * SSL 2.0, which proves none, transcript. Who hears a message unchanged hears it under the keys
 * that it was said under. No side is delivered data before its handshake is complete, but for
 * accepted early data, nor after it has failed; it sends at most one fatal alert, and nothing after
 * it. Every run ends, with a verdict as its last event. Checked apart from the run, so that no
 * engine can explain itself.
 *
 * Sources: RFC 5246 7.2.2 (after a fatal alert), 7.4.9 (Finished), F.1 (what authentication gives);
 * RFC 8446 6 (under which keys an alert is said).
 */
#include "sim/invariants.h"

#include <string.h>

typedef struct {
    bool connected;   /* has entered CONNECTED once */
    bool unconfirmed; /* waits for the Finished of new keys */
    bool ended;       /* entered FAILED, CLOSED or TIMED_OUT */
    bool failed;
    bool fatal; /* has sent a fatal alert */
    bool early; /* has accepted early data: RFC 8446 2.3 delivers it before Finished */
} Side;

static void broken(GPtrArray *list, const Trace *trace, int party, int event, const char *what)
{
    g_ptr_array_add(
        list, g_strdup_printf("event %d: the %s %s", event, trace_party(trace, party)->name, what));
}

/* An attacker has two endpoints in one party: told apart by the link; each connection begins anew.
 */
static Side *side_of(GHashTable *sides, const TraceEvent *event)
{
    char *key = g_strdup_printf("%d %d %d", event->party, event->link, event->connection);
    Side *side = g_hash_table_lookup(sides, key);
    if (side != NULL) {
        g_free(key);
        return side;
    }
    side = g_new0(Side, 1);
    g_hash_table_insert(sides, key, side);
    return side;
}

static void check_event(GPtrArray *list, const Trace *trace, Side *side, const TraceEvent *event)
{
    bool says = event->kind == TRACE_MESSAGE && !event->incoming;
    if (event->kind == TRACE_DATA && !side->connected && !side->early)
        broken(list, trace, event->party, event->number, "is delivered data before Finished");
    if (event->kind == TRACE_DATA && side->unconfirmed && !side->early)
        broken(list, trace, event->party, event->number,
               "is delivered data under unconfirmed keys");
    if (event->kind == TRACE_DATA && side->failed)
        broken(list, trace, event->party, event->number, "is delivered data after it has failed");
    if (says && side->ended)
        broken(list, trace, event->party, event->number, "says something after its end");
    if (event->kind == TRACE_ALERT && !event->incoming && event->level == ALERT_LEVEL_FATAL) {
        if (side->fatal)
            broken(list, trace, event->party, event->number, "sends a second fatal alert");
        side->fatal = true;
    }
    if (event->kind == TRACE_FACT && strcmp(event->name, "early_data") == 0)
        side->early = strcmp(event->value, "accepted") == 0;
    if (event->kind != TRACE_STATE)
        return;
    side->unconfirmed = g_str_has_suffix(event->after, "_FINISHED");
    side->connected = side->connected || strcmp(event->after, "CONNECTED") == 0;
    side->failed = strcmp(event->after, "FAILED") == 0;
    side->ended = side->failed || strcmp(event->after, "CLOSED") == 0 ||
                  strcmp(event->after, "TIMED_OUT") == 0;
}

/* The ordinal alone would pair a message with another one where the network drops or doubles. */
static void check_keys(GPtrArray *list, const Trace *trace, GHashTable *said,
                       const TraceEvent *event)
{
    char *key = g_strdup_printf("%d %d %d %d", event->link, event->connection,
                                (int)event->direction, event->message);
    if (!event->incoming) {
        g_hash_table_insert(said, key, (gpointer)(uintptr_t)event);
        return;
    }
    const TraceEvent *other = g_hash_table_lookup(said, key);
    g_free(key);
    if (other != NULL && other->epoch != event->epoch &&
        bytes_equal(bytes_from_gbytes(other->bytes), bytes_from_gbytes(event->bytes)))
        broken(list, trace, event->party, event->number,
               "hears a message under other keys than it was said under");
}

GPtrArray *invariants_broken_in(const Trace *trace)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) sides = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    size_t count = trace_count(trace);
    uint64_t time = 0;
    for (size_t i = 0; i < count; i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->time < time)
            g_ptr_array_add(list, g_strdup_printf("event %d: time goes back", event->number));
        time = event->time;
        if (event->party >= 0)
            check_event(list, trace, side_of(sides, event), event);
        if (event->kind == TRACE_MESSAGE)
            check_keys(list, trace, said, event);
    }
    if (count == 0 || trace_at(trace, count - 1)->kind != TRACE_VERDICT)
        g_ptr_array_add(list, g_strdup("the run does not end with a verdict"));
    return list;
}

static void check_pair(GPtrArray *list, const Endpoint *client, const Endpoint *server)
{
    if (endpoint_version(client) != endpoint_version(server))
        g_ptr_array_add(list, g_strdup("both connected with different versions"));
    if (endpoint_suite(client) != endpoint_suite(server))
        g_ptr_array_add(list, g_strdup("both connected with different suites"));
    if (!bytes_equal(endpoint_master_secret(client), endpoint_master_secret(server)))
        g_ptr_array_add(list, g_strdup("both connected with different master secrets"));
    bool proved = endpoint_version(client) != version_find(VERSION_SSL_2_0); /* RFC 6176 2 */
    uint8_t said[HASH_SIZE_MOST], heard[HASH_SIZE_MOST];
    Bytes at_client = bytes_make(said, endpoint_transcript_hash(client, said));
    Bytes at_server = bytes_make(heard, endpoint_transcript_hash(server, heard));
    if (proved && !bytes_equal(at_client, at_server))
        g_ptr_array_add(list, g_strdup("both connected with different transcripts"));
}

GPtrArray *invariants_broken(const World *world)
{
    const Trace *trace = world_trace((World *)(uintptr_t)world);
    GPtrArray *list = invariants_broken_in(trace);
    const Endpoint *client = world_endpoint(world, ROLE_CLIENT);
    const Endpoint *server = world_endpoint(world, ROLE_SERVER);
    bool direct = trace->header.parties->len == 2;
    if (direct && client != NULL && server != NULL && endpoint_handshakes(client) > 0 &&
        endpoint_handshakes(client) == endpoint_handshakes(server))
        check_pair(list, client, server);
    return list;
}
