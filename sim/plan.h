/* Plan: what shall run, as data: parties, links, rules, acts, expectations. The language of
 * scenarios makes it, the world runs it; neither knows the other. Everything is owned by the plan;
 * texts are UTF-8. `line` is the line of the scenario that it comes from, 0 when built in. */
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/checks.h"
#include "core/engine/config.h"
#include "core/engine/trace.h"
#include "core/wire/edit.h"
#include "sim/options.h"

/* A private key by name, as PEM. */
typedef struct {
    char *name;
    GBytes *pem;
} PlanKey;

/* One door of the server: a resource that wants a client certificate. */
typedef struct {
    char *path;
    bool required; /* else requested */
    int line;
} PlanDoor;

/* One line of the access list. */
typedef struct {
    char *subject; /* RFC 4514 */
    char *path;
    int line;
} PlanAccess;

/* One change that a misbehaving peer makes to its own messages. */
typedef struct {
    MessageKind message;
    int ordinal; /* 0: every one */
    Edit edit;
    char *text; /* as written */
    int line;
} PlanOwnEdit;

/* A pre-shared key that both sides were given beforehand. */
typedef struct {
    char *identity;
    GBytes *key;
    HashKind hash; /* TLS 1.3 */
    int line;
} PlanPsk;

/* An extension of a ClientHello with its data as it is sent. */
typedef struct {
    uint16_t type;
    GBytes *data;
} PlanRawExtension;

/* The OCSP response that a server staples, minted in the lab. */
typedef enum {
    STAPLE_NONE,
    STAPLE_GOOD,
    STAPLE_REVOKED,
    STAPLE_UNKNOWN,
    STAPLE_EXPIRED, /* good, and out of its time */
} Staple;

typedef struct {
    PartyKind kind;
    char *name;
    int line;
    const struct SpeakerSource *source; /* who speaks for it: sim/speaker.h; NULL: our engine */
    EndpointOptions options;
    GArray *groups;                          /* of GroupNumber; empty: all of the laboratory's */
    GArray *shares;                          /* client: of GroupNumber; empty: the first group */
    GArray *schemes;                         /* of SchemeNumber; empty: all of the laboratory's */
    GPtrArray *also_shows;                   /* of char *: further certificates, after `shows` */
    GPtrArray *protocols;                    /* of char *: ALPN */
    GPtrArray *psks;                         /* of PlanPsk * */
    char *psk_hint;                          /* server; NULL: none */
    GArray *extension_order;                 /* of uint16_t */
    GPtrArray *raw_extensions;               /* client: of PlanRawExtension * */
    GBytes *dh_prime, *dh_generator;         /* server: sent in full; NULL: RFC 7919 */
    GBytes *export_prime, *export_generator; /* server: for export suites; NULL: the lab's own */
    bool forgets_sessions;                   /* no cache: nothing is resumed by session ID */
    uint32_t cache_size;                     /* sessions; 0: 1000 */
    uint32_t cache_lifetime;                 /* seconds; 0: a day */
    char *early_data;                        /* client: sent ahead when it resumes; NULL: none */
    bool notices_replays;                    /* server: RFC 8446 8.2 */
    Staple staples;                          /* server */
    unsigned machines; /* server, balancer: connections reach them in turn; 0, 1: one */
    bool shares_sessions, shares_ticket_keys; /* the machines among them */
    bool behind_plain_text;                   /* balancer: what is behind it speaks no TLS */
    bool retries_lower; /* client: after a failure, again with the next lower version */
    ProtocolVersion first, last;
    GArray *suites;         /* of SuiteNumber, in order of preference */
    char *shows;            /* name of a certificate; NULL: none */
    char *uses_key;         /* name of a private key in place of the certificate's own; NULL */
    GPtrArray *trusts;      /* of char *: names of CA certificates */
    char *expects;          /* client: the name asked for; NULL: not checked */
    char *server_name;      /* client: sent in server_name; NULL: not sent */
    bool user_goes_on;      /* client: warns and goes on */
    ClientAuth client_auth; /* server: in the first handshake */
    GPtrArray *doors;       /* server: of PlanDoor * */
    GPtrArray *access;      /* server: of PlanAccess * */
    bool refuses_by_alert;  /* server: check 5 is told by access_denied instead of 403 */
    bool prefers_client_order;
    bool refuses_renegotiation;
    char *temporary_key; /* server: RSA key for export suites; NULL: none */
    Weaknesses weaknesses;
    size_t fragment_size; /* 0: 2^14 */
    bool coalesces;
    bool empty_fragments;
    GArray *edits;   /* of PlanOwnEdit */
    GPtrArray *pins; /* of PlanPin * */
} PlanParty;

