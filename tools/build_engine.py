#!/usr/bin/env python3
"""Builds the crate in engine/ as a static library, once for each state of its sources, and caches it.

Usage: build_engine.py [--out DIR] [--cache DIR] [--jobs N] [--target MACHINE]
       build_engine.py --headers DIR     copy the headers of wasmtime's C API from the fetched crate; needs no build
       build_engine.py --where           print the folder of the current state, built or not

Each engine/patches/NAME.diff is applied to a copy of the crate NAME, which is built in place of the one that cargo fetched.

The cache is $TENON_ENGINE_CACHE, or ${XDG_CACHE_HOME:-~/.cache}/tenon/engine:
  <key>/libtenon_engine.a   the archive without debug information; <key> is a hash of the crate's sources, the patches,
                            Cargo.lock, rustc and flags
  source/                   a copy of the crate, with the patched crates in source/crates: to cargo, they belong to its
                            workspace, so it names them by relative paths, and all machines build the same bytes
  target/                   cargo's own folder, shared by all keys: a change of our crate rebuilds only that crate
--out DIR gets a link to the archive, and the file `key`.

With --target MACHINE (aarch64), the archive is for another machine: Debian's Rust compiles it (cross.py), and the folder
MACHINE of the cache contains all of the above.
"""
import argparse
import fcntl
import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import cross

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CRATE = os.path.join(ROOT, "engine")
PATCHES = os.path.join(CRATE, "patches")
FILES = ("Cargo.toml", "Cargo.lock", "build.rs")
KEPT_KEYS = 4
# Part of the key: raise it when this script produces a different result from the same sources.
RECIPE = "4"


def say(text):
    print(text, file=sys.stderr, flush=True)


def cargo():
    return os.environ.get("CARGO") or "cargo"


def rustc_version():
    rustc = os.environ.get("RUSTC") or "rustc"
    return subprocess.run([rustc, "-vV"], cwd=CRATE, check=True, capture_output=True,
                          text=True).stdout


def use_target(machine):
    """Makes the compiler that has the machine's standard library the one that the other functions call."""
    if absent := cross.missing(machine):
        sys.exit(f"engine: missing for {machine.name}: {', '.join(absent)}; run `./dev setup {machine.name}`")
    os.environ.update(CARGO=cross.CARGO, RUSTC=cross.RUSTC)


def source_files():
    names = set(FILES)
    for part in ("src", "patches"):
        names |= {os.path.join(part, name) for name in all_files(os.path.join(CRATE, part))}
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


def metadata():
    """What cargo knows of our crate and its dependencies."""
    command = [cargo(), "metadata", "--format-version=1", "--locked", "--offline"]
    return json.loads(subprocess.run(command, cwd=CRATE, check=True, capture_output=True, text=True).stdout)


def patch_crate(crate, diff, folder):
    aside = f"{folder}.{os.getpid()}"
    shutil.copytree(os.path.dirname(crate["manifest_path"]), aside)
    patched = subprocess.run(["patch", "-p1", "--batch", "--forward", "--fuzz=0", "--silent", f"--input={diff}"],
                             cwd=aside, capture_output=True, text=True)
    if patched.returncode != 0:
        shutil.rmtree(aside)
        sys.exit(f"engine: {os.path.relpath(diff, ROOT)} does not apply to {crate['name']} {crate['version']}:\n"
                 f"{patched.stdout}{patched.stderr}"
                 "Adapt it to that version, or delete it if that version does not need it (engine/patches/README.md).")
    os.rename(aside, folder)


