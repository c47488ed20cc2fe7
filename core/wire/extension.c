/* Extensions: one walk for the block, one for each extension that is known.
 *
 * The shape of an extension depends on the message it stands in, which the walk context tells.
 * Unknown extensions are carried whole and ignored (RFC 5246 7.4.1.4). What an extension means, and
 * whether it was asked for, is the engine's.
 *
 * Obeys RFC 5246 7.4.1.4 and RFC 8446 4.2 (the block), RFC 6066 3, 4, 8, RFC 8422 5.1, RFC 6520 2,
 * RFC 7301 3.1, RFC 8449 4, RFC 8879 3, RFC 5077 3.2, RFC 5746 3.2, RFC 8446 4.2.1 to 4.2.11.
 */
#include "core/wire/extension.h"

#include "core/wire/walks.h"

typedef void (*ExtensionWalk)(Wire *wire, const WalkContext *context, Extension *extension);

/* Extensions whose presence is all they say. */
static void nothing_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)wire;
    (void)context;
    (void)extension;
}

/* RFC 6066 3: a list in a ClientHello, empty in a server's answer. */
static void server_name_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->sender == ROLE_SERVER)
        return;
    size_t *count = &extension->server_name.count;
    wire_open(wire, "server_name_list", -1, 2, 1, LENGTH_16);
    size_t i = 0;
    for (; wire_more(wire, i, *count); i++) {
        wire_check(wire, i < SERVER_NAMES_MOST, "more names in server_name than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        ServerName *name = &extension->server_name.list[i];
        wire_open(wire, "server_name", (int)i, 0, 0, 0);
        wire_u8(wire, "name_type", NUMBER_NAME_TYPE, &name->name_type);
        wire_text(wire, "host_name", 2, 1, LENGTH_16, &name->host_name);
        wire_close(wire);
        for (size_t j = 0; j < i; j++) /* RFC 6066 3 */
            wire_check(wire, extension->server_name.list[j].name_type != name->name_type,
                       "server_name holds two names of one type");
    }
    *count = i;
    wire_close(wire);
}

static void max_fragment_length_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_u8(wire, "max_fragment_length", NUMBER_FRAGMENT_LENGTH, &extension->max_fragment_length);
}

/* A request in a ClientHello (RFC 6066 8); a response with a certificate of TLS 1.3 (RFC 8446
 * 4.4.2.1); empty elsewhere. */
static void status_request_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->message != MESSAGE_CLIENT_HELLO && context->message != MESSAGE_CERTIFICATE)
        return;
    wire_u8(wire, "status_type", NUMBER_STATUS_TYPE, &extension->status_request.status_type);
    if (context->message == MESSAGE_CERTIFICATE) {
        wire_vector(wire, "OCSPResponse", 3, 1, LENGTH_24, &extension->status_request.response);
        return;
    }
    wire_vector(wire, "responder_id_list", 2, 0, LENGTH_16,
                &extension->status_request.responder_id_list);
    wire_vector(wire, "request_extensions", 2, 0, LENGTH_16,
                &extension->status_request.request_extensions);
}

static void supported_groups_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "named_group_list", 2, 2, NUMBER_GROUP, 2, LENGTH_16 - 1,
                 &extension->groups);
}

static void ec_point_formats_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "ec_point_format_list", 1, 1, NUMBER_POINT_FORMAT, 1, LENGTH_8,
                 &extension->point_formats);
}

static void signature_algorithms_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "supported_signature_algorithms", 2, 2, NUMBER_SIGNATURE_SCHEME, 2,
                 LENGTH_16 - 1, &extension->signature_algorithms);
}

static void heartbeat_mode_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    uint8_t *mode = &extension->heartbeat_mode;
    wire_u8(wire, "mode", NUMBER_HEARTBEAT_MODE, mode);
    wire_check(wire, *mode == HEARTBEAT_PEER_ALLOWED || *mode == HEARTBEAT_PEER_NOT_ALLOWED,
               "heartbeat's mode is none of the two"); /* RFC 6520 2 */
}

bool protocol_next(Bytes *names, Bytes *name)
{
    if (names->size == 0 || names->size <= names->data[0])
        return false;
    *name = bytes_slice(*names, 1, names->data[0]);
    *names = bytes_slice(*names, 1 + name->size, names->size);
    return true;
}

