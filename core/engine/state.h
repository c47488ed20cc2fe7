/* The inside of an endpoint, shared by the files of this room and by nobody else. */
#pragma once

#include "core/base/buffer.h"
#include "core/crypto/checks.h"
#include "core/crypto/compression.h"
#include "core/crypto/digest.h"
#include "core/crypto/group.h"
#include "core/crypto/hkdf.h"
#include "core/crypto/protection.h"
#include "core/crypto/schedule.h"
#include "core/crypto/scheme.h"
#include "core/crypto/ssl2.h"
#include "core/crypto/transcript.h"
#include "core/engine/conversation.h"
#include "core/engine/endpoint.h"
#include "core/engine/limits.h"
#include "core/wire/message.h"
#include "core/wire/record.h"

/* The secrets of TLS 1.3's key schedule (RFC 8446 7.1), each as long as the hash. */
typedef struct {
    uint8_t early[HASH_SIZE_MOST], handshake[HASH_SIZE_MOST], master[HASH_SIZE_MOST];
    uint8_t client_early[HASH_SIZE_MOST];
    uint8_t client_handshake[HASH_SIZE_MOST], server_handshake[HASH_SIZE_MOST];
    uint8_t client_application[HASH_SIZE_MOST], server_application[HASH_SIZE_MOST];
    uint8_t exporter[HASH_SIZE_MOST], resumption[HASH_SIZE_MOST];
} Secrets;

/* A pre-shared key that a client offers: of a session, or an external one. */
typedef struct {
    Session *session;            /* NULL: external */
    const ExternalPsk *external; /* NULL: of a session */
    Bytes key;
    HashKind hash;
} OfferedPsk;

/* Where a client puts values that nobody knows (RFC 8701 3). */
typedef enum {
    GREASE_SUITE,
    GREASE_GROUP,
    GREASE_VERSION,
    GREASE_EXTENSION,
    GREASE_LAST_EXTENSION,
    GREASE_KINDS,
} GreaseKind;

/* Extensions that were offered or came, by their row in the table of extensions. */
typedef uint64_t ExtensionSet;

/* The lists of a handshake: emptied, not freed, when it is over (handshake.c). */
typedef struct {
    GPtrArray *kept;       /* of memory: what `room` was too small for */
    GPtrArray *peer_chain; /* of Certificate */
    GPtrArray *agreements; /* of KeyAgreement: client of TLS 1.3 a few, otherwise one */
    GArray *offered;       /* client: of OfferedPsk */
} HandshakeLists;

