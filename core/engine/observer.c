/* Reading a connection from outside, SSL 3.0 to TLS 1.2, and what all versions share.
 *
 * The observer follows the hellos for randoms, suite and extensions, and each ChangeCipherSpec for
 * the moment from which a direction is closed. The master secret comes from the key log, from the
 * premaster secret if the server's RSA key opens ClientKeyExchange, or from the session that is
 * resumed, if its making was seen. Whatever is missing is said in words: most of all that a key
 * exchange with ephemeral keys leaves nothing to open with the server's key.
 *
 * Sources: RFC 5246 7.4.7.1 (premaster), F.1.1.2 and F.1.1.3 (what the server's key opens), RFC
 * 7627 4, RFC 7366 3, RFC 3749 2, RFC 5077 3.4, RFC 9850 3 (labels), RFC 5246 E.2 (old hello).
 */
#include "core/engine/observer.h"

#include <string.h>

#include "core/engine/observe.h"

Role observed_sender(Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
}

static void side_clear(ObservedSide *side)
{
    protection_free(side->protection);
    ssl2_protection_free(side->ssl2);
    compression_free(side->inflate);
    if (side->partial != NULL)
        g_byte_array_unref(side->partial);
    *side = (ObservedSide){0};
}

static void forget_handshake(Observer *observer)
{
    g_clear_pointer(&observer->offered_suites, g_bytes_unref);
    g_clear_pointer(&observer->client_id, g_bytes_unref);
    g_clear_pointer(&observer->session_id, g_bytes_unref);
    g_clear_pointer(&observer->ticket, g_bytes_unref);
    g_byte_array_set_size(observer->transcript, 0);
    observer->extended = observer->encrypt_then_mac = observer->deflate = false;
    observer->early = observer->exchanged = observer->known = false;
}

Observer *observer_new(const ObserverKeys *keys, ObserverVisit visit, void *data)
{
    Observer *observer = g_new0(Observer, 1);
    observer->keys = *keys;
    observer->visit = visit;
    observer->data = data;
    observer->sessions = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, (GDestroyNotify)g_bytes_unref);
    observer->random = random_new(0, "observer");
    observer->transcript = g_byte_array_new();
    observer_connect(observer);
    return observer;
}

void observer_free(Observer *observer)
{
    if (observer == NULL)
        return;
    forget_handshake(observer);
    for (int i = 0; i < 2; i++)
        side_clear(&observer->sides[i]);
    g_hash_table_unref(observer->sessions);
    random_free(observer->random);
    g_byte_array_unref(observer->transcript);
    g_free(observer->why);
    g_free(observer);
}

void observer_connect(Observer *observer)
{
    forget_handshake(observer);
    for (int i = 0; i < 2; i++) {
        side_clear(&observer->sides[i]);
        observer->sides[i].partial = g_byte_array_new();
    }
    observer->version = NULL;
    observer->suite = NULL;
    observer->ssl2 = false;
    g_clear_pointer(&observer->why, g_free);
}

WalkContext observer_context(const Observer *observer, Direction direction)
{
    return (WalkContext){
        .version = observer->version == NULL ? VERSION_TLS_1_3 : observer->version->number,
        .key_exchange = observer->suite == NULL ? KEY_EXCHANGE_RSA : observer->suite->key_exchange,
        .sender = observed_sender(direction),
    };
}

void observe_show(Observer *observer, Direction direction, MessageKind kind, Bytes bytes,
                  bool secret)
{
    const Observed observed = {
        .direction = direction,
        .kind = kind,
        .bytes = bytes,
        .secret = secret,
        .record = observer->sides[direction].records,
        .why = kind == MESSAGE_NONE ? observer->why : NULL,
        .opened = secret && kind != MESSAGE_NONE ? observer->opened : NULL,
    };
    observer->visit(observer->data, &observed);
}

