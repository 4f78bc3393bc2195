#!/usr/bin/env python3
"""Cuts the connection of a remote call after each of its bytes, in both directions: that of a TCP connection, of a client of
nats-server, and of a worker of nats-server. Each call gets its answer, or fails with an error that names the remote unit, at once unless
the worker has lost it; a stream can end early. The next call succeeds, and neither side keeps anything.

Usage: socket_cuts.py BUILD [--tenon TENON] [--over tcp|nats-client|nats-worker]... [--all]

--all: over NATS, after each byte; otherwise after some of them, the same ones each time.
"""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

from processes import (GUESTS, PATIENCE, Shell, Skipped, expect, make_parser, read_text, run_test, serving_nats,
                       serving_tenon)

SOON = 5  # seconds: far below the time limit of a call
SAMPLES = {"nats-client": 40, "nats-worker": 8}  # cuts in each direction; a cut of a worker takes the time of a call
# Nobody tells a client that nats-server could not deliver a message to a worker: the call ends at its time limit.
TIMEOUTS = {"tcp": "60s", "nats-client": "60s", "nats-worker": "3s"}
TO_SERVER, TO_CLIENT = 0, 1
CALLS = [
    ("a call", "remote_service.wat", "remote_caller.wat", "run-add(1)", "4"),
    ("a call with lists", "remote_service.wat", "remote_caller.wat", "run-echo(1, 40)", "40"),
    ("a stream", "stream_writer.wat", "stream_reader.wat", "run(2, 8, 1, 4)", "16"),
]


class Link:
    """Passes bytes between a client and `address`, and ends the connection after a number of them: also later connections,
    or, if it `heals`, that one alone."""

    def __init__(self, address, heals=False):
        self.address, self.heals = address, heals
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Condition()
        self.passed, self.limit, self.open, self.cutting = [0, 0], [None, None], 0, 0
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, direction=None, limit=None):
        """Counts from now on. limit: bytes in the direction after which connections end."""
        with self.lock:
            self.lock.wait_for(lambda: self.cutting == 0, PATIENCE)
            self.passed, self.limit = [0, 0], [None, None]
            if direction is not None:
                self.limit[direction] = limit

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                try:
                    server = socket.create_connection(self.address)
                except OSError:
                    client.close()
                    continue
                with self.lock:
                    self.open += 1
                ends = [threading.Thread(target=self.pass_on, args=each, daemon=True)
                        for each in ((client, server, TO_SERVER), (server, client, TO_CLIENT))]
                for end in ends:
                    end.start()
                threading.Thread(target=self.close, args=(client, server, ends), daemon=True).start()

    def close(self, client, server, ends):
        for end in ends:
            end.join()
        client.close()
        server.close()
        with self.lock:
            self.open -= 1

    def pass_on(self, source, target, direction):
        is_cut = False
        with contextlib.suppress(OSError):
            while not is_cut and (part := source.recv(65536)):
                with self.lock:
                    limit = self.limit[direction]
                    left = len(part) if limit is None else min(limit - self.passed[direction], len(part))
                    self.passed[direction] += left
                    is_cut = limit is not None and self.passed[direction] == limit
                    self.cutting += is_cut
                    if is_cut and self.heals:
                        self.limit = [None, None]
                target.sendall(part[:left])
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR if is_cut else socket.SHUT_WR)
            if is_cut:
                source.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.cutting -= is_cut
            self.lock.notify_all()


def port_of(address):
    return int(address.rpartition(":")[2].split("/")[0])


@contextlib.contextmanager
def served(options, folder, service, over):
    """A service, and a link on the way to it. Yields the link, the address for a client, and the process of the service."""
    log = os.path.join(folder, "serve.log")
    guest = [os.path.join(GUESTS, service)]
    with contextlib.ExitStack() as stack:
        if over == "tcp":
            server = stack.enter_context(serving_tenon(options.tenon, guest, "tcp://127.0.0.1:0", log))
            expect(server.address, f"{service} is served", read_text(log))
            link = Link(("127.0.0.1", port_of(server.address)))
            client = f"tcp://127.0.0.1:{link.port}"
        else:
            nats = stack.enter_context(serving_nats(os.path.join(folder, "nats.log")))
            link = Link(("127.0.0.1", port_of(nats)), heals=True)  # libnats connects again, and calls wait for that
            linked = f"nats://127.0.0.1:{link.port}"
            ends = (linked, nats) if over == "nats-client" else (nats, linked)
            client, worker = (f"{end}/cuts" for end in ends)
            server = stack.enter_context(serving_tenon(options.tenon, guest, worker, log))
            expect(server.address, f"{service} is served", read_text(log))
        yield link, client, server.process
        link.listener.close()


