#!/usr/bin/env python3
"""Tests `tenon serve --http` with Python's client, plain sockets and curl: both versions of handlers, a middleware,
limits, bad requests, failures of guests, several addresses, and the end of the service.

The handlers are tests/http/*.wat; their comments say what each path does.
"""
import concurrent.futures
import contextlib
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

from processes import PATIENCE, ROOT, expect, make_parser, read_text, run_test, serving_tenon

HANDLERS = os.path.join(ROOT, "tests", "http")
ANSWERS = {"0.2": os.path.join(HANDLERS, "answers02.wat"), "0.3": os.path.join(HANDLERS, "answers03.wat")}
MIDDLE = os.path.join(HANDLERS, "middle02.wat")
WSTD = os.path.join(ROOT, "tests", "guests", "http", "wasm", "wstd.wasm")
MIB = 1 << 20


class FileConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("site", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def ask_at_file(path, target="/"):
    with contextlib.closing(FileConnection(path)) as connection:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()


class Service:
    """A running `tenon serve --http`."""

    def __init__(self, process, address, log):
        self.process, self.log = process, log
        url = urllib.parse.urlsplit(address)
        self.host, self.port = url.hostname, url.port

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None):
        """Status and body of an answer, on a connection of its own."""
        connection = self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def send(self, text):
        """What comes back for these bytes until the connection ends."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as connection:
            connection.sendall(text)
            received = b""
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(65536):
                    received += part
            return received

    def wait_for_text(self, text):
        end = time.monotonic() + PATIENCE
        while text not in read_text(self.log) and time.monotonic() < end:
            time.sleep(0.02)
        return read_text(self.log)

    def name(self):
        """Its name in `tenon serve --status` and `tenon swap`."""
        return self.wait_for_text("service name: ").split("service name: ")[1].split()[0]

    def memory(self):
        """Its resident memory in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


@contextlib.contextmanager
def serving(options, folder, *arguments):
    log = os.path.join(folder, "http.log")
    words = [*arguments, "--http", "127.0.0.1:0"]
    with serving_tenon(options.tenon, words, None, log) as served:
        expect(served.address, f"`tenon serve {os.path.basename(arguments[0])} --http` is ready", read_text(log))
        yield Service(served.process, served.address, log)


def check_answers(service, version):
    answer = service.ask("GET", "/")
    expect(answer == (200, f"hello from {version}\n".encode()), f"a handler of {version} answers", answer)
    answer = service.ask("HEAD", "/")
    expect(answer == (200, b""), "HEAD has no body", answer)
    answer = service.ask("POST", "/echo", b"some text")
    expect(answer == (200, b"some text"), "a body is echoed", answer)
    answer = service.ask("POST", "/echo", iter([b"some ", b"text"]))
    expect(answer == (200, b"some text"), "a chunked body is echoed", answer)


def check_one_connection(service):
    connection = service.connect()
    with contextlib.closing(connection):
        answers = []
        for number in range(20):
            connection.request("POST", "/echo", body=b"%d" % number)
            answers.append(connection.getresponse().read())
    expect(answers == [b"%d" % n for n in range(20)], "requests follow each other on one connection", answers)


