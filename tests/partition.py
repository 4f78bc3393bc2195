#!/usr/bin/env python3
"""Cuts the network between two tenons while one calls the other, over TCP and over NATS, and joins it again.

Usage: partition.py BUILD [--tenon TENON] [--streams]

The server and its nats-server run in a network namespace of their own, behind a pair of virtual interfaces. No packet
passes while ours is down, and neither side is told.

--streams also cuts a stream, which ends after a minute.
Exit: 0 fine; 1 a check failed; 77 skipped, with the reason as the last line.
"""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

from live_peers import ROOT, SKIPPED, Skipped, read_line, read_text, running

GUESTS = os.path.join(ROOT, "bench", "guests")
HERE, THERE, PORT = "10.213.7.1", "10.213.7.2", 7761
TIMEOUT = 2  # of a call, in seconds
PATIENCE = 20


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


@contextlib.contextmanager
def other_namespace():
    """A namespace at the other end of a link. Yields the words before a command that runs there."""
    holder = subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE)
    try:
        ours = os.readlink("/proc/self/ns/net")
        end = time.monotonic() + PATIENCE
        while os.readlink(f"/proc/{holder.pid}/ns/net") == ours and time.monotonic() < end:
            time.sleep(0.01)
        there = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(holder.pid))
        run("ip", "address", "add", f"{HERE}/24", "dev", "here")
        run(*there, "ip", "address", "add", f"{THERE}/24", "dev", "there")
        run("ip", "link", "set", "here", "up")
        for name in ("lo", "there"):
            run(*there, "ip", "link", "set", name, "up")
        yield there
    finally:
        holder.stdin.close()
        holder.wait()


