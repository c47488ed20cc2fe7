/* Reading a file of packets.
 *
 * libpcap takes the file apart into frames, segment.c each frame, stream.c puts the segments
 * together. What is stepped over on the way (fragments, broken headers, cut packets) is counted and
 * told with the first packet that was. Which of the connections speak TLS is decided by their first
 * bytes, not by the port: a record header with a major version of 3, or a hello of SSL 2.0.
 *
 * Sources: RFC 5246 6.2.1 (record header), E.2 and draft-hickman-netscape-ssl 1.1, 2.5 (the hello).
 */
#include "scenarios/import/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_QUARK(shakedown - capture - error, capture_error)

/* What may be stepped over. */
typedef enum {
    OVER_FRAGMENT,
    OVER_BROKEN,
    OVER_CUT,
    OVERS,
} Over;

typedef struct {
    Capture *capture;
    Streams *streams;
    int link;
    unsigned over[OVERS], first[OVERS];
} Reading;

static void step_over(Reading *reading, Over over)
{
    if (reading->over[over]++ == 0)
        reading->first[over] = reading->capture->packets;
}

static void take_packet(Reading *reading, const struct pcap_pkthdr *header, const u_char *data)
{
    Segment segment;
    uint64_t time = (uint64_t)header->ts.tv_sec * G_USEC_PER_SEC + (uint64_t)header->ts.tv_usec;
    reading->capture->packets++;
    switch (segment_read(bytes_make(data, header->caplen), reading->link, &segment)) {
    case SEGMENT_OTHER:
        return;
    case SEGMENT_FRAGMENT:
        step_over(reading, OVER_FRAGMENT);
        return;
    case SEGMENT_BROKEN:
        step_over(reading, OVER_BROKEN);
        return;
    case SEGMENT_IS_TCP:
        break;
    }
    reading->capture->segments++;
    if (segment.missing > 0)
        step_over(reading, OVER_CUT);
    streams_add(reading->streams, &segment, reading->capture->packets, time);
}

static void tell(Reading *reading)
{
    static const char *const what[OVERS] = {
        [OVER_FRAGMENT] = "IP fragments, which are not put together, were stepped over",
        [OVER_BROKEN] = "packets with cut headers or wrong lengths were stepped over",
        [OVER_CUT] = "packets were cut by the snapshot length: the rest of their bytes is lost",
    };
    for (int i = 0; i < OVERS; i++)
        if (reading->over[i] > 0)
            g_ptr_array_add(reading->capture->told,
                            g_strdup_printf("%u %s (the first is packet %u)", reading->over[i],
                                            what[i], reading->first[i]));
    unsigned refused = streams_refused(reading->streams);
    if (refused > 0)
        g_ptr_array_add(reading->capture->told,
                        g_strdup_printf("%u connections beyond the first %d were left out", refused,
                                        CONNECTIONS_MOST));
}

static void take_all(Reading *reading, pcap_t *pcap)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *data = NULL;
    int result;
    while ((result = pcap_next_ex(pcap, &header, &data)) == 1)
        take_packet(reading, header, data);
    if (result == PCAP_ERROR)
        reading->capture->broken =
            g_strdup_printf("behind packet %u: %s", reading->capture->packets, pcap_geterr(pcap));
    tell(reading);
    reading->capture->connections = streams_finish(reading->streams);
}

static Capture *refuse(const char *path, const char *why, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: no capture can be read: %s", shown,
                why);
    return NULL;
}

Capture *capture_read(const char *path, Secrets *secrets, GError **error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    unsigned embedded = 0;
    if (!secrets_embedded(secrets, path, &embedded, error))
        return NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return refuse(path, g_strerror(errno), error);
    pcap_t *pcap = pcap_fopen_offline(file, why); /* pcap_close closes the file */
    if (pcap == NULL) {
        fclose(file);
        return refuse(path, why, error);
    }
    g_autoptr(Streams) streams = streams_new();
    Reading reading = {.streams = streams, .link = pcap_datalink(pcap)};
    if (!segment_link_known(reading.link)) {
        const char *name = pcap_datalink_val_to_name(reading.link);
        g_snprintf(why, sizeof why,
                   "its link type is %s (%d); Ethernet, raw IP, Linux cooked and "
                   "loopback are known",
                   name == NULL ? "unknown" : name, reading.link);
        pcap_close(pcap);
        return refuse(path, why, error);
    }
    reading.capture = g_new0(Capture, 1);
    g_autofree char *base = g_path_get_basename(path);
    reading.capture->name = g_filename_display_name(base);
    reading.capture->embedded = embedded;
    reading.capture->told = g_ptr_array_new_with_free_func(g_free);
    take_all(&reading, pcap);
    pcap_close(pcap);
    return reading.capture;
}

void capture_free(Capture *capture)
{
    if (capture == NULL)
        return;
    g_free(capture->name);
    g_free(capture->broken);
    g_ptr_array_unref(capture->told);
    g_clear_pointer(&capture->connections, g_ptr_array_unref);
    g_free(capture);
}

/* A record header: content type, a major version of 3, a length that a record may have. */
static bool looks_like_tls(Bytes bytes)
{
    enum { HEADER = 5, LENGTH_MOST = 16384 + 2048 };
    return bytes.size >= HEADER && bytes.data[0] >= CONTENT_CHANGE_CIPHER_SPEC &&
           bytes.data[0] <= CONTENT_HEARTBEAT && bytes.data[1] == VERSION_SSL_3_0 >> 8 &&
           bytes.data[2] <= (VERSION_TLS_1_3 & 0xff) &&
           bytes_number(bytes_slice(bytes, 3, 2)) <= LENGTH_MOST;
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

bool capture_speaks_tls(const Connection *connection, unsigned port)
{
    if (port != 0 && connection->ends[DIRECTION_TO_CLIENT].port != port)
        return false;
    Bytes client = bytes_from_array(connection->sides[DIRECTION_TO_SERVER].bytes);
    Bytes server = bytes_from_array(connection->sides[DIRECTION_TO_CLIENT].bytes);
    if (looks_like_ssl2_hello(client) || looks_like_tls(client))
        return true;
    return client.size == 0 && looks_like_tls(server);
}
