#!/usr/bin/env python3
"""Tests how `tenon serve --http` uses instances, and what many clients get: reuse, clients that leave, fairness, socket
files, sockets of systemd, and TLS.

The handlers are tests/http/*.wat; their comments say what each path does.
"""
import concurrent.futures
import contextlib
import http.client
import os
import resource
import shutil
import signal
import socket
import ssl
import stat
import struct
import subprocess
import threading
import time

from http_server import ANSWERS, PREFACE, Service, ask_at_file, frame, serving
from processes import PATIENCE, Skipped, expect, make_parser, read_text, run_test, running, serving_tenon

IDLE_CONNECTIONS = 10_000
IP_BIND_ADDRESS_NO_PORT = 24  # as in linux/in.h
WAIT = b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
FIRST = {"0.2": "hello from 0.3", "0.3": "hello from 0.4"}  # the answer of an instance to its first `/more`


def wait_until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        expect(time.monotonic() < end, what)
        time.sleep(0.02)
    expect(True, what)


def counted(options, name):
    """The status of a running service: {label: value}."""
    shown = subprocess.run([options.tenon, "serve", "--status", name], capture_output=True, text=True,
                           timeout=PATIENCE, check=False).stdout
    return {line.split("  ")[1].strip(): line.split("  ")[-1].strip() for line in shown.splitlines() if "  " in line}


def begin_wait(service, source="127.0.0.1"):
    """A connection with a request whose handler waits for the rest of its body."""
    connection = socket.create_connection((service.host, service.port), PATIENCE, (source, 0))
    connection.sendall(WAIT)
    return connection


def begin_waits(service, count):
    """The same for several, whose handlers read their bodies already: otherwise the server would not ask for them."""
    connections = [socket.create_connection((service.host, service.port), PATIENCE) for _ in range(count)]
    for connection in connections:
        connection.sendall(WAIT.replace(b"Content-Length", b"Expect: 100-continue\r\nContent-Length"))
    for connection in connections:
        answer = connection.recv(65536)
        expect(answer.startswith(b"HTTP/1.1 100 "), "a handler waits for a body", answer)
    return connections


def end_wait(connection):
    """Lets the handler answer. Returns the first line of the answer."""
    with connection:
        connection.sendall(b"done")
        return connection.recv(65536).split(b"\r\n")[0].decode()


def check_reuse(options, folder, version):
    first = FIRST[version]
    with serving(options, folder, ANSWERS[version]) as service:
        answers = {service.ask("GET", "/more")[1].decode().strip() for _ in range(20)}
        expect(answers == {first}, f"an instance of {version} answers one request", answers)
    with serving(options, folder, ANSWERS[version], "--http-reuse", "3", "--parallel", "1") as service:
        last = int(first[-1])
        expected = [f"{first[:-1]}{last + n % 3}" for n in range(9)]
        answers = [service.ask("GET", "/more")[1].decode().strip() for _ in range(9)]
        expect(answers == expected, "with `--http-reuse 3`, it answers three", answers)
    with serving(options, folder, ANSWERS[version], "--http-reuse", "1000", "--http-warm", "2") as service:
        service.ask("GET", "/trap")
        answers = [service.ask("POST", "/echo", b"a")[0] for _ in range(50)]
        expect(answers == [200] * 50, "after a trap, another instance answers", answers)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda path: service.ask("GET", path)[0], ["/trap", "/"] * 1000))
        expect(answers == [500, 200] * 1000, "1,000 requests that trap leave others alone", answers.count(200))


