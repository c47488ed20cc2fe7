/* Link: carries records between two parties through an ordered stack of middleboxes, in virtual
 * time. Order is kept in each direction, as TCP keeps it: a delayed record delays those behind it.
 */
#pragma once

#include "sim/middlebox.h"

typedef struct Link Link;

/* What arrives is handed to `arrive` by the world at its time. */
typedef struct {
    Direction direction;
    uint64_t time;
    GBytes *bytes; /* NULL: the end of the connection in this direction */
} Arrival;

/* `latency` in microseconds each way. */
Link *link_new(Trace *trace, int index, uint64_t latency);
void link_free(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_free)

/* Puts a middlebox at the end of the stack. */
void link_add(Link *link, Middlebox *box);

/* It carries plain text: no records, every send is one. */
void link_set_plain(Link *link);

/* Another connection begins; what was on its way has arrived. */
void link_connect(Link *link, int connection);

/* Whole records, as an endpoint gave them. */
void link_send(Link *link, Direction direction, Bytes records, uint64_t now);

/* Nothing more comes in this direction: the sender has ended the connection. Once is enough. */
void link_end(Link *link, Direction direction, uint64_t now);

/* The time of the next arrival; false when nothing is on its way. */
bool link_next(const Link *link, uint64_t *time);
/* Takes the next arrival; free its bytes, if it has any. */
bool link_take(Link *link, Arrival *arrival);

/* Nothing more will be sent: the middleboxes let go of what they hold. */
void link_flush(Link *link, uint64_t now);
