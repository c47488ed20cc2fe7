/* What the sides do once a connection stands: the acts of a play, one after the other.
 *
 * An act is done when nothing is on its way any more. One that cannot be done is told, with the
 * reason, and the play goes on. Connecting again is done in two steps: what is open is closed in
 * order, and when that has arrived everybody has a new connection.
 *
 * Sources: RFC 7507 1 (what old clients do when a handshake fails).
 */
#include "core/crypto/version.h"
#include "sim/tap.h"
#include "sim/world_parts.h"

/* What a side would have done, had there been a connection. */
static void world_skip(World *world, const PlanAct *act, SpeakerAnswer answer)
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
    const Party *party = world_party(world, world_index(world, act->who));
    bool open = speaker_state(party->speaker) == ENDPOINT_CONNECTED;
    g_autofree char *never = answer == SPEAKER_CANNOT ? g_strdup_printf("%s does not do that",
                                                                        party->speaker->kind->name)
                                                      : NULL;
    TraceEvent *event = trace_add(world->trace, TRACE_NOTE);
    event->party = (int)world_index(world, act->who);
    event->connection = world->connection;
    event->name = g_strdup("skipped");
    event->value = g_strdup_printf("The %s cannot %s%s%s: %s.", role_name(act->who),
                                   wishes[act->kind], act->kind == ACT_REQUEST ? " " : "",
                                   act->kind == ACT_REQUEST ? act->text : "",
                                   never != NULL ? never
                                   : open        ? "this connection does not allow it"
                                                 : "there is no connection");
    event->line = act->line;
}

/* Everybody has a new connection. */
static void world_reconnect(World *world)
{
    world_tell_costs(world);
    world->connection++;
    if (world->tap != NULL)
        tap_connect(world->tap, world->connection);
    for (guint i = 0; i < world->links->len; i++)
        link_connect(world_link(world, i), world->connection);
    for (guint i = 0; i < world->parties->len; i++) {
        Party *party = world_party(world, i);
        if (party->speaker != NULL) {
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

bool world_retry_lower(World *world)
{
    Party *client = world_party(world, 0);
    EndpointConfig *config = &client->config;
    if (!client->plan->retries_lower || config->last <= config->first ||
        speaker_was_connected(client->speaker))
        return false;
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
    return true;
}

static SpeakerAnswer answer_of(bool done)
{
    return done ? SPEAKER_DONE : SPEAKER_NOT_NOW;
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

static SpeakerAnswer world_act_send(Party *party, const PlanAct *act, uint64_t now)
{
    if (act->text != NULL)
        return answer_of(application_send(party->application, bytes_from_text(act->text), now));
    g_autoptr(GByteArray) bytes = pattern(act->size);
    return answer_of(application_send(party->application, bytes_from_array(bytes), now));
}

/* Who is connected may wish; why nothing came of it, the speaker has told. */
static SpeakerAnswer world_act_renegotiate(World *world, Party *party)
{
    bool open = speaker_state(party->speaker) == ENDPOINT_CONNECTED;
    SpeakerAnswer answer =
        speaker_renegotiate(party->speaker, party->config.client_auth, world->now);
    return open && answer == SPEAKER_NOT_NOW ? SPEAKER_DONE : answer;
}

static SpeakerAnswer world_act_request(World *world, Party *party, const PlanAct *act)
{
    return answer_of(application_took(party->application, act) ||
                     application_request(party->application, act->text, world->now));
}

static SpeakerAnswer world_act_rotate(Party *party, bool forget)
{
    if (party->source->rotate_tickets == NULL)
        return SPEAKER_CANNOT;
    return party->source->rotate_tickets(party->inside, forget);
}

static SpeakerAnswer world_act_forget(Party *party)
{
    if (party->source->forget_sessions == NULL)
        return SPEAKER_CANNOT;
    return party->source->forget_sessions(party->inside);
}

static SpeakerAnswer world_do(World *world, Party *party, const PlanAct *act)
{
    Speaker *speaker = party->speaker;
    switch (act->kind) {
    case ACT_REQUEST:
        return world_act_request(world, party, act);
    case ACT_SEND:
        return world_act_send(party, act, world->now);
    case ACT_RENEGOTIATE:
        return world_act_renegotiate(world, party);
    case ACT_CLOSE:
        return speaker_close(speaker, world->now);
    case ACT_WAIT:
        world_set_now(world, world->now + act->duration);
        return SPEAKER_DONE;
    case ACT_RECONNECT:
        world_reconnect(world);
        return SPEAKER_DONE;
    case ACT_UPDATE_KEYS:
        return speaker_update_keys(speaker, act->number != 0, world->now);
    case ACT_ASK_CERTIFICATE:
        return speaker_ask_certificate(speaker, CLIENT_AUTH_REQUIRED, world->now);
    case ACT_HEARTBEAT:
        return speaker_heartbeat(speaker, bytes_from_text(act->text), world->now);
    case ACT_EXPORT:
        return speaker_export(speaker, act->text, world->now);
    case ACT_ROTATE_TICKETS:
        return world_act_rotate(party, act->number != 0);
    case ACT_FORGET:
        return world_act_forget(party);
    }
    return SPEAKER_NOT_NOW;
}

/* What is open is closed in order before the client connects again. */
static bool world_closes_first(World *world)
{
    Party *client = world_party(world, 0);
    if (speaker_state(client->speaker) != ENDPOINT_CONNECTED ||
        speaker_close(client->speaker, world->now) != SPEAKER_DONE)
        return false;
    world_drain(world, 0);
    return true;
}

const PlanAct *world_next_act(const World *world)
{
    const GPtrArray *acts = world->plan->acts;
    return world->acts < acts->len ? g_ptr_array_index(acts, world->acts) : NULL;
}

void world_pass_act(World *world)
{
    world->acts++;
}

bool world_act(World *world)
{
    const PlanAct *act = world_next_act(world);
    if (act == NULL)
        return false;
    if (act->kind == ACT_RECONNECT && world_closes_first(world))
        return true; /* it goes on when that has arrived */
    world->acts++;
    guint index = world_index(world, act->who);
    Party *party = world_party(world, index);
    SpeakerAnswer answer = world_do(world, party, act);
    if (answer != SPEAKER_DONE)
        world_skip(world, act, answer);
    application_run(party->application, world->now);
    world_drain(world, index);
    return true;
}