class Shell:
    """`tenon shell`, whose lines are sent one by one."""

    def __init__(self, tenon, work, guest, url):
        folder = os.path.join(work, "client")
        os.makedirs(folder, exist_ok=True)
        shutil.copy(os.path.join(GUESTS, guest), folder)
        with open(os.path.join(folder, "tenon.toml"), "w", encoding="utf-8") as file:
            file.write(f'schema = 1\n\n[components.app]\npath = "{guest}"\n\n'
                       f'[remotes.there]\nurl = "{url}"\ninterfaces = ["*"]\ntimeout = "{TIMEOUT}s"\n')
        self.log = os.path.join(work, "shell.log")
        with open(self.log, "wb") as errors:
            self.process = subprocess.Popen([tenon, "shell", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def answer(self, seconds=PATIENCE):
        """The next line of standard output, or the next error, and how long it took."""
        before, begin = len(read_text(self.log)), time.monotonic()
        while time.monotonic() - begin < seconds:
            line = read_line(self.process.stdout.fileno(), 0.05)
            errors = read_text(self.log)[before:]
            if line or "1 error;" in errors:
                return line.strip() or errors, time.monotonic() - begin
        return "", seconds

    def call(self, line, seconds=PATIENCE):
        self.send(line)
        return self.answer(seconds)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)


def expect(condition, what, found=""):
    if not condition:
        sys.exit(f"partition: expected: {what}; found: {found}")
    print(f"ok       {what}", flush=True)


def join():
    run("ip", "link", "set", "here", "up")


def cut():
    run("ip", "link", "set", "here", "down")


def check_calls(tenon, work, name, url):
    shell = Shell(tenon, work, "remote_caller.wat", url)
    try:
        # Until calls share a connection.
        for _ in range(5):
            found, _ = shell.call("run-add(1)")
            expect(found == "4", f"{name}: a call succeeds", found)
        cut()
        found, took = shell.call("run-add(1)")
        expect("within 2s" in found and "add" in found and THERE in found, f"{name}: a call fails without the network",
               found)
        expect(took < TIMEOUT + 1, f"{name}: within its time limit", f"{took:.1f} s")
        join()
        found, took = shell.call("run-add(1)")
        expect(found == "4", f"{name}: the next call succeeds ({took:.1f} s)", found)
        # The same during a call of the guest that makes many, with a shared connection again.
        for _ in range(5):
            shell.call("run-add(1)")
        shell.send("run-add(4000000000)")
        time.sleep(0.3)
        cut()
        found, took = shell.answer()
        expect("no answer within 2s" in found and took < TIMEOUT + 1, f"{name}: a call in progress fails in time",
               f"{found} after {took:.1f} s")
        join()
        found, took = shell.call("run-add(1)")
        expect(found == "4", f"{name}: and the next one succeeds ({took:.1f} s)", found)
    finally:
        shell.end()


def check_stream(tenon, work, url):
    """A stream has no time limit, but it ends when the machine of its writer has been silent for a minute."""
    shell = Shell(tenon, work, "stream_reader.wat", url)
    try:
        shell.send("run(400000000, 1, 65536, 65536)")
        time.sleep(0.5)
        cut()
        found, took = shell.answer(90)
        expect(found.isdigit() and 50 < took < 80, f"a stream ends after {took:.0f} s", found)
        join()
        found, _ = shell.call("run(10, 1, 65536, 65536)")
        expect(found == "10", "the next one is complete", found)
    finally:
        shell.end()


def serve(stack, tenon, work, there, listen, guest="remote_service.wat"):
    log = os.path.join(work, "serve.log")
    reading, writing = os.pipe()
    command = [*there, tenon, "serve", os.path.join(GUESTS, guest), "--listen", listen, "--insecure",
               "--ready-fd", str(writing)]
    stack.enter_context(running(command, log, stdout=subprocess.DEVNULL, pass_fds=[writing]))
    os.close(writing)
    if not read_line(reading, PATIENCE):
        sys.exit(f"partition: tenon serve:\n{read_text(log)}")
    os.close(reading)


def check(tenon, work, there, streams):
    if streams:
        with contextlib.ExitStack() as stack:
            serve(stack, tenon, work, there, f"tcp://{THERE}:{PORT}", "stream_writer.wat")
            check_stream(tenon, work, f"tcp://{THERE}:{PORT}")
    with contextlib.ExitStack() as stack:
        serve(stack, tenon, work, there, f"tcp://{THERE}:{PORT}")
        check_calls(tenon, work, "tcp", f"tcp://{THERE}:{PORT}")
    if shutil.which("nats-server") is None:
        raise Skipped("nats-server is not installed: only TCP was checked")
    with contextlib.ExitStack() as stack:
        log = os.path.join(work, "nats.log")
        stack.enter_context(running([*there, "nats-server", "-a", THERE, "-p", "4222"], log,
                                    stdout=subprocess.DEVNULL))
        while "Server is ready" not in read_text(log):
            time.sleep(0.02)
        url = f"nats://{THERE}:4222/cut"
        serve(stack, tenon, work, there, url)
        check_calls(tenon, work, "nats", url)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--tenon")
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    tenon = os.path.abspath(options.tenon or os.path.join(options.build, "tenon"))
    if not options.inside:
        for program in ("unshare", "nsenter", "ip"):
            if shutil.which(program) is None:
                print(f"skipped: {program} is not installed")
                return SKIPPED
        again = [sys.executable, os.path.abspath(__file__), options.build, "--tenon", tenon, "--inside"]
        if options.streams:
            again.append("--streams")
        if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0:
            print("skipped: network namespaces are not allowed here")
            return SKIPPED
        return subprocess.run(["unshare", "-rn", *again]).returncode
    try:
        with contextlib.ExitStack() as stack:
            try:
                there = stack.enter_context(other_namespace())
            except OSError as error:
                raise Skipped(f"virtual interfaces are not allowed here: {error}") from error
            work = stack.enter_context(tempfile.TemporaryDirectory(prefix="tenon_partition_"))
            check(tenon, work, there, options.streams)
    except Skipped as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
