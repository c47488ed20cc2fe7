/* What the files of SSL 2.0 in this room share; no other file includes it. */
#pragma once

#include "core/crypto/ssl2.h"
#include "core/engine/state.h"

enum {
    SSL2_CHALLENGE_SIZE = 16, /* 16 to 32: draft 2.5.1 */
    SSL2_CHALLENGE_MOST = 32,
    SSL2_CONNECTION_ID_SIZE = 16,
    SSL2_CONNECTION_ID_MOST = 32,
    SSL2_SESSION_ID_SIZE = 16,
    SSL2_MASTER_MOST = 24,
    SSL2_KEY_ARG_SIZE = 8,
};

/* What an SSL 2.0 handshake holds besides what every handshake holds. */
struct Ssl2State {
    uint8_t challenge[SSL2_CHALLENGE_MOST], connection_id[SSL2_CONNECTION_ID_MOST];
    size_t challenge_size, connection_id_size;
    uint8_t master[SSL2_MASTER_MOST];
    uint8_t key_arg[SSL2_KEY_ARG_SIZE];
    uint8_t certificate_challenge[SSL2_CHALLENGE_MOST];
    size_t certificate_challenge_size;
    GBytes *server_certificate; /* as SERVER-HELLO carried it */
    GByteArray *specs;          /* server: cipher kinds that both have */
    Ssl2Keys keys;
};

Ssl2State *ssl2_state(Handshake *handshake); /* made when first asked for */
