#!/usr/bin/env python3
"""Builds the packr guests of tests/guests/packr from source: in Rust with packr-guest of each version, and in C.

Usage: build_packr_guests.py            build what changed, put it in place and write SHA256SUMS
       build_packr_guests.py --verify   build what changed and compare with what is checked in
       build_packr_guests.py --fetch    fetch the crates that the build needs (`./dev setup` does this)

The cache is $TENON_GUEST_CACHE, or ${XDG_CACHE_HOME:-~/.cache}/tenon/guests:
  <key>/NAME.wasm   the guests of one set; <key> is a hash of their sources, of the compilers and of this script
  target/           cargo's own folder, shared by all keys
A set is `c`, or a version of packr-guest.
The bytes depend on the sources and on the toolchain recorded in examples/press/wasm/TOOLCHAIN.
Exit: 0 fine; 1 a build failed or the bytes differ; 77 skipped: a part of that toolchain is missing, or is of another
version and all is built, but cannot be compared.
"""
import argparse
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

import packr_metadata
from build_engine import ROOT, prune, say

GUESTS = os.path.join(ROOT, "tests", "guests", "packr")
PLACE = os.path.join(GUESTS, "wasm")  # PLACE/SET/NAME.wasm
RECORD = os.path.join(ROOT, "examples", "press", "wasm", "TOOLCHAIN")
SUMS = os.path.join(ROOT, "tests", "guests", "SHA256SUMS")
PACKAGES = ["clang-19", "lld-19", "rustc-web", "cargo-web", "rust-web-src"]
LIBRARY = "/usr/lib/rustlib/src/rust"  # the sources of Rust's standard library
LINKER = "/usr/bin/wasm-ld-19"
SKIPPED = 77
KEPT_KEYS = 16


def run(*command, **options):
    say("+ " + " ".join(command).replace(ROOT + os.sep, ""))
    subprocess.run(command, check=True, **options)


def recorded_versions():
    with open(RECORD, encoding="utf-8") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return {name: version for name, version in rows if name in PACKAGES}


def installed_version(package):
    query = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
                           capture_output=True, text=True)
    return query.stdout.removeprefix("installed ") if query.stdout.startswith("installed ") else None


def demand_packages():
    missing = [package for package in PACKAGES if installed_version(package) is None]
    if missing:
        print("skipped: these Debian packages are missing: " + ", ".join(missing))
        sys.exit(SKIPPED)


def unlike_the_record():
    """A line if the toolchain is another than the recorded one, whose bytes are checked in."""
    for package, recorded in recorded_versions().items():
        if (found := installed_version(package)) != recorded:
            return f"{package} is {found}, and {recorded} made what is checked in"
    return None


def workspace(name):
    return os.path.join(GUESTS, "rust", name)


def sets():
    return ["c", *sorted(os.path.basename(os.path.dirname(path))
                         for path in glob.glob(os.path.join(workspace("*"), "Cargo.toml")))]


def sources(name):
    found = [os.path.abspath(__file__), packr_metadata.__file__]
    folders = [os.path.join(GUESTS, "c")]
    if name != "c":
        folders = [workspace(part) for part in ("src", "types", name)]
    for folder in folders:
        found += [path for path in glob.glob(os.path.join(folder, "*")) if os.path.isfile(path)]
    return sorted(found)


