/* Running hashes, by libcrypto's block functions.
 *
 * The calls below the EVP layer are used on purpose: their state is a plain struct, so that a hash
 * can be copied by assignment and a record or a PRF output costs no allocation, no lock and no
 * fetch. They are deprecated, not removed, in OpenSSL 3.0; this is the only file that calls them.
 *
 * This file knows nothing of MACs. Sources: RFC 1321, FIPS 180-4.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/crypto/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

typedef union {
    MD5_CTX md5;
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
} State;

_Static_assert(sizeof(State) <= HASH_STATE_SIZE, "Hash holds every state");
_Static_assert(_Alignof(State) <= 16, "Hash is aligned for every state");

static State *state_of(Hash *hash)
{
    return (State *)(void *)hash->state;
}

void hash_start(Hash *hash, HashKind kind)
{
    State *state = state_of(hash);
    hash->kind = kind;
    switch (kind) {
    case HASH_MD5:
        MD5_Init(&state->md5);
        return;
    case HASH_SHA1:
        SHA1_Init(&state->sha1);
        return;
    case HASH_SHA224:
        SHA224_Init(&state->sha256);
        return;
    case HASH_SHA256:
        SHA256_Init(&state->sha256);
        return;
    case HASH_SHA384:
        SHA384_Init(&state->sha512);
        return;
    case HASH_SHA512:
        SHA512_Init(&state->sha512);
        return;
    case HASH_KINDS:
        break;
    }
    g_assert_not_reached();
}

void hash_add(Hash *hash, Bytes bytes)
{
    State *state = state_of(hash);
    if (bytes.size == 0)
        return;
    switch (hash->kind) {
    case HASH_MD5:
        MD5_Update(&state->md5, bytes.data, bytes.size);
        return;
    case HASH_SHA1:
        SHA1_Update(&state->sha1, bytes.data, bytes.size);
        return;
    case HASH_SHA224:
    case HASH_SHA256:
        SHA256_Update(&state->sha256, bytes.data, bytes.size);
        return;
    case HASH_SHA384:
    case HASH_SHA512:
        SHA512_Update(&state->sha512, bytes.data, bytes.size);
        return;
    case HASH_KINDS:
        break;
    }
    g_assert_not_reached();
}

void hash_end(Hash *hash, uint8_t *output)
{
    State *state = state_of(hash);
    switch (hash->kind) {
    case HASH_MD5:
        MD5_Final(output, &state->md5);
        return;
    case HASH_SHA1:
        SHA1_Final(output, &state->sha1);
        return;
    case HASH_SHA224:
        SHA224_Final(output, &state->sha256);
        return;
    case HASH_SHA256:
        SHA256_Final(output, &state->sha256);
        return;
    case HASH_SHA384:
        SHA384_Final(output, &state->sha512);
        return;
    case HASH_SHA512:
        SHA512_Final(output, &state->sha512);
        return;
    case HASH_KINDS:
        break;
    }
    g_assert_not_reached();
}
