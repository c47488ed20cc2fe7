/* What runs above the two endpoints: requests, answers, and who may have what.
 *
 * The exchange looks like HTTP/1.0 and is no more than its first lines. A resource that wants a
 * client certificate makes the server ask for one by renegotiation before it answers. The fifth
 * check (may this client have this resource?) is made here, at the request, as an application does:
 * whoever speaks knows who the client is, not what it may.
 *
 * Obeys handshake.md's five checks; RFC 5246 7.4.1.1 (HelloRequest); RFC 7230 3 for the first
 * lines.
 */
#include "sim/application.h"

#include <string.h>

#include "core/crypto/name.h"

struct Application {
    const PlanParty *party;
    Speaker *speaker;
    TraceSink sink;
    GString *received; /* bytes of a request or answer that is not whole yet */
    char *asked;       /* client: the path that waits for its answer */
    char *waiting;     /* server: the path that waits for the client's certificate */
    GQueue unsent;     /* of GBytes *: waits for a handshake to end */
    const PlanAct *eager;
    bool early;  /* server: data came ahead of the handshake's end */
    bool took;   /* the eager request has been made */
    bool closes; /* server: behind what is unsent, if anything is */
    const Pages *pages;
    char *request; /* server: the head of the last request */
};

Application *application_new(const PlanParty *party, Speaker *speaker, const TraceSink *sink,
                             const PlanAct *eager)
{
    Application *application = g_new0(Application, 1);
    application->party = party;
    application->speaker = speaker;
    application->sink = *sink;
    application->eager = eager;
    application->received = g_string_new(NULL);
    g_queue_init(&application->unsent);
    return application;
}

void application_free(Application *application)
{
    if (application == NULL)
        return;
    g_string_free(application->received, TRUE);
    g_free(application->asked);
    g_free(application->waiting);
    g_free(application->request);
    g_queue_clear_full(&application->unsent, (GDestroyNotify)g_bytes_unref);
    g_free(application);
}

static TraceEvent *application_event(const Application *application, TraceKind kind)
{
    TraceEvent *event = trace_add(application->sink.trace, kind);
    event->party = application->sink.party;
    event->link = application->sink.link;
    event->connection = application->sink.connection;
    event->direction =
        application->party->kind == PARTY_CLIENT ? DIRECTION_TO_SERVER : DIRECTION_TO_CLIENT;
    return event;
}

static void application_note(const Application *application, const char *kind, const char *text)
{
    TraceEvent *event = application_event(application, TRACE_NOTE);
    event->name = g_strdup(kind);
    event->value = g_strdup(text);
}

bool application_send(Application *application, Bytes data, uint64_t now)
{
    Speaker *speaker = application->speaker;
    EndpointState state = speaker_state(speaker);
    /* an answer to early data waits for the handshake's end as well */
    bool early = state == ENDPOINT_HANDSHAKING && application->early;
    if (state != ENDPOINT_CONNECTED && !early)
        return false;
    if (speaker_send(speaker, data, now) == SPEAKER_DONE)
        return true;
    if (!speaker_in_handshake(speaker))
        return false;
    g_queue_push_tail(&application->unsent, bytes_copy(data));
    return true;
}

bool application_took(Application *application, const PlanAct *act)
{
    bool took = application->took && act == application->eager;
    if (took)
        application->eager = NULL;
    return took;
}

bool application_request(Application *application, const char *path, uint64_t now)
{
    g_autofree char *request = g_strdup_printf("GET %s HTTP/1.0\r\n\r\n", path);
    bool early = application->eager != NULL && speaker_in_handshake(application->speaker);
    if (speaker_state(application->speaker) != ENDPOINT_CONNECTED && !early)
        return false;
    g_free(application->asked);
    application->asked = g_strdup(path);
    g_autofree char *line = g_strdup_printf("GET %s", path);
    application_note(application, "request", line);
    if (early)
        return speaker_send(application->speaker, bytes_from_text(request), now) == SPEAKER_DONE;
    return application_send(application, bytes_from_text(request), now);
}

static void close_when_sent(Application *application, uint64_t now)
{
    if (application->closes && g_queue_is_empty(&application->unsent))
        speaker_close(application->speaker, now);
}

