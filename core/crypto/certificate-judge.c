/* What a certificate says, and whether it may serve.
 *
 * Plain answers about one certificate: its fields, whether its usage allows a thing, whether a key
 * made its signature, whether a name is meant by it. Names are compared as bytes with a length, so
 * that a zero byte in a name is a byte like others and never its end.
 *
 * This file knows no chain and no date. Obeys RFC 5280 4.1.1.2, 4.2.1.3, 4.2.1.9, 4.2.1.12; RFC
 * 6125 6.4; RFC 5246 7.4.2 and 7.4.6; RFC 2246 7.4.2; RFC 8422 2; RFC 8446 4.4.2.2; RFC 7633 4.
 */
#include <string.h>

#include "core/crypto/certificate-parts.h"
#include "core/crypto/name.h"

enum { EXPORT_BITS_MOST = 512 }; /* RFC 2246 D.1 */

/* --- fields --- */

Bytes certificate_der(const Certificate *certificate)
{
    return bytes_from_gbytes(certificate->der);
}

PublicKey *certificate_key(const Certificate *certificate)
{
    return certificate->key;
}

const char *certificate_subject(const Certificate *certificate)
{
    return certificate->subject_text;
}

const char *certificate_issuer(const Certificate *certificate)
{
    return certificate->issuer_text;
}

Bytes certificate_subject_der(const Certificate *certificate)
{
    return certificate->subject;
}

Bytes certificate_issuer_der(const Certificate *certificate)
{
    return certificate->issuer;
}

const char *certificate_serial(const Certificate *certificate)
{
    return certificate->serial_text;
}

const char *certificate_names(const Certificate *certificate)
{
    return certificate->names_text;
}

const char *certificate_fingerprint(const Certificate *certificate)
{
    return certificate->fingerprint_text;
}

const char *certificate_signature_name(const Certificate *certificate)
{
    return certificate->signature_text;
}

void certificate_validity(const Certificate *certificate, int64_t *not_before, int64_t *not_after)
{
    *not_before = certificate->not_before;
    *not_after = certificate->not_after;
}

bool certificate_is_authority(const Certificate *certificate)
{
    return certificate->authority;
}

unsigned certificate_version(const Certificate *certificate)
{
    return certificate->version;
}

int certificate_path_length(const Certificate *certificate)
{
    return certificate->path_length;
}

const char *certificate_unknown_critical(const Certificate *certificate)
{
    return certificate->unknown_critical;
}

/* --- usage --- */

static bool has_usage(const Certificate *certificate, uint8_t usage)
{
    return !certificate->has_usage || (certificate->usage & usage) != 0;
}

static bool has_purpose(const Certificate *certificate, unsigned purpose)
{
    return !certificate->has_purposes || (certificate->purposes & purpose) != 0;
}

bool certificate_may_sign(const Certificate *certificate)
{
    return has_usage(certificate, USAGE_KEY_CERT_SIGN); /* RFC 5280 4.2.1.3 */
}

static bool key_signs(const Certificate *certificate, KeyExchangeKind kind)
{
    KeyKind key = public_key_kind(certificate->key);
    switch (key_exchange(kind)->authentication) {
    case AUTHENTICATION_RSA:
        return key == KEY_RSA ||
               key == KEY_RSA_PSS; /* RFC 8446 4.2.3: PSS serves TLS 1.2 as well */
    case AUTHENTICATION_DSS:
        return key == KEY_DSA;
    case AUTHENTICATION_ECDSA: /* RFC 8422 2.2 */
        return key == KEY_EC || key == KEY_ED25519 || key == KEY_ED448;
    case AUTHENTICATION_FREE: /* RFC 8446 4.2.3: DSA is gone */
        return key != KEY_DSA && key != KEY_UNKNOWN;
    case AUTHENTICATION_NONE:
    case AUTHENTICATION_PSK:
        break; /* no certificate is shown */
    }
    return false;
}

/* RFC 5246 7.4.6: any key that can sign, whatever the suite. */
static bool client_may_sign(const Certificate *certificate, KeyExchangeKind kind)
{
    KeyKind key = public_key_kind(certificate->key);
    bool gone = key_exchange(kind)->authentication == AUTHENTICATION_FREE && key == KEY_DSA;
    return key != KEY_UNKNOWN && !gone && has_usage(certificate, USAGE_DIGITAL_SIGNATURE);
}