/* One handshake; a renegotiation has its own. Blank again when it is complete. */
typedef struct {
    HandshakeLists lists;
    uint8_t
        room[384]; /* what the views of messages being made point into: a few lists of numbers */
    size_t room_used;
    const Conversation *conversation;
    Progress progress;
    ProtocolVersion offered_version; /* the highest that the client offers */
    ProtocolVersion hello_version; /* ClientHello.client_version: what the premaster begins with */
    const Version *version;        /* NULL until ServerHello */
    const Suite *suite;
    uint8_t client_random[RANDOM_SIZE], server_random[RANDOM_SIZE];
    uint8_t session_id[SESSION_ID_MOST]; /* client: as offered; server: as answered */
    size_t session_id_size;
    GByteArray *transcript; /* all handshake messages so far, with their headers */
    TranscriptHash hashed;  /* what of it has been hashed */
    uint8_t master[MASTER_SECRET_SIZE];
    Prf prf;               /* of the master secret, once the keys are derived */
    GByteArray *premaster; /* between the key exchange and the master secret; TLS 1.3: (EC)DHE */
    KeyBlock keys;
    Protection *next_read, *next_write; /* made, not yet in force */
    Secrets secrets;                    /* TLS 1.3 */
    PublicKey *exchange_key;            /* client: what the premaster is encrypted to */
    const Credential *credential;       /* what this side shows; NULL: nothing */
    const Scheme *scheme;               /* by which this side signs */
    ClientAuth client_auth;             /* server: of this handshake */

    /* key agreement */
    KeyAgreement *agreement;  /* the one in use (borrowed from the list) */
    const Group *group;       /* agreed on; NULL: none, or sent in full */
    GByteArray *peer_share;   /* the other side's public value */
    const Group *retry_group; /* asked for by a HelloRetryRequest */
    GBytes *cookie;           /* of a HelloRetryRequest */

    /* resumption and pre-shared keys */
    Session *session;       /* the one that is resumed, or offered for it */
    const ExternalPsk *psk; /* in use */
    Bytes psk_key;          /* TLS 1.3: in use; a view into session or configuration */
    unsigned selected_psk;  /* TLS 1.3: the server's choice */
    bool psk_only;          /* TLS 1.3: psk_ke */
    bool early_offered;     /* early_data was offered, and not withdrawn by a retry */
    bool early_write;       /* client: what it sends is early data, or leads to it */
    GBytes *ticket;         /* client: a new one of TLS 1.2 */
    uint32_t ticket_lifetime;
    bool renews_ticket; /* server: a ticket under an old key came */

    /* what the hellos settle */
    ExtensionSet sent, came; /* extensions sent by this side, come from the other */
    Bytes peer_suites;       /* server: views into the ClientHello at hand */
    Bytes peer_groups;       /* server: numbers of 2 bytes; none said: empty */
    Bytes peer_schemes;      /* the same, as the other side says that it takes them */
    bool peer_schemes_came;
    char *peer_name;       /* server: server_name */
    char *protocol;        /* ALPN's choice */
    bool offered_scsv;     /* client: the SCSV was among its suites */
    bool peer_binds;       /* RFC 5746: the other side sent renegotiation_info or SCSV */
    bool extended;         /* RFC 7627 */
    bool encrypt_then_mac; /* RFC 7366 */
    bool deflate;          /* RFC 3749 */
    bool peer_compresses;  /* RFC 8879: the other side opens zlib */
    bool peer_post_auth;   /* server: RFC 8446 4.2.6 */
    uint8_t peer_heartbeat;
    uint8_t fragment_code;            /* server: max_fragment_length, as asked for */
    size_t sealed_read, sealed_write; /* RFC 8449 4: limits of what the new keys protect; 0: none */
    uint8_t grease[GREASE_KINDS];
    uint32_t ticket_age; /* server: as the client says it, obfuscated */
    GBytes *binder;      /* server: of the key in use */
    GBytes *first_hello; /* server: what a second one may not change */
    uint8_t psk_modes;   /* server: PskModes that the client takes */
    bool no_suitable;    /* client: its certificate is none of those asked for */
    bool peer_authenticated;
    bool status_requested;   /* server: the client wants a stapled response */
    GBytes *peer_status;     /* client: the stapled response */
    GBytes *request_context; /* TLS 1.3: certificate_request_context */
    uint8_t client_verify[HASH_SIZE_MOST], server_verify[HASH_SIZE_MOST];
    struct Ssl2State *ssl2; /* NULL but in SSL 2.0 */
} Handshake;

/* One direction of a connection. */
typedef struct {
    Protection *protection;   /* NULL: in the clear */
    Ssl2Protection *ssl2;     /* SSL 2.0: in place of it */
    Compression *compression; /* NULL: none */
    Under under;              /* TLS 1.3: which keys */
    int epoch;                /* 0 in the clear, up by one a change of keys */
    unsigned updates;         /* TLS 1.3: KeyUpdates so far */
    bool opened;              /* a record has been opened */
    int records;              /* so far */
    int messages;
    size_t limit;        /* most bytes of plaintext in a record (RFC 6066 4); 0: 2^14 */
    size_t sealed_limit; /* the same for protected records alone (RFC 8449); 0: none */
} Way;

/* What outlives a handshake. */
typedef struct {
    const Version *version;
    const Suite *suite;
    uint8_t master[HASH_SIZE_MOST]; /* TLS 1.3: the resumption master secret */
    size_t master_size;
    uint8_t exporter[HASH_SIZE_MOST]; /* TLS 1.3 */
    uint8_t client_random[RANDOM_SIZE], server_random[RANDOM_SIZE];
    uint8_t client_application[HASH_SIZE_MOST], server_application[HASH_SIZE_MOST];
    TranscriptHash hashed;  /* of all handshake messages; SSL 2.0 has none */
    GByteArray *transcript; /* TLS 1.3: where post-handshake authentication may come */
    uint8_t client_verify[HASH_SIZE_MOST], server_verify[HASH_SIZE_MOST]; /* RFC 5746 3.1 */
    bool secure_renegotiation;
    Certificate *peer_certificate;
    const Group *group;
    char *server_name, *protocol;
    bool resumed, extended, psk;
    bool encrypt_then_mac;  /* in this handshake or an earlier one */
    bool peer_post_auth;    /* server: the client offered it */
    uint8_t peer_heartbeat; /* its HeartbeatMode; 0: not negotiated */
    uint64_t tickets;       /* server, TLS 1.3: nonces given */
    uint8_t modes;          /* server, TLS 1.3: PskModes that the client takes */
    bool any;               /* a handshake has been completed */
} Established;