def cache_key(name):
    digest = hashlib.sha256(repr((name, list(map(installed_version, PACKAGES)))).encode())
    for path in sources(name):
        with open(path, "rb") as file:
            content = file.read()
        digest.update(f"{os.path.relpath(path, ROOT)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:24]


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.abspath(os.environ.get("TENON_GUEST_CACHE") or os.path.join(base, "tenon", "guests"))


# --- Rust ---------------------------------------------------------------------------------------

def rust_environment(target):
    """Debian's compiler; RUSTC_BOOTSTRAP allows -Zbuild-std. No path of this machine gets into a guest."""
    home = os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo")
    flags = [f"-Clinker={LINKER}", f"--remap-path-prefix={ROOT}=."]
    for path in {LIBRARY, os.path.realpath(LIBRARY)}:
        flags.append(f"--remap-path-prefix={path}=rust")
    for path in sorted(glob.glob(os.path.join(home, "registry", "src", "*"))):
        flags.append(f"--remap-path-prefix={path}=crates")
    environment = {**os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTC_BOOTSTRAP": "1",
                   "CARGO_TARGET_DIR": target, "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags)}
    environment.pop("RUSTFLAGS", None)
    return environment


def fetch_crates(target):
    for folder in [*map(workspace, sets()[1:]), os.path.join(LIBRARY, "library")]:
        options = {"cwd": folder, "env": rust_environment(target)}
        command = ["cargo", "fetch", "--quiet", "--locked"]
        if subprocess.run([*command, "--offline"], capture_output=True, **options).returncode != 0:
            run(*command, **options)


def build_rust(name, out, target):
    made = os.path.join(target, "wasm32-unknown-unknown", "release", "examples")
    shutil.rmtree(made, ignore_errors=True)  # guests of another version, under the same names
    fetch_crates(target)
    run("cargo", "build", "--quiet", "--release", "--locked", "--offline", "--examples", "-Zbuild-std=core,alloc",
        "--target", "wasm32-unknown-unknown", *([f"-j{os.environ['JOBS']}"] if "JOBS" in os.environ else []),
        cwd=workspace(name), env=rust_environment(target))
    for path in glob.glob(os.path.join(made, "*.wasm")):
        if "-" not in os.path.basename(path):  # the other name of the same file has a hash in it
            shutil.copyfile(path, os.path.join(out, os.path.basename(path)))


# --- C ------------------------------------------------------------------------------------------

def write_metadata(types, out):
    """Returns how many bytes there are."""
    with open(types, encoding="utf-8") as file:
        made = packr_metadata.metadata(file.read())
    with open(out, "w", encoding="utf-8") as file:
        file.write(", ".join(map(str, made)) + "\n")
    return len(made)


def linker_flags(path):
    """What the line `// linker: FLAGS` of a source says, besides what all need."""
    with open(path, encoding="utf-8") as file:
        own = re.findall(r"^// linker: (.+)$", file.read(), re.M)
    # A stack that ends at address 0: one that is too deep traps, and writes over nothing.
    return [f"-Wl,{flag}" for flag in ["--no-entry", "--strip-debug", "--stack-first", "-z,stack-size=1048576",
                                       *" ".join(own).split()]]


def build_c(out, work):
    """Each NAME.c, with the metadata of NAME.types if there is one."""
    os.makedirs(work, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(GUESTS, "c", "*.c"))):
        name = os.path.basename(path).removesuffix(".c")
        types = path.removesuffix(".c") + ".types"
        flags = []
        if os.path.exists(types):
            size = write_metadata(types, os.path.join(work, "metadata.inc"))
            flags = [f"-I{work}", "-DMETADATA=\"metadata.inc\"", f"-DMETADATA_SIZE={size}"]
        run("clang-19", "--target=wasm32-unknown-unknown", "-mbulk-memory", "-std=c17", "-O2", "-Wall", "-Wextra",
            "-Werror", "-Wno-gnu-designator", "-Wno-initializer-overrides", "-ffreestanding", "-nostdlib",
            f"-ffile-prefix-map={ROOT}=.", "-fuse-ld=" + LINKER, *linker_flags(path), *flags, path,
            "-o", os.path.join(out, name + ".wasm"))


# --- All ----------------------------------------------------------------------------------------

def build(name, cache, key):
    aside = os.path.join(cache, f"{key}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    os.makedirs(aside)
    if name == "c":
        build_c(aside, os.path.join(cache, "work"))
    else:
        say(f"guests: building those of packr-guest {name}; Rust's library takes a minute, the first time")
        build_rust(name, aside, os.path.join(cache, "target"))
    os.rename(aside, os.path.join(cache, key))


def built(name):
    """The folder of what the sources of a set make, built if it is not there yet."""
    cache, key = cache_folder(), cache_key(name)
    final = os.path.join(cache, key)
    os.makedirs(cache, mode=0o700, exist_ok=True)
    if not os.path.isdir(final):
        with open(os.path.join(cache, "lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(final):
                build(name, cache, key)
            prune(cache, key, KEPT_KEYS)
    os.utime(final)
    return final


def files_of(folder):
    """{name: content} of the guests in a folder."""
    found = {}
    for path in glob.glob(os.path.join(folder, "*.wasm")):
        with open(path, "rb") as file:
            found[os.path.basename(path)] = file.read()
    return found


def in_sets(folders):
    """{SET/NAME.wasm: content}; folders: {set: folder}."""
    return {f"{name}/{file}": content for name, folder in folders.items()
            for file, content in files_of(folder).items()}


def write_sums():
    folder = os.path.dirname(SUMS)
    with open(SUMS, "w", encoding="utf-8") as file:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.wasm"), recursive=True)):
            with open(path, "rb") as wasm:
                file.write(f"{hashlib.sha256(wasm.read()).hexdigest()}  {os.path.relpath(path, folder)}\n")


def put_in_place(made):
    shutil.rmtree(PLACE, ignore_errors=True)
    for name, content in made.items():
        path = os.path.join(PLACE, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    write_sums()


def compare(made, there):
    """1 and a line for each difference."""
    differing, other = 0, unlike_the_record()
    for name in sorted(made.keys() | there.keys()):
        if name not in there:
            print(f"NOT CHECKED IN  {name}")
        elif name not in made:
            print(f"NOT BUILT       {name}")
        elif made[name] != there[name] and not other:
            print(f"DIFFERS         {name}")
        else:
            continue
        differing = 1
    print(f"{len(made)} packr guests: " + ("not what is checked in" if differing else other or "the same bytes"))
    return differing or (SKIPPED if other else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    command = parser.add_mutually_exclusive_group()
    command.add_argument("--verify", action="store_true")
    command.add_argument("--fetch", action="store_true")
    options = parser.parse_args()
    demand_packages()
    try:
        if options.fetch:
            fetch_crates(os.path.join(cache_folder(), "target"))
            return 0
        made = in_sets({name: built(name) for name in sets()})
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"build_packr_guests: {error}")
    if options.verify:
        return compare(made, in_sets({name: os.path.join(PLACE, name) for name in os.listdir(PLACE)}))
    if (other := unlike_the_record()):
        sys.exit(f"build_packr_guests: {other}; tools/build_guests.sh records another toolchain")
    put_in_place(made)
    say(f"guests: {len(made)} in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())
