/* What OpenSSL shows, and whom it believes.
 *
 * Its own certificates are minted by the lab. libssl has one place for each kind of key; a server
 * with more than that chooses when the hello is there, as its applications do: the first that has
 * the name that is asked for and that the hello can verify. What it finds when it verifies the
 * other side's is asked afterwards; who goes on at the warning goes on here. A stapled response is
 * for the application to judge, and judged here by libcrypto: signed by the issuer, about this
 * certificate, in its time, and good.
 *
 * Obeys SSL_CTX_set_cert_cb(3), SSL_check_chain(3), RFC 6066 3 (names) and 8 (stapling), RFC 6960
 * 3.2 (when a response is accepted).
 */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/crypto/libcrypto/lend.h"
#include "sim/peers/openssl_stack.h"

typedef struct {
    X509 *own;
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
} OpenSslCredential;

static void credential_free(gpointer data)
{
    OpenSslCredential *credential = data;
    X509_free(credential->own);
    sk_X509_pop_free(credential->chain, X509_free);
    EVP_PKEY_free(credential->key);
    g_free(credential);
}

static X509 *read_der(Bytes der)
{
    const unsigned char *at = der.data;
    X509 *certificate = X509_new_ex(library_context(), NULL);
    if (d2i_X509(&certificate, &at, (long)der.size) == NULL)
        return NULL; /* which it has freed */
    return certificate;
}

/* --- what it shows --- */

static bool add_credential(OpenSslSource *source, const Credential *credential, const char *name,
                           Fault *fault)
{
    if (credential->chain == NULL || credential->chain->len == 0)
        return true;
    OpenSslCredential *made = g_new0(OpenSslCredential, 1);
    Bytes pem = peer_key_pem(&source->base.setup, name);
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    g_ptr_array_add(source->credentials, made);
    made->key = PEM_read_bio_PrivateKey_ex(bio, NULL, NULL, NULL, library_context(), NULL);
    made->chain = sk_X509_new_null();
    made->own = read_der(bytes_from_gbytes(g_ptr_array_index(credential->chain, 0)));
    BIO_free(bio);
    for (guint i = 1; i < credential->chain->len; i++)
        sk_X509_push(made->chain,
                     read_der(bytes_from_gbytes(g_ptr_array_index(credential->chain, i))));
    return (made->own != NULL && made->key != NULL) || openssl_refuse(fault, name);
}

static const OpenSslCredential *credential_at(const OpenSslSource *source, guint i)
{
    return g_ptr_array_index(source->credentials, i);
}

static bool fits(SSL *ssl, const OpenSslCredential *credential, const char *name)
{
    int flags = SSL_check_chain(ssl, credential->own, credential->key, credential->chain);
    return (flags & CERT_PKEY_VALID) != 0 &&
           (name == NULL || X509_check_host(credential->own, name, 0, 0, NULL) == 1);
}

/* Of each kind of key the first by name and by what the hello verifies; where no name fits, by the
 * latter alone. */
static int choose_credentials(SSL *ssl, void *data)
{
    const OpenSslSource *source = data;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    unsigned chosen = 0;
    for (int strict = 1; strict >= 0 && chosen == 0; strict--) {
        for (guint i = source->credentials->len; i-- > 0;) { /* the last one told stands */
            const OpenSslCredential *credential = credential_at(source, i);
            if (!fits(ssl, credential, strict ? name : NULL))
                continue;
            if (chosen++ == 0)
                SSL_certs_clear(ssl);
            if (SSL_use_cert_and_key(ssl, credential->own, credential->key, credential->chain, 1) !=
                1)
                return 0;
        }
    }
    return 1; /* where none fits it says so itself */
}

