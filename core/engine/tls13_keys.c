/* The key schedule of TLS 1.3, and which keys are in force.
 *
 * Three secrets one out of the other (early, handshake, master), and traffic secrets out of each;
 * every one goes to the trace by the name that RFC 8446 gives it. Keys change when a message has
 * been said or heard that ends the use of the old ones: ServerHello, the two Finished,
 * EndOfEarlyData, KeyUpdate.
 *
 * Obeys RFC 8446 7.1 to 7.3, 4.4.1, 4.4.4, 4.6.1 (resumption), 5.1 (no message across a change of
 * keys), D.4 (ChangeCipherSpec that means nothing).
 */
#include <string.h>

#include "core/engine/state.h"

static HashKind hash_of(const Endpoint *endpoint)
{
    const Suite *suite = endpoint_suite(endpoint);
    return suite->prf;
}

static Bytes secret_view(const Endpoint *endpoint, const uint8_t *secret)
{
    return bytes_make(secret, hash_size(hash_of(endpoint)));
}

/* --- one direction --- */

bool tls13_install(Endpoint *endpoint, Way *way, Under under, Bytes secret, Fault *fault)
{
    const Suite *suite = endpoint_suite(endpoint);
    bool writing = way == &endpoint->write;
    uint8_t key[HASH_SIZE_MOST], iv[12];
    if (writing)
        speak_flush(endpoint);            /* what waits was said under the keys before */
    if (!writing && endpoint->behind > 0) /* RFC 8446 5.1 */
        return fault_peer(fault, ALERT_UNEXPECTED_MESSAGE, "RFC 8446 5.1",
                          "a record holds a message behind one that changes the keys");
    hkdf_traffic_keys(suite, secret, key, iv);
    const ProtectionKeys keys = {
        .version = version_find(VERSION_TLS_1_3),
        .suite = suite,
        .key = bytes_make(key, suite->key_size),
        .iv = BYTES_ARRAY(iv),
    };
    Protection *protection = protection_new(&keys, endpoint->random, &endpoint->meter, fault);
    if (protection == NULL)
        return false;
    protection_free(way->protection);
    way->protection = protection;
    way->under = under;
    way->epoch++;
    bool client = (endpoint->config->role == ROLE_CLIENT) == writing;
    report_key(endpoint, client ? "client_write_key" : "server_write_key", keys.key);
    report_key(endpoint, client ? "client_write_IV" : "server_write_IV", keys.iv);
    return true;
}

/* --- the schedule --- */

static HkdfSecret keyed(const Endpoint *endpoint, const uint8_t *secret)
{
    HkdfSecret made;
    hkdf_secret_start(&made, hash_of(endpoint), secret_view(endpoint, secret));
    return made;
}

static void derive(Endpoint *endpoint, const HkdfSecret *from, const char *label, const char *name,
                   uint8_t *output)
{
    uint8_t hash[HASH_SIZE_MOST];
    Bytes transcript = handshake_transcript_hash(endpoint->handshake, hash);
    hkdf_secret_label(from, label, transcript, output, transcript.size);
    report_key(endpoint, name, secret_view(endpoint, output));
}

/* Extract (Derive-Secret (secret, "derived", ""), input): the step from one secret to the next. */
static void next_secret(const HkdfSecret *secret, Bytes input, uint8_t *output)
{
    uint8_t salt[HASH_SIZE_MOST];
    HashKind hash = secret->inner.kind;
    hkdf_secret_derived(secret, salt);
    hkdf_extract(hash, bytes_make(salt, hash_size(hash)), input, output);
}

static void early_secret(Endpoint *endpoint)
{
    static const uint8_t zeros[HASH_SIZE_MOST];
    Handshake *handshake = endpoint->handshake;
    HashKind hash = handshake->suite->prf;
    bool psk = handshake->psk_key.size > 0;
    hkdf_extract(hash, BYTES_NONE, psk ? handshake->psk_key : bytes_make(zeros, hash_size(hash)),
                 handshake->secrets.early);
    report_key(endpoint, "early_secret", secret_view(endpoint, handshake->secrets.early));
}

bool tls13_early_secrets(Endpoint *endpoint, const Suite *suite, Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    const Suite *settled = handshake->suite;
    handshake->suite = suite; /* of the first pre-shared key: RFC 8446 4.2.10 */
    early_secret(endpoint);
    HkdfSecret early = keyed(endpoint, handshake->secrets.early);
    derive(endpoint, &early, "c e traffic", "client_early_traffic_secret",
           handshake->secrets.client_early);
    if (settled != NULL)
        handshake->suite = settled;
    return true;
}

