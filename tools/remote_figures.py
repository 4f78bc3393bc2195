"""Calls, large values and streams between two processes of tenon, compared with a peer in Rust (bench/wrpc_peer),
with bare sockets (bench/socket_peer.cc) and with bare NATS messages (bench/nats_peer.cc): rows of docs/benchmarks.md.

`tenon serve` runs one guest, and `tenon call` another one, whose exported function calls it in a loop. The time of
the same command with one iteration is subtracted, so the figures do not include process startup. The peers measure
their own loops. All of them run in turn, and each figure is the minimum of several turns.
"""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

import build_engine
from call_figures import Row

GUESTS = os.path.join(build_engine.ROOT, "bench", "guests")
PEER = "a client and a server of wrpc-transport 0.30 (Rust)"
ADDS = 2000
BURST = 64  # calls in flight
BURSTS = 100
ECHOES = 50
MIB = 1 << 20
WRITES = 1 << 14  # of WRITE bytes, which are 1 GiB
FEW_WRITES = 1 << 10
WRITE = 1 << 16
READ = MIB


def build_peer(folder):
    target = os.path.join(folder, "peers", "wrpc_peer")
    print("building the peer wrpc_peer (minutes, the first time)", file=sys.stderr, flush=True)
    subprocess.run([build_engine.cargo(), "build", "--release", "--locked", "--quiet"], check=True,
                   cwd=os.path.join(build_engine.ROOT, "bench", "wrpc_peer"),
                   env={**os.environ, "CARGO_TARGET_DIR": target})
    return os.path.join(target, "release", "wrpc-peer")


@contextlib.contextmanager
def serving(mark, command, environment=None):
    """Runs a server. Yields its process, and its address: the rest of the line that begins with `mark`."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith(mark):
                yield process, line[len(mark):].strip()
                return
        sys.exit(f"remote_figures: {' '.join(command)}\n{''.join(printed)}")
    finally:
        process.terminate()
        process.communicate()


@contextlib.contextmanager
def serving_nats():
    """Runs a NATS server. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with serving("", ["nats-server", "-a", "127.0.0.1", "-p", str(port)]):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
        yield port


