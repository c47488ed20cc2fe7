/* OpenSSL's libssl as a party, through memory BIOs.
 *
 * It is given what came and works until it wants more; what it writes waits for the turn to end.
 * Every call stands between two lines that say whose randomness is drawn, so that a run repeats. It
 * is asked itself what it has come to: the handshake's facts, whom it believes the other side to
 * be, what it found when it verified a certificate. How it is configured stands in
 * openssl_context.c.
 *
 * Obeys SSL_do_handshake(3), SSL_read_early_data(3), SSL_shutdown(3); RFC 5246 7.2.1 (closing).
 */
#include <openssl/err.h>
#include <string.h>

#include "core/crypto/libcrypto/lend.h"
#include "sim/peers/openssl_stack.h"

static const SpeakerKind openssl_kind;

const char *openssl_stack_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

OpenSslPeer *openssl_peer_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static OpenSslPeer *peer_of(const Speaker *speaker)
{
    g_assert(speaker->kind == &openssl_kind);
    return (OpenSslPeer *)(uintptr_t)speaker;
}

static OpenSslSource *source_of(const OpenSslPeer *peer)
{
    return (OpenSslSource *)peer->base.source;
}

int64_t openssl_clock(const OpenSslPeer *peer)
{
    return peer->base.source->setup.config->clock + (int64_t)(peer->base.now / G_USEC_PER_SEC);
}

/* --- a turn --- */

static void turn_begins(OpenSslPeer *peer, uint64_t now)
{
    peer_begin(&peer->base, now);
    entropy_use(peer->base.source->setup.random, "openssl");
    X509_VERIFY_PARAM_set_time(SSL_get0_param(peer->ssl), (time_t)openssl_clock(peer));
    ERR_clear_error();
}

static void turn_ends(OpenSslPeer *peer, Bytes came)
{
    uint8_t data[4096];
    entropy_use(NULL, NULL);
    for (int got; (got = BIO_read(peer->out, data, sizeof data)) > 0;)
        g_byte_array_append(peer->base.outgoing, data, (guint)got);
    peer_told(&peer->base, came);
}

/* What it found when it verified the other side's certificate. */
static void tell_verified(OpenSslPeer *peer)
{
    if (!peer->verified)
        return;
    peer->verified = false;
    peer_fact(&peer->base, "verification",
              X509_verify_cert_error_string(SSL_get_verify_result(peer->ssl)),
              "what OpenSSL says of the %s's certificate; it does not show its checks one by one",
              role_name(role_peer(peer->base.source->role)));
}

static void fail(OpenSslPeer *peer)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    tell_verified(peer);
    peer_failed(&peer->base, reason == NULL ? "the connection is over" : reason);
}

/* Whom it believes the other side to be. */
static void tell_other(OpenSslPeer *peer)
{
    X509 *other = SSL_get0_peer_certificate(peer->ssl);
    unsigned char *der = NULL;
    bool believed = other != NULL && (SSL_get_verify_result(peer->ssl) == X509_V_OK ||
                                      peer->base.source->setup.config->user_goes_on);
    int size = believed ? i2d_X509(other, &der) : 0;
    peer_believe(&peer->base, bytes_make(der, size > 0 ? (size_t)size : 0));
    OPENSSL_free(der);
}

static void tell_early_data(OpenSslPeer *peer)
{
    if (SSL_get_early_data_status(peer->ssl) == SSL_EARLY_DATA_NOT_SENT)
        return;
    bool taken = SSL_get_early_data_status(peer->ssl) == SSL_EARLY_DATA_ACCEPTED;
    peer_fact(&peer->base, "early_data", taken ? "accepted" : "rejected", "OpenSSL says so");
    if (!taken && peer->base.source->role == ROLE_CLIENT)
        peer_event(&peer->base, EVENT_EARLY_DATA_REJECTED);
}

