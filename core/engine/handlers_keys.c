/* Keys of SSL 3.0 to TLS 1.2: what is derived from the premaster secret, the change to it,
 * Finished.
 *
 * The master secret is made once ClientKeyExchange is part of the transcript, because an extended
 * one covers all messages up to and with it. The protections wait for ChangeCipherSpec.
 *
 * Obeys RFC 5246 7.1, 7.4.9, 8.1; RFC 7627 4; RFC 6101 5.6.9; RFC 7366 3.
 */
#include <string.h>

#include "core/engine/state.h"

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
        .encrypt_then_mac = handshake->encrypt_then_mac,
    };
    return protection_new(&made, endpoint->random, &endpoint->meter, fault);
}

bool derive_keys(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Bytes master = BYTES_ARRAY(handshake->master);
    report_key(endpoint, "master_secret", master);
    schedule_start(handshake->version, handshake->suite, master, &handshake->prf);
    schedule_keys(handshake->version, handshake->suite, &handshake->prf,
                  BYTES_ARRAY(handshake->client_random), BYTES_ARRAY(handshake->server_random),
                  &handshake->keys);
    report_key_block(endpoint);
    Role self = endpoint->config->role;
    handshake->next_write = make_protection(endpoint, self, fault);
    handshake->next_read = make_protection(endpoint, role_peer(self), fault);
    return handshake->next_write != NULL && handshake->next_read != NULL;
}

/* premaster → master secret → key block → the protections that wait for ChangeCipherSpec */
bool client_key_exchange_after(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Bytes premaster = bytes_from_array(handshake->premaster);
    report_key(endpoint, "premaster_secret", premaster);
    if (handshake->extended) { /* RFC 7627 4 */
        uint8_t hash[HASH_SIZE_MOST];
        size_t size = transcript_hash_value(handshake_hashed(handshake), hash); /* RFC 7627 3 */
        report_key(endpoint, "session_hash", bytes_make(hash, size));
        schedule_extended_master_secret(handshake->version, handshake->suite, premaster,
                                        bytes_make(hash, size), handshake->master);
    } else {
        schedule_master_secret(handshake->version, handshake->suite, premaster,
                               BYTES_ARRAY(handshake->client_random),
                               BYTES_ARRAY(handshake->server_random), handshake->master);
    }
    return derive_keys(endpoint, fault);
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
    schedule_finished(handshake->version, &handshake->prf, role, handshake_hashed(handshake),
                      output);
    return bytes_make(output, handshake->version->finished_size);
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
