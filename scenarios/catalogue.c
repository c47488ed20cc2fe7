/* What is in the binary: the scenarios of the catalogue and the fixed keys.
 *
 * The table gives the scenarios in the order in which one would teach them, by subject; the files
 * are resources beside it. A scenario that stands in one and not in the other is found by a test.
 */
#include "scenarios/catalogue.h"

#include <string.h>

#include <gio/gio.h>

#define CATALOGUE_ROOT "/shakedown/catalogue"
#define PKI_ROOT "/shakedown/pki"
#define PRESET_ROOT "/shakedown/presets"

static const struct {
    const char *name, *side, *file;
} presets[] = {
    {"IE 6", "client", "ie-6"},
    {"OpenSSL 1.0.1", "client", "openssl-1.0.1"},
    {"Firefox", "client", "firefox"},
    {"Chrome", "client", "chrome"},
    {"curl", "client", "curl"},
    {"IIS 4.0", "server", "iis-4.0"},
    {"IIS 5.0", "server", "iis-5.0"},
    {"IIS 6.0", "server", "iis-6.0"},
    {"OpenSSL 1.0.1", "server", "openssl-1.0.1"},
};

static const struct {
    const char *subject, *name;
} rows[] = {
    {"basics", "normal"},
    {"basics", "no-common-suite"},
    {"basics", "no-common-version"},
    {"versions", "ssl-2.0"},
    {"versions", "ssl-2.0-hello"},
    {"versions", "ssl-3.0"},
    {"versions", "tls-1.0"},
    {"versions", "tls-1.1"},
    {"versions", "tls-1.2"},
    {"versions", "by-name"},
    {"versions", "export-suite"},
    {"key-exchange", "dhe-rsa"},
    {"key-exchange", "dhe-dss"},
    {"key-exchange", "dh-anon"},
    {"key-exchange", "ecdhe-rsa"},
    {"key-exchange", "ecdhe-ecdsa"},
    {"key-exchange", "ecdh-anon"},
    {"key-exchange", "psk"},
    {"key-exchange", "psk-unknown"},
    {"key-exchange", "export-dh"},
    {"key-exchange", "own-dh-group"},
    {"key-exchange", "groups"},
    {"key-exchange", "signatures"},
    {"key-exchange", "ciphers"},
    {"key-exchange", "forward-secrecy"},
    {"authentication", "bad-certificate"},
    {"authentication", "client-auth"},
    {"authentication", "client-auth-refused"},
    {"authentication", "client-auth-failed"},
    {"resumption", "session-id"},
    {"resumption", "session-expired"},
    {"resumption", "tickets"},
    {"resumption", "full-beside-resumed"},
    {"resumption", "tls-1.3-psk"},
    {"renegotiation", "renegotiation"},
    {"extensions", "virtual-hosts"},
    {"extensions", "extended-master-secret"},
    {"extensions", "encrypt-then-mac"},
    {"extensions", "max-fragment-length"},
    {"extensions", "record-size-limit"},
    {"extensions", "alpn"},
    {"extensions", "ocsp-stapling"},
    {"extensions", "fallback-scsv"},
    {"extensions", "compression"},
    {"extensions", "certificate-compression"},
    {"extensions", "record-splitting"},
    {"extensions", "heartbeat"},
    {"extensions", "grease"},
    {"extensions", "false-start"},
    {"tls-1.3", "tls-1.3"},
    {"tls-1.3", "tls-1.2-beside-1.3"},
    {"tls-1.3", "hello-retry"},
    {"tls-1.3", "client-auth-1.3"},
    {"tls-1.3", "post-handshake-auth"},
    {"tls-1.3", "early-data"},
    {"tls-1.3", "key-update"},
    {"tls-1.3", "middlebox-compatibility"},
    {"tls-1.3", "record-padding"},
    {"tls-1.3", "downgrade-sentinel"},
    {"tls-1.3", "exporters"},
    {"topologies", "tap"},
    {"topologies", "load-balancer"},
    {"topologies", "two-balancers"},
    {"attacks", "man-in-the-middle"},
    {"attacks", "one-bit-flipped"},
#ifdef WITH_PEERS_SCENARIOS
    {"peers", "openssl-serves"},
    {"peers", "openssl-asks"},
    {"peers", "gnutls-asks"},
#endif
    {"myths", "session-id-is-random"},
    {"myths", "premaster-covers-all"},
    {"myths", "session-keys-again"},
    {"myths", "strongest-cipher"},
    {"myths", "signed-data-is-secret"},
    {"myths", "server-must-encrypt"},
    {"myths", "certificate-first"},
    {"myths", "hash-with-premaster"},
    {"myths", "no-client-certificates-1.3"},
    {"myths", "key-reads-all"},
    {"myths", "finished-proves-all"},
    {"myths", "padlock"},
};

static const char *const keys[] = {
    "rsa-2048-1", "rsa-2048-2",     "rsa-2048-3", "rsa-2048-4", "rsa-2048-5", "rsa-2048-6",
    "rsa-2048-7", "rsa-2048-8",     "rsa-1024-1", "rsa-512-1",  "rsa-512-2",  "ec-p256-1",
    "ec-p256-2",  "ec-p256-3",      "ec-p256-4",  "ec-p256-5",  "ec-p256-6",  "ec-p384-1",
    "ec-p384-2",  "ec-p521-1",      "ed25519-1",  "ed25519-2",  "ed448-1",    "dsa-1024-1",
    "dsa-2048-1", "rsa-pss-2048-1",
};

guint catalogue_count(void)
{
    return G_N_ELEMENTS(rows);
}

const char *catalogue_name(guint index)
{
    return rows[index].name;
}

const char *catalogue_subject(guint index)
{
    return rows[index].subject;
}

GBytes *catalogue_text(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_strcmp0(rows[i].name, name) != 0)
            continue;
        g_autofree char *path =
            g_strdup_printf("%s/%s/%s.scn", CATALOGUE_ROOT, rows[i].subject, name);
        return g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    }
    return NULL;
}

guint preset_count(void)
{
    return G_N_ELEMENTS(presets);
}

const char *preset_name(guint index)
{
    return presets[index].name;
}

const char *preset_side(guint index)
{
    return presets[index].side;
}

GBytes *preset_text(guint index)
{
    g_autofree char *path =
        g_strdup_printf("%s/%s/%s.scn", PRESET_ROOT, presets[index].side, presets[index].file);
    g_autoptr(GError) error = NULL;
    GBytes *text = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
    if (text == NULL) /* the build put it there: its absence is our own mistake */
        g_error("%s: %s", path, error->message);
    return text;
}

int preset_find(const char *name, const char *side)
{
    for (guint i = 0; i < G_N_ELEMENTS(presets); i++)
        if (strcmp(presets[i].side, side) == 0 && g_ascii_strcasecmp(presets[i].name, name) == 0)
            return (int)i;
    return -1;
}

guint pki_count(void)
{
    return G_N_ELEMENTS(keys);
}

const char *pki_name(guint index)
{
    return keys[index];
}

GBytes *pki_pem(guint index)
{
    g_autofree char *path = g_strdup_printf("%s/%s.pem", PKI_ROOT, keys[index]);
    g_autoptr(GError) error = NULL;
    GBytes *pem = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
    if (pem == NULL) /* the build put it there: its absence is our own mistake */
        g_error("%s: %s", path, error->message);
    return pem;
}
