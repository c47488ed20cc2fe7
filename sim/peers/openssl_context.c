/* How OpenSSL is told what a party's words say.
 *
 * One SSL_CTX for all connections of a party: there its settings are, its cache and the keys of its
 * tickets. Security level 0: what is too weak is for the scenario to say. It lives in our library
 * context, so that it draws our randomness. What it does not have it says itself: suites that are
 * not among those that it lists are left out, with a note; a version, group or scheme that it does
 * not take refuses the run.
 *
 * Obeys SSL_CTX_new_ex(3), SSL_CTX_set1_sigalgs_list(3) and their kin; RFC 7301 3.2 (protocols).
 */
#include <openssl/err.h>
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/libcrypto/lend.h"
#include "core/crypto/scheme.h"
#include "sim/peers/openssl_stack.h"

bool openssl_refuse(Fault *fault, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL, "OpenSSL refuses %s%s%s",
                     what, reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
}

bool openssl_check(const PlanParty *words, char **why)
{
    if (!peers_check(STACK_OPENSSL, words, why))
        return false;
#ifdef OPENSSL_NO_SSL3
    if (words->last < VERSION_TLS_1_0) {
        *why = g_strdup_printf("the %s is OpenSSL, which is built without SSL 3.0", words->name);
        return false;
    }
#endif
    return true;
}

/* --- versions, suites, groups, schemes --- */

static const char *const tls13_prefix = "TLS_";

/* The names of the suites that can be spoken, those of TLS 1.3 apart. */
static void list_suites(const EndpointConfig *config, GString *old, GString *tls13)
{
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite == NULL || suite->first > config->last || suite->last < config->first ||
            suite->last < VERSION_SSL_3_0)
            continue;
        GString *list = g_str_has_prefix(suite->openssl, tls13_prefix) ? tls13 : old;
        g_string_append_printf(list, "%s%s", list->len > 0 ? ":" : "", suite->openssl);
    }
}

/* Which of them it does not have: it lists those that it does. */
static char *missing_suites(SSL_CTX *context, const EndpointConfig *config, size_t *left)
{
    GString *missing = g_string_new(NULL);
    STACK_OF(SSL_CIPHER) *has = SSL_CTX_get_ciphers(context);
    *left = 0;
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite == NULL || suite->first > config->last || suite->last < config->first ||
            suite->last < VERSION_SSL_3_0)
            continue;
        bool found = false;
        for (int j = 0; j < sk_SSL_CIPHER_num(has); j++)
            found =
                found || SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(has, j)) == suite->number;
        *left += found;
        if (!found)
            g_string_append_printf(missing, "%s%s", missing->len > 0 ? ", " : "", suite->name);
    }
    return g_string_free(missing, missing->len == 0);
}

static bool set_suites(OpenSslSource *source, Fault *fault)
{
    const EndpointConfig *config = source->base.setup.config;
    g_autoptr(GString) old = g_string_new(NULL);
    g_autoptr(GString) tls13 = g_string_new(NULL);
    size_t left = 0;
    list_suites(config, old, tls13);
    SSL_CTX_set_security_level(source->context, 0);
    if (SSL_CTX_set_ciphersuites(source->context, tls13->str) != 1)
        return openssl_refuse(fault, "its suites of TLS 1.3");
    if (old->len > 0)
        g_string_append(old, ":@SECLEVEL=0");
    if (SSL_CTX_set_cipher_list(source->context, old->str) != 1)
        ERR_clear_error(); /* none of them is there: it lists none */
    source->missing = missing_suites(source->context, config, &left);
#ifdef OPENSSL_NO_SSL3
    if (config->first < VERSION_TLS_1_0) {
        g_autofree char *suites = source->missing;
        source->missing = g_strdup_printf("SSL 3.0%s%s", suites == NULL ? "" : ", ",
                                          suites == NULL ? "" : suites);
    }
#endif
    return left > 0 ||
           fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                     "OpenSSL has none of the suites that are asked for: %s", source->missing);
}

