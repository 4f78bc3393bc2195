#!/usr/bin/env python3
"""`--watch` and `tenon swap`: files change as editors and compilers change them, while guests run.

Usage: watch.py BUILD [--tenon TENON]
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import threading
import time

from http_server import ANSWERS, Service
from processes import PATIENCE, ROOT, Shell, expect, make_parser, read_text, run_test, running, serving_tenon

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")


def provider(name, value, start=""):
    """A unit with `NAME.rate`, which returns a number. start: core instructions that run when it starts."""
    run_at_start = f"(func $start {start}) (start $start)" if start else ""
    return f"""(component
  (core module $m (func (export "rate") (result i32) i32.const {value}) {run_at_start})
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "test:{name}/lib" (instance $lib)))"""


def command(rounds, imports=("tax", "fee")):
    """A command that calls `rate` of its imports again and again. rounds: 0: for ever."""
    def each(text):
        return "\n".join(text.format(name) for name in imports)
    needs = each('(import "test:{0}/lib" (instance ${0} (export "rate" (func (result u32)))))\n'
                 '(core func ${0}-rate (canon lower (func ${0} "rate")))')
    funcs = each('(import "{0}" "rate" (func ${0} (result i32)))')
    given = each('(with "{0}" (instance (export "rate" (func ${0}-rate))))')
    calls = each("(drop (call ${0}))")
    return f"""(component
  {needs}
  (core module $m
    {funcs}
    (func (export "run") (result i32) (local $spins i32) (local $round i32)
      (loop $next
        {calls}
        (local.set $spins (i32.const 20000000))
        (loop $spin (br_if $spin (local.tee $spins (i32.sub (local.get $spins) (i32.const 1)))))
        (local.set $round (i32.add (local.get $round) (i32.const 1)))
        (br_if $next (i32.ne (local.get $round) (i32.const {rounds}))))
      (i32.const 0)))
  (core instance $i (instantiate $m {given}))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $cli)))"""


def counter(step):
    """A unit that adds `step` to its state at each call, and hands the state over."""
    return f"""(component
  (core module $m
    (memory (export "memory") 1)
    (global $n (mut i32) (i32.const 0))
    (func (export "rate") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const {step})))
      (global.get $n))
    (func (export "save") (result i32)
      (i32.store (i32.const 16) (global.get $n))
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const 4))
      (i32.const 0))
    (func (export "restore") (param i32 i32) (result i32)
      (global.set $n (i32.load (local.get 0)))
      (i32.const 128))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "test:tax/lib" (instance $lib))
  (func $save (result (list u8)) (canon lift (core func $i "save") (memory $memory)))
  (func $restore (param "state" (list u8)) (result (result (error string)))
    (canon lift (core func $i "restore") (memory $memory) (realloc $realloc)))
  (instance $handover (export "save" (func $save)) (export "restore" (func $restore)))
  (export "tenon:state/handover" (instance $handover)))"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def rename_over(path, text):
    write(path + ".new", text)
    os.rename(path + ".new", path)


def delete_and_create(path, text):
    os.remove(path)
    time.sleep(0.05)
    write(path, text)


