#!/usr/bin/env python3
"""Tests chains of HTTP handlers whose members are in domains of their own: `tenon serve --http` with `--isolate`; with
members that are swapped, and with native and remote units behind them.

The handlers are tests/http/*.wat and tests/guests/http; their comments say what each path does.
"""
import concurrent.futures
import contextlib
import http.client
import os
import shutil
import subprocess
import threading
import time

import http_server
from http_server import ANSWERS, HANDLERS, MIB, serving
from processes import PATIENCE, PEERS, ROOT, expect, make_parser, read_text, run_test, serving_tenon

GUESTS = os.path.join(ROOT, "tests", "guests", "http", "wasm")
MIDDLE = {version: os.path.join(HANDLERS, f"middle{version.replace('.', '')}.wat") for version in ANSWERS}
LENGTH = 4


def chain(folder, version, *arguments):
    """The arguments for a chain of middlewares before a handler."""
    files = []
    for number in range(LENGTH):
        files.append(os.path.join(folder, f"middle-{number}.wat"))
        shutil.copyfile(MIDDLE[version], files[-1])
    words = [word for file in [*files[1:], ANSWERS[version]] for word in ("--with", file)]
    interface = "wasi:http/incoming-handler" if version == "0.2" else "wasi:http/handler"
    names = [f"middle-{number}" for number in range(LENGTH)] + [f"answers{version.replace('.', '')}"]
    for consumer, provider in zip(names, names[1:]):
        words += ["--wire", f"{consumer}:{interface}={provider}"]
    return [files[0], *words, *arguments]


def check_trap_in(service, path, what, has_answered=False):
    """One request fails, and the next one does not. has_answered: before the trap, so that the client may have all."""
    try:
        answer = service.ask("GET", path)
    except (http.client.IncompleteRead, ConnectionError):
        answer = (500, b"")
    expect(answer[0] == 500 or has_answered, f"a trap {what} is answered with 500", answer)
    expect(f"GET {path}" in service.wait_for_text(f"GET {path}"), "and logged, with the request", read_text(service.log))
    answer = service.ask("GET", "/")
    expect(answer[0] == 200, "and the next request is answered", answer)


def check_members(service, version):
    check_trap_in(service, "/xm", "of a middleware")
    check_trap_in(service, "/xn", "of a middleware after the next handler", has_answered=version == "0.2")
    answer = service.ask("GET", "/xb")
    expect(answer[0] == 500, "a middleware answers without the next handler", answer)
    if version == "0.3":
        connection = service.connect()
        with contextlib.closing(connection):
            connection.request("POST", "/ew", body=b"wrapped")
            answer = connection.getresponse()
            found = (answer.status, answer.getheader("x-middle"), answer.read())
        expect(found == (200, "yes", b"wrapped"), "a middleware makes a new response with the body of another", found)


def check_no_leak(service):
    """Requests leave nothing behind."""

    def ask(count):
        connection = service.connect()
        with contextlib.closing(connection):
            for _ in range(count):
                connection.request("POST", "/echo", body=b"some text")
                answer = connection.getresponse().read()
                if answer != b"some text":
                    return answer
        return None

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = [answer for answer in pool.map(ask, [250] * 8) if answer is not None]
        before = service.memory()
        wrong += [answer for answer in pool.map(ask, [1250] * 8) if answer is not None]
    growth = service.memory() - before
    expect(not wrong, "10,000 requests are answered", wrong[:3])
    expect(growth < 8 * MIB, "10,000 requests leave no memory behind", f"{growth // 1024} KiB")


def check_version(options, folder, version):
    with serving(options, folder, *chain(folder, version, "--isolate", "--http-body", "1GiB")) as service:
        http_server.check_answers(service, version)
        http_server.check_one_connection(service)
        http_server.check_parts_as_they_come(service)
        http_server.check_large_body(service, 64 * MIB)
        http_server.check_many_at_once(service)
        http_server.check_curl(service, version)
        http_server.check_failures(service, version)
        check_members(service, version)
        check_no_leak(service)


def check_placements(options, folder, version):
    """Some members share a domain."""
    last = f"answers{version.replace('.', '')}"
    for isolated in ([last], ["middle-3", last], ["middle-2", "middle-3", last]):
        placed = [f"--isolate={name}" for name in isolated]
        with serving(options, folder, *chain(folder, version, *placed)) as service:
            http_server.check_answers(service, version)
            check_trap_in(service, "/trap", f"beside {isolated}")


def check_limits(options, folder, version):
    limits = ("--isolate", "--parallel", "2", "--timeout", "1s")
    with serving(options, folder, *chain(folder, version, *limits)) as service:
        if version == "0.2":
            answer = service.ask("GET", "/spin")
            expect(answer[0] == 504, "the deadline of a request holds in all domains", answer)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: service.ask("GET", "/")[0], range(40)))
        expect(answers == [200] * 40, "more clients than instances take turns", answers)


