/* What the table of extensions and the functions of its rows share; no other file includes it. */
#pragma once

#include "core/engine/state.h"

/* Where an extension may stand (RFC 8446 4.2); IN_OLD_SH: a ServerHello of TLS 1.0 to 1.2; IN_SSL3:
 * the hellos of SSL 3.0, which has no extensions (RFC 6101 5.6.1) but for one (RFC 5746 4.5). */
enum {
    IN_CH = 1,
    IN_SH = 2,
    IN_EE = 4,
    IN_CT = 8,
    IN_CR = 16,
    IN_NST = 32,
    IN_HRR = 64,
    IN_OLD_SH = 128,
    IN_SSL3 = 256,
};

/* Client: fills what it offers; false: it offers none. The fault is for what cannot be made. */
typedef bool (*ExtensionOffer)(Endpoint *endpoint, Extension *extension, Fault *fault);
/* Server: judges what came. */
typedef bool (*ExtensionTake)(Endpoint *endpoint, const Extension *extension, Fault *fault);
/* Server: fills what it answers in this message; false: nothing. */
typedef bool (*ExtensionAnswer)(Endpoint *endpoint, MessageKind message, Extension *extension);
/* Client: judges the answer. */
typedef bool (*ExtensionAccept)(Endpoint *endpoint, MessageKind message, const Extension *extension,
                                Fault *fault);

typedef struct {
    uint16_t type;
    unsigned places;
    ExtensionOffer offer;
    ExtensionTake take;
    ExtensionAnswer answer;
    ExtensionAccept accept;
} ExtensionRow;

/* Whether this side binds renegotiations to their connection (RFC 5746). */
bool binding_wanted(const Endpoint *endpoint);
/* Whether the client offers a version, or a suite, of that kind. */
bool offers_before_tls13(const Endpoint *endpoint);
bool offers_tls13(const Endpoint *endpoint);
bool offers_agreement(const Endpoint *endpoint, Agreement agreement);

#define ROW_OFFER(name) bool name(Endpoint *endpoint, Extension *extension, Fault *fault)
#define ROW_TAKE(name) bool name(Endpoint *endpoint, const Extension *extension, Fault *fault)
#define ROW_ANSWER(name) bool name(Endpoint *endpoint, MessageKind message, Extension *extension)
#define ROW_ACCEPT(name)                                                                           \
    bool name(Endpoint *endpoint, MessageKind message, const Extension *extension, Fault *fault)

/* extension_rows.c */
ROW_OFFER(names_offer);
ROW_TAKE(names_take);
ROW_ANSWER(names_answer);
ROW_OFFER(master_offer);
ROW_ANSWER(master_answer);
ROW_ACCEPT(master_accept);
ROW_OFFER(binding_offer);
ROW_ANSWER(binding_answer);
ROW_OFFER(groups_offer);
ROW_TAKE(groups_take);
ROW_ANSWER(groups_answer);
ROW_OFFER(formats_offer);
ROW_TAKE(formats_take);
ROW_ANSWER(formats_answer);
ROW_ACCEPT(formats_accept);
ROW_OFFER(ticket_offer);
ROW_ANSWER(ticket_answer);
ROW_ACCEPT(ticket_accept);
ROW_OFFER(protocols_offer);
ROW_TAKE(protocols_take);
ROW_ANSWER(protocols_answer);
ROW_ACCEPT(protocols_accept);
ROW_OFFER(status_offer);
ROW_TAKE(status_take);
ROW_ANSWER(status_answer);
ROW_ACCEPT(status_accept);
ROW_OFFER(encrypt_offer);
ROW_ANSWER(encrypt_answer);
ROW_ACCEPT(encrypt_accept);
ROW_OFFER(heartbeat_offer);
ROW_TAKE(heartbeat_take_mode);
ROW_ANSWER(heartbeat_answer);
ROW_ACCEPT(heartbeat_accept);
ROW_OFFER(fragment_offer);
ROW_TAKE(fragment_take);
ROW_ANSWER(fragment_answer);
ROW_ACCEPT(fragment_accept);
ROW_OFFER(size_offer);
ROW_TAKE(size_take);
ROW_ANSWER(size_answer);
ROW_ACCEPT(size_accept);
ROW_OFFER(schemes_offer);
ROW_TAKE(schemes_take);

/* extension_rows13.c */
ROW_OFFER(versions_offer);
ROW_ANSWER(versions_answer);
ROW_OFFER(cookie_offer);
ROW_TAKE(cookie_take);
ROW_ANSWER(cookie_answer);
ROW_ACCEPT(cookie_accept);
ROW_OFFER(modes_offer);
ROW_TAKE(modes_take);
ROW_OFFER(share_offer);
ROW_ANSWER(share_answer);
ROW_ACCEPT(share_accept);
ROW_OFFER(compression_offer);
ROW_TAKE(compression_take);
ROW_OFFER(post_auth_offer);
ROW_TAKE(post_auth_take);
ROW_OFFER(early_offer);
ROW_TAKE(early_take);
ROW_ANSWER(early_answer);
ROW_ACCEPT(early_accept);
ROW_OFFER(psk_offer);
ROW_ANSWER(psk_answer);
ROW_ACCEPT(psk_accept);
