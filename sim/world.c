/* The world: the clock, the parties and the links between them, as a plan asks.
 *
 * Parties stand in a row, a link between each two neighbours. Time is a number that jumps from one
 * arrival to the next; acts follow each other when nothing is on its way any more. A handshake that
 * can no longer advance ends by a timeout of virtual time, so every run ends. The world knows no
 * message: endpoints speak, links carry, applications ask.
 */
#include "sim/world.h"

#include <string.h>

#include "core/crypto/library.h"
#include "core/crypto/version.h"
#include "sim/application.h"
#include "sim/attacker.h"
#include "sim/balancer.h"
#include "sim/edits.h"
#include "sim/link.h"
#include "sim/party.h"
#include "sim/pki.h"
#include "sim/tap.h"
#include "sim/verdict.h"

enum {
    HANDSHAKE_TIMEOUT = 30 * G_USEC_PER_SEC, /* of virtual time: what browsers wait */
    ARRIVALS_MOST = 100000, /* a run ends even when two parties answer each other for ever */
};

struct World {
    const Plan *plan;
    Trace *trace;
    Pki *pki;
    GPtrArray *parties; /* of Party * */
    GPtrArray *links;   /* of Link *: between parties i and i + 1 */
    Middlebox *rules;   /* of the first link; NULL without rules */
    Middlebox *tap;     /* of the first link, ahead of the rules; NULL without one */
    uint64_t now;
    int connection; /* the ordinal of the one that is open, from 0 */
    unsigned arrivals;
};

static Party *world_party(const World *world, guint index)
{
    return g_ptr_array_index(world->parties, index);
}

static Link *world_link(const World *world, guint index)
{
    return g_ptr_array_index(world->links, index);
}

static void free_link(gpointer data)
{
    link_free(data);
}

void world_free(World *world)
{
    if (world == NULL)
        return;
    g_ptr_array_unref(world->parties);
    g_ptr_array_unref(world->links);
    pki_free(world->pki);
    trace_free(world->trace);
    g_free(world);
}

/* The act that a client with false start does as soon as it may. */
static const PlanAct *eager_act(const World *world, const PlanParty *words)
{
    const PlanAct *first =
        world->plan->acts->len == 0 ? NULL : g_ptr_array_index(world->plan->acts, 0);
    bool eager = words->kind == PARTY_CLIENT && words->options.false_start && first != NULL &&
                 first->kind == ACT_REQUEST && first->who == ROLE_CLIENT;
    return eager ? first : NULL;
}

static void world_connect(World *world, guint index)
{
    Party *party = g_ptr_array_index(world->parties, index);
    /* a client speaks over the link on its right, a server over the one on its left */
    int link = party->plan->kind == PARTY_CLIENT ? (int)index : (int)index - 1;
    TraceSink sink = {
        .trace = world->trace,
        .party = (int)index,
        .link = link,
        .connection = world->connection,
    };
    party_connect(party, &sink, eager_act(world, party->plan));
}

static bool world_add_party(World *world, const PlanParty *plan, Fault *fault)
{
    Party *party = g_new0(Party, 1);
    guint index = world->parties->len;
    g_ptr_array_add(world->parties, party);
    trace_add_party(world->trace, plan->name, plan->kind);
    if (!party_configure(party, world->plan, plan, world->pki, fault))
        return false;
    world_connect(world, index);
    return true;
}

/* The attacker's two endpoints are told as little as he needs: a certificate to show to the client,
 * and whom to believe on the server's side. */
