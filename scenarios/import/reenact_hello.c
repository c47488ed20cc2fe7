/* What a client's hellos settle, as statements of the client.
 *
 * The first one says nearly all of it: what the laboratory speaks becomes an option or a list,
 * every other extension is sent again byte for byte. A later connection's hello says whether the
 * client still has the sessions that it was given.
 *
 * Sources: RFC 5246 7.4.1.2, RFC 8446 4.1.2 and 4.2, E.2 of RFC 5246 (the old hello), RFC 8701
 * (GREASE), RFC 5746 3.3 and RFC 7507 2 (suites that are none).
 */
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/version.h"
#include "scenarios/import/reenact_parts.h"

static bool is_grease(uint32_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff); /* RFC 8701 2 */
}

bool retell_holds(const GArray *numbers, uint16_t number)
{
    for (guint i = 0; i < numbers->len; i++)
        if (g_array_index(numbers, uint16_t, i) == number)
            return true;
    return false;
}

void retell_add_number(GArray *numbers, uint16_t number)
{
    if (!retell_holds(numbers, number))
        g_array_append_val(numbers, number);
}

/* --- the client's hello --- */

static void take_versions(Retelling *retelling, const ClientHello *hello)
{
    const Extension *offer = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    PlanParty *client = retelling->client;
    Bytes list = offer == NULL ? BYTES_NONE : offer->supported_versions.versions;
    client->last = MIN(hello->client_version, VERSION_TLS_1_2);
    client->first = MIN(client->last, VERSION_TLS_1_0);
    for (size_t at = 0, known = 0; at + 2 <= list.size; at += 2) {
        const Version *version =
            version_find((ProtocolVersion)bytes_number(bytes_slice(list, at, 2)));
        if (version == NULL)
            continue;
        client->first = known == 0 ? version->number : MIN(client->first, version->number);
        client->last = known == 0 ? version->number : MAX(client->last, version->number);
        known++;
    }
    client->options.no_middlebox_compatibility =
        client->last >= VERSION_TLS_1_3 && hello->session_id.size == 0;
}

static void take_suite(Retelling *retelling, uint32_t number, GString *unknown)
{
    EndpointOptions *options = &retelling->client->options;
    if (number == SCSV_EMPTY_RENEGOTIATION_INFO)
        options->binds_by_scsv = true;
    else if (number == SCSV_FALLBACK)
        options->signals_fallback = true;
    else if (is_grease(number))
        options->greases = true;
    else if (suite_find(number) != NULL)
        g_array_append_val(retelling->client->suites, number);
    else
        g_string_append_printf(unknown, "%s0x%04x", unknown->len > 0 ? ", " : "", number);
}

static void take_suites(Retelling *retelling, Bytes list, size_t width)
{
    g_autoptr(GString) unknown = g_string_new(NULL);
    g_array_set_size(retelling->client->suites, 0);
    for (size_t at = 0; at + width <= list.size; at += width)
        take_suite(retelling, (uint32_t)bytes_number(bytes_slice(list, at, width)), unknown);
    if (unknown->len > 0)
        retell_left_out(retelling,
                        g_strdup_printf("suites that do not run here: %s", unknown->str));
}

static void remember_suites(Retelling *retelling, Bytes list, size_t width)
{
    g_array_set_size(retelling->offered, 0);
    for (size_t at = 0; at + width <= list.size; at += width) {
        uint32_t number = (uint32_t)bytes_number(bytes_slice(list, at, width));
        g_array_append_val(retelling->offered, number);
    }
}

/* A list of numbers: those that run here. True when all of them do. */
static bool take_numbers(GArray *to, Bytes list, bool groups)
{
    bool all = true;
    g_array_set_size(to, 0);
    for (size_t at = 0; at + 2 <= list.size; at += 2) {
        uint16_t number = (uint16_t)bytes_number(bytes_slice(list, at, 2));
        bool known = groups ? group_find(number) != NULL : scheme_find(number) != NULL;
        if (known)
            retell_add_number(to, number);
        all = all && (known || is_grease(number));
    }
    return all;
}

