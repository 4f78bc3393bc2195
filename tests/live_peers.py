#!/usr/bin/env python3
"""Connects tenon with another implementation of wRPC, in both directions, and compares every result.

Usage: live_peers.py BUILD [--tenon TENON] [--peer go|rust-0.29|rust-0.30] [--over tcp|nats]

BUILD is the build folder: tenon is BUILD/tenon. The peer is a program: tests/peers/wrpc_go, which is built in
BUILD/peers, or tests/peers/wrpc_rust with one of two versions of wRPC, which is built in the user's cache if
`./dev setup --with-wrpc` has fetched what it needs.
Every direction uses the interface of tests/peers/calls.wit. A line is printed for each case:

  alone    the peer calls itself, which shows failures that are not tenon's
  client   tenon calls the peer: with `?peer=..`, and without, which adds notes that only tenon reads
  server   the peer calls tenon
  between  the peer calls tenon, which passes each call on to another peer

--over nats starts a nats-server, and is for Go alone.
"""
import contextlib
import os
import shutil
import subprocess
import sys
from typing import NamedTuple

from processes import (BUILD_PATIENCE, PATIENCE, PEERS, Skipped, build_go, make_parser, need_program, read_line,
                       read_text, run_test, running, serving_nats, serving_tenon)

INTERFACE = "peers:test/calls"


class Kind(NamedTuple):
    """A peer."""
    dialect: str  # of its addresses
    # What it says of functions that fail when tenon serves them over TCP, by the end of the connection.
    failures: dict
    has_frames: bool = False  # its answer without a result differs from none


class Case(NamedTuple):
    name: str
    call: str  # in WAVE; of `tenon shell`: lines
    out: str = ""
    code: int = 0
    message: str = ""  # a part of standard error; URL is the address of the peer
    given: str = ""  # standard input
    needs: str = ""  # "frames": only over TCP and with `peer=go`, where a failure can be detected


def numbers(values):
    return "".join(f"{value}\n" for value in values)


def byte_list(size):
    return "[" + ", ".join(str(i * 7 % 256) for i in range(size)) + "]"


ENTRY = '{id: 9223372036854775813, name: "téa", tags: ["hot", "", "green"]}'
NO_ANSWER = "the peer closed the connection without an answer"
CLIENT_CASES = [
    Case("echo-string", 'echo-string("hello, wörld")', '"hello, wörld"\n'),
    Case("echo-string, empty", 'echo-string("")', '""\n'),
    Case("echo-bytes", f"echo-bytes({byte_list(3000)})", byte_list(3000) + "\n"),
    Case("echo-bytes, empty", "echo-bytes([])", "[]\n"),
    Case("add", "add(300, 4000000000)", "4000000300\n"),
    Case("divide", "divide(1000, 7)", "ok(142)\n"),
    Case("divide, error", "divide(1, 0)", 'err("division by zero")\n', code=1),
    Case("echo-record", f"echo-record({ENTRY})", ENTRY + "\n"),
    Case("count", "count(1000)", numbers(range(1000))),
    Case("count, nothing", "count(0)"),
    Case("sum", "sum(@-)", "1099511627797\n", given=numbers([1, 2, 3, 4, 5, 6, 1 << 40])),
    Case("sum, nothing", "sum(@-)", "0\n"),
    Case("nothing", "nothing()"),
    # Go sends an empty frame if a function without a result succeeds, and nothing if it fails. Over NATS, and for
    # servers in Rust, both are the same.
    Case("fail", "fail()", code=134, message=NO_ANSWER, needs="frames"),
    Case("fail-number", "fail-number()", code=134, message=NO_ANSWER),
    Case("hang", "hang()", code=124, message=f"`{INTERFACE}@0.1.0#hang` of `peer` failed at URL: no answer within 1s"),
    Case("counter", "[counter](5)\n[counter](100)\n[counter.next]($1)\n[counter.next]($2)\n[counter.next]($1)\n",
         "$1 = <peers:test/calls@0.1.0.counter #1>\n$2 = <peers:test/calls@0.1.0.counter #2>\n5\n100\n6\n"),
]
# What `wrpc-go call` prints. tenon resets the connection of a call that failed.
FUNCTIONS = ["echo-string", "echo-bytes", "add", "divide", "echo-record", "count", "sum", "nothing", "fail",
             "fail-number", "counter", "hang"]
