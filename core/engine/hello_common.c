/* What the hellos of all versions share: the binding of renegotiations, values that nobody knows,
 * what a suite settles about the list of messages.
 *
 * Obeys RFC 5746 3.4 to 3.7 and 4; RFC 8701 3; RFC 5246 7.4.1.4.1; RFC 7507.
 */
#include <string.h>

#include "core/engine/extensions.h"

uint16_t grease_number(const Endpoint *endpoint, GreaseKind kind)
{
    uint8_t nibble = endpoint->handshake->grease[kind] & 0xf0; /* 0x?A?A: RFC 8701 2 */
    if (kind == GREASE_LAST_EXTENSION &&                       /* two of one type may not stand */
        nibble == (endpoint->handshake->grease[GREASE_EXTENSION] & 0xf0))
        nibble ^= 0x10;
    return (uint16_t)((nibble | 0x0a) << 8 | nibble | 0x0a);
}

void note_schemes(Handshake *handshake, Bytes schemes)
{
    handshake->peer_schemes = handshake_keep(handshake, schemes);
    handshake->peer_schemes_came = true;
}

Bytes keep_numbers(Handshake *handshake, const uint16_t *numbers, size_t count)
{
    uint8_t *bytes = handshake_room(handshake, 2 * count);
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)(numbers[i] >> 8);
        bytes[2 * i + 1] = (uint8_t)numbers[i];
    }
    return bytes_make(bytes, 2 * count);
}

/* RFC 5746 3.6 (first handshake) and 3.7 (renegotiation): the server's side of the binding. */
bool client_binding_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Established *before = &endpoint->established;
    bool scsv = numbers_contain(hello->cipher_suites, 2, SCSV_EMPTY_RENEGOTIATION_INFO);
    const Extension *info = extensions_find(&hello->extensions, EXTENSION_RENEGOTIATION_INFO);
    if (!binding_wanted(endpoint))
        return true;
    handshake->peer_binds = scsv || info != NULL;
    if (!before->any) {
        if (info != NULL && info->renegotiated_connection.size != 0) /* RFC 5746 3.6 */
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.6",
                              "a first hello carries the binding of another handshake");
        return true;
    }
    if (scsv && before->secure_renegotiation) /* RFC 5746 3.7 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.7",
                          "the hello of a renegotiation carries the SCSV of a first one");
    if (!before->secure_renegotiation && (scsv || info != NULL)) /* RFC 5746 4.4 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 4.4",
                          "a client that could not bind its first handshake binds its second");
    if (!before->secure_renegotiation)
        return true;
    Bytes expected = bytes_make(before->client_verify, before->version->finished_size);
    if (info == NULL || !bytes_equal(info->renegotiated_connection, expected))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.7",
                          "the hello is not bound to the handshake before it: %s",
                          info == NULL ? "renegotiation_info is missing"
                                       : "renegotiated_connection is not its client verify_data");
    return true;
}

/* RFC 5746 3.4 (first handshake) and 3.5 (renegotiation): the client's side of the binding. */
bool server_binding_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault)
{
    const Established *before = &endpoint->established;
    const Extension *info = extensions_find(&hello->extensions, EXTENSION_RENEGOTIATION_INFO);
    endpoint->handshake->peer_binds = info != NULL;
    if (!before->any) {
        if (info != NULL && info->renegotiated_connection.size != 0)
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.4",
                              "the server's first hello carries the binding of another handshake");
        report_fact(endpoint, "renegotiation", info != NULL ? "secure" : "not bound",
                    info != NULL ? "both sides send renegotiation_info (RFC 5746 3.4)"
                                 : "the server does not know RFC 5746, or this client does not");
        return true;
    }
    if (!before->secure_renegotiation) {
        if (info != NULL) /* RFC 5746 3.5 */
            return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.5",
                              "renegotiation_info appears only at the second handshake");
        return true;
    }
    uint8_t expected[2 * FINISHED_MOST];
    size_t size = before->version->finished_size;
    memcpy(expected, before->client_verify, size);
    memcpy(expected + size, before->server_verify, size);
    if (info == NULL || !bytes_equal(info->renegotiated_connection, bytes_make(expected, 2 * size)))
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5746 3.5",
                          "ServerHello is not bound to the handshake before it");
    return true;
}

void know_suite(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    const KeyExchange *exchange = key_exchange(handshake->suite->key_exchange);
    bool psk = exchange->authentication == AUTHENTICATION_PSK;
    handshake_know(handshake, FACT_SSL3, handshake->version->number == VERSION_SSL_3_0);
    handshake_know(handshake, FACT_ANON, exchange->authentication == AUTHENTICATION_NONE);
    handshake_know(handshake, FACT_PSK, psk);
    if (exchange->ephemeral || handshake->suite->key_exchange == KEY_EXCHANGE_RSA || psk)
        handshake_know(handshake, FACT_EPHEMERAL, exchange->ephemeral);
}
