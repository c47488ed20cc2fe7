/* The key exchange of SSL 3.0 to TLS 1.2: parameters of the server, answer of the client, and the
 * premaster secret that both come to.
 *
 * What the suite's row of key exchange says is done: RSA encrypts (to a temporary key for export),
 * Diffie-Hellman agrees in a finite field or on a curve, a pre-shared key is known already. A
 * premaster that does not decrypt, or that holds another version than the client offered, is
 * replaced by a random one, and the handshake fails only at Finished: whoever asks with altered
 * ciphertexts learns nothing.
 *
 * Obeys RFC 5246 7.4.3, 7.4.7, 8.1.1, 8.1.2; RFC 2246 7.4.3 (temporary RSA key); RFC 6101 5.6.7;
 * RFC 8422 5.4, 5.7, 5.10; RFC 7919 3, 3.1, 4; RFC 4279 2.
 */
#include <string.h>

#include "core/engine/state.h"

enum { EXPORT_BITS = 512 }; /* RFC 2246 D.1 */

/* --- what is signed --- */

/* client_random + server_random + ServerParams: RFC 5246 7.4.3. */
static void signed_params(const Endpoint *endpoint, const ServerKeyExchange *exchange,
                          const Scheme *scheme, Role sender, GByteArray *output)
{
    const Handshake *handshake = endpoint->handshake;
    WalkContext context = endpoint_context(endpoint, sender);
    BUFFER_SCOPED params = buffer_take();
    server_params_write(exchange, &context, params);
    const Bytes parts[] = {
        BYTES_ARRAY(handshake->client_random),
        BYTES_ARRAY(handshake->server_random),
        bytes_from_array(params),
    };
    scheme_digest(scheme, parts, G_N_ELEMENTS(parts), output);
}

static bool sign_params(Endpoint *endpoint, ServerKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Scheme *scheme = handshake->scheme;
    Authentication by = key_exchange(handshake->suite->key_exchange)->authentication;
    if (by == AUTHENTICATION_NONE || by == AUTHENTICATION_PSK)
        return true;
    BUFFER_SCOPED hashed = buffer_take();
    BUFFER_SCOPED signature = buffer_take();
    exchange->algorithm = scheme->number;
    signed_params(endpoint, exchange, scheme, ROLE_SERVER, hashed);
    endpoint->meter.private_operations++;
    if (!private_key_sign(handshake->credential->key, scheme->kind, scheme->hash,
                          bytes_from_array(hashed), endpoint->random, signature, fault))
        return false;
    exchange->signature = handshake_keep(handshake, bytes_from_array(signature));
    return true;
}

/* --- ServerKeyExchange, said --- */

static bool write_rsa(Endpoint *endpoint, ServerKeyExchange *exchange)
{
    Handshake *handshake = endpoint->handshake;
    g_autoptr(PublicKey) temporary = private_key_public(endpoint->config->temporary_rsa);
    g_autoptr(GBytes) modulus = public_key_modulus(temporary);
    g_autoptr(GBytes) exponent = public_key_exponent(temporary);
    exchange->rsa_modulus = handshake_keep(handshake, bytes_from_gbytes(modulus));
    exchange->rsa_exponent = handshake_keep(handshake, bytes_from_gbytes(exponent));
    return true;
}

/* The server's key pair: of a group, or of a prime and generator sent in full. */
static KeyAgreement *server_agreement(Endpoint *endpoint, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    bool exportable = key_exchange(handshake->suite->key_exchange)->exportable;
    KeyAgreement *made =
        handshake->group != NULL
            ? key_agreement_new(handshake->group, endpoint->random, fault)
            : key_agreement_new_dh(exportable ? config->export_prime : config->dh_prime,
                                   exportable ? config->export_generator : config->dh_generator,
                                   endpoint->random, fault);
    if (made == NULL)
        return NULL;
    g_ptr_array_add(handshake->lists.agreements, made);
    handshake->agreement = made;
    endpoint->meter.key_pairs++;
    report_key(endpoint, "server_private_key", key_agreement_private(made));
    return made;
}

static bool write_dh(Endpoint *endpoint, ServerKeyExchange *exchange, Fault *fault)
{
    const KeyAgreement *agreement = server_agreement(endpoint, fault);
    if (agreement == NULL)
        return false;
    exchange->dh_p = key_agreement_prime(agreement);
    exchange->dh_g = key_agreement_generator(agreement);
    exchange->dh_ys = key_agreement_public(agreement);
    return true;
}

