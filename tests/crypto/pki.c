/* Keys and certificates for tests.
 *
 * Keys are those of scenarios/pki, read once. Certificates are minted from specs that nothing is
 * wrong with; each test makes wrong what it is about.
 *
 * This file asserts only that minting works.
 */
#include "tests/crypto/crypto-tests.h"

PrivateKey *pki_key(const char *name)
{
    static GHashTable *keys;
    if (keys == NULL)
        keys = g_hash_table_new(g_str_hash, g_str_equal);
    PrivateKey *key = g_hash_table_lookup(keys, name);
    if (key != NULL)
        return key;
    g_autofree char *path = g_strdup_printf("%s/scenarios/pki/%s.pem", SOURCE_ROOT, name);
    g_autofree char *pem = NULL;
    gsize size = 0;
    Fault fault = FAULT_INIT;
    ck_assert_msg(g_file_get_contents(path, &pem, &size, NULL), "%s cannot be read", path);
    key = private_key_from_pem(bytes_make(pem, size), &fault);
    ck_assert_msg(key != NULL, "%s: %s", name, fault.sentence);
    g_hash_table_insert(keys, g_strdup(name), key);
    return key;
}

int64_t day(const char *date)
{
    g_autofree char *text = g_strconcat(date, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    ck_assert_ptr_nonnull(time);
    return g_date_time_to_unix(time);
}

static void set(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

CertificateSpec *spec_of(const char *name, const char *issuer, const char *key, KeyUsage usage)
{
    CertificateSpec *spec = certificate_spec_new();
    g_autofree char *subject = g_strdup_printf("CN=%s, O=Lab", name);
    set(&spec->name, name);
    set(&spec->subject, subject);
    set(&spec->issuer, issuer);
    set(&spec->key, key);
    spec->usage = usage;
    spec->authority = usage == KEY_USAGE_CA;
    spec->not_before = day("2026-01-01");
    spec->not_after = day("2026-12-31");
    return spec;
}

Certificate *mint(const CertificateSpec *spec, const char *issuer_subject, const char *issuer_key)
{
    Fault fault = FAULT_INIT;
    const char *signer = spec->signed_by != NULL ? spec->signed_by : issuer_key;
    g_autoptr(GBytes) der =
        certificate_mint(spec, pki_key(spec->key), issuer_subject, pki_key(signer), &fault);
    ck_assert_msg(der != NULL, "%s is not minted: %s", spec->name, fault.sentence);
    Certificate *certificate = certificate_read(bytes_from_gbytes(der), &fault);
    ck_assert_msg(certificate != NULL, "%s is not read: %s", spec->name, fault.sentence);
    return certificate;
}
