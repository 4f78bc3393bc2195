#!/usr/bin/env python3
"""Makes many calls of all sorts in and between processes, while units trap, are swapped and change on disk, grants are
revoked, and peers and a NATS server are killed, and checks that nothing grows.

Usage: soak_mixed.py BUILD [--tenon TENON] [--calls N] [--plot FILE]

A client calls a service that lives as long as the test, and another one that is killed again and again. The calls of a
round pass numbers, texts, lists, records, streams and handles of resources, which are made and dropped in the service and
over the connection; some are async, in bursts. In each round, one call traps in the service, one finds the other service
dead, and one is made after it is back; in every eighth, one goes over a NATS server that was killed and is back. The
service restarts the domain of the trap. Its unit is swapped, which is refused while a handle of its resources is left, and
its file changes under `--watch`, each time to another version. An extension runs with a grant, and without it.

After the first quarter, neither the memory (8 MiB) nor the descriptors (4) of both processes may grow, nor the resources
that handles keep alive, the cache of compiled code or the store of extensions. The samples are drawn in FILE, or in
BUILD/soak.svg.
"""
import contextlib
import html
import json
import math
import os
import subprocess
import sys
import time

from processes import GUESTS, PATIENCE, PEERS, Shell, make_parser, read_text, run_test, serving_nats, serving_tenon

CALLS = 1_000_000
PARTS = 4  # of a round, each after something else has happened
LOOP = 500  # calls of each sort in a part
NEAR = 5 * LOOP
STREAMS = 20  # in a part
ROUND = PARTS * (NEAR + 6 * LOOP + STREAMS)  # without the calls that are made one by one
LEAST_ROUNDS = 8
GROWTH = {"memory": 8 << 20, "descriptors": 4, "resources": 0, "cache": 64 << 10, "store": 4 << 10}
NATS_ROUND = 8