bool openssl_set_credentials(OpenSslSource *source, Fault *fault)
{
    const EndpointConfig *config = source->base.setup.config;
    const PlanParty *words = source->base.setup.words;
    source->credentials = g_ptr_array_new_with_free_func(credential_free);
    bool added = add_credential(source, &config->credential, words->shows, fault);
    for (size_t i = 0; added && i < config->other_count; i++)
        added = add_credential(source, &config->others[i], g_ptr_array_index(words->also_shows, i),
                               fault);
    /* the last of a kind of key stands: what is shown first is told last */
    for (guint i = source->credentials->len; added && i-- > 0;) {
        const OpenSslCredential *credential = credential_at(source, i);
        if (SSL_CTX_use_cert_and_key(source->context, credential->own, credential->key,
                                     credential->chain, 1) != 1)
            return openssl_refuse(fault, i == 0 ? words->shows
                                                : g_ptr_array_index(words->also_shows, i - 1));
    }
    if (config->role == ROLE_SERVER && source->credentials->len > 1)
        SSL_CTX_set_cert_cb(source->context, choose_credentials, source);
    return added;
}

/* --- whom it believes --- */

/* Who goes on at the warning goes on here: what was found stays in SSL_get_verify_result(). */
static int goes_on(int good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    OpenSslPeer *peer = openssl_peer_of(ssl);
    peer->verified = true;
    return good || peer->base.source->setup.config->user_goes_on;
}

static bool in_its_time(OCSP_BASICRESP *basic, OCSP_CERTID *id, time_t now, int *status)
{
    ASN1_GENERALIZEDTIME *from = NULL, *to = NULL;
    return OCSP_resp_find_status(basic, id, status, NULL, NULL, &from, &to) == 1 &&
           ASN1_TIME_cmp_time_t(from, now) <= 0 &&
           (to == NULL || ASN1_TIME_cmp_time_t(to, now) >= 0);
}

/* The status that a stapled response has for the certificate; -1: it is not to be believed. */
static int status_in(SSL *ssl, OCSP_BASICRESP *basic)
{
    X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    time_t now = (time_t)openssl_clock(openssl_peer_of(ssl));
    int status = -1;
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), now);
    if (chain == NULL || OCSP_basic_verify(basic, chain, store, 0) != 1)
        return -1;
    X509 *issuer = sk_X509_value(chain, sk_X509_num(chain) > 1 ? 1 : 0);
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, sk_X509_value(chain, 0), issuer);
    bool current = in_its_time(basic, id, now, &status);
    OCSP_CERTID_free(id);
    return current ? status : -1;
}

static int judge_status(SSL *ssl)
{
    unsigned char *der = NULL;
    long size = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
    const unsigned char *at = der;
    OpenSslPeer *peer = openssl_peer_of(ssl);
    if (der == NULL || size <= 0)
        return 1; /* nobody has to staple, as far as it looks */
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, size);
    OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
    int status = basic == NULL ? -1 : status_in(ssl, basic);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    peer_fact(&peer->base, "stapled_response",
              status < 0 ? "not believed" : OCSP_cert_status_str(status),
              "what libcrypto says of it");
    return status == V_OCSP_CERTSTATUS_GOOD;
}

static int status_of(SSL *ssl, void *data)
{
    const OpenSslSource *source = data;
    if (source->base.role == ROLE_CLIENT)
        return judge_status(ssl);
    Bytes status = bytes_from_gbytes(source->base.setup.config->credential.status);
    if (status.size == 0)
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(status.data, status.size),
                                    (long)status.size);
    return SSL_TLSEXT_ERR_OK;
}

void openssl_set_trust(OpenSslSource *source)
{
    const EndpointConfig *config = source->base.setup.config;
    X509_STORE *store = SSL_CTX_get_cert_store(source->context);
    bool names = config->role == ROLE_SERVER && !config->options.names_no_authorities;
    for (guint i = 0; i < config->trusted->len; i++) {
        X509 *root = read_der(certificate_der(g_ptr_array_index(config->trusted, i)));
        X509_STORE_add_cert(store, root);
        if (names)
            SSL_CTX_add_client_CA(source->context, root);
        X509_free(root);
    }
    int verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (config->role == ROLE_SERVER && config->client_auth != CLIENT_AUTH_REQUIRED)
        verify = config->client_auth == CLIENT_AUTH_NONE ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
    SSL_CTX_set_verify(source->context, verify, goes_on);
    SSL_CTX_set_tlsext_status_cb(source->context, status_of);
    SSL_CTX_set_tlsext_status_arg(source->context, source);
}
