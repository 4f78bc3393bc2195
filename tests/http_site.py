#!/usr/bin/env python3
"""Tests what `[http]` of tenon.toml says, with `tenon serve`: routes to several handlers, files of a folder, limits,
health, the access log, metrics, the lines that guests print, traces, and handlers with a key-value store.

Metrics are also read by the parser of prometheus_client, if that is installed.
"""
import concurrent.futures
import contextlib
import gzip
import http.server
import json
import os
import re
import resource
import select
import signal
import socket
import threading
import time

from http_server import ANSWERS, HANDLERS, Service
from processes import PATIENCE, PEERS, ROOT, expect, make_parser, read_text, run_test, serving_tenon

GUESTS = os.path.join(ROOT, "tests", "guests", "http", "wasm")
FRONT, TALLY, WASIP3 = (os.path.join(GUESTS, f"{name}.wasm") for name in ("front", "tally", "wasip3"))

MANIFEST = """
schema = 1
[components.old]
path = "{old}"
isolated = true
[components.new]
path = "{new}"
isolated = true
[http]
listen = ["127.0.0.1:0"]
metrics = "127.0.0.1:0"
requests = 2
request-timeout = "3s"
header-timeout = "500ms"
body = "1KiB"
health = true
access-log = "json"
access-log-file = "access.log"
[[http.route]]
path = "/*"
static = "public"
precompressed = true
[[http.route]]
path = "/*"
method = ["POST"]
unit = "old"
[[http.route]]
path = "/new/*"
unit = "new"
[[http.route]]
path = "/*"
host = "*.example.org"
unit = "new"
"""


STYLE = b"body { margin: 0 }\n" * 100
ZIPPED = gzip.compress(STYLE)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text)


@contextlib.contextmanager
def serving(options, folder, *arguments):
    log = os.path.join(folder, "http.log")
    with serving_tenon(options.tenon, [folder, *arguments], None, log) as served:
        expect(served.address, "`tenon serve` with `[http]` is ready", read_text(log))
        yield Service(served.process, served.address, log)


def make_site(folder):
    os.makedirs(folder, exist_ok=True)
    write(folder, "public/index.html", b"<p>index")
    write(folder, "public/big.bin", bytes(range(256)) * 8192)
    write(folder, "public/style.css", STYLE)
    write(folder, "public/style.css.gz", ZIPPED)
    write(folder, "public/style.css.zst", b"zstd")
    write(folder, "public/.secret", b"no")
    write(folder, "private", b"no")
    with contextlib.suppress(FileExistsError):
        os.symlink("../private", os.path.join(folder, "public/link"))
    write(folder, "tenon.toml", MANIFEST.format(old=ANSWERS["0.2"], new=ANSWERS["0.3"]).encode())


def get(service, path, headers=None, method="GET"):
    connection = service.connect()
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def check_routes(service):
    expect(get(service, "/")[2] == b"<p>index", "`/` is the index of the folder")
    answer = service.ask("POST", "/", b"")
    expect(answer == (200, b"hello from 0.2\n"), "another method goes to a unit", answer)
    answer = service.ask("GET", "/new")
    expect(answer == (200, b"hello from 0.3\n"), "a longer path goes to another unit", answer)
    answer = service.ask("GET", "/x/%2e%2e/new/y")
    expect(answer == (200, b"hello from 0.3\n"), "paths are normalized before they are compared", answer)
    answer = service.ask("GET", "/", headers={"Host": "a.example.org:80"})
    expect(answer == (200, b"hello from 0.3\n"), "a host goes to another unit", answer)
    status, headers, _ = get(service, "/big.bin", method="PUT")
    expect(status == 405 and headers.get("allow") == "GET, HEAD, POST", "other methods get 405", (status, headers))
    for path in ("/%", "/..", "/%2e%2e/private", "/a%00"):
        expect(get(service, path)[0] == 400, f"{path} is answered with 400", get(service, path))
    answer = service.ask("POST", "/", b"a" * 1025)
    expect(answer[0] == 413, "the limit of bodies is that of the manifest", answer)
    answer = service.ask("POST", "/spin")
    expect(answer[0] == 504, "the limit of requests is that of the manifest", answer)
    begin = time.monotonic()
    service.send(b"GET / HTTP/1.1\r\nHost:")
    expect(time.monotonic() - begin < PATIENCE / 2, "the limit of fields is that of the manifest")


