/* The primitives of a handshake by prepared libcrypto objects.
 *
 * Algorithms are fetched once, private and public operations have their contexts, ciphers and MACs
 * are keyed anew in contexts that stay. What is left is what the mathematics costs through EVP.
 * Nothing is parsed, allocated for later or decided here; the inputs have the sizes of a real
 * handshake's, not its bytes.
 *
 * This file knows no message and no order: floor_points.c has those. EVP_PKEY_sign(3),
 * EVP_PKEY_derive(3), EVP_MAC(3), EVP_EncryptInit(3).
 */
#include "tests/benchmarks/floor.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

static uint8_t input[1 << 16], output[1 << 16];
static const uint8_t secret[64] = "a secret of some length, as all secrets here are made of it ...";

static void must(bool fine, const char *what)
{
    if (fine)
        return;
    ERR_print_errors_fp(stderr);
    bench_fail("floor", what);
}

static EVP_PKEY_CTX *key_context(EVP_PKEY *key, int (*start)(EVP_PKEY_CTX *), int padding,
                                 const EVP_MD *hash)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    must(start(context) == 1, "context of a key");
    if (padding != 0)
        must(EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1, "padding");
    if (hash != NULL)
        must(EVP_PKEY_CTX_set_signature_md(context, hash) == 1, "hash of a signature");
    if (padding == RSA_PKCS1_PSS_PADDING)
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
    return context;
}

static void signing_key(Floor *floor)
{
    FloorKey *own = &floor->own;
    bool rsa = !floor->point->ecdsa;
    for (int pss = 0; pss < (rsa ? 2 : 1); pss++) {
        int padding = !rsa ? 0 : pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
        own->sign[pss] = key_context(own->key, EVP_PKEY_sign_init, padding, floor->sha256);
        own->verify[pss] = key_context(own->key, EVP_PKEY_verify_init, padding, floor->sha256);
        own->signature_sizes[pss] = sizeof own->signatures[pss];
        must(EVP_PKEY_sign(own->sign[pss], own->signatures[pss], &own->signature_sizes[pss], secret,
                           32) == 1,
             "signature");
    }
}

static void exchanging_key(Floor *floor)
{
    FloorKey *own = &floor->own;
    unsigned version = floor->point->version;
    uint8_t premaster[48] = {(uint8_t)(version >> 8), (uint8_t)version};
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &version),
        OSSL_PARAM_construct_end(),
    };
    own->encrypt = key_context(own->key, EVP_PKEY_encrypt_init, RSA_PKCS1_PADDING, NULL);
    own->decrypt = key_context(own->key, EVP_PKEY_decrypt_init, RSA_PKCS1_WITH_TLS_PADDING, NULL);
    must(EVP_PKEY_CTX_set_params(own->decrypt, parameters) == 1, "version of a premaster");
    own->cipher_size = sizeof own->cipher;
    must(EVP_PKEY_encrypt(own->encrypt, own->cipher, &own->cipher_size, premaster,
                          sizeof premaster) == 1,
         "premaster");
}

static EVP_MAC_CTX *mac_context(EVP_MAC *hmac, const char *hash, size_t key)
{
    char name[16];
    g_strlcpy(name, hash, sizeof name);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    must(EVP_MAC_init(context, secret, key, parameters) == 1, "MAC");
    return context;
}

static void seal_ticket(Floor *floor)
{
    int size = 0;
    EVP_CIPHER_CTX *sealer = EVP_CIPHER_CTX_new();
    must(EVP_EncryptInit_ex2(sealer, floor->gcm, secret, secret + 16, NULL) == 1 &&
             EVP_EncryptUpdate(sealer, floor->ticket_sealed, &size, input, 160) == 1 &&
             EVP_EncryptFinal_ex(sealer, output, &size) == 1 &&
             EVP_CIPHER_CTX_ctrl(sealer, EVP_CTRL_AEAD_GET_TAG, 16, floor->ticket_tag) == 1,
         "ticket");
    EVP_CIPHER_CTX_free(sealer);
    floor->ticket = EVP_CIPHER_CTX_new();
    must(EVP_DecryptInit_ex2(floor->ticket, floor->gcm, secret, secret + 16, NULL) == 1, "ticket");
}

