#!/usr/bin/env python3
"""Serves HTTP handlers that public toolchains made, and asks each one directly and through nginx, with Python's client, curl
and h2load. The handlers are tests/guests/http (Rust) and tests/guests/languages (JavaScript and Python, if their
toolchains are installed); the comment of tests/guests/http/wstd says what each path does.

Usage: http_guests.py BUILD [--tenon TENON] [--guest NAME]...
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zlib

import http_chains
from http_server import MIB, MIDDLE, Service, serving
from processes import PATIENCE, ROOT, expect, make_parser, read_text, run_test, running

sys.path.insert(0, os.path.join(ROOT, "tools"))
import guest_languages  # noqa: E402  pylint: disable=wrong-import-position

RUST = {name: os.path.join(ROOT, "tests", "guests", "http", "wasm", f"{name}.wasm") for name in ("wstd", "wasip3")}
HANDLERS = [name for name in guest_languages.GUESTS if name.startswith("http-")]
DEFLATE = os.path.join(ROOT, "tests", "guests", "http", "wasm", "deflate.wasm")
LINES = b"".join(b"part %d\n" % number for number in range(5))


class Guest:
    def __init__(self, name):
        self.name = name
        self.has_clock = name != "http-qjs"
        # StarlingMonkey prints the error of a body, and ends the body as if it were complete.
        self.breaks_off = name != "http-js"

    def path(self):
        return RUST[self.name] if self.name in RUST else guest_languages.component(self.name)


def check_answers(service, guest, way):
    def says(what):
        return f"{guest.name}{way}: {what}"

    status, body = service.ask("GET", "/")
    expect(status == 200 and body.startswith(b"hello from "), says("a line of text"), (status, body))
    expect(service.ask("GET", "/nothing")[0] == 404, says("a page that is not there is 404"))
    answer = service.ask("POST", "/echo", b"some text")
    expect(answer == (200, b"some text"), says("a body is echoed"), answer)
    answer = service.ask("POST", "/echo", iter([b"some ", b"text"]))
    expect(answer == (200, b"some text"), says("a chunked body is echoed"), answer)
    large = os.urandom(3 * MIB)
    status, body = service.ask("POST", "/echo", large)
    expect(status == 200 and body == large, says("3 MiB are echoed"), (status, len(body)))
    answer = service.ask("GET", "/fail")
    expect(answer[0] == 500, says("an error is 500"), answer)


def check_fields(service, guest, way):
    connection = service.connect()
    with contextlib.closing(connection):
        connection.putrequest("GET", "/headers")
        for name, value in (("X-Tenon", "one"), ("X-Tenon", "two"), ("X-Empty", "")):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        values = [value for name, value in answer.getheaders() if name.lower() == "x-tenon"]
        expect(re.split(", ?", ",".join(values)) == ["one", "two"], f"{guest.name}{way}: fields have all their values",
               answer.getheaders())
        expect(answer.getheader("x-empty") == "", f"{guest.name}{way}: a field can be empty", answer.getheaders())


def check_waiting(service, guest, way):
    """Requests that wait do not wait for each other, and parts of a body come as they are made."""
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: service.ask("GET", "/wait"), range(32)))
    took = time.monotonic() - begin
    expect(answers == [(200, b"waited\n")] * 32, f"{guest.name}{way}: 32 requests wait", answers[:3])
    expect(took < 32 * 0.3 / 2, f"{guest.name}{way}: all at once", took)
    with socket.create_connection((service.host, service.port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /parts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received, first, last = b"", None, None
        while part := connection.recv(65536):
            received += part
            last = time.monotonic()
            if first is None and b"part 0" in received:
                first = last
    body = b"".join(line + b"\n" for line in received.split(b"\r\n") for line in line.splitlines() if line[:4] == b"part")
    expect(body == LINES, f"{guest.name}{way}: a body in parts", received)
    expect(last - first > 0.1, f"{guest.name}{way}: parts come as they are made", last - first)


def check_broken_body(service, guest, way):
    try:
        status, body = service.ask("GET", "/fail-body")
    except (http.client.HTTPException, ConnectionError) as error:
        status, body = 500, str(error)
    expect(status in (500, 502), f"{guest.name}{way}: a body that breaks off is not complete", (status, body))


def run_client(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
    return done.stdout + done.stderr


def check_clients(service, guest, way, versions):
    url = f"http://{service.host}:{service.port}"
    flags = {"1.1": "--http1.1", "2": "--http2-prior-knowledge"}
    for version in versions:
        found = run_client(["curl", "--silent", "--show-error", "--max-time", str(PATIENCE), flags[version],
                            "--write-out", "%{http_version} %{http_code}", "--data-binary", "some text", url + "/echo"])
        expect(found == f"some text{version} 200", f"{guest.name}{way}: curl, HTTP/{version}", found)
        protocol = ["--h1"] if version == "1.1" else ["--max-concurrent-streams=4"]
        found = run_client(["h2load", *protocol, "--requests=400", "--clients=8", url + "/"])
        expect("400 succeeded, 0 failed, 0 errored" in found and "status codes: 400 2xx" in found,
               f"{guest.name}{way}: h2load, HTTP/{version}", found)


NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  upstream tenon {{ server {host}:{port}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{listen};
    location / {{
      proxy_pass http://tenon;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }}
  }}
}}
"""


