/* GnuTLS as a party, through its push and pull functions.
 *
 * It is given what came and works until it wants more; what it pushes waits for the turn to end. It
 * is asked itself what it has come to. Its randomness cannot be had: a run with it does not repeat
 * byte for byte, and says so. How it is configured stands in gnutls_setup.c.
 *
 * Obeys gnutls_handshake(3), gnutls_record_recv(3), gnutls_reauth(3), gnutls_bye(3);
 * RFC 5246 7.2.1 (closing), 7.2.2 (no_renegotiation is a warning).
 */
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "core/crypto/group.h"
#include "sim/peers/gnutls_stack.h"

static const SpeakerKind gnutls_kind;

/* The library has one clock for all sessions; a world has its own, and is of one thread. */
static _Thread_local time_t lab_clock;

static time_t lab_time(time_t *result)
{
    if (result != NULL)
        *result = lab_clock;
    return lab_clock;
}

const char *gnutls_stack_version(void)
{
    static char text[32];
    g_snprintf(text, sizeof text, "GnuTLS %s", gnutls_check_version(NULL));
    return text;
}

static GnuTlsPeer *peer_of(const Speaker *speaker)
{
    g_assert(speaker->kind == &gnutls_kind);
    return (GnuTlsPeer *)(uintptr_t)speaker;
}

static GnuTlsSource *source_of(const GnuTlsPeer *peer)
{
    return (GnuTlsSource *)peer->base.source;
}

/* --- the transport --- */

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    GnuTlsPeer *peer = pointer;
    g_byte_array_append(peer->base.outgoing, data, (guint)size);
    return (ssize_t)size;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    GnuTlsPeer *peer = pointer;
    GByteArray *input = peer->base.input;
    if (input->len == 0) {
        gnutls_transport_set_errno(peer->session, EAGAIN);
        return -1;
    }
    size = MIN(size, input->len);
    memcpy(data, input->data, size);
    g_byte_array_remove_range(input, 0, (guint)size);
    return (ssize_t)size;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    (void)milliseconds;
    const GnuTlsPeer *peer = pointer;
    return peer->base.input->len > 0 ? 1 : 0;
}

/* --- the key log --- */

static void log_secret(GnuTlsPeer *peer, const char *label, Bytes secret)
{
    gnutls_datum_t client, server;
    gnutls_session_get_random(peer->session, &client, &server);
    g_autofree char *random = bytes_to_hex(bytes_make(client.data, client.size), NULL);
    g_autofree char *value = bytes_to_hex(secret, NULL);
    g_autofree char *line = g_strdup_printf("%s %s %s", label, random, value);
    peer->logged = peer->logged || strcmp(label, "CLIENT_RANDOM") == 0;
    peer_log(&peer->base, line);
}

static int take_log(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    log_secret(gnutls_session_get_ptr(session), label, bytes_make(secret->data, secret->size));
    return 0;
}

/* Of a session that is resumed it logs nothing by itself. */
static void log_master(GnuTlsPeer *peer)
{
    gnutls_datum_t master = {NULL, 0};
    if (!peer->logged && gnutls_protocol_get_version(peer->session) < GNUTLS_TLS1_3) {
        gnutls_session_get_master_secret(peer->session, &master);
        log_secret(peer, "CLIENT_RANDOM", bytes_make(master.data, master.size));
    }
    peer->logged = false;
}

/* --- what it has come to --- */

/* What it found when it verified the other side's certificate, in its own words. */
static void tell_verified(GnuTlsPeer *peer)
{
    const EndpointConfig *config = peer->base.source->setup.config;
    gnutls_datum_t words = {NULL, 0};
    unsigned status = 0, count = 0;
    if (gnutls_certificate_get_peers(peer->session, &count) == NULL || count == 0)
        return;
    bool client = config->role == ROLE_CLIENT;
    if (gnutls_certificate_verify_peers3(peer->session, client ? config->expected_name : NULL,
                                         &status) < 0)
        return;
    gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0);
    g_autofree char *text = g_strstrip(g_strndup((const char *)words.data, words.size));
    peer_fact(&peer->base, "verification", status == 0 ? "ok" : text,
              "what GnuTLS says of the %s's certificate; it does not show its checks one by one",
              role_name(role_peer(config->role)));
    gnutls_free(words.data);
    if (status == 0 || config->user_goes_on) {
        const gnutls_datum_t *chain = gnutls_certificate_get_peers(peer->session, &count);
        peer_believe(&peer->base, bytes_make(chain[0].data, chain[0].size));
    }
}

