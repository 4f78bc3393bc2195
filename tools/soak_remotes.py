#!/usr/bin/env python3
"""Makes many calls between two tenons, and compares the memory and the descriptors of both processes with those after
the first calls.

Usage: soak_remotes.py BUILD [--calls N] [--over tcp|connections|nats]...

`tcp` shares a connection, `connections` makes one for each call, and `nats` starts a nats-server. All of them are
measured if none is named.
Exit: 0 fine; 1 a process has grown by more than 2 MiB or 4 descriptors; 77 skipped, with the reason as the last line.
"""
import argparse
import contextlib
import os
import select
import shutil
import subprocess
import sys
import time

from remote_figures import GUESTS, Tenon, serving_nats

FIRST = 10_000
CALLS = 1_000_000
MEMORY = 2 << 20
DESCRIPTORS = 4
SKIPPED = 77
SLOWEST = 0.002  # seconds for a call, on average


def read_line(pipe, seconds):
    """The next line of a pipe without a buffer; empty if none comes in time."""
    line = b""
    end = time.monotonic() + seconds
    while not line.endswith(b"\n") and select.select([pipe], [], [], max(0, end - time.monotonic()))[0]:
        byte = pipe.read(1)
        if not byte:
            break
        line += byte
    return line.decode()


class Client:
    """`tenon shell`, which makes calls when it is told to."""

    def __init__(self, tenon, address):
        command = [tenon.program, "shell", os.path.join(GUESTS, "remote_caller.wat"), "--connect", f"*={address}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                        env=tenon.environment)

    def call(self, count):
        """Returns how long it took, in seconds."""
        begin = time.perf_counter()
        self.process.stdin.write(f"run-add({count})\n".encode())
        if read_line(self.process.stdout, 10 + count * SLOWEST) != "4\n":
            sys.exit(f"soak_remotes: run-add({count}) failed")
        return time.perf_counter() - begin


class Sample:
    def __init__(self, process):
        # Each call has at most some of the connections of the last one.
        time.sleep(0.5)
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            self.memory = next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))
        self.descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))

    def grew_to(self, end):
        return end.memory - self.memory > MEMORY or end.descriptors - self.descriptors > DESCRIPTORS

    def __str__(self):
        return f"{self.memory / (1 << 20):.1f} MiB and {self.descriptors} descriptors"


def soak(tenon, over, calls):
    """Returns whether both processes stayed as they were."""
    with contextlib.ExitStack() as stack:
        listen = "tcp://127.0.0.1:0"
        if over == "nats":
            listen = f"nats://127.0.0.1:{stack.enter_context(serving_nats())}/soak"
        server, address = stack.enter_context(tenon.serving("remote_service.wat", listen))
        # A client that takes the peer for another program does not ask for a shared connection.
        client = Client(tenon, address + "?peer=0.18" if over == "connections" else address)
        stack.callback(client.process.wait)
        stack.callback(client.process.stdin.close)
        client.call(FIRST)
        begin = [Sample(client.process), Sample(server)]
        seconds = client.call(calls - FIRST)
        end = [Sample(client.process), Sample(server)]
    print(f"{over}: {calls:,} calls, {seconds / (calls - FIRST) * 1e6:.1f} us each", flush=True)
    for name, before, after in zip(("client", "server"), begin, end):
        mark = "  <- it has grown" if before.grew_to(after) else ""
        print(f"  {name}: {before} after {FIRST:,} calls, {after} at the end{mark}", flush=True)
    return not any(before.grew_to(after) for before, after in zip(begin, end))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--over", action="append", choices=["tcp", "connections", "nats"])
    options = parser.parse_args()
    ways = options.over or ["tcp", "connections", "nats"]
    if "nats" in ways and shutil.which("nats-server") is None:
        print("skipped: nats-server is not installed")
        return SKIPPED
    if options.calls <= FIRST:
        parser.error(f"--calls must be more than {FIRST}")
    tenon = Tenon(options.build)
    # A sanitizer keeps freed memory for a while.
    tenon.environment["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
    return 0 if all([soak(tenon, over, options.calls) for over in ways]) else 1


if __name__ == "__main__":
    sys.exit(main())
