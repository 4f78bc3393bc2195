#!/usr/bin/env python3
"""Checks the text of the tree: lengths and names of files, module READMEs, links, wording, machine paths.

Usage: check_text.py        exit 1 and one line for each problem
"""
import os
import re
import sys

from project_files import ROOT, project_files, read_text

CODE = (".h", ".cc", ".rs", ".py", ".sh")
MAX_LINES = 800
# Files that have a limit of their own.
LINES_OF = {"dev": 150, "README.md": 150, ".ci/run": 150}
MODULE_README_LINES = 40

BAD_STEM = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")
GOOD_NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z]+)?$")
# Text that ties a file to one machine or to the place where it was made. Lock files name their registry.
FORBIDDEN = [
    (re.compile(rb"/(work|root|home/[a-z][\w-]*)/[\w.]"), "a path of a machine"),
    (re.compile(rb"\.\./shared\b"), "a path outside the project"),
    (re.compile(rb"\b(static\.|index\.)?crates\.io\b|\bregistry\.npmjs\.org|\bproxy\.golang\.org"
                rb"|\bfiles\.pythonhosted\.org|\bdeb\.debian\.org"), "a registry host"),
]
LOCK_FILES = ("Cargo.lock", "package-lock.json", "go.sum")
PROSE_WORDS = re.compile(r"\b(simply|powerful|seamless(ly)?|robust(ly|ness)?)\b", re.I)
PLANS = re.compile(r"\b(TODO|FIXME|XXX)\b")
PRINTS = re.compile(r"\bfmt::print\(")

# Wording that is never right in messages, comments and documents. A phrase can continue on the next line of a
# comment, of a string literal or of a list, so a gap is any run of spaces, line breaks and their marks.
GAP = r"[\s\"/#*>]+"
IS_NO = re.compile(rf"(?:\b(\w+){GAP})?\b((?:is|are){GAP}no{GAP}([\w`{{]+))")
MAY_PRECEDE_IS_NO = {"there", "here"}
MAY_FOLLOW_IS_NO = {"longer", "more", "less", "fewer", "different", "better", "worse", "other", "larger", "smaller",
                    "slower", "faster", "later", "earlier", "further", "one"}
PHRASES = [
    (re.compile(rf"\bnone{GAP}of{GAP}that\b"), "say which thing is missing"),
    (re.compile(rf"\bstands?{GAP}twice\b"), "write `duplicate` or `is used twice`"),
    (re.compile(rf"\bwhich{GAP}is{GAP}none\b"), "say what is wrong with it"),
    (re.compile(r"\bmend(s|ed|ing)?\b"), "write `fix`"),
]
WORDED_SUFFIXES = (".h", ".cc", ".c", ".rs", ".py", ".sh", ".md", ".def", ".cmake", ".in", ".toml", ".wit", ".txt")
WORDED_FOLDERS = ("src/", "include/", "engine/src/", "engine/include/", "bundles/", "examples/", "tools/", "docs/",
                  "bench/", "fuzz/", "cmake/", "tests/support/")
# Generated files, and the files that quote the wording which is rejected.
NOT_WORDED = re.compile(r"/gen/|^docs/reference/|^tools/check_text(_test)?\.py$")

LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
MARKDOWN_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)


def is_exempt_from_length(path):
    return "_test." in path or path.endswith(".def") or "/gen/" in path or path.startswith("tests/")


def check_length(path):
    """A problem, or None."""
    lines = read_text(path).count("\n")
    if path in LINES_OF:
        return f"{path}: {lines} lines, at most {LINES_OF[path]}" if lines > LINES_OF[path] else None
    if is_exempt_from_length(path) or not path.endswith(CODE) or lines <= MAX_LINES:
        return None
    return f"{path}: {lines} lines; split it by concept (limit {MAX_LINES})"


def check_name(path):
    name = os.path.basename(path)
    if not path.endswith((".h", ".cc")) or "/gen/" in path or path.startswith("examples/"):
        return None
    if BAD_STEM.search(name.split(".")[0]):
        return f"{path}: name it after its main type or verb"
    return None if GOOD_NAME.match(name) else f"{path}: file names are snake_case"