struct Endpoint {
    const EndpointConfig *config;
    Random *random;
    TraceSink sink;
    Meter meter,
        meter_before; /* all of the connection's work; what was done before the handshake */
    uint64_t now;
    EndpointState state;
    Framing framing;
    Handshake *handshake;
    unsigned handshakes; /* begun: the ordinal of the current one plus one */
    unsigned completed;
    Established established;
    Session *session;            /* that this connection made, or has resumed; NULL */
    GSList *sessions;            /* of Session *, owned: others of it */
    ClientAuth next_client_auth; /* server: of the handshake that it asks for */
    bool hello_requested;        /* server: HelloRequest is out, no answer yet */
    bool ccs_sent;               /* TLS 1.3: middlebox compatibility */
    unsigned ccs_came;
    size_t skipped;     /* server, TLS 1.3: bytes of rejected early data */
    bool skips;         /* … and whether more may come */
    size_t early_taken; /* server: bytes of early data */
    Way read, write;
    /* NULL while there are none: */
    GByteArray *input;   /* bytes of a record that is not whole yet */
    GByteArray *partial; /* bytes of a handshake message that is not whole yet */
    GByteArray *flight;  /* handshake bytes that wait for the rest of their flight */
    GByteArray *output;
    int partial_record;  /* the record in which `partial` began */
    size_t behind;       /* handshake bytes of the record at hand, behind the message at hand */
    bool alert_cut;      /* RFC 5246 6.2.1: an alert may be cut, too: its first byte came */
    uint8_t alert_level; /* … which is this */
    GByteArray **opened; /* plaintext of the record at hand, while it is handled; NULL */
    Bytes message;       /* the whole bytes of the message at hand, while its read handler runs */
    GByteArray *events;  /* EndpointEvents, one behind the other */
    size_t events_taken; /* bytes of them that have been handed out */
    unsigned warnings, empties, requests; /* in a row: see limits.h */
    unsigned key_updates;                 /* in a row */
    bool false_started;
    bool heartbeat_out; /* a request waits for its answer */
    GBytes *heartbeat_payload;
    uint32_t *said; /* how many of each kind: ordinals of own edits; NULL without any */
    Fault fault;
    char *state_shown; /* the state last put into the trace */
};

/* endpoint.c */
Handshake *handshake_begin(Endpoint *endpoint, Family family);
void handshake_end(Endpoint *endpoint); /* complete: what outlives it is kept */
void handshake_abandon(Endpoint *endpoint);
ProtocolVersion endpoint_wire_version(const Endpoint *endpoint);
/* plain.c: no TLS */
void plain_start(Endpoint *endpoint);
void plain_receive(Endpoint *endpoint, Bytes data);
bool plain_send(Endpoint *endpoint, Bytes data);

void endpoint_event(Endpoint *endpoint, EndpointEventKind kind, Bytes data);
/* The fatal alert of `fault`, and the end. */
void endpoint_fail(Endpoint *endpoint, const Fault *fault);
void endpoint_set_state(Endpoint *endpoint, EndpointState state);
WalkContext endpoint_context(const Endpoint *endpoint, Role sender);
bool endpoint_is_open(const Endpoint *endpoint);
/* Microseconds since 1970 UTC. */
uint64_t endpoint_wall_clock(const Endpoint *endpoint);
bool endpoint_is_tls13(const Endpoint *endpoint);

Family endpoint_family(const Endpoint *endpoint);

