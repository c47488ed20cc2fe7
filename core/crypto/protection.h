/* Protection: seals and opens records under one set of keys, in one direction. Null, stream, CBC
 * with chained IV and with explicit IV; SSL 3.0's MAC and padding and TLS's; encrypt-then-MAC;
 * AEAD. SSL 2.0's records are ssl2.h's. Sources: RFC 6101 5.2.3; RFC 2246 6.2.3; RFC 4346 6.2.3;
 * RFC 5246 6.2.3; RFC 7366 3; RFC 8446 5.2 to 5.4. */
#pragma once

#include "core/crypto/meter.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"

typedef struct Protection Protection;

/* What a protection is made of. Views: copied. */
typedef struct {
    const Version *version;
    const Suite *suite;
    Bytes mac_secret; /* none for AEAD */
    Bytes key;
    Bytes iv;              /* chained CBC, AEAD (4 bytes of salt or 12); no bytes otherwise */
    bool encrypt_then_mac; /* RFC 7366; CBC alone */
} ProtectionKeys;

/* `random` gives explicit IVs ("record_iv") and SSL 3.0's padding; it and `meter` (may be NULL)
 * must outlive the protection. The explicit nonce of GCM and CCM in TLS 1.2 is the sequence number
 * (RFC 5288 3), where "record_nonce" is not pinned. */
Protection *protection_new(const ProtectionKeys *keys, Random *random, Meter *meter, Fault *fault);
void protection_free(Protection *protection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Protection, protection_free)

/* Appends the fragment of one record that carries `plaintext` to `output`. The sequence number goes
 * up. `wire_version` is the record header's. */
bool protection_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                     Bytes plaintext, size_t padding, GByteArray *output, Fault *fault);
/* `padding`: bytes of zeros behind the content type (TLS 1.3 alone: RFC 8446 5.4); 0 otherwise.
 *
 * In TLS 1.3 the type is protected: TLSInnerPlaintext (RFC 8446 5.2). The additional data is the
 * record's header as it will stand: application_data, `wire_version`, the length. */

/* The type that the header shows for a record of this type: application_data in TLS 1.3. */
ContentType protection_outer_type(const Protection *protection, ContentType type);

/* Appends the plaintext of a fragment to `output`. bad_record_mac for a wrong MAC, wrong padding
 * and a length that is no whole number of blocks alike (RFC 5246 7.2.2), record_overflow for a
 * plaintext over 2^14. The MAC is computed whatever the padding says (RFC 5246 6.2.3.2). */
bool protection_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                     Bytes fragment, GByteArray *output, Fault *fault);
/* `type` is the header's, and becomes the content's: in TLS 1.3 that of TLSInnerPlaintext
 * (unexpected_message when there is none but zeros: RFC 8446 5.4). AEAD failures are
 * bad_record_mac. After a failure the protection may be asked again with another record: the
 * sequence number has not moved (a server that skips rejected early data does so: RFC 8446 4.2.10).
 * In TLS 1.3 a ciphertext over 2^14 + 256 and an inner plaintext over 2^14 + 1 are record_overflow
 * (RFC 8446 5.2, 5.4). */

/* What of a record counts against a record_size_limit (RFC 8449 4), the content type apart: the
 * plaintext that its fragment opened to, and in TLS 1.3 the padding with it. */
size_t protection_counted(const Protection *protection, size_t fragment, size_t opened);

/* What the record sealed last was made of besides its plaintext, before it was encrypted: for the
 * lesson. Views that live until the next record; no bytes where the suite or version has none. */
typedef struct {
    Bytes iv;      /* explicit (TLS 1.1 on); AEAD: the nonce's explicit part */
    Bytes mac;     /* AEAD: the tag */
    Bytes padding; /* with the padding_length at its end; TLS 1.3: the zeros */
} RecordParts;
RecordParts protection_parts(const Protection *protection);

/* Records sealed or opened so far: the next sequence number. */
uint64_t protection_sequence(const Protection *protection);