static void protocols_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    wire_open(wire, "protocol_name_list", -1, 2, 2, LENGTH_16);
    if (wire->reading && wire->error == WIRE_FINE)
        extension->protocols = bytes_slice(wire->input, wire->at, wire->end - wire->at);
    Bytes rest = extension->protocols, name = BYTES_NONE;
    size_t i = 0;
    for (; wire_more(wire, i, protocol_next(&rest, &name) ? i + 1 : i); i++) {
        wire_open(wire, "protocol", (int)i, 0, 0, 0);
        wire_text(wire, "protocol_name", 1, 1, LENGTH_8, &name);
        wire_close(wire);
    }
    wire_close(wire);
    if (context->sender == ROLE_SERVER) /* RFC 7301 3.1 */
        wire_check(wire, i == 1, "the server's ALPN does not hold exactly one protocol");
}

static void record_size_limit_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_u16(wire, "record_size_limit", NUMBER_PLAIN, &extension->record_size_limit);
    wire_check(wire, extension->record_size_limit >= 64, /* RFC 8449 4 */
               "record_size_limit is below 64");
}

static void compress_certificate_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "algorithms", 1, 2, NUMBER_CERTIFICATE_COMPRESSION, 2, LENGTH_8 - 1,
                 &extension->compression_algorithms);
}

static void session_ticket_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_rest(wire, "ticket", &extension->ticket);
}

/* struct { PskIdentity identities<7..2^16-1>; PskBinderEntry binders<33..2^16-1>; }: RFC
 * 8446 4.2.11
 */
static void psk_offer_walk(Wire *wire, PreSharedKey *psk)
{
    size_t i = 0;
    wire_open(wire, "identities", -1, 2, 7, LENGTH_16);
    for (; wire_more(wire, i, psk->count); i++) {
        wire_check(wire, i < PSKS_MOST, "more identities than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "identity", (int)i, 0, 0, 0);
        wire_vector(wire, "identity", 2, 1, LENGTH_16, &psk->identities[i].identity);
        wire_u32(wire, "obfuscated_ticket_age", NUMBER_PLAIN,
                 &psk->identities[i].obfuscated_ticket_age);
        wire_close(wire);
    }
    psk->count = i;
    wire_close(wire);
    wire_open(wire, "binders", -1, 2, 33, LENGTH_16);
    for (i = 0; wire_more(wire, i, psk->binder_count); i++) {
        wire_check(wire, i < PSKS_MOST, "more binders than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "binder", (int)i, 0, 0, 0);
        wire_vector(wire, "PskBinderEntry", 1, 32, LENGTH_8, &psk->binders[i]);
        wire_close(wire);
    }
    psk->binder_count = i;
    wire_close(wire);
}

static void pre_shared_key_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->sender == ROLE_CLIENT)
        psk_offer_walk(wire, &extension->pre_shared_key);
    else
        wire_u16(wire, "selected_identity", NUMBER_PLAIN,
                 &extension->pre_shared_key.selected_identity);
}

static void early_data_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->message == MESSAGE_NEW_SESSION_TICKET) /* RFC 8446 4.2.10 */
        wire_u32(wire, "max_early_data_size", NUMBER_PLAIN, &extension->max_early_data_size);
}

static void supported_versions_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->sender == ROLE_CLIENT)
        wire_numbers(wire, "versions", 1, 2, NUMBER_VERSION, 2, LENGTH_8 - 1,
                     &extension->supported_versions.versions);
    else
        wire_u16(wire, "selected_version", NUMBER_VERSION,
                 &extension->supported_versions.selected_version);
}

static void cookie_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_vector(wire, "cookie", 2, 1, LENGTH_16, &extension->cookie);
}

static void psk_modes_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "ke_modes", 1, 1, NUMBER_PSK_MODE, 1, LENGTH_8, &extension->ke_modes);
}

static void authorities_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_vector(wire, "authorities", 2, 3, LENGTH_16, &extension->authorities);
}

static void share_walk(Wire *wire, KeyShareEntry *entry)
{
    wire_u16(wire, "group", NUMBER_GROUP, &entry->group);
    wire_vector(wire, "key_exchange", 2, 1, LENGTH_16, &entry->key_exchange);
}