/* A label of randomness held to a value. */
typedef struct {
    char *label;
    GBytes *value;
    int line;
} PlanPin;

typedef enum {
    ACTION_DROP,
    ACTION_DELAY, /* by `delay` */
    ACTION_DUPLICATE,
    ACTION_EDIT, /* `edit`: flip a bit, truncate, replace a field by its path */
} ActionKind;

/* What the network does to a record of its choice. */
typedef struct {
    MessageKind message; /* a plain message by name; MESSAGE_NONE: a protected record */
    int ordinal;         /* the how-many-eth such message or record of that side; 0: every one */
    Role from;
    ActionKind action;
    uint64_t delay; /* microseconds */
    Edit edit;
    bool maybe; /* that it never fires is no failure */
    char *text; /* as written: "ServerHelloDone from server: delay 250 ms" */
    int line;
} PlanRule;

/* What a listener on the client's link holds. */
typedef enum {
    TAP_NONE, /* nobody listens */
    TAP_LISTENS,
    TAP_KEY,    /* the private key of the certificate that the server shows first */
    TAP_KEYLOG, /* all secrets that the parties write into a key log (RFC 9850) */
} TapKind;

typedef struct {
    uint64_t latency; /* microseconds each way; the default is 10 ms */
    TapKind tap;      /* somebody listens, and touches nothing */
} PlanNetwork;

/* An attack program between the client and the server, with a lifeline of its own. */
typedef struct {
    char *name;                       /* of the lifeline: "attacker" */
    char *program;                    /* "man-in-the-middle" */
    const struct AttackProgram *code; /* the same program: sim/attacker.h */
    char *shows;           /* name of the certificate that it shows to the client's side */
    GPtrArray *trusts;     /* CAs that it checks the server's side by; empty: it checks nothing */
    char *replaces, *with; /* text that it changes in the data that it passes on; NULL */
    int line;
} PlanAttack;

typedef enum {
    ACT_REQUEST,         /* client: `text` is the path */
    ACT_SEND,            /* either: `text`, or `size` bytes of a pattern */
    ACT_RENEGOTIATE,     /* either */
    ACT_CLOSE,           /* either */
    ACT_RECONNECT,       /* client: closes what is open, and connects again */
    ACT_UPDATE_KEYS,     /* either, TLS 1.3; `number` 1: asks the other side for the same */
    ACT_ASK_CERTIFICATE, /* server, TLS 1.3: RFC 8446 4.6.2 */
    ACT_HEARTBEAT,       /* either: `text` is the payload */
    ACT_EXPORT,          /* either: keying material under the label `text` (RFC 5705) */
    ACT_ROTATE_TICKETS,  /* server: a new ticket key; `number` 1: the older ones are forgotten */
    ACT_FORGET,          /* either: throws its sessions away */
    ACT_WAIT,            /* `duration` microseconds */
} ActKind;

typedef struct {
    ActKind kind;
    Role who;
    char *text;
    size_t size;
    uint64_t duration;
    uint32_t number;
    int line;
} PlanAct;

typedef enum {
    EXPECT_STATE,         /* `who` (or both): connected, failed, closed, timed out */
    EXPECT_VERSION,       /* `number` */
    EXPECT_SUITE,         /* `number` */
    EXPECT_ALERT,         /* `who` sends `level` `number` */
    EXPECT_ERROR,         /* `who` sends SSL 2.0's error `number` */
    EXPECT_NO_ALERT,      /* nobody sends a fatal alert */
    EXPECT_CHECKS,        /* `who` checks the other: these pass, this one fails */
    EXPECT_ANSWER,        /* `text` (a path) is answered `number` */
    EXPECT_HANDSHAKES,    /* `number` complete handshakes on the connection */
    EXPECT_NO_DATA,       /* no application data is delivered to anybody */
    EXPECT_DATA,          /* `who` receives `number` bytes in all */
    EXPECT_WARNED,        /* the client's user is warned */
    EXPECT_READS,         /* the attacker reads everything, or nothing (`number` 1 or 0) */
    EXPECT_RECEIVES_TEXT, /* `who` receives data that contains `text` */
    EXPECT_REFUSED,       /* `who`'s wish to renegotiate is refused */
    EXPECT_RESUMED,       /* the last connection resumes a session: `number` 1 or 0 */
    EXPECT_GROUP,         /* `number`: of the last key agreement */
    EXPECT_PROTOCOL,      /* `text`: ALPN's choice */
    EXPECT_EARLY_DATA,    /* `number` 1: accepted, 0: rejected */
    EXPECT_RETRY,         /* the server asks for another hello: `number` 1 or 0 */
    EXPECT_EXTENDED,      /* an extended master secret: `number` 1 or 0 */
    EXPECT_EXPORTS,       /* both sides have exported the same: `number` 1 or 0 */
    EXPECT_CONNECTIONS,   /* `number` connections in all */
} ExpectKind;

