/* The inside of OpenSSL as a party, shared by its two files. */
#pragma once

#include <openssl/ssl.h>

#include "sim/peers/peer.h"

/* What outlives a connection: settings, the server's cache and ticket keys, the client's session.
 */
typedef struct {
    PeerSource base;
    SSL_CTX *context;
    SSL_SESSION *session;   /* client: to resume; or NULL */
    int64_t session_time;   /* seconds of the lab's clock at which it was made */
    GByteArray *protocols;  /* as ALPN lists them; or NULL */
    GHashTable *cache;      /* server: session ID to session and its time */
    GPtrArray *credentials; /* server with several: of OpenSslCredential *; or NULL */
    char *missing;          /* what it was asked for and does not have; or NULL */
} OpenSslSource;

typedef struct {
    Peer base;
    SSL *ssl;
    BIO *in, *out;     /* owned by ssl */
    unsigned finished; /* messages that have been taken in */
    bool reads_early;  /* server: early data may come */
    bool given_key;    /* the handshake's pre-shared key is one that both sides were given */
    bool verified;     /* it has looked at a certificate */
} OpenSslPeer;

/* openssl_context.c: the source's rows. */
void *openssl_open(const SpeakerSetup *setup, Fault *fault);
void openssl_close(void *source);
bool openssl_check(const PlanParty *words, char **why);

bool openssl_refuse(Fault *fault, const char *what); /* with its own reason */

/* openssl_certificates.c: what it shows, and whom it believes. */
bool openssl_set_credentials(OpenSslSource *source, Fault *fault);
void openssl_set_trust(OpenSslSource *source);

/* openssl_sessions.c: what is kept from connection to connection. */
void openssl_set_sessions(OpenSslSource *source);
void openssl_forget_sessions(OpenSslSource *source);
bool openssl_resume(OpenSslPeer *peer); /* false: there is nothing to resume */

/* The seconds that the lab's clock shows. */
int64_t openssl_clock(const OpenSslPeer *peer);
OpenSslPeer *openssl_peer_of(const SSL *ssl);
