/* OpenSSL's libssl as the other side, through memory BIOs.
 *
 * A judge that none of us wrote: it verifies our certificates, our MACs, our Finished, and we its.
 * It is fed what came and works until it wants more; what it has come to it is asked itself. What
 * it is told beforehand stands in peer_openssl_context.c.
 */
#include <openssl/err.h>
#include <string.h>

#include "tests/peers/peer_openssl.h"

/* One Finished taken in is one handshake; SSL_CB_HANDSHAKE_DONE is also told of a HelloRequest. */
static void count_handshakes(int writing, int version, int type, const void *bytes, size_t size,
                             SSL *ssl, void *data)
{
    (void)version;
    (void)ssl;
    Peer *peer = data;
    if (!writing && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *(const uint8_t *)bytes == SSL3_MT_FINISHED)
        peer->handshakes++;
}

static void openssl_free(Peer *peer)
{
    if (peer->ssl != NULL && peer->state == PEER_CONNECTED) /* else its session is thrown away */
        SSL_set_shutdown(peer->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    g_byte_array_unref(peer->output);
    g_byte_array_unref(peer->received);
    g_free((gpointer)(uintptr_t)peer->config);
    g_free(peer);
}

static void fail(Peer *peer)
{
    unsigned long error = ERR_peek_error();
    peer->state = PEER_FAILED;
    ERR_error_string_n(error, peer->error, sizeof peer->error);
}

/* A server's reading of early data: until the end of it, or of what came. */
static bool read_early(Peer *peer)
{
    uint8_t data[4096];
    for (;;) {
        size_t got = 0;
        int result = SSL_read_early_data(peer->ssl, data, sizeof data, &got);
        g_byte_array_append(peer->received, data, (guint)got);
        if (result == SSL_READ_EARLY_DATA_FINISH) {
            peer->early = false;
            return true;
        }
        if (result != SSL_READ_EARLY_DATA_ERROR)
            continue;
        if (SSL_get_error(peer->ssl, 0) != SSL_ERROR_WANT_READ)
            fail(peer);
        return false;
    }
}

/* Lets it work on what came, until it wants more. */
static void openssl_turn(Peer *peer)
{
    uint8_t data[4096];
    ERR_clear_error();
    while (peer->waits_for_cookie) { /* a ChangeCipherSpec costs it a call that ends in nothing */
        int result = SSL_stateless(peer->ssl);
        peer->waits_for_cookie = result != 1;
        if (result < 0 && ERR_peek_error() != 0)
            fail(peer);
        if (result < 1 && BIO_pending(peer->in) == 0)
            return;
    }
    if (peer->early && !read_early(peer))
        return;
    while (peer->state != PEER_FAILED) {
        ERR_clear_error();
        int got = SSL_in_init(peer->ssl) && peer->state == PEER_HANDSHAKING
                      ? SSL_do_handshake(peer->ssl)
                      : SSL_read(peer->ssl, data, sizeof data);
        int why = SSL_get_error(peer->ssl, got);
        if (got > 0 && peer->state == PEER_CONNECTED)
            g_byte_array_append(peer->received, data, (guint)got);
        if (!SSL_in_init(peer->ssl) && peer->state == PEER_HANDSHAKING)
            peer->state = PEER_CONNECTED;
        if (got > 0)
            continue;
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN)
            fail(peer);
        return;
    }
}

static Peer *openssl_start(const PeerConfig *config, PeerMemory *memory)
{
    Peer *peer = g_new0(Peer, 1);
    peer->config = g_memdup2(config, sizeof *config);
    peer->memory = memory;
    peer->output = g_byte_array_new();
    peer->received = g_byte_array_new();
    if (!openssl_context(peer)) {
        openssl_free(peer);
        return NULL;
    }
    peer->ssl = SSL_new(peer->context);
    SSL_set_app_data(peer->ssl, peer);
    if (!openssl_has_suite(peer->ssl, config->suite)) {
        openssl_free(peer);
        return NULL;
    }
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_msg_callback(peer->ssl, count_handshakes);
    SSL_set_msg_callback_arg(peer->ssl, peer);
    openssl_connection(peer);
    peer->waits_for_cookie = config->stateless;
    if (config->role == ROLE_SERVER) {
        peer->early = config->max_early_data > 0 && !config->rejects_early_data;
        return peer;
    }
    size_t sent = 0;
    if (config->early_data.size > 0)
        SSL_write_early_data(peer->ssl, config->early_data.data, config->early_data.size, &sent);
    openssl_turn(peer);
    return peer;
}

