/* Cipher contexts, kept by each thread for the next key of the same cipher and direction.
 *
 * A handshake makes four sets of keys or more, and each wants a context. libcrypto allocates it,
 * looks its functions up and asks it for its sizes; all of that is the same for every key of a
 * cipher. So a context that is given back waits for the next key. CCM is left out: its lengths and
 * its tag are set ahead of the key, and are forgotten by no other call.
 *
 * This file knows no key and no record. EVP_EncryptInit(3).
 */
#include "core/crypto/libcrypto/cipher-context.h"

enum { KEPT_MOST = 16 }; /* two ciphers, both ways, under the keys of two sides */

typedef struct {
    EVP_CIPHER_CTX *kept[KEPT_MOST];
    unsigned count;
} Pool;

static void pool_free(gpointer data)
{
    Pool *pool = data;
    for (unsigned i = 0; i < pool->count; i++)
        EVP_CIPHER_CTX_free(pool->kept[i]);
    g_free(pool);
}

/* The key frees it when the thread ends; the thread's own variable finds it without asking. */
static Pool *pool_of_thread(void)
{
    static GPrivate owner = G_PRIVATE_INIT(pool_free);
    static _Thread_local Pool *pool;
    if (pool == NULL) {
        pool = g_new0(Pool, 1);
        g_private_set(&owner, pool);
    }
    return pool;
}

EVP_CIPHER_CTX *cipher_context_take(EVP_CIPHER *algorithm, bool encrypting, bool *blank)
{
    Pool *pool = pool_of_thread();
    *blank = false;
    for (unsigned i = pool->count; i-- > 0;) {
        EVP_CIPHER_CTX *context = pool->kept[i];
        if (EVP_CIPHER_CTX_get0_cipher(context) != algorithm ||
            EVP_CIPHER_CTX_is_encrypting(context) != encrypting)
            continue;
        pool->kept[i] = pool->kept[--pool->count];
        return context;
    }
    *blank = true;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (EVP_CipherInit_ex2(context, algorithm, NULL, NULL, encrypting, NULL) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

void cipher_context_give(EVP_CIPHER_CTX *context)
{
    Pool *pool = pool_of_thread();
    if (context == NULL)
        return;
    if (EVP_CIPHER_CTX_get_mode(context) == EVP_CIPH_CCM_MODE) {
        EVP_CIPHER_CTX_free(context);
        return;
    }
    if (pool->count == KEPT_MOST) { /* the one that waited longest goes */
        EVP_CIPHER_CTX_free(pool->kept[0]);
        pool->kept[0] = pool->kept[--pool->count];
    }
    pool->kept[pool->count++] = context;
}