bool tls13_agree(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    if (handshake->peer_share->len != handshake->group->share_size) /* RFC 8446 4.2.8.1 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8.1",
                          "a share of %s has %u bytes; %zu are right", handshake->group->name,
                          handshake->peer_share->len, handshake->group->share_size);
    endpoint->meter.agreements++;
    return key_agreement_derive(handshake->agreement, bytes_from_array(handshake->peer_share),
                                handshake->premaster, fault);
}

/* (EC)DHE, where the older versions have their premaster secret; zeros in psk_ke. */
static Bytes shared_secret(Endpoint *endpoint)
{
    static const uint8_t zeros[HASH_SIZE_MOST];
    const Handshake *handshake = endpoint->handshake;
    if (handshake->agreement == NULL)
        return secret_view(endpoint, zeros);
    report_key(endpoint,
               endpoint->config->role == ROLE_CLIENT ? "client_private_key" : "server_private_key",
               key_agreement_private(handshake->agreement));
    report_key(endpoint, "shared_secret", bytes_from_array(handshake->premaster));
    return bytes_from_array(handshake->premaster);
}

/* Behind ServerHello: the handshake traffic keys of both directions. A client that sends early data
 * goes on under its early keys, and a server that takes it reads under them. */
bool tls13_server_hello_after(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Secrets *secrets = &handshake->secrets;
    bool agrees = endpoint->config->role == ROLE_CLIENT && handshake->agreement != NULL;
    if (agrees && !tls13_agree(endpoint, fault)) /* a server has when it chose */
        return false;
    early_secret(endpoint);
    HkdfSecret secret = keyed(endpoint, secrets->early);
    next_secret(&secret, shared_secret(endpoint), secrets->handshake);
    report_key(endpoint, "handshake_secret", secret_view(endpoint, secrets->handshake));
    secret = keyed(endpoint, secrets->handshake);
    derive(endpoint, &secret, "c hs traffic", "client_handshake_traffic_secret",
           secrets->client_handshake);
    derive(endpoint, &secret, "s hs traffic", "server_handshake_traffic_secret",
           secrets->server_handshake);
    static const uint8_t zeros[HASH_SIZE_MOST];
    next_secret(&secret, secret_view(endpoint, zeros), secrets->master);
    report_key(endpoint, "master_secret", secret_view(endpoint, secrets->master));
    Bytes client = secret_view(endpoint, secrets->client_handshake);
    Bytes server = secret_view(endpoint, secrets->server_handshake);
    if (endpoint->config->role == ROLE_SERVER) {
        speak_flush(endpoint);
        tls13_compatibility(endpoint);
        return tls13_install(endpoint, &endpoint->write, UNDER_HANDSHAKE, server, fault) &&
               (handshake_is(handshake, FACT_EARLY) ||
                tls13_install(endpoint, &endpoint->read, UNDER_HANDSHAKE, client, fault));
    }
    return tls13_install(endpoint, &endpoint->read, UNDER_HANDSHAKE, server, fault) &&
           (handshake->early_write ||
            tls13_install(endpoint, &endpoint->write, UNDER_HANDSHAKE, client, fault));
}

/* Behind the server's Finished: the application traffic secrets; the server writes under them from
 * here on, and the client reads. */
bool tls13_server_finished_after(Endpoint *endpoint, Fault *fault)
{
    Secrets *secrets = &endpoint->handshake->secrets;
    HkdfSecret master = keyed(endpoint, secrets->master);
    derive(endpoint, &master, "c ap traffic", "client_application_traffic_secret_0",
           secrets->client_application);
    derive(endpoint, &master, "s ap traffic", "server_application_traffic_secret_0",
           secrets->server_application);
    derive(endpoint, &master, "exp master", "exporter_master_secret", secrets->exporter);
    bool client = endpoint->config->role == ROLE_CLIENT;
    if (client)
        tls13_compatibility(endpoint);
    return tls13_install(endpoint, client ? &endpoint->read : &endpoint->write, UNDER_NEW,
                         secret_view(endpoint, secrets->server_application), fault);
}

/* Behind EndOfEarlyData, or at once where early data was rejected. */
bool tls13_end_early(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    bool client = endpoint->config->role == ROLE_CLIENT;
    handshake->early_write = false;
    return tls13_install(endpoint, client ? &endpoint->write : &endpoint->read, UNDER_HANDSHAKE,
                         secret_view(endpoint, handshake->secrets.client_handshake), fault);
}

bool tls13_client_finished_after(Endpoint *endpoint, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Secrets *secrets = &handshake->secrets;
    bool client = endpoint->config->role == ROLE_CLIENT;
    if (handshake->conversation->family == FAMILY_TLS13_POST)
        return true;
    HkdfSecret master = keyed(endpoint, secrets->master);
    derive(endpoint, &master, "res master", "resumption_master_secret", secrets->resumption);
    return tls13_install(endpoint, client ? &endpoint->write : &endpoint->read, UNDER_NEW,
                         secret_view(endpoint, secrets->client_application), fault);
}

/* --- Finished --- */

static Bytes verify_data(Endpoint *endpoint, Role role, uint8_t output[HASH_SIZE_MOST])
{
    Handshake *handshake = endpoint->handshake;
    bool post = handshake->conversation->family == FAMILY_TLS13_POST;
    const uint8_t *base = post                  ? endpoint->established.client_application
                          : role == ROLE_CLIENT ? handshake->secrets.client_handshake
                                                : handshake->secrets.server_handshake;
    uint8_t hash[HASH_SIZE_MOST];
    Bytes transcript = handshake_transcript_hash(handshake, hash);
    hkdf_finished(hash_of(endpoint), secret_view(endpoint, base), transcript, output);
    return secret_view(endpoint, output);
}

bool tls13_finished_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault)
{
    (void)store;
    (void)fault;
    uint8_t data[HASH_SIZE_MOST];
    report_cover(endpoint);
    message->finished.verify_data =
        handshake_keep(endpoint->handshake, verify_data(endpoint, endpoint->config->role, data));
    return true;
}

