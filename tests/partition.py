#!/usr/bin/env python3
"""Cuts the network between two tenons while one calls the other, over TCP and over NATS, and joins it again.

Usage: partition.py BUILD [--tenon TENON] [--streams]

The server and its nats-server run in a network namespace of their own, behind a pair of virtual interfaces. No packet
passes while ours is down, and neither side is told.

--streams also cuts a stream, which ends after a minute.
"""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time

from processes import (GUESTS, PATIENCE, Shell, Skipped, expect, make_parser, need_program, read_text, run_test,
                       serving_nats, serving_tenon)

HERE, THERE = "10.213.7.1", "10.213.7.2"
TIMEOUT = 2  # of a call, in seconds


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


def open_shell(tenon, folder, guest, url):
    """A shell whose guest calls a remote unit."""
    client = os.path.join(folder, "client")
    os.makedirs(client, exist_ok=True)
    shutil.copy(os.path.join(GUESTS, guest), client)
    with open(os.path.join(client, "tenon.toml"), "w", encoding="utf-8") as file:
        file.write(f'schema = 1\n\n[components.app]\npath = "{guest}"\n\n'
                   f'[remotes.there]\nurl = "{url}"\ninterfaces = ["*"]\ntimeout = "{TIMEOUT}s"\n')
    subprocess.run([tenon, "trust", client], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    return Shell(tenon, [client], os.path.join(folder, "shell.log"))


def join():
    run("ip", "link", "set", "here", "up")


def cut():
    run("ip", "link", "set", "here", "down")


def check_calls(tenon, folder, name, url):
    with open_shell(tenon, folder, "remote_caller.wat", url) as shell:
        # Until calls share a connection.
        for _ in range(5):
            found, _ = shell.call("run-add(1)")
            expect(found == "4", f"{name}: a call succeeds", found)
        cut()
        found, took = shell.call("run-add(1)")
        # A shared connection is silent, and a new one is refused by this machine.
        is_explained = any(reason in found for reason in ("within 2s", "network is unreachable"))
        expect(is_explained and "add" in found and THERE in found, f"{name}: a call fails without the network", found)
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


def check_stream(tenon, folder, url):
    """A stream has no time limit, but it ends when the machine of its writer has been silent for a minute."""
    with open_shell(tenon, folder, "stream_reader.wat", url) as shell:
        shell.send("run(400000000, 1, 65536, 65536)")
        time.sleep(0.5)
        cut()
        found, took = shell.answer(90)
        expect(found.isdigit() and 50 < took < 80, f"a stream ends after {took:.0f} s", found)
        join()
        found, _ = shell.call("run(10, 1, 65536, 65536)")
        expect(found == "10", "the next one is complete", found)


def check_inside(options, folder):
    tenon = options.tenon
    with contextlib.ExitStack() as stack:
        try:
            there = stack.enter_context(other_namespace())
        except OSError as error:
            raise Skipped(f"virtual interfaces are not allowed here: {error}") from error

        @contextlib.contextmanager
        def serving(listen, guest="remote_service.wat"):
            log = os.path.join(folder, "serve.log")
            with serving_tenon(tenon, [os.path.join(GUESTS, guest), "--insecure"], listen, log, there) as server:
                expect(server.address, f"{listen} is served", read_text(log))
                yield server.address

        if options.streams:
            with serving(f"tcp://{THERE}:0", "stream_writer.wat") as address:
                check_stream(tenon, folder, address)
        with serving(f"tcp://{THERE}:0") as address:
            check_calls(tenon, folder, "tcp", address)
        with serving_nats(os.path.join(folder, "nats.log"), THERE, 4222, there) as nats, \
                serving(f"{nats}/cut") as address:
            check_calls(tenon, folder, "nats", address)


def check(options, folder):
    """Runs itself again, as the user who may make interfaces of a new namespace."""
    if options.inside:
        return check_inside(options, folder)
    for name in ("unshare", "nsenter", "ip", "nats-server"):
        need_program(name)
    inside = ["unshare", "-rn"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
        raise Skipped("network namespaces are not allowed here")
    return subprocess.run([*inside, sys.executable, *sys.argv, "--inside"]).returncode


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
