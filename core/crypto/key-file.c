/* Key files: PEM to the parts of a private key.
 *
 * libcrypto's decoders look for every format and every kind of key that there is, which costs more
 * than all else at the start of a short run; a key file of this laboratory is one of three shapes,
 * and reading them is a few lines over der.h. A file's own copy of the public half is not believed:
 * it is computed from the private one.
 *
 * This file knows no operation of a key. Sources: RFC 7468 3 and 10 (PEM), RFC 5208 5 and RFC 5958
 * 2 (PKCS#8), RFC 8017 A.1.2 (PKCS#1), RFC 5915 3 (SEC 1), RFC 8410 7.
 */
#include "core/crypto/key-file.h"

#include <string.h>

#include "core/crypto/der.h"

enum {
    PEM_MOST = 65536, /* bytes of a key file: one of RSA 16384 has 13,000 */
};

typedef bool Reader(Bytes der, KeyParts *parts);

static Reader read_pkcs8, read_pkcs1, read_sec1;

static const struct {
    const char *begin;
    Reader *read;
} forms[] = {
    {"-----BEGIN PRIVATE KEY-----", read_pkcs8},
    {"-----BEGIN RSA PRIVATE KEY-----", read_pkcs1},
    {"-----BEGIN EC PRIVATE KEY-----", read_sec1},
};

static bool refuse(Fault *fault, const char *why)
{
    return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 7468",
                     "the private key cannot be read: %s", why);
}

bool key_file_read(Bytes pem, KeyFile *file, Fault *fault)
{
    memset(file, 0, sizeof *file);
    if (pem.size > PEM_MOST)
        return refuse(fault, "it is longer than 65536 bytes");
    g_autofree char *text = g_strndup((const char *)pem.data, pem.size);
    char *body = NULL;
    Reader *reader = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(forms) && body == NULL; i++) {
        body = strstr(text, forms[i].begin);
        reader = forms[i].read;
        if (body != NULL)
            body += strlen(forms[i].begin);
    }
    if (body == NULL)
        return refuse(fault, "there is no line BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN "
                             "EC PRIVATE KEY");
    char *end = strstr(body, "-----END ");
    if (end == NULL)
        return refuse(fault, "there is no END line");
    *end = '\0';
    gsize size = 0;
    file->der = g_base64_decode(body, &size);
    file->der_size = size;
    if (reader(bytes_make(file->der, size), &file->parts))
        return true;
    key_file_clear(file);
    return refuse(fault, "it holds no RSA, DSA, EC or Edwards curve key in DER");
}

void key_file_clear(KeyFile *file)
{
    if (file->der != NULL)
        memset(file->der, 0, file->der_size);
    g_clear_pointer(&file->der, g_free);
}

/* RFC 8017 A.1.2; versions other than 0 have more primes. */
static bool take_rsa(Bytes der, KeyParts *parts)
{
    Bytes key, version;
    if (!der_take(&der, DER_SEQUENCE, &key) || !der_take_number(&key, &version) ||
        bytes_number(version) != 0)
        return false;
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        if (!der_take_number(&key, &parts->numbers[i]))
            return false;
    return rsa_numbers_fit(parts->numbers[RSA_MODULUS], parts->numbers[RSA_PUBLIC_EXPONENT]);
}

/* RFC 5915 3: version 1, the private key in the full length of the curve. */
static bool take_ec(Bytes der, KeyParts *parts)
{
    Bytes key, version, curve;
    KeyParts named;
    if (!der_take(&der, DER_SEQUENCE, &key) || !der_take_number(&key, &version) ||
        bytes_number(version) != 1 ||
        !der_take(&key, DER_OCTET_STRING, &parts->numbers[CURVE_VALUE]))
        return false;
    if (parts->curve == GROUP_NONE) {
        static const uint8_t ec[] = {DER_OID, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1};
        g_autoptr(GByteArray) algorithm = g_byte_array_new();
        bytes_append(algorithm, BYTES_ARRAY(ec));
        if (!der_take(&key, DER_CONTEXT_CONSTRUCTED | 0, &curve))
            return false;
        bytes_append(algorithm, curve);
        if (!key_algorithm_read(bytes_from_array(algorithm), &named))
            return false;
        parts->curve = named.curve;
    }
    size_t size = curve_field_size(parts->curve);
    return size > 0 && parts->numbers[CURVE_VALUE].size == size;
}

static bool read_pkcs1(Bytes der, KeyParts *parts)
{
    parts->kind = KEY_RSA;
    return take_rsa(der, parts);
}

static bool read_sec1(Bytes der, KeyParts *parts)
{
    parts->kind = KEY_EC;
    return take_ec(der, parts);
}

static bool take_private(Bytes key, KeyParts *parts)
{
    switch (parts->kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return take_rsa(key, parts);
    case KEY_DSA:
        return der_take_number(&key, &parts->numbers[DSA_VALUE]) && key.size == 0;
    case KEY_EC:
        return take_ec(key, parts);
    case KEY_ED25519:
    case KEY_ED448: /* RFC 8410 7: CurvePrivateKey */
        return der_take(&key, DER_OCTET_STRING, &parts->numbers[CURVE_VALUE]) && key.size == 0 &&
               parts->numbers[CURVE_VALUE].size == (parts->kind == KEY_ED25519 ? 32 : 57);
    case KEY_UNKNOWN:
    case KEY_KINDS:
        break;
    }
    return false;
}

/* RFC 5208 5: version, algorithm, and the key in an OCTET STRING. */
static bool read_pkcs8(Bytes der, KeyParts *parts)
{
    Bytes info, version, algorithm, key;
    return der_take(&der, DER_SEQUENCE, &info) && der_take_number(&info, &version) &&
           der_take(&info, DER_SEQUENCE, &algorithm) && key_algorithm_read(algorithm, parts) &&
           der_take(&info, DER_OCTET_STRING, &key) && take_private(key, parts);
}