void observe_closed(Observer *observer, const char *why)
{
    if (observer->why == NULL)
        observer->why = g_strdup(why);
}

/* --- secrets --- */

size_t observe_secret(const Observer *observer, const char *label, uint8_t *output)
{
    if (observer->keys.secret == NULL)
        return 0;
    return observer->keys.secret(observer->keys.data, label, BYTES_ARRAY(observer->client_random),
                                 output);
}

bool observe_decrypt(const Observer *observer, Bytes cipher, GByteArray *block, Bytes *message)
{
    return observer->keys.rsa != NULL &&
           private_key_decrypt(observer->keys.rsa, cipher, block, message);
}

static void remember(Observer *observer, Bytes name)
{
    if (name.size > 0 && observer->known)
        g_hash_table_replace(observer->sessions, bytes_copy(name),
                             bytes_copy(BYTES_ARRAY(observer->master)));
}

static bool recall(Observer *observer, GBytes *name)
{
    GBytes *master = name == NULL ? NULL : g_hash_table_lookup(observer->sessions, name);
    if (master == NULL || g_bytes_get_size(master) != MASTER_SECRET_SIZE)
        return false;
    memcpy(observer->master, g_bytes_get_data(master, NULL), MASTER_SECRET_SIZE);
    return true;
}

/* The premaster secret itself, as NSS's oldest key logs have it: named by the first bytes of what
 * encrypts it. */
static bool look_up_premaster(const Observer *observer, Bytes cipher, uint8_t *secret)
{
    enum { NAME_SIZE = 8 };
    return observer->keys.secret != NULL &&
           observer->keys.secret(observer->keys.data, "RSA", bytes_slice(cipher, 0, NAME_SIZE),
                                 secret) == PREMASTER_SIZE;
}

/* ClientKeyExchange, to the server's key: RFC 5246 8.1.1. */
static void open_premaster(Observer *observer, Bytes cipher)
{
    uint8_t hash[HASH_SIZE_MOST], secret[HASH_SIZE_MOST];
    TranscriptHash said = {0};
    BUFFER_SCOPED block = buffer_take();
    Bytes premaster = BYTES_NONE;
    if (observer->suite == NULL || observer->suite->key_exchange != KEY_EXCHANGE_RSA)
        return;
    bool logged = look_up_premaster(observer, cipher, secret);
    if (logged)
        premaster = bytes_make(secret, PREMASTER_SIZE);
    else if (!observe_decrypt(observer, cipher, block, &premaster) ||
             premaster.size != PREMASTER_SIZE)
        return;
    if (observer->extended) {
        transcript_hash_update(&said, observer->version, observer->suite,
                               bytes_from_array(observer->transcript));
        size_t size = transcript_hash_value(&said, hash); /* RFC 7627 3 */
        schedule_extended_master_secret(observer->version, observer->suite, premaster,
                                        bytes_make(hash, size), observer->master);
    } else {
        schedule_master_secret(observer->version, observer->suite, premaster,
                               BYTES_ARRAY(observer->client_random),
                               BYTES_ARRAY(observer->server_random), observer->master);
    }
    observer->known = true;
    observer->opened = logged ? "the key log" : "the server's RSA key";
}

/* Why nothing that the observer holds leads to the master secret. */
static void explain(Observer *observer)
{
    const KeyExchange *exchange = key_exchange(observer->suite->key_exchange);
    g_autofree char *why = NULL;
    if (observer->keys.rsa == NULL)
        why =
            g_strdup(observer->keys.secret == NULL ? "the listener holds no key"
                                                   : "the key log has no secret of this handshake");
    else if (!observer->exchanged)
        why = g_strdup("the session was made where the listener's key opens nothing, or before he "
                       "listened");
    else if (exchange->agreement == AGREEMENT_PSK)
        why = g_strdup("the premaster secret is a key that both sides had before");
    else if (exchange->ephemeral)
        why = g_strdup_printf("the key exchange is %s: its keys live for one handshake, and the "
                              "server's own key only signs (forward secrecy)",
                              exchange->name);
    else if (exchange->agreement == AGREEMENT_RSA)
        why = g_strdup("the key does not fit what the premaster secret was encrypted to");
    else
        why = g_strdup_printf("the server's key takes no part in %s", exchange->name);
    observe_closed(observer, why);
}

