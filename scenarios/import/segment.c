/* From a captured frame to a TCP segment: link layer, VLAN tags, IP, TCP.
 *
 * Each layer says what the next one is and where it begins. Whatever is cut or whose lengths lie is
 * SEGMENT_BROKEN and nothing more: captures hold such frames, and one of them is no reason to stop.
 * Checksums are not looked at: a capture on the sending machine has them before the card fills them
 * in. Fragments are not put together: TCP avoids them, and the first alone has the ports.
 *
 * Obeys RFC 791 3.1, RFC 8200 4 (extension headers), RFC 6946 (a fragment that is whole), RFC 9293
 * 3.1; link types as registered by tcpdump.org.
 */
#include "scenarios/import/segment.h"

#include <pcap/dlt.h>
#include <string.h>

enum { LAYERS_MOST = 8 }; /* VLAN tags or extension headers in a row: nobody sends more than 3 */

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_SERVICE_VLAN = 0x88a8,
    ETHERTYPE_OLD_VLAN = 0x9100,
    ETHERTYPE_ANY_IP = 0, /* the first four bits of the packet say which */
    ETHERTYPE_NONE = 1,
};

enum { PROTOCOL_TCP = 6 };

static unsigned number_at(Bytes bytes, size_t at, size_t size)
{
    return (unsigned)bytes_number(bytes_slice(bytes, at, size));
}

/* Where the link type has its protocol, and how long its header is. */
static const struct {
    int link;
    size_t type_at, header;
    unsigned fixed; /* the protocol, where the header does not say it */
} links[] = {
    {DLT_EN10MB, 12, 14, 0},
    {DLT_LINUX_SLL, 14, 16, 0},
    {DLT_LINUX_SLL2, 0, 20, 0},
    {DLT_RAW, 0, 0, ETHERTYPE_ANY_IP},
    {DLT_IPV4, 0, 0, ETHERTYPE_IPV4},
    {DLT_IPV6, 0, 0, ETHERTYPE_IPV6},
    {DLT_NULL, 0, 4, ETHERTYPE_ANY_IP}, /* the family's number differs between systems */
    {DLT_LOOP, 0, 4, ETHERTYPE_ANY_IP},
};

bool segment_link_known(int link)
{
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++)
        if (links[i].link == link)
            return true;
    return false;
}

/* Steps over the link layer's header; false when the frame is shorter. */
static bool link_strip(Bytes *frame, int link, unsigned *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (links[i].link != link)
            continue;
        if (frame->size < links[i].header)
            return false;
        bool says = links[i].type_at > 0 || link == DLT_LINUX_SLL2;
        *type = says ? number_at(*frame, links[i].type_at, 2) : links[i].fixed;
        *frame = bytes_slice(*frame, links[i].header, frame->size);
        break;
    }
    for (int i = 0; i < LAYERS_MOST && (*type == ETHERTYPE_VLAN || *type == ETHERTYPE_OLD_VLAN ||
                                        *type == ETHERTYPE_SERVICE_VLAN);
         i++) {
        if (frame->size < 4)
            return false;
        *type = number_at(*frame, 2, 2);
        *frame = bytes_slice(*frame, 4, frame->size);
    }
    return true;
}

/* The payload of an IP packet: what it says of its length, and how much of that was captured. A
 * length of 0 is of a card that cuts the packets itself. */
static bool ip_payload(Bytes packet, size_t header, size_t total, Bytes *payload, size_t *missing)
{
    if (total == 0)
        total = packet.size;
    if (header > packet.size || total < header)
        return false;
    *payload = bytes_slice(packet, header, MIN(total, packet.size) - header);
    *missing = total > packet.size ? total - packet.size : 0;
    return true;
}

static SegmentKind read_ipv4(Bytes packet, Segment *segment, Bytes *payload)
{
    enum { HEADER = 20, MORE_AND_OFFSET = 0x3fff };
    if (packet.size < HEADER)
        return SEGMENT_BROKEN;
    size_t header = (packet.data[0] & 0x0fu) * 4; /* options are stepped over */
    if (header < HEADER ||
        !ip_payload(packet, header, number_at(packet, 2, 2), payload, &segment->missing))
        return SEGMENT_BROKEN;
    if (packet.data[9] != PROTOCOL_TCP)
        return SEGMENT_OTHER;
    if ((number_at(packet, 6, 2) & MORE_AND_OFFSET) != 0)
        return SEGMENT_FRAGMENT;
    segment->ipv6 = false;
    memcpy(segment->from.address, packet.data + 12, 4);
    memcpy(segment->to.address, packet.data + 16, 4);
    return SEGMENT_IS_TCP;
}

