/* Resumption in SSL 3.0 to TLS 1.2: by session ID out of the server's cache, or by a ticket that
 * the client keeps for it.
 *
 * What is used again is the master secret; the randoms are new, and so are the keys. A session is
 * resumed only for the version, suite and name that it was made for; anything else leads to a full
 * handshake, never to an error. A fatal alert ends the sessions of its connection with it.
 *
 * Obeys RFC 5246 F.1.4, 7.2.2 and 7.4.1.2; RFC 5077 3.1 to 3.4; RFC 6066 3 (the name); RFC
 * 7627 5.3.
 */
#include <string.h>

#include "core/engine/extensions.h"

/* A client keeps its sessions by the name that it asks for. */
static Bytes client_key(const Endpoint *endpoint)
{
    const char *name = endpoint->config->server_name;
    return bytes_from_text(name == NULL ? "" : name);
}

static bool suite_listed(const EndpointConfig *config, SuiteNumber number)
{
    for (size_t i = 0; i < config->suite_count; i++)
        if (config->suites[i] == number)
            return true;
    return false;
}

Session *resume_offered(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    if (config->cache == NULL)
        return NULL;
    Session *session =
        session_cache_find(config->cache, client_key(endpoint), endpoint_wall_clock(endpoint));
    /* RFC 7627 5.3: a client that speaks it does not go back to a session that was made without */
    bool weak = session != NULL && !session->extended && session->version > VERSION_SSL_3_0 &&
                config->options.extended_master_secret != FEATURE_OFF;
    bool usable = session != NULL && !weak && session->version < VERSION_TLS_1_3 &&
                  session->version > VERSION_SSL_2_0 && session->version >= config->first &&
                  session->version <= config->last && suite_listed(config, session->suite) &&
                  (session->id_size > 0 || session->ticket != NULL) &&
                  !(session->ticket != NULL && config->options.no_tickets);
    return usable ? session : NULL;
}

/* RFC 6066 3: not for another name than the session's. */
static bool same_name(const char *a, const char *b)
{
    return g_strcmp0(a, b) == 0;
}

bool resume_fits(const Endpoint *endpoint, const Session *session)
{
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    const Suite *suite = suite_find(session->suite);
    return suite != NULL && session->version == handshake->version->number &&
           suite_fits(suite, session->version) && suite_listed(config, session->suite) &&
           numbers_contain(handshake->peer_suites, 2, session->suite) &&
           session_is_fresh(session, endpoint_wall_clock(endpoint)) &&
           same_name(session->server_name, handshake->peer_name) &&
           !(handshake->client_auth == CLIENT_AUTH_REQUIRED && session->peer == NULL);
}

/* The session of a ticket or of an ID, as an own reference; NULL. */
static Session *find_session(Endpoint *endpoint, const ClientHello *hello, const char **how)
{
    const EndpointConfig *config = endpoint->config;
    const Extension *ticket = extensions_find(&hello->extensions, EXTENSION_SESSION_TICKET);
    *how = "ticket";
    if (extension_came(endpoint->handshake, EXTENSION_SESSION_TICKET) && ticket->ticket.size > 0 &&
        config->ticket_keys != NULL) /* RFC 5077 3.4 */
        return ticket_open(config->ticket_keys, ticket->ticket,
                           &endpoint->handshake->renews_ticket);
    *how = "session ID";
    Session *session =
        config->cache == NULL || hello->session_id.size == 0
            ? NULL
            : session_cache_find(config->cache, hello->session_id, endpoint_wall_clock(endpoint));
    return session == NULL ? NULL : session_ref(session);
}

void resume_take(Endpoint *endpoint, const ClientHello *hello)
{
    Handshake *handshake = endpoint->handshake;
    const char *how = "";
    g_autoptr(Session) session = find_session(endpoint, hello, &how);
    bool offered = hello->session_id.size > 0;
    if (session == NULL || !resume_fits(endpoint, session)) {
        if (offered && session != NULL)
            report_fact(endpoint, "resumption", "refused",
                        "the session of the %s does not fit this hello: a full handshake", how);
        return;
    }
    /* RFC 7627 5.3: a session without is not resumed with; the reverse is an error */
    if (!session->extended && extension_came(handshake, EXTENSION_EXTENDED_MASTER_SECRET) &&
        endpoint->config->options.extended_master_secret != FEATURE_OFF) {
        report_fact(endpoint, "resumption", "refused",
                    "the session has no extended master secret, and the client offers it: a full "
                    "handshake (RFC 7627 5.3)");
        return;
    }
    handshake->suite = suite_find(session->suite);
    handshake->session = g_steal_pointer(&session);
    handshake_know(handshake, FACT_RESUMED, true);
    memcpy(handshake->session_id, hello->session_id.data, hello->session_id.size);
    handshake->session_id_size = hello->session_id.size;
    report_fact(endpoint, "resumption", how,
                "the session is known, fresh and fits: its master "
                "secret is used again, with new keys");
}