static bool find_master(Observer *observer)
{
    uint8_t secret[HASH_SIZE_MOST];
    if (observer->known || observer->version == NULL || observer->suite == NULL)
        return observer->known;
    if (observe_secret(observer, "CLIENT_RANDOM", secret) == MASTER_SECRET_SIZE) {
        memcpy(observer->master, secret, MASTER_SECRET_SIZE);
        observer->known = true;
        observer->opened = "the key log";
    } else if (!observer->exchanged &&
               (recall(observer, observer->ticket) || recall(observer, observer->client_id))) {
        observer->known = true;
        observer->opened = "the session whose making the listener has read";
    }
    if (!observer->known)
        explain(observer);
    return observer->known;
}

/* ChangeCipherSpec: the sender's next record is under new keys (RFC 5246 7.1). They are made when
 * it comes: a key log that grows with the handshake has the secret no sooner than Finished. */
static void change_keys(ObservedSide *side)
{
    g_clear_pointer(&side->protection, protection_free);
    g_clear_pointer(&side->inflate, compression_free);
    side->secret = true;
    side->open = false;
}

static void make_keys(Observer *observer, Direction direction)
{
    ObservedSide *side = &observer->sides[direction];
    Fault fault = FAULT_INIT;
    KeyBlock keys;
    if (!find_master(observer)) {
        side->open =
            observer->suite != NULL && observer->suite->cipher == CIPHER_NULL && !observer->deflate;
        return;
    }
    bool client = direction == DIRECTION_TO_SERVER;
    Prf master;
    schedule_start(observer->version, observer->suite, BYTES_ARRAY(observer->master), &master);
    schedule_keys(observer->version, observer->suite, &master, BYTES_ARRAY(observer->client_random),
                  BYTES_ARRAY(observer->server_random), &keys);
    const ProtectionKeys made = {
        .version = observer->version,
        .suite = observer->suite,
        .mac_secret = client ? keys.client_mac_secret : keys.server_mac_secret,
        .key = client ? keys.client_final_key : keys.server_final_key,
        .iv = client ? keys.client_iv : keys.server_iv,
        .encrypt_then_mac = observer->encrypt_then_mac,
    };
    side->protection = protection_new(&made, observer->random, NULL, &fault);
    if (side->protection == NULL)
        observe_closed(observer, fault.sentence);
    if (observer->deflate && side->inflate == NULL)
        side->inflate = compression_new_inflate();
    if (observer->session_id != NULL)
        remember(observer, bytes_from_gbytes(observer->session_id));
}

/* --- messages --- */

static GBytes *some_bytes(Bytes bytes)
{
    return bytes.size == 0 ? NULL : bytes_copy(bytes);
}

static void see_client_hello(Observer *observer, const ClientHello *hello)
{
    bool again = observer->version == NULL && observer->sides[0].records > 1 &&
                 bytes_equal(hello->random, BYTES_ARRAY(observer->client_random));
    if (!again) /* not the second one after a HelloRetryRequest */
        forget_handshake(observer);
    const Extension *ticket = extensions_find(&hello->extensions, EXTENSION_SESSION_TICKET);
    memcpy(observer->client_random, hello->random.data, RANDOM_SIZE);
    g_clear_pointer(&observer->offered_suites, g_bytes_unref);
    g_clear_pointer(&observer->client_id, g_bytes_unref);
    observer->offered_suites = bytes_copy(hello->cipher_suites);
    observer->client_id = some_bytes(hello->session_id);
    if (ticket != NULL && observer->ticket == NULL)
        observer->ticket = some_bytes(ticket->ticket);
    observer->early = extensions_find(&hello->extensions, EXTENSION_EARLY_DATA) != NULL;
}

