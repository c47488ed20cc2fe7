/* The options of a party, as rows.
 *
 * A row says what the word is, where its value stands and what it may be. Nothing here knows what
 * an option does: that is the engine's.
 *
 * Sources: the RFC of each row.
 */
#include "sim/options.h"

#include <string.h>

/* clang-format off */
#define AT(field) offsetof(EndpointOptions, field)
#define C OPTION_OF_CLIENT
#define S OPTION_OF_SERVER
#define B OPTION_OF_BOTH
static const OptionRow rows[] = {
    {"session_tickets", OPTION_NO, AT(no_tickets), B, 0, 1, "RFC 5077, RFC 8446 4.6.1", "tickets are offered, taken and given"},
    {"ticket_lifetime", OPTION_NUMBER, AT(ticket_lifetime), S, 1, 604800, "RFC 5077 3.3", "seconds that a session may be resumed"},
    {"tickets", OPTION_NUMBER, AT(tickets), S, 1, 16, "RFC 8446 4.6.1", "how many tickets follow a handshake of TLS 1.3"},
    {"new_tickets", OPTION_NO, AT(no_new_tickets), S, 0, 1, "RFC 8446 4.6.1", "tickets of TLS 1.3 are given, not only taken"},
    {"reuses_tickets", OPTION_YES, AT(reuses_tickets), C, 0, 1, "RFC 8446 C.4", "a ticket is used more than once, as it should not be"},
    {"psk_key_exchange_modes", OPTION_MODES, AT(psk_modes), B, 0, 3, "RFC 8446 4.2.9", "with which key exchange a pre-shared key is used"},
    {"extended_master_secret", OPTION_FEATURE, AT(extended_master_secret), B, 0, 2, "RFC 7627", "the master secret covers the handshake"},
    {"encrypt_then_mac", OPTION_FEATURE, AT(encrypt_then_mac), B, 0, 2, "RFC 7366", "the MAC covers the ciphertext"},
    {"max_fragment_length", OPTION_FRAGMENT, AT(max_fragment_length), C, 0, 4, "RFC 6066 4", "most bytes of plaintext in a record, both ways"},
    {"record_size_limit", OPTION_NUMBER, AT(record_size_limit), B, 64, 16385, "RFC 8449", "most bytes of a protected record that this side takes"},
    {"heartbeat", OPTION_HEARTBEAT, AT(heartbeat), B, 0, 2, "RFC 6520", "whether heartbeats are spoken, and requests taken"},
    {"status_request", OPTION_YES, AT(asks_status), C, 0, 1, "RFC 6066 8", "a stapled OCSP response is asked for"},
    {"compression", OPTION_YES, AT(compresses), B, 0, 1, "RFC 3749", "DEFLATE before encryption (what CRIME needs)"},
    {"compress_certificate", OPTION_YES, AT(certificate_compression), B, 0, 1, "RFC 8879", "the server's certificate comes compressed by zlib"},
    {"fallback_scsv", OPTION_YES, AT(signals_fallback), C, 0, 1, "RFC 7507", "a retry with a lower version says so"},
    {"grease", OPTION_YES, AT(greases), C, 0, 1, "RFC 8701", "values that nobody knows stand among the offered"},
    {"unknown_names", OPTION_NO, AT(refuses_unknown_names), S, 0, 1, "RFC 6066 3", "a name that no certificate has is served all the same"},
    {"hello_padding", OPTION_YES, AT(pads_hello), C, 0, 1, "RFC 7685", "a hello of 256 to 511 bytes is padded to 512"},
    {"certificate_authorities", OPTION_NO, AT(names_no_authorities), S, 0, 1, "RFC 8446 4.2.4", "a request for a certificate names the CAs that are trusted"},
    {"strict_groups", OPTION_YES, AT(strict_groups), S, 0, 1, "RFC 8446 4.1.1", "the first common group is asked for, though a share of another came"},
    {"renegotiation_scsv", OPTION_YES, AT(binds_by_scsv), C, 0, 1, "RFC 5746 3.3", "the binding of a new handshake is offered as a cipher suite, not as an extension"},
    {"ssl2_hello", OPTION_YES, AT(ssl2_hello), C, 0, 1, "RFC 5246 E.2", "the first hello is in the format of SSL 2.0"},
    {"middlebox_compatibility", OPTION_NO, AT(no_middlebox_compatibility), B, 0, 1, "RFC 8446 D.4", "TLS 1.3 looks like a resumption of TLS 1.2"},
    {"key_share", OPTION_NO, AT(no_shares), C, 0, 1, "RFC 8446 4.2.8", "a share is sent with the first hello"},
    {"tells_groups", OPTION_YES, AT(tells_groups), S, 0, 1, "RFC 8446 4.2.7", "supported_groups stands in EncryptedExtensions"},
    {"cookie", OPTION_YES, AT(sends_cookie), S, 0, 1, "RFC 8446 4.2.2", "a HelloRetryRequest carries a cookie"},
    {"hello_retry", OPTION_YES, AT(always_retries), S, 0, 1, "RFC 8446 4.1.4", "every first hello is answered by a HelloRetryRequest"},
    {"post_handshake_auth", OPTION_YES, AT(post_handshake_auth), C, 0, 1, "RFC 8446 4.2.6", "the server may ask for a certificate later"},
    {"early_data", OPTION_EARLY, AT(early_data_answer), S, 0, 2, "RFC 8446 4.2.10", "what is done with data that is sent ahead"},
    {"max_early_data_size", OPTION_NUMBER, AT(max_early_data), S, 1, 16384, "RFC 8446 4.6.1", "bytes of early data that a ticket allows"},
    {"record_padding", OPTION_NUMBER, AT(record_padding), B, 1, 16384, "RFC 8446 5.4", "records of TLS 1.3 are padded to multiples of so many bytes"},
    {"record_splitting", OPTION_YES, AT(splits_records), B, 0, 1, "CVE-2011-3389", "the first byte of data goes in a record of its own (against BEAST)"},
    {"false_start", OPTION_YES, AT(false_start), C, 0, 1, "RFC 7918", "data goes out before the server's Finished has come"},
};
#undef AT
#undef C
#undef S
#undef B
/* clang-format on */

