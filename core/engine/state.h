/* The inside of an endpoint, shared by the files of this room and by nobody else. */
#pragma once

#include "core/crypto/checks.h"
#include "core/crypto/digest.h"
#include "core/crypto/protection.h"
#include "core/crypto/schedule.h"
#include "core/engine/conversation.h"
#include "core/engine/endpoint.h"
#include "core/engine/limits.h"
#include "core/wire/message.h"
#include "core/wire/record.h"

/* One handshake; a renegotiation has its own. Thrown away when it is complete. */
typedef struct {
    const Conversation *conversation;
    Progress progress;
    ProtocolVersion offered_version; /* ClientHello.client_version */
    const Version *version;          /* NULL until ServerHello */
    const Suite *suite;
    uint8_t client_random[RANDOM_SIZE], server_random[RANDOM_SIZE];
    GByteArray *transcript; /* all handshake messages so far, with their headers */
    uint8_t master[MASTER_SECRET_SIZE];
    KeyBlock keys;
    Protection *next_read, *next_write; /* made, not yet in force */
    GPtrArray *peer_chain;              /* of Certificate */
    PublicKey *exchange_key;            /* client: what the premaster is encrypted to */
    ClientAuth client_auth;             /* server: of this handshake */
    uint16_t verify_algorithm;          /* client: for CertificateVerify in TLS 1.2 */
    bool no_suitable;                   /* client: its certificate is none of those asked for */
    bool offered_scsv;                  /* client: the SCSV was among its suites */
    bool offered_names;                 /* client: server_name was sent; server: it came */
    bool peer_binds; /* RFC 5746: the other side sent renegotiation_info or SCSV */
    bool peer_authenticated;
    uint8_t client_verify[FINISHED_MOST], server_verify[FINISHED_MOST];
} Handshake;

/* One direction of a connection. */
typedef struct {
    Protection *protection; /* NULL: in the clear */
    int epoch;              /* 0 in the clear, up by one a ChangeCipherSpec */
    int records;            /* so far */
    int messages;
} Way;

/* What outlives a handshake. */
typedef struct {
    const Version *version;
    const Suite *suite;
    uint8_t master[MASTER_SECRET_SIZE];
    uint8_t transcript_hash[HASH_SIZE_MOST];
    uint8_t client_verify[FINISHED_MOST], server_verify[FINISHED_MOST]; /* RFC 5746 3.1 */
    bool secure_renegotiation;
    Certificate *peer_certificate;
    bool any; /* a handshake has been completed */
} Established;

struct Endpoint {
    const EndpointConfig *config;
    Random *random;
    TraceSink sink;
    Meter meter;
    uint64_t now;
    EndpointState state;
    Handshake *handshake;
    unsigned handshakes; /* begun: the ordinal of the current one plus one */
    unsigned completed;
    Established established;
    ClientAuth next_client_auth; /* server: of the handshake that it asks for */
    bool hello_requested;        /* server: HelloRequest is out, no answer yet */
    Way read, write;
    GByteArray *input;      /* bytes of a record that is not whole yet */
    GByteArray *opened;     /* plaintext of the record at hand */
    GByteArray *partial;    /* bytes of a handshake message that is not whole yet */
    int partial_record;     /* the record in which it began */
    GByteArray *half_alert; /* RFC 5246 6.2.1: an alert may be cut, too */
    GByteArray *flight;     /* handshake bytes that wait for the rest of their flight */
    GByteArray *output;
    GQueue events;                        /* of EndpointEvent * */
    unsigned warnings, empties, requests; /* in a row: see limits.h */
    unsigned said[512];                   /* how many of each kind: ordinals of own edits */
    Fault fault;
    char *state_shown; /* the state last put into the trace */
};

/* endpoint.c */
Handshake *handshake_begin(Endpoint *endpoint);
void handshake_end(Endpoint *endpoint); /* complete: what outlives it is kept */
void handshake_abandon(Endpoint *endpoint);
ProtocolVersion endpoint_wire_version(const Endpoint *endpoint);
void endpoint_event(Endpoint *endpoint, EndpointEventKind kind, Bytes data);
/* The fatal alert of `fault`, and the end. */
void endpoint_fail(Endpoint *endpoint, const Fault *fault);
void endpoint_set_state(Endpoint *endpoint, EndpointState state);
WalkContext endpoint_context(const Endpoint *endpoint, Role sender);

/* speak.c */
void speak(Endpoint *endpoint); /* says all that it is this side's turn to say */
bool speak_message(Endpoint *endpoint, const Message *message, int row, Fault *fault);
void speak_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert,
                 const char *sentence);
void speak_flush(Endpoint *endpoint); /* seals what waits in the flight */
bool speak_fragments(Endpoint *endpoint, ContentType type, Bytes bytes, Fault *fault);

/* receive.c */
void receive(Endpoint *endpoint, Bytes bytes);

/* handlers.c: what a side does with a message, by the message and who said it */
typedef bool (*ReadHandler)(Endpoint *endpoint, const Message *message, Fault *fault);
typedef bool (*WriteHandler)(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
ReadHandler handler_for_reading(MessageKind message, Role from);
/* `store` holds the bytes that the message's views point into. */
WriteHandler handler_for_writing(MessageKind message, Role from);
/* A HelloRequest came, or the ClientHello of a renegotiation: begin, refuse or ignore. False with a
 * fault when it is fatal; `*begun` says whether a new handshake is there to read the hello. */
bool renegotiation_asked(Endpoint *endpoint, bool *begun, Fault *fault);

/* handlers_*.c */
bool client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool client_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool no_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool no_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool certificate_request_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool certificate_request_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_hello_done_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool server_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool client_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool client_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool certificate_verify_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool certificate_verify_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool change_cipher_spec_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool change_cipher_spec_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool finished_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool finished_read(Endpoint *endpoint, const Message *message, Fault *fault);

/* report.c: what goes into the trace; all do nothing without one */
TraceEvent *report(Endpoint *endpoint, TraceKind kind);
void report_message(Endpoint *endpoint, MessageKind kind, Bytes bytes, const GArray *spans, int row,
                    bool incoming);
void report_key(Endpoint *endpoint, const char *name, Bytes value);
void report_fact(Endpoint *endpoint, const char *name, const char *value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_note(Endpoint *endpoint, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert,
                  const char *sentence, bool incoming);
void report_state(Endpoint *endpoint);
void report_certificates(Endpoint *endpoint);
void report_check(Endpoint *endpoint, const Check *check, Role subject, bool overridden);
void report_key_block(Endpoint *endpoint);
/* What the record sealed last was made of. */
void report_record_parts(Endpoint *endpoint);