@contextlib.contextmanager
def proxied(nginx, service, folder):
    """A service like another one, with nginx before it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen = probe.getsockname()[1]
    path, log = (os.path.join(folder, name) for name in ("nginx.conf", "nginx.log"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(NGINX.format(folder=folder, host=service.host, port=service.port, listen=listen))
    with running([nginx, "-p", folder, "-c", path, "-e", log], log) as process:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", listen), timeout=1):
                break
            time.sleep(0.02)
        yield Service(process, f"http://127.0.0.1:{listen}", log)


def check_guest(options, folder, guest):
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(serving(options, folder, guest.path()))
        ways = [(service, "", ("1.1", "2"))]
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if os.path.exists(nginx):
            ways.append((stack.enter_context(proxied(nginx, service, folder)), " behind nginx", ("1.1",)))
        else:
            print("nginx: skipped, it is not installed")
        for where, way, versions in ways:
            check_answers(where, guest, way)
            check_fields(where, guest, way)
            if guest.has_clock:
                check_waiting(where, guest, way)
            if guest.breaks_off:
                check_broken_body(where, guest, way)
            if shutil.which("h2load") and shutil.which("curl"):
                check_clients(where, guest, way, versions)
            else:
                print("curl and h2load: skipped, one of them is not installed")


def check_chain(options, folder):
    """A middleware that imports an earlier patch version of WASI than the handler exports."""
    with serving(options, folder, MIDDLE, "--with", RUST["wstd"]) as service:
        answer = service.ask("POST", "/echo", b"through")
        expect(answer == (200, b"through"), "a middleware stands before wstd", answer)
        answer = service.ask("GET", "/xb")
        expect(answer[0] == 500, "and answers some requests itself", answer)


SEND_TRAILERS = """
const session = require('http2').connect(process.argv[1]);
const request = session.request({ ':method': 'POST', ':path': '/echo' }, { waitForTrailers: true });
const answer = { body: '' };
request.on('wantTrailers', () => request.sendTrailers({ 'x-sum': '42' }));
request.on('response', (fields) => { answer.status = fields[':status']; });
request.on('data', (part) => { answer.body += part; });
request.on('trailers', (fields) => { answer.sum = fields['x-sum']; });
request.on('close', () => { console.log(JSON.stringify(answer)); session.close(); });
request.end('some text');
"""


def check_trailers(options, folder):
    """Trailers of a request pass to a guest, and back over HTTP/2. HTTP/1.1 needs a field `Trailer`, as in http_client.py."""
    node = shutil.which("node")
    if node is None:
        print("trailers: skipped, node is not installed")
        return
    for version, name in (("0.2", "wstd"), ("0.3", "wasip3")):
        isolated = [http_chains.MIDDLE[version], "--with", RUST[name], "--isolate"]
        for words, where in (([RUST[name]], ""), (isolated, ", in a chain that is isolated")):
            with serving(options, folder, *words) as service:
                found = run_client([node, "-e", SEND_TRAILERS, f"http://{service.host}:{service.port}"])
                plain = service.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close\r\n"
                                     b"Transfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\nx-sum: 42\r\n\r\n")
            answer = json.loads(found) if found.startswith("{") else found
            expect(answer == {"body": "some text", "status": 200, "sum": "42"}, f"{name} echoes trailers{where}", answer)
            expect(plain.endswith(b"4\r\ntext\r\n0\r\n\r\n"), "HTTP/1.1 leaves out those that no field names", plain)


def deflate(text):
    """Without the header of zlib."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


def check_engine_middleware(options, folder):
    """The middleware with which the engine's project tests its own server, before a handler of another toolchain."""
    text = b"some text, " * 10000
    with serving(options, folder, DEFLATE, "--with", RUST["wasip3"]) as service:
        answer = service.ask("POST", "/echo", text)
        expect(answer == (200, text), "a middleware of 0.3 passes a body on", answer[0])
        answer = service.ask("POST", "/echo", deflate(text), {"Content-Encoding": "deflate"})
        expect(answer == (200, text), "it inflates a request", answer[0])
        connection = service.connect()
        with contextlib.closing(connection):
            connection.request("POST", "/echo", text, {"Accept-Encoding": "deflate"})
            answer = connection.getresponse()
            body = answer.read()
        expect(answer.getheader("content-encoding") == "deflate" and len(body) < len(text) / 10 and
               zlib.decompress(body, -15) == text, "it deflates a response", (answer.getheaders(), len(body)))
        answer = service.ask("GET", "/fail")
        expect(answer[0] == 500, "an error passes through it", answer)


def check_end(options, folder):
    """SIGTERM waits for what handlers do after their responses, also in the domains behind the first one."""
    isolated = [http_chains.MIDDLE["0.3"], "--with", RUST["wasip3"], "--isolate"]
    for words, where in (([RUST["wasip3"]], "alone"), (isolated, "behind another domain")):
        with serving(options, folder, *words) as service:
            answer = service.ask("GET", "/after")
            expect(answer == (200, b"answered\n"), f"a handler {where} answers before it is done", answer)
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(timeout=PATIENCE)
            expect("after the response" in read_text(service.log), f"the rest of a handler {where} is waited for",
                   read_text(service.log))


def check(options, folder):
    names = options.guest or [*RUST, *HANDLERS]
    for name in names:
        if name in RUST or guest_languages.GUESTS[name].is_installed():
            check_guest(options, folder, Guest(name))
        else:
            print(f"{name}: skipped, its toolchain is not installed (`./dev setup guests`)")
    check_chain(options, folder)
    check_trailers(options, folder)
    check_end(options, folder)
    check_engine_middleware(options, folder)


if __name__ == "__main__":
    PARSER = make_parser(__doc__)
    PARSER.add_argument("--guest", action="append", choices=[*RUST, *HANDLERS])
    raise SystemExit(run_test(PARSER, check))