typedef enum {
    EXPECT_OF_CLIENT = 1,
    EXPECT_OF_SERVER = 2,
    EXPECT_OF_BOTH = 3,
    EXPECT_OF_ATTACKER = 4,
    EXPECT_OF_LISTENER = 8, /* the tap */
} ExpectOf;

/* How one side ended, as expected of it. */
typedef enum {
    END_CONNECTED, /* its handshake was completed and nothing failed (closed since or not) */
    END_CLOSED,    /* closed by close_notify */
    END_FAILED,
    END_TIMED_OUT,
} EndState;

typedef struct {
    CheckKind check;
    TraceResult result; /* TRACE_PASSED, TRACE_FAILED, TRACE_SKIPPED or TRACE_OVERRIDDEN */
} ExpectedCheck;

typedef struct {
    ExpectKind kind;
    ExpectOf who;
    EndState end;
    AlertLevel level;
    uint32_t number;
    char *text;
    GArray *checks; /* of ExpectedCheck; each must have that result, others are not asked */
    char *words;    /* the canonical statement: "client    sends alert fatal unknown_ca" */
    int line;
} PlanExpect;

typedef struct {
    char *name; /* "bad-certificate/expired" */
    char *title, *about, *spec;
    int64_t clock; /* seconds since 1970 UTC */
    uint64_t seed;
    GPtrArray *keys;         /* of PlanKey * */
    GPtrArray *certificates; /* of CertificateSpec * */
    GPtrArray *parties;      /* of PlanParty *: the client first, the server last */
    PlanNetwork network;
    GPtrArray *attacks; /* of PlanAttack *: in a row, from the client's side on */
    GPtrArray *rules;   /* of PlanRule * */
    GPtrArray *acts;    /* of PlanAct * */
    GPtrArray *expects; /* of PlanExpect * */
    char *text;         /* canonical text, for the trace's header; not compared */
} Plan;

enum { DEFAULT_LATENCY = 10000 /* microseconds */, DEFAULT_SEED = 1 };

/* An empty plan with a client and a server of defaults: all versions, RSA suites, no certificates.
 */
Plan *plan_new(void);
void plan_free(Plan *plan);
Plan *plan_copy(const Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

/* The same run: everything but `text`, `words` and lines. On false `*where` (may be NULL) names the
 * first difference; g_free. */
bool plan_equal(const Plan *a, const Plan *b, char **where);

PlanParty *plan_party(const Plan *plan, PartyKind kind);
/* The balancer in front of the server; made when it is not there. */
PlanParty *plan_add_balancer(Plan *plan);
const CertificateSpec *plan_certificate(const Plan *plan, const char *name); /* or NULL */
const PlanKey *plan_key(const Plan *plan, const char *name);

PlanParty *plan_party_new(PartyKind kind, const char *name);
PlanParty *plan_party_copy(const PlanParty *party);
/* Takes over from `from` what it speaks: versions, suites, groups, schemes, extensions, options and
 * behaviour; not whom it trusts, what it shows, asks or plays. */
void plan_party_take(PlanParty *party, const PlanParty *from);
void plan_party_free(gpointer party); /* a PlanParty * */
void plan_copy_names(GPtrArray *to, const GPtrArray *from);
PlanRule *plan_rule_new(void);
PlanAct *plan_act_new(ActKind kind);
PlanExpect *plan_expect_new(ExpectKind kind);
PlanDoor *plan_door_new(const char *path, bool required);
PlanAccess *plan_access_new(const char *subject, const char *path);
PlanPin *plan_pin_new(const char *label, Bytes value);
PlanAttack *plan_attack_new(const char *name);
void plan_add_key(Plan *plan, const char *name, GBytes *pem); /* takes a reference */

/* What can be decided before a run: every name of a certificate or key exists, issuers make no
 * loop, a rule names a message that the conversation list lets that side say in the clear, and so
 * on. One sentence with the line in `*line`; false when the plan cannot run. */
bool plan_check(const Plan *plan, char **why, int *line);

/* The default suites, strongest first. */
const SuiteNumber *plan_default_suites(size_t *count);

/* The prime of 512 bits and the generator that a server uses for export suites by default. */
void plan_export_group(Bytes *prime, Bytes *generator);

PlanPsk *plan_psk_new(const char *identity, Bytes key, HashKind hash);
PlanRawExtension *plan_raw_extension_new(uint16_t type, Bytes data);

const char *end_state_name(EndState end); /* "connected", "closed", "failed", "timed out" */