@contextlib.contextmanager
def linked(options, folder, service, caller, over):
    """A shell whose guest calls a service over a link. Yields both, and the process of the service."""
    client = os.path.join(folder, caller + ".d")
    os.makedirs(client, exist_ok=True)
    with served(options, folder, service, over) as (link, url, server):
        shutil.copy(os.path.join(GUESTS, caller), client)
        with open(os.path.join(client, "tenon.toml"), "w", encoding="utf-8") as file:
            file.write(f'schema = 1\n[components.app]\npath = "{caller}"\n[remotes.there]\n'
                       f'url = "{url}"\ninterfaces = ["*"]\ntimeout = "{TIMEOUTS[over]}"\n')
        environment = {**os.environ, "XDG_STATE_HOME": os.path.join(folder, "state")}
        subprocess.run([options.tenon, "trust", client], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, env=environment)
        with Shell(options.tenon, [client], os.path.join(folder, "shell.log"), env=environment) as shell:
            yield link, shell, server


def count_descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Cuts:
    """Cuts the link of one call, again and again."""

    def __init__(self, options, over, call, link, shell):
        self.options, self.over, self.link, self.shell = options, over, link, shell
        self.name, _, _, self.line, self.answer = call
        self.answered = self.failed = self.shortened = 0

    def succeed(self):
        """A call without a cut. Over NATS, the two ends may have to come back first."""
        self.link.begin()
        end = time.monotonic() + SOON
        while True:
            found, _ = self.shell.call(self.line)
            if found == self.answer:
                return
            if self.over == "tcp" or "error[run-" not in found or time.monotonic() > end:
                sys.exit(f"FAILED   {self.name} over {self.over}: a call after a cut: {found}")
            time.sleep(0.05)

    def limits(self, size):
        step = 1 if self.over == "tcp" or self.options.all else max(1, size // SAMPLES[self.over])
        return range(0, size, step)

    def cut(self, direction, limit):
        self.link.begin(direction, limit)
        found, took = self.shell.call(self.line)
        where = f"{self.name} over {self.over}, cut after byte {limit} {('to the server', 'to the client')[direction]}"
        if found == self.answer:
            self.answered += 1
        elif "error[run-" in found and "there" in found:
            self.failed += 1
        elif self.name == "a stream" and found.isdigit() and int(found) < int(self.answer):
            self.shortened += 1  # a stream has no errors: its reader sees an end
        else:
            sys.exit(f"FAILED   {where}: {found!r}")
        if took > SOON:
            sys.exit(f"FAILED   {where}: it took {took:.1f} s")
        self.succeed()


def check_call(options, folder, over, call):
    name, service, caller, _, _ = call
    with linked(options, folder, service, caller, over) as (link, shell, server):
        cuts = Cuts(options, over, call, link, shell)
        for _ in range(10):  # until calls share connections
            cuts.succeed()
        passed = list(link.passed)
        before = [count_descriptors(process) for process in (shell.process, server)]
        for direction in (TO_SERVER, TO_CLIENT):
            for limit in cuts.limits(passed[direction]):
                cuts.cut(direction, limit)
        expect(cuts.failed + cuts.shortened > 0, f"{name} over {over}: {cuts.failed} cuts are errors, {cuts.shortened} end a stream, "
               f"{cuts.answered} change nothing")
        after = [count_descriptors(process) for process in (shell.process, server)]
        expect(all(now <= then + 4 for then, now in zip(before, after)), f"{name} over {over}: no descriptors are left open",
               (before, after))


def check(options, folder):
    for over in options.over or ["tcp", "nats-client", "nats-worker"]:
        for call in CALLS:
            at = os.path.join(folder, over)
            os.makedirs(at, exist_ok=True)
            try:
                check_call(options, at, over, call)
            except Skipped as reason:
                print(f"skipped: {over}: {reason}")
                break


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--over", action="append", choices=["tcp", "nats-client", "nats-worker"])
    parser.add_argument("--all", action="store_true", default="TENON_TEST_ALL" in os.environ)
    return run_test(parser, check)


if __name__ == "__main__":
    raise SystemExit(main())