static void openssl_receive(Peer *peer, Bytes bytes)
{
    BIO_write(peer->in, bytes.data, (int)bytes.size);
    openssl_turn(peer);
}

static Bytes openssl_output(Peer *peer)
{
    uint8_t data[4096];
    g_byte_array_set_size(peer->output, 0);
    for (int got; (got = BIO_read(peer->out, data, sizeof data)) > 0;)
        g_byte_array_append(peer->output, data, (guint)got);
    return bytes_from_array(peer->output);
}

static PeerState openssl_state(Peer *peer)
{
    return peer->state;
}

static void openssl_send(Peer *peer, Bytes data)
{
    SSL_write(peer->ssl, data.data, (int)data.size);
}

static bool remember(Peer *peer)
{
    SSL_SESSION *session = SSL_get1_session(peer->ssl);
    unsigned char *der = NULL;
    int size = SSL_SESSION_is_resumable(session) ? i2d_SSL_SESSION(session, &der) : 0;
    SSL_SESSION_free(session);
    if (size <= 0)
        return false;
    g_clear_pointer(&peer->memory->session, g_bytes_unref);
    peer->memory->session = bytes_copy(bytes_make(der, (size_t)size));
    OPENSSL_free(der);
    return true;
}

static bool openssl_act(Peer *peer, PeerAct act)
{
    switch (act) {
    case PEER_RENEGOTIATE:
        if (SSL_renegotiate(peer->ssl) != 1)
            return false;
        break;
    case PEER_UPDATE_KEYS:
        if (SSL_key_update(peer->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1)
            return false;
        break;
    case PEER_UPDATE_ALL_KEYS:
        if (SSL_key_update(peer->ssl, SSL_KEY_UPDATE_REQUESTED) != 1)
            return false;
        break;
    case PEER_ASK_CERTIFICATE:
        SSL_set_verify(peer->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        if (SSL_verify_client_post_handshake(peer->ssl) != 1)
            return false;
        break;
    case PEER_REMEMBER:
        return remember(peer);
    }
    SSL_do_handshake(peer->ssl);
    return true;
}

static void openssl_view(Peer *peer, PeerView *view)
{
    const unsigned char *protocol = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(peer->ssl, &protocol, &size);
    X509 *other = SSL_get0_peer_certificate(peer->ssl);
    *view = (PeerView){
        .version = (ProtocolVersion)SSL_version(peer->ssl),
        .suite = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(peer->ssl)),
        .group = openssl_group(peer->ssl),
        .handshakes = peer->handshakes,
        .resumed = SSL_session_reused(peer->ssl) == 1,
        .extended_master_secret = SSL_get_extms_support(peer->ssl) == 1,
        .early_data_taken = SSL_get_early_data_status(peer->ssl) == SSL_EARLY_DATA_ACCEPTED,
        .status_good = peer->status_good,
    };
    if (size > 0) /* with no ALPN there is nothing to point at */
        memcpy(view->protocol, protocol, MIN(size, sizeof view->protocol - 1));
    const char *name = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);
    g_strlcpy(view->name, name == NULL ? "" : name, sizeof view->name);
    if (other != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(other), NID_commonName, view->subject,
                                  sizeof view->subject);
}

static bool openssl_exporter(Peer *peer, const char *label, Bytes context, uint8_t *output,
                             size_t size)
{
    return SSL_export_keying_material(peer->ssl, output, size, label, strlen(label), context.data,
                                      context.size, context.data != NULL) == 1;
}

static Bytes openssl_received(Peer *peer)
{
    return bytes_from_array(peer->received);
}

static const char *openssl_error(Peer *peer)
{
    return peer->error;
}

const PeerKind peer_openssl = {
    .name = "OpenSSL",
    .start = openssl_start,
    .receive = openssl_receive,
    .output = openssl_output,
    .state = openssl_state,
    .send = openssl_send,
    .act = openssl_act,
    .view = openssl_view,
    .exporter = openssl_exporter,
    .received = openssl_received,
    .error = openssl_error,
    .free = openssl_free,
};
