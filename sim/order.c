/* Judging a conversation from outside.
 *
 * The lists are the engine's own; what an endpoint knows from its configuration is learnt here from
 * the hellos: the version, the suite's key exchange, whether a session is resumed, which extensions
 * were answered. What cannot be known stays open, and then more than one row may come. Once a
 * message was illegal, what comes behind it is not judged: a sound peer would have gone.
 *
 * Obeys RFC 5246 7.3, 7.4, 7.2.1 (closing), 7.4.1.1 (HelloRequest), 7.4.1.3 with RFC 5077 3.4
 * (resumption is told by the session ID); RFC 8446 2, 4.1.3, 4.2.10, 4.6, 5 (ChangeCipherSpec),
 * 6; RFC 7918 (data ahead of the server's Finished).
 */
#include "sim/order.h"

#include "core/crypto/suite.h"
#include "core/engine/conversation.h"

void order_clear(Order *order)
{
    g_clear_pointer(&order->client_id, g_bytes_unref);
}

static Role sender_of(Direction direction)
{
    return direction == DIRECTION_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
}

static bool is_tls13(const Order *order)
{
    return order->list != NULL &&
           (order->list->family == FAMILY_TLS13 || order->list->family == FAMILY_TLS13_POST);
}

static void know(Order *order, Facts facts, bool true_ones)
{
    order->progress.known |= facts;
    if (true_ones)
        order->progress.facts |= facts;
    else
        order->progress.facts &= ~facts;
}

static void begin(Order *order, Family family)
{
    order->list = conversation_of(family);
    order->progress = (Progress){0};
    order->under_way = true;
    order->finished[0] = order->finished[1] = false;
}

/* Which keys of TLS 1.3 a message without a row travels under. */
static Under under_of(const Order *order, Direction direction)
{
    if (!is_tls13(order))
        return UNDER_CURRENT;
    if (order->established || order->finished[direction])
        return UNDER_NEW;
    return direction == DIRECTION_TO_SERVER && order->early ? UNDER_EARLY : UNDER_HANDSHAKE;
}

static Place place_of(const Order *order, Direction direction)
{
    return (Place){
        .judged = !order->lost,
        .legal = true,
        .row = -1,
        .family = order->list == NULL ? FAMILY_SSL3 : order->list->family,
        .handshake = order->handshakes,
        .under = under_of(order, direction),
    };
}

static void refuse(Order *order, Place *place, char *expected, const char *rule)
{
    place->legal = false;
    place->expected = expected;
    place->rule = rule;
    order->lost = true;
}

/* --- what messages tell --- */

static bool offers_tls13(const ClientHello *hello)
{
    const Extension *offer = extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    Bytes versions = offer == NULL ? BYTES_NONE : offer->supported_versions.versions;
    for (size_t at = 0; at + 2 <= versions.size; at += 2)
        if (bytes_number(bytes_slice(versions, at, 2)) == VERSION_TLS_1_3)
            return true;
    return false;
}

static void learn_client_hello(Order *order, const ClientHello *hello)
{
    const Extension *ticket = extensions_find(&hello->extensions, EXTENSION_SESSION_TICKET);
    order_clear(order);
    order->client_id = bytes_copy(hello->session_id);
    order->ticket = ticket != NULL && ticket->data.size > 0;
    order->early = extensions_find(&hello->extensions, EXTENSION_EARLY_DATA) != NULL;
}

/* SSL 3.0 to TLS 1.2: what the suite and the answered extensions settle. */
static void learn_server_hello(Order *order, const ServerHello *hello)
{
    const Suite *suite = suite_find(hello->cipher_suite);
    bool echo = hello->session_id.size > 0 &&
                bytes_equal(hello->session_id, bytes_from_gbytes(order->client_id));
    bool ssl3 = hello->server_version == VERSION_SSL_3_0;
    know(order, FACT_SSL3, ssl3);
    if (!ssl3)
        know(order, FACT_NO_CERT_ALERT, false);
    if (echo || !order->ticket || hello->session_id.size > 0) /* else see resumption_open() */
        know(order, FACT_RESUMED, echo);
    know(order, FACT_TICKET, extensions_find(&hello->extensions, EXTENSION_SESSION_TICKET) != NULL);
    know(order, FACT_STATUS, extensions_find(&hello->extensions, EXTENSION_STATUS_REQUEST) != NULL);
    if (suite == NULL || suite->key_exchange == KEY_EXCHANGE_TLS13) {
        order->lost = true; /* who speaks next is the suite's to say */
        return;
    }
    const KeyExchange *exchange = key_exchange(suite->key_exchange);
    bool psk = exchange->authentication == AUTHENTICATION_PSK;
    know(order, FACT_ANON, exchange->authentication == AUTHENTICATION_NONE);
    know(order, FACT_PSK, psk);
    /* a key for export may be a temporary one (RFC 2246 7.4.3): only the server knows */
    if (exchange->ephemeral || suite->key_exchange == KEY_EXCHANGE_RSA || psk)
        know(order, FACT_EPHEMERAL, exchange->ephemeral);
}

