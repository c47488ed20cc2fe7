/* Record protection by authenticated encryption, of TLS 1.2 and of TLS 1.3.
 *
 * In TLS 1.2 the pseudo header that a MAC would cover is the additional data, and GCM and CCM send
 * half of their nonce ahead of the record: the sequence number, unless a scenario pins it (a nonce
 * twice under one key gives GCM's authentication away). ChaCha20-Poly1305, and in TLS 1.3
 * everything, XORs the sequence number into an IV instead and sends nothing. TLS 1.3 also hides the
 * type of the content behind its plaintext, with as many zeros after it as the sender likes; its
 * additional data is the header as it stands.
 *
 * Obeys RFC 5246 6.2.3.3; RFC 5288 3; RFC 6655 3; RFC 7905 2; RFC 8446 5.2, 5.3, 5.4.
 */
#include <string.h>

#include "core/crypto/protection-parts.h"
#include "core/wire/record.h"

enum {
    TLS13_INNER_MOST = RECORD_PLAINTEXT_MOST + 1, /* RFC 8446 5.4 */
    TLS13_HEADER_SIZE = RECORD_HEADER_SIZE,
};

static size_t tag_size(const Protection *protection)
{
    return cipher_row(protection->suite->cipher)->tag_size;
}

static void count(Protection *protection, size_t size)
{
    if (protection->meter != NULL)
        protection->meter->cipher_bytes += size;
}

/* The nonce of the next record; `sent` is its explicit part, no bytes where it has none. */
static void make_nonce(const Protection *protection, Bytes sent, uint8_t nonce[AEAD_NONCE_SIZE])
{
    uint8_t sequence[SEQUENCE_SIZE];
    memcpy(nonce, protection->fixed_iv, AEAD_NONCE_SIZE);
    if (sent.size > 0) { /* RFC 5288 3: salt and nonce_explicit */
        memcpy(nonce + AEAD_NONCE_SIZE - EXPLICIT_NONCE_SIZE, sent.data, EXPLICIT_NONCE_SIZE);
        return;
    }
    sequence_bytes(protection, sequence);
    for (size_t i = 0; i < SEQUENCE_SIZE; i++) /* RFC 7905 2, RFC 8446 5.3 */
        nonce[AEAD_NONCE_SIZE - SEQUENCE_SIZE + i] ^= sequence[i];
}

static size_t explicit_nonce_size(const Protection *protection)
{
    bool sent = cipher_row(protection->suite->cipher)->nonce == NONCE_EXPLICIT;
    return sent ? EXPLICIT_NONCE_SIZE : 0;
}

static bool tls12_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                       Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    (void)zeros;
    (void)fault;
    size_t sent_size = explicit_nonce_size(protection), first = output->len;
    uint8_t nonce[AEAD_NONCE_SIZE], additional[PSEUDO_HEADER_MOST];
    /* RFC 5246 6.2.3.3: the length of the plaintext */
    size_t header = pseudo_header(protection, type, wire_version, plaintext.size, additional);
    g_byte_array_set_size(output,
                          (guint)(first + sent_size + plaintext.size + tag_size(protection)));
    uint8_t *sent = output->data + first, *body = sent + sent_size, *tag = body + plaintext.size;
    if (sent_size > 0 && random_is_pinned(protection->random, "record_nonce"))
        random_fill(protection->random, "record_nonce", sent, sent_size);
    else if (sent_size > 0)
        sequence_bytes(protection, sent); /* RFC 5288 3: may be the sequence number */
    make_nonce(protection, bytes_make(sent, sent_size), nonce);
    count(protection, plaintext.size);
    if (!aead_seal(protection->aead, nonce, bytes_make(additional, header), plaintext, body, tag))
        return false;
    keep_parts(protection, bytes_make(sent, sent_size), bytes_make(tag, tag_size(protection)),
               BYTES_NONE);
    return true;
}

static bool tls12_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                       Bytes fragment, GByteArray *output, Fault *fault)
{
    size_t sent_size = explicit_nonce_size(protection), first = output->len;
    size_t extra = sent_size + tag_size(protection);
    uint8_t nonce[AEAD_NONCE_SIZE], additional[PSEUDO_HEADER_MOST];
    if (fragment.size > RECORD_CIPHERTEXT_MOST || fragment.size < extra)
        return bad_record(fault);
    Bytes body = bytes_slice(fragment, sent_size, fragment.size - extra);
    size_t header = pseudo_header(protection, *type, wire_version, body.size, additional);
    make_nonce(protection, bytes_slice(fragment, 0, sent_size), nonce);
    g_byte_array_set_size(output, (guint)(first + body.size));
    count(protection, body.size);
    if (!aead_open(protection->aead, nonce, bytes_make(additional, header), body,
                   body.data + body.size, output->data + first))
        return bad_record(fault); /* RFC 5246 6.2.3.3 */
    return true;
}

