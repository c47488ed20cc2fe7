/* Record framing (RFC 5246 6.2.1; RFC 6101 5.2.1): header, fragment; knows neither keys nor order.
 */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/numbers.h"

enum {
    RECORD_HEADER_SIZE = 5,
    RECORD_PLAINTEXT_MOST = 16384,         /* 2^14: RFC 5246 6.2.1 */
    RECORD_CIPHERTEXT_MOST = 16384 + 2048, /* RFC 5246 6.2.3 */
};

typedef struct {
    uint8_t type;
    ProtocolVersion version;
    Bytes fragment; /* a view into what was read */
} Record;

typedef enum {
    RECORD_WHOLE,   /* `record` and `used` are filled */
    RECORD_MORE,    /* more bytes are needed */
    RECORD_REFUSED, /* `fault` says why */
} RecordResult;

/* Takes the first record off `input`. Refuses an unknown content type (unexpected_message), a
 * version whose major number is not 3 (protocol_version) and a length over RECORD_CIPHERTEXT_MOST
 * (record_overflow); the first two as soon as their bytes are there. */
RecordResult record_read(Bytes input, Record *record, size_t *used, Fault *fault);

/* The same by length alone: for whoever carries records and judges nothing. */
RecordResult record_split(Bytes input, Record *record, size_t *used);

/* Appends header and fragment. */
void record_write(GByteArray *output, uint8_t type, ProtocolVersion version, Bytes fragment);