static void share_maker(Floor *floor)
{
    bool x25519 = floor->point->group == GROUP_X25519;
    floor->maker = EVP_PKEY_CTX_new_from_name(NULL, x25519 ? "X25519" : "EC", NULL);
    must(EVP_PKEY_keygen_init(floor->maker) == 1 &&
             (x25519 || EVP_PKEY_CTX_set_group_name(floor->maker, "P-256") == 1),
         "key shares");
}

Floor *floor_new(const BenchPoint *point, const BenchMaterial *material)
{
    const BenchChain *chain = bench_chain(point, material);
    Floor *floor = g_new0(Floor, 1);
    BIO *bio = BIO_new_mem_buf(chain->server_key->data, -1);
    floor->point = point;
    floor->own.key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_mem_buf(chain->server->data, -1);
    X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    floor->leaf = (size_t)i2d_X509(leaf, NULL);
    X509_free(leaf);
    BIO_free(bio);
    floor->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    floor->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    floor->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    floor->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    floor->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    floor->cbc = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    floor->mac_sha256 = mac_context(floor->hmac, "SHA2-256", 32);
    floor->mac_sha1 = mac_context(floor->hmac, "SHA1", 20);
    floor->mac_md5 = mac_context(floor->hmac, "MD5", 24);
    floor->ended = EVP_MD_CTX_new();
    for (int i = 0; i < 2; i++)
        floor->running[i] = EVP_MD_CTX_new();
    for (size_t i = 0; i < G_N_ELEMENTS(floor->ciphers); i++)
        floor->ciphers[i] = EVP_CIPHER_CTX_new();
    signing_key(floor);
    if (!point->ecdsa)
        exchanging_key(floor);
    share_maker(floor);
    seal_ticket(floor);
    return floor;
}

void floor_free(Floor *floor)
{
    FloorKey *own = &floor->own;
    for (int i = 0; i < 2; i++) {
        EVP_PKEY_CTX_free(own->sign[i]);
        EVP_PKEY_CTX_free(own->verify[i]);
        EVP_PKEY_free(floor->shares[i]);
        EVP_MD_CTX_free(floor->running[i]);
    }
    EVP_PKEY_CTX_free(own->encrypt);
    EVP_PKEY_CTX_free(own->decrypt);
    EVP_PKEY_free(own->key);
    EVP_PKEY_CTX_free(floor->maker);
    EVP_MD_CTX_free(floor->ended);
    for (size_t i = 0; i < G_N_ELEMENTS(floor->ciphers); i++)
        EVP_CIPHER_CTX_free(floor->ciphers[i]);
    EVP_CIPHER_CTX_free(floor->ticket);
    EVP_MAC_CTX_free(floor->mac_sha256);
    EVP_MAC_CTX_free(floor->mac_sha1);
    EVP_MAC_CTX_free(floor->mac_md5);
    EVP_MAC_free(floor->hmac);
    EVP_MD_free(floor->sha256);
    EVP_MD_free(floor->sha1);
    EVP_MD_free(floor->md5);
    EVP_CIPHER_free(floor->gcm);
    EVP_CIPHER_free(floor->cbc);
    g_free(floor);
}

void floor_draw(size_t size)
{
    must(RAND_bytes(output, (int)size) == 1, "random bytes");
}

void floor_hash(Floor *floor, size_t size)
{
    must(EVP_DigestInit_ex2(floor->ended, floor->sha256, NULL) == 1 &&
             EVP_DigestUpdate(floor->ended, input, size) == 1 &&
             EVP_DigestFinal_ex(floor->ended, output, NULL) == 1,
         "hash");
}

