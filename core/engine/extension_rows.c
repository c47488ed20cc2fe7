/* The extensions that all versions share, and those of TLS 1.2 and below: a few lines each.
 *
 * A function here fills or judges one extension and settles what it settles; that it may stand
 * where it stands, and was asked for, the table has seen to. They know no record and no order.
 *
 * Obeys RFC 6066 3, 4, 8; RFC 7627 5.1 to 5.3; RFC 5746 3.4 to 3.7; RFC 8422 4, 5.1; RFC 7919 4;
 * RFC 5077 3.2; RFC 7301 3; RFC 7366 2, 3; RFC 6520 2; RFC 8449 4; RFC 5246 7.4.1.4.1; RFC
 * 8446 4.2.3.
 */
#include <string.h>

#include "core/engine/extensions.h"

bool offers_before_tls13(const Endpoint *endpoint)
{
    return endpoint->config->first <= VERSION_TLS_1_2 && endpoint->config->last >= VERSION_TLS_1_0;
}

bool offers_tls13(const Endpoint *endpoint)
{
    return endpoint->config->last >= VERSION_TLS_1_3 && !endpoint->established.any;
}

static bool suite_in_range(const EndpointConfig *config, const Suite *suite)
{
    return suite != NULL && suite->first <= config->last && suite->last >= config->first;
}

bool offers_agreement(const Endpoint *endpoint, Agreement agreement)
{
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite_in_range(config, suite) &&
            key_exchange(suite->key_exchange)->agreement == agreement)
            return true;
    }
    return false;
}

static bool is_tls13(const Endpoint *endpoint)
{
    return endpoint->handshake->version->number >= VERSION_TLS_1_3;
}

/* --- server_name: RFC 6066 3 --- */

ROW_OFFER(names_offer)
{
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    if (config->server_name == NULL)
        return false;
    extension->server_name.count = 1;
    extension->server_name.list[0].host_name = bytes_from_text(config->server_name);
    return true;
}

/* Whether any certificate of this server has the name. */
static bool name_known(const EndpointConfig *config, const char *name)
{
    for (size_t i = 0; i <= config->other_count; i++) {
        const Credential *credential = i == 0 ? &config->credential : &config->others[i - 1];
        if (credential->chain == NULL || credential->chain->len == 0)
            continue;
        g_autoptr(Certificate) certificate =
            certificate_read(bytes_from_gbytes(g_ptr_array_index(credential->chain, 0)), NULL);
        if (certificate != NULL && certificate_matches(certificate, name))
            return true;
    }
    return false;
}

ROW_TAKE(names_take)
{
    Handshake *handshake = endpoint->handshake;
    if (extension->server_name.count == 0 || extension->server_name.list[0].name_type != 0)
        return true; /* RFC 6066 3: host_name alone is known */
    Bytes host = extension->server_name.list[0].host_name;
    g_autofree char *text = g_strndup((const char *)host.data, host.size);
    g_clear_pointer(&handshake->peer_name, g_free);
    handshake->peer_name = g_utf8_make_valid(text, -1);
    report_fact(endpoint, "server_name", handshake->peer_name,
                "the client names the host that it wants");
    if (!endpoint->config->options.refuses_unknown_names ||
        name_known(endpoint->config, handshake->peer_name))
        return true;
    return fault_peer(fault, ALERT_UNRECOGNIZED_NAME, "RFC 6066 3",
                      "no certificate of this server is for %s", handshake->peer_name);
}

ROW_ANSWER(names_answer)
{
    (void)message;
    (void)extension; /* empty */
    return endpoint->handshake->peer_name != NULL &&
           !handshake_is(endpoint->handshake, FACT_RESUMED); /* RFC 6066 3 */
}

/* --- extended_master_secret: RFC 7627 --- */

ROW_OFFER(master_offer)
{
    (void)extension;
    (void)fault;
    return offers_before_tls13(endpoint) &&
           endpoint->config->options.extended_master_secret != FEATURE_OFF;
}

ROW_ANSWER(master_answer)
{
    (void)message;
    (void)extension;
    Handshake *handshake = endpoint->handshake;
    handshake->extended = endpoint->config->options.extended_master_secret != FEATURE_OFF;
    return handshake->extended;
}

ROW_ACCEPT(master_accept)
{
    (void)message;
    (void)extension;
    (void)fault;
    endpoint->handshake->extended = true;
    return true;
}

/* --- renegotiation_info: RFC 5746 --- */

bool binding_wanted(const Endpoint *endpoint)
{
    return !(endpoint->config->weaknesses & WEAKNESS_RENEGOTIATES_WITHOUT_BINDING);
}

