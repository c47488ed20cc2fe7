/* Somebody who listens.
 *
 * A tap passes every record on as it came. It can read what travels in the clear: the handshake's
 * messages up to ChangeCipherSpec, with the names of the host and of the certificate's owner in
 * them. Of protected records it learns their number, their length and their time. It holds no key;
 * who gives it one will learn what that opens.
 */
#include "sim/tap.h"

#include "core/wire/record.h"

typedef struct {
    unsigned plain, secret;           /* records */
    size_t plain_bytes, secret_bytes; /* of their fragments */
} Tap;

static void tap_carry(Middlebox *self, Parcel *parcel)
{
    Tap *tap = self->state;
    size_t size = parcel->bytes->len - MIN(parcel->bytes->len, (guint)RECORD_HEADER_SIZE);
    if (parcel->epoch > 0) {
        tap->secret++;
        tap->secret_bytes += size;
    } else {
        tap->plain++;
        tap->plain_bytes += size;
    }
    middlebox_pass(self, parcel);
}

static void tap_free(Middlebox *self)
{
    g_free(self->state);
}

static const MiddleboxKind tap_kind = {.name = "tap", .carry = tap_carry, .free = tap_free};

Middlebox *tap_new(void)
{
    return middlebox_new(&tap_kind, g_new0(Tap, 1));
}

char *tap_sentence(const Middlebox *box)
{
    const Tap *tap = box->state;
    return g_strdup_printf("A listener on the link read %u records in the clear (%zu bytes); of %u "
                           "protected ones (%zu bytes) it saw the length and the time.",
                           tap->plain, tap->plain_bytes, tap->secret, tap->secret_bytes);
}