/* RFC 8446 4.2.8: a list, a group asked for, or one share. */
static void key_share_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    size_t i = 0, *count = &extension->key_share.count;
    if (context->message == MESSAGE_HELLO_RETRY_REQUEST) {
        wire_u16(wire, "selected_group", NUMBER_GROUP, &extension->key_share.selected_group);
        return;
    }
    if (context->sender == ROLE_SERVER) {
        share_walk(wire, &extension->key_share.list[0]);
        *count = 1;
        return;
    }
    wire_open(wire, "client_shares", -1, 2, 0, LENGTH_16);
    for (; wire_more(wire, i, *count); i++) {
        wire_check(wire, i < KEY_SHARES_MOST, "more key shares than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        wire_open(wire, "client_share", (int)i, 0, 0, 0);
        share_walk(wire, &extension->key_share.list[i]);
        wire_close(wire);
    }
    *count = i;
    wire_close(wire);
}

static void renegotiation_info_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_vector(wire, "renegotiated_connection", 1, 0, 255, &extension->renegotiated_connection);
}

/* By type; NULL where none is known. */
enum { WALKS = 64 }; /* all types that have a walk are below, but for renegotiation_info */
/* clang-format off */
static const ExtensionWalk walks[WALKS] = {
    [EXTENSION_SERVER_NAME] = server_name_walk,
    [EXTENSION_MAX_FRAGMENT_LENGTH] = max_fragment_length_walk,
    [EXTENSION_STATUS_REQUEST] = status_request_walk,
    [EXTENSION_SUPPORTED_GROUPS] = supported_groups_walk,
    [EXTENSION_EC_POINT_FORMATS] = ec_point_formats_walk,
    [EXTENSION_SIGNATURE_ALGORITHMS] = signature_algorithms_walk,
    [EXTENSION_HEARTBEAT] = heartbeat_mode_walk,
    [EXTENSION_ALPN] = protocols_walk,
    [EXTENSION_ENCRYPT_THEN_MAC] = nothing_walk,
    [EXTENSION_EXTENDED_MASTER_SECRET] = nothing_walk,
    [EXTENSION_COMPRESS_CERTIFICATE] = compress_certificate_walk,
    [EXTENSION_RECORD_SIZE_LIMIT] = record_size_limit_walk,
    [EXTENSION_SESSION_TICKET] = session_ticket_walk,
    [EXTENSION_PRE_SHARED_KEY] = pre_shared_key_walk,
    [EXTENSION_EARLY_DATA] = early_data_walk,
    [EXTENSION_SUPPORTED_VERSIONS] = supported_versions_walk,
    [EXTENSION_COOKIE] = cookie_walk,
    [EXTENSION_PSK_KEY_EXCHANGE_MODES] = psk_modes_walk,
    [EXTENSION_CERTIFICATE_AUTHORITIES] = authorities_walk,
    [EXTENSION_POST_HANDSHAKE_AUTH] = nothing_walk,
    [EXTENSION_SIGNATURE_ALGORITHMS_CERT] = signature_algorithms_walk,
    [EXTENSION_DELEGATED_CREDENTIAL] = signature_algorithms_walk,
    [EXTENSION_KEY_SHARE] = key_share_walk,
};
/* clang-format on */

static ExtensionWalk walk_of(uint16_t type)
{
    if (type == EXTENSION_RENEGOTIATION_INFO) /* 0xff01: RFC 5746 3.2 */
        return renegotiation_info_walk;
    return type < WALKS ? walks[type] : NULL;
}

static void extension_data_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (wire->reading)
        extension->raw = false;
    if (wire->reading)
        extension->data = bytes_slice(wire->input, wire->at, wire->end - wire->at);
    ExtensionWalk walk = extension->raw ? NULL : walk_of(extension->type);
    extension->known = walk != NULL;
    if (walk != NULL)
        walk(wire, context, extension);
    else
        wire_rest(wire, "data", &extension->data);
}

/* The name of an extension's group is its own, so that a path can say "extensions/server_name". */
static const char *extension_name(const Wire *wire, uint16_t type)
{
    if (wire->spans == NULL) /* a name is for the map */
        return "extension";
    if (wire->reading && wire->end - wire->at >= 2)
        type = (uint16_t)bytes_number(bytes_slice(wire->input, wire->at, 2));
    const char *name = number_name(NUMBER_EXTENSION, type);
    return name == NULL ? "extension" : name;
}

