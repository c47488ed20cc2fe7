/* What real stacks have in common as speakers: bytes in and out, the events for the application,
 * and the watch that tells the trace what passes. A stack fills in how it works. Only the files of
 * this folder include it. */
#pragma once

#include "sim/peers/peers.h"
#include "sim/secrets.h"
#include "sim/watch.h"

/* What outlives a connection. A stack's own source begins with it. */
typedef struct {
    SpeakerSetup setup;
    Role role;
    const char *title; /* "OpenSSL" */
    Secrets *secrets;  /* its key log */
    ObserverKeys keys;
    Watch *watch;
} PeerSource;

/* One connection. A stack's own speaker begins with it. */
typedef struct {
    Speaker speaker;
    PeerSource *source;
    TraceSink sink;
    uint64_t now;
    GByteArray *input;    /* has come, and the stack has not read it */
    GByteArray *outgoing; /* the stack has written it, and nobody has been told */
    GByteArray *output;   /* has been told, and waits to be sent */
    GPtrArray *logged;    /* of char *: lines of the key log that the trace does not have yet */
    GPtrArray *facts;     /* of PeerFact *: likewise */
    GQueue events;        /* of EndpointEvent * */
    EndpointState state;
    bool asked;          /* for another handshake, or a certificate: it has not begun yet */
    unsigned handshakes; /* completed */
    Certificate *other;  /* of the other side, believed */
} Peer;

void peer_source_init(PeerSource *source, const SpeakerSetup *setup, const char *title);
void peer_source_clear(PeerSource *source);

void peer_init(Peer *peer, const SpeakerKind *kind, PeerSource *source, const TraceSink *sink);
void peer_clear(Peer *peer);

/* For the stack, while it works: what has come of it. */
void peer_log(Peer *peer, const char *line); /* of its key log */
void peer_data(Peer *peer, Bytes data);
void peer_connected(Peer *peer); /* a handshake is complete */
void peer_failed(Peer *peer, const char *why);
void peer_closed(Peer *peer);
void peer_event(Peer *peer, EndpointEventKind kind);
/* Something that the stack says of itself; the reason names it. */
void peer_fact(Peer *peer, const char *name, const char *value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void peer_note(Peer *peer, const char *name, char *sentence); /* takes the sentence */

/* Whom the other side has proved to be: its certificate's DER; none: nobody. */
void peer_believe(Peer *peer, Bytes der);

/* Keying material that it has exported. */
void peer_tell_export(const Peer *peer, Bytes material);

/* A turn begins, and is over: what came with it (none: nothing did), what it caused. */
void peer_begin(Peer *peer, uint64_t now);
void peer_told(Peer *peer, Bytes came);

bool peer_is_open(const Peer *peer);
Direction peer_direction(const Peer *peer); /* of what it says */

/* The rows of a speaker's table that are the same for all stacks. */
Bytes peer_output(const Speaker *speaker);
void peer_output_sent(Speaker *speaker);
bool peer_ends_transport(const Speaker *speaker);
void peer_transport_ended(Speaker *speaker, uint64_t now);
void peer_time_out(Speaker *speaker, uint64_t now);
bool peer_next_event(Speaker *speaker, EndpointEvent *event);
EndpointState peer_state(const Speaker *speaker);
bool peer_was_connected(const Speaker *speaker);
const Certificate *peer_certificate(const Speaker *speaker);

/* The PEM of the private key behind a certificate of the plan. */
Bytes peer_key_pem(const SpeakerSetup *setup, const char *certificate);