const Sealing sealing_aead = {tls12_seal, tls12_open};

/* RFC 8446 5.2: opaque_type, legacy_record_version, length */
static Bytes tls13_header(uint8_t type, ProtocolVersion wire_version, size_t length,
                          uint8_t header[TLS13_HEADER_SIZE])
{
    header[0] = type;
    header[1] = (uint8_t)(wire_version >> 8);
    header[2] = (uint8_t)wire_version;
    header[3] = (uint8_t)(length >> 8);
    header[4] = (uint8_t)length;
    return bytes_make(header, TLS13_HEADER_SIZE);
}

static bool tls13_seal(Protection *protection, ContentType type, ProtocolVersion wire_version,
                       Bytes plaintext, size_t zeros, GByteArray *output, Fault *fault)
{
    (void)fault;
    size_t first = output->len, size = plaintext.size + 1 + zeros;
    uint8_t nonce[AEAD_NONCE_SIZE], header[TLS13_HEADER_SIZE];
    g_byte_array_set_size(output, (guint)(first + size + tag_size(protection)));
    uint8_t *inner = output->data + first, *tag = inner + size;
    if (plaintext.size > 0)
        memcpy(inner, plaintext.data, plaintext.size);
    inner[plaintext.size] = (uint8_t)type; /* RFC 8446 5.2: TLSInnerPlaintext */
    memset(inner + plaintext.size + 1, 0, zeros);
    make_nonce(protection, BYTES_NONE, nonce);
    Bytes additional =
        tls13_header(CONTENT_APPLICATION_DATA, wire_version, size + tag_size(protection), header);
    count(protection, size);
    if (!aead_seal(protection->aead, nonce, additional, bytes_make(inner, size), inner, tag))
        return false;
    keep_parts(protection, BYTES_NONE, bytes_make(tag, tag_size(protection)), BYTES_NONE);
    protection->last_zeros = zeros;
    return true;
}

/* Takes padding and type off what was opened from `first` on. */
static bool strip_inner(GByteArray *output, size_t first, ContentType *type, Fault *fault)
{
    size_t end = output->len;
    if (end - first > TLS13_INNER_MOST) /* RFC 8446 5.4 */
        return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 8446 5.4",
                          "a TLSInnerPlaintext has %zu bytes, more than 2^14 + 1", end - first);
    while (end > first && output->data[end - 1] == 0)
        end--;
    if (end == first) /* RFC 8446 5.4 */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.4",
                          "a TLSInnerPlaintext is nothing but zeros: it has no content type");
    *type = output->data[end - 1];
    g_byte_array_set_size(output, (guint)(end - 1));
    if (end - 1 == first && (*type == CONTENT_HANDSHAKE || *type == CONTENT_ALERT))
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.4",
                          "a record of type %s has no content",
                          number_text(NUMBER_CONTENT_TYPE, *type));
    return true;
}

static bool tls13_open(Protection *protection, ContentType *type, ProtocolVersion wire_version,
                       Bytes fragment, GByteArray *output, Fault *fault)
{
    size_t first = output->len, tag = tag_size(protection);
    uint8_t nonce[AEAD_NONCE_SIZE], header[TLS13_HEADER_SIZE];
    ContentType inner = *type;
    if (fragment.size > RECORD_TLS13_MOST) /* RFC 8446 5.2 */
        return fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 8446 5.2",
                          "a TLSCiphertext has %zu bytes, more than 2^14 + 256", fragment.size);
    if (fragment.size < tag)
        return bad_record(fault);
    Bytes body = bytes_slice(fragment, 0, fragment.size - tag);
    Bytes additional = tls13_header((uint8_t)*type, wire_version, fragment.size, header);
    make_nonce(protection, BYTES_NONE, nonce);
    g_byte_array_set_size(output, (guint)(first + body.size));
    count(protection, body.size);
    if (!aead_open(protection->aead, nonce, additional, body, body.data + body.size,
                   output->data + first))
        return bad_record(fault); /* RFC 8446 5.2 */
    if (!strip_inner(output, first, &inner, fault))
        return false;
    *type = inner;
    return true;
}

size_t protection_counted(const Protection *protection, size_t fragment, size_t opened)
{
    return protection->sealing == &sealing_tls13 ? fragment - tag_size(protection) - 1 : opened;
}

const Sealing sealing_tls13 = {tls13_seal, tls13_open};
