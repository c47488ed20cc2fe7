/* What TLS 1.3 says once it is established: tickets, new keys, a certificate asked for later; and
 * the ChangeCipherSpec that means nothing.
 *
 * A ticket is a session sealed by the server's ticket keys; its pre-shared key comes out of the
 * resumption master secret and a nonce. A KeyUpdate replaces one direction's secret by the next
 * one. Post-handshake authentication is a list of messages of its own, over the transcript of the
 * handshake.
 *
 * Obeys RFC 8446 4.6.1 to 4.6.3, 7.2 (traffic upd), D.4.
 */
#include <string.h>

#include "core/engine/extensions.h"

static Bytes view(const Endpoint *endpoint, const uint8_t *secret)
{
    return bytes_make(secret, hash_size(endpoint_suite(endpoint)->prf));
}

/* --- compatibility: RFC 8446 D.4 --- */

void tls13_compatibility(Endpoint *endpoint)
{
    const Handshake *handshake = endpoint->handshake;
    if (endpoint->ccs_sent || endpoint->config->options.no_middlebox_compatibility ||
        handshake->session_id_size == 0)
        return;
    endpoint->ccs_sent = true;
    Message message = {.kind = MESSAGE_CHANGE_CIPHER_SPEC, .change_cipher_spec = 1};
    Protection *protection = g_steal_pointer(&endpoint->write.protection); /* always in the clear */
    int epoch = endpoint->write.epoch;
    Fault fault = FAULT_INIT;
    endpoint->write.epoch = 0;
    speak_message(endpoint, &message, -1, &fault);
    endpoint->write.epoch = epoch;
    endpoint->write.protection = protection;
}

/* --- tickets --- */

static void resumption_psk(const Endpoint *endpoint, Bytes nonce, Session *session)
{
    const Suite *suite = endpoint->established.suite;
    session->secret_size = hash_size(suite->prf);
    hkdf_expand_label(suite->prf, view(endpoint, endpoint->established.master), "resumption", nonce,
                      session->secret, session->secret_size);
}

static Session *new_session(const Endpoint *endpoint)
{
    const Established *kept = &endpoint->established;
    Session *session = session_new();
    session->version = kept->version->number;
    session->suite = kept->suite->number;
    session->created = endpoint_wall_clock(endpoint);
    session->server_name = g_strdup(kept->server_name);
    session->protocol = g_strdup(kept->protocol);
    session->peer = kept->peer_certificate == NULL ? NULL : certificate_ref(kept->peer_certificate);
    return session;
}

/* A ticket that is pinned cannot hold the session: then it is its name in the cache. */
static GBytes *make_ticket(Endpoint *endpoint, Session *session, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    BUFFER_SCOPED pinned = buffer_take();
    if (random_take_pin(endpoint->random, "ticket", pinned)) {
        if (config->cache != NULL) {
            session_cache_add(config->cache, bytes_from_array(pinned), session);
            resume_own(endpoint, session);
        }
        return bytes_copy(bytes_from_array(pinned));
    }
    if (config->ticket_keys != NULL)
        return ticket_seal(config->ticket_keys, session, endpoint->random, fault);
    uint8_t name[SESSION_ID_MOST];
    random_fill(endpoint->random, "ticket_name", name, sizeof name);
    session_cache_add(config->cache, BYTES_ARRAY(name), session);
    resume_own(endpoint, session);
    return bytes_copy(BYTES_ARRAY(name));
}

static bool send_ticket(Endpoint *endpoint, Fault *fault)
{
    enum { DAY = 86400, NONCE_SIZE = 8 };
    const EndpointConfig *config = endpoint->config;
    Message message = {.kind = MESSAGE_NEW_SESSION_TICKET};
    NewSessionTicket *ticket = &message.new_session_ticket;
    g_autoptr(Session) session = new_session(endpoint);
    BUFFER_SCOPED nonce = buffer_take();
    uint8_t age_add[4];
    if (!random_take_pin(endpoint->random, "ticket_nonce", nonce)) {
        g_byte_array_set_size(nonce, NONCE_SIZE);
        for (size_t i = 0; i < NONCE_SIZE; i++)
            nonce->data[i] = (uint8_t)(endpoint->established.tickets >> 8 * (NONCE_SIZE - 1 - i));
    }
    endpoint->established.tickets++;
    random_fill(endpoint->random, "ticket_age_add", age_add, sizeof age_add);
    session->age_add = (uint32_t)bytes_number(BYTES_ARRAY(age_add));
    session->lifetime =
        config->options.ticket_lifetime == 0 ? DAY : config->options.ticket_lifetime;
    session->max_early_data = config->options.max_early_data;
    resumption_psk(endpoint, bytes_from_array(nonce), session);
    report_key(endpoint, "resumption_psk", bytes_make(session->secret, session->secret_size));
    g_autoptr(GBytes) sealed = make_ticket(endpoint, session, fault);
    if (sealed == NULL)
        return false;
    ticket->ticket_lifetime = session->lifetime;
    ticket->ticket_age_add = session->age_add;
    ticket->ticket_nonce = bytes_from_array(nonce);
    ticket->ticket = bytes_from_gbytes(sealed);
    if (config->options.max_early_data > 0)
        extensions_add(&ticket->extensions, EXTENSION_EARLY_DATA)->max_early_data_size =
            config->options.max_early_data;
    return speak_message(endpoint, &message, -1, fault);
}

bool tls13_send_tickets(Endpoint *endpoint, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    unsigned count = config->options.tickets == 0 ? 1 : config->options.tickets;
    if (config->role != ROLE_SERVER || config->options.no_tickets ||
        config->options.no_new_tickets || (config->ticket_keys == NULL && config->cache == NULL) ||
        endpoint->established.modes == 0)
        return true;
    for (unsigned i = 0; i < count; i++)
        if (!send_ticket(endpoint, fault))
            return false;
    speak_flush(endpoint);
    return true;
}