static bool world_add_attacker(World *world, const PlanAttack *attack, Fault *fault)
{
    const PlanParty *client = plan_party(world->plan, PARTY_CLIENT);
    Party *party = g_new0(Party, 1);
    int index = (int)world->parties->len;
    g_ptr_array_add(world->parties, party);
    trace_add_party(world->trace, attack->name, PARTY_ATTACKER);
    party->random = random_new(world->plan->seed, attack->name);
    party->program = attack->code;
    AttackSetup *setup = &party->setup;
    *setup = (AttackSetup){
        .random = party->random,
        .left = {.trace = world->trace, .party = index, .link = index - 1},
        .right = {.trace = world->trace, .party = index, .link = index},
        .replaces = attack->replaces,
        .with = attack->with,
    };
    EndpointConfig *front = &setup->toward_client, *back = &setup->toward_server;
    front->role = ROLE_SERVER;
    back->role = ROLE_CLIENT;
    front->first = back->first = client->first;
    front->last = back->last = client->last;
    front->suites = back->suites = (const SuiteNumber *)(void *)client->suites->data;
    front->options = back->options = client->options;
    front->suite_count = back->suite_count = client->suites->len;
    front->clock = back->clock = world->plan->clock;
    front->prefers_client_order = true;
    back->server_name = client->server_name;
    back->user_goes_on = attack->trusts->len == 0; /* he believes anybody */
    if (!pki_credential(world->pki, attack->shows, NULL, &front->credential, fault))
        return false;
    back->trusted = pki_trusted(world->pki, attack->trusts, fault);
    return back->trusted != NULL;
}

/* The two sides of a balancer: the server that its words make, and a client for what is behind. */
static bool world_add_balancer(World *world, const PlanParty *plan, Fault *fault)
{
    Party *party = g_new0(Party, 1);
    int index = (int)world->parties->len;
    g_ptr_array_add(world->parties, party);
    trace_add_party(world->trace, plan->name, plan->kind);
    if (!party_configure(party, world->plan, plan, world->pki, fault))
        return false;
    party->program = &balancer_program;
    party->setup = (AttackSetup){
        .random = party->random,
        .left = {.trace = world->trace, .party = index, .link = index - 1},
        .right = {.trace = world->trace, .party = index, .link = index},
    };
    party_take_side(party, world->connection);
    EndpointConfig *back = &party->setup.toward_server;
    *back = (EndpointConfig){
        .role = ROLE_CLIENT,
        .plain_text = plan->behind_plain_text,
        .first = plan->first,
        .last = plan->last,
        .suites = party->config.suites,
        .suite_count = party->config.suite_count,
        .options = options_default(),
        .clock = world->plan->clock,
        .expected_name = plan->expects,
        .server_name = plan->server_name,
        .trusted = pki_trusted(world->pki, plan->trusts, fault),
    };
    return back->trusted != NULL;
}

static bool world_add_one(World *world, const PlanParty *plan, Fault *fault)
{
    return plan->kind == PARTY_PROXY ? world_add_balancer(world, plan, fault)
                                     : world_add_party(world, plan, fault);
}

static void world_add_links(World *world)
{
    enum { HTTP = 80, HTTPS = 443 }; /* RFC 9110 4.2 */
    const Plan *plan = world->plan;
    const PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    for (guint i = 0; i + 1 < world->parties->len; i++) {
        bool last = i + 2 == world->parties->len;
        bool plain = last && balancer != NULL && balancer->behind_plain_text;
        trace_add_link(world->trace, (int)i, (int)i + 1, plain ? HTTP : HTTPS);
        g_ptr_array_add(world->links, link_new(world->trace, (int)i, plan->network.latency));
        if (plain)
            link_set_plain(world_link(world, i));
    }
}

static bool world_add_parties(World *world, Fault *fault)
{
    const Plan *plan = world->plan;
    for (guint i = 0; i < plan->parties->len; i++) {
        for (guint j = 0; i == 1 && j < plan->attacks->len; j++) /* next to the client */
            if (!world_add_attacker(world, g_ptr_array_index(plan->attacks, j), fault))
                return false;
        if (!world_add_one(world, g_ptr_array_index(plan->parties, i), fault))
            return false;
    }
    world_add_links(world);
    if (plan->network.tap != TAP_NONE) {
        const Party *server = world_party(world, plan->attacks->len + 1); /* or the balancer */
        world->tap = tap_new(plan->network.tap, server->config.credential.key);
        link_add(g_ptr_array_index(world->links, 0), world->tap);
    }
    if (plan->rules->len > 0) {
        world->rules = edits_new(plan->rules);
        link_add(g_ptr_array_index(world->links, 0), world->rules);
    }
    return true;
}

