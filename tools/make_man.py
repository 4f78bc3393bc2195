#!/usr/bin/env python3
"""Makes the man page tenon(1) from docs/command.md.

Usage: make_man.py OUT [VERSION]

It converts the Markdown that this page uses: headings, paragraphs, code blocks, and tables, whose rows become a term
and its description. Links become their text.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = os.path.join(ROOT, "docs", "command.md")


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text):
    """A line of prose: code in bold, links as their text."""
    text = re.sub(r"\[((?:`[^`]*`|[^\]`])+)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"`([^`]*)`", text.replace("\\|", "|"))
    made = [f"\\fB{escape(part).removeprefix(chr(92) + '&')}\\fR" if i % 2 else
            escape(part.replace("**", "")) for i, part in enumerate(parts)]
    line = "".join(made)
    return "\\&" + line if line.startswith((".", "'")) else line


def cells_of(row):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def table(rows):
    for row in rows[2:]:
        first, *rest = cells_of(row)
        yield from [".TP", inline(first) or "\\&", inline("; ".join(cell for cell in rest if cell))]
    yield ".PP"


def convert(lines):
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("```"):
            end = lines.index("```", i + 1)
            yield from [".PP", ".nf", ".RS 4", *(escape(code) for code in lines[i + 1:end]), ".RE", ".fi", ".PP"]
            i = end
        elif line.startswith("|"):
            end = next(k for k in range(i, len(lines) + 1) if k == len(lines) or not lines[k].startswith("|"))
            yield from table(lines[i:end])
            i = end - 1
        elif line.startswith("## "):
            yield f".SH {inline(line[3:]).upper()}"
        elif line.startswith("### "):
            yield f".SS {inline(line[4:])}"
        elif not line:
            yield ".PP"
        elif not line.startswith("# "):
            yield inline(line)
        i += 1


def main():
    out = sys.argv[1]
    version = sys.argv[2] if len(sys.argv) > 2 else ""
    with open(SOURCE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    head = [f'.TH TENON 1 "" "tenon {version}"', ".SH NAME", "tenon \\- link WebAssembly components and run them",
            ".SH DESCRIPTION"]
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(head + list(convert(lines))) + "\n")


if __name__ == "__main__":
    main()
