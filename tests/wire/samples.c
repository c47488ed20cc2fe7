/* Random values of every message and extension: what the wire's tests write, read and break.
 *
 * One row for each message and one for each extension. The tests ask the wire itself which it
 * knows, so one without a row here is found out. Values keep to the bounds of their RFC
 * declarations, and to nothing else: whether they make sense is no matter of the wire.
 */
#include "tests/wire/samples.h"

#include <string.h>

Maker maker_new(guint32 seed)
{
    return (Maker){g_rand_new_with_seed(seed), g_ptr_array_new_with_free_func(g_free)};
}

void maker_forget(Maker *maker)
{
    g_ptr_array_set_size(maker->store, 0);
}

void maker_free(Maker *maker)
{
    g_rand_free(maker->rand);
    g_ptr_array_unref(maker->store);
}

size_t below(Maker *maker, size_t bound)
{
    return (size_t)g_rand_int_range(maker->rand, 0, (gint32)bound);
}

Bytes some(Maker *maker, size_t size)
{
    guint8 *data = g_malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        data[i] = (guint8)g_rand_int(maker->rand);
    g_ptr_array_add(maker->store, data);
    return bytes_make(data, size);
}

static uint16_t some_16(Maker *maker)
{
    return (uint16_t)below(maker, 0x10000);
}

/* A list of numbers of `item` bytes each, not empty. */
static Bytes numbers(Maker *maker, size_t item, size_t most)
{
    return some(maker, item * (1 + below(maker, most)));
}

#define EXTENSION(name)                                                                            \
    static void name(Maker *maker, const WalkContext *context, Extension *extension)

EXTENSION(make_nothing)
{
    (void)maker;
    (void)context;
    (void)extension;
}

EXTENSION(make_server_name)
{
    size_t *count = &extension->server_name.count;
    *count = context->sender == ROLE_CLIENT ? 1 + below(maker, SERVER_NAMES_MOST) : 0;
    for (size_t i = 0; i < *count; i++)
        extension->server_name.list[i] =
            (ServerName){(uint8_t)(i * 7), some(maker, 1 + below(maker, 30))};
}

EXTENSION(make_fragment)
{
    (void)context;
    extension->max_fragment_length = (uint8_t)(1 + below(maker, 4));
}

EXTENSION(make_status)
{
    if (context->message != MESSAGE_CLIENT_HELLO)
        return;
    extension->status_request.status_type = STATUS_TYPE_OCSP;
    extension->status_request.responder_id_list = some(maker, below(maker, 20));
    extension->status_request.request_extensions = some(maker, below(maker, 20));
}

EXTENSION(make_groups)
{
    (void)context;
    extension->groups = numbers(maker, 2, 10);
}

EXTENSION(make_point_formats)
{
    (void)context;
    extension->point_formats = numbers(maker, 1, 4);
}

EXTENSION(make_schemes)
{
    (void)context;
    extension->signature_algorithms = numbers(maker, 2, 10);
}

EXTENSION(make_heartbeat_mode)
{
    (void)context;
    extension->heartbeat_mode = (uint8_t)(1 + below(maker, 2));
}

EXTENSION(make_protocols)
{
    enum { NAMES = 40, SIZE = 12 };
    size_t count = context->sender == ROLE_CLIENT ? 1 + below(maker, NAMES) : 1;
    Bytes list = some(maker, NAMES * (1 + SIZE));
    uint8_t *at = g_ptr_array_index(maker->store, maker->store->len - 1);
    for (size_t i = 0; i < count; i++) {
        *at = (uint8_t)(1 + below(maker, SIZE));
        at += 1 + *at;
    }
    extension->protocols = bytes_make(list.data, (size_t)(at - list.data));
}

EXTENSION(make_compression)
{
    (void)context;
    extension->compression_algorithms = numbers(maker, 2, 4);
}

EXTENSION(make_size_limit)
{
    (void)context;
    extension->record_size_limit = (uint16_t)(64 + below(maker, 0x10000 - 64));
}

EXTENSION(make_ticket)
{
    (void)context;
    extension->ticket = some(maker, below(maker, 100));
}

