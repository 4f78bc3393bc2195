#!/usr/bin/env python3
"""Kills workers that have calls and streams in progress over NATS: their callers learn of it within some seconds.
Also, a writer waits for a slow reader.

Usage: nats_workers.py BUILD [--tenon TENON]

Exit: 0 fine; 1 a check failed; 77 skipped, with the reason as the last line.
"""
import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

from live_peers import PEERS, ROOT, SKIPPED, Skipped, read_line, read_text, running, serving_nats, write_manifest

GUESTS = os.path.join(ROOT, "bench", "guests")
PATIENCE = 30
SOON = 5  # seconds until the end of a worker is noticed


def expect(condition, what, found=""):
    if not condition:
        sys.exit(f"nats_workers: expected: {what}; found: {found}")
    print(f"ok       {what}", flush=True)


@contextlib.contextmanager
def worker(tenon, target, listen, log):
    reading, writing = os.pipe()
    command = [tenon, "serve", target, "--listen", listen, "--ready-fd", str(writing)]
    with running(command, log, stdout=subprocess.DEVNULL, pass_fds=[writing]) as process:
        os.close(writing)
        expect(read_line(reading, PATIENCE), f"a worker serves {os.path.basename(target)}", read_text(log))
        os.close(reading)
        yield process


def kill_during(command, process):
    """Kills a worker while a command waits for it: (exit code, output, seconds until the end)."""
    caller = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(1.5)
    if caller.poll() is not None:
        sys.exit(f"nats_workers: {command} has ended: {caller.communicate()[0]}")
    process.send_signal(signal.SIGKILL)
    begin = time.monotonic()
    output = caller.communicate(timeout=PATIENCE)[0]
    return caller.returncode, output, time.monotonic() - begin


def check(tenon, work):
    with contextlib.ExitStack() as stack:
        nats = stack.enter_context(serving_nats(os.path.join(work, "nats.log")))
        calls = os.path.join(PEERS, "calls.wat")
        address = f"{nats}/calls"
        first = stack.enter_context(worker(tenon, calls, address, os.path.join(work, "first.log")))
        folder = write_manifest(os.path.join(work, "client"), address, timeout="20s")
        code, output, took = kill_during([tenon, "call", folder, "hang()"], first)
        expect(code != 0 and "the peer is gone" in output and took < SOON, "a call in progress fails soon",
               f"{code} after {took:.1f} s: {output}")
        stack.enter_context(worker(tenon, calls, address, os.path.join(work, "second.log")))
        done = subprocess.run([tenon, "call", folder, "add(1, 2)"], capture_output=True, text=True, timeout=PATIENCE)
        expect(done.stdout == "3\n", "the next call succeeds on another worker", done.stdout + done.stderr)

        address = f"{nats}/streams"
        writer = stack.enter_context(worker(tenon, os.path.join(GUESTS, "stream_writer.wat"), address,
                                            os.path.join(work, "writer.log")))
        command = [tenon, "call", os.path.join(GUESTS, "stream_reader.wat"), "run(400000000, 1, 65536, 65536)",
                   "--connect", f"*={address}"]
        # Far more than is kept for a reader that does not keep up: see kWaitingBytes in nats_connection.cc.
        slow = subprocess.run([*command[:3], "run(6400, 65536, 0, 64)", *command[4:]], capture_output=True, text=True,
                              timeout=PATIENCE)
        expect(slow.stdout == f"{6400 * 65536}\n", "a slow reader gets the whole stream", slow.stdout + slow.stderr)
        code, output, took = kill_during(command, writer)
        expect(code == 0 and output.strip().isdigit() and took < SOON, "a stream ends soon",
               f"{code} after {took:.1f} s: {output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--tenon")
    options = parser.parse_args()
    tenon = os.path.abspath(options.tenon or os.path.join(options.build, "tenon"))
    try:
        with tempfile.TemporaryDirectory(prefix="tenon_killed_") as work:
            check(tenon, work)
    except Skipped as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
