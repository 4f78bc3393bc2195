"""HTTP: `tenon serve --http` beside `wasmtime serve` of the same engine, with an instance for each request in both: rows of
docs/benchmarks.md.

The load comes from wrk. The two servers run one after the other, in turns, each alone, and each figure is the least of
its turns. `./dev setup --with-wasmtime` builds the peer; without it, or without wrk, there are no rows.
"""
import contextlib
import http.client
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import setup
from call_figures import Row

ROOT = setup.ROOT
GUESTS = {"0.2": os.path.join(ROOT, "tests", "guests", "http", "wasm", "wstd.wasm"),
          "0.3": os.path.join(ROOT, "tests", "guests", "http", "wasm", "wasip3.wasm")}
MIDDLEWARE = os.path.join(ROOT, "tests", "http", "middle02.wat")
COMMAND = os.path.join(ROOT, "tests", "guests", "wasm", "connect.wasm")
CHAIN = 4
CONNECTIONS = 64
SECONDS = 3  # of load, for each turn
WAITING = 200  # instances; the peer has room for 250 of four core instances
GIB = 1 << 30
PATIENCE = 60
PEER = f"`wasmtime serve` {setup.WASMTIME}"


class Server:
    """A process that serves, which has printed its URL."""

    def __init__(self, process, url):
        self.process, self.url = process, url
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port)

    def memory(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))

    def get(self, path):
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()


