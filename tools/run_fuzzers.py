#!/usr/bin/env python3
"""Runs fuzz targets from their checked-in corpus; fails on the first input that breaks a property.

Usage: run_fuzzers.py --build DIR [--seed N|fresh]... [TARGET] [SECONDS]

TARGET is fuzz/TARGET.cc, and its corpus is fuzz/corpus/TARGET/. The corpus is not changed: new inputs are
written to DIR/found/TARGET/, where the next run continues, and inputs that crash to DIR/crashes/TARGET-*.
With a seed, a run starts from the corpus and tries the same inputs each time, as many as its time allows. A fresh
seed is printed. CI uses a fixed seed, which judges the change, and a fresh one, which searches further.
"""
import argparse
import base64
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS = 20
MOST_PRINTED = 8192  # bytes of an input that fails


def all_targets():
    return sorted(name.removesuffix(".cc") for name in os.listdir(os.path.join(ROOT, "fuzz"))
                  if name.endswith(".cc"))


def repeat_command(build, target, artifact):
    """The command that runs an input again, also where its file is gone."""
    command = f"{os.path.join(build, f'{target}_fuzzer')} {artifact}"
    with open(os.path.join(ROOT, artifact), "rb") as file:
        content = file.read()
    if len(content) > MOST_PRINTED:
        return command
    return f"base64 -d > {artifact} <<< {base64.b64encode(content).decode()} && {command}"


def run_target(build, target, seconds, seed):
    """Runs a target; returns whether it found nothing."""
    corpus = os.path.join("fuzz", "corpus", target)
    if not os.path.isdir(os.path.join(ROOT, corpus)) or not os.listdir(os.path.join(ROOT, corpus)):
        print(f"{target}: no corpus in {corpus}")
        return False
    found = os.path.join(build, "found" if seed is None else "seeded", target)
    crashes = os.path.join(build, "crashes", target)
    if seed is not None:
        shutil.rmtree(os.path.join(ROOT, found), ignore_errors=True)
    os.makedirs(os.path.join(ROOT, found), exist_ok=True)
    os.makedirs(os.path.join(ROOT, crashes), exist_ok=True)
    # libFuzzer writes new inputs to the first folder.
    command = [os.path.join(build, f"{target}_fuzzer"), f"-max_total_time={seconds}", "-timeout=10",
               "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={crashes}/",
               *([] if seed is None else [f"-seed={seed}"]), found, corpus]
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    started = time.time()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    stats = dict(line.split() for line in done.stdout.splitlines() if line.startswith("stat::"))
    runs = stats.get("stat::number_of_executed_units:", "?")
    with_seed = "" if seed is None else f" with seed {seed}"
    if done.returncode == 0:
        print(f"{target}: fine, {runs} inputs in {time.time() - started:.0f} s{with_seed}")
        return True
    print("\n".join(done.stdout.splitlines()[-60:]))
    print(f"{target}: FAILED with exit code {done.returncode}{with_seed}; run its input again:")
    for artifact in sorted(os.path.join(crashes, name) for name in os.listdir(os.path.join(ROOT, crashes))):
        if os.path.getmtime(os.path.join(ROOT, artifact)) >= started - 1:
            print("  " + repeat_command(build, target, artifact))
    return False


def read_seed(text):
    return random.randrange(1, 1 << 32) if text == "fresh" else int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=read_seed, action="append", metavar="N|fresh")
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
    seeds = options.seed or [None]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        fine = list(pool.map(lambda target: all([run_target(options.build, target, seconds, seed) for seed in seeds]),
                             targets))
    print(f"fuzz: {sum(fine)} of {len(targets)} targets fine")
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
