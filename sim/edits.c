/* The scenario's rules, carried out on the link.
 *
 * Any record may be dropped, delayed, duplicated, flipped, cut; only plain messages may be edited
 * by field. Plain handshake messages are put together here, so that rules may name them: the
 * records of a message that is cut into several are held until it is whole. Protected records are
 * named by their ordinal. What was changed is re-framed into as many records as there were. In SSL
 * 2.0 a record is a message.
 *
 * This file knows messages by their walks; it knows no keys, and so nothing of what is protected.
 */
#include "sim/edits.h"

#include <string.h>

#include "core/crypto/suite.h"
#include "core/wire/message.h"
#include "core/wire/record.h"

typedef struct {
    GPtrArray *held;                   /* of Parcel *: the records of a message that is not whole */
    unsigned said[MESSAGE_SSL2 + 256]; /* plain messages so far, by kind */
    unsigned secret;                   /* protected records so far */
} EditsWay;

typedef struct {
    const GPtrArray *rules;
    unsigned *fired;
    EditsWay ways[2];
    WalkContext context; /* by the ServerHello that passed */
} Edits;

static void edits_carry(Middlebox *self, Parcel *parcel);
static void edits_flush(Middlebox *self);
static void edits_free(Middlebox *self);

static const MiddleboxKind edits_kind = {
    .name = "rules",
    .carry = edits_carry,
    .flush = edits_flush,
    .free = edits_free,
};

Middlebox *edits_new(const GPtrArray *rules)
{
    Edits *edits = g_new0(Edits, 1);
    edits->rules = rules;
    edits->fired = g_new0(unsigned, rules->len);
    edits->context.version = VERSION_TLS_1_2;
    for (int i = 0; i < 2; i++)
        edits->ways[i].held = g_ptr_array_new();
    return middlebox_new(&edits_kind, edits);
}

unsigned edits_fired(const Middlebox *box, size_t index)
{
    const Edits *edits = box->state;
    return edits->fired[index];
}

static void edits_free(Middlebox *self)
{
    Edits *edits = self->state;
    for (int i = 0; i < 2; i++) {
        g_ptr_array_set_free_func(edits->ways[i].held, (GDestroyNotify)parcel_free);
        g_ptr_array_unref(edits->ways[i].held);
    }
    g_free(edits->fired);
    g_free(edits);
}

static void edits_flush(Middlebox *self)
{
    Edits *edits = self->state;
    for (int i = 0; i < 2; i++) {
        while (edits->ways[i].held->len > 0)
            middlebox_pass(self, g_ptr_array_steal_index(edits->ways[i].held, 0));
    }
}

/* The rule for the `ordinal`-th message of that kind (MESSAGE_NONE: protected record); NULL. */
static const PlanRule *edits_rule(const Edits *edits, MessageKind kind, unsigned ordinal,
                                  Direction direction, size_t *index)
{
    for (guint i = 0; i < edits->rules->len; i++) {
        const PlanRule *rule = g_ptr_array_index(edits->rules, i);
        if (rule->message != kind || role_direction(rule->from) != direction ||
            (rule->ordinal != 0 && rule->ordinal != (int)ordinal))
            continue;
        *index = i;
        return rule;
    }
    return NULL;
}

/* A record of SSL 2.0 without padding: 15 bits of length under the highest, which no content type
 * of the others has (RFC 5246 E.2). */
static bool parcel_is_ssl2(const Parcel *parcel)
{
    return parcel->bytes->len > 0 && (parcel->bytes->data[0] & 0x80) != 0;
}

static Bytes parcel_fragment(const Parcel *parcel)
{
    return bytes_slice(bytes_from_array(parcel->bytes),
                       parcel_is_ssl2(parcel) ? SSL2_HEADER_SIZE : RECORD_HEADER_SIZE, SIZE_MAX);
}

/* Gives a parcel another fragment; the header's length follows. */
static void parcel_set_fragment(Parcel *parcel, Bytes fragment)
{
    g_autoptr(GByteArray) record = g_byte_array_new();
    Bytes header = bytes_from_array(parcel->bytes);
    if (parcel_is_ssl2(parcel))
        ssl2_record_write(record, fragment, 0);
    else
        record_write(record, header.data[0],
                     (ProtocolVersion)bytes_number(bytes_slice(header, 1, 2)), fragment);
    g_byte_array_set_size(parcel->bytes, 0);
    bytes_append(parcel->bytes, bytes_from_array(record));
    if (parcel->fate == FATE_DELIVERED)
        parcel->fate = FATE_CHANGED;
}

static void edits_delay(Middlebox *self, const PlanRule *rule, Parcel *parcel)
{
    g_autofree char *effect = g_strdup_printf("%" G_GUINT64_FORMAT " ms later", rule->delay / 1000);
    parcel->delay += rule->delay;
    middlebox_report(self, parcel, rule->text, effect, rule->line);
}

