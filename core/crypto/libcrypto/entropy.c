/* libcrypto's own draws of randomness, by label.
 *
 * libcrypto draws where no caller sees it: padding, nonces, blinding. Those draws must repeat from
 * run to run, so the private context has one source of randomness, a provider built into the
 * program, that reads who is asking from a thread-local place which the files of this folder set
 * before each call that may draw. Draws that nobody asked for by label, such as RSA blinding,
 * change no output; they come from a stream of the thread's own, so that they can never shift a
 * labelled draw: whether a key is blinded already depends on what ran before.
 *
 * This file knows neither keys nor labels. It obeys provider-rand(7) of OpenSSL 3.0.
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "core/crypto/libcrypto/context.h"

#define ENTROPY_PROVIDER "shakedown"
#define ENTROPY_SOURCE "LABELLED"

enum { STRENGTH = 256, REQUEST_MOST = 1 << 16 };

static _Thread_local struct {
    Random *random;
    const char *label;
    uint64_t unlabelled; /* state of the thread's own stream */
} current;

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                         const OSSL_DISPATCH **out, void **provider_context);

bool entropy_install(OSSL_LIB_CTX *context)
{
    return OSSL_PROVIDER_add_builtin(context, ENTROPY_PROVIDER, provider_init) == 1 &&
           OSSL_PROVIDER_load(context, ENTROPY_PROVIDER) != NULL &&
           RAND_set_DRBG_type(context, ENTROPY_SOURCE, NULL, NULL, NULL) == 1;
}

void entropy_use(Random *random, const char *label)
{
    current.random = random;
    current.label = label;
}

/* splitmix64: blinding needs variety, not secrecy. */
static void fill_unlabelled(uint8_t *output, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint64_t mixed = current.unlabelled += 0x9e3779b97f4a7c15;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        output[i] = (uint8_t)(mixed >> 56);
    }
}

static int source_generate(void *source, unsigned char *output, size_t size, unsigned strength,
                           int resistance, const unsigned char *extra, size_t extra_size)
{
    (void)source, (void)strength, (void)resistance, (void)extra, (void)extra_size;
    if (current.random == NULL)
        fill_unlabelled(output, size);
    else
        random_fill(current.random, current.label, output, size);
    /* RFC 8017 7.2.1: padding holds no zero, so libcrypto asks for a single byte until it gets
     * another value; a label pinned to zeros must not keep it asking for ever. */
    if (size == 1 && output[0] == 0)
        output[0] = 1;
    return 1;
}

static void *source_new(void *provider_context, void *parent, const OSSL_DISPATCH *parent_calls)
{
    (void)provider_context, (void)parent, (void)parent_calls;
    static int source; /* all state is the thread's: one source serves all */
    return &source;
}

static void source_free(void *source)
{
    (void)source;
}

static int source_instantiate(void *source, unsigned strength, int resistance,
                              const unsigned char *text, size_t text_size,
                              const OSSL_PARAM parameters[])
{
    (void)source, (void)strength, (void)resistance, (void)text, (void)text_size, (void)parameters;
    return 1;
}

static int source_uninstantiate(void *source)
{
    (void)source;
    return 1;
}

static int source_enable_locking(void *source)
{
    (void)source; /* nothing is shared */
    return 1;
}

static const OSSL_PARAM *source_gettable(void *source, void *provider_context)
{
    (void)source, (void)provider_context;
    static const OSSL_PARAM known[] = {
        OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
        OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
        OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
        OSSL_PARAM_END,
    };
    return known;
}

static int source_get(void *source, OSSL_PARAM parameters[])
{
    (void)source;
    OSSL_PARAM *state = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
    OSSL_PARAM *strength = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
    OSSL_PARAM *most = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
    return (state == NULL || OSSL_PARAM_set_int(state, EVP_RAND_STATE_READY)) &&
           (strength == NULL || OSSL_PARAM_set_uint(strength, STRENGTH)) &&
           (most == NULL || OSSL_PARAM_set_size_t(most, REQUEST_MOST));
}

/* The pointers that a dispatch table holds have one type for all. */
#define CALL(id, function)                                                                         \
    {                                                                                              \
        (id), (void (*)(void))(function)                                                           \
    }

static const OSSL_ALGORITHM *provider_query(void *provider_context, int operation, int *no_cache)
{
    (void)provider_context;
    static const OSSL_DISPATCH calls[] = {
        CALL(OSSL_FUNC_RAND_NEWCTX, source_new),
        CALL(OSSL_FUNC_RAND_FREECTX, source_free),
        CALL(OSSL_FUNC_RAND_INSTANTIATE, source_instantiate),
        CALL(OSSL_FUNC_RAND_UNINSTANTIATE, source_uninstantiate),
        CALL(OSSL_FUNC_RAND_GENERATE, source_generate),
        CALL(OSSL_FUNC_RAND_ENABLE_LOCKING, source_enable_locking),
        CALL(OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, source_gettable),
        CALL(OSSL_FUNC_RAND_GET_CTX_PARAMS, source_get),
        {0, NULL},
    };
    static const OSSL_ALGORITHM sources[] = {
        {ENTROPY_SOURCE, "provider=" ENTROPY_PROVIDER, calls, "randomness by label"},
        {NULL, NULL, NULL, NULL},
    };
    *no_cache = 0;
    return operation == OSSL_OP_RAND ? sources : NULL;
}

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                         const OSSL_DISPATCH **out, void **provider_context)
{
    (void)in;
    static const OSSL_DISPATCH calls[] = {
        CALL(OSSL_FUNC_PROVIDER_QUERY_OPERATION, provider_query),
        {0, NULL},
    };
    *out = calls;
    *provider_context = (void *)(uintptr_t)handle; /* any value but NULL */
    return 1;
}
