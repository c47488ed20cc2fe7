/* How other people's programs are asked for a version and a feature.
 *
 * Each row is a program that none of us wrote: OpenSSL's and GnuTLS's tools, curl, the tools of
 * NSS, and Java's JSSE behind Judge.java. Old versions want a word of their own in most of them.
 * All trust the judges' root alone and check the name, so that a client that is content has
 * verified our certificate.
 *
 * This file starts nothing. openssl-s_client(1), openssl-s_server(1), gnutls-cli(1),
 * gnutls-serv(1), curl(1), tstclnt and selfserv -H.
 */
#include "tests/judges/judges.h"

#include "tests/support/support.h"

#define ASK "GET / HTTP/1.0\\r\\n\\r\\n"

static const char *openssl_version(ProtocolVersion version)
{
    static const char *const words[] = {"-tls1", "-tls1_1", "-tls1_2", "-tls1_3"};
    return words[version - VERSION_TLS_1_0];
}

/* The ticket of TLS 1.3 comes behind the handshake, too late for -reconnect: the first of two calls
 * leaves it in a file, the second takes it. */
static void openssl_session(GPtrArray *words)
{
    g_autofree char *path = lab_file("session.pem");
    lab_add(words, "%s", g_file_test(path, G_FILE_TEST_EXISTS) ? "-sess_in" : "-sess_out");
    lab_add(words, "session.pem");
}

static GPtrArray *openssl_client(ProtocolVersion version, unsigned feature, unsigned port,
                                 const char **input)
{
    GPtrArray *words =
        lab_words("openssl", "s_client", "-CAfile", "root.pem", "-verify_return_error",
                  "-verify_hostname", JUDGE_HOST, "-servername", JUDGE_HOST, "-cipher",
                  "ALL:@SECLEVEL=0", openssl_version(version), "-connect", NULL);
    lab_add(words, "127.0.0.1:%u", port);
    *input = ASK;
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "-cert");
        lab_add(words, "client.pem");
        lab_add(words, "-key");
        lab_add(words, "client.key");
    }
    if ((feature & FEATURE_RESUMES) && version == VERSION_TLS_1_3)
        openssl_session(words);
    else if (feature & FEATURE_RESUMES) { /* five more connections with the first one's session */
        lab_add(words, "-reconnect");
        lab_add(words, "-no_ticket");
    }
    if (feature & FEATURE_RENEGOTIATES)
        *input = "R\\n|" ASK; /* a command, which it takes only without -ign_eof */
    else
        lab_add(words, "-ign_eof");
    if (feature & FEATURE_PROTOCOL) {
        lab_add(words, "-alpn");
        lab_add(words, "http/1.1");
    }
    return words;
}

static GPtrArray *openssl_server(ProtocolVersion version, unsigned feature, unsigned port,
                                 const char **ready)
{
    GPtrArray *words = lab_words("openssl", "s_server", "-cert", "server.pem", "-key", "server.key",
                                 "-CAfile", "root.pem", "-cipher", "ALL:@SECLEVEL=0", "-www",
                                 openssl_version(version), "-accept", NULL);
    lab_add(words, "127.0.0.1:%u", port);
    *ready = "ACCEPT";
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "-Verify");
        lab_add(words, "2");
        lab_add(words, "-verify_return_error");
    }
    if (feature & FEATURE_RENEGOTIATES)
        lab_add(words, "-client_renegotiation");
    if (feature & FEATURE_PROTOCOL) {
        lab_add(words, "-alpn");
        lab_add(words, "http/1.1");
    }
    return words;
}

static char *gnutls_priority(ProtocolVersion version)
{
    static const char *const words[] = {"TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"};
    return g_strdup_printf("NORMAL:-VERS-ALL:+VERS-%s:+RSA:+3DES-CBC:+SHA1:+SIGN-RSA-SHA1:"
                           "%%VERIFY_ALLOW_SIGN_WITH_SHA1",
                           words[version - VERSION_TLS_1_0]);
}