def check_sent_requests(options, folder):
    """A unit in another domain provides the interface by which a handler sends requests."""
    sends, relay = (os.path.join(HANDLERS, name) for name in ("sends02.wat", "relay02.wat"))
    with serving(options, folder, sends, "--with", relay, "--isolate") as service:
        answers = {service.ask("GET", "/")[0] for _ in range(20)}
        expect(answers == {500}, "the response of a request that was sent passes two domains", answers)
        log = service.wait_for_text("HttpRequestDenied")
        expect("HttpRequestDenied" in log and "trap" not in log, "it is that of the engine", log)


def write_changed(path, source, old, new):
    with open(path, "w", encoding="utf-8") as file:
        file.write(read_text(source).replace(old, new))
    return path


def check_swap(options, folder, version):
    """No request is lost while the handler is replaced, and then a middleware, by one that refuses /xq in place of /xb."""
    last = f"answers{version.replace('.', '')}"
    handler = write_changed(os.path.join(folder, f"new-{last}.wat"), ANSWERS[version], f'"hello from {version}\\n"',
                            '"hello from new\\n"')
    middle = write_changed(os.path.join(folder, f"new-middle-{last}.wat"), MIDDLE[version], "(i32.const 98)", "(i32.const 113)")
    os.environ["XDG_RUNTIME_DIR"] = folder
    with serving(options, folder, *chain(folder, version, "--isolate")) as service:
        is_over = threading.Event()
        name = service.name()

        def ask():
            answers = []
            while not is_over.is_set():
                answers.append(service.ask("GET", "/"))
            return answers

        def swap(unit, file):
            time.sleep(0.1)
            swapped = subprocess.run([options.tenon, "swap", name, f"{unit}={file}"], capture_output=True, text=True,
                                     timeout=PATIENCE, check=False)
            expect(swapped.returncode == 0, f"`{unit}` of a chain of {version} is swapped", swapped.stderr)
            time.sleep(0.1)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(ask) for _ in range(4)]
            try:
                swap(last, handler)
                answer = service.ask("GET", "/xq")
                expect(answer == (200, b"hello from new\n"), "the new handler answers", answer)
                swap("middle-2", middle)
                answer = service.ask("GET", "/xq")
                expect(answer[0] == 500, "the new middleware takes part", answer)
            finally:
                is_over.set()
            answers = [answer for client in clients for answer in client.result()]
        expected = {(200, f"hello from {greeting}\n".encode()) for greeting in (version, "new")}
        expect(set(answers) == expected, "each request is answered, before and after", set(answers))


def check_native_and_remote(options, folder):
    """A chain whose second member counts in a host bundle, and whose last one calls another process."""
    log = os.path.join(folder, "peer.log")
    bundle = os.path.join(options.build, "bundles", "keyvalue-sqlite")
    tally, front = (os.path.join(GUESTS, f"{name}.wasm") for name in ("tally", "front"))
    with serving_tenon(options.tenon, [os.path.join(PEERS, "calls.wat")], "tcp://127.0.0.1:0", log) as peer:
        expect(peer.address, "a peer serves", read_text(log))
        words = [MIDDLE["0.3"], "--with", tally, "--with", front, "--isolate", "--wire", "middle03:wasi:http/handler=tally",
                 "--wire", "tally:wasi:http/handler=front", "--connect", f"peers:test/calls={peer.address}",
                 "--host-bundle", bundle, "--host-set", f"keyvalue-sqlite.database={folder}/chain.db"]
        with serving(options, folder, *words) as service, concurrent.futures.ThreadPoolExecutor(8) as pool:
            sums = pool.map(lambda _: service.ask("GET", "/add"), range(100))
            counts = list(pool.map(lambda _: service.ask("GET", "/count/all"), range(100)))
            sums = set(sums)
            expect(sums == {(200, b"3\n")}, "a remote unit behind two middlewares answers 100 requests", sums)
            expect(sorted(int(body) for _, body in counts) == list(range(1, 101)), "and a native one 100 others", counts)
            answer = service.ask("GET", "/xb")
            expect(answer[0] == 500, "the middleware before both refuses others", answer)
            peer.process.kill()
            answer = service.ask("GET", "/add")
            expect(answer[0] == 500, "without the peer, its requests fail", answer)
            answer = service.ask("GET", "/count/all")
            expect(answer == (200, b"101\n"), "and the others do not", answer)


def check_plan(options):
    """What each request gets is in the plan."""
    command = [options.tenon, "plan", "--isolate", MIDDLE["0.3"], ANSWERS["0.3"]]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    expect("a fresh instance for each HTTP request" in shown, "the plan says what each request gets", shown)


def check(options, folder):
    check_plan(options)
    check_sent_requests(options, folder)
    check_native_and_remote(options, folder)
    for version in ANSWERS:
        check_swap(options, folder, version)
        check_version(options, folder, version)
        check_placements(options, folder, version)
        check_limits(options, folder, version)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
