/* Which real stacks there are, and what of a party's words each can be told.
 *
 * One row a statement: how each stack is told, or why it cannot be. A statement that says what a
 * scenario says by default is left to the stack's own ways; one that asks for more is mapped, or
 * refused with the row's reason. What a stack does not have (a version, a suite, a group) it says
 * itself, when it is asked for it.
 *
 * Sources: the manuals of OpenSSL 3.0 (SSL_CTX_new(3) and its kin) and of GnuTLS 3.7.
 */
#include "sim/peers/peers.h"

#include <string.h>

static const PeerStack stacks[STACK_COUNT] = {
    [STACK_OPENSSL] =
        {
            .name = "openssl",
            .title = "OpenSSL",
            .option = "openssl_peer",
#ifdef WITH_OPENSSL_PEER
            .source = &openssl_source,
            .version = openssl_stack_version,
#endif
        },
    [STACK_GNUTLS] =
        {
            .name = "gnutls",
            .title = "GnuTLS",
            .option = "gnutls_peer",
#ifdef WITH_GNUTLS_PEER
            .source = &gnutls_source,
            .version = gnutls_stack_version,
#endif
        },
};

const PeerStack *peers_table(size_t *count)
{
    *count = G_N_ELEMENTS(stacks);
    return stacks;
}

const PeerStack *peer_stack(StackKind kind)
{
    return &stacks[kind];
}

const PeerStack *peers_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stacks); i++)
        if (g_ascii_strcasecmp(stacks[i].name, name) == 0)
            return &stacks[i];
    return NULL;
}

/* --- what a party says beyond the defaults --- */

static bool says_ssl2(const PlanParty *words)
{
    return words->first < VERSION_SSL_3_0;
}

static bool says_shares(const PlanParty *words)
{
    bool first = words->shares->len == 1 && words->groups->len > 0 &&
                 g_array_index(words->shares, GroupNumber, 0) ==
                     g_array_index(words->groups, GroupNumber, 0);
    return words->shares->len > 0 && !first;
}

static bool says_psk_384(const PlanParty *words)
{
    bool other = false;
    for (guint i = 0; i < words->psks->len; i++) {
        const PlanPsk *psk = g_ptr_array_index(words->psks, i);
        other = other || psk->hash != HASH_SHA256;
    }
    return other && words->last >= VERSION_TLS_1_3;
}

static bool says_extension(const PlanParty *words)
{
    return words->extension_order->len > 0 || words->raw_extensions->len > 0;
}

static bool says_early_data(const PlanParty *words)
{
    return words->early_data != NULL;
}

static bool says_dh(const PlanParty *words)
{
    return words->dh_prime != NULL;
}

static bool says_export(const PlanParty *words)
{
    return words->export_prime != NULL;
}

static bool says_refuses_by_alert(const PlanParty *words)
{
    return words->refuses_by_alert;
}

static bool says_weakness(const PlanParty *words)
{
    return words->weaknesses != 0;
}

static bool says_small_records(const PlanParty *words)
{
    return words->fragment_size > 0 && words->fragment_size < 512;
}

static bool says_coalesced(const PlanParty *words)
{
    return words->coalesces;
}

static bool says_empty_fragments(const PlanParty *words)
{
    return words->empty_fragments;
}

static bool says_own_rule(const PlanParty *words)
{
    return words->edits->len > 0;
}

static bool says_pin(const PlanParty *words)
{
    return words->pins->len > 0;
}

static bool says_machines(const PlanParty *words)
{
    return words->machines > 1;
}

static bool says_many_psks(const PlanParty *words)
{
    return words->psks->len > 1 && words->kind == PARTY_CLIENT;
}

static bool says_key(const PlanParty *words)
{
    return words->uses_key != NULL;
}

/* A statement that only some words of which cannot be told; NULL `said`: all of them can. */
typedef struct {
    PeerMapping mapping;
    bool (*said)(const PlanParty *words); /* what `why` is about */
} StatementMapping;

#define OWN_MESSAGES "what is said is its own: let the network change what is in the clear"
#define OWN_RANDOM "where it draws what, only its authors know"
#define OWN_HELLO "it writes its hello as it likes"

