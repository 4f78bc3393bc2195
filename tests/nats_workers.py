#!/usr/bin/env python3
"""Kills workers that have calls and streams in progress over NATS: their callers learn of it within some seconds.
Also, a writer waits for a slow reader.

Usage: nats_workers.py BUILD [--tenon TENON]
"""
import contextlib
import os
import signal
import subprocess
import sys
import time

from processes import GUESTS, PATIENCE, PEERS, expect, make_parser, run_test, serving_nats, serving_tenon

SOON = 5  # seconds until the end of a worker is noticed


def kill_during(command, process):
    """Kills a worker while a command waits for it: (exit code, output, seconds until the end)."""
    caller = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(1.5)
    if caller.poll() is not None:
        sys.exit(f"{command} has ended: {caller.communicate()[0]}")
    process.send_signal(signal.SIGKILL)
    begin = time.monotonic()
    output = caller.communicate(timeout=PATIENCE)[0]
    return caller.returncode, output, time.monotonic() - begin


def check(options, folder):
    tenon = options.tenon
    with contextlib.ExitStack() as stack:
        nats = stack.enter_context(serving_nats(os.path.join(folder, "nats.log")))

        def start_worker(target):
            log = os.path.join(folder, "worker.log")
            worker = stack.enter_context(serving_tenon(tenon, [target], address, log))
            expect(worker.address, f"a worker serves {os.path.basename(target)}", f"see {log}")
            return worker.process

        def call(caller, function):
            return [tenon, "call", caller, function, "--connect", f"*={address}"]

        address = f"{nats}/calls"
        calls, caller = (os.path.join(PEERS, name) for name in ("calls.wat", "forward.wat"))
        first = start_worker(calls)
        code, output, took = kill_during(call(caller, "hang()"), first)
        expect(code != 0 and "the peer is gone" in output and took < SOON, "a call in progress fails soon",
               f"{code} after {took:.1f} s: {output}")
        start_worker(calls)
        done = subprocess.run(call(caller, "add(1, 2)"), capture_output=True, text=True, timeout=PATIENCE)
        expect(done.stdout == "3\n", "the next call succeeds on another worker", done.stdout + done.stderr)

        address = f"{nats}/streams"
        writer, reader = (os.path.join(GUESTS, name) for name in ("stream_writer.wat", "stream_reader.wat"))
        worker = start_worker(writer)
        # Far more than is kept for a reader that does not keep up: see kWaitingBytes in nats_connection.cc.
        slow = subprocess.run(call(reader, "run(6400, 65536, 0, 64)"), capture_output=True, text=True,
                              timeout=PATIENCE)
        expect(slow.stdout == f"{6400 * 65536}\n", "a slow reader gets the whole stream", slow.stdout + slow.stderr)
        code, output, took = kill_during(call(reader, "run(400000000, 1, 65536, 65536)"), worker)
        expect(code == 0 and output.strip().isdigit() and took < SOON, "a stream ends soon",
               f"{code} after {took:.1f} s: {output}")


if __name__ == "__main__":
    sys.exit(run_test(make_parser(__doc__), check))
