/* Record framing (RFC 5246 6.2.1; RFC 6101 5.2.1; SSL 2.0: draft-hickman-netscape-ssl 1.1): header,
 * fragment; knows neither keys nor order. */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/numbers.h"

enum {
    RECORD_HEADER_SIZE = 5,
    RECORD_PLAINTEXT_MOST = 16384,         /* 2^14: RFC 5246 6.2.1 */
    RECORD_CIPHERTEXT_MOST = 16384 + 2048, /* RFC 5246 6.2.3 */
    RECORD_TLS13_MOST = 16384 + 256,       /* the same in TLS 1.3: RFC 8446 5.2 */
    SSL2_HEADER_SIZE = 2,                  /* 3 with padding */
    SSL2_RECORD_MOST = 32767,              /* 2^15 - 1; 2^14 - 1 with padding */
};

/* How the next record is framed. */
typedef enum {
    FRAMING_TLS,   /* SSL 3.0 and later: five bytes of header */
    FRAMING_SSL2,  /* two, or three with padding */
    FRAMING_FIRST, /* a client's first record may be either (RFC 5246 E.2) */
} Framing;

typedef struct {
    uint8_t type;
    ProtocolVersion version;
    bool ssl2;       /* then it has neither type nor version: */
    uint8_t padding; /* bytes of padding at the end of the fragment */
    Bytes fragment;  /* a view into what was read */
} Record;

typedef enum {
    RECORD_WHOLE,   /* `record` and `used` are filled */
    RECORD_MORE,    /* more bytes are needed */
    RECORD_REFUSED, /* `fault` says why */
} RecordResult;

/* Takes the first record off `input`. Refuses an unknown content type (unexpected_message), a
 * version whose major number is not 3 (protocol_version) and a length over RECORD_CIPHERTEXT_MOST
 * (record_overflow); the first two as soon as their bytes are there. */
RecordResult record_read(Bytes input, Framing framing, Record *record, size_t *used, Fault *fault);

/* The same by length alone: for whoever carries records and judges nothing. */
RecordResult record_split(Bytes input, Framing framing, Record *record, size_t *used);

/* Appends header and fragment. */
void record_write(GByteArray *output, uint8_t type, ProtocolVersion version, Bytes fragment);

/* The same for SSL 2.0: `padding` bytes of the fragment are padding. */
void ssl2_record_write(GByteArray *output, Bytes fragment, uint8_t padding);