/* ssl2.c, handlers_ssl2.c */
typedef struct Ssl2State Ssl2State;
void ssl2_state_free(Ssl2State *state);
bool ssl2_receive(Endpoint *endpoint, const Record *record, Fault *fault);
/* Bytes of a message or of data, in records of SSL 2.0. */
bool ssl2_say(Endpoint *endpoint, Bytes bytes, Fault *fault);
/* What a fault is in SSL 2.0: an error where it has one, silence otherwise. */
void ssl2_say_error(Endpoint *endpoint, AlertDescription alert, const char *sentence);
/* Whether the first hello goes out in the format of SSL 2.0 though the client can do more. */
bool ssl2_opens(const Endpoint *endpoint);
bool ssl2_opening_write(Endpoint *endpoint, Message *message, Fault *fault);
bool ssl2_derive(Endpoint *endpoint, Fault *fault);
bool ssl2_server_hello_after(Endpoint *endpoint, Fault *fault);
void ssl2_keep(Endpoint *endpoint);
Bytes ssl2_master(const Handshake *handshake);
bool ssl2_client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool ssl2_client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool ssl2_server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_master_key_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool ssl2_master_key_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_client_finished_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault);
bool ssl2_client_finished_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_server_verify_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool ssl2_server_verify_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_server_finished_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault);
bool ssl2_server_finished_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_request_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool ssl2_request_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_no_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool ssl2_no_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool ssl2_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool ssl2_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);

/* handshake.c */
Handshake *handshake_new(Family family);
void handshake_free(Handshake *handshake);
/* Memory that lives as long as the handshake, and a copy in it. */
uint8_t *handshake_room(Handshake *handshake, size_t size);
Bytes handshake_keep(Handshake *handshake, Bytes bytes);
/* Settles a fact. */
void handshake_know(Handshake *handshake, Facts fact, bool value);
bool handshake_is(const Handshake *handshake, Facts fact);
/* The family's list, once the version is settled: the hello stays its first row. */
void handshake_adopt(Handshake *handshake, Family family);
Bytes handshake_transcript(const Handshake *handshake);
/* Its hash by the suite's (TLS 1.3), into `output`. */
Bytes handshake_transcript_hash(Handshake *handshake, uint8_t output[HASH_SIZE_MOST]);
/* The same running, by the hashes of its version and suite. */
const TranscriptHash *handshake_hashed(Handshake *handshake);

/* speak.c */
void speak(Endpoint *endpoint); /* says all that it is this side's turn to say */
bool speak_message(Endpoint *endpoint, const Message *message, int row, Fault *fault);
void speak_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert,
                 const char *sentence);
void speak_flush(Endpoint *endpoint); /* seals what waits in the flight */
bool speak_fragments(Endpoint *endpoint, ContentType type, Bytes bytes, Fault *fault);
/* Most bytes of plaintext in a record that this side sends now. */
size_t speak_limit(const Endpoint *endpoint);

/* receive.c, receive_message.c */
void receive(Endpoint *endpoint, Bytes bytes);
bool receive_message(Endpoint *endpoint, Bytes bytes, MessageKind kind, Fault *fault);
/* Application data, where it may come. */
bool receive_data(Endpoint *endpoint, Bytes plaintext, Fault *fault);
bool receive_announced(Endpoint *endpoint, MessageKind kind, size_t body, Fault *fault);

/* handlers.c: what a side does with a message, by the message and who said it */
typedef bool (*ReadHandler)(Endpoint *endpoint, const Message *message, Fault *fault);
typedef bool (*WriteHandler)(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
typedef bool (*AfterHandler)(Endpoint *endpoint, Fault *fault);
typedef struct {
    Family family;
    MessageKind message;
    Role from;
    ReadHandler read;
    WriteHandler write; /* `store` holds the bytes that the message's views point into */
    AfterHandler after; /* on both sides, once the message is part of the transcript */
} HandlerRow;
/* NULL: nothing to do. */
const HandlerRow *handler_find(Family family, MessageKind message, Role from);
/* A HelloRequest came, or the ClientHello of a renegotiation: begin, refuse or ignore. False with a
 * fault when it is fatal; `*begun` says whether a new handshake is there to read the hello. */
bool renegotiation_asked(Endpoint *endpoint, bool *begun, Fault *fault);

/* extensions.c: the extensions of both hellos, by a table */
bool extensions_offer(Endpoint *endpoint, Extensions *extensions, Fault *fault);
bool extensions_take(Endpoint *endpoint, const Extensions *extensions, Fault *fault);
/* `message` is where they stand: ServerHello, EncryptedExtensions, HelloRetryRequest. */
bool extensions_answer(Endpoint *endpoint, MessageKind message, Extensions *extensions,
                       Fault *fault);
bool extensions_accept(Endpoint *endpoint, MessageKind message, const Extensions *extensions,
                       Fault *fault);
/* Certificate, CertificateRequest, NewSessionTicket of TLS 1.3: whether an extension that this side
 * knows has its place there, be it solicited or not; and all of a message. */
bool extension_place_check(MessageKind message, uint16_t type, Fault *fault);
bool extension_places_check(MessageKind message, const Extensions *extensions, Fault *fault);
Extension *extensions_add(Extensions *extensions, uint16_t type);
bool extension_sent(const Handshake *handshake, uint16_t type);
bool extension_came(const Handshake *handshake, uint16_t type);
ExtensionSet extension_bit(uint16_t type);

/* hello_common.c */
uint16_t grease_number(const Endpoint *endpoint, GreaseKind kind);
void note_schemes(Handshake *handshake, Bytes schemes);
/* RFC 5746 3.4 to 3.7: the binding of a renegotiation, at the server and at the client. */
bool client_binding_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault);
bool server_binding_check(Endpoint *endpoint, const ServerHello *hello, Fault *fault);
/* What the suite settles about the list: anonymous, pre-shared, ephemeral. */
void know_suite(Endpoint *endpoint);
Bytes keep_numbers(Handshake *handshake, const uint16_t *numbers, size_t count);

