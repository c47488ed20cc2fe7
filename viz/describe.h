/* Describe: the words for an arrow, from the values of the run: its name with its brackets, one
 * line of detail, what was done to it, and what its remarks say. All results are UTF-8 and owned by
 * the caller (g_free). */
#pragma once

#include "viz/flow.h"

/* "ClientHello", "[ChangeCipherSpec]", "{Finished}", "[Application Data]" of TLS 1.3, "ServerHello
 * … ServerHelloDone". */
char *describe_name(const FlowRow *row);

/* Whether its name stands in brackets because it is no handshake message: ChangeCipherSpec, up to
 * TLS 1.2. */
bool describe_stands_outside(const FlowRow *row);

/* "TLS 1.2 · 7 suites · www.lab.example"; "" when there is nothing to say. */
char *describe_detail(const FlowRow *row);

/* "dropped", "cipher_suites: 0x002f → 0x0005", "+250 ms", "misbehaves: …"; NULL when nothing was
 * done to it. */
char *describe_mischief(const FlowRow *row);

/* "client → server". */
char *describe_way(const Trace *trace, const FlowRow *row);

/* All that a pointer shows: way, detail, records, keys, fate, fields; lines end in \n. */
char *describe_tooltip(const Trace *trace, const FlowRow *row);

/* The value of a field of a message by its path, as a person reads it; NULL when it has none. */
char *describe_field(const TraceEvent *event, const char *path);

/* The last FACT of that name by any party (or the last of `link`, -1: any); NULL. */
const TraceEvent *describe_fact(const Trace *trace, const char *name, int link);

/* "scenario normal · seed 1 · TLS 1.2 · TLS_RSA_WITH_AES_128_CBC_SHA". */
char *describe_subtitle(const Trace *trace);

/* What the brackets around names mean, of those that occur: "{ } encrypted", "[ ] no handshake
 * message"; a GPtrArray of char *, g_ptr_array_unref. */
GPtrArray *describe_signs(const Flow *flow);

/* "6 of 6 expectations held"; NULL without a verdict. */
char *describe_verdict(const Trace *trace);

/* "client" with a capital. */
char *describe_party(const Trace *trace, int party);

/* "client write keys", "server handshake traffic keys": what protects that direction. */
const char *describe_keys(Direction direction, Under under);

/* "Connection 2: resumed by session ID", for the row where it begins. */
char *describe_connection(const Trace *trace, const FlowRow *row);
