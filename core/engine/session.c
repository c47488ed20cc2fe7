/* Sessions, the stores that keep them, and tickets.
 *
 * A store is a table of short queues with one list of all entries by age, so that the oldest can
 * leave when a bound is reached. A ticket is a session walked over a wire, encrypted and
 * authenticated by keys that its server alone has; the walk serves both directions, like that of a
 * message.
 *
 * This file knows no order and no message. Obeys RFC 5077 4 and 5.5, RFC 5246 F.1.4, RFC 8446 4.6.1
 * and 8.1.
 */
#include "core/engine/session.h"

#include <string.h>

#include "core/base/buffer.h"
#include "core/crypto/cipher.h"
#include "core/crypto/mac.h"

Session *session_new(void)
{
    Session *session = g_new0(Session, 1);
    session->references = 1;
    return session;
}

Session *session_ref(Session *session)
{
    g_atomic_int_inc(&session->references);
    return session;
}

void session_unref(Session *session)
{
    if (session == NULL || !g_atomic_int_dec_and_test(&session->references))
        return;
    g_clear_pointer(&session->ticket, g_bytes_unref);
    g_clear_pointer(&session->peer, certificate_unref);
    g_free(session->server_name);
    g_free(session->protocol);
    g_free(session);
}

bool session_is_fresh(const Session *session, uint64_t now)
{
    return !session->forgotten &&
           now < session->created + session->lifetime * (uint64_t)G_USEC_PER_SEC;
}

/* --- stores --- */

/* All that is kept under one key. */
typedef struct {
    Bytes key;     /* a view of `copy`; the table's key, too */
    GQueue newest; /* of Entry, the newest first */
    uint8_t copy[];
} Shelf;

typedef struct {
    Shelf *shelf;
    Session *session; /* NULL: a value that was seen */
    GList on_shelf;   /* its link there */
    GList by_age;     /* its link in the list of all */
} Entry;

struct SessionCache {
    size_t most;
    uint32_t lifetime;
    GHashTable *table; /* Bytes * to Shelf * */
    GQueue ages;       /* of Entry, the newest first */
};

/* Keys are names, random IDs and tickets' hashes; the end of each differs. */
static guint key_hash(gconstpointer data)
{
    const Bytes *key = data;
    guint hash = (guint)key->size;
    for (size_t i = 0; i < key->size; i++)
        hash = hash * 31 + key->data[i];
    return hash;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return bytes_equal(*(const Bytes *)a, *(const Bytes *)b);
}

SessionCache *session_cache_new(size_t most, uint32_t lifetime)
{
    SessionCache *cache = g_new0(SessionCache, 1);
    cache->most = most;
    cache->lifetime = lifetime;
    cache->table = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
    g_queue_init(&cache->ages);
    return cache;
}

static void entry_remove(SessionCache *cache, Entry *entry)
{
    Shelf *shelf = entry->shelf;
    g_queue_unlink(&shelf->newest, &entry->on_shelf);
    g_queue_unlink(&cache->ages, &entry->by_age);
    if (g_queue_is_empty(&shelf->newest))
        g_hash_table_remove(cache->table, &shelf->key);
    session_unref(entry->session);
    g_free(entry);
}

void session_cache_clear(SessionCache *cache)
{
    while (!g_queue_is_empty(&cache->ages))
        entry_remove(cache, g_queue_peek_tail(&cache->ages));
}

void session_cache_free(SessionCache *cache)
{
    if (cache == NULL)
        return;
    session_cache_clear(cache);
    g_hash_table_unref(cache->table);
    g_free(cache);
}

uint32_t session_cache_lifetime(const SessionCache *cache)
{
    return cache->lifetime;
}

size_t session_cache_count(const SessionCache *cache)
{
    return g_queue_get_length((GQueue *)(uintptr_t)&cache->ages);
}

static Shelf *find_shelf(const SessionCache *cache, Bytes key)
{
    return g_hash_table_lookup(cache->table, &key);
}

static Shelf *add_shelf(SessionCache *cache, Bytes key)
{
    Shelf *shelf = g_malloc0(sizeof *shelf + key.size);
    if (key.size > 0)
        memcpy(shelf->copy, key.data, key.size);
    shelf->key = bytes_make(shelf->copy, key.size);
    g_hash_table_insert(cache->table, &shelf->key, shelf);
    return shelf;
}

static void cache_put(SessionCache *cache, Bytes key, Session *session)
{
    if (cache->most == 0)
        return;
    while (g_queue_get_length(&cache->ages) >= cache->most)
        entry_remove(cache, g_queue_peek_tail(&cache->ages));
    Entry *entry = g_new0(Entry, 1);
    Shelf *shelf = find_shelf(cache, key);
    entry->shelf = shelf == NULL ? add_shelf(cache, key) : shelf;
    entry->session = session == NULL ? NULL : session_ref(session);
    entry->by_age.data = entry->on_shelf.data = entry;
    g_queue_push_head_link(&entry->shelf->newest, &entry->on_shelf);
    g_queue_push_head_link(&cache->ages, &entry->by_age);
}

