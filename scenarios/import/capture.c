/* Reading a file of packets.
 *
 * libpcap takes the file apart into frames, segment.c each frame, stream.c puts the segments
 * together. What is stepped over on the way (fragments, broken headers, cut packets) is counted and
 * told with the first packet that was. Which of the connections speak TLS is decided by their
 * bytes (prologue.c), not by the port.
 *
 * Sources: the manual page of pcap_open_offline(3).
 */
#include "scenarios/import/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/import/embedded.h"

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

/* --- files --- */

/* A file whose bytes are seen twice: by libpcap, and by whoever looks for embedded secrets. So it
 * is read once, and may be a pipe. */
typedef struct {
    FILE *file;
    Embedded *embedded;
} Source;

static ssize_t source_read(void *cookie, char *buffer, size_t size)
{
    Source *source = cookie;
    size_t got = fread(buffer, 1, size, source->file);
    embedded_feed(source->embedded, bytes_make(buffer, got));
    return got == 0 && ferror(source->file) ? -1 : (ssize_t)got;
}

static FILE *source_open(Source *source)
{
    return fopencookie(source, "rb", (cookie_io_functions_t){.read = source_read});
}

static bool is_standard_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

static void close_file(FILE *file)
{
    if (file != stdin)
        fclose(file);
}

static char *shown_name(const char *path)
{
    return is_standard_input(path) ? g_strdup("standard input") : g_filename_display_name(path);
}

static Capture *refuse(const char *path, const char *why, GError **error)
{
    g_autofree char *shown = shown_name(path);
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: no capture can be read: %s", shown,
                why);
    return NULL;
}

static Capture *refuse_file(const char *path, GError **error)
{
    int number = errno;
    g_autofree char *shown = shown_name(path);
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number), "%s: %s", shown,
                g_strerror(number));
    return NULL;
}

static Capture *capture_begin(const char *path)
{
    Capture *capture = g_new0(Capture, 1);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *shown = shown_name(base);
    capture->name = g_steal_pointer(&shown);
    capture->told = g_ptr_array_new_with_free_func(g_free);
    return capture;
}

static Capture *read_packets(const char *path, pcap_t *pcap, GError **error)
{
    g_autoptr(Streams) streams = streams_new();
    Reading reading = {.streams = streams, .link = pcap_datalink(pcap)};
    if (!segment_link_known(reading.link)) {
        const char *name = pcap_datalink_val_to_name(reading.link);
        g_autofree char *why = g_strdup_printf("its link type is %s (%d); Ethernet, raw IP, Linux "
                                               "cooked and loopback are known",
                                               name == NULL ? "unknown" : name, reading.link);
        return refuse(path, why, error);
    }
    reading.capture = capture_begin(path);
    take_all(&reading, pcap);
    return reading.capture;
}

Capture *capture_read(const char *path, Secrets *secrets, GError **error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    g_autoptr(Embedded) embedded = embedded_new(secrets);
    Source source = {.embedded = embedded};
    source.file = is_standard_input(path) ? stdin : fopen(path, "rb");
    if (source.file == NULL)
        return refuse_file(path, error);
    FILE *file = source_open(&source);
    pcap_t *pcap = file == NULL ? NULL : pcap_fopen_offline(file, why);
    Capture *capture = pcap == NULL ? refuse(path, why, error) : read_packets(path, pcap, error);
    if (capture != NULL)
        capture->embedded = embedded_count(embedded);
    if (pcap != NULL)
        pcap_close(pcap); /* and the file */
    else if (file != NULL)
        fclose(file);
    close_file(source.file);
    return capture;
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

bool capture_speaks_tls(const Connection *connection, unsigned port)
{
    return connection->speaks_tls &&
           (port == 0 || connection->ends[DIRECTION_TO_CLIENT].port == port);
}