/* A page from elsewhere; what says how long it is, ends with it (RFC 9112 9.6). */
static void answer_with_page(Application *application, const char *path, uint64_t now)
{
    const Pages *pages = application->pages;
    g_autofree char *text =
        pages->page(pages->data, path, application->request, application->sink.trace);
    application->closes = application_send(application, bytes_from_text(text), now);
    close_when_sent(application, now);
}

void application_set_pages(Application *application, const Pages *pages)
{
    application->pages = pages;
}

static void answer(Application *application, const char *path, unsigned status, uint64_t now)
{
    if (application->pages != NULL && status == 200) {
        answer_with_page(application, path, now);
        return;
    }
    const char *reason = status == 200 ? "OK" : "Forbidden";
    g_autofree char *body = status == 200 ? g_strdup_printf("This is %s.\r\n", path)
                                          : g_strdup_printf("You may not have %s.\r\n", path);
    g_autofree char *text = g_strdup_printf("HTTP/1.0 %u %s\r\n\r\n%s", status, reason, body);
    application_send(application, bytes_from_text(text), now);
}

/* The same person, however the name is spelt (RFC 4514). */
static bool same_subject(const char *listed, const char *subject)
{
    g_autofree char *a = name_canonical(listed);
    g_autofree char *b = subject == NULL ? NULL : name_canonical(subject);
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether the access list speaks of the resource, and whether it lets this client in. */
static bool listed(const Application *application, const char *path, const char *subject,
                   bool *allowed)
{
    bool found = false;
    *allowed = false;
    for (guint i = 0; i < application->party->access->len; i++) {
        const PlanAccess *access = g_ptr_array_index(application->party->access, i);
        if (strcmp(access->path, path) != 0)
            continue;
        found = true;
        *allowed = *allowed || same_subject(access->subject, subject);
    }
    return found;
}

static const PlanDoor *door_of(const Application *application, const char *path)
{
    for (guint i = 0; i < application->party->doors->len; i++) {
        const PlanDoor *door = g_ptr_array_index(application->party->doors, i);
        if (strcmp(door->path, path) == 0)
            return door;
    }
    return NULL;
}

/* The fifth check, and its answer. */
static void authorise(Application *application, const char *path, uint64_t now)
{
    const Certificate *certificate = speaker_peer_certificate(application->speaker);
    const char *subject = certificate == NULL ? NULL : certificate_subject(certificate);
    bool allowed = false;
    const PlanDoor *door = door_of(application, path);
    bool known = listed(application, path, subject, &allowed);
    if (!known) /* a door without a list lets in whoever is authenticated */
        allowed = door == NULL || !door->required || subject != NULL;
    if (known || (door != NULL && door->required)) {
        TraceEvent *event = application_event(application, TRACE_CHECK);
        event->name = g_strdup(check_name(CHECK_AUTHORISED));
        event->value = g_strdup(role_name(ROLE_CLIENT));
        event->result = allowed ? TRACE_PASSED : TRACE_FAILED;
        event->reason =
            g_strdup_printf("%s %s have %s", subject == NULL ? "an anonymous client" : subject,
                            allowed ? "may" : "may not", path);
    }
    g_autofree char *sentence = g_strdup_printf("the access list does not allow %s", path);
    if (!allowed && application->party->refuses_by_alert && /* RFC 5246 7.2.2 */
        speaker_abort(application->speaker, ALERT_ACCESS_DENIED, sentence, now) != SPEAKER_CANNOT)
        return;
    answer(application, path, allowed ? 200 : 403, now);
}

/* A resource behind a door is answered once the client has been asked who it is. */
static void serve(Application *application, const char *path, uint64_t now)
{
    const PlanDoor *door = door_of(application, path);
    bool anonymous = speaker_peer_certificate(application->speaker) == NULL;
    if (door != NULL && anonymous && application->waiting == NULL) {
        ClientAuth asks = door->required ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_REQUESTED;
        application->waiting = g_strdup(path);
        const Version *version = speaker_version(application->speaker);
        bool later = version != NULL && version->number >= VERSION_TLS_1_3; /* RFC 8446 4.6.2 */
        SpeakerAnswer asked = later ? speaker_ask_certificate(application->speaker, asks, now)
                                    : speaker_renegotiate(application->speaker, asks, now);
        if (asked == SPEAKER_DONE)
            return;
        g_clear_pointer(&application->waiting, g_free);
    }
    authorise(application, path, now);
}

/* Whether what came begins with these words, as far as it goes: a record may end within them. */
static bool may_begin(const GString *received, const char *words)
{
    return strncmp(received->str, words, MIN(received->len, strlen(words))) == 0;
}

/* Takes whole requests off what came. What is no request is data, and stays in the trace only. */
static void serve_received(Application *application, uint64_t now)
{
    GString *received = application->received;
    for (;;) {
        const char *end = strstr(received->str, "\r\n\r\n");
        if (!g_str_has_prefix(received->str, "GET ") || end == NULL)
            break;
        const char *from = received->str + strlen("GET ");
        g_autofree char *path = g_strndup(from, strcspn(from, " \r"));
        g_free(application->request);
        application->request = g_strndup(received->str, (gsize)(end - received->str));
        g_string_erase(received, 0, end + strlen("\r\n\r\n") - received->str);
        serve(application, path, now);
    }
    if (!may_begin(received, "GET ")) /* RFC 7230 3.1.1: no request line */
        g_string_truncate(received, 0);
}

/* The client reads the status of its answer. */
static void read_answer(Application *application)
{
    static const char prefix[] = "HTTP/1.0 ";
    GString *received = application->received;
    const char *end = strstr(received->str, "\r\n");
    if (application->asked != NULL && g_str_has_prefix(received->str, prefix) && end != NULL) {
        g_autofree char *status = g_strndup(received->str + strlen(prefix),
                                            (gsize)(end - received->str) - strlen(prefix));
        g_autofree char *line = g_strdup_printf("%s: %s", application->asked, status);
        application_note(application, "answer", line);
        g_clear_pointer(&application->asked, g_free);
        g_string_truncate(received, 0);
    }
    if (application->asked == NULL || !may_begin(received, prefix))
        g_string_truncate(received, 0);
}

/* The data that was sent ahead and not taken is sent again: RFC 8446 2.3. */
static void resend_early(Application *application)
{
    const char *data = application->party->early_data;
    application_note(application, "early_data",
                     "The server does not take the early data; the client sends it again.");
    if (data != NULL)
        g_queue_push_tail(&application->unsent, bytes_copy(bytes_from_text(data)));
}

static void received_data(Application *application, Bytes data, uint64_t now)
{
    enum { REQUEST_MOST = 8192 }; /* as the request lines of RFC 7230 3.1.1 should at least fit */
    if (application->received->len + data.size <= REQUEST_MOST)
        g_string_append_len(application->received, (const char *)data.data, (gssize)data.size);
    else
        g_string_truncate(application->received, 0);
    if (application->party->kind == PARTY_CLIENT)
        read_answer(application);
    else
        serve_received(application, now);
}

/* A handshake is complete, or refused: what waited for it goes on. */
static void handshake_settled(Application *application, uint64_t now)
{
    while (!g_queue_is_empty(&application->unsent) && !speaker_in_handshake(application->speaker)) {
        GBytes *data = g_queue_pop_head(&application->unsent);
        speaker_send(application->speaker, bytes_from_gbytes(data), now);
        g_bytes_unref(data);
    }
    close_when_sent(application, now);
    if (application->waiting == NULL)
        return;
    authorise(application, application->waiting, now);
    g_clear_pointer(&application->waiting, g_free);
}

void application_run(Application *application, uint64_t now)
{
    EndpointEvent event;
    while (speaker_next_event(application->speaker, &event)) {
        switch (event.kind) {
        case EVENT_FALSE_START:
            application->took = application->eager != NULL &&
                                application_request(application, application->eager->text, now);
            break;
        case EVENT_EARLY_DATA_REJECTED:
            resend_early(application);
            break;
        case EVENT_HEARTBEAT:
            application_note(application, "heartbeat", "The other side answers the heartbeat.");
            break;
        case EVENT_DATA:
            application->early = speaker_state(application->speaker) == ENDPOINT_HANDSHAKING;
            received_data(application, bytes_from_gbytes(event.data), now);
            break;
        case EVENT_RENEGOTIATION_REFUSED:
            application_note(application, "renegotiation",
                             "The other side refuses a new handshake; the old keys stay.");
            handshake_settled(application, now);
            break;
        case EVENT_CONNECTED:
            handshake_settled(application, now);
            break;
        case EVENT_CLOSED:
        case EVENT_FAILED:
            break;
        }
        endpoint_event_clear(&event);
    }
}