/* Does to one whole record what a rule says; false when nothing is left of it. */
static bool edits_apply(Middlebox *self, const PlanRule *rule, Parcel *parcel, unsigned *fired)
{
    *fired += rule->action != ACTION_EDIT;
    switch (rule->action) {
    case ACTION_DROP:
        middlebox_report(self, parcel, rule->text, "dropped", rule->line);
        middlebox_drop(self, parcel);
        return false;
    case ACTION_DELAY:
        edits_delay(self, rule, parcel);
        return true;
    case ACTION_DUPLICATE:
        middlebox_report(self, parcel, rule->text, "sent twice", rule->line);
        middlebox_pass(self, parcel_copy(parcel));
        return true;
    case ACTION_EDIT:
        break;
    }
    Fault fault = FAULT_INIT;
    Bytes before = parcel_fragment(parcel);
    g_autoptr(GByteArray) after = edit_apply(&rule->edit, before, NULL, &fault);
    g_autofree char *effect = after == NULL ? g_strdup_printf("could not: %s", fault.sentence)
                                            : edit_effect(&rule->edit, before, NULL);
    if (after != NULL)
        parcel_set_fragment(parcel, bytes_from_array(after));
    *fired += after != NULL; /* what could not be done has not fired */
    middlebox_report(self, parcel, rule->text, effect, rule->line);
    return true;
}

/* A record that is not looked into. */
static void edits_carry_whole(Middlebox *self, Parcel *parcel, MessageKind kind, unsigned ordinal)
{
    Edits *edits = self->state;
    size_t index = 0;
    const PlanRule *rule = edits_rule(edits, kind, ordinal, parcel->direction, &index);
    if (rule == NULL || edits_apply(self, rule, parcel, &edits->fired[index]))
        middlebox_pass(self, parcel);
}

/* Whether the held records end with a whole message. */
static bool held_whole(Bytes payload)
{
    size_t at = 0;
    while (at + HANDSHAKE_HEADER_SIZE <= payload.size) {
        size_t size = HANDSHAKE_HEADER_SIZE + bytes_number(bytes_slice(payload, at + 1, 3));
        if (size > payload.size - at)
            return false;
        at += size;
    }
    return at == payload.size;
}

/* Applies an edit to one message of the payload. */
static bool edit_message(Middlebox *self, const PlanRule *rule, const Parcel *first,
                         GByteArray *message)
{
    Fault fault = FAULT_INIT;
    Message decoded;
    WalkContext context = ((const Edits *)self->state)->context;
    context.sender = rule->from;
    g_autoptr(GArray) spans = spans_new();
    Bytes before = bytes_from_array(message);
    g_autofree char *effect = NULL;
    g_autoptr(GByteArray) after = NULL;
    if (message_read(before, parcel_is_ssl2(first) ? MESSAGE_SSL2 : MESSAGE_NONE, &context,
                     &decoded, spans, &fault))
        after = edit_apply(&rule->edit, before, spans, &fault);
    effect = after == NULL ? g_strdup_printf("could not: %s", fault.sentence)
                           : edit_effect(&rule->edit, before, spans);
    if (after != NULL) {
        g_byte_array_set_size(message, 0);
        bytes_append(message, bytes_from_array(after));
    }
    middlebox_report(self, first, rule->text, effect, rule->line);
    return after != NULL;
}

/* Puts a changed payload into the records that carried the old one: each takes as much as it had,
 * the last one the rest; records left empty are dropped. */
static void reframe(Middlebox *self, GPtrArray *held, Bytes payload)
{
    guint count = held->len;
    for (guint i = 0; i < count; i++) {
        Parcel *parcel = g_ptr_array_index(held, i);
        size_t size = i + 1 == count ? MIN(payload.size, (size_t)UINT16_MAX)
                                     : MIN(parcel_fragment(parcel).size, payload.size);
        Bytes part = bytes_slice(payload, 0, size);
        payload = bytes_slice(payload, size, payload.size);
        if (part.size == 0 && i > 0) {
            middlebox_drop(self, parcel);
            continue;
        }
        if (!bytes_equal(part, parcel_fragment(parcel)))
            parcel_set_fragment(parcel, part);
        middlebox_pass(self, parcel);
    }
    g_ptr_array_set_size(held, 0);
}

/* What the rules make of the whole messages in the held records. */
typedef struct {
    const PlanRule *whole; /* drop, delay or duplicate all of them */
    unsigned *fired;       /* of that rule */
    bool edited;
} HeldRules;

