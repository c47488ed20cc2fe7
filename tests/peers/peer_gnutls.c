/* GnuTLS as the other side, through its push and pull functions.
 *
 * The second judge, which speaks RC4 and 3DES as well. Its priority string names exactly one
 * version and one suite; a string that it refuses is its own word that it does not have the suite.
 */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "tests/peers/peer.h"

struct Peer {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    Role role;
    bool insecure;
    GByteArray *input, *outgoing, *output, *received;
    PeerState state;
    bool again; /* a further handshake is under way */
    unsigned handshakes;
    const char *error;
};

/* clang-format off */
static const struct {
    uint16_t suite;
    const char *cipher, *mac;
} names[] = {
    {0x0001, "NULL", "MD5"},            {0x0002, "NULL", "SHA1"},
    {0x0004, "ARCFOUR-128", "MD5"},     {0x0005, "ARCFOUR-128", "SHA1"},
    {0x000a, "3DES-CBC", "SHA1"},       {0x002f, "AES-128-CBC", "SHA1"},
    {0x0035, "AES-256-CBC", "SHA1"},    {0x003c, "AES-128-CBC", "SHA256"},
    {0x003d, "AES-256-CBC", "SHA256"},  {0x003b, "NULL", "SHA256"},
    {0x0041, "CAMELLIA-128-CBC", "SHA1"},   {0x0084, "CAMELLIA-256-CBC", "SHA1"},
    {0x00ba, "CAMELLIA-128-CBC", "SHA256"}, {0x00c0, "CAMELLIA-256-CBC", "SHA256"},
    {0x009c, "AES-128-GCM", "AEAD"},    {0x009d, "AES-256-GCM", "AEAD"},
    {0xc09c, "AES-128-CCM", "AEAD"},    {0xc09d, "AES-256-CCM", "AEAD"},
    {0xc0a0, "AES-128-CCM-8", "AEAD"},  {0xc0a1, "AES-256-CCM-8", "AEAD"},
};
/* clang-format on */

static time_t the_clock;

static time_t lab_time(time_t *result)
{
    if (result != NULL)
        *result = the_clock;
    return the_clock;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    Peer *peer = pointer;
    g_byte_array_append(peer->outgoing, data, (guint)size);
    return (ssize_t)size;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    Peer *peer = pointer;
    if (peer->input->len == 0) {
        gnutls_transport_set_errno(peer->session, EAGAIN);
        return -1;
    }
    size = MIN(size, peer->input->len);
    memcpy(data, peer->input->data, size);
    g_byte_array_remove_range(peer->input, 0, (guint)size);
    return (ssize_t)size;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    (void)milliseconds;
    const Peer *peer = pointer;
    return peer->input->len > 0 ? 1 : 0;
}

static char *priority_of(const PeerConfig *config)
{
    static const char *const versions[] = {"VERS-TLS1.0", "VERS-TLS1.1", "VERS-TLS1.2"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].suite != config->suite)
            continue;
        return g_strdup_printf("NONE:+%s:+%s:+%s:+RSA:+COMP-NULL:+SIGN-ALL:+SIGN-RSA-SHA1:"
                               "%%VERIFY_ALLOW_SIGN_WITH_SHA1:%s",
                               versions[config->version - VERSION_TLS_1_0], names[i].cipher,
                               names[i].mac,
                               config->insecure ? "%UNSAFE_RENEGOTIATION" : "%SAFE_RENEGOTIATION");
    }
    return NULL;
}

static gnutls_datum_t datum(Bytes bytes)
{
    /* the library's type has no const; it does not write through it */
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes.data, (unsigned)bytes.size};
}

static void set_credentials(Peer *peer, const PeerConfig *config)
{
    gnutls_certificate_allocate_credentials(&peer->credentials);
    gnutls_datum_t trusted = datum(config->trusted_pem);
    gnutls_certificate_set_x509_trust_mem(peer->credentials, &trusted, GNUTLS_X509_FMT_PEM);
    if (config->chain_pem.size > 0) {
        gnutls_datum_t chain = datum(config->chain_pem), key = datum(config->key_pem);
        gnutls_certificate_set_x509_key_mem(peer->credentials, &chain, &key, GNUTLS_X509_FMT_PEM);
    }
    gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials);
}

static void gnutls_peer_free(Peer *peer)
{
    gnutls_deinit(peer->session);
    if (peer->credentials != NULL)
        gnutls_certificate_free_credentials(peer->credentials);
    g_byte_array_unref(peer->input);
    g_byte_array_unref(peer->outgoing);
    g_byte_array_unref(peer->output);
    g_byte_array_unref(peer->received);
    g_free(peer);
}

