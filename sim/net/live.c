/* A run on sockets.
 *
 * The world moves when a byte comes, when a delayed record is due, or when somebody has waited long
 * enough; in between the main loop waits. Each turn goes round until nothing moves any more: what
 * is due arrives, what a far end has sent is said, a record at a time and only on a quiet line,
 * what it is told goes into its socket, and the next act of the play is done, or was done by a far
 * end. A far end that sends nothing, too much or for too long is cut, and the trace says why.
 *
 * Obeys RFC 5246 7.2.1 (closing).
 */
#include "sim/net/live.h"

#include <errno.h>

#include "sim/net/far.h"
#include "sim/net/limits.h"

/* One far end's socket. */
typedef struct {
    Live *live;
    Role role;
    GSocket *socket;
    GSource *in, *out;
    uint64_t brought; /* bytes in all */
    bool eof;         /* nothing more is read */
    bool shut;        /* nothing more is written */
} End;

struct Live {
    World *world;
    LiveSettings settings;
    End ends[2]; /* by Role; no socket: not far */
    GSource *timer;
    uint64_t begun;    /* when it started */
    uint64_t ended;    /* when our side ended; 0: it has not, or there is none */
    uint64_t last;     /* when a byte last came or went; 0: it has not started */
    uint64_t pause;    /* until when a `wait` lasts; 0: none */
    unsigned heard[2]; /* by Role: records of data that acts have been given credit for */
    bool moving, over, closing;
    bool deaf;         /* our side has failed: what comes now is nobody's */
    bool acted, asked; /* our side has done an act; and waits for its answer */
};

static uint64_t live_now(const Live *live)
{
    return (uint64_t)(g_get_monotonic_time() - live->settings.origin);
}

static uint64_t patience(const Live *live)
{
    unsigned seconds = live->settings.patience == 0 ? NET_PATIENCE : live->settings.patience;
    return (uint64_t)seconds * G_USEC_PER_SEC;
}

static bool is_far(const Live *live, Role role)
{
    return speaker_is_far(world_speaker(live->world, role));
}

/* Our own side; false where both are far. */
static bool own_role(const Live *live, Role *role)
{
    for (int i = 0; i < 2; i++)
        if (!is_far(live, (Role)i)) {
            *role = (Role)i;
            return true;
        }
    return false;
}

const Trace *live_trace(const Live *live)
{
    return world_trace(live->world);
}

const char *live_language(const Live *live)
{
    for (int i = 0; i < 2; i++)
        if (is_far(live, (Role)i) && far_language(world_speaker(live->world, (Role)i)) != NULL)
            return far_language(world_speaker(live->world, (Role)i));
    return NULL;
}

static void note(const Live *live, const char *name, const char *sentence)
{
    TraceEvent *event = trace_add(world_trace(live->world), TRACE_NOTE);
    event->link = 0;
    event->name = g_strdup(name);
    event->value = g_strdup(sentence);
}

/* --- the end --- */

static void drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_source_unref(*source);
    *source = NULL;
}

static void end_close(End *end)
{
    if (end->socket != NULL)
        *end->live->settings.kept -= end->brought;
    drop_source(&end->in);
    drop_source(&end->out);
    if (end->socket != NULL)
        g_socket_close(end->socket, NULL);
    g_clear_object(&end->socket);
}

static void finish(Live *live)
{
    if (live->over)
        return;
    live->over = true;
    const char *language = live_language(live);
    g_autofree char *sentence =
        language == NULL ? NULL : g_strdup_printf("The other end speaks %s.", language);
    if (sentence != NULL)
        note(live, "stranger", sentence);
    for (int i = 0; i < 2; i++)
        end_close(&live->ends[i]);
    drop_source(&live->timer);
    world_finish(live->world);
    live->settings.over(live->settings.data, live);
}

void live_cut(Live *live, const char *why)
{
    if (live->over)
        return;
    note(live, "cut", why);
    if (world_waits(live->world))
        world_expire(live->world, live_now(live));
    finish(live);
}

void live_free(Live *live)
{
    if (live == NULL)
        return;
    for (int i = 0; i < 2; i++)
        end_close(&live->ends[i]);
    drop_source(&live->timer);
    world_free(live->world);
    g_free(live);
}

/* --- sockets --- */

static void move(Live *live);

static Speaker *speaker_of(const End *end)
{
    return world_speaker(end->live->world, end->role);
}