EXTENSION(make_psk)
{
    PreSharedKey *psk = &extension->pre_shared_key;
    if (context->sender == ROLE_SERVER) {
        psk->selected_identity = some_16(maker);
        return;
    }
    psk->count = 1 + below(maker, PSKS_MOST);
    psk->binder_count = psk->count;
    for (size_t i = 0; i < psk->count; i++) {
        psk->identities[i] =
            (PskIdentity){some(maker, 1 + below(maker, 60)), g_rand_int(maker->rand)};
        psk->binders[i] = some(maker, 32 + below(maker, 17));
    }
}

EXTENSION(make_early_data)
{
    if (context->message == MESSAGE_NEW_SESSION_TICKET)
        extension->max_early_data_size = g_rand_int(maker->rand);
}

EXTENSION(make_versions)
{
    if (context->sender == ROLE_CLIENT)
        extension->supported_versions.versions = numbers(maker, 2, 5);
    else
        extension->supported_versions.selected_version = some_16(maker);
}

EXTENSION(make_cookie)
{
    (void)context;
    extension->cookie = some(maker, 1 + below(maker, 60));
}

EXTENSION(make_modes)
{
    (void)context;
    extension->ke_modes = numbers(maker, 1, 3);
}

EXTENSION(make_authorities)
{
    (void)context;
    extension->authorities = some(maker, 3 + below(maker, 60));
}

EXTENSION(make_key_share)
{
    size_t *count = &extension->key_share.count;
    if (context->message == MESSAGE_HELLO_RETRY_REQUEST) {
        extension->key_share.selected_group = some_16(maker);
        return;
    }
    *count = context->sender == ROLE_CLIENT ? below(maker, KEY_SHARES_MOST + 1) : 1;
    for (size_t i = 0; i < *count; i++)
        extension->key_share.list[i] =
            (KeyShareEntry){some_16(maker), some(maker, 1 + below(maker, 70))};
}

EXTENSION(make_renegotiation)
{
    (void)context;
    extension->renegotiated_connection = some(maker, below(maker, 73));
}

/* clang-format off */
static const struct {
    uint16_t type;
    void (*make)(Maker *maker, const WalkContext *context, Extension *extension);
} extensions[] = {
    {EXTENSION_SERVER_NAME, make_server_name},
    {EXTENSION_MAX_FRAGMENT_LENGTH, make_fragment},
    {EXTENSION_STATUS_REQUEST, make_status},
    {EXTENSION_SUPPORTED_GROUPS, make_groups},
    {EXTENSION_EC_POINT_FORMATS, make_point_formats},
    {EXTENSION_SIGNATURE_ALGORITHMS, make_schemes},
    {EXTENSION_HEARTBEAT, make_heartbeat_mode},
    {EXTENSION_ALPN, make_protocols},
    {EXTENSION_ENCRYPT_THEN_MAC, make_nothing},
    {EXTENSION_EXTENDED_MASTER_SECRET, make_nothing},
    {EXTENSION_COMPRESS_CERTIFICATE, make_compression},
    {EXTENSION_RECORD_SIZE_LIMIT, make_size_limit},
    {EXTENSION_SESSION_TICKET, make_ticket},
    {EXTENSION_PRE_SHARED_KEY, make_psk},
    {EXTENSION_EARLY_DATA, make_early_data},
    {EXTENSION_SUPPORTED_VERSIONS, make_versions},
    {EXTENSION_COOKIE, make_cookie},
    {EXTENSION_PSK_KEY_EXCHANGE_MODES, make_modes},
    {EXTENSION_CERTIFICATE_AUTHORITIES, make_authorities},
    {EXTENSION_POST_HANDSHAKE_AUTH, make_nothing},
    {EXTENSION_SIGNATURE_ALGORITHMS_CERT, make_schemes},
    {EXTENSION_DELEGATED_CREDENTIAL, make_schemes},
    {EXTENSION_KEY_SHARE, make_key_share},
    {EXTENSION_RENEGOTIATION_INFO, make_renegotiation},
};
/* clang-format on */

bool sample_extension_exists(uint16_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (extensions[i].type == type)
            return true;
    return false;
}

/* Each one of them every now and then, and two that nobody knows. */
static void make_extensions(Maker *maker, const WalkContext *context, MessageKind kind,
                            Extensions *block)
{
    static const uint16_t unknown[] = {18, 0x9999};
    WalkContext inside = *context;
    inside.message = kind;
    block->present = true;
    for (size_t i = 0; i < G_N_ELEMENTS(extensions); i++) {
        if (below(maker, 3) > 0)
            continue;
        Extension *extension = &block->list[block->count++];
        extension->type = extensions[i].type;
        extensions[i].make(maker, &inside, extension);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        if (below(maker, 2) > 0)
            continue;
        Extension *extension = &block->list[block->count++];
        extension->type = unknown[i];
        extension->data = some(maker, below(maker, 40));
    }
}

