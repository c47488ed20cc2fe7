/* What an endpoint is told before it starts. Plain data, owned by whoever made it; it must outlive
 * the endpoint and is not changed by it. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/key.h"
#include "core/engine/weakness.h"
#include "core/wire/edit.h"
#include "core/wire/message.h"

typedef enum {
    CLIENT_AUTH_NONE,
    CLIENT_AUTH_REQUESTED, /* a client without certificate is served as anonymous */
    CLIENT_AUTH_REQUIRED,  /* such a client gets handshake_failure (RFC 5246 7.4.6) */
} ClientAuth;

/* A certificate chain and the private key that should belong to it. */
typedef struct {
    GPtrArray *chain; /* of GBytes: DER, the own certificate first; empty: none to show */
    PrivateKey *key;
} Credential;

/* One of a misbehaving peer's edits of its own messages, before they are protected. */
typedef struct {
    MessageKind message;
    int ordinal; /* the how-many-eth of that kind; 0: every one */
    Edit edit;
    const char *rule; /* its text, for the trace */
    int line;         /* of the scenario */
} OwnEdit;

typedef struct {
    Role role;
    ProtocolVersion first, last; /* versions that it speaks */
    const SuiteNumber *suites;   /* in its order of preference */
    size_t suite_count;
    Credential credential;
    PrivateKey *temporary_rsa; /* server: for export suites (RFC 2246 7.4.3); may be NULL */
    GPtrArray *trusted;        /* of Certificate: the CAs on its own list */
    const char *expected_name; /* client: the name that it asks for; NULL: none checked */
    const char *server_name;   /* client: sent in server_name (RFC 6066 3); NULL: not sent */
    ClientAuth client_auth;    /* server: in every handshake */
    bool prefers_client_order; /* server: the first of the client's suites that fits */
    bool user_goes_on;         /* client: what the user does at the warning */
    bool refuses_renegotiation;
    Weaknesses weaknesses;
    const OwnEdit *edits;
    size_t edit_count;
    size_t fragment_size; /* most bytes of plaintext in a record it sends; 0: 2^14 */
    bool coalesces;       /* the handshake messages of a flight share records */
    bool empty_fragments; /* an empty record ahead of application data (TLS 1.0's counter to BEAST)
                           */
    int64_t clock;        /* seconds since 1970 UTC at virtual time 0 */
} EndpointConfig;
