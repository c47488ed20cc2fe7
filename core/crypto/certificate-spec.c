/* CertificateSpec: what a scenario declares of a certificate, as plain data.
 *
 * It is made with the defaults of a certificate that nothing is wrong with; the scenario changes
 * what it wants wrong. Nothing is checked here, as a certificate that no CA would issue is what
 * many a lesson needs.
 *
 * This file knows no DER. RFC 5280 4.1 and 4.2 say what the fields become.
 */
#include "core/crypto/certificate.h"

CertificateSpec *certificate_spec_new(void)
{
    CertificateSpec *spec = g_new0(CertificateSpec, 1);
    spec->name = g_strdup("");
    spec->subject = g_strdup("");
    spec->issuer = g_strdup("");
    spec->names = g_strdup("");
    spec->key = g_strdup("");
    spec->usage = KEY_USAGE_SERVER;
    spec->hash = HASH_SHA256;
    return spec;
}

CertificateSpec *certificate_spec_copy(const CertificateSpec *spec)
{
    CertificateSpec *copy = g_new(CertificateSpec, 1);
    *copy = *spec;
    copy->name = g_strdup(spec->name);
    copy->subject = g_strdup(spec->subject);
    copy->issuer = g_strdup(spec->issuer);
    copy->names = g_strdup(spec->names);
    copy->key = g_strdup(spec->key);
    copy->signed_by = g_strdup(spec->signed_by);
    return copy;
}

void certificate_spec_free(CertificateSpec *spec)
{
    if (spec == NULL)
        return;
    g_free(spec->name);
    g_free(spec->subject);
    g_free(spec->issuer);
    g_free(spec->names);
    g_free(spec->key);
    g_free(spec->signed_by);
    g_free(spec);
}

bool certificate_spec_equal(const CertificateSpec *a, const CertificateSpec *b)
{
    return g_strcmp0(a->name, b->name) == 0 && g_strcmp0(a->subject, b->subject) == 0 &&
           g_strcmp0(a->issuer, b->issuer) == 0 && g_strcmp0(a->names, b->names) == 0 &&
           g_strcmp0(a->key, b->key) == 0 && g_strcmp0(a->signed_by, b->signed_by) == 0 &&
           a->serial == b->serial && a->not_before == b->not_before &&
           a->not_after == b->not_after && a->usage == b->usage && a->authority == b->authority &&
           a->hash == b->hash && a->altered == b->altered && a->pss == b->pss &&
           a->must_staple == b->must_staple;
}

const char *key_usage_name(KeyUsage usage)
{
    static const char *const names[KEY_USAGES] = {
        [KEY_USAGE_SERVER] = "server", [KEY_USAGE_CLIENT] = "client",
        [KEY_USAGE_CA] = "authority",  [KEY_USAGE_SIGN_ONLY] = "signing",
        [KEY_USAGE_CODE] = "code",
    };
    return names[usage];
}