/* clang-format off */
static const StatementMapping statements[] = {
    {{"versions", {"SSL_CTX_set_min_proto_version", "VERS-"}, {"no stack speaks SSL 2.0 any more", "no stack speaks SSL 2.0 any more"}}, says_ssl2},
    {{"suites", {"SSL_CTX_set_cipher_list, SSL_CTX_set_ciphersuites", "ciphers, MACs and key exchanges of the priority string"}, {NULL, NULL}}, NULL},
    {{"groups", {"SSL_CTX_set1_groups_list", "GROUP-"}, {NULL, NULL}}, NULL},
    {{"key shares", {"its first group", "GNUTLS_KEY_SHARE_TOP"}, {"it sends a share of its first group alone", "it sends a share of its first group alone"}}, says_shares},
    {{"signatures", {"SSL_CTX_set1_sigalgs_list", "SIGN-"}, {NULL, NULL}}, NULL},
    {{"expects", {"SSL_set1_host", "gnutls_session_set_verify_cert"}, {NULL, NULL}}, NULL},
    {{"server_name", {"SSL_set_tlsext_host_name", "gnutls_server_name_set"}, {NULL, NULL}}, NULL},
    {{"shows", {"SSL_CTX_use_cert_and_key", "gnutls_certificate_set_x509_key"}, {NULL, NULL}}, NULL},
    {{"also shows", {"SSL_CTX_use_cert_and_key", "gnutls_certificate_set_x509_key"}, {NULL, NULL}}, NULL},
    {{"uses key", {NULL, NULL}, {"it shows no certificate whose key it does not hold", "it shows no certificate whose key it does not hold"}}, says_key},
    {{"psk", {"SSL_CTX_set_psk_client_callback", "gnutls_psk_set_client_credentials"}, {"a client of it has one key, by one identity", "a client of it has one key, by one identity"}}, says_many_psks},
    {{"psk ... for SHA-384", {NULL, NULL}, {"its callback of TLS 1.2 takes keys for SHA-256", "its keys are for SHA-256"}}, says_psk_384},
    {{"protocols", {"SSL_CTX_set_alpn_protos", "gnutls_alpn_set_protocols"}, {NULL, NULL}}, NULL},
    {{"extension", {NULL, NULL}, {OWN_HELLO, OWN_HELLO}}, says_extension},
    {{"sessions", {"SSL_CTX_sess_set_cache_size, SSL_CTX_set_timeout", "gnutls_db_set_store_function"}, {NULL, NULL}}, NULL},
    {{"early data", {"SSL_write_early_data", NULL}, {NULL, "its guard against replays goes by the clock of the machine"}}, says_early_data},
    {{"trusts", {"X509_STORE_add_cert", "gnutls_certificate_set_x509_trust"}, {NULL, NULL}}, NULL},
    {{"warns", {"SSL_CTX_set_verify", "gnutls_session_set_verify_cert left out"}, {NULL, NULL}}, NULL},
    {{"renegotiation", {"SSL_OP_NO_RENEGOTIATION", "gnutls_alert_send of no_renegotiation"}, {NULL, NULL}}, NULL},
    {{"weakness", {NULL, NULL}, {"what it leaves out is its own: its version says which", "what it leaves out is its own: its version says which"}}, says_weakness},
    {{"records of N bytes", {"SSL_CTX_set_max_send_fragment", "gnutls_record_set_max_size"}, {"512 bytes is the least that it takes", "512 bytes is the least that it takes"}}, says_small_records},
    {{"records coalesced", {NULL, NULL}, {"how it fills its records is its own", "how it fills its records is its own"}}, says_coalesced},
    {{"records with empty fragments", {"SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS taken back", NULL}, {NULL, "it has none"}}, says_empty_fragments},
    {{"on MESSAGE", {NULL, NULL}, {OWN_MESSAGES, OWN_MESSAGES}}, says_own_rule},
    {{"pin", {NULL, NULL}, {OWN_RANDOM, OWN_RANDOM}}, says_pin},
    {{"asks", {"SSL_VERIFY_PEER", "gnutls_certificate_server_set_request"}, {NULL, NULL}}, NULL},
    {{"allows", {"of the application", "of the application"}, {NULL, NULL}}, NULL},
    {{"refuses by alert", {NULL, "gnutls_alert_send"}, {"an application of it cannot send an alert", NULL}}, says_refuses_by_alert},
    {{"prefers", {"SSL_OP_CIPHER_SERVER_PREFERENCE", "%SERVER_PRECEDENCE"}, {NULL, NULL}}, NULL},
    {{"dh", {NULL, NULL}, {"it takes groups of RFC 7919 by itself", "it takes groups of RFC 7919 by itself"}}, says_dh},
    {{"export group", {NULL, NULL}, {"it has no export suites", "it has no export suites"}}, says_export},
    {{"staples", {"SSL_set_tlsext_status_ocsp_resp", "gnutls_certificate_set_ocsp_status_request_mem"}, {NULL, NULL}}, NULL},
    {{"retries", {"a new connection", "a new connection"}, {NULL, NULL}}, NULL},
    {{"notices replays", {"SSL_OP_NO_ANTI_REPLAY taken back", "it takes no early data here"}, {NULL, NULL}}, NULL},
    {{"machines", {NULL, NULL}, {"one party is one of it", "one party is one of it"}}, says_machines},
};
#undef OWN_MESSAGES
#undef OWN_RANDOM
#undef OWN_HELLO

