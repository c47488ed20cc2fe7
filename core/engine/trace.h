/* Trace: the only way out of a run. A header and an append-only list of events, owned by the world.
 * Pictures, coverage, invariants, JSON and captures are folds over it. Includes nothing of crypto
 * or of the rest of the engine but conversation.h. Saved as JSON lines (viz/json.h) it can be drawn
 * again exactly. */
#pragma once

#include <glib.h>

#include "core/base/bytes.h"
#include "core/base/numbers.h"
#include "core/engine/conversation.h"
#include "core/wire/message.h"
#include "core/wire/span.h"

enum { TRACE_FORMAT_VERSION = 1 };

typedef enum {
    PARTY_CLIENT,
    PARTY_SERVER,
    PARTY_PROXY,
    PARTY_ATTACKER,
} PartyKind;

typedef struct {
    char *name; /* "client" */
    PartyKind kind;
} TraceParty;

/* The link between parties[i] and parties[i + 1]. */
typedef struct {
    int left, right;                    /* parties; the left one is the TLS client */
    char *left_address, *right_address; /* "10.0.1.1" */
    uint16_t left_port, right_port; /* of connection 0; the left port grows by one a connection */
} TraceLink;

typedef enum {
    TRACE_MESSAGE,     /* a whole message: said (outgoing) or taken in (incoming) by `party` */
    TRACE_RECORD,      /* a record carried over `link`, with its fate */
    TRACE_KEYS,        /* a secret, key or part of a record of `party`: name, value in `bytes` */
    TRACE_FACT,        /* something settled: name, value, and in `reason` why */
    TRACE_CHECK,       /* one check of a certificate or of a client: name, result, reason */
    TRACE_CERTIFICATE, /* a certificate that `party` was shown */
    TRACE_ALERT,       /* an alert sent (outgoing) or taken in: level, description, reason */
    TRACE_MISCHIEF,    /* a rule or an attack did something: name = rule, value = effect */
    TRACE_NOTE,        /* a sentence for people, in `value`; `name` says what kind of note */
    TRACE_STATE,       /* `party` goes from state `before` to `after` */
    TRACE_DATA,        /* application data delivered to `party`'s application, in `bytes` */
    TRACE_VERDICT,     /* the last event: every expectation */
    TRACE_KINDS,
} TraceKind;

typedef enum {
    TRACE_PASSED,
    TRACE_FAILED,
    TRACE_SKIPPED,    /* not made: nothing to check it on, or an earlier one rules it out */
    TRACE_OVERRIDDEN, /* failed, and passed over: a weakness, or the user went on */
} TraceResult;

typedef enum {
    FATE_DELIVERED,
    FATE_CHANGED,    /* arrived, other than it was sent: `bytes` sent, `received` arrived */
    FATE_DROPPED,    /* never arrived */
    FATE_DUPLICATED, /* a copy that nobody sent: `bytes` empty, `received` arrived */
    FATE_LOST,       /* arrived at a party that was gone: after its end */
} RecordFate;

/* A certificate as it was shown. Texts are UTF-8; distinguished names as in RFC 4514. */
typedef struct {
    char *subject, *issuer, *serial; /* serial in hex */
    char *names;                     /* subjectAltName, ", " between; "" when none */
    int64_t not_before, not_after;   /* seconds since 1970 UTC */
    char *key;                       /* "RSA 2048" */
    char *key_fingerprint;           /* SHA-256 of SubjectPublicKeyInfo, hex with colons */
    char *fingerprint;               /* SHA-256 of the certificate, the same way */
    char *signature;                 /* "sha256WithRSAEncryption" */
    int position;                    /* 0: the sender's own; then its issuers */
} TraceCertificate;

typedef struct {
    char *text;     /* the expectation as the scenario states it */
    char *expected; /* value expected */
    char *got;      /* value got */
    bool held;
    int event; /* number of the event that decided it, or -1 */
    int line;  /* of the scenario; 0 when built in */
} TraceExpectation;