ROW_OFFER(binding_offer)
{
    (void)fault;
    const Established *before = &endpoint->established;
    if (!binding_wanted(endpoint) || (before->any && !before->secure_renegotiation))
        return false;
    if (before->any) { /* RFC 5746 3.5 */
        extension->renegotiated_connection =
            bytes_make(before->client_verify, before->version->finished_size);
        return true;
    }
    /* RFC 5746 3.4: the extension or the suite value; SSL 3.0 has no extensions */
    return !endpoint->handshake->offered_scsv && endpoint->config->first <= VERSION_TLS_1_2;
}

ROW_ANSWER(binding_answer)
{
    (void)message;
    Handshake *handshake = endpoint->handshake;
    const Established *before = &endpoint->established;
    if (!handshake->peer_binds)
        return false;
    if (!before->any)
        return true; /* RFC 5746 3.6: empty */
    uint8_t both[2 * FINISHED_MOST];
    size_t size = before->version->finished_size;
    memcpy(both, before->client_verify, size);
    memcpy(both + size, before->server_verify, size);
    extension->renegotiated_connection = handshake_keep(handshake, bytes_make(both, 2 * size));
    return true;
}

/* --- supported_groups, ec_point_formats: RFC 8422 5.1, RFC 7919 4 --- */

ROW_OFFER(groups_offer)
{
    (void)fault;
    const GroupNumber *list;
    size_t count = group_list(endpoint->config, &list);
    bool curves = offers_tls13(endpoint) || offers_agreement(endpoint, AGREEMENT_ECDH);
    bool fields = offers_tls13(endpoint) || offers_agreement(endpoint, AGREEMENT_DH);
    uint16_t offered[64];
    size_t offers = 0;
    if (endpoint->config->options.greases)
        offered[offers++] = grease_number(endpoint, GREASE_GROUP);
    for (size_t i = 0; i < count && offers < G_N_ELEMENTS(offered); i++) {
        const Group *group = group_find(list[i]);
        bool field = group != NULL && group->kind == GROUP_FINITE_FIELD;
        if (field ? fields : curves)
            offered[offers++] = list[i];
    }
    extension->groups = keep_numbers(endpoint->handshake, offered, offers);
    return offers > (endpoint->config->options.greases ? 1 : 0);
}

ROW_TAKE(groups_take)
{
    (void)fault;
    endpoint->handshake->peer_groups = handshake_keep(endpoint->handshake, extension->groups);
    return true;
}

ROW_ANSWER(groups_answer)
{
    (void)message;
    const GroupNumber *list;
    size_t count = group_list(endpoint->config, &list);
    if (!endpoint->config->options.tells_groups)
        return false;
    extension->groups = keep_numbers(endpoint->handshake, list, count);
    return true;
}

static const uint8_t point_formats[] = {POINT_FORMAT_UNCOMPRESSED};

ROW_OFFER(formats_offer)
{
    (void)fault;
    extension->point_formats = BYTES_ARRAY(point_formats);
    return offers_before_tls13(endpoint) && offers_agreement(endpoint, AGREEMENT_ECDH);
}

/* RFC 8422 5.1.2: a list without the uncompressed format is illegal. */
ROW_TAKE(formats_take)
{
    if (is_tls13(endpoint) ||
        numbers_contain(extension->point_formats, 1, POINT_FORMAT_UNCOMPRESSED))
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8422 5.1.2",
                      "ec_point_formats does not hold the uncompressed format");
}

ROW_ANSWER(formats_answer)
{
    (void)message;
    extension->point_formats = BYTES_ARRAY(point_formats);
    return key_exchange(endpoint->handshake->suite->key_exchange)->agreement == AGREEMENT_ECDH;
}

ROW_ACCEPT(formats_accept)
{
    (void)message;
    return formats_take(endpoint, extension, fault);
}

/* --- session_ticket: RFC 5077 3.2 --- */

ROW_OFFER(ticket_offer)
{
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    const Session *session = endpoint->handshake->session;
    if (config->cache == NULL || config->options.no_tickets || !offers_before_tls13(endpoint))
        return false;
    if (session != NULL && session->version < VERSION_TLS_1_3)
        extension->ticket = bytes_from_gbytes(session->ticket);
    return true;
}

/* A new ticket is announced: with a full handshake, or where an old key must be replaced. */
ROW_ANSWER(ticket_answer)
{
    (void)message;
    (void)extension; /* empty */
    Handshake *handshake = endpoint->handshake;
    bool gives = endpoint->config->ticket_keys != NULL &&
                 (!handshake_is(handshake, FACT_RESUMED) || handshake->renews_ticket);
    handshake_know(handshake, FACT_TICKET, gives);
    return gives;
}

ROW_ACCEPT(ticket_accept)
{
    (void)message;
    (void)extension;
    (void)fault;
    handshake_know(endpoint->handshake, FACT_TICKET, true);
    return true;
}