static void see_server_hello(Observer *observer, const ServerHello *hello)
{
    const Extension *version = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    ProtocolVersion number = version == NULL
                                 ? hello->server_version
                                 : (ProtocolVersion)version->supported_versions.selected_version;
    observer->version = version_find(number);
    observer->suite = suite_find(hello->cipher_suite);
    memcpy(observer->server_random, hello->random.data, RANDOM_SIZE);
    observer->session_id = some_bytes(hello->session_id);
    observer->extended =
        extensions_find(&hello->extensions, EXTENSION_EXTENDED_MASTER_SECRET) != NULL;
    observer->encrypt_then_mac =
        extensions_find(&hello->extensions, EXTENSION_ENCRYPT_THEN_MAC) != NULL;
    observer->deflate = hello->compression_method == COMPRESSION_DEFLATE;
}

static void see(Observer *observer, Direction direction, const Message *message, Bytes bytes)
{
    switch ((int)message->kind) {
    case MESSAGE_CLIENT_HELLO:
        see_client_hello(observer, &message->client_hello);
        break;
    case MESSAGE_SERVER_HELLO:
        g_clear_pointer(&observer->session_id, g_bytes_unref);
        see_server_hello(observer, &message->server_hello);
        break;
    case MESSAGE_CLIENT_KEY_EXCHANGE:
        bytes_append(observer->transcript, bytes); /* RFC 7627 3: up to and with it */
        observer->exchanged = true;
        open_premaster(observer, message->client_key_exchange.encrypted_premaster_secret);
        return;
    case MESSAGE_NEW_SESSION_TICKET:
        if (observer->version != NULL && observer->version->number < VERSION_TLS_1_3 &&
            find_master(observer))
            remember(observer, message->new_session_ticket.ticket);
        break;
    case MESSAGE_KEY_UPDATE:
        observe_key_update(observer, direction);
        break;
    }
    bytes_append(observer->transcript, bytes);
}

static void observe_handshake(Observer *observer, Direction direction, Bytes plain, bool secret)
{
    ObservedSide *side = &observer->sides[direction];
    bytes_append(side->partial, plain);
    side->partial_secret = secret;
    while (side->partial->len >= HANDSHAKE_HEADER_SIZE) {
        size_t size = HANDSHAKE_HEADER_SIZE + bytes_number(bytes_make(side->partial->data + 1, 3));
        if (size > side->partial->len)
            return;
        g_autoptr(GBytes) whole = g_bytes_new(side->partial->data, size);
        g_byte_array_remove_range(side->partial, 0, (guint)size);
        Bytes bytes = bytes_from_gbytes(whole);
        WalkContext context = observer_context(observer, direction);
        Message message = {.kind = (MessageKind)bytes.data[0]};
        bool read = message_read(bytes, MESSAGE_NONE, &context, &message, NULL, NULL);
        observe_show(observer, direction, read ? message.kind : (MessageKind)bytes.data[0], bytes,
                     secret);
        if (read && message.kind != MESSAGE_HELLO_REQUEST) /* RFC 5246 7.4.1.1 */
            see(observer, direction, &message, bytes);
    }
}