static void take_shares(Retelling *retelling, const Extension *extension)
{
    PlanParty *client = retelling->client;
    g_array_set_size(client->shares, 0);
    client->options.no_shares = extension->key_share.count == 0;
    for (size_t i = 0; i < extension->key_share.count; i++) {
        GroupNumber group = extension->key_share.list[i].group;
        if (group_find(group) != NULL)
            retell_add_number(client->shares, group);
        else if (!is_grease(group))
            retell_left_out(
                retelling,
                g_strdup_printf("a key share of group 0x%04x, which does not run here", group));
    }
}

static void send_as_it_is(Retelling *retelling, const Extension *extension)
{
    g_ptr_array_add(retelling->client->raw_extensions,
                    plan_raw_extension_new(extension->type, extension->data));
}

void retell_protocols(PlanParty *party, const Extension *extension)
{
    g_ptr_array_set_size(party->protocols, 0);
    Bytes names = extension->protocols, name;
    while (protocol_next(&names, &name))
        if (g_utf8_validate((const char *)name.data, (gssize)name.size, NULL))
            g_ptr_array_add(party->protocols, g_strndup((const char *)name.data, name.size));
}

static void take_name(Retelling *retelling, const Extension *extension)
{
    PlanParty *client = retelling->client;
    Bytes name =
        extension->server_name.count == 0 ? BYTES_NONE : extension->server_name.list[0].host_name;
    bool fine = name.size > 0 && g_utf8_validate((const char *)name.data, (gssize)name.size, NULL);
    g_free(client->server_name);
    client->server_name = fine ? g_strndup((const char *)name.data, name.size) : NULL;
    g_free(client->expects);
    client->expects = g_strdup(client->server_name);
}

static uint32_t modes_of(Bytes modes)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < modes.size; i++)
        mask |= modes.data[i] == PSK_KE       ? PSK_MODE_KE
                : modes.data[i] == PSK_DHE_KE ? PSK_MODE_DHE_KE
                                              : 0;
    return mask == PSK_MODE_DHE_KE ? 0 : mask;
}

static bool offers_zlib(Bytes algorithms)
{
    return algorithms.size == 2 && bytes_number(algorithms) == CERTIFICATE_COMPRESSION_ZLIB;
}

/* An extension whose value is a list that the laboratory may know only in part. */
static void take_list_extension(Retelling *retelling, const Extension *extension)
{
    PlanParty *client = retelling->client;
    bool groups = extension->type == EXTENSION_SUPPORTED_GROUPS;
    bool all = groups ? take_numbers(client->groups, extension->groups, true)
                      : take_numbers(client->schemes, extension->signature_algorithms, false);
    if (!all)
        send_as_it_is(retelling, extension);
}

/* An extension that is one option; false when it is none. */
static bool take_option(EndpointOptions *options, const Extension *extension)
{
    switch (extension->type) {
    case EXTENSION_MAX_FRAGMENT_LENGTH:
        options->max_fragment_length = extension->max_fragment_length;
        return true;
    case EXTENSION_STATUS_REQUEST:
        options->asks_status = true;
        return true;
    case EXTENSION_HEARTBEAT:
        options->heartbeat = (HeartbeatOption)extension->heartbeat_mode;
        return true;
    case EXTENSION_ENCRYPT_THEN_MAC:
        options->encrypt_then_mac = FEATURE_ON;
        return true;
    case EXTENSION_EXTENDED_MASTER_SECRET:
        options->extended_master_secret = FEATURE_ON;
        return true;
    case EXTENSION_RECORD_SIZE_LIMIT:
        options->record_size_limit = extension->record_size_limit;
        return true;
    case EXTENSION_SESSION_TICKET:
        options->no_tickets = false;
        return true;
    case EXTENSION_PSK_KEY_EXCHANGE_MODES:
        options->no_tickets = false;
        options->psk_modes = modes_of(extension->ke_modes);
        return true;
    case EXTENSION_POST_HANDSHAKE_AUTH:
        options->post_handshake_auth = true;
        return true;
    case EXTENSION_PADDING:
        options->pads_hello = true;
        return true;
    case EXTENSION_COMPRESS_CERTIFICATE:
        options->certificate_compression = offers_zlib(extension->compression_algorithms);
        return options->certificate_compression;
    }
    return false;
}

