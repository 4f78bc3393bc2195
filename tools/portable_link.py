#!/usr/bin/env python3
"""Links the programs of a build again, for systems with glibc 2.28 or newer: the same objects, with the stubs of an old
glibc that zig has.

Usage: portable_link.py install                  fetch zig from PyPI, if it is not there
       portable_link.py BUILD_DIR TARGET OUT     TARGET: tenon or libtenon.so.0, as ninja knows it

zig is kept in ${XDG_CACHE_HOME:-~/.cache}/tenon/zig.
"""
import os
import shlex
import subprocess
import sys
import tempfile

import cross

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "zig")
ZIG = "ziglang==0.17.1"
GLIBC = "2.28"
# Flags of the ordinary link that zig does not have, does itself, or that need a newer glibc.
DROPPED = ("-fuse-ld=", "-B", "--sysroot=", "-static-lib", "-Wl,-z,pack-relative-relocs", "-Wl,--exclude-libs")


def is_installed():
    return os.path.isdir(os.path.join(CACHE, ZIG.replace("==", "-") + ".dist-info"))


def install():
    if not is_installed():
        print(f"zig: fetching {ZIG}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps", "--target", CACHE, ZIG],
                       check=True)


def gcc_file(machine, name):
    return subprocess.run([machine.tool("g++"), f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()


def link_command(build, target):
    """The command by which ninja links it, as words."""
    shown = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", target], check=True, capture_output=True, text=True)
    return shlex.split(shown.stdout.splitlines()[-1].removeprefix(": && ").removesuffix(" && :"))


def link(build, target, out):
    if not is_installed():
        sys.exit("portable_link: zig is missing: run `tools/portable_link.py install`")
    environment = {**os.environ, "PYTHONPATH": CACHE, "ZIG_GLOBAL_CACHE_DIR": os.path.join(CACHE, "cache"),
                   "ZIG_LOCAL_CACHE_DIR": os.path.join(CACHE, "cache")}
    machine = cross.machine_of(build)
    zig_cc = [sys.executable, "-m", "ziglang", "cc", "-target", f"{machine.name}-linux-gnu.{GLIBC}", "-O2"]
    with tempfile.TemporaryDirectory() as folder:
        shims = os.path.join(folder, "shims.o")
        subprocess.run([*zig_cc, "-fPIC", "-fno-builtin", "-c", os.path.join(ROOT, "cmake", "glibc_2_28.c"), "-o", shims],
                       check=True, env=environment)
        words = link_command(build, target)
        words = [word for word in words[1:]
                 if not word.startswith(DROPPED) and not word.endswith(".so.9.1.0") and "/libfmt.so" not in word]
        words[words.index("-o") + 1] = os.path.abspath(out)
        subprocess.run([*zig_cc, "-nostdlib++", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,--allow-shlib-undefined", shims, *words,
                        gcc_file(machine, "libstdc++.a"), os.path.realpath(gcc_file(machine, "libgcc_s.so.1")),
                        gcc_file(machine, "libgcc.a"),
                        "-lpthread", "-lm", "-ldl"], check=True, cwd=build, env=environment)


def main():
    if sys.argv[1:] == ["install"]:
        return install()
    return link(*sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"portable_link: `{' '.join(map(str, error.cmd[:4]))}` failed with exit code {error.returncode}")
