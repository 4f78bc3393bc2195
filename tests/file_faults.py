#!/usr/bin/env python3
"""Lets each system call on files fail once, or ends the process after it, in commands that change files.

Usage: file_faults.py BUILD [--tenon TENON] [--all] [--only NAME]...

What was there before is there afterwards, or what the command makes, and nothing else; and the next command works.
After a signal or a short write, a command goes on. BUILD/libfail_call.so makes the faults (tests/faults/fail_call.c).
--all: every call. Otherwise some of each command and kind of fault, the same ones each time.
"""
import json
import os
import shutil
import subprocess
import sys

from processes import make_parser, run_test

KINDS = ["enospc", "eio", "eintr", "short", "kill"]
HARMLESS = ["eintr", "short"]  # a command goes on
SAMPLE = 5  # calls of each command and kind
PATIENCE = 60  # seconds for one command
END = 10_000_000  # a call that no command makes

LOW = """(component
  (core module $m (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (local.get 0))))
  (core instance $c (instantiate $m))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $f)))
  (export "acme:low/lib@1.2.0" (instance $e)))
"""
TOP = """(component
  (import "acme:low/lib@1.0.0" (instance $low (export "f" (func (param "a" u32) (result u32)))))
  (core func $f (canon lower (func $low "f")))
  (core module $m (import "h" "f" (func $f (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $f (i32.add (i32.const 1) (local.get 0)))))
  (core instance $c (instantiate $m (with "h" (instance (export "f" (func $f))))))
  (func $g (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $g)))
  (export "acme:top/api" (instance $e)))
"""
PROJECT = """schema = 1
[project]
name = "shop"
root = "top"
[components.low]
path = "low.wat"
[components.top]
path = "top.wat"
"""
TAPED = """[middleware.tape]
kind = "{kind}"
file = "calls.jsonl"
[[wire]]
import = "acme:low/lib"
via = ["tape"]
"""


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(text, *path):
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        file.write(text)


