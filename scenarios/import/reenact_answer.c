/* What a server's answers settle, as statements of the server.
 *
 * A server says only what it chose, so it is told to know nothing else: the version, the suites,
 * groups and schemes that were taken. What a refusal shows (no common suite, a version that is not
 * spoken, nobody who is trusted) is arranged the same way.
 *
 * Sources: RFC 5246 7.4.1.3, 7.4.3, 7.4.4 and 7.2.2; RFC 8446 4.1.3, 4.1.4, 4.3 and 4.6.1; RFC 5077
 * 3.3 (tickets), RFC 4279 2 (hints).
 */
#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/version.h"
#include "scenarios/import/reenact_parts.h"

/* --- what the server settles --- */

static void choose_suite(Retelling *retelling, SuiteNumber number)
{
    PlanParty *server = retelling->server;
    if (suite_find(number) == NULL) {
        retell_left_out(retelling,
                        g_strdup_printf("suite 0x%04x, which does not run here", number));
        return;
    }
    for (guint i = 0; i < server->suites->len; i++)
        if (g_array_index(server->suites, SuiteNumber, i) == number)
            return;
    g_array_append_val(server->suites, number);
}

static void choose_version(Retelling *retelling, ProtocolVersion version)
{
    PlanParty *server = retelling->server, *client = retelling->client;
    bool first = server->last == VERSION_NONE;
    if (version_find(version) == NULL)
        return;
    server->last = first ? version : MAX(server->last, version);
    server->first = first ? MIN(version, VERSION_TLS_1_0) : MIN(server->first, version);
    client->first = MIN(client->first, version);
}

static void take_answer(Retelling *retelling, const Extension *extension)
{
    PlanParty *server = retelling->server;
    EndpointOptions *options = &server->options;
    switch (extension->type) {
    case EXTENSION_ENCRYPT_THEN_MAC:
        options->encrypt_then_mac = FEATURE_ON;
        return;
    case EXTENSION_EXTENDED_MASTER_SECRET:
        options->extended_master_secret = FEATURE_ON;
        return;
    case EXTENSION_HEARTBEAT:
        options->heartbeat = (HeartbeatOption)extension->heartbeat_mode;
        return;
    case EXTENSION_RECORD_SIZE_LIMIT:
        options->record_size_limit = extension->record_size_limit;
        return;
    case EXTENSION_SESSION_TICKET:
        options->no_tickets = false;
        return;
    case EXTENSION_SUPPORTED_GROUPS:
        options->tells_groups = true;
        return;
    case EXTENSION_EARLY_DATA:
        options->early_data_answer = EARLY_DATA_ACCEPTED;
        return;
    case EXTENSION_PRE_SHARED_KEY:
        options->no_tickets = options->no_tickets && retelling->client->psks->len > 0;
        return;
    case EXTENSION_ALPN:
        g_clear_pointer(&retelling->chosen, g_free);
        retell_protocols(server, extension);
        if (server->protocols->len > 0)
            retelling->chosen = g_strdup(g_ptr_array_index(server->protocols, 0));
        return;
    }
}

static void take_group(Retelling *retelling, GroupNumber group)
{
    if (group_find(group) == NULL)
        return;
    retelling->group = group;
    retell_add_number(retelling->server->groups, group);
}

/* A full handshake, though a session was offered: the server has lost it. */
static void full_handshake(Retelling *retelling)
{
    Scene *scene = &retelling->scene;
    bool lost = scene->offers && !scene->full && !scene->established && retelling->connection > 0;
    scene->full = true;
    if (lost)
        retell_forget(retelling, scene->ticket ? ACT_ROTATE_TICKETS : ACT_FORGET, ROLE_SERVER);
}

/* Whether a session that was offered is taken up; a server that passes it over has lost it. */
static void settle_session(Retelling *retelling, const ServerHello *hello, bool tls13)
{
    Scene *scene = &retelling->scene;
    PlanParty *server = retelling->server;
    bool psk = extensions_find(&hello->extensions, EXTENSION_PRE_SHARED_KEY) != NULL;
    bool id = !tls13 && hello->session_id.size > 0 &&
              bytes_equal(hello->session_id, bytes_from_gbytes(scene->id));
    scene->resumed = tls13 ? psk : id;
    if (tls13 && !psk)
        full_handshake(retelling);
    if (!tls13 && !id && hello->session_id.size > 0)
        g_ptr_array_add(retelling->sessions, bytes_copy(hello->session_id));
    if (!tls13 && retelling->connection == 0 && !scene->established)
        server->forgets_sessions = hello->session_id.size == 0;
}

