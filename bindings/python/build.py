#!/usr/bin/env python3
"""Builds the package `tenon`: the C extension, beside the Python files, in a folder that can be imported.

Usage: build.py --include DIR --library DIR --out DIR

DIR of --include has tenon/tenon_c.h; that of --library has libtenon.so.0, which is copied beside the extension, so that
OUT/tenon is what a wheel has: `tenon/*.py`, `tenon/_tenon.abi3.so`, `tenon/libtenon.so.0`. With --link, the library is a
link. It needs a C compiler (CC) and the headers of Python 3.11 or later; the result runs with every later Python.
"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "tenon")
EXTENSION = "_tenon.abi3.so"
LIBRARY = "libtenon.so.0"
WARNINGS = ["-Wall", "-Wextra", "-Werror=implicit-function-declaration"]


def sources():
    folder = os.path.join(HERE, "src")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".c")]


def compile_extension(include, library, out, flags, compiler, python):
    """Writes the extension, which looks for the library beside itself."""
    compiler = compiler or shlex.split(os.environ.get("CC", "cc"))
    python = python or sysconfig.get_paths()["include"]
    subprocess.run([*compiler, "-std=gnu11", "-O3", "-fPIC", "-fno-plt", "-shared", "-fvisibility=hidden", *WARNINGS, f"-I{include}",
                    f"-isystem{python}", *flags, *sources(), "-o", os.path.join(out, EXTENSION),
                    os.path.join(library, LIBRARY), "-pthread", "-Wl,-z,relro,-z,now", "-Wl,--as-needed",
                    "-Wl,-rpath,$ORIGIN"], check=True)


def build(include, library, out, link=False, flags=(), compiler=None, python=None):
    """`compiler`: the words of a command. `python`: the folder of its Python.h."""
    target = os.path.join(out, "tenon")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__", "*.so*"))
    compile_extension(include, library, target, flags, compiler, python)
    place = os.symlink if link else shutil.copy2
    place(os.path.realpath(os.path.join(library, LIBRARY)), os.path.join(target, LIBRARY))
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--include", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--link", action="store_true")
    options = parser.parse_args()
    print(build(os.path.abspath(options.include), os.path.abspath(options.library), os.path.abspath(options.out),
                options.link))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"build: `{error.cmd[0]}` failed with exit code {error.returncode}")
