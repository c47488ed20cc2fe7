/* Record framing: five bytes of header and a fragment.
 *
 * This file finds where records begin and end, and refuses what is no record of this family. It
 * knows no keys: a protected fragment is bytes to it. Which version a header must carry once one is
 * negotiated is the engine's to judge.
 *
 * Obeys RFC 5246 6.2.1 to 6.2.3 and Appendix E.1 (any major version 3 in a first record), RFC 6101
 * 5.2.1.
 */
#include "core/wire/record.h"

RecordResult record_split(Bytes input, Record *record, size_t *used)
{
    if (input.size < RECORD_HEADER_SIZE)
        return RECORD_MORE;
    size_t size = bytes_number(bytes_slice(input, 3, 2));
    if (input.size - RECORD_HEADER_SIZE < size)
        return RECORD_MORE;
    record->type = input.data[0];
    record->version = (ProtocolVersion)bytes_number(bytes_slice(input, 1, 2));
    record->fragment = bytes_slice(input, RECORD_HEADER_SIZE, size);
    *used = RECORD_HEADER_SIZE + size;
    return RECORD_WHOLE;
}

RecordResult record_read(Bytes input, Record *record, size_t *used, Fault *fault)
{
    if (input.size == 0)
        return RECORD_MORE;
    if (input.data[0] < CONTENT_CHANGE_CIPHER_SPEC || input.data[0] > CONTENT_APPLICATION_DATA) {
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
    return record_split(input, record, used);
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