static GPtrArray *gnutls_client(ProtocolVersion version, unsigned feature, unsigned port,
                                const char **input)
{
    g_autofree char *priority = gnutls_priority(version);
    GPtrArray *words =
        lab_words("gnutls-cli", "--x509cafile", "root.pem", "--sni-hostname", JUDGE_HOST,
                  "--verify-hostname", JUDGE_HOST, "--priority", priority, "-p", NULL);
    lab_add(words, "%u", port);
    *input = ASK;
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "--x509certfile=client.pem");
        lab_add(words, "--x509keyfile=client.key");
    }
    if (feature & FEATURE_RESUMES)
        lab_add(words, "--resume");
    if (feature & FEATURE_RENEGOTIATES)
        lab_add(words, "--rehandshake");
    if (feature & FEATURE_PROTOCOL)
        lab_add(words, "--alpn=http/1.1");
    lab_add(words, "127.0.0.1");
    return words;
}

static GPtrArray *gnutls_server(ProtocolVersion version, unsigned feature, unsigned port,
                                const char **ready)
{
    g_autofree char *priority = gnutls_priority(version);
    GPtrArray *words =
        lab_words("gnutls-serv", "--http", "--x509certfile", "server.pem", "--x509keyfile",
                  "server.key", "--x509cafile", "root.pem", "--priority", priority, "-p", NULL);
    lab_add(words, "%u", port);
    *ready = NULL;
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "--require-client-cert");
        lab_add(words, "--verify-client-cert");
    }
    if (feature & FEATURE_PROTOCOL)
        lab_add(words, "--alpn=http/1.1");
    return words;
}

static GPtrArray *curl_client(ProtocolVersion version, unsigned feature, unsigned port,
                              const char **input)
{
    static const char *const words_of[] = {"1.0", "1.1", "1.2", "1.3"};
    const char *word = words_of[version - VERSION_TLS_1_0];
    GPtrArray *words =
        lab_words("curl", "--silent", "--show-error", "--http1.1", "--max-time", "10", "--cacert",
                  "root.pem", "--ciphers", "ALL:@SECLEVEL=0", "--tls-max", word, NULL);
    *input = NULL;
    lab_add(words, "--tlsv%s", word);
    lab_add(words, "--resolve");
    lab_add(words, "%s:%u:127.0.0.1", JUDGE_HOST, port);
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "--cert");
        lab_add(words, "client.pem");
        lab_add(words, "--key");
        lab_add(words, "client.key");
    }
    lab_add(words, "https://%s:%u/", JUDGE_HOST, port);
    return words;
}

static const char *nss_version(ProtocolVersion version)
{
    static const char *const words[] = {"ssl3", "tls1.0", "tls1.1", "tls1.2", "tls1.3"};
    return words[version - VERSION_SSL_3_0];
}

static GPtrArray *nss_client(ProtocolVersion version, unsigned feature, unsigned port,
                             const char **input)
{
    const char *word = nss_version(version);
    GPtrArray *words = lab_words("tstclnt", "-4", "-h", "127.0.0.1", "-a", JUDGE_HOST, "-d",
                                 "sql:nss", "-p", NULL);
    lab_add(words, "%u", port);
    lab_add(words, "-V");
    lab_add(words, "%s:%s", word, word);
    lab_add(words, "-A"); /* from its input it never ends */
    lab_add(words, "request");
    *input = NULL;
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "-n");
        lab_add(words, "client");
    }
    if (feature & FEATURE_RENEGOTIATES) {
        lab_add(words, "-r");
        lab_add(words, "1");
    }
    if (feature & FEATURE_RESUMES) {
        lab_add(words, "-L");
        lab_add(words, "2");
    }
    return words;
}

static GPtrArray *nss_server(ProtocolVersion version, unsigned feature, unsigned port,
                             const char **ready)
{
    const char *word = nss_version(version);
    GPtrArray *words = lab_words("selfserv", "-d", "sql:nss", "-n", "server", "-p", NULL);
    lab_add(words, "%u", port);
    lab_add(words, "-V");
    lab_add(words, "%s:%s", word, word);
    lab_add(words, "-u"); /* tickets */
    *ready = NULL;
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "-r");
        lab_add(words, "-r"); /* twice: it must */
    }
    return words;
}