void session_cache_add(SessionCache *cache, Bytes key, Session *session)
{
    if (cache->lifetime > 0 && (session->lifetime == 0 || session->lifetime > cache->lifetime))
        session->lifetime = cache->lifetime;
    session->kept = true;
    cache_put(cache, key, session);
}

Session *session_cache_find(SessionCache *cache, Bytes key, uint64_t now)
{
    for (Shelf *shelf = find_shelf(cache, key); shelf != NULL; shelf = find_shelf(cache, key)) {
        Entry *entry = g_queue_peek_head(&shelf->newest);
        if (entry->session == NULL)
            return NULL;
        if (session_is_fresh(entry->session, now))
            return entry->session;
        entry_remove(cache, entry);
    }
    return NULL;
}

void session_cache_remove(SessionCache *cache, Bytes key, const Session *session)
{
    Shelf *shelf = find_shelf(cache, key);
    for (GList *at = shelf == NULL ? NULL : shelf->newest.head; at != NULL; at = at->next) {
        Entry *entry = at->data;
        if (entry->session != session)
            continue;
        entry_remove(cache, entry);
        return;
    }
}

bool session_cache_once(SessionCache *cache, Bytes value)
{
    if (find_shelf(cache, value) != NULL)
        return false;
    cache_put(cache, value, NULL);
    return true;
}

/* --- tickets --- */

enum { KEY_NAME_SIZE = 16, TICKET_IV_SIZE = 16, TICKET_MAC_SIZE = 32, TICKET_KEY_SIZE = 16 };

typedef struct {
    uint8_t name[KEY_NAME_SIZE];
    uint8_t key[TICKET_KEY_SIZE];
    Mac mac;
} TicketKey;

struct TicketKeys {
    TicketKey keys[TICKET_KEYS_MOST]; /* the newest first */
    size_t count;
};

TicketKeys *ticket_keys_new(Random *random)
{
    TicketKeys *keys = g_new0(TicketKeys, 1);
    ticket_keys_rotate(keys, random, false);
    return keys;
}

void ticket_keys_free(TicketKeys *keys)
{
    g_free(keys);
}

void ticket_keys_rotate(TicketKeys *keys, Random *random, bool forget)
{
    if (forget)
        keys->count = 0;
    keys->count = MIN(keys->count + 1, (size_t)TICKET_KEYS_MOST);
    memmove(keys->keys + 1, keys->keys, (keys->count - 1) * sizeof keys->keys[0]);
    random_fill(random, "ticket_key_name", keys->keys[0].name, KEY_NAME_SIZE);
    random_fill(random, "ticket_key", keys->keys[0].key, TICKET_KEY_SIZE);
    uint8_t mac_key[TICKET_MAC_SIZE];
    random_fill(random, "ticket_mac_key", mac_key, TICKET_MAC_SIZE);
    mac_start_hmac(&keys->keys[0].mac, HASH_SHA256, BYTES_ARRAY(mac_key));
}

/* StatePlaintext: RFC 5077 4 leaves its form to the server. */
typedef struct {
    uint16_t version;
    uint32_t suite;
    Bytes secret, name, protocol, peer;
    uint32_t created_high, created_low;
    uint8_t flags;
    uint32_t lifetime, age_add, max_early_data;
} State;

static void state_walk(Wire *wire, State *state)
{
    wire_u16(wire, "protocol_version", NUMBER_VERSION, &state->version);
    wire_u24(wire, "cipher_suite", NUMBER_SUITE, &state->suite);
    wire_u8(wire, "flags", NUMBER_PLAIN, &state->flags);
    wire_vector(wire, "master_secret", 1, 0, SESSION_SECRET_MOST, &state->secret);
    wire_u32(wire, "timestamp", NUMBER_PLAIN, &state->created_high);
    wire_u32(wire, "timestamp_low", NUMBER_PLAIN, &state->created_low);
    wire_u32(wire, "lifetime", NUMBER_PLAIN, &state->lifetime);
    wire_u32(wire, "ticket_age_add", NUMBER_PLAIN, &state->age_add);
    wire_u32(wire, "max_early_data_size", NUMBER_PLAIN, &state->max_early_data);
    wire_vector(wire, "server_name", 2, 0, UINT16_MAX, &state->name);
    wire_vector(wire, "protocol", 1, 0, UINT8_MAX, &state->protocol);
    wire_vector(wire, "client_identity", 3, 0, 0xffffff, &state->peer);
}

static Bytes text_or_none(const char *text)
{
    return text == NULL ? BYTES_NONE : bytes_from_text(text);
}

static void state_write(const Session *session, GByteArray *output)
{
    State state = {
        .version = session->version,
        .suite = session->suite,
        .flags = session->extended ? 1 : 0,
        .secret = bytes_make(session->secret, session->secret_size),
        .created_high = (uint32_t)(session->created >> 32),
        .created_low = (uint32_t)session->created,
        .lifetime = session->lifetime,
        .age_add = session->age_add,
        .max_early_data = session->max_early_data,
        .name = text_or_none(session->server_name),
        .protocol = text_or_none(session->protocol),
        .peer = session->peer == NULL ? BYTES_NONE : certificate_der(session->peer),
    };
    Wire wire = wire_writer(output, NULL);
    state_walk(&wire, &state);
    wire_finish(&wire);
}

