/* The table of statements: the whole language on one page.
 *
 * Each row is a statement: where it may stand, its first word, how it is read and printed, its
 * syntax, its default and what it is for. The parser looks words up here, `show` prints in this
 * order, the manual and completion are written from it. A new statement is a new row.
 */
#include <string.h>

#include "scenarios/language/statements.h"

#define SCENARIO (1u << SECTION_SCENARIO)
#define CERTIFICATE (1u << SECTION_CERTIFICATE)
#define CLIENT (1u << SECTION_CLIENT)
#define SERVER (1u << SECTION_SERVER)
#define BALANCER (1u << SECTION_BALANCER)
#define PARTY (CLIENT | SERVER)
#define NETWORK (1u << SECTION_NETWORK)
#define ATTACKER (1u << SECTION_ATTACKER)
#define PLAY (1u << SECTION_PLAY)
#define EXPECT (1u << SECTION_EXPECT)

/* clang-format off */
/* The scenario's head, its certificates, its parties; the options of the parties come next. */
static const StatementRow head[] = {
    {SCENARIO, "about", parse_about, print_about, "about \"TEXT\"", "none", "what it shows, in a sentence"},
    {SCENARIO, "spec", parse_spec, print_spec, "spec RFC 5246 7.4.2, …", "none", "where the rules stand"},
    {SCENARIO, "clock", parse_clock, print_clock, "clock DAY [TIME UTC]", "2026-03-01 09:00 UTC", "the date at which the run begins"},
    {SCENARIO, "seed", parse_seed, print_seed, "seed NUMBER", "1", "from which every random value is drawn"},

    {CERTIFICATE, "subject", parse_subject, print_subject, "subject \"CN=…,O=…\"", "CN=its name,O=Lab", "distinguished name (RFC 4514)"},
    {CERTIFICATE, "issuer", parse_issuer, print_issuer, "issuer NAME | itself", "lab-root", "the certificate that issues it"},
    {CERTIFICATE, "serial", parse_serial, print_serial, "serial NUMBER", "from its name", "serial number"},
    {CERTIFICATE, "valid", parse_valid, print_valid, "valid DAY to DAY", "2026-01-01 to 2026-12-31", "first and last day"},
    {CERTIFICATE, "names", parse_names, print_names, "names \"HOST\", … | none", "none", "DNS names of subjectAltName"},
    {CERTIFICATE, "key", parse_key, print_key, "key NAME", "the next of rsa-2048-1 to -8", "its key pair: see show keys"},
    {CERTIFICATE, "usage", parse_usage, print_usage, "usage server | client | authority | signing | code", "server", "keyUsage and extendedKeyUsage"},
    {CERTIFICATE, "authority", parse_authority, print_authority, "authority yes | no", "no", "basicConstraints: may issue certificates"},
    {CERTIFICATE, "signature", parse_signature, print_signature, "signature SHA-256 | SHA-1 | MD5 | SHA-224 | SHA-384 | SHA-512 [pss]", "SHA-256", "hash of its signature; pss: an RSA key signs by RSASSA-PSS"},
    {CERTIFICATE, "signed", parse_signed_by, print_signed_by, "signed by KEY", "its issuer's key", "another key that signs it: a forgery"},
    {CERTIFICATE, "changed", parse_changed, print_changed, "changed after signing", "not changed", "one bit of its subject is changed after it was signed"},
    {CERTIFICATE, "must", parse_must_staple, print_must_staple, "must staple", "need not", "it demands a stapled OCSP response (RFC 7633)"},

    {PARTY, "is", parse_is, print_is, "is shakedown | openssl | gnutls", "shakedown: the laboratory's own engine", "who speaks for it: a real stack is told what can be told to it: see show peers"},
    {PARTY | BALANCER, "versions", parse_versions, print_versions, "versions VERSION [to VERSION]", "TLS 1.0 to TLS 1.2", "what it speaks: SSL 2.0, SSL 3.0, TLS 1.0 to TLS 1.3"},
    {PARTY | BALANCER, "suites", parse_suites, print_suites, "suites SUITE, …", "of TLS 1.3, and of RSA key exchange", "in its order of preference: see show suites"},
    {PARTY | BALANCER, "groups", parse_groups, print_groups, "groups GROUP, … | default", "default: all, x25519 first", "for key agreement, in its order of preference (RFC 8446 4.2.7): see show numbers"},
    {CLIENT, "key", parse_key_shares, print_key_shares, "key shares GROUP, … | default", "default: its first group", "sent with the first hello (RFC 8446 4.2.8)"},
    {PARTY | BALANCER, "signatures", parse_signatures, print_signatures, "signatures SCHEME, … | default", "default: all", "that it makes and takes (RFC 8446 4.2.3): see show numbers"},
    {CLIENT | BALANCER, "expects", parse_expects, print_expects_name, "expects \"HOST\" | nobody", "\"www.lab.example\"", "the name that the certificate must have"},
    {CLIENT | BALANCER, "server_name", parse_server_name, print_server_name, "server_name \"HOST\" | none", "\"www.lab.example\"", "sent in the extension (RFC 6066 3)"},
    {PARTY | BALANCER, "shows", parse_shows, print_shows, "shows CERTIFICATE | nothing", "server: www; client: nothing", "the certificate that it shows"},
    {PARTY | BALANCER, "also", parse_also_shows, print_also_shows, "also shows CERTIFICATE, … | nothing", "nothing", "further certificates: the first that fits is shown"},
    {PARTY, "uses", parse_uses_key, print_uses_key, "uses key KEY", "its certificate's", "another private key than its certificate's"},
    {SERVER | BALANCER, "temporary", parse_temporary_key, print_temporary_key, "temporary key KEY | none", "rsa-512-1", "RSA key for export suites (RFC 2246 7.4.3)"},
    {SERVER | BALANCER, "dh", parse_dh, print_dh, "dh prime HEX generator HEX | default", "default: of RFC 7919", "its Diffie-Hellman group, sent in full (RFC 5246 7.4.3)"},
    {SERVER, "export", parse_export, print_export, "export prime HEX generator HEX | default", "default: 512 bits", "the same for export suites (RFC 2246 D.1)"},
    {PARTY, "psk", parse_psk, print_psk, "psk \"IDENTITY\" HEX [for SHA-256 | SHA-384] | psk hint \"TEXT\" | none", "none", "a key that both sides were given beforehand (RFC 4279, RFC 8446 2.2); the hint is the server's"},
    {PARTY | BALANCER, "protocols", parse_protocols, print_protocols, "protocols \"NAME\", … | none", "none", "what may be spoken above TLS, in order of preference (RFC 7301)"},
    {PARTY, "extension", parse_extension, print_extension, "extension order EXTENSION, … | default; client: extension EXTENSION HEX | nothing", "default", "which stand first in its hellos; one that is sent as it is, by name or number"},
    {PARTY | BALANCER, "sessions", parse_sessions, print_sessions, "sessions NUMBER for TIME | forgotten", "1000 for 24 h", "how many it keeps for resumption, and how long"},
    {CLIENT, "early", parse_early_data, print_early_data, "early data \"TEXT\" | none", "none", "sent ahead when it resumes (RFC 8446 2.3)"},
    {SERVER, "notices", parse_notices, print_notices, "notices replays | nothing", "nothing", "early data that it has seen before (RFC 8446 8)"},
    {SERVER | BALANCER, "staples", parse_staples, print_staples, "staples good | revoked | unknown | expired | nothing", "nothing", "the OCSP response about its certificate (RFC 6066 8)"},
    {SERVER | BALANCER, "machines", parse_machines, print_machines, "machines NUMBER, sharing nothing | sessions | ticket keys | everything", "1", "2 to 8 that connections reach in turn, and what they have in common to resume by"},
    {BALANCER, "behind", parse_behind, print_behind, "behind TLS | plain text", "TLS", "what it speaks with the server"},
    {CLIENT, "retries", parse_retries, print_retries, "retries with lower versions | never", "never", "after a handshake that failed, as old browsers did"},
    {PARTY | BALANCER, "trusts", parse_trusts, print_trusts, "trusts CERTIFICATE, … | nobody", "lab-root", "CA certificates on its own list"},
    {CLIENT, "warns", parse_warns, print_warns, "warns and stops | warns and goes on", "stops", "what the user does at the warning"},
    {SERVER | BALANCER, "asks", parse_asks, print_asks, "asks client certificate, requested | required [for \"PATH\"] | asks nothing", "nothing", "in the first handshake, or when a resource is asked for: by renegotiation, in TLS 1.3 after the handshake"},
    {SERVER, "allows", parse_allows, print_allows, "allows \"SUBJECT\" to \"PATH\"", "everybody to everything", "a line of the access list: the fifth check"},
    {SERVER, "refuses", parse_refuses_by, print_refuses_by, "refuses by answer | alert", "answer", "how the fifth check is told: 403, or access_denied"},
    {SERVER | BALANCER, "prefers", parse_prefers, print_prefers, "prefers server order | client order", "server order", "whose order of suites decides"},
    {PARTY, "renegotiation", parse_renegotiation, print_renegotiation, "renegotiation allowed | refused", "allowed", "whether it takes part in another handshake"},
    {PARTY, "weakness", parse_weakness, print_weakness, "weakness \"NAME\", …", "none", "checks that it leaves out: see show weaknesses"},
    {PARTY, "records", parse_records, print_records, "records of N bytes | coalesced | with empty fragments, …", "of 16384 bytes", "how it cuts its messages into records"},
    {PARTY, "on", parse_own_rule, print_own_rule, "on [2nd] MESSAGE: ACTION", "none", "what it does to its own message before it is protected"},
    {PARTY, "pin", parse_pin, print_pin, "pin LABEL HEX, …", "drawn from the seed", "holds a random value to these bytes, one a draw; labels stand in --trace=keys"},
};