World *world_new(const Plan *plan, Fault *fault)
{
    if (!library_open(fault))
        return NULL;
    g_autoptr(World) world = g_new0(World, 1);
    world->plan = plan;
    world->parties = g_ptr_array_new_with_free_func(party_free);
    world->links = g_ptr_array_new_with_free_func(free_link);
    world->trace = trace_new();
    TraceHeader *header = &world->trace->header;
    header->scenario = g_strdup(plan->name);
    header->title = g_strdup(plan->title);
    header->about = g_strdup(plan->about);
    header->spec = g_strdup(plan->spec);
    header->seed = plan->seed;
    header->clock = plan->clock;
    header->text = g_strdup(plan->text);
    world->pki = pki_new(plan, fault);
    if (world->pki == NULL || !world_add_parties(world, fault))
        return NULL;
    return g_steal_pointer(&world);
}

void world_add_middlebox(World *world, unsigned link, Middlebox *box)
{
    g_assert(link < world->links->len);
    link_add(g_ptr_array_index(world->links, link), box);
}

/* Puts on the links what a party has to send. */
static void world_drain(World *world, guint index)
{
    Party *party = world_party(world, index);
    if (party->endpoint != NULL) {
        bool client = party->config.role == ROLE_CLIENT;
        Direction direction = client ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
        Link *link = world_link(world, client ? index : index - 1);
        link_send(link, direction, endpoint_output(party->endpoint), world->now);
        endpoint_output_sent(party->endpoint);
        if (endpoint_ends_transport(party->endpoint))
            link_end(link, direction, world->now);
        return;
    }
    for (int i = 0; i < 2; i++) {
        Direction direction = i == 0 ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
        Link *link = world_link(world, i == 0 ? index : index - 1);
        link_send(link, direction, party->program->output(party->attack, direction), world->now);
        party->program->output_sent(party->attack, direction);
        if (party->program->ends != NULL && party->program->ends(party->attack, direction))
            link_end(link, direction, world->now);
    }
}

/* Hands bytes to the party at the end of a link, and lets it act on them. */
static void world_deliver(World *world, guint link, const Arrival *arrival)
{
    guint index = arrival->direction == DIRECTION_TO_SERVER ? link + 1 : link;
    Party *party = world_party(world, index);
    Bytes bytes = bytes_from_gbytes(arrival->bytes);
    if (arrival->bytes == NULL) {
        if (party->endpoint != NULL)
            endpoint_transport_ended(party->endpoint, world->now);
        else if (party->program->ended != NULL)
            party->program->ended(party->attack, arrival->direction, world->now);
    } else if (party->endpoint != NULL) {
        endpoint_receive(party->endpoint, bytes, world->now);
        application_run(party->application, world->now);
    } else {
        party->program->receive(party->attack, arrival->direction, bytes, world->now);
    }
    world_drain(world, index);
}

static void world_set_now(World *world, uint64_t now)
{
    world->now = now;
    world->trace->now = now;
}

/* One arrival: the earliest of all links. False when nothing is on its way. */
static bool world_step(World *world)
{
    guint earliest = G_MAXUINT;
    uint64_t time = 0;
    for (guint i = 0; i < world->links->len; i++) {
        uint64_t at = 0;
        if (!link_next(world_link(world, i), &at) || (earliest != G_MAXUINT && at >= time))
            continue;
        earliest = i;
        time = at;
    }
    if (earliest == G_MAXUINT || world->arrivals++ >= ARRIVALS_MOST)
        return false;
    Arrival arrival;
    link_take(world_link(world, earliest), &arrival);
    world_set_now(world, time);
    world_deliver(world, earliest, &arrival);
    g_clear_pointer(&arrival.bytes, g_bytes_unref);
    return true;
}