/* Of an option, the values that can be told, as bits 1 << value; ALL: whichever. What is the
 * default needs no telling. */
#define ALL UINT32_MAX
#define BIT(value) (1u << (value))
#define NONE_OF_IT {NULL, NULL}
typedef struct {
    PeerMapping mapping;
    uint32_t values[STACK_COUNT];
} OptionMapping;

static const OptionMapping option_mappings[] = {
    {{"session_tickets", {"SSL_OP_NO_TICKET, SSL_CTX_set_num_tickets", "%NO_TICKETS"}, NONE_OF_IT}, {ALL, ALL}},
    {{"ticket_lifetime", {"SSL_CTX_set_timeout", "gnutls_db_set_cache_expiration"}, NONE_OF_IT}, {ALL, ALL}},
    {{"tickets", {"SSL_CTX_set_num_tickets", NULL}, {NULL, "it sends two after each handshake of TLS 1.3"}}, {ALL, 0}},
    {{"new_tickets", {"SSL_CTX_set_num_tickets", "GNUTLS_NO_AUTO_SEND_TICKET"}, NONE_OF_IT}, {ALL, ALL}},
    {{"reuses_tickets", {"SSL_set_session", "gnutls_session_set_data"}, NONE_OF_IT}, {ALL, ALL}},
    {{"psk_key_exchange_modes", {"SSL_OP_ALLOW_NO_DHE_KEX", "PSK, DHE-PSK, ECDHE-PSK"}, {"it never offers psk_ke alone", "it never offers psk_ke alone"}}, {BIT(PSK_MODE_DHE_KE) | BIT(PSK_MODE_KE | PSK_MODE_DHE_KE), BIT(PSK_MODE_DHE_KE) | BIT(PSK_MODE_KE | PSK_MODE_DHE_KE)}},
    {{"extended_master_secret", {"SSL_OP_NO_EXTENDED_MASTER_SECRET", "%NO_SESSION_HASH"}, {"it never insists on it", "it never insists on it"}}, {BIT(FEATURE_ON), BIT(FEATURE_ON)}},
    {{"encrypt_then_mac", {"SSL_OP_NO_ENCRYPT_THEN_MAC", "%NO_ETM"}, {"it never insists on it", "it never insists on it"}}, {BIT(FEATURE_ON), BIT(FEATURE_ON)}},
    {{"max_fragment_length", {"SSL_CTX_set_tlsext_max_fragment_length", "gnutls_record_set_max_size"}, NONE_OF_IT}, {ALL, ALL}},
    {{"record_size_limit", {NULL, "gnutls_record_set_max_recv_size"}, {"it does not know the extension", NULL}}, {0, ALL}},
    {{"heartbeat", {NULL, NULL}, {"it has given heartbeats up (1.1.1)", "it is built without heartbeats"}}, {0, 0}},
    {{"status_request", {"SSL_set_tlsext_status_type", "gnutls_ocsp_status_request_enable_client"}, NONE_OF_IT}, {ALL, ALL}},
    {{"compression", {NULL, NULL}, {"it is built without compression", "it has given compression up"}}, {0, 0}},
    {{"compress_certificate", {NULL, "gnutls_compress_certificate_set_methods"}, {"it does not know the extension before 3.2", NULL}}, {0, ALL}},
    {{"fallback_scsv", {"SSL_MODE_SEND_FALLBACK_SCSV", "%FALLBACK_SCSV"}, NONE_OF_IT}, {ALL, ALL}},
    {{"grease", {NULL, NULL}, {"it offers nothing that nobody knows", "it offers nothing that nobody knows"}}, {0, 0}},
    {{"unknown_names", {NULL, NULL}, {"it leaves names to its application", "it leaves names to its application"}}, {0, 0}},
    {{"hello_padding", {"SSL_OP_TLSEXT_PADDING", NULL}, {NULL, "it does not pad to 512 bytes"}}, {ALL, 0}},
    {{"certificate_authorities", {"SSL_CTX_add_client_CA", "gnutls_certificate_send_x509_rdn_sequence"}, NONE_OF_IT}, {ALL, ALL}},
    {{"strict_groups", {NULL, NULL}, {"it takes a share that has come", "it takes a share that has come"}}, {0, 0}},
    {{"renegotiation_scsv", {"its own way", NULL}, {NULL, "it sends the extension"}}, {ALL, 0}},
    {{"ssl2_hello", {NULL, NULL}, {"it has no hello of SSL 2.0 any more", "it has no hello of SSL 2.0"}}, {0, 0}},
    {{"middlebox_compatibility", {"SSL_OP_ENABLE_MIDDLEBOX_COMPAT", "%DISABLE_TLS13_COMPAT_MODE"}, NONE_OF_IT}, {ALL, ALL}},
    {{"key_share", {NULL, NULL}, {"its first hello always has a share", "its first hello always has a share"}}, {0, 0}},
    {{"tells_groups", {NULL, NULL}, {"whether it tells them is its own", "whether it tells them is its own"}}, {0, 0}},
    {{"cookie", {NULL, NULL}, {"it sends one only where it keeps nothing of a hello (SSL_stateless)", "it does not send one"}}, {0, 0}},
    {{"hello_retry", {NULL, NULL}, {"it asks again only where it must", "it asks again only where it must"}}, {0, 0}},
    {{"post_handshake_auth", {"SSL_set_post_handshake_auth", "GNUTLS_POST_HANDSHAKE_AUTH"}, NONE_OF_IT}, {ALL, ALL}},
    {{"early_data", {"SSL_read_early_data", NULL}, {"it never asks for another hello because of it", "its guard against replays goes by the clock of the machine"}}, {BIT(EARLY_DATA_REJECTED) | BIT(EARLY_DATA_ACCEPTED), BIT(EARLY_DATA_REJECTED)}},
    {{"max_early_data_size", {"SSL_CTX_set_max_early_data", NULL}, {NULL, "its guard against replays goes by the clock of the machine"}}, {ALL, 0}},
    {{"record_padding", {"SSL_CTX_set_block_padding", NULL}, {NULL, "it pads only what its application says"}}, {ALL, 0}},
    {{"record_splitting", {NULL, NULL}, {"its answer to BEAST is empty records", "it does not split records"}}, {0, 0}},
    {{"false_start", {NULL, NULL}, {"it has none", "what it sends ahead is for its application to say"}}, {0, 0}},
};
#undef NONE_OF_IT
#undef BIT
#undef ALL
/* clang-format on */