/* --- application_layer_protocol_negotiation: RFC 7301 --- */

/* Names as they stand in the list, each behind its length. */
static Bytes keep_protocols(Handshake *handshake, const char *const *names, size_t count)
{
    BUFFER_SCOPED list = buffer_take();
    for (size_t i = 0; i < count; i++) {
        Bytes name = bytes_from_text(names[i]);
        const uint8_t size[] = {(uint8_t)name.size};
        bytes_append(list, BYTES_ARRAY(size));
        bytes_append(list, name);
    }
    return handshake_keep(handshake, bytes_from_array(list));
}

ROW_OFFER(protocols_offer)
{
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    extension->protocols =
        keep_protocols(endpoint->handshake, config->protocols, config->protocol_count);
    return config->protocol_count > 0;
}

static bool names_protocol(Bytes names, const char *wanted)
{
    Bytes name;
    while (protocol_next(&names, &name))
        if (bytes_equal(bytes_from_text(wanted), name))
            return true;
    return false;
}

/* The first of the server's that the client names: RFC 7301 3.2. */
ROW_TAKE(protocols_take)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    g_clear_pointer(&handshake->protocol, g_free);
    for (size_t i = 0; i < config->protocol_count; i++) {
        if (!names_protocol(extension->protocols, config->protocols[i]))
            continue;
        handshake->protocol = g_strdup(config->protocols[i]);
        report_fact(endpoint, "protocol", handshake->protocol,
                    "the first of the server's that the client names (RFC 7301 3.2)");
        return true;
    }
    if (config->protocol_count == 0)
        return true;
    return fault_peer(fault, ALERT_NO_APPLICATION_PROTOCOL, "RFC 7301 3.2",
                      "none of the client's application protocols is one of the server's %zu",
                      config->protocol_count);
}

ROW_ANSWER(protocols_answer)
{
    (void)message;
    const char *protocol = endpoint->handshake->protocol;
    if (protocol == NULL)
        return false;
    extension->protocols = keep_protocols(endpoint->handshake, &protocol, 1);
    return true;
}

ROW_ACCEPT(protocols_accept)
{
    (void)message;
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i < config->protocol_count; i++) {
        if (!names_protocol(extension->protocols, config->protocols[i]))
            continue;
        endpoint->handshake->protocol = g_strdup(config->protocols[i]);
        report_fact(endpoint, "protocol", config->protocols[i], "the server's choice");
        return true;
    }
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 7301 3.1",
                      "the server chose an application protocol that was not offered");
}

/* --- status_request: RFC 6066 8 --- */

ROW_OFFER(status_offer)
{
    (void)fault;
    extension->status_request.status_type = STATUS_TYPE_OCSP;
    return endpoint->config->options.asks_status;
}

ROW_TAKE(status_take)
{
    (void)fault;
    endpoint->handshake->status_requested =
        extension->status_request.status_type == STATUS_TYPE_OCSP;
    return true;
}

ROW_ANSWER(status_answer)
{
    (void)message;
    (void)extension; /* empty */
    Handshake *handshake = endpoint->handshake;
    bool staples = handshake->status_requested && handshake->credential != NULL &&
                   handshake->credential->status != NULL && !handshake_is(handshake, FACT_RESUMED);
    handshake_know(handshake, FACT_STATUS, staples);
    handshake_know(handshake, FACT_STATUS_SENT, staples);
    return staples;
}

ROW_ACCEPT(status_accept)
{
    (void)message;
    (void)extension;
    (void)fault;
    handshake_know(endpoint->handshake, FACT_STATUS, true);
    return true;
}

/* --- encrypt_then_mac: RFC 7366 --- */

ROW_OFFER(encrypt_offer)
{
    (void)extension;
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    if (!offers_before_tls13(endpoint) || config->options.encrypt_then_mac == FEATURE_OFF)
        return false;
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = suite_find(config->suites[i]);
        if (suite_in_range(config, suite) && cipher_row(suite->cipher)->mode == CIPHER_MODE_CBC)
            return true;
    }
    return false;
}

/* RFC 7366 3: not for stream ciphers and AEAD */
ROW_ANSWER(encrypt_answer)
{
    (void)message;
    (void)extension;
    Handshake *handshake = endpoint->handshake;
    handshake->encrypt_then_mac = endpoint->config->options.encrypt_then_mac != FEATURE_OFF &&
                                  cipher_row(handshake->suite->cipher)->mode == CIPHER_MODE_CBC;
    return handshake->encrypt_then_mac;
}

ROW_ACCEPT(encrypt_accept)
{
    (void)message;
    (void)extension;
    Handshake *handshake = endpoint->handshake;
    if (cipher_row(handshake->suite->cipher)->mode != CIPHER_MODE_CBC)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 7366 3",
                          "the server answers encrypt_then_mac with %s, which has no CBC",
                          handshake->suite->name);
    handshake->encrypt_then_mac = true;
    return true;
}