/* choice.c: what a server chooses out of an offer, and lists with their defaults */
bool choose_version(Endpoint *endpoint, const ClientHello *hello, Fault *fault);
bool choose_suite(Endpoint *endpoint, Fault *fault);
size_t group_list(const EndpointConfig *config, const GroupNumber **list);
/* The signatures that are offered where `lowest` is the lowest version that may come of it: in TLS
 * 1.3 alone none that is reserved (RFC 8446 4.2.3), unless the configuration names it. */
size_t scheme_list(const EndpointConfig *config, ProtocolVersion lowest, const SchemeNumber **list);
bool config_has_group(const EndpointConfig *config, GroupNumber group);
bool config_has_scheme(const EndpointConfig *config, SchemeNumber scheme);
/* The credential and the scheme with which this side can prove itself in this key exchange; NULL
 * for none. */
const Credential *choose_credential(const Endpoint *endpoint, KeyExchangeKind kind,
                                    const Scheme **scheme);
/* The first scheme of the other side's list by which this key signs in this version; NULL. */
const Scheme *choose_scheme(const Endpoint *endpoint, const PrivateKey *key);

/* handlers_*.c */
bool client_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool client_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_hello_after(Endpoint *endpoint, Fault *fault);
bool server_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool client_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool compressed_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                  Fault *fault);
bool compressed_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool no_certificate_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool no_certificate_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool certificate_request_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool certificate_request_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool certificate_status_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool certificate_status_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_hello_done_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool server_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool server_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool client_key_exchange_write(Endpoint *endpoint, Message *message, GByteArray *store,
                               Fault *fault);
bool client_key_exchange_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool client_key_exchange_after(Endpoint *endpoint, Fault *fault);
/* The key block and the protections of a master secret that is there. */
bool derive_keys(Endpoint *endpoint, Fault *fault);
bool certificate_verify_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool certificate_verify_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool new_session_ticket_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool new_session_ticket_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool change_cipher_spec_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool change_cipher_spec_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool finished_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool finished_read(Endpoint *endpoint, const Message *message, Fault *fault);
/* The checks of the other side's chain, with their places in the trace; false with a fault. */
bool peer_check(Endpoint *endpoint, bool signature_good, Fault *fault);

/* resume.c: sessions of TLS 1.2 and below */
Session *resume_offered(Endpoint *endpoint); /* client: what it would resume; or NULL. Borrowed */
void resume_take(Endpoint *endpoint, const ClientHello *hello); /* server */
bool resume_fits(const Endpoint *endpoint, const Session *session);
void resume_keep(Endpoint *endpoint); /* after a full handshake */
/* A session that must not outlive this connection's failure: kept in a store, by this side. */
void resume_own(Endpoint *endpoint, Session *session);
void resume_adopt(Endpoint *endpoint); /* the same of the session that is resumed, if any */
/* After a fatal alert, said or heard. */
void resume_forget(Endpoint *endpoint);
void resume_disown(Endpoint *endpoint); /* the connection is freed */
bool resume_derive(Endpoint *endpoint, Fault *fault);
Session *session_of(const Endpoint *endpoint); /* what this handshake leaves, new */

/* tls13_*.c */
bool tls13_server_hello_write(Endpoint *endpoint, Message *message, GByteArray *store,
                              Fault *fault);
