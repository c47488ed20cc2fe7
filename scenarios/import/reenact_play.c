/* What two captured parties did, as acts, and what came of it, as expectations.
 *
 * A run of data in one direction is one act; the answer to a request is none, since the server of a
 * scenario answers by itself; nor is the second close_notify, or the KeyUpdate that was asked for.
 * A pause of a second or more becomes a wait. Data that stays closed, or that a scenario cannot
 * write down, is sent as so many bytes.
 *
 * Sources: RFC 5246 7.2.1 (closing), 7.4.1.1 (HelloRequest), RFC 8446 4.6.2 and 4.6.3, RFC 7918
 * (data ahead of the server's Finished), RFC 9110 15 (status codes).
 */
#include <string.h>

#include "scenarios/import/reenact_parts.h"

static Role speaker(Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
}

static PlanParty *party_of(const Retelling *retelling, Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? retelling->client : retelling->server;
}

uint64_t retell_time(const Retelling *retelling, const TraceEvent *event)
{
    return retelling->offset + event->time;
}

PlanAct *retell_act(Retelling *retelling, ActKind kind, Role who, uint64_t time)
{
    uint64_t pause = time > retelling->time ? (time - retelling->time) / G_USEC_PER_SEC : 0;
    if (pause > 0) {
        PlanAct *wait = plan_act_new(ACT_WAIT);
        wait->duration = pause * G_USEC_PER_SEC;
        g_ptr_array_add(retelling->plan->acts, wait);
    }
    PlanAct *act = plan_act_new(kind);
    act->who = who;
    g_ptr_array_add(retelling->plan->acts, act);
    return act;
}

/* --- data --- */

/* Whether a scenario can hold it as a text. */
static bool is_text(Bytes bytes)
{
    enum { TEXT_MOST = 4096 }; /* a line that a person still reads */
    if (bytes.size == 0 || bytes.size > TEXT_MOST ||
        !g_utf8_validate((const char *)bytes.data, (gssize)bytes.size, NULL))
        return false;
    for (size_t i = 0; i < bytes.size; i++)
        if ((bytes.data[i] < 0x20 && bytes.data[i] != '\n') || bytes.data[i] == 0x7f)
            return false;
    return true;
}

/* The path of a request: "GET /payroll HTTP/1.1"; g_free, NULL when it is none. */
static char *path_of(Bytes data)
{
    enum { PATH_MOST = 1024 };
    static const char get[] = "GET ";
    size_t from = sizeof get - 1, to = from;
    if (data.size < sizeof "GET / \r\n\r\n" - 1 || memcmp(data.data, get, from) != 0 ||
        memcmp(data.data + data.size - 4, "\r\n\r\n", 4) != 0)
        return NULL;
    while (to < data.size && to - from < PATH_MOST && data.data[to] > ' ' && data.data[to] < 0x7f)
        to++;
    bool whole = to > from && data.data[to] == ' ';
    return whole ? g_strndup((const char *)data.data + from, to - from) : NULL;
}

/* "HTTP/1.1 403 Forbidden": 403; 0 when it is no answer. */
static unsigned status_of(Bytes data)
{
    enum { AT = sizeof "HTTP/1.1 " - 1 };
    if (data.size < AT + 3 || memcmp(data.data, "HTTP/1.", 7) != 0)
        return 0;
    return (unsigned)g_ascii_strtoull((const char *)data.data + AT, NULL, 10);
}

static void expect_answer(Retelling *retelling, const char *path, uint32_t status)
{
    PlanExpect *expect = plan_expect_new(EXPECT_ANSWER);
    expect->who = EXPECT_OF_CLIENT;
    expect->text = g_strdup(path);
    expect->number = status;
    g_ptr_array_add(retelling->plan->expects, expect);
}

