/* Speaker: whoever speaks for a party: our engine, a real stack, the far end of a socket. Bytes in,
 * bytes and events out, as an Endpoint has them; what one kind cannot do, it leaves out of its
 * table. A speaker lives for one connection, its source for as long as the party. Time is in
 * microseconds since the scenario's clock. */
#pragma once

#include "core/engine/endpoint.h"
#include "sim/plan.h"

typedef struct Speaker Speaker;

/* What came of an act. */
typedef enum {
    SPEAKER_NOT_NOW, /* this connection does not allow it, or there is none */
    SPEAKER_DONE,
    SPEAKER_CANNOT, /* this kind of speaker never can */
} SpeakerAnswer;

typedef struct {
    const char *name; /* for people: "OpenSSL" */

    void (*start)(Speaker *speaker, uint64_t now);
    void (*receive)(Speaker *speaker, Bytes bytes, uint64_t now);
    Bytes (*output)(const Speaker *speaker);
    void (*output_sent)(Speaker *speaker);
    bool (*ends_transport)(const Speaker *speaker);
    void (*transport_ended)(Speaker *speaker, uint64_t now);
    void (*time_out)(Speaker *speaker, uint64_t now);
    bool (*next_event)(Speaker *speaker, EndpointEvent *event);
    void (*free)(Speaker *speaker);

    EndpointState (*state)(const Speaker *speaker);
    bool (*waits)(const Speaker *speaker);
    bool (*in_handshake)(const Speaker *speaker);
    bool (*was_connected)(const Speaker *speaker);
    const Version *(*version)(const Speaker *speaker);              /* NULL: not settled */
    const Certificate *(*peer_certificate)(const Speaker *speaker); /* NULL: none, or unproved */

    /* The acts; each may be NULL: it cannot. False: not now. */
    bool (*send)(Speaker *speaker, Bytes data, uint64_t now);
    bool (*renegotiate)(Speaker *speaker, ClientAuth client_auth, uint64_t now);
    bool (*close)(Speaker *speaker, uint64_t now);
    bool (*abort)(Speaker *speaker, AlertDescription alert, const char *sentence, uint64_t now);
    bool (*update_keys)(Speaker *speaker, bool request, uint64_t now);
    bool (*ask_certificate)(Speaker *speaker, ClientAuth client_auth, uint64_t now);
    bool (*heartbeat)(Speaker *speaker, Bytes payload, uint64_t now);
    bool (*export)(Speaker *speaker, const char *label, uint64_t now);
    void (*tell_cost)(Speaker *speaker); /* NULL: it does not know */
} SpeakerKind;

/* What every speaker begins with. */
struct Speaker {
    const SpeakerKind *kind;
};

/* What a source is made from. All of it outlives the source. */
typedef struct {
    const Plan *plan;
    const PlanParty *words;
    const EndpointConfig *config; /* the same words, certificates minted and keys read */
    Random *random;
    GPtrArray *ticket_keys, *caches; /* of each machine: TicketKeys *, SessionCache * */
} SpeakerSetup;

/* Makes a party's speakers; what outlives a connection (sessions, settings) is its own. */
typedef struct SpeakerSource {
    const char *name;  /* as a scenario writes it: "openssl" */
    const char *title; /* for people, on its lifeline: "OpenSSL"; NULL: nothing to say */
    bool repeats;      /* the same plan gives the same bytes */
    /* Whether a party's words can be told to it; false with a sentence, g_free. NULL: all can. */
    bool (*check)(const PlanParty *words, char **why);
    void *(*open)(const SpeakerSetup *setup, Fault *fault); /* NULL with a fault */
    Speaker *(*connect)(void *source, const TraceSink *sink);
    /* NULL: it cannot. Not now: there is nothing to rotate, or to forget. */
    SpeakerAnswer (*rotate_tickets)(void *source, bool forget);
    SpeakerAnswer (*forget_sessions)(void *source);
    void (*close)(void *source);
} SpeakerSource;

/* Whether a run of the plan repeats byte for byte. */
bool speakers_repeat(const Plan *plan);

/* Our own engine. */
extern const SpeakerSource own_source;
/* Its endpoint; NULL where somebody else speaks. */
const Endpoint *speaker_endpoint(const Speaker *speaker);

/* The table, called. */
void speaker_start(Speaker *speaker, uint64_t now);
void speaker_receive(Speaker *speaker, Bytes bytes, uint64_t now);
Bytes speaker_output(const Speaker *speaker);
void speaker_output_sent(Speaker *speaker);
bool speaker_ends_transport(const Speaker *speaker);
void speaker_transport_ended(Speaker *speaker, uint64_t now);
void speaker_time_out(Speaker *speaker, uint64_t now);
bool speaker_next_event(Speaker *speaker, EndpointEvent *event); /* endpoint_event_clear() */
void speaker_free(Speaker *speaker);

EndpointState speaker_state(const Speaker *speaker);
bool speaker_waits(const Speaker *speaker); /* for a handshake to go on, or to begin */
bool speaker_in_handshake(const Speaker *speaker);
bool speaker_was_connected(const Speaker *speaker);
const Version *speaker_version(const Speaker *speaker);
const Certificate *speaker_peer_certificate(const Speaker *speaker);

SpeakerAnswer speaker_send(Speaker *speaker, Bytes data, uint64_t now);
SpeakerAnswer speaker_renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now);
SpeakerAnswer speaker_close(Speaker *speaker, uint64_t now);
SpeakerAnswer speaker_abort(Speaker *speaker, AlertDescription alert, const char *sentence,
                            uint64_t now);
SpeakerAnswer speaker_update_keys(Speaker *speaker, bool request, uint64_t now);
SpeakerAnswer speaker_ask_certificate(Speaker *speaker, ClientAuth client_auth, uint64_t now);
SpeakerAnswer speaker_heartbeat(Speaker *speaker, Bytes payload, uint64_t now);
SpeakerAnswer speaker_export(Speaker *speaker, const char *label, uint64_t now);
void speaker_tell_cost(Speaker *speaker);
