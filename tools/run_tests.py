#!/usr/bin/env python3
"""Runs the tests of a build by ctest and accounts for each: it ran, or it says why not.

Usage: run_tests.py --build DIR [--jobs N] [WHAT...]

WHAT is a module (`resolve`: src/resolve/*_test.cc), a runner (`golden`, `cli`, `install`: every case
of it), or a case (`golden/cycle_two`). Without WHAT every test runs, and a folder of tests that
produced none is an error, as is a skip without a reason.
"""
import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def selections(what):
    """ctest's arguments for one WHAT; each test is in at most one of them."""
    if "/" in what:
        runner, case = what.split("/", 1)
        case = re.escape(case.replace("/", "_").replace("-", "_"))
        return [["-R", rf"^{re.escape(runner)}\.(.*_)?{case}$"]]
    label = rf"^{re.escape(what)}(_test)?$"
    return [["-L", label], ["-LE", label, "-R", rf"^{re.escape(what)}\."]]


def sanitizer_options():
    """The environment, with what the thread sanitizer has to know of the engine."""
    suppressions = os.path.join(ROOT, "tests", "tsan.supp")
    return {"TSAN_OPTIONS": f"report_signal_unsafe=0:suppressions={suppressions}", **os.environ}


def listed_tests(build, arguments):
    """Every test that ctest knows, as {name: labels}."""
    printed = subprocess.run(["ctest", "--show-only=json-v1", *arguments], cwd=build,
                             capture_output=True, text=True)
    if printed.returncode != 0:
        sys.exit("run_tests: ctest cannot list the tests:\n" + printed.stderr)
    tests = {}
    for test in json.loads(printed.stdout)["tests"]:
        labels = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [])
        tests[test["name"]] = labels
    return tests


def expected_labels():
    """The labels that must have tests: one a module with *_test.cc, one a runner under tests/."""
    labels = set()
    for path in glob.glob(os.path.join(ROOT, "src", "**", "*_test.cc"), recursive=True):
        labels.add(os.path.relpath(path, os.path.join(ROOT, "src")).split(os.sep)[0] + "_test")
    for path in glob.glob(os.path.join(ROOT, "tests", "*_test.cc")):
        labels.add(os.path.basename(path).removesuffix(".cc"))
    return labels


def read_results(path):
    """{name: (status, output)} from ctest's JUnit file."""
    results = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        results[case.get("name")] = (case.get("status"), output)
    return results


def skip_reason(output):
    """What stands after GTEST_SKIP() <<; of a script, the last line that it printed."""
    if "[  SKIPPED ]" in output:
        match = re.search(r"Skipped\n(?!\[)(.+)", output)
        return match[1].strip() if match else ""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def report(results, tests, seconds):
    """Prints the account; returns the problems."""
    problems = []
    reasons = collections.defaultdict(list)
    passed = 0
    for name in sorted(tests):
        status, output = results.get(name, ("missing", ""))
        if status == "run":
            passed += 1
        elif status == "notrun" and (reason := skip_reason(output)):
            reasons[reason].append(name)
        elif status == "fail":
            problems.append(f"failed: {name}")
        else:
            problems.append(f"did not run, and says no reason ({status}): {name}")
    for reason, names in sorted(reasons.items()):
        print(f"skipped {len(names)}: {reason}")
        for name in names:
            print(f"  {name}")
    skipped = sum(len(names) for names in reasons.values())
    print(f"{passed} passed, {len(problems)} failed, {skipped} skipped, of {len(tests)} tests "
          f"in {seconds:.0f} s")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", default="1")
    parser.add_argument("what", nargs="*")
    options = parser.parse_args()

    tests = {}
    runs = []
    for what, groups in [(what, selections(what)) for what in options.what] or [("everything", [[]])]:
        found = [(arguments, listed_tests(options.build, arguments)) for arguments in groups]
        if not any(listed for _, listed in found):
            sys.exit(f"run_tests: no test is called `{what}`")
        runs += [arguments for arguments, listed in found if listed]
        for _, listed in found:
            tests.update(listed)
    problems = []
    if not options.what:
        labels = {label for found in tests.values() for label in found}
        problems += [f"no test comes from {label}" for label in sorted(expected_labels() - labels)]

    results = {}
    started = time.monotonic()
    for i, arguments in enumerate(runs):
        path = os.path.abspath(os.path.join(options.build, f"test-results-{i}.xml"))
        command = ["ctest", "--output-on-failure", "--parallel", options.jobs, "--output-junit", path,
                   "--progress", *arguments]
        print("+ " + " ".join(command), file=sys.stderr, flush=True)
        subprocess.run(command, cwd=options.build, env=sanitizer_options())
        results.update(read_results(path))
    problems += report(results, tests, time.monotonic() - started)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