static void tell_names(GnuTlsPeer *peer)
{
    gnutls_datum_t protocol = {NULL, 0};
    char name[256];
    size_t size = sizeof name;
    unsigned type = 0;
    if (peer->base.source->role == ROLE_SERVER &&
        gnutls_server_name_get(peer->session, name, &size, &type, 0) == 0)
        peer_fact(&peer->base, "server_name", name, "the client names the host that it wants");
    if (gnutls_alpn_get_selected_protocol(peer->session, &protocol) != 0)
        return;
    g_autofree char *text = g_strndup((const char *)protocol.data, protocol.size);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    peer_fact(&peer->base, "protocol", valid, "GnuTLS says so");
}

/* What a handshake has settled, by its own word. */
static void tell_facts(GnuTlsPeer *peer)
{
    static const char said[] = "GnuTLS says so";
    const char *name = gnutls_group_get_name(gnutls_group_get(peer->session));
    const Group *group = name == NULL ? NULL : group_by_name(name);
    bool tls13 = gnutls_protocol_get_version(peer->session) >= GNUTLS_TLS1_3;
    /* a key that both sides were given counts as a session for it */
    bool resumed = gnutls_session_is_resumed(peer->session) != 0 && !peer->given_key;
    tell_names(peer);
    if (name != NULL && (tls13 || !resumed))
        peer_fact(&peer->base, "group", group == NULL ? name : group->name, "%s", said);
    tell_verified(peer);
    peer_fact(&peer->base, "handshake", resumed ? "resumed" : "full", "%s", said);
    if (!tls13)
        peer_fact(&peer->base, "extended_master_secret",
                  gnutls_session_ext_master_secret_status(peer->session) != 0 ? "yes" : "no", "%s",
                  said);
}

static void handshake_done(GnuTlsPeer *peer)
{
    peer->again = false;
    log_master(peer);
    tell_facts(peer);
    peer_connected(&peer->base);
}

static void fail(GnuTlsPeer *peer, int why)
{
    if (peer->base.state == ENDPOINT_HANDSHAKING || peer->again || peer->asks)
        tell_verified(peer);
    gnutls_alert_send_appropriate(peer->session, why);
    peer_failed(&peer->base, gnutls_strerror(why));
}

/* --- a turn --- */

