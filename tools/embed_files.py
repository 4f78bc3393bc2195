"""Turns files of the tree into a C++ table of their texts.

Usage: embed_files.py OUT.cc ROOT PATH...    (paths from ROOT)
"""
import os
import sys

# Some compilers limit the length of a literal; longer texts are written as several adjacent literals.
CHUNK = 8000


def literal(text):
    chunks = [text[i:i + CHUNK] for i in range(0, len(text), CHUNK)] or [""]
    return "\n".join(f'R"tenon({chunk})tenon"' for chunk in chunks) + "sv"


def main():
    out, root, *paths = sys.argv[1:]
    rows = []
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            rows.append(f'    {{"{path}",\n{literal(file.read())}}},')
    lines = [
        "// Made by tools/embed_files.py.",
        '#include "support/embedded_texts.h"',
        '#include "support/check.h"',
        "",
        "namespace tenon {",
        "namespace {",
        "using namespace std::string_view_literals;",
        "struct Text {",
        "  std::string_view path;",
        "  std::string_view text;",
        "};",
        "constexpr Text kTexts[] = {",
        *rows,
        "};",
        "}  // namespace",
        "",
        "std::string_view embedded_text(std::string_view path) {",
        "  for (const Text& text : kTexts)",
        "    if (text.path == path) return text.text;",
        "  TENON_CHECK(false);",
        "  return {};",
        "}",
        "}  // namespace tenon",
        "",
    ]
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
