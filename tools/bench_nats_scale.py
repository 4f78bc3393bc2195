#!/usr/bin/env python3
"""Measures what a NATS server needs for many served compositions: the figures of docs/scale.md.

Usage: bench_nats_scale.py --build DIR [--compositions N]

A stand-in makes the connections and subscriptions of N processes of `tenon serve` (1,000), without the guests. A few real
processes show that it makes the same ones. Each line is measured on a server of its own: memory is the resident memory of
its process, after one message to every subject.
"""
import argparse
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.request

import remote_figures
from call_figures import show

PREFIX = "scale"
REAL = 20
# Exported functions and remote units of each composition. Without functions, connections are all that there is.
CASES = ((0, 0), (1, 0), (10, 0), (100, 0), (10, 3))
CALLS = 2000
CALL_TURNS = 7
PATIENCE = 60  # seconds until a server is ready, and until it answers


class NatsServer:
    """A server with monitoring, at free ports of this machine."""

    def __enter__(self):
        ports = []
        with contextlib.ExitStack() as probes:
            for _ in range(2):
                ports.append(probes.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])
        self.port, self.monitor = ports
        self.process = subprocess.Popen(["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-m",
                                         str(self.monitor)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.02)
        self.process.kill()
        sys.exit("bench_nats_scale: nats-server does not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def url(self):
        return f"nats://127.0.0.1:{self.port}/{PREFIX}"

    def state(self, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}/{page}", timeout=PATIENCE) as answer:
            return json.load(answer)

    def connections(self):
        return self.state("varz")["connections"]

    def subscriptions(self):
        """Those of clients. The server has some of its own."""
        return sum(client["subscriptions"] for client in self.state("connz?limit=100000")["connections"])

    def memory(self):
        return resident_bytes(self.process.pid)


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def private_bytes(pid):
    """Resident memory that no other process shares."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("Private_"))


class Client:
    """A connection to a NATS server that ignores the messages of its subscriptions."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.input = self.socket.makefile("rb")
        self.input.readline()  # INFO
        self.send(b'CONNECT {"verbose":false,"pedantic":false,"lang":"tenon","version":"0"}\r\n')

    def send(self, data):
        self.socket.sendall(data)

    def flush(self):
        """Returns when the server has seen everything, and this client all messages before."""
        self.send(b"PING\r\n")
        while (line := self.input.readline()) != b"PONG\r\n":
            if not line:
                sys.exit("bench_nats_scale: the server closed a connection")
            if line.startswith(b"MSG "):
                self.input.read(int(line.rsplit(b" ", 1)[1]) + 2)

    def close(self):
        self.input.close()
        self.socket.close()


def shared_subjects(composition, functions, release="*.*"):
    """As in src/remote/served_names.cc: workers form a queue group at each of them."""
    return [f"{PREFIX}.wrpc.0.0.1.scale:part{composition}/api@1.{release}.f{k}" for k in range(functions)]


def connect(port, lines):
    client = Client(port)
    client.send("".join(f"SUB {line} {sid}\r\n" for sid, line in enumerate(lines, 1)).encode())
    client.flush()
    return client


def serve_stand_in(port, composition, functions, remotes):
    """The connections of a process of `tenon serve`: for its address, and for each remote unit."""
    worker = f"{composition:032x}"
    shared = [f"{subject} tenon" for subject in shared_subjects(composition, functions)]
    yield connect(port, [f"_INBOX.tenon.{worker}.0.>", f"{PREFIX}.{worker}.wrpc.0.0.1.>", *shared])
    for remote in range(1, remotes + 1):
        yield connect(port, [f"_INBOX.tenon.{worker}.{remote}.>"])


def call_each(port, compositions, functions):
    client = Client(port)
    for composition in range(compositions):
        client.send("".join(f"PUB {subject} _INBOX.{composition} 4\r\nping\r\n"
                            for subject in shared_subjects(composition, functions, "0.0")).encode())
        client.flush()
    client.close()


@contextlib.contextmanager
def serving_stand_ins(server, compositions, functions, remotes):
    clients = [client for k in range(compositions) for client in serve_stand_in(server.port, k, functions, remotes)]
    try:
        call_each(server.port, compositions, functions)
        for client in clients:
            client.flush()
        yield
    finally:
        for client in clients:
            client.close()


def measure_real(tenon):
    """Connections, subscriptions, resident and private bytes of a real process."""
    with NatsServer() as server, contextlib.ExitStack() as stack:
        pids = [stack.enter_context(tenon.serving("remote_service.wat", server.url()))[0].pid for _ in range(REAL)]
        return (server.connections() / REAL, server.subscriptions() / REAL, min(map(resident_bytes, pids)),
                min(map(private_bytes, pids)))


def measure_memory(compositions, functions, remotes):
    """Connections, subscriptions, and the bytes by which the server grows."""
    with NatsServer() as server:
        idle = server.memory()
        with serving_stand_ins(server, compositions, functions, remotes):
            return server.connections(), server.subscriptions(), server.memory() - idle


def measure_calls(tenon, compositions, functions):
    """Seconds of a call over a server that serves nothing else, and over one with all the others."""
    times = [[], []]
    with NatsServer() as alone, NatsServer() as crowded, serving_stand_ins(crowded, compositions, functions, 0):
        with tenon.serving("remote_service.wat", alone.url()), tenon.serving("remote_service.wat", crowded.url()):
            for _ in range(CALL_TURNS):
                for server, taken in zip((alone, crowded), times):
                    once, many = (tenon.seconds_of(tenon.command("remote_caller.wat", f"run-add({count})", server.url()),
                                                   4) for count in (1, CALLS))
                    taken.append((many - once) / (CALLS - 1))
    return [min(one) for one in times]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--compositions", type=int, default=1000)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tenon = remote_figures.Tenon(os.path.join(remote_figures.build_engine.ROOT, options.build))
    connections, subscriptions, resident, private = measure_real(tenon)
    print(f"a process of `tenon serve` with 3 functions: {connections:g} connection, {subscriptions:g} subscriptions, "
          f"{show(resident, 'B')} resident, {show(private, 'B')} of it private")
    for functions, remotes in CASES:
        connections, subscriptions, memory = measure_memory(options.compositions, functions, remotes)
        print(f"{options.compositions} compositions, each with {functions} functions and {remotes} remote units: "
              f"{connections} connections, {subscriptions} subscriptions, {show(memory, 'B')}", flush=True)
    alone, crowded = measure_calls(tenon, options.compositions, 10)
    print(f"a call: {show(alone, 's')} alone, {show(crowded, 's')} with {options.compositions} compositions of "
          f"10 functions on the server")


if __name__ == "__main__":
    main()
