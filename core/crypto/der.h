/* DER (ITU-T X.690), as much as keys and certificates need: definite lengths, tags of one byte. */
#pragma once

#include "core/base/bytes.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_TELETEX_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,             /* [n], primitive */
    DER_CONTEXT_CONSTRUCTED = 0xa0, /* [n], constructed */
};

typedef struct {
    uint8_t tag;
    Bytes content;
    Bytes whole; /* with tag and length */
} Der;

/* Takes the next element off `rest`; false when there is no whole one, or its length is not in its
 * shortest form. */
bool der_next(Bytes *rest, Der *element);

/* The same, and false when its tag is another (then `rest` stays as it was). */
bool der_take(Bytes *rest, uint8_t tag, Bytes *content);

/* A non-negative INTEGER in its shortest form; `number` is big-endian, without leading zeros. */
bool der_take_number(Bytes *rest, Bytes *number);

/* The bits of a BIT STRING that holds whole bytes. */
bool der_take_bits(Bytes *rest, Bytes *bits);

/* Opens a constructed (or any) element at the end of `output`; what is appended until der_close()
 * is its content. */
size_t der_open(GByteArray *output, uint8_t tag);
void der_close(GByteArray *output, size_t opened);

/* One whole element. */
void der_put(GByteArray *output, uint8_t tag, Bytes content);
/* An INTEGER from a non-negative big-endian number. */
void der_put_number(GByteArray *output, Bytes number);
/* A BIT STRING of whole bytes. */
void der_put_bits(GByteArray *output, Bytes bits);

/* "1.2.840.113549" of the content of an OID; NULL when it is malformed. Free with g_free. */
char *der_oid_text(Bytes oid);

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them: in UTC, to the second. `seconds` since
 * 1970. */
bool der_take_time(Bytes *rest, int64_t *seconds);
/* GeneralizedTime, or with `may_be_short` UTCTime where RFC 5280 4.1.2.5 has it. False for a time
 * beyond the years 1 to 9999. */
bool der_put_time(GByteArray *output, int64_t seconds, bool may_be_short);
