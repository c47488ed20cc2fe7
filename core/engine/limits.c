/* The limits of an endpoint, as a table that `show limits` prints and a test goes beyond.
 *
 * A limit is here when a peer could otherwise make this side hold or do without end. The two record
 * limits are the RFC's own (RFC 5246 6.2.1, 6.2.3); the others are ours, well above what honest
 * peers send and well below what hurts.
 */
#include "core/engine/limits.h"

#include <glib.h>

#include "core/wire/message.h"
#include "core/wire/record.h"

G_STATIC_ASSERT((int)LIMIT_RECORD_CIPHERTEXT == (int)RECORD_CIPHERTEXT_MOST);
G_STATIC_ASSERT((int)LIMIT_RECORD_PLAINTEXT == (int)RECORD_PLAINTEXT_MOST);
G_STATIC_ASSERT((int)LIMIT_CERTIFICATES == (int)CERTIFICATES_MOST);
G_STATIC_ASSERT((int)LIMIT_UNKNOWN_EXTENSIONS == (int)UNKNOWN_EXTENSIONS_MOST);
G_STATIC_ASSERT((int)LIMIT_AUTHORITIES == (int)AUTHORITIES_MOST);

/* clang-format off */
static const Limit limits[] = {
    {"record ciphertext", LIMIT_RECORD_CIPHERTEXT, "bytes", "record_overflow",
     "2^14 + 2048: RFC 5246 6.2.3"},
    {"record plaintext", LIMIT_RECORD_PLAINTEXT, "bytes", "record_overflow",
     "2^14: RFC 5246 6.2.1"},
    {"handshake message", LIMIT_HANDSHAKE_MESSAGE, "bytes", "illegal_parameter",
     "a chain of 16 large certificates fits; 2^24, which the length allows, would be held in memory"},
    {"certificates in a chain", LIMIT_CERTIFICATES, "certificates", "illegal_parameter",
     "public chains have 2 to 5; each costs a signature to check"},
    {"unknown extensions kept", LIMIT_UNKNOWN_EXTENSIONS, "a message", "ignored",
     "as all of them are in a hello (RFC 8446 4.1.2); today's clients send some 20, known and unknown"},
    {"authorities in a request", LIMIT_AUTHORITIES, "names", "illegal_parameter",
     "large public trust stores hold some 150"},
    {"warnings in a row", LIMIT_WARNINGS, "alerts", "unexpected_message",
     "each keeps the connection alive without moving it: CVE-2016-8610"},
    {"empty records in a row", LIMIT_EMPTY_RECORDS, "records", "unexpected_message",
     "legal for application data (RFC 5246 6.2.1), but each costs a MAC and moves nothing"},
    {"requests to renegotiate", LIMIT_HELLO_REQUESTS, "in a row", "unexpected_message",
     "each may be refused (RFC 5246 7.2.2), but not for ever"},
    {"handshakes on a connection", LIMIT_HANDSHAKES, "handshakes", "no_renegotiation",
     "renegotiation costs a server a private operation each: CVE-2011-1473"},
    {"KeyUpdates in a row", LIMIT_KEY_UPDATES, "messages", "unexpected_message",
     "each costs new keys, and one in answer (RFC 8446 4.6.3), and moves nothing"},
    {"ChangeCipherSpecs dropped", LIMIT_CHANGE_CIPHER_SPECS, "records", "unexpected_message",
     "one says all that TLS 1.3 means by it (RFC 8446 5, D.4), but no number is given"},
    {"early data passed over", LIMIT_EARLY_DATA_SKIPPED, "bytes", "unexpected_message",
     "what is not taken is not read (RFC 8446 4.2.10), but each record costs a try to open it"},
};
/* clang-format on */

const Limit *limits_table(size_t *count)
{
    *count = G_N_ELEMENTS(limits);
    return limits;
}
