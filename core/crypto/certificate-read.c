/* Reading certificates.
 *
 * What a peer sends is read here before anything is known of it, by code that judges every length
 * (der.h) and keeps views into one copy of the bytes. A certificate that breaks X.509's shape is
 * bad_certificate; one whose key is of a kind that this laboratory cannot use is well-formed, and
 * may be a certificate that nobody needs. What a certificate says is not judged here: see
 * certificate-judge.c and checks.c.
 *
 * Obeys RFC 5280 4.1, 4.2; RFC 7633 6.
 */
#include <string.h>

#include "core/crypto/certificate-parts.h"
#include "core/crypto/der.h"
#include "core/crypto/digest.h"
#include "core/crypto/name.h"

enum {
    EXTENSIONS_IN_CERTIFICATE_MOST = 64, /* public certificates have some 10 */
    DNS_NAMES_MOST = 1024,               /* certificates of the great hosters have hundreds */
    SERIAL_MOST = 64,                    /* bytes: RFC 5280 4.1.2.2 allows 20, old ones have more */
};

static bool read_certificate(Certificate *certificate, Fault *fault);
static bool make_texts(Certificate *certificate);

static bool malformed(Fault *fault, const char *what)
{
    return fault_peer(fault, ALERT_BAD_CERTIFICATE, "RFC 5280 4.1",
                      "the certificate cannot be read: its %s is malformed", what);
}

/* --- what was read lately --- */

/* A server's chain comes again with every handshake, and reading it, and above all making
 * libcrypto's object of its key, takes longer than many a handshake's own work. So each thread
 * keeps the last few, found by their content alone. */
enum { RECENT = 16, SLOT_BYTES = 8 /* of the signature, which stands last */ };

static void recent_free(gpointer data)
{
    Certificate **slots = data;
    for (size_t i = 0; i < RECENT; i++)
        certificate_unref(slots[i]);
    g_free(slots);
}

static Certificate **recent_slot(Bytes der)
{
    static GPrivate recent = G_PRIVATE_INIT(recent_free);
    Certificate **slots = g_private_get(&recent);
    if (slots == NULL) {
        slots = g_new0(Certificate *, RECENT);
        g_private_set(&recent, slots);
    }
    size_t first = der.size < SLOT_BYTES ? 0 : der.size - SLOT_BYTES;
    return &slots[(bytes_number(bytes_slice(der, first, SLOT_BYTES)) ^ der.size) % RECENT];
}

static Certificate *read_new(Bytes der, Fault *fault);

Certificate *certificate_read(Bytes der, Fault *fault)
{
    Certificate **slot = recent_slot(der);
    if (*slot != NULL && bytes_equal(bytes_from_gbytes((*slot)->der), der))
        return certificate_ref(*slot);
    Certificate *made = read_new(der, fault);
    if (made != NULL) {
        certificate_unref(*slot);
        *slot = certificate_ref(made);
    }
    return made;
}

static Certificate *read_new(Bytes der, Fault *fault)
{
    g_autoptr(Certificate) certificate = g_new0(Certificate, 1);
    certificate->references = 1;
    certificate->der = bytes_copy(der);
    certificate->version = 1;
    certificate->path_length = -1;
    certificate->dns_names = g_array_new(FALSE, FALSE, sizeof(Bytes));
    if (!read_certificate(certificate, fault))
        return NULL;
    if (!make_texts(certificate)) {
        malformed(fault, "subject or issuer");
        return NULL;
    }
    return g_steal_pointer(&certificate);
}

Certificate *certificate_ref(Certificate *certificate)
{
    g_atomic_int_inc(&certificate->references);
    return certificate;
}

void certificate_unref(Certificate *certificate)
{
    if (certificate == NULL || !g_atomic_int_dec_and_test(&certificate->references))
        return;
    public_key_unref(certificate->key);
    g_array_unref(certificate->dns_names);
    g_free(certificate->unknown_critical);
    g_free(certificate->subject_text);
    g_free(certificate->issuer_text);
    g_free(certificate->serial_text);
    g_free(certificate->names_text);
    g_free(certificate->fingerprint_text);
    g_free(certificate->signature_text);
    g_bytes_unref(certificate->der);
    g_free(certificate);
}

/* --- fields --- */

static bool read_tbs(Certificate *certificate, Bytes tbs, Fault *fault);

static bool read_certificate(Certificate *certificate, Fault *fault)
{
    Bytes at = bytes_from_gbytes(certificate->der), whole, inside, oid;
    Der tbs, algorithm;
    if (!der_take(&at, DER_SEQUENCE, &whole) || at.size > 0)
        return malformed(fault, "outermost length");
    if (!der_next(&whole, &tbs) || tbs.tag != DER_SEQUENCE)
        return malformed(fault, "tbsCertificate");
    if (!der_next(&whole, &algorithm) || algorithm.tag != DER_SEQUENCE)
        return malformed(fault, "signatureAlgorithm");
    inside = algorithm.content;
    if (!der_take(&inside, DER_OID, &oid) || !der_take_bits(&whole, &certificate->signature) ||
        whole.size > 0)
        return malformed(fault, "signature");
    certificate->tbs = tbs.whole;
    certificate->outer_algorithm = algorithm.whole;
    certificate->algorithm = signature_algorithm_read(algorithm.whole);
    return read_tbs(certificate, tbs.content, fault);
}

