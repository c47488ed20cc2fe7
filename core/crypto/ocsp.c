/* OCSP responses: minted and read.
 *
 * A response is a signed sentence about one certificate: good, revoked or unknown, from one instant
 * to another. What a peer staples is read by code that judges every length (der.h); that it is
 * about this certificate, signed by one who may, and of today are three answers of their own, so
 * that a lesson can show each fail by itself. Who may sign is the issuer, or one to whom it gave a
 * certificate for OCSP signing.
 *
 * This file asks nobody anything: responses come stapled. Obeys RFC 6960 4.1.1, 4.2.1, 4.2.2, 3.2.
 */
#include "core/crypto/ocsp.h"

#include "core/crypto/certificate-parts.h"
#include "core/crypto/der.h"
#include "core/crypto/digest.h"

enum {
    RESPONSES_MOST = 64, /* single responses in one: responders send one */
    DELEGATES_MOST = 8,  /* certificates with it: one, and perhaps its issuers */
};

/* 1.3.6.1.5.5.7.48.1.1, id-pkix-ocsp-basic */
static const uint8_t oid_basic[] = {0x2b, 6, 1, 5, 5, 7, 48, 1, 1};

static const char *const status_names[] = {
    [OCSP_GOOD] = "good",
    [OCSP_REVOKED] = "revoked",
    [OCSP_UNKNOWN] = "unknown",
};

const char *ocsp_status_name(OcspStatus status)
{
    return status_names[status];
}

/* --- minting --- */

/* CertID: RFC 6960 4.1.1. */
static void put_cert_id(GByteArray *output, const Certificate *certificate,
                        const Certificate *issuer)
{
    uint8_t hash[20];
    size_t opened = der_open(output, DER_SEQUENCE);
    algorithm_put_hash(output, HASH_SHA1);
    digest(HASH_SHA1, &certificate->issuer, 1, hash);
    der_put(output, DER_OCTET_STRING, BYTES_ARRAY(hash));
    key_identifier(issuer->key, HASH_SHA1, hash);
    der_put(output, DER_OCTET_STRING, BYTES_ARRAY(hash));
    der_put(output, DER_INTEGER, certificate->serial);
    der_close(output, opened);
}

/* SingleResponse: RFC 6960 4.2.1. */
static bool put_single(GByteArray *output, const OcspSpec *spec, const Certificate *certificate,
                       const Certificate *issuer)
{
    size_t single = der_open(output, DER_SEQUENCE);
    put_cert_id(output, certificate, issuer);
    bool revoked = spec->status == OCSP_REVOKED;
    uint8_t tag = (uint8_t)((revoked ? DER_CONTEXT_CONSTRUCTED : DER_CONTEXT) | spec->status);
    size_t status = der_open(output, tag); /* the CHOICE's tags are [0], [1], [2] in order */
    if (revoked && !der_put_time(output, spec->revoked, false))
        return false;
    der_close(output, status);
    if (!der_put_time(output, spec->this_update, false))
        return false;
    if (spec->next_update != 0) {
        size_t next = der_open(output, DER_CONTEXT_CONSTRUCTED | 0);
        if (!der_put_time(output, spec->next_update, false))
            return false;
        der_close(output, next);
    }
    der_close(output, single);
    return true;
}

/* ResponseData: RFC 6960 4.2.1. */
static bool put_data(GByteArray *output, const OcspSpec *spec, const Certificate *certificate,
                     const Certificate *issuer)
{
    size_t data = der_open(output, DER_SEQUENCE);
    der_put(output, DER_CONTEXT_CONSTRUCTED | 1, issuer->subject); /* responderID: byName */
    if (!der_put_time(output, spec->produced, false))
        return false;
    size_t responses = der_open(output, DER_SEQUENCE);
    if (!put_single(output, spec, certificate, issuer))
        return false;
    der_close(output, responses);
    der_close(output, data);
    return true;
}

GBytes *ocsp_mint(const OcspSpec *spec, const Certificate *certificate, const Certificate *issuer,
                  const PrivateKey *issuer_key, Fault *fault)
{
    static const uint8_t successful = 0;
    g_autoptr(GByteArray) data = g_byte_array_new();
    g_autoptr(GByteArray) signature = g_byte_array_new();
    g_autoptr(PublicKey) signer = private_key_public(issuer_key);
    g_autoptr(Random) random = random_new(0, certificate->fingerprint_text); /* the same each run */
    const SignatureAlgorithm *algorithm =
        signature_algorithm_of_key(signer, false, HASH_SHA256, fault);
    if (!put_data(data, spec, certificate, issuer)) {
        fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 6960 4.2.2.1",
                  "the times of an OCSP response must lie between the years 1 and 9999");
        return NULL;
    }
    if (algorithm == NULL ||
        !signature_algorithm_sign(algorithm, issuer_key, bytes_from_array(data), random, signature,
                                  fault))
        return NULL;
    GByteArray *output = g_byte_array_new();
    size_t response = der_open(output, DER_SEQUENCE);
    der_put(output, DER_ENUMERATED, bytes_make(&successful, 1));
    size_t tagged = der_open(output, DER_CONTEXT_CONSTRUCTED | 0);
    size_t response_bytes = der_open(output, DER_SEQUENCE);
    der_put(output, DER_OID, BYTES_ARRAY(oid_basic));
    size_t octets = der_open(output, DER_OCTET_STRING);
    size_t basic = der_open(output, DER_SEQUENCE);
    bytes_append(output, bytes_from_array(data));
    signature_algorithm_put(algorithm, output);
    der_put_bits(output, bytes_from_array(signature));
    der_close(output, basic);
    der_close(output, octets);
    der_close(output, response_bytes);
    der_close(output, tagged);
    der_close(output, response);
    return g_byte_array_free_to_bytes(output);
}