def check_sharing(options, folder):
    arguments = ("--parallel", "1", "--http-reuse", "1000", "--http-share", "8", "--http-client", "8")
    with serving(options, folder, ANSWERS["0.3"], *arguments) as service:
        waiting = begin_waits(service, 7)
        answer = service.ask("GET", "/")
        expect(answer[0] == 200, "an instance answers a request while seven others wait in it", answer)
        lines = [end_wait(connection) for connection in waiting]
        expect(set(lines) == {"HTTP/1.1 200 OK"}, "and answers those", lines)
        waiting = begin_waits(service, 3)
        answer = service.ask("GET", "/trap")
        expect(answer[0] == 500, "a trap in a shared instance is answered with 500", answer)
        lines = [connection.recv(65536).split(b"\r\n")[0] for connection in waiting]
        expect(set(lines) == {b"HTTP/1.1 500 Internal Server Error"}, "and fails the others in it", lines)
        answer = service.ask("GET", "/more")
        expect(answer == (200, b"hello from 0.4\n"), "the next request gets a fresh one", answer)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda n: service.ask("POST", "/echo", b"%d" % n), range(400)))
        expect(all(answer == (200, b"%d" % n) for n, answer in enumerate(answers)),
               "bodies of requests that share an instance do not mix", answers[:3])
    refused = subprocess.run([options.tenon, "serve", ANSWERS["0.2"], "--http", "127.0.0.1:0", "--http-share", "2",
                              "--http-reuse", "2"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    expect(refused.returncode != 0 and "WASI 0.2" in refused.stderr, "handlers of 0.2 cannot be shared", refused.stderr)


def check_deadline(options, folder):
    arguments = ("--parallel", "1", "--http-reuse", "100", "--timeout", "1s")
    with serving(options, folder, ANSWERS["0.2"], *arguments) as service:
        expect(service.ask("GET", "/more")[1] == b"hello from 0.3\n", "an instance begins to count")
        answer = service.ask("GET", "/spin")
        expect(answer[0] == 504, "a request that exceeds its deadline gets 504", answer)
        answer = service.ask("GET", "/more")
        expect(answer[1] == b"hello from 0.3\n", "and ends its instance", answer)


def check_leaving(options, folder, version):
    os.environ["XDG_RUNTIME_DIR"] = folder
    with serving(options, folder, ANSWERS[version], "--parallel", "2", "--http-client", "2") as service:
        name = service.name()
        for _ in range(8):
            begin_wait(service).close()
        answer = service.ask("GET", "/")
        expect(answer[0] == 200, f"clients that leave before they have a response free their instances ({version})",
               answer)
        wait_until(lambda: counted(options, name).get("clients left", "").startswith("8 "), "they are counted apart")
        expect(", 0 failed" in counted(options, name)["calls"], "and not as failures", counted(options, name))
    with serving(options, folder, ANSWERS[version], "--http-ignore-client-abort") as service:
        name = service.name()
        begin_wait(service).close()
        wait_until(lambda: counted(options, name)["calls"] == "1, 0 failed, 0 in progress",
                   "with `--http-ignore-client-abort`, their calls end by themselves")
        expect("clients left" not in counted(options, name), "and are not counted apart", counted(options, name))


def check_fairness(options, folder):
    with serving(options, folder, ANSWERS["0.2"], "--parallel", "8") as service:
        greedy = [begin_wait(service) for _ in range(40)]
        time.sleep(0.5)
        with socket.create_connection((service.host, service.port), PATIENCE, ("127.0.0.2", 0)) as other:
            other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = other.recv(65536)
        expect(answer.startswith(b"HTTP/1.1 200 "), "a client with 40 requests leaves instances to others", answer)
        # They have not begun in the order of their connections.
        with concurrent.futures.ThreadPoolExecutor(len(greedy)) as pool:
            lines = set(pool.map(end_wait, greedy))
        expect(lines == {"HTTP/1.1 200 OK"}, "and is answered itself", lines)


def check_rapid_reset(options, folder):
    """Requests that are taken back as fast as they are sent (CVE-2023-44487)."""
    fields = bytes((0x82, 0x86, 0x84, 0x41, 1)) + b"x"  # GET http / and the authority
    with serving(options, folder, ANSWERS["0.2"], "--parallel", "4") as service:
        with socket.create_connection((service.host, service.port), PATIENCE) as connection:
            connection.sendall(PREFACE + frame(4, 0, 0))
            sent = 0
            with contextlib.suppress(ConnectionError):
                while sent < 20_000:
                    requests = [frame(1, 5, stream, fields) + frame(3, 0, stream, (8).to_bytes(4, "big"))
                                for stream in range(2 * sent + 1, 2 * sent + 201, 2)]
                    connection.sendall(b"".join(requests))
                    sent += 100
                while connection.recv(65536):
                    pass
        expect(True, f"a connection that takes its requests back is closed after {sent} of them at most")
        answer = service.ask("GET", "/")
        expect(answer[0] == 200, "and others are answered", answer)
        count = read_text(service.log).count("error[")
        expect(count == 0, "without failures", read_text(service.log)[-500:])


def connect_from(service, source):
    """A connection from a port that is free for this target, and not only for this address of the machine."""
    connection = socket.socket()
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    # It does not keep its port after its end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.bind((source, 0))
    connection.connect((service.host, service.port))
    return connection


def check_idle_connections(options, folder):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = IDLE_CONNECTIONS + 1000
    if hard != resource.RLIM_INFINITY and hard < needed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
        except (ValueError, OSError):
            print(f"skipped: {IDLE_CONNECTIONS} connections need {needed} descriptors, and {hard} are allowed")
            return
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    arguments = ("--http-connections", str(IDLE_CONNECTIONS + 100))
    with serving(options, folder, ANSWERS["0.2"], *arguments) as service, contextlib.ExitStack() as stack:
        connections = []
        for number in range(IDLE_CONNECTIONS):
            connection = connect_from(service, f"127.0.0.{number // 2500 + 1}")
            connections.append(stack.enter_context(connection))
            if number == IDLE_CONNECTIONS // 10:
                service.ask("GET", "/")
                tenth = service.memory()
        answer = service.ask("GET", "/")
        expect(answer[0] == 200, f"a request is answered beside {IDLE_CONNECTIONS} idle connections", answer)
        grown = service.memory() - tenth
        each = grown / (0.9 * IDLE_CONNECTIONS)
        expect(each < 16 * 1024, "an idle connection takes less than 16 KiB", f"{each / 1024:.1f} KiB")
        before = service.memory()
        for _ in range(200):
            service.ask("GET", "/")
        time.sleep(1)
        expect(service.memory() - before < 8 << 20, "and no more with time", service.memory() - before)


def check_swap(options, folder):
    """No request is lost while a handler whose instances are reused is replaced."""
    site, other = os.path.join(folder, "reused.wat"), os.path.join(folder, "other.wat")
    text = read_text(ANSWERS["0.3"])
    for path, greeting in ((site, "hello from 0.3"), (other, "hello from new")):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('"hello from 0.3\\n")', f'"{greeting}\\n")'))
    os.environ["XDG_RUNTIME_DIR"] = folder
    arguments = ("--http-reuse", "1000", "--http-share", "4")
    with serving(options, folder, site, *arguments) as service, concurrent.futures.ThreadPoolExecutor(8) as pool:
        is_over = threading.Event()

        def ask():
            answers = []
            while not is_over.is_set():
                answers.append(service.ask("GET", "/"))
            return answers

        clients = [pool.submit(ask) for _ in range(8)]
        name = service.name()
        time.sleep(0.3)
        swapped = subprocess.run([options.tenon, "swap", name, f"reused={other}"], capture_output=True, text=True,
                                 timeout=PATIENCE, check=False)
        time.sleep(0.3)
        is_over.set()
        answers = [answer for client in clients for answer in client.result()]
        expect(swapped.returncode == 0, "a handler whose instances are reused is swapped", swapped.stderr)
        expected = {(200, b"hello from 0.3\n"), (200, b"hello from new\n")}
        expect(set(answers) == expected, "each request is answered, before and after", set(answers))
        answer = service.ask("GET", "/")
        expect(answer == (200, b"hello from new\n"), "no instance of the old one is left", answer)


def check_socket_files(options, folder):
    path, log = os.path.join(folder, "site.sock"), os.path.join(folder, "file.log")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(path)  # and no process listens
    with serving_tenon(options.tenon, [ANSWERS["0.2"], "--http", f"unix:{path}"], None, log) as served:
        expect(served.address == f"unix:{path}", "it listens at a socket file that a dead process has left",
               read_text(log))
        answer = ask_at_file(path)
        expect(answer == (200, b"hello from 0.2\n"), "and answers there", answer)
        mode = stat.S_IMODE(os.stat(path).st_mode)
        expect(mode == 0o600, "only the owner can connect", oct(mode))
        answer = ask_at_file(path, "/trap")
        expect(answer[0] == 500, "a handler that traps answers with 500", answer)
        wait_until(lambda: " of unix: GET /trap" in read_text(log), "its failure names the socket file")
        second = subprocess.run([options.tenon, "serve", ANSWERS["0.2"], "--http", f"unix:{path}"], capture_output=True,
                                text=True, timeout=PATIENCE, check=False)
        expect("another process listens there" in second.stderr, "a second process cannot take it", second.stderr)
    expect(not os.path.exists(path), "it removes the file at its end")
    with serving_tenon(options.tenon, [ANSWERS["0.2"], "--http", f"unix:{path}?mode=660"], None, log):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        expect(mode == 0o660, "others can be let in", oct(mode))
    with open(path, "w", encoding="utf-8"):
        second = subprocess.run([options.tenon, "serve", ANSWERS["0.2"], "--http", f"unix:{path}"], capture_output=True,
                                text=True, timeout=PATIENCE, check=False)
        expect("a file of another kind" in second.stderr and os.path.exists(path), "other files are left alone",
               second.stderr)


PASS_SOCKETS = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


def check_systemd(options, folder):
    path, log = os.path.join(folder, "systemd.sock"), os.path.join(folder, "systemd.log")
    with socket.create_server(("127.0.0.1", 0)) as tcp, contextlib.closing(socket.socket(socket.AF_UNIX)) as file:
        file.bind(path)
        file.listen()

        def pass_sockets():
            for target, number in ((3, tcp.fileno()), (4, file.fileno())):
                os.dup2(number, target + 10)
            for target in (3, 4):
                os.dup2(target + 10, target)

        environment = {**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:http"}
        command = [shutil.which("python3"), "-c", PASS_SOCKETS, options.tenon, "serve", ANSWERS["0.2"]]
        with running(command, log, stdout=subprocess.DEVNULL, env=environment, preexec_fn=pass_sockets,
                     close_fds=False):
            port = tcp.getsockname()[1]
            wait_until(lambda: f"listens at unix:{path}" in read_text(log), "sockets of systemd are taken")
            service = Service(None, f"http://127.0.0.1:{port}", log)
            expect(service.ask("GET", "/")[0] == 200, "requests at the one of TCP are answered")
            expect(ask_at_file(path)[0] == 200, "and at the file")


def make_certificates(folder):
    """An authority with certificates for a server (two) and for a client. Returns the path of a file by its name."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise Skipped("openssl is not installed")

    def run(*words):
        subprocess.run([openssl, *words], check=True, capture_output=True, cwd=folder, timeout=PATIENCE)

    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
        "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority")
    with open(os.path.join(folder, "names"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name in ("server", "renewed", "client"):
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            f"{name}.pem", "-days", "2", "-extfile", "names")
    return lambda name: os.path.join(folder, name)


def name_of_server(port, context):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]


TLS_MANIFEST = """
schema = 1
[components.site]
path = "{component}"
[http]
listen = ["https://127.0.0.1:0"]
tls-cert = "keys/site.pem"
tls-key = "{key}"
"""


def check_tls_of_manifest(options, folder, file):
    """Also that flags take the place of the keys, and that a key elsewhere needs consent."""
    site = os.path.join(folder, "tls-site")
    os.makedirs(os.path.join(site, "keys"))
    manifest = os.path.join(site, "tenon.toml")
    log = os.path.join(folder, "tls-site.log")
    for name in ("pem", "key"):
        shutil.copy(file(f"server.{name}"), os.path.join(site, f"keys/site.{name}"))

    def write(key):
        with open(manifest, "w", encoding="utf-8") as text:
            text.write(TLS_MANIFEST.format(component=ANSWERS["0.2"], key=key))

    def name_with(*words):
        with serving_tenon(options.tenon, [site, *words], None, log) as served:
            expect(served.address, "it listens with the files of the manifest", read_text(log))
            return name_of_server(int(served.address.rsplit(":", 1)[1]), ssl.create_default_context(cafile=file("ca.pem")))

    write("keys/site.key")
    expect(name_with() == "server", "the certificate is that of the manifest")
    renewed = ["--tls-cert", file("renewed.pem"), "--tls-key", file("renewed.key")]
    expect(name_with(*renewed) == "renewed", "flags take its place")
    write(file("server.key"))
    refused = subprocess.run([options.tenon, "serve", site], capture_output=True, text=True, timeout=PATIENCE, check=False)
    expect(file("server.key") in refused.stderr and "config-untrusted" in refused.stderr, "a key elsewhere needs consent",
           refused.stderr)


def check_tls(options, folder):
    file = make_certificates(folder)
    log = os.path.join(folder, "tls.log")
    for name in ("pem", "key"):
        shutil.copy(file(f"server.{name}"), file(f"site.{name}"))
    keys = ["--tls-cert", file("site.pem"), "--tls-key", file("site.key")]
    words = [ANSWERS["0.2"], "--http", "https://127.0.0.1:0", *keys]
    context = ssl.create_default_context(cafile=file("ca.pem"))
    with serving_tenon(options.tenon, words, None, log) as served:
        expect(served.address and served.address.startswith("https://127.0.0.1:"), "it listens with TLS", read_text(log))
        port = int(served.address.rsplit(":", 1)[1])
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.minimum_version = context.maximum_version = version
            connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)
            with contextlib.closing(connection):
                body = os.urandom(1 << 20)
                for _ in range(2):
                    connection.request("POST", "/echo", body=body)
                    answer = connection.getresponse()
                    expect((answer.status, answer.read()) == (200, body), f"it echoes 1 MiB over {version.name}")
        context = ssl.create_default_context(cafile=file("ca.pem"))
        if curl := shutil.which("curl"):
            for flag, expected in (("--http2", "2 200"), ("--http1.1", "1.1 200")):
                found = subprocess.run([curl, "--silent", "--cacert", file("ca.pem"), flag, "--output", "/dev/null",
                                        "--write-out", "%{http_version} %{http_code}", f"https://localhost:{port}/"],
                                       capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
                expect(found == expected, f"ALPN agrees on what `curl {flag}` wants", found)
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                plain.recv(100)
        wait_until(lambda: "TLS failed" in read_text(log), "a client without TLS is reported")
        expect(name_of_server(port, context) == "server", "the certificate is the server's")
        for name in ("pem", "key"):
            shutil.copy(file(f"renewed.{name}"), file(f"site.{name}"))
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: name_of_server(port, context) == "renewed", "SIGHUP has the certificate read again")
        shutil.copy(file("server.pem"), file("site.pem"))
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "cannot be used as" in read_text(log), "one that does not fit its key is reported")
        expect(name_of_server(port, context) == "renewed", "and the one before stays")
    for name in ("pem", "key"):
        shutil.copy(file(f"server.{name}"), file(f"site.{name}"))
    with serving_tenon(options.tenon, [*words, "--tls-ca", file("ca.pem")], None, log) as served:
        port = int(served.address.rsplit(":", 1)[1])
        with contextlib.suppress(ssl.SSLError, ConnectionError, http.client.HTTPException):
            connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)
            connection.request("GET", "/")
            expect(False, "a client without a certificate is refused", connection.getresponse().status)
        wait_until(lambda: "peer did not return a certificate" in read_text(log), "and reported")
        context.load_cert_chain(file("client.pem"), file("client.key"))
        connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            expect(connection.getresponse().status == 200, "one with a certificate is answered")
    check_tls_of_manifest(options, folder, file)
    without = subprocess.run([options.tenon, "serve", ANSWERS["0.2"], "--http", "https://127.0.0.1:0"],
                             capture_output=True, text=True, timeout=PATIENCE, check=False)
    expect("needs a certificate and its key" in without.stderr, "TLS without a certificate is refused", without.stderr)


def check(options, folder):
    for version in ANSWERS:
        check_reuse(options, folder, version)
        check_leaving(options, folder, version)
    check_sharing(options, folder)
    check_deadline(options, folder)
    check_fairness(options, folder)
    check_rapid_reset(options, folder)
    check_swap(options, folder)
    check_socket_files(options, folder)
    check_systemd(options, folder)
    check_idle_connections(options, folder)
    check_tls(options, folder)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
