#!/usr/bin/env python3
"""Finds duplicate blocks of code: equal lines, ignoring whitespace and comments.

Usage: find_lookalikes.py        exit 1 and one line for each pair of places
"""
import collections
import re
import sys

from project_files import project_files, read_text

BLOCK = 12  # significant lines
TRIVIAL = re.compile(r"^([{}()\[\];,]*|#.*|//.*|namespace .*|using .*|return.{0,8};|break;|continue;)$")


def significant_lines(path):
    """(line number, text) of each significant line."""
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = re.sub(r"\s+", "", re.sub(r"//.*", "", line))
        if not TRIVIAL.match(text):
            yield number, text


def find():
    """(path, line, other path, other line, length) of each maximal look-alike."""
    seen = {}
    found = {}
    for path in project_files(".cc", ".h"):
        if "/gen/" in path or not path.startswith(("src/", "include/", "tests/", "bench/", "fuzz/", "bundles/")):
            continue
        lines = list(significant_lines(path))
        window = collections.deque(maxlen=BLOCK)
        last = None
        for i, (_, text) in enumerate(lines):
            window.append(text)
            if len(window) < BLOCK:
                continue
            first = i - BLOCK + 1
            key = tuple(window)
            if key not in seen:
                seen[key] = (path, first, lines[first][0])
                continue
            other, other_first, other_line = seen[key]
            if other == path and first - other_first < BLOCK:
                continue
            if last and (last[0], last[1] + 1, last[2] + 1) == (other, first, other_first):
                found[last[3]][4] += 1
                last = (other, first, other_first, last[3])
            else:
                begin = (path, lines[first][0])
                found[begin] = [path, lines[first][0], other, other_line, BLOCK]
                last = (other, first, other_first, begin)
    return list(found.values())


def main():
    blocks = find()
    for path, line, other, other_line, length in blocks:
        print(f"{path}:{line}: {length} lines are the same as at {other}:{other_line}")
    print(f"look-alikes: {len(blocks)} blocks of {BLOCK} lines or more")
    return 1 if blocks else 0


if __name__ == "__main__":
    sys.exit(main())
