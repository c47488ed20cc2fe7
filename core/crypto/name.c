/* Distinguished names: text to DER and back.
 *
 * People write "CN=Alice, O=Lab", most specific part first; DER has it the other way round (RFC
 * 4514 2.1). What is written goes out as UTF8String, but for the two attributes whose syntax RFC
 * 5280 fixes; what is read may be any of the string types of thirty years.
 *
 * This file knows no certificate. Obeys RFC 4514 2 and 3, RFC 5280 4.1.2.4, 7.1 and A.1.
 */
#include "core/crypto/name.h"

#include <string.h>

#include "core/crypto/der.h"

typedef struct {
    const char *name; /* RFC 4514 3, RFC 4519 */
    const char *oid;  /* DER content */
    uint8_t oid_size;
    uint8_t tag; /* of a value that is written */
} Attribute;

/* clang-format off */
static const Attribute attributes[] = {
    {"CN", "\x55\x04\x03", 3, DER_UTF8_STRING},
    {"L", "\x55\x04\x07", 3, DER_UTF8_STRING},
    {"ST", "\x55\x04\x08", 3, DER_UTF8_STRING},
    {"O", "\x55\x04\x0a", 3, DER_UTF8_STRING},
    {"OU", "\x55\x04\x0b", 3, DER_UTF8_STRING},
    {"C", "\x55\x04\x06", 3, DER_PRINTABLE_STRING},
    {"STREET", "\x55\x04\x09", 3, DER_UTF8_STRING},
    {"SN", "\x55\x04\x04", 3, DER_UTF8_STRING},
    {"GN", "\x55\x04\x2a", 3, DER_UTF8_STRING},
    {"serialNumber", "\x55\x04\x05", 3, DER_PRINTABLE_STRING},
    {"title", "\x55\x04\x0c", 3, DER_UTF8_STRING},
    {"DC", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", 10, DER_IA5_STRING},
    {"UID", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", 10, DER_UTF8_STRING},
    {"emailAddress", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9, DER_IA5_STRING},
};
/* clang-format on */

/* One AttributeTypeAndValue. */
typedef struct {
    Bytes oid;
    uint8_t tag;
    Bytes value; /* a view */
    bool joined; /* shares its RelativeDistinguishedName with the one before */
} Part;

typedef struct {
    Part parts[NAME_PARTS_MOST];
    size_t count;
} Parts;

/* --- text to DER --- */

static bool parse_part(const char **at, const Attribute **attribute, GByteArray *value,
                       Fault *fault);
static void put_part(GByteArray *output, const Attribute *attribute, Bytes value);

GByteArray *name_encode(const char *text, Fault *fault)
{
    g_autoptr(GByteArray) names = g_byte_array_new(); /* the RDNs, each put ahead of the last */
    g_autoptr(GByteArray) set = g_byte_array_new();
    g_autoptr(GByteArray) value = g_byte_array_new();
    const char *at = text;
    bool more = *text != '\0';
    for (size_t count = 0; more; count++) {
        const Attribute *attribute = NULL;
        if (count == NAME_PARTS_MOST) {
            fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 4514 2",
                      "the name \"%.60s\" has more than %d parts", text, NAME_PARTS_MOST);
            return NULL;
        }
        g_byte_array_set_size(value, 0);
        if (!parse_part(&at, &attribute, value, fault))
            return NULL;
        put_part(set, attribute, bytes_from_array(value));
        bool joined = *at == '+'; /* RFC 4514 2.2 */
        more = *at != '\0';
        at += more ? 1 : 0;
        if (joined)
            continue;
        g_autoptr(GByteArray) rdn = g_byte_array_new();
        der_put(rdn, DER_SET, bytes_from_array(set));
        g_byte_array_prepend(names, rdn->data, rdn->len);
        g_byte_array_set_size(set, 0);
    }
    GByteArray *name = g_byte_array_new();
    der_put(name, DER_SEQUENCE, bytes_from_array(names));
    return name;
}

static const Attribute *attribute_by_name(const char *name, size_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (strlen(attributes[i].name) == size &&
            g_ascii_strncasecmp(attributes[i].name, name, size) == 0)
            return &attributes[i];
    return NULL;
}

static const char *skip_spaces(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* UTF-8 that may hold zero bytes: names with one in them have been used to deceive, so they must
 * be had, written and shown. */
static bool is_text(const char *text, size_t size)
{
    const char *end = text;
    while (!g_utf8_validate_len(end, size - (size_t)(end - text), &end)) {
        if (*end != '\0')
            return false;
        end++;
    }
    return true;
}

/* A value up to an unescaped separator: RFC 4514 3. */
static bool parse_value(const char **at, GByteArray *value)
{
    const char *next = skip_spaces(*at);
    size_t kept = 0; /* an unescaped space at the end does not count */
    while (*next != '\0' && *next != ',' && *next != '+' && *next != ';') {
        bool escaped = *next == '\\';
        uint8_t byte = (uint8_t)*next++;
        if (escaped && g_ascii_isxdigit(next[0]) && g_ascii_isxdigit(next[1])) {
            byte = (uint8_t)(g_ascii_xdigit_value(next[0]) << 4 | g_ascii_xdigit_value(next[1]));
            next += 2;
        } else if (escaped) {
            if (*next == '\0')
                return false;
            byte = (uint8_t)*next++;
        }
        g_byte_array_append(value, &byte, 1);
        if (escaped || byte != ' ')
            kept = value->len;
    }
    g_byte_array_set_size(value, (guint)kept);
    *at = next;
    return kept > 0 && kept <= NAME_VALUE_MOST && is_text((const char *)value->data, kept);
}

static bool parse_part(const char **at, const Attribute **attribute, GByteArray *value,
                       Fault *fault)
{
    const char *start = skip_spaces(*at);
    const char *equals = strchr(start, '=');
    size_t size = equals == NULL ? 0 : (size_t)(equals - start);
    while (size > 0 && start[size - 1] == ' ')
        size--;
    *attribute = attribute_by_name(start, size);
    if (*attribute == NULL)
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 4514 3",
                         "a part of a name begins with a known attribute such as CN=, O=, OU=, C=, "
                         "L=, ST= or DC=; \"%.40s\" does not",
                         start);
    *at = equals + 1;
    if (!parse_value(at, value))
        return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 4514 3",
                         "the value of %s in a name is empty, too long or no UTF-8",
                         (*attribute)->name);
    return true;
}

