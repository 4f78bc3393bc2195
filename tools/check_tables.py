#!/usr/bin/env python3
"""Checks that every diagnostic is documented and tested.

Each row of src/support/diagnostics.def has a page in docs/diagnostics.md and a test: its code occurs
in an expected output of tests/golden or in a *_test.cc. Each page has a row.

Usage: check_tables.py        exit 1 and one line for each problem
"""
import re
import sys

from project_files import project_files, read_text

ROW = re.compile(r'^TENON_DIAGNOSTIC\((\w+), "([a-z0-9-]+)",', re.M)
PAGE = re.compile(r"^## ([a-z0-9-]+)$", re.M)


def tested_text():
    """All text in which tested codes occur."""
    texts = [read_text(path) for path in project_files("_test.cc")]
    texts += [read_text(path) for path in project_files()
              if path.startswith(("tests/golden/", "tests/regress/"))
              and not path.endswith((".wasm", ".wat"))]
    return "\n".join(texts)


def main():
    rows = ROW.findall(read_text("src/support/diagnostics.def"))
    pages = PAGE.findall(read_text("docs/diagnostics.md"))
    tested = tested_text()
    problems = []
    for enumerator, code in rows:
        if code not in pages:
            problems.append(f"diagnostics.def: `{code}` has no page in docs/diagnostics.md")
        if not re.search(rf'[\["]{code}[\]"]|\bCode::{enumerator}\b', tested):
            problems.append(f"diagnostics.def: `{code}` has no test")
    codes = [code for _, code in rows]
    problems += [f"docs/diagnostics.md: `{page}` is not a code" for page in pages if page not in codes]
    problems += [f"docs/diagnostics.md: duplicate page `{page}`"
                 for page in sorted({page for page in pages if pages.count(page) > 1})]
    print("\n".join(problems + [f"tables: {len(rows)} diagnostics, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