#define MESSAGE(name) static void name(Maker *maker, const WalkContext *context, Message *message)

MESSAGE(make_empty)
{
    (void)maker;
    (void)context;
    (void)message;
}

MESSAGE(make_client_hello)
{
    ClientHello *hello = &message->client_hello;
    hello->client_version = some_16(maker);
    hello->random = some(maker, RANDOM_SIZE);
    hello->session_id = some(maker, below(maker, SESSION_ID_MOST + 1));
    hello->cipher_suites = numbers(maker, 2, 60);
    hello->compression_methods = numbers(maker, 1, 5);
    if (below(maker, 4) > 0)
        make_extensions(maker, context, message->kind, &hello->extensions);
}

MESSAGE(make_server_hello)
{
    ServerHello *hello = &message->server_hello;
    hello->server_version = some_16(maker);
    hello->random = message->kind == MESSAGE_HELLO_RETRY_REQUEST ? BYTES_ARRAY(hello_retry_random)
                                                                 : some(maker, RANDOM_SIZE);
    hello->session_id = some(maker, below(maker, SESSION_ID_MOST + 1));
    hello->cipher_suite = some_16(maker);
    hello->compression_method = (uint8_t)below(maker, 256);
    if (below(maker, 4) > 0)
        make_extensions(maker, context, message->kind, &hello->extensions);
}

MESSAGE(make_ticket_message)
{
    NewSessionTicket *ticket = &message->new_session_ticket;
    ticket->ticket_lifetime = g_rand_int(maker->rand);
    ticket->ticket = some(maker, 1 + below(maker, 200));
    if (context->version < VERSION_TLS_1_3)
        return;
    ticket->ticket_age_add = g_rand_int(maker->rand);
    ticket->ticket_nonce = some(maker, below(maker, 256));
    make_extensions(maker, context, message->kind, &ticket->extensions);
}

MESSAGE(make_encrypted_extensions)
{
    make_extensions(maker, context, message->kind, &message->encrypted_extensions);
}

MESSAGE(make_certificate)
{
    CertificateMessage *certificate = &message->certificate;
    bool tls13 = context->version >= VERSION_TLS_1_3;
    certificate->request_context = tls13 ? some(maker, below(maker, 256)) : BYTES_NONE;
    certificate->count = below(maker, 4);
    for (size_t i = 0; i < certificate->count; i++) {
        certificate->list[i] = some(maker, 1 + below(maker, 300));
        certificate->extras[i].status = tls13 && below(maker, 2) > 0;
        if (certificate->extras[i].status)
            certificate->extras[i].response = some(maker, 1 + below(maker, 100));
    }
}

MESSAGE(make_compressed_certificate)
{
    (void)context;
    message->compressed_certificate = (CompressedCertificate){
        some_16(maker), (uint32_t)below(maker, 1 << 24), some(maker, 1 + below(maker, 200))};
}

MESSAGE(make_server_key_exchange)
{
    ServerKeyExchange *exchange = &message->server_key_exchange;
    Authentication by = key_exchange(context->key_exchange)->authentication;
    exchange->rsa_modulus = some(maker, 1 + below(maker, 100));
    exchange->rsa_exponent = some(maker, 1 + below(maker, 5));
    exchange->dh_p = some(maker, 1 + below(maker, 100));
    exchange->dh_g = some(maker, 1 + below(maker, 100));
    exchange->dh_ys = some(maker, 1 + below(maker, 100));
    exchange->curve_type = CURVE_TYPE_NAMED;
    exchange->named_curve = some_16(maker);
    exchange->point = some(maker, 1 + below(maker, 255));
    exchange->psk_identity_hint = some(maker, below(maker, 60));
    if (by == AUTHENTICATION_NONE || by == AUTHENTICATION_PSK)
        return;
    exchange->algorithm = context->version >= VERSION_TLS_1_2 ? some_16(maker) : 0;
    exchange->signature = some(maker, below(maker, 100));
}

