/* Endpoint: one side of a connection; bytes in, bytes and events out. Does no I/O, knows no clock:
 * time is a number that is passed in, in microseconds since the scenario's clock. */
#pragma once

#include "core/crypto/group.h"
#include "core/crypto/meter.h"
#include "core/crypto/random.h"
#include "core/crypto/suite.h"
#include "core/crypto/version.h"
#include "core/engine/config.h"
#include "core/engine/trace.h"

typedef struct Endpoint Endpoint;

typedef enum {
    ENDPOINT_IDLE,        /* not started */
    ENDPOINT_HANDSHAKING, /* the first handshake is under way */
    ENDPOINT_CONNECTED,   /* data flows; a renegotiation may be under way */
    ENDPOINT_CLOSED,      /* after close_notify, either way */
    ENDPOINT_FAILED,      /* after a fatal alert, either way */
    ENDPOINT_TIMED_OUT,   /* nothing more came */
} EndpointState;

typedef enum {
    EVENT_CONNECTED,             /* a handshake is complete: the first or another */
    EVENT_FALSE_START,           /* client: data may be sent, nothing is confirmed (RFC 7918) */
    EVENT_DATA,                  /* application data came: `data` */
    EVENT_HEARTBEAT,             /* an answer to a heartbeat came: `data` is its payload */
    EVENT_EARLY_DATA_REJECTED,   /* TLS 1.3: what was sent ahead was not taken */
    EVENT_RENEGOTIATION_REFUSED, /* the other side said no_renegotiation */
    EVENT_CLOSED,                /* the other side closed */
    EVENT_FAILED,
} EndpointEventKind;

typedef struct {
    EndpointEventKind kind;
    GBytes *data; /* EVENT_DATA: owned by the event */
} EndpointEvent;

/* `config` and `random` must outlive it. `sink` may be NULL. */
Endpoint *endpoint_new(const EndpointConfig *config, Random *random, const TraceSink *sink);
void endpoint_free(Endpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Endpoint, endpoint_free)

/* A client says its hello; a server starts to wait. */
void endpoint_start(Endpoint *endpoint, uint64_t now);

/* Takes bytes in, in any portions. What they cause is in the output and the events. */
void endpoint_receive(Endpoint *endpoint, Bytes bytes, uint64_t now);

/* The bytes to send, whole records in their order; ends what it gave before. */
Bytes endpoint_output(const Endpoint *endpoint);
void endpoint_output_sent(Endpoint *endpoint);

/* The next event; false when there is none. Free it with endpoint_event_clear(). */
bool endpoint_next_event(Endpoint *endpoint, EndpointEvent *event);
void endpoint_event_clear(EndpointEvent *event);

/* Sends application data; false when no data can be sent now. */
bool endpoint_send(Endpoint *endpoint, Bytes data, uint64_t now);

/* Starts another handshake: a client says ClientHello, a server HelloRequest. A server may say what
 * the new handshake shall ask of the client. False when it cannot be started now. */
bool endpoint_renegotiate(Endpoint *endpoint, ClientAuth client_auth, uint64_t now);

/* TLS 1.3: new keys for what this side sends; with `request` the other side is asked to do the same
 * (RFC 8446 4.6.3). False when it cannot be done now. */
bool endpoint_update_keys(Endpoint *endpoint, bool request, uint64_t now);

/* TLS 1.3, server: asks for a certificate now (RFC 8446 4.6.2). False when the client did not offer
 * it, or a request is open. */
bool endpoint_ask_certificate(Endpoint *endpoint, ClientAuth client_auth, uint64_t now);

/* Sends a heartbeat request (RFC 6520 4). False when the other side does not take them, or one is
 * open. */
bool endpoint_heartbeat(Endpoint *endpoint, Bytes payload, uint64_t now);

/* Keying material (RFC 5705; RFC 8446 7.5). A context of no bytes is not no context before TLS 1.3
 * (RFC 5705 4): BYTES_NONE is none. False when no handshake is complete. */
bool endpoint_exporter(const Endpoint *endpoint, const char *label, Bytes context, uint8_t *output,
                       size_t size);

/* Says close_notify (RFC 5246 7.2.1). */
void endpoint_close(Endpoint *endpoint, uint64_t now);

/* Ends it with an alert of the application's own: access_denied. */
void endpoint_abort(Endpoint *endpoint, AlertDescription alert, const char *sentence, uint64_t now);

/* Nothing more will come: a side that is still in a handshake ends without an alert, state timed
 * out. */
void endpoint_time_out(Endpoint *endpoint, uint64_t now);

/* Whether it has ended and closes the transport, too: after a fatal alert (RFC 5246 7.2.2), and in
 * SSL 2.0 always, which has no close_notify and few errors that are messages. */
bool endpoint_ends_transport(const Endpoint *endpoint);

/* The transport has ended: nothing more will come. What that means is the protocol's: in SSL 2.0
 * the end of the connection, in the others (RFC 5246 7.2.1) a truncation. Ignored when it is over.
 */
void endpoint_transport_ended(Endpoint *endpoint, uint64_t now);

EndpointState endpoint_state(const Endpoint *endpoint);
const char *endpoint_state_name(EndpointState state); /* "connected" */
bool endpoint_in_handshake(const Endpoint *endpoint);
bool endpoint_waits(const Endpoint *endpoint);          /* for a handshake to go on, or to begin */
unsigned endpoint_handshakes(const Endpoint *endpoint); /* completed so far */
bool endpoint_was_connected(const Endpoint *endpoint);
bool endpoint_resumed(const Endpoint *endpoint); /* the last handshake used a session */
bool endpoint_extended_master_secret(const Endpoint *endpoint); /* RFC 7627 */
const char *endpoint_protocol(const Endpoint *endpoint);        /* ALPN's choice; NULL: none */
const Group *endpoint_group(const Endpoint *endpoint);          /* of the key agreement; NULL */
bool endpoint_secure_renegotiation(const Endpoint *endpoint);   /* RFC 5746: both sides bind */
const Version *endpoint_version(const Endpoint *endpoint);      /* of the last hello; or NULL */
const Suite *endpoint_suite(const Endpoint *endpoint);          /* or NULL */
Bytes endpoint_master_secret(const Endpoint *endpoint);         /* of the last complete handshake */
/* Of all messages of the last complete handshake, by the hashes that its Finished goes over: what
 * both sides must agree on. Returns its size; 0 before, and in SSL 2.0, which hashes none. */
size_t endpoint_transcript_hash(const Endpoint *endpoint, uint8_t output[HASH_SIZE_MOST]);
const Fault *endpoint_fault(const Endpoint *endpoint); /* why it failed; NULL */
const Meter *endpoint_meter(const Endpoint *endpoint);
/* Exports 32 bytes without a context into the trace, as exported_keying_material: what an
 * application would use. False when there are none: before the handshake, or before TLS 1.0. */
bool endpoint_export(Endpoint *endpoint, const char *label, uint64_t now);
/* Puts the work of the whole connection into the trace, as it stands. */
void endpoint_tell_cost(Endpoint *endpoint);

/* The certificate with which the other side authenticated itself in the last complete handshake
 * (all checks passed, or passed over); NULL for none. Borrowed. */
const Certificate *endpoint_peer_certificate(const Endpoint *endpoint);
