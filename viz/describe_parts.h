/* The parts of a detail: fields of a message by the paths of its spans. Inside the room only:
 * describe.h is what others see. */
#pragma once

#include "viz/flow.h"

/* The bytes of a field; false when the message has no such field. */
bool field_bytes(const TraceEvent *event, const char *path, Bytes *bytes, const Span **span);
bool field_has(const TraceEvent *event, const char *path);
/* 0 when there is none. */
size_t field_size(const TraceEvent *event, const char *path);
/* A number of four bytes at most; 0 when there is none. */
uint32_t field_number(const TraceEvent *event, const char *path);
/* Items of the list at a path. */
int field_items(const TraceEvent *event, const char *path);

/* Appends " · " where something stands already, then the part; nothing for NULL or "". */
void part_add(GString *text, const char *part);
void part_format(GString *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "CN=Lab Root CA": the common name of a distinguished name in DER. g_free. */
char *common_name(Bytes der);

/* The subject and the key of the certificate that came with a row, and how many there were. */
void parts_of_certificate(const FlowRow *row, int count, GString *text);

/* What a hello, or what answers one, says. */
void detail_client_hello(const FlowRow *row, GString *text);
void detail_server_hello(const FlowRow *row, GString *text);
void detail_hello_retry(const FlowRow *row, GString *text);
void detail_encrypted_extensions(const FlowRow *row, GString *text);

/* What any other message says, and a hello too. */
void detail_message(const FlowRow *row, GString *text);
/* False when it is no message of SSL 2.0. */
bool detail_ssl2(const FlowRow *row, GString *text);
