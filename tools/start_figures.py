"""Starts of whole processes: compiled before, in part, or not at all. Used by bench_peers.py."""
import os
import shutil
import subprocess
import sys
import time

import guest_languages
from call_figures import Row

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESS = os.path.join(ROOT, "examples", "press")
REQUESTS = ["PUT /a=# One", "GET /a", "GET /a", "GET /"]


class Start:
    """A command, and what its cache has before it runs: the content of a folder, or nothing."""

    def __init__(self, folder, command, before=None, cache=None):
        """cache: the folder itself, for a command that changes nothing in it."""
        self.command = command
        self.before = before
        self.is_kept = cache is not None
        self.cache = cache or os.path.join(folder, "start-cache")
        self.seconds = float("inf")
        self.peak = float("inf")

    def run(self):
        if not self.is_kept:
            shutil.rmtree(self.cache, ignore_errors=True)
        if self.before:
            shutil.copytree(self.before, self.cache)
        started = time.perf_counter()
        child = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 env=dict(os.environ, TENON_CACHE_DIR=self.cache))
        err = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"start_figures: {' '.join(self.command)} exited with {child.returncode}\n{err.decode()}")
        self.seconds = min(self.seconds, took)
        self.peak = min(self.peak, usage.ru_maxrss * 1024)

    def keep_cache(self, folder):
        """Runs once; the cache becomes `folder`."""
        self.run()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(self.cache, folder)
        return folder


def in_turn(starts, runs):
    for _ in range(runs):
        for start in starts:
            start.run()


def install(build, folder):
    """Copies the programs, as an installation does. The page cache holds what the linker has just written in single
    pages, and a copied file in larger units, whose start takes 20 percent less time."""
    installed = os.path.join(folder, "bin")
    os.makedirs(installed, exist_ok=True)
    for program in ("tenon", "minimal_host", "make_chain"):
        shutil.copy(os.path.join(build, program), installed)
    return installed


def make_chain(build, folder, name, *numbers):
    units = os.path.join(folder, name)
    shutil.rmtree(units, ignore_errors=True)
    subprocess.run([os.path.join(build, "make_chain"), str(numbers[0]), units, *map(str, numbers[1:])], check=True)
    return units


def call(tenon, units, *flags):
    return [tenon, "call", *flags, units, "step", "1"]


def measure_press(build, folder, runs):
    tenon, host = os.path.join(build, "tenon"), os.path.join(build, "minimal_host")
    composed, code = os.path.join(folder, "press.wasm"), os.path.join(folder, "press.code")
    subprocess.run([tenon, "-C", PRESS, "compose", "-o", os.path.abspath(composed)], check=True)
    subprocess.run([host, "compile", composed, code], check=True)
    wasm = os.path.join(PRESS, "wasm")
    others = [word for unit in ("site", "markdown", "highlighter", "kv", "archive")
              for word in ("--with", os.path.join(wasm, f"{unit}.wasm"))]
    whole = [tenon, "run", "--link-form", "reference", PRESS, "--", *REQUESTS]
    fewer = [tenon, "run", "--link-form", "reference", os.path.join(wasm, "cli.wasm"), *others, "--", *REQUESTS]
    known = Start(folder, whole).keep_cache(os.path.join(folder, "known-press"))
    embedded = Start(folder, [tenon, "cache", "warm", PRESS]).keep_cache(os.path.join(folder, "embedded-press"))
    embedded = Start(folder, [tenon, "run", PRESS, "--", *REQUESTS], embedded).keep_cache(embedded + "2")
    warm = Start(folder, [tenon, "run", PRESS, "--", *REQUESTS], cache=embedded)
    reference = Start(folder, whole, cache=known)
    minimal = Start(folder, [host, "run", code, "wasi:cli/run@0.2.6", "press", *REQUESTS])
    in_turn([warm, reference, minimal], 2 * runs)
    new, cold = Start(folder, fewer, known), Start(folder, fewer)
    mine, engine = Start(folder, whole), Start(folder, [host, "compile", composed, code])
    in_turn([new, cold, mine, engine], runs)
    minimal_host = "a minimal program on the engine, precompiled and hashed"
    return [Row("`tenon run examples/press`, warm", minimal_host, warm.seconds, minimal.seconds, 1.15),
            Row("the same, linked by reference", minimal_host, reference.seconds, minimal.seconds, None),
            Row("six units of it in a new combination", "the same, cold", new.seconds, cold.seconds, 0.23),
            Row("`tenon run examples/press`, cold", "the engine's compilation of it as one component", mine.seconds,
                engine.seconds, 1.15),
            Row("its peak memory", "that of the engine's compilation", mine.peak, engine.peak, 0.6, "B")]