def output_of(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"remote_figures: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def peak_memory(process):
    """Bytes; 0 for a process that has ended."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:")), 0)


class Tenon:
    def __init__(self, build):
        self.program = os.path.join(build, "tenon")
        self.environment = dict(os.environ, TENON_CACHE_DIR=os.path.join(build, "benchmarks", "cache"))

    def serving(self, guest, address):
        command = [self.program, "serve", os.path.join(GUESTS, guest), "--listen", address]
        return serving("listens at ", command, self.environment)

    def command(self, guest, call, address):
        return [self.program, "call", os.path.join(GUESTS, guest), call, "--connect", f"*={address}"]

    def seconds_of(self, command, result):
        begin = time.perf_counter()
        printed = output_of(command, self.environment)
        took = time.perf_counter() - begin
        if printed != f"{result}\n":
            sys.exit(f"remote_figures: {' '.join(command)}\nexpected {result}, found {printed}")
        return took

    def peak_of(self, command, server):
        """The peak memory of both processes during a call, in bytes."""
        with open(f"/proc/{server.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # resets the peak
        client = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=self.environment)
        peak = 0
        while client.poll() is None:
            peak = max(peak, peak_memory(client))
            time.sleep(0.002)
        if client.returncode != 0:
            sys.exit(f"remote_figures: {' '.join(command)} failed")
        return peak + peak_memory(server)


def measure(build, turns):
    tenon, socket_peer = Tenon(build), os.path.join(build, "socket_peer")
    nats_peer = os.path.join(build, "nats_peer")
    wrpc_peer = build_peer(os.path.join(build, "benchmarks"))
    least = {}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        _, math = stack.enter_context(tenon.serving("remote_service.wat", "tcp://127.0.0.1:0"))
        _, echo = stack.enter_context(tenon.serving("remote_service.wat", f"unix:{os.path.join(folder, 's')}"))
        writer, produce = stack.enter_context(tenon.serving("stream_writer.wat", "tcp://127.0.0.1:0"))
        nats = stack.enter_context(serving_nats())
        _, over_nats = stack.enter_context(tenon.serving("remote_service.wat", f"nats://127.0.0.1:{nats}/bench"))
        _, peer = stack.enter_context(serving("ready ", [wrpc_peer, "serve", "127.0.0.1:0"]))

        def add(count, address=math):
            return tenon.seconds_of(tenon.command("remote_caller.wat", f"run-add({count})", address), 4)

        def bursts(count, address=math):
            command = tenon.command("remote_burst.wat", f"run-add({count * BURST}, {BURST})", address)
            return tenon.seconds_of(command, BURST + 3)

        def echo_bytes(count):
            command = tenon.command("remote_caller.wat", f"run-echo({count}, {MIB})", echo)
            return tenon.seconds_of(command, count * MIB)

        def stream_command(writes):
            return tenon.command("stream_reader.wat", f"run({writes}, {WRITE}, 1, {READ})", produce)

        def stream(writes):
            return tenon.seconds_of(stream_command(writes), writes * WRITE)

        figures = {
            "add": lambda: add(ADDS), "add once": lambda: add(1),
            "add peer": lambda: json.loads(output_of([wrpc_peer, "call", peer, str(ADDS)]))["seconds"] / ADDS,
            "bursts": lambda: bursts(BURSTS), "bursts once": lambda: bursts(1),
            # A peer of 0.18 gets no note, and so a connection for each call.
            "bursts peer": lambda: bursts(BURSTS, f"{math}?peer=0.18"),
            "bursts peer once": lambda: bursts(1, f"{math}?peer=0.18"),
            "nats": lambda: add(ADDS, over_nats), "nats once": lambda: add(1, over_nats),
            "nats peer": lambda: float(output_of([nats_peer, str(nats), str(ADDS)])),
            "echo": lambda: echo_bytes(ECHOES), "echo once": lambda: echo_bytes(1),
            "echo peer": lambda: float(output_of([socket_peer, "echo", str(ECHOES), str(MIB)])),
            "stream": lambda: stream(WRITES), "stream once": lambda: stream(1),
            "stream peer": lambda: float(output_of([socket_peer, "copy", str(WRITES * WRITE)]))}
        for _ in range(turns + 1):  # the first turn fills the cache of compiled code
            for name, figure in figures.items():
                took = figure()
                least[name] = min(took, least.get(name, took))
        few, many = (tenon.peak_of(stream_command(writes), writer) for writes in (FEW_WRITES, WRITES))

    def row(what, against, name, loop, limit):
        peer = least[f"{name} peer"]
        if f"{name} peer once" in least:
            peer = (peer - least[f"{name} peer once"]) / loop
        return Row(what, against, (least[name] - least[f"{name} once"]) / loop, peer, limit)

    return [
        row("a call `add` from guest to guest in two processes, over TCP", PEER, "add", ADDS - 1, 1.1),
        row("the same over NATS", "the same messages, sent with libnats alone", "nats", ADDS - 1, 1.3),
        row(f"{BURST} calls `add` in flight at a time, over TCP", "a connection for each call", "bursts", BURSTS - 1, 0.2),
        row("a `list<u8>` of 1 MiB from guest to guest and back, in two processes, over a Unix socket",
            # Three copies that the Canonical ABI needs: docs/adr/0038-copies-of-remote-values.md.
            "a bare socket, one connection per round trip", "echo", ECHOES - 1, 2.0),
        row("a `stream<u8>` of 1 GiB from guest to guest in two processes, over TCP, writes of 64 KiB", "a bare socket",
            "stream", 1, 1.3),
        Row(f"bytes by which the peak memory of both processes, {many // MIB} MiB, grows from 64 MiB of this stream "
            "to 1 GiB", "", max(0, many - few), None, 1 << 22, "")]