void extensions_walk(Wire *wire, const WalkContext *context, Extensions *extensions)
{
    /* reading, the struct holds nothing yet */
    extensions->present = wire_more(wire, 0, !wire->reading && extensions->present);
    if (extensions->present)
        extensions_block_walk(wire, context, extensions);
}

static void extension_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (wire->reading)
        extension_clear(extension, 0); /* it may hold what another message left */
    wire_open(wire, extension_name(wire, extension->type), -1, 0, 0, 0);
    wire_u16(wire, "extension_type", NUMBER_EXTENSION, &extension->type);
    wire_open(wire, "extension_data", -1, 2, 0, LENGTH_16);
    extension_data_walk(wire, context, extension);
    wire_close(wire);
    wire_close(wire);
}

/* One of a type: RFC 5246 7.4.1.4, RFC 8446 4.2. */
static void once(Wire *wire, const Extensions *extensions, size_t count, uint16_t type)
{
    for (size_t i = 0; i < count; i++)
        wire_check(wire, extensions->list[i].type != type, "the same extension stands there twice");
}

/* Whether the one that is read next is of a type that has no name here, and of these one too many.
 */
static bool is_beyond(const Wire *wire, size_t *unknown)
{
    if (!wire->reading || wire->end - wire->at < 2)
        return false;
    uint16_t type = (uint16_t)bytes_number(bytes_slice(wire->input, wire->at, 2));
    return walk_of(type) == NULL && number_name(NUMBER_EXTENSION, type) == NULL &&
           ++*unknown > UNKNOWN_EXTENSIONS_MOST;
}

/* Of those that are let go: `seen` has a bit for every type. */
static void once_beyond(Wire *wire, uint8_t **seen, uint16_t type)
{
    enum { TYPES = 65536 };
    if (*seen == NULL)
        *seen = g_malloc0(TYPES / 8);
    wire_check(wire, ((*seen)[type / 8] >> type % 8 & 1) == 0,
               "the same extension stands there twice");
    (*seen)[type / 8] |= (uint8_t)(1 << type % 8);
}

/* Reading, unknown ones beyond a limit leave no room taken: they are read and let go, be they
 * thousands (RFC 8446 4.1.2); where they may not be, those up to the limit tell. */
void extensions_block_walk(Wire *wire, const WalkContext *context, Extensions *extensions)
{
    size_t i = 0, unknown = 0;
    Extension let_go;
    g_autofree uint8_t *seen = NULL;
    let_go.type = 0;
    extensions->present = true;
    wire_open(wire, "extensions", -1, 2, 0, LENGTH_16);
    while (wire_more(wire, i, extensions->count)) {
        bool beyond = is_beyond(wire, &unknown);
        extensions->ends_beyond = beyond;
        wire_check(wire, beyond || i < EXTENSIONS_MOST, "more extensions than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        Extension *room = beyond ? &let_go : &extensions->list[i];
        extension_walk(wire, context, room); /* in one place: it is most of the work */
        once(wire, extensions, i, room->type);
        if (beyond)
            once_beyond(wire, &seen, room->type);
        else
            i++;
    }
    extensions->count = i;
    wire_close(wire);
}

/* All but the lists: what stands ahead of them, and the members that are none. */
void extension_clear(Extension *extension, uint16_t type)
{
    enum { CLEARED = offsetof(Extension, status_request) + sizeof extension->status_request };
    G_STATIC_ASSERT(offsetof(Extension, server_name.list) <= CLEARED);
    G_STATIC_ASSERT(offsetof(Extension, pre_shared_key.identities) <= CLEARED);
    G_STATIC_ASSERT(offsetof(Extension, key_share.list) <= CLEARED);
    G_STATIC_ASSERT(
        offsetof(Extension, supported_versions) + sizeof extension->supported_versions <= CLEARED);
    memset(extension, 0, CLEARED);
    extension->type = type;
    extension->known = true;
}

const Extension *extensions_find(const Extensions *extensions, uint16_t type)
{
    for (size_t i = 0; extensions->present && i < extensions->count; i++)
        if (extensions->list[i].type == type)
            return &extensions->list[i];
    return NULL;
}
