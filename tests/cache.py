#!/usr/bin/env python3
"""The cache of compiled code when things go wrong: processes that race or are killed, a disk that is full, folders and
files that others can write, and bytes that change. A run gives the same result in all cases.

Usage: cache.py BUILD_FOLDER [--flips N]
"""
import argparse
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESS = os.path.join(ROOT, "examples/press/wasm")
UNITS = ["site", "markdown", "highlighter", "kv", "archive"]


class Cache:
    """A composition of several components that runs with a cache of its own."""

    def __init__(self, build, folder):
        self.tenon = os.path.join(build, "tenon")
        self.folder = os.path.join(folder, "cache")
        self.code = os.path.join(self.folder, "code")

    def command(self, form="reference"):
        words = [self.tenon, "run", "--link-form", form, os.path.join(PRESS, "cli.wasm")]
        for unit in UNITS:
            words += ["--with", os.path.join(PRESS, f"{unit}.wasm")]
        return [*words, "--", "PUT /a=# One", "GET /a"]

    def start(self, form="reference"):
        return subprocess.Popen(self.command(form), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "TENON_CACHE_DIR": self.folder})

    def run(self, form="reference"):
        """Returns the output and the warnings of the cache."""
        process = self.start(form)
        out, err = process.communicate(timeout=120)
        expect(process.returncode == 0, f"exit code {process.returncode}: {err}")
        return out, [line for line in err.splitlines() if "run-cache" in line]

    def files(self):
        return sorted(name for name in os.listdir(self.code) if not name.endswith(".tmp"))

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def expect(holds, message):
    if not holds:
        raise AssertionError(message)


def race(cache, expected):
    """Eight processes start with an empty cache."""
    cache.clean()
    started = [cache.start() for _ in range(8)]
    for process in started:
        out, err = process.communicate(timeout=120)
        expect(process.returncode == 0 and out == expected, err)
        expect("run-cache" not in err, err)
    out, warnings = cache.run()
    expect(out == expected and not warnings, warnings)


def kill(cache, expected, rng):
    """A process is killed at any moment of a cold start, and the next one continues with what is there."""
    cache.clean()
    started = time.monotonic()
    cache.run()
    cold = time.monotonic() - started
    for _ in range(30):
        cache.clean()
        process = cache.start()
        time.sleep(rng.uniform(0, cold))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        out, warnings = cache.run()
        expect(out == expected and not warnings, warnings)


def full_disk(cache, expected):
    """The disk has room for some of the files: they are kept, and the rest is compiled each time."""
    cache.clean()
    os.makedirs(cache.folder)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k,mode=0755", "tmpfs", cache.folder],
                      capture_output=True).returncode:
        return "full disk: not tested, because this user cannot mount a file system"
    try:
        for _ in range(2):
            out, warnings = cache.run()
            expect(out == expected, out)
            expect(warnings and all("No space left" in warning for warning in warnings), warnings)
        expect(cache.files() == sorted(os.listdir(cache.code)), os.listdir(cache.code))
    finally:
        subprocess.run(["umount", cache.folder], check=True)
    return None


def foreign_folder(cache, expected):
    """A folder that is not for its owner alone is not used at all."""
    cache.clean()
    os.makedirs(cache.code)
    for mode in (0o500, 0o755, 0o777):
        os.chmod(cache.code, mode)
        out, warnings = cache.run()
        expect(out == expected, out)
        expect(len(warnings) == 1 and f"its mode is 0{mode:o}, not 0700" in warnings[0], warnings)
        expect(not os.listdir(cache.code), os.listdir(cache.code))