FAILING = ("fail", "fail-number")
RESET = " (connection reset)"


KINDS = {
    "go": Kind("go", dict.fromkeys(FAILING, RESET), has_frames=True),
    # It takes the end of a connection for an answer without a result.
    "rust-0.29": Kind("0.17", {}),
    "rust-0.30": Kind("0.18", dict.fromkeys(FAILING, RESET)),
}


class Report:
    def __init__(self):
        self.failed = 0

    def add(self, where, name, problem):
        """Prints the line of a case. problem: empty if it passed."""
        if problem:
            self.failed += 1
        print(f"FAILED   {where}: {name}: {problem}" if problem else f"ok       {where}: {name}", flush=True)


def build_rust(version):
    """The path of the program with a version of wrpc-transport."""
    source = os.path.join(PEERS, "wrpc_rust", version)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    target = os.path.join(cache, "tenon", "peers", f"wrpc-rust-{version}")
    built = subprocess.run([need_program("cargo"), "build", "--offline", "--locked", "--quiet"], cwd=source, capture_output=True,
                           text=True, timeout=BUILD_PATIENCE, env={**os.environ, "CARGO_TARGET_DIR": target})
    if "--offline" in built.stderr:
        raise Skipped(f"the crates of wrpc-transport {version} were not fetched (`./dev setup --with-wrpc`)")
    if built.returncode != 0:
        sys.exit("live_peers: cargo build failed:\n" + built.stderr)
    return os.path.join(target, "debug", "wrpc-rust")


@contextlib.contextmanager
def serving_peer(peer, listen, log):
    with running([peer, "serve", listen], log, stdout=subprocess.PIPE) as process:
        line = read_line(process.stdout.fileno(), PATIENCE)
        process.stdout.close()
        if not line.startswith("ready "):
            sys.exit(f"live_peers: the peer does not serve {listen}:\n{read_text(log)}")
        yield line.split()[1]


def with_options(url, *options):
    """A URL with more options: in front, where tenon prints `peer`."""
    place, _, others = url.partition("?")
    words = [word for word in (*options, others) if word]
    return place + "?" + "&".join(words) if words else place