def check_files(service):
    big = bytes(range(256)) * 8192
    status, headers, body = get(service, "/big.bin")
    expect(status == 200 and body == big, "a large file is sent", (status, len(body)))
    tag = headers["etag"]
    status, headers, body = get(service, "/big.bin", {"Range": "bytes=1000-1999999"})
    expect(status == 206 and body == big[1000:2000000], "a part of a file is sent", (status, len(body)))
    expect(headers["content-range"] == f"bytes 1000-1999999/{len(big)}", "it says which part", headers)
    status, _, body = get(service, "/big.bin", {"If-None-Match": tag})
    expect((status, body) == (304, b""), "a file that the client has is not sent", status)
    status, headers, body = get(service, "/big.bin", method="HEAD")
    expect(status == 200 and body == b"" and headers["content-length"] == str(len(big)), "HEAD says the size", headers)
    for path in ("/.secret", "/link", "/none", "/public/index.html", "//private", "/index.html/"):
        expect(get(service, path)[0] == 404, f"{path} is not found", get(service, path)[0])


def check_compressed_files(service):
    def ask(accepted, method="GET", **fields):
        status, headers, body = get(service, "/style.css", {"Accept-Encoding": accepted, **fields}, method)
        expect(headers.get("vary") == "accept-encoding", "caches learn that the file has several forms", headers)
        return status, headers, body

    status, headers, body = ask("br, gzip")
    expect((status, headers["content-encoding"], headers["content-type"]) == (200, "gzip", "text/css; charset=utf-8"),
           "a compressed file is sent in place of the other", headers)
    expect(gzip.decompress(body) == STYLE and headers["content-length"] == str(len(body)), "as it is", headers)
    zipped = headers["etag"]
    expect(ask("gzip, zstd")[1]["content-encoding"] == "zstd", "the better one of two")
    expect(ask("gzip, zstd;q=0.1")[1]["content-encoding"] == "gzip", "unless the client wants the other one more")
    status, headers, body = ask("identity")
    expect(body == STYLE and "content-encoding" not in headers and headers["etag"] != zipped,
           "others get the file itself, with a tag of its own", headers)
    status, headers, part = ask("gzip", **{"Range": "bytes=4-7", "If-Range": zipped})
    expect((status, headers["content-encoding"], part) == (206, "gzip", ZIPPED[4:8]), "a part of it", headers)
    expect(ask("identity", **{"Range": "bytes=4-7", "If-Range": zipped})[0] == 200, "and never of the other file")
    expect(ask("gzip", **{"If-None-Match": zipped})[0] == 304, "a client that has it does not get it again")
    status, headers, body = ask("gzip", "HEAD")
    expect(headers["content-length"] == str(len(ZIPPED)) and body == b"", "HEAD says the size of it", headers)
    expect(ask("deflate, *;q=0")[0] == 406, "a client that wants neither is refused")
    status, headers, body = get(service, "/style.css.gz", {"Accept-Encoding": "gzip"})
    expect(headers["content-type"] == "application/gzip" and "content-encoding" not in headers,
           "by its own name, it is a file like others", headers)
    # Two fields are one list.
    request = b"GET /style.css HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    expect(b"content-encoding: gzip\r\n" in service.send(request), "both fields of a client count")


def check_health(service):
    expect(get(service, "/-/health")[::2] == (200, b"ok\n"), "a service that is asked is healthy")
    expect(get(service, "/-/health", method="POST")[0] == 405, "but only by GET and HEAD")