static void put_part(GByteArray *output, const Attribute *attribute, Bytes value)
{
    size_t opened = der_open(output, DER_SEQUENCE);
    der_put(output, DER_OID, bytes_make(attribute->oid, attribute->oid_size));
    der_put(output, attribute->tag, value);
    der_close(output, opened);
}

/* --- DER to parts --- */

static bool read_set(Bytes set, Parts *parts)
{
    for (bool joined = false; set.size > 0; joined = true) {
        Bytes pair, oid;
        Der value;
        if (parts->count == NAME_PARTS_MOST || !der_take(&set, DER_SEQUENCE, &pair) ||
            !der_take(&pair, DER_OID, &oid) || !der_next(&pair, &value) || pair.size > 0)
            return false;
        if (value.tag == DER_UTF8_STRING && /* X.690 8.23.10 */
            !is_text((const char *)value.content.data, value.content.size))
            return false;
        parts->parts[parts->count++] = (Part){oid, value.tag, value.content, joined};
    }
    return true;
}

static bool read_parts(Bytes der, Parts *parts)
{
    Bytes sets, set;
    parts->count = 0;
    if (!der_take(&der, DER_SEQUENCE, &sets) || der.size > 0)
        return false;
    while (sets.size > 0)
        if (!der_take(&sets, DER_SET, &set) || set.size == 0 || !read_set(set, parts))
            return false;
    return true;
}

/* --- parts to text --- */