bool certificate_usable(const Certificate *certificate, Role role, KeyExchangeKind kind)
{
    Agreement agreement = key_exchange(kind)->agreement;
    if (role == ROLE_CLIENT)
        return has_purpose(certificate, PURPOSE_CLIENT) && client_may_sign(certificate, kind);
    if (!has_purpose(certificate, PURPOSE_SERVER))
        return false;
    if (agreement != AGREEMENT_RSA && agreement != AGREEMENT_SSL2)
        return key_signs(certificate, kind) && has_usage(certificate, USAGE_DIGITAL_SIGNATURE);
    /* RFC 2246 7.4.2: with export suites a key of more than 512 bits signs a shorter one, any other
     * key enciphers the premaster secret. */
    bool signs =
        kind == KEY_EXCHANGE_RSA_EXPORT && public_key_bits(certificate->key) > EXPORT_BITS_MOST;
    return public_key_kind(certificate->key) == KEY_RSA &&
           has_usage(certificate, signs ? USAGE_DIGITAL_SIGNATURE : USAGE_KEY_ENCIPHERMENT);
}

bool certificate_must_staple(const Certificate *certificate)
{
    return certificate->must_staple;
}

static void append_item(GString *text, const char *item)
{
    if (text->len > 0)
        g_string_append(text, ", ");
    g_string_append(text, item);
}

char *certificate_usage_text(const Certificate *certificate)
{
    static const char *const usage_names[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
        "keyAgreement",     "keyCertSign",    "cRLSign",         "encipherOnly",
    };
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(usage_names); i++)
        if (certificate->has_usage && (certificate->usage & USAGE_DIGITAL_SIGNATURE >> i) != 0)
            append_item(text, usage_names[i]);
    for (unsigned bit = PURPOSE_SERVER; bit <= PURPOSE_OCSP; bit <<= 1)
        for (size_t i = 0; i < purpose_count; i++)
            if ((certificate->purposes & bit) != 0 && purposes[i].purpose == bit) {
                append_item(text, purposes[i].name);
                break;
            }
    return g_string_free(text, FALSE);
}

/* --- signature --- */

bool certificate_signed_with(const Certificate *certificate, HashKind hash)
{
    return certificate->algorithm != NULL && certificate->algorithm->hash == hash;
}

bool certificate_signed_by(const Certificate *certificate, const PublicKey *issuer)
{
    /* RFC 5280 4.1.1.2: the algorithm inside and outside must be the same */
    return certificate->algorithm != NULL &&
           bytes_equal(certificate->inner_algorithm, certificate->outer_algorithm) &&
           signature_algorithm_verify(certificate->algorithm, issuer, certificate->tbs,
                                      certificate->signature);
}

/* --- names --- */

static bool same_letters(Bytes a, Bytes b)
{
    return a.size == b.size &&
           g_ascii_strncasecmp((const char *)a.data, (const char *)b.data, a.size) == 0 &&
           memchr(a.data, 0, a.size) == NULL;
}

static Bytes after_first_label(Bytes name)
{
    const uint8_t *dot = name.size == 0 ? NULL : memchr(name.data, '.', name.size);
    if (dot == NULL)
        return BYTES_NONE;
    return bytes_slice(name, (size_t)(dot + 1 - name.data), name.size);
}

/* Letters, digits, hyphens and dots that part labels: what may stand behind a wildcard, at least
 * two labels of it, so that nobody owns all of a top-level domain. */
static bool names_a_domain(Bytes name)
{
    size_t dots = 0;
    for (size_t i = 0; i < name.size; i++) {
        bool edge = i == 0 || i + 1 == name.size || name.data[i + 1] == '.';
        if (name.data[i] == '.' && edge)
            return false;
        if (name.data[i] != '.' && name.data[i] != '-' && !g_ascii_isalnum((char)name.data[i]))
            return false;
        dots += name.data[i] == '.';
    }
    return dots >= 1;
}

/* RFC 6125 6.4.3: the wildcard is the whole leftmost label and stands for one label. */
static bool name_matches(Bytes pattern, Bytes host)
{
    Bytes domain = after_first_label(pattern);
    if (pattern.size < 2 || pattern.data[0] != '*' || pattern.data[1] != '.')
        return pattern.size > 0 && same_letters(pattern, host);
    Bytes host_domain = after_first_label(host);
    return names_a_domain(domain) && host.data[0] != '.' && same_letters(domain, host_domain);
}

bool certificate_matches(const Certificate *certificate, const char *host)
{
    Bytes asked = bytes_from_text(host), common_name;
    if (asked.size > 1 && asked.data[asked.size - 1] == '.')
        asked.size--; /* a trailing dot says that the name is complete: RFC 1034 3.1 */
    if (asked.size == 0)
        return false;
    for (guint i = 0; i < certificate->dns_names->len; i++)
        if (name_matches(g_array_index(certificate->dns_names, Bytes, i), asked))
            return true;
    if (certificate->dns_names->len > 0) /* RFC 6125 6.4.4 */
        return false;
    return name_common_name(certificate->subject, &common_name) && name_matches(common_name, asked);
}
