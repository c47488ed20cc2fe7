/* The extensions of the hellos, by a table: who offers what when, what the other side makes of it,
 * what it answers and where, and what the answer settles.
 *
 * A row has up to four functions: `offer` fills the client's, `take` judges it at the server,
 * `answer` fills the server's, `accept` judges that at the client. A row also says in which
 * messages of TLS 1.3 its extension may stand, and whether SSL 3.0 has it. Rows with little to do
 * are here; those of key exchange and pre-shared keys call the files that do the work.
 *
 * Obeys RFC 8446 4.2 (places; unsupported_extension, illegal_parameter), RFC 5246 7.4.1.4, RFC 6101
 * 5.6.1, RFC 5746 4.5, RFC 6066 3, 4, 8, RFC 8422 5.1, RFC 7301 3, RFC 7366 2, RFC 7627 5, RFC 8449
 * 4, 5, RFC 6520 2, RFC 5077 3.2.
 */
#include "core/engine/extensions.h"

#include <string.h>

/* clang-format off */
static const ExtensionRow rows[] = {
    /* type, where it may stand in TLS 1.3 (and in a ServerHello before it), functions */
    {EXTENSION_SERVER_NAME, IN_CH | IN_EE | IN_OLD_SH, names_offer, names_take, names_answer, NULL},
    {EXTENSION_EXTENDED_MASTER_SECRET, IN_CH | IN_OLD_SH, master_offer, NULL, master_answer, master_accept},
    {EXTENSION_RENEGOTIATION_INFO, IN_CH | IN_OLD_SH | IN_SSL3, binding_offer, NULL, binding_answer, NULL},
    {EXTENSION_SUPPORTED_GROUPS, IN_CH | IN_EE, groups_offer, groups_take, groups_answer, NULL},
    {EXTENSION_EC_POINT_FORMATS, IN_CH | IN_OLD_SH, formats_offer, formats_take, formats_answer, formats_accept},
    {EXTENSION_SESSION_TICKET, IN_CH | IN_OLD_SH, ticket_offer, NULL, ticket_answer, ticket_accept},
    {EXTENSION_ALPN, IN_CH | IN_EE | IN_OLD_SH, protocols_offer, protocols_take, protocols_answer, protocols_accept},
    {EXTENSION_STATUS_REQUEST, IN_CH | IN_CR | IN_CT | IN_OLD_SH, status_offer, status_take, status_answer, status_accept},
    {EXTENSION_ENCRYPT_THEN_MAC, IN_CH | IN_OLD_SH, encrypt_offer, NULL, encrypt_answer, encrypt_accept},
    {EXTENSION_HEARTBEAT, IN_CH | IN_EE | IN_OLD_SH, heartbeat_offer, heartbeat_take_mode, heartbeat_answer, heartbeat_accept},
    {EXTENSION_MAX_FRAGMENT_LENGTH, IN_CH | IN_EE | IN_OLD_SH, fragment_offer, fragment_take, fragment_answer, fragment_accept},
    {EXTENSION_RECORD_SIZE_LIMIT, IN_CH | IN_EE | IN_OLD_SH, size_offer, size_take, size_answer, size_accept},
    {EXTENSION_SIGNATURE_ALGORITHMS, IN_CH | IN_CR, schemes_offer, schemes_take, NULL, NULL},
    {EXTENSION_SIGNATURE_ALGORITHMS_CERT, IN_CH | IN_CR, NULL, NULL, NULL, NULL},
    {EXTENSION_SUPPORTED_VERSIONS, IN_CH | IN_SH | IN_HRR, versions_offer, NULL, versions_answer, NULL},
    {EXTENSION_COOKIE, IN_CH | IN_HRR, cookie_offer, cookie_take, cookie_answer, cookie_accept},
    {EXTENSION_PSK_KEY_EXCHANGE_MODES, IN_CH, modes_offer, modes_take, NULL, NULL},
    {EXTENSION_KEY_SHARE, IN_CH | IN_SH | IN_HRR, share_offer, NULL, share_answer, share_accept},
    {EXTENSION_CERTIFICATE_AUTHORITIES, IN_CH | IN_CR, NULL, NULL, NULL, NULL},
    {EXTENSION_OID_FILTERS, IN_CR, NULL, NULL, NULL, NULL},
    {EXTENSION_COMPRESS_CERTIFICATE, IN_CH | IN_CR, compression_offer, compression_take, NULL, NULL},
    {EXTENSION_SIGNED_CERTIFICATE_TIMESTAMP, IN_CH | IN_CR | IN_CT | IN_OLD_SH, NULL, NULL, NULL, NULL},
    {EXTENSION_PADDING, IN_CH, NULL, NULL, NULL, NULL},
    {EXTENSION_POST_HANDSHAKE_AUTH, IN_CH, post_auth_offer, post_auth_take, NULL, NULL},
    {EXTENSION_EARLY_DATA, IN_CH | IN_EE | IN_NST, early_offer, early_take, early_answer, early_accept},
    {EXTENSION_PRE_SHARED_KEY, IN_CH | IN_SH, psk_offer, NULL, psk_answer, psk_accept}, /* last: RFC 8446 4.2.11 */
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(rows) <= 8 * sizeof(ExtensionSet));

