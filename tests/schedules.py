#!/usr/bin/env python3
"""Runs the tests of tests/threaded_suites.txt again while threads are slow at random points where they meet, by seed: locks, waits,
wake-ups, the begin of a thread. What these tests expect must hold in any order: each call ends once, none is lost, and a
deadlock is reported.

Usage: schedules.py BUILD [--seeds N] [--first SEED] [--only PATTERN]

BUILD/libshuffle_threads.so makes the points slow (tests/faults/shuffle_threads.c). A test that fails is printed as a command. By the
same seed, threads draw the same pauses; the kernel still has a part in what happens, so a rare fault can need several runs.
"""
import os
import re
import subprocess
import sys

from processes import ROOT, make_parser, run_test

PATIENCE = 1500  # seconds for the tests with one seed
PROOFS = 3  # seeds, one of which must show the fault of a faulty program
# Tests that measure times in milliseconds, or that run programs which would be slowed as well.
LEFT_OUT = "SqlBundles*"


def pattern(only):
    if only:
        return only
    with open(os.path.join(ROOT, "tests", "threaded_suites.txt"), encoding="utf-8") as file:
        suites = file.read().split()
    return ":".join(f"{suite}.*:*/{suite}.*" for suite in suites) + f":-{LEFT_OUT}"


def shuffled(options, seed):
    return {**os.environ, "LD_PRELOAD": os.path.join(options.build, "libshuffle_threads.so"), "SHUFFLE_SEED": str(seed)}


def check_that_it_works(options):
    lost = [int(subprocess.run([os.path.join(options.build, "lost_updates")], env=shuffled(options, seed),
                               capture_output=True, check=True, timeout=60).stdout) for seed in range(1, PROOFS + 1)]
    if not any(lost):
        sys.exit(f"FAILED   the threads of a faulty program lose no updates: {lost}")
    print(f"ok       a faulty program shows its fault: {max(lost)} updates are lost")


def check_seed(options, seed):
    program = os.path.join(options.build, "unit_test")
    done = subprocess.run([program, "--gtest_brief=1", f"--gtest_filter={pattern(options.only)}"], env=shuffled(options, seed),
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    passed = re.search(r"\[  PASSED  \] (\d+) tests?", done.stdout)
    if done.returncode == 0 and passed and int(passed[1]) > 0:
        print(f"ok       seed {seed}: {passed[1]} tests", flush=True)
        return True
    print(f"FAILED   seed {seed}, exit code {done.returncode}\n{done.stdout[-20000:]}")
    failed = dict.fromkeys(re.findall(r"\[  FAILED  \] (\S+?)(?:,|\s|$)", done.stdout))
    for name in failed:
        print(f"  SHUFFLE_SEED={seed} LD_PRELOAD={options.build}/libshuffle_threads.so {program} --gtest_filter={name}")
    return False


def check(options, _):
    check_that_it_works(options)
    seeds = range(options.first, options.first + options.seeds)
    return 0 if all([check_seed(options, seed) for seed in seeds]) else 1


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=20 if "TENON_TEST_ALL" in os.environ else 1)
    parser.add_argument("--first", type=int, default=1, metavar="SEED")
    parser.add_argument("--only", metavar="PATTERN", help="tests, as --gtest_filter has them")
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
