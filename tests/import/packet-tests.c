/* Packets as networks deliver them.
 *
 * The packets of a run are put under other link layers and IP versions, out of order, twice, in
 * smaller and in overlapping pieces: what is read must be what the run said, in the order in which
 * it was said. Where one is taken away, what is missing must be said, and nothing made up.
 *
 * Sources: link types as registered by tcpdump.org, RFC 8200 3 and 4.6, IEEE 802.1Q 9.6.
 */
#include <pcap/dlt.h>
#include <string.h>

#include "sim/world.h"
#include "tests/import/import-tests.h"
#include "viz/keylog.h"
#include "viz/pcapng.h"

enum { ETHERNET = 14, IPV4 = 20, IPV4_AND_TCP = 40 };

/* A run and its frames (GByteArray *, Ethernet and IPv4). */
typedef struct {
    Trace *trace;
    GPtrArray *frames;
    GString *keylog;
} Sample;

static void free_frame(gpointer frame)
{
    g_byte_array_unref(frame);
}

/* The frames of a pcapng file of ours: its Enhanced Packet Blocks. */
static void frames_take(GPtrArray *frames, Bytes file)
{
    enum { PACKET = 6, FIXED = 28 };
    for (size_t at = 0; at < file.size;) {
        guint32 head[7];
        ck_assert_uint_le(at + 12, file.size);
        memcpy(head, file.data + at, MIN(sizeof head, file.size - at));
        if (GUINT32_FROM_LE(head[0]) == PACKET) {
            GByteArray *frame = g_byte_array_new();
            bytes_append(frame, bytes_slice(file, at + FIXED, GUINT32_FROM_LE(head[5])));
            g_ptr_array_add(frames, frame);
        }
        at += GUINT32_FROM_LE(head[1]);
    }
}

static Sample sample_new(const char *name)
{
    Fault fault = FAULT_INIT;
    g_autoptr(Scenario) scenario = support_catalogue(name);
    Sample sample = {.trace = world_play(scenario_plan(scenario, 0), &fault)};
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(sample.trace, file);
    sample.frames = g_ptr_array_new_with_free_func(free_frame);
    sample.keylog = g_string_new(NULL);
    keylog_write(sample.trace, sample.keylog);
    frames_take(sample.frames, bytes_from_array(file));
    return sample;
}

static void sample_clear(Sample *sample)
{
    trace_free(sample->trace);
    g_ptr_array_unref(sample->frames);
    g_string_free(sample->keylog, TRUE);
}

static GByteArray *frame_part(const GByteArray *frame, size_t first, size_t size)
{
    GByteArray *part = g_byte_array_new();
    bytes_append(part, bytes_slice(bytes_from_array(frame), first, size));
    return part;
}

/* A pcap file (not pcapng) of frames. */
static GByteArray *pcap_file(const GPtrArray *frames, uint32_t link)
{
    const uint32_t head[] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 262144, link};
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)head, sizeof head);
    for (guint i = 0; i < frames->len; i++) {
        const GByteArray *frame = g_ptr_array_index(frames, i);
        const uint32_t about[] = {1700000000, i * 1000, frame->len, frame->len};
        g_byte_array_append(file, (const guint8 *)about, sizeof about);
        bytes_append(file, bytes_from_array(frame));
    }
    return file;
}

/* Who said what, in order. */
static char *order_of(const Trace *trace)
{
    GString *lines = g_string_new(NULL);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind == TRACE_MESSAGE && !event->incoming)
            g_string_append_printf(lines, "%d %s\n", event->direction,
                                   message_name(event->message_kind));
    }
    return g_string_free(lines, FALSE);
}

static ReadCapture *read_frames(const Sample *sample, const GPtrArray *frames, uint32_t link)
{
    g_autoptr(GByteArray) file = pcap_file(frames, link);
    g_autoptr(GError) error = NULL;
    ReadCapture *read = read_capture(
        bytes_from_array(file), bytes_make(sample->keylog->str, sample->keylog->len), NULL, &error);
    ck_assert_msg(read != NULL, "%s", error == NULL ? "" : error->message);
    ck_assert_msg(read->capture->broken == NULL, "%s", read->capture->broken);
    return read;
}