static gboolean readable(GSocket *socket, GIOCondition condition, gpointer data)
{
    End *end = data;
    char buffer[NET_READ_SIZE];
    g_autoptr(GError) error = NULL;
    (void)condition;
    gssize got = g_socket_receive(socket, buffer, sizeof buffer, NULL, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
    if (got > 0) {
        if (!end->live->deaf)
            far_bring(speaker_of(end), bytes_make(buffer, (size_t)got));
        end->brought += (uint64_t)got;
        *end->live->settings.kept += (uint64_t)got;
        end->live->last = live_now(end->live);
    } else {
        far_bring_end(speaker_of(end)); /* an end, or a reset: nothing more will come */
        end->eof = true;
        drop_source(&end->in);
    }
    move(end->live);
    return G_SOURCE_CONTINUE;
}

static gboolean writable(GSocket *socket, GIOCondition condition, gpointer data)
{
    End *end = data;
    (void)socket;
    (void)condition;
    move(end->live);
    return G_SOURCE_CONTINUE;
}

static GSource *watch_socket(End *end, GIOCondition condition, GSocketSourceFunc call)
{
    GSource *source = g_socket_create_source(end->socket, condition, NULL);
    g_source_set_callback(source, G_SOURCE_FUNC(call), end, NULL);
    g_source_attach(source, g_main_context_get_thread_default());
    return source;
}

void live_attach(Live *live, Role role, GSocket *socket)
{
    End *end = &live->ends[role];
    end_close(end);
    *end = (End){.live = live, .role = role, .socket = g_object_ref(socket)};
    g_socket_set_blocking(socket, FALSE);
    end->in = watch_socket(end, G_IO_IN, readable);
    if (live->last > 0)
        move(live);
}

/* As much as the socket takes now. True when it took something. */
static bool end_write(End *end)
{
    Speaker *speaker = speaker_of(end);
    Bytes bytes = far_outgoing(speaker);
    g_autoptr(GError) error = NULL;
    if (end->socket == NULL || end->shut || bytes.size == 0)
        return false;
    gssize sent = g_socket_send(end->socket, (const char *)bytes.data, bytes.size, NULL, &error);
    if (sent > 0) {
        far_taken(speaker, (size_t)sent);
        end->live->last = live_now(end->live);
        return true;
    }
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) { /* nobody takes it */
        far_taken(speaker, bytes.size);
        end->shut = true;
    }
    return false;
}

/* What was said to its end is closed in this direction. */
static void end_shut(End *end)
{
    Speaker *speaker = speaker_of(end);
    if (end->socket == NULL || end->shut || !far_is_told_all(speaker) ||
        far_outgoing(speaker).size > 0)
        return;
    end->shut = true;
    g_socket_shutdown(end->socket, FALSE, TRUE, NULL);
}

/* It is read while not too much waits, written while something does. */
static void end_arm(End *end)
{
    Speaker *speaker = speaker_of(end);
    bool read = !end->eof && far_unsaid(speaker) <= NET_WAITING_MOST;
    if (end->socket == NULL)
        return;
    if (read && end->in == NULL)
        end->in = watch_socket(end, G_IO_IN, readable);
    if (!read)
        drop_source(&end->in);
    bool write = far_outgoing(speaker).size > 0 && !end->shut;
    if (write && end->out == NULL)
        end->out = watch_socket(end, G_IO_OUT, writable);
    if (!write)
        drop_source(&end->out);
}

/* --- a turn --- */

static End *end_of(Live *live, int role)
{
    End *end = &live->ends[role];
    return is_far(live, (Role)role) ? end : NULL;
}

static bool write_all(Live *live)
{
    bool moved = false;
    for (int i = 0; i < 2; i++)
        if (live->ends[i].socket != NULL && end_of(live, i) != NULL)
            moved = end_write(&live->ends[i]) || moved;
    return moved;
}

/* Whether the other far end still takes what it is told. */
static bool is_heard(const Live *live, int role)
{
    const Speaker *other = world_speaker(live->world, role_peer((Role)role));
    return !speaker_is_far(other) || far_outgoing(other).size <= NET_WAITING_MOST;
}

/* The next record of a far end, on a quiet line. */
static bool say_next(Live *live)
{
    for (int i = 0; i < 2; i++) {
        if (end_of(live, i) == NULL || !is_heard(live, i) ||
            !far_step(world_speaker(live->world, (Role)i)))
            continue;
        world_wake(live->world, (Role)i);
        return true;
    }
    return false;
}

/* Whether a far end has done what the play says that it does: what it sends counts as any request,
 * for its closing nobody needs to wait, the rest it may do or leave. */