static void world_settle(World *world)
{
    while (world_step(world))
        continue;
    for (guint i = 0; i < world->links->len; i++)
        link_flush(world_link(world, i), world->now);
    while (world_step(world))
        continue;
}

/* Nothing is on its way, and somebody still waits: after the timeout he waits no longer. */
static void world_time_out(World *world)
{
    bool waits = false;
    for (guint i = 0; i < world->parties->len; i++) {
        const Party *party = world_party(world, i);
        if (party->endpoint == NULL)
            continue;
        waits = waits || endpoint_waits(party->endpoint);
    }
    if (!waits)
        return;
    world_set_now(world, world->now + HANDSHAKE_TIMEOUT);
    for (guint i = 0; i < world->parties->len; i++) {
        Party *party = world_party(world, i);
        if (party->endpoint != NULL)
            endpoint_time_out(party->endpoint, world->now);
        else
            party->program->time_out(party->attack, world->now);
    }
}

static guint world_index(const World *world, Role role)
{
    return role == ROLE_CLIENT ? 0 : world->parties->len - 1;
}

/* What a side would have done, had there been a connection. */
static void world_skip(World *world, const PlanAct *act)
{
    static const char *const wishes[] = {
        [ACT_REQUEST] = "request",
        [ACT_SEND] = "send data",
        [ACT_RENEGOTIATE] = "renegotiate",
        [ACT_CLOSE] = "close",
        [ACT_WAIT] = "wait",
        [ACT_RECONNECT] = "connect again",
        [ACT_UPDATE_KEYS] = "update its keys",
        [ACT_ASK_CERTIFICATE] = "ask for a certificate",
        [ACT_HEARTBEAT] = "send a heartbeat",
        [ACT_EXPORT] = "export keying material",
        [ACT_ROTATE_TICKETS] = "rotate its ticket keys",
        [ACT_FORGET] = "forget its sessions",
    };
    bool open = endpoint_state(world_party(world, world_index(world, act->who))->endpoint) ==
                ENDPOINT_CONNECTED;
    TraceEvent *event = trace_add(world->trace, TRACE_NOTE);
    event->party = (int)world_index(world, act->who);
    event->connection = world->connection;
    event->name = g_strdup("skipped");
    event->value = g_strdup_printf(
        "The %s cannot %s%s%s: %s.", role_name(act->who), wishes[act->kind],
        act->kind == ACT_REQUEST ? " " : "", act->kind == ACT_REQUEST ? act->text : "",
        open ? "this connection does not allow it" : "there is no connection");
    event->line = act->line;
}

/* A pattern that a person recognises in a dump. */
static GByteArray *pattern(size_t size)
{
    static const char text[] = "Shakedown. ";
    GByteArray *bytes = g_byte_array_sized_new((guint)size);
    for (size_t i = 0; i < size; i++)
        g_byte_array_append(bytes, (const guint8 *)&text[i % (sizeof text - 1)], 1);
    return bytes;
}

static bool world_act_send(Party *party, const PlanAct *act, uint64_t now)
{
    if (act->text != NULL)
        return application_send(party->application, bytes_from_text(act->text), now);
    g_autoptr(GByteArray) bytes = pattern(act->size);
    return application_send(party->application, bytes_from_array(bytes), now);
}

/* Which of several machines a connection reaches, where there are several. */
static void world_tell_machine(World *world, guint index)
{
    const Party *party = world_party(world, index);
    const PlanParty *plan = party->plan;
    if (plan == NULL || plan->machines < 2)
        return;
    static const char *const shared[] = {
        "it has session cache and ticket keys of its own",
        "the session cache is shared, the ticket keys are its own",
        "the ticket keys are shared, the session cache is its own",
        "session cache and ticket keys are shared",
    };
    TraceEvent *event = trace_add(world->trace, TRACE_NOTE);
    event->party = (int)index;
    event->link = (int)index - 1;
    event->connection = world->connection;
    event->name = g_strdup("machine");
    event->value = g_strdup_printf(
        "The connection reaches machine %u of %u: %s.",
        (unsigned)world->connection % plan->machines + 1, plan->machines,
        shared[(plan->shares_sessions ? 1 : 0) + (plan->shares_ticket_keys ? 2 : 0)]);
}

