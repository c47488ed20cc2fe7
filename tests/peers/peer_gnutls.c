/* GnuTLS as the other side, through its push and pull functions.
 *
 * The second judge, which speaks RC4 and 3DES as well, FFDHE in TLS 1.2, record_size_limit and
 * compressed certificates. It is fed what came and works until it wants more; what it has come to
 * it is asked itself. What it is told beforehand stands in peer_gnutls_setup.c.
 */
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "core/crypto/group.h"
#include "tests/peers/peer_gnutls.h"

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

static void gnutls_peer_free(Peer *peer)
{
    if (peer->session != NULL)
        gnutls_deinit(peer->session);
    gnutls_free_credentials(peer);
    g_byte_array_unref(peer->input);
    g_byte_array_unref(peer->outgoing);
    g_byte_array_unref(peer->output);
    g_byte_array_unref(peer->received);
    g_free((gpointer)(uintptr_t)peer->config);
    g_free(peer);
}

static bool take_early(Peer *peer)
{
    uint8_t data[4096];
    ssize_t got = 0;
    while ((got = gnutls_record_recv_early_data(peer->session, data, sizeof data)) > 0)
        g_byte_array_append(peer->received, data, (guint)got);
    return true;
}

static void handshake_done(Peer *peer)
{
    peer->handshakes++;
    peer->state = PEER_CONNECTED;
    peer->again = false;
    if (gnutls_session_get_flags(peer->session) & GNUTLS_SFLAGS_EARLY_DATA)
        take_early(peer);
}

/* One call of the library; false when it wants more, or is at its end. It says "again" after each
 * record that ends within a message, too, whatever is left to pull.
 */
