/* How GnuTLS is told what a party's words say.
 *
 * Versions, ciphers, MACs, key exchanges, groups and signatures make a priority string: lists of
 * each, not suites, so that a list of suites may bring others with it; those are noted, as are
 * those that it does not have. A string that GnuTLS refuses is its own word. Certificates, trust
 * and keys are its credentials, made once a party. It goes by the lab's clock; its randomness is
 * its own.
 *
 * Obeys gnutls_priority_init(3), gnutls_credentials_set(3), gnutls_db_set_store_function(3).
 */
#include <gnutls/x509.h>
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "sim/peers/gnutls_stack.h"

static const char *const ciphers[CIPHER_KINDS] = {
    [CIPHER_NULL] = "NULL",
    [CIPHER_RC4] = "ARCFOUR-128",
    [CIPHER_3DES_EDE_CBC] = "3DES-CBC",
    [CIPHER_AES_128_CBC] = "AES-128-CBC",
    [CIPHER_AES_256_CBC] = "AES-256-CBC",
    [CIPHER_CAMELLIA_128_CBC] = "CAMELLIA-128-CBC",
    [CIPHER_CAMELLIA_256_CBC] = "CAMELLIA-256-CBC",
    [CIPHER_AES_128_GCM] = "AES-128-GCM",
    [CIPHER_AES_256_GCM] = "AES-256-GCM",
    [CIPHER_AES_128_CCM] = "AES-128-CCM",
    [CIPHER_AES_256_CCM] = "AES-256-CCM",
    [CIPHER_AES_128_CCM_8] = "AES-128-CCM-8",
    [CIPHER_AES_256_CCM_8] = "AES-256-CCM-8",
    [CIPHER_CHACHA20_POLY1305] = "CHACHA20-POLY1305",
};

static const char *const macs[HASH_KINDS + 1] = {
    [HASH_MD5] = "MD5",       [HASH_SHA1] = "SHA1", [HASH_SHA256] = "SHA256",
    [HASH_SHA384] = "SHA384", [HASH_NONE] = "AEAD",
};

static const char *const exchanges[KEY_EXCHANGE_KINDS] = {
    [KEY_EXCHANGE_RSA] = "RSA",
    [KEY_EXCHANGE_DHE_RSA] = "DHE-RSA",
    [KEY_EXCHANGE_DHE_DSS] = "DHE-DSS",
    [KEY_EXCHANGE_DH_ANON] = "ANON-DH",
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
    {SCHEME_ECDSA_SECP256R1_SHA256, "ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256"},
    {SCHEME_ECDSA_SECP384R1_SHA384, "ECDSA-SHA384:+SIGN-ECDSA-SECP384R1-SHA384"},
    {SCHEME_ECDSA_SECP521R1_SHA512, "ECDSA-SHA512:+SIGN-ECDSA-SECP521R1-SHA512"},
    {SCHEME_RSA_PSS_RSAE_SHA256, "RSA-PSS-RSAE-SHA256"},
    {SCHEME_RSA_PSS_RSAE_SHA384, "RSA-PSS-RSAE-SHA384"},
    {SCHEME_RSA_PSS_RSAE_SHA512, "RSA-PSS-RSAE-SHA512"},
    {SCHEME_RSA_PSS_PSS_SHA256, "RSA-PSS-SHA256"},
    {SCHEME_RSA_PSS_PSS_SHA384, "RSA-PSS-SHA384"},
    {SCHEME_RSA_PSS_PSS_SHA512, "RSA-PSS-SHA512"},
    {SCHEME_ED25519, "EdDSA-Ed25519"},
    {SCHEME_ED448, "EdDSA-Ed448"},
};

static bool has_ssl3(void)
{
    const gnutls_protocol_t *list = gnutls_protocol_list();
    for (; *list != 0; list++)
        if (*list == GNUTLS_SSL3)
            return true;
    return false;
}

