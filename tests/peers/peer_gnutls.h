/* The inside of GnuTLS as a peer, shared by its two files. */
#pragma once

#include <gnutls/gnutls.h>

#include "tests/peers/peer.h"

struct Peer {
    const PeerConfig *config; /* a copy of its own */
    PeerMemory *memory;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    gnutls_anon_client_credentials_t anon_client;
    gnutls_anon_server_credentials_t anon_server;
    gnutls_psk_client_credentials_t psk_client;
    gnutls_psk_server_credentials_t psk_server;
    GByteArray *input, *outgoing, *output, *received;
    PeerState state;
    bool again; /* a further handshake is under way */
    bool asks;  /* post-handshake authentication is under way */
    unsigned handshakes;
    const char *error;
};

/* The priority string of one version, one suite and what else the cell names; NULL when there are
 * no words for it. */
char *gnutls_words(const PeerConfig *config);
/* Whether a session with these priorities has the suite. */
bool gnutls_has_suite(const char *words, uint16_t suite);
void gnutls_set_credentials(Peer *peer);
void gnutls_free_credentials(Peer *peer);
void gnutls_set_memory(Peer *peer);