def measure_changes(build, folder, runs):
    """Ten units of 4.5 MB together, of which one of 5 kB changes."""
    tenon = os.path.join(build, "tenon")
    units = make_chain(build, folder, "large", 10, 500000)
    known = Start(folder, call(tenon, units, "--link-form", "reference")).keep_cache(os.path.join(folder, "known-large"))
    cold = Start(folder, call(tenon, units, "--link-form", "embedded"))
    changed = make_chain(build, folder, "changed", 10, 500000, 0, 1)
    after = Start(folder, call(tenon, changed), known)
    in_turn([cold], max(1, runs // 4))
    in_turn([after], runs)
    one = make_chain(build, folder, "plugin", 1, 5000, 400000)
    ten = make_chain(build, folder, "plugins", 10, 5000, 400000)
    plugins = [Start(folder, call(tenon, which, "--link-form", "reference")) for which in (ten, one)]
    in_turn(plugins, runs)
    return [Row("the start after one unit of 5 kB of ten (4.5 MB) changed", "the cold start", after.seconds,
                cold.seconds, 1 / 40),
            Row("cold start of ten plugins that share a library of 400 kB", "of one of them", plugins[0].seconds,
                plugins[1].seconds, 1.3)]


def measure_chains(build, folder, runs):
    tenon = os.path.join(build, "tenon")
    starts = []
    for count in (50, 500):
        units = make_chain(build, folder, f"links{count}", count)
        command = call(tenon, units, "--link-form", "reference")
        known = Start(folder, command).keep_cache(os.path.join(folder, f"known{count}"))
        starts.append(Start(folder, command, cache=known))
    version = Start(folder, [tenon, "version"])
    in_turn([*starts, version], runs)
    return [Row("start of a chain of 50 small units, warm", "`tenon version`", starts[0].seconds, version.seconds, 6),
            Row("start of a chain of 500", "of 50", starts[1].seconds, starts[0].seconds, 10)]


def measure_large_guest(build, folder, runs):
    """A guest of 12 MB in JavaScript with seven other units, and then with five of them."""
    if not guest_languages.has_npm():
        print("start_figures: no large guest: `./dev setup guests` installs its toolchain", file=sys.stderr)
        return []
    tenon, guest = os.path.join(build, "tenon"), guest_languages.component("js")
    wasm = os.path.join(PRESS, "wasm")

    def command(units, *flags):
        others = [word for unit in units for word in ("--with", os.path.join(wasm, f"{unit}.wasm"))]
        return [tenon, "run", "--link-form", "reference", os.path.join(wasm, "cli.wasm"), *others, "--with",
                f"highlighter={guest}", *flags, "--", *REQUESTS]
    units = ["site", "markdown", "kv", "archive"]
    all_units = command([*units, "cache", "accesslog"], "--via", "cli:press:web/handler=accesslog,cache")
    fewer = command(units)
    cold = Start(folder, fewer)
    known = Start(folder, all_units).keep_cache(os.path.join(folder, "known-large-guest"))
    new = Start(folder, fewer, known)
    in_turn([new], runs)
    in_turn([cold], 2)
    return [Row("a guest of 12 MB and five other units in a new combination", "the same, cold", new.seconds,
                cold.seconds, 1 / 50)]


def measure_watch(build, folder, runs):
    """A unit with 400 kB of code is built again, while a client calls the service that it belongs to."""
    tenon, host = os.path.join(build, "tenon"), os.path.join(build, "minimal_host")
    served = make_chain(build, folder, "watched", 2, 400000)
    unit, address = os.path.join(served, "u0.wasm"), f"unix:{folder}/watch.sock"
    environment = dict(os.environ, TENON_CACHE_DIR=os.path.join(folder, "watch-cache"),
                       XDG_STATE_HOME=os.path.join(folder, "state"))
    # An earlier run has compiled the same units.
    shutil.rmtree(environment["TENON_CACHE_DIR"], ignore_errors=True)
    client = os.path.join(folder, "watch-client")
    os.makedirs(client, exist_ok=True)
    shutil.copy(make_chain(build, folder, "caller", 3) + "/u2.wasm", client)
    with open(os.path.join(client, "tenon.toml"), "w", encoding="utf-8") as file:
        file.write(f'schema = 1\n\n[components.u2]\npath = "u2.wasm"\n\n'
                   f'[remotes.u1]\nurl = "{address}"\ninterfaces = ["*"]\n')
    subprocess.run([tenon, "trust", client], check=True, stdout=subprocess.DEVNULL, env=environment)
    server = subprocess.Popen([tenon, "serve", os.path.join(served, "u1.wasm"), "--with", unit, "--isolate", "--watch",
                               "--listen", address], stderr=subprocess.PIPE, env=environment, text=True)

    def wait_for(text):
        while text not in (line := server.stderr.readline()):
            if not line:
                sys.exit("start_figures: tenon serve has ended")
    try:
        wait_for("listens at")
        shell = subprocess.Popen([tenon, "shell", client], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 env=environment, text=True, bufsize=1)

        def call_once():
            shell.stdin.write("step(1)\n")
            shell.stdin.flush()
            return shell.stdout.readline()
        call_once()
        mine, peer = [], []
        for number in range(runs):
            # Another number of functions: nothing of it is in the cache.
            built = make_chain(build, folder, "built", 2, 400000 - 64 * (number + 1)) + "/u0.wasm"
            started = time.perf_counter()
            os.rename(built, unit)
            wait_for("swapped")
            call_once()
            mine.append(time.perf_counter() - started)
            compile_alone = Start(folder, [host, "compile", unit, os.path.join(folder, "watched.code")])
            compile_alone.run()
            peer.append(compile_alone.seconds)
        shell.stdin.close()
        shell.wait()
    finally:
        server.terminate()
        server.wait()
    return [Row("`--watch`: a unit of 400 kB is saved, until it answers a call", "the engine's compilation of the unit",
                min(mine), min(peer), 3)]


def measure(build, folder, runs):
    programs = install(build, folder)
    return (measure_watch(programs, folder, runs) + measure_large_guest(programs, folder, runs) +
            measure_press(programs, folder, runs) + measure_changes(programs, folder, max(2, runs // 2)) +
            measure_chains(programs, folder, runs))
