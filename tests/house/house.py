#!/usr/bin/env python3
"""The house rules, as a test: python3 tests/house/house.py [ROOT]

Walks the C sources below ROOT and prints a line for each breach: what the compiler cannot see, and
what a reader would find tiresome to. With --tap it also runs itself on the fixtures beside it, each
of which breaks one rule on purpose, so that the checker is known to be able to fail.
"""
import os
import re
import sys

FUNCTION_MOST, FILE_MOST, LINE_MOST = 60, 650, 100
HEAD_LEAST, HEAD_MOST = 5, 25

# What each room may include, itself apart. Longest prefix wins.
ARROWS = {
    "core/base": ["core/base/"],
    "core/wire": ["core/base/", "core/wire/"],
    "core/crypto": ["core/base/", "core/wire/", "core/crypto/"],
    "core/engine": ["core/base/", "core/wire/", "core/crypto/", "core/engine/"],
    "sim": ["core/", "sim/"],
    "viz": ["core/base/", "core/wire/", "core/engine/trace.h", "core/engine/conversation.h", "viz/"],
    "scenarios/attacks": ["core/base/", "core/wire/", "core/crypto/", "core/engine/endpoint.h",
                          "sim/attacker.h", "scenarios/attacks/"],
    "scenarios": ["core/", "sim/", "viz/", "scenarios/"],
}
# Rooms whose whole closure of includes must keep to the arrows, not their own lines alone.
TRANSITIVE = ["core/base", "core/wire", "core/crypto", "viz"]

CORE_BANNED_HEADERS = ["stdio.h", "time.h", "unistd.h", "gio/", "sys/time.h", "sys/socket.h"]
CORE_BANNED_WORDS = [r"\bRAND_(?!set_DRBG_type)\w+\s*\(", r"\bgetenv\b", r"\bg_getenv\b",
                     r"\bprintf\s*\(", r"\bg_print\b", r"\bg_printerr\b",
                     r"\bg_get_(real|monotonic)_time\b", r"\btime\s*\(\s*NULL"]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|stub)\b")
