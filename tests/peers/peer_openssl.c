/* OpenSSL's libssl as the other side, through memory BIOs.
 *
 * A judge that none of us wrote: it verifies our certificates, our MACs, our Finished, and we its.
 * At security level 0 it speaks TLS 1.0 to 1.2 with NULL and AES; what it does not have it lists
 * itself, when asked for the suite by name.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "core/crypto/suite.h"
#include "tests/peers/peer.h"

struct Peer {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
    GByteArray *output, *received;
    PeerState state;
    unsigned handshakes;
    char error[256];
};

static X509 *read_certificate(BIO *bio)
{
    return PEM_read_bio_X509(bio, NULL, NULL, NULL);
}

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

static void set_credential(SSL_CTX *context, const PeerConfig *config)
{
    BIO *chain = BIO_new_mem_buf(config->chain_pem.data, (int)config->chain_pem.size);
    BIO *key = BIO_new_mem_buf(config->key_pem.data, (int)config->key_pem.size);
    X509 *own = read_certificate(chain);
    EVP_PKEY *private = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    SSL_CTX_use_certificate(context, own);
    SSL_CTX_use_PrivateKey(context, private);
    X509_free(own);
    EVP_PKEY_free(private);
    BIO_free(chain);
    BIO_free(key);
}

static void set_trust(SSL_CTX *context, const PeerConfig *config)
{
    BIO *bio = BIO_new_mem_buf(config->trusted_pem.data, (int)config->trusted_pem.size);
    X509 *root = read_certificate(bio);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), (time_t)config->clock);
    if (config->role == ROLE_SERVER)
        SSL_CTX_add_client_CA(context, root);
    X509_free(root);
    BIO_free(bio);
    int verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (config->role == ROLE_SERVER && !config->asks_client)
        verify = SSL_VERIFY_NONE;
    SSL_CTX_set_verify(context, verify, NULL);
}

static Peer *openssl_start(const PeerConfig *config)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    const Suite *suite = suite_find(config->suite);
    g_autofree char *list = g_strdup_printf("%s:@SECLEVEL=0", suite->openssl);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
    if (config->insecure)
        SSL_CTX_set_options(context, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                         SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_min_proto_version(context, config->version);
    SSL_CTX_set_max_proto_version(context, config->version);
    if (SSL_CTX_set_cipher_list(context, list) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    if (config->chain_pem.size > 0)
        set_credential(context, config);
    set_trust(context, config);
    Peer *peer = g_new0(Peer, 1);
    peer->context = context;
    peer->ssl = SSL_new(context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    peer->output = g_byte_array_new();
    peer->received = g_byte_array_new();
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_msg_callback(peer->ssl, count_handshakes);
    SSL_set_msg_callback_arg(peer->ssl, peer);
    if (config->role == ROLE_CLIENT) {
        SSL_set_tlsext_host_name(peer->ssl, "www.lab.example");
        SSL_set1_host(peer->ssl, "www.lab.example");
        SSL_set_connect_state(peer->ssl);
        SSL_do_handshake(peer->ssl);
    } else {
        SSL_set_accept_state(peer->ssl);
    }
    return peer;
}

/* Lets it work on what came, until it wants more. */
static void openssl_turn(Peer *peer)
{
    uint8_t data[4096];
    for (;;) {
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
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN) {
            peer->state = PEER_FAILED;
            ERR_error_string_n(ERR_peek_error(), peer->error, sizeof peer->error);
        }
        return;
    }
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

static void openssl_renegotiate(Peer *peer)
{
    SSL_renegotiate(peer->ssl);
    SSL_do_handshake(peer->ssl);
}

static unsigned openssl_handshakes(Peer *peer)
{
    return peer->handshakes;
}

static Bytes openssl_received(Peer *peer)
{
    return bytes_from_array(peer->received);
}

static const char *openssl_error(Peer *peer)
{
    return peer->error;
}

static void openssl_free(Peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    g_byte_array_unref(peer->output);
    g_byte_array_unref(peer->received);
    g_free(peer);
}

const PeerKind peer_openssl = {
    .name = "OpenSSL",
    .start = openssl_start,
    .receive = openssl_receive,
    .output = openssl_output,
    .state = openssl_state,
    .send = openssl_send,
    .renegotiate = openssl_renegotiate,
    .handshakes = openssl_handshakes,
    .received = openssl_received,
    .error = openssl_error,
    .free = openssl_free,
};