void retell_server_hello(Retelling *retelling, const ServerHello *hello)
{
    const Extension *choice = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    const Extension *share = extensions_find(&hello->extensions, EXTENSION_KEY_SHARE);
    Scene *scene = &retelling->scene;
    ProtocolVersion version = choice == NULL
                                  ? hello->server_version
                                  : (ProtocolVersion)choice->supported_versions.selected_version;
    bool tls13 = version >= VERSION_TLS_1_3;
    scene->version = version;
    scene->suite = suite_find(hello->cipher_suite);
    retelling->group = GROUP_NONE;
    choose_version(retelling, version);
    choose_suite(retelling, hello->cipher_suite);
    settle_session(retelling, hello, tls13);
    if (hello->compression_method == COMPRESSION_DEFLATE)
        retelling->server->options.compresses = true;
    for (size_t i = 0; i < hello->extensions.count; i++)
        take_answer(retelling, &hello->extensions.list[i]);
    if (share != NULL && share->key_share.count == 1)
        take_group(retelling, share->key_share.list[0].group);
    if (tls13 && share == NULL && scene->resumed) /* RFC 8446 4.2.9 */
        retelling->server->options.psk_modes = PSK_MODE_KE;
    if (tls13 && scene->early && scene->retried)
        retelling->server->options.early_data_answer = EARLY_DATA_RETRIED;
}

void retell_retry(Retelling *retelling, const ServerHello *hello)
{
    const Extension *share = extensions_find(&hello->extensions, EXTENSION_KEY_SHARE);
    EndpointOptions *options = &retelling->server->options;
    GroupNumber group = share == NULL ? GROUP_NONE : share->key_share.selected_group;
    retelling->scene.retried = true;
    options->sends_cookie = extensions_find(&hello->extensions, EXTENSION_COOKIE) != NULL;
    if (share == NULL || retell_holds(retelling->shares, group))
        options->always_retries = options->always_retries || !retelling->scene.early;
    else
        take_group(retelling, group);
}

void retell_old_server_hello(Retelling *retelling, const Ssl2Message *hello)
{
    retelling->scene.version = VERSION_SSL_2_0;
    retelling->scene.resumed = hello->session_id_hit != 0;
    if (!retelling->scene.resumed)
        full_handshake(retelling);
    choose_version(retelling, VERSION_SSL_2_0);
    if (hello->cipher_specs.size == 0 && !retelling->scene.resumed)
        retell_apart(retelling, VERSION_SSL_2_0);
    for (size_t at = 0; at + 3 <= hello->cipher_specs.size; at += 3)
        choose_suite(retelling, (SuiteNumber)bytes_number(bytes_slice(hello->cipher_specs, at, 3)));
}

/* --- what follows --- */

static void replace_bytes(GBytes **place, Bytes bytes)
{
    g_clear_pointer(place, g_bytes_unref);
    *place = bytes_copy(bytes);
}

static void take_prime(Retelling *retelling, const ServerKeyExchange *exchange)
{
    PlanParty *server = retelling->server;
    const Group *group = group_of_prime(exchange->dh_p, exchange->dh_g);
    bool export = retelling->scene.suite != NULL && retelling->scene.suite->exportable;
    if (group != NULL) {
        take_group(retelling, group->number);
        return;
    }
    replace_bytes(export ? &server->export_prime : &server->dh_prime, exchange->dh_p);
    replace_bytes(export ? &server->export_generator : &server->dh_generator, exchange->dh_g);
}

static void hear_exchange(Retelling *retelling, const ServerKeyExchange *exchange)
{
    PlanParty *server = retelling->server;
    if (exchange->dh_p.size > 0)
        take_prime(retelling, exchange);
    if (exchange->named_curve != 0)
        take_group(retelling, exchange->named_curve);
    if (exchange->rsa_modulus.size > 0) { /* 512 bits, or too many: RFC 2246 D.1 */
        g_free(server->temporary_key);
        server->temporary_key =
            g_strdup(exchange->rsa_modulus.size <= 64 ? "rsa-512-1" : "rsa-1024-1");
    }
    if (exchange->algorithm != 0 && scheme_find(exchange->algorithm) != NULL &&
        retelling->scene.version == VERSION_TLS_1_2)
        retell_add_number(server->schemes, exchange->algorithm);
    if (exchange->psk_identity_hint.size > 0) {
        Bytes hint = exchange->psk_identity_hint;
        g_free(server->psk_hint);
        server->psk_hint = g_utf8_make_valid((const char *)hint.data, (gssize)hint.size);
    }
}

/* RFC 7919 3.1: it went on, however small the server's prime was. */
static void forgive_prime(Retelling *retelling)
{
    GBytes *prime = retelling->server->dh_prime;
    if (prime != NULL && 8 * g_bytes_get_size(prime) < DH_PRIME_BITS_LEAST)
        retelling->client->weaknesses |= WEAKNESS_ACCEPTS_SMALL_GROUPS;
}