/* The server of a scenario refuses whoever is not on the list: somebody else is. */
static void answer(Retelling *retelling, Bytes data)
{
    retelling->scene.request->size = 0;
    enum { OK = 200, FORBIDDEN = 403 };
    Scene *scene = &retelling->scene;
    unsigned status = status_of(data);
    scene->asked = false;
    if (status == FORBIDDEN)
        g_ptr_array_add(retelling->server->access,
                        plan_access_new("CN=Somebody Else", scene->path));
    if (status == OK || status == FORBIDDEN)
        expect_answer(retelling, scene->path, status);
    else if (status != 0)
        retell_left_out(retelling, g_strdup_printf("that %s is answered %u: here it is 200",
                                                   scene->path, status));
}

static void say_data(Retelling *retelling, const Speech *speech)
{
    Scene *scene = &retelling->scene;
    Bytes data = bytes_from_array(speech->bytes);
    bool client = speech->direction == DIRECTION_TO_SERVER;
    g_autofree char *path = client && speech->open ? path_of(data) : NULL;
    if (!client && scene->asked) {
        answer(retelling, data);
        return;
    }
    PlanAct *act = retell_act(retelling, path != NULL ? ACT_REQUEST : ACT_SEND,
                              speaker(speech->direction), speech->time);
    bool text = speech->open && is_text(data);
    scene->asked = path != NULL;
    if (path != NULL) {
        g_free(scene->path);
        scene->path = g_strdup(path);
        scene->request = act;
        act->size = speech->size; /* see retell_unanswered() */
        act->text = g_steal_pointer(&path);
    } else if (text) {
        act->text = g_strndup((const char *)data.data, data.size);
    } else {
        act->size = speech->size;
    }
    if (!text && act->kind == ACT_SEND)
        retell_left_out(retelling,
                        g_strdup("what some of the data says: as many bytes stand for it"));
}

void retell_unanswered(Retelling *retelling)
{
    Scene *scene = &retelling->scene;
    PlanAct *act = scene->request;
    if (!scene->asked || scene->failed)
        return;
    act->kind = ACT_SEND;
    g_clear_pointer(&act->text, g_free);
    retell_left_out(retelling, g_strdup("what some of the data says: as many bytes stand for it"));
}

static void say_early(Retelling *retelling, const Speech *speech)
{
    PlanParty *client = retelling->client;
    Bytes data = bytes_from_array(speech->bytes);
    bool text = speech->open && is_text(data);
    g_autofree char *path = speech->open ? path_of(data) : NULL;
    if (client->early_data != NULL)
        return;
    client->early_data = text           ? g_strndup((const char *)data.data, data.size)
                         : path != NULL ? g_strdup_printf("GET %s HTTP/1.0\n\n", path)
                                        : g_strdup("early data");
    if (!text)
        retell_left_out(retelling, g_strdup("what the early data says: another text stands for "
                                            "it"));
}

/* How it was cut into records: RFC 5246 6.2.1, and the two counters to BEAST. */
static void look_at_records(Retelling *retelling, const Speech *speech)
{
    PlanParty *party = party_of(retelling, speech->direction);
    bool chained = retelling->scene.version <= VERSION_TLS_1_0;
    if (speech->records < 2 || !speech->open || !chained)
        return;
    if (speech->first == 0)
        party->empty_fragments = true;
    if (speech->first == 1)
        party->options.splits_records = true;
}

void retell_speech_end(Retelling *retelling)
{
    Speech *speech = &retelling->speech;
    if (speech->records == 0)
        return;
    uint64_t now = retelling->time;
    retelling->time = speech->before;
    look_at_records(retelling, speech);
    if (speech->early)
        say_early(retelling, speech);
    else if (speech->size > 0)
        say_data(retelling, speech);
    retelling->time = now;
    g_byte_array_set_size(speech->bytes, 0);
    *speech = (Speech){.bytes = speech->bytes};
}