static void gnutls_turn(Peer *peer)
{
    while (peer->state != PEER_FAILED) {
        uint8_t data[4096];
        bool shaking = peer->state == PEER_HANDSHAKING || peer->again;
        ssize_t got = shaking ? gnutls_handshake(peer->session)
                              : gnutls_record_recv(peer->session, data, sizeof data);
        if (shaking && got == 0) {
            peer->handshakes++;
            peer->state = PEER_CONNECTED;
            peer->again = false;
            continue;
        }
        if (!shaking && got > 0) {
            g_byte_array_append(peer->received, data, (guint)got);
            continue;
        }
        if (got == GNUTLS_E_REHANDSHAKE) {
            peer->again = true;
            continue;
        }
        if (got == 0 || got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            return;
        if (shaking && got == GNUTLS_E_GOT_APPLICATION_DATA) {
            ssize_t size = gnutls_record_recv(peer->session, data, sizeof data);
            if (size > 0)
                g_byte_array_append(peer->received, data, (guint)size);
            continue;
        }
        if (got == GNUTLS_E_WARNING_ALERT_RECEIVED)
            continue;
        peer->state = PEER_FAILED;
        peer->error = gnutls_strerror((int)got);
    }
}

static Peer *gnutls_start(const PeerConfig *config)
{
    g_autofree char *priority = priority_of(config);
    if (priority == NULL)
        return NULL;
    Peer *peer = g_new0(Peer, 1);
    peer->input = g_byte_array_new();
    peer->outgoing = g_byte_array_new();
    peer->output = g_byte_array_new();
    peer->received = g_byte_array_new();
    peer->role = config->role;
    peer->error = "";
    the_clock = (time_t)config->clock;
    gnutls_global_set_time_function(lab_time);
    unsigned role = config->role == ROLE_CLIENT ? GNUTLS_CLIENT : GNUTLS_SERVER;
    gnutls_init(&peer->session, role | GNUTLS_NONBLOCK);
    if (gnutls_priority_set_direct(peer->session, priority, NULL) != GNUTLS_E_SUCCESS) {
        gnutls_peer_free(peer);
        return NULL;
    }
    set_credentials(peer, config);
    gnutls_transport_set_ptr(peer->session, peer);
    gnutls_transport_set_push_function(peer->session, push);
    gnutls_transport_set_pull_function(peer->session, pull);
    gnutls_transport_set_pull_timeout_function(peer->session, pull_timeout);
    gnutls_handshake_set_timeout(peer->session, GNUTLS_INDEFINITE_TIMEOUT);
    if (config->role == ROLE_SERVER) {
        gnutls_certificate_server_set_request(
            peer->session, config->asks_client ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_IGNORE);
        if (config->asks_client)
            gnutls_session_set_verify_cert(peer->session, NULL, 0);
    } else {
        gnutls_server_name_set(peer->session, GNUTLS_NAME_DNS, "www.lab.example",
                               strlen("www.lab.example"));
        gnutls_session_set_verify_cert(peer->session, "www.lab.example", 0);
        gnutls_turn(peer);
    }
    return peer;
}

static void gnutls_receive(Peer *peer, Bytes bytes)
{
    bytes_append(peer->input, bytes);
    gnutls_turn(peer);
}

static Bytes gnutls_output(Peer *peer)
{
    GByteArray *swap = peer->output;
    peer->output = peer->outgoing;
    peer->outgoing = swap;
    g_byte_array_set_size(peer->outgoing, 0);
    return bytes_from_array(peer->output);
}

static PeerState gnutls_state(Peer *peer)
{
    return peer->state;
}

static void gnutls_send(Peer *peer, Bytes data)
{
    while (data.size > 0) {
        ssize_t sent = gnutls_record_send(peer->session, data.data, data.size);
        if (sent <= 0)
            break;
        data = bytes_slice(data, (size_t)sent, data.size);
    }
}

static void gnutls_renegotiate(Peer *peer)
{
    if (peer->role == ROLE_SERVER)
        gnutls_rehandshake(peer->session);
    else
        peer->again = true;
    gnutls_turn(peer);
}

static unsigned gnutls_handshakes(Peer *peer)
{
    return peer->handshakes;
}

static Bytes gnutls_received(Peer *peer)
{
    return bytes_from_array(peer->received);
}

static const char *gnutls_error(Peer *peer)
{
    return peer->error;
}

const PeerKind peer_gnutls = {
    .name = "GnuTLS",
    .start = gnutls_start,
    .receive = gnutls_receive,
    .output = gnutls_output,
    .state = gnutls_state,
    .send = gnutls_send,
    .renegotiate = gnutls_renegotiate,
    .handshakes = gnutls_handshakes,
    .received = gnutls_received,
    .error = gnutls_error,
    .free = gnutls_peer_free,
};