const OptionRow *options_table(size_t *count)
{
    *count = G_N_ELEMENTS(rows);
    return rows;
}

const OptionRow *option_find(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_ascii_strcasecmp(rows[i].word, word) == 0)
            return &rows[i];
    return NULL;
}

uint32_t option_get(const EndpointOptions *options, const OptionRow *row)
{
    const char *at = (const char *)options + row->offset;
    switch (row->kind) {
    case OPTION_YES:
        return *(const bool *)at;
    case OPTION_NO:
        return !*(const bool *)at;
    case OPTION_FEATURE:
        return *(const Feature *)(const void *)at;
    case OPTION_HEARTBEAT:
        return *(const HeartbeatOption *)(const void *)at;
    case OPTION_EARLY:
        return *(const EarlyDataAnswer *)(const void *)at;
    case OPTION_NUMBER:
    case OPTION_MODES:
    case OPTION_FRAGMENT:
        break;
    }
    return *(const uint32_t *)(const void *)at;
}

void option_set(EndpointOptions *options, const OptionRow *row, uint32_t value)
{
    char *at = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_YES:
        *(bool *)at = value != 0;
        return;
    case OPTION_NO:
        *(bool *)at = value == 0;
        return;
    case OPTION_FEATURE:
        *(Feature *)(void *)at = (Feature)value;
        return;
    case OPTION_HEARTBEAT:
        *(HeartbeatOption *)(void *)at = (HeartbeatOption)value;
        return;
    case OPTION_EARLY:
        *(EarlyDataAnswer *)(void *)at = (EarlyDataAnswer)value;
        return;
    case OPTION_NUMBER:
    case OPTION_MODES:
    case OPTION_FRAGMENT:
        break;
    }
    *(uint32_t *)(void *)at = value;
}

const char *option_word(OptionKind kind, uint32_t value)
{
    static const char *const yes[] = {"no", "yes"};
    static const char *const features[] = {
        [FEATURE_ON] = "on", [FEATURE_OFF] = "off", [FEATURE_REQUIRED] = "required"};
    static const char *const heartbeats[] = {[HEARTBEAT_OFF] = "off",
                                             [HEARTBEAT_ALLOWED] = "allowed",
                                             [HEARTBEAT_NOT_ALLOWED] = "not allowed"};
    static const char *const answers[] = {[EARLY_DATA_REJECTED] = "rejected",
                                          [EARLY_DATA_ACCEPTED] = "accepted",
                                          [EARLY_DATA_RETRIED] = "retried"};
    static const char *const modes[] = {"default", "psk_ke", "psk_dhe_ke", "both"};
    static const char *const fragments[] = {"none", "512", "1024", "2048", "4096"};
    static const struct {
        const char *const *words;
        size_t count;
    } kinds[] = {
        [OPTION_YES] = {yes, 2},
        [OPTION_NO] = {yes, 2},
        [OPTION_NUMBER] = {NULL, 0},
        [OPTION_FEATURE] = {features, 3},
        [OPTION_HEARTBEAT] = {heartbeats, 3},
        [OPTION_EARLY] = {answers, 3},
        [OPTION_MODES] = {modes, 4},
        [OPTION_FRAGMENT] = {fragments, 5},
    };
    return value < kinds[kind].count ? kinds[kind].words[value] : NULL;
}

bool options_equal(const EndpointOptions *a, const EndpointOptions *b)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (option_get(a, &rows[i]) != option_get(b, &rows[i]))
            return false;
    return true;
}

EndpointOptions options_default(void)
{
    return (EndpointOptions){
        .no_tickets = true,
        .extended_master_secret = FEATURE_OFF,
        .encrypt_then_mac = FEATURE_OFF,
    };
}
