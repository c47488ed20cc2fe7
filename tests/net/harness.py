"""What the tests of sockets share: programs on loopback that end by themselves, and TAP."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HOST = "127.0.0.1"
SECONDS = 60  # no program of a test lives longer


class Program:
    """A program in the background; its output goes to a file, so that no pipe can fill."""

    def __init__(self, words, folder, **around):
        self.log = os.path.join(folder, f"log-{time.monotonic_ns()}")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=folder, **around)

    def text(self):
        """All that it has said so far."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait(self, seconds=SECONDS):
        """Its exit status; killed when it takes longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -1

    def stop(self, how=signal.SIGTERM):
        """Ends it, if it has not ended."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(10)

    def memory(self):
        """Peak resident memory in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))


def listening(program):
    """The port that it says it listens on."""
    end = time.monotonic() + 10
    while time.monotonic() < end and program.process.poll() is None:
        found = re.search(r"^listening on \S+:(\d+)$", program.text(), re.M)
        if found:
            return int(found.group(1))
        time.sleep(0.02)
    raise AssertionError("it does not listen:\n" + program.text())


def reachable(port):
    """Waits until somebody listens there."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at port {port}")


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Lab:
    """The program under test, and a folder of the test's own."""

    def __init__(self, program):
        self.program = os.path.abspath(program)
        with open(self.program, "rb") as binary:  # a sanitizer keeps what is freed
            self.sanitized = b"__asan_init" in binary.read()
        self.folder = tempfile.mkdtemp(prefix="shakedown-net-")
        self.programs = []

    def start(self, *words):
        """A program; shakedown by its verbs."""
        words = [str(word) for word in words]
        if words[0] in ("serve", "connect", "relay"):
            words = [self.program] + words
        program = Program(words, self.folder)
        self.programs.append(program)
        return program

    def serve(self, scenario, *words):
        """A server of ours, and its port."""
        program = self.start("serve", scenario, "--port", 0, "--timeout", 50, *words)
        return program, listening(program)

    def write(self, name, text):
        """A file of the folder; its name."""
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def run(self, words, text=b""):
        """A program to its end: status and all that it said."""
        done = subprocess.run([str(word) for word in words], input=text, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                              check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    def certificate(self):
        """A certificate and key for other servers."""
        key, cert = (os.path.join(self.folder, name) for name in ("key.pem", "cert.pem"))
        if not os.path.exists(cert):
            self.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                      "-subj", "/CN=www.lab.example", "-keyout", key, "-out", cert])
        return key, cert

    def close(self):
        """Ends what still runs, and takes the folder away."""
        for program in self.programs:
            program.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)


def run_tests(program, tests):
    """Runs each with a lab of its own, as TAP."""
    os.environ["G_DEBUG"] = "fatal-warnings"  # what GLib complains of is a mistake of ours
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        lab = Lab(program)
        try:
            test(lab)
            print(f"ok {number} - {test.__name__}", flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError) as wrong:
            print(f"not ok {number} - {test.__name__}")
            print("# " + str(wrong)[:3000].replace("\n", "\n# "), flush=True)
        finally:
            lab.close()


def check(what, message):
    """An assertion that stands with -O, too."""
    if not what:
        raise AssertionError(message)
