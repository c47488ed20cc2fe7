/* Reading TLS 1.3 from outside: a key log alone opens it.
 *
 * The traffic secrets of a direction follow each other: early data, handshake, application, and
 * then each KeyUpdate's. A record that the keys in force do not open is tried with the next ones:
 * so rejected early data, and the place where keys change, need no knowledge of the conversation.
 *
 * Sources: RFC 8446 7.1 to 7.3, 4.2.10 (early data), 2 and E.1 (forward secrecy), RFC 9850 3.
 */
#include <string.h>

#include "core/crypto/hkdf.h"
#include "core/engine/observe.h"

static const char *label_of(Direction direction, Stage stage)
{
    bool client = direction == DIRECTION_TO_SERVER;
    switch (stage) {
    case STAGE_NONE:
        break;
    case STAGE_EARLY:
        return client ? "CLIENT_EARLY_TRAFFIC_SECRET" : NULL;
    case STAGE_HANDSHAKE:
        return client ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    case STAGE_APPLICATION:
        return client ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
    }
    return NULL;
}

static Protection *protection_of(Observer *observer, const Suite *suite, const uint8_t *secret)
{
    uint8_t key[HASH_SIZE_MOST], iv[12];
    Fault fault = FAULT_INIT;
    hkdf_traffic_keys(suite, bytes_make(secret, hash_size(suite->prf)), key, iv);
    const ProtectionKeys keys = {
        .version = version_find(VERSION_TLS_1_3),
        .suite = suite,
        .key = bytes_make(key, suite->key_size),
        .iv = BYTES_ARRAY(iv),
    };
    Protection *protection = protection_new(&keys, observer->random, NULL, &fault);
    if (protection == NULL)
        observe_closed(observer, fault.sentence);
    return protection;
}

static bool open_with(Protection *protection, const Record *record, ContentType *type,
                      GByteArray *plain)
{
    *type = (ContentType)record->type;
    g_byte_array_set_size(plain, 0);
    return protection != NULL &&
           protection_open(protection, type, record->version, record->fragment, plain, NULL);
}

/* Tries one suite with a stage's secret; on success these keys are in force. */
static bool try_suite(Observer *observer, Direction direction, Stage stage, const Suite *suite,
                      Bytes secret, const Record *record, ContentType *type, GByteArray *plain)
{
    ObservedSide *side = &observer->sides[direction];
    if (suite == NULL || suite->key_exchange != KEY_EXCHANGE_TLS13 ||
        hash_size(suite->prf) != secret.size)
        return false;
    g_autoptr(Protection) protection = protection_of(observer, suite, secret.data);
    if (!open_with(protection, record, type, plain))
        return false;
    protection_free(side->protection);
    side->protection = g_steal_pointer(&protection);
    side->stage = stage;
    memcpy(side->traffic, secret.data, secret.size);
    observer->opened = "the key log";
    return true;
}

/* Early data comes ahead of ServerHello: its suite is one of those offered. */
static bool try_stage(Observer *observer, Direction direction, Stage stage, const Record *record,
                      ContentType *type, GByteArray *plain)
{
    uint8_t secret[HASH_SIZE_MOST];
    const char *label = label_of(direction, stage);
    size_t size = label == NULL ? 0 : observe_secret(observer, label, secret);
    Bytes traffic = bytes_make(secret, size);
    if (size == 0)
        return false;
    if (stage != STAGE_EARLY)
        return try_suite(observer, direction, stage, observer->suite, traffic, record, type, plain);
    Bytes offered = bytes_from_gbytes(observer->offered_suites);
    for (size_t at = 0; at + 2 <= offered.size; at += 2)
        if (try_suite(observer, direction, stage,
                      suite_find((SuiteNumber)bytes_number(bytes_slice(offered, at, 2))), traffic,
                      record, type, plain))
            return true;
    return false;
}

static void explain(Observer *observer)
{
    observe_closed(observer,
                   observer->keys.secret != NULL ? "the key log has no secret that opens it"
                   : observer->keys.rsa != NULL
                       ? "in TLS 1.3 the server's key only signs: the keys come from an exchange "
                         "that lives for one handshake (forward secrecy)"
                       : "the listener holds no key");
}

void observe_tls13(Observer *observer, Direction direction, const Record *record)
{
    ObservedSide *side = &observer->sides[direction];
    BUFFER_SCOPED plain = buffer_take();
    ContentType type = CONTENT_APPLICATION_DATA;
    bool opened = open_with(side->protection, record, &type, plain);
    for (int stage = side->stage + 1; !opened && stage <= STAGE_APPLICATION; stage++)
        opened = try_stage(observer, direction, (Stage)stage, record, &type, plain);
    if (opened) {
        observe_plain(observer, direction, type, bytes_from_array(plain), true);
        return;
    }
    explain(observer);
    observe_show(observer, direction, MESSAGE_NONE, record->fragment, true);
}

void observe_key_update(Observer *observer, Direction direction)
{
    ObservedSide *side = &observer->sides[direction];
    if (observer->suite == NULL || side->stage != STAGE_APPLICATION)
        return;
    uint8_t next[HASH_SIZE_MOST];
    size_t size = hash_size(observer->suite->prf);
    hkdf_expand_label(observer->suite->prf, bytes_make(side->traffic, size), "traffic upd",
                      BYTES_NONE, next, size);
    memcpy(side->traffic, next, size);
    protection_free(side->protection);
    side->protection = protection_of(observer, observer->suite, next);
}
