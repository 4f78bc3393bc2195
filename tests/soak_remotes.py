#!/usr/bin/env python3
"""Makes many calls between two tenons, and compares the memory and the descriptors of both processes with those after
the first calls.

Usage: soak_remotes.py BUILD [--tenon TENON] [--calls N] [--over tcp|connections|nats]...

`tcp` shares a connection, `connections` makes one for each call, and `nats` starts a nats-server. All of them are
measured if none is named. A process may not grow by more than 2 MiB or 4 descriptors.
"""
import contextlib
import os
import sys
import time

from processes import GUESTS, Shell, make_parser, run_test, serving_nats, serving_tenon

FIRST = 10_000
CALLS = 1_000_000
MEMORY = 2 << 20
DESCRIPTORS = 4
SLOWEST = 0.002  # seconds for a call, on average


def make_calls(client, count):
    """Returns how long it took, in seconds."""
    found, took = client.call(f"run-add({count})", 10 + count * SLOWEST)
    if found != "4":
        sys.exit(f"FAILED   run-add({count}): {found}")
    return took


class Sample:
    def __init__(self, process):
        # Connections of the last calls may still be closing.
        time.sleep(0.5)
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            self.memory = next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))
        self.descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))

    def grew_to(self, end):
        return end.memory - self.memory > MEMORY or end.descriptors - self.descriptors > DESCRIPTORS

    def __str__(self):
        return f"{self.memory / (1 << 20):.1f} MiB and {self.descriptors} descriptors"


def soak(options, folder, over):
    """Returns whether both processes stayed as they were."""
    caller, service = (os.path.join(GUESTS, name) for name in ("remote_caller.wat", "remote_service.wat"))
    with contextlib.ExitStack() as stack:
        listen = "tcp://127.0.0.1:0"
        if over == "nats":
            listen = stack.enter_context(serving_nats(os.path.join(folder, "nats.log"))) + "/soak"
        server = stack.enter_context(serving_tenon(options.tenon, [service], listen, os.path.join(folder, "serve.log")))
        # A client that takes the peer for another program does not ask for a shared connection.
        address = f"{server.address}?peer=0.18" if over == "connections" else server.address
        client = stack.enter_context(Shell(options.tenon, [caller, "--connect", f"*={address}"],
                                           os.path.join(folder, "shell.log")))
        make_calls(client, FIRST)
        begin = [Sample(client.process), Sample(server.process)]
        seconds = make_calls(client, options.calls - FIRST)
        end = [Sample(client.process), Sample(server.process)]
    print(f"{over}: {options.calls:,} calls, {seconds / (options.calls - FIRST) * 1e6:.1f} us each", flush=True)
    for name, before, after in zip(("client", "server"), begin, end):
        mark = "  <- it has grown" if before.grew_to(after) else ""
        print(f"  {name}: {before} after {FIRST:,} calls, {after} at the end{mark}", flush=True)
    return not any(before.grew_to(after) for before, after in zip(begin, end))


def check(options, folder):
    # A sanitizer keeps freed memory for a while.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
    ways = options.over or ["tcp", "connections", "nats"]
    return 0 if all([soak(options, folder, over) for over in ways]) else 1


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--over", action="append", choices=["tcp", "connections", "nats"])
    if parser.parse_args().calls <= FIRST:
        parser.error(f"--calls must be more than {FIRST}")
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
