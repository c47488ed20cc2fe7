/* The world: the clock, the parties and the links between them, as a plan asks.
 *
 * Parties stand in a row, a link between each two neighbours. Time is a number that jumps from one
 * arrival to the next; acts follow each other when nothing is on its way any more. A handshake that
 * can no longer advance ends by a timeout of virtual time, so every run ends. The world knows no
 * message: speakers speak, links carry, applications ask.
 */
#include "sim/world.h"

#include "core/crypto/library.h"
#include "sim/attacker.h"
#include "sim/edits.h"
#include "sim/tap.h"
#include "sim/verdict.h"
#include "sim/world_parts.h"

enum {
    HANDSHAKE_TIMEOUT = 30 * G_USEC_PER_SEC, /* of virtual time: what browsers wait */
    ARRIVALS_MOST = 100000, /* a run ends even when two parties answer each other for ever */
};

Party *world_party(const World *world, guint index)
{
    return g_ptr_array_index(world->parties, index);
}

Link *world_link(const World *world, guint index)
{
    return g_ptr_array_index(world->links, index);
}

guint world_index(const World *world, Role role)
{
    return role == ROLE_CLIENT ? 0 : world->parties->len - 1;
}

void world_set_now(World *world, uint64_t now)
{
    world->now = now;
    world->trace->now = now;
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

/* Empty, with the head of its trace. */
static World *world_begin(const Plan *plan)
{
    World *world = g_new0(World, 1);
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
    return world;
}

World *world_again(const World *first)
{
    World *world = world_begin(first->plan);
    world_take_parties(world, first);
    return world;
}

World *world_new(const Plan *plan, Fault *fault)
{
    if (!library_open(fault))
        return NULL;
    g_autoptr(World) world = world_begin(plan);
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
void world_drain(World *world, guint index)
{
    Party *party = world_party(world, index);
    if (party->speaker != NULL) {
        bool client = party->config.role == ROLE_CLIENT;
        Direction direction = client ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
        Link *link = world_link(world, client ? index : index - 1);
        link_send(link, direction, speaker_output(party->speaker), world->now);
        speaker_output_sent(party->speaker);
        if (speaker_ends_transport(party->speaker))
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
static void world_hand(World *world, guint link, const Arrival *arrival)
{
    guint index = arrival->direction == DIRECTION_TO_SERVER ? link + 1 : link;
    Party *party = world_party(world, index);
    Bytes bytes = bytes_from_gbytes(arrival->bytes);
    if (arrival->bytes == NULL) {
        if (party->speaker != NULL)
            speaker_transport_ended(party->speaker, world->now);
        else if (party->program->ended != NULL)
            party->program->ended(party->attack, arrival->direction, world->now);
    } else if (party->speaker != NULL) {
        speaker_receive(party->speaker, bytes, world->now);
        application_run(party->application, world->now);
    } else {
        party->program->receive(party->attack, arrival->direction, bytes, world->now);
    }
    world_drain(world, index);
}

/* The link with the earliest arrival. False when nothing is on its way. */
static bool world_earliest(const World *world, guint *link, uint64_t *time)
{
    bool found = false;
    for (guint i = 0; i < world->links->len; i++) {
        uint64_t at = 0;
        if (!link_next(world_link(world, i), &at) || (found && at >= *time))
            continue;
        found = true;
        *link = i;
        *time = at;
    }
    return found;
}

bool world_due(const World *world, uint64_t *time)
{
    guint link = 0;
    return world->arrivals < ARRIVALS_MOST && world_earliest(world, &link, time);
}

/* One arrival, if it is due until then. */
static bool world_step(World *world, uint64_t until)
{
    guint earliest = 0;
    uint64_t time = 0;
    if (!world_earliest(world, &earliest, &time) || time > until ||
        world->arrivals++ >= ARRIVALS_MOST)
        return false;
    Arrival arrival;
    link_take(world_link(world, earliest), &arrival);
    world_set_now(world, MAX(time, world->now));
    world_hand(world, earliest, &arrival);
    g_clear_pointer(&arrival.bytes, g_bytes_unref);
    return true;
}

void world_advance(World *world, uint64_t now)
{
    while (world_step(world, now))
        continue;
    world_set_now(world, MAX(now, world->now));
}

void world_flush(World *world)
{
    for (guint i = 0; i < world->links->len; i++)
        link_flush(world_link(world, i), world->now);
}

void world_settle(World *world)
{
    while (world_step(world, G_MAXUINT64))
        continue;
    world_flush(world);
    while (world_step(world, G_MAXUINT64))
        continue;
}

bool world_waits(const World *world)
{
    bool waits = false;
    for (guint i = 0; i < world->parties->len; i++) {
        const Party *party = world_party(world, i);
        waits = waits || (party->speaker != NULL && speaker_waits(party->speaker));
    }
    return waits;
}

void world_expire(World *world, uint64_t now)
{
    world_set_now(world, now);
    for (guint i = 0; i < world->parties->len; i++) {
        Party *party = world_party(world, i);
        if (party->speaker != NULL)
            speaker_time_out(party->speaker, now);
        else
            party->program->time_out(party->attack, now);
    }
}

/* Nothing is on its way, and somebody still waits: after the timeout he waits no longer. */
static void world_time_out(World *world)
{
    if (world_waits(world))
        world_expire(world, world->now + HANDSHAKE_TIMEOUT);
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

void world_start(World *world)
{
    for (guint i = 0; i < world->parties->len; i++)
        world_tell_machine(world, i);
    for (guint i = world->parties->len; i-- > 0;) { /* servers wait before clients speak */
        Party *party = world_party(world, i);
        if (party->speaker != NULL)
            speaker_start(party->speaker, world->now);
        else
            party->attack = party->program->start(&party->setup, world->now);
        world_drain(world, i);
    }
}

void world_tell_costs(World *world)
{
    for (guint i = 0; i < world->parties->len; i++)
        if (world_party(world, i)->speaker != NULL)
            speaker_tell_cost(world_party(world, i)->speaker);
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

void world_finish(World *world)
{
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

void world_run(World *world)
{
    world_start(world);
    do {
        world_settle(world);
        world_time_out(world);
    } while (world_retry_lower(world));
    while (world_act(world)) {
        world_settle(world);
        world_time_out(world);
    }
    world_finish(world);
}

Trace *world_trace(World *world)
{
    return world->trace;
}

Trace *world_take_trace(World *world)
{
    return g_steal_pointer(&world->trace);
}

void world_wake(World *world, Role role)
{
    guint index = world_index(world, role);
    application_run(world_party(world, index)->application, world->now);
    world_drain(world, index);
}

void world_set_pages(World *world, const Pages *pages)
{
    world->pages = pages;
    for (guint i = 0; i < world->parties->len; i++)
        if (world_party(world, i)->application != NULL)
            application_set_pages(world_party(world, i)->application, pages);
}

Speaker *world_speaker(const World *world, Role role)
{
    return world_party(world, world_index(world, role))->speaker;
}

const Endpoint *world_endpoint(const World *world, Role role)
{
    return speaker_endpoint(world_speaker(world, role));
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