def read_url(process):
    """The URL that a server prints when it is ready."""
    printed = b""
    end = time.monotonic() + PATIENCE
    while select.select([process.stderr], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(process.stderr.fileno(), 65536)
        printed += part
        if found := re.search(rb"http://[^\s/]+(?=[/\s])", printed):
            return found[0].decode()
        if not part:
            break
    sys.exit(f"http_figures: {' '.join(process.args)}\n{printed.decode(errors='replace')}")


@contextlib.contextmanager
def serving(command, environment=None):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    try:
        yield Server(process, read_url(process))
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def load(server, path="/"):
    """Seconds for each request, and until 99 of 100 have their answer, with CONNECTIONS clients."""
    done = subprocess.run(["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{SECONDS}s", "--latency",
                           server.url + path], capture_output=True, text=True, check=True)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    if not rate or not late or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(f"http_figures: wrk {server.url}{path}\n{done.stdout}{done.stderr}")
    return 1 / float(rate[1]), float(late[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[late[2]]


def measure_echo(server):
    """Seconds for 1 GiB to the handler and back."""
    begin = time.perf_counter()
    with subprocess.Popen(["head", "-c", str(GIB), "/dev/zero"], stdout=subprocess.PIPE) as zeros:
        counted = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--request", "POST", "--upload-file", "-", "--output",
                                  "/dev/null", "--write-out", "%{size_download}", server.url + "/echo"],
                                 stdin=zeros.stdout, capture_output=True, text=True)
    if counted.stdout != str(GIB):
        sys.exit(f"http_figures: of 1 GiB, {counted.stdout} bytes came back\n{counted.stderr}")
    return time.perf_counter() - begin


def measure_waiting(server):
    """Bytes of memory for each instance that waits for the body of its request."""
    server.get("/")
    before = server.memory()
    with contextlib.ExitStack() as stack:
        for _ in range(WAITING):
            client = stack.enter_context(socket.create_connection(server.address, timeout=PATIENCE))
            # The response begins before the body is complete, so its first bytes tell that the guest runs.
            client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            if not (answer := client.recv(65536)).startswith(b"HTTP/1.1 200"):
                sys.exit(f"http_figures: a request that waits got {answer[:80]}")
        return (server.memory() - before) / WAITING


def measure_start(command, environment):
    """Seconds from the start of a server to its first answer."""
    begin = time.perf_counter()
    with serving(command, environment) as server:
        status, _ = server.get("/")
        took = time.perf_counter() - begin
    if status != 200:
        sys.exit(f"http_figures: {' '.join(command)} answers with status {status}")
    return took


def find_programs():
    """What is missing, or an empty text."""
    wasmtime = setup.wasmtime_path()
    return ", ".join([program for program in ("wrk", "curl") if not shutil.which(program)] +
                     ([] if os.path.exists(wasmtime) else ["wasmtime (`./dev setup --with-wasmtime`)"]))


class Bench:
    def __init__(self, build, folder, turns):
        self.tenon = os.path.join(build, "tenon")
        self.environment = dict(os.environ, TENON_CACHE_DIR=os.path.join(build, "benchmarks", "cache"))
        self.folder, self.turns = folder, turns
        self.least = {}

    def serve_tenon(self, guest, *flags):
        most = str(WAITING + 12)  # all of them for one client
        return [self.tenon, "serve", guest, *flags, "--http", "127.0.0.1:0", "--parallel", most, "--http-client", most,
                "--http-body", "2GiB"]

    def serve_peer(self, version):
        """With code that was compiled before, as tenon's cache has it, and an instance for each request."""
        code = os.path.join(self.folder, f"{version}.cwasm")
        flags = ["-W", "component-model-async=y"] if version == "0.3" else []
        if not os.path.exists(code):
            subprocess.run([setup.wasmtime_path(), "compile", *flags, GUESTS[version], "-o", code], check=True)
        p3 = ["-S", "p3=y"] if version == "0.3" else []
        return [setup.wasmtime_path(), "serve", "--allow-precompiled", *flags, *p3, "-S", "cli=y", "--addr", "127.0.0.1:0",
                "--max-instance-reuse-count", "1", "--max-instance-concurrent-reuse-count", "1", code]

    def note(self, name, value):
        self.least[name] = min(value, self.least.get(name, value))

    def measure_one(self, name, command):
        with serving(command, self.environment) as server:
            server.get("/")
            took, late = load(server)
            self.note(f"{name} request", took)
            self.note(f"{name} p99", late)

    def chain(self, *flags):
        names = [f"middle{k}" for k in range(CHAIN)]
        handler = "wasi:http/incoming-handler"
        units = [word for name in names[1:] for word in ("--with", f"{name}={MIDDLEWARE}")]
        return self.serve_tenon(f"{names[0]}={MIDDLEWARE}", *units, "--with", f"site={GUESTS['0.2']}",
                                "--via", f"{names[0]}:{handler}={','.join(names[1:])}", "--wire", f"{names[-1]}:{handler}=site", *flags)

    def is_accepted(self, command):
        """Whether a composition is served, and not refused when it is planned."""
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment)
        printed = b""
        while part := os.read(process.stderr.fileno(), 65536):
            printed += part
            if b"http://" in printed:
                break
        process.kill()
        process.communicate()
        return b"http://" in printed

    def measure(self):
        commands = {f"{version} {side}": command for version in GUESTS
                    for side, command in (("mine", self.serve_tenon(GUESTS[version])), ("peer", self.serve_peer(version)))}
        commands["chain"] = self.chain()
        isolated = self.chain("--isolate")
        if self.is_accepted(isolated):
            commands["isolated"] = isolated
        else:
            print("http_figures: no row: isolated middlewares are refused", file=sys.stderr)
        once = {"mine": commands["0.2 mine"], "peer": commands["0.2 peer"]}
        for turn in range(self.turns):
            for name, command in commands.items():
                self.measure_one(name, command)
            for side, command in once.items():
                if turn < 2:
                    with serving(command, self.environment) as server:
                        self.note(f"echo {side}", measure_echo(server))
                with serving(command, self.environment) as server:
                    self.note(f"waiting {side}", measure_waiting(server))
        for _ in range(3 * self.turns):
            self.note("start mine", measure_start(self.serve_tenon(GUESTS["0.2"]), self.environment))
            begin = time.perf_counter()
            subprocess.run([self.tenon, "run", COMMAND], check=True, env=self.environment)
            self.note("start peer", time.perf_counter() - begin)
        return self.rows()

    def rows(self):
        def row(what, against, name, limit, peer=None, unit="s"):
            return Row(what, against, self.least[name], self.least[peer or name.replace("mine", "peer")], limit, unit)

        none, peer = "0.2 mine request", "0.2 peer request"
        rows = []
        for version in GUESTS:
            rows += [row(f"an HTTP request of {CONNECTIONS} clients, a handler of WASI {version}", PEER, f"{version} mine request", 1.0),
                     row("99 of 100 are answered after", PEER, f"{version} mine p99", 1.1)]
        chains = {"chain request": (f"the same, WASI 0.2, through {CHAIN} middlewares in one domain", 1.0),
                  "isolated request": (f"the same, each of {CHAIN} middlewares in a domain of its own", 1.5)}
        for name, (what, limit) in chains.items():
            if name in self.least:
                rows += [row(what, f"{PEER}, without middlewares", name, limit, peer), row(what, "without middlewares", name, None, none)]
        return rows + [
            row("memory for each instance that waits for its client", PEER, "waiting mine", 1.1, unit="B"),
            row("from the start of `tenon serve --http` to the first answer, code known", "`tenon run` of a command, code known",
                "start mine", 1.2),
            row("1 GiB through a handler that echoes it", PEER, "echo mine", 1.2)]


def measure(build, turns):
    missing = find_programs()
    if missing:
        print(f"http_figures: no rows: {missing} is not installed", file=sys.stderr)
        return []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    with tempfile.TemporaryDirectory() as folder:
        return Bench(build, folder, turns).measure()
