/* The key exchange messages: their shape is the suite's.
 *
 * The parameters of a ServerKeyExchange are walked by a function of their own, because they are
 * also what is signed. Anonymous and pre-shared key exchanges have no signature.
 *
 * Obeys RFC 5246 7.4.3 and 7.4.7, RFC 2246 7.4.3 (temporary RSA keys), RFC 6101 5.6.7.1, RFC 8422
 * 5.4 and 5.7, RFC 4279 2.
 */
#include "core/wire/walks.h"

static void server_params_walk(Wire *wire, const WalkContext *context, ServerKeyExchange *exchange)
{
    switch (key_exchange(context->key_exchange)->agreement) {
    case AGREEMENT_RSA: /* a temporary key: RFC 2246 7.4.3 */
        wire_vector(wire, "rsa_modulus", 2, 1, LENGTH_16, &exchange->rsa_modulus);
        wire_vector(wire, "rsa_exponent", 2, 1, LENGTH_16, &exchange->rsa_exponent);
        return;
    case AGREEMENT_DH:
        wire_vector(wire, "dh_p", 2, 1, LENGTH_16, &exchange->dh_p);
        wire_vector(wire, "dh_g", 2, 1, LENGTH_16, &exchange->dh_g);
        wire_vector(wire, "dh_Ys", 2, 1, LENGTH_16, &exchange->dh_ys);
        return;
    case AGREEMENT_ECDH:
        wire_u8(wire, "curve_type", NUMBER_CURVE_TYPE, &exchange->curve_type);
        wire_check(wire, exchange->curve_type == CURVE_TYPE_NAMED, /* RFC 8422 5.4 */
                   "its curve_type is not named_curve");
        wire_u16(wire, "named_curve", NUMBER_GROUP, &exchange->named_curve);
        wire_vector(wire, "point", 1, 1, LENGTH_8, &exchange->point);
        return;
    case AGREEMENT_PSK:
        wire_vector(wire, "psk_identity_hint", 2, 0, LENGTH_16, &exchange->psk_identity_hint);
        return;
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        break;
    }
}

void server_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ServerKeyExchange *exchange = &message->server_key_exchange;
    Authentication by = key_exchange(context->key_exchange)->authentication;
    server_params_walk(wire, context, exchange);
    if (by == AUTHENTICATION_NONE || by == AUTHENTICATION_PSK)
        return;
    if (context->version >= VERSION_TLS_1_2) /* RFC 5246 7.4.3 */
        wire_u16(wire, "algorithm", NUMBER_SIGNATURE_SCHEME, &exchange->algorithm);
    wire_vector(wire, "signature", 2, 0, LENGTH_16, &exchange->signature);
}

void server_params_write(const ServerKeyExchange *exchange, const WalkContext *context,
                         GByteArray *output)
{
    ServerKeyExchange writable = *exchange;
    Wire wire = wire_writer(output, NULL);
    server_params_walk(&wire, context, &writable);
    wire_finish(&wire);
}

void client_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ClientKeyExchange *exchange = &message->client_key_exchange;
    switch (key_exchange(context->key_exchange)->agreement) {
    case AGREEMENT_RSA:
        /* SSL 3.0 writes the ciphertext without a length (RFC 6101 5.6.7.1 as all stacks read it;
         * RFC 5246 7.4.7.1 tells the story) */
        if (context->version == VERSION_SSL_3_0)
            wire_rest(wire, "encrypted_premaster_secret", &exchange->encrypted_premaster_secret);
        else
            wire_vector(wire, "encrypted_premaster_secret", 2, 0, LENGTH_16,
                        &exchange->encrypted_premaster_secret);
        return;
    case AGREEMENT_DH: /* RFC 5246 7.4.7.2, explicit */
        wire_vector(wire, "dh_Yc", 2, 1, LENGTH_16, &exchange->dh_yc);
        return;
    case AGREEMENT_ECDH: /* RFC 8422 5.7, explicit */
        wire_vector(wire, "ecdh_Yc", 1, 1, LENGTH_8, &exchange->point);
        return;
    case AGREEMENT_PSK: /* RFC 4279 2 */
        wire_vector(wire, "psk_identity", 2, 0, LENGTH_16, &exchange->psk_identity);
        return;
    case AGREEMENT_FREE:
    case AGREEMENT_SSL2:
        break;
    }
}
