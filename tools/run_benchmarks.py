#!/usr/bin/env python3
"""Runs the benchmarks: those of bench/*.cc by Google Benchmark, then every tools/bench_*.py.

Usage: run_benchmarks.py --build DIR [NAME...]

NAME is bench/NAME.cc or tools/bench_NAME.py; without NAME, all run. The figures of each program are written
to DIR/benchmarks/NAME.json. A script of tools/ that compares with peers writes docs/benchmarks.md.
"""
import argparse
import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def stems(pattern, prefix=""):
    return sorted(os.path.splitext(os.path.basename(path))[0].removeprefix(prefix)
                  for path in glob.glob(os.path.join(ROOT, pattern)))


def google_benchmarks():
    """The bench/*.cc that register benchmarks: not shared sources, and not programs with a main."""
    names = []
    for name in stems("bench/*.cc"):
        with open(os.path.join(ROOT, "bench", name + ".cc"), encoding="utf-8") as file:
            if "\nBENCHMARK" in file.read():
                names.append(name)
    return names


def run(*command):
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    return subprocess.run(command, cwd=ROOT).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    programs, scripts = google_benchmarks(), stems("tools/bench_*.py", "bench_")
    unknown = sorted(set(options.names) - set(programs + scripts))
    if unknown:
        sys.exit(f"run_benchmarks: unknown benchmark `{unknown[0]}`; "
                 f"known: {', '.join(programs + scripts)}")
    folder = os.path.join(options.build, "benchmarks")
    os.makedirs(os.path.join(ROOT, folder), exist_ok=True)
    failed = []
    for name in programs:
        if not options.names or name in options.names:
            if not run(os.path.join(options.build, f"{name}_bench"),
                       f"--benchmark_out={os.path.join(folder, name)}.json",
                       "--benchmark_out_format=json"):
                failed.append(name)
    for name in scripts:
        if not options.names or name in options.names:
            if not run(sys.executable, f"tools/bench_{name}.py", "--build", options.build):
                failed.append(name)
    if failed:
        print("benchmarks failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