static void check_whole(const Sample *sample, const GPtrArray *frames, uint32_t link,
                        const char *what)
{
    g_autoptr(ReadCapture) read = read_frames(sample, frames, link);
    ck_assert_msg(read->traces->len == 1, "%s: %u connections", what, read->traces->len);
    ck_assert_msg(read->illegal + read->closed + read->partial == 0, "%s: %u illegal, %u closed",
                  what, read->illegal, read->closed);
    const Trace *trace = g_ptr_array_index(read->traces, 0);
    for (int direction = 0; direction < 2; direction++) {
        g_autofree char *said = said_lines(sample->trace, 0, (Direction)direction);
        g_autofree char *seen = said_lines(trace, 0, (Direction)direction);
        ck_assert_msg(strcmp(said, seen) == 0, "%s: said\n%.1500s\nread\n%.1500s", what, said,
                      seen);
    }
    g_autofree char *said = order_of(sample->trace);
    g_autofree char *seen = order_of(trace);
    ck_assert_msg(strcmp(said, seen) == 0, "%s: said\n%s\nread\n%s", what, said, seen);
}

/* --- link layers --- */

static const struct {
    const char *name;
    uint32_t link;
    uint8_t header[20];
    size_t size;
    bool ipv6;
} wraps[] = {
    {"raw", DLT_RAW, {0}, 0, false},
    {"raw IPv4", DLT_IPV4, {0}, 0, false},
    {"raw IPv6", DLT_IPV6, {0}, 0, true},
    {"NULL", DLT_NULL, {2, 0, 0, 0}, 4, false},
    {"NULL, IPv6", DLT_NULL, {30, 0, 0, 0}, 4, true},
    {"LOOP", DLT_LOOP, {0, 0, 0, 2}, 4, false},
    {"SLL", DLT_LINUX_SLL, {0, 0, 3, 4, 0, 6, [14] = 0x08}, 16, false},
    {"SLL, IPv6", DLT_LINUX_SLL, {0, 0, 3, 4, 0, 6, [14] = 0x86, [15] = 0xdd}, 16, true},
    {"SLL2", DLT_LINUX_SLL2, {0x08, 0}, 20, false},
    {"Ethernet, IPv6", DLT_EN10MB, {[12] = 0x86, [13] = 0xdd}, 14, true},
    {"VLAN", DLT_EN10MB, {[12] = 0x81, [13] = 0, 0, 7, 0x08, 0}, 18, false},
    {"VLAN in VLAN", DLT_EN10MB, {[12] = 0x88, [13] = 0xa8, 0, 7, 0x81, 0, 0, 8}, 20, false},
};

/* The TCP segment of a frame under IPv6, with two extension headers: destination options and a
 * fragment header that is none (RFC 6946). */
static void put_ipv6(GByteArray *frame, Bytes ipv4)
{
    enum { EXTENSIONS = 16 };
    Bytes tcp = bytes_slice(ipv4, IPV4, ipv4.size);
    const uint8_t head[] = {
        0x60, 0, 0, 0, (uint8_t)((tcp.size + EXTENSIONS) >> 8), (uint8_t)(tcp.size + EXTENSIONS),
        60,   64};
    const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0};
    const uint8_t extensions[EXTENSIONS] = {44, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 1};
    g_byte_array_append(frame, head, sizeof head);
    for (size_t at = 12; at <= 16; at += 4) {
        g_byte_array_append(frame, prefix, sizeof prefix);
        bytes_append(frame, bytes_slice(ipv4, at, 4));
    }
    g_byte_array_append(frame, extensions, sizeof extensions);
    bytes_append(frame, tcp);
}

START_TEST(every_link_layer)
{
    Sample sample = sample_new("tls-1.3");
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func(free_frame);
    for (guint i = 0; i < sample.frames->len; i++) {
        const GByteArray *frame = g_ptr_array_index(sample.frames, i);
        Bytes ip = bytes_slice(bytes_from_array(frame), ETHERNET, frame->len);
        GByteArray *other = g_byte_array_new();
        g_byte_array_append(other, wraps[_i].header, (guint)wraps[_i].size);
        if (strcmp(wraps[_i].name, "VLAN in VLAN") == 0)
            g_byte_array_append(other, (const guint8 *)"\x08\x00", 2);
        if (wraps[_i].ipv6)
            put_ipv6(other, ip);
        else
            bytes_append(other, ip);
        g_ptr_array_add(frames, other);
    }
    check_whole(&sample, frames, wraps[_i].link, wraps[_i].name);
    g_autoptr(ReadCapture) read = read_frames(&sample, frames, wraps[_i].link);
    const TraceLink *link = trace_link(g_ptr_array_index(read->traces, 0), 0);
    ck_assert_str_eq(link->left_address, wraps[_i].ipv6 ? "2001:db8::a00:101" : "10.0.1.1");
    sample_clear(&sample);
}
END_TEST