/* RFC 8200 4: steps over extension headers to TCP. */
static SegmentKind strip_extensions(Bytes *payload, unsigned next)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };
    for (int i = 0; i < LAYERS_MOST && next != PROTOCOL_TCP; i++) {
        size_t size = 8;
        if (payload->size < size)
            return SEGMENT_BROKEN;
        if (next == FRAGMENT && (number_at(*payload, 2, 2) & 0xfff9) != 0) /* RFC 6946 */
            return SEGMENT_FRAGMENT;
        if (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION)
            size = (payload->data[1] + 1u) * 8;
        else if (next == AUTHENTICATION) /* RFC 4302 2.2 */
            size = (payload->data[1] + 2u) * 4;
        else if (next != FRAGMENT)
            return SEGMENT_OTHER;
        if (payload->size < size)
            return SEGMENT_BROKEN;
        next = payload->data[0];
        *payload = bytes_slice(*payload, size, payload->size);
    }
    return next == PROTOCOL_TCP ? SEGMENT_IS_TCP : SEGMENT_BROKEN;
}

static SegmentKind read_ipv6(Bytes packet, Segment *segment, Bytes *payload)
{
    enum { HEADER = 40 };
    if (packet.size < HEADER)
        return SEGMENT_BROKEN;
    size_t size = number_at(packet, 4, 2);
    if (!ip_payload(packet, HEADER, size == 0 ? 0 : HEADER + size, payload, &segment->missing))
        return SEGMENT_BROKEN;
    segment->ipv6 = true;
    memcpy(segment->from.address, packet.data + 8, ADDRESS_MOST);
    memcpy(segment->to.address, packet.data + 24, ADDRESS_MOST);
    return strip_extensions(payload, packet.data[6]);
}

static SegmentKind read_tcp(Bytes bytes, Segment *segment)
{
    enum { HEADER = 20 };
    if (bytes.size < HEADER)
        return SEGMENT_BROKEN;
    size_t header = (size_t)(bytes.data[12] >> 4) * 4;
    if (header < HEADER || header > bytes.size)
        return SEGMENT_BROKEN;
    segment->from.port = (uint16_t)number_at(bytes, 0, 2);
    segment->to.port = (uint16_t)number_at(bytes, 2, 2);
    segment->sequence = number_at(bytes, 4, 4);
    segment->acknowledgement = number_at(bytes, 8, 4);
    segment->flags = bytes.data[13];
    segment->payload = bytes_slice(bytes, header, bytes.size);
    return SEGMENT_IS_TCP;
}

SegmentKind segment_read(Bytes frame, int link, Segment *segment)
{
    unsigned type = ETHERTYPE_NONE;
    Bytes payload = BYTES_NONE;
    SegmentKind kind = SEGMENT_OTHER;
    *segment = (Segment){0};
    if (!link_strip(&frame, link, &type))
        return SEGMENT_BROKEN;
    if (type == ETHERTYPE_ANY_IP) {
        unsigned version = frame.size == 0 ? 0 : frame.data[0] >> 4;
        type = version == 4 ? ETHERTYPE_IPV4 : version == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_NONE;
    }
    if (type == ETHERTYPE_IPV4)
        kind = read_ipv4(frame, segment, &payload);
    else if (type == ETHERTYPE_IPV6)
        kind = read_ipv6(frame, segment, &payload);
    return kind == SEGMENT_IS_TCP ? read_tcp(payload, segment) : kind;
}

/* RFC 5952 4: the longest run of zeros, if of two groups or more, becomes "::". */
static char *address_ipv6(const uint8_t *address)
{
    enum { GROUPS = 8 };
    int best = GROUPS, most = 1;
    for (int i = 0; i < GROUPS; i++) {
        int run = 0;
        while (i + run < GROUPS && address[2 * (i + run)] == 0 && address[2 * (i + run) + 1] == 0)
            run++;
        if (run > most) {
            best = i;
            most = run;
        }
    }
    GString *text = g_string_new(NULL);
    for (int i = 0; i < GROUPS; i++) {
        if (i == best) {
            g_string_append(text, "::");
            i += most - 1;
            continue;
        }
        bool colon = text->len > 0 && text->str[text->len - 1] != ':';
        g_string_append_printf(text, "%s%x", colon ? ":" : "",
                               (unsigned)address[2 * i] << 8 | address[2 * i + 1]);
    }
    return g_string_free(text, FALSE);
}

char *segment_address(const SegmentEnd *end, bool ipv6)
{
    const uint8_t *address = end->address;
    if (ipv6)
        return address_ipv6(address);
    return g_strdup_printf("%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}