def write_manifest(tenon, folder, url):
    """A folder that is trusted, whose component calls the interface at a URL."""
    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(PEERS, "forward.wat"), folder)
    with open(os.path.join(folder, "tenon.toml"), "w", encoding="utf-8") as file:
        file.write(f'schema = 1\n\n[components.forward]\npath = "forward.wat"\n\n[remotes.peer]\nurl = "{url}"\n'
                   f'interfaces = ["{INTERFACE}"]\ntimeout = "1s"\n')
    subprocess.run([tenon, "trust", folder], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    return folder


def difference(what, found, expected):
    def shorten(text):
        return repr(text if len(text) < 200 else text[:200] + f".. ({len(text)} characters)")
    return f"{what}: expected {shorten(expected)}, found {shorten(found)}"


def check_client_case(tenon, target, url, case):
    """The problem, or an empty text."""
    if "\n" in case.call:
        command, given = [tenon, "shell", target], case.call
    else:
        command, given = [tenon, "call", target, case.call], case.given
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"it did not end within {PATIENCE} s"
    if done.returncode != case.code:
        return (f"expected exit code {case.code}, found {done.returncode}; "
                f"printed {done.stdout[:200]!r} and {done.stderr.strip()!r}")
    if done.stdout != case.out:
        return difference("output", done.stdout, case.out)
    message = case.message.replace("URL", url)
    if message not in done.stderr:
        return difference("message", done.stderr, message)
    return ""


def check_client(report, kind, tenon, work, url):
    peer_url = with_options(url, "peer=" + kind.dialect)
    target = write_manifest(tenon, os.path.join(work, "peer"), peer_url)
    has_frames = kind.has_frames and not url.startswith("nats:")
    for case in CLIENT_CASES:
        if has_frames or not case.needs:
            report.add("client", case.name, check_client_case(tenon, target, peer_url, case))
    target = write_manifest(tenon, os.path.join(work, "any"), url)
    for case in CLIENT_CASES:
        if not case.needs:
            report.add("client with notes", case.name, check_client_case(tenon, target, url, case))


def check_peer_calls(report, where, peer, address, notes):
    """What the peer prints for `call`. notes: of functions that fail."""
    if address is None:
        return report.add(where, "serve", "it does not serve")
    try:
        done = subprocess.run([peer, "call", address], capture_output=True, text=True, timeout=2 * PATIENCE)
        printed, end = done.stdout.splitlines(), done.stderr
    except subprocess.TimeoutExpired as error:
        printed, end = (error.stdout or b"").decode().splitlines(), "the peer did not end"
    lines = {line.split()[1].removesuffix(":"): line for line in printed if len(line.split()) > 1}
    for name in FUNCTIONS:
        expected = f"ok {name}{notes.get(name, '')}"
        found = lines.get(name, end.strip() or "no line")
        report.add(where, name, "" if found == expected else f"expected `{expected}`, found `{found}`")


def check_server(report, kind, tenon, peer, work, listen, notes):
    log = os.path.join(work, "tenon.log")
    listen_at = with_options(listen, "peer=" + kind.dialect)
    with serving_tenon(tenon, [os.path.join(PEERS, "calls.wat")], listen_at, log) as server:
        check_peer_calls(report, "server", peer, server.address and use_options(server.address, listen), notes)
    errors = read_text(log)
    for name in FAILING:
        expected = f"`calls` trapped in `{INTERFACE}@0.1.0#{name}`"
        report.add("server", f"{name} is reported",
                   "" if expected in errors else difference("standard error", errors, expected))


def use_options(address, listen):
    """An address with the options of another one, for the peer."""
    return with_options(address, listen.partition("?")[2])


def check_between(report, kind, tenon, peer, work, url, listen, notes):
    """As check_server, but tenon passes on the calls of one peer to another."""
    folder = write_manifest(tenon, os.path.join(work, "between"), with_options(url, "peer=" + kind.dialect))
    log = os.path.join(work, "tenon.log")
    with serving_tenon(tenon, [folder], with_options(listen, "peer=" + kind.dialect), log) as server:
        check_peer_calls(report, "between", peer, server.address and use_options(server.address, listen), notes)


def check_over_tcp(report, kind, tenon, peer, work):
    with serving_peer(peer, "127.0.0.1:0", os.path.join(work, "peer.log")) as address:
        url = "tcp://" + address
        check_peer_calls(report, "alone", peer, url, {})
        check_client(report, kind, tenon, work, url)
        # Without frames, tenon takes the end of a call of `fail` for its answer, too.
        passed_on = kind.failures if kind.has_frames else {**kind.failures, "fail": ""}
        check_between(report, kind, tenon, peer, work, url, "tcp://127.0.0.1:0", passed_on)
    check_server(report, kind, tenon, peer, work, "tcp://127.0.0.1:0", kind.failures)


def check_over_nats(report, kind, tenon, peer, work):
    with serving_nats(os.path.join(work, "nats.log")) as nats:
        go, between, server = (f"{nats}/peers.{name}?group=g" for name in ("go", "between", "server"))
        with serving_peer(peer, go, os.path.join(work, "peer.log")):
            check_peer_calls(report, "alone", peer, go, {})
            # Clients do not need the group, and tenon refuses resources if an address has `group` and `peer`.
            url = go.partition("?")[0]
            check_client(report, kind, tenon, work, url)
            check_between(report, kind, tenon, peer, work, url, between, {})
        check_server(report, kind, tenon, peer, work, server, {})


def check(options, folder):
    report = Report()
    if options.peer == "go":
        peer = build_go(options.build, "wrpc_go")
    else:
        peer = build_rust(options.peer.removeprefix("rust-"))
    check_over = check_over_nats if options.over == "nats" else check_over_tcp
    check_over(report, KINDS[options.peer], options.tenon, peer, folder)
    print(f"{report.failed} cases failed" if report.failed else "all cases are as expected")
    return 1 if report.failed else 0


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--peer", choices=list(KINDS), default="go")
    parser.add_argument("--over", choices=["tcp", "nats"], default="tcp")
    options = parser.parse_args()
    if options.peer != "go" and options.over == "nats":
        parser.error("wrpc-transport has no NATS")
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
