/* How GnuTLS is told what a cell wants of it: priority strings and credentials.
 *
 * A priority string names exactly one version and one suite, by key exchange, cipher and MAC, and
 * where the cell says so one signature and some groups. A string that GnuTLS refuses, and a suite
 * that is not among those that it makes of the string, are its own word that it does not have it.
 * For ciphers that never were in GnuTLS's vocabulary their common name is put in, for it to refuse.
 */
#include <gnutls/x509.h>
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/suite.h"
#include "tests/peers/peer_gnutls.h"

static const char *const ciphers[CIPHER_KINDS] = {
    [CIPHER_NULL] = "NULL",
    [CIPHER_RC4] = "ARCFOUR-128",
    [CIPHER_RC2_CBC] = "RC2-40",
    [CIPHER_DES_CBC] = "DES-CBC",
    [CIPHER_3DES_EDE_CBC] = "3DES-CBC",
    [CIPHER_AES_128_CBC] = "AES-128-CBC",
    [CIPHER_AES_256_CBC] = "AES-256-CBC",
    [CIPHER_CAMELLIA_128_CBC] = "CAMELLIA-128-CBC",
    [CIPHER_CAMELLIA_256_CBC] = "CAMELLIA-256-CBC",
    [CIPHER_SEED_CBC] = "SEED-CBC",
    [CIPHER_AES_128_GCM] = "AES-128-GCM",
    [CIPHER_AES_256_GCM] = "AES-256-GCM",
    [CIPHER_AES_128_CCM] = "AES-128-CCM",
    [CIPHER_AES_256_CCM] = "AES-256-CCM",
    [CIPHER_AES_128_CCM_8] = "AES-128-CCM-8",
    [CIPHER_AES_256_CCM_8] = "AES-256-CCM-8",
    [CIPHER_CHACHA20_POLY1305] = "CHACHA20-POLY1305",
    [CIPHER_ARIA_128_GCM] = "ARIA-128-GCM",
    [CIPHER_ARIA_256_GCM] = "ARIA-256-GCM",
};

static const char *const macs[HASH_KINDS + 1] = {
    [HASH_MD5] = "MD5",       [HASH_SHA1] = "SHA1", [HASH_SHA256] = "SHA256",
    [HASH_SHA384] = "SHA384", [HASH_NONE] = "AEAD",
};

static const char *const exchanges[KEY_EXCHANGE_KINDS] = {
    [KEY_EXCHANGE_RSA] = "RSA",
    [KEY_EXCHANGE_RSA_EXPORT] = "RSA-EXPORT",
    [KEY_EXCHANGE_DHE_RSA] = "DHE-RSA",
    [KEY_EXCHANGE_DHE_RSA_EXPORT] = "DHE-RSA-EXPORT",
    [KEY_EXCHANGE_DHE_DSS] = "DHE-DSS",
    [KEY_EXCHANGE_DHE_DSS_EXPORT] = "DHE-DSS-EXPORT",
    [KEY_EXCHANGE_DH_ANON] = "ANON-DH",
    [KEY_EXCHANGE_DH_ANON_EXPORT] = "ANON-DH-EXPORT",
    [KEY_EXCHANGE_ECDHE_RSA] = "ECDHE-RSA",
    [KEY_EXCHANGE_ECDHE_ECDSA] = "ECDHE-ECDSA",
    [KEY_EXCHANGE_ECDH_ANON] = "ANON-ECDH",
    [KEY_EXCHANGE_PSK] = "PSK",
};

static const struct {
    SchemeNumber number;
    const char *name;
} signs[] = {
    {SCHEME_RSA_PKCS1_MD5, "RSA-MD5"},
    {SCHEME_RSA_PKCS1_SHA1, "RSA-SHA1"},
    {SCHEME_RSA_PKCS1_SHA224, "RSA-SHA224"},
    {SCHEME_RSA_PKCS1_SHA256, "RSA-SHA256"},
    {SCHEME_RSA_PKCS1_SHA384, "RSA-SHA384"},
    {SCHEME_RSA_PKCS1_SHA512, "RSA-SHA512"},
    {SCHEME_DSA_SHA1, "DSA-SHA1"},
    {SCHEME_DSA_SHA224, "DSA-SHA224"},
    {SCHEME_DSA_SHA256, "DSA-SHA256"},
    {SCHEME_DSA_SHA384, "DSA-SHA384"},
    {SCHEME_DSA_SHA512, "DSA-SHA512"},
    {SCHEME_ECDSA_SHA1, "ECDSA-SHA1"},
    {SCHEME_ECDSA_SHA224, "ECDSA-SHA224"},
    {SCHEME_ECDSA_SECP256R1_SHA256, "ECDSA-SHA256"},
    {SCHEME_ECDSA_SECP384R1_SHA384, "ECDSA-SHA384"},
    {SCHEME_ECDSA_SECP521R1_SHA512, "ECDSA-SHA512"},
    {SCHEME_RSA_PSS_RSAE_SHA256, "RSA-PSS-RSAE-SHA256"},
    {SCHEME_RSA_PSS_RSAE_SHA384, "RSA-PSS-RSAE-SHA384"},
    {SCHEME_RSA_PSS_RSAE_SHA512, "RSA-PSS-RSAE-SHA512"},
    {SCHEME_RSA_PSS_PSS_SHA256, "RSA-PSS-SHA256"},
    {SCHEME_RSA_PSS_PSS_SHA384, "RSA-PSS-SHA384"},
    {SCHEME_RSA_PSS_PSS_SHA512, "RSA-PSS-SHA512"},
    {SCHEME_ED25519, "EdDSA-Ed25519"},
    {SCHEME_ED448, "EdDSA-Ed448"},
};