/* --- segments --- */

/* The same frame with `size` bytes of its payload from `first` on. */
static GByteArray *frame_cut(const GByteArray *frame, size_t first, size_t size)
{
    size_t head = ETHERNET + IPV4 + (size_t)(frame->data[ETHERNET + IPV4 + 12] >> 4) * 4;
    GByteArray *cut = frame_part(frame, 0, head);
    bytes_append(cut, bytes_slice(bytes_from_array(frame), head + first, size));
    uint32_t sequence =
        (uint32_t)bytes_number(bytes_make(frame->data + ETHERNET + IPV4 + 4, 4)) + (uint32_t)first;
    for (int i = 0; i < 4; i++)
        cut->data[ETHERNET + IPV4 + 4 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    cut->data[ETHERNET + 2] = (uint8_t)((cut->len - ETHERNET) >> 8);
    cut->data[ETHERNET + 3] = (uint8_t)(cut->len - ETHERNET);
    return cut;
}

static size_t payload_of(const GByteArray *frame)
{
    return frame->len - ETHERNET - IPV4 - (size_t)(frame->data[ETHERNET + IPV4 + 12] >> 4) * 4;
}

/* Splits, repeats and overlaps, as the dice say. */
static GPtrArray *pieces_of(const Sample *sample, GRand *rand)
{
    GPtrArray *frames = g_ptr_array_new_with_free_func(free_frame);
    for (guint i = 0; i < sample->frames->len; i++) {
        const GByteArray *frame = g_ptr_array_index(sample->frames, i);
        size_t size = payload_of(frame), at = 0;
        while (size > 1 && at < size && g_rand_int_range(rand, 0, 3) > 0) {
            size_t part = (size_t)g_rand_int_range(rand, 1, (gint32)(size - at) + 1);
            size_t back = (size_t)g_rand_int_range(rand, 0, 5); /* MIN takes its words twice */
            back = MIN(at, back);
            g_ptr_array_add(frames, frame_cut(frame, at - back, part + back));
            at += part;
        }
        if (at < size || size == 0)
            g_ptr_array_add(frames, frame_cut(frame, at, size - at));
        if (g_rand_int_range(rand, 0, 4) == 0)
            g_ptr_array_add(frames, frame_cut(frame, 0, size));
    }
    return frames;
}

/* Each packet may overtake up to three. */
static void shuffle(GPtrArray *frames, GRand *rand)
{
    for (guint i = 1; i < frames->len; i++) {
        guint over = (guint)g_rand_int_range(rand, 0, 4);
        guint j = i - MIN(i, over);
        gpointer kept = frames->pdata[i];
        memmove(frames->pdata + j + 1, frames->pdata + j, (i - j) * sizeof(gpointer));
        frames->pdata[j] = kept;
    }
}

START_TEST(any_order_any_pieces)
{
    static const char *const names[] = {"normal", "tls-1.3", "renegotiation", "hello-retry",
                                        "client-auth"};
    const char *name = names[_i % (int)G_N_ELEMENTS(names)];
    Sample sample = sample_new(name);
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)_i);
    g_autoptr(GPtrArray) frames = pieces_of(&sample, rand);
    g_autofree char *what = g_strdup_printf("%s, round %d", name, _i);
    check_whole(&sample, frames, DLT_EN10MB, what);
    shuffle(frames, rand);
    check_whole(&sample, frames, DLT_EN10MB, what);
    sample_clear(&sample);
}
END_TEST