static void hear_data(Retelling *retelling, const TraceEvent *event, size_t size)
{
    Speech *speech = &retelling->speech;
    Scene *scene = &retelling->scene;
    Bytes data = bytes_from_gbytes(event->bytes);
    bool client = event->direction == DIRECTION_TO_SERVER;
    bool early = scene->early && client && !scene->finished[DIRECTION_TO_SERVER];
    if (speech->records > 0 && (speech->direction != event->direction || speech->early != early))
        retell_speech_end(retelling);
    if (client && !early && scene->version < VERSION_TLS_1_3 && scene->version != VERSION_NONE &&
        !scene->established && scene->finished[0] && !scene->finished[1])
        retelling->client->options.false_start = true; /* RFC 7918 */
    if (speech->records++ == 0) {
        speech->open = true;
        speech->first = data.size;
        speech->time = retell_time(retelling, event);
        speech->before = retelling->time;
    }
    speech->direction = event->direction;
    speech->early = early;
    speech->open = speech->open && event->bytes != NULL;
    speech->size += event->bytes == NULL ? size : data.size;
    bytes_append(speech->bytes, data);
}

/* --- handshakes --- */

/* A request that waits makes the server ask who the client is: its resource has a door. */
static bool ask_at_door(Retelling *retelling)
{
    Scene *scene = &retelling->scene;
    if (!scene->asked)
        return false;
    for (guint i = 0; i < retelling->server->doors->len; i++) {
        const PlanDoor *door = g_ptr_array_index(retelling->server->doors, i);
        if (strcmp(door->path, scene->path) == 0)
            return true;
    }
    g_ptr_array_add(retelling->server->doors, plan_door_new(scene->path, true));
    return true;
}

static void hear_request_for_certificate(Retelling *retelling, uint64_t time)
{
    Scene *scene = &retelling->scene;
    PlanParty *server = retelling->server;
    bool door = scene->established && scene->asked;
    if (scene->established && scene->version >= VERSION_TLS_1_3) { /* RFC 8446 4.6.2 */
        scene->finished[0] = false;
        if (!ask_at_door(retelling))
            retell_act(retelling, ACT_ASK_CERTIFICATE, ROLE_SERVER, time);
    } else if (!door && server->client_auth == CLIENT_AUTH_NONE) {
        server->client_auth = CLIENT_AUTH_REQUESTED;
    }
}

static void hear_hello_request(Retelling *retelling, uint64_t time)
{
    Scene *scene = &retelling->scene;
    if (scene->wished)
        return;
    scene->wished = true;
    if (!ask_at_door(retelling))
        retell_act(retelling, ACT_RENEGOTIATE, ROLE_SERVER, time);
}

static void hear_key_update(Retelling *retelling, Direction direction, uint8_t request,
                            uint64_t time)
{
    Scene *scene = &retelling->scene;
    if (scene->owed[direction]) {
        scene->owed[direction] = false;
        return;
    }
    PlanAct *act = retell_act(retelling, ACT_UPDATE_KEYS, speaker(direction), time);
    act->number = request == KEY_UPDATE_REQUESTED;
    scene->owed[1 - direction] = act->number != 0;
}

static void hear_heartbeat(Retelling *retelling, const TraceEvent *event,
                           const Heartbeat *heartbeat)
{
    if (heartbeat->type != HEARTBEAT_REQUEST)
        return;
    Bytes payload = heartbeat->payload;
    PlanAct *act = retell_act(retelling, ACT_HEARTBEAT, speaker(event->direction),
                              retell_time(retelling, event));
    act->text = is_text(payload) ? g_strndup((const char *)payload.data, payload.size)
                                 : g_strdup("heartbeat");
}

/* A client that shows nothing at a door, and is heard none the less. */
static void leave_door_open(Retelling *retelling)
{
    for (guint i = 0; i < retelling->server->doors->len; i++) {
        PlanDoor *door = g_ptr_array_index(retelling->server->doors, i);
        if (g_strcmp0(door->path, retelling->scene.path) == 0)
            door->required = false;
    }
}

