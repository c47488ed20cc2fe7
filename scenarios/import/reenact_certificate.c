/* Captured certificates, declared again.
 *
 * The original private keys are not ours, so each key gets a stand-in among the fixed keys: the
 * very one if it is the laboratory's, else one of its kind and size, else the nearest of its kind.
 * The rest is declared as it was read: names, validity, usage, hash of the signature, and that a
 * signature does not verify. Above the last certificate of a chain stands an authority that was not
 * sent: it gets the name that was signed for.
 *
 * Sources: RFC 5280 4.1 and 4.2, RFC 5246 7.4.2 (order of a chain), RFC 7633 (must staple).
 */
#include <string.h>

#include "core/crypto/certificate.h"
#include "core/crypto/name.h"
#include "scenarios/import/reenact_parts.h"

/* One of the fixed keys, and the captured one for which it stands. */
typedef struct {
    const char *name;
    PublicKey *key;
    char *stands_for; /* fingerprint; NULL: it is free */
} KeyPlace;

static void place_free(KeyPlace *place)
{
    public_key_unref(place->key);
    g_free(place->stands_for);
    g_free(place);
}

void retell_keys_free(GPtrArray *keys)
{
    for (guint i = 0; keys != NULL && i < keys->len; i++)
        place_free(g_ptr_array_index(keys, i));
    if (keys != NULL)
        g_ptr_array_unref(keys);
}

static GPtrArray *places(Retelling *retelling)
{
    if (retelling->keys != NULL)
        return retelling->keys;
    retelling->keys = g_ptr_array_new();
    for (guint i = 0; i < retelling->plan->keys->len; i++) {
        const PlanKey *declared = g_ptr_array_index(retelling->plan->keys, i);
        Fault fault = FAULT_INIT;
        g_autoptr(PrivateKey) key = private_key_from_pem(bytes_from_gbytes(declared->pem), &fault);
        if (key == NULL)
            continue;
        KeyPlace *place = g_new0(KeyPlace, 1);
        place->name = declared->name;
        place->key = private_key_public(key);
        g_ptr_array_add(retelling->keys, place);
    }
    return retelling->keys;
}

/* How far a fixed key is from a captured one; G_MAXUINT: it cannot stand for it. One that is taken
 * is further away than any that is free. */
static unsigned distance(const KeyPlace *place, const PublicKey *key, const char *fingerprint)
{
    enum { TAKEN = 1 << 20, ROOTS_OWN = 1 << 19 };
    if (g_strcmp0(place->stands_for, fingerprint) == 0 || public_key_equal(place->key, key))
        return 0;
    if (public_key_kind(place->key) != public_key_kind(key))
        return G_MAXUINT;
    unsigned bits = public_key_bits(key), own = public_key_bits(place->key);
    unsigned away = 1 + (bits > own ? bits - own : own - bits);
    bool root = strcmp(place->name, "rsa-2048-1") == 0; /* lab-root's: the last to be taken */
    return away + (place->stands_for != NULL ? TAKEN : 0) + (root ? ROOTS_OWN : 0);
}

static const char *key_like(Retelling *retelling, const PublicKey *key)
{
    g_autofree char *fingerprint = public_key_fingerprint(key);
    GPtrArray *all = places(retelling);
    KeyPlace *best = NULL;
    unsigned least = G_MAXUINT;
    for (guint i = 0; i < all->len; i++) {
        KeyPlace *place = g_ptr_array_index(all, i);
        unsigned away = distance(place, key, fingerprint);
        if (away < least) {
            least = away;
            best = place;
        }
    }
    g_autofree char *was = public_key_text(key);
    if (best == NULL) {
        retell_left_out(retelling,
                        g_strdup_printf("a key of the kind %s; rsa-2048-2 stands for it", was));
        return "rsa-2048-2";
    }
    if (public_key_bits(best->key) != public_key_bits(key))
        retell_left_out(
            retelling, g_strdup_printf("the size of a key, %s; %s stands for it", was, best->name));
    if (best->stands_for == NULL)
        best->stands_for = g_steal_pointer(&fingerprint);
    return best->name;
}

/* --- one certificate --- */

