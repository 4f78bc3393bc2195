#!/usr/bin/env python3
"""Builds the package and tests it: mypy --strict, then pytest with the development mode of Python.

Usage: check.py --include DIR --library DIR [--out DIR] [PYTEST_ARGUMENT]...

Parameters as those of build.py. Without mypy, that step is left out and says so. TENON_COMMAND is the command `tenon` for the
tests of generated modules (default: that in DIR of --library); without it, they are skipped. TENON_CALLS is how many calls the tests of
memory make, and TENON_TEST_ALL also builds a plugin in Python. Exit: 77: there is no pytest, or no header of Python.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile

import build

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


def run(*command, **options):
    return subprocess.run(command, **options).returncode


def find_missing():
    if importlib.util.find_spec("pytest") is None:
        return "pytest (python3-pytest)"
    if not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
        return "Python.h (python3-dev)"
    return None


def check(options, out):
    build.build(options.include, options.library, out, link=True, flags=["-Werror"])
    if importlib.util.find_spec("mypy") is None:
        print("check: mypy is not installed, so the types are not checked")
    elif run(sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--cache-dir", os.devnull, "-p", "tenon",
             cwd=out) != 0:
        return 1
    with tempfile.TemporaryDirectory() as folder:
        return run(sys.executable, "-X", "dev", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o",
                   "faulthandler_timeout=120", os.path.join(HERE, "tests"), *options.arguments, cwd=folder,
                   env={"TENON_COMMAND": os.path.join(options.library, "tenon"), **os.environ, "PYTHONPATH": out,
                        "PYTHONDONTWRITEBYTECODE": "1"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--include", "--library"):
        parser.add_argument(name, required=True, type=os.path.abspath)
    parser.add_argument("--out", type=os.path.abspath)
    options, options.arguments = parser.parse_known_args()
    if (missing := find_missing()) is not None:
        print(f"check: skipped: there is no {missing}")
        return SKIPPED
    if options.out is not None:
        return check(options, options.out)
    with tempfile.TemporaryDirectory() as out:
        return check(options, out)


if __name__ == "__main__":
    sys.exit(main())