/* In TLS 1.3 the schemes of ECDSA have names of their own. */
static void add_scheme(GString *words, const PeerConfig *config)
{
    if (config->scheme == SCHEME_NONE) {
        g_string_append(words, ":+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-DSA-SHA1:+SIGN-DSA-SHA256"
                               ":+SIGN-ECDSA-SHA1");
        return;
    }
    const Scheme *scheme = scheme_find(config->scheme);
    if (config->version >= VERSION_TLS_1_3 && scheme->curve != GROUP_NONE) {
        g_string_append_printf(words, ":+SIGN-ECDSA-%s-%s", group_find(scheme->curve)->name,
                               macs[scheme->hash] == NULL ? "SHA512" : macs[scheme->hash]);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (signs[i].number == config->scheme)
            g_string_append_printf(words, ":+SIGN-%s", signs[i].name);
}

static void add_groups(GString *words, const PeerConfig *config)
{
    if (config->group_count == 0)
        g_string_append(words, ":+GROUP-ALL");
    for (size_t i = 0; i < config->group_count; i++) {
        g_autofree char *name = g_ascii_strup(group_find(config->groups[i])->name, -1);
        g_string_append_printf(words, ":+GROUP-%s", name);
    }
}

static void add_exchange(GString *words, const PeerConfig *config, const Suite *suite)
{
    if (config->version < VERSION_TLS_1_3) {
        g_string_append_printf(words, ":+%s", exchanges[suite->key_exchange]);
        return;
    }
    if (config->psk.size > 0) /* RFC 8446 4.2.9 */
        g_string_append(words, config->psk_ke ? ":+PSK" : ":+ECDHE-PSK:+DHE-PSK");
    else
        g_string_append(words, ":+ECDHE-RSA:+ECDHE-ECDSA:+DHE-RSA");
}

char *gnutls_words(const PeerConfig *config)
{
    static const char *const versions[] = {"SSL3.0", "TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"};
    const Suite *suite = suite_find(config->suite);
    GString *words = g_string_new("NONE:+COMP-NULL");
    g_string_append_printf(words, ":+VERS-%s:+%s:+%s", versions[config->version - VERSION_SSL_3_0],
                           ciphers[suite->cipher], macs[suite->mac]);
    for (ProtocolVersion v = config->version + 1; v <= config->up_to; v++)
        g_string_append_printf(words, ":+VERS-%s", versions[v - VERSION_SSL_3_0]);
    add_exchange(words, config, suite);
    add_groups(words, config);
    add_scheme(words, config);
    g_string_append(words, ":%VERIFY_ALLOW_SIGN_WITH_SHA1:%VERIFY_ALLOW_BROKEN");
    if (config->version < VERSION_TLS_1_3) /* it would refuse a hello of TLS 1.3 alone for it */
        g_string_append(words,
                        config->insecure ? ":%UNSAFE_RENEGOTIATION" : ":%SAFE_RENEGOTIATION");
    if (config->no_extended_master_secret)
        g_string_append(words, ":%NO_SESSION_HASH");
    if (config->no_encrypt_then_mac)
        g_string_append(words, ":%NO_ETM");
    if (config->no_tickets)
        g_string_append(words, ":%NO_TICKETS");
    if (config->fallback)
        g_string_append(words, ":%FALLBACK_SCSV");
    return g_string_free(words, FALSE);
}

bool gnutls_has_suite(const char *words, uint16_t suite)
{
    gnutls_priority_t priority;
    if (gnutls_priority_init(&priority, words, NULL) != GNUTLS_E_SUCCESS)
        return false;
    bool found = false;
    unsigned index = 0;
    for (unsigned i = 0;; i++) {
        int result = gnutls_priority_get_cipher_suite_index(priority, i, &index);
        if (result == GNUTLS_E_UNKNOWN_CIPHER_SUITE)
            continue;
        if (result < 0)
            break;
        unsigned char id[2];
        gnutls_cipher_suite_info(index, id, NULL, NULL, NULL, NULL);
        found = found || (id[0] << 8 | id[1]) == suite;
    }
    gnutls_priority_deinit(priority);
    return found;
}

static gnutls_datum_t datum(Bytes bytes)
{
    /* the library's type has no const; it does not write through it */
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes.data, (unsigned)bytes.size};
}

