#!/usr/bin/env python3
"""Tests requests of guests that pass a proxy (`http-proxy` in tenon.toml): requests that it passes on, tunnels, users, what
is reached without it, what grants still decide. The proxy is ours, and tinyproxy if that is installed.
"""
import base64
import contextlib
import http.client
import http.server
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.parse

from http_client import GATEWAYS, Gateway, make_certificate, serving_upstream
from http_site import write
from processes import PATIENCE, expect, make_parser, read_text, run_test, serving_tenon

MANIFEST = """
schema = 1
[components.gateway]
path = "{gateway}"
[domains.main]
http-proxy = {proxied}
"""
NAME = "server.example"  # that nobody but the proxy knows
USER = "Ada:p@ss"


class Handler(http.server.BaseHTTPRequestHandler):
    """A proxy that takes every host for 127.0.0.1, and notes what it was asked for."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def is_known(self):
        self.server.asked.append((self.command, self.path))
        if not self.server.user:
            return True
        expected = "Basic " + base64.b64encode(self.server.user.encode()).decode()
        if self.headers["Proxy-Authorization"] == expected:
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_CONNECT(self):
        if not self.is_known():
            return
        port = int(self.path.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as server:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: server, server: self.connection}
            while ends:
                for end in select.select(list(ends), [], [])[0]:
                    part = end.recv(65536)
                    if part:
                        ends[end].sendall(part)
                    else:
                        with contextlib.suppress(OSError):
                            ends.pop(end).shutdown(socket.SHUT_WR)
        self.close_connection = True

    def do_GET(self):
        if not self.is_known():
            return
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = http.client.HTTPConnection("127.0.0.1", url.port, timeout=PATIENCE)
        with contextlib.closing(server):
            fields = {name: value for name, value in self.headers.items() if name.lower() != "proxy-authorization"}
            server.request(self.command, url.path, body, fields)
            answer = server.getresponse()
            text = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    do_PUT = do_GET


@contextlib.contextmanager
def proxying(user=""):
    """Yields a proxy and its URL."""
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.daemon_threads = True
    proxy.asked, proxy.user = [], user
    thread = threading.Thread(target=proxy.serve_forever, args=[0.05])
    thread.start()
    name = urllib.parse.quote(user, safe=":") + "@" if user else ""
    try:
        yield proxy, f"http://{name}127.0.0.1:{proxy.server_address[1]}"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


@contextlib.contextmanager
def serving(options, folder, version, grants, variables, proxied="true"):
    write(folder, "tenon.toml", MANIFEST.format(gateway=GATEWAYS[version], proxied=proxied).encode())
    log = os.path.join(folder, "gateway.log")
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = [folder, *(f"--allow-http={grant}" for grant in grants), "--http", "127.0.0.1:0"]
    with serving_tenon(options.tenon, words, None, log, env={**kept, **variables}) as served:
        expect(served.address, "a service whose requests pass a proxy is ready", read_text(log))
        yield Gateway(served.process, served.address, log)


def check_plain(options, folder, version):
    with serving_upstream() as upstream, proxying(USER) as (proxy, url):
        target = f"http://{NAME}:{upstream.port}/hello"
        grants = [f"{NAME}:{upstream.port}", f"localhost:{upstream.port}"]
        with serving(options, folder, version, grants, {"http_proxy": url}) as gateway:
            for _ in range(2):
                status, body, _ = gateway.ask(target, x_send_x_name="Bob")
                expect((status, body) == (200, f"GET {NAME}:{upstream.port} Bob None\n".encode()),
                       f"a proxy passes requests of {version} on", (status, body))
            expect(proxy.asked == [("GET", target)] * 2, "with their whole target", proxy.asked)
            status, body, _ = gateway.ask(f"http://localhost:{upstream.port}/hello")
            expect(status == 200 and len(proxy.asked) == 2, "this machine is reached without it", proxy.asked)
            gateway.fails("http://other.example/", "httprequestdenied", "grants decide as without a proxy")
        expect(len(proxy.asked) == 2, "what is not granted does not reach it", proxy.asked)
        wrong = {"http_proxy": url.replace("Ada", "Eve")}
        with serving(options, folder, version, grants, wrong) as gateway:
            status, _, _ = gateway.ask(target)
            expect(status == 407, "the answer of a proxy is that of the request", status)
        with serving(options, folder, version, grants, {"http_proxy": url}, proxied="false") as gateway:
            gateway.fails(target, "dnserror", "without `http-proxy` there is no proxy")
        with serving(options, folder, version, grants, {"http_proxy": url, "no_proxy": "example"}) as gateway:
            gateway.fails(target, "dnserror", "`no_proxy` names what has none")


def check_tunnel(options, folder, version):
    key, certificate = make_certificate(folder, NAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving_upstream(context) as upstream, proxying(USER) as (proxy, url):
        grants = [f"{NAME}:{upstream.port}"]
        target = f"https://{NAME}:{upstream.port}"
        variables = {"HTTPS_PROXY": url, "SSL_CERT_FILE": certificate}
        with serving(options, folder, version, grants, variables) as gateway:
            for _ in range(2):
                status, body, _ = gateway.ask(f"{target}/hello", "PUT", x_send_x_name="Bob")
                expect((status, body) == (200, f"PUT {NAME}:{upstream.port} Bob None\n".encode()),
                       f"requests of {version} pass a tunnel", (status, body))
            expect(proxy.asked == [("CONNECT", f"{NAME}:{upstream.port}")], "which several use", proxy.asked)
        with serving(options, folder, version, grants, {**variables, "HTTPS_PROXY": url.replace("Ada", "Eve")}) as gateway:
            gateway.fails(f"{target}/hello", "407 proxy authentication required", "a proxy that opens none is named")


def check_tinyproxy(options, folder):
    tinyproxy = shutil.which("tinyproxy", path=os.environ["PATH"] + ":/usr/sbin:/usr/bin")
    if tinyproxy is None:
        print("skipped  tinyproxy: it is not installed")
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings, log = os.path.join(folder, "tinyproxy.conf"), os.path.join(folder, "tinyproxy.log")
    write(folder, "tinyproxy.conf", f'Port {port}\nListen 127.0.0.1\nTimeout {PATIENCE}\nBasicAuth Ada pass\n'
                                    f'LogFile "{log}"\nLogLevel Info\n'.encode())
    process = subprocess.Popen([tinyproxy, "-d", "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with serving_upstream() as upstream:
            variables = {"http_proxy": f"http://Ada:pass@127.0.0.1:{port}"}
            with serving(options, folder, "0.2", [f"0.0.0.0:{upstream.port}"], variables) as gateway:
                status, body, _ = gateway.ask(f"http://0.0.0.0:{upstream.port}/hello")
                expect(status == 200 and body.startswith(b"GET 0.0.0.0:"), "tinyproxy passes a request on", (status, body))
        expect(re.search(r"Request.*/hello", read_text(log)), "it was asked", read_text(log))
    finally:
        process.terminate()
        process.wait()


def check_mistakes(options, folder):
    write(folder, "tenon.toml", MANIFEST.format(gateway=GATEWAYS["0.2"], proxied="true").encode())
    done = subprocess.run([options.tenon, "serve", folder, "--http", "127.0.0.1:0"], capture_output=True, text=True,
                          env={**os.environ, "https_proxy": "socks5://me:secret@host:1080"}, timeout=PATIENCE)
    expect(done.returncode == 125 and "config-value" in done.stderr and "`https_proxy` has another scheme" in done.stderr
           and "secret" not in done.stderr, "a proxy of another kind is refused, without its password", done.stderr)


def check(options, folder):
    for version in GATEWAYS:
        check_plain(options, folder, version)
        check_tunnel(options, folder, version)
    check_tinyproxy(options, folder)
    check_mistakes(options, folder)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
