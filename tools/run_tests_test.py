"""Tests of how run_tests.py accounts for tests."""
import contextlib
import io
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
        self.assertEqual(problems, ["did not run, and says no reason (missing): Expected.Test"])


class SelectionTest(unittest.TestCase):
    def test_a_case_is_found_by_its_folder_name(self):
        self.assertEqual(run_tests.selections("golden/cycle-two"), [["-R", r"^golden\.(.*_)?cycle_two$"]])

    def test_a_module_is_its_label_and_its_suites(self):
        self.assertEqual(run_tests.selections("golden"),
                         [["-L", "^golden(_test)?$"], ["-LE", "^golden(_test)?$", "-R", r"^golden\."]])


if __name__ == "__main__":
    unittest.main()
