"""Tests of the wording that check_text.py rejects."""
import unittest

import check_text


def phrases(text):
    return [phrase for _, phrase, _ in check_text.find_wording(text)]


class WordingTest(unittest.TestCase):
    def test_is_no_before_a_noun_is_rejected(self):
        for text, phrase in [("`x` is no number", "is no number"),
                             ("those are no values", "are no values"),
                             ('"`{}` is no `{}`"', "is no `{"),
                             ("This is no file", "is no file")]:
            self.assertEqual(phrases(text), [phrase], text)

    def test_is_no_is_allowed_where_it_is_english(self):
        for text in ("there is no file", "There are no units", "if there is no such name", "it is no longer used",
                     "which is no more than a name", "this is no different", "it is not a file", "x is None"):
            self.assertEqual(phrases(text), [], text)

    def test_a_phrase_may_be_broken_across_lines(self):
        self.assertEqual(phrases("// What is\n// no component"), ["is no component"])
        self.assertEqual(phrases('"`{}` is "\n      "no number"'), ["is no number"])
        self.assertEqual(phrases("// where there\n// is no file"), [])

    def test_other_phrases(self):
        self.assertEqual(phrases("and has none of that"), ["none of that"])
        self.assertEqual(phrases("`a` stands twice among the exports"), ["stands twice"])
        self.assertEqual(phrases("a name, which is none"), ["which is none"])
        self.assertEqual(phrases("mend the line; we recommend and amend"), ["mend"])

    def test_the_line_is_that_of_the_phrase(self):
        self.assertEqual(check_text.find_wording("one\ntwo\nit is no file\n")[0][0], 3)

    def test_which_files_are_checked(self):
        for path in ("src/a/b.cc", "include/tenon/a.h", "engine/src/a.rs", "docs/a.md", "README.md", "dev",
                     "tests/a_test.cc", "tests/support/a.h", "tools/a.py"):
            self.assertTrue(check_text.has_checked_wording(path), path)
        for path in ("docs/reference/a.md", "bundles/x/gen/a.h", "tests/golden/a/expected.err", "tools/check_text.py",
                     "examples/press/wasm/a.wasm"):
            self.assertFalse(check_text.has_checked_wording(path), path)


if __name__ == "__main__":
    unittest.main()