typedef struct {
    int number;    /* from 1 */
    uint64_t time; /* virtual microseconds since the scenario's clock */
    TraceKind kind;
    int party;           /* index into the header's parties; -1: the network */
    int link;            /* index into the header's links; -1: none */
    int connection;      /* on that link, from 0 */
    Direction direction; /* of what is carried or said */
    bool incoming;       /* MESSAGE, ALERT: taken in rather than said */
    int epoch;           /* key epoch that it travelled under: 0 is in the clear */
    Under under;         /* MESSAGE of TLS 1.3: which keys; UNDER_CURRENT: in the clear, or of a
                            version whose keys have no kinds */
    int handshake;       /* of this connection, from 0; renegotiations count up */
    int record;          /* ordinal (from 1) of the record in this direction of this connection, as
                            numbered by its sender; incoming: by its receiver; 0: none */
    int record_count;    /* MESSAGE: over how many records it stretches */
    int arrival;         /* RECORD: the ordinal with which its receiver counts it; 0: never */
    uint64_t arrival_time; /* RECORD: virtual time of arrival */
    int message;           /* MESSAGE: ordinal in this direction of this connection, from 1 */
    MessageKind message_kind;
    Family family; /* of the conversation list */
    int row;       /* the row of that list, or -1 */
    int line;      /* the scenario line that it comes from, or 0 */

    GBytes *bytes;    /* MESSAGE: plain bytes; RECORD: as sent with header; KEYS, DATA: value */
    GBytes *received; /* RECORD, where it differs: as it arrived */
    GArray *spans;    /* of `bytes`, or NULL */

    char *name, *value, *reason; /* by kind, see above; UTF-8 */
    char *before, *after;        /* STATE */
    TraceResult result;          /* CHECK */
    RecordFate fate;             /* RECORD */
    AlertLevel level;            /* ALERT */
    AlertDescription description;
    TraceCertificate *certificate; /* CERTIFICATE */
    GPtrArray *expectations;       /* VERDICT: of TraceExpectation * */
} TraceEvent;

typedef struct {
    int format;          /* TRACE_FORMAT_VERSION */
    char *scenario;      /* its name: "bad-certificate/expired" */
    char *title, *about; /* in words */
    char *spec;          /* "RFC 5246 7.4.2" */
    uint64_t seed;
    int64_t clock;      /* seconds since 1970 UTC at virtual time 0 */
    GPtrArray *parties; /* of TraceParty *, in a row from left to right */
    GPtrArray *links;   /* of TraceLink * */
    char *text;         /* the scenario's canonical text */
    bool captured;      /* real connections, heard from outside: nobody ran a scenario */
} TraceHeader;

typedef struct {
    TraceHeader header;
    GPtrArray *events; /* of TraceEvent * */
    uint64_t now;      /* stamped on what is added; the world keeps it */
} Trace;

Trace *trace_new(void);
void trace_free(Trace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trace, trace_free)

void trace_add_party(Trace *trace, const char *name, PartyKind kind);
/* Takes the next addresses of the lab's own network: 10.0.<link>.1 and .2. */
void trace_add_link(Trace *trace, int left, int right, uint16_t port);

/* Appends an event of a kind with its number and time, everything else 0 (party, link, row: -1,
 * message_kind: MESSAGE_NONE). The trace owns it; the caller fills it. */
TraceEvent *trace_add(Trace *trace, TraceKind kind);

const TraceEvent *trace_at(const Trace *trace, size_t index);
size_t trace_count(const Trace *trace);
const TraceParty *trace_party(const Trace *trace, int party);
const TraceLink *trace_link(const Trace *trace, int link);

/* The verdict: true when every expectation held. False when there is no verdict. */
bool trace_held(const Trace *trace);

TraceCertificate *trace_certificate_new(void);
TraceExpectation *trace_expectation_new(void);
/* A GPtrArray that frees its TraceExpectation elements. */
GPtrArray *trace_expectations_new(void);

/* "message", "record" … as in JSON; and back (-1). */
const char *trace_kind_name(TraceKind kind);
const char *party_kind_name(PartyKind kind);
const char *trace_result_name(TraceResult result);
const char *record_fate_name(RecordFate fate);

/* The label under which a key log has the secret of a KEYS event (RFC 9850 3; before TLS 1.3 the
 * master secret under CLIENT_RANDOM); NULL for what stands in none. */
const char *trace_secret_label(const TraceEvent *event);
/* The KEYS event of the client random of the same handshake as event `index`; NULL. */
const TraceEvent *trace_secret_random(const Trace *trace, size_t index);

/* Where an endpoint's events go; all zero for none: then the engine runs at full speed. */
typedef struct {
    Trace *trace; /* may be NULL */
    int party, link, connection;
} TraceSink;
