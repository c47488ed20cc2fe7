/* Protection: seals and opens records under one set of keys, in one direction. Null, stream, CBC
 * with chained IV and with explicit IV; SSL 3.0's MAC and padding and TLS's. Sources: RFC 6101
 * 5.2.3; RFC 2246 6.2.3; RFC 4346 6.2.3; RFC 5246 6.2.3. */
#pragma once

#include "core/crypto/meter.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"

typedef struct Protection Protection;

/* `iv` is used by chained CBC alone. `random` gives explicit IVs ("record_iv") and SSL 3.0's
 * padding; it and `meter` (may be NULL) must outlive the protection. */
Protection *protection_new(const Version *version, const Suite *suite, Bytes mac_secret, Bytes key,
                           Bytes iv, Random *random, Meter *meter, Fault *fault);
void protection_free(Protection *protection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Protection, protection_free)

/* Appends the fragment of one record that carries `plaintext` to `output`. The sequence number goes
 * up. `wire_version` is the record header's. */
bool protection_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, GByteArray *output, Fault *fault);

/* Appends the plaintext of a fragment to `output`. bad_record_mac for a wrong MAC, wrong padding
 * and a length that is no whole number of blocks alike (RFC 5246 7.2.2), record_overflow for a
 * plaintext over 2^14. The MAC is computed whatever the padding says (RFC 5246 6.2.3.2). */
bool protection_open(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault);

/* What the record sealed last was made of besides its plaintext, before it was encrypted: for the
 * lesson. Views that live until the next record; no bytes where the suite or version has none. */
typedef struct {
    Bytes iv; /* explicit (TLS 1.1 on) */
    Bytes mac;
    Bytes padding; /* with the padding_length at its end */
} RecordParts;
RecordParts protection_parts(const Protection *protection);

/* Records sealed or opened so far: the next sequence number. */
uint64_t protection_sequence(const Protection *protection);