def patch_crates(source):
    """Returns the folders of the patched crates."""
    packages = {package["name"]: package for package in metadata()["packages"]}
    patched = os.path.join(source, "crates")
    os.makedirs(patched, exist_ok=True)
    folders = []
    for name in sorted(os.listdir(PATCHES)):
        if not name.endswith(".diff"):
            continue
        crate, diff = packages[name.removesuffix(".diff")], os.path.join(PATCHES, name)
        with open(diff, "rb") as file:
            key = hashlib.sha256(file.read()).hexdigest()[:8]
        folder = os.path.join(patched, f"{crate['name']}-{crate['version']}-{key}")
        if not os.path.isdir(folder):
            patch_crate(crate, diff, folder)
        folders.append(folder)
    for name in os.listdir(patched):
        if os.path.join(patched, name) not in folders:
            shutil.rmtree(os.path.join(patched, name))
    return folders


C_API = "wasmtime-c-api-impl"


def make_headers(folder):
    """Writes the headers of wasmtime's C API as the build script of its crate does, for the features of our crate."""
    known = metadata()
    crate = next(package for package in known["packages"] if package["name"] == C_API)
    node = next(node for node in known["resolve"]["nodes"] if node["id"] == crate["id"])
    features = [f"-DWASMTIME_FEATURE_{name.upper().replace('-', '_')}=ON" for name in node["features"]]
    subprocess.run(["cmake", "-DWASMTIME_DISABLE_ALL_FEATURES=ON", f"-DCMAKE_INSTALL_PREFIX={folder}", *features,
                    "-P", "cmake/install-headers.cmake"],
                   cwd=os.path.dirname(crate["manifest_path"]), check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "include")


def all_files(folder):
    return {os.path.relpath(os.path.join(place, name), folder)
            for place, _, names in os.walk(folder) for name in names}


def copy_file(source, destination):
    """A file that is equal already is not written, so nothing that depends on it is built again."""
    if not os.path.exists(destination) or not filecmp.cmp(source, destination, shallow=False):
        os.makedirs(os.path.dirname(destination), exist_ok=True)
        shutil.copyfile(source, destination)


def copy_folder(source, out):
    """Makes the files of `out` those of `source`."""
    names = all_files(source)
    for name in all_files(out) - names:
        os.remove(os.path.join(out, name))
    for name in names:
        copy_file(os.path.join(source, name), os.path.join(out, name))


def copy_headers(out):
    fetch_crates()
    if os.path.islink(out):
        os.remove(out)
    with tempfile.TemporaryDirectory() as folder:
        copy_folder(make_headers(folder), out)


def copy_crate(source):
    copy_folder(os.path.join(CRATE, "src"), os.path.join(source, "src"))
    for name in FILES:
        copy_file(os.path.join(CRATE, name), os.path.join(source, name))


def check_headers(built):
    """C++ is compiled with the headers of make_headers, so they must be those of the archive."""
    with tempfile.TemporaryDirectory() as folder:
        headers = make_headers(folder)
        names = all_files(built) | all_files(headers)
        _, different, missing = filecmp.cmpfiles(built, headers, names, shallow=False)
    if different or missing:
        sys.exit("engine: headers of the crate differ from those that its build writes: "
                 + ", ".join(sorted(different + missing)))


def crate_count(machine):
    target = [f"--target={machine.rust}"] if machine else []
    tree = subprocess.run([cargo(), "tree", "--locked", "--offline", "--prefix=none", "--no-dedupe",
                           "--edges=normal,build", *target], cwd=CRATE, capture_output=True, text=True)
    return len(set(tree.stdout.splitlines())) or 1


class Progress:
    """Prints from time to time what cargo does: how many crates are built, then how long it links them."""

    def __init__(self, total):
        self.start, self.built, self.total, self.done = time.time(), set(), total, threading.Event()
        self.thread = threading.Thread(target=self.report, daemon=True)
        self.thread.start()

    def report(self):
        linking = None
        while not self.done.wait(2 if sys.stderr.isatty() else 30):
            now = time.time()
            if len(self.built) < self.total - 1:
                say(f"engine: {len(self.built)} of {self.total} crates, {now - self.start:.0f} s")
                continue
            linking = linking or now
            say(f"engine: optimizing and linking all crates as one, {now - linking:.0f} s")

    def stop(self):
        self.done.set()
        self.thread.join()


