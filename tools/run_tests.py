#!/usr/bin/env python3
"""Runs the tests of a build, and reports for each that it ran, or why not.

Usage: run_tests.py --build DIR [--jobs N] [--all] [WHAT...]

WHAT is a module (`resolve`: src/resolve/*_test.cc), a runner (`golden`, `install`: every case of
it), a suite (`OwnerLock`), or a case (`golden/cycle_two`). Without WHAT, every test runs, and it is an error if
a test file produces no tests, or if a test is skipped without a reason.

--all also runs tests that take long: every link case in every variant instead of a fixed sample, and soak
tests in full length (tests/support/test_scale.h).

The programs BUILD/*_test use GoogleTest. Each process runs a share of their tests, because starting a process
for each test would take longer than the tests. If a process dies or hangs, the current test fails, and a new
process continues with the next test. ctest runs all other tests (scripts).
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARE = 40  # tests per process
PATIENCE = 300  # seconds for one test
PROGRAM_LABEL = "program"  # the label of ctest's entries for the programs, which this script runs itself

SLOWEST = 5  # how many of the slowest tests, and of the slowest suites, are listed

Test = collections.namedtuple("Test", "name label program")
SECONDS = {}  # by the name of the test


def sanitizer_options(everything):
    """The environment of tests, with the suppressions of sanitizers for the engine and for libraries."""
    folder = os.path.join(ROOT, "tests")
    options = {"TSAN_OPTIONS": f"report_signal_unsafe=0:suppressions={folder}/tsan.supp",
               "LSAN_OPTIONS": f"print_suppressions=0:suppressions={folder}/lsan.supp", **os.environ}
    if everything:
        options["TENON_TEST_ALL"] = "1"
    return options


def label_of(path):
    """The module or runner that a test file belongs to."""
    folders = os.path.relpath(path, ROOT).split(os.sep)
    return folders[1].removesuffix("_test.cc")


def list_program(program):
    """The tests of a GoogleTest program, in its order."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list.json")
        done = subprocess.run([program, "--gtest_list_tests", f"--gtest_output=json:{path}"],
                              capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            sys.exit(f"run_tests: {program} cannot list its tests:\n{done.stdout}{done.stderr}")
        with open(path, encoding="utf-8") as file:
            suites = json.load(file)["testsuites"]
    return [Test(f"{suite['name']}.{test['name']}", label_of(test["file"]), program)
            for suite in suites for test in suite["testsuite"]]


def list_scripts(build):
    """The tests that only ctest knows."""
    printed = subprocess.run(["ctest", "--show-only=json-v1", "-LE", f"^{PROGRAM_LABEL}$"], cwd=build,
                             capture_output=True, text=True)
    if printed.returncode != 0:
        sys.exit("run_tests: ctest cannot list the tests:\n" + printed.stderr)
    tests = []
    for test in json.loads(printed.stdout)["tests"]:
        labels = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [""])
        tests.append(Test(test["name"], labels[0], None))
    return tests


def matches(test, what):
    """Whether WHAT on the command line selects a test."""
    if "/" in what:
        runner, case = what.split("/", 1)
        case = re.sub(r"[^A-Za-z0-9]", "_", case)
        return re.fullmatch(rf"{re.escape(runner)}\.(.*_)?{case}", test.name) is not None
    suite = test.name.partition(".")[0]  # of tests with parameters: `Kinds/Pool`
    return test.label == what.removesuffix("_test") or what in (suite, suite.rpartition("/")[2])


def expected_labels():
    """The labels that must have tests: one for each module with *_test.cc, one for each runner or folder under tests/."""
    return {label_of(path) for top in ("src", "tests")
            for path in glob.glob(os.path.join(ROOT, top, "**", "*_test.cc"), recursive=True)}


class Process:
    """One run of a program with some of its tests: the output and the result of each."""
    STARTED = re.compile(r"\[ RUN      \] (\S+)$")
    ENDED = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+?),?(?: .*)?\((\d+) ms\)$")

    def __init__(self, tests, environment):
        self.results = {}
        self.current = None
        self.lines = []
        self.progress = time.monotonic()
        names = ":".join(test.name for test in tests)
        with tempfile.NamedTemporaryFile("w", suffix=".flags") as flags:
            flags.write(f"--gtest_filter={names}\n--gtest_color=no\n")
            flags.flush()
            self.process = subprocess.Popen([tests[0].program, f"--gtest_flagfile={flags.name}"],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, env=environment, text=True,
                                            errors="replace", start_new_session=True)
            reader = threading.Thread(target=self.read)
            reader.start()
            self.hung = not self.wait()
            reader.join()
            self.process.stdout.close()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            if started := self.STARTED.search(line.rstrip()):
                self.current = started[1]
                self.lines = []
                self.progress = time.monotonic()
            elif (ended := self.ENDED.search(line.rstrip())) and ended[2] == self.current:
                status = {"OK": "run", "FAILED": "fail", "SKIPPED": "notrun"}[ended[1]]
                self.results[self.current] = (status, "".join(self.lines))
                SECONDS[self.current] = int(ended[3]) / 1000
                self.current = None
                self.lines = []

    def wait(self):
        """False if a test took too long."""
        while True:
            try:
                self.process.wait(1)
                return True
            except subprocess.TimeoutExpired:
                if time.monotonic() - self.progress > PATIENCE:
                    os.killpg(self.process.pid, signal.SIGKILL)
                    self.process.wait()
                    return False

    def ending(self):
        if self.hung:
            return f"took more than {PATIENCE} s"
        code = self.process.returncode
        return f"died of signal {-code}" if code < 0 else f"ended with exit code {code}"


