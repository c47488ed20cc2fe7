/* The stack of middleboxes: what they carry and how they hand it on.
 *
 * A middlebox is a vtable of three functions. It sees records of one link, in the order in which
 * they were sent, and knows no party, no scenario and no key. The link below the last one delivers.
 */
#include "sim/middlebox.h"

Parcel *parcel_new(Direction direction, int ordinal, Bytes record, int epoch)
{
    Parcel *parcel = g_new0(Parcel, 1);
    parcel->direction = direction;
    parcel->ordinal = ordinal;
    parcel->sent = bytes_copy(record);
    parcel->bytes = g_byte_array_new();
    bytes_append(parcel->bytes, record);
    parcel->epoch = epoch;
    return parcel;
}

Parcel *parcel_copy(const Parcel *parcel)
{
    Parcel *copy = g_new0(Parcel, 1);
    *copy = *parcel;
    copy->sent = NULL;
    copy->bytes = g_byte_array_new();
    bytes_append(copy->bytes, bytes_from_array(parcel->bytes));
    copy->fate = FATE_DUPLICATED;
    return copy;
}

void parcel_free(Parcel *parcel)
{
    if (parcel == NULL)
        return;
    g_clear_pointer(&parcel->sent, g_bytes_unref);
    g_byte_array_unref(parcel->bytes);
    g_free(parcel);
}

Middlebox *middlebox_new(const MiddleboxKind *kind, void *state)
{
    Middlebox *box = g_new0(Middlebox, 1);
    box->kind = kind;
    box->state = state;
    return box;
}

void middlebox_free(Middlebox *box)
{
    while (box != NULL) {
        Middlebox *next = box->next;
        if (box->kind->free != NULL)
            box->kind->free(box);
        g_free(box);
        box = next;
    }
}

void middlebox_pass(Middlebox *self, Parcel *parcel)
{
    if (self->next != NULL)
        self->next->kind->carry(self->next, parcel);
    else
        self->deliver(self->link, parcel);
}

void middlebox_drop(Middlebox *self, Parcel *parcel)
{
    parcel->fate = FATE_DROPPED;
    self->drop(self->link, parcel);
}

void middlebox_report(Middlebox *self, const Parcel *parcel, const char *rule, const char *effect,
                      int line)
{
    if (self->sink.trace == NULL)
        return;
    TraceEvent *event = trace_add(self->sink.trace, TRACE_MISCHIEF);
    event->party = self->sink.party;
    event->link = self->sink.link;
    event->connection = self->sink.connection;
    event->direction = parcel->direction;
    event->record = parcel->ordinal;
    event->name = g_strdup(rule);
    event->value = g_strdup(effect);
    event->line = line;
}
