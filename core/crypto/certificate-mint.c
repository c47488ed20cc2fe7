/* Minting certificates.
 *
 * A CertificateSpec, the subject's key and the signing key give the DER of an X.509 v3 certificate,
 * the same bytes each time: a serial that was not given is the hash of the certificate's name in
 * the scenario, and what a signature draws (a salt, a nonce) is drawn by that name and not by the
 * run's seed. What the spec wants wrong is made wrong here: another signing key, a bit changed
 * after signing.
 *
 * This file knows no chain. Obeys RFC 5280 4.1 and 4.2.1; RFC 7633 4.
 */
#include <string.h>

#include "core/crypto/certificate-parts.h"
#include "core/crypto/der.h"
#include "core/crypto/digest.h"
#include "core/crypto/name.h"

/* What keyUsage and extKeyUsage say for each KeyUsage. */
static const struct {
    uint8_t usage;
    unsigned purpose; /* 0: no extKeyUsage */
} usages[KEY_USAGES] = {
    [KEY_USAGE_SERVER] = {USAGE_DIGITAL_SIGNATURE | USAGE_KEY_ENCIPHERMENT, PURPOSE_SERVER},
    [KEY_USAGE_CLIENT] = {USAGE_DIGITAL_SIGNATURE, PURPOSE_CLIENT},
    [KEY_USAGE_CA] = {USAGE_KEY_CERT_SIGN | USAGE_CRL_SIGN, 0},
    [KEY_USAGE_SIGN_ONLY] = {USAGE_DIGITAL_SIGNATURE, PURPOSE_SERVER},
    [KEY_USAGE_CODE] = {USAGE_DIGITAL_SIGNATURE, PURPOSE_CODE},
};

static bool put_tbs(GByteArray *output, const CertificateSpec *spec, const PublicKey *subject_key,
                    const char *issuer, const PublicKey *signer,
                    const SignatureAlgorithm *algorithm, size_t *subject_at, Fault *fault);
static bool alter_subject(GByteArray *tbs, size_t subject_at, Fault *fault);

GBytes *certificate_mint(const CertificateSpec *spec, const PrivateKey *subject_key,
                         const char *issuer, const PrivateKey *signing, Fault *fault)
{
    g_autoptr(GByteArray) tbs = g_byte_array_new();
    g_autoptr(GByteArray) signature = g_byte_array_new();
    g_autoptr(PublicKey) subject_public = private_key_public(subject_key);
    g_autoptr(PublicKey) signer = private_key_public(signing);
    g_autoptr(Random) random = random_new(0, spec->name); /* whatever the run, the same bytes */
    size_t subject_at = 0;
    const SignatureAlgorithm *algorithm =
        signature_algorithm_of_key(signer, spec->pss, spec->hash, fault);
    if (algorithm == NULL ||
        !put_tbs(tbs, spec, subject_public, issuer, signer, algorithm, &subject_at, fault) ||
        !signature_algorithm_sign(algorithm, signing, bytes_from_array(tbs), random, signature,
                                  fault))
        return NULL;
    if (spec->altered && !alter_subject(tbs, subject_at, fault))
        return NULL;
    GByteArray *output = g_byte_array_new(); /* RFC 5280 4.1 */
    size_t certificate = der_open(output, DER_SEQUENCE);
    bytes_append(output, bytes_from_array(tbs));
    signature_algorithm_put(algorithm, output);
    der_put_bits(output, bytes_from_array(signature));
    der_close(output, certificate);
    return g_byte_array_free_to_bytes(output);
}

static bool put_time(GByteArray *output, int64_t seconds, Fault *fault)
{
    return der_put_time(output, seconds, true) ||
           fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 5280 4.1.2.5",
                     "a validity must lie between the years 1 and 9999");
}

/* RFC 5280 4.1.2.2: positive, at most 20 bytes. */
static void put_serial(GByteArray *output, const CertificateSpec *spec)
{
    uint8_t hash[32], number[8];
    Bytes name = bytes_from_text(spec->name);
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(spec->serial >> (56 - 8 * i));
    digest(HASH_SHA256, &name, 1, hash);
    hash[0] |= 1; /* never zero */
    der_put_number(output, spec->serial == 0 ? bytes_make(hash, 8) : BYTES_ARRAY(number));
}

