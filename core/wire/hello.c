/* The hellos, as they stand on the wire.
 *
 * A HelloRetryRequest is a ServerHello with one fixed random; which of the two it is decides the
 * shape of its extensions, so the walk looks as soon as the random is there. What is negotiated by
 * them is the engine's.
 *
 * Obeys RFC 5246 7.4.1.2 and 7.4.1.3, RFC 6101 5.6.1, RFC 8446 4.1.2 to 4.1.4.
 */
#include <string.h>

#include "core/wire/extension.h"
#include "core/wire/walks.h"

const uint8_t hello_retry_random[RANDOM_SIZE] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* struct { uint32 gmt_unix_time; opaque random_bytes[28]; } Random: RFC 5246 7.4.1.2 */
static void random_walk(Wire *wire, Bytes *random)
{
    wire_fixed(wire, "random", RANDOM_SIZE, random);
}

/* RFC 6101 5.6.1.2: behind the compression methods a hello of SSL 3.0 may hold data of any shape,
 * which is hashed and otherwise ignored. What reads as extensions is extensions: SSL 3.0 has one of
 * them after all (RFC 5746 4.5), and a TLS client may have gone down so far. */
static bool is_extra_data(const Wire *wire, const WalkContext *context, ClientHello *hello)
{
    if (wire->error != WIRE_FINE || hello->client_version != VERSION_SSL_3_0)
        return false;
    if (!wire->reading)
        return hello->extra_data.size > 0;
    Wire trial = wire_reader(bytes_slice(wire->input, wire->at, wire->end - wire->at), NULL);
    extensions_walk(&trial, context, &hello->extensions);
    wire_finish(&trial);
    return trial.error != WIRE_FINE;
}

void client_hello_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ClientHello *hello = &message->client_hello;
    wire_u16(wire, "client_version", NUMBER_VERSION, &hello->client_version);
    random_walk(wire, &hello->random);
    wire_vector(wire, "session_id", 1, 0, SESSION_ID_MOST, &hello->session_id);
    wire_numbers(wire, "cipher_suites", 2, 2, NUMBER_SUITE, 2, LENGTH_16 - 1,
                 &hello->cipher_suites);
    wire_numbers(wire, "compression_methods", 1, 1, NUMBER_COMPRESSION, 1, LENGTH_8,
                 &hello->compression_methods);
    if (!is_extra_data(wire, context, hello)) {
        hello->extra_data = BYTES_NONE;
        extensions_walk(wire, context, &hello->extensions);
        return;
    }
    hello->extensions.present = false;
    wire_rest(wire, "extra_data", &hello->extra_data);
}

void server_hello_walk(Wire *wire, const WalkContext *context, Message *message)
{
    ServerHello *hello = &message->server_hello;
    wire_u16(wire, "server_version", NUMBER_VERSION, &hello->server_version);
    random_walk(wire, &hello->random);
    WalkContext inside = *context;
    /* RFC 8446 4.1.3; after an error there is no random to look at */
    if (wire->error == WIRE_FINE && bytes_equal(hello->random, BYTES_ARRAY(hello_retry_random)))
        message->kind = inside.message = MESSAGE_HELLO_RETRY_REQUEST;
    wire_vector(wire, "session_id", 1, 0, SESSION_ID_MOST, &hello->session_id);
    wire_u16(wire, "cipher_suite", NUMBER_SUITE, &hello->cipher_suite);
    wire_u8(wire, "compression_method", NUMBER_COMPRESSION, &hello->compression_method);
    extensions_walk(wire, &inside, &hello->extensions);
}