static bool take_ticket(Endpoint *endpoint, const NewSessionTicket *ticket, Fault *fault)
{
    enum { WEEK = 604800 }; /* seconds: RFC 8446 4.6.1 */
    const EndpointConfig *config = endpoint->config;
    const Extension *early = extensions_find(&ticket->extensions, EXTENSION_EARLY_DATA);
    if (ticket->ticket_lifetime > WEEK)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.6.1",
                          "a ticket for %u seconds; seven days are the most",
                          ticket->ticket_lifetime);
    if (!extension_places_check(MESSAGE_NEW_SESSION_TICKET, &ticket->extensions, fault))
        return false;
    if (config->cache == NULL || config->options.no_tickets || ticket->ticket_lifetime == 0)
        return true;
    g_autoptr(Session) session = new_session(endpoint);
    session->lifetime = ticket->ticket_lifetime;
    session->age_add = ticket->ticket_age_add;
    session->ticket = bytes_copy(ticket->ticket);
    session->max_early_data = early == NULL ? 0 : early->max_early_data_size;
    resumption_psk(endpoint, ticket->ticket_nonce, session);
    report_key(endpoint, "resumption_psk", bytes_make(session->secret, session->secret_size));
    const char *name = config->server_name;
    session_cache_add(config->cache, bytes_from_text(name == NULL ? "" : name), session);
    resume_own(endpoint, session);
    return true;
}

/* --- KeyUpdate --- */

/* application_traffic_secret_N+1: RFC 8446 7.2. */
static bool next_keys(Endpoint *endpoint, bool writing, Fault *fault)
{
    const Suite *suite = endpoint->established.suite;
    bool client = (endpoint->config->role == ROLE_CLIENT) == writing;
    uint8_t *secret = client ? endpoint->established.client_application
                             : endpoint->established.server_application;
    uint8_t next[HASH_SIZE_MOST];
    hkdf_expand_label(suite->prf, view(endpoint, secret), "traffic upd", BYTES_NONE, next,
                      hash_size(suite->prf));
    memcpy(secret, next, hash_size(suite->prf));
    Way *way = writing ? &endpoint->write : &endpoint->read;
    g_autofree char *name = g_strdup_printf("%s_application_traffic_secret_%u",
                                            client ? "client" : "server", ++way->updates);
    report_key(endpoint, name, view(endpoint, secret));
    return tls13_install(endpoint, way, UNDER_NEW, view(endpoint, secret), fault);
}

bool tls13_update_keys(Endpoint *endpoint, bool request, Fault *fault)
{
    Message message = {
        .kind = MESSAGE_KEY_UPDATE,
        .key_update = request ? KEY_UPDATE_REQUESTED : KEY_UPDATE_NOT_REQUESTED,
    };
    if (!speak_message(endpoint, &message, -1, fault))
        return false;
    speak_flush(endpoint);
    return next_keys(endpoint, true, fault);
}

static bool take_update(Endpoint *endpoint, uint8_t request, Fault *fault)
{
    if (++endpoint->key_updates > LIMIT_KEY_UPDATES)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL,
                          "more than %d KeyUpdates came in a row", LIMIT_KEY_UPDATES);
    if (!next_keys(endpoint, false, fault))
        return false;
    return request != KEY_UPDATE_REQUESTED || tls13_update_keys(endpoint, false, fault);
}

/* --- post-handshake authentication --- */

static Handshake *post_begin(Endpoint *endpoint)
{
    const Established *kept = &endpoint->established;
    Handshake *handshake = handshake_begin(endpoint, FAMILY_TLS13_POST);
    handshake->version = kept->version;
    handshake->suite = kept->suite;
    handshake->group = kept->group;
    bytes_append(handshake->transcript, bytes_from_array(kept->transcript));
    return handshake;
}

bool tls13_ask_certificate(Endpoint *endpoint, ClientAuth client_auth, Fault *fault)
{
    enum { CONTEXT_SIZE = 8 };
    uint8_t context[CONTEXT_SIZE];
    (void)fault;
    Handshake *handshake = post_begin(endpoint);
    handshake->client_auth = client_auth;
    random_fill(endpoint->random, "certificate_request_context", context, sizeof context);
    handshake->request_context = bytes_copy(BYTES_ARRAY(context));
    speak(endpoint);
    return endpoint->state == ENDPOINT_CONNECTED;
}

/* RFC 8446 4.6.2: only where the client offered it. */
static bool take_request(Endpoint *endpoint, Fault *fault)
{
    if (!endpoint->config->options.post_handshake_auth)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 4.6.2",
                          "CertificateRequest came, and the client does not offer "
                          "post_handshake_auth");
    if (endpoint->handshakes >= LIMIT_HANDSHAKES)
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, NULL,
                          "more than %d handshakes on one connection", LIMIT_HANDSHAKES);
    post_begin(endpoint);
    return true;
}

bool tls13_established(Endpoint *endpoint, const Message *message, bool *taken, Fault *fault)
{
    bool client = endpoint->config->role == ROLE_CLIENT;
    *taken = false;
    if (!endpoint->established.any)
        return true;
    if (message->kind == MESSAGE_KEY_UPDATE) {
        *taken = true;
        return take_update(endpoint, message->key_update, fault);
    }
    if (client && message->kind == MESSAGE_NEW_SESSION_TICKET) {
        *taken = true;
        return take_ticket(endpoint, &message->new_session_ticket, fault);
    }
    if (client && message->kind == MESSAGE_CERTIFICATE_REQUEST && endpoint->handshake == NULL)
        return take_request(endpoint, fault);
    return true;
}
