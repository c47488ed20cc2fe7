/* How OpenSSL is told what a cell wants of it.
 *
 * One version, one suite, and where the cell says so one scheme and some groups, at security level
 * 0. Whatever it does not have it says itself: the functions that take versions, lists of suites,
 * groups and schemes refuse them, and then there is no peer.
 *
 * Nothing here works around a refusal. Diffie-Hellman parameters are its own automatic ones.
 */
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/suite.h"
#include "tests/peers/peer_openssl.h"

static Peer *peer_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static void log_keys(const SSL *ssl, const char *line)
{
    g_string_append_printf(peer_of(ssl)->config->keylog, "%s\n", line);
}

static X509 *read_certificate(Bytes pem)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return certificate;
}

static void set_credential(SSL_CTX *context, const PeerConfig *config)
{
    if (config->chain_pem.size == 0)
        return;
    X509 *own = read_certificate(config->chain_pem);
    BIO *bio = BIO_new_mem_buf(config->key_pem.data, (int)config->key_pem.size);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    SSL_CTX_use_certificate(context, own);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(own);
    EVP_PKEY_free(key);
    BIO_free(bio);
}

static void set_trust(SSL_CTX *context, const PeerConfig *config)
{
    X509 *root = read_certificate(config->trusted_pem);
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509_STORE_add_cert(store, root);
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), (time_t)config->clock);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)config->clock);
    if (config->role == ROLE_SERVER)
        SSL_CTX_add_client_CA(context, root);
    X509_free(root);
    int verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (config->role == ROLE_SERVER && config->asks == PEER_REQUESTS)
        verify = SSL_VERIFY_PEER;
    if (config->role == ROLE_SERVER && config->asks == PEER_ASKS_NOBODY)
        verify = SSL_VERIFY_NONE;
    SSL_CTX_set_verify(context, verify, NULL);
}

/* Its own names: "RSA+SHA256" for what TLS 1.2 had first, IANA's for the others. */
static bool set_scheme(SSL_CTX *context, SchemeNumber number)
{
    static const char *const keys[KEY_KINDS] = {
        [KEY_RSA] = "RSA", [KEY_DSA] = "DSA", [KEY_EC] = "ECDSA"};
    static const char *const hashes[HASH_KINDS] = {
        [HASH_MD5] = "MD5",       [HASH_SHA1] = "SHA1",     [HASH_SHA224] = "SHA224",
        [HASH_SHA256] = "SHA256", [HASH_SHA384] = "SHA384", [HASH_SHA512] = "SHA512",
    };
    const Scheme *scheme = scheme_find(number);
    if (number == SCHEME_NONE)
        return true;
    g_autofree char *name = g_strdup(scheme->name);
    if (keys[scheme->key] != NULL && scheme->kind != SIGNATURE_RSA_PSS) {
        g_free(name);
        name = g_strdup_printf("%s+%s", keys[scheme->key], hashes[scheme->hash]);
    }
    return SSL_CTX_set1_sigalgs_list(context, name) == 1 &&
           SSL_CTX_set1_client_sigalgs_list(context, name) == 1;
}

static bool set_groups(SSL_CTX *context, const PeerConfig *config)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < config->group_count; i++)
        g_string_append_printf(list, "%s%s", i == 0 ? "" : ":",
                               group_find(config->groups[i])->name);
    return list->len == 0 || SSL_CTX_set1_groups_list(context, list->str) == 1;
}

static bool set_suite(SSL_CTX *context, const PeerConfig *config)
{
    const Suite *suite = suite_find(config->suite);
    g_autofree char *list = g_strdup_printf("%s:@SECLEVEL=0", suite->openssl);
    if (SSL_CTX_set_min_proto_version(context, config->version) != 1 ||
        SSL_CTX_set_max_proto_version(context, MAX(config->version, config->up_to)) != 1)
        return false;
    SSL_CTX_set_security_level(context, 0);
    if (config->version >= VERSION_TLS_1_3)
        return SSL_CTX_set_ciphersuites(context, suite->openssl) == 1;
    return SSL_CTX_set_ciphersuites(context, "") == 1 &&
           SSL_CTX_set_cipher_list(context, list) == 1;
}