static void world_start(World *world)
{
    for (guint i = 0; i < world->parties->len; i++)
        world_tell_machine(world, i);
    for (guint i = world->parties->len; i-- > 0;) { /* servers wait before clients speak */
        Party *party = world_party(world, i);
        if (party->endpoint != NULL)
            endpoint_start(party->endpoint, world->now);
        else
            party->attack = party->program->start(&party->setup, world->now);
        world_drain(world, i);
    }
}

/* What each side's work came to, at the end of a connection. */
static void world_tell_costs(World *world)
{
    for (guint i = 0; i < world->parties->len; i++)
        if (world_party(world, i)->endpoint != NULL)
            endpoint_tell_cost(world_party(world, i)->endpoint);
}

/* What is open is closed in order, then everybody has a new connection. */
static void world_reconnect(World *world)
{
    Party *client = world_party(world, 0);
    if (endpoint_state(client->endpoint) == ENDPOINT_CONNECTED) {
        endpoint_close(client->endpoint, world->now);
        world_drain(world, 0);
        world_settle(world);
    }
    world_tell_costs(world);
    world->connection++;
    if (world->tap != NULL)
        tap_connect(world->tap, world->connection);
    for (guint i = 0; i < world->links->len; i++)
        link_connect(world_link(world, i), world->connection);
    for (guint i = 0; i < world->parties->len; i++) {
        Party *party = world_party(world, i);
        if (party->endpoint != NULL) {
            world_connect(world, i);
            continue;
        }
        party->program->free(party->attack);
        party->setup.left.connection = party->setup.right.connection = world->connection;
        if (party->plan != NULL)
            party_take_side(party, world->connection);
    }
    world_start(world);
}

/* 0x0300 follows 0x0002: SSL 2.0 counts by itself. */
static ProtocolVersion version_before(ProtocolVersion version)
{
    for (size_t i = version_count(); i-- > 0;)
        if (version_at(i)->number < version)
            return version_at(i)->number;
    return version;
}

/* An old client tries again with the next lower version when a handshake has failed. */
static void world_retry_lower(World *world)
{
    Party *client = world_party(world, 0);
    EndpointConfig *config = &client->config;
    while (client->plan->retries_lower && config->last > config->first &&
           !endpoint_was_connected(client->endpoint)) {
        config->last = version_before(config->last);
        config->options.signals_fallback = client->plan->options.signals_fallback;
        TraceEvent *event = trace_add(world->trace, TRACE_NOTE);
        event->party = 0;
        event->connection = world->connection;
        event->name = g_strdup("fallback");
        event->value = g_strdup_printf("The handshake failed; the client tries again and offers "
                                       "%s at most.",
                                       number_text(NUMBER_VERSION, config->last));
        world_reconnect(world);
        world_settle(world);
        world_time_out(world);
    }
}

static bool world_act_renegotiate(World *world, Party *party)
{
    bool open = endpoint_state(party->endpoint) == ENDPOINT_CONNECTED;
    endpoint_renegotiate(party->endpoint, party->config.client_auth, world->now);
    return open;
}

static bool world_act_close(World *world, Party *party)
{
    bool open = endpoint_state(party->endpoint) == ENDPOINT_CONNECTED;
    endpoint_close(party->endpoint, world->now);
    return open;
}

static bool world_act_rotate(Party *party, bool forget)
{
    for (guint i = 0; i < party->ticket_keys->len; i++)
        ticket_keys_rotate(g_ptr_array_index(party->ticket_keys, i), party->random, forget);
    return party->ticket_keys->len > 0;
}