static bool put_name(GByteArray *output, const char *text, Fault *fault)
{
    g_autoptr(GByteArray) name = name_encode(text, fault);
    if (name == NULL)
        return false;
    bytes_append(output, bytes_from_array(name));
    return true;
}

static bool put_extensions(GByteArray *output, const CertificateSpec *spec,
                           const PublicKey *subject_key, const PublicKey *signer, Fault *fault);

static bool put_tbs(GByteArray *output, const CertificateSpec *spec, const PublicKey *subject_key,
                    const char *issuer, const PublicKey *signer,
                    const SignatureAlgorithm *algorithm, size_t *subject_at, Fault *fault)
{
    static const uint8_t v3 = 2;
    g_autoptr(GByteArray) fields = g_byte_array_new();
    size_t opened = der_open(fields, DER_CONTEXT_CONSTRUCTED);
    der_put(fields, DER_INTEGER, bytes_make(&v3, 1)); /* RFC 5280 4.1.2.1 */
    der_close(fields, opened);
    put_serial(fields, spec);
    signature_algorithm_put(algorithm, fields);
    if (!put_name(fields, issuer, fault))
        return false;
    opened = der_open(fields, DER_SEQUENCE);
    if (!put_time(fields, spec->not_before, fault) || !put_time(fields, spec->not_after, fault))
        return false;
    der_close(fields, opened);
    *subject_at = fields->len;
    if (!put_name(fields, spec->subject, fault))
        return false;
    public_key_put_info(subject_key, fields);
    if (!put_extensions(fields, spec, subject_key, signer, fault))
        return false;
    der_put(output, DER_SEQUENCE, bytes_from_array(fields));
    *subject_at += output->len - fields->len;
    return true;
}

/* One extension: RFC 5280 4.1, 4.2. */
static void put_extension_of(GByteArray *output, Bytes oid, bool critical, const GByteArray *value)
{
    static const uint8_t yes = 0xff;
    size_t opened = der_open(output, DER_SEQUENCE);
    der_put(output, DER_OID, oid);
    if (critical)
        der_put(output, DER_BOOLEAN, bytes_make(&yes, 1));
    der_put(output, DER_OCTET_STRING, bytes_from_array(value));
    der_close(output, opened);
}

static void put_extension(GByteArray *output, uint8_t arc, bool critical, const GByteArray *value)
{
    const uint8_t oid[] = {0x55, 0x1d, arc}; /* 2.5.29 */
    put_extension_of(output, BYTES_ARRAY(oid), critical, value);
}

static void put_basic_constraints(GByteArray *output, bool authority)
{
    static const uint8_t yes = 0xff;
    g_autoptr(GByteArray) value = g_byte_array_new();
    size_t opened = der_open(value, DER_SEQUENCE);
    if (authority) /* FALSE is the default and not written: X.690 11.5 */
        der_put(value, DER_BOOLEAN, bytes_make(&yes, 1));
    der_close(value, opened);
    /* RFC 5280 4.2.1.9: critical in a CA's certificate */
    put_extension(output, EXTENSION_ID_CE_BASIC_CONSTRAINTS, authority, value);
}

/* RFC 5280 4.2.1.3; X.690 11.2.2: bits that are zero at the end are left out. */
static void put_key_usage(GByteArray *output, uint8_t usage)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    uint8_t unused = 0;
    while ((usage >> unused & 1) == 0)
        unused++;
    const uint8_t bits[] = {unused, usage};
    der_put(value, DER_BIT_STRING, BYTES_ARRAY(bits));
    put_extension(output, EXTENSION_ID_CE_KEY_USAGE, true, value);
}

static void put_ext_key_usage(GByteArray *output, unsigned purpose)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    size_t opened = der_open(value, DER_SEQUENCE), at = 0;
    while (purposes[at].purpose != purpose)
        at++;
    der_put(value, DER_OID, bytes_make(purposes[at].oid, purposes[at].size));
    der_close(value, opened);
    put_extension(output, EXTENSION_ID_CE_EXT_KEY_USAGE, false, value);
}