static GPtrArray *java_words(ProtocolVersion version)
{
    static const char *const versions[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    GPtrArray *words = lab_words("java", "-Djdk.tls.client.enableStatusRequestExtension=false",
                                 "-Djdk.tls.server.enableSessionTicketExtension=false",
                                 "-Xshare:auto", "-XX:TieredStopAtLevel=1",
                                 "-Djava.security.properties=" JUDGES_SOURCE "/java.security",
                                 JUDGES_SOURCE "/Judge.java", NULL);
    lab_add(words, "version=%s", versions[version - VERSION_SSL_3_0]);
    return words;
}

static void java_options(GPtrArray *words, unsigned feature)
{
    if (feature & FEATURE_PROTOCOL)
        lab_add(words, "protocol=http/1.1");
    if (feature & FEATURE_RENEGOTIATES)
        lab_add(words, "renegotiates=true");
    lab_add(words, "connections=%d", feature & FEATURE_RESUMES ? 2 : 1);
}

static GPtrArray *java_client(ProtocolVersion version, unsigned feature, unsigned port,
                              const char **input)
{
    GPtrArray *words = java_words(version);
    char *spoken = g_ptr_array_steal_index(words, words->len - 1);
    *input = NULL;
    lab_add(words, "client");
    lab_add(words, "%u", port);
    g_ptr_array_add(words, spoken);
    lab_add(words, "trust=root.pem");
    lab_add(words, "name=" JUDGE_HOST);
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "chain=client.pem");
        lab_add(words, "key=client.key");
    }
    java_options(words, feature);
    return words;
}

static GPtrArray *java_server(ProtocolVersion version, unsigned feature, unsigned port,
                              const char **ready)
{
    GPtrArray *words = java_words(version);
    char *spoken = g_ptr_array_steal_index(words, words->len - 1);
    (void)port; /* it picks one */
    *ready = "listening on ";
    lab_add(words, "server");
    g_ptr_array_add(words, spoken);
    lab_add(words, "chain=server.pem");
    lab_add(words, "key=server.key");
    if (feature & FEATURE_CLIENT_CERTIFICATE) {
        lab_add(words, "trust=root.pem");
        lab_add(words, "wants=certificate");
    }
    java_options(words, feature);
    return words;
}

#define CERT FEATURE_CLIENT_CERTIFICATE
#define AGAIN FEATURE_RESUMES
#define ANEW FEATURE_RENEGOTIATES
#define ALPN FEATURE_PROTOCOL
/* clang-format off */
const Judge judges[] = {
    {"OpenSSL", "openssl", VERSION_TLS_1_0, VERSION_TLS_1_3, CERT | AGAIN | ANEW | ALPN, VERSION_TLS_1_0, openssl_client, openssl_server, "200"},
    {"GnuTLS", "gnutls-cli", VERSION_TLS_1_0, VERSION_TLS_1_3, CERT | AGAIN | ANEW | ALPN, VERSION_TLS_1_0, gnutls_client, gnutls_server, "200"},
    {"curl", "curl", VERSION_TLS_1_0, VERSION_TLS_1_3, CERT, VERSION_NONE, curl_client, NULL, NULL},
    {"NSS", "tstclnt", VERSION_SSL_3_0, VERSION_TLS_1_3, CERT | AGAIN | ANEW, VERSION_SSL_3_0, nss_client, nss_server, "200"},
    {"JSSE", "javac", VERSION_SSL_3_0, VERSION_TLS_1_3, CERT | AGAIN | ANEW | ALPN, VERSION_TLS_1_0, java_client, java_server, "resumed="},
};
/* clang-format on */
#undef CERT
#undef AGAIN
#undef ANEW
#undef ALPN
const size_t judge_count = G_N_ELEMENTS(judges);

static void must_run(const char *const *words)
{
    g_auto(LabRun) run = lab_run(words, NULL, 20);
    ck_assert_msg(run.status == 0, "%s: %s", words[0], run.said->str);
}

static void nss_import(const char *certificate, const char *key, const char *name)
{
    const char *pack[] = {"openssl", "pkcs12",  "-export", "-in", certificate, "-inkey", key,
                          "-out",    "one.p12", "-name",   name,  "-passout",  "pass:",  NULL};
    const char *import[] = {"pk12util", "-i", "one.p12", "-d", "sql:nss", "-W", "", NULL};
    must_run(pack);
    must_run(import);
}

void judges_set_up(void)
{
    if (!lab_has("certutil"))
        return;
    g_autofree char *folder = lab_file("nss");
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    const char *create[] = {"certutil", "-N", "-d", "sql:nss", "--empty-password", NULL};
    const char *trust[] = {"certutil", "-A",    "-d", "sql:nss",  "-n", "root",
                           "-t",       "CT,C,", "-i", "root.pem", NULL};
    must_run(create);
    must_run(trust);
    nss_import("server.pem", "server.key", "server");
    nss_import("client.pem", "client.key", "client");
}