static int psk_of_server(gnutls_session_t session, const char *identity, gnutls_datum_t *key)
{
    const Peer *peer = gnutls_transport_get_ptr(session);
    if (g_strcmp0(identity, peer->config->psk_identity) != 0)
        return -1;
    key->size = (unsigned)peer->config->psk.size;
    key->data = gnutls_malloc(key->size);
    memcpy(key->data, peer->config->psk.data, key->size);
    return 0;
}

static int psk_of_client(gnutls_session_t session, char **identity, gnutls_datum_t *key)
{
    const Peer *peer = gnutls_transport_get_ptr(session);
    size_t size = strlen(peer->config->psk_identity) + 1;
    if (g_strcmp0(gnutls_psk_client_get_hint(session), peer->config->psk_hint) != 0)
        return -1;
    *identity = gnutls_malloc(size);
    memcpy(*identity, peer->config->psk_identity, size);
    return psk_of_server(session, *identity, key);
}

static void set_psk(Peer *peer)
{
    if (peer->config->psk.size == 0)
        return;
    if (peer->config->role == ROLE_CLIENT) {
        gnutls_datum_t key = datum(peer->config->psk);
        gnutls_psk_allocate_client_credentials(&peer->psk_client);
        if (peer->config->psk_hint != NULL)
            gnutls_psk_set_client_credentials_function(peer->psk_client, psk_of_client);
        else
            gnutls_psk_set_client_credentials(peer->psk_client, peer->config->psk_identity, &key,
                                              GNUTLS_PSK_KEY_RAW);
        gnutls_credentials_set(peer->session, GNUTLS_CRD_PSK, peer->psk_client);
        return;
    }
    gnutls_psk_allocate_server_credentials(&peer->psk_server);
    gnutls_psk_set_server_credentials_function(peer->psk_server, psk_of_server);
    if (peer->config->psk_hint != NULL)
        gnutls_psk_set_server_credentials_hint(peer->psk_server, peer->config->psk_hint);
    gnutls_credentials_set(peer->session, GNUTLS_CRD_PSK, peer->psk_server);
}

static void set_anon(Peer *peer)
{
    if (peer->config->role == ROLE_CLIENT) {
        gnutls_anon_allocate_client_credentials(&peer->anon_client);
        gnutls_credentials_set(peer->session, GNUTLS_CRD_ANON, peer->anon_client);
        return;
    }
    gnutls_anon_allocate_server_credentials(&peer->anon_server);
    gnutls_anon_set_server_known_dh_params(peer->anon_server, GNUTLS_SEC_PARAM_MEDIUM);
    gnutls_credentials_set(peer->session, GNUTLS_CRD_ANON, peer->anon_server);
}

static void set_certificate(Peer *peer)
{
    const PeerConfig *config = peer->config;
    gnutls_certificate_allocate_credentials(&peer->credentials);
    gnutls_certificate_set_flags(peer->credentials,
                                 GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH |
                                     GNUTLS_CERTIFICATE_SKIP_OCSP_RESPONSE_CHECK);
    gnutls_certificate_set_known_dh_params(peer->credentials, GNUTLS_SEC_PARAM_MEDIUM);
    gnutls_certificate_set_verify_flags(peer->credentials, GNUTLS_VERIFY_ALLOW_BROKEN);
    gnutls_datum_t trusted = datum(config->trusted_pem);
    gnutls_certificate_set_x509_trust_mem(peer->credentials, &trusted, GNUTLS_X509_FMT_PEM);
    if (config->chain_pem.size > 0) {
        gnutls_datum_t chain = datum(config->chain_pem), key = datum(config->key_pem);
        int result = gnutls_certificate_set_x509_key_mem(peer->credentials, &chain, &key,
                                                         GNUTLS_X509_FMT_PEM);
        if (result < 0)
            g_error("GnuTLS does not take the certificate: %s", gnutls_strerror(result));
    }
    if (config->status.size > 0) {
        gnutls_datum_t status = datum(config->status);
        gnutls_certificate_set_ocsp_status_request_mem(peer->credentials, &status, 0,
                                                       GNUTLS_X509_FMT_DER);
    }
    gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials);
}

