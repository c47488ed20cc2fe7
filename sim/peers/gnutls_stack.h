/* The inside of GnuTLS as a party, shared by its two files. */
#pragma once

#include <gnutls/gnutls.h>

#include "sim/peers/peer.h"

/* What outlives a connection. */
typedef struct {
    PeerSource base;
    char *words;   /* the priority string */
    char *missing; /* what it was asked for and does not have; or NULL */
    char *extra;   /* what it has besides, and cannot be told to leave out; or NULL */
    bool told;     /* the trace has these */
    gnutls_certificate_credentials_t credentials;
    gnutls_anon_client_credentials_t anon_client;
    gnutls_anon_server_credentials_t anon_server;
    gnutls_psk_client_credentials_t psk_client;
    gnutls_psk_server_credentials_t psk_server;
    GHashTable *cache;         /* server: GBytes to GBytes */
    gnutls_datum_t ticket_key; /* server */
    GBytes *session;           /* client: to resume; or NULL */
    bool forgotten;            /* … and what the connection that is open makes will be, too */
} GnuTlsSource;

typedef struct {
    Peer base;
    gnutls_session_t session;
    bool again;     /* a further handshake is under way */
    bool asks;      /* late authentication is under way */
    bool logged;    /* the master secret of this handshake has been */
    int refused;    /* what it does not take of its configuration; 0: it takes all */
    bool given_key; /* the handshake's pre-shared key is one that both sides were given */
} GnuTlsPeer;

/* gnutls_setup.c: the source's rows. */
void *gnutls_stack_open(const SpeakerSetup *setup, Fault *fault);
void gnutls_stack_close(void *source);
bool gnutls_stack_check(const PlanParty *words, char **why);
/* Tells a session what its source knows. */
int gnutls_stack_tell(GnuTlsPeer *peer); /* 0, or what it does not take */