/* What a handshake has settled, by its own word. */
static void tell_facts(OpenSslPeer *peer)
{
    static const char said[] = "OpenSSL says so";
    const unsigned char *protocol = NULL;
    unsigned size = 0;
    int group = (int)SSL_get_negotiated_group(peer->ssl);
    const char *name = group <= 0 ? NULL : SSL_group_to_name(peer->ssl, group);
    const char *host = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);
    const Group *known = name == NULL ? NULL : group_by_name(name);
    bool tls13 = SSL_version(peer->ssl) >= TLS1_3_VERSION;
    /* it calls a key that both sides were given a session, too */
    bool resumed = SSL_session_reused(peer->ssl) == 1 && !peer->given_key;
    SSL_get0_alpn_selected(peer->ssl, &protocol, &size);
    if (host != NULL && peer->base.source->role == ROLE_SERVER)
        peer_fact(&peer->base, "server_name", host, "the client names the host that it wants");
    if (name != NULL && (tls13 || !resumed))
        peer_fact(&peer->base, "group", known == NULL ? name : known->name, "%s", said);
    if (size > 0) {
        g_autofree char *text = g_strndup((const char *)protocol, size);
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        peer_fact(&peer->base, "protocol", valid, "%s", said);
    }
    tell_verified(peer);
    tell_early_data(peer);
    peer_fact(&peer->base, "handshake", resumed ? "resumed" : "full", "%s", said);
    if (!tls13)
        peer_fact(&peer->base, "extended_master_secret",
                  SSL_get_extms_support(peer->ssl) == 1 ? "yes" : "no", "%s", said);
}

/* One Finished taken in is one handshake, or one late authentication of a client. */
static void count_finished(int writing, int version, int type, const void *bytes, size_t size,
                           SSL *ssl, void *data)
{
    (void)version;
    (void)ssl;
    OpenSslPeer *peer = data;
    if (!writing && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *(const uint8_t *)bytes == SSL3_MT_FINISHED)
        peer->finished++;
}

static void look_for_end_of_handshake(OpenSslPeer *peer)
{
    if (SSL_in_init(peer->ssl) || peer->finished == peer->base.handshakes)
        return;
    bool first = peer->base.state == ENDPOINT_HANDSHAKING;
    tell_other(peer);
    if (first || SSL_version(peer->ssl) < TLS1_3_VERSION)
        tell_facts(peer);
    else
        tell_verified(peer);
    peer_connected(&peer->base);
}

/* A server's reading of early data, until the end of it or of what came. */
static bool read_early(OpenSslPeer *peer)
{
    uint8_t data[4096];
    while (peer->reads_early) {
        size_t got = 0;
        int result = SSL_read_early_data(peer->ssl, data, sizeof data, &got);
        if (got > 0)
            peer_data(&peer->base, bytes_make(data, got));
        peer->reads_early = result != SSL_READ_EARLY_DATA_FINISH;
        if (result != SSL_READ_EARLY_DATA_ERROR)
            continue;
        if (SSL_get_error(peer->ssl, 0) != SSL_ERROR_WANT_READ)
            fail(peer);
        return false;
    }
    return true;
}

/* RFC 5246 7.2.1: close_notify is answered. */
static void answer_close(OpenSslPeer *peer)
{
    SSL_shutdown(peer->ssl);
    peer_closed(&peer->base);
}

/* Lets it work on what came, until it wants more. */
static void work(OpenSslPeer *peer)
{
    uint8_t data[4096];
    if (!read_early(peer))
        return;
    while (peer_is_open(&peer->base)) {
        ERR_clear_error();
        bool shakes = peer->base.state == ENDPOINT_HANDSHAKING;
        int got = shakes ? SSL_do_handshake(peer->ssl) : SSL_read(peer->ssl, data, sizeof data);
        int why = SSL_get_error(peer->ssl, got);
        look_for_end_of_handshake(peer);
        if (got > 0 && !shakes)
            peer_data(&peer->base, bytes_make(data, (size_t)got));
        if (got > 0)
            continue;
        if (why == SSL_ERROR_ZERO_RETURN)
            answer_close(peer);
        else if (why != SSL_ERROR_WANT_READ)
            fail(peer);
        return;
    }
}

/* --- the rows of its table --- */

static void openssl_start(Speaker *speaker, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    const OpenSslSource *source = source_of(peer);
    const PlanParty *words = source->base.setup.words;
    turn_begins(peer, now);
    if (source->missing != NULL)
        peer_note(&peer->base, "stack",
                  g_strdup_printf("OpenSSL does not have %s: the %s goes without.", source->missing,
                                  words->name));
    if (source->base.role == ROLE_CLIENT) {
        size_t sent = 0;
        const SSL_SESSION *session = SSL_get0_session(peer->ssl);
        if (words->early_data != NULL && session != NULL &&
            SSL_SESSION_get_max_early_data(session) > 0)
            SSL_write_early_data(peer->ssl, words->early_data, strlen(words->early_data), &sent);
        work(peer);
    }
    turn_ends(peer, BYTES_NONE);
}

static void openssl_receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (!peer_is_open(&peer->base))
        return;
    turn_begins(peer, now);
    BIO_write(peer->in, bytes.data, (int)bytes.size);
    work(peer);
    turn_ends(peer, bytes);
}