void gnutls_set_credentials(Peer *peer)
{
    set_psk(peer);
    set_anon(peer);
    set_certificate(peer);
}

void gnutls_free_credentials(Peer *peer)
{
    g_clear_pointer(&peer->credentials, gnutls_certificate_free_credentials);
    g_clear_pointer(&peer->anon_client, gnutls_anon_free_client_credentials);
    g_clear_pointer(&peer->anon_server, gnutls_anon_free_server_credentials);
    g_clear_pointer(&peer->psk_client, gnutls_psk_free_client_credentials);
    g_clear_pointer(&peer->psk_server, gnutls_psk_free_server_credentials);
}

static int store(void *pointer, gnutls_datum_t key, gnutls_datum_t data)
{
    PeerMemory *memory = pointer;
    g_hash_table_replace(memory->sessions, bytes_copy(bytes_make(key.data, key.size)),
                         bytes_copy(bytes_make(data.data, data.size)));
    return 0;
}

static gnutls_datum_t retrieve(void *pointer, gnutls_datum_t key)
{
    PeerMemory *memory = pointer;
    g_autoptr(GBytes) wanted = bytes_copy(bytes_make(key.data, key.size));
    Bytes found = bytes_from_gbytes(g_hash_table_lookup(memory->sessions, wanted));
    gnutls_datum_t data = {NULL, (unsigned)found.size};
    if (found.size == 0)
        return data;
    data.data = gnutls_malloc(found.size);
    memcpy(data.data, found.data, found.size);
    return data;
}

static int forget(void *pointer, gnutls_datum_t key)
{
    PeerMemory *memory = pointer;
    g_autoptr(GBytes) wanted = bytes_copy(bytes_make(key.data, key.size));
    g_hash_table_remove(memory->sessions, wanted);
    return 0;
}

static int seen_first(void *pointer, time_t expires, const gnutls_datum_t *key,
                      const gnutls_datum_t *data)
{
    (void)expires;
    PeerMemory *memory = pointer;
    g_autoptr(GBytes) wanted = bytes_copy(bytes_make(key->data, key->size));
    if (g_hash_table_contains(memory->sessions, wanted))
        return GNUTLS_E_DB_ENTRY_EXISTS;
    return store(pointer, *key, *data);
}

static void free_anti_replay(void *context)
{
    gnutls_anti_replay_deinit(context);
}

static void set_server_memory(Peer *peer)
{
    PeerMemory *memory = peer->memory;
    if (memory->sessions == NULL)
        memory->sessions =
            g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                  (GDestroyNotify)g_bytes_unref);
    gnutls_db_set_ptr(peer->session, memory);
    gnutls_db_set_store_function(peer->session, store);
    gnutls_db_set_retrieve_function(peer->session, retrieve);
    gnutls_db_set_remove_function(peer->session, forget);
    if (!peer->config->no_tickets) {
        gnutls_datum_t key = {NULL, 0};
        if (memory->ticket_key == NULL) {
            gnutls_session_ticket_key_generate(&key);
            memory->ticket_key = bytes_copy(bytes_make(key.data, key.size));
            gnutls_free(key.data);
        }
        key = datum(bytes_from_gbytes(memory->ticket_key));
        gnutls_session_ticket_enable_server(peer->session, &key);
    }
    if (peer->config->max_early_data == 0)
        return;
    gnutls_record_set_max_early_data_size(peer->session, peer->config->max_early_data);
    if (memory->context == NULL) { /* one for all: it refuses tickets that are older than itself */
        gnutls_anti_replay_t anti_replay;
        gnutls_anti_replay_init(&anti_replay);
        gnutls_anti_replay_set_add_function(anti_replay, seen_first);
        gnutls_anti_replay_set_ptr(anti_replay, memory);
        memory->context = anti_replay;
        memory->free_context = free_anti_replay;
    }
    gnutls_anti_replay_enable(peer->session, memory->context);
}

void gnutls_set_memory(Peer *peer)
{
    if (peer->memory == NULL)
        return;
    if (peer->config->role == ROLE_SERVER) {
        set_server_memory(peer);
        return;
    }
    if (peer->memory->session == NULL)
        return;
    Bytes kept = bytes_from_gbytes(peer->memory->session);
    gnutls_session_set_data(peer->session, kept.data, kept.size);
}
