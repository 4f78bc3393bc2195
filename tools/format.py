#!/usr/bin/env python3
"""Formats C++ (clang-format) and Rust (cargo fmt), or checks that both are formatted.

Usage: format.py [--check]
"""
import os
import re
import shutil
import subprocess
import sys

from project_files import ROOT, project_files


def run(*command, folder=ROOT):
    print("+ " + " ".join(command[:6]) + (" ..." if len(command) > 6 else ""), file=sys.stderr, flush=True)
    return subprocess.run(command, cwd=folder).returncode == 0


def cpp_files():
    """Sources to format. Generated files and the sources of guests are left as they are."""
    return [path for path in project_files(".h", ".cc")
            if path.startswith(("src/", "include/", "tests/", "fuzz/", "bench/", "bundles/")) and "/guests/" not in path
            and "/gen/" not in path]


def check_cpp():
    """Prints the files that clang-format would change."""
    done = subprocess.run(["clang-format-19", "--dry-run", *cpp_files()], cwd=ROOT, stderr=subprocess.PIPE,
                          text=True)
    unformatted = sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning: ", done.stderr, re.M)))
    for path in unformatted:
        print(f"{path}: not formatted; run ./dev fmt")
    return done.returncode == 0 and not unformatted


def main():
    check = sys.argv[1:] == ["--check"]
    fine = check_cpp() if check else run("clang-format-19", "-i", *cpp_files())
    # Debian's cargo comes without rustfmt; then Rust is not formatted.
    if not os.path.exists(os.path.join(ROOT, "engine", "Cargo.toml")):
        pass
    elif shutil.which("rustfmt") and shutil.which("cargo"):
        fine &= run("cargo", "fmt", *(["--check"] if check else []), folder=os.path.join(ROOT, "engine"))
    else:
        print("skipped: Rust is not formatted, because rustfmt is not installed")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