static bool far_did(Live *live, const PlanAct *act)
{
    unsigned data = far_data(world_speaker(live->world, act->who));
    if (act->kind != ACT_REQUEST && act->kind != ACT_SEND)
        return act->kind != ACT_CLOSE && act->kind != ACT_RECONNECT;
    if (data <= live->heard[act->who])
        return false;
    live->heard[act->who] = data;
    return true;
}

static bool connect_again(Live *live)
{
    if (live->settings.again == NULL)
        return false;
    bool closes = speaker_state(world_speaker(live->world, ROLE_CLIENT)) == ENDPOINT_CONNECTED;
    if (closes)
        return world_act(live->world); /* closes first */
    world_act(live->world);
    live->acted = live->asked = false;
    live->heard[ROLE_SERVER] = 0;
    live->settings.again(live->settings.data, live);
    return true;
}

/* A pause is as long as it is. */
static bool pause_over(Live *live, const PlanAct *act)
{
    if (live->pause == 0)
        live->pause = live_now(live) + act->duration;
    if (live_now(live) < live->pause)
        return false;
    live->pause = 0;
    world_pass_act(live->world);
    return true;
}

/* Our side's next act waits until the line has been quiet, and for the answer to a request. */
static bool may_act(Live *live, Role own)
{
    Role other = role_peer(own);
    if (live->asked && is_far(live, other))
        live->asked = far_data(world_speaker(live->world, other)) <= live->heard[other];
    if (live->asked)
        return false;
    return !live->acted || live_now(live) >= live->last + NET_SETTLE;
}

static bool act(Live *live, const PlanAct *next)
{
    Role other = role_peer(next->who);
    if (!may_act(live, next->who))
        return false;
    live->acted = true;
    live->asked = next->kind == ACT_REQUEST;
    if (live->asked && is_far(live, other))
        live->heard[other] = far_data(world_speaker(live->world, other));
    live->last = live_now(live);
    return world_act(live->world);
}

/* The play is over: a client of ours closes, a server lets its client do so. */
static bool close_own(Live *live, Role own)
{
    Speaker *speaker = world_speaker(live->world, own);
    if (own != ROLE_CLIENT || live->closing || speaker_state(speaker) != ENDPOINT_CONNECTED ||
        !may_act(live, own))
        return false;
    live->closing = true;
    speaker_close(speaker, live_now(live));
    world_wake(live->world, own);
    return true;
}

static bool has_ended(EndpointState state)
{
    return state == ENDPOINT_CLOSED || state == ENDPOINT_FAILED || state == ENDPOINT_TIMED_OUT;
}

/* An act for which there is no connection any more; one that was to close it is fulfilled. */
static bool leave_out(Live *live, const PlanAct *next)
{
    if (next->kind == ACT_CLOSE || is_far(live, next->who))
        world_pass_act(live->world);
    else
        world_act(live->world);
    return true;
}

static bool play(Live *live)
{
    Role own = ROLE_CLIENT;
    const PlanAct *next = world_next_act(live->world);
    if (!own_role(live, &own) || world_waits(live->world))
        return false;
    EndpointState state = speaker_state(world_speaker(live->world, own));
    bool open = state == ENDPOINT_CONNECTED;
    if (next == NULL)
        return close_own(live, own);
    if (next->kind == ACT_WAIT)
        return pause_over(live, next);
    if (next->kind == ACT_RECONNECT && own == ROLE_CLIENT)
        return may_act(live, own) && connect_again(live);
    if (has_ended(state)) /* the other side was first: what is left is passed over, and said */
        return leave_out(live, next);
    if (is_far(live, next->who)) {
        bool did = far_did(live, next);
        if (did)
            world_pass_act(live->world);
        return did;
    }
    return open && act(live, next);
}

/* Whether nobody has anything more to say. */
static bool is_over(const Live *live)
{
    Role own = ROLE_CLIENT;
    uint64_t due = 0;
    bool has_own = own_role(live, &own);
    unsigned open = 0;
    if (world_due(live->world, &due))
        return false;
    for (int i = 0; i < 2; i++) {
        const Speaker *speaker = world_speaker(live->world, (Role)i);
        if (!speaker_is_far(speaker))
            continue;
        if (far_unsaid(speaker) > 0 || (far_outgoing(speaker).size > 0 && !live->ends[i].shut))
            return false;
        open += live->ends[i].socket != NULL && !live->ends[i].eof;
    }
    if (!has_own)
        return open == 0;
    const PlanAct *next = world_next_act(live->world);
    bool again = next != NULL && next->kind == ACT_RECONNECT && live->settings.again != NULL;
    bool settled = live->ended > 0 && live_now(live) >= live->ended + NET_SETTLE;
    return !again && (open == 0 || settled);
}