bool gnutls_stack_check(const PlanParty *words, char **why)
{
    if (!peers_check(STACK_GNUTLS, words, why))
        return false;
    if (words->last < VERSION_TLS_1_0 && !has_ssl3()) {
        *why = g_strdup_printf("the %s is GnuTLS, which is built without SSL 3.0", words->name);
        return false;
    }
    return true;
}

/* --- the priority string --- */

/* Each word once, in the order in which it comes. */
static void add_word(GString *words, const char *kind, const char *name)
{
    g_autofree char *word = g_strdup_printf(":+%s%s", kind, name);
    const char *at = strstr(words->str, word);
    bool there = at != NULL && (at[strlen(word)] == ':' || at[strlen(word)] == '\0');
    if (!there)
        g_string_append(words, word);
}

static void add_versions(GString *words, const EndpointConfig *config)
{
    static const char *const names[] = {"SSL3.0", "TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"};
    for (ProtocolVersion v = config->last; v >= MAX(config->first, VERSION_SSL_3_0); v--)
        add_word(words, "VERS-", names[v - VERSION_SSL_3_0]);
}

static bool spoken(const Suite *suite, const EndpointConfig *config)
{
    return suite != NULL && suite->first <= config->last && suite->last >= config->first &&
           suite->last >= VERSION_SSL_3_0;
}

static void add_suites(GString *words, const EndpointConfig *config)
{
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (!spoken(suite, config) || ciphers[suite->cipher] == NULL || macs[suite->mac] == NULL)
            continue;
        add_word(words, "", ciphers[suite->cipher]);
        add_word(words, "", macs[suite->mac]);
        if (exchanges[suite->key_exchange] != NULL)
            add_word(words, "", exchanges[suite->key_exchange]);
    }
    if (config->last < VERSION_TLS_1_3)
        return;
    bool ke = (config->options.psk_modes & PSK_MODE_KE) != 0;
    bool dhe = config->options.psk_modes == 0 || (config->options.psk_modes & PSK_MODE_DHE_KE);
    g_string_append(words, ":+ECDHE-RSA:+ECDHE-ECDSA:+DHE-RSA"); /* any will do: RFC 8446 B.4 */
    if ((config->psk_count > 0 && dhe) || ke)                    /* RFC 8446 4.2.9 */
        g_string_append(words, ":+ECDHE-PSK:+DHE-PSK");
    if (ke)
        add_word(words, "", "PSK");
}

static void add_groups(GString *words, const EndpointConfig *config)
{
    if (config->group_count == 0)
        g_string_append(words, ":+GROUP-X25519:+GROUP-ALL"); /* the lab's own first */
    for (size_t i = 0; i < config->group_count; i++) {
        g_autofree char *name = g_ascii_strup(group_find(config->groups[i])->name, -1);
        add_word(words, "GROUP-", name);
    }
}

static void add_schemes(GString *words, const EndpointConfig *config)
{
    if (config->scheme_count == 0)
        g_string_append(words, ":+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-DSA-SHA1:+SIGN-DSA-SHA256"
                               ":+SIGN-ECDSA-SHA1");
    for (size_t i = 0; i < config->scheme_count; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(signs); j++)
            if (signs[j].number == config->schemes[i])
                add_word(words, "SIGN-", signs[j].name);
}

static char *priority_words(const EndpointConfig *config)
{
    const EndpointOptions *options = &config->options;
    const struct {
        bool wanted;
        const char *word;
    } rows[] = {
        {true, "%VERIFY_ALLOW_SIGN_WITH_SHA1"},
        {true, "%VERIFY_ALLOW_BROKEN"},
        {!config->prefers_client_order, "%SERVER_PRECEDENCE"},
        {options->extended_master_secret == FEATURE_OFF, "%NO_SESSION_HASH"},
        {options->encrypt_then_mac == FEATURE_OFF, "%NO_ETM"},
        {options->no_tickets, "%NO_TICKETS"},
        {options->no_middlebox_compatibility, "%DISABLE_TLS13_COMPAT_MODE"},
        {options->signals_fallback, "%FALLBACK_SCSV"},
    };
    GString *words = g_string_new("NONE:+COMP-NULL");
    add_versions(words, config);
    add_suites(words, config);
    add_groups(words, config);
    add_schemes(words, config);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].wanted)
            g_string_append_printf(words, ":%s", rows[i].word);
    return g_string_free(words, FALSE);
}