/* --- reading --- */

/* The parts of a response, views into it. */
typedef struct {
    Bytes data, algorithm, signature; /* data and algorithm whole */
    Bytes certificates;               /* the list's content */
    Der responder;
    Bytes responses;
} Parts;

/* What a single response is about and says. */
typedef struct {
    HashKind hash;
    bool known_hash;
    Bytes name_hash, key_hash, serial;
    OcspReading says;
} Single;

/* Extensions: none is critical that is known (RFC 6960 4.4), so a critical one is not understood.
 */
static bool skip_extensions(Bytes *at, uint8_t tag)
{
    Bytes tagged, list, extension, oid, flag, value;
    if (!der_take(at, tag, &tagged))
        return true;
    if (!der_take(&tagged, DER_SEQUENCE, &list) || tagged.size > 0)
        return false;
    while (list.size > 0) {
        if (!der_take(&list, DER_SEQUENCE, &extension) || !der_take(&extension, DER_OID, &oid))
            return false;
        if (der_take(&extension, DER_BOOLEAN, &flag) && flag.size == 1 && flag.data[0] != 0)
            return false;
        if (!der_take(&extension, DER_OCTET_STRING, &value) || extension.size > 0)
            return false;
    }
    return true;
}

static bool take_data(Bytes at, Parts *parts)
{
    Bytes version, number;
    int64_t produced = 0;
    if (der_take(&at, DER_CONTEXT_CONSTRUCTED | 0, &version) &&
        (!der_take_number(&version, &number) || version.size > 0 || bytes_number(number) != 0))
        return false;
    return der_next(&at, &parts->responder) && der_take_time(&at, &produced) &&
           der_take(&at, DER_SEQUENCE, &parts->responses) && parts->responses.size > 0 &&
           skip_extensions(&at, DER_CONTEXT_CONSTRUCTED | 1) && at.size == 0;
}

/* BasicOCSPResponse: RFC 6960 4.2.1. */
static bool take_basic(Bytes at, Parts *parts)
{
    Bytes basic, tagged;
    Der data, algorithm;
    if (!der_take(&at, DER_SEQUENCE, &basic) || at.size > 0 || !der_next(&basic, &data) ||
        data.tag != DER_SEQUENCE || !der_next(&basic, &algorithm) ||
        algorithm.tag != DER_SEQUENCE || !der_take_bits(&basic, &parts->signature))
        return false;
    parts->data = data.whole;
    parts->algorithm = algorithm.whole;
    parts->certificates = BYTES_NONE;
    if (der_take(&basic, DER_CONTEXT_CONSTRUCTED | 0, &tagged) &&
        (!der_take(&tagged, DER_SEQUENCE, &parts->certificates) || tagged.size > 0))
        return false;
    return basic.size == 0 && take_data(data.content, parts);
}

/* OCSPResponse: RFC 6960 4.2.1; one that is not successful says nothing of a certificate. */
static bool take_response(Bytes at, Parts *parts)
{
    Bytes response, status, tagged, bytes, oid, basic;
    return der_take(&at, DER_SEQUENCE, &response) && at.size == 0 &&
           der_take(&response, DER_ENUMERATED, &status) && status.size == 1 &&
           status.data[0] == 0 && der_take(&response, DER_CONTEXT_CONSTRUCTED | 0, &tagged) &&
           response.size == 0 && der_take(&tagged, DER_SEQUENCE, &bytes) && tagged.size == 0 &&
           der_take(&bytes, DER_OID, &oid) && bytes_equal(oid, BYTES_ARRAY(oid_basic)) &&
           der_take(&bytes, DER_OCTET_STRING, &basic) && bytes.size == 0 &&
           take_basic(basic, parts);
}

static bool take_cert_id(Bytes *at, Single *single)
{
    Bytes id, identifier;
    if (!der_take(at, DER_SEQUENCE, &id))
        return false;
    identifier = id;
    single->known_hash = algorithm_take_hash(&identifier, &single->hash);
    return der_take(&id, DER_SEQUENCE, &identifier) &&
           der_take(&id, DER_OCTET_STRING, &single->name_hash) &&
           der_take(&id, DER_OCTET_STRING, &single->key_hash) &&
           der_take(&id, DER_INTEGER, &single->serial) && id.size == 0;
}

