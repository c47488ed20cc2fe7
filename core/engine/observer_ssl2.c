/* Reading SSL 2.0 from outside: the server's RSA key opens all of it, for ever.
 *
 * CLIENT-MASTER-KEY carries the master key itself; both session keys come from it, the challenge
 * and the connection id, which travelled in the clear. What is under the keys says nothing of what
 * it is: handshake messages until each side's Finished has passed, and the client's certificate.
 *
 * Sources: draft-hickman-netscape-ssl 1.2, 2.5, 2.6; RFC 5246 E.2 (a newer client's hello).
 */
#include <string.h>

#include "core/engine/observe.h"

/* As stored for a session: cipher kind (3), KEY-ARG (8), master key. */
enum { KIND_SIZE = 3, KEY_ARG_SIZE = 8 };

static void see_hello(Observer *observer, const Ssl2Message *hello)
{
    Bytes challenge = bytes_slice(hello->challenge, 0, RANDOM_SIZE);
    memset(observer->client_random, 0, RANDOM_SIZE); /* RFC 5246 E.2: zeros ahead of it */
    memcpy(observer->client_random + RANDOM_SIZE - challenge.size, challenge.data, challenge.size);
    memcpy(observer->challenge, challenge.data, challenge.size);
    observer->challenge_size = challenge.size;
    g_clear_pointer(&observer->client_id, g_bytes_unref);
    observer->client_id = bytes_copy(hello->session_id);
}

/* Both directions, from the master key. */
static void make_keys(Observer *observer)
{
    Ssl2Keys keys;
    Fault fault = FAULT_INIT;
    const Suite *suite = observer->suite;
    ssl2_keys(suite, bytes_make(observer->master, suite->key_size),
              bytes_make(observer->challenge, observer->challenge_size),
              bytes_make(observer->connection_id, observer->connection_id_size), &keys);
    Bytes iv = bytes_make(observer->key_arg, cipher_row(suite->cipher)->block_size);
    for (int i = 0; i < 2; i++) {
        ObservedSide *side = &observer->sides[i];
        Bytes key = i == DIRECTION_TO_SERVER ? keys.client_write_key : keys.client_read_key;
        ssl2_protection_free(side->ssl2);
        side->ssl2 = ssl2_protection_new(suite, key, iv, (uint32_t)side->records, observer->random,
                                         NULL, &fault);
        if (side->ssl2 == NULL)
            observe_closed(observer, fault.sentence);
    }
    observer->known = true;
}

static void see_server_hello(Observer *observer, const Ssl2Message *hello)
{
    Bytes id = bytes_slice(hello->connection_id, 0, RANDOM_SIZE);
    memcpy(observer->connection_id, id.data, id.size);
    observer->connection_id_size = id.size;
    observer->version = version_find(VERSION_SSL_2_0);
    if (hello->session_id_hit == 0)
        return;
    observer->sides[0].secret = observer->sides[1].secret = true;
    GBytes *kept = observer->client_id == NULL
                       ? NULL
                       : g_hash_table_lookup(observer->sessions, observer->client_id);
    Bytes state = bytes_from_gbytes(kept);
    observer->suite = suite_find((SuiteNumber)bytes_number(bytes_slice(state, 0, KIND_SIZE)));
    if (kept == NULL || observer->suite == NULL) {
        observe_closed(observer, "the session was made before the listener listened, or where his "
                                 "key opens nothing");
        return;
    }
    Bytes master = bytes_slice(state, KIND_SIZE + KEY_ARG_SIZE, MASTER_SECRET_SIZE);
    memcpy(observer->key_arg, state.data + KIND_SIZE, KEY_ARG_SIZE);
    memcpy(observer->master, master.data, master.size);
    observer->opened = "the session whose making the listener has read";
    make_keys(observer);
}

static void see_master_key(Observer *observer, const Ssl2Message *key)
{
    BUFFER_SCOPED block = buffer_take();
    Bytes secret = BYTES_NONE;
    const Suite *suite = observer->suite = suite_find(key->cipher_kind);
    observer->sides[0].secret = observer->sides[1].secret = true;
    if (observer->keys.rsa == NULL) {
        observe_closed(observer, "the listener holds no key of the server");
        return;
    }
    if (suite == NULL || suite->key_exchange != KEY_EXCHANGE_SSL2 ||
        !observe_decrypt(observer, key->encrypted_key, block, &secret) ||
        key->clear_key.size + secret.size != suite->key_size ||
        key->key_arg.size > sizeof observer->key_arg) {
        observe_closed(observer, "the key does not fit what the master key was encrypted to");
        return;
    }
    memset(observer->key_arg, 0, sizeof observer->key_arg);
    if (key->key_arg.size > 0)
        memcpy(observer->key_arg, key->key_arg.data, key->key_arg.size);
    if (key->clear_key.size > 0)
        memcpy(observer->master, key->clear_key.data, key->clear_key.size);
    memcpy(observer->master + key->clear_key.size, secret.data, secret.size);
    observer->opened = "the server's RSA key";
    make_keys(observer);
}

static void remember(Observer *observer, Bytes id)
{
    const Suite *suite = observer->suite;
    BUFFER_SCOPED state = buffer_take();
    const uint8_t kind[KIND_SIZE] = {(uint8_t)(suite->number >> 16), (uint8_t)(suite->number >> 8),
                                     (uint8_t)suite->number};
    bytes_append(state, BYTES_ARRAY(kind));
    bytes_append(state, BYTES_ARRAY(observer->key_arg));
    bytes_append(state, bytes_make(observer->master, suite->key_size));
    g_hash_table_replace(observer->sessions, bytes_copy(id), bytes_copy(bytes_from_array(state)));
}

static void observe_message(Observer *observer, Direction direction, Bytes bytes, bool secret)
{
    Message message = {.kind = MESSAGE_NONE};
    WalkContext context = observer_context(observer, direction);
    bool read = message_read(bytes, MESSAGE_SSL2, &context, &message, NULL, NULL);
    if (!read)
        observe_closed(observer, "it is no message of SSL 2.0");
    observe_show(observer, direction, read ? message.kind : MESSAGE_NONE, bytes, secret);
    if (!read)
        return;
    switch ((int)message.kind) {
    case MESSAGE_SSL2_CLIENT_HELLO:
        see_hello(observer, &message.ssl2);
        bytes_append(observer->transcript, bytes);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        see_server_hello(observer, &message.ssl2);
        return;
    case MESSAGE_SSL2_CLIENT_MASTER_KEY:
        see_master_key(observer, &message.ssl2);
        return;
    case MESSAGE_SSL2_SERVER_FINISHED:
        remember(observer, message.ssl2.session_id);
        observer->sides[0].over = observer->sides[1].over = true;
        return;
    }
}

void observe_ssl2(Observer *observer, Direction direction, const Record *record)
{
    ObservedSide *side = &observer->sides[direction];
    BUFFER_SCOPED plain = buffer_take();
    if (!side->secret) {
        observe_message(observer, direction, record->fragment, false);
        return;
    }
    if (side->ssl2 == NULL ||
        !ssl2_open(side->ssl2, record->fragment, record->padding, plain, NULL)) {
        observe_closed(observer, "it was changed, or is not under these keys");
        observe_show(observer, direction, MESSAGE_NONE, record->fragment, true);
    } else if (side->over) {
        observe_show(observer, direction, MESSAGE_APPLICATION_DATA, bytes_from_array(plain), true);
    } else {
        observe_message(observer, direction, bytes_from_array(plain), true);
    }
}