MESSAGE(make_certificate_request)
{
    CertificateRequest *request = &message->certificate_request;
    if (context->version >= VERSION_TLS_1_3) {
        request->request_context = some(maker, below(maker, 256));
        make_extensions(maker, context, message->kind, &request->extensions);
        return;
    }
    request->certificate_types = numbers(maker, 1, 5);
    if (context->version >= VERSION_TLS_1_2)
        request->supported_signature_algorithms = numbers(maker, 2, 10);
    request->count = below(maker, 4);
    for (size_t i = 0; i < request->count; i++)
        request->certificate_authorities[i] = some(maker, 1 + below(maker, 100));
}

MESSAGE(make_certificate_verify)
{
    message->certificate_verify = (CertificateVerify){
        context->version >= VERSION_TLS_1_2 ? some_16(maker) : 0, some(maker, below(maker, 300))};
}

MESSAGE(make_client_key_exchange)
{
    (void)context;
    message->client_key_exchange =
        (ClientKeyExchange){some(maker, below(maker, 300)), some(maker, 1 + below(maker, 100)),
                            some(maker, 1 + below(maker, 255)), some(maker, below(maker, 100))};
}

MESSAGE(make_finished)
{
    size_t size = context->version == VERSION_SSL_3_0   ? 36
                  : context->version >= VERSION_TLS_1_3 ? 32 + 16 * below(maker, 2)
                                                        : 12;
    message->finished.verify_data = some(maker, size);
}

MESSAGE(make_certificate_status)
{
    (void)context;
    message->certificate_status =
        (CertificateStatus){STATUS_TYPE_OCSP, some(maker, 1 + below(maker, 200))};
}

MESSAGE(make_key_update)
{
    (void)context;
    message->key_update = (uint8_t)below(maker, 2);
}

MESSAGE(make_change_cipher_spec)
{
    (void)maker;
    (void)context;
    message->change_cipher_spec = 1;
}

MESSAGE(make_alert)
{
    (void)context;
    message->alert = (Alert){(uint8_t)below(maker, 256), (uint8_t)below(maker, 256)};
}

MESSAGE(make_application_data)
{
    (void)context;
    message->application_data = some(maker, below(maker, 100));
}

MESSAGE(make_heartbeat)
{
    (void)context;
    Bytes payload = some(maker, below(maker, 60));
    message->heartbeat = (Heartbeat){(uint8_t)below(maker, 256), (uint16_t)payload.size, payload,
                                     some(maker, 16 + below(maker, 20))};
}

/* One struct for all nine: each writes what it has. */
MESSAGE(make_ssl2)
{
    (void)context;
    message->ssl2 = (Ssl2Message){
        .version = some_16(maker),
        .cipher_specs = numbers(maker, 3, 10),
        .session_id = some(maker, below(maker, 33)),
        .challenge = some(maker, 16 + below(maker, 17)),
        .session_id_hit = (uint8_t)below(maker, 2),
        .certificate_type = (uint8_t)below(maker, 256),
        .certificate = some(maker, below(maker, 200)),
        .connection_id = some(maker, below(maker, 33)),
        .cipher_kind = (uint32_t)below(maker, 1 << 24),
        .clear_key = some(maker, below(maker, 20)),
        .encrypted_key = some(maker, below(maker, 100)),
        .key_arg = some(maker, below(maker, 10)),
        .authentication_type = (uint8_t)below(maker, 256),
        .response = some(maker, below(maker, 100)),
        .error_code = some_16(maker),
    };
}

/* In which versions, and who sends it. */
enum { BY_CLIENT = 1, BY_SERVER = 2, BY_BOTH = 3 };