static bool world_act_forget(Party *party)
{
    for (guint i = 0; i < party->caches->len; i++)
        session_cache_clear(g_ptr_array_index(party->caches, i));
    return party->caches->len > 0;
}

/* Does one act; false when it cannot be done now. */
static bool world_do(World *world, Party *party, const PlanAct *act)
{
    switch (act->kind) {
    case ACT_REQUEST:
        return application_took(party->application, act) ||
               application_request(party->application, act->text, world->now);
    case ACT_SEND:
        return world_act_send(party, act, world->now);
    case ACT_RENEGOTIATE:
        return world_act_renegotiate(world, party);
    case ACT_CLOSE:
        return world_act_close(world, party);
    case ACT_WAIT:
        world_set_now(world, world->now + act->duration);
        return true;
    case ACT_RECONNECT:
        world_reconnect(world);
        return true;
    case ACT_UPDATE_KEYS:
        return endpoint_update_keys(party->endpoint, act->number != 0, world->now);
    case ACT_ASK_CERTIFICATE:
        return endpoint_ask_certificate(party->endpoint, CLIENT_AUTH_REQUIRED, world->now);
    case ACT_HEARTBEAT:
        return endpoint_heartbeat(party->endpoint, bytes_from_text(act->text), world->now);
    case ACT_EXPORT:
        return endpoint_export(party->endpoint, act->text, world->now);
    case ACT_ROTATE_TICKETS:
        return world_act_rotate(party, act->number != 0);
    case ACT_FORGET:
        return world_act_forget(party);
    }
    return false;
}

static void world_act(World *world, const PlanAct *act)
{
    guint index = world_index(world, act->who);
    Party *party = world_party(world, index);
    if (!world_do(world, party, act))
        world_skip(world, act);
    application_run(party->application, world->now);
    world_drain(world, index);
}

static void world_tell_tap(World *world)
{
    if (world->tap == NULL)
        return;
    TraceEvent *event = trace_add(world->trace, TRACE_NOTE);
    event->link = 0;
    event->name = g_strdup("tap");
    event->value = tap_sentence(world->tap);
}

void world_run(World *world)
{
    world_start(world);
    world_settle(world);
    world_time_out(world);
    world_retry_lower(world);
    for (guint i = 0; i < world->plan->acts->len; i++) {
        world_act(world, g_ptr_array_index(world->plan->acts, i));
        world_settle(world);
        world_time_out(world);
    }
    world_tell_costs(world);
    world_tell_tap(world);
    for (guint i = 0; i < world->parties->len; i++)
        party_tell_pins(world_party(world, i), world->trace, (int)i);
    g_autofree unsigned *fired = NULL;
    if (world->rules != NULL) {
        fired = g_new0(unsigned, world->plan->rules->len);
        for (guint i = 0; i < world->plan->rules->len; i++)
            fired[i] = edits_fired(world->rules, i);
    }
    verdict_add(world->trace, world->plan, fired);
}

Trace *world_trace(World *world)
{
    return world->trace;
}

Trace *world_take_trace(World *world)
{
    return g_steal_pointer(&world->trace);
}

const Endpoint *world_endpoint(const World *world, Role role)
{
    return world_party(world, world_index(world, role))->endpoint;
}

Trace *world_play(const Plan *plan, Fault *fault)
{
    g_autoptr(World) world = world_new(plan, fault);
    if (world == NULL)
        return NULL;
    world_run(world);
    return world_take_trace(world);
}

void attacker_report(const TraceSink *sink, Direction direction, const char *rule,
                     const char *effect)
{
    TraceEvent *event = trace_add(sink->trace, TRACE_MISCHIEF);
    event->party = sink->party;
    event->link = sink->link;
    event->direction = direction;
    event->name = g_strdup(rule);
    event->value = g_strdup(effect);
}
