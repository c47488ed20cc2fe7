/* Somebody who listens.
 *
 * A tap passes every record on as it came. It can read what travels in the clear: the handshake's
 * messages up to ChangeCipherSpec, with the names of the host and of the certificate's owner in
 * them. Of protected records it learns their number, their length and their time. If it holds the
 * server's key, or the parties' key log, the observer reads with them; what opens is told where it
 * passes, and the first record that stays closed, with the reason.
 */
#include "sim/tap.h"

#include <string.h>

#include "core/engine/observer.h"
#include "sim/secrets.h"

typedef struct {
    TapKind kind;
    ObserverKeys keys;
    Observer *observer; /* from the first record on */
    Middlebox *box;
    int connection;
    unsigned plain, secret, opened;                 /* messages and records */
    size_t plain_bytes, secret_bytes, opened_bytes; /* of what they hold */
    char *why;                                      /* what stays closed, and has been told */
} Tap;

/* From the key log: what both parties have written into the trace so far. */
static size_t logged_secret(void *data, const char *label, Bytes client_random, uint8_t *output)
{
    const Tap *tap = data;
    return secrets_find_in_trace(tap->box->sink.trace, label, client_random, output);
}

/* Marks a record as read or closed; with a sentence where there is something to say. */
static TraceEvent *tell(const Tap *tap, const Observed *observed, char *sentence)
{
    const TraceSink *sink = &tap->box->sink;
    TraceEvent *event = trace_add(sink->trace, TRACE_NOTE);
    event->link = sink->link;
    event->connection = tap->connection;
    event->direction = observed->direction;
    event->record = observed->record;
    event->result = observed->kind == MESSAGE_NONE ? TRACE_FAILED : TRACE_PASSED;
    event->name = g_strdup("tap");
    event->value = sentence;
    return event;
}

/* The first line of what people write; the size of anything else. g_free. */
static char *shown(Bytes data)
{
    enum { MOST = 48 };
    size_t size = 0;
    while (size < MIN(data.size, (size_t)MOST) && g_ascii_isprint((char)data.data[size]))
        size++;
    bool line =
        size > 0 && (size == data.size || data.data[size] == '\r' || data.data[size] == '\n');
    return line ? g_strdup_printf("\"%.*s\"", (int)size, (const char *)data.data)
                : g_strdup_printf("%zu bytes of data", data.size);
}

static void tell_read(const Tap *tap, const Observed *observed)
{
    const char *by = observed->opened;
    if (observed->kind == MESSAGE_APPLICATION_DATA) {
        if (observed->bytes.size == 0)
            return;
        g_autofree char *data = shown(observed->bytes);
        char *sentence = g_strdup_printf("The listener reads %s, with %s.", data, by);
        tell(tap, observed, sentence)->bytes = bytes_copy(observed->bytes);
    } else {
        bool telling = observed->kind != MESSAGE_ALERT;
        tell(tap, observed,
             telling ? g_strdup_printf("The listener reads %s, with %s.",
                                       message_name(observed->kind), by)
                     : NULL);
    }
}

static void visit(void *data, const Observed *observed)
{
    Tap *tap = data;
    if (!observed->secret) {
        tap->plain++;
        tap->plain_bytes += observed->bytes.size;
        return;
    }
    tap->secret++;
    tap->secret_bytes += observed->bytes.size;
    if (observed->kind != MESSAGE_NONE) {
        tap->opened++;
        tap->opened_bytes += observed->bytes.size;
        tell_read(tap, observed);
        return;
    }
    if (tap->kind == TAP_LISTENS) /* nobody expects it to open */
        return;
    char *sentence =
        tap->why != NULL
            ? NULL
            : g_strdup_printf("The listener cannot open what is protected: %s.", observed->why);
    if (tap->why == NULL)
        tap->why = g_strdup(observed->why);
    tell(tap, observed, sentence);
}

static void tap_carry(Middlebox *self, Parcel *parcel)
{
    Tap *tap = self->state;
    if (tap->observer == NULL) {
        tap->box = self;
        tap->observer = observer_new(&tap->keys, visit, tap);
    }
    observer_record(tap->observer, parcel->direction, bytes_from_array(parcel->bytes));
    middlebox_pass(self, parcel);
}

static void tap_free(Middlebox *self)
{
    Tap *tap = self->state;
    observer_free(tap->observer);
    g_free(tap->why);
    g_free(tap);
}

static const MiddleboxKind tap_kind = {.name = "tap", .carry = tap_carry, .free = tap_free};

Middlebox *tap_new(TapKind kind, const PrivateKey *key)
{
    Tap *tap = g_new0(Tap, 1);
    tap->kind = kind;
    tap->keys.data = tap;
    if (kind == TAP_KEY)
        tap->keys.rsa = key;
    if (kind == TAP_KEYLOG)
        tap->keys.secret = logged_secret;
    return middlebox_new(&tap_kind, tap);
}

void tap_connect(Middlebox *box, int connection)
{
    Tap *tap = box->state;
    tap->connection = connection;
    g_clear_pointer(&tap->why, g_free);
    if (tap->observer != NULL)
        observer_connect(tap->observer);
}

char *tap_sentence(const Middlebox *box)
{
    static const char *const holds[] = {[TAP_LISTENS] = "without a key",
                                        [TAP_KEY] = "with the server's private key",
                                        [TAP_KEYLOG] = "with the key log"};
    const Tap *tap = box->state;
    unsigned closed = tap->secret - tap->opened;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "A listener %s read %u messages in the clear", holds[tap->kind],
                           tap->plain);
    if (tap->opened > 0)
        g_string_append_printf(text, " and %u that were protected", tap->opened);
    if (closed > 0)
        g_string_append_printf(text, "; of %u records (%zu bytes) it saw the length and the time",
                               closed, tap->secret_bytes - tap->opened_bytes);
    if (closed > 0 && tap->why != NULL)
        g_string_append_printf(text, ": %s", tap->why);
    g_string_append_c(text, '.');
    return g_string_free(text, FALSE);
}
