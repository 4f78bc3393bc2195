#!/usr/bin/env python3
"""Runs every check that needs no build, one after the other. All run even if one fails.

Usage: lint.py [all]        all: clang-tidy over every file, not only the changed ones, and every header
                           compiled without precompiled headers
"""
import subprocess
import sys
import time

from project_files import ROOT


def main():
    everything = sys.argv[1:] == ["all"]
    checks = [
        ["tools/format.py", "--check"],
        ["tools/check_layers.py"],
        ["tools/check_text.py"],
        ["tools/check_tables.py"],
        ["tools/make_reference.py", "--check"],
        ["tools/find_lookalikes.py"],
        ["tools/check_units.py", "headers", *(["all"] if everything else [])],
        ["tools/check_units.py", "tidy", *(["all"] if everything else [])],
    ]
    failed = []
    for command in checks:
        print("+ " + " ".join(command), file=sys.stderr, flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, *command], cwd=ROOT).returncode != 0:
            failed.append(" ".join(command))
        print(f"  {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
    print("lint: fine" if not failed else "lint: failed: " + "; ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