static size_t row_of(uint16_t type)
{
    size_t i = 0;
    while (i < G_N_ELEMENTS(rows) && rows[i].type != type)
        i++;
    return i;
}

ExtensionSet extension_bit(uint16_t type)
{
    size_t row = row_of(type);
    return row == G_N_ELEMENTS(rows) ? 0 : (ExtensionSet)1 << row;
}

bool extension_sent(const Handshake *handshake, uint16_t type)
{
    return (handshake->sent & extension_bit(type)) != 0;
}

bool extension_came(const Handshake *handshake, uint16_t type)
{
    return (handshake->came & extension_bit(type)) != 0;
}

Extension *extensions_add(Extensions *extensions, uint16_t type)
{
    g_assert(extensions->count < EXTENSIONS_MOST);
    extensions->present = true;
    Extension *extension = &extensions->list[extensions->count++];
    extension_clear(extension, type);
    return extension;
}

/* --- the order in which they stand --- */

static size_t rank_of(const EndpointConfig *config, uint16_t type)
{
    size_t i = 0;
    if (type == EXTENSION_PRE_SHARED_KEY &&
        config->role == ROLE_CLIENT) /* RFC 8446 4.2.11: must be the last */
        return SIZE_MAX;
    while (i < config->extension_count && config->extension_order[i] != type)
        i++;
    return i;
}

/* A stable order: those that the configuration names first, the others as they are, which is that
 * of the table. */
static void order(const EndpointConfig *config, Extensions *extensions)
{
    if (config->extension_count == 0)
        return;
    for (size_t i = 1; i < extensions->count; i++)
        for (size_t j = i; j > 0 && rank_of(config, extensions->list[j].type) <
                                        rank_of(config, extensions->list[j - 1].type);
             j--) {
            Extension swapped = extensions->list[j];
            extensions->list[j] = extensions->list[j - 1];
            extensions->list[j - 1] = swapped;
        }
}

static const RawExtension *raw_of(const EndpointConfig *config, uint16_t type)
{
    for (size_t i = 0; i < config->raw_count; i++)
        if (config->raw_extensions[i].type == type)
            return &config->raw_extensions[i];
    return NULL;
}

/* RFC 6101 5.6.1 has no extensions, RFC 5746 4.5 has renegotiation_info in SSL 3.0, too. */
static bool in_ssl3(size_t row)
{
    return (rows[row].places & IN_SSL3) != 0;
}

bool extensions_offer(Endpoint *endpoint, Extensions *extensions, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    for (size_t i = 0; i < config->raw_count; i++) {
        Extension *extension = extensions_add(extensions, config->raw_extensions[i].type);
        extension->raw = true;
        extension->data = config->raw_extensions[i].data;
        handshake->sent |= extension_bit(extension->type);
    }
    Fault failure = FAULT_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].offer == NULL || raw_of(config, rows[i].type) != NULL)
            continue;
        if (config->last < VERSION_TLS_1_0 && !in_ssl3(i)) /* RFC 6101 5.6.1.2 */
            continue;
        Extension *made = extensions_add(extensions, rows[i].type);
        if (rows[i].offer(endpoint, made, &failure))
            handshake->sent |= (ExtensionSet)1 << i;
        else
            extensions->count--;
    }
    extensions->present = extensions->count > 0;
    order(config, extensions);
    if (failure.blame == FAULT_NONE)
        return true;
    *fault = failure;
    return false;
}

/* RFC 8449 5: a server that takes record_size_limit ignores the other one, whatever it says. */
static bool is_superseded(const Endpoint *endpoint, const Extensions *extensions, uint16_t type)
{
    return type == EXTENSION_MAX_FRAGMENT_LENGTH &&
           endpoint->config->options.record_size_limit != 0 &&
           extensions_find(extensions, EXTENSION_RECORD_SIZE_LIMIT) != NULL;
}

bool extensions_take(Endpoint *endpoint, const Extensions *extensions, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    handshake->came = 0;
    for (size_t i = 0; extensions->present && i < extensions->count; i++) {
        const Extension *extension = &extensions->list[i];
        size_t row = row_of(extension->type);
        if (row == G_N_ELEMENTS(rows)) /* RFC 5246 7.4.1.4: unknown ones are ignored */
            continue;
        if (handshake->version->number == VERSION_SSL_3_0 && !in_ssl3(row)) /* RFC 6101 5.6.1.2 */
            continue;
        handshake->came |= (ExtensionSet)1 << row;
        if (handshake->version->number >= VERSION_TLS_1_3 && (rows[row].places & IN_CH) == 0)
            return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2",
                              "%s may not stand in a ClientHello",
                              number_text(NUMBER_EXTENSION, extension->type));
        bool last = i + 1 == extensions->count && !extensions->ends_beyond;
        if (extension->type == EXTENSION_PRE_SHARED_KEY && !last &&
            handshake->version->number >= VERSION_TLS_1_3) /* RFC 8446 4.2.11 */
            return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.11",
                              "pre_shared_key is not the last extension of the ClientHello");
        if (is_superseded(endpoint, extensions, extension->type))
            continue;
        if (rows[row].take != NULL && !rows[row].take(endpoint, extension, fault))
            return false;
    }
    return true;
}