void observe_plain(Observer *observer, Direction direction, ContentType type, Bytes plain,
                   bool secret)
{
    bool tls13 = observer->version != NULL && observer->version->number >= VERSION_TLS_1_3;
    switch (type) {
    case CONTENT_HANDSHAKE:
        observe_handshake(observer, direction, plain, secret);
        return;
    case CONTENT_CHANGE_CIPHER_SPEC:
        observe_show(observer, direction, MESSAGE_CHANGE_CIPHER_SPEC, plain, secret);
        /* before ServerHello it can only be TLS 1.3's, but where that is missing */
        if (!tls13 && (observer->version != NULL || observer->sides[DIRECTION_TO_CLIENT].lost))
            change_keys(&observer->sides[direction]);
        return;
    case CONTENT_ALERT:
        observe_show(observer, direction, MESSAGE_ALERT, plain, secret);
        return;
    case CONTENT_APPLICATION_DATA:
        observe_show(observer, direction, MESSAGE_APPLICATION_DATA, plain, secret);
        return;
    case CONTENT_HEARTBEAT:
        observe_show(observer, direction, MESSAGE_HEARTBEAT, plain, secret);
        return;
    default:
        observe_closed(observer, "it is no content type that has a name");
        observe_show(observer, direction, MESSAGE_NONE, plain, secret);
    }
}

/* --- records --- */

static void observe_sealed(Observer *observer, Direction direction, const Record *record)
{
    ObservedSide *side = &observer->sides[direction];
    ContentType type = (ContentType)record->type;
    BUFFER_SCOPED plain = buffer_take();
    BUFFER_SCOPED expanded = buffer_take();
    Fault fault = FAULT_INIT;
    if (side->protection == NULL)
        make_keys(observer, direction);
    bool opened =
        side->protection != NULL &&
        protection_open(side->protection, &type, record->version, record->fragment, plain, &fault);
    if (!opened && side->open) { /* RFC 5246 6.2.3.1: nothing but a MAC has been added */
        size_t mac = hash_size(observer->suite->mac), size = record->fragment.size;
        opened = size >= mac;
        bytes_append(plain, bytes_slice(record->fragment, 0, size - MIN(mac, size)));
        observer->opened = "no key at all, as nothing is encrypted";
    }
    if (opened && side->inflate != NULL) {
        opened = compression_expand(side->inflate, bytes_from_array(plain), RECORD_PLAINTEXT_MOST,
                                    expanded, &fault);
        g_byte_array_set_size(plain, 0);
        bytes_append(plain, bytes_from_array(expanded));
    }
    if (opened) {
        observe_plain(observer, direction, type, bytes_from_array(plain), true);
        return;
    }
    if (side->protection != NULL)
        observe_closed(observer, "it was changed, or is not under these keys");
    observe_show(observer, direction, MESSAGE_NONE, record->fragment, true);
}

void observer_lost(Observer *observer, Direction direction)
{
    ObservedSide *side = &observer->sides[direction];
    side->lost = true;
    g_byte_array_set_size(side->partial, 0);
    observe_closed(observer, "bytes ahead of it are missing");
}

void observer_record(Observer *observer, Direction direction, Bytes bytes)
{
    ObservedSide *side = &observer->sides[direction];
    bool first = side->records++ == 0;
    Record record = {0};
    size_t used = 0;
    Framing framing = first ? FRAMING_FIRST : observer->ssl2 ? FRAMING_SSL2 : FRAMING_TLS;
    if (record_split(bytes, framing, &record, &used) != RECORD_WHOLE) {
        observe_closed(observer, "it is no record");
        observe_show(observer, direction, MESSAGE_NONE, bytes, false);
        return;
    }
    if (first && direction == DIRECTION_TO_CLIENT)
        observer->ssl2 = record.ssl2;
    bool tls13 = observer->version != NULL && observer->version->number >= VERSION_TLS_1_3;
    bool early = observer->version == NULL && observer->early;
    if (side->lost)
        observe_show(observer, direction, MESSAGE_NONE, record.fragment, true);
    else if (record.ssl2)
        observe_ssl2(observer, direction, &record);
    else if ((tls13 || early) && record.type == CONTENT_APPLICATION_DATA)
        observe_tls13(observer, direction, &record);
    else if (side->secret)
        observe_sealed(observer, direction, &record);
    else
        observe_plain(observer, direction, (ContentType)record.type, record.fragment, false);
}