static void learn(Order *order, const Message *message, Role from)
{
    switch ((int)message->kind) {
    case MESSAGE_CLIENT_HELLO:
        learn_client_hello(order, &message->client_hello);
        return;
    case MESSAGE_SERVER_HELLO:
        if (is_tls13(order))
            know(order, FACT_PSK,
                 extensions_find(&message->server_hello.extensions, EXTENSION_PRE_SHARED_KEY) !=
                     NULL);
        else
            learn_server_hello(order, &message->server_hello);
        return;
    case MESSAGE_ENCRYPTED_EXTENSIONS:
        know(order, FACT_EARLY,
             extensions_find(&message->encrypted_extensions, EXTENSION_EARLY_DATA) != NULL);
        return;
    case MESSAGE_END_OF_EARLY_DATA:
        order->early = false;
        return;
    case MESSAGE_CERTIFICATE:
        if (from == ROLE_CLIENT)
            know(order, FACT_CERT_SENT, message->certificate.count > 0);
        return;
    case MESSAGE_SSL2_SERVER_HELLO:
        know(order, FACT_RESUMED, message->ssl2.session_id_hit != 0);
        return;
    }
}

/* ServerHello settles which list it is; the hello before it stands in all of them. */
static void adopt(Order *order, const Message *message)
{
    const Extension *version =
        extensions_find(&message->server_hello.extensions, EXTENSION_SUPPORTED_VERSIONS);
    Family family =
        family_of(version == NULL ? message->server_hello.server_version
                                  : (ProtocolVersion)version->supported_versions.selected_version);
    if (order->list == NULL || order->list->family == family || order->progress.row != 1 ||
        order->established)
        return;
    order->list = conversation_of(family);
    order->progress = (Progress){.row = 1};
}

/* --- rows --- */

/* Whether a message opens a handshake here. */
static void open_list(Order *order, MessageKind kind, const Message *message, Role from)
{
    if (kind == MESSAGE_CERTIFICATE_REQUEST && from == ROLE_SERVER && order->established &&
        is_tls13(order) && !order->under_way) { /* RFC 8446 4.6.2 */
        begin(order, FAMILY_TLS13_POST);
        order->handshakes++;
        return;
    }
    if (from != ROLE_CLIENT || order->under_way)
        return;
    if (kind == MESSAGE_SSL2_CLIENT_HELLO && !order->established)
        begin(order, FAMILY_SSL2);
    if (kind != MESSAGE_CLIENT_HELLO || (order->established && order->list->family != FAMILY_SSL3))
        return;
    bool tls13 = !order->established && message != NULL && offers_tls13(&message->client_hello);
    order->handshakes += order->established;
    begin(order, tls13 ? FAMILY_TLS13 : FAMILY_SSL3);
}

/* What stands outside the rows: RFC 5246 7.4.1.1, 7.2; RFC 8446 4.6, 5; RFC 7918; RFC 6520. */
static bool legal_outside(const Order *order, MessageKind kind, Direction direction)
{
    Role from = sender_of(direction);
    size_t count = 0;
    if (kind == MESSAGE_ALERT || (kind == MESSAGE_HELLO_REQUEST && from == ROLE_SERVER))
        return kind == MESSAGE_ALERT || !is_tls13(order);
    if (order->list == NULL)
        return false;
    if (kind == MESSAGE_SSL2_ERROR) /* draft-hickman-netscape-ssl 2.7: as an alert */
        return order->list->family == FAMILY_SSL2;
    if (kind == MESSAGE_CHANGE_CIPHER_SPEC) /* RFC 8446 5 */
        return is_tls13(order) && !order->established;
    const Step *steps = conversation_established(order->list->family, &count);
    bool listed = false;
    for (size_t i = 0; i < count && !listed; i++)
        listed = steps[i].message == kind && steps[i].from == from;
    if (!listed || order->established)
        return listed && kind != MESSAGE_CLIENT_HELLO;
    bool data = kind == MESSAGE_APPLICATION_DATA, early = from == ROLE_CLIENT && order->early;
    if (is_tls13(order)) /* the server may speak behind its Finished: RFC 8446 2, 4.6.1 */
        return (data && early) ||
               (order->finished[direction] && (data || kind == MESSAGE_NEW_SESSION_TICKET));
    return data && from == ROLE_CLIENT && order->finished[direction]; /* RFC 7918 */
}

static bool is_row(const Order *order, MessageKind kind, const Message *message)
{
    if (!order->under_way)
        return false;
    if (kind == MESSAGE_CHANGE_CIPHER_SPEC)
        return !is_tls13(order);
    if (kind == MESSAGE_ALERT) /* RFC 6101 5.6.6 */
        return message != NULL && message->alert.description == ALERT_NO_CERTIFICATE &&
               (order->progress.facts & FACT_SSL3) != 0;
    return kind != MESSAGE_APPLICATION_DATA && kind != MESSAGE_HEARTBEAT;
}

/* RFC 5077 3.4: a ticket without a session ID is answered by what the server says next. Until then
 * more rows may come than the questions are made for. */
