#!/usr/bin/env python3
"""Runs a command of tenon with each unit in a process of its own, which calls the others over Unix sockets.

    in_processes.py TENON run|call TARGET ARGS...

The plan says which unit gets which import from which other one. Every provider is served by a process that connects
to its own providers; the root runs as the command says. Exits as the command does, or with 77 and a reason on
standard error if the units cannot be in processes of their own.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77
# Flags of the link, which the plan has decided; with and without a value.
WITH_VALUE = {"--wire", "--via", "--hide", "--expose", "--export", "--root", "--optional"}
ALONE = {"--export-all", "--allow-unresolved"}
END_SECONDS = (0.5, 10)  # after each of two signals


def skip(reason):
    print("skipped: " + reason, file=sys.stderr)
    sys.exit(SKIPPED)


def unit_name(word):
    """The name and the file of a component, as tenon names it."""
    if "=" in word:
        return tuple(word.split("=", 1))
    if not os.path.isfile(word):
        skip(f"`{word}` is not a file")
    stem = os.path.splitext(os.path.basename(word))[0].lower()
    name = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in stem)
    return (name if name[0].isalpha() else "u" + name), word


def list_components(target):
    """The components of a target, by name."""
    if not os.path.isdir(target):
        return dict([unit_name(target)])
    if os.path.exists(os.path.join(target, "tenon.toml")):
        skip(f"`{target}` has a manifest")
    words = sorted(os.path.join(target, name) for name in os.listdir(target) if name.endswith((".wasm", ".wat")))
    return dict(unit_name(word) for word in words)


def split_arguments(target, arguments):
    """The components by name, the other arguments of the link, and those of the run."""
    files, link, run = list_components(target), [], []
    at = 0
    while at < len(arguments) and arguments[at] != "--":
        word = arguments[at]
        if word == "--with":
            name, file = unit_name(arguments[at + 1])
            files[name] = file
            at += 2
        elif word in WITH_VALUE:
            link += arguments[at : at + 2]
            at += 2
        elif word in ALONE:
            link.append(word)
            at += 1
        else:
            run.append(word)
            at += 1
    return files, link, run + arguments[at:]


def read_plan(tenon, target, files, link):
    command = [tenon, "plan", "--format", "json", *[f"{name}={file}" for name, file in files.items()]]
    if "--root" not in link and not os.path.isdir(target):
        command += ["--root", next(iter(files))]
    done = subprocess.run(command + link, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip("its plan fails: " + done.stderr.strip())
    return json.loads(done.stdout)


def connect_flags(plan, unit, sockets):
    flags = []
    for edge in plan["edges"]:
        if edge["consumer"] == unit and edge["kind"] != "wasi":
            flags += ["--connect", f"{edge['import']}=unix:{sockets[edge['provider']]}"]
    return flags


def check(plan):
    units = {unit["name"]: unit for unit in plan["units"]}
    for unit in units.values():
        if unit["kind"] != "component":
            skip(f"`{unit['name']}` is a {unit['kind']}")
    for edge in plan["edges"]:
        if edge["kind"] == "wasi":
            continue
        if edge["via"]:
            skip(f"`{edge['import']}` has a chain")
        # The server finds another version of the same track.
        if edge["export"].split("@")[0] != edge["import"].split("@")[0]:
            skip(f"`{edge['consumer']}` imports `{edge['import']}` as `{edge['export']}`")
    if any(item["met"] != "wasi" for item in plan["open"]):
        skip("it has open imports")
    return units


def in_order(plan, units):
    """Providers before their consumers, without the root."""
    order = [name for name in plan["order"] if name != plan["root"]]
    return order + sorted(set(units) - set(order) - {plan["root"]})


def start(tenon, files, unit, folder, sockets, plan):
    sockets[unit] = os.path.join(folder, f"{len(sockets)}.sock")
    log = open(os.path.join(folder, f"{unit}.log"), "wb")
    ready, written = os.pipe()
    command = [tenon, "serve", f"{unit}={files[unit]}", "--listen", f"unix:{sockets[unit]}", "--ready-fd", str(written)]
    process = subprocess.Popen(
        command + connect_flags(plan, unit, sockets), stdin=subprocess.DEVNULL, stderr=log, pass_fds=[written]
    )
    os.close(written)
    is_ready = os.read(ready, 1)
    os.close(ready)
    if not is_ready:
        process.wait()
        with open(log.name, encoding="utf-8") as text:
            skip(f"`{unit}` cannot be served alone: " + text.read().strip())
    return process


def end(process):
    """A call that its caller has given up can be in progress."""
    for seconds in END_SECONDS:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            pass


def main():
    tenon, verb, target, *arguments = sys.argv[1:]
    files, link, run = split_arguments(target, arguments)
    plan = read_plan(tenon, target, files, link)
    units = check(plan)
    if not plan["root"]:
        skip("it has no root")
    sockets = {}
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for unit in in_order(plan, units):
                processes.append(start(tenon, files, unit, folder, sockets, plan))
            root = plan["root"]
            link = [f"{root}={files[root]}", *connect_flags(plan, root, sockets)]
            done = subprocess.run([tenon, "plan", *link], capture_output=True, text=True, check=False)
            if "resolve-placement" in done.stderr:
                skip("its root cannot be linked to the others: " + done.stderr.strip())
            command = [tenon, verb, *link, *run]
            code = subprocess.run(command, check=False).returncode
        finally:
            for process in reversed(processes):
                end(process)
    sys.exit(code)


if __name__ == "__main__":
    main()