void floor_transcript(Floor *floor, const size_t *parts, size_t count)
{
    bool one = floor->point->version >= VERSION_TLS_1_2;
    const EVP_MD *hashes[2] = {one ? floor->sha256 : floor->md5, one ? NULL : floor->sha1};
    for (int h = 0; h < (one ? 1 : 2); h++) {
        must(EVP_DigestInit_ex2(floor->running[h], hashes[h], NULL) == 1, "transcript");
        for (size_t i = 0; i < count; i++)
            must(EVP_DigestUpdate(floor->running[h], input, parts[i]) == 1 &&
                     EVP_MD_CTX_copy_ex(floor->ended, floor->running[h]) == 1 &&
                     EVP_DigestFinal_ex(floor->ended, output, NULL) == 1,
                 "transcript");
    }
}

void floor_sign(Floor *floor, bool pss)
{
    size_t size = sizeof output;
    must(EVP_PKEY_sign(floor->own.sign[pss], output, &size, secret, 32) == 1, "signature");
}

void floor_verify(Floor *floor, bool pss)
{
    const FloorKey *own = &floor->own;
    must(EVP_PKEY_verify(own->verify[pss], own->signatures[pss], own->signature_sizes[pss], secret,
                         32) == 1,
         "verification");
}

void floor_encrypt(Floor *floor)
{
    size_t size = sizeof output;
    must(EVP_PKEY_encrypt(floor->own.encrypt, output, &size, secret, 48) == 1, "encryption");
}

void floor_decrypt(Floor *floor)
{
    size_t size = sizeof output;
    must(EVP_PKEY_decrypt(floor->own.decrypt, output, &size, floor->own.cipher,
                          floor->own.cipher_size) == 1,
         "decryption");
}

void floor_share(Floor *floor, int side)
{
    EVP_PKEY_free(floor->shares[side]);
    floor->shares[side] = NULL;
    must(EVP_PKEY_keygen(floor->maker, &floor->shares[side]) == 1, "key share");
}

/* The other side's share as it comes: its encoded public value. */
static EVP_PKEY *peer_share(Floor *floor, int side)
{
    uint8_t *value = NULL;
    EVP_PKEY *peer = NULL;
    size_t size = EVP_PKEY_get1_encoded_public_key(floor->shares[!side], &value);
    if (floor->point->group == GROUP_X25519) {
        peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, value, size);
    } else {
        peer = EVP_PKEY_new();
        must(EVP_PKEY_copy_parameters(peer, floor->shares[side]) == 1 &&
                 EVP_PKEY_set1_encoded_public_key(peer, value, size) == 1,
             "peer's share");
    }
    OPENSSL_free(value);
    return peer;
}

void floor_agree(Floor *floor, int side)
{
    size_t size = sizeof output;
    EVP_PKEY *peer = peer_share(floor, side);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, floor->shares[side], NULL);
    must(EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
             EVP_PKEY_derive(context, output, &size) == 1,
         "agreement");
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
}

static void mac_over(EVP_MAC_CTX *mac, size_t key, const size_t *sizes, size_t count)
{
    uint8_t value[EVP_MAX_MD_SIZE];
    size_t got = 0;
    must(EVP_MAC_init(mac, key == 0 ? NULL : secret, key, NULL) == 1, "MAC");
    for (size_t i = 0; i < count; i++)
        must(EVP_MAC_update(mac, input, sizes[i]) == 1, "MAC");
    must(EVP_MAC_final(mac, value, &got, sizeof value) == 1, "MAC");
}

/* RFC 5246 5: P_hash. */
static void p_hash(EVP_MAC_CTX *mac, size_t hash, size_t key, size_t seed, size_t size)
{
    mac_over(mac, key, &seed, 1);
    for (size_t at = 0; at < size; at += hash) {
        mac_over(mac, 0, (const size_t[]){hash, seed}, 2);
        if (at + hash < size)
            mac_over(mac, 0, &hash, 1);
    }
}

void floor_prf(Floor *floor, size_t seed, size_t size, bool rekeys)
{
    enum { MASTER = 48, HALF = 24 };
    if (floor->point->version >= VERSION_TLS_1_2) {
        p_hash(floor->mac_sha256, 32, rekeys ? MASTER : 0, seed, size);
        return;
    }
    p_hash(floor->mac_md5, 16, rekeys ? HALF : 0, seed, size); /* RFC 2246 5 */
    p_hash(floor->mac_sha1, 20, rekeys ? HALF : 0, seed, size);
}