static bool openssl_in_handshake(const Speaker *speaker)
{
    const OpenSslPeer *peer = peer_of(speaker);
    return peer->base.state != ENDPOINT_IDLE && (SSL_in_init(peer->ssl) || peer->base.asked);
}

static bool openssl_waits(const Speaker *speaker)
{
    return peer_is_open(&peer_of(speaker)->base) && openssl_in_handshake(speaker);
}

static const Version *openssl_version(const Speaker *speaker)
{
    return version_find((ProtocolVersion)SSL_version(peer_of(speaker)->ssl));
}

static bool openssl_send(Speaker *speaker, Bytes data, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED || SSL_in_init(peer->ssl))
        return false;
    turn_begins(peer, now);
    bool sent = data.size == 0 || SSL_write(peer->ssl, data.data, (int)data.size) > 0;
    turn_ends(peer, BYTES_NONE);
    return sent;
}

/* Begins what is a handshake of its own; its first message goes out with this turn. */
static bool begin_another(OpenSslPeer *peer, int begun)
{
    peer->base.asked = begun == 1 && peer->base.source->role == ROLE_SERVER;
    if (begun == 1)
        SSL_do_handshake(peer->ssl);
    turn_ends(peer, BYTES_NONE);
    return begun == 1;
}

static void ask_for_certificate(const OpenSslPeer *peer, ClientAuth client_auth)
{
    static const int modes[] = {
        [CLIENT_AUTH_NONE] = SSL_VERIFY_NONE,
        [CLIENT_AUTH_REQUESTED] = SSL_VERIFY_PEER,
        [CLIENT_AUTH_REQUIRED] = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    };
    if (peer->base.source->role == ROLE_SERVER)
        SSL_set_verify(peer->ssl, modes[client_auth], SSL_get_verify_callback(peer->ssl));
}

static bool openssl_renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED || openssl_in_handshake(speaker))
        return false;
    turn_begins(peer, now);
    bool bound = SSL_get_secure_renegotiation_support(peer->ssl) == 1;
    bool has = SSL_version(peer->ssl) < TLS1_3_VERSION;
    if (!bound || !has) /* RFC 5746 4.1, 4.3; RFC 8446 4.1.2 */
        peer_note(&peer->base, "renegotiation",
                  g_strdup_printf("no new handshake: %s",
                                  has ? "the other side cannot bind it to this connection"
                                      : "TLS 1.3 has no renegotiation"));
    else
        ask_for_certificate(peer, client_auth);
    return begin_another(peer, bound && has ? SSL_renegotiate(peer->ssl) : 0);
}

static bool openssl_ask_certificate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED || openssl_in_handshake(speaker) ||
        peer->base.source->role != ROLE_SERVER)
        return false;
    turn_begins(peer, now);
    ask_for_certificate(peer, client_auth);
    return begin_another(peer, SSL_verify_client_post_handshake(peer->ssl));
}

static bool openssl_update_keys(Speaker *speaker, bool request, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_CONNECTED)
        return false;
    turn_begins(peer, now);
    bool done = SSL_key_update(peer->ssl, request ? SSL_KEY_UPDATE_REQUESTED
                                                  : SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
                SSL_do_handshake(peer->ssl) == 1;
    turn_ends(peer, BYTES_NONE);
    return done;
}

static bool openssl_close_connection(Speaker *speaker, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    bool open = peer->base.state == ENDPOINT_CONNECTED;
    if (!peer_is_open(&peer->base))
        return false;
    turn_begins(peer, now);
    if (!SSL_in_init(peer->ssl)) /* within a handshake it has no word for the end */
        SSL_shutdown(peer->ssl);
    peer->base.state = ENDPOINT_CLOSED;
    turn_ends(peer, BYTES_NONE);
    return open;
}

static bool openssl_export(Speaker *speaker, const char *label, uint64_t now)
{
    OpenSslPeer *peer = peer_of(speaker);
    uint8_t material[32];
    if (peer->base.handshakes == 0)
        return false;
    turn_begins(peer, now);
    bool done = SSL_export_keying_material(peer->ssl, material, sizeof material, label,
                                           strlen(label), NULL, 0, 0) == 1;
    turn_ends(peer, BYTES_NONE);
    if (done)
        peer_tell_export(&peer->base, BYTES_ARRAY(material));
    return done;
}