KEEPER = """(component (component $c
  (core module $dtor (global $live (export "live") (mut i32) (i32.const 0))
    (func (export "drop") (param i32) (global.set $live (i32.sub (global.get $live) (i32.const 1)))))
  (core instance $d (instantiate $dtor))
  (type $item' (resource (rep i32) (dtor (func $d "drop"))))
  (core func $new (canon resource.new $item'))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (import "d" "live" (global $live (mut i32)))
    (func (export "make") (param i32) (result i32)
      (global.set $live (i32.add (global.get $live) (i32.const 1)))
      (call $new (local.get 0)))
    (func (export "get") (param i32) (result i32) (i32.add (local.get 0) (i32.const OFFSET)))
    (func (export "live") (result i32) (global.get $live))
    (func (export "fail") unreachable))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)))) (with "d" (instance $d))))
  (export $item "item" (type $item'))
  (func (export "[constructor]item") (param "id" u32) (result (own $item)) (canon lift (core func $i "make")))
  (func (export "[method]item.get") (param "self" (borrow $item)) (result u32) (canon lift (core func $i "get")))
  (func (export "live") (result u32) (canon lift (core func $i "live")))
  (func (export "fail") (canon lift (core func $i "fail"))))
  (instance $e (instantiate $c))
  (export "soak:app/keeper" (instance $e)))
"""
FRONT = """(component
  (import "soak:app/keeper" (instance $k (export "item" (type $item (sub resource)))
    (export "[constructor]item" (func (param "id" u32) (result (own $item))))
    (export "[method]item.get" (func (param "self" (borrow $item)) (result u32)))
    (export "live" (func (result u32))) (export "fail" (func))))
  (alias export $k "item" (type $item))
  (core func $make (canon lower (func $k "[constructor]item")))
  (core func $get (canon lower (func $k "[method]item.get")))
  (core func $live (canon lower (func $k "live")))
  (core func $fail (canon lower (func $k "fail")))
  (core func $drop (canon resource.drop $item))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "get" (func $get (param i32) (result i32)))
    (import "" "live" (func $live (result i32)))
    (import "" "fail" (func $fail))
    (import "" "drop" (func $drop (param i32)))
    (func (export "work") (param $id i32) (result i32) (local $item i32) (local $value i32)
      (local.set $item (call $make (local.get $id)))
      (local.set $value (call $get (local.get $item)))
      (call $drop (local.get $item))
      (local.get $value))
    (func (export "live") (result i32) (call $live))
    (func (export "fail") (call $fail)))
  (core instance $i (instantiate $m (with "" (instance (export "make" (func $make)) (export "get" (func $get))
    (export "live" (func $live)) (export "fail" (func $fail)) (export "drop" (func $drop))))))
  (func $work (param "id" u32) (result u32) (canon lift (core func $i "work")))
  (func $live2 (result u32) (canon lift (core func $i "live")))
  (func $fail2 (canon lift (core func $i "fail")))
  (instance $e (export "work" (func $work)) (export "live" (func $live2)) (export "fail" (func $fail2)))
  (export "soak:PACKAGE/api" (instance $e)))
"""
APP = """(component
  (import "soak:app/api" (instance $near (export "work" (func (param "id" u32) (result u32)))
    (export "live" (func (result u32))) (export "fail" (func))))
  (import "soak:far/api" (instance $far (export "work" (func (param "id" u32) (result u32)))))
  (import "soak:bus/api" (instance $bus (export "work" (func (param "id" u32) (result u32)))))
  (import "soak:here/api" (instance $here (export "work" (func (param "id" u32) (result u32)))))
  (core func $near (canon lower (func $near "work")))
  (core func $live (canon lower (func $near "live")))
  (core func $fail (canon lower (func $near "fail")))
  (core func $far (canon lower (func $far "work")))
  (core func $bus (canon lower (func $bus "work")))
  (core func $here (canon lower (func $here "work")))
  (core module $m
    (import "" "near" (func $near (param i32) (result i32)))
    (import "" "far" (func $far (param i32) (result i32)))
    (import "" "bus" (func $bus (param i32) (result i32)))
    (import "" "here" (func $here (param i32) (result i32)))
    (import "" "live" (func $live (result i32)))
    (import "" "fail" (func $fail))
    (func (export "near") (param $count i32) (result i32) (local $last i32)
      (loop $next
        (local.set $last (call $near (local.get $count)))
        (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
      (local.get $last))
    (func (export "held") (param $count i32) (result i32) (local $last i32)
      (loop $next
        (local.set $last (call $here (local.get $count)))
        (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
      (local.get $last))
    (func (export "far") (param i32) (result i32) (call $far (local.get 0)))
    (func (export "bus") (param i32) (result i32) (call $bus (local.get 0)))
    (func (export "live") (result i32) (call $live))
    (func (export "fail") (call $fail)))
  (core instance $i (instantiate $m (with "" (instance (export "near" (func $near)) (export "far" (func $far))
    (export "bus" (func $bus)) (export "here" (func $here)) (export "live" (func $live)) (export "fail" (func $fail))))))
  (func (export "held") (param "count" u32) (result u32) (canon lift (core func $i "held")))
  (func (export "near") (param "count" u32) (result u32) (canon lift (core func $i "near")))
  (func (export "far") (param "id" u32) (result u32) (canon lift (core func $i "far")))
  (func (export "bus") (param "id" u32) (result u32) (canon lift (core func $i "bus")))
  (func (export "live") (result u32) (canon lift (core func $i "live")))
  (func (export "fail") (canon lift (core func $i "fail"))))
"""
# Succeeds if it has a variable.
READER = """(component
  (import "wasi:cli/environment@0.2.6"
    (instance $env (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $next)
      (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get $size)) (i32.const 7)) (i32.const -8)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $env (canon lower (func $env "get-environment") (memory $memory) (realloc $realloc)))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "" "env" (func $env (param i32)))
    (func (export "run") (result i32) (call $env (i32.const 16)) (i32.eqz (i32.load (i32.const 20)))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "" (instance (export "env" (func $env))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $e)))
"""
RESTART = 'restart = { on-trap = true, max = 1000000 }\n'
SERVICE = f"""schema = 1
[project]
name = "SERVICE"
root = "front"
[components.front]
path = "front.wat"
[components.keeper]
path = "keeper.wat"
domain = "keeper"
[domains.main]
{RESTART}
[domains.keeper]
{RESTART}"""
# Of the service `app`: what other units of the client import.
MORE_SERVICE = f"""[components.echo]
path = "{GUESTS}/remote_service.wat"
[components.writer]
path = "{GUESTS}/stream_writer.wat"
[components.calls]
path = "{PEERS}/calls.wat"
domain = "calls"
[domains.calls]
{RESTART}""" + "".join(f'[[export]]\nunit = "{unit}"\nitem = "{item}"\n' for unit, item in [
    ("keeper", "soak:app/keeper"), ("echo", "bench:remote/math@0.1.0"), ("echo", "bench:remote/bytes@0.1.0"),
    ("echo", "bench:remote/tasks@0.1.0"), ("writer", "produce"), ("calls", "peers:test/calls@0.1.0")])