def remapped_paths(source, target):
    """Flags by which no path of this machine gets into the archive."""
    home = os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo")
    sources = os.path.join(home, "registry", "src")
    registries = sorted(os.path.join(sources, name) for name in os.listdir(sources)) if os.path.isdir(sources) else []
    folders = {**dict.fromkeys(registries, "crates"), source: "engine", target: "target"}
    return [f"--remap-path-prefix={folder}={name}" for folder, name in folders.items()]


def run_cargo(source, target, jobs, machine):
    """Runs cargo, and returns the archive and the folder of headers."""
    flags = remapped_paths(source, target)
    if machine:
        flags.append(f"--sysroot={machine.root}/usr")
    # --offline: only crates that are locked and already fetched are built.
    command = [cargo(), "build", "--release", "--locked", "--offline", "--quiet",
               "--message-format=json-render-diagnostics", f"--config=paths={json.dumps(patch_crates(source))}",
               f"--config=build.rustflags={json.dumps(flags)}"]
    if jobs:
        command.append(f"--jobs={jobs}")
    if machine:
        command.append(f"--target={machine.rust}")
    progress = Progress(crate_count(machine))
    archive = headers = None
    process = subprocess.Popen(command, cwd=source, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "CARGO_TARGET_DIR": target})
    for line in process.stdout:
        message = json.loads(line)
        if message["reason"] == "build-script-executed" and C_API in message["package_id"]:
            headers = os.path.join(message["out_dir"], "include")
        if message["reason"] != "compiler-artifact" or message["target"]["kind"] == ["custom-build"]:
            continue
        progress.built.add(message["package_id"])
        if message["target"]["name"] == "tenon_engine":
            archive = next(name for name in message["filenames"] if name.endswith(".a"))
    failed = process.wait() != 0
    progress.stop()
    if failed or not archive or not headers:
        sys.exit("engine: cargo build failed; its messages are above")
    return archive, headers


def strip(source, destination, objcopy):
    """Copies an archive without debug information and compiler bitcode, which no linker needs here."""
    command = [objcopy, "--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"]
    if not shutil.which(objcopy) or subprocess.run([*command, source, destination]).returncode:
        shutil.copyfile(source, destination)


def build(cache, key, jobs, machine):
    final = os.path.join(cache, key)
    source, target = os.path.join(cache, "source"), os.path.join(cache, "target")
    if os.path.isdir(os.path.join(target, "release", "deps")):
        say("engine: its sources changed: building what depends on them")
    else:
        say("engine: building wasmtime and its compiler: the first time takes 25 minutes of CPU time")
    say(f"engine: kept in {final}")
    start = time.time()
    fetch_crates()
    copy_crate(source)
    archive, headers = run_cargo(source, target, jobs, machine)
    check_headers(headers)
    aside = f"{final}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    os.makedirs(aside)
    strip(archive, os.path.join(aside, "libtenon_engine.a"), machine.tool("objcopy") if machine else "objcopy")
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
    name = "libtenon_engine.a"
    path, target = os.path.join(out, name), os.path.join(source, name)
    if not os.path.islink(path) or os.readlink(path) != target:
        aside = f"{path}.{os.getpid()}"
        os.symlink(target, aside)
        os.replace(aside, path)
    with open(os.path.join(out, "key"), "w", encoding="utf-8") as file:
        file.write(os.path.basename(source) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out")
    parser.add_argument("--cache")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or 0))
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--headers")
    parser.add_argument("--target", metavar="MACHINE")
    options = parser.parse_args()
    if options.headers:
        copy_headers(os.path.abspath(options.headers))
        return
    cache, machine = cache_folder(options.cache), None
    if options.target:
        machine = cross.Machine(options.target)
        use_target(machine)
        cache = os.path.join(cache, machine.name)
    key = cache_key()
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
                build(cache, key, options.jobs, machine)
            prune(cache, key)
    os.utime(final)
    if options.out:
        link(final, os.path.abspath(options.out))


if __name__ == "__main__":
    main()