void floor_hmacs(Floor *floor, const size_t *sizes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mac_over(floor->mac_sha256, i == 0 ? 32 : 0, &sizes[i], 1);
}

void floor_keys(Floor *floor, int side)
{
    const EVP_CIPHER *cipher = floor->point->group == GROUP_NONE ? floor->cbc : floor->gcm;
    EVP_CIPHER_CTX *seal = floor->ciphers[2 * side], *open = floor->ciphers[2 * side + 1];
    must(EVP_EncryptInit_ex2(seal, cipher, secret, secret + 16, NULL) == 1 &&
             EVP_DecryptInit_ex2(open, cipher, secret, secret + 16, NULL) == 1,
         "keys");
    if (cipher != floor->cbc)
        return;
    EVP_CIPHER_CTX_set_padding(seal, 0);
    EVP_CIPHER_CTX_set_padding(open, 0);
}

/* Additional data, plaintext, tag. */
static void gcm_record(EVP_CIPHER_CTX *seal, EVP_CIPHER_CTX *open, size_t size)
{
    enum { ADDITIONAL = 13, TAG = 16 };
    uint8_t tag[TAG];
    int got = 0;
    must(EVP_EncryptInit_ex2(seal, NULL, NULL, secret + 20, NULL) == 1 &&
             EVP_EncryptUpdate(seal, NULL, &got, input, ADDITIONAL) == 1 &&
             EVP_EncryptUpdate(seal, output, &got, input, (int)size) == 1 &&
             EVP_EncryptFinal_ex(seal, output + size, &got) == 1 &&
             EVP_CIPHER_CTX_ctrl(seal, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1,
         "seal");
    must(EVP_DecryptInit_ex2(open, NULL, NULL, secret + 20, NULL) == 1 &&
             EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
             EVP_DecryptUpdate(open, NULL, &got, input, ADDITIONAL) == 1 &&
             EVP_DecryptUpdate(open, output + sizeof output / 2, &got, output, (int)size) == 1 &&
             EVP_DecryptFinal_ex(open, output + sizeof output / 2 + size, &got) == 1,
         "open");
}

/* RFC 2246 6.2.3.2: MAC, padding, cipher; and back. */
static void cbc_record(Floor *floor, EVP_CIPHER_CTX *seal, EVP_CIPHER_CTX *open, size_t size)
{
    enum { HEADER = 13, MAC = 20, BLOCK = 16 };
    int whole = (int)((size + MAC + BLOCK) / BLOCK * BLOCK), got = 0;
    mac_over(floor->mac_sha1, MAC, (const size_t[]){HEADER, size}, 2);
    must(EVP_EncryptInit_ex2(seal, NULL, NULL, secret, NULL) == 1 &&
             EVP_EncryptUpdate(seal, output, &got, input, whole) == 1,
         "seal");
    must(EVP_DecryptInit_ex2(open, NULL, NULL, secret, NULL) == 1 &&
             EVP_DecryptUpdate(open, output, &got, output, whole) == 1,
         "open");
    mac_over(floor->mac_sha1, MAC, (const size_t[]){HEADER, size}, 2);
}

void floor_record(Floor *floor, int side, size_t size)
{
    EVP_CIPHER_CTX *seal = floor->ciphers[2 * side], *open = floor->ciphers[2 * side + 1];
    if (floor->point->group == GROUP_NONE)
        cbc_record(floor, seal, open, size);
    else
        gcm_record(seal, open, size);
}

void floor_open_ticket(Floor *floor)
{
    int got = 0;
    must(EVP_DecryptInit_ex2(floor->ticket, NULL, NULL, secret + 16, NULL) == 1 &&
             EVP_CIPHER_CTX_ctrl(floor->ticket, EVP_CTRL_AEAD_SET_TAG, 16, floor->ticket_tag) ==
                 1 &&
             EVP_DecryptUpdate(floor->ticket, output, &got, floor->ticket_sealed, 160) == 1 &&
             EVP_DecryptFinal_ex(floor->ticket, output + 160, &got) == 1,
         "ticket");
}
