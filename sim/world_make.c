/* The parties of a world and the links between them, made from the plan.
 *
 * Parties stand in a row: the client, who attacks it, what terminates TLS for the server, the
 * server. Each is configured from its own words and told nothing of the others; an attacker is told
 * as little as he needs. Nothing moves here.
 */
#include "sim/attacker.h"
#include "sim/balancer.h"
#include "sim/edits.h"
#include "sim/tap.h"
#include "sim/world_parts.h"

/* The act that a client with false start does as soon as it may. */
static const PlanAct *eager_act(const World *world, const PlanParty *words)
{
    const PlanAct *first =
        world->plan->acts->len == 0 ? NULL : g_ptr_array_index(world->plan->acts, 0);
    bool eager = words->kind == PARTY_CLIENT && words->options.false_start && first != NULL &&
                 first->kind == ACT_REQUEST && first->who == ROLE_CLIENT;
    return eager ? first : NULL;
}

void world_connect(World *world, guint index)
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
    application_set_pages(party->application, world->pages);
}

/* Who is not our engine has his name there; two of one name are told apart by what they do. */
static const char *lifeline(const Plan *plan, const PlanParty *words)
{
    unsigned same = 0;
    for (guint i = 0; i < plan->parties->len; i++)
        same += ((const PlanParty *)g_ptr_array_index(plan->parties, i))->source == words->source;
    bool titled = words->source != NULL && words->source->title != NULL && same == 1;
    return titled ? words->source->title : words->name;
}

static bool world_add_party(World *world, const PlanParty *plan, Fault *fault)
{
    Party *party = g_new0(Party, 1);
    guint index = world->parties->len;
    g_ptr_array_add(world->parties, party);
    trace_add_party(world->trace, lifeline(world->plan, plan), plan->kind);
    if (!party_configure(party, world->plan, plan, world->pki, fault) ||
        !party_take_speaker(party, world->plan, fault))
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

/* Who listens, and what the network does: of the first link. */
static void world_add_boxes(World *world)
{
    const Plan *plan = world->plan;
    if (plan->network.tap != TAP_NONE) {
        const Party *server = world_party(world, plan->attacks->len + 1); /* or the balancer */
        world->tap = tap_new(plan->network.tap, server->config.credential.key);
        link_add(g_ptr_array_index(world->links, 0), world->tap);
    }
    if (plan->rules->len > 0) {
        world->rules = edits_new(plan->rules);
        link_add(g_ptr_array_index(world->links, 0), world->rules);
    }
}

void world_take_parties(World *world, const World *first)
{
    for (guint i = 0; i < first->parties->len; i++) {
        Party *party = party_heir(world_party(first, i));
        const TraceParty *told = trace_party(first->trace, (int)i);
        g_ptr_array_add(world->parties, party);
        trace_add_party(world->trace, told->name, told->kind);
        party->setup.left.trace = party->setup.right.trace = world->trace;
        if (party->source != NULL)
            world_connect(world, i);
    }
    world_add_links(world);
    world_add_boxes(world);
}

bool world_add_parties(World *world, Fault *fault)
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
    world_add_boxes(world);
    return true;
}
