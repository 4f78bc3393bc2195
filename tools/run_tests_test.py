"""Tests of how run_tests.py runs and reports tests."""
import contextlib
import io
import os
import tempfile
import unittest

import run_tests


class AccountTest(unittest.TestCase):
    def account(self, results):
        """(problems, what is printed) for {name: (status, output)}."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            problems = run_tests.report(results, {name: [] for name in [*results, "Expected.Test"]}, 1)
        return problems, printed.getvalue()

    def test_a_skip_with_a_reason_is_listed(self):
        skipped = "a_test.cc:3: Skipped\nneeds two cores\n[  SKIPPED ] A.B (0 ms)"
        problems, printed = self.account({"Expected.Test": ("run", ""), "A.B": ("notrun", skipped)})
        self.assertEqual(problems, [])
        self.assertIn("skipped 1: needs two cores\n  A.B\n", printed)
        self.assertIn("1 passed, 0 failed, 1 skipped, of 2 tests", printed)

    def test_the_last_line_of_a_script_is_its_reason(self):
        self.assertEqual(run_tests.skip_reason("checking\nrustfmt is not installed\n"), "rustfmt is not installed")

    def test_a_skip_of_googletest_without_text_has_no_reason(self):
        self.assertEqual(run_tests.skip_reason("a_test.cc:3: Skipped\n[  SKIPPED ] A.B (0 ms)"), "")

    def test_a_skip_without_a_reason_is_a_problem(self):
        problems, _ = self.account({"Expected.Test": ("run", ""), "A.B": ("notrun", "")})
        self.assertEqual(len(problems), 1)

    def test_a_disabled_test_is_a_problem(self):
        problems, _ = self.account({"Expected.Test": ("run", ""), "A.B": ("disabled", "")})
        self.assertEqual(len(problems), 1)

    def test_a_test_without_a_result_is_a_problem(self):
        problems, _ = self.account({})
        self.assertEqual(problems, ["did not run, and gives no reason (missing): Expected.Test"])


class SelectionTest(unittest.TestCase):
    CASE = run_tests.Test("golden.plan_cycle_two", "golden", "golden_test")
    UNIT = run_tests.Test("OwnerLock.Waits", "runtime", "unit_test")

    def test_a_case_is_found_by_its_folder_name(self):
        self.assertTrue(run_tests.matches(self.CASE, "golden/cycle-two"))
        self.assertFalse(run_tests.matches(self.CASE, "golden/cycle"))
        self.assertFalse(run_tests.matches(self.CASE, "cli/cycle-two"))

    def test_a_module_and_a_suite_are_names(self):
        for what in ("runtime", "runtime_test", "OwnerLock"):
            self.assertTrue(run_tests.matches(self.UNIT, what), what)
        self.assertFalse(run_tests.matches(self.UNIT, "run"))

    def test_a_file_has_the_label_of_its_folder(self):
        self.assertEqual(run_tests.label_of(os.path.join(run_tests.ROOT, "src/cli/commands/x_test.cc")), "cli")
        self.assertEqual(run_tests.label_of(os.path.join(run_tests.ROOT, "tests/order_test.cc")), "order")
        self.assertEqual(run_tests.label_of(os.path.join(run_tests.ROOT, "tests/memory/calls_test.cc")), "memory")


# A stand-in for a GoogleTest program: the name of each test says how it ends.
PROGRAM = """#!/usr/bin/env python3
import os, sys, time
flags = open(sys.argv[1].split("=", 1)[1]).read().split()
names = next(flag for flag in flags if "filter" in flag).split("=", 1)[1].split(":")
for name in names:
    print("[ RUN      ] " + name, flush=True)
    print("text of " + name, flush=True)
    if name.endswith("Dies"):
        os.abort()
    if name.endswith("Hangs"):
        time.sleep(600)
    print("[  FAILED  ] " + name + " (1 ms)" if name.endswith("Fails") else "[       OK ] " + name + " (1 ms)")
if any(name.endswith("Leaks") for name in names):
    print("leaked")
    sys.exit(23)
sys.exit(1 if any(name.endswith("Fails") for name in names) else 0)
"""


class ProcessTest(unittest.TestCase):
    def run_names(self, *names):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            with open(program, "w", encoding="utf-8") as file:
                file.write(PROGRAM)
            os.chmod(program, 0o755)
            return run_tests.run_share([run_tests.Test(name, "x", program) for name in names], dict(os.environ))

    def test_a_failure_has_its_own_output(self):
        results = self.run_names("A.Fine", "A.Fails", "A.Last")
        self.assertEqual([results[name][0] for name in ("A.Fine", "A.Fails", "A.Last")], ["run", "fail", "run"])
        self.assertIn("text of A.Fails", results["A.Fails"][1])
        self.assertNotIn("A.Fine", results["A.Fails"][1])

    def test_a_process_that_dies_fails_one_test_and_the_rest_run(self):
        results = self.run_names("A.First", "A.Dies", "A.Last")
        self.assertEqual([results[name][0] for name in ("A.First", "A.Dies", "A.Last")], ["run", "fail", "run"])
        self.assertIn("died of signal 6", results["A.Dies"][1])

    def test_a_test_that_hangs_is_ended(self):
        patience, run_tests.PATIENCE = run_tests.PATIENCE, 4
        try:
            results = self.run_names("A.Hangs", "A.Last")
        finally:
            run_tests.PATIENCE = patience
        self.assertEqual(results["A.Hangs"][0], "fail")
        self.assertIn("took more than 4 s", results["A.Hangs"][1])
        self.assertEqual(results["A.Last"][0], "run")

    def test_a_problem_at_the_end_of_a_process_is_a_failure(self):
        results = self.run_names("A.First", "A.Leaks")
        self.assertIn("leaked", "".join(output for status, output in results.values() if status == "fail"))


if __name__ == "__main__":
    unittest.main()
