/* Minting what a plan declares.
 *
 * Certificates and keys are made when they are first asked for, so that a run pays only for those
 * that it shows or trusts. The same plan gives the same bytes. Who may be whose issuer has been
 * checked with the plan.
 *
 * Obeys RFC 5246 7.4.2 (what a chain holds).
 */
#include "sim/pki.h"

#include "core/crypto/ocsp.h"

struct Pki {
    const Plan *plan;
    GHashTable *keys;         /* name (of the plan) to PrivateKey */
    GHashTable *certificates; /* name (of the plan) to Certificate */
};

static void free_key(gpointer key)
{
    private_key_unref(key);
}

static void free_certificate(gpointer certificate)
{
    certificate_unref(certificate);
}

Pki *pki_new(const Plan *plan, Fault *fault)
{
    char *why = NULL;
    int line = 0;
    if (!plan_check(plan, &why, &line)) {
        fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL, "%s", why);
        g_free(why);
        return NULL;
    }
    Pki *pki = g_new0(Pki, 1);
    pki->plan = plan;
    pki->keys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_key);
    pki->certificates = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_certificate);
    return pki;
}

void pki_free(Pki *pki)
{
    if (pki == NULL)
        return;
    g_hash_table_unref(pki->keys);
    g_hash_table_unref(pki->certificates);
    g_free(pki);
}

PrivateKey *pki_key(Pki *pki, const char *name, Fault *fault)
{
    PrivateKey *key = g_hash_table_lookup(pki->keys, name);
    if (key != NULL)
        return key;
    const PlanKey *declared = plan_key(pki->plan, name);
    if (declared == NULL) {
        fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL, "no key is called \"%s\"",
                  name);
        return NULL;
    }
    key = private_key_from_pem(bytes_from_gbytes(declared->pem), fault);
    if (key != NULL)
        g_hash_table_insert(pki->keys, declared->name, key);
    return key;
}

static Certificate *pki_mint(Pki *pki, const CertificateSpec *spec, Fault *fault)
{
    const CertificateSpec *issuer = plan_certificate(pki->plan, spec->issuer);
    if (issuer == NULL) {
        fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                  "certificate %s: its issuer \"%s\" is not declared", spec->name, spec->issuer);
        return NULL;
    }
    PrivateKey *own = pki_key(pki, spec->key, fault);
    PrivateKey *signing =
        pki_key(pki, spec->signed_by == NULL ? issuer->key : spec->signed_by, fault);
    if (own == NULL || signing == NULL)
        return NULL;
    g_autoptr(GBytes) der = certificate_mint(spec, own, issuer->subject, signing, fault);
    return der == NULL ? NULL : certificate_read(bytes_from_gbytes(der), fault);
}

Certificate *pki_certificate(Pki *pki, const char *name, Fault *fault)
{
    Certificate *certificate = g_hash_table_lookup(pki->certificates, name);
    if (certificate != NULL)
        return certificate;
    const CertificateSpec *spec = plan_certificate(pki->plan, name);
    if (spec == NULL) {
        fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                  "no certificate is called \"%s\"", name);
        return NULL;
    }
    certificate = pki_mint(pki, spec, fault);
    if (certificate != NULL)
        g_hash_table_insert(pki->certificates, spec->name, certificate);
    return certificate;
}

bool pki_credential(Pki *pki, const char *name, const char *key, Credential *credential,
                    Fault *fault)
{
    credential->chain = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    credential->key = NULL;
    if (name == NULL)
        return true;
    const CertificateSpec *spec = plan_certificate(pki->plan, name);
    for (bool own = true; spec != NULL; own = false) {
        bool root = g_strcmp0(spec->issuer, spec->name) == 0;
        if (root && !own)
            break;
        Certificate *certificate = pki_certificate(pki, spec->name, fault);
        if (certificate == NULL)
            return false;
        g_ptr_array_add(credential->chain, bytes_copy(certificate_der(certificate)));
        if (own)
            credential->key = pki_key(pki, key == NULL ? spec->key : key, fault);
        if (credential->key == NULL)
            return false;
        spec = root ? NULL : plan_certificate(pki->plan, spec->issuer);
    }
    return credential->key != NULL;
}

GBytes *pki_staple(Pki *pki, const char *name, Staple staple, int64_t clock, Fault *fault)
{
    enum { HOUR = 3600, DAY = 86400, WEEK = 604800 };
    const CertificateSpec *spec = plan_certificate(pki->plan, name);
    const CertificateSpec *issuer = plan_certificate(pki->plan, spec->issuer);
    Certificate *own = pki_certificate(pki, name, fault);
    Certificate *above = pki_certificate(pki, issuer->name, fault);
    PrivateKey *key = pki_key(pki, issuer->key, fault);
    if (own == NULL || above == NULL || key == NULL)
        return NULL;
    int64_t made = staple == STAPLE_EXPIRED ? clock - 2 * WEEK : clock - HOUR;
    const OcspSpec status = {
        .status = staple == STAPLE_REVOKED   ? OCSP_REVOKED
                  : staple == STAPLE_UNKNOWN ? OCSP_UNKNOWN
                                             : OCSP_GOOD,
        .produced = made,
        .this_update = made,
        .next_update = made + WEEK,
        .revoked = clock - DAY,
    };
    return ocsp_mint(&status, own, above, key, fault);
}

GPtrArray *pki_trusted(Pki *pki, const GPtrArray *names, Fault *fault)
{
    g_autoptr(GPtrArray) trusted =
        g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref);
    for (guint i = 0; i < names->len; i++) {
        Certificate *certificate = pki_certificate(pki, g_ptr_array_index(names, i), fault);
        if (certificate == NULL)
            return NULL;
        g_ptr_array_add(trusted, certificate_ref(certificate));
    }
    return g_steal_pointer(&trusted);
}
