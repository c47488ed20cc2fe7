/* RSA by EVP.
 *
 * libcrypto does the arithmetic and the padding of encryption (whose randomness is drawn by label);
 * what is a matter of judgement is done in the open: a decrypted block is handed back whole and
 * judged byte by byte.
 *
 * This file knows no message and no signature. Obeys RFC 8017 5.1, 5.2, 7.2; RFC 5246 7.4.7.1.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "core/crypto/libcrypto/key-object.h"

enum {
    BLOCK_OVERHEAD = 11, /* 00 type, 8 bytes of padding, 00: RFC 8017 7.2.1 */
    ROLLBACK_MARK = 3,
    ROLLBACK_MARK_SIZE = 8,
};

static size_t modulus_size(const PublicKey *key)
{
    return key->parts.numbers[RSA_MODULUS].size;
}

bool rsa_private(const PrivateKey *key, Bytes input, uint8_t *output)
{
    size_t size = input.size;
    EVP_PKEY_CTX *operation = key_operation_new(private_key_handle(key));
    bool done = operation != NULL && EVP_PKEY_decrypt_init(operation) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(operation, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_decrypt(operation, output, &size, input.data, input.size) == 1;
    EVP_PKEY_CTX_free(operation);
    return done;
}

bool rsa_public(const PublicKey *key, Bytes input, uint8_t *output)
{
    size_t size = input.size;
    EVP_PKEY_CTX *operation = key_operation_new(public_key_handle(key));
    bool done = operation != NULL && EVP_PKEY_encrypt_init(operation) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(operation, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_encrypt(operation, output, &size, input.data, input.size) == 1;
    EVP_PKEY_CTX_free(operation);
    ERR_clear_error();
    return done;
}

bool public_key_encrypt(const PublicKey *key, Random *random, Bytes plain, GByteArray *output,
                        Fault *fault)
{
    size_t first = output->len, size = modulus_size(key);
    if (key->parts.kind != KEY_RSA) /* RFC 5246 7.4.2: RSA needs a key that encrypts */
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "RFC 5246 7.4.2",
                          "nothing is encrypted to a key of kind %s",
                          key_kind_name(key->parts.kind));
    if (plain.size + BLOCK_OVERHEAD > size) /* RFC 8017 7.2.1 step 1 */
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "RFC 8017 7.2.1",
                          "an RSA key of %u bits cannot encrypt %zu bytes", public_key_bits(key),
                          plain.size);
    EVP_PKEY_CTX *operation = key_operation_new(public_key_handle(key));
    g_byte_array_set_size(output, (guint)(first + size));
    entropy_use(random, "rsa_padding");
    bool done =
        operation != NULL && EVP_PKEY_encrypt_init(operation) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_encrypt(operation, output->data + first, &size, plain.data, plain.size) == 1;
    entropy_use(NULL, NULL);
    EVP_PKEY_CTX_free(operation);
    if (done)
        return true;
    g_byte_array_set_size(output, (guint)first);
    return libcrypto_fault(fault, "RSA encryption");
}

/* 00 02, at least 8 bytes other than zero, 00, message: RFC 8017 7.2.2 step 3. */
static bool split_block(Bytes block, Bytes *message)
{
    size_t at = 2;
    while (at < block.size && block.data[at] != 0)
        at++;
    if (at == block.size || at + 1 < BLOCK_OVERHEAD || block.data[0] != 0 || block.data[1] != 2)
        return false;
    *message = bytes_slice(block, at + 1, block.size);
    return true;
}

bool private_key_decrypt(const PrivateKey *key, Bytes cipher, GByteArray *block, Bytes *message)
{
    size_t size = modulus_size(key->public_half);
    *message = BYTES_NONE;
    g_byte_array_set_size(block, 0);
    if (key->file.parts.kind != KEY_RSA || cipher.size != size)
        return false;
    g_byte_array_set_size(block, (guint)size);
    if (rsa_private(key, cipher, block->data))
        return split_block(bytes_from_array(block), message);
    ERR_clear_error(); /* not below the modulus: bad padding like any other */
    g_byte_array_set_size(block, 0);
    return false;
}

/* RFC 5246 E.2: the last eight bytes of the padding are 03. */
bool public_key_encrypt_marked(const PublicKey *key, Random *random, Bytes plain,
                               GByteArray *output, Fault *fault)
{
    size_t size = modulus_size(key), first = output->len;
    if (key->parts.kind != KEY_RSA || plain.size + BLOCK_OVERHEAD > size)
        return fault_peer(fault, ALERT_UNSUPPORTED_CERTIFICATE, "RFC 8017 7.2.1",
                          "%zu bytes cannot be encrypted to this key", plain.size);
    g_autofree uint8_t *block = g_malloc0(size);
    size_t padding = size - plain.size - 3;
    block[1] = 2;
    random_fill(random, "rsa_padding", block + 2, padding);
    for (size_t i = 2; i < 2 + padding; i++)
        block[i] = block[i] == 0 ? 1 : block[i]; /* RFC 8017 7.2.1: no zeros */
    memset(block + 2 + padding - ROLLBACK_MARK_SIZE, ROLLBACK_MARK, ROLLBACK_MARK_SIZE);
    memcpy(block + 3 + padding, plain.data, plain.size);
    g_byte_array_set_size(output, (guint)(first + size));
    if (rsa_public(key, bytes_make(block, size), output->data + first))
        return true;
    g_byte_array_set_size(output, (guint)first);
    return libcrypto_fault(fault, "RSA encryption");
}

bool block_is_marked(Bytes block, Bytes message)
{
    if (message.size + 1 + ROLLBACK_MARK_SIZE > block.size)
        return false;
    const uint8_t *tail = block.data + block.size - message.size - 1 - ROLLBACK_MARK_SIZE;
    for (size_t i = 0; i < ROLLBACK_MARK_SIZE; i++)
        if (tail[i] != ROLLBACK_MARK)
            return false;
    return true;
}