/* The other side asks for another handshake. */
static void answer_rehandshake(GnuTlsPeer *peer)
{
    if (peer->base.source->setup.words->refuses_renegotiation)
        gnutls_alert_send(peer->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    else
        peer->again = true;
}

static void take_warning(GnuTlsPeer *peer)
{
    if (gnutls_alert_get(peer->session) != GNUTLS_A_NO_RENEGOTIATION)
        return;
    peer->again = peer->base.asked = false;
    peer_note(&peer->base, "renegotiation",
              g_strdup("The other side refuses a new handshake; the old keys stay."));
    peer_event(&peer->base, EVENT_RENEGOTIATION_REFUSED);
}

/* Data that came while a handshake is under way. */
static bool take_data_between(GnuTlsPeer *peer)
{
    uint8_t data[4096];
    ssize_t size = gnutls_record_recv(peer->session, data, sizeof data);
    if (size > 0)
        peer_data(&peer->base, bytes_make(data, (size_t)size));
    return size > 0;
}

/* Answers what a call has come to; false when the library wants more, or is at its end. */
static bool go_on(GnuTlsPeer *peer, ssize_t got, guint before)
{
    switch (got) {
    case GNUTLS_E_REHANDSHAKE:
        answer_rehandshake(peer);
        return true;
    case GNUTLS_E_REAUTH_REQUEST:
        peer->asks = true;
        return true;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        take_warning(peer);
        return true;
    case GNUTLS_E_GOT_APPLICATION_DATA:
        return take_data_between(peer);
    case GNUTLS_E_AGAIN:
    case GNUTLS_E_INTERRUPTED: /* said after each record that ends within a message, too */
        return peer->base.input->len < before;
    }
    fail(peer, (int)got);
    return false;
}

static bool step(GnuTlsPeer *peer)
{
    uint8_t data[4096];
    guint before = peer->base.input->len;
    bool shaking = peer->base.state == ENDPOINT_HANDSHAKING || peer->again;
    bool asking = peer->asks && !shaking;
    ssize_t got = shaking  ? gnutls_handshake(peer->session)
                  : asking ? gnutls_reauth(peer->session, 0)
                           : gnutls_record_recv(peer->session, data, sizeof data);
    if (got < 0)
        return go_on(peer, got, before);
    if (shaking) {
        handshake_done(peer);
    } else if (asking) {
        peer->asks = false;
        tell_verified(peer);
        peer_connected(&peer->base);
    } else if (got > 0) {
        peer_data(&peer->base, bytes_make(data, (size_t)got));
    } else { /* RFC 5246 7.2.1: close_notify is answered */
        gnutls_bye(peer->session, GNUTLS_SHUT_WR);
        peer_closed(&peer->base);
    }
    return true;
}

static void turn_begins(GnuTlsPeer *peer, uint64_t now)
{
    peer_begin(&peer->base, now);
    lab_clock = (time_t)(peer->base.source->setup.config->clock + (int64_t)(now / G_USEC_PER_SEC));
}

static void work(GnuTlsPeer *peer)
{
    while (peer_is_open(&peer->base) && step(peer))
        continue;
}

/* --- the rows of its table --- */

static void tell_differences(GnuTlsPeer *peer)
{
    GnuTlsSource *source = source_of(peer);
    const char *who = source->base.setup.words->name;
    if (source->missing != NULL)
        peer_note(
            &peer->base, "stack",
            g_strdup_printf("GnuTLS does not have %s: the %s goes without.", source->missing, who));
    if (source->extra != NULL)
        peer_note(&peer->base, "stack",
                  g_strdup_printf("GnuTLS is told ciphers, MACs and key exchanges, not suites: the "
                                  "%s takes %s as well.",
                                  who, source->extra));
    if (!source->told)
        peer_note(&peer->base, "stack",
                  g_strdup("GnuTLS draws randomness of its own: this run does not repeat byte for "
                           "byte."));
    source->told = true;
}

static void start_session(Speaker *speaker, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    turn_begins(peer, now);
    tell_differences(peer);
    if (peer->refused != 0) /* a client that tries a version that it does not have */
        peer_failed(&peer->base, gnutls_strerror(peer->refused));
    else if (peer->base.source->role == ROLE_CLIENT)
        work(peer);
    peer_told(&peer->base, BYTES_NONE);
}

static void receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    if (!peer_is_open(&peer->base))
        return;
    turn_begins(peer, now);
    bytes_append(peer->base.input, bytes);
    work(peer);
    peer_told(&peer->base, bytes);
}

static bool in_handshake(const Speaker *speaker)
{
    const GnuTlsPeer *peer = peer_of(speaker);
    return peer->base.state == ENDPOINT_HANDSHAKING || peer->again || peer->asks ||
           peer->base.asked;
}

static bool waits(const Speaker *speaker)
{
    return peer_is_open(&peer_of(speaker)->base) && in_handshake(speaker);
}

static const Version *version(const Speaker *speaker)
{
    static const ProtocolVersion versions[] = {
        [GNUTLS_SSL3] = VERSION_SSL_3_0,   [GNUTLS_TLS1_0] = VERSION_TLS_1_0,
        [GNUTLS_TLS1_1] = VERSION_TLS_1_1, [GNUTLS_TLS1_2] = VERSION_TLS_1_2,
        [GNUTLS_TLS1_3] = VERSION_TLS_1_3,
    };
    unsigned at = gnutls_protocol_get_version(peer_of(speaker)->session);
    return at < G_N_ELEMENTS(versions) ? version_find(versions[at]) : NULL;
}

static bool send_data(Speaker *speaker, Bytes data, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED || peer->again || peer->base.asked)
        return false;
    turn_begins(peer, now);
    bool sent = true;
    while (sent && data.size > 0) {
        ssize_t size = gnutls_record_send(peer->session, data.data, data.size);
        sent = size > 0;
        data = bytes_slice(data, sent ? (size_t)size : data.size, data.size);
    }
    peer_told(&peer->base, BYTES_NONE);
    return sent;
}