/* Our side may have ended: it is heard out for a moment. */
static void look_at_own(Live *live)
{
    Role own = ROLE_CLIENT;
    if (!own_role(live, &own))
        return;
    EndpointState state = speaker_state(world_speaker(live->world, own));
    bool open = !has_ended(state);
    live->deaf = state == ENDPOINT_FAILED || state == ENDPOINT_TIMED_OUT;
    if (open)
        live->ended = 0;
    else if (live->ended == 0)
        live->ended = live_now(live);
}

/* Why it has to end, whoever wants something else; NULL: it has not. */
static const char *too_much(const Live *live)
{
    uint64_t now = live_now(live);
    if (now >= live->begun + (uint64_t)NET_LIFETIME * G_USEC_PER_SEC)
        return "The connection is cut: it has lasted as long as one may.";
    if (trace_count(live_trace(live)) > NET_EVENTS_MOST)
        return "The connection is cut: more has happened than anybody draws.";
    if (*live->settings.kept > NET_ALL_MOST)
        return "The connection is cut: all together have sent more than is kept.";
    for (int i = 0; i < 2; i++)
        if (live->ends[i].brought > NET_BYTES_MOST ||
            (is_far(live, (Role)i) &&
             far_outgoing(world_speaker(live->world, (Role)i)).size > NET_BYTES_MOST))
            return "The connection is cut: more bytes have come than one end may send.";
    if (world_waits(live->world) && now >= live->begun + patience(live))
        return "The connection is cut: the handshake has taken too long.";
    if (now >= live->last + patience(live) && live->pause == 0)
        return "The connection is cut: nothing has come for too long.";
    return NULL;
}

static gboolean tick(gpointer data)
{
    Live *live = data;
    drop_source(&live->timer);
    move(live);
    return G_SOURCE_REMOVE;
}

/* When to look again, though no byte comes. */
static void arm(Live *live)
{
    uint64_t now = live_now(live), due = 0;
    uint64_t next = live->last + patience(live);
    if (world_waits(live->world))
        next = MIN(next, live->begun + patience(live));
    if (world_due(live->world, &due))
        next = MIN(next, due);
    if (live->last + NET_SETTLE > now)
        next = MIN(next, live->last + NET_SETTLE);
    if (live->ended > 0 && live->ended + NET_SETTLE > now)
        next = MIN(next, live->ended + NET_SETTLE);
    if (live->pause > 0)
        next = MIN(next, live->pause);
    drop_source(&live->timer);
    guint milliseconds = next > now ? (guint)((next - now) / 1000 + 1) : 1;
    live->timer = g_timeout_source_new(milliseconds);
    g_source_set_callback(live->timer, tick, live, NULL);
    g_source_attach(live->timer, g_main_context_get_thread_default());
    for (int i = 0; i < 2; i++)
        if (end_of(live, i) != NULL)
            end_arm(&live->ends[i]);
}

static void turn(Live *live)
{
    for (bool moved = true; moved && !live->over;) {
        uint64_t due = 0;
        world_advance(live->world, live_now(live));
        moved = write_all(live);
        bool quiet = !world_due(live->world, &due);
        if (quiet && !moved)
            moved = say_next(live) || play(live);
    }
    for (int i = 0; i < 2; i++)
        if (end_of(live, i) != NULL)
            end_shut(&live->ends[i]);
}

static void move(Live *live)
{
    if (live->moving || live->over)
        return;
    live->moving = true;
    turn(live);
    look_at_own(live);
    live->moving = false;
    if (live->settings.news != NULL)
        live->settings.news(live->settings.data, live);
    const char *why = too_much(live);
    if (is_over(live))
        finish(live);
    else if (why != NULL)
        live_cut(live, why);
    else
        arm(live);
}

Live *live_new(World *world, const LiveSettings *settings)
{
    Live *live = g_new0(Live, 1);
    live->world = world;
    live->settings = *settings;
    for (int i = 0; i < 2; i++)
        live->ends[i] = (End){.live = live, .role = (Role)i};
    return live;
}

void live_set_pages(Live *live, const Pages *pages)
{
    world_set_pages(live->world, pages);
}

void live_start(Live *live)
{
    live->begun = live->last = MAX(live_now(live), 1);
    world_advance(live->world, live->begun);
    world_start(live->world);
    move(live);
}