static void replace(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

/* "sha256WithRSAEncryption", "ecdsa-with-SHA384": the hash is the part that differs. */
static HashKind hash_of(const char *signature)
{
    static const struct {
        const char *word;
        HashKind hash;
    } rows[] = {
        {"sha224", HASH_SHA224}, {"sha256", HASH_SHA256}, {"sha384", HASH_SHA384},
        {"sha512", HASH_SHA512}, {"sha1", HASH_SHA1},     {"md5", HASH_MD5},
    };
    g_autofree char *name = g_ascii_strdown(signature == NULL ? "" : signature, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strstr(name, rows[i].word) != NULL)
            return rows[i].hash;
    return HASH_SHA256;
}

static KeyUsage usage_of(const Certificate *certificate)
{
    g_autofree char *text = certificate_usage_text(certificate);
    bool server = strstr(text, "serverAuth") != NULL;
    if (certificate_is_authority(certificate))
        return KEY_USAGE_CA;
    if (strstr(text, "clientAuth") != NULL && !server)
        return KEY_USAGE_CLIENT;
    if (strstr(text, "codeSigning") != NULL && !server)
        return KEY_USAGE_CODE;
    bool enciphers = *text == '\0' || strstr(text, "keyEncipherment") != NULL;
    return enciphers ? KEY_USAGE_SERVER : KEY_USAGE_SIGN_ONLY;
}

/* A name that can be declared: some attributes have no word in RFC 4514 that is read back. */
static char *subject_of(Retelling *retelling, const char *subject, const char *name)
{
    g_autofree char *canonical = subject == NULL ? NULL : name_canonical(subject);
    if (canonical != NULL && *canonical != '\0')
        return g_strdup(subject);
    retell_left_out(retelling, g_strdup_printf("the subject of certificate %s, which cannot be "
                                               "declared",
                                               name));
    return g_strdup_printf("CN=%s", name);
}

static void declare(Retelling *retelling, CertificateSpec *spec, const Certificate *certificate)
{
    const char *serial = certificate_serial(certificate);
    const char *signature = certificate_signature_name(certificate);
    guint64 number = strlen(serial) <= 8 ? g_ascii_strtoull(serial, NULL, 16) : 0;
    g_free(spec->subject);
    spec->subject = subject_of(retelling, certificate_subject(certificate), spec->name);
    spec->serial = number; /* a longer one than is declared is drawn from the name */
    certificate_validity(certificate, &spec->not_before, &spec->not_after);
    replace(&spec->names, certificate_names(certificate));
    replace(&spec->key, key_like(retelling, certificate_key(certificate)));
    spec->usage = usage_of(certificate);
    spec->authority = certificate_is_authority(certificate);
    spec->hash = hash_of(signature);
    spec->pss = signature != NULL && strstr(signature, "PSS") != NULL;
    spec->must_staple = certificate_must_staple(certificate);
}

static CertificateSpec *spec_new(Retelling *retelling, char *name)
{
    CertificateSpec *spec = certificate_spec_new();
    replace(&spec->names, "");
    g_free(spec->name);
    spec->name = name;
    g_ptr_array_add(retelling->plan->certificates, spec);
    return spec;
}

/* --- chains --- */

static bool same_name(const Certificate *certificate, const Certificate *issuer)
{
    return name_equal(certificate_issuer_der(certificate), certificate_subject_der(issuer));
}

/* The laboratory's root, where that is who signed: then it need not be declared. */
static bool is_lab_root(const Retelling *retelling, const char *issuer)
{
    const CertificateSpec *root = plan_certificate(retelling->plan, "lab-root");
    g_autofree char *a = name_canonical(root->subject);
    g_autofree char *b = issuer == NULL ? NULL : name_canonical(issuer);
    return g_strcmp0(a, b) == 0;
}

static bool lab_root_signed(Retelling *retelling, const Certificate *certificate)
{
    GPtrArray *all = places(retelling);
    const CertificateSpec *root = plan_certificate(retelling->plan, "lab-root");
    for (guint i = 0; i < all->len; i++) {
        const KeyPlace *place = g_ptr_array_index(all, i);
        if (strcmp(place->name, root->key) == 0)
            return certificate_signed_by(certificate, place->key);
    }
    return false;
}

/* The authority above the last certificate that was sent. */
static const char *root_above(Retelling *retelling, const Certificate *last, const char *base)
{
    if (is_lab_root(retelling, certificate_issuer(last)))
        return "lab-root";
    for (guint i = 0; i < retelling->plan->certificates->len; i++) { /* both sides may have one */
        const CertificateSpec *spec = g_ptr_array_index(retelling->plan->certificates, i);
        if (g_strcmp0(spec->issuer, spec->name) == 0 &&
            g_strcmp0(spec->subject, certificate_issuer(last)) == 0)
            return spec->name;
    }
    enum { YEARS = 10 * 31556952 };
    CertificateSpec *root = spec_new(retelling, g_strdup_printf("%s-root", base));
    bool ec = strstr(certificate_signature_name(last), "ecdsa") != NULL;
    replace(&root->issuer, root->name);
    g_free(root->subject);
    root->subject = subject_of(retelling, certificate_issuer(last), root->name);
    root->not_before = retelling->plan->clock - YEARS;
    root->not_after = retelling->plan->clock + YEARS;
    replace(&root->key, ec ? "ec-p384-2" : "rsa-2048-8");
    root->usage = KEY_USAGE_CA;
    root->authority = true;
    root->hash = HASH_SHA256;
    return root->name;
}

/* Who issued one of the chain: itself, the one of that name in the chain, or nobody of it (-1). */
static int issuer_in(GPtrArray *chain, guint index)
{
    const Certificate *certificate = g_ptr_array_index(chain, index);
    for (guint i = index; i < chain->len; i++) /* RFC 5246 7.4.2: each certifies the one before */
        if (same_name(certificate, g_ptr_array_index(chain, i)))
            return (int)i;
    return -1;
}

static void link_up(Retelling *retelling, GPtrArray *chain, GPtrArray *specs, guint index,
                    const char *base)
{
    CertificateSpec *spec = g_ptr_array_index(specs, index);
    const Certificate *certificate = g_ptr_array_index(chain, index);
    int above = issuer_in(chain, index);
    if (above >= 0) {
        const CertificateSpec *issuer = g_ptr_array_index(specs, (guint)above);
        const Certificate *signer = g_ptr_array_index(chain, (guint)above);
        replace(&spec->issuer, issuer->name);
        spec->altered = !certificate_signed_by(certificate, certificate_key(signer));
        return;
    }
    replace(&spec->issuer, root_above(retelling, certificate, base));
    if (strcmp(spec->issuer, "lab-root") == 0)
        spec->altered = !lab_root_signed(retelling, certificate);
}

static GPtrArray *read_chain(Retelling *retelling, const Bytes *list, size_t count)
{
    GPtrArray *chain = g_ptr_array_new_with_free_func((GDestroyNotify)certificate_unref);
    for (size_t i = 0; i < count; i++) {
        Fault fault = FAULT_INIT;
        Certificate *certificate = certificate_read(list[i], &fault);
        if (certificate == NULL) {
            retell_left_out(retelling, g_strdup_printf("certificate %zu of a chain: %s", i + 1,
                                                       fault.sentence));
            break;
        }
        g_ptr_array_add(chain, certificate);
    }
    return chain;
}

/* What follows the leaf's issuers shows what will be sent; the rest of the message will not. */
static const char *root_of(Retelling *retelling, const GPtrArray *specs)
{
    const CertificateSpec *at = g_ptr_array_index(specs, 0);
    guint sent = 1;
    while (strcmp(at->issuer, at->name) != 0) {
        at = plan_certificate(retelling->plan, at->issuer);
        sent += strcmp(at->issuer, at->name) != 0;
    }
    if (specs->len > sent)
        retell_left_out(retelling,
                        g_strdup_printf("%u of the %u certificates of a chain, which are a root or "
                                        "no part of it",
                                        specs->len - sent, specs->len));
    return at->name;
}

const char *retell_chain(Retelling *retelling, const Bytes *list, size_t count, const char *base,
                         const char **root)
{
    g_autoptr(GPtrArray) chain = read_chain(retelling, list, count);
    g_autoptr(GPtrArray) specs = g_ptr_array_new();
    *root = NULL;
    if (chain->len == 0)
        return NULL;
    for (guint i = 0; i < chain->len; i++) {
        char *name = i == 0   ? g_strdup(base)
                     : i == 1 ? g_strdup_printf("%s-issuer", base)
                              : g_strdup_printf("%s-issuer-%u", base, i);
        g_ptr_array_add(specs, spec_new(retelling, name));
        declare(retelling, g_ptr_array_index(specs, i), g_ptr_array_index(chain, i));
    }
    for (guint i = 0; i < chain->len; i++)
        link_up(retelling, chain, specs, i, base);
    *root = root_of(retelling, specs);
    return ((const CertificateSpec *)g_ptr_array_index(specs, 0))->name;
}