/* --- what it makes of them --- */

/* The numbers of the suites that a priority string stands for. */
static GArray *suites_of(gnutls_priority_t priority)
{
    GArray *suites = g_array_new(FALSE, FALSE, sizeof(SuiteNumber));
    for (unsigned i = 0;; i++) {
        unsigned index = 0;
        unsigned char id[2];
        int result = gnutls_priority_get_cipher_suite_index(priority, i, &index);
        if (result == GNUTLS_E_UNKNOWN_CIPHER_SUITE)
            continue;
        if (result < 0)
            return suites;
        gnutls_cipher_suite_info(index, id, NULL, NULL, NULL, NULL);
        SuiteNumber number = (SuiteNumber)(id[0] << 8 | id[1]);
        g_array_append_val(suites, number);
    }
}

static bool listed(const SuiteNumber *suites, size_t count, SuiteNumber number)
{
    for (size_t i = 0; i < count; i++)
        if (suites[i] == number)
            return true;
    return false;
}

static void add_name(GString *list, SuiteNumber number)
{
    g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                           number_text(NUMBER_SUITE, number));
}

static bool compare_suites(GnuTlsSource *source, const GArray *has, Fault *fault)
{
    const EndpointConfig *config = source->base.setup.config;
    const SuiteNumber *numbers = (const SuiteNumber *)(const void *)has->data;
    GString *missing = g_string_new(NULL), *extra = g_string_new(NULL);
    size_t left = 0;
    if (config->first < VERSION_TLS_1_0 && !has_ssl3())
        g_string_append(missing, "SSL 3.0");
    for (size_t i = 0; i < config->suite_count; i++) {
        bool found = listed(numbers, has->len, config->suites[i]);
        left += found;
        if (!found && spoken(suite_find(config->suites[i]), config))
            add_name(missing, config->suites[i]);
    }
    for (guint i = 0; i < has->len; i++)
        if (!listed(config->suites, config->suite_count, numbers[i]) &&
            spoken(suite_find(numbers[i]), config))
            add_name(extra, numbers[i]);
    source->missing = g_string_free(missing, missing->len == 0);
    source->extra = g_string_free(extra, extra->len == 0);
    return left > 0 ||
           fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                     "GnuTLS has none of the suites that are asked for: %s", source->missing);
}

static bool try_words(GnuTlsSource *source, Fault *fault)
{
    gnutls_priority_t priority;
    const char *where = NULL;
    int result = gnutls_priority_init(&priority, source->words, &where);
    if (result != GNUTLS_E_SUCCESS) {
        size_t size = where == NULL ? 0 : strcspn(where, ":");
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "GnuTLS refuses %.*s: %s", (int)size, where == NULL ? "" : where,
                         gnutls_strerror(result));
    }
    g_autoptr(GArray) has = suites_of(priority);
    gnutls_priority_deinit(priority);
    return compare_suites(source, has, fault);
}

/* --- credentials --- */

static gnutls_datum_t datum(Bytes bytes)
{
    /* the library's type has no const; it does not write through it */
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes.data, (unsigned)bytes.size};
}

static int give_psk(const ExternalPsk *psk, gnutls_datum_t *key)
{
    key->size = (unsigned)psk->key.size;
    key->data = gnutls_malloc(key->size);
    memcpy(key->data, psk->key.data, key->size);
    return 0;
}

static int psk_of_server(gnutls_session_t session, const char *identity, gnutls_datum_t *key)
{
    GnuTlsPeer *peer = gnutls_session_get_ptr(session);
    const EndpointConfig *config = peer->base.source->setup.config;
    for (size_t i = 0; i < config->psk_count; i++) {
        if (g_strcmp0(identity, config->psks[i].identity) != 0)
            continue;
        peer->given_key = true;
        return give_psk(&config->psks[i], key);
    }
    return -1;
}

