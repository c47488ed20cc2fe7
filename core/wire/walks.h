/* The walks of bodies, shared by the files that describe messages and by nobody else. */
#pragma once

#include "core/wire/message.h"

typedef void (*BodyWalk)(Wire *wire, const WalkContext *context, Message *message);

enum { LENGTH_8 = 0xff, LENGTH_16 = 0xffff, LENGTH_24 = 0xffffff };

/* hello.c */
void client_hello_walk(Wire *wire, const WalkContext *context, Message *message);
void server_hello_walk(Wire *wire, const WalkContext *context, Message *message);

/* certificates.c */
void certificate_walk(Wire *wire, const WalkContext *context, Message *message);
void compressed_certificate_walk(Wire *wire, const WalkContext *context, Message *message);
void certificate_request_walk(Wire *wire, const WalkContext *context, Message *message);
void certificate_verify_walk(Wire *wire, const WalkContext *context, Message *message);
void certificate_status_walk(Wire *wire, const WalkContext *context, Message *message);

/* exchange.c */
void server_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message);
void client_key_exchange_walk(Wire *wire, const WalkContext *context, Message *message);

/* ssl2.c: the whole message, its type included */
void ssl2_walk(Wire *wire, Message *message);
