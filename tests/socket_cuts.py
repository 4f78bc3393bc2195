#!/usr/bin/env python3
"""Cuts the connection of a remote call after each of its bytes, in both directions. Each call gets its answer, or fails at once
with an error that names the remote unit; a stream can end early. The next call succeeds, and neither side keeps anything.

Usage: socket_cuts.py BUILD [--tenon TENON]
"""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading

from processes import GUESTS, PATIENCE, Shell, expect, make_parser, read_text, run_test, serving_tenon

SOON = 5  # seconds: far below the time limit of a call
TO_SERVER, TO_CLIENT = 0, 1
CALLS = [
    ("a call", "remote_service.wat", "remote_caller.wat", "run-add(1)", "4"),
    ("a call with lists", "remote_service.wat", "remote_caller.wat", "run-echo(1, 40)", "40"),
    ("a stream", "stream_writer.wat", "stream_reader.wat", "run(2, 8, 1, 4)", "16"),
]


class Link:
    """Passes bytes between a client and `address`, and ends the connection after a number of them."""

    def __init__(self, address):
        self.address = address
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.passed, self.limit, self.open = [0, 0], [None, None], 0
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, direction=None, limit=None):
        """Counts from now on. limit: bytes in the direction after which connections end."""
        with self.lock:
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
                target.sendall(part[:left])
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR if is_cut else socket.SHUT_WR)
            if is_cut:
                source.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def linked(options, folder, service, caller):
    """A shell whose guest calls a service over a link. Yields both, and the process of the service."""
    log = os.path.join(folder, "serve.log")
    client = os.path.join(folder, caller + ".d")
    os.makedirs(client, exist_ok=True)
    with serving_tenon(options.tenon, [os.path.join(GUESTS, service)], "tcp://127.0.0.1:0", log) as server:
        expect(server.address, f"{service} is served", read_text(log))
        link = Link(("127.0.0.1", int(server.address.rpartition(":")[2])))
        shutil.copy(os.path.join(GUESTS, caller), client)
        with open(os.path.join(client, "tenon.toml"), "w", encoding="utf-8") as file:
            file.write(f'schema = 1\n[components.app]\npath = "{caller}"\n[remotes.there]\n'
                       f'url = "tcp://127.0.0.1:{link.port}"\ninterfaces = ["*"]\ntimeout = "60s"\n')
        environment = {**os.environ, "XDG_STATE_HOME": os.path.join(folder, "state")}
        subprocess.run([options.tenon, "trust", client], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, env=environment)
        with Shell(options.tenon, [client], os.path.join(folder, "shell.log"), env=environment) as shell:
            yield link, shell, server.process
        link.listener.close()


def count_descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def check_call(options, folder, name, service, caller, line, answer):
    with linked(options, folder, service, caller) as (link, shell, server):
        def succeed():
            link.begin()
            found, _ = shell.call(line)
            if found != answer:
                sys.exit(f"FAILED   {name}: a call after a cut: {found}")

        for _ in range(10):  # until calls share connections
            succeed()
        passed = list(link.passed)
        before = [count_descriptors(process) for process in (shell.process, server)]
        answered = failed = shortened = 0
        for direction in (TO_SERVER, TO_CLIENT):
            for limit in range(passed[direction]):
                link.begin(direction, limit)
                found, took = shell.call(line)
                where = f"{name}, cut after byte {limit} {('to the server', 'to the client')[direction]}"
                if found == answer:
                    answered += 1
                elif "error[run-" in found and "there" in found:
                    failed += 1
                elif name == "a stream" and found.isdigit() and int(found) < int(answer):
                    shortened += 1  # a stream has no errors: its reader sees an end
                else:
                    sys.exit(f"FAILED   {where}: {found!r}")
                if took > SOON:
                    sys.exit(f"FAILED   {where}: it took {took:.1f} s")
                succeed()
        expect(failed > 0, f"{name}: {failed} cuts are errors, {shortened} end a stream, {answered} change nothing", failed)
        after = [count_descriptors(process) for process in (shell.process, server)]
        expect(all(now <= then + 4 for then, now in zip(before, after)), f"{name}: no descriptors are left open", (before, after))


def check(options, folder):
    for call in CALLS:
        check_call(options, folder, *call)


if __name__ == "__main__":
    raise SystemExit(run_test(make_parser(__doc__), check))
