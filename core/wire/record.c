/* Record framing: a header of five bytes, or of two or three in SSL 2.0, and a fragment.
 *
 * This file finds where records begin and end, and refuses what is no record of this family. It
 * knows no keys: a protected fragment is bytes to it. Which version a header must carry once one is
 * negotiated is the engine's to judge.
 *
 * Obeys RFC 5246 6.2.1 to 6.2.3, Appendix E.1 (any major version 3 in a first record) and E.2
 * (hellos in the format of SSL 2.0), RFC 6101 5.2.1, draft-hickman-netscape-ssl 1.1.
 */
#include "core/wire/record.h"

/* A high bit set in the first byte: a length of 15 bits and no padding; else 14 bits, a bit for
 * escapes, and a byte that counts the padding (draft-hickman-netscape-ssl 1.1). */
static RecordResult ssl2_split(Bytes input, Record *record, size_t *used)
{
    if (input.size < SSL2_HEADER_SIZE)
        return RECORD_MORE;
    bool padded = (input.data[0] & 0x80) == 0;
    size_t header = padded ? SSL2_HEADER_SIZE + 1 : SSL2_HEADER_SIZE;
    size_t size = bytes_number(bytes_slice(input, 0, 2)) & (padded ? 0x3fff : 0x7fff);
    if (input.size < header || input.size - header < size)
        return RECORD_MORE;
    *record = (Record){
        .type = CONTENT_HANDSHAKE,
        .ssl2 = true,
        .padding = padded ? input.data[2] : 0,
        .fragment = bytes_slice(input, header, size),
    };
    *used = header + size;
    return RECORD_WHOLE;
}

static bool is_ssl2(Bytes input, Framing framing)
{
    return framing == FRAMING_SSL2 ||
           (framing == FRAMING_FIRST && input.size > 0 && (input.data[0] & 0x80) != 0);
}

RecordResult record_split(Bytes input, Framing framing, Record *record, size_t *used)
{
    if (is_ssl2(input, framing))
        return ssl2_split(input, record, used);
    if (input.size < RECORD_HEADER_SIZE)
        return RECORD_MORE;
    size_t size = bytes_number(bytes_slice(input, 3, 2));
    if (input.size - RECORD_HEADER_SIZE < size)
        return RECORD_MORE;
    *record = (Record){
        .type = input.data[0],
        .version = (ProtocolVersion)bytes_number(bytes_slice(input, 1, 2)),
        .fragment = bytes_slice(input, RECORD_HEADER_SIZE, size),
    };
    *used = RECORD_HEADER_SIZE + size;
    return RECORD_WHOLE;
}

static RecordResult ssl2_read(Bytes input, Record *record, size_t *used, Fault *fault)
{
    RecordResult result = ssl2_split(input, record, used);
    if (result != RECORD_WHOLE)
        return result;
    if (record->fragment.size > 0 && record->padding < record->fragment.size)
        return RECORD_WHOLE;
    fault_peer(fault, ALERT_DECODE_ERROR, "draft-hickman-netscape-ssl 1.1",
               "a record of %zu bytes came, of which %u are said to be padding",
               record->fragment.size, record->padding);
    return RECORD_REFUSED;
}

RecordResult record_read(Bytes input, Framing framing, Record *record, size_t *used, Fault *fault)
{
    if (input.size == 0)
        return RECORD_MORE;
    if (is_ssl2(input, framing))
        return ssl2_read(input, record, used, fault);
    if (input.data[0] < CONTENT_CHANGE_CIPHER_SPEC || input.data[0] > CONTENT_HEARTBEAT) {
        /* RFC 5246 6: an unexpected record type is an unexpected_message */
        fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 5246 6",
                   "a record of content type %u came, which SSL and TLS do not have",
                   input.data[0]);
        return RECORD_REFUSED;
    }
    if (input.size >= 2 && input.data[1] != VERSION_SSL_3_0 >> 8) {
        fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.1",
                   "a record of version %u.%u came: its major version is not 3", input.data[1],
                   input.size > 2 ? input.data[2] : 0u);
        return RECORD_REFUSED;
    }
    if (input.size >= RECORD_HEADER_SIZE) {
        unsigned size = (unsigned)bytes_number(bytes_slice(input, 3, 2));
        if (size > RECORD_CIPHERTEXT_MOST) { /* RFC 5246 6.2.3 */
            fault_peer(fault, ALERT_RECORD_OVERFLOW, "RFC 5246 6.2.3",
                       "a record of %u bytes came; %u is the most", size, RECORD_CIPHERTEXT_MOST);
            return RECORD_REFUSED;
        }
    }
    return record_split(input, FRAMING_TLS, record, used);
}

void record_write(GByteArray *output, uint8_t type, ProtocolVersion version, Bytes fragment)
{
    g_assert(fragment.size <= UINT16_MAX);
    const uint8_t header[RECORD_HEADER_SIZE] = {type, (uint8_t)(version >> 8), (uint8_t)version,
                                                (uint8_t)(fragment.size >> 8),
                                                (uint8_t)fragment.size};
    g_byte_array_append(output, header, sizeof header);
    bytes_append(output, fragment);
}

void ssl2_record_write(GByteArray *output, Bytes fragment, uint8_t padding)
{
    g_assert(fragment.size <= (padding > 0 ? SSL2_RECORD_MOST / 2 : SSL2_RECORD_MOST));
    const uint8_t header[] = {
        (uint8_t)(fragment.size >> 8 | (padding > 0 ? 0 : 0x80)),
        (uint8_t)fragment.size,
        padding,
    };
    g_byte_array_append(output, header, padding > 0 ? SSL2_HEADER_SIZE + 1 : SSL2_HEADER_SIZE);
    bytes_append(output, fragment);
}