static void ask_of_client(GnuTlsPeer *peer, ClientAuth client_auth)
{
    if (peer->base.source->role != ROLE_SERVER || client_auth == CLIENT_AUTH_NONE)
        return;
    gnutls_certificate_server_set_request(peer->session, client_auth == CLIENT_AUTH_REQUIRED
                                                             ? GNUTLS_CERT_REQUIRE
                                                             : GNUTLS_CERT_REQUEST);
}

static bool renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED || in_handshake(speaker))
        return false;
    turn_begins(peer, now);
    bool has = gnutls_protocol_get_version(peer->session) < GNUTLS_TLS1_3;
    bool bound = gnutls_safe_renegotiation_status(peer->session) != 0;
    bool server = peer->base.source->role == ROLE_SERVER;
    if (!has || !bound) { /* RFC 5746 4.1, 4.3; RFC 8446 4.1.2 */
        peer_note(&peer->base, "renegotiation",
                  g_strdup_printf("no new handshake: %s",
                                  has ? "the other side cannot bind it to this connection"
                                      : "TLS 1.3 has no renegotiation"));
        return false;
    }
    ask_of_client(peer, client_auth);
    if (server) /* it would resume the session, and ask for nothing */
        gnutls_db_remove_session(peer->session);
    peer->base.asked = server && gnutls_rehandshake(peer->session) == 0;
    peer->again = !server;
    work(peer);
    peer_told(&peer->base, BYTES_NONE);
    return true;
}

static bool ask_certificate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    bool offered = (gnutls_session_get_flags(peer->session) & GNUTLS_SFLAGS_POST_HANDSHAKE_AUTH);
    if (peer->base.state != ENDPOINT_CONNECTED || in_handshake(speaker) || !offered ||
        peer->base.source->role != ROLE_SERVER)
        return false;
    turn_begins(peer, now);
    ask_of_client(peer, client_auth);
    peer->asks = true;
    work(peer);
    peer_told(&peer->base, BYTES_NONE);
    return true;
}

static bool update_keys(Speaker *speaker, bool request, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED)
        return false;
    turn_begins(peer, now);
    bool done = gnutls_session_key_update(peer->session, request ? GNUTLS_KU_PEER : 0) == 0;
    peer_told(&peer->base, BYTES_NONE);
    return done;
}

static bool close_connection(Speaker *speaker, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    bool open = peer->base.state == ENDPOINT_CONNECTED;
    if (!peer_is_open(&peer->base))
        return false;
    turn_begins(peer, now);
    gnutls_bye(peer->session, GNUTLS_SHUT_WR);
    peer->base.state = ENDPOINT_CLOSED;
    peer_told(&peer->base, BYTES_NONE);
    return open;
}

static bool abort_connection(Speaker *speaker, AlertDescription alert, const char *sentence,
                             uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    if (!peer_is_open(&peer->base))
        return false;
    turn_begins(peer, now);
    gnutls_alert_send(peer->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)alert);
    peer->base.state = ENDPOINT_FAILED;
    watch_reason(peer->base.source->watch, sentence);
    peer_told(&peer->base, BYTES_NONE);
    return true;
}

static bool export(Speaker *speaker, const char *label, uint64_t now)
{
    GnuTlsPeer *peer = peer_of(speaker);
    char material[32];
    peer->base.now = now;
    if (peer->base.handshakes == 0 || gnutls_prf_rfc5705(peer->session, strlen(label), label, 0,
                                                         NULL, sizeof material, material) != 0)
        return false;
    peer_tell_export(&peer->base, bytes_make((const uint8_t *)material, sizeof material));
    return true;
}

/* The session is kept when the connection ends: by then its ticket has come, if there is one. */
static void keep_session(GnuTlsPeer *peer)
{
    GnuTlsSource *source = source_of(peer);
    gnutls_datum_t data = {NULL, 0};
    bool tls13 = gnutls_protocol_get_version(peer->session) >= GNUTLS_TLS1_3;
    bool ticket = (gnutls_session_get_flags(peer->session) & GNUTLS_SFLAGS_SESSION_TICKET) != 0;
    bool worth = peer->base.handshakes > 0 && peer->base.state != ENDPOINT_FAILED &&
                 source->base.role == ROLE_CLIENT && (!tls13 || ticket) &&
                 !source->base.setup.words->forgets_sessions && !source->forgotten;
    if (!worth || gnutls_session_get_data2(peer->session, &data) < 0)
        return;
    g_clear_pointer(&source->session, g_bytes_unref);
    source->session = g_bytes_new(data.data, data.size);
    gnutls_free(data.data);
}