static const StatementRow tail[] = {
    {NETWORK, "latency", parse_latency, print_latency, "latency TIME", "10 ms", "each way"},
    {NETWORK, "tap", parse_tap, print_tap, "tap listens | holds the server's key | holds the key log | none", "none", "somebody at the client's link who sees all of it and touches nothing, and what he can open"},
    {NETWORK, "on", parse_network_rule, print_network_rule, "on [2nd] MESSAGE | protected record from client | server: ACTION [maybe]", "none", "see show actions"},

    {ATTACKER, "shows", parse_attacker_shows, print_attacker_shows, "shows CERTIFICATE", "none", "to the client"},
    {ATTACKER, "trusts", parse_attacker_trusts, print_attacker_trusts, "trusts CERTIFICATE, … | everybody", "everybody", "by whom the attacker checks the server"},
    {ATTACKER, "replaces", parse_attacker_replaces, print_attacker_replaces, "replaces \"TEXT\" with \"TEXT\"", "nothing", "in the data that passes through"},

    {PLAY, "client", parse_act_of_client, print_acts, "client requests \"PATH\" | sends \"TEXT\" | sends N bytes | sends heartbeat \"TEXT\" | exports \"LABEL\" | renegotiates | updates keys [and asks for the same] | connects again | forgets its sessions | closes", "client requests \"/\"", "acts follow each other: each begins when nothing is on its way any more"},
    {PLAY, "server", parse_act_of_server, NULL, "server sends … | renegotiates | updates keys … | asks for a certificate | rotates its ticket keys [and forgets the old] | forgets its sessions | closes", "", ""},
    {PLAY, "wait", parse_act_wait, NULL, "wait TIME", "", "virtual time passes"},

    {EXPECT, "both", parse_expect_both, print_expects, "both connected | closed | failed | timed out", "both connected", "how the sides end: those of the last connection"},
    {EXPECT, "client", parse_expect_client, NULL, "client STATE | sends LEVEL ALERT | sends error NAME | checks server: CHECK [failed | skipped | overridden], … | receives N bytes | receives \"TEXT\" | may not renegotiate", "", "STATE as of both; LEVEL is warning or fatal; an error is one of SSL 2.0's: see show alerts"},
    {EXPECT, "server", parse_expect_server, NULL, "server STATE | sends LEVEL ALERT | sends error NAME | checks client: CHECK …, … | receives …", "", "CHECK is one of those that `run` tells: signature, issuer trusted, validity, name, authorised …"},
    {EXPECT, "attacker", parse_expect_attacker, NULL, "attacker reads everything | reads nothing | sends LEVEL ALERT | sends error NAME", "", "what the attacker gets of the data, and says"},
    {EXPECT, "listener", parse_expect_listener, NULL, "listener reads everything | reads nothing", "", "what the tap gets of the data"},
    {EXPECT, "version", parse_expect_version, NULL, "version VERSION", "", "of the last handshake"},
    {EXPECT, "suite", parse_expect_suite, NULL, "suite SUITE", "", "of the last handshake"},
    {EXPECT, "no", parse_expect_no, NULL, "no alert | no data | no hello retry | no extended master secret", "", "no fatal alert is sent; nobody is delivered application data; and so on"},
    {EXPECT, "answer", parse_expect_answer, NULL, "answer \"PATH\" 200 | 403", "", "what the client was answered"},
    {EXPECT, "handshakes", parse_expect_handshakes, NULL, "handshakes NUMBER", "", "complete ones, those of all connections together"},
    {EXPECT, "user", parse_expect_user, NULL, "user warned", "", "the client's user was shown the warning"},
    {EXPECT, "resumed", parse_expect_resumed, NULL, "resumed", "", "the last connection resumes a session"},
    {EXPECT, "not", parse_expect_not, NULL, "not resumed", "", "its handshake is a full one"},
    {EXPECT, "group", parse_expect_group, NULL, "group GROUP", "", "of the last key agreement"},
    {EXPECT, "protocol", parse_expect_protocol, NULL, "protocol \"NAME\"", "", "chosen by ALPN"},
    {EXPECT, "early", parse_expect_early, NULL, "early data accepted | rejected", "", "what the server did with it"},
    {EXPECT, "hello", parse_expect_hello, NULL, "hello retry", "", "the server asks for another hello"},
    {EXPECT, "extended", parse_expect_extended, NULL, "extended master secret", "", "the master secret covers the handshake"},
    {EXPECT, "exports", parse_expect_exports, NULL, "exports agree | differ", "", "the keying material that both sides have exported"},
    {EXPECT, "connections", parse_expect_connections, NULL, "connections NUMBER", "", "how many the client opened, one after the other"},
};
/* clang-format on */