static bool resumption_open(const Order *order)
{
    return order->list != NULL && order->list->family == FAMILY_SSL3 && order->under_way &&
           order->progress.row >= 2 && (order->progress.known & FACT_RESUMED) == 0;
}

static void finish(Order *order)
{
    if (order->lost || resumption_open(order) || !conversation_over(order->list, &order->progress))
        return;
    order->under_way = false;
    order->established = true;
    if (order->list->family == FAMILY_TLS13_POST)
        order->list = conversation_of(FAMILY_TLS13);
}

static bool take_row(Order *order, Direction direction, MessageKind kind, const Message *message,
                     Place *place)
{
    Role from = sender_of(direction);
    place->row = conversation_accept(order->list, &order->progress, kind, from);
    if (place->row < 0)
        return false;
    const Step *step = &order->list->steps[place->row];
    place->family = order->list->family;
    place->handshake = order->handshakes;
    place->under = order->list->family == FAMILY_TLS13_POST ? UNDER_NEW : step->under;
    if (order->list->family == FAMILY_SSL3 || order->list->family == FAMILY_SSL2)
        place->under = UNDER_CURRENT;
    order->finished[direction] = order->finished[direction] || kind == MESSAGE_FINISHED;
    if (message != NULL)
        learn(order, message, from);
    else if (kind != MESSAGE_FINISHED)
        order->lost = true; /* what it settles is not known */
    finish(order);
    return true;
}

/* Alerts end things: RFC 5246 7.2.1, 7.2.2; RFC 8446 6. */
static void take_alert(Order *order, Direction direction, const Message *message)
{
    if (message == NULL)
        return;
    AlertDescription description = (AlertDescription)message->alert.description;
    bool error = is_tls13(order) && description != ALERT_USER_CANCELED;
    if (message->alert.level == ALERT_LEVEL_FATAL || description == ALERT_CLOSE_NOTIFY || error)
        order->closed[direction] = true;
    if (description == ALERT_NO_RENEGOTIATION && order->established)
        order->under_way = false; /* RFC 5246 7.2.2 */
}

static void resumption_settle(Order *order, MessageKind kind)
{
    if (resumption_open(order) && kind != MESSAGE_ALERT && kind != MESSAGE_HELLO_REQUEST)
        know(order, FACT_RESUMED,
             kind == MESSAGE_NEW_SESSION_TICKET || kind == MESSAGE_CHANGE_CIPHER_SPEC);
}

static char *expected_now(const Order *order)
{
    if (order->list == NULL)
        return g_strdup("ClientHello");
    if (resumption_open(order))
        return g_strdup("the server's next message");
    if (order->under_way)
        return conversation_expected(order->list, &order->progress);
    return g_strdup("application data, an alert or a new hello");
}

Place order_take(Order *order, Direction direction, MessageKind kind, const Message *message)
{
    Role from = sender_of(direction);
    if (message != NULL && kind == MESSAGE_SERVER_HELLO && !order->lost)
        adopt(order, message);
    if (!order->lost) {
        open_list(order, kind, message, from);
        resumption_settle(order, kind);
    }
    Place place = place_of(order, direction);
    if (order->lost)
        return place;
    if (order->closed[direction]) {
        refuse(order, &place, g_strdup("nothing more"), "RFC 5246 7.2.1");
        return place;
    }
    g_autofree char *expected = expected_now(order);
    bool row = is_row(order, kind, message);
    if (row && take_row(order, direction, kind, message, &place))
        return place;
    if (!legal_outside(order, kind, direction)) {
        refuse(order, &place, g_steal_pointer(&expected),
               is_tls13(order) ? "RFC 8446 4" : "RFC 5246 7.4");
        return place;
    }
    if (kind == MESSAGE_ALERT)
        take_alert(order, direction, message);
    return place;
}

Place order_take_closed(Order *order, Direction direction, ContentType type)
{
    Place place = place_of(order, direction);
    place.judged = false;
    if (order->lost || is_tls13(order) || order->list == NULL) {
        /* early data that the server refuses is skipped by it, too: RFC 8446 4.2.10 */
        bool skipped = direction == DIRECTION_TO_SERVER && order->early && !order->established;
        order->lost = order->lost || !skipped;
        place.under = UNDER_CURRENT;
        return place;
    }
    resumption_settle(order, MESSAGE_NONE);
    if (type == CONTENT_HANDSHAKE && order->under_way && order->list->family == FAMILY_SSL3 &&
        take_row(order, direction, MESSAGE_FINISHED, NULL, &place))
        return place;
    if (type == CONTENT_HANDSHAKE || order->list->family == FAMILY_SSL2)
        order->lost = true; /* it may be anything */
    return place;
}

const char *order_state(const Order *order, Role role)
{
    if (order->lost || order->list == NULL || resumption_open(order))
        return NULL;
    if (!order->under_way)
        return order->established ? order->list->done : NULL;
    if (conversation_say(order->list, &order->progress, role) >= 0)
        return NULL;
    return conversation_state(order->list, &order->progress, role);
}