bool resume_derive(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Session *session = handshake->session;
    memcpy(handshake->master, session->secret, MASTER_SECRET_SIZE);
    handshake->extended = session->extended;
    if (session->peer != NULL) {
        g_ptr_array_set_size(handshake->lists.peer_chain, 0);
        g_ptr_array_add(handshake->lists.peer_chain, certificate_ref(session->peer));
        handshake->peer_authenticated = true;
    }
    return derive_keys(endpoint, fault);
}

Session *session_of(const Endpoint *endpoint)
{
    enum { DAY = 86400 }; /* seconds; RFC 5246 F.1.4: not longer */
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    Session *session = session_new();
    session->version = handshake->version->number;
    session->suite = handshake->suite->number;
    session->created = endpoint_wall_clock(endpoint);
    session->lifetime =
        config->options.ticket_lifetime == 0 ? DAY : config->options.ticket_lifetime;
    session->extended = handshake->extended;
    session->secret_size = MASTER_SECRET_SIZE;
    memcpy(session->secret, handshake->master, MASTER_SECRET_SIZE);
    bool client = config->role == ROLE_CLIENT;
    session->server_name = g_strdup(client ? config->server_name : handshake->peer_name);
    session->protocol = g_strdup(handshake->protocol);
    if (handshake->peer_authenticated && handshake->lists.peer_chain->len > 0)
        session->peer = certificate_ref(g_ptr_array_index(handshake->lists.peer_chain, 0));
    return session;
}

void resume_own(Endpoint *endpoint, Session *session)
{
    if (endpoint->session == NULL)
        endpoint->session = session_ref(session);
    else
        endpoint->sessions = g_slist_prepend(endpoint->sessions, session_ref(session));
}

void resume_disown(Endpoint *endpoint)
{
    g_clear_pointer(&endpoint->session, session_unref);
    if (endpoint->sessions != NULL)
        g_slist_free_full(g_steal_pointer(&endpoint->sessions), (GDestroyNotify)session_unref);
}

void resume_adopt(Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    if (handshake != NULL && handshake->session != NULL && handshake->session->kept &&
        (handshake->progress.facts & (FACT_RESUMED | FACT_PSK)) != 0)
        resume_own(endpoint, handshake->session);
}

/* RFC 5246 7.2.2: it must not be resumed. RFC 8446 6.2 asks the same of tickets, where that can be:
 * what a server has put into a ticket it cannot take back. */
void resume_forget(Endpoint *endpoint)
{
    if (endpoint->framing == FRAMING_SSL2) /* which has no alerts */
        return;
    resume_adopt(endpoint);
    bool any = endpoint->session != NULL && !endpoint->session->forgotten;
    if (endpoint->session != NULL)
        endpoint->session->forgotten = true;
    for (GSList *at = endpoint->sessions; at != NULL; at = at->next) {
        Session *session = at->data;
        any = any || !session->forgotten;
        session->forgotten = true;
    }
    if (any)
        report_note(endpoint, "forgotten",
                    "The %s forgets the session of this connection: it ended with a fatal alert.",
                    role_name(endpoint->config->role));
    resume_disown(endpoint);
}

/* What a client keeps it by, or a server. A client's new ticket goes before an ID. */
void resume_keep(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    bool client = config->role == ROLE_CLIENT;
    bool named = handshake->session_id_size > 0 || handshake->ticket != NULL;
    bool resumed = handshake_is(handshake, FACT_RESUMED);
    if (config->cache == NULL || !named || (resumed && handshake->ticket == NULL))
        return;
    g_autoptr(Session) session = session_of(endpoint);
    memcpy(session->id, handshake->session_id, handshake->session_id_size);
    session->id_size = handshake->session_id_size;
    if (client && handshake->ticket != NULL) {
        session->ticket = g_bytes_ref(handshake->ticket);
        if (handshake->ticket_lifetime > 0)
            session->lifetime = handshake->ticket_lifetime;
    }
    session_cache_add(config->cache,
                      client ? client_key(endpoint) : bytes_make(session->id, session->id_size),
                      session);
    resume_own(endpoint, session);
}

/* --- NewSessionTicket: RFC 5077 3.3 --- */

bool new_session_ticket_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    NewSessionTicket *ticket = &message->new_session_ticket;
    g_autoptr(Session) session = session_of(endpoint);
    g_autoptr(GBytes) sealed =
        ticket_seal(endpoint->config->ticket_keys, session, endpoint->random, fault);
    if (sealed == NULL)
        return false;
    ticket->ticket_lifetime = session->lifetime;
    ticket->ticket = handshake_keep(endpoint->handshake, bytes_from_gbytes(sealed));
    return true;
}

bool new_session_ticket_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    if (message->new_session_ticket.ticket.size == 0) /* RFC 5077 3.3: it has changed its mind */
        return true;
    handshake->ticket = bytes_copy(message->new_session_ticket.ticket);
    handshake->ticket_lifetime = message->new_session_ticket.ticket_lifetime;
    return true;
}