def exchange_parts(service, path):
    """Sends a body in parts, and each after the one before it has come back. Returns the response until it ends."""
    with socket.create_connection((service.host, service.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % path)
        received = b""
        for part in (b"first", b"second"):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            while part not in received and (more := connection.recv(65536)):
                received += more
        connection.sendall(b"0\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not received.endswith(b"0\r\n\r\n") and (more := connection.recv(65536)):
                received += more
        return received


def check_parts_as_they_come(service):
    received = exchange_parts(service, b"/echo")
    expect(b"first" in received and b"second" in received, "parts of a body come back before it ends", received)
    expect(received.endswith(b"0\r\n\r\n"), "and the response ends after it", received)


def check_large_body(service, size):
    """A body passes in constant memory, at the pace of the slower side."""
    before = service.memory()
    block = os.urandom(MIB)
    connection = socket.create_connection((service.host, service.port), timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)

        def send():
            for _ in range(size // len(block)):
                connection.sendall(block)

        sender = threading.Thread(target=send)
        sender.start()
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        digest, length, most = hashlib.sha256(), 0, 0
        while part := answer.read(MIB):
            digest.update(part)
            length += len(part)
            most = max(most, service.memory())
        sender.join()
    expected = hashlib.sha256()
    for _ in range(size // len(block)):
        expected.update(block)
    expect(length == size and digest.digest() == expected.digest(), f"{size // MIB} MiB are echoed", length)
    expect(most - before < 32 * MIB, "a large body passes in constant memory", f"{(most - before) // MIB} MiB more")


def check_many_at_once(service):
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: service.ask("POST", "/echo", b"%d" % n), range(400)))
    wrong = [answer for n, answer in enumerate(answers) if answer != (200, b"%d" % n)]
    expect(not wrong, "400 requests of 32 clients are answered", wrong[:3])


def check_failures(service, version):
    answer = service.ask("GET", "/trap")
    expect(answer[0] == 500, "a trap is answered with 500", answer)
    log = service.wait_for_text("unreachable")
    expect("GET /trap" in log and "unreachable" in log, "its diagnostic is logged, with the request", log)
    answer = service.ask("GET", "/code")
    expect(answer[0] == 500, "an error of the handler is answered with 500", answer)
    log = service.wait_for_text("error[http-response]")
    expect("InternalError" in log, "it is logged", log)
    if version == "0.2":
        answer = service.ask("GET", "/none")
        expect(answer[0] == 500, "a handler without a response is answered with 500", answer)
    if version == "0.2":
        received = exchange_parts(service, b"/late")
        expect(b"second" in received and not received.endswith(b"0\r\n\r\n"),
               "a trap within a response breaks it off", received)
    try:
        answer = service.ask("GET", "/late")
    except (http.client.IncompleteRead, ConnectionError):
        answer = (500, b"")
    expect(answer[0] == 500, "a response whose handler traps does not look complete", answer)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        paths = ["/trap", "/"] * 100
        answers = list(pool.map(lambda path: service.ask("GET", path)[0], paths))
    expect(answers == [500, 200] * 100, "requests that trap leave others alone", answers)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, PING, GOAWAY = 0, 1, 3, 6, 7  # frames of HTTP/2
CANCEL = b"\0\0\0\x08"


def frame(kind, flags, stream, content=b""):
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


BAD = {
    "a line that is not HTTP": b"hello\r\n\r\n",
    "a request without Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Host fields": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a Host that is none": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a space in a field name": b"GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length with a sign": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
    "a length that is not a number": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
}


def check_bad_requests(service):
    for what, text in BAD.items():
        answer = service.send(text)
        expect(answer.startswith(b"HTTP/1.1 400 "), f"{what} is answered with 400", answer[:80])
    answer = service.send(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * (200 * 1024) + b"\r\n\r\n")
    expect(answer.startswith(b"HTTP/1.1 431 ") or answer == b"", "a header that is too large is refused", answer[:80])
    answer = service.send(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n")
    expect(answer.startswith(b"HTTP/1.1 501 "), "CONNECT is refused", answer[:80])
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: %s\r\n\r\n"
    answer = service.send(upgrade % b"h2c")
    expect(answer.startswith(b"HTTP/1.1 200 "), "a request that offers another version is answered in its own", answer[:80])
    for protocols in (b"websocket", b"h2c, WebSocket"):
        answer = service.send(upgrade % protocols)
        expect(answer.startswith(b"HTTP/1.1 501 "), "a WebSocket is refused", answer[:80])
    # A proxy that goes by the length takes the rest for another request.
    answer = service.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n"
                          b"2\r\nab\r\n0\r\n\r\nGET /trap HTTP/1.1\r\nHost: x\r\n\r\n")
    expect(answer.count(b"HTTP/1.1 ") == 1 and b"\r\n2\r\nab\r\n" in answer and b"connection: close" in answer,
           "chunks count and a length beside them does not, and nothing is read after them", answer)
    answer = service.ask("GET", "/")
    expect(answer[0] == 200, "and the service goes on", answer)


def head_block(fields):
    """Each is a literal that is not indexed (RFC 7541, 6.2.2)."""
    return b"".join(bytes((0, len(name))) + name + bytes((len(value),)) + value for name, value in fields)


def cancel_http2(service, fields, part):
    """Sends a request and a part of its body, and cancels it."""
    with socket.create_connection((service.host, service.port), timeout=PATIENCE) as connection:
        connection.sendall(PREFACE + frame(4, 0, 0) + frame(HEADERS, 4, 1, head_block(fields)) + frame(DATA, 0, 1, part))
        time.sleep(0.05)
        connection.sendall(frame(RESET, 0, 1, CANCEL))
        time.sleep(0.05)


def ask_http2(service, fields):
    """The kind and the content of the first frame that answers a request with these fields."""
    connection = socket.create_connection((service.host, service.port), timeout=PATIENCE)
    with connection, connection.makefile("rb") as received:
        connection.sendall(PREFACE + frame(4, 0, 0) + frame(HEADERS, 5, 1, head_block(fields)))
        while head := received.read(9):
            content = received.read(int.from_bytes(head[:3], "big"))
            if head[3] in (HEADERS, RESET, GOAWAY):
                return head[3], content
    return None


def check_bad_http2(options, folder):
    """An instance counts the requests that reach a guest."""
    first = ((b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/more"))
    target = (*first, (b":authority", b"x"))
    with serving(options, folder, ANSWERS["0.2"], "--parallel", "1", "--http-reuse", "1000") as service:
        kind, content = ask_http2(service, first)
        expect((kind, content[0]) == (HEADERS, 0x8C), "HTTP/2: a request without an authority gets 400", (kind, content))
        kind, content = ask_http2(service, (*target, (b"host", b"y")))
        expect((kind, content[0]) == (HEADERS, 0x8C), "HTTP/2: two names of the target get 400", (kind, content))
        for name, value in ((b"connection", b"close"), (b"transfer-encoding", b"chunked"), (b"upgrade", b"websocket"),
                            (b"te", b"gzip"), (b"X-Upper", b"a"), (b":authority", b"x"), (b":status", b"200"),
                            (b"x", b"a\nb")):
            answer = ask_http2(service, (*target, (name, value)))
            expect(answer and answer[0] in (RESET, GOAWAY), f"HTTP/2: the field {name.decode()} is refused", answer)
        answer = ask_http2(service, target[1:])
        expect(answer and answer[0] == RESET, "HTTP/2: a request without a method is refused", answer)
        kind, content = ask_http2(service, target)
        expect((kind, content[0]) == (HEADERS, 0x88), "HTTP/2: one that is complete is answered", (kind, content))
        answer = service.ask("GET", "/more")
        expect(answer == (200, b"hello from 0.4\n"), "and the guest has seen no other", answer)


def check_stalled_http2(options, folder):
    """A client that gives no room for a response, and answers whatever keeps its connection open."""
    fields = ((b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/parts"), (b":authority", b"x"))
    no_window = b"\0\4\0\0\0\0"  # SETTINGS_INITIAL_WINDOW_SIZE
    words = ("--parallel", "1", "--http-idle", "500ms", "--http-log", "json")
    with serving(options, folder, WSTD, *words) as service:
        connection = socket.create_connection((service.host, service.port), timeout=PATIENCE)
        with connection, connection.makefile("rb") as received, concurrent.futures.ThreadPoolExecutor(1) as pool:
            connection.sendall(PREFACE + frame(4, 0, 0, no_window) + frame(HEADERS, 5, 1, head_block(fields)))
            answer = pool.submit(service.ask, "GET", "/")
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and (head := received.read(9)):
                content = received.read(int.from_bytes(head[:3], "big"))
                if head[3] == PING and not head[4]:
                    connection.sendall(frame(PING, 1, 0, content))
            expect(time.monotonic() < end, "HTTP/2: a connection ends if its client takes nothing", read_text(service.log))
            expect(answer.result()[0] == 200, "and another client gets its instance", answer.result())
        log = service.wait_for_text("client-timeout")
        expect('"target":"/parts"' in log and '"abort":"client-timeout"' in log, "and the log says why", log)


def check_curl(service, version):
    curl = shutil.which("curl")
    if curl is None:
        return
    url = f"http://{service.host}:{service.port}"
    command = [curl, "--silent", "--max-time", str(PATIENCE), "--http2-prior-knowledge", "--write-out",
               "%{http_version} %{http_code}", "--data-binary", "some text", url + "/echo"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    expect(found == "some text2 200", f"a handler of {version} answers HTTP/2", found)
    command = [curl, "--silent", "--max-time", str(PATIENCE), "--header", "Expect: 100-continue", "--data-binary",
               "some text", url + "/echo"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    expect(found == "some text", "a client that expects `100 Continue` is answered", found)


def check_version(options, folder, version):
    with serving(options, folder, ANSWERS[version], "--http-body", "1GiB") as service:
        check_answers(service, version)
        check_one_connection(service)
        check_parts_as_they_come(service)
        check_large_body(service, 64 * MIB)
        check_many_at_once(service)
        check_curl(service, version)
        check_failures(service, version)
        check_bad_requests(service)


def check_chain(options, folder):
    with serving(options, folder, MIDDLE, "--with", ANSWERS["0.2"]) as service:
        answer = service.ask("POST", "/echo", b"through")
        expect(answer == (200, b"through"), "a middleware passes requests on", answer)
        answer = service.ask("GET", "/xblocked")
        expect(answer[0] == 500, "and answers others itself", answer)


def check_limits(options, folder):
    arguments = ("--http-body", "1KiB", "--http-idle", "500ms", "--parallel", "2", "--timeout", "1s")
    with serving(options, folder, ANSWERS["0.2"], *arguments) as service:
        answer = service.ask("POST", "/echo", b"a" * 1025)
        expect(answer[0] == 413, "a body beyond the limit is refused", answer)
        answer = service.ask("POST", "/echo", b"a" * 1024)
        expect(answer == (200, b"a" * 1024), "one at the limit is not", answer[0])
        answer = service.ask("POST", "/echo", iter([b"a" * 1024, b"a" * 1024]))
        expect(len(answer[1]) <= 1024, "a chunked body ends at the limit", len(answer[1]))
        answer = service.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1025\r\n\r\n")
        expect(answer.startswith(b"HTTP/1.1 413 "), "a client that expects `100 Continue` is not asked for it", answer)
        begin = time.monotonic()
        answer = service.send(b"")
        expect(time.monotonic() - begin < PATIENCE / 2, "a silent connection is closed", answer)
        begin = time.monotonic()
        answer = service.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        expect(time.monotonic() - begin < PATIENCE / 2, "a silent body ends", answer)
        answer = service.ask("GET", "/spin")
        expect(answer[0] == 504, "a handler that never returns is ended at its deadline", answer)
        expect("deadline" in service.wait_for_text("deadline"), "its deadline is reported", read_text(service.log))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: service.ask("GET", "/")[0], range(40)))
        expect(answers == [200] * 40, "more clients than instances take turns", answers)


def check_swap(options, folder):
    """No request is lost while the handler is replaced."""
    site, other = os.path.join(folder, "site.wat"), os.path.join(folder, "other.wat")
    text = read_text(ANSWERS["0.2"])
    for path, greeting in ((site, "hello from 0.2"), (other, "hello from new")):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("hello from 0.2", greeting))
    os.environ["XDG_RUNTIME_DIR"] = folder
    with serving(options, folder, site) as service, concurrent.futures.ThreadPoolExecutor(8) as pool:
        is_over = threading.Event()

        def ask():
            answers = []
            while not is_over.is_set():
                answers.append(service.ask("GET", "/"))
            return answers

        clients = [pool.submit(ask) for _ in range(8)]
        name = service.name()
        time.sleep(0.2)
        swapped = subprocess.run([options.tenon, "swap", name, f"site={other}"], capture_output=True, text=True,
                                 timeout=PATIENCE, check=False)
        time.sleep(0.2)
        is_over.set()
        answers = [answer for client in clients for answer in client.result()]
        expect(swapped.returncode == 0, "the handler is swapped", swapped.stderr)
        expect("loses" not in swapped.stdout, "instances that end with their requests have no state", swapped.stdout)
        expected = {(200, b"hello from 0.2\n"), (200, b"hello from new\n")}
        expect(set(answers) == expected, "each request is answered, before and after", set(answers))
        answer = service.ask("GET", "/")
        expect(answer == (200, b"hello from new\n"), "the new handler answers", answer)
        status = subprocess.run([options.tenon, "serve", "--status", name], capture_output=True, text=True,
                                timeout=PATIENCE, check=False).stdout
        expect("wasi:http/incoming-handler@0.2.0" in status and f":{service.port}" in status,
               "the status has the handler and the address", status)
    with serving(options, folder, site, "--http-reuse", "100") as service:
        swapped = subprocess.run([options.tenon, "swap", service.name(), f"site={other}"], capture_output=True, text=True,
                                 timeout=PATIENCE, check=False).stdout
        expect(swapped == "swapped `site`\nloses its state: `site`\n", "others have, and are named once", swapped)


COUNTS = """
  (instance $counts (instantiate $counter))
  (alias export $counts "acme:count/counter@1.0.0" (instance $counter))
  (export "acme:count/counter@1.0.0" (instance $counter)))"""

CLIENT = """(component
  (import "acme:count/counter@1.0.0" (instance $counter (export "next" (func (result u32)))))
  (core func $next (canon lower (func $counter "next")))
  (func (export "next") (result u32) (canon lift (core func $next))))"""


def check_addresses(options, folder):
    """One process with several addresses for HTTP, and one for peers, who call another export of its root."""
    counter = read_text(os.path.join(HANDLERS, "counter.wat")).replace("(component", "(component $counter", 1)
    site, client, log = (os.path.join(folder, name) for name in ("both.wat", "client.wat", "both.log"))
    handler = read_text(ANSWERS["0.2"]).rstrip().removesuffix(")")
    for path, text in ((site, handler + counter + COUNTS), (client, CLIENT)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    file = os.path.join(folder, "both.sock")
    words = [site, "--http", "127.0.0.1:0", "--http", f"unix:{file}", "--http", "127.0.0.1:0"]
    with serving_tenon(options.tenon, words, "tcp://127.0.0.1:0", log) as served:
        addresses = re.findall(r"listens at (\S+)", read_text(log))
        expect(len(set(addresses)) == 4, "it listens at four addresses", read_text(log))
        services = [Service(served.process, address, log) for address in addresses if address.startswith("http:")]
        peers = next(address for address in addresses if address.startswith("tcp:"))

        def ask_all():
            return [*(service.ask("GET", "/") for service in services), ask_at_file(file)]

        expect(ask_all() == [(200, b"hello from 0.2\n")] * 3, "requests are answered at three of them", ask_all())
        called = subprocess.run([options.tenon, "call", client, "next()", "--connect", f"*={peers}"], text=True,
                                capture_output=True, timeout=PATIENCE, check=False)
        expect(called.stdout == "1\n", "and a call of a peer at the fourth", called.stderr)
        answers = ask_all()
        expect(answers == [(200, b"hello from 0.2\n")] * 3, "which leaves the others alone", answers)


def check_end(options, folder):
    with serving(options, folder, ANSWERS["0.2"]) as service:
        with socket.create_connection((service.host, service.port), timeout=PATIENCE) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            received = connection.recv(65536)
            service.process.send_signal(signal.SIGTERM)
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                try:
                    socket.create_connection((service.host, service.port), timeout=1).close()
                    time.sleep(0.02)
                except OSError:
                    break
            expect(time.monotonic() < end, "SIGTERM ends the acceptance of connections")
            connection.sendall(b"cd")
            while part := connection.recv(65536):
                received += part
            expect(b"ab" in received and b"cd" in received, "a request in progress is answered to its end", received)
        code = service.process.wait(PATIENCE)
        expect(code == 0, "and the service ends", code)


def check(options, folder):
    for version in ANSWERS:
        check_version(options, folder, version)
    check_chain(options, folder)
    check_limits(options, folder)
    check_bad_http2(options, folder)
    check_stalled_http2(options, folder)
    check_addresses(options, folder)
    check_swap(options, folder)
    check_end(options, folder)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