static bool gnutls_step(Peer *peer)
{
    uint8_t data[4096];
    guint before = peer->input->len;
    bool shaking = peer->state == PEER_HANDSHAKING || peer->again;
    bool asking = peer->asks;
    ssize_t got = shaking  ? gnutls_handshake(peer->session)
                  : asking ? gnutls_reauth(peer->session, 0)
                           : gnutls_record_recv(peer->session, data, sizeof data);
    if (got == 0 && shaking) {
        handshake_done(peer);
        return true;
    }
    if (got == 0 && asking) {
        peer->asks = false;
        return true;
    }
    if (got > 0) {
        g_byte_array_append(peer->received, data, (guint)got);
        return true;
    }
    if (got == GNUTLS_E_REHANDSHAKE || got == GNUTLS_E_REAUTH_REQUEST) {
        peer->again = got == GNUTLS_E_REHANDSHAKE;
        peer->asks = got == GNUTLS_E_REAUTH_REQUEST;
        return true;
    }
    if (got == 0 || got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
        return peer->input->len < before;
    if ((shaking || asking) && got == GNUTLS_E_GOT_APPLICATION_DATA) {
        ssize_t size = gnutls_record_recv(peer->session, data, sizeof data);
        if (size > 0)
            g_byte_array_append(peer->received, data, (guint)size);
        return true;
    }
    if (got == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return true;
    peer->state = PEER_FAILED;
    peer->error = gnutls_strerror((int)got);
    gnutls_alert_send_appropriate(peer->session, (int)got);
    return false;
}

static void gnutls_turn(Peer *peer)
{
    while (peer->state != PEER_FAILED && gnutls_step(peer))
        continue;
}

static void set_extensions(Peer *peer)
{
    const PeerConfig *config = peer->config;
    gnutls_datum_t protocols[8];
    for (size_t i = 0; i < config->protocol_count && i < G_N_ELEMENTS(protocols); i++)
        protocols[i] = (gnutls_datum_t){(unsigned char *)(uintptr_t)config->protocols[i],
                                        (unsigned)strlen(config->protocols[i])};
    if (config->protocol_count > 0)
        gnutls_alpn_set_protocols(peer->session, protocols, (unsigned)config->protocol_count,
                                  GNUTLS_ALPN_MANDATORY);
    if (config->fragment_length > 0)
        gnutls_record_set_max_size(peer->session, config->fragment_length);
    if (config->record_size_limit > 0)
        gnutls_record_set_max_recv_size(peer->session, config->record_size_limit);
    gnutls_compression_method_t zlib[] = {GNUTLS_COMP_ZLIB};
    if (config->compresses_certificates)
        gnutls_compress_certificate_set_methods(peer->session, zlib, 1);
}

static void set_client(Peer *peer)
{
    const PeerConfig *config = peer->config;
    gnutls_dh_set_prime_bits(peer->session, 512);
    if (config->name != NULL) {
        gnutls_server_name_set(peer->session, GNUTLS_NAME_DNS, config->name, strlen(config->name));
        if (config->psk.size == 0)
            gnutls_session_set_verify_cert(peer->session, config->name, 0);
    }
    if (config->asks_status)
        gnutls_ocsp_status_request_enable_client(peer->session, NULL, 0, NULL);
    if (config->early_data.size > 0)
        gnutls_record_send_early_data(peer->session, config->early_data.data,
                                      config->early_data.size);
}

static void set_server(Peer *peer)
{
    static const gnutls_certificate_request_t asks[] = {
        [PEER_ASKS_NOBODY] = GNUTLS_CERT_IGNORE,
        [PEER_REQUESTS] = GNUTLS_CERT_REQUEST,
        [PEER_REQUIRES] = GNUTLS_CERT_REQUIRE,
    };
    gnutls_certificate_server_set_request(peer->session, asks[peer->config->asks]);
    if (peer->config->asks == PEER_REQUIRES)
        gnutls_session_set_verify_cert(peer->session, NULL, 0);
}

static unsigned flags_of(const PeerConfig *config)
{
    unsigned flags = config->role == ROLE_CLIENT ? GNUTLS_CLIENT : GNUTLS_SERVER;
    flags |= GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_KEY_SHARE_TOP;
    if (config->post_handshake_auth)
        flags |= GNUTLS_POST_HANDSHAKE_AUTH;
    if (config->max_early_data > 0 && !config->rejects_early_data)
        flags |= GNUTLS_ENABLE_EARLY_DATA;
    return flags;
}

static int log_keys(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    const Peer *peer = gnutls_transport_get_ptr(session);
    gnutls_datum_t client, server;
    gnutls_session_get_random(session, &client, &server);
    g_autofree char *name = bytes_to_hex(bytes_make(client.data, client.size), NULL);
    g_autofree char *value = bytes_to_hex(bytes_make(secret->data, secret->size), NULL);
    g_string_append_printf(peer->config->keylog, "%s %s %s\n", label, name, value);
    return 0;
}

static Peer *gnutls_start(const PeerConfig *config, PeerMemory *memory)
{
    g_autofree char *words = gnutls_words(config);
    if (config->stateless || !gnutls_has_suite(words, config->suite))
        return NULL;
    Peer *peer = g_new0(Peer, 1);
    peer->config = g_memdup2(config, sizeof *config);
    peer->memory = memory;
    peer->input = g_byte_array_new();
    peer->outgoing = g_byte_array_new();
    peer->output = g_byte_array_new();
    peer->received = g_byte_array_new();
    peer->error = "";
    the_clock = (time_t)config->clock;
    gnutls_global_set_time_function(lab_time);
    gnutls_init(&peer->session, flags_of(config));
    gnutls_priority_set_direct(peer->session, words, NULL);
    gnutls_transport_set_ptr(peer->session, peer);
    if (config->keylog != NULL)
        gnutls_session_set_keylog_function(peer->session, log_keys);
    gnutls_transport_set_push_function(peer->session, push);
    gnutls_transport_set_pull_function(peer->session, pull);
    gnutls_transport_set_pull_timeout_function(peer->session, pull_timeout);
    gnutls_handshake_set_timeout(peer->session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_set_credentials(peer);
    gnutls_set_memory(peer);
    set_extensions(peer);
    if (config->role == ROLE_SERVER) {
        set_server(peer);
        return peer;
    }
    set_client(peer);
    gnutls_turn(peer);
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

static bool remember(Peer *peer)
{
    gnutls_datum_t data = {NULL, 0};
    if (gnutls_session_get_data2(peer->session, &data) < 0 || data.size == 0)
        return false;
    g_clear_pointer(&peer->memory->session, g_bytes_unref);
    peer->memory->session = bytes_copy(bytes_make(data.data, data.size));
    gnutls_free(data.data);
    return true;
}

static bool gnutls_act(Peer *peer, PeerAct act)
{
    switch (act) {
    case PEER_RENEGOTIATE:
        if (peer->config->role == ROLE_SERVER)
            gnutls_rehandshake(peer->session);
        else
            peer->again = true;
        break;
    case PEER_UPDATE_KEYS:
        return gnutls_session_key_update(peer->session, 0) == 0;
    case PEER_UPDATE_ALL_KEYS:
        return gnutls_session_key_update(peer->session, GNUTLS_KU_PEER) == 0;
    case PEER_ASK_CERTIFICATE:
        gnutls_certificate_server_set_request(peer->session, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(peer->session, NULL, 0);
        peer->asks = true;
        break;
    case PEER_REMEMBER:
        return remember(peer);
    }
    gnutls_turn(peer);
    return true;
}

/* The suite of TLS 1.3 has no key exchange; the others are named by all three. */
static uint32_t suite_in_use(gnutls_session_t session)
{
    gnutls_kx_algorithm_t kx;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
    unsigned char id[2];
    for (size_t i = 0; gnutls_cipher_suite_info(i, id, &kx, &cipher, &mac, NULL) != NULL; i++)
        if (cipher == gnutls_cipher_get(session) && mac == gnutls_mac_get(session) &&
            (kx == GNUTLS_KX_UNKNOWN) == (id[0] == 0x13) &&
            (kx == GNUTLS_KX_UNKNOWN || kx == gnutls_kx_get(session)) &&
            (id[0] == 0x13) == (gnutls_protocol_get_version(session) == GNUTLS_TLS1_3))
            return (uint32_t)(id[0] << 8 | id[1]);
    return 0;
}

static void view_names(Peer *peer, PeerView *view)
{
    gnutls_datum_t protocol = {NULL, 0};
    size_t size = sizeof view->name;
    unsigned type = 0, count = 0;
    if (gnutls_alpn_get_selected_protocol(peer->session, &protocol) == 0)
        memcpy(view->protocol, protocol.data, MIN(protocol.size, sizeof view->protocol - 1));
    if (peer->config->role == ROLE_SERVER)
        gnutls_server_name_get(peer->session, view->name, &size, &type, 0);
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(peer->session, &count);
    if (chain == NULL || count == 0)
        return;
    gnutls_x509_crt_t other;
    size = sizeof view->subject;
    gnutls_x509_crt_init(&other);
    gnutls_x509_crt_import(other, &chain[0], GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_dn_by_oid(other, GNUTLS_OID_X520_COMMON_NAME, 0, 0, view->subject, &size);
    gnutls_x509_crt_deinit(other);
}

static void gnutls_view(Peer *peer, PeerView *view)
{
    static const ProtocolVersion versions[] = {
        [GNUTLS_SSL3] = VERSION_SSL_3_0,   [GNUTLS_TLS1_0] = VERSION_TLS_1_0,
        [GNUTLS_TLS1_1] = VERSION_TLS_1_1, [GNUTLS_TLS1_2] = VERSION_TLS_1_2,
        [GNUTLS_TLS1_3] = VERSION_TLS_1_3,
    };
    const char *name = gnutls_group_get_name(gnutls_group_get(peer->session));
    const Group *group = name == NULL ? NULL : group_by_name(name);
    unsigned flags = gnutls_session_get_flags(peer->session);
    *view = (PeerView){
        .version = versions[gnutls_protocol_get_version(peer->session)],
        .suite = suite_in_use(peer->session),
        .group = group == NULL ? GROUP_NONE : group->number,
        .handshakes = peer->handshakes,
        .resumed = gnutls_session_is_resumed(peer->session) != 0,
        .extended_master_secret = gnutls_session_ext_master_secret_status(peer->session) != 0,
        .encrypt_then_mac = (flags & GNUTLS_SFLAGS_ETM) != 0,
        .early_data_taken = (flags & GNUTLS_SFLAGS_EARLY_DATA) != 0,
        .status_good = gnutls_ocsp_status_request_is_checked(peer->session, 0) != 0,
    };
    view_names(peer, view);
}

static bool gnutls_exporter(Peer *peer, const char *label, Bytes context, uint8_t *output,
                            size_t size)
{
    return gnutls_prf_rfc5705(peer->session, strlen(label), label, context.size,
                              (const char *)context.data, size, (char *)output) == 0;
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
    .act = gnutls_act,
    .view = gnutls_view,
    .exporter = gnutls_exporter,
    .received = gnutls_received,
    .error = gnutls_error,
    .free = gnutls_peer_free,
};