static void take_extension(Retelling *retelling, const Extension *extension)
{
    EndpointOptions *options = &retelling->client->options;
    if (take_option(options, extension))
        return;
    switch (extension->type) {
    case EXTENSION_SERVER_NAME:
        take_name(retelling, extension);
        return;
    case EXTENSION_SUPPORTED_GROUPS:
    case EXTENSION_SIGNATURE_ALGORITHMS:
        take_list_extension(retelling, extension);
        return;
    case EXTENSION_ALPN:
        retell_protocols(retelling->client, extension);
        return;
    case EXTENSION_KEY_SHARE:
        take_shares(retelling, extension);
        return;
    case EXTENSION_EC_POINT_FORMATS: /* those that follow from the others */
    case EXTENSION_SUPPORTED_VERSIONS:
    case EXTENSION_COOKIE:
    case EXTENSION_EARLY_DATA:
    case EXTENSION_PRE_SHARED_KEY:
    case EXTENSION_RENEGOTIATION_INFO:
        return;
    default:
        if (is_grease(extension->type))
            options->greases = true;
        else
            send_as_it_is(retelling, extension);
    }
}

static void take_order(PlanParty *client, const Extensions *extensions)
{
    g_array_set_size(client->extension_order, 0);
    for (size_t i = 0; i < extensions->count; i++)
        if (!is_grease(extensions->list[i].type))
            retell_add_number(client->extension_order, extensions->list[i].type);
}

static void client_begins(Retelling *retelling, const ClientHello *hello)
{
    PlanParty *client = retelling->client;
    Bytes methods = hello->compression_methods;
    g_clear_pointer(&client->server_name, g_free);
    g_clear_pointer(&client->expects, g_free);
    take_versions(retelling, hello);
    take_suites(retelling, hello->cipher_suites, 2);
    client->options.compresses =
        methods.size > 0 && memchr(methods.data, COMPRESSION_DEFLATE, methods.size) != NULL;
    for (size_t i = 0; i < hello->extensions.count; i++)
        take_extension(retelling, &hello->extensions.list[i]);
    take_order(client, &hello->extensions);
}

/* --- sessions --- */

bool retell_was_given(const Retelling *retelling, Bytes id)
{
    for (guint i = 0; i < retelling->sessions->len && id.size > 0; i++)
        if (bytes_equal(bytes_from_gbytes(g_ptr_array_index(retelling->sessions, i)), id))
            return true;
    return false;
}

void retell_forget(Retelling *retelling, ActKind kind, Role who)
{
    PlanAct *act = plan_act_new(kind);
    act->who = who;
    act->number = kind == ACT_ROTATE_TICKETS && retelling->scene.full; /* and the old are gone */
    g_ptr_array_insert(retelling->plan->acts, (gint)retelling->scene.begins, act);
}

static bool offers_ticket(const Extensions *extensions)
{
    const Extension *ticket = extensions_find(extensions, EXTENSION_SESSION_TICKET);
    return (ticket != NULL && ticket->data.size > 0) ||
           extensions_find(extensions, EXTENSION_PRE_SHARED_KEY) != NULL;
}

/* A later connection offers what an earlier one was given, or its client has thrown that away. */
static void look_back(Retelling *retelling, Bytes session_id, const Extensions *extensions)
{
    Scene *scene = &retelling->scene;
    bool had = retelling->sessions->len > 0 || retelling->tickets > 0;
    scene->ticket = extensions != NULL && offers_ticket(extensions);
    scene->offers = scene->ticket || retell_was_given(retelling, session_id);
    g_clear_pointer(&scene->id, g_bytes_unref);
    scene->id = bytes_copy(session_id);
    if (retelling->connection > 0 && had && !scene->offers && !scene->established)
        retell_forget(retelling, ACT_FORGET, ROLE_CLIENT);
}