def write_slowly(path, text):
    """In pieces, so that the file is broken for most of a second."""
    with open(path, "w", encoding="utf-8") as file:
        for part in range(4):
            file.write(text[part * len(text) // 4:(part + 1) * len(text) // 4])
            file.flush()
            time.sleep(0.2)


class Watched:
    """`tenon run --watch` in a folder; the values that its guest gets are in the log."""

    def __init__(self, options, folder, units):
        self.folder, self.log = folder, os.path.join(folder, "log")
        for name, text in units.items():
            write(self.path(name), text)
        helpers = [word for name in units if name != "app" for word in ("--with", f"{name}.wat", f"--isolate={name}")]
        self.command = [options.tenon, "run", "app.wat", *helpers, "--watch", "--trace-calls"]

    def path(self, name):
        return os.path.join(self.folder, f"{name}.wat")

    def running(self):
        return running(self.command, self.log, stdout=subprocess.DEVNULL, cwd=self.folder)

    def values(self, name):
        return [int(value) for value in re.findall(rf"test:{name}/lib\.rate\(\) = (\d+)", read_text(self.log))]

    def wait(self, holds, what):
        end = time.monotonic() + PATIENCE
        while not holds() and time.monotonic() < end:
            time.sleep(0.01)
        expect(holds(), what, read_text(self.log)[-2000:])

    def wait_for_value(self, name, value, what):
        self.wait(lambda: self.values(name)[-1:] == [value], what)

    def wait_for_text(self, text, what, count=1):
        self.wait(lambda: read_text(self.log).count(text) >= count, what)


def check_writes(options, folder):
    watched = Watched(options, folder, {"app": command(0), "tax": provider("tax", 1), "fee": provider("fee", 100)})
    tax, fee = watched.path("tax"), watched.path("fee")
    with watched.running() as process:
        watched.wait_for_value("tax", 1, "the first unit answers")
        for value, change in enumerate((write, rename_over, delete_and_create, write_slowly), start=2):
            change(tax, provider("tax", value))
            watched.wait_for_value("tax", value, f"after {change.__name__}, the new unit answers")
        expect("error" not in read_text(watched.log), "a file that was broken for a moment is not reported",
               read_text(watched.log)[-2000:])
        swaps = read_text(watched.log).count("tenon: swapped")
        os.utime(tax)
        rename_over(tax, read_text(tax))
        time.sleep(0.3)
        expect(read_text(watched.log).count("tenon: swapped") == swaps, "the same content is not swapped again")
        write(tax, provider("tax", 20))
        write(fee, provider("fee", 120))
        watched.wait_for_text("tenon: swapped `fee`, `tax`", "two units that change at once are swapped at once")
        watched.wait_for_value("tax", 20, "both of them answer")
        write(tax, "(component")
        watched.wait_for_text("the old units go on", "a broken file is reported")
        write(fee, provider("fee", 121))
        watched.wait_for_value("fee", 121, "another unit is swapped meanwhile")
        write(tax, provider("tax", 21, "unreachable"))
        watched.wait_for_text("error[run-trap]", "a unit that traps at its start is reported")
        write(tax, provider("other", 22))
        watched.wait_for_text("the old units go on", "a unit that does not fit is reported", 3)
        watched.wait_for_value("tax", 20, "and the old one goes on")
        shutil.move(tax, tax + ".away")
        time.sleep(0.3)
        write(tax, provider("tax", 23))
        watched.wait_for_value("tax", 23, "a file that was away is swapped")
        expect(process.poll() is None, "the command has run all the time")
    lost = [line for line in read_text(watched.log).splitlines() if "!" in line]
    expect(not lost, "no call has failed", "\n".join(lost))


def check_restarts(options, folder):
    watched = Watched(options, folder, {"app": command(0, ["tax"]), "tax": provider("tax", 1)})
    with watched.running():
        watched.wait_for_value("tax", 1, "the command runs")
        write(watched.path("app"), command(3, ["tax"]))
        watched.wait_for_text("the command ended with exit code 0", "a new command is started in its place")
        count = len(watched.values("tax"))
        write(watched.path("tax"), provider("tax", 2))
        watched.wait_for_text("the command ended", "a command that has ended runs again for a change", 2)
        expect(watched.values("tax")[count:] == [2, 2, 2], "with the new unit", str(watched.values("tax")))
        write(watched.path("app"), command(3, ["tax", "fee"]))
        watched.wait_for_text("error[resolve-", "a command that does not link is reported")
        write(watched.path("app"), command(1, ["tax"]))
        watched.wait_for_text("the command ended", "and the next one runs", 3)


def check_first_start(options, folder):
    watched = Watched(options, folder, {"app": "(component", "tax": provider("tax", 1)})
    with watched.running():
        watched.wait_for_text("waiting for changes", "a first start that fails waits for changes")
        write(watched.path("app"), command(2, ["tax"]))
        watched.wait_for_text("the command ended with exit code 0", "and runs the next version")


def check_waiting_guest(options, folder):
    """The guest sleeps in the host, where it cannot be interrupted. `-C` is relative to the first folder."""
    log, guest = os.path.join(folder, "log"), os.path.join(folder, "inner", "hello.wasm")
    os.mkdir(os.path.dirname(guest))
    shutil.copy(HELLO, guest)
    words = [options.tenon, "-C", "inner", "run", "hello.wasm", "--watch", "--", "sleep:3600"]
    with open(log, "wb") as output, running(words, log + ".err", stdout=output, cwd=folder) as process:
        def wait(count, what):
            end = time.monotonic() + PATIENCE
            while read_text(log).count("sleep:3600") < count and time.monotonic() < end:
                time.sleep(0.01)
            expect(read_text(log).count("sleep:3600") == count and process.poll() is None, what,
                   read_text(log) + read_text(log + ".err"))
        wait(1, "a guest sleeps")
        for count in (2, 3):
            with open(guest, "ab") as file:
                file.write(bytes([0, 2, 1, ord("x")]))  # a custom section
            wait(count, "a guest that waits in the host starts again")


def check_service(options, folder):
    """Clients call a service while its unit is swapped: by its files, and by `tenon swap`."""
    runtime = os.path.join(folder, "runtime")
    os.mkdir(runtime, 0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": runtime}
    tax, log = os.path.join(folder, "tax.wat"), os.path.join(folder, "serve.log")
    write(tax, counter(1))

    def swap(*words):
        return subprocess.run([options.tenon, "swap", "shop", *words], env=environment, capture_output=True, text=True,
                              timeout=PATIENCE, cwd=folder)
    client = os.path.join(folder, "client")
    os.mkdir(client)
    write(os.path.join(client, "app.wat"), f"""(component
  (import "test:tax/lib" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m (import "" "rate" (func $rate (result i32))) (func (export "rate") (result i32) (call $rate)))
  (core instance $i (instantiate $m (with "" (instance (export "rate" (func $rate))))))
  (func (export "next") (result u32) (canon lift (core func $i "rate"))))""")
    with serving_tenon(options.tenon, [tax, "--name", "shop", "--watch"], f"unix:{folder}/s.sock", log,
                       env=environment) as server:
        expect(server.address, "a service starts", read_text(log))
        write(os.path.join(client, "tenon.toml"), f'schema = 1\n\n[components.app]\npath = "app.wat"\n\n'
                                                  f'[remotes.tax]\nurl = "{server.address}"\ninterfaces = ["*"]\n')
        subprocess.run([options.tenon, "trust", client], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
        is_over = threading.Event()
        answers = []

        def call(number):
            with Shell(options.tenon, [client], os.path.join(folder, f"shell{number}.log")) as shell:
                while not is_over.is_set():
                    answers.append(shell.call("next()")[0])
        threads = [threading.Thread(target=call, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()

        def count_swaps():
            return read_text(log).count("tenon: swapped")
        for round_ in range(10):
            write(tax, counter(1) + " " * (round_ + 1))
            end = time.monotonic() + PATIENCE
            while count_swaps() <= round_ and time.monotonic() < end:
                time.sleep(0.01)
            write(os.path.join(folder, "other.wat"), counter(1) + "\n" * (round_ + 1))
            swapped = swap("tax=other.wat")
            if swapped.returncode != 0:
                expect("another swap" in swapped.stderr, "a swap is refused only while there is another",
                       swapped.stderr)
        is_over.set()
        for thread in threads:
            thread.join()
        expect(count_swaps() == 10, "the service was swapped by its file", read_text(log)[-2000:])
        numbers = sorted(map(int, answers))
        expect(numbers == list(range(1, len(numbers) + 1)), f"{len(numbers)} calls: none is lost, none is answered "
               "twice, and the state was handed over each time", f"{numbers[:5]} .. {numbers[-5:]}")
        trial = swap("tax=other.wat", "--dry-run")
        expect(trial.stdout == "would swap `tax`\nhands its state over: `tax`\n", "a dry run says what is lost",
               trial.stdout + trial.stderr)
        write(os.path.join(folder, "other.wat"), provider("other", 1))
        refused = swap("tax=other.wat")
        expect(refused.returncode == 1 and "its exports that are in use would change" in refused.stderr,
               "a unit that does not fit is refused", refused.stderr)
        expect("there is no such unit" in swap("tex=other.wat").stderr, "an unknown unit is refused")
        expect(swap("tax").returncode == 2, "a unit without a file is refused")


def check_http_service(options, folder):
    """Clients ask a handler while its file changes, also to one that does not work."""
    site, log = os.path.join(folder, "site.wat"), os.path.join(folder, "http.log")
    text = read_text(ANSWERS["0.2"])

    def greet(name):
        return text.replace("hello from 0.2", f"hello from {name}")

    write(site, greet("old"))
    with serving_tenon(options.tenon, [site, "--http", "127.0.0.1:0", "--watch"], None, log) as served:
        expect(served.address, "a service of HTTP starts", read_text(log))
        service = Service(served.process, served.address, log)
        is_over = threading.Event()

        def ask():
            answers = []
            while not is_over.is_set():
                answers.append(service.ask("GET", "/"))
            return answers

        def wait_for_answer(name):
            end = time.monotonic() + PATIENCE
            while (answer := service.ask("GET", "/")[1].decode()) != f"hello from {name}\n" and time.monotonic() < end:
                time.sleep(0.01)
            return answer == f"hello from {name}\n"

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(ask) for _ in range(4)]
            try:
                for name, change in (("new", write), ("two", rename_over)):
                    change(site, greet(name))
                    expect(wait_for_answer(name), f"after {change.__name__}, the new handler answers", read_text(log))
                write(site, "(component")
                expect("the old units go on" in service.wait_for_text("the old units go on"),
                       "a handler that is broken is reported", read_text(log))
                expect(wait_for_answer("two"), "and the old one answers")
                write(site, greet("fix"))
                expect(wait_for_answer("fix"), "until it is repaired", read_text(log))
            finally:
                is_over.set()
            answers = {answer for client in clients for answer in client.result()}
        expected = {(200, f"hello from {name}\n".encode()) for name in ("old", "new", "two", "fix")}
        expect(answers <= expected and len(answers) > 1, "no request is lost", answers)


def check_extension(options, folder):
    """An extension that was linked from a build folder runs again when it is built."""
    environment = {**os.environ, "TENON_HOME": os.path.join(folder, "home")}
    tool, log = os.path.join(folder, "tool.wat"), os.path.join(folder, "log")
    write(tool, command(1, []))
    added = subprocess.run([options.tenon, "ext", "add", tool, "--link"], capture_output=True, text=True,
                           env=environment, timeout=PATIENCE)
    expect(added.returncode == 0, "an extension is linked", added.stderr)
    with running([options.tenon, "ext", "run", "--watch", "tool"], log, stdout=subprocess.DEVNULL, env=environment):
        for count in (1, 2):
            end = time.monotonic() + PATIENCE
            while read_text(log).count("the command ended") < count and time.monotonic() < end:
                time.sleep(0.01)
            expect(read_text(log).count("the command ended with exit code 0") == count,
                   f"it has run {count} times", read_text(log))
            write(tool, command(2, []))


def check_consent(options, folder):
    """A project that asks for access runs after `tenon trust`, and a change that asks for more does not."""
    manifest, log = os.path.join(folder, "tenon.toml"), os.path.join(folder, "log")
    write(os.path.join(folder, "app.wat"), command(1, []))
    text = 'schema = 1\n\n[components.app]\npath = "app.wat"\n\n[domains.main]\nnet = ["localhost:1"]\n'
    write(manifest, text)
    subprocess.run([options.tenon, "trust", folder], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    with running([options.tenon, "run", "--watch", folder], log, stdout=subprocess.DEVNULL):
        def wait(text, count, what):
            end = time.monotonic() + PATIENCE
            while read_text(log).count(text) < count and time.monotonic() < end:
                time.sleep(0.01)
            expect(read_text(log).count(text) >= count, what, read_text(log))
        wait("the command ended with exit code 0", 1, "a trusted project runs")
        write(manifest, text.replace("localhost:1", "localhost:2"))
        wait("error[config-untrusted]", 1, "a change that asks for more is refused")
        write(manifest, text + "# the same\n")
        wait("the command ended with exit code 0", 2, "and what was trusted before runs again")


def check(options, folder):
    for part in (check_writes, check_restarts, check_first_start, check_waiting_guest, check_service, check_http_service,
                 check_extension, check_consent):
        print(f"# {part.__name__}", flush=True)
        inner = os.path.join(folder, part.__name__)
        os.mkdir(inner)
        part(options, inner)


if __name__ == "__main__":
    sys.exit(run_test(make_parser(__doc__), check))
