/* Where TLS begins.
 *
 * Mostly with the first byte. Several protocols begin in plain text, and one of their sentences
 * ends it: each is a row here, with the words that the client says and the answer that lets it go
 * on. Behind the words the client's hello must stand, or the row does not fit; the server's first
 * record is looked for behind its answer. No port is asked: a record header with a major version of
 * 3, or a hello of SSL 2.0, is not met by chance where it is looked for.
 *
 * Sources: RFC 3207 4 (SMTP), RFC 9051 6.2.1 (IMAP), RFC 2595 4 (POP3), RFC 4217 4 (FTP), RFC 4511
 * 4.14 (LDAP), RFC 6120 5.4.2 (XMPP), RFC 4642 2.2 (NNTP), RFC 5804 2.2 (ManageSieve), RFC 9110
 * 9.3.6 (a proxy's CONNECT), PostgreSQL's frontend/backend protocol (SSLRequest); RFC 5246 6.2.1
 * and E.2, draft-hickman-netscape-ssl 1.1 and 2.5 (records, the old hello).
 */
#include "scenarios/import/prologue.h"

#include <string.h>

#include "core/base/numbers.h"
#include "core/wire/record.h"

/* clang-format off */
static const struct {
    const char *protocol, *words;
    const char *asks;    /* what the client's plain text ends with; letters of any case */
    size_t asks_size;
    const char *answers; /* what the server's answer begins with */
    size_t answers_size;
} rows[] = {
#define ROW(protocol, words, asks, answers) \
    {protocol, words, asks, sizeof asks - 1, answers, sizeof answers - 1}
    ROW("SMTP", "STARTTLS", "STARTTLS\r\n", "220"),
    ROW("IMAP", "STARTTLS", " STARTTLS\r\n", "OK"),
    ROW("NNTP", "STARTTLS", "STARTTLS\r\n", "382"),
    ROW("ManageSieve", "STARTTLS", "STARTTLS\r\n", "OK"),
    ROW("POP3", "STLS", "STLS\r\n", "+OK"),
    ROW("FTP", "AUTH TLS", "AUTH TLS\r\n", "234"),
    ROW("FTP", "AUTH SSL", "AUTH SSL\r\n", "234"),
    ROW("XMPP", "starttls", "urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed"),
    ROW("XMPP", "starttls", "urn:ietf:params:xml:ns:xmpp-tls\"/>", "<proceed"),
    ROW("LDAP", "StartTLS", "1.3.6.1.4.1.1466.20037", "\x0a\x01"),
    ROW("PostgreSQL", "SSLRequest", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "S"),
    ROW("HTTP", "CONNECT", "\r\n\r\n", "HTTP/1."),
#undef ROW
};
/* clang-format on */

/* A record header: content type, a major version of 3, a length that a record may have. */
static bool looks_like_record(Bytes bytes)
{
    return bytes.size >= RECORD_HEADER_SIZE && bytes.data[0] >= CONTENT_CHANGE_CIPHER_SPEC &&
           bytes.data[0] <= CONTENT_HEARTBEAT && bytes.data[1] == VERSION_SSL_3_0 >> 8 &&
           bytes.data[2] <= (VERSION_TLS_1_3 & 0xff) &&
           bytes_number(bytes_slice(bytes, 3, 2)) <= RECORD_CIPHERTEXT_MOST;
}

/* CLIENT-HELLO: length with its high bit, type 1, version 0.2 or 3.x, the three lengths. */
static bool looks_like_ssl2_hello(Bytes bytes)
{
    enum { FIXED = 11 };
    if (bytes.size < FIXED || (bytes.data[0] & 0x80) == 0 || bytes.data[2] != 1)
        return false;
    size_t size = bytes_number(bytes_slice(bytes, 0, 2)) & 0x7fff;
    size_t specs = bytes_number(bytes_slice(bytes, 5, 2));
    size_t parts =
        specs + bytes_number(bytes_slice(bytes, 7, 2)) + bytes_number(bytes_slice(bytes, 9, 2));
    bool version = bytes_number(bytes_slice(bytes, 3, 2)) == VERSION_SSL_2_0 ||
                   bytes.data[3] == VERSION_SSL_3_0 >> 8;
    return version && specs % 3 == 0 && size == FIXED - 2 + parts;
}

/* SERVER-HELLO: type 4, a hit or none, a kind of certificate, version 0.2. */
static bool looks_like_ssl2_answer(Bytes bytes)
{
    enum { FIXED = 13 };
    return bytes.size >= FIXED && (bytes.data[0] & 0x80) != 0 && bytes.data[2] == 4 &&
           bytes.data[3] <= 1 && bytes_number(bytes_slice(bytes, 5, 2)) == VERSION_SSL_2_0;
}

static bool begins_tls(Bytes client)
{
    return looks_like_record(client) || looks_like_ssl2_hello(client);
}

/* Whether `words` stand at a place of a stream, in letters of any case. */
static bool stands_at(Bytes stream, size_t at, const char *words, size_t size)
{
    return at + size <= stream.size &&
           g_ascii_strncasecmp((const char *)stream.data + at, words, size) == 0;
}

/* The same for words with bytes of zero, which a text ends with. */
static bool bytes_stand_at(Bytes stream, size_t at, const char *words, size_t size)
{
    return memchr(words, 0, size) == NULL
               ? stands_at(stream, at, words, size)
               : at + size <= stream.size && memcmp(stream.data + at, words, size) == 0;
}

/* Behind the words of a row: where the client's hello stands; 0: it does not. */
static size_t client_begins(Bytes client, size_t row)
{
    size_t size = rows[row].asks_size, most = MIN(client.size, (size_t)PROLOGUE_MOST);
    for (size_t at = 0; at + size < most; at++) {
        size_t end = at + size;
        Bytes rest = bytes_slice(client, end, client.size);
        if (rest.data[0] != CONTENT_HANDSHAKE && (rest.data[0] & 0x80) == 0)
            continue;
        if (bytes_stand_at(client, at, rows[row].asks, size) && begins_tls(rest))
            return end;
    }
    return 0;
}

static bool answered(Bytes plain, size_t row)
{
    for (size_t at = 0; at < plain.size; at++)
        if (bytes_stand_at(plain, at, rows[row].answers, rows[row].answers_size))
            return true;
    return false;
}

/* The server's first record: a handshake's or an alert, or a hello of SSL 2.0. Plain text has no
 * such bytes. All of a stream is plain when there is none. */
static size_t server_begins(Bytes server)
{
    size_t most = MIN(server.size, (size_t)PROLOGUE_MOST);
    for (size_t at = 0; at < most; at++) {
        Bytes rest = bytes_slice(server, at, server.size);
        bool may = rest.data[0] == CONTENT_HANDSHAKE || rest.data[0] == CONTENT_ALERT;
        if ((may && looks_like_record(rest)) || looks_like_ssl2_answer(rest))
            return at;
    }
    return server.size;
}

bool prologue_find(Bytes client, Bytes server, Prologue *prologue)
{
    *prologue = (Prologue){0};
    if (begins_tls(client) || (client.size == 0 && looks_like_record(server)))
        return true;
    for (size_t row = 0; row < G_N_ELEMENTS(rows); row++) {
        size_t begins = client_begins(client, row);
        if (begins == 0)
            continue;
        size_t answer = server_begins(server);
        if (!answered(bytes_slice(server, 0, answer), row))
            continue;
        *prologue = (Prologue){rows[row].protocol, rows[row].words, {begins, answer}};
        return true;
    }
    return false;
}