def check_health_at_end(options, folder):
    """A load balancer stops sending requests to a service that drains."""
    with serving(options, folder) as service:
        connection = socket.create_connection((service.host, service.port), PATIENCE)
        with connection:
            connection.sendall(b"GET /-/health HTTP/1.1\r\n")
            time.sleep(0.2)  # until the server reads it
            service.process.send_signal(signal.SIGTERM)
            end = time.monotonic() + PATIENCE
            with contextlib.suppress(ConnectionError):
                while time.monotonic() < end:
                    socket.create_connection((service.host, service.port), PATIENCE).close()
                    time.sleep(0.02)
            connection.sendall(b"Host: x\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        expect(answer.startswith(b"HTTP/1.1 503 ") and answer.endswith(b"\r\n\r\ndraining\n"),
               "a service that drains says so", answer)


def find_line(path, **members):
    """The first line of the log that has these members."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        lines = [json.loads(line) for line in read_text(path).splitlines(keepends=True) if line.endswith("\n")]
        for line in lines:
            if members.items() <= line.items():
                return line
        time.sleep(0.02)
    return {}


def check_log(service, folder):
    path = os.path.join(folder, "access.log")
    service.send(b"GET /new/a?b=c HTTP/1.1\r\nHost: x\r\nUser-Agent: a\"b\r\nConnection: close\r\n\r\n")
    service.send(b"GET / HTTP/1.0\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
    service.send(b"POST /new HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n")
    line = find_line(path, target="/new/a?b=c")
    expected = {"method": "GET", "status": 200, "bytes": 15, "unit": "new", "route": "/new/*", "client": "127.0.0.1",
                "host": "x", "user_agent": 'a"b'}
    expect(expected.items() <= line.items(), "a request is logged", line)
    line = find_line(path, protocol="HTTP/1.0")
    expect(line.get("client") == "127.0.0.1", "an address that a client gives is not trusted", line)
    line = find_line(path, target="/new", status=413)
    expect(line.get("method") == "POST", "a request that is refused is logged", line)
    os.rename(path, path + ".1")
    service.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + PATIENCE
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.02)
    get(service, "/?after")
    expect(find_line(path, target="/?after"), "the log is opened again after SIGHUP", read_text(path))


def send_chunks(service, target, *chunks, host="x"):
    """A request with a body of unknown length, of which `chunks` are sent. Reads until the connection ends."""
    with socket.create_connection((service.host, service.port), PATIENCE) as connection:
        connection.sendall(b"POST %s HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % (target, host.encode()))
        for chunk in chunks:
            connection.sendall(chunk)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass


def leave(service, request, least):
    """Sends a request, reads `least` bytes, and leaves."""
    with socket.create_connection((service.host, service.port), PATIENCE) as connection:
        connection.sendall(request)
        received = 0
        while received < least:
            received += len(connection.recv(65536))


def check_aborts(options, folder):
    """Requests and responses that break off are in the log and in the metrics, and no others are."""
    log = os.path.join(folder, "access.log")
    with open(os.path.join(folder, "public/huge"), "wb") as file:
        file.truncate(256 << 20)
    chunk, end = b"3\r\nabc\r\n", b"0\r\n\r\n"
    with serving(options, folder, "--http-idle", "1s") as service:
        send_chunks(service, b"/echo?complete", chunk, end)
        get(service, "/big.bin?complete")
        get(service, "/big.bin?head", method="HEAD")
        service.send(b"GET /index.html?old HTTP/1.0\r\nHost: x\r\n\r\n")
        for target in ("/echo?complete", "/big.bin?complete", "/big.bin?head", "/index.html?old"):
            line = find_line(log, target=target)
            expect(line.get("abort") == "", f"{target} does not break off", line)
        leave(service, b"GET /huge?left HTTP/1.1\r\nHost: x\r\n\r\n", 1000)
        leave(service, b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\na", 0)
        send_chunks(service, b"/late", chunk, end)
        send_chunks(service, b"/late?new", chunk, end, host="a.example.org")
        send_chunks(service, b"/echo?large", *[b"200\r\n" + b"a" * 512 + b"\r\n"] * 3, end)
        send_chunks(service, b"/echo?silent", chunk)
        send_chunks(service, b"/echo?invalid", chunk, b"what?\r\n")
        with socket.create_connection((service.host, service.port), PATIENCE) as connection:
            connection.sendall(b"GET /huge?unread HTTP/1.1\r\nHost: x\r\n\r\n")
            expected = {"/huge?left": (200, "client-left", ""), "/wait": (499, "client-left", "old"),
                        "/late": (200, "response-failed", "old"), "/late?new": (200, "response-failed", "new"),
                        "/echo?large": (200, "request-too-large", "old"), "/echo?silent": (200, "request-timeout", "old"),
                        "/echo?invalid": (200, "request-invalid", "old"), "/huge?unread": (200, "client-timeout", "")}
            for target, (status, abort, unit) in expected.items():
                line = find_line(log, target=target)
                found = (line.get("status"), line.get("abort"), line.get("unit"))
                expect(found == (status, abort, unit), f"{target} breaks off: {abort}", line)
        text = get(metrics_of(service), "/metrics")[2].decode()
        for reason, unit in (("client-left", ""), ("response-failed", "new"), ("client-timeout", "")):
            sample = f'tenon_http_aborts_total{{unit="{unit}",reason="{reason}"}} 1'
            expect(sample in text.splitlines(), f"metrics count {reason}", text)


def begin_download(service, client="127.0.0.1"):
    """A connection that has asked for a large file, and takes little of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((client, 0))
    connection.connect((service.host, service.port))
    connection.sendall(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection


def wait_for_answers(connections, count):
    """Waits until so many connections, and no more within a moment, have something to read."""
    end = time.monotonic() + PATIENCE
    while len(select.select(connections, [], [], 0.1)[0]) < count and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.5)
    return select.select(connections, [], [], 0)[0]