/* --- heartbeat: RFC 6520 2 --- */

ROW_OFFER(heartbeat_offer)
{
    (void)fault;
    extension->heartbeat_mode = endpoint->config->options.heartbeat;
    return endpoint->config->options.heartbeat != 0;
}

ROW_TAKE(heartbeat_take_mode)
{
    (void)fault;
    endpoint->handshake->peer_heartbeat = extension->heartbeat_mode;
    return true;
}

ROW_ANSWER(heartbeat_answer)
{
    (void)message;
    extension->heartbeat_mode = endpoint->config->options.heartbeat;
    return endpoint->config->options.heartbeat != 0;
}

ROW_ACCEPT(heartbeat_accept)
{
    (void)message;
    return heartbeat_take_mode(endpoint, extension, fault);
}

/* --- max_fragment_length: RFC 6066 4; record_size_limit: RFC 8449 4 --- */

static size_t fragment_bytes(uint8_t code)
{
    return (size_t)256 << code; /* 2^9 to 2^12 */
}

ROW_OFFER(fragment_offer)
{
    (void)fault;
    extension->max_fragment_length = endpoint->config->options.max_fragment_length;
    return endpoint->config->options.max_fragment_length != 0;
}

ROW_TAKE(fragment_take)
{
    uint8_t code = extension->max_fragment_length;
    if (code < 1 || code > 4)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 6066 4",
                          "max_fragment_length is %u, which is none of the four lengths", code);
    endpoint->handshake->fragment_code = code;
    return true;
}

ROW_ANSWER(fragment_answer)
{
    (void)message;
    const Handshake *handshake = endpoint->handshake;
    if (extension_came(handshake, EXTENSION_RECORD_SIZE_LIMIT) &&
        endpoint->config->options.record_size_limit != 0)
        return false;
    extension->max_fragment_length = handshake->fragment_code;
    endpoint->read.limit = endpoint->write.limit = fragment_bytes(handshake->fragment_code);
    return true;
}

ROW_ACCEPT(fragment_accept)
{
    (void)message;
    if (extension->max_fragment_length !=
        endpoint->config->options.max_fragment_length) /* RFC 6066 4 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 6066 4",
                          "the server answers another max_fragment_length than the client's");
    if (extension_came(endpoint->handshake, EXTENSION_RECORD_SIZE_LIMIT)) /* RFC 8449 5 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8449 5",
                          "the server answers max_fragment_length and record_size_limit both");
    endpoint->read.limit = endpoint->write.limit = fragment_bytes(extension->max_fragment_length);
    return true;
}

/* RFC 8449 4: the limit is on what is protected, by the keys of the handshake that set it. Those of
 * TLS 1.3 are in force at once, and there the content type counts. */
static void apply_size(Endpoint *endpoint, uint16_t theirs)
{
    Handshake *handshake = endpoint->handshake;
    uint16_t own = endpoint->config->options.record_size_limit;
    if (is_tls13(endpoint)) {
        endpoint->write.sealed_limit = theirs - 1u;
        endpoint->read.sealed_limit = own - 1u;
        return;
    }
    handshake->sealed_write = theirs;
    handshake->sealed_read = own;
}

ROW_OFFER(size_offer)
{
    (void)fault;
    extension->record_size_limit = endpoint->config->options.record_size_limit;
    return endpoint->config->options.record_size_limit != 0;
}

ROW_TAKE(size_take)
{
    (void)fault;
    if (endpoint->config->options.record_size_limit != 0)
        apply_size(endpoint, extension->record_size_limit);
    return true;
}

ROW_ANSWER(size_answer)
{
    (void)message;
    extension->record_size_limit = endpoint->config->options.record_size_limit;
    return endpoint->config->options.record_size_limit != 0;
}

ROW_ACCEPT(size_accept)
{
    (void)message;
    if (endpoint->read.limit != 0) /* RFC 8449 5 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8449 5",
                          "the server answers max_fragment_length and record_size_limit both");
    return size_take(endpoint, extension, fault);
}

/* --- signature_algorithms: RFC 5246 7.4.1.4.1, RFC 8446 4.2.3 --- */

ROW_OFFER(schemes_offer)
{
    (void)fault;
    const SchemeNumber *list;
    size_t count = scheme_list(endpoint->config, endpoint->config->first, &list);
    extension->signature_algorithms = keep_numbers(endpoint->handshake, list, count);
    return endpoint->config->last >= VERSION_TLS_1_2;
}

ROW_TAKE(schemes_take)
{
    (void)fault;
    note_schemes(endpoint->handshake, extension->signature_algorithms);
    return true;
}