/* A pre-shared key that no ticket brought is one that both had before: RFC 8446 2.2. */
void retell_psk(Retelling *retelling, const char *identity, HashKind hash)
{
    static const uint8_t key[32] = "a key that was not in the file";
    PlanParty *parties[] = {retelling->client, retelling->server};
    if (retelling->client->psks->len > 0)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(parties); i++)
        g_ptr_array_add(parties[i]->psks, plan_psk_new(identity, BYTES_ARRAY(key), hash));
    retell_left_out(retelling, g_strdup("the pre-shared key itself: another stands for it"));
}

static void look_for_psk(Retelling *retelling, const Extensions *extensions)
{
    const Extension *offer = extensions_find(extensions, EXTENSION_PRE_SHARED_KEY);
    if (offer == NULL || offer->pre_shared_key.count == 0 || retelling->tickets > 0)
        return;
    Bytes identity = offer->pre_shared_key.identities[0].identity;
    bool text = identity.size > 0 && identity.size < 128; /* a name, and no ticket */
    for (size_t i = 0; i < identity.size; i++)
        text = text && identity.data[i] >= 0x20 && identity.data[i] < 0x7f;
    g_autofree char *name = text ? g_strndup((const char *)identity.data, identity.size)
                                 : g_strdup("a session of before");
    bool sha384 =
        offer->pre_shared_key.binder_count > 0 && offer->pre_shared_key.binders[0].size == 48;
    retell_psk(retelling, name, sha384 ? HASH_SHA384 : HASH_SHA256);
}

static void hear_client_hello(Retelling *retelling, const ClientHello *hello, uint64_t time)
{
    Scene *scene = &retelling->scene;
    const Extension *shares = extensions_find(&hello->extensions, EXTENSION_KEY_SHARE);
    bool first = retelling->connection == 0 && !scene->hello;
    bool again = scene->hello && !scene->established; /* behind a HelloRetryRequest */
    scene->hello = true;
    remember_suites(retelling, hello->cipher_suites, 2);
    if (first)
        client_begins(retelling, hello);
    if (again)
        return;
    if (scene->established && !scene->wished)
        retell_act(retelling, ACT_RENEGOTIATE, ROLE_CLIENT, time);
    if (scene->established) {
        scene->finished[0] = scene->finished[1] = scene->wished = scene->full = false;
        return;
    }
    scene->early = extensions_find(&hello->extensions, EXTENSION_EARLY_DATA) != NULL;
    g_array_set_size(retelling->shares, 0);
    for (size_t i = 0; shares != NULL && i < shares->key_share.count; i++)
        retell_add_number(retelling->shares, shares->key_share.list[i].group);
    look_for_psk(retelling, &hello->extensions);
    look_back(retelling, hello->session_id, &hello->extensions);
}

static void hear_old_hello(Retelling *retelling, const Ssl2Message *hello)
{
    PlanParty *client = retelling->client;
    Scene *scene = &retelling->scene;
    bool first = retelling->connection == 0 && !scene->hello;
    scene->hello = true;
    remember_suites(retelling, hello->cipher_specs, 3);
    if (first) {
        g_clear_pointer(&client->server_name, g_free);
        g_clear_pointer(&client->expects, g_free);
        take_suites(retelling, hello->cipher_specs, 3);
        client->last = hello->version;
        client->first = MIN(hello->version, VERSION_TLS_1_0);
        client->options.ssl2_hello = hello->version > VERSION_SSL_2_0;
        for (guint i = 0; i < client->suites->len; i++)
            if (g_array_index(client->suites, SuiteNumber, i) > G_MAXUINT16)
                client->first = VERSION_SSL_2_0;
    }
    look_back(retelling, hello->session_id, NULL);
}

void retell_hello(Retelling *retelling, const Message *message, uint64_t time)
{
    switch ((int)message->kind) {
    case MESSAGE_CLIENT_HELLO:
        hear_client_hello(retelling, &message->client_hello, time);
        return;
    case MESSAGE_SSL2_CLIENT_HELLO:
        hear_old_hello(retelling, &message->ssl2);
        return;
    case MESSAGE_SERVER_HELLO:
        retell_server_hello(retelling, &message->server_hello);
        return;
    case MESSAGE_HELLO_RETRY_REQUEST:
        retell_retry(retelling, &message->server_hello);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        retell_old_server_hello(retelling, &message->ssl2);
        return;
    }
}
