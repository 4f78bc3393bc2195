"""Tests of the output of run_quietly.py when a command fails."""
import os
import subprocess
import sys
import tempfile
import unittest

import run_quietly

TOOL = run_quietly.__file__


class QuietTest(unittest.TestCase):
    def run_tool(self, code):
        """(exit code, standard error, the log) for a command in Python."""
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log", "x.log")
            done = subprocess.run([sys.executable, TOOL, log, sys.executable, "-c", code], capture_output=True,
                                  text=True, env={**os.environ, "VERBOSE": ""})
            with open(log, encoding="utf-8") as file:
                return done.returncode, done.stderr, file.read()

    def test_success_is_quiet_and_kept(self):
        self.assertEqual(self.run_tool("print('[1/2] a')"), (0, "", "[1/2] a\n"))

    def test_warnings_are_counted(self):
        self.assertIn("1 warnings, in ", self.run_tool("print('a.cc:1: warning: x')")[1])

    def test_a_failure_prints_from_the_first_that_failed(self):
        code, printed, _ = self.run_tool("print('[1/2] a\\nFAILED: b\\nb.cc:1: error: x'); raise SystemExit(3)")
        self.assertEqual(code, 3)
        self.assertTrue(printed.startswith("FAILED: b\nb.cc:1: error: x\n"), printed)
        self.assertIn("failed with exit code 3; the whole output is in ", printed)

    def test_other_failures_print_the_end(self):
        lines = run_quietly.errors_of([f"{i}\n" for i in range(200)])
        self.assertEqual((len(lines), lines[-1]), (run_quietly.TAIL, "199\n"))


if __name__ == "__main__":
    unittest.main()