static void hear_client_exchange(Retelling *retelling, const ClientKeyExchange *exchange)
{
    forgive_prime(retelling);
    if (exchange->psk_identity.size == 0)
        return;
    g_autofree char *identity = g_utf8_make_valid((const char *)exchange->psk_identity.data,
                                                  (gssize)exchange->psk_identity.size);
    retell_psk(retelling, identity, HASH_SHA256);
}

/* What a server asks for, it takes; but what it signs with itself stands first. */
static void hear_certificate_request(Retelling *retelling, const CertificateRequest *request)
{
    PlanParty *server = retelling->server;
    const Extension *schemes =
        extensions_find(&request->extensions, EXTENSION_SIGNATURE_ALGORITHMS);
    bool tls13 = retelling->scene.version >= VERSION_TLS_1_3;
    Bytes list = !tls13            ? request->supported_signature_algorithms
                 : schemes == NULL ? BYTES_NONE
                                   : schemes->signature_algorithms;
    for (size_t at = 0; at + 2 <= list.size; at += 2) {
        uint16_t number = (uint16_t)bytes_number(bytes_slice(list, at, 2));
        if (scheme_find(number) != NULL)
            retell_add_number(server->schemes, number);
    }
    server->options.names_no_authorities =
        tls13 ? extensions_find(&request->extensions, EXTENSION_CERTIFICATE_AUTHORITIES) == NULL
              : request->count == 0;
}

static void hear_ticket(Retelling *retelling, const NewSessionTicket *ticket)
{
    enum { DAY = 86400, LIFETIME_MOST = 604800 /* RFC 8446 4.6.1 */ };
    EndpointOptions *options = &retelling->server->options;
    const Extension *early = extensions_find(&ticket->extensions, EXTENSION_EARLY_DATA);
    Scene *scene = &retelling->scene;
    bool again = scene->ticket && !scene->full && scene->version < VERSION_TLS_1_3;
    if (again && retelling->connection > 0 && scene->tickets == 0) /* under a newer key */
        retell_forget(retelling, ACT_ROTATE_TICKETS, ROLE_SERVER);
    retelling->tickets++;
    scene->tickets++;
    options->no_tickets = false;
    if (ticket->ticket_lifetime > 0 && ticket->ticket_lifetime <= LIFETIME_MOST)
        options->ticket_lifetime = ticket->ticket_lifetime == DAY ? 0 : ticket->ticket_lifetime;
    if (scene->version < VERSION_TLS_1_3)
        return;
    enum { TICKETS_MOST = 16 };
    options->tickets = scene->tickets == 1 ? 0 : MIN(scene->tickets, (unsigned)TICKETS_MOST);
    if (early != NULL)
        options->max_early_data = early->max_early_data_size;
}

void retell_settings(Retelling *retelling, const Message *message, Direction direction)
{
    switch ((int)message->kind) {
    case MESSAGE_ENCRYPTED_EXTENSIONS:
        for (size_t i = 0; i < message->encrypted_extensions.count; i++)
            take_answer(retelling, &message->encrypted_extensions.list[i]);
        return;
    case MESSAGE_SERVER_KEY_EXCHANGE:
        hear_exchange(retelling, &message->server_key_exchange);
        return;
    case MESSAGE_CLIENT_KEY_EXCHANGE:
        hear_client_exchange(retelling, &message->client_key_exchange);
        return;
    case MESSAGE_CERTIFICATE_REQUEST:
        hear_certificate_request(retelling, &message->certificate_request);
        return;
    case MESSAGE_CERTIFICATE_STATUS:
        retelling->server->staples = STAPLE_GOOD;
        return;
    case MESSAGE_CERTIFICATE:
        if (direction == DIRECTION_TO_CLIENT && message->certificate.count > 0 &&
            message->certificate.extras[0].status && retelling->scene.version >= VERSION_TLS_1_3)
            retelling->server->staples = STAPLE_GOOD; /* RFC 8446 4.4.2.1 */
        return;
    case MESSAGE_COMPRESSED_CERTIFICATE:
        retelling->server->options.certificate_compression = true;
        retell_left_out(retelling, g_strdup("the certificate that came compressed: the lab's own "
                                            "stands for it"));
        return;
    case MESSAGE_SERVER_HELLO_DONE:
        full_handshake(retelling);
        return;
    case MESSAGE_NEW_SESSION_TICKET:
        hear_ticket(retelling, &message->new_session_ticket);
        return;
    case MESSAGE_CERTIFICATE_VERIFY:
        if (direction == DIRECTION_TO_CLIENT &&
            scheme_find(message->certificate_verify.algorithm) != NULL)
            retell_add_number(retelling->server->schemes, message->certificate_verify.algorithm);
        return;
    }
}
