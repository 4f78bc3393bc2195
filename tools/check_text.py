#!/usr/bin/env python3
"""Checks what is written where: lengths, names, module READMEs, links, words and machine paths.

Usage: check_text.py        exit 1 and one line for each problem; notes do not count
"""
import os
import re
import sys

from project_files import ROOT, project_files, read_text

CODE = (".h", ".cc", ".rs", ".py", ".sh")
LINES_TO_ASK = 400
LINES_TO_FAIL = 800
# Files that have a limit of their own.
LINES_OF = {"dev": 150, "README.md": 150, ".ci/run": 150}
MODULE_README_LINES = 40

BAD_STEM = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")
GOOD_NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z]+)?$")
# What ties a file to one machine, or to where it was made. Lock files name their registry.
FORBIDDEN = [
    (re.compile(rb"/(work|root|home/[a-z][\w-]*)/[\w.]"), "a path of a machine"),
    (re.compile(rb"\.\./shared\b"), "a path outside the project"),
    (re.compile(rb"\b(static\.|index\.)?crates\.io\b|\bregistry\.npmjs\.org|\bproxy\.golang\.org"
                rb"|\bfiles\.pythonhosted\.org|\bdeb\.debian\.org"), "a registry host"),
]
LOCK_FILES = ("Cargo.lock", "package-lock.json", "go.sum")
PROSE_WORDS = re.compile(r"\b(simply|powerful|seamless(ly)?|robust(ly|ness)?)\b", re.I)
PLANS = re.compile(r"\b(TODO|FIXME|XXX)\b")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
MARKDOWN_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)


def is_exempt_from_length(path):
    return "_test." in path or path.endswith(".def") or "/gen/" in path or path.startswith("tests/")


def check_length(path):
    """(problem or None, note or None)."""
    lines = read_text(path).count("\n")
    if path in LINES_OF:
        over = lines > LINES_OF[path]
        return (f"{path}: {lines} lines, at most {LINES_OF[path]}" if over else None), None
    if is_exempt_from_length(path) or not path.endswith(CODE) or lines <= LINES_TO_ASK:
        return None, None
    if lines > LINES_TO_FAIL:
        return f"{path}: {lines} lines; split it by concept (limit {LINES_TO_FAIL})", None
    return None, f"note: {path}: {lines} lines; is this two concepts?"


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
    if path.endswith(".md") and not path.startswith("tests/"):
        patterns.append((PROSE_WORDS, "a word that says nothing"))
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in patterns:
            if (match := pattern.search(line)) and path != "tools/check_text.py":
                yield f"{path}:{number}: {what}: {match[0]}"


def check_links(path):
    """Links of Markdown to files of the project must lead somewhere."""
    for match in LINK.finditer(MARKDOWN_CODE.sub("", read_text(path))):
        target = match[1]
        if re.match(r"[a-z]+:", target):
            continue
        full = os.path.normpath(os.path.join(ROOT, os.path.dirname(path), target))
        if not os.path.exists(full):
            yield f"{path}: a link to {target}, which is not there"


def main():
    problems = list(check_module_readmes())
    notes = []
    for path in project_files():
        problem, note = check_length(path)
        problems += [text for text in (problem, check_name(path)) if text]
        notes += [note] if note else []
        problems += check_words(path)
        if path.endswith(".md"):
            problems += check_links(path)
    for text in notes + problems:
        print(text)
    print(f"text: {len(problems)} problems, {len(notes)} notes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
