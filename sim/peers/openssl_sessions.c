/* What OpenSSL keeps from connection to connection, by the lab's clock.
 *
 * libssl judges the age of a session by the machine's clock. Here each session is kept with the
 * time that the lab's clock showed when it was made, and handed back as old as it is by that clock:
 * so waiting makes it old, and a run repeats. The server's cache is ours, through libssl's own
 * calls; a ticket holds the lab's time.
 *
 * Obeys SSL_CTX_sess_set_get_cb(3), SSL_CTX_set_session_ticket_cb(3), RFC 5077 3.3 (lifetimes),
 * RFC 8446 C.4 (a ticket is used once).
 */
#include <time.h>

#include "sim/peers/openssl_stack.h"

typedef struct {
    GBytes *der;
    int64_t time; /* of the lab's clock */
} Kept;

static void kept_free(gpointer data)
{
    Kept *kept = data;
    g_bytes_unref(kept->der);
    g_free(kept);
}

static OpenSslSource *source_of(const SSL *ssl)
{
    return (OpenSslSource *)openssl_peer_of(ssl)->base.source;
}

/* As old by the machine's clock as it is by the lab's. */
static void set_age(SSL_SESSION *session, int64_t age)
{
    SSL_SESSION_set_time(session, (long)(time(NULL) - age));
}

/* --- tickets --- */

static int put_time(SSL *ssl, void *data)
{
    (void)data;
    SSL_SESSION_set_time(SSL_get_session(ssl), (long)openssl_clock(openssl_peer_of(ssl)));
    return 1;
}

static SSL_TICKET_RETURN take_time(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                   size_t size, SSL_TICKET_STATUS status, void *data)
{
    (void)name, (void)size, (void)data;
    if (session != NULL)
        set_age(session, openssl_clock(openssl_peer_of(ssl)) - SSL_SESSION_get_time(session));
    switch (status) {
    case SSL_TICKET_EMPTY:
    case SSL_TICKET_NO_DECRYPT:
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    case SSL_TICKET_SUCCESS:
        return SSL_TICKET_RETURN_USE;
    case SSL_TICKET_SUCCESS_RENEW:
        return SSL_TICKET_RETURN_USE_RENEW;
    default:
        return SSL_TICKET_RETURN_ABORT;
    }
}

/* --- the server's cache --- */

/* The oldest one makes room. */
static void make_room(GHashTable *cache, guint most)
{
    GHashTableIter iter;
    gpointer id = NULL, value = NULL, oldest = NULL;
    int64_t time = G_MAXINT64;
    if (g_hash_table_size(cache) < most)
        return;
    g_hash_table_iter_init(&iter, cache);
    while (g_hash_table_iter_next(&iter, &id, &value)) {
        if (((const Kept *)value)->time >= time)
            continue;
        time = ((const Kept *)value)->time;
        oldest = id;
    }
    g_hash_table_remove(cache, oldest);
}

static GBytes *id_of(const SSL_SESSION *session)
{
    unsigned size = 0;
    const unsigned char *id = SSL_SESSION_get_id(session, &size);
    return g_bytes_new(id, size);
}

static int keep_in_cache(SSL *ssl, SSL_SESSION *session)
{
    enum { CACHE_MOST = 1000 }; /* as the lab's own */
    OpenSslSource *source = source_of(ssl);
    uint32_t most = source->base.setup.words->cache_size;
    unsigned char *der = NULL;
    int size = i2d_SSL_SESSION(session, &der);
    make_room(source->cache, most == 0 ? CACHE_MOST : most);
    Kept *kept = g_new0(Kept, 1);
    kept->der = g_bytes_new(der, size > 0 ? (gsize)size : 0);
    kept->time = openssl_clock(openssl_peer_of(ssl));
    OPENSSL_free(der);
    g_hash_table_replace(source->cache, id_of(session), kept);
    return 0; /* no reference is kept */
}

static SSL_SESSION *find_in_cache(SSL *ssl, const unsigned char *id, int size, int *copy)
{
    OpenSslSource *source = source_of(ssl);
    g_autoptr(GBytes) wanted = g_bytes_new(id, (gsize)size);
    const Kept *kept = g_hash_table_lookup(source->cache, wanted);
    if (kept == NULL)
        return NULL;
    Bytes der = bytes_from_gbytes(kept->der);
    const unsigned char *at = der.data;
    SSL_SESSION *session = d2i_SSL_SESSION(NULL, &at, (long)der.size);
    *copy = 0; /* the reference goes over */
    if (session != NULL)
        set_age(session, openssl_clock(openssl_peer_of(ssl)) - kept->time);
    return session;
}

static void remove_from_cache(SSL_CTX *context, SSL_SESSION *session)
{
    OpenSslSource *source = SSL_CTX_get_app_data(context);
    g_autoptr(GBytes) id = id_of(session);
    if (source != NULL && source->cache != NULL)
        g_hash_table_remove(source->cache, id);
}

/* --- the client's session --- */

static int keep_for_client(SSL *ssl, SSL_SESSION *session)
{
    OpenSslSource *source = source_of(ssl);
    SSL_SESSION_free(source->session);
    source->session = session; /* with the reference that it came with */
    source->session_time = openssl_clock(openssl_peer_of(ssl));
    return 1;
}

bool openssl_resume(OpenSslPeer *peer)
{
    OpenSslSource *source = (OpenSslSource *)peer->base.source;
    if (source->session == NULL)
        return false;
    set_age(source->session, openssl_clock(peer) - source->session_time);
    SSL_set_session(peer->ssl, source->session);
    bool once = SSL_SESSION_get_protocol_version(source->session) >= TLS1_3_VERSION &&
                !source->base.setup.config->options.reuses_tickets;
    if (once)
        g_clear_pointer(&source->session, SSL_SESSION_free);
    return true;
}

/* --- all together --- */

void openssl_set_sessions(OpenSslSource *source)
{
    enum { DAY = 86400 };
    const EndpointConfig *config = source->base.setup.config;
    const EndpointOptions *options = &config->options;
    const PlanParty *words = source->base.setup.words;
    SSL_CTX *context = source->context;
    bool client = config->role == ROLE_CLIENT;
    uint32_t lifetime = words->cache_lifetime == 0 ? DAY : words->cache_lifetime;
    if (!options->no_tickets && options->ticket_lifetime > 0)
        lifetime = options->ticket_lifetime;
    source->cache = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                          (GDestroyNotify)g_bytes_unref, kept_free);
    SSL_CTX_set_app_data(context, source);
    SSL_CTX_set_timeout(context, lifetime);
    if (!client)
        SSL_CTX_set_session_id_context(context, (const unsigned char *)"lab", 3);
    SSL_CTX_set_session_cache_mode(context, (words->forgets_sessions ? SSL_SESS_CACHE_OFF
                                             : client                ? SSL_SESS_CACHE_CLIENT
                                                                     : SSL_SESS_CACHE_SERVER) |
                                                SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, client ? keep_for_client : keep_in_cache);
    SSL_CTX_sess_set_get_cb(context, find_in_cache);
    SSL_CTX_sess_set_remove_cb(context, remove_from_cache);
    SSL_CTX_set_session_ticket_cb(context, put_time, take_time, NULL);
    bool gives = !options->no_tickets && !options->no_new_tickets;
    SSL_CTX_set_num_tickets(context, !gives ? 0 : options->tickets == 0 ? 1 : options->tickets);
}

void openssl_forget_sessions(OpenSslSource *source)
{
    g_clear_pointer(&source->session, SSL_SESSION_free);
    g_hash_table_remove_all(source->cache);
}