def flip_bits(cache, expected, rng, count):
    """One bit of one file is wrong: the file is made again, with a warning, and never used."""
    cache.clean()
    cache.run()
    cache.run("embedded")
    whole = {}
    for name in cache.files():
        with open(os.path.join(cache.code, name), "rb") as file:
            whole[name] = file.read()
    kinds = {kind: [name for name in whole if name.endswith(kind)] for kind in (".code", ".unit", ".link", ".files")}
    expect(all(kinds.values()), kinds)
    noticed = 0
    for _ in range(count):
        name = rng.choice(kinds[rng.choice(list(kinds))])
        bytes_of = bytearray(whole[name])
        place = rng.randrange(len(bytes_of))
        bytes_of[place] ^= 1 << rng.randrange(8)
        with open(os.path.join(cache.code, name), "wb") as file:
            file.write(bytes_of)
        if name.endswith((".code", ".unit")):  # a start that is known reads only code
            for other in [*kinds[".link"], *kinds[".files"]]:
                os.remove(os.path.join(cache.code, other))
        out, warnings = cache.run(rng.choice(["reference", "embedded"]))
        expect(out == expected, f"{name}, byte {place}: {out}")
        expect(len(warnings) <= 1 and all(name in warning for warning in warnings), warnings)
        noticed += len(warnings)
        for other, content in whole.items():
            with open(os.path.join(cache.code, other), "wb") as file:
                file.write(content)
                os.chmod(file.name, 0o600)
    # A start reads the code of one form only.
    expect(noticed > count // 3, f"{noticed} of {count} changes were noticed")
    return f"{noticed} of {count} were in files that the run read"


def damage(cache, expected):
    """Each kind of damage to a list of known files is noticed, and that to a record of a unit by the first start that
    reads it: a link that is known does not."""
    cache.clean()
    cache.run()
    whole = {}
    for name in cache.files():
        with open(os.path.join(cache.code, name), "rb") as file:
            whole[name] = file.read()
    known = [name for name in whole if name.endswith((".link", ".files"))]

    def write(name, content):
        with open(os.path.join(cache.code, name), "wb") as file:
            file.write(content)
        os.chmod(file.name, 0o600)

    def flip(content, at):
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]

    for kind in (".files", ".unit"):
        name = next(name for name in whole if name.endswith(kind))
        content = whole[name]
        for damaged in (flip(content, 0), flip(content, len(content) // 2), flip(content, len(content) - 1),
                        content[:-1], content[:len(content) // 2], b"", content + b"\0"):
            for other in known:
                write(other, whole[other])
            write(name, damaged)
            out, warnings = cache.run()
            expect(out == expected, out)
            if kind == ".unit":
                expect(not warnings, warnings)
                for other in known:
                    os.remove(os.path.join(cache.code, other))
                out, warnings = cache.run()
                expect(out == expected, out)
            expect(len(warnings) == 1 and name in warnings[0] and "its content is damaged" in warnings[0], warnings)
            with open(os.path.join(cache.code, name), "rb") as file:
                expect(file.read() == content, f"{name} is not made again")


def exchange(cache, expected):
    """Two valid files with each other's names are as good as damaged."""
    cache.clean()
    cache.run()
    for kind in (".code", ".unit"):
        one, two = [os.path.join(cache.code, name) for name in cache.files() if name.endswith(kind)][:2]
        os.rename(one, one + ".aside")
        os.rename(two, one)
        os.rename(one + ".aside", two)
        for name in cache.files():
            if name.endswith((".link", ".files")):
                os.remove(os.path.join(cache.code, name))
        out, warnings = cache.run()
        expect(out == expected and len(warnings) == 2, warnings)
        expect(all("its content is damaged" in warning for warning in warnings), warnings)
        out, warnings = cache.run()
        expect(out == expected and not warnings, warnings)


def tell_steps(cache):
    """A terminal shows what is compiled, and `plan --timing` what the cache had."""
    cache.clean()
    ours, theirs = pty.openpty()
    with subprocess.Popen(cache.command("embedded"), stdout=subprocess.DEVNULL, stderr=theirs,
                          env={**os.environ, "TENON_CACHE_DIR": cache.folder}) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # the end of a terminal
            pass
        expect(process.wait() == 0, shown.decode())
    os.close(ours)
    expect(re.match(r"compiling main \(\d{3}\.\d KiB, 1 of 1\)\r?\n", shown.decode()), shown.decode())
    cache.clean()
    for step in (", types", ", known types"):
        told = subprocess.run([cache.tenon, "plan", "--timing", os.path.dirname(PRESS)], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "TENON_CACHE_DIR": cache.folder}).stdout
        for unit in UNITS:
            expect(re.search(rf"\n  {unit} +[\d.]+ ms  read [\d.]+ ms{step} [\d.]+ ms\n", told), told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--flips", type=int, default=1000)
    arguments = parser.parse_args()
    rng = random.Random(25)
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(arguments.build, folder)
        expected, _ = cache.run()
        expect("One" in expected, expected)
        for test in (lambda: tell_steps(cache), lambda: race(cache, expected), lambda: kill(cache, expected, rng),
                     lambda: full_disk(cache, expected), lambda: foreign_folder(cache, expected),
                     lambda: exchange(cache, expected), lambda: damage(cache, expected), lambda: flip_bits(cache, expected, rng, arguments.flips)):
            said = test()
            if said:
                print(said)


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"cache: {error}")