static StatementRow *make_table(size_t *count)
{
    size_t options = 0;
    const OptionRow *option = options_table(&options);
    *count = G_N_ELEMENTS(head) + options + G_N_ELEMENTS(tail);
    StatementRow *rows = g_new0(StatementRow, *count);
    memcpy(rows, head, sizeof head);
    for (size_t i = 0; i < options; i++)
        rows[G_N_ELEMENTS(head) + i] = option_statement(&option[i], CLIENT, SERVER | BALANCER);
    rows[G_N_ELEMENTS(head)].print = print_options; /* for all of them */
    memcpy(rows + G_N_ELEMENTS(head) + options, tail, sizeof tail);
    return rows;
}

const StatementRow *statements_table(size_t *count)
{
    static gsize made;
    static StatementRow *rows;
    static size_t rows_count;
    if (g_once_init_enter(&made)) {
        rows = make_table(&rows_count);
        g_once_init_leave(&made, 1);
    }
    *count = rows_count;
    return rows;
}

const char *section_name(SectionKind section)
{
    static const char *const names[SECTION_COUNT] = {
        [SECTION_SCENARIO] = "scenario", [SECTION_CERTIFICATE] = "certificate",
        [SECTION_CLIENT] = "client",     [SECTION_SERVER] = "server",
        [SECTION_BALANCER] = "balancer", [SECTION_NETWORK] = "network",
        [SECTION_ATTACKER] = "attacker", [SECTION_PLAY] = "play",
        [SECTION_EXPECT] = "expect",     [SECTION_CASE] = "case",
    };
    return names[section];
}
