/* What a trace tells of a certificate: in words, so that whoever shows it needs no cryptography.
 *
 * Both who receives a certificate and who watches one pass by tell it so. This file checks nothing.
 * RFC 5280 4.1.
 */
#include "core/engine/shown.h"

TraceCertificate *shown_certificate(const Certificate *certificate, int position)
{
    TraceCertificate *shown = trace_certificate_new();
    const PublicKey *key = certificate_key(certificate);
    shown->subject = g_strdup(certificate_subject(certificate));
    shown->issuer = g_strdup(certificate_issuer(certificate));
    shown->serial = g_strdup(certificate_serial(certificate));
    shown->names = g_strdup(certificate_names(certificate));
    certificate_validity(certificate, &shown->not_before, &shown->not_after);
    shown->key = public_key_text(key);
    shown->key_fingerprint = public_key_fingerprint(key);
    shown->fingerprint = g_strdup(certificate_fingerprint(certificate));
    shown->signature = g_strdup(certificate_signature_name(certificate));
    shown->position = position;
    return shown;
}