static bool put_names(GByteArray *output, const char *names, Fault *fault)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);
    g_autoptr(GByteArray) value = g_byte_array_new();
    size_t opened = der_open(value, DER_SEQUENCE);
    for (size_t i = 0; list[i] != NULL; i++) {
        const char *name = g_strstrip(list[i]);
        if (*name == '\0' || !g_str_is_ascii(name))
            return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 5280 4.2.1.6",
                             "a DNS name is not empty and of ASCII letters; \"%.60s\" is not that",
                             name);
        der_put(value, DER_CONTEXT | 2, bytes_from_text(name)); /* dNSName [2] */
    }
    der_close(value, opened);
    put_extension(output, EXTENSION_ID_CE_SAN, false, value);
    return true;
}

static void put_key_identifiers(GByteArray *output, const CertificateSpec *spec,
                                const PublicKey *subject_key, const PublicKey *signer)
{
    g_autoptr(GByteArray) own = g_byte_array_new();
    g_autoptr(GByteArray) issuers = g_byte_array_new();
    uint8_t identifier[20];
    key_identifier(subject_key, HASH_SHA1, identifier);
    der_put(own, DER_OCTET_STRING, BYTES_ARRAY(identifier));
    put_extension(output, EXTENSION_ID_CE_SKI, false, own);
    /* RFC 5280 4.2.1.1 lets a self-signed certificate go without. So does whoever signs in
     * another's place: the identifier of his own key would give him away before the signature does.
     */
    if (spec->signed_by != NULL || public_key_equal(subject_key, signer))
        return;
    size_t opened = der_open(issuers, DER_SEQUENCE);
    key_identifier(signer, HASH_SHA1, identifier);
    der_put(issuers, DER_CONTEXT, BYTES_ARRAY(identifier)); /* keyIdentifier [0] */
    der_close(issuers, opened);
    put_extension(output, EXTENSION_ID_CE_AKI, false, issuers);
}

/* RFC 7633 4: "must staple" is the feature status_request. */
static void put_tls_feature(GByteArray *output)
{
    static const uint8_t feature = EXTENSION_STATUS_REQUEST;
    g_autoptr(GByteArray) value = g_byte_array_new();
    size_t opened = der_open(value, DER_SEQUENCE);
    der_put_number(value, bytes_make(&feature, 1));
    der_close(value, opened);
    put_extension_of(output, BYTES_ARRAY(oid_tls_feature), false, value);
}

static bool put_extensions(GByteArray *output, const CertificateSpec *spec,
                           const PublicKey *subject_key, const PublicKey *signer, Fault *fault)
{
    size_t tagged = der_open(output, DER_CONTEXT_CONSTRUCTED | 3);
    size_t list = der_open(output, DER_SEQUENCE);
    put_basic_constraints(output, spec->authority);
    put_key_usage(output, usages[spec->usage].usage);
    if (usages[spec->usage].purpose != 0)
        put_ext_key_usage(output, usages[spec->usage].purpose);
    if (*spec->names != '\0' && !put_names(output, spec->names, fault))
        return false;
    put_key_identifiers(output, spec, subject_key, signer);
    if (spec->must_staple)
        put_tls_feature(output);
    der_close(output, list);
    der_close(output, tagged);
    return true;
}

/* The lowest bit of the last byte of the most specific attribute: letters stay letters of the same
 * kind of string, so the certificate can still be read. */
static bool alter_subject(GByteArray *tbs, size_t subject_at, Fault *fault)
{
    Bytes at = bytes_slice(bytes_from_array(tbs), subject_at, tbs->len);
    Der subject = {0};
    size_t offset = 0;
    if (!der_next(&at, &subject) || !name_last_byte(subject.whole, &offset))
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, NULL,
                         "a certificate without a subject has none to alter");
    tbs->data[subject_at + offset] ^= 1;
    return true;
}