static unsigned place_of(MessageKind message, ProtocolVersion version)
{
    if (message == MESSAGE_HELLO_RETRY_REQUEST)
        return IN_HRR;
    if (message == MESSAGE_ENCRYPTED_EXTENSIONS)
        return IN_EE;
    if (version == VERSION_SSL_3_0)
        return IN_SSL3;
    return version >= VERSION_TLS_1_3 ? IN_SH : IN_OLD_SH;
}

/* The messages of TLS 1.3 alone that are no answer to a hello. */
static unsigned place_behind_hellos(MessageKind message)
{
    if (message == MESSAGE_CERTIFICATE)
        return IN_CT;
    return message == MESSAGE_CERTIFICATE_REQUEST ? IN_CR : IN_NST;
}

bool extension_place_check(MessageKind message, uint16_t type, Fault *fault)
{
    size_t row = row_of(type);
    if (row == G_N_ELEMENTS(rows) || (rows[row].places & place_behind_hellos(message)) != 0)
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2", "%s may not stand in %s",
                      number_text(NUMBER_EXTENSION, type), message_name(message));
}

bool extension_places_check(MessageKind message, const Extensions *extensions, Fault *fault)
{
    for (size_t i = 0; i < extensions->count; i++)
        if (!extension_place_check(message, extensions->list[i].type, fault))
            return false;
    return true;
}

bool extensions_answer(Endpoint *endpoint, MessageKind message, Extensions *extensions,
                       Fault *fault)
{
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    unsigned place = place_of(message, handshake->version->number);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool solicited = (handshake->came & (ExtensionSet)1 << i) != 0 ||
                         rows[i].type == EXTENSION_RENEGOTIATION_INFO || /* by the SCSV */
                         rows[i].type == EXTENSION_COOKIE;               /* RFC 8446 4.2.2 */
        if (!solicited || rows[i].answer == NULL || (rows[i].places & place) == 0)
            continue;
        Extension *made = extensions_add(extensions, rows[i].type);
        if (rows[i].answer(endpoint, message, made))
            handshake->sent |= (ExtensionSet)1 << i;
        else
            extensions->count--;
    }
    extensions->present = extensions->count > 0;
    order(endpoint->config, extensions);
    return true;
}

/* RFC 8446 4.2: nothing that was not offered, and nothing where it has no place. The SCSV asks for
 * renegotiation_info, too (RFC 5746 3.4); a cookie needs no asking (RFC 8446 4.2.2). */
static bool answer_check(const Endpoint *endpoint, MessageKind message, uint16_t type, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    bool tls13 = handshake->version->number >= VERSION_TLS_1_3;
    size_t row = row_of(type);
    bool asked = (handshake->sent & extension_bit(type)) != 0 ||
                 (type == EXTENSION_RENEGOTIATION_INFO && !tls13 && binding_wanted(endpoint)) ||
                 (type == EXTENSION_COOKIE && message == MESSAGE_HELLO_RETRY_REQUEST);
    unsigned place = place_of(message, handshake->version->number);
    bool misplaced = row < G_N_ELEMENTS(rows) && (rows[row].places & place) == 0;
    if (misplaced && (tls13 || type == EXTENSION_SUPPORTED_VERSIONS))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2",
                          "%s may not stand in %s of %s", number_text(NUMBER_EXTENSION, type),
                          message_name(message), handshake->version->name);
    bool ssl3 = handshake->version->number == VERSION_SSL_3_0;
    if (!asked || misplaced)
        return fault_peer(fault, ALERT_UNSUPPORTED_EXTENSION,
                          ssl3 ? "RFC 6101 5.6.1.3" : "RFC 5246 7.4.1.4",
                          "%s has the extension %s (%u), which %s", message_name(message),
                          number_text(NUMBER_EXTENSION, type), type,
                          !asked ? "was not offered"
                          : ssl3 ? "SSL 3.0 does not have"
                                 : "has no place there");
    return true;
}

bool extensions_accept(Endpoint *endpoint, MessageKind message, const Extensions *extensions,
                       Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    for (size_t i = 0; extensions->present && i < extensions->count; i++) {
        const Extension *extension = &extensions->list[i];
        if (!answer_check(endpoint, message, extension->type, fault))
            return false;
        const ExtensionRow *row = &rows[row_of(extension->type)];
        handshake->came |= extension_bit(extension->type);
        if (row_of(extension->type) < G_N_ELEMENTS(rows) && row->accept != NULL &&
            !row->accept(endpoint, message, extension, fault))
            return false;
    }
    return true;
}