enum { MAPPING_COUNT = G_N_ELEMENTS(statements) + G_N_ELEMENTS(option_mappings) };

const PeerMapping *peer_mappings(size_t *count)
{
    static PeerMapping rows[MAPPING_COUNT];
    static gsize filled;
    if (g_once_init_enter(&filled)) {
        for (size_t i = 0; i < G_N_ELEMENTS(statements); i++)
            rows[i] = statements[i].mapping;
        for (size_t i = 0; i < G_N_ELEMENTS(option_mappings); i++)
            rows[G_N_ELEMENTS(statements) + i] = option_mappings[i].mapping;
        g_once_init_leave(&filled, 1);
    }
    *count = G_N_ELEMENTS(rows);
    return rows;
}

static const OptionMapping *option_mapping(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(option_mappings); i++)
        if (strcmp(option_mappings[i].mapping.word, word) == 0)
            return &option_mappings[i];
    return NULL;
}

static bool refuse(const PlanParty *words, StackKind kind, const char *what, const char *value,
                   const char *reason, char **why)
{
    *why = g_strdup_printf("the %s is %s, which cannot be told \"%s%s%s\": %s", words->name,
                           stacks[kind].title, what, value == NULL ? "" : " ",
                           value == NULL ? "" : value, reason);
    return false;
}

static bool check_options(StackKind kind, const PlanParty *words, char **why)
{
    const EndpointOptions standard = options_default();
    size_t count = 0;
    const OptionRow *rows = options_table(&count);
    unsigned of = words->kind == PARTY_CLIENT ? OPTION_OF_CLIENT : OPTION_OF_SERVER;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = option_get(&words->options, &rows[i]);
        const OptionMapping *row = option_mapping(rows[i].word);
        g_assert(row != NULL); /* a test asserts it, too: each option has its row */
        bool told = row->values[kind] == UINT32_MAX ||
                    (value < 32 && (row->values[kind] & 1u << value) != 0);
        if ((rows[i].of & of) == 0 || value == option_get(&standard, &rows[i]) || told)
            continue;
        g_autofree char *number = g_strdup_printf("%u", value);
        const char *name = option_word(rows[i].kind, value);
        return refuse(words, kind, rows[i].word, name == NULL ? number : name,
                      row->mapping.why[kind], why);
    }
    return true;
}

bool peers_check(StackKind kind, const PlanParty *words, char **why)
{
    for (size_t i = 0; i < G_N_ELEMENTS(statements); i++) {
        const StatementMapping *row = &statements[i];
        if (row->said != NULL && row->mapping.why[kind] != NULL && row->said(words))
            return refuse(words, kind, row->mapping.word, NULL, row->mapping.why[kind], why);
    }
    return check_options(kind, words, why);
}
