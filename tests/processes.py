"""Processes that the tests in this folder start and end: tenon, nats-server, and peers; and the command line of a test.

A test is a program that prints a line for each check, and ends with 0 if all is fine, 1 at the first check that failed,
and 77 if it was skipped, with the reason as the last line.
"""
import argparse
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, "tests", "peers")
GUESTS = os.path.join(ROOT, "bench", "guests")
SKIPPED = 77
PATIENCE = 30  # seconds for one command, and until a server is ready
BUILD_PATIENCE = 600
# Messages of `go build` if a module is not on this machine and cannot be fetched.
NO_NETWORK = re.compile(r"dial tcp|no such host|i/o timeout|proxyconnect|connection refused|TLS handshake timeout"
                        r"|GOPROXY=off|network is unreachable")


class Skipped(Exception):
    pass


def make_parser(description):
    """A parser with the arguments that all tests have: BUILD, and `--tenon` for another program than BUILD/tenon."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("--tenon", type=os.path.abspath)
    return parser


def run_test(parser, check):
    """Calls `check(options, folder)` with a folder that is deleted afterwards. Returns the exit code."""
    options = parser.parse_args()
    options.tenon = options.tenon or os.path.join(options.build, "tenon")
    try:
        with tempfile.TemporaryDirectory(prefix="tenon_test_") as folder:
            os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")  # for `tenon trust`
            return check(options, folder) or 0
    except Skipped as reason:
        print(f"skipped: {reason}")
        return SKIPPED


def expect(condition, what, found=""):
    """Ends the test if a check fails. what: a sentence that holds."""
    if not condition:
        sys.exit(f"FAILED   {what}; found: {found}" if found else f"FAILED   {what}")
    print(f"ok       {what}", flush=True)


def need_program(name):
    """Skips the test if a program is not installed. Returns its path."""
    path = shutil.which(name)
    if path is None:
        raise Skipped(f"{name} is not installed")
    return path


def read_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_line(pipe, seconds):
    """The next line of a pipe that nothing else reads; empty if none comes in time."""
    line = b""
    end = time.monotonic() + seconds
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], max(0, end - time.monotonic()))
        byte = os.read(pipe, 1) if ready else b""
        if not byte:
            break
        line += byte
    return line.decode()


@contextlib.contextmanager
def running(command, log, **options):
    """A process with standard error in a file, which ends with the block."""
    with open(log, "wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors, **options)
    try:
        yield process
    finally:
        # The first signal lets calls in progress finish, and some of them never do.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=2)
        process.wait()


class Serving(NamedTuple):
    process: subprocess.Popen
    address: str  # without options; None if it does not serve


@contextlib.contextmanager
def serving_tenon(tenon, arguments, listen, log, before=(), **options):
    """Runs `tenon serve`. listen: None if `arguments` have the addresses. before: the words before the command."""
    reading, writing = os.pipe()
    address = ["--listen", listen] if listen else []
    command = [*before, tenon, "serve", *arguments, *address, "--ready-fd", str(writing)]
    with running(command, log, stdout=subprocess.DEVNULL, pass_fds=[writing], **options) as process:
        os.close(writing)
        is_ready = read_line(reading, PATIENCE) != ""
        os.close(reading)
        address = re.search(r"listens at (\S+)", read_text(log))
        yield Serving(process, address[1].split("?")[0] if is_ready and address else None)


@contextlib.contextmanager
def serving_nats(log, host="127.0.0.1", port=0, before=()):
    """Runs nats-server. port: 0 for a free one. before: the words before the command. Yields its URL."""
    nats = need_program("nats-server")
    if port == 0:
        with socket.create_server((host, 0)) as probe:
            port = probe.getsockname()[1]
    with running([*before, nats, "-a", host, "-p", str(port)], log, stdout=subprocess.DEVNULL):
        end = time.monotonic() + PATIENCE
        while "Server is ready" not in read_text(log) and time.monotonic() < end:
            time.sleep(0.02)
        yield f"nats://{host}:{port}"


class Shell:
    """`tenon shell`, whose lines are sent one by one. It ends with the block."""

    def __init__(self, tenon, arguments, log, **options):
        self.log = log
        with open(log, "wb") as errors:
            self.process = subprocess.Popen([tenon, "shell", *arguments], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)

    def send(self, line):
        self.before = len(read_text(self.log))
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def answer(self, seconds=PATIENCE):
        """The next line of standard output, or the next error, and how long it took."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            line = read_line(self.process.stdout.fileno(), 0.05)
            errors = read_text(self.log)[self.before:]
            if line or "1 error;" in errors:
                return line.strip() or errors, time.monotonic() - begin
        return "", seconds

    def call(self, line, seconds=PATIENCE):
        self.send(line)
        return self.answer(seconds)


def build_go(build, name):
    """The path of a Go program, which is built from tests/peers/NAME in BUILD/peers."""
    source = os.path.join(PEERS, name)
    go = need_program("go")
    version = subprocess.run([go, "version"], capture_output=True, text=True, timeout=PATIENCE).stdout
    found = re.search(r"go(\d+)\.(\d+)", version)
    required = re.search(r"^go (\d+)\.(\d+)", read_text(os.path.join(source, "go.mod")), re.M)
    if found and tuple(map(int, found.groups())) < tuple(map(int, required.groups())):
        raise Skipped(f"go {found[1]}.{found[2]} is too old; the module needs {required[1]}.{required[2]}")
    folder = os.path.join(build, "peers")
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(folder, name)
    # The versions in go.mod and go.sum, and the compiler of this machine.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    built = subprocess.run([go, "build", "-buildvcs=false", "-trimpath", "-o", program, "."], env=environment,
                           cwd=source, capture_output=True, text=True, timeout=BUILD_PATIENCE)
    if built.returncode == 0:
        return program
    if NO_NETWORK.search(built.stderr):
        raise Skipped("the Go modules cannot be downloaded: " + built.stderr.strip().splitlines()[-1])
    sys.exit(f"FAILED   go build in {source}:\n{built.stderr}")
