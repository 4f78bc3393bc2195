#!/usr/bin/env python3
"""Makes each thread that tenon starts fail to start, alone and with all that come after it.

Usage: thread_faults.py BUILD [--tenon TENON] [--only NAME]...

A command prints its usual output, or ends with an error that has a code; it neither crashes nor hangs. A server does not
start, or it answers, and ends when it is told to. BUILD/libfail_thread.so makes the faults (tests/faults/fail_thread.c).
"""
import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import urllib.parse

from processes import GUESTS, PATIENCE, ROOT, make_parser, read_text, run_test, serving_tenon

KINDS = ["one", "limit"]
END = 10_000  # a thread that no process starts
# What tenon never prints: a fault of the system is not one of tenon.
WRONG = ["terminate called", "panicked", "bug in tenon", "Assertion"]

WORK = """(component
  (core module $m
    (func (export "f") (param $left i32) (result i32)
      (loop $on
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $on (local.get $left)))
      (i32.const 7))
    (func (export "g") (param i32) (result i32) (local.get 0)))
  (core instance $c (instantiate $m))
  (func $f (param "n" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $f)))
  (export "acme:low/lib@1.2.0" (instance $e)))
"""
# Calls the other several times, so that it is seen to compute.
CALLER = """(component
  (import "acme:low/lib@1.0.0" (instance $low (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $low "f")))
  (core module $m (import "h" "f" (func $f (param i32) (result i32)))
    (func (export "f") (param i32) (result i32)
      (i32.add (call $f (local.get 0)) (i32.add (call $f (local.get 0)) (call $f (local.get 0))))))
  (core instance $c (instantiate $m (with "h" (instance (export "f" (func $f))))))
  (func $g (param "n" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $g)))
  (export "acme:top/api" (instance $e)))
"""
OWN = """schema = 1
[project]
root = "top"
[components.low]
path = "low.wat"
isolated = true
[components.top]
path = "top.wat"
[domains.low]
thread = "own"
"""
HOSTS = """[[host]]
name = "crash"
bundle = "{bundle}"
isolation = "process"
"""
USER = """(component
  (import "test:crash/api@1.0.0" (instance $api (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $api "add")))
  (core module $m (import "h" "add" (func $add (param i32 i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $add (local.get 0) (i32.const 1))))
  (core instance $c (instantiate $m (with "h" (instance (export "add" (func $add))))))
  (func (export "f") (param "n" u32) (result u32) (canon lift (core func $c "f"))))
"""
REMOTE = """schema = 1
[components.app]
path = "{path}"
[remotes.there]
url = "{url}"
interfaces = ["*"]
"""
CALL = ["call", "top.wat", "acme:top/api.f(1000)", "--with", "low.wat"]
COMPUTE = ["call", "top.wat", "acme:top/api.f(30000000)", "--with", "low.wat"]
HELLO = os.path.join(ROOT, "tests", "guests", "wasm", "hello.wasm")
ANSWERS = os.path.join(ROOT, "tests", "http", "answers{}.wat")
SHOUT = ["call", os.path.join(ROOT, "tests", "guests", "async", "wasm", "lib.wasm"), "shout(@words)"]


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