/* clang-format off */
#define SSL2 VERSION_SSL_2_0
#define SSL3 VERSION_SSL_3_0
#define T10 VERSION_TLS_1_0
#define T12 VERSION_TLS_1_2
#define T13 VERSION_TLS_1_3
static const struct {
    MessageKind kind;
    ProtocolVersion first, last;
    unsigned by;
    void (*make)(Maker *maker, const WalkContext *context, Message *message);
} messages[] = {
    {MESSAGE_HELLO_REQUEST, SSL3, T12, BY_SERVER, make_empty},
    {MESSAGE_CLIENT_HELLO, SSL3, T13, BY_CLIENT, make_client_hello},
    {MESSAGE_SERVER_HELLO, SSL3, T13, BY_SERVER, make_server_hello},
    {MESSAGE_HELLO_RETRY_REQUEST, T13, T13, BY_SERVER, make_server_hello},
    {MESSAGE_NEW_SESSION_TICKET, T10, T13, BY_SERVER, make_ticket_message},
    {MESSAGE_END_OF_EARLY_DATA, T13, T13, BY_CLIENT, make_empty},
    {MESSAGE_ENCRYPTED_EXTENSIONS, T13, T13, BY_SERVER, make_encrypted_extensions},
    {MESSAGE_CERTIFICATE, SSL3, T13, BY_BOTH, make_certificate},
    {MESSAGE_SERVER_KEY_EXCHANGE, SSL3, T12, BY_SERVER, make_server_key_exchange},
    {MESSAGE_CERTIFICATE_REQUEST, SSL3, T13, BY_SERVER, make_certificate_request},
    {MESSAGE_SERVER_HELLO_DONE, SSL3, T12, BY_SERVER, make_empty},
    {MESSAGE_CERTIFICATE_VERIFY, SSL3, T13, BY_BOTH, make_certificate_verify},
    {MESSAGE_CLIENT_KEY_EXCHANGE, SSL3, T12, BY_CLIENT, make_client_key_exchange},
    {MESSAGE_FINISHED, SSL3, T13, BY_BOTH, make_finished},
    {MESSAGE_CERTIFICATE_STATUS, T10, T12, BY_SERVER, make_certificate_status},
    {MESSAGE_KEY_UPDATE, T13, T13, BY_BOTH, make_key_update},
    {MESSAGE_COMPRESSED_CERTIFICATE, T13, T13, BY_BOTH, make_compressed_certificate},
    {MESSAGE_CHANGE_CIPHER_SPEC, SSL3, T13, BY_BOTH, make_change_cipher_spec},
    {MESSAGE_ALERT, SSL3, T13, BY_BOTH, make_alert},
    {MESSAGE_APPLICATION_DATA, SSL3, T13, BY_BOTH, make_application_data},
    {MESSAGE_HEARTBEAT, T10, T13, BY_BOTH, make_heartbeat},
    {MESSAGE_SSL2_ERROR, SSL2, SSL2, BY_BOTH, make_ssl2},
    {MESSAGE_SSL2_CLIENT_HELLO, SSL2, T12, BY_CLIENT, make_ssl2},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, SSL2, SSL2, BY_CLIENT, make_ssl2},
    {MESSAGE_SSL2_CLIENT_FINISHED, SSL2, SSL2, BY_CLIENT, make_ssl2},
    {MESSAGE_SSL2_SERVER_HELLO, SSL2, SSL2, BY_SERVER, make_ssl2},
    {MESSAGE_SSL2_SERVER_VERIFY, SSL2, SSL2, BY_SERVER, make_ssl2},
    {MESSAGE_SSL2_SERVER_FINISHED, SSL2, SSL2, BY_SERVER, make_ssl2},
    {MESSAGE_SSL2_REQUEST_CERTIFICATE, SSL2, SSL2, BY_SERVER, make_ssl2},
    {MESSAGE_SSL2_CLIENT_CERTIFICATE, SSL2, SSL2, BY_CLIENT, make_ssl2},
};
#undef SSL2
#undef SSL3
#undef T10
#undef T12
#undef T13
/* clang-format on */

size_t sample_count(void)
{
    return G_N_ELEMENTS(messages);
}

MessageKind sample_kind(size_t index)
{
    return messages[index].kind;
}

static size_t sample_row(MessageKind kind)
{
    size_t i = 0;
    while (i < G_N_ELEMENTS(messages) && messages[i].kind != kind)
        i++;
    return i;
}

bool sample_exists(MessageKind kind)
{
    return sample_row(kind) < G_N_ELEMENTS(messages);
}

bool sample_fits(MessageKind kind, const WalkContext *context)
{
    size_t row = sample_row(kind);
    bool exchange = kind == MESSAGE_SERVER_KEY_EXCHANGE || kind == MESSAGE_CLIENT_KEY_EXCHANGE;
    return context->version >= messages[row].first && context->version <= messages[row].last &&
           (messages[row].by & (context->sender == ROLE_CLIENT ? BY_CLIENT : BY_SERVER)) != 0 &&
           (exchange || context->key_exchange == 0);
}

Message sample_make(Maker *maker, MessageKind kind, const WalkContext *context)
{
    Message message = {.kind = kind};
    messages[sample_row(kind)].make(maker, context, &message);
    return message;
}