static void set_psk(GnuTlsSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    if (config->psk_count == 0)
        return;
    if (config->role == ROLE_CLIENT) {
        gnutls_datum_t key = datum(config->psks[0].key);
        gnutls_psk_allocate_client_credentials(&source->psk_client);
        gnutls_psk_set_client_credentials(source->psk_client, config->psks[0].identity, &key,
                                          GNUTLS_PSK_KEY_RAW);
        return;
    }
    gnutls_psk_allocate_server_credentials(&source->psk_server);
    gnutls_psk_set_server_credentials_function(source->psk_server, psk_of_server);
    if (config->psk_hint != NULL)
        gnutls_psk_set_server_credentials_hint(source->psk_server, config->psk_hint);
}

static void set_anon(GnuTlsSource *source)
{
    if (source->base.role == ROLE_CLIENT) {
        gnutls_anon_allocate_client_credentials(&source->anon_client);
        return;
    }
    gnutls_anon_allocate_server_credentials(&source->anon_server);
    gnutls_anon_set_server_known_dh_params(source->anon_server, GNUTLS_SEC_PARAM_MEDIUM);
}

static bool refuse_certificate(Fault *fault, const char *name, int result)
{
    return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                     "GnuTLS does not show %s: %s", name, gnutls_strerror(result));
}

static bool set_credential(GnuTlsSource *source, const Credential *credential, const char *name,
                           Fault *fault)
{
    enum { CHAIN_MOST = 16 }; /* issuers of the lab are few */
    gnutls_x509_crt_t chain[CHAIN_MOST];
    gnutls_x509_privkey_t key;
    unsigned count = 0;
    if (credential->chain == NULL || credential->chain->len == 0)
        return true;
    gnutls_datum_t pem = datum(peer_key_pem(&source->base.setup, name));
    gnutls_x509_privkey_init(&key);
    int result = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    for (; count < MIN(credential->chain->len, CHAIN_MOST) && result >= 0; count++) {
        gnutls_datum_t der = datum(bytes_from_gbytes(g_ptr_array_index(credential->chain, count)));
        gnutls_x509_crt_init(&chain[count]);
        result = gnutls_x509_crt_import(chain[count], &der, GNUTLS_X509_FMT_DER);
    }
    if (result >= 0)
        result = gnutls_certificate_set_x509_key(source->credentials, chain, (int)count, key);
    if (result >= 0 && credential->status != NULL) {
        gnutls_datum_t status = datum(bytes_from_gbytes(credential->status));
        result = gnutls_certificate_set_ocsp_status_request_mem(
            source->credentials, &status, (unsigned)result, GNUTLS_X509_FMT_DER);
    }
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_x509_privkey_deinit(key);
    return result >= 0 || refuse_certificate(fault, name, result);
}

static void set_trust(GnuTlsSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    for (guint i = 0; i < config->trusted->len; i++) {
        gnutls_datum_t der = datum(certificate_der(g_ptr_array_index(config->trusted, i)));
        gnutls_certificate_set_x509_trust_mem(source->credentials, &der, GNUTLS_X509_FMT_DER);
    }
}

static bool set_certificates(GnuTlsSource *source, Fault *fault)
{
    const EndpointConfig *config = source->base.setup.config;
    const PlanParty *words = source->base.setup.words;
    gnutls_certificate_allocate_credentials(&source->credentials);
    gnutls_certificate_set_flags(source->credentials, GNUTLS_CERTIFICATE_SKIP_OCSP_RESPONSE_CHECK);
    gnutls_certificate_set_known_dh_params(source->credentials, GNUTLS_SEC_PARAM_MEDIUM);
    gnutls_certificate_set_verify_flags(source->credentials, GNUTLS_VERIFY_ALLOW_BROKEN);
    set_trust(source);
    bool taken = set_credential(source, &config->credential, words->shows, fault);
    for (size_t i = 0; taken && i < config->other_count; i++)
        taken = set_credential(source, &config->others[i], g_ptr_array_index(words->also_shows, i),
                               fault);
    return taken;
}