def check_many_files(options, folder):
    """Files that are sent at once have a limit, below that of descriptors. Further ones wait."""
    with open(os.path.join(folder, "public/huge"), "wb") as file:
        file.truncate(256 << 20)
    log = os.path.join(folder, "many.log")
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))}
    with serving_tenon(options.tenon, [folder], None, log, **limits) as served, contextlib.ExitStack() as stack:
        service = Service(served.process, served.address, log)
        # Half of 96 - 32 are connections, and as many can be files. One client can have seven eighths of these.
        downloads = [stack.enter_context(begin_download(service)) for _ in range(30)]
        begun = wait_for_answers(downloads, 28)
        expect(len(begun) == 28, "28 of 30 files are sent to a client at once", len(begun))
        with begin_download(service, "127.0.0.2") as other:
            expect(len(wait_for_answers([other], 1)) == 1, "and one to another client at once")
        begun[0].close()
        downloads.remove(begun[0])
        found = len(wait_for_answers(downloads, 28))
        expect(found == 28, "the end of one is the turn of another", found)
        # Connections that find no place wait, too.
        waiting = [stack.enter_context(begin_download(service, "127.0.0.2")) for _ in range(40)]
        for connection in downloads:
            connection.close()
        # In any order: one that has its file ends before another one begins.
        statuses = []
        while waiting and (ready := select.select(waiting, [], [], PATIENCE)[0]):
            for connection in ready:
                statuses.append(connection.recv(12))
                connection.close()
                waiting.remove(connection)
        expect(statuses == [b"HTTP/1.1 200"] * 40, "all files are sent in the end", statuses)


def metrics_of(service):
    address = next(re.finditer(r"listens at (\S+)/metrics", read_text(service.log)))[1]
    return Service(service.process, address, service.log)


def count_instances(service):
    """Of all domains."""
    text = get(metrics_of(service), "/metrics")[2].decode()
    return sum(int(found) for found in re.findall(r"^tenon_domain_instances\{.*\} (\d+)$", text, re.M))


def check_instances(options, folder):
    for count in (1, 3):
        log = os.path.join(folder, f"warm{count}.log")
        words = [ANSWERS["0.2"], "--http", "127.0.0.1:0", "--http-metrics", "127.0.0.1:0", "--http-warm", str(count)]
        with serving_tenon(options.tenon, words, None, log) as served:
            service = Service(served.process, served.address, log)
            end = time.monotonic() + PATIENCE
            while (found := count_instances(service)) < count and time.monotonic() < end:
                time.sleep(0.02)
            expect(found == count, f"`--http-warm {count}` begins instances before the first request", found)


