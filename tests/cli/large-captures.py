"""Captures of any size through `read -`, in bounded memory.

Two gigabytes of packets are made while they are read: connections that speak no TLS, long TLS
streams, more connections than are kept, and packets that are no TCP at all. The program must tell
what it left out, end with the status that belongs to it, and never take more memory than its
limits allow. Prints TAP.
"""

import resource
import struct
import subprocess
import sys

MEBI = 1 << 20
PAYLOAD = 32 * 1024  # a large segment, as captures on the sending machine show them
MEMORY_MOST = 400 * MEBI  # 256 MiB of streams, one of them as a trace, and the libraries
HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101)  # raw IP
HELLO = bytes.fromhex(
    "16030100310100002d0303" + "5a" * 32 + "000004002f000a0100" + "0000"
)


def packet(source, destination, sequence, payload, flags=0x10, seconds=0):
    """A record of a pcap file: IPv4, TCP, payload."""
    tcp = struct.pack(
        ">HHIIBBHHH", source[1], destination[1], sequence & 0xFFFFFFFF, 1, 0x50, flags, 0xFFFF, 0, 0
    )
    size = 20 + len(tcp) + len(payload)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + source[0] + destination[0]
    return struct.pack("<IIII", 1700000000 + seconds, 0, size, size) + ip + tcp + payload


def ends(number):
    """Client and server of a connection."""
    client = (bytes([10, 0, number >> 8 & 255, number & 255]), 49152 + (number >> 16))
    return client, (bytes([10, 9, 9, 9]), 443)


def stream(number, first, body, size):
    """A connection whose client says `first`, and then `body` again and again."""
    client, server = ends(number)
    yield packet(client, server, 0, b"", 0x02)
    yield packet(server, client, 0, b"", 0x12)
    yield packet(client, server, 1, first)
    sequence = 1 + len(first)
    while size > 0:
        yield packet(client, server, sequence, body)
        sequence += len(body)
        size -= len(body)


def plain(megabytes):
    """One connection after the other that speaks something else."""
    body = (b"GET / HTTP/1.1\r\n\r\n" * PAYLOAD)[:PAYLOAD]
    for number in range(megabytes // 64):
        yield from stream(number, b"POST / HTTP/1.1\r\n", body, 64 * MEBI)


def tls(megabytes):
    """A few that go on and on with application data."""
    body = b"\x17\x03\x03\x3f\xfb" + bytes(0x3FFB)
    for number in range(8):
        yield from stream(number, HELLO, body * 2, megabytes // 8 * MEBI)


def many(_):
    """More connections than anybody looks at."""
    for number in range(20000):
        yield from stream(number, HELLO, b"", 0)


def other(megabytes):
    """UDP, and nothing else."""
    size = PAYLOAD + 28
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 17, 0) + bytes(8) + bytes(8)
    one = struct.pack("<IIII", 1700000000, 0, size, size) + ip + bytes(PAYLOAD)
    for _ in range(megabytes * MEBI // PAYLOAD):
        yield one


def run(program, packets):
    """Feeds `read -`; its status, what it says, and how many bytes it was given."""
    words = [program, "read", "-", "--list"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        given = process.stdin.write(HEAD)
        for one in packets:
            given += process.stdin.write(one)
        process.stdin.close()
        said = process.stdout.read().decode()
        status = process.wait(timeout=300)
    return status, said, given


def main():
    program = sys.argv[1]
    cases = [
        ("plain text", plain(1024), 2, "no SSL or TLS connection"),
        ("TLS without end", tls(1024), 1, "not all of it was captured"),
        ("20,000 connections", many(0), 0, "connections beyond the first 4096 were left out"),
        ("no TCP", other(256), 2, "no SSL or TLS connection"),
    ]
    print(f"1..{len(cases)}")
    for number, (name, packets, wanted, words) in enumerate(cases, 1):
        status, said, given = run(program, packets)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        good = status == wanted and words in said and peak <= MEMORY_MOST
        print(f"# {name}: {given // MEBI} MiB in, peak so far {peak // MEBI} MiB, status {status}")
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("# " + said[:400].replace("\n", "\n# "))
    return 0


if __name__ == "__main__":
    sys.exit(main())