bool tls13_server_hello_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_server_hello_after(Endpoint *endpoint, Fault *fault);
bool hello_retry_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool hello_retry_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_retry_after(Endpoint *endpoint, Fault *fault);
bool tls13_client_hello_after(Endpoint *endpoint, Fault *fault);
bool encrypted_extensions_write(Endpoint *endpoint, Message *message, GByteArray *store,
                                Fault *fault);
bool encrypted_extensions_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_request_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool tls13_request_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_verify_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool tls13_verify_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_finished_write(Endpoint *endpoint, Message *message, GByteArray *store, Fault *fault);
bool tls13_finished_read(Endpoint *endpoint, const Message *message, Fault *fault);
bool tls13_server_finished_after(Endpoint *endpoint, Fault *fault);
bool tls13_client_finished_after(Endpoint *endpoint, Fault *fault);
/* The server's choices for TLS 1.3: suite, pre-shared key, group; and whether to retry. */
bool tls13_choose(Endpoint *endpoint, const ClientHello *hello, Fault *fault);
/* The blank binders of a ClientHello that is written, filled in place. */
bool tls13_fill_binders(Endpoint *endpoint, GByteArray *hello, Fault *fault);
/* message_hash in place of the first hello (RFC 8446 4.4.1). */
void tls13_replace_transcript(Handshake *handshake);
/* Keys of a traffic secret, put into force in one direction. */
bool tls13_install(Endpoint *endpoint, Way *way, Under under, Bytes secret, Fault *fault);
/* The secret of the two shares (RFC 8446 7.4): the server's when it chooses, so that a share that
 * is none is refused before anything is said; the client's behind ServerHello. */
bool tls13_agree(Endpoint *endpoint, Fault *fault);
/* Behind EndOfEarlyData, or where early data was rejected. */
bool tls13_end_early(Endpoint *endpoint, Fault *fault);
/* The ChangeCipherSpec that means nothing, once (RFC 8446 D.4). */
void tls13_compatibility(Endpoint *endpoint);
/* The binder of one key over a truncated hello (RFC 8446 4.2.11.2). */
void tls13_binder(Endpoint *endpoint, HashKind hash, Bytes psk, bool external, Bytes truncated,
                  uint8_t output[HASH_SIZE_MOST]);
/* Client: the pre-shared keys that it can offer. */
void tls13_collect_psks(Endpoint *endpoint);
bool tls13_early_secrets(Endpoint *endpoint, const Suite *suite, Fault *fault);
bool tls13_send_early(Endpoint *endpoint, Fault *fault);
/* Messages of a connection that is established (RFC 8446 4.6). */
bool tls13_established(Endpoint *endpoint, const Message *message, bool *taken, Fault *fault);
bool tls13_send_tickets(Endpoint *endpoint, Fault *fault);
bool tls13_update_keys(Endpoint *endpoint, bool request, Fault *fault);
bool tls13_ask_certificate(Endpoint *endpoint, ClientAuth client_auth, Fault *fault);

/* heartbeat.c */
bool heartbeat_take(Endpoint *endpoint, Bytes bytes, Fault *fault);

/* report.c: what goes into the trace; all do nothing without one */
static inline bool reports(const Endpoint *endpoint)
{
    return endpoint->sink.trace != NULL;
}
TraceEvent *report(Endpoint *endpoint, TraceKind kind);
void report_message(Endpoint *endpoint, MessageKind kind, Bytes bytes, const GArray *spans, int row,
                    bool incoming);
void report_key(Endpoint *endpoint, const char *name, Bytes value);
void report_fact(Endpoint *endpoint, const char *name, const char *value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Most facts are put into words from numbers and lists: not even that is done without a trace. */
#define report_fact(endpoint, ...)                                                                 \
    (reports(endpoint) ? (report_fact)(endpoint, __VA_ARGS__) : (void)0)
/* The work since `before`: public-key operations, and what the record layer took. */
void report_cost(Endpoint *endpoint, const char *name, const Meter *before);
void report_note(Endpoint *endpoint, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_alert(Endpoint *endpoint, AlertLevel level, AlertDescription alert,
                  const char *sentence, bool incoming);
void report_state(Endpoint *endpoint);
void report_certificates(Endpoint *endpoint);
void report_check(Endpoint *endpoint, const Check *check, Role subject, bool overridden);
void report_key_block(Endpoint *endpoint);
void report_cover(Endpoint *endpoint);
/* What the record sealed last was made of. */
void report_record_parts(Endpoint *endpoint);
