#!/usr/bin/env python3
"""Tests `tenon serve --http` with clients and workers as they are in practice: bodies of 1 GiB, clients that are slow, that
close their side or leave, a handler that is swapped under load, and a worker that dies in the middle of a request.
"""
import concurrent.futures
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from http_server import ANSWERS, MIB, Service, serving
from processes import PATIENCE, PEERS, ROOT, Skipped, expect, make_parser, read_text, run_test, serving_nats, serving_tenon

GUESTS = os.path.join(ROOT, "tests", "guests", "http", "wasm")
WSTD, WASIP3, FRONT = (os.path.join(GUESTS, f"{name}.wasm") for name in ("wstd", "wasip3", "front"))
GIB = 1 << 30
LITTLE_SPACE = 80 * GIB  # for ten instances, and less than what is kept for 64
SOON = 5  # seconds until the end of a worker is noticed


def connect(service):
    return socket.create_connection((service.host, service.port), timeout=PATIENCE)


def check_gibibyte(options, folder, guest):
    """Sent and received block by block, and compared; all code is compiled before that, for a compilation takes memory too."""
    name = os.path.basename(guest)
    block = os.urandom(MIB)
    words = [guest, "--http-body", "2GiB", "--link-form", "embedded"]
    with serving(options, folder, *words) as service, connect(service) as connection:
        service.ask("POST", "/echo", b"x")
        before = service.memory()
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % GIB)

        def send():
            for _ in range(GIB // MIB):
                connection.sendall(block)

        sender = threading.Thread(target=send)
        sender.start()
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        same, most = True, 0
        for number in range(GIB // MIB):
            same = same and answer.read(MIB) == block
            if number % 64 == 0:
                most = max(most, service.memory())
        rest = answer.read()
        sender.join()
        expect(same and rest == b"", f"{name}: 1 GiB is echoed", len(rest))
        expect(most - before < 32 * MIB, f"{name}: in constant memory", f"{(most - before) // MIB} MiB more")


def check_slow_clients(options, folder):
    with serving(options, folder, WSTD, "--parallel", "2", "--http-body", "256MiB") as service, contextlib.ExitStack() as stack:
        # A request whose fields are not complete takes no instance.
        slow = [stack.enter_context(connect(service)) for _ in range(64)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHo")
        answers = [service.ask("GET", "/")[0] for _ in range(20)]
        expect(answers == [200] * 20, "64 clients that are slow with their fields leave others alone", answers)
        for part in (b"st: ", b"x\r\n", b"Connection: close\r\n\r\n"):
            for connection in slow:
                connection.sendall(part)
        ends = [b"".join(iter(lambda c=connection: c.recv(4096), b""))[-40:] for connection in slow]
        expect(all(b"hello from wstd" in end for end in ends), "and get their answers", ends[:2])
        # A response that its client does not read is not collected in memory.
        before = service.memory()
        connection = stack.enter_context(connect(service))
        size = 256 * MIB
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        sender = threading.Thread(target=lambda: [connection.sendall(bytes(MIB)) for _ in range(size // MIB)])
        sender.start()
        time.sleep(2)
        expect(service.memory() - before < 64 * MIB and sender.is_alive(), "a client that does not read is waited for",
               (service.memory() - before) // MIB)
        received = 0
        while part := connection.recv(MIB):
            received += len(part)
        sender.join()
        expect(received > size, "and gets the whole response", received)


def check_half_closed(options, folder, guest):
    """Clients that send all they have, close their side, and read."""
    name = os.path.basename(guest)
    with serving(options, folder, guest) as service, connect(service) as connection:
        connection.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(65536)
        expect(not received, f"{name}: a client that closes its side has left", received)
    with serving(options, folder, guest, "--http-ignore-client-abort") as service:
        requests = {"/": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "/wait": b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n",
                    "/parts": b"GET /parts HTTP/1.0\r\nHost: x\r\n\r\n",
                    "/echo": b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nechoed"}
        endings = {"/": b"hello", "/wait": b"waited", "/parts": b"part 4", "/echo": b"echoed"}
        for path, request in requests.items():
            with connect(service) as connection:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                received = b"".join(iter(lambda c=connection: c.recv(65536), b""))
            expect(b" 200 OK" in received and endings[path] in received,
                   f"{name}: unless `--http-ignore-client-abort` says that it is answered: {path}", received)
        with connect(service) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            connection.shutdown(socket.SHUT_WR)
            received = b""
            with contextlib.suppress(ConnectionError):
                received = b"".join(iter(lambda: connection.recv(65536), b""))
        expect(not re.search(rb"\r\n0\r\n\r\n$", received), f"{name}: a body that ends too early is not complete", received)


def check_leaving_clients(options, folder, guest):
    """Clients that leave without reading take nothing with them."""
    name = os.path.basename(guest)
    with serving(options, folder, guest, "--parallel", "4") as service:
        for _ in range(40):
            for request in (b"GET /parts HTTP/1.1\r\nHost: x\r\n\r\n",
                            b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc"):
                with connect(service) as connection:
                    connection.sendall(request)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: service.ask("GET", "/")[0], range(40)))
        expect(answers == [200] * 40, f"{name}: 80 clients that leave take no instances with them", answers)


def make_sites(folder):
    """The handler of 0.2 twice, with different greetings."""
    for name in ("old", "new"):
        with open(os.path.join(folder, f"{name}.wat"), "w", encoding="utf-8") as file:
            file.write(read_text(ANSWERS["0.2"]).replace("hello from 0.2", f"hello from {name}"))
        yield os.path.join(folder, f"{name}.wat")


def check_swap_under_load(options, folder):
    """Under h2load on connections that stay open, with bodies that are on their way all the time."""
    if not shutil.which("h2load"):
        print("swap under load: skipped, h2load is not installed")
        return
    sites = list(make_sites(folder))
    os.environ["XDG_RUNTIME_DIR"] = folder
    with serving(options, folder, f"site={sites[0]}") as service, concurrent.futures.ThreadPoolExecutor(8) as pool:
        url = f"http://{service.host}:{service.port}/"
        name = service.name()
        loads = [subprocess.Popen(["h2load", *flags, "--requests=20000", "--clients=8", url], stdout=subprocess.PIPE, text=True)
                 for flags in (["--h1"], ["--max-concurrent-streams=4"])]

        def echo_slowly(number):
            parts = [b"%d.%d " % (number, part) for part in range(10)]

            def dribble():
                for part in parts:
                    yield part
                    time.sleep(0.05)

            return service.ask("POST", "/echo", dribble()) == (200, b"".join(parts))

        echoes = [pool.submit(echo_slowly, number) for number in range(32)]
        swaps = 0
        while swaps < 2 or any(load.poll() is None for load in loads):
            swaps += 1
            swapped = subprocess.run([options.tenon, "swap", name, f"site={sites[swaps % 2]}"], capture_output=True, text=True,
                                     timeout=PATIENCE, check=False)
            expect(swapped.returncode == 0, f"swap {swaps} under load", swapped.stderr)
            time.sleep(0.1)
        for load in loads:
            found = load.communicate(timeout=PATIENCE)[0]
            expect("20000 succeeded, 0 failed, 0 errored, 0 timeout" in found and "status codes: 20000 2xx" in found,
                   "no request of h2load is lost", found)
        kept = [echo.result(timeout=PATIENCE) for echo in echoes]
        expect(all(kept), "no body that was on its way is lost", kept)
        answer = service.ask("GET", "/")
        expect(answer[1] == (b"hello from new\n", b"hello from old\n")[swaps % 2 == 0], "the last handler answers", answer)


def check_dead_worker(options, folder):
    """A handler whose answers come from a worker over NATS."""
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(serving_nats(os.path.join(folder, "nats.log"))) + "/calls"

        def start_worker():
            log = os.path.join(folder, "worker.log")
            worker = stack.enter_context(serving_tenon(options.tenon, [os.path.join(PEERS, "calls.wat")], address, log))
            expect(worker.address, "a worker serves", f"see {log}")
            return worker.process

        worker = start_worker()
        service = stack.enter_context(serving(options, folder, FRONT, "--connect", f"peers:test/calls={address}"))
        answer = service.ask("GET", "/add")
        expect(answer == (200, b"3\n"), "a worker answers through a handler", answer)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(service.ask, "GET", "/hang") for _ in range(8)]
            time.sleep(0.5)
            answers = [service.ask("GET", "/add") for _ in range(20)]
            expect(answers == [(200, b"3\n")] * 20, "others are answered meanwhile", answers[:3])
            worker.send_signal(signal.SIGKILL)
            begin = time.monotonic()
            statuses = [request.result(timeout=PATIENCE)[0] for request in waiting]
            took = time.monotonic() - begin
        expect(statuses == [500] * 8 and took < SOON, "requests in progress fail soon when the worker dies", (statuses, took))
        log = service.wait_for_text("the peer is gone")
        expect("GET /hang" in log and "the peer is gone" in log, "with the reason", log[-2000:])
        begin = time.monotonic()
        status = service.ask("GET", "/add")[0]
        expect(status == 500 and time.monotonic() - begin < 2 * SOON, "without a worker, requests fail", status)
        start_worker()
        answer = service.ask("GET", "/add")
        expect(answer == (200, b"3\n"), "another worker answers the next request", answer)


def check_little_address_space(options, folder):
    """Without room for the memories that would be kept, each instance maps its own."""
    log = os.path.join(folder, "http.log")
    words = [WSTD, "--http", "127.0.0.1:0"]
    with serving_tenon(options.tenon, words, None, log, before=["prlimit", f"--as={LITTLE_SPACE}"]) as served:
        if served.address is None and "Sanitizer" in read_text(log):
            print("little address space: skipped, a sanitizer needs more")
            return
        expect(served.address, "a service with little address space is ready", read_text(log))
        answer = Service(served.process, served.address, log).ask("GET", "/")
        expect(answer[0] == 200, "and answers", answer)


def check(options, folder):
    check_little_address_space(options, folder)
    for guest in (WSTD, WASIP3):
        check_half_closed(options, folder, guest)
        check_leaving_clients(options, folder, guest)
        check_gibibyte(options, folder, guest)
    check_slow_clients(options, folder)
    check_swap_under_load(options, folder)
    try:
        check_dead_worker(options, folder)
    except Skipped as reason:
        print(f"a worker that dies: skipped, {reason}")


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