/* Without one packet that carries bytes: every one in turn. */
START_TEST(what_is_missing_is_said)
{
    Sample sample = sample_new("normal");
    for (guint lost = 0; lost < sample.frames->len; lost++) {
        g_autoptr(GPtrArray) frames = g_ptr_array_new();
        for (guint i = 0; i < sample.frames->len; i++)
            if (i != lost)
                g_ptr_array_add(frames, g_ptr_array_index(sample.frames, i));
        bool carries = payload_of(g_ptr_array_index(sample.frames, lost)) > 0;
        g_autoptr(ReadCapture) read = read_frames(&sample, frames, DLT_EN10MB);
        ck_assert_msg(read->traces->len <= 1, "without packet %u", lost + 1);
        if (!carries) {
            ck_assert_msg(read->partial == 0 && read->traces->len == 1, "without packet %u",
                          lost + 1);
            continue;
        }
        ck_assert_msg(read->partial > 0 || read->traces->len == 0, "without packet %u", lost + 1);
        for (int direction = 0; direction < 2 && read->traces->len > 0; direction++) {
            g_autofree char *said = said_lines(sample.trace, 0, (Direction)direction);
            g_autofree char *seen =
                said_lines(g_ptr_array_index(read->traces, 0), 0, (Direction)direction);
            char *closed = strstr(seen, "unknown");
            if (closed != NULL)
                *closed = '\0';
            if (strstr(seen, "row -1/") == NULL) /* judged as far as it was seen */
                ck_assert_msg(g_str_has_prefix(said, seen) || closed != NULL,
                              "without packet %u: said\n%s\nread\n%s", lost + 1, said, seen);
        }
    }
    sample_clear(&sample);
}
END_TEST

/* Reading goes on behind a gap: the record that was torn says where the next begins. What comes in
 * that direction stays closed, the other goes on. */
START_TEST(reading_goes_on_behind_a_gap)
{
    Sample sample = sample_new("normal");
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func(free_frame);
    unsigned server = 0, closed = 0;
    for (guint i = 0; i < sample.frames->len; i++) {
        GByteArray *frame = g_ptr_array_index(sample.frames, i);
        if (frame->data[ETHERNET + 15] == 2 && payload_of(frame) > 0 && ++server == 2) {
            g_ptr_array_add(frames, frame_cut(frame, 0, 100)); /* of its Certificate */
            g_ptr_array_add(frames, frame_cut(frame, payload_of(frame) - 50, 50));
        } else {
            g_ptr_array_add(frames, frame_part(frame, 0, frame->len));
        }
    }
    g_autoptr(ReadCapture) read = read_frames(&sample, frames, DLT_EN10MB);
    const Trace *trace = g_ptr_array_index(read->traces, 0);
    g_autofree char *said = said_lines(sample.trace, 0, DIRECTION_TO_SERVER);
    g_autofree char *seen = said_lines(trace, 0, DIRECTION_TO_SERVER);
    bool told = false;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        closed += event->kind == TRACE_MESSAGE && !event->incoming &&
                  event->direction == DIRECTION_TO_CLIENT && event->message_kind == MESSAGE_NONE;
        told = told || (event->kind == TRACE_NOTE && strstr(event->value, "bytes of the server are "
                                                                          "missing") != NULL);
    }
    ck_assert(told);
    ck_assert_uint_eq(closed, 5); /* all that the server said behind its Certificate */
    for (const char *at = said, *other = seen; *at != '\0'; at = strchr(at, '\n') + 1) {
        ck_assert_msg(strncmp(at, other, strcspn(at, ",")) == 0, "said\n%s\nread\n%s", said, seen);
        other = strchr(other, '\n') + 1;
    }
    sample_clear(&sample);
}
END_TEST

/* Packets that are told and stepped over. */
START_TEST(fragments_and_cut_packets_are_told)
{
    Sample sample = sample_new("normal");
    GByteArray *fragment = g_ptr_array_index(sample.frames, 5);
    fragment->data[ETHERNET + 6] = 0x20; /* more fragments: RFC 791 3.1 */
    g_byte_array_set_size(g_ptr_array_index(sample.frames, 8), ETHERNET + IPV4_AND_TCP + 3);
    g_byte_array_set_size(g_ptr_array_index(sample.frames, 1), ETHERNET + IPV4 + 5);
    g_autoptr(ReadCapture) read = read_frames(&sample, sample.frames, DLT_EN10MB);
    ck_assert_uint_eq(read->capture->told->len, 3);
    ck_assert_str_eq(g_ptr_array_index(read->capture->told, 0),
                     "1 IP fragments, which are not put together, were stepped over (the first is "
                     "packet 6)");
    ck_assert_uint_gt(read->partial, 0);
    sample_clear(&sample);
}
END_TEST

void add_packet_tests(TCase *tests)
{
    tcase_add_loop_test(tests, every_link_layer, 0, (int)G_N_ELEMENTS(wraps));
    tcase_add_loop_test(tests, any_order_any_pieces, 0, 60);
    tcase_add_test(tests, what_is_missing_is_said);
    tcase_add_test(tests, reading_goes_on_behind_a_gap);
    tcase_add_test(tests, fragments_and_cut_packets_are_told);
}
