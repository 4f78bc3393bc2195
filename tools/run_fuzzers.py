#!/usr/bin/env python3
"""Runs fuzz targets from their checked-in corpus; fails on the first input that breaks a property.

Usage: run_fuzzers.py --build DIR [--seed N] [TARGET] [SECONDS]

TARGET is fuzz/TARGET.cc, and its corpus is fuzz/corpus/TARGET/. The corpus is not changed: new inputs are
written to DIR/found/TARGET/, where the next run continues, and inputs that crash to DIR/crashes/TARGET-*.
With a seed, a run starts from the corpus and tries the same inputs each time, as many as its time allows.
CI uses a seed, so that it judges only the change; runs without a seed search further.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS = 20


def all_targets():
    return sorted(name.removesuffix(".cc") for name in os.listdir(os.path.join(ROOT, "fuzz"))
                  if name.endswith(".cc"))


def run_target(build, target, seconds, seed):
    """Runs a target; returns whether it found nothing."""
    corpus = os.path.join("fuzz", "corpus", target)
    if not os.path.isdir(os.path.join(ROOT, corpus)) or not os.listdir(os.path.join(ROOT, corpus)):
        print(f"{target}: no corpus in {corpus}")
        return False
    found = os.path.join(build, "found" if seed is None else "seeded", target)
    crashes = os.path.join(build, "crashes")
    if seed is not None:
        shutil.rmtree(os.path.join(ROOT, found), ignore_errors=True)
    os.makedirs(os.path.join(ROOT, found), exist_ok=True)
    os.makedirs(os.path.join(ROOT, crashes), exist_ok=True)
    # libFuzzer writes new inputs to the first folder.
    command = [os.path.join(build, f"{target}_fuzzer"), f"-max_total_time={seconds}", "-timeout=10",
               "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=1",
               f"-artifact_prefix={os.path.join(crashes, target)}-",
               *([] if seed is None else [f"-seed={seed}"]), found, corpus]
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    stats = dict(line.split() for line in done.stdout.splitlines() if line.startswith("stat::"))
    runs = stats.get("stat::number_of_executed_units:", "?")
    if done.returncode == 0:
        print(f"{target}: fine, {runs} inputs in {time.monotonic() - started:.0f} s")
        return True
    tail = "\n".join(done.stdout.splitlines()[-60:])
    print(f"{tail}\n{target}: FAILED with exit code {done.returncode}; the input is in {crashes}/{target}-*; "
          f"run it again: {command[0]} FILE")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("what", nargs="*", metavar="TARGET|SECONDS")
    options = parser.parse_args()
    seconds = next((int(word) for word in options.what if word.isdigit()), SECONDS)
    wanted = [word for word in options.what if not word.isdigit()]
    unknown = sorted(set(wanted) - set(all_targets()))
    if unknown:
        sys.exit(f"run_fuzzers: unknown target `{unknown[0]}`; known: {', '.join(all_targets())}")
    targets = wanted or all_targets()
    if not targets:
        sys.exit("run_fuzzers: there are no targets in fuzz/")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        fine = list(pool.map(lambda target: run_target(options.build, target, seconds, options.seed), targets))
    print(f"fuzz: {sum(fine)} of {len(targets)} targets fine")
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
