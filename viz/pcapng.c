/* A run as a pcapng file: the blocks around the packets.
 *
 * Section header, secrets, interfaces, packets, each block padded to 32 bits and with its length at
 * both ends; options as the format's draft numbers them. Everything is little-endian, whatever the
 * machine. The packets are made by packets.c, the secrets are the key log's lines.
 */
#include "viz/pcapng.h"

#include "viz/keylog.h"
#include "viz/packets.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_NAME = 2,        /* interface */
    OPTION_RESOLUTION = 9,  /* interface */
    OPTION_APPLICATION = 4, /* section */
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    SECRETS_TLS = 0x544c534b, /* "TLSK": a key log */
    LINK_ETHERNET = 1,
};

static void put_32(GByteArray *output, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 24)};
    g_byte_array_append(output, bytes, sizeof bytes);
}

static void put_16(GByteArray *output, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    g_byte_array_append(output, bytes, sizeof bytes);
}

static void put_padded(GByteArray *output, Bytes bytes)
{
    static const uint8_t zeros[3] = {0, 0, 0};
    bytes_append(output, bytes);
    g_byte_array_append(output, zeros, (guint)((4 - bytes.size % 4) % 4));
}

static void put_option(GByteArray *output, unsigned code, Bytes value)
{
    enum { OPTION_MOST = 0xffff };
    value = bytes_slice(value, 0, OPTION_MOST);
    put_16(output, code);
    put_16(output, (unsigned)value.size);
    put_padded(output, value);
}

/* A block with its type and its length before and behind. */
static void put_block(GByteArray *output, uint32_t type, const GByteArray *body)
{
    enum { FRAME = 12 };
    put_32(output, type);
    put_32(output, body->len + FRAME);
    bytes_append(output, bytes_from_array(body));
    put_32(output, body->len + FRAME);
}

static void put_section(GByteArray *output, const Trace *trace)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    const char *name = trace->header.scenario == NULL ? "a run" : trace->header.scenario;
    g_autofree char *comment =
        trace->header.captured
            ? g_strdup(name)
            : g_strdup_printf("%s, seed %" G_GUINT64_FORMAT, name, trace->header.seed);
    put_32(body, BYTE_ORDER_MAGIC);
    put_16(body, 1); /* version 1.0 */
    put_16(body, 0);
    put_32(body, 0xffffffff); /* the section's length is not said */
    put_32(body, 0xffffffff);
    put_option(body, OPTION_COMMENT, bytes_from_text(comment));
    put_option(body, OPTION_APPLICATION, bytes_from_text("Shakedown"));
    put_option(body, OPTION_END, BYTES_NONE);
    put_block(output, BLOCK_SECTION, body);
}

static void put_secrets(GByteArray *output, const Trace *trace)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    keylog_write(trace, lines);
    if (lines->len == 0)
        return;
    g_autoptr(GByteArray) body = g_byte_array_new();
    put_32(body, SECRETS_TLS);
    put_32(body, (uint32_t)lines->len);
    put_padded(body, bytes_make(lines->str, lines->len));
    put_block(output, BLOCK_SECRETS, body);
}

static void put_interface(GByteArray *output, const Segment *segment)
{
    static const uint8_t microseconds[] = {6};
    g_autoptr(GByteArray) body = g_byte_array_new();
    put_16(body, LINK_ETHERNET);
    put_16(body, 0);
    put_32(body, 0); /* packets are never cut */
    put_option(body, OPTION_NAME, bytes_from_text(segment->name));
    put_option(body, OPTION_RESOLUTION, BYTES_ARRAY(microseconds));
    put_option(body, OPTION_END, BYTES_NONE);
    put_block(output, BLOCK_INTERFACE, body);
}

static void put_packet(GByteArray *output, const Packet *packet)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    put_32(body, packet->segment);
    put_32(body, (uint32_t)(packet->time >> 32));
    put_32(body, (uint32_t)packet->time);
    put_32(body, packet->frame->len);
    put_32(body, packet->frame->len);
    put_padded(body, bytes_from_array(packet->frame));
    if (packet->comment != NULL) {
        put_option(body, OPTION_COMMENT, bytes_from_text(packet->comment));
        put_option(body, OPTION_END, BYTES_NONE);
    }
    put_block(output, BLOCK_PACKET, body);
}

void pcapng_write(const Trace *trace, GByteArray *output)
{
    g_autoptr(GPtrArray) segments = packets_segments(trace);
    g_autoptr(GPtrArray) packets = packets_make(trace, segments);
    put_section(output, trace);
    put_secrets(output, trace);
    for (guint i = 0; i < segments->len; i++)
        put_interface(output, g_ptr_array_index(segments, i));
    for (guint i = 0; i < packets->len; i++)
        put_packet(output, g_ptr_array_index(packets, i));
}