def check_metrics(service):
    metrics = metrics_of(service)
    status, headers, body = get(metrics, "/metrics")
    text = body.decode()
    expect(status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4"), "there are metrics", headers)
    expect('tenon_http_requests_total{unit="new",code="200"}' in text, "requests are counted", text)
    expect(re.search(r'^tenon_domain_instances\{domain="old"\} [12]$', text, re.M), "instances are shown", text)
    expect(get(metrics, "/")[0] == 404 and get(metrics, "/metrics", method="POST")[0] == 405, "and nothing else is")
    try:
        from prometheus_client.parser import text_string_to_metric_families
    except ImportError:
        print("skipped  prometheus_client is not installed")
        return
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["tenon_http_requests"].samples
    expect(sum(sample.value for sample in samples) > 10, "prometheus_client reads the counts", samples)
    buckets = [sample.value for sample in families["tenon_http_request_duration_seconds"].samples
               if sample.name.endswith("_bucket") and sample.labels["unit"] == "new"]
    expect(buckets == sorted(buckets) and len(buckets) == 14, "and the times", buckets)


def check_site(options, folder):
    make_site(folder)
    with serving(options, folder) as service:
        check_routes(service)
        check_files(service)
        check_compressed_files(service)
        check_health(service)
        check_log(service, folder)
        check_metrics(service)
    check_instances(options, folder)
    check_health_at_end(options, folder)
    check_aborts(options, folder)
    check_many_files(options, folder)


def check_output(options, folder):
    log = os.path.join(folder, "output.log")
    printing = os.path.join(HANDLERS, "prints02.wat")
    words = [printing, "--http", "127.0.0.1:0", "--http-log", "common"]
    with serving_tenon(options.tenon, words, None, log) as served:
        expect(served.address, "a handler that prints is served", read_text(log))
        service = Service(served.process, served.address, log)
        for _ in range(2):
            service.ask("GET", "/a")
        lines = service.wait_for_text("request 2: rest\n").splitlines()
        found = [line for line in lines if line.endswith(("first line", "rest"))]
        expect(found == ["request 1: first line", "request 1: rest", "request 2: first line", "request 2: rest"],
               "lines of a guest begin with the number of its request", found)
        text = service.wait_for_text('"GET /a HTTP/1.1" 500')
        expect('"GET /a HTTP/1.1" 500' in text, "`--http-log` writes a line to standard error", text)


class Collector(http.server.HTTPServer):
    """A collector of OTLP."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.spans = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def find(self, end_of_name, kind=None):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for span in list(self.spans):
                if span["name"].endswith(end_of_name) and kind in (None, span["kind"]):
                    return span
            time.sleep(0.02)
        return {}


class CollectorHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in body["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                self.server.spans += scope["spans"]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def collecting():
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever, args=[0.05])
    thread.start()
    try:
        yield collector
    finally:
        collector.shutdown()
        thread.join()
        collector.server_close()


TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SERVER, CLIENT = 2, 3  # kinds of spans


def check_calls(options, folder, collector):
    """The request is the cause of what its unit calls in other domains, and these calls are counted."""
    log = os.path.join(folder, "calls.log")
    words = [os.path.join(HANDLERS, "calls02.wat"), "--with", os.path.join(HANDLERS, "counter.wat"),
             "--isolate=counter", "--http", "127.0.0.1:0", "--http-metrics", "127.0.0.1:0", "--otlp", collector.url]
    with serving_tenon(options.tenon, words, None, log) as served:
        expect(served.address, "a handler that calls another domain is served", read_text(log))
        service = Service(served.process, served.address, log)
        service.ask("GET", "/", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        request, call = collector.find(".handle"), collector.find(".next")
        expect(request.get("traceId") == TRACE and request.get("parentSpanId") == PARENT,
               "the client is the parent of the request", request)
        attributes = {each["key"]: each["value"]["stringValue"] for each in request["attributes"]}
        expect(attributes.get("http.request.method") == "GET" and attributes.get("url.path") == "/",
               "its span has the method and the path", attributes)
        expect(call.get("traceId") == TRACE and call.get("parentSpanId") == request["spanId"],
               "the request is the parent of a call", call)
        metrics = Service(served.process, re.search(r"listens at (\S+)/metrics", read_text(log))[1], log)
        count = 'tenon_calls_total{consumer="calls02",provider="counter",function="acme:count/counter@1.0.0.next"} 1\n'
        text = get(metrics, "/metrics")[2].decode()
        expect(count in text, "the call is counted", text)


def check_calls_of_peers(options, folder, collector):
    """Calls over wRPC belong to the request, whether its service sends spans itself or not."""
    peer_log, log = (os.path.join(folder, name) for name in ("peer.log", "front.log"))
    peer_words = [os.path.join(PEERS, "calls.wat"), "--otlp", collector.url]
    with serving_tenon(options.tenon, peer_words, "tcp://127.0.0.1:0", peer_log) as peer:
        for flags in ([], ["--otlp", collector.url]):
            collector.spans.clear()
            words = [FRONT, "--connect", f"peers:test/calls={peer.address}", "--http", "127.0.0.1:0", *flags]
            with serving_tenon(options.tenon, words, None, log) as served:
                service = Service(served.process, served.address, log)
                answer = service.ask("GET", "/add", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
            expect(answer == (200, b"3\n"), "a handler calls a peer", (answer, read_text(log)))
            parent = PARENT
            if flags:
                request, call = collector.find(".handle"), collector.find(".add", CLIENT)
                expect(call.get("parentSpanId") == request.get("spanId"), "the request is the parent of the call",
                       (request, call))
                parent = call["spanId"]
            span = collector.find(".add", SERVER)
            expect((span.get("traceId"), span.get("parentSpanId")) == (TRACE, parent),
                   "what the peer does belongs to the trace of the request", span)


def check_store(options, folder):
    """Requests that run at once change one bucket, whose values outlive the service."""
    log = os.path.join(folder, "store.log")
    words = [TALLY, "--with", WASIP3, "--host-bundle", os.path.join(options.build, "bundles", "keyvalue-sqlite"),
             "--host-set", f"keyvalue-sqlite.database={folder}/store.db", "--host-set", "keyvalue-sqlite.buckets=hits",
             "--env", "LEVEL=info", "--config", "tally.greeting=hello", "--http", "127.0.0.1:0"]

    @contextlib.contextmanager
    def counting(bucket):
        with serving_tenon(options.tenon, [*words, "--config", f"tally.bucket={bucket}"], None, log) as served:
            expect(served.address, "a handler with a key-value store is served", read_text(log))
            yield Service(served.process, served.address, log)

    with counting("hits") as service:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: service.ask("POST", "/count/all"), range(200)))
        expect(sorted(int(body) for _, body in answers) == list(range(1, 201)), "each of 200 requests counts once", answers)
        answer = service.ask("POST", "/count/other")
        expect(answer == (200, b"1\n"), "other keys have values of their own", answer)
        # By both names of the interface; HOME is not granted.
        for key, value in (("greeting", 'Some("hello")'), ("LEVEL", 'Some("info")'), ("HOME", "None")):
            answer = service.ask("GET", f"/config/{key}")
            expect(answer == (200, f"Ok({value}) Ok({value})\n".encode()), f"{key} of the configuration is {value}", answer)
        answer = service.ask("GET", "/")
        expect(answer == (200, b"hello from wasip3\n"), "other requests are passed on", answer)
    with counting("hits") as service:
        answer = service.ask("POST", "/count/all")
        expect(answer == (200, b"201\n"), "another process goes on from there", answer)
    with counting("secrets") as service:
        answer = service.ask("POST", "/count/all")
        expect(answer[0] == 500, "a bucket that the configuration of the store does not name cannot be opened", answer)
        expect("NoSuchStore" in service.wait_for_text("NoSuchStore"), "and the guest learns why", read_text(log))


def check(options, folder):
    check_site(options, os.path.join(folder, "site"))
    check_output(options, folder)
    check_store(options, folder)
    with collecting() as collector:
        check_calls(options, folder, collector)
        check_calls_of_peers(options, folder, collector)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
