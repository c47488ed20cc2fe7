/* Shown: what a trace tells of a certificate. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/engine/trace.h"

/* Its names, times, key and prints, at that place of its chain (0: whose it is); no check's result.
 * The event that it is given to frees it. RFC 5280 4.1. */
TraceCertificate *shown_certificate(const Certificate *certificate, int position);