bool tls13_finished_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    Role peer = role_peer(endpoint->config->role);
    uint8_t data[HASH_SIZE_MOST];
    Bytes expected = verify_data(endpoint, peer, data);
    if (message->finished.verify_data.size != expected.size) /* RFC 8446 4.4.4 */
        return fault_peer(fault, ALERT_DECODE_ERROR, "RFC 8446 4.4.4",
                          "the %s's Finished has %zu bytes, its hash %zu", role_name(peer),
                          message->finished.verify_data.size, expected.size);
    if (bytes_equal(message->finished.verify_data, expected))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 8446 4.4.4",
                      "the %s's Finished does not cover the messages that this side saw",
                      role_name(peer));
}

/* --- the transcript of a retry, and binders --- */

/* message_hash || 00 00 Hash.length || Hash(ClientHello1): RFC 8446 4.4.1. */
void tls13_replace_transcript(Handshake *handshake)
{
    uint8_t hash[HASH_SIZE_MOST];
    Bytes value = handshake_transcript_hash(handshake, hash);
    const uint8_t header[] = {MESSAGE_MESSAGE_HASH, 0, 0, (uint8_t)value.size};
    transcript_hash_forget(&handshake->hashed);
    g_byte_array_set_size(handshake->transcript, 0);
    g_byte_array_append(handshake->transcript, header, sizeof header);
    bytes_append(handshake->transcript, value);
}

/* The binder of one key over a truncated hello: RFC 8446 4.2.11.2. */
void tls13_binder(Endpoint *endpoint, HashKind hash, Bytes psk, bool external, Bytes truncated,
                  uint8_t output[HASH_SIZE_MOST])
{
    uint8_t early[HASH_SIZE_MOST], key[HASH_SIZE_MOST], empty[HASH_SIZE_MOST];
    uint8_t covered[HASH_SIZE_MOST];
    size_t size = hash_size(hash);
    Bytes nothing = BYTES_NONE;
    const Bytes parts[] = {handshake_transcript(endpoint->handshake), truncated};
    digest(hash, &nothing, 1, empty);
    digest(hash, parts, G_N_ELEMENTS(parts), covered);
    hkdf_extract(hash, BYTES_NONE, psk, early);
    hkdf_derive_secret(hash, bytes_make(early, size), external ? "ext binder" : "res binder",
                       bytes_make(empty, size), key);
    report_key(endpoint, "binder_key", bytes_make(key, size));
    hkdf_finished(hash, bytes_make(key, size), bytes_make(covered, size), output);
}
