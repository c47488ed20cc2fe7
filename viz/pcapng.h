/* Pcapng: a run as a capture file that Wireshark opens decrypted.
 *
 * A Section Header Block, a Decryption Secrets Block with the key log (keylog.h), one Interface
 * Description Block a link segment, then the packets in the order of time: TCP over IPv4 over
 * Ethernet with right checksums. A link on which the network changes something has two segments, as
 * sent and as it arrived, each with its own pair of addresses. Source: the IETF's draft "PCAP Next
 * Generation (pcapng) Capture File Format"; RFC 791, RFC 9293. */
#pragma once

#include "core/engine/trace.h"

/* Appends the whole file to `output`. Little-endian, times in microseconds. */
void pcapng_write(const Trace *trace, GByteArray *output);