/* A value in UTF-8, whatever string type it has; NULL when it is none that people read. */
static char *value_utf8(uint8_t tag, Bytes value, size_t *size)
{
    const char *text = (const char *)value.data, *from = NULL;
    gsize written = value.size;
    if (value.size > NAME_VALUE_MOST)
        return NULL;
    if (tag == DER_TELETEX_STRING)
        from = "ISO-8859-1"; /* what CAs put in it */
    if (tag == DER_BMP_STRING)
        from = "UCS-2BE";
    if (tag == DER_UNIVERSAL_STRING)
        from = "UCS-4BE";
    bool utf8 = tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING;
    char *converted = NULL;
    if (from != NULL)
        converted = g_convert(text, (gssize)value.size, "UTF-8", from, NULL, &written, NULL);
    else if (utf8 && is_text(text, value.size))
        converted = g_memdup2(text, value.size);
    *size = written;
    return converted;
}

/* RFC 4514 2.4 */
static void append_escaped(GString *text, const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool edge = (value[i] == ' ' && (i == 0 || i + 1 == size)) || (value[i] == '#' && i == 0);
        if (g_ascii_iscntrl(value[i])) {
            g_string_append_printf(text, "\\%02x", (unsigned)value[i]);
            continue;
        }
        if (edge || strchr("\"+,;<>\\", value[i]) != NULL)
            g_string_append_c(text, '\\');
        g_string_append_c(text, value[i]);
    }
}

static void append_part(GString *text, const Part *part)
{
    const char *name = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (bytes_equal(part->oid, bytes_make(attributes[i].oid, attributes[i].oid_size)))
            name = attributes[i].name;
    g_autofree char *dotted = der_oid_text(part->oid);
    size_t size = 0;
    g_autofree char *value = value_utf8(part->tag, part->value, &size);
    g_string_append_printf(text, "%s=", name != NULL ? name : dotted != NULL ? dotted : "?");
    if (value != NULL) {
        append_escaped(text, value, size);
        return;
    }
    g_autofree char *hex = bytes_to_hex(part->value, NULL); /* RFC 4514 2.4: "#" and BER */
    g_string_append_printf(text, "#%s", hex);
}

char *name_text(Bytes der)
{
    Parts parts;
    if (!read_parts(der, &parts))
        return NULL;
    GString *text = g_string_new(NULL);
    for (size_t end = parts.count; end > 0;) { /* RFC 4514 2.1: from the last RDN to the first */
        size_t first = end - 1;
        while (first > 0 && parts.parts[first].joined)
            first--;
        for (size_t i = first; i < end; i++) {
            if (i > first)
                g_string_append_c(text, '+');
            append_part(text, &parts.parts[i]);
        }
        end = first;
        if (end > 0)
            g_string_append_c(text, ',');
    }
    return g_string_free(text, FALSE);
}

char *name_canonical(const char *text)
{
    g_autoptr(GByteArray) der = name_encode(text, NULL);
    return der == NULL ? NULL : name_text(bytes_from_array(der));
}

/* Case and runs of spaces folded: RFC 5280 7.1. */
static char *folded(Bytes der)
{
    g_autofree char *text = name_text(der);
    if (text == NULL)
        return NULL;
    g_autofree char *lower = g_utf8_casefold(text, -1);
    GString *result = g_string_new(NULL);
    for (const char *at = lower; *at != '\0'; at++)
        if (*at != ' ' || at == lower || at[-1] != ' ')
            g_string_append_c(result, *at);
    return g_string_free(result, FALSE);
}

bool name_equal(Bytes a, Bytes b)
{
    if (bytes_equal(a, b))
        return true;
    g_autofree char *a_folded = folded(a);
    g_autofree char *b_folded = folded(b);
    return a_folded != NULL && b_folded != NULL && strcmp(a_folded, b_folded) == 0;
}

bool name_common_name(Bytes der, Bytes *value)
{
    Parts parts;
    if (!read_parts(der, &parts))
        return false;
    for (size_t i = parts.count; i > 0; i--) {
        const Part *part = &parts.parts[i - 1];
        if (!bytes_equal(part->oid, bytes_make(attributes[0].oid, attributes[0].oid_size)))
            continue;
        *value = part->value;
        return true;
    }
    return false;
}

bool name_last_byte(Bytes der, size_t *offset)
{
    Parts parts;
    if (!read_parts(der, &parts) || parts.count == 0)
        return false;
    Bytes value = parts.parts[parts.count - 1].value;
    if (value.size == 0)
        return false;
    *offset = (size_t)(value.data + value.size - 1 - der.data);
    return true;
}
