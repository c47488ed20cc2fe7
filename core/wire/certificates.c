/* The messages about certificates: shown, asked for, proved, and their status.
 *
 * TLS 1.3 gave Certificate a context and extensions of each entry, and made CertificateRequest a
 * list of extensions; the older shape of each stands beside the newer one. What a certificate holds
 * is opaque here.
 *
 * Obeys RFC 5246 7.4.2, 7.4.4, 7.4.6, 7.4.8; RFC 8446 4.3.2, 4.4.2, 4.4.3; RFC 6066 8; RFC 8879 4.
 */
#include "core/wire/extension.h"
#include "core/wire/walks.h"

/* The extensions of one certificate: RFC 8446 4.4.2. What this laboratory knows there is taken out;
 * which others there are is told. */
static void extras_walk(Wire *wire, const WalkContext *context, CertificateExtras *extras)
{
    extras->type_count = 0;
    if (wire->reading)
        extras->status = false;
    Extensions block = {.present = true, .count = extras->status ? 1 : 0};
    block.list[0].type = EXTENSION_STATUS_REQUEST;
    block.list[0].status_request.status_type = STATUS_TYPE_OCSP;
    block.list[0].status_request.response = extras->response;
    extensions_block_walk(wire, context, &block);
    for (size_t i = 0; i < block.count; i++) {
        const Extension *extension = &block.list[i];
        extras->types[extras->type_count++] = extension->type;
        if (extension->type != EXTENSION_STATUS_REQUEST)
            continue;
        extras->status = true;
        extras->response = extension->status_request.response;
    }
}

/* ASN.1Cert certificate_list<0..2^24-1>: RFC 5246 7.4.2; empty only from a client. */
void certificate_walk(Wire *wire, const WalkContext *context, Message *message)
{
    CertificateMessage *certificate = &message->certificate;
    bool tls13 = context->version >= VERSION_TLS_1_3;
    size_t i = 0;
    if (tls13)
        wire_vector(wire, "certificate_request_context", 1, 0, LENGTH_8,
                    &certificate->request_context);
    wire_open(wire, "certificate_list", -1, 3, 0, LENGTH_24);
    for (; wire_more(wire, i, certificate->count); i++) {
        wire_check(wire, i < CERTIFICATES_MOST, "more certificates than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "certificate", (int)i, 0, 0, 0);
        wire_vector(wire, tls13 ? "cert_data" : "ASN.1Cert", 3, 1, LENGTH_24,
                    &certificate->list[i]);
        if (tls13)
            extras_walk(wire, context, &certificate->extras[i]);
        wire_close(wire);
    }
    certificate->count = i;
    wire_close(wire);
}

void compressed_certificate_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)context;
    CompressedCertificate *compressed = &message->compressed_certificate;
    wire_u16(wire, "algorithm", NUMBER_CERTIFICATE_COMPRESSION, &compressed->algorithm);
    wire_u24(wire, "uncompressed_length", NUMBER_PLAIN, &compressed->uncompressed_length);
    wire_vector(wire, "compressed_certificate_message", 3, 1, LENGTH_24, &compressed->compressed);
}

static void authorities_walk(Wire *wire, CertificateRequest *request)
{
    size_t i = 0;
    wire_open(wire, "certificate_authorities", -1, 2, 0, LENGTH_16);
    for (; wire_more(wire, i, request->count); i++) {
        wire_check(wire, i < AUTHORITIES_MOST, "more authorities than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "authority", (int)i, 0, 0, 0);
        wire_vector(wire, "DistinguishedName", 2, 1, LENGTH_16,
                    &request->certificate_authorities[i]);
        wire_close(wire);
    }
    request->count = i;
    wire_close(wire);
}

void certificate_request_walk(Wire *wire, const WalkContext *context, Message *message)
{
    CertificateRequest *request = &message->certificate_request;
    if (context->version >= VERSION_TLS_1_3) { /* RFC 8446 4.3.2 */
        wire_vector(wire, "certificate_request_context", 1, 0, LENGTH_8, &request->request_context);
        extensions_block_walk(wire, context, &request->extensions);
        return;
    }
    wire_numbers(wire, "certificate_types", 1, 1, NUMBER_CERT_TYPE, 1, LENGTH_8,
                 &request->certificate_types);
    if (context->version >= VERSION_TLS_1_2)
        wire_numbers(wire, "supported_signature_algorithms", 2, 2, NUMBER_SIGNATURE_SCHEME, 2,
                     LENGTH_16 - 1, &request->supported_signature_algorithms);
    authorities_walk(wire, request);
}

void certificate_verify_walk(Wire *wire, const WalkContext *context, Message *message)
{
    CertificateVerify *verify = &message->certificate_verify;
    if (context->version >= VERSION_TLS_1_2) /* RFC 5246 7.4.8 */
        wire_u16(wire, "algorithm", NUMBER_SIGNATURE_SCHEME, &verify->algorithm);
    wire_vector(wire, "signature", 2, 0, LENGTH_16, &verify->signature);
}

/* struct { CertificateStatusType status_type; OCSPResponse response; }: RFC 6066 8 */
void certificate_status_walk(Wire *wire, const WalkContext *context, Message *message)
{
    (void)context;
    CertificateStatus *status = &message->certificate_status;
    wire_u8(wire, "status_type", NUMBER_STATUS_TYPE, &status->status_type);
    wire_check(wire, status->status_type == STATUS_TYPE_OCSP, "its status_type is not ocsp");
    wire_vector(wire, "OCSPResponse", 3, 1, LENGTH_24, &status->response);
}
