#!/usr/bin/env python3
"""The test of the interoperability test.

without-row.py cut SOURCE OUTPUT    writes the conversation list without its CertificateVerify row
without-row.py expect PROGRAM       runs a TAP program that must fail, and says so in TAP
"""
import subprocess
import sys


def cut(source, output):
    with open(source, encoding="utf-8") as file:
        lines = file.readlines()
    rows = [i for i, line in enumerate(lines) if line.lstrip().startswith("{MESSAGE_CERTIFICATE_VERIFY,")]
    if not rows:
        sys.exit(f"{source}: no row to cut")
    left = lines[: rows[0]] + lines[rows[0] + 1 :]  # the client's, up to TLS 1.2
    with open(output, "w", encoding="utf-8") as file:
        file.writelines(left)


def expect(program):
    out = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=False).stdout
    failed = [line for line in out.splitlines() if line.startswith("not ok")]
    print("1..1")
    print(f"{'ok' if failed else 'not ok'} 1 - without a row of the conversation, interoperability fails")
    for line in failed or out.splitlines():
        print(f"# {line}")


if sys.argv[1] == "cut":
    cut(sys.argv[2], sys.argv[3])
else:
    expect(sys.argv[2])