/* --- the server's cache --- */

static int store(void *pointer, gnutls_datum_t key, gnutls_datum_t data)
{
    GnuTlsSource *source = pointer;
    enum { CACHE_MOST = 1000 }; /* as the lab's own */
    uint32_t most = source->base.setup.words->cache_size;
    if (g_hash_table_size(source->cache) >= (most == 0 ? CACHE_MOST : most))
        g_hash_table_remove_all(source->cache);
    g_hash_table_replace(source->cache, g_bytes_new(key.data, key.size),
                         g_bytes_new(data.data, data.size));
    return 0;
}

static gnutls_datum_t retrieve(void *pointer, gnutls_datum_t key)
{
    const GnuTlsSource *source = pointer;
    g_autoptr(GBytes) wanted = g_bytes_new(key.data, key.size);
    Bytes found = bytes_from_gbytes(g_hash_table_lookup(source->cache, wanted));
    gnutls_datum_t data = {NULL, (unsigned)found.size};
    if (found.size == 0)
        return data;
    data.data = gnutls_malloc(found.size);
    memcpy(data.data, found.data, found.size);
    return data;
}

static int forget(void *pointer, gnutls_datum_t key)
{
    GnuTlsSource *source = pointer;
    g_autoptr(GBytes) wanted = g_bytes_new(key.data, key.size);
    g_hash_table_remove(source->cache, wanted);
    return 0;
}

static void tell_memory(GnuTlsPeer *peer, GnuTlsSource *source)
{
    const EndpointOptions *options = &source->base.setup.config->options;
    const PlanParty *words = source->base.setup.words;
    enum { DAY = 86400 };
    uint32_t lifetime = words->cache_lifetime == 0 ? DAY : words->cache_lifetime;
    if (!options->no_tickets && options->ticket_lifetime > 0)
        lifetime = options->ticket_lifetime;
    gnutls_db_set_cache_expiration(peer->session, (int)lifetime);
    if (!words->forgets_sessions) {
        gnutls_db_set_ptr(peer->session, source);
        gnutls_db_set_store_function(peer->session, store);
        gnutls_db_set_retrieve_function(peer->session, retrieve);
        gnutls_db_set_remove_function(peer->session, forget);
    }
    if (!options->no_tickets)
        gnutls_session_ticket_enable_server(peer->session, &source->ticket_key);
}

/* --- what a session is told --- */

/* A client without certificate is served as anonymous where one was only requested; one whose
 * certificate fails is not. */