static void openssl_free(Speaker *speaker)
{
    OpenSslPeer *peer = peer_of(speaker);
    if (peer->base.state != ENDPOINT_FAILED) /* else its session is thrown away, as it should be */
        SSL_set_shutdown(peer->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(peer->ssl);
    peer_clear(&peer->base);
    g_free(peer);
}

static const SpeakerKind openssl_kind = {
    .name = "OpenSSL",
    .start = openssl_start,
    .receive = openssl_receive,
    .output = peer_output,
    .output_sent = peer_output_sent,
    .ends_transport = peer_ends_transport,
    .transport_ended = peer_transport_ended,
    .time_out = peer_time_out,
    .next_event = peer_next_event,
    .free = openssl_free,
    .state = peer_state,
    .waits = openssl_waits,
    .in_handshake = openssl_in_handshake,
    .was_connected = peer_was_connected,
    .version = openssl_version,
    .peer_certificate = peer_certificate,
    .send = openssl_send,
    .renegotiate = openssl_renegotiate,
    .close = openssl_close_connection,
    .update_keys = openssl_update_keys,
    .ask_certificate = openssl_ask_certificate,
    .export = openssl_export,
};

/* --- the source --- */

static void connect_client(OpenSslPeer *peer)
{
    const EndpointConfig *config = peer->base.source->setup.config;
    if (config->server_name != NULL)
        /* what SSL_set_tlsext_host_name() is, whose cast clang warns of */
        SSL_ctrl(peer->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 (void *)(uintptr_t)config->server_name);
    if (config->expected_name != NULL)
        SSL_set1_host(peer->ssl, config->expected_name);
    if (config->options.asks_status)
        SSL_set_tlsext_status_type(peer->ssl, TLSEXT_STATUSTYPE_ocsp);
    if (config->options.signals_fallback) /* in the second try only: RFC 7507 4 */
        SSL_set_mode(peer->ssl, SSL_MODE_SEND_FALLBACK_SCSV);
    SSL_set_post_handshake_auth(peer->ssl, config->options.post_handshake_auth);
    SSL_set_connect_state(peer->ssl);
    peer->given_key = !openssl_resume(peer) && config->psk_count > 0;
}

static Speaker *openssl_connect(void *data, const TraceSink *sink)
{
    OpenSslSource *source = data;
    const EndpointConfig *config = source->base.setup.config;
    OpenSslPeer *peer = g_new0(OpenSslPeer, 1);
    peer_init(&peer->base, &openssl_kind, &source->base, sink);
    entropy_use(source->base.setup.random, "openssl");
    peer->ssl = SSL_new(source->context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    SSL_set_app_data(peer->ssl, peer);
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_msg_callback(peer->ssl, count_finished);
    SSL_set_msg_callback_arg(peer->ssl, peer);
    peer->base.now = sink->trace->now;
    SSL_set_max_proto_version(peer->ssl, config->last); /* a client may try a lower one */
    X509_VERIFY_PARAM_set_flags(SSL_get0_param(peer->ssl), X509_V_FLAG_PARTIAL_CHAIN);
    if (config->role == ROLE_CLIENT) {
        connect_client(peer);
    } else {
        peer->reads_early = config->options.max_early_data > 0 &&
                            config->options.early_data_answer == EARLY_DATA_ACCEPTED;
        SSL_set_accept_state(peer->ssl);
    }
    entropy_use(NULL, NULL);
    return &peer->base.speaker;
}

static SpeakerAnswer openssl_forget(void *data)
{
    OpenSslSource *source = data;
    bool there = g_hash_table_size(source->cache) > 0 || source->session != NULL;
    openssl_forget_sessions(source);
    return there ? SPEAKER_DONE : SPEAKER_NOT_NOW;
}

/* It has one ticket key: who takes a new one has forgotten the old. */
static SpeakerAnswer openssl_rotate(void *data, bool forget)
{
    OpenSslSource *source = data;
    uint8_t keys[80];
    const SpeakerSetup *setup = &source->base.setup;
    long size = SSL_CTX_get_tlsext_ticket_keys(source->context, NULL, 0);
    if (!forget || source->base.role != ROLE_SERVER || (size_t)size > sizeof keys)
        return SPEAKER_CANNOT;
    random_fill(setup->random, "openssl", keys, (size_t)size);
    SSL_CTX_set_tlsext_ticket_keys(source->context, keys, size);
    return SPEAKER_DONE;
}

const SpeakerSource openssl_source = {
    .name = "openssl",
    .title = "OpenSSL",
    .repeats = true,
    .check = openssl_check,
    .open = openssl_open,
    .connect = openssl_connect,
    .rotate_tickets = openssl_rotate,
    .forget_sessions = openssl_forget,
    .close = openssl_close,
};