/* What the message is; a ServerHello says how those after it are read. */
static MessageKind edits_look(Edits *edits, Bytes message)
{
    MessageKind kind = (MessageKind)message.data[0];
    Message decoded;
    WalkContext context = {.version = VERSION_TLS_1_2, .sender = ROLE_SERVER};
    if (kind != MESSAGE_SERVER_HELLO ||
        !message_read(message, MESSAGE_NONE, &context, &decoded, NULL, NULL))
        return kind;
    if (decoded.kind == MESSAGE_HELLO_RETRY_REQUEST) /* RFC 8446 4.1.4 */
        return decoded.kind;
    const Suite *suite = suite_find(decoded.server_hello.cipher_suite);
    edits->context.version = decoded.server_hello.server_version;
    if (suite != NULL)
        edits->context.key_exchange = suite->key_exchange;
    return kind;
}

static HeldRules edits_messages(Middlebox *self, EditsWay *way, Bytes payload, Direction direction,
                                GByteArray *result)
{
    Edits *edits = self->state;
    HeldRules found = {0};
    const Parcel *first = g_ptr_array_index(way->held, 0);
    while (payload.size > 0) {
        size_t size = HANDSHAKE_HEADER_SIZE + bytes_number(bytes_slice(payload, 1, 3));
        MessageKind kind = edits_look(edits, bytes_slice(payload, 0, size));
        g_autoptr(GByteArray) message = g_byte_array_new();
        bytes_append(message, bytes_slice(payload, 0, size));
        payload = bytes_slice(payload, size, payload.size);
        size_t index = 0;
        const PlanRule *rule = edits_rule(edits, kind, ++way->said[kind], direction, &index);
        if (rule != NULL) {
            bool edit = rule->action == ACTION_EDIT;
            if (edit)
                edits->fired[index] += edit_message(self, rule, first, message);
            else
                found = (HeldRules){rule, &edits->fired[index], found.edited};
            found.edited = found.edited || edit;
        }
        bytes_append(result, bytes_from_array(message));
    }
    return found;
}

static void edits_carry_handshake(Middlebox *self, Parcel *parcel)
{
    Edits *edits = self->state;
    Direction direction = parcel->direction;
    EditsWay *way = &edits->ways[direction];
    g_ptr_array_add(way->held, parcel);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    for (guint i = 0; i < way->held->len; i++)
        bytes_append(payload, parcel_fragment(g_ptr_array_index(way->held, i)));
    if (!held_whole(bytes_from_array(payload)))
        return;
    g_autoptr(GByteArray) result = g_byte_array_new();
    HeldRules found = edits_messages(self, way, bytes_from_array(payload), direction, result);
    if (found.edited) {
        reframe(self, way->held, bytes_from_array(result));
        return;
    }
    while (way->held->len > 0) {
        Parcel *next = g_ptr_array_steal_index(way->held, 0);
        if (found.whole == NULL || edits_apply(self, found.whole, next, found.fired))
            middlebox_pass(self, next);
    }
}

/* One message is one record: draft-hickman-netscape-ssl 1.1. */
static void edits_carry_ssl2(Middlebox *self, Parcel *parcel)
{
    Edits *edits = self->state;
    Bytes payload = parcel_fragment(parcel);
    size_t index = 0;
    MessageKind kind = payload.size == 0 ? MESSAGE_NONE : MESSAGE_SSL2 + payload.data[0];
    unsigned *said = kind == MESSAGE_NONE ? &edits->ways[parcel->direction].secret
                                          : &edits->ways[parcel->direction].said[kind];
    const PlanRule *rule = edits_rule(edits, kind, *said + 1, parcel->direction, &index);
    if (rule == NULL || rule->action != ACTION_EDIT) {
        edits_carry_whole(self, parcel, kind, ++*said);
        return;
    }
    g_autoptr(GByteArray) message = g_byte_array_new();
    bytes_append(message, payload);
    ++*said;
    edits->fired[index] += edit_message(self, rule, parcel, message);
    if (!bytes_equal(payload, bytes_from_array(message)))
        parcel_set_fragment(parcel, bytes_from_array(message));
    middlebox_pass(self, parcel);
}

static void edits_carry(Middlebox *self, Parcel *parcel)
{
    Edits *edits = self->state;
    EditsWay *way = &edits->ways[parcel->direction];
    if (parcel->epoch > 0) {
        edits_carry_whole(self, parcel, MESSAGE_NONE, ++way->secret);
        return;
    }
    if (parcel_is_ssl2(parcel)) {
        edits_carry_ssl2(self, parcel);
        return;
    }
    switch (parcel->bytes->data[0]) {
    case CONTENT_HANDSHAKE:
        edits_carry_handshake(self, parcel);
        return;
    case CONTENT_CHANGE_CIPHER_SPEC:
        edits_carry_whole(self, parcel, MESSAGE_CHANGE_CIPHER_SPEC,
                          ++way->said[MESSAGE_CHANGE_CIPHER_SPEC]);
        return;
    case CONTENT_ALERT:
        edits_carry_whole(self, parcel, MESSAGE_ALERT, ++way->said[MESSAGE_ALERT]);
        return;
    default:
        middlebox_pass(self, parcel);
    }
}