static int verify_client(gnutls_session_t session)
{
    unsigned status = 0, count = 0;
    if (gnutls_certificate_get_peers(session, &count) == NULL || count == 0)
        return 0;
    int result = gnutls_certificate_verify_peers3(session, NULL, &status);
    return result < 0 ? result : status == 0 ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static void tell_extensions(GnuTlsPeer *peer, const EndpointConfig *config)
{
    enum { NAMES_MOST = 32 };
    gnutls_datum_t protocols[NAMES_MOST];
    size_t count = MIN(config->protocol_count, (size_t)NAMES_MOST);
    for (size_t i = 0; i < count; i++)
        protocols[i] = datum(bytes_from_text(config->protocols[i]));
    if (count > 0) /* RFC 7301 3.2: nothing in common is fatal */
        gnutls_alpn_set_protocols(peer->session, protocols, (unsigned)count,
                                  GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
    if (config->options.max_fragment_length > 0)
        gnutls_record_set_max_size(peer->session, 256u << config->options.max_fragment_length);
    else if (config->fragment_size > 0)
        gnutls_record_set_max_size(peer->session, config->fragment_size);
    if (config->options.record_size_limit > 0)
        gnutls_record_set_max_recv_size(peer->session, config->options.record_size_limit);
    gnutls_compression_method_t zlib[] = {GNUTLS_COMP_ZLIB};
    if (config->options.certificate_compression)
        gnutls_compress_certificate_set_methods(peer->session, zlib, 1);
}

static void tell_client(GnuTlsPeer *peer, GnuTlsSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    gnutls_dh_set_prime_bits(peer->session, 512);
    if (config->server_name != NULL)
        gnutls_server_name_set(peer->session, GNUTLS_NAME_DNS, config->server_name,
                               strlen(config->server_name));
    if (!config->user_goes_on)
        gnutls_session_set_verify_cert(peer->session, config->expected_name, 0);
    if (config->options.asks_status)
        gnutls_ocsp_status_request_enable_client(peer->session, NULL, 0, NULL);
    Bytes kept = bytes_from_gbytes(source->session);
    peer->given_key = kept.size == 0 && config->psk_count > 0;
    if (kept.size > 0)
        gnutls_session_set_data(peer->session, kept.data, kept.size);
    g_clear_pointer(&source->session, g_bytes_unref); /* what this connection makes comes after */
}

static void tell_server(GnuTlsPeer *peer, GnuTlsSource *source)
{
    static const gnutls_certificate_request_t asks[] = {
        [CLIENT_AUTH_NONE] = GNUTLS_CERT_IGNORE,
        [CLIENT_AUTH_REQUESTED] = GNUTLS_CERT_REQUEST,
        [CLIENT_AUTH_REQUIRED] = GNUTLS_CERT_REQUIRE,
    };
    const EndpointConfig *config = source->base.setup.config;
    gnutls_certificate_server_set_request(peer->session, asks[config->client_auth]);
    gnutls_certificate_send_x509_rdn_sequence(peer->session, config->options.names_no_authorities);
    gnutls_session_set_verify_function(peer->session, verify_client);
    tell_memory(peer, source);
}

int gnutls_stack_tell(GnuTlsPeer *peer)
{
    GnuTlsSource *source = (GnuTlsSource *)peer->base.source;
    const EndpointConfig *config = source->base.setup.config;
    g_autofree char *words = priority_words(config); /* a client may try a lower version */
    int result = gnutls_priority_set_direct(peer->session, words, NULL);
    gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, source->credentials);
    bool client = config->role == ROLE_CLIENT;
    gnutls_credentials_set(peer->session, GNUTLS_CRD_ANON,
                           client ? (void *)source->anon_client : (void *)source->anon_server);
    if (config->psk_count > 0)
        gnutls_credentials_set(peer->session, GNUTLS_CRD_PSK,
                               client ? (void *)source->psk_client : (void *)source->psk_server);
    tell_extensions(peer, config);
    if (client)
        tell_client(peer, source);
    else
        tell_server(peer, source);
    return result;
}

/* --- the source --- */

void *gnutls_stack_open(const SpeakerSetup *setup, Fault *fault)
{
    GnuTlsSource *source = g_new0(GnuTlsSource, 1);
    peer_source_init(&source->base, setup, "GnuTLS");
    source->words = priority_words(setup->config);
    source->cache = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, (GDestroyNotify)g_bytes_unref);
    set_psk(source);
    set_anon(source);
    if (setup->config->role == ROLE_SERVER)
        gnutls_session_ticket_key_generate(&source->ticket_key);
    if (try_words(source, fault) && set_certificates(source, fault))
        return source;
    gnutls_stack_close(source);
    return NULL;
}

void gnutls_stack_close(void *data)
{
    GnuTlsSource *source = data;
    g_clear_pointer(&source->credentials, gnutls_certificate_free_credentials);
    g_clear_pointer(&source->anon_client, gnutls_anon_free_client_credentials);
    g_clear_pointer(&source->anon_server, gnutls_anon_free_server_credentials);
    g_clear_pointer(&source->psk_client, gnutls_psk_free_client_credentials);
    g_clear_pointer(&source->psk_server, gnutls_psk_free_server_credentials);
    gnutls_free(source->ticket_key.data);
    g_hash_table_unref(source->cache);
    g_clear_pointer(&source->session, g_bytes_unref);
    g_free(source->words);
    g_free(source->missing);
    g_free(source->extra);
    peer_source_clear(&source->base);
    g_free(source);
}
