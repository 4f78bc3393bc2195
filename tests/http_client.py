#!/usr/bin/env python3
"""Tests requests that guests send, by the guests tests/guests/http/gateway02 and gateway03: grants, addresses, redirects,
bodies in both directions, trailers, traces, timeouts, failures, TLS and HTTP/2, idle connections, a unit in place of the network.

A gateway passes each request on to the URL in its field `x-target`. If that fails, it answers 502 with the error.
"""
import contextlib
import hashlib
import http.client
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from http_server import cancel_http2
from http_site import PARENT, TRACE, collecting
from processes import PATIENCE, ROOT, expect, make_parser, read_line, read_text, run_test, serving_tenon

GUESTS = os.path.join(ROOT, "tests", "guests", "http", "wasm")
GATEWAYS = {version: os.path.join(GUESTS, f"gateway{version.replace('.', '')}.wasm") for version in ("0.2", "0.3")}
MOCK = os.path.join(GUESTS, "mock03.wasm")
MIB = 1 << 20
LARGE = os.urandom(MIB) * 16

HTTP2_SERVER = """
const server = require('http2').createSecureServer({
  key: require('fs').readFileSync(process.argv[1]), cert: require('fs').readFileSync(process.argv[2]), allowHTTP1: true });
let sessions = 0;
server.on('session', () => ++sessions);
server.on('stream', (stream, headers) => {
  if (headers[':path'] === '/cut') {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-length': '10' });
    return stream.write('part', () => stream.close(8));
  }
  stream.respond({ ':status': 200, 'x-sessions': String(sessions), 'x-authority': headers[':authority'] });
  if (headers[':path'] === '/echo') stream.pipe(stream); else stream.end(`HTTP/2 ${headers['x-name'] || ''}\\n`);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


class Upstream(http.server.BaseHTTPRequestHandler):
    """What guests send their requests to. Each path is a method."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.connections += 1

    def parts(self):
        """The parts of the body."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            left = int(self.headers.get("Content-Length", 0))
            while left and (part := self.rfile.read1(min(left, 65536))):
                left -= len(part)
                yield part
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.trailers = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            self.trailers.append(line)

    def chunk(self, part):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def head(self, status=200, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def reply(self, body, status=200, **fields):
        self.head(status, Content_Length=str(len(body)), **fields)
        self.wfile.write(body)

    def handle_request(self):
        self.digest = hashlib.sha256()
        for part in self.parts() if self.path != "/echo" else ():
            self.digest.update(part)
        getattr(self, "at_" + self.path.strip("/").split("?")[0].replace("-", "_"))()

    do_GET = do_POST = do_PUT = handle_request

    def at_hello(self):
        text = f"{self.command} {self.headers['Host']} {self.headers.get('x-name')} {self.headers.get('traceparent')}\n"
        self.reply(text.encode(), x_kind="greeting")

    def at_echo(self):
        self.head(Transfer_Encoding="chunked")
        for part in self.parts():
            self.chunk(part)
        self.wfile.write(b"0\r\n\r\n")

    def at_collect(self):
        self.server.collected.append(self.digest.hexdigest())
        self.reply(b"")

    def at_digest(self):
        self.reply(self.digest.hexdigest().encode())

    def at_large(self):
        self.reply(LARGE)

    def at_trailers(self):
        self.head(Transfer_Encoding="chunked", Trailer="x-sum")
        self.chunk(b"text")
        self.wfile.write(b"0\r\nx-sum: 42\r\n\r\n")

    def at_redirect(self):
        self.reply(b"", 302, Location=self.server.elsewhere)

    def at_slow_head(self):
        self.server.released.wait(PATIENCE)
        self.close_connection = True

    def at_slow_body(self):
        self.head(Content_Length="10")
        self.wfile.write(b"part")
        self.server.released.wait(PATIENCE)
        self.close_connection = True

    def at_close(self):
        self.reply(b"closed\n", Connection="close")

    def at_drop(self):
        self.close_connection = True

    def at_short(self):
        self.head(Content_Length="10")
        self.wfile.write(b"part")
        self.close_connection = True

    def at_big_head(self):
        self.reply(b"", x_big="x" * 100_000)

    def at_nonsense(self):
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    elsewhere = ""

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Upstream)
        self.connections = 0
        self.collected = []  # digests of bodies that came to their ends
        self.released = threading.Event()
        self.port = self.server_address[1]
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_):
        pass


@contextlib.contextmanager
def serving_upstream(context=None):
    server = Server(context)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Gateway:
    def __init__(self, process, address, log):
        self.process, self.log = process, log
        url = urllib.parse.urlsplit(address)
        self.host, self.port = url.hostname, url.port

    def ask(self, target, method="GET", body=None, **fields):
        """Status, body and fields of the answer. fields: `x_first_byte=100` is the field `x-first-byte: 100`."""
        headers = {"x-target": target, **{name.replace("_", "-"): str(value) for name, value in fields.items()}}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, "/", body=body, headers=headers)
            answer = connection.getresponse()
            try:
                return answer.status, answer.read(), answer.headers
            except (http.client.IncompleteRead, ConnectionError) as error:
                return answer.status, error, answer.headers

    def fails(self, target, error, what, **options):
        status, body, _ = self.ask(target, **options)
        text = body.decode() if isinstance(body, bytes) else str(body)
        expect(status == 502 and error in text.lower(), what, (status, text))


@contextlib.contextmanager
def serving_gateway(options, folder, component, *arguments, env=None):
    log = os.path.join(folder, "gateway.log")
    words = [component, *arguments, "--http", "127.0.0.1:0"]
    with serving_tenon(options.tenon, words, None, log, env={**os.environ, **(env or {})}) as served:
        expect(served.address, f"`tenon serve {os.path.basename(component)}` is ready", read_text(log))
        yield Gateway(served.process, served.address, log)


def check_exchanges(gateway, upstream, version):
    base = f"http://localhost:{upstream.port}"
    status, body, fields = gateway.ask(f"{base}/hello", x_send_x_name="Ada")
    expect((status, body) == (200, f"GET localhost:{upstream.port} Ada None\n".encode()),
           f"a guest of {version} sends a request and its fields, and `Host` is the target's", (status, body))
    expect(fields["x-kind"] == "greeting", "it gets the fields of the response", fields)
    status, body, _ = gateway.ask(f"{base}/hello", "PUT", x_send_traceparent="00-11-22-01")
    expect(body.decode() == f"PUT localhost:{upstream.port} None 00-11-22-01\n",
           "the method and its own `traceparent` are sent", body)
    for body in (b"some text", iter([b"some ", b"text"])):
        answer = gateway.ask(f"{base}/echo", "POST", body)
        expect(answer[:2] == (200, b"some text"), "a body is sent, and comes back", answer)
    status, body, fields = gateway.ask(f"{base}/redirect")
    expect(status == 302 and fields["location"] == upstream.elsewhere, "a redirect is a response", (status, body))
    gateway.fails(fields["location"], "httprequestdenied", "and its target needs a grant of its own")


def check_large_bodies(gateway, upstream, secure=False):
    base = f"http{'s' if secure else ''}://localhost:{upstream.port}"
    parts = [LARGE[at:at + MIB] for at in range(0, len(LARGE), MIB)]
    status, body, _ = gateway.ask(f"{base}/digest", "POST", iter(parts))
    expect((status, body) == (200, hashlib.sha256(LARGE).hexdigest().encode()), "a large body is sent", (status, body))
    status, body, _ = gateway.ask(f"{base}/large")
    expect((status, body == LARGE) == (200, True), "and another one is received", (status, len(body)))


def check_parts_as_they_come(gateway, upstream):
    with socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                           b"x-target: http://localhost:%d/echo\r\n\r\n" % upstream.port)
        received = b""
        for part in (b"first", b"second"):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            while part not in received and (more := connection.recv(65536)):
                received += more
        connection.sendall(b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n") and (more := connection.recv(65536)):
            received += more
    expect(b"first" in received and b"second" in received, "both bodies pass at the same time", received)


def check_cancelled_bodies(gateway, upstream):
    """A client of HTTP/2 that cancels a request does not end its body."""
    target = b"http://localhost:%d/collect" % upstream.port
    fields = ((b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"x"), (b"x-target", target))
    for _ in range(10):
        cancel_http2(gateway, fields, b"a part")
    answer = gateway.ask(target.decode(), "POST", iter([b"whole"]))
    expect(answer[0] == 200 and upstream.collected == [hashlib.sha256(b"whole").hexdigest()],
           "a body whose client cancels is not complete", (answer, upstream.collected))


def check_trailers(gateway, upstream):
    for accepted, end, what in ((b"TE: trailers\r\n", b"x-sum: 42\r\n\r\n", "trailers of a response are passed on"),
                                (b"", b"0\r\n\r\n", "but not to a client that does not accept them")):
        with socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s"
                               b"x-target: http://localhost:%d/trailers\r\n\r\n" % (accepted, upstream.port))
            received = b""
            while part := connection.recv(65536):
                received += part
        expect(b"text" in received and received.endswith(end), what, received)


def check_traces(options, folder, component, upstream):
    """`traceparent` of the request that came in goes out: as it is, or with the span of its call."""
    sent = f"00-{TRACE}-{PARENT}-01"
    target = f"http://localhost:{upstream.port}"
    with collecting() as collector:
        for flags in ((), ("--otlp", collector.url), ("--trace-calls",)):
            with serving_gateway(options, folder, component, f"--allow-http={target}", *flags) as gateway:
                received = gateway.ask(f"{target}/hello", traceparent=sent)[1].decode().split()[-1]
                if not flags:
                    own = gateway.ask(f"{target}/hello", traceparent=sent, x_send_traceparent="00-11-22-01")[1].decode()
            if not flags:
                expect(received == sent, "the trace of a request goes out with those that its guest sends", received)
                expect(own.split()[-1] == "00-11-22-01", "unless the guest sends its own", own)
            elif "--otlp" in flags:
                span = collector.find(".handle")
                expect(received == f"00-{TRACE}-{span.get('spanId')}-01" and span.get("parentSpanId") == PARENT,
                       "with `--otlp`, they belong to the span of the request", (received, span))
            else:
                expect(received.startswith(f"00-{TRACE}-") and PARENT not in received, "and so with `--trace-calls`",
                       received)


def check_connections(gateway, upstream):
    base = f"http://localhost:{upstream.port}"
    gateway.ask(f"{base}/hello")
    before = upstream.connections
    for _ in range(20):
        gateway.ask(f"{base}/hello")
    expect(upstream.connections - before < 5, "requests follow each other on a connection",
           upstream.connections - before)
    for number in range(10):
        status, body, _ = gateway.ask(f"{base}/{'close' if number % 2 else 'hello'}")
        expect(status == 200 and body, "a connection that the server has ended is replaced", (status, body))


def check_denials(gateway, upstream, silent):
    port = upstream.port
    gateway.fails(f"http://localhost:{silent}/", "httprequestdenied", "another port is denied")
    gateway.fails(f"http://example.com:{port}/", "httprequestdenied", "another name is denied")
    gateway.fails(f"https://localhost:{port}/", "httprequestdenied", "another scheme is denied")
    gateway.fails("http://user@localhost/", "urii", "a user in the URL is refused")


def check_failures(gateway, upstream, closed):
    base = f"http://localhost:{upstream.port}"
    gateway.fails(f"http://localhost:{closed}/", "connectionrefused", "a closed port is `connection-refused`")
    gateway.fails(f"{base}/drop", "connectionterminated", "a connection that ends is `connection-terminated`")
    gateway.fails(f"{base}/nonsense", "httpprotocolerror", "nonsense is `HTTP-protocol-error`")
    gateway.fails(f"{base}/big-head", "httpresponseheadersectionsize", "a large head is refused")
    status, body, _ = gateway.ask(f"{base}/short")
    expect(status == 200 and not isinstance(body, bytes), "a body that is too short ends with an error", body)


def check_timeouts(gateway, upstream, silent):
    base = f"http://localhost:{upstream.port}"
    begin = time.monotonic()
    gateway.fails(f"{base}/slow-head", "connectionreadtimeout", "the first byte is waited for as long as the guest says",
                  x_first_byte=200)
    status, body, _ = gateway.ask(f"{base}/slow-body", x_between=200)
    expect(status == 200 and not isinstance(body, bytes), "and so is the next part of a body", body)
    gateway.fails(f"https://localhost:{silent}/", "connectiontimeout", "and a connection, with its TLS", x_connect=300)
    expect(time.monotonic() - begin < PATIENCE / 2, "no wait is longer", time.monotonic() - begin)


def check_addresses(options, folder, component, upstream):
    """Every host is granted by name, and no address that is not public."""
    with serving_gateway(options, folder, component, "--allow-http") as gateway:
        for host in ("localhost", "127.0.0.1", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "a.localhost"):
            gateway.fails(f"http://{host}:{upstream.port}/hello", "destinationipprohibited",
                          f"`{host}` is not used: its address is not public")
        gateway.fails("http://169.254.169.254/latest/meta-data/", "destinationipprohibited", "nor that of metadata")
        gateway.fails("http://nowhere.invalid/", "dnserror", "a name that does not exist is `DNS-error`")
    with serving_gateway(options, folder, component, f"--allow-http=127.0.0.0/8:{upstream.port}",
                         "--allow-http=*") as gateway:
        status, _, _ = gateway.ask(f"http://127.1:{upstream.port}/hello")
        expect(status == 200, "unless a grant names the address", status)


def make_certificate(folder, name):
    """A key, and a certificate for `name` that is its own authority."""
    key, certificate = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


@contextlib.contextmanager
def serving_text(text):
    """A server that says `text` to whoever connects. Yields its port."""
    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(text)
                    while connection.recv(65536):
                        pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def check_tls(options, folder, component):
    key, certificate = make_certificate(folder, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving_upstream(context) as secure:
        grants = [f"--allow-http=localhost:{secure.port}"]
        with serving_gateway(options, folder, component, *grants, env={"SSL_CERT_FILE": certificate}) as gateway:
            status, body, _ = gateway.ask(f"https://localhost:{secure.port}/hello")
            expect(status == 200, "a request is sent over TLS", (status, body))
            check_large_bodies(gateway, secure, secure=True)
            gateway.fails(f"https://127.0.0.1:{secure.port}/hello", "tlscertificateerror",
                          "a certificate of another name is refused")
        with serving_text(b"HTTP/1.1 400 Bad Request\r\n\r\n") as plain:
            with serving_gateway(options, folder, component, f"--allow-http=localhost:{plain}") as gateway:
                gateway.fails(f"https://localhost:{plain}/", "tlsprotocolerror",
                              "a server without TLS is `TLS-protocol-error`")
        with serving_gateway(options, folder, component, *grants) as gateway:
            gateway.fails(f"https://localhost:{secure.port}/hello", "tlscertificateerror",
                          "a certificate that the system does not trust is refused")
    check_http2(options, folder, component, key, certificate)


def check_http2(options, folder, component, key, certificate):
    node = shutil.which("node")
    if node is None:
        print("skipped  HTTP/2: node is not installed")
        return
    with subprocess.Popen([node, "-e", HTTP2_SERVER, key, certificate], stdout=subprocess.PIPE) as server:
        try:
            port = int(read_line(server.stdout.fileno(), PATIENCE))
            with serving_gateway(options, folder, component, f"--allow-http=localhost:{port}",
                                 env={"SSL_CERT_FILE": certificate}) as gateway:
                for _ in range(3):
                    status, body, fields = gateway.ask(f"https://localhost:{port}/", x_send_x_name="Ada")
                    expect((status, body) == (200, b"HTTP/2 Ada\n"), "a request is sent by HTTP/2", (status, body))
                # One that has just been used is free a moment later.
                expect(int(fields["x-sessions"]) < 3, "requests share a connection", fields)
                expect(fields["x-authority"] == f"localhost:{port}", "and have the target's authority", fields)
                # The guest of 0.2 sends the whole body before it reads.
                size = 4 * MIB if component == GATEWAYS["0.3"] else 1024
                status, body, _ = gateway.ask(f"https://localhost:{port}/echo", "POST", iter([b"x" * (size // 4)] * 4))
                expect((status, len(body)) == (200, size), "with a body that comes back", (status, len(body)))
                # Whether the guest gets the response or an error depends on time.
                answers = [gateway.ask(f"https://localhost:{port}/cut")[:2] for _ in range(50)]
                expect(all(status == 502 or not isinstance(body, bytes) for status, body in answers),
                       "a response that the server cancels is not complete", answers)
        finally:
            server.kill()


def check_end_of_instance(options, folder, component, upstream):
    """The time of the domain ends the request, whatever the guest waits for."""
    with serving_gateway(options, folder, component, f"--allow-http=localhost:{upstream.port}", "--timeout",
                         "1s") as gateway:
        status, body, _ = gateway.ask(f"http://localhost:{upstream.port}/slow-head")
        expect(status in (500, 504), "a guest that waits for a server ends in time", (status, body))


def check_mock(options, folder):
    with serving_gateway(options, folder, GATEWAYS["0.3"], "--with", MOCK) as gateway:
        status, body, _ = gateway.ask("https://api.example.com/")
        expect((status, body) == (200, b"mock of api.example.com\n"), "a unit stands in place of the network",
               (status, body))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def check_version(options, folder, version):
    component = GATEWAYS[version]
    closed = free_port()
    with serving_upstream() as upstream, socket.create_server(("127.0.0.1", 0)) as quiet:
        silent = quiet.getsockname()[1]
        upstream.elsewhere = f"http://localhost:{silent}/"
        grants = [f"--allow-http=http://localhost:{upstream.port}", f"--allow-http=http://localhost:{closed}"]
        with serving_gateway(options, folder, component, *grants) as gateway:
            check_exchanges(gateway, upstream, version)
            check_large_bodies(gateway, upstream)
            if version == "0.3":
                check_parts_as_they_come(gateway, upstream)
            check_cancelled_bodies(gateway, upstream)
            check_trailers(gateway, upstream)
            check_connections(gateway, upstream)
            check_denials(gateway, upstream, silent)
            check_failures(gateway, upstream, closed)
        noted = read_text(gateway.log)
        expect(f"sent an HTTP request to `http://localhost:{silent}`, which is not granted" in noted
               and f"--allow-http=https://localhost:{upstream.port}" in noted, "denials are noted at the end", noted)
        grants.append(f"--allow-http=https://localhost:{silent}")
        with serving_gateway(options, folder, component, *grants) as gateway:
            check_timeouts(gateway, upstream, silent)
        check_traces(options, folder, component, upstream)
        check_end_of_instance(options, folder, component, upstream)
        check_addresses(options, folder, component, upstream)
        check_tls(options, folder, component)


def check(options, folder):
    for version in GATEWAYS:
        check_version(options, folder, version)
    check_mock(options, folder)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
