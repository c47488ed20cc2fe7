"""serve, connect and relay against other people's programs, on loopback.

OpenSSL, GnuTLS and curl meet the scenario's parties through real sockets: the handshake, the page
that shows it, sessions from one connection to the next, the network between two others; then those
who are no TLS at all, who say nothing, or never end. Prints TAP.
"""

import os
import signal
import socket
import ssl
import struct
import sys
import threading
import time

from harness import HOST, check, free_port, listening, reachable, run_tests

SEVERAL = """scenario "Several"
server
  versions TLS 1.2 to TLS 1.3
  suites TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  session_tickets yes
expect
  both connected
"""
CALLING = """scenario "Calling"
client
  versions TLS 1.2 to TLS 1.3
  suites TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  session_tickets yes
  warns and goes on
play
  client requests "/a"
  client connects again
  client requests "/b"
expect
  both connected
  resumed
"""


def s_client(port, *words):
    """openssl s_client with a request."""
    return ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername",
            "www.lab.example", "-quiet", "-no_ign_eof", *words]


def openssl_sees_its_handshake(lab):
    """And resumes it: by what the server gave it on the connection before."""
    server, port = lab.serve(lab.write("several.scn", SEVERAL), "--count", 2)
    request = b"GET / HTTP/1.0\r\n\r\n"
    words = ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername",
             "www.lab.example", "-ign_eof"]
    _, first = lab.run(words + ["-sess_out", "session"], request)
    check("ClientHello" in first and "TLS_AES_128_GCM_SHA256" in first, first)
    _, second = lab.run(words + ["-sess_in", "session"], request)
    check("Reused" in second, second)
    check(server.wait() == 0, server.text())
    check(server.text().count("1 of 1 expectation held") == 2, server.text())


def gnutls_speaks_tls_12(lab):
    """With the oldest suite that it still has."""
    server, port = lab.serve("normal", "--count", 1, "--quiet")
    status, said = lab.run(
        ["gnutls-cli", "--insecure", "--priority",
         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:-CIPHER-ALL:+AES-128-CBC:+SHA1", "-p", port,
         HOST], b"GET / HTTP/1.0\r\n\r\n")
    check(status == 0 and "Handshake was completed" in said, said)
    check(server.wait() == 0, server.text())


def curl_gets_a_page(lab):
    """Text for curl, a picture for whoever takes HTML; and each connection is drawn."""
    server, port = lab.serve("tls-1.3", "--count", 2, "-o", "pictures")
    place = f"https://{HOST}:{port}/"
    status, text = lab.run(["curl", "-sk", "--max-time", 20, place])
    check(status == 0 and text.startswith("TLS 1.3\n") and "{Certificate}" in text, text[:400])
    status, page = lab.run(["curl", "-sk", "--max-time", 20, "-H", "Accept: text/html", place])
    check(status == 0 and "<svg" in page and "</html>" in page, page[:400])
    check(server.wait() == 0, server.text())
    for number in (1, 2):
        name = os.path.join(lab.folder, "pictures", f"connection-{number}.svg")
        check(os.path.getsize(name) > 10000, name)


def parties_between(lab):
    """A client behind a load balancer of ours, and behind a man in the middle."""
    words = ["curl", "-sk", "--max-time", 20, "--tls-max", "1.2", "--ciphers",
             "AES128-SHA:@SECLEVEL=0"]
    for scenario in ("load-balancer/TLS-behind-it", "man-in-the-middle/the-user-goes-on"):
        server, port = lab.serve(scenario, "--count", 1, "--quiet")
        status, said = lab.run(words + [f"https://{HOST}:{port}/"])
        check(status == 0 and "ClientHello" in said, server.text() + said)
        check(server.wait() == 0, server.text())