static void hear_chain(Retelling *retelling, Direction direction, const Bytes *list, size_t count)
{
    Scene *scene = &retelling->scene;
    PlanParty *party = party_of(retelling, direction);
    bool client = direction == DIRECTION_TO_SERVER;
    const char *root = NULL;
    if (count == 0 && client && scene->established && scene->asked)
        leave_door_open(retelling);
    if (count == 0 || party->shows != NULL)
        return;
    const char *leaf = retell_chain(retelling, list, count, client ? "visitor" : "site", &root);
    g_autofree char *copy = g_strdup(leaf);
    if (leaf == NULL)
        return;
    scene->certificates++;
    party->shows = g_steal_pointer(&copy);
    PlanParty *other = client ? retelling->server : retelling->client;
    g_ptr_array_set_size(other->trusts, 0);
    g_ptr_array_add(other->trusts, g_strdup(root));
    if (client && retelling->server->client_auth == CLIENT_AUTH_REQUESTED)
        retelling->server->client_auth = CLIENT_AUTH_REQUIRED;
}

static void hear_finished(Retelling *retelling, Direction direction)
{
    Scene *scene = &retelling->scene;
    bool before = scene->version >= VERSION_SSL_3_0 && scene->version < VERSION_TLS_1_3;
    scene->finished[direction] = true;
    if (before && !scene->full) /* RFC 5077 3.4 */
        scene->resumed = true;
    scene->established = scene->established || (scene->finished[0] && scene->finished[1]);
}

static void hear_alert(Retelling *retelling, const TraceEvent *event, const Alert *alert)
{
    Scene *scene = &retelling->scene;
    Role who = speaker(event->direction);
    AlertDescription description = (AlertDescription)alert->description;
    if (description == ALERT_CLOSE_NOTIFY) {
        if (!scene->closed && scene->established)
            retell_act(retelling, ACT_CLOSE, who, retell_time(retelling, event));
        scene->closed = true;
        return;
    }
    if (description == ALERT_NO_RENEGOTIATION) {
        party_of(retelling, event->direction)->refuses_renegotiation = true;
        scene->wished = false;
        return;
    }
    scene->failed = scene->failed || alert->level == ALERT_LEVEL_FATAL;
    retell_refusal(retelling, event->direction, description);
    PlanExpect *expect = plan_expect_new(EXPECT_ALERT);
    expect->who = who == ROLE_CLIENT ? EXPECT_OF_CLIENT : EXPECT_OF_SERVER;
    expect->level = (AlertLevel)alert->level;
    expect->number = description;
    g_ptr_array_add(retelling->plan->expects, expect);
}

/* How many bytes of data a closed record may hold: all of it but what protects it. */
static size_t closed_size(const Retelling *retelling, const TraceEvent *event)
{
    enum { ABOUT = 24 }; /* explicit nonce and tag of AES-GCM */
    for (size_t i = 0; i < trace_count(retelling->trace); i++) {
        const TraceEvent *other = trace_at(retelling->trace, i);
        if (other->kind != TRACE_RECORD || other->direction != event->direction ||
            other->record != event->record)
            continue;
        size_t size = bytes_from_gbytes(other->bytes).size;
        return size > ABOUT + 5 ? size - ABOUT - 5 : 1;
    }
    return 1;
}

/* A record that stays closed: the Finished that has to stand there, or data. */
static void hear_closed(Retelling *retelling, const TraceEvent *event)
{
    Scene *scene = &retelling->scene;
    const Conversation *list = conversation_of(event->family);
    bool row = event->row >= 0 && (size_t)event->row < list->count;
    if (row && list->steps[event->row].message == MESSAGE_FINISHED) {
        hear_finished(retelling, event->direction);
        return;
    }
    if (scene->version >= VERSION_TLS_1_3) {
        retell_left_out(retelling,
                        g_strdup("what TLS 1.3's closed records say: the server shows "
                                 "the lab's own certificate, and one page is asked for"));
        bool first = !scene->established && event->direction == DIRECTION_TO_SERVER;
        if (first) {
            scene->established = true; /* the client's first is its Finished, or its alert */
            PlanAct *act =
                retell_act(retelling, ACT_REQUEST, ROLE_CLIENT, retell_time(retelling, event));
            act->text = g_strdup("/");
        }
        return;
    }
    if (scene->established)
        hear_data(retelling, event, closed_size(retelling, event));
}

