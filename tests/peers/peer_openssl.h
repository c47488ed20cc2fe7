/* The inside of OpenSSL as a peer, shared by its two files. */
#pragma once

#include <openssl/ssl.h>

#include "tests/peers/peer.h"

struct Peer {
    const PeerConfig *config; /* a copy of its own */
    PeerMemory *memory;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
    GByteArray *output, *received;
    PeerState state;
    unsigned handshakes;
    bool waits_for_cookie, early; /* … and for early data */
    bool status_good;
    char error[256];
};

/* A context for the configuration; false when it refuses a version, suite, group or scheme. */
bool openssl_context(Peer *peer);
/* What belongs to one connection. */
void openssl_connection(Peer *peer);
/* Whether it lists the suite for its version. */
bool openssl_has_suite(SSL *ssl, uint16_t suite);
GroupNumber openssl_group(SSL *ssl);
