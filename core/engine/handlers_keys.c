/* Keys: the premaster secret, what is derived from it, the change to it, and Finished.
 *
 * The client makes the premaster and encrypts it to the server's key (for export suites to a
 * temporary one); both derive. A premaster that does not decrypt, or that holds another version
 * than the client offered, is replaced by a random one, and the handshake fails only at Finished:
 * whoever asks with altered ciphertexts learns nothing.
 *
 * Obeys RFC 5246 7.4.7.1 (premaster and its substitute), 7.1, 7.4.9, 8.1; RFC 2246 7.4.3 (temporary
 * RSA key); RFC 6101 5.6.7, 5.6.9.
 */
#include "core/engine/state.h"

#include <string.h>

enum { EXPORT_BITS = 512 }; /* RFC 2246 7.4.3 */

/* client_random + server_random + the parameters, hashed by MD5 and SHA-1 side by side: the same in
 * every version that has export suites (RFC 6101 5.6.3, RFC 2246 7.4.3). */
static void params_hash(const Handshake *handshake, const ServerKeyExchange *exchange,
                        uint8_t output[36])
{
    uint8_t lengths[2][2] = {
        {(uint8_t)(exchange->rsa_modulus.size >> 8), (uint8_t)exchange->rsa_modulus.size},
        {(uint8_t)(exchange->rsa_exponent.size >> 8), (uint8_t)exchange->rsa_exponent.size},
    };
    const Bytes parts[] = {
        BYTES_ARRAY(handshake->client_random),
        BYTES_ARRAY(handshake->server_random),
        BYTES_ARRAY(lengths[0]),
        exchange->rsa_modulus,
        BYTES_ARRAY(lengths[1]),
        exchange->rsa_exponent,
    };
    digest(HASH_MD5, parts, G_N_ELEMENTS(parts), output);
    digest(HASH_SHA1, parts, G_N_ELEMENTS(parts), output + hash_size(HASH_MD5));
}

bool server_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    ServerKeyExchange *exchange = &message->server_key_exchange;
    g_autoptr(PublicKey) temporary = private_key_public(endpoint->config->temporary_rsa);
    g_autoptr(GBytes) modulus = public_key_modulus(temporary);
    g_autoptr(GBytes) exponent = public_key_exponent(temporary);
    uint8_t hash[36];
    exchange->rsa_modulus = bytes_from_gbytes(modulus);
    exchange->rsa_exponent = bytes_from_gbytes(exponent);
    params_hash(endpoint->handshake, exchange, hash);
    g_autoptr(GByteArray) signature = g_byte_array_new();
    endpoint->meter.private_operations++;
    if (!private_key_sign(endpoint->config->credential.key, SIGNATURE_RSA_MD5_SHA1, HASH_SHA1,
                          BYTES_ARRAY(hash), endpoint->random, signature, fault))
        return false;
    /* everything into the store first, then the views: it may move while it grows */
    size_t sizes[] = {exchange->rsa_modulus.size, exchange->rsa_exponent.size};
    bytes_append(store, exchange->rsa_modulus);
    bytes_append(store, exchange->rsa_exponent);
    bytes_append(store, bytes_from_array(signature));
    Bytes all = bytes_from_array(store);
    exchange->rsa_modulus = bytes_slice(all, 0, sizes[0]);
    exchange->rsa_exponent = bytes_slice(all, sizes[0], sizes[1]);
    exchange->signature = bytes_slice(all, sizes[0] + sizes[1], signature->len);
    return true;
}

bool server_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const ServerKeyExchange *exchange = &message->server_key_exchange;
    uint8_t hash[36];
    params_hash(handshake, exchange, hash);
    endpoint->meter.public_operations++;
    if (!public_key_verify(handshake->exchange_key, SIGNATURE_RSA_MD5_SHA1, HASH_SHA1,
                           BYTES_ARRAY(hash), exchange->signature))
        return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 2246 7.4.3",
                          "the signature over the temporary RSA key does not verify");
    PublicKey *temporary =
        public_key_from_rsa(exchange->rsa_modulus, exchange->rsa_exponent, fault);
    if (temporary == NULL)
        return false;
    public_key_unref(handshake->exchange_key);
    handshake->exchange_key = temporary;
    unsigned bits = public_key_bits(temporary);
    if (bits > EXPORT_BITS)
        return fault_peer(fault, ALERT_EXPORT_RESTRICTION, "RFC 2246 7.2.2",
                          "the temporary RSA key has %u bits; an export suite allows %d", bits,
                          EXPORT_BITS);
    g_autofree char *text = public_key_text(temporary);
    report_fact(endpoint, "temporary_key", text,
                "the export suite forbids a longer key to encrypt");
    return true;
}

static Protection *make_protection(Endpoint *endpoint, Role writer, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    const KeyBlock *keys = &handshake->keys;
    bool client = writer == ROLE_CLIENT;
    const ProtectionKeys made = {
        .version = handshake->version,
        .suite = handshake->suite,
        .mac_secret = client ? keys->client_mac_secret : keys->server_mac_secret,
        .key = client ? keys->client_final_key : keys->server_final_key,
        .iv = client ? keys->client_iv : keys->server_iv,
    };
    return protection_new(&made, endpoint->random, &endpoint->meter, fault);
}