def check_module_readmes():
    for module in sorted(os.listdir(os.path.join(ROOT, "src"))):
        if not project_files_of(module):
            continue
        path = f"src/{module}/README.md"
        if not os.path.exists(os.path.join(ROOT, path)):
            yield f"{path}: missing; what it is for, key types, what it must not do, where to start"
        elif (lines := read_text(path).count("\n")) > MODULE_README_LINES:
            yield f"{path}: {lines} lines, at most {MODULE_README_LINES}"


def project_files_of(module):
    return [path for path in project_files(".cc", ".h") if path.startswith(f"src/{module}/")]


def check_words(path):
    with open(os.path.join(ROOT, path), "rb") as file:
        content = file.read()
    if os.path.basename(path) not in LOCK_FILES:
        for pattern, what in FORBIDDEN:
            for match in pattern.finditer(content):
                line = content.count(b"\n", 0, match.start()) + 1
                yield f"{path}:{line}: {what}: {match[0].decode(errors='replace')}"
    if b"\0" in content:
        return
    text = content.decode(errors="replace")
    patterns = [(PLANS, "plans are issues")] if path.endswith(CODE) and "/gen/" not in path else []
    if path.startswith("src/") and path.endswith(CODE):
        patterns.append((PRINTS, "it throws if the stream fails; use cli/input_output.h"))
    if path.endswith(".md") and not path.startswith("tests/"):
        patterns.append((PROSE_WORDS, "a word that says nothing"))
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in patterns:
            if (match := pattern.search(line)) and path != "tools/check_text.py":
                yield f"{path}:{number}: {what}: {match[0]}"


def has_checked_wording(path):
    if NOT_WORDED.search(path):
        return False
    is_top = "/" not in path and (path == "dev" or path.endswith(".md"))
    is_test = re.fullmatch(r"tests/\w+\.(cc|py)", path)
    return bool(is_top or is_test or path.startswith(WORDED_FOLDERS) and path.endswith(WORDED_SUFFIXES))


def find_wording(text):
    """(line number, phrase, what to write instead) of each phrase that is never right."""
    found = []
    for match in IS_NO.finditer(text):
        before, phrase, after = match[1], match[2], match[3]
        if (before or "").lower() not in MAY_PRECEDE_IS_NO and after not in MAY_FOLLOW_IS_NO:
            found.append((match.start(2), phrase, "write `is not a ..` or say what was expected"))
    for pattern, instead in PHRASES:
        found += [(match.start(), match[0], instead) for match in pattern.finditer(text)]
    return [(text.count("\n", 0, at) + 1, " ".join(re.sub(r'[\s"/#*>]+', " ", phrase).split()), instead)
            for at, phrase, instead in sorted(found)]


def check_wording(path):
    if has_checked_wording(path):
        for line, phrase, instead in find_wording(read_text(path)):
            yield f"{path}:{line}: `{phrase}`: {instead}"


ADR_TITLE = re.compile(r"# (\d{4}): \S.*\n\n(.*)\n")
ADR_STATUS = re.compile(r"Status: (accepted|superseded by \[\d{4}\]\([^)]*\))(, amended by (\[\d{4}\]\([^)]*\)(, )?)+)?")


def check_decision(path):
    """A decision record begins with its number, and says whether it holds."""
    if not re.fullmatch(r"docs/adr/\d{4}-.*\.md", path):
        return None
    begin = ADR_TITLE.match(read_text(path))
    if not begin or begin[1] != os.path.basename(path)[:4]:
        return f"{path}: must begin with `# NUMBER: TITLE`, an empty line and its status"
    return None if ADR_STATUS.fullmatch(begin[2]) else f"{path}:3: must say `Status: accepted`, or which record replaces it"


def check_links(path):
    """Links in Markdown to files of the project must lead to a file."""
    for match in LINK.finditer(MARKDOWN_CODE.sub("", read_text(path))):
        target = match[1]
        if re.match(r"[a-z]+:", target):
            continue
        full = os.path.normpath(os.path.join(ROOT, os.path.dirname(path), target))
        if not os.path.exists(full):
            yield f"{path}: broken link to {target}"


def main():
    problems = list(check_module_readmes())
    for path in project_files():
        checks = (check_length(path), check_name(path), check_decision(path))
        problems += [problem for problem in checks if problem]
        problems += check_words(path)
        problems += check_wording(path)
        if path.endswith(".md"):
            problems += check_links(path)
    for problem in problems:
        print(problem)
    print(f"text: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
