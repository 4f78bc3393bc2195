"""The crates of the engine: what Cargo.lock pins, and which of them end up in the library."""
import functools
import json
import os
import re
import subprocess
import tomllib

import setup

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CRATE = os.path.join(ROOT, "engine")
LOCK = os.path.join(CRATE, "Cargo.lock")
PATCHES = os.path.join(CRATE, "patches")


def run(*command):
    return subprocess.run(command, cwd=CRATE, check=True, capture_output=True, text=True).stdout


def find_cargo():
    return os.environ.get("CARGO") or setup.find_cargo() or "cargo"


def cargo(*arguments):
    return run(find_cargo(), *arguments, "--locked", "--offline")


def rust_version():
    beside = os.path.join(os.path.dirname(find_cargo()), "rustc")
    rustc = os.environ.get("RUSTC") or (beside if os.path.exists(beside) else "rustc")
    return re.search(r"^release: (\S+)", run(rustc, "-vV"), re.M).group(1)


@functools.cache
def locked():
    """{(name, version): checksum} of every crate that the lock file pins, for any system."""
    with open(LOCK, "rb") as file:
        rows = tomllib.load(file)["package"]
    return {(row["name"], row["version"]): row["checksum"] for row in rows if "checksum" in row}


@functools.cache
def tree(edges):
    """The crates that the engine reaches by these edges, on this system, as (name, version)."""
    lines = cargo("tree", "--edges", edges, "--prefix", "none", "--format", "{p}").splitlines()
    crates = {tuple(line.split(" v", 1)) for line in (line.split(" (")[0] for line in lines) if line}
    return crates & set(locked())  # without our own


def linked():
    """The crates in the library."""
    return tree("normal,no-proc-macro")


def build_time():
    """The crates that only run while the engine is built: macros, build scripts and what they need."""
    return tree("normal,build") - linked()


def licenses():
    """{(name, version): SPDX expression}, as the crates state them."""
    packages = json.loads(cargo("metadata", "--format-version=1"))["packages"]
    # Before SPDX expressions, alternatives were separated by `/`.
    return {(package["name"], package["version"]): (package["license"] or "").replace(" / ", "/").replace("/", " OR ")
            for package in packages}


def patched():
    """The names of crates that tools/build_engine.py changes."""
    return {name.removesuffix(".diff") for name in os.listdir(PATCHES) if name.endswith(".diff")}