static bool take_status(Bytes *at, OcspReading *says)
{
    Der status;
    Bytes reason, code;
    if (!der_next(at, &status))
        return false;
    if (status.tag == (DER_CONTEXT | OCSP_GOOD) || status.tag == (DER_CONTEXT | OCSP_UNKNOWN)) {
        says->status = (OcspStatus)(status.tag & ~DER_CONTEXT);
        return status.content.size == 0;
    }
    says->status = OCSP_REVOKED;
    if (status.tag != (DER_CONTEXT_CONSTRUCTED | OCSP_REVOKED) ||
        !der_take_time(&status.content, &says->revoked))
        return false;
    if (der_take(&status.content, DER_CONTEXT_CONSTRUCTED | 0, &reason) &&
        (!der_take(&reason, DER_ENUMERATED, &code) || reason.size > 0))
        return false;
    return status.content.size == 0;
}

static bool take_single(Bytes *at, Single *single)
{
    Bytes fields, next;
    *single = (Single){0};
    if (!der_take(at, DER_SEQUENCE, &fields) || !take_cert_id(&fields, single) ||
        !take_status(&fields, &single->says) || !der_take_time(&fields, &single->says.this_update))
        return false;
    if (der_take(&fields, DER_CONTEXT_CONSTRUCTED | 0, &next) &&
        (!der_take_time(&next, &single->says.next_update) || next.size > 0))
        return false;
    return skip_extensions(&fields, DER_CONTEXT_CONSTRUCTED | 1) && fields.size == 0;
}

static bool covers(const Single *single, const Certificate *certificate, const Certificate *issuer)
{
    uint8_t name_hash[HASH_SIZE_MOST], key_hash[HASH_SIZE_MOST];
    if (!single->known_hash || !bytes_equal(single->serial, certificate->serial))
        return false;
    size_t size = hash_size(single->hash);
    digest(single->hash, &certificate->issuer, 1, name_hash);
    key_identifier(issuer->key, single->hash, key_hash);
    return bytes_equal(single->name_hash, bytes_make(name_hash, size)) &&
           bytes_equal(single->key_hash, bytes_make(key_hash, size));
}

/* --- who signed --- */

/* responderID [1] byName or [2] byKey: RFC 6960 4.2.1. */
static bool is_responder(const Parts *parts, const Certificate *signer)
{
    uint8_t identifier[20];
    Bytes content = parts->responder.content, hash;
    if (parts->responder.tag == (DER_CONTEXT_CONSTRUCTED | 1))
        return bytes_equal(content, signer->subject);
    key_identifier(signer->key, HASH_SHA1, identifier);
    return parts->responder.tag == (DER_CONTEXT_CONSTRUCTED | 2) &&
           der_take(&content, DER_OCTET_STRING, &hash) && content.size == 0 &&
           bytes_equal(hash, BYTES_ARRAY(identifier));
}

static bool signed_by(const Parts *parts, const Certificate *signer)
{
    const SignatureAlgorithm *algorithm = signature_algorithm_read(parts->algorithm);
    return algorithm != NULL && is_responder(parts, signer) &&
           signature_algorithm_verify(algorithm, signer->key, parts->data, parts->signature);
}

/* RFC 6960 4.2.2.2: issued by that very CA, for OCSP signing and nothing implied, and valid. */
static bool is_delegate(const Certificate *delegate, const Certificate *issuer, int64_t now)
{
    return bytes_equal(delegate->issuer, issuer->subject) && delegate->has_purposes &&
           (delegate->purposes & PURPOSE_OCSP) != 0 && delegate->unknown_critical == NULL &&
           (!delegate->has_usage || (delegate->usage & USAGE_DIGITAL_SIGNATURE) != 0) &&
           now >= delegate->not_before && now <= delegate->not_after &&
           certificate_signed_by(delegate, issuer->key);
}

static bool verified(const Parts *parts, const Certificate *issuer, int64_t now)
{
    Bytes list = parts->certificates;
    Der element;
    if (signed_by(parts, issuer))
        return true;
    for (size_t i = 0; i < DELEGATES_MOST && der_next(&list, &element); i++) {
        g_autoptr(Certificate) delegate = certificate_read(element.whole, NULL);
        if (delegate != NULL && is_delegate(delegate, issuer, now) && signed_by(parts, delegate))
            return true;
    }
    return false;
}

bool ocsp_read(Bytes der, const Certificate *certificate, const Certificate *issuer, int64_t now,
               OcspReading *reading, Fault *fault)
{
    Parts parts;
    Single single;
    bool readable = take_response(der, &parts);
    *reading = (OcspReading){0};
    for (size_t i = 0; readable && parts.responses.size > 0; i++) {
        readable = i < RESPONSES_MOST && take_single(&parts.responses, &single);
        bool about = readable && covers(&single, certificate, issuer);
        if (!readable || (i > 0 && (reading->covers || !about)))
            continue;
        *reading = single.says; /* the one that is about it, or else the first */
        reading->covers = about;
    }
    if (!readable)
        return fault_peer(fault, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6066 8",
                          "the OCSP response cannot be read, or is none that succeeded");
    reading->verified = verified(&parts, issuer, now);
    reading->current = now >= reading->this_update && /* RFC 6960 4.2.2.1 */
                       (reading->next_update == 0 || now <= reading->next_update);
    return true;
}
