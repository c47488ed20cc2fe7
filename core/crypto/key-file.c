/* Key files: PEM to the numbers of an RSA private key.
 *
 * libcrypto's decoders look for every format and every kind of key that there is, which costs more
 * than all else at the start of a short run; a key file of this laboratory is one of two shapes,
 * and reading them is a few lines over der.h.
 *
 * This file knows no operation of a key. Sources: RFC 7468 3 and 10 (PEM), RFC 8017 A.1.2 (PKCS#1),
 * RFC 5208 5 (PKCS#8).
 */
#include "core/crypto/key-file.h"

#include <string.h>

#include "core/crypto/der.h"

enum {
    PEM_MOST = 65536, /* bytes of a key file: one of RSA 16384 has 13,000 */
};

static const char begin_pkcs1[] = "-----BEGIN RSA PRIVATE KEY-----";
static const char begin_pkcs8[] = "-----BEGIN PRIVATE KEY-----";

static bool refuse(Fault *fault, const char *why)
{
    return fault_set(fault, FAULT_OF_USER, ALERT_INTERNAL_ERROR, "RFC 7468",
                     "the private key cannot be read: %s", why);
}

/* RFC 5208 5: version, algorithm, and the PKCS#1 structure in an OCTET STRING. */
static bool unwrap_pkcs8(Bytes *der)
{
    static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    Bytes info, version, algorithm, oid;
    if (!der_take(der, DER_SEQUENCE, &info) || !der_take_number(&info, &version) ||
        !der_take(&info, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid) ||
        !bytes_equal(oid, BYTES_ARRAY(rsa)))
        return false;
    return der_take(&info, DER_OCTET_STRING, der);
}

static bool take_numbers(Bytes der, Bytes numbers[RSA_NUMBERS])
{
    Bytes key, version;
    if (!der_take(&der, DER_SEQUENCE, &key) || !der_take_number(&key, &version))
        return false;
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        if (!der_take_number(&key, &numbers[i]))
            return false;
    return true;
}

bool rsa_numbers_read(Bytes pem, RsaNumbers *numbers, Fault *fault)
{
    memset(numbers, 0, sizeof *numbers);
    if (pem.size > PEM_MOST)
        return refuse(fault, "it is longer than 65536 bytes");
    g_autofree char *text = g_strndup((const char *)pem.data, pem.size);
    char *pkcs1 = strstr(text, begin_pkcs1), *pkcs8 = strstr(text, begin_pkcs8);
    char *body = pkcs1 != NULL ? pkcs1 + strlen(begin_pkcs1) : pkcs8;
    if (body == NULL)
        return refuse(fault, "there is no BEGIN RSA PRIVATE KEY or BEGIN PRIVATE KEY line");
    if (pkcs1 == NULL)
        body += strlen(begin_pkcs8);
    char *end = strstr(body, "-----END ");
    if (end == NULL)
        return refuse(fault, "there is no END line");
    *end = '\0';
    gsize size = 0;
    numbers->der = g_base64_decode(body, &size);
    numbers->der_size = size;
    Bytes der = bytes_make(numbers->der, size);
    if ((pkcs1 != NULL || unwrap_pkcs8(&der)) && take_numbers(der, numbers->numbers))
        return true;
    rsa_numbers_clear(numbers);
    return refuse(fault, "it holds no RSA key in DER");
}

void rsa_numbers_clear(RsaNumbers *numbers)
{
    if (numbers->der != NULL)
        memset(numbers->der, 0, numbers->der_size);
    g_clear_pointer(&numbers->der, g_free);
}