static void free_session(Speaker *speaker)
{
    GnuTlsPeer *peer = peer_of(speaker);
    keep_session(peer);
    gnutls_deinit(peer->session);
    peer_clear(&peer->base);
    g_free(peer);
}

static const SpeakerKind gnutls_kind = {
    .name = "GnuTLS",
    .start = start_session,
    .receive = receive,
    .output = peer_output,
    .output_sent = peer_output_sent,
    .ends_transport = peer_ends_transport,
    .transport_ended = peer_transport_ended,
    .time_out = peer_time_out,
    .next_event = peer_next_event,
    .free = free_session,
    .state = peer_state,
    .waits = waits,
    .in_handshake = in_handshake,
    .was_connected = peer_was_connected,
    .version = version,
    .peer_certificate = peer_certificate,
    .send = send_data,
    .renegotiate = renegotiate,
    .close = close_connection,
    .abort = abort_connection,
    .update_keys = update_keys,
    .ask_certificate = ask_certificate,
    .export = export,
};

/* --- the source --- */

static unsigned flags_of(const EndpointConfig *config)
{
    unsigned flags = config->role == ROLE_CLIENT ? GNUTLS_CLIENT : GNUTLS_SERVER;
    flags |= GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_KEY_SHARE_TOP;
    flags |= GNUTLS_ALLOW_ID_CHANGE; /* who shows nobody at first may show somebody later */
    if (config->options.post_handshake_auth || config->role == ROLE_SERVER)
        flags |= GNUTLS_POST_HANDSHAKE_AUTH;
    if (config->options.no_new_tickets)
        flags |= GNUTLS_NO_AUTO_SEND_TICKET;
    return flags;
}

static Speaker *connect_session(void *data, const TraceSink *sink)
{
    GnuTlsSource *source = data;
    const EndpointConfig *config = source->base.setup.config;
    GnuTlsPeer *peer = g_new0(GnuTlsPeer, 1);
    peer_init(&peer->base, &gnutls_kind, &source->base, sink);
    lab_clock = (time_t)(config->clock + (int64_t)(sink->trace->now / G_USEC_PER_SEC));
    gnutls_global_set_time_function(lab_time);
    gnutls_init(&peer->session, flags_of(config));
    gnutls_session_set_ptr(peer->session, peer);
    gnutls_transport_set_ptr(peer->session, peer);
    gnutls_transport_set_push_function(peer->session, push);
    gnutls_transport_set_pull_function(peer->session, pull);
    gnutls_transport_set_pull_timeout_function(peer->session, pull_timeout);
    gnutls_handshake_set_timeout(peer->session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_session_set_keylog_function(peer->session, take_log);
    source->forgotten = false;
    peer->refused = gnutls_stack_tell(peer);
    return &peer->base.speaker;
}

static SpeakerAnswer forget_sessions(void *data)
{
    GnuTlsSource *source = data;
    bool there = g_hash_table_size(source->cache) > 0 || source->session != NULL;
    g_hash_table_remove_all(source->cache);
    g_clear_pointer(&source->session, g_bytes_unref);
    source->forgotten = true;
    there = there || source->base.role == ROLE_CLIENT; /* of the connection that is open */
    return there ? SPEAKER_DONE : SPEAKER_NOT_NOW;
}

/* It has one ticket key: who takes a new one has forgotten the old. */
static SpeakerAnswer rotate_tickets(void *data, bool forget)
{
    GnuTlsSource *source = data;
    if (!forget || source->base.role != ROLE_SERVER)
        return SPEAKER_CANNOT;
    gnutls_free(source->ticket_key.data);
    gnutls_session_ticket_key_generate(&source->ticket_key);
    return SPEAKER_DONE;
}

const SpeakerSource gnutls_source = {
    .name = "gnutls",
    .title = "GnuTLS",
    .check = gnutls_stack_check,
    .open = gnutls_stack_open,
    .connect = connect_session,
    .rotate_tickets = rotate_tickets,
    .forget_sessions = forget_sessions,
    .close = gnutls_stack_close,
};