def run_share(tests, environment):
    """Runs tests of one program. Returns {name: (status, output)}."""
    results = {}
    while tests:
        process = Process(tests, environment)
        results.update(process.results)
        rest = [test for test in tests if test.name not in results]
        left = "".join(process.lines)
        if rest and process.current in {test.name for test in rest}:
            results[process.current] = ("fail", f"{left}\nthe process {process.ending()}\n")
        elif rest or process.process.returncode and all(status != "fail" for status, _ in results.values()):
            # Outside of any test: before the first test, or at the end (leaks of any test).
            name = (rest or tests)[0].name
            results[name] = ("fail", f"{left}\nthe process {process.ending()}, not in a test\n")
        tests = [test for test in rest if test.name not in results]
    return results


def run_programs(tests, jobs, environment):
    shares = []
    for program in sorted({test.program for test in tests}):
        own = [test for test in tests if test.program == program]
        size = max(1, min(SHARE, len(own) // (4 * jobs) or 1))
        shares += [own[i:i + size] for i in range(0, len(own), size)]
    results = {}
    done = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for share in concurrent.futures.as_completed(
                [pool.submit(run_share, share, environment) for share in shares]):
            results.update(share.result())
            for name, (status, output) in share.result().items():
                if status == "fail":
                    print(f"\n{output}\nFAILED: {name}", flush=True)
            if len(results) * 10 // len(tests) > done:
                done = len(results) * 10 // len(tests)
                print(f"{len(results)} of {len(tests)}", file=sys.stderr, flush=True)
    return results


def run_scripts(tests, build, jobs, environment):
    path = os.path.abspath(os.path.join(build, "test-results.xml"))
    names = "|".join(re.escape(test.name) for test in tests)
    command = ["ctest", "--output-on-failure", "--parallel", str(jobs), "--output-junit", path, "-R", f"^({names})$"]
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, cwd=build, env=environment)
    return {case.get("name"): (case.get("status"), case.findtext("system-out") or "")
            for case in ElementTree.parse(path).getroot().iter("testcase")}


def skip_reason(output):
    """The text after GTEST_SKIP() <<; for a script, the last line that it printed."""
    if "[  SKIPPED ]" in output:
        match = re.search(r"Skipped\n(?!\[)(.+)", output)
        return match[1].strip() if match else ""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def report(results, tests, seconds):
    """Prints the summary; returns the problems."""
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
            problems.append(f"did not run, and gives no reason ({status}): {name}")
    for reason, names in sorted(reasons.items()):
        print(f"skipped {len(names)}: {reason}")
        for name in names[:20]:
            print(f"  {name}")
        if len(names) > 20:
            print(f"  and {len(names) - 20} more")
    skipped = sum(len(names) for names in reasons.values())
    suites = collections.Counter()
    for name, taken in SECONDS.items():
        suites[name.partition(".")[0]] += taken
    for name, taken in collections.Counter(SECONDS).most_common(SLOWEST) + suites.most_common(SLOWEST):
        print(f"{taken:6.1f} s  {name}")
    print(f"{passed} passed, {len(problems)} failed, {skipped} skipped, of {len(tests)} tests "
          f"in {seconds:.0f} s")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("what", nargs="*")
    options = parser.parse_args()

    programs = sorted(glob.glob(os.path.join(os.path.abspath(options.build), "*_test")))
    known = [test for program in programs for test in list_program(program)] + list_scripts(options.build)
    for what in options.what:
        if not any(matches(test, what) for test in known):
            sys.exit(f"run_tests: no test matches `{what}`")
    tests = [test for test in known
             if not options.what or any(matches(test, what) for what in options.what)]
    problems = []
    if not options.what:
        labels = {test.label for test in tests}
        problems += [f"no test comes from {label}" for label in sorted(expected_labels() - labels)]

    environment = sanitizer_options(options.all)
    started = time.monotonic()
    results = {}
    in_programs = [test for test in tests if test.program]
    scripts = [test for test in tests if not test.program]
    if in_programs:
        results.update(run_programs(in_programs, options.jobs, environment))
    if scripts:
        results.update(run_scripts(scripts, options.build, options.jobs, environment))
    problems += report(results, [test.name for test in tests], time.monotonic() - started)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