static unsigned psk_of_client(SSL *ssl, const char *hint, char *identity, unsigned identity_size,
                              unsigned char *psk, unsigned size)
{
    const PeerConfig *config = peer_of(ssl)->config;
    if (g_strcmp0(hint, config->psk_hint) != 0 || config->psk.size > size)
        return 0;
    g_strlcpy(identity, config->psk_identity, identity_size);
    memcpy(psk, config->psk.data, config->psk.size);
    return (unsigned)config->psk.size;
}

static unsigned psk_of_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned size)
{
    const PeerConfig *config = peer_of(ssl)->config;
    if (g_strcmp0(identity, config->psk_identity) != 0 || config->psk.size > size)
        return 0;
    memcpy(psk, config->psk.data, config->psk.size);
    return (unsigned)config->psk.size;
}

static void set_psk(SSL_CTX *context, const PeerConfig *config)
{
    if (config->psk.size == 0)
        return;
    SSL_CTX_set_psk_client_callback(context, psk_of_client); /* without it no suite is listed */
    if (config->role == ROLE_CLIENT)
        return;
    SSL_CTX_set_psk_server_callback(context, psk_of_server);
    SSL_CTX_use_psk_identity_hint(context, config->psk_hint);
}

static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *size,
                           const unsigned char *offered, unsigned offered_size, void *data)
{
    const GByteArray *own = data;
    (void)ssl;
    unsigned char *found = NULL;
    if (SSL_select_next_proto(&found, size, own->data, own->len, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static void free_list(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long argl,
                      void *argp)
{
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    if (pointer != NULL)
        g_byte_array_unref(pointer);
}

static void set_protocols(SSL_CTX *context, const PeerConfig *config)
{
    static int slot = -1;
    if (config->protocol_count == 0)
        return;
    if (slot < 0)
        slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_list);
    GByteArray *list = g_byte_array_new();
    for (size_t i = 0; i < config->protocol_count; i++) {
        guint8 size = (guint8)strlen(config->protocols[i]);
        g_byte_array_append(list, &size, 1);
        g_byte_array_append(list, (const guint8 *)config->protocols[i], size);
    }
    SSL_CTX_set_ex_data(context, slot, list);
    if (config->role == ROLE_CLIENT)
        SSL_CTX_set_alpn_protos(context, list->data, list->len);
    else
        SSL_CTX_set_alpn_select_cb(context, choose_protocol, list);
}

/* Signed by the CA, for the certificate shown, and good. */
static bool response_is_good(SSL *ssl, OCSP_BASICRESP *basic)
{
    X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    if (basic == NULL || OCSP_basic_verify(basic, chain, store, 0) != 1)
        return false;
    X509 *issuer = sk_X509_value(chain, sk_X509_num(chain) > 1 ? 1 : 0);
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, sk_X509_value(chain, 0), issuer);
    int status = -1;
    OCSP_resp_find_status(basic, id, &status, NULL, NULL, NULL, NULL);
    OCSP_CERTID_free(id);
    return status == V_OCSP_CERTSTATUS_GOOD;
}

static int status_at_client(SSL *ssl)
{
    unsigned char *der = NULL;
    long size = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
    const unsigned char *at = der;
    OCSP_RESPONSE *response = der == NULL ? NULL : d2i_OCSP_RESPONSE(NULL, &at, size);
    OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
    peer_of(ssl)->status_good = response_is_good(ssl, basic);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return peer_of(ssl)->status_good ? 1 : 0;
}

static int status_at_server(SSL *ssl)
{
    Bytes status = peer_of(ssl)->config->status;
    if (status.size == 0)
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(status.data, status.size),
                                    (long)status.size);
    return SSL_TLSEXT_ERR_OK;
}

static int status_of(SSL *ssl, void *data)
{
    (void)data;
    return peer_of(ssl)->config->role == ROLE_CLIENT ? status_at_client(ssl)
                                                     : status_at_server(ssl);
}

static int make_cookie(SSL *ssl, unsigned char *cookie, size_t *size)
{
    (void)ssl;
    memcpy(cookie, "stateless", *size = strlen("stateless"));
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, size_t size)
{
    (void)ssl;
    return bytes_equal(bytes_make(cookie, size), bytes_from_text("stateless"));
}

