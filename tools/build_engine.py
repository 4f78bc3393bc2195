#!/usr/bin/env python3
"""Builds the crate in engine/ as a static library, once for each state of its sources, and caches it.

Usage: build_engine.py [--out DIR] [--cache DIR] [--jobs N]
       build_engine.py --where           print the folder of the current state, built or not

The cache is $TENON_ENGINE_CACHE, or ${XDG_CACHE_HOME:-~/.cache}/tenon/engine:
  <key>/libtenon_engine.a   the archive without debug information; <key> is a hash of the crate's
  <key>/include/            sources, Cargo.lock, rustc and flags; the headers of wasmtime's C API
  target/                   cargo's own folder, shared by all keys: a change of our crate rebuilds only that crate
--out DIR gets links to the archive and the headers, and the file `key`.
"""
import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CRATE = os.path.join(ROOT, "engine")
KEPT_KEYS = 4
# Part of the key: raise it when this script produces a different result from the same sources.
RECIPE = "1"


def say(text):
    print(text, file=sys.stderr, flush=True)


def cargo():
    return os.environ.get("CARGO") or "cargo"


def rustc_version():
    rustc = os.environ.get("RUSTC") or "rustc"
    return subprocess.run([rustc, "-vV"], cwd=CRATE, check=True, capture_output=True,
                          text=True).stdout


def source_files():
    names = ["Cargo.toml", "Cargo.lock", "build.rs"]
    for folder, folders, files in os.walk(os.path.join(CRATE, "src")):
        folders.sort()
        names += [os.path.relpath(os.path.join(folder, name), CRATE) for name in files]
    return sorted(names)


def cache_key():
    digest = hashlib.sha256()
    flags = [os.environ.get(name, "") for name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS")]
    for text in [RECIPE, rustc_version(), *flags]:
        digest.update(text.encode() + b"\0")
    for name in source_files():
        with open(os.path.join(CRATE, name), "rb") as file:
            content = file.read()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:24]


def cache_folder(option):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.abspath(option or os.environ.get("TENON_ENGINE_CACHE")
                           or os.path.join(base, "tenon", "engine"))


def is_complete(folder):
    # The folder is renamed into place when it is complete.
    return os.path.exists(os.path.join(folder, "libtenon_engine.a"))


def fetch_crates():
    command = [cargo(), "fetch", "--locked"]
    offline = subprocess.run([*command, "--offline"], cwd=CRATE, capture_output=True)
    if offline.returncode != 0:
        say("engine: fetching crates (`./dev setup` does this beforehand)")
        subprocess.run(command, cwd=CRATE, check=True)


def crate_count():
    tree = subprocess.run([cargo(), "tree", "--locked", "--offline", "--prefix=none", "--no-dedupe",
                           "--edges=normal,build"], cwd=CRATE, capture_output=True, text=True)
    return len(set(tree.stdout.splitlines())) or 1


def run_cargo(target, jobs):
    """Runs cargo and prints a line of progress from time to time. Returns the archive and the folder of headers."""
    # --offline: only crates that are locked and already fetched are built.
    command = [cargo(), "build", "--release", "--locked", "--offline", "--quiet",
               "--message-format=json-render-diagnostics"]
    if jobs:
        command.append(f"--jobs={jobs}")
    total, start, spoken = crate_count(), time.time(), 0.0
    archive = headers = None
    built = set()
    process = subprocess.Popen(command, cwd=CRATE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "CARGO_TARGET_DIR": target})
    for line in process.stdout:
        message = json.loads(line)
        if message["reason"] == "build-script-executed" and "wasmtime-c-api-impl" in message["package_id"]:
            headers = os.path.join(message["out_dir"], "include")
        if message["reason"] != "compiler-artifact":
            continue
        built.add(message["package_id"])
        if message["target"]["name"] == "tenon_engine":
            archive = next(name for name in message["filenames"] if name.endswith(".a"))
        if time.time() - spoken > (2 if sys.stderr.isatty() else 30):
            spoken = time.time()
            say(f"engine: {len(built)} of {total} crates, {spoken - start:.0f} s")
    if process.wait() != 0 or not archive or not headers:
        sys.exit("engine: cargo build failed; its messages are above")
    return archive, headers


def strip(source, destination):
    """Copies an archive without debug information and compiler bitcode, which no linker needs here."""
    command = ["objcopy", "--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"]
    if not shutil.which("objcopy") or subprocess.run([*command, source, destination]).returncode:
        shutil.copyfile(source, destination)


def build(cache, key, jobs):
    final = os.path.join(cache, key)
    target = os.path.join(cache, "target")
    if os.path.isdir(os.path.join(target, "release", "deps")):
        say("engine: its sources changed: building what depends on them")
    else:
        say("engine: building wasmtime and its compiler: the first time takes about 8 minutes of one core")
    say(f"engine: kept in {final}")
    start = time.time()
    fetch_crates()
    archive, headers = run_cargo(target, jobs)
    aside = f"{final}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    os.makedirs(aside)
    shutil.copytree(headers, os.path.join(aside, "include"))
    strip(archive, os.path.join(aside, "libtenon_engine.a"))
    os.rename(aside, final)
    size = os.path.getsize(os.path.join(final, "libtenon_engine.a"))
    say(f"engine: built in {time.time() - start:.0f} s, {size / 1e6:.0f} MB")


def prune(cache, key, kept=KEPT_KEYS):
    """Removes all keys except the `kept` most recently used ones, and the remains of interrupted builds."""
    def used(name):
        return os.path.getmtime(os.path.join(cache, name))

    # Only folders of this script: the cache folder can contain other files.
    ours = [name for name in os.listdir(cache) if re.fullmatch(r"[0-9a-f]{24}(\.\d+)?", name)]
    complete = sorted((name for name in ours if "." not in name), key=used, reverse=True)
    for name in set(ours) - set(complete[:kept]) - {key}:
        shutil.rmtree(os.path.join(cache, name), ignore_errors=True)


def link(source, out):
    """Makes `out` refer to the folder `source`, and changes nothing if it already does."""
    os.makedirs(out, exist_ok=True)
    for name in ("libtenon_engine.a", "include"):
        path, wanted = os.path.join(out, name), os.path.join(source, name)
        if os.path.islink(path) and os.readlink(path) == wanted:
            continue
        aside = f"{path}.{os.getpid()}"
        os.symlink(wanted, aside)
        os.replace(aside, path)
    with open(os.path.join(out, "key"), "w", encoding="utf-8") as file:
        file.write(os.path.basename(source) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out")
    parser.add_argument("--cache")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or 0))
    parser.add_argument("--where", action="store_true")
    options = parser.parse_args()
    cache, key = cache_folder(options.cache), cache_key()
    final = os.path.join(cache, key)
    if options.where:
        print(final)
        return
    os.makedirs(cache, mode=0o700, exist_ok=True)
    if not is_complete(final):
        with open(os.path.join(cache, "lock"), "w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("engine: another build is running; waiting")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_complete(final):
                build(cache, key, options.jobs)
            prune(cache, key)
    os.utime(final)
    if options.out:
        link(final, os.path.abspath(options.out))


if __name__ == "__main__":
    main()