class Place:
    """A folder with the files of a command, and tenon in it."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run(self, *words, **variables):
        environment = {**os.environ, "TENON_CACHE_DIR": self.path("cache"), "XDG_STATE_HOME": self.path("state"),
                       "XDG_CONFIG_HOME": self.path("config"), **variables}
        return subprocess.run([self.options.tenon, *words], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=PATIENCE)

    def need(self, *words):
        done = self.run(*words)
        if done.returncode != 0:
            raise AssertionError(f"`tenon {' '.join(words)}` fails without a fault: {done.stderr}")
        return done.stdout

    def files(self):
        return {os.path.relpath(os.path.join(folder, name), self.folder)
                for folder, _, names in os.walk(self.folder) for name in names}


class Command:
    """A command that changes files in a part of the folder."""

    name = ""
    words = []
    part = "."  # the folder whose files get faults
    can_fail = True  # whether a fault may make it fail
    repeats = False  # whether it can be run when it has been
    excuse = None  # what it says if it goes on without what it should have made

    def prepare(self, place):
        """Makes the files that the command finds."""

    def observe(self, place):
        """What there is, as a user sees it."""

    def allowed(self, before, after):
        return [before, after]

    def use(self, place):
        """Needs what the command has made."""


class InStore(Command):
    part = "store"
    installed = ["low.wat"]

    def prepare(self, place):
        write(LOW, place.path("low.wat"))
        write(TOP, place.path("top.wat"))
        if self.installed:
            place.need("ext", "add", *self.installed, "--no-compile", "--store", "store")

    def observe(self, place):
        listed = json.loads(place.need("ext", "list", "--json", "--store", "store"))
        for extension in listed["extensions"]:
            del extension["added"]  # the time
        return json.dumps(listed, sort_keys=True)


class ExtAdd(InStore):
    name = "ext-add"
    words = ["ext", "add", "top.wat", "--no-compile", "--store", "store"]

    def use(self, place):
        assert place.need("ext", "call", "top", "acme:top/api.f(1)", "--store", "store") == "3\n"


class ExtFirst(ExtAdd):
    name = "ext-add-first"
    words = ["ext", "add", "low.wat", "top.wat", "--no-compile", "--store", "store"]
    installed = []


class ExtRemove(InStore):
    name = "ext-remove"
    words = ["ext", "remove", "top", "--store", "store"]
    installed = ["low.wat", "top.wat"]


class ExtUpgrade(InStore):
    name = "ext-upgrade"
    words = ["ext", "upgrade", "--all", "--no-compile", "--store", "store"]
    installed = ["low.wat", "top.wat"]
    repeats = True

    def prepare(self, place):
        super().prepare(place)
        write(LOW.replace("1.2.0", "1.3.0"), place.path("low.wat"))

    def use(self, place):
        assert place.need("ext", "call", "top", "acme:top/api.f(1)", "--store", "store") == "3\n"


class Cached(Command):
    """A run that compiles: without its cache, it only is slower."""

    name = "run-cache"
    words = ["call", "top.wat", "acme:top/api.f(1)", "--with", "low.wat"]
    part = "cache"
    can_fail = False
    repeats = True

    def prepare(self, place):
        write(LOW, place.path("low.wat"))
        write(TOP, place.path("top.wat"))

    def use(self, place):
        assert place.need(*Cached.words) == "3\n"


class Warm(Cached):
    """The same with a cache that has the code."""

    name = "run-warm-cache"

    def prepare(self, place):
        super().prepare(place)
        place.need(*Cached.words)


class CacheClean(Warm):
    name = "cache-clean"
    words = ["cache", "clean"]
    can_fail = True


class InProject(Command):
    manifest = PROJECT
    repeats = True

    def prepare(self, place):
        write(LOW, place.path("low.wat"))
        write(TOP, place.path("top.wat"))
        write(self.manifest, place.path("tenon.toml"))


class Lock(InProject):
    name = "plan-lock"
    words = ["plan", ".", "--lock"]

    def prepare(self, place):
        super().prepare(place)
        place.need(*self.words)
        write(LOW.replace("1.2.0", "1.3.0"), place.path("low.wat"))

    def observe(self, place):
        return read(place.path("tenon.lock"))

    def use(self, place):
        place.need("plan", ".", "--locked")


class Add(InProject):
    name = "add"
    words = ["add", "low.wat"]
    manifest = PROJECT.split("[components.low]", 1)[0] + '[components.top]\npath = "top.wat"\n'
    repeats = False

    def observe(self, place):
        return read(place.path("tenon.toml"))

    def use(self, place):
        place.need("plan", ".")


class Init(InProject):
    name = "init"
    words = ["init", "low.wat", "top.wat"]
    repeats = False

    def prepare(self, place):
        super().prepare(place)
        os.unlink(place.path("tenon.toml"))

    def observe(self, place):
        return read(place.path("tenon.toml"))

    def use(self, place):
        place.need("plan", ".")


class Compose(InProject):
    name = "compose"
    words = ["compose", ".", "-o", "out.wasm"]

    def prepare(self, place):
        super().prepare(place)
        write("before", place.path("out.wasm"))

    def observe(self, place):
        return read(place.path("out.wasm"))

    def use(self, place):
        assert place.need("call", "out.wasm", "acme:top/api.f(1)") == "3\n"


class Trust(InProject):
    name = "trust"
    words = ["trust", "."]
    part = "state"
    manifest = PROJECT + '[domains.main]\ndirs = ["/etc"]\nnet = ["*"]\n'

    def observe(self, place):
        return place.need("trust", "--list").replace(place.folder, "")

    def use(self, place):
        assert place.need("call", ".", "acme:top/api.f(1)") == "3\n"


class Distrust(Trust):
    name = "trust-remove"
    words = ["trust", "--remove", "."]
    repeats = False

    def prepare(self, place):
        super().prepare(place)
        place.need("trust", ".")

    def use(self, place):
        assert place.run("call", ".", "acme:top/api.f(1)").returncode != 0


class Record(InProject):
    """The file is emptied when a run begins, and gets a line for each call."""

    name = "record"
    words = ["call", ".", "acme:top/api.f(1)"]
    manifest = PROJECT + TAPED.format(kind="record")
    excuse = "the record ends here"

    def prepare(self, place):
        super().prepare(place)
        place.need(*self.words)
        write(read(place.path("calls.jsonl")).replace('"2"', '"7"').replace('"3"', '"8"'), place.path("calls.jsonl"))

    def observe(self, place):
        return read(place.path("calls.jsonl"))

    def allowed(self, before, after):
        return [before, "", after]

    def use(self, place):
        write(PROJECT + TAPED.format(kind="replay"), place.path("tenon.toml"))
        assert place.need(*self.words) == "3\n"
        write(self.manifest, place.path("tenon.toml"))


class Replay(Record):
    name = "replay"

    def prepare(self, place):
        write(PROJECT + TAPED.format(kind="record"), place.path("tenon.toml"))
        write(LOW, place.path("low.wat"))
        write(TOP, place.path("top.wat"))
        place.need(*self.words)
        write(PROJECT + TAPED.format(kind="replay"), place.path("tenon.toml"))

    def allowed(self, before, after):
        return [before]

    def use(self, place):
        assert place.need(*self.words) == "3\n"


COMMANDS = [ExtFirst(), ExtAdd(), ExtRemove(), ExtUpgrade(), Cached(), Warm(), CacheClean(), Lock(), Add(), Init(),
            Compose(), Trust(), Distrust(), Record(), Replay()]


class Faults:
    """The faults of one kind in one command."""

    def __init__(self, options, folder, command, kind):
        self.options, self.folder, self.command, self.kind = options, folder, command, kind
        self.report = os.path.join(folder, "report")

    def copy(self, name):
        """A place with the files that the command finds."""
        place = Place(self.options, os.path.join(self.folder, "place"))
        shutil.rmtree(place.folder, ignore_errors=True)
        shutil.copytree(os.path.join(self.folder, name), place.folder, symlinks=True)
        return place

    def run(self, place, number):
        """Runs the command with a fault. Returns it, and the call that had the fault, or None."""
        if os.path.exists(self.report):
            os.unlink(self.report)
        done = place.run(*self.command.words, LD_PRELOAD=os.path.join(self.options.build, "libfail_call.so"),
                         FAULT_ROOT=os.path.realpath(place.path(self.command.part)), FAULT_KIND=self.kind,
                         FAULT_AT=str(number), FAULT_REPORT=self.report)
        report = read(self.report)
        if report is None:
            raise AssertionError(f"no report of the faults: {done.stderr}")
        return done, report.strip()

    def count(self):
        done, report = self.run(self.copy("before"), END)
        if done.returncode != 0 or not report.startswith("calls "):
            raise AssertionError(f"it fails without a fault: {report} {done.stderr}")
        return int(report.split()[1])

    def check(self, number, before, after):
        """Returns whether there was a call with this number."""
        place = self.copy("before")
        command = self.command
        done, call = self.run(place, number)
        if call.startswith("calls "):
            return False
        found = command.observe(place)
        what = f"fault {number}, {call.replace(place.folder + '/', '')}"
        if found not in command.allowed(before, after):
            raise AssertionError(f"{what}: neither the state before nor the one after it:\n{found}\n"
                                 f"--- before\n{before}\n--- after\n{after}\n--- errors\n{done.stderr}")
        if done.returncode < 0 and self.kind != "kill":
            raise AssertionError(f"{what}: ended by signal {-done.returncode}: {done.stderr}")
        is_excused = command.excuse and command.excuse in done.stderr
        if done.returncode == 0 and found != after and not is_excused:
            raise AssertionError(f"{what}: it succeeded, and nothing has changed: {done.stderr}")
        if done.returncode > 0 and (self.kind in HARMLESS or not command.can_fail):
            raise AssertionError(f"{what}: it failed: {done.stderr}")
        if done.returncode > 0 and "error[" not in done.stderr:
            raise AssertionError(f"{what}: an exit code of {done.returncode} without an error: {done.stderr}")
        # Without a fault, the same command does what is left to do.
        if found != after or command.repeats:
            again = place.run(*command.words)
            if again.returncode != 0:
                raise AssertionError(f"{what}: the next run fails: {again.stderr}")
            if command.observe(place) != after:
                raise AssertionError(f"{what}: the next run makes something else: {command.observe(place)}")
        command.use(place)
        return True


def check_command(options, folder, command):
    """Returns how many faults there were, and prints those that show an error of tenon."""
    base = Place(options, os.path.join(folder, command.name, "before"))
    os.makedirs(base.folder)
    # Paths are the same in each copy.
    place = Place(options, os.path.join(folder, command.name, "place"))
    os.makedirs(place.folder)
    command.prepare(place)
    shutil.rmtree(base.folder)
    shutil.copytree(place.folder, base.folder, symlinks=True)
    before = command.observe(place)
    shutil.rmtree(base.folder)
    shutil.copytree(place.folder, base.folder, symlinks=True)
    place.need(*command.words)
    after = command.observe(place)
    command.use(place)
    count, failures = 0, []
    for kind in KINDS:
        faults = Faults(options, os.path.dirname(base.folder), command, kind)
        last = faults.count()
        step = 1 if options.all else max(1, last // SAMPLE)
        for number in range(1, last + 1, step):
            try:
                count += faults.check(number, before, after)
            except (AssertionError, subprocess.TimeoutExpired) as failure:
                failures.append(f"{command.name}, {kind}, {failure or 'what it made cannot be used'}")
    mark = "FAILED  " if failures else "ok      "
    print(f"{mark} {command.name}: {count} faults", flush=True)
    for failure in failures:
        print("  " + failure.strip().replace("\n", "\n    "), flush=True)
    return not failures


def check(options, folder):
    commands = [command for command in COMMANDS if not options.only or command.name in options.only]
    if not commands:
        sys.exit(f"file_faults: unknown name; known: {', '.join(command.name for command in COMMANDS)}")
    return 0 if all([check_command(options, folder, command) for command in commands]) else 1


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--all", action="store_true", default="TENON_TEST_ALL" in os.environ)
    parser.add_argument("--only", action="append", metavar="NAME", help="a command; can be repeated")
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