static Session *state_read(Bytes bytes)
{
    State state = {0};
    Wire wire = wire_reader(bytes, NULL);
    state_walk(&wire, &state);
    wire_finish(&wire);
    if (!wire_ok(&wire, "the ticket", NULL))
        return NULL;
    Session *session = session_new();
    session->version = state.version;
    session->suite = state.suite;
    session->extended = state.flags != 0;
    session->secret_size = state.secret.size;
    memcpy(session->secret, state.secret.data, state.secret.size);
    session->created = (uint64_t)state.created_high << 32 | state.created_low;
    session->lifetime = state.lifetime;
    session->age_add = state.age_add;
    session->max_early_data = state.max_early_data;
    if (state.name.size > 0)
        session->server_name = g_strndup((const char *)state.name.data, state.name.size);
    if (state.protocol.size > 0)
        session->protocol = g_strndup((const char *)state.protocol.data, state.protocol.size);
    if (state.peer.size > 0)
        session->peer = certificate_read(state.peer, NULL);
    return session;
}

/* The bytes before the MAC are what it covers: key_name, IV, encrypted state (RFC 5077 4). */
static void ticket_mac(const TicketKey *key, Bytes covered, uint8_t mac[TICKET_MAC_SIZE])
{
    mac_compute(&key->mac, &covered, 1, mac);
}

GBytes *ticket_seal(const TicketKeys *keys, const Session *session, Random *random, Fault *fault)
{
    const TicketKey *key = &keys->keys[0];
    BUFFER_SCOPED state = buffer_take();
    uint8_t iv[TICKET_IV_SIZE], mac[TICKET_MAC_SIZE];
    state_write(session, state);
    size_t padding = TICKET_IV_SIZE - state->len % TICKET_IV_SIZE;
    guint size = state->len;
    g_byte_array_set_size(state, size + (guint)padding);
    memset(state->data + size, (int)padding, padding);
    random_fill(random, "ticket_iv", iv, sizeof iv);
    g_autoptr(Cipher) cipher =
        cipher_new(CIPHER_AES_128_CBC, BYTES_ARRAY(key->key), BYTES_ARRAY(iv), fault);
    if (cipher == NULL || !cipher_run(cipher, CIPHER_ENCRYPT, state->data, state->data, state->len))
        return NULL;
    GByteArray *ticket = g_byte_array_new();
    g_byte_array_append(ticket, key->name, sizeof key->name);
    g_byte_array_append(ticket, iv, sizeof iv);
    bytes_append(ticket, bytes_from_array(state));
    ticket_mac(key, bytes_from_array(ticket), mac);
    g_byte_array_append(ticket, mac, sizeof mac);
    return g_byte_array_free_to_bytes(ticket);
}

static const TicketKey *ticket_key_of(const TicketKeys *keys, Bytes name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (bytes_equal(name, BYTES_ARRAY(keys->keys[i].name)))
            return &keys->keys[i];
    return NULL;
}

Session *ticket_open(const TicketKeys *keys, Bytes ticket, bool *old)
{
    const TicketKey *key = ticket_key_of(keys, bytes_slice(ticket, 0, KEY_NAME_SIZE));
    size_t around = KEY_NAME_SIZE + TICKET_IV_SIZE + TICKET_MAC_SIZE;
    uint8_t mac[TICKET_MAC_SIZE];
    if (key == NULL || ticket.size <= around || (ticket.size - around) % TICKET_IV_SIZE != 0)
        return NULL;
    Bytes covered = bytes_slice(ticket, 0, ticket.size - TICKET_MAC_SIZE);
    ticket_mac(key, covered, mac);
    if (!bytes_equal(BYTES_ARRAY(mac), bytes_slice(ticket, covered.size, TICKET_MAC_SIZE)))
        return NULL;
    g_autoptr(Cipher) cipher = cipher_new(CIPHER_AES_128_CBC, BYTES_ARRAY(key->key),
                                          bytes_slice(ticket, KEY_NAME_SIZE, TICKET_IV_SIZE), NULL);
    Bytes sealed = bytes_slice(covered, KEY_NAME_SIZE + TICKET_IV_SIZE, covered.size);
    BUFFER_SCOPED state = buffer_take();
    g_byte_array_set_size(state, (guint)sealed.size);
    if (cipher == NULL ||
        !cipher_run(cipher, CIPHER_DECRYPT, sealed.data, state->data, sealed.size))
        return NULL;
    size_t padding = state->data[sealed.size - 1];
    if (padding == 0 || padding > TICKET_IV_SIZE)
        return NULL;
    if (old != NULL)
        *old = key != &keys->keys[0];
    return state_read(bytes_make(state->data, sealed.size - padding));
}