class Faults:
    """Runs tenon in a folder, with a thread that fails."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.report = os.path.join(folder, "report")
        write(folder, "low.wat", WORK)
        write(folder, "top.wat", CALLER)
        write(folder, "user.wat", USER)
        write(folder, "words", "hello")
        write(folder, "hosts.toml", HOSTS.format(bundle=os.path.join(options.build, "bundles", "crash")))
        os.makedirs(os.path.join(folder, "own"))
        for name, text in (("low.wat", WORK), ("top.wat", CALLER), ("tenon.toml", OWN)):
            write(os.path.join(folder, "own"), name, text)

    def environment(self, kind=None, number=END, process="tenon"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.report)
        variables = {**os.environ, "TENON_CACHE_DIR": os.path.join(self.folder, "cache"),
                     "XDG_STATE_HOME": os.path.join(self.folder, "state"),
                     "XDG_CONFIG_HOME": os.path.join(self.folder, "config"), "XDG_RUNTIME_DIR": self.folder}
        if kind is None:
            return variables
        return {**variables, "LD_PRELOAD": os.path.join(self.options.build, "libfail_thread.so"), "FAULT_KIND": kind,
                "FAULT_AT": str(number), "FAULT_REPORT": self.report, "FAULT_PROCESS": process}

    def run(self, words, **fault):
        shutil.rmtree(os.path.join(self.folder, "cache"), ignore_errors=True)
        return subprocess.run([self.options.tenon, *words], cwd=self.folder, env=self.environment(**fault),
                              capture_output=True, text=True, timeout=PATIENCE, input="one\ntwo\n")

    def count(self):
        found = read_text(self.report).split() if os.path.exists(self.report) else ["threads", "0"]
        return int(found[1]) if found[0] == "threads" else None


def check_errors(errors):
    for wrong in WRONG:
        if wrong in errors:
            raise AssertionError(f"it says `{wrong}`: {errors}")


def check_failure(code, errors):
    if code < 0:
        raise AssertionError(f"ended by a signal: {code} {errors}")
    if "error[" not in errors:
        raise AssertionError(f"an exit code of {code} without an error: {errors}")


class Command:
    """A command whose output is known."""

    def __init__(self, name, words, process="tenon"):
        self.name, self.words, self.process = name, words, process

    def measure(self, faults):
        """Runs it without a fault. Returns how many threads it starts."""
        done = faults.run(self.words, kind="one", process=self.process)
        if done.returncode != 0:
            raise AssertionError(f"it fails without a fault: {done.stderr}")
        self.output = done.stdout
        return faults.count()

    def check(self, faults, kind, number):
        done = faults.run(self.words, kind=kind, number=number, process=self.process)
        check_errors(done.stderr)
        if done.returncode != 0:
            check_failure(done.returncode, done.stderr)
        elif done.stdout != self.output:
            raise AssertionError(f"it printed {done.stdout!r}, and not {self.output!r}: {done.stderr}")


class Service:
    """A server that is asked something."""

    def __init__(self, name, arguments, listen=None):
        self.name, self.arguments, self.listen = name, arguments, listen

    def measure(self, faults):
        if not self.use(faults, "one", END):
            raise AssertionError(f"it does not start: {read_text(os.path.join(faults.folder, 'serve.log'))}")
        return faults.count()

    def check(self, faults, kind, number):
        self.use(faults, kind, number)

    def use(self, faults, kind, number):
        """Returns whether it started."""
        log = os.path.join(faults.folder, "serve.log")
        with serving_tenon(faults.options.tenon, self.arguments, self.listen, log, cwd=faults.folder,
                           env=faults.environment(kind, number)) as server:
            if server.address is None:
                code = server.process.wait(timeout=PATIENCE)
                check_errors(read_text(log))
                check_failure(code, read_text(log))
                return False
            self.ask(faults, server.address, kind, number == END)
            if kind == "one":
                self.ask(faults, server.address, kind, True)
            server.process.send_signal(signal.SIGTERM)
            code = server.process.wait(timeout=PATIENCE)
        check_errors(read_text(log))
        if code not in (0, 128 + signal.SIGTERM, -signal.SIGTERM):
            raise AssertionError(f"it ended with {code}: {read_text(log)}")
        return True


class HttpService(Service):
    def ask(self, _faults, address, _kind, must_answer):
        url = urllib.parse.urlsplit(address)
        for _ in range(3):
            connection = http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE)
            try:
                connection.request("GET", "/")
                status = connection.getresponse().status
            except (ConnectionError, http.client.HTTPException) as error:
                status = error
            finally:
                connection.close()
            if must_answer and status != 200:
                raise AssertionError(f"it answers with {status}")


class RemoteService(Service):
    """A remote unit, and calls of it by a client without faults, or the other way around."""

    def __init__(self, name, listen, faulty="server", arguments=()):
        super().__init__(name, [os.path.join(GUESTS, "remote_service.wat"), *arguments], listen)
        self.faulty = faulty

    def measure(self, faults):
        if self.faulty == "server":
            return super().measure(faults)
        self.use_client(faults, "one", END)
        return self.threads

    def check(self, faults, kind, number):
        if self.faulty == "server":
            self.use(faults, kind, number)
        else:
            self.use_client(faults, kind, number)

    def use_client(self, faults, kind, number):
        log = os.path.join(faults.folder, "serve.log")
        with serving_tenon(faults.options.tenon, self.arguments, self.listen, log, cwd=faults.folder,
                           env=faults.environment()) as server:
            self.ask(faults, server.address, kind, number == END, number)
        self.threads = faults.count()

    def ask(self, faults, address, kind, must_answer, number=None):
        client = os.path.join(faults.folder, "client")
        os.makedirs(client, exist_ok=True)
        caller = os.path.join(GUESTS, "remote_caller.wat")
        write(client, "tenon.toml", REMOTE.format(path=caller, url=address))
        subprocess.run([faults.options.tenon, "trust", client], check=True, env=faults.environment(), timeout=PATIENCE,
                       stdout=subprocess.DEVNULL)
        words = ["call", client, "run-add(1)"]
        done = faults.run(words, kind=kind, number=number) if number else faults.run(words)
        check_errors(done.stderr)
        if done.returncode == 0 and done.stdout == "4\n":
            return
        if must_answer:
            raise AssertionError(f"the call fails without a fault: {done.stderr}")
        check_failure(done.returncode, done.stderr)


CASES = [
    Command("compile", [*CALL, "--no-cache"]),
    Command("embed-later", CALL),
    Command("timeout", [*CALL, "--timeout", "20s"]),
    Command("compute", [*COMPUTE, "--isolate", "--no-cache"]),
    Command("compute-timeout", [*COMPUTE, "--isolate", "--timeout", "20s", "--no-cache"]),
    Command("own-thread", ["call", "own", "acme:top/api.f(1000)"]),
    Command("wasi", ["run", HELLO, "--dir", ".", "--", "read:words", "stdin"]),
    Command("stream", SHOUT),
    Command("otlp", [*CALL, "--isolate", "--otlp", "http://127.0.0.1:9", "--quiet"]),
    Command("bundle-parent", ["call", "user.wat", "f(2)", "--host-config", "hosts.toml"]),
    Command("bundle-process", ["call", "user.wat", "f(2)", "--host-config", "hosts.toml"], "tenon-bundle-host"),
    HttpService("http-0.2", [ANSWERS.format("02"), "--http", "127.0.0.1:0"]),
    HttpService("http-0.3", [ANSWERS.format("03"), "--http", "127.0.0.1:0", "--watch"]),
    RemoteService("remote-server", "tcp://127.0.0.1:0"),
    RemoteService("remote-server-timeout", "tcp://127.0.0.1:0", arguments=["--timeout", "20s"]),
    RemoteService("remote-client", "tcp://127.0.0.1:0", "client"),
]


def check_case(options, folder, case):
    faults = Faults(options, folder)
    count, failures = 0, []
    threads = case.measure(faults)
    for kind in KINDS:
        for number in range(1, threads + 1):
            try:
                case.check(faults, kind, number)
            except subprocess.TimeoutExpired:
                failures.append(f"{kind}, thread {number} of {threads}: it hangs")
            except AssertionError as failure:
                failures.append(f"{kind}, thread {number} of {threads}: {failure}")
            count += 1
    print(f"{'FAILED  ' if failures else 'ok      '} {case.name}: {count} faults", flush=True)
    for failure in failures:
        print("  " + failure.strip().replace("\n", "\n    "), flush=True)
    return not failures


def check(options, folder):
    cases = [case for case in CASES if not options.only or case.name in options.only]
    if not cases:
        sys.exit(f"thread_faults: unknown name; known: {', '.join(case.name for case in CASES)}")
    results = []
    for case in cases:
        at = os.path.join(folder, case.name)
        os.makedirs(at)
        results.append(check_case(options, at, case))
    return 0 if all(results) else 1


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="a case; can be repeated")
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