static void set_options(SSL_CTX *context, const PeerConfig *config)
{
    const struct {
        bool wanted;
        uint64_t option;
    } options[] = {
        {config->no_extended_master_secret, SSL_OP_NO_EXTENDED_MASTER_SECRET},
        {config->no_encrypt_then_mac, SSL_OP_NO_ENCRYPT_THEN_MAC},
        {config->no_tickets, SSL_OP_NO_TICKET},
        {config->psk_ke, SSL_OP_ALLOW_NO_DHE_KEX},
        {config->insecure, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT},
    };
    SSL_CTX_set_options(context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (options[i].wanted)
            SSL_CTX_set_options(context, options[i].option);
    SSL_CTX_set_mode(context, config->fallback ? SSL_MODE_SEND_FALLBACK_SCSV : 0);
    if (config->fragment_length > 0)
        SSL_CTX_set_tlsext_max_fragment_length(
            context, (uint8_t)(g_bit_storage(config->fragment_length) - 9)); /* 512: 1 */
    SSL_CTX_set_max_early_data(context, config->max_early_data);
    SSL_CTX_set_recv_max_early_data(context, config->max_early_data);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_tlsext_status_cb(context, status_of);
    SSL_CTX_set_stateless_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_stateless_cookie_verify_cb(context, check_cookie);
    if (config->role == ROLE_SERVER)
        SSL_CTX_set_session_id_context(context, (const unsigned char *)"lab", 3);
}

static void free_context(void *context)
{
    SSL_CTX_free(context);
}

/* A server that remembers has one context for all of its connections: there its cache and the keys
 * of its tickets are. */
bool openssl_context(Peer *peer)
{
    PeerMemory *memory = peer->memory;
    bool kept = peer->config->role == ROLE_SERVER && memory != NULL;
    if (kept && memory->context != NULL) {
        peer->context = memory->context;
        SSL_CTX_up_ref(peer->context);
    } else {
        peer->context = SSL_CTX_new(TLS_method());
    }
    if (kept && memory->context == NULL) {
        SSL_CTX_up_ref(peer->context);
        memory->context = peer->context;
        memory->free_context = free_context;
    }
    SSL_CTX_set_session_cache_mode(peer->context,
                                   memory != NULL ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF);
    if (!set_suite(peer->context, peer->config) || !set_groups(peer->context, peer->config) ||
        !set_scheme(peer->context, peer->config->scheme))
        return false;
    if (peer->config->keylog != NULL)
        SSL_CTX_set_keylog_callback(peer->context, log_keys);
    set_options(peer->context, peer->config);
    set_credential(peer->context, peer->config);
    set_trust(peer->context, peer->config);
    set_psk(peer->context, peer->config);
    set_protocols(peer->context, peer->config);
    return true;
}

static void resume(Peer *peer)
{
    if (peer->memory == NULL || peer->memory->session == NULL)
        return;
    Bytes kept = bytes_from_gbytes(peer->memory->session);
    const unsigned char *at = kept.data;
    SSL_SESSION *session = d2i_SSL_SESSION(NULL, &at, (long)kept.size);
    SSL_set_session(peer->ssl, session);
    SSL_SESSION_free(session);
}

void openssl_connection(Peer *peer)
{
    const PeerConfig *config = peer->config;
    if (config->role == ROLE_SERVER) {
        SSL_set_accept_state(peer->ssl);
        return;
    }
    if (config->name != NULL) {
        /* what SSL_set_tlsext_host_name() is, whose cast clang warns of */
        SSL_ctrl(peer->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 (void *)(uintptr_t)config->name);
        SSL_set1_host(peer->ssl, config->name);
    }
    if (config->asks_status)
        SSL_set_tlsext_status_type(peer->ssl, TLSEXT_STATUSTYPE_ocsp);
    SSL_set_post_handshake_auth(peer->ssl, config->post_handshake_auth);
    SSL_set_connect_state(peer->ssl);
    resume(peer);
}

bool openssl_has_suite(SSL *ssl, uint16_t suite)
{
    STACK_OF(SSL_CIPHER) *list = SSL_get1_supported_ciphers(ssl);
    bool found = false;
    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
        found = found || SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(list, i)) == suite;
    sk_SSL_CIPHER_free(list);
    return found;
}

GroupNumber openssl_group(SSL *ssl)
{
    const char *name = SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl));
    const Group *group = name == NULL ? NULL : group_by_name(name);
    return group == NULL ? GROUP_NONE : group->number;
}