CLIENT = f"""schema = 1
[project]
name = "client"
root = "app"
[components.app]
path = "app.wat"
[components.here]
path = "here.wat"
[components.lists]
path = "{GUESTS}/lists_caller.wat"
[components.sink]
path = "{GUESTS}/lists_service.wat"
domain = "sink"
[components.echo]
path = "{GUESTS}/remote_caller.wat"
[components.burst]
path = "{GUESTS}/remote_burst.wat"
[components.reader]
path = "{GUESTS}/stream_reader.wat"
[components.forward]
path = "{PEERS}/forward.wat"
[domains.main]
{RESTART}
[domains.sink]
{RESTART}""" + "".join(f'[[export]]\nunit = "{unit}"\nitem = "{item}"\nas = "{name}"\n' for unit, item, name in [
    ("lists", "run-text", "run-text"), ("lists", "run-texts", "run-texts"), ("lists", "run-words", "run-words"),
    ("echo", "run-echo", "run-echo"), ("burst", "run-add", "run-burst"), ("reader", "run", "run-stream"),
    ("forward", "peers:test/calls@0.1.0", "peers:test/calls@0.1.0")])
# What the client imports, and the service that has it.
IMPORTS = [("soak:app/*", "app"), ("bench:remote/*", "app"), ("produce", "app"), ("peers:*", "app"), ("soak:far/*", "far"),
           ("soak:bus/*", "bus")]


def write(text, *path):
    os.makedirs(os.path.dirname(os.path.join(*path)), exist_ok=True)
    temporary = os.path.join(*path) + ".new"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(temporary, os.path.join(*path))


def folder_size(folder):
    return sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names)


def measure(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        memory = next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))
    return memory, len(os.listdir(f"/proc/{process.pid}/fd"))


