"""Turns docs/diagnostics.md into a C++ table of pages: one `## code` heading, one page.

Usage: embed_pages.py PAGES.md OUT.cc
"""
import re
import sys


def read_pages(text):
    """Returns {code: page text without its heading}."""
    parts = re.split(r"^## ([a-z0-9-]+)$", text, flags=re.M)
    return {code: page.strip() for code, page in zip(parts[1::2], parts[2::2])}


def main():
    source, out = sys.argv[1:3]
    with open(source, encoding="utf-8") as file:
        pages = read_pages(file.read())
    rows = [f'    {{"{code}", R"page({page})page"}},' for code, page in sorted(pages.items())]
    lines = [
        "// Made by tools/embed_pages.py from docs/diagnostics.md.",
        '#include "tenon/result.h"',
        "",
        "namespace tenon {",
        "namespace {",
        "struct Page {",
        "  std::string_view code;",
        "  std::string_view text;",
        "};",
        "constexpr Page kPages[] = {",
        *rows,
        '    {"", ""},',
        "};",
        "}  // namespace",
        "",
        "std::string_view explain_code(std::string_view code) {",
        "  for (const Page& page : kPages)",
        "    if (page.code == code) return page.text;",
        "  return {};",
        "}",
        "}  // namespace tenon",
        "",
    ]
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
