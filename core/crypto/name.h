/* Distinguished names: between RFC 4514 text and DER (RFC 5280 4.1.2.4). */
#pragma once

#include "core/base/bytes.h"
#include "core/base/fault.h"

enum {
    NAME_PARTS_MOST = 32,    /* attributes of a name: those in use have 3 to 10 */
    NAME_VALUE_MOST = 32768, /* bytes of a value: RFC 5280 A.1, ub-name, is the longest bound */
};

/* DER of a name such as "CN=Alice, O=Lab" (spaces after a comma are allowed); the first part of the
 * text stands last in DER (RFC 4514 2.1). NULL and a fault (FAULT_OF_USER) when it is malformed. */
GByteArray *name_encode(const char *text, Fault *fault);

/* RFC 4514 text of the DER of a Name, UTF-8, "CN=Alice,O=Lab"; NULL when it is malformed. Free with
 * g_free. */
char *name_text(Bytes der);

/* The same name in its one canonical spelling, "CN=Alice,O=Lab", for comparing; NULL when it is
 * malformed. Free with g_free. */
char *name_canonical(const char *text);

/* Whether two names are one: equal DER, or equal text but for case and runs of spaces (RFC 5280
 * 7.1). */
bool name_equal(Bytes a, Bytes b);

/* The value of the most specific commonName, a view into `der`; false when there is none. */
bool name_common_name(Bytes der, Bytes *value);

/* The offset in `der` of the last byte of the most specific attribute's value; false when there is
 * none. */
bool name_last_byte(Bytes der, size_t *offset);
