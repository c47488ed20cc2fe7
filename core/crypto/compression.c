/* Compression by zlib.
 *
 * A connection's stream is one DEFLATE stream a direction: each record's part ends with a sync
 * flush, so that its receiver has the whole plaintext at once and the window goes on from record to
 * record. That the size of what comes out tells about what went in before is CRIME, and it is true
 * here. What a few bytes may open to is bounded by the caller before any of it is kept.
 *
 * This file knows neither records nor certificates. Obeys RFC 3749 2, RFC 5246 6.2.2, RFC 8879 3
 * and 4; RFC 1950 and RFC 1951 are zlib's.
 */
#include "core/crypto/compression.h"

#include <limits.h>
#include <zlib.h>

enum { STEP = 4096 }; /* bytes by which an output grows */

struct Compression {
    z_stream stream;
    bool inflates;
};

Compression *compression_new_deflate(void)
{
    Compression *compression = g_new0(Compression, 1);
    g_assert(deflateInit(&compression->stream, Z_DEFAULT_COMPRESSION) == Z_OK);
    return compression;
}

Compression *compression_new_inflate(void)
{
    Compression *compression = g_new0(Compression, 1);
    compression->inflates = true;
    g_assert(inflateInit(&compression->stream) == Z_OK);
    return compression;
}

void compression_free(Compression *compression)
{
    if (compression == NULL)
        return;
    if (compression->inflates)
        inflateEnd(&compression->stream);
    else
        deflateEnd(&compression->stream);
    g_free(compression);
}

/* Gives the stream `input`, of which zlib promises to write nothing. */
static void take_in(z_stream *stream, Bytes input)
{
    g_assert(input.size <= UINT_MAX);
    stream->next_in = (Bytef *)(uintptr_t)input.data;
    stream->avail_in = (uInt)input.size;
}

/* Room for `size` bytes more at the end of `output`. */
static void make_room(z_stream *stream, GByteArray *output, size_t size)
{
    guint used = output->len;
    g_byte_array_set_size(output, used + (guint)size);
    stream->next_out = output->data + used;
    stream->avail_out = (uInt)size;
}

/* Deflates what was taken in, up to `flush`; the last result of zlib. */
static int pump_out(z_stream *stream, int flush, GByteArray *output)
{
    int result = Z_OK;
    do {
        make_room(stream, output, STEP);
        result = deflate(stream, flush);
        g_byte_array_set_size(output, output->len - stream->avail_out);
    } while (stream->avail_out == 0 && result == Z_OK);
    return result;
}

bool compression_compress(Compression *compression, Bytes plain, GByteArray *output, Fault *fault)
{
    take_in(&compression->stream, plain);
    int result = pump_out(&compression->stream, Z_SYNC_FLUSH, output); /* RFC 3749 2 */
    /* Z_BUF_ERROR: nothing new to flush, as after a record of no bytes */
    if ((result == Z_OK || result == Z_BUF_ERROR) && compression->stream.avail_in == 0)
        return true;
    return fault_set(fault, FAULT_OF_US, ALERT_INTERNAL_ERROR, NULL, "zlib failed: %d", result);
}

typedef enum {
    EXPANDED,
    EXPANDED_WRONG, /* no DEFLATE */
    EXPANDED_OVER,  /* more than `most` bytes */
} Expanded;

/* Inflates what was taken in, and never keeps more than one byte over `most`. */
static Expanded pump_in(z_stream *stream, size_t most, GByteArray *output)
{
    size_t first = output->len;
    int result = Z_OK;
    do {
        size_t left = most + 1 - (output->len - first);
        make_room(stream, output, MIN(left, STEP));
        result = inflate(stream, Z_SYNC_FLUSH);
        g_byte_array_set_size(output, output->len - stream->avail_out);
        if (output->len - first > most)
            return EXPANDED_OVER;
    } while (stream->avail_out == 0 && result == Z_OK);
    if (stream->avail_in > 0 || (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END))
        return EXPANDED_WRONG;
    return EXPANDED;
}

bool compression_expand(Compression *compression, Bytes compressed, size_t most, GByteArray *output,
                        Fault *fault)
{
    guint first = output->len;
    take_in(&compression->stream, compressed);
    Expanded expanded = pump_in(&compression->stream, most, output);
    if (expanded == EXPANDED)
        return true;
    g_byte_array_set_size(output, first);
    if (expanded == EXPANDED_OVER) /* RFC 5246 6.2.2 */
        return fault_peer(fault, ALERT_DECOMPRESSION_FAILURE, "RFC 5246 6.2.2",
                          "a record opens to more than %zu bytes", most);
    return fault_peer(fault, ALERT_DECOMPRESSION_FAILURE, "RFC 5246 6.2.2",
                      "a record is not what DEFLATE makes");
}

void compress_block(Bytes plain, GByteArray *output)
{
    g_autoptr(Compression) compression = compression_new_deflate();
    take_in(&compression->stream, plain);
    g_assert(pump_out(&compression->stream, Z_FINISH, output) == Z_STREAM_END);
}

bool expand_block(Bytes compressed, size_t size, GByteArray *output, Fault *fault)
{
    guint first = output->len;
    g_autoptr(Compression) compression = compression_new_inflate();
    take_in(&compression->stream, compressed);
    Expanded expanded = pump_in(&compression->stream, size, output);
    /* a stream that has ended says so once more, and takes nothing */
    bool ended = expanded == EXPANDED && inflate(&compression->stream, Z_FINISH) == Z_STREAM_END;
    if (ended && output->len - first == size)
        return true;
    g_byte_array_set_size(output, first);
    return fault_peer(fault, ALERT_BAD_CERTIFICATE, "RFC 8879 4",
                      "a compressed certificate does not open to the %zu bytes that it announces",
                      size);
}