static bool set_groups(SSL_CTX *context, const EndpointConfig *config, Fault *fault)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < config->group_count; i++)
        g_string_append_printf(list, "%s%s", i == 0 ? "" : ":",
                               group_find(config->groups[i])->name);
    if (list->len == 0 || SSL_CTX_set1_groups_list(context, list->str) == 1)
        return true;
    return openssl_refuse(fault, list->str);
}

/* Its own names: "RSA+SHA256" for what TLS 1.2 had first, IANA's for the others. */
static void add_scheme(GString *list, const Scheme *scheme)
{
    static const char *const keys[KEY_KINDS] = {
        [KEY_RSA] = "RSA", [KEY_DSA] = "DSA", [KEY_EC] = "ECDSA"};
    static const char *const hashes[HASH_KINDS] = {
        [HASH_MD5] = "MD5",       [HASH_SHA1] = "SHA1",     [HASH_SHA224] = "SHA224",
        [HASH_SHA256] = "SHA256", [HASH_SHA384] = "SHA384", [HASH_SHA512] = "SHA512",
    };
    g_string_append(list, list->len > 0 ? ":" : "");
    if (keys[scheme->key] != NULL && scheme->kind != SIGNATURE_RSA_PSS)
        g_string_append_printf(list, "%s+%s", keys[scheme->key], hashes[scheme->hash]);
    else
        g_string_append(list, scheme->name);
}

static bool set_schemes(SSL_CTX *context, const EndpointConfig *config, Fault *fault)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < config->scheme_count; i++)
        add_scheme(list, scheme_find(config->schemes[i]));
    if (list->len == 0 || (SSL_CTX_set1_sigalgs_list(context, list->str) == 1 &&
                           SSL_CTX_set1_client_sigalgs_list(context, list->str) == 1))
        return true;
    return openssl_refuse(fault, list->str);
}

/* --- pre-shared keys, protocols --- */

static unsigned psk_of_client(SSL *ssl, const char *hint, char *identity, unsigned identity_size,
                              unsigned char *key, unsigned size)
{
    (void)hint;
    const ExternalPsk *psk = openssl_peer_of(ssl)->base.source->setup.config->psks;
    if (psk->key.size > size || strlen(psk->identity) >= identity_size)
        return 0;
    g_strlcpy(identity, psk->identity, identity_size);
    memcpy(key, psk->key.data, psk->key.size);
    return (unsigned)psk->key.size;
}

static unsigned psk_of_server(SSL *ssl, const char *identity, unsigned char *key, unsigned size)
{
    OpenSslPeer *peer = openssl_peer_of(ssl);
    const EndpointConfig *config = peer->base.source->setup.config;
    for (size_t i = 0; i < config->psk_count; i++) {
        const ExternalPsk *psk = &config->psks[i];
        if (strcmp(psk->identity, identity) != 0 || psk->key.size > size)
            continue;
        memcpy(key, psk->key.data, psk->key.size);
        peer->given_key = true;
        return (unsigned)psk->key.size;
    }
    return 0;
}

static void set_psks(SSL_CTX *context, const EndpointConfig *config)
{
    if (config->psk_count == 0)
        return;
    SSL_CTX_set_psk_client_callback(context, psk_of_client); /* without it no suite is listed */
    if (config->role == ROLE_CLIENT)
        return;
    SSL_CTX_set_psk_server_callback(context, psk_of_server);
    SSL_CTX_use_psk_identity_hint(context, config->psk_hint);
}

/* RFC 7301 3.2: the server's order; nothing in common is fatal. */
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

static void set_protocols(OpenSslSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    if (config->protocol_count == 0)
        return;
    source->protocols = g_byte_array_new();
    for (size_t i = 0; i < config->protocol_count; i++) {
        guint8 size = (guint8)strlen(config->protocols[i]);
        g_byte_array_append(source->protocols, &size, 1);
        g_byte_array_append(source->protocols, (const guint8 *)config->protocols[i], size);
    }
    if (config->role == ROLE_CLIENT)
        SSL_CTX_set_alpn_protos(source->context, source->protocols->data, source->protocols->len);
    else
        SSL_CTX_set_alpn_select_cb(source->context, choose_protocol, source->protocols);
}

/* --- all together --- */

