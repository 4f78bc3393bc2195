"""Tests of how advisories are compared with the pinned engine and the tests, and the comparison itself."""
import unittest

import audit

ADVISORY = "GHSA-2222-3333-4444"


class AuditTest(unittest.TestCase):
    def problems(self, meaning, fixed_in="48.0.8", pinned="48.0.8"):
        rows, problems = audit.read_rows(f"| {ADVISORY} | {fixed_in} | what it was | {meaning} |\n")
        self.assertEqual(problems, [])
        return list(audit.check_rows(rows, pinned, {"Suite.Test"}))

    def test_the_page_is_right(self):
        rows, problems = audit.read_rows(audit.read_text(audit.PAGE))
        self.assertGreater(len(rows), 40)
        self.assertEqual(problems + list(audit.check_rows(rows, audit.pinned_engine(), audit.all_tests())), [])

    def test_rows_can_name_tests_or_a_state(self):
        for meaning in ("`Suite.Test`", "fixed in the engine", "not used: tenon has no `wasi:http`"):
            self.assertEqual(self.problems(meaning), [], meaning)
        self.assertIn("there is no test `Suite.Other`", self.problems("`Suite.Other`")[0])
        self.assertIn("expected a test, or one of", self.problems("nothing")[0])

    def test_advisories_after_the_pinned_version_are_open(self):
        self.assertIn("it is open", self.problems("`Suite.Test`", fixed_in="48.0.10")[0])
        self.assertIn("it is open", self.problems("fixed in the engine", fixed_in="48.0.10")[0])
        for meaning in ("open: until it can be had", "patched (`engine/patches`); `Suite.Test`", "not used: other"):
            self.assertEqual(self.problems(meaning, fixed_in="48.0.10"), [], meaning)
        self.assertIn("not open or patched any more", self.problems("open: until it can be had", pinned="48.0.10")[0])

    def test_other_rows_are_reported(self):
        self.assertIn("a row is not", audit.read_rows(f"| {ADVISORY} | 48 | a | b |\n")[1][0])
        row = f"| {ADVISORY} | 48.0.1 | a | fixed in the engine |\n"
        self.assertIn("duplicate", audit.read_rows(row + row)[1][0])


if __name__ == "__main__":
    unittest.main()