static bool write_ecdh(Endpoint *endpoint, ServerKeyExchange *exchange, Fault *fault)
{
    const KeyAgreement *agreement = server_agreement(endpoint, fault);
    if (agreement == NULL)
        return false;
    exchange->curve_type = CURVE_TYPE_NAMED;
    exchange->named_curve = endpoint->handshake->group->number;
    exchange->point = key_agreement_public(agreement);
    return true;
}

bool server_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    (void)store;
    ServerKeyExchange *exchange = &message->server_key_exchange;
    bool made = false;
    switch (key_exchange(endpoint->handshake->suite->key_exchange)->agreement) {
    case AGREEMENT_RSA:
        made = write_rsa(endpoint, exchange);
        break;
    case AGREEMENT_DH:
        made = write_dh(endpoint, exchange, fault);
        break;
    case AGREEMENT_ECDH:
        made = write_ecdh(endpoint, exchange, fault);
        break;
    case AGREEMENT_PSK:
        exchange->psk_identity_hint = bytes_from_text(endpoint->config->psk_hint);
        made = true;
        break;
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        g_assert_not_reached();
    }
    return made && sign_params(endpoint, exchange, fault);
}

/* --- ServerKeyExchange, heard --- */

/* The scheme must be one that was offered, and the key must be of its kind: RFC 5246 7.4.3. */
static const Scheme *scheme_of(const Endpoint *endpoint, uint16_t number, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    const PublicKey *key = certificate_key(g_ptr_array_index(handshake->lists.peer_chain, 0));
    ProtocolVersion version = handshake->version->number;
    if (version < VERSION_TLS_1_2)
        return scheme_before_tls12(public_key_kind(key));
    const Scheme *scheme = scheme_find(number);
    if (scheme != NULL && config_has_scheme(endpoint->config, number) &&
        scheme_fits_key(scheme, key, version))
        return scheme;
    fault_peer(
        fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.3",
        "ServerKeyExchange is signed with %s (0x%04x), which was not offered or does not fit "
        "the certificate's key",
        number_text(NUMBER_SIGNATURE_SCHEME, number), number);
    return NULL;
}

static bool verify_params(Endpoint *endpoint, const ServerKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    Authentication by = key_exchange(handshake->suite->key_exchange)->authentication;
    if (by == AUTHENTICATION_NONE || by == AUTHENTICATION_PSK)
        return true;
    const Scheme *scheme = scheme_of(endpoint, exchange->algorithm, fault);
    if (scheme == NULL)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 5246 7.4.3",
                          "no signature of this version fits the certificate's key");
    BUFFER_SCOPED hashed = buffer_take();
    signed_params(endpoint, exchange, scheme, ROLE_SERVER, hashed);
    endpoint->meter.public_operations++;
    const PublicKey *key = certificate_key(g_ptr_array_index(handshake->lists.peer_chain, 0));
    if (public_key_verify(key, scheme->kind, scheme->hash, bytes_from_array(hashed),
                          exchange->signature))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 5246 7.4.3",
                      "the signature over the server's key exchange parameters does not verify");
}

