/* clang-format off */
/* JSON lines: a trace as text that can be drawn again exactly.
 *
 * One JSON object a line, UTF-8, keys always in the order given here. What is absent, zero or false
 * is left out unless marked (always); an empty text or list is there. Line 1 is the header:
 *
 *   {"shakedown":1,              the format's version (always)
 *    "scenario":"…","title":"…","about":"…","spec":"RFC …",
 *    "seed":"1",                 decimal, as a text: 64 bits fit no JSON number (always)
 *    "clock":1772355600,         seconds since 1970 UTC at virtual time 0 (always)
 *    "parties":[{"name":"client","kind":"client"},…],                           (always)
 *    "links":[{"left":0,"right":1,"left_address":"10.0.1.1","right_address":"10.0.1.2",
 *              "left_port":49152,"right_port":443},…],                          (always)
 *    "text":"…",                 the scenario's canonical text
 *    "captured":true}            real connections that were heard: there was no scenario
 *
 * Every further line is an event:
 *
 *   {"event":1,"time":0,"kind":"message",       number, virtual microseconds, kind (always)
 *    "party":0,"link":0,"connection":0,         party and link: absent is none (-1)
 *    "direction":"to_client",                   absent: to_server
 *    "incoming":true,"epoch":1,
 *    "under":"handshake",                       the keys of TLS 1.3: early, handshake, application;
 *                                               absent: in the clear, or an older version
 *    "handshake":1,
 *    "record":1,"record_count":1,"arrival":1,"arrival_time":10000,"message":1,
 *    "message_kind":1,                          number of a MessageKind; absent: none
 *    "row":0,                                   absent: -1
 *    "line":12,
 *    "bytes":"16…","received":"16…",            hexadecimal
 *    "spans":[["name",kind,number,item,depth,index,first,size],…],
 *    "name":"…","value":"…","reason":"…","before":"…","after":"…",
 *    "result":"failed",                         absent: passed
 *    "fate":"dropped",                          absent: delivered
 *    "level":2,"description":20,                numbers of the alert
 *    "certificate":{"subject":…,"issuer":…,"serial":…,"names":…,"not_before":…,"not_after":…,
 *                   "key":…,"key_fingerprint":…,"fingerprint":…,"signature":…,"position":…},
 *    "expectations":[{"text":…,"expected":…,"got":…,"held":…,"event":…,"line":…},…]}
 *
 * All numbers are integers. The reader refuses unknown keys, another version, events out of order
 * and numbers out of range, with the line's number. */
/* clang-format on */
#pragma once

#include "core/engine/trace.h"

enum { JSON_LINES_VERSION = 1 };

#define JSON_ERROR (json_error_quark())
typedef enum {
    JSON_ERROR_SYNTAX,  /* not JSON */
    JSON_ERROR_CONTENT, /* JSON, but no trace */
    JSON_ERROR_VERSION, /* a trace of another format */
} JsonError;
GQuark json_error_quark(void);

/* Appends the trace to `output`, each line ended by \n. */
void json_write(const Trace *trace, GString *output);

/* One event's line without its \n, for streams. */
void json_write_event(const TraceEvent *event, GString *output);

/* The trace that the text holds; NULL with an error ("line 3: …"). `size` -1: to the zero byte. */
Trace *json_read(const char *text, gssize size, GError **error);