class Soak:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.environment = {**os.environ, "TENON_CACHE_DIR": self.path("cache"), "XDG_RUNTIME_DIR": self.path("run"),
                            "TENON_HOME": self.path("home"), "SOAKED": "yes"}
        os.makedirs(self.path("run"), mode=0o700)
        for service in ("app", "far", "bus"):
            write(FRONT.replace("PACKAGE", service), self.path(service, "front.wat"))
            write(KEEPER.replace("OFFSET", "0"), self.path(service, "keeper.wat"))
            write(SERVICE.replace("SERVICE", service) + (MORE_SERVICE if service == "app" else ""),
                  self.path(service, "tenon.toml"))
        write(APP, self.path("client", "app.wat"))
        write(FRONT.replace("PACKAGE", "here"), self.path("client", "here.wat"))
        write(CLIENT, self.path("client", "tenon.toml"))
        write(READER, self.path("reader.wat"))
        self.nats = contextlib.ExitStack()
        self.samples, self.offset, self.calls = [], 0, 0
        self.rounds = max(LEAST_ROUNDS, math.ceil(options.calls / ROUND))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def serve(self, name, *flags, listen=None):
        return serving_tenon(self.options.tenon, [self.path(name), *flags], listen or f"unix:{self.path(name + '.sock')}",
                             self.path(name + ".log"), env=self.environment)

    def run_command(self, code, *words):
        done = subprocess.run([self.options.tenon, *words], env=self.environment, capture_output=True, text=True,
                              timeout=PATIENCE)
        if done.returncode != code:
            self.fail(f"tenon {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")

    def extension(self, code, *words):
        self.run_command(code, "ext", *words)

    def start_nats(self, port=0):
        return self.nats.enter_context(serving_nats(self.path("nats.log"), port=port))

    def fail(self, what):
        sys.exit(f"FAILED   {what}\n{read_text(self.path('app.log'))[-2000:]}")

    def call(self, line, wanted, count=1):
        """wanted: the answer, or a part of an error. count: how many calls the guest makes."""
        self.calls += count
        found, _ = self.client.call(line, PATIENCE + count * 0.01)
        if found != wanted and not (wanted.startswith("error") and wanted[6:] in found):
            self.fail(f"{line}: {found or 'no answer'}; wanted: {wanted}")

    def work(self):
        """A part of a round."""
        size = 1 + len(self.samples) * 97 % 1000
        for line, wanted in [(f"held({LOOP})", 1 + self.offset), (f"run-text({LOOP}, {size})", LOOP * size),
                             (f"run-texts({LOOP}, {size})", LOOP * size), (f"run-words({LOOP}, {size})", LOOP * size),
                             (f"run-echo({LOOP}, {size})", LOOP * size), (f"run-burst({LOOP}, 20)", 23)]:
            self.call(line, str(wanted), LOOP)
        for _ in range(STREAMS):
            self.call("run-stream(20, 8, 1, 4)", "160")
        self.pass_values(size)
        self.call(f"near({NEAR})", str(1 + self.offset), NEAR)

    def pass_values(self, size):
        """Values that come back as they are."""
        text = json.dumps(f"round {len(self.samples)}: \u00e9\u20ac\U0001f600 " + "-" * size, ensure_ascii=False)
        numbers = [number % 256 for number in range(size)]
        self.call(f"echo-string({text})", text)
        self.call(f"echo-bytes({numbers})", str(numbers))
        self.call(f'echo-record({{id: {size}, name: {text}, tags: ["", {text}]}})',
                  f'{{id: {size}, name: {text}, tags: ["", {text}]}}')
        self.call("divide(7, 0)", 'err("division by zero")')
        self.call(f"sum({self.keep(f'count({size})')})", str(size * (size - 1) // 2))
        counter = self.keep(f"[counter]({size})")
        for number in (size, size + 1):
            self.call(f"[counter.next]({counter})", str(number))
        self.client.send(f"drop {counter}")

    def keep(self, line):
        """The handle that a call returns."""
        self.calls += 1
        found, _ = self.client.call(line, PATIENCE)
        if not found.startswith("$"):
            self.fail(f"{line}: {found or 'no answer'}; wanted: a handle")
        return found.split()[0]

    def write_keeper(self, *path):
        """Another version of the unit: the first quarter of the rounds has all of them."""
        self.offset = (self.offset + 1) % (2 * (self.rounds // 4))
        write(KEEPER.replace("OFFSET", str(self.offset)), self.path(*path))

    def swap(self):
        """By the command, which takes effect before it ends."""
        self.write_keeper("swapped.wat")
        self.run_command(0, "swap", "app", f"keeper={self.path('swapped.wat')}")

    def change_file(self):
        """A file changes; the service takes notice when it does."""
        before = read_text(self.path("app.log")).count("tenon: swapped")
        self.write_keeper("app", "keeper.wat")
        end = time.monotonic() + PATIENCE
        while read_text(self.path("app.log")).count("tenon: swapped") == before:
            if time.monotonic() > end:
                self.fail("a changed file is not swapped")
            time.sleep(0.01)

    def grant_and_revoke(self):
        self.extension(0, "grant", "reader", "env=SOAKED")
        self.extension(0, "run", "reader")
        self.extension(0, "revoke", "reader", "env=SOAKED")
        self.extension(1, "run", "reader")

    def restart_nats(self):
        self.nats.close()
        self.start_nats(self.port)
        self.calls += 1
        # A client that has not noticed yet sends this call to the server that is gone.
        found, _ = self.client.call("bus(8)", PATIENCE)
        if "the connection to the NATS server broke" not in found and found != "8":
            self.fail(f"bus(8): {found}")
        self.call("bus(9)", "9")

    def sample(self, service):
        found, _ = self.client.call("live()", PATIENCE)
        self.calls += 1
        client, server = measure(self.client.process), measure(service.process)
        self.samples.append({"calls": self.calls, "client memory": client[0], "client descriptors": client[1],
                             "service memory": server[0], "service descriptors": server[1], "resources": int(found),
                             "cache": folder_size(self.path("cache")), "store": folder_size(self.path("home"))})

    def run_round(self, service):
        self.work()
        self.call("fail()", "error unreachable")
        self.work()
        self.swap()
        self.work()
        self.change_file()
        self.work()
        with self.serve("far") as far:
            self.call("far(5)", "5")
            far.process.kill()
            far.process.wait()
        self.call("far(6)", "error soak:far/api")
        with self.serve("far"):
            self.call("far(7)", "7")
        if len(self.samples) % NATS_ROUND == NATS_ROUND - 1:
            self.restart_nats()
        self.grant_and_revoke()
        self.sample(service)

    def run(self):
        with self.nats, contextlib.ExitStack() as stack:
            nats = self.start_nats()
            self.port = int(nats.rpartition(":")[2])
            service = stack.enter_context(self.serve("app", "--watch"))
            bus = stack.enter_context(self.serve("bus", listen=f"{nats}/soak"))
            if service.address is None or bus.address is None:
                self.fail("the services do not start")
            self.extension(0, "add", self.path("reader.wat"))
            addresses = {name: f"unix:{self.path(name + '.sock')}" for name in ("app", "far")} | {"bus": bus.address}
            connect = [word for name, service in IMPORTS for word in ("--connect", f"{name}={addresses[service]}")]
            self.client = stack.enter_context(Shell(self.options.tenon, [self.path("client"), *connect],
                                                    self.path("client.log"), env=self.environment))
            for _ in range(self.rounds):
                self.run_round(service)


def find_growth(samples):
    """What is more at the end than after the first quarter, of which the least of several samples counts."""
    quarter = len(samples) // 4
    problems = []
    for name in samples[0]:
        if name == "calls":
            continue
        begin = min(sample[name] for sample in samples[quarter:2 * quarter])
        end = min(sample[name] for sample in samples[-quarter:])
        limit = next(most for kind, most in GROWTH.items() if name.endswith(kind))
        mark = "  <- it has grown" if end - begin > limit else ""
        print(f"  {name}: {begin:,} after a quarter, {end:,} at the end{mark}")
        if mark:
            problems.append(name)
    return problems


def draw(samples, path):
    """A row for each measure: its values, from 0 to its largest one."""
    names = [name for name in samples[0] if name != "calls"]
    width, height, left, step = 900, 70, 190, 90
    text = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 20}" height="{step * len(names) + 40}" '
            'font-family="sans-serif" font-size="13">', '<rect width="100%" height="100%" fill="white"/>']
    last = samples[-1]["calls"]
    for row, name in enumerate(names):
        base = 20 + row * step + height
        most = max(max(sample[name] for sample in samples), 1)
        points = " ".join(f"{left + width * sample['calls'] / last:.1f},{base - height * sample[name] / most:.1f}"
                          for sample in samples)
        text += [f'<text x="10" y="{base - height / 2 - 6}">{html.escape(name)}</text>',
                 f'<text x="10" y="{base - height / 2 + 12}" fill="#666">at most {most:,}</text>',
                 f'<line x1="{left}" y1="{base}" x2="{left + width}" y2="{base}" stroke="#ccc"/>',
                 f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>']
    text += [f'<text x="{left}" y="{step * len(names) + 32}">{last:,} calls</text>', "</svg>"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")


def check(options, folder):
    # A sanitizer keeps freed memory for a while.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
    soak = Soak(options, folder)
    begin = time.monotonic()
    soak.run()
    print(f"mixed: {soak.calls:,} calls in {len(soak.samples)} rounds, {time.monotonic() - begin:.0f} s")
    plot = options.plot or os.path.join(options.build, "soak.svg")
    draw(soak.samples, plot)
    print(f"  drawn in {os.path.relpath(plot)}")
    return 1 if find_growth(soak.samples) else 0


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--plot", type=os.path.abspath)
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