/* premaster → master secret → key block → the protections that wait for ChangeCipherSpec */
static bool derive(Endpoint *endpoint, Bytes premaster, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Bytes client_random = BYTES_ARRAY(handshake->client_random);
    Bytes server_random = BYTES_ARRAY(handshake->server_random);
    report_key(endpoint, "premaster_secret", premaster);
    schedule_master_secret(handshake->version, handshake->suite, premaster, client_random,
                           server_random, handshake->master);
    Bytes master = BYTES_ARRAY(handshake->master);
    report_key(endpoint, "master_secret", master);
    schedule_keys(handshake->version, handshake->suite, master, client_random, server_random,
                  &handshake->keys);
    report_key_block(endpoint);
    Role self = endpoint->config->role;
    handshake->next_write = make_protection(endpoint, self, fault);
    handshake->next_read = make_protection(endpoint, role_peer(self), fault);
    return handshake->next_write != NULL && handshake->next_read != NULL;
}

bool client_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    uint8_t premaster[PREMASTER_SIZE];
    random_fill(endpoint->random, "premaster_secret", premaster, sizeof premaster);
    premaster[0] = (uint8_t)(handshake->offered_version >> 8); /* RFC 5246 7.4.7.1 */
    premaster[1] = (uint8_t)handshake->offered_version;
    endpoint->meter.public_operations++;
    if (!public_key_encrypt(handshake->exchange_key, endpoint->random, BYTES_ARRAY(premaster),
                            store, fault))
        return false;
    message->client_key_exchange.encrypted_premaster_secret = bytes_from_array(store);
    return derive(endpoint, BYTES_ARRAY(premaster), fault);
}

bool client_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const EndpointConfig *config = endpoint->config;
    Bytes cipher = message->client_key_exchange.encrypted_premaster_secret;
    bool temporary = (handshake->progress.facts & FACT_EPHEMERAL_RSA) != 0;
    const PrivateKey *key = temporary ? config->temporary_rsa : config->credential.key;
    /* RFC 5246 7.4.7.1: drawn before anything is known, used when anything is wrong */
    uint8_t premaster[PREMASTER_SIZE];
    random_fill(endpoint->random, "premaster_substitute", premaster, sizeof premaster);
    g_autoptr(GByteArray) block = g_byte_array_new();
    Bytes plain = BYTES_NONE;
    endpoint->meter.private_operations++;
    bool decrypted = private_key_decrypt(key, cipher, block, &plain);
    report_key(endpoint, "premaster_block", bytes_from_array(block));
    bool good = decrypted && plain.size == PREMASTER_SIZE &&
                bytes_number(bytes_slice(plain, 0, 2)) == handshake->offered_version;
    if (good)
        memcpy(premaster, plain.data, sizeof premaster);
    report_fact(endpoint, "premaster_secret", good ? "decrypted" : "replaced by a random one",
                good         ? "48 bytes that begin with the version that the client offered"
                : !decrypted ? "the ciphertext does not decrypt to a PKCS#1 block; the handshake "
                               "will fail at Finished (RFC 5246 7.4.7.1)"
                             : "it does not begin with the version that the client offered; the "
                               "handshake will fail at Finished (RFC 5246 7.4.7.1)");
    return derive(endpoint, BYTES_ARRAY(premaster), fault);
}

bool change_cipher_spec_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)endpoint;
    (void)store;
    (void)fault;
    message->change_cipher_spec = 1;
    return true;
}

bool change_cipher_spec_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    (void)message;
    if (endpoint->handshake->next_read == NULL) /* the list lets it come only after the keys */
        return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, "RFC 5246 7.1",
                         "ChangeCipherSpec came before there were keys");
    return true;
}

/* verify_data of one side, over all handshake messages so far; kept for RFC 5746. */
static Bytes verify_data(Endpoint *endpoint, Role role)
{
    Handshake *handshake = endpoint->handshake;
    uint8_t *output = role == ROLE_CLIENT ? handshake->client_verify : handshake->server_verify;
    schedule_finished(handshake->version, handshake->suite, BYTES_ARRAY(handshake->master), role,
                      bytes_from_array(handshake->transcript), output);
    return bytes_make(output, handshake->version->finished_size);
}

/* What Finished covers, for the lesson: RFC 5246 7.4.9. */
static void report_cover(Endpoint *endpoint)
{
    Bytes transcript = bytes_from_array(endpoint->handshake->transcript);
    uint8_t hash[HASH_SIZE_MOST];
    if (endpoint->sink.trace == NULL)
        return;
    unsigned messages = 0;
    for (size_t at = 0; at + HANDSHAKE_HEADER_SIZE <= transcript.size; messages++)
        at += HANDSHAKE_HEADER_SIZE + bytes_number(bytes_slice(transcript, at + 1, 3));
    digest(HASH_SHA256, &transcript, 1, hash);
    g_autofree char *hex = bytes_to_hex(bytes_make(hash, hash_size(HASH_SHA256)), NULL);
    g_autofree char *value = g_strdup_printf("covers %u handshake messages", messages);
    report_fact(endpoint, "finished", value, "%zu bytes from ClientHello on, SHA-256 %s",
                transcript.size, hex);
}

bool finished_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    report_cover(endpoint);
    message->finished.verify_data = verify_data(endpoint, endpoint->config->role);
    return true;
}

bool finished_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Role peer = role_peer(endpoint->config->role);
    Bytes expected = verify_data(endpoint, peer);
    if (bytes_equal(message->finished.verify_data, expected))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 5246 7.4.9",
                      "the %s's Finished does not cover the messages that this side saw",
                      role_name(peer));
}