ROOMS = ["core", "sim", "scenarios", "viz", "tests"]
TOP = {"core", "sim", "scenarios", "viz", "tests", "meson.build", "meson_options.txt", "README.md",
       "LICENSE"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sources(root):
    for room in ROOMS:
        for folder, folders, files in os.walk(os.path.join(root, room)):
            folders[:] = [name for name in folders if name != "fixtures"]
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def room_of(path):
    rooms = [room for room in ARROWS if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def includes(text):
    own = re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M)
    system = re.findall(r"^\s*#\s*include\s+<([^>]+)>", text, re.M)
    return own, system


def check_arrows(path, texts):
    room = room_of(path)
    if room is None:
        return
    seen, todo = set(), [path]
    while todo:
        at = todo.pop()
        for name in includes(texts[at])[0] if at in texts else []:
            if name in seen:
                continue
            seen.add(name)
            if not any(name.startswith(allowed) for allowed in ARROWS[room]):
                yield f"{path}: {room} must not see {name}" + (f" (through {at})" if at != path else "")
            if room in TRANSITIVE:
                todo.append(name)


def check_core(path, text):
    if not path.startswith("core/"):
        return
    for name in includes(text)[1]:
        if any(name == banned or (banned.endswith("/") and name.startswith(banned))
               for banned in CORE_BANNED_HEADERS):
            yield f"{path}: core does not include <{name}>"
        if name.startswith("openssl/") and not path.startswith("core/crypto/libcrypto/"):
            yield f"{path}: OpenSSL is known in core/crypto/libcrypto alone"
    code = re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", "", text, flags=re.S)
    for banned in CORE_BANNED_WORDS:
        for found in re.findall(f"({banned})", code):
            name = found if isinstance(found, str) else found[0]
            yield f"{path}: core does not call {name.rstrip('( ')}"


def check_openssl(path, text):
    if path.startswith(("core/crypto/libcrypto/", "tests/", "sim/peers/", "core/")):
        return
    for name in includes(text)[1]:
        if name.startswith("openssl/"):
            yield f"{path}: OpenSSL is known in core/crypto/libcrypto alone"


def check_lines(path, text):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_MOST:
        yield f"{path}: {len(lines) - 1} lines; {FILE_MOST} are the most"
    wide = False
    for number, line in enumerate(lines, 1):
        wide = (wide or "clang-format off" in line) and "clang-format on" not in line
        if len(line) > LINE_MOST and not wide:
            yield f"{path}:{number}: {len(line)} columns; {LINE_MOST} are the most"
        if UNFINISHED.search(line):
            yield f"{path}:{number}: an unfinished word: {UNFINISHED.search(line).group(0)}"
        if re.match(r"\s*goto\b", line):
            yield f"{path}:{number}: goto"


def check_functions(path, text):
    lines = text.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number - 1
            while start > 1 and re.match(r"\s+\S", lines[start - 1]):
                start -= 1
        elif line.startswith("}") and start is not None:
            if number - start + 1 > FUNCTION_MOST:
                name = lines[start - 1].split("(")[0].split()[-1]
                yield f"{path}:{start}: {name} has {number - start + 1} lines; {FUNCTION_MOST} are the most"
            start = None


def check_head(path, text):
    if not path.endswith(".c"):
        return
    match = re.match(r"/\*.*?\*/", text, re.S)
    size = match.group(0).count("\n") + 1 if match else 0
    if not HEAD_LEAST <= size <= HEAD_MOST:
        yield f"{path}: opens with a comment of {size} lines; {HEAD_LEAST} to {HEAD_MOST} are asked for"


def check_dead(root, texts):
    built = ""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "build", "fixtures"))]
        for name in files:
            if name in ("meson.build", "run") or name.endswith(".xml"):
                built += read(os.path.join(folder, name))
    included = {name for text in texts.values() for name in includes(text)[0]}
    for path in texts:
        if path.endswith(".c") and f"{os.path.basename(path)}'" not in built:
            yield f"{path}: a dead file: no meson.build names it"
        if path.endswith(".h") and path not in included:
            yield f"{path}: a dead file: nothing includes it"
    catalogue = os.path.join(root, "scenarios", "catalogue")
    for folder, _, files in os.walk(catalogue):
        for name in files:
            if name not in built:
                yield f"{os.path.relpath(os.path.join(folder, name), root)}: a dead file: no resource"


def check_top(root):
    for name in sorted(os.listdir(root)):
        if name not in TOP and not name.startswith((".", "build")):
            yield f"{name}: the top level holds rooms, meson.build and README.md"


def breaches(root):
    texts = {path: read(os.path.join(root, path)) for path in sources(root)}
    for path, text in texts.items():
        for check in (check_core, check_openssl, check_lines, check_functions, check_head):
            yield from check(path, text)
        yield from check_arrows(path, texts)
    yield from check_dead(root, texts)
    yield from check_top(root)


def tap(root, here):
    results = []
    found = list(breaches(root))
    results.append((not found, "the house rules hold", found))
    fixtures = os.path.join(here, "fixtures")
    for name in sorted(os.listdir(fixtures)):
        folder = os.path.join(fixtures, name)
        expected = read(os.path.join(folder, "expected")).strip()
        told = list(breaches(folder))
        fine = any(expected in line for line in told)
        results.append((fine, f"fixture {name} is refused", [] if fine else
                        [f"expected: {expected}"] + told))
    print(f"1..{len(results)}")
    for number, (fine, what, lines) in enumerate(results, 1):
        print(f"{'ok' if fine else 'not ok'} {number} - {what}")
        for line in lines:
            print(f"# {line}")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    if "--tap" in sys.argv:
        tap(root, here)
        return 0
    if len(sys.argv) > 1:
        root = sys.argv[1]
    found = list(breaches(root))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
