#!/usr/bin/env python3
"""Looks for known advisories of what is built into tenon.

Usage: audit.py            compares docs/advisories.md with the pinned engine and the tests, runs `cargo audit` if it is
                           installed, and otherwise names the crates and packages to look up
       audit.py --check    only the comparison, which needs no network

Exit code 1: the page is wrong, or `cargo audit` reports an advisory. What the page calls open is only printed.
"""
import re
import subprocess
import sys
from urllib.parse import unquote

import engine_crates
import make_sbom
from project_files import project_files, read_text

PAGE = "docs/advisories.md"
ROW = re.compile(r"^\| (GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}) \| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \|$")
TEST = re.compile(r"^TEST(?:_F)?\((\w+), (\w+)\)", re.M)
NAMED_TEST = re.compile(r"`(\w+\.\w+)`")
# How the last column of a row can begin that names no test.
STATES = ("fixed in the engine", "not used: ", "open: ")


def version_tuple(text):
    return tuple(map(int, text.split(".")))


def read_rows(page):
    """(advisory, version that fixes it, what it was, what it means for tenon) of each row; problems with others."""
    rows, problems = [], []
    for line in page.splitlines():
        if not line.startswith("| GHSA"):
            continue
        match = ROW.match(line)
        if match:
            rows.append(match.groups())
        else:
            problems.append(f"{PAGE}: a row is not an advisory, a version, and two texts: {line}")
    names = [row[0] for row in rows]
    problems += [f"{PAGE}: duplicate {name}" for name in sorted({name for name in names if names.count(name) > 1})]
    return rows, problems


def check_rows(rows, pinned, tests):
    """Problems of the rows, for a pinned version of the engine and the names of all tests."""
    for advisory, fixed_in, _, meaning in rows:
        is_fixed = version_tuple(fixed_in) <= version_tuple(pinned)
        named = NAMED_TEST.findall(meaning)
        for test in named:
            if test not in tests:
                yield f"{PAGE}: {advisory}: there is no test `{test}`"
        if not named and not meaning.startswith(STATES):
            yield f"{PAGE}: {advisory}: expected a test, or one of: {', '.join(STATES)}"
        if is_fixed and meaning.startswith(("open", "patched")):
            yield f"{PAGE}: {advisory}: it is fixed in {fixed_in}, and {pinned} is pinned: it is not open or patched any more"
        if not is_fixed and not meaning.startswith(("open", "patched", "not used")):
            yield f"{PAGE}: {advisory}: it is fixed in {fixed_in}, but {pinned} is pinned: it is open"


def pinned_engine():
    return next(version for name, version in engine_crates.locked() if name == "wasmtime")


def all_tests():
    return {".".join(match) for path in project_files("_test.cc") for match in TEST.findall(read_text(path))}


def run_cargo_audit():
    """Its exit code, or None if it is not installed or has no database."""
    if subprocess.run([engine_crates.find_cargo(), "audit", "--version"], capture_output=True).returncode != 0:
        return None
    done = subprocess.run([engine_crates.find_cargo(), "audit", "--file", engine_crates.LOCK], capture_output=True, text=True)
    if "couldn't fetch advisory database" in done.stderr:
        return None
    print(done.stdout + done.stderr, end="")
    return done.returncode


def name_parts():
    print("`cargo audit` cannot be used here (cargo install cargo-audit; it fetches its database). Look up, at https://osv.dev or\n"
          "https://rustsec.org, or pass the bill of materials of a release to a scanner:\n")
    for title, crates in (("crates in the library", engine_crates.linked()), ("crates that run in the build",
                                                                              engine_crates.build_time())):
        print(f"{title}:\n  " + ", ".join(f"{name} {version}" for name, version in sorted(crates)) + "\n")
    print("Debian packages, at https://security-tracker.debian.org:\n  " + ", ".join(
        f"{unquote(row['purl'].split('/')[2].split('@')[0])} {row['version']}"
        for row in make_sbom.library_components()))


def main():
    rows, problems = read_rows(read_text(PAGE))
    pinned = pinned_engine()
    problems += check_rows(rows, pinned, all_tests())
    for problem in problems:
        print(f"audit: {problem}")
    if sys.argv[1:] == ["--check"]:
        return 1 if problems else 0
    print(f"wasmtime {pinned}: {len(rows)} advisories of its line are in {PAGE}")
    for advisory, fixed_in, what, meaning in rows:
        if meaning.startswith(("open", "patched")):
            print(f"  {advisory}, fixed in {fixed_in}: {what}; {meaning}")
    audited = run_cargo_audit()
    if audited is None:
        name_parts()
    return 1 if problems or audited else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"audit: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