static bool read_rsa(Endpoint *endpoint, const ServerKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
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

static unsigned bits_of(Bytes number)
{
    while (number.size > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.size);
    unsigned bits = (unsigned)number.size * 8;
    for (uint8_t top = bits == 0 ? 0x80 : number.data[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

/* Before TLS 1.3 a value outside the group is handshake_failure: RFC 7919 3 (dh_Ys), 4 (dh_Yc). */
static bool public_value_check(const Endpoint *endpoint, Bytes value, Fault *fault)
{
    bool client = endpoint->config->role == ROLE_CLIENT;
    if (key_agreement_holds(endpoint->handshake->agreement, value))
        return true;
    return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, client ? "RFC 7919 3" : "RFC 7919 4",
                      "%s does not lie between 1 and p - 1", client ? "dh_Ys" : "dh_Yc");
}

/* An export suite has a most, the others have a least. */
static bool group_size_check(const Endpoint *endpoint, unsigned bits, Fault *fault)
{
    bool exportable = key_exchange(endpoint->handshake->suite->key_exchange)->exportable;
    if (exportable && bits > EXPORT_BITS)
        return fault_peer(fault, ALERT_EXPORT_RESTRICTION, "RFC 2246 7.2.2",
                          "the prime has %u bits; an export suite allows %d", bits, EXPORT_BITS);
    if (exportable || bits >= DH_PRIME_BITS_LEAST ||
        (endpoint->config->weaknesses & WEAKNESS_ACCEPTS_SMALL_GROUPS))
        return true;
    return fault_peer(fault, ALERT_INSUFFICIENT_SECURITY, "RFC 7919 3.1",
                      "the prime has %u bits; %d are the least", bits, DH_PRIME_BITS_LEAST);
}

static bool read_dh(Endpoint *endpoint, const ServerKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Group *named = group_of_prime(exchange->dh_p, exchange->dh_g);
    unsigned bits = bits_of(exchange->dh_p);
    if (!group_size_check(endpoint, bits, fault))
        return false;
    KeyAgreement *own =
        key_agreement_new_dh(exchange->dh_p, exchange->dh_g, endpoint->random, fault);
    if (own == NULL)
        return false;
    g_ptr_array_add(handshake->lists.agreements, own);
    handshake->agreement = own;
    handshake->group = named;
    endpoint->meter.key_pairs++;
    if (!public_value_check(endpoint, exchange->dh_ys, fault))
        return false;
    bytes_append(handshake->peer_share, exchange->dh_ys);
    g_autofree char *text = g_strdup_printf("%u bits", bits);
    report_fact(endpoint, "group", named == NULL ? text : named->name,
                "the server's prime and generator");
    return true;
}

static bool read_ecdh(Endpoint *endpoint, const ServerKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Group *group = group_find(exchange->named_curve);
    if (group == NULL || group->kind == GROUP_FINITE_FIELD ||
        !config_has_group(endpoint->config, exchange->named_curve)) /* RFC 8422 5.4 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8422 5.4",
                          "the server uses the curve %s, which was not offered",
                          number_text(NUMBER_GROUP, exchange->named_curve));
    KeyAgreement *own = key_agreement_new(group, endpoint->random, fault);
    if (own == NULL)
        return false;
    g_ptr_array_add(handshake->lists.agreements, own);
    handshake->agreement = own;
    handshake->group = group;
    endpoint->meter.key_pairs++;
    bytes_append(handshake->peer_share, exchange->point);
    report_fact(endpoint, "group", group->name, "the server's choice out of the client's list");
    return true;
}

bool server_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const ServerKeyExchange *exchange = &message->server_key_exchange;
    if (!verify_params(endpoint, exchange, fault))
        return false;
    switch (key_exchange(endpoint->handshake->suite->key_exchange)->agreement) {
    case AGREEMENT_RSA:
        return read_rsa(endpoint, exchange, fault);
    case AGREEMENT_DH:
        return read_dh(endpoint, exchange, fault);
    case AGREEMENT_ECDH:
        return read_ecdh(endpoint, exchange, fault);
    case AGREEMENT_PSK: {
        Bytes hint = exchange->psk_identity_hint;
        g_autofree char *text = g_strndup((const char *)hint.data, hint.size);
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        report_fact(endpoint, "psk_identity_hint", valid, "which key the server would use");
        return true;
    }
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        break;
    }
    g_assert_not_reached();
}

/* --- the shared secret --- */

/* Z: of a finite field without its leading zeros (RFC 5246 8.1.2), of a curve whole (RFC 8422
 * 5.10). */
static bool agree(Endpoint *endpoint, Bytes peer, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    BUFFER_SCOPED shared = buffer_take();
    bool finite = key_exchange(handshake->suite->key_exchange)->agreement == AGREEMENT_DH;
    endpoint->meter.agreements++;
    if (!key_agreement_derive(handshake->agreement, peer, shared, fault))
        return false;
    Bytes secret = bytes_from_array(shared);
    while (finite && secret.size > 1 && secret.data[0] == 0)
        secret = bytes_slice(secret, 1, secret.size);
    bytes_append(handshake->premaster, secret);
    return true;
}

/* RFC 4279 2: zeros as long as the key, then the key, each with its length. */
static void psk_premaster(Handshake *handshake)
{
    handshake->psk_key = handshake->psk->key;
    schedule_psk_premaster(handshake->psk->key, handshake->premaster);
}

/* --- ClientKeyExchange, said --- */

static bool write_premaster(Endpoint *endpoint, ClientKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    BUFFER_SCOPED cipher = buffer_take();
    uint8_t premaster[PREMASTER_SIZE];
    random_fill(endpoint->random, "premaster_secret", premaster, sizeof premaster);
    premaster[0] = (uint8_t)(handshake->hello_version >> 8); /* RFC 5246 7.4.7.1 */
    premaster[1] = (uint8_t)handshake->hello_version;
    bytes_append(handshake->premaster, BYTES_ARRAY(premaster));
    endpoint->meter.public_operations++;
    if (!public_key_encrypt(handshake->exchange_key, endpoint->random, BYTES_ARRAY(premaster),
                            cipher, fault))
        return false;
    exchange->encrypted_premaster_secret = handshake_keep(handshake, bytes_from_array(cipher));
    return true;
}

static bool write_share(Endpoint *endpoint, Bytes *share, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    *share = key_agreement_public(handshake->agreement);
    report_key(endpoint, "client_private_key", key_agreement_private(handshake->agreement));
    return agree(endpoint, bytes_from_array(handshake->peer_share), fault);
}

static bool write_identity(Endpoint *endpoint, ClientKeyExchange *exchange, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    if (endpoint->config->psk_count == 0)
        return fault_set(fault, FAULT_OF_USER, ALERT_HANDSHAKE_FAILURE, "RFC 4279 2",
                         "the client has no pre-shared key");
    handshake->psk = &endpoint->config->psks[0];
    exchange->psk_identity = bytes_from_text(handshake->psk->identity);
    psk_premaster(handshake);
    return true;
}

bool client_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault)
{
    (void)store;
    ClientKeyExchange *exchange = &message->client_key_exchange;
    switch (key_exchange(endpoint->handshake->suite->key_exchange)->agreement) {
    case AGREEMENT_RSA:
        return write_premaster(endpoint, exchange, fault);
    case AGREEMENT_DH:
        return write_share(endpoint, &exchange->dh_yc, fault);
    case AGREEMENT_ECDH:
        return write_share(endpoint, &exchange->point, fault);
    case AGREEMENT_PSK:
        return write_identity(endpoint, exchange, fault);
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        break;
    }
    g_assert_not_reached();
}

/* --- ClientKeyExchange, heard --- */

static bool read_premaster(Endpoint *endpoint, Bytes cipher)
{
    Handshake *handshake = endpoint->handshake;
    bool temporary = handshake_is(handshake, FACT_EPHEMERAL);
    const PrivateKey *key =
        temporary ? endpoint->config->temporary_rsa : handshake->credential->key;
    /* RFC 5246 7.4.7.1: drawn before anything is known, used when anything is wrong */
    uint8_t premaster[PREMASTER_SIZE];
    random_fill(endpoint->random, "premaster_substitute", premaster, sizeof premaster);
    BUFFER_SCOPED block = buffer_take();
    Bytes plain = BYTES_NONE;
    endpoint->meter.private_operations++;
    bool decrypted = private_key_decrypt(key, cipher, block, &plain);
    report_key(endpoint, "premaster_block", bytes_from_array(block));
    bool good = decrypted && plain.size == PREMASTER_SIZE &&
                bytes_number(bytes_slice(plain, 0, 2)) == handshake->hello_version;
    if (good)
        memcpy(premaster, plain.data, sizeof premaster);
    report_fact(endpoint, "premaster_secret", good ? "decrypted" : "replaced by a random one",
                good         ? "48 bytes that begin with the version that the client offered"
                : !decrypted ? "the ciphertext does not decrypt to a PKCS#1 block; the handshake "
                               "will fail at Finished (RFC 5246 7.4.7.1)"
                             : "it does not begin with the version that the client offered; the "
                               "handshake will fail at Finished (RFC 5246 7.4.7.1)");
    bytes_append(handshake->premaster, BYTES_ARRAY(premaster));
    return true;
}

/* RFC 4279 2: unknown_psk_identity, where the server does not hide what it knows. */
static bool read_identity(Endpoint *endpoint, Bytes identity, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i < config->psk_count; i++) {
        if (!bytes_equal(bytes_from_text(config->psks[i].identity), identity))
            continue;
        endpoint->handshake->psk = &config->psks[i];
        psk_premaster(endpoint->handshake);
        report_fact(endpoint, "psk_identity", config->psks[i].identity,
                    "the key that both sides were given");
        return true;
    }
    return fault_peer(fault, ALERT_UNKNOWN_PSK_IDENTITY, "RFC 4279 2",
                      "no pre-shared key has the identity that the client names");
}

bool client_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault)
{
    const ClientKeyExchange *exchange = &message->client_key_exchange;
    switch (key_exchange(endpoint->handshake->suite->key_exchange)->agreement) {
    case AGREEMENT_RSA:
        return read_premaster(endpoint, exchange->encrypted_premaster_secret);
    case AGREEMENT_DH:
        return public_value_check(endpoint, exchange->dh_yc, fault) &&
               agree(endpoint, exchange->dh_yc, fault);
    case AGREEMENT_ECDH:
        return agree(endpoint, exchange->point, fault);
    case AGREEMENT_PSK:
        return read_identity(endpoint, exchange->psk_identity, fault);
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        break;
    }
    g_assert_not_reached();
}