static void set_options(OpenSslSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    const EndpointOptions *options = &config->options;
    const PlanParty *words = source->base.setup.words;
    const struct {
        bool wanted;
        uint64_t option;
    } rows[] = {
        {true, SSL_OP_NO_COMPRESSION},
        {true, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION}, /* it asks for a certificate */
        {options->extended_master_secret == FEATURE_OFF, SSL_OP_NO_EXTENDED_MASTER_SECRET},
        {options->encrypt_then_mac == FEATURE_OFF, SSL_OP_NO_ENCRYPT_THEN_MAC},
        {options->no_tickets, SSL_OP_NO_TICKET},
        {(options->psk_modes & PSK_MODE_KE) != 0, SSL_OP_ALLOW_NO_DHE_KEX},
        {words->refuses_renegotiation, SSL_OP_NO_RENEGOTIATION},
        {!words->refuses_renegotiation, SSL_OP_ALLOW_CLIENT_RENEGOTIATION},
        {true, SSL_OP_LEGACY_SERVER_CONNECT}, /* a server without RFC 5746 is served */
        {!config->prefers_client_order, SSL_OP_CIPHER_SERVER_PREFERENCE},
        {!config->empty_fragments, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS},
        {options->pads_hello, SSL_OP_TLSEXT_PADDING},
        {!options->no_middlebox_compatibility, SSL_OP_ENABLE_MIDDLEBOX_COMPAT},
        {!words->notices_replays, SSL_OP_NO_ANTI_REPLAY},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        SSL_CTX_clear_options(source->context, rows[i].option);
        if (rows[i].wanted)
            SSL_CTX_set_options(source->context, rows[i].option);
    }
    SSL_CTX_set_dh_auto(source->context, 1);
    SSL_CTX_set_max_send_fragment(source->context,
                                  config->fragment_size == 0 ? 16384 : config->fragment_size);
    SSL_CTX_set_block_padding(source->context, options->record_padding);
    SSL_CTX_set_tlsext_max_fragment_length(source->context, (uint8_t)options->max_fragment_length);
    SSL_CTX_set_max_early_data(source->context, options->max_early_data);
    SSL_CTX_set_recv_max_early_data(source->context, options->max_early_data);
}

static void take_log_line(const SSL *ssl, const char *line)
{
    peer_log(&openssl_peer_of(ssl)->base, line);
}

static bool set_all(OpenSslSource *source, Fault *fault)
{
    const EndpointConfig *config = source->base.setup.config;
    if (SSL_CTX_set_min_proto_version(source->context, config->first) != 1 ||
        SSL_CTX_set_max_proto_version(source->context, config->last) != 1)
        return openssl_refuse(fault, "these versions");
    set_psks(source->context, config); /* ahead of the suites: without keys it lists none of them */
    if (!set_suites(source, fault) || !set_groups(source->context, config, fault) ||
        !set_schemes(source->context, config, fault) || !openssl_set_credentials(source, fault))
        return false;
    openssl_set_trust(source);
    set_protocols(source);
    set_options(source);
    openssl_set_sessions(source);
    SSL_CTX_set_keylog_callback(source->context, take_log_line);
    return true;
}

void *openssl_open(const SpeakerSetup *setup, Fault *fault)
{
    OpenSslSource *source = g_new0(OpenSslSource, 1);
    peer_source_init(&source->base, setup, "OpenSSL");
    entropy_use(setup->random, "openssl");
    ERR_clear_error();
    source->context = SSL_CTX_new_ex(library_context(), NULL, TLS_method());
    bool made = source->context != NULL || openssl_refuse(fault, "to begin");
    made = made && set_all(source, fault);
    entropy_use(NULL, NULL);
    if (made)
        return source;
    openssl_close(source);
    return NULL;
}

void openssl_close(void *data)
{
    OpenSslSource *source = data;
    SSL_SESSION_free(source->session);
    if (source->context != NULL)
        SSL_CTX_set_app_data(source->context, NULL);
    SSL_CTX_free(source->context);
    g_clear_pointer(&source->cache, g_hash_table_unref);
    g_clear_pointer(&source->protocols, g_byte_array_unref);
    g_free(source->missing);
    g_clear_pointer(&source->credentials, g_ptr_array_unref);
    peer_source_clear(&source->base);
    g_free(source);
}
