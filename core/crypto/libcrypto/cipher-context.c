/* Cipher contexts, kept for the next key of the same cipher and direction.
 *
 * A handshake makes four sets of keys or more, and each wants a context. libcrypto allocates it,
 * looks its functions up and asks it for its sizes; all of that is the same for every key of a
 * cipher. So a context that is given back waits for the next key. CCM is left out: its lengths and
 * its tag are set ahead of the key, and are forgotten by no other call.
 *
 * This file knows no key and no record. EVP_EncryptInit(3).
 */
#include "core/crypto/libcrypto/cipher-context.h"

#include "core/base/pool.h"

EVP_CIPHER_CTX *cipher_context_take(EVP_CIPHER *algorithm, bool encrypting, bool *blank)
{
    PoolShelf *shelf = pool_shelf(POOL_CIPHER_CONTEXTS);
    *blank = false;
    for (unsigned i = shelf->count; i-- > 0;) {
        EVP_CIPHER_CTX *context = shelf->kept[i];
        if (EVP_CIPHER_CTX_get0_cipher(context) != algorithm ||
            EVP_CIPHER_CTX_is_encrypting(context) != encrypting)
            continue;
        shelf->kept[i] = shelf->kept[--shelf->count];
        return context;
    }
    *blank = true;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (EVP_CipherInit_ex2(context, algorithm, NULL, NULL, encrypting, NULL) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

static void context_free(gpointer context)
{
    EVP_CIPHER_CTX_free(context);
}

void cipher_context_give(EVP_CIPHER_CTX *context)
{
    if (context == NULL)
        return;
    if (EVP_CIPHER_CTX_get_mode(context) == EVP_CIPH_CCM_MODE)
        EVP_CIPHER_CTX_free(context);
    else
        pool_give(POOL_CIPHER_CONTEXTS, context, context_free);
}