static void hear_by_kind(Retelling *retelling, const TraceEvent *event, const Message *message)
{
    switch ((int)message->kind) {
    case MESSAGE_CERTIFICATE:
        hear_chain(retelling, event->direction, message->certificate.list,
                   message->certificate.count);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
    case MESSAGE_SSL2_CLIENT_CERTIFICATE:
        hear_chain(retelling, event->direction, &message->ssl2.certificate,
                   message->ssl2.certificate.size > 0);
        return;
    case MESSAGE_SSL2_CLIENT_FINISHED:
    case MESSAGE_SSL2_SERVER_FINISHED:
    case MESSAGE_FINISHED:
        hear_finished(retelling, event->direction);
        return;
    case MESSAGE_SSL2_REQUEST_CERTIFICATE:
    case MESSAGE_CERTIFICATE_REQUEST:
        hear_request_for_certificate(retelling, retell_time(retelling, event));
        return;
    case MESSAGE_HELLO_REQUEST:
        hear_hello_request(retelling, retell_time(retelling, event));
        return;
    case MESSAGE_KEY_UPDATE:
        hear_key_update(retelling, event->direction, message->key_update,
                        retell_time(retelling, event));
        return;
    case MESSAGE_HEARTBEAT:
        hear_heartbeat(retelling, event, &message->heartbeat);
        return;
    case MESSAGE_ALERT:
        hear_alert(retelling, event, &message->alert);
        return;
    }
}

/* SSL 2.0's SERVER-FINISHED says the session's ID: 1.5.1 of its draft. */
static void hear_session(Retelling *retelling, const Message *message)
{
    if (message != NULL && message->kind == MESSAGE_SSL2_SERVER_FINISHED)
        g_ptr_array_add(retelling->sessions, bytes_copy(message->ssl2.session_id));
}

void retell_play(Retelling *retelling, const TraceEvent *event, const Message *message)
{
    if (event->bytes == NULL && event->message_kind == MESSAGE_NONE) {
        hear_closed(retelling, event);
        return;
    }
    if (event->message_kind == MESSAGE_APPLICATION_DATA) {
        hear_data(retelling, event, 0);
        return;
    }
    if (message != NULL)
        hear_by_kind(retelling, event, message);
    hear_session(retelling, message);
}

/* --- expectations --- */

static PlanExpect *expect_add(Retelling *retelling, ExpectKind kind, ExpectOf who, uint32_t number)
{
    PlanExpect *expect = plan_expect_new(kind);
    expect->who = who;
    expect->number = number;
    g_ptr_array_add(retelling->plan->expects, expect);
    return expect;
}

void retell_expects_something(Retelling *retelling)
{
    if (retelling->plan->expects->len == 0)
        expect_add(retelling, EXPECT_CONNECTIONS, EXPECT_OF_BOTH, retelling->connection + 1);
}

void retell_expects(Retelling *retelling)
{
    const Scene *scene = &retelling->scene;
    const ExpectOf both = EXPECT_OF_BOTH;
    if (scene->failed || scene->established)
        expect_add(retelling, EXPECT_STATE, both, 0)->end =
            scene->failed ? END_FAILED : END_CONNECTED;
    if (scene->version != VERSION_NONE && scene->established)
        expect_add(retelling, EXPECT_VERSION, both, scene->version);
    if (scene->suite != NULL && scene->established)
        expect_add(retelling, EXPECT_SUITE, both, scene->suite->number);
    if (retelling->group != GROUP_NONE && scene->established)
        expect_add(retelling, EXPECT_GROUP, both, retelling->group);
    if (retelling->chosen != NULL)
        expect_add(retelling, EXPECT_PROTOCOL, both, 0)->text = g_strdup(retelling->chosen);
    if (scene->established)
        expect_add(retelling, EXPECT_RESUMED, both, scene->resumed);
    if (scene->retried)
        expect_add(retelling, EXPECT_RETRY, both, 1);
    retell_expects_something(retelling);
}