static bool take_validity(Bytes *at, Certificate *certificate)
{
    Bytes validity;
    return der_take(at, DER_SEQUENCE, &validity) &&
           der_take_time(&validity, &certificate->not_before) &&
           der_take_time(&validity, &certificate->not_after) && validity.size == 0;
}

static bool take_name(Bytes *at, Bytes *name)
{
    Der element;
    if (!der_next(at, &element) || element.tag != DER_SEQUENCE)
        return false;
    *name = element.whole;
    return true;
}

static bool take_version(Bytes *at, unsigned *version)
{
    Bytes tagged, number;
    if (!der_take(at, DER_CONTEXT_CONSTRUCTED, &tagged))
        return true; /* absent: version 1 */
    if (!der_take_number(&tagged, &number) || number.size != 1 || number.data[0] > 2)
        return false;
    *version = number.data[0] + 1u;
    return true;
}

static bool take_key(Bytes *at, Certificate *certificate, Fault *fault);
static bool take_extensions(Bytes *at, Certificate *certificate);

static bool read_tbs(Certificate *certificate, Bytes at, Fault *fault)
{
    Der algorithm;
    Bytes unique;
    if (!take_version(&at, &certificate->version))
        return malformed(fault, "version");
    if (!der_take(&at, DER_INTEGER, &certificate->serial) || certificate->serial.size == 0 ||
        certificate->serial.size > SERIAL_MOST)
        return malformed(fault, "serialNumber");
    if (!der_next(&at, &algorithm) || algorithm.tag != DER_SEQUENCE)
        return malformed(fault, "inner signature algorithm");
    certificate->inner_algorithm = algorithm.whole;
    if (!take_name(&at, &certificate->issuer))
        return malformed(fault, "issuer");
    if (!take_validity(&at, certificate))
        return malformed(fault, "validity");
    if (!take_name(&at, &certificate->subject))
        return malformed(fault, "subject");
    if (!take_key(&at, certificate, fault))
        return false;
    der_take(&at, DER_CONTEXT | 1, &unique); /* issuerUniqueID, subjectUniqueID: never used */
    der_take(&at, DER_CONTEXT | 2, &unique);
    if (!take_extensions(&at, certificate) || at.size > 0)
        return malformed(fault, "extensions");
    return true;
}

/* RFC 5280 4.1.2.7 */
static bool take_key(Bytes *at, Certificate *certificate, Fault *fault)
{
    Der info;
    if (!der_next(at, &info))
        return malformed(fault, "subjectPublicKeyInfo");
    certificate->key = public_key_from_info(info.whole, fault);
    return certificate->key != NULL;
}

/* --- extensions --- */

static bool read_basic_constraints(Certificate *certificate, Bytes value)
{
    Bytes fields, flag, number;
    if (!der_take(&value, DER_SEQUENCE, &fields))
        return false;
    if (der_take(&fields, DER_BOOLEAN, &flag))
        certificate->authority = flag.size == 1 && flag.data[0] != 0;
    if (fields.size == 0)
        return true;
    if (!der_take_number(&fields, &number) || fields.size > 0)
        return false;
    certificate->path_length = number.size > 1 ? 255 : number.data[0];
    return true;
}

static bool read_key_usage(Certificate *certificate, Bytes value)
{
    Bytes bits;
    if (!der_take(&value, DER_BIT_STRING, &bits) || bits.size < 1 || bits.data[0] > 7)
        return false;
    certificate->has_usage = true;
    certificate->usage = bits.size > 1 ? bits.data[1] : 0;
    return true;
}

static bool read_ext_key_usage(Certificate *certificate, Bytes value)
{
    Bytes list, oid;
    if (!der_take(&value, DER_SEQUENCE, &list))
        return false;
    certificate->has_purposes = true;
    while (list.size > 0) {
        unsigned purpose = PURPOSE_OTHER;
        if (!der_take(&list, DER_OID, &oid))
            return false;
        for (size_t i = 0; i < purpose_count; i++)
            if (bytes_equal(oid, bytes_make(purposes[i].oid, purposes[i].size)))
                purpose = purposes[i].purpose;
        certificate->purposes |= purpose;
    }
    return true;
}

static bool read_names(Certificate *certificate, Bytes value)
{
    Bytes list;
    if (!der_take(&value, DER_SEQUENCE, &list))
        return false;
    while (list.size > 0) {
        Der name;
        if (!der_next(&list, &name))
            return false;
        if (name.tag != (DER_CONTEXT | 2)) /* dNSName [2]; the others are not asked for */
            continue;
        if (certificate->dns_names->len == DNS_NAMES_MOST)
            return false;
        g_array_append_val(certificate->dns_names, name.content);
    }
    return true;
}