def strangers_are_told(lab):
    """HTTP, SSH, noise, nothing, one byte a second, a reset: each ends, and is named."""
    server, port = lab.serve("normal", "--count", 6, "--patience", 2, "--quiet")

    def say(*parts, wait=0.0, reset=False):
        with socket.create_connection((HOST, port), 10) as peer:
            for part in parts:
                try:
                    peer.sendall(part)
                except OSError:
                    break
                time.sleep(wait)
            if reset:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            peer.settimeout(20)
            try:
                while peer.recv(4096):
                    pass
            except OSError:
                pass

    begun = time.monotonic()
    slow = threading.Thread(target=say, args=[b"\x16"] * 20, kwargs={"wait": 0.5})
    slow.start()
    say(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    say(b"SSH-2.0-OpenSSH_9.2\r\n")
    say(bytes(range(7, 256)) * 40)
    say()
    say(b"\x16\x03\x01\x02\x00\x01", reset=True)
    slow.join()
    check(server.wait() == 1, server.text())
    said = server.text()
    check("speaks HTTP, no TLS" in said and "speaks SSH, no TLS" in said, said)
    check("speaks something that is no TLS" in said, said)
    check(time.monotonic() - begun < 20, f"it took {time.monotonic() - begun} s")


def floods_are_cut(lab):
    """A hundred ends that send records without end: cut each, and memory has a bound."""
    server, port = lab.serve("normal", "--count", 100, "--quiet", "--patience", 40)
    hello = bytes.fromhex("16030100310100002d0303" + "5a" * 32 + "000004002f000a0100" + "0000")
    flood = (b"\x16\x03\x01\x40\x00" + bytes(16384)) * 100

    def pour():
        with socket.create_connection((HOST, port), 20) as peer:
            peer.settimeout(20)
            try:
                peer.sendall(hello)
                while True:
                    peer.sendall(flood)
            except OSError:
                pass

    threads = [threading.Thread(target=pour) for _ in range(100)]
    for thread in threads:
        thread.start()
    peak = 0
    while server.process.poll() is None and any(thread.is_alive() for thread in threads):
        try:
            peak = max(peak, server.memory())
        except (OSError, AttributeError): # it has just ended
            break
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    check(server.wait() == 1, server.text()[-2000:])
    check(peak < 400 * 1024 or lab.sanitized, f"{peak} KiB")
    print(f"# 100 floods: {peak} KiB at most", flush=True)


def many_at_once(lab):
    """Three hundred that are open together, and then all speak."""
    server, port = lab.serve(lab.write("several.scn", SEVERAL), "--count", 300, "--quiet",
                             "--patience", 40)
    peers = [socket.create_connection((HOST, port), 20) for _ in range(300)]
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    answers = 0
    for peer in peers:
        peer.settimeout(20)
        with context.wrap_socket(peer, server_hostname="www.lab.example") as tls:
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answers += b"200 OK" in tls.recv(4096)
    check(answers == 300, f"{answers} answers")
    check(server.wait() == 0, server.text()[-2000:])


def more_than_there_is_room_for(lab):
    """Six hundred who say nothing: they are let in by and by, and all are shown the door."""
    server, port = lab.serve("normal", "--patience", 1, "--quiet", "--count", 600)
    peers = []
    for _ in range(600):
        peers.append(socket.create_connection((HOST, port), 20))
    check(server.wait() == 1, server.text()[-2000:])
    check(server.text().count("expectations held") == 600, server.text()[-2000:])
    for peer in peers:
        peer.close()


def an_interrupt_ends_it_in_order(lab):
    """What is open is cut, told and written."""
    server, port = lab.serve("normal", "-o", "runs", "-f", "json", "--patience", 40)
    with socket.create_connection((HOST, port), 10) as peer:
        peer.sendall(b"\x16\x03\x01\x00\x40\x01")
        time.sleep(0.3)
        status = server.stop(signal.SIGINT)
    check(status == 1, f"{status}: {server.text()}")
    with open(os.path.join(lab.folder, "runs", "connection-1.json"), encoding="utf-8") as file:
        text = file.read()
    check("the program was told to end" in text and '"kind":"verdict"' in text, text[-400:])
    idle, _ = lab.serve("normal")
    end = time.monotonic() + 20
    while idle.process.poll() is None and time.monotonic() < end:  # once is as good as often
        idle.process.send_signal(signal.SIGINT)
        time.sleep(0.0005)
    check(idle.wait(1) == 0, idle.text())
    check(idle.text().count("interrupted") == 1, idle.text())


def what_cannot_be_listened_at(lab):
    """A port in use is the machine's fault, no address the command line's."""
    _, port = lab.serve("normal")
    status, said = lab.run([lab.program, "serve", "normal", "--port", port])
    check(status == 3 and "Address already in use" in said, said)
    status, said = lab.run([lab.program, "serve", "normal", "--bind", "here"])
    check(status == 2 and "no address in numbers" in said, said)
    stack = lab.write("stack.scn", 'scenario "Stack"\nserver\n  is openssl\n')
    status, said = lab.run([lab.program, "serve", stack])
    check(status == 2 and "which speaks in `run` alone" in said, said)
    status, said = lab.run([lab.program, "serve", "session-id"])
    check(status == 2 and "name one" in said, said)
    status, said = lab.run([lab.program, "serve", "normal", "--bind", "::1", "--port", 0,
                            "--timeout", 1])
    check(status == 0 and "listening on [::1]:" in said and "others can" not in said, said)
    for wrong in ("70000", "-1"):
        status, said = lab.run([lab.program, "serve", "normal", f"--port={wrong}"])
        check(status == 2 and "a port is a number from 0 to 65535" in said, said)


def our_client_meets(lab, words):
    """Another server: twice, the second time with the session of the first."""
    port = free_port()
    other = lab.start(*[word if word != "PORT" else port for word in words])
    reachable(port)
    status, said = lab.run([lab.program, "connect", f"{HOST}:{port}",
                            lab.write("calling.scn", CALLING), "--timeout", 20])
    check(status == 0 and "2 of 2 expectations held" in said, said + other.text())


def our_client_meets_openssl(lab):
    """s_server, which answers by HTTP."""
    key, cert = lab.certificate()
    our_client_meets(lab, ["openssl", "s_server", "-accept", "PORT", "-key", key, "-cert", cert,
                           "-www", "-quiet"])


def our_client_meets_gnutls(lab):
    """gnutls-serv, likewise."""
    key, cert = lab.certificate()
    our_client_meets(lab, ["gnutls-serv", "--http", "--port", "PORT", "--x509keyfile", key,
                           "--x509certfile", cert, "--quiet"])


def servers_that_are_none(lab):
    """No such name, nobody there, somebody who speaks SSH."""
    status, said = lab.run([lab.program, "connect", "no-such-host.invalid:443", "normal"])
    check(status == 3 and "no-such-host.invalid" in said, said)
    status, said = lab.run([lab.program, "connect", f"{HOST}:{free_port()}", "normal"])
    check(status == 3 and "refused" in said, said)
    status, said = lab.run([lab.program, "connect", "nowhere", "normal"])
    check(status == 2, said)
    with socket.create_server((HOST, 0)) as door:
        def banner():
            peer, _ = door.accept()
            with peer:
                peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                time.sleep(0.5)
        speaker = threading.Thread(target=banner)
        speaker.start()
        status, said = lab.run([lab.program, "connect", f"{HOST}:{door.getsockname()[1]}",
                                "normal", "--quiet"])
        speaker.join()
    check(status == 1 and "speaks SSH, no TLS" in said, said)


def relayed(lab, scenario, *words):
    """s_server, a relay, curl: the relay's status, what it and curl said."""
    key, cert = lab.certificate()
    port = free_port()
    lab.start("openssl", "s_server", "-accept", port, "-key", key, "-cert", cert, "-www", "-quiet")
    reachable(port)
    relay = lab.start("relay", scenario, "--listen", 0, "--to", f"{HOST}:{port}", "--count", 1,
                      "--timeout", 30)
    place = f"https://{HOST}:{listening(relay)}/"
    begun = time.monotonic()
    status, said = lab.run(["curl", "-sk", "--max-time", 10, *words, place])
    return relay.wait(), relay.text(), status, said, time.monotonic() - begun


def a_network_between_two_others(lab):
    """A delay is a delay; a flipped bit is noticed."""
    slow = lab.write("slow.scn", 'scenario "Slow"\nnetwork\n'
                                 "  on ServerHello from server: delay 400 ms\n")
    status, told, curl, said, took = relayed(lab, slow)
    check(status == 0 and curl == 0 and "s_server" in said, told)
    check(took >= 0.4 and "delay 400 ms" in told, f"{took} s\n{told}")
    flip = lab.write("flip.scn", 'scenario "Flip"\nnetwork\n'
                                 "  on 1st protected record from client: flip bit 90\n")
    status, told, curl, said, _ = relayed(lab, flip)
    check(curl != 0 and "flip bit 90" in told, told + said)


def a_man_between_two_others(lab):
    """Curl asks nobody who he is, and he reads everything."""
    status, told, curl, said, _ = relayed(lab, "man-in-the-middle/the user goes on")
    check(status == 0 and curl == 0 and "s_server" in said, told + said)
    check("reads the data" in told, told)
    status, told, curl, _, _ = relayed(lab, "man-in-the-middle/the user goes on", "--cacert",
                                       os.path.join(lab.folder, "cert.pem"), "--tlsv1.3")
    check(curl != 0, told)


def thousands_in_a_row(lab):
    """Five thousand connections; memory stays where it was after the first hundreds."""
    server, port = lab.serve(lab.write("several.scn", SEVERAL), "--quiet", "--timeout", 280)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    early = 0
    for number in range(5000):
        with socket.create_connection((HOST, port), 20) as peer:
            with context.wrap_socket(peer, server_hostname="www.lab.example") as tls:
                tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
                check(b"200 OK" in tls.recv(4096), f"connection {number + 1}")
        if number == 1500:  # its cache of sessions is full
            early = server.memory()
    late = server.memory()
    check(late < early + 8192 or lab.sanitized, f"{early} KiB after 1,500, {late} KiB after 5,000")
    print(f"# {early} KiB after 1,500 connections, {late} KiB after 5,000", flush=True)
    check(server.stop(signal.SIGINT) == 0, server.text()[-2000:])
    check(server.text().count("1 of 1 expectation held") == 5000, server.text()[-2000:])


USUAL = [openssl_sees_its_handshake, gnutls_speaks_tls_12, curl_gets_a_page, parties_between, strangers_are_told, floods_are_cut,
         many_at_once, more_than_there_is_room_for, an_interrupt_ends_it_in_order, what_cannot_be_listened_at,
         our_client_meets_openssl, our_client_meets_gnutls, servers_that_are_none,
         a_network_between_two_others, a_man_between_two_others]

if __name__ == "__main__":
    run_tests(sys.argv[1], [thousands_in_a_row] if sys.argv[2:] == ["slow"] else USUAL)