/* RFC 7633 6: SEQUENCE OF INTEGER, the numbers of TLS extensions. */
static bool read_tls_feature(Certificate *certificate, Bytes value)
{
    Bytes list, number;
    if (!der_take(&value, DER_SEQUENCE, &list) || value.size > 0)
        return false;
    while (list.size > 0) {
        if (!der_take_number(&list, &number))
            return false;
        if (number.size == 1 && number.data[0] == EXTENSION_STATUS_REQUEST)
            certificate->must_staple = true;
    }
    return true;
}

/* `arc`: the last of 2.5.29. */
static bool read_extension(Certificate *certificate, uint8_t arc, Bytes value, bool *known)
{
    *known = true;
    switch (arc) {
    case EXTENSION_ID_CE_BASIC_CONSTRAINTS:
        return read_basic_constraints(certificate, value);
    case EXTENSION_ID_CE_KEY_USAGE:
        return read_key_usage(certificate, value);
    case EXTENSION_ID_CE_EXT_KEY_USAGE:
        return read_ext_key_usage(certificate, value);
    case EXTENSION_ID_CE_SAN:
        return read_names(certificate, value);
    case EXTENSION_ID_CE_SKI:
    case EXTENSION_ID_CE_AKI:
        return true; /* a help to find issuers by, not a proof: issuers are found by name and key */
    }
    *known = false;
    return true;
}

/* `oid` gets the extension's. */
static bool take_extension(Bytes *list, Certificate *certificate, Bytes *oid)
{
    static const uint8_t id_ce[] = {0x55, 0x1d};
    Bytes extension, flag, value;
    bool critical = false, known = false;
    if (!der_take(list, DER_SEQUENCE, &extension) || !der_take(&extension, DER_OID, oid))
        return false;
    if (der_take(&extension, DER_BOOLEAN, &flag))
        critical = flag.size == 1 && flag.data[0] != 0;
    if (!der_take(&extension, DER_OCTET_STRING, &value) || extension.size > 0)
        return false;
    if (oid->size == 3 && bytes_equal(bytes_slice(*oid, 0, 2), BYTES_ARRAY(id_ce)) &&
        !read_extension(certificate, oid->data[2], value, &known))
        return false;
    if (bytes_equal(*oid, BYTES_ARRAY(oid_tls_feature))) {
        known = true;
        if (!read_tls_feature(certificate, value))
            return false;
    }
    if (critical && !known && certificate->unknown_critical == NULL)
        certificate->unknown_critical = der_oid_text(*oid);
    return true;
}

static bool take_extensions(Bytes *at, Certificate *certificate)
{
    Bytes tagged, list, seen[EXTENSIONS_IN_CERTIFICATE_MOST];
    if (at->size == 0)
        return true;
    if (!der_take(at, DER_CONTEXT_CONSTRUCTED | 3, &tagged) ||
        !der_take(&tagged, DER_SEQUENCE, &list) || tagged.size > 0)
        return false;
    for (size_t count = 0; list.size > 0; count++) {
        if (count == EXTENSIONS_IN_CERTIFICATE_MOST ||
            !take_extension(&list, certificate, &seen[count]))
            return false;
        for (size_t i = 0; i < count; i++)
            if (bytes_equal(seen[i], seen[count])) /* RFC 5280 4.2: no more than one of a kind */
                return false;
    }
    return true;
}

/* --- texts --- */

/* As people read it; what no host name has is shown in hexadecimal, a zero byte above all. */
static void append_readable(GString *text, Bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        bool plain = g_ascii_isprint((char)name.data[i]) && name.data[i] < 0x80;
        if (plain && name.data[i] != '\\' && name.data[i] != ',')
            g_string_append_c(text, (char)name.data[i]);
        else
            g_string_append_printf(text, "\\%02x", name.data[i]);
    }
}

static char *names_text(const Certificate *certificate)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < certificate->dns_names->len; i++) {
        if (i > 0)
            g_string_append(text, ", ");
        append_readable(text, g_array_index(certificate->dns_names, Bytes, i));
    }
    return g_string_free(text, FALSE);
}

static char *fingerprint_text(Bytes der)
{
    uint8_t hash[32];
    digest(HASH_SHA256, &der, 1, hash);
    return bytes_to_hex(BYTES_ARRAY(hash), ":");
}

static bool make_texts(Certificate *certificate)
{
    Bytes algorithm = certificate->outer_algorithm, oid = BYTES_NONE;
    if (der_take(&algorithm, DER_SEQUENCE, &algorithm))
        der_take(&algorithm, DER_OID, &oid);
    Bytes serial = certificate->serial;
    if (serial.size > 1 && serial.data[0] == 0)
        serial = bytes_slice(serial, 1, serial.size);
    certificate->subject_text = name_text(certificate->subject);
    certificate->issuer_text = name_text(certificate->issuer);
    certificate->serial_text = bytes_to_hex(serial, NULL);
    certificate->names_text = names_text(certificate);
    certificate->fingerprint_text = fingerprint_text(bytes_from_gbytes(certificate->der));
    certificate->signature_text =
        certificate->algorithm != NULL ? g_strdup(certificate->algorithm->name) : der_oid_text(oid);
    return certificate->subject_text != NULL && certificate->issuer_text != NULL &&
           certificate->signature_text != NULL;
}
